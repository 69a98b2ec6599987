//! The extended attribute `security.capability`.
//!
//! `struct vfs_cap_data` of `linux/capability.h`: a word with the revision in its highest byte, then permitted and
//! inheritable sets, low halves first; revision 3 ends with the user whose namespace it is for. Numbers have the
//! lowest byte first on every machine.

use super::bytes::Order::Little;

/// Names of capabilities(7) by their numbers.
const NAMES: [&str; 41] = [
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
];

/// Names (`cap_net_raw`) of all permitted or inheritable capabilities in the order of their numbers; one that has no
/// name yet is its number. Nothing if the value has no known revision.
#[must_use]
pub fn file_capabilities(value: &[u8]) -> Option<Vec<String>> {
    let words = match Little.u32(value, 0)? >> 24 {
        1 => 1,
        2 | 3 => 2,
        _ => return None,
    };
    let mut set = 0u64;
    for word in 0..words {
        for half in 0..2 {
            set |= u64::from(Little.u32(value, 4 + 8 * word + 4 * half)?) << (32 * word);
        }
    }
    let name = |n: usize| NAMES.get(n).map_or_else(|| n.to_string(), |name| format!("cap_{name}"));
    Some((0..64).filter(|n| set >> n & 1 == 1).map(name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_that_setcap_writes() {
        // `setcap cap_net_raw+ep ping; getfattr -e hex -n security.capability ping` on Debian 12.
        let ping = [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(file_capabilities(&ping), Some(vec!["cap_net_raw".to_owned()]));
        let bpf = [0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(file_capabilities(&bpf), Some(vec!["cap_bpf".to_owned()]));
        assert_eq!(file_capabilities(&ping[..12]), None);
        assert_eq!(file_capabilities(&[0, 0, 0, 9]), None);
        assert_eq!(file_capabilities(&[]), None);
    }
}
