//! How sure a share is that was checked at random.

/// The two-sided 95 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;
/// Parts that a share is said in.
const PARTS: f64 = 10_000.0;

/// The Wilson score interval (Wilson 1927) at 95 % for `held` of `checked`, in parts of ten thousand: lower bound rounded down, upper bound
/// rounded up. `None` if nothing was checked, or more held than were checked.
#[must_use]
pub fn wilson(held: u64, checked: u64) -> Option<(u32, u32)> {
    if checked == 0 || held > checked {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "numbers of checks stay far below 2^53")]
    let (k, n) = (held as f64, checked as f64);
    let p = k / n;
    let z2 = Z * Z;
    let centre = p + z2 / (2.0 * n);
    let half = Z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    // At the ends the formula is exact and floating point is not.
    let low = if held == 0 { 0.0 } else { (centre - half) / scale };
    let high = if held == checked { 1.0 } else { (centre + half) / scale };
    let parts = |x: f64| (x.clamp(0.0, 1.0) * PARTS) + 0.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 10,000")]
    Some((parts(low).floor() as u32, parts(high).ceil() as u32))
}

#[cfg(test)]
mod tests {
    use super::wilson;

    /// Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I, method 3:
    /// 81/263 0.2553 to 0.3662; 15/148 0.0624 to 0.1605; 0/20 0 to 0.1611; 1/29 0.0061 to 0.1718. Four places, rounded to nearest there;
    /// outwards here, so at most one part apart.
    #[test]
    fn published_intervals() {
        for ((held, checked), (low, high)) in
            [((81, 263), (2553, 3662)), ((15, 148), (624, 1605)), ((0, 20), (0, 1611)), ((1, 29), (61, 1718))]
        {
            let (l, h) = wilson(held, checked).unwrap();
            assert!(l <= low && low - l <= 1, "{held}/{checked}: {l} for {low}");
            assert!(h >= high && h - high <= 1, "{held}/{checked}: {h} for {high}");
        }
    }

    #[test]
    fn nothing_checked_says_nothing_and_the_ends_are_exact() {
        assert_eq!(wilson(0, 0), None);
        assert_eq!(wilson(3, 2), None);
        // The mirror of 0 of 20.
        let (low, high) = wilson(20, 20).unwrap();
        assert_eq!((low, high), (10_000 - 1612, 10_000));
        assert_eq!(wilson(1, 1).unwrap().1, 10_000);
    }
}
