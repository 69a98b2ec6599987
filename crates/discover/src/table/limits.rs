//! Limits on tables. What happens at each is said at the field.

/// Limits on what is read of tables; part of [`Limits`](crate::Limits).
#[derive(Clone, Debug)]
pub struct TableLimits {
    /// What of a cell is looked at; what is beyond is a gap (`TooLarge`) at the table. Bytes.
    pub cell_bytes_max: usize,
    /// Columns of a table; one with more is a gap (`TooMany`).
    pub columns_max: usize,
    /// Tables of a database; the rest is a gap (`TooMany`).
    pub tables_max: usize,
    /// A table that is too large to be read is sampled so that, with 99 % confidence over all its columns and all
    /// classes, at most so many rows per million hold what was not found. One with less than ten times the rows that
    /// takes is read.
    pub unseen_ppm: u32,
    /// What is unpacked of a columnar file before row groups are drawn by lot. Bytes.
    pub columnar_bytes_max: u64,
    /// The longest a statement may run on a server; then a gap (`TooLarge`) at the table. Seconds.
    pub statement_seconds_max: u32,
    /// The longest a server may take to answer a connection. Seconds.
    pub connect_seconds_max: u32,
}
impl Default for TableLimits {
    fn default() -> Self {
        Self {
            cell_bytes_max: 1 << 20,
            columns_max: 4096,
            tables_max: 10_000,
            unseen_ppm: 100,
            columnar_bytes_max: 8 << 30,
            statement_seconds_max: 1800,
            connect_seconds_max: 15,
        }
    }
}
