//! Reads logs and says what they show, never whether it is good or bad.
//!
//! For now one sensor: [`flows`], what left towards whom, from logs of proxies, servers and flows
//! (`docs/specs/transfers-v1.md` §5). [`countries`] is the table by which it names the country of an address: the user
//! brings it, nothing is fetched.
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
mod text;
