//! `watchfire serve` as an operator and a script meet it.

use crate::bench::{Dir, Started, until};
use node::{LineFault, http_line};
use rustix::process::Signal;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::MetadataExt as _;
use std::process::{Child, Command, Stdio};

/// A program that serves, and what it printed first.
pub(crate) struct Serving {
    child: Child,
    pub(crate) first: String,
    rest: BufReader<std::process::ChildStdout>,
}
impl Serving {
    pub(crate) fn new(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut rest = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        rest.read_line(&mut first).unwrap();
        Self { child, first, rest }
    }
    /// Interrupts it; what it still printed.
    pub(crate) fn end(mut self) -> String {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, Signal::INT).unwrap();
        let mut said = String::new();
        self.rest.read_to_string(&mut said).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "asked to end, it ends well");
        said
    }
}
impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn get(port: u64, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", u16::try_from(port).unwrap())).unwrap();
    stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_script_reads_where_it_listens_and_asks_there() {
    let dir = Dir::new();
    dir.run(&["scope", "add", "host", "plc-1"]).done();
    let serving = Serving::new(&mut dir.watchfire(&["serve", "--listen", "127.0.0.1:0", "--format", "json"]));
    let ready: Value = serde_json::from_str(&serving.first).unwrap();
    assert_eq!((&ready["format"], &ready["event"]), (&"watchfire-serve-v1".into(), &"listening".into()));
    assert!(ready.get("fingerprint").is_none() && ready["client_certificates"] == false, "{ready}");
    let port = ready["port"].as_u64().unwrap();
    assert!(port > 0 && ready["url"] == format!("http://127.0.0.1:{port}"), "{ready}");
    assert!(get(port, "/v1/alive").contains("\r\n\r\n{\"format\":\"watchfire-alive-v1\"}"));
    // The checkpoint is that of this node's log, while it serves.
    let shown = dir.json(&["log", "show", "--format", "json"]);
    let checkpoint = get(port, "/v1/checkpoint");
    let note = checkpoint.split_once("\r\n\r\n").unwrap().1;
    assert_eq!(note.lines().nth(1), Some("1"), "one record: {note}; {shown}");
    assert!(get(port, "/CANARY").starts_with("HTTP/1.0 404"));
    let said = serving.end();
    let lines: Vec<Value> = said.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let routes: Vec<_> =
        lines.iter().filter(|l| l["event"] == "answered").map(|l| l["route"].as_str().unwrap()).collect();
    assert_eq!(routes, ["/v1/alive", "/v1/checkpoint", "-"]);
    assert_eq!(lines.last().unwrap()["event"], "stopping");
    assert!(!said.contains("CANARY"), "nothing that a stranger made up: {said}");
}

#[test]
fn a_certificate_of_ones_own_making_serves() {
    let dir = Dir::new();
    let made = dir.json(&["serve", "--make-cert", "127.0.0.1", "parent.plant.cn", "--format", "json"]);
    let print = made["with"]["print"].as_str().unwrap().to_owned();
    assert_eq!((made["key"].as_str(), print.len()), (Some("serve.made"), 64));
    let mode = |name: &str| std::fs::metadata(dir.at(name)).unwrap().mode() & 0o777;
    assert_eq!((mode("watchfire-key.pem"), mode("watchfire-cert.pem")), (0o600, 0o644));
    assert!(!dir.home().exists(), "no node is needed for it");
    dir.run(&["serve", "--make-cert", "127.0.0.1"]).ends(2).complains(&["watchfire-key.pem"]);
    let tls = ["serve", "--listen", "127.0.0.1:0", "--cert", "watchfire-cert.pem", "--key", "watchfire-key.pem"];
    let serving = Serving::new(&mut dir.watchfire(&[tls.as_slice(), &["--format", "json", "--quiet"]].concat()));
    let ready: Value = serde_json::from_str(&serving.first).unwrap();
    assert_eq!(ready["fingerprint"], print, "what was printed when it was made");
    let url = ready["url"].as_str().unwrap();
    let line = http_line(url, Some(&dir.at("watchfire-cert.pem"))).unwrap();
    // What the node makes of two braces is its affair; that it was asked over TLS is ours.
    assert!(!matches!(line.post("/v1/packages", b"{}"), Err(LineFault::Unreachable(_) | LineFault::Stopped)));
    let untrusting = http_line(url, None).unwrap().post("/v1/packages", b"{}");
    assert_eq!(untrusting, Err(LineFault::Unreachable("certificate-not-trusted".to_owned())));
    serving.end();
    let zh = Serving::new(&mut dir.watchfire(&[tls.as_slice(), &["--lang", "zh"]].concat()));
    assert!(zh.first.starts_with("正在监听 https://127.0.0.1:"), "{}", zh.first);
    let said = zh.end();
    assert!(said.contains(&print) && said.contains("已停止"), "{said}");
}

#[test]
fn what_must_not_be_served_is_refused_with_the_way_out() {
    let dir = Dir::new();
    let plain = dir.run(&["serve", "--listen", "0.0.0.0:0"]).ends(2);
    plain.complains(&["0.0.0.0:0", "--cert", "--plain-http", "--make-cert"]);
    dir.run(&["--lang", "zh", "serve", "--listen", "0.0.0.0:0"]).ends(2).complains(&["错误", "途经者", "--plain-http"]);
    dir.run(&["serve", "--cert", "a.pem"]).ends(2).complains(&["--key"]);
    dir.run(&["serve", "--client-ca", "a.pem"]).ends(2);
    dir.run(&["serve", "--plain-http", "--cert", "a.pem", "--key", "b.pem"]).ends(2);
    dir.run(&["serve", "--listen", "somewhere"]).ends(2);
    dir.run(&["serve", "--days", "5"]).ends(2);
    dir.run(&["serve", "--make-cert", "a", "--days", "0"]).ends(2);
    dir.run(&["serve", "--make-cert", "https://a"]).ends(2).complains(&["https://a is no host name"]);
    dir.run(&["serve", "--cert", "a.pem", "--key", "b.pem"]).ends(2).complains(&["a.pem"]);
    let meant = Serving::new(&mut dir.watchfire(&["serve", "--listen", "0.0.0.0:0", "--plain-http"]));
    assert!(meant.first.starts_with("Listening on http://0.0.0.0:"), "{}", meant.first);
    assert!(meant.end().starts_with("WITHOUT TLS"));
}

#[test]
fn a_second_one_on_the_same_port_says_so() {
    let dir = Dir::new();
    let first = Serving::new(&mut dir.watchfire(&["serve", "--listen", "127.0.0.1:0", "--format", "json"]));
    let ready: Value = serde_json::from_str(&first.first).unwrap();
    let address = ready["address"].as_str().unwrap();
    dir.run(&["serve", "--listen", address]).ends(2).complains(&["in use", "--listen"]);
    // Terminated as a service is, it ends as well.
    let other = Started::new(&mut dir.watchfire(&["serve", "--listen", "127.0.0.1:0"]));
    until("the home", || dir.home().join("log.db").exists());
    std::thread::sleep(std::time::Duration::from_millis(500));
    other.signal(Signal::TERM);
    other.wait("terminated").ends(0).says(&["Stopped."]);
}
