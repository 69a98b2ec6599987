//! What an answer holds, before it is sealed: canonical JSON, read under limits, nothing believed.

use evidence::{Digest, Opening, canonical};
use proof::Envelope;
use serde::{Deserialize, Serialize};

/// Largest answer, unsealed and unpacked, in bytes.
pub const ANSWER_BYTES_MAX: usize = 64 << 20;
/// `format` of an opening.
const OPENING: &str = "watchfire-opening-v1";
/// `format` of a re-observation.
pub const REOBSERVATION: &str = "watchfire-reobservation-v1";
/// Most examinations of one answer.
const EXAMINATIONS_MAX: usize = 2 * super::DRAWS_MAX as usize;
/// Most items of one answer: those that were drawn, and of each examination what says which system it is.
const ITEMS_MAX: usize = 2 * super::DRAWS_MAX as usize;

/// An item with its proof, and whose it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShownItem {
    /// Leaf of the examination.
    pub examination: Digest,
    /// The item and its audit path.
    pub opening: Opening,
}

/// An answer to an opening.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpeningContent {
    /// `watchfire-opening-v1`.
    pub format: String,
    /// Leaf of the order.
    pub order: Digest,
    /// Examinations of which items were drawn, and those that took the place of one.
    pub examinations: Vec<Envelope>,
    /// What was drawn and is at hand.
    pub items: Vec<ShownItem>,
    /// What was drawn and is not at hand any more.
    pub missing: Vec<(Digest, u64)>,
}
impl OpeningContent {
    /// Nothing shown yet.
    #[must_use]
    pub fn new(order: Digest) -> Self {
        let (examinations, items, missing) = (Vec::new(), Vec::new(), Vec::new());
        Self { format: OPENING.to_owned(), order, examinations, items, missing }
    }
}

/// An examination with everything that it saw.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShownRun {
    /// The examination.
    pub envelope: Envelope,
    /// Its file of items.
    pub items: String,
}

/// A thing that was observed anew.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShownThing {
    /// Its place in the order.
    pub thing: u64,
    /// The run that the report rests on.
    pub before: ShownRun,
    /// The run that was made for the order.
    pub after: ShownRun,
    /// A second person's word, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witness: Option<Envelope>,
    /// The witness's own key, PEM, where the word is of another node than the child: of a home of the witness's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witness_key: Option<String>,
}

/// An answer to a re-observation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReobservationContent {
    /// `watchfire-reobservation-v1`.
    pub format: String,
    /// Leaf of the order.
    pub order: Digest,
    /// The declared scope that the report cites.
    pub scope: Envelope,
    /// What was observed.
    pub things: Vec<ShownThing>,
}

fn read<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    if bytes.len() > ANSWER_BYTES_MAX {
        return Err(format!("more than {ANSWER_BYTES_MAX} bytes"));
    }
    canonical::from_slice(bytes).map_err(|e| e.to_string())
}

/// Reads an answer to an opening. Errors, as a reason: not canonical, another form, over a limit.
pub fn read_opening(bytes: &[u8]) -> Result<OpeningContent, String> {
    let content: OpeningContent = read(bytes)?;
    if content.format != OPENING {
        return Err(format!("its format is not {OPENING}"));
    }
    let many = content.examinations.len() > EXAMINATIONS_MAX
        || content.items.len() > ITEMS_MAX
        || content.missing.len() > ITEMS_MAX;
    if many { Err(format!("more than {ITEMS_MAX} items or examinations")) } else { Ok(content) }
}

/// Reads an answer to a re-observation. Errors likewise.
pub fn read_reobservation(bytes: &[u8]) -> Result<ReobservationContent, String> {
    let content: ReobservationContent = read(bytes)?;
    if content.format != REOBSERVATION {
        return Err(format!("its format is not {REOBSERVATION}"));
    }
    let many = content.things.len() as u64 > super::THINGS_MAX;
    if many { Err(format!("more than {} things", super::THINGS_MAX)) } else { Ok(content) }
}
