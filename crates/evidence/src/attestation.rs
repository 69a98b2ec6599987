//! What a person states, and how far the person's name can be trusted.

use crate::{
    Adjustment, AdvisoryPack, CheckId, CountryTable, Delegation, Digest, Filing, ForeignReport, Grading, Invitation,
    KeyChange, Listing, NodeId, Profile, Staff, Time,
};
use serde::{Deserialize, Serialize};

/// How the author of a statement was authenticated. Said, because it is the weakest link of most statements.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "kebab-case")]
pub enum Authenticated {
    /// Somebody typed this name; nobody checked it.
    TypedName,
    /// The account of the operating system that ran the program.
    OsAccount {
        /// Account name.
        account: String,
        /// Numeric user id.
        uid: u32,
    },
    /// An account of the node itself, in a session of its console or by a token of its API.
    NodeAccount {
        /// Login.
        login: String,
        /// What the session was opened with, each once, in ascending order.
        factors: Vec<Factor>,
    },
}

/// What somebody showed to open a session of a node's account.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Factor {
    /// A password that the node holds an argon2id digest of.
    Password,
    /// A one-time password by time (RFC 6238).
    Totp,
    /// A recovery code, spent by it.
    RecoveryCode,
    /// The word of an OpenID Connect provider that the node was told to believe.
    Oidc,
    /// A token of the API.
    Token,
}

/// Who states something.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Author {
    /// Name as given.
    pub name: String,
    /// How far the name can be trusted.
    pub authenticated: Authenticated,
}

/// A document that backs a statement: named by digest, kept by the plant.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// File name without its folder.
    pub name: String,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Size in bytes.
    pub bytes: u64,
}

/// A person answers an organisational check. Shown as *documented*, never as machine-evidenced.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Which check.
    pub check: CheckId,
    /// True: fulfilled. False: not fulfilled.
    pub fulfilled: bool,
    /// The document that shows it; without one the answer is only *declared*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
    /// Since when it holds, midnight UTC of the date.
    pub effective: Time,
    /// Who approved it, by name.
    pub approver: String,
}

/// What a person can state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "states", rename_all = "kebab-case")]
pub(crate) enum Stated {
    Answer(Answer),
    KeyChange(KeyChange),
    Listing(Listing),
    Grading(Grading),
    Filing(Filing),
    AdvisoryPack(AdvisoryPack),
    StaffList(Staff),
    ForeignReport(ForeignReport),
    Delegation(Delegation),
    CountryTable(CountryTable),
    Adjustment(Adjustment),
    Profile(Profile),
    Invitation(Invitation),
}

/// A person's statement.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attestation {
    /// The node at which it was stated.
    pub node: NodeId,
    /// By whom.
    pub author: Author,
    /// When, by the node's own clock.
    pub stated_at: Time,
    pub(crate) what: Stated,
}
impl Attestation {
    /// An answer to an organisational check.
    #[must_use]
    pub fn answer(node: NodeId, author: Author, stated_at: Time, answer: Answer) -> Self {
        Self { node, author, stated_at, what: Stated::Answer(answer) }
    }
    /// A change of keys.
    #[must_use]
    pub fn key_change(node: NodeId, author: Author, stated_at: Time, change: KeyChange) -> Self {
        Self { node, author, stated_at, what: Stated::KeyChange(change) }
    }
    /// The plant's own catalogue.
    #[must_use]
    pub fn listing(node: NodeId, author: Author, stated_at: Time, listing: Listing) -> Self {
        Self { node, author, stated_at, what: Stated::Listing(listing) }
    }
    /// The list of staff.
    #[must_use]
    pub fn staff(node: NodeId, author: Author, stated_at: Time, staff: Staff) -> Self {
        Self { node, author, stated_at, what: Stated::StaffList(staff) }
    }
    /// A decision on the level of an asset.
    #[must_use]
    pub fn grading(node: NodeId, author: Author, stated_at: Time, grading: Grading) -> Self {
        Self { node, author, stated_at, what: Stated::Grading(grading) }
    }
    /// A catalogue was filed.
    #[must_use]
    pub fn filing(node: NodeId, author: Author, stated_at: Time, filing: Filing) -> Self {
        Self { node, author, stated_at, what: Stated::Filing(filing) }
    }
    /// A pack of advisories was imported or dropped.
    #[must_use]
    pub fn advisory_pack(node: NodeId, author: Author, stated_at: Time, pack: AdvisoryPack) -> Self {
        Self { node, author, stated_at, what: Stated::AdvisoryPack(pack) }
    }
    /// A table of countries was brought in or dropped.
    #[must_use]
    pub fn country_table(node: NodeId, author: Author, stated_at: Time, table: CountryTable) -> Self {
        Self { node, author, stated_at, what: Stated::CountryTable(table) }
    }
    /// The table of countries, if it is one.
    #[must_use]
    pub fn as_country_table(&self) -> Option<&CountryTable> {
        match &self.what {
            Stated::CountryTable(t) => Some(t),
            _ => None,
        }
    }
    /// The pack of advisories, if it is one.
    #[must_use]
    pub fn as_advisory_pack(&self) -> Option<&AdvisoryPack> {
        match &self.what {
            Stated::AdvisoryPack(p) => Some(p),
            _ => None,
        }
    }
    /// The list of staff, if it is one.
    #[must_use]
    pub fn as_staff(&self) -> Option<&Staff> {
        match &self.what {
            Stated::StaffList(s) => Some(s),
            _ => None,
        }
    }
    /// The answer, if it is one.
    #[must_use]
    pub fn as_answer(&self) -> Option<&Answer> {
        match &self.what {
            Stated::Answer(a) => Some(a),
            _ => None,
        }
    }
    /// The change of keys, if it is one.
    #[must_use]
    pub fn as_key_change(&self) -> Option<&KeyChange> {
        match &self.what {
            Stated::KeyChange(k) => Some(k),
            _ => None,
        }
    }
    /// The plant's own catalogue, if it is one.
    #[must_use]
    pub fn as_listing(&self) -> Option<&Listing> {
        match &self.what {
            Stated::Listing(l) => Some(l),
            _ => None,
        }
    }
    /// The decision on a level, if it is one.
    #[must_use]
    pub fn as_grading(&self) -> Option<&Grading> {
        match &self.what {
            Stated::Grading(g) => Some(g),
            _ => None,
        }
    }
    /// The filing, if it is one.
    #[must_use]
    pub fn as_filing(&self) -> Option<&Filing> {
        match &self.what {
            Stated::Filing(f) => Some(f),
            _ => None,
        }
    }
}
