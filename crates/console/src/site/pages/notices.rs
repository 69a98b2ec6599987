//! Whom the node tells on which way, as `notify.toml` of its home says: ways are tried and switched off and on here, duties handed over; what is a secret, or
//! could start a program, is changed in the file alone. Secrets are not shown, addresses by their last characters.

mod act;

use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::frame::time;
use crate::site::parts;
use crate::site::route::{Gate, Route, Takes, get, may_be, needed, post};
use evidence::Say;
use maud::{Markup, html};
use node::NodeError;
use node::accounts::Act;
use node::notify::{About, Colour, Config, Roster, Rule};
use serde_json::{Value, json};

const MANAGE: Gate = Gate::May(Act::ManageNotices);
pub(crate) const ROUTES: &[Route] = &[
    get("/notices", Gate::May(Act::SeeNodes), notices).noted(),
    post("/notices/{channel}/switch", MANAGE, &[needed("to", Takes::OneOf(&["on", "off"]))], act::switched),
    post("/notices/{channel}/test", MANAGE, &[may_be("person", Takes::Line(64))], act::tested),
    post(
        "/notices/delegations",
        MANAGE,
        &[
            needed("role", Takes::Line(64)),
            needed("from", Takes::Line(64)),
            needed("to", Takes::Line(64)),
            may_be("since", Takes::Date),
            needed("until", Takes::Date),
            may_be("areas", Takes::Lines(100)),
            may_be("kinds", Takes::SomeOf(&["clock", "warning", "incident", "measure", "order"])),
        ],
        act::delegated,
    ),
    post("/notices/delegations/{id}/revoke", MANAGE, &[], act::revoked),
];

/// So many characters at the end of an address are shown.
const SHOWN_CHARS: usize = 2;

/// An address, so that whoever knows it knows it again.
fn masked(address: &str) -> String {
    let all: Vec<char> = address.chars().collect();
    // Of a short one the end would be most of it.
    let shown = if all.len() > 3 * SHOWN_CHARS { SHOWN_CHARS } else { 0 };
    format!("…{}", all[all.len() - shown..].iter().collect::<String>())
}

fn notices(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let Some((config, roster)) = read(ask)? else { return nobody(ask) };
    ask.page(ask.t("console.place.notices"), || shown(ask, &config, &roster), || value(ask, &config, &roster))
}

/// The configuration and who has which duty; `None`: there is no configuration.
fn read(ask: &Ask<'_>) -> Result<Option<(Config, Roster)>, Fault> {
    let node = ask.site.node();
    let config = match node::notify::config(node.store().home()) {
        Ok(config) => config,
        Err(NodeError::NotifyMissing(_)) => return Ok(None),
        Err(e @ NodeError::Notify { .. }) => {
            // The file is the operator's; that it does not read is everybody's business here.
            return Err(Fault {
                within: Some(report::words::say(evidence::Lang::En, &e.say())),
                ..Fault::new(500, "console.notices.broken")
            });
        }
        Err(e) => return Err(e.into()),
    };
    let mut roster = Roster::new(&config, ask.plan().calendar());
    for (d, at, leaf) in node.delegations()? {
        roster.delegate(at, leaf, d);
    }
    Ok(Some((config, roster)))
}

fn nobody(ask: &Ask<'_>) -> Result<Answer, Fault> {
    ask.page(
        ask.t("console.place.notices"),
        || parts::empty(ask.t("console.notices.none"), ask.t("console.notices.none-hint")),
        || json!({"format": "watchfire-notices-v1", "configured": false}),
    )
}

/// A person by name for who keeps notices, by id for everybody else.
fn person(ask: &Ask<'_>, config: &Config, id: &str) -> String {
    match config.person(id).filter(|_| ask.may(Act::ManageNotices)) {
        Some(p) => format!("{} ({id})", p.name),
        None => id.to_owned(),
    }
}

fn on_duty(config: &Config, roster: &Roster, ask: &Ask<'_>, role: &str) -> Vec<String> {
    let asked = roster.candidates(config, role, ask.now, None, "").unwrap_or_default();
    asked.iter().map(|p| person(ask, config, p)).collect()
}

fn shown(ask: &Ask<'_>, config: &Config, roster: &Roster) -> Markup {
    let uncovered = config.uncovered();
    html! {
        p { (ask.t("console.notices.about")) }
        @for remark in &config.remarks { p.note { (parts::mark("warn", &ask.say(remark))) } }
        @for (kind, colours) in &uncovered {
            p.note { (parts::mark("warn", &ask.say(&Say::new("cli.say.notify_uncovered").with("what", kind.name()).with("colours", colours.iter().map(|c| c.name()).collect::<Vec<_>>().join(", "))))) }
        }
        h2 { (ask.t("console.notices.roles")) }
        @if config.rotas.is_empty() { (parts::empty(ask.t("console.notices.no-roles"), "")) }
        @else {
            (parts::table(ask.t("console.notices.roles"), &[ask.t("console.role"), ask.t("console.notices.now"), ask.t("console.notices.deputies")],
                config.rotas.iter().map(|r| {
                    let now = on_duty(config, roster, ask, &r.role);
                    vec![
                        html! { code { (r.role) } },
                        html! { @if now.is_empty() { (parts::mark("bad", ask.t("console.notices.nobody"))) } @else { (now.join(" → ")) } },
                        html! { (r.deputies.iter().map(|d| person(ask, config, d)).collect::<Vec<_>>().join(", ")) },
                    ]
                }).collect()))
        }
        h2 { (ask.t("console.notices.persons")) }
        @if config.persons.is_empty() { (parts::empty(ask.t("console.notices.no-persons"), "")) }
        @else {
            (parts::table(ask.t("console.notices.persons"), &[ask.t("console.person"), ask.t("console.notices.ways")],
                config.persons.iter().map(|p| vec![
                    html! { (person(ask, config, &p.id)) },
                    html! { @for way in &p.ways { span.chip { code { (way.channel) } " " (masked(&way.address)) } " " } },
                ]).collect()))
        }
        h2 { (ask.t("console.notices.channels")) }
        @if config.channels.is_empty() { (parts::empty(ask.t("console.notices.no-channels"), "")) }
        @else {
            (parts::table(ask.t("console.notices.channels"), &[ask.t("console.head.id"), ask.t("console.head.kind"), ask.t("console.notices.pace"), ask.t("console.notices.attempts"), ""],
                config.channels.iter().map(|c| vec![
                    html! { code { (c.id) } @if let Some(off) = config.is_off(&c.id) { " " (parts::mark("bad", ask.t("console.notices.off"))) br; span.small { (off.by) " · " (time(ask, off.at)) } } },
                    html! { (c.how.name()) },
                    html! { @match &c.pace { Some(p) => (p.per_minute), None => (ask.t("console.notices.no-pace")) } },
                    html! { (c.attempts_max) },
                    html! { @if ask.may(Act::ManageNotices) { (act::of_channel(ask, config, &c.id)) } },
                ]).collect()))
        }
        (act::delegations(ask, config, roster))
        h2 { (ask.t("console.notices.rules")) }
        @if config.rules.is_empty() { (parts::empty(ask.t("console.notices.no-rules"), ask.t("console.notices.no-rules-hint"))) }
        @for rule in &config.rules { (escalation(ask, rule)) }
        p.small { (ask.t("console.notices.test")) " " code { "watchfire notify check" } " · " code { "watchfire notify test" } }
    }
}

fn escalation(ask: &Ask<'_>, rule: &Rule) -> Markup {
    let kind = rule
        .kind
        .map_or_else(|| ask.t("console.notices.anything").to_owned(), |k| ask.word("console.notices.what", k.name()));
    let colours: Vec<&str> = rule.colours.iter().map(|c| Colour::name(*c)).collect();
    let numerals: Vec<&str> = rule.numerals.iter().map(|n| n.text()).collect();
    let head = [kind, colours.join(", "), numerals.join(", ")]
        .into_iter()
        .filter(|t| !t.is_empty())
        .collect::<Vec<_>>()
        .join(" · ");
    html! {
        section.card {
            h3 { (head) }
            ol {
                @for s in &rule.steps {
                    li {
                        (ask.say(&Say::new("console.notices.step").with("minutes", s.after_minutes).with("role", &s.role)))
                        @if !s.channels.is_empty() { " · " (s.channels.join(", ")) }
                        @if s.repeat_minutes > 0 { " · " (ask.say(&Say::new("console.notices.repeat").with("minutes", s.repeat_minutes).with("times", s.repeats_max))) }
                        @if s.until_acknowledged { " · " (ask.t("console.notices.until-acknowledged")) }
                    }
                }
            }
        }
    }
}

fn value(ask: &Ask<'_>, config: &Config, roster: &Roster) -> Value {
    let channels: Vec<Value> = config
        .channels
        .iter()
        .map(|c| json!({"id": c.id, "kind": c.how.name(), "off": config.is_off(&c.id), "per_minute": c.pace.as_ref().map(|p| p.per_minute)}))
        .collect();
    let persons: Vec<Value> = config
        .persons
        .iter()
        .map(|p| {
            let ways: Vec<Value> =
                p.ways.iter().map(|w| json!({"channel": w.channel, "address": masked(&w.address)})).collect();
            json!({"person": person(ask, config, &p.id), "ways": ways})
        })
        .collect();
    let roles: Vec<Value> =
        config.rotas.iter().map(|r| json!({"role": r.role, "now": on_duty(config, roster, ask, &r.role)})).collect();
    let rule = |r: &Rule| {
        let steps: Vec<Value> = r
            .steps
            .iter()
            .map(|s| json!({"after_minutes": s.after_minutes, "role": s.role, "channels": s.channels, "repeat_minutes": s.repeat_minutes, "until_acknowledged": s.until_acknowledged}))
            .collect();
        json!({"kind": r.kind.map(About::name), "colours": r.colours.iter().map(|c| c.name()).collect::<Vec<_>>(), "steps": steps})
    };
    json!({
        "format": "watchfire-notices-v1", "configured": true, "channels": channels, "persons": persons, "roles": roles,
        "rules": config.rules.iter().map(rule).collect::<Vec<_>>(), "remarks": config.remarks,
    })
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn an_address_is_known_again_and_not_learned() {
        assert_eq!(masked("wang@plant.cn"), "…cn");
        assert_eq!(masked("+8613800000042"), "…42");
        assert_eq!(masked("12345"), "…");
        assert_eq!(masked(""), "…");
    }
}
