//! The line from a node to the one above it.

mod http;
mod line;

pub use http::{Calling, http_line, http_line_with};
pub use line::{Line, LineFault};
