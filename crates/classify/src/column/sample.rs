//! What a sample of rows says about the rows that nobody looked at.
//!
//! If a share p of all rows held a value, n random rows would all miss it with probability (1 − p)^n. So when n
//! rows hold none, p is below 1 − α^(1/n), and whoever says so is wrong with probability α at most. Three things
//! make n less worth than it looks: rows that came together (a page, a range) resemble each other; a table has
//! many columns and there are many classes, and the promise is made for all of them at once; and a row that could
//! not be read is no row. The first divides n, the second divides α. (Exact binomial bound for zero successes:
//! Clopper and Pearson 1934; design effect: Kish 1965.)
//!
//! Refused: "clean". What is said is "below so many rows per million, with so much confidence".

use super::fixed::{ONE, POINT, exp_minus, ln, minus_ln_one_less};

/// How sure a statement about all rows is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Confidence {
    /// Wrong once in 20.
    P95,
    /// Wrong once in 100.
    P99,
    /// Wrong once in 1,000.
    P999,
}
impl Confidence {
    /// Minus the logarithm of being wrong, when the error is shared by so many statements.
    fn weight(self, statements: u64) -> i128 {
        let once_in = match self {
            Self::P95 => 20,
            Self::P99 => 100,
            Self::P999 => 1000,
        };
        ln(once_in) + ln(statements.max(1))
    }
}

const MILLION: i128 = 1_000_000;

/// How alike the rows of one cluster are taken to be, per mille: the intraclass correlation. Of a column without a
/// hit it cannot be estimated; surveys of records see 0.01 to 0.05, so 0.1 leans to the safe side. At 1 (all that
/// is hidden lies in one page) a sample speaks of pages, not of rows.
pub const ALIKE_PER_MILLE: u64 = 100;

/// Rows to look at without a hit, so that at most `ppm` rows per million hold one.
#[must_use]
pub fn rows_needed(ppm: u32, confidence: Confidence) -> u64 {
    rows_for(ppm, confidence, 1)
}
fn rows_for(ppm: u32, confidence: Confidence, statements: u64) -> u64 {
    let each = minus_ln_one_less(ppm.clamp(1, 999_999)).max(1);
    let rows = (confidence.weight(statements) + each - 1) / each;
    u64::try_from(rows).unwrap_or(u64::MAX)
}

/// At most so many rows per million hold a value, if `rows` random rows hold none. Rounded up.
#[must_use]
pub fn at_most_ppm(rows: u64, confidence: Confidence) -> u32 {
    bound(rows, confidence, 1)
}
fn bound(rows: u64, confidence: Confidence, statements: u64) -> u32 {
    if rows == 0 {
        return 1_000_000;
    }
    let share = ONE - exp_minus(confidence.weight(statements) / i128::from(rows));
    // Rounded up, but not for what the arithmetic itself is off by.
    const OFF: i128 = MILLION << 10;
    let ppm = (share * MILLION + ONE - OFF) >> POINT;
    u32::try_from(ppm.clamp(0, MILLION)).unwrap_or(1_000_000)
}

/// A sample of a table in which something was not found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sample {
    /// Rows looked at.
    pub rows: u64,
    /// Pages, ranges or row groups that they came in; as many as rows if each was drawn by itself.
    pub clusters: u64,
    /// Columns times classes: how many statements share the error.
    pub statements: u64,
}
impl Sample {
    /// So many rows drawn one by one would say as much: n / (1 + (m − 1) ρ) with m rows a cluster.
    #[must_use]
    pub fn effective_rows(&self) -> u64 {
        effective(self.rows, self.clusters)
    }
    /// At most so many rows per million hold a value of a class in a column in which none was found.
    #[must_use]
    pub fn at_most_ppm(&self, confidence: Confidence) -> u32 {
        bound(self.effective_rows(), confidence, self.statements)
    }
}
fn effective(rows: u64, clusters: u64) -> u64 {
    let (n, c, alike) = (u128::from(rows), u128::from(clusters.clamp(1, rows.max(1))), u128::from(ALIKE_PER_MILLE));
    let shared = 1000 * c + (n - c.min(n)) * alike;
    u64::try_from(n * 1000 * c / shared).unwrap_or(u64::MAX).min(rows)
}

/// How a table is to be looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sampling {
    /// With fewer rows than this all are read: ten times what rows drawn one by one would have to be.
    pub full_below: u64,
    /// Rows to draw, if they come so many a cluster.
    pub rows: u64,
}
/// The plan for a table: so that with 99 % confidence at most `ppm` rows per million hold what was not found in any
/// of the `statements` (columns × classes), when rows come `cluster_rows` at a time.
#[must_use]
pub fn sampling(ppm: u32, statements: u64, cluster_rows: u64) -> Sampling {
    let alone = rows_for(ppm, Confidence::P99, statements);
    let spread = 1000 + cluster_rows.max(1).saturating_sub(1).saturating_mul(ALIKE_PER_MILLE);
    // Six per cent more: some clusters will be short.
    let rows = u128::from(alone) * u128::from(spread) * 106 / 100_000 + u128::from(cluster_rows);
    Sampling { full_below: alone.saturating_mul(10), rows: u64::try_from(rows).unwrap_or(u64::MAX) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Confidence::{P95, P99, P999};

    /// n = ln(1 − c) / ln(1 − p), rounded up; computed with Python's `decimal`.
    #[test]
    fn rows_are_those_of_the_published_table() {
        #[rustfmt::skip]
        let table: [(u32, [u64; 3]); 6] = [
            (10_000, [299, 459, 688]),
            (1_000, [2_995, 4_603, 6_905]),
            (100, [29_956, 46_050, 69_075]),
            (10, [299_572, 460_515, 690_773]),
            (1, [2_995_731, 4_605_168, 6_907_752]),
            (500_000, [5, 7, 10]),
        ];
        for (ppm, rows) in table {
            assert_eq!([P95, P99, P999].map(|c| rows_needed(ppm, c)), rows, "{ppm}");
            for (c, n) in [P95, P99, P999].into_iter().zip(rows) {
                assert!(at_most_ppm(n, c) <= ppm && at_most_ppm(n - 1, c) > ppm, "{ppm} {n}");
            }
        }
    }

    /// 1 − α^(1/n) in rows per million, rounded up; computed with Python's `decimal`.
    #[test]
    fn bounds_are_exact_to_the_row_per_million() {
        for (rows, want) in BOUNDS {
            assert_eq!([P95, P99, P999].map(|c| at_most_ppm(*rows, c)), *want, "{rows}");
        }
        assert_eq!(at_most_ppm(0, P99), 1_000_000);
    }
    #[rustfmt::skip]
    const BOUNDS: &[(u64, [u32; 3])] = &[
        (1, [950_000, 990_000, 999_000]),
        (2, [776_394, 900_000, 968_378]),
        (3, [631_597, 784_557, 900_000]),
        (10, [258_866, 369_043, 498_813]),
        (50, [58_156, 87_990, 129_037]),
        (299, [9_970, 15_284, 22_839]),
        (300, [9_937, 15_234, 22_763]),
        (1_000, [2_992, 4_595, 6_884]),
        (4_603, [651, 1_000, 1_500]),
        (46_049, [66, 101, 150]),
        (46_050, [66, 100, 150]),
        (100_000, [30, 47, 70]),
        (460_515, [7, 10, 15]),
        (5_000_000, [1, 1, 2]),
        (1_000_000_000, [1, 1, 1]),
        (1_000_000_000_000, [1, 1, 1]),
    ];

    #[test]
    fn clusters_and_many_columns_make_rows_worth_less() {
        let alone = Sample { rows: 46_050, clusters: 46_050, statements: 1 };
        assert_eq!((alone.effective_rows(), alone.at_most_ppm(P99)), (46_050, 100));
        // 100 rows a page at 0.1: 1 + 99 · 0.1 = 10.9.
        let pages = Sample { clusters: 461, rows: 46_100, ..alone };
        assert_eq!(pages.effective_rows(), 46_100 * 10 / 109);
        assert!(pages.at_most_ppm(P99) > 1_000);
        // Twenty columns and sixty classes: ln(120,000) instead of ln(100).
        let many = Sample { statements: 1200, ..alone };
        assert_eq!(many.at_most_ppm(P99), 254);
        // One cluster is little, however many rows are in it.
        assert_eq!(Sample { rows: 1_000_000, clusters: 1, statements: 1 }.effective_rows(), 9);
        for cluster in [1, 16, 80, 1000] {
            let plan = sampling(100, 1200, cluster);
            let got = Sample { rows: plan.rows, clusters: plan.rows / cluster, statements: 1200 };
            assert!((90..=100).contains(&got.at_most_ppm(P99)), "{cluster}: {}", got.at_most_ppm(P99));
        }
    }
}
