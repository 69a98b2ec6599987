//! The attack driver: does to a replica what ransomware does to a share, and what ordinary programs do that looks alike.
//!
//! Harmless by construction. It works only in a folder that it made itself and marked ([`fence`]), only on files that it grew there
//! ([`replica`]), whose contents follow from a seed and can be grown anew; the transform is an exclusive or with a key that is
//! on disk before the first change ([`pattern`]). It imitates the *marks on the file system* that `docs/specs/ransom-v1.md`
//! judges by - which bytes change, in what order, over how many processes - and nothing else of an attack: it has no way to
//! another folder, another host or another right.
//!
//! [`drive`] and [`benign`] act; [`record`] turns what they did into the events of `ransom`, from the real bytes, without a guard.

pub mod benign;
pub mod drive;
pub mod fence;
pub mod pattern;
pub mod record;
pub mod replica;
pub mod trial;

pub use drive::{Attack, Mode, drive};
pub use fence::{Deed, Fence, Refused};
pub use record::Recorder;
