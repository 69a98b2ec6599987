//! What pages are read from (`docs/specs/pages-v1.md`): rows that somebody judged, laid out so that a page is a stretch of an index.
//!
//! Everything here follows from the log and the mirror and may be thrown away. This room writes what it is given and reads it back; who
//! judges, and when, is `node`'s to say. A *list* is a number; a *cell* is a text that says which enterprises of a list ([`Narrow`]).
//!
//! Refused: a statement whose cost grows with the number of enterprises (but for making all anew), and one that reads what is not of a
//! scope and drops it.

mod engine;
mod layout;
mod read;
mod write;

pub use read::{Narrow, PageOf};

use crate::StoreError;
use crate::tables::Address;
use engine::Engine;
use evidence::Digest;
use layout::{JUDGED, JUDGED_INDEXES, JUDGED_TABLES, LAYOUT, RECEIVED, RECEIVED_TABLES};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Most rows that a page with a condition beyond its cell passes over.
pub(crate) const PASSED_MAX: usize = 5_000;

/// Where a record lies that is held about an enterprise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeldPlace {
    /// In the own log.
    Own,
    /// In the mirror, sent by a child.
    Shipped,
    /// In the mirror, brought by a child of a node below it.
    Brought,
    /// A receipt names it, and it is not there.
    Waiting,
}
impl HeldPlace {
    fn number(self) -> i64 {
        match self {
            Self::Own => 0,
            Self::Shipped => 1,
            Self::Brought => 2,
            Self::Waiting => 9,
        }
    }
    fn of(n: i64) -> Self {
        match n {
            0 => Self::Own,
            1 => Self::Shipped,
            2 => Self::Brought,
            _ => Self::Waiting,
        }
    }
}

/// A record that is about an enterprise, a node or an order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldLine {
    /// Its leaf.
    pub leaf: Digest,
    /// Its kind, as `node` numbers them.
    pub kind: i64,
    /// Where it lies.
    pub place: HeldPlace,
    /// The child that it came by; of the own log empty.
    pub via: String,
    /// Its index in the own log or the child's; of what was brought that of the receipt that it came under.
    pub idx: u64,
    /// The node whose record it is.
    pub node: String,
    /// The node or order that it is about; empty: none.
    pub subject: String,
    /// Credit code; empty: none.
    pub code: String,
    /// When the node's own parent took it in, in milliseconds.
    pub at: i64,
    /// When it was taken in here.
    pub seen: i64,
    /// Leaf of the receipt.
    pub receipt: Option<Digest>,
    /// Doubts on arrival, JSON; empty: none.
    pub doubts: String,
}

/// One enterprise, as the judge says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[expect(missing_docs, reason = "the fields of `judge::EnterpriseStanding`, flat")]
pub struct EnterpriseLine {
    pub code: String,
    pub name: String,
    pub area: String,
    pub supervisor: String,
    pub industry: String,
    pub group: String,
    pub listed: bool,
    /// This node may see it: else it is in no list.
    pub seen: bool,
    /// A node of it was certified here.
    pub member: bool,
    pub above: bool,
    pub selected: Option<bool>,
    /// Bit n: the top of the plan's rule n has it.
    pub tops: i64,
    pub enrolled: bool,
    /// Milliseconds.
    pub report_at: Option<i64>,
    pub report_leaf: Option<Digest>,
    pub most: u64,
    pub least: u64,
    pub orders: (u64, u64),
    pub measures: Option<(u64, u64, u64)>,
    /// On the list of measures.
    pub measured: bool,
    /// Place of its state among all states.
    pub state: i64,
    /// When it is to be judged again, in milliseconds.
    pub due: Option<i64>,
    /// JSON; empty: nothing.
    pub claims: String,
    /// JSON; `@` and an id: shared with others.
    pub reasons: String,
}

/// One matter of the queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MatterLine {
    /// Its kind's place.
    pub rank: i64,
    /// Most points.
    pub most: u64,
    /// Milliseconds; the greatest number without an end.
    pub due: i64,
    /// Credit code; empty of a node that no enterprise is known for.
    pub code: String,
    /// What it is about.
    pub about: String,
    /// JSON.
    pub doc: String,
}

/// A receipt, here or below.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the fields of `evidence::Receipt`")]
pub struct ReceiptLine {
    pub leaf: Digest,
    pub node: String,
    pub child: String,
    /// Milliseconds.
    pub at: i64,
    pub size: u64,
    pub records: u64,
    pub doubted: u64,
}

/// A node that signed two histories.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the fields of `evidence::Equivocation`")]
pub struct CaughtLine {
    pub leaf: Digest,
    pub node: String,
    pub child: String,
    /// Milliseconds.
    pub at: i64,
    pub size: u64,
}

/// An opening or a re-observation.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[expect(missing_docs, reason = "the fields of `judge::Reobserved`")]
pub struct Checked {
    pub code: String,
    /// 0: opening, 1: re-observation.
    pub kind: i64,
    pub at: i64,
    pub leaf: Digest,
    pub held: bool,
}

/// A sum: of which counter, what, where.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[expect(missing_docs, reason = "said above")]
pub struct TallyKey {
    pub counter: String,
    pub what: String,
    pub supervisor: String,
    pub province: String,
    pub division: String,
}

/// A list under a cell, and a place in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[expect(missing_docs, reason = "said above")]
pub struct Place {
    pub list: i64,
    pub cell: String,
    pub k1: i64,
    pub k2: i64,
}

/// The tables, on one connection.
pub struct PageTables {
    engine: Engine,
    /// Everything is being written anew: nothing is there to be compared with.
    bulk: bool,
}
impl std::fmt::Debug for PageTables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PageTables")
    }
}

impl PageTables {
    /// The file at `path`, made if it is not there; where it cannot be, in memory for this time only. One that is none is removed.
    pub fn file(path: &Path) -> Result<Self, StoreError> {
        let open = |path| Engine::file(path).and_then(|engine| Self { engine, bulk: false }.laid_out());
        // Of the owner alone, as everything in a home; what stands beside it follows the file.
        let mine = || std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path).is_ok();
        let writable = path.parent().is_none_or(|f| crate::durable::make_dir(f).is_ok()) && mine();
        if !writable {
            return open(None);
        }
        match open(Some(path)) {
            Err(StoreError::Damaged { .. }) => {
                remove(path)?;
                if mine() { open(Some(path)) } else { open(None) }
            }
            Err(StoreError::ReadOnly(_)) => open(None),
            other => other,
        }
    }

    /// The tables of `space` on a server, in a schema of their own.
    pub fn server(address: &Address, space: &str) -> Result<Self, StoreError> {
        let name: String = space.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
        let schema = format!("watchfire_{}_pages", name.to_lowercase());
        Self { engine: Engine::server(address, &schema)?, bulk: false }.laid_out()
    }

    /// Whether the connection ended, or the file is gone.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.engine.is_lost()
    }

    fn laid_out(mut self) -> Result<Self, StoreError> {
        if self.word("layout").is_ok_and(|l| l == LAYOUT.to_string()) {
            return Ok(self);
        }
        self.write(|tables| {
            // Another may have done it meanwhile.
            tables.engine.batch(&drops(&RECEIVED_TABLES))?;
            tables.engine.batch(&drops(&JUDGED_TABLES))?;
            tables.engine.batch(RECEIVED)?;
            tables.engine.batch(JUDGED)?;
            tables.engine.batch(JUDGED_INDEXES)?;
            tables.set_word("layout", &LAYOUT.to_string())
        })?;
        Ok(self)
    }

    /// One transaction: all that `work` writes, or nothing. Who comes meanwhile waits.
    pub fn write<T, E: From<StoreError>>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        self.engine.begin()?;
        let done = work(self);
        self.bulk = false;
        match done {
            // A crash before the commit leaves what was there: behind, and right.
            Ok(done) => {
                self.engine.batch("COMMIT")?;
                Ok(done)
            }
            Err(e) => {
                let _ = self.engine.batch("ROLLBACK");
                Err(e)
            }
        }
    }

    /// Forgets what was judged; with `received` also what was received. Until [`Self::finish`] rows are only added.
    pub fn clear(&mut self, received: bool) -> Result<(), StoreError> {
        let layout = self.word("layout")?;
        if received {
            self.engine.batch(&drops(&RECEIVED_TABLES))?;
            self.engine.batch(RECEIVED)?;
            self.set_word("layout", &layout)?;
        }
        self.engine.batch(&drops(&JUDGED_TABLES))?;
        self.engine.batch(JUDGED)?;
        self.bulk = true;
        Ok(())
    }

    /// Removes the tables.
    pub fn drop_all(mut self) -> Result<(), StoreError> {
        match &self.engine {
            Engine::File { path, .. } => {
                let path = path.clone();
                drop(self);
                remove(&path)
            }
            Engine::Server(server) => {
                // With what lies in it: an empty schema would be left to whoever keeps the server.
                let schema = server.schema().to_owned();
                self.write(|t| {
                    t.engine.batch(&format!(
                        "SET LOCAL client_min_messages = error; DROP SCHEMA IF EXISTS {schema} CASCADE"
                    ))
                })
            }
        }
    }
}

fn drops(tables: &[&str]) -> String {
    tables.iter().map(|t| format!("DROP TABLE IF EXISTS {t};")).collect()
}

fn remove(path: &Path) -> Result<(), StoreError> {
    for end in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        match std::fs::remove_file(&name) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(StoreError::io(path, e)),
            _ => {}
        }
    }
    Ok(())
}
