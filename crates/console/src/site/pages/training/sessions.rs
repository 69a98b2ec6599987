//! Sessions: what they come to, who was there, the door code.

use super::{day, links, reason, reasons};
use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::{self, Line};
use crate::site::frame::time;
use crate::site::parts;
use crate::site::said::{session_count_json, training_status_json};
use evidence::{Rung, Say};
use judge::{SessionCount, TrainingStanding};
use maud::{Markup, html};
use node::KeptSession;
use node::accounts::Act;
use serde_json::{Value, json};

/// Lines of a page.
const LINES: usize = 50;

fn state(ask: &Ask<'_>, s: &KeptSession) -> Markup {
    let (tone, name) = match (s.withdrawn, s.closed) {
        (true, _) => ("bad", "withdrawn"),
        (_, true) => ("calm", "closed"),
        _ => ("good", "open"),
    };
    parts::mark(tone, &ask.word("session-state", name))
}

/// Person-times by rung, of all of them.
fn ladder(ask: &Ask<'_>, of: impl Fn(Rung) -> u64) -> Markup {
    html! { @for (n, r) in Rung::ALL.iter().take(3).enumerate() { @if n > 0 { " · " } (ask.word("sure", r.name())) " " (of(*r)) } }
}

pub(super) fn list(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let node = ask.site.node();
    let standing = node.training_standing(ask.now)?;
    let mut all = node.sessions()?;
    all.reverse();
    let from = match ask.wanted("after") {
        "" => 0,
        after => all.iter().position(|s| s.session.session == after).map_or(all.len(), |n| n + 1),
    };
    let page: Vec<&KeptSession> = all.iter().skip(from).take(LINES).collect();
    let next = if from + page.len() < all.len() { page.last().map(|s| s.session.session.clone()) } else { None };
    let courses = if ask.may(Act::ManageTraining) { node.courses()? } else { Vec::new() };
    ask.page(
        ask.t("console.place.training"),
        || {
            html! {
                (links(ask))
                (sums(ask, &standing))
                h2 { (ask.t("console.training.sessions")) }
                @if all.is_empty() { (parts::empty(ask.t("console.training.none"), ask.t("console.training.none-hint"))) }
                @else {
                    (parts::table(ask.t("console.training.sessions"), &[ask.t("console.head.id"), ask.t("console.training.course"), ask.t("console.training.day"), ask.t("console.training.audience"), ask.t("console.training.person-times"), ask.t("console.training.tested"), ask.t("console.state")],
                        page.iter().map(|s| line(ask, s, standing.sessions.iter().find(|c| c.leaf == s.leaf))).collect()))
                    (parts::next(ask, &[], next.as_deref()))
                }
                @if ask.may(Act::ManageTraining) {
                    h2 { (ask.t("console.training.new")) }
                    @let options: Vec<(&str, String)> = courses.iter().map(|c| (c.course.code.as_str(), format!("{} · {}", c.course.title.of(ask.lang), c.course.code))).collect();
                    (form::form(ask, "/training/sessions", html! {
                        (form::choice("course", ask.t("console.training.course"), &options, ""))
                        (form::line("day", ask.t("console.training.day"), Line { needed: true, kind: "date", ..Line::default() }))
                        (form::line("last_day", ask.t("console.training.last-day"), Line { kind: "date", hint: ask.t("console.training.last-day-hint"), ..Line::default() }))
                    }, ask.t("console.make")))
                }
            }
        },
        || {
            let mut value = training_status_json(&standing, ask.now);
            value["announced"] = page.iter().map(|s| json!({"announced": s.session, "record": s.leaf, "closed": s.closed, "withdrawn": s.withdrawn})).collect();
            value["next"] = json!(next);
            value
        },
    )
}

fn sums(ask: &Ask<'_>, s: &TrainingStanding) -> Markup {
    let [valid, expired, revoked] = s.certificates;
    let of = |r: Rung| s.person_times.get(&r).copied().unwrap_or(0);
    html! {
        div.tiles {
            (parts::tile(ask.t("console.training.person-times"), &s.sums.person_times.to_string(), &ask.say(&Say::new("console.training.with-test").with("count", s.with_test).with("all", s.sums.person_times))))
            (parts::tile(ask.t("console.training.sessions"), &s.sums.sessions.to_string(), &ask.say(&Say::new("console.training.to-come").with("count", s.to_come))))
            (parts::tile(ask.t("console.training.people"), &s.sums.people.to_string(), &ask.say(&Say::new("console.training.passed-of").with("passed", s.sums.passed).with("people", s.sums.people))))
            (parts::tile(ask.t("console.training.valid"), &valid.to_string(), &ask.say(&Say::new("console.training.valid-of").with("all", valid + expired + revoked).with("expired", expired).with("revoked", revoked))))
        }
        p { (ask.t("console.training.ladder")) " " (ladder(ask, of)) }
        @for d in &s.doubts { p.note { (parts::mark("warn", &ask.say(&d.say))) } }
    }
}

fn line(ask: &Ask<'_>, s: &KeptSession, count: Option<&SessionCount>) -> Vec<Markup> {
    let own = &s.session;
    vec![
        html! { a href={ "/training/sessions/" (own.session) } { code { (own.session) } } },
        html! { code { (own.course) } },
        html! { (own.day.date()) @if own.last_day != own.day { " – " (own.last_day.date()) } },
        html! { (ask.word("audience", own.audience.name())) },
        match count {
            Some(c) => {
                html! { @if !c.exact { "≤ " } (c.total()) p.small { (ladder(ask, |r| c.person_times.get(&r).copied().unwrap_or(0))) } }
            }
            None => html! { (ask.t("console.training.not-yet")) },
        },
        match count {
            Some(c) => {
                html! { (ask.say(&Say::new("console.training.passed-of").with("passed", c.passed).with("people", c.tested))) }
            }
            None => html! { "–" },
        },
        state(ask, s),
    ]
}

/// The session of the path, by its whole id.
fn known(ask: &Ask<'_>) -> Result<KeptSession, Fault> {
    let id = ask.part("id");
    ask.site.node().sessions()?.into_iter().find(|s| s.session.session == id).ok_or_else(Fault::none)
}

fn here(s: &KeptSession) -> String {
    format!("/training/sessions/{}", s.session.session)
}

pub(super) fn one(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let s = known(ask)?;
    let node = ask.site.node();
    // Names are for who holds the courses; that they were read stands among the accesses.
    let manages = ask.may(Act::ManageTraining);
    let wants = !ask.wanted("names").is_empty();
    if wants && !manages {
        return Err(Fault::forbidden());
    }
    let standing = node.training_standing(ask.now)?;
    let count = standing.sessions.iter().find(|c| c.leaf == s.leaf);
    let people = node.attendees(&s.session.session, wants)?;
    let from = match ask.wanted("after") {
        "" => 0,
        after => people.iter().position(|p| p.0.to_string() == after).map_or(people.len(), |n| n + 1),
    };
    let page: Vec<_> = people.iter().skip(from).take(LINES).collect();
    let next = if from + page.len() < people.len() { page.last().map(|p| p.0.to_string()) } else { None };
    let here = here(&s);
    let open = !s.closed && !s.withdrawn;
    ask.page(
        &format!("{} · {}", s.session.course, s.session.day.date()),
        || {
            html! {
                (links(ask))
                dl.facts {
                    dt { (ask.t("console.head.id")) } dd { code { (s.session.session) } }
                    dt { (ask.t("console.training.day")) } dd { (s.session.day.date()) " – " (s.session.last_day.date()) }
                    dt { (ask.t("console.training.audience")) } dd { (ask.word("audience", s.session.audience.name())) }
                    dt { (ask.t("console.state")) } dd { (state(ask, &s)) }
                    @if let Some(c) = count {
                        dt { (ask.t("console.training.person-times")) } dd { (c.total()) " · " (ladder(ask, |r| c.person_times.get(&r).copied().unwrap_or(0))) }
                        dt { (ask.t("console.training.tested")) } dd { (ask.say(&Say::new("console.training.passed-of").with("passed", c.passed).with("people", c.tested))) }
                    }
                    dt { (ask.t("console.nodes.record")) } dd { @if ask.may(Act::SeeEvidence) { a href={ "/evidence/" (s.leaf.hex()) } { code { (s.leaf.short()) } } } @else { code { (s.leaf.short()) } } }
                }
                h2 { (ask.t("console.training.attendance")) " · " (people.len()) }
                @if people.is_empty() { (parts::empty(ask.t("console.training.nobody"), ask.t("console.training.nobody-hint"))) }
                @else {
                    @if manages && !wants { p { a href={ (here) "?names=1" } { (ask.t("console.training.names")) } " " span.small { (ask.t("console.training.names-noted")) } } }
                    (parts::table(ask.t("console.training.attendance"), &[ask.t("console.training.person"), ask.t("console.training.name"), ask.t("console.plan.sure")],
                        page.iter().map(|(p, rung, named)| vec![
                            html! { code { (p.to_string()) } },
                            html! { @match named { Some(n) => { (n.name) @if !n.employer.is_empty() { " (" (n.employer) ")" } }, None if wants => (ask.t("console.training.not-kept")), None => "–" } },
                            html! { (ask.word("sure", rung.name())) },
                        ]).collect()))
                    (pager(ask, &here, wants, next.as_deref()))
                }
                @if manages && open {
                    h2 { (ask.t("console.training.attend")) }
                    (form::form(ask, &format!("{here}/attend"), form::text("names", ask.t("console.training.names-lines"), Line { needed: true, hint: ask.t("console.training.names-hint"), ..Line::default() }), ask.t("console.save")))
                    h2 { (ask.t("console.training.door")) }
                    p { (ask.t("console.training.door-about")) }
                    (form::form(ask, &format!("{here}/door"), form::line("minutes", ask.t("console.training.minutes"), Line { needed: true, kind: "number", value: "30", ..Line::default() }), ask.t("console.training.door-set")))
                    h2 { (ask.t("console.training.end")) }
                    (form::button(ask, &format!("{here}/close"), &[], ask.t("console.training.close"), "quiet"))
                }
                @if manages && !s.withdrawn {
                    details {
                        summary { (ask.t("console.training.withdraw")) }
                        (form::form(ask, &format!("{here}/withdraw"), form::choice("reason", ask.t("console.head.reason"), &reasons(ask), ""), ask.t("console.training.withdraw")))
                    }
                }
            }
        },
        || {
            let rows: Vec<Value> = page.iter().map(|(p, rung, named)| {
                let name = named.as_ref().map(|n| json!({"name": n.name, "mark": n.mark, "employer": n.employer}));
                json!({"person": p, "rung": rung, "named": name})
            }).collect();
            json!({"announced": s.session, "record": s.leaf, "count": count.map(session_count_json), "people": rows, "all": people.len(), "next": next})
        },
    )
}

fn pager(ask: &Ask<'_>, here: &str, names: bool, next: Option<&str>) -> Markup {
    let names = if names { "&names=1" } else { "" };
    html! {
        nav.pager aria-label=(ask.t("console.pages")) {
            @if let Some(next) = next { a href={ (here) "?after=" (crate::site::frame::encoded(next)) (names) } rel="next" { (ask.t("console.next-page")) } }
        }
    }
}

pub(super) fn add(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let first = day(ask, "day").ok_or_else(|| Fault::field("day", "console.fault.not-date"))?;
    let last = day(ask, "last_day").unwrap_or(first);
    let kept = ask.node().session_add(ask.text("course"), (first, last), None)?;
    let to = here(&kept);
    ask.done(&to, "training-session", json!({"session": kept.session, "record": kept.leaf}))
}

pub(super) fn attend(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let s = known(ask)?;
    let names: Vec<String> = ask.texts("names").into_iter().map(str::to_owned).collect();
    let got = ask.node().attend(&s.session.session, &names, None, None)?;
    let value = json!({
        "session": got.session, "record": got.leaf, "rung": got.rung, "counted": got.counted, "known": got.known,
        "left_out": got.bad.len(), "names_not_kept": got.forgotten,
    });
    ask.done(&here(&s), "training-attended", value)
}

pub(super) fn door(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let s = known(ask)?;
    let door = ask.node().door(&s.session.session, ask.whole("minutes").unwrap_or(30), None)?;
    ask.page(
        ask.t("console.training.door"),
        || {
            html! {
                p { (ask.t("console.training.door-once")) }
                p.secret { code { (door.code) } }
                p { (ask.t("console.head.until")) " " (time(ask, door.until)) }
                p { a href=(here(&s)) { code { (s.session.session) } } }
            }
        },
        || json!({"code": door.code, "from": door.from, "until": door.until, "record": door.leaf}),
    )
}

pub(super) fn close(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let s = known(ask)?;
    let (session, leaf) = ask.node().session_close(&s.session.session, None)?;
    ask.done(&here(&s), "training-closed", json!({"session": session, "record": leaf}))
}

pub(super) fn withdraw(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let s = known(ask)?;
    if s.withdrawn {
        return Err(Fault::new(422, "error.training-ended").with("session", &s.session.session));
    }
    let (session, leaf) = ask.node().session_withdraw(&s.session.session, None, reason(ask)?, None)?;
    ask.done(&here(&s), "training-withdrawn", json!({"session": session, "record": leaf}))
}
