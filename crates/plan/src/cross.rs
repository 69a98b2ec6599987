//! What only shows when the whole plan is seen.
use crate::error::Errors;
use crate::model::Draft;

pub(crate) fn check(_plan: &Draft, _errors: &mut Errors) {}
