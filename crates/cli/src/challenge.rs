//! `watchfire challenge`: the level above checks what a plant said, and the plant answers.

use crate::args::{Challenge, ChallengeOrder, ChallengeVerb, Format};
use crate::error::{CliError, exit};
use crate::federation::{line_to, path_text, short};
use crate::{Face, print, print_json, progress};
use evidence::{ChallengeEntry, ChallengeJudged, ChallengeMove, ChallengeVerdict, Say};
use node::{
    ANSWER_FILE_BYTES_MAX, Answering, KeptChallenge, ORDER_FILE_BYTES_MAX, OrderWanted, SignedChallenge, Took,
    WITNESS_FILE_BYTES_MAX,
};
use report::words;
use serde_json::{Value, json};
use std::path::Path;

/// Planted lies, and what sees each: `yes`, `lot`, `maybe`, `no`. Words `challenge-lie.<name>`, `challenge-sees.<seen>`.
const LIES: [(&str, &str, &str); 8] = [
    ("thrown-away", "lot", "no"),
    ("report-not-from-records", "maybe", "maybe"),
    ("other-enterprise", "maybe", "yes"),
    ("prepared-host", "no", "maybe"),
    ("undeclared", "no", "no"),
    ("not-in-report", "no", "no"),
    ("both-lie", "no", "no"),
    ("parent-looks-away", "no", "no"),
];

pub(crate) fn run(face: &Face, a: &Challenge) -> Result<u8, CliError> {
    match (&a.what, &a.node, a.items, a.things) {
        (Some(verb), ..) => verbs(face, verb),
        (None, Some(node), Some(count), _) => order(face, node, count, &a.order, false),
        (None, Some(node), None, Some(count)) => order(face, node, count, &a.order, true),
        (None, ..) => Err(CliError::new(Say::new("error.challenge-what"))),
    }
}

fn verbs(face: &Face, verb: &ChallengeVerb) -> Result<u8, CliError> {
    match verb {
        ChallengeVerb::Commit { round, author, format } => {
            let kept = face.node()?.challenge_commit(round, author.as_deref())?;
            let say = Say::new("cli.say.challenge_committed").with("round", round.trim());
            signed(face, &kept, &say.with("leaf", kept.leaf.short()), *format);
            Ok(exit::DONE)
        }
        ChallengeVerb::Open { node, count, order: o } => order(face, node, *count, o, false),
        ChallengeVerb::Reobserve { node, count, order: o } => order(face, node, *count, o, true),
        ChallengeVerb::Take { file, format } => take(face, file.as_deref(), *format),
        ChallengeVerb::Answer { file, out, witness, ticket, witnessed, format } => {
            let seen = Seen {
                typed: witness.as_deref(),
                ticket: ticket.as_deref(),
                word: witnessed.as_deref(),
                out: out.as_deref(),
            };
            answer(face, file.as_deref(), &seen, *format)
        }
        ChallengeVerb::Witness { id, ticket, out, format } => {
            let count = match (ticket, out) {
                (Some(ticket), Some(out)) => witness(face, ticket, out, *format)?,
                _ => face.node()?.challenge_witness(id.as_deref().unwrap_or_default())?,
            };
            let (account, uid) = node::account();
            let say = Say::new("cli.say.challenge_witnessed").with("count", count).with("account", account);
            face.tell(&say.with("uid", uid), *format);
            Ok(exit::DONE)
        }
        ChallengeVerb::List { format } => {
            list(face, *format)?;
            Ok(exit::DONE)
        }
        ChallengeVerb::Show { lies: true, format, .. } => {
            lies(face, *format);
            Ok(exit::DONE)
        }
        ChallengeVerb::Show { id, format, .. } => {
            show(face, id.as_deref().unwrap_or_default(), *format)?;
            Ok(exit::DONE)
        }
    }
}

/// Signs the runs of a ticket in the home of who runs this; they are shown first. How many.
fn witness(face: &Face, ticket: &Path, out: &Path, format: Format) -> Result<u64, CliError> {
    let ticket = node::witness_ticket(&node::read(ticket, WITNESS_FILE_BYTES_MAX as u64)?)?;
    if format == Format::Text {
        for run in &ticket.runs {
            let folders: Vec<String> = run.folders.iter().map(|f| attest::clean(f.as_str())).collect();
            let what = if folders.is_empty() { "–".to_owned() } else { folders.join(", ") };
            let say = Say::new("cli.say.challenge_seen").with("host", attest::clean(&run.host)).with("what", what);
            print(&face.say(&say.with("from", run.started).with("to", run.ended)));
        }
    }
    readable(out, &face.node()?.challenge_witness_ticket(&ticket)?)?;
    Ok(ticket.runs.len() as u64)
}

/// Writes what another account of the machine is to read: no secret stands in a ticket or a word.
fn readable(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    use std::os::unix::fs::PermissionsExt as _;
    node::write(path, bytes)?;
    let mode = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(path, mode).map_err(|e| node::NodeError::io(path, &e).into())
}

/// The text of a code.
fn word(face: &Face, family: &str, name: &str) -> String {
    words::text(face.lang, &format!("{family}.{name}")).to_owned()
}

fn signed(face: &Face, kept: &SignedChallenge, say: &Say, format: Format) {
    match format {
        Format::Json => print_json(&entry_json(kept)),
        Format::Text => print(&face.say(say)),
    }
}

fn entry_json(kept: &SignedChallenge) -> Value {
    json!({"challenge": kept.entry.challenge, "entry": kept.entry, "record": kept.leaf})
}

fn order(face: &Face, named: &str, count: u64, o: &ChallengeOrder, anew: bool) -> Result<u8, CliError> {
    let node = face.node()?;
    let wanted = OrderWanted { count, days: o.days, round: o.round.as_deref(), author: o.author.as_deref() };
    let kept = if anew { node.challenge_reobserve(named, &wanted)? } else { node.challenge_open(named, &wanted)? };
    if let Some(out) = &o.out {
        node::write(out, &node.challenge_order_file(kept.leaf)?)?;
    }
    let due = match &kept.entry.what {
        ChallengeMove::Drawn(order) => order.due,
        ChallengeMove::Ordered(order) => order.due,
        _ => kept.entry.stated_at,
    };
    let key = if anew { "challenge_ordered" } else { "challenge_drawn" };
    let say = Say::new(format!("cli.say.{key}")).with("challenge", &kept.entry.challenge).with("count", count);
    signed(face, &kept, &say.with("at", due).with("name", attest::clean(named)), o.format);
    if let (Some(out), Format::Text) = (&o.out, o.format) {
        print(&face.say(&Say::new("cli.say.challenge_written").with("path", path_text(out))));
    }
    Ok(exit::DONE)
}

fn take(face: &Face, file: Option<&Path>, format: Format) -> Result<u8, CliError> {
    let (node, plan) = (face.node()?, face.plan()?);
    let taken = match file {
        Some(file) => vec![node.challenge_take_file(&plan, &node::read(file, ANSWER_FILE_BYTES_MAX as u64)?)?],
        None => node.challenge_take(&plan)?,
    };
    let mut well = true;
    let mut rows = Vec::new();
    for took in &taken {
        match took {
            Took::Judged(kept) => {
                rows.push(entry_json(kept));
                if let ChallengeMove::Judged(j) = &kept.entry.what {
                    well &= j.verdict == ChallengeVerdict::Kept && j.opening.as_ref().is_none_or(|n| n.shared == 0);
                    if format == Format::Text {
                        judged(face, &kept.entry, j);
                    }
                }
            }
            Took::Refused(challenge, why) => {
                well = false;
                rows.push(json!({"challenge": challenge, "refused": why}));
                if format == Format::Text {
                    let say = Say::new("cli.say.challenge_refused").with("challenge", challenge);
                    print(&face.say(&say.with("why", words::say(face.lang, why))));
                }
            }
        }
    }
    match format {
        Format::Json => print_json(&json!({"taken": rows})),
        Format::Text if taken.is_empty() => print(&face.say(&Say::new("cli.say.challenge_nothing"))),
        Format::Text => {}
    }
    Ok(if well { exit::DONE } else { exit::FINDINGS })
}

/// What came of a challenge, in numbers.
fn judged(face: &Face, entry: &ChallengeEntry, j: &ChallengeJudged) {
    let verdict = word(face, "challenge-verdict", j.verdict.name());
    let head = Say::new("cli.say.challenge_judged").with("challenge", &entry.challenge).with("uscc", &j.uscc);
    print(&face.say(&head.with("verdict", verdict)));
    if let Some(n) = &j.opening {
        let say = Say::new("cli.say.challenge_opening").with("held", n.held).with("missing", n.missing);
        print(&face.say(&say.with("wrong", n.wrong.values().sum::<u64>())));
        reasons(face, n.wrong.iter());
        if n.contradicted > 0 {
            print(&face.say(&Say::new("cli.say.challenge_contradicted").with("count", n.contradicted)));
        }
        if n.shared > 0 {
            let say = Say::new("cli.say.challenge_shared").with("count", n.shared);
            print(&face.say(&say.with("orders", n.shared_with.len())));
        }
        if n.alike > 0 {
            print(&face.say(&Say::new("cli.say.challenge_alike").with("count", n.alike)));
        }
    }
    if let Some(n) = &j.reobservation {
        let say = Say::new("cli.say.challenge_anew").with("things", n.things).with("observed", n.observed);
        let say = say.with("same", n.same).with("better", n.better).with("worse", n.worse).with("gone", n.gone);
        print(&face.say(&say));
        reasons(face, n.wrong.iter());
        print(&word(face, "challenge-witness", n.witness.name()));
    }
}

fn reasons<'a>(face: &Face, wrong: impl Iterator<Item = (&'a String, &'a u64)>) {
    for (reason, count) in wrong {
        let text = word(face, "challenge-wrong", reason);
        print(&format!("  {count} × {text}"));
    }
}

/// Who saw the runs, and where files about it are.
struct Seen<'a> {
    /// A name, typed.
    typed: Option<&'a str>,
    /// Where what a witness is to sign goes.
    ticket: Option<&'a Path>,
    /// What a witness signed.
    word: Option<&'a Path>,
    /// Where the answer goes.
    out: Option<&'a Path>,
}

fn answer(face: &Face, file: Option<&Path>, seen: &Seen<'_>, format: Format) -> Result<u8, CliError> {
    let node = face.node()?;
    let (out, witness) = (seen.out, seen.typed);
    let words = match seen.word {
        Some(path) => Some(node.challenge_words(&node::read(path, WITNESS_FILE_BYTES_MAX as u64)?)?),
        None => None,
    };
    let orders = match file {
        Some(file) => match node.challenge_order_take(&node::read(file, ORDER_FILE_BYTES_MAX as u64)?)? {
            Ok(order) => vec![order],
            Err(why) => return Ok(not_taken(face, &why, format)),
        },
        None => {
            ask(face, &node)?;
            node.challenges_unanswered()?
        }
    };
    if (out.is_some() || seen.ticket.is_some()) && orders.len() != 1 {
        return Err(CliError::new(Say::new("error.challenge-one").with("count", orders.len())));
    }
    let bar = progress::bar(face.common.quiet, face.lang);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let (mut rows, mut whole) = (Vec::new(), true);
    for order in &orders {
        let how = Answering { witness, words: words.as_ref(), workers };
        let done = node.challenge_answer(order, &how, &*bar, &face.stop)?;
        whole &= done.answer.is_some();
        let mut said = Vec::new();
        match &done.answer {
            None => {
                let say = |key: &str| Say::new(format!("cli.say.{key}")).with("challenge", &order.entry.challenge);
                match seen.ticket {
                    Some(path) => {
                        readable(path, &done.ticket)?;
                        said.push(say("challenge_ticket").with("path", path_text(path)));
                    }
                    None => said.push(say("challenge_waits")),
                }
            }
            Some(answer) => {
                let (shown, missing) = match &answer.entry.what {
                    ChallengeMove::Opened(a) => (a.shown, a.missing),
                    _ => (0, 0),
                };
                let key = if done.again { "challenge_answered_again" } else { "challenge_answered" };
                let say = Say::new(format!("cli.say.{key}")).with("challenge", &order.entry.challenge);
                said.push(say.with("shown", shown).with("missing", missing));
                if let Some(out) = out {
                    node::write(out, &done.file)?;
                    said.push(Say::new("cli.say.challenge_written").with("path", path_text(out)));
                }
                if witness.is_some() && matches!(order.entry.what, ChallengeMove::Ordered(_)) {
                    said.push(Say::new("cli.say.challenge_typed"));
                }
            }
        }
        if format == Format::Text {
            said.iter().for_each(|say| print(&face.say(say)));
        }
        rows.push(
            json!({"order": entry_json(order), "answer": done.answer.as_ref().map(entry_json), "again": done.again}),
        );
    }
    match format {
        Format::Json => print_json(&json!({"answered": rows})),
        Format::Text if orders.is_empty() => print(&face.say(&Say::new("cli.say.challenge_no_orders"))),
        Format::Text => {}
    }
    Ok(if whole { exit::DONE } else { exit::COULD_NOT })
}

/// Asks every parent that has an address what it wants; one that cannot be reached is said, and what came before is answered all the same. How many
/// new entries of orders came.
pub(crate) fn ask(face: &Face, node: &node::Node) -> Result<u64, CliError> {
    let mut came = 0;
    for parent in node.parents()?.into_iter().filter(|p| p.address.is_some()) {
        let named = parent.node.as_str();
        match node.orders_ask(Some(named), &*line_to(face, node, Some(named))?) {
            Ok((_, entries)) => came += entries,
            Err(e) => eprintln!("{}", CliError::from(e).text(face.lang)),
        }
    }
    Ok(came)
}

fn not_taken(face: &Face, why: &Say, format: Format) -> u8 {
    match format {
        Format::Json => print_json(&json!({"refused": why})),
        Format::Text => {
            let say = Say::new("cli.say.challenge_order_refused").with("why", words::say(face.lang, why));
            print(&face.say(&say));
        }
    }
    exit::FINDINGS
}

fn kept_json(kept: &KeptChallenge) -> Value {
    let entries: Vec<Value> = kept.entries.iter().map(|(e, leaf)| json!({"entry": e, "record": leaf})).collect();
    json!({"challenge": kept.id(), "state": kept.state.name(), "from_above": kept.from_above, "entries": entries})
}

fn list(face: &Face, format: Format) -> Result<(), CliError> {
    let all = face.node_read_only()?.challenges()?;
    if format == Format::Json {
        print_json(&json!({"challenges": all.iter().map(kept_json).collect::<Vec<_>>()}));
        return Ok(());
    }
    for kept in &all {
        print(&line(face, kept));
    }
    if all.is_empty() {
        print(&face.say(&Say::new("cli.say.challenge_none")));
    }
    Ok(())
}

fn state(face: &Face, kept: &KeptChallenge) -> String {
    let name = kept.state.name();
    let verdict = matches!(kept.state, node::ChallengeState::Judged(_));
    let family = if verdict { "challenge-verdict" } else { "challenge-state" };
    word(face, family, name)
}

fn line(face: &Face, kept: &KeptChallenge) -> String {
    let say =
        |key: &str| Say::new(format!("cli.say.{key}")).with("challenge", kept.id()).with("state", state(face, kept));
    let say = match kept.entries.first().map(|(e, _)| &e.what) {
        Some(ChallengeMove::Committed(c)) => say("challenge_line_round").with("round", &c.round),
        Some(ChallengeMove::Drawn(o)) => {
            say("challenge_line_open").with("count", o.count).with("node", short(o.child.as_str())).with("at", o.due)
        }
        Some(ChallengeMove::Ordered(o)) => {
            let say = say("challenge_line_anew").with("count", o.things.len());
            say.with("node", short(o.child.as_str())).with("at", o.due)
        }
        _ => say("challenge_line_other"),
    };
    face.say(&say)
}

fn show(face: &Face, id: &str, format: Format) -> Result<(), CliError> {
    let kept = face.node_read_only()?.challenge(id)?;
    if format == Format::Json {
        print_json(&kept_json(&kept));
        return Ok(());
    }
    print(&line(face, &kept));
    for (entry, leaf) in &kept.entries {
        let what = word(face, "challenge-move", entry.what.name());
        let say = Say::new("cli.say.challenge_entry").with("at", entry.stated_at).with("what", what);
        print(&face.say(&say.with("by", attest::clean(&entry.author.name)).with("leaf", leaf.short())));
        if let ChallengeMove::Judged(j) = &entry.what {
            judged(face, entry, j);
        }
    }
    Ok(())
}

/// What challenges see of planted lies, and what they do not.
fn lies(face: &Face, format: Format) {
    if format == Format::Json {
        let rows = LIES.map(|(lie, opening, anew)| json!({"lie": lie, "opening": opening, "reobservation": anew}));
        print_json(&json!({"lies": rows}));
        return;
    }
    for (lie, opening, anew) in LIES {
        let seen = |s: &str| word(face, "challenge-sees", s);
        let text = word(face, "challenge-lie", lie);
        let say = Say::new("cli.say.challenge_lie").with("lie", text);
        print(&face.say(&say.with("opening", seen(opening)).with("anew", seen(anew))));
    }
}
