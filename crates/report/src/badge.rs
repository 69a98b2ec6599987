//! Certificates as others read them: Open Badges 3.0 credentials and Bitstring Status Lists (`docs/specs/training-v1.md` §6).
//!
//! Values in, JSON out; signing is `store`'s and reading is `proof`'s. Nobody's name stands in a credential unless its owner asked for it:
//! the subject is a random URN. Texts are in the language that the certificate was asked in; the codes beside them have none.

use crate::words;
use evidence::{Audience, Lang, Time};
use serde_json::{Value, json};

/// Contexts that a credential names; nothing here fetches them.
const CONTEXTS: [&str; 2] =
    ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"];

/// What was achieved.
#[derive(Clone, Debug)]
pub enum Achieved<'a> {
    /// A course was attended; with a test, it was passed.
    Course {
        /// Its code.
        code: &'a str,
        /// Digest of the course file.
        digest: String,
        /// Its title.
        title: &'a str,
        /// For whom.
        audience: Audience,
        /// Its length in minutes.
        minutes: u64,
        /// First day of the session.
        day: String,
        /// Right answers and questions, if there was a test.
        test: Option<(u64, u64)>,
    },
    /// A person is an expert of a field.
    Expert {
        /// The field.
        field: &'a str,
    },
}

/// One certificate.
#[derive(Clone, Debug)]
pub struct Credential<'a> {
    /// `urn:uuid`, its own.
    pub id: String,
    /// `urn:uuid` of its holder.
    pub subject: String,
    /// `did:key` of the issuer.
    pub issuer: String,
    /// The issuer's name.
    pub issuer_name: &'a str,
    /// The holder's name, if the holder asked for it.
    pub name: Option<&'a str>,
    /// What was achieved.
    pub achieved: Achieved<'a>,
    /// From when, in whole seconds.
    pub from: Time,
    /// Until when.
    pub until: Option<Time>,
    /// The list of revocation.
    pub list: String,
    /// The place in it.
    pub index: u64,
    /// Language of its texts.
    pub lang: Lang,
}

/// An instant in whole seconds, as the credential and its claims can both say it.
fn seconds(t: Time) -> String {
    Time::from_secs(t.secs()).to_string().replace(".000Z", "Z")
}

/// The header of the JWS of this issuer.
#[must_use]
pub fn jws_header(issuer: &str, kind: &str) -> Value {
    let key = issuer.strip_prefix("did:key:").unwrap_or_default();
    json!({"alg": "EdDSA", "kid": format!("{issuer}#{key}"), "typ": kind})
}

fn achievement(a: &Achieved<'_>, lang: Lang) -> Value {
    let fill = |key: &str, with: &[(&str, String)]| {
        let say = with.iter().fold(evidence::Say::new(key), |say, (hole, value)| say.with(hole, value));
        words::say(lang, &say)
    };
    match a {
        Achieved::Course { code, digest, title, audience, minutes, day, test } => {
            let audience = words::text(lang, &format!("audience.{}", audience.name())).to_owned();
            let with = [("minutes", minutes.to_string()), ("day", day.clone()), ("audience", audience)];
            let criteria = match test {
                None => fill("badge.criteria-attended", &[]),
                Some((right, asked)) => {
                    fill("badge.criteria-passed", &[("right", right.to_string()), ("asked", asked.to_string())])
                }
            };
            json!({
                "id": format!("urn:watchfire:course:{code}:{digest}"),
                "type": ["Achievement"],
                "achievementType": "Course",
                "name": title,
                "description": fill("badge.course", &with),
                "criteria": {"narrative": criteria},
            })
        }
        Achieved::Expert { field } => json!({
            "id": "urn:watchfire:expert",
            "type": ["Achievement"],
            "achievementType": "License",
            "name": fill("badge.expert-name", &[("field", (*field).to_owned())]),
            "description": fill("badge.expert", &[]),
            "criteria": {"narrative": fill("badge.criteria-expert", &[])},
        }),
    }
}

/// The payload: the credential itself, and the claims of the JWT beside it.
#[must_use]
pub fn credential(c: &Credential<'_>) -> Value {
    let achievement = achievement(&c.achieved, c.lang);
    let mut subject = json!({"id": c.subject, "type": ["AchievementSubject"], "achievement": achievement});
    if let Some(name) = c.name {
        subject["identifier"] =
            json!([{"type": "IdentityObject", "hashed": false, "identityHash": name, "identityType": "name"}]);
    }
    let mut out = json!({
        "@context": CONTEXTS,
        "id": c.id,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": subject["achievement"]["name"],
        "issuer": {"id": c.issuer, "type": ["Profile"], "name": c.issuer_name},
        "validFrom": seconds(c.from),
        "credentialSubject": subject,
        "credentialStatus": {
            "id": format!("{}#{}", c.list, c.index),
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": c.index.to_string(),
            "statusListCredential": c.list,
        },
        "iss": c.issuer,
        "jti": c.id,
        "sub": c.subject,
        "nbf": c.from.secs(),
        "iat": c.from.secs(),
    });
    if let Some(until) = c.until {
        out["validUntil"] = json!(seconds(until));
        out["exp"] = json!(until.secs());
    }
    out
}

/// The payload of a list of revocation: `encoded` are its bits.
#[must_use]
pub fn status_list(id: &str, issuer: &str, issuer_name: &str, encoded: &str, at: Time) -> Value {
    let subject = format!("{id}#list");
    json!({
        "@context": [CONTEXTS[0]],
        "id": id,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": {"id": issuer, "type": ["Profile"], "name": issuer_name},
        "validFrom": seconds(at),
        "credentialSubject": {
            "id": subject, "type": "BitstringStatusList", "statusPurpose": "revocation", "encodedList": encoded,
        },
        "iss": issuer,
        "jti": id,
        "sub": subject,
        "nbf": at.secs(),
        "iat": at.secs(),
    })
}
