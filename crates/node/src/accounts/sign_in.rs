//! Coming in: password, second factor, session.

use super::{Account, AccountScope, Accounts, Act, author, known_by, may, password, read, refuse, totp};
use crate::{NodeError, home};
use evidence::{Author, Digest, Factor, NodeRole, Time};
use ring::hmac;
use store::{AccountRow, SessionRow};

/// A session that was not used for so long has ended, in minutes.
pub const IDLE_MINUTES: i64 = 30;
/// A session ends after so many hours, used or not.
pub const SESSION_HOURS: i64 = 12;
/// Between password and second factor, in minutes.
const HALF_MINUTES: i64 = 5;
/// Failed attempts that cost nothing.
const FREE_FAILURES: u32 = 4;
/// The longest lock, in minutes: longer would let a stranger shut somebody out for a day.
const LOCK_MINUTES_MAX: i64 = 15;
/// How often the last use of a session is written down, in ms.
const SEEN_EVERY: i64 = 60_000;
/// What a session is until the second factor has come.
const HALF: &str = "half";
/// Recovery codes that are handed out.
const CODES: usize = 10;

/// What an attempt came to.
#[derive(Debug)]
pub enum Came {
    /// In: the token of the session.
    In(String),
    /// The password is right and a second factor is asked for: the token to bring along.
    Half(String),
    /// Not in.
    Refused(Refused),
}

/// Why an attempt was refused. Which of login and password was wrong is nobody's business.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// No such login with this password, or no such code; a disabled account too.
    Wrong,
    /// Too many attempts: none is looked at before then.
    Locked(Time),
    /// The time between password and code ran out.
    TooLate,
}

/// Who asks, in a session or by a token.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The account.
    pub account: Account,
    /// What it came in with.
    pub factors: Vec<Factor>,
    /// Digest of the session's token; `None` for a token of the API.
    pub session: Option<Digest>,
    /// Its scope, with what was delegated to it.
    pub scope: AccountScope,
    /// What a token of the API is limited to.
    pub(super) only: Option<Vec<Act>>,
    pub(super) at: NodeRole,
    pub(super) csrf: String,
}
impl Visitor {
    /// True if this visitor may do it. Above a plant, what is about everything at once takes a scope of everything.
    #[must_use]
    pub fn may(&self, act: Act) -> bool {
        let reaches = self.scope.is_all() || self.at == NodeRole::Plant || !act.of_the_whole();
        reaches && may(self.account.role, act, self.at) && self.only.as_ref().is_none_or(|o| o.contains(&act))
    }
    /// Whoever states something through this visit.
    #[must_use]
    pub fn author(&self) -> Author {
        author(&self.account, &self.factors)
    }
    /// Level of the node.
    #[must_use]
    pub fn level(&self) -> NodeRole {
        self.at
    }
    /// The text that a form of this session carries along.
    #[must_use]
    pub fn csrf(&self) -> &str {
        &self.csrf
    }
}

impl Accounts {
    /// Looks at login and password.
    pub fn come(&self, login: &str, password: &str, peer: &str, agent: &str) -> Result<Came, NodeError> {
        let now = home::now();
        let row = self.store.by_login(&login.trim().to_lowercase())?;
        if let Some(r) = row.as_ref().filter(|r| r.locked_until > now) {
            return Ok(Came::Refused(Refused::Locked(r.locked_until)));
        }
        let phc = row.as_ref().and_then(|r| r.password.as_deref());
        if !password::is(password, phc)? {
            if let Some(r) = &row {
                self.wrong(r, now)?;
            }
            return Ok(Came::Refused(Refused::Wrong));
        }
        let Some(row) = row.filter(|r| !r.disabled) else { return Ok(Came::Refused(Refused::Wrong)) };
        if row.totp.is_some() {
            return Ok(Came::Half(self.session_for(&row, HALF, peer, agent, now)?));
        }
        self.store.came_in(row.id, now)?;
        Ok(Came::In(self.session_for(&row, "password", peer, agent, now)?))
    }

    /// Looks at the second factor: a one-time password or a recovery code. `half`: what came of the password.
    pub fn come_further(&self, half: &str, typed: &str, peer: &str, agent: &str) -> Result<Came, NodeError> {
        let now = home::now();
        let session = self.store.session(&known_by(half))?;
        let fresh = |s: &SessionRow| s.factors == HALF && now.millis() - s.made.millis() < HALF_MINUTES * 60_000;
        let Some(session) = session.filter(fresh) else { return Ok(Came::Refused(Refused::TooLate)) };
        let Some(row) = self.store.by_id(session.account)?.filter(|r| !r.disabled) else {
            return Ok(Came::Refused(Refused::Wrong));
        };
        if row.locked_until > now {
            return Ok(Came::Refused(Refused::Locked(row.locked_until)));
        }
        let Some(factor) = self.second(&row, typed, now)? else {
            self.wrong(&row, now)?;
            return Ok(Came::Refused(Refused::Wrong));
        };
        self.store.end_session(&session.token)?;
        self.store.came_in(row.id, now)?;
        let factors = if factor == Factor::Totp { "password totp" } else { "password recovery-code" };
        Ok(Came::In(self.session_for(&row, factors, peer, agent, now)?))
    }

    fn second(&self, row: &AccountRow, typed: &str, now: Time) -> Result<Option<Factor>, NodeError> {
        let Some(secret) = &row.totp else { return Ok(None) };
        if let Some(step) = totp::step_of(secret, typed, now) {
            // One that was taken already is worth nothing: somebody may have looked over a shoulder.
            return Ok(self.store.take_step(row.id, step)?.then_some(Factor::Totp));
        }
        let code = plain(typed);
        Ok(self.store.spend_recovery(row.id, &known_by(&code))?.then_some(Factor::RecoveryCode))
    }

    /// A failed attempt: four are free, then each doubles the time until the next, up to a quarter of an hour.
    fn wrong(&self, row: &AccountRow, now: Time) -> Result<(), NodeError> {
        let over = row.failures.saturating_sub(FREE_FAILURES - 1);
        let minutes = if over == 0 { 0 } else { (1_i64 << (over - 1).min(4)).min(LOCK_MINUTES_MAX) };
        Ok(self.store.failed(row.id, now.plus_minutes(minutes).unwrap_or(now))?)
    }

    fn session_for(
        &self,
        row: &AccountRow,
        factors: &str,
        peer: &str,
        agent: &str,
        now: Time,
    ) -> Result<String, NodeError> {
        let token = data_encoding::BASE64URL_NOPAD.encode(&home::secret()?);
        let session = SessionRow {
            token: known_by(&token),
            account: row.id,
            factors: factors.to_owned(),
            made: now,
            seen: now,
            peer: peer.to_owned(),
            agent: attest::clean(agent).chars().take(120).collect(),
        };
        let (idle, oldest) = ends(now);
        self.store.open_session(&session, idle, oldest)?;
        Ok(token)
    }

    /// Whose session this is; `None` if it is none, has ended, or has not been opened to its end.
    pub fn visitor(&self, token: &str) -> Result<Option<Visitor>, NodeError> {
        let now = home::now();
        let digest = known_by(token);
        let Some((session, row)) = self.living(&digest, now)? else { return Ok(None) };
        if now.millis() - session.seen.millis() >= SEEN_EVERY {
            self.store.session_used(&digest, now)?;
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, token.as_bytes());
        let csrf = data_encoding::BASE64URL_NOPAD.encode(hmac::sign(&key, b"watchfire-form-v1").as_ref());
        self.visit(row, factors(&session.factors), (Some(digest), csrf), None, now).map(Some)
    }

    /// Whose session this still is, for what waits on its behalf: that nobody does anything does not count as use, and no form can be sent with it.
    pub fn listener(&self, session: &Digest) -> Result<Option<Visitor>, NodeError> {
        let now = home::now();
        let Some((session, row)) = self.living(session, now)? else { return Ok(None) };
        self.visit(row, factors(&session.factors), (Some(session.token), String::new()), None, now).map(Some)
    }

    /// A session that is whole and has not ended, with its account.
    fn living(&self, digest: &Digest, now: Time) -> Result<Option<(SessionRow, AccountRow)>, NodeError> {
        let (idle, oldest) = ends(now);
        let lives = |s: &SessionRow| s.factors != HALF && s.seen >= idle && s.made >= oldest;
        let Some(session) = self.store.session(digest)?.filter(lives) else { return Ok(None) };
        Ok(self.store.by_id(session.account)?.filter(|r| !r.disabled).map(|row| (session, row)))
    }

    pub(super) fn visit(
        &self,
        row: AccountRow,
        factors: Vec<Factor>,
        (session, csrf): (Option<Digest>, String),
        only: Option<Vec<Act>>,
        now: Time,
    ) -> Result<Visitor, NodeError> {
        let account = read(row)?;
        let mut scope = account.scope.clone();
        if !scope.is_all() {
            for d in self.store.delegations(Some((account.id, now)))? {
                // What an account had when it gave counts, as long as it still has it.
                let Some(giver) = self.get(d.giver)?.filter(|g| !g.disabled) else { continue };
                let given: AccountScope =
                    serde_json::from_str(&d.scope).map_err(|e| NodeError::Internal(e.to_string()))?;
                if giver.scope.holds(&given) {
                    scope = scope.with(&given);
                }
            }
        }
        Ok(Visitor { account, factors, session, scope, only, at: self.at, csrf })
    }

    /// Ends a session.
    pub fn leave(&self, session: &Digest) -> Result<(), NodeError> {
        self.store.end_session(session)?;
        Ok(())
    }

    /// Sessions of an account, or of all, last used first; those that have ended are left out.
    pub fn sessions(&self, account: Option<i64>) -> Result<Vec<SessionRow>, NodeError> {
        let (idle, oldest) = ends(home::now());
        let all = self.store.sessions(account)?.into_iter();
        Ok(all.filter(|s| s.factors != HALF && s.seen >= idle && s.made >= oldest).collect())
    }

    /// Ends sessions of an account: the one whose token's digest begins so, or all.
    pub fn end_sessions(&self, account: i64, beginning: Option<&str>) -> Result<usize, NodeError> {
        let Some(beginning) = beginning else { return Ok(self.store.end_sessions(account, None)?) };
        let mut ended = 0;
        for s in self.store.sessions(Some(account))? {
            if beginning.len() >= 8 && s.token.hex().starts_with(beginning) {
                ended += usize::from(self.store.end_session(&s.token)?);
            }
        }
        Ok(ended)
    }

    /// A new secret for one-time passwords, not yet in force: as people type it, and the address for a QR code.
    pub fn second_factor_new(&self, visitor: &Visitor) -> Result<(String, String), NodeError> {
        let secret = &home::secret()?[..totp::SECRET_BYTES];
        Ok((totp::written(secret), totp::address(secret, &visitor.account.login, &self.issuer)))
    }

    /// The address of a secret that was shown before.
    #[must_use]
    pub fn second_factor_address(&self, visitor: &Visitor, written: &str) -> Option<String> {
        let secret = data_encoding::BASE32_NOPAD.decode(written.as_bytes()).ok()?;
        Some(totp::address(&secret, &visitor.account.login, &self.issuer))
    }

    /// Puts it in force, shown by a first password of it; gives the recovery codes, once.
    pub fn second_factor_set(&self, visitor: &Visitor, written: &str, typed: &str) -> Result<Vec<String>, NodeError> {
        let secret =
            data_encoding::BASE32_NOPAD.decode(written.as_bytes()).map_err(|_| refuse("account.wrong-code"))?;
        if secret.len() != totp::SECRET_BYTES {
            return Err(refuse("account.wrong-code"));
        }
        let step = totp::step_of(&secret, typed, home::now()).ok_or_else(|| refuse("account.wrong-code"))?;
        let made = (0..CODES).map(|_| super::made_up()).collect::<Result<Vec<_>, _>>()?;
        let digests: Vec<_> = made.iter().map(|c| known_by(&plain(c))).collect();
        self.store.set_totp(visitor.account.id, Some(&secret), step, &digests)?;
        self.store.end_sessions(visitor.account.id, visitor.session.as_ref())?;
        Ok(made)
    }

    /// The visitor's account, if this is its password. A wrong one counts as a failed attempt to come in: who found an open session has no more tries
    /// than who found none.
    pub(super) fn own_password(&self, visitor: &Visitor, typed: &str) -> Result<AccountRow, NodeError> {
        let now = home::now();
        let row = self.store.by_id(visitor.account.id)?.ok_or_else(|| refuse("account.none-such"))?;
        if row.locked_until > now {
            return Err(refuse("account.paused"));
        }
        if !password::is(typed, row.password.as_deref())? {
            self.wrong(&row, now)?;
            return Err(refuse("account.wrong-password"));
        }
        Ok(row)
    }

    /// Takes it away, shown by the password.
    pub fn second_factor_off(&self, visitor: &Visitor, typed: &str) -> Result<(), NodeError> {
        let row = self.own_password(visitor, typed)?;
        Ok(self.store.set_totp(row.id, None, 0, &[])?)
    }

    /// How many recovery codes are left.
    pub fn recovery_left(&self, id: i64) -> Result<u64, NodeError> {
        Ok(self.store.recovery_left(id)?)
    }
}

/// Sessions last used, or made, before these have ended.
fn ends(now: Time) -> (Time, Time) {
    let before = |minutes: i64| now.plus_minutes(-minutes).unwrap_or(now);
    (before(IDLE_MINUTES), before(SESSION_HOURS * 60))
}

/// A recovery code without what people put between.
fn plain(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).take(64).collect::<String>().to_lowercase()
}

fn factors(text: &str) -> Vec<Factor> {
    let mut out: Vec<_> = text
        .split(' ')
        .filter_map(|f| match f {
            "password" => Some(Factor::Password),
            "totp" => Some(Factor::Totp),
            "recovery-code" => Some(Factor::RecoveryCode),
            "oidc" => Some(Factor::Oidc),
            _ => None,
        })
        .collect();
    out.sort_unstable();
    out.dedup();
    out
}
