//! Listed against found: every asset once, with what does not agree.

use super::gather::{Draft, Drafts, Since};
use super::level::{level, people};
use super::place::ByPlace;
use super::sources::{Graded, Sources};
use crate::choose::doubt;
use crate::coverage::{looked_at, share};
use crate::data::is_under;
use evidence::{
    Asset, AssetClass, AssetGap, AssetSize, AssetStanding, Carrier, CarrierKind, CategoryId, LevelBasis, LevelId,
    ListedAsset, Say, ScopeKind, Span,
};
use plan::CheckedPlan;
use std::collections::{BTreeMap, BTreeSet};

/// Category of an asset of which neither list nor classes say one.
const UNCLASSIFIED: &str = "unclassified";

pub(crate) fn assets(plan: &CheckedPlan, sources: &mut Sources<'_>, drafts: Drafts<'_>, since: &Since) -> Vec<Asset> {
    let mut out = Vec::new();
    let mut used = BTreeSet::new();
    let mut graded = BTreeSet::new();
    let before = ByPlace::new(sources.previous.iter().flat_map(|p| &p.0.assets));
    let mut gaps_only: BTreeMap<usize, Vec<(Carrier, Draft<'_>)>> = BTreeMap::new();
    for (carrier, draft) in drafts {
        if !draft.is_found() {
            // Only what is listed is an asset without anything found in it.
            if let Some(n) = draft.listed {
                gaps_only.entry(n).or_default().push((carrier, draft));
            }
            continue;
        }
        used.extend(draft.listed);
        let listed = draft.listed.and_then(|n| sources.listing.and_then(|l| l.0.assets.get(n)));
        let one = Made { plan, sources, since, before: &before }.asset(&carrier, Some(&draft), listed, &mut graded);
        out.push(one);
    }
    let assets = sources.listing.map(|l| l.0.assets.as_slice()).unwrap_or_default();
    for (n, listed) in assets.iter().enumerate().filter(|(n, _)| !used.contains(n)) {
        let gaps = gaps_only.remove(&n).and_then(|g| g.into_iter().next());
        let (carrier, draft) = gaps.map_or((listed.carrier.clone(), None), |(c, d)| (c, Some(d)));
        out.push(Made { plan, sources, since, before: &before }.asset(
            &carrier,
            draft.as_ref(),
            Some(listed),
            &mut graded,
        ));
    }
    let lost: Vec<_> = sources.gradings.iter().filter(|g| !graded.contains(&g.leaf)).collect();
    let lost: Vec<_> = lost
        .into_iter()
        .map(|g| doubt(Say::new("doubt.graded-not-there").with("carrier", &g.grading.carrier), Some(g.leaf)))
        .collect();
    sources.bench.doubts.extend(lost);
    out
}

/// What an asset is made from.
struct Made<'m, 'a> {
    plan: &'m CheckedPlan,
    sources: &'m Sources<'a>,
    since: &'m Since,
    /// Assets of the catalogue before.
    before: &'m ByPlace<'a>,
}

impl Made<'_, '_> {
    fn asset(
        &self,
        carrier: &Carrier,
        draft: Option<&Draft<'_>>,
        listed: Option<&ListedAsset>,
        graded: &mut BTreeSet<evidence::Digest>,
    ) -> Asset {
        let by = self.sources.gradings.iter().find(|g| g.grading.carrier.same_place(carrier));
        graded.extend(by.map(|g| g.leaf));
        let found = draft.filter(|d| d.is_found());
        let (people, sensitive_people) = found.map_or((Span::exact(0), Span::exact(0)), people);
        let classes = found.map(classes).unwrap_or_default();
        let mut categories: Vec<CategoryId> = classes.iter().map(|c| c.category.clone()).collect();
        categories.sort();
        categories.dedup();
        let level = level(self.plan, found, listed, by);
        let differs = self.differs(&level, listed, &categories, by);
        let (site, country) = self.declared(carrier);
        Asset {
            id: carrier.id(),
            standing: self.standing(carrier, found.is_some(), listed.is_some()),
            category: main_category(listed, &classes),
            categories,
            size: AssetSize {
                files: found.map_or(0, |d| d.files.len() as u64),
                records: found.map_or(Span::exact(0), Draft::records),
                bytes: found.and_then(Draft::bytes),
            },
            people,
            sensitive_people,
            since: found.and_then(|_| self.since(carrier)),
            seen: found.and_then(|d| d.seen),
            gaps: draft
                .map(|d| d.gaps.iter().map(|(r, n)| AssetGap { reason: *r, count: *n }).collect())
                .unwrap_or_default(),
            evidence: found.map(Draft::cited).unwrap_or_default(),
            carrier: carrier.clone(),
            listed: listed.cloned(),
            classes,
            level,
            site,
            country,
            differs,
        }
    }

    fn since(&self, carrier: &Carrier) -> Option<evidence::Time> {
        let before = self.before.find(carrier).and_then(|a| a.since);
        let now = self.since.get(carrier).copied();
        match (before, now) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    fn standing(&self, carrier: &Carrier, found: bool, listed: bool) -> AssetStanding {
        match (found, listed) {
            (true, true) => AssetStanding::Both,
            (true, false) => AssetStanding::Found,
            (false, _) if carrier.kind == CarrierKind::Elsewhere => AssetStanding::NotExamined,
            (false, _) => {
                let host = |label: &str| carrier.host.is_empty() || carrier.host.eq_ignore_ascii_case(label);
                let seen = |r: &&crate::choose::Root<'_>| {
                    (host(&r.label) || host(&r.examination.subject.host)) && looked_at(r, carrier.path.as_str())
                };
                let looked = self.sources.bench.roots.iter().any(|r| seen(&r));
                if looked { AssetStanding::Missing } else { AssetStanding::NotExamined }
            }
        }
    }

    fn differs(
        &self,
        level: &evidence::AssetLevel,
        listed: Option<&ListedAsset>,
        categories: &[CategoryId],
        graded: Option<&Graded<'_>>,
    ) -> Vec<Say> {
        let rank = |id: &LevelId| self.plan.levels().iter().find(|l| &l.id == id).map_or(0, |l| l.rank);
        let mut out = Vec::new();
        if let Some(proposal) = level.proposal.as_ref().filter(|p| rank(p) > rank(&level.level)) {
            let key = match level.basis {
                LevelBasis::Listed => Some("differs.level-listed"),
                LevelBasis::Confirmed | LevelBasis::Rejected => Some("differs.level-graded"),
                LevelBasis::Found => None,
            };
            out.extend(key.map(|k| Say::new(k).with("level", &level.level).with("proposal", proposal)));
        }
        if let (Some(g), Some(said)) = (graded, listed.and_then(|l| l.level.as_ref()))
            && g.grading.level != *said
        {
            out.push(Say::new("differs.graded-listed").with("level", &g.grading.level).with("listed", said));
        }
        if let Some(category) = listed.and_then(|l| l.category.as_ref())
            && !categories.is_empty()
            && !categories.contains(category)
        {
            out.push(Say::new("differs.category").with("category", category));
        }
        out
    }

    /// Site and country, from the nearest entry of the declared scope: share, database, host.
    fn declared(&self, carrier: &Carrier) -> (Option<String>, Option<String>) {
        let entries = self.sources.bench.scope.map(|s| s.0.entries.as_slice()).unwrap_or_default();
        let hosts: BTreeSet<&str> = self
            .sources
            .bench
            .roots
            .iter()
            .filter(|r| r.label == carrier.host)
            .map(|r| r.examination.subject.host.as_str())
            .chain([carrier.host.as_str()])
            .collect();
        let on = |host: Option<&str>| host.is_none_or(|h| hosts.iter().any(|x| x.eq_ignore_ascii_case(h)));
        let path = carrier.path.as_str();
        let mut near: Vec<(usize, &evidence::ScopeEntry)> = entries
            .iter()
            .filter_map(|e| match e.kind {
                ScopeKind::Share => {
                    let (host, folder) = share(&e.id);
                    (on(host) && is_under(path, folder)).then(|| (1000 + folder.len(), e))
                }
                ScopeKind::Database => is_under(path, &e.id).then(|| (1000 + e.id.len(), e)),
                ScopeKind::Host => hosts.iter().any(|h| h.eq_ignore_ascii_case(&e.id)).then_some((0, e)),
                ScopeKind::ControlNetwork | ScopeKind::Person => None,
            })
            .collect();
        near.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        let first = |of: fn(&evidence::ScopeEntry) -> &String| {
            near.iter().map(|n| of(n.1)).find(|text| !text.is_empty()).cloned()
        };
        (first(|e| &e.site), first(|e| &e.country))
    }
}

fn classes(draft: &Draft<'_>) -> Vec<AssetClass> {
    let mut out: Vec<AssetClass> = draft
        .classes
        .iter()
        .filter(|(_, c)| c.hits > 0 || c.columns > 0 || c.contents > 0)
        .map(|(class, c)| AssetClass {
            class: (*class).clone(),
            category: c.about.as_ref().map_or_else(|| CategoryId::from(UNCLASSIFIED), |a| a.category.clone()),
            files: c.places.len() as u64,
            hits: c.hits,
            distinct: c.distinct,
            columns: c.columns,
            contents: c.contents,
        })
        .collect();
    out.sort_by(|a, b| (b.hits, &a.class).cmp(&(a.hits, &b.class)));
    out
}

/// As listed, else the category with most hits and recognised files.
fn main_category(listed: Option<&ListedAsset>, classes: &[AssetClass]) -> CategoryId {
    if let Some(category) = listed.and_then(|l| l.category.clone()) {
        return category;
    }
    let mut by: BTreeMap<&CategoryId, u64> = BTreeMap::new();
    for c in classes {
        let sum = by.entry(&c.category).or_default();
        *sum = sum.saturating_add(c.hits).saturating_add(c.contents);
    }
    let most = by.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(a.0)));
    most.map_or_else(|| CategoryId::from(UNCLASSIFIED), |(c, _)| c.clone())
}
