//! Two nodes, the line between them real, secured and bad.

use crate::bed::{Folder, await_some};
use console::{Config, Desk, Event, TlsFiles, make_certificate, write_certificate};
use evidence::{NodeRole, Part};
use node::{Calling, Node, SubmitState, http_line_with};
use std::sync::{Arc, Mutex};
use stdx::Stop;
use testing::lossy::{Lossy, Trouble};

struct AtTheNode(Arc<Node>);
impl Desk for AtTheNode {
    fn enrolment(&self, body: Vec<u8>) -> Vec<u8> {
        self.0.enrolment_taken(&body)
    }
    fn packages(&self, bodies: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, String> {
        let bodies: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
        self.0.packages_taken(&bodies).map_err(|e| e.to_string())
    }
    fn checkpoint(&self) -> Result<String, String> {
        self.0.checkpoint_text().map_err(|e| e.to_string())
    }
}

#[test]
fn a_child_enrols_and_submits_over_a_bad_line() {
    let folder = Folder::new();
    let open = |name: &str| Node::open(&folder.path(name), None, &|| None).unwrap();
    let (parent, child) = (Arc::new(open("parent")), open("child"));
    // A credit code with the check character of GB 32100-2015.
    let part = |role, name: &str| Part {
        role,
        name: name.to_owned(),
        area: "32".to_owned(),
        uscc: if role == NodeRole::Plant { "913201000000000018".to_owned() } else { String::new() },
    };
    parent.profile_set(part(NodeRole::Province, "P"), None).unwrap();
    child.profile_set(part(NodeRole::Plant, "C"), None).unwrap();
    let (_, code) = parent.invite(part(NodeRole::Plant, "C"), 7, None).unwrap();

    let (cert, key) = (folder.path("c.pem"), folder.path("k.pem"));
    write_certificate(&make_certificate(&["127.0.0.1".to_owned()], 30, node::now()).unwrap(), &cert, &key).unwrap();
    let (events, stop) = (Arc::new(Mutex::new(Vec::new())), Stop::new());
    let heard = Arc::clone(&events);
    let mut config = Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        tls: Some(TlsFiles { certificate: cert.clone(), key, client_ca: None }),
        tell: Arc::new(move |e: &Event| heard.lock().unwrap().push(e.clone())),
        ..Config::default()
    };
    config.limits.enrolments_per_minute = 1000;
    let (desk, asked) = (AtTheNode(Arc::clone(&parent)), stop.clone());
    let serving = std::thread::spawn(move || console::serve(config, desk, None, &asked));
    let address = await_some(|| match events.lock().unwrap().first() {
        Some(Event::Listening(r)) => Some(r.address),
        _ => None,
    });
    let bad =
        Lossy::before(address, Trouble { seed: 3, cut_per_mille: 700, cut_bytes_max: 4_000, delay_millis_max: 2 })
            .unwrap();
    let calling = Calling { ca: Some(cert), ..Calling::default() };
    let line = http_line_with(&format!("https://{}", bad.address()), &calling).unwrap();

    await_some(|| child.enrol(&code, &*line, None, None).ok());
    let mut tries = 0;
    for n in 0..20 {
        child.profile_set(part(NodeRole::Plant, &format!("C{n}")), None).unwrap();
        let sent = await_some(|| {
            tries += 1;
            let s = child.submit(None, &*line, &Stop::new()).unwrap();
            (s.state == SubmitState::Equal).then_some(s)
        });
        assert_eq!((sent.size, sent.own), (n + 2, n + 2), "the invitation's profile, and one more each time");
    }
    println!("submitted 20 times in {tries} tries; {} connections, {} cut", bad.seen(), bad.cut());
    assert!(bad.cut() > 3, "the line was bad");
    stop.request();
    serving.join().unwrap().unwrap();
}
