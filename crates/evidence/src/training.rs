//! Training and experts: sessions, attendance, tests, certificates, conflicts of interest (`docs/specs/training-v1.md`).
//!
//! People stand in these records as keyed digests and nowhere by name; who they are is in the node's private database, from
//! which a person can be taken out without touching the log. What a batch lists lies beside its record, one line a person.
//!
//! Refused: free texts about people (a reason typed into a box is where names leak): reasons are codes.

use crate::{Author, Digest, Document, ItemRoot, KeyedDigest, NodeId, Rung, Time, leaf_hash, merkle_root};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most lines of one batch.
pub const BATCH_LINES_MAX: usize = 100_000;
/// Longest window of a door code, in minutes.
pub const DOOR_MINUTES_MAX: i64 = 12 * 60;

/// Names of an enumeration, as they stand in records and word keys.
macro_rules! names {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$doc])* $variant),+ }
        impl $name {
            /// All of them.
            pub const ALL: &[$name] = &[$(Self::$variant),+];
            /// The name in records and word keys.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
            /// By its name.
            #[must_use]
            pub fn of(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|x| x.name() == name)
            }
        }
    };
}

names! {
    /// For whom a course is. Words `audience.<name>`.
    Audience {
        /// Everybody who works in a plant.
        PlantStaff = "plant-staff",
        /// Who is responsible for data security there.
        Officer = "officer",
        /// Staff of an authority.
        Regulator = "regulator",
    }
}
names! {
    /// Why something is taken back. Words `training-reason.<name>`.
    TakenBack {
        /// Recorded by mistake.
        Error = "error",
        /// It did not take place.
        NotHeld = "not-held",
        /// The person asked for it.
        Request = "request",
        /// Misconduct.
        Misconduct = "misconduct",
        /// What it rested on has ended.
        ExpiredPapers = "expired-papers",
        /// Another reason, in the papers.
        Other = "other",
    }
}
names! {
    /// What ties an expert to an enterprise. Words `conflict.<name>`.
    ConflictKind {
        /// Works there.
        Employment = "employment",
        /// Sells to it or advises it.
        Contract = "contract",
        /// Owns a part of it.
        Ownership = "ownership",
        /// Close family works there or owns it.
        Family = "family",
        /// Something else, in the papers.
        Other = "other",
    }
}

/// A course that is taught here: the numbers that count, and the file that holds the rest.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CourseAdded {
    /// Its code.
    pub code: String,
    /// SHA-256 of the course file, which is kept beside the record.
    pub digest: Digest,
    /// Length, in minutes of teaching.
    pub minutes: u64,
    /// For whom.
    pub audience: Audience,
    /// Months that a certificate is valid; 0: it does not expire.
    pub validity_months: u64,
    /// Share of right answers that passes, in percent.
    pub pass_percent: u64,
    /// Questions of one paper.
    pub asked: u64,
}

/// A session is held.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionAdded {
    /// `t-` and eight hexadecimal digits.
    pub session: String,
    /// Code of the course.
    pub course: String,
    /// SHA-256 of the course file.
    pub digest: Digest,
    /// For whom.
    pub audience: Audience,
    /// Its first day: midnight UTC of the date.
    pub day: Time,
    /// Its last day.
    pub last_day: Time,
}

/// People attended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttendanceBatch {
    /// Which session.
    pub session: String,
    /// Commitment to the lines.
    pub rows: ItemRoot,
    /// How sure the signer is; the judge may find it less.
    pub rung: Rung,
    /// The list that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
    /// Leaf of the record of the door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub door: Option<Digest>,
    /// Rows of the table that were left out, by reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<String, u64>,
}

/// A code was set that is good for a while.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoorOpened {
    /// Which session.
    pub session: String,
    /// [`door_commitment`].
    pub commitment: Digest,
    /// From when.
    pub from: Time,
    /// Until when, excluded.
    pub until: Time,
}

/// People were tested.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestBatch {
    /// Which session.
    pub session: String,
    /// Commitment to the lines.
    pub rows: ItemRoot,
    /// `documented`: results from a list. `machine-evidenced`: answers were marked by the program.
    pub rung: Rung,
    /// How many of the lines passed.
    pub passed: u64,
    /// Questions of the paper.
    pub asked: u64,
    /// Share that passes, in percent.
    pub pass_percent: u64,
    /// The list of results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
    /// Rows of the table that were left out, by reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<String, u64>,
}

/// What the log holds of a certificate that was handed out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateIssued {
    /// Its id: the `jti`, a random `urn:uuid`.
    pub id: String,
    /// SHA-256 of the compact JWS.
    pub digest: Digest,
    /// Id of the key that signed it: SHA-256 of its DER form, hexadecimal.
    pub key: String,
    /// From when it is valid.
    pub issued: Time,
    /// Until when; absent: it does not expire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Time>,
    /// Year of its status list.
    pub year: i64,
    /// Its place in that list.
    pub index: u64,
}

/// Something was said about training.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingEntry {
    /// Which node.
    pub node: NodeId,
    /// By whom it was recorded: the plant's sign-off.
    pub author: Author,
    /// When, by the node's clock.
    pub stated_at: Time,
    /// What.
    pub what: TrainingMove,
}

/// What an entry says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum TrainingMove {
    /// A course is taught here.
    Course(CourseAdded),
    /// A session is held.
    Session(SessionAdded),
    /// People attended.
    Attendance(AttendanceBatch),
    /// A door code was set.
    Door(DoorOpened),
    /// People were tested.
    Test(TestBatch),
    /// A session takes no more attendance.
    Closed {
        /// Which.
        session: String,
    },
    /// A session, or one batch of it, does not count any more.
    Withdrawn {
        /// Which session.
        session: String,
        /// Leaf of one attendance or test; none: all of the session.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        batch: Option<Digest>,
        /// Why.
        reason: TakenBack,
    },
    /// A certificate was handed out.
    Certified {
        /// For which session.
        session: String,
        /// To whom.
        person: KeyedDigest,
        /// What the log holds of it.
        certificate: CertificateIssued,
    },
    /// A certificate is not valid any more.
    Revoked {
        /// Its id.
        certificate: String,
        /// Why.
        reason: TakenBack,
    },
    /// A person's name was taken out of the private database.
    Forgotten {
        /// Whose.
        person: KeyedDigest,
    },
}

/// Something was said about an expert.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpertEntry {
    /// Which node.
    pub node: NodeId,
    /// By whom it was recorded.
    pub author: Author,
    /// When, by the node's clock.
    pub stated_at: Time,
    /// `x-` and eight hexadecimal digits.
    pub expert: String,
    /// What.
    pub what: ExpertMove,
}

/// What an entry says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum ExpertMove {
    /// A person is an expert until a day.
    Certified {
        /// Who.
        person: KeyedDigest,
        /// Field of expertise.
        field: String,
        /// From then on no more.
        expires: Time,
        /// The paper that shows it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        document: Option<Document>,
        /// The certificate, if one was handed out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        certificate: Option<CertificateIssued>,
    },
    /// For longer.
    Renewed {
        /// From then on no more.
        expires: Time,
        /// The paper that shows it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        document: Option<Document>,
        /// The certificate, if one was handed out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        certificate: Option<CertificateIssued>,
    },
    /// No more.
    Revoked {
        /// Why.
        reason: TakenBack,
    },
    /// Something ties the expert to an enterprise.
    Conflict {
        /// Its unified social credit code.
        enterprise: String,
        /// What.
        kind: ConflictKind,
        /// From when.
        since: Time,
        /// Until when, excluded; absent: it lasts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Time>,
    },
}

/// One line of an attendance.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttendanceLine {
    /// Who.
    pub person: KeyedDigest,
}

/// One line of a test. The fields stand in the order of their names: so it is written in canonical form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestLine {
    /// The pass mark was reached.
    pub passed: bool,
    /// Who.
    pub person: KeyedDigest,
    /// Right answers.
    pub right: u64,
}

/// Lines as a file, sorted, and the commitment to them.
#[must_use]
pub fn training_lines<T: Serialize>(lines: &[T]) -> (Vec<u8>, ItemRoot) {
    let write = |l: &T| serde_json::to_vec(l).expect("texts, integers and booleans can be written");
    let mut written: Vec<Vec<u8>> = lines.iter().map(write).collect();
    written.sort_unstable();
    written.dedup();
    let hashes: Vec<Digest> = written.iter().map(|l| leaf_hash(l)).collect();
    let file: Vec<u8> = written.into_iter().flat_map(|l| [l, b"\n".to_vec()].concat()).collect();
    let root = ItemRoot { count: hashes.len() as u64, root: merkle_root(&hashes), file: Digest::of(&file) };
    (file, root)
}

/// Reads the lines that `root` commits to. Errors, as a reason: other bytes, too many lines, out of order, no such lines.
pub fn read_training_lines<T: for<'de> Deserialize<'de>>(root: &ItemRoot, file: &[u8]) -> Result<Vec<T>, String> {
    if Digest::of(file) != root.file {
        return Err("the file has another digest".to_owned());
    }
    let lines: Vec<&[u8]> = file.split_inclusive(|b| *b == b'\n').collect();
    if lines.len() > BATCH_LINES_MAX || lines.len() as u64 != root.count {
        return Err(format!("{} lines, {} stated, at most {BATCH_LINES_MAX}", lines.len(), root.count));
    }
    if !lines.is_sorted_by(|a, b| a < b) {
        return Err("lines out of order or twice".to_owned());
    }
    lines.into_iter().map(|l| serde_json::from_slice(l).map_err(|e| e.to_string())).collect()
}

/// What a record says of a door code: SHA-256 over a fixed text, the salt and the code, each on a line.
#[must_use]
pub fn door_commitment(salt: &str, code: &str) -> Digest {
    Digest::of(format!("watchfire-door-v1\n{salt}\n{code}").as_bytes())
}

/// Whether `right` of `asked` answers reach `pass_percent`.
#[must_use]
pub fn passes(right: u64, asked: u64, pass_percent: u64) -> bool {
    asked > 0 && right.saturating_mul(100) >= pass_percent.saturating_mul(asked)
}
