//! The client against servers that do not behave.

use crate::bed::face;
use node::{Calling, LineFault, http_line_with};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use stdx::Stop;

/// A server that lets `answer` do with each connection as it likes, once a whole request has come; counts them.
fn server(answer: impl Fn(TcpStream) + Send + 'static) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, count) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&count);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::Relaxed);
            let (mut all, mut piece) = (Vec::new(), [0; 4096]);
            while !all.ends_with(b"\r\n\r\n{}") {
                match stream.read(&mut piece) {
                    Ok(n @ 1..) => all.extend_from_slice(&piece[..n]),
                    _ => break,
                }
            }
            answer(stream);
        }
    });
    (address, count)
}

fn ask(address: SocketAddr, calling: &Calling) -> Result<Vec<u8>, LineFault> {
    http_line_with(&format!("http://{address}"), calling).unwrap().post("/v1/packages", b"{}")
}
fn says(text: &'static str) -> Result<Vec<u8>, LineFault> {
    ask(server(move |mut s| s.write_all(text.as_bytes()).unwrap()).0, &Calling::default())
}
fn unreachable(why: &str) -> Result<Vec<u8>, LineFault> {
    Err(LineFault::Unreachable(why.to_owned()))
}

#[test]
fn statuses_are_handed_on_and_redirects_not_followed() {
    let (address, _) = server(|mut s| {
        s.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}").unwrap();
    });
    assert_eq!(ask(address, &Calling::default()), Ok(b"{}".to_vec()));
    for (text, status) in [
        ("HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n", 503),
        ("HTTP/1.1 413 Large\r\nContent-Length: 0\r\n\r\n", 413),
        ("HTTP/1.1 429 Often\r\nContent-Length: 0\r\n\r\n", 429),
        ("HTTP/1.1 204 Nothing\r\n\r\n", 204),
    ] {
        assert_eq!(says(text), Err(LineFault::Status(status)));
    }
    let (elsewhere, asked) = server(|_| {});
    for status in [301, 302, 303, 307, 308] {
        let text = format!("HTTP/1.1 {status} There\r\nLocation: http://{elsewhere}/\r\nContent-Length: 0\r\n\r\n");
        let (address, _) = server(move |mut s| s.write_all(text.as_bytes()).unwrap());
        assert_eq!(ask(address, &Calling::default()), Err(LineFault::Status(status)));
    }
    assert_eq!(asked.load(Ordering::Relaxed), 0, "nobody was sent on");
}

#[test]
fn other_programs_are_told_from_a_parent() {
    for text in [
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 abc\r\n\r\n",
    ] {
        assert_eq!(says(text), unreachable("other-program"), "{text}");
    }
    assert_eq!(says(""), unreachable("broken-off"));
    let half = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{\"half";
    assert_eq!(says(half), unreachable("broken-off"), "half an answer is none");
}

#[test]
fn floods_silence_and_nobody_end() {
    let (flood, _) = server(|mut s| {
        let _ = s.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n");
        while s.write_all(&[b'x'; 1 << 16]).is_ok() {}
    });
    assert_eq!(ask(flood, &Calling::default()), Err(LineFault::TooLarge));
    let (head, _) = server(|mut s| {
        let _ = s.write_all(b"HTTP/1.1 200 OK\r\nA: ");
        while s.write_all(&[b'x'; 1 << 16]).is_ok() {}
    });
    assert_eq!(ask(head, &Calling::default()), unreachable("other-program"));
    let (silent, _) = server(|s| std::thread::sleep(Duration::from_secs(60 + u64::from(s.nodelay().is_err()))));
    let soon = Calling { answer_within: Duration::from_millis(200), ..Calling::default() };
    assert_eq!(ask(silent, &soon), unreachable("no-answer-in-time"));
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(ask(nobody, &Calling::default()), unreachable("connection-refused"));
    let nowhere = http_line_with("http://no-such-host.invalid", &Calling::default()).unwrap();
    assert_eq!(nowhere.post("/v1/packages", b"{}"), unreachable("host-not-found"));
}

#[test]
fn who_asks_to_stop_does_not_wait_for_a_silent_parent() {
    let (silent, asked) = server(|s| std::thread::sleep(Duration::from_secs(60 + u64::from(s.nodelay().is_err()))));
    let calling = Calling { stop: Stop::new(), ..Calling::default() };
    let stop = calling.stop.clone();
    let asking = std::thread::spawn(move || (ask(silent, &calling), ask(silent, &calling)));
    crate::bed::await_some(|| (asked.load(Ordering::Relaxed) == 1).then_some(()));
    stop.request();
    assert_eq!(asking.join().unwrap(), (Err(LineFault::Stopped), Err(LineFault::Stopped)));
    assert_eq!(asked.load(Ordering::Relaxed), 1, "and asks nobody any more");
}

#[test]
fn the_largest_package_goes_through_and_one_byte_more_does_not_leave() {
    let face = face(|_| {});
    let line = http_line_with(&format!("http://{}", face.address), &Calling::default()).unwrap();
    let largest = vec![b'x'; 32 << 20];
    // Its answer is five bytes longer than the largest answer: it is not read to its end.
    assert_eq!(line.post("/v1/packages", &largest), Err(LineFault::TooLarge));
    assert_eq!(
        face.desk.seen.0.lock().unwrap().bodies.keys().map(Vec::len).collect::<Vec<_>>(),
        [32 << 20],
        "but it was taken"
    );
    assert_eq!(line.post("/v1/packages", &[largest.as_slice(), b"x"].concat()), Err(LineFault::TooLarge));
    assert_eq!(face.desk.seen.0.lock().unwrap().calls.len(), 1);
    assert_eq!(line.post("/v1/nothing", b"{}"), Err(LineFault::Status(404)));
    // A parent behind a prefix.
    let behind = http_line_with(&format!("http://{}/watchfire/", face.address), &Calling::default()).unwrap();
    assert_eq!(behind.post("/v1/packages", b"{}"), Err(LineFault::Status(404)));
}
