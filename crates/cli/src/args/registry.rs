//! What `watchfire registry` takes.

use super::Format;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct Registry {
    #[command(subcommand)]
    pub(crate) what: RegistryVerb,
}

/// In what amounts are given.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnitArg {
    Yuan,
    Wan,
    Million,
    Yi,
}

/// Where the rows of a selection are read from.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FromArg {
    Log,
    Tables,
}

/// What sums are grouped by.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SumsByArg {
    Supervisor,
    Industry,
    All,
}

/// What rows can be written as.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowsFormat {
    Csv,
    Xlsx,
    Json,
}

#[derive(Subcommand, Debug)]
pub(crate) enum RegistryVerb {
    Import {
        #[arg(value_name = "TABLE")]
        table: PathBuf,
        #[arg(long, value_name = "YYYY")]
        year: i64,
        #[arg(long, value_enum, default_value = "yuan", value_name = "UNIT")]
        unit: UnitArg,
        #[arg(long, value_name = "FIELD=HEADING")]
        map: Vec<String>,
        #[arg(long, value_name = "FILE")]
        errors: Option<PathBuf>,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    List {
        #[arg(long, value_name = "AREA", default_value = "", hide_default_value = true)]
        area: String,
        #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
        industry: String,
        #[arg(long)]
        selected: bool,
        #[arg(long, value_name = "RULE", requires = "selected")]
        reading: Option<String>,
        #[arg(long, value_name = "USCC", default_value = "", hide_default_value = true)]
        after: String,
        #[arg(long, value_name = "ROWS", default_value = "50", value_parser = clap::value_parser!(u64).range(1..=10_000))]
        limit: u64,
        #[arg(long, value_name = "YYYY")]
        year: Option<i64>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Show {
        #[arg(value_name = "USCC")]
        uscc: String,
        #[arg(long, value_name = "YYYY")]
        year: Option<i64>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Select {
        #[arg(long, value_name = "YYYY")]
        year: Option<i64>,
        #[arg(long, value_enum, default_value = "log", value_name = "WHERE")]
        from: FromArg,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Sums {
        #[arg(long, value_enum, default_value = "supervisor", value_name = "BY")]
        by: SumsByArg,
        #[arg(long, value_name = "RULE")]
        reading: Option<String>,
        #[arg(long, value_name = "YYYY")]
        year: Option<i64>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Explain {
        #[arg(value_name = "USCC")]
        uscc: String,
        #[arg(long, value_name = "YYYY")]
        year: Option<i64>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Adjust {
        #[arg(value_name = "USCC")]
        uscc: String,
        #[arg(long, required_unless_present_any = ["remove", "withdraw"], conflicts_with_all = ["remove", "withdraw"])]
        add: bool,
        #[arg(long, conflicts_with = "withdraw")]
        remove: bool,
        #[arg(long)]
        withdraw: bool,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[arg(long, value_name = "YYYY")]
        year: Option<i64>,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Union {
        #[arg(long, value_name = "YYYY")]
        year: Option<i64>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Sources {
        #[arg(long, value_name = "YYYY")]
        year: Option<i64>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Compare {
        #[arg(long, value_name = "YYYY")]
        year: Option<i64>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Export {
        #[arg(long)]
        selected: bool,
        #[arg(long, value_name = "RULE", requires = "selected")]
        reading: Option<String>,
        #[arg(long, value_name = "YYYY")]
        year: Option<i64>,
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[arg(long, value_enum, default_value = "csv", value_name = "FORMAT")]
        format: RowsFormat,
    },
}
