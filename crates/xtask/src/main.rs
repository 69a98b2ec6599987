//! Build jobs. `cargo xtask bench examine` measures what docs/measurements.md states.
#![forbid(unsafe_code)]

mod bench;
mod run;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["bench", "examine"] => bench::examine(),
        ["bench", "store"] => bench::store(),
        _ => Err("cargo xtask bench examine|store".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
