//! What the driver does, seen by `ransom`: attacks are held in time, ordinary work never is.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod replica;
mod suspicion;
