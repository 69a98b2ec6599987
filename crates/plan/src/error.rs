//! What is wrong with a plan, and where.

use crate::Source;
use evidence::Say;
use std::collections::BTreeSet;

/// One error of a plan file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlanError {
    /// File, relative to the plan folder.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// Stable code, such as `unknown-key`; listed in `docs/specs/plan-v1.md`.
    pub code: &'static str,
    /// The message: key `plan-error.<code>`, with its holes.
    pub say: Say,
    /// The same in English, for logs and for tools without words.
    pub message: String,
    /// The source line, without its line feed; empty if the error is not at a place of the text.
    pub snippet: String,
    /// How many characters from `column` on are meant; at least 1.
    pub width: usize,
    /// The nearest known name, or what to do.
    pub hint: Option<String>,
}

impl std::fmt::Display for PlanError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}: {} [{}]", self.file, self.line, self.column, self.message, self.code)?;
        if !self.snippet.is_empty() {
            let number = self.line.to_string();
            let margin = " ".repeat(number.len());
            // Wide characters take two cells, a tab as many as it likes: repeat tabs, double the wide ones.
            let lead: String = self
                .snippet
                .chars()
                .take(self.column.saturating_sub(1))
                .map(|c| {
                    if c == '\t' {
                        "\t"
                    } else if u32::from(c) >= 0x1100 {
                        "  "
                    } else {
                        " "
                    }
                })
                .collect();
            write!(f, "\n {margin} |\n {number} | {}\n {margin} | {lead}{}", self.snippet, "^".repeat(self.width))?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n   = hint: {hint}")?;
        }
        Ok(())
    }
}
impl std::error::Error for PlanError {}

/// Where in the source something stands: file and byte range.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct At {
    pub(crate) file: String,
    pub(crate) span: std::ops::Range<usize>,
}

/// Every code with the English template of its message; the words files hold the same keys in both languages.
const TEMPLATES: &[(&str, &str)] = &[
    ("syntax", "not TOML: {why}"),
    ("unknown-file", "this file has no place in a plan"),
    ("missing-file", "the plan has no file {file}"),
    ("unknown-key", "unknown key {key}"),
    ("missing-key", "{key} is missing"),
    ("wrong-type", "{key} must be {want}"),
    ("bad-value", "{key} must be {want}, not {got}"),
    ("bad-id", "{id} is not an id: small letters, digits, '.', '_' and '-' only"),
    ("duplicate-id", "{id} is already defined in {first}"),
    ("dangling-id", "there is no {what} {id}"),
    ("bounds", "{id}: {why}"),
    ("missing-words", "no {lang} words for {key}"),
    ("words-for-nothing", "words for {key}, which the plan does not have"),
    ("words-differ", "{key} uses the hole {hole}, which nothing fills"),
    ("cel-syntax", "the condition cannot be read: {why}"),
    ("cel-limit", "the condition is over a limit: {why}"),
    ("cel-function", "the function {name} is not allowed in a condition"),
    ("cel-unknown", "{name} is not {what}"),
    ("cel-type", "the condition fails on sample values: {why}"),
    ("cel-constant", "the condition reads no fact"),
    ("example", "the example comes out as {got}, not as {want}"),
    ("example-fact", "the example does not fit the dictionary: {why}"),
    ("example-missing", "{id} needs at least one example that ends as {want}"),
];

/// Every key that this room says, with its holes.
pub const SAY_KEYS: &[(&str, &[&str])] = &[
    ("plan-error.syntax", &["why"]),
    ("plan-error.unknown-file", &[]),
    ("plan-error.missing-file", &["file"]),
    ("plan-error.unknown-key", &["key"]),
    ("plan-error.missing-key", &["key"]),
    ("plan-error.wrong-type", &["key", "want"]),
    ("plan-error.bad-value", &["key", "want", "got"]),
    ("plan-error.bad-id", &["id"]),
    ("plan-error.duplicate-id", &["id", "first"]),
    ("plan-error.dangling-id", &["what", "id"]),
    ("plan-error.bounds", &["id", "why"]),
    ("plan-error.missing-words", &["lang", "key"]),
    ("plan-error.words-for-nothing", &["key"]),
    ("plan-error.words-differ", &["key", "hole"]),
    ("plan-error.cel-syntax", &["why"]),
    ("plan-error.cel-limit", &["why"]),
    ("plan-error.cel-function", &["name"]),
    ("plan-error.cel-unknown", &["name", "what"]),
    ("plan-error.cel-type", &["why"]),
    ("plan-error.cel-constant", &[]),
    ("plan-error.example", &["got", "want"]),
    ("plan-error.example-fact", &["why"]),
    ("plan-error.example-missing", &["id", "want"]),
];

/// Collects errors while a plan is read.
pub(crate) struct Errors<'a> {
    source: &'a Source,
    found: Vec<PlanError>,
    /// What could be read so far is not whole: later checks would only echo.
    pub(crate) broken: BTreeSet<String>,
}
impl<'a> Errors<'a> {
    pub(crate) fn new(source: &'a Source) -> Self {
        Self { source, found: Vec::new(), broken: BTreeSet::new() }
    }

    /// One more error at `at`. `with` fills the holes of the template of `code`.
    pub(crate) fn add(&mut self, at: &At, code: &'static str, with: &[(&str, &str)], hint: Option<String>) {
        let mut say = Say::new(format!("plan-error.{code}"));
        for (hole, value) in with {
            say = say.with(hole, value);
        }
        let template = TEMPLATES.iter().find(|t| t.0 == code).map_or(code, |t| t.1);
        let message = say.fill(template);
        let text = self.source.files.get(&at.file).map_or("", String::as_str);
        let (line, column, snippet, width) = place(text, &at.span);
        self.found.push(PlanError { file: at.file.clone(), line, column, code, say, message, snippet, width, hint });
    }

    /// The text of a file.
    pub(crate) fn text(&self, file: &str) -> &'a str {
        self.source.files.get(file).map_or("", String::as_str)
    }

    pub(crate) fn finish(mut self) -> Vec<PlanError> {
        self.found.sort_by(|a, b| {
            (&a.file, a.line, a.column, a.code, &a.message).cmp(&(&b.file, b.line, b.column, b.code, &b.message))
        });
        self.found.dedup();
        self.found
    }
}

/// Line, column, line text and width of a byte range.
fn place(text: &str, span: &std::ops::Range<usize>) -> (usize, usize, String, usize) {
    let mut start = span.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let before = &text[..start];
    let line_start = before.rfind('\n').map_or(0, |n| n + 1);
    let line_end = text[start..].find('\n').map_or(text.len(), |n| start + n);
    let mut end = span.end.clamp(start, line_end);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let line = before.matches('\n').count() + 1;
    let column = text[line_start..start].chars().count() + 1;
    let width = text[start..end].chars().count().max(1);
    (line, column, text[line_start..line_end].trim_end_matches('\r').to_owned(), width)
}

/// "did you mean" from the nearest of `known`, if one is near.
pub(crate) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<String> {
    let mut best: Option<(usize, &str)> = None;
    for k in known {
        let d = distance(name, k);
        if d <= 1 + name.len().max(k.len()) / 3 && best.is_none_or(|b| d < b.0) {
            best = Some((d, k));
        }
    }
    best.map(|b| format!("did you mean `{}`?", b.1))
}

/// Levenshtein distance over characters; names are short.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(120).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(120).enumerate() {
        let mut left = i + 1;
        let mut diagonal = i;
        for (j, cb) in b.iter().enumerate() {
            let above = row.get(j + 1).copied().unwrap_or(0);
            let cost = diagonal + usize::from(ca != *cb);
            let next = cost.min(left + 1).min(above + 1);
            if let Some(cell) = row.get_mut(j) {
                *cell = left;
            }
            diagonal = above;
            left = next;
        }
        if let Some(cell) = row.last_mut() {
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_template_and_a_key_with_the_same_holes() {
        assert_eq!(TEMPLATES.len(), SAY_KEYS.len());
        for (code, template) in TEMPLATES {
            let (_, holes) = SAY_KEYS.iter().find(|k| k.0 == format!("plan-error.{code}")).unwrap();
            assert_eq!(template.matches('{').count(), holes.len(), "{code}");
            for hole in *holes {
                assert!(template.contains(&format!("{{{hole}}}")), "{code} {hole}");
            }
        }
    }

    #[test]
    fn a_place_counts_characters_and_names_the_line() {
        let text = "a = 1\n名 = \"x\"\n";
        assert_eq!(place(text, &(12..15)), (2, 5, "名 = \"x\"".to_owned(), 3));
        assert_eq!(place(text, &(400..500)).0, 3);
    }

    #[test]
    fn the_nearest_name_is_offered_only_if_near() {
        assert_eq!(distance("kitten", "sitting"), 3);
        let known = ["severity", "scenario"];
        assert_eq!(nearest("severty", known), Some("did you mean `severity`?".to_owned()));
        assert_eq!(nearest("x", known), None);
    }
}
