//! Who made what, and which servers of maps are asked: planted images, a Windows disk, and the running machine against
//! the kernel's own files.

use crate::windows_disk::disk;
use crate::windows_plants::{clean, put};
use crate::{Said, Tree};
use evidence::{Body, DigestKey, FactValue, GapReason, MemoryState, Sink, SinkClosed, Time};
use inspect::{Config, Inspector, Limits, Target};
use std::sync::Mutex;
use stdx::{Silent, Stop};

fn image() -> Tree {
    let t = Tree::new();
    t.file(
        "etc/os-release",
        "NAME=\"Kylin Linux Advanced Server\"\nID=kylin\nVERSION_ID=\"V10\"\nPRETTY_NAME=\"Kylin V10\"\n",
    );
    t.file("etc/passwd", "root:x:0:0:r:/root:/bin/bash\nann:x:1000:1000::/home/ann:/bin/bash\n");
    let package = |name: &str, version: &str, depends: &str| {
        format!(
            "Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\nDepends: {depends}\n\n"
        )
    };
    let status = [
        package("mysql-community-server", "5.7.44-1debian11", "libc6 (>= 2.28), mysql-community-client"),
        package("postgresql-11", "11.22-0+deb10u2", "libc6"),
        package("postgresql-13", "13.4-1.pgdg110+1", "libc6"),
        package("mes-server", "2.0", "mysql-community-server (>= 5.7) | mysql-server, python3:any"),
        package("gone-app", "1.0", "nothing"),
        "Package: removed\nStatus: deinstall ok config-files\nVersion: 1\nDepends: mysql-community-server\n\n"
            .to_owned(),
    ];
    t.file("var/lib/dpkg/status", status.concat());
    t.file(
        "usr/lib/systemd/system/mes.service",
        "[Unit]\nAfter=network.target mysql.service\n[Service]\nExecStart=/opt/mes/run\n",
    );
    t.link("etc/systemd/system/multi-user.target.wants/mes.service", "/usr/lib/systemd/system/mes.service");
    t.file("opt/dmdbms/bin/dmserver", "");
    t
}

#[test]
fn an_image_tells_its_programs_and_what_needs_them() {
    let s = Said::root(&image().0);
    let row = |id: &str| s.row("origin.component", "component", id).unwrap_or_else(|| panic!("{id}")).0;
    let os = row("os kylin");
    assert!(os.contains("country=CN") && os.contains("supplier=KylinSoft") && os.contains("name=Kylin V10"), "{os}");
    let all = s.rows("origin.component");
    let find = |id: &str, version: &str| {
        let is =
            |v: &FactValue| v.field("component") == Some(&id.into()) && v.field("version") == Some(&version.into());
        all.iter().find(|(v, _)| is(v)).unwrap_or_else(|| panic!("{id} {version}"))
    };
    let (mysql, at) = find("database mysql", "5.7.44-1debian11");
    assert_eq!(mysql.field("country"), Some(&"US".into()));
    assert_eq!(mysql.field("maintained"), Some(&"maker".into()));
    assert!(mysql.to_string().contains("support_end=2023-10-31"), "{mysql}");
    assert_eq!(
        mysql.field("depends"),
        Some(&FactValue::Texts(vec!["package mes-server".into(), "unit mes.service".into()])),
        "a removed package needs nothing"
    );
    assert_eq!(mysql.field("dependants"), Some(&2.into()));
    assert!(mysql.to_string().contains("达梦数据库"), "counterparts are named");
    assert!(at.starts_with("/var/lib/dpkg/status:1"), "{at}");
    // The maker stopped mending 11, the distribution did not.
    let (first, _) = all.iter().find(|(v, _)| v.field("component") == Some(&"database postgresql".into())).unwrap();
    assert_eq!(first.field("maintained"), Some(&"system".into()), "{first}");
    assert!(row("database dm").contains("country=CN") && row("database dm").contains("known=binary"));
    assert_eq!(s.gap("origin.hardware"), Some(GapReason::NotLive), "an image has no hardware");
    assert!(s.rows("origin.hardware").is_empty());
}

#[test]
fn a_package_of_the_makers_repository_is_the_makers() {
    let t = Tree::new();
    t.file(
        "var/lib/dpkg/status",
        "Package: postgresql-13\nStatus: install ok installed\nVersion: 13.4-1.pgdg110+1\n\n",
    );
    let s = Said::root(&t.0);
    let row = s.row("origin.component", "component", "database postgresql").unwrap().0;
    assert!(row.contains("maintained=maker") && row.contains("support_end=2025-11-13"), "{row}");
}

#[test]
fn servers_of_maps_by_program_and_page() {
    let t = image();
    t.file(
        "home/ann/.local/share/QGIS/QGIS3/profiles/default/QGIS/QGIS3.ini",
        "[connections]\nows\\items\\xyz\\connections\\items\\G\\url=https://mt1.google.com/vt/lyrs=s&x={x}\n\
         ows\\items\\wms\\connections\\items\\Own\\url=http://ann:S3cretPass@gis.lan/wms?key=S3cretKey\n\
         ows\\items\\wms\\connections\\items\\New\\url=http://maps.nowhere-known.org/wms\n",
    );
    t.file(
        "home/ann/plant.qgs",
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n<qgis>\n<homePage>https://events.mapbox.com/</homePage>\n\
         <datasource>type=xyz&amp;url=https%3A%2F%2Ftile.openstreetmap.org%2F%7Bz%7D</datasource>\n</qgis>\n",
    );
    t.file("var/www/html/index.html", "<a href='https://www.example.com/'>x</a>\n<script src='//api.mapbox.com/mapbox-gl-js/v2.js?access_token=pk.S3cret'></script>\n");
    t.file("var/www/html/node_modules/x/a.js", "'https://mt0.google.com/'");
    t.file("var/www/html/a.png", "https://mt0.google.com/");
    t.file("etc/nginx/nginx.conf", "http { server { listen 80; root /data/site; } }");
    t.file("data/site/app.js", "L.tileLayer('https://webrd0{s}.is.autonavi.com/appmaptile?x={x}')");
    let s = Said::root(&t.0);
    let row = |server: &str| s.row("geo.server", "server", server).unwrap_or_else(|| panic!("{server}"));
    let google = row("https://mt1.google.com");
    assert!(google.0.contains("country=US") && google.0.contains("program=QGIS") && google.0.contains("use=tiles"));
    assert!(google.1.ends_with("QGIS3.ini:2"), "{}", google.1);
    let own = row("http://gis.lan").0;
    assert!(own.contains("local=true") && own.contains("tls=false") && own.contains("use=unknown"), "{own}");
    assert!(row("http://maps.nowhere-known.org").0.contains("local=false"), "unknown servers of a program count");
    assert!(row("https://tile.openstreetmap.org").1.ends_with("plant.qgs:4"));
    assert!(row("//api.mapbox.com").0.contains("program=web page"));
    assert!(row("https://webrd0a.is.autonavi.com").0.contains("country=CN"), "the root of nginx is looked into");
    assert_eq!(s.rows("geo.server").len(), 6, "{:?}", s.rows("geo.server"));
    assert!(!format!("{:?}", s.0).contains("S3cret"));
    assert_eq!(s.gap("geo.server"), None);
}

#[test]
fn pages_beyond_a_limit_are_a_gap() {
    let t = image();
    for n in 0..30 {
        t.file(&format!("var/www/html/p{n}.html"), "x");
    }
    let said = Said::of(Target::Root(t.0.clone()), Limits { geo_entries_max: 10, ..Limits::default() });
    assert_eq!(said.gap("geo.server"), Some(GapReason::TooMany));
    let said = Said::of(Target::Root(t.0.clone()), Limits { geo_millis_max: 0, ..Limits::default() });
    assert!(matches!(said.gap("geo.server"), None | Some(GapReason::Stopped)));
    t.file("home/ann/broken.qgz", "PK\u{3}\u{4} no project");
    assert_eq!(Said::root(&t.0).gap("geo.server"), Some(GapReason::Corrupt));
}

#[test]
fn a_windows_disk_tells_publishers_and_hardware() {
    let mut v = clean();
    let system = "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\";
    let uninstall = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\";
    for (key, name, text) in [
        (format!("{system}Control\\SystemInformation"), "SystemManufacturer", "LENOVO"),
        (format!("{system}Control\\SystemInformation"), "SystemProductName", "ThinkStation P340"),
        (format!("{system}Control\\SystemInformation"), "BIOSVersion", "S08KT54A"),
        (format!("{system}Control\\SystemInformation"), "BIOSReleaseDate", "06/21/2023"),
        (format!("{system}Enum\\PCI\\VEN_8086&DEV_15BE&SUBSYS_1&REV_10\\3&SERIALPCI&0"), "DeviceDesc", "x"),
        (format!("{system}Enum\\SCSI\\Disk&Ven_NVMe&Prod_SAMSUNG_MZVL2512\\5&SERIALDISK&0"), "DeviceDesc", "x"),
        (format!("{system}Enum\\ACPI\\GenuineIntel_-_Intel64_Family_6_Model_165\\_0"), "DeviceDesc", "x"),
        (format!("{uninstall}Office14"), "DisplayName", "Microsoft Office Professional Plus 2010"),
        (format!("{uninstall}Office14"), "DisplayVersion", "14.0.7015.1000"),
        (format!("{uninstall}King"), "DisplayName", "组态王 7.5"),
        (format!("{uninstall}Odd"), "DisplayName", "Odd Tool"),
        (format!("{uninstall}Odd"), "Publisher", "Nobody's Workshop"),
        (format!("{uninstall}Paint"), "DisplayName", "Paint Thing"),
        (format!("{uninstall}Paint"), "Publisher", "Adobe Systems Incorporated"),
    ] {
        put(&mut v, &key, name, "REG_SZ", text);
    }
    let t = disk(&v);
    t.file(
        "Users/安/AppData/Roaming/QGIS/QGIS3/profiles/default/QGIS/QGIS3.ini",
        "a\\url=http://t0.tianditu.com/vec_w\n",
    );
    t.file("Inetpub/wwwroot/map.js", "https://server.arcgisonline.com/x");
    let s = Said::root(&t.0);
    let hardware = |id: &str| s.row("origin.hardware", "component", id).unwrap_or_else(|| panic!("{id}")).0;
    assert!(hardware("system").contains("country=CN") && hardware("system").contains("name=ThinkStation P340"));
    assert!(hardware("firmware").contains("dated=2023-06-21") && hardware("firmware").contains("version=S08KT54A"));
    assert!(hardware("pci 8086:15be").contains("supplier=Intel"));
    assert!(hardware("disk SAMSUNG MZVL2512").contains("country=KR"));
    assert!(hardware("cpu").contains("supplier=Intel"));
    let program = |id: &str| s.row("origin.component", "component", id).unwrap_or_else(|| panic!("{id}")).0;
    assert!(program("office office-2010").contains("support_end=2020-10-13"));
    assert!(program("office office-2010").contains("WPS"));
    assert!(program("scada kingscada").contains("country=CN"));
    let odd = program("application Odd Tool");
    assert!(odd.contains("supplier=Nobody's Workshop") && !odd.contains("country"), "{odd}");
    assert!(program("application Paint Thing").contains("supplier=Adobe"));
    assert!(!format!("{:?}", s.0).contains("SERIAL"), "keys below a device are not opened");
    assert_eq!(s.rows("geo.server").len(), 2, "{:?} {:?}", s.rows("geo.server"), s.gap("geo.server"));
    assert!(s.row("geo.server", "server", "http://t0.tianditu.com").unwrap().0.contains("tls=false"));
    assert!(s.row("geo.server", "host", "server.arcgisonline.com").unwrap().0.contains("country=US"));
}

/// Against the kernel's own files, read here by other code.
#[test]
fn the_running_machine_names_its_parts() {
    let s = Said::of(Target::Live, crate::live::few());
    assert!(!s.rows("origin.hardware").is_empty() || s.gap("origin.hardware").is_some());
    let Ok(entries) = std::fs::read_dir("/sys/bus/pci/devices") else {
        println!("SKIPPED: no PCI here");
        return;
    };
    let mut devices = 0;
    for e in entries {
        let dir = e.unwrap().path();
        let read = |f: &str| std::fs::read_to_string(dir.join(f)).unwrap().trim().trim_start_matches("0x").to_owned();
        let id = format!("pci {}:{}", read("vendor"), read("device"));
        assert!(s.row("origin.hardware", "component", id.as_str()).is_some(), "{id}");
        devices += 1;
    }
    let counted: i64 = s
        .rows("origin.hardware")
        .iter()
        .filter(|(v, _)| v.field("known") == Some(&"pci".into()))
        .filter_map(|(v, _)| if let Some(FactValue::Int(n)) = v.field("count") { Some(*n) } else { None })
        .sum();
    assert_eq!(counted, devices);
    if let Ok(cpu) = std::fs::read_to_string("/proc/cpuinfo")
        && let Some(model) = cpu.lines().find_map(|l| l.strip_prefix("model name")?.split(": ").nth(1))
    {
        assert!(s.row("origin.hardware", "kind", "cpu").unwrap().0.contains(model));
    }
    assert!(s.0.iter().any(|b| matches!(b, Body::Fact(f) if f.fact.as_str() == "origin.component")));
}

/// A link in a web root is served: what it leads to is looked at, once, and within the host.
#[test]
fn links_in_web_roots_are_followed_once() {
    let t = image();
    t.file("srv/app/a.html", "'https://mt0.google.com/'");
    t.file("srv/one.js", "'https://api.mapbox.com/'");
    t.file("var/www/html/index.html", "x");
    t.link("var/www/html/map", "../../../srv/app");
    t.link("var/www/html/again", "/srv/app");
    t.link("srv/app/round", "/var/www/html");
    t.link("var/www/html/one.js", "/srv/one.js");
    t.link("var/www/html/outside", "../../../../../../../../../../srv/app");
    let said = Said::root(&t.0);
    let rows = said.rows("geo.server");
    assert_eq!((rows.len(), said.gap("geo.server")), (2, None), "{rows:?}");
    let at = said.row("geo.server", "host", "mt0.google.com").unwrap().1;
    assert!(at.starts_with("/var/www/html/again/a.html"), "{at}");
    // The whole file system is no web root, by whatever name.
    t.link("var/www/html/all", "/");
    assert_eq!(Said::root(&t.0).gap("geo.server"), Some(GapReason::TooMany));
    std::fs::remove_file(t.0.join("var/www/html/all")).unwrap();
    t.file("etc/nginx/nginx.conf", "http { server { listen 80; root /; } }");
    assert_eq!(Said::root(&t.0).gap("geo.server"), Some(GapReason::TooMany));
    std::fs::remove_file(t.0.join("etc/nginx/nginx.conf")).unwrap();
    t.link("var/www/html/gone", "/mnt/data/site");
    assert_eq!(Said::root(&t.0).gap("geo.server"), Some(GapReason::Link), "a disk that is not in the image");
    std::fs::remove_file(t.0.join("var/www/html/gone")).unwrap();
    t.link("var/www/html/loop", "loop");
    assert_eq!(Said::root(&t.0).gap("geo.server"), Some(GapReason::Link));
}

/// Asks to stop at the first server of maps.
struct Stopping<'s>(&'s Stop, Mutex<Vec<Body>>);
impl Sink for Stopping<'_> {
    fn put(&self, body: Body) -> Result<(), SinkClosed> {
        if matches!(&body, Body::Fact(f) if f.fact.as_str() == "geo.server") {
            self.0.request();
        }
        self.1.put(body)
    }
}

#[test]
fn a_stop_is_heard_between_two_pages() {
    let t = image();
    t.file("var/www/html/a.html", "'https://mt0.google.com/'");
    t.file("var/www/html/b.html", "'https://mt1.google.com/'");
    let stop = Stop::new();
    let sink = Stopping(&stop, Mutex::default());
    let config = Config::new(DigestKey::new([7; 32]), Time::from_secs(1_795_000_000));
    let inspector = Inspector::new(Target::Root(t.0.clone()), config).unwrap();
    inspector.run(&sink, &MemoryState::default(), &Silent, &stop);
    let said = Said(sink.1.into_inner().unwrap());
    assert_eq!((said.rows("geo.server").len(), said.gap("geo.server")), (1, Some(GapReason::Stopped)));
}
