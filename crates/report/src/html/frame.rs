//! What every page has alike: the shell, sections with names, and the tables that stand on more than one page.

use super::{POLICY, STYLE, chart};
use crate::view::{GapRow, Labelled, ProofText, SampleRow, Tongue};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Anchors of sections and the keys of their headings, in the order of the reader.
pub(crate) type Sections = [(&'static str, &'static str)];

/// The shell of one page.
pub(crate) struct Frame<'a> {
    pub(crate) tongue: Tongue<'a>,
    /// Key of the title.
    pub(crate) title: &'static str,
    /// Key of the line under it.
    pub(crate) subtitle: &'static str,
    pub(crate) sections: &'a Sections,
    /// `page`, or `page across` for one that prints in landscape.
    pub(crate) class: &'static str,
}
impl Frame<'_> {
    /// The whole page.
    pub(crate) fn page(&self, body: &Markup, footer: &str) -> String {
        let t = |key| self.tongue.t(key);
        let first = self.sections.first().map_or("main", |s| s.0);
        let page = html! {
            (DOCTYPE)
            html lang=(self.tongue.lang.tag()) dir="ltr" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="referrer" content="no-referrer";
                    title { "Watchfire · " (t(self.title)) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    a class="skip" href=(format!("#{first}")) { (t("report.skip")) }
                    (chart::patterns())
                    div class=(self.class) {
                        (self.top())
                        main id="main" { (body) }
                        footer { (footer) }
                    }
                }
            }
        };
        let mut out = page.into_string();
        out.push('\n');
        out
    }

    fn top(&self) -> Markup {
        let t = |key| self.tongue.t(key);
        html! {
            header {
                p class="brand" { "Watchfire" }
                h1 { (t(self.title)) }
                p class="soft" { (t(self.subtitle)) }
            }
            nav aria-label=(t("report.contents")) {
                ul {
                    @for (id, key) in self.sections { li { a href=(format!("#{id}")) { (t(key)) } } }
                }
            }
        }
    }
}

/// A section with its heading, named for a screen reader.
pub(crate) fn section(tongue: Tongue<'_>, sections: &Sections, id: &str, body: &Markup) -> Markup {
    let key = sections.iter().find(|s| s.0 == id).map_or(id, |s| s.1);
    html! {
        section id=(id) aria-labelledby=(format!("h-{id}")) {
            h2 id=(format!("h-{id}")) { (tongue.t(key)) }
            (body)
        }
    }
}

/// A small table of labels and counts, the numbers behind a chart.
pub(crate) fn count_table(
    tongue: Tongue<'_>,
    caption: &str,
    label: &str,
    count: &str,
    rows: &[(String, u64)],
) -> Markup {
    html! {
        table class="keep" {
            caption { (tongue.t(caption)) }
            thead { tr { th scope="col" { (tongue.t(label)) } th scope="col" class="n" { (tongue.t(count)) } } }
            tbody {
                @for (name, number) in rows { tr { th scope="row" { (name) } td class="n" { (number) } } }
                tr { th scope="row" { (tongue.t("report.total")) } td class="n" { (rows.iter().map(|r| r.1).sum::<u64>()) } }
            }
        }
    }
}

/// Labels and values, the values in `class`.
pub(crate) fn pairs(list: &[Labelled], class: &str) -> Markup {
    html! {
        dl class="pairs" {
            @for item in list {
                dt { (item.label) }
                dd { @for value in &item.values { div class=(class) { (value) } } }
            }
        }
    }
}

/// What could not be looked at, or that nothing was left out.
pub(crate) fn gap_table(tongue: Tongue<'_>, gaps: &[GapRow]) -> Markup {
    html! {
        @if gaps.is_empty() { p { (tongue.t("report.gaps.none")) } } @else {
            div class="wide" { table {
                caption { (tongue.t("report.gaps.caption")) }
                thead { tr {
                    th scope="col" { (tongue.t("report.gaps.area")) }
                    th scope="col" { (tongue.t("report.gaps.reason")) }
                    th scope="col" class="n" { (tongue.t("report.gaps.count")) }
                    th scope="col" { (tongue.t("report.gaps.examples")) }
                } }
                tbody {
                    @for row in gaps {
                        tr {
                            td { (row.area) @if !row.host.is_empty() { div class="soft" { (row.host) } } }
                            td { (row.reason) }
                            td class="n" { (row.count) }
                            td class="path" { @for text in &row.examples { div { code { (text) } } } }
                        }
                    }
                }
            } }
        }
    }
}

/// Masked values with their places.
pub(crate) fn sample_table(tongue: Tongue<'_>, samples: &[SampleRow]) -> Markup {
    html! {
        div class="wide" { table class="keep" {
            caption { (tongue.t("report.data.samples")) }
            thead { tr {
                th scope="col" { (tongue.t("report.data.sample")) }
                th scope="col" { (tongue.t("report.data.place")) }
                th scope="col" class="n" { (tongue.t("report.data.confidence")) }
            } }
            tbody {
                @for sample in samples {
                    tr {
                        td { code { (sample.mask) } }
                        td class="path" { code { (sample.place) } }
                        td class="n" { (tongue.f("report.data.percent", &[("n", &sample.confidence)])) }
                    }
                }
            }
        } }
    }
}

/// What makes it less certain than it looks.
pub(crate) fn doubts_list(tongue: Tongue<'_>, doubts: &[String]) -> Markup {
    html! {
        @if doubts.is_empty() { p { (tongue.t("report.doubts.none")) } } @else {
            p class="soft" { (tongue.t("report.doubts.intro")) }
            ul class="plain" { @for text in doubts { li { (text) } } }
        }
    }
}

/// Where the records stand, how to check them, and what that proves.
pub(crate) fn verify_body(tongue: Tongue<'_>, proof: &ProofText) -> Markup {
    html! {
        p { (tongue.t("report.verify.intro")) }
        (pairs(&proof.verify, "mono"))
        div class="wide commands" { table class="keep" {
            caption { (tongue.t("report.verify.commands")) }
            thead { tr {
                th scope="col" { (tongue.t("report.verify.command")) }
                th scope="col" { (tongue.t("report.verify.purpose")) }
            } }
            tbody {
                @for (command, purpose) in &proof.commands { tr { td { code { (command) } } td { (purpose) } } }
            }
        } }
        h3 { (tongue.t("report.verify.proven")) }
        ul class="plain" { @for text in &proof.proven { li { (text) } } }
        h3 { (tongue.t("report.verify.not-proven")) }
        ul class="plain" { @for text in &proof.not_proven { li { (text) } } }
    }
}
