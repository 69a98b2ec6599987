//! A bounded queue for many producers and many consumers (std's channel has one consumer).

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

struct Inner<T> {
    state: Mutex<Held<T>>,
    space: Condvar,
    items: Condvar,
}
struct Held<T> {
    waiting: VecDeque<T>,
    items_max: usize,
    senders: usize,
    receivers: usize,
}
impl<T> Inner<T> {
    fn lock(&self) -> MutexGuard<'_, Held<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes a queue.
pub struct Queue;
impl Queue {
    /// A queue that holds at most `items_max` (at least one) items.
    #[must_use]
    #[expect(clippy::new_ret_no_self, reason = "a queue is used through its two ends")]
    pub fn new<T>(items_max: usize) -> (Sender<T>, Receiver<T>) {
        let held = Held { waiting: VecDeque::new(), items_max: items_max.max(1), senders: 1, receivers: 1 };
        let inner = Arc::new(Inner { state: Mutex::new(held), space: Condvar::new(), items: Condvar::new() });
        (Sender(Arc::clone(&inner)), Receiver(inner))
    }
}

/// The end that puts in.
pub struct Sender<T>(Arc<Inner<T>>);
/// The end that takes out.
pub struct Receiver<T>(Arc<Inner<T>>);

impl<T> Sender<T> {
    /// Puts an item in, waiting for space; gives it back when no receiver is left.
    pub fn send(&self, item: T) -> Result<(), T> {
        let mut held = self.0.lock();
        while held.waiting.len() >= held.items_max && held.receivers > 0 {
            held = self.0.space.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
        if held.receivers == 0 {
            return Err(item);
        }
        held.waiting.push_back(item);
        self.0.items.notify_one();
        Ok(())
    }
}
impl<T> Receiver<T> {
    /// Takes an item, waiting for one; `None` when the queue is empty and no sender is left.
    #[must_use]
    pub fn recv(&self) -> Option<T> {
        let mut held = self.0.lock();
        loop {
            if let Some(item) = held.waiting.pop_front() {
                self.0.space.notify_one();
                return Some(item);
            }
            if held.senders == 0 {
                return None;
            }
            held = self.0.items.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.0.lock().senders += 1;
        Self(Arc::clone(&self.0))
    }
}
impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        self.0.lock().receivers += 1;
        Self(Arc::clone(&self.0))
    }
}
impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.0.lock().senders -= 1;
        self.0.items.notify_all();
    }
}
impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.0.lock().receivers -= 1;
        self.0.space.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_arrives_once_and_both_ends_notice_the_other_leave() {
        let (tx, rx) = Queue::new(2);
        let mut got: Vec<u32> = std::thread::scope(|s| {
            let workers: Vec<_> = (0..3)
                .map(|_| rx.clone())
                .map(|rx| s.spawn(move || std::iter::from_fn(|| rx.recv()).collect::<Vec<u32>>()))
                .collect();
            for i in 0..1000 {
                tx.send(i).unwrap();
            }
            drop(tx);
            workers.into_iter().flat_map(|w| w.join().unwrap()).collect()
        });
        got.sort_unstable();
        assert_eq!(got, (0..1000).collect::<Vec<_>>());
        let (tx, rx) = Queue::new(1);
        drop(rx);
        assert_eq!(tx.send(7), Err(7));
    }
}
