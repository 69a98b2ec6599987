//! `watchfire verify`: evidence checked offline, and what that does and does not prove.

use crate::args::{Format, Verify};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json};
use evidence::Say;
use node::NodeError;
use proof::{LogKey, PublicKey};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

/// The largest key file that is read, in bytes.
const KEY_FILE_BYTES_MAX: u64 = 1 << 20;

pub(crate) fn run(face: &Face, a: &Verify) -> Result<u8, CliError> {
    let bytes = node::read(&a.evidence, node::EVIDENCE_BYTES_MAX)?;
    let trusted = a.key.as_deref().map(keys).transpose()?;
    let (evidence, logs) = trusted.as_ref().map_or((None, &[][..]), |t| (Some(&t.evidence[..]), &t.logs[..]));
    let verdict = match node::verify(&a.evidence, &bytes, evidence, logs) {
        Err(refused @ NodeError::Refused(_)) if a.format == Format::Json => {
            let error = CliError::from(refused);
            print_json(&json!({"holds": false, "why": error.say()}));
            return Ok(error.code());
        }
        other => other?,
    };
    let verdict = match &a.receipt {
        Some(file) => bounded(verdict, file)?,
        None => verdict,
    };
    if a.format == Format::Json {
        print_json(&json!({
            "holds": true,
            "records": verdict.leaves,
            "proven": verdict.proven,
            "not_proven": verdict.not_proven,
        }));
        return Ok(exit::DONE);
    }
    let mut out = String::new();
    for (heading, lines) in [("proven", &verdict.proven), ("not_proven", &verdict.not_proven)] {
        let _ = writeln!(out, "{}", face.say(&Say::new(format!("cli.say.{heading}"))));
        for line in lines {
            let _ = writeln!(out, "  - {}", face.say(line));
        }
    }
    print(&out);
    Ok(exit::DONE)
}

/// Receipts beside the evidence: what a parent held by an instant was signed before it.
fn bounded(mut verdict: node::Verdict, file: &Path) -> Result<node::Verdict, CliError> {
    let bytes = node::read(file, node::EVIDENCE_BYTES_MAX)?;
    let covered = node::covered(file, &bytes, &verdict.leaves)?;
    if covered.is_empty() {
        verdict.not_proven.push(Say::new("verify.no_receipt_covers"));
        return Ok(verdict);
    }
    verdict.not_proven.retain(|say| say.key != "verify.time_self");
    for c in covered {
        let say = Say::new("verify.received").with("name", &c.name).with("at", c.at).with("size", c.size);
        verdict.proven.push(say);
        let say = Say::new("verify.parent_key_self").with("name", &c.name);
        verdict.not_proven.push(say.with("node", c.parent.as_str().chars().take(16).collect::<String>()));
    }
    Ok(verdict)
}

/// Keys that the reader has from elsewhere.
pub(crate) struct Keys {
    pub(crate) evidence: Vec<PublicKey>,
    /// Empty where the file names none.
    logs: Vec<LogKey>,
}

/// Keys from the output of `watchfire key show --format json`, or the evidence key of a PEM file.
pub(crate) fn keys(path: &Path) -> Result<Keys, CliError> {
    let bytes = node::read(path, KEY_FILE_BYTES_MAX)?;
    let wrong = |key: &str| {
        let shown = evidence::PathText::from_bytes(path.as_os_str().as_encoded_bytes());
        CliError::new(Say::new(key).with("path", shown))
    };
    let text = String::from_utf8_lossy(&bytes);
    let (pems, vkeys) = match serde_json::from_str::<Value>(&text) {
        Ok(value) => {
            let texts = |of: &Value, text: fn(&Value) -> Option<&str>| -> Vec<String> {
                of.as_array().into_iter().flatten().filter_map(text).map(str::to_owned).collect()
            };
            (texts(&value["evidence"], |k| k["pem"].as_str()), texts(&value["vkeys"], Value::as_str))
        }
        Err(_) => (vec![text.into_owned()], Vec::new()),
    };
    if pems.is_empty() {
        return Err(wrong("error.no-public-keys"));
    }
    let evidence = pems.iter().map(|p| PublicKey::from_pem(p)).collect::<Result<_, _>>();
    let logs = vkeys.iter().map(|v| LogKey::from_vkey(v)).collect::<Result<_, _>>();
    let bad = |_: proof::ProofError| wrong("error.bad-public-key");
    Ok(Keys { evidence: evidence.map_err(bad)?, logs: logs.map_err(bad)? })
}
