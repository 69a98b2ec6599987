//! Experts: certified, renewed, revoked, their ties to enterprises, and who may be called (`docs/specs/training-v1.md` §5).

use super::{IssuedBadge, entry, nameless, refused};
use crate::{Node, NodeError, home};
use evidence::{ConflictKind, Digest, ExpertEntry, ExpertMove, Lang, Record, RecordKind, Say, TakenBack, Time};
use judge::{ExpertStanding, ExpertState, PoolPlace};
use report::badge::Achieved;
use std::path::Path;
use store::{KeptBadge, Named};

/// Who is to be an expert, and of what.
#[derive(Debug)]
pub struct ExpertOrder<'a> {
    /// `NAME` or `NAME#MARK`.
    pub person: &'a str,
    /// Field of expertise.
    pub field: &'a str,
    /// From then on no more.
    pub expires: Time,
    /// The paper that shows it.
    pub document: Option<&'a Path>,
    /// Employer; may be empty.
    pub employer: &'a str,
    /// How to reach them; may be empty.
    pub contact: &'a str,
    /// Whether a certificate is wanted, and in which language.
    pub badge: Option<Lang>,
    /// The certificate shows the name.
    pub with_name: bool,
}

/// An expert, and who that is.
#[derive(Debug)]
pub struct KeptExpert {
    /// How they stand.
    pub standing: ExpertStanding,
    /// Who; absent if the name was forgotten.
    pub named: Option<Named>,
}

/// Somebody of a pool.
#[derive(Debug)]
pub struct PoolEntry {
    /// Place.
    pub place: PoolPlace,
    /// Who.
    pub named: Option<Named>,
}

impl Node {
    fn expert_say(&self, expert: &str, what: ExpertMove, author: Option<&str>) -> Result<Digest, NodeError> {
        let (node, author, stated_at) = (self.id(), self.author(author), home::now());
        let entry = ExpertEntry { node, author, stated_at, expert: expert.to_owned(), what };
        Ok(self.append(&Record::Expert(Box::new(entry)), None, Vec::new())?.witness.record.leaf())
    }

    /// How every expert stands.
    pub fn expert_standings(&self, as_of: Time) -> Result<Vec<ExpertStanding>, NodeError> {
        Ok(judge::experts(&self.store().records(&[RecordKind::Expert])?, as_of))
    }

    /// Every expert, with their names.
    pub fn experts(&self, as_of: Time) -> Result<Vec<KeptExpert>, NodeError> {
        let with_name = |standing: ExpertStanding| {
            let named = self.private().person(standing.person)?;
            Ok(KeptExpert { standing, named })
        };
        self.expert_standings(as_of)?.into_iter().map(with_name).collect()
    }

    /// The expert whose id begins so.
    pub fn expert(&self, typed: &str) -> Result<KeptExpert, NodeError> {
        let typed = typed.trim();
        let mut fits =
            self.experts(home::now())?.into_iter().filter(|e| !typed.is_empty() && e.standing.id.starts_with(typed));
        let unknown = || refused(Say::new("error.expert-unknown").with("value", attest::clean(typed)));
        let first = fits.next().ok_or_else(unknown)?;
        if fits.next().is_some() { Err(unknown()) } else { Ok(first) }
    }

    fn expert_badge(
        &self,
        (field, expires): (&str, Time),
        name: Option<&str>,
        lang: Lang,
        person: evidence::KeyedDigest,
    ) -> Result<(String, evidence::CertificateIssued, proof::Badge), NodeError> {
        let made = self.make_badge(Achieved::Expert { field }, Some(expires), name, lang)?;
        let kept = KeptBadge { id: made.1.id.clone(), person, text: made.0.clone() };
        self.private().keep_badge(&kept)?;
        Ok(made)
    }

    /// Certifies an expert. One person may be an expert of several fields, each under an id of its own.
    pub fn expert_certify(
        &self,
        order: &ExpertOrder<'_>,
        author: Option<&str>,
    ) -> Result<(KeptExpert, Option<IssuedBadge>), NodeError> {
        let now = home::now();
        if order.expires <= now {
            return Err(refused(Say::new("error.expert-past").with("day", order.expires.date())));
        }
        let field = attest::clean(order.field);
        if field.is_empty() {
            return Err(refused(Say::new("error.expert-field")));
        }
        let p = attest::person(&self.store().keys().digest_key()?, order.person).map_err(NodeError::Entry)?;
        let same = |e: &ExpertStanding| e.person == p.digest && e.field == field && e.state == ExpertState::Valid;
        if let Some(e) = self.expert_standings(now)?.into_iter().find(same) {
            return Err(refused(Say::new("error.expert-already").with("expert", e.id)));
        }
        let named = Named {
            person: p.digest,
            name: p.name.clone(),
            mark: p.mark,
            employer: attest::clean(order.employer),
            contact: attest::clean(order.contact),
        };
        self.private().keep(&[named])?;
        let seed = format!("{}\n{now}\n{}\n{field}", self.id(), p.digest);
        let id = format!("x-{}", Digest::of(seed.as_bytes()).hex().get(..8).unwrap_or_default());
        let document = order.document.map(nameless).transpose()?;
        let name = order.with_name.then_some(p.name.as_str());
        let made =
            order.badge.map(|lang| self.expert_badge((&field, order.expires), name, lang, p.digest)).transpose()?;
        let certificate = made.as_ref().map(|m| m.1.clone());
        let what = ExpertMove::Certified { person: p.digest, field, expires: order.expires, document, certificate };
        let leaf = self.expert_say(&id, what, author)?;
        let issued = made.map(|(text, issued, badge)| {
            let name = Some(p.name);
            IssuedBadge { text, badge, issued, person: p.digest, leaf, name }
        });
        Ok((self.expert(&id)?, issued))
    }

    /// Makes a certification last longer.
    pub fn expert_renew(
        &self,
        typed: &str,
        expires: Time,
        document: Option<&Path>,
        badge: Option<Lang>,
        author: Option<&str>,
    ) -> Result<(KeptExpert, Option<IssuedBadge>), NodeError> {
        let e = self.expert(typed)?;
        if e.standing.state == ExpertState::Revoked {
            return Err(refused(Say::new("error.expert-revoked").with("expert", &e.standing.id)));
        }
        if expires <= home::now() || expires <= e.standing.expires {
            return Err(refused(Say::new("error.expert-past").with("day", expires.date())));
        }
        let document = document.map(nameless).transpose()?;
        let person = e.standing.person;
        let made = badge.map(|lang| self.expert_badge((&e.standing.field, expires), None, lang, person)).transpose()?;
        let certificate = made.as_ref().map(|m| m.1.clone());
        let what = ExpertMove::Renewed { expires, document, certificate };
        let leaf = self.expert_say(&e.standing.id, what, author)?;
        let name = e.named.map(|n| n.name);
        let issued = made.map(|(text, issued, badge)| IssuedBadge { text, badge, issued, person, leaf, name });
        Ok((self.expert(&e.standing.id)?, issued))
    }

    /// Takes a certification back, and with it every certificate of it that is not taken back yet.
    pub fn expert_revoke(&self, typed: &str, reason: TakenBack, author: Option<&str>) -> Result<KeptExpert, NodeError> {
        let e = self.expert(typed)?;
        if e.standing.state == ExpertState::Revoked {
            return Err(refused(Say::new("error.expert-revoked").with("expert", &e.standing.id)));
        }
        // The certificates first: a crash in between leaves an expert whose papers are void, and never the other way round.
        let mut of = Vec::new();
        for w in self.store().records(&[RecordKind::Expert])? {
            let Record::Expert(x) = w.record.value() else { continue };
            if let ExpertMove::Certified { certificate: Some(c), .. } | ExpertMove::Renewed { certificate: Some(c), .. } =
                &x.what
                && x.expert == e.standing.id
            {
                of.push(c.id.clone());
            }
        }
        let open: Vec<String> = self
            .certificates()?
            .into_iter()
            .filter(|c| c.2.is_none() && of.contains(&c.0.id))
            .map(|c| c.0.id)
            .collect();
        for id in open {
            self.certificate_revoke(&id, reason, author)?;
        }
        self.expert_say(&e.standing.id, ExpertMove::Revoked { reason }, author)?;
        self.expert(&e.standing.id)
    }

    /// Says what ties an expert to an enterprise, from when and until when.
    pub fn expert_conflict(
        &self,
        typed: &str,
        enterprise: &str,
        kind: ConflictKind,
        (since, until): (Option<Time>, Option<Time>),
        author: Option<&str>,
    ) -> Result<KeptExpert, NodeError> {
        let e = self.expert(typed)?;
        let enterprise = credit_code(enterprise)?;
        let since = since.unwrap_or_else(home::now);
        if until.is_some_and(|u| u <= since) {
            return Err(refused(Say::new("error.expert-period")));
        }
        let what = ExpertMove::Conflict { enterprise, kind, since, until };
        self.expert_say(&e.standing.id, what, author)?;
        self.expert(&e.standing.id)
    }

    /// Who may be called about an enterprise, and who may not and why.
    pub fn expert_pool(&self, enterprise: &str, as_of: Time) -> Result<(String, Vec<PoolEntry>), NodeError> {
        let enterprise = credit_code(enterprise)?;
        let places = judge::pool(self.expert_standings(as_of)?, &enterprise);
        let with_name = |place: PoolPlace| {
            let named = self.private().person(place.standing.person)?;
            Ok(PoolEntry { place, named })
        };
        Ok((enterprise, places.into_iter().map(with_name).collect::<Result<_, NodeError>>()?))
    }

    /// The enterprise that an incident is of: the one that the node says it is.
    pub fn incident_enterprise(&self, incident: &str) -> Result<String, NodeError> {
        let id = self.incident_file(incident)?.id;
        let code = self.part()?.map(|p| p.uscc).filter(|c| !c.is_empty());
        code.ok_or_else(|| refused(entry("no-enterprise").with("incident", id)))
    }
}

/// A unified social credit code whose check character holds.
fn credit_code(typed: &str) -> Result<String, NodeError> {
    let code = typed.trim().to_uppercase();
    if classify::uscc(code.as_bytes()) {
        return Ok(code);
    }
    Err(refused(Say::new("error.expert-uscc").with("value", attest::clean(typed))))
}
