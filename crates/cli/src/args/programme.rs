//! What `watchfire standing`, `guide`, `programme` and `progress` take.

use super::Format;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct Standing {
    #[arg(long, value_name = "USCC")]
    pub(crate) uscc: Option<String>,
    #[arg(long)]
    pub(crate) sign: bool,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GuideFormat {
    Text,
    Json,
    Html,
}

#[derive(Args, Debug)]
pub(crate) struct Guide {
    #[arg(long, value_name = "USCC")]
    pub(crate) uscc: Option<String>,
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: GuideFormat,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ThingArg {
    Standard,
    Case,
}

#[derive(Args, Debug)]
pub(crate) struct Programme {
    #[command(subcommand)]
    pub(crate) what: ProgrammeVerb,
}
#[derive(Subcommand, Debug)]
pub(crate) enum ProgrammeVerb {
    Add {
        #[arg(value_enum, value_name = "THING")]
        thing: ThingArg,
        #[arg(value_name = "ID")]
        id: String,
        #[arg(value_name = "TITLE")]
        title: String,
        #[arg(long, value_name = "STAGE", default_value = "", hide_default_value = true)]
        stage: String,
        #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
        industry: String,
        #[arg(long, value_name = "YYYY-MM-DD")]
        effective: Option<String>,
        #[arg(long, value_name = "FILE")]
        document: Option<PathBuf>,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Withdraw {
        #[arg(value_enum, value_name = "THING")]
        thing: ThingArg,
        #[arg(value_name = "ID")]
        id: String,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    List {
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Publicity {
        #[command(subcommand)]
        what: PublicityVerb,
    },
    Returns {
        #[command(subcommand)]
        what: ReturnsVerb,
    },
}
#[derive(Subcommand, Debug)]
pub(crate) enum PublicityVerb {
    Import {
        #[arg(value_name = "TABLE")]
        table: PathBuf,
        #[arg(long, value_name = "FILE")]
        errors: Option<PathBuf>,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}
#[derive(Subcommand, Debug)]
pub(crate) enum ReturnsVerb {
    Template {
        #[arg(long, value_name = "AREA")]
        area: String,
        #[arg(long)]
        selected: bool,
        #[arg(long, value_name = "YYYY")]
        year: Option<i64>,
        #[arg(long, value_name = "YYYY-MM-DD")]
        due: String,
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Status {
        #[arg(long, value_name = "AREA", default_value = "", hide_default_value = true)]
        area: String,
        #[arg(long, value_name = "YYYY")]
        year: Option<i64>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Remind {
        #[arg(long, value_name = "AREA")]
        area: String,
        #[arg(long)]
        escalate: bool,
        #[arg(long, value_name = "YYYY-MM-DD")]
        due: String,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Import {
        #[arg(value_name = "FILE")]
        table: PathBuf,
        #[arg(long, value_name = "FILE")]
        back: Option<PathBuf>,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByArg {
    Supervisor,
    Province,
    Industry,
    Group,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProgressFormat {
    Text,
    Json,
    Csv,
    Html,
}

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Progress {
    #[command(subcommand)]
    pub(crate) what: Option<ProgressVerb>,
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) as_of: Option<String>,
    #[arg(long, value_name = "YYYY")]
    pub(crate) year: Option<i64>,
    #[arg(long, value_enum, value_name = "BY")]
    pub(crate) by: Option<ByArg>,
    #[arg(long)]
    pub(crate) sign: bool,
    #[arg(long, value_name = "TARGET")]
    pub(crate) prove: Option<String>,
    #[arg(long, value_name = "MEMBER", requires = "prove")]
    pub(crate) of: Option<String>,
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: ProgressFormat,
}
#[derive(Subcommand, Debug)]
pub(crate) enum ProgressVerb {
    Close {
        #[arg(long, value_name = "PERIOD")]
        period: String,
        #[arg(long, value_name = "YYYY")]
        year: Option<i64>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Bulletin {
        #[arg(long, value_name = "WEEK")]
        week: String,
        #[arg(long, value_name = "YYYY")]
        year: Option<i64>,
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Verify {
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}
