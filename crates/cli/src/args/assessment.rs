//! `watchfire assessment`: the yearly risk-assessment report.

use super::PaperFormat;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct Assessment {
    #[command(subcommand)]
    pub(crate) what: AssessmentVerb,
}

#[derive(Subcommand, Debug)]
pub(crate) enum AssessmentVerb {
    Draw {
        #[arg(long, value_name = "FIELD=TEXT")]
        set: Vec<String>,
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
        #[arg(long, value_enum, value_delimiter = ',', default_value = "html", value_name = "FORMAT")]
        format: Vec<PaperFormat>,
    },
}
