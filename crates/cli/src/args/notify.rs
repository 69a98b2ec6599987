//! What `watchfire notify` takes.

use super::Format;
use clap::{Args, Subcommand};

#[derive(Args, Debug)]
pub(crate) struct Notify {
    #[command(subcommand)]
    pub(crate) what: NotifyVerb,
}

#[derive(Subcommand, Debug)]
pub(crate) enum NotifyVerb {
    Check(Days),
    Rota(Days),
    Test {
        #[arg(value_name = "CHANNEL", required_unless_present = "role", conflicts_with = "role")]
        channel: Option<String>,
        #[arg(long, value_name = "PERSON", conflicts_with = "role")]
        to: Option<String>,
        #[arg(long, value_name = "ROLE")]
        role: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    List {
        #[arg(long = "about", value_name = "ID")]
        of: Option<String>,
        #[arg(long)]
        failed: bool,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Ack {
        #[arg(value_name = "ID")]
        id: String,
        #[arg(long, value_name = "CLOCK")]
        clock: Option<String>,
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Delegate {
        #[arg(value_name = "ROLE")]
        role: String,
        #[arg(long, value_name = "PERSON")]
        from: String,
        #[arg(long, value_name = "PERSON")]
        to: String,
        #[arg(long, value_name = "YYYY-MM-DD")]
        since: Option<String>,
        #[arg(long, value_name = "YYYY-MM-DD")]
        until: String,
        #[arg(long, value_name = "CODE")]
        area: Vec<String>,
        #[arg(long, value_name = "KIND")]
        kind: Vec<String>,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Revoke {
        #[arg(value_name = "ID")]
        id: String,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}

/// A span of the rota.
#[derive(Args, Debug)]
pub(crate) struct Days {
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) from: Option<String>,
    #[arg(long, default_value_t = 14, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=366))]
    pub(crate) days: u16,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
}
