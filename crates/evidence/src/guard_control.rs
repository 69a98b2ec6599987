//! What is said to a running guard and what it answers: one line of JSON each way (`docs/specs/guard-control-v1.md`).

use crate::Time;
use serde::{Deserialize, Serialize};

/// Longest line, in bytes.
pub const LINE_BYTES_MAX: usize = 64 << 10;
/// Holds that one status lists.
pub const HOLDS_MAX: usize = 256;

/// A request. Who may ask is who may open the socket: root.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum GuardAsk {
    /// How it stands.
    Status,
    /// The same in the text format of Prometheus.
    Metrics,
    /// Stop a process and whatever it is about to write.
    Hold {
        /// The process.
        pid: i64,
        /// Who decides.
        by: String,
    },
    /// Let a held actor go on; what it does next is judged anew.
    Release {
        /// The hold.
        hold: u64,
        /// Who decides.
        by: String,
    },
    /// Let a held actor go on and do not judge it for a while. Pre-images are still taken.
    Allow {
        /// The hold.
        hold: u64,
        /// How long.
        minutes: u64,
        /// Who decides.
        by: String,
    },
    /// End the processes of a held actor.
    Kill {
        /// The hold.
        hold: u64,
        /// Who decides.
        by: String,
    },
    /// The asking process puts files back: it is not judged, and may read the vault.
    Restoring,
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case", deny_unknown_fields)]
pub enum GuardAnswer {
    /// How it stands.
    Status(Box<GuardStatus>),
    /// Metrics as text.
    Metrics {
        /// Text of Prometheus.
        text: String,
    },
    /// Done.
    Done {
        /// Hold that it concerned, if one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hold: Option<u64>,
        /// Processes that it reached.
        processes: u64,
    },
    /// Not done.
    Refused {
        /// `no-such-hold`, `no-such-process`, `not-understood`, `failed`.
        why: String,
    },
}

/// One actor that is held.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuardHold {
    /// Its number.
    pub hold: u64,
    /// Since when.
    pub since: Time,
    /// Program.
    pub program: String,
    /// Process.
    pub pid: i64,
    /// User id.
    pub uid: u64,
    /// SMB user and address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
    /// `session`, `tree`, `peer`, `cgroup`, `user`, `share`, or `person` for a hold by order.
    pub scope: String,
    /// Processes that are stopped.
    pub processes: u64,
    /// Existing files that it touched before.
    pub files_touched: u64,
    /// Codes and points of the reasons.
    pub reasons: Vec<(String, u64)>,
}

/// One guarded share.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuardShare {
    /// Folder.
    pub path: crate::PathText,
    /// File system, as the kernel names it.
    pub file_system: String,
    /// Pre-images are reflinks; else copies up to `copy_bytes_max`.
    pub reflinks: bool,
    /// Largest copied file, bytes.
    pub copy_bytes_max: u64,
    /// Names are told: removal and replacement are followed.
    pub names: bool,
    /// `truncate(path)` is told before it happens.
    pub truncate: bool,
    /// `open` or `closed`: what becomes of writes if the guard dies.
    pub fail: String,
    /// Pre-images since the start.
    pub pre_images: u64,
    /// Gaps since the start.
    pub gaps: u64,
    /// Files in the link farm.
    pub linked: u64,
    /// Logical bytes in the vault.
    pub vault_bytes: u64,
    /// Its quota.
    pub quota_bytes: u64,
}

/// How a guard stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuardStatus {
    /// Since when it runs.
    pub since: Time,
    /// `observe` or `hold`.
    pub mode: String,
    /// Standing order of the plan that it acts by; absent: it holds nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// A second process keeps the door shut if this one dies.
    pub supervised: bool,
    /// Permission events answered.
    pub events: u64,
    /// Of them those that were about to write.
    pub writes: u64,
    /// Longest wait of an opener, microseconds.
    pub slowest_us: u64,
    /// Events that the kernel could not queue.
    pub overflows: u64,
    /// Shares.
    pub shares: Vec<GuardShare>,
    /// Who is held now.
    pub holds: Vec<GuardHold>,
}
