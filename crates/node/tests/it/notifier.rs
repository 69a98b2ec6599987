//! The doer, over a real log: restarts, acknowledgements of others, delegations, quiet drills, a changed configuration.

use crate::bed::{Bed, around, now, obligation};
use crate::fakes::{answer, http_server};
use evidence::{NoticeState, Origin, Time};
use node::notify::{NewDelegation, Obligation, Roster, Test, config};

fn webhook(port: u16) -> Bed {
    let bed = Bed::new();
    bed.file("secret", "CANARY-SECRET", 0o600);
    let channel =
        format!("kind = \"webhook\"\nurl = \"http://127.0.0.1:{port}/CANARY-PATH\"\nsecret_file = \"secret\"");
    bed.file("notify.toml", &(around(&channel, "x") + "repeat_minutes = 5\n"), 0o600);
    bed
}
fn minute(n: i64) -> Time {
    now().plus_minutes(n).unwrap()
}

#[test]
fn a_restart_neither_forgets_nor_repeats() {
    let (port, got) = http_server(answer("200 OK", ""));
    let bed = webhook(port);
    let first = bed.notifier().run_due(&bed.node, now(), &[obligation()]).unwrap();
    assert_eq!((first.notices.len(), first.next.is_some()), (1, true));
    for n in 1..=3 {
        let again = bed.notifier().run_due(&bed.node, minute(n), &[obligation()]).unwrap();
        assert!(again.notices.is_empty(), "{again:?}");
        assert_eq!(again.next, first.next);
    }
    assert_eq!(got.lock().unwrap().len(), 1);
    let repeated = bed.notifier().run_due(&bed.node, minute(6), &[obligation()]).unwrap();
    assert_eq!((repeated.notices.len(), got.lock().unwrap().len()), (1, 2));
    // What is not open any more is not told.
    assert!(bed.notifier().run_due(&bed.node, minute(30), &[]).unwrap().notices.is_empty());
}

/// The log as a crash between sending and recording leaves it: the message comes twice, and is not lost.
#[test]
fn what_was_sent_and_not_recorded_is_sent_again() {
    let (port, got) = http_server(answer("200 OK", ""));
    let bed = webhook(port);
    let before = Bed::new();
    let mut copy = std::process::Command::new("cp");
    copy.arg("-a").arg(&bed.home).arg(before.home.join("crashed"));
    assert!(copy.status().unwrap().success());
    bed.notifier().run_due(&bed.node, now(), &[obligation()]).unwrap();
    let node = node::Node::open(&before.home.join("crashed"), None, &|| None).unwrap();
    let mut notifier = node::notify::Notifier::open(&node, &node::load_plan(None).unwrap()).unwrap();
    let again = notifier.run_due(&node, minute(1), &[obligation()]).unwrap();
    assert_eq!((again.notices.len(), again.notices[0].state), (1, NoticeState::Delivered));
    assert_eq!(got.lock().unwrap().len(), 2);
}

#[test]
fn an_acknowledgement_of_another_process_is_seen() {
    let (port, got) = http_server(answer("200 OK", ""));
    let bed = webhook(port);
    let mut notifier = bed.notifier();
    notifier.run_due(&bed.node, now(), &[obligation()]).unwrap();
    let ack = |id: &str| bed.node.notify_ack((id, None), "Li Ming", None);
    let acknowledged = ack("i-3f2a91c0").unwrap();
    assert_eq!((acknowledged.len(), acknowledged[0].state), (1, NoticeState::Acknowledged));
    assert_eq!(acknowledged[0].to, "Li Ming");
    assert!(ack("i-3f2a91c0").unwrap().is_empty(), "once is enough");
    assert!(ack("i-00000000").is_err());
    let after = notifier.run_due(&bed.node, minute(6), &[obligation()]).unwrap();
    assert!(after.notices.is_empty() && after.next.is_none(), "{after:?}");
    assert_eq!(got.lock().unwrap().len(), 1);
}

/// Each message says its own number; who has one clock's message has not the other's, and an incident's number is for all of them.
#[test]
fn one_message_of_an_incident_is_acknowledged_alone() {
    let (port, got) = http_server(answer("200 OK", ""));
    let bed = webhook(port);
    let of = |clock: &str| Obligation { clock: clock.to_owned(), ..obligation() };
    let open = ["miit-phone", "miit-written", "cac-other"].map(of);
    let mut notifier = bed.notifier();
    notifier.run_due(&bed.node, now(), &open).unwrap();
    let told = |n: &str| got.lock().unwrap().iter().filter(|r| r.contains(n)).count();
    let [phone, written, other] = open.clone().map(|o| o.notice());
    assert_eq!([&phone, &written, &other].map(|n| told(n)), [1, 1, 1], "each says its own number");
    let clocks = |all: Vec<evidence::Notice>| all.into_iter().map(|n| n.clock).collect::<Vec<_>>();
    let ack = |id: &str, clock: Option<&str>| bed.node.notify_ack((id, clock), "Li", None);
    assert_eq!(clocks(ack(&phone, None).unwrap()), ["miit-phone"]);
    assert_eq!(clocks(ack("i-3f2a91c0", Some("miit-written")).unwrap()), ["miit-written"]);
    assert!(ack("i-3f2a91c0", Some("no-such-clock")).is_err());
    notifier.run_due(&bed.node, minute(6), &open).unwrap();
    assert_eq!(
        [&phone, &written, &other].map(|n| told(n)),
        [1, 1, 2],
        "who has one is not asked again; the third is open"
    );
    assert_eq!(clocks(ack("i-3f2a91c0", None).unwrap()), ["cac-other"], "all that is left");
    notifier.run_due(&bed.node, minute(12), &open).unwrap();
    assert_eq!(told(&other), 2);
}

#[test]
fn a_quiet_drill_leaves_records_and_nothing_else() {
    let (port, got) = http_server(answer("200 OK", ""));
    let bed = webhook(port);
    let drill = Obligation { origin: Origin::Drill, ..obligation() };
    let ran = bed.notifier().run_due(&bed.node, now(), std::slice::from_ref(&drill)).unwrap();
    assert_eq!((ran.notices.len(), ran.notices[0].state), (1, NoticeState::Quiet));
    assert!(got.lock().unwrap().is_empty());
    assert!(bed.notifier().run_due(&bed.node, minute(1), std::slice::from_ref(&drill)).unwrap().notices.is_empty());
    // Loud drills go out with their mark.
    let text = std::fs::read_to_string(bed.home.join("notify.toml")).unwrap();
    bed.file("notify.toml", &format!("quiet_drill = false\n{text}"), 0o600);
    bed.notifier().run_due(&bed.node, minute(6), &[drill]).unwrap();
    let got = got.lock().unwrap();
    assert!(got.len() == 1 && got[0].contains("\"drill\":true") && got[0].contains("[DRILL] i-3f2a91c0"), "{got:?}");
}

#[test]
fn a_changed_configuration_is_used_and_a_broken_one_is_said() {
    let (port, got) = http_server(answer("200 OK", ""));
    let bed = webhook(port);
    let mut notifier = bed.notifier();
    let text = std::fs::read_to_string(bed.home.join("notify.toml")).unwrap();
    bed.file("notify.toml", "lang = 7\n", 0o600);
    let ran = notifier.run_due(&bed.node, now(), &[obligation()]).unwrap();
    assert!(ran.problems.iter().any(|p| p.key == "error.notify-type"), "{:?}", ran.problems);
    assert_eq!(ran.notices.len(), 1, "the old one stays in use");
    bed.file("notify.toml", &text.replace("for = \"any\"", "for = \"measure\""), 0o600);
    let ran = notifier.run_due(&bed.node, minute(6), &[obligation()]).unwrap();
    assert!(ran.problems.iter().any(|p| p.key == "cli.say.notify_no_rule"), "{:?}", ran.problems);
    assert_eq!(got.lock().unwrap().len(), 1);
}

#[test]
fn many_messages_do_not_hold_the_caller_up() {
    // A server that takes a second for each answer; thirty messages.
    let (port, got) = crate::fakes::serve(|stream, got| {
        std::thread::sleep(std::time::Duration::from_secs(1));
        crate::fakes::http(stream, got, &answer("200 OK", ""));
    });
    let bed = webhook(port);
    let open: Vec<Obligation> = (0..30).map(|i| Obligation { about: format!("i-{i:08x}"), ..obligation() }).collect();
    let mut notifier = bed.notifier();
    let first = notifier.run_due(&bed.node, now(), &open).unwrap();
    assert!(first.notices.len() < 30, "it did not wait for all");
    assert!(first.flying <= node::notify::WORKERS_MAX);
    assert!(first.next.is_some(), "it is to be called again soon");
    let mut told = first.notices.len();
    for n in 1..200 {
        if told == 30 {
            break;
        }
        let at = Time::from_millis(now().millis() + n * 1000);
        told += notifier.run_due(&bed.node, at, &open).unwrap().notices.len();
    }
    assert_eq!((told, got.lock().unwrap().len()), (30, 30), "each once");
}

#[test]
fn the_end_of_a_program_waits_for_what_is_on_its_way() {
    let (port, _) = crate::fakes::serve(|stream, got| {
        std::thread::sleep(std::time::Duration::from_secs(4));
        crate::fakes::http(stream, got, &answer("200 OK", ""));
    });
    let bed = webhook(port);
    let mut notifier = bed.notifier();
    let ran = notifier.run_due(&bed.node, now(), &[obligation()]).unwrap();
    assert_eq!((ran.notices.len(), ran.flying), (0, 1), "the caller is not held up");
    let ended = notifier.finish(&bed.node, now()).unwrap();
    assert_eq!((ended.len(), ended[0].state), (1, NoticeState::Delivered));
    assert_eq!(bed.node.notices().unwrap().len(), 1);
}

#[test]
fn nothing_of_a_secret_stands_in_the_log() {
    let bed = webhook(http_server(answer("500 CANARY-SECRET", "CANARY-SECRET")).0);
    let ran = bed.notifier().run_due(&bed.node, now(), &[obligation()]).unwrap();
    assert_eq!(ran.notices[0].proof, "http 500");
    let shown = format!("{ran:?} {:?}", bed.node.notices().unwrap());
    assert!(!shown.contains("CANARY") && !shown.contains("127.0.0.1"), "{shown}");
}

#[test]
fn a_test_message_is_marked_and_recorded() {
    let (port, got) = http_server(answer("200 OK", ""));
    let bed = webhook(port);
    let config = config(&bed.home).unwrap();
    let roster = Roster::new(&config, None);
    for test in [Test::Channel("way", None), Test::Channel("way", Some("li")), Test::Role("duty")] {
        let sent = bed.node.notify_test(&config, &roster, test).unwrap();
        assert_eq!((sent.len(), sent[0].state, sent[0].about.as_str()), (1, NoticeState::Delivered, "test"));
    }
    assert!(got.lock().unwrap().iter().all(|g| g.contains("\"text\":\"[TEST] test\"")));
    for test in [Test::Channel("no", None), Test::Channel("way", Some("no")), Test::Role("no")] {
        assert!(bed.node.notify_test(&config, &roster, test).is_err());
    }
    assert_eq!(bed.node.notices().unwrap().len(), 3);
}

#[test]
fn a_delegation_is_signed_dated_and_can_be_taken_back() {
    let bed = webhook(1);
    let text = std::fs::read_to_string(bed.home.join("notify.toml")).unwrap();
    let wang = "[[person]]\nid = \"wang\"\nname = \"Wang\"\nways = [{ channel = \"way\" }]\n[[rota]]";
    bed.file("notify.toml", &text.replacen("[[rota]]", wang, 1), 0o600);
    let config = config(&bed.home).unwrap();
    let since = node::now();
    let new = NewDelegation {
        role: "duty",
        from: "li",
        to: "wang",
        since,
        until: since.plus_minutes(60).unwrap(),
        areas: &[],
        kinds: &[],
    };
    let (made, _) = bed.node.notify_delegate(&config, &new, None).unwrap();
    let who = |kept: &[(evidence::Delegation, Time, evidence::Digest)]| {
        let mut roster = Roster::new(&config, None);
        kept.iter().for_each(|(d, at, leaf)| roster.delegate(*at, *leaf, d.clone()));
        roster.candidates(&config, "duty", since, None, "").unwrap()
    };
    assert_eq!(who(&bed.node.delegations().unwrap()), ["wang", "li"]);
    bed.node.notify_revoke(&made.id, None).unwrap();
    let kept = bed.node.delegations().unwrap();
    assert_eq!((kept.len(), kept[0].0.revoked, who(&kept)), (1, true, vec!["li".to_owned()]));
    let wrong = [
        NewDelegation { role: "no", ..new },
        NewDelegation { to: "no", ..new },
        NewDelegation { to: "li", ..new },
        NewDelegation { until: since, ..new },
        NewDelegation { until: since.plus_minutes(367 * 24 * 60).unwrap(), ..new },
        NewDelegation { kinds: &["CANARY".to_owned()], ..new },
    ];
    for w in wrong {
        assert!(bed.node.notify_delegate(&config, &w, None).is_err(), "{w:?}");
    }
    assert!(bed.node.notify_revoke("d-ffffffff", None).is_err());
}
