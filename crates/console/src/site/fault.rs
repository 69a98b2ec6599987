//! What a page or the API says when it cannot: one sentence for people, `application/problem+json` (RFC 9457) for programs.

use evidence::Say;
use node::NodeError;

/// Why there is no answer.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Status of HTTP.
    pub(crate) status: u16,
    /// The sentence.
    pub(crate) say: Say,
    /// The field that it is about.
    pub(crate) field: Option<&'static str>,
    /// What went wrong within, for the operator's eyes alone.
    pub(crate) within: Option<String>,
}
impl Fault {
    pub(crate) fn new(status: u16, key: &str) -> Self {
        Self { status, say: Say::new(key), field: None, within: None }
    }
    pub(crate) fn with(mut self, hole: &str, value: impl std::fmt::Display) -> Self {
        self.say = self.say.with(hole, value);
        self
    }
    /// Something that was sent cannot be taken.
    pub(crate) fn field(field: &'static str, key: &str) -> Self {
        Self { field: Some(field), ..Self::new(422, key) }
    }
    /// There is no such thing - or none that this visitor may know of: which of them is not told.
    pub(crate) fn none() -> Self {
        Self::new(404, "console.fault.none")
    }
    /// The visitor may not.
    pub(crate) fn forbidden() -> Self {
        Self::new(403, "console.fault.forbidden")
    }
    pub(crate) fn inside(why: impl std::fmt::Display) -> Self {
        Self { within: Some(why.to_string()), ..Self::new(500, "console.fault.inside") }
    }
}

impl From<NodeError> for Fault {
    fn from(e: NodeError) -> Self {
        match e {
            // A sentence for people: what was sent cannot be done.
            NodeError::Entry(say) => Self { status: 422, say, field: None, within: None },
            // What is named and is not there.
            NodeError::UnknownFinding(_)
            | NodeError::AmbiguousFinding(_)
            | NodeError::UnknownMeasure(_)
            | NodeError::UnknownCheck(_)
            | NodeError::UnknownLeaf(_)
            | NodeError::AmbiguousLeaf(_)
            | NodeError::UnknownAsset(_)
            | NodeError::AmbiguousAsset(_)
            | NodeError::UnknownCatalogue(_) => Self::none(),
            // What is asked for and cannot be done as things stand.
            e @ (NodeError::MeasurePast(_)
            | NodeError::MeasureEnded { .. }
            | NodeError::StillThere(_)
            | NodeError::NotLookedAgain(_)
            | NodeError::NotApprovable(_)
            | NodeError::TooManyFindings { .. }
            | NodeError::NothingToCompare
            | NodeError::NoCatalogue) => Self { status: 422, say: e.say(), field: None, within: None },
            other => {
                let say = other.say();
                let later = matches!(&other, NodeError::Store(store) if store.to_string().contains("another process"));
                let status = if later { 503 } else { 500 };
                // Paths and the system's own words are for the operator.
                let within = Some(report::words::say(evidence::Lang::En, &say));
                Self { status, within, ..Self::new(status, "console.fault.inside") }
            }
        }
    }
}
