//! Where something was seen: a path in a form that prints, the way into nested containers, the spot in the text.

use crate::{ContentDigest, Digest};
use serde::{Deserialize, Serialize};

/// A path as text. Bytes that are not UTF-8, control characters and the backslash are written `\xHH`, so the
/// text is printable, unambiguous and reversible.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PathText(String);
impl PathText {
    /// From the raw bytes of a path.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        use std::fmt::Write as _;
        let mut out = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            for c in chunk.valid().chars() {
                if c.is_control() || c == '\\' {
                    for b in c.encode_utf8(&mut [0; 4]).bytes() {
                        let _ = write!(out, "\\x{b:02x}");
                    }
                } else {
                    out.push(c);
                }
            }
            for b in chunk.invalid() {
                let _ = write!(out, "\\x{b:02x}");
            }
        }
        Self(out)
    }
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// The raw bytes again, as given to [`PathText::from_bytes`]. A text that it did not write is taken as it is.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.0.len());
        let mut rest = self.0.as_str();
        while let Some((before, after)) = rest.split_once("\\x") {
            out.extend_from_slice(before.as_bytes());
            match after.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
                Some(byte) => {
                    out.push(byte);
                    rest = after.get(2..).unwrap_or_default();
                }
                None => {
                    out.extend_from_slice(b"\\x");
                    rest = after;
                }
            }
        }
        out.extend_from_slice(rest.as_bytes());
        out
    }
    /// The folder that it lies in; `None` of a root or of a bare name.
    #[must_use]
    pub fn folder(&self) -> Option<Self> {
        let trimmed = self.0.trim_end_matches('/');
        let at = trimmed.rfind('/')?;
        let end = if at == 0 { 1 } else { at };
        (!trimmed.is_empty()).then(|| Self(trimmed.get(..end).unwrap_or_default().to_owned()))
    }
}
impl From<&str> for PathText {
    fn from(s: &str) -> Self {
        Self::from_bytes(s.as_bytes())
    }
}
impl std::fmt::Display for PathText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where inside a text something stands.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "kebab-case")]
pub enum Spot {
    /// Line and column, both from 1; the column counts characters of the decoded text.
    Line {
        /// Line, from 1.
        line: u64,
        /// Column, from 1, in characters.
        column: u64,
    },
    /// A spreadsheet cell.
    Cell {
        /// Sheet name.
        sheet: String,
        /// Cell reference, such as `B7`.
        cell: String,
    },
    /// A byte offset, from 0, in the decoded bytes.
    Byte {
        /// Offset, from 0.
        offset: u64,
    },
    /// A line of the text of a page.
    Page {
        /// Page, from 1.
        page: u64,
        /// Line of the page's text, from 1.
        line: u64,
        /// Column, from 1, in characters.
        column: u64,
    },
    /// A value in a table.
    Field {
        /// Column name.
        column: String,
        /// Row as read, from 1; of a sample, its number in the sample.
        row: u64,
    },
}

/// Where something was seen.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The file, as seen from the examined root.
    pub path: PathText,
    /// Members on the way into nested containers, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inside: Vec<PathText>,
    /// Where in the innermost text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot: Option<Spot>,
    /// Digest of the file as read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<ContentDigest>,
}
impl Place {
    /// A whole file.
    #[must_use]
    pub fn file(path: impl Into<PathText>) -> Self {
        Self { path: path.into(), inside: Vec::new(), spot: None, digest: None }
    }
    /// The same place at a line (from 1), column 1.
    #[must_use]
    pub fn line(mut self, line: u64) -> Self {
        self.spot = Some(Spot::Line { line, column: 1 });
        self
    }
    /// The same place with the plain digest of the file as read.
    #[must_use]
    pub fn digest(mut self, digest: Digest) -> Self {
        self.digest = Some(ContentDigest::Plain(digest));
        self
    }
}
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.path)?;
        for member in &self.inside {
            write!(f, "!{member}")?;
        }
        match &self.spot {
            Some(Spot::Line { line, column: 1 }) => write!(f, ":{line}"),
            Some(Spot::Line { line, column }) => write!(f, ":{line}:{column}"),
            Some(Spot::Cell { sheet, cell }) => write!(f, "#{sheet}!{cell}"),
            Some(Spot::Byte { offset }) => write!(f, "@{offset}"),
            Some(Spot::Page { page, line, column }) => write!(f, "#p{page}:{line}:{column}"),
            Some(Spot::Field { column, row }) => write!(f, "#{column}[{row}]"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_not_utf8_stays_printable_and_distinct() {
        assert_eq!(PathText::from_bytes(b"/a/\xff\nb").as_str(), "/a/\\xff\\x0ab");
        assert_eq!(PathText::from_bytes(b"/a/\\xff").as_str(), "/a/\\x5cxff");
        assert_eq!(PathText::from_bytes("/数据/表.csv".as_bytes()).as_str(), "/数据/表.csv");
    }

    #[test]
    fn a_path_comes_back_byte_for_byte_and_knows_its_folder() {
        for bytes in [&b"/a/\xff\nb"[..], b"/a/\\xff", b"/a\\b\\", "/数据/表.csv".as_bytes(), b""] {
            assert_eq!(PathText::from_bytes(bytes).to_bytes(), bytes);
        }
        assert_eq!(PathText("\\xzz \\x4".into()).to_bytes(), b"\\xzz \\x4", "not written by from_bytes");
        let folder = |p: &str| PathText::from(p).folder().map(|f| f.as_str().to_owned());
        assert_eq!(folder("/srv/hr/a.csv").as_deref(), Some("/srv/hr"));
        assert_eq!((folder("/a").as_deref(), folder("/"), folder("a")), (Some("/"), None, None));
    }
}
