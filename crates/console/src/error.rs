//! Why the face cannot be served, as a sentence.

use evidence::Say;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What is wrong with a PEM file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PemFault {
    /// No certificate in it.
    NoCertificate,
    /// No private key in it.
    NoKey,
    /// More bytes than such a file has.
    TooLarge,
    /// A certificate or key that cannot be used.
    Unusable,
    /// The key of another certificate.
    OtherKey,
    /// A private key that every account of the machine can read.
    Loose,
}

/// Why the face cannot be served.
#[derive(Debug)]
pub enum ConsoleError {
    /// The address cannot be taken; kind and the system's words.
    Listen(SocketAddr, ErrorKind, String),
    /// An address that others reach, without TLS, and nobody said so by name.
    PlainHttp(SocketAddr),
    /// A file that cannot be read or written; kind and the system's words.
    File(PathBuf, ErrorKind, String),
    /// A PEM file that cannot be used.
    Pem(PathBuf, PemFault),
    /// No name, too many or a wrong one for a certificate; which.
    Name(String),
    /// A certificate cannot be made or TLS not set up: a defect, with the library's words.
    Tls(String),
    /// The system gives no threads.
    Threads(String),
    /// The desk broke down; what it had been handed is not acknowledged.
    Desk,
}

impl ConsoleError {
    pub(crate) fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::File(path.to_owned(), error.kind(), error.to_string())
    }
    /// The sentence for a person; key `error.<kind>`, a hint may stand under `error.<kind>-hint`.
    #[must_use]
    pub fn say(&self) -> Say {
        let path = |key: &str, p: &Path| {
            Say::new(key).with("path", evidence::PathText::from_bytes(p.as_os_str().as_encoded_bytes()))
        };
        match self {
            Self::Listen(a, ErrorKind::AddrInUse, _) => Say::new("error.serve-in-use").with("address", a),
            Self::Listen(a, ErrorKind::AddrNotAvailable, _) => Say::new("error.serve-not-here").with("address", a),
            Self::Listen(a, ErrorKind::PermissionDenied, _) => Say::new("error.serve-denied").with("address", a),
            Self::Listen(a, _, why) => Say::new("error.serve-listen").with("address", a).with("why", why),
            Self::PlainHttp(a) => Say::new("error.serve-plain").with("address", a),
            Self::File(p, ErrorKind::NotFound, _) => path("error.not-found", p),
            Self::File(p, ErrorKind::PermissionDenied, _) => path("error.denied", p),
            Self::File(p, ErrorKind::AlreadyExists, _) => path("error.exists", p),
            Self::File(p, _, why) => path("error.io", p).with("why", why),
            Self::Pem(p, PemFault::NoCertificate) => path("error.serve-no-certificate", p),
            Self::Pem(p, PemFault::NoKey) => path("error.serve-no-key", p),
            Self::Pem(p, PemFault::TooLarge) => path("error.too-large", p).with("max", crate::tls::PEM_BYTES_MAX),
            Self::Pem(p, PemFault::Unusable) => path("error.serve-unusable", p),
            Self::Pem(p, PemFault::OtherKey) => path("error.serve-other-key", p),
            Self::Pem(p, PemFault::Loose) => path("error.serve-loose-key", p),
            Self::Name(name) => Say::new("error.serve-name").with("name", name),
            Self::Tls(why) => Say::new("error.serve-tls").with("why", why),
            Self::Threads(why) => Say::new("error.serve-threads").with("why", why),
            Self::Desk => Say::new("error.serve-desk"),
        }
    }
}
impl std::fmt::Display for ConsoleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let say = self.say();
        write!(f, "{} {:?}", say.key, say.with)
    }
}
impl std::error::Error for ConsoleError {}
