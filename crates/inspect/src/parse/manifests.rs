//! What package managers wrote down about the files that they installed.

use super::bytes::hex;
use super::words::{lines, octal, unescape_octal};
use std::collections::HashMap;

/// How the digest of a file was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SumKind {
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}
/// The digest of a file as its package has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sum {
    /// How it was made.
    pub kind: SumKind,
    /// The digest.
    pub bytes: Box<[u8]>,
}
impl Sum {
    /// A digest of this kind, if it has its length.
    #[must_use]
    pub fn new(kind: SumKind, bytes: &[u8]) -> Option<Self> {
        let length = match kind {
            SumKind::Md5 => 16,
            SumKind::Sha1 => 20,
            SumKind::Sha256 => 32,
            SumKind::Sha384 => 48,
            SumKind::Sha512 => 64,
        };
        (bytes.len() == length).then(|| Self { kind, bytes: bytes.into() })
    }
    /// A digest with the number that rpm (and OpenPGP) gives its algorithm.
    #[must_use]
    pub fn numbered(algorithm: u32, bytes: &[u8]) -> Option<Self> {
        let kind = match algorithm {
            1 => SumKind::Md5,
            2 => SumKind::Sha1,
            8 => SumKind::Sha256,
            9 => SumKind::Sha384,
            10 => SumKind::Sha512,
            _ => return None,
        };
        Self::new(kind, bytes)
    }
}

/// Lines of a dpkg `*.md5sums` file: digest, two blanks, the path without its leading `/`.
pub fn md5sums(bytes: &[u8]) -> impl Iterator<Item = (Sum, &[u8])> {
    bytes.split(|b| *b == b'\n').filter_map(|l| {
        let (sum, path) = l.split_at_checked(32)?;
        let path = path.strip_prefix(b"  ").or_else(|| path.strip_prefix(b" *"))?;
        let path = path.strip_prefix(b"./").unwrap_or(path);
        Some((Sum::new(SumKind::Md5, &hex(sum)?)?, path))
    })
}

/// A configuration file of a package of dpkg, with the digest as the package brought it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conffile {
    /// The package.
    pub package: String,
    /// Absolute path.
    pub path: String,
    /// Digest.
    pub sum: Sum,
}

/// Configuration files of installed packages in dpkg's status file. One that the package brings no more is left out.
#[must_use]
pub fn conffiles(text: &str) -> Vec<Conffile> {
    let mut out = Vec::new();
    let (mut package, mut installed, mut inside) = ("", true, false);
    for l in text.lines() {
        if let Some(rest) = l.strip_prefix(' ') {
            let mut words = rest.split_whitespace();
            let row = (words.next(), words.next(), words.next());
            if let (true, true, (Some(path), Some(sum), None)) = (inside, installed, row)
                && let Some(sum) = hex(sum.as_bytes()).and_then(|s| Sum::new(SumKind::Md5, &s))
            {
                out.push(Conffile { package: package.to_owned(), path: path.to_owned(), sum });
            }
            continue;
        }
        inside = l.starts_with("Conffiles:");
        if let Some(name) = l.strip_prefix("Package: ") {
            (package, installed) = (name.trim(), true);
        } else if let Some(state) = l.strip_prefix("Status: ") {
            installed = state.trim().ends_with(" installed");
        }
    }
    out
}

/// `dpkg-divert`: from a path to where its file went instead, and the one package that keeps the path (`:` none).
#[must_use]
pub fn diversions(text: &str) -> HashMap<&str, (&str, &str)> {
    let all: Vec<&str> = text.lines().collect();
    all.chunks_exact(3).filter_map(|c| Some((*c.first()?, (*c.get(1)?, *c.get(2)?)))).collect()
}

/// Rules of dpkg about paths that it leaves out: whether it lets them in, and a pattern. The last that fits counts.
#[must_use]
pub fn path_rules(text: &str) -> Vec<(bool, String)> {
    let of = |(_, l): (usize, &str)| {
        let (key, pattern) = l.split_once(|c: char| c == '=' || c.is_whitespace())?;
        let include = match key.trim_start_matches('-') {
            "path-include" => true,
            "path-exclude" => false,
            _ => return None,
        };
        Some((include, pattern.trim().trim_start_matches('=').trim().to_owned()))
    };
    lines(text).filter_map(of).collect()
}

/// A file of apk's database.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApkFile {
    /// The package.
    pub package: String,
    /// Path without the leading `/`.
    pub path: String,
    /// Digest; of a link that of its target's text.
    pub sum: Sum,
    /// Permission bits, where they are not the usual ones.
    pub mode: Option<u32>,
}

/// Files with digests in apk's database.
#[must_use]
pub fn apk_files(text: &str) -> Vec<ApkFile> {
    let mut out = Vec::new();
    let (mut package, mut folder, mut file, mut mode) = ("", "", None, None);
    for l in text.lines() {
        let Some((key, value)) = l.split_once(':') else { continue };
        match key {
            "P" => (package, folder, file) = (value, "", None),
            "F" => (folder, file) = (value, None),
            "R" => (file, mode) = (Some(value), None),
            "a" => mode = value.rsplit(':').next().and_then(octal),
            "Z" => {
                if let (Some(name), Some(sum)) = (file, apk_sum(value)) {
                    let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
                    out.push(ApkFile { package: package.to_owned(), path, sum, mode });
                }
            }
            _ => {}
        }
    }
    out
}
/// `Q1` and SHA-1, or `Q2` and SHA-256, in base64.
fn apk_sum(text: &str) -> Option<Sum> {
    let kind = match text.get(..2)? {
        "Q1" => SumKind::Sha1,
        "Q2" => SumKind::Sha256,
        _ => return None,
    };
    Sum::new(kind, &data_encoding::BASE64.decode(text.get(2..)?.as_bytes()).ok()?)
}

/// Regular files of a package of pacman, from its `mtree`: path without the leading `/`, digest, permission bits. The
/// package's own notes (`.PKGINFO` and the like) are left out.
#[must_use]
pub fn pacman_mtree(text: &str) -> Vec<(String, Sum, Option<u32>)> {
    let mut out = Vec::new();
    let (mut kind, mut mode) = ("file", None);
    for (_, l) in lines(text) {
        let mut words = l.split_whitespace();
        let Some(path) = words.next() else { continue };
        let (mut own_kind, mut own_mode, mut sum) = (kind, mode, None);
        for (key, value) in words.filter_map(|w| w.split_once('=')) {
            match key {
                "type" => own_kind = value,
                "mode" => own_mode = octal(value),
                "sha256digest" => sum = hex(value.as_bytes()).and_then(|b| Sum::new(SumKind::Sha256, &b)),
                _ => {}
            }
        }
        if path == "/set" {
            (kind, mode) = (own_kind, own_mode);
        } else if let (Some(path), "file", Some(sum)) = (path.strip_prefix("./"), own_kind, sum)
            && !path.starts_with('.')
        {
            out.push((unescape_octal(path), sum, own_mode));
        }
    }
    out
}

/// Configuration files of a package of pacman: the section `%BACKUP%` of its `files`.
#[must_use]
pub fn pacman_backup(text: &str) -> Vec<&str> {
    let section = text.lines().skip_while(|l| *l != "%BACKUP%").skip(1);
    section.take_while(|l| !l.is_empty()).filter_map(|l| l.split('\t').next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dpkg() {
        let all: Vec<_> =
            md5sums(b"d41d8cd98f00b204e9800998ecf8427e  usr/bin/a b\nshort  x\nzzzz8cd98f00b204e9800998ecf8427e  y\n")
                .collect();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].1, b"usr/bin/a b");
        let text = "Package: a\nStatus: install ok installed\nConffiles:\n /etc/a d41d8cd98f00b204e9800998ecf8427e\n /etc/old d41d8cd98f00b204e9800998ecf8427e obsolete\n /etc/new newconffile\nDescription: x\n /etc/no d41d8cd98f00b204e9800998ecf8427e\n\nPackage: b\nStatus: deinstall ok config-files\nConffiles:\n /etc/b d41d8cd98f00b204e9800998ecf8427e\n";
        let all = conffiles(text);
        assert_eq!(all.iter().map(|c| (c.package.as_str(), c.path.as_str())).collect::<Vec<_>>(), [("a", "/etc/a")]);
        let d = diversions("/bin/sh\n/bin/sh.distrib\ndash\n/x\n");
        assert_eq!((d.len(), d.get("/bin/sh")), (1, Some(&("/bin/sh.distrib", "dash"))));
        // As in the images of Debian for containers.
        let rules =
            path_rules("path-exclude /usr/share/doc/*\npath-include=/usr/share/doc/*/copyright\nforce-unsafe-io\n");
        assert_eq!(rules, [(false, "/usr/share/doc/*".into()), (true, "/usr/share/doc/*/copyright".into())]);
    }

    #[test]
    fn apk() {
        // The digest of no bytes in base64: SHA-1 as RFC 3174 gives it.
        let text = "P:a\nF:usr/bin\nM:0:0:1777\nR:x\na:0:0:4755\nZ:Q12jmj7l5rSw0yVb/vlWAYkK/YBwk=\nR:y\nZ:Q1bad\n\nP:b\nF:\nR:z\nZ:Q12jmj7l5rSw0yVb/vlWAYkK/YBwk=\n";
        let all: Vec<_> = apk_files(text).into_iter().map(|f| (f.package, f.path, f.mode)).collect();
        assert_eq!(all, [("a".into(), "usr/bin/x".into(), Some(0o4755)), ("b".into(), "z".into(), None)]);
    }
    #[test]
    fn pacman() {
        // The head of an mtree as makepkg writes it; the digest is SHA-256 of no bytes (FIPS 180).
        let none = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let text = format!(
            "#mtree\n/set type=file uid=0 gid=0 mode=644\n./.PKGINFO time=1.0 size=0 sha256digest={none}\n./usr time=1.0 mode=755 type=dir\n./usr/bin/a\\040b time=1.0 mode=4755 size=0 sha256digest={none}\n./usr/bin/l time=1.0 mode=777 type=link link=a\n./etc/c time=1.0 size=0 sha256digest={none}\n"
        );
        let all: Vec<_> = pacman_mtree(&text).into_iter().map(|(p, _, m)| (p, m)).collect();
        assert_eq!(all, [("usr/bin/a b".into(), Some(0o4755)), ("etc/c".into(), Some(0o644))]);
        assert_eq!(pacman_backup("%FILES%\netc/c\n\n%BACKUP%\netc/c\td41d\n\n"), ["etc/c"]);
    }
}
