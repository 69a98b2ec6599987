//! Clocks beside each other, each by its own limit: what is gone, what is left, and what is over it.

use super::bars::patterns;
use maud::{Markup, html};

const WIDTH: u64 = 640;
/// Where a limit ends; what is over it goes on beyond, to the edge at most.
const LIMIT: u64 = 520;
const HIGH: u64 = 16;
const STEP: u64 = 44;

/// A clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockBar<'a> {
    /// Its name.
    pub name: &'a str,
    /// What is left, or over, in words.
    pub left: &'a str,
    /// How much of its time is gone, in hundredths; over 100 it is late.
    pub gone: u64,
}

/// Draws them, one under another. `limit` names the line at which time is over.
#[must_use]
pub fn clock_bars(id: &str, (title, about, limit): (&str, &str, &str), clocks: &[ClockBar<'_>]) -> Markup {
    if clocks.is_empty() {
        return html! {};
    }
    let high = clocks.len() as u64 * STEP + 20;
    html! {
        div.wide { svg.plot.bars.clocks viewBox={ "-8 0 " (WIDTH + 16) " " (high) } role="img" aria-labelledby={ (id) "-t " (id) "-d" } {
            title id={ (id) "-t" } { (title) }
            desc id={ (id) "-d" } { (about) }
            (patterns(id))
            @for (n, c) in clocks.iter().enumerate() {
                @let y = n as u64 * STEP + 22;
                @let gone = (c.gone.min(100) * LIMIT / 100).max(1);
                @let over = (c.gone.saturating_sub(100).saturating_mul(LIMIT) / 100).min(WIDTH - LIMIT);
                text x="0" y=(y - 6) { (c.name) " · " (c.left) }
                rect.p.rail x="0" y=(y) width=(LIMIT) height=(HIGH) {}
                rect.p.gone x="0" y=(y) width=(gone) height=(HIGH) {}
                // What is over the limit is struck through, whatever its colour.
                @if over > 0 { rect.p.bad x=(LIMIT) y=(y) width=(over) height=(HIGH) {} rect.over x=(LIMIT) y=(y) width=(over) height=(HIGH) fill={ "url(#" (id) "-warn)" } {} }
                path.due d={ "M" (LIMIT) " " (y - 3) "V" (y + HIGH + 3) } {}
            }
            text.small x=(LIMIT) y=(high - 5) text-anchor="middle" { (limit) }
        } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_clock_goes_beyond_its_limit_and_no_clock_beyond_the_drawing() {
        let bar = |gone| ClockBar { name: "n", left: "l", gone };
        let svg = |gone| clock_bars("c", ("t", "a", "limit"), &[bar(gone)]).into_string();
        assert!(svg(50).contains("class=\"p gone\" x=\"0\" y=\"22\" width=\"260\"") && !svg(50).contains("p bad"));
        assert!(!svg(100).contains("p bad") && svg(110).contains("class=\"p bad\" x=\"520\" y=\"22\" width=\"52\""));
        assert!(svg(u64::MAX).contains("class=\"p bad\" x=\"520\" y=\"22\" width=\"120\""));
        assert_eq!(clock_bars("c", ("t", "a", "l"), &[]).into_string(), "");
    }
}
