//! Names that try to steer the reader's screen come out as text.

use crate::fixture::{Fixture, fixture};
use evidence::{Body, Lang, Place, Say};
use report::Style;

/// Markup, a terminal escape, a bell, a right-to-left override, a zero-width space and a C1 control.
const HOSTILE: &str = "a\"'><script>alert(1)</script>\u{1b}]0;x\u{7}\u{202e}gpj.exe\u{200b}\u{9b}31m";

fn attacked() -> Fixture {
    let mut f = fixture();
    f.examination.subject.host = HOSTILE.to_owned();
    f.examination.subject.folders = vec![HOSTILE.into()];
    for finding in &mut f.judgement.findings {
        finding.host = HOSTILE.to_owned();
        finding.object = HOSTILE.to_owned();
        for value in finding.with.values_mut() {
            *value = HOSTILE.to_owned();
        }
        finding.at = Some(Place::file(HOSTILE));
    }
    for check in &mut f.judgement.checks {
        check.host = HOSTILE.to_owned();
        check.because = Some(Say::new(HOSTILE).with("reason", HOSTILE));
    }
    for doubt in &mut f.judgement.doubts {
        doubt.say = Say::new("report.result.scope-undeclared").with("kind", HOSTILE).with("undeclared", HOSTILE);
    }
    for group in &mut f.judgement.data {
        group.host = HOSTILE.to_owned();
        group.class = HOSTILE.into();
        group.category = HOSTILE.into();
    }
    for gap in &mut f.judgement.gaps {
        gap.area = HOSTILE.to_owned();
    }
    for item in &mut f.items {
        match &mut item.body {
            Body::Fact(fact) => fact.value = HOSTILE.into(),
            Body::Gap(gap) => gap.at = Some(Place::file(HOSTILE)),
            _ => {}
        }
    }
    f.judgement.judge = HOSTILE.to_owned();
    f.judgement.plan.version = HOSTILE.to_owned();
    f.proof.log_origin = HOSTILE.to_owned();
    f.proof.key_id = HOSTILE.into();
    f
}

/// Every character that could do more than be read.
fn steering(text: &str) -> Vec<char> {
    text.chars()
        .filter(|c| (c.is_control() && *c != '\n') || matches!(u32::from(*c), 0x200b..=0x200f | 0x202a..=0x202e))
        .collect()
}

#[test]
fn a_terminal_page_holds_no_control_and_no_direction_mark() {
    for lang in Lang::ALL {
        let text = report::terminal(&attacked().input(), lang, Style { colour: false, width: 100 });
        assert_eq!(steering(&text), Vec::<char>::new());
        assert!(text.contains("\\u{202e}"), "shown, not swallowed");
    }
}

#[test]
fn html_holds_no_foreign_markup() {
    for lang in Lang::ALL {
        let page = report::html(&attacked().input(), lang);
        assert_eq!(steering(&page), Vec::<char>::new());
        assert!(!page.contains("<script"), "no script at all");
        assert!(!page.contains("a\"'>"), "quotes are escaped");
        assert!(page.contains("&lt;script&gt;"));
    }
}

#[test]
fn json_keeps_the_value_exactly_and_writes_it_in_harmless_characters() {
    let text = report::json(&attacked().input());
    assert_eq!(steering(&text), Vec::<char>::new());
    assert!(!text.contains('<'));
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["examination"]["host"], HOSTILE);
}

#[test]
fn a_page_asks_for_nothing_from_outside() {
    let page = report::html(&fixture().input(), Lang::En);
    for sign in ["http://", "https://", "src=", "@import", "url(\"", "<link", "<iframe", "javascript:", "onclick"] {
        assert!(!page.contains(sign), "{sign}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn colour_adds_nothing_that_words_do_not_say() {
    let f = fixture();
    let plain = report::terminal(&f.input(), Lang::En, Style { colour: false, width: 100 });
    let coloured = report::terminal(&f.input(), Lang::En, Style { colour: true, width: 100 });
    let mut stripped = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        stripped.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    stripped.push_str(rest);
    assert_eq!(stripped, plain);
    assert!(!plain.contains('\u{1b}'));
}

#[test]
fn every_width_and_an_empty_judgement_are_survived() {
    let mut f = fixture();
    for width in [0, 60, 79, 200] {
        let text = report::terminal(&f.input(), Lang::Zh, Style { colour: false, width });
        assert!(text.lines().count() < 140, "{}", text.lines().count());
    }
    let j = &mut f.judgement;
    (j.checks, j.findings, j.data, j.gaps, j.doubts, j.coverage) = Default::default();
    j.standings.clear();
    let mut input = f.input();
    input.examination = None;
    input.items = &[];
    let text = report::terminal(&input, Lang::En, Style { colour: false, width: 80 });
    assert!(text.contains("nothing was judged"));
    assert!(text.contains("No scope was declared"));
    assert!(report::html(&input, Lang::Zh).contains("尚未申报范围"));
}

#[test]
fn no_text_key_shows_on_a_page() {
    let f = fixture();
    for lang in Lang::ALL {
        let style = Style { colour: false, width: 160 };
        for page in [report::terminal(&f.input(), lang, style), report::html(&f.input(), lang)] {
            let key = page
                .split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-'))
                .map(|w| w.trim_end_matches('.'))
                .find(|w| {
                    [
                        "report.",
                        "because.",
                        "doubt.",
                        "gap.",
                        "outcome.",
                        "severity.",
                        "sure.",
                        "how-sure.",
                        "scope.",
                        "field.",
                    ]
                    .iter()
                    .any(|family| w.starts_with(family))
                        && !w.starts_with("report.cannot.no-reason")
                });
            assert_eq!(key, None, "{lang:?}");
        }
    }
}
