//! What is to be looked at: a folder or file, or a database.
//!
//! A database is named by a URL. A record never holds the user or the password of one: its place is the URL without
//! them. A password comes from where the database's own tools take it (`PGPASSWORD`, `~/.pgpass`, `MYSQL_PWD`), or from a
//! file; in the URL it would stand in the list of processes and in the shell's history, so it is accepted there with
//! a warning.

use crate::table::sqlite;
use evidence::PathText;
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Largest password file or `.pgpass`, in bytes.
const FILE_BYTES_MAX: u64 = 64 << 10;

/// What is to be looked at.
#[derive(Clone, Debug)]
pub enum Target {
    /// A folder or a file of any kind.
    Path(PathBuf),
    /// A file that is said to be an SQLite database; anything else in it is a gap.
    Sqlite(PathBuf),
    /// A database server.
    Server(Server),
}

/// Which server speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// PostgreSQL, and what speaks its protocol.
    Postgres,
    /// MySQL and MariaDB.
    MySql,
}

/// A text that is not shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(pub(crate) String);
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// How to reach a database server.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    pub(crate) dialect: Dialect,
    /// Host name or address; a socket's path if it begins with `/`.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: Option<String>,
    pub(crate) database: Option<String>,
    password: Option<Secret>,
    password_file: Option<PathBuf>,
}
/// Without user and password.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url())
    }
}

/// Why a target cannot be understood. Holds no part of it but the name of a parameter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TargetError {
    /// The URL has no host where one is needed, or a port that is no number.
    Address,
    /// A `%` that two hexadecimal digits do not follow, or bytes that are no UTF-8.
    Escape,
    /// A parameter that is not known here.
    Parameter(String),
    /// `sslmode` asks for encryption, which this version does not speak.
    Encryption,
}
impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => f.write_str("the address is none: write postgres://user@host:port/database"),
            Self::Escape => f.write_str("a % in the URL is followed by no hexadecimal number, or gives no UTF-8"),
            Self::Parameter(name) => write!(f, "the parameter {name:?} is not known"),
            Self::Encryption => f.write_str("encrypted connections are not spoken yet: use a local socket or a tunnel"),
        }
    }
}
impl std::error::Error for TargetError {}

impl Target {
    /// Understands what a user typed: `sqlite:FILE`, `postgres://…`, `mysql://…`; all else is a path (`./sqlite:x` is one
    /// too).
    pub fn parse(text: &OsStr) -> Result<Self, TargetError> {
        let bytes = text.as_bytes();
        if let Some(path) = bytes.strip_prefix(b"sqlite:") {
            return Ok(Self::Sqlite(PathBuf::from(std::ffi::OsString::from_vec(path.to_vec()))));
        }
        for (scheme, dialect) in [
            ("postgres://", Dialect::Postgres),
            ("postgresql://", Dialect::Postgres),
            ("mysql://", Dialect::MySql),
            ("mariadb://", Dialect::MySql),
        ] {
            if let Some(rest) = bytes.strip_prefix(scheme.as_bytes()) {
                let rest = std::str::from_utf8(rest).map_err(|_| TargetError::Escape)?;
                return Server::parse(dialect, rest).map(Self::Server);
            }
        }
        Ok(Self::Path(PathBuf::from(text)))
    }
    /// Its place in records: an absolute path, or the URL without user and password.
    #[must_use]
    pub fn place(&self) -> PathText {
        match self {
            Self::Path(path) | Self::Sqlite(path) => {
                let absolute = std::path::absolute(path).unwrap_or_else(|_| path.clone());
                PathText::from_bytes(absolute.as_os_str().as_bytes())
            }
            Self::Server(server) => PathText::from(&*server.url()),
        }
    }
    /// True if a password stands in it, where others can read it.
    #[must_use]
    pub fn shows_password(&self) -> bool {
        matches!(self, Self::Server(server) if server.password.is_some())
    }
}

impl Server {
    fn parse(dialect: Dialect, text: &str) -> Result<Self, TargetError> {
        let (text, parameters) = text.split_once('?').unwrap_or((text, ""));
        let (authority, database) = text.split_once('/').unwrap_or((text, ""));
        let (login, address) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = match login.split_once(':') {
            Some((user, password)) => (user, Some(Secret(unescaped(password)?))),
            None => (login, None),
        };
        let (host, port) = split_port(address)?;
        let filled = |text: String| Some(text).filter(|t| !t.is_empty());
        let mut this = Self {
            dialect,
            host: unescaped(host)?,
            port: port.unwrap_or(if dialect == Dialect::Postgres { 5432 } else { 3306 }),
            user: filled(unescaped(user)?),
            database: filled(unescaped(database)?),
            password,
            password_file: None,
        };
        for parameter in parameters.split('&').filter(|p| !p.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let value = unescaped(value)?;
            match name {
                "host" | "socket" => this.host = value,
                "port" => this.port = value.parse().map_err(|_| TargetError::Address)?,
                "user" => this.user = filled(value),
                "dbname" => this.database = filled(value),
                "password-file" => this.password_file = Some(PathBuf::from(value)),
                "sslmode" | "ssl-mode" => match value.to_ascii_lowercase().as_str() {
                    "disable" | "disabled" | "allow" | "prefer" | "preferred" => {}
                    _ => return Err(TargetError::Encryption),
                },
                _ => return Err(TargetError::Parameter(name.to_owned())),
            }
        }
        if this.host.is_empty() {
            "localhost".clone_into(&mut this.host);
        }
        Ok(this)
    }
    /// Another database of the same server.
    pub(crate) fn in_database(&self, name: &str) -> Self {
        Self { database: Some(name.to_owned()), ..self.clone() }
    }
    /// Without user, password and parameters.
    pub(crate) fn url(&self) -> String {
        let scheme = if self.dialect == Dialect::Postgres { "postgres" } else { "mysql" };
        let host = if self.host.contains(['/', ':']) { format!("[{}]", self.host) } else { self.host.clone() };
        let database = self.database.as_ref().map_or(String::new(), |d| format!("/{d}"));
        format!("{scheme}://{host}:{}{database}", self.port)
    }
    /// Who logs in: as named, else as the system's tools would.
    pub(crate) fn login(&self) -> String {
        let variable = if self.dialect == Dialect::Postgres { "PGUSER" } else { "USER" };
        let from = |name| std::env::var(name).ok().filter(|v| !v.is_empty());
        self.user
            .clone()
            .or_else(|| from(variable))
            .or_else(|| from("USER"))
            .or_else(|| from("LOGNAME"))
            .unwrap_or_default()
    }
    /// The password, from the URL, the file named in it, the environment or `.pgpass`, in this order.
    pub(crate) fn password(&self) -> Option<Secret> {
        let variable = if self.dialect == Dialect::Postgres { "PGPASSWORD" } else { "MYSQL_PWD" };
        let file = || {
            let text = small(self.password_file.as_ref()?)?;
            Some(Secret(text.lines().next().unwrap_or("").to_owned()))
        };
        let environment = || std::env::var(variable).ok().map(Secret);
        self.password.clone().or_else(file).or_else(environment).or_else(|| self.pgpass())
    }
    fn pgpass(&self) -> Option<Secret> {
        if self.dialect != Dialect::Postgres {
            return None;
        }
        let home = || std::env::var_os("HOME").map(|h| Path::new(&h).join(".pgpass"));
        let path = std::env::var_os("PGPASSFILE").map(PathBuf::from).or_else(home)?;
        // One that others can read is not used, as libpq does.
        use std::os::unix::fs::MetadataExt;
        if path.metadata().ok()?.mode() & 0o077 != 0 {
            return None;
        }
        let host = if self.host.starts_with('/') { "localhost" } else { &self.host };
        let (port, login) = (self.port.to_string(), self.login());
        let wanted = [host, &port, self.database.as_deref().unwrap_or(&login), &login];
        small(&path)?.lines().find_map(|line| entry(line, wanted))
    }
}

/// The password of a line of `.pgpass`, if its four fields are the wanted ones.
fn entry(line: &str, wanted: [&str; 4]) -> Option<Secret> {
    let (mut fields, mut escaped) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '\\' if !escaped => escaped = true,
            ':' if !escaped && fields.len() < 5 => fields.push(String::new()),
            c => {
                escaped = false;
                fields.last_mut()?.push(c);
            }
        }
    }
    let (password, fields) = fields.split_last()?;
    let fits = fields.len() == 4 && fields.iter().zip(wanted).all(|(f, w)| f == "*" || f == w);
    (fits && !line.starts_with('#')).then(|| Secret(password.clone()))
}

fn small(path: &Path) -> Option<String> {
    use std::io::Read;
    let mut text = String::new();
    std::fs::File::open(path).ok()?.take(FILE_BYTES_MAX).read_to_string(&mut text).ok()?;
    Some(text)
}

/// Whether a file begins as SQLite's do.
pub(crate) fn is_sqlite(path: &Path) -> bool {
    use std::io::Read;
    let mut head = [0; 16];
    std::fs::File::open(path).and_then(|mut f| f.read_exact(&mut head)).is_ok() && head == sqlite::MAGIC
}

/// `host:port`, `[::1]:port`.
fn split_port(address: &str) -> Result<(&str, Option<u16>), TargetError> {
    let (host, port) = match address.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']').ok_or(TargetError::Address)?;
            (host, rest.strip_prefix(':').unwrap_or(rest))
        }
        None => address.rsplit_once(':').unwrap_or((address, "")),
    };
    let port = if port.is_empty() { None } else { Some(port.parse().map_err(|_| TargetError::Address)?) };
    Ok((host, port))
}

fn unescaped(text: &str) -> Result<String, TargetError> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let mut digit = || bytes.next().and_then(|b| char::from(b).to_digit(16)).ok_or(TargetError::Escape);
        out.push(if byte == b'%' { u8::try_from(digit()? * 16 + digit()?).unwrap_or(0) } else { byte });
    }
    String::from_utf8(out).map_err(|_| TargetError::Escape)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Target, TargetError> {
        Target::parse(OsStr::new(text))
    }

    #[test]
    fn targets_are_told_apart_and_their_places_hold_no_login() {
        for (text, place, database) in [
            ("postgres://ann@db.plant:5433/mes", "postgres://db.plant:5433/mes", Some("mes")),
            ("postgresql://db", "postgres://db:5432", None),
            ("postgres://ann:p%40ss@[::1]/mes?sslmode=disable", "postgres://[::1]:5432/mes", Some("mes")),
            ("postgres:///mes?host=/run/postgresql", "postgres://[/run/postgresql]:5432/mes", Some("mes")),
            ("postgres://%2Frun%2Fpostgresql/mes", "postgres://[/run/postgresql]:5432/mes", Some("mes")),
            ("mysql://root@localhost", "mysql://localhost:3306", None),
            ("mariadb://h/%E6%95%B0%E6%8D%AE", "mysql://h:3306/数据", Some("数据")),
        ] {
            let target = parse(text).unwrap();
            assert_eq!(target.place().as_str(), place);
            let Target::Server(server) = &target else { panic!("{text}") };
            assert_eq!(server.database.as_deref(), database, "{text}");
            assert_eq!(target.shows_password(), text.contains("p%40ss"));
            let shown = format!("{target:?}");
            assert!(!shown.contains("p@ss") && !shown.contains("ann"), "{shown}");
        }
        assert!(matches!(parse("sqlite:plant.db").unwrap(), Target::Sqlite(p) if p == Path::new("plant.db")));
        assert!(matches!(parse("/srv/share").unwrap(), Target::Path(_)));
        for (text, error) in [
            ("postgres://h:port/d", TargetError::Address),
            ("postgres://[::1/d", TargetError::Address),
            ("postgres://h/%zz", TargetError::Escape),
            ("postgres://h/d?sslmode=verify-full", TargetError::Encryption),
            ("mysql://h/d?colour=red", TargetError::Parameter("colour".to_owned())),
        ] {
            assert_eq!(parse(text).unwrap_err(), error, "{text}");
        }
    }

    #[test]
    fn a_line_of_pgpass_fits_or_not() {
        let wanted = ["db", "5432", "mes", "ann"];
        let found = |line| entry(line, wanted).map(|s| s.0);
        assert_eq!(found("db:5432:mes:ann:se\\:cret").as_deref(), Some("se:cret"));
        assert_eq!(found("*:*:*:ann:a:b").as_deref(), Some("a:b"));
        assert_eq!(found("#db:5432:mes:ann:x"), None);
        assert_eq!(found("db:5432:other:ann:x"), None);
        assert_eq!(found("db:5432:mes"), None);
    }
}
