//! Requests: the signed webhook, and what templates make. No redirect is followed, no proxy of the environment used; an
//! answer is read under a limit. Nothing of ureq's errors is shown: they may hold the address, which may hold a token.

use super::wire::why;
use super::{Job, Outcome, PROOF_CHARS_MAX, Until, tls};
use crate::notify::config::Http;
use crate::notify::secret::{Secret, clean};
use crate::notify::template::{Request, Template};
use ring::hmac;
use serde_json::Value;
use std::sync::Arc;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

/// Largest answer that is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;
/// Largest head of an answer, in bytes.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// Status and body; the body is empty if nobody needs it.
type Answer = (u16, Vec<u8>);

/// The webhook of our own form.
pub(super) fn webhook(h: &Http, job: &Job, until: Until) -> Outcome {
    let body = job.worded.json().to_string().into_bytes();
    let timestamp = job.now.secs().to_string();
    let signature = sign(h.secret.as_ref().map_or("", Secret::reveal), &timestamp, &body);
    let headers = vec![
        ("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned()),
        ("Watchfire-Timestamp".to_owned(), timestamp),
        ("Watchfire-Signature".to_owned(), format!("v1={signature}")),
    ];
    let request = Request { method: "POST".to_owned(), url: h.url.clone(), headers, body };
    match ask(h, request, until, false) {
        Ok((status, _)) => by_status(status).unwrap_or_else(|| Outcome::Delivered(format!("http {status}"))),
        Err(failed) => failed,
    }
}

/// Hexadecimal HMAC-SHA-256 of timestamp, a dot, the body.
fn sign(secret: &str, timestamp: &str, body: &[u8]) -> String {
    let mut mac = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()));
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    data_encoding::HEXLOWER.encode(mac.sign().as_ref())
}

/// A request as a template says.
pub(super) fn template(t: &Template, h: &Http, job: &Job, until: Until) -> Outcome {
    let secrets = (h.secret.as_ref(), h.token.as_ref());
    let request = t.request(&h.url, &job.worded, &job.address, secrets, job.now);
    let (status, body) = match ask(h, request, until, t.success.is_some()) {
        Ok(answer) => answer,
        Err(failed) => return failed,
    };
    let Some((pointer, equals)) = &t.success else {
        return by_status(status).unwrap_or_else(|| Outcome::Delivered(format!("http {status}")));
    };
    if let Some(failed) = by_status(status) {
        return failed;
    }
    let Ok(json) = serde_json::from_slice::<Value>(&body) else {
        return Outcome::Again(format!("http {status}, no JSON"));
    };
    let got = match json.pointer(pointer) {
        Some(Value::String(s)) => s.clone(),
        Some(Value::Number(n)) => n.to_string(),
        Some(Value::Bool(b)) => b.to_string(),
        _ => return Outcome::Again(format!("http {status}, no {pointer}")),
    };
    let hide: Vec<&str> = [secrets.0, secrets.1].into_iter().flatten().map(Secret::reveal).collect();
    let hide = [hide.as_slice(), &[job.address.as_str()]].concat();
    let proof = clean(&format!("http {status} {pointer}={got}"), &hide, PROOF_CHARS_MAX);
    if got == *equals {
        Outcome::Delivered(proof)
    } else if t.retry.contains(&got) {
        Outcome::Again(proof)
    } else {
        Outcome::Refused(proof)
    }
}

/// `None` if the status is a success.
fn by_status(status: u16) -> Option<Outcome> {
    let proof = format!("http {status}");
    match status {
        200..=299 => None,
        408 | 425 | 429 | 500..=599 => Some(Outcome::Again(proof)),
        _ => Some(Outcome::Refused(proof)),
    }
}

fn ask(h: &Http, r: Request, until: Until, wants_body: bool) -> Result<Answer, Outcome> {
    let again = |why: &str| Outcome::Again(why.to_owned());
    let roots: Vec<Certificate<'static>> = match r.url.starts_with("https://") {
        true => tls::roots(h.roots.as_deref()).iter().map(|c| Certificate::from_der(c).to_owned()).collect(),
        false => Vec::new(),
    };
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .root_certs(RootCerts::new_with_certs(&roots))
        .build();
    let agent = ureq::Agent::config_builder()
        .tls_config(tls)
        .proxy(None)
        .max_redirects(0)
        .http_status_as_error(false)
        .max_response_header_size(HEAD_BYTES_MAX)
        .user_agent("watchfire")
        .timeout_global(Some(until.left().ok_or_else(|| again("time limit"))?))
        .build()
        .new_agent();
    let mut request = ureq::http::Request::builder().method(r.method.as_str()).uri(&r.url);
    for (name, value) in &r.headers {
        request = request.header(name, value);
    }
    let request = request.body(r.body).map_err(|_| Outcome::Refused("not a request".to_owned()))?;
    let mut answer = agent.run(request).map_err(|e| failed(&e))?;
    let status = answer.status().as_u16();
    let body = match wants_body && (200..=299).contains(&status) {
        true => answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec().map_err(|e| failed(&e))?,
        false => Vec::new(),
    };
    Ok((status, body))
}

fn failed(e: &ureq::Error) -> Outcome {
    use ureq::Error as E;
    let untrusted = || Outcome::Refused("certificate not trusted".to_owned());
    let again = |why: &str| Outcome::Again(why.to_owned());
    match e {
        E::Io(e) if tls::is_untrusted(e) => untrusted(),
        E::Rustls(rustls::Error::InvalidCertificate(_)) => untrusted(),
        E::Io(e) => again(why(e)),
        E::Rustls(_) | E::Tls(_) => again("no TLS"),
        E::Timeout(_) | E::BodyStalled => again("time limit"),
        E::HostNotFound => again("not found"),
        E::ConnectionFailed => again("no connection"),
        E::BodyExceedsLimit(_) | E::LargeResponseHeader(..) => again("answer too large"),
        E::Protocol(_) | E::Http(_) => again("no sensible answer"),
        E::BadUri(_) => Outcome::Refused("not a request".to_owned()),
        _ => again("no connection"),
    }
}
