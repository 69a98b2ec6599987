//! One connection from its first byte to its last.

use crate::config::Limits;
use crate::event::{Event, Lost};
use crate::routes::{Closing, Early, Peer, Room, Route, known, later, length, refusal};
use crate::timed::Timed;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::poll_fn;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tower_service::Service as _;

/// How long an early refusal waits for the other side to have read it. Closed at once, a socket with unread bytes is reset, and the reset may
/// overtake the refusal.
const LINGER: Duration = Duration::from_secs(5);
/// What HTTP buffers of a connection each way, in bytes; bodies pass through it piece by piece.
const BUFFER_BYTES: usize = 64 << 10;
/// Bytes that are read and forgotten meanwhile: an over-large package, not a flood.
const LINGER_BYTES_MAX: usize = 64 << 20;

/// What every connection is given.
#[derive(Clone)]
pub(crate) struct House {
    pub(crate) room: Arc<Room>,
    pub(crate) router: Router,
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) stopping: watch::Receiver<bool>,
}

/// Where a connection is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Seat,
    /// Every seat is taken: it is told so.
    Standing,
}

/// Serves it.
pub(crate) async fn run(stream: TcpStream, peer: IpAddr, house: House, (place, held): (Place, OwnedSemaphorePermit)) {
    // Its place is free again when it has ended.
    let _held = held;
    // Answers are one small piece: waiting for more would only cost time.
    let _ = stream.set_nodelay(true);
    let limits = &house.room.limits;
    let stream = Timed::new(stream, limits.answer_within);
    let lost = |why| (house.room.tell)(&Event::Lost { peer, why });
    let Some(tls) = &house.tls else { return talk(stream, peer, &house, place).await };
    let mut stopping = house.stopping.clone();
    tokio::select! {
        // Who has said nothing yet when the house closes has not been taken.
        () = closing(&mut stopping) => {}
        shaken = timeout(limits.handshake_within, tls.accept(stream)) => match shaken {
            Err(_) => lost(Lost::HandshakeSlow),
            Ok(Err(_)) => lost(Lost::Handshake),
            Ok(Ok(stream)) => talk(stream, peer, &house, place).await,
        }
    }
}

/// Comes when the house closes.
async fn closing(stopping: &mut watch::Receiver<bool>) {
    // Gone is closed too.
    let _ = stopping.wait_for(|s| *s).await;
}

fn protocol(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_within)
        .max_header_size(limits.head_bytes_max)
        .max_headers(limits.head_fields_max)
        .max_buf_size(BUFFER_BYTES.max(limits.head_bytes_max))
        // Who ends his side after the request still gets the answer.
        .half_close(true);
    builder
}

async fn talk<I: AsyncRead + AsyncWrite + Unpin + Send + 'static>(io: I, peer: IpAddr, house: &House, place: Place) {
    let early = Arc::new(AtomicBool::new(false));
    let service = service_fn(|request: Request<Incoming>| {
        let (house, early) = (house.clone(), Arc::clone(&early));
        Box::pin(async move {
            // In a task of its own: a connection that breaks at the wrong instant does not take what it brought with it, and a handler that panics
            // is a 500.
            let answered = tokio::spawn(answer(house, peer, place, request)).await;
            let broken = |_| refusal(StatusCode::INTERNAL_SERVER_ERROR, "broken", None);
            let response = answered.unwrap_or_else(broken);
            early.fetch_or(response.extensions().get::<Early>().is_some(), Ordering::Relaxed);
            Ok::<_, Infallible>(response)
        })
    });
    let mut connection = protocol(&house.room.limits).serve_connection(TokioIo::new(io), service);
    let mut stopping = house.stopping.clone();
    let mut asked = false;
    let ended = loop {
        tokio::select! {
            ended = poll_fn(|cx| connection.poll_without_shutdown(cx)) => break ended,
            () = closing(&mut stopping), if !asked => {
                asked = true;
                std::pin::Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    let parts = connection.into_parts();
    let mut io = parts.io.into_inner();
    if let Err(e) = &ended {
        let begun = !parts.read_buf.is_empty();
        if let Some(why) = lost(e, begun) {
            (house.room.tell)(&Event::Lost { peer, why });
        }
        if e.is_timeout() && begun {
            let _ =
                io.write_all(b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").await;
        }
    }
    let _ = timeout(LINGER, io.shutdown()).await;
    if early.load(Ordering::Relaxed) || ended.is_err() {
        let _ = timeout(LINGER, forget(&mut io)).await;
    }
}

/// What the operator is told of a connection that ended in the middle; a connection that was kept open and not used again is none.
fn lost(e: &hyper::Error, begun: bool) -> Option<Lost> {
    if e.is_timeout() {
        begun.then_some(Lost::HeadSlow)
    } else if e.is_parse() {
        Some(Lost::NotHttp)
    } else {
        Some(Lost::Gone)
    }
}

/// Reads what still comes, to its end.
async fn forget(io: &mut (impl AsyncRead + Unpin)) {
    let (mut piece, mut read) = (vec![0; 16 << 10], 0);
    while let Ok(n @ 1..) = io.read(&mut piece).await {
        read += n;
        if read > LINGER_BYTES_MAX {
            break;
        }
    }
}

async fn answer(mut house: House, peer: IpAddr, place: Place, request: Request<Incoming>) -> Response {
    let since = Instant::now();
    let route = known(request.uri().path()).0;
    if place == Place::Standing {
        return later("full");
    }
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(Peer(peer));
    request.extensions_mut().insert(Closing(house.stopping.clone()));
    let response = house.router.call(request).await.unwrap_or_else(|never| match never {});
    let route = response.extensions().get::<Route>().map_or(route, |r| r.0);
    let (status, bytes) = (response.status().as_u16(), length(&response));
    let millis = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
    (house.room.tell)(&Event::Answered { peer, route, status, bytes, millis });
    response
}
