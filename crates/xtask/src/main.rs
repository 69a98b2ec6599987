//! Build jobs. `cargo xtask bench examine` measures what docs/measurements.md states; `cargo xtask classes` writes into the
//! built-in plan what the packs of detectors say of their classes.
#![forbid(unsafe_code)]

mod bench;
mod census;
mod classes;
mod discover;
mod flows;
mod inspect;
mod ministry;
mod options;
mod peers;
mod program;
mod registry;
mod run;
mod secrets;
mod seen;
mod suspicion;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["bench", "examine"] => bench::examine(),
        ["bench", "inspect", rest @ ..] => inspect::bench(rest),
        ["bench", "store"] => bench::store(),
        ["bench", "notify"] => bench::notify(),
        ["bench", "watch"] => bench::watch(),
        ["bench", "progress"] => bench::progress(),
        ["bench", "pages", rest @ ..] => bench::pages(rest),
        ["bench", "ransom"] => suspicion::bench(),
        ["bench", "flows"] => flows::bench(),
        ["bench", "registry"] => registry::bench(),
        ["bench", "ministry", rest @ ..] => ministry::bench(rest),
        ["bench", "simulation", rest @ ..] => bench::simulation(rest),
        ["bench", "federation"] => bench::federation(),
        ["bench", "discover", rest @ ..] => discover::bench(rest),
        ["bench", "secrets", rest @ ..] => secrets::bench(rest),
        // The floor of `bench discover`, as a process of its own.
        ["read", dir] => discover::rows::read_all(dir),
        ["census", rest @ ..] => census::census(rest),
        ["classes"] => classes::write(),
        _ => Err(
            "cargo xtask classes, cargo xtask bench examine|inspect|store|notify|watch|progress|pages|discover|secrets|ransom|flows|registry|federation|ministry|simulation, cargo xtask census DIR…"
                .to_owned(),
        ),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
