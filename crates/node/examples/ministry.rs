//! The home of a ministry, made from a seed at the size that is asked: its own log of receipts, and the mirrors of 37 provinces with
//! their memberships, their receipts, and the reports of plants under them. Everything is signed by the key that it says, under trees
//! and checkpoints as real nodes make them; only the sending is left out.
//! Usage: `cargo run --release -p node --example ministry -- DIR TABLE.csv [REPORTS [A_PACKAGE]]`. What is made stays in DIR/home.
#![expect(clippy::unwrap_used, reason = "a bench may fail loudly")]

use data_encoding::BASE64;
use evidence::{
    Authenticated, Author, CatalogueCounts, Digest, DrillCounts, ExaminedItems, IncidentCounts, MeasureCounts, Member,
    MemberStanding, NodeId, NodeRole, PAYLOAD_TYPE, Part, ProgrammeReport, Receipt, Received, Record, RecordKind, Rung,
    SUPERVISORS, ScenarioCounts, ScopeShare, Time, merkle_root, supervisor_of,
};
use node::Node;
use plan::CheckedPlan;
use proof::{Envelope, KeyKind, LogKey, PublicKey, checkpoint_note, checkpoint_text};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use store::{Deposit, Intake, Mirror, Steps, Submission};

/// Plants that report, the largest first.
const PLANTS: usize = 45_000;
/// Packages of one transaction of the mirror and one batch of the log.
const BATCH: usize = 500;
/// The first package, in milliseconds: 1 January 2026.
const BEGUN: i64 = 1_767_225_600_000;
/// All packages come within so many milliseconds: 300 days.
const WITHIN: i64 = 300 * 86_400_000;

/// The keys of a node that has no home.
struct Signer {
    evidence: EcdsaKeyPair,
    public: PublicKey,
    log: Ed25519KeyPair,
    log_key: LogKey,
}
impl Signer {
    fn new(random: &SystemRandom) -> Self {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, random).unwrap();
        let evidence = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), random).unwrap();
        let public = PublicKey::from_raw(KeyKind::EcdsaP256, evidence.public_key().as_ref()).unwrap();
        let log = Ed25519KeyPair::from_pkcs8(Ed25519KeyPair::generate_pkcs8(random).unwrap().as_ref()).unwrap();
        let key = PublicKey::from_raw(KeyKind::Ed25519, log.public_key().as_ref()).unwrap();
        let origin = format!("watchfire.invalid/{}", &public.id()[..16]);
        Self { evidence, log_key: LogKey::new(&origin, key).unwrap(), public, log }
    }
    fn id(&self) -> NodeId {
        NodeId::new(self.public.id())
    }
    fn origin(&self) -> String {
        format!("watchfire.invalid/{}", &self.public.id()[..16])
    }
    /// The envelope as JSON, and its leaf.
    fn sign(&self, record: &Record, random: &SystemRandom) -> (Vec<u8>, Digest) {
        let statement = record.to_statement().unwrap();
        let sig = self.evidence.sign(random, &proof::pae(PAYLOAD_TYPE, &statement)).unwrap();
        let envelope = Envelope::new(statement, self.public.id().to_owned(), sig.as_ref().to_vec());
        (envelope.to_json(), proof::leaf_hash(&envelope, &self.public).unwrap())
    }
    fn checkpoint(&self, size: u64, root: Digest) -> String {
        let text = checkpoint_text(&self.origin(), size, root);
        let signature = self.log.sign(text.as_bytes());
        checkpoint_note(&text, &self.log_key, signature.as_ref())
    }
    fn member(&self, of: &NodeId, part: Part, at: Time) -> Record {
        Record::Member(Box::new(Member {
            node: of.clone(),
            author: Author { name: "bench".into(), authenticated: Authenticated::TypedName },
            stated_at: at,
            child: self.id(),
            standing: MemberStanding::Certified,
            part,
            origin: self.origin(),
            evidence_keys: vec![BASE64.encode(self.public.spki_der())],
            log_keys: vec![BASE64.encode(self.log_key.key().spki_der())],
            invitation: None,
            follows: None,
            reason: "bench".into(),
        }))
    }
}

struct Plant {
    keys: Signer,
    part: Part,
    leaves: Vec<Digest>,
}

struct Province {
    keys: Signer,
    size: u64,
    plants: Vec<Plant>,
    /// Whose turn it is.
    next: usize,
}

fn digest(n: usize, what: u64) -> Digest {
    Digest::of(&[n.to_be_bytes(), what.to_be_bytes()].concat())
}

/// A report of about the size that a plant with a dozen records makes.
fn report(plan: &CheckedPlan, plant: &Plant, n: usize, as_of: Time) -> ProgrammeReport {
    let mut cites: Vec<(Digest, RecordKind)> = (0..12).map(|i| (digest(n, i), RecordKind::Judgement)).collect();
    cites.sort();
    let mut examinations: Vec<ExaminedItems> =
        (0..4).map(|i| ExaminedItems { leaf: digest(n, 20 + i), items: 1_000 }).collect();
    examinations.sort();
    let share =
        |kind: &str, declared, examined| ScopeShare { kind: kind.into(), declared, examined, undeclared: n as u64 % 3 };
    let scenario = |i: u64| ScenarioCounts {
        scenario: format!("scenario-{i}"),
        passed: 10 + i,
        failed: n as u64 % 4,
        accepted: 1,
        not_applicable: 2,
        not_examined: 0,
    };
    ProgrammeReport {
        node: plant.keys.id(),
        uscc: plant.part.uscc.clone(),
        plan: plan.reference(),
        judge: judge::VERSION.to_owned(),
        as_of,
        cites,
        scope: vec![share("host", 50, 38 + n as u64 % 13), share("share", 6, 5), share("database", 9, 9)],
        scenarios: (0..6).map(scenario).collect(),
        examinations,
        catalogue: Some(CatalogueCounts {
            leaf: digest(n, 0),
            as_of,
            rung: if n.is_multiple_of(11) { Rung::Declared } else { Rung::MachineEvidenced },
            levels: BTreeMap::from([("general".to_owned(), 1 + n as u64 % 500), ("important".to_owned(), 3)]),
            ungraded: u64::from(n.is_multiple_of(7)),
            confirmed: 0,
            filed: None,
        }),
        drills: Some(DrillCounts { rung: Rung::Declared, held: 1, newest: as_of }),
        incidents: IncidentCounts::default(),
        measures: MeasureCounts { open: 3, overdue: 1, done: 8 },
        doubts: BTreeMap::new(),
    }
}

struct Maker<'a> {
    node: &'a Node,
    plan: CheckedPlan,
    random: SystemRandom,
    a_package: usize,
}

impl Maker<'_> {
    /// One package of a province as the ministry has it afterwards; answers the ministry's receipt.
    fn package(&self, intake: &Intake<'_>, p: &mut Province, n: usize, at: Time) -> Record {
        let child = p.keys.id();
        let (from, mut leaves, mut kept, mut brought) = (p.size, Vec::new(), Vec::new(), Vec::new());
        for k in 0..self.a_package {
            let turn = p.next % p.plants.len();
            p.next += 1;
            let plant = &mut p.plants[turn];
            let plant_id = plant.keys.id();
            if plant.leaves.is_empty() {
                let (json, leaf) = p.keys.sign(&plant.keys.member(&child, plant.part.clone(), at), &self.random);
                kept.push((leaf, RecordKind::Member, plant_id.clone(), json));
                leaves.push(leaf);
            }
            let before = plant.leaves.len() as u64;
            // What stays below stands in the plant's log too.
            plant.leaves.push(digest(n * 64 + k, before));
            let report = report(&self.plan, plant, n + k, at);
            let (json, leaf) = plant.keys.sign(&Record::ProgrammeReport(Box::new(report)), &self.random);
            plant.leaves.push(leaf);
            let (size, root) = (before + 2, merkle_root(&plant.leaves));
            let kind = RecordKind::ProgrammeReport.predicate_type().to_owned();
            let receipt = Receipt {
                node: child.clone(),
                child: plant_id.clone(),
                at,
                from: before,
                size,
                root,
                checkpoint: plant.keys.checkpoint(size, root),
                records: vec![Received { index: before + 1, leaf, kind, doubts: Vec::new() }],
                carried: false,
            };
            brought.push((from + leaves.len() as u64, plant_id.clone(), leaf, json));
            let (json, leaf) = p.keys.sign(&Record::Receipt(Box::new(receipt)), &self.random);
            kept.push((leaf, RecordKind::Receipt, plant_id, json));
            leaves.push(leaf);
        }
        let grown = intake.grow(&child, from, &leaves).unwrap();
        intake.keep(&grown).unwrap();
        let mut records = Vec::new();
        for (index, (leaf, kind, about, envelope)) in (from..).zip(&kept) {
            let kind = kind.predicate_type();
            let deposit = Deposit { leaf: *leaf, kind, about: about.as_str(), envelope };
            intake.ship(&child, index, &deposit).unwrap();
            records.push(Received { index, leaf: *leaf, kind: kind.to_owned(), doubts: Vec::new() });
        }
        for (under, plant, leaf, envelope) in &brought {
            let kind = RecordKind::ProgrammeReport.predicate_type();
            let deposit = Deposit { leaf: *leaf, kind, about: "", envelope };
            intake.bring(&child, *under, plant, &deposit).unwrap();
        }
        p.size = grown.size();
        let checkpoint = p.keys.checkpoint(p.size, grown.root());
        intake.accept(&child, &checkpoint).unwrap();
        let (size, root) = (p.size, grown.root());
        let node = self.node.id();
        Record::Receipt(Box::new(Receipt { node, child, at, from, size, root, checkpoint, records, carried: false }))
    }
}

/// The largest enterprises of the table: credit code, name, area.
fn largest(table: &Path) -> Vec<[String; 3]> {
    let text = std::fs::read_to_string(table).unwrap();
    let mut rows: Vec<(u64, [String; 3])> = text
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            (cells[4].parse().unwrap(), [0, 1, 2].map(|n| cells[n].to_owned()))
        })
        .collect();
    rows.sort_by(|a, b| b.cmp(a));
    rows.into_iter().take(PLANTS).map(|r| r.1).collect()
}

fn provinces(table: &Path, random: &SystemRandom) -> Vec<Province> {
    let mut of: BTreeMap<&str, Province> = BTreeMap::new();
    for s in SUPERVISORS {
        of.insert(s, Province { keys: Signer::new(random), size: 0, plants: Vec::new(), next: 0 });
    }
    for [uscc, name, area] in largest(table) {
        let part = Part { role: NodeRole::Plant, name, area: area.clone(), uscc };
        let plant = Plant { keys: Signer::new(random), part, leaves: Vec::new() };
        of.get_mut(supervisor_of(&area).unwrap()).unwrap().plants.push(plant);
    }
    of.into_values().collect()
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (dir, table) = (Path::new(&arguments[0]), Path::new(&arguments[1]));
    let reports: usize = arguments.get(2).map_or(382_000, |n| n.parse().unwrap());
    let a_package: usize = arguments.get(3).map_or(2, |n| n.parse().unwrap());
    let home = dir.join("home");
    let node = Node::open(&home, None, &|| None).unwrap();
    let own = Part { role: NodeRole::Ministry, name: "M".into(), area: String::new(), uscc: String::new() };
    node.profile_set(own, None).unwrap();
    let random = SystemRandom::new();
    let mut provinces = provinces(table, &random);
    let at = Time::from_millis(BEGUN);
    let author = |p: &Province, area: &str| {
        let part = Part { role: NodeRole::Province, name: format!("P{area}"), area: area.into(), uscc: String::new() };
        p.keys.member(&node.id(), part, at)
    };
    let append = |records: &[Record]| {
        let submission =
            |r: &Record| Submission { envelope: node.store().sign(r).unwrap(), items: None, artifacts: Vec::new() };
        node.store().append(&records.iter().map(submission).collect::<Vec<_>>()).unwrap();
    };
    let mut areas = SUPERVISORS;
    areas.sort_unstable();
    append(&provinces.iter().zip(areas).map(|(p, area)| author(p, area)).collect::<Vec<_>>());
    let maker = Maker { node: &node, plan: plan::check(&plan::builtin()).unwrap(), random, a_package };
    let mirror = Mirror::open(&home, Steps::default()).unwrap();
    let desk = mirror.desk(Duration::from_secs(1)).unwrap();
    // Each province sends as many packages as it has plants: turns are drawn in proportion.
    let turns: Vec<usize> =
        provinces.iter().enumerate().flat_map(|(n, p)| std::iter::repeat_n(n, p.plants.len())).collect();
    let packages = reports.div_ceil(a_package);
    for begin in (0..packages).step_by(BATCH) {
        let said = mirror.take(&desk, |intake| {
            let said = (begin..packages.min(begin + BATCH)).map(|n| {
                // 7,919 is prime: the turns go round over all provinces.
                let province = &mut provinces[turns[n * 7_919 % turns.len()]];
                let at = Time::from_millis(BEGUN + WITHIN / packages as i64 * n as i64);
                maker.package(intake, province, n, at)
            });
            Ok(said.collect::<Vec<_>>())
        });
        append(&said.unwrap());
    }
    let shipped: u64 = provinces.iter().map(|p| p.size).sum();
    let brought = packages * a_package;
    let own = node.store().size().unwrap();
    println!(
        "{} records: {own} of the own log ({packages} receipts), {shipped} of {} provinces (memberships and receipts of {PLANTS} plants), {brought} reports of plants",
        own + shipped + brought as u64,
        provinces.len()
    );
}
