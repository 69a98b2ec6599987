//! `watchfire serve`: this node answers those below it over HTTP, until it is asked to stop.

use crate::args::{Format, Serve};
use crate::error::{self, CliError, exit};
use crate::{Face, print};
use console::{Config, Desk, Event, Plain, Ready, Site, TlsFiles};
use evidence::{ChallengeMove, Lang, NodeRole, PathText, Say};
use node::{Node, Took};
use plan::CheckedPlan;
use report::words;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use stdx::{Silent, Stop};

/// Where a certificate of one's own making goes if nobody says otherwise.
const CERTIFICATE: &str = "watchfire-cert.pem";
/// Where its key goes.
const KEY: &str = "watchfire-key.pem";

pub(crate) fn run(face: &Face, a: &Serve) -> Result<u8, CliError> {
    if !a.make_cert.is_empty() {
        return make(face, a);
    }
    let tls = a.cert.as_ref().zip(a.key.as_ref()).map(|(certificate, key)| TlsFiles {
        certificate: certificate.clone(),
        key: key.clone(),
        client_ca: a.client_ca.clone(),
    });
    let plain = if a.plain_http { Plain::Anywhere } else { Plain::Loopback };
    let (lang, format, quiet) = (face.lang, a.format, face.common.quiet);
    let (plan, node) = (face.plan()?, face.node()?);
    let site = if a.line_only { None } else { Some(Site::new(node.clone(), face.plan()?, lang)?) };
    let code = site.as_ref().and_then(Site::first_code);
    let tell = Arc::new(move |e: &Event| {
        // Quiet is what goes well; where it listens and what failed is said even so.
        let spoken = matches!(e, Event::Listening(_) | Event::DeskFailed(_));
        if spoken || !quiet {
            match format {
                Format::Json => print(&value(e).to_string()),
                Format::Text => print(&line(lang, e)),
            }
        }
        // After where it listens: a script reads that first.
        if let (Event::Listening(_), Some(code)) = (e, &code) {
            first(lang, format, code);
        }
    });
    let config = Config { listen: a.listen, tls, plain, tell, ..Config::default() };
    let desk = AtTheNode { node: node.clone(), lang };
    // A plant's pages are read from its own few records.
    let shows = site.is_some() && node.part()?.is_some_and(|p| p.role != NodeRole::Plant);
    let over = Stop::new();
    std::thread::scope(|scope| {
        scope.spawn(|| judge_answers(&node, &plan, lang, &over, &*tell_judged(lang, format, quiet)));
        if shows {
            // With tables of its own: a page that is read meanwhile waits for nothing.
            let follower = face.tables_of(node.clone());
            let (plan, over) = (&plan, &over);
            scope.spawn(move || follow_pages(&follower, plan, lang, over));
        }
        let served = console::serve(config, desk, site, &face.stop);
        over.request();
        served
    })?;
    if format == Format::Text {
        print(&face.say(&Say::new("serve.stopped")));
    }
    Ok(exit::DONE)
}

/// The code of the first account: it is said on this terminal and nowhere else.
fn first(lang: Lang, format: Format, code: &str) {
    match format {
        Format::Json => print(&json!({"event": "first-account", "code": code, "path": "/first"}).to_string()),
        Format::Text => print(&error::spoken(lang, &Say::new("serve.first").with("code", code))),
    }
}

/// The node behind the face; what it cannot do is said in the operator's language.
struct AtTheNode {
    node: Node,
    lang: Lang,
}

/// How often what pages are read from is brought up to the time, in seconds.
const FOLLOW_SECONDS: i64 = 60;
/// How often it is looked whether answers to challenges came.
const LOOK: Duration = Duration::from_millis(500);

/// What is said of an answer that was judged, or of why it was not.
type Told = Box<dyn Fn(&str, &str) + Send + Sync>;

fn tell_judged(lang: Lang, format: Format, quiet: bool) -> Told {
    Box::new(move |challenge: &str, became: &str| match format {
        Format::Json => {
            print(&json!({"event": "judged", "at": node::now(), "challenge": challenge, "became": became}).to_string());
        }
        Format::Text if !quiet => {
            let say = Say::new("serve.judged").with("time", node::now()).with("challenge", challenge);
            print(&error::spoken(lang, &say.with("became", became)));
        }
        Format::Text => {}
    })
}

/// Judges answers to challenges when they have come with packages, beside the line: no receipt waits for it. Says too if the union of
/// registries could not follow what came.
fn judge_answers(node: &Node, plan: &CheckedPlan, lang: Lang, over: &Stop, tell: &dyn Fn(&str, &str)) {
    // Once at the begin: what came and was not judged before this program ended last.
    let mut first = true;
    while !over.requested() {
        if let Some(why) = node.union_missed() {
            let say = Say::new("cli.say.union_missed").with("why", words::say(lang, &why));
            eprintln!("{} {}", node::now(), error::spoken(lang, &say));
        }
        if !std::mem::take(&mut first) && !node.challenge_answers_came() {
            std::thread::sleep(LOOK);
            continue;
        }
        match node.challenge_take(plan) {
            Ok(taken) => {
                for took in taken {
                    match took {
                        Took::Judged(kept) => {
                            if let ChallengeMove::Judged(j) = &kept.entry.what {
                                tell(&kept.entry.challenge, j.verdict.name());
                            }
                        }
                        Took::Refused(challenge, why) => tell(&challenge, &words::say(lang, &why)),
                    }
                }
            }
            Err(e) => eprintln!("{}", CliError::from(e).text(lang)),
        }
    }
}

/// Keeps what pages are read from up to the log, beside the line and the pages; time alone makes some of it fall due.
fn follow_pages(node: &Node, plan: &CheckedPlan, lang: Lang, over: &Stop) {
    let mut seen = None;
    while !over.requested() {
        let now = (node.store().size().ok(), node::now().secs() / FOLLOW_SECONDS);
        if seen == Some(now) {
            std::thread::sleep(LOOK);
            continue;
        }
        seen = Some(now);
        if let Err(e) = node.pages_follow(plan, false, &Silent, over) {
            eprintln!("{}", CliError::from(e).text(lang));
        }
    }
}

impl AtTheNode {
    fn why(&self, e: node::NodeError) -> String {
        CliError::from(e).text(self.lang)
    }
}
impl Desk for AtTheNode {
    fn enrolment(&self, body: Vec<u8>) -> Vec<u8> {
        self.node.enrolment_taken(&body)
    }
    fn packages(&self, bodies: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, String> {
        let bodies: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
        self.node.packages_taken(&bodies).map_err(|e| self.why(e))
    }
    fn checkpoint(&self) -> Result<String, String> {
        self.node.checkpoint_text().map_err(|e| self.why(e))
    }
}

/// An event as one line of JSON.
fn value(e: &Event) -> Value {
    match e {
        Event::Listening(Ready { address, fingerprint, client_certificates }) => {
            let scheme = if fingerprint.is_some() { "https" } else { "http" };
            let mut said = json!({
                "format": "watchfire-serve-v1",
                "event": "listening",
                "address": address.to_string(),
                "port": address.port(),
                "url": format!("{scheme}://{address}"),
                "client_certificates": client_certificates,
            });
            if let Some(print) = fingerprint {
                said["fingerprint"] = json!(print);
            }
            said
        }
        Event::Answered { peer, route, status, bytes, millis } => json!({
            "event": "answered", "at": node::now(), "peer": peer.to_string(), "route": route, "status": status, "bytes": bytes,
            "millis": millis,
        }),
        Event::Lost { peer, why } => {
            json!({"event": "lost", "at": node::now(), "peer": peer.to_string(), "why": why.name()})
        }
        Event::TurnedAway(count) => json!({"event": "turned-away", "at": node::now(), "count": count}),
        Event::DeskFailed(why) => json!({"event": "failed", "at": node::now(), "why": why}),
        Event::Stopping(open) => json!({"event": "stopping", "at": node::now(), "open": open}),
    }
}

/// An event as a line for people; where it listens, as several.
fn line(lang: Lang, e: &Event) -> String {
    let say = |say: Say| error::spoken(lang, &say);
    let at = |key: &str| Say::new(key).with("time", node::now());
    match e {
        Event::Listening(Ready { address, fingerprint, client_certificates }) => {
            let scheme = if fingerprint.is_some() { "https" } else { "http" };
            let mut lines = vec![say(Say::new("serve.listening").with("url", format!("{scheme}://{address}")))];
            match fingerprint {
                Some(print) => lines.push(say(Say::new("serve.fingerprint").with("print", print))),
                None if !address.ip().to_canonical().is_loopback() => lines.push(say(Say::new("serve.plain"))),
                None => {}
            }
            if *client_certificates {
                lines.push(say(Say::new("serve.clients")));
            }
            lines.join("\n")
        }
        Event::Answered { peer, route, status, bytes, millis } => {
            let line = at("serve.answered").with("peer", peer).with("route", route).with("status", status);
            say(line.with("bytes", bytes).with("millis", millis))
        }
        Event::Lost { peer, why } => say(at(&format!("serve.lost.{}", why.name())).with("peer", peer)),
        Event::TurnedAway(count) => say(at("serve.turned-away").with("count", count)),
        Event::DeskFailed(why) => say(at("serve.failed").with("cause", why)),
        Event::Stopping(open) => say(at("serve.stopping").with("count", open)),
    }
}

/// A certificate and its key, made here.
fn make(face: &Face, a: &Serve) -> Result<u8, CliError> {
    let made = console::make_certificate(&a.make_cert, a.days, node::now())?;
    let certificate = a.cert.as_deref().unwrap_or_else(|| Path::new(CERTIFICATE));
    let key = a.key.as_deref().unwrap_or_else(|| Path::new(KEY));
    console::write_certificate(&made, certificate, key)?;
    let shown = |p: &Path| PathText::from_bytes(p.as_os_str().as_encoded_bytes());
    let say = Say::new("serve.made").with("certificate", shown(certificate)).with("key", shown(key));
    face.tell(&say.with("print", &made.fingerprint).with("until", &made.until), a.format);
    Ok(exit::DONE)
}
