//! Notification: who is told, on which way, how often, and what proves it (`docs/specs/notify-v1.md`).
//!
//! Plan, then do. [`due`] is pure: from the signed records of earlier attempts, the configuration, the rota and the instant
//! it says what is to be sent and when to look again. [`Notifier`] does it: it sends in a few threads and signs a record of
//! each attempt before it reports it. What goes out can only be a [`Message`], which has no room for a text.
//!
//! Refused: a queue of its own on disk. The log is the queue: what is open says the caller, what was tried say the records.

mod config;
mod due;
mod load;
mod message;
mod pace;
mod people;
mod rota;
mod run;
mod secret;
mod send;
mod switch;
mod template;
mod toml;

pub use config::{
    Channel, Config, How, MailTls, MessageLang, On, Override, PaceOf, Person, PersonWay, Rota, Rule, Shift, Step,
    SyslogTo,
};
pub use due::{Attempt, Plan, Seen, WayKey, due};
pub use load::{FILE, config, config_of};
pub use message::{About, Colour, Message, Numeral, Obligation, Worded, local};
pub use people::{NewDelegation, Test};
pub use rota::{Roster, Span};
pub use run::{Notifier, Ran, WORKERS_MAX};
pub use switch::{SWITCHES, Switch, SwitchedOff, switch, switched_off};
