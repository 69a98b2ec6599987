//! What `watchfire serve` and `watchfire demo` take.

use super::Format;
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct Serve {
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8420")]
    pub(crate) listen: SocketAddr,
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) client_ca: Option<PathBuf>,
    #[arg(long, conflicts_with = "cert")]
    pub(crate) plain_http: bool,
    #[arg(long, value_name = "NAME", num_args = 1.., conflicts_with_all = ["listen", "client_ca", "plain_http"])]
    pub(crate) make_cert: Vec<String>,
    #[arg(long, value_name = "N", default_value = "730", requires = "make_cert", value_parser = clap::value_parser!(u32).range(1..=i64::from(console::DAYS_MAX)))]
    pub(crate) days: u32,
    #[arg(long)]
    pub(crate) line_only: bool,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
}

/// What `watchfire demo` takes.
#[derive(Args, Debug)]
pub(crate) struct Demo {
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    #[arg(long, value_name = "PORT", default_value = "8420")]
    pub(crate) port: u16,
    #[arg(long)]
    pub(crate) once: bool,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
}
