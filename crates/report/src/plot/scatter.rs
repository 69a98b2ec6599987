//! How grave and how wide: points on bands, the further right the more places. Points at one place are one circle with their number in it.

use maud::{Markup, html};
use std::collections::BTreeMap;

const WIDTH: f64 = 640.0;
/// Left and right of the field.
const FIELD: (f64, f64) = (96.0, 32.0);
/// Height of a band.
const BAND: f64 = 48.0;
/// Below the bands.
const FOOT: f64 = 40.0;

/// A point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Its band, from the top.
    pub band: usize,
    /// How wide, at least 1.
    pub wide: u64,
}

/// A band.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band<'a> {
    /// Its name.
    pub name: &'a str,
    /// Class of the style: `bad`, `warn`, `calm`.
    pub tone: &'static str,
}

/// Draws it. `axis`: what the width is. Widths are drawn by their logarithm: what is everywhere does not push all else to the edge.
#[must_use]
pub fn scatter(id: &str, (title, about, axis): (&str, &str, &str), bands: &[Band<'_>], points: &[Point]) -> Markup {
    let mut at: BTreeMap<(usize, u64), u64> = BTreeMap::new();
    for p in points.iter().filter(|p| p.band < bands.len()) {
        *at.entry((p.band, p.wide.max(1))).or_default() += 1;
    }
    let Some(most) = at.keys().map(|k| k.1).max() else { return html! {} };
    let left = FIELD.0 + 24.0;
    let x = |wide: u64| {
        let far = if most > 1 { (wide as f64).ln() / (most as f64).ln() } else { 0.0 };
        left + far * (WIDTH - FIELD.1 - left)
    };
    let floor = bands.len() as f64 * BAND;
    // So many that they stay apart, and the widest.
    let mut ticks = [1, 2, 5, 10, 50, 100, 1_000, 10_000, 100_000]
        .into_iter()
        .filter(|t| *t < most && x(most) - x(*t) > 26.0)
        .collect::<Vec<_>>();
    ticks.push(most);
    html! {
        div.wide { svg.plot.bars.scatter viewBox={ "0 0 " (WIDTH) " " (floor + FOOT) } role="img" aria-labelledby={ (id) "-t " (id) "-d" } {
            title id={ (id) "-t" } { (title) }
            desc id={ (id) "-d" } { (about) }
            @for (n, band) in bands.iter().enumerate() {
                @let y = n as f64 * BAND;
                rect class={ "p " (band.tone) } x=(FIELD.0) y=(y) width=(WIDTH - FIELD.0) height=(BAND) {}
                text.n x=(FIELD.0 - 8.0) y=(y + BAND / 2.0 + 4.0) text-anchor="end" { (band.name) }
            }
            @for tick in ticks {
                path.tick d={ (format!("M{:.1} 0V{floor:.1}", x(tick))) } {}
                text.small x=(format!("{:.1}", x(tick))) y=(floor + 14.0) text-anchor="middle" { (tick) }
            }
            text.small x=(WIDTH - 4.0) y=(floor + 32.0) text-anchor="end" { (axis) }
            @for ((band, wide), count) in &at {
                @let r = (7.0 + 2.5 * (*count as f64).ln()).min(20.0);
                g {
                    title { (bands[*band].name) " · " (axis) " " (wide) ": " (count) }
                    circle.point cx=(format!("{:.1}", x(*wide))) cy=(format!("{:.1}", *band as f64 * BAND + BAND / 2.0)) r=(format!("{r:.1}")) {}
                    @if *count > 1 { text.in x=(format!("{:.1}", x(*wide))) y=(format!("{:.1}", *band as f64 * BAND + BAND / 2.0 + 4.0)) text-anchor="middle" { (count) } }
                }
            }
        } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wider_the_further_right_the_graver_the_higher_and_points_at_one_place_are_counted() {
        let bands = [Band { name: "high", tone: "bad" }, Band { name: "low", tone: "calm" }];
        let point = |band, wide| Point { band, wide };
        let svg = scatter(
            "s",
            ("t", "a", "places"),
            &bands,
            &[point(0, 1), point(0, 100), point(1, 10), point(1, 10), point(9, 1)],
        )
        .into_string();
        let of = |name: &str| -> Vec<f64> {
            svg.split(&format!("{name}=\"")).skip(1).map(|t| t.split('"').next().unwrap().parse().unwrap()).collect()
        };
        let (x, y) = (of("cx"), of("cy"));
        assert_eq!((x.len(), y[0] == y[1], y[0] < y[2]), (3, true, true), "{svg}");
        // By the logarithm ten lies midway between one and a hundred.
        assert!((x[2] - (x[0] + x[1]) / 2.0).abs() < 0.2, "{x:?}");
        assert!(svg.contains("low · places 10: 2</title>") && svg.contains("class=\"in\""), "{svg}");
        assert_eq!(scatter("s", ("t", "a", "p"), &bands, &[]).into_string(), "");
        assert!(!scatter("s", ("t", "a", "p"), &bands, &[point(0, 1)]).into_string().contains("NaN"));
    }
}
