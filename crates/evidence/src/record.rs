//! The records: what is signed, one envelope each, as the predicate of an in-toto Statement v1.
//!
//! `docs/specs/evidence-v1.md` is the specification; the golden files under `tests/golden` must read for ever.
//! A record of version 1 has no field that the specification does not name: reading refuses unknown fields.

use crate::canonical::{self, CanonicalError};
use crate::{
    Attestation, Catalogue, ChallengeEntry, Digest, Equivocation, Examination, ExpertEntry, IncidentEntry,
    IncidentJudgement, Judgement, Measure, Member, Notice, OrderEntry, PlanRef, ProgrammeEntry, ProgrammeReport,
    ProgressJudgement, Receipt, Registry, Roll, Scope, SelectionJudgement, TrainingEntry, TransferEntry,
    TransferJudgement, WarningEntry,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One line a kind of record: its variant, its type and its in-toto `predicateType` - a URN, so that no domain name has to be
/// kept alive for it.
macro_rules! records {
    ($($(#[$doc:meta])+ $kind:ident($of:ty) = $urn:literal,)+) => {
        /// Every kind of record.
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub enum Record {
            $($(#[$doc])+ $kind($of),)+
        }
        /// The kind of a record, which is its `predicateType`.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum RecordKind {
            $($(#[$doc])+ $kind,)+
        }
        impl RecordKind {
            /// Every kind.
            pub const ALL: &[RecordKind] = &[$(Self::$kind),+];
            /// The in-toto `predicateType`.
            #[must_use]
            pub fn predicate_type(self) -> &'static str {
                match self {
                    $(Self::$kind => $urn,)+
                }
            }
            fn read(self, predicate: Value) -> Result<Record, serde_json::Error> {
                match self {
                    $(Self::$kind => serde_json::from_value(predicate).map(Record::$kind),)+
                }
            }
            fn read_bytes(self, predicate: &[u8]) -> Result<Record, serde_json::Error> {
                match self {
                    $(Self::$kind => serde_json::from_slice(predicate).map(Record::$kind),)+
                }
            }
        }
        impl Record {
            /// Which kind it is.
            #[must_use]
            pub fn kind(&self) -> RecordKind {
                match self {
                    $(Self::$kind(_) => RecordKind::$kind,)+
                }
            }
            fn predicate(&self) -> Result<Value, CanonicalError> {
                match self {
                    $(Self::$kind(r) => serde_json::to_value(r),)+
                }
                .map_err(|e| CanonicalError::Shape(e.to_string()))
            }
        }
    };
}
records! {
    /// Sensors looked at something.
    Examination(Examination) = "urn:watchfire:examination:v1",
    /// A person stated something.
    Attestation(Attestation) = "urn:watchfire:attestation:v1",
    /// The judge judged.
    Judgement(Box<Judgement>) = "urn:watchfire:judgement:v1",
    /// A person declared what the node is responsible for.
    Scope(Scope) = "urn:watchfire:scope:v1",
    /// A person decided on a corrective action or an exception.
    Measure(Measure) = "urn:watchfire:measure:v1",
    /// The judge drew up the data catalogue.
    Catalogue(Box<Catalogue>) = "urn:watchfire:catalogue:v1",
    /// Something was said about an incident.
    Incident(Box<IncidentEntry>) = "urn:watchfire:incident:v1",
    /// The judge graded an incident and set its clocks.
    IncidentJudgement(Box<IncidentJudgement>) = "urn:watchfire:incident-judgement:v1",
    /// Something was said about a warning.
    Warning(Box<WarningEntry>) = "urn:watchfire:warning:v1",
    /// A message went out, or did not.
    Notice(Notice) = "urn:watchfire:notice:v1",
    /// Something was said about storing and exporting user data.
    Transfer(Box<TransferEntry>) = "urn:watchfire:transfer:v1",
    /// The judge held transfers against the plan.
    TransferJudgement(Box<TransferJudgement>) = "urn:watchfire:transfer-judgement:v1",
    /// A registry of enterprises was brought in.
    Registry(Box<Registry>) = "urn:watchfire:registry:v1",
    /// The judge selected the key enterprises.
    SelectionJudgement(Box<SelectionJudgement>) = "urn:watchfire:selection-judgement:v1",
    /// A parent certified a child, or took that back.
    Member(Box<Member>) = "urn:watchfire:member:v1",
    /// A parent took in what a child sent.
    Receipt(Box<Receipt>) = "urn:watchfire:receipt:v1",
    /// A child signed two histories.
    Equivocation(Box<Equivocation>) = "urn:watchfire:equivocation:v1",
    /// A plant said where it stands.
    ProgrammeReport(Box<ProgrammeReport>) = "urn:watchfire:programme-report:v1",
    /// An authority stated something that counts for a target.
    ProgrammeEntry(Box<ProgrammeEntry>) = "urn:watchfire:programme-entry:v1",
    /// A table about many enterprises was brought in.
    Roll(Box<Roll>) = "urn:watchfire:roll:v1",
    /// The judge counted how far the programme has come.
    ProgressJudgement(Box<ProgressJudgement>) = "urn:watchfire:progress-judgement:v1",
    /// Something was said about training.
    Training(Box<TrainingEntry>) = "urn:watchfire:training:v1",
    /// Something was said about an expert.
    Expert(Box<ExpertEntry>) = "urn:watchfire:expert:v1",
    /// Something was said about an order to an enterprise.
    Order(Box<OrderEntry>) = "urn:watchfire:order:v1",
    /// Something was said about a challenge.
    Challenge(Box<ChallengeEntry>) = "urn:watchfire:challenge:v1",
}

/// `_type` of an in-toto Statement, version 1.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// `payloadType` of the DSSE envelope around it.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// What stands before and behind the predicate in the canonical bytes of a statement.
const BEFORE: &str = "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicate\":";
const BEHIND: &str = ",\"predicateType\":\"";

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
    /// The subject: of an examination its file of items, of a registry or roll its file of rows, of every other record its own predicate.
    fn subject(&self, predicate: &[u8]) -> Subject {
        let (name, digest) = match self {
            Self::Examination(e) => ("items.jsonl", e.items.file),
            Self::Registry(r) => ("enterprises.jsonl", r.rows.file),
            Self::Roll(r) => ("rows.jsonl", r.rows.file),
            _ => ("predicate.json", Digest::of(predicate)),
        };
        Subject { name: name.to_owned(), digest: Sha256Of { sha256: digest.hex() } }
    }

    /// The canonical bytes of the in-toto statement about this record: the DSSE payload.
    pub fn to_statement(&self) -> Result<Vec<u8>, CanonicalError> {
        let predicate = canonical::of_value(&self.predicate()?, 1)?;
        let subject = self.subject(&predicate);
        // Written as text around the predicate: all other values are constants and hexadecimal digits, so nothing needs escaping and the
        // order is visible here.
        let (kind, name, digest) = (self.kind().predicate_type(), subject.name, subject.digest.sha256);
        let tail =
            format!("{BEHIND}{kind}\",\"subject\":[{{\"digest\":{{\"sha256\":\"{digest}\"}},\"name\":\"{name}\"}}]}}");
        Ok([BEFORE.as_bytes(), &predicate, tail.as_bytes()].concat())
    }

    /// Reads a record from the canonical bytes of a statement. Says nothing about who signed it.
    pub fn from_statement(bytes: &[u8]) -> Result<Self, StatementError> {
        match Self::from_written(bytes) {
            Some(record) => Ok(record),
            None => Self::from_any(bytes),
        }
    }

    /// What this program writes, read without a detour: the record that lies where it would lie, if writing it gives these very bytes. That
    /// one comparison is the whole check: bytes that a record writes are canonical, of its type and about its subject.
    fn from_written(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > canonical::RECORD_BYTES_MAX {
            return None;
        }
        let rest = bytes.strip_prefix(BEFORE.as_bytes())?;
        let at = rest.windows(BEHIND.len()).rposition(|w| w == BEHIND.as_bytes())?;
        let (predicate, tail) = rest.split_at(at);
        let kind = tail.get(BEHIND.len()..)?.split(|b| *b == b'"').next()?;
        let kind = RecordKind::ALL.iter().copied().find(|k| k.predicate_type().as_bytes() == kind)?;
        let record = kind.read_bytes(predicate).ok()?;
        (record.to_statement().ok()? == bytes).then_some(record)
    }

    /// Everything else, step by step: says what is wrong with it.
    fn from_any(bytes: &[u8]) -> Result<Self, StatementError> {
        let s: Statement = canonical::from_slice(bytes)?;
        if s.kind != STATEMENT_TYPE {
            return Err(StatementError::Type(s.kind));
        }
        let kind = RecordKind::ALL.iter().copied().find(|k| k.predicate_type() == s.predicate_type);
        let kind = kind.ok_or(StatementError::Predicate(s.predicate_type))?;
        let read = kind.read(s.predicate.clone());
        let record = read.map_err(|e| CanonicalError::Shape(e.to_string()))?;
        if record.subject(&canonical::of_value(&s.predicate, 1)?) != s.subject[0] {
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
            Self::Order(o) => Some(&o.order),
            Self::Member(m) => Some(m.child.as_str()),
            Self::Receipt(r) => Some(r.child.as_str()),
            Self::Equivocation(e) => Some(e.child.as_str()),
            Self::Challenge(c) => Some(&c.challenge),
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
            Self::ProgrammeReport(r) => Some(&r.plan),
            Self::ProgressJudgement(j) => Some(&j.plan),
            _ => None,
        }
    }
}
