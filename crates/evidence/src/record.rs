//! The records: what is signed, one envelope each, as the predicate of an in-toto Statement v1.
//!
//! `docs/specs/evidence-v1.md` is the specification; the golden files under `tests/golden` must read for ever.
//! A record of version 1 has no field that the specification does not name: reading refuses unknown fields.

use crate::canonical::{self, CanonicalError};
use crate::{
    Adjustment, AdvisoryPack, Catalogue, CheckId, CountryTable, Delegation, Digest, Filing, ForeignReport, Grading,
    IncidentEntry, IncidentJudgement, ItemRoot, Judgement, KeyChange, KeyedDigest, Listing, Measure, NodeId, Notice,
    Origin, PathText, PlanRef, Registry, Scope, SelectionJudgement, SensorId, Staff, Time, TransferEntry,
    TransferJudgement, WarningEntry,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Every kind of record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Record {
    /// Sensors looked at something.
    Examination(Examination),
    /// A person stated something.
    Attestation(Attestation),
    /// The judge judged.
    Judgement(Box<Judgement>),
    /// A person declared what the node is responsible for.
    Scope(Scope),
    /// A person decided on a corrective action or an exception.
    Measure(Measure),
    /// The judge drew up the data catalogue.
    Catalogue(Box<Catalogue>),
    /// Something was said about an incident.
    Incident(Box<IncidentEntry>),
    /// The judge graded an incident and set its clocks.
    IncidentJudgement(Box<IncidentJudgement>),
    /// Something was said about a warning.
    Warning(Box<WarningEntry>),
    /// A message went out, or did not.
    Notice(Notice),
    /// Something was said about storing and exporting user data.
    Transfer(Box<TransferEntry>),
    /// The judge held transfers against the plan.
    TransferJudgement(Box<TransferJudgement>),
    /// A registry of enterprises was brought in.
    Registry(Box<Registry>),
    /// The judge selected the key enterprises.
    SelectionJudgement(Box<SelectionJudgement>),
}

/// The kind of a record, which is its `predicateType`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordKind {
    /// [`Examination`].
    Examination,
    /// [`Attestation`].
    Attestation,
    /// [`Judgement`].
    Judgement,
    /// [`Scope`].
    Scope,
    /// [`Measure`].
    Measure,
    /// [`Catalogue`].
    Catalogue,
    /// [`IncidentEntry`].
    Incident,
    /// [`IncidentJudgement`].
    IncidentJudgement,
    /// [`WarningEntry`].
    Warning,
    /// [`Notice`].
    Notice,
    /// [`TransferEntry`].
    Transfer,
    /// [`TransferJudgement`].
    TransferJudgement,
    /// [`Registry`].
    Registry,
    /// [`SelectionJudgement`].
    SelectionJudgement,
}
impl RecordKind {
    /// Every kind.
    pub const ALL: [RecordKind; 14] = [
        Self::Examination,
        Self::Attestation,
        Self::Judgement,
        Self::Scope,
        Self::Measure,
        Self::Catalogue,
        Self::Incident,
        Self::IncidentJudgement,
        Self::Warning,
        Self::Notice,
        Self::Transfer,
        Self::TransferJudgement,
        Self::Registry,
        Self::SelectionJudgement,
    ];
    /// The in-toto `predicateType`, a URN so that no domain name has to be kept alive for it.
    #[must_use]
    pub fn predicate_type(self) -> &'static str {
        match self {
            Self::Examination => "urn:watchfire:examination:v1",
            Self::Attestation => "urn:watchfire:attestation:v1",
            Self::Judgement => "urn:watchfire:judgement:v1",
            Self::Scope => "urn:watchfire:scope:v1",
            Self::Measure => "urn:watchfire:measure:v1",
            Self::Catalogue => "urn:watchfire:catalogue:v1",
            Self::Incident => "urn:watchfire:incident:v1",
            Self::IncidentJudgement => "urn:watchfire:incident-judgement:v1",
            Self::Warning => "urn:watchfire:warning:v1",
            Self::Notice => "urn:watchfire:notice:v1",
            Self::Transfer => "urn:watchfire:transfer:v1",
            Self::TransferJudgement => "urn:watchfire:transfer-judgement:v1",
            Self::Registry => "urn:watchfire:registry:v1",
            Self::SelectionJudgement => "urn:watchfire:selection-judgement:v1",
        }
    }
}

/// Whether a run came to its end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    /// All sensors ended by themselves.
    Complete,
    /// The user stopped it; what had been seen is kept, the rest is a gap.
    Stopped,
}

/// What was examined.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubjectRef {
    /// Name of the host, as it names itself.
    pub host: String,
    /// Keyed digest of the machine id, where there is one: tells two hosts of one name apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<KeyedDigest>,
    /// Root of the file system if it was an image, not the live host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<PathText>,
    /// Folders whose data was looked at, absolute.
    pub folders: Vec<PathText>,
    /// SHA-256 of the file that the observations were carried in, if they were not made by this node itself: what is in
    /// it was not signed where it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<Digest>,
}

/// A sensor as it ran.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SensorRun {
    /// Which sensor.
    pub sensor: SensorId,
    /// Version of the program that it came with.
    pub version: String,
    /// Digest of the rules or packs that it used.
    pub rules: Digest,
    /// The account that it ran under: an unprivileged run sees less.
    pub privileged: bool,
}

/// Items by kind, so that a reader knows what to expect before opening any.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemCounts {
    /// [`crate::Body::Fact`].
    pub facts: u64,
    /// [`crate::Body::Covered`].
    pub covered: u64,
    /// [`crate::Body::Hits`].
    pub hits: u64,
    /// [`crate::Body::Tally`].
    pub tallies: u64,
    /// [`crate::Body::Gap`].
    pub gaps: u64,
    /// [`crate::Body::Alert`].
    pub alerts: u64,
    /// [`crate::Body::Column`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub columns: u64,
    /// [`crate::Body::Content`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub contents: u64,
    /// [`crate::Body::Measured`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub measured: u64,
}
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
pub(crate) fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// One run of the sensors over one subject.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examination {
    /// Who examined.
    pub node: NodeId,
    /// What.
    pub subject: SubjectRef,
    /// From which world.
    pub origin: Origin,
    /// When it began, by the node's own clock.
    pub started: Time,
    /// When it ended, by the node's own clock.
    pub ended: Time,
    /// Whether it came to its end.
    pub state: RunState,
    /// The sensors that took part.
    pub sensors: Vec<SensorRun>,
    /// Commitment to the items.
    pub items: ItemRoot,
    /// Items by kind.
    pub counts: ItemCounts,
    /// Nonce of a re-observation, if the run was ordered by the level above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
}

/// How the author of a statement was authenticated. Said, because it is the weakest link of most statements.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "kebab-case")]
pub enum Authenticated {
    /// Somebody typed this name; nobody checked it.
    TypedName,
    /// The account of the operating system that ran the program.
    OsAccount {
        /// Account name.
        account: String,
        /// Numeric user id.
        uid: u32,
    },
}

/// Who states something.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Author {
    /// Name as given.
    pub name: String,
    /// How far the name can be trusted.
    pub authenticated: Authenticated,
}

/// A document that backs a statement: named by digest, kept by the plant.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// File name without its folder.
    pub name: String,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Size in bytes.
    pub bytes: u64,
}

/// A person answers an organisational check. Shown as *documented*, never as machine-evidenced.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Which check.
    pub check: CheckId,
    /// True: fulfilled. False: not fulfilled.
    pub fulfilled: bool,
    /// The document that shows it; without one the answer is only *declared*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
    /// Since when it holds, midnight UTC of the date.
    pub effective: Time,
    /// Who approved it, by name.
    pub approver: String,
}

/// What a person can state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "states", rename_all = "kebab-case")]
pub(crate) enum Stated {
    Answer(Answer),
    KeyChange(KeyChange),
    Listing(Listing),
    Grading(Grading),
    Filing(Filing),
    AdvisoryPack(AdvisoryPack),
    StaffList(Staff),
    ForeignReport(ForeignReport),
    Delegation(Delegation),
    CountryTable(CountryTable),
    Adjustment(Adjustment),
}

/// A person's statement.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attestation {
    /// The node at which it was stated.
    pub node: NodeId,
    /// By whom.
    pub author: Author,
    /// When, by the node's own clock.
    pub stated_at: Time,
    pub(crate) what: Stated,
}
impl Attestation {
    /// An answer to an organisational check.
    #[must_use]
    pub fn answer(node: NodeId, author: Author, stated_at: Time, answer: Answer) -> Self {
        Self { node, author, stated_at, what: Stated::Answer(answer) }
    }
    /// A change of keys.
    #[must_use]
    pub fn key_change(node: NodeId, author: Author, stated_at: Time, change: KeyChange) -> Self {
        Self { node, author, stated_at, what: Stated::KeyChange(change) }
    }
    /// The plant's own catalogue.
    #[must_use]
    pub fn listing(node: NodeId, author: Author, stated_at: Time, listing: Listing) -> Self {
        Self { node, author, stated_at, what: Stated::Listing(listing) }
    }
    /// The list of staff.
    #[must_use]
    pub fn staff(node: NodeId, author: Author, stated_at: Time, staff: Staff) -> Self {
        Self { node, author, stated_at, what: Stated::StaffList(staff) }
    }
    /// A decision on the level of an asset.
    #[must_use]
    pub fn grading(node: NodeId, author: Author, stated_at: Time, grading: Grading) -> Self {
        Self { node, author, stated_at, what: Stated::Grading(grading) }
    }
    /// A catalogue was filed.
    #[must_use]
    pub fn filing(node: NodeId, author: Author, stated_at: Time, filing: Filing) -> Self {
        Self { node, author, stated_at, what: Stated::Filing(filing) }
    }
    /// A pack of advisories was imported or dropped.
    #[must_use]
    pub fn advisory_pack(node: NodeId, author: Author, stated_at: Time, pack: AdvisoryPack) -> Self {
        Self { node, author, stated_at, what: Stated::AdvisoryPack(pack) }
    }
    /// A table of countries was brought in or dropped.
    #[must_use]
    pub fn country_table(node: NodeId, author: Author, stated_at: Time, table: CountryTable) -> Self {
        Self { node, author, stated_at, what: Stated::CountryTable(table) }
    }
    /// The table of countries, if it is one.
    #[must_use]
    pub fn as_country_table(&self) -> Option<&CountryTable> {
        match &self.what {
            Stated::CountryTable(t) => Some(t),
            _ => None,
        }
    }
    /// The pack of advisories, if it is one.
    #[must_use]
    pub fn as_advisory_pack(&self) -> Option<&AdvisoryPack> {
        match &self.what {
            Stated::AdvisoryPack(p) => Some(p),
            _ => None,
        }
    }
    /// The list of staff, if it is one.
    #[must_use]
    pub fn as_staff(&self) -> Option<&Staff> {
        match &self.what {
            Stated::StaffList(s) => Some(s),
            _ => None,
        }
    }
    /// The answer, if it is one.
    #[must_use]
    pub fn as_answer(&self) -> Option<&Answer> {
        match &self.what {
            Stated::Answer(a) => Some(a),
            _ => None,
        }
    }
    /// The change of keys, if it is one.
    #[must_use]
    pub fn as_key_change(&self) -> Option<&KeyChange> {
        match &self.what {
            Stated::KeyChange(k) => Some(k),
            _ => None,
        }
    }
    /// The plant's own catalogue, if it is one.
    #[must_use]
    pub fn as_listing(&self) -> Option<&Listing> {
        match &self.what {
            Stated::Listing(l) => Some(l),
            _ => None,
        }
    }
    /// The decision on a level, if it is one.
    #[must_use]
    pub fn as_grading(&self) -> Option<&Grading> {
        match &self.what {
            Stated::Grading(g) => Some(g),
            _ => None,
        }
    }
    /// The filing, if it is one.
    #[must_use]
    pub fn as_filing(&self) -> Option<&Filing> {
        match &self.what {
            Stated::Filing(f) => Some(f),
            _ => None,
        }
    }
}

/// `_type` of an in-toto Statement, version 1.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// `payloadType` of the DSSE envelope around it.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// Why bytes are not a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatementError {
    /// Not canonical JSON, or not of the shape of a statement or its predicate.
    Canonical(CanonicalError),
    /// `_type` is not in-toto Statement v1.
    Type(String),
    /// A `predicateType` that this version does not know.
    Predicate(String),
    /// The subject is not the one that the predicate calls for.
    Subject,
}
impl std::fmt::Display for StatementError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Canonical(e) => write!(f, "{e}"),
            Self::Type(t) => write!(f, "statement type {t:?} is not {STATEMENT_TYPE}"),
            Self::Predicate(t) => write!(f, "unknown predicate type {t:?}"),
            Self::Subject => f.write_str("the statement's subject does not belong to its predicate"),
        }
    }
}
impl std::error::Error for StatementError {}
impl From<CanonicalError> for StatementError {
    fn from(e: CanonicalError) -> Self {
        Self::Canonical(e)
    }
}

/// A record in its in-toto statement, as bytes to be signed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    subject: [Subject; 1],
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: Value,
}
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Subject {
    name: String,
    digest: Sha256Of,
}
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sha256Of {
    sha256: String,
}

impl Record {
    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> RecordKind {
        match self {
            Self::Examination(_) => RecordKind::Examination,
            Self::Attestation(_) => RecordKind::Attestation,
            Self::Judgement(_) => RecordKind::Judgement,
            Self::Scope(_) => RecordKind::Scope,
            Self::Measure(_) => RecordKind::Measure,
            Self::Catalogue(_) => RecordKind::Catalogue,
            Self::Incident(_) => RecordKind::Incident,
            Self::IncidentJudgement(_) => RecordKind::IncidentJudgement,
            Self::Warning(_) => RecordKind::Warning,
            Self::Notice(_) => RecordKind::Notice,
            Self::Transfer(_) => RecordKind::Transfer,
            Self::TransferJudgement(_) => RecordKind::TransferJudgement,
            Self::Registry(_) => RecordKind::Registry,
            Self::SelectionJudgement(_) => RecordKind::SelectionJudgement,
        }
    }

    fn predicate(&self) -> Result<Value, CanonicalError> {
        match self {
            Self::Examination(r) => serde_json::to_value(r),
            Self::Attestation(r) => serde_json::to_value(r),
            Self::Judgement(r) => serde_json::to_value(r),
            Self::Scope(r) => serde_json::to_value(r),
            Self::Measure(r) => serde_json::to_value(r),
            Self::Catalogue(r) => serde_json::to_value(r),
            Self::Incident(r) => serde_json::to_value(r),
            Self::IncidentJudgement(r) => serde_json::to_value(r),
            Self::Warning(r) => serde_json::to_value(r),
            Self::Notice(r) => serde_json::to_value(r),
            Self::Transfer(r) => serde_json::to_value(r),
            Self::TransferJudgement(r) => serde_json::to_value(r),
            Self::Registry(r) => serde_json::to_value(r),
            Self::SelectionJudgement(r) => serde_json::to_value(r),
        }
        .map_err(|e| CanonicalError::Shape(e.to_string()))
    }

    /// The subject: of an examination its file of items, of a registry its file of rows, of every other record its own predicate.
    fn subject(&self, predicate: &Value) -> Result<Subject, CanonicalError> {
        let (name, digest) = match self {
            Self::Examination(e) => ("items.jsonl", e.items.file),
            Self::Registry(r) => ("enterprises.jsonl", r.rows.file),
            _ => ("predicate.json", Digest::of(&canonical::to_vec(predicate)?)),
        };
        Ok(Subject { name: name.to_owned(), digest: Sha256Of { sha256: digest.hex() } })
    }

    /// The canonical bytes of the in-toto statement about this record: the DSSE payload.
    pub fn to_statement(&self) -> Result<Vec<u8>, CanonicalError> {
        let predicate = self.predicate()?;
        let statement = Statement {
            kind: STATEMENT_TYPE.to_owned(),
            subject: [self.subject(&predicate)?],
            predicate_type: self.kind().predicate_type().to_owned(),
            predicate,
        };
        canonical::to_vec(&statement)
    }

    /// Reads a record from the canonical bytes of a statement. Says nothing about who signed it.
    pub fn from_statement(bytes: &[u8]) -> Result<Self, StatementError> {
        let s: Statement = canonical::from_slice(bytes)?;
        if s.kind != STATEMENT_TYPE {
            return Err(StatementError::Type(s.kind));
        }
        let kind = RecordKind::ALL.into_iter().find(|k| k.predicate_type() == s.predicate_type);
        let kind = kind.ok_or(StatementError::Predicate(s.predicate_type))?;
        let p = s.predicate.clone();
        let read = match kind {
            RecordKind::Examination => serde_json::from_value(p).map(Self::Examination),
            RecordKind::Attestation => serde_json::from_value(p).map(Self::Attestation),
            RecordKind::Judgement => serde_json::from_value(p).map(Self::Judgement),
            RecordKind::Scope => serde_json::from_value(p).map(Self::Scope),
            RecordKind::Measure => serde_json::from_value(p).map(Self::Measure),
            RecordKind::Catalogue => serde_json::from_value(p).map(Self::Catalogue),
            RecordKind::Incident => serde_json::from_value(p).map(Self::Incident),
            RecordKind::IncidentJudgement => serde_json::from_value(p).map(Self::IncidentJudgement),
            RecordKind::Warning => serde_json::from_value(p).map(Self::Warning),
            RecordKind::Notice => serde_json::from_value(p).map(Self::Notice),
            RecordKind::Transfer => serde_json::from_value(p).map(Self::Transfer),
            RecordKind::TransferJudgement => serde_json::from_value(p).map(Self::TransferJudgement),
            RecordKind::Registry => serde_json::from_value(p).map(Self::Registry),
            RecordKind::SelectionJudgement => serde_json::from_value(p).map(Self::SelectionJudgement),
        };
        let record = read.map_err(|e| CanonicalError::Shape(e.to_string()))?;
        if record.subject(&s.predicate)? != s.subject[0] {
            return Err(StatementError::Subject);
        }
        // What reads must write the same bytes: an absent value spelled out (`"nonce":null`) is a second spelling.
        let again = record.to_statement()?;
        if again != bytes {
            let at = again.iter().zip(bytes).position(|(a, b)| a != b).unwrap_or(again.len().min(bytes.len()));
            return Err(CanonicalError::NotCanonical(at).into());
        }
        Ok(record)
    }

    /// The one thing that its entries are gathered by: an incident, a warning; of a message what it is about. The log keeps an index of it, so that one
    /// incident can be read without all others.
    #[must_use]
    pub fn about(&self) -> Option<&str> {
        match self {
            Self::Incident(e) => Some(&e.incident),
            Self::IncidentJudgement(j) => Some(&j.incident),
            Self::Warning(w) => Some(&w.warning),
            Self::Notice(n) => Some(&n.about),
            _ => None,
        }
    }

    /// The plan that a judgement (also of an incident) or catalogue was made under.
    #[must_use]
    pub fn plan(&self) -> Option<&PlanRef> {
        match self {
            Self::Judgement(j) => Some(&j.plan),
            Self::Catalogue(c) => Some(&c.plan),
            Self::IncidentJudgement(j) => Some(&j.plan),
            Self::TransferJudgement(j) => Some(&j.plan),
            Self::SelectionJudgement(j) => Some(&j.plan),
            _ => None,
        }
    }
}
