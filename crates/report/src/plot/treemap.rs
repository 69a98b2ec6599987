//! A treemap of two floors: groups as rectangles, what is in them as rectangles within, all as large as they count.
//!
//! Squarified (Bruls, Huizing, van Wijk, 2000): rows are filled as long as their worst side ratio gets better.

use super::bars::patterns;
use maud::{Markup, html};

/// Size of a drawing, in its own units.
const SIZE: (f64, f64) = (640.0, 300.0);
/// Height of the name of a group.
const HEAD: f64 = 18.0;
/// Width that a letter takes at most, for what is written into a rectangle.
const LETTER: f64 = 7.0;

/// Something in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf<'a> {
    /// Its name.
    pub label: &'a str,
    /// How much it counts.
    pub count: u64,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group<'a> {
    /// Its name.
    pub label: &'a str,
    /// Class of the style: `bad`, `warn`, `calm`, `good` or `paper`.
    pub tone: &'static str,
    /// What is in it.
    pub leaves: Vec<Leaf<'a>>,
}
impl Group<'_> {
    fn sum(&self) -> u64 {
        self.leaves.iter().map(|l| l.count).sum()
    }
}

/// A rectangle: left, top, width, height.
type Area = [f64; 4];

/// Draws it; groups and leaves that count nothing are left out. Without any there is nothing to draw.
#[must_use]
pub fn treemap(id: &str, title: &str, about: &str, groups: &[Group<'_>]) -> Markup {
    let mut shown: Vec<&Group<'_>> = groups.iter().filter(|g| g.sum() > 0).collect();
    shown.sort_by_key(|g| std::cmp::Reverse(g.sum()));
    if shown.is_empty() {
        return html! {};
    }
    let areas = squarified(&shown.iter().map(|g| g.sum()).collect::<Vec<_>>(), [0.0, 0.0, SIZE.0, SIZE.1]);
    html! {
        div.wide { svg.plot.bars.treemap viewBox={ "0 0 " (SIZE.0) " " (SIZE.1) } role="img" aria-labelledby={ (id) "-t " (id) "-d" } {
            title id={ (id) "-t" } { (title) }
            desc id={ (id) "-d" } { (about) }
            (patterns(id))
            @for (group, area) in shown.iter().zip(&areas) { (drawn(id, group, *area)) }
        } }
    }
}

fn drawn(id: &str, group: &Group<'_>, [x, y, w, h]: Area) -> Markup {
    let head = if h > 2.5 * HEAD { HEAD } else { 0.0 };
    let mut leaves: Vec<&Leaf<'_>> = group.leaves.iter().filter(|l| l.count > 0).collect();
    leaves.sort_by_key(|l| std::cmp::Reverse(l.count));
    let inner = [x + 2.0, y + head + 2.0, (w - 4.0).max(1.0), (h - head - 4.0).max(1.0)];
    let areas = squarified(&leaves.iter().map(|l| l.count).collect::<Vec<_>>(), inner);
    html! {
        rect.group x=(one(x)) y=(one(y)) width=(one(w)) height=(one(h)) {}
        @if head > 0.0 { text.n x=(one(x + 5.0)) y=(one(y + 14.0)) { (fitting(&format!("{} · {}", group.label, group.sum()), w)) } }
        @for (leaf, area) in leaves.iter().zip(&areas) {
            g {
                title { (group.label) " · " (leaf.label) ": " (leaf.count) }
                rect class={ "p " (group.tone) } x=(one(area[0])) y=(one(area[1])) width=(one(area[2])) height=(one(area[3])) {}
                @if matches!(group.tone, "warn" | "paper" | "calm") { rect.over x=(one(area[0])) y=(one(area[1])) width=(one(area[2])) height=(one(area[3])) fill={ "url(#" (id) "-" (group.tone) ")" } {} }
                @if area[3] > 18.0 {
                    @let text = fitting(&format!("{} {}", leaf.label, leaf.count), area[2]);
                    @if !text.is_empty() {
                        rect.plate x=(one(area[0] + 3.0)) y=(one(area[1] + 3.0)) width=(one((area[2] - 6.0).min(4.0 + wide(&text)))) height="15" {}
                        text x=(one(area[0] + 5.0)) y=(one(area[1] + 14.0)) { (text) }
                    }
                }
            }
        }
    }
}

/// Width of a text, in units: letters of CJK are twice as wide.
fn wide(text: &str) -> f64 {
    text.chars().map(|c| if u32::from(c) >= 0x2e80 { 12.5 } else { LETTER }).sum()
}

/// As much of a text as fits into a width; nothing if that would be fewer than three letters.
fn fitting(text: &str, within: f64) -> String {
    let within = within - 10.0;
    if wide(text) <= within {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        if wide(&out) + wide(&c.to_string()) + LETTER > within {
            break;
        }
        out.push(c);
    }
    if out.chars().count() < 3 { String::new() } else { out + "…" }
}

fn one(n: f64) -> String {
    format!("{n:.1}")
}

/// Cuts an area into rectangles as large as what is counted, which goes from the largest to the least.
fn squarified(counts: &[u64], area: Area) -> Vec<Area> {
    let total: f64 = counts.iter().map(|c| *c as f64).sum();
    let [mut x, mut y, mut w, mut h] = area;
    let scale = w * h / total.max(1.0);
    let sizes: Vec<f64> = counts.iter().map(|c| *c as f64 * scale).collect();
    let (mut out, mut from) = (Vec::with_capacity(sizes.len()), 0);
    while from < sizes.len() {
        let side = w.min(h).max(0.1);
        let mut to = from + 1;
        while to < sizes.len() && worst(&sizes[from..=to], side) <= worst(&sizes[from..to], side) {
            to += 1;
        }
        let row = &sizes[from..to];
        let thick = row.iter().sum::<f64>() / side;
        let mut along = 0.0;
        for size in row {
            let long = size / thick.max(f64::MIN_POSITIVE);
            out.push(if w >= h { [x, y + along, thick, long] } else { [x + along, y, long, thick] });
            along += long;
        }
        if w >= h {
            (x, w) = (x + thick, w - thick);
        } else {
            (y, h) = (y + thick, h - thick);
        }
        from = to;
    }
    out
}

/// The worst side ratio of a row along a side.
fn worst(row: &[f64], side: f64) -> f64 {
    let sum: f64 = row.iter().sum();
    let (most, least) = row.iter().fold((0.0f64, f64::MAX), |(m, l), s| (m.max(*s), l.min(*s)));
    let (side, sum) = (side * side, sum * sum);
    (side * most / sum).max(sum / (side * least))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_as_large_as_what_they_count_and_fill_the_whole() {
        // The example of the paper: 6 × 4 with 6, 6, 4, 3, 2, 2, 1; its first row is two squares of 3 × 2.
        let areas = squarified(&[6, 6, 4, 3, 2, 2, 1], [0.0, 0.0, 6.0, 4.0]);
        for (area, count) in areas.iter().zip([6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0]) {
            assert!((area[2] * area[3] - count).abs() < 1e-9, "{area:?}");
            assert!(
                area[0] > -1e-9 && area[1] > -1e-9 && area[0] + area[2] < 6.0 + 1e-9 && area[1] + area[3] < 4.0 + 1e-9
            );
        }
        assert_eq!(areas[0], [0.0, 0.0, 3.0, 2.0]);
        assert_eq!(areas[1], [0.0, 2.0, 3.0, 2.0]);
        for (n, a) in areas.iter().enumerate() {
            for b in &areas[n + 1..] {
                let apart = |i: usize| a[i] + a[i + 2] <= b[i] + 1e-9 || b[i] + b[i + 2] <= a[i] + 1e-9;
                assert!(apart(0) || apart(1), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn what_counts_nothing_is_not_drawn_and_names_are_texts() {
        let groups = [
            Group {
                label: "核心",
                tone: "bad",
                leaves: vec![Leaf { label: "<i>", count: 3 }, Leaf { label: "none", count: 0 }],
            },
            Group { label: "empty", tone: "calm", leaves: vec![] },
        ];
        let svg = treemap("m", "t", "a", &groups).into_string();
        assert!(
            svg.contains("核心 · 3") && svg.contains("&lt;i&gt; 3") && !svg.contains("none") && !svg.contains("empty")
        );
        assert!(!svg.contains("style=") && !svg.contains("NaN"));
        assert_eq!(treemap("m", "t", "a", &groups[1..]).into_string(), "");
    }
}
