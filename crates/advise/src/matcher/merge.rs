//! The statements about one package, weighed.

use super::{Cleared, Match, Outcome, Package, Place, Search, Told};
use crate::advisory::{Names, Severity, Status};
use crate::ecosystem;
use crate::pack::{Kind, Record, Row};
use crate::version::compare;
use std::collections::{BTreeSet, HashMap};

/// What one advisory says of the package's version.
struct Statement<'a> {
    pack: usize,
    /// Said of exactly this release.
    exact: bool,
    record: Record<'a>,
    /// The status, if it speaks of the version.
    held: Option<Status>,
    fix: Option<&'a str>,
    /// Place of the statement that stands for all of its vulnerability.
    group: usize,
}

impl<'a> Statement<'a> {
    fn told(&self) -> Told {
        Told { pack: self.pack, id: self.record.id.to_owned() }
    }
    fn ids(&self) -> impl Iterator<Item = &'a str> + '_ {
        std::iter::once(self.record.id).chain(self.record.aliases.iter().copied())
    }
    fn finds(&self) -> bool {
        self.held.is_some_and(|s| s != Status::NotAffected)
    }
}

pub(super) fn package<'a>(
    search: &mut Search<'a, '_>,
    place: &Place,
    number: usize,
    package: &'a Package,
    out: &mut Outcome,
) {
    let mut statements = statements(search, place, package);
    let groups = grouped(&mut statements);
    let mut found = Vec::new();
    for group in groups {
        let members: Vec<&Statement<'_>> = group.iter().filter_map(|n| statements.get(*n)).collect();
        match weighed(&members) {
            Weighed::Match(counting) => found.push((one(search, place, number, &members, &counting), true)),
            Weighed::Cleared(by) => {
                let findings = members.iter().filter(|s| s.finds());
                out.cleared.extend(findings.map(|s| Cleared { package: number, found: s.told(), by: by.clone() }));
            }
            Weighed::Nothing => {}
        }
    }
    fold(&mut found);
    out.matches.extend(found.into_iter().filter(|(_, stays)| *stays).map(|(m, _)| m));
}

/// What a row says of the version, before its advisory is looked at.
struct Heard<'a> {
    pack: usize,
    exact: bool,
    row: Row<'a>,
    held: Option<Status>,
    version: &'a str,
}

fn statements<'a>(search: &mut Search<'a, '_>, place: &Place, package: &'a Package) -> Vec<Statement<'a>> {
    let heard = heard(search, place, package);
    let finds = |h: &Heard<'_>| h.held.is_some_and(|s| s != Status::NotAffected);
    if !heard.iter().any(finds) {
        return Vec::new();
    }
    // Silence of the release's own publisher clears what is said in general, and nothing else.
    let general = heard.iter().any(|h| !h.exact && finds(h));
    let mut out = Vec::new();
    for h in heard.into_iter().filter(|h| h.held.is_some() || (general && h.exact)) {
        let fix = h.held.and_then(|_| h.row.fix(h.version));
        match search.packs.get(h.pack).map(|p| p.record(h.row.advisory)) {
            Some(Ok(record)) => {
                out.push(Statement { pack: h.pack, exact: h.exact, record, held: h.held, fix, group: 0 });
            }
            Some(Err(e)) => drop(search.damaged.entry(h.pack).or_insert(e)),
            None => {}
        }
    }
    out
}

fn heard<'a>(search: &mut Search<'a, '_>, place: &Place, package: &'a Package) -> Vec<Heard<'a>> {
    let version = package.version.trim();
    let own = ecosystem::name(&place.ecosystem, &package.name);
    let source = package.source.as_ref().filter(|(name, _)| !name.trim().is_empty());
    let source = source.map(|(name, v)| {
        let v = v.trim();
        (ecosystem::name(&place.ecosystem, name), if v.is_empty() { version } else { v })
    });
    let mut lookups: Vec<(&str, &'a str, Names)> = Vec::new();
    match &source {
        // A source of the same name: one look-up, by the source's version, which is what distributions publish.
        Some((name, v)) if *name == own => lookups.push((name, v, Names::Any)),
        Some((name, v)) => lookups.extend([(name.as_str(), *v, Names::Source), (own.as_str(), version, Names::Binary)]),
        None => lookups.push((own.as_str(), version, Names::Any)),
    }
    let mut out = Vec::new();
    for (n, pack) in search.packs.iter().enumerate().filter(|(_, p)| p.about().kind == Kind::Advisories) {
        for (ecosystem, exact) in
            std::iter::once((&place.ecosystem, true)).chain(place.family.iter().map(|f| (f, false)))
        {
            for (name, version, names) in &lookups {
                let rows = match pack.rows(ecosystem, name) {
                    Ok(rows) => rows,
                    Err(e) => {
                        search.damaged.entry(n).or_insert(e);
                        continue;
                    }
                };
                let fits = |r: &Row<'_>| *names == Names::Any || r.names == Names::Any || r.names == *names;
                out.extend(rows.into_iter().filter(fits).map(|row| {
                    let held = row.holds(version).then_some(row.status);
                    Heard { pack: n, exact, row, held, version }
                }));
            }
        }
    }
    out
}

/// Places of statements whose ids meet, in the order in which they came.
fn grouped(statements: &mut [Statement<'_>]) -> Vec<Vec<usize>> {
    let mut parent: Vec<usize> = (0..statements.len()).collect();
    fn root(parent: &mut [usize], mut n: usize) -> usize {
        while let Some(up) = parent.get(n).copied().filter(|up| *up != n) {
            // Halves the way for the next who goes it.
            let above = parent.get(up).copied().unwrap_or(up);
            if let Some(slot) = parent.get_mut(n) {
                *slot = above;
            }
            n = above;
        }
        n
    }
    let mut first: HashMap<&str, usize> = HashMap::new();
    for (n, statement) in statements.iter().enumerate() {
        for id in statement.ids() {
            let other = *first.entry(id).or_insert(n);
            let (a, b) = (root(&mut parent, other), root(&mut parent, n));
            if let Some(slot) = parent.get_mut(a.max(b)) {
                *slot = a.min(b);
            }
        }
    }
    let roots: Vec<usize> = (0..statements.len()).map(|n| root(&mut parent, n)).collect();
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); statements.len()];
    for (n, (statement, group)) in statements.iter_mut().zip(roots).enumerate() {
        statement.group = group;
        if let Some(members) = groups.get_mut(group) {
            members.push(n);
        }
    }
    groups.retain(|g| !g.is_empty());
    groups
}

enum Weighed<'s, 'a> {
    /// The findings that count.
    Match(Vec<&'s Statement<'a>>),
    Cleared(Told),
    Nothing,
}

/// Spec §4.3.
fn weighed<'s, 'a>(members: &[&'s Statement<'a>]) -> Weighed<'s, 'a> {
    if !members.iter().any(|s| s.finds()) {
        return Weighed::Nothing;
    }
    let exact = members.iter().any(|s| s.exact);
    let counting: Vec<&Statement<'a>> = members.iter().copied().filter(|s| s.exact == exact).collect();
    if let Some(clears) = counting.iter().find(|s| s.held == Some(Status::NotAffected)) {
        return Weighed::Cleared(clears.told());
    }
    let finds: Vec<&Statement<'a>> = counting.iter().copied().filter(|s| s.finds()).collect();
    match counting.first() {
        Some(says) if finds.is_empty() => Weighed::Cleared(says.told()),
        _ => Weighed::Match(finds),
    }
}

fn one<'a>(
    search: &mut Search<'a, '_>,
    place: &Place,
    package: usize,
    members: &[&Statement<'a>],
    counting: &[&Statement<'a>],
) -> Match {
    // What nobody says of this release, a general statement may.
    let all = || counting.iter().chain(members).map(|s| &s.record);
    let id = counting.first().map(|s| s.record.id.to_owned()).unwrap_or_default();
    let ids: BTreeSet<&'a str> = members.iter().flat_map(|s| s.ids()).collect();
    let covers: BTreeSet<&'a str> = counting.iter().flat_map(|s| s.record.covers.iter().copied()).collect();
    let lists = search.standing(ids.iter().chain(&covers).copied());
    let fixed = counting.iter().filter_map(|s| s.fix).max_by(|a, b| compare(place.scheme, a, b));
    let says = |status| counting.iter().any(|s| s.held == Some(status));
    let status = match fixed {
        None if says(Status::WontFix) => Status::WontFix,
        None if !says(Status::Affected) => Status::UnderInvestigation,
        _ => Status::Affected,
    };
    let mut told: Vec<Told> = counting.iter().map(|s| s.told()).collect();
    told.sort();
    told.dedup();
    Match {
        package,
        aliases: ids.iter().filter(|i| **i != id).map(|i| (*i).to_owned()).collect(),
        covers: covers.into_iter().map(ToOwned::to_owned).collect(),
        summary: all().map(|r| r.summary).find(|s| !s.is_empty()).unwrap_or_default().to_owned(),
        severity: all().map(|r| r.severity).find(|s| *s != Severity::Unknown).unwrap_or_default(),
        score: all().find_map(|r| r.score),
        status,
        fixed: fixed.map(ToOwned::to_owned),
        exploited: lists.exploited,
        ransomware: lists.ransomware,
        due: lists.due,
        epss: lists.epss,
        malicious: all().any(|r| r.malicious),
        told,
        id,
    }
}

/// A bulletin whose every vulnerability is a match of its own adds its voice to these and is none itself.
fn fold(found: &mut [(Match, bool)]) {
    let mut by_id: HashMap<String, usize> = HashMap::new();
    for (n, (m, _)) in found.iter().enumerate() {
        for id in std::iter::once(&m.id).chain(&m.aliases) {
            by_id.insert(id.clone(), n);
        }
    }
    for n in 0..found.len() {
        let Some((bulletin, _)) = found.get(n) else { continue };
        let others = bulletin.covers.iter().map(|c| by_id.get(c).copied().filter(|other| *other != n));
        let Some(others) = others.collect::<Option<BTreeSet<usize>>>().filter(|o| !o.is_empty()) else { continue };
        // Two that cover each other do not both go.
        if others.iter().any(|o| found.get(*o).is_none_or(|(_, stays)| !stays)) {
            continue;
        }
        let told = bulletin.told.clone();
        for other in others {
            if let Some((m, _)) = found.get_mut(other) {
                m.told.extend(told.iter().cloned());
                m.told.sort();
                m.told.dedup();
            }
        }
        if let Some((_, stays)) = found.get_mut(n) {
            *stays = false;
        }
    }
}
