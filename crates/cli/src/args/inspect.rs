//! What `watchfire inspect` and `watchfire advisories` take.

use super::{Format, SeverityArg};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Inspect {
    #[command(subcommand)]
    pub(crate) what: Option<InspectVerb>,
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Vec<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Vec<PathBuf>,
    #[arg(long, value_name = "FILE", conflicts_with = "capture", group = "one-name")]
    pub(crate) sbom: Vec<PathBuf>,
    #[arg(long, value_name = "NAME", requires = "one-name")]
    pub(crate) name: Option<String>,
    #[arg(long, value_name = "FILE", conflicts_with_all = ["root", "from", "sbom"])]
    pub(crate) fleet: Option<PathBuf>,
    #[arg(long, value_name = "FILE", num_args = 1.., group = "one-name", conflicts_with_all = ["fleet", "collect", "recheck"])]
    pub(crate) capture: Vec<PathBuf>,
    #[arg(long)]
    pub(crate) thorough: bool,
    #[arg(long, value_name = "PATH")]
    pub(crate) yara: Vec<PathBuf>,
    #[arg(long, value_name = "PATH")]
    pub(crate) products: Vec<PathBuf>,
    #[arg(long, conflicts_with_all = ["from", "sbom", "fleet", "recheck", "format", "fail_on"])]
    pub(crate) collect: bool,
    #[arg(long, value_enum, value_name = "SYSTEM", exclusive = true)]
    pub(crate) collector: Option<CollectorArg>,
    #[arg(long, value_name = "ID", conflicts_with_all = ["root", "from", "sbom", "fleet"])]
    pub(crate) recheck: Option<String>,
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[arg(long, value_enum, value_delimiter = ',', default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Vec<HostFormat>,
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<SeverityArg>,
}
#[derive(Subcommand, Debug)]
pub(crate) enum InspectVerb {
    Diff {
        #[arg(value_name = "RUN1", requires = "after")]
        before: Option<String>,
        #[arg(value_name = "RUN2")]
        after: Option<String>,
        #[arg(long)]
        fail_on_worse: bool,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}
/// The systems that there is a collector script for.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CollectorArg {
    Windows,
}
/// What a report on hosts can be written as.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum HostFormat {
    Text,
    Json,
    Csv,
    Sarif,
    Ocsf,
    Cyclonedx,
    Spdx,
    Html,
}

#[derive(Args, Debug)]
pub(crate) struct Advisories {
    #[command(subcommand)]
    pub(crate) what: AdvisoriesVerb,
}
#[derive(Subcommand, Debug)]
pub(crate) enum AdvisoriesVerb {
    Import {
        #[arg(value_name = "PATH", required = true)]
        paths: Vec<PathBuf>,
        #[arg(long, value_name = "NAME")]
        name: String,
        #[arg(long, value_name = "TEXT")]
        source: Option<String>,
        #[arg(long, value_name = "FILE", conflicts_with = "source")]
        publisher: Option<PathBuf>,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Export {
        #[arg(value_name = "NAME")]
        name: String,
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Status {
        #[arg(long, value_name = "DAYS")]
        max_age: Option<i64>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Drop {
        #[arg(value_name = "NAME")]
        name: String,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Statements {
    #[command(subcommand)]
    pub(crate) what: StatementsVerb,
}
#[derive(Subcommand, Debug)]
pub(crate) enum StatementsVerb {
    Import {
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[arg(long, value_name = "NAME")]
        name: String,
        #[arg(long, value_name = "HOST")]
        host: Option<String>,
        #[arg(long, value_name = "TEXT")]
        tool: Option<String>,
        #[arg(long, value_name = "YYYY-MM-DD")]
        date: Option<String>,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    List {
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Drop {
        #[arg(value_name = "NAME")]
        name: String,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}
