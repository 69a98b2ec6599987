//! The face over HTTP on real sockets of this machine, asked by hand and by the client of `node`.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod batch;
mod bed;
mod catalogue;
mod client;
mod events;
mod evidence_pages;
mod exam;
mod incidents;
mod limits;
mod lossy;
mod nodes;
mod routes;
mod secured;
mod settings;
mod site;
mod site_bed;
mod training_pages;
mod transfers;
mod warnings;
