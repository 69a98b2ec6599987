//! Folders that this host gives to others.

use crate::host::File;
use crate::out::Out;
use crate::parse::{self, SmbSection};
use evidence::FactValue;
use std::path::Path;
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["share.nfs", "share.smb", "smb.min_protocol"];

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    let mut look = out.look();
    let mut files: Vec<File> = look.read("/etc/exports").into_iter().collect();
    files.extend(look.drop_ins("/etc/exports.d", ".exports"));
    for f in &files {
        for e in parse::exports(&f.text()) {
            let row = FactValue::row([
                ("path", parse::printable(&e.path).into()),
                ("client", parse::printable(&e.client).into()),
                ("writable", e.writable.into()),
                ("root_squash", e.root_squash.into()),
            ]);
            out.fact("share.nfs", row, f.line(e.line));
        }
    }
    out.gaps(&["share.nfs"], &look.misses);
    samba(out);
}

fn samba(out: &mut Out<'_>) {
    let mut look = out.look();
    let Some(f) = look.read("/etc/samba/smb.conf") else {
        return out.gaps(&["share.smb", "smb.min_protocol"], &look.misses);
    };
    let sections = parse::smb_conf(&f.text());
    // An included file could hold more shares; names with a variable depend on the client.
    for s in &sections {
        for (_, key, value) in s.settings.iter().filter(|(_, k, _)| k == "include" || k == "config file") {
            let reason = if value.contains('%') { evidence::GapReason::Unsupported } else { evidence::GapReason::Link };
            if key == "include" || key == "config file" {
                look.miss(reason, Path::new(value));
            }
        }
    }
    let global = sections.iter().find(|s| s.name.eq_ignore_ascii_case("global"));
    let of = |keys: &[&str]| global.and_then(|g| g.get(keys));
    match of(&["server min protocol", "min protocol"]) {
        Some((n, _, v)) => out.fact("smb.min_protocol", parse::printable(&v.to_ascii_uppercase()), f.line(*n)),
        // smb.conf(5) since 4.11.
        None => out.fact("smb.min_protocol", "SMB2_02", f.place()),
    }
    for s in
        sections.iter().filter(|s| !["global", "printers", "print$"].iter().any(|n| s.name.eq_ignore_ascii_case(n)))
    {
        let yes = |keys: &[&str]| s.get(keys).or_else(|| of(keys)).is_some_and(|(_, _, v)| parse::is_yes(v));
        let row = FactValue::row([
            ("name", parse::printable(&s.name).into()),
            ("path", parse::printable(s.get(&["path", "directory"]).map_or("", |p| p.2.as_str())).into()),
            ("guest", yes(&["guest ok", "public"]).into()),
            ("writable", writable(s, global).into()),
            (
                "vfs",
                FactValue::Texts(words(
                    s.get(&["vfs objects", "vfs object"])
                        .or_else(|| of(&["vfs objects", "vfs object"]))
                        .map(|v| v.2.as_str()),
                )),
            ),
        ]);
        out.fact("share.smb", row, f.line(s.line));
    }
    out.gaps(&["share.smb", "smb.min_protocol"], &look.misses);
}

/// `read only = no` and `writable = yes` are one setting under two names; the last one wins.
fn writable(s: &SmbSection, global: Option<&SmbSection>) -> bool {
    let keys = ["read only", "writable", "writeable", "write ok"];
    let set = s.get(&keys).or_else(|| global.and_then(|g| g.get(&keys)));
    set.is_some_and(|(_, k, v)| parse::is_yes(v) != (k == "read only"))
}
fn words(v: Option<&str>) -> Vec<String> {
    v.unwrap_or_default().split([' ', ',']).filter(|w| !w.is_empty()).map(parse::printable).collect()
}
