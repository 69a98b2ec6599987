#![no_main]
//! Every parser of the host sensor, on the same foreign bytes.
use inspect::parse;
use std::collections::BTreeMap;
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = parse::accounts::wtmp(data);
    let _ = parse::accounts::lastlog_time(data);
    let _ = parse::keys::private_key(data);
    let _ = parse::packages::dpkg_list(data).count();
    let text = &*String::from_utf8_lossy(data);
    let _ = (parse::accounts::passwd(text), parse::accounts::shadow(text), parse::accounts::group(text));
    let _ = (parse::accounts::pam_rules(text), parse::accounts::login_defs(text, "UMASK"));
    let _ = (parse::database::pg_conf(text), parse::database::hba_trust(text), parse::database::my_cnf(text));
    let _ = (parse::database::space_conf(text), parse::database::yaml_keys(text), parse::database::dash_options(text));
    let _ = (parse::jobs::crontab(text, true), parse::jobs::crontab(text, false), parse::jobs::anacrontab(text));
    let _ = (parse::jobs::ini(text), parse::jobs::exec_words(text), parse::jobs::desktop_exec(text));
    let _ = parse::keys::authorized_keys(text);
    let _ = (parse::logs::logrotate(text), parse::logs::duration_days(text), parse::logs::remote_syslog(text));
    let _ = (parse::net::proc_net(text), parse::net::decode_address(text));
    let _ = (parse::os::os_release(text), parse::os::sysctl(text), parse::os::proc_modules(text));
    let _ = (parse::packages::dpkg_status(text), parse::packages::apk_installed(text), parse::packages::apt_conf(text));
    let _ = (parse::shares::exports(text), parse::shares::smb_conf(text), parse::sshd::sshd_lines(text));
    let _ = parse::sudo::sudoers(text, &mut BTreeMap::new());
    let _ = (parse::scrub::scrub(text), parse::words::split_words(text), parse::words::mount_table(text));
});
