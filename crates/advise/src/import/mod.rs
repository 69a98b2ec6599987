//! Foreign advisory data, file by file, into the neutral form.
//!
//! The caller unpacks archives and walks folders; [`Importer::feed`] tells what a file is by its content. A row that cannot
//! be read is a [`Fault`] with its file and place, the good rows of the file are kept; a file of no known form is an
//! [`ImportError`]. What is left out on purpose (withdrawn advisories, ranges of commits) is counted.
//!
//! Refused: deserialisers derived for each format. They give a file up at its first surprise, and publishers differ in
//! everything that does not matter here.

mod csaf;
mod detect;
mod json;
mod lists;
mod osv;
mod oval;
mod platform;
mod requirement;
mod rustsec;
mod vers;

pub use detect::Form;

use crate::advisory::Advisory;
use crate::text;
use evidence::Digest;

/// What is read at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a file that is read as a stream: OVAL, CSV.
    pub file_bytes_max: usize,
    /// Bytes of a file that is held as a tree while it is read: JSON, YAML, TOML. A tree takes up to twenty times as much memory.
    pub tree_bytes_max: usize,
    /// Advisories, or rows of a list, of one import.
    pub rows_max: usize,
    /// Packages of one advisory.
    pub affected_max: usize,
    /// Versions listed, or events, of one package of one advisory.
    pub versions_max: usize,
    /// Aliases of an advisory, and vulnerabilities that it covers.
    pub aliases_max: usize,
    /// Deepest nesting of a product tree or of criteria.
    pub depth_max: usize,
    /// Faults that are kept with their place; more are counted.
    pub faults_max: usize,
}
impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes_max: 1 << 30,
            tree_bytes_max: 128 << 20,
            rows_max: 2_000_000,
            affected_max: 20_000,
            versions_max: 20_000,
            aliases_max: 2_000,
            depth_max: 64,
            faults_max: 1_000,
        }
    }
}

/// Bytes of an id, a package's name, a version or an ecosystem's name; longer ones are a fault.
pub const TOKEN_BYTES_MAX: usize = 400;

/// Why a whole file gives nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ImportError {
    /// Larger than this limit, in bytes.
    TooLarge(usize),
    /// Not UTF-8 at this byte.
    NotUtf8(usize),
    /// None of the forms that are read.
    UnknownForm,
    /// Of that form, but broken; the reader's own message.
    Broken(Form, String),
    /// The import has [`Limits::rows_max`] rows already.
    TooMany(usize),
}
impl std::fmt::Display for ImportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLarge(max) => write!(f, "larger than {max} bytes"),
            Self::NotUtf8(at) => write!(f, "not UTF-8 at byte {at}"),
            Self::UnknownForm => f.write_str(
                "not advisory data of a known form (OSV JSON or YAML, RustSec, CSAF 2.0, OVAL, KEV JSON or CSV, EPSS CSV)",
            ),
            Self::Broken(form, why) => write!(f, "broken {form}: {why}"),
            Self::TooMany(max) => write!(f, "more than {max} rows in one import"),
        }
    }
}
impl std::error::Error for ImportError {}

/// What is wrong with a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FaultKind {
    /// This part is missing.
    Missing(&'static str),
    /// This part is not what it should be; how it reads, cut to a line.
    Bad(&'static str, String),
    /// More of this part than a limit allows.
    TooMany(&'static str, usize),
    /// A package with neither a range nor a list of versions that can be compared.
    NoVersions,
    /// A platform, product or package type that no ecosystem is known for.
    UnknownPlatform(String),
    /// Criteria that say something else than "this package before that version".
    Criteria(&'static str),
}
impl std::fmt::Display for FaultKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(part) => write!(f, "no {part}"),
            Self::Bad(part, text) => write!(f, "not a usable {part}: {text:?}"),
            Self::TooMany(part, max) => write!(f, "more than {max} {part}"),
            Self::NoVersions => f.write_str("names no versions"),
            Self::UnknownPlatform(name) => write!(f, "no ecosystem is known for {name:?}"),
            Self::Criteria(why) => write!(f, "criteria that are not read: {why}"),
        }
    }
}

/// A row, or a part of one, that was not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The file, as the caller named it.
    pub file: String,
    /// Where in it: an id, a path, a line.
    pub place: String,
    /// What is wrong.
    pub kind: FaultKind,
}

/// A vulnerability that is known to be exploited (KEV).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exploited {
    /// CVE id.
    pub id: String,
    /// Known to be used by ransomware.
    pub ransomware: bool,
    /// When it was listed, seconds since 1970.
    pub added: Option<i64>,
    /// By when the list's publisher wants it mended, seconds since 1970.
    pub due: Option<i64>,
}

/// How likely a vulnerability is exploited within thirty days (EPSS).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Likelihood {
    /// CVE id.
    pub id: String,
    /// Probability in parts of ten thousand.
    pub per_ten_thousand: u16,
}

/// What an import left out on purpose.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LeftOut {
    /// Advisories that their publisher withdrew.
    pub withdrawn: u64,
    /// Ranges of commits: a package has no commit to compare.
    pub commit_ranges: u64,
}

/// What was read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Imported {
    /// Advisories, as they came.
    pub advisories: Vec<Advisory>,
    /// Rows of lists of exploited vulnerabilities.
    pub exploited: Vec<Exploited>,
    /// Rows of likelihoods.
    pub likelihoods: Vec<Likelihood>,
    /// Newest time of change that the data states, seconds since 1970. The caller judges its age.
    pub dated: Option<i64>,
    /// The first [`Limits::faults_max`] faults.
    pub faults: Vec<Fault>,
    /// All faults: rows, or parts of them, that were refused.
    pub refused: u64,
    /// What was left out on purpose.
    pub left_out: LeftOut,
    /// Files that were read.
    pub files: u64,
    /// Digest over the sorted digests of these files: the same files in any order give the same.
    pub inputs: Option<Digest>,
}

/// Reads files one by one.
#[derive(Debug)]
pub struct Importer {
    limits: Limits,
    digests: Vec<Digest>,
    out: Imported,
}

impl Importer {
    /// With limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, digests: Vec::new(), out: Imported::default() }
    }
    /// Reads one file, of whatever form it is. `file` is what faults name. On an error nothing of the file is kept.
    ///
    /// # Errors
    /// The file is too large, no text, of no known form, or broken as a whole.
    pub fn feed(&mut self, file: &str, bytes: &[u8]) -> Result<Form, ImportError> {
        let before = Mark::of(&self.out);
        let read = self.read(file, bytes);
        match &read {
            Ok(_) => {
                self.digests.push(Digest::of(bytes));
                self.out.files += 1;
            }
            Err(_) => before.back(&mut self.out),
        }
        read
    }
    fn read(&mut self, file: &str, bytes: &[u8]) -> Result<Form, ImportError> {
        if bytes.len() > self.limits.file_bytes_max {
            return Err(ImportError::TooLarge(self.limits.file_bytes_max));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|e| ImportError::NotUtf8(e.valid_up_to()))?;
        let rough = detect::rough(text).ok_or(ImportError::UnknownForm)?;
        if rough.is_tree() && bytes.len() > self.limits.tree_bytes_max {
            return Err(ImportError::TooLarge(self.limits.tree_bytes_max));
        }
        let mut sink = Sink { limits: &self.limits, file, place: String::new(), out: &mut self.out };
        let form = match rough {
            detect::Rough::Json => json::read(text, &mut sink)?,
            detect::Rough::Yaml => {
                let value = stdx::yaml::read(text, self.limits.depth_max, self.limits.tree_bytes_max)
                    .map_err(|why| ImportError::Broken(Form::OsvYaml, why))?;
                osv::read(&value, &mut sink);
                Form::OsvYaml
            }
            detect::Rough::RustSec => {
                rustsec::read(text, &mut sink)?;
                Form::RustSec
            }
            detect::Rough::Oval => {
                oval::read(text, &mut sink)?;
                Form::Oval
            }
            detect::Rough::KevCsv => {
                lists::kev_csv(text, &mut sink)?;
                Form::KevCsv
            }
            detect::Rough::EpssCsv => {
                lists::epss_csv(text, &mut sink)?;
                Form::EpssCsv
            }
        };
        if sink.full() { Err(ImportError::TooMany(self.limits.rows_max)) } else { Ok(form) }
    }
    /// What was read.
    #[must_use]
    pub fn finish(mut self) -> Imported {
        self.digests.sort_unstable();
        let all: Vec<u8> = self.digests.iter().flat_map(|d| d.0).collect();
        self.out.inputs = Some(Digest::of(&all));
        self.out
    }
}

/// Where an import stood, to go back to.
struct Mark {
    rows: [usize; 4],
    dated: Option<i64>,
    refused: u64,
    left_out: LeftOut,
}
impl Mark {
    fn of(out: &Imported) -> Self {
        let rows = [out.advisories.len(), out.exploited.len(), out.likelihoods.len(), out.faults.len()];
        Self { rows, dated: out.dated, refused: out.refused, left_out: out.left_out }
    }
    fn back(self, out: &mut Imported) {
        let [advisories, exploited, likelihoods, faults] = self.rows;
        out.advisories.truncate(advisories);
        out.exploited.truncate(exploited);
        out.likelihoods.truncate(likelihoods);
        out.faults.truncate(faults);
        (out.dated, out.refused, out.left_out) = (self.dated, self.refused, self.left_out);
    }
}

/// Where the readers put what they read.
struct Sink<'a> {
    limits: &'a Limits,
    file: &'a str,
    /// The row that is read.
    place: String,
    out: &'a mut Imported,
}

impl Sink<'_> {
    /// A fault of the row that is read, or of a part of it.
    fn fault(&mut self, part: &str, kind: FaultKind) {
        self.out.refused += 1;
        if self.out.faults.len() < self.limits.faults_max {
            let place = [self.place.as_str(), part].into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" ");
            let file = text::line(self.file, 400);
            self.out.faults.push(Fault { file, place: text::line(&place, 400), kind });
        }
    }
    /// An advisory with at least one statement.
    fn advisory(&mut self, advisory: Advisory) {
        self.dated(advisory.modified);
        self.out.advisories.push(advisory);
    }
    fn dated(&mut self, at: Option<i64>) {
        self.out.dated = self.out.dated.max(at);
    }
    /// No further rows are taken.
    fn full(&self) -> bool {
        let out = &self.out;
        out.advisories.len().max(out.exploited.len()).max(out.likelihoods.len()) > self.limits.rows_max
    }
}

/// A fault of a value that is not what it should be.
fn bad(part: &'static str, value: &str) -> FaultKind {
    FaultKind::Bad(part, text::line(value, 80))
}

/// An id, a name or a version.
fn token<'a>(part: &'static str, value: Option<&'a str>) -> Result<&'a str, FaultKind> {
    let value = value.ok_or(FaultKind::Missing(part))?;
    text::token(value, TOKEN_BYTES_MAX).ok_or_else(|| bad(part, value))
}
