//! What `watchfire staff` takes.

use super::Format;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct Staff {
    #[command(subcommand)]
    pub(crate) what: StaffVerb,
}

#[derive(Subcommand, Debug)]
pub(crate) enum StaffVerb {
    Import {
        #[arg(value_name = "TABLE")]
        table: PathBuf,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Show {
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Drop {
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}
