//! Training on paper and in tables: slides and papers of a course, a certificate on A4, a page on which anybody can check one, lists as CSV.
//!
//! Everything but the page that checks is free of script, as every page here is. That page has one script, named by its digest in the page's own policy,
//! because checking a signature offline in an old browser cannot be done by hand; without script it says how to check otherwise.

mod certificate;
mod course;
mod page;

pub use certificate::{CertificatePaper, certificate_html};
pub use course::{paper_html, slides_html};
pub use page::{PagePart, verify_page};

use crate::discover::{safe, write};
use crate::words;
use evidence::Lang;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The only style sheet, inline.
const STYLE: &str = include_str!("style.css");

fn t(lang: Lang, key: &str) -> &'static str {
    words::find(lang, key).unwrap_or("?")
}

fn f(lang: Lang, key: &str, with: &[(&str, &dyn std::fmt::Display)]) -> String {
    let say = with.iter().fold(evidence::Say::new(key), |say, (hole, value)| say.with(hole, value));
    words::say(lang, &say)
}

/// A whole page. `script` is a script and its CSP source, if there is one.
fn whole(lang: Lang, title: &str, policy: &str, script: Option<&str>, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(lang.tag()) dir="ltr" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (body)
                @if let Some(script) = script { script { (PreEscaped(script)) } }
            }
        }
    };
    let mut out = page.into_string();
    out.push('\n');
    out
}

/// Rows under a heading as CSV (RFC 4180); no cell begins a formula.
#[must_use]
pub fn table_csv(head: &[&str], rows: &[Vec<String>]) -> String {
    let head = head.iter().map(|h| (*h).to_owned()).collect();
    let rows = rows.iter().map(|r| r.iter().map(|c| safe(c)).collect());
    write(std::iter::once(head).chain(rows))
}
