//! The detector packs are data: this reads them as strictly as a stranger would, and holds them to their own
//! examples with a slow, plain scanner: one regular expression at a time, all words of the text, no distance.
//!
//! It knows nothing of the real scanner, so that both can be wrong only together with the pack's author.

use classify::{Validity, validator};
use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const FILES: [(&str, &str); 7] = [
    ("business", include_str!("../../../../packs/detectors/business.toml")),
    ("geographic", include_str!("../../../../packs/detectors/geographic.toml")),
    ("industrial", include_str!("../../../../packs/detectors/industrial.toml")),
    ("organisation", include_str!("../../../../packs/detectors/organisation.toml")),
    ("personal", include_str!("../../../../packs/detectors/personal.toml")),
    ("secrets", include_str!("../../../../packs/detectors/secrets.toml")),
    ("vehicle", include_str!("../../../../packs/detectors/vehicle.toml")),
];
const AGAINST: &str = include_str!("../../../../packs/detectors/against.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pack {
    detector: Vec<Detector>,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Against {
    words: BTreeMap<String, i32>,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Name {
    en: String,
    zh: String,
}
#[derive(Deserialize, PartialEq, Eq, Clone, Copy, Debug)]
#[serde(rename_all = "kebab-case")]
enum Finder {
    Native,
    Pattern,
    Table,
    Words,
}
#[derive(Deserialize, PartialEq, Eq, Clone, Copy, Debug)]
#[serde(rename_all = "kebab-case")]
enum Context {
    No,
    ForMore,
    ForAny,
}
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Trigger {
    Literals(Vec<String>),
    Digits([usize; 2]),
    Capitals([usize; 2]),
    Words(bool),
    /// One of its words stands before the value, as a label does.
    Label(bool),
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Detector {
    id: String,
    name: Name,
    category: String,
    kind: String,
    counts: String,
    finder: Finder,
    trigger: Option<Trigger>,
    pattern: Option<String>,
    #[serde(default)]
    lead: usize,
    #[serde(default)]
    after_digit: bool,
    #[serde(default)]
    own_line: bool,
    validate: Vec<String>,
    base: i32,
    context: Context,
    mask: [usize; 2],
    #[serde(default)]
    words: BTreeMap<String, i32>,
    #[serde(default)]
    against: BTreeMap<String, i32>,
    headers: Vec<String>,
    dummies: Vec<String>,
    hit: Vec<String>,
    miss: Vec<String>,
    source: String,
    sure: String,
}

fn packs() -> Vec<(&'static str, Detector)> {
    let read = |(file, text): (&'static str, &str)| {
        let pack: Pack = toml::from_str(text).unwrap_or_else(|e| panic!("{file}: {e}"));
        pack.detector.into_iter().map(move |d| (file, d)).collect::<Vec<_>>()
    };
    FILES.into_iter().flat_map(read).collect()
}
fn against() -> BTreeMap<String, i32> {
    toml::from_str::<Against>(AGAINST).expect("the pack of words parses").words
}

/// Tenths of log-odds at which a hit is medium (65 per cent).
const MEDIUM: i32 = 6;
/// What a column's header says for the class it names outright, and what a dummy costs.
const HEADER: i32 = 30;
const DUMMY: i32 = 30;

// --- the plain scanner ---

/// Latin tokens in lower case, cut at anything but letters and where `camelCase` and `HTTPServer` are cut.
fn tokens(text: &str) -> Vec<String> {
    let mut out: Vec<String> = vec![String::new()];
    let chars: Vec<char> = text.chars().collect();
    for (i, c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).map_or(' ', |j| chars[j]);
        let after = chars.get(i + 1).copied().unwrap_or(' ');
        let cut = c.is_ascii_uppercase()
            && (before.is_ascii_lowercase() || (before.is_ascii_uppercase() && after.is_ascii_lowercase()));
        if !c.is_ascii_alphabetic() || cut {
            out.push(String::new());
        }
        if c.is_ascii_alphabetic() {
            out.last_mut().expect("begins with one").push(c.to_ascii_lowercase());
        }
    }
    out.retain(|t| !t.is_empty());
    out
}
fn holds(text: &str, tokens: &[String], word: &str) -> bool {
    if !word.is_ascii() {
        return text.contains(word);
    }
    let parts: Vec<&str> = word.split(' ').collect();
    tokens.windows(parts.len()).any(|w| w.iter().zip(&parts).all(|(a, b)| a == b))
}
fn strongest(text: &str, words: &BTreeMap<String, i32>) -> i32 {
    let tokens = tokens(text);
    words.iter().filter(|(w, _)| holds(text, &tokens, w)).map(|(_, n)| *n).max().unwrap_or(0)
}

/// A header without case, blanks, underscores and a unit in brackets.
fn plain_header(header: &str) -> String {
    let cut = header.find(['(', '（', '[']).unwrap_or(header.len());
    header[..cut].chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase()
}
/// The columns of a small table: header and cells.
fn columns(text: &str) -> Vec<(String, Vec<&str>)> {
    let Some((head, rest)) = text.split_once('\n') else { return Vec::new() };
    head.split(',')
        .enumerate()
        .map(|(i, h)| (plain_header(h), rest.lines().filter_map(|l| l.split(',').nth(i)).collect()))
        .collect()
}

fn grade(detector: &Detector, value: &str) -> Option<i32> {
    if detector.validate.is_empty() {
        return Some(0);
    }
    let best = detector.validate.iter().map(|n| validator(n).expect("held by the schema test")(value.as_bytes())).max();
    best.and_then(Validity::tenths)
}
fn is_dummy(detector: &Detector, value: &str) -> bool {
    detector.dummies.iter().any(|d| d.eq_ignore_ascii_case(value))
}

/// Log-odds of the best hit in the text, if there is any.
fn best(detector: &Detector, global: &BTreeMap<String, i32>, text: &str) -> Option<i32> {
    match detector.finder {
        Finder::Words => {
            let tokens = tokens(text);
            let words: i32 = detector.words.iter().filter(|(w, _)| holds(text, &tokens, w)).map(|(_, n)| n).sum();
            Some(detector.base + words + further_headers(detector, text))
        }
        Finder::Table => in_column(detector, text),
        Finder::Native | Finder::Pattern => {
            let values = values(detector, text);
            let named = |value: &str| {
                columns(text).iter().any(|(h, cells)| {
                    detector.headers.iter().any(|d| plain_header(d) == *h) && cells.iter().any(|c| c.trim() == value)
                })
            };
            values
                .iter()
                .filter_map(|value| {
                    let plus = strongest(text, &detector.words).max(if named(value) { HEADER } else { 0 });
                    let minus = strongest(text, &detector.against).max(strongest(text, global));
                    let mut odds = detector.base + grade(detector, value)? + plus - minus;
                    if detector.context == Context::ForAny && plus == 0 {
                        return None;
                    }
                    if detector.context == Context::ForMore && plus == 0 {
                        odds = odds.min(MEDIUM - 1);
                    }
                    Some(odds - if is_dummy(detector, value) { DUMMY } else { 0 })
                })
                .max()
                .max(in_column(detector, text))
        }
    }
}
/// Column headers of the class that hold none of its words, at a dozen tenths each.
fn further_headers(detector: &Detector, text: &str) -> i32 {
    let names: Vec<String> = detector.headers.iter().map(|h| plain_header(h)).collect();
    let head = text.lines().next().unwrap_or_default().split(',').filter(|h| {
        let tokens = tokens(h);
        names.contains(&plain_header(h)) && !detector.words.keys().any(|w| holds(h, &tokens, w))
    });
    head.map(plain_header).collect::<BTreeSet<_>>().iter().map(|_| 12).sum()
}
/// A column that a header names and whose cells are mostly of the class.
fn in_column(detector: &Detector, text: &str) -> Option<i32> {
    let names: Vec<String> = detector.headers.iter().map(|h| plain_header(h)).collect();
    let fits = |(header, cells): &(String, Vec<&str>)| {
        let good = cells.iter().filter(|c| grade(detector, c.trim()).is_some() && !is_dummy(detector, c)).count();
        (names.contains(header) && good * 2 > cells.len()).then_some(detector.base + HEADER)
    };
    columns(text).iter().filter_map(fits).max()
}

/// Patterns without Han speak of bytes.
fn compile(pattern: &str) -> Option<Regex> {
    let syntax = syntax::Config::new().unicode(!pattern.is_ascii()).utf8(false);
    Regex::builder().syntax(syntax).build(pattern).ok()
}
/// What a native finder looks at, said as a pattern.
fn native(id: &str) -> &'static str {
    match id {
        "cn.resident-id" => "[1-9][0-9]{16}[0-9Xx]",
        "cn.mobile" => r"\+?[0-9][0-9 \-]{9,17}[0-9]",
        "cn.uscc" => "[0-9A-HJ-NP-RTUWXY]{18}",
        "vin" => "[A-HJ-NPR-Z0-9]{17}",
        "bank-card" => "[0-9](?:[ -]?[0-9]){12,18}",
        "email" => r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9.\-]{1,255}",
        "cn.landline" => r"(?:\+86[ -]?)?[(]?0?[1-9][0-9]{1,2}[)]?[ -]?[2-8][0-9]{6,7}(?:[-#x][0-9]{1,6})?",
        "geo.lat-lon" => r"-?[0-9]{1,3}\.[0-9]{4,12}[,; /\t]{1,3}-?[0-9]{1,3}\.[0-9]{4,12}",
        "mac-address" => r"(?:[0-9A-Fa-f]{2}[:\-]){5}[0-9A-Fa-f]{2}",
        "ipv4" => r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}",
        "cn.plate" => "[\u{4E00}-\u{9FFF}][A-Z][·. -]?[A-Z0-9]{4}[A-Z0-9挂学警港澳]",
        "cn.plate-nev" => "[\u{4E00}-\u{9FFF}][A-Z][·. -]?[A-Z0-9]{6}",
        "private-key" => "-----BEGIN [A-Z ]{0,20}PRIVATE KEY",
        other => panic!("{other} has no native finder"),
    }
}
fn values(detector: &Detector, text: &str) -> Vec<String> {
    let pattern = detector.pattern.as_deref().unwrap_or_else(|| native(&detector.id));
    let regex = compile(pattern).expect("held by the schema test");
    let mut caps = regex.create_captures();
    let mut out = Vec::new();
    let mut from = 0;
    while from <= text.len() {
        regex.search_captures(&regex_automata::Input::new(text).range(from..), &mut caps);
        let Some(all) = caps.get_match() else { break };
        let value = caps.get_group_by_name("v").unwrap_or(all.span());
        let of = text.get(value.range()).expect("between characters");
        let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let before = text[..value.start].chars().next_back();
        let first = of.chars().next();
        // `+1396…` is somebody else's country code.
        let left = edge(first) && (edge(before) || before == Some('+') && first.is_some_and(|c| c.is_ascii_digit()));
        let right = edge(of.chars().next_back()) && edge(text[value.end..].chars().next());
        if !left && !right && triggered(detector, text, all.range()) {
            out.push(of.to_string());
        }
        from = all.start() + text[all.start()..].chars().next().map_or(1, char::len_utf8);
    }
    out
}
/// True if the trigger lies in the match (or a run of it touches the match).
fn triggered(detector: &Detector, text: &str, range: std::ops::Range<usize>) -> bool {
    let inside = &text[range.clone()];
    let runs = |of: fn(u8) -> bool, length: [usize; 2]| {
        let bytes = text.as_bytes();
        let mut i = 0;
        while i < bytes.len() {
            let end = i + bytes[i..].iter().take_while(|b| of(**b)).count();
            if (length[0]..=length[1]).contains(&(end - i)) && i < range.end && end > range.start {
                return true;
            }
            i = end.max(i + 1);
        }
        false
    };
    match &detector.trigger {
        None => true,
        Some(Trigger::Literals(all)) => all.iter().any(|l| inside.contains(l.as_str())),
        Some(Trigger::Digits(length)) => runs(|b| b.is_ascii_digit(), *length),
        Some(Trigger::Capitals(length)) => runs(|b| b.is_ascii_digit() || b.is_ascii_uppercase(), *length),
        Some(Trigger::Label(_)) => {
            let before = &text[..range.start];
            let tokens = tokens(before);
            detector.words.keys().any(|w| holds(before, &tokens, w))
        }
        Some(Trigger::Words(_)) => {
            let tokens = tokens(inside);
            detector.words.keys().any(|w| holds(inside, &tokens, w))
        }
    }
}

// --- what is held ---

fn is_word(word: &str) -> bool {
    let han = (2..=12).contains(&word.chars().count()) && word.chars().all(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
    let parts: Vec<&str> = word.split(' ').collect();
    let latin = parts.len() <= 2
        && parts.iter().all(|p| (2..=16).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_lowercase()));
    han || latin
}

#[test]
fn packs_keep_to_the_schema() {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for (file, d) in packs() {
        let mut need = |good: bool, what: &str| {
            if !good {
                wrong.push(format!("{file} {}: {what}", d.id));
            }
        };
        need(seen.insert(d.id.clone()), "id twice");
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-');
        need(!d.id.is_empty() && d.id.bytes().all(plain), "id");
        need(!d.name.en.is_empty() && !d.name.zh.is_ascii(), "both names");
        let categories = [
            "personal",
            "sensitive-personal",
            "organisation",
            "credential",
            "production",
            "rnd",
            "management",
            "operation",
            "service",
            "geographic",
        ];
        need(categories.contains(&d.category.as_str()), "category");
        let kinds = ["biometric", "religious", "identity", "medical", "financial", "location", "minor", "other"];
        let sensitive = d.category == "sensitive-personal";
        need(if sensitive { kinds.contains(&d.kind.as_str()) } else { d.kind.is_empty() }, "kind");
        need(["people", "things", "none"].contains(&d.counts.as_str()), "counts");
        need(["F", "E", "S", "T", "M", "D", "J"].contains(&d.sure.as_str()), "sure");
        need(!d.source.is_empty(), "source");
        need((-60..=60).contains(&d.base), "base");
        need(d.words.values().chain(d.against.values()).all(|w| (1..=40).contains(w)), "weights of 1 to 40");
        need(d.words.keys().chain(d.against.keys()).all(|w| is_word(w)), "words: Han of 2 to 12, or one or two tokens");
        need(d.headers.iter().all(|h| !plain_header(h).is_empty()), "headers");
        need(d.headers.iter().collect::<BTreeSet<_>>().len() == d.headers.len(), "header twice");
        need(d.validate.iter().all(|v| validator(v).is_some()), "validator unknown");
        need(!d.hit.is_empty() && !d.miss.is_empty(), "hit and miss");
        need(d.context != Context::ForAny || !d.words.is_empty(), "context for any without words");
        need((d.finder == Finder::Pattern) == d.pattern.is_some(), "a pattern for pattern finders, and only for them");
        let literals = matches!(d.trigger, Some(Trigger::Literals(_)));
        need(literals || !d.after_digit, "what stands before a literal is asked of literals only");
        need(d.category == "operation" || !d.own_line, "only addresses of machines stand in logs");
        need((d.finder == Finder::Pattern) == d.trigger.is_some(), "a trigger for pattern finders, and only for them");
        // A column of pinyin initials says nothing alone: `wd` is latitude and temperature, `mm` password and millimetre.
        let initials = |h: &String| h.is_ascii() && plain_header(h).len() <= 2;
        let bare = d.finder == Finder::Table && d.validate.is_empty();
        need(!bare || !d.headers.iter().any(initials), "a header of two letters without a validator");
        need(d.finder != Finder::Table || !d.headers.is_empty(), "a table finder names headers");
        need(d.finder != Finder::Words || (d.words.len() >= 6 && d.validate.is_empty()), "a words finder has words");
        need(
            d.mask == [0, 0] || d.category != "credential" || literal_prefix(&d),
            "a secret shows its public prefix only",
        );
        match &d.trigger {
            Some(Trigger::Literals(all)) => need(!all.is_empty() && all.iter().all(|l| !l.is_empty()), "literals"),
            Some(Trigger::Digits(n) | Trigger::Capitals(n)) => need(n[0] >= 2 && n[0] <= n[1], "run lengths"),
            Some(Trigger::Words(yes) | Trigger::Label(yes)) => need(*yes && !d.words.is_empty(), "true, and words"),
            None => {}
        }
        if let Some(pattern) = &d.pattern {
            need(
                compile(pattern).is_some_and(|r| !r.is_match("")),
                "pattern does not parse, or matches nothing at all",
            );
            need(d.lead <= 120, "a match begins at most 120 before its trigger");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen.len() >= 90, "{}", seen.len());
}
/// True if what a mask shows in front is part of every hit's beginning and nothing is shown behind.
fn literal_prefix(d: &Detector) -> bool {
    let Some(Trigger::Literals(all)) = &d.trigger else { return false };
    d.mask[1] == 0 && all.iter().all(|l| d.mask[0] <= l.len())
}

#[test]
fn words_against_everything() {
    let words = against();
    assert!(words.iter().all(|(w, n)| is_word(w) && (1..=40).contains(n)));
    assert!(words.contains_key("示例") && words.contains_key("uuid"));
}

#[test]
fn every_hit_hits_and_every_miss_misses() {
    let global = against();
    let mut wrong = Vec::new();
    for (file, d) in packs() {
        for text in &d.hit {
            let odds = best(&d, &global, text);
            if odds.is_none_or(|o| o < MEDIUM) {
                wrong.push(format!("{file} {}: {odds:?} should hit: {text}", d.id));
            }
        }
        for text in &d.miss {
            let odds = best(&d, &global, text);
            if odds.is_some_and(|o| o >= MEDIUM) {
                wrong.push(format!("{file} {}: {odds:?} should miss: {text}", d.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}
