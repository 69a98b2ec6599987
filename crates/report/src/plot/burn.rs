//! Burn-up: what counted from day to day, the bound, the last day, and where the line of the last weeks leads.

use maud::{Markup, html};

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 220.0;
/// Left, right, top and bottom of the field.
const FIELD: [f64; 4] = [64.0, 16.0, 14.0, 28.0];

/// What it is drawn from. Days are numbers of days since any one day.
#[derive(Clone, Debug, Default)]
pub struct Burn<'a> {
    /// Day and amount, the oldest first.
    pub points: &'a [(i64, u64)],
    /// The amount that is to be reached.
    pub bound: Option<u64>,
    /// The last day, with its name.
    pub due: Option<(i64, &'a str)>,
    /// The amount on the last day by the line of the last weeks.
    pub forecast: Option<u64>,
    /// Names of the first day and of today.
    pub from: &'a str,
    /// Name of today.
    pub now: &'a str,
    /// What it is, in a few words.
    pub title: &'a str,
    /// What it shows, in a sentence.
    pub about: &'a str,
    /// Names of the lines: counted, bound, forecast.
    pub names: [&'a str; 3],
}

/// Draws it. Without a point there is nothing to draw.
#[must_use]
pub fn burn_up(b: &Burn<'_>) -> Markup {
    let (Some(first), Some(last)) = (b.points.first(), b.points.last()) else { return html! {} };
    let end = b.due.map_or(last.0, |d| d.0).max(last.0).max(first.0 + 1);
    let most = b.points.iter().map(|p| p.1).chain(b.bound).chain(b.forecast).max().unwrap_or(1).max(1);
    let top = most as f64 * 1.08;
    let [left, right, over, under] = FIELD;
    let x = |day: i64| left + (day - first.0) as f64 / (end - first.0) as f64 * (WIDTH - left - right);
    let y = |amount: u64| HEIGHT - under - amount as f64 / top * (HEIGHT - over - under);
    let path: Vec<String> = b
        .points
        .iter()
        .enumerate()
        .map(
            |(n, p)| {
                if n == 0 { format!("M{:.1} {:.1}", x(p.0), y(p.1)) } else { format!("H{:.1}V{:.1}", x(p.0), y(p.1)) }
            },
        )
        .collect();
    let floor = HEIGHT - under;
    html! {
        svg.plot.burn viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" {
            title { (b.title) }
            desc { (b.about) }
            path.axis d={ "M" (left) " " (over) "V" (floor) "H" (WIDTH - right) } {}
            text.small x=(left - 6.0) y=(floor) text-anchor="end" { "0" }
            @if let Some(bound) = b.bound {
                @let at = format!("{:.1}", y(bound));
                path.bound d={ "M" (left) " " (at) "H" (WIDTH - right) } {}
                text.small x=(left - 6.0) y=(at) text-anchor="end" dominant-baseline="middle" { (bound) }
                text.small x=(WIDTH - right) y={ (format!("{:.1}", y(bound) - 4.0)) } text-anchor="end" { (b.names[1]) }
            }
            path.line d=(path.concat()) {}
            circle.dot cx={ (format!("{:.1}", x(last.0))) } cy={ (format!("{:.1}", y(last.1))) } r="4" {}
            text.small x={ (format!("{:.1}", (x(last.0) + 8.0).min(WIDTH - 60.0))) } y={ (format!("{:.1}", (y(last.1) - 8.0).max(12.0))) } { (last.1) }
            @if let (Some(amount), Some((day, _))) = (b.forecast, b.due) {
                path.guess d={ "M" (format!("{:.1} {:.1}L{:.1} {:.1}", x(last.0), y(last.1), x(day), y(amount))) } {}
            }
            @if let Some((day, name)) = b.due {
                path.due d={ "M" (format!("{:.1}", x(day))) " " (over) "V" (floor) } {}
                text.small x={ (format!("{:.1}", x(day))) } y=(HEIGHT - 8.0) text-anchor="end" { (name) }
            }
            text.small x=(left) y=(HEIGHT - 8.0) { (b.from) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_up_to_its_last_amount_and_stays_within_its_field() {
        let b = Burn {
            points: &[(0, 0), (10, 20), (20, 60)],
            bound: Some(100),
            due: Some((40, "2026-12-31")),
            forecast: Some(140),
            title: "T <2>",
            ..Burn::default()
        };
        let svg = burn_up(&b).into_string();
        assert!(svg.contains("<title>T &lt;2&gt;</title>") && !svg.contains("style="));
        for number in svg.split(|c: char| !c.is_ascii_digit() && c != '.' && c != '-').filter(|t| t.contains('.')) {
            let value: f64 = number.parse().unwrap();
            assert!((0.0..=WIDTH).contains(&value), "{number}");
        }
        // More is higher, and higher is a smaller y.
        let line = svg.split("class=\"line\" d=\"").nth(1).unwrap().split('"').next().unwrap();
        let ys: Vec<f64> = line.split('V').skip(1).map(|t| t.split('H').next().unwrap().parse().unwrap()).collect();
        assert!(ys[0] > ys[1], "{line}");
        assert_eq!(burn_up(&Burn::default()).into_string(), "");
    }
}
