//! Who read and did what, as a chain.

use super::Accounts;
use crate::StoreError;
use evidence::{Digest, Time};
use rusqlite::{OptionalExtension as _, Row, params};

/// Most lines of a page.
const PAGE_MAX: u32 = 1_000;

/// One access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Number, from 1, without a gap.
    pub seq: i64,
    /// When.
    pub at: Time,
    /// Login; empty if nobody was known.
    pub login: String,
    /// What was read or done.
    pub act: String,
    /// Of what.
    pub about: String,
    /// `done`, `refused`, `failed`.
    pub outcome: String,
    /// From which address.
    pub peer: String,
}
impl Access {
    /// Digest of the line behind the one before it: SHA-256 of that digest and the fields, each with its length before it.
    fn chained(&self, before: &Digest) -> Digest {
        let mut bytes = before.0.to_vec();
        bytes.extend(self.seq.to_be_bytes());
        bytes.extend(self.at.millis().to_be_bytes());
        for field in [&self.login, &self.act, &self.about, &self.outcome, &self.peer] {
            bytes.extend((field.len() as u64).to_be_bytes());
            bytes.extend(field.as_bytes());
        }
        Digest::of(&bytes)
    }
}

/// Which accesses.
#[derive(Clone, Debug, Default)]
pub struct AccessFilter {
    /// Of this login.
    pub login: Option<String>,
    /// Before this number.
    pub before: Option<i64>,
}

/// Some accesses, newest first.
#[derive(Clone, Debug)]
pub struct AccessPage {
    /// They.
    pub lines: Vec<Access>,
    /// More of them: before this number.
    pub next: Option<i64>,
}

impl Accounts {
    /// Writes one down; its number is given here.
    pub fn note(&self, access: &Access) -> Result<i64, StoreError> {
        let mut db = self.db();
        let fail = |e: rusqlite::Error| self.fail(&e);
        let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(fail)?;
        let last: Option<(i64, [u8; 32])> = tx
            .prepare_cached("SELECT seq, chain FROM accesses ORDER BY seq DESC LIMIT 1")
            .and_then(|mut s| s.query_row([], |r| Ok((r.get(0)?, r.get(1)?))).optional())
            .map_err(fail)?;
        let (seq, before) = last.map_or((0, Digest::of(b"")), |(n, chain)| (n, Digest(chain)));
        let line = Access { seq: seq + 1, ..access.clone() };
        tx.prepare_cached("INSERT INTO accesses VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
            .and_then(|mut s| {
                s.execute(params![
                    line.seq,
                    line.at.millis(),
                    line.login,
                    line.act,
                    line.about,
                    line.outcome,
                    line.peer,
                    line.chained(&before).0
                ])
            })
            .map_err(fail)?;
        tx.commit().map_err(fail)?;
        Ok(line.seq)
    }

    /// A page of them, newest first.
    pub fn accesses(&self, filter: &AccessFilter, max: u32) -> Result<AccessPage, StoreError> {
        let max = max.min(PAGE_MAX);
        let sql = "SELECT seq, at, login, act, about, outcome, peer FROM accesses
            WHERE (?1 IS NULL OR login = ?1) AND (?2 IS NULL OR seq < ?2) ORDER BY seq DESC LIMIT ?3";
        let mut lines = self.all(sql, params![filter.login, filter.before, i64::from(max) + 1], access)?;
        let more = lines.len() > max as usize;
        lines.truncate(max as usize);
        let next = lines.last().filter(|_| more).map(|l| l.seq);
        Ok(AccessPage { lines, next })
    }

    /// Counts the chain again: how many lines there are, and the number of the first that does not follow.
    pub fn accesses_check(&self) -> Result<(u64, Option<i64>), StoreError> {
        let (mut before, mut count, mut wrong) = (Digest::of(b""), 0, None);
        let sql = "SELECT seq, at, login, act, about, outcome, peer, chain FROM accesses ORDER BY seq";
        let db = self.db();
        let fail = |e: rusqlite::Error| self.fail(&e);
        let mut statement = db.prepare(sql).map_err(fail)?;
        let mut rows = statement.query([]).map_err(fail)?;
        while let Some(row) = rows.next().map_err(fail)? {
            let line = access(row).map_err(fail)?;
            let chain = Digest(row.get(7).map_err(fail)?);
            count += 1;
            if line.seq != i64::try_from(count).unwrap_or(i64::MAX) || line.chained(&before) != chain {
                wrong = Some(line.seq);
                break;
            }
            before = chain;
        }
        Ok((count, wrong))
    }
}

fn access(r: &Row<'_>) -> rusqlite::Result<Access> {
    Ok(Access {
        seq: r.get(0)?,
        at: Time::from_millis(r.get(1)?),
        login: r.get(2)?,
        act: r.get(3)?,
        about: r.get(4)?,
        outcome: r.get(5)?,
        peer: r.get(6)?,
    })
}
