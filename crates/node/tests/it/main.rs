//! Notification against fakes of ours: what is planned, what goes out, what is proved.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod accounts;
mod bed;
mod command;
mod configuration;
mod escalation;
mod fakes;
mod federation;
mod http;
mod mail;
mod notifier;
mod pace;
mod rota;
mod syslog;
mod watch;
