//! Every mode of attack is held before the tenth file, no ordinary job ever is - from the bytes that the driver really wrote.

use ransom::{Code, Level, ScopeKind};
use std::collections::BTreeSet;
use testing::attack::Mode;
use testing::attack::benign::JOBS;
use testing::attack::drive::MODES;
use testing::attack::trial::{Spread, Trial, attack, benign};

/// Files that may be changed before an actor is held.
const FILES_MAX: usize = 9;

fn until_hold(trial: &Trial) -> (usize, BTreeSet<Code>, ScopeKind) {
    let result = attack(&std::env::temp_dir(), trial).unwrap();
    let Some(held) = result.outcome.held else {
        panic!("{trial:?} was never held; at most: {:#?}", result.outcome.highest);
    };
    let codes = held.reasons.iter().map(|r| r.code).collect();
    (result.outcome.files_until_hold.unwrap(), codes, held.scope.kind)
}

#[test]
fn every_mode_is_held_before_the_tenth_file() {
    for mode in MODES {
        let (files, codes, scope) = until_hold(&Trial::plain(mode, 1));
        assert!(files <= FILES_MAX, "{}: {files} files by {codes:?}", mode.id);
        assert_eq!(scope, ScopeKind::Tree, "{}", mode.id);
        let families: BTreeSet<_> = codes.iter().map(|c| c.family()).collect();
        assert!(families.len() >= 2, "{}: {codes:?}", mode.id);
    }
}

#[test]
fn a_canary_is_enough() {
    for mode in MODES.into_iter().step_by(3) {
        let (files, codes, _) = until_hold(&Trial { canary: true, ..Trial::plain(mode, 3) });
        assert!(files <= 1 && codes.contains(&Code::Canary), "{}: {files} files by {codes:?}", mode.id);
    }
}

#[test]
fn many_processes_are_one_actor() {
    for (id, all) in [("64-per-4096", &[18, 32][..]), ("rename-over", &[32]), ("new-unlink", &[18])] {
        let mode = Mode::named(id).unwrap();
        for &processes in all {
            let spread = [
                (Spread::Tree(processes), ScopeKind::Tree),
                (Spread::Account(processes), ScopeKind::User),
                (Spread::Share(processes), ScopeKind::Share),
            ];
            for (spread, kind) in spread {
                let (files, codes, scope) = until_hold(&Trial { spread, ..Trial::plain(mode, 4) });
                assert!(files <= FILES_MAX, "{id} {spread:?}: {files} files by {codes:?}");
                assert_eq!(scope, kind, "{id} {spread:?}");
                assert!(codes.contains(&Code::Together) || files < 4, "{id} {spread:?}: {codes:?}");
            }
        }
    }
}

#[test]
fn slow_remote_and_prepared_attacks_are_held_too() {
    for id in ["head-4k", "64-per-4096"] {
        let plain = Trial::plain(Mode::named(id).unwrap(), 5);
        for (name, trial) in [
            ("one a minute", Trial { every_ms: 60_000, ..plain }),
            ("one an hour", Trial { every_ms: 3_600_000, ..plain }),
            ("over SMB", Trial { spread: Spread::Session, ..plain }),
        ] {
            let (files, codes, _) = until_hold(&trial);
            assert!(files <= FILES_MAX, "{id} {name}: {files} files by {codes:?}");
        }
        let (_, codes, _) = until_hold(&Trial { services: true, ..plain });
        assert!(codes.contains(&Code::ServiceStops), "{id}: {codes:?}");
    }
    let big = Trial { big: true, ..Trial::plain(Mode::named("mib-on-off").unwrap(), 6) };
    assert!(until_hold(&big).0 <= FILES_MAX);
    let (_, codes, _) = until_hold(&Trial { every_ms: 10, ..Trial::plain(Mode::named("note").unwrap(), 7) });
    assert!(codes.contains(&Code::Note) || codes.contains(&Code::Extension), "{codes:?}");
}

#[test]
fn ordinary_work_is_never_held() {
    for job in JOBS {
        let result = benign(&std::env::temp_dir(), job, 8).unwrap();
        let highest = result.outcome.highest.unwrap();
        assert!(result.outcome.held.is_none(), "{}: {highest:#?}", job.id);
        assert!(highest.score < 75, "{} comes close: {highest:#?}", job.id);
    }
}

#[test]
fn a_recorded_attack_is_judged_again_to_the_same_hold() {
    let mode = Mode::named("percent-20").unwrap();
    let result = attack(&std::env::temp_dir(), &Trial { keep: true, ..Trial::plain(mode, 9) }).unwrap();
    let again = ransom::trace::replay(&result.trace).unwrap();
    let held = again.into_iter().map(|(_, verdict)| verdict).find(|v| v.level == Level::Hold);
    assert_eq!(held, result.outcome.held);
    // What was in the files is not in the trace.
    let trace = String::from_utf8(result.trace).unwrap();
    for word in ["压力", "GOOD", "pressure", "合同", "泵壳"] {
        assert!(!trace.contains(word), "{word}");
    }
}
