//! Files to types.
use crate::Source;
use crate::error::Errors;
use crate::model::Draft;

pub(crate) fn load(_source: &Source, _errors: &mut Errors) -> Draft {
    Draft::default()
}
