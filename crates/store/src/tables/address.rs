//! Where a server of read tables is, and how its password comes here.
//!
//! The connection is not encrypted: this program speaks no TLS to PostgreSQL. So a server on another machine is refused unless
//! the caller says that the line may be read by others ([`Reach::Plain`]): a Unix socket or a tunnel that ends on this machine
//! is what is meant. A password in the address would stand in the list of processes and in shells' histories: it is refused.

use super::TablesFault;
use postgres::config::{Host, SslMode};
use std::fmt;
use std::io::Read as _;
use std::net::IpAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::Duration;

/// Largest file of passwords, in bytes.
const FILE_BYTES_MAX: u64 = 64 << 10;
/// How long a server may take to answer a call.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// Where Debian's PostgreSQL has its socket.
const SOCKET_DIR: &str = "/var/run/postgresql";
/// The parameter that names a file with the password alone in it.
const PASSWORD_FILE: &str = "password-file";

/// How far the line to a server may go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// A Unix socket, or this machine's own addresses.
    Local,
    /// Any machine, over a line that others may read.
    Plain,
}

/// How to reach a server of read tables. Does not show its login or password.
#[derive(Clone)]
pub struct Address {
    pub(crate) config: postgres::Config,
    shown: String,
}
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Address {
    /// Reads `postgres://user@host:port/database`, with `?host=/folder` for a socket and `password-file=FILE`. `passfile` is
    /// what `PGPASSFILE` names. Errors name what is wrong and hold no part of the address but the host.
    pub fn parse(url: &str, reach: Reach, passfile: Option<&Path>) -> Result<Self, TablesFault> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(TablesFault::Address("url"));
        }
        let (url, password_file) = without_password_file(url)?;
        let mut config = postgres::Config::from_str(&url).map_err(|e| {
            let why = std::error::Error::source(&e).map(ToString::to_string).unwrap_or_default();
            TablesFault::Address(if why.contains("unknown option") { "parameter" } else { "url" })
        })?;
        if config.get_password().is_some() {
            return Err(TablesFault::Address("password"));
        }
        if !matches!(config.get_ssl_mode(), SslMode::Disable | SslMode::Prefer) {
            return Err(TablesFault::Address("tls"));
        }
        // Options would run before the session is set up.
        if config.get_options().is_some() {
            return Err(TablesFault::Address("parameter"));
        }
        config.ssl_mode(SslMode::Disable).application_name("watchfire").connect_timeout(CONNECT_MAX);
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            config.host_path(SOCKET_DIR);
        }
        if reach == Reach::Local
            && let Some(host) = remote(&config)
        {
            return Err(TablesFault::Remote(host));
        }
        let shown = shown(&config);
        if let Some(password) = match (password_file, passfile) {
            (Some(path), _) => Some(alone(&path)?),
            (None, Some(path)) => listed(path, &config)?,
            (None, None) => None,
        } {
            config.password(password);
        }
        Ok(Self { config, shown })
    }

    /// The address without login and password.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }
}

/// Takes our own parameter out of a URL, which the client's reader would not know.
fn without_password_file(url: &str) -> Result<(String, Option<PathBuf>), TablesFault> {
    let Some((base, query)) = url.split_once('?') else { return Ok((url.to_owned(), None)) };
    let (mut rest, mut file) = (Vec::new(), None);
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some((PASSWORD_FILE, path)) => file = Some(PathBuf::from(unescaped(path)?)),
            _ => rest.push(pair),
        }
    }
    let url = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
    Ok((url, file))
}

fn unescaped(text: &str) -> Result<String, TablesFault> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((b, more)) = rest.split_first() {
        rest = more;
        if *b != b'%' {
            bytes.push(*b);
            continue;
        }
        let digits = rest.get(..2).and_then(|d| std::str::from_utf8(d).ok());
        let byte = digits.and_then(|d| u8::from_str_radix(d, 16).ok()).ok_or(TablesFault::Address("url"))?;
        bytes.push(byte);
        rest = rest.get(2..).unwrap_or_default();
    }
    String::from_utf8(bytes).map_err(|_| TablesFault::Address("url"))
}

/// The first host that is not this machine. Of two ways to name one both must be local.
fn remote(config: &postgres::Config) -> Option<String> {
    let addresses = config.get_hostaddrs().iter().find(|a| !a.is_loopback()).map(ToString::to_string);
    let hosts = config.get_hosts().iter().find_map(|h| match h {
        Host::Unix(_) => None,
        Host::Tcp(name) => {
            let bare = name.trim_start_matches('[').trim_end_matches(']');
            let local = name == "localhost" || bare.parse::<IpAddr>().is_ok_and(|a| a.is_loopback());
            (!local).then(|| name.clone())
        }
    });
    addresses.or(hosts)
}

fn shown(config: &postgres::Config) -> String {
    let host = match (config.get_hosts().first(), config.get_hostaddrs().first()) {
        (Some(Host::Unix(path)), _) => format!("[{}]", path.display()),
        (Some(Host::Tcp(name)), _) => name.clone(),
        (None, Some(address)) => address.to_string(),
        (None, None) => String::new(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    format!("postgres://{host}:{port}/{}", config.get_dbname().unwrap_or_default())
}

/// Reads a file that nobody else can read.
fn private(path: &Path) -> Result<String, TablesFault> {
    let fail = |why| TablesFault::PasswordFile(path.to_owned(), why);
    let file = std::fs::File::open(path).map_err(|_| fail("missing"))?;
    let meta = file.metadata().map_err(|_| fail("missing"))?;
    if !meta.is_file() {
        return Err(fail("unfit"));
    }
    if meta.mode() & 0o077 != 0 {
        return Err(fail("loose"));
    }
    let mut text = String::new();
    file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(|_| fail("unfit"))?;
    if text.len() as u64 > FILE_BYTES_MAX { Err(fail("unfit")) } else { Ok(text) }
}

/// The password of a file that holds nothing else.
fn alone(path: &Path) -> Result<String, TablesFault> {
    let text = private(path)?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() || password.contains(['\r', '\n', '\0']) {
        return Err(TablesFault::PasswordFile(path.to_owned(), "unfit"));
    }
    Ok(password.to_owned())
}

/// The password of the first line that fits in a file as `psql` has it: `host:port:database:user:password`, `*` for any, `\`
/// before a `:` or `\` that belongs to a value. A socket is `localhost` or its folder.
fn listed(path: &Path, config: &postgres::Config) -> Result<Option<String>, TablesFault> {
    let text = private(path)?;
    let host = match config.get_hosts().first() {
        Some(Host::Unix(path)) => path.display().to_string(),
        Some(Host::Tcp(name)) => name.clone(),
        None => config.get_hostaddrs().first().map(ToString::to_string).unwrap_or_default(),
    };
    let socket = host.starts_with('/');
    let port = config.get_ports().first().copied().unwrap_or(5432).to_string();
    let user = config.get_user().unwrap_or_default();
    let database = config.get_dbname().unwrap_or(user);
    for line in text.lines().filter(|l| !l.starts_with('#')) {
        let fields = fields(line);
        let [h, p, d, u, password] = fields.as_slice() else { continue };
        let is = |given: &str, wanted: &str| given == "*" || given == wanted;
        if (is(h, &host) || (socket && h == "localhost")) && is(p, &port) && is(d, database) && is(u, user) {
            return Ok(Some(password.clone()));
        }
    }
    Ok(None)
}

fn fields(line: &str) -> Vec<String> {
    let (mut out, mut field, mut chars) = (Vec::new(), String::new(), line.chars());
    while let Some(c) = chars.next() {
        match c {
            '\\' => field.extend(chars.next()),
            ':' if out.len() < 4 => out.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    out.push(field);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn parse(url: &str) -> Result<Address, TablesFault> {
        Address::parse(url, Reach::Local, None)
    }

    #[test]
    fn only_this_machine_is_reached_unless_somebody_says_so() {
        for url in [
            "postgres://u@localhost/d",
            "postgres://u@127.0.0.9/d",
            "postgres://u@[::1]/d",
            "postgresql:///d?host=/run/x",
        ] {
            assert!(parse(url).is_ok(), "{url}");
        }
        for (url, host) in [
            ("postgres://u@db.example/d", "db.example"),
            ("postgres://u@10.0.0.7/d", "10.0.0.7"),
            // A name that is local and an address that is not.
            ("postgres://u@localhost/d?hostaddr=10.0.0.7", "10.0.0.7"),
            ("postgres://u@localhost,db.example/d", "db.example"),
        ] {
            assert_eq!(parse(url).unwrap_err(), TablesFault::Remote(host.into()), "{url}");
            assert!(Address::parse(url, Reach::Plain, None).is_ok(), "{url}");
        }
    }

    #[test]
    fn what_is_no_address_is_named_and_not_repeated() {
        for (url, what) in [
            ("mysql://u@localhost/d", "url"),
            ("postgres://u:CANARY@localhost/d", "password"),
            ("postgres://u@localhost/d?password=CANARY", "password"),
            ("postgres://u@localhost/d?sslmode=require", "tls"),
            ("postgres://u@localhost/d?options=-c%20x%3DCANARY", "parameter"),
            ("postgres://u@localhost/d?CANARY=1", "parameter"),
            ("postgres://u@localhost:CANARY/d", "url"),
            ("postgres://u@localhost/d?password-file=%zz", "url"),
        ] {
            let fault = parse(url).unwrap_err();
            assert_eq!(fault, TablesFault::Address(what), "{url}");
            assert!(!fault.to_string().contains("CANARY"));
        }
        assert_eq!(parse("postgres://login@/d?host=/run/x").unwrap().shown(), "postgres://[/run/x]:5432/d");
    }

    #[test]
    fn passwords_come_from_files_that_nobody_else_reads() {
        let folder = std::env::temp_dir().join(format!("store-address-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (one, list) = (folder.join("one"), folder.join("list"));
        let loose = |mode| std::fs::set_permissions(&one, PermissionsExt::from_mode(mode)).unwrap();
        std::fs::write(&one, "CANARY\n").unwrap();
        loose(0o644);
        let url = format!("postgres://u@localhost/d?password-file={}", one.display());
        assert_eq!(parse(&url).unwrap_err(), TablesFault::PasswordFile(one.clone(), "loose"));
        loose(0o600);
        let address = parse(&url).unwrap();
        assert_eq!(address.config.get_password(), Some(&b"CANARY"[..]));
        assert!(!format!("{address:?}").contains("CANARY"));
        std::fs::write(&list, "# x\nelse:*:*:*:no\nlocalhost:5432:d:v:no\nlocalhost:*:d:u:a\\:b:c\n*:*:*:*:z\n")
            .unwrap();
        std::fs::set_permissions(&list, PermissionsExt::from_mode(0o600)).unwrap();
        for (url, want) in [
            ("postgres://u@localhost/d", "a:b:c"),
            ("postgres://u@/d?host=/run/x", "a:b:c"),
            ("postgres://w@localhost/d", "z"),
        ] {
            let address = Address::parse(url, Reach::Local, Some(&list)).unwrap();
            assert_eq!(address.config.get_password(), Some(want.as_bytes()), "{url}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
