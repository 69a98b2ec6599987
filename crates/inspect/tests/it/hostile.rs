//! Images made to harm: loops, ways out, pipes, huge files, garbage.

use crate::{Said, Tree};
use evidence::{Body, GapReason};
use inspect::{Limits, parse};

#[test]
fn loops_and_ways_out_end_inside() {
    let t = Tree::new();
    t.file("etc/passwd", "root:x:0:0::/root:/bin/sh\nout:x:1000:1000::/home/out:/bin/sh\n");
    t.link("etc/shadow", "/etc/shadow-loop");
    t.link("etc/shadow-loop", "shadow");
    t.link("home", "/proc/1/root/root");
    t.link("etc/hostname", "/../../../../../../etc/hostname-inside");
    t.file("etc/hostname-inside", "inside\n");
    t.link("srv/again", "..");
    let said = Said::root(&t.0);
    assert_eq!(said.one("host.name"), Some(("inside".into(), "/etc/hostname:1".into())));
    assert_eq!(said.gap("account"), Some(GapReason::Link));
    assert_eq!(said.gap("listen"), Some(GapReason::NotLive));
}

#[test]
fn pipes_devices_and_huge_files_are_gaps() {
    let t = Tree::new();
    t.file("etc/hostname", "h\n");
    let passwd = t.file("etc/passwd", "");
    // Sparse: 5 GiB that take no room.
    std::fs::OpenOptions::new().write(true).open(&passwd).unwrap().set_len(5 << 30).unwrap();
    let fifo = t.0.join("etc/group");
    rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::RUSR).unwrap();
    let said = Said::root(&t.0);
    assert_eq!(said.gap("account"), Some(GapReason::TooLarge));
    assert_eq!(said.gap("cron.entry"), Some(GapReason::TooLarge), "the job's account cannot be told either");
    t.file("etc/shadow", "");
    std::fs::remove_file(&passwd).unwrap();
    t.file("etc/passwd", "root:x:0:0::/root:/bin/sh\n");
    assert_eq!(Said::root(&t.0).gap("group.privileged"), Some(GapReason::NotAFile));
}

#[test]
fn limits_cut_with_a_gap() {
    let t = Tree::new();
    for n in 0..50 {
        t.mode(&format!("srv/f{n:02}"), "", 0o666);
    }
    let few = Limits { items_per_fact_max: 10, ..Limits::default() };
    let said = Said::of(inspect::Target::Root(t.0.clone()), few);
    assert_eq!(said.rows("file.world_writable").len(), 10);
    let gap = said.0.iter().find_map(|b| match b {
        Body::Gap(g) if g.what == "fact:file.world_writable" => Some((g.reason, g.count)),
        _ => None,
    });
    assert_eq!(gap, Some((GapReason::TooMany, 40)));
    let short = Limits { walk_entries_max: 1, ..Limits::default() };
    assert_eq!(Said::of(inspect::Target::Root(t.0.clone()), short).gap("file.setuid"), Some(GapReason::TooMany));
}

/// Every file that some collector reads, filled with noise: nothing panics, nothing that is not in the dictionary
/// comes out.
#[test]
fn garbage_in_every_file() {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let alphabet = b"abc=: \t\n\n\n[]{}()#\"'\\/,;@%*!-$<>\xff\xc3\x00 0123456789 ALL root yes @include Include Match Package: Status: ssh-rsa AAAA ";
    for round in 0..6 {
        let t = Tree::new();
        for path in FILES {
            let len = usize::try_from(next() % 4000).unwrap();
            let bytes: Vec<u8> = (0..len)
                .map(|_| {
                    let n = usize::try_from(next() >> 8).unwrap();
                    if round % 2 == 0 { alphabet[n % alphabet.len()] } else { n.to_le_bytes()[0] }
                })
                .collect();
            t.mode(path, bytes, 0o755);
        }
        Said::root(&t.0);
    }
}

/// The parsers on short texts made of their own delimiters.
#[test]
fn parsers_are_total() {
    let pieces = [
        "", ":", "::::::", "=", "[", "]", "{", "}", "(", ")", "\\", "\"", "'", "@", "#", "-", "\n", " ", "é", "\u{0}",
        "0", "a",
    ];
    for a in pieces {
        for b in pieces {
            for c in pieces {
                let s = format!("{a}{b}{c}{a}\n{c}{b}");
                let _ = (
                    parse::passwd(&s),
                    parse::shadow(&s),
                    parse::group(&s),
                    parse::pam_rules(&s),
                    parse::sshd_lines(&s),
                );
                let _ = (
                    parse::sudoers(&s, &mut std::collections::BTreeMap::new()),
                    parse::crontab(&s, true),
                    parse::ini(&s),
                );
                let _ = (parse::exports(&s), parse::smb_conf(&s), parse::logrotate(&s), parse::duration_days(&s));
                let _ = (
                    parse::yaml_keys(&s),
                    parse::my_cnf(&s),
                    parse::pg_conf(&s),
                    parse::scrub(&s),
                    parse::log_time(&s),
                );
                let _ = (
                    parse::authorized_keys(&s),
                    parse::private_key(s.as_bytes()),
                    parse::proc_net(&s),
                    parse::mount_table(&s),
                );
                let _ =
                    (parse::dpkg_status(&s), parse::apk_installed(&s), parse::pacman_desc(&s), parse::os_release(&s));
                let _ = (
                    parse::requirements(&s),
                    parse::cargo_lock(&s),
                    parse::yarn_lock(&s),
                    parse::pnpm_lock(&s),
                    parse::gem_lock(&s),
                    parse::go_mod(&s),
                    parse::gradle_lock(&s),
                    parse::gemspec_name(&format!("{s}.gemspec")),
                );
                let _ = (
                    parse::udev_programs(&s),
                    parse::modprobe_installs(&s),
                    parse::at_command(&s),
                    parse::container(&s),
                    parse::conffiles(&s),
                    parse::diversions(&s),
                    (parse::apk_files(&s), parse::mapped_programs(s.as_bytes()), parse::named_scripts(s.as_bytes())),
                );
                let _ = (
                    parse::braces(&s, true),
                    parse::braces(&s, false),
                    parse::apache(&s),
                    parse::lighttpd(&s),
                    parse::xml_elements(&parse::xml_plain(&s), "a"),
                );
                let _ = (
                    parse::shell_assignments(&s, "a"),
                    parse::glob(&s, &s),
                    parse::exec_words(&s),
                    parse::strip_userinfo(&s),
                );
            }
        }
    }
}

const FILES: &[&str] = &[
    "etc/passwd",
    "etc/shadow",
    "etc/group",
    "etc/login.defs",
    "etc/pam.d/common-auth",
    "etc/ssh/sshd_config",
    "usr/sbin/sshd",
    "etc/sudoers",
    "etc/os-release",
    "etc/hostname",
    "etc/crontab",
    "etc/cron.d/x",
    "var/spool/cron/crontabs/root",
    "etc/anacrontab",
    "etc/systemd/system/a.service",
    "etc/systemd/system/multi-user.target.wants/a.service",
    "etc/systemd/system/t.wants/b.timer",
    "etc/ld.so.preload",
    "etc/environment",
    "etc/profile",
    "etc/rsyslog.conf",
    "etc/logrotate.conf",
    "etc/logrotate.d/rsyslog",
    "etc/systemd/journald.conf",
    "usr/lib/systemd/systemd-journald",
    "etc/audit/rules.d/a.rules",
    "usr/sbin/auditd",
    "etc/fstab",
    "etc/crypttab",
    "etc/ufw/ufw.conf",
    "etc/nftables.conf",
    "etc/iptables/rules.v4",
    "etc/exports",
    "etc/samba/smb.conf",
    "etc/postgresql/15/main/postgresql.conf",
    "etc/postgresql/15/main/pg_hba.conf",
    "usr/sbin/mysqld",
    "etc/mysql/my.cnf",
    "etc/redis/redis.conf",
    "etc/mongod.conf",
    "etc/memcached.conf",
    "etc/elasticsearch/elasticsearch.yml",
    "etc/rsnapshot.conf",
    "etc/borgmatic/config.yaml",
    "etc/default/restic",
    "etc/duply/a/conf",
    "var/log/rsnapshot.log",
    "var/log/restic.log",
    "var/log/wtmp",
    "var/log/lastlog",
    "var/lib/dpkg/status",
    "var/lib/dpkg/info/a.list",
    "lib/apk/db/installed",
    "var/lib/pacman/local/a/desc",
    "etc/apt/apt.conf.d/20auto",
    "etc/sysctl.conf",
    "etc/modprobe.d/a.conf",
    "root/.ssh/authorized_keys",
    "srv/id_rsa",
    "srv/a.pem",
    "etc/security/pwquality.conf",
    "var/lib/rpm/rpmdb.sqlite",
    "usr/lib/sysimage/rpm/Packages.db",
    "usr/share/rpm/Packages",
    "var/lib/dpkg/info/a.md5sums",
    "var/lib/dpkg/diversions",
    "etc/dpkg/dpkg.cfg",
    "snap/a/current/meta/snap.yaml",
    "var/lib/snapd/snaps/a_1.snap",
    "var/lib/flatpak/app/a/current/active/metadata",
    "srv/requirements.txt",
    "srv/Cargo.lock",
    "srv/go.mod",
    "srv/go.sum",
    "srv/package-lock.json",
    "srv/yarn.lock",
    "srv/pnpm-lock.yaml",
    "srv/composer.lock",
    "srv/a.jar",
    "srv/node_modules/a/package.json",
    "srv/a.dist-info/METADATA",
    "usr/local/bin/program",
    "etc/udev/rules.d/a.rules",
    "etc/modules-load.d/a.conf",
    "etc/initramfs-tools/hooks/a",
    "var/spool/cron/atjobs/a0000101c17090",
    "etc/security/limits.conf",
    "etc/systemd/coredump.conf",
    "etc/docker/daemon.json",
    "etc/containers/registries.conf",
    "etc/nginx/nginx.conf",
    "etc/apache2/apache2.conf",
    "etc/lighttpd/lighttpd.conf",
    "etc/caddy/Caddyfile",
    "etc/tomcat9/server.xml",
    "etc/tomcat9/web.xml",
    "etc/vsftpd.conf",
    "etc/proftpd/proftpd.conf",
    "etc/pure-ftpd/pure-ftpd.conf",
    "etc/xrdp/xrdp.ini",
    "etc/gnome-remote-desktop/grd.conf",
    "etc/tigervnc/vncserver-config-defaults",
    "var/log/kern.log",
    "var/log/kern.log.1.gz",
];
