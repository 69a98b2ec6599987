//! Prints what the sensor sees as JSON lines: `cargo run -p inspect --example facts -- [ROOT]`.

use evidence::{Body, DigestKey, MemoryState, Time};
use inspect::{Config, Inspector, Target};
use std::sync::Mutex;
use stdx::{Silent, Stop};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let target = std::env::args_os().nth(1).map_or(Target::Live, |root| Target::Root(root.into()));
    // An example has no node and therefore no secret; the machine's digest means nothing outside this run.
    let config = Config::new(DigestKey::new([0; 32]), Time::from_secs(4_000_000_000));
    let inspector = Inspector::new(target, config)?;
    eprintln!("{:?}", inspector.identity());
    let sink: Mutex<Vec<Body>> = Mutex::default();
    inspector.run(&sink, &MemoryState::default(), &Silent, &Stop::new());
    let mut items = sink.into_inner()?;
    items.sort();
    for item in items {
        println!("{}", serde_json::to_string(&item)?);
    }
    Ok(())
}
