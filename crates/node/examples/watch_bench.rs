//! Ten thousand open incidents under one watch: `cargo xtask bench watch`.
//!
//! Prints what loading costs, what a second of waiting costs, and how late each change of a clock's state was noticed against its instant.
#![expect(clippy::unwrap_used, reason = "a bench may fail loudly")]

use evidence::{Answered, Authenticated, Author, Happening, IncidentEntry, Moment, Opened, Origin, Record, Time};
use node::{Node, Noticed, Watch};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use store::Submission;

const OPEN: i64 = 10_000;
/// Seconds that the watch runs.
const SECONDS: i64 = 40;
/// Incidents of which a clock changes its state in each of these seconds, from the fifth on.
const EACH_SECOND: i64 = 10;

fn entry(node: &Node, n: i64, at: Time, what: Happening) -> Record {
    Record::Incident(Box::new(IncidentEntry {
        node: node.id(),
        author: Author { name: "bench".into(), authenticated: Authenticated::TypedName },
        stated_at: at,
        incident: format!("i-{n:08x}"),
        origin: Origin::Live,
        what,
    }))
}

/// CPU time of this process, in clock ticks of the system (100 a second).
fn ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

fn main() {
    let home = std::env::temp_dir().join(format!("watchfire-bench-watch-{}", std::process::id()));
    std::fs::create_dir_all(&home).unwrap();
    let node = Node::open(&home, None, &|| None).unwrap();
    let plan = node::load_plan(None).unwrap();
    let begun = Instant::now();
    let now = node::now();
    let hours = |h: i64| h * 3_600_000;
    for first in (0..OPEN).step_by(200) {
        let mut batch = Vec::new();
        for n in first..first + 200 {
            // The four hours of the provincial cyberspace administration are half over within the run for some, far away for the others.
            let soon = n < (SECONDS - 10) * EACH_SECOND;
            let left = if soon { (10 + n / EACH_SECOND) * 1000 } else { hours(1) };
            let discovered = Time::from_millis(now.millis() - hours(2) + left);
            let answers: BTreeMap<String, Answered> =
                [("people-personal".to_owned(), Answered::Number { least: Some(1_000_000), most: Some(1_000_000) })]
                    .into();
            let opened = Opened {
                title: format!("incident {n}"),
                actors: vec!["enterprise".into()],
                branches: vec!["industrial".into()],
            };
            let moment = Moment { moment: "discovery".into(), at: discovered, note: String::new() };
            for what in [Happening::Opened(opened), Happening::Moment(moment), Happening::Answered { answers }] {
                let envelope = node.store().sign(&entry(&node, n, now, what)).unwrap();
                batch.push(Submission { envelope, items: None, artifacts: Vec::new() });
            }
        }
        node.store().append(&batch).unwrap();
    }
    println!("{OPEN} incidents, {} entries written in {:.1} s", 3 * OPEN, begun.elapsed().as_secs_f64());

    let (loading, before) = (Instant::now(), ticks());
    let mut watch = Watch::open(&node, &plan).unwrap();
    watch.round(node::now(), &mut |_| ()).unwrap();
    let cpu = (ticks() - before) as f64 / 100.0;
    println!(
        "load, verify and judge all: {:.2} s ({cpu:.2} CPU s), {:.0} us of CPU an incident; peak memory {} MiB; open: {}",
        loading.elapsed().as_secs_f64(),
        cpu * 1e6 / OPEN as f64,
        resident_mib(),
        watch.open_incidents()
    );

    let stop = stdx::Stop::new();
    let flag = stop.flag();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(u64::try_from(SECONDS).unwrap()));
        flag.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    let mut late: Vec<i64> = Vec::new();
    let before = ticks();
    watch
        .run(&stop, &mut |n| {
            if let Noticed::Clock { clock, .. } = n {
                let changed = clock.started.unwrap().millis() + hours(2);
                late.push(node::now().millis() - changed);
            }
        })
        .unwrap();
    let cpu = (ticks() - before) as f64 / 100.0;
    late.sort_unstable();
    let of = |share: usize| late.get((late.len().saturating_sub(1)) * share / 100).copied().unwrap_or(-1);
    println!(
        "watched {SECONDS} s: {} changes noticed and signed, {:.2} CPU s ({:.1} % of one core); behind the instant: median {} ms, 99 % {} ms, most {} ms",
        late.len(),
        cpu,
        cpu * 100.0 / SECONDS as f64,
        of(50),
        of(99),
        of(100)
    );
    let (idle, before) = (Instant::now(), ticks());
    let stop = stdx::Stop::new();
    let flag = stop.flag();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(20));
        flag.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    watch.run(&stop, &mut |_| ()).unwrap();
    let cpu = (ticks() - before) as f64 / 100.0;
    println!("idle {:.0} s: {cpu:.2} CPU s ({:.2} % of one core)", idle.elapsed().as_secs_f64(), cpu * 100.0 / 20.0);
    drop(watch);
    drop(node);
    std::fs::remove_dir_all(&home).unwrap();
}
