//! What `watchfire challenge` takes.

use super::Format;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Challenge {
    #[command(subcommand)]
    pub(crate) what: Option<ChallengeVerb>,
    #[arg(value_name = "NODE")]
    pub(crate) node: Option<String>,
    #[arg(long = "open", value_name = "COUNT", conflicts_with = "things")]
    pub(crate) items: Option<u64>,
    #[arg(long = "reobserve", value_name = "COUNT")]
    pub(crate) things: Option<u64>,
    #[command(flatten)]
    pub(crate) order: ChallengeOrder,
}

/// What every order takes.
#[derive(Args, Debug)]
pub(crate) struct ChallengeOrder {
    #[arg(long, value_name = "DAYS", default_value_t = node::CHALLENGE_DAYS.0)]
    pub(crate) days: i64,
    #[arg(long, value_name = "ROUND")]
    pub(crate) round: Option<String>,
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
}

#[derive(Subcommand, Debug)]
pub(crate) enum ChallengeVerb {
    Commit {
        #[arg(long, value_name = "ROUND")]
        round: String,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Open {
        #[arg(value_name = "NODE")]
        node: String,
        #[arg(long, value_name = "COUNT", default_value_t = 20)]
        count: u64,
        #[command(flatten)]
        order: ChallengeOrder,
    },
    Reobserve {
        #[arg(value_name = "NODE")]
        node: String,
        #[arg(long, value_name = "COUNT", default_value_t = 2)]
        count: u64,
        #[command(flatten)]
        order: ChallengeOrder,
    },
    Take {
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Answer {
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[arg(long, value_name = "NAME")]
        witness: Option<String>,
        #[arg(long, value_name = "FILE")]
        ticket: Option<PathBuf>,
        #[arg(long, value_name = "FILE", conflicts_with = "witness")]
        witnessed: Option<PathBuf>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Witness {
        #[arg(value_name = "ID")]
        id: Option<String>,
        #[arg(long, value_name = "FILE", conflicts_with = "id", required_unless_present = "id", requires = "out")]
        ticket: Option<PathBuf>,
        #[arg(long, value_name = "FILE", requires = "ticket")]
        out: Option<PathBuf>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    List {
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Show {
        #[arg(value_name = "ID", required_unless_present = "lies")]
        id: Option<String>,
        #[arg(long, conflicts_with = "id")]
        lies: bool,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}
