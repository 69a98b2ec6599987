//! What a node is responsible for, as a person declared it.

use crate::{Author, Document, NodeId, Time};
use serde::{Deserialize, Serialize};

/// Kinds of things a node can be responsible for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScopeKind {
    /// A computer.
    Host,
    /// A file share or folder tree.
    Share,
    /// A database.
    Database,
    /// A control network.
    ControlNetwork,
    /// A person with access.
    Person,
}
impl ScopeKind {
    /// Every kind.
    pub const ALL: [ScopeKind; 5] = [Self::Host, Self::Share, Self::Database, Self::ControlNetwork, Self::Person];
    /// The name in records, tables and word keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Share => "share",
            Self::Database => "database",
            Self::ControlNetwork => "control-network",
            Self::Person => "person",
        }
    }
}

/// One declared thing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeEntry {
    /// What kind.
    pub kind: ScopeKind,
    /// Its id: a host name, `host:/path` or `/path` of a share, a database URL without credentials, a network in
    /// CIDR form; of a person the keyed digest, never the name.
    pub id: String,
    /// A label for people to read; empty for persons.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// Site at which it stands.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub site: String,
    /// Country in which it stands: ISO 3166-1, two capitals.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub country: String,
}

/// What the node declares to be responsible for: the denominator of every standing. The newest one counts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Which node.
    pub node: NodeId,
    /// By whom it was declared.
    pub author: Author,
    /// When.
    pub stated_at: Time,
    /// The table it came from, if it was imported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
    /// Everything declared, sorted, without duplicates.
    pub entries: Vec<ScopeEntry>,
}
