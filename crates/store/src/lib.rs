//! The only room that keeps Watchfire's own state: the log, items, keys and the spool.
