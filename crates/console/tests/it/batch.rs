//! Many at once, and the end.

use crate::bed::{Answer, Fake, Mood, await_some, dial, face, face_with, request, rest, under_way};
use console::{Config, ConsoleError, Event};
use std::io::Write as _;
use std::net::TcpStream;

/// Children that send at the same time.
const CHILDREN: usize = 600;

#[test]
fn six_hundred_at_once_share_a_few_calls() {
    let face = face(|l| l.connections_max = CHILDREN);
    // The desk is busy while they come, as it is with a disk.
    face.desk.shut();
    let first = {
        let address = face.address;
        std::thread::spawn(move || crate::bed::raw(address, &request("/v1/packages", b"first")))
    };
    face.desk.wait(|s| s.begun == 1);
    let mut streams: Vec<TcpStream> = (0..CHILDREN - 1)
        .map(|n| {
            let mut stream = dial(face.address);
            stream.write_all(&request("/v1/packages", format!("package {n}").as_bytes())).unwrap();
            stream
        })
        .collect();
    face.desk.open();
    for (n, stream) in streams.iter_mut().enumerate() {
        let answer = Answer::of(&rest(stream));
        assert_eq!((answer.status, answer.body), (200, format!("took package {n}")), "each its own answer");
    }
    assert_eq!(Answer::of(&first.join().unwrap()).body, "took first");
    let seen = face.desk.seen.0.lock().unwrap();
    assert_eq!((seen.bodies.len(), seen.bodies.values().max()), (CHILDREN, Some(&1)), "each once");
    assert_eq!(seen.calls.iter().sum::<usize>(), CHILDREN);
    println!("{CHILDREN} packages in calls of {:?}", seen.calls);
    // The first alone; 599 others were waiting and a call takes 512: at least two more, and far from 600.
    assert!((3..100).contains(&seen.calls.len()) && seen.calls.iter().all(|n| *n <= 512), "{:?}", seen.calls);
}

#[test]
fn who_goes_away_after_sending_has_sent() {
    let face = face(|_| {});
    face.desk.shut();
    let mut stream = dial(face.address);
    stream.write_all(&request("/v1/packages", b"gone while waiting")).unwrap();
    face.desk.wait(|s| s.begun == 1);
    drop(stream);
    // And those that are gone before anybody looked.
    for n in 0..20 {
        let mut stream = dial(face.address);
        stream.write_all(&request("/v1/packages", format!("gone {n}").as_bytes())).unwrap();
    }
    // And those that hang up: a socket that is closed with something unread in it is reset.
    for n in 0..20 {
        let mut stream = dial(face.address);
        let whole = String::from_utf8(request("/v1/packages", format!("hung up {n}").as_bytes())).unwrap();
        let (head, body) = whole.split_once("\r\n\r\n").unwrap();
        stream.write_all(format!("{head}\r\nExpect: 100-continue\r\n\r\n").as_bytes()).unwrap();
        await_some(|| (stream.peek(&mut [0; 25]).unwrap() == 25).then_some(()));
        stream.write_all(body.as_bytes()).unwrap();
    }
    face.desk.open();
    face.desk.wait(|s| s.bodies.len() == 41);
    assert_eq!(face.post("/v1/packages", b"again").body, "took again");
}

#[test]
fn stopped_while_busy_it_answers_what_it_took() {
    let face = face(|_| {});
    face.desk.shut();
    let mut taken: Vec<TcpStream> =
        (0..40).map(|n| under_way(face.address, "/v1/packages", format!("{n}").as_bytes())).collect();
    // An open connection on which nothing was said, and one that was used and kept.
    let mut silent = dial(face.address);
    let mut kept = dial(face.address);
    kept.write_all(b"GET /v1/alive HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    face.told(|e| matches!(e, Event::Answered { route: "/v1/alive", status: 200, .. }));
    face.desk.wait(|s| s.begun == 1);
    let address = face.address;
    face.stop.request();
    let told = face.told(|e| matches!(e, Event::Stopping(_)));
    assert_eq!(told, Event::Stopping(42));
    await_some(|| TcpStream::connect(address).is_err().then_some(()));
    assert_eq!(rest(&mut silent), "", "who said nothing is let go");
    assert!(rest(&mut kept).contains("watchfire-alive-v1"));
    face.desk.open();
    for (n, stream) in taken.iter_mut().enumerate() {
        assert_eq!(Answer::of(&rest(stream)).body, format!("took {n}"));
    }
    face.end().unwrap();
}

#[test]
fn a_desk_that_breaks_down_ends_the_face() {
    let face = face_with(Config::default(), Fake::new(Mood::Panics));
    assert_eq!(face.post("/v1/packages", b"{}").status, 500, "nobody says that it was taken");
    face.told(|e| matches!(e, Event::Stopping(_)));
    assert!(matches!(face.end(), Err(ConsoleError::Desk)), "whoever runs it is told, and starts it again");
}

#[test]
fn what_is_in_the_middle_at_the_end_is_cut_off_in_time() {
    let face = face(|l| l.stop_within = std::time::Duration::from_millis(200));
    let mut stream = dial(face.address);
    let whole = request("/v1/packages", b"a body that never ends");
    stream.write_all(&whole[..whole.len() - 5]).unwrap();
    face.get("/v1/alive");
    let desk = face.desk.clone();
    face.end().unwrap();
    assert!(!rest(&mut stream).contains(" 200 "));
    assert!(desk.seen.0.lock().unwrap().bodies.is_empty(), "half a package is none");
}
