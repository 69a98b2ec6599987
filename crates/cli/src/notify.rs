//! `watchfire notify`: who is told what, on which way; whether the ways work; what proves that somebody was told.

use crate::args::{Days, Format, Notify, NotifyVerb};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json};
use evidence::{Delegation, Digest, Notice, NoticeState, Say, Time};
use node::notify::{Channel, Config, NewDelegation, Roster, Span, Test, local};
use report::words;
use serde_json::{Value, json};

pub(crate) fn run(face: &Face, a: &Notify) -> Result<u8, CliError> {
    match &a.what {
        NotifyVerb::Check(d) => return check(face, d),
        NotifyVerb::Rota(d) => return rota(face, d),
        NotifyVerb::Test { channel, to, role, format } => {
            let (config, roster) = (config(face)?, roster(face)?);
            let test = match (channel, role) {
                (Some(c), _) => Test::Channel(c, to.as_deref()),
                (None, role) => Test::Role(role.as_deref().unwrap_or_default()),
            };
            let sent = face.node()?.notify_test(&config, &roster, test)?;
            shown(face, &sent.iter().collect::<Vec<_>>(), *format);
            let failed = sent.iter().any(|n| n.state != NoticeState::Delivered);
            return Ok(if failed { exit::FINDINGS } else { exit::DONE });
        }
        NotifyVerb::List { of, failed, format } => list(face, of.as_deref(), *failed, *format)?,
        NotifyVerb::Ack { id, clock, by, format } => {
            let by = by.clone().unwrap_or_else(|| node::account().0);
            let done = face.node()?.notify_ack((id, clock.as_deref()), &by, None)?;
            if done.is_empty() && *format == Format::Text {
                print(&face.say(&Say::new("cli.say.notify_acked_before").with("id", id)));
            } else {
                shown(face, &done.iter().collect::<Vec<_>>(), *format);
            }
        }
        NotifyVerb::Delegate { role, from, to, since, until, area, kind, author, format } => {
            let config = config(face)?;
            let roster = roster(face)?;
            let day = |typed: &str| date(&roster, typed, 0);
            let since = since.as_deref().map_or_else(|| Ok(node::now()), day)?;
            // A last day counts whole.
            let until = date(&roster, until, 1)?;
            let wanted = NewDelegation { role, from, to, since, until, areas: area, kinds: kind };
            let (d, leaf) = face.node()?.notify_delegate(&config, &wanted, author.as_deref())?;
            delegated(face, &roster, &d, leaf, *format);
        }
        NotifyVerb::Revoke { id, author, format } => {
            let (d, leaf) = face.node()?.notify_revoke(id, author.as_deref())?;
            match format {
                Format::Json => print_json(&json!({"delegation": d, "record": leaf})),
                Format::Text => {
                    let say = Say::new("cli.say.notify_revoked").with("id", &d.id).with("leaf", leaf.short());
                    print(&face.say(&say));
                }
            }
        }
    }
    Ok(exit::DONE)
}

fn config(face: &Face) -> Result<Config, CliError> {
    Ok(node::notify::config(&node::home(face.common.home.as_deref())?)?)
}

/// The rota's rules: the plan's calendar, and the delegations that the log has.
fn roster(face: &Face) -> Result<Roster, CliError> {
    let mut roster = Roster::new(&config(face)?, face.plan()?.calendar());
    match face.node_read_only() {
        Ok(node) => {
            for (d, at, leaf) in node.delegations()? {
                roster.delegate(at, leaf, d);
            }
        }
        // Without a log nobody delegated anything.
        Err(e) if e.no_log() => {}
        Err(e) => return Err(e),
    }
    Ok(roster)
}

/// The beginning of a day in the rota's own time, so many days later.
fn date(roster: &Roster, typed: &str, days: i64) -> Result<Time, CliError> {
    let wrong = || CliError::new(Say::new("error.bad-date").with("value", attest::clean(typed)));
    let day = attest::date(typed).ok_or_else(wrong)?;
    roster.midnight(&day.date(), days).ok_or_else(wrong)
}

fn delegated(face: &Face, roster: &Roster, d: &Delegation, leaf: Digest, format: Format) {
    if format == Format::Json {
        print_json(&json!({"delegation": d, "record": leaf}));
        return;
    }
    let say = Say::new("cli.say.notify_delegated").with("id", &d.id).with("role", &d.role).with("from", &d.from);
    let say = say.with("to", &d.to).with("since", local(d.since, roster.zone())).with("leaf", leaf.short());
    print(&face.say(&say.with("until", local(d.until, roster.zone()))));
}

/// The names of people, as the configuration has them.
fn names(config: &Config, ids: &[String]) -> Vec<String> {
    ids.iter().map(|id| config.person(id).map_or_else(|| id.clone(), |p| format!("{} ({id})", p.name))).collect()
}

fn spans(config: &Config, roster: &Roster, d: &Days) -> Result<Vec<(String, Vec<Span>)>, CliError> {
    let from = d.from.as_deref().map_or_else(|| Ok(node::now()), |t| date(roster, t, 0))?;
    Ok(config.rotas.iter().map(|r| (r.role.clone(), roster.table(config, &r.role, from, d.days))).collect())
}

fn span_value(spans: &[Span]) -> Value {
    spans.iter().map(|s| json!({"since": s.since, "until": s.until, "persons": s.persons})).collect()
}

fn rota(face: &Face, d: &Days) -> Result<u8, CliError> {
    let (config, roster) = (config(face)?, roster(face)?);
    let table = spans(&config, &roster, d)?;
    if d.format == Format::Json {
        let roles: Vec<Value> = table.iter().map(|(r, s)| json!({"role": r, "spans": span_value(s)})).collect();
        print_json(&json!({"roles": roles}));
        return Ok(exit::DONE);
    }
    told_rota(face, &config, &roster, &table);
    Ok(exit::DONE)
}

fn told_rota(face: &Face, config: &Config, roster: &Roster, table: &[(String, Vec<Span>)]) {
    for (role, spans) in table {
        print(&face.say(&Say::new("cli.say.notify_role").with("role", role)));
        for s in spans {
            let say = match s.persons.is_empty() {
                true => Say::new("cli.say.notify_span_nobody"),
                false => Say::new("cli.say.notify_span").with("persons", names(config, &s.persons).join(" → ")),
            };
            let say = say.with("since", local(s.since, roster.zone())).with("until", local(s.until, roster.zone()));
            print(&face.say(&say));
        }
    }
}

/// The configuration as it stands: what each role would get now, holes in the rota, what is plain. A rota with holes, or no
/// escalation at all, ends with 1: that is a finding.
fn check(face: &Face, d: &Days) -> Result<u8, CliError> {
    let (config, roster) = (config(face)?, roster(face)?);
    let now = node::now();
    let table = spans(&config, &roster, d)?;
    let mut problems: Vec<Say> = config.remarks.clone();
    let hole = |(role, spans): &(String, Vec<Span>)| {
        let mut holes = spans.iter().filter(|s| s.persons.is_empty());
        let first = holes.next()?;
        let say = Say::new("cli.say.notify_hole").with("role", role).with("count", holes.count() + 1);
        Some(say.with("since", local(first.since, roster.zone())).with("until", local(first.until, roster.zone())))
    };
    problems.extend(table.iter().filter_map(hole));
    let holes = table.iter().any(|(_, spans)| spans.iter().any(|s| s.persons.is_empty()));
    for (kind, colours) in config.uncovered() {
        let colours: Vec<&str> = colours.into_iter().map(node::notify::Colour::name).collect();
        let say = Say::new("cli.say.notify_uncovered").with("what", kind.name());
        problems.push(say.with("colours", colours.join(", ")));
    }
    let code = if holes || config.rules.is_empty() { exit::FINDINGS } else { exit::DONE };
    if roster.is_guess(now) {
        problems.push(Say::new("cli.say.notify_guess"));
    }
    let mut gets = Vec::new();
    for r in &config.rotas {
        let asked = roster.candidates(&config, &r.role, now, None, "").unwrap_or_default();
        for p in asked.iter().filter_map(|p| config.person(p)) {
            let ways: Vec<&str> = p.ways.iter().map(|w| w.channel.as_str()).collect();
            gets.push((r.role.clone(), p.id.clone(), p.name.clone(), ways));
        }
    }
    if d.format == Format::Json {
        let gets: Vec<Value> =
            gets.iter().map(|g| json!({"role": g.0, "person": g.1, "name": g.2, "channels": g.3})).collect();
        let channel = |c: &Channel| {
            let pace = c.pace.as_ref();
            json!({"id": c.id, "kind": c.how.name(), "per_minute": pace.map(|p| p.per_minute),
                   "per_minute_source": pace.and_then(|p| p.source.as_ref())})
        };
        let channels: Vec<Value> = config.channels.iter().map(channel).collect();
        let roles: Vec<Value> = table.iter().map(|(r, s)| json!({"role": r, "spans": span_value(s)})).collect();
        let quiet = config.quiet_drill;
        print_json(
            &json!({"channels": channels, "now": gets, "roles": roles, "quiet_drill": quiet, "problems": problems}),
        );
        return Ok(code);
    }
    let say = Say::new("cli.say.notify_good").with("channels", config.channels.len());
    let say = say.with("persons", config.persons.len()).with("roles", config.rotas.len());
    print(&face.say(&say.with("rules", config.rules.len())));
    for (c, pace) in config.channels.iter().filter_map(|c| Some((c, c.pace.as_ref()?))) {
        let key = match pace.source.as_deref() {
            None => "cli.say.notify_pace_own",
            Some("") => "cli.say.notify_pace_unconfirmed",
            Some(_) => "cli.say.notify_pace",
        };
        let say = Say::new(key).with("channel", &c.id).with("count", pace.per_minute);
        print(&face.say(&say.with("source", pace.source.as_deref().unwrap_or_default())));
    }
    let drills = if config.quiet_drill { "cli.say.notify_drills_quiet" } else { "cli.say.notify_drills_loud" };
    print(&face.say(&Say::new(drills)));
    for (role, id, name, ways) in &gets {
        let say = Say::new("cli.say.notify_gets").with("role", role).with("person", id).with("name", name);
        print(&face.say(&say.with("channels", ways.join(", "))));
    }
    told_rota(face, &config, &roster, &table);
    for p in &problems {
        print(&face.say(p));
    }
    Ok(code)
}

fn list(face: &Face, about: Option<&str>, failed: bool, format: Format) -> Result<(), CliError> {
    let all = match face.node_read_only() {
        Ok(node) => node.notices()?,
        Err(e) if e.no_log() => Vec::new(),
        Err(e) => return Err(e),
    };
    let bad = |n: &Notice| matches!(n.state, NoticeState::Failed | NoticeState::GivenUp);
    let fits = |n: &&Notice| about.is_none_or(|a| n.about == a || n.notice == a) && (!failed || bad(n));
    let fitting: Vec<&Notice> = all.iter().map(|(n, _)| n).filter(fits).collect();
    if fitting.is_empty() && format == Format::Text {
        print(&face.say(&Say::new("cli.say.notify_empty")));
    } else {
        shown(face, &fitting, format);
    }
    Ok(())
}

/// Records of attempts, one a line.
fn shown(face: &Face, notices: &[&Notice], format: Format) {
    if format == Format::Json {
        print_json(&json!({"notices": notices}));
        return;
    }
    for n in notices {
        let state = words::find(face.lang, &format!("notify.state.{}", n.state.name())).unwrap_or(n.state.name());
        let way = if n.channel.is_empty() { "-" } else { &n.channel };
        let say = Say::new("cli.say.notify_line").with("at", n.stated_at).with("id", &n.notice).with("about", &n.about);
        let clock = if n.clock.is_empty() { "-" } else { &n.clock };
        let say =
            say.with("clock", clock).with("step", n.step).with("to", &n.to).with("way", way).with("attempt", n.attempt);
        print(&face.say(&say.with("state", state).with("proof", &n.proof)));
    }
}
