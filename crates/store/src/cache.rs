//! What sensors remember between runs. In a file of its own: it may be deleted at any time, no total reads it, and
//! whatever is wrong with it is answered by remembering nothing.

use evidence::State;
use rusqlite::{Connection, OptionalExtension as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Largest value that is remembered, in bytes.
const VALUE_BYTES_MAX: usize = 64 << 20;

/// The caches of all sensors of a home.
#[derive(Debug)]
pub struct Cache(Option<Mutex<Connection>>);
impl Cache {
    /// Opens `cache.db` in the home; if that cannot be, nothing will be remembered.
    #[must_use]
    pub fn open(home: &Path) -> Self {
        let open = || -> rusqlite::Result<Connection> {
            let db = Connection::open(home.join("cache.db"))?;
            db.busy_timeout(Duration::from_secs(1))?;
            db.pragma_update(None, "journal_mode", "WAL")?;
            db.pragma_update(None, "synchronous", "OFF")?;
            db.execute_batch(
                "CREATE TABLE IF NOT EXISTS state (sensor TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
                                                   PRIMARY KEY (sensor, key))",
            )?;
            Ok(db)
        };
        Self(open().ok().map(Mutex::new))
    }
    /// A memory that keeps nothing and makes no file, for reading only.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }
    /// What `sensor` remembers; other sensors do not see it.
    #[must_use]
    pub fn of<'a>(&'a self, sensor: &'a str) -> SensorState<'a> {
        SensorState { cache: self, sensor }
    }
}

/// The memory of one sensor.
#[derive(Debug, Clone, Copy)]
pub struct SensorState<'a> {
    cache: &'a Cache,
    sensor: &'a str,
}
impl State for SensorState<'_> {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        let db = self.cache.0.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        let mut query = db.prepare_cached("SELECT value FROM state WHERE sensor = ?1 AND key = ?2").ok()?;
        query.query_row((self.sensor, key), |r| r.get(0)).optional().ok()?
    }
    fn set(&self, key: &str, bytes: &[u8]) {
        if let Some(db) = self.cache.0.as_ref().filter(|_| bytes.len() <= VALUE_BYTES_MAX) {
            let db = db.lock().unwrap_or_else(PoisonError::into_inner);
            // A failed write is a memory less, nothing more.
            let _ = db.execute("INSERT OR REPLACE INTO state VALUES (?1, ?2, ?3)", (self.sensor, key, bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sensor_remembers_for_itself_and_a_missing_home_remembers_nothing() {
        let nowhere = Cache::open(Path::new("/nonexistent/home"));
        nowhere.of("inspect").set("a", b"1");
        assert_eq!(nowhere.of("inspect").get("a"), None);
        Cache::none().of("inspect").set("a", b"1");
        assert_eq!(Cache::none().of("inspect").get("a"), None);
    }
}
