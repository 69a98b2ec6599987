//! A bill of materials as an examination (docs/specs/sbom-v1.md).
//!
//! What the document says becomes the facts that a sensor would have said of the same software, held against the packs like any
//! other; the sensor's name tells that nobody saw it, and the judge calls what follows *documented*. The document's digest stands
//! in the examination and at every fact.

use crate::examine::{Observed, sensor_run};
use crate::take::{ITEMS_MAX, Take};
use crate::{Node, NodeError, home};
use advise::sbom::{Bill, Limits, Part};
use evidence::{
    Body, Covered, Digest, Fact, FactValue, Gap, GapReason, PathText, Place, RunState, Sink as _, Spot, SubjectRef,
    Time,
};
use std::collections::BTreeMap;
use std::path::Path;
use stdx::{Progress, Stop};

impl Node {
    /// The examination that a bill of materials makes, ready to be signed. `name` names its subject, or picks one.
    pub(crate) fn bill(
        &self,
        path: &Path,
        name: Option<&str>,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<Observed, NodeError> {
        let started = home::now();
        let limits = Limits::default();
        let bytes = home::read(path, limits.file_bytes_max as u64)?;
        let refused = |e: advise::sbom::SbomError| NodeError::NotABill(path.to_owned(), e.to_string());
        let bill = advise::sbom::read(&bytes, name, &limits).map_err(refused)?;
        let file = path.file_name().unwrap_or(path.as_os_str());
        let digest = Digest::of(&bytes);
        let at = Place::file(PathText::from_bytes(file.as_encoded_bytes())).digest(digest);
        let take = Take::new(ITEMS_MAX, progress);
        for body in bodies(&bill, &at) {
            let _ = take.put(body);
        }
        let mut bodies = take.finish(stop).map_err(NodeError::Internal)?;
        // Whoever can read the document has read all of it.
        let mut sensors = vec![sensor_run("sbom", Digest::of(b""), true)];
        sensors.extend(self.advise(&mut bodies, true)?);
        let subject =
            SubjectRef { host: bill.name, machine: None, root: None, folders: Vec::new(), carried: Some(digest) };
        let state = if stop.requested() { RunState::Stopped } else { RunState::Complete };
        self.seal(bodies, subject, (started, home::now()), state, sensors)
    }
}

/// Every fact of a bill, and for each table that it was seen to the end or what is missing from it.
fn bodies(bill: &Bill, at: &Place) -> Vec<Body> {
    let component =
        |number: u64| Place { spot: Some(Spot::Field { column: "component".to_owned(), row: number }), ..at.clone() };
    let fact = |id: &str, value: FactValue, at: Place| Body::Fact(Fact { fact: id.into(), value, at });
    let mut out = vec![fact("sbom.document", document(bill, at), at.clone())];
    if let Some((id, release)) = &bill.system {
        out.push(fact("os.id", attest::clean(id).into(), at.clone()));
        if !release.is_empty() {
            out.push(fact("os.version", attest::clean(release).into(), at.clone()));
        }
    }
    for part in &bill.parts {
        out.push(fact(table(part), row(part), component(part.number)));
    }
    for number in &bill.bad {
        // A component without a name: nobody knows which table it belongs to.
        for table in TABLES {
            let what = format!("fact:{table}");
            out.push(Body::Gap(Gap { what, reason: GapReason::Corrupt, at: Some(component(*number)), count: 1 }));
        }
    }
    out.push(covered("sbom.document", 1));
    out.extend(TABLES.into_iter().flat_map(|table| closed(bill, table, at)));
    out
}

/// Tables that a bill speaks of.
const TABLES: [&str; 2] = ["library", "package"];

fn table(part: &Part) -> &'static str {
    if part.manager.is_some() { "package" } else { "library" }
}

fn covered(table: &str, found: u64) -> Body {
    Body::Covered(Covered { what: format!("fact:{table}"), counts: BTreeMap::from([("found".into(), found)]) })
}

/// That a table was seen to its end, or what the whole document leaves open of it.
fn closed(bill: &Bill, name: &str, at: &Place) -> Vec<Body> {
    let of = || bill.parts.iter().filter(|p| table(p) == name);
    // Who names nothing of a kind does not say that there is nothing of it. What the document is about is not in it.
    let unnamed = u64::from(of().all(|p| p.subject));
    // A file may be a library that nobody named.
    let files = if name == "library" { bill.files } else { 0 };
    let gaps = [(GapReason::Missing, unnamed + bill.incomplete), (GapReason::Unsupported, files)];
    let gap = |(reason, count)| Body::Gap(Gap { what: format!("fact:{name}"), reason, at: Some(at.clone()), count });
    let mut out: Vec<Body> = gaps.into_iter().filter(|g| g.1 > 0).map(gap).collect();
    if out.is_empty() && bill.bad.is_empty() {
        out.push(covered(name, of().count() as u64));
    }
    out
}

fn count(n: usize) -> FactValue {
    i64::try_from(n).unwrap_or(i64::MAX).into()
}

fn document(bill: &Bill, at: &Place) -> FactValue {
    let held = bill.parts.iter().filter(|p| p.ecosystem.is_some()).count();
    let about = attest::clean(&format!("{} {}", bill.name, bill.version));
    let mut row = BTreeMap::from([
        ("document".to_owned(), FactValue::from(at.path.as_str())),
        ("form".to_owned(), bill.form.as_str().into()),
        ("about".to_owned(), about.into()),
        ("components".to_owned(), count(bill.parts.len() + bill.bad.len())),
        ("held".to_owned(), count(held)),
        ("files".to_owned(), i64::try_from(bill.files).unwrap_or(i64::MAX).into()),
    ]);
    if let Some(made) = bill.made {
        row.insert("made".to_owned(), FactValue::time(Time::from_secs(made)));
    }
    if !bill.maker.is_empty() {
        row.insert("maker".to_owned(), attest::clean(&bill.maker).into());
    }
    FactValue::Row(row)
}

fn row(part: &Part) -> FactValue {
    let mut row = BTreeMap::from([("name".to_owned(), FactValue::from(part.name.as_str()))]);
    let mut with = |field: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            row.insert(field.to_owned(), value.into());
        }
    };
    with("version", Some(&part.version));
    with("manager", part.manager);
    with("arch", part.arch.as_deref());
    with("ecosystem", part.ecosystem.as_deref());
    with("source", part.source.as_ref().map(|s| s.0.as_str()));
    with("source_version", part.source.as_ref().and_then(|s| s.1.as_deref()));
    if part.packaged && part.manager.is_none() {
        row.insert("packaged".to_owned(), true.into());
    }
    FactValue::Row(row)
}
