//! Certificates: handed out, taken back, looked at (`docs/specs/training-v1.md` §6).
//!
//! The log holds a certificate's digest and its place in a list of revocation; the certificate itself is its owner's, and a copy lies in the private
//! database until its owner is forgotten. Looking at one needs no node at all.

use super::{entry, refused};
use crate::{Node, NodeError, home};
use evidence::{
    CertificateIssued, Digest, ExpertMove, KeyedDigest, Lang, Record, RecordKind, TakenBack, Time, TrainingMove,
};
use proof::{Badge, PublicKey};
use report::badge::{Achieved, Credential};
use std::collections::BTreeSet;
use std::path::Path;
use store::KeptBadge;

/// Largest key file, in bytes.
const KEY_BYTES_MAX: u64 = 64 << 10;
/// Most certificates of a year: a list of 131,072 places is never so full that a free one is hard to find.
const PLACES_MAX: u64 = 100_000;

/// A certificate that was handed out.
#[derive(Debug)]
pub struct IssuedBadge {
    /// The compact JWS.
    pub text: String,
    /// What it says, read back as anybody reads it.
    pub badge: Badge,
    /// What the log holds of it.
    pub issued: CertificateIssued,
    /// To whom.
    pub person: KeyedDigest,
    /// The record.
    pub leaf: Digest,
    /// The holder's name, for the paper; absent if it is not known any more.
    pub name: Option<String>,
}

/// What a list of revocation says of a certificate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Revoked {
    /// No list was given, or none that could know this certificate.
    NotChecked,
    /// Not revoked, by a list of this time.
    No(Time),
    /// Revoked, by a list of this time.
    Yes(Time),
}

/// What a certificate is worth.
#[derive(Debug)]
pub struct BadgeVerdict {
    /// What it says.
    pub badge: Badge,
    /// True: signed by the key that was given. False: no key was given; it is only consistent with itself.
    pub trusted: bool,
    /// Not before its time.
    pub begun: bool,
    /// Its time is over.
    pub expired: bool,
    /// Whether it was taken back.
    pub revoked: Revoked,
}
impl BadgeVerdict {
    /// It holds, as far as it was checked.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.trusted && self.begun && !self.expired && !matches!(self.revoked, Revoked::Yes(_))
    }
}

/// A random `urn:uuid` (RFC 9562, version 4).
fn uuid() -> Result<String, NodeError> {
    let mut b: [u8; 16] = home::secret()?[..16].try_into().unwrap_or([0; 16]);
    b[6] = b[6] & 0x0f | 0x40;
    b[8] = b[8] & 0x3f | 0x80;
    let hex = data_encoding::HEXLOWER.encode(&b);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    Ok(format!("urn:uuid:{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)))
}

/// The year of an instant.
fn year(t: Time) -> i64 {
    t.date().get(..4).and_then(|y| y.parse().ok()).unwrap_or(0)
}

/// A key from a file (PEM, JWK) or as a `did:key`.
pub fn badge_key(typed: &str) -> Result<PublicKey, NodeError> {
    let typed = typed.trim();
    if typed.starts_with("did:") {
        return PublicKey::from_any(typed).map_err(|e| NodeError::Refused(e.to_string()));
    }
    let bytes = home::read(Path::new(typed), KEY_BYTES_MAX)?;
    let text = String::from_utf8_lossy(&bytes);
    PublicKey::from_any(&text).map_err(|_| refused(entry("bad-key")))
}

/// A key that was said as a text: PEM, JWK or `did:key`. It is never taken for the name of a file.
pub fn badge_key_said(text: &str) -> Result<PublicKey, NodeError> {
    PublicKey::from_any(text.trim()).map_err(|_| refused(entry("bad-key")))
}

/// Looks at a certificate that was said as a text, with a list of revocation likewise. Neither is ever taken for the name of a file.
pub fn badge_said(
    text: &str,
    key: Option<&PublicKey>,
    status: Option<&str>,
    now: Time,
) -> Result<BadgeVerdict, NodeError> {
    let no = |e: proof::ProofError| NodeError::Refused(e.to_string());
    let badge = proof::verify_badge(text, key).map_err(no)?;
    let mut revoked = Revoked::NotChecked;
    if let Some(status) = status {
        let list = proof::verify_status_list(status, Some(&badge.key)).map_err(no)?;
        if let Some((id, index)) = &badge.status {
            if *id != list.id {
                return Err(refused(
                    entry("other-list").with("list", attest::clean(&list.id)).with("want", attest::clean(id)),
                ));
            }
            revoked = match list.revoked(*index) {
                Some(true) => Revoked::Yes(list.from),
                // A list that is older than the certificate cannot speak of it.
                Some(false) if badge.from <= list.from => Revoked::No(list.from),
                _ => Revoked::NotChecked,
            };
        }
    }
    Ok(BadgeVerdict {
        trusted: key.is_some(),
        begun: badge.from <= now,
        expired: badge.until.is_some_and(|u| u <= now),
        badge,
        revoked,
    })
}

/// Looks at a certificate: the text itself or a file of it. `status` is a file of a list of revocation.
pub fn verify_badge(
    typed: &str,
    key: Option<&PublicKey>,
    status: Option<&Path>,
    now: Time,
) -> Result<BadgeVerdict, NodeError> {
    let read = |path: &Path, max: usize| -> Result<String, NodeError> {
        String::from_utf8(home::read(path, max as u64)?)
            .map_err(|e| NodeError::NotUtf8 { path: path.to_owned(), at: e.utf8_error().valid_up_to() })
    };
    // A compact JWS begins with the base64url of `{"`; a file may be called so too, but then it is there.
    let is_text = typed.starts_with("eyJ") && !Path::new(typed).exists();
    let text = if is_text { typed.to_owned() } else { read(Path::new(typed), proof::BADGE_BYTES_MAX)? };
    let status = status.map(|path| read(path, proof::STATUS_BYTES_MAX)).transpose()?;
    badge_said(&text, key, status.as_deref(), now)
}

impl Node {
    /// Every certificate that the log knows of: what it holds, to whom, and whether it was taken back.
    pub fn certificates(&self) -> Result<Vec<(CertificateIssued, KeyedDigest, Option<TakenBack>)>, NodeError> {
        let mut out: Vec<(CertificateIssued, KeyedDigest, Option<TakenBack>)> = Vec::new();
        let mut holders = std::collections::BTreeMap::new();
        let mut back = Vec::new();
        let mut records = self.store().records(&[RecordKind::Training, RecordKind::Expert])?;
        records.sort_by_key(|w| match w.record.value() {
            Record::Training(e) => (e.stated_at, w.record.leaf()),
            Record::Expert(e) => (e.stated_at, w.record.leaf()),
            _ => (Time::from_millis(0), w.record.leaf()),
        });
        for w in &records {
            match w.record.value() {
                Record::Training(e) => match &e.what {
                    TrainingMove::Certified { person, certificate, .. } => {
                        out.push((certificate.clone(), *person, None));
                    }
                    TrainingMove::Revoked { certificate, reason } => back.push((certificate.clone(), *reason)),
                    _ => {}
                },
                Record::Expert(e) => match &e.what {
                    ExpertMove::Certified { person, certificate, .. } => {
                        holders.insert(e.expert.clone(), *person);
                        out.extend(certificate.clone().map(|c| (c, *person, None)));
                    }
                    ExpertMove::Renewed { certificate: Some(c), .. } => {
                        out.extend(holders.get(&e.expert).map(|p| (c.clone(), *p, None)));
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        for c in &mut out {
            c.2 = back.iter().find(|(id, _)| *id == c.0.id).map(|b| b.1);
        }
        Ok(out)
    }

    /// The id of the list of revocation of a year.
    fn status_id(&self, year: i64) -> String {
        format!("urn:watchfire:status:{}:{year}", self.id().as_str().get(..16).unwrap_or_default())
    }

    /// A free place in the list of a year, by chance: neighbours say nothing about each other, and two processes hardly ever meet.
    fn free_place(&self, year: i64) -> Result<u64, NodeError> {
        let taken: BTreeSet<u64> =
            self.certificates()?.iter().filter(|c| c.0.year == year).map(|c| c.0.index).collect();
        if taken.len() as u64 >= PLACES_MAX {
            return Err(refused(entry("list-full").with("year", year).with("max", PLACES_MAX)));
        }
        loop {
            let chance: [u8; 8] = home::secret()?[..8].try_into().unwrap_or([0; 8]);
            let index = u64::from_be_bytes(chance) % proof::STATUS_ENTRIES;
            if !taken.contains(&index) {
                return Ok(index);
            }
        }
    }

    /// The name under which this node issues.
    pub fn issuer_name(&self) -> Result<String, NodeError> {
        let name = self.part()?.map(|p| p.name).filter(|n| !n.is_empty());
        Ok(name.unwrap_or_else(|| format!("Watchfire {}", self.id().as_str().get(..16).unwrap_or_default())))
    }

    /// Signs a certificate and says where it is in its list; nothing is recorded yet.
    pub(crate) fn make_badge(
        &self,
        achieved: Achieved<'_>,
        until: Option<Time>,
        name: Option<&str>,
        lang: Lang,
    ) -> Result<(String, CertificateIssued, Badge), NodeError> {
        let key = self.store().badge_key()?;
        let now = Time::from_secs(home::now().secs());
        let year = year(now);
        let index = self.free_place(year)?;
        let issuer_name = self.issuer_name()?;
        let credential = Credential {
            id: uuid()?,
            subject: uuid()?,
            issuer: key.did(),
            issuer_name: &issuer_name,
            name,
            achieved,
            from: now,
            until: until.map(|u| Time::from_secs(u.secs())),
            list: self.status_id(year),
            index,
            lang,
        };
        let payload = report::badge::credential(&credential);
        let text = self.store().sign_badge(&report::badge::jws_header(&credential.issuer, "JWT"), &payload)?;
        let badge = proof::verify_badge(&text, Some(&key)).map_err(|e| NodeError::Internal(e.to_string()))?;
        let issued = CertificateIssued {
            id: credential.id.clone(),
            digest: badge.digest,
            key: key.id().to_owned(),
            issued: now,
            expires: credential.until,
            year,
            index,
        };
        Ok((text, issued, badge))
    }

    /// Hands out a certificate to somebody who attended, and passed if there was a test.
    pub fn certify(
        &self,
        session: &str,
        person: &str,
        with_name: bool,
        lang: Lang,
        author: Option<&str>,
    ) -> Result<IssuedBadge, NodeError> {
        let s = self.session(session)?;
        let id = s.session.session.clone();
        if s.withdrawn {
            return Err(refused(entry("ended").with("session", &id)));
        }
        let person = self.find_person(person)?;
        if !self.counted_in(&id)?.contains_key(&person) {
            return Err(refused(entry("not-there").with("session", &id)));
        }
        let results = self.results_of(&id)?;
        let result = results.get(&person).copied();
        // Where there was a test, attendance alone is not enough.
        if !results.is_empty() && !result.is_some_and(|r| r.2) {
            return Err(refused(entry("not-passed").with("session", &id)));
        }
        let course = self.course_of(&s.session)?;
        let name = self.private().person(person)?.map(|n| n.name);
        if with_name && name.is_none() {
            return Err(refused(entry("no-name")));
        }
        let achieved = Achieved::Course {
            code: &course.code,
            digest: course.digest.hex(),
            title: course.title.of(lang),
            audience: course.audience,
            minutes: course.minutes,
            day: s.session.day.date(),
            test: result.map(|r| (r.0, r.1)),
        };
        let months = i64::try_from(course.validity_months).unwrap_or(0);
        let until = if months > 0 { home::now().plus_months(months) } else { None };
        let signed_name = name.as_deref().filter(|_| with_name);
        let (text, issued, badge) = self.make_badge(achieved, until, signed_name, lang)?;
        self.private().keep_badge(&KeptBadge { id: issued.id.clone(), person, text: text.clone() })?;
        let what = TrainingMove::Certified { session: id, person, certificate: issued.clone() };
        let leaf = self.train(what, author, home::now(), Vec::new())?;
        Ok(IssuedBadge { text, badge, issued, person, leaf, name })
    }

    /// Takes a certificate back.
    pub fn certificate_revoke(
        &self,
        typed: &str,
        reason: TakenBack,
        author: Option<&str>,
    ) -> Result<(CertificateIssued, Digest), NodeError> {
        let typed = typed.trim();
        let fits = |c: &CertificateIssued| {
            c.id == typed || c.id.strip_prefix("urn:uuid:").is_some_and(|i| typed.len() >= 4 && i.starts_with(typed))
        };
        let all: Vec<_> = self.certificates()?.into_iter().filter(|c| fits(&c.0)).collect();
        let [one] = all.as_slice() else {
            return Err(refused(entry("unknown-certificate").with("value", attest::clean(typed))));
        };
        if one.2.is_some() {
            return Err(refused(entry("revoked-already").with("value", &one.0.id)));
        }
        let what = TrainingMove::Revoked { certificate: one.0.id.clone(), reason };
        let leaf = self.train(what, author, home::now(), Vec::new())?;
        Ok((one.0.clone(), leaf))
    }

    /// The list of revocation of a year, as a compact JWS, and how many places of it are revoked.
    pub fn status_list(&self, year_of: Option<i64>) -> Result<(i64, String, usize), NodeError> {
        let now = Time::from_secs(home::now().secs());
        let year_of = year_of.unwrap_or_else(|| year(now));
        let revoked: Vec<u64> =
            self.certificates()?.iter().filter(|c| c.0.year == year_of && c.2.is_some()).map(|c| c.0.index).collect();
        let encoded = proof::encoded_list(&revoked).map_err(|e| NodeError::Internal(e.to_string()))?;
        let issuer = self.store().badge_key()?.did();
        let payload =
            report::badge::status_list(&self.status_id(year_of), &issuer, &self.issuer_name()?, &encoded, now);
        let text = self.store().sign_badge(&report::badge::jws_header(&issuer, "vc+jwt"), &payload)?;
        Ok((year_of, text, revoked.len()))
    }

    /// The public key of certificates, for others.
    pub fn certificate_key(&self) -> Result<PublicKey, NodeError> {
        Ok(self.store().badge_key()?)
    }
}
