//! SQLite: the application id at 68 (`sqlite.org/fileformat.html`, 1.3.8), then the names of the tables.
//!
//! The schema is a table on the first page whose rows hold `CREATE TABLE name(...)` as text, so the names can be searched
//! there without walking the tree.

use super::bytes::{Bytes, has};
use super::table::Id;
use super::{Found, How, Need};

/// Application ids (`magic.txt` of SQLite).
const APPLICATIONS: &[(&[u8; 4], Id, Option<&str>)] = &[
    (b"GPKG", Id::GeoPackage, None),
    (b"GP10", Id::GeoPackage, Some("1.0")),
    (b"GP11", Id::GeoPackage, Some("1.1")),
    (b"MPBX", Id::Mbtiles, None),
];
/// Tables that tell.
const TABLES: &[(&[u8], Id)] =
    &[(b"gpkg_contents", Id::GeoPackage), (b"SmRegister", Id::SuperMap), (b"spatialite_history", Id::SpatiaLite)];

pub(super) fn ask(bytes: &Bytes<'_>) -> Option<Found> {
    let found = Found::new(Id::Sqlite, How::Magic);
    let Some(application) = bytes.head.get(68..72) else { return Some(found.needing(Need::Tables)) };
    if let Some((_, id, version)) = APPLICATIONS.iter().find(|a| a.0 == application) {
        return Some(Found::new(*id, How::Magic).version(*version));
    }
    let page = match bytes.be16(16) {
        Some(1) | None => 65536,
        Some(n) => usize::from(n),
    };
    if let Some(id) = by_tables(&mut |name| has(bytes.head, page, name)) {
        return Some(Found::new(id, How::Container));
    }
    // A page that is all at hand has been searched; the schema may go on elsewhere.
    Some(if bytes.head.len() >= page { found } else { found.needing(Need::Tables) })
}

/// The format that has these tables.
pub(super) fn by_tables(has: &mut dyn FnMut(&[u8]) -> bool) -> Option<Id> {
    if let Some((_, id)) = TABLES.iter().find(|(name, _)| has(name)) {
        return Some(*id);
    }
    (has(b"tile_data") && has(b"zoom_level") && has(b"tile_column")).then_some(Id::Mbtiles)
}
