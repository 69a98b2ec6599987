//! `watchfire log`: the log itself, for who wants to look.

use crate::args::{Format, Log, LogVerb};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json};
use evidence::{Digest, PathText, Say};
use node::{Node, NodeError};
use serde_json::json;
use std::fmt::Write as _;
use store::StoreError;

/// Fewest digits by which a record may be named.
const PREFIX_MIN: usize = 6;

pub(crate) fn run(face: &Face, a: &Log) -> Result<u8, CliError> {
    let node = face.node_read_only()?;
    match &a.what {
        LogVerb::Show { format } => show(face, &node, *format)?,
        LogVerb::Bundle { leaf, proof } => {
            let leaf = find(&node, leaf)?;
            if *proof {
                print(&node.store().tlog_proof(leaf).map_err(wrong)?);
            } else {
                print_json(&node.store().bundle(leaf).map_err(wrong)?);
            }
        }
        LogVerb::Export { folder, format } => {
            if folder.exists() {
                return Err(NodeError::Exists(folder.clone()).into());
            }
            let size = node.store().export_tiles(folder).map_err(wrong)?;
            let path = PathText::from_bytes(folder.as_os_str().as_encoded_bytes());
            face.tell(&Say::new("cli.say.log_exported").with("size", size).with("path", path), *format);
        }
    }
    Ok(exit::DONE)
}

fn wrong(e: StoreError) -> CliError {
    NodeError::from(e).into()
}

fn show(face: &Face, node: &Node, format: Format) -> Result<(), CliError> {
    let records = node.store().records(&[]).map_err(wrong)?;
    let checkpoint = node.store().checkpoint().map_err(wrong)?;
    let (size, root) = checkpoint.as_ref().map_or((0, Digest::of(b"")), |c| (c.size(), c.root()));
    let rows = records.iter().enumerate().map(|(n, w)| (n, w.record.leaf(), w.record.value().kind()));
    if format == Format::Json {
        let rows: Vec<_> = rows.map(|(n, leaf, kind)| json!({"index": n, "leaf": leaf, "kind": kind})).collect();
        let note = checkpoint.as_ref().map(|c| c.note().to_owned());
        print_json(&json!({"size": size, "root": root, "checkpoint": note, "records": rows}));
        return Ok(());
    }
    let mut out = String::new();
    for (n, leaf, kind) in rows {
        let kind = serde_json::to_value(kind).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        let _ = writeln!(out, "{n:>6}  {}  {kind}", leaf.short());
    }
    let _ = writeln!(out, "{}", face.say(&Say::new("cli.say.log_size").with("size", size).with("root", root)));
    print(&out);
    Ok(())
}

/// The record whose leaf hash begins with these digits.
fn find(node: &Node, digits: &str) -> Result<Digest, CliError> {
    let digits = digits.strip_prefix("sha256:").unwrap_or(digits);
    if let Ok(leaf) = Digest::from_hex(digits) {
        return Ok(leaf);
    }
    let unknown = || CliError::from(NodeError::UnknownLeaf(attest::clean(digits)));
    if digits.len() < PREFIX_MIN {
        return Err(unknown());
    }
    let records = node.store().records(&[]).map_err(wrong)?;
    let mut fits = records.iter().map(|w| w.record.leaf()).filter(|l| l.hex().starts_with(digits));
    match (fits.next(), fits.next()) {
        (Some(leaf), None) => Ok(leaf),
        (Some(_), Some(_)) => Err(NodeError::AmbiguousLeaf(attest::clean(digits)).into()),
        _ => Err(unknown()),
    }
}
