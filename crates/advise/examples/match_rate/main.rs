//! How long a host's packages take against a large pack: `cargo run --release -p advise --example match_rate [advisories] [packages]`.
//!
//! Prints the time of building, the size of the packs, and the median of several rounds of opening them and matching, in CPU
//! time of this thread (`/proc/thread-self/schedstat`).
#![expect(
    clippy::disallowed_methods,
    reason = "a bench reads the clock of its thread and its arguments; the room does not"
)]
#![expect(unreachable_pub, reason = "the generator is shared with the tests")]

mod made;

use advise::matcher::{Package, matches};
use advise::pack::{Kind, Pack};
use made::Host;

const ROUNDS: usize = 11;

/// Nanoseconds that this thread has run.
fn cpu() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or_default()
}

fn main() {
    let mut counts = std::env::args().skip(1).filter_map(|a| a.parse().ok());
    let (advisories, packages) = (counts.next().unwrap_or(100_000), counts.next().unwrap_or(3_000));
    let imported = made::imported(1, advisories);
    let (exploited, likely) = made::lists(advisories);
    let before = cpu();
    let built = Pack::build("made", "generator", Kind::Advisories, &imported).expect("fits");
    println!("{advisories} advisories: built in {} ms, {} bytes", (cpu() - before) / 1_000_000, built.len());
    let exploited = Pack::build("made", "generator", Kind::Exploited, &exploited).expect("fits");
    let likely = Pack::build("made", "generator", Kind::Likelihoods, &likely).expect("fits");
    for (name, host) in [("kept", Host::Kept), ("random", Host::Random)] {
        let packages = made::packages(2, packages, host);
        measure(name, [&built, &exploited, &likely], &packages);
    }
}

fn measure(name: &str, packs: [&Vec<u8>; 3], packages: &[Package]) {
    let mut rounds = Vec::new();
    let mut found = 0;
    for _ in 0..ROUNDS {
        let before = cpu();
        let packs: Vec<Pack<'_>> = packs.into_iter().map(|p| Pack::open(p).expect("just built")).collect();
        let out = matches(&packs, packages);
        rounds.push(cpu() - before);
        found = out.matches.len();
    }
    rounds.sort_unstable();
    let median = rounds[ROUNDS / 2];
    println!(
        "{} packages, versions {name}: {found} matches, opened and matched in {}.{:03} ms (median of {ROUNDS}; {} to {} ms)",
        packages.len(),
        median / 1_000_000,
        median / 1000 % 1000,
        rounds[0] / 1_000_000,
        rounds[ROUNDS - 1] / 1_000_000
    );
}
