//! Limits on everything that is read. What happens at each is said at the field.

use crate::table::TableLimits;

/// Limits; the default suits a file server.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Larger files are gaps (`TooLarge`). Bytes.
    pub file_bytes_max: u64,
    /// A container member is read up to here, then a gap (`TooLarge`). Bytes, unpacked.
    pub member_bytes_max: u64,
    /// All that one file unpacks to; then a gap (`TooLarge`). Bytes.
    pub container_bytes_max: u64,
    /// Containers inside containers; deeper is a gap (`TooDeep`).
    pub container_depth_max: usize,
    /// Unpacked to packed; a member or file above it is a gap (`Bomb`) once it passes `bomb_bytes_min`.
    pub container_ratio_max: u64,
    /// Bytes that may be unpacked before the ratio counts.
    pub bomb_bytes_min: u64,
    /// Archives with more entries are gaps (`TooMany`).
    pub container_entries_max: u64,
    /// An archive inside a container, or a table of shared strings, is held in memory up to here. Bytes.
    pub nested_bytes_max: u64,
    /// A decoder may look back so far; a stream that wants more is a gap (`TooLarge`). Bytes.
    pub dictionary_bytes_max: u64,
    /// What all decoders and nested archives of one file may hold at a time; beyond is a gap (`TooLarge`). Two files
    /// at a time may take so much, whatever the number of workers. Bytes.
    pub held_bytes_max: u64,
    /// All bytes read under one root; the files after are gaps (`TooLarge`).
    pub root_bytes_max: u64,
    /// Folders inside folders; deeper is a gap (`TooDeep`).
    pub folder_depth_max: usize,
    /// Masked samples per class and file.
    pub samples_per_hit_max: usize,
    /// Places named per reason; the rest is counted.
    pub gaps_per_reason_max: usize,
    /// Distinct values remembered per root; then the count is a lower bound and says so.
    pub distinct_max: usize,
    /// Distinct values remembered per file or member; then a gap (`TooMany`) names the file.
    pub file_distinct_max: usize,
    /// What is remembered of one root for the next run takes so much, on disk and in memory (at the end of a run up to
    /// three times); files beyond it are read again. 28 bytes a file without findings. Bytes.
    pub memo_bytes_max: u64,
    /// A file whose outcome takes more is read again. Bytes.
    pub memo_entry_bytes_max: u64,
    /// What is read of tables.
    pub table: TableLimits,
}
impl Default for Limits {
    fn default() -> Self {
        const MIB: u64 = 1 << 20;
        Self {
            file_bytes_max: 1 << 40,
            member_bytes_max: 4096 * MIB,
            container_bytes_max: 16 * 1024 * MIB,
            container_depth_max: 8,
            container_ratio_max: 200,
            bomb_bytes_min: 16 * MIB,
            container_entries_max: 100_000,
            nested_bytes_max: 32 * MIB,
            dictionary_bytes_max: 64 * MIB,
            held_bytes_max: 100 * MIB,
            root_bytes_max: 1 << 50,
            folder_depth_max: 256,
            samples_per_hit_max: 8,
            gaps_per_reason_max: 100,
            distinct_max: 1_000_000,
            file_distinct_max: 250_000,
            memo_bytes_max: 64 * MIB,
            memo_entry_bytes_max: 4 * MIB,
            table: TableLimits::default(),
        }
    }
}
