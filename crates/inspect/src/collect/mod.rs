//! The collectors, one module a subject, registered in one table.
//!
//! A row of [`TABLE`] names the facts that a function provides. Whoever adds a fact to the dictionary adds it to a
//! row; a test holds the table against the dictionary.

mod accounts;
mod backup;
mod containers;
mod database;
mod desktops;
mod firewall;
mod ftp;
pub(crate) mod geo;
mod hardware;
mod integrity;
mod jobs;
mod kernel;
pub(crate) mod libraries;
mod logging;
mod mounts;
pub(crate) mod origin;
mod os;
mod packages;
mod pam;
mod persistence;
mod process;
mod products;
mod running;
mod shares;
mod sockets;
mod ssh;
mod startup;
mod sudo;
mod timesync;
mod units;
mod usb;
mod web;
mod yara;

use crate::host::{Look, place};
use crate::out::Out;
use crate::walk;
use evidence::{FactValue, GapReason, Place, fact};
use std::path::Path;
use stdx::{Progress, Stop};

pub(crate) use hardware::day as hardware_day;
pub(crate) use jobs::cron_jobs;
pub(crate) use os::host_name;
pub(crate) use units::enabled_units;

/// Which of the two hands runs a collector.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Hand {
    /// Walks the file system, then reads what depends on the walk.
    Walk,
    /// Reads everything else.
    Read,
    /// Tries YARA rules on files.
    Scan,
}

/// A collector.
pub(crate) struct Row {
    /// Facts it provides.
    pub facts: &'static [&'static str],
    /// The function.
    pub run: fn(&mut Out<'_>, &Stop),
    /// Its hand.
    pub hand: Hand,
}
const fn read(facts: &'static [&'static str], run: fn(&mut Out<'_>, &Stop)) -> Row {
    Row { facts, run, hand: Hand::Read }
}
const fn walked(facts: &'static [&'static str], run: fn(&mut Out<'_>, &Stop)) -> Row {
    Row { facts, run, hand: Hand::Walk }
}

/// Every collector. Within a hand they run in this order.
pub(crate) const TABLE: &[Row] = &[
    walked(walk::FACTS, walk::walk),
    walked(products::FACTS, products::collect),
    walked(origin::FACTS, origin::collect),
    read(os::FACTS, os::collect),
    read(accounts::FACTS, accounts::collect),
    read(accounts::LOGIN_FACTS, accounts::last_logins),
    read(pam::FACTS, pam::collect),
    read(ssh::FACTS, ssh::collect),
    read(ssh::KEY_FACTS, ssh::authorized_keys),
    read(sudo::FACTS, sudo::collect),
    read(kernel::FACTS, kernel::collect),
    read(kernel::MODULE_FACTS, kernel::modules),
    read(packages::FACTS, packages::collect),
    read(packages::REFRESH_FACTS, packages::refreshed),
    read(sockets::FACTS, sockets::collect),
    read(sockets::PROCESS_FACTS, sockets::deleted),
    read(process::FACTS, process::collect),
    read(process::HIDDEN_FACTS, process::hidden),
    read(running::FACTS, running::collect),
    read(units::FACTS, units::collect),
    read(jobs::FACTS, jobs::collect),
    read(startup::FACTS, startup::collect),
    read(logging::FACTS, logging::collect),
    read(logging::AUDIT_FACTS, logging::audit),
    read(timesync::FACTS, timesync::collect),
    read(mounts::FACTS, mounts::collect),
    read(firewall::FACTS, firewall::collect),
    read(shares::FACTS, shares::collect),
    read(database::FACTS, database::collect),
    read(backup::FACTS, backup::collect),
    read(hardware::FACTS, hardware::collect),
    read(usb::FACTS, usb::collect),
    read(usb::EVENT_FACTS, usb::events),
    read(persistence::FACTS, persistence::collect),
    read(persistence::DUMP_FACTS, persistence::dumps),
    read(containers::FACTS, containers::collect),
    read(web::FACTS, web::collect),
    // After the web servers: it looks into the folders that they serve.
    read(geo::FACTS, geo::collect),
    read(ftp::FACTS, ftp::collect),
    read(desktops::FACTS, desktops::collect),
    read(integrity::FACTS, integrity::collect),
    Row { facts: yara::FACTS, run: yara::collect, hand: Hand::Scan },
];

/// Runs one collector and closes its facts.
pub(crate) fn run_row(row: &Row, mut out: Out<'_>, stop: &Stop, progress: &dyn Progress) {
    if !out.host.live {
        for id in row.facts.iter().filter(|id| fact::find(id).is_some_and(|d| d.live_only)) {
            out.gap(id, GapReason::NotLive, None);
        }
    }
    if stop.requested() {
        row.facts.iter().for_each(|id| out.gap(id, GapReason::Stopped, None));
    } else if !out.closed() {
        (row.run)(&mut out, stop);
    }
    out.close();
    progress.advance(row.facts.len() as u64, 0);
}

/// Where web servers of distributions and usual bundles serve pages from, beside the folders of their configuration.
pub(crate) const WEB_FOLDERS: [&str; 8] = [
    "/var/www",
    "/srv/www",
    "/srv/http",
    "/usr/share/nginx/html",
    "/usr/local/nginx/html",
    "/var/lib/tomcat9/webapps",
    "/var/lib/tomcat10/webapps",
    "/opt/lampp/htdocs",
];

/// Folders of programs, in the order of a usual search path.
pub(crate) const PROGRAM_FOLDERS: [&str; 7] =
    ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/bin", "/sbin", "/snap/bin"];
/// Folders of unit files, the administrator's first.
pub(crate) const UNIT_FOLDERS: [&str; 5] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];

/// The program `name` in one of the usual folders.
pub(crate) fn program(look: &mut Look<'_>, name: &str) -> Option<std::path::PathBuf> {
    if name.starts_with('/') {
        return look.stat(name).map(|_| name.into());
    }
    PROGRAM_FOLDERS.iter().map(|dir| Path::new(dir).join(name)).find(|p| look.stat(p).is_some())
}
/// A path as a place.
pub(crate) fn at(path: &str) -> Place {
    place(Path::new(path))
}
/// Adds a field to a row.
pub(crate) fn with(row: &mut FactValue, name: &str, value: Option<impl Into<FactValue>>) {
    if let (FactValue::Row(fields), Some(value)) = (row, value) {
        fields.insert(name.to_owned(), value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_fact_of_the_dictionary_has_a_collector_and_at_most_one_a_table() {
        let dictionary: BTreeSet<&str> = fact::DICTIONARY.iter().map(|d| d.id).collect();
        let linux: Vec<&str> = TABLE.iter().flat_map(|r| r.facts.iter().copied()).collect();
        let windows: Vec<&str> = crate::windows::TABLE.iter().flat_map(|r| r.facts.iter().copied()).collect();
        for table in [&linux, &windows] {
            let once: BTreeSet<&str> = table.iter().copied().collect();
            assert_eq!(once.len(), table.len(), "no fact has two collectors");
        }
        let told = fact::OF_ADVISE.into_iter().chain(fact::OF_STAFF).chain(fact::OF_FLOWS);
        let told = told.chain(crate::capture::FACTS.iter().copied());
        assert_eq!(linux.into_iter().chain(windows).chain(told).collect::<BTreeSet<_>>(), dictionary);
    }
}
