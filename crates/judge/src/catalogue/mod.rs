//! The data catalogue, from runs, lists and decisions: what lies where, at which level, of how many people.
//!
//! Pure as the judgement is: the same records under the same plan as of the same instant give the same bytes. Reading
//! order: `sources` (which records count), `place` (to which asset something belongs), `gather` (what was found, summed up),
//! `level` (what it is proposed for, and what people decided), `reconcile` (listed against found), and beside them `drift`
//! (two catalogues) and `transfer` (the numbers that the rules of transfers read). `docs/specs/catalogue-v1.md` says what
//! each number means.
//!
//! Refused: a best guess where only bounds are known. A number of people that is one of 100 to 200 is said so; a
//! threshold that the bounds straddle is *possible*, not met.

mod drift;
mod gather;
mod level;
pub(crate) use level::holds;
mod place;
mod reconcile;
mod sources;
mod transfer;

pub use drift::{Change, Drift, Due, FieldChange, ItemChange, KindDrift, Verdict, diff};
pub use transfer::{Need, TransferCounts, TransferInput, transfer_input};

use crate::VERSION;
use evidence::{Asset, Catalogue, CatalogueRoot, LevelId, Time};
use plan::CheckedPlan;
use proof::Witness;

/// Most assets of a catalogue; with more, folders are rolled up.
pub const ASSETS_MAX: usize = 10_000;

/// Most items that an asset cites; the record of ten thousand assets must stay under what a record may have.
const EVIDENCE_MAX: usize = 5;

/// Draws up the catalogue from `records` under `plan` as of an instant. `skipped` older runs were not handed in.
#[must_use]
pub fn catalogue(plan: &CheckedPlan, records: &[Witness], as_of: Time, skipped: u64) -> Catalogue {
    let mut sources = sources::choose(records, as_of);
    let (drafts, since) = gather::drafts(plan, &mut sources);
    let mut assets: Vec<Asset> = reconcile::assets(plan, &mut sources, drafts, &since);
    let rank = |id: &LevelId| plan.levels().iter().find(|l| &l.id == id).map_or(0, |l| l.rank);
    assets.sort_by(|a, b| (rank(&b.level.level), &a.carrier).cmp(&(rank(&a.level.level), &b.carrier)));
    let root = |r: &crate::choose::Root<'_>| CatalogueRoot {
        host: r.label.clone(),
        root: r.root.into(),
        leaf: r.leaf,
        ended: r.examination.ended,
        state: r.examination.state,
    };
    let mut roots: Vec<CatalogueRoot> = sources.bench.roots.iter().map(root).collect();
    roots.sort();
    sources.doubts(skipped);
    Catalogue {
        judge: VERSION.to_owned(),
        plan: plan.reference(),
        as_of,
        cites: sources.bench.cites.iter().copied().collect(),
        skipped,
        previous: sources.previous.map(|p| p.1),
        roots,
        assets,
        doubts: sources.bench.doubts,
    }
}
