//! What oversight is made from. As with progress each part is the proof that it is what it says.

use crate::{ReceivedReport, Reobserved, RollRows, SelectionRows};
use evidence::Part;
use proof::Witness;

/// Everything that a standing, a list or the queue is made from. Records of another kind among them are not read.
#[derive(Clone, Copy, Default)]
pub struct OversightInput<'a> {
    /// Who looks; only what it may see is there. Absent: the node has not said what it is, and sees what it holds.
    pub part: Option<&'a Part>,
    /// Rows of the registry of the year.
    pub registry: Option<&'a SelectionRows<'a>>,
    /// The newest selection from it.
    pub selection: Option<&'a Witness>,
    /// The words of people that this selection cites.
    pub words: &'a [Witness],
    /// Memberships.
    pub members: &'a [Witness],
    /// Reports as they were received.
    pub reports: &'a [ReceivedReport],
    /// Rolls: who was asked for a return, and what came.
    pub rolls: &'a [RollRows],
    /// Entries of orders.
    pub orders: &'a [Witness],
    /// Openings of drawn evidence that were judged.
    pub openings: &'a [Reobserved],
    /// Re-observations that were judged.
    pub checks: &'a [Reobserved],
    /// Nodes that signed two histories.
    pub equivocations: &'a [Witness],
}
