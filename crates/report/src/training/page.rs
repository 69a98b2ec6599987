//! A page on which anybody can check a certificate, offline and in an old browser (Chromium 86): what it says, whether its signature
//! holds, whether it was taken back. It has the issuer's key and its list of revocation in it, and needs no server.

use super::{f, t, whole};
use data_encoding::BASE64;
use evidence::{Digest, Lang};
use maud::html;
use serde_json::{Value, json};

/// The script: base64url, SHA-512, Ed25519 (RFC 8032), gunzip of stored and dynamic blocks (RFC 1951), and the page.
const SCRIPT: &str = include_str!("check.js");
/// Words that the script says, by the names that it knows them under.
const SAID: [&str; 17] = [
    "good",
    "bad-signature",
    "other-key",
    "expired",
    "early",
    "revoked",
    "not-revoked",
    "not-checked",
    "shape",
    "what",
    "issuer",
    "from",
    "until",
    "for-ever",
    "id",
    "holder",
    "criteria",
];

/// What the page is made for.
#[derive(Debug)]
pub struct PagePart<'a> {
    /// The issuer's name.
    pub issuer: &'a str,
    /// `did:key` of the key.
    pub did: &'a str,
    /// The key as a JSON Web Key.
    pub jwk: &'a Value,
    /// Signed lists of revocation, one a year.
    pub lists: &'a [String],
}

/// The page.
#[must_use]
pub fn verify_page(p: &PagePart<'_>, lang: Lang) -> String {
    let said: serde_json::Map<String, Value> =
        SAID.iter().map(|k| ((*k).to_owned(), json!(t(lang, &format!("check-face.say-{k}"))))).collect();
    let data = json!({"did": p.did, "jwk": p.jwk, "lists": p.lists, "say": said});
    // `</` would end the element that the script stands in.
    let data = data.to_string().replace("</", "<\\/");
    let script = format!("var DATA={data};\n{SCRIPT}");
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        BASE64.encode(&Digest::of(script.as_bytes()).0)
    );
    let title = f(lang, "check-face.title", &[("issuer", &p.issuer)]);
    let body = html! {
        main class="sheet check" {
            h1 { (title) }
            p { (t(lang, "check-face.intro")) }
            noscript { p class="verdict" { (t(lang, "check-face.no-script")) } }
            label for="text" { (t(lang, "check-face.paste")) }
            textarea id="text" spellcheck="false" autocomplete="off" {}
            label for="file" { (t(lang, "check-face.file")) }
            input id="file" type="file" accept=".jwt,.txt";
            p { button id="go" type="button" { (t(lang, "check-face.go")) } }
            div id="result" role="status" aria-live="polite" {}
            h2 { (t(lang, "check-face.key-title")) }
            p class="mono" { (p.did) }
            p { (t(lang, "check-face.key-how")) }
            h2 { (t(lang, "check-face.otherwise")) }
            ol {
                li { (t(lang, "check-face.with-program")) " " code class="mono" { "watchfire expert verify certificate.jwt --key " (p.did) " --status status.jwt" } }
                li { (t(lang, "check-face.with-others")) }
            }
            h2 { (t(lang, "check-face.means")) }
            ul {
                li { (t(lang, "check-face.means-yes")) }
                li { (t(lang, "check-face.means-no")) }
                li { (t(lang, "check-face.means-name")) }
            }
        }
    };
    whole(lang, &title, &policy, Some(&script), &body)
}
