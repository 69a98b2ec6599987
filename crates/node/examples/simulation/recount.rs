//! What is above, counted again without the code that took it in: rows by SQL, signatures and leaves by `proof`, and the audits.

use crate::Ministry;
use crate::province::Province;
use evidence::{Digest, NodeId, Record, RecordKind};
use node::Node;
use proof::{Envelope, PublicKey};
use rusqlite::{Connection, OpenFlags};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use stdx::Stop;

/// What came of counting.
pub(crate) struct Counted {
    pub(crate) lines: Vec<(&'static str, String)>,
    pub(crate) holds: bool,
}

/// Reports that a mirror holds.
#[derive(Default)]
struct Held {
    rows: u64,
    /// Of plants that the simulation made.
    known: u64,
    /// Whose, and its leaf, made again from the envelope under the key that the plant itself has.
    all: BTreeSet<(NodeId, Digest)>,
}

fn held(home: &Path, sql: &str, keys: &HashMap<NodeId, Vec<PublicKey>>) -> Held {
    let db = Connection::open_with_flags(home.join("mirror.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut query = db.prepare(sql).unwrap();
    let urn = RecordKind::ProgrammeReport.predicate_type();
    let rows = query.query_map([urn], |r| Ok((r.get::<_, String>(0)?, r.get::<_, Vec<u8>>(1)?))).unwrap();
    let mut held = Held::default();
    for row in rows {
        let (node, envelope) = row.unwrap();
        let node = NodeId::new(node);
        held.rows += 1;
        // Of plants that the simulation did not make, a province's inventions, there is no key to ask for.
        let Some(known) = keys.get(&node) else { continue };
        let record = proof::verify_envelope(&Envelope::from_json(&envelope).unwrap(), known).unwrap();
        let Record::ProgrammeReport(report) = record.value() else { panic!("not a report") };
        assert_eq!(report.node, node);
        held.known += 1;
        held.all.insert((node, record.leaf()));
    }
    held
}

const OWN: &str = "SELECT c.node, s.envelope FROM shipped s JOIN children c ON c.id = s.child WHERE s.kind = ?1";
const BROUGHT: &str = "SELECT node, envelope FROM nested WHERE kind = ?1";

pub(crate) fn all(ministry: &Ministry, provinces: &[Province]) -> Counted {
    let mut keys: HashMap<NodeId, Vec<PublicKey>> = HashMap::new();
    provinces.iter().for_each(|p| keys.extend(p.keys.clone()));
    let (mut acknowledged, mut signed) = (BTreeSet::new(), BTreeSet::new());
    let (mut missing_below, mut at_provinces, mut twice, mut unclean) = (0, BTreeSet::new(), 0, Vec::new());
    for p in provinces {
        let own: BTreeSet<_> = p.acknowledged.iter().map(|a| (a.plant.clone(), a.leaf)).collect();
        let here = held(&p.home, OWN, &keys);
        twice += here.known - here.all.len() as u64;
        missing_below += own.difference(&here.all).count();
        at_provinces.extend(here.all);
        acknowledged.extend(own);
        signed.extend(p.signed.iter().map(|a| (a.plant.clone(), a.leaf)));
        unclean.extend(problems(p.node()).into_iter().map(|why| format!("{}: {why}", p.area)));
    }
    let Held { rows: count, known, all: above } = held(&ministry.home, BROUGHT, &keys);
    twice += known - above.len() as u64;
    let invented = ministry.with(|m| m.received(RecordKind::ProgrammeReport).unwrap()).len() as u64;
    let missing_above = acknowledged.difference(&above).count();
    unclean.extend(ministry.with(problems));
    let strangers = above.difference(&signed).count();
    let lines = vec![
        ("reports that plants hold a receipt for", acknowledged.len().to_string()),
        ("of these not held by their province", missing_below.to_string()),
        ("of these not held by the ministry", missing_above.to_string()),
        ("reports at provinces, of plants that exist", at_provinces.len().to_string()),
        ("rows beyond one for each report, at provinces and at the ministry", twice.to_string()),
        (
            "reports at the ministry, of plants that exist; all rows; all that it counts",
            format!("{}; {count}; {invented}", above.len()),
        ),
        ("reports at the ministry that no plant signed in the simulation", strangers.to_string()),
        (
            "problems that the audits of the ministry and of all provinces name",
            format!("{} {}", unclean.len(), unclean.join("; ")),
        ),
    ];
    let holds = missing_below == 0
        && missing_above == 0
        && twice == 0
        && strangers == 0
        && unclean.is_empty()
        && count == invented
        && !acknowledged.is_empty();
    Counted { lines, holds }
}

fn problems(node: &Node) -> Vec<String> {
    let report = node.audit(&stdx::Silent, &Stop::new()).unwrap();
    report.problems.into_iter().map(|say| format!("{say:?}")).collect()
}

pub(crate) fn folder_bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|e| if e.path().is_dir() { folder_bytes(&e.path()) } else { e.metadata().unwrap().len() }).sum()
}
