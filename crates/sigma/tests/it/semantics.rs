//! The specification, clause by clause: what matches and what does not.

use std::sync::Arc;

use sigma::Value::{self, Int, Null, Text};

use crate::{compile, detection, matches};

/// An item of a selection, a value of field `f` (or several), and whether it matches.
fn check(item: &str, values: &[Value<'_>], wanted: bool) {
    let compiled = compile(&detection(&format!("s:\n  {item}\ncondition: s")));
    assert!(compiled.refusals.is_empty(), "{item}: {:?}", compiled.refusals);
    let fields: Vec<_> = values.iter().map(|v| ("f", *v)).collect();
    assert_eq!(matches(&Arc::new(compiled.rules), &fields), wanted, "{item} on {values:?}");
}

fn refused(item: &str, code: &str) {
    let compiled = compile(&detection(&format!("s:\n  {item}\ncondition: s")));
    let codes: Vec<&str> = compiled.refusals.iter().map(|r| r.code.as_str()).collect();
    assert_eq!(codes, [code], "{item}");
    assert!(compiled.refusals[0].line >= 4, "{item}: {}", compiled.refusals[0]);
}

#[test]
fn backslashes_and_wildcards() {
    for (item, value, wanted) in [
        (r"f: 'a\b'", r"a\b", true),
        (r"f: 'a\\b'", r"a\b", true),
        (r"f: 'a\\b'", r"a\\b", false),
        (r"f: 'a\*b'", "a*b", true),
        (r"f: 'a\*b'", "axb", false),
        (r"f: 'a\\*b'", r"a\xxb", true),
        (r"f: 'a\\*b'", "a*b", false),
        (r"f: 'a\\\*b'", r"a\*b", true),
        (r"f: 'a\\\*b'", r"a\xb", false),
        (r"f: 'a\\\b'", r"a\\b", true),
        (r"f: 'a\\\\b'", r"a\\b", true),
        (r"f: 'a\?b'", "a?b", true),
        (r"f: 'a?b'", "aéb", true),
        (r"f: 'a?b'", "ab", false),
        (r"f: 'a*b*c'", "a1b2b3c", true),
        (r"f: 'a*b*c'", "a1b2b3", false),
        (r"f|contains: 'b*d'", "abcde", true),
        (r"f|startswith: 'a?c'", "abcde", true),
        (r"f|endswith: '\x.exe'", r"C:\X.EXE", true),
        (r"f|endswith: '\x.exe'", r"C:\yx.exe", false),
        ("f: 'ÄÖΣ'", "äöς", true),
        ("f: 'i'", "ı", false),
        ("f|cased: 'Ab'", "ab", false),
        ("f|cased|contains: 'Ab'", "xAbx", true),
    ] {
        check(item, &[Text(value)], wanted);
    }
}

#[test]
fn null_empty_absent() {
    for (item, absent, null, empty) in [
        ("f: null", true, true, false),
        ("f: ''", false, false, true),
        ("f: '*'", false, false, true),
        ("f|exists: true", false, true, true),
        ("f|exists: no", true, false, false),
        ("f|neq: x", false, false, true),
        ("f|contains: ''", false, false, true),
        ("f: '-'", false, false, false),
    ] {
        check(item, &[], absent);
        check(item, &[Null], null);
        check(item, &[Text("")], empty);
    }
    check("f: null", &[Null, Text("x")], false);
    refused("f: ['', null]", "null-in-list");
    refused("f: []", "empty");
}

#[test]
fn numbers_dates_networks() {
    for (item, value, wanted) in [
        ("f: 4625", Int(4625), true),
        ("f: '4625'", Int(4625), true),
        ("f: 4625", Text("4625"), true),
        ("f: 0x10", Int(16), true),
        ("f: 0x10", Text("0x10"), true),
        ("f: 007", Text("007"), true),
        ("f: 007", Int(7), true),
        ("f: yes", Value::Bool(true), true),
        ("f: no", Text("no"), true),
        ("f: 2024-01-02", Text("2024-01-02"), true),
        ("f|gte: 10", Text("0x0a"), true),
        ("f|gt: 10", Int(10), false),
        ("f|lt: 1.5", Value::Float(1.25), true),
        ("f|lte: 5", Text("five"), false),
        ("f|hour: 7", Text("2025-11-27T07:40:10Z"), true),
        ("f|hour|gte: 22", Text("2025-11-27 23:00"), true),
        ("f|week: 53", Text("2021-01-01"), true),
        ("f|month: 11", Text("2025-11-27"), true),
        ("f|minute: 40", Text("2025-11-27"), false),
        ("f|cidr: 10.0.0.0/8", Text("10.9.8.7"), true),
        ("f|cidr: 10.0.0.0/8", Text("::ffff:10.0.0.1"), true),
        ("f|cidr: 10.0.0.0/8", Text("11.0.0.1"), false),
        ("f|cidr: 'fe80::/10'", Text("fe80::1%eth0"), true),
        ("f|cidr: 0.0.0.0/0", Text("no address"), false),
    ] {
        check(item, &[value], wanted);
    }
    refused("f|cidr: 10.0.0.0/33", "cidr");
    refused("f|gt: many", "modifier-value");
}

#[test]
fn other_modifiers() {
    for (item, value, wanted) in [
        ("f|contains|all: [a, b]", "xbxa", true),
        ("f|contains|all: [a, b]", "xbx", false),
        ("f|neq: [a, b]", "c", true),
        ("f|neq: [a, b]", "B", false),
        ("f|re: 'a.c'", "xabcx", true),
        ("f|re: 'a.c'", "ABC", false),
        ("f|re|i: 'a.c'", "xABCx", true),
        ("f|re: 'a.c'", "a\nc", false),
        ("f|re|s: 'a.c'", "a\nc", true),
        ("f|re|m: '^b$'", "a\nb\nc", true),
        ("f|re: '^b$'", "a\nb\nc", false),
        ("f|re: 'x{y}'", "x{y}", true),
        ("f|contains|windash: ' -foo a-b'", "x /FOO a-b", true),
        ("f|contains|windash: ' -foo'", "x \u{2015}foo", true),
        ("f|contains|windash: ' -foo a-b'", "x -foo a/b", false),
        ("f|base64: foo", "Zm9v", true),
        ("f|base64: foo", "zm9v", false),
        ("f|base64offset|contains: 'http://'", "xaHR0cDovLx", true),
        ("f|base64offset|contains: 'http://'", "aGh0dHA6Ly9h", true),
        ("f|wide|base64offset|contains: ping", "cABpAG4AZw", true),
        ("f|utf16le: ab", "a\0b\0", true),
    ] {
        check(item, &[Text(value)], wanted);
    }
    for (item, code) in [
        ("f|matches: x", "unknown-modifier"),
        ("f|re: '(?=x)y'", "regex"),
        ("f|re: '((a{999}){999}){999}'", "regex"),
        ("f|contains|startswith: x", "modifier-conflict"),
        ("f|contains|base64: x", "modifier-conflict"),
        ("f|all|neq: [x, y]", "modifier-conflict"),
        ("f|expand: '%Servers%'", "placeholder"),
        ("f|base64: 'a*'", "modifier-value"),
        ("f|exists: maybe", "modifier-value"),
        ("f: {a: b}", "modifier-value"),
    ] {
        refused(item, code);
    }
}

#[test]
fn two_fields() {
    let rules = |item: &str| Arc::new(compile(&detection(&format!("s:\n  {item}\ncondition: s"))).rules);
    let equal = rules("f|fieldref: g");
    assert!(matches(&equal, &[("f", Text("A")), ("g", Text("a"))]));
    assert!(!matches(&equal, &[("f", Text("A"))]));
    assert!(matches(&rules("f|fieldref|endswith: g"), &[("f", Text("xa")), ("g", Text("A"))]));
    assert!(matches(&rules("f|fieldref|neq: g"), &[("f", Text("xa")), ("g", Text("A"))]));
    assert!(matches(&rules("SAMUserAccount: x"), &[("SAM User Account", Text("x"))]), "spaces are stripped");
}

#[test]
fn conditions() {
    let text =
        "a:\n  f|contains: a\nb:\n  f|contains: b\nsel_and_or:\n  f|contains: c\n_h:\n  f|contains: d\ncondition: ";
    for (condition, value, wanted) in [
        ("a or b and sel_and_or", "a", true),
        ("a or b and sel_and_or", "b", false),
        ("not a or b", "a", false),
        ("not (a or b)", "x", true),
        ("1 of them", "d", false),
        ("1 of *", "d", true),
        ("all of them", "abc", true),
        ("2 of them", "ac", true),
        ("2 of them", "cd", false),
        ("1 of sel*or", "c", true),
        ("NOT a AND b", "b", true),
        ("[a, b]", "b", true),
        ("all of a", "a", true),
    ] {
        let compiled = compile(&detection(&format!("{text}{condition}")));
        assert!(compiled.refusals.is_empty(), "{condition}: {:?}", compiled.refusals);
        assert_eq!(matches(&Arc::new(compiled.rules), &[("f", Text(value))]), wanted, "{condition} on {value}");
    }
    for (condition, code) in [
        ("a and", "condition"),
        ("(a", "condition"),
        ("a b", "condition"),
        ("c", "unknown-selection"),
        ("1 of x*", "no-such-selections"),
        ("9 of them", "too-few-selections"),
        ("a | count() > 5", "old-aggregation"),
    ] {
        let compiled = compile(&detection(&format!("{text}{condition}")));
        assert_eq!(compiled.refusals[0].code.as_str(), code, "{condition}");
        assert_eq!(compiled.refusals[0].line, 12);
    }
    let deep = format!("{text}{}a{}", "(".repeat(5000), ")".repeat(5000));
    assert_eq!(compile(&detection(&deep)).refusals[0].code.as_str(), "limit");
}

#[test]
fn keywords() {
    let any = Arc::new(compile(&detection("k:\n  - EVIL\n  - 'svc -n *x'\ncondition: k")).rules);
    assert!(matches(&any, &[("unknown", Text("some evil here"))]));
    assert!(matches(&any, &[("unknown", Text("SVC -N evi x y"))]));
    assert!(!matches(&any, &[("evil", Text("names are not searched"))]));
    let all = Arc::new(compile(&detection("k:\n  '|all':\n    - one\n    - two\ncondition: k")).rules);
    assert!(matches(&all, &[("a", Text("one")), ("b", Text("two"))]));
    assert!(!matches(&all, &[("a", Text("one"))]));
    let maps = Arc::new(compile(&detection("k:\n  - f: x\n  - g: y\ncondition: k")).rules);
    assert!(matches(&maps, &[("g", Text("y"))]));
}

#[test]
fn files_as_they_are_in_the_wild() {
    let twice = compile(&format!(
        "{}---\n{}",
        detection("s: {f: 1}\ns: {f: 2}\ncondition: s"),
        detection("s: {f: 1}\ncondition: s")
    ));
    assert_eq!(twice.refusals[0].code.as_str(), "duplicate-key");
    assert_eq!(twice.refusals[0].line, 5);
    assert_eq!(twice.rules.all().len(), 1, "the other document is read");
    let global = compile(
        "action: global\ntitle: t\nlogsource: {product: windows}\ndetection:\n  condition: s\n---\ndetection:\n  s: {f: 1}\n---\ndetection:\n  s: {f: 2}\n---\naction: repeat\ndetection:\n  s: {f: 3}\n---\naction: reset\n---\ntitle: u\n",
    );
    assert_eq!(global.rules.all().len(), 3);
    assert_eq!(global.refusals[0].code.as_str(), "not-a-rule");
    let bomb: String = (1..40).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}, *a{0}]\n", n - 1)).collect();
    assert_eq!(compile(&format!("a0: &a0 [x]\n{bomb}")).refusals[0].code.as_str(), "limit");
    assert_eq!(compile("a: [b").refusals[0].code.as_str(), "yaml");
    let values: String = (0..100_000).map(|n| format!("      - 'value number {n}'\n")).collect();
    let many = compile(&detection(&format!("s:\n  f|contains:\n{values}condition: s")));
    assert!(many.refusals.is_empty());
    assert!(matches(&Arc::new(many.rules), &[("f", Text("a VALUE number 99999 here"))]));
}

#[test]
fn filters_take_matches_away() {
    let text = "title: r\nid: 6f3e2987-db24-4c78-a860-b4f4095a7095\nlogsource: {category: process_creation, product: windows}\ndetection:\n  s: {Image|endswith: '\\rar.exe'}\n  condition: 1 of them\n---\n\
        title: f\nlogsource: {category: process_creation, product: windows}\nfilter:\n  rules: [6f3e2987-db24-4c78-a860-b4f4095a7095, gone]\n  selection: {User|startswith: 'adm_'}\n  condition: selection\n";
    for text in [text.to_owned(), text.replace("condition: selection", "condition: not selection")] {
        let compiled = compile(&text);
        assert!(compiled.refusals.is_empty());
        assert!(compiled.warnings.iter().any(|w| w.code.as_str() == "filter-unknown-rule"));
        let rules = Arc::new(compiled.rules);
        let image = ("Image", Text(r"C:\rar.exe"));
        assert!(matches(&rules, &[image, ("User", Text("bob"))]));
        assert!(!matches(&rules, &[image, ("User", Text("ADM_bob"))]));
    }
}
