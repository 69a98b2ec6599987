//! A mounted Windows disk made of hives written by the tests, holding the same conditions as the bundles.

use crate::hive_writer::{Node, checksum, hive, log, raw, sixteen};
use crate::windows_plants::{USER, Values, clean, planted};
use crate::{Said, Tree};
use evidence::{FactValue, GapReason};

const CONFIG: &str = "Windows/System32/config";
/// 2026-11-01T00:00:00Z in 100-nanosecond steps since 1601.
const NOVEMBER: u64 = 134_379_648_000_000_000;

fn account(flags: u32, last: u64) -> Vec<u8> {
    let mut f = vec![0; 80];
    f[8..16].copy_from_slice(&last.to_le_bytes());
    f[24..32].copy_from_slice(&NOVEMBER.to_le_bytes());
    f[56..60].copy_from_slice(&flags.to_le_bytes());
    f
}
fn sid(parts: &[u32]) -> Vec<u8> {
    let mut out = vec![1, u8::try_from(parts.len()).unwrap(), 0, 0, 0, 0, 0, 5];
    out.extend(parts.iter().flat_map(|p| p.to_le_bytes()));
    out
}
/// SAM with the administrator switched on, a guest, and 安, a member of the administrators, whose hash stands in V.
pub(crate) fn sam() -> Node {
    let mut n = Node::default();
    let users = "SAM\\Domains\\Account\\Users";
    for (name, rid, flags, last) in
        [("Administrator", 500, 0x210, 0), ("Guest", 501, 0x215, 0), ("安", 1001, 0x14, NOVEMBER)]
    {
        n.set(&format!("{users}\\Names\\{name}"), "", rid, []);
        n.set(&format!("{users}\\{rid:08X}"), "F", 3, account(flags, last));
        n.set(&format!("{users}\\{rid:08X}"), "V", 3, b"S3cretHashBytes-S3cretHashBytes".to_vec());
    }
    let mut f = vec![0; 240];
    // 42 days as a negative number of steps.
    f[0x18..0x20].copy_from_slice(&(-42_i64 * 864_000_000_000).to_le_bytes());
    f[0x4c] = 1;
    f[0x50] = 8;
    f[0x54] = 5;
    n.set("SAM\\Domains\\Account", "F", 3, f);
    let members = [sid(&[21, 1, 2, 3, 500]), sid(&[21, 1, 2, 3, 1001]), sid(&[21, 9, 9, 9, 512])].concat();
    let mut c = vec![0; 0x34];
    c[0x2c..0x30].copy_from_slice(&u32::try_from(members.len()).unwrap().to_le_bytes());
    c[0x30] = 3;
    c.extend(members);
    n.set("SAM\\Domains\\Builtin\\Aliases\\00000220", "C", 3, c);
    n
}

/// Hives of the values: SYSTEM, SOFTWARE, the user's.
pub(crate) fn hives(values: &Values) -> [Node; 3] {
    let mut all = [Node::default(), Node::default(), Node::default()];
    for ((key, name), (ty, text)) in values {
        let user = format!("HKEY_USERS\\{USER}\\");
        let (n, path) = if let Some(rest) = key.strip_prefix("HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\") {
            (0, format!("ControlSet002\\{rest}"))
        } else if let Some(rest) = key.strip_prefix("HKEY_LOCAL_MACHINE\\SOFTWARE\\") {
            (1, rest.to_owned())
        } else {
            (2, key.strip_prefix(&user).unwrap().to_owned())
        };
        let (kind, bytes) = raw(ty, text);
        all[n].set(&path, name, kind, bytes);
    }
    all[0].set("Select", "Current", 4, 2_u32.to_le_bytes());
    // A control set that is not in use must not be read.
    all[0].set("ControlSet001\\Services\\Tcpip\\Parameters", "Hostname", 1, sixteen("WRONG"));
    all
}
fn times(system: &mut Node) {
    let key = "ControlSet002\\Enum\\USBSTOR\\Disk&Ven_Kingston&Prod_DT\\AA00112233&0\\Properties\\{83da6326-97a6-4088-9453-a1923f573b29}\\0064";
    system.set(key, "", 0xffff_0010, NOVEMBER.to_le_bytes());
}

pub(crate) fn disk(values: &Values) -> Tree {
    let t = Tree::new();
    let [mut system, software, user] = hives(values);
    if values.keys().any(|(key, _)| key.contains("USBSTOR\\Disk")) {
        times(&mut system);
    }
    // Names on the disk are spelled as Windows feels like.
    t.file("Windows/System32/config/SYSTEM", hive(&system));
    t.file("Windows/System32/config/software", hive(&software));
    t.file("Windows/System32/config/Sam", hive(&sam()));
    t.file("Windows/System32/config/SECURITY", "S3cret");
    t.file("Users/安/ntuser.dat", hive(&user));
    t.file("Users/Public/NTUSER.DAT", "no hive, nobody's");
    t.file("Windows/System32/Tasks/备份/夜", {
        let text = "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\"><Settings><Hidden>true</Hidden></Settings><Actions><Exec><Command>C:\\t\\b.cmd</Command><Arguments>S3cret</Arguments></Exec></Actions></Task>";
        text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()
    });
    let mut log = b"ElfFile\0".to_vec();
    log.resize(4096, 0);
    log.extend(b"ElfChnk\0");
    log.resize(4096 + 512, 0);
    log.extend([0x2a, 0x2a, 0, 0, 24, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    log.extend(NOVEMBER.to_le_bytes());
    log.resize(4096 + 65_536, 0);
    for name in ["Application", "Security", "System"] {
        t.file(&format!("Windows/System32/winevt/Logs/{name}.evtx"), &log);
    }
    t.file("ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp/ssh.lnk", "");
    t.file("Program Files/RustDesk/RustDesk.exe", "");
    t.file("工具/Ngrok.EXE", "");
    t.file("Windows/WinSxS/x/frpc.exe", "");
    t
}

#[test]
fn a_disk_says_what_its_bundle_says() {
    let t = disk(&planted());
    let s = Said::root(&t.0);
    let bundle = Tree::new();
    crate::windows_bundle::write(&bundle, &crate::windows_bundle::bundle(&planted(), true));
    let b = crate::windows_bundle::said(&bundle);
    // The same values, asked through hives and through answers.
    for fact in [
        "host.name",
        "os.id",
        "os.name",
        "os.version",
        "os.support_end",
        "windows.patch_level",
        "windows.hotfix",
        "windows.last_update",
        "windows.autologon",
        "windows.ntlm_level",
        "windows.wdigest_plain",
        "windows.rdp_enabled",
        "windows.rdp_port",
        "windows.smb1_enabled",
        "windows.null_session",
        "windows.uac_enabled",
        "windows.lm_hash",
        "windows.firewall",
        "firewall.enabled",
        "share.smb",
        "package",
        "package.count",
        "windows.service",
        "windows.defender_enabled",
        "windows.defender_exclusion",
        "update.automatic",
        "usb.storage_blocked",
        "time.sync",
        "windows.remote_registry",
        "windows.winrm_enabled",
        "windows.builtin_admin_enabled",
        "windows.guest_enabled",
        "password.max_days",
    ] {
        let values = |s: &Said| s.rows(fact).into_iter().map(|(v, _)| v.clone()).collect::<Vec<FactValue>>();
        assert!(!values(&s).is_empty(), "{fact}: {:?}", s.gap(fact));
        assert_eq!(values(&s), values(&b), "{fact}");
    }
    let row = |fact: &str, field: &str, value: &str| {
        s.row(fact, field, value)
            .unwrap_or_else(|| panic!("{fact} {field}={value}: {:?} {:?}", s.rows(fact), s.gap(fact)))
    };
    let at = s.one("windows.autologon").unwrap().1;
    assert_eq!(at, "/Windows/System32/config/software!Microsoft/Windows NT/CurrentVersion/Winlogon!AutoAdminLogon");
    assert!(row("account", "name", "安").0.contains("login=true"));
    assert!(row("windows.account", "name", "安").0.contains("password_required=false"));
    assert!(row("account.last_login", "name", "安").0.contains("2026-11-01T00:00:00"));
    row("group.privileged", "member", "安");
    row("group.privileged", "member", "S-1-5-21-9-9-9-512");
    assert_eq!(s.one("password.min_length").unwrap().0, "8");
    assert_eq!(s.one("windows.lockout_threshold").unwrap().0, "5");
    assert_eq!(s.one("windows.password_complexity").unwrap().0, "true");
    assert!(row("windows.usb_device", "device", "Kingston DT USB Device").0.contains("first=2026-11-01T00:00:00"));
    assert!(row("windows.autorun", "entry", "Run 更新").0.contains("user=安"));
    row("windows.autorun", "entry", "Startup folder ssh.lnk");
    let task = row("windows.task", "path", "\\备份\\夜");
    assert!(task.0.contains("hidden=true") && task.0.contains("C:\\t\\b.cmd ***"), "{task:?}");
    assert!(row("windows.log", "name", "security").0.contains("oldest=2026-11-01"));
    assert_eq!(s.one("log.oldest").unwrap().0, "2026-11-01T00:00:00.000Z");
    assert!(row("remote.tool", "name", "RustDesk").0.contains("how=binary"));
    assert_eq!(row("remote.tool", "name", "ngrok").1, "/工具/Ngrok.EXE");
    assert!(s.row("remote.tool", "name", "frp (client)").is_none(), "Windows' own store is left out");
    row("windows.macro_policy", "user", "安");
    for (fact, reason) in [
        ("listen", GapReason::NotLive),
        ("disk.encrypted", GapReason::NotLive),
        ("windows.shadow_copies", GapReason::NotLive),
        ("windows.audit", GapReason::Unsupported),
        ("windows.log_cleared", GapReason::Unsupported),
        ("windows.writable_folder", GapReason::Unsupported),
    ] {
        assert_eq!(s.gap(fact), Some(reason), "{fact}");
    }
    let all = format!("{:?}", s.0);
    assert!(!all.contains("S3cret") && !all.contains("AA00112233"));
}

#[test]
fn the_clean_disk_is_clean() {
    let t = disk(&clean());
    std::fs::remove_file(t.0.join("Program Files/RustDesk/RustDesk.exe")).unwrap();
    std::fs::remove_file(t.0.join("工具/Ngrok.EXE")).unwrap();
    let s = Said::root(&t.0);
    for (fact, value) in
        [("usb.storage_blocked", "true"), ("windows.smb1_enabled", "false"), ("firewall.enabled", "true")]
    {
        assert_eq!(s.one(fact).unwrap().0, value, "{fact}");
    }
    for fact in ["remote.tool", "package", "windows.usb_device", "share.smb"] {
        assert_eq!((s.rows(fact).len(), s.gap(fact)), (0, None), "{fact}");
    }
}

#[test]
fn missing_broken_and_dirty_hives_are_gaps() {
    let t = disk(&planted());
    std::fs::remove_file(t.0.join(CONFIG).join("Sam")).unwrap();
    t.file("Windows/System32/config/software", b"regf but no hive");
    let s = Said::root(&t.0);
    assert_eq!(s.gap("account"), Some(GapReason::Missing));
    assert_eq!(s.gap("package"), Some(GapReason::Corrupt));
    assert_eq!(s.gap("windows.uac_enabled"), Some(GapReason::Corrupt));
    assert_eq!(s.one("host.name").unwrap().0, "PLANT-7", "SYSTEM is whole");

    let mut system = std::fs::read(t.0.join(CONFIG).join("SYSTEM")).unwrap();
    system[4] = 9;
    let sum = checksum(&system);
    system[508..512].copy_from_slice(&sum.to_le_bytes());
    t.file("Windows/System32/config/SYSTEM", &system);
    let s = Said::root(&t.0);
    assert_eq!(s.one("host.name").unwrap().0, "PLANT-7", "what is there is said");
    assert_eq!(s.gap("host.name"), Some(GapReason::Unsupported), "and that a change is missing");
}

/// A change that stands only in the log: the name of the host is read from there; with a wrong hash it is not.
#[test]
fn changes_in_the_log_are_applied_or_a_gap() {
    let t = disk(&planted());
    let path = t.0.join(CONFIG).join("SYSTEM");
    let mut system = std::fs::read(&path).unwrap();
    let old = sixteen("PLANT-7");
    let at = system.windows(old.len()).position(|w| w == old).unwrap();
    // The primary number is one ahead: a write began and did not end.
    system[4] = 8;
    let sum = checksum(&system);
    system[508..512].copy_from_slice(&sum.to_le_bytes());
    let page = (at - 4096) / 512 * 512;
    let mut new = system[4096 + page..4096 + page + 1024].to_vec();
    new[at - 4096 - page + 12] = b'8';
    let size = system.len() - 4096;
    std::fs::write(&path, &system).unwrap();
    t.file("Windows/System32/config/SYSTEM.LOG1", log(7, size, page, &new, 0));
    let s = Said::root(&t.0);
    assert_eq!((s.one("host.name").unwrap().0.as_str(), s.gap("host.name")), ("PLANT-8", None));
    for (number, spoil) in [(7, 1), (8, 0)] {
        t.file("Windows/System32/config/SYSTEM.LOG1", log(number, size, page, &new, spoil));
        let s = Said::root(&t.0);
        assert_eq!(
            (s.one("host.name").unwrap().0.as_str(), s.gap("host.name")),
            ("PLANT-7", Some(GapReason::Unsupported))
        );
    }
}

#[test]
fn a_link_out_of_the_disk_ends_inside() {
    let t = disk(&planted());
    std::fs::remove_file(t.0.join(CONFIG).join("SYSTEM")).unwrap();
    t.link("Windows/System32/config/SYSTEM", "/../../../../etc/passwd");
    t.link("Windows/System32/Tasks/round", "..");
    let s = Said::root(&t.0);
    assert_eq!(s.gap("host.name"), Some(GapReason::Missing));
    assert_eq!(s.gap("windows.task"), Some(GapReason::Link));
}

/// hivex (libguestfs) reads what the tests write: keys, values and data as planted.
#[test]
fn another_reader_accepts_the_hives_of_the_tests() {
    let t = Tree::new();
    let [system, ..] = hives(&planted());
    let mut many = system.clone();
    for n in 0..450 {
        many.set(&format!("Many\\k{n:03}"), "n", 4, 1_u32.to_le_bytes());
    }
    many.set("Big", "data", 3, vec![7; 40_000]);
    let path = t.file("many", hive(&many));
    match std::process::Command::new("hivexml").arg(&path).output() {
        Ok(out) => {
            let xml = String::from_utf8_lossy(&out.stdout);
            assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
            assert!(
                xml.contains("PLANT-7") && xml.contains("k449") && xml.contains("Disk&amp;Ven_Kingston&amp;Prod_DT")
            );
        }
        Err(e) => println!("SKIPPED: no hivexml: {e}"),
    }
    // Our reader agrees, also about lists of lists and big data.
    let h = inspect::windows::hive::Hive::open(hive(&many)).unwrap();
    let key = h.key("many").unwrap().unwrap();
    assert_eq!(h.subkeys(&key).unwrap().len(), 450);
    assert!(h.key("Many\\K449").unwrap().is_some());
    let big = h.key("Big").unwrap().unwrap();
    let value = &h.values(&big).unwrap()[0];
    assert_eq!(h.bytes(value, usize::MAX).unwrap(), vec![7; 40_000]);
    assert_eq!(key.written.map(|t| t.to_string()).as_deref(), Some("2026-01-01T00:00:00.000Z"));
}
