//! Two judgements side by side, for a terminal and as JSON.

use crate::Style;
use crate::clean::clean;
use crate::json::escape;
use crate::paper::{Ink, Paper};
use crate::view::{Own, Tongue};
use evidence::{Digest, Finding, Lang, Outcome};
use judge::{Changed, Compared, Reweighed, Told};
use plan::CheckedPlan;
use serde_json::{Value, json};

/// The `format` of the JSON face.
pub const COMPARE_FORMAT: &str = "watchfire-compare-v1";
/// Rows shown of one list.
const ROWS_MAX: usize = 40;

/// For a terminal. `leaves` are the two judgements. Ends with a line feed.
#[must_use]
pub fn compare_terminal(c: &Compared, leaves: [Digest; 2], plan: &CheckedPlan, lang: Lang, style: Style) -> String {
    let own = Own::default();
    let tongue = Tongue { lang, plan, own: &own };
    let mut page = Page { tongue, paper: Paper::new(tongue, style) };
    page.paper.title(tongue.t("compare.title"));
    let with: [(&str, &dyn std::fmt::Display); 8] = [
        ("new", &c.new.len()),
        ("first", &c.first_seen.len()),
        ("mended", &c.mended.len()),
        ("unseen", &c.unseen.len()),
        ("worse", &c.worse.len()),
        ("same", &c.same),
        ("before", &leaves[0].short()),
        ("after", &leaves[1].short()),
    ];
    page.paper.para("", Some(Ink::Bold), &tongue.f("compare.result", &with));
    if c.other_plan {
        page.paper.para("! ", Some(Ink::Yellow), tongue.t("compare.other-plan"));
    }
    page.changed("compare.new", &c.new, Ink::Red);
    page.reweighed("compare.worse", &c.worse, Ink::Red);
    page.changed("compare.first-seen", &c.first_seen, Ink::Yellow);
    page.changed("compare.unseen", &c.unseen, Ink::Yellow);
    page.told("compare.blind", &c.blind, Ink::Yellow);
    page.changed("compare.approved", &c.approved, Ink::Green);
    page.changed("compare.mended", &c.mended, Ink::Green);
    page.reweighed("compare.better", &c.better, Ink::Green);
    page.told("compare.sighted", &c.sighted, Ink::Green);
    page.paper.into_text()
}

struct Page<'a> {
    tongue: Tongue<'a>,
    paper: Paper<'a>,
}

impl Page<'_> {
    fn heading(&mut self, key: &str, count: usize) -> bool {
        if count > 0 {
            let text = format!("{} ({count})", self.tongue.t(key));
            self.paper.heading(&text);
        }
        count > 0
    }

    fn finding(&mut self, f: &Finding, ink: Ink, more: &str) {
        let object = if f.object.is_empty() { String::new() } else { format!("  {}", clean(&f.object)) };
        let at = f.at.as_ref().map(|a| format!("  {}", crate::view::place(a))).unwrap_or_default();
        let title = self.tongue.check(&f.check, "title", &f.with);
        let text = format!(
            "{}  {title}{object}{at}  {}  {}{more}",
            self.tongue.severity(f.severity),
            clean(&f.host),
            f.id.short()
        );
        self.paper.para("  · ", Some(ink), &text);
    }

    fn changed(&mut self, key: &str, list: &[Changed], ink: Ink) {
        if self.heading(key, list.len()) {
            for c in list.iter().take(ROWS_MAX) {
                let other =
                    c.other.map_or_else(|| self.tongue.t("compare.not-asked").to_owned(), |o| self.tongue.outcome(o));
                self.finding(&c.finding, ink, &format!("  ({other})"));
            }
            self.paper.more("compare.more", list.len().saturating_sub(ROWS_MAX));
        }
    }

    fn reweighed(&mut self, key: &str, list: &[Reweighed], ink: Ink) {
        if self.heading(key, list.len()) {
            for r in list.iter().take(ROWS_MAX) {
                let before = self.tongue.severity(r.before);
                self.finding(&r.finding, ink, &format!("  ({before})"));
            }
            self.paper.more("compare.more", list.len().saturating_sub(ROWS_MAX));
        }
    }

    fn told(&mut self, key: &str, list: &[Told], ink: Ink) {
        if self.heading(key, list.len()) {
            let word = |t: Tongue<'_>, o: Option<Outcome>| {
                o.map_or_else(|| t.t("compare.not-asked").to_owned(), |o| t.outcome(o))
            };
            for t in list.iter().take(ROWS_MAX) {
                let title = self.tongue.check(&t.check, "title", &std::collections::BTreeMap::new());
                let (before, after) = (word(self.tongue, t.before), word(self.tongue, t.after));
                self.paper.para("  · ", Some(ink), &format!("{title}  {}  {before} → {after}", clean(&t.host)));
            }
            self.paper.more("compare.more", list.len().saturating_sub(ROWS_MAX));
        }
    }
}

/// As JSON ([`COMPARE_FORMAT`]). Ends with a line feed.
#[must_use]
pub fn compare_json(c: &Compared, leaves: [Digest; 2], plan: &CheckedPlan) -> String {
    let own = Own::default();
    let both = crate::json::Both::new(plan, &own);
    let finding = |f: &Finding| {
        let mut out = json!({
            "id": f.id, "check": f.check, "scenario": f.scenario, "severity": f.severity, "host": f.host,
            "object": f.object, "title": both.say(|t| t.check(&f.check, "title", &f.with)),
        });
        if let Some(at) = &f.at {
            out["at"] = json!(at);
        }
        out
    };
    let changed = |list: &[Changed]| -> Vec<Value> {
        let one = |c: &Changed| {
            let mut out = finding(&c.finding);
            if let Some(o) = c.other {
                out["other"] = json!(o);
            }
            out
        };
        list.iter().map(one).collect()
    };
    let reweighed = |list: &[Reweighed]| -> Vec<Value> {
        let one = |r: &Reweighed| {
            let mut out = finding(&r.finding);
            out["severity_before"] = json!(r.before);
            out
        };
        list.iter().map(one).collect()
    };
    let told = |list: &[Told]| -> Vec<Value> {
        let one = |t: &Told| {
            let mut out = json!({"check": t.check, "host": t.host});
            for (key, outcome) in [("before", t.before), ("after", t.after)] {
                if let Some(o) = outcome {
                    out[key] = json!(o);
                }
            }
            out
        };
        list.iter().map(one).collect()
    };
    let document = json!({
        "format": COMPARE_FORMAT,
        "before": leaves[0], "after": leaves[1], "other_plan": c.other_plan, "same": c.same,
        "new": changed(&c.new), "first_seen": changed(&c.first_seen), "mended": changed(&c.mended),
        "unseen": changed(&c.unseen), "approved": changed(&c.approved), "worse": reweighed(&c.worse), "better": reweighed(&c.better),
        "blind": told(&c.blind), "sighted": told(&c.sighted),
    });
    escape(&serde_json::to_string_pretty(&document).expect("a JSON value has a text"))
}
