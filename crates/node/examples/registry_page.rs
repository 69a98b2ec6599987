//! CPU time of one page of 50 rows in a process that is already running, as a server has it: `registry_page HOME`.
//!
//! Every page is asked for as a request would: the newest registry is looked up in the log, its record verified, the table opened.
#![expect(clippy::unwrap_used, reason = "a measurement may fail loudly")]

use node::{Node, PageOrder};

/// CPU time of this thread in nanoseconds, as the scheduler counts it.
fn cpu() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split_whitespace().next().unwrap().parse().unwrap()
}

fn main() {
    let home = std::env::args_os().nth(1).expect("the home of a node that has a registry");
    let node = Node::open_read_only(home.as_ref()).unwrap();
    let page = |after: String, selected: bool| {
        let selected = selected.then(String::new);
        let order = PageOrder { selected, after, limit: 50, ..PageOrder::default() };
        node.registry_page(&order).unwrap().2
    };
    for selected in [false, true] {
        let mut costs = Vec::new();
        let mut after = String::new();
        for _ in 0..400 {
            let began = cpu();
            let rows = page(after.clone(), selected);
            costs.push(cpu() - began);
            after = rows.last().map_or_else(String::new, |r| r.0.uscc.to_string());
        }
        costs.sort_unstable();
        let at = |share: usize| costs[costs.len() * share / 100] as f64 / 1e6;
        let what = if selected { "a page of 50 of the selected" } else { "a page of 50" };
        println!(
            "{what}: CPU ms p50 {:.2}, p99 {:.2}, max {:.2} over {} pages",
            at(50),
            at(99),
            costs[costs.len() - 1] as f64 / 1e6,
            costs.len()
        );
    }
}
