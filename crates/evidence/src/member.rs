//! Nodes above and below: who is whose child, what a parent holds of a child's log, and what it caught
//! (`docs/specs/federation-v1.md`).

use crate::attestation::Stated;
use crate::{Attestation, Author, Digest, Doubt, NodeId, Time};
use serde::{Deserialize, Serialize};

/// Which part of the programme a node plays.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeRole {
    /// An enterprise, or one plant of it.
    Plant,
    /// A group: consolidates its enterprises, counts none of them twice.
    Group,
    /// A city to which a province delegated a scope.
    City,
    /// A local supervisor: one of 37.
    Province,
    /// The top.
    Ministry,
}
impl NodeRole {
    /// All of them, from below to above.
    pub const ALL: [NodeRole; 5] = [Self::Plant, Self::Group, Self::City, Self::Province, Self::Ministry];
    /// The name in records and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plant => "plant",
            Self::Group => "group",
            Self::City => "city",
            Self::Province => "province",
            Self::Ministry => "ministry",
        }
    }
    /// True if a node of this role may certify a child of the other.
    #[must_use]
    pub fn may_certify(self, child: NodeRole) -> bool {
        match self {
            Self::Plant => false,
            Self::Group => child == Self::Plant,
            Self::City => matches!(child, Self::Plant | Self::Group),
            Self::Province => matches!(child, Self::Plant | Self::Group | Self::City),
            Self::Ministry => matches!(child, Self::Province | Self::Group),
        }
    }
}

/// What a node is in the programme; every field that says nothing is an empty text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its part.
    pub role: NodeRole,
    /// Its name.
    pub name: String,
    /// Area that it acts for: a supervisor's code or a GB/T 2260 code; of the ministry empty.
    pub area: String,
    /// Unified social credit code; of an authority empty.
    pub uscc: String,
}

/// A node says what it is. The newest statement counts; certified it is only by its parent ([`Member`]).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// What it says it is.
    pub part: Part,
}

/// A parent invites one child, once.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    /// `n-` and the first eight hexadecimal digits of `code`: who knows the code knows the id.
    pub id: String,
    /// What the child will be. Nothing that the child asks for changes it.
    pub part: Part,
    /// Commitment to the code, which stands in no record: SHA-256 of `watchfire-enrol-v1` LF and the code's bytes.
    pub code: Digest,
    /// From then on the code is worth nothing.
    pub expires: Time,
    /// True: taken back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

/// Where a child stands with its parent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemberStanding {
    /// What it signs is accepted.
    Certified,
    /// Nothing more is accepted, for the time being; what was accepted stays.
    Suspended,
    /// Its keys are lost or stolen: nothing more is accepted under them. It can be invited anew.
    Lost,
    /// It is not a member any more.
    Revoked,
}
impl MemberStanding {
    /// All of them.
    pub const ALL: [MemberStanding; 4] = [Self::Certified, Self::Suspended, Self::Lost, Self::Revoked];
    /// The name in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Certified => "certified",
            Self::Suspended => "suspended",
            Self::Lost => "lost",
            Self::Revoked => "revoked",
        }
    }
}

/// What a parent certifies of a child. The newest record of a child counts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The parent.
    pub node: NodeId,
    /// Who decided, at the parent.
    pub author: Author,
    /// When, by the parent's clock.
    pub stated_at: Time,
    /// The child: the id of its first evidence key.
    pub child: NodeId,
    /// Where it stands.
    pub standing: MemberStanding,
    /// What it is.
    pub part: Part,
    /// Name of its log.
    pub origin: String,
    /// Its evidence keys, past and present: DER `SubjectPublicKeyInfo`, base64; the current one last.
    pub evidence_keys: Vec<String>,
    /// Its log keys, likewise.
    pub log_keys: Vec<String>,
    /// The invitation that it answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<String>,
    /// Leaf of the child's key change that this record follows from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<Digest>,
    /// Why, in the words of who decided; empty where it follows from a code or a key change.
    pub reason: String,
}

/// A record of a child that a parent took in with its content.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Received {
    /// Its index in the child's log.
    pub index: u64,
    /// Its leaf.
    pub leaf: Digest,
    /// Its `predicateType`.
    pub kind: String,
    /// What is wrong with what it says, found when it was judged again on arrival. It is kept all the same; nothing counts it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
}

/// A parent's word that it holds a child's log, whole, up to a checkpoint. With the proof that this record stands in the parent's
/// log it is the child's receipt.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The parent.
    pub node: NodeId,
    /// The child.
    pub child: NodeId,
    /// When, by the parent's clock.
    pub at: Time,
    /// Size that it held before.
    pub from: u64,
    /// Size that it holds now.
    pub size: u64,
    /// Root of that size, computed by the parent from the leaves.
    pub root: Digest,
    /// The child's signed checkpoint over exactly this, as it came.
    pub checkpoint: String,
    /// The records that came with their content, by index.
    pub records: Vec<Received>,
    /// It came as a file, not over a line.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub carried: bool,
}

/// A child signed two histories: kept by the parent, provable to everybody who has the child's log keys, from this record alone.
///
/// Both checkpoints are signed by the child. One of the two is over exactly `size` leaves or, with `proof`, is shown to begin with
/// other leaves than the other one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Equivocation {
    /// The parent.
    pub node: NodeId,
    /// The child.
    pub child: NodeId,
    /// When it was seen, by the parent's clock.
    pub at: Time,
    /// The smaller of the two sizes: there the roots differ.
    pub size: u64,
    /// The checkpoint that the parent holds.
    pub held: String,
    /// The checkpoint that came.
    pub given: String,
    /// Root at `size` of the history that the parent holds.
    pub held_root: Digest,
    /// Root at `size` of the history that came.
    pub given_root: Digest,
    /// RFC 6962 consistency proof from the root at `size` to the root of the larger checkpoint, within its own history; empty if
    /// both are of one size.
    pub proof: Vec<Digest>,
}

impl Attestation {
    /// What the node is.
    #[must_use]
    pub fn profile(node: NodeId, author: Author, stated_at: Time, profile: Profile) -> Self {
        Self { node, author, stated_at, what: Stated::Profile(profile) }
    }
    /// What the node is, if it is that.
    #[must_use]
    pub fn as_profile(&self) -> Option<&Profile> {
        match &self.what {
            Stated::Profile(p) => Some(p),
            _ => None,
        }
    }
    /// A child is invited, or the invitation is taken back.
    #[must_use]
    pub fn invitation(node: NodeId, author: Author, stated_at: Time, invitation: Invitation) -> Self {
        Self { node, author, stated_at, what: Stated::Invitation(invitation) }
    }
    /// The invitation, if it is one.
    #[must_use]
    pub fn as_invitation(&self) -> Option<&Invitation> {
        match &self.what {
            Stated::Invitation(i) => Some(i),
            _ => None,
        }
    }
}
