//! How many messages a minute a channel may take: robots in chats block who sends more (`docs/specs/notify-v1.md` §6).
//!
//! What is over the limit waits for its turn, the most urgent first, and leaves a record that it waits. Only channels with a limit are counted: what reaches a
//! person by telephone, short message or mail has none and cannot be given one, and never waits behind a robot.
//!
//! The count is made from the signed records of attempts and from what this process began: a restart does not send a second twenty in the same minute.
//!
//! Refused: a bucket that fills over time. A window of sixty seconds is what the services say, and needs no state but the instants.

use super::config::Config;
use evidence::{Notice, NoticeState, Time};
use std::collections::{HashMap, VecDeque};

/// The window, in milliseconds.
const WINDOW_MILLIS: i64 = 60_000;
/// Most instants of a channel that are kept: the largest limit.
pub(super) const PER_MINUTE_MAX: i64 = 6_000;

/// When each channel was used in the last minute.
#[derive(Debug, Default)]
pub(super) struct Pace {
    used: HashMap<String, VecDeque<Time>>,
}
impl Pace {
    /// Takes a record that another process, or this one before, made of an attempt.
    pub(super) fn add(&mut self, n: &Notice) {
        let attempt = matches!(n.state, NoticeState::Delivered | NoticeState::Failed | NoticeState::GivenUp);
        if attempt && !n.channel.is_empty() {
            self.used(&n.channel, n.stated_at);
        }
    }

    /// An attempt begins on a channel.
    pub(super) fn used(&mut self, channel: &str, at: Time) {
        let used = self.used.entry(channel.to_owned()).or_default();
        used.push_back(at);
        while used.len() > usize::try_from(PER_MINUTE_MAX).unwrap_or(usize::MAX) {
            used.pop_front();
        }
    }

    /// When the channel may be used next, if not now.
    pub(super) fn waits(&mut self, config: &Config, channel: &str, now: Time) -> Option<Time> {
        let limit = config.channel(channel)?.pace.as_ref()?.per_minute as usize;
        let used = self.used.get_mut(channel)?;
        // A clock that was ahead and is set back must not hold a channel for longer than a minute.
        used.retain(|t| (0..WINDOW_MILLIS).contains(&(now.millis() - t.millis().min(now.millis()))));
        let first = used.len().checked_sub(limit)?;
        let mut all: Vec<i64> = used.iter().map(|t| t.millis().min(now.millis())).collect();
        all.sort_unstable();
        Some(Time::from_millis(all.get(first)?.saturating_add(WINDOW_MILLIS)))
    }
}
