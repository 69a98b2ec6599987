//! What can go wrong with a server of read tables, by what a person can do about it.

use postgres::error::SqlState;
use std::fmt;
use std::path::PathBuf;

/// Oldest server that is used, as PostgreSQL counts its versions: older ones were never tried.
pub(crate) const VERSION_MIN: i32 = 150_000;
/// The layout of the tables that this program makes and reads.
pub(crate) const LAYOUT: i32 = 1;
/// The longest text of a server that is passed on, in characters.
const TEXT_CHARS_MAX: usize = 300;

/// Why a server of read tables could not do what was asked. Holds no password and no name of a login.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TablesFault {
    /// What was given is no address; a word that says what is wrong: `url`, `password`, `tls`, `parameter`.
    Address(&'static str),
    /// The host is another machine and nobody said that its line may be read by others.
    Remote(String),
    /// The file of the password cannot be used; a word that says why: `missing`, `loose`, `unfit`.
    PasswordFile(PathBuf, &'static str),
    /// Nothing answers there; the system's words.
    Unreachable(String),
    /// The server does not let this login in, or not to these tables.
    Denied,
    /// The server has no such database.
    NoDatabase,
    /// The server is older than what was tried; its version and the least.
    TooOld(i32, i32),
    /// The database is not in UTF-8; its encoding.
    Encoding(String),
    /// The connection ended in the middle; nothing of the answer was used.
    Lost,
    /// The server has no room left.
    Full,
    /// The tables were made by a program that lays them out differently; found and known.
    Layout(i32, i32),
    /// A statement took longer than the limit, or another's lock did.
    Late,
    /// The tables hold other rows than the log commits to.
    Differs,
    /// It was asked to stop; nothing was changed.
    Stopped,
    /// The server's own words, with its code.
    Server(String, String),
}

impl TablesFault {
    /// A name for words (`error.tables-<name>`).
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Address("password") => "address-password",
            Self::Address("tls") => "address-tls",
            Self::Address("parameter") => "address-parameter",
            Self::Address(_) => "address",
            Self::Remote(_) => "remote",
            Self::PasswordFile(_, "loose") => "password-loose",
            Self::PasswordFile(_, "unfit") => "password-unfit",
            Self::PasswordFile(..) => "password-missing",
            Self::Unreachable(_) => "unreachable",
            Self::Denied => "denied",
            Self::NoDatabase => "no-database",
            Self::TooOld(..) => "too-old",
            Self::Encoding(_) => "encoding",
            Self::Lost => "lost",
            Self::Full => "full",
            Self::Layout(..) => "layout",
            Self::Late => "late",
            Self::Differs => "differ",
            Self::Stopped => "stopped",
            Self::Server(..) => "server",
        }
    }

    /// What a server said while it was in use.
    pub(crate) fn of(error: &postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else { return Self::Lost };
        let code = db.code();
        match code {
            c if *c == SqlState::INVALID_PASSWORD
                || *c == SqlState::INVALID_AUTHORIZATION_SPECIFICATION
                || *c == SqlState::INSUFFICIENT_PRIVILEGE =>
            {
                Self::Denied
            }
            c if *c == SqlState::INVALID_CATALOG_NAME => Self::NoDatabase,
            c if *c == SqlState::DISK_FULL => Self::Full,
            c if *c == SqlState::QUERY_CANCELED || *c == SqlState::LOCK_NOT_AVAILABLE => Self::Late,
            c if *c == SqlState::ADMIN_SHUTDOWN || *c == SqlState::CRASH_SHUTDOWN => Self::Lost,
            c if *c == SqlState::CANNOT_CONNECT_NOW || *c == SqlState::TOO_MANY_CONNECTIONS => {
                Self::Unreachable(text(db.message()))
            }
            c => Self::Server(c.code().to_owned(), text(db.message())),
        }
    }

    /// What a server, or the system in its place, said while it was being called.
    pub(crate) fn of_connecting(error: &postgres::Error) -> Self {
        if error.as_db_error().is_some() {
            return Self::of(error);
        }
        let why = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
        // A login without the password that the server asks for.
        if why.contains("password missing") || error.to_string().contains("password missing") {
            return Self::Denied;
        }
        Self::Unreachable(text(&why))
    }
}

/// Holds a server's version and encoding against what is needed.
pub(crate) fn fit(version: i32, encoding: &str) -> Result<(), TablesFault> {
    if version < VERSION_MIN {
        return Err(TablesFault::TooOld(version, VERSION_MIN));
    }
    if encoding != "UTF8" {
        return Err(TablesFault::Encoding(text(encoding)));
    }
    Ok(())
}

/// A foreign text on one line, cut.
fn text(foreign: &str) -> String {
    foreign.chars().map(|c| if c.is_control() { ' ' } else { c }).take(TEXT_CHARS_MAX).collect()
}

impl fmt::Display for TablesFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(what) => write!(f, "the address of the read tables cannot be used ({what})"),
            Self::Remote(host) => write!(f, "{host} is another machine and the line to it is not encrypted"),
            Self::PasswordFile(path, why) => write!(f, "{}: the file of the password is {why}", path.display()),
            Self::Unreachable(why) => write!(f, "no server of read tables answers: {why}"),
            Self::Denied => f.write_str("the server of read tables does not let this login in"),
            Self::NoDatabase => f.write_str("the server has no such database"),
            Self::TooOld(found, least) => write!(f, "the server is of version {found}, at least {least} is needed"),
            Self::Encoding(found) => write!(f, "the database is in {found}, not in UTF-8"),
            Self::Lost => f.write_str("the connection to the read tables ended in the middle"),
            Self::Full => f.write_str("the server of read tables has no room left"),
            Self::Layout(found, known) => write!(f, "the read tables have layout {found}, this program knows {known}"),
            Self::Late => f.write_str("the server of read tables did not answer in time"),
            Self::Differs => f.write_str("the read tables hold other rows than the log commits to"),
            Self::Stopped => f.write_str("stopped"),
            Self::Server(code, why) => write!(f, "the server of read tables: {why} ({code})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_server_and_another_encoding_are_named() {
        assert_eq!(fit(150_018, "UTF8"), Ok(()));
        assert_eq!(fit(170_000, "UTF8"), Ok(()));
        // PostgreSQL 14.22: the newest that is older than what was tried.
        assert_eq!(fit(140_022, "UTF8"), Err(TablesFault::TooOld(140_022, 150_000)));
        assert_eq!(fit(150_018, "SQL_ASCII"), Err(TablesFault::Encoding("SQL_ASCII".into())));
    }
}
