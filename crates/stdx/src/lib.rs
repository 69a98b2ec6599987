//! What the standard library lacks and has no domain in it.
#![forbid(unsafe_code)]

mod capped;
pub mod json;
mod progress;
mod queue;
mod stop;
pub mod yaml;

pub use capped::{CapError, Capped};
pub use progress::{Progress, Silent, Step};
pub use queue::{Queue, Receiver, Sender};
pub use stop::Stop;
