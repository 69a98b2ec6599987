//! Bars that lie: one part or several beside each other, and a gauge of how much of a time is gone.

use maud::{Markup, html};

/// Width of a drawing, in its own units.
const WIDTH: u64 = 640;
/// Height of a bar.
const HIGH: u64 = 18;
/// From one bar to the next: its label stands above it.
const STEP: u64 = 44;
/// Least width of a part whose number is written into it.
const NUMBER: u64 = 26;
/// Longest label, in characters; the table behind has all of it.
const LABEL_CHARS: usize = 64;

/// A part of a bar.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// Class of the style: `bad`, `warn`, `good`, `paper`, `calm`, or a tier's name.
    pub tone: &'static str,
    /// What it counts.
    pub word: &'a str,
    /// How many.
    pub count: u64,
}

/// A bar with its label.
#[derive(Clone, Debug)]
pub struct Bar<'a> {
    /// What it is of.
    pub label: &'a str,
    /// Its parts, from the left; those of 0 are not drawn.
    pub parts: Vec<Part<'a>>,
}
impl Bar<'_> {
    fn sum(&self) -> u64 {
        self.parts.iter().map(|p| p.count).sum()
    }
}

/// The widths of parts, of a bar whose longest neighbour is `most`: nothing that is there has no width.
fn widths(parts: &[Part<'_>], most: u64) -> Vec<u64> {
    let most = u128::from(most.max(1));
    let wide = |n: u64| u64::try_from(u128::from(n) * u128::from(WIDTH) / most).unwrap_or(WIDTH);
    parts.iter().map(|p| if p.count == 0 { 0 } else { wide(p.count).max(3) }).collect()
}

fn cut(label: &str) -> String {
    if label.chars().count() <= LABEL_CHARS {
        return label.to_owned();
    }
    label.chars().take(LABEL_CHARS - 1).chain(['…']).collect()
}

/// The patterns over the parts that colour alone would tell apart; each drawing brings its own, by its `id`.
pub(super) fn patterns(id: &str) -> Markup {
    html! {
        defs {
            pattern id={ (id) "-warn" } width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" { rect.ink width="3" height="8" {} }
            pattern id={ (id) "-paper" } width="8" height="8" patternUnits="userSpaceOnUse" { rect.ink width="8" height="1.5" {} }
            pattern id={ (id) "-calm" } width="8" height="8" patternUnits="userSpaceOnUse" { circle.ink cx="4" cy="4" r="1.2" {} }
        }
    }
}

/// Lying bars, each as long as its sum against the largest. `id` is the drawing's own on its page; `title` and `about` are what a screen reader says.
#[must_use]
pub fn bars(id: &str, title: &str, about: &str, rows: &[Bar<'_>]) -> Markup {
    let most = rows.iter().map(Bar::sum).max().unwrap_or(0);
    let high = rows.len() as u64 * STEP + 8;
    html! {
        div.wide { svg.plot.bars viewBox={ "-8 0 " (WIDTH + 16) " " (high) } role="img" aria-labelledby={ (id) "-t " (id) "-d" } {
            title id={ (id) "-t" } { (title) }
            desc id={ (id) "-d" } { (about) }
            (patterns(id))
            @for (n, row) in rows.iter().enumerate() {
                @let top = n as u64 * STEP;
                text x="0" y=(top + 16) { (cut(row.label)) " · " (row.sum()) }
                @let wide = widths(&row.parts, most);
                @for (k, part) in row.parts.iter().enumerate().filter(|p| p.1.count > 0) {
                    @let x: u64 = wide.iter().take(k).sum();
                    @let w = wide.get(k).copied().unwrap_or(0);
                    g {
                        title { (part.word) ": " (part.count) }
                        rect class={ "p " (part.tone) } x=(x) y=(top + 22) width=(w) height=(HIGH) {}
                        @if matches!(part.tone, "warn" | "paper" | "calm") {
                            rect x=(x) y=(top + 22) width=(w) height=(HIGH) fill={ "url(#" (id) "-" (part.tone) ")" } {}
                        }
                        @if w >= NUMBER { text.n x=(x + w / 2) y=(top + 36) text-anchor="middle" { (part.count) } }
                    }
                }
            }
        } }
    }
}

/// How much of a time is gone, in hundredths; over 100 it is full and says so by its class.
#[must_use]
pub fn gauge(gone: u64, tone: &'static str, about: &str) -> Markup {
    let gone = gone.min(100);
    html! {
        svg.gauge viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label=(about) {
            rect.p.rail x="0" y="0" width="100" height="8" {}
            rect class={ "p " (tone) } x="0" y="0" width=(gone) height="8" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(count: u64) -> Part<'static> {
        Part { tone: "bad", word: "w", count }
    }

    #[test]
    fn the_largest_bar_is_the_whole_width_and_nothing_that_is_there_vanishes() {
        assert_eq!(widths(&[part(3), part(1)], 4), [480, 160]);
        assert_eq!(widths(&[part(0), part(1)], 1_000_000), [0, 3]);
        assert_eq!(widths(&[part(u64::MAX)], u64::MAX), [WIDTH]);
        assert_eq!(widths(&[part(0)], 0), [0]);
    }

    #[test]
    fn a_drawing_says_in_words_what_it_shows_and_holds_no_style_and_no_foreign_markup() {
        let rows = [Bar { label: "<b>\"", parts: vec![part(2), Part { tone: "warn", word: "<i>", count: 5 }] }];
        let svg = bars("x", "title", "about", &rows).into_string();
        assert!(svg.contains("<title id=\"x-t\">title</title>") && svg.contains(">about</desc>"), "{svg}");
        assert!(svg.contains("&lt;b&gt;") && svg.contains("&lt;i&gt;: 5") && !svg.contains("<b>"), "{svg}");
        assert!(!svg.contains("style=") && !svg.contains("http"), "{svg}");
        assert!(svg.contains("url(#x-warn)"), "a part has a pattern besides its colour: {svg}");
    }

    #[test]
    fn a_gauge_is_full_and_not_more() {
        assert!(gauge(250, "bad", "late").into_string().contains("width=\"100\" height=\"8\"></rect></svg>"));
    }
}
