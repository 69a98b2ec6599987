//! From a request of HTTP to a handler and back.

use super::answer::{self, apology, problem};
use super::ask::{self, Ask, Face, Fields};
use super::events::Proof;
use super::fault::Fault;
use super::frame::{self, Shown};
use super::route::{self, Faces, Gate, Method, Route};
use super::{Site, asset, parts, same};
use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, ORIGIN, USER_AGENT};
use axum::http::{HeaderMap, Method as Http};
use axum::response::Response;
use evidence::{Digest, Lang};
use node::accounts::Visitor;
use std::sync::atomic::{AtomicU64, Ordering};

/// Where the API lives.
const API: &str = "/api/v1";
/// Fields that the frame itself uses.
const OWN_QUERY: [&str; 2] = ["done", "back"];
/// Where somebody goes who has to change his password.
const FIRST_OF_ALL: [&str; 2] = ["/me/password", "/leave"];
/// Most bytes of a query.
const QUERY_BYTES_MAX: usize = 8 << 10;
/// Most characters of an idempotency key.
const KEY_CHARS_MAX: usize = 200;

/// What came: everything of a request but its body's way here.
pub(crate) struct Came {
    pub(crate) method: Http,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) peer: String,
}
impl Came {
    fn header(&self, name: impl axum::http::header::AsHeaderName) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }
    fn cookie(&self, name: &str) -> Option<&str> {
        let all = self.headers.get_all(COOKIE).iter().filter_map(|v| v.to_str().ok());
        all.flat_map(|v| v.split(';')).find_map(|c| c.trim().split_once('=').filter(|c| c.0 == name).map(|c| c.1))
    }
}

/// Requests since the start, by status class, for the metrics.
#[derive(Default)]
pub(super) struct Counts {
    by_class: [AtomicU64; 6],
}
impl Counts {
    fn count(&self, status: u16) {
        if let Some(class) = self.by_class.get(usize::from(status / 100)) {
            class.fetch_add(1, Ordering::Relaxed);
        }
    }
    /// Requests whose status began with this digit.
    pub(super) fn of(&self, class: usize) -> u64 {
        self.by_class.get(class).map_or(0, |c| c.load(Ordering::Relaxed))
    }
}

/// The answer, and the route that gave it for the log: its pattern, never what a stranger wrote.
pub(crate) fn served(site: &Site, came: &Came) -> (Response, &'static str) {
    let (response, name) = answered(site, came);
    site.counts.count(response.status().as_u16());
    (response, name)
}

fn answered(site: &Site, came: &Came) -> (Response, &'static str) {
    if let Some(response) = asset::at(&came.path).filter(|_| came.method == Http::GET || came.method == Http::HEAD) {
        return (response, "/asset");
    }
    let (face, path) = face(&came.path);
    let lang = lang(site, came, None);
    let method = match came.method {
        Http::GET | Http::HEAD => Method::Get,
        Http::POST => Method::Post,
        _ => return (refused(site, None, face, lang, &Fault::new(405, "console.fault.method")), "-"),
    };
    let here = |r: &&Route| match r.faces {
        Faces::Both => true,
        Faces::Console => face == Face::Console,
        Faces::Api => face == Face::Api,
    };
    let mut other = false;
    for route in route::all().filter(here) {
        let Some(parts) = route.fits(path) else { continue };
        if route.method != method {
            other = true;
            continue;
        }
        let Some(parts) = decoded(parts) else {
            return (refused(site, None, face, lang, &Fault::new(400, "console.fault.path")), route.path);
        };
        return (on(site, came, route, face, parts), route.path);
    }
    let fault = if other { Fault::new(405, "console.fault.method") } else { Fault::none() };
    let visitor = known(site, came, face).ok().flatten();
    (refused(site, visitor.as_ref(), face, lang, &fault), "-")
}

/// The answer to who is turned away before anything was looked at: the body was too large, or there was no room.
pub(crate) fn turned_away(site: &Site, came: &Came, status: u16, key: &str) -> Response {
    site.counts.count(status);
    refused(site, None, face(&came.path).0, lang(site, came, None), &Fault::new(status, key))
}

fn face(path: &str) -> (Face, &str) {
    match path.strip_prefix(API) {
        Some(rest) if rest.starts_with('/') => (Face::Api, rest),
        _ => (Face::Console, path),
    }
}

/// Parts of a path as texts; `None` if they are none.
fn decoded(parts: Vec<(&'static str, &str)>) -> Option<Vec<(&'static str, String)>> {
    let one = |(hole, part): (&'static str, &str)| {
        // As a value of a form, but `+` is a plus in a path.
        let read = form_urlencoded::parse(format!("v={}", part.replace('+', "%2B")).as_bytes()).next()?.1.into_owned();
        let fits = read.chars().count() <= 200 && !read.chars().any(char::is_control) && !read.contains('\u{fffd}');
        fits.then_some((hole, read))
    };
    parts.into_iter().map(one).collect()
}

fn on(site: &Site, came: &Came, route: &'static Route, face: Face, path: Vec<(&'static str, String)>) -> Response {
    let visitor = match known(site, came, face) {
        Ok(v) => v,
        Err(fault) => return refused(site, None, face, lang(site, came, None), &fault),
    };
    let visitor = visitor.as_ref();
    let lang = lang(site, came, visitor);
    let done = handled(site, came, route, face, path, visitor, lang);
    let outcome = match &done {
        Ok(_) => "done",
        Err(f) if f.status >= 500 => "failed",
        Err(_) => "refused",
    };
    // Whoever is told no while reading, or changes something, or reads what is sensitive, stands in the audit.
    let worth = route.noted || outcome != "done" && route.gate != Gate::Everybody && visitor.is_some();
    if worth && let Some(v) = visitor {
        let act = format!("{} {}", route.method.name(), route.path);
        if let Err(e) = site.accounts().note(&v.account.login, &act, &about(&came.path), outcome, &came.peer) {
            // What cannot be written down is not shown either.
            return refused(site, Some(v), face, lang, &Fault::from(e));
        }
    }
    match done {
        Ok(response) => response,
        // Who is not known, or has to do something first, is led there.
        Err(fault) if face == Face::Console && fault.status == 401 => {
            let to = if site.accounts().none().unwrap_or(false) { "/first".to_owned() } else { entry(&came.path) };
            answer::Answer::Go(to, Vec::new()).response(&came.headers)
        }
        Err(fault) => refused(site, visitor, face, lang, &fault),
    }
}

fn entry(path: &str) -> String {
    if path == "/" { "/enter".to_owned() } else { format!("/enter?back={}", frame::encoded(path)) }
}

/// The path that was asked for, as it goes into the audit.
fn about(path: &str) -> String {
    path.chars().take(200).collect()
}

fn handled(
    site: &Site,
    came: &Came,
    route: &'static Route,
    face: Face,
    path: Vec<(&'static str, String)>,
    visitor: Option<&Visitor>,
    lang: Lang,
) -> Result<Response, Fault> {
    // Who has somebody else's password does nothing but choose his own.
    if visitor.is_some_and(|v| v.account.must_change)
        && !FIRST_OF_ALL.contains(&route.path)
        && route.gate != Gate::Everybody
    {
        return match face {
            Face::Console => Ok(answer::Answer::Go("/me/password".to_owned(), Vec::new()).response(&came.headers)),
            Face::Api => Err(Fault::forbidden()),
        };
    }
    match (route.gate, visitor) {
        (Gate::Everybody, _) => {}
        (_, None) => return Err(Fault::new(401, "console.fault.unknown")),
        (Gate::Session, Some(_)) => {}
        (Gate::May(act), Some(v)) if v.may(act) => {}
        (Gate::May(_), Some(_)) => return Err(Fault::forbidden()),
    }
    if came.query.len() > QUERY_BYTES_MAX {
        return Err(Fault::new(414, "console.fault.path"));
    }
    let mut query = ask::form(came.query.as_bytes());
    let own: Vec<&str> = if face == Face::Console { OWN_QUERY.to_vec() } else { Vec::new() };
    ask::check(&mut query, route.query, &own)?;
    let mut body = Fields::new();
    if route.method == Method::Post {
        body = sent(came, face)?;
        same_origin(came)?;
        let csrf = body.remove("csrf").and_then(|v| v.into_iter().next()).unwrap_or_default();
        let header = came.header("x-watchfire-form").to_owned();
        if let Some(v) = visitor.filter(|v| v.session.is_some()) {
            let given = if csrf.is_empty() { &header } else { &csrf };
            if !same(given, v.csrf()) {
                return Err(Fault::new(403, "console.fault.form"));
            }
        }
        ask::check(&mut body, route.body, &[])?;
    }
    let half = came.cookie(site.cookie()).map(str::to_owned);
    let asked = Ask {
        site,
        route,
        visitor,
        face,
        lang,
        path,
        query,
        body,
        peer: came.peer.clone(),
        agent: came.header(USER_AGENT).to_owned(),
        half,
        listens: listens(came, face, visitor),
        now: node::now(),
    };
    let key = came.header("idempotency-key");
    if let (Face::Api, Method::Post, Some(v), false) = (face, route.method, visitor, key.is_empty()) {
        return once(&asked, came, v, key);
    }
    let answer = (route.handler)(&asked)?;
    debug_assert!(
        answer.declared().is_none_or(|k| route.may_give(k)),
        "{route:?} gives what its line in the table does not name"
    );
    Ok(answer.response(&came.headers))
}

/// Whether events are asked for as they come, which a browser's `EventSource` says by the type that it takes.
fn listens(came: &Came, face: Face, visitor: Option<&Visitor>) -> Option<(Proof, Option<u64>)> {
    let wanted =
        came.header(ACCEPT).split(',').any(|k| k.split(';').next().unwrap_or_default().trim() == answer::EVENTS);
    let proof = match visitor?.session {
        Some(session) => Proof::Session(session),
        None => Proof::Token(came.header(AUTHORIZATION).strip_prefix("Bearer ")?.trim().to_owned()),
    };
    (wanted && face == Face::Api).then(|| (proof, came.header("last-event-id").parse().ok()))
}

/// Does something once under a key: asked again, it is answered again.
fn once(asked: &Ask<'_>, came: &Came, v: &Visitor, key: &str) -> Result<Response, Fault> {
    if key.chars().count() > KEY_CHARS_MAX || key.chars().any(|c| !c.is_ascii_graphic()) {
        return Err(Fault::new(400, "console.fault.key"));
    }
    let request = Digest::of(format!("{}\n{}\n{:?}", asked.route.path, came.path, asked.body).as_bytes());
    if let Some((status, body)) = asked.site.accounts().answered(v, key, &request)? {
        let value = serde_json::from_str(&body).map_err(Fault::inside)?;
        return Ok(answer::Answer::Json(status, value).response(&came.headers));
    }
    let done = (asked.route.handler)(asked)?;
    if let answer::Answer::Json(status, value) = &done {
        asked.site.accounts().keep_answer(v, key, &request, (*status, &value.to_string()))?;
    }
    Ok(done.response(&came.headers))
}

/// The body's fields by its type.
fn sent(came: &Came, face: Face) -> Result<Fields, Fault> {
    let kind = came.header(CONTENT_TYPE).split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match (face, kind.as_str()) {
        (Face::Console, "application/x-www-form-urlencoded") => Ok(ask::form(&came.body)),
        (Face::Api, "application/json") => ask::object(&came.body),
        (_, "") if came.body.is_empty() => Ok(Fields::new()),
        _ => Err(Fault::new(415, "console.fault.kind")),
    }
}

/// A browser says where a form comes from: it must be from here. Programs say nothing.
fn same_origin(came: &Came) -> Result<(), Fault> {
    let elsewhere = || Err(Fault::new(403, "console.fault.elsewhere"));
    let site = came.header("sec-fetch-site");
    if !matches!(site, "" | "same-origin" | "none") {
        return elsewhere();
    }
    let origin = came.header(ORIGIN);
    if origin.is_empty() {
        return Ok(());
    }
    let host = came.header(HOST);
    let own = origin.split_once("://").is_some_and(|(_, rest)| !host.is_empty() && rest.eq_ignore_ascii_case(host));
    if own { Ok(()) } else { elsewhere() }
}

/// Whose request this is: a session of the console, for the API a token too.
fn known(site: &Site, came: &Came, face: Face) -> Result<Option<Visitor>, Fault> {
    let bearer = came.header(AUTHORIZATION).strip_prefix("Bearer ").map(str::trim);
    if let (Face::Api, Some(token)) = (face, bearer) {
        let found = site.accounts().bearer(token)?;
        return found.map(Some).ok_or_else(|| Fault::new(401, "console.fault.token"));
    }
    match came.cookie(site.cookie()) {
        Some(token) if token.len() <= 100 => Ok(site.accounts().visitor(token)?),
        _ => Ok(None),
    }
}

/// The language: what the browser's cookie says, else the account's, else what the browser asks for, else the site's.
fn lang(site: &Site, came: &Came, visitor: Option<&Visitor>) -> Lang {
    let named = |name: &str| match name.get(..2).unwrap_or_default().to_ascii_lowercase().as_str() {
        "zh" => Some(Lang::Zh),
        "en" => Some(Lang::En),
        _ => None,
    };
    let own = visitor.and_then(|v| named(&v.account.lang));
    let asked = came.header(ACCEPT_LANGUAGE).split(',').find_map(|l| named(l.trim()));
    came.cookie("watchfire-lang").and_then(named).or(own).or(asked).unwrap_or(site.lang)
}

fn refused(site: &Site, visitor: Option<&Visitor>, face: Face, lang: Lang, fault: &Fault) -> Response {
    match face {
        Face::Api => problem(fault, lang),
        Face::Console => {
            let title = report::words::text(lang, "console.fault.title");
            let shown = Shown { site, visitor, lang, title, path: "", done: None };
            apology(fault, frame::page(&shown, parts::fault(lang, fault)))
        }
    }
}
