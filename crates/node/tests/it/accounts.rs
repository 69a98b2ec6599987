//! Who comes in, and what is refused.

use evidence::{Authenticated, Factor, NodeRole};
use node::accounts::{AccountRole, AccountScope, Accounts, Act, Came, Decided, Refused, Visitor, Wanted};
use node::{AccessFilter, Node, NodeError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

const PASSWORD: &str = "correct horse battery";

struct Dir(PathBuf);
impl Dir {
    fn path(&self) -> &Path {
        &self.0
    }
}
impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn bed() -> (Dir, Accounts) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let dir = Dir(std::env::temp_dir().join(format!("watchfire-accounts-{}-{n}", std::process::id())));
    let node = Node::open(dir.path(), None, &|| None).unwrap();
    let accounts = node.accounts().unwrap();
    (dir, accounts)
}

fn wanted<'a>(login: &'a str, role: AccountRole, areas: &[&str]) -> Wanted<'a> {
    let scope = AccountScope { areas: areas.iter().map(|a| (*a).to_owned()).collect(), enterprises: vec![] };
    Wanted { login, name: "王芳", role, scope, lang: "zh" }
}

fn come(accounts: &Accounts, login: &str, password: &str) -> Came {
    accounts.come(login, password, "192.0.2.1", "a browser").unwrap()
}

fn within(accounts: &Accounts, login: &str) -> (String, Visitor) {
    let Came::In(token) = come(accounts, login, PASSWORD) else { panic!("not in") };
    let visitor = accounts.visitor(&token).unwrap().unwrap();
    (token, visitor)
}

fn key(e: NodeError) -> String {
    match e {
        NodeError::Entry(say) => say.key,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_right_password_opens_a_session_that_can_be_taken_back() {
    let (_dir, accounts) = bed();
    assert!(accounts.none().unwrap());
    accounts.make(&wanted("Wang.Fang", AccountRole::Officer, &[]), Some(PASSWORD)).unwrap();
    assert!(!accounts.none().unwrap());
    let (token, visitor) = within(&accounts, "wang.fang ");
    assert!(visitor.may(Act::Answer) && !visitor.may(Act::ManageAccounts));
    let author = visitor.author();
    assert_eq!(author.name, "王芳");
    assert_eq!(
        author.authenticated,
        Authenticated::NodeAccount { login: "wang.fang".into(), factors: vec![Factor::Password] }
    );
    assert!(accounts.visitor("something else").unwrap().is_none());
    accounts.leave(&visitor.session.unwrap()).unwrap();
    assert!(accounts.visitor(&token).unwrap().is_none());
}

#[test]
fn a_login_that_is_not_there_and_a_wrong_password_are_told_alike_and_many_attempts_lock() {
    let (_dir, accounts) = bed();
    accounts.make(&wanted("li", AccountRole::Analyst, &[]), Some(PASSWORD)).unwrap();
    assert!(matches!(come(&accounts, "nobody", PASSWORD), Came::Refused(Refused::Wrong)));
    for _ in 0..5 {
        assert!(matches!(come(&accounts, "li", "wrong horse battery"), Came::Refused(Refused::Wrong)));
    }
    // The next one, right or wrong, is not even looked at.
    assert!(matches!(come(&accounts, "li", PASSWORD), Came::Refused(Refused::Locked(_))));
    let given = accounts.reset("li").unwrap();
    assert!(matches!(come(&accounts, "li", PASSWORD), Came::Refused(Refused::Wrong)));
    let Came::In(token) = come(&accounts, "li", &given) else { panic!("not in") };
    let visitor = accounts.visitor(&token).unwrap().unwrap();
    assert!(visitor.account.must_change);
    accounts.change_password(&visitor, &given, "another horse battery").unwrap();
    assert!(!accounts.by_login("li").unwrap().unwrap().must_change);
}

#[test]
fn who_found_an_open_session_has_no_more_tries_at_the_password_than_who_found_none() {
    let (_dir, accounts) = bed();
    accounts.make(&wanted("li", AccountRole::Officer, &[]), Some(PASSWORD)).unwrap();
    let (_, visitor) = within(&accounts, "li");
    for n in 0..5 {
        let done = if n % 2 == 0 {
            accounts.change_password(&visitor, "wrong horse battery", "another horse battery")
        } else {
            accounts.second_factor_off(&visitor, "wrong horse battery")
        };
        assert_eq!(key(done.unwrap_err()), "account.wrong-password");
    }
    let right = accounts.change_password(&visitor, PASSWORD, "another horse battery");
    assert_eq!(key(right.unwrap_err()), "account.paused");
}

#[test]
fn a_second_factor_is_asked_for_and_serves_once() {
    let (dir, accounts) = bed();
    accounts.make(&wanted("li", AccountRole::Officer, &[]), Some(PASSWORD)).unwrap();
    let (_, visitor) = within(&accounts, "li");
    let (written, address) = accounts.second_factor_new(&visitor).unwrap();
    assert!(address.contains(&written));
    let wrong = key(accounts.second_factor_set(&visitor, &written, "000000x").unwrap_err());
    assert_eq!(wrong, "account.wrong-code");
    let code = totp(&written);
    let codes = accounts.second_factor_set(&visitor, &written, &code).unwrap();
    assert_eq!(codes.len(), 10);
    let Came::Half(half) = come(&accounts, "li", PASSWORD) else { panic!("no second factor asked for") };
    assert!(accounts.visitor(&half).unwrap().is_none(), "half a session is none");
    // The one that set it up was taken: it is not taken again.
    let again = accounts.come_further(&half, &code, "", "").unwrap();
    assert!(matches!(again, Came::Refused(Refused::Wrong)));
    let typed = codes[0].to_uppercase().replace('-', " ");
    let Came::In(token) = accounts.come_further(&half, &typed, "", "").unwrap() else { panic!("not in") };
    let visitor = accounts.visitor(&token).unwrap().unwrap();
    assert_eq!(visitor.factors, [Factor::Password, Factor::RecoveryCode]);
    assert_eq!(accounts.recovery_left(visitor.account.id).unwrap(), 9);
    // The half session served once, and so did the code.
    assert!(matches!(accounts.come_further(&half, &codes[1], "", "").unwrap(), Came::Refused(Refused::TooLate)));
    let Came::Half(half) = come(&accounts, "li", PASSWORD) else { panic!("no second factor asked for") };
    assert!(matches!(accounts.come_further(&half, &typed, "", "").unwrap(), Came::Refused(Refused::Wrong)));
    // Neither passwords nor codes nor tokens lie in the home.
    for file in ["accounts.db", "accounts.db-wal"] {
        let bytes = std::fs::read(dir.path().join(file)).unwrap_or_default();
        for secret in [PASSWORD, token.as_str(), half.as_str(), codes[3].as_str()] {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "{file} holds a secret");
        }
    }
}

/// An authenticator program, written from RFC 6238 with another implementation of HMAC.
fn totp(written: &str) -> String {
    let script = "import base64,hmac,struct,time,sys\nk=base64.b32decode(sys.argv[1]+'='*(-len(sys.argv[1])%8))\n\
        d=hmac.new(k,struct.pack('>Q',int(time.time())//30),'sha1').digest()\no=d[-1]&15\n\
        print('%06d'%((struct.unpack('>I',d[o:o+4])[0]&0x7fffffff)%1000000))";
    let out = std::process::Command::new("python3").args(["-c", script, written]).output().unwrap();
    String::from_utf8(out.stdout).unwrap().trim().to_owned()
}

#[test]
fn a_scope_is_what_was_given_and_for_a_time_what_was_delegated() {
    let (_dir, accounts) = bed();
    accounts.make(&wanted("zhang", AccountRole::Officer, &["3201"]), Some(PASSWORD)).unwrap();
    accounts.make(&wanted("li", AccountRole::Officer, &["3202"]), Some(PASSWORD)).unwrap();
    let (_, giver) = within(&accounts, "zhang");
    assert!(giver.scope.covers("x", Some("320102")) && !giver.scope.covers("x", Some("320200")));
    assert!(!giver.scope.covers("x", None));
    let now = node::now();
    let span = (now, now.plus_minutes(60).unwrap());
    let area = |a: &str| AccountScope { areas: vec![a.into()], enterprises: vec![] };
    let refused = |scope: &AccountScope, span, why| key(accounts.delegate(&giver, "li", scope, span, why).unwrap_err());
    assert_eq!(refused(&area("3202"), span, "leave"), "account.not-yours");
    assert_eq!(refused(&AccountScope::default(), span, "leave"), "account.not-yours");
    assert_eq!(refused(&area("3201"), (span.1, span.0), "leave"), "account.bad-time");
    assert_eq!(refused(&area("3201"), span, " "), "account.no-reason");
    let given = accounts.delegate(&giver, "li", &area("320102"), span, "leave").unwrap();
    let (token, taker) = within(&accounts, "li");
    assert!(taker.scope.covers("x", Some("320102")) && !taker.scope.covers("x", Some("320104")));
    accounts.undelegate(&giver, &given.id).unwrap();
    assert!(!accounts.visitor(&token).unwrap().unwrap().scope.covers("x", Some("320102")));
}

#[test]
fn what_takes_two_is_decided_by_another_one_who_may_do_it_himself() {
    let (_dir, accounts) = bed();
    for (login, role) in [
        ("a", AccountRole::Officer),
        ("b", AccountRole::Officer),
        ("c", AccountRole::Auditor),
        ("d", AccountRole::Officer),
    ] {
        let login = format!("{login}{login}");
        accounts.make(&wanted(&login, role, &[]), Some(PASSWORD)).unwrap();
    }
    let (_, a) = within(&accounts, "aa");
    let (_, b) = within(&accounts, "bb");
    let (_, c) = within(&accounts, "cc");
    let (_, d) = within(&accounts, "dd");
    assert_eq!(key(accounts.ask(&a, Act::Answer, "x", "{}").unwrap_err()), "account.may-not");
    let id = accounts.ask(&a, Act::ConfirmCore, "recipes", "{}").unwrap();
    assert_eq!(key(accounts.decide(&a, &id, Decided::Yes, "").unwrap_err()), "account.same-person");
    assert_eq!(key(accounts.decide(&c, &id, Decided::Yes, "").unwrap_err()), "account.may-not");
    assert_eq!(accounts.decide(&b, &id, Decided::Yes, "").unwrap().kept.body, "{}");
    assert_eq!(key(accounts.decide(&d, &id, Decided::No, "").unwrap_err()), "account.decided");
}

#[test]
fn a_token_may_a_part_of_what_its_account_may() {
    let (_dir, accounts) = bed();
    accounts.make(&wanted("li", AccountRole::Officer, &[]), Some(PASSWORD)).unwrap();
    let (_, li) = within(&accounts, "li");
    assert_eq!(key(accounts.token_make(&li, "x", &[Act::ManageAccounts], 30).unwrap_err()), "account.not-yours");
    assert_eq!(key(accounts.token_make(&li, "x", &[Act::ConfirmCore], 30).unwrap_err()), "account.not-yours");
    let made = accounts.token_make(&li, "dashboard", &[Act::SeeOverview], 30).unwrap();
    let visitor = accounts.bearer(&made.token).unwrap().unwrap();
    assert!(visitor.may(Act::SeeOverview) && !visitor.may(Act::SeeIncidents));
    assert!(accounts.visitor(&made.token).unwrap().is_none(), "a token is no session");
    accounts.token_drop(&li, &made.kept.id).unwrap();
    assert!(accounts.bearer(&made.token).unwrap().is_none());
}

#[test]
fn the_last_administrator_stays_and_who_loses_a_role_is_put_out() {
    let (_dir, accounts) = bed();
    accounts.make(&wanted("root1", AccountRole::Administrator, &[]), Some(PASSWORD)).unwrap();
    let to = wanted("root1", AccountRole::Officer, &[]);
    assert_eq!(key(accounts.change("root1", &to, false).unwrap_err()), "account.last-administrator");
    accounts.make(&wanted("root2", AccountRole::Administrator, &[]), Some(PASSWORD)).unwrap();
    let (token, _) = within(&accounts, "root1");
    accounts.change("root1", &to, false).unwrap();
    assert!(accounts.visitor(&token).unwrap().is_none());
    assert_eq!(accounts.level(), NodeRole::Plant);
}

#[test]
fn the_audit_of_accesses_shows_a_line_that_was_changed_or_taken_out() {
    let (dir, accounts) = bed();
    for n in 0..5 {
        accounts.note("li", "see-incidents", &format!("i-{n}"), "done", "192.0.2.1").unwrap();
    }
    let page = accounts.accesses(&AccessFilter::default(), 2).unwrap();
    assert_eq!(page.lines.iter().map(|l| l.about.as_str()).collect::<Vec<_>>(), ["i-4", "i-3"]);
    let page = accounts.accesses(&AccessFilter { before: page.next, login: None }, 10).unwrap();
    assert_eq!((page.lines.len(), page.next), (3, None));
    assert_eq!(accounts.accesses_check().unwrap(), (5, None));
    let db = rusqlite::Connection::open(dir.path().join("accounts.db")).unwrap();
    db.execute("UPDATE accesses SET about = 'i-9' WHERE seq = 3", []).unwrap();
    assert_eq!(accounts.accesses_check().unwrap().1, Some(3));
    db.execute("UPDATE accesses SET about = 'i-2' WHERE seq = 3", []).unwrap();
    assert_eq!(accounts.accesses_check().unwrap(), (5, None));
    db.execute("DELETE FROM accesses WHERE seq = 2", []).unwrap();
    assert_eq!(accounts.accesses_check().unwrap().1, Some(3));
}
