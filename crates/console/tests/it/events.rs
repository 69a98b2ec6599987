//! Server-sent events: who listens hears that the log has something for him, as long as his session lasts, and nothing of what it says.

use crate::bed::{await_some, dial};
use crate::site_bed::{Browser, Open, open, open_with};
use evidence::NodeRole;
use node::accounts::{AccountRole, AccountScope, Wanted};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

/// An open stream, read by a thread of its own until its other side ends it.
struct Stream {
    heard: Arc<Mutex<(String, bool)>>,
    socket: TcpStream,
}
impl Drop for Stream {
    fn drop(&mut self) {
        let _ = self.socket.shutdown(std::net::Shutdown::Both);
    }
}
impl Stream {
    fn open(site: &Open, browser: &Browser, query: &str, more: &str) -> Self {
        let cookies: Vec<_> = browser.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let mut socket = dial(site.address);
        let head = format!(
            "GET /api/v1/events{query} HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\nCookie: {}\r\n{more}\r\n",
            cookies.join("; ")
        );
        socket.write_all(head.as_bytes()).unwrap();
        let heard = Arc::new(Mutex::new((String::new(), false)));
        let (kept, mut reads) = (Arc::clone(&heard), socket.try_clone().unwrap());
        std::thread::spawn(move || {
            let mut piece = [0; 1024];
            while let Ok(n @ 1..) = reads.read(&mut piece) {
                kept.lock().unwrap().0.push_str(&String::from_utf8_lossy(&piece[..n]));
            }
            kept.lock().unwrap().1 = true;
        });
        Self { heard, socket }
    }
    /// Waits until this was heard; all of what was heard then.
    #[track_caller]
    fn hears(&self, said: &str) -> String {
        await_some(|| Some(self.heard.lock().unwrap().0.clone()).filter(|h| h.contains(said)))
    }
    #[track_caller]
    fn ends(&self) {
        await_some(|| self.heard.lock().unwrap().1.then_some(()));
    }
}

fn open_incident(duty: &mut Browser) {
    assert_eq!(duty.post("/incidents", &[("title", "CANARY of an incident"), ("discovered", "50m")]).status, 303);
}

#[test]
fn who_listens_hears_of_new_records_by_topic_and_comes_back_where_he_was() {
    let site = open(NodeRole::Plant);
    let mut duty = site.signed_in("duty");
    let stream = Stream::open(&site, &duty, "", "");
    let begun = stream.hears("retry:");
    assert!(begun.starts_with("HTTP/1.1 200") && begun.contains("content-type: text/event-stream"), "{begun}");
    assert!(begun.contains("cache-control: no-store") && !begun.contains("event:"), "{begun}");
    let before = site.node.store().size().unwrap();
    open_incident(&mut duty);
    let heard = stream.hears("event: incidents");
    assert!(
        heard.contains("data: {\"records\":") && !heard.contains("CANARY") && !heard.contains("event: received"),
        "{heard}"
    );
    // Whoever was away is told what came meanwhile, by the browser's own field or by the page's index; a strange index begins anew.
    let back = Stream::open(&site, &duty, "", &format!("Last-Event-ID: {before}\r\n"));
    let size = site.node.store().size().unwrap();
    assert!(back.hears("event: incidents").contains(&format!("id: {size}\n")));
    Stream::open(&site, &duty, &format!("?after={before}"), "").hears("event: incidents");
    let strange = Stream::open(&site, &duty, "?after=900000", "");
    strange.hears("retry:");
    open_incident(&mut duty);
    strange.hears("event: incidents");
    // The same as one answer, for programs that ask.
    let asked: serde_json::Value =
        serde_json::from_str(&duty.get(&format!("/api/v1/events?after={before}")).body).unwrap();
    assert_eq!(asked["next"], site.node.store().size().unwrap());
    assert!(asked["records"]["incidents"].as_u64().unwrap() >= 2, "{asked}");
    // A page says for what it listens, and from where on; others do not.
    assert!(
        duty.get("/incidents")
            .body
            .contains(&format!("data-listen=\"incidents\" data-after=\"{}\"", site.node.store().size().unwrap()))
    );
    assert!(!duty.get("/plan").body.contains("data-listen"));
}

#[test]
fn a_stream_ends_with_its_session_and_is_nobody_s_without_one() {
    let site = open(NodeRole::Plant);
    let mut officer = site.signed_in("officer");
    let stream = Stream::open(&site, &officer, "", "");
    stream.hears("retry:");
    assert_eq!(officer.post("/leave", &[]).status, 303);
    stream.ends();
    let refused = Stream::open(&site, &officer, "", "Connection: close\r\n");
    assert!(refused.hears("\r\n\r\n").starts_with("HTTP/1.1 401"));
    // So does that of an account that is shut.
    let duty = site.signed_in("duty");
    let stream = Stream::open(&site, &duty, "", "");
    stream.hears("retry:");
    let wanted =
        Wanted { login: "duty", name: "n", role: AccountRole::Duty, scope: AccountScope::default(), lang: "en" };
    site.accounts.change("duty", &wanted, true).unwrap();
    stream.ends();
}

#[test]
fn one_account_has_few_streams_and_one_more_ends_the_oldest() {
    let site = open_with(NodeRole::Plant, &[AccountRole::Officer], |_| {});
    let officer = site.signed_in("officer");
    let streams: Vec<_> = (0..16)
        .map(|_| {
            let stream = Stream::open(&site, &officer, "", "");
            stream.hears("retry:");
            stream
        })
        .collect();
    let newest = Stream::open(&site, &officer, "", "");
    newest.hears("retry:");
    streams[0].ends();
    assert!(!streams[1].heard.lock().unwrap().1 && !newest.heard.lock().unwrap().1);
}

#[test]
fn who_may_see_nothing_of_a_topic_hears_nothing_of_it() {
    let site = open(NodeRole::Plant);
    let before = site.node.store().size().unwrap();
    open_incident(&mut site.signed_in("duty"));
    let mut administrator = site.signed_in("administrator");
    let asked: serde_json::Value =
        serde_json::from_str(&administrator.get(&format!("/api/v1/events?after={before}")).body).unwrap();
    assert!(asked["records"].get("incidents").is_none() && asked["records"].get("overview").is_none(), "{asked}");
}
