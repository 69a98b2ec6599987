//! `cargo run -p testing --example twin -- DIR [clean | planted | NUMBER]`: writes the clean machine, the planted one, or the
//! clean one with a single plant. `-- list` prints the plants: number, scenario, words, check, object, separated by tabs.

use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;
use testing::twin;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let now = SystemTime::now();
    match words.as_slice() {
        ["list"] => {
            for (n, (scenario, p)) in twin::plants().iter().enumerate() {
                println!("{n}\t{scenario}\t{}\t{}\t{}", p.what, p.check, p.object);
            }
        }
        [dir, "clean"] => drop(twin::clean(Path::new(dir), now)),
        [dir, "planted"] => drop(twin::planted(Path::new(dir), now)),
        [dir, number] => {
            let Some(n) = number.parse::<usize>().ok().filter(|n| *n < twin::plants().len()) else {
                eprintln!("there is no plant {number}");
                return ExitCode::from(2);
            };
            drop(twin::alone(Path::new(dir), now, n));
        }
        _ => {
            eprintln!("DIR clean | DIR planted | DIR NUMBER | list");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
