//! People added up per exporter and year, and which rule of the plan holds.

use super::entries::Entries;
use evidence::{Asset, ExporterStanding, Flow, Holds, LevelId, Span, Time, TransferNeed};
use plan::{CheckedPlan, Transfer};
use std::collections::BTreeMap;

/// The exempt case that needs nobody to state it.
const WITHOUT: &str = "without-personal-or-important";

/// What a need weighs: a heavier one is answered by less.
pub(crate) fn weight(needs: &str) -> u8 {
    match needs {
        "exempt" => 0,
        "assessment" => 2,
        _ => 1,
    }
}

/// A flow with what this year says of it.
pub(crate) struct Weighed<'a> {
    pub(crate) flow: &'a Flow,
    pub(crate) personal: Span,
    pub(crate) sensitive: Span,
    /// It holds personal data, certainly and possibly.
    pub(crate) people: (bool, bool),
    /// It holds important data, certainly and possibly.
    pub(crate) important: (bool, bool),
    /// The highest level of its assets.
    pub(crate) level: Option<LevelId>,
    /// No count although it holds personal data.
    pub(crate) uncounted: bool,
    /// It is in an exempt case that the plan knows, and nothing known of it says otherwise.
    pub(crate) case: bool,
    /// It states that it holds neither personal nor important data, and it does.
    pub(crate) contradicted: bool,
    /// Over before this year.
    pub(crate) past: bool,
}

/// Rank of a level; 1 is the lowest.
pub(crate) fn rank(plan: &CheckedPlan, id: &LevelId) -> u32 {
    plan.levels().iter().find(|l| &l.id == id).map_or(0, |l| l.rank)
}

pub(crate) fn weigh<'a>(
    plan: &CheckedPlan,
    entries: &Entries<'a>,
    flow: &'a Flow,
    year: i64,
    until: Time,
) -> Weighed<'a> {
    let counted = entries.count(&flow.id, year, until);
    let none = |holds: bool| if holds { Span::at_least(0) } else { Span::exact(0) };
    let holds = (flow.holds(Holds::Personal), flow.holds(Holds::SensitivePersonal));
    let assets: Vec<&Asset> = match entries.catalogue {
        Some((c, _)) => c.assets.iter().filter(|a| flow.assets.contains(&a.id)).collect(),
        None => Vec::new(),
    };
    let stated = flow.holds(Holds::Important) || flow.holds(Holds::Core);
    let high = |a: &&&Asset| rank(plan, &a.level.level) > 1;
    let sure = stated || assets.iter().any(|a| high(&a) && !a.level.proposed);
    let in_assets = assets.iter().any(|a| a.people.least > 0 || a.sensitive_people.least > 0);
    // Assets with people of whom the flow says nothing: nobody knows how many.
    let unsaid = in_assets && !holds.0 && !holds.1;
    let (personal, sensitive) = match counted {
        Some(c) => (c.personal, c.sensitive),
        None => (none(holds.0 || unsaid), none(holds.1 || unsaid)),
    };
    let known = !flow.case.is_empty() && plan.transfers().iter().any(|t| t.case == flow.case);
    let people = holds.0 || holds.1 || personal.least > 0 || sensitive.least > 0;
    Weighed {
        flow,
        personal,
        sensitive,
        people: (people, people || in_assets),
        important: (sure, sure || assets.iter().any(|a| high(&a))),
        level: assets.iter().map(|a| &a.level.level).max_by_key(|l| rank(plan, l)).cloned(),
        uncounted: counted.is_none() && (holds.0 || holds.1),
        case: known && !(flow.case == WITHOUT && (people || in_assets || sure)),
        contradicted: known && flow.case == WITHOUT && (people || in_assets || sure),
        past: entries.ended.get(flow.id.as_str()).is_some_and(|at| i64::from(super::zone::date(*at).year()) < year),
    }
}

/// The sums of every exporter.
pub(crate) fn exporters(plan: &CheckedPlan, flows: &[Weighed<'_>]) -> BTreeMap<String, ExporterStanding> {
    let with_cases = plan.parameter("transfer_count_exempt") == Some(1);
    let mut out: BTreeMap<String, ExporterStanding> = BTreeMap::new();
    // Of each exporter: people who are in one flow only, and of the other flows the largest.
    let mut least: BTreeMap<&str, [(u64, u64); 2]> = BTreeMap::new();
    for w in flows.iter().filter(|w| !w.past) {
        let name = w.flow.exporter.as_str();
        let sum = out.entry(name.to_owned()).or_insert_with(|| ExporterStanding {
            exporter: name.to_owned(),
            cii: false,
            flows: 0,
            personal: Span::exact(0),
            sensitive: Span::exact(0),
        });
        sum.cii |= w.flow.cii;
        if (w.case && !with_cases) || !w.people.1 {
            continue;
        }
        sum.flows += 1;
        let low = least.entry(name).or_default();
        for (n, (sum, span)) in
            [(&mut sum.personal, w.personal), (&mut sum.sensitive, w.sensitive)].into_iter().enumerate()
        {
            sum.most = sum.most.zip(span.most).map(|(a, b)| a.saturating_add(b));
            let (alone, largest) = &mut low[n];
            if w.flow.disjoint {
                *alone = alone.saturating_add(span.least);
            } else {
                *largest = span.least.max(*largest);
            }
            sum.least = alone.saturating_add(*largest);
        }
    }
    out
}

/// The rules in order.
pub(crate) fn rules(plan: &CheckedPlan) -> Vec<&Transfer> {
    let mut rules: Vec<&Transfer> = plan.transfers().iter().collect();
    rules.sort_by_key(|t| t.rank);
    rules
}

/// The first rule that holds of a flow, at the lower or the upper end of what is known.
pub(crate) fn need(rules: &[&Transfer], w: &Weighed<'_>, sums: &ExporterStanding, most: bool) -> Option<TransferNeed> {
    let end = |s: Span| if most { s.most.unwrap_or(u64::MAX) } else { s.least };
    let pick = |both: (bool, bool)| if most { both.1 } else { both.0 };
    let (people, important) = (pick(w.people), pick(w.important));
    let numbers = if people { (end(sums.personal), end(sums.sensitive)) } else { (0, 0) };
    let holds = |t: &&&Transfer| {
        let exporter = t.exporter.is_empty() || (t.exporter == "cii-operator" && sums.cii);
        // What the flow says of its case does not stand against what it says of its data.
        let without = !people && !important && (w.flow.case == WITHOUT || w.flow.holds.is_empty());
        let case = t.case.is_empty() || if t.case == WITHOUT { without } else { t.case == w.flow.case };
        let number = |n: u64| {
            let bounded = t.min.is_some() || t.below.is_some();
            let at_least = t.min.is_none_or(|m| u64::try_from(m).is_ok_and(|m| n >= m));
            let below = t.below.is_none_or(|b| u64::try_from(b).is_ok_and(|b| n < b));
            // A rule without numbers is about whoever has any.
            (bounded || people) && at_least && below
        };
        exporter
            && case
            && match t.about.as_str() {
                "important-data" => important,
                "personal" => number(numbers.0),
                "sensitive-personal" => number(numbers.1),
                "any" => true,
                _ => false,
            }
    };
    rules.iter().find(holds).map(|t| TransferNeed { rule: t.id.clone(), needs: t.needs.clone() })
}
