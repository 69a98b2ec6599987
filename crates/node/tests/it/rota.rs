//! Who has a duty when.

use crate::bed::{Bed, at};
use evidence::{Delegation, DelegationScope, Digest, Time};
use node::notify::{About, Config, Roster, config};
use plan::{Calendar, CalendarYear};

const ROTA: &str = r#"
[[channel]]
id = "log"
kind = "syslog"
transport = "unix"
[[person]]
id = "li"
name = "Li"
ways = [{ channel = "log" }]
[[person]]
id = "wang"
name = "Wang"
ways = [{ channel = "log" }]
[[person]]
id = "zhao"
name = "Zhao"
ways = [{ channel = "log" }]
[[rota]]
role = "duty"
deputies = ["zhao"]
[[rota.shift]]
on = "work-days"
from = "08:00"
to = "20:00"
person = "li"
[[rota.shift]]
on = "work-days"
from = "20:00"
to = "08:00"
person = "wang"
[[rota.shift]]
on = "rest-days"
person = "zhao"
[[rota.override]]
since = "2026-11-26 10:00"
until = "2026-11-26 12:00"
person = "wang"
[[rota]]
role = "direct-responsible"
[[rota.shift]]
days = ["mon"]
from = "09:00"
to = "17:00"
person = "li"
"#;

/// 2026-10-01 to 10-07 is National Day week, and Saturday 2026-10-10 a make-up day, as such calendars go.
fn roster(config: &Config) -> Roster {
    let sourced = node::load_plan(None).unwrap().regimes()[0].sourced.clone();
    let off = (1..=7).map(|d| format!("2026-10-0{d}")).collect();
    let year = CalendarYear { year: 2026, off, work: vec!["2026-10-10".into()], sourced: sourced.clone() };
    let zone = ("Asia/Shanghai".to_owned(), "CST-8".to_owned());
    let calendar =
        Calendar { id: "cn".into(), zone: zone.0, zone_rule: zone.1, rest: vec![6, 7], years: vec![year], sourced };
    Roster::new(config, Some(&calendar))
}

fn bed() -> (Bed, Config) {
    let bed = Bed::with(ROTA);
    let config = config(&bed.home).unwrap();
    (bed, config)
}

#[test]
fn shifts_follow_the_calendar_of_the_plan() {
    let (_bed, config) = bed();
    let roster = roster(&config);
    // Chinese time is eight hours ahead.
    let cases: [(&str, &[&str]); 9] = [
        ("2026-11-27T00:00:00.000Z", &["li", "zhao"]),   // Fri 08:00
        ("2026-11-27T11:59:59.999Z", &["li", "zhao"]),   // Fri 19:59
        ("2026-11-27T12:00:00.000Z", &["wang", "zhao"]), // Fri 20:00
        ("2026-11-27T20:00:00.000Z", &["wang", "zhao"]), // Sat 04:00: Friday's night shift, and a rest day has begun
        ("2026-11-28T02:00:00.000Z", &["zhao"]),         // Sat 10:00
        ("2026-10-01T02:00:00.000Z", &["zhao"]),         // National Day, a Thursday
        ("2026-10-10T02:00:00.000Z", &["li", "zhao"]),   // a Saturday that is worked
        ("2026-11-26T02:00:00.000Z", &["wang", "zhao"]), // the override
        ("2026-11-26T04:00:00.000Z", &["li", "zhao"]),   // its end
    ];
    for (when, who) in cases {
        let got = roster.candidates(&config, "duty", at(when), Some(About::Clock), "").unwrap();
        assert_eq!(got, who, "{when}");
    }
    assert_eq!(
        roster.candidates(&config, "direct-responsible", at("2026-11-24T02:00:00.000Z"), None, "").unwrap(),
        [""; 0]
    );
    assert!(roster.candidates(&config, "nobody", at("2026-11-24T02:00:00.000Z"), None, "").is_none());
    assert!(roster.is_guess(at("2027-01-04T00:00:00.000Z")) && !roster.is_guess(at("2026-01-04T00:00:00.000Z")));
}

#[test]
fn the_table_has_neither_holes_nor_overlaps_and_shows_when_nobody_is_there() {
    let (_bed, config) = bed();
    let roster = roster(&config);
    let from = at("2026-11-23T00:00:00.000Z");
    for role in ["duty", "direct-responsible"] {
        let spans = roster.table(&config, role, from, 14);
        assert_eq!(spans[0].since, from);
        assert_eq!(spans.last().unwrap().until, at("2026-12-07T00:00:00.000Z"));
        for pair in spans.windows(2) {
            assert_eq!(pair[0].until, pair[1].since);
            assert_ne!(pair[0].persons, pair[1].persons);
        }
        // An independent look: every ten minutes of the fortnight.
        for minute in (0..14 * 24 * 60).step_by(10) {
            let now = from.plus_minutes(minute).unwrap();
            let span = spans.iter().find(|s| s.since <= now && now < s.until).unwrap();
            assert_eq!(Some(&span.persons), roster.candidates(&config, role, now, None, "").as_ref(), "{now}");
        }
    }
    let empty = roster.table(&config, "direct-responsible", from, 14).iter().filter(|s| s.persons.is_empty()).count();
    assert_eq!(empty, 3, "before, between and after the two Mondays");
}

#[test]
fn a_delegate_is_asked_first_until_it_is_taken_back() {
    let (_bed, config) = bed();
    let mut roster = roster(&config);
    let friday = at("2026-11-27T02:00:00.000Z");
    let mut d = Delegation {
        id: "d-00000001".into(),
        role: "duty".into(),
        from: "li".into(),
        to: "wang".into(),
        since: at("2026-11-27T00:00:00.000Z"),
        until: at("2026-11-28T00:00:00.000Z"),
        scope: DelegationScope { areas: vec![], kinds: vec!["clock".into()] },
        revoked: false,
    };
    let stated = at("2026-11-26T00:00:00.000Z");
    let leaf = Digest::of(b"1");
    roster.delegate(stated, leaf, d.clone());
    let who = |r: &Roster, now: Time, kind| r.candidates(&config, "duty", now, Some(kind), "").unwrap();
    assert_eq!(who(&roster, friday, About::Clock), ["wang", "li", "zhao"]);
    assert_eq!(who(&roster, friday, About::Warning), ["li", "zhao"], "not in its scope");
    d.revoked = true;
    roster.delegate(stated.plus_minutes(1).unwrap(), leaf, d.clone());
    assert_eq!(who(&roster, friday, About::Clock), ["li", "zhao"]);
    d.revoked = false;
    roster.delegate(stated, leaf, d);
    assert_eq!(
        who(&roster, friday, About::Clock),
        ["li", "zhao"],
        "an older statement that comes later counts for nothing"
    );
}
