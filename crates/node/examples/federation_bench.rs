//! Taking in packages, measured: verify, append, receipt, answer. Usage: `cargo run --release -p node --example federation_bench --
//! [DIR [CHILDREN]]`; homes are made in DIR (a disk, not a tmpfs: what is measured has every fsync that the product has) and removed.
#![expect(clippy::unwrap_used, reason = "a measurement may fail loudly")]

use evidence::{
    Digest, IncidentCounts, MeasureCounts, NodeRole, Part, PlanRef, ProgrammeReport, Record, RecordKind, Time,
};
use node::{Line, LineFault, Node};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

/// Packages of each child, one report each.
const EACH: u64 = 10;
/// Packages that a parent takes in at once: as many as its HTTP face gathers at most.
const BATCH: usize = 512;

/// Seconds of processor time that this process has used, in steps of 10 ms: on a busy machine the figure to compare.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

struct Direct<'a>(&'a Node);
impl Line for Direct<'_> {
    fn post(&self, _: &str, body: &[u8]) -> Result<Vec<u8>, LineFault> {
        Ok(self.0.enrolment_taken(body))
    }
}

fn open(home: &Path) -> Node {
    Node::open(home, None, &|| None).unwrap()
}

/// A credit code of GB 32100-2015.
fn uscc(n: u64) -> String {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let body = format!("91320100{n:09}");
    let value = |c: u8| ALPHABET.iter().position(|a| *a == c).unwrap() as u64;
    let (sum, _) = body.bytes().fold((0, 1), |(sum, weight), c| (sum + value(c) * weight, weight * 3 % 31));
    format!("{body}{}", char::from(ALPHABET[((31 - sum % 31) % 31) as usize]))
}

fn report(node: &Node, uscc: &str, n: u64) -> Record {
    Record::ProgrammeReport(Box::new(ProgrammeReport {
        node: node.id(),
        uscc: uscc.to_owned(),
        plan: PlanRef { id: "miit-2024-2026".into(), version: "1".into(), digest: Digest::of(b"plan") },
        judge: "watchfire-judge/4".into(),
        as_of: Time::from_secs(1_790_000_000 + i64::try_from(n).unwrap()),
        cites: (0..12).map(|i| (Digest::of(&[i]), RecordKind::Judgement)).collect(),
        scope: vec![],
        scenarios: vec![],
        examinations: vec![],
        catalogue: None,
        drills: None,
        incidents: IncidentCounts::default(),
        measures: MeasureCounts::default(),
        doubts: BTreeMap::new(),
    }))
}

/// The packages of one child: the first ends after one report, each next after one more.
fn child(home: &Path, province: &Node, part: Part, code: &node::Code) -> Vec<Vec<u8>> {
    let node = open(home);
    let uscc = part.uscc.clone();
    node.profile_set(part, None).unwrap();
    node.enrol(code, &Direct(province), None, None).unwrap();
    let mut out = Vec::new();
    let mut from = 0;
    for n in 0..EACH {
        node.store().record(&report(&node, &uscc, n), None, vec![]).unwrap();
        let built = node.submit_files(None, Some(from)).unwrap();
        from = built[0].end;
        out.push(built[0].bytes.clone());
    }
    drop(node);
    std::fs::remove_dir_all(home).unwrap();
    out
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let dir = arguments.next().unwrap_or_else(|| ".".to_owned());
    let children: u64 = arguments.next().map_or(2_000, |n| n.parse().unwrap());
    let root = Path::new(&dir).join(format!(".federation-bench-{}", std::process::id()));
    std::fs::create_dir_all(&root).unwrap();
    let province = open(&root.join("province"));
    let own = Part { role: NodeRole::Province, name: "P".into(), area: "32".into(), uscc: String::new() };
    province.profile_set(own, None).unwrap();
    let part = |n| Part { role: NodeRole::Plant, name: format!("Plant {n}"), area: "3201".into(), uscc: uscc(n) };
    let invited = province.invite_all((0..children).map(part).collect(), 14, None).unwrap();
    let made: Vec<Vec<Vec<u8>>> = invited
        .iter()
        .enumerate()
        .map(|(n, (i, code))| child(&root.join(format!("plant-{n}")), &province, i.part.clone(), code))
        .collect();
    // Round by round, as they would come: every child's first, then every child's second.
    let packages: Vec<&[u8]> = (0..EACH as usize).flat_map(|n| made.iter().map(move |m| m[n].as_slice())).collect();
    let bytes: usize = packages.iter().map(|p| p.len()).sum();
    println!(
        "{} packages of {children} children, one report each, {} bytes a package, {BATCH} a batch",
        packages.len(),
        bytes / packages.len()
    );
    println!(
        "durable before it is answered: mirror and log in SQLite, WAL, synchronous=FULL, spool file synced; every fsync on"
    );
    for (what, want) in
        [("first time: verify, append, receipt, cosign", true), ("the same again: late mail, same receipt", false)]
    {
        let size = province.store().size().unwrap();
        let (begun, used) = (Instant::now(), cpu());
        let mut accepted = 0;
        for batch in packages.chunks(BATCH) {
            let answers = province.packages_taken(batch).unwrap();
            accepted += answers.iter().filter(|a| a.windows(18).any(|w| w == b"\"state\":\"accepted\"")).count();
        }
        let (spent, used) = (begun.elapsed().as_secs_f64(), cpu() - used);
        assert_eq!(accepted, packages.len());
        let grown = province.store().size().unwrap() - size;
        assert_eq!(grown > 0, want);
        let count = packages.len() as f64;
        println!(
            "{what:<44}{:>8.0} packages/s elapsed ({spent:.1} s), {:>6.0} µs of processor a package, {:>6.0} a CPU second",
            count / spent,
            used / count * 1e6,
            count / used
        );
    }
    let (begun, used) = (Instant::now(), cpu());
    let got = province.received(RecordKind::ProgrammeReport).unwrap().len();
    println!(
        "read and verified again: {got} reports, {:.1} s elapsed, {:.1} s of processor",
        begun.elapsed().as_secs_f64(),
        cpu() - used
    );
    drop(province);
    std::fs::remove_dir_all(root).unwrap();
}
