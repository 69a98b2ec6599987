//! What stands behind a sensor's `Sink` during one run: memory, under a limit, held to the dictionary.

use evidence::{Body, Gap, GapReason, ItemCounts, Sink, SinkClosed, fact};
use std::sync::{Mutex, PoisonError};
use stdx::Stop;

/// The most items of one run, so that their file stays under what `proof` reads (512 MiB; an item with eight samples
/// is about 1.6 KiB). Reached only by trees with more than a hundred thousand files with hits.
pub(crate) const ITEMS_MAX: usize = 200_000;

/// Takes the bodies of one run.
pub(crate) struct Take {
    held: Mutex<Held>,
    items_max: usize,
}
#[derive(Default)]
struct Held {
    bodies: Vec<Body>,
    over: u64,
    /// The first item that does not fit the dictionary: a defect of a sensor.
    defect: Option<String>,
}

impl Take {
    pub(crate) fn new(items_max: usize) -> Self {
        Self { held: Mutex::default(), items_max }
    }

    /// Everything taken, and what was not taken as a gap. An item that does not fit the dictionary is an error: a
    /// sensor that says what nobody can judge must not look as if it had said nothing.
    pub(crate) fn finish(self, stop: &Stop) -> Result<Vec<Body>, String> {
        let held = self.held.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(defect) = held.defect {
            return Err(defect);
        }
        let mut bodies = held.bodies;
        let mut gap = |reason, count| {
            bodies.push(Body::Gap(Gap { what: "run".to_owned(), reason, at: None, count }));
        };
        if held.over > 0 {
            gap(GapReason::TooMany, held.over);
        }
        if stop.requested() {
            gap(GapReason::Stopped, 1);
        }
        Ok(bodies)
    }
}

impl Sink for Take {
    fn put(&self, body: Body) -> Result<(), SinkClosed> {
        let mut held = self.held.lock().map_err(|_| SinkClosed)?;
        if let Body::Fact(f) = &body
            && let Err(e) = fact::validate(f)
        {
            held.defect.get_or_insert_with(|| e.to_string());
            return Ok(());
        }
        if held.bodies.len() >= self.items_max {
            held.over += 1;
            return Ok(());
        }
        held.bodies.push(body);
        Ok(())
    }
}

/// Bodies by kind.
pub(crate) fn count(bodies: &[Body]) -> ItemCounts {
    let mut n = ItemCounts::default();
    for body in bodies {
        match body {
            Body::Fact(_) => n.facts += 1,
            Body::Covered(_) => n.covered += 1,
            Body::Hits(_) => n.hits += 1,
            Body::Tally(_) => n.tallies += 1,
            Body::Gap(_) => n.gaps += 1,
            Body::Alert(_) => n.alerts += 1,
            Body::Column(_) => n.columns += 1,
            Body::Content(_) => n.contents += 1,
        }
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::{Fact, Place};

    fn fact(id: &str) -> Body {
        Body::Fact(Fact { fact: id.into(), value: true.into(), at: Place::file("/x") })
    }

    #[test]
    fn what_is_over_the_limit_is_a_gap_and_what_is_foreign_a_defect() {
        let take = Take::new(2);
        for _ in 0..5 {
            take.put(fact("audit.present")).unwrap();
        }
        let stop = Stop::new();
        stop.request();
        let bodies = take.finish(&stop).unwrap();
        let gaps: Vec<_> = bodies.iter().filter_map(|b| if let Body::Gap(g) = b { Some(g) } else { None }).collect();
        assert_eq!(
            gaps.iter().map(|g| (g.reason, g.count)).collect::<Vec<_>>(),
            [(GapReason::TooMany, 3), (GapReason::Stopped, 1)]
        );
        let take = Take::new(2);
        take.put(fact("audit.absent")).unwrap();
        assert!(take.finish(&Stop::new()).unwrap_err().contains("audit.absent"));
    }
}
