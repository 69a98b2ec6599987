//! Webhooks and templates against servers of ours.

use crate::bed::{Bed, TEXT, around, now};
use crate::fakes::{answer, certificate, http, http_server, secured, serve};
use evidence::NoticeState;
use serde_json::Value;
use std::io::Write as _;
use std::process::{Command, Stdio};

fn bed(channel: &str) -> Bed {
    let bed = Bed::new();
    bed.file("secret", "CANARY-SECRET", 0o600);
    bed.file("token", "CANARY-TOKEN", 0o600);
    bed.file("notify.toml", &around(channel, "13912345617"), 0o600);
    bed
}
fn webhook(port: u16) -> Bed {
    bed(&format!(
        "kind = \"webhook\"\nurl = \"http://127.0.0.1:{port}/hook\"\nsecret_file = \"secret\"\ntimeout_seconds = 1"
    ))
}

/// HMAC-SHA-256 by Python, in the form that `code` prints of `m`.
fn python_hmac(key: &str, text: &str, code: &str) -> String {
    let script = format!(
        "import sys,hmac,hashlib,base64\nm=hmac.new(sys.argv[1].encode(),sys.stdin.buffer.read(),hashlib.sha256)\nprint({code},end='')"
    );
    let mut child = Command::new("python3")
        .args(["-c", &script, key])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

fn header<'a>(request: &'a str, name: &str) -> &'a str {
    let line = request.lines().find(|l| l.to_lowercase().starts_with(&format!("{}:", name.to_lowercase())));
    line.unwrap_or_else(|| panic!("no {name} in {request}")).split_once(':').unwrap().1.trim()
}

#[test]
fn a_webhook_is_signed_and_says_nothing_else() {
    let (port, got) = http_server(answer("200 OK", "thanks"));
    let notice = webhook(port).one();
    assert_eq!((notice.state, notice.proof.as_str()), (NoticeState::Delivered, "http 200"));
    let got = got.lock().unwrap();
    let request = &got[0];
    let body = request.split_once("\r\n\r\n").unwrap().1;
    let timestamp = header(request, "Watchfire-Timestamp");
    assert!((timestamp.parse::<i64>().unwrap() - now().secs()).abs() < 60, "the node's own clock");
    let want = python_hmac("CANARY-SECRET", &format!("{timestamp}.{body}"), "m.hexdigest()");
    assert_eq!(header(request, "Watchfire-Signature"), format!("v1={want}"));
    let json: Value = serde_json::from_str(body).unwrap();
    let keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    let named = [
        "colour",
        "colour_en",
        "colour_zh",
        "deadline",
        "drill",
        "format",
        "notice",
        "number",
        "numeral",
        "test",
        "text",
    ];
    assert_eq!(keys, named);
    assert_eq!((json["text"].as_str(), json["number"].as_str()), (Some(TEXT), Some("i-3f2a91c0")));
    assert!(!request.contains("CANARY") && !request.contains("miit-phone") && !request.contains("3202"), "{request}");
}

#[test]
fn what_a_status_means() {
    use NoticeState::{Failed, GivenUp};
    let cases = [
        ("400 Bad Request", GivenUp),
        ("404 Not Found", GivenUp),
        ("302 Found\r\nLocation: http://127.0.0.1:1/", GivenUp),
        ("429 Too Many", Failed),
        ("500 Oh", Failed),
        ("503 Later", Failed),
    ];
    for (status, state) in cases {
        let notice = webhook(http_server(answer(status, "")).0).one();
        assert_eq!((notice.state, notice.proof), (state, format!("http {}", &status[..3])), "{status}");
    }
}

#[test]
fn silence_garbage_and_floods_end_in_time() {
    let (port, _) = serve(|stream, _| {
        std::thread::sleep(std::time::Duration::from_secs(10));
        drop(stream);
    });
    let notice = webhook(port).one();
    assert_eq!((notice.state, notice.proof.as_str()), (NoticeState::Failed, "time limit"));
    for garbage in ["SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 abc\r\n\r\n"] {
        assert_eq!(webhook(http_server(garbage).0).one().state, NoticeState::Failed, "{garbage}");
    }
    let (port, _) = serve(|mut stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nA: ");
        while stream.write_all(&[b'x'; 4096]).is_ok() {}
    });
    assert_eq!(webhook(port).one().state, NoticeState::Failed, "an endless head");
    // Nobody listens on a port that was just given back.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert_eq!(webhook(port).one().state, NoticeState::Failed);
}

#[test]
fn a_certificate_that_nobody_trusts_is_refused() {
    let (pem, config) = certificate();
    let (port, got) = serve(move |stream, got| http(secured(&config, stream), got, &answer("200 OK", "")));
    let url = format!("kind = \"webhook\"\nurl = \"https://127.0.0.1:{port}/\"\nsecret_file = \"secret\"\n");
    let strange = bed(&url).one();
    assert_eq!((strange.state, strange.proof.as_str()), (NoticeState::GivenUp, "certificate not trusted"));
    assert!(got.lock().unwrap().is_empty(), "nothing was said to it");
    let trusting = bed(&format!("{url}ca_file = \"ca.pem\""));
    trusting.file("ca.pem", &pem, 0o644);
    assert_eq!(trusting.one().state, NoticeState::Delivered);
    assert_eq!(got.lock().unwrap().len(), 1);
}

fn robot(template: &str, path: &str, reply: &str, more: &str) -> (evidence::Notice, String) {
    let (port, got) = http_server(answer("200 OK", reply));
    let channel = format!(
        "kind = \"template\"\ntemplate = \"{template}\"\nurl = \"http://127.0.0.1:{port}{path}\"\ntoken_file = \"token\"\n{more}"
    );
    let notice = bed(&channel).one();
    let request = got.lock().unwrap().first().cloned().unwrap();
    (notice, request)
}

#[test]
fn dingtalk_is_signed_in_the_address() {
    let path = "/robot/send?access_token={token}&timestamp={timestamp}&sign={sign}";
    let (notice, request) = robot("dingtalk", path, "{\"errcode\":0,\"errmsg\":\"ok\"}", "secret_file = \"secret\"");
    assert_eq!((notice.state, notice.proof.as_str()), (NoticeState::Delivered, "http 200 /errcode=0"));
    let line = request.lines().next().unwrap();
    let query = line.split_once('?').unwrap().1.split(' ').next().unwrap();
    let value = |name: &str| query.split('&').find_map(|p| p.strip_prefix(&format!("{name}="))).unwrap();
    assert_eq!(value("access_token"), "CANARY-TOKEN");
    let at = value("timestamp");
    assert_eq!(at.len(), 13, "milliseconds");
    let code = "__import__('urllib.parse').parse.quote_plus(base64.b64encode(m.digest()).decode())";
    assert_eq!(value("sign"), python_hmac("CANARY-SECRET", &format!("{at}\nCANARY-SECRET"), code));
    let body: Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(body["text"]["content"], TEXT);
    let (wrong, _) =
        robot("dingtalk", path, "{\"errcode\":310000,\"errmsg\":\"sign not match\"}", "secret_file = \"secret\"");
    assert_eq!((wrong.state, wrong.proof.as_str()), (NoticeState::GivenUp, "http 200 /errcode=310000"));
    let (busy, _) = robot("dingtalk", path, "{\"errcode\":130101}", "secret_file = \"secret\"");
    assert_eq!(busy.state, NoticeState::Failed);
}

#[test]
fn feishu_is_signed_in_the_body() {
    let path = "/open-apis/bot/v2/hook/{token}";
    let (notice, request) = robot("feishu", path, "{\"code\":0,\"msg\":\"success\"}", "secret_file = \"secret\"");
    assert_eq!((notice.state, notice.proof.as_str()), (NoticeState::Delivered, "http 200 /code=0"));
    assert!(request.starts_with("POST /open-apis/bot/v2/hook/CANARY-TOKEN HTTP"));
    let body: Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
    let at = body["timestamp"].as_str().unwrap();
    assert_eq!(at.len(), 10, "seconds, as a text");
    let want = python_hmac(&format!("{at}\nCANARY-SECRET"), "", "base64.b64encode(m.digest()).decode()");
    assert_eq!((body["sign"].as_str(), body["content"]["text"].as_str()), (Some(want.as_str()), Some(TEXT)));
}

#[test]
fn wecom_and_gateways_take_their_forms() {
    let (notice, request) = robot("wecom", "/cgi-bin/webhook/send?key={token}", "{\"errcode\":0}", "");
    assert_eq!(notice.state, NoticeState::Delivered);
    assert!(request.starts_with("POST /cgi-bin/webhook/send?key=CANARY-TOKEN HTTP"), "{request}");
    let (_, request) = robot("sms-generic", "/send", "", "");
    assert_eq!(header(&request, "Authorization"), "Bearer CANARY-TOKEN");
    let body: Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!((body["mobile"].as_str(), body["content"].as_str()), (Some("13912345617"), Some(TEXT)));
    let (_, request) = robot("voice-generic", "/call", "", "");
    let body: Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!((body["vars"]["colour"].as_str(), body["called"].as_str()), (Some("红色"), Some("13912345617")));
    // An answer without what success means, or without an end, is none.
    for reply in ["", "[]", "<html>CANARY-TOKEN</html>", &"x".repeat(1 << 20)] {
        let (notice, _) = robot("wecom", "/?key={token}", reply, "");
        assert_eq!(notice.state, NoticeState::Failed, "{}", notice.proof);
        assert!(!notice.proof.contains("CANARY"), "{}", notice.proof);
    }
    let (echo, _) = robot("wecom", "/?key={token}", "{\"errcode\":\"CANARY-TOKEN 13912345617\"}", "");
    assert_eq!(echo.proof, "http 200 /errcode=*** ***", "what they send back is cleaned");
}

#[test]
fn a_form_of_ones_own() {
    let (port, got) = http_server(answer("200 OK", "{\"result\":{\"ok\":true}}"));
    let bed = Bed::new();
    bed.file(
        "gate.toml",
        "form = { to = \"{address}\", msg = \"{text}\" }\nsuccess = { pointer = \"/result/ok\", equals = \"true\" }\n",
        0o644,
    );
    let channel = format!("kind = \"template\"\nfile = \"gate.toml\"\nurl = \"http://127.0.0.1:{port}/\"");
    bed.file("notify.toml", &around(&channel, "+86 139&x=1"), 0o600);
    assert_eq!(bed.one().state, NoticeState::Delivered);
    let got = got.lock().unwrap();
    let body = got[0].split_once("\r\n\r\n").unwrap().1;
    let fields: Vec<&str> = body.split('&').collect();
    assert!(fields.len() == 2 && fields.contains(&"to=%2B86%20139%26x%3D1"), "{body}");
    assert!(fields.iter().any(|f| f.starts_with("msg=i-3f2a91c0%20%C2%B7%20RED%20I%20")), "{body}");
}
