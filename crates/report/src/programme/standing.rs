//! Where a plant stands, as the level above will read it.

use super::view::{amount, percent, rung};
use crate::Style;
use crate::clean::clean;
use crate::paper::{Ink, Paper};
use crate::view::{Own, Tongue};
use evidence::{Digest, Doubt, Lang, ProgrammeReport};
use plan::CheckedPlan;
use std::fmt::Display;

/// A plant's report for a terminal; `leaf`: where it stands, if it was signed; `doubts`: what would be found wrong with it.
#[must_use]
pub fn standing_text(
    plan: &CheckedPlan,
    report: &ProgrammeReport,
    leaf: Option<Digest>,
    doubts: &[Doubt],
    lang: Lang,
    style: Style,
) -> String {
    let own = Own::default();
    let t = Tongue { lang, plan, own: &own };
    let mut paper = Paper::new(t, style);
    paper.title(t.t("standing-up.title"));
    let as_of = crate::gather::instant(report.as_of);
    let with: [(&str, &dyn Display); 3] =
        [("uscc", &clean(&report.uscc)), ("as_of", &as_of), ("plan", &clean(report.plan.id.as_str()))];
    paper.para("", None, &t.f("standing-up.head", &with));
    paper.heading(t.t("standing-up.scope"));
    for s in &report.scope {
        let kind = t.code("scope", &s.kind);
        let with: [(&str, &dyn Display); 5] = [
            ("kind", &kind),
            ("examined", &amount(s.examined)),
            ("declared", &amount(s.declared)),
            ("percent", &percent(s.examined, s.declared)),
            ("undeclared", &amount(s.undeclared)),
        ];
        let key = if s.declared == 0 { "standing-up.share-none" } else { "standing-up.share" };
        paper.para("  ", None, &t.f(key, &with));
    }
    paper.heading(t.t("standing-up.scenarios"));
    if report.scenarios.is_empty() {
        paper.para("  ", None, t.t("standing-up.not-judged"));
    }
    for s in &report.scenarios {
        let name = t.scenario(&s.scenario.as_str().into());
        let with: [(&str, &dyn Display); 6] = [
            ("name", &name),
            ("passed", &s.passed),
            ("failed", &s.failed),
            ("accepted", &s.accepted),
            ("not_applicable", &s.not_applicable),
            ("not_examined", &s.not_examined),
        ];
        paper.para("  ", None, &t.f("standing-up.scenario", &with));
    }
    paper.heading(t.t("standing-up.catalogue"));
    match &report.catalogue {
        None => paper.para("  ", None, t.t("standing-up.no-catalogue")),
        Some(c) => {
            let levels =
                c.levels.iter().map(|(level, n)| format!("{} {}", t.level(&level.as_str().into()), amount(*n)));
            let levels = levels.collect::<Vec<_>>().join(", ");
            let filed = c.filed.map_or_else(|| t.t("standing-up.not-filed").to_owned(), evidence::Time::date);
            let with: [(&str, &dyn Display); 6] = [
                ("levels", &levels),
                ("ungraded", &amount(c.ungraded)),
                ("confirmed", &amount(c.confirmed)),
                ("rung", &rung(t, c.rung)),
                ("as_of", &c.as_of.date()),
                ("filed", &filed),
            ];
            paper.para("  ", None, &t.f("standing-up.catalogue-line", &with));
        }
    }
    paper.heading(t.t("standing-up.rest"));
    let (i, m) = (&report.incidents, &report.measures);
    let with: [(&str, &dyn Display); 5] =
        [("open", &i.open), ("late", &i.late), ("todo", &m.open), ("overdue", &m.overdue), ("done", &m.done)];
    paper.para("  ", None, &t.f("standing-up.counts", &with));
    let key = if report.drills.is_some() { "standing-up.drills" } else { "standing-up.no-drills" };
    let held = report.drills.as_ref().map_or(0, |d| d.held);
    paper.para("  ", None, &t.f(key, &[("held", &held)]));
    for (code, n) in &report.doubts {
        paper.para("  ? ", Some(Ink::Dim), &format!("{} × {}", clean(code), amount(*n)));
    }
    for d in doubts {
        paper.para("  !! ", Some(Ink::Red), &t.say(&d.say));
    }
    match leaf {
        Some(leaf) => paper.para("", None, &t.f("standing-up.signed", &[("leaf", &leaf.short())])),
        None => paper.para("", Some(Ink::Dim), t.t("standing-up.looked")),
    }
    paper.into_text()
}
