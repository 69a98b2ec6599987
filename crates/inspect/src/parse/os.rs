//! os-release, sysctl files, shell assignments and the kernel's modules.

use super::words;
use std::collections::BTreeMap;

/// Assignments of os-release: key to (line, value).
#[must_use]
pub fn os_release(text: &str) -> BTreeMap<String, (usize, String)> {
    words::lines(text)
        .filter_map(|(n, l)| {
            let (k, v) = l.split_once('=')?;
            let v = words::split_words(v).into_iter().next().unwrap_or_default();
            Some((k.to_owned(), (n, v)))
        })
        .collect()
}

/// `key = value` of a sysctl file, dots in keys: (line, key, value). A leading `-` means "ignore errors".
#[must_use]
pub fn sysctl(text: &str) -> Vec<(usize, String, String)> {
    words::lines(text)
        .filter(|(_, l)| !l.starts_with(';'))
        .filter_map(|(n, l)| {
            let (k, v) = l.split_once('=')?;
            Some((n, k.trim().trim_start_matches('-').replace('/', "."), v.trim().to_owned()))
        })
        .collect()
}

/// Values given to `name` in a shell file, by `NAME=…`, `export`, `readonly`, `typeset` or `declare`; also the
/// argument of the bare word `name` if the file calls it as a command (`umask 027`).
#[must_use]
pub fn shell_assignments(text: &str, name: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    for (n, l) in words::lines(text) {
        for part in l.split(';') {
            let mut w = words::split_words(part).into_iter().peekable();
            while w
                .next_if(|x| {
                    ["export", "readonly", "typeset", "declare", "-r", "-x", "-rx", "-xr"].contains(&x.as_str())
                })
                .is_some()
            {}
            let Some(first) = w.next() else { continue };
            if let Some(v) = first.strip_prefix(name).and_then(|r| r.strip_prefix('=')) {
                out.push((n, v.to_owned()));
            } else if first == name
                && let Some(v) = w.next()
            {
                out.push((n, v));
            }
        }
    }
    out
}

/// Rows of `/proc/modules`: (line, name, taint letters).
#[must_use]
pub fn proc_modules(text: &str) -> Vec<(usize, String, String)> {
    words::lines(text)
        .filter_map(|(n, l)| {
            let f: Vec<&str> = l.split_whitespace().collect();
            let last = f.last().filter(|x| f.len() > 6 && x.starts_with('(')).copied().unwrap_or_default();
            Some((n, (*f.first()?).to_owned(), last.trim_matches(['(', ')', '+', '-']).to_owned()))
        })
        .collect()
}

/// The taint letters that say "not the kernel's own": proprietary, out of tree, unsigned, force-loaded.
#[must_use]
pub fn tainting(flags: &str) -> bool {
    flags.contains(['P', 'O', 'E', 'F'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_files() {
        let r = os_release("NAME=\"Debian GNU/Linux\"\nID=debian\nVERSION_ID='12'\n");
        assert_eq!((r["NAME"].1.as_str(), r["ID"].0, r["VERSION_ID"].1.as_str()), ("Debian GNU/Linux", 2, "12"));
        assert_eq!(sysctl("; c\n-net/ipv4/ip_forward=1\n"), [(2, "net.ipv4.ip_forward".into(), "1".into())]);
        assert_eq!(shell_assignments("readonly TMOUT=900; export TMOUT\n# TMOUT=1\n", "TMOUT"), [(1, "900".into())]);
        assert_eq!(shell_assignments("umask 027\n", "umask"), [(1, "027".into())]);
        let m = proc_modules("ext4 1 2 - Live 0x0\nbad 1 0 - Live 0x0 (OE)\n");
        assert_eq!((m[0].2.as_str(), m[1].2.as_str(), tainting("OE"), tainting("")), ("", "OE", true, false));
    }
}
