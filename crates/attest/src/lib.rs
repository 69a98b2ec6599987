//! Turns entries and imports of people into attestations, naming every bad row and keeping the good.
