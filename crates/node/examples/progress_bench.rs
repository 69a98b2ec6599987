//! What counting a programme costs over 480,000 enterprises and 48,000 reports: `cargo xtask bench progress`.
#![expect(clippy::unwrap_used, reason = "a bench may fail loudly")]

use evidence::{
    Authenticated, Author, CatalogueCounts, Digest, Document, Enterprise, EnterpriseFile, IncidentCounts,
    MeasureCounts, NodeId, NodeRole, Part, ProgrammeReport, Record, RecordKind, Registry, Rung, ScopeShare, Time,
    canonical, leaf_hash, merkle_root,
};
use judge::{ProgressInput, ReceivedReport, SelectionRows, burn_up, progress, selection};
use proof::{Witness, verify_envelope};
use std::collections::BTreeMap;
use std::time::Instant;
use store::Store;

const ENTERPRISES: u64 = 480_000;
const REPORTS: usize = 48_000;
const RUNS: usize = 5;

/// User and system seconds of this process.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = text.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks = |n: usize| fields[n - 3].parse::<f64>().unwrap();
    (ticks(14) + ticks(15)) / 100.0
}

fn measured<T>(what: &str, mut work: impl FnMut() -> T) -> T {
    let mut out = work();
    let mut costs = Vec::new();
    for _ in 0..RUNS {
        let (c, w) = (cpu(), Instant::now());
        out = work();
        costs.push((cpu() - c, w.elapsed().as_secs_f64()));
    }
    costs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (min, mid, max) = (costs[0], costs[RUNS / 2], costs[RUNS - 1]);
    println!("| {what} | {:.2} / {:.2} / {:.2} | {:.3} / {:.3} / {:.3} |", min.0, mid.0, max.0, min.1, mid.1, max.1);
    out
}

fn report(plan: &plan::CheckedPlan, n: usize, uscc: &str, as_of: Time) -> ProgrammeReport {
    let leaf = Digest::of(uscc.as_bytes());
    let graded = 1 + n as u64 % 500;
    ProgrammeReport {
        node: NodeId::new(format!("plant-{n:06}")),
        uscc: uscc.to_owned(),
        plan: plan.reference(),
        judge: judge::VERSION.to_owned(),
        as_of,
        cites: vec![(leaf, RecordKind::Catalogue)],
        scope: vec![ScopeShare { kind: "host".into(), declared: 50, examined: 38 + n as u64 % 13, undeclared: 0 }],
        scenarios: Vec::new(),
        examinations: Vec::new(),
        catalogue: Some(CatalogueCounts {
            leaf,
            as_of,
            rung: if n.is_multiple_of(11) { Rung::Declared } else { Rung::MachineEvidenced },
            levels: BTreeMap::from([("general".to_owned(), graded)]),
            ungraded: u64::from(n.is_multiple_of(7)),
            confirmed: 0,
            filed: None,
        }),
        drills: None,
        incidents: IncidentCounts::default(),
        measures: MeasureCounts::default(),
        doubts: BTreeMap::new(),
    }
}

fn registry(node: NodeId) -> (Registry, Vec<u8>) {
    let text = testing::registry::csv(1, ENTERPRISES);
    let mut lines = Vec::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let e = Enterprise {
            above: true,
            area: cells[2].into(),
            derived: false,
            group: "".into(),
            industry: cells[3].into(),
            name: cells[1].into(),
            revenue: cells[4].parse().unwrap(),
            supervisor: evidence::supervisor_of(cells[2]).unwrap().into(),
            uscc: cells[0].into(),
        };
        lines.push((cells[0].to_owned(), e.to_line()));
    }
    let file = EnterpriseFile::write(lines);
    let registry = Registry {
        node,
        author: Author { name: "bench".into(), authenticated: Authenticated::TypedName },
        stated_at: Time::from_date("2026-01-01").unwrap(),
        year: 2025,
        document: Document { name: "a.csv".into(), digest: Digest::of(b"a"), bytes: 1 },
        unit: "yuan".into(),
        rows: file.root,
        packed: Digest::of(b"packed"),
        left_out: BTreeMap::new(),
        derived: 0,
        merged: None,
    };
    (registry, file.lines)
}

fn main() {
    let home = std::env::temp_dir().join(format!("watchfire-progress-bench-{}", std::process::id()));
    let store = Store::open(&home).unwrap();
    let keys = store.keys().evidence_keys();
    let sign = |record: &Record| {
        let record = verify_envelope(&store.sign(record).unwrap(), &keys).unwrap();
        Witness { record, items: None }
    };
    let plan = plan::check(&plan::builtin()).unwrap();
    let as_of = Time::from_date("2026-11-30").unwrap();
    let (record, file) = registry(store.keys().node());
    let w = sign(&Record::Registry(Box::new(record)));
    let rows = SelectionRows::open(&w, &file).unwrap();
    let chosen = selection(&plan, &rows, &[], Time::from_date("2026-02-01").unwrap());
    // The top tenth reports first, over the last ten weeks.
    let top = chosen.lists[0].iter().map(|n| rows.rows()[*n as usize].uscc.to_string());
    let part =
        |uscc: &str| Part { role: NodeRole::Plant, name: String::new(), area: String::new(), uscc: uscc.to_owned() };
    let signing = Instant::now();
    let reports: Vec<ReceivedReport> = top
        .take(REPORTS)
        .enumerate()
        .map(|(n, uscc)| {
            let at = Time::from_millis(as_of.millis() - (n as i64 % 70 + 1) * 86_400_000);
            let r = report(&plan, n, &uscc, at);
            let child = r.node.clone();
            let w = sign(&Record::ProgrammeReport(Box::new(r)));
            ReceivedReport::new(w, (child, part(&uscc)), Some(Digest::of(b"receipt")), at, Vec::new()).unwrap()
        })
        .collect();
    let selected = sign(&Record::SelectionJudgement(Box::new(chosen.judgement)));
    println!(
        "seed 1, {} enterprises, {} reports (signed and verified in {:.1} s); {RUNS} runs after one warm-up",
        rows.rows().len(),
        reports.len(),
        signing.elapsed().as_secs_f64()
    );
    println!("\n| work | CPU s min / median / max | wall s min / median / max |\n| --- | --- | --- |");
    let node = store.keys().node();
    let input = ProgressInput {
        registry: Some(&rows),
        selection: Some(&selected),
        reports: &reports,
        ..ProgressInput::default()
    };
    measured("floor: read the rows of the registry", || SelectionRows::open(&w, &file).unwrap().rows().len());
    measured("floor: `judge::selection`", || selection(&plan, &rows, &[], as_of).lists.len());
    let done = measured("`judge::progress`, eleven targets, by supervisor, province, industry", || {
        progress(&plan, &node, &input, as_of)
    });
    let half = reports.len() / 2;
    let less = ProgressInput { reports: &reports[..half], ..input };
    measured("the same with half of the reports", || progress(&plan, &node, &less, as_of).members.len());
    measured("`judge::burn_up`, eight weeks", || burn_up(&plan, &input, as_of).len());
    let at = done.judgement.targets.iter().position(|t| t.target == "T2").unwrap();
    measured("Merkle root over the members of T2, from lines", || {
        merkle_root(&done.members[at].iter().map(|m| leaf_hash(&m.to_line())).collect::<Vec<_>>())
    });
    let bytes = canonical::to_vec(&done.judgement).unwrap().len();
    let t2 = &done.judgement.targets[at];
    println!("\nT2: {:?} of {} members; the record has {bytes} bytes", t2.ladder, t2.members.count);
    drop(store);
    let _ = std::fs::remove_dir_all(home);
}
