//! A site over a real node in a folder of its own, and a browser that does what browsers do with cookies and forms.

use crate::bed::{Answer, Fake, Folder, Mood, await_some, raw};
use console::{Config, ConsoleError, Event, Limits, Site};
use evidence::{Lang, NodeRole, Part};
use node::Node;
use node::accounts::{AccountRole, AccountScope, Accounts, Wanted};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use stdx::Stop;

/// The password of every account that a test makes.
pub(crate) const PASSWORD: &str = "correct horse battery";
/// A credit code with the check character of GB 32100-2015.
pub(crate) const USCC: &str = "913201000000000018";

/// A site that is open.
pub(crate) struct Open {
    pub(crate) address: SocketAddr,
    pub(crate) node: Node,
    pub(crate) accounts: Accounts,
    pub(crate) events: Arc<Mutex<Vec<Event>>>,
    pub(crate) first: Option<String>,
    stop: Stop,
    thread: Option<JoinHandle<Result<(), ConsoleError>>>,
    // Goes last: the node lies in it.
    pub(crate) folder: Folder,
}
impl Drop for Open {
    fn drop(&mut self) {
        self.stop.request();
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(std::thread::panicking() || matches!(ended, Ok(Ok(()))), "the site did not end well");
        }
    }
}

/// Opens the site of a node at this level, with one account of each role; its login is the role's name.
pub(crate) fn open(level: NodeRole) -> Open {
    open_with(level, &AccountRole::ALL, |_| {})
}

pub(crate) fn open_with(level: NodeRole, roles: &[AccountRole], change: impl FnOnce(&mut Limits)) -> Open {
    let folder = Folder::new();
    let node = Node::open(&folder.path("home"), None, &|| None).unwrap();
    let uscc = if matches!(level, NodeRole::Plant | NodeRole::Group) { USCC } else { "" };
    // A city's area is smaller than a supervisor's.
    let area = match level {
        NodeRole::Ministry => "",
        NodeRole::City => "3201",
        _ => "32",
    };
    let part = Part { role: level, name: "江苏<b>&\"'".to_owned(), area: area.to_owned(), uscc: uscc.to_owned() };
    node.profile_set(part, None).unwrap();
    let accounts = node.accounts().unwrap();
    for role in roles {
        let wanted =
            Wanted { login: role.name(), name: "王芳", role: *role, scope: AccountScope::default(), lang: "en" };
        accounts.make(&wanted, Some(PASSWORD)).unwrap();
    }
    let plan = node::load_plan(None).unwrap();
    let site = Site::new(node.clone(), plan, Lang::En).unwrap();
    let (first, events, stop) = (site.first_code(), Arc::new(Mutex::new(Vec::new())), Stop::new());
    let heard = Arc::clone(&events);
    let mut config = Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        tell: Arc::new(move |e: &Event| heard.lock().unwrap().push(e.clone())),
        ..Config::default()
    };
    config.limits.entries_per_minute = 1_000;
    change(&mut config.limits);
    let asked = stop.clone();
    let thread = std::thread::spawn(move || console::serve(config, Fake::new(Mood::Well), Some(site), &asked));
    let address = await_some(|| match events.lock().unwrap().first() {
        Some(Event::Listening(r)) => Some(r.address),
        _ => None,
    });
    Open { address, node, accounts, events, first, stop, thread: Some(thread), folder }
}

impl Open {
    /// A browser in which nobody is signed in.
    pub(crate) fn browser(&self) -> Browser {
        Browser { address: self.address, cookies: Vec::new(), csrf: String::new() }
    }
    /// A browser in which this account is signed in.
    #[track_caller]
    pub(crate) fn signed_in(&self, login: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser.post("/enter", &[("login", login), ("password", PASSWORD)]);
        assert_eq!((answer.status, answer.field("location")), (303, Some("/")), "{login}: {}", answer.body);
        browser.look();
        browser
    }
}

/// Text of a form.
pub(crate) fn encoded(fields: &[(&str, &str)]) -> String {
    let byte = |b: u8| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") };
    let text = |t: &str| t.bytes().map(byte).collect::<String>();
    fields.iter().map(|(n, v)| format!("{}={}", text(n), text(v))).collect::<Vec<_>>().join("&")
}

/// A browser: keeps cookies, and the text that forms of its session carry.
#[derive(Clone)]
pub(crate) struct Browser {
    address: SocketAddr,
    pub(crate) cookies: Vec<(String, String)>,
    pub(crate) csrf: String,
}
impl Browser {
    /// Says a request as it stands, with the cookies.
    pub(crate) fn say(&mut self, method: &str, path: &str, heads: &[(&str, &str)], body: &str) -> Answer {
        let cookies: Vec<_> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address);
        if !cookies.is_empty() {
            text.push_str(&format!("Cookie: {}\r\n", cookies.join("; ")));
        }
        for (name, value) in heads {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        let said = raw(self.address, text.as_bytes());
        for line in said.split("\r\n\r\n").next().unwrap_or_default().lines() {
            let Some(set) = line.strip_prefix("set-cookie: ") else { continue };
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|c| c.0 != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        Answer::of(&said)
    }
    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.say("GET", path, &[], "")
    }
    /// Sends a form as the page would.
    pub(crate) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut all = fields.to_vec();
        let csrf = self.csrf.clone();
        if !csrf.is_empty() {
            all.push(("csrf", &csrf));
        }
        self.say("POST", path, &[("Content-Type", "application/x-www-form-urlencoded")], &encoded(&all))
    }
    /// Asks the API, in the session.
    pub(crate) fn api(&mut self, path: &str, body: &str) -> Answer {
        let csrf = self.csrf.clone();
        let heads = [("Content-Type", "application/json"), ("X-Watchfire-Form", csrf.as_str())];
        self.say("POST", &format!("/api/v1{path}"), &heads, body)
    }
    /// Takes the text of the session's forms from a page that has one.
    pub(crate) fn look(&mut self) {
        let page = self.get("/me").body;
        let mark = "name=\"csrf\" value=\"";
        let from = page.find(mark).unwrap_or_else(|| panic!("no form on the page: {page}")) + mark.len();
        self.csrf = page[from..].split('"').next().unwrap().to_owned();
    }
}
