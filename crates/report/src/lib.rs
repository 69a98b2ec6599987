//! A judgement as terminal text, HTML and JSON, in English and Chinese.
//!
//! Three faces, one order: the result in one sentence and what it covers; the scenarios side by side; findings, worst
//! first; data found; what could not be looked at or told; what people answered; doubts; how to verify. A reader who
//! stops early has read the most important part.
//!
//! The way from record to page has two steps. [`Input`] is turned into a view (`view`, `gather`): every id resolved to
//! words, every foreign text made inert (`clean`), nothing laid out. The faces (`terminal`, `html`) only lay out. So
//! neither can print a raw path by mistake, and both say the same. JSON keeps ids and codes, with the words of both
//! languages beside them.
//!
//! Refused: a template language (a template that reads fields by name fails at run time) and charts drawn by a script
//! (they would not print, and the page would not be complete without it).
#![forbid(unsafe_code)]

pub mod badge;
pub mod catalogue;
mod clean;
pub mod discover;
mod documented;
mod exposure;
mod findings;
pub mod form;
mod gather;
pub mod group;
pub mod host;
mod html;
mod incident;
mod json;
mod measures;
mod notes;
mod origin;
pub mod oversight;
mod paper;
pub mod plot;
mod policy;
pub mod programme;
pub mod registry;
mod speech;
mod terminal;
pub mod training;
pub mod transfers;
mod view;
mod warning;
mod width;
pub mod words;

pub use clean::{harmless, inert};
use evidence::{Digest, Examination, Item, Judgement, Lang, NodeId, Time};
pub use exposure::{ExposureInput, exposure_csv, exposure_json, exposure_text};
pub use incident::{
    IncidentInput, incident_is_late, incident_json, incident_list_json, incident_list_text, incident_next_due,
    incident_text, incident_timeline_json, incident_timeline_text, incidents_csv, question,
};
pub use measures::measures_csv;
pub use policy::{plan_json, plan_word, unconfirmed_json};
pub use speech::{Shown, Speech};
pub use warning::{
    WarningInput, warning_html, warning_json, warning_list_json, warning_list_text, warning_order, warning_text,
    warnings_csv,
};

/// The `format` of the JSON face; `docs/specs/report-v1.md` describes it.
pub const FORMAT: &str = "watchfire-report-v1";

/// Everything that a report is made of.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    /// The judgement to show.
    pub judgement: &'a Judgement,
    /// Its leaf hash in the log.
    pub judgement_leaf: Digest,
    /// The run just made, with its leaf hash; `None` if the judgement is over earlier records only.
    pub examination: Option<(&'a Examination, Digest)>,
    /// Items of that run in the order of their numbers: evidence, masked samples and gaps are shown from them.
    pub items: &'a [Item],
    /// The other runs of a judgement over many hosts.
    pub others: &'a [Ran<'a>],
    /// What others say of these hosts, brought in by a person; shown apart, counted nowhere.
    pub documented: &'a [Documented<'a>],
    /// The plan that was applied; holds the words of checks and scenarios.
    pub plan: &'a plan::CheckedPlan,
    /// Where the records stand in the log.
    pub proof: ProofSummary,
    /// The instant that stands for now.
    pub generated: Time,
    /// Name and version of the program, `watchfire 0.1.0`.
    pub program: &'a str,
}

/// A report of somebody else's tool, as the log has it.
#[derive(Clone, Copy, Debug)]
pub struct Documented<'a> {
    /// What it says.
    pub report: &'a evidence::ForeignReport,
    /// Who brought it in.
    pub author: &'a str,
    /// When.
    pub at: Time,
    /// Leaf of that statement.
    pub leaf: Digest,
}

/// A run beside the first.
#[derive(Clone, Copy, Debug)]
pub struct Ran<'a> {
    /// What was examined.
    pub examination: &'a Examination,
    /// Its leaf hash.
    pub leaf: Digest,
    /// Its items in the order of their numbers.
    pub items: &'a [Item],
}
impl<'a> Input<'a> {
    /// Every run of the report, the first one first.
    pub(crate) fn runs(&self) -> impl Iterator<Item = Ran<'a>> {
        let first = self.examination.map(|(examination, leaf)| Ran { examination, leaf, items: self.items });
        first.into_iter().chain(self.others.iter().copied())
    }
}

/// Where the records of a report stand in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProofSummary {
    /// Key id of the node's evidence key.
    pub key_id: NodeId,
    /// Origin line of the log's checkpoints.
    pub log_origin: String,
    /// Index of the judgement's leaf; `None` while it waits in the spool.
    pub judgement_index: Option<u64>,
    /// Index of the examination's leaf; `None` while it waits in the spool, or without an examination.
    pub examination_index: Option<u64>,
    /// Leaves in the tree of the newest checkpoint.
    pub tree_size: u64,
    /// Root hash of that tree.
    pub root: Digest,
    /// When that checkpoint was signed, by the node's own clock.
    pub checkpoint_time: Time,
    /// True until a receipt of the level above exists: all times are the node's own clock.
    pub time_is_self_declared: bool,
    /// True if the records are durable in the spool but not yet leaves.
    pub spooled: bool,
}

/// How a terminal wants its text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Style {
    /// Whether ANSI colours may be used; words carry the meaning either way.
    pub colour: bool,
    /// Columns of the terminal; held to 60..=160.
    pub width: usize,
}

/// About two screens of text for a terminal. Ends with a line feed.
#[must_use]
pub fn terminal(input: &Input<'_>, lang: Lang, style: Style) -> String {
    let own = view::Own::of(input.items);
    terminal::render(&view::View::new(input, lang, &own), style)
}

/// A complete HTML page: no script, no external request, prints on A4.
#[must_use]
pub fn html(input: &Input<'_>, lang: Lang) -> String {
    let own = view::Own::of(input.items);
    html::render(&view::View::new(input, lang, &own))
}

/// The report as JSON ([`FORMAT`]): ids and codes, and the words of both languages. Ends with a line feed.
#[must_use]
pub fn json(input: &Input<'_>) -> String {
    json::render(input)
}
