//! What progress is counted from. Each part is the proof that it is what it says: a report was signed, the rows of a roll are those
//! that its record commits to.

use crate::SelectionRows;
use evidence::{Digest, Doubt, NodeId, Part, ProgrammeReport, Record, Roll, RollRow, Rung, Time};
use proof::Witness;

/// A plant's report in the hands of the level above.
#[derive(Clone, Debug)]
pub struct ReceivedReport {
    /// The node whose log it stands in.
    pub child: NodeId,
    /// What that node was certified as.
    pub part: Part,
    /// Leaf of the receipt; absent for a report of the counting node itself.
    pub receipt: Option<Digest>,
    /// When it was received, by the clock of who counts.
    pub received_at: Time,
    /// What was found wrong with it on arrival.
    pub doubts: Vec<Doubt>,
    leaf: Digest,
    report: ProgrammeReport,
}
impl ReceivedReport {
    /// `None` if the record is no report.
    #[must_use]
    pub fn new(
        witness: Witness,
        (child, part): (NodeId, Part),
        receipt: Option<Digest>,
        received_at: Time,
        doubts: Vec<Doubt>,
    ) -> Option<Self> {
        let leaf = witness.record.leaf();
        match witness.record.into_value() {
            Record::ProgrammeReport(r) => Some(Self { child, part, receipt, received_at, doubts, leaf, report: *r }),
            _ => None,
        }
    }
    /// Its leaf in the child's log.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        self.leaf
    }
    /// What it says.
    #[must_use]
    pub fn report(&self) -> &ProgrammeReport {
        &self.report
    }
}

/// The rows of a roll, known to be those that its record commits to.
#[derive(Clone, Debug)]
pub struct RollRows {
    leaf: Digest,
    roll: Roll,
    rows: Vec<RollRow>,
}
impl RollRows {
    /// Reads the rows of `roll` from their file. Errors, as a reason: no roll, or not its rows.
    pub fn open(roll: &Witness, file: &[u8]) -> Result<Self, String> {
        let Record::Roll(r) = roll.record.value() else { return Err("no roll".to_owned()) };
        Ok(Self { leaf: roll.record.leaf(), roll: (**r).clone(), rows: evidence::roll_rows(&r.rows, file)? })
    }
    /// Some rows of a roll, in ascending order of their codes, for whoever judges some enterprises ([`crate::some_claims`]): whoever hands
    /// them in kept them from [`Self::open`].
    #[must_use]
    pub fn some(leaf: Digest, roll: Roll, rows: Vec<RollRow>) -> Self {
        Self { leaf, roll, rows }
    }
    /// Its leaf.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        self.leaf
    }
    /// The record.
    #[must_use]
    pub fn roll(&self) -> &Roll {
        &self.roll
    }
    /// The rows, in ascending order of their codes.
    #[must_use]
    pub fn rows(&self) -> &[RollRow] {
        &self.rows
    }
}

/// Something that was judged elsewhere and counts so much: a batch of attendances, a session, a professional.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Counted {
    /// What it is called; unique in its list.
    pub id: String,
    /// The record that shows it.
    pub leaf: Digest,
    /// The day that it is of.
    pub day: Time,
    /// How much.
    pub amount: u64,
    /// How sure.
    pub rung: Rung,
    /// It does not count any more: withdrawn, expired, revoked.
    pub withdrawn: bool,
}

/// A random enterprise was observed anew.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Reobserved {
    /// Enterprise.
    pub uscc: String,
    /// When.
    pub at: Time,
    /// The record that says so.
    pub leaf: Digest,
    /// What its report said held.
    pub held: bool,
}

/// A period is being closed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Closing {
    /// Its name.
    pub period: String,
    /// Its first instant; `as_of` is its last.
    pub from: Time,
    /// When it is closed.
    pub at: Time,
}

/// Everything that progress is counted from.
#[derive(Clone, Copy, Default)]
pub struct ProgressInput<'a> {
    /// Rows of the registry of the year.
    pub registry: Option<&'a SelectionRows<'a>>,
    /// The newest selection from it.
    pub selection: Option<&'a Witness>,
    /// Reports as they were received.
    pub reports: &'a [ReceivedReport],
    /// Rolls.
    pub rolls: &'a [RollRows],
    /// What authorities state; other records among them are not read.
    pub entries: &'a [Witness],
    /// Batches of attendances.
    pub attendances: &'a [Counted],
    /// Sessions.
    pub sessions: &'a [Counted],
    /// Professionals.
    pub professionals: &'a [Counted],
    /// Random re-observations.
    pub checks: &'a [Reobserved],
    /// The period that is being closed.
    pub closing: Option<&'a Closing>,
}
