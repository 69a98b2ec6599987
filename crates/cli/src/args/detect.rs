//! What `watchfire detect` takes.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct Detect {
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    #[arg(long, value_name = "PATH")]
    pub(crate) rules: Vec<PathBuf>,
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(crate) level: Option<LevelArg>,
    #[arg(long, value_name = "+HH:MM", allow_hyphen_values = true)]
    pub(crate) zone: Option<String>,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: DetectFormat,
    #[arg(long, value_name = "ALERT", conflicts_with = "why_not")]
    pub(crate) explain: Option<String>,
    #[arg(long, num_args = 2, value_names = ["RULE", "EVENT"])]
    pub(crate) why_not: Option<Vec<String>>,
    #[arg(long)]
    pub(crate) follow: bool,
    #[arg(long, value_name = "DIR")]
    pub(crate) mappings: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub(crate) layer: Option<PathBuf>,
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(crate) fail_on: Option<LevelArg>,
    #[arg(long, value_name = "N")]
    pub(crate) workers: Option<usize>,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DetectFormat {
    Text,
    Json,
    Jsonl,
    Csv,
    Sarif,
    Html,
}

/// A level of Sigma.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LevelArg {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}
impl From<LevelArg> for sigma::Level {
    fn from(l: LevelArg) -> Self {
        match l {
            LevelArg::Informational => Self::Informational,
            LevelArg::Low => Self::Low,
            LevelArg::Medium => Self::Medium,
            LevelArg::High => Self::High,
            LevelArg::Critical => Self::Critical,
        }
    }
}
