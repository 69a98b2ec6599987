//! `watchfire backup` and `watchfire restore`: a home as one file, and back.

use crate::args::{Backup, Format, Restore};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json, progress, secret};
use evidence::{PathText, Say};
use node::{Node, NodeError};
use serde_json::json;
use std::path::Path;

fn path(p: &Path) -> PathText {
    PathText::from_bytes(p.as_os_str().as_encoded_bytes())
}

fn store_error(e: store::StoreError) -> CliError {
    NodeError::from(e).into()
}

pub(crate) fn backup(face: &Face, a: &Backup) -> Result<u8, CliError> {
    let node = face.node_read_only()?;
    let passphrase = match a.with_keys {
        true => Some(secret::ask_new(face.lang).map_err(|key| CliError::new(Say::new(key)))?),
        false => None,
    };
    let made = node.store().backup(&a.file, passphrase.as_deref(), node::now()).map_err(store_error)?;
    if a.format == Format::Json {
        print_json(&json!(made));
        return Ok(exit::DONE);
    }
    let say = Say::new("cli.say.backup_made").with("path", path(&a.file)).with("files", made.files.len());
    print(&face.say(&say.with("records", made.size).with("root", made.root.short())));
    if !made.has_keys() {
        print(&face.say(&Say::new("cli.say.backup_keyless")));
    }
    Ok(exit::DONE)
}

/// Restores, and looks at all of it: a restored home is told as one only if its audit holds.
pub(crate) fn restore(face: &Face, a: &Restore) -> Result<u8, CliError> {
    let home = node::home(face.common.home.as_deref())?;
    let told = store::restore_home(&home, &a.file, &|| secret::ask(face.lang)).map_err(store_error)?;
    // Without keys nothing can be verified yet.
    let audit = match told.has_keys() {
        true => {
            let bar = progress::bar(face.common.quiet, face.lang);
            Some(Node::open_read_only(&home)?.audit(&*bar, &face.stop)?)
        }
        false => None,
    };
    let holds = audit.as_ref().map(|r| r.problems.is_empty());
    if a.format == Format::Json {
        let problems = audit.as_ref().map(|r| &r.problems);
        print_json(&json!({"home": path(&home), "manifest": told, "holds": holds, "problems": problems}));
    } else {
        let say = Say::new("cli.say.restored").with("path", path(&home)).with("records", told.size);
        print(&face.say(&say.with("node", &told.node).with("time", told.made).with("root", told.root.short())));
        match holds {
            Some(true) => print(&face.say(&Say::new("cli.say.restored_holds"))),
            Some(false) => print(&face.say(&Say::new("cli.say.restored_bad"))),
            None => print(&face.say(&Say::new("cli.say.restored_keyless"))),
        }
        for problem in audit.iter().flat_map(|r| &r.problems) {
            print(&face.say(problem));
        }
        print(&face.say(&Say::new("cli.say.restored_parent").with("records", told.size)));
    }
    Ok(if holds == Some(false) { exit::FINDINGS } else { exit::DONE })
}
