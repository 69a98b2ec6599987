//! The nouns of Watchfire and the bytes that they are signed as.
//!
//! A sensor emits [`Body`] values - observations and gaps - into a [`Sink`]. The node seals the items of one
//! run under a Merkle root in an [`Examination`], which is one signed envelope and one leaf of the log. People
//! speak through [`Attestation`], [`Scope`] and [`Measure`]; the judge answers with a [`Judgement`], which is a
//! record too. Every record has exactly one byte form ([`canonical`]): RFC 8785 without floats.
//!
//! Refused: a free-form `details` map. A value that is not in the dictionary ([`fact`]) cannot be judged, and a
//! field that nobody declared is where raw identifiers leak.
#![forbid(unsafe_code)]

mod attestation;
pub mod canonical;
mod catalogue;
mod challenge;
mod data;
mod delegation;
mod digest;
mod examination;
pub mod fact;
mod foreign;
mod found;
mod frozen;
pub mod guard_control;
mod id;
mod incident;
mod item;
mod judgement;
mod mask;
mod measure;
mod member;
mod opening;
mod order;
mod place;
mod programme;
mod progress;
mod record;
mod registry;
mod say;
mod scope;
mod sink;
mod stated;
mod time;
mod training;
mod transfer;
mod union;
mod warning;

pub use attestation::{Answer, Attestation, Authenticated, Author, Document, Factor};
pub use catalogue::{
    Asset, AssetClass, AssetGap, AssetLevel, AssetSize, AssetStanding, Carrier, CarrierKind, Catalogue, CatalogueRoot,
    Filing, GradedBy, Grading, LevelBasis, ListedAsset, ListedTexts, Listing, Span,
};
pub use challenge::{
    ChallengeEntry, ChallengeJudged, ChallengeMove, ChallengeVerdict, OpeningNumbers, OpeningOrder,
    ReobservationNumbers, ReobservationOrder, SealedAnswer, SeedCommitted, WitnessKind, Witnessed, seed_commitment,
};
pub use data::{Column, ColumnVerdict, Content, FormatTold, Why, WhyKind};
pub use delegation::{Delegation, DelegationScope};
pub use digest::{ContentDigest, Digest, DigestKey, DigestText, Hasher, KeyedDigest, KeyedDigester};
pub use examination::{Examination, ItemCounts, RunState, SensorRun, SubjectRef};
pub use fact::{FactDef, FactValue, Shape, Type, Unit};
pub use foreign::{ForeignReport, ForeignRow, ForeignStatus};
pub use found::{Band, Bands, Counts, Hits, Measured, OwnClass, Sample, SensitiveKind, Tally};
pub use frozen::{FORM_FORMAT, FrozenForm};
pub use id::{CategoryId, CheckId, ClassId, DetectorId, FactId, LevelId, NodeId, PlanId, ScenarioId, SensorId};
pub use incident::{
    Answered, Ask, ClockStanding, ClockState, Consent, Custody, FieldValue, FormMove, FormRef, FormStep, Grade,
    Happening, IncidentEntry, IncidentJudgement, Met, Moment, Opened, Reported, Response, Seen, StepTaken, Task,
    TaskState, Would,
};
pub use item::{Alert, Body, Covered, Fact, Gap, GapReason, Item, Origin, Severity};
pub use judgement::{
    Approved, CheckResult, Cited, Coverage, DataGroup, DataLevel, Doubt, Finding, FindingId, GapCount, Judgement,
    MeasureStanding, Outcome, PlanRef, Standing, Stands, Sure,
};
pub use mask::Masked;
pub use measure::{Measure, MeasureState};
pub use member::{Equivocation, Invitation, Member, MemberStanding, NodeRole, Part, Profile, Receipt, Received};
pub use opening::{ItemRoot, Opening, Sealed, leaf_hash, merkle_root, node_hash, seal};
pub use order::{FindingsGiven, FindingsWanted, Mending, OrderEntry, OrderMove, OrderText};
pub use place::{PathText, Place, Spot};
pub use programme::{
    CatalogueCounts, DrillCounts, ExaminedItems, IncidentCounts, MeasureCounts, ProgrammeEntry, ProgrammeReport,
    ProgrammeThing, ROLL_ROWS_MAX, Roll, RollRow, Rung, ScenarioCounts, ScopeShare, roll_file, roll_rows,
};
pub use progress::{
    CellCount, ClosedPeriod, GroupAmount, LateReport, ListRoot, MemberLine, ProgressEvidence, ProgressJudgement,
    RungAmount, TargetProgress, TogetherProgress,
};
pub use record::{PAYLOAD_TYPE, Record, RecordKind, STATEMENT_TYPE, Statement, StatementError};
pub use registry::{
    Adjust, Adjustment, CountFloor, DESIGNATED_SIZE_YUAN, ENTERPRISES_MAX, Enterprise, EnterpriseFile, Registry,
    SUPERVISORS, SelectionGroup, SelectionJudgement, SelectionReading, SelectionSums, enterprise_root, enterprises,
    supervisor_of,
};
pub use say::{Lang, Say};
pub use scope::{Scope, ScopeEntry, ScopeKind};
pub use sink::{MemoryState, Sink, SinkClosed, State};
pub use stated::{AdvisoryPack, KeyChange, Publisher, Staff, StaffEntry, StaffStanding};
pub use time::{Time, TimeError};
pub use training::{
    AttendanceBatch, AttendanceLine, Audience, BATCH_LINES_MAX, CertificateIssued, ConflictKind, CourseAdded,
    DOOR_MINUTES_MAX, DoorOpened, ExpertEntry, ExpertMove, SessionAdded, TakenBack, TestBatch, TestLine, TrainingEntry,
    TrainingMove, door_commitment, passes, read_training_lines, training_lines,
};
pub use transfer::{
    AuthorityRequest, CountryTable, Decided, ExporterStanding, Flow, FlowRow, FlowStanding, FlowState, FlowTable,
    Grant, Granted, Holds, InHand, NoteKind, PeopleCounted, Provided, ProvisionStanding, RequestMoved, RequestStanding,
    RequestStep, TransferEntry, TransferJudgement, TransferMove, TransferNeed, TransferNote, Way,
};
pub use union::{Merged, MergedSource, TWICE_MAX, Twice};
pub use warning::{Notice, NoticeState, WarningEntry, WarningMove, WarningText};
