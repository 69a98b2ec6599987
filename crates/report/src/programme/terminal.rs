//! Progress for a terminal, to be read in a minute.

use super::ProgressView;
use super::view::{TargetText, group_head, group_row, head, target, together};
use crate::Style;
use crate::paper::{Ink, Paper};
use crate::view::{Own, Tongue};
use evidence::Lang;

/// Progress for a terminal. Ends with a line feed.
#[must_use]
pub fn progress_text(v: &ProgressView<'_>, lang: Lang, style: Style) -> String {
    let own = Own::default();
    let t = Tongue { lang, plan: v.plan, own: &own };
    let mut paper = Paper::new(t, style);
    paper.title(t.t("progress.title"));
    for line in head(t, v) {
        paper.para("", None, &line);
    }
    paper.para("", Some(Ink::Dim), t.t("progress.legend"));
    for p in &v.judgement.targets {
        let text = target(t, v, p);
        one(&mut paper, t, &text);
        if let Some(by) = v.by {
            groups(&mut paper, t, by.name(), p);
        }
    }
    paper.line("");
    for (reached, text) in together(t, v) {
        let (mark, ink) = mark(reached);
        paper.para(mark, Some(ink), &text);
    }
    for d in &v.judgement.doubts {
        let why = t.say(&d.say);
        paper.para("? ", Some(Ink::Yellow), &t.f("progress.doubt", &[("why", &why)]));
    }
    if let Some(leaf) = v.leaf {
        paper.para("", Some(Ink::Dim), &t.f("progress.signed", &[("leaf", &leaf.short())]));
    }
    paper.into_text()
}

fn mark(reached: bool) -> (&'static str, Ink) {
    if reached { ("✓ ", Ink::Green) } else { ("✗ ", Ink::Red) }
}

fn one(paper: &mut Paper<'_>, t: Tongue<'_>, text: &TargetText) {
    paper.line("");
    let (mark, ink) = if text.reading.is_some() { ("~ ", Ink::Dim) } else { mark(text.reached) };
    paper.para(
        mark,
        Some(if text.reading.is_some() { ink } else { Ink::Bold }),
        &format!("{}  {}", text.id, text.name),
    );
    if let Some(reading) = &text.reading {
        paper.para("    ", Some(Ink::Dim), reading);
    }
    let rungs = text.ladder.iter().map(|(rung, all, own)| format!("{rung} {all} ({own})"));
    paper.para("    ", None, &rungs.collect::<Vec<_>>().join(" → "));
    let stop = t.t("progress.stop");
    let stands = [&text.bound, &text.counts, &text.standing, &text.due];
    paper.para("    ", None, &stands.map(String::as_str).join(stop));
    let more: Vec<&str> = text.forecast.iter().chain([&text.checked]).map(String::as_str).collect();
    paper.para("    ", Some(Ink::Dim), &more.join(stop));
    for note in &text.notes {
        paper.para("    ", Some(Ink::Dim), note);
    }
}

fn groups(paper: &mut Paper<'_>, t: Tongue<'_>, by: &str, p: &evidence::TargetProgress) {
    let Some(groups) = p.by.get(by).filter(|g| !g.is_empty()) else { return };
    let head = group_head(t, by);
    let head: Vec<(&str, bool)> = head.iter().enumerate().map(|(n, h)| (h.as_str(), n > 0)).collect();
    let rows: Vec<Vec<String>> = groups.iter().map(|g| group_row(t, by, p, g)).collect();
    paper.table(&head, &rows);
}
