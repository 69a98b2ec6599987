//! Build jobs.
fn main() {}
