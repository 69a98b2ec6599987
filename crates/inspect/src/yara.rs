//! YARA rules: a starter set of our own, and whatever packs a user loads beside it.
//!
//! The engine is `boreal`. Each file of rules is a namespace of its own, so that one broken file costs only itself; it
//! is named as refused and the others are used. `include` is refused: a pack is what was given, nothing beside it.
//!
//! A rule's `severity` (our four words) or `score` (0 to 100, as the signature-base writes it) becomes the severity of
//! a match; a rule without either is medium.

use boreal::compiler::{CompilerBuilder, CompilerParams};
use boreal::scanner::ScanParams;
use boreal::{Compiler, MetadataValue, Scanner};
use evidence::{Digest, Severity};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// The largest file of rules, in bytes.
pub const RULES_BYTES_MAX: usize = 32 << 20;
/// Longest time for one file, in milliseconds; a file over it is a gap.
const FILE_MILLIS_MAX: u64 = 2_000;
/// Longest description kept of a rule, in characters.
const ABOUT_CHARS_MAX: usize = 200;
/// Names that packs of others use without declaring them: the caller fills them in.
const NAMES: [&str; 5] = ["filename", "filepath", "extension", "filetype", "owner"];

/// The starter rules lie in the program under this mask: in clear, their texts would match the program itself, and every
/// first run would find a back door in Watchfire.
const MASK: u8 = 0x5a;

#[expect(clippy::indexing_slicing, reason = "run by the compiler, which refuses an index out of bounds")]
const fn masked<const N: usize>(text: &[u8; N]) -> [u8; N] {
    let mut out = *text;
    let mut n = 0;
    while n < N {
        out[n] ^= MASK;
        n += 1;
    }
    out
}

macro_rules! starter {
    ($name:literal) => {{
        const TEXT: &[u8] = &masked(include_bytes!(concat!("../../../packs/rules/yara/", $name, ".yar")));
        ($name, TEXT)
    }};
}
static BUILTIN: [(&str, &[u8]); 3] = [starter!("tamper"), starter!("tunnel"), starter!("webshell")];

/// Name and text of the starter rules.
fn builtin() -> [(String, String); 3] {
    BUILTIN.map(|(name, text)| {
        let clear = text.iter().map(|b| b ^ MASK).collect();
        (name.to_owned(), String::from_utf8(clear).expect("the rules are in UTF-8, as a test reads them"))
    })
}

static STARTER: LazyLock<Arc<Rules>> = LazyLock::new(|| {
    let rules = Rules::of(&builtin());
    debug_assert!(rules.refused.is_empty(), "the starter rules compile: {:?}", rules.refused);
    Arc::new(rules)
});

/// A file of rules that was not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// Its name.
    pub file: String,
    /// The engine's reason, with line and column.
    pub why: String,
}

/// Compiled rules.
pub struct Rules {
    scanner: Scanner,
    count: usize,
    digest: Digest,
    refused: Vec<Refused>,
}
impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rules({}, {} refused)", self.count, self.refused.len())
    }
}

/// A rule that matched.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Match {
    /// Name of the rule.
    pub rule: String,
    /// The file of rules that it stands in.
    pub pack: String,
    /// How bad.
    pub severity: Severity,
    /// What the rule says of itself.
    pub about: String,
}

/// What is known of a file besides its bytes, for rules that ask.
#[derive(Clone, Copy, Debug, Default)]
pub struct Named<'a> {
    /// File name.
    pub name: &'a str,
    /// Path.
    pub path: &'a str,
}

impl Rules {
    /// The starter set.
    #[must_use]
    pub fn starter() -> Arc<Self> {
        Arc::clone(&STARTER)
    }
    /// The starter set and the files of a user: name and text of each.
    #[must_use]
    pub fn with(files: &[(String, String)]) -> Arc<Self> {
        Arc::new(Self::of(&builtin().into_iter().chain(files.iter().cloned()).collect::<Vec<_>>()))
    }
    /// The files of a user alone; without any, the starter set.
    #[must_use]
    pub fn only(files: &[(String, String)]) -> Arc<Self> {
        if files.is_empty() { Self::starter() } else { Arc::new(Self::of(files)) }
    }
    fn of(files: &[(String, String)]) -> Self {
        let mut compiler: Compiler = CompilerBuilder::new().build();
        compiler.set_params(CompilerParams::default().disable_includes(true).compute_statistics(false));
        for name in NAMES {
            compiler.define_symbol(name, "");
        }
        let (mut refused, mut all) = (Vec::new(), Vec::new());
        for (n, (name, text)) in files.iter().enumerate() {
            all.extend_from_slice(&(text.len() as u64).to_be_bytes());
            all.extend_from_slice(text.as_bytes());
            // Two files may have the same name; a namespace has one.
            let space = format!("{n}:{name}");
            if text.len() > RULES_BYTES_MAX {
                refused.push(Refused { file: name.clone(), why: format!("larger than {RULES_BYTES_MAX} bytes") });
            } else if let Err(e) = compiler.add_rules_str_in_namespace(text, &space) {
                let why = e.to_string();
                let why = why.lines().filter(|l| !l.trim().is_empty()).take(3).collect::<Vec<_>>().join(" ");
                refused.push(Refused { file: name.clone(), why });
            }
        }
        let mut scanner = compiler.finalize();
        let params = ScanParams::default().timeout_duration(Some(Duration::from_millis(FILE_MILLIS_MAX)));
        scanner.set_scan_params(params);
        let count = scanner.rules().count();
        Self { scanner, count, digest: Digest::of(&all), refused }
    }

    /// How many rules there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }
    /// Digest over all files of rules, refused ones too, each with its length in front.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }
    /// Files that were not taken.
    #[must_use]
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }

    /// Every rule that matches, and whether the time for one file was over before the end.
    #[must_use]
    pub fn scan(&self, bytes: &[u8], named: Named<'_>) -> (Vec<Match>, bool) {
        let mut scanner = self.scanner.clone();
        let extension = named.name.rsplit_once('.').map_or("", |e| e.1);
        for (name, value) in [("filename", named.name), ("filepath", named.path)] {
            let _ = scanner.define_symbol(name, value);
        }
        let _ = scanner
            .define_symbol("extension", if extension.is_empty() { String::new() } else { format!(".{extension}") });
        let (result, late) = match scanner.scan_mem(bytes) {
            Ok(result) => (result, false),
            Err((_, result)) => (result, true),
        };
        let mut out: Vec<Match> = result.rules.iter().map(|r| self.told(&scanner, r)).collect();
        out.sort();
        (out, late)
    }

    fn told(&self, scanner: &Scanner, rule: &boreal::scanner::EvaluatedRule<'_>) -> Match {
        let (mut severity, mut about) = (None, String::new());
        for meta in rule.metadatas {
            let name = scanner.get_string_symbol(meta.name);
            match (name, meta.value) {
                ("severity", MetadataValue::Bytes(b)) => {
                    let word = scanner.get_bytes_symbol(b);
                    severity = Severity::ALL.into_iter().find(|s| s.name().as_bytes() == word).or(severity);
                }
                ("score", MetadataValue::Integer(n)) => {
                    severity = severity.or(Some(match n {
                        80.. => Severity::High,
                        50.. => Severity::Medium,
                        _ => Severity::Low,
                    }));
                }
                ("description", MetadataValue::Bytes(b)) => {
                    let text = String::from_utf8_lossy(scanner.get_bytes_symbol(b)).into_owned();
                    about = crate::parse::printable(&text).chars().take(ABOUT_CHARS_MAX).collect();
                }
                _ => {}
            }
        }
        Match {
            rule: rule.name.to_owned(),
            pack: rule.namespace.split_once(':').map_or(rule.namespace, |n| n.1).to_owned(),
            severity: severity.unwrap_or(Severity::Medium),
            about,
        }
    }
}
