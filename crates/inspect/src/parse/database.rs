//! Configuration of database servers.

use super::words;
use std::collections::BTreeMap;

/// `key = value` lines of postgresql.conf; the last one wins. Values lose quotes and trailing comments.
#[must_use]
pub fn pg_conf(text: &str) -> BTreeMap<String, (usize, String)> {
    words::lines(text)
        .filter_map(|(n, l)| {
            let (key, value) = l.split_once('=').or_else(|| l.split_once(char::is_whitespace))?;
            let value = value.trim();
            let value = match value.strip_prefix('\'') {
                Some(inner) => inner.split('\'').next().unwrap_or_default(),
                None => value.split('#').next().unwrap_or_default().trim(),
            };
            Some((key.trim().to_ascii_lowercase(), (n, value.to_owned())))
        })
        .collect()
}

/// First line of pg_hba.conf that lets someone in by `trust`, if there is one.
#[must_use]
pub fn hba_trust(text: &str) -> Option<usize> {
    words::lines(text).find_map(|(n, l)| {
        let l = l.split('#').next().unwrap_or_default();
        l.split_whitespace().skip(3).any(|w| w == "trust").then_some(n)
    })
}

/// Settings of the server's sections of a my.cnf: (line, key with `_` for `-`, value).
#[must_use]
pub fn my_cnf(text: &str) -> Vec<(usize, String, String)> {
    let mut section = String::new();
    let mut out = Vec::new();
    for (n, l) in words::lines(text) {
        if let Some(name) = l.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            name.clone_into(&mut section);
        } else if ["mysqld", "server", "mariadb", "mariadbd"].iter().any(|s| section.starts_with(s)) {
            let l = l.split(" #").next().unwrap_or(l);
            let (key, value) = l.split_once('=').unwrap_or((l, ""));
            out.push((n, key.trim().replace('-', "_").to_ascii_lowercase(), value.trim().trim_matches('"').to_owned()));
        }
    }
    out
}

/// `key value…` lines such as redis.conf; all of them, in order, keys in lower case.
#[must_use]
pub fn space_conf(text: &str) -> Vec<(usize, String, Vec<String>)> {
    words::lines(text)
        .filter_map(|(n, l)| {
            let mut w = words::split_words(l).into_iter();
            Some((n, w.next()?.to_ascii_lowercase(), w.collect()))
        })
        .collect()
}

/// Options of a file that holds a command line in pieces, such as memcached.conf: (line, option, value).
#[must_use]
pub fn dash_options(text: &str) -> Vec<(usize, String, String)> {
    words::lines(text)
        .filter(|(_, l)| l.starts_with('-'))
        .map(|(n, l)| {
            let (k, v) = l.split_once([' ', '=']).unwrap_or((l, ""));
            (n, k.to_owned(), v.trim().to_owned())
        })
        .collect()
}

/// Scalars of a simple YAML file under their dotted path: (line, `net.bindIp`, value). List members repeat the
/// path. Enough for the flat files that servers and backup tools use; anchors and flow maps are not read.
#[must_use]
pub fn yaml_keys(text: &str) -> Vec<(usize, String, String)> {
    let mut stack: Vec<(usize, String)> = Vec::new();
    let mut out = Vec::new();
    for (n, raw) in text.lines().enumerate() {
        let body = raw.trim();
        if body.is_empty() || body.starts_with('#') || body == "---" {
            continue;
        }
        let mut indent = raw.len() - raw.trim_start().len();
        let mut body = body.split(" #").next().unwrap_or(body).trim();
        let mut item = false;
        while let Some(rest) = body.strip_prefix("- ") {
            indent += body.len() - rest.trim_start().len();
            body = rest.trim_start();
            item = true;
        }
        stack.retain(|(at, _)| *at < indent);
        let path = |stack: &[(usize, String)]| stack.iter().map(|(_, k)| k.as_str()).collect::<Vec<_>>().join(".");
        let keyed = body.split_once(": ").or_else(|| body.strip_suffix(':').map(|k| (k, "")));
        let unquote = |v: &str| v.trim().trim_matches(['"', '\'']).to_owned();
        match keyed.filter(|(k, _)| !k.contains(' ') && !k.contains('"')) {
            Some((key, value)) => {
                if stack.len() < 16 {
                    stack.push((indent, unquote(key)));
                }
                if !value.trim().is_empty() {
                    out.push((n + 1, path(&stack), unquote(value)));
                }
            }
            None if item => out.push((n + 1, path(&stack), unquote(body))),
            None => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers() {
        let pg = pg_conf("#port = 1\nlisten_addresses = '*'\t# all\nport=5432 # x\n");
        assert_eq!(pg.get("listen_addresses"), Some(&(2, "*".to_owned())));
        assert_eq!(pg.get("port"), Some(&(3, "5432".to_owned())));
        assert_eq!(hba_trust("# trust\nlocal all all peer\nhost all all 127.0.0.1/32 trust\n"), Some(3));
        let my = my_cnf("[client]\nport=1\n[mysqld]\nbind-address = 0.0.0.0 # x\nskip-grant-tables\n");
        assert_eq!(my, [(4, "bind_address".into(), "0.0.0.0".into()), (5, "skip_grant_tables".into(), String::new())]);
        let y = yaml_keys(
            "net:\n  port: 27017\n  bindIp: 127.0.0.1,10.0.0.1  # x\nsecurity:\n  authorization: enabled\nlocations:\n  repositories:\n    - path: /b\n      label: x\n    - ssh://u@h/./r\n",
        );
        assert!(y.contains(&(3, "net.bindIp".into(), "127.0.0.1,10.0.0.1".into())));
        assert!(y.contains(&(5, "security.authorization".into(), "enabled".into())));
        assert!(y.contains(&(8, "locations.repositories.path".into(), "/b".into())), "{y:?}");
        assert!(y.contains(&(10, "locations.repositories".into(), "ssh://u@h/./r".into())), "{y:?}");
    }
}
