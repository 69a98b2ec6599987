//! Asking for a passphrase: from the environment, or on the terminal without showing it.

use evidence::Lang;
use report::words;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use std::io::{BufRead as _, IsTerminal as _, Write as _};

/// The passphrase of the environment: opens protected keys, and protects keys that are made.
pub(crate) fn given() -> Option<String> {
    std::env::var("WATCHFIRE_PASSPHRASE").ok().filter(|p| !p.is_empty())
}

/// The passphrase of the keys: `WATCHFIRE_PASSPHRASE`, else asked for on a terminal, else none.
pub(crate) fn ask(lang: Lang) -> Option<String> {
    given().or_else(|| prompt(words::text(lang, "cli.say.passphrase")))
}

/// A new passphrase: `WATCHFIRE_NEW_PASSPHRASE`, else asked for twice. `Err` says what is wrong, as a word key.
pub(crate) fn ask_new(lang: Lang) -> Result<String, &'static str> {
    if let Ok(given) = std::env::var("WATCHFIRE_NEW_PASSPHRASE") {
        return checked(given);
    }
    ask_twice(lang)
}

/// Something secret that is new: asked for twice on the terminal. `Err` says what is wrong, as a word key.
pub(crate) fn ask_twice(lang: Lang) -> Result<String, &'static str> {
    let first = prompt(words::text(lang, "cli.say.passphrase")).ok_or("error.no-terminal")?;
    let second = prompt(words::text(lang, "cli.say.passphrase_again")).ok_or("error.no-terminal")?;
    if first == second { checked(first) } else { Err("error.passphrases-differ") }
}

/// An empty passphrase protects nothing.
fn checked(passphrase: String) -> Result<String, &'static str> {
    if passphrase.is_empty() { Err("error.passphrase-empty") } else { Ok(passphrase) }
}

fn prompt(text: &str) -> Option<String> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        return None;
    }
    eprint!("{text}");
    let _ = std::io::stderr().flush();
    let before = tcgetattr(&input).ok()?;
    let mut quiet = before.clone();
    quiet.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&input, OptionalActions::Now, &quiet).ok()?;
    let mut line = String::new();
    let read = input.lock().read_line(&mut line);
    let _ = tcsetattr(&input, OptionalActions::Now, &before);
    eprintln!();
    read.ok()?;
    Some(line.trim_end_matches(['\n', '\r']).to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_empty_passphrase_is_refused() {
        assert_eq!(super::checked(String::new()), Err("error.passphrase-empty"));
        assert_eq!(super::checked("long".into()), Ok("long".into()));
    }
}
