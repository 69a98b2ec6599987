//! Single rules: what holds, what does not, what a release forgets.

use crate::streams::{Draw, encrypted, file, seen};
use ransom::{
    Actor, Code, Event, File, Level, Reason, Scope, ScopeKind, Settings, Standing, Verdict, Watch, Way, What,
};

struct Bench {
    watch: Watch,
    at_ms: u64,
    draw: Draw,
}
impl Bench {
    fn new() -> Self {
        Self { watch: Watch::new(Settings::default()).unwrap(), at_ms: 1_000_000, draw: Draw(5) }
    }
    fn take(&mut self, by: Actor, what: What) -> Verdict {
        self.at_ms += 10;
        self.watch.take(&Event { at_ms: self.at_ms, by, what })
    }
    /// Encrypts text file `id` in folder `id % 2`.
    fn encrypt(&mut self, by: Actor, id: u64, format: &str) -> Verdict {
        let change = Box::new(encrypted(&mut self.draw, 2_000));
        let (before, after) = (seen(format, Standing::Valid), seen("binary", Standing::Opaque));
        self.take(by, What::Changed { file: file(id, id % 2, format), way: Way::InPlace, before, after, change })
    }
}
fn tree(id: u64) -> Actor {
    Actor { tree: Some(id), share: 1, process: id, ..Actor::default() }
}
fn codes(verdict: &Verdict) -> Vec<Code> {
    verdict.reasons.iter().map(|r| r.code).collect()
}
fn reason(verdict: &Verdict, code: Code) -> &Reason {
    verdict.reasons.iter().find(|r| r.code == code).unwrap_or_else(|| panic!("no {code:?} in {verdict:#?}"))
}

#[test]
fn a_hold_needs_two_kinds_of_evidence_or_a_canary() {
    let mut bench = Bench::new();
    // However many renames and removals of one format in one folder: one kind.
    for id in 0..200 {
        let from = file(id, 1, "csv");
        let to = File { ext: "old".to_owned(), ..from.clone() };
        let verdict = bench.take(tree(1), What::Rename { from, to });
        assert_ne!(verdict.level, Level::Hold, "{verdict:#?}");
        let verdict = bench
            .take(tree(2), What::Unlink { file: file(1_000 + id, 1, "csv"), before: seen("csv", Standing::Valid) });
        assert_ne!(verdict.level, Level::Hold, "{verdict:#?}");
    }
    let verdict = bench.take(tree(3), What::Canary { file: file(9_000, 1, "docx") });
    assert_eq!((verdict.level, codes(&verdict)), (Level::Hold, vec![Code::Canary]));
}

#[test]
fn numbers_of_a_hold_are_those_that_were_seen() {
    let mut bench = Bench::new();
    let levels: Vec<Level> =
        (0..8).map(|id| bench.encrypt(tree(1), id, if id % 2 == 0 { "csv" } else { "txt" }).level).collect();
    let first = levels.iter().position(|l| *l == Level::Hold).unwrap();
    assert!(first < 6 && levels[first..].iter().all(|l| *l == Level::Hold), "{levels:?}");
    let verdict = bench.watch.standing(Scope { kind: ScopeKind::Tree, id: 1 }).unwrap();
    assert_eq!(reason(&verdict, Code::FormatBroken).numbers["files"], 8);
    assert_eq!(reason(&verdict, Code::FormatBroken).numbers["formats"], 2);
    let random = reason(&verdict, Code::RandomChange);
    assert!(random.numbers["bytes"].abs_diff(16_000) < 100 && random.numbers["files"] == 8, "{random:?}");
    assert!((1_850..=3_300).contains(&random.numbers["chi"]) && random.numbers["chi_before"] > 6_000, "{random:?}");
    assert_eq!(reason(&verdict, Code::Breadth).numbers["folders"], 2);
    assert_eq!((verdict.files_touched, verdict.since_ms), (8, Some(1_000_010)));
    assert_eq!(verdict.score, verdict.reasons.iter().map(|r| r.points).sum::<u32>());
}

#[test]
fn looking_twice_at_a_file_counts_it_once_and_the_last_look_counts() {
    let mut bench = Bench::new();
    for _ in 0..20 {
        let verdict = bench.encrypt(tree(1), 1, "csv");
        assert_ne!(verdict.level, Level::Hold, "{verdict:#?}");
        assert_eq!(reason(&verdict, Code::FormatBroken).numbers["files"], 1);
    }
    // It was half written; now it is whole.
    let change = Box::new(ransom::diff(b"a,b\r\n1,2\r\n", b"a,b\r\n1,3\r\n", &ransom::Veil::none()));
    let valid = || seen("csv", Standing::Valid);
    let verdict = bench.take(
        tree(1),
        What::Changed { file: file(1, 1, "csv"), way: Way::Rewritten, before: valid(), after: valid(), change },
    );
    assert_eq!((verdict.level, verdict.score), (Level::Calm, 0));
}

#[test]
fn packed_content_that_is_packed_anew_is_no_evidence() {
    let mut bench = Bench::new();
    for id in 0..40 {
        // Small packed contents look random before and after.
        let before: Vec<u8> = (0..3_000).map(|_| bench.draw.next(256) as u8).collect();
        let after: Vec<u8> = (0..3_000).map(|_| bench.draw.next(256) as u8).collect();
        let change = Box::new(ransom::diff(&before, &after, &ransom::Veil::none()));
        let valid = || seen("docx", Standing::Valid);
        let what = What::Changed {
            file: file(id, id % 7, "docx"),
            way: Way::RenamedOver,
            before: valid(),
            after: valid(),
            change,
        };
        let verdict = bench.take(tree(1), what);
        assert_eq!((verdict.level, verdict.score), (Level::Calm, 0), "{verdict:#?}");
    }
}

#[test]
fn what_is_open_and_not_compared_is_asked_for() {
    let mut bench = Bench::new();
    let open = |id| What::OpenWrite { file: file(id, 1, "csv") };
    let asked: Vec<bool> = (0..5).map(|id| bench.take(tree(1), open(id)).examine).collect();
    assert_eq!(asked, [false, false, false, true, true]);
    for id in 0..5 {
        bench.take(tree(1), What::Unchanged { file: file(id, 1, "csv") });
    }
    let verdict = bench.take(tree(1), open(9));
    assert_eq!((verdict.examine, verdict.pending, verdict.level), (false, 1, Level::Calm));
}

#[test]
fn a_hold_outlasts_time_and_ends_by_release_in_wider_scopes_too() {
    let mut bench = Bench::new();
    (0..8).for_each(|id| drop(bench.encrypt(tree(1), id, if id % 2 == 0 { "csv" } else { "txt" })));
    bench.at_ms += 100 * 24 * 3_600_000;
    let read = || What::Read { file: file(77, 1, "csv") };
    let verdict = bench.take(tree(1), read());
    assert!(verdict.level == Level::Hold && !verdict.reasons.is_empty(), "{verdict:#?}");
    let mut bench = Bench::new();
    (0..8).for_each(|id| drop(bench.encrypt(tree(1), id, if id % 2 == 0 { "csv" } else { "txt" })));
    let scope = Scope { kind: ScopeKind::Tree, id: 1 };
    bench.take(tree(2), What::Released { scope, until_ms: Some(bench.at_ms + 1_000) });
    for id in 10..20 {
        let verdict = bench.encrypt(tree(1), id, "csv");
        assert_eq!((verdict.level, verdict.score), (Level::Calm, 0), "allowed for a second: {verdict:#?}");
    }
    bench.at_ms += 2_000;
    let held = (20..30)
        .map(|id| bench.encrypt(tree(1), id, if id % 2 == 0 { "csv" } else { "txt" }))
        .any(|v| v.level == Level::Hold);
    assert!(held, "and no longer");
}

#[test]
fn a_clock_that_goes_back_changes_nothing() {
    let run = |times: &[u64]| {
        let mut watch = Watch::new(Settings::default()).unwrap();
        let mut draw = Draw(9);
        let each = times.iter().zip(0..).map(|(at_ms, id)| {
            let change = Box::new(encrypted(&mut draw, 2_000));
            let (before, after) = (seen("csv", Standing::Valid), seen("binary", Standing::Opaque));
            let what = What::Changed { file: file(id, id % 3, "csv"), way: Way::InPlace, before, after, change };
            watch.take(&Event { at_ms: *at_ms, by: tree(1), what }).level
        });
        each.collect::<Vec<_>>()
    };
    assert_eq!(run(&[100, 110, 120, 130, 140, 150, 160]), run(&[100, 110, 5, 0, 140, 7, 160]));
}

#[test]
fn services_notes_and_the_vault_count_only_beside_damage() {
    let mut bench = Bench::new();
    for service in 0..5 {
        assert_eq!(bench.take(tree(1), What::ServiceStopped { service }).score, 0);
    }
    assert_eq!(bench.take(tree(1), What::VaultPressure { percent: 95 }).score, 0);
    let verdict = bench.encrypt(tree(1), 1, "csv");
    assert_eq!(reason(&verdict, Code::ServiceStops).numbers["services"], 5);
    assert_eq!(reason(&verdict, Code::VaultPressure).numbers["percent"], 95);
    let mut bench = Bench::new();
    for folder in 0..20 {
        let verdict = bench.take(tree(1), What::Note { file: file(folder, folder, "txt"), name: 1, content: folder });
        assert_ne!(verdict.level, Level::Hold, "a licence file in every folder is no attack");
    }
}

#[test]
fn of_a_share_names_and_losses_count_half() {
    let mut bench = Bench::new();
    // Twenty people remove files of several formats in several folders within a minute.
    for n in 0..40 {
        let by = Actor { session: Some(n), peer: Some(n), share: 1, process: n, ..Actor::default() };
        let format = ["csv", "docx", "pdf"][(n % 3) as usize];
        let verdict =
            bench.take(by, What::Unlink { file: file(n, n % 4, format), before: seen(format, Standing::Valid) });
        assert_ne!(verdict.level, Level::Hold, "{verdict:#?}");
    }
    let share = bench.watch.standing(Scope { kind: ScopeKind::Share, id: 1 }).unwrap();
    assert_eq!((reason(&share, Code::DeleteBurst).points, reason(&share, Code::Breadth).points), (30, 20));
}

#[test]
fn settings_that_bound_nothing_are_refused() {
    let ok = Settings::default();
    assert_eq!(ok.check(), Ok(()));
    for bad in [
        Settings { hold_points: 0, ..ok.clone() },
        Settings { suspect_points: 101, ..ok.clone() },
        Settings { pending_max: 0, ..ok.clone() },
        Settings { victims_max: u32::MAX, ..ok.clone() },
        Settings { scopes_max: 1, ..ok.clone() },
        Settings { burst_ms: ok.long_ms + 1, ..ok.clone() },
    ] {
        assert!(Watch::new(bad).is_err());
    }
}
