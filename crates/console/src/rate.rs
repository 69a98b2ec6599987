//! How often one address may ask. A code of enrolment has 130 random bits, so this is not what keeps guessers out; it keeps their
//! work off the desk.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What one address has left: it fills up evenly, to a minute's worth.
struct Bucket {
    left: Duration,
    seen: Instant,
}

/// Remembers who asked when.
pub(crate) struct Rates {
    per_minute: u32,
    addresses_max: usize,
    buckets: Mutex<HashMap<IpAddr, Bucket>>,
}

/// A minute: what a bucket holds. A request costs its share of it.
const FULL: Duration = Duration::from_secs(60);

impl Rates {
    pub(crate) fn new(per_minute: u32, addresses_max: usize) -> Self {
        Self { per_minute: per_minute.max(1), addresses_max: addresses_max.max(1), buckets: Mutex::default() }
    }

    /// Takes one request of this address at this instant; false if it has none left.
    pub(crate) fn take(&self, address: IpAddr, now: Instant) -> bool {
        let cost = FULL / self.per_minute;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let who = neighbourhood(address);
        if !buckets.contains_key(&who) && buckets.len() >= self.addresses_max {
            // Whoever has been silent for a minute is as one who never came.
            buckets.retain(|_, b| now.saturating_duration_since(b.seen) < FULL);
            if buckets.len() >= self.addresses_max {
                return false;
            }
        }
        let bucket = buckets.entry(who).or_insert(Bucket { left: FULL, seen: now });
        bucket.left = FULL.min(bucket.left + now.saturating_duration_since(bucket.seen));
        bucket.seen = now;
        let left = bucket.left.checked_sub(cost);
        bucket.left = left.unwrap_or(bucket.left);
        left.is_some()
    }
}

/// Of IPv6 a subscriber has a whole /64; the same IPv4 address has one spelling.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(a) => {
            let mut segments = a.segments();
            segments[4..].fill(0);
            IpAddr::V6(Ipv6Addr::from(segments))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minutes_worth_at_once_and_then_evenly() {
        let rates = Rates::new(3, 10);
        let (start, a) = (Instant::now(), "10.0.0.1".parse().unwrap());
        let taken = |at: u64| rates.take(a, start + Duration::from_secs(at));
        // Three a minute: three at once, then one every twenty seconds.
        assert_eq!(
            [0, 0, 0, 0, 19, 20, 20, 40, 60, 200, 200, 200, 200].map(taken),
            [true, true, true, false, false, true, false, true, true, true, true, true, false]
        );
        assert!(rates.take("10.0.0.2".parse().unwrap(), start), "another address has its own");
    }

    #[test]
    fn the_memory_is_bounded_and_a_subscriber_is_one() {
        let rates = Rates::new(1, 2);
        let start = Instant::now();
        let take = |a: &str, at: u64| rates.take(a.parse().unwrap(), start + Duration::from_secs(at));
        assert!(take("2001:db8::1", 0) && !take("2001:db8::2", 0), "one /64 is one subscriber");
        assert!(take("::ffff:10.0.0.1", 0) && !take("10.0.0.1", 0), "one IPv4 address, two spellings");
        assert!(!take("10.0.0.9", 0), "no place is left");
        assert!(take("10.0.0.9", 61), "the others have been silent for a minute");
    }
}
