//! Reads one log as the sensor does and says how many rows came of it: what `cargo xtask bench flows` measures.
#![expect(clippy::unwrap_used, reason = "an example may fail loudly")]

use detect::countries::Countries;
use detect::flows::Flows;
use evidence::{Body, DigestKey};
use std::sync::Mutex;
use stdx::{Silent, Stop};

fn main() {
    let logs: Vec<std::path::PathBuf> = std::env::args_os().skip(1).map(Into::into).collect();
    let sink: Mutex<Vec<Body>> = Mutex::default();
    let countries = Countries::default();
    Flows { logs: &logs, countries: &countries, key: &DigestKey::new([7; 32]) }.run(&sink, &Silent, &Stop::new());
    let bodies = sink.into_inner().unwrap();
    println!("{} items", bodies.len());
}
