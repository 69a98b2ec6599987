//! The registry as the collectors see it, whether it lies in hives of a disk or in the answers of a bundle.
//!
//! A question has three answers: the data, "not there", or "cannot be told". The last is never given as the second:
//! a hive that is missing, broken or has changes in a log that was not read, a value that the collector of a bundle
//! did not ask for, and one that it could not read without rights, all end as gaps of the facts that depend on them.

use super::bundle::Bundle;
use super::data::Data;
use super::hive::{Hive, HiveError, HiveKey};
use super::manifest::{Ask, Reach};
use super::reg::Export;
use crate::host::place;
use crate::out::Out;
use evidence::{Digest, GapReason, PathText, Place};

/// Part of the registry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Root {
    /// The control set in use.
    System,
    /// Software of the machine.
    Software,
    /// Accounts; from hives only.
    Sam,
    /// Settings of a user, by number.
    User(usize),
}

/// A hive of the disk, or why there is none.
#[derive(Debug)]
pub(crate) struct Part {
    at: Place,
    hive: Result<Hive, GapReason>,
}
impl Part {
    /// From what was read; `bytes` in the form of the host's door.
    pub(crate) fn new(path: &std::path::Path, read: Result<Vec<u8>, GapReason>, logs: &[Vec<u8>]) -> Self {
        let digest = read.as_ref().ok().map(|b| Digest::of(b));
        let hive = read.and_then(|bytes| {
            let mut hive = Hive::open(bytes).map_err(|_| GapReason::Corrupt)?;
            if hive.dirty() {
                super::log::replay(&mut hive, logs);
            }
            Ok(hive)
        });
        let at = place(path);
        Self { at: digest.map_or_else(|| at.clone(), |d| at.clone().digest(d)), hive }
    }
    /// A hive that is not there.
    pub(crate) fn missing(path: &std::path::Path) -> Self {
        Self { at: place(path), hive: Err(GapReason::Missing) }
    }
    fn inside(&self, key: &str, value: Option<&str>) -> Place {
        let mut at = self.at.clone();
        at.inside.push(PathText::from_bytes(key.replace('\\', "/").as_bytes()));
        at.inside.extend(value.map(|v| PathText::from_bytes(v.as_bytes())));
        at
    }
}

/// Hives of a disk.
#[derive(Debug)]
pub(crate) struct Hives {
    /// SYSTEM.
    pub system: Part,
    /// SOFTWARE.
    pub software: Part,
    /// SAM.
    pub sam: Part,
    /// Users' hives with their folders' names.
    pub users: Vec<(String, Part)>,
    control_set: String,
}
impl Hives {
    /// Puts the hives together; finds the control set in use.
    pub(crate) fn new(system: Part, software: Part, sam: Part, users: Vec<(String, Part)>) -> Self {
        let current = || {
            let hive = system.hive.as_ref().ok()?;
            let key = hive.key("Select").ok()??;
            let value = hive.values(&key).ok()?.into_iter().find(|v| v.name.eq_ignore_ascii_case("Current"))?;
            hive.data(&value).ok()?.int()
        };
        let control_set = format!("ControlSet{:03}", current().unwrap_or(1));
        Self { system, software, sam, users, control_set }
    }
}

/// Answers of a bundle.
#[derive(Debug)]
pub(crate) struct Answers {
    tree: Export,
    files: Vec<Place>,
    asks: Vec<Ask>,
    elevated: bool,
    at: Place,
    /// Security identifiers of the users whose settings were asked for.
    pub users: Vec<String>,
}
impl Answers {
    /// From a bundle.
    pub(crate) fn new(bundle: &Bundle) -> Self {
        let mut tree = Export::default();
        let mut asks = bundle.manifest.asks.clone();
        let mut files = Vec::new();
        for (n, (name, text, at)) in bundle.registry_files().into_iter().enumerate() {
            files.push(at);
            if !tree.add(n, &text) {
                asks.retain(|a| a.file != name);
            }
        }
        let mut users: Vec<String> = asks
            .iter()
            .filter_map(|a| a.key.strip_prefix("hkey_users\\")?.split('\\').next().map(str::to_uppercase))
            .collect();
        users.sort_unstable();
        users.dedup();
        Self { tree, files, asks, elevated: bundle.manifest.elevated, at: bundle.at.clone(), users }
    }
    fn path(&self, root: Root, key: &str) -> Option<String> {
        Some(match root {
            Root::System => format!("HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\{key}"),
            Root::Software => format!("HKEY_LOCAL_MACHINE\\SOFTWARE\\{key}"),
            Root::User(n) => format!("HKEY_USERS\\{}\\{key}", self.users.get(n)?),
            Root::Sam => return None,
        })
    }
    fn place(&self, file: usize, line: usize) -> Place {
        self.files.get(file).map_or_else(|| self.at.clone(), |f| f.clone().line(line as u64))
    }
    /// Whether an answer without `value` (or any value) of `path` means that it is not there.
    fn told(&self, path: &str, value: Option<&str>) -> Result<(), GapReason> {
        let path = path.to_lowercase();
        let below = |a: &Ask| path == a.key || path.strip_prefix(a.key.as_str()).is_some_and(|r| r.starts_with('\\'));
        let covers = |a: &&Ask| match a.reach {
            Reach::Tree => below(a),
            Reach::Value => path == a.key && value.is_some_and(|v| v.eq_ignore_ascii_case(&a.value)),
            Reach::Deep => below(a) && value.is_none_or(|v| v.eq_ignore_ascii_case(&a.value)),
        };
        let mut reason = GapReason::Missing;
        for ask in self.asks.iter().filter(covers) {
            // A refused key and one that is not there end alike; an administrator is not refused these keys.
            if ask.exit == 0 || self.elevated || self.tree.has(&path) {
                return if self.tree.cut { Err(GapReason::TooMany) } else { Ok(()) };
            }
            reason = GapReason::PermissionDenied;
        }
        Err(reason)
    }
}

/// Where the registry comes from.
#[derive(Debug)]
pub(crate) enum Registry {
    /// Hives.
    Hives(Box<Hives>),
    /// Answers.
    Answers(Box<Answers>),
}
impl Registry {
    /// Users whose settings can be asked for: number and name.
    pub(crate) fn users(&self) -> Vec<(usize, String)> {
        match self {
            Self::Hives(h) => h.users.iter().enumerate().map(|(n, (name, _))| (n, name.clone())).collect(),
            Self::Answers(a) => a.users.iter().cloned().enumerate().collect(),
        }
    }
}

/// A value, or that it is not there, with the place that says so.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The data, if there is such a value.
    pub data: Option<Data>,
    /// Where.
    pub at: Place,
}
impl Seen {
    /// The number, if there is one.
    pub(crate) fn int(&self) -> Option<i64> {
        self.data.as_ref().and_then(Data::int)
    }
    /// The text, if there is one.
    pub(crate) fn text(&self) -> Option<String> {
        self.data.as_ref().and_then(Data::text).filter(|t| !t.is_empty())
    }
}

/// Questions of one collector, and what could not be told.
pub(crate) struct Query<'a> {
    registry: &'a Registry,
    misses: Vec<(GapReason, Place)>,
}
impl<'a> Query<'a> {
    /// Nothing asked yet.
    pub(crate) fn new(registry: &'a Registry) -> Self {
        Self { registry, misses: Vec::new() }
    }
    /// Notes what could not be told as gaps of `ids`.
    pub(crate) fn settle(&mut self, out: &mut Out<'_>, ids: &[&'static str]) {
        self.misses.dedup();
        for (reason, at) in self.misses.drain(..) {
            ids.iter().for_each(|id| out.gap(id, reason, Some(at.clone())));
        }
    }
    /// Leaves the names of keys out of what could not be told.
    pub(crate) fn hide_keys(&mut self) {
        self.misses.iter_mut().for_each(|(_, at)| at.inside.clear());
    }
    fn broken(&mut self, e: HiveError, at: Place) {
        let reason = if e == HiveError::TooMany { GapReason::TooMany } else { GapReason::Corrupt };
        self.misses.push((reason, at));
    }
    /// The hive of `root`, the whole path of `key` in it, and where it lies.
    fn hive(&mut self, hives: &'a Hives, root: Root, key: &str) -> Option<(&'a Part, &'a Hive, String)> {
        let (part, path) = match root {
            Root::System => (&hives.system, format!("{}\\{key}", hives.control_set)),
            Root::Software => (&hives.software, key.to_owned()),
            Root::Sam => (&hives.sam, key.to_owned()),
            Root::User(n) => (&hives.users.get(n)?.1, key.to_owned()),
        };
        match &part.hive {
            Ok(hive) => {
                if hive.dirty() {
                    self.misses.push((GapReason::Unsupported, part.at.clone()));
                }
                Some((part, hive, path))
            }
            Err(reason) => {
                self.misses.push((*reason, part.at.clone()));
                None
            }
        }
    }
    fn hive_key(
        &mut self,
        hives: &'a Hives,
        root: Root,
        key: &str,
    ) -> Option<(&'a Part, &'a Hive, String, Option<HiveKey>)> {
        let (part, hive, path) = self.hive(hives, root, key)?;
        match hive.key(&path) {
            Ok(found) => Some((part, hive, path, found)),
            Err(e) => {
                self.broken(e, part.inside(&path, None));
                None
            }
        }
    }
    /// A value; `None` if that cannot be told.
    pub(crate) fn value(&mut self, root: Root, key: &str, name: &str) -> Option<Seen> {
        self.value_within(root, key, name, usize::MAX)
    }
    /// A value of which only the first bytes are looked at, unless it is a text or a number.
    pub(crate) fn value_within(&mut self, root: Root, key: &str, name: &str, bytes_max: usize) -> Option<Seen> {
        match self.registry {
            Registry::Hives(hives) => {
                let (part, hive, path, found) = self.hive_key(hives, root, key)?;
                let at = part.inside(&path, Some(name));
                let Some(found) = found else { return Some(Seen { data: None, at }) };
                let data = hive.values(&found).and_then(|all| {
                    let value = all.into_iter().find(|v| v.name.eq_ignore_ascii_case(name));
                    value
                        .map(|v| {
                            if bytes_max == usize::MAX {
                                hive.data(&v)
                            } else {
                                hive.bytes(&v, bytes_max).map(Data::Bytes)
                            }
                        })
                        .transpose()
                });
                match data {
                    Ok(data) => Some(Seen { data, at }),
                    Err(e) => {
                        self.broken(e, at);
                        None
                    }
                }
            }
            Registry::Answers(answers) => {
                let path = answers.path(root, key).or_else(|| self.none_of(answers))?;
                if let Some(v) = answers.tree.key(&path).and_then(|k| k.values.get(&name.to_lowercase())) {
                    return Some(Seen { data: Some(v.data.clone()), at: answers.place(v.file, v.line) });
                }
                let at = answers.tree.key(&path).map_or_else(|| answers.at.clone(), |k| answers.place(k.file, k.line));
                self.told(answers, &path, Some(name))?;
                Some(Seen { data: None, at })
            }
        }
    }
    fn none_of(&mut self, answers: &Answers) -> Option<String> {
        self.misses.push((GapReason::Missing, answers.at.clone()));
        None
    }
    fn told(&mut self, answers: &Answers, path: &str, value: Option<&str>) -> Option<()> {
        answers.told(path, value).map_err(|reason| self.misses.push((reason, answers.at.clone()))).ok()
    }
    /// The first of several values that is there; that of the last if none is. `None` if one before it cannot be told.
    pub(crate) fn first(&mut self, places: &[(Root, &str, &str)]) -> Option<Seen> {
        let mut last = None;
        for (root, key, name) in places {
            let seen = self.value(*root, key, name)?;
            if seen.data.is_some() {
                return Some(seen);
            }
            last = Some(seen);
        }
        last
    }
    /// Names of the keys right below `key`; `None` if that cannot be told.
    pub(crate) fn subkeys(&mut self, root: Root, key: &str) -> Option<Vec<String>> {
        match self.registry {
            Registry::Hives(hives) => {
                let (part, hive, path, found) = self.hive_key(hives, root, key)?;
                match found.map_or(Ok(Vec::new()), |k| hive.subkeys(&k)) {
                    Ok(keys) => Some(keys.into_iter().map(|k| k.name).collect()),
                    Err(e) => {
                        self.broken(e, part.inside(&path, None));
                        None
                    }
                }
            }
            Registry::Answers(answers) => {
                let path = answers.path(root, key).or_else(|| self.none_of(answers))?;
                self.told(answers, &path, None)?;
                Some(answers.tree.subkeys(&path))
            }
        }
    }
    /// Every value of `key`: name, data, place. `None` if that cannot be told.
    pub(crate) fn values(&mut self, root: Root, key: &str) -> Option<Vec<(String, Data, Place)>> {
        match self.registry {
            Registry::Hives(hives) => {
                let (part, hive, path, found) = self.hive_key(hives, root, key)?;
                let Some(found) = found else { return Some(Vec::new()) };
                let all = hive.values(&found).and_then(|all| {
                    all.into_iter()
                        .map(|v| Ok((v.name.clone(), hive.data(&v)?, part.inside(&path, Some(&v.name)))))
                        .collect()
                });
                all.map_err(|e| self.broken(e, part.inside(&path, None))).ok()
            }
            Registry::Answers(answers) => {
                let path = answers.path(root, key).or_else(|| self.none_of(answers))?;
                self.told(answers, &path, None)?;
                let key = answers.tree.key(&path);
                let all = key.into_iter().flat_map(|k| k.values.values());
                Some(all.map(|v| (v.name.clone(), v.data.clone(), answers.place(v.file, v.line))).collect())
            }
        }
    }
    /// The type of the default value of `key`; hives alone know it.
    pub(crate) fn default_kind(&mut self, root: Root, key: &str) -> Option<u32> {
        let Registry::Hives(hives) = self.registry else { return None };
        let (_, hive, _, found) = self.hive_key(hives, root, key)?;
        hive.values(&found?).ok()?.into_iter().find(|v| v.name.is_empty()).map(|v| v.kind)
    }
}
