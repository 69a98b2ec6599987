//! The room from outside: what a stream of events comes to, and that it comes to the same whenever it is judged again.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod bytes;
mod rules;
mod streams;
mod words;
