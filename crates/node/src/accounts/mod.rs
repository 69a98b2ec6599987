//! Accounts of a node: who comes in over the console and the API, what they may do there, and what was done (`docs/specs/console-v1.md` §2-§4).
//!
//! Refused: a default password (the first account is made with a code that the starting program prints), passwords in records or logs,
//! sessions that say in themselves what they may do (a session is looked up each time, so that it can be taken back).

mod password;
mod role;
mod sign_in;
mod token;
mod totp;
mod two;

pub use password::{PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN, Weak};
pub use role::{AccountRole, Act, may};
pub use sign_in::{Came, IDLE_MINUTES, Refused, SESSION_HOURS, Visitor};
pub use token::{NewToken, TOKEN_DAYS_MAX};
pub use two::{Asked, Decided, PENDING_HOURS};

use crate::{Node, NodeError, home};
use evidence::{Authenticated, Author, Digest, Factor, NodeRole, Say, Time};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::{Access, AccessFilter, AccessPage, AccountDelegation, AccountRow, NewAccount, SavedView};

/// Most characters of a login.
pub const LOGIN_CHARS_MAX: usize = 64;
/// Most days of a delegation.
pub const DELEGATION_DAYS_MAX: i64 = 366;

/// Of which enterprises an account sees and does something. Without any entry: of all that the node sees.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountScope {
    /// Area codes; an area covers those that begin with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<String>,
    /// Credit codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enterprises: Vec<String>,
}
impl AccountScope {
    /// True if everything that the node sees is in it.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.areas.is_empty() && self.enterprises.is_empty()
    }
    /// True if an enterprise of this code and area is in it.
    #[must_use]
    pub fn covers(&self, uscc: &str, area: Option<&str>) -> bool {
        self.is_all()
            || self.enterprises.iter().any(|e| e == uscc)
            || area.is_some_and(|a| self.areas.iter().any(|own| a.starts_with(own.as_str())))
    }
    /// True if everything in `other` is in it too.
    #[must_use]
    pub fn holds(&self, other: &Self) -> bool {
        self.is_all()
            || !other.is_all()
                && other.areas.iter().all(|a| self.areas.iter().any(|own| a.starts_with(own.as_str())))
                && other.enterprises.iter().all(|e| self.enterprises.contains(e))
    }
    /// Both together.
    fn with(mut self, other: &Self) -> Self {
        if self.is_all() || other.is_all() {
            return Self::default();
        }
        self.areas.extend(other.areas.iter().cloned());
        self.enterprises.extend(other.enterprises.iter().cloned());
        for list in [&mut self.areas, &mut self.enterprises] {
            list.sort();
            list.dedup();
        }
        self
    }
}

/// An account, as the faces know it: without what it proves itself by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Its number.
    pub id: i64,
    /// Login.
    pub login: String,
    /// Name of the person.
    pub name: String,
    /// Role.
    pub role: AccountRole,
    /// Scope.
    pub scope: AccountScope,
    /// Language of its pages.
    pub lang: String,
    /// Comes in with a second factor.
    pub second_factor: bool,
    /// The provider by whose word it comes in.
    pub provider: Option<String>,
    /// May not come in.
    pub disabled: bool,
    /// Has to change its password first.
    pub must_change: bool,
    /// No attempt is looked at before this; 1970 if it is not locked.
    pub locked_until: Time,
    /// Made when.
    pub made: Time,
    /// Last came in when; 1970 if never.
    pub seen: Time,
}

/// What an account is to be.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// Login: 2 to 64 of letters, digits, `.`, `-`, `_`, `@`; small letters.
    pub login: &'a str,
    /// Name of the person.
    pub name: &'a str,
    /// Role.
    pub role: AccountRole,
    /// Scope.
    pub scope: AccountScope,
    /// `en` or `zh`.
    pub lang: &'a str,
}

/// The accounts of a node.
#[derive(Clone)]
pub struct Accounts {
    store: Arc<store::Accounts>,
    /// Level of the node, as it was when they were opened.
    at: NodeRole,
    /// What an authenticator program shows as whose password it is.
    issuer: String,
}

impl Node {
    /// The accounts of this node; their file is made at first use.
    pub fn accounts(&self) -> Result<Accounts, NodeError> {
        let store = Arc::new(store::Accounts::open(self.store.home())?);
        let part = self.part()?;
        let at = part.as_ref().map_or(NodeRole::Plant, |p| p.role);
        let name =
            part.map(|p| p.name).filter(|n| !n.is_empty()).unwrap_or_else(|| self.id().to_string()[..8].to_owned());
        Ok(Accounts { store, at, issuer: format!("Watchfire {name}") })
    }
}

/// A refusal that a person can do something about.
fn refuse(key: &'static str) -> NodeError {
    NodeError::Entry(Say::new(key))
}

fn read(row: AccountRow) -> Result<Account, NodeError> {
    let damaged = |what: &str| NodeError::Internal(format!("accounts.db, account {}: {what}", row.login));
    Ok(Account {
        role: AccountRole::named(&row.role).ok_or_else(|| damaged("role"))?,
        scope: serde_json::from_str(&row.scope).map_err(|_| damaged("scope"))?,
        second_factor: row.totp.is_some(),
        provider: row.provider.map(|p| p.0),
        id: row.id,
        login: row.login,
        name: row.name,
        lang: row.lang,
        disabled: row.disabled,
        must_change: row.must_change,
        locked_until: row.locked_until,
        made: row.made,
        seen: row.seen,
    })
}

/// A login as it is kept.
fn login(typed: &str) -> Result<String, NodeError> {
    let login = typed.trim().to_lowercase();
    let fits = |c: char| c.is_ascii_alphanumeric() || ".-_@".contains(c);
    let count = login.chars().count();
    if (2..=LOGIN_CHARS_MAX).contains(&count) && login.chars().all(fits) {
        Ok(login)
    } else {
        Err(refuse("account.bad-login"))
    }
}

fn checked(scope: &AccountScope) -> Result<String, NodeError> {
    let area = |a: &String| {
        let digits = a.strip_suffix("-XPCC").unwrap_or(a);
        matches!(digits.len(), 2 | 4 | 6) && digits.bytes().all(|b| b.is_ascii_digit())
    };
    if !scope.areas.iter().all(area) {
        return Err(refuse("account.bad-area"));
    }
    if scope.enterprises.iter().any(|e| !classify::uscc(e.as_bytes())) {
        return Err(refuse("account.bad-enterprise"));
    }
    serde_json::to_string(scope).map_err(|e| NodeError::Internal(e.to_string()))
}

impl Accounts {
    /// Level of the node that they are of.
    #[must_use]
    pub fn level(&self) -> NodeRole {
        self.at
    }

    /// True if there is none: the first is made with a code that the starting program prints.
    pub fn none(&self) -> Result<bool, NodeError> {
        Ok(self.store.count()? == 0)
    }

    /// A code with which the first account is made: 80 random bits.
    pub fn first_code(&self) -> Result<String, NodeError> {
        made_up()
    }

    /// Makes an account. `password`: as typed by its owner; `None`: one is made up, shown once and has to be changed at first use; it comes back.
    pub fn make(&self, wanted: &Wanted<'_>, password: Option<&str>) -> Result<(Account, Option<String>), NodeError> {
        let login = login(wanted.login)?;
        let name = attest::clean(wanted.name);
        if name.is_empty() {
            return Err(refuse("account.no-name"));
        }
        let scope = checked(&wanted.scope)?;
        let given = match password {
            Some(password) => {
                weak(password, &login, &name)?;
                None
            }
            None => Some(made_up()?),
        };
        let phc = password::digest(given.as_deref().or(password).unwrap_or_default(), &salt()?)?;
        let new = NewAccount {
            login: &login,
            name: &name,
            role: wanted.role.name(),
            scope: &scope,
            lang: if wanted.lang == "zh" { "zh" } else { "en" },
            password: Some(&phc),
            provider: None,
            must_change: given.is_some(),
        };
        let id = self.store.make(&new, home::now())?.ok_or_else(|| refuse("account.login-taken"))?;
        Ok((self.get(id)?.ok_or_else(|| refuse("account.none-such"))?, given))
    }

    /// By number.
    pub fn get(&self, id: i64) -> Result<Option<Account>, NodeError> {
        self.store.by_id(id)?.map(read).transpose()
    }

    /// By login.
    pub fn by_login(&self, login: &str) -> Result<Option<Account>, NodeError> {
        self.store.by_login(&login.trim().to_lowercase())?.map(read).transpose()
    }

    /// All, by login.
    pub fn list(&self) -> Result<Vec<Account>, NodeError> {
        self.store.list()?.into_iter().map(read).collect()
    }

    /// Changes name, role, scope and whether it may come in. Whoever loses something is put out: his sessions end. The last administrator stays one.
    pub fn change(&self, login: &str, to: &Wanted<'_>, disabled: bool) -> Result<Account, NodeError> {
        let was = self.by_login(login)?.ok_or_else(|| refuse("account.none-such"))?;
        let name = attest::clean(to.name);
        if name.is_empty() {
            return Err(refuse("account.no-name"));
        }
        let stays = to.role == AccountRole::Administrator && !disabled;
        if was.role == AccountRole::Administrator && !was.disabled && !stays {
            let others = self.list()?.into_iter().filter(|a| a.id != was.id && !a.disabled);
            if others.filter(|a| a.role == AccountRole::Administrator).count() == 0 {
                return Err(refuse("account.last-administrator"));
            }
        }
        self.store.set(was.id, &name, to.role.name(), &checked(&to.scope)?, disabled)?;
        if disabled || to.role != was.role || to.scope != was.scope {
            self.store.end_sessions(was.id, None)?;
        }
        self.get(was.id)?.ok_or_else(|| refuse("account.none-such"))
    }

    /// A new made-up password, shown once, to be changed at first use; second factor and sessions are gone. For whoever lost his.
    pub fn reset(&self, login: &str) -> Result<String, NodeError> {
        let account = self.by_login(login)?.ok_or_else(|| refuse("account.none-such"))?;
        let given = made_up()?;
        self.store.set_password(account.id, &password::digest(&given, &salt()?)?, true)?;
        self.store.set_totp(account.id, None, 0, &[])?;
        self.store.end_sessions(account.id, None)?;
        Ok(given)
    }

    /// Sets the language of an account's pages.
    pub fn set_lang(&self, id: i64, lang: &str) -> Result<(), NodeError> {
        Ok(self.store.set_lang(id, if lang == "zh" { "zh" } else { "en" })?)
    }

    /// Changes one's own password; all other sessions end.
    pub fn change_password(&self, visitor: &Visitor, old: &str, new: &str) -> Result<(), NodeError> {
        let row = self.own_password(visitor, old)?;
        weak(new, &row.login, &row.name)?;
        if old == new {
            return Err(refuse("account.same-password"));
        }
        self.store.set_password(row.id, &password::digest(new, &salt()?)?, false)?;
        self.store.end_sessions(row.id, visitor.session.as_ref())?;
        Ok(())
    }

    /// What an account may do now: by its role, at this level.
    #[must_use]
    pub fn acts(&self, role: AccountRole) -> Vec<Act> {
        Act::ALL.iter().copied().filter(|a| may(role, *a, self.at)).collect()
    }

    /// Views of a list that an account saved.
    pub fn views(&self, id: i64, page: &str) -> Result<Vec<SavedView>, NodeError> {
        Ok(self.store.views(id, page)?)
    }

    /// Saves one; an empty query drops it.
    pub fn keep_view(&self, id: i64, page: &str, name: &str, query: &str) -> Result<(), NodeError> {
        let name = attest::clean(name);
        if name.is_empty() || name.chars().count() > 80 || query.len() > 2_000 {
            return Err(refuse("account.bad-view"));
        }
        if query.is_empty() {
            self.store.drop_view(id, page, &name)?;
            return Ok(());
        }
        Ok(self.store.keep_view(id, &SavedView { page: page.to_owned(), name, query: query.to_owned() })?)
    }

    /// Writes down who read or did what.
    pub fn note(&self, login: &str, act: &str, about: &str, outcome: &str, peer: &str) -> Result<(), NodeError> {
        let cut = |t: &str| t.chars().filter(|c| !c.is_control()).take(200).collect::<String>();
        let access = Access {
            seq: 0,
            at: home::now(),
            login: cut(login),
            act: cut(act),
            about: cut(about),
            outcome: outcome.to_owned(),
            peer: cut(peer),
        };
        self.store.note(&access)?;
        Ok(())
    }

    /// A page of accesses, newest first.
    pub fn accesses(&self, filter: &AccessFilter, max: u32) -> Result<AccessPage, NodeError> {
        Ok(self.store.accesses(filter, max)?)
    }

    /// How many accesses there are, and the first whose line does not follow from the one before.
    pub fn accesses_check(&self) -> Result<(u64, Option<i64>), NodeError> {
        Ok(self.store.accesses_check()?)
    }

    /// Gives a part of one's own scope to another for a time.
    pub fn delegate(
        &self,
        giver: &Visitor,
        taker: &str,
        scope: &AccountScope,
        (since, until): (Time, Time),
        reason: &str,
    ) -> Result<AccountDelegation, NodeError> {
        let taker = self.by_login(taker)?.ok_or_else(|| refuse("account.none-such"))?;
        let reason = attest::clean(reason);
        if reason.is_empty() {
            return Err(refuse("account.no-reason"));
        }
        if taker.id == giver.account.id {
            return Err(refuse("account.to-oneself"));
        }
        // Of what was given to oneself one gives nothing on: who answers for it would be nobody.
        if !giver.account.scope.holds(scope) {
            return Err(refuse("account.not-yours"));
        }
        let days = (until.millis() - since.millis()) / 86_400_000;
        if until <= since || until <= home::now() || days > DELEGATION_DAYS_MAX {
            return Err(refuse("account.bad-time"));
        }
        let given = AccountDelegation {
            id: short_id("d")?,
            giver: giver.account.id,
            taker: taker.id,
            scope: checked(scope)?,
            since,
            until,
            reason,
            revoked: false,
        };
        self.store.delegate(&given)?;
        Ok(given)
    }

    /// All delegations, newest first.
    pub fn delegations(&self) -> Result<Vec<AccountDelegation>, NodeError> {
        Ok(self.store.delegations(None)?)
    }

    /// Takes one back: whoever gave it, or who keeps the accounts.
    pub fn undelegate(&self, visitor: &Visitor, id: &str) -> Result<(), NodeError> {
        let found = self.store.delegations(None)?.into_iter().find(|d| d.id == id);
        let found = found.ok_or_else(|| refuse("account.none-such"))?;
        if found.giver != visitor.account.id && !visitor.may(Act::ManageAccounts) {
            return Err(refuse("account.not-yours"));
        }
        self.store.undelegate(id)?;
        Ok(())
    }
}

fn weak(password: &str, login: &str, name: &str) -> Result<(), NodeError> {
    let say =
        |w: Weak| NodeError::Entry(Say::new(format!("account.weak.{}", w.name())).with("min", PASSWORD_CHARS_MIN));
    password::check(password, login, name).map_err(say)
}

fn salt() -> Result<[u8; 16], NodeError> {
    let [salt, _] = halves(home::secret()?);
    Ok(salt)
}

fn halves(bytes: [u8; 32]) -> [[u8; 16]; 2] {
    let (mut a, mut b) = ([0; 16], [0; 16]);
    a.copy_from_slice(&bytes[..16]);
    b.copy_from_slice(&bytes[16..]);
    [a, b]
}

/// A password of 80 random bits in groups of four, without letters that look alike.
pub fn made_up() -> Result<String, NodeError> {
    let text = data_encoding::BASE32_NOPAD.encode(&home::secret()?[..10]).to_lowercase();
    Ok(text.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-"))
}

/// An id of 40 random bits.
fn short_id(letter: &str) -> Result<String, NodeError> {
    Ok(format!("{letter}-{}", data_encoding::HEXLOWER.encode(&home::secret()?[..5])))
}

/// How a person is named in what he states.
fn author(account: &Account, factors: &[Factor]) -> Author {
    let authenticated = Authenticated::NodeAccount { login: account.login.clone(), factors: factors.to_vec() };
    Author { name: account.name.clone(), authenticated }
}

/// The digest that a secret text is known by.
fn known_by(secret: &str) -> Digest {
    Digest::of(secret.as_bytes())
}
