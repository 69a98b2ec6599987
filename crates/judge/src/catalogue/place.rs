//! To which asset something belongs: a listed one above it, the table of a database, or the folder that it lies in.

use super::sources::Run;
use crate::data::is_under;
use evidence::{Asset, Body, Carrier, CarrierKind, Digest, Listing, PathText, Place, Spot};
use std::collections::{BTreeMap, BTreeSet};

/// The places of the list, and what the runs say of tables.
pub(crate) struct Places<'a> {
    /// Listed assets by their path: number in the list.
    listed: BTreeMap<&'a str, Vec<usize>>,
    listing: Option<&'a Listing>,
    /// By run: places that are tables of databases, as `table:<place>`.
    tables: BTreeMap<Digest, BTreeSet<String>>,
    /// Folders deeper than this many names are rolled up.
    depth_max: usize,
}

/// Whether a path is the address of a database.
fn is_address(path: &str) -> bool {
    path.contains("://") || path.starts_with("sqlite:")
}

impl<'a> Places<'a> {
    pub(crate) fn new(listing: Option<&'a Listing>, runs: &[Run<'a>]) -> Self {
        let mut listed: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (n, asset) in listing.iter().flat_map(|l| &l.assets).enumerate() {
            if asset.carrier.kind != CarrierKind::Elsewhere {
                listed.entry(asset.carrier.path.as_str().trim_end_matches('/')).or_default().push(n);
            }
        }
        let tables = runs.iter().map(|r| (r.leaf, tables(r))).collect();
        Self { listed, listing, tables, depth_max: usize::MAX }
    }

    /// Rolls folders up until there are no more than `folders_max`; answers the depth if it had to.
    pub(crate) fn roll_up(&mut self, folders: &BTreeSet<(String, String)>, folders_max: usize) -> Option<usize> {
        let deepest = folders.iter().map(|f| depth(&f.1)).max().unwrap_or(0);
        if folders.len() <= folders_max {
            return None;
        }
        let fits = |d: &usize| {
            let cut: BTreeSet<(&str, &str)> = folders.iter().map(|(h, f)| (h.as_str(), shallow(f, *d))).collect();
            cut.len() <= folders_max
        };
        self.depth_max = (0..deepest).rev().find(fits).unwrap_or(0);
        Some(self.depth_max)
    }

    /// The carrier of a place that a run on `host` saw, and the number of the listed asset that it is.
    pub(crate) fn of(&self, run: Digest, host: &str, at: &Place) -> (Carrier, Option<usize>) {
        if let Some(n) = self.listed_above(host, at)
            && let Some(asset) = self.listing.and_then(|l| l.assets.get(n))
        {
            return (Carrier { host: host.to_owned(), ..asset.carrier.clone() }, Some(n));
        }
        let carrier =
            |kind, path: PathText, inside: Vec<PathText>| Carrier { kind, host: host.to_owned(), path, inside };
        if let Some(inside) = self.table(run, at) {
            return (carrier(CarrierKind::Table, at.path.clone(), inside), None);
        }
        if is_address(at.path.as_str()) {
            return (carrier(CarrierKind::Table, at.path.clone(), at.inside.clone()), None);
        }
        let folder = at.path.folder().unwrap_or_else(|| at.path.clone());
        let folder = PathText::from(shallow(folder.as_str(), self.depth_max));
        (carrier(CarrierKind::Folder, folder, Vec::new()), None)
    }

    /// The way to the table of a database that a place lies in.
    fn table(&self, run: Digest, at: &Place) -> Option<Vec<PathText>> {
        let tables = self.tables.get(&run).filter(|t| !t.is_empty())?;
        (1..=at.inside.len()).rev().find_map(|n| {
            let inside = at.inside.get(..n)?.to_vec();
            let place = Place { path: at.path.clone(), inside, spot: None, digest: None };
            tables.contains(&format!("table:{place}")).then_some(place.inside)
        })
    }

    /// The listed asset above a place: the longest, on this host.
    fn listed_above(&self, host: &str, at: &Place) -> Option<usize> {
        let listing = self.listing?;
        let fits = |n: &&usize| {
            listing.assets.get(**n).is_some_and(|a| {
                let same_host = a.carrier.host.is_empty() || a.carrier.host.eq_ignore_ascii_case(host);
                let whole = a.carrier.inside.is_empty();
                let inside = a.carrier.path == at.path && at.inside.starts_with(&a.carrier.inside);
                same_host && (whole || inside)
            })
        };
        let longest = |n: &&usize| listing.assets.get(**n).map_or(0, |a| a.carrier.inside.len());
        let mut path = at.path.as_str().trim_end_matches('/');
        loop {
            if let Some(n) = self.listed.get(path).and_then(|l| l.iter().filter(fits).max_by_key(longest)) {
                return Some(*n);
            }
            if path.is_empty() {
                return None;
            }
            path = path.rfind('/').and_then(|at| path.get(..at)).unwrap_or_default();
        }
    }
}

/// Tables of databases: the run covered them as tables, or hits in them stand in fields (a table that was not looked at
/// to the end is not covered); and no hit in them has a place of a text or a sheet (then they are a file's table, and the
/// file's folder holds them).
fn tables(run: &Run<'_>) -> BTreeSet<String> {
    let covered = run.items.iter().filter_map(|i| match &i.body {
        Body::Covered(c) if c.what.starts_with("table:") => Some(c.what.clone()),
        _ => None,
    });
    let spots = |field: bool| {
        run.items.iter().filter_map(move |i| match &i.body {
            Body::Hits(h) if h.samples.iter().any(|s| stands(&s.spot) == Some(field)) => {
                let place = Place { digest: None, spot: None, ..h.at.clone() };
                Some(format!("table:{place}"))
            }
            _ => None,
        })
    };
    let mut out: BTreeSet<String> = covered.chain(spots(true)).collect();
    for place in spots(false) {
        out.remove(&place);
    }
    out
}

/// True: in a field of a table. False: in a text or a sheet.
fn stands(spot: &Spot) -> Option<bool> {
    match spot {
        Spot::Field { .. } => Some(true),
        Spot::Line { .. } | Spot::Cell { .. } => Some(false),
        Spot::Byte { .. } | Spot::Page { .. } => None,
    }
}

/// Names in a path.
fn depth(path: &str) -> usize {
    path.split('/').filter(|p| !p.is_empty()).count()
}

/// A path cut to so many names.
fn shallow(path: &str, depth_max: usize) -> &str {
    let mut seen = 0;
    for (at, c) in path.char_indices() {
        if c == '/' && at > 0 {
            seen += 1;
            if seen == depth_max {
                return path.get(..at).unwrap_or(path);
            }
        }
    }
    if depth_max == 0 { "/" } else { path }
}

/// Assets by their place, to find one again: the host of one of the two may be unsaid.
pub(crate) struct ByPlace<'a>(BTreeMap<(&'a str, &'a [PathText]), Vec<&'a Asset>>);
impl<'a> ByPlace<'a> {
    pub(crate) fn new(assets: impl IntoIterator<Item = &'a Asset>) -> Self {
        let mut by: BTreeMap<(&str, &[PathText]), Vec<&Asset>> = BTreeMap::new();
        for a in assets {
            by.entry((a.carrier.path.as_str(), &a.carrier.inside)).or_default().push(a);
        }
        Self(by)
    }
    /// The asset at a place: the one of the same host, else one of which a host is unsaid.
    pub(crate) fn find(&self, carrier: &Carrier) -> Option<&'a Asset> {
        let there = self.0.get(&(carrier.path.as_str(), carrier.inside.as_slice()))?;
        let exact = there.iter().find(|a| a.carrier.host == carrier.host);
        exact.or_else(|| there.iter().find(|a| a.carrier.same_place(carrier))).copied()
    }
}

/// Whether a run over `root` on the same host came after, and covers, what another saw at `path`.
pub(crate) fn covers(root: &str, path: &str) -> bool {
    is_under(path, root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_cut_by_names() {
        assert_eq!((shallow("/a/b/c", 2), shallow("/a/b/c", 3), shallow("/a/b/c", 9)), ("/a/b", "/a/b/c", "/a/b/c"));
        assert_eq!((shallow("/a/b", 0), shallow("/a", 1), depth("/a/b/c"), depth("/")), ("/", "/a", 3, 0));
    }
}
