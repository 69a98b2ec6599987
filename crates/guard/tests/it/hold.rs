//! Holding, deciding at the socket, and a guard that is killed.

use crate::bench::{config, mount, orders, program};
use evidence::guard_control::{GuardAnswer, GuardAsk, GuardStatus};
use guard::config::Mode;
use guard::journal::{self, Entry};
use guard::service::Running;
use guard::trial::{self, Form};
use std::path::Path;
use std::time::{Duration, Instant};

fn status(socket: &Path) -> GuardStatus {
    match guard::control::ask(socket, &GuardAsk::Status).expect("a guard answers") {
        GuardAnswer::Status(status) => *status,
        other => panic!("{other:?}"),
    }
}
fn until(what: &str, mut is: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is() {
        assert!(began.elapsed() < Duration::from_secs(30), "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn an_attacker_is_held_and_what_was_decided_stands_in_the_journal() {
    let Some(mount) = mount("btrfs", "hold") else { return };
    let config = config(&mount, Mode::Hold);
    let ground = config.shares[0].path.join("g");
    let token = trial::prepare(&ground, 60, 5000).expect("a ground");
    let running = Running::start(&config, orders()).expect("a guard");
    let mut child = program(Form::InPlace.id(), &ground, &token).spawn().expect("a child");
    until("held", || !status(&config.socket).holds.is_empty());
    let hold = status(&config.socket).holds[0].clone();
    assert_eq!((hold.program.as_str(), hold.pid), ("guard-trial", i64::from(child.id())));
    assert!(!hold.reasons.is_empty());
    assert!(child.try_wait().expect("a child").is_none(), "it waits in its open");
    // Nobody is asked twice; an order that is not there is refused.
    let wrong = guard::control::ask(&config.socket, &GuardAsk::Kill { hold: 99, by: "李".into() });
    assert_eq!(wrong, Err(guard::GuardError::Refused { why: "no-such-hold".into() }));
    guard::control::ask(&config.socket, &GuardAsk::Kill { hold: hold.hold, by: "李".into() }).expect("done");
    let ended = child.wait().expect("ended");
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&ended), Some(9));
    assert!(status(&config.socket).holds.is_empty());
    running.end();
    let lines = journal::read(&config.shares[0].vault).expect("a chain that holds");
    let acts: Vec<String> = lines
        .iter()
        .filter_map(|l| match &l.entry {
            Entry::Intends { act, order, .. } => Some(format!("{act} by {order}")),
            Entry::Outcome { act, done, .. } => Some(format!("{act} {done}")),
            _ => None,
        })
        .collect();
    assert_eq!(acts, ["hold by hold-attacker", "hold true", "kill by person:李 uid:0", "kill true"]);
}

#[test]
fn who_is_allowed_goes_on_to_the_end() {
    let Some(mount) = mount("xfs", "allow") else { return };
    let config = config(&mount, Mode::Hold);
    let ground = config.shares[0].path.join("g");
    let token = trial::prepare(&ground, 60, 5000).expect("a ground");
    let running = Running::start(&config, orders()).expect("a guard");
    let mut child = program(Form::Rewrite.id(), &ground, &token).spawn().expect("a child");
    until("held", || !status(&config.socket).holds.is_empty());
    let hold = status(&config.socket).holds[0].hold;
    guard::control::ask(&config.socket, &GuardAsk::Allow { hold, minutes: 5, by: "李".into() }).expect("done");
    assert!(child.wait().expect("ended").success(), "it was let go");
    assert!(status(&config.socket).holds.is_empty());
    running.end();
}

#[test]
fn without_an_order_of_the_plan_nobody_is_held() {
    let Some(mount) = mount("btrfs", "noorder") else { return };
    let config = config(&mount, Mode::Hold);
    let ground = config.shares[0].path.join("g");
    let token = trial::prepare(&ground, 60, 5000).expect("a ground");
    let running = Running::start(&config, guard::Orders::default()).expect("a guard");
    let ended = program(Form::InPlace.id(), &ground, &token).status().expect("a child");
    assert!(ended.success());
    assert!(status(&config.socket).holds.is_empty());
    assert_eq!(status(&config.socket).shares[0].pre_images, 60);
    running.end();
}
