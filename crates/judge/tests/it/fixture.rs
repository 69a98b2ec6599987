//! Signed records from facts in a few words.

use evidence::{
    Answer, Attestation, Authenticated, Author, Bands, Body, CheckId, ClassId, Covered, Digest, Document, Examination,
    Fact, FactId, FactValue, Gap, GapReason, ItemCounts, Measure, MeasureState, NodeId, Origin, PathText, Place,
    Record, RunState, Scope, ScopeEntry, ScopeKind, SensorId, SensorRun, SubjectRef, Tally, Time, seal,
};
use plan::CheckedPlan;
use proof::{Envelope, KeyKind, PublicKey, Witness, open_items, verify_envelope};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use std::collections::BTreeMap;
use std::sync::LazyLock;

pub(crate) static PLAN: LazyLock<CheckedPlan> =
    LazyLock::new(|| plan::check(&plan::builtin()).expect("the built-in plan is checked by its own room"));

/// A throw-away key, new for each run of the tests.
static KEY: LazyLock<(EcdsaKeyPair, SystemRandom)> = LazyLock::new(|| {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random).unwrap();
    (pair, random)
});

pub(crate) fn t(text: &str) -> Time {
    Time::from_date(text).unwrap()
}

pub(crate) fn node() -> NodeId {
    NodeId::from("node-1")
}

pub(crate) fn public_key() -> PublicKey {
    PublicKey::from_raw(KeyKind::EcdsaP256, KEY.0.public_key().as_ref()).unwrap()
}

pub(crate) fn envelope(record: &Record) -> Envelope {
    let (pair, random) = &*KEY;
    let key = public_key();
    let statement = record.to_statement().unwrap();
    let unsigned = Envelope::new(statement.clone(), key.id().to_owned(), Vec::new());
    let sig = pair.sign(random, &unsigned.pae()).unwrap();
    Envelope::new(statement, key.id().to_owned(), sig.as_ref().to_vec())
}

fn sign(record: &Record, lines: Option<&[u8]>) -> Witness {
    let record = verify_envelope(&envelope(record), &[public_key()]).unwrap();
    let items = lines.map(|l| open_items(&record, l).unwrap());
    Witness { record, items }
}

/// An examination under construction.
#[derive(Clone)]
pub(crate) struct Exam {
    pub(crate) host: &'static str,
    pub(crate) ended: Time,
    pub(crate) started: Time,
    pub(crate) origin: Origin,
    pub(crate) state: RunState,
    pub(crate) privileged: bool,
    pub(crate) sensor: &'static str,
    pub(crate) root: Option<&'static str>,
    pub(crate) folders: Vec<&'static str>,
    pub(crate) bodies: Vec<Body>,
}
impl Exam {
    pub(crate) fn of(host: &'static str, date: &str) -> Self {
        Self {
            host,
            ended: t(date),
            started: t(date),
            origin: Origin::Live,
            state: RunState::Complete,
            privileged: true,
            sensor: "inspect",
            root: None,
            folders: Vec::new(),
            bodies: Vec::new(),
        }
    }
    pub(crate) fn one(mut self, id: &str, value: impl Into<FactValue>) -> Self {
        let fact = Fact { fact: FactId::from(id), value: value.into(), at: Place::file("/etc/x").line(3) };
        self.bodies.push(Body::Fact(fact));
        self
    }
    pub(crate) fn row<const N: usize>(mut self, id: &str, fields: [(&str, FactValue); N]) -> Self {
        let at = Place::file("/etc/y");
        self.bodies.push(Body::Fact(Fact { fact: FactId::from(id), value: FactValue::row(fields), at }));
        self
    }
    pub(crate) fn covered(mut self, id: &str) -> Self {
        self.bodies.push(Body::Covered(Covered { what: format!("fact:{id}"), counts: BTreeMap::new() }));
        self
    }
    pub(crate) fn folder(mut self, root: &str, files: u64) -> Self {
        let counts = BTreeMap::from([("files".to_owned(), files), ("folders".to_owned(), 0)]);
        self.bodies.push(Body::Covered(Covered { what: format!("folder:{root}"), counts }));
        self
    }
    pub(crate) fn gap_at(mut self, root: &str, at: &str, reason: GapReason) -> Self {
        let what = format!("folder:{root}");
        self.bodies.push(Body::Gap(Gap { what, reason, at: Some(Place::file(at)), count: 1 }));
        self
    }
    pub(crate) fn gap(mut self, what: &str, reason: GapReason) -> Self {
        self.bodies.push(Body::Gap(Gap { what: what.to_owned(), reason, at: None, count: 2 }));
        self
    }
    pub(crate) fn tally(mut self, class: &str, root: &'static str, bands: [u64; 3], distinct: u64) -> Self {
        let bands = Bands { high: bands[0], medium: bands[1], low: bands[2] };
        let root = PathText::from(root);
        let class = ClassId::from(class);
        self.bodies.push(Body::Tally(Tally {
            class,
            root,
            files: 4,
            bands,
            distinct,
            distinct_is_floor: false,
            own: None,
        }));
        self
    }
    pub(crate) fn body(mut self, body: Body) -> Self {
        self.bodies.push(body);
        self
    }
    pub(crate) fn in_folders(mut self, folders: &[&'static str]) -> Self {
        self.folders = folders.to_vec();
        self
    }
    pub(crate) fn sign(&self) -> Witness {
        let sealed = seal(&self.bodies, &[7; 32]).unwrap();
        let mut counts = ItemCounts::default();
        let mut written = self.bodies.clone();
        written.sort();
        written.dedup();
        for b in &written {
            match b {
                Body::Fact(_) => counts.facts += 1,
                Body::Covered(_) => counts.covered += 1,
                Body::Hits(_) => counts.hits += 1,
                Body::Tally(_) => counts.tallies += 1,
                Body::Gap(_) => counts.gaps += 1,
                Body::Alert(_) => counts.alerts += 1,
                Body::Column(_) => counts.columns += 1,
                Body::Content(_) => counts.contents += 1,
                Body::Measured(_) => counts.measured += 1,
            }
        }
        let sensor = SensorRun {
            sensor: SensorId::from(self.sensor),
            version: "1".to_owned(),
            rules: Digest::of(b"rules"),
            privileged: self.privileged,
        };
        let examination = Examination {
            node: node(),
            subject: SubjectRef {
                host: self.host.to_owned(),
                machine: None,
                root: self.root.map(PathText::from),
                folders: self.folders.iter().map(|f| PathText::from(*f)).collect(),
                carried: None,
            },
            origin: self.origin,
            started: self.started,
            ended: self.ended,
            state: self.state,
            sensors: vec![sensor],
            items: sealed.root,
            counts,
            nonce: None,
        };
        sign(&Record::Examination(examination), Some(&sealed.lines))
    }
}

/// Any record, signed.
pub(crate) fn sign_record(record: &Record) -> Witness {
    sign(record, None)
}

/// A statement about the catalogue.
pub(crate) fn stated(date: &str, what: impl FnOnce(NodeId, Author, Time) -> Attestation) -> Witness {
    sign(&Record::Attestation(what(node(), author(), t(date))), None)
}

/// A catalogue, signed.
pub(crate) fn signed(c: &evidence::Catalogue) -> Witness {
    sign(&Record::Catalogue(Box::new(c.clone())), None)
}

fn author() -> Author {
    let authenticated = Authenticated::OsAccount { account: "officer".to_owned(), uid: 1000 };
    Author { name: "Li".to_owned(), authenticated }
}

pub(crate) fn answer(check: &str, fulfilled: bool, date: &str, documented: bool) -> Witness {
    let document = documented.then(|| Document { name: "proof.pdf".to_owned(), digest: Digest::of(b"pdf"), bytes: 3 });
    let answer =
        Answer { check: CheckId::from(check), fulfilled, document, effective: t(date), approver: "Wang".to_owned() };
    sign(&Record::Attestation(Attestation::answer(node(), author(), t(date), answer)), None)
}

/// A scope whose entries say where they stand.
pub(crate) fn placed(date: &str, entries: &[(ScopeKind, &str, &str, &str)]) -> Witness {
    let entries = entries.iter().map(|(kind, id, site, country)| ScopeEntry {
        kind: *kind,
        id: (*id).to_owned(),
        label: String::new(),
        site: (*site).to_owned(),
        country: (*country).to_owned(),
    });
    let entries = entries.collect();
    sign(&Record::Scope(Scope { node: node(), author: author(), stated_at: t(date), document: None, entries }), None)
}

pub(crate) fn scope(date: &str, entries: &[(ScopeKind, &str)]) -> Witness {
    let entries = entries.iter().map(|(kind, id)| ScopeEntry {
        kind: *kind,
        id: (*id).to_owned(),
        label: String::new(),
        site: String::new(),
        country: String::new(),
    });
    let entries = entries.collect();
    sign(&Record::Scope(Scope { node: node(), author: author(), stated_at: t(date), document: None, entries }), None)
}

/// A measure that is planned, by a typed name, of one finding.
pub(crate) fn measure(id: &str, finding: Digest, due: Time) -> Measure {
    Measure {
        node: node(),
        author: Author { name: "Li Na".to_owned(), authenticated: Authenticated::TypedName },
        stated_at: t("2026-10-01"),
        id: id.to_owned(),
        findings: vec![finding],
        incidents: Vec::new(),
        action: "the vendor's line comes in spring".to_owned(),
        owner: "Zhang San".to_owned(),
        deputy: String::new(),
        due,
        state: MeasureState::Planned,
        verified_by: None,
        approver: None,
        since: None,
        expires: None,
        document: None,
    }
}

pub(crate) fn sign_measure(m: &Measure) -> Witness {
    sign(&Record::Measure(m.clone()), None)
}
