//! One shape for everything that can go wrong: kind, message, cause, hint - in the reader's language.

use evidence::{Lang, Say};
use node::NodeError;
use report::words;
use std::fmt::Write as _;

/// The exit codes of every verb.
pub(crate) mod exit {
    /// Done.
    pub(crate) const DONE: u8 = 0;
    /// Findings at or over `--fail-on`; evidence, log or plan that does not hold.
    pub(crate) const FINDINGS: u8 = 1;
    /// Could not do it.
    pub(crate) const COULD_NOT: u8 = 2;
}

/// Longest value that is filled into a sentence, in characters: no shorter than the longest path of Linux.
const VALUE_CHARS_MAX: usize = 4096;

/// A sentence in the reader's language for the terminal. What is filled into it may come from somebody else's file:
/// characters that steer a terminal or turn a line around are written as `\u{…}`. JSON takes the values as they are.
pub(crate) fn spoken(lang: Lang, say: &Say) -> String {
    let mut said = say.clone();
    for value in said.with.values_mut() {
        *value = report::harmless(&value.replace('\n', " "), VALUE_CHARS_MAX, report::inert);
    }
    words::say(lang, &said)
}

/// An error on its way to the reader.
#[derive(Debug)]
pub(crate) struct CliError {
    say: Say,
    /// Errors of plan files, each with its place.
    plan: Vec<plan::PlanError>,
    code: u8,
}

impl CliError {
    pub(crate) fn new(say: Say) -> Self {
        Self { say, plan: Vec::new(), code: exit::COULD_NOT }
    }

    /// What the program ends with.
    pub(crate) fn code(&self) -> u8 {
        self.code
    }

    /// True if there is no log yet: for a verb that only looks, that is an answer.
    pub(crate) fn no_log(&self) -> bool {
        self.say.key == "error.no-log"
    }

    /// The sentence, for programs.
    pub(crate) fn say(&self) -> &Say {
        &self.say
    }

    /// As lines for a terminal.
    pub(crate) fn text(&self, lang: Lang) -> String {
        let colon = words::text(lang, "error.colon");
        let mut out = format!("{}{colon}{}", words::text(lang, "error.error"), spoken(lang, &self.say));
        for error in &self.plan {
            let _ = write!(out, "\n{}", plan_error(error, lang));
        }
        let hint = format!("{}-hint", self.say.key);
        let text = words::text(lang, &hint);
        if text != hint {
            let _ = write!(out, "\n  {}{colon}{text}", words::text(lang, "error.hint"));
        }
        out
    }
}

/// A plan error with its place and source line, in the reader's language.
pub(crate) fn plan_error(error: &plan::PlanError, lang: Lang) -> String {
    let shown = error.to_string();
    // The English message stands once, after the place; the rest (line, caret, hint) has no language.
    let shown = shown.replacen(&error.message, &words::say(lang, &error.say), 1);
    report::harmless(&shown, usize::MAX, |c| matches!(c, '\n' | '\t') || report::inert(c))
}

impl From<NodeError> for CliError {
    fn from(e: NodeError) -> Self {
        let say = e.say();
        match e {
            NodeError::Plan(plan) => Self { say, plan, code: exit::COULD_NOT },
            // It was looked at, and it does not hold: that is a result.
            NodeError::Refused(_) => Self { say, plan: Vec::new(), code: exit::FINDINGS },
            _ => Self::new(say),
        }
    }
}
impl From<console::ConsoleError> for CliError {
    fn from(e: console::ConsoleError) -> Self {
        Self::new(e.say())
    }
}
