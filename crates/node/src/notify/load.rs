//! Reads `notify.toml` whole and checks it whole (`docs/specs/notify-v1.md` §3).

use super::config::{
    Channel, Command, Config, How, Http, MailTls, MessageLang, On, Override, PaceOf, Person, PersonWay, Rota, Rule,
    Shift, Smtp, Step, Syslog, SyslogTo,
};
use super::message::{About, Colour, Numeral};
use super::pace::PER_MINUTE_MAX;
use super::secret::{Secret, SecretError};
use super::template;
use super::toml::{Fault, Table, parse};
use crate::{NodeError, home};
use evidence::Say;
use jiff::civil::{DateTime, Time as Clock, Weekday};
use jiff::tz::TimeZone;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Name of the file in the node's home.
pub const FILE: &str = "notify.toml";
/// Largest configuration, template or file of certificates, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Attempts until a way is given up, unless the channel says otherwise.
const ATTEMPTS: i64 = 4;
/// Seconds of one attempt, unless the channel says otherwise.
const TIMEOUT_SECONDS: i64 = 20;
/// Rounds of a step, unless it says otherwise.
const REPEATS: i64 = 100;
/// Most minutes of a delay: a week.
const MINUTES_MAX: i64 = 7 * 24 * 60;
/// Most entries of a list of the file.
const ENTRIES_MAX: usize = 10_000;

/// Reads the configuration of a home.
pub fn config(home: &Path) -> Result<Config, NodeError> {
    let path = home.join(FILE);
    let bytes = match home::read(&path, FILE_BYTES_MAX) {
        Err(NodeError::Io(_, std::io::ErrorKind::NotFound, _)) => return Err(NodeError::NotifyMissing(path)),
        other => other?,
    };
    let text = String::from_utf8(bytes)
        .map_err(|e| NodeError::NotUtf8 { path: path.clone(), at: e.utf8_error().valid_up_to() })?;
    let mut config = config_of(&text, home)?;
    config.off = super::switch::switched_off(home)?;
    Ok(config)
}

/// The same of a text, as if it stood in that home (fuzz target `notify_config`): whatever it is, an answer.
///
/// # Errors
/// What is wrong with it, with its line.
pub fn config_of(text: &str, home: &Path) -> Result<Config, NodeError> {
    read(text, home).map_err(|f| NodeError::Notify { path: home.join(FILE), line: f.line, say: Box::new(f.say) })
}

/// Reads a configuration; files that it names are relative to `home`.
pub(crate) fn read(text: &str, home: &Path) -> Result<Config, Fault> {
    let root = parse(text)?;
    let t = Table::root(text, &root);
    let langs = [("both", MessageLang::Both), ("zh", MessageLang::Zh), ("en", MessageLang::En)];
    let zone = match t.text("zone")? {
        Some(rule) => Some(TimeZone::posix(&rule).map_err(|_| t.bad("zone", &rule, "CST-8"))?),
        None => None,
    };
    let mut config = Config::new(t.word("lang", &langs, Some(MessageLang::Both))?, t.flag("quiet_drill", true)?, zone);
    for c in list(&t, "channel")? {
        let channel = channel(&c, home, &mut config.remarks)?;
        let id = channel.id.clone();
        if !config.add_channel(channel) {
            return Err(c.fault("id", Say::new("error.notify-twice").with("value", id)));
        }
        c.finish()?;
    }
    for p in list(&t, "person")? {
        let person = person(&p, &config)?;
        let id = person.id.clone();
        if !config.add_person(person) {
            return Err(p.fault("id", Say::new("error.notify-twice").with("value", id)));
        }
        p.finish()?;
    }
    for r in list(&t, "rota")? {
        let rota = rota(&r, &config)?;
        if config.rota(&rota.role).is_some() {
            return Err(r.fault("role", Say::new("error.notify-twice").with("value", rota.role)));
        }
        config.rotas.push(rota);
        r.finish()?;
    }
    for e in list(&t, "escalation")? {
        let rule = rule(&e, &config)?;
        config.rules.push(rule);
        e.finish()?;
    }
    t.finish()?;
    Ok(config)
}

fn list<'a>(t: &Table<'a>, key: &'static str) -> Result<Vec<Table<'a>>, Fault> {
    let all = t.tables(key)?;
    if all.len() > ENTRIES_MAX { Err(t.bad(key, all.len(), &format!("0–{ENTRIES_MAX}"))) } else { Ok(all) }
}

fn channel(t: &Table<'_>, home: &Path, remarks: &mut Vec<Say>) -> Result<Channel, Fault> {
    let id = t.id("id")?;
    let seconds = t.number("timeout_seconds", 1, 60)?.unwrap_or(TIMEOUT_SECONDS);
    let attempts = t.number("attempts_max", 1, 20)?.unwrap_or(ATTEMPTS);
    let kinds = [("smtp", 0), ("webhook", 1), ("syslog", 2), ("command", 3), ("template", 4)];
    let mut plain = |insecure: bool| {
        if insecure {
            remarks.push(Say::new("cli.say.notify_plain").with("channel", &id));
        }
    };
    let per_minute = || Ok::<_, Fault>(t.number("per_minute", 1, PER_MINUTE_MAX)?.and_then(|n| u32::try_from(n).ok()));
    let mut pace = None;
    let how = match t.word("kind", &kinds, None)? {
        0 => How::Smtp(smtp(t, home, &mut plain)?),
        1 => {
            let http = http(t, home, "", &mut plain)?;
            if http.secret.is_none() {
                return Err(t.fault("secret_file", Say::new("error.notify-missing")));
            }
            pace = per_minute()?.map(|per_minute| PaceOf { per_minute, source: None });
            How::Webhook(http)
        }
        2 => How::Syslog(syslog(t)?),
        3 => {
            let program = PathBuf::from(t.must("program")?);
            if !program.is_absolute() {
                return Err(t.bad("program", program.display(), "/…"));
            }
            How::Command(Command { program, args: t.texts("args")? })
        }
        _ => {
            let template = named_template(t, home)?;
            let http = http(t, home, &template.url, &mut plain)?;
            let (secret, token) = template.needs();
            for (needs, has, key) in [(secret, &http.secret, "secret_file"), (token, &http.token, "token_file")] {
                if needs && has.is_none() {
                    return Err(t.fault(key, Say::new("error.notify-missing")));
                }
            }
            let own = per_minute()?;
            if template.phone && own.is_some() {
                return Err(t.fault("per_minute", Say::new("error.notify-phone-pace")));
            }
            let usual = template.per_minute.clone().map(|(n, source)| PaceOf { per_minute: n, source: Some(source) });
            pace = own.map(|per_minute| PaceOf { per_minute, source: None }).or(usual);
            How::Template(Box::new(template), http)
        }
    };
    Ok(Channel {
        id,
        timeout: Duration::from_secs(seconds.unsigned_abs()),
        attempts_max: u32::try_from(attempts).unwrap_or(1),
        pace,
        how,
    })
}

fn named_template(t: &Table<'_>, home: &Path) -> Result<template::Template, Fault> {
    let (key, text) = match t.text("file")? {
        Some(file) => {
            let bytes = home::read(&home.join(&file), FILE_BYTES_MAX).map_err(|_| unreadable(t, "file", &file))?;
            ("file", String::from_utf8(bytes).map_err(|_| unreadable(t, "file", &file))?)
        }
        None => ("template", t.word("template", &template::BUILT_IN, None)?.to_owned()),
    };
    // Its own line is said inside; the line of the configuration is where it is named.
    template::read(&text).map_err(|f| {
        let why = format!("{}: {}", f.line, f.say.with.values().cloned().collect::<Vec<_>>().join(", "));
        t.fault(key, Say::new("error.notify-template").with("why", why))
    })
}

fn unreadable(t: &Table<'_>, key: &str, file: &str) -> Fault {
    t.fault(key, Say::new("error.notify-file").with("file", file))
}

/// True if a name is this machine's own.
fn is_local(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse::<std::net::IpAddr>().is_ok_and(|a| a.is_loopback())
}

/// A plain connection to another machine is refused unless somebody wrote that they want it.
fn may_be_plain(t: &Table<'_>, key: &str, host: &str, plain: &mut dyn FnMut(bool)) -> Result<(), Fault> {
    let insecure = t.flag("insecure", false)?;
    if !is_local(host) {
        if !insecure {
            return Err(t.fault(key, Say::new("error.notify-plain").with("host", host)));
        }
        plain(true);
    }
    Ok(())
}

fn smtp(t: &Table<'_>, home: &Path, plain: &mut dyn FnMut(bool)) -> Result<Smtp, Fault> {
    let tls = t.word(
        "tls",
        &[("starttls", MailTls::StartTls), ("tls", MailTls::Tls), ("none", MailTls::None)],
        Some(MailTls::StartTls),
    )?;
    let server = host(t, "server")?;
    let usual = match tls {
        MailTls::Tls => 465,
        MailTls::StartTls => 587,
        MailTls::None => 25,
    };
    if tls == MailTls::None {
        may_be_plain(t, "tls", &server, plain)?;
    }
    t.flag("insecure", false)?;
    let from = t.must("from")?;
    if !is_mail_address(&from) {
        return Err(t.bad("from", from, "name@example.com"));
    }
    let login = match (t.text("user")?, secret(t, home, "secret_file", "secret_env")?) {
        (Some(user), Some(secret)) => Some((user, secret)),
        (None, None) => None,
        (Some(_), None) => return Err(t.fault("secret_file", Say::new("error.notify-missing"))),
        (None, Some(_)) => return Err(t.fault("user", Say::new("error.notify-missing"))),
    };
    // Who wants an unprotected line may have it; a password does not go over it.
    if tls == MailTls::None && login.is_some() && !is_local(&server) {
        return Err(t.fault("user", Say::new("error.notify-plain").with("host", server)));
    }
    let hello = t.text("hello")?.unwrap_or_else(|| "localhost".to_owned());
    if !hello.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'[' | b']' | b':')) {
        return Err(t.bad("hello", hello, "mail.example.com"));
    }
    let port = t.number("port", 1, 65_535)?.and_then(|p| u16::try_from(p).ok()).unwrap_or(usual);
    Ok(Smtp { server, port, tls, from, hello, login, roots: roots(t, home)? })
}

fn host(t: &Table<'_>, key: &'static str) -> Result<String, Fault> {
    let host = t.must(key)?;
    let good = host.len() <= 253 && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':'));
    if good { Ok(host) } else { Err(t.bad(key, host, "mail.example.com")) }
}

/// An address that cannot bring a command with it.
fn is_mail_address(a: &str) -> bool {
    let good = |c: char| {
        c.is_ascii_graphic() && !matches!(c, '<' | '>' | '(' | ')' | ',' | ';' | ':' | '\\' | '"' | '[' | ']')
    };
    a.len() <= 254 && a.chars().all(good) && a.split_once('@').is_some_and(|(l, d)| !l.is_empty() && !d.is_empty())
}

fn http(t: &Table<'_>, home: &Path, default: &str, plain: &mut dyn FnMut(bool)) -> Result<Http, Fault> {
    let url = match t.text("url")? {
        Some(url) => url,
        None if !default.is_empty() => default.to_owned(),
        None => return Err(t.fault("url", Say::new("error.notify-missing"))),
    };
    // A template's holes may not choose the machine.
    let (scheme, rest) = url.split_once("://").unwrap_or(("", ""));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let name =
        authority.rsplit_once(':').filter(|(_, p)| p.bytes().all(|b| b.is_ascii_digit())).map_or(authority, |a| a.0);
    let good = !name.is_empty() && !authority.contains(['{', '}', '@', '\\', ' ']);
    match scheme {
        "https" if good => {
            t.flag("insecure", false)?;
        }
        "http" if good => may_be_plain(t, "url", name, plain)?,
        _ => return Err(t.bad("url", format!("{scheme}://…"), "https://…")),
    }
    Ok(Http {
        url,
        secret: secret(t, home, "secret_file", "secret_env")?,
        token: secret(t, home, "token_file", "token_env")?,
        roots: roots(t, home)?,
    })
}

fn secret(t: &Table<'_>, home: &Path, file: &'static str, env: &'static str) -> Result<Option<Secret>, Fault> {
    let (key, named, got) = match (t.text(file)?, t.text(env)?) {
        (None, None) => return Ok(None),
        (Some(path), None) => (file, path.clone(), Secret::from_file(&home.join(path))),
        (None, Some(name)) => (env, name.clone(), Secret::from_env(&name)),
        (Some(_), Some(_)) => return Err(t.fault(env, Say::new("error.notify-twice").with("value", file))),
    };
    got.map(Some).map_err(|e| match e {
        SecretError::Loose(mode) => {
            t.fault(key, Say::new("error.notify-loose").with("file", named).with("mode", format!("{mode:o}")))
        }
        SecretError::Missing | SecretError::Unfit => t.fault(key, Say::new("error.notify-secret").with("file", named)),
    })
}

fn roots(t: &Table<'_>, home: &Path) -> Result<Option<Vec<CertificateDer<'static>>>, Fault> {
    let Some(file) = t.text("ca_file")? else { return Ok(None) };
    let bytes = home::read(&home.join(&file), FILE_BYTES_MAX).map_err(|_| unreadable(t, "ca_file", &file))?;
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match all {
        Ok(all) if !all.is_empty() => Ok(Some(all)),
        _ => Err(unreadable(t, "ca_file", &file)),
    }
}

fn syslog(t: &Table<'_>) -> Result<Syslog, Fault> {
    let facility = t.number("facility", 0, 23)?.and_then(|f| u8::try_from(f).ok()).unwrap_or(16);
    let transport = t.word("transport", &[("udp", 0), ("tcp", 1), ("unix", 2)], None)?;
    let port = t.number("port", 1, 65_535)?.and_then(|p| u16::try_from(p).ok());
    let to = match transport {
        0 => SyslogTo::Udp(host(t, "server")?, port.unwrap_or(514)),
        1 => SyslogTo::Tcp(host(t, "server")?, port.unwrap_or(601)),
        _ => SyslogTo::Unix(PathBuf::from(t.text("path")?.unwrap_or_else(|| "/dev/log".to_owned()))),
    };
    Ok(Syslog { to, facility })
}

fn person(t: &Table<'_>, config: &Config) -> Result<Person, Fault> {
    let (id, name) = (t.id("id")?, t.must("name")?);
    let mut ways = Vec::new();
    for w in t.tables("ways")? {
        let (channel, address) = (w.must("channel")?, w.text("address")?.unwrap_or_default());
        let Some(known) = config.channel(&channel) else {
            return Err(w.fault("channel", Say::new("error.notify-nobody").with("value", channel)));
        };
        if matches!(known.how, How::Smtp(_)) && !is_mail_address(&address) {
            return Err(w.bad("address", "…", "name@example.com"));
        }
        if address.chars().any(char::is_control) || address.len() > 512 {
            return Err(w.bad("address", "…", "1–512"));
        }
        w.finish()?;
        ways.push(PersonWay { channel, address });
    }
    if ways.is_empty() {
        return Err(t.fault("ways", Say::new("error.notify-missing")));
    }
    Ok(Person { id, name, ways })
}

/// A person of the configuration.
fn known(t: &Table<'_>, key: &'static str, id: String, config: &Config) -> Result<String, Fault> {
    match config.person(&id) {
        Some(_) => Ok(id),
        None => Err(t.fault(key, Say::new("error.notify-nobody").with("value", id))),
    }
}

fn rota(t: &Table<'_>, config: &Config) -> Result<Rota, Fault> {
    let role = t.id("role")?;
    let deputies =
        t.texts("deputies")?.into_iter().map(|d| known(t, "deputies", d, config)).collect::<Result<_, _>>()?;
    let shifts = list(t, "shift")?.into_iter().map(|s| shift(s, config)).collect::<Result<_, _>>()?;
    let overrides = list(t, "override")?.into_iter().map(|o| over(o, config)).collect::<Result<_, _>>()?;
    Ok(Rota { role, deputies, shifts, overrides })
}

fn shift(t: Table<'_>, config: &Config) -> Result<Shift, Fault> {
    let on = t.word("on", &[("all-days", On::All), ("work-days", On::Work), ("rest-days", On::Rest)], Some(On::All))?;
    const DAYS: [(&str, Weekday); 7] = [
        ("mon", Weekday::Monday),
        ("tue", Weekday::Tuesday),
        ("wed", Weekday::Wednesday),
        ("thu", Weekday::Thursday),
        ("fri", Weekday::Friday),
        ("sat", Weekday::Saturday),
        ("sun", Weekday::Sunday),
    ];
    let day = |d: String| {
        let found = DAYS.iter().find(|known| known.0 == d).map(|known| known.1);
        found.ok_or_else(|| t.bad("days", &d, "mon, tue, wed, thu, fri, sat, sun"))
    };
    let days = t.texts("days")?.into_iter().map(day).collect::<Result<_, _>>()?;
    if t.has("from") != t.has("to") {
        return Err(t.fault(if t.has("from") { "to" } else { "from" }, Say::new("error.notify-missing")));
    }
    let clock = |key| match t.text(key)? {
        None => Ok(Clock::midnight()),
        Some(c) => Clock::strptime("%H:%M", &c).map_err(|_| t.bad(key, &c, "HH:MM")),
    };
    let shift = Shift {
        on,
        days,
        from: clock("from")?,
        to: clock("to")?,
        person: known(&t, "person", t.id("person")?, config)?,
    };
    t.finish()?;
    Ok(shift)
}

fn over(t: Table<'_>, config: &Config) -> Result<Override, Fault> {
    let at = |key| {
        let typed = t.must(key)?;
        DateTime::strptime("%Y-%m-%d %H:%M", &typed).map_err(|_| t.bad(key, &typed, "YYYY-MM-DD HH:MM"))
    };
    let o =
        Override { since: at("since")?, until: at("until")?, person: known(&t, "person", t.id("person")?, config)? };
    if o.until <= o.since {
        return Err(t.bad("until", o.until, "> since"));
    }
    t.finish()?;
    Ok(o)
}

fn rule(t: &Table<'_>, config: &Config) -> Result<Rule, Fault> {
    let kinds = [
        ("any", None),
        ("clock", Some(About::Clock)),
        ("warning", Some(About::Warning)),
        ("incident", Some(About::Incident)),
        ("measure", Some(About::Measure)),
        ("order", Some(About::Order)),
    ];
    let colour = |c: String| Colour::of(&c).ok_or_else(|| t.bad("colours", &c, "red, orange, yellow, blue"));
    let numeral = |n: String| Numeral::of(&n).ok_or_else(|| t.bad("numerals", &n, "I, II, III, IV …"));
    let mut rule = Rule {
        kind: t.word("for", &kinds, None)?,
        colours: t.texts("colours")?.into_iter().map(colour).collect::<Result<_, _>>()?,
        numerals: t.texts("numerals")?.into_iter().map(numeral).collect::<Result<_, _>>()?,
        steps: Vec::new(),
    };
    for s in list(t, "step")? {
        let after_minutes = s.number("after_minutes", 0, MINUTES_MAX)?.unwrap_or(0);
        if rule.steps.last().is_some_and(|before: &Step| after_minutes < before.after_minutes) {
            return Err(s.bad("after_minutes", after_minutes, "≥"));
        }
        let role = s.id("role")?;
        if config.rota(&role).is_none() {
            return Err(s.fault("role", Say::new("error.notify-nobody").with("value", role)));
        }
        let channels = s.texts("channels")?;
        if let Some(c) = channels.iter().find(|c| config.channel(c).is_none()) {
            return Err(s.fault("channels", Say::new("error.notify-nobody").with("value", c)));
        }
        rule.steps.push(Step {
            after_minutes,
            role,
            channels,
            repeat_minutes: s.number("repeat_minutes", 0, MINUTES_MAX)?.unwrap_or(0),
            repeats_max: s
                .number("repeats_max", 0, 10_000)?
                .and_then(|n| u32::try_from(n).ok())
                .unwrap_or(REPEATS as u32),
            until_acknowledged: s.flag("until_acknowledged", true)?,
        });
        s.finish()?;
    }
    if rule.steps.is_empty() {
        return Err(t.fault("step", Say::new("error.notify-missing")));
    }
    Ok(rule)
}
