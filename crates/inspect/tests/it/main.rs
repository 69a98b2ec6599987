//! The sensor over planted trees, hostile trees and the machine that runs the tests.
#![expect(clippy::unwrap_used, reason = "a test that cannot set up its tree has failed")]
#![expect(clippy::disallowed_types, reason = "one test waits on a socket, to be seen")]
#![expect(
    clippy::disallowed_methods,
    reason = "one test starts itself again without rights, others ask tools of Debian"
)]

mod capture;
mod hive_writer;
mod hostile;
mod integrity;
mod libraries;
mod live;
mod origin;
mod packages;
mod planted;
mod processes;
mod rpm;
mod script;
mod servers;
mod spec;
mod starts;
mod windows_bundle;
mod windows_disk;
mod windows_hostile;
mod windows_plants;
mod wire;
mod yara;

use evidence::{Body, DigestKey, FactValue, GapReason, MemoryState, Time, fact};
use inspect::{Config, Inspector, Limits, Target};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use stdx::{Silent, Stop};

/// A folder that goes away with the test.
pub(crate) struct Tree(pub(crate) PathBuf);
impl Tree {
    pub(crate) fn new() -> Self {
        static N: AtomicU32 = AtomicU32::new(0);
        let n = N.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("inspect-it-{}-{n}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }
    pub(crate) fn file(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }
    pub(crate) fn mode(&self, path: &str, content: impl AsRef<[u8]>, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.file(path, content);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    pub(crate) fn link(&self, path: &str, target: &str) {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, path).unwrap();
    }
}
impl Drop for Tree {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a run said.
pub(crate) struct Said(pub(crate) Vec<Body>);
impl Said {
    pub(crate) fn of(target: Target, limits: Limits) -> Self {
        let config = Config { limits, ..Config::new(DigestKey::new([7; 32]), Time::from_secs(1_795_000_000)) };
        let inspector = Inspector::new(target, config).unwrap();
        let ids = inspector.facts();
        let sink: Mutex<Vec<Body>> = Mutex::default();
        inspector.run(&sink, &MemoryState::default(), &Silent, &Stop::new());
        let mut items = sink.into_inner().unwrap();
        items.sort();
        let said = Self(items);
        said.check(&ids);
        said
    }
    pub(crate) fn root(root: &Path) -> Self {
        Self::of(Target::Root(root.to_owned()), Limits::default())
    }
    /// Every fact fits the dictionary; every fact of the system is covered or has a gap, never both; no other is named.
    fn check(&self, ids: &[&str]) {
        let mut covered = BTreeSet::new();
        let mut gaps = BTreeSet::new();
        for item in &self.0 {
            match item {
                Body::Fact(f) => fact::validate(f).unwrap_or_else(|e| panic!("{e}: {f:?}")),
                Body::Covered(c) => assert!(covered.insert(c.what.clone()), "{} twice", c.what),
                Body::Gap(g) => {
                    assert!(g.count > 0);
                    gaps.insert(g.what.clone());
                }
                other => panic!("an inspector does not emit {other:?}"),
            }
        }
        for def in fact::DICTIONARY {
            let what = format!("fact:{}", def.id);
            if ids.contains(&def.id) {
                assert!(covered.contains(&what) != gaps.contains(&what), "{what}: covered or gap, one of them");
            } else {
                assert!(!covered.contains(&what) && !gaps.contains(&what), "{what}: of another system");
            }
        }
        for (id, _) in
            self.0.iter().filter_map(|b| if let Body::Fact(f) = b { Some((f.fact.as_str(), 0)) } else { None })
        {
            if let Some(fact::FactDef { shape: fact::Shape::One(_), .. }) = fact::find(id) {
                assert_eq!(self.rows(id).len(), 1, "{id} has one value");
            }
        }
    }
    /// Values of a fact with their places as text.
    pub(crate) fn rows<'s>(&'s self, id: &str) -> Vec<(&'s FactValue, String)> {
        let of = |b: &'s Body| match b {
            Body::Fact(f) if f.fact.as_str() == id => Some((&f.value, f.at.to_string())),
            _ => None,
        };
        self.0.iter().filter_map(of).collect()
    }
    /// The value of a one-fact and its place.
    pub(crate) fn one(&self, id: &str) -> Option<(String, String)> {
        self.rows(id).into_iter().next().map(|(v, at)| (v.to_string(), at))
    }
    /// The row whose field has this value: its text and its place.
    pub(crate) fn row(&self, id: &str, field: &str, value: impl Into<FactValue>) -> Option<(String, String)> {
        let value = value.into();
        self.rows(id).into_iter().find(|(v, _)| v.field(field) == Some(&value)).map(|(v, at)| (v.to_string(), at))
    }
    pub(crate) fn gap(&self, id: &str) -> Option<GapReason> {
        let what = format!("fact:{id}");
        self.0.iter().find_map(|b| match b {
            Body::Gap(g) if g.what == what => Some(g.reason),
            _ => None,
        })
    }
}
