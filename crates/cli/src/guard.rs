//! `watchfire guard`: a share on which what is overwritten or removed can be brought back, and attackers are held.

use crate::args::{Format, Guard, GuardVerb, Order, Socket};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json};
use ::guard::check::{Checked, Tried};
use ::guard::restore::{Choice, Restored, State, restore};
use ::guard::{GuardError, Orders};
use evidence::guard_control::{GuardAnswer, GuardAsk, GuardStatus};
use evidence::{Say, Time};
use report::words;
use serde_json::json;
use std::path::Path;
use std::process::Command;

impl From<GuardError> for CliError {
    fn from(e: GuardError) -> Self {
        Self::new(e.say())
    }
}

pub(crate) fn run(face: &Face, a: &Guard) -> Result<u8, CliError> {
    match &a.what {
        GuardVerb::Check { folder, format } => check(face, folder, *format),
        GuardVerb::Run { config } => {
            let orders = Orders::of(&face.plan()?);
            let config = ::guard::config::load(config)?;
            face.tell(&Say::new("cli.say.guard_runs").with("share", ::guard::service::name(&config)), Format::Text);
            ::guard::service::run(&config, &orders, &|| face.stop.requested())?;
            Ok(exit::DONE)
        }
        GuardVerb::Status(socket) => status(face, socket),
        GuardVerb::Hold { pid, order } => decide(face, order, |by| GuardAsk::Hold { pid: i64::from(*pid), by }),
        GuardVerb::Release { hold, order } => decide(face, order, |by| GuardAsk::Release { hold: *hold, by }),
        GuardVerb::Allow { hold, minutes, order } => {
            decide(face, order, |by| GuardAsk::Allow { hold: *hold, minutes: *minutes, by })
        }
        GuardVerb::Kill { hold, order } => decide(face, order, |by| GuardAsk::Kill { hold: *hold, by }),
        GuardVerb::Restore { config, incident, actor, since, to, dry_run, format } => {
            let since = since.as_deref().map(str::parse::<Time>).transpose();
            let since = since.map_err(|e| GuardError::Config { key: "--since".into(), why: e.to_string() })?;
            let choice = Choice { hold: *incident, actor: actor.clone(), since };
            back(face, config, &choice, to.as_deref(), *dry_run, *format)
        }
        GuardVerb::Trial { words } => Ok(u8::try_from(::guard::trial::main(words)).unwrap_or(exit::COULD_NOT)),
    }
}

fn check(face: &Face, folder: &Path, format: Format) -> Result<u8, CliError> {
    let me = std::env::current_exe().map_err(|e| GuardError::disk(Path::new("/proc/self/exe"), &e))?;
    let program = |form: &str, ground: &Path, token: &str| {
        let mut command = Command::new(&me);
        command.args(["guard", "trial", form]).arg(ground).arg(token);
        command
    };
    let orders = Orders::of(&face.plan()?);
    let found = ::guard::check::check(folder, &orders, &program, &mut |_, _| !face.stop.requested())?;
    match format {
        Format::Json => print_json(&json!(found)),
        Format::Text => spoken(face, &found),
    }
    Ok(if found.elsewhere || found.lost() > 0 { exit::FINDINGS } else { exit::DONE })
}

fn spoken(face: &Face, found: &Checked) {
    let say = |key: &str| Say::new(format!("cli.say.guard_{key}")).with("name", &found.file_system);
    let tell = |s: &Say| print(&face.say(s));
    if found.elsewhere {
        tell(&say("elsewhere"));
        return tell(&say("elsewhere_instead"));
    }
    tell(&say("tried").with("version", &found.kernel));
    let copies = say("copies").with("count", found.copy_bytes_max);
    tell(&if found.reflinks { say("reflinks") } else { copies });
    if !found.names {
        tell(&say("no_names"));
    }
    if !found.truncate {
        tell(&say("no_truncate"));
    }
    tell(&say("unseen_heading"));
    found.unseen.iter().for_each(|t| tell(&line(face, t, "unseen")));
    if found.stopped.is_empty() {
        tell(&say("no_order"));
    } else {
        tell(&say("stopped_heading"));
        found.stopped.iter().for_each(|t| tell(&line(face, t, if t.held { "held" } else { "not_held" })));
    }
    tell(&say("limits"));
}

fn line(face: &Face, t: &Tried, key: &str) -> Say {
    let form = words::text(face.lang, &format!("guard-form.{}", t.form)).to_owned();
    let say = Say::new(format!("cli.say.guard_{key}")).with("form", form).with("files", t.files);
    say.with("spoilt", t.spoilt).with("recovered", t.recovered)
}

fn status(face: &Face, socket: &Socket) -> Result<u8, CliError> {
    let GuardAnswer::Status(status) = ::guard::control::ask(&socket.socket, &GuardAsk::Status)? else {
        return Err(GuardError::Refused { why: "not-understood".into() }.into());
    };
    match socket.format {
        Format::Json => print_json(&json!(status)),
        Format::Text => stands(face, &status),
    }
    Ok(if status.holds.is_empty() { exit::DONE } else { exit::FINDINGS })
}

fn stands(face: &Face, status: &GuardStatus) {
    let tell = |s: Say| print(&face.say(&s));
    tell(Say::new("cli.say.guard_status").with("at", status.since).with("count", status.writes));
    let acts = status.mode == "hold" && status.order.is_some();
    tell(
        Say::new(if acts { "cli.say.guard_holds_by" } else { "cli.say.guard_observes" })
            .with("id", status.order.clone().unwrap_or_default()),
    );
    tell(Say::new(if status.supervised { "cli.say.guard_supervised" } else { "cli.say.guard_alone" }));
    for s in &status.shares {
        let say = Say::new("cli.say.guard_share").with("path", &s.path).with("name", &s.file_system);
        tell(say.with("count", s.pre_images).with("gaps", s.gaps).with("files", s.linked));
        tell(Say::new(if s.fail == "closed" { "cli.say.guard_fails_closed" } else { "cli.say.guard_fails_open" }));
    }
    for h in &status.holds {
        let say = Say::new("cli.say.guard_hold").with("id", h.hold).with("at", h.since).with("program", &h.program);
        let who = h.peer.clone().unwrap_or_else(|| format!("uid {}", h.uid));
        let why: Vec<String> = h.reasons.iter().map(|(code, points)| format!("{code} {points}")).collect();
        tell(say.with("pid", h.pid).with("who", who).with("files", h.files_touched).with("why", why.join(", ")));
    }
}

fn decide(face: &Face, order: &Order, ask: impl Fn(String) -> GuardAsk) -> Result<u8, CliError> {
    let by = order.by.clone().unwrap_or_else(|| node::account().0);
    let GuardAnswer::Done { hold, processes } = ::guard::control::ask(&order.socket.socket, &ask(by))? else {
        return Err(GuardError::Refused { why: "not-understood".into() }.into());
    };
    let say = Say::new("cli.say.guard_done").with("id", hold.unwrap_or(0)).with("count", processes);
    face.tell(&say, order.socket.format);
    Ok(exit::DONE)
}

fn back(
    face: &Face,
    config: &Path,
    choice: &Choice,
    to: Option<&Path>,
    dry_run: bool,
    format: Format,
) -> Result<u8, CliError> {
    let config = ::guard::config::load(config)?;
    // A running guard must not take this for an attack; one that does not run need not be told.
    if !dry_run {
        let _ = ::guard::control::ask(&config.socket, &GuardAsk::Restoring);
    }
    let mut all = Vec::new();
    for share in &config.shares {
        let mut go = |_, _| !face.stop.requested();
        all.push(restore(&share.path, &share.vault, choice, to, dry_run, &mut go)?);
    }
    match format {
        Format::Json => print_json(&json!(all)),
        Format::Text => all.iter().for_each(|r| told(face, r)),
    }
    let lost = all.iter().any(|r| r.counts.contains_key(&State::Unrecoverable));
    Ok(if lost { exit::FINDINGS } else { exit::DONE })
}

fn told(face: &Face, r: &Restored) {
    let count = |s: State| r.counts.get(&s).copied().unwrap_or(0);
    let say = Say::new(if r.dry_run { "cli.say.guard_would_restore" } else { "cli.say.guard_restored" });
    let say = say.with("path", &r.share).with("count", count(State::Restored)).with("same", count(State::Same));
    print(&face.say(&say.with("kept", count(State::Kept)).with("lost", count(State::Unrecoverable))));
    for one in &r.files {
        let say = match (one.state, &one.beside) {
            (State::Kept, Some(beside)) => Say::new("cli.say.guard_kept").with("beside", beside),
            (State::Unrecoverable, _) => Say::new("cli.say.guard_unrecoverable")
                .with("why", reason(face, one.why.as_deref().unwrap_or("no-version"))),
            _ => continue,
        };
        print(&face.say(&say.with("path", &one.path)));
    }
    for (gap, count) in &r.gaps {
        print(&face.say(&Say::new("cli.say.guard_gap").with("why", reason(face, gap)).with("count", count)));
    }
}

/// A gap's text, or the system's own word.
fn reason(face: &Face, code: &str) -> String {
    let key = format!("guard-gap.{code}");
    let text = words::text(face.lang, &key);
    if text == key { code.to_owned() } else { text.to_owned() }
}
