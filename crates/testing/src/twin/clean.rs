//! The machine as a careful administrator would leave it.
//!
//! A share and a database are served, logs are kept half a year and sent away, backups go to another host, and nothing
//! is let in that is not needed. Every package lists its files with their sums, as dpkg does.

use super::Step::{self, File, Link, Login, Old};

/// A package with its files: path, permission bits, text. What lies in `etc` is its configuration.
pub(super) struct Package {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    pub(super) files: &'static [(&'static str, u32, &'static str)],
}
const fn package(
    name: &'static str,
    version: &'static str,
    files: &'static [(&'static str, u32, &'static str)],
) -> Package {
    Package { name, version, files }
}

pub(super) const FOLDERS: &[(&str, u32)] = &[
    ("dev/shm", 0o1777),
    ("etc", 0o755),
    ("home/ann", 0o750),
    ("proc", 0o555),
    ("root", 0o700),
    ("run", 0o755),
    ("srv/data", 0o770),
    ("sys", 0o555),
    ("tmp", 0o1777),
    ("usr/bin", 0o755),
    ("usr/sbin", 0o755),
    ("usr/lib", 0o755),
    ("usr/local/bin", 0o755),
    ("var/backups", 0o755),
    ("var/lib/dpkg/updates", 0o755),
    ("var/log/journal/0123456789abcdef0123456789abcdef", 0o755),
    ("var/tmp", 0o1777),
    ("var/www/html", 0o755),
];
pub(super) const LINKS: &[(&str, &str)] = &[("bin", "usr/bin"), ("sbin", "usr/sbin"), ("lib", "usr/lib")];

pub(super) const PACKAGES: &[Package] = &[
    package(
        "base-files",
        "12.4+deb12u8",
        &[
            ("usr/lib/os-release", 0o644, OS_RELEASE),
            ("etc/debian_version", 0o644, "12.8\n"),
            ("usr/share/base-files/motd", 0o644, "Plant 7\n"),
        ],
    ),
    package("apt", "2.6.1", &[("usr/bin/apt", 0o755, "\x7fELF apt"), ("usr/bin/apt-get", 0o755, "\x7fELF apt-get")]),
    package(
        "aide",
        "0.18.3-1+deb12u3",
        &[
            ("usr/bin/aide", 0o755, "\x7fELF aide"),
            (
                "etc/aide/aide.conf",
                0o600,
                "database_in=file:/var/lib/aide/aide.db\n/etc p+u+g+sha256\n/usr/bin p+u+g+sha256\n",
            ),
        ],
    ),
    package(
        "auditd",
        "1:3.0.9-1",
        &[
            ("usr/sbin/auditd", 0o755, "\x7fELF auditd"),
            ("usr/sbin/auditctl", 0o755, "\x7fELF auditctl"),
            (
                "usr/lib/systemd/system/auditd.service",
                0o644,
                "[Unit]\nDescription=Security Auditing Service\n[Service]\nExecStart=/usr/sbin/auditd\n[Install]\nWantedBy=multi-user.target\n",
            ),
            ("etc/audit/auditd.conf", 0o640, "log_file = /var/log/audit/audit.log\nmax_log_file_action = keep_logs\n"),
        ],
    ),
    package(
        "bash",
        "5.2.15-2+b7",
        &[("usr/bin/bash", 0o755, "\x7fELF bash"), ("etc/bash.bashrc", 0o644, "PS1='\\u@\\h:\\w\\$ '\n")],
    ),
    package(
        "coreutils",
        "9.1-1",
        &[
            ("usr/bin/ls", 0o755, "\x7fELF ls"),
            ("usr/bin/cat", 0o755, "\x7fELF cat"),
            ("usr/bin/who", 0o755, "\x7fELF who"),
        ],
    ),
    package(
        "cron",
        "3.0pl1-162",
        &[
            ("usr/sbin/cron", 0o755, "\x7fELF cron"),
            (
                "etc/crontab",
                0o644,
                "SHELL=/bin/sh\nPATH=/usr/sbin:/usr/bin\n17 * * * * root cd / && run-parts --report /etc/cron.hourly\n",
            ),
            (
                "usr/lib/systemd/system/cron.service",
                0o644,
                "[Service]\nExecStart=/usr/sbin/cron -f\n[Install]\nWantedBy=multi-user.target\n",
            ),
        ],
    ),
    package(
        "dpkg",
        "1.21.22",
        &[
            ("usr/bin/dpkg", 0o755, "\x7fELF dpkg"),
            ("etc/logrotate.d/dpkg", 0o644, "/var/log/dpkg.log {\n  monthly\n  rotate 12\n}\n"),
        ],
    ),
    package(
        "initramfs-tools",
        "0.142+deb12u1",
        &[("usr/share/initramfs-tools/hooks/kmod", 0o755, "#!/bin/sh\nexit 0\n")],
    ),
    package("kmod", "30+20221128-1", &[("usr/bin/kmod", 0o755, "\x7fELF kmod")]),
    package("libc6", "2.36-9+deb12u9", &[("usr/lib/x86_64-linux-gnu/libc.so.6", 0o755, "\x7fELF libc")]),
    package(
        "libpam-modules",
        "1.5.2-6+deb12u1",
        &[
            ("usr/lib/x86_64-linux-gnu/security/pam_unix.so", 0o644, "\x7fELF pam_unix"),
            ("usr/lib/x86_64-linux-gnu/security/pam_faillock.so", 0o644, "\x7fELF pam_faillock"),
        ],
    ),
    package(
        "libpam-pwquality",
        "1.4.5-1+b1",
        &[("usr/lib/x86_64-linux-gnu/security/pam_pwquality.so", 0o644, "\x7fELF pam_pwquality")],
    ),
    package(
        "login",
        "1:4.13+dfsg1-1+b1",
        &[
            ("usr/bin/login", 0o755, "\x7fELF login"),
            (
                "etc/login.defs",
                0o644,
                "MAIL_DIR /var/mail\nPASS_MAX_DAYS 90\nPASS_MIN_DAYS 1\nPASS_WARN_AGE 7\nUMASK 027\nENCRYPT_METHOD YESCRYPT\n",
            ),
        ],
    ),
    package(
        "logrotate",
        "3.21.0-1",
        &[
            ("usr/sbin/logrotate", 0o755, "\x7fELF logrotate"),
            ("etc/logrotate.conf", 0o644, "weekly\nrotate 26\ncreate\ninclude /etc/logrotate.d\n"),
        ],
    ),
    package(
        "mount",
        "2.38.1-5+deb12u3",
        &[("usr/bin/mount", 0o4755, "\x7fELF mount"), ("usr/bin/umount", 0o4755, "\x7fELF umount")],
    ),
    package("nfs-kernel-server", "1:2.6.2-4+deb12u1", &[("usr/sbin/exportfs", 0o755, "\x7fELF exportfs")]),
    package(
        "nginx",
        "1.22.1-9+deb12u3",
        &[
            ("usr/sbin/nginx", 0o755, "\x7fELF nginx"),
            ("etc/nginx/nginx.conf", 0o644, NGINX),
            (
                "usr/lib/systemd/system/nginx.service",
                0o644,
                "[Service]\nExecStart=/usr/sbin/nginx -g 'daemon on;'\n[Install]\nWantedBy=multi-user.target\n",
            ),
        ],
    ),
    package(
        "openssh-client",
        "1:9.2p1-2+deb12u5",
        &[("usr/bin/ssh", 0o755, "\x7fELF ssh"), ("usr/bin/scp", 0o755, "\x7fELF scp")],
    ),
    package(
        "openssh-server",
        "1:9.2p1-2+deb12u5",
        &[
            ("usr/sbin/sshd", 0o755, "\x7fELF sshd"),
            (
                "usr/lib/systemd/system/ssh.service",
                0o644,
                "[Service]\nExecStart=/usr/sbin/sshd -D\n[Install]\nWantedBy=multi-user.target\n",
            ),
        ],
    ),
    package(
        "passwd",
        "1:4.13+dfsg1-1+b1",
        &[("usr/bin/passwd", 0o4755, "\x7fELF passwd"), ("usr/sbin/useradd", 0o755, "\x7fELF useradd")],
    ),
    package("postgresql-15", "15.10-0+deb12u1", &[("usr/lib/postgresql/15/bin/postgres", 0o755, "\x7fELF postgres")]),
    package("procps", "2:4.0.2-3", &[("usr/bin/ps", 0o755, "\x7fELF ps"), ("usr/bin/top", 0o755, "\x7fELF top")]),
    package("restic", "0.14.0-1+b5", &[("usr/bin/restic", 0o755, "\x7fELF restic")]),
    package(
        "rsyslog",
        "8.2302.0-1",
        &[
            ("usr/sbin/rsyslogd", 0o755, "\x7fELF rsyslogd"),
            (
                "etc/rsyslog.conf",
                0o644,
                "module(load=\"imuxsock\")\nmodule(load=\"imklog\")\n*.*;auth,authpriv.none -/var/log/syslog\nauth,authpriv.* /var/log/auth.log\nkern.* -/var/log/kern.log\n*.* @@logs.plant.example:6514\n",
            ),
            (
                "usr/lib/systemd/system/rsyslog.service",
                0o644,
                "[Service]\nExecStart=/usr/sbin/rsyslogd -n -iNONE\n[Install]\nWantedBy=multi-user.target\n",
            ),
            (
                "etc/logrotate.d/rsyslog",
                0o644,
                "/var/log/syslog\n/var/log/auth.log\n/var/log/kern.log\n{\n  rotate 26\n  weekly\n  missingok\n  compress\n}\n",
            ),
        ],
    ),
    package("samba", "2:4.17.12+dfsg-0+deb12u1", &[("usr/sbin/smbd", 0o755, "\x7fELF smbd")]),
    package("snapper", "0.10.4-1", &[("usr/bin/snapper", 0o755, "\x7fELF snapper")]),
    package(
        "sudo",
        "1.9.13p3-1+deb12u1",
        &[("usr/bin/sudo", 0o4755, "\x7fELF sudo"), ("usr/sbin/visudo", 0o755, "\x7fELF visudo")],
    ),
    package(
        "systemd",
        "252.31-1~deb12u1",
        &[
            ("usr/lib/systemd/systemd", 0o755, "\x7fELF systemd"),
            ("usr/lib/systemd/systemd-journald", 0o755, "\x7fELF journald"),
            ("etc/systemd/journald.conf", 0o644, "[Journal]\nStorage=persistent\nMaxRetentionSec=200day\n"),
        ],
    ),
    package(
        "systemd-timesyncd",
        "252.31-1~deb12u1",
        &[
            ("usr/lib/systemd/systemd-timesyncd", 0o755, "\x7fELF timesyncd"),
            (
                "usr/lib/systemd/system/systemd-timesyncd.service",
                0o644,
                "[Service]\nExecStart=/usr/lib/systemd/systemd-timesyncd\n[Install]\nWantedBy=sysinit.target\n",
            ),
        ],
    ),
    package(
        "udev",
        "252.31-1~deb12u1",
        &[(
            "usr/lib/udev/rules.d/50-udev-default.rules",
            0o644,
            "SUBSYSTEM==\"rtc\", KERNEL==\"rtc0\", SYMLINK+=\"rtc\"\n",
        )],
    ),
    package(
        "ufw",
        "0.36.2-1",
        &[
            ("usr/sbin/ufw", 0o755, "#!/usr/bin/python3\n"),
            (
                "usr/lib/systemd/system/ufw.service",
                0o644,
                "[Service]\nExecStart=/usr/sbin/ufw enable\n[Install]\nWantedBy=multi-user.target\n",
            ),
        ],
    ),
    package("unattended-upgrades", "2.9.1+nmu3", &[("usr/bin/unattended-upgrade", 0o755, "#!/usr/bin/python3\n")]),
    package(
        "util-linux",
        "2.38.1-5+deb12u3",
        &[("usr/bin/su", 0o4755, "\x7fELF su"), ("usr/bin/dmesg", 0o755, "\x7fELF dmesg")],
    ),
];

const OS_RELEASE: &str = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\nHOME_URL=\"https://www.debian.org/\"\n";
const NGINX: &str = "user www-data;\nhttp {\n    server_tokens off;\n    ssl_protocols TLSv1.2 TLSv1.3;\n    server {\n        listen 443 ssl;\n        root /var/www/html;\n        location / {\n            autoindex off;\n        }\n    }\n}\n";

const SSHD: &str = "Port 22\nPermitRootLogin no\nPasswordAuthentication no\nPermitEmptyPasswords no\nKbdInteractiveAuthentication no\nUsePAM yes\nMaxAuthTries 3\nGatewayPorts no\nAllowTcpForwarding no\nX11Forwarding no\nClientAliveInterval 300\nLogLevel VERBOSE\n";
const SYSCTL: &str = "kernel.randomize_va_space = 2\nkernel.dmesg_restrict = 1\nkernel.kptr_restrict = 2\nkernel.unprivileged_bpf_disabled = 1\nkernel.yama.ptrace_scope = 1\nkernel.perf_event_paranoid = 3\nkernel.sysrq = 0\nfs.suid_dumpable = 0\nfs.protected_hardlinks = 1\nfs.protected_symlinks = 1\nfs.protected_fifos = 2\nfs.protected_regular = 2\nnet.ipv4.ip_forward = 0\nnet.ipv4.tcp_syncookies = 1\nnet.ipv4.conf.all.accept_redirects = 0\nnet.ipv4.conf.all.accept_source_route = 0\nnet.ipv4.conf.all.send_redirects = 0\nnet.ipv4.conf.all.rp_filter = 1\nnet.ipv4.conf.all.log_martians = 1\n";
const SMB: &str = "[global]\n  workgroup = PLANT\n  server min protocol = SMB3\n  map to guest = never\n[data]\n  path = /srv/data\n  read only = no\n  guest ok = no\n  vfs objects = shadow_copy2 full_audit\n";
const FSTAB: &str = "/dev/mapper/root / ext4 defaults 0 1\n/dev/mapper/swap none swap sw 0 0\ntmpfs /tmp tmpfs nosuid,nodev,noexec 0 0\ntmpfs /var/tmp tmpfs nosuid,nodev,noexec 0 0\n";
const SUDOERS: &str = "Defaults env_reset\nDefaults use_pty\nDefaults logfile=/var/log/sudo.log\nDefaults log_input,log_output\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n";
const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\nbackup:x:34:34:backup:/var/backups:/usr/sbin/nologin\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\nsshd:x:105:65534::/run/sshd:/usr/sbin/nologin\npostgres:x:110:110::/var/lib/postgresql:/usr/sbin/nologin\nann:x:1000:1000:Ann:/home/ann:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
const SHADOW: &str = "root:!:@DAY-30@:0:90:7:::\ndaemon:*:@DAY-30@:0:99999:7:::\nbackup:*:@DAY-30@:0:99999:7:::\nwww-data:*:@DAY-30@:0:99999:7:::\nsshd:!:@DAY-30@::::::\npostgres:!:@DAY-30@::::::\nann:$y$j9T$Xw3nQk1pLr8sVb2tYh6m0.$q7Zc4Jd9Fg2Ka5Me8Ph1Rt3Uv6Wy0Bx4Cz7Dn2Eo5G:@DAY-30@:1:90:7:::\nnobody:*:@DAY-30@:0:99999:7:::\n";
const GROUP: &str = "root:x:0:\ndaemon:x:1:\nadm:x:4:\nsudo:x:27:ann\nbackup:x:34:\nwww-data:x:33:\npostgres:x:110:\nann:x:1000:\nnogroup:x:65534:\n";
/// The key is published by its owner, GitHub.
const KEYS: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ann@desk\n";

pub(super) const STEPS: &[Step] = &[
    Link("etc/os-release", "../usr/lib/os-release"),
    File("etc/hostname", 0o644, "plant-7\n"),
    File("etc/hosts", 0o644, "127.0.0.1 localhost\n10.7.0.7 plant-7\n"),
    File("etc/machine-id", 0o444, "0123456789abcdef0123456789abcdef\n"),
    File("etc/passwd", 0o644, PASSWD),
    File("etc/shadow", 0o640, SHADOW),
    File("etc/group", 0o644, GROUP),
    File("etc/profile", 0o644, "readonly TMOUT=900\nexport TMOUT\numask 027\n"),
    File("etc/shells", 0o644, "/bin/sh\n/bin/bash\n"),
    File("etc/environment", 0o644, "PATH=\"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin\"\n"),
    File("etc/fstab", 0o644, FSTAB),
    File(
        "etc/crypttab",
        0o600,
        "root UUID=2f1c9a0e-0000-4000-8000-000000000001 none luks\nswap /dev/sda3 /dev/urandom swap\n",
    ),
    File("etc/ssh/sshd_config", 0o600, SSHD),
    File(
        "etc/ssh/ssh_host_ed25519_key",
        0o600,
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtz\n-----END OPENSSH PRIVATE KEY-----\n",
    ),
    File("etc/sudoers", 0o440, SUDOERS),
    File("etc/sudoers.d/README", 0o440, "# Rules go into files of this folder.\n"),
    File(
        "etc/pam.d/common-auth",
        0o644,
        "auth required pam_faillock.so preauth silent deny=5\nauth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\nauth required pam_permit.so\n",
    ),
    File("etc/pam.d/common-account", 0o644, "account required pam_faillock.so\naccount required pam_unix.so\n"),
    File(
        "etc/pam.d/common-password",
        0o644,
        "password requisite pam_pwquality.so retry=3 minlen=12\npassword [success=1 default=ignore] pam_unix.so use_authtok yescrypt\npassword requisite pam_deny.so\n",
    ),
    File("etc/sysctl.d/60-plant.conf", 0o644, SYSCTL),
    File("etc/modprobe.d/usb-storage.conf", 0o644, "install usb_storage /bin/false\n"),
    File("etc/security/limits.conf", 0o644, "* hard core 0\n"),
    File("etc/ufw/ufw.conf", 0o644, "ENABLED=yes\nLOGLEVEL=low\n"),
    File(
        "etc/apt/apt.conf.d/20auto-upgrades",
        0o644,
        "APT::Periodic::Update-Package-Lists \"1\";\nAPT::Periodic::Unattended-Upgrade \"1\";\n",
    ),
    File(
        "etc/audit/rules.d/plant.rules",
        0o640,
        "-D\n-w /etc/passwd -p wa -k identity\n-w /etc/sudoers -p wa -k scope\n",
    ),
    File("etc/samba/smb.conf", 0o644, SMB),
    File("etc/exports", 0o644, "/srv/data 10.7.0.0/24(rw,root_squash,sync,no_subtree_check)\n"),
    File("etc/snapper/configs/data", 0o640, "SUBVOLUME=\"/srv/data\"\nTIMELINE_CREATE=\"yes\"\n"),
    File(
        "etc/postgresql/15/main/postgresql.conf",
        0o644,
        "port = 5432\nlisten_addresses = 'localhost'\npassword_encryption = scram-sha-256\n",
    ),
    File(
        "etc/postgresql/15/main/pg_hba.conf",
        0o640,
        "local all postgres peer\nhost all all 127.0.0.1/32 scram-sha-256\n",
    ),
    File(
        "etc/restic/environment",
        0o600,
        "RESTIC_REPOSITORY=sftp:backup@vault.plant.example:/srv/restic\nRESTIC_PASSWORD_FILE=/etc/restic/password\n",
    ),
    File("etc/cron.d/backup", 0o644, "30 2 * * * root /usr/bin/restic backup /srv/data\n"),
    Link("etc/systemd/system/multi-user.target.wants/auditd.service", "/usr/lib/systemd/system/auditd.service"),
    Link("etc/systemd/system/multi-user.target.wants/cron.service", "/usr/lib/systemd/system/cron.service"),
    Link("etc/systemd/system/multi-user.target.wants/nginx.service", "/usr/lib/systemd/system/nginx.service"),
    Link("etc/systemd/system/multi-user.target.wants/rsyslog.service", "/usr/lib/systemd/system/rsyslog.service"),
    Link("etc/systemd/system/multi-user.target.wants/ssh.service", "/usr/lib/systemd/system/ssh.service"),
    Link("etc/systemd/system/multi-user.target.wants/ufw.service", "/usr/lib/systemd/system/ufw.service"),
    Link(
        "etc/systemd/system/sysinit.target.wants/systemd-timesyncd.service",
        "/usr/lib/systemd/system/systemd-timesyncd.service",
    ),
    File("home/ann/.ssh/authorized_keys", 0o600, KEYS),
    File("srv/data/recipe.csv", 0o660, "batch,temperature\n1,180\n"),
    File("var/www/html/index.html", 0o644, "<!doctype html><title>Plant 7</title>\n"),
    File("var/lib/apt/lists/deb.debian.org_debian_dists_bookworm_InRelease", 0o644, "Origin: Debian\n"),
    Old("var/lib/apt/lists/deb.debian.org_debian_dists_bookworm_InRelease", 1),
    File(
        "var/log/restic.log",
        0o640,
        "Files: 3 new, 0 changed, 12 unmodified\nprocessed 15 files, 1.2 MiB in 0:02\nsnapshot 4bba301e saved\n",
    ),
    Old("var/log/restic.log", 1),
    File("var/log/kern.log", 0o640, "@SYSLOG-2@ plant-7 kernel: [    0.000000] Linux version 6.1.0-28-amd64\n"),
    File(
        "var/log/auth.log",
        0o640,
        "@SYSLOG-2@ plant-7 sshd[811]: Accepted publickey for ann from 10.7.0.21 port 50122 ssh2\n",
    ),
    File("var/log/syslog", 0o640, "@SYSLOG-2@ plant-7 systemd[1]: Started cron.service.\n"),
    File("var/log/syslog.26", 0o640, "old\n"),
    Old("var/log/syslog.26", 190),
    Login("ann", 1),
];
