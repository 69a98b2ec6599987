//! Events: that something was added to the log, by topic, for whoever may see that topic - not what it says.
//!
//! *Shape.* The log is the queue: an event's id is the index in the log to go on from, so a listener that comes back with `Last-Event-ID` misses
//! nothing, and the node keeps nothing for anybody. Each look asks first whether the session or the token still holds, without counting as its use;
//! what it may see is asked anew each time. A clock that changes its state is a record of the watch, so it is an event like any other.
//!
//! Refused: the records themselves in the stream (each page has its gate and its audit), a channel from every writer to every listener (other processes
//! write too), timed reloads (they would keep a forgotten session alive for ever).

use super::Site;
use super::answer::{Answer, EVENTS};
use super::ask::Ask;
use super::fault::Fault;
use super::route::{Faces, Gate, Route, Takes, get, may_be};
use axum::body::Body;
use evidence::{Digest, RecordKind};
use hyper::body::{Bytes, Frame};
use node::NodeError;
use node::accounts::{Act, Visitor};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// Listeners at once; one more is told 503.
const LISTENERS_MAX: usize = 256;
/// Of one account; one more ends the oldest.
const LISTENERS_OF_ONE_MAX: usize = 16;
/// How often the log is looked at.
const LOOK: Duration = Duration::from_secs(2);
/// After so long without an event a line without a meaning is sent: nobody in between closes the connection, and who is gone is noticed.
const KEEP: Duration = Duration::from_secs(5);
/// So long one connection stays; then the other side comes again.
const STAY: Duration = Duration::from_secs(30 * 60);
/// Texts that wait for a slow listener; then the log is not looked at for him.
const WAITING: usize = 4;

pub(crate) const ROUTES: &[Route] = &[get("/events", Gate::Session, events)
    .query(&[may_be("after", Takes::Whole(0, 9_007_199_254_740_991))])
    .gives(&["application/json", EVENTS])
    .on(Faces::Api)];

/// A topic: its name, the act that one must be allowed, the kinds of records; without any, all of them.
struct Topic {
    name: &'static str,
    act: Act,
    kinds: &'static [RecordKind],
}
const TOPICS: &[Topic] = &[
    Topic { name: "overview", act: Act::SeeOverview, kinds: &[] },
    Topic {
        name: "incidents",
        act: Act::SeeIncidents,
        kinds: &[RecordKind::Incident, RecordKind::IncidentJudgement, RecordKind::Notice],
    },
    Topic { name: "warnings", act: Act::SeeWarnings, kinds: &[RecordKind::Warning] },
    Topic { name: "received", act: Act::SeeNodes, kinds: &[RecordKind::Receipt, RecordKind::Member] },
];

/// Pages that listen, and for which topic.
const PAGES: &[(&str, &str)] = &[
    ("/", "overview"),
    ("/queue", "overview"),
    ("/incidents", "incidents"),
    ("/incidents/{id}", "incidents"),
    ("/warnings", "warnings"),
    ("/nodes", "received"),
    ("/nodes/members", "received"),
];

/// For what a page listens, and from where in the log on.
pub(super) fn of_page(site: &Site, v: &Visitor, path: &str) -> Option<(&'static str, u64)> {
    let topic = PAGES.iter().find(|p| p.0 == path)?.1;
    let may = TOPICS.iter().any(|t| t.name == topic && v.may(t.act));
    if may { site.node().store().size().ok().map(|size| (topic, size)) } else { None }
}

/// By what somebody listens.
#[derive(Clone)]
pub(crate) enum Proof {
    /// A session, by its token's digest.
    Session(Digest),
    /// A token of the API.
    Token(String),
}

/// Who listens.
#[derive(Clone)]
pub(crate) struct Listener {
    proof: Proof,
    after: u64,
    seat: Arc<Seat>,
}

/// Seats of listeners, by account the oldest first.
#[derive(Clone, Default)]
pub(super) struct Seats(Arc<Mutex<Taken>>);
#[derive(Default)]
struct Taken {
    /// Seats that are taken, those whose listener has not noticed yet that he lost his among them.
    all: usize,
    next: u64,
    by: HashMap<i64, VecDeque<u64>>,
}
impl Seats {
    /// A seat; an account that has too many loses its oldest, which is that of a page that was left. `None`: all are taken.
    fn take(&self, account: i64) -> Option<Seat> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.all >= LISTENERS_MAX {
            return None;
        }
        let number = taken.next;
        (taken.all, taken.next) = (taken.all + 1, number + 1);
        let own = taken.by.entry(account).or_default();
        own.push_back(number);
        if own.len() > LISTENERS_OF_ONE_MAX {
            own.pop_front();
        }
        Some(Seat { seats: self.clone(), account, number })
    }
}
/// One of them; free again when it is dropped.
struct Seat {
    seats: Seats,
    account: i64,
    number: u64,
}
impl Seat {
    fn is_held(&self) -> bool {
        let taken = self.seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.by.get(&self.account).is_some_and(|own| own.contains(&self.number))
    }
}
impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all = taken.all.saturating_sub(1);
        if let Some(own) = taken.by.get_mut(&self.account) {
            own.retain(|n| *n != self.number);
            if own.is_empty() {
                taken.by.remove(&self.account);
            }
        }
    }
}

/// New records by topic, of those topics that this visitor may see; how many, not which.
fn seen(v: &Visitor, kinds: &BTreeMap<RecordKind, u64>) -> Vec<(&'static str, u64)> {
    let of = |t: &Topic| -> u64 {
        kinds.iter().filter(|(k, _)| t.kinds.is_empty() || t.kinds.contains(k)).map(|(_, n)| n).sum()
    };
    TOPICS.iter().filter(|t| v.may(t.act)).map(|t| (t.name, of(t))).filter(|(_, n)| *n > 0).collect()
}

fn events(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let who = ask.who()?;
    let store = ask.site.node().store();
    let size = store.size().map_err(NodeError::from)?;
    let asked = ask.wanted("after").parse::<u64>().ok();
    let Some((proof, last)) = &ask.listens else {
        let after = asked.unwrap_or(0);
        let (kinds, next) = store.kinds_from(after).map_err(NodeError::from)?;
        let topics: Map<String, Value> = seen(who, &kinds).into_iter().map(|(t, n)| (t.to_owned(), json!(n))).collect();
        return Ok(Answer::Json(
            200,
            json!({"format": "watchfire-events-v1", "after": after, "next": next.max(after), "records": topics}),
        ));
    };
    let seat = ask.site.seats.take(who.account.id).ok_or_else(|| Fault::new(503, "console.fault.listeners"))?;
    // An index that the log has not reached is one of another log: the listener begins anew.
    let after = last.or(asked).filter(|a| *a <= size).unwrap_or(size);
    Ok(Answer::Events(Listener { proof: proof.clone(), after, seat: Arc::new(seat) }))
}

impl Listener {
    /// Who this still is; `None`: the session has ended or the token was taken back.
    fn still(&self, site: &Site) -> Result<Option<Visitor>, NodeError> {
        match &self.proof {
            Proof::Session(digest) => site.accounts().listener(digest),
            Proof::Token(token) => site.accounts().bearer(token),
        }
    }

    /// What came since, as it is sent, and from where to go on; `None`: it is over.
    fn look(&self, site: &Site, after: u64) -> Option<(String, u64)> {
        if !self.seat.is_held() {
            return None;
        }
        // A store that does not answer ends it: the other side comes again and is told why.
        let v = self.still(site).ok().flatten()?;
        let (kinds, next) = site.node().store().kinds_from(after).ok()?;
        let mut text = String::new();
        for (topic, records) in seen(&v, &kinds) {
            text.push_str(&format!("event: {topic}\nid: {next}\ndata: {{\"records\":{records}}}\n\n"));
        }
        Some((text, next))
    }
}

/// What is sent to a listener, until one side ends it.
struct Feed(mpsc::Receiver<Bytes>);
impl hyper::body::Body for Feed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|p| Ok(Frame::data(p))))
    }
}

/// The body of an answer to a listener.
pub(crate) fn listened(site: Arc<Site>, listener: Listener, closing: watch::Receiver<bool>) -> Body {
    let (send, receive) = mpsc::channel(WAITING);
    tokio::spawn(watched(site, listener, closing, send));
    Body::new(Feed(receive))
}

async fn watched(site: Arc<Site>, listener: Listener, mut closing: watch::Receiver<bool>, send: mpsc::Sender<Bytes>) {
    let (begun, mut said, mut after) = (Instant::now(), Instant::now(), listener.after);
    // At once, so that the other side knows that it is heard, and when to come again.
    if send.send(Bytes::from_static(b"retry: 5000\n\n")).await.is_err() {
        return;
    }
    while begun.elapsed() < STAY {
        let (at, own) = (Arc::clone(&site), listener.clone());
        let looked = tokio::task::spawn_blocking(move || own.look(&at, after)).await;
        let Ok(Some((text, next))) = looked else { return };
        after = next;
        let quiet = text.is_empty();
        if !quiet || said.elapsed() >= KEEP {
            let text = if quiet { ": still here\n\n".to_owned() } else { text };
            said = Instant::now();
            if send.send(Bytes::from(text)).await.is_err() {
                return;
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = send.closed() => return,
            _ = closing.wait_for(|c| *c) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_bounded_the_oldest_of_an_account_goes_first_and_all_are_free_again() {
        let seats = Seats::default();
        let mut own: Vec<_> = (0..LISTENERS_OF_ONE_MAX).map(|_| seats.take(1).unwrap()).collect();
        let other = seats.take(2).unwrap();
        own.push(seats.take(1).unwrap());
        assert!(!own[0].is_held() && own[1..].iter().all(Seat::is_held) && other.is_held());
        drop(own);
        let all: Vec<_> = (1..LISTENERS_MAX as i64).map(|n| seats.take(n + 9).unwrap()).collect();
        assert!(seats.take(-1).is_none(), "no more than all");
        drop((all, other));
        assert!(seats.0.lock().unwrap().by.is_empty() && seats.take(-1).is_some());
    }

    #[test]
    fn every_page_that_listens_is_there_and_so_is_its_topic() {
        for (path, topic) in PAGES {
            assert!(super::super::route::all().any(|r| r.path == *path), "{path}");
            assert!(TOPICS.iter().any(|t| t.name == *topic), "{topic}");
        }
    }
}
