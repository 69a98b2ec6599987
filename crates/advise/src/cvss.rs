//! CVSS vectors to base scores, in tenths.
//!
//! Versions 3.0 and 3.1 by FIRST's specification §7.1 with the rounding of 3.1's appendix A, version 2 by its guide §3.2.1.
//! A vector of version 4 gives no score here: its scores come from a table of 270 groups and an interpolation, and a
//! publisher of such a vector states the rating beside it, which is taken.

use crate::advisory::Severity;

/// The base score of a vector in tenths: `CVSS:3.1/AV:N/…` or, for version 2, `AV:N/AC:L/Au:N/C:P/I:P/A:P`. `None` if it is
/// of another version, incomplete or unknown in a part.
#[must_use]
pub fn base_score(vector: &str) -> Option<u16> {
    let vector = vector.trim().trim_start_matches('(').trim_end_matches(')');
    if let Some(rest) = vector.strip_prefix("CVSS:3.0/").or_else(|| vector.strip_prefix("CVSS:3.1/")) {
        return version3(&Metrics(rest));
    }
    if vector.starts_with("CVSS:") { None } else { version2(&Metrics(vector)) }
}

/// The rating of a score of version 3 (specification §5).
#[must_use]
pub fn rating(tenths: u16) -> Severity {
    match tenths {
        0 => Severity::None,
        1..=39 => Severity::Low,
        40..=69 => Severity::Medium,
        70..=89 => Severity::High,
        _ => Severity::Critical,
    }
}

struct Metrics<'a>(&'a str);
impl Metrics<'_> {
    /// The weight of a metric by its letter.
    fn weight(&self, metric: &str, weights: &[(&str, f64)]) -> Option<f64> {
        let mut all = self.0.split('/').filter_map(|m| m.split_once(':'));
        let (_, value) = all.find(|(name, _)| *name == metric)?;
        weights.iter().find(|(letter, _)| *letter == value).map(|(_, weight)| *weight)
    }
}

fn version3(m: &Metrics<'_>) -> Option<u16> {
    let changed = m.weight("S", &[("U", 0.0), ("C", 1.0)])? > 0.5;
    let (low, high) = if changed { (0.68, 0.5) } else { (0.62, 0.27) };
    let impact = [("H", 0.56), ("L", 0.22), ("N", 0.0)];
    let exploitability = 8.22
        * m.weight("AV", &[("N", 0.85), ("A", 0.62), ("L", 0.55), ("P", 0.2)])?
        * m.weight("AC", &[("L", 0.77), ("H", 0.44)])?
        * m.weight("PR", &[("N", 0.85), ("L", low), ("H", high)])?
        * m.weight("UI", &[("N", 0.85), ("R", 0.62)])?;
    let kept = (1.0 - m.weight("C", &impact)?) * (1.0 - m.weight("I", &impact)?) * (1.0 - m.weight("A", &impact)?);
    let base = 1.0 - kept;
    let impact = if changed {
        // A product, not `powi`, whose last bits are the platform's own.
        let power = (0..15).fold(1.0, |product, _| product * (base - 0.02));
        7.52 * (base - 0.029) - 3.25 * power
    } else {
        6.42 * base
    };
    if impact <= 0.0 {
        return Some(0);
    }
    let sum = if changed { 1.08 * (impact + exploitability) } else { impact + exploitability };
    Some(round_up(sum.min(10.0)))
}

/// The smallest tenth that is not below the value, by the integers of version 3.1's appendix A.
fn round_up(value: f64) -> u16 {
    let scaled = (value * 100_000.0).round();
    (1..=100).find(|tenth| f64::from(*tenth) * 10_000.0 >= scaled).unwrap_or(100)
}

fn version2(m: &Metrics<'_>) -> Option<u16> {
    let impact = [("N", 0.0), ("P", 0.275), ("C", 0.660)];
    let kept = (1.0 - m.weight("C", &impact)?) * (1.0 - m.weight("I", &impact)?) * (1.0 - m.weight("A", &impact)?);
    let impact = 10.41 * (1.0 - kept);
    let exploitability = 20.0
        * m.weight("AV", &[("L", 0.395), ("A", 0.646), ("N", 1.0)])?
        * m.weight("AC", &[("H", 0.35), ("M", 0.61), ("L", 0.71)])?
        * m.weight("Au", &[("M", 0.45), ("S", 0.56), ("N", 0.704)])?;
    let factor = if impact == 0.0 { 0.0 } else { 1.176 };
    let score = ((0.6 * impact) + (0.4 * exploitability) - 1.5) * factor;
    // Rounded to the nearest tenth.
    Some((0..=100).find(|tenth| (f64::from(*tenth) + 0.5) / 10.0 > score).unwrap_or(100))
}
