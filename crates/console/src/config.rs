//! Where the face listens, and every limit on what strangers may make it do.

use crate::event::Event;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Largest body of a request, in bytes: a package (`docs/specs/federation-v1.md` §3).
pub const BODY_BYTES_MAX: usize = 32 << 20;
/// Where it listens if nobody says otherwise: this machine only.
pub(crate) const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8420);

/// Whether HTTP without TLS may leave this machine. Packages are signed and say nothing of what was found, but who reports when
/// and how much can be read on the way, and anybody on the way can hold answers back: so it is asked for by name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Plain {
    /// Only on a loopback address, where a proxy may stand in front.
    Loopback,
    /// Anywhere: the operator has said that the network is closed.
    Anywhere,
}

/// PEM files of TLS.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate, with what it was issued under.
    pub certificate: PathBuf,
    /// Its private key; others must not be able to read it.
    pub key: PathBuf,
    /// If given: only who shows a certificate of one of these is let in.
    pub client_ca: Option<PathBuf>,
}

/// How the face is served.
#[derive(Clone)]
pub struct Config {
    /// Address and port; port 0 takes a free one, and [`Event::Listening`] says which.
    pub listen: SocketAddr,
    /// TLS, or HTTP without it.
    pub tls: Option<TlsFiles>,
    /// Whether HTTP without TLS may leave this machine.
    pub plain: Plain,
    /// Every limit.
    pub limits: Limits,
    /// Told what happens, from several threads; nothing that it is told holds content of a request.
    pub tell: Arc<dyn Fn(&Event) + Send + Sync>,
}
impl Default for Config {
    fn default() -> Self {
        Self { listen: LISTEN, tls: None, plain: Plain::Loopback, limits: Limits::default(), tell: Arc::new(|_| {}) }
    }
}
impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Config({}, {:?}, {:?}, {:?})", self.listen, self.tls, self.plain, self.limits)
    }
}

/// Every limit, with its unit and what happens there.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at once; one more is told 503.
    pub connections_max: usize,
    /// Connections at once that are being told 503; one more is closed without a word.
    pub turned_away_max: usize,
    /// Bytes of a request's head; more is 431.
    pub head_bytes_max: usize,
    /// Fields of a request's head; more is 431.
    pub head_fields_max: usize,
    /// Bytes of a body; more is 413.
    pub body_bytes_max: usize,
    /// Bytes of all bodies that are in memory at once, from their first byte to their answer; more is 503.
    pub bodies_bytes_max: usize,
    /// Time for the handshake of TLS; then the connection is closed.
    pub handshake_within: Duration,
    /// Time for the head of a request, also of the next one on the same connection; then 408, or the end if nothing of it came.
    pub head_within: Duration,
    /// Time for a whole body; then 408. 32 MiB in 5 minutes is a line of 0.9 Mbit/s.
    pub body_within: Duration,
    /// Longest silence in the middle of a body; then 408.
    pub piece_within: Duration,
    /// Longest time in which nobody takes a byte of an answer; then the connection is closed.
    pub answer_within: Duration,
    /// Packages that wait for the writer; one more is told 503.
    pub queue_packages_max: usize,
    /// Packages that the desk is handed at once.
    pub batch_packages_max: usize,
    /// Bytes after which no package more is added to a batch.
    pub batch_bytes_max: usize,
    /// Time that the first package of a batch waits for others.
    pub batch_within: Duration,
    /// Requests to enrol of one address (of IPv6: one /64) in a minute, as many at once; more is 429.
    pub enrolments_per_minute: u32,
    /// Addresses that are remembered for it; if all of them are busy, a new one is told 429.
    pub addresses_max: usize,
    /// Attempts to sign in of one address in a minute, as many at once; more is 429.
    pub entries_per_minute: u32,
    /// Bytes of a form or of a request to the API; more is 413.
    pub form_bytes_max: usize,
    /// Pages that are worked on at once; one more waits, after 10 s it is told 503.
    pub pages_max: usize,
    /// Requests to enrol and for the checkpoint that are worked on at once; one more is told 503.
    pub desk_max: usize,
    /// Time for what is under way when the face is stopped; then it is cut off. Packages in the queue are taken even so.
    pub stop_within: Duration,
}
impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 512,
            turned_away_max: 64,
            head_bytes_max: 16 << 10,
            head_fields_max: 64,
            body_bytes_max: BODY_BYTES_MAX,
            bodies_bytes_max: 512 << 20,
            handshake_within: Duration::from_secs(10),
            head_within: Duration::from_secs(10),
            body_within: Duration::from_secs(300),
            piece_within: Duration::from_secs(30),
            answer_within: Duration::from_secs(60),
            queue_packages_max: 1024,
            batch_packages_max: 512,
            batch_bytes_max: 64 << 20,
            batch_within: Duration::from_millis(20),
            enrolments_per_minute: 10,
            entries_per_minute: 20,
            form_bytes_max: 1 << 20,
            pages_max: 8,
            addresses_max: 4096,
            desk_max: 4,
            stop_within: Duration::from_secs(15),
        }
    }
}
