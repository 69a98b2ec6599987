//! FTP servers by their configuration.

use crate::host::{File, Look};
use crate::out::Out;
use crate::{parse, shared};
use evidence::FactValue;
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["ftp.server"];

struct Server {
    name: &'static str,
    file: File,
    line: usize,
    anonymous: bool,
    tls: bool,
}

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    let mut look = out.look();
    let mut servers: Vec<Server> = vsftpd(&mut look);
    servers.extend(proftpd(&mut look));
    servers.extend(pure(&mut look));
    for s in servers {
        let row = FactValue::row([
            ("name", s.name.into()),
            ("config", shared::text_of(&s.file.path).into()),
            ("anonymous", s.anonymous.into()),
            ("tls", s.tls.into()),
        ]);
        let at = if s.line == 0 { s.file.place() } else { s.file.line(s.line) };
        out.fact("ftp.server", row, at);
    }
    out.gaps(FACTS, &look.misses);
}

/// Anonymous log-ins are on unless switched off, encryption is off: vsftpd.conf(5).
fn vsftpd(look: &mut Look<'_>) -> Vec<Server> {
    let files: Vec<File> =
        ["/etc/vsftpd.conf", "/etc/vsftpd/vsftpd.conf"].iter().filter_map(|p| look.read(p)).collect();
    let of = |file: File| {
        let set: Vec<_> = parse::settings(&file.text()).collect();
        let last = |key: &str| set.iter().rfind(|(_, k, _)| k == key);
        let anonymous = last("anonymous_enable");
        let tls = last("ssl_enable").is_some_and(|(_, _, v)| parse::is_yes(v));
        let line = anonymous.map_or(0, |a| a.0);
        Server { name: "vsftpd", line, anonymous: anonymous.is_none_or(|(_, _, v)| parse::is_yes(v)), tls, file }
    };
    files.into_iter().map(of).collect()
}

/// `<Anonymous>` lets everybody in, if it names a folder; `TLSEngine` is off unless switched on.
fn proftpd(look: &mut Look<'_>) -> Option<Server> {
    let file = ["/etc/proftpd/proftpd.conf", "/etc/proftpd.conf"].iter().find_map(|p| look.read(p))?;
    let mut all = parse::apache(&file.text());
    let line = all.iter().find(|d| d.name == "anonymous").map_or(0, |d| d.line);
    for f in look.read("/etc/proftpd/tls.conf").into_iter().chain(look.drop_ins("/etc/proftpd/conf.d", ".conf")) {
        all.extend(parse::apache(&f.text()));
    }
    let anonymous = all.iter().any(|d| d.name == "anonymous");
    let on = |d: &parse::Directive| d.name == "tlsengine" && d.words.first().is_some_and(|w| parse::is_yes(w));
    // Debian brings tls.conf along and includes it only where the line for it is no comment.
    let included = file.text().lines().any(|l| l.trim().starts_with("Include") && l.contains("tls.conf"));
    let own = parse::apache(&file.text()).iter().any(on);
    let tls = own || (included && all.iter().any(on));
    Some(Server { name: "proftpd", line, anonymous, tls, file })
}

/// Anonymous log-ins are on unless `NoAnonymous` says yes; `TLS` is 0 unless set: pure-ftpd(8).
fn pure(look: &mut Look<'_>) -> Option<Server> {
    let file = ["/etc/pure-ftpd/pure-ftpd.conf", "/etc/pure-ftpd.conf"].iter().find_map(|p| look.read(p));
    // Debian keeps one file a setting.
    let single = |look: &mut Look<'_>, name: &str| {
        look.read(format!("/etc/pure-ftpd/conf/{name}")).map(|f| (f.text().trim().to_owned(), f))
    };
    let (anonymous, tls) = (single(look, "NoAnonymous"), single(look, "TLS"));
    let set: Vec<_> = file.as_ref().map(|f| parse::settings(&f.text()).collect()).unwrap_or_default();
    let value = |key: &str| set.iter().rfind(|(_, k, _)| k == key);
    let quiet = anonymous.as_ref().map(|(v, _)| v.clone()).or_else(|| value("NoAnonymous").map(|v| v.2.clone()));
    let level = tls.as_ref().map(|(v, _)| v.clone()).or_else(|| value("TLS").map(|v| v.2.clone()));
    let line = value("NoAnonymous").map_or(0, |v| v.0);
    let file = file.or(anonymous.map(|a| a.1)).or(tls.map(|t| t.1))?;
    Some(Server {
        name: "pure-ftpd",
        line,
        anonymous: !quiet.is_some_and(|v| parse::is_yes(&v)),
        tls: level.is_some_and(|v| v != "0"),
        file,
    })
}
