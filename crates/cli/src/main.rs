//! The command `watchfire`.
fn main() {}
