//! Records that are judged when they arrive: what is found wrong with them is a doubt in the receipt, and they count nothing.

use super::take::Taken;
use crate::registry_up::registry_doubts;
use evidence::{Doubt, Part, Record, RecordKind, Time};
use proof::Envelope;
use store::{Intake, Shipped, StoreError};

/// What is wrong with a record by itself.
pub(super) fn doubts(intake: &Intake<'_>, part: &Part, shipped: &Shipped, now: Time) -> Result<Vec<Doubt>, StoreError> {
    if ![RecordKind::ProgrammeReport, RecordKind::Registry].iter().any(|k| k.predicate_type() == shipped.kind) {
        return Ok(Vec::new());
    }
    let record = Envelope::from_json(&shipped.envelope).ok().and_then(|e| Record::from_statement(e.payload()).ok());
    Ok(match record {
        Some(Record::ProgrammeReport(report)) => judge::report_doubts(&report, now),
        Some(Record::Registry(registry)) => {
            let packed = match (**intake).artifact(registry.packed) {
                Ok(bytes) => Some(bytes),
                Err(StoreError::NotFound(_)) => None,
                Err(e) => return Err(e),
            };
            registry_doubts(part, &registry, packed.as_deref())
        }
        _ => Vec::new(),
    })
}

/// Whether a receipt of these names a registry.
pub(super) fn brought_registry(taken: &[Taken]) -> bool {
    let kind = RecordKind::Registry.predicate_type();
    let mut receipts = taken.iter().flat_map(|t| &t.said);
    receipts.any(|r| matches!(r, Record::Receipt(r) if r.records.iter().any(|n| n.kind == kind)))
}
