//! What the guard promises, on real file systems (loop mounts): the attack matrix, holding, restoring, being killed.

mod bench;
mod hold;
mod matrix;
mod vault;
