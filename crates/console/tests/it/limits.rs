//! Too large, too slow, too many, too often.

use crate::bed::{Answer, await_some, dial, face, request, rest};
use console::{BODY_BYTES_MAX, Event, Lost};
use std::io::Write as _;
use std::time::Duration;

/// Deadlines short enough to wait for.
const SOON: Duration = Duration::from_millis(400);

#[test]
fn a_body_over_the_limit_is_413_and_the_sender_hears_it() {
    let face = face(|_| {});
    let over = vec![b'x'; BODY_BYTES_MAX + 1];
    // Pushed to its end before anything is read, as simple clients do.
    let answer = face.post("/v1/packages", &over);
    assert_eq!((answer.status, answer.body.as_str()), (413, "{\"refused\":\"too-large\"}"));
    assert_eq!(face.post("/v1/packages", &over[1..]).status, 200, "32 MiB are not too many");
    // Only announced: not a byte of it is waited for.
    let announced = |bytes: u64| {
        let head = "POST /v1/enrol HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length";
        Answer::of(&face.raw(format!("{head}: {bytes}\r\n\r\n").as_bytes())).status
    };
    assert_eq!(announced(1 << 40), 413);
    // Hyper takes a length that no machine could hold for a field that is too large.
    assert!([413, 431].contains(&announced(u64::MAX)));
}

#[test]
fn a_child_that_is_still_sending_hears_why_not() {
    let face = face(|l| l.body_bytes_max = 1000);
    let line = node::http_line(&format!("http://{}", face.address), None).unwrap();
    // It reads nothing before it has sent all: were the socket closed at the refusal, it would see a broken line.
    let large = vec![b'x'; 16 << 20];
    assert_eq!(line.post("/v1/packages", &large), Err(node::LineFault::Status(413)));
    assert_eq!(line.post("/v1/nothing", &large), Err(node::LineFault::Status(404)));
}

#[test]
fn a_body_without_a_length_has_the_same_limit() {
    let face = face(|l| l.body_bytes_max = 1000);
    let chunked = |bytes: usize| {
        let head = "POST /v1/packages HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
        let body = format!("{:x}\r\n{}\r\n0\r\n\r\n", bytes, "x".repeat(bytes));
        Answer::of(&face.raw(format!("{head}{body}").as_bytes())).status
    };
    assert_eq!((chunked(1000), chunked(1001)), (200, 413));
    assert_eq!(
        (face.post("/v1/packages", &[b'x'; 1000]).status, face.post("/v1/packages", &[b'x'; 1001]).status),
        (200, 413)
    );
}

#[test]
fn slow_heads_and_bodies_are_408() {
    let slow = face(|l| (l.head_within, l.piece_within) = (SOON, SOON));
    // A head that never ends, a byte at a time: the deadline is for all of it.
    let mut stream = dial(slow.address);
    stream.write_all(b"POST /v1/pack").unwrap();
    let mut drip = stream.try_clone().unwrap();
    let dripping = std::thread::spawn(move || {
        while drip.write_all(b"a").is_ok() {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    assert_eq!(Answer::of(&rest(&mut stream)).status, 408);
    drop(stream);
    dripping.join().unwrap();
    slow.told(|e| matches!(e, Event::Lost { why: Lost::HeadSlow, .. }));
    // Nothing at all, and nothing more after an answer: the end, without a word, because nobody asked anything.
    assert_eq!(rest(&mut dial(slow.address)), "");
    let mut kept = dial(slow.address);
    kept.write_all(b"GET /v1/alive HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let text = rest(&mut kept);
    assert!(text.starts_with("HTTP/1.1 200 ") && !text.contains("408"), "{text}");
    // A body that stops in the middle.
    let whole = request("/v1/packages", b"0123456789");
    let mut stream = dial(slow.address);
    stream.write_all(&whole[..whole.len() - 3]).unwrap();
    let answer = Answer::of(&rest(&mut stream));
    assert_eq!((answer.status, answer.body.as_str()), (408, "{\"refused\":\"too-slow\"}"));
    // A body that goes on for ever, piece by piece: the deadline is for all of it.
    let face = face(|l| l.body_within = SOON);
    let mut stream = dial(face.address);
    let whole = request("/v1/packages", &[b'x'; 10_000]);
    stream.write_all(&whole[..200]).unwrap();
    let mut drip = stream.try_clone().unwrap();
    let dripping = std::thread::spawn(move || {
        while drip.write_all(b"a").is_ok() {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    assert_eq!(Answer::of(&rest(&mut stream)).status, 408);
    drop(stream);
    dripping.join().unwrap();
}

#[test]
fn connections_over_the_limit_are_told_503() {
    let face = face(|l| (l.connections_max, l.turned_away_max, l.head_within) = (2, 1, Duration::from_secs(20)));
    let held: Vec<_> = (0..2)
        .map(|_| {
            let mut stream = dial(face.address);
            // Begun and not ended: the seats are taken.
            stream.write_all(b"GET /v1/alive HT").unwrap();
            stream
        })
        .collect();
    let one_more = face.get("/v1/alive");
    assert_eq!(
        (one_more.status, one_more.field("retry-after"), one_more.body.as_str()),
        (503, Some("5"), "{\"refused\":\"full\"}")
    );
    // Beyond those that are told so, there is the end: sooner or later one that says nothing stands in the one place.
    let mut standing = Vec::new();
    await_some(|| {
        standing.push(dial(face.address));
        face.raw(b"GET /v1/alive HTTP/1.0\r\n\r\n").is_empty().then_some(())
    });
    drop((held, standing));
    await_some(|| face.raw(b"GET /v1/alive HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 200").then_some(()));
    let (events, _) = (std::sync::Arc::clone(&face.events), face.end().unwrap());
    let counts = events
        .lock()
        .unwrap()
        .iter()
        .filter_map(|e| if let Event::TurnedAway(n) = e { Some(*n) } else { None })
        .sum::<u64>();
    assert!(counts >= 3, "the operator is told how many: {counts}");
}

#[test]
fn a_full_queue_and_a_full_memory_are_503() {
    let full = face(|l| (l.queue_packages_max, l.batch_packages_max) = (1, 1));
    full.desk.shut();
    let send = |n: u8| {
        let mut stream = dial(full.address);
        stream.write_all(&request("/v1/packages", &[n])).unwrap();
        stream
    };
    let mut at_the_desk = send(b'1');
    full.desk.wait(|s| s.begun == 1);
    let mut others: Vec<_> = (b'2'..b'7').map(send).collect();
    // One of the five has a place in the queue; which, is chance.
    let statuses =
        std::thread::spawn(move || others.iter_mut().map(|s| Answer::of(&rest(s)).status).collect::<Vec<_>>());
    let refused =
        || full.events.lock().unwrap().iter().filter(|e| matches!(e, Event::Answered { status: 503, .. })).count();
    await_some(|| (refused() == 4).then_some(()));
    full.desk.open();
    let mut statuses = statuses.join().unwrap();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 503, 503, 503, 503]);
    assert_eq!(Answer::of(&rest(&mut at_the_desk)).body, "took 1");
    // Memory: what the desk holds counts until its answer.
    let face = face(|l| l.bodies_bytes_max = 100 << 10);
    face.desk.shut();
    let mut large = dial(face.address);
    large.write_all(&request("/v1/packages", &[b'x'; 60 << 10])).unwrap();
    face.desk.wait(|s| s.begun == 1);
    assert_eq!(face.post("/v1/packages", &[b'y'; 60 << 10]).status, 503);
    assert_eq!(face.post("/v1/enrol", &[b'y'; 10 << 10]).status, 200, "there is room for a small one");
    face.desk.open();
    assert_eq!(Answer::of(&rest(&mut large)).status, 200);
    assert_eq!(face.post("/v1/packages", &[b'y'; 60 << 10]).status, 200, "and for a large one again");
}

#[test]
fn enrolments_have_a_rate() {
    let face = face(|l| l.enrolments_per_minute = 3);
    let statuses: Vec<u16> = (0..5).map(|_| face.post("/v1/enrol", b"{}").status).collect();
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
    assert_eq!(face.post("/v1/enrol", b"{}").field("retry-after"), Some("60"));
    assert_eq!(face.post("/v1/packages", b"{}").status, 200, "packages have none");
}
