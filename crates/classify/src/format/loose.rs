//! General forms: scripts, HTML, JSON, settings, YAML, tables. Asked after everything more special.

use super::Found;
use super::bytes::{begins_as, first, has};
use super::rows::{filled, is_number, lines, whole};
use super::table::Id::{self, *};

/// A question to a text.
type Rule = fn(&[u8]) -> Option<Found>;

fn found(id: Id, yes: bool) -> Option<Found> {
    yes.then_some(Found::content(id))
}

/// The interpreter that a script names.
pub(super) fn interpreter(text: &[u8]) -> Option<Found> {
    const KINDS: [(&[u8], Id); 10] = [
        (b"python", Python),
        (b"perl", Perl),
        (b"ruby", Ruby),
        (b"node", JavaScript),
        (b"lua", Lua),
        (b"php", Php),
        (b"pwsh", PowerShell),
        (b"make", Makefile),
        (b"sh", Shell),
        (b"wish", Script),
    ];
    let line = lines(first(text, 256)).next()?.get(2..)?.trim_ascii();
    if !line.starts_with(b"/") {
        return None;
    }
    let mut words = line.split(|b| *b == b' ').filter(|w| !w.is_empty());
    let path = words.next()?;
    let program = path.rsplit(|b| *b == b'/').next().unwrap_or_default();
    let program = if program == b"env" {
        words.find(|w| !w.starts_with(b"-") && !w.contains(&b'=')).unwrap_or_default()
    } else {
        program
    };
    let stem = program.iter().position(|b| !b.is_ascii_alphabetic()).map_or(program, |at| first(program, at));
    let kind = KINDS.iter().find(|(name, _)| {
        if *name == b"sh" { stem.ends_with(b"sh") && stem != b"wish" } else { stem.starts_with(name) }
    });
    Some(Found::content(kind.map_or(Script, |k| k.1)))
}
/// HTML that is no XML: a document type or a usual element, in any case.
pub(super) fn html(text: &[u8]) -> Option<Found> {
    let mut rest = text;
    while rest.starts_with(b"<!--") {
        rest = rest.get(memchr::memmem::find(rest, b"-->")? + 3..)?.trim_ascii_start();
    }
    if begins_as(rest, b"<?php") {
        return found(Php, true);
    }
    let signs: [&[u8]; 8] =
        [b"<!doctype html", b"<html", b"<head", b"<body", b"<title", b"<script", b"<style", b"<table"];
    found(
        Html,
        signs.iter().any(|s| begins_as(rest, s) && rest.get(s.len()).is_some_and(|b| !b.is_ascii_alphanumeric())),
    )
}

/// General forms, from the most certain to the least.
pub(super) fn find(text: &[u8]) -> Option<Found> {
    const RULES: [Rule; 3] = [json, yaml, separated];
    RULES.iter().find_map(|rule| rule(text))
}
/// An object or a list that begins as one must; some dialects by their keys.
fn json(text: &[u8]) -> Option<Found> {
    let text = text.trim_ascii_start();
    let rest = text.get(1..)?.trim_ascii_start();
    let opens = match (text.first()?, rest.first()) {
        (b'{', Some(b'}')) | (b'[', Some(b']')) => {
            return found(Json, rest.get(1..).is_some_and(|r| r.trim_ascii().is_empty()));
        }
        (b'{', Some(b'"')) => {
            let key = memchr::memchr(b'"', rest.get(1..)?)? + 2;
            rest.get(key..)?.trim_ascii_start().starts_with(b":")
        }
        (b'[', Some(b'{' | b'[')) => rest
            .get(1..)?
            .trim_ascii_start()
            .first()
            .is_some_and(|b| matches!(b, b'"' | b'{' | b'}' | b'[' | b'-') || b.is_ascii_digit()),
        (b'[', Some(b'"')) => true,
        (b'[', Some(b'-' | b'0'..=b'9')) => {
            let number =
                rest.iter().take_while(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E')).count();
            rest.get(number..)?.trim_ascii_start().first().is_none_or(|b| matches!(b, b',' | b']'))
        }
        _ => false,
    };
    if !opens {
        return None;
    }
    let key = |name: &[u8]| has(text, text.len(), name);
    let kind = |value: &[u8]| has_pair(text, b"\"type\"", value);
    let id = if kind(b"\"FeatureCollection\"") || (kind(b"\"Feature\"") && key(b"\"geometry\"")) {
        GeoJson
    } else if key(b"\"Topology\"") && key(b"\"arcs\"") {
        TopoJson
    } else if key(b"\"asset\"")
        && key(b"\"version\"")
        && (key(b"\"scenes\"") || key(b"\"meshes\"") || key(b"\"accessors\""))
    {
        Gltf
    } else if key(b"\"board\"") && key(b"\"design_settings\"") || key(b"\"boards\"") && key(b"\"erc\"") {
        KiCadProject
    } else if is_json_lines(text) {
        JsonLines
    } else {
        Json
    };
    found(id, true)
}
/// True if `value` stands after the key and its colon, somewhere.
fn has_pair(text: &[u8], key: &[u8], value: &[u8]) -> bool {
    memchr::memmem::find_iter(text, key).any(|at| {
        let rest = text.get(at + key.len()..).unwrap_or_default().trim_ascii_start();
        rest.strip_prefix(b":").is_some_and(|r| r.trim_ascii_start().starts_with(value))
    })
}
fn is_json_lines(text: &[u8]) -> bool {
    let mut all = filled(text).take(4);
    let object = |line: &[u8]| line.starts_with(b"{") && line.ends_with(b"}");
    all.next().is_some_and(object) && all.next().is_some_and(object) && all.all(object)
}
/// Sections in brackets and `key = value`; TOML where values are quoted, lists or dates throughout.
pub(super) fn settings(text: &[u8]) -> Option<Found> {
    let comment = |line: &&[u8]| matches!(line.first(), Some(b'#' | b';'));
    if !filled(text).find(|line| !comment(line))?.iter().any(|b| matches!(b, b'[' | b'=')) {
        return None;
    }
    let (mut sections, mut pairs, mut other, mut toml, mut ini, mut open) = (0, 0, 0, 0, 0, None);
    for line in filled(text).take(100) {
        if matches!(line.first(), Some(b'#' | b';')) {
            continue;
        }
        // A list or a text of several lines is one value.
        if let Some(close) = open {
            let closed: &[u8] = close;
            open = if has(line, line.len(), closed)
                && (closed != b"]" || line.starts_with(b"]") || !line.contains(&b'['))
            {
                None
            } else {
                open
            };
            continue;
        }
        // A list has commas and is no section.
        if line.starts_with(b"[") && line.contains(&b']') && !line.contains(&b',') {
            sections += 1;
            ini +=
                usize::from(line.get(1..).is_some_and(|l| {
                    l.iter().take_while(|b| **b != b']').any(|b| matches!(b, b' ' | b'/' | b'{' | b':'))
                }));
            continue;
        }
        let Some(at) = line.iter().position(|b| *b == b'=') else {
            other += 1;
            continue;
        };
        pairs += 1;
        let value = line.get(at + 1..).unwrap_or_default().trim_ascii();
        if value.starts_with(b"[") && !value.contains(&b']') {
            open = Some(b"]".as_slice());
        } else if let Some(rest) = value.strip_prefix(b"\"\"\"")
            && !has(rest, rest.len(), b"\"\"\"")
        {
            open = Some(b"\"\"\"".as_slice());
        }
        match value.first() {
            Some(b'"' | b'[' | b'{' | b'\'') => toml += 1,
            Some(_) if value == b"true" || value == b"false" || is_number(value) => {}
            _ => ini += 1,
        }
    }
    let yes = sections >= 1 && pairs >= 1 && other * 5 <= pairs + sections;
    found(if toml > 0 && ini == 0 { Toml } else { Ini }, yes)
}
/// Keys with colons, lists with dashes, in nearly every line; a document mark, or depth.
fn yaml(text: &[u8]) -> Option<Found> {
    let (mut keys, mut items, mut deep, mut other, mut mark) = (0, 0, 0, 0, false);
    for (n, line) in whole(text).filter(|l| !l.trim_ascii().is_empty()).take(100).enumerate() {
        let trimmed = line.trim_ascii_start();
        if trimmed.starts_with(b"#") {
            continue;
        }
        if line.starts_with(b"---") || line.starts_with(b"%YAML") {
            mark |= n == 0 || keys == 0;
            continue;
        }
        let item = trimmed.strip_prefix(b"- ").map(<[u8]>::trim_ascii_start);
        let rest = item.unwrap_or(trimmed);
        let key = rest
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/' | b'"' | b'\'' | b'$'))
            .count();
        let is_key = key > 0 && rest.get(key) == Some(&b':') && rest.get(key + 1).is_none_or(|b| *b == b' ');
        let indent = line.len() - trimmed.len();
        keys += usize::from(is_key);
        items += usize::from(item.is_some() || trimmed == b"-");
        deep += usize::from(indent > 0 && (is_key || item.is_some()));
        other += usize::from(!is_key && item.is_none() && indent == 0);
    }
    let shaped = deep >= 2 || items >= 2;
    found(Yaml, keys >= 1 && other == 0 && (mark || (keys + items >= 3 && shaped)))
}
/// The same separator equally often in every line: a table.
fn separated(text: &[u8]) -> Option<Found> {
    for (separator, id) in [(b',', Csv), (b';', Csv), (b'\t', Tsv), (b'|', Csv)] {
        let count = |line: &[u8]| {
            let mut quoted = false;
            line.iter()
                .filter(|b| {
                    quoted ^= **b == b'"';
                    **b == separator && !quoted
                })
                .count()
        };
        let mut rows = whole(text).filter(|l| !l.is_empty()).take(20);
        let Some(columns) = rows.next().map(count).filter(|c| *c >= 1) else { continue };
        let (mut same, mut all) = (0, 0);
        for row in rows {
            all += 1;
            same += usize::from(count(row) == columns);
        }
        let enough = if columns == 1 { 5 } else { 2 };
        if all >= enough && same == all && is_data(text) {
            return found(id, true);
        }
    }
    None
}
/// Tables have short fields; prose with a comma a line does not look like one.
fn is_data(text: &[u8]) -> bool {
    whole(text).take(20).all(|line| {
        !line.ends_with(b"{") && !line.ends_with(b");") && !line.starts_with(b"//") && !line.starts_with(b"#")
    })
}
