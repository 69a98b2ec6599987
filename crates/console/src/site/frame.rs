//! The frame around every page: head, navigation, who is in, where to go on.

use super::Site;
use super::ask::Ask;
use super::asset;
use super::events;
use super::pages;
use evidence::{Lang, Time};
use maud::{DOCTYPE, Markup, html};
use node::accounts::Visitor;

/// What the frame says of a page.
pub(crate) struct Shown<'a> {
    pub(crate) site: &'a Site,
    pub(crate) visitor: Option<&'a Visitor>,
    pub(crate) lang: Lang,
    pub(crate) title: &'a str,
    /// Path of the page, for the navigation.
    pub(crate) path: &'a str,
    /// What was done before it came, as a key.
    pub(crate) done: Option<&'a str>,
}
impl<'a> Shown<'a> {
    pub(crate) fn of(ask: &'a Ask<'_>, title: &'a str) -> Self {
        let done = Some(ask.wanted("done")).filter(|d| !d.is_empty());
        Self { site: ask.site, visitor: ask.visitor, lang: ask.lang, title, path: ask.route.path, done }
    }
}

fn t(lang: Lang, key: &str) -> &str {
    report::words::text(lang, key)
}

/// The whole document.
#[expect(clippy::needless_pass_by_value, reason = "a page is put together from the inside out")]
pub(crate) fn page(shown: &Shown<'_>, body: Markup) -> Markup {
    let lang = shown.lang;
    let other = if lang == Lang::Zh { Lang::En } else { Lang::Zh };
    let done = shown.done.and_then(|d| report::words::find(lang, &format!("console.done.{d}")));
    let head = pages::PLACES.iter().find(|p| p.covers(shown.path)).map(|p| p.path);
    html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (shown.title) " · " (t(lang, "console.name")) }
                link rel="stylesheet" href=(asset::STYLE.address());
                link rel="icon" href=(asset::ICON.address()) type="image/svg+xml";
                script src=(asset::SCRIPT.address()) defer {}
            }
            body {
                a.skip href="#main" { (t(lang, "console.skip")) }
                header.top {
                    a.brand href="/" { span.flame aria-hidden="true" { "▲" } (t(lang, "console.name")) }
                    span.node { (shown.site.told(lang)) }
                    span.who {
                        a href=(lang_address(shown.path, other)) hreflang=(other.tag()) lang=(other.tag()) rel="nofollow" { (t(other, "console.own-language")) }
                        @if let Some(v) = shown.visitor {
                            a href="/me" { (v.account.name) " · " (t(lang, &format!("account.role.{}", v.account.role.name()))) }
                            form method="post" action="/leave" {
                                input type="hidden" name="csrf" value=(v.csrf());
                                button.quiet type="submit" { (t(lang, "console.leave")) }
                            }
                        }
                    }
                }
                div.hall {
                    @if let Some(v) = shown.visitor.filter(|v| !v.account.must_change) {
                        nav.places aria-label=(t(lang, "console.places")) {
                            ul {
                                @for place in pages::PLACES.iter().filter(|p| p.open_to(v)) {
                                    li {
                                        a href=(place.path) aria-current=[(Some(place.path) == head).then_some("page")] {
                                            (t(lang, place.word))
                                        }
                                    }
                                }
                            }
                        }
                    }
                    @let listens = shown.visitor.and_then(|v| events::of_page(shown.site, v, shown.path));
                    main #main tabindex="-1" data-listen=[listens.as_ref().map(|l| l.0)] data-after=[listens.as_ref().map(|l| l.1)] data-fresh=[listens.as_ref().map(|_| t(lang, "console.plot.fresh"))] {
                        h1 { (shown.title) }
                        @if let Some(done) = done { p.done role="status" { span aria-hidden="true" { "✓ " } (done) } }
                        (body)
                    }
                }
                footer.foot { (t(lang, "console.foot")) }
            }
        }
    }
}

/// The page again in another language.
fn lang_address(path: &str, lang: Lang) -> String {
    let back = if path.contains('{') { "/" } else { path };
    format!("/lang/{}?back={}", if lang == Lang::Zh { "zh" } else { "en" }, encoded(back))
}

/// Every byte but letters, digits and `-._~/` as `%XX`.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || b"-._~/".contains(&b) {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    out
}

/// An instant as people read it, in the plan's zone; with its offset in the title, exact in its `datetime`.
pub(crate) fn time(ask: &Ask<'_>, at: Time) -> Markup {
    if at.millis() == 0 {
        return html! { "–" };
    }
    let local = ask.site.days().local(at);
    let text = local.get(..16).unwrap_or(&local);
    html! { time datetime=(at) title=(local) { (text) } }
}
