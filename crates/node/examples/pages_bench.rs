//! What pages cost over a generated store: `cargo xtask bench pages`, or `pages_bench DIR [ENTERPRISES [CHILDREN [REPORTS]]]`. The store is
//! made in DIR if it is not there, and stays.
//!
//! The children share one key: what is measured is looking records up, verifying and judging them, and reading rows, not enrolment.
#![expect(clippy::unwrap_used, reason = "a measurement may fail loudly")]

use evidence::{
    Authenticated, Author, CatalogueCounts, Digest, IncidentCounts, MeasureCounts, Member, MemberStanding, NodeId,
    NodeRole, Part, ProgrammeReport, Receipt, Received, Record, RecordKind, Rung, ScopeShare, Time,
};
use judge::{EnterpriseState, ListFilter, ListOf};
use node::{EnterpriseFilter, EnterpriseSort, ImportOrder, Node, RowsFrom, Scope};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;
use stdx::{Silent, Stop};
use store::{Deposit, Mirror, Role, Steps, Store, Submission};

const DAY: i64 = 86_400_000;
const BATCH: usize = 2_000;
const PAGES: usize = 400;

/// CPU time of this thread in nanoseconds, as the processor counts it.
fn cpu() -> i128 {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    i128::from(t.tv_sec) * 1_000_000_000 + i128::from(t.tv_nsec)
}
/// The same of the whole process.
fn all_cpu() -> f64 {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    t.tv_sec as f64 + t.tv_nsec as f64 / 1e9
}
fn memory(what: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|l| l.starts_with(what)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

fn author() -> Author {
    Author { name: "bench".into(), authenticated: Authenticated::TypedName }
}

fn report(plan: &plan::CheckedPlan, child: &str, uscc: &str, n: u64, as_of: Time) -> ProgrammeReport {
    let leaf = Digest::of(uscc.as_bytes());
    ProgrammeReport {
        node: NodeId::new(child),
        uscc: uscc.to_owned(),
        plan: plan.reference(),
        judge: judge::VERSION.to_owned(),
        as_of,
        cites: vec![(leaf, RecordKind::Catalogue)],
        scope: vec![ScopeShare { kind: "host".into(), declared: 50, examined: 36 + n % 15, undeclared: 0 }],
        scenarios: Vec::new(),
        examinations: Vec::new(),
        catalogue: Some(CatalogueCounts {
            leaf,
            as_of,
            rung: if n.is_multiple_of(11) { Rung::Declared } else { Rung::MachineEvidenced },
            levels: BTreeMap::from([("general".to_owned(), 1 + n % 500), ("important".to_owned(), n % 3)]),
            ungraded: u64::from(n.is_multiple_of(7)),
            confirmed: 0,
            filed: None,
        }),
        drills: None,
        incidents: IncidentCounts { open: n % 5 / 4, late: n % 25 / 24, levels: BTreeMap::new() },
        measures: MeasureCounts { open: n % 4, overdue: n % 8 / 7, done: 1 },
        doubts: BTreeMap::new(),
    }
}

/// A ministry with a registry, a selection, children and what they reported: one receipt a report, as it comes.
fn make(home: &Path, plan: &plan::CheckedPlan, [enterprises, children, reports]: [u64; 3]) {
    let begun = Instant::now();
    let node = Node::open(home, None, &|| None).unwrap();
    let part = Part { role: NodeRole::Ministry, name: "M".into(), area: String::new(), uscc: String::new() };
    node.profile_set(part, None).unwrap();
    let table = home.join("registry.csv");
    let csv = testing::registry::csv(1, enterprises);
    std::fs::write(&table, &csv).unwrap();
    let order = ImportOrder { table: &table, year: 2025, unit: attest::RevenueUnit::Yuan, columns: &[], author: None };
    node.registry_import(&order, &mut |_| Ok(()), &Silent, &Stop::new()).unwrap();
    node.registry_select(plan, None, RowsFrom::Log).unwrap();
    std::fs::remove_file(&table).unwrap();
    // Nine of ten who report are selected.
    let chosen: Vec<String> =
        node.registry_selected("", None).unwrap().rows.into_iter().map(|r| r.0.uscc.to_string()).collect();
    let rest = csv.lines().skip(1).map(|l| l.split(',').next().unwrap().to_owned()).step_by(17);
    let few = chosen.len().min(usize::try_from(children * 9 / 10).unwrap());
    let whose: Vec<String> =
        chosen.into_iter().take(few).chain(rest).take(usize::try_from(children).unwrap()).collect();
    println!("registry and selection: {:.0} s", begun.elapsed().as_secs_f64());
    let keys = Store::open(&home.join("children")).unwrap();
    let key = |role| data_encoding::BASE64.encode(keys.keys().current(role).spki_der());
    let (evidence_keys, log_keys) = (vec![key(Role::Evidence)], vec![key(Role::Log)]);
    let now = node::now().millis();
    let envelope = |record: &Record| node.store().sign(record).unwrap();
    let append = |records: Vec<Record>| {
        for part in records.chunks(BATCH) {
            let batch: Vec<Submission> =
                part.iter().map(|r| Submission { envelope: envelope(r), items: None, artifacts: Vec::new() }).collect();
            node.store().append(&batch).unwrap();
        }
    };
    let child = |n: usize| format!("plant-{n:06}");
    let members = whose.iter().enumerate().map(|(n, uscc)| {
        Record::Member(Box::new(Member {
            node: node.id(),
            author: author(),
            stated_at: Time::from_millis(now - 300 * DAY),
            child: NodeId::new(child(n)),
            standing: MemberStanding::Certified,
            part: Part { role: NodeRole::Plant, name: format!("Plant {n}"), area: "44".into(), uscc: uscc.clone() },
            origin: format!("o{n}"),
            evidence_keys: evidence_keys.clone(),
            log_keys: log_keys.clone(),
            invitation: None,
            follows: None,
            reason: String::new(),
        }))
    });
    append(members.collect());
    let mirror = Mirror::open(home, Steps::default()).unwrap();
    let desk = mirror.desk(std::time::Duration::from_secs(5)).unwrap();
    let per = reports.div_ceil(children);
    let mut n = 0;
    // One of ten never reports.
    let reporting = whose.len() * 9 / 10;
    while n < reports {
        let mut receipts = Vec::new();
        mirror
            .take(&desk, |intake| {
                for _ in 0..BATCH {
                    if n >= reports {
                        break;
                    }
                    let (who, round) = (usize::try_from(n).unwrap() % reporting, n / reporting as u64);
                    let at = Time::from_millis(now - (i64::try_from(per - round.min(per)).unwrap() * 20 + 1) * DAY);
                    let r = report(plan, &child(who), &whose[who], n, at);
                    let signed = keys.sign(&Record::ProgrammeReport(Box::new(r))).unwrap();
                    let verified = proof::verify_envelope(&signed, &keys.keys().evidence_keys()).unwrap();
                    let kind = RecordKind::ProgrammeReport.predicate_type();
                    let deposit = Deposit { leaf: verified.leaf(), kind, about: "", envelope: &signed.to_json() };
                    intake.ship(&NodeId::new(child(who)), round, &deposit)?;
                    receipts.push(Record::Receipt(Box::new(Receipt {
                        node: node.id(),
                        child: NodeId::new(child(who)),
                        at,
                        from: round,
                        size: round + 1,
                        root: verified.leaf(),
                        checkpoint: String::new(),
                        records: vec![Received {
                            index: round,
                            leaf: verified.leaf(),
                            kind: kind.to_owned(),
                            doubts: Vec::new(),
                        }],
                        carried: false,
                    })));
                    n += 1;
                }
                Ok(())
            })
            .unwrap();
        append(receipts);
    }
    println!("made in {:.0} s: {} records in the log", begun.elapsed().as_secs_f64(), node.store().size().unwrap());
}

/// CPU of this thread a page: median and 99th of a hundred, in milliseconds.
fn measured(what: &str, mut page: impl FnMut(usize) -> usize) {
    page(0);
    let (mut costs, mut walls, mut rows) = (Vec::new(), Vec::new(), 0);
    for n in 0..PAGES {
        let (at, begun) = (cpu(), Instant::now());
        rows += page(n);
        costs.push((cpu() - at) as f64 / 1e6);
        walls.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    costs.sort_by(f64::total_cmp);
    walls.sort_by(f64::total_cmp);
    let at = |list: &[f64], share: usize| list[(list.len() * share / 100).min(list.len() - 1)];
    println!(
        "| {what} | {:.2} / {:.2} | {:.2} / {:.2} | {:.0} |",
        at(&costs, 50),
        at(&costs, 99),
        at(&walls, 50),
        at(&walls, 99),
        rows as f64 / PAGES as f64
    );
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let dir = arguments.next().expect("a folder for the store");
    let mut number = |or: u64| arguments.next().map_or(or, |n| n.parse().unwrap());
    let size = [number(480_000), number(45_000), number(450_000)];
    let home = Path::new(&dir).to_owned();
    let plan = plan::check(&plan::builtin()).unwrap();
    if !home.join("log.db").exists() && std::fs::read_dir(&home).is_ok_and(|d| d.count() > 0) {
        println!("the store in {dir} is used");
    } else if !home.exists() {
        make(&home, &plan, size);
    }
    let node = Node::open(&home, None, &|| None).unwrap();
    let records = node.store().size().unwrap();
    println!("{} enterprises, {} children, {records} records in the log, {} reports below", size[0], size[1], size[2]);
    let (begun, used) = (Instant::now(), all_cpu());
    let done = node.pages_follow(&plan, true, &Silent, &Stop::new()).unwrap();
    println!(
        "made anew: {} records, {} enterprises judged, {:.1} s elapsed, {:.1} s of processor, peak {} MiB",
        done.records,
        done.judged,
        begun.elapsed().as_secs_f64(),
        all_cpu() - used,
        memory("VmHWM")
    );
    let file = std::fs::metadata(home.join("memory/pages.db")).unwrap().len();
    println!("memory/pages.db: {} MiB", file >> 20);
    drop(node);
    // As a server that has run for a while: opened anew, nothing to be followed.
    let node = Node::open(&home, None, &|| None).unwrap();
    println!("\n| page of 50 | CPU ms p50 / p99 | wall ms p50 / p99 | rows |\n| --- | --- | --- | --- |");
    let supervisors = evidence::SUPERVISORS;
    let scope = |n: usize| match n % 4 {
        0 => Scope::Node,
        k => Scope::Part(Part {
            role: if k == 3 { NodeRole::City } else { NodeRole::Province },
            name: String::new(),
            area: if k == 3 {
                format!("{}0{}", ["11", "12", "13", "14", "15"][n % 5], 1 + n % 9)
            } else {
                supervisors[n % supervisors.len()].to_owned()
            },
            uscc: String::new(),
        }),
    };
    let filter = |n: usize| ListFilter {
        industry: if n.is_multiple_of(3) { format!("C{:02}", 13 + n % 31) } else { String::new() },
        ..ListFilter::default()
    };
    let states = EnterpriseState::ALL;
    let mut after: Option<String> = None;
    measured("enterprises by code, one page after another", |_| {
        let pages = node.pages(&plan).unwrap();
        let page = pages
            .enterprises(&Scope::Node, &EnterpriseFilter::default(), EnterpriseSort::Code, after.as_deref(), 50)
            .unwrap();
        after = page.next;
        page.rows.len()
    });
    for sort in [EnterpriseSort::Code, EnterpriseSort::Points] {
        measured(&format!("enterprises, mixed scopes and filters, {sort:?}"), |n| {
            let pages = node.pages(&plan).unwrap();
            let state = (n.is_multiple_of(2)).then(|| states[n / 2 % states.len()]);
            let asked = EnterpriseFilter { list: filter(n), state, selected: n.is_multiple_of(7) };
            pages.enterprises(&scope(n), &asked, sort, None, 50).unwrap().rows.len()
        });
    }
    for of in ListOf::ALL {
        let mut after: Option<String> = None;
        measured(&format!("list {}, one page after another", of.name()), |_| {
            let pages = node.pages(&plan).unwrap();
            let page = pages.list(&Scope::Node, of, &ListFilter::default(), after.as_deref(), 50).unwrap();
            after = page.next;
            page.rows.len()
        });
        measured(&format!("list {}, mixed scopes and filters", of.name()), |n| {
            node.pages(&plan).unwrap().list(&scope(n), of, &filter(n), None, 50).unwrap().rows.len()
        });
    }
    let mut after: Option<String> = None;
    measured("queue, one page after another", |_| {
        let page = node.pages(&plan).unwrap().queue(&Scope::Node, &[], &ListFilter::default(), after.as_deref(), 50);
        let page = page.unwrap();
        after = page.next;
        page.items.len()
    });
    measured("queue, mixed scopes and filters", |n| {
        node.pages(&plan).unwrap().queue(&scope(n), &[], &filter(n), None, 50).unwrap().items.len()
    });
    let codes: Vec<String> = node
        .pages(&plan)
        .unwrap()
        .list(&Scope::Node, ListOf::Risk, &ListFilter::default(), None, 200)
        .unwrap()
        .rows
        .into_iter()
        .map(|r| r.uscc)
        .collect();
    measured("one enterprise, its life and its years", |n| {
        let one = node.pages(&plan).unwrap().enterprise(&Scope::Node, &codes[n % codes.len()]).unwrap().unwrap();
        one.life.reports.len()
    });
    measured("counts of a scope", |n| node.pages(&plan).unwrap().counts(&scope(n), &filter(n)).unwrap().states.len());
    measured("progress, eleven targets, with series and forecast", |_| {
        node.pages(&plan).unwrap().progress().unwrap().targets.len()
    });
    let mut after: Option<String> = None;
    measured("receipts, one page after another", |_| {
        let page = node.pages(&plan).unwrap().receipts(None, after.as_deref(), 50).unwrap();
        after = page.next;
        page.rows.len()
    });
    println!("\nafter all pages: resident {} MiB", memory("VmRSS"));
    // Something arrives: one more report, and then the first page.
    let (begun, used) = (Instant::now(), all_cpu());
    let part = Part { role: NodeRole::Plant, name: "new".into(), area: "44".into(), uscc: codes[0].clone() };
    node.invite(part, 14, None).unwrap();
    node.pages(&plan).unwrap();
    println!(
        "a record and the page after it: {:.0} ms elapsed, {:.0} ms of processor",
        begun.elapsed().as_secs_f64() * 1e3,
        (all_cpu() - used) * 1e3
    );
}
