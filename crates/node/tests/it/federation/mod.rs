//! Nodes above and below, over lines and by files, honest and not.

mod arrival;
mod bed;
mod challenge;
mod country;
mod crash;
mod enrolment;
mod keys;
mod large;
mod levels;
mod simulation;
