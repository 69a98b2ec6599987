//! Sends one message on one way, once, within a time; says what the other side made of it. What is tried again and when is
//! not decided here.

mod command;
mod http;
mod smtp;
mod syslog;
mod tls;
mod wire;

use super::config::{Channel, How};
use super::message::Worded;
use evidence::Time;
use std::time::{Duration, Instant};

/// Longest proof, in characters.
pub(crate) const PROOF_CHARS_MAX: usize = 160;

/// What became of an attempt; with what the other side said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// The other side took it.
    Delivered(String),
    /// Not now.
    Again(String),
    /// Never.
    Refused(String),
}

/// An attempt on its way.
pub(crate) struct Job {
    /// The message in words.
    pub(crate) worded: Worded,
    /// Address on the channel.
    pub(crate) address: String,
    /// Tells this attempt from every other one.
    pub(crate) id: String,
    /// The instant by the node's clock.
    pub(crate) now: Time,
}

/// The time that an attempt may take.
#[derive(Clone, Copy)]
pub(crate) struct Until(Instant);
impl Until {
    fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }
    /// What is left of it.
    fn left(self) -> Option<Duration> {
        self.0.checked_duration_since(Instant::now()).filter(|d| !d.is_zero())
    }
}

/// Sends it.
pub(crate) fn send(channel: &Channel, job: &Job) -> Outcome {
    let until = Until::after(channel.timeout);
    match &channel.how {
        How::Smtp(s) => smtp::send(s, job, until),
        How::Webhook(h) => http::webhook(h, job, until),
        How::Template(t, h) => http::template(t, h, job, until),
        How::Syslog(s) => syslog::send(s, job, until),
        How::Command(c) => command::send(c, job, until),
    }
}
