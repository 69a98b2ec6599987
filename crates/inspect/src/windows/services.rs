//! Services: what they run, as whom, and how they start.

use super::World;
use super::command::{WindowsCommand, windows_command};
use super::view::Root;
use crate::collect::with;
use crate::out::Out;
use crate::parse::printable;
use evidence::{FactValue, Place};

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["windows.service"];

/// Bits of the type that stand for a service of its own or in a shared process; others are drivers.
const SERVICE_BITS: i64 = 0x30;

/// A service.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    /// Name.
    pub name: String,
    /// Command.
    pub command: WindowsCommand,
    /// Starts by itself.
    pub automatic: bool,
    start: i64,
    account: Option<String>,
    at: Place,
}

impl Service {
    /// Where.
    pub(crate) fn at(&self) -> Place {
        self.at.clone()
    }
}

/// The services; drivers are left out. What could not be told goes to `out` as gaps of `ids`.
pub(crate) fn services(out: &mut Out<'_>, world: &World, ids: &[&'static str]) -> Vec<Service> {
    let mut q = world.ask();
    let mut all = Vec::new();
    for name in q.subkeys(Root::System, "Services").unwrap_or_default() {
        let key = format!("Services\\{name}");
        let Some(kind) = q.value(Root::System, &key, "Type") else { continue };
        if kind.int().unwrap_or(0) & SERVICE_BITS == 0 {
            continue;
        }
        let (Some(path), Some(start)) =
            (q.value(Root::System, &key, "ImagePath"), q.value(Root::System, &key, "Start"))
        else {
            continue;
        };
        let account = q.value(Root::System, &key, "ObjectName").and_then(|s| s.text());
        let Some(text) = path.text() else { continue };
        let start = start.int().unwrap_or(4);
        all.push(Service { name, command: windows_command(&text), automatic: start <= 2, start, account, at: path.at });
    }
    q.settle(out, ids);
    // Every Windows has services.
    if all.is_empty() {
        ids.iter().for_each(|id| out.gap(id, evidence::GapReason::Unsupported, None));
    }
    all
}

/// A path with a blank and without quotes lets a program in front of it start instead.
fn unquoted(command: &WindowsCommand) -> bool {
    let folders = command.program.rsplit_once('\\').map_or("", |(folders, _)| folders);
    !command.quoted && folders.contains(' ')
}

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, world: &World) {
    for s in services(out, world, FACTS) {
        let start = match s.start {
            0 => "boot",
            1 => "system",
            2 => "auto",
            3 => "manual",
            _ => "disabled",
        };
        let mut row = FactValue::row([
            ("name", printable(&s.name).into()),
            ("path", s.command.shown.as_str().into()),
            ("start", start.into()),
            ("unquoted", unquoted(&s.command).into()),
        ]);
        with(&mut row, "account", s.account.as_deref().map(printable));
        out.fact("windows.service", row, s.at);
    }
}
