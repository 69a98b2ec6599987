//! `watchfire account`: who may come into the console and the API of this node. What is changed here stands among the accesses like what is changed there.

use crate::args::{AccountArgs, AccountOne, AccountVerb, Format};
use crate::error::{self, CliError, exit};
use crate::{Face, print, print_json, secret};
use console::said::account_json;
use evidence::Say;
use node::accounts::{Account, AccountScope, Accounts, Wanted};
use node::{Node, NodeError};
use report::words;
use serde_json::json;
use std::io::Read as _;

/// Most bytes of a password that comes over standard input; what is longer is no password.
const PASSWORD_READ_MAX: u64 = 4 << 10;

pub(crate) fn run(face: &Face, a: &AccountArgs) -> Result<u8, CliError> {
    match &a.what {
        AccountVerb::Add { login, name, role, area, enterprise, password_stdin, password_ask, format } => {
            let typed = match (password_stdin, password_ask) {
                (true, _) => Some(from_input()?),
                (_, true) => Some(secret::ask_twice(face.lang).map_err(|key| CliError::new(Say::new(key)))?),
                _ => None,
            };
            let scope = AccountScope { areas: area.clone(), enterprises: enterprise.clone() };
            let wanted =
                Wanted { login, name, role: (*role).into(), scope, lang: face.lang.tag().get(..2).unwrap_or("en") };
            let accounts = accounts_made(face)?;
            let (account, given) = accounts.make(&wanted, typed.as_deref())?;
            noted(&accounts, "account add", &account)?;
            handed(face, &account, given, "cli.say.account_made", *format);
        }
        AccountVerb::List { format } => list(face, *format)?,
        AccountVerb::Change { login, name, role, area, enterprise, everything, format } => {
            let accounts = accounts(face)?;
            let was = known(&accounts, login)?;
            let scope = match (everything, area.is_empty() && enterprise.is_empty()) {
                (true, _) => AccountScope::default(),
                (false, true) => was.scope.clone(),
                (false, false) => AccountScope { areas: area.clone(), enterprises: enterprise.clone() },
            };
            let name = name.as_deref().unwrap_or(&was.name);
            let wanted = Wanted { login, name, role: role.map_or(was.role, Into::into), scope, lang: &was.lang };
            let account = accounts.change(login, &wanted, was.disabled)?;
            noted(&accounts, "account change", &account)?;
            handed(face, &account, None, "cli.say.account_changed", *format);
        }
        AccountVerb::Reset(one) => {
            let accounts = accounts(face)?;
            let given = accounts.reset(&one.login)?;
            let account = known(&accounts, &one.login)?;
            noted(&accounts, "account reset", &account)?;
            handed(face, &account, Some(given), "cli.say.account_reset", one.format);
        }
        AccountVerb::Disable(one) => switched(face, one, true)?,
        AccountVerb::Enable(one) => switched(face, one, false)?,
    }
    Ok(exit::DONE)
}

/// The accounts of a node that is there; a program that serves it may run beside.
fn accounts(face: &Face) -> Result<Accounts, CliError> {
    Ok(face.node_read_only()?.accounts()?)
}

/// The same; the node is made at first use.
fn accounts_made(face: &Face) -> Result<Accounts, CliError> {
    let node: Node = match face.node_read_only() {
        Err(e) if e.no_log() => face.node()?,
        other => other?,
    };
    Ok(node.accounts()?)
}

fn known(accounts: &Accounts, login: &str) -> Result<Account, CliError> {
    let found = accounts.by_login(login)?;
    found.ok_or_else(|| NodeError::Entry(Say::new("account.none-such")).into())
}

/// Who did it is the account of the system that runs the program: here nobody signs in.
fn noted(accounts: &Accounts, act: &str, of: &Account) -> Result<(), CliError> {
    let (name, _) = node::account();
    Ok(accounts.note(&format!("os:{name}"), act, &of.login, "done", "command line")?)
}

/// The first line of standard input; its end of line does not belong to it.
fn from_input() -> Result<String, CliError> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(PASSWORD_READ_MAX).read_to_string(&mut text);
    let line = text.lines().next().unwrap_or_default();
    match read {
        Ok(_) if !line.is_empty() => Ok(line.to_owned()),
        _ => Err(CliError::new(Say::new("error.no-password"))),
    }
}

fn switched(face: &Face, one: &AccountOne, disabled: bool) -> Result<(), CliError> {
    let accounts = accounts(face)?;
    let was = known(&accounts, &one.login)?;
    let wanted =
        Wanted { login: &was.login, name: &was.name, role: was.role, scope: was.scope.clone(), lang: &was.lang };
    let account = accounts.change(&was.login, &wanted, disabled)?;
    let (act, key) = if disabled {
        ("account disable", "cli.say.account_disabled")
    } else {
        ("account enable", "cli.say.account_enabled")
    };
    noted(&accounts, act, &account)?;
    handed(face, &account, None, key, one.format);
    Ok(())
}

/// Says what is done; a made-up password is shown now and never again.
fn handed(face: &Face, account: &Account, given: Option<String>, key: &str, format: Format) {
    if format == Format::Json {
        let mut value = account_json(account);
        value["format"] = json!("watchfire-account-v1");
        if let Some(given) = given {
            value["password"] = json!(given);
        }
        print_json(&value);
        return;
    }
    print(&face.say(&Say::new(key).with("login", &account.login).with("role", role(face, account))));
    if let Some(given) = given {
        print(&face.say(&Say::new("cli.say.account_password").with("password", given)));
    }
}

fn role(face: &Face, a: &Account) -> String {
    words::text(face.lang, &format!("account.role.{}", a.role.name())).to_owned()
}

fn list(face: &Face, format: Format) -> Result<(), CliError> {
    let all = match face.node_read_only() {
        Ok(node) => node.accounts()?.list()?,
        Err(e) if e.no_log() => Vec::new(),
        Err(e) => return Err(e),
    };
    if format == Format::Json {
        let rows: Vec<_> = all.iter().map(account_json).collect();
        print_json(&json!({"format": "watchfire-accounts-v1", "accounts": rows}));
        return Ok(());
    }
    if all.is_empty() {
        print(&face.say(&Say::new("cli.say.account_none")));
    }
    for a in &all {
        let state = if a.disabled {
            "console.account.disabled"
        } else if a.must_change {
            "console.account.must-change"
        } else {
            "console.account.open"
        };
        let scope: Vec<&str> = a.scope.areas.iter().chain(&a.scope.enterprises).map(String::as_str).collect();
        let scope =
            if scope.is_empty() { words::text(face.lang, "console.everything").to_owned() } else { scope.join(" ") };
        let say = Say::new("cli.say.account_line").with("login", &a.login).with("name", &a.name);
        let say = say.with("role", role(face, a)).with("scope", scope);
        print(&error::spoken(face.lang, &say.with("state", words::text(face.lang, state))));
    }
    Ok(())
}
