//! Facts that are one value of the registry: where it stands, what holds where it is not set, how it reads.
//!
//! A value set by policy stands first and wins, as Windows has it.

use super::World;
use super::system::Version;
use super::view::Root::{self, Software, System};
use crate::out::Out;
use evidence::FactValue;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &[
    "windows.anonymous",
    "windows.autologon",
    "windows.autoplay",
    "windows.blank_password_network",
    "windows.credential_guard",
    "windows.llmnr",
    "windows.lm_hash",
    "windows.lock_seconds",
    "windows.lsa_protection",
    "windows.ntlm_level",
    "windows.rdp_enabled",
    "windows.rdp_nla",
    "windows.rdp_port",
    "windows.remote_registry",
    "windows.restore_disabled",
    "windows.script_block_logging",
    "windows.smb_signing_required",
    "windows.uac_enabled",
    "windows.wdigest_plain",
];

const LSA: &str = "Control\\Lsa";
const WINLOGON: &str = "Microsoft\\Windows NT\\CurrentVersion\\Winlogon";
const TERMINAL_POLICY: &str = "Policies\\Microsoft\\Windows NT\\Terminal Services";
const TERMINAL: &str = "Control\\Terminal Server";
const RDP: &str = "Control\\Terminal Server\\WinStations\\RDP-Tcp";

struct Setting {
    fact: &'static str,
    at: &'static [(Root, &'static str, &'static str)],
    /// What holds if nothing is set, by version.
    default: fn(Version) -> i64,
    read: fn(i64) -> FactValue,
}

fn on(v: i64) -> FactValue {
    (v != 0).into()
}
fn off(v: i64) -> FactValue {
    (v == 0).into()
}
fn number(v: i64) -> FactValue {
    v.into()
}
/// Start types of services: 0 boot, 1 system, 2 automatic, 3 on demand, 4 disabled.
fn starts(v: i64) -> FactValue {
    (v <= 2).into()
}

const SETTINGS: &[Setting] = &[
    Setting { fact: "windows.anonymous", at: &[(System, LSA, "RestrictAnonymous")], default: |_| 0, read: number },
    Setting { fact: "windows.autologon", at: &[(Software, WINLOGON, "AutoAdminLogon")], default: |_| 0, read: on },
    // Bit 2 stands for removable drives; 0x91 is what Windows takes where nothing is set.
    Setting {
        fact: "windows.autoplay",
        at: &[(Software, "Microsoft\\Windows\\CurrentVersion\\Policies\\Explorer", "NoDriveTypeAutoRun")],
        default: |_| 0x91,
        read: |v| (v & 4 == 0).into(),
    },
    Setting {
        fact: "windows.blank_password_network",
        at: &[(System, LSA, "LimitBlankPasswordUse")],
        default: |_| 1,
        read: off,
    },
    Setting {
        fact: "windows.credential_guard",
        at: &[(Software, "Policies\\Microsoft\\Windows\\DeviceGuard", "LsaCfgFlags"), (System, LSA, "LsaCfgFlags")],
        default: |_| 0,
        read: on,
    },
    Setting {
        fact: "windows.llmnr",
        at: &[(Software, "Policies\\Microsoft\\Windows NT\\DNSClient", "EnableMulticast")],
        default: |_| 1,
        read: on,
    },
    Setting { fact: "windows.lm_hash", at: &[(System, LSA, "NoLMHash")], default: |_| 1, read: off },
    Setting {
        fact: "windows.lock_seconds",
        at: &[(Software, "Microsoft\\Windows\\CurrentVersion\\Policies\\System", "InactivityTimeoutSecs")],
        default: |_| 0,
        read: number,
    },
    Setting { fact: "windows.lsa_protection", at: &[(System, LSA, "RunAsPPL")], default: |_| 0, read: on },
    Setting { fact: "windows.ntlm_level", at: &[(System, LSA, "LmCompatibilityLevel")], default: |_| 3, read: number },
    Setting {
        fact: "windows.rdp_enabled",
        at: &[(Software, TERMINAL_POLICY, "fDenyTSConnections"), (System, TERMINAL, "fDenyTSConnections")],
        default: |_| 1,
        read: off,
    },
    Setting {
        fact: "windows.rdp_nla",
        at: &[(Software, TERMINAL_POLICY, "UserAuthentication"), (System, RDP, "UserAuthentication")],
        default: |_| 0,
        read: on,
    },
    Setting { fact: "windows.rdp_port", at: &[(System, RDP, "PortNumber")], default: |_| 3389, read: number },
    Setting {
        fact: "windows.remote_registry",
        at: &[(System, "Services\\RemoteRegistry", "Start")],
        default: |_| 4,
        read: starts,
    },
    Setting {
        fact: "windows.restore_disabled",
        at: &[
            (Software, "Policies\\Microsoft\\Windows NT\\SystemRestore", "DisableSR"),
            (Software, "Microsoft\\Windows NT\\CurrentVersion\\SystemRestore", "DisableSR"),
        ],
        default: |_| 0,
        read: on,
    },
    Setting {
        fact: "windows.script_block_logging",
        at: &[(Software, "Policies\\Microsoft\\Windows\\PowerShell\\ScriptBlockLogging", "EnableScriptBlockLogging")],
        default: |_| 0,
        read: on,
    },
    Setting {
        fact: "windows.smb_signing_required",
        at: &[(System, "Services\\LanmanServer\\Parameters", "RequireSecuritySignature")],
        default: |_| 0,
        read: on,
    },
    Setting {
        fact: "windows.uac_enabled",
        at: &[(Software, "Microsoft\\Windows\\CurrentVersion\\Policies\\System", "EnableLUA")],
        default: |_| 1,
        read: on,
    },
    // Windows 8.1 was the first not to keep the password in memory unless told to.
    Setting {
        fact: "windows.wdigest_plain",
        at: &[(System, "Control\\SecurityProviders\\WDigest", "UseLogonCredential")],
        default: |v| i64::from((v.major, v.minor) < (6, 3)),
        read: on,
    },
];

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, world: &World) {
    for setting in SETTINGS {
        let mut q = world.ask();
        if let Some(seen) = q.first(setting.at) {
            match (seen.int(), seen.data.is_some(), world.version) {
                (Some(v), _, _) => out.fact(setting.fact, (setting.read)(v), seen.at),
                // A value of a type that Windows would not take.
                (None, true, _) => out.gap(setting.fact, evidence::GapReason::Corrupt, Some(seen.at)),
                (None, false, Some(version)) => {
                    out.fact(setting.fact, (setting.read)((setting.default)(version)), seen.at);
                }
                (None, false, None) => out.gap(setting.fact, evidence::GapReason::Missing, Some(seen.at)),
            }
        }
        q.settle(out, &[setting.fact]);
    }
}
