//! Conditions are tried before the plan is believed.
use crate::error::Errors;
use crate::model::Draft;

pub(crate) fn run(_plan: &Draft, _errors: &mut Errors) {}
