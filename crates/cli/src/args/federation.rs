//! What `watchfire node`, `submit`, `outbox` and `receipts` take.

use super::Format;
use clap::{Args, Subcommand, ValueEnum};
use evidence::NodeRole;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct NodeArgs {
    #[command(subcommand)]
    pub(crate) what: NodeVerb,
}

/// Which part of the programme a node plays.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RoleOfNode {
    Plant,
    Group,
    City,
    Province,
    Ministry,
}
impl From<RoleOfNode> for NodeRole {
    fn from(role: RoleOfNode) -> Self {
        match role {
            RoleOfNode::Plant => Self::Plant,
            RoleOfNode::Group => Self::Group,
            RoleOfNode::City => Self::City,
            RoleOfNode::Province => Self::Province,
            RoleOfNode::Ministry => Self::Ministry,
        }
    }
}

/// What a node is.
#[derive(Args, Debug)]
pub(crate) struct PartArgs {
    #[arg(long, value_enum, value_name = "ROLE")]
    pub(crate) role: RoleOfNode,
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    #[arg(long, value_name = "AREA", default_value = "", hide_default_value = true)]
    pub(crate) area: String,
    #[arg(long, value_name = "USCC", default_value = "", hide_default_value = true)]
    pub(crate) uscc: String,
}

/// A decision on a member.
#[derive(Args, Debug)]
pub(crate) struct Decision {
    #[arg(value_name = "NODE")]
    pub(crate) node: String,
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
}

#[derive(Subcommand, Debug)]
pub(crate) enum NodeVerb {
    Init {
        #[command(flatten)]
        part: PartArgs,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Show {
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Invite {
        #[command(flatten)]
        part: PartArgs,
        #[arg(long, value_name = "DAYS", default_value_t = node::CODE_DAYS.0)]
        days: i64,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Invitations {
        #[arg(long, value_name = "INVITATION")]
        withdraw: Option<String>,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Enrol {
        #[arg(long, value_name = "CODE")]
        code: String,
        #[arg(long, value_name = "URL")]
        parent: Option<String>,
        #[arg(long, value_name = "FILE")]
        ca: Option<PathBuf>,
        #[arg(long, value_name = "FILE", conflicts_with_all = ["parent", "answer"])]
        request_out: Option<PathBuf>,
        #[arg(long, value_name = "FILE")]
        answer: Option<PathBuf>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Admit {
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[arg(long, value_name = "FILE")]
        answer_out: PathBuf,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Members {
        #[arg(long, value_name = "AREA", default_value = "", hide_default_value = true)]
        area: String,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Suspend(Decision),
    Lost(Decision),
    Revoke(Decision),
    Certify(Decision),
    Receive {
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        #[arg(long, value_name = "DIR")]
        answer_out: Option<PathBuf>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Submit {
    #[arg(long, value_name = "PARENT")]
    pub(crate) parent: Option<String>,
    #[arg(long, value_name = "FILE", conflicts_with_all = ["answer", "preview"])]
    pub(crate) out: Option<PathBuf>,
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "preview"])]
    pub(crate) answer: Vec<PathBuf>,
    #[arg(long, value_name = "INDEX")]
    pub(crate) from: Option<u64>,
    #[arg(long)]
    pub(crate) preview: bool,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
}

#[derive(Args, Debug)]
pub(crate) struct Outbox {
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
}

#[derive(Args, Debug)]
pub(crate) struct Receipts {
    #[arg(long, value_name = "FILE")]
    pub(crate) export: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
}
