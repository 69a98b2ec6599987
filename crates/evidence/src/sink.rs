//! What a sensor is given: somewhere to write, something to remember in. What stands behind is not its business.

use crate::Body;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Nobody takes observations any more (the run was stopped, or the sink's item limit is reached and the sink
/// has recorded that as a gap). A sensor that sees this ends its work quietly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SinkClosed;
impl std::fmt::Display for SinkClosed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the sink takes no more observations")
    }
}
impl std::error::Error for SinkClosed {}

/// Takes observations and gaps, from several threads; their order does not matter (items are sorted at sealing).
pub trait Sink: Sync {
    /// Takes one observation or gap.
    fn put(&self, body: Body) -> Result<(), SinkClosed>;
}

/// What a sensor may remember between runs: caches and baselines. Never read by a total, may be lost.
pub trait State: Sync {
    /// The bytes kept under `key`.
    fn get(&self, key: &str) -> Option<Vec<u8>>;
    /// Keeps `bytes` under `key`, as far as the state can.
    fn set(&self, key: &str, bytes: &[u8]);
}

/// A state that lives as long as the process; for tests and first runs.
#[derive(Default, Debug)]
pub struct MemoryState(Mutex<BTreeMap<String, Vec<u8>>>);
impl State for MemoryState {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.0.lock().ok()?.get(key).cloned()
    }
    fn set(&self, key: &str, bytes: &[u8]) {
        if let Ok(mut map) = self.0.lock() {
            map.insert(key.to_owned(), bytes.to_vec());
        }
    }
}

/// Collects into memory.
impl Sink for Mutex<Vec<Body>> {
    fn put(&self, body: Body) -> Result<(), SinkClosed> {
        self.lock().map_err(|_| SinkClosed)?.push(body);
        Ok(())
    }
}
