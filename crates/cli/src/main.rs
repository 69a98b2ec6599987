//! The command `watchfire`. One file a verb; everything that it does, `node` does.
#![forbid(unsafe_code)]

mod account;
mod advisories;
mod answer;
mod args;
mod assessment;
mod audit;
mod backup;
mod catalogue;
mod challenge;
mod demo;
mod detect;
mod discover;
mod error;
mod examine;
mod expert;
mod federation;
mod group;
mod guard;
mod incident;
mod inspect;
mod key;
mod log;
mod measure;
mod notify;
mod order;
mod oversight;
mod penalty;
mod plan;
mod programme;
mod progress;
mod registry;
mod rules;
mod scope;
mod secret;
mod serve;
mod staff;
mod standing;
mod statements;
mod tables;
mod targets;
mod training;
mod transfer;
mod union;
mod verify;
mod warning;
mod watch;

use args::{Cli, ColourArg, Common, Format, Verb};
use error::{CliError, exit};
use evidence::{Lang, PathText, Say};
use node::Node;
use report::words;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use stdx::Stop;

/// What every verb is given.
pub(crate) struct Face {
    pub(crate) common: Common,
    pub(crate) lang: Lang,
    pub(crate) stop: Stop,
}

impl Face {
    /// The node, opened; made at first use.
    pub(crate) fn node(&self) -> Result<Node, CliError> {
        let home = node::home(self.common.home.as_deref())?;
        Ok(self.tables_of(Node::open(&home, secret::given(), &|| secret::ask(self.lang))?))
    }
    /// The node, opened for reading only: it must be there.
    pub(crate) fn node_read_only(&self) -> Result<Node, CliError> {
        Ok(self.tables_of(Node::open_read_only(&node::home(self.common.home.as_deref())?)?))
    }
    /// The node with the read tables where the command line says.
    fn tables_of(&self, node: Node) -> Node {
        let reach = if self.common.tables_plain { store::Reach::Plain } else { store::Reach::Local };
        node.with_tables(self.common.tables.as_deref(), reach)
    }
    /// The plan of `--plan`, or the built-in one.
    pub(crate) fn plan(&self) -> Result<::plan::CheckedPlan, CliError> {
        Ok(node::load_plan(self.common.plan.as_deref())?)
    }
    /// The last instant of a day that somebody typed, where the plan counts: who says "until the 30th" has all of it.
    pub(crate) fn day_ends(&self, date: evidence::Time) -> Result<evidence::Time, CliError> {
        Ok(::plan::Days::of(self.plan()?.calendar()).day_ends(date))
    }
    /// A text of the command line.
    pub(crate) fn say(&self, say: &Say) -> String {
        error::spoken(self.lang, say)
    }
    /// Says that something is done: as a sentence, or as its key and values.
    pub(crate) fn tell(&self, say: &Say, format: Format) {
        match format {
            Format::Text => print(&self.say(say)),
            Format::Json => print_json(&serde_json::json!(say)),
        }
    }
    /// Whether standard output takes colours.
    pub(crate) fn colour(&self) -> bool {
        match self.common.colour {
            ColourArg::Always => true,
            ColourArg::Never => false,
            ColourArg::Auto | ColourArg::Warning(_) => {
                std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
            }
        }
    }
}

/// Writes one form of a report into the folder; the answer says where it is.
pub(crate) fn written(out: &Path, name: &str, bytes: &[u8], key: &str) -> Result<Say, CliError> {
    let path = out.join(name);
    node::write(&path, bytes)?;
    let shown = PathText::from_bytes(path.as_os_str().as_encoded_bytes());
    Ok(Say::new(format!("cli.say.{key}")).with("path", shown))
}

/// Excel takes a CSV file for the system's old code page unless it begins with this mark.
pub(crate) const CSV_MARK: &str = "\u{feff}";

/// What a report is made of, from what came of an order.
pub(crate) fn input<'a>(
    examined: &'a node::Examined,
    others: &'a [report::Ran<'a>],
    plan: &'a ::plan::CheckedPlan,
) -> report::Input<'a> {
    report::Input {
        judgement: &examined.judgement.0,
        judgement_leaf: examined.judgement.1,
        examination: Some((&examined.run.examination, examined.run.leaf)),
        items: &examined.run.items,
        others,
        documented: &[],
        plan,
        proof: examined.proof.clone(),
        generated: node::now(),
        program: concat!("watchfire ", env!("CARGO_PKG_VERSION")),
    }
}

/// Ends a report: writes its evidence into the folder, if there is one, and says where everything is and what the
/// reader must know. On the screen where the report is text; beside machine output, to standard error.
pub(crate) fn finish(
    face: &Face,
    out: Option<&Path>,
    examined: &node::Examined,
    mut notes: Vec<Say>,
    screen_is_text: bool,
) -> Result<(), CliError> {
    if let Some(out) = out {
        let evidence = written(out, "evidence.json", &examined.evidence, "evidence_written")?;
        let path = evidence.with.get("path").cloned().unwrap_or_default();
        notes.extend([evidence, Say::new("cli.say.verify_with").with("path", path)]);
    }
    if examined.proof.spooled {
        notes.push(Say::new("cli.say.spooled"));
    }
    if face.stop.requested() {
        notes.push(Say::new("cli.say.stopped"));
    }
    for note in notes {
        let line = face.say(&note);
        if screen_is_text { print(&line) } else { eprintln!("{line}") }
    }
    Ok(())
}

/// Width of the terminal, or 100 columns.
pub(crate) fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    columns.or_else(terminal_columns).filter(|c| *c >= 40).unwrap_or(100)
}

fn terminal_columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

/// True once something could not be printed.
static UNPRINTED: AtomicBool = AtomicBool::new(false);

/// Prints to standard output. A closed pipe ends the output quietly, as it does for every filter; any other failure
/// is an error at the end of the program, after what it does has been done.
pub(crate) fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let end: &[u8] = if text.ends_with('\n') { b"" } else { b"\n" };
    let printed = out.write_all(text.as_bytes()).and_then(|()| out.write_all(end)).and_then(|()| out.flush());
    if printed.is_err_and(|e| e.kind() != std::io::ErrorKind::BrokenPipe) {
        UNPRINTED.store(true, Ordering::Relaxed);
    }
}

/// Prints a value as JSON.
pub(crate) fn print_json(value: &serde_json::Value) {
    print(&format!("{value:#}"));
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args_os().map(|a| a.to_string_lossy().into_owned()).collect();
    let lang = args::language(&arguments, |name| std::env::var(name).ok());
    let cli = match args::parse(std::env::args_os(), lang) {
        Ok(cli) => cli,
        Err(e) => {
            let code = if e.use_stderr() { exit::COULD_NOT } else { exit::DONE };
            match args::speech::wrong(&e).filter(|_| lang != Lang::En) {
                Some(say) => {
                    let more = Say::new("cli.wrong.more").with("command", "watchfire");
                    eprintln!("{}\n  {}", CliError::new(say).text(lang), words::say(lang, &more));
                }
                None => drop(e.print()),
            }
            return ExitCode::from(code);
        }
    };
    let Cli { common, verb } = cli;
    let stop = Stop::new();
    // The first Ctrl-C asks for a clean end; the second one ends at once.
    let flag = stop.flag();
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        let _ = signal_hook::flag::register_conditional_shutdown(signal, 130, std::sync::Arc::clone(&flag));
        let _ = signal_hook::flag::register(signal, std::sync::Arc::clone(&flag));
    }
    let face = Face { common, lang, stop };
    let done = match verb {
        Verb::Examine(a) => examine::run(&face, &a),
        Verb::Inspect(a) => inspect::run(&face, &a),
        Verb::Advisories(a) => advisories::run(&face, &a),
        Verb::Statements(a) => statements::run(&face, &a),
        Verb::Discover(a) => discover::run(&face, &a),
        Verb::Detect(a) => detect::run(&face, &a),
        Verb::Catalogue(a) => catalogue::run(&face, &a),
        Verb::Scope(a) => scope::run(&face, &a),
        Verb::Answer(a) => answer::run(&face, &a),
        Verb::Staff(a) => staff::run(&face, &a),
        Verb::Rules(a) => rules::run(&face, &a),
        Verb::Measure(a) => measure::run(&face, &a),
        Verb::Incident(a) => incident::run(&face, &a),
        Verb::Notify(a) => notify::run(&face, &a),
        Verb::Guard(a) => guard::run(&face, &a),
        Verb::Watch(a) => watch::run(&face, &a),
        Verb::Account(a) => account::run(&face, &a),
        Verb::Serve(a) => serve::run(&face, &a),
        Verb::Demo(a) => demo::run(&face, &a),
        Verb::Transfer(a) => transfer::run(&face, &a),
        Verb::Registry(a) => registry::run(&face, &a),
        Verb::Standing(a) => standing::run(&face, &a),
        Verb::Guide(a) => standing::guide(&face, &a),
        Verb::Assessment(a) => assessment::run(&face, &a),
        Verb::Programme(a) => programme::run(&face, &a),
        Verb::Progress(a) => targets::run(&face, &a),
        Verb::Training(a) => training::run(&face, &a),
        Verb::Expert(a) => expert::run(&face, &a),
        Verb::Tables(a) => tables::run(&face, &a),
        Verb::Oversight(a) => oversight::run(&face, &a),
        Verb::Order(a) => order::run(&face, &a),
        Verb::Challenge(a) => challenge::run(&face, &a),
        Verb::Warning(a) => warning::run(&face, &a),
        Verb::Penalty(a) => penalty::run(&face, &a),
        Verb::Node(a) => federation::run(&face, &a),
        Verb::Submit(a) => federation::send::submit(&face, &a),
        Verb::Outbox(a) => federation::send::outbox(&face, &a),
        Verb::Receipts(a) => federation::send::receipts(&face, &a),
        Verb::Verify(a) => verify::run(&face, &a),
        Verb::Audit(a) => audit::run(&face, &a),
        Verb::Plan(a) => plan::run(&face, &a),
        Verb::Key(a) => key::run(&face, &a),
        Verb::Backup(a) => backup::backup(&face, &a),
        Verb::Restore(a) => backup::restore(&face, &a),
        Verb::Log(a) => log::run(&face, &a),
    };
    match done {
        Ok(_) if UNPRINTED.load(Ordering::Relaxed) => fail(&CliError::new(Say::new("error.output")), lang),
        Ok(code) => ExitCode::from(code),
        Err(e) => fail(&e, lang),
    }
}

fn fail(error: &CliError, lang: Lang) -> ExitCode {
    // Standard error may be closed or full too; there is nobody left to tell then.
    let _ = writeln!(std::io::stderr(), "{}", error.text(lang));
    ExitCode::from(error.code())
}
