//! The program as a user meets it: the real binary on real files, judged by what it prints, writes and answers.
//!
//! Every run goes through [`bench::run`], which holds each command to three rules: it ends before the watchdog bites,
//! it does not panic, and nothing that it says holds a word key or a hole that nobody filled.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod account;
mod advisories;
mod backup;
mod bad_input;
mod bench;
mod capture;
mod catalogue;
mod challenge;
mod detect;
mod discover;
mod federation;
mod flow;
mod guard;
mod handed;
mod incident;
mod inspect;
mod leak;
mod measures;
mod notify;
mod orders;
mod oversight;
mod penalty;
mod people;
mod planted;
mod planted_live;
mod programme;
mod registry;
mod rules;
mod sbom;
mod serve;
mod speech;
mod staff;
mod statements;
mod stop;
mod tables;
mod tamper;
mod training;
mod transfers;
mod union;
mod warning;
