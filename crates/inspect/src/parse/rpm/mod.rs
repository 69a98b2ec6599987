//! The database of rpm in its three stores: SQLite, ndb and the hash files of Berkeley DB.
//!
//! Each store holds the same thing, one *header* a package ([`header`]); only the wrapping differs. The two stores
//! without a library of their own are read by a few lines here: ndb is a table of slots before blobs, the hash file is
//! walked page by page without its hash, which nobody here needs.
//!
//! A store may be hostile. Every blob is taken from the file itself, so all together can be no longer than the file:
//! a chain of pages or a tree that points into itself ends there, and the database counts as corrupt.

mod berkeley;
mod header;
mod ndb;
mod sqlite;

pub use header::{RpmFile, RpmPackage, rpm_header};

use evidence::GapReason;

/// Most packages of one database; more is a gap `too-many`.
pub const PACKAGES_MAX: usize = 200_000;

/// How a database of rpm is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RpmStore {
    /// `rpmdb.sqlite`.
    Sqlite,
    /// `Packages.db`.
    Ndb,
    /// `Packages`, a hash file of Berkeley DB.
    Berkeley,
}

/// Packages of a database, and why not all of it could be read.
#[must_use]
pub fn rpm_packages(store: RpmStore, bytes: Vec<u8>) -> (Vec<RpmPackage>, Option<GapReason>) {
    let mut taker = Taker { left: bytes.len(), packages: Vec::new(), fault: None };
    let ended = match store {
        RpmStore::Sqlite => sqlite::blobs(bytes, &mut taker),
        RpmStore::Ndb => ndb::blobs(&bytes, &mut taker),
        RpmStore::Berkeley => berkeley::blobs(&bytes, &mut taker),
    };
    let fault = ended.err().or(taker.fault);
    (taker.packages, fault)
}

/// Takes headers until the store is used up.
struct Taker {
    left: usize,
    packages: Vec<RpmPackage>,
    fault: Option<GapReason>,
}
impl Taker {
    /// Bytes that may still be taken.
    fn left(&self) -> usize {
        self.left
    }
    /// Takes one header. One that cannot be read makes the database incomplete and does not end it.
    fn take(&mut self, blob: &[u8]) -> Result<(), GapReason> {
        self.left = self.left.checked_sub(blob.len()).ok_or(GapReason::Corrupt)?;
        if self.packages.len() >= PACKAGES_MAX {
            return Err(GapReason::TooMany);
        }
        match rpm_header(blob) {
            Some(package) => self.packages.push(package),
            None => self.fault = Some(GapReason::Corrupt),
        }
        Ok(())
    }
}
