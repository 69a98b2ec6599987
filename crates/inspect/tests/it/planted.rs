//! A tree with one condition planted for nearly every fact, and its clean twin.
//!
//! Each expectation is the planted text itself: the value as written, at the file and line where it was written.

use crate::{Said, Tree};
use evidence::GapReason;

const ED25519: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
/// Published with the key above by its owner, GitHub.
const FINGERPRINT: &str = "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU";

fn base() -> Tree {
    let t = Tree::new();
    t.file("etc/os-release", "NAME=Debian\nID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n");
    t.file("etc/hostname", "plant-7\n");
    t.file("etc/group", "root:x:0:\nsudo:x:27:\nops:x:1000:\n");
    t.file("etc/login.defs", "PASS_MAX_DAYS 90\nENCRYPT_METHOD YESCRYPT\nUMASK 027\n");
    t.mode("usr/sbin/sshd", "", 0o755);
    t.mode("usr/sbin/rsyslogd", "", 0o755);
    t.file("etc/fstab", "/dev/mapper/root / ext4 defaults 0 1\n/dev/mapper/swap none swap sw 0 0\n");
    t.file("etc/crypttab", "root UUID=1 none luks\nswap /dev/sda3 /dev/urandom swap\n");
    let status = "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2.15-2\n\nPackage: old\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1\n";
    t.file("var/lib/dpkg/status", status);
    t.file("var/lib/dpkg/info/bash.list", "/.\n/bin\n/bin/su\n/usr/lib/systemd/system/good.service\n");
    t.link("bin", "usr/bin");
    t.mode("usr/bin/su", "", 0o4755);
    t.file("usr/lib/systemd/system/good.service", "[Service]\nExecStart=/usr/bin/good\n");
    t
}

fn clean() -> Tree {
    let t = base();
    t.file("etc/passwd", "root:x:0:0:r:/root:/bin/bash\nann:x:1000:1000::/home/ann:/bin/bash\n");
    t.file("etc/shadow", "root:!:19000:0:90:7:::\nann:$y$j9T$abc$def:19000:0:90:7:::\n");
    t.file("etc/ssh/sshd_config", "PermitRootLogin no\nPasswordAuthentication no\nMaxAuthTries 3\n");
    t.file("etc/sudoers", "Defaults log_output\nann ALL=(ALL) /usr/bin/apt\n");
    t.file("etc/rsyslog.conf", "*.* @@logs.plant:6514\n");
    t.file("etc/logrotate.d/rsyslog", "/var/log/syslog\n{\n  rotate 26\n  weekly\n}\n");
    t.file("etc/ufw/ufw.conf", "ENABLED=yes\n");
    t.file("etc/modprobe.d/usb.conf", "install usb-storage /bin/false\n");
    t.file("etc/sysctl.d/10-x.conf", "kernel.dmesg_restrict = 1\n");
    t.file("etc/profile", "readonly TMOUT=600\n");
    t.link("etc/systemd/system/multi-user.target.wants/good.service", "/usr/lib/systemd/system/good.service");
    t.file("etc/pam.d/common-password", "password requisite pam_pwquality.so minlen=12\n");
    t.file("etc/pam.d/common-auth", "auth required pam_faillock.so preauth\n");
    t
}

fn planted() -> Tree {
    let t = base();
    t.file("etc/passwd", "root:x:0:0:r:/root:/bin/bash\nann:x:1000:1000::/home/ann:/bin/bash\ntoor:x:0:0::/root:/bin/sh\nold::1002:27::/home/old:/bin/sh\n");
    t.file(
        "etc/shadow",
        "root:$1$salt$HASHSECRET:19000:0:99999:7:::\nann:!:19000::::::\ntoor:$6$s$HASHSECRET:19000::::::\n",
    );
    t.file("etc/group", "root:x:0:\nsudo:x:27:ann\ndocker:x:998:ann,bob\n");
    t.file("etc/login.defs", "ENCRYPT_METHOD MD5\nPASS_MAX_DAYS 99999\nUMASK 000\n");
    t.file("etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin no\nPasswordAuthentication no\nMatch User bob\n  X11Forwarding yes\n");
    t.file("etc/ssh/sshd_config.d/50-vendor.conf", "# vendor\nPermitRootLogin yes\nGatewayPorts clientspecified\n");
    t.file("root/.ssh/authorized_keys", format!("# keys\nfrom=\"10.0.0.1\" {ED25519} vendor\n"));
    t.file(
        "etc/sudoers",
        "Cmnd_Alias ANY = ALL\nDefaults !syslog\nann ALL=(ALL) NOPASSWD: ANY\n@includedir /etc/sudoers.d\n",
    );
    t.file("etc/sudoers.d/ops", "%ops ALL=(root) /bin/mount\n");
    t.file("etc/sudoers.d/ops.bak", "%all ALL=(ALL) ALL\n");
    t.mode("etc/cron.d/update", "# job\n*/5 * * * * root /opt/x/update.sh --password=HASHSECRET\n", 0o666);
    t.mode("opt/x/update.sh", "#!/bin/sh\n", 0o777);
    t.file("var/spool/cron/crontabs/ann", "@reboot /home/ann/bin/frpc -c /home/ann/frpc.ini\n30 2 * * * restic -r rest:https://u:HASHSECRET@backup.plant/r backup /srv\n");
    t.mode("home/ann/bin/frpc", "", 0o755);
    t.file("opt/todesk/config", "");
    t.mode("usr/bin/qgis", "", 0o755);
    t.file("home/ann/.config/rclone/rclone.conf", "");
    t.file("etc/systemd/system/evil.service", "[Unit]\n[Service]\nExecStart=/var/tmp/.x/agent --token HASHSECRET\n");
    t.link("etc/systemd/system/multi-user.target.wants/evil.service", "../evil.service");
    t.mode("var/tmp/.x/agent", "", 0o755);
    t.mode("usr/local/bin/helper", "", 0o4777);
    t.file("etc/ld.so.preload", "# hook\n/usr/lib/libhook.so\n");
    t.mode("etc/rc.local", "#!/bin/sh\n/root/start\n", 0o755);
    t.mode("srv/drop", "", 0o666);
    let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n";
    t.mode("srv/keys/server.key", key, 0o644);
    t.file("etc/exports", "# nfs\n/srv *(rw,no_root_squash)\n");
    t.file(
        "etc/samba/smb.conf",
        "[global]\nmin protocol = NT1\nvfs objects = full_audit\n[pub]\npath = /srv\nguest ok = yes\nread only = no\n",
    );
    t.file("etc/postgresql/15/main/postgresql.conf", "port = 5432\nlisten_addresses = '*'\n");
    t.file("etc/postgresql/15/main/pg_hba.conf", "host all all 0.0.0.0/0 trust\n");
    t.file("etc/redis/redis.conf", "bind 0.0.0.0\nprotected-mode no\n");
    t.file("etc/fstab", "/dev/sda1 / ext4 defaults 0 1\n//nas/b /mnt/b cifs user=u,password=HASHSECRET 0 0\n/dev/sda2 none swap sw 0 0\n");
    t.file("etc/rsnapshot.conf", "snapshot_root\t/mnt/b/snap\n");
    t.file("var/log/rsnapshot.log", "[2026-10-01T03:30:00] rsnapshot daily: started\n[2026-10-01T03:40:00] rsnapshot daily: completed successfully\n");
    t.file("etc/sysctl.conf", "net.ipv4.ip_forward=1\nkernel.randomize_va_space = 0\n");
    t.file("etc/snapper/configs/root", "");
    t.mode("usr/sbin/auditd", "", 0o755);
    t.file("etc/audit/rules.d/a.rules", "-D\n-w /etc/passwd -p wa\n-a always,exit -S mount\n");
    t
}

#[test]
fn the_planted_tree_shows_each_condition_at_its_place() {
    let t = planted();
    let said = Said::root(&t.0);
    let one = |id: &str, value: &str, at: &str| assert_eq!(said.one(id), Some((value.into(), at.into())), "{id}");
    one("os.id", "debian", "/etc/os-release:2");
    one("os.support_end", "2028-06-30T00:00:00.000Z", "/etc/os-release:3");
    one("ssh.permit_root_login", "yes", "/etc/ssh/sshd_config.d/50-vendor.conf:2");
    one("ssh.password_authentication", "false", "/etc/ssh/sshd_config:3");
    one("ssh.gateway_ports", "clientspecified", "/etc/ssh/sshd_config.d/50-vendor.conf:3");
    one("ssh.x11_forwarding", "false", "/etc/ssh/sshd_config");
    one("password.hash", "md5", "/etc/login.defs:1");
    one("password.max_days", "99999", "/etc/login.defs:2");
    one("umask", "000", "/etc/login.defs:3");
    one("sudo.logged", "false", "/etc/sudoers:2");
    one("kernel.aslr", "0", "/etc/sysctl.conf:2");
    one("kernel.forwarding", "true", "/etc/sysctl.conf:1");
    one("smb.min_protocol", "NT1", "/etc/samba/smb.conf:2");
    one("disk.encrypted", "false", "/etc/fstab:1");
    one("swap.encrypted", "false", "/etc/fstab:3");
    one("backup.last_success", "2026-10-01T03:40:00.000Z", "/var/log/rsnapshot.log:2");
    one("audit.rules", "2", "/etc/audit/rules.d/a.rules");
    one("package.count", "1", "/var/lib/dpkg/status");
    one("firewall.enabled", "false", "/etc/nftables.conf");
    one("usb.storage_blocked", "false", "/etc/modprobe.d");
    one("log.remote", "false", "/etc/rsyslog.conf");

    let row = |id: &str, field: &str, value: &str, has: &[&str], at: &str| {
        let (text, place) =
            said.row(id, field, value).unwrap_or_else(|| panic!("{id} {field}={value}: {:?}", said.rows(id)));
        for part in has {
            assert!(text.contains(part), "{id}: {text} has no {part}");
        }
        assert_eq!(place, at, "{id}");
    };
    row("account", "name", "root", &["password=set", "scheme=md5", "max_days=99999"], "/etc/passwd:1");
    row("account", "name", "toor", &["uid=0", "login=true"], "/etc/passwd:3");
    row("account", "name", "old", &["password=empty"], "/etc/passwd:4");
    row("group.privileged", "member", "bob", &["group=docker"], "/etc/group:3");
    row("group.privileged", "member", "old", &["group=sudo"], "/etc/group:2");
    row(
        "ssh.authorized_key",
        "key",
        FINGERPRINT,
        &["account=root", "bits=256", "restricted=true"],
        "/root/.ssh/authorized_keys:2",
    );
    row("sudo.rule", "who", "ann", &["nopasswd=true", "all=true", "command=ALL"], "/etc/sudoers:3");
    row("sudo.rule", "who", "%ops", &["nopasswd=false", "all=false", "/bin/mount"], "/etc/sudoers.d/ops:1");
    row(
        "cron.entry",
        "file",
        "/etc/cron.d/update",
        &["writable=true", "schedule=*/5 * * * *", "--password=***"],
        "/etc/cron.d/update:2",
    );
    row(
        "remote.tool",
        "name",
        "frp (client)",
        &["how=binary", "trace=/home/ann/bin/frpc", "autostart=true"],
        "/home/ann/bin/frpc",
    );
    row("remote.tool", "name", "ToDesk", &["how=config", "origin=CN", "kind=remote-control"], "/opt/todesk");
    row("geo.software", "name", "QGIS", &["origin=oss"], "/usr/bin/qgis");
    row("cloud.client", "name", "rclone", &["how=config"], "/home/ann/.config/rclone/rclone.conf");
    row("snapshot.tool", "name", "snapper", &[], "/etc/snapper/configs");
    row(
        "systemd.unit",
        "name",
        "evil.service",
        &["packaged=false", "exec=/var/tmp/.x/agent --token ***"],
        "/etc/systemd/system/evil.service:3",
    );
    row(
        "file.setuid",
        "path",
        "/usr/local/bin/helper",
        &["packaged=false", "setuid=true", "writable=true"],
        "/usr/local/bin/helper",
    );
    row("file.setuid", "path", "/usr/bin/su", &["packaged=true", "writable=false"], "/usr/bin/su");
    row("file.temp_executable", "path", "/var/tmp/.x/agent", &["hidden=true"], "/var/tmp/.x/agent");
    row("file.world_writable", "path", "/srv/drop", &["directory=false"], "/srv/drop");
    row("key.file", "path", "/srv/keys/server.key", &["open=true", "protected=false"], "/srv/keys/server.key:1");
    row("preload", "library", "/usr/lib/libhook.so", &["packaged=false"], "/etc/ld.so.preload:2");
    row("startup.script", "path", "/etc/rc.local", &["packaged=false"], "/etc/rc.local");
    row("share.nfs", "path", "/srv", &["client=*", "writable=true", "root_squash=false"], "/etc/exports:2");
    row("share.smb", "name", "pub", &["guest=true", "writable=true", "vfs=full_audit"], "/etc/samba/smb.conf:4");
    row(
        "database.server",
        "name",
        "postgresql",
        &["open=true", "trust=true"],
        "/etc/postgresql/15/main/postgresql.conf:2",
    );
    row("database.server", "name", "redis", &["open=true", "trust=true"], "/etc/redis/redis.conf:1");
    row("backup.destination", "tool", "rsnapshot", &["target=/mnt/b/snap", "separate=true"], "/etc/rsnapshot.conf:1");
    row(
        "backup.destination",
        "tool",
        "restic",
        &["target=rest:https://***@backup.plant/r", "separate=true"],
        "/var/spool/cron/crontabs/ann:2",
    );
    row("backup.schedule", "tool", "restic", &["how=cron", "when=30 2 * * *"], "/var/spool/cron/crontabs/ann:2");
    row("mount", "target", "/mnt/b", &["password=***"], "/etc/fstab:2");

    assert!(said.row("sudo.rule", "who", "%all").is_none(), "sudo passes over names with a dot");
    assert!(said.row("package", "name", "old").is_none(), "removed, only its configuration is left");
    assert_eq!(said.gap("kernel.taint"), Some(GapReason::NotLive));
    assert!(!format!("{:?}", said.0).contains("HASHSECRET"), "no hash, password or token leaves the sensor");
}

#[test]
fn the_clean_twin_shows_none_of_them() {
    let t = clean();
    let said = Said::root(&t.0);
    let one = |id: &str, value: &str| assert_eq!(said.one(id).map(|o| o.0), Some(value.into()), "{id}");
    one("ssh.permit_root_login", "no");
    one("ssh.max_auth_tries", "3");
    one("sudo.logged", "true");
    one("session.recorded", "true");
    one("session.timeout_seconds", "600");
    one("password.hash", "yescrypt");
    one("password.max_days", "90");
    one("password.min_length", "12");
    one("pam.lockout", "true");
    one("umask", "027");
    one("log.remote", "true");
    // 26 weeks.
    one("log.retention_days", "182");
    one("firewall.enabled", "true");
    one("firewall.tool", "ufw");
    one("usb.storage_blocked", "true");
    one("disk.encrypted", "true");
    one("swap.encrypted", "true");
    one("kernel.dmesg_restrict", "1");
    one("kernel.aslr", "2");
    for id in [
        "remote.tool",
        "file.world_writable",
        "cron.entry",
        "preload",
        "share.nfs",
        "key.file",
        "cloud.client",
        "database.server",
    ] {
        assert_eq!(said.rows(id), [], "{id}");
        assert_eq!(said.gap(id), None, "{id}: looked to the end");
    }
    let unit = said.row("systemd.unit", "name", "good.service").unwrap();
    assert!(unit.0.contains("packaged=true"), "{unit:?}");
}

/// Names of products are looked for in what the walk met.
#[test]
fn a_walk_that_was_cut_short_says_nothing_of_products() {
    let t = base();
    t.mode("srv/hidden/deep/frpc", "", 0o755);
    let said = Said::root(&t.0);
    assert!(said.row("remote.tool", "name", "frp (client)").is_some());
    let short = inspect::Limits { walk_depth_max: 2, ..inspect::Limits::default() };
    let said = Said::of(inspect::Target::Root(t.0.clone()), short);
    assert!(said.row("remote.tool", "name", "frp (client)").is_none());
    for id in ["remote.tool", "cloud.client", "copy.tool", "geo.software"] {
        assert_eq!(said.gap(id), Some(GapReason::TooDeep), "{id}");
    }
}

#[test]
fn the_same_tree_gives_the_same_items() {
    let t = planted();
    assert_eq!(Said::root(&t.0).0, Said::root(&t.0).0);
}

#[test]
fn a_root_that_is_not_there_is_an_error() {
    use inspect::{Config, InspectError, Inspector, Target};
    let config = || Config::new(evidence::DigestKey::new([0; 32]), evidence::Time::from_secs(0));
    let t = Tree::new();
    let file = t.file("x", "");
    let missing = t.0.join("no");
    assert_eq!(
        Inspector::new(Target::Root(missing.clone()), config()).unwrap_err(),
        InspectError::RootMissing(missing)
    );
    assert_eq!(Inspector::new(Target::Root(file.clone()), config()).unwrap_err(), InspectError::RootNotAFolder(file));
}
