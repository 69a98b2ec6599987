//! Reading a plan folder, and packs of rules, into memory. What they mean is for other rooms.

use crate::{NodeError, home};
use plan::{CheckedPlan, Source};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The largest plan file, in bytes.
const PLAN_FILE_BYTES_MAX: u64 = 4 << 20;
/// The most files of a plan.
const PLAN_FILES_MAX: usize = 1_000;
/// The most files of YARA rules.
const RULE_FILES_MAX: usize = 20_000;
/// The deepest folder of a plan.
const PLAN_DEPTH_MAX: usize = 8;

/// The plan of `folder`, or the built-in one, unchecked.
pub fn source(folder: Option<&Path>) -> Result<Source, NodeError> {
    let Some(folder) = folder else { return Ok(plan::builtin()) };
    let mut files = BTreeMap::new();
    collect(folder, folder, 0, &mut files)?;
    if files.is_empty() {
        return Err(NodeError::EmptyPlan(folder.to_owned()));
    }
    Ok(Source { files })
}

/// The plan of `folder`, or the built-in one, checked.
pub fn load(folder: Option<&Path>) -> Result<CheckedPlan, NodeError> {
    plan::check(&source(folder)?).map_err(NodeError::Plan)
}

fn collect(root: &Path, folder: &Path, depth: usize, files: &mut BTreeMap<String, String>) -> Result<(), NodeError> {
    for entry in std::fs::read_dir(folder).map_err(|e| NodeError::io(folder, &e))? {
        let entry = entry.map_err(|e| NodeError::io(folder, &e))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(|e| NodeError::io(&path, &e))?;
        if kind.is_dir() && depth < PLAN_DEPTH_MAX {
            collect(root, &path, depth + 1, files)?;
        } else if kind.is_file() && path.extension().is_some_and(|e| e == "toml") {
            let bytes = home::read(&path, PLAN_FILE_BYTES_MAX)?;
            let text = String::from_utf8(bytes)
                .map_err(|e| NodeError::NotUtf8 { path: path.clone(), at: e.utf8_error().valid_up_to() })?;
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            files.insert(name, text);
            if files.len() > PLAN_FILES_MAX {
                return Err(NodeError::TooManyFiles { path: root.to_owned(), files_max: PLAN_FILES_MAX });
            }
        }
    }
    Ok(())
}

/// Writes a plan's files into `folder`, which must not exist yet. Returns how many.
pub fn write(source: &Source, folder: &Path) -> Result<usize, NodeError> {
    if folder.exists() {
        return Err(NodeError::Exists(folder.to_owned()));
    }
    for (name, text) in &source.files {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).map_err(|e| NodeError::io(parent, &e))?;
        std::fs::write(&path, text).map_err(|e| NodeError::io(&path, &e))?;
    }
    Ok(source.files.len())
}

/// The YARA rules of a run: the starter set, and every `.yar` and `.yara` file of `paths`. A file that the engine
/// refuses is told by the run as a gap of its rules; a path that cannot be read is an error.
pub(crate) fn yara(paths: &[PathBuf]) -> Result<Arc<inspect::yara::Rules>, NodeError> {
    if paths.is_empty() {
        return Ok(inspect::yara::Rules::starter());
    }
    let mut files = Vec::new();
    for path in paths {
        let folder = std::fs::metadata(path).map_err(|e| NodeError::io(path, &e))?.is_dir();
        if folder { rules(path, 0, &mut files)? } else { rule_file(path, &mut files)? }
    }
    Ok(inspect::yara::Rules::with(&files))
}

/// The YARA files among `paths` and in their folders.
pub(crate) fn yara_files(paths: &[PathBuf]) -> Result<Vec<(String, String)>, NodeError> {
    let mut files = Vec::new();
    for path in paths {
        let folder = std::fs::metadata(path).map_err(|e| NodeError::io(path, &e))?.is_dir();
        if folder {
            rules(path, 0, &mut files)?;
        } else if path.extension().is_some_and(|e| e == "yar" || e == "yara") {
            rule_file(path, &mut files)?;
        }
    }
    Ok(files)
}

fn rules(folder: &Path, depth: usize, files: &mut Vec<(String, String)>) -> Result<(), NodeError> {
    let entries = std::fs::read_dir(folder).map_err(|e| NodeError::io(folder, &e))?;
    let mut paths = entries.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>();
    let paths = paths.as_mut().map_err(|e| NodeError::io(folder, e))?;
    paths.sort();
    for path in paths {
        let kind = std::fs::symlink_metadata(&*path).map_err(|e| NodeError::io(&*path, &e))?.file_type();
        let named = path.extension().is_some_and(|e| e == "yar" || e == "yara");
        if kind.is_dir() && depth < PLAN_DEPTH_MAX {
            rules(path, depth + 1, files)?;
        } else if kind.is_file() && named {
            rule_file(path, files)?;
        }
    }
    Ok(())
}

fn rule_file(path: &Path, files: &mut Vec<(String, String)>) -> Result<(), NodeError> {
    if files.len() >= RULE_FILES_MAX {
        return Err(NodeError::TooManyFiles { path: path.to_owned(), files_max: RULE_FILES_MAX });
    }
    let bytes = home::read(path, inspect::yara::RULES_BYTES_MAX as u64)?;
    // Comments of old packs are in whatever encoding their authors had.
    files.push((path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned()));
    Ok(())
}
