//! Rules that a user loads: lists of products and YARA files, read into memory; and the trial of a list.
//!
//! A list is tried by planting: in each round one trace of every product is put into an otherwise empty file system, and
//! the sensor that would look for it in earnest looks. What it does not find, and what it takes for another product, is a
//! fault of the list. Traces of Windows need its registry, which nobody plants here: they are checked for their form.

use crate::{NodeError, home, policy};
use evidence::{Body, FactValue, MemoryState, Time};
use inspect::packs::{Product, Products};
use inspect::yara::Refused;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use stdx::{Silent, Stop};

/// Largest file of a list, in bytes.
const LIST_BYTES_MAX: u64 = 4 << 20;
/// Most files of lists.
const LIST_FILES_MAX: usize = 20_000;
/// Deepest folder of lists.
const DEPTH_MAX: usize = 8;
/// Most rounds of a trial: so many traces of one product are planted.
const ROUNDS_MAX: usize = 64;

/// What a trial of rules found.
#[derive(Debug, Default)]
pub struct Tried {
    /// Products and rules that were tried.
    pub entries: usize,
    /// Traces that were planted.
    pub planted: usize,
    /// Traces that were checked for their form only.
    pub form_only: usize,
    /// What is wrong.
    pub faults: Vec<RuleFault>,
}

/// Something wrong with a rule.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RuleFault {
    /// A file that is not taken, and why.
    Refused {
        /// The file.
        file: String,
        /// Why.
        why: String,
    },
    /// A planted trace was not found.
    NotFound {
        /// The product.
        product: String,
        /// The trace.
        trace: String,
    },
    /// A planted trace of one product shows another one too.
    Another {
        /// The product.
        product: String,
        /// The trace.
        trace: String,
        /// The other product.
        other: String,
    },
}

/// Lists of products of a run: the built-in ones and those of `paths`. One of our own form that is broken is an error; an
/// entry of LOLRMM that is becomes a gap of the run.
pub(crate) fn products(paths: &[PathBuf]) -> Result<Arc<Products>, NodeError> {
    if paths.is_empty() {
        return Ok(Products::builtin());
    }
    let products = Products::with(&list_files(paths)?);
    let toml = products.refused().iter().find(|r| Path::new(&r.file).extension().is_some_and(|e| e == "toml"));
    match toml {
        Some(r) => Err(NodeError::BadList(PathBuf::from(&r.file), r.why.clone())),
        None => Ok(products),
    }
}

fn list_files(paths: &[PathBuf]) -> Result<Vec<(String, String)>, NodeError> {
    let mut files = Vec::new();
    for path in paths {
        let folder = std::fs::metadata(path).map_err(|e| NodeError::io(path, &e))?.is_dir();
        if folder { folder_of(path, 0, &mut files)? } else { file(path, &mut files)? }
    }
    Ok(files)
}

fn folder_of(folder: &Path, depth: usize, files: &mut Vec<(String, String)>) -> Result<(), NodeError> {
    let entries = std::fs::read_dir(folder).map_err(|e| NodeError::io(folder, &e))?;
    let mut paths = entries.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>();
    let paths = paths.as_mut().map_err(|e| NodeError::io(folder, e))?;
    paths.sort();
    for path in paths.iter() {
        let kind = std::fs::symlink_metadata(path).map_err(|e| NodeError::io(path, &e))?.file_type();
        let named = path.extension().is_some_and(|e| e == "toml" || e == "yaml" || e == "yml");
        if kind.is_dir() && depth < DEPTH_MAX {
            folder_of(path, depth + 1, files)?;
        } else if kind.is_file() && named {
            file(path, files)?;
        }
    }
    Ok(())
}

fn file(path: &Path, files: &mut Vec<(String, String)>) -> Result<(), NodeError> {
    if files.len() >= LIST_FILES_MAX {
        return Err(NodeError::TooManyFiles { path: path.to_owned(), files_max: LIST_FILES_MAX });
    }
    let text = String::from_utf8(home::read(path, LIST_BYTES_MAX)?)
        .map_err(|e| NodeError::NotUtf8 { path: path.to_owned(), at: e.utf8_error().valid_up_to() })?;
    files.push((path.display().to_string(), text));
    Ok(())
}

/// Tries the lists and YARA rules of `paths`; without any, the built-in lists and rules.
pub fn rules_test(paths: &[PathBuf], stop: &Stop) -> Result<Tried, NodeError> {
    let mut tried = Tried::default();
    let yara = policy::yara_files(paths)?;
    if paths.is_empty() || !yara.is_empty() {
        let rules = inspect::yara::Rules::only(&yara);
        tried.entries += rules.count();
        let refused = rules.refused().iter().cloned();
        tried.faults.extend(refused.map(|Refused { file, why }| RuleFault::Refused { file, why }));
    }
    let mut products: Vec<(&'static str, Product)> = Vec::new();
    if paths.is_empty() {
        products.extend(Products::builtin().all().map(|(f, p)| (f, p.clone())));
    }
    let yara = |p: &&PathBuf| p.extension().is_some_and(|e| e == "yar" || e == "yara");
    let lists: Vec<PathBuf> = paths.iter().filter(|p| !yara(p)).cloned().collect();
    for (name, text) in list_files(&lists)? {
        match Products::only(&[(name.clone(), text)]) {
            Ok(list) => products.extend(list),
            Err(r) => tried.faults.push(RuleFault::Refused { file: r.file, why: r.why }),
        }
    }
    tried.entries += products.len();
    trial(&products, &mut tried, stop)?;
    tried.faults.sort();
    tried.faults.dedup();
    Ok(tried)
}

/// What a product leaves on Linux, one by one; processes and packages need more than a file.
fn traces(p: &Product) -> Vec<Trace<'_>> {
    let programs = p.binaries.iter().map(|t| Trace { text: t, kind: Kind::Program });
    let anywhere = p.anywhere.iter().map(|t| Trace { text: t, kind: Kind::Anywhere });
    let units = p.units.iter().map(|t| Trace { text: t, kind: Kind::Unit });
    let packages = p.packages.iter().map(|t| Trace { text: t, kind: Kind::Package });
    let configs = p.configs.iter().map(|t| Trace { text: t, kind: Kind::Config });
    programs.chain(anywhere).chain(units).chain(packages).chain(configs).collect()
}

#[derive(Clone, Copy)]
struct Trace<'p> {
    text: &'p str,
    kind: Kind,
}
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Program,
    Anywhere,
    Unit,
    Package,
    Config,
}

fn trial(products: &[(&'static str, Product)], tried: &mut Tried, stop: &Stop) -> Result<(), NodeError> {
    let all: Vec<(&str, &Product, Vec<Trace<'_>>)> = products.iter().map(|(f, p)| (*f, p, traces(p))).collect();
    let windows = |p: &Product| p.windows_names.len() + p.windows_services.len() + p.windows_files.len();
    tried.form_only +=
        all.iter().map(|(_, p, t)| windows(p) + p.processes.len() + t.len().saturating_sub(ROUNDS_MAX)).sum::<usize>();
    let rounds = all.iter().map(|(.., t)| t.len()).max().unwrap_or(0).min(ROUNDS_MAX);
    // Tried alone: a name that the built-in lists have too would hide what this list says.
    let lists = Arc::new(Products::of_entries(products.iter().cloned()));
    for round in 0..rounds {
        if stop.requested() {
            return Err(NodeError::Stopped);
        }
        let planted: Vec<(&str, &Product, Trace<'_>)> =
            all.iter().filter_map(|(f, p, t)| Some((*f, *p, *t.get(round)?))).collect();
        tried.planted += planted.len();
        let root = Planted::new()?;
        root.plant(&planted)?;
        let found = root.look(&lists, stop)?;
        for (fact, p, trace) in &planted {
            let own = (*fact, p.name.clone());
            if !found.contains(&own) {
                tried.faults.push(RuleFault::NotFound { product: p.name.clone(), trace: trace.text.to_owned() });
            }
        }
        let meant: BTreeSet<(&str, String)> = planted.iter().map(|(f, p, _)| (*f, p.name.clone())).collect();
        // One program may stand in two inventories, and be found for both.
        let named: BTreeSet<&str> = planted.iter().map(|(_, p, _)| p.name.as_str()).collect();
        for (fact, other) in found.iter().filter(|f| !meant.contains(*f) && !named.contains(f.1.as_str())) {
            // Which of the planted traces it was taken by: the one that the other product has too.
            let theirs = all.iter().find(|(f, p, _)| f == fact && p.name == *other).map(|(.., t)| t.as_slice());
            let shared = planted.iter().find(|(_, _, t)| {
                theirs.unwrap_or_default().iter().any(|o| o.text.rsplit('/').next() == t.text.rsplit('/').next())
            });
            let (product, trace) = shared
                .map_or_else(|| ("?".to_owned(), "?".to_owned()), |(_, p, t)| (p.name.clone(), t.text.to_owned()));
            tried.faults.push(RuleFault::Another { product, trace, other: other.clone() });
        }
    }
    Ok(())
}

/// A file system with traces, which is gone when this is.
struct Planted(PathBuf);
impl Drop for Planted {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
impl Planted {
    fn new() -> Result<Self, NodeError> {
        let secret = home::secret()?;
        let name: String = secret.iter().take(8).map(|b| format!("{b:02x}")).collect();
        let root = std::env::temp_dir().join(format!("watchfire-rules-{name}"));
        std::fs::create_dir(&root).map_err(|e| NodeError::io(&root, &e))?;
        Ok(Self(root))
    }

    /// Writes a file below the root; what stands there already stays. A path that leads out is refused: the lists refuse
    /// it too, and this is where it would do harm.
    fn file(&self, path: &str, text: &str, mode: u32) -> Result<(), NodeError> {
        use std::os::unix::fs::PermissionsExt as _;
        let below = path.trim_start_matches('/');
        if below.is_empty() || Path::new(below).components().any(|c| !matches!(c, Component::Normal(_))) {
            return Err(NodeError::BadList(PathBuf::from(path), "a path leads out of the trial's folder".to_owned()));
        }
        let full = self.0.join(below);
        let io = |e: &std::io::Error| NodeError::io(&full, e);
        if full.exists() {
            return Ok(());
        }
        std::fs::create_dir_all(full.parent().unwrap_or(&self.0)).map_err(|e| io(&e))?;
        std::fs::write(&full, text).map_err(|e| io(&e))?;
        std::fs::set_permissions(&full, std::fs::Permissions::from_mode(mode)).map_err(|e| io(&e))
    }

    fn plant(&self, planted: &[(&str, &Product, Trace<'_>)]) -> Result<(), NodeError> {
        self.file("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n", 0o644)?;
        self.file("etc/passwd", "root:x:0:0::/root:/bin/sh\n", 0o644)?;
        let mut status = String::new();
        for (_, _, trace) in planted {
            let text = trace.text;
            match trace.kind {
                Kind::Program | Kind::Anywhere if text.starts_with('/') => self.file(text, "", 0o755)?,
                Kind::Program => self.file(&format!("usr/bin/{text}"), "", 0o755)?,
                Kind::Anywhere => self.file(&format!("srv/tools/{text}"), "", 0o755)?,
                Kind::Unit => self.file(&format!("usr/lib/systemd/system/{text}"), "[Unit]\n", 0o644)?,
                Kind::Config => self.file(&text.replacen("~/", "root/", 1), "", 0o644)?,
                Kind::Package => {
                    status.push_str(&format!(
                        "Package: {text}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n"
                    ));
                }
            }
        }
        self.file("var/lib/dpkg/status", &status, 0o644)
    }

    /// The products that the sensor finds, with their facts.
    fn look(&self, lists: &Arc<Products>, stop: &Stop) -> Result<BTreeSet<(&'static str, String)>, NodeError> {
        let key = evidence::DigestKey::new([0; 32]);
        let config = inspect::Config { products: Arc::clone(lists), ..inspect::Config::new(key, Time::from_secs(0)) };
        let inspector =
            inspect::Inspector::new(inspect::Target::Root(self.0.clone()), config).map_err(NodeError::Root)?;
        let sink = crate::take::Take::new(1_000_000, &Silent);
        inspector.run(&sink, &MemoryState::default(), &Silent, stop);
        let bodies = sink.finish(stop).map_err(NodeError::Internal)?;
        let named = bodies.iter().filter_map(|b| match b {
            Body::Fact(f) => match f.value.field("name") {
                Some(FactValue::Text(name)) => {
                    Some((inspect::packs::facts().find(|id| *id == f.fact.as_str())?, name.clone()))
                }
                _ => None,
            },
            _ => None,
        });
        Ok(named.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_planted_outside_the_folder() {
        let root = Planted::new().unwrap();
        let name = format!("beside-{}", root.0.file_name().unwrap().to_string_lossy());
        let outside = root.0.parent().unwrap().join(&name);
        for path in [format!("/../{name}"), format!("../{name}"), format!("usr/bin/../../../{name}"), "/".to_owned()] {
            assert!(matches!(root.file(&path, "", 0o644), Err(NodeError::BadList(..))), "{path}");
            assert!(!outside.exists(), "{path}");
        }
        root.file("/etc/x", "", 0o644).unwrap();
        assert!(root.0.join("etc/x").exists());
    }
}
