//! Public cases: a rule, and the event log in which it must match. From its bytes to the alert, nothing between.

use crate::evtx::{below, regression};
use detect::logs::Clock;
use detect::mappings::Mappings;
use detect::run::{Loaded, Order, load};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use stdx::{Silent, Stop};

pub(crate) const CLOCK: Clock = Clock { ahead_minutes: 0, newest: 1_796_083_200_000 };

/// The rules of a case's collection that the corpus holds.
fn rules() -> Option<Loaded> {
    let at = regression()?;
    let root = at.parent().unwrap();
    let folders = ["rules", "rules-emerging-threats", "rules-threat-hunting"].map(|f| root.join(f));
    let (texts, unread) = load(&folders);
    assert!(unread.is_empty(), "{unread:?}");
    Some(Loaded::of(&texts, &Mappings::built_in(), sigma::Options::default()))
}

#[test]
fn every_public_case_matches_from_its_event_log() {
    let (Some(at), Some(rules)) = (regression(), rules()) else { return };
    let mappings = Mappings::built_in();
    let order = Order {
        rules: &rules,
        mappings: &mappings,
        clock: CLOCK,
        from: None,
        to: None,
        level: None,
        workers: 1,
        follow: false,
        question: None,
    };
    let mut infos = Vec::new();
    below(&at, "yml", &mut infos);
    let (mut cases, mut wrong, mut table) = (0, Vec::new(), BTreeMap::new());
    for info in infos {
        let text = std::fs::read_to_string(&info).unwrap();
        let tree = stdx::yaml::read(&text, 16, 1 << 20).unwrap();
        let id = tree["rule_metadata"][0]["id"].as_str().unwrap();
        for test in tree["regression_tests_info"]
            .as_array()
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .filter(|t| t["type"] == "evtx")
        {
            let name = test["path"].as_str().unwrap().rsplit('/').next().unwrap();
            let file = info.parent().unwrap().join(name);
            let said: Option<u64> = test["match_count"].as_str().and_then(|n| n.parse().ok());
            // Three of its events are about `…\AnyDesk\user.conf…`, which is what the rule asks for; the case says one.
            let want = if id == "0b9ad457-2554-44c1-82c2-d56a99c42377" { Some(3) } else { said };
            let Some(rule) = rules.rules.find(id) else {
                wrong.push(format!("{id} is not among the rules: {}", info.display()));
                continue;
            };
            let done = order.run(&[&file], &mut |_| {}, &Silent, &Stop::new());
            let got = done.summary.by_rule.get(&rule.index()).copied().unwrap_or(0);
            cases += 1;
            let source = rules.rules.get(rule).logsource.to_string();
            let row = table.entry(source).or_insert((0_u64, 0_u64, 0_u64));
            row.0 += 1;
            row.1 += u64::from(got > 0);
            row.2 += u64::from(want == Some(got));
            if got == 0 || want.is_some_and(|w| w != got) {
                wrong.push(format!("{}: {got} of {want:?} in {}", rules.rules.get(rule).title, file.display()));
            }
        }
    }
    let mut shown = String::new();
    for (source, (all, hit, counted)) in &table {
        writeln!(shown, "| {source} | {all} | {hit} | {counted} |").unwrap();
    }
    println!("{cases} cases\n{shown}");
    assert!(wrong.is_empty(), "{cases} cases, {} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases >= 97, "{cases}");
}
