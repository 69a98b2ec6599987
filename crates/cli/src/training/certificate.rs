//! `watchfire training certificate`: handed out, taken back, published.

use super::{make_folder, reason, table, word};
use crate::args::{CertificateVerb, Format};
use crate::error::CliError;
use crate::{Face, print, print_json, written};
use console::said::{Certificate, certificate_json, certificate_state};
use evidence::{PathText, Say};
use node::IssuedBadge;
use report::training::{CertificatePaper, PagePart};
use serde_json::{Value, json};
use std::path::Path;

pub(crate) fn run(face: &Face, verb: &CertificateVerb) -> Result<(), CliError> {
    match verb {
        CertificateVerb::Issue { session, person, out, with_name, author, format } => {
            let node = face.node()?;
            make_folder(out)?;
            let issued = node.certify(session, person, *with_name, face.lang, author.as_deref())?;
            let files = hand_out(face, &issued, out)?;
            if *format == Format::Json {
                print_json(
                    &json!({"certificate": issued.issued, "person": issued.person, "record": issued.leaf, "files": files}),
                );
            } else {
                let say = Say::new("cli.say.training_certified").with("id", &issued.issued.id);
                print(&face.say(&say.with("files", files.join(", ")).with("leaf", issued.leaf.short())));
            }
        }
        CertificateVerb::List { format } => {
            let all = match super::look(face)? {
                Some(node) => node.certificates()?,
                None => Vec::new(),
            };
            let now = node::now();
            let state = |c: &Certificate| certificate_state(c, now);
            let rows: Vec<Value> = all.iter().map(|c| certificate_json(c, now)).collect();
            let until = |c: &evidence::CertificateIssued| c.expires.map(evidence::Time::date).unwrap_or_default();
            let csv = || {
                let head = vec!["id", "person", "issued", "expires", "state", "year", "index"];
                let row = |c: &Certificate| {
                    let (i, p) = (&c.0, c.1.to_string());
                    let (id, at) = (i.id.clone(), i.issued.date());
                    vec![id, p, at, until(i), state(c).to_owned(), i.year.to_string(), i.index.to_string()]
                };
                (head, all.iter().map(row).collect())
            };
            let text = || {
                for c in &all {
                    let say =
                        Say::new("cli.say.training_certificate").with("id", &c.0.id).with("from", c.0.issued.date());
                    let say = say.with("until", until(&c.0)).with("state", word(face, "expert-state", state(c)));
                    print(&face.say(&say));
                }
            };
            table(*format, ("certificates", rows), csv, text);
        }
        CertificateVerb::Revoke { id, reason: why, author, format } => {
            let (c, leaf) = face.node()?.certificate_revoke(id, reason(*why), author.as_deref())?;
            match format {
                Format::Json => print_json(&json!({"certificate": c, "record": leaf})),
                Format::Text => {
                    let say = Say::new("cli.say.training_revoked").with("id", &c.id).with("year", c.year);
                    print(&face.say(&say.with("leaf", leaf.short())));
                }
            }
        }
        CertificateVerb::Status { out, year, format } => {
            let (year, text, revoked) = face.node()?.status_list(*year)?;
            node::write(out, text.as_bytes())?;
            let shown = PathText::from_bytes(out.as_os_str().as_encoded_bytes());
            let say = Say::new("cli.say.training_list").with("year", year).with("count", revoked);
            face.tell(&say.with("path", shown), *format);
        }
        CertificateVerb::Key { out, format } => {
            let key = face.node()?.certificate_key()?;
            make_folder(out)?;
            let jwk = format!("{:#}\n", key.to_jwk());
            written(out, "issuer.jwk.json", jwk.as_bytes(), "training_written")?;
            written(out, "issuer.pem", key.to_pem().as_bytes(), "training_written")?;
            let shown = PathText::from_bytes(out.as_os_str().as_encoded_bytes());
            face.tell(&Say::new("cli.say.training_key").with("did", key.did()).with("path", shown), *format);
        }
        CertificateVerb::Page { out, format } => {
            let node = face.node()?;
            let key = node.certificate_key()?;
            make_folder(out)?;
            let mut years: Vec<i64> = node.certificates()?.iter().map(|c| c.0.year).collect();
            years.sort_unstable();
            years.dedup();
            let lists =
                years.iter().map(|y| Ok(node.status_list(Some(*y))?.1)).collect::<Result<Vec<_>, CliError>>()?;
            let (did, jwk, issuer) = (key.did(), key.to_jwk(), node.issuer_name()?);
            let part = PagePart { issuer: &issuer, did: &did, jwk: &jwk, lists: &lists };
            let page = report::training::verify_page(&part, face.lang);
            let name = format!("verify.{}.html", face.lang.tag());
            face.tell(&written(out, &name, page.as_bytes(), "training_written")?, *format);
        }
    }
    Ok(())
}

/// Writes a certificate as its two files, the signed one and the sheet of paper; answers their names.
pub(crate) fn hand_out(face: &Face, issued: &IssuedBadge, out: &Path) -> Result<Vec<String>, CliError> {
    let short = issued.issued.id.strip_prefix("urn:uuid:").and_then(|i| i.get(..8)).unwrap_or("certificate");
    let signed = format!("certificate-{short}.jwt");
    let sheet = format!("certificate-{short}.{}.html", face.lang.tag());
    let paper = CertificatePaper {
        payload: &issued.badge.payload,
        digest: issued.issued.digest,
        file: &signed,
        name: issued.name.as_deref(),
    };
    written(out, &signed, issued.text.as_bytes(), "training_written")?;
    let page = report::training::certificate_html(&paper, face.lang);
    written(out, &sheet, page.as_bytes(), "training_written")?;
    Ok(vec![signed, sheet])
}
