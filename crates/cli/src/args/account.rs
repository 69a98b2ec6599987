//! What `watchfire account` takes.

use super::Format;
use clap::{Args, Subcommand, ValueEnum};

#[derive(Args, Debug)]
pub(crate) struct AccountArgs {
    #[command(subcommand)]
    pub(crate) what: AccountVerb,
}

/// Role of an account.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccountRoleArg {
    Administrator,
    Officer,
    Analyst,
    Trainer,
    Duty,
    Auditor,
}
impl From<AccountRoleArg> for node::accounts::AccountRole {
    fn from(r: AccountRoleArg) -> Self {
        match r {
            AccountRoleArg::Administrator => Self::Administrator,
            AccountRoleArg::Officer => Self::Officer,
            AccountRoleArg::Analyst => Self::Analyst,
            AccountRoleArg::Trainer => Self::Trainer,
            AccountRoleArg::Duty => Self::Duty,
            AccountRoleArg::Auditor => Self::Auditor,
        }
    }
}

#[derive(Subcommand, Debug)]
pub(crate) enum AccountVerb {
    Add {
        #[arg(value_name = "LOGIN")]
        login: String,
        #[arg(long, value_name = "NAME")]
        name: String,
        #[arg(long, value_enum, value_name = "ROLE")]
        role: AccountRoleArg,
        #[arg(long, value_name = "CODE")]
        area: Vec<String>,
        #[arg(long, value_name = "USCC")]
        enterprise: Vec<String>,
        #[arg(long, conflicts_with = "password_ask")]
        password_stdin: bool,
        #[arg(long)]
        password_ask: bool,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    List {
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Change {
        #[arg(value_name = "LOGIN")]
        login: String,
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        #[arg(long, value_enum, value_name = "ROLE")]
        role: Option<AccountRoleArg>,
        #[arg(long, value_name = "CODE", conflicts_with = "everything")]
        area: Vec<String>,
        #[arg(long, value_name = "USCC", conflicts_with = "everything")]
        enterprise: Vec<String>,
        #[arg(long)]
        everything: bool,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Reset(AccountOne),
    Disable(AccountOne),
    Enable(AccountOne),
}

/// An account by its login.
#[derive(Args, Debug)]
pub(crate) struct AccountOne {
    #[arg(value_name = "LOGIN")]
    pub(crate) login: String,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
}
