//! The face over HTTP: the line between nodes - a child posts its request to enrol and its packages, the parent answers
//! (`docs/specs/federation-v1.md` §6); what the bytes mean is not known here, they go to a [`Desk`] and its answers go back - and the pages and the
//! API of [`site`].
//!
//! *Shape.* One thread accepts and reads on a small runtime; packages wait in a bounded queue for the one writer thread, which hands
//! the desk as many as have come in 20 ms, so that many children share one fsync ([`Limits::batch_packages_max`]). Everything that
//! a stranger can make large, slow or many has a limit with a name ([`Limits`]), and what happens there has a status: 413 too large, 408
//! too slow, 429 too often, 503 too many at once - all of them *later*, none of them a lost record, because the child owes a package until
//! it holds an answer.
//!
//! *What was taken is answered.* Whoever goes away after sending does not take the package with him: the request runs in a task of its own,
//! and the queue is emptied before the end. Sending it again gives the same answer.
//!
//! Refused: a ready-made accept loop (it cannot say 503, count seats before TLS, or linger until a refusal has been read; decision 10),
//! HTTP/2 (one package a connection gains nothing by it), redirects, compression of bodies (a second limit to defend for hashes that do not shrink).
#![forbid(unsafe_code)]

mod batch;
mod body;
mod certificate;
mod config;
mod connection;
mod desk;
mod door;
mod error;
mod event;
mod rate;
mod routes;
pub mod site;
mod timed;
mod tls;

pub use certificate::{DAYS_MAX, Made, NAMES_MAX, make as make_certificate, write as write_certificate};
pub use config::{BODY_BYTES_MAX, Config, Limits, Plain, TlsFiles};
pub use desk::Desk;
pub use door::serve;
pub use error::{ConsoleError, PemFault};
pub use event::{Event, Lost, Ready};
pub use site::{Site, said};
