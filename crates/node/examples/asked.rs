//! One question asked of the node in a home, in a process of its own: processor time, elapsed time, peak memory.
//! Usage: `cargo run --release -p node --example asked -- HOME audit|import TABLE.csv|select|page|selected|members|progress|risk`.
#![expect(clippy::unwrap_used, reason = "a measurement may fail loudly")]

use node::{Counting, ImportOrder, Looking, Node, PageOrder, RowsFrom};
use std::path::Path;
use std::time::Instant;
use stdx::{Silent, Stop};

/// Seconds of processor time that this process has used, in steps of 10 ms.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

/// The largest resident memory so far, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (home, what) = (Path::new(&words[0]), words[1].as_str());
    let begun = Instant::now();
    let writes = matches!(what, "import" | "select");
    let node = if writes { Node::open(home, None, &|| None).unwrap() } else { Node::open_read_only(home).unwrap() };
    let plan = plan::check(&plan::builtin()).unwrap();
    let (opened, opened_peak) = (cpu(), peak());
    let came = match what {
        "audit" => {
            let report = node.audit(&Silent, &Stop::new()).unwrap();
            let problems: Vec<String> = report.problems.iter().take(5).map(|say| format!("{say:?}")).collect();
            format!(
                "{} leaves, {} problems {problems:?}, {} notes",
                report.leaves,
                report.problems.len(),
                report.notes.len()
            )
        }
        "import" => {
            let table = Path::new(&words[2]);
            let unit = attest::RevenueUnit::Yuan;
            let order = ImportOrder { table, year: 2025, unit, columns: &[], author: Some("bench") };
            let kept = node.registry_import(&order, &mut |_| Ok(()), &Silent, &Stop::new()).unwrap().kept;
            format!("root {}", kept.registry.rows.root)
        }
        "select" => {
            let (kept, _) = node.registry_select(&plan, None, RowsFrom::Log).unwrap();
            format!(
                "{:?}",
                kept.judgement.readings.iter().map(|r| (&r.rule, r.sums.selected, r.root)).collect::<Vec<_>>()
            )
        }
        "page" | "selected" => {
            let selected = (what == "selected").then(String::new);
            let order = PageOrder { limit: 50, selected, ..PageOrder::default() };
            format!("{} rows", node.registry_page(&order).unwrap().2.len())
        }
        "members" => format!("{} members", node.members().unwrap().len()),
        "progress" => {
            let kept = node.progress(&plan, &Counting::default()).unwrap();
            format!("{:?}", kept.progressed.judgement.evidence.reports)
        }
        "risk" => {
            let list = |o: &judge::Oversight<'_>| {
                o.list(judge::ListOf::Risk, &judge::ListFilter::default(), None, 50).unwrap().rows.len()
            };
            format!("{} rows", node.oversight(&plan, Looking::default(), list).unwrap())
        }
        other => panic!("{other}"),
    };
    println!(
        "| {what} | {:.2} (opening {opened:.2}) | {:.1} | {} (opening {opened_peak}) | {came} |",
        cpu(),
        begun.elapsed().as_secs_f64(),
        peak()
    );
}
