//! What becomes of an incident: entries that people and sensors add, and what the judge makes of them
//! (`docs/specs/incidents-v1.md`).
//!
//! An incident is its entries, nothing else: each is a record, none is ever edited, and a later one of the same subject
//! (a dimension, a moment, a task) counts in views. The judge folds them into an [`IncidentJudgement`].

use crate::{Author, Digest, Document, Doubt, NodeId, Origin, PlanRef, RecordKind, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One entry about one incident.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncidentEntry {
    /// Which node.
    pub node: NodeId,
    /// By whom.
    pub author: Author,
    /// When it was written down, by the node's own clock.
    pub stated_at: Time,
    /// The incident: `i-` and eight hexadecimal digits, the same in every entry.
    pub incident: String,
    /// From which world: a drill's incident is never shown among real ones.
    pub origin: Origin,
    /// What is said.
    pub what: Happening,
}

/// What an entry says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Happening {
    /// The incident begins to be recorded; the first entry.
    Opened(Opened),
    /// An instant that clocks start from.
    Moment(Moment),
    /// What is known for the grading; each dimension replaces its earlier answer.
    Answered {
        /// Dimension of the plan → what is known of it.
        answers: BTreeMap<String, Answered>,
    },
    /// Somebody writes something down.
    Noted {
        /// When it was so.
        at: Time,
        /// What.
        text: String,
    },
    /// An alert, an act of the guard, a step of a drill, a finding.
    Seen(Seen),
    /// Somebody was told: evidence that clocks were met.
    Reported(Reported),
    /// A form went a step further.
    Form(FormStep),
    /// The response was started, changed or ended.
    Response(Response),
    /// A step of a check list of the plan was done or passed over.
    Step(StepTaken),
    /// Something to do, by whom and until when.
    Task(Task),
    /// A piece of evidence, by digest, and who holds it.
    Custody(Custody),
    /// The incident is over for this node.
    Closed {
        /// What was learned.
        lessons: String,
        /// Measures that follow from it.
        measures: Vec<String>,
        /// Why it is closed although clocks of this node are open.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        anyway: String,
    },
    /// It is not over.
    Reopened {
        /// Why.
        reason: String,
    },
}
impl Happening {
    /// Names of all kinds, for words.
    pub const NAMES: [&'static str; 13] = [
        "opened", "moment", "answered", "noted", "seen", "reported", "form", "response", "step", "task", "custody",
        "closed", "reopened",
    ];
    /// The name in records and word keys.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Opened(_) => "opened",
            Self::Moment(_) => "moment",
            Self::Answered { .. } => "answered",
            Self::Noted { .. } => "noted",
            Self::Seen(_) => "seen",
            Self::Reported(_) => "reported",
            Self::Form(_) => "form",
            Self::Response(_) => "response",
            Self::Step(_) => "step",
            Self::Task(_) => "task",
            Self::Custody(_) => "custody",
            Self::Closed { .. } => "closed",
            Self::Reopened { .. } => "reopened",
        }
    }
}

/// The beginning of an incident.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// What people call it.
    pub title: String,
    /// Who this node is towards the plan's clocks: `enterprise`, `cii-operator`, `local-regulator`…
    pub actors: Vec<String>,
    /// Branches that it concerns: `industrial`, `telecom`, `radio`, `cii`; criteria of others do not apply.
    pub branches: Vec<String>,
}

/// An instant that clocks start from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// Which, in the plan's words for starts of clocks: `occurrence`, `discovery`, `awareness`, `judgement`, `end`…
    pub moment: String,
    /// When it was.
    pub at: Time,
    /// How it is known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// What is known of one dimension.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "says", rename_all = "kebab-case")]
pub enum Answered {
    /// Nothing (any more).
    Unknown,
    /// A number, or bounds of it, inclusive; equal bounds are an exact number.
    Number {
        /// At least.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        least: Option<i64>,
        /// At most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        most: Option<i64>,
    },
    /// One of the plan's words, chosen by a person who gives a reason: the level whose words fit, a data level, `none`.
    Chosen {
        /// The value.
        value: String,
        /// Why.
        reason: String,
    },
}

/// Something that another part of the program saw.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// `alert`, `guard`, `drill`, `finding`, `warning`, `clock`, `person`; `asset` of the catalogue.
    pub source: String,
    /// Its id there.
    pub id: String,
    /// The record in the log, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaf: Option<Digest>,
    /// When it happened.
    pub at: Time,
    /// What, in words.
    pub text: String,
}

/// Somebody was told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reported {
    /// Clocks that it is meant to stop.
    pub clocks: Vec<String>,
    /// `phone`, `written`, `form`, `other`.
    pub channel: String,
    /// When it was done.
    pub at: Time,
    /// Who told.
    pub by: String,
    /// Who was told: office and person.
    pub to: String,
    /// The form that was handed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<FormRef>,
    /// What shows that it arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Document>,
    /// What else.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// A frozen form.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormRef {
    /// Its serial.
    pub serial: String,
    /// Digest of what was frozen.
    pub digest: Digest,
}

/// A value of a form's field.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum FieldValue {
    /// A text.
    Text {
        /// The text.
        text: String,
    },
    /// Date and time to the minute.
    Minute {
        /// The instant.
        at: Time,
    },
    /// One of the choices.
    Choice {
        /// Which.
        choice: String,
    },
    /// A whole number.
    Number {
        /// The number.
        number: i64,
    },
    /// An amount and a number of records; either may be missing.
    Size {
        /// Bytes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bytes: Option<i64>,
        /// Records.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        records: Option<i64>,
    },
    /// There is none (无).
    None,
    /// Not yet known (尚不明确).
    NotYetKnown,
}

/// A form went a step further. The way is drafted → reviewed → frozen → printed → sealed; sent and received are [`Reported`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormStep {
    /// Serial: the incident's id, the form, a number: `i-3f2a91c0/annex-2/1`.
    pub serial: String,
    /// Form of the plan.
    pub form: String,
    /// Which step.
    pub step: FormMove,
}

/// A step of a form.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum FormMove {
    /// Filled in. A later draft with other fields voids what was frozen and sealed.
    Drafted {
        /// Field → value.
        fields: BTreeMap<String, FieldValue>,
    },
    /// A second person read it.
    Reviewed {
        /// Who.
        reviewer: String,
    },
    /// May not change any more under this digest.
    Frozen {
        /// Digest of form, serial, version, plan and fields ([incidents-v1] §6).
        digest: Digest,
        /// Digest of the plan whose form it is: a later plan voids nothing.
        plan: Digest,
    },
    /// Printed.
    Printed,
    /// Signed or sealed paper was scanned back, and the code on it is that of the frozen form.
    Sealed {
        /// The scan.
        scan: Document,
        /// Who signed or sealed.
        signatory: String,
        /// The frozen digest whose code was read from the paper.
        digest: Digest,
    },
    /// Not to be used any more.
    Voided {
        /// Why.
        reason: String,
    },
}
impl FormMove {
    /// The name in records and word keys.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Drafted { .. } => "drafted",
            Self::Reviewed { .. } => "reviewed",
            Self::Frozen { .. } => "frozen",
            Self::Printed => "printed",
            Self::Sealed { .. } => "sealed",
            Self::Voided { .. } => "voided",
        }
    }
}

/// Somebody's agreement that the plan asks for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Who, in the plan's words: `mechanism`, `leading-group`, `local-regulator`.
    pub actor: String,
    /// Which person there.
    pub person: String,
    /// When.
    pub at: Time,
    /// The paper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
}

/// The response: its level, who started, changed or ended it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// Regime whose levels are meant.
    pub regime: String,
    /// Level from now on; absent: the response has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// When.
    pub at: Time,
    /// Who decided, in the plan's words.
    pub by: String,
    /// Who agreed.
    pub consents: Vec<Consent>,
    /// What else.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// A step of a check list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepTaken {
    /// Id of the step in the plan.
    pub step: String,
    /// False: passed over; the note says why.
    pub done: bool,
    /// When.
    pub at: Time,
    /// Who did it.
    pub by: String,
    /// What else.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The paper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
}

/// How far a task is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskState {
    /// To be done.
    Open,
    /// Done.
    Done,
    /// Not to be done any more.
    Dropped,
}
impl TaskState {
    /// All of them.
    pub const ALL: [TaskState; 3] = [Self::Open, Self::Done, Self::Dropped];
    /// The name in records and word keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Dropped => "dropped",
        }
    }
}

/// Something to do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Number within the incident: 1, 2, 3 …
    pub number: u32,
    /// What.
    pub text: String,
    /// Who.
    pub owner: String,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Time>,
    /// How far.
    pub state: TaskState,
}

/// A piece of evidence changes hands, or enters.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Custody {
    /// The piece, by digest.
    pub document: Document,
    /// What it is, at its first entry.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub what: String,
    /// From whom or where.
    pub from: String,
    /// Who holds it now.
    pub to: String,
    /// When.
    pub at: Time,
    /// Why, or where it is kept.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// What the judge makes of an incident. Follows from `cites`, the plan, the judge and `as_of` alone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncidentJudgement {
    /// The plan.
    pub plan: PlanRef,
    /// The judge: name and version.
    pub judge: String,
    /// As of when.
    pub as_of: Time,
    /// The incident.
    pub incident: String,
    /// From which world.
    pub origin: Origin,
    /// Entries that it follows from, sorted by leaf.
    pub cites: Vec<(Digest, RecordKind)>,
    /// The grade in each regime of the plan, in the plan's order.
    pub grades: Vec<Grade>,
    /// What is not known and could raise a level, the answer that matters most first.
    pub ask: Vec<Ask>,
    /// Every clock that runs, ran or could run.
    pub clocks: Vec<ClockStanding>,
    /// What makes this weaker than it looks.
    pub doubts: Vec<Doubt>,
}

/// The grade in one regime: a range as long as something is unknown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grade {
    /// Regime.
    pub regime: String,
    /// The gravest level that is certainly met.
    pub at_least: String,
    /// The gravest level that is possible.
    pub at_most: String,
    /// A level that the plan proposes above what is certain, until a person confirms or refuses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed: Option<String>,
    /// Criteria that are certainly met, gravest first.
    pub met: Vec<Met>,
}

/// A criterion that is met.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Met {
    /// Criterion of the plan.
    pub criterion: String,
    /// Its level.
    pub level: String,
    /// What meets it: a number or bounds as `>=1200000`, `5..9`, or the chosen word.
    pub value: String,
}

/// A question that is open.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Dimension of the plan.
    pub dimension: String,
    /// What it would change, by regime.
    pub would: Vec<Would>,
}

/// What an answer would change.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Would {
    /// Regime.
    pub regime: String,
    /// Level that it would become.
    pub level: String,
    /// If the dimension is a number: from this on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<i64>,
    /// If it is a word: this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<String>,
}

/// Where a clock stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockState {
    /// Over its time and not met.
    Late,
    /// Met after its time.
    MetLate,
    /// In the last part of its time, or to be done at once.
    Due,
    /// More than half of its time is over.
    Warned,
    /// Runs.
    Running,
    /// Has not begun: the instant that it starts from is not known or not reached.
    Waiting,
    /// Met in time; of a duty without a figure: met.
    Met,
}
impl ClockState {
    /// Worst first.
    pub const ALL: [ClockState; 7] =
        [Self::Late, Self::MetLate, Self::Due, Self::Warned, Self::Running, Self::Waiting, Self::Met];
    /// The name in records and word keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::MetLate => "met-late",
            Self::Due => "due",
            Self::Warned => "warned",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Met => "met",
        }
    }
}

/// One clock of an incident.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockStanding {
    /// Clock of the plan.
    pub clock: String,
    /// This node must act; false: it is somebody else's, shown so that it is known.
    pub ours: bool,
    /// The level asks for it already; false: only if the incident proves as grave as it may be.
    pub certain: bool,
    /// Where it stands.
    pub state: ClockState,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Time>,
    /// When it is over: late from the instant after. Absent where the plan gives no figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Time>,
    /// When the state changes next if nobody does anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Time>,
    /// When it was met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met: Option<Time>,
    /// The entry that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met_by: Option<Digest>,
}
