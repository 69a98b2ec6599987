//! Nodes above and below, over lines and by files, honest and not.

mod arrival;
mod bed;
mod challenge;
mod consolidated;
mod country;
mod crash;
mod enrolment;
mod keys;
mod large;
mod levels;
mod orders;
mod pages;
mod registries;
mod simulation;
