//! What is asked where, and what is said to what is not.

use crate::bed::{Answer, Fake, Mood, dial, face, face_with, request, rest, under_way};
use console::{Config, Event};
use std::io::Write as _;
use std::net::Shutdown;

#[test]
fn the_four_routes() {
    let face = face(|_| {});
    let enrolled = face.post("/v1/enrol", b"{\"a\":1}");
    assert_eq!((enrolled.status, enrolled.body.as_str()), (200, "enrolled {\"a\":1}"));
    assert_eq!(enrolled.field("content-type"), Some("application/json"));
    let took = face.post("/v1/packages", b"{}");
    assert_eq!((took.status, took.body.as_str()), (200, "took {}"));
    let checkpoint = face.get("/v1/checkpoint");
    assert_eq!((checkpoint.status, checkpoint.body.as_str()), (200, "origin\n3\nroot\n"));
    assert_eq!(checkpoint.field("content-type"), Some("text/plain; charset=utf-8"));
    let alive = face.get("/v1/alive");
    assert_eq!((alive.status, alive.body.as_str()), (200, "{\"format\":\"watchfire-alive-v1\"}"));
    for answer in [enrolled, took, checkpoint, alive] {
        assert_eq!(
            (answer.field("cache-control"), answer.field("x-content-type-options")),
            (Some("no-store"), Some("nosniff"))
        );
    }
}

#[test]
fn what_there_is_not_is_refused_by_name() {
    let face = face(|_| {});
    let with = |line: &str, fields: &str| {
        Answer::of(&face.raw(format!("{line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{fields}\r\n").as_bytes()))
    };
    for path in
        ["/", "/v1", "/v1/packages/", "/v1/enrol/x", "/v2/packages", "/v1/alive%00", "/%2e%2e/v1/alive", "/CANARY"]
    {
        assert_eq!(with(&format!("GET {path}"), "").status, 404, "{path}");
    }
    for (line, allowed) in [
        ("GET /v1/packages", "post"),
        ("PUT /v1/packages", "post"),
        ("DELETE /v1/enrol", "post"),
        ("POST /v1/checkpoint", "get, head"),
        ("BREW /v1/alive", "get, head"),
    ] {
        let answer = with(line, "Content-Length: 0\r\n");
        assert_eq!((answer.status, answer.field("allow")), (405, Some(allowed)), "{line}");
    }
    let kinds = ["", "Content-Type: text/plain\r\n", "Content-Type: application/jsonx\r\n", "Content-Type: \u{e4}\r\n"];
    for kind in kinds {
        assert_eq!(with("POST /v1/packages", &format!("{kind}Content-Length: 0\r\n")).status, 415, "{kind}");
    }
    let packed = "Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n";
    assert_eq!(with("POST /v1/packages", packed).status, 415);
    let spelled = "Content-Type: Application/JSON; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}";
    assert_eq!(with("POST /v1/packages", spelled).status, 200);
    // Nothing of what strangers made up is told: not a path, not a field.
    let events = face.events.lock().unwrap();
    assert!(events.iter().any(|e| matches!(e, Event::Answered { route: "-", status: 404, .. })));
    assert!(!format!("{events:?}").contains("CANARY"));
}

#[test]
fn old_and_odd_clients_are_answered() {
    let face = face(|_| {});
    let old = "POST /v1/packages HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    let answer = Answer::of(&face.raw(old.as_bytes()));
    assert_eq!((answer.status, answer.body.as_str()), (200, "took {}"), "HTTP/1.0, and the connection ends by itself");
    // Two requests in one breath on one connection are answered in order.
    let two = [request("/v1/packages", b"1"), request("/v1/packages", b"2")].concat();
    let two = String::from_utf8(two).unwrap().replacen("Connection: close\r\n", "", 1);
    let text = face.raw(two.as_bytes());
    let (first, second) = (text.find("took 1").unwrap(), text.find("took 2").unwrap());
    assert!(first < second, "{text}");
    let chunked = "POST /v1/packages HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n";
    assert_eq!(Answer::of(&face.raw(chunked.as_bytes())).body, "took {}");
    // Who ends his side after the request still hears the answer.
    let mut stream = dial(face.address);
    stream.write_all(&request("/v1/packages", b"half")).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(Answer::of(&rest(&mut stream)).body, "took half");
    // Who asks first whether to send the body is told to.
    let mut stream = under_way(face.address, "/v1/packages", b"asked");
    assert_eq!(Answer::of(&rest(&mut stream)).body, "took asked");
}

#[test]
fn broken_bytes_are_refused_and_nothing_else_happens() {
    let face = face(|_| {});
    let json = "Host: a\r\nContent-Type: application/json\r\n";
    let cases: [(&str, String); 9] = [
        ("400", "CANARY\r\n\r\n".to_owned()),
        ("400", "GET\r\n\r\n".to_owned()),
        ("400", "GET /v1/alive HTTP/9.9\r\n\r\n".to_owned()),
        ("400", "GET /v1/alive HTTP/1.1\r\nno colon\r\n\r\n".to_owned()),
        ("400", format!("POST /v1/packages HTTP/1.1\r\n{json}Content-Length: x\r\n\r\n{{}}")),
        ("400", format!("POST /v1/packages HTTP/1.1\r\n{json}Content-Length: 1\r\nContent-Length: 2\r\n\r\n{{}}")),
        (
            "400",
            format!("POST /v1/packages HTTP/1.1\r\n{json}Transfer-Encoding: chunked\r\n\r\nZZ\r\n{{}}\r\n0\r\n\r\n"),
        ),
        ("431", format!("GET /v1/alive HTTP/1.1\r\nHost: a\r\nA: {}\r\n\r\n", "x".repeat(20 << 10))),
        ("431", format!("GET /v1/alive HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(65))),
    ];
    for (status, bytes) in cases {
        let text = face.raw(bytes.as_bytes());
        assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{bytes:.60}: {text:?}");
    }
    // A hundred pieces of noise, and requests cut at every length.
    let mut state = 0x5eed_u64;
    for _ in 0..100 {
        let noise: Vec<u8> = (0..200)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 56) as u8
            })
            .collect();
        let mut stream = dial(face.address);
        let _ = stream.write_all(&noise);
        let _ = stream.shutdown(Shutdown::Write);
        rest(&mut stream);
    }
    let whole = request("/v1/packages", b"whole");
    for length in 0..whole.len() {
        let mut stream = dial(face.address);
        stream.write_all(&whole[..length]).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let text = rest(&mut stream);
        assert!(!text.contains(" 200 "), "{length}: {text}");
    }
    assert_eq!(face.get("/v1/alive").status, 200, "and it is still there");
    let seen = face.desk.seen.0.lock().unwrap();
    assert!(seen.bodies.is_empty(), "nothing of it reached the desk: {:?}", seen.bodies);
    assert!(!format!("{:?}", face.events.lock().unwrap()).contains("CANARY"));
}

#[test]
fn a_desk_that_cannot_says_later() {
    let face = face_with(Config::default(), Fake::new(Mood::Fails));
    for answer in [face.post("/v1/packages", b"{}"), face.get("/v1/checkpoint"), face.post("/v1/enrol", b"empty")] {
        assert_eq!((answer.status, answer.field("retry-after")), (503, Some("5")));
        assert!(!answer.body.contains("disk"), "the reason is the operator's: {}", answer.body);
    }
    assert_eq!(face.told(|e| matches!(e, Event::DeskFailed(_))), Event::DeskFailed("the disk is full".to_owned()));
    let face = face_with(Config::default(), Fake::new(Mood::Miscounts));
    assert_eq!(face.post("/v1/packages", b"{}").status, 503, "answers that cannot be told apart are none");
    face.told(|e| *e == Event::DeskFailed("0 answers to 1 packages".to_owned()));
}
