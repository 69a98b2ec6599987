//! The line over HTTP. Not built in yet: files carry the same bytes.

use super::Line;
use crate::NodeError;
use evidence::Say;
use std::path::Path;

/// A line to the node at `url`; `ca` is the only certificate authority that is trusted, if one is given.
pub fn http_line(url: &str, _ca: Option<&Path>) -> Result<Box<dyn Line>, NodeError> {
    Err(NodeError::Entry(Say::new("error.no-http-line").with("url", url)))
}
