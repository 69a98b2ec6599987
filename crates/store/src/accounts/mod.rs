//! Accounts, sessions and what belongs to them: who may come in over the console, and who came.
//!
//! They lie in `accounts.db` of the home (SQLite, 0600), apart from the log: a password's digest is nobody's evidence. What a person *does* stands in the log,
//! under the login. Secrets are kept as digests where the program only has to know them again (tokens, sessions, recovery codes: SHA-256 of at least
//! 80 random bits; passwords: whatever text the room above made of them), and as they are where it has to compute with them (secrets of
//! one-time passwords).
//!
//! The audit of accesses is a chain: each line holds the digest of the line before, so that a line that was taken out or changed shows.
//!
//! Refused: accounts on the server of the read tables (a rebuildable projection and the one thing that cannot be rebuilt do not belong together).

mod access;
mod session;

pub use access::{Access, AccessFilter, AccessPage};
pub use session::{ApiToken, SessionRow};

use crate::StoreError;
use crate::durable;
use evidence::{Digest, Time};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Its file, under the home.
const FILE: &str = "accounts.db";
/// How long to wait for another process.
const BUSY_WAIT: Duration = Duration::from_secs(10);
/// Version of the layout.
const VERSION: u32 = 1;
/// Most accounts of a node.
pub const ACCOUNTS_MAX: u32 = 10_000;

const LAYOUT: &str = "
    CREATE TABLE IF NOT EXISTS accounts (id INTEGER PRIMARY KEY, login TEXT NOT NULL UNIQUE, name TEXT NOT NULL, role TEXT NOT NULL,
        scope TEXT NOT NULL, lang TEXT NOT NULL, password TEXT, totp BLOB, totp_step INTEGER NOT NULL DEFAULT 0, issuer TEXT, subject TEXT,
        disabled INTEGER NOT NULL DEFAULT 0, must_change INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0,
        locked_until INTEGER NOT NULL DEFAULT 0, made INTEGER NOT NULL, seen INTEGER NOT NULL DEFAULT 0);
    CREATE UNIQUE INDEX IF NOT EXISTS subjects ON accounts (issuer, subject) WHERE issuer IS NOT NULL;
    CREATE TABLE IF NOT EXISTS recovery (account INTEGER NOT NULL, code BLOB NOT NULL, PRIMARY KEY (account, code)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS sessions (token BLOB PRIMARY KEY, account INTEGER NOT NULL, factors TEXT NOT NULL, made INTEGER NOT NULL,
        seen INTEGER NOT NULL, peer TEXT NOT NULL, agent TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS sessions_of ON sessions (account);
    CREATE TABLE IF NOT EXISTS tokens (token BLOB PRIMARY KEY, id TEXT NOT NULL UNIQUE, account INTEGER NOT NULL, label TEXT NOT NULL,
        acts TEXT NOT NULL, made INTEGER NOT NULL, until INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS delegations (id TEXT PRIMARY KEY, giver INTEGER NOT NULL, taker INTEGER NOT NULL, scope TEXT NOT NULL,
        since INTEGER NOT NULL, until INTEGER NOT NULL, reason TEXT NOT NULL, revoked INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS delegations_to ON delegations (taker);
    CREATE TABLE IF NOT EXISTS pending (id TEXT PRIMARY KEY, act TEXT NOT NULL, about TEXT NOT NULL, body TEXT NOT NULL, asker INTEGER NOT NULL,
        asked INTEGER NOT NULL, until INTEGER NOT NULL, decider INTEGER, decided INTEGER, state TEXT NOT NULL, reason TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS answered (account INTEGER NOT NULL, key TEXT NOT NULL, request BLOB NOT NULL, status INTEGER NOT NULL,
        body TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (account, key)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS views (account INTEGER NOT NULL, page TEXT NOT NULL, name TEXT NOT NULL, query TEXT NOT NULL,
        PRIMARY KEY (account, page, name)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS accesses (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, login TEXT NOT NULL, act TEXT NOT NULL, about TEXT NOT NULL,
        outcome TEXT NOT NULL, peer TEXT NOT NULL, chain BLOB NOT NULL);
    CREATE INDEX IF NOT EXISTS accesses_of ON accesses (login, seq);
";

/// An account as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// Its number; never given twice.
    pub id: i64,
    /// Login, in small letters.
    pub login: String,
    /// Name of the person.
    pub name: String,
    /// Role, by the name that the room above gave it.
    pub role: String,
    /// Scope, as that room wrote it.
    pub scope: String,
    /// Language of its pages.
    pub lang: String,
    /// Digest of the password as a PHC text; `None`: comes in by a provider only.
    pub password: Option<String>,
    /// Secret of the one-time passwords.
    pub totp: Option<Vec<u8>>,
    /// The last step whose one-time password was taken.
    pub totp_step: i64,
    /// Provider and subject there.
    pub provider: Option<(String, String)>,
    /// True: may not come in.
    pub disabled: bool,
    /// True: the password was given by somebody else and has to be changed.
    pub must_change: bool,
    /// Failed attempts since the last that did not fail.
    pub failures: u32,
    /// No attempt is looked at before this.
    pub locked_until: Time,
    /// Made when.
    pub made: Time,
    /// Last came in when; 1970 if never.
    pub seen: Time,
}

/// What is asked for when an account is made.
#[derive(Clone, Debug)]
pub struct NewAccount<'a> {
    /// Login, in small letters.
    pub login: &'a str,
    /// Name of the person.
    pub name: &'a str,
    /// Role.
    pub role: &'a str,
    /// Scope.
    pub scope: &'a str,
    /// Language.
    pub lang: &'a str,
    /// Digest of the password.
    pub password: Option<&'a str>,
    /// Provider and subject.
    pub provider: Option<(&'a str, &'a str)>,
    /// The password has to be changed at first use.
    pub must_change: bool,
}

/// A view of a list that somebody saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedView {
    /// Of which page.
    pub page: String,
    /// Its name.
    pub name: String,
    /// Its query.
    pub query: String,
}

/// An act that waits for a second person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingAct {
    /// Its id.
    pub id: String,
    /// Which act.
    pub act: String,
    /// About what, for people.
    pub about: String,
    /// What will be done, as the room above wrote it.
    pub body: String,
    /// Who asked.
    pub asker: i64,
    /// When.
    pub asked: Time,
    /// Nobody can decide from then on.
    pub until: Time,
    /// Who decided, and when.
    pub decided: Option<(i64, Time)>,
    /// `waiting`, `done`, `refused`, `failed`.
    pub state: String,
    /// Why it was refused or what failed.
    pub reason: String,
}

/// A part of one's scope that somebody else may use for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountDelegation {
    /// Its id.
    pub id: String,
    /// Whose.
    pub giver: i64,
    /// To whom.
    pub taker: i64,
    /// Which part, as the room above wrote it.
    pub scope: String,
    /// From when.
    pub since: Time,
    /// Until when.
    pub until: Time,
    /// Why.
    pub reason: String,
    /// Taken back.
    pub revoked: bool,
}

/// The accounts of a home. One connection, one user at a time.
#[derive(Debug)]
pub struct Accounts {
    path: PathBuf,
    db: Mutex<Connection>,
}

impl Accounts {
    /// True if the home has accounts; makes nothing.
    #[must_use]
    pub fn present(home: &Path) -> bool {
        home.join(FILE).exists()
    }

    /// Opens them; makes the file at first use. Errors: a file that others can read, one of a newer program.
    pub fn open(home: &Path) -> Result<Self, StoreError> {
        let path = home.join(FILE);
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(_) => {}
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(StoreError::io(&path, e)),
        }
        durable::check_private(&path)?;
        let fail = |e: rusqlite::Error| StoreError::sql(&path, &e);
        let db = Connection::open(&path).map_err(fail)?;
        db.busy_timeout(BUSY_WAIT).map_err(fail)?;
        db.pragma_update(None, "journal_mode", "WAL").map_err(fail)?;
        db.pragma_update(None, "synchronous", "FULL").map_err(fail)?;
        db.pragma_update(None, "secure_delete", true).map_err(fail)?;
        db.pragma_update(None, "trusted_schema", false).map_err(fail)?;
        db.pragma_update(None, "temp_store", "MEMORY").map_err(fail)?;
        let found: u32 = db.pragma_query_value(None, "user_version", |r| r.get(0)).map_err(fail)?;
        if found > VERSION {
            return Err(StoreError::Newer { found, known: VERSION });
        }
        db.execute_batch(LAYOUT).map_err(fail)?;
        db.pragma_update(None, "user_version", VERSION).map_err(fail)?;
        Ok(Self { path, db: Mutex::new(db) })
    }

    fn fail(&self, e: &rusqlite::Error) -> StoreError {
        StoreError::sql(&self.path, e)
    }

    /// A poisoned lock is a thread that broke down between two statements; what it had begun was rolled back with it.
    fn db(&self) -> MutexGuard<'_, Connection> {
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One statement that changes; how many lines it changed.
    fn change(&self, sql: &str, with: impl rusqlite::Params) -> Result<usize, StoreError> {
        let db = self.db();
        let mut statement = db.prepare_cached(sql).map_err(|e| self.fail(&e))?;
        statement.execute(with).map_err(|e| self.fail(&e))
    }

    fn all<T>(
        &self,
        sql: &str,
        with: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let db = self.db();
        let mut statement = db.prepare_cached(sql).map_err(|e| self.fail(&e))?;
        let rows = statement.query_map(with, read).map_err(|e| self.fail(&e))?;
        rows.collect::<Result<_, _>>().map_err(|e| self.fail(&e))
    }

    fn one<T>(
        &self,
        sql: &str,
        with: impl rusqlite::Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        let db = self.db();
        let mut statement = db.prepare_cached(sql).map_err(|e| self.fail(&e))?;
        statement.query_row(with, read).optional().map_err(|e| self.fail(&e))
    }

    /// Makes an account; `None` if the login, or the subject at the provider, is taken.
    pub fn make(&self, new: &NewAccount<'_>, at: Time) -> Result<Option<i64>, StoreError> {
        let db = self.db();
        let count: u32 = db.query_row("SELECT count(*) FROM accounts", [], |r| r.get(0)).map_err(|e| self.fail(&e))?;
        if count >= ACCOUNTS_MAX {
            return Err(StoreError::TooLarge { what: "accounts", max: u64::from(ACCOUNTS_MAX) });
        }
        let (issuer, subject) = new.provider.unzip();
        let made = db
            .execute(
                "INSERT INTO accounts (login, name, role, scope, lang, password, issuer, subject, must_change, made)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING",
                params![
                    new.login,
                    new.name,
                    new.role,
                    new.scope,
                    new.lang,
                    new.password,
                    issuer,
                    subject,
                    new.must_change,
                    at.millis()
                ],
            )
            .map_err(|e| self.fail(&e))?;
        Ok((made == 1).then(|| db.last_insert_rowid()))
    }

    /// How many there are.
    pub fn count(&self) -> Result<u64, StoreError> {
        Ok(self.one("SELECT count(*) FROM accounts", [], |r| r.get::<_, i64>(0))?.unwrap_or(0).unsigned_abs())
    }

    /// By login.
    pub fn by_login(&self, login: &str) -> Result<Option<AccountRow>, StoreError> {
        self.one(&format!("{ACCOUNT} WHERE login = ?1"), [login], account)
    }

    /// By number.
    pub fn by_id(&self, id: i64) -> Result<Option<AccountRow>, StoreError> {
        self.one(&format!("{ACCOUNT} WHERE id = ?1"), [id], account)
    }

    /// By provider and subject there.
    pub fn by_subject(&self, issuer: &str, subject: &str) -> Result<Option<AccountRow>, StoreError> {
        self.one(&format!("{ACCOUNT} WHERE issuer = ?1 AND subject = ?2"), [issuer, subject], account)
    }

    /// All, by login.
    pub fn list(&self) -> Result<Vec<AccountRow>, StoreError> {
        self.all(&format!("{ACCOUNT} ORDER BY login"), [], account)
    }

    /// Sets name, role, scope and whether it is disabled.
    pub fn set(&self, id: i64, name: &str, role: &str, scope: &str, disabled: bool) -> Result<bool, StoreError> {
        let sql = "UPDATE accounts SET name = ?2, role = ?3, scope = ?4, disabled = ?5 WHERE id = ?1";
        Ok(self.change(sql, params![id, name, role, scope, disabled])? == 1)
    }

    /// Sets the language.
    pub fn set_lang(&self, id: i64, lang: &str) -> Result<(), StoreError> {
        self.change("UPDATE accounts SET lang = ?2 WHERE id = ?1", params![id, lang]).map(drop)
    }

    /// Sets the password's digest; whatever was locked is open again.
    pub fn set_password(&self, id: i64, phc: &str, must_change: bool) -> Result<(), StoreError> {
        let sql = "UPDATE accounts SET password = ?2, must_change = ?3, failures = 0, locked_until = 0 WHERE id = ?1";
        self.change(sql, params![id, phc, must_change]).map(drop)
    }

    /// Sets or takes away the secret of one-time passwords, with the digests of its recovery codes.
    pub fn set_totp(&self, id: i64, secret: Option<&[u8]>, step: i64, codes: &[Digest]) -> Result<(), StoreError> {
        let mut db = self.db();
        let fail = |e: rusqlite::Error| self.fail(&e);
        let tx = db.transaction().map_err(fail)?;
        tx.execute("UPDATE accounts SET totp = ?2, totp_step = ?3 WHERE id = ?1", params![id, secret, step])
            .map_err(fail)?;
        tx.execute("DELETE FROM recovery WHERE account = ?1", [id]).map_err(fail)?;
        for code in codes {
            tx.execute("INSERT INTO recovery VALUES (?1, ?2)", params![id, code.0]).map_err(fail)?;
        }
        tx.commit().map_err(fail)
    }

    /// Takes a step; false if this or a later one was taken before: a one-time password serves once.
    pub fn take_step(&self, id: i64, step: i64) -> Result<bool, StoreError> {
        let sql = "UPDATE accounts SET totp_step = ?2 WHERE id = ?1 AND totp_step < ?2";
        Ok(self.change(sql, params![id, step])? == 1)
    }

    /// Spends a recovery code; false if there is none such.
    pub fn spend_recovery(&self, id: i64, code: &Digest) -> Result<bool, StoreError> {
        Ok(self.change("DELETE FROM recovery WHERE account = ?1 AND code = ?2", params![id, code.0])? == 1)
    }

    /// How many recovery codes are left.
    pub fn recovery_left(&self, id: i64) -> Result<u64, StoreError> {
        Ok(self
            .one("SELECT count(*) FROM recovery WHERE account = ?1", [id], |r| r.get::<_, i64>(0))?
            .unwrap_or(0)
            .unsigned_abs())
    }

    /// Counts a failed attempt and locks until then.
    pub fn failed(&self, id: i64, locked_until: Time) -> Result<(), StoreError> {
        let sql = "UPDATE accounts SET failures = failures + 1, locked_until = ?2 WHERE id = ?1";
        self.change(sql, params![id, locked_until.millis()]).map(drop)
    }

    /// Forgets failures: somebody came in.
    pub fn came_in(&self, id: i64, at: Time) -> Result<(), StoreError> {
        let sql = "UPDATE accounts SET failures = 0, locked_until = 0, seen = ?2 WHERE id = ?1";
        self.change(sql, params![id, at.millis()]).map(drop)
    }

    /// Keeps a view of a list.
    pub fn keep_view(&self, id: i64, view: &SavedView) -> Result<(), StoreError> {
        let sql = "INSERT INTO views VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET query = excluded.query";
        self.change(sql, params![id, view.page, view.name, view.query]).map(drop)
    }

    /// Drops one.
    pub fn drop_view(&self, id: i64, page: &str, name: &str) -> Result<bool, StoreError> {
        let sql = "DELETE FROM views WHERE account = ?1 AND page = ?2 AND name = ?3";
        Ok(self.change(sql, params![id, page, name])? == 1)
    }

    /// The views of a page, by name.
    pub fn views(&self, id: i64, page: &str) -> Result<Vec<SavedView>, StoreError> {
        let sql = "SELECT page, name, query FROM views WHERE account = ?1 AND page = ?2 ORDER BY name LIMIT 100";
        let read = |r: &Row<'_>| Ok(SavedView { page: r.get(0)?, name: r.get(1)?, query: r.get(2)? });
        self.all(sql, params![id, page], read)
    }

    /// Keeps an act that waits for a second person.
    pub fn ask(&self, p: &PendingAct) -> Result<(), StoreError> {
        let sql = "INSERT INTO pending VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, NULL, 'waiting', '')";
        let with = params![p.id, p.act, p.about, p.body, p.asker, p.asked.millis(), p.until.millis()];
        self.change(sql, with).map(drop)
    }

    /// Decides it; false if it was decided before. `state`: `done`, `refused`, `failed`.
    pub fn decide(&self, id: &str, decider: i64, at: Time, state: &str, reason: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE pending SET decider = ?2, decided = ?3, state = ?4, reason = ?5 WHERE id = ?1 AND state = 'waiting'";
        Ok(self.change(sql, params![id, decider, at.millis(), state, reason])? == 1)
    }

    /// What was to be done could not be done after all.
    pub fn undone(&self, id: &str, reason: &str) -> Result<(), StoreError> {
        self.change(
            "UPDATE pending SET state = 'failed', reason = ?2 WHERE id = ?1 AND state = 'done'",
            params![id, reason],
        )
        .map(drop)
    }

    /// The newest acts that wait or waited, newest first.
    pub fn pending(&self, max: u32) -> Result<Vec<PendingAct>, StoreError> {
        self.all(&format!("{PENDING} ORDER BY asked DESC, id LIMIT ?1"), [max], pending)
    }

    /// One of them.
    pub fn pending_one(&self, id: &str) -> Result<Option<PendingAct>, StoreError> {
        self.one(&format!("{PENDING} WHERE id = ?1"), [id], pending)
    }

    /// Keeps a delegation.
    pub fn delegate(&self, d: &AccountDelegation) -> Result<(), StoreError> {
        let sql = "INSERT INTO delegations VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)";
        let with = params![d.id, d.giver, d.taker, d.scope, d.since.millis(), d.until.millis(), d.reason];
        self.change(sql, with).map(drop)
    }

    /// Takes one back.
    pub fn undelegate(&self, id: &str) -> Result<bool, StoreError> {
        Ok(self.change("UPDATE delegations SET revoked = 1 WHERE id = ?1 AND revoked = 0", [id])? == 1)
    }

    /// All of them; with `taker` those in force at an instant for that account.
    pub fn delegations(&self, taker: Option<(i64, Time)>) -> Result<Vec<AccountDelegation>, StoreError> {
        const ALL: &str = "SELECT id, giver, taker, scope, since, until, reason, revoked FROM delegations";
        match taker {
            None => self.all(&format!("{ALL} ORDER BY since DESC, id LIMIT 1000"), [], delegation),
            Some((id, at)) => self.all(
                &format!("{ALL} WHERE taker = ?1 AND revoked = 0 AND since <= ?2 AND until > ?2 ORDER BY id"),
                params![id, at.millis()],
                delegation,
            ),
        }
    }
}

const ACCOUNT: &str = "SELECT id, login, name, role, scope, lang, password, totp, totp_step, issuer, subject, disabled, must_change, failures,
    locked_until, made, seen FROM accounts";

fn account(r: &Row<'_>) -> rusqlite::Result<AccountRow> {
    let provider: Option<String> = r.get(9)?;
    let subject: Option<String> = r.get(10)?;
    Ok(AccountRow {
        id: r.get(0)?,
        login: r.get(1)?,
        name: r.get(2)?,
        role: r.get(3)?,
        scope: r.get(4)?,
        lang: r.get(5)?,
        password: r.get(6)?,
        totp: r.get(7)?,
        totp_step: r.get(8)?,
        provider: provider.zip(subject),
        disabled: r.get(11)?,
        must_change: r.get(12)?,
        failures: r.get(13)?,
        locked_until: Time::from_millis(r.get(14)?),
        made: Time::from_millis(r.get(15)?),
        seen: Time::from_millis(r.get(16)?),
    })
}

const PENDING: &str = "SELECT id, act, about, body, asker, asked, until, decider, decided, state, reason FROM pending";

fn pending(r: &Row<'_>) -> rusqlite::Result<PendingAct> {
    let decided: Option<i64> = r.get(8)?;
    Ok(PendingAct {
        id: r.get(0)?,
        act: r.get(1)?,
        about: r.get(2)?,
        body: r.get(3)?,
        asker: r.get(4)?,
        asked: Time::from_millis(r.get(5)?),
        until: Time::from_millis(r.get(6)?),
        decided: r.get::<_, Option<i64>>(7)?.zip(decided.map(Time::from_millis)),
        state: r.get(9)?,
        reason: r.get(10)?,
    })
}

fn delegation(r: &Row<'_>) -> rusqlite::Result<AccountDelegation> {
    Ok(AccountDelegation {
        id: r.get(0)?,
        giver: r.get(1)?,
        taker: r.get(2)?,
        scope: r.get(3)?,
        since: Time::from_millis(r.get(4)?),
        until: Time::from_millis(r.get(5)?),
        reason: r.get(6)?,
        revoked: r.get(7)?,
    })
}
