//! What people do about messages: acknowledge, test, delegate, revoke; and the list of proofs.

use super::config::{Config, PersonWay};
use super::message::{About, Message, Worded, notice_id};
use super::rota::Roster;
use super::run::state;
use super::send::{Job, send};
use crate::{Node, NodeError, home};
use evidence::{
    Attestation, Delegation, DelegationScope, Digest, Notice, NoticeState, Origin, Record, RecordKind, Say, Time,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Longest delegation: a duty that is handed over for longer belongs into the rota.
const DELEGATION_DAYS_MAX: i64 = 366;
/// What a test message is about.
const TEST: &str = "test";

/// What is tested.
#[derive(Clone, Copy, Debug)]
pub enum Test<'a> {
    /// A channel, with this person's address or that of the first who is reached there.
    Channel(&'a str, Option<&'a str>),
    /// All ways of who has a role now.
    Role(&'a str),
}

/// A delegation as typed.
#[derive(Clone, Copy, Debug)]
pub struct NewDelegation<'a> {
    /// Role of the rota.
    pub role: &'a str,
    /// Who has the duty.
    pub from: &'a str,
    /// Who takes it over.
    pub to: &'a str,
    /// From when.
    pub since: Time,
    /// Until when, exclusive.
    pub until: Time,
    /// For which areas; empty: all.
    pub areas: &'a [String],
    /// For what; empty: all.
    pub kinds: &'a [String],
}

impl Node {
    /// Every record of an attempt or an acknowledgement, in the order of the log.
    pub fn notices(&self) -> Result<Vec<(Notice, Digest)>, NodeError> {
        let all = self.store().records(&[RecordKind::Notice])?.into_iter().map(|w| {
            let leaf = w.record.leaf();
            (w.record.into_value(), leaf)
        });
        Ok(all.filter_map(|(r, leaf)| if let Record::Notice(n) = r { Some((n, leaf)) } else { None }).collect())
    }

    /// Somebody has a message: the one with the number `id` (`n-…`), or all about it (`i-…`, `w-…`, `m-…`) - of one clock, if one is named - that are
    /// not acknowledged yet. An acknowledgement holds, whatever is sent after it.
    pub fn notify_ack(
        &self,
        (id, clock): (&str, Option<&str>),
        by: &str,
        author: Option<&str>,
    ) -> Result<Vec<Notice>, NodeError> {
        let by = attest::clean(by);
        let mut open: BTreeMap<(String, String, String), Notice> = BTreeMap::new();
        let mut acknowledged = BTreeSet::new();
        let meant = |n: &Notice| (n.notice == id || n.about == id) && clock.is_none_or(|c| n.clock == c);
        for (n, _) in self.notices()?.into_iter().filter(|(n, _)| meant(n)) {
            let key = (n.notice.clone(), n.about.clone(), n.clock.clone());
            if n.state == NoticeState::Acknowledged {
                acknowledged.insert(key);
            } else {
                open.insert(key, n);
            }
        }
        if open.is_empty() && acknowledged.is_empty() {
            let of: Vec<&str> = [Some(id), clock].into_iter().flatten().collect();
            return Err(NodeError::UnknownNotice(attest::clean(&of.join(" "))));
        }
        let mut out = Vec::new();
        for n in open.into_iter().filter(|(key, _)| !acknowledged.contains(key)).map(|o| o.1) {
            let stated = Notice {
                node: self.id(),
                author: self.author(author),
                stated_at: home::now(),
                channel: String::new(),
                to: by.clone(),
                state: NoticeState::Acknowledged,
                proof: String::new(),
                ..n
            };
            self.keep_notice(&stated)?;
            out.push(stated);
        }
        Ok(out)
    }

    /// Sends a marked message on the ways that are tested, one after the other; each attempt is recorded.
    pub fn notify_test(&self, config: &Config, roster: &Roster, test: Test<'_>) -> Result<Vec<Notice>, NodeError> {
        let now = home::now();
        let unknown = |id: &str| NodeError::UnknownInNotify(attest::clean(id));
        let ways: Vec<(&str, &PersonWay)> = match test {
            Test::Channel(id, to) => {
                config.channel(id).ok_or_else(|| unknown(id))?;
                if let Some(to) = to {
                    config.person(to).ok_or_else(|| unknown(to))?;
                }
                let wanted = config.persons.iter().filter(|p| to.is_none_or(|t| t == p.id));
                let mut ways = wanted.flat_map(|p| p.ways.iter().map(|w| (p.id.as_str(), w)));
                let way = ways.find(|w| w.1.channel == id);
                vec![way.ok_or_else(|| unknown(to.unwrap_or(id)))?]
            }
            Test::Role(role) => {
                let asked = roster.candidates(config, role, now, None, "").ok_or_else(|| unknown(role))?;
                let first = asked.first().and_then(|p| config.person(p)).ok_or_else(|| unknown(role))?;
                first.ways.iter().map(|w| (first.id.as_str(), w)).collect()
            }
        };
        let notice = notice_id(&json!(["notice-v1", TEST, "", "", "", "", "", now]));
        let worded = Worded::new(&Message::test(), config.lang, roster.zone());
        let mut out = Vec::new();
        for (person, way) in ways {
            let Some(channel) = config.channel(&way.channel) else { continue };
            let id = format!("{notice}.{}", out.len());
            let job = Job { worded: worded.clone(), address: way.address.clone(), id, now: home::now() };
            let (state, proof) = state(send(channel, &job), true);
            let record = Notice {
                node: self.id(),
                author: self.author(None),
                stated_at: home::now(),
                notice: notice.clone(),
                about: TEST.to_owned(),
                clock: String::new(),
                origin: Origin::Live,
                channel: channel.id.clone(),
                to: person.to_owned(),
                step: 1,
                attempt: 1,
                state,
                proof,
            };
            self.keep_notice(&record)?;
            out.push(record);
        }
        Ok(out)
    }

    /// Every delegation as it stands, with when it was stated last and the record.
    pub fn delegations(&self) -> Result<Vec<(Delegation, Time, Digest)>, NodeError> {
        let mut newest: BTreeMap<String, (Delegation, Time, Digest)> = BTreeMap::new();
        for w in self.store().records(&[RecordKind::Attestation])? {
            let leaf = w.record.leaf();
            let Record::Attestation(a) = w.record.value() else { continue };
            let Some(d) = a.as_delegation() else { continue };
            let newer = newest.get(&d.id).is_none_or(|k| (k.1, k.2) < (a.stated_at, leaf));
            if newer {
                newest.insert(d.id.clone(), (d.clone(), a.stated_at, leaf));
            }
        }
        Ok(newest.into_values().collect())
    }

    /// Hands a duty over for a while.
    pub fn notify_delegate(
        &self,
        config: &Config,
        wanted: &NewDelegation<'_>,
        author: Option<&str>,
    ) -> Result<(Delegation, Digest), NodeError> {
        let unknown = |id: &str| Err(NodeError::UnknownInNotify(attest::clean(id)));
        let bad = |key: &str| Err(NodeError::BadDelegation(Box::new(Say::new(key).with("max", DELEGATION_DAYS_MAX))));
        if config.rota(wanted.role).is_none() {
            return unknown(wanted.role);
        }
        if let Some(id) = [wanted.from, wanted.to].into_iter().find(|p| config.person(p).is_none()) {
            return unknown(id);
        }
        if let Some(k) = wanted.kinds.iter().find(|k| !About::ALL.iter().any(|a| a.name() == *k)) {
            return unknown(k);
        }
        let now = home::now();
        let millis = wanted.until.millis() - wanted.since.millis();
        if wanted.from == wanted.to {
            return bad("error.delegation-self");
        }
        if millis <= 0 || wanted.until <= now {
            return bad("error.delegation-over");
        }
        if millis > DELEGATION_DAYS_MAX * crate::measures::DAY_MILLIS {
            return bad("error.delegation-long");
        }
        let list = |all: &[String]| all.iter().map(|a| attest::clean(a)).collect();
        let mut d = Delegation {
            id: String::new(),
            role: wanted.role.to_owned(),
            from: wanted.from.to_owned(),
            to: wanted.to.to_owned(),
            since: wanted.since,
            until: wanted.until,
            scope: DelegationScope { areas: list(wanted.areas), kinds: list(wanted.kinds) },
            revoked: false,
        };
        let bytes = evidence::canonical::to_vec(&json!([d, now])).map_err(|e| NodeError::Internal(e.to_string()))?;
        d.id = format!("d-{}", &Digest::of(&bytes).hex()[..8]);
        let leaf = self.keep_delegation(&d, now, author)?;
        Ok((d, leaf))
    }

    /// Takes a delegation back from now on.
    pub fn notify_revoke(&self, typed: &str, author: Option<&str>) -> Result<(Delegation, Digest), NodeError> {
        let unknown = || NodeError::UnknownDelegation(attest::clean(typed));
        let all = self.delegations()?;
        let mut fits = all.into_iter().filter(|d| !typed.is_empty() && d.0.id.starts_with(typed));
        let (mut d, stated_at, _) = fits.next().ok_or_else(unknown)?;
        if fits.next().is_some() {
            return Err(unknown());
        }
        d.revoked = true;
        // Two statements within a millisecond would be ordered by chance.
        let now = home::now().max(Time::from_millis(stated_at.millis() + 1));
        let leaf = self.keep_delegation(&d, now, author)?;
        Ok((d, leaf))
    }

    fn keep_delegation(&self, d: &Delegation, now: Time, author: Option<&str>) -> Result<Digest, NodeError> {
        let stated = Attestation::delegation(self.id(), self.author(author), now, d.clone());
        let kept = self.append(&Record::Attestation(stated), None, Vec::new())?;
        Ok(kept.witness.record.leaf())
    }
}
