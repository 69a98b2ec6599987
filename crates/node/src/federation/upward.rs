//! What of a log goes up with its content.

use evidence::{ChallengeMove, NodeRole, OrderMove, Record, RecordKind, Time, TrainingMove};

/// Kinds of records that may go up from somewhere; which do from a role is [`goes_up`]'s to say. An attestation is one only as a
/// change of keys.
pub(crate) const UPWARD: [RecordKind; 13] = [
    RecordKind::Attestation,
    RecordKind::ProgrammeReport,
    RecordKind::Member,
    RecordKind::Receipt,
    RecordKind::Equivocation,
    RecordKind::ProgrammeEntry,
    RecordKind::SelectionJudgement,
    RecordKind::Registry,
    RecordKind::Roll,
    RecordKind::Training,
    RecordKind::Expert,
    RecordKind::Challenge,
    RecordKind::Order,
];

/// True if a record goes up, with its content, from a node of this role.
pub(crate) fn goes_up(role: NodeRole, record: &Record) -> bool {
    let own = role != NodeRole::Plant;
    let authority = own && role != NodeRole::Group;
    match record {
        Record::Attestation(a) => a.as_key_change().is_some(),
        Record::ProgrammeReport(_) => !authority,
        // People stand in it as keyed digests alone, and the key stays below.
        Record::Training(_) | Record::Expert(_) => true,
        Record::Member(_) | Record::Receipt(_) | Record::Equivocation(_) => own,
        Record::ProgrammeEntry(_) | Record::SelectionJudgement(_) | Record::Roll(_) => authority,
        // A union is made of what came from below, and whoever is above has it from there.
        Record::Registry(r) => role == NodeRole::Province && r.merged.is_none(),
        // Answers of whoever reports; of an authority what it asked for and what came of it: counts.
        Record::Challenge(e) => match &e.what {
            ChallengeMove::Opened(_) => !authority,
            ChallengeMove::Witnessed(_) => false,
            ChallengeMove::Committed(_)
            | ChallengeMove::Drawn(_)
            | ChallengeMove::Ordered(_)
            | ChallengeMove::Judged(_) => own,
        },
        // To whoever issued the order, and nobody else (`Node::answers_order_of`).
        Record::Order(e) => e.what.is_of_enterprise(),
        _ => false,
    }
}

/// When a record that goes up says that it was made.
pub(crate) fn dated(record: &Record) -> Option<Time> {
    Some(match record {
        Record::Attestation(a) => a.stated_at,
        Record::ProgrammeReport(r) => r.as_of,
        Record::Member(m) => m.stated_at,
        Record::Receipt(r) => r.at,
        Record::Equivocation(e) => e.at,
        Record::ProgrammeEntry(e) => e.stated_at,
        Record::SelectionJudgement(j) => j.as_of,
        Record::Registry(r) => r.stated_at,
        Record::Roll(r) => r.stated_at,
        Record::Training(e) => e.stated_at,
        Record::Expert(e) => e.stated_at,
        Record::Challenge(e) => e.stated_at,
        Record::Order(e) => e.stated_at,
        _ => return None,
    })
}

/// The node that a record says it was made at, where it says so.
pub(crate) fn made_at(record: &Record) -> Option<&evidence::NodeId> {
    Some(match record {
        Record::Attestation(a) => &a.node,
        Record::ProgrammeReport(r) => &r.node,
        Record::Member(m) => &m.node,
        Record::Receipt(r) => &r.node,
        Record::Equivocation(e) => &e.node,
        Record::ProgrammeEntry(e) => &e.node,
        Record::Registry(r) => &r.node,
        Record::Roll(r) => &r.node,
        Record::Training(e) => &e.node,
        Record::Expert(e) => &e.node,
        Record::Challenge(e) => &e.node,
        Record::Order(e) => &e.node,
        _ => return None,
    })
}

/// The digest of bytes that go up beside a record.
pub(crate) fn artifact(record: &Record) -> Option<evidence::Digest> {
    match record {
        Record::Roll(r) => Some(r.packed),
        Record::Registry(r) => r.merged.is_none().then_some(r.packed),
        Record::Challenge(e) => match &e.what {
            ChallengeMove::Opened(answer) => Some(answer.sealed),
            _ => None,
        },
        Record::Order(e) => match &e.what {
            OrderMove::Given(given) => Some(given.sealed),
            _ => None,
        },
        Record::Training(e) => match &e.what {
            TrainingMove::Attendance(batch) => Some(batch.rows.file),
            TrainingMove::Test(batch) => Some(batch.rows.file),
            _ => None,
        },
        _ => None,
    }
}

/// Largest artifact that goes up beside its record, in bytes; a larger one stays, and the record alone goes up.
const ARTIFACT_BYTES_MAX: usize = 8 << 20;

/// Whether an artifact of so many bytes goes up beside its record.
pub(crate) fn artifact_goes_up(record: &Record, bytes: usize) -> bool {
    match record {
        Record::Registry(r) => crate::registry_up::rows_go_up(r, bytes),
        _ => bytes <= ARTIFACT_BYTES_MAX,
    }
}
