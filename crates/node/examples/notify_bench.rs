//! What planning of notification costs with ten thousand open obligations: `cargo xtask bench notify`.
#![expect(clippy::unwrap_used, reason = "a bench may fail loudly")]

use evidence::{Authenticated, Author, NodeId, Notice, NoticeState, Origin, Time};
use node::notify::{About, Attempt, Colour, Numeral, Obligation, Roster, Seen, config, due};
use std::time::Instant;

const OPEN: usize = 10_000;
const RUNS: usize = 9;
const CONFIG: &str = r#"
zone = "CST-8"
[[channel]]
id = "phone"
kind = "command"
program = "/bin/true"
[[channel]]
id = "mail"
kind = "command"
program = "/bin/true"
[[person]]
id = "li"
name = "Li"
ways = [{ channel = "phone", address = "1" }, { channel = "mail", address = "2" }]
[[person]]
id = "wang"
name = "Wang"
ways = [{ channel = "phone", address = "3" }]
[[rota]]
role = "duty"
deputies = ["wang"]
[[rota.shift]]
on = "work-days"
person = "li"
[[rota.shift]]
on = "rest-days"
person = "wang"
[[escalation]]
for = "any"
[[escalation.step]]
role = "duty"
repeat_minutes = 3
[[escalation.step]]
role = "duty"
after_minutes = 10
"#;

fn delivered(a: &Attempt, at: Time) -> Notice {
    Notice {
        node: NodeId::new("bench"),
        author: Author { name: "bench".into(), authenticated: Authenticated::TypedName },
        stated_at: at,
        notice: a.key.notice.clone(),
        about: a.key.about.clone(),
        clock: a.key.clock.clone(),
        origin: a.origin,
        channel: a.key.channel.clone(),
        to: a.key.to.clone(),
        step: a.key.step,
        attempt: a.attempt,
        state: NoticeState::Delivered,
        proof: String::new(),
    }
}

fn main() {
    let home = std::env::temp_dir().join(format!("watchfire-notify-bench-{}", std::process::id()));
    std::fs::create_dir_all(&home).unwrap();
    std::fs::write(home.join("notify.toml"), CONFIG).unwrap();
    let config = config(&home).unwrap();
    std::fs::remove_dir_all(&home).unwrap();
    let roster = Roster::new(&config, node::load_plan(None).unwrap().calendar());
    let since: Time = "2026-11-27T02:00:00.000Z".parse().unwrap();
    let minute = |n| since.plus_minutes(n).unwrap();
    let open: Vec<Obligation> = (0..OPEN)
        .map(|i| Obligation {
            about: format!("i-{i:08x}"),
            clock: "miit-phone".into(),
            kind: About::Clock,
            colour: Some(Colour::Red),
            numeral: Numeral::of("I"),
            deadline: Some(minute(10)),
            since,
            origin: Origin::Live,
            area: String::new(),
        })
        .collect();
    let mut seen = Seen::default();
    println!("{OPEN} open obligations; milliseconds of one plan, minimum / median / maximum of {RUNS}");
    for (now, what) in [
        (since, "nothing was tried"),
        (minute(1), "all were told, nothing is due"),
        (minute(3), "all are to be told again, and the deputies"),
        (minute(4), "two rounds were told, nothing is due"),
    ] {
        let mut times = Vec::new();
        let mut attempts = Vec::new();
        for _ in 0..RUNS {
            let from = Instant::now();
            attempts = due(now, &config, &roster, &seen, &open).attempts;
            times.push(from.elapsed().as_secs_f64() * 1000.0);
        }
        times.sort_by(f64::total_cmp);
        let (min, median, max) = (times[0], times[RUNS / 2], times[RUNS - 1]);
        println!("{what}: {} attempts, {min:.1} / {median:.1} / {max:.1}", attempts.len());
        attempts.iter().for_each(|a| seen.add(&delivered(a, now)));
    }
}
