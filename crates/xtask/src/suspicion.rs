//! `cargo xtask bench ransom`: every mode of the attack driver and every ordinary job against `ransom`, from the bytes that they really
//! write, over three seeds; and what a million files and actors cost. Counts, no times: any machine gives the same table.

use std::collections::BTreeSet;
use std::path::Path;
use testing::attack::benign::JOBS;
use testing::attack::drive::MODES;
use testing::attack::trial::{Spread, Trial, attack, benign};

/// Seeds of the replicas.
const SEEDS: [u64; 3] = [1, 2, 3];

pub(crate) fn bench() -> Result<(), String> {
    let within = std::env::temp_dir();
    println!(
        "| attack (nine kinds of files, six folders) | files until held, seeds 1 to 3 | reasons at that moment |\n| --- | --- | --- |"
    );
    for mode in MODES {
        row(&within, mode.id, |seed| Trial::plain(mode, seed))?;
    }
    let named = |id: &str| testing::attack::Mode::named(id).ok_or_else(|| format!("no mode {id}"));
    let (whole, thin, over) = (named("in-place")?, named("64-per-4096")?, named("rename-over")?);
    row(&within, "in-place, canary first", |seed| Trial { canary: true, ..Trial::plain(whole, seed) })?;
    for spread in [Spread::Tree(18), Spread::Tree(32), Spread::Account(32), Spread::Share(32), Spread::Session] {
        row(&within, &format!("64-per-4096, {}", said(spread)), |seed| Trial { spread, ..Trial::plain(thin, seed) })?;
    }
    row(&within, "rename-over, 32 processes of one tree", |seed| Trial {
        spread: Spread::Tree(32),
        ..Trial::plain(over, seed)
    })?;
    row(&within, "in-place, one file a minute", |seed| Trial { every_ms: 60_000, ..Trial::plain(whole, seed) })?;
    row(&within, "64-per-4096, one file an hour", |seed| Trial { every_ms: 3_600_000, ..Trial::plain(thin, seed) })?;
    row(&within, "mib-on-off, every eighth a disk of 2.5 MiB", |seed| Trial {
        big: true,
        ..Trial::plain(named("mib-on-off").unwrap_or(whole), seed)
    })?;
    println!(
        "\n| ordinary job (54 files) | held, of 3 seeds | highest score (held at 100) | reasons at that moment |\n| --- | --- | --- | --- |"
    );
    for job in JOBS {
        let runs: Vec<_> = SEEDS
            .iter()
            .map(|seed| benign(&within, job, *seed))
            .collect::<Result<_, _>>()
            .map_err(|e| e.to_string())?;
        let held = runs.iter().filter(|r| r.outcome.held.is_some()).count();
        let highest = runs.iter().filter_map(|r| r.outcome.highest.as_ref()).max_by_key(|v| v.score);
        let reasons =
            highest.map(|v| v.reasons.iter().map(|r| r.code.id()).collect::<BTreeSet<_>>()).unwrap_or_default();
        let reasons = reasons.into_iter().collect::<Vec<_>>().join(", ");
        println!("| {} | {held} | {} | {reasons} |", job.id, highest.map_or(0, |v| v.score));
    }
    memory()
}

fn said(spread: Spread) -> String {
    match spread {
        Spread::Tree(n) => format!("{n} processes of one tree"),
        Spread::Account(n) => format!("{n} trees of one account"),
        Spread::Share(n) => format!("{n} accounts on one share"),
        Spread::Session => "one SMB session".to_owned(),
    }
}

fn row(within: &Path, name: &str, trial: impl Fn(u64) -> Trial) -> Result<(), String> {
    let (mut files, mut reasons) = (Vec::new(), BTreeSet::new());
    for seed in SEEDS {
        let outcome = attack(within, &trial(seed)).map_err(|e| e.to_string())?.outcome;
        files.push(outcome.files_until_hold.map_or("never".to_owned(), |n| n.to_string()));
        reasons.extend(outcome.held.iter().flat_map(|v| v.reasons.iter().map(|r| r.code)));
    }
    let reasons: Vec<&str> = reasons.into_iter().map(ransom::Code::id).collect();
    println!("| {name} | {} | {} |", files.join(" / "), reasons.join(", "));
    Ok(())
}

/// A million trees that each damage a file: the dearest kind of stream.
fn memory() -> Result<(), String> {
    use ransom::{Actor, Event, File, Seen, Settings, Standing, Veil, Watch, Way, What, diff};
    let before = resident()?;
    let mut watch = Watch::new(Settings::default()).map_err(|e| e.to_string())?;
    let text = b"the pressure of line A3 stays within its limits\n".repeat(8);
    let noise: Vec<u8> = (0..text.len() as u32).map(|n| ransom::id(&n.to_be_bytes()) as u8).collect();
    let change = Box::new(diff(&text, &noise, &Veil::none()));
    let seen = |format: &str, standing| Seen { format: format.to_owned(), standing };
    let mut most = 0;
    for n in 0..1_000_000_u64 {
        // 4,000 trees in turn, so that each has many victims.
        let by = Actor { tree: Some(n % 4_000), user: Some(n % 50), share: 1, process: n, ..Actor::default() };
        let file = File { id: n, folder: n % 5_000, stem: n, ext: "csv".to_owned(), bytes: 4_096 };
        watch.take(&Event { at_ms: n, by, what: What::Read { file: file.clone() } });
        let (before, after) = (seen("csv", Standing::Valid), seen("binary", Standing::Opaque));
        watch.take(&Event {
            at_ms: n,
            by,
            what: What::Changed { file, way: Way::InPlace, before, after, change: change.clone() },
        });
        if n % 50_000 == 0 {
            most = most.max(resident()?);
        }
    }
    let tally = watch.tally();
    println!(
        "\n2,000,000 events, 1,000,000 files, 4,000 trees that all damage: {} scopes and {} files remembered, {} and {} forgotten; resident memory grew by {} MiB at most",
        tally.scopes,
        tally.files,
        tally.scopes_evicted,
        tally.files_evicted,
        most.saturating_sub(before) >> 20
    );
    Ok(())
}

/// Resident bytes of this process.
fn resident() -> Result<u64, String> {
    let status = std::fs::read_to_string("/proc/self/status").map_err(|e| e.to_string())?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().map_err(|_| "VmRSS is no number".to_owned())?;
    Ok(kib << 10)
}
