//! The store as its users meet it: homes on real disks, processes that die, files that rot.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod backup;
mod crash;
mod disk;
mod keys;
mod log;
mod material;
mod mirror;
mod tables;
mod tamper;
mod writer;
