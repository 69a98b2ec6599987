//! What `watchfire guard` takes.

use super::Format;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct Guard {
    #[command(subcommand)]
    pub(crate) what: GuardVerb,
}

#[derive(Subcommand, Debug)]
pub(crate) enum GuardVerb {
    Check {
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Run {
        #[arg(long, value_name = "FILE", default_value = "guard.toml")]
        config: PathBuf,
    },
    Status(Socket),
    Hold {
        #[arg(value_name = "PID")]
        pid: u32,
        #[command(flatten)]
        order: Order,
    },
    Release {
        #[arg(value_name = "HOLD")]
        hold: u64,
        #[command(flatten)]
        order: Order,
    },
    Allow {
        #[arg(value_name = "HOLD")]
        hold: u64,
        #[arg(long, default_value_t = 60, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_080))]
        minutes: u64,
        #[command(flatten)]
        order: Order,
    },
    Kill {
        #[arg(value_name = "HOLD")]
        hold: u64,
        #[command(flatten)]
        order: Order,
    },
    Restore {
        #[arg(long, value_name = "FILE", default_value = "guard.toml")]
        config: PathBuf,
        #[arg(long, value_name = "HOLD")]
        incident: Option<u64>,
        #[arg(long, value_name = "WHO")]
        actor: Option<String>,
        #[arg(long, value_name = "TIME")]
        since: Option<String>,
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
        #[arg(long)]
        dry_run: bool,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    #[command(hide = true)]
    Trial {
        #[arg(value_name = "WORD", num_args = 3)]
        words: Vec<String>,
    },
}

/// Where the guard is, and how to answer.
#[derive(Args, Debug)]
pub(crate) struct Socket {
    #[arg(long, value_name = "SOCKET", default_value = "/run/watchfire/guard.sock")]
    pub(crate) socket: PathBuf,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
}

/// A decision: whose, and where.
#[derive(Args, Debug)]
pub(crate) struct Order {
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    #[command(flatten)]
    pub(crate) socket: Socket,
}
