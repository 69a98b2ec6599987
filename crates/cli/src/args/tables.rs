//! What `watchfire tables` takes.

use super::Format;
use clap::{Args, Subcommand};

#[derive(Args, Debug)]
pub(crate) struct Tables {
    #[command(subcommand)]
    pub(crate) what: TablesVerb,
}

#[derive(Subcommand, Debug)]
pub(crate) enum TablesVerb {
    Status {
        #[arg(long)]
        verify: bool,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Rebuild {
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Drop {
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}
