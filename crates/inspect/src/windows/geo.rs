//! Servers of maps that programs and pages on a Windows disk are set up to ask.
//!
//! The files are those that Linux has them in, below other folders; so is the reading. A bundle brings no files.

use super::World;
use super::disk;
use crate::out::Out;
use evidence::GapReason;
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = crate::collect::geo::FACTS;

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, world: &World, stop: &Stop) {
    if let Some(bundle) = &world.bundle {
        return out.gap("geo.server", GapReason::Missing, Some(bundle.at.clone()));
    }
    let homes = disk::homes(out.host);
    let roots = disk::find(out.host, "/inetpub/wwwroot").into_iter().collect();
    crate::collect::geo::servers(out, stop, homes, roots);
}
