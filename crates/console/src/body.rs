//! Reads the body of a request: within its limits of bytes and time, and within what all bodies together may take of memory.

use crate::config::Limits;
use axum::body::Body;
use http_body_util::BodyExt as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Unit of the memory that bodies share, in bytes.
pub(crate) const UNIT_BYTES: usize = 1024;
/// What a body that says its length is given at once, in bytes; more when it has come.
const FIRST_BYTES: usize = 64 << 10;

/// A body, and its share of the memory for as long as it is held.
pub(crate) struct Held {
    pub(crate) bytes: Vec<u8>,
    pub(crate) share: OwnedSemaphorePermit,
}

/// Why there is no body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unread {
    TooLarge,
    TooSlow,
    /// The memory that bodies share is used up.
    NoRoom,
    /// The other side broke off, or it is no HTTP.
    Broken,
}

/// Reads it. `declared` is what the head says of its length.
pub(crate) async fn read(
    body: Body,
    declared: Option<u64>,
    limits: &Limits,
    memory: &Arc<Semaphore>,
) -> Result<Held, Unread> {
    if declared.is_some_and(|d| d > limits.body_bytes_max as u64) {
        return Err(Unread::TooLarge);
    }
    let pieces = pieces(body, declared, limits, memory);
    timeout(limits.body_within, pieces).await.unwrap_or(Err(Unread::TooSlow))
}

async fn pieces(
    mut body: Body,
    declared: Option<u64>,
    limits: &Limits,
    memory: &Arc<Semaphore>,
) -> Result<Held, Unread> {
    let mut share = Arc::clone(memory).try_acquire_many_owned(0).map_err(|_| Unread::NoRoom)?;
    let mut bytes = Vec::new();
    while let Some(frame) = next(&mut body, limits.piece_within).await? {
        let Ok(piece) = frame.into_data() else { continue };
        let length = bytes.len() + piece.len();
        if length > limits.body_bytes_max {
            return Err(Unread::TooLarge);
        }
        let more = length.div_ceil(UNIT_BYTES) - share.num_permits();
        let more = u32::try_from(more).map_err(|_| Unread::NoRoom)?;
        share.merge(Arc::clone(memory).try_acquire_many_owned(more).map_err(|_| Unread::NoRoom)?);
        if length > bytes.capacity() {
            // A length that was only declared costs nothing; it is believed when half of it has come.
            let declared = declared.and_then(|d| usize::try_from(d).ok()).unwrap_or(limits.body_bytes_max);
            let believed = declared.min(FIRST_BYTES.max(2 * length));
            bytes.reserve_exact(believed.max(length) - bytes.len());
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(Held { bytes, share })
}

async fn next(body: &mut Body, within: Duration) -> Result<Option<hyper::body::Frame<hyper::body::Bytes>>, Unread> {
    match timeout(within, body.frame()).await {
        Err(_) => Err(Unread::TooSlow),
        Ok(None) => Ok(None),
        Ok(Some(frame)) => frame.map(Some).map_err(|_| Unread::Broken),
    }
}
