//! Listens, lets in as many as there are seats for, and closes cleanly.

use crate::batch;
use crate::body::UNIT_BYTES;
use crate::config::{Config, Plain};
use crate::connection::{self, House, Place};
use crate::desk::Desk;
use crate::error::ConsoleError;
use crate::event::{Event, Ready};
use crate::rate::Rates;
use crate::routes::{Room, router};
use crate::site::Site;
use crate::tls;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use stdx::Stop;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout_at};
use tokio_rustls::TlsAcceptor;

/// How often it is asked whether to stop.
const LOOK: Duration = Duration::from_millis(50);
/// How often the operator is told of connections that were turned away.
const TELL_TURNED_AWAY: Duration = Duration::from_secs(10);
/// How long to wait when the system has no descriptor left for a connection.
const BREATH: Duration = Duration::from_millis(100);
/// Connections that the system holds until they are accepted.
const BACKLOG: u32 = 1024;
/// Threads that read and answer; the work is done at the desk.
const THREADS: usize = 2;
/// How long a desk that is at work when the face ends is waited for.
const DESK_END: Duration = Duration::from_secs(60);

/// Serves until `stop` is requested or the desk breaks down. Before it returns, every package that had been taken has been handed to the desk.
pub fn serve(config: Config, desk: impl Desk, site: Option<Site>, stop: &Stop) -> Result<(), ConsoleError> {
    if config.tls.is_none() && config.plain == Plain::Loopback && !config.listen.ip().to_canonical().is_loopback() {
        return Err(ConsoleError::PlainHttp(config.listen));
    }
    let tls = config.tls.as_ref().map(tls::server).transpose()?;
    let threads = |e: std::io::Error| ConsoleError::Threads(e.to_string());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .max_blocking_threads(config.limits.desk_max.max(1) + config.limits.pages_max.max(1))
        .thread_name("console")
        .enable_all()
        .build()
        .map_err(threads)?;
    let listener = {
        let _inside = runtime.enter();
        listen(config.listen)?
    };
    let address = listener.local_addr().unwrap_or(config.listen);
    let desk: Arc<dyn Desk> = Arc::new(desk);
    let (queue, writer) =
        batch::start(Arc::clone(&desk), config.limits.clone(), Arc::clone(&config.tell)).map_err(threads)?;
    let room = Arc::new(Room {
        desk,
        queue,
        memory: Arc::new(Semaphore::new(config.limits.bodies_bytes_max.div_ceil(UNIT_BYTES))),
        seats: Arc::new(Semaphore::new(config.limits.desk_max)),
        rates: Rates::new(config.limits.enrolments_per_minute, config.limits.addresses_max),
        entries: Rates::new(config.limits.entries_per_minute, config.limits.addresses_max),
        pages: Arc::new(Semaphore::new(config.limits.pages_max.max(1))),
        site: site.map(|s| Arc::new(s.over_tls(tls.is_some()))),
        limits: config.limits,
        tell: Arc::clone(&config.tell),
    });
    let client_certificates = config.tls.as_ref().is_some_and(|t| t.client_ca.is_some());
    let fingerprint = tls.as_ref().map(|t| t.1.clone());
    (config.tell)(&Event::Listening(Ready { address, fingerprint, client_certificates }));
    let (stopping, seen) = watch::channel(false);
    let house =
        House { router: router(Arc::clone(&room)), room, tls: tls.map(|t| TlsAcceptor::from(t.0)), stopping: seen };
    runtime.block_on(open(listener, house, stopping, stop, &writer));
    // With the last task goes the last way into the queue, and the writer ends when it has emptied it.
    runtime.shutdown_timeout(DESK_END);
    writer.join().map_err(|_| ConsoleError::Desk)
}

fn listen(address: SocketAddr) -> Result<TcpListener, ConsoleError> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() };
    let listener = socket.and_then(|socket| {
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    });
    listener.map_err(|e| ConsoleError::Listen(address, e.kind(), e.to_string()))
}

/// Lets connections in until it is time to stop, then waits for those that are open.
async fn open(
    listener: TcpListener,
    house: House,
    stopping: watch::Sender<bool>,
    stop: &Stop,
    writer: &JoinHandle<()>,
) {
    let limits = house.room.limits.clone();
    let seats = Arc::new(Semaphore::new(limits.connections_max));
    let standing = Arc::new(Semaphore::new(limits.turned_away_max));
    let turned_away = AtomicU64::new(0);
    let mut connections = JoinSet::new();
    let (mut look, mut report) = (interval(LOOK), interval(TELL_TURNED_AWAY));
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !stop.requested() && !writer.is_finished() {
        tokio::select! {
            _ = look.tick() => {}
            _ = report.tick() => tell_turned_away(&house, &turned_away),
            Some(_) = connections.join_next() => {}
            came = listener.accept() => match came {
                Ok((stream, peer)) => {
                    let seat = match Arc::clone(&seats).try_acquire_owned() {
                        Ok(seat) => (Place::Seat, seat),
                        Err(_) => {
                            turned_away.fetch_add(1, Ordering::Relaxed);
                            let Ok(place) = Arc::clone(&standing).try_acquire_owned() else { continue };
                            (Place::Standing, place)
                        }
                    };
                    connections.spawn(connection::run(stream, peer.ip().to_canonical(), house.clone(), seat));
                }
                // One that ended before it was accepted is nothing; without descriptors there is nothing but to wait.
                Err(_) => sleep(BREATH).await,
            }
        }
    }
    drop(listener);
    while connections.try_join_next().is_some() {}
    tell_turned_away(&house, &turned_away);
    (house.room.tell)(&Event::Stopping(connections.len()));
    drop(house);
    stopping.send_replace(true);
    let until = Instant::now() + limits.stop_within;
    while let Ok(Some(_)) = timeout_at(until, connections.join_next()).await {}
    connections.shutdown().await;
}

fn tell_turned_away(house: &House, turned_away: &AtomicU64) {
    let count = turned_away.swap(0, Ordering::Relaxed);
    if count > 0 {
        (house.room.tell)(&Event::TurnedAway(count));
    }
}
