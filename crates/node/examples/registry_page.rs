//! What a page of 50 rows and the sums of all supervisors cost in a process that is already running, as a server has it:
//! `registry_page HOME [POSTGRES_URL POSTMASTER_PID]`.
//!
//! "As a request": the newest registry is looked up in the log, its record verified, the table opened. "The table alone": what is read
//! once that is known. CPU of the client is this thread's, CPU of the server that of the postmaster's children for clients, both as the scheduler counts.
#![expect(clippy::unwrap_used, reason = "a measurement may fail loudly")]

use node::{Node, PageOrder};
use std::path::PathBuf;
use std::time::Instant;
use store::{Address, FileTables, Reach, ReadTables, RowFilter, ServerTables};

const PAGES: usize = 400;
const READS: usize = 1_000;
const JUDGED: usize = 20;

fn schedstat(path: &str) -> u64 {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or(0)
}
/// CPU time of this thread in nanoseconds, as the scheduler counts it.
fn cpu() -> u64 {
    schedstat("/proc/thread-self/schedstat")
}
/// CPU time of a server's processes for clients, which tell themselves by the client's address; not of its own housekeeping.
fn children_cpu(parent: Option<u32>) -> u64 {
    let Some(parent) = parent else { return 0 };
    let list = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
    let serves = |pid: &&str| {
        std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|c| String::from_utf8_lossy(&c).contains("[local]"))
    };
    list.split_whitespace().filter(serves).map(|pid| schedstat(&format!("/proc/{pid}/schedstat"))).sum()
}

/// Runs `work` so often and prints what it cost. CPU is the mean: the kernel brings its count up to date at ticks only.
fn measure(what: &str, count: usize, server: Option<u32>, mut work: impl FnMut()) {
    work();
    let mut walls = Vec::new();
    let (client, served) = (cpu(), children_cpu(server));
    for _ in 0..count {
        let at = Instant::now();
        work();
        walls.push(at.elapsed().as_secs_f64() * 1e3);
    }
    let mean = |spent: u64| spent as f64 / 1e6 / count as f64;
    let (client, served) = (mean(cpu() - client), mean(children_cpu(server).saturating_sub(served)));
    walls.sort_by(f64::total_cmp);
    let at = |share: usize| walls[(walls.len() * share / 100).min(walls.len() - 1)];
    println!("| {what}, {count} times | {client:.3} | {served:.3} | {:.3} / {:.3} / {:.3} |", walls[0], at(50), at(99));
}

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let home = PathBuf::from(arguments.next().expect("the home of a node that has a registry"));
    let url = arguments.next().map(|u| u.into_string().unwrap());
    let server: Option<u32> = arguments.next().map(|p| p.to_str().unwrap().parse().unwrap());
    let node = Node::open_read_only(&home).unwrap().with_tables(Some(url.as_deref().unwrap_or("files")), Reach::Local);
    println!("\n| what | CPU ms mean, client | CPU ms mean, server | wall ms min / p50 / p99 |");
    println!("| --- | --- | --- | --- |");
    for selected in [false, true] {
        let mut after = String::new();
        let what = if selected { "a page of 50 of the selected, as a request" } else { "a page of 50, as a request" };
        // The newest judgement, with a thousand groups, is read and verified for each.
        measure(what, if selected { JUDGED } else { PAGES }, server, || {
            let order = PageOrder {
                selected: selected.then(String::new),
                after: after.clone(),
                limit: 50,
                ..PageOrder::default()
            };
            after = node.registry_page(&order).unwrap().2.last().map_or_else(String::new, |r| r.0.uscc.to_string());
        });
    }
    measure("sums of all supervisors, as a request", JUDGED, server, || {
        assert!(!node.registry_sums("", "supervisor", None).unwrap().keys.is_empty());
    });
    alone(&node, &home, url.as_deref(), server);
}

/// The table alone, and for a server the least that it can be asked.
fn alone(node: &Node, home: &std::path::Path, url: Option<&str>, server: Option<u32>) {
    let id = node.id().to_string();
    let tables: Box<dyn ReadTables> = match url {
        Some(url) => Box::new(ServerTables::new(Address::parse(url, Reach::Local, None).unwrap(), &id[..16])),
        None => Box::new(FileTables::new(&home.join("memory/registry"))),
    };
    let table = tables.table(node.registry(None).unwrap().registry.rows.file).unwrap().unwrap();
    let leaf = node.registry_sums("", "supervisor", None).unwrap().kept.leaf;
    for (what, area, industry) in [
        ("all", "", ""),
        ("one province", "44", ""),
        ("one division", "", "C34"),
        ("a division of a province", "44", "C34"),
    ] {
        let filter = RowFilter { area: area.into(), industry: industry.into(), limit: 50, ..RowFilter::default() };
        measure(&format!("a page of 50 of {what}, the table alone"), PAGES, server, || {
            assert_eq!(table.page(&filter).unwrap().len(), 50);
        });
    }
    let list = node.registry_sums("", "all", None).unwrap().kept.judgement.readings[0].file;
    for area in ["", "44"] {
        let filter = RowFilter { area: area.into(), list: Some(list), limit: 50, ..RowFilter::default() };
        let what = if area.is_empty() { "of the selected" } else { "of the selected of a province" };
        measure(&format!("a page of 50 {what}, the table alone"), PAGES, server, || {
            assert_eq!(table.page(&filter).unwrap().len(), 50);
        });
    }
    measure("sums of all supervisors, the table alone", READS, server, || {
        assert!(table.rollups(leaf, "supervisor").unwrap().unwrap().len() > 100);
    });
    if let Some(url) = url {
        let (url, password) = url.split_once("&password-file=").unwrap();
        let mut config: postgres::Config = url.parse().unwrap();
        config.password(std::fs::read_to_string(password).unwrap());
        let mut client = config.connect(postgres::NoTls).unwrap();
        measure("floor: `SELECT 1`", READS, server, || assert_eq!(client.query("SELECT 1", &[]).unwrap().len(), 1));
    }
}
