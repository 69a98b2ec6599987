//! Mounts and whether disks and swap are encrypted.

use crate::host::{File, Look, place};
use crate::out::Out;
use crate::parse::{self, MountRow};
use evidence::{FactValue, Place};
use std::path::{Path, PathBuf};
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["disk.encrypted", "mount", "swap.encrypted"];
/// Most devices below a device (a volume on a raid on a cipher …).
const BELOW_MAX: usize = 16;

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    let mut look = out.look();
    let path = if out.host.live { "/proc/self/mounts" } else { "/etc/fstab" };
    let Some(f) = look.read(path) else {
        if !out.host.live && look.misses.is_empty() {
            return;
        }
        return out.gaps(FACTS, &look.misses);
    };
    let rows = parse::mount_table(&f.text());
    for m in &rows {
        let options = m.options.iter().map(|o| parse::printable(&hide(o))).collect();
        let row = FactValue::row([
            ("target", parse::printable(&m.target).into()),
            ("source", parse::printable(&parse::strip_userinfo(&m.source)).into()),
            ("fstype", parse::printable(&m.fstype).into()),
            ("options", FactValue::Texts(options)),
        ]);
        out.fact("mount", row, place(&f.path).line(m.line as u64));
    }
    if out.host.live {
        live(out, &mut look);
    } else {
        image(out, &mut look, &f, &rows);
    }
    out.gaps(FACTS, &look.misses);
}

/// Options of network file systems can carry a password, or say where it lies.
fn hide(option: &str) -> String {
    match option.split_once('=') {
        Some((name, _))
            if ["pass", "pwd", "secret", "cred", "key", "token"]
                .iter()
                .any(|s| name.to_ascii_lowercase().contains(s)) =>
        {
            format!("{name}=***")
        }
        _ => option.to_owned(),
    }
}

/// A device-mapper cipher is below the device, as /sys tells.
fn cipher(look: &mut Look<'_>, device: &str) -> Option<PathBuf> {
    let mut todo = vec![device.to_owned()];
    for _ in 0..BELOW_MAX {
        let name = todo.pop()?;
        let dir = Path::new("/sys/class/block").join(name);
        if let Some(f) = look.read(dir.join("dm/uuid"))
            && f.text().starts_with("CRYPT-")
        {
            return Some(f.path);
        }
        todo.extend(look.list(dir.join("slaves")).iter().map(|e| e.text().into_owned()));
    }
    None
}

fn live(out: &mut Out<'_>, look: &mut Look<'_>) {
    if let Some(meta) = look.stat("/") {
        let (major, minor) = (rustix::fs::major(meta.dev), rustix::fs::minor(meta.dev));
        let link = PathBuf::from(format!("/sys/dev/block/{major}:{minor}"));
        // A root without a block device (overlay, network) says nothing about disks.
        if let Ok(target) = out.host.read_link(&link)
            && let Some(name) = target.file_name()
        {
            let found = cipher(look, &name.to_string_lossy());
            let at = place(found.as_deref().unwrap_or(&link));
            out.fact("disk.encrypted", found.is_some(), at);
        }
    }
    let Some(f) = look.read("/proc/swaps") else { return };
    let text = f.text();
    let mut all: Option<(bool, usize)> = None;
    for (n, l) in text.lines().enumerate().skip(1) {
        let Some(path) = l.split_whitespace().next() else { continue };
        let device = if l.contains("partition") { path.rsplit('/').next() } else { None };
        // Compressed memory is no disk.
        if device.is_some_and(|d| d.starts_with("zram")) {
            continue;
        }
        let name = device.map(|d| mapped(look, d));
        let safe = name.is_some_and(|n| cipher(look, &n).is_some());
        let so_far = all.is_none_or(|(s, _)| s);
        all = Some((so_far && safe, if safe { all.map_or(n + 1, |a| a.1) } else { n + 1 }));
    }
    if let Some((safe, line)) = all {
        out.fact("swap.encrypted", safe, place(&f.path).line(line as u64));
    }
}
/// `/dev/mapper/x` is a link to `/dev/dm-N`.
fn mapped(look: &mut Look<'_>, device: &str) -> String {
    let link = look.host.read_link(&Path::new("/dev/mapper").join(device)).ok();
    link.and_then(|t| Some(t.file_name()?.to_string_lossy().into_owned())).unwrap_or_else(|| device.to_owned())
}

/// In an image: the root or swap of fstab is a name of crypttab.
fn image(out: &mut Out<'_>, look: &mut Look<'_>, fstab: &File, rows: &[MountRow]) {
    let crypttab = look.read("/etc/crypttab");
    let named = |source: &str| -> Option<Place> {
        let f = crypttab.as_ref()?;
        let name = source.strip_prefix("/dev/mapper/")?;
        let text = f.text();
        let hit = parse::lines(&text).find(|(_, l)| l.split_whitespace().next() == Some(name));
        hit.map(|(n, _)| f.line(n))
    };
    if let Some(root) = rows.iter().find(|r| r.target == "/") {
        // A volume group on a cipher hides behind its own name: with a crypttab, that cannot be told apart.
        let volume = root.source.starts_with("/dev/mapper/") && crypttab.is_some();
        match named(&root.source) {
            Some(at) => out.fact("disk.encrypted", true, at),
            None if volume => out.gap("disk.encrypted", evidence::GapReason::NotLive, Some(fstab.line(root.line))),
            None => out.fact("disk.encrypted", false, fstab.line(root.line)),
        }
    }
    let swaps: Vec<&MountRow> = rows.iter().filter(|r| r.fstype == "swap").collect();
    if let Some(open) = swaps.iter().find(|s| named(&s.source).is_none()) {
        out.fact("swap.encrypted", false, fstab.line(open.line));
    } else if let Some(first) = swaps.first() {
        out.fact("swap.encrypted", true, fstab.line(first.line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_with_secrets_keep_their_name_only() {
        for (option, shown) in [
            ("password=x", "password=***"),
            ("PASS=x", "PASS=***"),
            ("password2=x", "password2=***"),
            ("secret=AQB==", "secret=***"),
            ("secretfile=/etc/ceph/s", "secretfile=***"),
            ("credentials=/root/c", "credentials=***"),
            ("vers=3.0", "vers=3.0"),
            ("noexec", "noexec"),
        ] {
            assert_eq!(hide(option), shown);
        }
    }
}
