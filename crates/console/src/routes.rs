//! The routes, thin as paper: checks of form and limits, then the desk.

use crate::batch::Queue;
use crate::body::{self, Held, Unread};
use crate::config::Limits;
use crate::desk::Desk;
use crate::event::Event;
use crate::rate::Rates;
use crate::site::{Came, Listener, Site, Within, listened, served, turned_away};
use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, watch};

/// After how many seconds one may come again when there was no room.
const AGAIN_SECONDS: u32 = 5;
/// After how many seconds when one came too often.
const OFTEN_SECONDS: u32 = 60;
const JSON: &str = "application/json";
/// How long a page waits for its turn.
const PAGE_WAIT: Duration = Duration::from_secs(10);
/// Where passwords and codes are tried.
const ENTRIES: [&str; 3] = ["/enter", "/enter/code", "/first"];

/// What the handlers share.
pub(crate) struct Room {
    pub(crate) desk: Arc<dyn Desk>,
    pub(crate) queue: Queue,
    pub(crate) limits: Limits,
    /// The memory that bodies share, in units of [`body::UNIT_BYTES`].
    pub(crate) memory: Arc<Semaphore>,
    /// Seats at the desk for what does not go through the queue.
    pub(crate) seats: Arc<Semaphore>,
    pub(crate) rates: Rates,
    pub(crate) tell: Arc<dyn Fn(&Event) + Send + Sync>,
    /// The pages and the API, if this node shows any.
    pub(crate) site: Option<Arc<Site>>,
    /// Pages at work at once; further ones wait for a moment.
    pub(crate) pages: Arc<Semaphore>,
    /// Attempts to come in, by address.
    pub(crate) entries: Rates,
}

/// Who asks.
#[derive(Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);
/// Turns true when the house closes: what would go on for ever ends with it.
#[derive(Clone)]
pub(crate) struct Closing(pub(crate) watch::Receiver<bool>);
/// Marks an answer that was given before the body had been read: the connection lingers until the other side has seen it.
#[derive(Clone, Copy)]
pub(crate) struct Early;
/// The route that was taken, for the log.
#[derive(Clone, Copy)]
pub(crate) struct Route(pub(crate) &'static str);

/// The paths that there are: all else is `-` in a log, because a stranger chose it.
const PATHS: [&str; 4] = ["/v1/enrol", "/v1/packages", "/v1/checkpoint", "/v1/alive"];
/// The path as one of ours.
pub(crate) fn known(path: &str) -> Route {
    Route(PATHS.into_iter().find(|p| *p == path).unwrap_or("-"))
}

/// The routes.
pub(crate) fn router(room: Arc<Room>) -> Router {
    let only = |allowed| move || async move { not_allowed(allowed) };
    Router::new()
        .route(PATHS[0], post(enrol).fallback(only("POST")))
        .route(PATHS[1], post(packages).fallback(only("POST")))
        .route(PATHS[2], get(checkpoint).fallback(only("GET, HEAD")))
        .route(PATHS[3], get(alive).fallback(only("GET, HEAD")))
        .fallback(site)
        .with_state(room)
}

async fn enrol(State(room): State<Arc<Room>>, Extension(Peer(peer)): Extension<Peer>, request: Request) -> Response {
    if !room.rates.take(peer, Instant::now()) {
        return refusal(StatusCode::TOO_MANY_REQUESTS, "too-often", Some(OFTEN_SECONDS));
    }
    let Held { bytes, share } = match taken(&room, request).await {
        Ok(held) => held,
        Err(refused) => return refused,
    };
    let done = at_the_desk(&room, move |desk| {
        let answer = desk.enrolment(bytes);
        drop(share);
        answer
    });
    match done.await {
        Ok(answer) if answer.is_empty() => later("not-now"),
        Ok(answer) => given(JSON, answer),
        Err(refused) => refused,
    }
}

async fn packages(State(room): State<Arc<Room>>, request: Request) -> Response {
    let held = match taken(&room, request).await {
        Ok(held) => held,
        Err(refused) => return refused,
    };
    let Some(answer) = room.queue.put(held) else { return later("busy") };
    match answer.await {
        Ok(Ok(answer)) => given(JSON, answer),
        Ok(Err(_)) => later("not-now"),
        Err(_) => refusal(StatusCode::INTERNAL_SERVER_ERROR, "broken", None),
    }
}

async fn checkpoint(State(room): State<Arc<Room>>) -> Response {
    match at_the_desk(&room, Desk::checkpoint).await {
        Ok(Ok(text)) => given("text/plain; charset=utf-8", text.into_bytes()),
        Ok(Err(why)) => {
            (room.tell)(&Event::DeskFailed(why));
            later("not-now")
        }
        Err(refused) => refused,
    }
}

/// All else: pages and the API, if there are any.
async fn site(State(room): State<Arc<Room>>, Extension(Peer(peer)): Extension<Peer>, request: Request) -> Response {
    let Some(site) = room.site.clone() else { return refusal(StatusCode::NOT_FOUND, "no-such-path", None) };
    let (head, body) = request.into_parts();
    // What costs a digest of a password, or tries one, is counted by address.
    let tries = head.method == Method::POST && ENTRIES.contains(&head.uri.path());
    if tries && !room.entries.take(peer, Instant::now()) {
        return refusal(StatusCode::TOO_MANY_REQUESTS, "too-often", Some(OFTEN_SECONDS));
    }
    let declared = head.headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    let limits = Limits { body_bytes_max: room.limits.form_bytes_max, ..room.limits.clone() };
    let mut came = Came {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body: Vec::new(),
        peer: peer.to_string(),
    };
    // In words for people, as a problem for programs; the connection ends with it, because the body was not read.
    let away = |came: &Came, status: u16, key: &str| ended(turned_away(&site, came, status, key));
    let held = match body::read(body, declared, &limits, &room.memory).await {
        Ok(held) => held,
        Err(Unread::TooLarge) => return away(&came, 413, "console.fault.too-large"),
        Err(Unread::NoRoom) => return away(&came, 503, "console.fault.busy"),
        Err(unread) => return unread_is(&unread),
    };
    let waited = tokio::time::timeout(PAGE_WAIT, Arc::clone(&room.pages).acquire_owned()).await;
    let Ok(Ok(seat)) = waited else { return away(&came, 503, "console.fault.busy") };
    let tell = Arc::clone(&room.tell);
    let closing = head.extensions.get::<Closing>().cloned();
    came.body = held.bytes;
    let stays = Arc::clone(&site);
    let done = tokio::task::spawn_blocking(move || {
        let _seat = seat;
        let (mut response, route) = served(&site, &came);
        if let Some(Within(why)) = response.extensions_mut().remove::<Within>() {
            tell(&Event::DeskFailed(why));
        }
        response.extensions_mut().insert(Route(route));
        response
    });
    let mut response = done.await.unwrap_or_else(|_| refusal(StatusCode::INTERNAL_SERVER_ERROR, "broken", None));
    if let (Some(listener), Some(Closing(closing))) = (response.extensions_mut().remove::<Listener>(), closing) {
        *response.body_mut() = listened(stays, listener, closing);
    }
    response
}

async fn alive() -> Response {
    given(JSON, br#"{"format":"watchfire-alive-v1"}"#.to_vec())
}

/// Runs what takes the disk's time in a thread where it may; one of a few at once.
async fn at_the_desk<T: Send + 'static>(
    room: &Arc<Room>,
    work: impl FnOnce(&dyn Desk) -> T + Send + 'static,
) -> Result<T, Response> {
    let Ok(seat) = Arc::clone(&room.seats).try_acquire_owned() else { return Err(later("busy")) };
    let desk = Arc::clone(&room.desk);
    let done = tokio::task::spawn_blocking(move || {
        let done = work(&*desk);
        drop(seat);
        done
    });
    done.await.map_err(|_| refusal(StatusCode::INTERNAL_SERVER_ERROR, "broken", None))
}

/// The body of a request that says it is JSON as it stands.
async fn taken(room: &Room, request: Request) -> Result<Held, Response> {
    let (head, body) = request.into_parts();
    if !is_json(&head.headers) {
        return Err(refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json", None));
    }
    let declared = head.headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    body::read(body, declared, &room.limits, &room.memory).await.map_err(|e| unread_is(&e))
}

fn unread_is(unread: &Unread) -> Response {
    match unread {
        Unread::TooLarge => refusal(StatusCode::PAYLOAD_TOO_LARGE, "too-large", None),
        Unread::TooSlow => refusal(StatusCode::REQUEST_TIMEOUT, "too-slow", None),
        Unread::NoRoom => later("busy"),
        Unread::Broken => refusal(StatusCode::BAD_REQUEST, "broken-off", None),
    }
}

/// Of the type `application/json`, and not packed.
fn is_json(headers: &HeaderMap) -> bool {
    let text = |v: Option<&HeaderValue>| v.and_then(|v| v.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    let kind = text(headers.get(CONTENT_TYPE));
    let packed = headers.get(CONTENT_ENCODING).is_some_and(|v| !v.as_bytes().eq_ignore_ascii_case(b"identity"));
    kind.split(';').next().unwrap_or_default().trim() == JSON && !packed
}

fn given(kind: &'static str, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    dressed(response)
}

/// Come again.
pub(crate) fn later(why: &'static str) -> Response {
    refusal(StatusCode::SERVICE_UNAVAILABLE, why, Some(AGAIN_SECONDS))
}

/// A refusal: its status, and its name for whoever reads the body. The connection ends with it, because the body may not have been read.
pub(crate) fn refusal(status: StatusCode, why: &'static str, again: Option<u32>) -> Response {
    let mut response = given(JSON, format!("{{\"refused\":\"{why}\"}}").into_bytes());
    *response.status_mut() = status;
    if let Some(seconds) = again {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    ended(response)
}

/// The connection ends with this answer.
fn ended(mut response: Response) -> Response {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response.extensions_mut().insert(Early);
    response
}

fn not_allowed(allowed: &'static str) -> Response {
    let mut response = refusal(StatusCode::METHOD_NOT_ALLOWED, "other-method", None);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

/// An answer is nobody's business in between: it is not kept, and not guessed at.
fn dressed(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert("cache-control", HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}

/// Bytes of an answer's body.
pub(crate) fn length(response: &Response) -> u64 {
    response.body().size_hint().exact().unwrap_or_default()
}
