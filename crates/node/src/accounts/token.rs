//! Tokens of the API: a part of what an account may do, for a program.

use super::{Accounts, Act, Visitor, known_by, refuse, short_id};
use crate::{NodeError, home};
use evidence::{Digest, Factor, Time};
use store::ApiToken;

/// Most days of a token.
pub const TOKEN_DAYS_MAX: i64 = 366;
/// What every token begins with, so that it is known for one where it lies about.
const PREFIX: &str = "wft_";
/// Answers are kept under their idempotency key for so many hours.
const ANSWER_HOURS: i64 = 24;

/// A token as it was made; it is shown once.
#[derive(Debug)]
pub struct NewToken {
    /// The token.
    pub token: String,
    /// What is kept of it.
    pub kept: ApiToken,
}

impl Accounts {
    /// Makes a token of an account: what it may do is at most what the account may do.
    pub fn token_make(&self, visitor: &Visitor, label: &str, acts: &[Act], days: i64) -> Result<NewToken, NodeError> {
        let label = attest::clean(label);
        if label.is_empty() {
            return Err(refuse("account.no-label"));
        }
        if !(1..=TOKEN_DAYS_MAX).contains(&days) {
            return Err(refuse("account.bad-time"));
        }
        if acts.is_empty() || acts.iter().any(|a| !visitor.may(*a) || a.takes_two()) {
            return Err(refuse("account.not-yours"));
        }
        let now = home::now();
        let token = format!("{PREFIX}{}", data_encoding::BASE64URL_NOPAD.encode(&home::secret()?));
        let names: Vec<_> = acts.iter().map(|a| a.name()).collect();
        let kept = ApiToken {
            id: short_id("t")?,
            account: visitor.account.id,
            label,
            acts: names.join(" "),
            made: now,
            until: now.plus_minutes(days * 1_440).unwrap_or(now),
            used: Time::from_millis(0),
        };
        self.store.keep_token(&known_by(&token), &kept)?;
        Ok(NewToken { token, kept })
    }

    /// Who asks by this token; `None` if it is none, has ended, or its account may not come in.
    pub fn bearer(&self, token: &str) -> Result<Option<Visitor>, NodeError> {
        if !token.starts_with(PREFIX) {
            return Ok(None);
        }
        let now = home::now();
        let Some(kept) = self.store.token(&known_by(token), now)?.filter(|t| now < t.until) else { return Ok(None) };
        let Some(row) = self.store.by_id(kept.account)?.filter(|r| !r.disabled && !r.must_change) else {
            return Ok(None);
        };
        let acts = kept.acts.split(' ').filter_map(Act::named).collect();
        self.visit(row, vec![Factor::Token], (None, String::new()), Some(acts), now).map(Some)
    }

    /// Tokens of an account, or of all, newest first.
    pub fn tokens(&self, account: Option<i64>) -> Result<Vec<ApiToken>, NodeError> {
        Ok(self.store.tokens(account)?)
    }

    /// Takes a token back: one's own, or as who keeps the accounts.
    pub fn token_drop(&self, visitor: &Visitor, id: &str) -> Result<(), NodeError> {
        let of = (!visitor.may(Act::ManageAccounts)).then_some(visitor.account.id);
        if self.store.drop_token(id, of)? { Ok(()) } else { Err(refuse("account.none-such")) }
    }

    /// What was answered under an idempotency key: `None` if nothing was; an error if it was another request.
    pub fn answered(&self, visitor: &Visitor, key: &str, request: &Digest) -> Result<Option<(u16, String)>, NodeError> {
        match self.store.answered(visitor.account.id, key)? {
            None => Ok(None),
            Some((was, status, body)) if was == *request => Ok(Some((status, body))),
            Some(_) => Err(refuse("account.key-used")),
        }
    }

    /// Keeps an answer under its key for a day.
    pub fn keep_answer(
        &self,
        visitor: &Visitor,
        key: &str,
        request: &Digest,
        answer: (u16, &str),
    ) -> Result<(), NodeError> {
        let now = home::now();
        let since = now.plus_minutes(-ANSWER_HOURS * 60).unwrap_or(now);
        Ok(self.store.keep_answer((visitor.account.id, key), request, answer, (now, since))?)
    }
}
