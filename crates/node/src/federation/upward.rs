//! What of a log goes up with its content, and what can be found wrong in it by itself.

use evidence::{Doubt, NodeRole, ProgrammeReport, Record, RecordKind, Say, Time};

/// Kinds of records that may go up from somewhere; which do from a role is [`goes_up`]'s to say. An attestation is one only as a
/// change of keys.
pub(crate) const UPWARD: [RecordKind; 8] = [
    RecordKind::Attestation,
    RecordKind::ProgrammeReport,
    RecordKind::Member,
    RecordKind::Receipt,
    RecordKind::Equivocation,
    RecordKind::ProgrammeEntry,
    RecordKind::SelectionJudgement,
    RecordKind::Roll,
];

/// True if a record goes up, with its content, from a node of this role.
pub(crate) fn goes_up(role: NodeRole, record: &Record) -> bool {
    let own = role != NodeRole::Plant;
    let authority = own && role != NodeRole::Group;
    match record {
        Record::Attestation(a) => a.as_key_change().is_some(),
        Record::ProgrammeReport(_) => !authority,
        Record::Member(_) | Record::Receipt(_) | Record::Equivocation(_) => own,
        Record::ProgrammeEntry(_) | Record::SelectionJudgement(_) | Record::Roll(_) => authority,
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
        Record::Roll(r) => r.stated_at,
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
        Record::Roll(r) => &r.node,
        _ => return None,
    })
}

/// The digest of bytes that go up beside a record.
pub(crate) fn artifact(record: &Record) -> Option<evidence::Digest> {
    match record {
        Record::Roll(r) => Some(r.packed),
        _ => None,
    }
}

/// What does not follow from a report itself: numbers that cannot be, a date after `received`. A report with doubts is kept and
/// counts nothing.
#[must_use]
pub fn programme_doubts(report: &ProgrammeReport, received: Time) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let mut doubt = |say: Say| doubts.push(Doubt { say, cited: None });
    let say = |key: &str| Say::new(format!("doubt.{key}"));
    for s in &report.scope {
        if s.examined > s.declared {
            let say = say("report-examined-over-declared").with("value", &s.kind);
            doubt(say.with("examined", s.examined).with("declared", s.declared));
        }
    }
    if let Some(c) = &report.catalogue {
        let all = c.levels.values().fold(c.ungraded, |sum, n| sum.saturating_add(*n));
        if c.confirmed > all {
            doubt(say("report-confirmed-over-assets").with("confirmed", c.confirmed).with("assets", all));
        }
        if c.as_of > report.as_of {
            doubt(say("report-catalogue-later").with("date", c.as_of.date()).with("as_of", report.as_of.date()));
        }
        if !report.cites.contains(&c.leaf) {
            doubt(say("report-catalogue-not-cited"));
        }
    }
    if report.measures.overdue > report.measures.open {
        let m = &report.measures;
        doubt(say("report-overdue-over-open").with("overdue", m.overdue).with("open", m.open));
    }
    if report.as_of > received {
        doubt(say("report-from-the-future").with("as_of", report.as_of).with("received", received));
    }
    if !report.cites.is_sorted_by(|a, b| a < b) {
        doubt(say("report-cites-twice"));
    }
    doubts
}

/// Every doubt of [`programme_doubts`] with what fills it, for the test of the words.
pub(crate) const DOUBTS: &[(&str, &[&str])] = &[
    ("doubt.report-examined-over-declared", &["value", "examined", "declared"]),
    ("doubt.report-confirmed-over-assets", &["confirmed", "assets"]),
    ("doubt.report-catalogue-later", &["date", "as_of"]),
    ("doubt.report-catalogue-not-cited", &[]),
    ("doubt.report-overdue-over-open", &["overdue", "open"]),
    ("doubt.report-from-the-future", &["as_of", "received"]),
    ("doubt.report-cites-twice", &[]),
];
