//! Where a target would be on its last day if the weeks to come were like the weeks past. Arithmetic, and no promise.

use super::claims::claims;
use super::ground::Ground;
use super::input::ProgressInput;
use super::progress::reaches;
use evidence::Time;
use plan::{CheckedPlan, Target};
use std::collections::BTreeMap;

/// Most weeks that a line is drawn through.
pub const FORECAST_WEEKS: i64 = 8;
/// Fewest weeks from which anything is said.
const WEEKS_MIN: usize = 3;
/// Milliseconds of a day.
const DAY_MILLIS: i64 = 86_400_000;
const WEEK_MILLIS: i64 = 7 * DAY_MILLIS;
/// Furthest day that is named, in weeks from now.
const AHEAD_WEEKS_MAX: f64 = 520.0;

/// What the line says of a target.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Forecast {
    /// It is reached already.
    Reached,
    /// The line crosses the bound on this day, not after the last one.
    On(Time),
    /// On the last day the line is short by so much of what is counted.
    Short(u64),
    /// Fewer than three weeks, or nothing to be a part of.
    CannotTell,
}

/// Amounts that count, week by week up to `as_of`, the oldest first: by target of the plan. Evidence is dated by its receipt.
#[must_use]
pub fn burn_up(plan: &CheckedPlan, input: &ProgressInput<'_>, as_of: Time) -> BTreeMap<String, Vec<(Time, u64)>> {
    let ground = Ground::new(plan, input);
    let mut out: BTreeMap<String, Vec<(Time, u64)>> = BTreeMap::new();
    for back in (0..FORECAST_WEEKS).rev() {
        let at = Time::from_millis(as_of.millis().saturating_sub(back * WEEK_MILLIS));
        let mut known: BTreeMap<&str, u64> = BTreeMap::new();
        for target in plan.targets() {
            let Some(counter) = plan.counter(&target.counter) else { continue };
            let amount = *known.entry(&counter.id).or_insert_with(|| {
                let told = claims(&ground, counter, at).counted;
                told.iter().filter(|c| c.rung >= counter.rung_min).fold(0, |sum, c| sum.saturating_add(c.amount))
            });
            out.entry(target.id.clone()).or_default().push((at, amount));
        }
    }
    out
}

/// A straight line by least squares through the weeks from the first with an amount on, and what it says of the target's last day.
/// `of`: the denominator, if the target has one.
#[must_use]
pub fn forecast(target: &Target, weeks: &[(Time, u64)], of: Option<u64>) -> Forecast {
    let Some((now, amount)) = weeks.last() else { return Forecast::CannotTell };
    if reaches(target, *amount, of) {
        return Forecast::Reached;
    }
    let first = weeks.iter().position(|w| w.1 > 0).unwrap_or(weeks.len());
    let points = weeks.get(first..).unwrap_or_default();
    let Some(needed) = needed(target, of).filter(|_| points.len() >= WEEKS_MIN) else { return Forecast::CannotTell };
    let (slope, level) = line(points);
    let due = Time::from_millis(target.due.millis().saturating_add(DAY_MILLIS - 1));
    #[expect(clippy::cast_precision_loss, reason = "instants and amounts stay far below 2^53")]
    let (to_due, wanted) = ((due.millis() - now.millis()) as f64 / WEEK_MILLIS as f64, needed as f64);
    let at_due = slope.mul_add(to_due.max(0.0), level);
    if at_due >= wanted && to_due > 0.0 && slope > 0.0 {
        let weeks = ((wanted - level) / slope).clamp(0.0, AHEAD_WEEKS_MAX);
        #[expect(clippy::cast_possible_truncation, reason = "at most 520 weeks")]
        let ahead = (weeks * WEEK_MILLIS as f64).ceil() as i64;
        return Forecast::On(Time::from_millis(now.millis().saturating_add(ahead)).min(due));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a bound of a plan, at least one short"
    )]
    Forecast::Short((wanted - at_due.max(0.0)).ceil().max(1.0) as u64)
}

/// The least amount that reaches the bound.
fn needed(target: &Target, of: Option<u64>) -> Option<u64> {
    let bound = u64::try_from(target.bound).ok()?;
    let exact = if target.unit == "percent" {
        let of = of.filter(|of| *of > 0)?;
        let hundredths = u128::from(bound) * u128::from(of);
        let whole = hundredths.div_ceil(100);
        let on_it = hundredths.is_multiple_of(100);
        return u64::try_from(whole + u128::from(target.exclusive && on_it)).ok();
    } else {
        bound
    };
    exact.checked_add(u64::from(target.exclusive))
}

/// Slope a week, and the line's value at the last point.
fn line(points: &[(Time, u64)]) -> (f64, f64) {
    #[expect(clippy::cast_precision_loss, reason = "at most eight points of amounts far below 2^53")]
    let xy: Vec<(f64, f64)> = points.iter().enumerate().map(|(x, p)| (x as f64, p.1 as f64)).collect();
    #[expect(clippy::cast_precision_loss, reason = "at most eight")]
    let n = xy.len() as f64;
    let (sx, sy) = xy.iter().fold((0.0, 0.0), |s, p| (s.0 + p.0, s.1 + p.1));
    let (sxx, sxy) = xy.iter().fold((0.0, 0.0), |s, p| (s.0 + p.0 * p.0, s.1 + p.0 * p.1));
    let slope = (n * sxy - sx * sy) / (n * sxx - sx * sx);
    (slope, (sy - slope * sx) / n + slope * (n - 1.0))
}

#[cfg(test)]
mod tests {
    use super::line;
    use evidence::Time;

    #[test]
    fn the_line_is_that_of_least_squares() {
        let points = |ys: &[u64]| ys.iter().map(|y| (Time::from_secs(0), *y)).collect::<Vec<_>>();
        // 0, 10, 20, 30: slope 10, last value 30.
        let (slope, last) = line(&points(&[0, 10, 20, 30]));
        assert!((slope - 10.0).abs() < 1e-9 && (last - 30.0).abs() < 1e-9);
        // 1, 2, 6: mean 3, slope (−1·1 + 1·6)/2 = 2.5, last 3 + 2.5 = 5.5.
        let (slope, last) = line(&points(&[1, 2, 6]));
        assert!((slope - 2.5).abs() < 1e-9 && (last - 5.5).abs() < 1e-9);
    }
}
