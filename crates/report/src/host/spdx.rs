//! SPDX 2.3 (<https://spdx.github.io/spdx-spec/v2.3/>) as JSON: the software of the hosts.
//!
//! A host is a package of purpose `DEVICE` that the document describes and that contains its software. Nothing was looked at for
//! licences and no file list is given, which the format has words for. It has none for what could not be seen: that stands in
//! the comment of the host.

use super::cyclonedx::{facts, incomplete, named, one, text};
use crate::{Input, Ran};
use evidence::{Fact, FactValue, Time};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The whole text.
pub(crate) fn render(input: &Input<'_>) -> String {
    let tool = format!("Tool: {}", input.program.replacen(' ', "-", 1));
    let made = seconds(input.judgement.as_of);
    let mut out = Parts { packages: Vec::new(), relationships: Vec::new(), tool: &tool, made: &made };
    let runs: Vec<Ran<'_>> = input.runs().collect();
    for (n, run) in runs.iter().enumerate() {
        out.host(n + 1, run);
    }
    let hosts: Vec<&str> = runs.iter().map(|r| r.examination.subject.host.as_str()).collect();
    let document = json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": DOCUMENT,
        "name": hosts.join(", "),
        "documentNamespace": format!("urn:watchfire:spdx:{}", input.judgement_leaf.hex()),
        "creationInfo": {"created": made, "creators": [tool]},
        "packages": out.packages,
        "relationships": out.relationships,
    });
    crate::json::escape(&serde_json::to_string_pretty(&document).expect("a JSON value has a text"))
}

const DOCUMENT: &str = "SPDXRef-DOCUMENT";

/// An instant as SPDX writes it: without parts of a second.
fn seconds(time: Time) -> String {
    let text = time.to_string();
    text.split_once('.').map_or_else(|| text.clone(), |(whole, _)| format!("{whole}Z"))
}

struct Parts<'a> {
    packages: Vec<Value>,
    relationships: Vec<Value>,
    tool: &'a str,
    made: &'a str,
}

impl Parts<'_> {
    fn relate(&mut self, from: &str, kind: &str, to: &str) {
        self.relationships.push(json!({"spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to}));
    }

    fn host(&mut self, number: usize, run: &Ran<'_>) {
        let host = format!("SPDXRef-host-{number}");
        let mut package = bare(&host, &run.examination.subject.host, "", "DEVICE");
        if incomplete(run) {
            package["comment"] = json!("Incomplete: not all software of this host could be seen.");
        }
        self.packages.push(package);
        self.relate(DOCUMENT, "DESCRIBES", &host);
        let (os, release) = (one(run, "os.id"), one(run, "os.version"));
        if !os.is_empty() {
            let id = format!("SPDXRef-host-{number}-system");
            self.packages.push(bare(&id, &os, &release, "OPERATING_SYSTEM"));
            self.relate(&host, "CONTAINS", &id);
        }
        // The same package in several places is one package here.
        let mut seen: BTreeMap<(String, String, String, String), usize> = BTreeMap::new();
        for (fact, purpose) in [("package", "APPLICATION"), ("library", "LIBRARY")] {
            for f in facts(run, fact) {
                let of = |field: &str| text(&f.value, field).to_owned();
                let key = (of("name"), of("version"), of("ecosystem") + &of("manager"), of("arch"));
                let next = seen.len() + 1;
                if *seen.entry(key).or_insert(next) == next {
                    let id = format!("SPDXRef-host-{number}-{next}");
                    let package = self.software(&id, f, purpose, (&os, &release));
                    self.packages.push(package);
                    self.relate(&host, "CONTAINS", &id);
                }
            }
        }
    }

    fn software(&self, id: &str, f: &Fact, purpose: &str, os: (&str, &str)) -> Value {
        let mut out = bare(id, text(&f.value, "name"), text(&f.value, "version"), purpose);
        out["sourceInfo"] = json!(format!("seen at {}", f.at));
        if let Some(purl) = named(&f.value, os).purl() {
            out["externalRefs"] = json!([{
                "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl,
            }]);
        }
        if f.value.field("packaged") == Some(&FactValue::Bool(true)) {
            out["annotations"] = json!([{
                "annotationDate": self.made, "annotationType": "OTHER", "annotator": self.tool,
                "comment": "watchfire:packaged=true",
            }]);
        }
        out
    }
}

fn bare(id: &str, name: &str, version: &str, purpose: &str) -> Value {
    let mut out = json!({
        "SPDXID": id,
        "name": name,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": false,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "primaryPackagePurpose": purpose,
    });
    if !version.is_empty() {
        out["versionInfo"] = json!(version);
    }
    out
}
