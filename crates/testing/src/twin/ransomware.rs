//! What lets extortion software in, lets it spread, or leaves no way back.

use super::At::{Line, Nowhere, Whole};
use super::Step::{Append, File, Mode, Old, Purge, Remove, Swap};
use super::{Plant, plant};

pub(super) const PLANTS: &[Plant] = &[
    plant(
        "backups are kept on the same machine",
        &[File("etc/rsnapshot.conf", 0o644, "config_version\t1.2\nsnapshot_root\t/var/cache/rsnapshot/\n")],
        "backup-separate",
        "/var/cache/rsnapshot/",
        Line("etc/rsnapshot.conf", "snapshot_root"),
    ),
    plant(
        "backups go to a folder that is emptied at restarts",
        &[File(
            "etc/borgmatic/config.yaml",
            0o600,
            "source_directories:\n    - /srv\nrepositories:\n    - path: /var/tmp/borg\n      label: local\n",
        )],
        "backup-temporary",
        "/var/tmp/borg",
        Line("etc/borgmatic/config.yaml", "/var/tmp/borg"),
    ),
    plant(
        "the backup share is always mounted and can be encrypted with the rest",
        &[
            Append("etc/fstab", "nas:/backup /mnt/backup nfs4 ro,nosuid 0 0\n"),
            Append("etc/cron.d/mirror", "15 3 * * * root /usr/bin/rdiff-backup /srv /mnt/backup/plant-7\n"),
        ],
        "backup-mounted",
        "/mnt/backup/plant-7",
        Line("etc/cron.d/mirror", "rdiff-backup"),
    ),
    plant(
        "backups travel in clear text",
        &[Append("etc/cron.d/offsite", "45 3 * * * root /usr/bin/duplicity /srv ftp://vault.plant.example/plant-7\n")],
        "backup-clear-text",
        "ftp://vault.plant.example/plant-7",
        Line("etc/cron.d/offsite", "duplicity"),
    ),
    plant(
        "the last good backup is forty days old",
        &[Old("var/log/restic.log", 40)],
        "backup-age",
        "",
        Line("var/log/restic.log", "saved"),
    ),
    plant(
        "strangers may write to a share",
        &[Append(
            "etc/samba/smb.conf",
            "[public]\n  path = /srv/public\n  guest ok = yes\n  writable = yes\n  vfs objects = recycle\n",
        )],
        "smb-guest-write",
        "public",
        Line("etc/samba/smb.conf", "[public]"),
    ),
    plant(
        "the file server speaks the protocol of 1996 again",
        &[Swap("etc/samba/smb.conf", "server min protocol = SMB3", "server min protocol = NT1")],
        "smb-old-protocol",
        "",
        Line("etc/samba/smb.conf", "min protocol"),
    ),
    plant(
        "a share keeps no older versions of files",
        &[Append("etc/samba/smb.conf", "[drawings]\n  path = /srv/drawings\n  read only = no\n")],
        "smb-no-versions",
        "drawings",
        Line("etc/samba/smb.conf", "[drawings]"),
    ),
    plant(
        "the whole disk is a share",
        &[Append("etc/samba/smb.conf", "[disk]\n  path = /\n  writable = yes\n  vfs objects = recycle\n")],
        "smb-whole-system",
        "disk",
        Line("etc/samba/smb.conf", "[disk]"),
    ),
    plant(
        "root of another machine is root on an export",
        &[Append("etc/exports", "/srv/plc 10.7.0.9(rw,no_root_squash)\n")],
        "nfs-root-write",
        "/srv/plc",
        Line("etc/exports", "/srv/plc"),
    ),
    plant(
        "every machine may write to an export",
        &[Append("etc/exports", "/srv/in *(rw,root_squash)\n")],
        "nfs-everyone",
        "/srv/in",
        Line("etc/exports", "/srv/in"),
    ),
    plant(
        "the whole disk is exported",
        &[Append("etc/exports", "/ 10.7.0.8(rw,root_squash)\n")],
        "nfs-whole-system",
        "/",
        Line("etc/exports", "/ 10.7.0.8"),
    ),
    plant(
        "everybody may overwrite a backup",
        &[File("srv/backup/db.dump", 0o666, "dump\n")],
        "backup-world-writable",
        "/srv/backup/db.dump",
        Whole("srv/backup/db.dump"),
    ),
    plant(
        "everybody may overwrite the program of a controller",
        &[File("srv/plc/press-4.project", 0o666, "project\n")],
        "data-world-writable",
        "/srv/plc/press-4.project",
        Whole("srv/plc/press-4.project"),
    ),
    plant(
        "a share is mounted by the protocol of 1996",
        &[Append("etc/fstab", "//old/scans /mnt/scans cifs ro,vers=1.0,credentials=/root/scans 0 0\n")],
        "mount-smb1",
        "/mnt/scans",
        Line("etc/fstab", "/mnt/scans"),
    ),
    plant(
        "a share of another machine is mounted for writing",
        &[Append("etc/fstab", "nas:/exchange /mnt/exchange nfs4 rw,nosuid 0 0\n")],
        "mount-share-writable",
        "/mnt/exchange",
        Line("etc/fstab", "/mnt/exchange"),
    ),
    plant(
        "programs can be started in the folder that everybody may write",
        &[Swap("etc/fstab", "tmpfs /tmp tmpfs nosuid,nodev,noexec", "tmpfs /tmp tmpfs nosuid,nodev")],
        "temporary-folder-exec",
        "/tmp",
        Line("etc/fstab", "tmpfs /tmp"),
    ),
    plant(
        "a hidden program lies in shared memory",
        &[File("dev/shm/.x/agent", 0o755, "\x7fELF agent")],
        "temp-program",
        "/dev/shm/.x/agent",
        Whole("dev/shm/.x/agent"),
    ),
    plant("nothing looks for changed or hostile files", &[Purge("aide")], "endpoint-protection", "", Nowhere),
    plant(
        "no snapshots are taken of what is shared",
        &[Purge("snapper"), Remove("etc/snapper")],
        "snapshots",
        "",
        Nowhere,
    ),
    plant(
        "a backup folder is open to everybody",
        &[File("var/backups/etc.tar", 0o644, "tar\n"), Mode("var/backups", 0o777)],
        "backup-world-writable",
        "/var/backups",
        Whole("var/backups"),
    ),
];
