//! Database servers by their configuration.

use crate::host::{File, Look};
use crate::out::Out;
use crate::parse;
use evidence::FactValue;
use std::path::{Path, PathBuf};
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["database.server"];

struct Server {
    name: &'static str,
    file: File,
    line: Option<usize>,
    listen: Vec<String>,
    open: bool,
    trust: bool,
}

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    let mut look = out.look();
    let mut servers = postgres(&mut look);
    servers.extend(mysql(&mut look));
    servers.extend(redis(&mut look));
    servers.extend(mongo(&mut look));
    servers.extend(memcached(&mut look));
    servers.extend(elastic(&mut look));
    for s in servers {
        let listen = s.listen.iter().map(|l| parse::printable(l)).collect();
        let row = FactValue::row([
            ("name", s.name.into()),
            ("config", crate::shared::text_of(&s.file.path).into()),
            ("listen", FactValue::Texts(listen)),
            ("open", s.open.into()),
            ("trust", s.trust.into()),
        ]);
        let at = s.line.map_or_else(|| s.file.place(), |n| s.file.line(n));
        out.fact("database.server", row, at);
    }
    out.gaps(FACTS, &look.misses);
}

fn local(address: &str) -> bool {
    let a = address.trim().trim_start_matches('-').trim_matches(['[', ']']);
    a == "localhost" || a.starts_with("127.") || a == "::1" || a.starts_with('/') || a == "_local_" || a.is_empty()
}
fn list(text: &str) -> Vec<String> {
    text.split(|c: char| c == ',' || c.is_whitespace()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}
fn open(listen: &[String]) -> bool {
    listen.iter().any(|a| !local(a))
}

fn postgres(look: &mut Look<'_>) -> Vec<Server> {
    let mut dirs: Vec<PathBuf> = ["/var/lib/postgresql/data", "/var/lib/pgsql/data", "/var/lib/postgres/data"]
        .iter()
        .map(PathBuf::from)
        .collect();
    for version in look.list("/etc/postgresql") {
        dirs.extend(look.list(&version.path).into_iter().map(|e| e.path));
    }
    dirs.extend(look.list("/var/lib/pgsql").into_iter().map(|e| e.path.join("data")));
    let mut out = Vec::new();
    for dir in dirs {
        let Some(file) = look.read(dir.join("postgresql.conf")) else { continue };
        let conf = parse::pg_conf(&file.text());
        let set = conf.get("listen_addresses");
        let listen = list(set.map_or("localhost", |s| s.1.as_str()));
        let trust = look.read(dir.join("pg_hba.conf")).and_then(|f| parse::hba_trust(&f.text())).is_some();
        out.push(Server { name: "postgresql", line: set.map(|s| s.0), open: open(&listen), listen, trust, file });
    }
    out
}

fn mysql(look: &mut Look<'_>) -> Vec<Server> {
    let program = ["mysqld", "mariadbd"].iter().find_map(|p| super::program(look, p)).is_some()
        || look.stat("/usr/libexec/mysqld").is_some();
    if !program {
        return Vec::new();
    }
    let mut files: Vec<File> = ["/etc/my.cnf", "/etc/mysql/my.cnf"].iter().filter_map(|p| look.read(p)).collect();
    for dir in ["/etc/my.cnf.d", "/etc/mysql/conf.d", "/etc/mysql/mysql.conf.d", "/etc/mysql/mariadb.conf.d"] {
        files.extend(look.drop_ins(dir, ".cnf"));
    }
    let all: Vec<(usize, usize, String, String)> = files
        .iter()
        .enumerate()
        .flat_map(|(n, f)| parse::my_cnf(&f.text()).into_iter().map(move |(l, k, v)| (n, l, k, v)))
        .collect();
    let on = |key: &str| {
        all.iter().rev().find(|(_, _, k, _)| k == key).is_some_and(|(_, _, _, v)| v.is_empty() || parse::is_yes(v))
    };
    let bind = all.iter().rev().find(|(_, _, k, _)| k == "bind_address").cloned();
    // Without a word on it the server listens everywhere.
    let listen = if on("skip_networking") { Vec::new() } else { list(bind.as_ref().map_or("*", |b| b.3.as_str())) };
    let trust = on("skip_grant_tables");
    let at = bind.as_ref().map_or(0, |b| b.0);
    let Some(file) = files.into_iter().nth(at) else { return Vec::new() };
    vec![Server { name: "mysql", file, line: bind.map(|b| b.1), open: open(&listen), listen, trust }]
}

fn redis(look: &mut Look<'_>) -> Vec<Server> {
    let mut out = Vec::new();
    for (name, path) in
        [("redis", "/etc/redis/redis.conf"), ("redis", "/etc/redis.conf"), ("valkey", "/etc/valkey/valkey.conf")]
    {
        let Some(file) = look.read(path) else { continue };
        let conf = parse::space_conf(&file.text());
        let last = |key: &str| conf.iter().rfind(|(_, k, _)| k == key);
        let bind = last("bind");
        let listen = bind.map_or_else(|| vec!["*".to_owned()], |b| b.2.clone());
        let password = ["requirepass", "aclfile", "user"].iter().any(|k| last(k).is_some());
        // Protected mode (on unless switched off) keeps strangers out while there is neither a password nor a bind.
        let protected = last("protected-mode").is_none_or(|p| p.2.first().is_none_or(|v| parse::is_yes(v)));
        let reach = open(&listen) && !(protected && !password && bind.is_none());
        out.push(Server { name, line: bind.map(|b| b.0), open: reach, listen, trust: !password, file });
    }
    out
}

fn mongo(look: &mut Look<'_>) -> Vec<Server> {
    let Some(file) = ["/etc/mongod.conf", "/etc/mongodb.conf"].iter().find_map(|p| look.read(p)) else {
        return Vec::new();
    };
    let conf = parse::yaml_keys(&file.text());
    let get = |key: &str| conf.iter().find(|(_, k, _)| k == key);
    let bind = get("net.bindIp");
    let all = get("net.bindIpAll").is_some_and(|b| parse::is_yes(&b.2));
    let listen = if all { vec!["*".to_owned()] } else { list(bind.map_or("127.0.0.1", |b| b.2.as_str())) };
    let trust = get("security.authorization").is_none_or(|a| a.2 != "enabled");
    let line = bind.map(|b| b.0);
    vec![Server { name: "mongodb", open: open(&listen), listen, trust, line, file }]
}

fn memcached(look: &mut Look<'_>) -> Vec<Server> {
    let Some(file) = look.read("/etc/memcached.conf") else { return Vec::new() };
    let options = parse::dash_options(&file.text());
    let bind = options.iter().find(|(_, k, _)| k == "-l");
    let listen = list(bind.map_or("*", |b| b.2.as_str()));
    let trust = !options.iter().any(|(_, k, _)| k == "-S");
    let line = bind.map(|b| b.0);
    vec![Server { name: "memcached", open: open(&listen), listen, trust, line, file }]
}

fn elastic(look: &mut Look<'_>) -> Vec<Server> {
    let mut out = Vec::new();
    for (name, dir) in
        [("elasticsearch", "/etc/elasticsearch/elasticsearch.yml"), ("opensearch", "/etc/opensearch/opensearch.yml")]
    {
        let Some(file) = look.read(Path::new(dir)) else { continue };
        let conf = parse::yaml_keys(&file.text());
        let get = |key: &str| conf.iter().find(|(_, k, _)| k == key);
        let bind = get("network.host").or_else(|| get("http.host"));
        let listen = list(bind.map_or("_local_", |b| b.2.trim_matches(['[', ']'])));
        let off = get("xpack.security.enabled").is_some_and(|s| !parse::is_yes(&s.2))
            || get("plugins.security.disabled").is_some_and(|s| parse::is_yes(&s.2));
        let line = bind.map(|b| b.0);
        out.push(Server { name, open: open(&listen), listen, trust: off, line, file });
    }
    out
}
