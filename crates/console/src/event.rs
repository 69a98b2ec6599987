//! What the face tells its operator. Nothing here holds content: no body, no path that a stranger made up, no field of a head.

use std::net::{IpAddr, SocketAddr};

/// Where it listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// Address with the port that was taken.
    pub address: SocketAddr,
    /// SHA-256 of the certificate's bytes (DER), hexadecimal; absent without TLS.
    pub fingerprint: Option<String>,
    /// Whether clients must show a certificate.
    pub client_certificates: bool,
}

/// Why a connection ended without an answer of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The handshake of TLS failed: another protocol, or a certificate that one side does not take.
    Handshake,
    /// The handshake of TLS took too long.
    HandshakeSlow,
    /// The head of a request took too long.
    HeadSlow,
    /// What came is not HTTP.
    NotHttp,
    /// The other side was gone.
    Gone,
}
impl Lost {
    /// Key of its text, under `serve.lost`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::HandshakeSlow => "handshake-slow",
            Self::HeadSlow => "head-slow",
            Self::NotHttp => "not-http",
            Self::Gone => "gone",
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It listens.
    Listening(Ready),
    /// A request was answered.
    Answered {
        /// Who asked.
        peer: IpAddr,
        /// The route, `-` if there is none such.
        route: &'static str,
        /// Status of HTTP.
        status: u16,
        /// Bytes of the answer's body.
        bytes: u64,
        /// Milliseconds since the head had come.
        millis: u64,
    },
    /// A connection ended without an answer.
    Lost {
        /// Who.
        peer: IpAddr,
        /// Why.
        why: Lost,
    },
    /// Every seat was taken: so many connections have been turned away since this was last said (at most every ten seconds).
    TurnedAway(u64),
    /// The desk could do nothing durable; its own words.
    DeskFailed(String),
    /// Asked to stop; so many connections are open.
    Stopping(usize),
}
