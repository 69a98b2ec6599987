//! A course as slides, two on a sheet, and a paper of questions with or without its answers.

use super::{f, t, whole};
use crate::html::POLICY;
use evidence::Lang;
use maud::{Markup, html};
use plan::{Course, Question};

/// The slides of a course, printable, and with `answers` the whole bank of questions with answers and reasons.
#[must_use]
pub fn slides_html(course: &Course, answers: bool, lang: Lang) -> String {
    let all = course.slides.len();
    let body = html! {
        main class="sheet" {
            section class="slide cover" {
                h1 { (course.title.of(lang)) }
                p { (course.about.of(lang)) }
                p { (facts(course, lang)) }
                @if course.slides.iter().any(|s| s.unconfirmed) { p { (t(lang, "course-face.unconfirmed-intro")) } }
                p class="foot soft" { (f(lang, "course-face.sources", &[("sources", &course.sources.join(", "))])) " · " span class="mono" { (course.digest) } }
            }
            @for (n, s) in (1..).zip(&course.slides) {
                section class="slide" aria-label=(f(lang, "course-face.slide", &[("n", &n), ("all", &all)])) {
                    div class="body" {
                        h2 { (s.title.of(lang)) }
                        ul { @for point in s.points.of(lang) { li { (point) } } }
                    }
                    p class="foot soft" {
                        (f(lang, "course-face.slide", &[("n", &n), ("all", &all)]))
                        @if !s.source.is_empty() { " · " (f(lang, "course-face.source", &[("source", &s.source)])) }
                        @if s.unconfirmed { " " span class="flag" { (t(lang, "course-face.unconfirmed")) } }
                    }
                }
            }
            @if answers {
                h1 class="newpage" { (t(lang, "course-face.bank")) }
                @for (n, q) in (1..).zip(&course.questions) { (question(n, q, true, lang)) }
            }
        }
    };
    whole(lang, course.title.of(lang), POLICY, None, &body)
}

fn facts(course: &Course, lang: Lang) -> String {
    let audience = t(lang, &format!("audience.{}", course.audience.name()));
    let with: [(&str, &dyn std::fmt::Display); 5] = [
        ("audience", &audience),
        ("minutes", &course.minutes),
        ("months", &course.validity_months),
        ("asked", &course.asked),
        ("percent", &course.pass_percent),
    ];
    let key = if course.validity_months == 0 { "course-face.facts-for-ever" } else { "course-face.facts" };
    f(lang, key, &with)
}

fn question(n: usize, q: &Question, answers: bool, lang: Lang) -> Markup {
    html! {
        section class="question" {
            h2 { (n) ". " (q.text.of(lang)) }
            ol { @for option in q.options.of(lang) { li { (option) } } }
            @if answers {
                div class="why" {
                    p { b { (f(lang, "course-face.right", &[("right", &q.right)])) } " " (q.why.of(lang)) }
                    p class="soft" {
                        (f(lang, "course-face.source", &[("source", &q.source)]))
                        @if q.unconfirmed { " " span class="flag" { (t(lang, "course-face.unconfirmed")) } }
                    }
                }
            }
        }
    }
}

/// The paper of a session: its questions in their order, with room for name and answers; with `answers` the key for whoever marks.
#[must_use]
pub fn paper_html(course: &Course, session: &str, version: &str, answers: bool, lang: Lang) -> String {
    let asked = course.paper(session, version);
    let body = html! {
        main class="sheet" {
            h1 { (course.title.of(lang)) }
            p { (f(lang, "course-face.paper", &[("session", &session), ("version", &version), ("asked", &asked.len()), ("percent", &course.pass_percent)])) }
            @if answers {
                table class="key" {
                    caption { (t(lang, "course-face.key")) }
                    tr { @for n in 1..=asked.len() { th scope="col" { (n) } } }
                    tr { @for q in &asked { td { (q.right) } } }
                }
            } @else {
                p { (t(lang, "course-face.name")) " " span class="line" { } " " (t(lang, "course-face.number")) " " span class="line" { } }
                p class="soft" { (t(lang, "course-face.how")) }
            }
            @for (n, q) in (1..).zip(&asked) { (question(n, q, answers, lang)) }
        }
    };
    whole(lang, course.title.of(lang), POLICY, None, &body)
}
