//! Pure parsers: text or bytes in, values out. No file is opened here, so each can be tested and fuzzed alone.
//!
//! All of them are total: foreign bytes give fewer rows, never a panic. Line numbers count from 1.

mod accounts;
pub(crate) mod bytes;
mod capabilities;
mod cgroup;
mod database;
mod jobs;
mod keys;
mod libraries;
mod logs;
mod manifests;
mod maps;
mod net;
mod os;
mod packages;
mod rpm;
mod scrub;
mod servers;
mod shares;
mod smbios;
mod sshd;
mod sudo;
mod udev;
mod usb;
mod web;
mod words;

pub use accounts::{
    Group, PamRule, Passwd, Shadow, group, lastlog_time, login_defs, pam_rules, passwd, password_scheme,
    password_state, shadow, wtmp,
};
pub use capabilities::file_capabilities;
pub use cgroup::container;
pub use database::{dash_options, hba_trust, my_cnf, pg_conf, space_conf, yaml_keys};
pub use jobs::{CronJob, UnitLine, anacrontab, crontab, desktop_exec, exec_words, ini};
pub use keys::{AuthorizedKey, PrivateKey, authorized_keys, private_key};
pub use libraries::{
    Library, Member, ReadAt, SECTIONS_MAX, cargo_lock, composer_lock, deps_json, gem_lock, gemspec_name, go_mod,
    go_sum, gradle_lock, in_memory, jar_libraries, node_package, npm_lock, nuget_lock, pipfile_lock, pnpm_lock,
    program_libraries, python_metadata, python_toml_lock, requirements, yarn_lock, zip_content, zip_members,
};
pub use logs::{Rotation, duration_days, log_time, logrotate, remote_syslog};
pub use manifests::{
    ApkFile, Conffile, Sum, SumKind, apk_files, conffiles, diversions, md5sums, pacman_backup, pacman_mtree, path_rules,
};
pub use maps::{mapped_programs, named_scripts};
pub use net::{Socket, SocketState, decode_address, proc_net};
pub use os::{os_release, proc_modules, shell_assignments, sysctl, tainting};
pub use packages::{Installed, apk_installed, apt_conf, dpkg_depends, dpkg_list, dpkg_status, pacman_desc};
pub use rpm::{PACKAGES_MAX, RpmFile, RpmPackage, RpmStore, rpm_header, rpm_packages};
pub use scrub::{printable, scrub, strip_userinfo, told_text};
pub use servers::{Server, own_server, servers};
pub use shares::{Export, SmbSection, exports, smb_conf};
pub use smbios::{Structure, smbios, told};
pub use sshd::{SshdLine, sshd_lines};
pub use sudo::{SudoLine, sudoers};
pub use udev::{at_command, at_time, modprobe_installs, udev_programs};
pub use usb::{UsbSeen, syslog_time, usb_events};
pub use web::{Directive, Element, apache, braces, lighttpd, old_tls, xml_elements, xml_plain};
pub use words::{MountRow, glob, is_yes, lines, mount_table, octal, settings, split_words, unescape_octal};
