//! What `watchfire warning` and `watchfire penalty` take.

use super::{ColourArg, Format, MeasureFormat, ReportFormat};
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct Warning {
    #[command(subcommand)]
    pub(crate) what: WarningVerb,
}

#[derive(Subcommand, Debug)]
pub(crate) enum WarningVerb {
    Issue {
        #[command(flatten)]
        text: WarningText,
        #[arg(long)]
        drill: bool,
        #[command(flatten)]
        agreed: Agreed,
        #[command(flatten)]
        said: WarningSaid,
    },
    Change {
        #[arg(value_name = "ID")]
        warning: String,
        #[command(flatten)]
        text: WarningText,
        #[command(flatten)]
        agreed: Agreed,
        #[command(flatten)]
        said: WarningSaid,
    },
    Lift {
        #[arg(value_name = "ID")]
        warning: String,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        agreed: Agreed,
        #[command(flatten)]
        said: WarningSaid,
    },
    List {
        #[arg(long)]
        all: bool,
        #[arg(long)]
        drill: bool,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: MeasureFormat,
    },
    Show {
        #[arg(value_name = "ID")]
        warning: String,
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: ReportFormat,
    },
    Ack {
        #[arg(value_name = "ID")]
        warning: String,
        #[arg(long, value_name = "NAME")]
        by: String,
        #[arg(long, value_name = "TEXT", default_value = "")]
        note: String,
        #[command(flatten)]
        said: WarningSaid,
    },
    Duty {
        #[arg(value_name = "ID")]
        warning: String,
        #[arg(value_name = "DUTY")]
        duty: String,
        #[arg(long)]
        skip: bool,
        #[arg(long, value_name = "TEXT", default_value = "")]
        note: String,
        #[command(flatten)]
        said: WarningSaid,
    },
    Export {
        #[arg(value_name = "ID")]
        warning: String,
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Receive {
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[arg(long, value_name = "KEYS")]
        publisher: PathBuf,
        #[arg(long = "as", value_name = "ACTOR", default_value = "")]
        known_as: String,
        #[command(flatten)]
        said: WarningSaid,
    },
    Profile {
        #[arg(long, value_name = "CODE", value_delimiter = ',')]
        area: Option<Vec<String>>,
        #[arg(long, value_name = "SECTOR")]
        sector: Option<Vec<String>>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}

/// What a warning says.
#[derive(Args, Debug)]
pub(crate) struct WarningText {
    #[arg(long, value_name = "COLOUR", value_parser = ColourArg::warning, conflicts_with = "level")]
    pub(crate) colour: Option<ColourArg>,
    #[arg(long, value_name = "LEVEL")]
    pub(crate) level: Option<String>,
    #[arg(long, value_name = "REGIME")]
    pub(crate) regime: Option<String>,
    #[arg(long, value_name = "ACTOR")]
    pub(crate) issuer: Option<String>,
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub(crate) area: Option<Vec<String>>,
    #[arg(long, value_name = "SECTOR")]
    pub(crate) sector: Option<Vec<String>>,
    #[arg(long, value_name = "TIME")]
    pub(crate) start: Option<String>,
    #[arg(long, value_name = "FIELD=VALUE")]
    pub(crate) set: Vec<String>,
}

impl WarningText {
    /// The colour, if one was given: Clap fills in the screen's setting otherwise.
    pub(crate) fn colour(&self) -> Option<&str> {
        match &self.colour {
            Some(ColourArg::Warning(colour)) => Some(colour),
            _ => None,
        }
    }
}

/// Who agreed.
#[derive(Args, Debug)]
pub(crate) struct Agreed {
    #[arg(long, value_name = "ACTOR=NAME")]
    pub(crate) approval: Option<String>,
    #[arg(long, value_name = "TIME", requires = "approval")]
    pub(crate) approved: Option<String>,
    #[arg(long, value_name = "FILE", requires = "approval")]
    pub(crate) approval_document: Option<PathBuf>,
}

/// Who says something, and in which form the answer comes.
#[derive(Args, Debug)]
pub(crate) struct WarningSaid {
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
}

#[derive(Args, Debug)]
pub(crate) struct Penalty {
    #[command(subcommand)]
    pub(crate) what: PenaltyVerb,
}

#[derive(Subcommand, Debug)]
pub(crate) enum PenaltyVerb {
    List {
        #[arg(long, value_name = "ID")]
        finding: Vec<String>,
        #[arg(long, value_name = "ID")]
        incident: Vec<String>,
        #[arg(long, value_name = "RULE")]
        transfer: Vec<String>,
        #[arg(long)]
        all: bool,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: MeasureFormat,
    },
}
