//! Build jobs. `cargo xtask bench examine` measures what docs/measurements.md states; `cargo xtask classes` writes into the
//! built-in plan what the packs of detectors say of their classes.
#![forbid(unsafe_code)]

mod bench;
mod classes;
mod run;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["bench", "examine"] => bench::examine(),
        ["bench", "store"] => bench::store(),
        ["classes"] => classes::write(),
        _ => Err("cargo xtask bench examine|store, cargo xtask classes".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
