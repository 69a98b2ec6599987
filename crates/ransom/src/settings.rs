//! The threshold policy, as data: what counts how much, over which time, and how much the room may remember.

use serde::{Deserialize, Serialize};

/// What a scope's evidence weighs and when it is held. Every field has a default; times are milliseconds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Score from which a scope is held, if its reasons are of two families.
    pub hold_points: u32,
    /// Score from which a scope is shown.
    pub suspect_points: u32,
    /// Files open for writing and not compared from which the guard is asked to compare ([`crate::Level::Examine`]).
    pub pending_max: u32,
    /// How long damage to files counts: what slow and low work is seen over.
    pub long_ms: u64,
    /// How long a deletion, a cut or a rename counts: bursts.
    pub burst_ms: u64,
    /// A file that the same session or tree made so recently is its own: removing or renaming it is no loss.
    pub own_ms: u64,
    /// Points of each file that was valid and is broken, and their sum at most.
    pub broken_points: u32,
    /// See [`Settings::broken_points`].
    pub broken_points_max: u32,
    /// Changed bytes that look random and did not before, of two files at least: from these many bytes on …
    pub random_bytes_min: [u64; 3],
    /// … so many points. The last step, 64 KiB, is where compressed content no longer looks random.
    pub random_points: [u32; 3],
    /// Chi-square (tenths) that the bytes before must exceed for the first two steps: clearly structured.
    pub structured_chi: u64,
    /// Files with the same regular stride, at least.
    pub stride_files_min: u32,
    /// Or so many places with the same stride, over two files at least.
    pub stride_places_min: u64,
    /// Points of a regular stride.
    pub stride_points: u32,
    /// Files with the same new extension, at least (of two old extensions at least).
    pub extension_files_min: u32,
    /// Points of each, and their sum at most.
    pub extension_points: u32,
    /// See [`Settings::extension_points`].
    pub extension_points_max: u32,
    /// Renamed files within the burst time, at least.
    pub rename_files_min: u32,
    /// Points of a burst of renames.
    pub rename_points: u32,
    /// Removed files of others within the burst time, at least.
    pub delete_files_min: u32,
    /// Points of each, and their sum at most.
    pub delete_points: u32,
    /// See [`Settings::delete_points`].
    pub delete_points_max: u32,
    /// Cut files within the burst time, at least.
    pub cut_files_min: u32,
    /// Points of each, and their sum at most.
    pub cut_points: u32,
    /// See [`Settings::cut_points`].
    pub cut_points_max: u32,
    /// Points of each removed file whose place an unreadable new one took, and their sum at most.
    pub swap_points: u32,
    /// See [`Settings::swap_points`].
    pub swap_points_max: u32,
    /// Folders and formats over which damaged or lost files lie: from these numbers of both on, or from one more of formats alone …
    pub breadth_min: [u32; 2],
    /// … so many points.
    pub breadth_points: [u32; 2],
    /// Folders in which files were read and then changed, at least.
    pub read_write_folders_min: u32,
    /// Points of that.
    pub read_write_points: u32,
    /// Processes that damaged files together, at least.
    pub together_min: u32,
    /// Points of that.
    pub together_points: u32,
    /// Folders with the same note, at least.
    pub note_folders_min: u32,
    /// Points of that.
    pub note_points: u32,
    /// A service that stopped so long before the first damage counts.
    pub service_ms: u64,
    /// Points of each, and their sum at most.
    pub service_points: u32,
    /// See [`Settings::service_points`].
    pub service_points_max: u32,
    /// Percent of the vault's quota from which its pressure counts.
    pub vault_percent_min: u8,
    /// Points of that.
    pub vault_points: u32,
    /// Of a share, removals, renames, breadth and reading before writing count at this percentage: many people work there at once.
    pub share_percent: u32,
    /// Scopes remembered at most.
    pub scopes_max: u32,
    /// Files remembered at most (who read and who made them).
    pub files_max: u32,
    /// Damaged files remembered of one scope at most.
    pub victims_max: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            hold_points: 100,
            suspect_points: 40,
            pending_max: 4,
            long_ms: 24 * 3_600_000,
            burst_ms: 60_000,
            own_ms: 600_000,
            broken_points: 15,
            broken_points_max: 75,
            random_bytes_min: [1_024, 16 << 10, 64 << 10],
            random_points: [25, 40, 50],
            structured_chi: 6_000,
            stride_files_min: 3,
            stride_places_min: 32,
            stride_points: 25,
            extension_files_min: 3,
            extension_points: 10,
            extension_points_max: 40,
            rename_files_min: 8,
            rename_points: 20,
            delete_files_min: 5,
            delete_points: 10,
            delete_points_max: 60,
            cut_files_min: 3,
            cut_points: 12,
            cut_points_max: 84,
            swap_points: 20,
            swap_points_max: 60,
            breadth_min: [2, 3],
            breadth_points: [20, 40],
            read_write_folders_min: 3,
            read_write_points: 15,
            together_min: 4,
            together_points: 15,
            note_folders_min: 3,
            note_points: 40,
            service_ms: 600_000,
            service_points: 10,
            service_points_max: 30,
            vault_percent_min: 80,
            vault_points: 20,
            share_percent: 50,
            scopes_max: 2_048,
            files_max: 65_536,
            victims_max: 256,
        }
    }
}

/// A setting that would switch the room off or let it grow without a bound.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SettingsError {
    /// The field.
    pub field: &'static str,
    /// What is allowed.
    pub allowed: std::ops::RangeInclusive<u64>,
    /// What it is.
    pub is: u64,
}
impl std::fmt::Display for SettingsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} is {}, allowed are {} to {}", self.field, self.is, self.allowed.start(), self.allowed.end())
    }
}
impl std::error::Error for SettingsError {}

impl Settings {
    /// Whether these can be worked with: thresholds that can be reached, memory that is bounded (at the largest values about
    /// 1 GiB; at the defaults about 40 MiB if every scope is full of victims).
    pub fn check(&self) -> Result<(), SettingsError> {
        let day = 24 * 3_600_000;
        let all = [
            ("hold_points", u64::from(self.hold_points), 1..=10_000),
            ("suspect_points", u64::from(self.suspect_points), 1..=u64::from(self.hold_points)),
            ("pending_max", u64::from(self.pending_max), 1..=64),
            ("long_ms", self.long_ms, 1_000..=31 * day),
            ("burst_ms", self.burst_ms, 1_000..=self.long_ms),
            ("own_ms", self.own_ms, 0..=day),
            ("service_ms", self.service_ms, 0..=day),
            ("share_percent", u64::from(self.share_percent), 0..=100),
            ("vault_percent_min", u64::from(self.vault_percent_min), 1..=100),
            ("scopes_max", u64::from(self.scopes_max), 16..=16_384),
            ("files_max", u64::from(self.files_max), 256..=4 << 20),
            ("victims_max", u64::from(self.victims_max), 32..=1_024),
        ];
        for (field, is, allowed) in all {
            if !allowed.contains(&is) {
                return Err(SettingsError { field, allowed, is });
            }
        }
        Ok(())
    }
}
