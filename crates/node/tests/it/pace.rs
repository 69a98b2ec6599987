//! A robot that takes so many messages a minute: the rest waits for its turn and says so; nobody's telephone waits behind it.

use crate::bed::{Bed, now, obligation};
use crate::fakes::{answer, http_server};
use evidence::{Notice, NoticeState, Time};
use node::notify::{Colour, Notifier, Obligation, config};
use std::collections::BTreeSet;

/// One person with a robot of twenty messages a minute and a program that stands for a telephone.
fn bed(port: u16) -> Bed {
    let bed = Bed::new();
    bed.file("secret", "x", 0o600);
    let hook = bed.file("phone.sh", "#!/bin/sh\nexit 0\n", 0o700);
    let text = format!(
        r#"zone = "CST-8"
[[channel]]
id = "robot"
kind = "webhook"
url = "http://127.0.0.1:{port}/"
secret_file = "secret"
per_minute = 20
[[channel]]
id = "phone"
kind = "command"
program = "{}"
[[person]]
id = "li"
name = "Li"
ways = [{{ channel = "robot", address = "x" }}, {{ channel = "phone", address = "1" }}]
[[rota]]
role = "duty"
[[rota.shift]]
person = "li"
[[escalation]]
for = "any"
[[escalation.step]]
role = "duty"
"#,
        hook.display()
    );
    bed.file("notify.toml", &text, 0o600);
    bed
}

fn second(n: i64) -> Time {
    Time::from_millis(now().millis() + n * 1000)
}

/// Runs as often as it takes until nothing is on its way.
fn run(notifier: &mut Notifier, bed: &Bed, at: Time, open: &[Obligation]) -> (Vec<Notice>, Option<Time>) {
    let mut all = Vec::new();
    loop {
        let ran = notifier.run_due(&bed.node, at, open).unwrap();
        let over = ran.notices.is_empty() && ran.flying == 0;
        all.extend(ran.notices);
        if over {
            return (all, ran.next);
        }
    }
}

fn of(notices: &[Notice], channel: &str, state: NoticeState) -> BTreeSet<String> {
    notices.iter().filter(|n| n.channel == channel && n.state == state).map(|n| n.about.clone()).collect()
}

#[test]
fn what_is_over_the_limit_waits_says_so_and_delays_no_telephone() {
    let (port, got) = http_server(answer("200 OK", ""));
    let bed = bed(port);
    // Twenty-four blue ones, and a red one that was handed in last.
    let one = |n: usize, colour| Obligation { about: format!("i-000000{n:02}"), colour: Some(colour), ..obligation() };
    let mut open: Vec<Obligation> = (0..24).map(|n| one(n, Colour::Blue)).collect();
    open.push(one(24, Colour::Red));
    let mut notifier = bed.notifier();
    let (first, next) = run(&mut notifier, &bed, now(), &open);
    assert_eq!(of(&first, "phone", NoticeState::Delivered).len(), 25, "the telephone has no limit");
    let (sent, waiting) = (of(&first, "robot", NoticeState::Delivered), of(&first, "robot", NoticeState::Waiting));
    assert_eq!((sent.len(), waiting.len(), got.lock().unwrap().len()), (20, 5, 20));
    assert!(sent.contains("i-00000024"), "the gravest first: {sent:?}");
    assert!(first.iter().filter(|n| n.state == NoticeState::Waiting).all(|n| n.proof == "20/min"));
    // The first place is free a minute after the first message, which went out within this call.
    let due = next.unwrap().millis() - now().millis();
    assert!((60_000..75_000).contains(&due), "{due}");
    // Asked again, by the same process and by another one: the minute is counted from the records, and it waits without another record.
    for at in [5, 10] {
        assert_eq!(run(&mut notifier, &bed, second(at), &open).0, []);
        assert_eq!(run(&mut bed.notifier(), &bed, second(at + 1), &open).0, []);
    }
    let (second_minute, _) = run(&mut bed.notifier(), &bed, second(140), &open);
    assert_eq!(of(&second_minute, "robot", NoticeState::Delivered), waiting, "each of those that waited, once");
    assert_eq!((second_minute.len(), got.lock().unwrap().len()), (5, 25));
    assert!(bed.node.audit(&stdx::Silent, &stdx::Stop::new()).unwrap().problems.is_empty());
}

/// An attempt that the service refuses counts too: it is what makes a service block who asks.
#[test]
fn failed_attempts_count() {
    let (port, got) = http_server(answer("429 Too Many Requests", ""));
    let bed = bed(port);
    let open: Vec<Obligation> =
        (0..21).map(|n| Obligation { about: format!("i-000000{n:02}"), ..obligation() }).collect();
    let mut notifier = bed.notifier();
    run(&mut notifier, &bed, now(), &open);
    // After five seconds the failed ones would be tried again.
    run(&mut notifier, &bed, second(20), &open);
    assert_eq!(got.lock().unwrap().len(), 20);
}

#[test]
fn templates_bring_their_figures_and_a_telephone_takes_none() {
    let bed = Bed::new();
    bed.file("secret", "x", 0o600);
    let read = |channel: &str| {
        let keys = "url = \"https://h.example/\"\nsecret_file = \"secret\"\ntoken_file = \"secret\"\n";
        bed.file("notify.toml", &format!("[[channel]]\nid = \"c\"\n{channel}\n{keys}"), 0o600);
        config(&bed.home).map(|c| c.channels[0].pace.clone().map(|p| (p.per_minute, p.source)))
    };
    let template = |name: &str, more: &str| read(&format!("kind = \"template\"\ntemplate = \"{name}\"\n{more}"));
    for (name, figure) in [("wecom", 20), ("dingtalk", 20)] {
        let (n, source) = template(name, "").unwrap().unwrap();
        assert_eq!((n, source.is_some_and(|s| s.ends_with("(S)"))), (figure, true), "{name}");
    }
    assert_eq!(template("feishu", "").unwrap(), Some((100, Some(String::new()))), "not confirmed");
    assert_eq!(template("feishu", "per_minute = 5").unwrap(), Some((5, None)), "the file's own figure");
    assert_eq!(template("sms-generic", "").unwrap(), None);
    for (channel, key) in [
        ("kind = \"template\"\ntemplate = \"voice-generic\"\nper_minute = 5", "error.notify-phone-pace"),
        ("kind = \"template\"\ntemplate = \"sms-generic\"\nper_minute = 5", "error.notify-phone-pace"),
        ("kind = \"template\"\ntemplate = \"wecom\"\nper_minute = 0", "error.notify-value"),
    ] {
        assert_eq!(read(channel).unwrap_err().say().key, key, "{channel}");
    }
    let mail = "kind = \"smtp\"\nserver = \"mail.example\"\nfrom = \"a@b.example\"\nper_minute = 5";
    bed.file("notify.toml", &format!("[[channel]]\nid = \"c\"\n{mail}\n"), 0o600);
    assert_eq!(config(&bed.home).unwrap_err().say().key, "error.notify-unknown");
}
