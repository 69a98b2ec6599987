//! Settings: ways of notices switched off and on and tried, duties handed over, sessions and delegations of others ended, keys shown.

use crate::site_bed::{USCC, open};
use evidence::NodeRole;
use node::accounts::AccountScope;
use std::io::{BufRead as _, Read as _, Write as _};

/// A server that takes webhooks and says how many it took.
fn hook() -> (u16, std::sync::mpsc::Receiver<String>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reads = std::io::BufReader::new(stream.unwrap());
            let (mut head, mut length) = (String::new(), 0);
            while reads.read_line(&mut head).unwrap() > 2 {
                let last = head.lines().last().unwrap_or_default().to_ascii_lowercase();
                length = last.strip_prefix("content-length:").map_or(length, |l| l.trim().parse().unwrap());
            }
            let mut body = vec![0; length];
            reads.read_exact(&mut body).unwrap();
            reads.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
            if send.send(String::from_utf8(body).unwrap()).is_err() {
                return;
            }
        }
    });
    (port, receive)
}

#[test]
fn a_way_is_tried_switched_off_and_on_and_its_secret_is_nowhere() {
    let site = open(NodeRole::Plant);
    let home = site.folder.path("home");
    let (port, took) = hook();
    let secret = home.join("hook.secret");
    std::fs::write(&secret, "CANARY-SECRET").unwrap();
    std::os::unix::fs::PermissionsExt::set_mode(&mut std::fs::metadata(&secret).unwrap().permissions(), 0o600);
    std::process::Command::new("chmod").arg("600").arg(&secret).status().unwrap();
    let text = format!(
        "[[channel]]\nid = \"hook\"\nkind = \"webhook\"\nurl = \"http://127.0.0.1:{port}/\"\nsecret_file = \"hook.secret\"\n\
         [[person]]\nid = \"wang\"\nname = \"Wang Fang\"\nways = [{{ channel = \"hook\" }}]\n[[person]]\nid = \"li\"\nname = \"Li Na\"\nways = [{{ channel = \"hook\" }}]\n\
         [[rota]]\nrole = \"duty\"\ndeputies = [\"wang\"]\n[[escalation]]\nfor = \"any\"\n[[escalation.step]]\nrole = \"duty\"\n"
    );
    std::fs::write(home.join("notify.toml"), &text).unwrap();
    let mut administrator = site.signed_in("administrator");
    let page = administrator.get("/notices");
    assert!(page.status == 200 && !page.body.contains("CANARY") && page.body.contains("Switch off"), "{}", page.body);
    let tried = administrator.post("/notices/hook/test", &[]);
    assert!(
        tried.status == 200 && tried.body.contains("delivered") && tried.body.contains("Wang Fang"),
        "{}",
        tried.body
    );
    assert!(took.recv().unwrap().contains("test"));
    assert_eq!(administrator.post("/notices/hook/switch", &[("to", "off")]).status, 303);
    let config = node::notify::config(&home).unwrap();
    let off = config.is_off("hook").unwrap();
    assert_eq!(off.by, "administrator");
    // Nobody is reached on it, whoever asks by name or by all of a person's ways.
    assert!(config.ways(config.person("wang").unwrap(), &["hook".to_owned()]).is_empty());
    let page = administrator.get("/notices").body;
    assert!(page.contains("switched off") && page.contains("Switch on"), "{page}");
    assert_eq!(std::fs::read_to_string(home.join("notify.toml")).unwrap(), text, "the operator's file stays as it was");
    assert_eq!(administrator.post("/notices/hook/switch", &[("to", "on")]).status, 303);
    assert!(node::notify::config(&home).unwrap().is_off("hook").is_none());
    for (path, fields, status) in [
        ("/notices/none/switch", [("to", "off")], 404),
        ("/notices/hook/switch", [("to", "sideways")], 422),
        ("/notices/none/test", [("person", "wang")], 404),
    ] {
        assert_eq!(administrator.post(path, &fields).status, status, "{path}");
    }
    assert_eq!(site.signed_in("auditor").post("/notices/hook/switch", &[("to", "off")]).status, 403);
    // A duty is handed over for a while, and taken back.
    let handed = [("role", "duty"), ("from", "wang"), ("to", "li"), ("until", "2099-01-01")];
    assert_eq!(administrator.post("/notices/delegations", &handed).status, 422, "not for ever");
    let until = plan::Days::of(None).date(evidence::Time::from_millis(node::now().millis() + 3 * 86_400_000));
    let wrong = [("role", "duty"), ("from", "wang"), ("to", "zhou"), ("until", until.as_str())];
    let answer = administrator.post("/notices/delegations", &wrong);
    assert!(answer.status == 422 && answer.body.contains("zhou"), "{}", answer.body);
    let handed = [("role", "duty"), ("from", "wang"), ("to", "li"), ("until", until.as_str())];
    assert_eq!(administrator.post("/notices/delegations", &handed).status, 303);
    let (d, _, _) = site.node.delegations().unwrap().pop().unwrap();
    assert!(administrator.get("/notices").body.contains("Li Na (li)"));
    assert_eq!(administrator.post(&format!("/notices/delegations/{}/revoke", d.id), &[]).status, 303);
    assert!(site.node.delegations().unwrap().pop().unwrap().0.revoked);
    // A file of switches that does not read stops the page, and what sends.
    std::fs::write(home.join(node::notify::SWITCHES), "{").unwrap();
    assert_eq!(administrator.get("/notices").status, 500);
    assert!(node::notify::config(&home).is_err());
}

#[test]
fn who_keeps_accounts_ends_one_session_of_another_and_takes_a_delegation_back() {
    let site = open(NodeRole::Plant);
    let (mut first, mut second) = (site.signed_in("officer"), site.signed_in("officer"));
    let until = plan::Days::of(None).date(evidence::Time::from_millis(node::now().millis() + 5 * 86_400_000));
    let given = [("to", "analyst"), ("enterprises", USCC), ("until", until.as_str()), ("reason", "leave")];
    assert_eq!(first.post("/me/delegations", &given).status, 303);
    let mut administrator = site.signed_in("administrator");
    let page = administrator.get("/accounts/officer").body;
    assert!(page.contains("127.0.0.1") && page.contains("leave") && page.contains(USCC), "{page}");
    let account = site.accounts.by_login("officer").unwrap().unwrap();
    let sessions = site.accounts.sessions(Some(account.id)).unwrap();
    assert_eq!(sessions.len(), 2);
    let one = &sessions[0].token.hex()[..16];
    assert_eq!(administrator.post("/accounts/officer/sessions/end", &[("session", one)]).status, 303);
    let left = [first.get("/me").status, second.get("/me").status];
    assert!(left == [200, 303] || left == [303, 200], "one of two has ended: {left:?}");
    let id = site.accounts.delegations().unwrap().pop().unwrap().id;
    assert_eq!(administrator.post(&format!("/me/delegations/{id}/revoke"), &[]).status, 303);
    assert!(site.accounts.delegations().unwrap().pop().unwrap().revoked);
    assert_eq!(site.accounts.by_login("analyst").unwrap().unwrap().scope, AccountScope::default());
    // The node's keys by their ids; what is secret of them on no page.
    let nodes = administrator.get("/nodes").body;
    for key in site.node.store().keys().known() {
        assert!(nodes.contains(key.public.id()), "{nodes}");
    }
    assert!(!nodes.contains("PRIVATE"));
}
