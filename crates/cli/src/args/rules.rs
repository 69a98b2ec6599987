//! What `watchfire rules` takes.

use super::Format;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct Rules {
    #[command(subcommand)]
    pub(crate) what: RulesVerb,
}

#[derive(Subcommand, Debug)]
pub(crate) enum RulesVerb {
    Check {
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Test {
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}
