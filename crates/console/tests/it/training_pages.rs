//! Training and experts on their pages: who does what, whose name is shown to whom, and whether a certificate holds.

use crate::site_bed::{Open, USCC, open};
use evidence::NodeRole;
use serde_json::Value;

fn json(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_else(|e| panic!("{e}: {body}"))
}

/// What the newest record says.
fn newest(site: &Open) -> Value {
    let leaf = *site.node.store().leaves(&[]).unwrap().last().unwrap();
    let envelope = site.node.store().envelope(leaf).unwrap();
    json(std::str::from_utf8(envelope.payload()).unwrap())["predicate"].clone()
}

fn today() -> String {
    node::now().date()
}

#[test]
fn a_session_is_announced_attended_and_closed_and_names_are_for_who_holds_it() {
    let site = open(NodeRole::Province);
    let mut trainer = site.signed_in("trainer");
    assert!(trainer.get("/training").body.contains("No session was announced yet"));
    let day = today();
    let made = trainer.post("/training/sessions", &[("course", "plant-staff"), ("day", &day)]);
    let to = made.field("location").unwrap_or_else(|| panic!("{}", made.body)).split('?').next().unwrap().to_owned();
    let author = newest(&site)["author"]["authenticated"].clone();
    assert_eq!((&author["how"], &author["login"]), (&"node-account".into(), &"trainer".into()));
    for (course, day, status) in [("moon", day.as_str(), 422), ("plant-staff", "2026-13-01", 422), ("", &day, 422)] {
        assert_eq!(
            trainer.post("/training/sessions", &[("course", course), ("day", day)]).status,
            status,
            "{course} {day}"
        );
    }

    let bad = "<img src=x onerror=alert(1)>";
    let names = format!("王芳\n李明#2\n{bad}\n王芳\n");
    let said = trainer.post(&format!("{to}/attend"), &[("names", &names)]);
    assert_eq!(said.status, 303, "{}", said.body);
    assert_eq!(newest(&site)["author"]["authenticated"]["login"], "trainer");
    let page = trainer.get(&to).body;
    assert!(!page.contains("王芳</td>") && page.contains("Who was there · 3"), "{page}");
    let named = trainer.get(&format!("{to}?names=1")).body;
    assert!(named.contains("李明") && !named.contains(bad) && named.contains("&lt;img"), "{named}");
    // Who reads without holding courses sees pseudonyms; that names were read is written down.
    let mut auditor = site.signed_in("auditor");
    assert!(auditor.get(&to).status == 200 && !auditor.get(&to).body.contains("李明"));
    assert_eq!(auditor.get(&format!("{to}?names=1")).status, 403);
    assert_eq!(auditor.get(&format!("/api/v1{to}?names=1")).status, 403);
    assert!(!auditor.get(&format!("/api/v1{to}")).body.contains("李明"));
    assert!(auditor.get("/accesses?login=trainer").body.contains(&to));

    let door = trainer.post(&format!("{to}/door"), &[("minutes", "30")]).body;
    let code = door.split("class=\"secret\"><code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert!(code.len() == 8 && code.bytes().all(|b| b.is_ascii_digit()), "{code}");
    assert!(!trainer.get(&to).body.contains(&code), "shown once");
    assert_eq!(trainer.post(&format!("{to}/door"), &[("minutes", "0")]).status, 422);

    for path in ["attend", "door", "close", "withdraw"] {
        let fields = [("names", "x"), ("minutes", "5"), ("reason", "error")];
        assert_eq!(auditor.post(&format!("{to}/{path}"), &fields).status, 403, "{path}");
    }
    assert_eq!(trainer.post(&format!("{to}/close"), &[]).status, 303);
    assert_eq!(trainer.post(&format!("{to}/attend"), &[("names", "赵")]).status, 422, "closed");
    let status = json(&trainer.get("/api/v1/training").body);
    assert_eq!((&status["sums"]["person_times"], &status["by_rung"]["declared"]), (&3.into(), &3.into()), "{status}");
    assert_eq!(trainer.post(&format!("{to}/withdraw"), &[("reason", "not-held")]).status, 303);
    assert_eq!(json(&trainer.get("/api/v1/training").body)["sums"]["person_times"], 0);
    assert_eq!(trainer.post(&format!("{to}/withdraw"), &[("reason", "not-held")]).status, 422, "once");
    assert_eq!(trainer.get("/training/sessions/t-00000000").status, 404);
}

#[test]
fn an_expert_is_certified_tied_renewed_and_revoked_and_the_log_holds_no_name() {
    let site = open(NodeRole::Province);
    let mut trainer = site.signed_in("trainer");
    assert!(trainer.get("/experts").body.contains("No expert was certified yet"));
    let fields = |until| {
        [("person", "孙专家"), ("field", "OT <b>"), ("until", until), ("employer", "某院"), ("contact", "13800000000")]
    };
    assert_eq!(trainer.post("/experts", &fields("2020-01-01")).status, 422, "a day that is over");
    let made = trainer.post("/experts", &fields("2099-12-31"));
    let to = made.field("location").unwrap_or_else(|| panic!("{}", made.body)).split('?').next().unwrap().to_owned();
    let record = newest(&site);
    assert!(!record.to_string().contains("孙专家") && !record.to_string().contains("1380000"), "{record}");
    assert_eq!(record["author"]["authenticated"]["login"], "trainer");
    let page = trainer.get(&to).body;
    assert!(page.contains("孙专家") && page.contains("13800000000") && page.contains("OT &lt;b&gt;"), "{page}");
    let mut analyst = site.signed_in("analyst");
    for path in [to.clone(), "/experts".to_owned(), format!("/api/v1{to}"), "/api/v1/experts".to_owned()] {
        let page = analyst.get(&path);
        assert!(page.status == 200 && !page.body.contains("孙专家") && !page.body.contains("1380000"), "{path}");
    }
    let tie = |uscc| [("enterprise", uscc), ("kind", "employment")];
    assert_eq!(trainer.post(&format!("{to}/conflict"), &tie("moon")).status, 422);
    assert_eq!(trainer.post(&format!("{to}/conflict"), &tie(USCC)).status, 303);
    assert!(trainer.get(&to).body.contains(USCC));
    assert_eq!(trainer.post(&format!("{to}/renew"), &[("expires", "2100-06-30")]).status, 303);
    assert!(trainer.get(&to).body.contains("2100-06-30"));
    assert_eq!(analyst.post(&format!("{to}/revoke"), &[("reason", "misconduct")]).status, 403);
    assert_eq!(trainer.post(&format!("{to}/revoke"), &[("reason", "misconduct")]).status, 303);
    let list = json(&trainer.get("/api/v1/experts?state=revoked").body);
    assert_eq!(list["experts"].as_array().unwrap().len(), 1);
    assert_eq!(trainer.post(&format!("{to}/revoke"), &[("reason", "because")]).status, 422);
    assert_eq!(trainer.get("/experts/e-00000000").status, 404);
}

#[test]
fn everybody_can_check_a_certificate_and_nobody_reads_a_file_by_it() {
    let site = open(NodeRole::Province);
    let day = evidence::Time::from_date(&today()).unwrap();
    let session = site.node.session_add("plant-staff", (day, day), None).unwrap().session.session;
    site.node.attend(&session, &["王芳".to_owned()], None, None).unwrap();
    let issued = site.node.certify(&session, "王芳", true, evidence::Lang::En, None).unwrap();
    let mut stranger = site.browser();
    let page = stranger.get("/verify-certificate");
    assert!(page.status == 200 && page.body.contains("begins with eyJ"));
    let check = |text: &str, key: &str| {
        let answer = site.browser().post("/verify-certificate", &[("certificate", text), ("key", key)]);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    };
    let good = check(&issued.text, "");
    assert!(
        good.contains("The certificate holds.") && good.contains("Signed by this node") && good.contains("王芳"),
        "{good}"
    );
    // Broken over lines, as a mail does it, it is the same text.
    assert!(check(&format!("{}\r\n{}", &issued.text[..40], &issued.text[40..]), "").contains("The certificate holds."));
    // One character of each part.
    for at in [10, issued.text.find('.').unwrap() + 20, issued.text.rfind('.').unwrap() + 20] {
        let other = if issued.text.as_bytes()[at] == b'A' { "B" } else { "A" };
        let text = format!("{}{other}{}", &issued.text[..at], &issued.text[at + 1..]);
        assert!(!check(&text, "").contains("The certificate holds."), "changed at {at}");
    }
    // By another node's key it does not hold.
    let other = open(NodeRole::Province);
    let key = other.node.certificate_key().unwrap().did();
    assert!(!check(&issued.text, &key).contains("The certificate holds."));
    let own = site.node.certificate_key().unwrap();
    assert!(check(&issued.text, &own.did()).contains("The certificate holds."));
    assert!(check(&issued.text, &own.to_pem()).contains("The certificate holds."));
    assert_eq!(
        site.browser().post("/verify-certificate", &[("certificate", &issued.text), ("key", "moon")]).status,
        422
    );
    // A path is a text that is no certificate.
    let secret = site.folder.path("secret.jwt");
    std::fs::write(&secret, &issued.text).unwrap();
    for typed in [secret.to_str().unwrap(), "/etc/passwd", "<script>alert(1)</script>"] {
        let page = check(typed, "");
        assert!(
            page.contains("no certificate that holds") && !page.contains("root:") && !page.contains("<script>alert"),
            "{typed}"
        );
    }
    let key = site.folder.path("key.pem");
    std::fs::write(&key, own.to_pem()).unwrap();
    let fields = [("certificate", issued.text.as_str()), ("key", key.to_str().unwrap())];
    assert_eq!(site.browser().post("/verify-certificate", &fields).status, 422);
    // Taken back: this node knows without a list, and says so to everybody.
    site.node.certificate_revoke(&issued.issued.id, evidence::TakenBack::Error, None).unwrap();
    let page = check(&issued.text, "");
    assert!(page.contains("does not hold") && page.contains("TAKEN BACK"), "{page}");
    assert!(site.signed_in("auditor").get("/training/certificates?state=revoked").body.contains(&issued.issued.id));
    let heads = [("Content-Type", "application/json")];
    let body = serde_json::json!({"certificate": issued.text}).to_string();
    let said = json(&stranger.say("POST", "/api/v1/verify-certificate", &heads, &body).body);
    assert_eq!((&said["holds"], &said["revoked"]), (&false.into(), &"yes".into()));
}

#[test]
fn whom_the_node_tells_is_read_without_secrets_and_addresses() {
    let site = open(NodeRole::Plant);
    let mut admin = site.signed_in("administrator");
    assert!(admin.get("/notices").body.contains("Nobody is told of anything"));
    let home = site.folder.path("home");
    std::fs::write(home.join("key"), "CANARY-SECRET").unwrap();
    let text = "[[channel]]\nid = \"hook\"\nkind = \"command\"\nprogram = \"/bin/sh\"\nargs = [\"CANARY\"]\n\
                [[person]]\nid = \"wang\"\nname = \"王<b>\"\nways = [{ channel = \"hook\", address = \"wang.fang@plant.example\" }]\n\
                [[rota]]\nrole = \"officer\"\ndeputies = [\"wang\"]\n\
                [[escalation]]\nfor = \"incident\"\n[[escalation.step]]\nrole = \"officer\"\n";
    std::fs::write(home.join("notify.toml"), text).unwrap();
    let read = node::notify::config(&home);
    if let Err(e) = &read {
        panic!("the test's own notify.toml: {e:?}");
    }
    let page = admin.get("/notices").body;
    assert!(page.contains("王&lt;b&gt;") && page.contains("…le") && page.contains("officer"), "{page}");
    assert!(!page.contains("wang.fang@plant") && !page.contains("CANARY"), "{page}");
    // Who does not keep notices sees ids.
    let seen = site.signed_in("auditor").get("/notices").body;
    assert!(seen.contains("wang") && !seen.contains("王&lt;"), "{seen}");
    assert_eq!(site.signed_in("trainer").get("/notices").status, 403);
    std::fs::write(home.join("notify.toml"), "[[channel]\n").unwrap();
    let broken = admin.get("/notices");
    assert!(
        broken.status == 500 && broken.body.contains("does not read") && !broken.body.contains("/home/"),
        "{}",
        broken.body
    );
}
