//! What stands in the registry of the Windows hosts of the tests: one with a condition planted for nearly every fact,
//! and its clean twin. Written as answers of a bundle and as hives of a disk from the same values.

use std::collections::BTreeMap;

pub(crate) const USER: &str = "S-1-5-21-1-2-3-1001";
const CCS: &str = "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\";
const SW: &str = "HKEY_LOCAL_MACHINE\\SOFTWARE\\";

/// Values of a registry by key and name, in the form of `reg query`: type and text.
pub(crate) type Values = BTreeMap<(String, String), (&'static str, String)>;

pub(crate) fn put(v: &mut Values, key: &str, name: &str, ty: &'static str, text: &str) {
    v.insert((key.to_owned(), name.to_owned()), (ty, text.to_owned()));
}

/// What both hosts have.
pub(crate) fn base() -> Values {
    let mut v = Values::new();
    let nt = format!("{SW}Microsoft\\Windows NT\\CurrentVersion");
    for (name, ty, text) in [
        ("ProductName", "REG_SZ", "Windows 10 Pro"),
        ("CurrentVersion", "REG_SZ", "6.3"),
        ("CurrentBuild", "REG_SZ", "19045"),
        ("CurrentBuildNumber", "REG_SZ", "19045"),
        ("CurrentMajorVersionNumber", "REG_DWORD", "0xa"),
        ("CurrentMinorVersionNumber", "REG_DWORD", "0x0"),
        ("UBR", "REG_DWORD", "0xedb"),
        ("DisplayVersion", "REG_SZ", "22H2"),
        ("EditionID", "REG_SZ", "Professional"),
        ("InstallationType", "REG_SZ", "Client"),
    ] {
        put(&mut v, &nt, name, ty, text);
    }
    put(
        &mut v,
        &format!("{SW}Microsoft\\Cryptography"),
        "MachineGuid",
        "REG_SZ",
        "00000000-1111-2222-3333-444444444444",
    );
    put(&mut v, &format!("{CCS}Services\\Tcpip\\Parameters"), "Hostname", "REG_SZ", "PLANT-7");
    put(&mut v, &format!("{nt}\\Winlogon"), "Shell", "REG_SZ", "explorer.exe");
    put(&mut v, &format!("{nt}\\Winlogon"), "Userinit", "REG_SZ", "C:\\Windows\\system32\\userinit.exe,");
    for (service, start, kind, path) in [
        ("MpsSvc", "0x2", "0x20", "%SystemRoot%\\system32\\svchost.exe -k LocalServiceNoNetwork -p"),
        ("WinDefend", "0x2", "0x10", "\"C:\\ProgramData\\Microsoft\\Windows Defender\\MsMpEng.exe\""),
        ("wuauserv", "0x3", "0x20", "%systemroot%\\system32\\svchost.exe -k netsvcs -p"),
        ("W32Time", "0x3", "0x20", "%SystemRoot%\\system32\\svchost.exe -k LocalService"),
        ("RemoteRegistry", "0x4", "0x20", "%SystemRoot%\\system32\\svchost.exe -k localService -p"),
        ("WinRM", "0x3", "0x20", "%SystemRoot%\\System32\\svchost.exe -k NetworkService -p"),
        ("disk", "0x0", "0x1", "System32\\drivers\\disk.sys"),
    ] {
        let key = format!("{CCS}Services\\{service}");
        put(&mut v, &key, "Start", "REG_DWORD", start);
        put(&mut v, &key, "Type", "REG_DWORD", kind);
        put(&mut v, &key, "ImagePath", "REG_EXPAND_SZ", path);
    }
    for (sid, path) in [(USER, "C:\\Users\\安"), ("S-1-5-18", "%systemroot%\\system32\\config\\systemprofile")] {
        put(&mut v, &format!("{nt}\\ProfileList\\{sid}"), "ProfileImagePath", "REG_EXPAND_SZ", path);
    }
    put(&mut v, &format!("{CCS}Services\\W32Time\\Parameters"), "Type", "REG_SZ", "NTP");
    for profile in ["DomainProfile", "StandardProfile", "PublicProfile"] {
        let key = format!("{CCS}Services\\SharedAccess\\Parameters\\FirewallPolicy\\{profile}");
        put(&mut v, &key, "EnableFirewall", "REG_DWORD", "0x1");
    }
    put(&mut v, &format!("{CCS}Services\\EventLog\\Security"), "MaxSize", "REG_DWORD", "0x8000000");
    let package = format!(
        "{SW}Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages\\Package_for_KB5031356~31bf3856ad364e35~amd64~~19041.1.2"
    );
    // 0x01d9fbfb_00000000 steps of 100 ns since 1601: 2023-10-11T04:25:43.950Z, by Python's datetime.
    for (name, value) in [("CurrentState", "0x70"), ("InstallTimeHigh", "0x1d9fbfb"), ("InstallTimeLow", "0x0")] {
        put(&mut v, &package, name, "REG_DWORD", value);
    }
    v
}

/// A safe host.
pub(crate) fn clean() -> Values {
    let mut v = base();
    put(&mut v, &format!("{CCS}Services\\USBSTOR"), "Start", "REG_DWORD", "0x4");
    put(&mut v, &format!("{CCS}Services\\LanmanServer\\Parameters"), "RequireSecuritySignature", "REG_DWORD", "0x1");
    put(&mut v, &format!("{CCS}Control\\Lsa"), "RunAsPPL", "REG_DWORD", "0x1");
    put(&mut v, &format!("{SW}Policies\\Microsoft\\Windows NT\\DNSClient"), "EnableMulticast", "REG_DWORD", "0x0");
    v
}

/// A host with everything that a plan could ask about.
pub(crate) fn planted() -> Values {
    let mut v = base();
    let nt = format!("{SW}Microsoft\\Windows NT\\CurrentVersion");
    let run = format!("{SW}Microsoft\\Windows\\CurrentVersion\\Run");
    for (key, name, ty, text) in [
        (format!("{nt}\\Winlogon"), "AutoAdminLogon", "REG_SZ", "1"),
        (format!("{nt}\\Winlogon"), "Shell", "REG_SZ", "explorer.exe, C:\\Users\\Public\\a.exe"),
        (format!("{nt}\\Windows"), "AppInit_DLLs", "REG_SZ", "C:\\x\\hook.dll"),
        (format!("{nt}\\Image File Execution Options\\sethc.exe"), "Debugger", "REG_SZ", "cmd.exe"),
        (run.clone(), "ToDesk", "REG_SZ", "\"C:\\Program Files\\ToDesk\\ToDesk.exe\" -autostart --password=S3cret"),
        (
            format!("HKEY_USERS\\{USER}\\Software\\Microsoft\\Windows\\CurrentVersion\\Run"),
            "更新",
            "REG_SZ",
            "C:\\Users\\ann\\u.exe",
        ),
        (format!("{CCS}Control\\Lsa"), "LmCompatibilityLevel", "REG_DWORD", "0x1"),
        (format!("{CCS}Control\\Lsa"), "Security Packages", "REG_MULTI_SZ", "kerberos\\0mimilib"),
        (format!("{CCS}Control\\Lsa"), "NoLMHash", "REG_DWORD", "0x0"),
        (format!("{CCS}Control\\Lsa"), "LimitBlankPasswordUse", "REG_DWORD", "0x0"),
        (format!("{CCS}Control\\SecurityProviders\\WDigest"), "UseLogonCredential", "REG_DWORD", "0x1"),
        (format!("{CCS}Control\\Terminal Server"), "fDenyTSConnections", "REG_DWORD", "0x0"),
        (format!("{CCS}Control\\Terminal Server\\WinStations\\RDP-Tcp"), "PortNumber", "REG_DWORD", "0xd3d"),
        (format!("{CCS}Services\\LanmanServer\\Parameters"), "SMB1", "REG_DWORD", "0x1"),
        (format!("{CCS}Services\\LanmanServer\\Parameters"), "NullSessionShares", "REG_MULTI_SZ", "plc"),
        (format!("{CCS}Services\\srv"), "Start", "REG_DWORD", "0x3"),
        (
            format!("{CCS}Services\\SharedAccess\\Parameters\\FirewallPolicy\\PublicProfile"),
            "EnableFirewall",
            "REG_DWORD",
            "0x0",
        ),
        (format!("{CCS}Services\\RemoteRegistry"), "Start", "REG_DWORD", "0x2"),
        (format!("{SW}Microsoft\\Windows\\CurrentVersion\\Policies\\System"), "EnableLUA", "REG_DWORD", "0x0"),
        (format!("{SW}Policies\\Microsoft\\Windows Defender"), "DisableAntiSpyware", "REG_DWORD", "0x1"),
        (format!("{SW}Microsoft\\Windows Defender\\Exclusions\\Paths"), "C:\\SCADA", "REG_DWORD", "0x0"),
        (format!("{SW}Policies\\Microsoft\\Windows\\WindowsUpdate\\AU"), "NoAutoUpdate", "REG_DWORD", "0x1"),
        (format!("{SW}Microsoft\\Windows\\CurrentVersion\\Uninstall\\ToDesk"), "DisplayName", "REG_SZ", "ToDesk"),
        (format!("{SW}Microsoft\\Windows\\CurrentVersion\\Uninstall\\ToDesk"), "DisplayVersion", "REG_SZ", "4.7.2"),
        (
            format!("{SW}WOW6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\Oray SunLogin"),
            "DisplayName",
            "REG_SZ",
            "向日葵远程控制",
        ),
        (format!("{CCS}Services\\Hist Svc"), "Type", "REG_DWORD", "0x10"),
        (format!("{CCS}Services\\Hist Svc"), "Start", "REG_DWORD", "0x2"),
        (
            format!("{CCS}Services\\Hist Svc"),
            "ImagePath",
            "REG_EXPAND_SZ",
            "C:\\Program Files\\Hist Data\\h.exe -p S3cret",
        ),
        (format!("{CCS}Services\\Hist Svc"), "ObjectName", "REG_SZ", ".\\ann"),
        (
            format!("{CCS}Enum\\USBSTOR\\Disk&Ven_Kingston&Prod_DT\\AA00112233&0"),
            "FriendlyName",
            "REG_SZ",
            "Kingston DT USB Device",
        ),
        (
            format!("HKEY_USERS\\{USER}\\Software\\Policies\\Microsoft\\Office\\16.0\\Excel\\Security"),
            "VBAWarnings",
            "REG_DWORD",
            "0x1",
        ),
    ] {
        put(&mut v, &key, name, ty, text);
    }
    put(
        &mut v,
        &format!("{CCS}Services\\LanmanServer\\Shares"),
        "plc",
        "REG_MULTI_SZ",
        "CSCFlags=0\\0MaxUses=4294967295\\0Path=D:\\plc 数据\\0Permissions=0\\0Remark=\\0ShareName=plc\\0Type=0",
    );
    // Everyone, full control: revision, flags, list at 20; one entry of 20 bytes ([MS-DTYP] 2.4.5, 2.4.6).
    let sd = "01000480000000000000000000000000140000000200 1C000100000000001400FF011F00010100000000000100000000"
        .replace(' ', "");
    put(&mut v, &format!("{CCS}Services\\LanmanServer\\Shares\\Security"), "plc", "REG_BINARY", &sd);
    v
}
