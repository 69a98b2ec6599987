//! Wires sensors to store to judge. The faces talk to [`Node`]; nothing below knows that it exists.
//!
//! This is the room that asks the system for the time, chance, accounts and files; everything that it hands down is
//! an argument there. Refused: a configuration file of what the node does: that is said by the verb or stands in the log. Whom
//! it tells on which way is the one exception ([`notify`]): telephone numbers and secrets do not belong in a log.
#![forbid(unsafe_code)]

pub mod accounts;
mod advise;
mod assessment;
mod audit;
mod bundle;
pub mod carried;
mod catalogue;
mod challenge;
mod compare;
mod data;
mod error;
mod examine;
mod federation;
mod findings;
pub mod fleet;
mod flows;
mod handed;
mod home;
mod hosts;
mod incident_forms;
mod incident_words;
mod incidents;
mod log;
mod measures;
mod newest;
pub mod notify;
mod oversight;
mod pages;
mod people;
mod policy;
mod programme;
mod published;
mod reach;
mod registry;
mod registry_up;
mod rules;
mod sbom;
mod signed;
mod staff;
mod statements;
mod tables;
mod take;
mod training;
mod transfers;
mod union;
mod warned;
mod warnings;
mod watch;

pub use advise::{ImportedPack, KeptPack};
pub use assessment::{Assessment, assessment_fields};
pub use attest::Typed as ScopeTyped;
pub use audit::AuditReport;
pub use bundle::{EVIDENCE_BYTES_MAX, FORMAT, Verdict, verify};
pub use catalogue::{Decision, ImportedList, Kept, catalogue_read, find as find_asset};
pub use challenge::{
    ANSWER_FILE_BYTES_MAX, AnsweredOrder, Answering, CHALLENGE_DAYS, ChallengeState, KeptChallenge,
    ORDER_FILE_BYTES_MAX, OrderWanted, SignedChallenge, Ticket, TicketRun, Took, WITNESS_FILE_BYTES_MAX, Words,
    witness_ticket,
};
pub use compare::{COMPARED_MAX, Compared, ComparedReading, Differing};
pub use data::{Traced, target};
pub use discover::Reading;
pub use error::NodeError;
pub use examine::{Depth, Examined, How, Order, Seen};
pub use federation::{
    Answered, Built, CODE_CHARS, CODE_DAYS, Calling, Code, Covered, ENROL_BYTES_MAX, Enrolled, InvitationState,
    KeptInvitation, KeptMember, LEAVES_MAX, Line, LineFault, Owed, PACKAGE_BYTES_MAX, Parent, Preview, PreviewRecord,
    RECORDS_MAX, ReceiptsFile, ReceivedRecord, SAY_KEYS, SubmitState, Submitted, covered, http_line, http_line_with,
    wire_read,
};
pub use findings::{Became, FindingNow, ShownBy};
pub use flows::{ImportedCountries, KeptCountries, ObservedLogs};
pub use home::{account, document, home, now, read, write};
pub use hosts::{FoundAgain, Judged, Subject};
pub use incident_forms::{Drafting, FormDone, Profile, code_of, form_reference, form_shown};
pub use incident_words::{
    actors, answer, branches, check_profile, dimension, instant, moments, optional_text, owed, text,
};
pub use incidents::{IncidentFile, KeptIncident, Opening, TEXT_CHARS_MAX, Touched};
pub use inspect::Target;
pub use log::{CITED_LOOKED_MAX, Cited, LogLine, LogPage, LoggedRecord};
pub use measures::{Exception, KeptMeasure, MeasureChange, Recorded, Wanted};
pub use oversight::{
    FindingsPreview, Looking, NewAnswer, NewOrder, NewWanted, OpenedFindings, OrderFile, TookOrder, order_file_check,
};
pub use pages::{
    CaughtShown, Counts, EnterpriseFilter, EnterpriseLife, EnterprisePage, EnterpriseSort, Followed, MatterPage, Pages,
    PagesChecked, ProgressShown, ReceiptPage, ReceiptShown, Scope, TargetSeries, TrainingShown,
};
pub use people::{OpenAnswer, ScopeSet, answers_value, document_said, open_answers};
pub use policy::{load as load_plan, source as plan_source, write as write_plan};
pub use programme::{
    Counting, ImportedRoll, KeptEntry, KeptProgress, KeptReportUp, KeptRoll, NewEntry, PROGRESS_PROOF_FORMAT, Period,
    ProofChecked, ReturnState, Returning, TemplateOrder, progress_verify,
};
pub use published::TookPack;
pub use registry::{
    AdjustmentMade, EnterpriseRow, Explained, Explanation, ImportOrder, ImportedSnapshot, KeptRegistry, KeptSelection,
    PageOrder, RowsFrom, SelectedRows, area_code,
};
#[doc(hidden)]
pub use registry_up::registry_rows_probe;
pub use rules::{RuleFault, Tried, rules_test};
pub use staff::StaffSet;
pub use statements::{KeptReport, Told};
pub use store::{
    Access, AccessFilter, AccessPage, AccountDelegation, ApiToken, KeptReceipt, PendingAct, SavedView, SessionRow,
};
pub use tables::{RebuiltTables, RegistrySums, TableSeen, TablesSeen};
pub use training::{
    Attended, BadgeVerdict, DoorCode, ExpertOrder, IssuedBadge, KeptExpert, KeptSession, KnownCourse, Marked, Paper,
    PoolEntry, Revoked, badge_key, badge_key_said, badge_said, verify_badge,
};
pub use transfers::{ImportedTransfers, TransferRegister, people_said};
pub use union::{ReceivedRegistry, UnionMade};
pub use warned::{TookWarning, warning_file_check};
pub use warnings::{WantedWarning, WarningFile, area, own_actors, sector, warning_level};
pub use watch::{Noticed, Watch};

use evidence::{Author, Digest, NodeId, Record};
use proof::Witness;
use report::ProofSummary;
use std::path::Path;
use std::sync::Arc;
use store::{Cache, Role, Store, StoreError, Submission};

/// A node: its home, opened. A clone is the same node.
#[derive(Clone)]
pub struct Node {
    store: Arc<Store>,
    cache: Arc<Cache>,
    /// Nodes above and below.
    federation: Arc<federation::Federation>,
    /// Where the read tables are.
    tables: Arc<tables::Tables>,
    /// Who acts through this clone; `None`: whoever runs the program.
    acting: Option<Arc<Author>>,
}

/// A record that is in the log, or durably on its way there.
pub(crate) struct Appended {
    pub(crate) witness: Witness,
    pub(crate) envelope: proof::Envelope,
}

impl Node {
    /// Opens the node in `home`; makes it, with its keys, at first use. `given` opens protected keys and protects keys
    /// that are made; `ask` is asked only if the keys are protected and nothing was given.
    pub fn open(home: &Path, given: Option<String>, ask: &dyn Fn() -> Option<String>) -> Result<Self, NodeError> {
        Self::open_with(home, given, ask, &store::Options::default())
    }

    /// The same with options of the store; their passphrase is not looked at.
    pub fn open_with(
        home: &Path,
        given: Option<String>,
        ask: &dyn Fn() -> Option<String>,
        options: &store::Options,
    ) -> Result<Self, NodeError> {
        let open = |passphrase| Store::open_with(home, store::Options { passphrase, ..options.clone() });
        let mut store = open(given)?;
        // Protected keys open without a passphrase too, for reading; a node that is to write asks for it now.
        if matches!(store.keys().digest_key(), Err(StoreError::KeysLocked)) {
            store = open(Some(ask().ok_or(StoreError::KeysLocked)?))?;
        }
        Ok(Self::with(store, Cache::open(home), tables::Tables::new(home), federation::Federation::new(true)))
    }

    /// Opens the node for reading only: makes nothing but read tables (a cache), asks for nothing.
    pub fn open_read_only(home: &Path) -> Result<Self, NodeError> {
        let (cache, federation) = (Cache::none(), federation::Federation::new(false));
        Ok(Self::with(Store::open_read_only(home)?, cache, tables::Tables::new(home), federation))
    }

    fn with(store: Store, cache: Cache, tables: tables::Tables, federation: federation::Federation) -> Self {
        Self {
            store: Arc::new(store),
            cache: Arc::new(cache),
            tables: Arc::new(tables),
            federation: Arc::new(federation),
            acting: None,
        }
    }

    /// The same node, through which `author` acts: what is stated through it is stated by that person, whatever name is typed.
    #[must_use]
    pub fn acting(&self, author: Author) -> Self {
        Self { acting: Some(Arc::new(author)), ..self.clone() }
    }

    /// The node's id: the id of its first evidence key.
    #[must_use]
    pub fn id(&self) -> NodeId {
        self.store.keys().node()
    }

    /// The room that keeps the log, for the verbs that show it.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Signs a record and appends it; `artifacts` are kept by their digest beside it. What comes back is what anybody
    /// would read from the log: verified, not merely remembered.
    pub(crate) fn append(
        &self,
        record: &Record,
        items: Option<Vec<u8>>,
        artifacts: Vec<Vec<u8>>,
    ) -> Result<Appended, NodeError> {
        let envelope = self.store.sign(record)?;
        let batch = [Submission { envelope: envelope.clone(), items, artifacts }];
        self.store.append(&batch)?;
        let refused = |e: proof::ProofError| NodeError::Internal(e.to_string());
        let record = proof::verify_envelope(&envelope, &self.store.keys().evidence_keys()).map_err(refused)?;
        let items = match (self.store.take_opened(record.leaf()), &batch[0].items) {
            (Some(items), _) => Some(items),
            // Records of others that waited in the spool were verified after this one.
            (None, Some(lines)) => Some(proof::open_items(&record, lines).map_err(refused)?),
            (None, None) => None,
        };
        Ok(Appended { witness: Witness { record, items }, envelope })
    }

    /// Signs records and appends them, all or none.
    pub(crate) fn append_all(&self, records: &[Record]) -> Result<Vec<Witness>, NodeError> {
        let envelopes: Vec<_> = records.iter().map(|r| self.store.sign(r)).collect::<Result<_, _>>()?;
        let submission =
            |envelope: &proof::Envelope| Submission { envelope: envelope.clone(), items: None, artifacts: Vec::new() };
        self.store.append(&envelopes.iter().map(submission).collect::<Vec<_>>())?;
        let keys = self.store.keys().evidence_keys();
        let refused = |e: proof::ProofError| NodeError::Internal(e.to_string());
        let verified = envelopes.iter().map(|e| proof::verify_envelope(e, &keys).map_err(refused));
        verified.map(|record| Ok(Witness { record: record?, items: None })).collect()
    }

    /// Index of a record in the log; `None` while it waits in the spool.
    pub(crate) fn index(&self, leaf: Digest) -> Result<Option<u64>, NodeError> {
        match self.store.inclusion(leaf) {
            Ok(found) => Ok(Some(found.index)),
            Err(StoreError::NotFound(_)) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// Where an examination and its judgement stand in the log.
    pub(crate) fn proof_summary(&self, examination: Digest, judgement: Digest) -> Result<ProofSummary, NodeError> {
        let (examination_index, judgement_index) = (self.index(examination)?, self.index(judgement)?);
        let checkpoint = self.store.checkpoint()?;
        let keys = self.store.keys();
        Ok(ProofSummary {
            key_id: NodeId::new(keys.current(Role::Evidence).id()),
            log_origin: keys.origin(),
            examination_index,
            judgement_index,
            tree_size: checkpoint.as_ref().map_or(0, proof::Checkpoint::size),
            root: checkpoint.as_ref().map_or_else(|| Digest::of(b""), proof::Checkpoint::root),
            checkpoint_time: now(),
            time_is_self_declared: true,
            spooled: examination_index.is_none() || judgement_index.is_none(),
        })
    }
}
