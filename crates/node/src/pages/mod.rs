//! What pages are read from, and the functions that read it (`docs/specs/pages-v1.md`).
//!
//! Reading order: `intake` (what was received is noted), `judged` (some enterprises are judged again), `sums`, `follow` (the log and time
//! are followed, in one transaction), `shown` (a page), `verify` (what is kept is held against the judge over everything).
//!
//! Whoever judges verifies; whoever shows reads rows. So a signature is looked at when something arrives or falls due, and never by a
//! page. Refused: a second judge (rows come from the same one, over fewer enterprises), and anything here that a number in a record
//! rests on.

mod follow;
mod intake;
mod judged;
mod shown;
mod sums;
mod verify;

use crate::{Node, NodeError, home};
use evidence::{Digest, Doubt, Enterprise, NodeId, Part, Rung, Time};
use follow::At;
use judge::{EnterpriseStanding, EnterpriseState, Forecast, Life, ListFilter, QueueItem, TargetShown};
use plan::{CheckedPlan, MatterKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use stdx::{Silent, Stop};
use store::MatterLine;

/// Records of the log that a page follows by itself; beyond them it shows what there is, and says how far it is behind.
pub(crate) const FOLLOW_RECORDS_MAX: u64 = 2_000;
/// Ends of days that a series keeps.
pub(crate) const SERIES_DAYS: i64 = 400;
/// Most rows of a page.
const LIMIT_MAX: usize = 200;

/// Numbers of kinds in the tables.
mod kind {
    pub(super) const REPORT: i64 = 1;
    pub(super) const MEMBER: i64 = 2;
    pub(super) const ORDER: i64 = 3;
    pub(super) const EQUIVOCATION: i64 = 4;
    pub(super) const TRAINING: i64 = 5;
    pub(super) const EXPERT: i64 = 6;
    pub(super) const ENTRY: i64 = 7;
    pub(super) const CHALLENGE: i64 = 8;
}

/// Whose eyes. What it may not see is not read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Scope {
    /// Everything that this node itself may see.
    Node,
    /// Of this, what a part may see.
    Part(Part),
}

/// Which enterprises.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EnterpriseFilter {
    /// Supervisor, province, city, industry, group; what is empty asks nothing.
    pub list: ListFilter,
    /// Where it is on its way.
    pub state: Option<EnterpriseState>,
    /// Only key enterprises.
    pub selected: bool,
}

/// In which order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum EnterpriseSort {
    /// By code.
    #[default]
    Code,
    /// By most points, then least, both falling, then code.
    Points,
}

/// A page of enterprises.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EnterprisePage {
    /// The rows.
    pub rows: Vec<EnterpriseStanding>,
    /// How many there are; none where counting would cost more than reading.
    pub total: Option<u64>,
    /// After what the next page begins; none: this was the last.
    pub next: Option<String>,
}

/// A page of the queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MatterPage {
    /// The matters.
    pub items: Vec<QueueItem>,
    /// How many there are; none as with [`EnterprisePage::total`].
    pub total: Option<u64>,
    /// After what the next page begins; none: this was the last.
    pub next: Option<String>,
}

/// How many of each, for tiles and tabs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// All.
    pub enterprises: u64,
    /// Key enterprises.
    pub key: u64,
    /// On the risk list.
    pub risk: u64,
    /// On the list of measures.
    pub measures: u64,
    /// By state, each state.
    pub states: BTreeMap<EnterpriseState, u64>,
    /// Matters by kind, each kind of the plan.
    pub matters: BTreeMap<MatterKind, u64>,
}

/// Everything that is at hand about one enterprise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EnterpriseLife {
    /// Where it stands.
    pub standing: EnterpriseStanding,
    /// Where it is on its way.
    pub state: EnterpriseState,
    /// Its row in the newest registry of each year, the newest first.
    pub years: Vec<(i64, Enterprise<'static>)>,
    /// The rest.
    pub life: Life,
}

/// How far the programme has come.
#[derive(Clone, PartialEq, Debug)]
pub struct ProgressShown {
    /// Counted anew then; since then nothing changed it.
    pub counted_at: Time,
    /// Every target of the plan.
    pub targets: Vec<TargetSeries>,
    /// Rows of the registry.
    pub enterprises: u64,
    /// Of these, industrial and above the designated size.
    pub above_size: u64,
    /// Enterprises with a report that may count.
    pub reporting: u64,
    /// What makes it weaker than it looks.
    pub doubts: Vec<Doubt>,
}

/// One target.
#[derive(Clone, PartialEq, Debug)]
pub struct TargetSeries {
    /// How it stands.
    pub target: TargetShown,
    /// What counted at the ends of days, the oldest first; the last is now.
    pub series: Vec<(Time, u64)>,
    /// What the last weeks say.
    pub forecast: Forecast,
}

/// A receipt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReceiptShown {
    /// Its leaf in the log of who gave it.
    pub leaf: Digest,
    /// Who gave it.
    pub by: NodeId,
    /// To whom.
    pub child: NodeId,
    /// What that node is called; empty: nobody says it.
    pub name: String,
    /// When.
    pub at: Time,
    /// Size of the log that it is over.
    pub size: u64,
    /// Records that came with their content.
    pub records: u64,
    /// Of these, with doubts.
    pub doubted: u64,
}

/// A page of receipts, the newest first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReceiptPage {
    /// The receipts.
    pub rows: Vec<ReceiptShown>,
    /// After what the next page begins; none: this was the last.
    pub next: Option<String>,
}

/// A node that signed two histories.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CaughtShown {
    /// The record.
    pub leaf: Digest,
    /// Who says so.
    pub by: NodeId,
    /// The node.
    pub child: NodeId,
    /// What it is called; empty: nobody says it.
    pub name: String,
    /// Its credit code; empty: none.
    pub uscc: String,
    /// When it was seen.
    pub at: Time,
    /// Where its histories part.
    pub size: u64,
}

/// What training comes to.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct TrainingShown {
    /// Sessions that count.
    pub sessions: u64,
    /// Sessions that were withdrawn.
    pub withdrawn: u64,
    /// Person-times by rung, each rung.
    pub person_times: BTreeMap<Rung, u64>,
    /// Professionals whose certificate is valid.
    pub professionals: u64,
}

/// What a following did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Followed {
    /// Records of the log that were noted.
    pub records: u64,
    /// Enterprises that were judged.
    pub judged: u64,
    /// Everything was read anew.
    pub anew: bool,
}

/// What is kept, held against the judge over everything.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PagesChecked {
    /// Enterprises that were compared.
    pub enterprises: u64,
    /// Matters.
    pub matters: u64,
    /// Targets.
    pub targets: u64,
    /// What differs, at most 100.
    pub differ: Vec<String>,
}

/// The document of progress.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
struct ProgressKept {
    counted_at: Option<Time>,
    targets: Vec<TargetShown>,
    enterprises: u64,
    above_size: u64,
    reporting: u64,
    doubts: Vec<Doubt>,
}

/// Pages, as of one look at the tables.
pub struct Pages<'n> {
    node: &'n Node,
    plan: &'n CheckedPlan,
    as_of: Time,
    behind: u64,
    doubts: Vec<Doubt>,
}

impl Node {
    /// What pages are read from, as of now: followed up to the log if no more than [`FOLLOW_RECORDS_MAX`] records are new, else as it
    /// stands ([`Pages::behind`]). Made whole where there is none yet.
    pub fn pages<'n>(&'n self, plan: &'n CheckedPlan) -> Result<Pages<'n>, NodeError> {
        self.pages_within(plan, FOLLOW_RECORDS_MAX)
    }

    /// The same without following, for whoever follows in the background ([`Self::pages_follow`]): what arrived or fell due since is not
    /// in it. Made whole where there is none yet.
    pub fn pages_as_kept<'n>(&'n self, plan: &'n CheckedPlan) -> Result<Pages<'n>, NodeError> {
        self.pages_within(plan, 0)
    }

    /// `most`: so many new records are followed; with none neither what fell due.
    fn pages_within<'n>(&'n self, plan: &'n CheckedPlan, most: u64) -> Result<Pages<'n>, NodeError> {
        let now = home::now();
        let size = self.store().size()?;
        self.with_pages(|tables| {
            let mut at = At::read(tables)?;
            let new = size.saturating_sub(at.position);
            let far = at.is_of(plan) && (new > most || most == 0);
            let current = at.is_of(plan) && at.position == size && at.holds(now.millis());
            if !current && !far {
                tables.write(|tables| self.follow(plan, tables, false, (&Silent, &Stop::new())))?;
                at = At::read(tables)?;
            }
            let mut doubts: Vec<Doubt> = read(at.word("doubts")).unwrap_or_default();
            let outside: u64 = at.word("outside").parse().unwrap_or(0);
            if outside > 0 && !at.word("registry").is_empty() {
                let say = evidence::Say::new("doubt.oversight-not-in-registry").with("count", outside);
                doubts.push(Doubt { say, cited: None });
            }
            doubts.sort();
            Ok(Pages { node: self, plan, as_of: now, behind: size.saturating_sub(at.position), doubts })
        })
    }
}

impl Pages<'_> {
    /// When it was looked.
    #[must_use]
    pub fn as_of(&self) -> Time {
        self.as_of
    }
    /// Records of the log that are not in it yet.
    #[must_use]
    pub fn behind(&self) -> u64 {
        self.behind
    }
    /// What makes all of it weaker than it looks; of orders each says it itself.
    #[must_use]
    pub fn doubts(&self) -> &[Doubt] {
        &self.doubts
    }
}

fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("texts, integers and lists of them can be written")
}

/// What a document of the tables says; none: it is none.
fn read<T: for<'d> Deserialize<'d>>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

fn matter_line(code: &str, m: &QueueItem) -> MatterLine {
    MatterLine {
        rank: i64::from(m.rank),
        most: m.points.1,
        due: m.due.map_or(i64::MAX, Time::millis),
        code: code.to_owned(),
        about: m.about.clone(),
        doc: json(m),
    }
}
