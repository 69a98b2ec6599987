//! A country at size, in one process: the ministry, its supervisors, and plants that are made, live for three rounds and are removed, wave by wave. The code
//! that submits and receives is the product's; what stands in for the world is the line (lost, doubled, late, cut, re-ordered) and
//! the programs' ends (they start again in the middle). One plant and one province lie. In the end everything that was acknowledged is
//! looked for above by SQL and proof alone, and what was planted is shown beside who named it - or that nobody did.
//! Usage: `cargo xtask bench simulation --supervisors 37 --plants 45000 --seed N [--dir DIR]`.
#![expect(clippy::unwrap_used, reason = "a bench may fail loudly")]

#[path = "../../tests/it/federation/country.rs"]
mod country;
mod lies;
mod province;
mod recount;

use country::{Chance, Mail, deliver, part};
use evidence::{Digest, NodeId, NodeRole, SUPERVISORS};
use node::{Line, LineFault, Node};
use province::Province;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, RwLock};
use std::time::Instant;

/// What is asked for.
struct Asked {
    supervisors: usize,
    plants: u64,
    seed: u64,
    dir: PathBuf,
}
impl Asked {
    fn read() -> Self {
        let words: Vec<String> = std::env::args().skip(1).collect();
        let mut asked = Self { supervisors: 37, plants: 45_000, seed: 1, dir: std::env::temp_dir() };
        for pair in words.chunks(2) {
            match (pair[0].as_str(), pair.get(1).map(String::as_str)) {
                ("--supervisors", Some(n)) => asked.supervisors = n.parse().unwrap(),
                ("--plants", Some(n)) => asked.plants = n.parse().unwrap(),
                ("--seed", Some(n)) => asked.seed = n.parse().unwrap(),
                ("--dir", Some(dir)) => asked.dir = dir.into(),
                _ => panic!("--supervisors N --plants N --seed N --dir DIR"),
            }
        }
        assert!((4..=SUPERVISORS.len()).contains(&asked.supervisors), "4 to 37 supervisors");
        assert!(asked.plants >= asked.supervisors as u64, "a plant for each");
        asked
    }
}

/// The ministry: many lines lead to it, and its program ends and starts again now and then.
struct Ministry {
    home: PathBuf,
    node: RwLock<Option<Node>>,
}
impl Ministry {
    fn with<T>(&self, work: impl FnOnce(&Node) -> T) -> T {
        work(self.node.read().unwrap().as_ref().unwrap())
    }
    fn restart(&self) {
        let mut node = self.node.write().unwrap();
        drop(node.take());
        *node = Some(open(&self.home));
    }
}
impl Line for &Ministry {
    fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, LineFault> {
        self.with(|node| country::Direct(node).post(path, body))
    }
}

/// A record that somebody holds a receipt for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Acknowledged {
    plant: NodeId,
    leaf: Digest,
}

/// What happened on the lines of one province.
#[derive(Default, Clone, Copy)]
struct Tally {
    plants: u64,
    reports: u64,
    submissions: u64,
    unanswered: u64,
    restarts: u64,
    late: u64,
}
impl Tally {
    fn add(&mut self, o: Tally) {
        self.plants += o.plants;
        self.reports += o.reports;
        self.submissions += o.submissions;
        self.unanswered += o.unanswered;
        self.restarts += o.restarts;
        self.late += o.late;
    }
}

fn open(home: &Path) -> Node {
    Node::open(home, None, &|| None).unwrap()
}

/// Seconds of processor time that this process has used, in steps of 10 ms.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn main() {
    let asked = Asked::read();
    let root = asked.dir.join(format!("watchfire-simulation-{}", std::process::id()));
    std::fs::create_dir_all(&root).unwrap();
    let begun = Instant::now();
    println!(
        "{} supervisors, {} plants, seed {}; homes under {}",
        asked.supervisors,
        asked.plants,
        asked.seed,
        asked.dir.display()
    );
    let home = root.join("ministry");
    let ministry = Ministry { node: RwLock::new(Some(open(&home))), home };
    ministry.with(|m| m.profile_set(part(NodeRole::Ministry, "", 0), None).unwrap());
    let mut provinces: Vec<Province> = SUPERVISORS[..asked.supervisors]
        .iter()
        .enumerate()
        .map(|(n, area)| Province::new(&root, &ministry, n, area, asked.seed))
        .collect();
    live(&ministry, &mut provinces, &asked);
    let lived = (begun.elapsed().as_secs_f64(), cpu());
    let mut tally = Tally::default();
    provinces.iter().for_each(|p| tally.add(p.tally));
    println!(
        "lived {:.0} s, {:.0} s of processor: {} plants signed {} reports; {} submissions, {} of them unanswered, {} messages late; {} restarts",
        lived.0, lived.1, tally.plants, tally.reports, tally.submissions, tally.unanswered, tally.late, tally.restarts
    );
    let lies = lies::told(&ministry, &mut provinces);
    let counted = recount::all(&ministry, &provinces);
    println!("\n| what | result |\n| --- | --- |");
    for (what, result) in &counted.lines {
        println!("| {what} | {result} |");
    }
    println!("\n| lie | expected | what came of it |\n| --- | --- | --- |");
    for lie in &lies {
        println!("| {} | {} | {} |", lie.what, if lie.caught { "named" } else { "not caught" }, lie.came);
    }
    println!(
        "\nin all {:.0} s, {:.0} s of processor; {} MB of homes at the end",
        begun.elapsed().as_secs_f64(),
        cpu(),
        recount::folder_bytes(&root) / 1_000_000
    );
    drop(provinces);
    drop(ministry);
    std::fs::remove_dir_all(&root).unwrap();
    let good = counted.holds && lies.iter().all(|l| l.as_expected);
    println!("{}", if good { "as expected" } else { "NOT AS EXPECTED" });
    std::process::exit(i32::from(!good));
}

/// All provinces live through their waves, as many at a time as there are cores.
fn live(ministry: &Ministry, provinces: &mut Vec<Province>, asked: &Asked) {
    let count = provinces.len() as u64;
    let waiting: Vec<Mutex<Option<Province>>> = provinces.drain(..).map(|p| Mutex::new(Some(p))).collect();
    let (next, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let Some(slot) = waiting.get(n) else { break };
                    let mut province = slot.lock().unwrap().take().unwrap();
                    let n = n as u64;
                    province.live(ministry, (0..asked.plants).filter(|plant| plant % count == n));
                    *slot.lock().unwrap() = Some(province);
                    let ended = ended.fetch_add(1, Ordering::Relaxed) + 1;
                    eprintln!("{ended} of {count} supervisors: {:.0} s of processor", cpu());
                }
            });
        }
    });
    provinces.extend(waiting.into_iter().map(|slot| slot.into_inner().unwrap().unwrap()));
}

/// A line of a province's to the ministry, until everything is held there.
fn settle(mut submit: impl FnMut() -> node::SubmitState, mut between: impl FnMut()) {
    for _ in 0..200 {
        match submit() {
            node::SubmitState::Equal => return,
            node::SubmitState::Unanswered(_) | node::SubmitState::Stuck => between(),
            other => panic!("an honest node was answered {other:?}"),
        }
    }
    panic!("nothing came through in two hundred tries");
}

/// Mail that nobody waits for, and how much of it there was.
fn late_mail(node: &Node, late: &Mail, tally: &mut Tally) {
    tally.late += late.borrow().len() as u64;
    deliver(node, late);
}

/// A sequence of chance of its own for each place of the country: one seed makes one run, whichever core is first.
fn chance(seed: u64, n: usize) -> Chance {
    let mut of = Chance(seed ^ ((n as u64 + 1) << 32));
    of.next();
    of
}
