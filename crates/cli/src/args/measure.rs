//! What `watchfire measure` takes.

use super::Format;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct Measure {
    #[command(subcommand)]
    pub(crate) what: MeasureVerb,
}

/// What a list of measures can be written as.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MeasureFormat {
    Text,
    Json,
    Csv,
}

#[derive(Subcommand, Debug)]
pub(crate) enum MeasureVerb {
    Add {
        #[arg(value_name = "FINDING", required_unless_present = "incident")]
        findings: Vec<String>,
        #[arg(long, value_name = "ID")]
        incident: Vec<String>,
        #[arg(long, value_name = "TEXT")]
        action: String,
        #[arg(long, value_name = "NAME")]
        owner: String,
        #[arg(long, value_name = "NAME", default_value = "")]
        deputy: String,
        #[arg(long, value_name = "YYYY-MM-DD")]
        due: String,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Except {
        #[arg(value_name = "FINDING", required = true)]
        findings: Vec<String>,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[arg(long, value_name = "NAME")]
        owner: String,
        #[arg(long, value_name = "NAME")]
        approver: String,
        #[arg(long, value_name = "YYYY-MM-DD")]
        since: Option<String>,
        #[arg(long, value_name = "YYYY-MM-DD")]
        until: String,
        #[arg(long, value_name = "FILE")]
        document: Option<PathBuf>,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Start(State),
    Done(State),
    Verify {
        #[arg(value_name = "ID")]
        id: String,
        #[arg(long, value_name = "FILE")]
        document: Option<PathBuf>,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Withdraw(State),
    List {
        #[arg(long)]
        late: bool,
        #[arg(long)]
        all: bool,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: MeasureFormat,
    },
}

/// A measure that comes further.
#[derive(Args, Debug)]
pub(crate) struct State {
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    #[arg(long, value_name = "FILE")]
    pub(crate) document: Option<PathBuf>,
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
}
