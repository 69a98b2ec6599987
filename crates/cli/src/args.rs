//! What the command line takes. Texts come from the words files (`cli.<verb>.about`, `cli.<verb>.<argument>`), so this
//! file holds names and types only; [`speech`] puts the texts in, in the reader's language.

mod account;
mod assessment;
mod challenge;
mod detect;
mod federation;
mod guard;
mod incident;
mod inspect;
mod measure;
mod notify;
mod oversight;
mod programme;
mod registry;
mod rules;
mod serve;
pub(crate) mod speech;
mod staff;
mod tables;
mod training;
mod transfer;
mod warning;

pub(crate) use self::detect::{Detect, DetectFormat};
pub(crate) use self::guard::{Guard, GuardVerb, Order, Socket};
pub(crate) use account::{AccountArgs, AccountOne, AccountVerb};
pub(crate) use assessment::{Assessment, AssessmentVerb};
pub(crate) use challenge::{Challenge, ChallengeOrder, ChallengeVerb};
pub(crate) use federation::{Decision, NodeArgs, NodeVerb, Outbox, PartArgs, Receipts, Submit};
pub(crate) use incident::{FormVerb, Incident, IncidentVerb, Open, PaperFormat, Report, Respond, Said, Told, Weigh};
pub(crate) use inspect::{Advisories, AdvisoriesVerb, HostFormat, Inspect, InspectVerb, Statements, StatementsVerb};
pub(crate) use measure::{Measure, MeasureFormat, MeasureVerb, State as MeasureState};
pub(crate) use notify::{Days, Notify, NotifyVerb};
pub(crate) use oversight::{
    FindingsAct, ListArg, OrderArgs, OrderSaid, OrderVerb, OversightArgs, OversightVerb, Which,
};
pub(crate) use programme::{
    ByArg, Guide, GuideFormat, Programme, ProgrammeVerb, Progress, ProgressFormat, ProgressVerb, PublicityVerb,
    ReturnsVerb, Standing, ThingArg,
};
pub(crate) use registry::{FromArg, Registry, RegistryVerb, RowsFormat, SumsByArg, UnitArg};
pub(crate) use rules::{Rules, RulesVerb};
pub(crate) use serve::{Demo, Serve};
pub(crate) use staff::{Staff, StaffVerb};
pub(crate) use tables::{Backup, Restore, Tables, TablesVerb};
pub(crate) use training::{
    CertificateVerb, CourseVerb, Expert, ExpertVerb, ListFormat, ReasonArg, SessionVerb, TestVerb, TieArg, Training,
    TrainingVerb,
};
pub(crate) use transfer::{
    CountriesVerb, GrantArg, NewFlow, NoteArg, OutcomeArg, RegisterFormat, RequestVerb, StepArg, Transfer, TransferVerb,
};
pub(crate) use warning::{Agreed, Penalty, PenaltyVerb, Warning, WarningSaid, WarningText, WarningVerb};

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use evidence::Lang;
use std::ffi::OsString;
use std::path::PathBuf;

#[derive(Parser, Debug)]
#[command(name = "watchfire", version, disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Args, Debug, Clone)]
pub(crate) struct Common {
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    #[arg(long, global = true, value_enum)]
    pub(crate) lang: Option<LangArg>,
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) plan: Option<PathBuf>,
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
    #[arg(long, global = true, value_parser = ColourArg::when(), default_value = "auto", value_name = "WHEN")]
    pub(crate) colour: ColourArg,
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) tables: Option<String>,
    #[arg(long, global = true)]
    pub(crate) tables_plain: bool,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LangArg {
    En,
    Zh,
}
impl From<LangArg> for Lang {
    fn from(l: LangArg) -> Self {
        match l {
            LangArg::En => Self::En,
            LangArg::Zh => Self::Zh,
        }
    }
}

/// What `--colour` is given. Of every verb: when to colour the screen. Of `warning issue` and `warning change`, where everybody expects it: the colour
/// of the warning. Clap hands the one value to both readers, so both are of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ColourArg {
    Auto,
    Always,
    Never,
    /// A warning's colour; the screen is coloured as if nothing had been said.
    Warning(String),
}
impl ColourArg {
    fn when() -> impl clap::builder::TypedValueParser<Value = Self> {
        use clap::builder::{PossibleValuesParser, TypedValueParser as _};
        PossibleValuesParser::new(["auto", "always", "never"]).map(|typed| match typed.as_str() {
            "always" => Self::Always,
            "never" => Self::Never,
            _ => Self::Auto,
        })
    }
    pub(crate) fn warning(typed: &str) -> Result<Self, String> {
        Ok(Self::Warning(typed.to_owned()))
    }
}

/// How a verb prints its result.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Json,
}

/// What a report can be written as.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportFormat {
    Text,
    Json,
    Html,
}

/// What a report on data can be written as.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DataFormat {
    Text,
    Json,
    Csv,
    Sarif,
    Html,
}

/// A band of confidence.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BandArg {
    Low,
    Medium,
    High,
}
impl From<BandArg> for evidence::Band {
    fn from(b: BandArg) -> Self {
        match b {
            BandArg::Low => Self::Low,
            BandArg::Medium => Self::Medium,
            BandArg::High => Self::High,
        }
    }
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SeverityArg {
    Low,
    Medium,
    High,
    Critical,
}
impl From<SeverityArg> for evidence::Severity {
    fn from(s: SeverityArg) -> Self {
        match s {
            SeverityArg::Low => Self::Low,
            SeverityArg::Medium => Self::Medium,
            SeverityArg::High => Self::High,
            SeverityArg::Critical => Self::Critical,
        }
    }
}

#[derive(Subcommand, Debug)]
pub(crate) enum Verb {
    Examine(Examine),
    Inspect(Inspect),
    Advisories(Advisories),
    Statements(Statements),
    Discover(Discover),
    Detect(Box<Detect>),
    Catalogue(Catalogue),
    Scope(Scope),
    Answer(Answer),
    Measure(Measure),
    Incident(Box<Incident>),
    Notify(Notify),
    Watch(Watch),
    Guard(Guard),
    Serve(Serve),
    Account(Box<AccountArgs>),
    Demo(Demo),
    Warning(Box<Warning>),
    Penalty(Penalty),
    Rules(Rules),
    Staff(Staff),
    Transfer(Transfer),
    Registry(Registry),
    Standing(Standing),
    Guide(Guide),
    Assessment(Assessment),
    Programme(Box<Programme>),
    Progress(Box<Progress>),
    Challenge(Box<Challenge>),
    Training(Box<Training>),
    Expert(Box<Expert>),
    Node(Box<NodeArgs>),
    Submit(Submit),
    Outbox(Outbox),
    Receipts(Receipts),
    Tables(Tables),
    Oversight(Box<OversightArgs>),
    Order(Box<OrderArgs>),
    Verify(Verify),
    Audit(Audit),
    Plan(Plan),
    Key(Key),
    Backup(Backup),
    Restore(Restore),
    Log(Log),
}

#[derive(Args, Debug)]
pub(crate) struct Examine {
    #[arg(value_name = "FOLDER")]
    pub(crate) folders: Vec<PathBuf>,
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    #[arg(long, conflicts_with = "root")]
    pub(crate) no_host: bool,
    #[arg(long, conflicts_with = "folders")]
    pub(crate) no_data: bool,
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[arg(long, value_enum, value_delimiter = ',', default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Vec<ReportFormat>,
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<SeverityArg>,
    #[arg(long, conflicts_with = "no_data")]
    pub(crate) fresh: bool,
    #[arg(long, value_name = "N")]
    pub(crate) workers: Option<usize>,
}

/// Which files a run reads.
pub(crate) fn reading(fresh: bool) -> node::Reading {
    if fresh { node::Reading::Everything } else { node::Reading::Changed }
}

#[derive(Args, Debug)]
pub(crate) struct Discover {
    #[arg(value_name = "TARGET")]
    pub(crate) targets: Vec<OsString>,
    #[arg(long, value_name = "ID", conflicts_with_all = ["targets", "out", "fail_on", "workers", "detectors", "fresh"])]
    pub(crate) explain: Option<String>,
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[arg(long, value_enum, value_delimiter = ',', default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Vec<DataFormat>,
    #[arg(long, value_enum, value_name = "BAND")]
    pub(crate) fail_on: Option<BandArg>,
    #[arg(long, value_name = "FILE")]
    pub(crate) detectors: Vec<PathBuf>,
    #[arg(long)]
    pub(crate) fresh: bool,
    #[arg(long, value_name = "N")]
    pub(crate) workers: Option<usize>,
}

#[derive(Args, Debug)]
pub(crate) struct Catalogue {
    #[command(subcommand)]
    pub(crate) what: CatalogueVerb,
}
#[derive(Subcommand, Debug)]
pub(crate) enum CatalogueVerb {
    Build {
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Show {
        #[arg(value_name = "ASSET", conflicts_with = "transfers")]
        asset: Option<String>,
        #[arg(long)]
        transfers: bool,
        #[arg(long, value_name = "LEAF")]
        of: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Export {
        #[arg(long, value_enum, value_delimiter = ',', required = true, value_name = "FORMAT")]
        format: Vec<CatalogueForm>,
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        #[arg(long, value_name = "LEVEL")]
        from: Option<String>,
        #[arg(long, value_name = "LEAF")]
        of: Option<String>,
    },
    Import {
        #[arg(value_name = "TABLE")]
        table: PathBuf,
        #[arg(long, value_name = "FIELD=COLUMN")]
        map: Vec<String>,
        #[arg(long)]
        dry_run: bool,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Confirm(Grade),
    Reject(Grade),
    File {
        #[arg(long, value_name = "YYYY-MM-DD")]
        date: String,
        #[arg(long, value_name = "FILE")]
        receipt_document: PathBuf,
        #[arg(long, value_name = "LEAF")]
        of: Option<String>,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Diff {
        #[arg(value_name = "A", requires = "after")]
        before: Option<String>,
        #[arg(value_name = "B")]
        after: Option<String>,
        #[arg(long, value_enum, value_name = "WHAT")]
        fail_on: Option<DueArg>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}
#[derive(Args, Debug)]
pub(crate) struct Grade {
    #[arg(value_name = "ASSET")]
    pub(crate) asset: String,
    #[arg(long, value_name = "LEVEL")]
    pub(crate) level: Option<String>,
    #[arg(long, value_name = "OBJECT")]
    pub(crate) object: Option<String>,
    #[arg(long, value_name = "HARM")]
    pub(crate) harm: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
    #[arg(long, value_name = "FILE")]
    pub(crate) document: Option<PathBuf>,
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
}
/// What a catalogue can be written as.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CatalogueForm {
    Csv,
    Xlsx,
    Html,
    Json,
}
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DueArg {
    Due,
    Possible,
}

#[derive(Args, Debug)]
pub(crate) struct Scope {
    #[command(subcommand)]
    pub(crate) what: ScopeVerb,
}
#[derive(Subcommand, Debug)]
pub(crate) enum ScopeVerb {
    Add {
        #[arg(value_name = "KIND")]
        kind: String,
        #[arg(value_name = "ID")]
        id: String,
        #[arg(value_name = "LABEL", default_value = "")]
        label: String,
        #[arg(long, value_name = "NAME", default_value = "")]
        site: String,
        #[arg(long, value_name = "CC", default_value = "")]
        country: String,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Import {
        #[arg(value_name = "TABLE")]
        table: PathBuf,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Show {
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Answer {
    #[arg(value_name = "CHECK")]
    pub(crate) check: Option<String>,
    #[arg(long, value_name = "FILE")]
    pub(crate) document: Option<PathBuf>,
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) effective: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub(crate) approver: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    #[arg(long)]
    pub(crate) not_fulfilled: bool,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
}

#[derive(Args, Debug)]
pub(crate) struct Verify {
    #[arg(value_name = "EVIDENCE")]
    pub(crate) evidence: PathBuf,
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub(crate) receipt: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
}

#[derive(Args, Debug)]
pub(crate) struct Audit {
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
}

#[derive(Args, Debug)]
pub(crate) struct Plan {
    #[command(subcommand)]
    pub(crate) what: PlanVerb,
}
#[derive(Subcommand, Debug)]
pub(crate) enum PlanVerb {
    Check {
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Show {
        #[arg(long)]
        unconfirmed: bool,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Export {
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Key {
    #[command(subcommand)]
    pub(crate) what: KeyVerb,
}
#[derive(Subcommand, Debug)]
pub(crate) enum KeyVerb {
    Show {
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Rotate {
        #[arg(value_enum, value_name = "ROLE")]
        role: RoleArg,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Backup {
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Restore {
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RoleArg {
    Evidence,
    Log,
}

#[derive(Args, Debug)]
pub(crate) struct Log {
    #[command(subcommand)]
    pub(crate) what: LogVerb,
}
#[derive(Subcommand, Debug)]
pub(crate) enum LogVerb {
    Show {
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Bundle {
        #[arg(value_name = "LEAF")]
        leaf: String,
        #[arg(long)]
        proof: bool,
    },
    Export {
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}

/// The language asked for: the option, else the environment (`LC_ALL`, `LC_MESSAGES`, `LANG`), else English.
pub(crate) fn language(arguments: &[String], env: impl Fn(&str) -> Option<String>) -> Lang {
    let option = arguments.iter().enumerate().find_map(|(i, a)| match a.strip_prefix("--lang") {
        Some("") => arguments.get(i + 1).cloned(),
        Some(rest) => rest.strip_prefix('=').map(str::to_owned),
        None => None,
    });
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(env).find(|v| !v.is_empty());
    match option.or(locale) {
        Some(l) if l.to_lowercase().starts_with("zh") => Lang::Zh,
        _ => Lang::En,
    }
}

/// Parses the arguments with all texts in `lang`.
pub(crate) fn parse(arguments: std::env::ArgsOs, lang: Lang) -> Result<Cli, clap::Error> {
    let command = speech::localise(Cli::command(), "cli", lang);
    Cli::from_arg_matches(&command.try_get_matches_from(arguments)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_option_then_the_locale() {
        let args = |a: &[&str]| a.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let none = |_: &str| None;
        assert_eq!(language(&args(&["w", "audit"]), none), Lang::En);
        assert_eq!(language(&args(&["w", "--lang", "zh", "audit"]), none), Lang::Zh);
        assert_eq!(language(&args(&["w", "audit", "--lang=zh"]), none), Lang::Zh);
        let chinese = |k: &str| (k == "LANG").then(|| "zh_CN.UTF-8".to_owned());
        assert_eq!(language(&args(&["w", "audit"]), chinese), Lang::Zh);
        assert_eq!(language(&args(&["w", "audit", "--lang", "en"]), chinese), Lang::En);
    }
}

#[derive(Args, Debug)]
pub(crate) struct Watch {
    #[arg(long)]
    pub(crate) once: bool,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
}
