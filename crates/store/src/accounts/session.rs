//! Sessions and tokens: known by digest alone.

use super::Accounts;
use crate::StoreError;
use evidence::{Digest, Time};
use rusqlite::{Row, params};

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// SHA-256 of its token.
    pub token: Digest,
    /// Whose.
    pub account: i64,
    /// What it was opened with, as the room above wrote it.
    pub factors: String,
    /// Opened when.
    pub made: Time,
    /// Last used when.
    pub seen: Time,
    /// Address that it was opened from.
    pub peer: String,
    /// What the browser called itself.
    pub agent: String,
}

/// A token of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Public id, for lists.
    pub id: String,
    /// Whose.
    pub account: i64,
    /// What for, in words.
    pub label: String,
    /// What it may do, as the room above wrote it.
    pub acts: String,
    /// Made when.
    pub made: Time,
    /// Worth nothing from then on.
    pub until: Time,
    /// Last used when; 1970 if never.
    pub used: Time,
}

const SESSION: &str = "SELECT token, account, factors, made, seen, peer, agent FROM sessions";
const TOKEN: &str = "SELECT id, account, label, acts, made, until, used FROM tokens";

impl Accounts {
    /// Opens a session; those that ended are forgotten at the same time.
    pub fn open_session(&self, s: &SessionRow, idle_since: Time, made_since: Time) -> Result<(), StoreError> {
        self.change(
            "DELETE FROM sessions WHERE seen < ?1 OR made < ?2",
            params![idle_since.millis(), made_since.millis()],
        )?;
        let sql = "INSERT INTO sessions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let with = params![s.token.0, s.account, s.factors, s.made.millis(), s.seen.millis(), s.peer, s.agent];
        self.change(sql, with).map(drop)
    }

    /// By the digest of its token.
    pub fn session(&self, token: &Digest) -> Result<Option<SessionRow>, StoreError> {
        self.one(&format!("{SESSION} WHERE token = ?1"), [token.0], session)
    }

    /// Notes that it was used.
    pub fn session_used(&self, token: &Digest, at: Time) -> Result<(), StoreError> {
        self.change("UPDATE sessions SET seen = ?2 WHERE token = ?1", params![token.0, at.millis()]).map(drop)
    }

    /// Sessions of an account, or of all, last used first.
    pub fn sessions(&self, account: Option<i64>) -> Result<Vec<SessionRow>, StoreError> {
        let sql = format!("{SESSION} WHERE ?1 IS NULL OR account = ?1 ORDER BY seen DESC, token LIMIT 1000");
        self.all(&sql, [account], session)
    }

    /// Ends one; false if there is none such.
    pub fn end_session(&self, token: &Digest) -> Result<bool, StoreError> {
        Ok(self.change("DELETE FROM sessions WHERE token = ?1", [token.0])? == 1)
    }

    /// Ends all of an account but one.
    pub fn end_sessions(&self, account: i64, but: Option<&Digest>) -> Result<usize, StoreError> {
        let but = but.map(|d| d.0.to_vec());
        self.change("DELETE FROM sessions WHERE account = ?1 AND (?2 IS NULL OR token <> ?2)", params![account, but])
    }

    /// Keeps a token by its digest.
    pub fn keep_token(&self, digest: &Digest, t: &ApiToken) -> Result<(), StoreError> {
        let sql = "INSERT INTO tokens VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)";
        let with = params![digest.0, t.id, t.account, t.label, t.acts, t.made.millis(), t.until.millis()];
        self.change(sql, with).map(drop)
    }

    /// By its digest; notes that it was used, at most once a minute.
    pub fn token(&self, digest: &Digest, at: Time) -> Result<Option<ApiToken>, StoreError> {
        let found = self.one(&format!("{TOKEN} WHERE token = ?1"), [digest.0], api_token)?;
        if found.as_ref().is_some_and(|t| at.millis() - t.used.millis() >= 60_000) {
            self.change("UPDATE tokens SET used = ?2 WHERE token = ?1", params![digest.0, at.millis()])?;
        }
        Ok(found)
    }

    /// Tokens of an account, or of all, newest first.
    pub fn tokens(&self, account: Option<i64>) -> Result<Vec<ApiToken>, StoreError> {
        let sql = format!("{TOKEN} WHERE ?1 IS NULL OR account = ?1 ORDER BY made DESC, id LIMIT 1000");
        self.all(&sql, [account], api_token)
    }

    /// Takes a token back; false if there is none such, or it is another account's.
    pub fn drop_token(&self, id: &str, of: Option<i64>) -> Result<bool, StoreError> {
        Ok(self.change("DELETE FROM tokens WHERE id = ?1 AND (?2 IS NULL OR account = ?2)", params![id, of])? == 1)
    }

    /// What was answered under an idempotency key: digest of the request, status, body.
    pub fn answered(&self, account: i64, key: &str) -> Result<Option<(Digest, u16, String)>, StoreError> {
        let sql = "SELECT request, status, body FROM answered WHERE account = ?1 AND key = ?2";
        self.one(sql, params![account, key], |r| Ok((Digest(r.get(0)?), r.get(1)?, r.get(2)?)))
    }

    /// Keeps an answer under its key; those from before `since` are forgotten.
    pub fn keep_answer(
        &self,
        (account, key): (i64, &str),
        request: &Digest,
        (status, body): (u16, &str),
        (at, since): (Time, Time),
    ) -> Result<(), StoreError> {
        self.change("DELETE FROM answered WHERE at < ?1", [since.millis()])?;
        let sql = "INSERT INTO answered VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
        self.change(sql, params![account, key, request.0, status, body, at.millis()]).map(drop)
    }
}

fn session(r: &Row<'_>) -> rusqlite::Result<SessionRow> {
    Ok(SessionRow {
        token: Digest(r.get(0)?),
        account: r.get(1)?,
        factors: r.get(2)?,
        made: Time::from_millis(r.get(3)?),
        seen: Time::from_millis(r.get(4)?),
        peer: r.get(5)?,
        agent: r.get(6)?,
    })
}

fn api_token(r: &Row<'_>) -> rusqlite::Result<ApiToken> {
    Ok(ApiToken {
        id: r.get(0)?,
        account: r.get(1)?,
        label: r.get(2)?,
        acts: r.get(3)?,
        made: Time::from_millis(r.get(4)?),
        until: Time::from_millis(r.get(5)?),
        used: Time::from_millis(r.get(6)?),
    })
}
