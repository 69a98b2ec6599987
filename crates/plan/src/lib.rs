//! The policy as data: parser, checker, conditions over the fact dictionary; yields CheckedPlan.
