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

/// An error on its way to the reader.
#[derive(Debug)]
pub(crate) struct CliError {
    say: Say,
    /// Errors of plan files, each with its place.
    plan: Vec<plan::PlanError>,
    /// The message that it was, for programs.
    cause: Option<String>,
}

impl CliError {
    pub(crate) fn new(say: Say) -> Self {
        Self { say, plan: Vec::new(), cause: None }
    }

    /// As lines for a terminal.
    pub(crate) fn text(&self, lang: Lang) -> String {
        let mut out = format!("{}: {}", words::text(lang, "error.error"), words::say(lang, &self.say));
        for error in &self.plan {
            let _ = write!(out, "\n{}", plan_error(error, lang));
        }
        if let Some(cause) = &self.cause {
            let _ = write!(out, "\n  {}: {cause}", words::text(lang, "error.caused-by"));
        }
        let hint = format!("{}-hint", self.say.key);
        let text = words::text(lang, &hint);
        if text != hint {
            let _ = write!(out, "\n  {}: {text}", words::text(lang, "error.hint"));
        }
        out
    }
}

/// A plan error with its place and source line, in the reader's language.
pub(crate) fn plan_error(error: &plan::PlanError, lang: Lang) -> String {
    let shown = error.to_string();
    // The English message stands once, after the place; the rest (line, caret, hint) has no language.
    shown.replacen(&error.message, &words::say(lang, &error.say), 1)
}

impl From<NodeError> for CliError {
    fn from(e: NodeError) -> Self {
        let say = e.say();
        match e {
            NodeError::Plan(plan) => Self { say, plan, cause: None },
            _ => Self { say, plan: Vec::new(), cause: None },
        }
    }
}
