//! The bounded queue of packages, and the one thread that hands them to the desk: as many at once as have come, so that they share what it
//! costs to make them durable.

use crate::body::Held;
use crate::config::Limits;
use crate::desk::Desk;
use crate::event::Event;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Instant;
use tokio::sync::oneshot;

/// Nothing durable could be done: later.
#[derive(Debug)]
pub(crate) struct NotDurable;

/// A package that waits.
struct Job {
    body: Held,
    answer: oneshot::Sender<Result<Vec<u8>, NotDurable>>,
}

/// The end that requests put packages in; the writer ends when all of them are gone and the queue is empty.
#[derive(Clone)]
pub(crate) struct Queue(SyncSender<Job>);

impl Queue {
    /// Puts a package in. `None` if the queue is full or the writer gone. From here on the package is taken, whether or not anybody waits
    /// for the answer.
    pub(crate) fn put(&self, body: Held) -> Option<oneshot::Receiver<Result<Vec<u8>, NotDurable>>> {
        let (answer, waiting) = oneshot::channel();
        self.0.try_send(Job { body, answer }).is_ok().then_some(waiting)
    }
}

/// Starts the writer.
pub(crate) fn start(
    desk: Arc<dyn Desk>,
    limits: Limits,
    tell: Arc<dyn Fn(&Event) + Send + Sync>,
) -> std::io::Result<(Queue, JoinHandle<()>)> {
    let (put, jobs) = sync_channel(limits.queue_packages_max);
    let work = move || {
        while let Ok(first) = jobs.recv() {
            settle(gather(first, &jobs, &limits), &*desk, &*tell);
        }
    };
    let writer = std::thread::Builder::new().name("packages".to_owned()).spawn(work)?;
    Ok((Queue(put), writer))
}

/// The first package and those that come within the time, up to the limits of a batch.
fn gather(first: Job, jobs: &Receiver<Job>, limits: &Limits) -> Vec<Job> {
    let until = Instant::now() + limits.batch_within;
    let mut bytes = first.body.bytes.len();
    let mut batch = vec![first];
    while batch.len() < limits.batch_packages_max && bytes < limits.batch_bytes_max {
        match jobs.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(job) => {
                bytes += job.body.bytes.len();
                batch.push(job);
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
    batch
}

/// Hands a batch to the desk and every answer to who waits for it. If the desk panics, the answers are dropped with it: nobody is
/// told that anything was taken.
fn settle(batch: Vec<Job>, desk: &dyn Desk, tell: &dyn Fn(&Event)) {
    let (mut bodies, mut answers, mut shares) = (Vec::new(), Vec::new(), Vec::new());
    for Job { body, answer } in batch {
        bodies.push(body.bytes);
        shares.push(body.share);
        answers.push(answer);
    }
    let count = bodies.len();
    let said = desk.packages(bodies).and_then(|said| match said.len() {
        n if n == count => Ok(said),
        n => Err(format!("{n} answers to {count} packages")),
    });
    drop(shares);
    // Whoever is gone asks again and gets the same answer.
    match said {
        Ok(said) => answers.into_iter().zip(said).for_each(|(to, what)| drop(to.send(Ok(what)))),
        Err(why) => {
            tell(&Event::DeskFailed(why));
            answers.into_iter().for_each(|to| drop(to.send(Err(NotDurable))));
        }
    }
}
