//! The site: pages for people, the API for programs, one table of routes under both (`docs/specs/console-v1.md`).
//!
//! *Shape.* A request is matched against the table, its fields are checked against the route, whoever asks is looked up and held against the
//! route's gate - and only then does a handler run, in a thread where it may take the disk's time. A handler is given what was checked and gives
//! back a page or a value; it knows nothing of HTTP.
//!
//! Refused: sessions in signed cookies (they cannot be taken back), a single-page program in the browser (old browsers, no build step), answers
//! that say whether something exists that one may not see.

mod answer;
mod ask;
mod asset;
mod events;
mod fault;
mod form;
mod frame;
mod openapi;
mod pages;
mod parts;
mod route;
pub mod said;
mod served;

pub(crate) use answer::Within;
pub(crate) use events::{Listener, listened};
pub use openapi::openapi;
pub use route::{Faces, Field, Gate, Method, Route, Takes};
pub(crate) use served::{Came, served, turned_away};

use evidence::Lang;
use node::accounts::Accounts;
use node::{Node, NodeError};
use plan::{CheckedPlan, Days};
use std::sync::{Mutex, PoisonError};

/// Every route of the site, for whoever wants to know what there is.
pub fn routes() -> impl Iterator<Item = &'static Route> {
    route::all()
}

/// What stands behind the pages.
pub struct Site {
    node: Node,
    plan: CheckedPlan,
    /// The plan's calendar and zone, read once: every time on a page is shown by it.
    days: Days,
    accounts: Accounts,
    /// Language for whoever has said none.
    lang: Lang,
    /// True: cookies go over TLS alone.
    secure: bool,
    /// The code that makes the first account; gone when it has served.
    first: Mutex<Option<String>>,
    since: std::time::Instant,
    counts: served::Counts,
    /// Who listens for events.
    seats: events::Seats,
}

impl Site {
    /// The site of a node under a plan.
    pub fn new(node: Node, plan: CheckedPlan, lang: Lang) -> Result<Self, NodeError> {
        let accounts = node.accounts()?;
        let first = if accounts.none()? { Some(accounts.first_code()?) } else { None };
        let first = Mutex::new(first);
        let since = std::time::Instant::now();
        let counts = served::Counts::default();
        let days = Days::of(plan.calendar());
        Ok(Self {
            node,
            plan,
            days,
            accounts,
            lang,
            secure: false,
            first,
            since,
            counts,
            seats: events::Seats::default(),
        })
    }

    /// The code with which the first account is made, if there is none yet. For the operator's eyes.
    #[must_use]
    pub fn first_code(&self) -> Option<String> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Cookies of this site go over TLS alone.
    pub(crate) fn over_tls(mut self, tls: bool) -> Self {
        self.secure = tls;
        self
    }

    pub(crate) fn node(&self) -> &Node {
        &self.node
    }
    pub(crate) fn plan(&self) -> &CheckedPlan {
        &self.plan
    }
    pub(crate) fn days(&self) -> &Days {
        &self.days
    }
    pub(crate) fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// Takes the first code, if it is this one; it serves once.
    fn take_first(&self, typed: &str) -> bool {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        let plain = |t: &str| t.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        let right = first.as_deref().is_some_and(|f| same(&plain(f), &plain(typed)));
        if right {
            *first = None;
        }
        right
    }
    fn give_back_first(&self, code: String) {
        *self.first.lock().unwrap_or_else(PoisonError::into_inner) = Some(code);
    }

    /// What this node is, for the head of every page.
    fn told(&self, lang: Lang) -> String {
        let part = self.node.part().ok().flatten();
        match part {
            Some(p) => format!("{} · {}", p.name, report::words::text(lang, &format!("node-role.{}", p.role.name()))),
            None => report::words::text(lang, "console.no-part").to_owned(),
        }
    }

    /// Name of the session's cookie. With the prefix `__Host-` no neighbour under another name can set it; browsers take that over TLS alone.
    fn cookie(&self) -> &'static str {
        if self.secure { "__Host-watchfire" } else { "watchfire" }
    }
}

/// In constant time: how much of it was right is not to be seen on the clock.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |d, (a, b)| d | (a ^ b)) == 0
}
