//! The bundle that the collector script wrote: a folder, or a zip of it, read once and whole.

use super::manifest::{Manifest, NO_SUCH_TOOL, manifest};
use super::text;
use crate::Limits;
use crate::host::{Host, Miss, place};
use evidence::{Digest, GapReason, PathText, Place};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::Path;
use stdx::Capped;

/// Most files of a bundle.
const FILES_MAX: usize = 5000;
/// Name of the manifest.
const MANIFEST: &str = "manifest.txt";

/// A file of a bundle.
#[derive(Debug)]
struct Member {
    bytes: Vec<u8>,
    at: Place,
}

/// A bundle.
#[derive(Debug)]
pub(crate) struct Bundle {
    files: BTreeMap<String, Member>,
    /// Files that are there and were not read.
    missed: BTreeMap<String, GapReason>,
    /// What the collector says.
    pub manifest: Manifest,
    /// Where the manifest lies.
    pub at: Place,
}

impl Bundle {
    /// Reads the folder `host`, or the zip `zip` in it. `None` without a manifest.
    pub(crate) fn read(host: &Host, zip: Option<&Path>) -> Option<Self> {
        let mut all = match zip {
            Some(path) => from_zip(host, path)?,
            None => from_folder(host),
        };
        let head = all.0.get(MANIFEST)?;
        let manifest = manifest(&text::decode(&head.bytes, None))?;
        let at = head.at.clone();
        let (files, missed) = (std::mem::take(&mut all.0), all.1);
        Some(Self { files, missed, manifest, at })
    }
    /// The text of a file and its place.
    pub(crate) fn text(&self, name: &str) -> Option<(String, Place)> {
        let member = self.files.get(name)?;
        Some((text::decode(&member.bytes, self.manifest.code_page), member.at.clone()))
    }
    /// The answer of a tool, or why there is none; that is told by the manifest, whose place is [`Bundle::at`].
    pub(crate) fn answer(&self, name: &str) -> Result<(String, Place), GapReason> {
        if let Some(reason) = self.missed.get(name) {
            return Err(*reason);
        }
        let reason = match self.manifest.sources.iter().rfind(|s| s.file == name) {
            Some(s) if s.exit == 0 => match self.text(name) {
                Some(found) => return Ok(found),
                None => GapReason::Vanished,
            },
            Some(s) if s.exit == NO_SUCH_TOOL => GapReason::Missing,
            Some(_) if !self.manifest.elevated => GapReason::PermissionDenied,
            Some(_) => GapReason::IoError,
            None => GapReason::Missing,
        };
        Err(reason)
    }
    /// Files with answers of the registry, with their numbers: name, text, place.
    pub(crate) fn registry_files(&self) -> Vec<(String, String, Place)> {
        let mut names: Vec<&str> = self.manifest.asks.iter().map(|a| a.file.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names.iter().filter_map(|n| self.text(n).map(|(t, at)| ((*n).to_owned(), t, at))).collect()
    }
}

type Files = (BTreeMap<String, Member>, BTreeMap<String, GapReason>);

fn from_folder(host: &Host) -> Files {
    let (mut files, mut missed) = Files::default();
    let mut left = host.limits.bundle_bytes_max;
    for entry in host.list(Path::new("/")).unwrap_or_default().into_iter().take(FILES_MAX) {
        let name = entry.text().to_lowercase();
        match host.bytes(&entry.path, host.limits.file_bytes_max.min(left)) {
            Ok((bytes, _)) => {
                left = left.saturating_sub(bytes.len() as u64);
                let at = place(&entry.path).digest(Digest::of(&bytes));
                files.insert(name, Member { bytes, at });
            }
            // Folders and links to nowhere are none of ours.
            Err(Miss::Gap(GapReason::NotAFile) | Miss::Absent) => {}
            Err(Miss::Gap(reason)) => drop(missed.insert(name, reason)),
        }
    }
    (files, missed)
}

fn from_zip(host: &Host, path: &Path) -> Option<Files> {
    let (bytes, _) = host.bytes(path, host.limits.bundle_bytes_max).ok()?;
    let digest = Digest::of(&bytes);
    let inside = |name: &str| {
        let mut at = place(path).digest(digest);
        at.inside.push(PathText::from_bytes(name.as_bytes()));
        at
    };
    unzip(bytes, &host.limits, inside)
}

fn unzip(bytes: Vec<u8>, limits: &Limits, at: impl Fn(&str) -> Place) -> Option<Files> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    if archive.len() > FILES_MAX {
        return None;
    }
    // Explorer puts the folder in front; some writers use backslashes.
    let plain = |name: &str| name.replace('\\', "/");
    let names: Vec<String> = archive.file_names().flatten().map(|n| plain(&n)).collect();
    let head = names.iter().filter(|n| n.rsplit('/').next() == Some(MANIFEST)).min_by_key(|n| n.len())?;
    let prefix = head.strip_suffix(MANIFEST)?.to_owned();
    let (mut files, mut missed) = Files::default();
    let mut left = limits.bundle_bytes_max;
    for n in 0..archive.len() {
        let Ok(mut member) = archive.by_index(n) else { continue };
        let Ok(full) = member.name().map(|n| plain(&n)) else { continue };
        let Some(name) = full.strip_prefix(&prefix).filter(|n| !n.is_empty() && !n.contains('/')) else { continue };
        let (name, max) = (name.to_lowercase(), limits.file_bytes_max.min(left));
        let mut bytes = Vec::new();
        match Capped::new(&mut member, max).read_to_end(&mut bytes) {
            Ok(_) => {
                left = left.saturating_sub(bytes.len() as u64);
                files.insert(name, Member { bytes, at: at(&full) });
            }
            Err(e) if Capped::<&[u8]>::is_cap(&e) => drop(missed.insert(name, GapReason::TooLarge)),
            Err(_) => drop(missed.insert(name, GapReason::Corrupt)),
        }
    }
    Some((files, missed))
}
