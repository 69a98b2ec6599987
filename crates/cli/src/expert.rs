//! `watchfire expert`: who may be called, until when, and about whom not; and whether a certificate holds.

use crate::args::{Expert, ExpertVerb, Format, ListFormat, TieArg};
use crate::error::{CliError, exit};
use crate::training::{date, hand_out, look, make_folder, reason, table, word};
use crate::{Face, print, print_json};
use console::said::{badge_json, conflict_json, expert_json};
use evidence::{ConflictKind, Say, Time};
use judge::{Conflict, ExpertStanding, ExpertState};
use node::{BadgeVerdict, ExpertOrder, IssuedBadge, KeptExpert, PoolEntry, Revoked};
use serde_json::{Value, json};
use std::path::Path;
use store::Named;

/// The end of a day that was typed, if one was.
fn day(face: &Face, typed: Option<&str>) -> Result<Option<Time>, CliError> {
    typed.map(|t| face.day_ends(date(t)?)).transpose()
}

pub(crate) fn run(face: &Face, a: &Expert) -> Result<u8, CliError> {
    match &a.what {
        ExpertVerb::Certify { person, field, until, document, employer, contact, out, with_name, author, format } => {
            let order = ExpertOrder {
                person,
                field,
                expires: face.day_ends(date(until)?)?,
                document: document.as_deref(),
                employer,
                contact,
                badge: out.as_ref().map(|_| face.lang),
                with_name: *with_name,
            };
            let node = face.node()?;
            out.as_deref().map(make_folder).transpose()?;
            let (kept, issued) = node.expert_certify(&order, author.as_deref())?;
            kept_expert(face, &kept, issued.as_ref().zip(out.as_deref()), *format)?;
        }
        ExpertVerb::Renew { expert, until, document, out, author, format } => {
            let node = face.node()?;
            out.as_deref().map(make_folder).transpose()?;
            let (expires, badge) = (face.day_ends(date(until)?)?, out.as_ref().map(|_| face.lang));
            let (kept, issued) = node.expert_renew(expert, expires, document.as_deref(), badge, author.as_deref())?;
            kept_expert(face, &kept, issued.as_ref().zip(out.as_deref()), *format)?;
        }
        ExpertVerb::Revoke { expert, reason: why, author, format } => {
            let kept = face.node()?.expert_revoke(expert, reason(*why), author.as_deref())?;
            kept_expert(face, &kept, None, *format)?;
        }
        ExpertVerb::List { as_of, format } => {
            let as_of = day(face, as_of.as_deref())?.unwrap_or_else(node::now);
            list(face, as_of, *format)?;
        }
        ExpertVerb::Conflict { expert, enterprise, kind, since, until, author, format } => {
            let since = since.as_deref().map(date).transpose()?;
            let until = day(face, until.as_deref())?;
            let node = face.node()?;
            let kept = node.expert_conflict(expert, enterprise, tie(*kind), (since, until), author.as_deref())?;
            kept_expert(face, &kept, None, *format)?;
        }
        ExpertVerb::Pool { enterprise, incident, format } => pool(face, enterprise, incident, *format)?,
        ExpertVerb::Verify { certificate, key, status, format } => {
            return verify(face, certificate, key.as_deref(), status.as_deref(), *format);
        }
    }
    Ok(exit::DONE)
}

fn tie(kind: TieArg) -> ConflictKind {
    match kind {
        TieArg::Employment => ConflictKind::Employment,
        TieArg::Contract => ConflictKind::Contract,
        TieArg::Ownership => ConflictKind::Ownership,
        TieArg::Family => ConflictKind::Family,
        TieArg::Other => ConflictKind::Other,
    }
}

fn kept_expert(
    face: &Face,
    kept: &KeptExpert,
    issued: Option<(&IssuedBadge, &Path)>,
    format: Format,
) -> Result<(), CliError> {
    let files = issued.map(|(badge, out)| hand_out(face, badge, out)).transpose()?;
    if format == Format::Json {
        let mut out = value(&kept.standing, kept.named.as_ref());
        out["files"] = json!(files);
        print_json(&out);
        return Ok(());
    }
    print(&line(face, &kept.standing, kept.named.as_ref()));
    kept.standing.conflicts.iter().for_each(|c| print(&conflict_line(face, c)));
    if let (Some(files), Some((badge, _))) = (files, issued) {
        let say = Say::new("cli.say.training_certified").with("id", &badge.issued.id);
        print(&face.say(&say.with("files", files.join(", ")).with("leaf", badge.leaf.short())));
    }
    Ok(())
}

fn value(s: &ExpertStanding, named: Option<&Named>) -> Value {
    let who = named.map(|n| json!({"name": n.name, "mark": n.mark, "employer": n.employer, "contact": n.contact}));
    expert_json(s, who.as_ref())
}

fn who(s: &ExpertStanding, named: Option<&Named>) -> String {
    match named {
        Some(n) if n.employer.is_empty() => n.name.clone(),
        Some(n) => format!("{} ({})", n.name, n.employer),
        None => s.person.to_string(),
    }
}

fn line(face: &Face, s: &ExpertStanding, named: Option<&Named>) -> String {
    let say = Say::new("cli.say.expert_line").with("expert", &s.id).with("who", who(s, named));
    let say = say.with("field", &s.field).with("until", s.expires.date());
    face.say(&say.with("state", word(face, "expert-state", s.state.name())))
}

fn conflict_line(face: &Face, c: &Conflict) -> String {
    let say = Say::new("cli.say.expert_conflict").with("enterprise", &c.enterprise);
    let say = say.with("tie", word(face, "conflict", c.kind.name())).with("since", c.since.date());
    let until = c.until.map_or_else(|| "…".to_owned(), Time::date);
    face.say(&say.with("until", until).with("state", word(face, "in-force", if c.in_force { "yes" } else { "no" })))
}

fn list(face: &Face, as_of: Time, format: ListFormat) -> Result<(), CliError> {
    let all = match look(face)? {
        Some(node) => node.experts(as_of)?,
        None => Vec::new(),
    };
    let count = |state: ExpertState| all.iter().filter(|e| e.standing.state == state).count();
    let csv = || {
        let head = vec!["expert", "person", "name", "employer", "field", "state", "certified", "expires", "conflicts"];
        let row = |e: &KeptExpert| {
            let (s, n) = (&e.standing, e.named.as_ref());
            let ties: Vec<String> = s
                .conflicts
                .iter()
                .filter(|c| c.in_force)
                .map(|c| format!("{} {}", c.enterprise, c.kind.name()))
                .collect();
            vec![
                s.id.clone(),
                s.person.to_string(),
                n.map(|n| n.name.clone()).unwrap_or_default(),
                n.map(|n| n.employer.clone()).unwrap_or_default(),
                s.field.clone(),
                s.state.name().to_owned(),
                s.certified.date(),
                s.expires.date(),
                ties.join("; "),
            ]
        };
        (head, all.iter().map(row).collect())
    };
    let text = || {
        let say = Say::new("cli.say.expert_count").with("valid", count(ExpertState::Valid));
        let say = say.with("expired", count(ExpertState::Expired)).with("revoked", count(ExpertState::Revoked));
        print(&face.say(&say));
        for e in &all {
            print(&line(face, &e.standing, e.named.as_ref()));
            e.standing.conflicts.iter().for_each(|c| print(&conflict_line(face, c)));
        }
    };
    table(format, ("experts", all.iter().map(|e| value(&e.standing, e.named.as_ref())).collect()), csv, text);
    Ok(())
}

/// Why somebody may not be called; empty if they may.
fn why(face: &Face, p: &PoolEntry) -> String {
    let s = &p.place.standing;
    if s.state != ExpertState::Valid {
        return word(face, "expert-state", s.state.name()).to_owned();
    }
    let ties: Vec<&str> = p.place.against.iter().map(|c| word(face, "conflict", c.kind.name())).collect();
    ties.join(", ")
}

fn pool(
    face: &Face,
    enterprise: &Option<String>,
    incident: &Option<String>,
    format: ListFormat,
) -> Result<(), CliError> {
    let node = face.node_read_only()?;
    let code = match (enterprise, incident) {
        (Some(code), _) => code.clone(),
        (None, Some(id)) => node.incident_enterprise(id)?,
        (None, None) => String::new(),
    };
    let (code, all) = node.expert_pool(&code, node::now())?;
    let rows = all.iter().map(|p| {
        let mut out = value(&p.place.standing, p.named.as_ref());
        out["may_be_called"] = json!(p.place.free());
        out["against"] = p.place.against.iter().map(conflict_json).collect();
        out
    });
    let csv = || {
        let head = vec!["expert", "name", "contact", "field", "may_be_called", "why_not"];
        let row = |p: &PoolEntry| {
            let n = p.named.as_ref();
            let text = |of: fn(&Named) -> &String| n.map(of).cloned().unwrap_or_default();
            let free = if p.place.free() { "yes" } else { "no" };
            let (id, field) = (p.place.standing.id.clone(), p.place.standing.field.clone());
            vec![id, text(|n| &n.name), text(|n| &n.contact), field, free.to_owned(), why(face, p)]
        };
        (head, all.iter().map(row).collect())
    };
    let text = || {
        let free = all.iter().filter(|p| p.place.free()).count();
        let say = Say::new("cli.say.expert_pool").with("enterprise", &code).with("free", free);
        print(&face.say(&say.with("out", all.len() - free)));
        for p in &all {
            let who = who(&p.place.standing, p.named.as_ref());
            let key = if p.place.free() { "expert_free" } else { "expert_out" };
            let say = Say::new(format!("cli.say.{key}")).with("expert", &p.place.standing.id).with("who", who);
            let say = say.with("field", &p.place.standing.field);
            let contact = p.named.as_ref().map(|n| n.contact.clone()).filter(|c| !c.is_empty());
            let last = if p.place.free() { contact.unwrap_or_else(|| "-".to_owned()) } else { why(face, p) };
            print(&face.say(&say.with("last", last)));
        }
    };
    table(format, ("pool", rows.collect()), csv, text);
    Ok(())
}

fn verify(
    face: &Face,
    certificate: &str,
    key: Option<&str>,
    status: Option<&Path>,
    format: Format,
) -> Result<u8, CliError> {
    let key = key.map(node::badge_key).transpose()?;
    let v = node::verify_badge(certificate, key.as_ref(), status, node::now())?;
    let code = if v.holds() { exit::DONE } else { exit::FINDINGS };
    if format == Format::Json {
        print_json(&badge_json(&v));
        return Ok(code);
    }
    verdict(face, &v);
    Ok(code)
}

fn verdict(face: &Face, v: &BadgeVerdict) {
    let text = |path: &str| v.badge.payload.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let key = if v.trusted { "badge_trusted" } else { "badge_self" };
    print(&face.say(&Say::new(format!("cli.say.{key}")).with("issuer", &v.badge.issuer)));
    let holder = match text("/credentialSubject/identifier/0/identityHash") {
        none if none.is_empty() => text("/sub"),
        name => name,
    };
    let say = Say::new("cli.say.badge_says").with("what", text("/credentialSubject/achievement/name"));
    let say = say.with("holder", holder).with("by", text("/issuer/name")).with("id", &v.badge.id);
    print(&face.say(&say));
    let until = v.badge.until.map_or_else(|| "…".to_owned(), Time::date);
    let key = match (v.begun, v.expired) {
        (false, _) => "badge_early",
        (_, true) => "badge_expired",
        _ => "badge_in_time",
    };
    let say = Say::new(format!("cli.say.{key}")).with("from", v.badge.from.date()).with("until", until);
    print(&face.say(&say));
    let (key, at) = match v.revoked {
        Revoked::NotChecked => ("badge_not_checked", String::new()),
        Revoked::No(at) => ("badge_not_revoked", at.to_string()),
        Revoked::Yes(at) => ("badge_revoked", at.to_string()),
    };
    print(&face.say(&Say::new(format!("cli.say.{key}")).with("at", at)));
}
