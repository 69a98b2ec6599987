//! A certificate on one sheet of A4, landscape. What is signed is the file beside it; the sheet says so, and carries a code that binds it to that file.

use super::{f, t, whole};
use crate::clean::{harmless, inert};
use crate::form::Code;
use crate::html::POLICY;
use evidence::{Digest, Lang};
use maud::html;
use serde_json::Value;

/// Longest name on the sheet, in characters.
const NAME_CHARS_MAX: usize = 80;

/// What stands on the sheet.
#[derive(Debug)]
pub struct CertificatePaper<'a> {
    /// The credential.
    pub payload: &'a Value,
    /// SHA-256 of the signed file.
    pub digest: Digest,
    /// Name of the signed file.
    pub file: &'a str,
    /// The holder's name, from the issuer's private database; absent: a line to write on.
    pub name: Option<&'a str>,
}

/// The sheet.
#[must_use]
pub fn certificate_html(c: &CertificatePaper<'_>, lang: Lang) -> String {
    let text = |path: &str| c.payload.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let day = |path: &str| text(path).get(..10).unwrap_or_default().to_owned();
    let signed_name = c.payload.pointer("/credentialSubject/identifier").is_some();
    let code = Code::of(text("/jti"), &c.digest);
    let until = day("/validUntil");
    let facts = [
        ("certificate-face.issuer", text("/issuer/name").to_owned()),
        ("certificate-face.from", day("/validFrom")),
        (
            "certificate-face.until",
            if until.is_empty() { t(lang, "certificate-face.for-ever").to_owned() } else { until },
        ),
        ("certificate-face.id", text("/jti").to_owned()),
        ("certificate-face.key", text("/iss").to_owned()),
    ];
    let title = t(lang, "certificate-face.title");
    let body = html! {
        main class="sheet certificate" { div class="frame" {
            h1 { (title) }
            p { (t(lang, "certificate-face.certifies")) }
            p class="who" { @match c.name { Some(name) => bdi { (harmless(name, NAME_CHARS_MAX, inert)) }, None => "\u{a0}" } }
            p class="what" { (text("/credentialSubject/achievement/name")) }
            p { (text("/credentialSubject/achievement/description")) }
            p { (text("/credentialSubject/achievement/criteria/narrative")) }
            div class="facts" {
                div { dl {
                    @for (key, value) in &facts { div { dt { (t(lang, key)) } dd class="mono" { (value) } } }
                } }
                div class="code" {
                    svg viewBox=(format!("0 0 {0} {0}", code.side())) role="img" aria-label=(t(lang, "certificate-face.code")) {
                        path d=(code.path()) fill="#000" {}
                    }
                    p class="mono" { (code.digits) }
                }
            }
            p class="note soft" {
                (f(lang, "certificate-face.signed", &[("file", &c.file), ("digest", &c.digest)])) " "
                (t(lang, if signed_name { "certificate-face.name-signed" } else { "certificate-face.name-not-signed" })) " "
                (t(lang, "certificate-face.check"))
            }
        } }
    };
    whole(lang, title, POLICY, None, &body)
}
