//! The pages, one file each. A new one is a line here: its routes, and its place in the navigation.

mod accesses;
mod accounts;
mod catalogue;
mod enterprises;
mod entry;
mod evidence;
mod examination;
mod eyes;
mod incidents;
mod machine;
mod me;
mod nodes;
mod notices;
mod overview;
mod plan;
mod training;
mod transfers;
mod two;
mod warnings;

use super::route::Route;
use ::evidence::NodeRole;
use node::accounts::{Act, Visitor};

/// The routes of all pages.
pub(crate) const ROUTES: &[&[Route]] = &[
    overview::ROUTES,
    examination::ROUTES,
    incidents::ROUTES,
    catalogue::ROUTES,
    transfers::ROUTES,
    warnings::ROUTES,
    enterprises::ROUTES,
    evidence::ROUTES,
    plan::ROUTES,
    nodes::ROUTES,
    training::ROUTES,
    notices::ROUTES,
    accounts::ROUTES,
    accesses::ROUTES,
    two::ROUTES,
    me::ROUTES,
    entry::ROUTES,
    machine::ROUTES,
    super::events::ROUTES,
];

/// A place in the navigation.
pub(crate) struct Place {
    pub(crate) path: &'static str,
    /// Key of its word.
    pub(crate) word: &'static str,
    act: Option<Act>,
    at: At,
}

/// At which level a place is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Everywhere,
    Plants,
    Above,
}

impl Place {
    const fn new(path: &'static str, word: &'static str, act: Act) -> Self {
        Self { path, word, act: Some(act), at: At::Everywhere }
    }
    const fn at(mut self, at: At) -> Self {
        self.at = at;
        self
    }
    /// True if this visitor may go there.
    pub(crate) fn open_to(&self, v: &Visitor) -> bool {
        let plant = v.level() == NodeRole::Plant;
        self.act.is_none_or(|a| v.may(a)) && (self.at == At::Everywhere || plant == (self.at == At::Plants))
    }
    /// True if a path lies there.
    pub(crate) fn covers(&self, path: &str) -> bool {
        path == self.path || self.path != "/" && path.strip_prefix(self.path).is_some_and(|r| r.starts_with('/'))
    }
}

/// The navigation, from top to bottom.
pub(crate) const PLACES: &[Place] = &[
    Place::new("/", "console.place.overview", Act::SeeOverview),
    Place::new("/queue", "console.place.queue", Act::SeeEnterprises),
    Place::new("/enterprises", "console.place.enterprises", Act::SeeEnterprises),
    Place::new("/progress", "console.place.progress", Act::SeeOverview).at(At::Above),
    Place::new("/guide", "console.place.guide", Act::SeeExamination).at(At::Plants),
    Place::new("/examination", "console.place.examination", Act::SeeExamination),
    Place::new("/incidents", "console.place.incidents", Act::SeeIncidents),
    Place::new("/warnings", "console.place.warnings", Act::SeeWarnings),
    Place::new("/catalogue", "console.place.catalogue", Act::SeeCatalogue),
    Place::new("/transfers", "console.place.transfers", Act::SeeTransfers),
    Place::new("/training", "console.place.training", Act::SeeTraining),
    Place::new("/experts", "console.place.experts", Act::SeeTraining),
    Place::new("/evidence", "console.place.evidence", Act::SeeEvidence),
    Place::new("/plan", "console.place.plan", Act::SeePlan),
    Place::new("/nodes", "console.place.nodes", Act::SeeNodes),
    Place::new("/notices", "console.place.notices", Act::SeeNodes),
    Place::new("/accounts", "console.place.accounts", Act::SeeAccounts),
    Place::new("/accesses", "console.place.accesses", Act::SeeAccesses),
    Place { path: "/two", word: "console.place.two", act: None, at: At::Everywhere },
    Place { path: "/me", word: "console.place.me", act: None, at: At::Everywhere },
];
