//! Bundles of a Windows host: one with a condition planted for nearly every fact, and its clean twin.
//!
//! The questions are those of the real scripts ([`crate::script`]); the answers are written here as `reg`, `netstat` and
//! the others print them on Chinese and English Windows. Each expectation is the planted text, at its file and line.

use crate::script;
use crate::windows_plants::{USER, Values, clean, planted};
use crate::{Said, Tree};
use evidence::GapReason;
use inspect::{Limits, Target};
use std::collections::BTreeMap;
use std::fmt::Write as _;

fn full(key: &str) -> String {
    key.replace("HKLM\\", "HKEY_LOCAL_MACHINE\\").replace("HKU\\", "HKEY_USERS\\")
}
fn below(key: &str, top: &str) -> bool {
    let (key, top) = (key.to_lowercase(), top.to_lowercase());
    key == top || key.starts_with(&format!("{top}\\"))
}
/// Entries of [`Values`].
type Found<'v> = Vec<(&'v (String, String), &'v (&'static str, String))>;

fn reg_text(values: &Found<'_>) -> Vec<u8> {
    let mut text = "\u{feff}Windows Registry Editor Version 5.00\r\n".to_owned();
    let escape = |t: &str| t.replace('\\', "\\\\").replace('"', "\\\"");
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(",");
    let sixteen = |t: &str| t.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let mut last = "";
    for ((key, name), (ty, value)) in values {
        if key != last {
            write!(text, "\r\n[{key}]\r\n").unwrap();
            last = key;
        }
        write!(text, "\"{}\"=", escape(name)).unwrap();
        match *ty {
            "REG_SZ" => write!(text, "\"{}\"\r\n", escape(value)),
            "REG_DWORD" => write!(text, "dword:{:08x}\r\n", u32::from_str_radix(&value[2..], 16).unwrap()),
            "REG_MULTI_SZ" => {
                let mut bytes: Vec<u8> = value.split("\\0").flat_map(sixteen).collect();
                bytes.extend([0, 0]);
                // As reg.exe breaks its lines.
                write!(text, "hex(7):{}\r\n", hex(&bytes).replace(",00,44", ",00,\\\r\n  44"))
            }
            "REG_BINARY" => {
                let bytes: Vec<u8> =
                    (0..value.len() / 2).map(|n| u8::from_str_radix(&value[2 * n..2 * n + 2], 16).unwrap()).collect();
                write!(text, "hex:{}\r\n", hex(&bytes))
            }
            other => panic!("{other}"),
        }
        .unwrap();
    }
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

/// A bundle as `collect.cmd` writes it on a Chinese Windows: files by name.
pub(crate) fn bundle(values: &Values, elevated: bool) -> BTreeMap<String, Vec<u8>> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut manifest = format!(
        "watchfire-windows-bundle 1\r\ncollector collect.cmd 1\r\nstarted 2026-11-29T06:22:01Z\r\nuser PLANT\\ann\r\nelevated {}\r\n",
        if elevated { "yes" } else { "no" }
    )
    .into_bytes();
    manifest.extend(gbk("codepage 活动代码页: 936\r\nsystem Microsoft Windows [版本 10.0.19045.3803]\r\n"));
    for (reach, file, key, name) in script::cmd(USER) {
        let whole = full(&key);
        let found: Found<'_> = values
            .iter()
            .filter(|((k, n), _)| match reach {
                "tree" => below(k, &whole),
                "deep" => below(k, &whole) && n.eq_ignore_ascii_case(&name),
                _ => k.eq_ignore_ascii_case(&whole) && n.eq_ignore_ascii_case(&name),
            })
            .collect();
        let exit = i32::from(found.is_empty());
        if reach == "tree" {
            manifest.extend(format!("tree {exit} {file} {key}\r\n").bytes());
            if exit == 0 {
                files.insert(file, reg_text(&found));
            }
        } else {
            manifest.extend(format!("{reach} {exit} {file} {key} :: {name}\r\n").bytes());
            let text = files.entry(file).or_default();
            text.extend(b"\r\n");
            for ((k, n), (ty, value)) in found {
                text.extend(gbk(&format!("{k}\r\n    {n}    {ty}    {value}\r\n\r\n")));
            }
        }
    }
    for (name, text) in tools() {
        manifest.extend(format!("file 0 {name} x\r\n").bytes());
        files.insert(name.into(), gbk(text));
    }
    manifest.extend(b"ended 2026-11-29T06:30:00Z\r\n");
    files.insert("manifest.txt".into(), manifest);
    files
}

fn tools() -> Vec<(&'static str, &'static str)> {
    vec![
        (
            "netstat.txt",
            "\r\n活动连接\r\n\r\n  协议  本地地址          外部地址        状态           PID\r\n  TCP    0.0.0.0:3389           0.0.0.0:0              LISTENING       1100\r\n  TCP    127.0.0.1:8080         0.0.0.0:0              LISTENING       4321\r\n",
        ),
        ("programs.txt", "C:\\Windows\\notepad.exe\r\nD:\\工具\\FRPC.exe\r\n"),
        (
            "tasklist.csv",
            "\"System\",\"4\",\"暂缺\"\r\n\"ToDesk.exe\",\"4321\",\"暂缺\"\r\n\"svchost.exe\",\"1100\",\"TermService\"\r\n",
        ),
        (
            "accounts.csv",
            "\r\r\nNode,Disabled,Lockout,Name,PasswordExpires,PasswordRequired,SID\r\r\nPLANT-7,FALSE,FALSE,Administrator,FALSE,TRUE,S-1-5-21-1-2-3-500\r\r\nPLANT-7,TRUE,FALSE,Guest,FALSE,FALSE,S-1-5-21-1-2-3-501\r\r\nPLANT-7,FALSE,FALSE,安,TRUE,FALSE,S-1-5-21-1-2-3-1001\r\r\n",
        ),
        (
            "logins.csv",
            "\r\r\nNode,LastLogon,Name\r\r\nPLANT-7,20261101080000.000000+480,PLANT-7\\安\r\r\nPLANT-7,,NT AUTHORITY\\SYSTEM\r\r\n",
        ),
        (
            "group-544.txt",
            "别名     Administrators\r\n注释     管理员\r\n\r\n成员\r\n\r\n-------------------------------------------------------------------------------\r\nAdministrator\r\n安\r\n命令成功完成。\r\n\r\n",
        ),
        ("group-551.txt", "x\r\n----------\r\nok\r\n"),
        ("group-578.txt", "x\r\n----------\r\nok\r\n"),
        (
            "security-policy.inf",
            "[System Access]\r\nMinimumPasswordAge = 0\r\nMaximumPasswordAge = 42\r\nMinimumPasswordLength = 0\r\nPasswordComplexity = 0\r\nLockoutBadCount = 0\r\n",
        ),
        (
            "tasks.xml",
            "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Tasks>\r\n<!-- \\备份 -->\r\n<Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\r\n<Principals><Principal id=\"Author\"><UserId>S-1-5-18</UserId></Principal></Principals><Settings><Enabled>true</Enabled></Settings><Actions><Exec><Command>C:\\tools\\b.cmd</Command></Exec></Actions>\r\n</Task>\r\n</Tasks>\r\n",
        ),
        (
            "startup-folders.txt",
            "C:\\Users\\安\\AppData\\Roaming\\Microsoft\\Windows\\Start Menu\\Programs\\Startup\\x.lnk\r\nC:\\ProgramData\\Microsoft\\Windows\\Start Menu\\Programs\\Startup\\desktop.ini\r\n",
        ),
        ("folder-acls-programs.txt", "ToDesk\r\nD:AI(A;OICI;FA;;;BU)(A;ID;FA;;;SY)\r\n"),
        ("folder-acls-drive.txt", "SCADA\r\nD:AI(A;OICI;0x1301bf;;;AU)\r\n"),
        (
            "oldest-application.xml",
            "<Event xmlns='x'><System><EventID>1</EventID><TimeCreated SystemTime='2026-06-01T00:00:00.0000000Z'/></System></Event>",
        ),
        (
            "oldest-security.xml",
            "<Event xmlns='x'><System><EventID>4624</EventID><TimeCreated SystemTime='2026-11-20T00:00:00.0000000Z'/></System></Event>",
        ),
        ("oldest-system.xml", ""),
        (
            "events-security-1102.xml",
            "<Event xmlns='x'><System><EventID>1102</EventID><TimeCreated SystemTime='2026-11-20T00:00:00.0Z'/></System><UserData><LogFileCleared><SubjectUserName>安</SubjectUserName></LogFileCleared></UserData></Event>",
        ),
        ("events-system-104.xml", ""),
        (
            "events-security-4720.xml",
            "<Event xmlns='x'><System><EventID>4720</EventID><TimeCreated SystemTime='2026-11-21T00:00:00.0Z'/></System><EventData><Data Name='TargetUserName'>tmp</Data><Data Name='SubjectUserName'>安</Data></EventData></Event>",
        ),
        (
            "events-system-7045.xml",
            "<Event xmlns='x'><System><EventID Qualifiers='16384'>7045</EventID><TimeCreated SystemTime='2026-11-22T00:00:00.0Z'/></System><EventData><Data Name='ServiceName'>psexesvc</Data><Data Name='ImagePath'>%SystemRoot%\\PSEXESVC.exe -key S3cret</Data></EventData></Event>",
        ),
        (
            "audit-policy.csv",
            "Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion Setting,Setting Value\r\nPLANT-7,系统,登录,{0CCE9215-69AE-11D9-BED3-505054503030},成功和失败,,3\r\n",
        ),
        ("shadow-copies.txt", "   卷影副本卷: \\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy1\r\n"),
        ("backup-versions.txt", "版本标识符: 01/31/2026-21:00\r\n"),
        (
            "bitlocker.csv",
            "\r\r\nNode,ConversionStatus,DriveLetter,ProtectionStatus\r\r\nPLANT-7,1,C:,1\r\r\nPLANT-7,0,D:,0\r\r\n",
        ),
        ("features.csv", "\r\r\nNode,InstallState,Name\r\r\nPLANT-7,1,MicrosoftWindowsPowerShellV2\r\r\n"),
        ("time-status.txt", "跳跃指示符: 0(无警告)\r\n"),
    ]
}

pub(crate) fn write(t: &Tree, files: &BTreeMap<String, Vec<u8>>) {
    for (name, bytes) in files {
        t.file(name, bytes);
    }
}
pub(crate) fn said(t: &Tree) -> Said {
    Said::of(Target::Bundle(t.0.clone()), Limits::default())
}

#[test]
fn every_planted_condition_is_seen_in_a_bundle() {
    let t = Tree::new();
    write(&t, &bundle(&planted(), true));
    let s = said(&t);
    for (fact, value) in [
        ("os.family", "windows"),
        ("os.id", "windows"),
        ("os.name", "Windows 10 Pro 22H2"),
        ("os.version", "10.0.19045"),
        ("windows.patch_level", "10.0.19045.3803"),
        // End of Windows 10: learn.microsoft.com/lifecycle/products/windows-10-home-and-pro.
        ("os.support_end", "2025-10-14T00:00:00.000Z"),
        ("host.name", "PLANT-7"),
        ("windows.last_update", "2023-10-11T04:25:43.950Z"),
        ("windows.autologon", "true"),
        ("windows.ntlm_level", "1"),
        ("windows.lm_hash", "true"),
        ("windows.blank_password_network", "true"),
        ("windows.wdigest_plain", "true"),
        ("windows.rdp_enabled", "true"),
        ("windows.rdp_nla", "false"),
        ("windows.rdp_port", "3389"),
        ("windows.smb1_enabled", "true"),
        ("windows.smb_signing_required", "false"),
        ("windows.null_session", "true"),
        ("windows.llmnr", "true"),
        ("windows.lsa_protection", "false"),
        ("windows.autoplay", "true"),
        ("windows.uac_enabled", "false"),
        ("windows.remote_registry", "true"),
        ("windows.winrm_enabled", "false"),
        ("windows.defender_enabled", "false"),
        ("firewall.enabled", "false"),
        ("update.automatic", "false"),
        ("usb.storage_blocked", "false"),
        ("time.sync", "w32time"),
        ("time.synchronized", "true"),
        ("windows.builtin_admin_enabled", "true"),
        ("windows.guest_enabled", "false"),
        ("password.min_length", "0"),
        ("password.max_days", "42"),
        ("windows.lockout_threshold", "0"),
        ("windows.password_complexity", "false"),
        ("windows.shadow_copies", "1"),
        ("windows.powershell_v2", "true"),
        ("backup.last_success", "2026-01-31T21:00:00.000Z"),
        ("log.oldest", "2026-11-20T00:00:00.000Z"),
        ("disk.encrypted", "true"),
        ("package.count", "2"),
    ] {
        assert_eq!(s.one(fact).map(|v| v.0).as_deref(), Some(value), "{fact} {:?}", s.gap(fact));
    }
    let row = |fact: &str, field: &str, value: &str| {
        s.row(fact, field, value).unwrap_or_else(|| panic!("{fact} {field}={value}: {:?}", s.rows(fact)))
    };
    assert!(row("account", "name", "安").0.contains("login=true"));
    assert!(row("windows.account", "name", "安").0.contains("password_required=false"));
    assert!(row("account.last_login", "name", "安").0.contains("2026-11-01T00:00:00"));
    assert_eq!(row("group.privileged", "member", "安").1, "/group-544.txt:8");
    assert!(row("windows.hotfix", "id", "KB5031356").0.contains("2023-10-11"));
    assert!(row("windows.firewall", "profile", "public").0.contains("enabled=false"));
    let share = row("share.smb", "name", "plc");
    assert!(
        share.0.contains("guest=true") && share.0.contains("writable=true") && share.0.contains("D:\\plc 数据"),
        "{share:?}"
    );
    assert!(share.1.starts_with("/registry-shares.reg:"), "{share:?}");
    let todesk = row("remote.tool", "name", "ToDesk");
    assert!(todesk.0.contains("running=true") && todesk.0.contains("trace=ToDesk 4.7.2"), "{todesk:?}");
    row("remote.tool", "name", "Sunlogin (向日葵)");
    let frp = row("remote.tool", "name", "frp (client)");
    assert!(frp.0.contains("trace=D:\\工具\\FRPC.exe") && frp.1 == "/programs.txt:2", "{frp:?}");
    let run = row("windows.autorun", "entry", "Run ToDesk");
    assert!(run.0.contains("C:\\Program Files\\ToDesk\\ToDesk.exe -autostart --password=***"), "{run:?}");
    assert!(row("windows.autorun", "entry", "Run 更新").0.contains("user=安"));
    assert!(row("windows.autorun", "place", "Winlogon Shell").0.contains("default=false"));
    assert!(row("windows.autorun", "place", "Winlogon Userinit").0.contains("default=true"));
    for entry in ["AppInit_DLLs", "Debugger sethc.exe", "LSA package mimilib", "Startup folder x.lnk"] {
        row("windows.autorun", "entry", entry);
    }
    let service = row("windows.service", "name", "Hist Svc");
    assert!(service.0.contains("unquoted=true") && service.0.contains("account=.\\ann"), "{service:?}");
    assert!(s.row("windows.service", "name", "disk").is_none(), "drivers are left out");
    assert!(row("windows.task", "path", "\\备份").0.contains("account=S-1-5-18"));
    row("windows.defender_exclusion", "value", "C:\\SCADA");
    assert!(row("windows.usb_device", "device", "Kingston DT USB Device").0.contains("serial=hmac-sha256-128:"));
    assert!(row("windows.macro_policy", "application", "Excel 16.0").0.contains("level=1"));
    assert_eq!(row("listen", "socket", "tcp 0.0.0.0:3389").1, "/netstat.txt:5");
    assert!(row("listen", "process", "ToDesk.exe").0.contains("exposed=false"));
    assert!(row("windows.log", "name", "security").0.contains("max_kb=131072"));
    assert!(row("windows.log_cleared", "account", "安").0.contains("log=security"));
    assert!(row("windows.account_created", "name", "tmp").0.contains("by=安"));
    row("windows.service_installed", "name", "psexesvc");
    assert!(row("windows.audit", "subcategory", "logon").0.contains("success=true"));
    assert!(row("windows.bitlocker", "volume", "D:").0.contains("protected=false"));
    row("windows.writable_folder", "path", "%ProgramFiles%\\ToDesk");
    row("windows.writable_folder", "path", "%SystemDrive%\\SCADA");
    // Nothing secret in anything that was said, the device's serial number included.
    let all = format!("{:?}", s.0);
    assert!(!all.contains("S3cret") && !all.contains("AA00112233"));
    // A whole bundle of an administrator leaves no gap but of what the collector does not bring: hardware, settings files.
    let whats = s.0.iter().filter_map(|b| if let evidence::Body::Gap(g) = b { Some(g.what.as_str()) } else { None });
    assert_eq!(whats.collect::<Vec<_>>(), ["fact:geo.server", "fact:origin.hardware"]);
    // The list of origin names the maker of what the uninstall entries call by its product's name.
    let made = row("origin.component", "component", "remote todesk").0;
    assert!(made.contains("country=CN") && made.contains("version=4.7.2"), "{made}");
    let system = row("origin.component", "component", "os windows").0;
    assert!(system.contains("supplier=Microsoft") && system.contains("country=US"), "{system}");
}

#[test]
fn the_clean_twin_is_clean() {
    let t = Tree::new();
    write(&t, &bundle(&clean(), true));
    let s = said(&t);
    for (fact, value) in [
        ("windows.autologon", "false"),
        ("windows.smb1_enabled", "false"),
        ("windows.smb_signing_required", "true"),
        ("windows.lsa_protection", "true"),
        ("windows.llmnr", "false"),
        ("windows.rdp_enabled", "false"),
        ("windows.null_session", "false"),
        ("windows.uac_enabled", "true"),
        ("windows.wdigest_plain", "false"),
        ("windows.defender_enabled", "true"),
        ("windows.remote_registry", "false"),
        ("firewall.enabled", "true"),
        ("update.automatic", "true"),
        ("usb.storage_blocked", "true"),
    ] {
        assert_eq!(s.one(fact).map(|v| v.0).as_deref(), Some(value), "{fact} {:?}", s.gap(fact));
    }
    for fact in ["remote.tool", "windows.usb_device", "windows.defender_exclusion", "share.smb", "windows.macro_policy"]
    {
        // ToDesk still runs in the list of processes of both.
        let rows = s.rows(fact);
        assert!(rows.is_empty() || fact == "remote.tool", "{fact} {rows:?}");
        assert_eq!(s.gap(fact), None, "{fact}");
    }
}

#[test]
fn a_zip_says_the_same_as_the_folder() {
    let t = Tree::new();
    let files = bundle(&planted(), true);
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in &files {
        zip.start_file(format!("watchfire-PLANT-7/{name}"), zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut zip, bytes).unwrap();
    }
    let path = t.file("b.zip", zip.finish().unwrap().into_inner());
    let zipped = Said::of(Target::Bundle(path), Limits::default());
    let folder = Tree::new();
    write(&folder, &files);
    let facts = |s: &Said| {
        let each = |b: &evidence::Body| {
            if let evidence::Body::Fact(f) = b { Some((f.fact.clone(), f.value.clone())) } else { None }
        };
        let mut all: Vec<_> = s.0.iter().filter_map(each).collect();
        all.sort();
        all
    };
    assert_eq!(facts(&zipped), facts(&said(&folder)));
    assert!(zipped.one("windows.autologon").unwrap().1.starts_with("/b.zip!watchfire-PLANT-7/registry-values.txt:"));
}

#[test]
fn what_was_not_asked_or_refused_is_a_gap() {
    let mut files = bundle(&planted(), false);
    files.remove("netstat.txt");
    let manifest = String::from_utf8_lossy(&files["manifest.txt"]).into_owned();
    let cut: String = manifest
        .lines()
        .filter(|l| !l.contains("RequireSecuritySignature") && !l.starts_with("ended") && !l.contains("tasks.xml"))
        .map(|l| {
            format!(
                "{}\r\n",
                l.replace("file 0 audit-policy.csv", "file 5 audit-policy.csv")
                    .replace("file 0 bitlocker.csv", "file 9009 bitlocker.csv")
            )
        })
        .collect();
    files.insert("manifest.txt".into(), format!("{cut}ended 2026-11-29T06:30:00Z\r\n").into_bytes());
    let t = Tree::new();
    write(&t, &files);
    let s = said(&t);
    assert_eq!(s.gap("windows.smb_signing_required"), Some(GapReason::Missing), "not asked");
    assert_eq!(s.gap("windows.task"), Some(GapReason::Missing));
    assert_eq!(s.gap("listen"), Some(GapReason::Vanished));
    assert_eq!(s.gap("windows.audit"), Some(GapReason::PermissionDenied));
    assert_eq!(s.gap("windows.bitlocker"), Some(GapReason::Missing), "no such tool");
    assert_eq!(s.gap("windows.llmnr"), Some(GapReason::PermissionDenied), "absent or refused cannot be told apart");
    assert_eq!(
        s.one("windows.lsa_protection").map(|v| v.0).as_deref(),
        Some("false"),
        "the key was seen, so it is absent"
    );
    let short: String = cut.lines().map(|l| format!("{l}\n")).collect();
    t.file("manifest.txt", short);
    let s = said(&t);
    assert_eq!(s.gap("host.name"), Some(GapReason::Stopped), "cut short");
}

/// Settings of people who were not logged in are not in a bundle; an error text is no list of events.
#[test]
fn absent_users_and_foreign_answers_are_gaps() {
    let mut values = clean();
    let key = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\S-1-5-21-1-2-3-1002";
    crate::windows_plants::put(&mut values, key, "ProfileImagePath", "REG_EXPAND_SZ", "C:\\Users\\bob");
    let mut files = bundle(&values, true);
    files.insert("events-system-104.xml".into(), b"The service is not available.".to_vec());
    let t = Tree::new();
    write(&t, &files);
    let s = said(&t);
    for fact in ["windows.autorun", "windows.macro_policy", "package", "remote.tool"] {
        assert_eq!(s.gap(fact), Some(GapReason::Missing), "{fact}");
    }
    assert_eq!(s.gap("windows.log_cleared"), Some(GapReason::Unsupported));
    assert_eq!(s.gap("windows.service"), None);
}

#[test]
fn what_is_no_bundle_is_an_error() {
    let t = Tree::new();
    t.file("x.txt", "x");
    let zip = t.file("x.zip", "PK\x03\x04 no");
    let config = || inspect::Config::new(evidence::DigestKey::new([7; 32]), evidence::Time::from_secs(1_795_000_000));
    for path in [t.0.clone(), zip] {
        let e = inspect::Inspector::new(Target::Bundle(path.clone()), config()).unwrap_err();
        assert_eq!(e, inspect::InspectError::NotABundle(path));
    }
    let e = inspect::Inspector::new(Target::Bundle(t.0.join("none")), config()).unwrap_err();
    assert_eq!(e, inspect::InspectError::RootMissing(t.0.join("none")));
}
