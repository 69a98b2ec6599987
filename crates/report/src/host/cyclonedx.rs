//! CycloneDX 1.6 (ECMA-424): the software of the hosts as a bill of materials, with what is known of its vulnerabilities.
//!
//! A host is a component of type `device`; its packages and libraries stand inside it, each with a package URL where its
//! ecosystem has one and with the place where it was seen. What could not be read is in the report, not here: a bill of
//! materials has no word for it, so the completeness is declared `incomplete` where there is a gap.

use crate::{Input, Ran};
use evidence::{Body, Fact, FactValue};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The whole text.
pub(crate) fn render(input: &Input<'_>) -> String {
    let runs: Vec<Ran<'_>> = input.runs().collect();
    let hosts: Vec<Value> = runs.iter().map(device).collect();
    let vulnerabilities: Vec<Value> = runs.iter().flat_map(vulnerabilities).collect();
    let gaps = runs.iter().any(|r| {
        let software = |what: &str| what == "fact:package" || what == "fact:library" || what == "run";
        r.items.iter().any(|i| matches!(&i.body, Body::Gap(g) if software(&g.what)))
    });
    let (name, version) = input.program.split_once(' ').unwrap_or((input.program, ""));
    let refs: Vec<&Value> = hosts.iter().map(|h| &h["bom-ref"]).collect();
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": input.judgement.as_of,
            "tools": {"components": [{"type": "application", "name": name, "version": version}]},
            "properties": [{"name": "watchfire:judgement", "value": input.judgement_leaf}],
        },
        "compositions": [{"aggregate": if gaps { "incomplete" } else { "complete" }, "assemblies": refs}],
        "components": hosts,
        "vulnerabilities": vulnerabilities,
    });
    crate::json::escape(&serde_json::to_string_pretty(&document).expect("a JSON value has a text"))
}

fn facts<'a>(run: &Ran<'a>, id: &'a str) -> impl Iterator<Item = &'a Fact> {
    run.items.iter().filter_map(move |i| match &i.body {
        Body::Fact(f) if f.fact.as_str() == id => Some(f),
        _ => None,
    })
}
fn text<'a>(row: &'a FactValue, field: &str) -> &'a str {
    match row.field(field) {
        Some(FactValue::Text(t)) => t,
        _ => "",
    }
}
fn one(run: &Ran<'_>, id: &str) -> String {
    run.items
        .iter()
        .find_map(|i| match &i.body {
            Body::Fact(f) if f.fact.as_str() == id => Some(f.value.to_string()),
            _ => None,
        })
        .unwrap_or_default()
}

fn device(run: &Ran<'_>) -> Value {
    let host = &run.examination.subject.host;
    let (os, release) = (one(run, "os.id"), one(run, "os.version"));
    let mut components: BTreeMap<String, Value> = BTreeMap::new();
    if !os.is_empty() {
        let mut system = json!({"type": "operating-system", "name": os, "bom-ref": format!("{host}/os")});
        if !release.is_empty() {
            system["version"] = json!(release);
        }
        components.insert(String::new(), system);
    }
    for (fact, kind) in [("package", "application"), ("library", "library")] {
        for f in facts(run, fact) {
            let (reference, component) = component(host, kind, f, (&os, &release));
            match components.get_mut(&reference).and_then(|c| c["evidence"]["occurrences"].as_array_mut()) {
                Some(places) => places.push(json!({"location": f.at.to_string()})),
                None => {
                    components.insert(reference, component);
                }
            }
        }
    }
    json!({
        "type": "device",
        "name": host,
        "bom-ref": host,
        "components": components.into_values().collect::<Vec<_>>(),
    })
}

fn component(host: &str, kind: &str, f: &Fact, os: (&str, &str)) -> (String, Value) {
    let (name, version) = (text(&f.value, "name"), text(&f.value, "version"));
    let from = match kind {
        "library" => text(&f.value, "ecosystem"),
        _ => text(&f.value, "manager"),
    };
    let reference = format!("{host}/{from}/{name}@{version}");
    let mut out = json!({
        "type": kind,
        "name": name,
        "bom-ref": reference,
        "evidence": {"occurrences": [{"location": f.at.to_string()}]},
    });
    if !version.is_empty() {
        out["version"] = json!(version);
    }
    if let Some(purl) = purl(from, name, version, text(&f.value, "arch"), os) {
        out["purl"] = json!(purl);
    }
    (reference, out)
}

/// Package URL (ECMA-427); `None` for what has no type there.
fn purl(from: &str, name: &str, version: &str, arch: &str, (os, release): (&str, &str)) -> Option<String> {
    let (kind, space, name) = match from {
        "dpkg" => ("deb", os.to_owned(), name.to_owned()),
        "rpm" => ("rpm", os.to_owned(), name.to_owned()),
        "apk" => ("apk", os.to_owned(), name.to_owned()),
        "pacman" => ("alpm", os.to_owned(), name.to_owned()),
        "PyPI" => ("pypi", String::new(), name.to_lowercase().replace('_', "-")),
        "crates.io" => ("cargo", String::new(), name.to_owned()),
        "RubyGems" => ("gem", String::new(), name.to_owned()),
        "NuGet" => ("nuget", String::new(), name.to_owned()),
        "npm" | "Packagist" | "Go" => {
            let (space, last) = name.rsplit_once('/').unwrap_or(("", name));
            let kind = match from {
                "npm" => "npm",
                "Go" => "golang",
                _ => "composer",
            };
            (kind, space.to_owned(), last.to_owned())
        }
        "Maven" => {
            let (group, artifact) = name.split_once(':')?;
            ("maven", group.to_owned(), artifact.to_owned())
        }
        _ => return None,
    };
    let space: Vec<String> = space.split('/').filter(|s| !s.is_empty()).map(encoded).collect();
    let mut out = format!("pkg:{kind}/");
    for part in space {
        out.push_str(&part);
        out.push('/');
    }
    out.push_str(&encoded(&name));
    if !version.is_empty() {
        out.push('@');
        out.push_str(&encoded(version));
    }
    let mut qualifiers = Vec::new();
    if !arch.is_empty() {
        qualifiers.push(format!("arch={}", encoded(arch)));
    }
    if matches!(kind, "deb" | "rpm" | "apk") && !release.is_empty() {
        qualifiers.push(format!("distro={}-{}", encoded(os), encoded(release)));
    }
    if !qualifiers.is_empty() {
        out.push('?');
        out.push_str(&qualifiers.join("&"));
    }
    Some(out)
}

/// Percent-encoding of one part of a package URL: letters, digits and `.-_~:` stand as they are.
fn encoded(part: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for b in part.bytes() {
        if b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'~' | b':') {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
    }
    out
}

/// One entry an advisory; `affects` names every package that it was found in.
fn vulnerabilities(run: &Ran<'_>) -> Vec<Value> {
    let host = &run.examination.subject.host;
    let mut affected: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (fact, table, from) in
        [("vulnerable.package", "package", "manager"), ("vulnerable.library", "library", "ecosystem")]
    {
        let key = |row: &Fact, name: &str| (text(&row.value, name).to_owned(), text(&row.value, "version").to_owned());
        let seen: BTreeMap<_, _> = facts(run, table).map(|p| (key(p, "name"), text(&p.value, from))).collect();
        for f in facts(run, fact) {
            let of = key(f, "package");
            let from = seen.get(&of).copied().unwrap_or_default();
            let (name, version) = of;
            if let Some(FactValue::Texts(ids)) = f.value.field("advisories") {
                for id in ids {
                    affected.entry(id.clone()).or_default().insert(format!("{host}/{from}/{name}@{version}"));
                }
            }
        }
    }
    let entry = |(id, refs): (String, BTreeSet<String>)| {
        let affects: Vec<Value> = refs.iter().map(|r| json!({"ref": r})).collect();
        json!({"id": id, "affects": affects})
    };
    affected.into_iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Examples of the package URL specification, by type.
    #[test]
    fn package_urls_are_those_of_the_specification() {
        let debian = ("debian", "12");
        let of = |from: &str, name: &str, version: &str, arch: &str| purl(from, name, version, arch, debian).unwrap();
        assert_eq!(of("dpkg", "curl", "7.50.3-1", "i386"), "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=debian-12");
        assert_eq!(of("dpkg", "g++", "4:12.2.0-3", ""), "pkg:deb/debian/g%2B%2B@4:12.2.0-3?distro=debian-12");
        assert_eq!(of("npm", "@angular/animation", "12.3.1", ""), "pkg:npm/%40angular/animation@12.3.1");
        assert_eq!(
            of("Maven", "org.apache.xmlgraphics:batik-anim", "1.9.1", ""),
            "pkg:maven/org.apache.xmlgraphics/batik-anim@1.9.1"
        );
        assert_eq!(of("PyPI", "Django_Rest", "1.11", ""), "pkg:pypi/django-rest@1.11");
        assert_eq!(of("Go", "google.golang.org/genproto", "0.1.0", ""), "pkg:golang/google.golang.org/genproto@0.1.0");
        assert_eq!(of("crates.io", "rand", "0.7.2", ""), "pkg:cargo/rand@0.7.2");
        assert_eq!(purl("windows", "AnyDesk", "7", "", ("windows", "10")), None);
    }
}
