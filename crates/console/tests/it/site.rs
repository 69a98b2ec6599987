//! The way in, what is refused on it, and who may do what.

use crate::site_bed::{PASSWORD, encoded, open, open_with};
use console::Event;
use console::site::{Faces, Gate, Method, routes};
use evidence::NodeRole;
use node::accounts::{AccountRole, may};

#[test]
fn the_first_account_is_made_with_the_code_that_was_printed_and_with_nothing_else() {
    let site = open_with(NodeRole::Plant, &[], |_| {});
    let code = site.first.clone().unwrap();
    let mut browser = site.browser();
    assert_eq!(browser.get("/").field("location"), Some("/first"));
    assert_eq!(browser.get("/enter").field("location"), Some("/first"));
    let made = |code: &str, password: &str, again: &str| {
        let fields = [("code", code), ("login", "Root1"), ("name", "王芳"), ("password", password), ("again", again)];
        site.browser().post("/first", &fields)
    };
    for (code, password, again, said) in [
        ("aaaa-bbbb-cccc-dddd", PASSWORD, PASSWORD, "not the code"),
        (&code, PASSWORD, "something else here", "differ"),
        (&code, "short", "short", "too short"),
    ] {
        let answer = made(code, password, again);
        assert!(answer.status == 200 && answer.body.contains(said), "{said}: {}", answer.body);
    }
    assert!(site.accounts.none().unwrap());
    // Whoever typed a bad password has not spent the code.
    let answer = made(&code.to_uppercase().replace('-', " "), PASSWORD, PASSWORD);
    assert_eq!(answer.status, 303, "{}", answer.body);
    assert_eq!(made(&code, PASSWORD, PASSWORD).status, 403, "the code served once");
    let mut browser = site.browser();
    let answer = browser.post("/enter", &[("login", "root1"), ("password", PASSWORD), ("back", "/accounts")]);
    assert_eq!(answer.field("location"), Some("/accounts"));
    assert_eq!(browser.get("/accounts").status, 200);
}

#[test]
fn nobody_is_sent_elsewhere_by_an_address() {
    let site = open(NodeRole::Plant);
    for back in ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "evil"] {
        let mut browser = site.browser();
        let answer = browser.post("/enter", &[("login", "officer"), ("password", PASSWORD), ("back", back)]);
        assert_eq!((answer.status, answer.field("location")), (303, Some("/")), "{back}");
        let back = encoded(&[("back", back)]);
        assert_eq!(browser.get(&format!("/lang/zh?{back}")).field("location"), Some("/"), "{back}");
    }
}

#[test]
fn a_form_of_another_session_or_another_site_does_nothing() {
    let site = open(NodeRole::Plant);
    let mut officer = site.signed_in("officer");
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let host = site.address.to_string();
    let csrf = encoded(&[("csrf", &officer.csrf)]);
    let strange = site.signed_in("analyst").csrf;
    for (said, heads, body) in [
        ("no text", vec![], String::new()),
        ("another session's text", vec![], encoded(&[("csrf", &strange)])),
        ("another origin", vec![("Origin", "https://evil.example")], csrf.clone()),
        ("an origin that begins alike", vec![("Origin", "http://127.0.0.1.evil.example")], csrf.clone()),
        ("no origin at all", vec![("Origin", "null")], csrf.clone()),
        ("another site by the browser's word", vec![("Sec-Fetch-Site", "cross-site")], csrf.clone()),
    ] {
        let heads: Vec<_> = form.iter().copied().chain(heads).collect();
        assert_eq!(officer.say("POST", "/me/sessions/end", &heads, &body).status, 403, "{said}");
        assert_eq!(officer.get("/me").status, 200, "{said}: the session is still there");
    }
    let own = format!("http://{host}");
    let heads = [form[0], ("Origin", own.as_str()), ("Sec-Fetch-Site", "same-origin")];
    assert_eq!(officer.say("POST", "/me/sessions/end", &heads, &csrf).status, 303);
    assert_eq!(officer.get("/me").field("location"), Some("/enter?back=/me"));
}

/// Over every role, level and route: what the one function says is what the faces do.
#[test]
fn who_may_is_answered_and_who_may_not_is_refused_on_every_route() {
    let mut asked = 0;
    for level in NodeRole::ALL {
        let site = open(level);
        let mut stranger = site.browser();
        for role in AccountRole::ALL {
            let mut browser = site.signed_in(role.name());
            for route in routes() {
                let Gate::May(act) = route.gate else { continue };
                let path = route.path.replace("{login}", "nobody").replace(['{', '}'], "x");
                let allowed = may(role, act, level);
                if route.faces != Faces::Console {
                    let said = match route.method {
                        Method::Get => browser.get(&format!("/api/v1{path}")),
                        Method::Post => browser.api(&path, "{}"),
                    };
                    let refused = said.status == 403;
                    assert_eq!(
                        refused,
                        !allowed,
                        "{} at {}: {route:?} said {}",
                        role.name(),
                        level.name(),
                        said.status
                    );
                    assert!(!(allowed && said.status >= 500), "{route:?} broke down: {}", said.body);
                    if role == AccountRole::Officer {
                        let said = match route.method {
                            Method::Get => stranger.get(&format!("/api/v1{path}")),
                            Method::Post => stranger.api(&path, "{}"),
                        };
                        assert_eq!(said.status, 401, "a stranger: {route:?}");
                    }
                }
                if route.faces != Faces::Api && route.method == Method::Get {
                    let said = browser.get(&path);
                    assert_eq!(said.status == 403, !allowed, "{} at {}: page {route:?}", role.name(), level.name());
                    assert!(!(allowed && said.status >= 500), "{route:?} broke down: {}", said.body);
                }
                asked += 1;
            }
        }
    }
    assert!(asked > 100, "the matrix is not empty: {asked}");
}

#[test]
fn a_scripts_text_is_a_text_wherever_it_is_shown() {
    let site = open(NodeRole::Plant);
    let mut admin = site.signed_in("administrator");
    let bad = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    let fields = [("login", "xss"), ("name", bad), ("role", "officer")];
    assert_eq!(admin.post("/accounts", &fields).status, 200);
    let query = encoded(&[("login", bad)]);
    for path in ["/accounts", "/accounts/xss", "/accesses", &format!("/accesses?{query}"), "/me", &format!("/{query}")]
    {
        let page = admin.get(path);
        assert!(!page.body.contains("<script>alert") && !page.body.contains("<img src=x"), "{path}");
        assert!(!page.body.contains("江苏<b>"), "{path}: the node's own name");
        let policy = page.field("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}");
    }
    // Texts that were refused are shown as texts as well.
    let answer = admin.post("/accounts", &[("login", bad), ("name", "x"), ("role", bad)]);
    assert!(answer.status == 422 && !answer.body.contains("<script>alert"), "{}", answer.body);
}

#[test]
fn pages_hold_nothing_that_the_policy_forbids_and_are_small() {
    for level in [NodeRole::Plant, NodeRole::Province, NodeRole::Ministry] {
        let site = open(level);
        for role in AccountRole::ALL {
            let mut browser = site.signed_in(role.name());
            for lang in ["en", "zh"] {
                browser.get(&format!("/lang/{lang}"));
                for route in routes().filter(|r| r.method == Method::Get && r.faces != Faces::Api) {
                    if route.path.contains('{') || !matches!(route.gate, Gate::May(_) | Gate::Session) {
                        continue;
                    }
                    let page = browser.get(route.path);
                    if page.status != 200 || !page.field("content-type").unwrap_or_default().starts_with("text/html") {
                        continue;
                    }
                    let body = &page.body;
                    for never in [" style=\"", " onclick=", "javascript:", "<style", "<script>", "http://", "https://"]
                    {
                        assert!(!body.contains(never), "{route:?} as {} holds {never}", role.name());
                    }
                    assert!(body.len() < 100 << 10, "{route:?}: {} bytes", body.len());
                    let tag = if lang == "zh" { "<html lang=\"zh-CN\">" } else { "<html lang=\"en\">" };
                    assert!(body.contains(tag) && body.matches("<h1>").count() == 1, "{route:?}");
                }
            }
        }
    }
}

#[test]
fn an_account_with_a_password_of_somebody_else_does_nothing_but_change_it() {
    let site = open(NodeRole::Plant);
    let mut admin = site.signed_in("administrator");
    let page = admin.post("/accounts", &[("login", "new1"), ("name", "李明"), ("role", "officer")]);
    let given = page.body.split("dd class=\"secret\"><code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let mut browser = site.browser();
    assert_eq!(browser.post("/enter", &[("login", "new1"), ("password", &given)]).status, 303);
    for path in ["/", "/me", "/accesses"] {
        assert_eq!(browser.get(path).field("location"), Some("/me/password"), "{path}");
    }
    assert_eq!(browser.get("/api/v1/me").status, 403);
    let page = browser.get("/me/password").body;
    browser.csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let fields = [("old", given.as_str()), ("new", "my own long words"), ("again", "my own long words")];
    assert_eq!(browser.post("/me/password", &fields).status, 303);
    assert_eq!(browser.get("/me").status, 200);
}

#[test]
fn a_request_under_a_key_is_done_once_and_answered_again() {
    let site = open(NodeRole::Plant);
    let admin = site.signed_in("administrator");
    let ask = |key: &str, body: &str| {
        let mut browser = admin.clone();
        let heads =
            [("Content-Type", "application/json"), ("X-Watchfire-Form", admin.csrf.as_str()), ("Idempotency-Key", key)];
        browser.say("POST", "/api/v1/accounts", &heads, body)
    };
    let body = r#"{"login":"once","name":"李明","role":"analyst"}"#;
    let first = ask("k-1", body);
    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(ask("k-1", body).body, first.body);
    assert_eq!(ask("k-1", &body.replace("once", "twice")).status, 422);
    assert_eq!(ask("k-2", body).status, 422, "without the key the login is taken");
    assert_eq!(ask("a key", body).status, 400);
}

#[test]
fn what_is_not_known_is_refused_with_its_name_and_faults_are_problems() {
    let site = open(NodeRole::Plant);
    let mut admin = site.signed_in("administrator");
    for (body, status, said) in [
        (r#"{"login":"a1","name":"x","role":"officer","rolle":"x"}"#, 422, "rolle"),
        (r#"{"login":"a1","name":"x"}"#, 422, "role"),
        (r#"{"login":"a1","name":"x","role":"king"}"#, 422, "role"),
        (r#"{"login":"a1","name":"x\u0000y","role":"officer"}"#, 422, "name"),
        (r#"{"login":["a1","a2"],"name":"x","role":"officer"}"#, 422, "login"),
        (r#"{"login":{"a":1}}"#, 400, "JSON"),
        ("[]", 400, "JSON"),
        ("{", 400, "JSON"),
    ] {
        let answer = admin.api("/accounts", body);
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
        assert_eq!(answer.field("content-type"), Some("application/problem+json"));
        assert!(answer.body.contains(said), "{body}: {}", answer.body);
    }
    let heads = [("Content-Type", "text/plain"), ("X-Watchfire-Form", admin.csrf.clone().leak() as &str)];
    assert_eq!(admin.say("POST", "/api/v1/accounts", &heads, "{}").status, 415);
    assert_eq!(admin.say("DELETE", "/api/v1/accounts", &[], "").status, 405);
    assert_eq!(admin.get("/api/v1/nothing").status, 404);
    assert_eq!(admin.get("/accounts/%00").status, 400);
    assert_eq!(admin.get("/accesses?x=1").status, 422);
    assert_eq!(admin.get(&format!("/accesses?login={}", "a".repeat(9_000))).status, 414);
}

#[test]
fn the_api_s_answer_is_not_sent_twice_to_who_has_it() {
    let site = open(NodeRole::Plant);
    let mut admin = site.signed_in("administrator");
    let answer = admin.get("/api/v1/accounts");
    let tag = answer.field("etag").unwrap().to_owned();
    let again = admin.say("GET", "/api/v1/accounts", &[("If-None-Match", &tag)], "");
    assert_eq!((again.status, again.body.as_str()), (304, ""));
}

#[test]
fn a_token_reads_what_it_was_made_for_and_no_cookie_makes_it_more() {
    let site = open(NodeRole::Plant);
    let mut officer = site.signed_in("officer");
    let made = officer.api("/me/tokens", r#"{"label":"board","acts":["see-accesses"],"days":30}"#);
    let token = made.body.split("\"token\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    let mut program = site.browser();
    let mut ask = |path: &str| program.say("GET", path, &[("Authorization", &bearer)], "").status;
    assert_eq!(ask("/api/v1/accesses"), 200);
    assert_eq!(ask("/api/v1/accounts"), 403);
    assert_eq!(ask("/accesses"), 303, "pages are for people");
    // A token that is none is told so, also where a session would be good enough.
    assert_eq!(officer.say("GET", "/api/v1/me", &[("Authorization", "Bearer wft_no")], "").status, 401);
    let post = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    let body = r#"{"label":"more","acts":["see-accesses"],"days":300}"#;
    assert_eq!(program.say("POST", "/api/v1/me/tokens", &post, body).status, 403, "no token makes tokens");
}

#[test]
fn what_went_wrong_within_is_told_to_the_operator_alone() {
    let site = open(NodeRole::Plant);
    let mut admin = site.signed_in("administrator");
    let db = site.folder.path("home").join("accounts.db");
    // An account of a role that there is not: what a newer program, or a hand, may have written.
    let script = format!(
        "import sqlite3;d=sqlite3.connect({:?});d.execute(\"update accounts set role='king' where login='trainer'\");d.commit()",
        db.display().to_string()
    );
    assert!(std::process::Command::new("python3").args(["-c", &script]).status().unwrap().success());
    let answer = admin.get("/accounts");
    assert_eq!(answer.status, 500);
    assert!(!answer.body.contains("accounts.db") && !answer.body.contains("king"), "{}", answer.body);
    let told =
        site.events.lock().unwrap().iter().any(|e| matches!(e, Event::DeskFailed(why) if why.contains("accounts.db")));
    assert!(told, "the operator was not told");
}

#[test]
fn the_document_of_the_api_describes_every_route_once_in_both_languages() {
    for lang in evidence::Lang::ALL {
        let document = console::site::openapi(lang);
        let mut ids = std::collections::BTreeSet::new();
        let mut count = 0;
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, op) in item.as_object().unwrap() {
                assert!(ids.insert(op["operationId"].as_str().unwrap().to_owned()), "{method} {path}");
                count += 1;
            }
        }
        assert_eq!(count, routes().filter(|r| r.faces != Faces::Console).count());
    }
}

/// Nothing of what is too large is read; who sent it hears why, as a page or as a problem.
#[test]
fn what_is_too_large_is_told_in_the_form_of_its_face() {
    let site = open_with(NodeRole::Plant, &[AccountRole::Administrator], |l| l.form_bytes_max = 10_000);
    let mut admin = site.signed_in("administrator");
    let long = "a".repeat(20_000);
    let answer = admin.api("/accounts", &format!("{{\"login\":\"{long}\"}}"));
    assert_eq!((answer.status, answer.field("content-type")), (413, Some("application/problem+json")));
    assert!(answer.body.contains("That is too large."), "{}", answer.body);
    let answer = admin.post("/accounts", &[("login", &long)]);
    assert_eq!((answer.status, answer.field("content-type")), (413, Some("text/html; charset=utf-8")));
    assert!(answer.body.contains("That is too large."), "{}", answer.body);
}
