//! Small private files of the node: who its parents are, codes that it gave out. Not evidence, readable by this account alone,
//! whole or not there after a crash.

use crate::durable::{self, Steps};
use crate::{Store, StoreError};

/// Largest private file, in bytes.
pub const PRIVATE_BYTES_MAX: u64 = 64 << 20;

impl Store {
    /// The bytes of a private file; `None` if there is none. Errors: others may read it, too large.
    pub fn private(&self, name: &'static str) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.home.join(name);
        if !path.exists() {
            return Ok(None);
        }
        durable::check_private(&path)?;
        durable::read(&path, name, PRIVATE_BYTES_MAX).map(Some)
    }

    /// Writes a private file, mode 0600, durably and at once.
    pub fn keep_private(&self, name: &'static str, bytes: &[u8]) -> Result<(), StoreError> {
        if bytes.len() as u64 > PRIVATE_BYTES_MAX {
            return Err(StoreError::TooLarge { what: name, max: PRIVATE_BYTES_MAX });
        }
        self.if_writable()?;
        durable::write(&self.home, name, bytes, self.steps())
    }

    /// Steps that a test listens to, for the rooms beside the log.
    #[must_use]
    pub fn steps(&self) -> &Steps {
        &self.options.steps
    }
}
