//! Reads logs and says what they show, never whether it is good or bad.
//!
//! Two sensors. [`flows`]: what left towards whom, from logs of proxies, servers and flows (`docs/specs/transfers-v1.md` §5);
//! [`countries`] is the table by which it names the country of an address: the user brings it, nothing is fetched.
//! [`run`]: Sigma rules over logs (`docs/specs/alert-v1.md`). [`evtx`] and [`logs`] read, each into the one [`event`];
//! [`mappings`] name what was read; the room `sigma` matches. [`starter`] are rules of our own.
//!
//! Refused: guessing. A line that does not follow its format is counted and named, an address without a table has no
//! country, and a log that does not say how much went out says so.
#![forbid(unsafe_code)]

pub mod countries;
pub mod event;
pub mod evtx;
pub mod flows;
pub mod logs;
pub mod mappings;
pub mod run;
pub mod starter;
mod text;

/// Milliseconds since 1970 of a time as logs and people write it: `2026-01-02 03:04:05[.123][Z|+08:00]`, a date alone, or
/// seconds since 1970; without a zone it is read as UTC.
#[must_use]
pub fn instant(text: &str) -> Option<i64> {
    text::instant(text.as_bytes())
}
