//! `/proc/PID/maps` and `/proc/PID/cmdline`: which files a process executes.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

/// First words of a command among which the script of an interpreter stands.
const WORDS_MAX: usize = 4;

/// Files of a map that are mapped to be executed (proc_pid_maps(5)): programs and libraries, each once.
#[must_use]
pub fn mapped_programs(maps: &[u8]) -> Vec<PathBuf> {
    let mut found = BTreeSet::new();
    for line in maps.split(|b| *b == b'\n') {
        // address perms offset dev inode, spaces, path
        let mut rest = line;
        let mut fields = [&[][..]; 5];
        for field in &mut fields {
            let start = rest.iter().position(|b| *b != b' ').unwrap_or(rest.len());
            rest = rest.get(start..).unwrap_or_default();
            let end = rest.iter().position(|b| *b == b' ').unwrap_or(rest.len());
            (*field, rest) = rest.split_at(end);
        }
        let start = rest.iter().position(|b| *b != b' ').unwrap_or(rest.len());
        let path = rest.get(start..).unwrap_or_default();
        if fields[1].contains(&b'x') && path.starts_with(b"/") {
            found.insert(PathBuf::from(OsStr::from_bytes(path)));
        }
    }
    found.into_iter().collect()
}

/// Absolute paths among the first words of a command line: where an interpreter finds its script.
#[must_use]
pub fn named_scripts(cmdline: &[u8]) -> Vec<PathBuf> {
    let words = cmdline.split(|b| *b == 0).take(WORDS_MAX).filter(|w| w.starts_with(b"/"));
    words.map(|w| PathBuf::from(OsStr::from_bytes(w))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines as proc_pid_maps(5) shows them.
    #[test]
    fn executed_files_are_told_from_data() {
        let maps = b"00400000-00452000 r-xp 00000000 08:02 173521      /usr/bin/dbus-daemon\n\
            00651000-00652000 r--p 00051000 08:02 173521      /usr/bin/dbus-daemon\n\
            00e03000-00e24000 rw-p 00000000 00:00 0           [heap]\n\
            35b1800000-35b1820000 r-xp 00000000 08:02 135522  /usr/lib64/ld-2.15.so\n\
            35b1a21000-35b1a22000 r--p 00021000 08:02 135522  /usr/share/locale/a b.mo\n\
            f2c6ff8c000-7f2c7078c000 rw-p 00000000 00:00 0    [stack:986]\n\
            7fffb2c0d000-7fffb2c2e000 r-xp 00000000 08:02 1   /opt/my app/lib x.so (deleted)\n\
            7fffb2d48000-7fffb2d49000 r-xp 00000000 00:00 0   [vdso]\nshort\n\n";
        let want = ["/opt/my app/lib x.so (deleted)", "/usr/bin/dbus-daemon", "/usr/lib64/ld-2.15.so"];
        assert_eq!(mapped_programs(maps), want.map(PathBuf::from));
        let scripts = named_scripts(b"python3\0-u\0/usr/bin/fail2ban-server\0-x\0/too/far\0");
        assert_eq!(scripts, [PathBuf::from("/usr/bin/fail2ban-server")]);
        assert!(named_scripts(b"").is_empty() && mapped_programs(&[0xff; 200]).is_empty());
    }
}
