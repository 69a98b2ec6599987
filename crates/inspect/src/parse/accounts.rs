//! passwd, shadow, group, login.defs, PAM rules and the binary log-in records.

use super::words;

/// A line of `/etc/passwd`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passwd {
    /// Line.
    pub line: usize,
    /// Account name.
    pub name: String,
    /// The password field; never emitted.
    pub password: String,
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
    /// Home folder.
    pub home: String,
    /// Log-in shell.
    pub shell: String,
}
impl Passwd {
    /// The shell lets someone in.
    #[must_use]
    pub fn login(&self) -> bool {
        let base = self.shell.rsplit('/').next().unwrap_or_default();
        !["nologin", "false", "true", "sync", "shutdown", "halt", "git-shell"].contains(&base)
    }
}

/// Accounts, broken lines left out; [`Passwd::broken_lines`] names those.
///
/// The reader is as lenient as the C library's, which accepts missing fields at the end, takes a surplus one as
/// part of the shell and skips blanks before numbers: what it lets in must not be invisible here.
#[must_use]
pub fn passwd(text: &str) -> Vec<Passwd> {
    entries(text).filter_map(|(line, l)| passwd_line(line, l)).collect()
}
impl Passwd {
    /// Numbers of the lines that [`passwd`] cannot read.
    #[must_use]
    pub fn broken_lines(text: &str) -> Vec<usize> {
        entries(text).filter(|(line, l)| passwd_line(*line, l).is_none()).map(|(line, _)| line).collect()
    }
}

/// Lines of an account table, without comments and without the `+` and `-` lines of NIS.
fn entries(text: &str) -> impl Iterator<Item = (usize, &str)> {
    words::lines(text).filter(|(_, l)| !l.starts_with(['+', '-']))
}

fn passwd_line(line: usize, l: &str) -> Option<Passwd> {
    let mut f = l.splitn(7, ':');
    let name = f.next().filter(|n| !n.is_empty())?.to_owned();
    let password = f.next()?.to_owned();
    let (uid, gid) = (id(f.next()?)?, id(f.next()?)?);
    let home = f.nth(1).unwrap_or_default().to_owned();
    let shell = f.next().filter(|s| !s.is_empty()).unwrap_or("/bin/sh").to_owned();
    Some(Passwd { line, name, password, uid, gid, home, shell })
}

/// A user or group id as the C library reads it: a sign is allowed, and what does not fit becomes the largest id.
fn id(field: &str) -> Option<u32> {
    let field = field.trim();
    let (negative, digits) = match field.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, field.strip_prefix('+').unwrap_or(field)),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let value = digits.parse().unwrap_or(u32::MAX);
    Some(if negative && value != 0 { u32::MAX } else { value })
}

/// A line of `/etc/shadow`, without its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shadow {
    /// Line.
    pub line: usize,
    /// Account name.
    pub name: String,
    /// `set`, `locked` or `empty`.
    pub state: &'static str,
    /// Name of the hash scheme.
    pub scheme: Option<&'static str>,
    /// Day of the last change.
    pub changed_day: Option<i64>,
    /// Most days until the next change.
    pub max_days: Option<i64>,
    /// Day on which the account ends.
    pub expire_day: Option<i64>,
}

/// Rows of the shadow file; the hashes stay behind.
#[must_use]
pub fn shadow(text: &str) -> Vec<Shadow> {
    entries(text)
        .filter_map(|(line, l)| {
            let f: Vec<&str> = l.split(':').collect();
            let day = |n: usize| f.get(n).and_then(|v| v.parse::<i64>().ok());
            let hash = f.get(1)?;
            let name = f.first().filter(|n| !n.is_empty())?;
            Some(Shadow {
                line,
                name: (*name).to_owned(),
                state: password_state(hash),
                scheme: password_scheme(hash),
                changed_day: day(2),
                max_days: day(4),
                expire_day: day(7),
            })
        })
        .collect()
}

impl Shadow {
    /// Numbers of the lines that [`shadow`] cannot read: those without a name or a hash field.
    #[must_use]
    pub fn broken_lines(text: &str) -> Vec<usize> {
        entries(text).filter(|(_, l)| l.find(':').is_none_or(|at| at == 0)).map(|(line, _)| line).collect()
    }
}

/// `empty`, `locked` or `set`.
#[must_use]
pub fn password_state(hash: &str) -> &'static str {
    match hash.as_bytes().first() {
        None => "empty",
        Some(b'!' | b'*') => "locked",
        Some(_) if hash == "x" => "locked",
        Some(_) => "set",
    }
}

/// The scheme by the prefix of crypt(5); a lock mark in front does not hide it.
#[must_use]
pub fn password_scheme(hash: &str) -> Option<&'static str> {
    let hash = hash.trim_start_matches('!');
    if hash.is_empty() || hash.starts_with('*') || hash == "x" {
        return None;
    }
    let table = [
        ("$y$", "yescrypt"),
        ("$gy$", "yescrypt"),
        ("$6$", "sha512"),
        ("$5$", "sha256"),
        ("$1$", "md5"),
        ("$2", "bcrypt"),
    ];
    match table.iter().find(|(prefix, _)| hash.starts_with(prefix)) {
        Some((_, name)) => Some(name),
        None if hash.starts_with('$') => Some("other"),
        None if hash.len() == 13 || hash.starts_with('_') => Some("des"),
        None => Some("other"),
    }
}

/// A line of `/etc/group`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Line.
    pub line: usize,
    /// Group name.
    pub name: String,
    /// Group id.
    pub gid: u32,
    /// Members beyond those whose primary group it is.
    pub members: Vec<String>,
}

/// Groups, broken lines left out; [`Group::broken_lines`] names those.
#[must_use]
pub fn group(text: &str) -> Vec<Group> {
    entries(text).filter_map(|(line, l)| group_line(line, l)).collect()
}
impl Group {
    /// Numbers of the lines that [`group`] cannot read.
    #[must_use]
    pub fn broken_lines(text: &str) -> Vec<usize> {
        entries(text).filter(|(line, l)| group_line(*line, l).is_none()).map(|(line, _)| line).collect()
    }
}

fn group_line(line: usize, l: &str) -> Option<Group> {
    let mut f = l.splitn(4, ':');
    let name = f.next().filter(|n| !n.is_empty())?.to_owned();
    let gid = id(f.nth(1)?)?;
    let members = f.next().unwrap_or_default().split(',').map(str::trim).filter(|m| !m.is_empty());
    Some(Group { line, name, gid, members: members.map(str::to_owned).collect() })
}

/// A setting of login.defs: the last one wins.
#[must_use]
pub fn login_defs(text: &str, key: &str) -> Option<(usize, String)> {
    words::settings(text).filter(|(_, k, _)| k == key).last().map(|(n, _, v)| (n, first_word(&v)))
}
fn first_word(v: &str) -> String {
    v.split_whitespace().next().unwrap_or_default().to_owned()
}

/// A rule of a PAM stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PamRule {
    /// Line.
    pub line: usize,
    /// `auth`, `account`, `password` or `session`.
    pub kind: String,
    /// Module file name, such as `pam_unix.so`.
    pub module: String,
    /// Its arguments.
    pub args: Vec<String>,
}

/// Rules of one file of `/etc/pam.d`.
#[must_use]
pub fn pam_rules(text: &str) -> Vec<PamRule> {
    words::lines(text)
        .filter_map(|(line, l)| {
            let (kind, rest) = l.split_once(char::is_whitespace)?;
            let rest = rest.trim_start();
            let rest = match rest.strip_prefix('[') {
                Some(inner) => inner.split_once(']')?.1,
                None => rest.split_once(char::is_whitespace)?.1,
            };
            let mut f = rest.split_whitespace();
            let module = f.next()?.rsplit('/').next()?.to_owned();
            let args = f.map(str::to_owned).collect();
            Some(PamRule { line, kind: kind.trim_start_matches('-').to_owned(), module, args })
        })
        .collect()
}

/// Time of a record of `/var/log/lastlog` (292 bytes: 4 of time, 32 of line, 256 of host).
#[must_use]
pub fn lastlog_time(record: &[u8]) -> Option<i64> {
    let time = u32::from_le_bytes(record.get(..4)?.try_into().ok()?);
    (time != 0).then_some(i64::from(time))
}

/// Log-ins of `/var/log/wtmp`: (account, seconds). Records of 384 bytes; type 7 is a user's session.
#[must_use]
pub fn wtmp(bytes: &[u8]) -> Vec<(String, i64)> {
    bytes
        .chunks_exact(384)
        .filter_map(|r| {
            if i16::from_le_bytes(r.get(..2)?.try_into().ok()?) != 7 {
                return None;
            }
            let name = r.get(44..76)?;
            let name = name.split(|b| *b == 0).next().unwrap_or_default();
            let time = u32::from_le_bytes(r.get(340..344)?.try_into().ok()?);
            (!name.is_empty() && time != 0).then(|| (String::from_utf8_lossy(name).into_owned(), i64::from(time)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_become_names_of_schemes() {
        // Prefixes as in crypt(5).
        for (hash, state, scheme) in [
            ("", "empty", None),
            ("*", "locked", None),
            ("!", "locked", None),
            ("!!", "locked", None),
            ("!$6$salt$hash", "locked", Some("sha512")),
            ("$y$j9T$salt$hash", "set", Some("yescrypt")),
            ("$1$salt$hash", "set", Some("md5")),
            ("$2b$12$hash", "set", Some("bcrypt")),
            ("abJnggxhB/yWI", "set", Some("des")),
            ("$7$scrypt", "set", Some("other")),
        ] {
            assert_eq!((password_state(hash), password_scheme(hash)), (state, scheme), "{hash}");
        }
        let row = &shadow("# c\nroot:$6$a$b:19000:0:90:7::20000:\n")[0];
        assert_eq!((row.line, row.changed_day, row.max_days, row.expire_day), (2, Some(19000), Some(90), Some(20000)));
        assert!(!format!("{row:?}").contains("$6$"));
    }

    #[test]
    fn accounts_as_the_c_library_reads_them() {
        // passwd(5): name:password:uid:gid:gecos:home:shell; an empty shell means /bin/sh. Signs, blanks before
        // numbers, missing last fields and surplus colons are what glibc's files back end accepts.
        for (line, want) in [
            ("root:x:0:0:root:/root:/bin/bash", Some(("root", "x", 0, 0, "/root", "/bin/bash"))),
            ("toor::0:0", Some(("toor", "", 0, 0, "", "/bin/sh"))),
            ("toor::0:0:", Some(("toor", "", 0, 0, "", "/bin/sh"))),
            ("toor:: 0:\t0:x:/", Some(("toor", "", 0, 0, "/", "/bin/sh"))),
            ("toor::-0:+0:::", Some(("toor", "", 0, 0, "", "/bin/sh"))),
            ("a:x:1:2:g:/h:/bin/sh:more:x", Some(("a", "x", 1, 2, "/h", "/bin/sh:more:x"))),
            ("a:x:4294967296:-1:::", Some(("a", "x", u32::MAX, u32::MAX, "", "/bin/sh"))),
            ("a:x:0x0:0:::", None),
            ("a:x::0:::", None),
            ("a:x:0", None),
            (":x:0:0:::", None),
            ("words", None),
        ] {
            let got = passwd(line);
            let got = got.first();
            let fields =
                |p: &Passwd| (p.name.clone(), p.password.clone(), p.uid, p.gid, p.home.clone(), p.shell.clone());
            let want_owned =
                want.map(|(n, p, u, g, h, s)| (n.to_owned(), p.to_owned(), u, g, h.to_owned(), s.to_owned()));
            assert_eq!(got.map(fields), want_owned, "{line}");
            assert_eq!(Passwd::broken_lines(line).is_empty(), want.is_some(), "{line}");
        }
        let text = "# note\n\n+@net::::::\n-bob::::::\nbroken\na:x:1:1:::\n";
        assert_eq!(Passwd::broken_lines(text), [5]);
        assert_eq!(Shadow::broken_lines("# note\n+\nann\n:x\nbob:!:1\n"), [3, 4]);
    }

    #[test]
    fn groups_as_the_c_library_reads_them() {
        for (line, want) in [
            ("sudo:x:27:ann, bob,", Some((27, vec!["ann", "bob"]))),
            ("sudo:x: 27", Some((27, vec![]))),
            ("sudo:x:", None),
            ("sudo:x:many:ann", None),
            ("sudo", None),
        ] {
            let got = group(line);
            let got = got.first().map(|g| (g.gid, g.members.iter().map(String::as_str).collect::<Vec<_>>()));
            assert_eq!(got, want, "{line}");
            assert_eq!(Group::broken_lines(line).is_empty(), want.is_some(), "{line}");
        }
        assert!(Group::broken_lines("+:::\n# x\n").is_empty());
    }

    #[test]
    fn pam_controls_in_brackets() {
        let r = pam_rules(
            "-auth [success=1 default=ignore] pam_unix.so nullok\nauth required /lib/pam_faillock.so preauth\n",
        );
        assert_eq!((r[0].kind.as_str(), r[0].module.as_str(), r[0].args.len()), ("auth", "pam_unix.so", 1));
        assert_eq!((r[1].line, r[1].module.as_str()), (2, "pam_faillock.so"));
    }

    #[test]
    fn wtmp_records_of_users_only() {
        let mut r = vec![0u8; 384 * 2];
        r[0] = 7;
        r[44..49].copy_from_slice(b"alice");
        r[340..344].copy_from_slice(&1_700_000_000u32.to_le_bytes());
        r[384] = 8;
        assert_eq!(wtmp(&r), [("alice".to_owned(), 1_700_000_000)]);
    }
}
