//! What can go wrong in the node, as a sentence for the face.

use attest::TableError;
use evidence::{MeasureState, Say};
use inspect::InspectError;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use store::{StoreError, TablesFault};

/// Why the node could not do what it was asked.
#[derive(Debug)]
pub enum NodeError {
    /// Neither an option nor the environment names a home.
    NoHome,
    /// The system refused; path, kind and its own words.
    Io(PathBuf, ErrorKind, String),
    /// Not a regular file.
    NotAFile(PathBuf),
    /// A file is over a limit.
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// The limit in bytes.
        bytes_max: u64,
    },
    /// A folder holds more files than the limit.
    TooManyFiles {
        /// Which folder.
        path: PathBuf,
        /// The limit.
        files_max: usize,
    },
    /// Not UTF-8.
    NotUtf8 {
        /// Which file.
        path: PathBuf,
        /// First bad byte.
        at: usize,
    },
    /// A plan folder without a plan.
    EmptyPlan(PathBuf),
    /// A plan with errors.
    Plan(Vec<plan::PlanError>),
    /// The log or the keys.
    Store(StoreError),
    /// The root to be examined.
    Root(InspectError),
    /// An evidence file that is none.
    NotEvidence(PathBuf, String),
    /// Evidence that does not hold.
    Refused(String),
    /// No such organisational check.
    UnknownCheck(String),
    /// A table that cannot be read at all.
    Table(PathBuf, TableError),
    /// A row or entry that cannot be taken, as a sentence.
    Entry(Say),
    /// A pack of detectors that cannot be used.
    Pack(discover::PackError),
    /// The address of a database that cannot be used.
    Target(discover::TargetError),
    /// A target with a password in it.
    Credentials,
    /// No catalogue has been drawn up yet.
    NoCatalogue,
    /// No catalogue with this leaf.
    UnknownCatalogue(String),
    /// No such asset in the newest catalogue.
    UnknownAsset(String),
    /// More than one asset fits.
    AmbiguousAsset(String),
    /// A table that is no catalogue, as a sentence.
    List(PathBuf, Say),
    /// A table of which no row could be taken.
    NoGoodRow(PathBuf, Vec<attest::BadRow>),
    /// Stopped before anything was written.
    Stopped,
    /// Nothing found has an id with these first digits.
    UnknownHit(String),
    /// More than one thing found has an id with these first digits.
    AmbiguousHit(String),
    /// No record with this leaf.
    UnknownLeaf(String),
    /// More than one record with these first digits.
    AmbiguousLeaf(String),
    /// A file or folder that would be overwritten.
    Exists(PathBuf),
    /// A carried file that cannot be taken.
    NotCarried {
        /// Which file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Why not.
        why: String,
    },
    /// A bill of materials that cannot be taken, and why.
    NotABill(PathBuf, String),
    /// No advisory in what was to be imported; the first file that was refused, and why.
    NoAdvisories(Option<(String, String)>),
    /// Advisories and lists, or two kinds of lists, in one import.
    MixedAdvisories(&'static str, &'static str),
    /// No pack of advisories of this name.
    UnknownPack(String),
    /// No report of others of this name.
    UnknownReport(String),
    /// A file of hosts that cannot be used.
    Fleet {
        /// Which file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// No finding has an id with these first digits.
    UnknownFinding(String),
    /// More than one finding has.
    AmbiguousFinding(String),
    /// A signed pack is not one, or not of that publisher; why.
    NotPublished(PathBuf, Box<Say>),
    /// A signed pack, and nobody said whose.
    NeedsPublisher(PathBuf),
    /// A list of products is not one; why.
    BadList(PathBuf, String),
    /// More findings than one measure answers.
    TooManyFindings {
        /// The limit.
        findings_max: usize,
    },
    /// No measure, or more than one, has an id that begins so.
    UnknownMeasure(String),
    /// A measure would end before it begins.
    MeasurePast(String),
    /// A measure that was withdrawn, or an exception, goes no further.
    MeasureEnded {
        /// Which.
        id: String,
        /// Its state.
        state: MeasureState,
    },
    /// A measure is not shown to be done: this finding stands.
    StillThere(Box<evidence::Finding>),
    /// No judgement since a measure was recorded could tell of its findings.
    NotLookedAgain(String),
    /// The plan would not let it count; a sentence.
    NotApprovable(Box<Say>),
    /// The finding is of a host that is not at hand: its name, or where it was.
    NotHere(String),
    /// Fewer than two judgements over hosts are in the log.
    NothingToCompare,
    /// There is no configuration of notification.
    NotifyMissing(PathBuf),
    /// A configuration of notification that cannot be used.
    Notify {
        /// Which file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong there.
        say: Box<Say>,
    },
    /// No message has this number, or none is about this.
    UnknownNotice(String),
    /// The configuration has no such channel, person or role.
    UnknownInNotify(String),
    /// No delegation, or more than one, has an id that begins so.
    UnknownDelegation(String),
    /// A delegation that cannot be taken, as a sentence.
    BadDelegation(Box<Say>),
    /// A defect of the program.
    Internal(String),
}

impl NodeError {
    /// What the system said about a path.
    pub fn io(path: impl AsRef<Path>, error: &std::io::Error) -> Self {
        Self::Io(path.as_ref().to_owned(), error.kind(), error.to_string())
    }

    /// The sentence for a person; key `error.<kind>`, a hint may stand under `error.<kind>-hint`.
    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::NoHome => Say::new("error.no-home"),
            Self::Io(p, kind, why) => io(p, *kind, why),
            Self::NotAFile(p) => path("error.not-a-file", p),
            Self::TooLarge { path: p, bytes_max } => path("error.too-large", p).with("max", bytes_max),
            Self::TooManyFiles { path: p, files_max } => path("error.too-many-files", p).with("max", files_max),
            Self::NotUtf8 { path: p, at } => path("error.not-utf8", p).with("at", at),
            Self::EmptyPlan(p) => path("error.empty-plan", p),
            Self::Plan(_) => Say::new("error.plan"),
            Self::Store(e) => store(e),
            Self::Root(InspectError::RootMissing(p)) => path("error.not-found", p),
            Self::Root(InspectError::RootNotAFolder(p)) => path("error.not-a-folder", p),
            Self::Root(InspectError::NotABundle(p)) => path("error.not-a-bundle", p),
            Self::Root(InspectError::NotACapture(p)) => path("error.not-a-capture", p),
            Self::Root(InspectError::RootRefused(p, why)) => path("error.root", p).with("why", why),
            Self::NotEvidence(p, why) => path("error.not-evidence", p).with("why", why),
            Self::Refused(why) => Say::new("error.refused").with("why", why),
            Self::UnknownCheck(id) => Say::new("error.unknown-check").with("id", id),
            Self::Table(p, e) => table(p, e),
            Self::Entry(say) => say.clone(),
            Self::NoCatalogue => Say::new("error.no-catalogue"),
            Self::UnknownCatalogue(id) => Say::new("error.unknown-catalogue").with("id", id),
            Self::UnknownAsset(id) => Say::new("error.unknown-asset").with("id", id),
            Self::AmbiguousAsset(id) => Say::new("error.ambiguous-asset").with("id", id),
            Self::List(p, say) if say.key == "row.no-name-or-carrier" => path("error.list-columns", p),
            Self::List(p, say) if say.key == "row.table" => {
                path("error.list-table", p).with("why", say.with.get("why").cloned().unwrap_or_default())
            }
            Self::List(_, say) => say.clone(),
            Self::NoGoodRow(p, bad) => path("error.no-good-row", p).with("count", bad.len()),
            Self::Stopped => Say::new("error.stopped"),
            Self::Pack(e) => Say::new("error.pack").with("why", e),
            Self::Target(e) => Say::new("error.target").with("why", e),
            Self::Credentials => Say::new("error.target-credentials"),
            Self::UnknownHit(id) => Say::new("error.unknown-hit").with("id", id),
            Self::AmbiguousHit(id) => Say::new("error.ambiguous-hit").with("id", id),
            Self::UnknownLeaf(id) => Say::new("error.unknown-leaf").with("id", id),
            Self::AmbiguousLeaf(id) => Say::new("error.ambiguous-leaf").with("id", id),
            Self::Exists(p) => path("error.exists", p),
            Self::NotCarried { path: p, line, why } => {
                path("error.not-carried", p).with("line", line).with("why", attest::clean(why))
            }
            Self::NotABill(p, why) => path("error.not-a-bill", p).with("why", attest::clean(why)),
            Self::Fleet { path: p, why } => path("error.fleet", p).with("why", attest::clean(why)),
            Self::NoAdvisories(None) => Say::new("error.no-advisories"),
            Self::NoAdvisories(Some((file, why))) => {
                Say::new("error.no-advisories-in").with("path", attest::clean(file)).with("why", attest::clean(why))
            }
            Self::MixedAdvisories(a, b) => Say::new("error.mixed-advisories").with("a", a).with("b", b),
            Self::UnknownReport(name) => Say::new("error.unknown-report").with("name", name),
            Self::UnknownPack(name) => Say::new("error.unknown-pack").with("name", name),
            Self::UnknownFinding(id) => Say::new("error.unknown-finding").with("id", id),
            Self::AmbiguousFinding(id) => Say::new("error.ambiguous-finding").with("id", id),
            Self::NotPublished(p, say) => {
                let at = path("", p).with.remove("path").unwrap_or_default();
                (**say).clone().with("path", at)
            }
            Self::NeedsPublisher(p) => path("error.needs-publisher", p),
            Self::BadList(p, why) => path("error.bad-list", p).with("why", why),
            Self::TooManyFindings { findings_max } => Say::new("error.too-many-findings").with("max", findings_max),
            Self::UnknownMeasure(id) => Say::new("error.unknown-measure").with("id", id),
            Self::MeasurePast(until) => Say::new("error.measure-past").with("until", until),
            Self::MeasureEnded { id, state } => {
                Say::new("error.measure-ended").with("id", id).with("state", state.name())
            }
            Self::StillThere(f) => {
                let say = Say::new("error.still-there").with("check", &f.check).with("host", &f.host);
                say.with("object", attest::clean(&f.object)).with("id", f.id.short())
            }
            Self::NotLookedAgain(id) => Say::new("error.not-looked-again").with("id", id),
            Self::NotApprovable(say) => (**say).clone(),
            Self::NotHere(host) => Say::new("error.not-here").with("host", host),
            Self::NothingToCompare => Say::new("error.nothing-to-compare"),
            Self::NotifyMissing(p) => path("error.notify-none", p),
            Self::Notify { path: p, line, say } => {
                let at = path("", p).with.remove("path").unwrap_or_default();
                (**say).clone().with("path", at).with("line", line)
            }
            Self::UnknownNotice(id) => Say::new("error.unknown-notice").with("id", id),
            Self::UnknownInNotify(id) => Say::new("error.unknown-in-notify").with("id", id),
            Self::UnknownDelegation(id) => Say::new("error.unknown-delegation").with("id", id),
            Self::BadDelegation(say) => (**say).clone(),
            Self::Internal(why) => Say::new("error.internal").with("why", why),
        }
    }
}

/// The sentence `key` about a path.
fn path(key: &str, p: &Path) -> Say {
    Say::new(key).with("path", evidence::PathText::from_bytes(p.as_os_str().as_encoded_bytes()))
}

/// What the system refused, in words that the reader's language has; its own words only where there are none.
fn io(p: &Path, kind: ErrorKind, why: &str) -> Say {
    match kind {
        ErrorKind::NotFound => path("error.not-found", p),
        ErrorKind::PermissionDenied => path("error.denied", p),
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => path("error.not-a-folder", p),
        ErrorKind::IsADirectory => path("error.not-a-file", p),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => path("error.full", p),
        ErrorKind::ReadOnlyFilesystem => path("error.read-only", p),
        _ => path("error.io", p).with("why", why),
    }
}

fn table(p: &Path, error: &TableError) -> Say {
    match error {
        TableError::TooLarge(max) => path("error.too-large", p).with("max", max),
        TableError::TooManyRows(max) => path("error.table-rows", p).with("max", max),
        TableError::Encoding(at) => path("error.table-utf8", p).with("at", at),
        TableError::Empty => path("error.table-empty", p),
        TableError::Column(name) => path("error.table-column", p).with("column", name),
        TableError::Workbook(why) => path("error.table", p).with("why", why),
    }
}

fn store(error: &StoreError) -> Say {
    match error {
        StoreError::Exists(p) => path("error.exists", p),
        StoreError::PassphraseEmpty => Say::new("error.passphrase-empty"),
        StoreError::Io { path: p, source } => io(p, source.kind(), &source.to_string()),
        StoreError::Full(p) => path("error.full", p),
        StoreError::ReadOnly(p) => path("error.read-only", p),
        StoreError::NoHome(p) => path("error.no-log", p),
        StoreError::Newer { found, known } => Say::new("error.newer").with("found", found).with("known", known),
        StoreError::Damaged { what, why } => Say::new("error.damaged").with("what", what).with("why", why),
        StoreError::Busy => Say::new("error.busy"),
        StoreError::LoosePermissions { path: p, mode } => {
            path("error.loose-key", p).with("mode", format!("{:o}", mode & 0o7777))
        }
        StoreError::KeyFile { path: p, why } => path("error.key-file", p).with("why", why),
        StoreError::KeysLocked => Say::new("error.keys-locked"),
        StoreError::WrongPassphrase => Say::new("error.wrong-passphrase"),
        StoreError::KeysMissing(p) => path("error.keys-missing", p),
        StoreError::KeysExist(p) => path("error.keys-exist", p),
        StoreError::Tables(fault) => tables(fault),
        other => Say::new("error.store").with("why", other),
    }
}

/// What a server of read tables did, or what its address lacks.
fn tables(fault: &TablesFault) -> Say {
    let say = Say::new(format!("error.tables-{}", fault.name()));
    match fault {
        TablesFault::Remote(host) => say.with("host", attest::clean(host)),
        TablesFault::PasswordFile(p, _) => path(&say.key, p),
        TablesFault::Unreachable(why) => say.with("why", attest::clean(why)),
        TablesFault::TooOld(found, least) | TablesFault::Layout(found, least) => {
            say.with("found", found).with("least", least)
        }
        TablesFault::Encoding(found) => say.with("found", attest::clean(found)),
        TablesFault::Server(code, why) => say.with("code", code).with("why", attest::clean(why)),
        _ => say,
    }
}

impl std::fmt::Display for NodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let say = self.say();
        write!(f, "{} {:?}", say.key, say.with)
    }
}
impl std::error::Error for NodeError {}
impl From<StoreError> for NodeError {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::Tables(TablesFault::Stopped) => Self::Stopped,
            e => Self::Store(e),
        }
    }
}
