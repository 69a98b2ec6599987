//! The texts of the command line, in the reader's language: help, headings, and what was wrong. Clap speaks English only;
//! everything that it would say about our options is said from the words files instead.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use evidence::{Lang, Say};
use report::words;

/// Every key that [`localise`] asks for, for the test of the words.
#[cfg(test)]
fn word_keys() -> Vec<String> {
    fn walk(command: &clap::Command, at: &str, keys: &mut Vec<String>) {
        keys.push(format!("{at}.about"));
        for a in command.get_arguments().filter(|a| !matches!(a.get_id().as_str(), "help" | "version")) {
            let global = a.is_global_set() && at != "cli";
            if !global {
                keys.push(argument_key(at, a.get_id().as_str()));
            }
        }
        for sub in command.get_subcommands() {
            walk(sub, &format!("{at}.{}", sub.get_name()), keys);
        }
    }
    let mut keys = Vec::new();
    walk(&<crate::args::Cli as clap::CommandFactory>::command(), "cli", &mut keys);
    keys
}

/// The text of a key; the key itself where there is none, so that a missing text is seen.
fn word(lang: Lang, key: &str) -> String {
    words::text(lang, key).to_owned()
}

/// Verbs with forms of their own.
const OWN_FORMS: [&str; 30] = [
    "cli.examine",
    "cli.inspect",
    "cli.discover",
    "cli.detect",
    "cli.catalogue.export",
    "cli.measure.list",
    "cli.incident.list",
    "cli.incident.report",
    "cli.incident.kit",
    "cli.incident.form.print",
    "cli.transfer.export",
    "cli.registry.export",
    "cli.warning.list",
    "cli.warning.show",
    "cli.penalty.list",
    "cli.guide",
    "cli.assessment.draw",
    "cli.progress",
    "cli.training.status",
    "cli.training.course.list",
    "cli.training.session.list",
    "cli.training.session.show",
    "cli.training.certificate.list",
    "cli.expert.list",
    "cli.expert.pool",
    "cli.oversight.list",
    "cli.oversight.queue",
    "cli.oversight.group",
    "cli.oversight.export",
    "cli.order.list",
];

/// Key of an argument's text. The options of all verbs have a place of their own: `--plan` and the verb `plan` differ.
fn argument_key(at: &str, id: &str) -> String {
    const COMMON: [&str; 7] = ["home", "lang", "plan", "quiet", "colour", "tables", "tables_plain"];
    // Most verbs answer in one of two forms.
    let answer = id == "format" && !OWN_FORMS.contains(&at);
    // What nearly every verb about an incident takes is said once.
    const OF_INCIDENTS: [&str; 6] = ["incident", "serial", "at", "author", "by", "note"];
    // Of warnings too: what an issue and a change take.
    const OF_WARNINGS: [&str; 14] = [
        "warning",
        "author",
        "note",
        "colour",
        "level",
        "regime",
        "issuer",
        "area",
        "sector",
        "approval",
        "approved",
        "approval_document",
        "start",
        "set",
    ];
    // Of training and experts the same.
    const OF_TRAINING: [&str; 7] = ["author", "session", "document", "expert", "reason", "version", "until"];
    // Of lists of oversight whom they take, and a page of them; of orders which one, and who says it.
    const OF_OVERSIGHT: [&str; 9] =
        ["supervisor", "province", "city", "industry", "group", "year", "as_of", "after", "limit"];
    const OF_ORDERS: [&str; 4] = ["order", "author", "note", "format"];
    // What every order takes.
    const OF_CHALLENGES: [&str; 5] = ["node", "days", "round", "out", "author"];
    let of_challenges = (at == "cli.challenge" || at.starts_with("cli.challenge.")) && OF_CHALLENGES.contains(&id);
    let of_training = at.starts_with("cli.training.") || at.starts_with("cli.expert.");
    let of_warnings = at.starts_with("cli.warning.") && at != "cli.warning.profile" && OF_WARNINGS.contains(&id);
    if at.starts_with("cli.oversight.") && OF_OVERSIGHT.contains(&id) {
        format!("cli.of-oversight.{id}")
    } else if at.starts_with("cli.order.") && !answer && OF_ORDERS.contains(&id) {
        format!("cli.of-orders.{id}")
    } else if of_warnings {
        format!("cli.of-warnings.{id}")
    } else if of_challenges {
        format!("cli.of-challenges.{id}")
    } else if of_training && OF_TRAINING.contains(&id) {
        format!("cli.of-training.{id}")
    } else if COMMON.contains(&id) || answer {
        format!("cli.option.{id}")
    } else if at.starts_with("cli.incident.") && OF_INCIDENTS.contains(&id) {
        format!("cli.of-incidents.{id}")
    } else {
        format!("{at}.{id}")
    }
}

/// Where the options that every verb takes begin in a list of options.
const COMMON_FROM: usize = 100;

pub(crate) fn localise(command: clap::Command, at: &str, lang: Lang) -> clap::Command {
    let here = at.to_owned();
    let usage = word(lang, "cli.heading.usage");
    let mut order = 0;
    let mut command = command
        .about(word(lang, &format!("{at}.about")))
        .help_template(format!("{{about}}\n\n{usage} {{usage}}\n\n{{all-args}}\n"))
        .mut_args(move |a| {
            let text = word(lang, &argument_key(&here, a.get_id().as_str()));
            // As they are defined; what every verb takes stands last.
            order += 1;
            let place = if a.is_global_set() { COMMON_FROM + order } else { order };
            described(a, &text, lang).display_order(place)
        });
    if at == "cli" {
        // Clap's own two options speak English only.
        let switch = |name: &'static str, short, action| {
            let arg = clap::Arg::new(name).long(name).short(short).action(action);
            described(arg, words::text(lang, &format!("cli.{name}")), lang).display_order(2 * COMMON_FROM)
        };
        command = command
            .disable_help_flag(true)
            .disable_version_flag(true)
            .arg(switch("help", 'h', clap::ArgAction::Help).global(true))
            .arg(switch("version", 'V', clap::ArgAction::Version));
    }
    for name in command.get_subcommands().map(|s| s.get_name().to_owned()).collect::<Vec<_>>() {
        let at = format!("{at}.{name}");
        command = command.mut_subcommand(name, |sub| localise(sub, &at, lang));
    }
    command
        .subcommand_help_heading(words::find(lang, "cli.heading.verbs").unwrap_or("Verbs"))
        .subcommand_value_name(words::find(lang, "cli.heading.verb").unwrap_or("VERB"))
}

/// An argument with its text, its known values and its default, under a heading in the reader's language.
fn described(a: clap::Arg, text: &str, lang: Lang) -> clap::Arg {
    let mut text = text.to_owned();
    let mut add = |key: &str, hole: &str, value: String| {
        text.push(' ');
        text.push_str(&words::say(lang, &Say::new(key).with(hole, value)));
    };
    let default: Vec<String> = a.get_default_values().iter().map(|d| d.to_string_lossy().into_owned()).collect();
    let takes = a.get_action().takes_values();
    if takes && default.iter().any(|d| !d.is_empty()) {
        add("cli.heading.default", "value", default.join(","));
    }
    let values: Vec<String> = a.get_possible_values().iter().map(|v| v.get_name().to_owned()).collect();
    if takes && !values.is_empty() {
        add("cli.heading.values", "values", values.join(", "));
    }
    let heading = if a.is_positional() { "cli.heading.arguments" } else { "cli.heading.options" };
    let a = a.help(text).help_heading(words::text(lang, heading));
    if takes { a.hide_possible_values(true).hide_default_value(true) } else { a }
}

/// What was wrong with the command line, as a sentence; `None` where Clap's own text is the best there is.
pub(crate) fn wrong(e: &clap::Error) -> Option<Say> {
    let get = |kind| match e.get(kind) {
        Some(ContextValue::String(s)) => Some(s.clone()),
        Some(ContextValue::Strings(s)) => Some(s.join(", ")),
        _ => None,
    };
    let say = |key: &str| Say::new(format!("cli.wrong.{key}"));
    Some(match e.kind() {
        ErrorKind::InvalidSubcommand => say("verb").with("value", get(ContextKind::InvalidSubcommand)?),
        ErrorKind::UnknownArgument => say("option").with("value", get(ContextKind::InvalidArg)?),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation | ErrorKind::InvalidUtf8 => {
            let key = if get(ContextKind::ValidValue).is_some() { "value-of" } else { "value" };
            let known = get(ContextKind::ValidValue).unwrap_or_default();
            let value = get(ContextKind::InvalidValue).unwrap_or_default();
            let said = say(key).with("value", value).with("option", get(ContextKind::InvalidArg)?);
            if key == "value-of" { said.with("known", known) } else { said }
        }
        ErrorKind::MissingRequiredArgument => say("missing").with("what", get(ContextKind::InvalidArg)?),
        ErrorKind::MissingSubcommand => say("no-verb"),
        ErrorKind::ArgumentConflict => {
            let (option, other) = (get(ContextKind::InvalidArg)?, get(ContextKind::PriorArg)?);
            if option == other {
                say("twice").with("option", option)
            } else {
                say("together").with("option", option).with("other", other)
            }
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed_and_has_words_for_everything() {
        localise(Cli::command(), "cli", Lang::Zh).debug_assert();
        for lang in Lang::ALL {
            for key in word_keys() {
                assert_ne!(words::text(lang, &key), key, "no {lang:?} words for {key}");
            }
        }
    }

    /// Every sentence that a lower room can say has a text in both languages, with no hole that nothing fills.
    #[test]
    fn every_room_has_words_for_what_it_says() {
        let below = node::SAY_KEYS;
        for (key, holes) in judge::SAY_KEYS.iter().chain(attest::SAY_KEYS).chain(below.iter().copied().flatten()) {
            for lang in Lang::ALL {
                let text = words::find(lang, key).unwrap_or_else(|| panic!("no {lang:?} words for {key}"));
                for hole in words::holes(text) {
                    assert!(holes.contains(&hole), "{lang:?} {key}: nothing fills {hole}");
                }
            }
        }
    }
}
