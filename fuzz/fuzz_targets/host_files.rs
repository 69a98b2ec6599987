#![no_main]
//! Every parser of the host sensor, on the same foreign bytes.
use inspect::parse::*;
use std::collections::BTreeMap;
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = (wtmp(data), lastlog_time(data), private_key(data), dpkg_list(data).count());
    let text = &*String::from_utf8_lossy(data);
    let _ = (passwd(text), shadow(text), group(text), pam_rules(text), login_defs(text, "UMASK"));
    let _ = (pg_conf(text), hba_trust(text), my_cnf(text), space_conf(text), yaml_keys(text), dash_options(text));
    let _ = (crontab(text, true), crontab(text, false), anacrontab(text), ini(text), exec_words(text));
    let _ = (desktop_exec(text), authorized_keys(text), logrotate(text), duration_days(text), remote_syslog(text));
    let _ = (proc_net(text), decode_address(text), os_release(text), sysctl(text), proc_modules(text));
    let _ = (mapped_programs(data), named_scripts(data));
    let _ = (dpkg_status(text), apk_installed(text), apt_conf(text), exports(text), smb_conf(text));
    let _ = (udev_programs(text), modprobe_installs(text), at_time(text), at_command(text), container(text));
    let _ = (braces(text, false), braces(text, true), apache(text), lighttpd(text), xml_elements(&xml_plain(text), "a"));
    let (structures, _) = smbios(data);
    structures.iter().for_each(|s| (0..=255).for_each(|o| drop(s.text(o).map(|t| t.len()))));
    let _ = (servers(text), servers(&told_text(data)), own_server(text), dpkg_depends(text), told(text));
    usb_events(text, evidence::Time::from_secs(1_795_000_000), &mut BTreeMap::new());
    let _ = (sshd_lines(text), sudoers(text, &mut BTreeMap::new()), scrub(text), mount_table(text));
});
