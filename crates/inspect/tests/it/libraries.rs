//! Libraries in installed trees, lock files, archives and programs; archives are written by the crate `zip`, programs
//! by Go's own compiler.

use crate::{Said, Tree};
use evidence::{FactValue, GapReason};
use inspect::Limits;
use inspect::parse::{in_memory, jar_libraries, program_libraries, zip_members};
use std::collections::BTreeSet;
use std::io::{Cursor, Write};
use std::process::Command;

fn text(v: &FactValue, field: &str) -> String {
    v.field(field).map(ToString::to_string).unwrap_or_default()
}
/// Rows of `library` as `ECOSYSTEM NAME VERSION FILE LOCKED`.
fn rows(said: &Said) -> BTreeSet<String> {
    let all = said.rows("library");
    all.iter().map(|(v, _)| ["ecosystem", "name", "version", "file", "locked"].map(|f| text(v, f)).join(" ")).collect()
}
fn set<const N: usize>(all: [&str; N]) -> BTreeSet<String> {
    all.map(str::to_owned).into_iter().collect()
}

#[test]
fn installed_trees_and_lock_files() {
    let t = Tree::new();
    t.file(
        "srv/app/venv/lib/python3.11/site-packages/requests-2.31.0.dist-info/METADATA",
        "Metadata-Version: 2.1\nName: requests\nVersion: 2.31.0\n\nText\n",
    );
    t.file("usr/lib/python3/dist-packages/six-1.16.0.egg-info", "Metadata-Version: 1.2\nName: six\nVersion: 1.16.0\n");
    t.file("srv/web/node_modules/@s/ms/package.json", r#"{"name":"@s/ms","version":"2.1.2"}"#);
    t.file("srv/web/node_modules/@s/ms/test/package.json", r#"{"name":"fixture","version":"9.9.9"}"#);
    t.file("srv/web/node_modules/@s/ms/yarn.lock", "x@1:\n  version \"1.0.0\"\n");
    t.file(
        "srv/web/package-lock.json",
        r#"{"lockfileVersion":3,"packages":{"node_modules/@s/ms":{"version":"2.1.2"}}}"#,
    );
    t.file("var/lib/gems/3.1.0/specifications/rack-2.2.8.gemspec", "");
    t.file("srv/php/vendor/composer/installed.json", r#"{"packages":[{"name":"monolog/monolog","version":"2.9.1"}]}"#);
    t.file("srv/net/app.deps.json", r#"{"libraries":{"Serilog/2.12.0":{"type":"package"}}}"#);
    t.file("srv/rust/Cargo.lock", "[[package]]\nname = \"cfg-if\"\nversion = \"1.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n");
    t.file(
        "home/a/.cargo/registry/src/x/Cargo.lock",
        "[[package]]\nname = \"no\"\nversion = \"1.0.0\"\nsource = \"registry+https://x\"\n",
    );
    t.file("srv/go/go.mod", "module m\nrequire golang.org/x/net v0.17.0\n");
    t.file("srv/go/go.sum", "golang.org/x/net v0.1.0 h1:x=\n");
    t.file("srv/bare/go.sum", "golang.org/x/text v0.3.0 h1:x=\n");
    t.file("srv/py/requirements.txt", "# pins\nflask==2.0.1\ndjango>=4\n");
    t.file("var/lib/dpkg/status", "Package: python3-six\nStatus: install ok installed\nVersion: 1\n");
    t.file("var/lib/dpkg/info/python3-six.list", "/usr/lib/python3/dist-packages/six-1.16.0.egg-info\n");
    let said = Said::root(&t.0);
    assert_eq!(said.gap("library"), None);
    let expected = set([
        "PyPI requests 2.31.0 /srv/app/venv/lib/python3.11/site-packages/requests-2.31.0.dist-info/METADATA false",
        "PyPI six 1.16.0 /usr/lib/python3/dist-packages/six-1.16.0.egg-info false",
        "npm @s/ms 2.1.2 /srv/web/node_modules/@s/ms/package.json false",
        "npm @s/ms 2.1.2 /srv/web/package-lock.json true",
        "RubyGems rack 2.2.8 /var/lib/gems/3.1.0/specifications/rack-2.2.8.gemspec false",
        "Packagist monolog/monolog 2.9.1 /srv/php/vendor/composer/installed.json false",
        "NuGet Serilog 2.12.0 /srv/net/app.deps.json false",
        "crates.io cfg-if 1.0.0 /srv/rust/Cargo.lock true",
        "Go golang.org/x/net 0.17.0 /srv/go/go.mod true",
        "Go golang.org/x/text 0.3.0 /srv/bare/go.sum true",
        "PyPI flask 2.0.1 /srv/py/requirements.txt true",
    ]);
    assert_eq!(rows(&said), expected);
    assert!(said.row("library", "name", "six").unwrap().0.contains("packaged=true"));
    assert!(said.row("library", "name", "requests").unwrap().0.contains("packaged=false"));
    assert_eq!(said.row("library", "name", "flask").unwrap().1, "/srv/py/requirements.txt:2");
}

#[test]
fn a_tree_without_libraries_says_so() {
    let t = Tree::new();
    t.file("srv/readme.txt", "flask==2.0.1\n");
    let said = Said::root(&t.0);
    assert!(said.rows("library").is_empty());
    assert_eq!(said.gap("library"), None);
}

fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}
fn maven(artifact: &str) -> Vec<u8> {
    let properties = format!("#Created\nversion=2.14.1\ngroupId=org.apache.logging.log4j\nartifactId={artifact}\n");
    let name = format!("META-INF/maven/org.apache.logging.log4j/{artifact}/pom.properties");
    zipped(&[(name.as_str(), properties.as_bytes()), ("a/B.class", &[7; 5000])])
}

#[test]
fn archives_of_java_and_what_is_in_them() {
    let t = Tree::new();
    let manifest =
        b"Manifest-Version: 1.0\r\nBundle-SymbolicName: com.google.gu\r\n ava\r\nBundle-Version: 31.1\r\n\r\n";
    let core = maven("log4j-core");
    let war = zipped(&[
        ("WEB-INF/lib/log4j-core-2.14.1.jar", core.as_slice()),
        ("WEB-INF/lib/commons-io-2.7.jar", &zipped(&[("x", b"")])),
        ("index.html", b"<html>"),
    ]);
    t.file("opt/tomcat/webapps/shop.war", &war);
    t.file("opt/lib/guava.jar", zipped(&[("META-INF/MANIFEST.MF", manifest.as_slice())]));
    // A program in front, as Spring's executable jars have it.
    t.file("opt/lib/log4j-api.jar", [b"#!/bin/sh\nexec java -jar $0\n".to_vec(), maven("log4j-api")].concat());
    let said = Said::root(&t.0);
    assert_eq!(said.gap("library"), None);
    let expected = set([
        "Maven org.apache.logging.log4j:log4j-core 2.14.1 /opt/tomcat/webapps/shop.war!WEB-INF/lib/log4j-core-2.14.1.jar false",
        "Maven commons-io 2.7 /opt/tomcat/webapps/shop.war!WEB-INF/lib/commons-io-2.7.jar false",
        "Maven com.google.guava 31.1 /opt/lib/guava.jar false",
        "Maven org.apache.logging.log4j:log4j-api 2.14.1 /opt/lib/log4j-api.jar false",
    ]);
    assert_eq!(rows(&said), expected);
}

#[test]
fn broken_archives_and_lock_files_are_gaps() {
    let t = Tree::new();
    t.file("opt/a.jar", "PK\x03\x04 no directory");
    assert_eq!(Said::root(&t.0).gap("library"), Some(GapReason::Corrupt));
    let t = Tree::new();
    t.file("srv/package-lock.json", "{");
    assert_eq!(Said::root(&t.0).gap("library"), Some(GapReason::Corrupt));
    let t = Tree::new();
    // A jar that says of the jar inside that it is larger than any.
    let mut outer = zipped(&[("lib/x.jar", &zipped(&[("x", b"")]))]);
    let central = outer.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    outer[central + 24..central + 28].copy_from_slice(&0xffff_fff0u32.to_le_bytes());
    t.file("opt/a.jar", outer);
    assert_eq!(Said::root(&t.0).gap("library"), Some(GapReason::TooLarge));
    let t = Tree::new();
    for n in 0..5 {
        t.file(&format!("srv/{n}/requirements.txt"), "a==1\n");
    }
    let few = Limits { library_files_max: 3, ..Limits::default() };
    let said = Said::of(inspect::Target::Root(t.0.clone()), few);
    assert_eq!((said.rows("library").len(), said.gap("library")), (3, Some(GapReason::TooMany)));
}

#[test]
fn hostile_archives_and_programs_end() {
    let whole = zipped(&[("lib/x.jar", &maven("log4j-core")), ("META-INF/MANIFEST.MF", b"A: b\n")]);
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    for round in 0..400 {
        let mut broken = whole.clone();
        for _ in 0..1 + round % 20 {
            let at = usize::try_from(next() % broken.len() as u64).unwrap();
            broken[at] = next().to_le_bytes()[3];
        }
        broken.truncate(if round % 4 == 0 {
            usize::try_from(next() % broken.len() as u64).unwrap()
        } else {
            broken.len()
        });
        let size = broken.len() as u64;
        let _ = jar_libraries("x.jar", &mut in_memory(&broken), size);
        let mut elf = b"\x7fELF\x02\x01\x01".to_vec();
        elf.extend((0..500).flat_map(|_| next().to_le_bytes()));
        elf[40..48].copy_from_slice(&64u64.to_le_bytes());
        elf[58..60].copy_from_slice(&64u16.to_le_bytes());
        let _ = program_libraries(&mut in_memory(&elf));
    }
    assert_eq!(zip_members(&mut in_memory(b""), 0), None);
    assert_eq!(zip_members(&mut in_memory(&whole), u64::MAX), None, "a size that is not the file's");
}

/// 100,000 lines in a lock file: the rows are cut with a gap, not the program.
#[test]
fn a_lock_file_of_many_lines() {
    let t = Tree::new();
    t.file("srv/requirements.txt", (0..100_000).map(|n| format!("p{n}==1.{n}\n")).collect::<String>());
    t.file("srv/yarn.lock", "a@1:\n".repeat(100_000));
    t.file("srv/pnpm-lock.yaml", "packages:\n  /a/1:\n".repeat(50_000));
    let said = Said::root(&t.0);
    assert_eq!((said.rows("library").len(), said.gap("library")), (10_000, Some(GapReason::TooMany)));
}

#[test]
fn programs_of_go_name_their_modules() {
    let t = Tree::new();
    t.file("m/go.mod", "module example.com/m\n\ngo 1.18\n\nrequire github.com/a/b v1.2.3\n");
    t.file("m/main.go", "package main\n\nimport \"github.com/a/b\"\n\nfunc main() { println(b.X()) }\n");
    t.file("m/vendor/github.com/a/b/b.go", "package b\n\nfunc X() int { return 7 }\n");
    t.file("m/vendor/modules.txt", "# github.com/a/b v1.2.3\n## explicit\ngithub.com/a/b\n");
    let built = Command::new("go")
        .args(["build", "-mod=vendor", "-o", "../root/usr/local/bin/tool", "."])
        .current_dir(t.0.join("m"))
        .envs([
            ("GOFLAGS", ""),
            ("GOPROXY", "off"),
            ("GO111MODULE", "on"),
            ("CGO_ENABLED", "0"),
            ("GOTOOLCHAIN", "local"),
        ])
        .env("GOCACHE", t.0.join("cache"))
        .output();
    let built = match built {
        Ok(out) => out,
        Err(e) => return println!("SKIPPED: go is not installed: {e}"),
    };
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let version = Command::new("go").arg("version").output().unwrap().stdout;
    let version = String::from_utf8(version).unwrap();
    let version = version.split(' ').nth(2).unwrap().trim_start_matches("go").to_owned();
    let said = Said::root(&t.0.join("root"));
    let tool = "/usr/local/bin/tool false";
    let expected = BTreeSet::from([format!("Go stdlib {version} {tool}"), format!("Go github.com/a/b 1.2.3 {tool}")]);
    assert_eq!(rows(&said), expected);
}

/// A program as Go wrote it before 1.18: the information points to two texts by their addresses. The layout is that of
/// `debug/buildinfo` and of the ELF specification; no such compiler is at hand, so this one is put together here.
fn old_go(order: fn(u64) -> [u8; 8], big: bool) -> Vec<u8> {
    let base = 0x40_0000_u64;
    let modules = "0123456789abcdefpath\tx\ndep\tgithub.com/a/b\tv1.2.3\th1:x=\n0123456789abcdef";
    let version = "go1.17.3";
    // 0 head, 64 segments, 120 sections, 312 names, 352 information, 384 two texts, 416 their bytes.
    let mut out = b"\x7fELF\x02".to_vec();
    out.push(if big { 2 } else { 1 });
    out.resize(416, 0);
    let mut put = |at: usize, bytes: &[u8]| out[at..at + bytes.len()].copy_from_slice(bytes);
    let short = |n: u64| if big { order(n)[6..].to_vec() } else { order(n)[..2].to_vec() };
    let word = |n: u64| if big { order(n)[4..].to_vec() } else { order(n)[..4].to_vec() };
    put(32, &order(64));
    put(40, &order(120));
    for (at, n) in [(54, 56), (56, 1), (58, 64), (60, 3), (62, 1)] {
        put(at, &short(n));
    }
    put(64, &word(1));
    put(64 + 16, &order(base));
    put(64 + 32, &order(1000));
    let names = b"\0.shstrtab\0.go.buildinfo\0";
    for (row, name, offset, length) in [(1, 1, 312, names.len() as u64), (2, 11, 352, 32)] {
        let at = 120 + 64 * row;
        put(at, &word(name));
        put(at + 24, &order(offset));
        put(at + 32, &order(length));
    }
    put(312, names);
    put(352, b"\xff Go buildinf:\x08");
    put(367, &[u8::from(big)]);
    put(352 + 16, &order(base + 384));
    put(352 + 24, &order(base + 400));
    put(384, &order(base + 416));
    put(392, &order(version.len() as u64));
    put(400, &order(base + 416 + version.len() as u64));
    put(408, &order(modules.len() as u64));
    out.extend(version.bytes());
    out.extend(modules.bytes());
    out
}

#[test]
fn programs_of_older_go_name_their_modules() {
    for program in [old_go(u64::to_le_bytes, false), old_go(u64::to_be_bytes, true)] {
        let all = program_libraries(&mut in_memory(&program));
        let all: Vec<String> = all.iter().map(|l| format!("{} {}", l.name, l.version)).collect();
        assert_eq!(all, ["stdlib 1.17.3", "github.com/a/b 1.2.3"]);
    }
    // A text whose length is that of the whole address space.
    let mut hostile = old_go(u64::to_le_bytes, false);
    hostile[392..400].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(program_libraries(&mut in_memory(&hostile)).is_empty());
}

/// The section as `cargo auditable` documents it (PARSING.md): JSON under zlib. It is put into a program by objcopy.
#[test]
fn programs_of_rust_with_an_audit_list() {
    let t = Tree::new();
    let list = br#"{"packages":[{"name":"own","version":"0.1.0","source":"local","root":true},{"name":"serde","version":"1.0.0","source":"crates.io"},{"name":"cc","version":"1.0.1","source":"crates.io","kind":"build"}]}"#;
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(list).unwrap();
    let section = t.file("section", packed.finish().unwrap());
    t.file("root/opt/x", "");
    let to = t.0.join("root/opt/tool");
    let add = format!(".dep-v0={}", section.display());
    let done = Command::new("objcopy").args(["--add-section", &add, "/bin/ls"]).arg(&to).output();
    match done {
        Ok(out) => assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr)),
        Err(e) => return println!("SKIPPED: objcopy is not installed: {e}"),
    }
    let said = Said::root(&t.0.join("root"));
    assert_eq!(rows(&said), set(["crates.io serde 1.0.0 /opt/tool false"]));
}

#[test]
fn capabilities_of_files() {
    let t = Tree::new();
    t.mode("usr/bin/ping", "", 0o755);
    t.mode("usr/bin/plain", "", 0o755);
    let path = t.0.join("usr/bin/ping");
    match Command::new("setcap").arg("cap_net_raw,cap_sys_admin+ep").arg(&path).output() {
        Ok(out) if out.status.success() => {}
        other => return println!("SKIPPED: no capabilities can be set here: {other:?}"),
    }
    let said = Said::root(&t.0);
    let (row, at) = said.row("file.capability", "path", "/usr/bin/ping").unwrap();
    assert!(row.contains("capabilities=cap_net_raw,cap_sys_admin"), "{row}");
    assert_eq!((at.as_str(), said.rows("file.capability").len()), ("/usr/bin/ping", 1));
}
