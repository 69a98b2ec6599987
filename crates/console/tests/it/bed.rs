//! A face with a desk of ours behind it, and a client that says whatever bytes it likes.

use console::{Config, ConsoleError, Desk, Event, Limits, Ready};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use stdx::Stop;

/// How long a test waits for what must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What the desk does with packages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mood {
    Well,
    /// Nothing durable can be done.
    Fails,
    /// One answer too few.
    Miscounts,
    Panics,
}

/// What the desk has seen, and whether it may go on.
#[derive(Default)]
pub(crate) struct Seen {
    /// Packages of each call.
    pub(crate) calls: Vec<usize>,
    /// Bodies, and how often each came.
    pub(crate) bodies: BTreeMap<Vec<u8>, usize>,
    /// Calls that have begun.
    pub(crate) begun: usize,
    pub(crate) shut: bool,
}

/// A desk that answers with what it was given.
#[derive(Clone)]
pub(crate) struct Fake {
    pub(crate) seen: Arc<(Mutex<Seen>, Condvar)>,
    mood: Mood,
}
impl Fake {
    pub(crate) fn new(mood: Mood) -> Self {
        Self { seen: Arc::default(), mood }
    }
    /// Keeps the desk from finishing until [`Self::open`].
    pub(crate) fn shut(&self) {
        self.seen.0.lock().unwrap().shut = true;
    }
    pub(crate) fn open(&self) {
        // A desk that broke down has left its lock as it was.
        self.seen.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).shut = false;
        self.seen.1.notify_all();
    }
    /// Waits until something is seen.
    #[track_caller]
    pub(crate) fn wait(&self, until: impl Fn(&Seen) -> bool) {
        let (seen, over) =
            self.seen.1.wait_timeout_while(self.seen.0.lock().unwrap(), PATIENCE, |s| !until(s)).unwrap();
        drop(seen);
        assert!(!over.timed_out(), "it never came");
    }
}
impl Desk for Fake {
    fn enrolment(&self, body: Vec<u8>) -> Vec<u8> {
        if body == b"empty" { Vec::new() } else { [b"enrolled ".as_slice(), &body].concat() }
    }
    fn packages(&self, bodies: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, String> {
        let mut seen = self.seen.0.lock().unwrap();
        seen.begun += 1;
        self.seen.1.notify_all();
        seen = self.seen.1.wait_while(seen, |s| s.shut).unwrap();
        assert!(self.mood != Mood::Panics, "the desk breaks down, as this test wants it");
        seen.calls.push(bodies.len());
        for body in &bodies {
            *seen.bodies.entry(body.clone()).or_default() += 1;
        }
        self.seen.1.notify_all();
        drop(seen);
        match self.mood {
            Mood::Fails => Err("the disk is full".to_owned()),
            Mood::Miscounts => Ok(vec![]),
            _ => Ok(bodies.iter().map(|b| [b"took ".as_slice(), b].concat()).collect()),
        }
    }
    fn checkpoint(&self) -> Result<String, String> {
        if self.mood == Mood::Fails { Err("no log".to_owned()) } else { Ok("origin\n3\nroot\n".to_owned()) }
    }
}

/// A face that is open.
pub(crate) struct Face {
    pub(crate) ready: Ready,
    pub(crate) address: SocketAddr,
    pub(crate) desk: Fake,
    pub(crate) stop: Stop,
    pub(crate) events: Arc<Mutex<Vec<Event>>>,
    thread: Option<JoinHandle<Result<(), ConsoleError>>>,
}

/// Opens a face on a free port, with limits as the test wants them.
pub(crate) fn face(change: impl FnOnce(&mut Limits)) -> Face {
    let mut config = Config::default();
    change(&mut config.limits);
    face_with(config, Fake::new(Mood::Well))
}

pub(crate) fn face_with(config: Config, desk: Fake) -> Face {
    let events = Arc::new(Mutex::new(Vec::new()));
    let (heard, stop, behind) = (Arc::clone(&events), Stop::new(), desk.clone());
    let listen = SocketAddr::new(config.listen.ip(), 0);
    let tell = Arc::new(move |e: &Event| heard.lock().unwrap().push(e.clone()));
    let (config, asked) = (Config { listen, tell, ..config }, stop.clone());
    let thread = std::thread::spawn(move || console::serve(config, behind, None, &asked));
    let ready = await_some(|| match events.lock().unwrap().first() {
        Some(Event::Listening(ready)) => Some(ready.clone()),
        _ => None,
    });
    Face { address: ready.address, ready, desk, stop, events, thread: Some(thread) }
}

impl Face {
    /// Says these bytes and reads to the end of the connection.
    pub(crate) fn raw(&self, bytes: &[u8]) -> String {
        raw(self.address, bytes)
    }
    pub(crate) fn post(&self, path: &str, body: &[u8]) -> Answer {
        Answer::of(&self.raw(&request(path, body)))
    }
    pub(crate) fn get(&self, path: &str) -> Answer {
        Answer::of(&self.raw(format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").as_bytes()))
    }
    /// Asks it to stop and waits for its end.
    pub(crate) fn end(mut self) -> Result<(), ConsoleError> {
        self.stop.request();
        self.thread.take().unwrap().join().unwrap()
    }
    /// Waits until such a thing has been told.
    #[track_caller]
    pub(crate) fn told(&self, what: impl Fn(&Event) -> bool) -> Event {
        await_some(|| self.events.lock().unwrap().iter().find(|e| what(e)).cloned())
    }
}
impl Drop for Face {
    fn drop(&mut self) {
        self.stop.request();
        self.desk.open();
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(std::thread::panicking() || matches!(ended, Ok(Ok(()))), "the face did not end well");
        }
    }
}

/// Asks until there is an answer.
#[track_caller]
pub(crate) fn await_some<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(Instant::now() < until, "it never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn dial(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Whatever was answered before the connection ended, also if it was reset afterwards.
pub(crate) fn rest(stream: &mut impl Read) -> String {
    let (mut all, mut piece) = (Vec::new(), [0; 4096]);
    while let Ok(n @ 1..) = stream.read(&mut piece) {
        all.extend_from_slice(&piece[..n]);
    }
    String::from_utf8_lossy(&all).into_owned()
}

pub(crate) fn raw(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = dial(address);
    // A refusal may come before everything was said.
    let _ = stream.write_all(bytes);
    rest(&mut stream)
}

/// A request with a body, as a child sends it.
pub(crate) fn request(path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// A request that the face has begun to take: it has been told to go on, and its body is under way.
pub(crate) fn under_way(address: SocketAddr, path: &str, body: &[u8]) -> TcpStream {
    let mut stream = dial(address);
    let whole = request(path, body);
    let head = &whole[..whole.len() - body.len() - 2];
    stream.write_all(&[head, b"Expect: 100-continue\r\n\r\n"].concat()).unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(body).unwrap();
    stream
}

/// An answer, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}
impl Answer {
    #[track_caller]
    pub(crate) fn of(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or_else(|| panic!("no status: {head}"));
        Self { status, head: head.to_lowercase(), body: body.to_owned() }
    }
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|l| l.strip_prefix(&format!("{name}: ")))
    }
}

/// A folder of the test's own.
pub(crate) struct Folder(pub(crate) PathBuf);
impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("watchfire-console-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}
impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
