//! Collects facts about a Linux host, live or from a mounted root, read-only.
