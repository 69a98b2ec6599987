//! What `watchfire oversight` and `watchfire order` take.

use super::{Format, MeasureFormat, RowsFormat, SeverityArg};
use clap::{Args, Subcommand, ValueEnum};
use evidence::Mending;
use judge::ListOf;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct OversightArgs {
    #[command(subcommand)]
    pub(crate) what: OversightVerb,
}

/// Which list.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListArg {
    Key,
    Risk,
    Measures,
}
impl From<ListArg> for ListOf {
    fn from(list: ListArg) -> Self {
        match list {
            ListArg::Key => Self::Key,
            ListArg::Risk => Self::Risk,
            ListArg::Measures => Self::Measures,
        }
    }
}

/// Of which enterprises, and as of when.
#[derive(Args, Debug)]
pub(crate) struct Which {
    #[arg(long, value_name = "AREA", default_value = "", hide_default_value = true)]
    pub(crate) supervisor: String,
    #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) province: String,
    #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) city: String,
    #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) industry: String,
    #[arg(long, value_name = "USCC", default_value = "", hide_default_value = true)]
    pub(crate) group: String,
    #[arg(long, value_name = "YYYY")]
    pub(crate) year: Option<i64>,
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<String>,
}

/// A page.
#[derive(Args, Debug)]
pub(crate) struct PageArgs {
    #[arg(long, value_name = "PLACE")]
    pub(crate) after: Option<String>,
    #[arg(long, value_name = "ROWS", default_value = "50", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) limit: u32,
}

#[derive(Subcommand, Debug)]
pub(crate) enum OversightVerb {
    List {
        #[arg(value_enum, value_name = "LIST", default_value = "risk")]
        list: ListArg,
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        page: PageArgs,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: MeasureFormat,
    },
    Queue {
        #[arg(long, value_name = "KIND", value_delimiter = ',')]
        kind: Vec<String>,
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        page: PageArgs,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: MeasureFormat,
    },
    Explain {
        #[arg(value_name = "USCC")]
        uscc: String,
        #[arg(long, value_name = "YYYY")]
        year: Option<i64>,
        #[arg(long, value_name = "DATE")]
        as_of: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Group {
        #[arg(value_name = "USCC")]
        uscc: Option<String>,
        #[arg(long, value_name = "YYYY")]
        year: Option<i64>,
        #[arg(long, value_name = "DATE")]
        as_of: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: MeasureFormat,
    },
    Export {
        #[arg(value_enum, value_name = "LIST", required_unless_present = "queue")]
        list: Option<ListArg>,
        #[arg(long, conflicts_with = "list")]
        queue: bool,
        #[command(flatten)]
        which: Which,
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[arg(long, value_enum, default_value = "xlsx", value_name = "FORMAT")]
        format: RowsFormat,
    },
}

#[derive(Args, Debug)]
pub(crate) struct OrderArgs {
    #[command(subcommand)]
    pub(crate) what: OrderVerb,
}

/// What came of looking again.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResultArg {
    Mended,
    NotMended,
}
impl From<ResultArg> for Mending {
    fn from(result: ResultArg) -> Self {
        match result {
            ResultArg::Mended => Self::Mended,
            ResultArg::NotMended => Self::NotMended,
        }
    }
}

/// Who writes it down, and how the answer is given.
#[derive(Args, Debug)]
pub(crate) struct OrderSaid {
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
}

/// Findings that an order asks for.
#[derive(Args, Debug)]
pub(crate) struct OrderWants {
    #[arg(long)]
    pub(crate) findings: bool,
    #[arg(long, value_name = "SCENARIO", value_delimiter = ',', requires = "findings")]
    pub(crate) scenario: Vec<String>,
    #[arg(long, value_enum, value_name = "SEVERITY", requires = "findings")]
    pub(crate) severity: Option<SeverityArg>,
    #[arg(long, value_name = "DATE", requires = "findings")]
    pub(crate) since: Option<String>,
    #[arg(long, value_name = "COUNT", requires = "findings", default_value_t = 200)]
    pub(crate) most: u64,
}

/// What is done about findings that an order asks for: one of these.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct FindingsAct {
    #[arg(long)]
    pub(crate) preview: bool,
    #[arg(long, value_name = "DIGEST")]
    pub(crate) give: Option<String>,
    #[arg(long)]
    pub(crate) refuse: bool,
    #[arg(long)]
    pub(crate) open: bool,
}

#[derive(Subcommand, Debug)]
pub(crate) enum OrderVerb {
    Issue {
        #[arg(value_name = "USCC")]
        uscc: String,
        #[arg(long, value_name = "BASIS")]
        basis: String,
        #[arg(long, value_name = "TEXT")]
        demand: String,
        #[arg(long, value_name = "REASON", value_delimiter = ',')]
        because: Vec<String>,
        #[arg(long, value_name = "DAYS")]
        days: Option<i64>,
        #[arg(long, value_name = "FILE")]
        document: Option<PathBuf>,
        #[command(flatten)]
        wants: OrderWants,
        #[command(flatten)]
        said: OrderSaid,
    },
    Receive {
        #[arg(value_name = "FILE", requires = "publisher")]
        file: Option<PathBuf>,
        #[arg(long, value_name = "KEYS", requires = "file")]
        publisher: Option<PathBuf>,
        #[command(flatten)]
        said: OrderSaid,
    },
    Answer {
        #[arg(value_name = "ID")]
        order: String,
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        says: String,
        #[arg(long, value_name = "FILE")]
        document: Vec<PathBuf>,
        #[arg(long, value_name = "DATE")]
        paper: Option<String>,
        #[command(flatten)]
        said: OrderSaid,
    },
    Extend {
        #[arg(value_name = "ID")]
        order: String,
        #[arg(long, value_name = "DAYS")]
        days: i64,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        said: OrderSaid,
    },
    Examine {
        #[arg(value_name = "ID")]
        order: String,
        #[arg(long, value_enum, value_name = "RESULT")]
        result: ResultArg,
        #[arg(long, value_name = "LEAF")]
        by: Option<String>,
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        note: String,
        #[command(flatten)]
        said: OrderSaid,
    },
    Close {
        #[arg(value_name = "ID")]
        order: String,
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        note: String,
        #[command(flatten)]
        said: OrderSaid,
    },
    Withdraw {
        #[arg(value_name = "ID")]
        order: String,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        said: OrderSaid,
    },
    Findings {
        #[arg(value_name = "ID")]
        order: String,
        #[command(flatten)]
        act: FindingsAct,
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        reason: String,
        #[command(flatten)]
        said: OrderSaid,
    },
    List {
        #[arg(long)]
        all: bool,
        #[arg(long, value_name = "USCC", default_value = "", hide_default_value = true)]
        uscc: String,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: MeasureFormat,
    },
    Show {
        #[arg(value_name = "ID")]
        order: String,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Export {
        #[arg(value_name = "ID")]
        order: String,
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}
