//! Who may see and do what: the one function that says so.

use evidence::{NodeRole, Part, supervisor_of};

/// What somebody wants to do with an enterprise.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Act {
    /// See its standing and its orders.
    See,
    /// Issue an order to it, extend, examine, close, take it back.
    Order,
    /// Answer an order.
    Answer,
}
impl Act {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::See, Self::Order, Self::Answer];
    /// The name in messages. Words `act.<name>`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::See => "see",
            Self::Order => "order",
            Self::Answer => "answer",
        }
    }
}

/// An enterprise, as far as it matters here; what is not known is empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Whose<'a> {
    /// Unified social credit code.
    pub uscc: &'a str,
    /// GB/T 2260 code.
    pub area: &'a str,
    /// Which of the 37 local supervisors.
    pub supervisor: &'a str,
    /// A node of it was certified by the node that asks.
    pub member: bool,
}

/// Whether a node that plays `part` may do something with an enterprise. A ministry: everything but answer. A province: what its
/// supervisor's code has; a separately planned city and the Corps are supervisors of their own. A city: the area that it was certified
/// for, within its supervisor. A group: what it certified, and itself. A plant: itself, and it issues nothing.
///
/// What a part does not say (an empty area, an empty code) opens nothing.
#[must_use]
pub fn may(part: &Part, act: Act, row: &Whose<'_>) -> bool {
    let own = !part.uscc.is_empty() && part.uscc == row.uscc;
    match part.role {
        NodeRole::Ministry => act != Act::Answer,
        NodeRole::Province => act != Act::Answer && !part.area.is_empty() && part.area == row.supervisor,
        NodeRole::City => act != Act::Answer && is_within(&part.area, row),
        NodeRole::Group => match act {
            Act::See => own || row.member,
            Act::Order => row.member && !own,
            Act::Answer => own,
        },
        NodeRole::Plant => act != Act::Order && own,
    }
}

fn is_within(area: &str, row: &Whose<'_>) -> bool {
    if area.is_empty() {
        return false;
    }
    let supervisor = supervisor_of(area);
    let inside = area == "65-XPCC" || row.area.starts_with(area);
    inside && supervisor.is_some_and(|s| s == row.supervisor)
}
