//! What `watchfire transfer` takes.

use super::Format;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct Transfer {
    #[command(subcommand)]
    pub(crate) what: TransferVerb,
}

/// What the register can be written as.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RegisterFormat {
    Text,
    Json,
    Csv,
    Xlsx,
}

/// What can be in hand.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GrantArg {
    Assessment,
    Contract,
    Certification,
}
/// How far it is.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutcomeArg {
    Filed,
    Granted,
    Refused,
    Withdrawn,
}
/// A step of a request.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepArg {
    Passed,
    Approved,
    Refused,
    Answered,
    Declined,
    Withdrawn,
}
/// How heavy a note must be to fail.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoteArg {
    Finding,
    Warning,
}

/// Who says it, and how the answer is written.
#[derive(Args, Debug)]
pub(crate) struct Said {
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
}

#[derive(Args, Debug)]
pub(crate) struct NewFlow {
    #[arg(long, value_name = "NAME")]
    pub(crate) recipient: String,
    #[arg(long, value_name = "CC")]
    pub(crate) country: String,
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: String,
    #[arg(long, value_name = "NAME", default_value = "")]
    pub(crate) system: String,
    #[arg(long, value_name = "ASSET")]
    pub(crate) asset: Vec<String>,
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub(crate) holds: Vec<String>,
    #[arg(long, value_name = "PEOPLE", default_value = "")]
    pub(crate) personal: String,
    #[arg(long, value_name = "PEOPLE", default_value = "")]
    pub(crate) sensitive: String,
    #[arg(long, value_name = "NAME", default_value = "")]
    pub(crate) exporter: String,
    #[arg(long)]
    pub(crate) cii: bool,
    #[arg(long, value_name = "NAME", default_value = "")]
    pub(crate) group: String,
    #[arg(long, value_name = "WAY", default_value = "sent")]
    pub(crate) way: String,
    #[arg(long, value_name = "HOST")]
    pub(crate) host: Vec<String>,
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) ground: String,
    #[arg(long, value_name = "CASE", default_value = "", requires = "reason")]
    pub(crate) case: String,
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) reason: String,
    #[arg(long)]
    pub(crate) disjoint: bool,
    #[arg(long, value_name = "FILE")]
    pub(crate) impact: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) said: Said,
}

#[derive(Subcommand, Debug)]
pub(crate) enum TransferVerb {
    Add(Box<NewFlow>),
    Import {
        #[arg(value_name = "TABLE")]
        table: PathBuf,
        #[command(flatten)]
        said: Said,
    },
    Count {
        #[arg(value_name = "FLOW")]
        flow: String,
        #[arg(long, value_name = "PEOPLE")]
        personal: String,
        #[arg(long, value_name = "PEOPLE", default_value = "0")]
        sensitive: String,
        #[arg(long, value_name = "YEAR")]
        year: Option<i64>,
        #[arg(long, value_name = "YYYY-MM-DD")]
        as_of: Option<String>,
        #[command(flatten)]
        said: Said,
    },
    Decide {
        #[arg(value_name = "FLOW", required = true)]
        flows: Vec<String>,
        #[arg(long, value_enum, value_name = "WHAT")]
        grant: GrantArg,
        #[arg(long, value_enum, default_value = "granted", value_name = "OUTCOME")]
        outcome: OutcomeArg,
        #[arg(long, value_name = "NUMBER", default_value = "")]
        number: String,
        #[arg(long, value_name = "YYYY-MM-DD")]
        since: String,
        #[arg(long, value_name = "YYYY-MM-DD")]
        until: Option<String>,
        #[arg(long, value_name = "FILE")]
        document: Option<PathBuf>,
        #[command(flatten)]
        said: Said,
    },
    End {
        #[arg(value_name = "FLOW")]
        flow: String,
        #[arg(long, value_name = "YYYY-MM-DD")]
        at: String,
        #[arg(long, value_name = "TEXT", default_value = "")]
        reason: String,
        #[command(flatten)]
        said: Said,
    },
    List {
        #[arg(long, value_name = "STATE")]
        state: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Export {
        #[arg(value_name = "FILE")]
        out: Option<PathBuf>,
        #[arg(long, value_enum, default_value = "csv", value_name = "FORMAT")]
        format: RegisterFormat,
    },
    Assess {
        #[arg(long, value_enum, value_name = "KIND")]
        fail_on: Option<NoteArg>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Observe {
        #[arg(value_name = "LOGS", required = true)]
        logs: Vec<PathBuf>,
        #[command(flatten)]
        said: Said,
    },
    Countries {
        #[command(subcommand)]
        what: CountriesVerb,
    },
    Request {
        #[command(subcommand)]
        what: RequestVerb,
    },
    Provided {
        #[arg(long, value_name = "NAME")]
        recipient: String,
        #[arg(long, value_name = "TEXT")]
        data: String,
        #[arg(long, value_name = "TEXT")]
        purpose: String,
        #[arg(long, value_name = "FLOW", default_value = "")]
        flow: String,
        #[arg(long)]
        entrusted: bool,
        #[arg(long, value_name = "YYYY-MM-DD")]
        at: String,
        #[arg(long, value_name = "FILE")]
        contract: Option<PathBuf>,
        #[command(flatten)]
        said: Said,
    },
}

#[derive(Subcommand, Debug)]
pub(crate) enum CountriesVerb {
    Import {
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        said: Said,
    },
    Show {
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Drop(Said),
}

#[derive(Subcommand, Debug)]
pub(crate) enum RequestVerb {
    Add {
        #[arg(long, value_name = "NAME")]
        authority: String,
        #[arg(long, value_name = "CC")]
        country: String,
        #[arg(long, value_name = "TEXT")]
        asked: String,
        #[arg(long, value_name = "TEXT", default_value = "")]
        basis: String,
        #[arg(long, value_name = "YYYY-MM-DD")]
        received: String,
        #[arg(long, value_name = "FILE")]
        document: Option<PathBuf>,
        #[command(flatten)]
        said: Said,
    },
    Move {
        #[arg(value_name = "REQUEST")]
        request: String,
        #[arg(value_enum, value_name = "STEP")]
        step: StepArg,
        #[arg(long, value_name = "YYYY-MM-DD")]
        at: String,
        #[arg(long, value_name = "FILE")]
        document: Option<PathBuf>,
        #[arg(long, value_name = "TEXT", default_value = "")]
        note: String,
        #[command(flatten)]
        said: Said,
    },
    List {
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}
