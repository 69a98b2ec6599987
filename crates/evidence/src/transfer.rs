//! Storage and export of user data: what people declare of it, and what the judge makes of it
//! (`docs/specs/transfers-v1.md`). Numbers, places and papers; never a value of the data.

use crate::{Author, Digest, Document, Doubt, LevelId, NodeId, PlanRef, RecordKind, Say, Span, Time};
use serde::{Deserialize, Serialize};

/// Names of an enumeration, as they stand in records, tables and word keys.
macro_rules! names {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$doc])* $variant),+ }
        impl $name {
            /// All of them.
            pub const ALL: &[$name] = &[$(Self::$variant),+];
            /// The name in records and word keys.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

names! {
    /// What a flow holds that rules ask about. Words `holds.<name>`.
    Holds {
        /// Personal information.
        Personal = "personal",
        /// Sensitive personal information.
        SensitivePersonal = "sensitive-personal",
        /// Important data.
        Important = "important",
        /// Core data.
        Core = "core",
    }
}
names! {
    /// How data gets there. Words `way.<name>`.
    Way {
        /// Sent over a network.
        Sent = "sent",
        /// Looked at from abroad where it is kept here, which counts as export.
        RemoteAccess = "remote-access",
        /// Carried on a medium.
        Carried = "carried",
    }
}
names! {
    /// What can be in hand. Words `grant.<name>`.
    Grant {
        /// The authority's security assessment.
        Assessment = "assessment",
        /// A standard contract that was filed.
        Contract = "contract",
        /// A certificate.
        Certification = "certification",
    }
}
names! {
    /// How far a decision is. Words `outcome-of.<name>`.
    Granted {
        /// Asked for.
        Filed = "filed",
        /// Obtained.
        Granted = "granted",
        /// Refused.
        Refused = "refused",
        /// Taken back, or recorded by mistake: what was recorded of this number does not count any more.
        Withdrawn = "withdrawn",
    }
}
names! {
    /// A step of a foreign authority's request. Words `request.<name>`.
    RequestStep {
        /// Passed to the ministry.
        Passed = "passed",
        /// The ministry approved an answer.
        Approved = "approved",
        /// The ministry refused it.
        Refused = "refused",
        /// It was answered with data.
        Answered = "answered",
        /// It was answered without data.
        Declined = "declined",
        /// The authority took it back.
        Withdrawn = "withdrawn",
    }
}
names! {
    /// How a flow stands, worst first. Words `flow-state.<name>`.
    FlowState {
        /// What was in hand has ended.
        Expired = "expired",
        /// What is needed is not in hand.
        Missing = "missing",
        /// It depends on numbers or levels that are not known.
        Unclear = "unclear",
        /// In hand, and it is time to ask again.
        Renew = "renew",
        /// In hand.
        InHand = "in-hand",
        /// Nothing is needed.
        Exempt = "exempt",
        /// The flow has ended.
        Ended = "ended",
    }
}
names! {
    /// How heavy a note is. Words `note-kind.<name>`.
    NoteKind {
        /// A rule is broken.
        Finding = "finding",
        /// Something is about to be.
        Warning = "warning",
        /// To be known.
        Note = "note",
    }
}

/// One entry about transfers; nothing is edited.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferEntry {
    /// Which node.
    pub node: NodeId,
    /// By whom.
    pub author: Author,
    /// When, by the node's own clock.
    pub stated_at: Time,
    /// What is said.
    pub what: TransferMove,
}

/// What an entry says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum TransferMove {
    /// A flow is declared, or declared anew.
    Flow(Box<Flow>),
    /// A table of flows was brought in.
    Table(FlowTable),
    /// People were counted.
    Counted(PeopleCounted),
    /// Something was asked for, obtained or refused.
    Decided(Decided),
    /// A flow has ended.
    Ended {
        /// Which.
        flow: String,
        /// Its last day.
        at: Time,
        /// Why.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// Data was provided or entrusted.
    Provided(Provided),
    /// A foreign authority asks for data.
    Request(AuthorityRequest),
    /// A request went a step further.
    RequestMoved(RequestMoved),
    /// Logs were read.
    Observed {
        /// Leaf of the examination.
        examination: Digest,
    },
}

/// A declared flow.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// [`Flow::id_of`].
    pub id: String,
    /// Who exports; empty: the node itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub exporter: String,
    /// The exporter operates critical information infrastructure.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cii: bool,
    /// System that the data comes from.
    pub system: String,
    /// Assets of the catalogue, sorted.
    pub assets: Vec<Digest>,
    /// What it holds, sorted.
    pub holds: Vec<Holds>,
    /// Who gets it.
    pub recipient: String,
    /// Group of companies of the recipient.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// Country: ISO 3166-1, two capitals.
    pub country: String,
    /// How it gets there.
    pub way: Way,
    /// Names, addresses, networks and domains (`*.example.com`) of the recipient.
    pub hosts: Vec<String>,
    /// Purpose.
    pub purpose: String,
    /// Legal ground.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ground: String,
    /// Exempt case of the plan.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub case: String,
    /// Why it is that case.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Its people are in no other flow of the exporter.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disjoint: bool,
    /// The impact assessment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Document>,
}
impl Flow {
    /// The id of a flow: `t-` and eight digits of SHA-256 over the canonical array
    /// `["flow-v1", exporter, system, recipient, country, purpose, way]`.
    #[must_use]
    pub fn id_of(exporter: &str, system: &str, recipient: &str, country: &str, purpose: &str, way: Way) -> String {
        let parts = serde_json::json!(["flow-v1", exporter, system, recipient, country, purpose, way.name()]);
        let bytes = crate::canonical::to_vec(&parts).expect("texts have a canonical form");
        format!("t-{}", &Digest::of(&bytes).hex()[..8])
    }
    /// Whether it holds this.
    #[must_use]
    pub fn holds(&self, what: Holds) -> bool {
        self.holds.contains(&what)
    }
}

/// A table that was brought in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowTable {
    /// The table.
    pub document: Document,
    /// Rows that could not be taken.
    pub left_out: u64,
    /// The good rows, in the order of the table.
    pub rows: Vec<FlowRow>,
}

/// A good row.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowRow {
    /// The flow.
    pub flow: Flow,
    /// Its people, if the row says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted: Option<PeopleCounted>,
}

/// Distinct people of whom data left by a flow since 1 January.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeopleCounted {
    /// Which flow.
    pub flow: String,
    /// The calendar year.
    pub year: i64,
    /// People with personal information that is not sensitive.
    pub personal: Span,
    /// People with sensitive personal information.
    pub sensitive: Span,
    /// The day that the count is of.
    pub as_of: Time,
}

/// What was asked for, obtained or refused.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    /// The flows that it covers, sorted.
    pub flows: Vec<String>,
    /// What.
    pub grant: Grant,
    /// How far.
    pub outcome: Granted,
    /// Number of the file, contract or certificate.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub number: String,
    /// Day of filing, or first day.
    pub since: Time,
    /// Last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// The paper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
}

/// A record that data was provided or entrusted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provided {
    /// `p-` and eight digits.
    pub id: String,
    /// The flow that it belongs to, if one is declared.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub flow: String,
    /// To whom.
    pub recipient: String,
    /// What, by kind: never the data.
    pub data: String,
    /// Why.
    pub purpose: String,
    /// The recipient processes it for this node.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub entrusted: bool,
    /// When.
    pub at: Time,
    /// The contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<Document>,
}

/// A request of a foreign industry, telecom, radio or justice authority.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorityRequest {
    /// `r-` and eight digits.
    pub id: String,
    /// Who asks.
    pub authority: String,
    /// Country: ISO 3166-1, two capitals.
    pub country: String,
    /// What is asked for, by kind.
    pub asked: String,
    /// Legal basis that it names.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub basis: String,
    /// When it came in.
    pub received: Time,
    /// The letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
}

/// A request went a step further.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestMoved {
    /// Which.
    pub request: String,
    /// What happened.
    pub step: RequestStep,
    /// When.
    pub at: Time,
    /// The paper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
    /// What else.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// A table of countries by address was brought in, or is not to be used any more. The newest counts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountryTable {
    /// The files.
    pub documents: Vec<Document>,
    /// SHA-256 of the table, which is kept beside the record.
    pub digest: Digest,
    /// `delegated`, `ranges`, `networks`, `geolite2`; several joined by commas.
    pub form: String,
    /// Newest day that the files state of themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dated: Option<Time>,
    /// Ranges in it.
    pub rows: u64,
    /// Rows that could not be read, or name no country.
    pub refused: u64,
    /// True: not to be used any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dropped: bool,
}

/// What the judge makes of the entries. Follows from `cites`, the plan, the judge and `as_of` alone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferJudgement {
    /// The plan.
    pub plan: PlanRef,
    /// The judge: name and version.
    pub judge: String,
    /// As of when.
    pub as_of: Time,
    /// The calendar year whose people are counted.
    pub year: i64,
    /// Records that it follows from, sorted by leaf.
    pub cites: Vec<(Digest, RecordKind)>,
    /// Exporters, sorted by name.
    pub exporters: Vec<ExporterStanding>,
    /// Flows, worst state first, then by id.
    pub flows: Vec<FlowStanding>,
    /// Foreign authorities' requests, oldest first.
    pub requests: Vec<RequestStanding>,
    /// Records of providing, the first to be free comes first.
    pub provisions: Vec<ProvisionStanding>,
    /// What is to be known, heaviest first.
    pub notes: Vec<TransferNote>,
    /// What makes this weaker than it looks.
    pub doubts: Vec<Doubt>,
}

/// The sums of an exporter.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExporterStanding {
    /// Who; empty: the node itself.
    pub exporter: String,
    /// Operates critical information infrastructure.
    pub cii: bool,
    /// Flows that are summed up.
    pub flows: u64,
    /// People with personal information that is not sensitive, since 1 January.
    pub personal: Span,
    /// People with sensitive personal information, since 1 January.
    pub sensitive: Span,
}

/// What a rule of the plan asks for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferNeed {
    /// The rule.
    pub rule: String,
    /// `assessment`, `contract-or-certification`, `exempt`.
    pub needs: String,
}

/// How a flow stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowStanding {
    /// The flow.
    pub flow: String,
    /// How it stands.
    pub state: FlowState,
    /// What is needed at least; absent: no rule of the plan holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<TransferNeed>,
    /// What is needed at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<TransferNeed>,
    /// People by this flow in this year.
    pub personal: Span,
    /// Of sensitive information.
    pub sensitive: Span,
    /// The highest level of its assets in the catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<LevelId>,
    /// What is in hand: the strongest, and of equals the one that ends last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_hand: Option<InHand>,
    /// What is missing: `assessment`, `contract-or-certification`, `impact`, `ground`. Words `lacks.<name>`.
    pub lacks: Vec<String>,
}

/// A decision in force.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InHand {
    /// What.
    pub grant: Grant,
    /// Its number.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub number: String,
    /// Last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// Last day on which it is to be asked for again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renew_by: Option<Time>,
    /// Whether a paper backs it.
    pub documented: bool,
    /// The entry.
    pub leaf: Digest,
}

/// How a foreign authority's request stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestStanding {
    /// Which.
    pub request: String,
    /// The last step; absent: none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<RequestStep>,
    /// The ministry approved an answer.
    pub approved: bool,
    /// Nothing more is to be done.
    pub closed: bool,
    /// Whole days since it came in, or that it was open.
    pub days: i64,
}

/// How long a record of providing is to be kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvisionStanding {
    /// Which.
    pub provision: String,
    /// Last day on which it must be there; absent: the plan gives no figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_until: Option<Time>,
    /// A contract backs it.
    pub contract: bool,
}

/// Something to be known.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferNote {
    /// How heavy.
    pub kind: NoteKind,
    /// What.
    pub say: Say,
    /// A flow, asset, request, destination or exporter.
    pub about: String,
}
