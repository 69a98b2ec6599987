//! How far a programme has come, where a plant stands, and what it has still to do: for a terminal, as HTML, CSV and JSON, and as
//! the weekly bulletin (DOCX, XLSX).
//!
//! `view` turns records into words once; the faces only lay out. No amount is shown without its ladder and what it is a part of, and
//! nothing is said by colour alone: a mark and a word stand beside it.

mod bulletin;
mod csv;
mod guide;
mod html;
mod json;
mod returns;
mod standing;
mod terminal;
mod view;

pub use bulletin::{BulletinInput, bulletin_docx, bulletin_xlsx};
pub use csv::progress_csv;
pub use guide::{GuideInput, guide_html, guide_json, guide_text};
pub use html::progress_html;
pub use json::progress_json;
pub use returns::{returns_back_xlsx, returns_xlsx};
pub use standing::standing_text;
pub use terminal::progress_text;

use evidence::{Digest, ProgressJudgement, Time};
use judge::Forecast;
use std::collections::BTreeMap;

/// What amounts can be shown by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GroupBy {
    /// The 37 local supervisors.
    Supervisor,
    /// Provinces.
    Province,
    /// Divisions of GB/T 4754.
    Industry,
    /// Groups of enterprises, by the registry's column.
    Group,
}
impl GroupBy {
    /// The name in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Supervisor => "supervisor",
            Self::Province => "province",
            Self::Industry => "industry",
            Self::Group => "group",
        }
    }
}

/// Everything that a face of progress is made of.
#[derive(Clone, Copy, Debug)]
pub struct ProgressView<'a> {
    /// The judgement.
    pub judgement: &'a ProgressJudgement,
    /// Its leaf; `None` if it was only looked at.
    pub leaf: Option<Digest>,
    /// The plan.
    pub plan: &'a plan::CheckedPlan,
    /// What the last weeks say of each target.
    pub forecast: &'a BTreeMap<String, Forecast>,
    /// The weeks behind that, the oldest first.
    pub weeks: &'a BTreeMap<String, Vec<(Time, u64)>>,
    /// What amounts are also shown by.
    pub by: Option<GroupBy>,
    /// The instant that stands for now.
    pub generated: Time,
    /// Name and version of the program.
    pub program: &'a str,
}
