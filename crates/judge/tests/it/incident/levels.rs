//! Levels: the case table, which was written from the texts; properties of the range; what is asked first.

use super::*;

#[test]
fn the_levels_are_those_of_the_text() {
    let all = cases();
    let mut wrong = Vec::new();
    for case in &all.case {
        let plan = plan_of(&case.plan);
        let branches: Vec<&str> = case.branches.iter().map(String::as_str).collect();
        let incident = Incident::opened(&["enterprise"], &branches, t("2026-03-02")).set(plan, &facts(&all, case));
        let j = incident.judged(plan, t("2026-03-03"));
        for (regime, want) in &case.expect {
            let got = range(&j, regime);
            if &got != want {
                wrong.push(format!("{}: {regime} is {got}, not {want} ({})", case.name, case.from));
            }
        }
    }
    assert!(all.case.len() >= 120, "{} cases", all.case.len());
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// A small generator of numbers, the same in every run.
struct Chance(u64);
impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

/// Values of a dimension from least to gravest.
fn values(plan: &CheckedPlan, dimension: &str, kind: DimensionKind) -> Vec<String> {
    let levels = || plan.incident_levels().iter().filter(|l| l.criteria.iter().any(|c| c.dimension == dimension));
    match kind {
        DimensionKind::Number => {
            let bounds = levels().flat_map(|l| &l.criteria).filter(|c| c.dimension == dimension);
            let mut all: Vec<i64> = bounds
                .filter_map(|c| match c.measured {
                    plan::Measured::Bounds { min, .. } => min,
                    plan::Measured::Words { .. } => None,
                })
                .flat_map(|m| [m - 1, m, m + 1])
                .chain([0, 1])
                .collect();
            all.sort_unstable();
            all.dedup();
            all.iter().map(i64::to_string).collect()
        }
        DimensionKind::Words => {
            let mut all: Vec<(u32, String)> = levels().map(|l| (l.rank, l.id.clone())).collect();
            all.sort_by_key(|l| std::cmp::Reverse(l.0));
            std::iter::once("none".to_owned()).chain(all.into_iter().map(|l| l.1)).collect()
        }
        DimensionKind::DataLevel => plan.levels().iter().map(|l| l.id.as_str().to_owned()).collect(),
        // A person's decision, not a measure: it has no order.
        DimensionKind::Confirmation => Vec::new(),
    }
}

/// Rank of an end of a regime's range; 1 is the gravest.
fn ends(plan: &CheckedPlan, j: &IncidentJudgement) -> BTreeMap<String, (u32, u32)> {
    let rank = |regime: &str, id: &str| {
        plan.incident_levels().iter().find(|l| l.regime == regime && l.id == id).map(|l| l.rank).unwrap()
    };
    let of = |g: &evidence::Grade| (g.regime.clone(), (rank(&g.regime, &g.at_least), rank(&g.regime, &g.at_most)));
    j.grades.iter().map(of).collect()
}

#[test]
fn raising_a_dimension_never_lowers_a_level_and_unknowns_only_widen_the_range() {
    let mut chance = Chance(20_261_129);
    let mut raised = 0;
    for plan in [&*PLAN, &*NIS2] {
        let branches: Vec<&str> =
            ["industrial", "telecom", "radio", "cii", "digital-infrastructure", "financial"].into();
        let dimensions: Vec<(&str, Vec<String>)> = plan
            .dimensions()
            .iter()
            .map(|d| (d.id.as_str(), values(plan, &d.id, d.kind)))
            .filter(|d| !d.1.is_empty())
            .collect();
        for _ in 0..150 {
            let mut set: BTreeMap<String, String> = BTreeMap::new();
            for (id, values) in &dimensions {
                if chance.below(3) > 0 {
                    set.insert((*id).to_owned(), chance.of(values));
                }
            }
            let opened = || Incident::opened(&["enterprise"], &branches, t("2026-03-02"));
            let before = opened().set(plan, &set).judged(plan, t("2026-03-03"));
            let (id, values) = chance.of(&dimensions);
            let at = set.get(id).map(|v| values.iter().position(|x| x == v).unwrap());
            let graver = at.map_or(0, |n| n + 1);
            let mut more = set.clone();
            match values.get(graver) {
                Some(v) => more.insert(id.to_owned(), v.clone()),
                None => continue,
            };
            let after = opened().set(plan, &more).judged(plan, t("2026-03-03"));
            let (was, is) = (ends(plan, &before), ends(plan, &after));
            for (regime, (least, most)) in &was {
                let (new_least, new_most) = is[regime];
                assert!(least >= most, "{regime} {set:?}");
                match at {
                    // Raised: neither end is less grave.
                    Some(_) => {
                        assert!(new_least <= *least && new_most <= *most, "{regime}: {set:?} then {id} {more:?}");
                    }
                    // Learned: the range lies within the old one.
                    None => assert!(new_least <= *least && new_most >= *most, "{regime}: {set:?} then {id} {more:?}"),
                }
            }
            raised += u32::from(at.is_some());
        }
    }
    assert!(raised > 50, "{raised}");
}

#[test]
fn the_question_that_matters_most_comes_first_and_says_what_it_would_change() {
    let opened = Incident::opened(&["enterprise"], &["industrial"], t("2026-03-02"));
    let j = opened.judged(&PLAN, t("2026-03-03"));
    // People and loss are bounds of two regimes, all others of one: they are asked before the words of one regime.
    let first: Vec<&str> = j.ask.iter().take(2).map(|a| a.dimension.as_str()).collect();
    assert_eq!(first, ["people-personal", "loss-yuan"]);
    let told: Vec<(&str, &str, Option<i64>)> =
        j.ask[0].would.iter().map(|w| (w.regime.as_str(), w.level.as_str(), w.from)).collect();
    let want = [("I", 100_000_000), ("II", 10_000_000), ("III", 1_000_000)];
    for regime in ["miit", "cac"] {
        for (level, from) in want {
            assert!(told.contains(&(regime, level, Some(from))), "{regime} {level} of {told:?}");
        }
    }
    // Hours are no dimension of industrial data: nobody is asked for them.
    assert!(j.ask.iter().all(|a| !a.dimension.starts_with("hours-telecom") && !a.dimension.starts_with("hours-radio")));
    // What is known exactly is not asked again; what is bounded is, as far as it matters.
    let known = opened.set(&PLAN, &[("people-personal".to_owned(), "5000000..20000000".to_owned())].into());
    let j = known.judged(&PLAN, t("2026-03-03"));
    assert_eq!(range(&j, "miit"), "III..I");
    let people = j.ask.iter().find(|a| a.dimension == "people-personal").unwrap();
    let miit: Vec<&str> = people.would.iter().filter(|w| w.regime == "miit").map(|w| w.level.as_str()).collect();
    assert_eq!(miit, ["II"], "twenty million people never are level I, and III is certain");
}

#[test]
fn while_a_level_is_proposed_its_confirmation_is_asked_first_and_nothing_false_is_said() {
    let mut set = cases().base["quiet-industrial"].set.clone();
    for (d, v) in [("data-level", "core"), ("threat", "II"), ("loss-yuan", "unknown")] {
        set.insert(d.to_owned(), v.to_owned());
    }
    let i = Incident::opened(&["enterprise"], &["industrial"], t("2026-03-02")).set(&PLAN, &set);
    let j = i.judged(&PLAN, t("2026-03-03"));
    assert_eq!(j.ask[0].dimension, "core-confirmed", "{:?}", j.ask);
    let loss = j.ask.iter().find(|a| a.dimension == "loss-yuan").unwrap();
    // A loss of one yuan makes nothing level I; and I is reckoned with already.
    assert!(loss.would.iter().all(|w| w.regime != "miit"), "{:?}", loss.would);
}
