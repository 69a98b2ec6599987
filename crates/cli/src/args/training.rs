//! What `watchfire training` and `watchfire expert` take.

use super::Format;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct Training {
    #[command(subcommand)]
    pub(crate) what: TrainingVerb,
}

/// What a list can be written as.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListFormat {
    Text,
    Json,
    Csv,
}

/// Why something is taken back.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReasonArg {
    Error,
    NotHeld,
    Request,
    Misconduct,
    ExpiredPapers,
    Other,
}

/// What ties an expert to an enterprise.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TieArg {
    Employment,
    Contract,
    Ownership,
    Family,
    Other,
}

#[derive(Subcommand, Debug)]
pub(crate) enum TrainingVerb {
    #[command(subcommand)]
    Course(CourseVerb),
    #[command(subcommand)]
    Session(SessionVerb),
    #[command(subcommand)]
    Test(TestVerb),
    #[command(subcommand)]
    Certificate(CertificateVerb),
    Forget {
        #[arg(value_name = "PERSON")]
        person: String,
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
    Status {
        #[arg(long, value_name = "DATE")]
        as_of: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: ListFormat,
    },
}

#[derive(Subcommand, Debug)]
pub(crate) enum CourseVerb {
    Add {
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    List {
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: ListFormat,
    },
    Show {
        #[arg(value_name = "CODE")]
        code: String,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Print {
        #[arg(value_name = "CODE")]
        code: String,
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        #[arg(long)]
        answers: bool,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}

#[derive(Subcommand, Debug)]
pub(crate) enum SessionVerb {
    Add {
        #[arg(value_name = "COURSE")]
        course: String,
        #[arg(long, value_name = "DATE")]
        day: String,
        #[arg(long, value_name = "DATE")]
        last_day: Option<String>,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    List {
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: ListFormat,
    },
    Show {
        #[arg(value_name = "SESSION")]
        session: String,
        #[arg(long)]
        names: bool,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: ListFormat,
    },
    Attend {
        #[arg(value_name = "SESSION")]
        session: String,
        #[arg(value_name = "NAME", required = true)]
        names: Vec<String>,
        #[arg(long, value_name = "CODE", conflicts_with = "document")]
        door: Option<String>,
        #[arg(long, value_name = "FILE")]
        document: Option<PathBuf>,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Import {
        #[arg(value_name = "SESSION")]
        session: String,
        #[arg(value_name = "TABLE")]
        table: PathBuf,
        #[arg(long, value_name = "FILE")]
        document: Option<PathBuf>,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Door {
        #[arg(value_name = "SESSION")]
        session: String,
        #[arg(long, value_name = "MINUTES", default_value = "30", value_parser = clap::value_parser!(i64).range(1..=720))]
        minutes: i64,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Close {
        #[arg(value_name = "SESSION")]
        session: String,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Withdraw {
        #[arg(value_name = "SESSION")]
        session: String,
        #[arg(long, value_name = "RECORD")]
        batch: Option<String>,
        #[arg(long, value_enum, value_name = "REASON")]
        reason: ReasonArg,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}

#[derive(Subcommand, Debug)]
pub(crate) enum TestVerb {
    Print {
        #[arg(value_name = "SESSION")]
        session: String,
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        #[arg(long, value_name = "LETTER", default_value = "A")]
        version: String,
        #[arg(long)]
        answers: bool,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Mark {
        #[arg(value_name = "SESSION")]
        session: String,
        #[arg(value_name = "NAME")]
        name: String,
        #[arg(value_name = "ANSWERS")]
        answers: String,
        #[arg(long, value_name = "LETTER", default_value = "A")]
        version: String,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Import {
        #[arg(value_name = "SESSION")]
        session: String,
        #[arg(value_name = "TABLE")]
        table: PathBuf,
        #[arg(long, value_name = "LETTER", default_value = "A")]
        version: String,
        #[arg(long, value_name = "FILE")]
        document: Option<PathBuf>,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}

#[derive(Subcommand, Debug)]
pub(crate) enum CertificateVerb {
    Issue {
        #[arg(value_name = "SESSION")]
        session: String,
        #[arg(value_name = "PERSON")]
        person: String,
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        #[arg(long)]
        with_name: bool,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    List {
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: ListFormat,
    },
    Revoke {
        #[arg(value_name = "ID")]
        id: String,
        #[arg(long, value_enum, value_name = "REASON")]
        reason: ReasonArg,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Status {
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[arg(long, value_name = "YYYY", value_parser = clap::value_parser!(i64).range(2000..=9999))]
        year: Option<i64>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Key {
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Page {
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Expert {
    #[command(subcommand)]
    pub(crate) what: ExpertVerb,
}

#[derive(Subcommand, Debug)]
pub(crate) enum ExpertVerb {
    Certify {
        #[arg(value_name = "PERSON")]
        person: String,
        #[arg(long, value_name = "FIELD")]
        field: String,
        #[arg(long, value_name = "DATE")]
        until: String,
        #[arg(long, value_name = "FILE")]
        document: Option<PathBuf>,
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        employer: String,
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        contact: String,
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        #[arg(long, requires = "out")]
        with_name: bool,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Renew {
        #[arg(value_name = "EXPERT")]
        expert: String,
        #[arg(long, value_name = "DATE")]
        until: String,
        #[arg(long, value_name = "FILE")]
        document: Option<PathBuf>,
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Revoke {
        #[arg(value_name = "EXPERT")]
        expert: String,
        #[arg(long, value_enum, value_name = "REASON")]
        reason: ReasonArg,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    List {
        #[arg(long, value_name = "DATE")]
        as_of: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: ListFormat,
    },
    Conflict {
        #[arg(value_name = "EXPERT")]
        expert: String,
        #[arg(value_name = "USCC")]
        enterprise: String,
        #[arg(long, value_enum, value_name = "KIND")]
        kind: TieArg,
        #[arg(long, value_name = "DATE")]
        since: Option<String>,
        #[arg(long, value_name = "DATE")]
        until: Option<String>,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Pool {
        #[arg(long, value_name = "USCC", required_unless_present = "incident")]
        enterprise: Option<String>,
        #[arg(long, value_name = "ID", conflicts_with = "enterprise")]
        incident: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: ListFormat,
    },
    Verify {
        #[arg(value_name = "CERTIFICATE")]
        certificate: String,
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
        #[arg(long, value_name = "FILE")]
        status: Option<PathBuf>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}
