//! What starts by itself, what the kernel is told, what was plugged in, what can carry data away: planted and clean.

use crate::{Said, Tree};
use evidence::GapReason;
use std::io::Write;

#[test]
fn rules_modules_hooks_and_jobs() {
    let t = Tree::new();
    t.file("etc/passwd", "root:x:0:0::/root:/bin/sh\n");
    t.file("etc/udev/rules.d/99-x.rules", "# x\nACTION==\"add\", RUN+=\"/opt/x --token=HASHSECRET\"\n");
    t.file("usr/lib/udev/rules.d/60-good.rules", "KERNEL==\"sd*\", PROGRAM=\"/usr/lib/udev/ata_id\"\n");
    t.file("usr/lib/udev/rules.d/99-x.rules", "RUN+=\"/bin/hidden-by-etc\"\n");
    t.file("etc/modules-load.d/x.conf", "# m\nevil\n");
    t.file("etc/modules", "loop\n");
    t.file("etc/modprobe.d/x.conf", "install usbcore /opt/y; /sbin/modprobe --ignore-install usbcore\n");
    t.mode("etc/initramfs-tools/hooks/z", "#!/bin/sh\n", 0o777);
    t.mode("etc/initramfs-tools/scripts/init-top/early", "#!/bin/sh\n", 0o755);
    t.mode("usr/share/initramfs-tools/hooks/good", "", 0o755);
    let job = "#!/bin/sh\n# atrun uid=0 gid=0\ncd /root || {\n\t echo 'Execution directory inaccessible' >&2\n\t exit 1\n}\n/opt/send --password HASHSECRET\n";
    t.file("var/spool/cron/atjobs/a0000101c17090", job);
    t.file("var/spool/cron/atjobs/.SEQ", "00001");
    t.file("var/lib/dpkg/status", "Package: udev\nStatus: install ok installed\nVersion: 1\n");
    t.file(
        "var/lib/dpkg/info/udev.list",
        "/usr/lib/udev/rules.d/60-good.rules\n/usr/share/initramfs-tools/hooks/good\n",
    );
    let said = Said::root(&t.0);
    let row = |id: &str, field: &str, value: &str| {
        said.row(id, field, value).unwrap_or_else(|| panic!("{id} {value}: {:?}", said.rows(id)))
    };
    let (text, at) = row("persistence.udev", "file", "/etc/udev/rules.d/99-x.rules");
    assert!(text.contains("program=/opt/x") && text.contains("packaged=false") && text.contains("line=2"), "{text}");
    assert_eq!(at, "/etc/udev/rules.d/99-x.rules:2");
    assert!(row("persistence.udev", "program", "/usr/lib/udev/ata_id").0.contains("packaged=true"));
    assert_eq!(said.rows("persistence.udev").len(), 2, "a rule in /etc hides one of the same name");
    assert!(row("module.autoload", "module", "evil").0.contains("how=load"));
    assert_eq!(row("module.autoload", "module", "loop").1, "/etc/modules:1");
    assert!(row("module.autoload", "module", "usbcore").0.contains("how=install"));
    assert!(row("initramfs.hook", "path", "/etc/initramfs-tools/hooks/z").0.contains("writable=true"));
    row("initramfs.hook", "path", "/etc/initramfs-tools/scripts/init-top/early");
    assert_eq!(said.rows("initramfs.hook").len(), 2, "what a package owns is no row");
    let (text, at) = row("at.job", "file", "/var/spool/cron/atjobs/a0000101c17090");
    assert!(text.contains("at=2026-01-01T12:00:00") && text.contains("command=/opt/send"), "{text}");
    assert_eq!(at, "/var/spool/cron/atjobs/a0000101c17090:7");
    assert_eq!(said.rows("at.job").len(), 1);
    assert!(!format!("{:?}", said.0).contains("HASHSECRET"));

    let clean = Said::root(&Tree::new().0);
    for id in
        ["at.job", "initramfs.hook", "module.autoload", "persistence.udev", "web.server", "ftp.server", "copy.tool"]
    {
        assert_eq!((clean.rows(id).len(), clean.gap(id)), (0, None), "{id}");
    }
}

#[test]
fn settings_of_the_kernel() {
    let t = Tree::new();
    t.file("etc/sysctl.d/99.conf", "net.ipv4.conf.*.rp_filter = 2\nfs/protected_hardlinks=1\nkernel.sysrq = 176\n");
    let said = Said::root(&t.0);
    let one = |id: &str| said.one(id).unwrap_or_else(|| panic!("{id}"));
    assert_eq!(one("kernel.rp_filter"), ("2".into(), "/etc/sysctl.d/99.conf:1".into()));
    assert_eq!(one("kernel.protected_hardlinks").0, "1");
    assert_eq!(one("kernel.protected_symlinks"), ("0".into(), "/etc/sysctl.d".into()));
    assert_eq!(one("kernel.accept_redirects").0, "1");
    assert_eq!(one("kernel.send_redirects").0, "1");
    assert_eq!(one("kernel.sysrq").0, "176");
    assert_eq!(said.gap("kernel.perf_event_paranoid"), Some(GapReason::NotLive));
    assert_eq!(said.gap("kernel.lockdown"), Some(GapReason::NotLive));
    // As systemd's own 50-default.conf says it: every interface, but not the value for all of them.
    let t = Tree::new();
    t.file("usr/lib/sysctl.d/50-default.conf", "net.ipv4.conf.*.rp_filter = 2\n-net.ipv4.conf.all.rp_filter\n");
    assert_eq!(Said::root(&t.0).one("kernel.rp_filter").unwrap().0, "0");
}

#[test]
fn core_dumps() {
    let said = |files: &[(&str, &str)]| {
        let t = Tree::new();
        for (path, text) in files {
            t.file(path, text);
        }
        Said::root(&t.0).one("core.dump").unwrap()
    };
    let systemd = ("etc/sysctl.d/50.conf", "kernel.core_pattern=|/usr/lib/systemd/systemd-coredump %P\n");
    assert_eq!(said(&[]).0, "file");
    assert_eq!(said(&[systemd]), ("systemd".into(), "/etc/sysctl.d/50.conf:1".into()));
    let none = ("etc/systemd/coredump.conf.d/a.conf", "[Coredump]\nStorage=none\n");
    assert_eq!(said(&[systemd, none]), ("none".into(), "/etc/systemd/coredump.conf.d/a.conf:2".into()));
    assert_eq!(said(&[("etc/sysctl.conf", "kernel.core_pattern = |/usr/share/apport/apport %p\n")]).0, "pipe");
    let limit = ("etc/security/limits.d/a.conf", "* soft core 0\n*  hard  core 0\n");
    assert_eq!(said(&[limit]), ("none".into(), "/etc/security/limits.d/a.conf:2".into()));
    assert_eq!(said(&[("etc/security/limits.conf", "# * hard core 0\nann hard core 0\n")]).0, "file");
}

/// Messages as Linux 6.1 writes them, with the stamps of both forms of rsyslog.
#[test]
fn devices_on_usb() {
    let t = Tree::new();
    let plugged = "usb 1-2: New USB device found, idVendor=0951, idProduct=1666, bcdDevice= 1.10";
    let old = format!(
        "2026-10-01T08:00:00.000001+08:00 plant kernel: [ 1.0] {plugged}\n2026-10-01T08:00:00.1+08:00 plant kernel: [ 1.1] usb 1-2: SerialNumber: HASHSECRET\n2026-10-01T08:00:01.1+08:00 plant kernel: [ 1.2] usb-storage 1-2:1.0: USB Mass Storage device detected\n"
    );
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(old.as_bytes()).unwrap();
    t.file("var/log/kern.log.2.gz", packed.finish().unwrap());
    t.file("var/log/kern.log", format!("2026-10-03T10:00:00+00:00 plant kernel: {plugged}\n2026-10-03T10:00:00+00:00 plant kernel: usb 3-1: New USB device found, idVendor=046d, idProduct=c31c\n"));
    t.file("var/log/syslog", format!("2026-10-03T10:00:00+00:00 plant kernel: {plugged}\n"));
    let said = Said::root(&t.0);
    assert_eq!(said.gap("usb.event"), None);
    let (stick, _) = said.row("usb.event", "device", "0951:1666").unwrap();
    for part in ["count=2", "first=2026-10-01T00:00:00", "last=2026-10-03T10:00:00", "storage=true"] {
        assert!(stick.contains(part), "{stick}: {part}");
    }
    let (keyboard, at) = said.row("usb.event", "device", "046d:c31c").unwrap();
    assert!(keyboard.contains("storage=false") && at == "/var/log/kern.log:2", "{keyboard} {at}");
    assert!(!format!("{:?}", said.0).contains("HASHSECRET"));

    let t = Tree::new();
    t.file("var/log/journal/0123/system.journal", "x");
    assert_eq!(Said::root(&t.0).gap("usb.event"), Some(GapReason::Unsupported));
    let t = Tree::new();
    t.file("var/log/messages", "Oct  1 10:00:00 plant kernel: eth0: link up\n");
    t.file("var/log/messages-1.gz", "no gzip");
    assert_eq!(Said::root(&t.0).gap("usb.event"), Some(GapReason::Corrupt));
}

#[test]
fn programs_for_copies() {
    let t = Tree::new();
    t.mode("usr/bin/rsync", "", 0o755);
    t.mode("home/a/croc", "", 0o755);
    t.mode("usr/bin/scp", "", 0o755);
    t.file("var/lib/dpkg/status", "Package: lftp\nStatus: install ok installed\nVersion: 4.9\n");
    let said = Said::root(&t.0);
    assert_eq!(said.row("copy.tool", "name", "rsync").unwrap().1, "/usr/bin/rsync");
    assert_eq!(said.row("copy.tool", "name", "croc").unwrap().1, "/home/a/croc");
    assert!(said.row("copy.tool", "name", "LFTP").unwrap().0.contains("how=package"));
    assert_eq!(said.rows("copy.tool").len(), 3, "what every host has is no row");
}
