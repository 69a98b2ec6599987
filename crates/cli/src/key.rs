//! `watchfire key`: the node's keys.

use crate::args::{Format, Key, KeyVerb, RoleArg};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json, secret};
use evidence::{PathText, Say};
use node::Node;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;
use store::{Role, StoreError};

pub(crate) fn run(face: &Face, a: &Key) -> Result<u8, CliError> {
    match &a.what {
        KeyVerb::Show { format } => show(&face.node_read_only()?, *format),
        KeyVerb::Rotate { role, author, format } => {
            let (role, name) = match role {
                RoleArg::Evidence => (Role::Evidence, "evidence"),
                RoleArg::Log => (Role::Log, "log"),
            };
            let change = face.node()?.rotate(role, author.as_deref())?;
            let say = Say::new("cli.say.key_rotated").with("role", name);
            face.tell(&say.with("new", &change.to).with("old", &change.from), *format);
        }
        KeyVerb::Backup { file, format } => {
            let node = face.node()?;
            let passphrase = new_passphrase(face)?;
            node.store().keys().backup(file, &passphrase).map_err(store_error)?;
            face.tell(&Say::new("cli.say.key_backed_up").with("path", path(file)), *format);
        }
        KeyVerb::Restore { file, format } => {
            let home = node::home(face.common.home.as_deref())?;
            let passphrase = secret::ask(face.lang).ok_or_else(|| CliError::new(Say::new("error.no-terminal")))?;
            store::restore(&home, file, &passphrase).map_err(store_error)?;
            // Keys without a log are no node: the log is made now, so that every verb works from here on.
            let given = secret::given();
            Node::open(&home, given, &|| secret::ask(face.lang))?;
            face.tell(&Say::new("cli.say.key_restored"), *format);
        }
    }
    Ok(exit::DONE)
}

fn new_passphrase(face: &Face) -> Result<String, CliError> {
    secret::ask_new(face.lang).map_err(|key| CliError::new(Say::new(key)))
}

fn store_error(e: StoreError) -> CliError {
    node::NodeError::from(e).into()
}

fn path(p: &Path) -> PathText {
    PathText::from_bytes(p.as_os_str().as_encoded_bytes())
}

fn show(node: &Node, format: Format) {
    let keys = node.store().keys();
    let of = |role: Role| keys.known().iter().filter(move |k| k.role == role);
    if format == Format::Json {
        let rows = |role| {
            let row = |k: &store::KnownKey| json!({"id": k.public.id(), "signs": k.current, "pem": k.public.to_pem()});
            of(role).map(row).collect::<Vec<_>>()
        };
        let vkeys: Vec<String> = keys.log_keys().iter().map(proof::LogKey::vkey).collect();
        print_json(&json!({"node": keys.node(), "origin": keys.origin(), "evidence": rows(Role::Evidence),
                           "log": rows(Role::Log), "vkeys": vkeys}));
        return;
    }
    let mut out = format!("{}\n{}\n", keys.node(), keys.origin());
    for role in [Role::Evidence, Role::Log] {
        for k in of(role) {
            let mark = if k.current { '*' } else { ' ' };
            let _ = writeln!(out, "{mark} {:<9} {}", role.name(), k.public.id());
        }
    }
    print(&out);
}
