//! A node in a folder of its own with a configuration.

use evidence::{Notice, Origin, Time};
use node::Node;
use node::notify::{About, Colour, Notifier, Numeral, Obligation};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

pub(crate) struct Bed {
    pub(crate) home: PathBuf,
    pub(crate) node: Node,
}
impl Drop for Bed {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

/// People and rules around one channel `way`: li is on duty always and reached there under `address`.
pub(crate) fn around(channel: &str, address: &str) -> String {
    format!(
        r#"lang = "en"
zone = "CST-8"
[[channel]]
id = "way"
{channel}
[[person]]
id = "li"
name = "CANARY-NAME"
ways = [{{ channel = "way", address = "{address}" }}]
[[rota]]
role = "duty"
[[rota.shift]]
person = "li"
[[escalation]]
for = "any"
[[escalation.step]]
role = "duty"
"#
    )
}

impl Bed {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("watchfire-notify-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let home = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&home).unwrap();
        let node = Node::open(&home, None, &|| None).unwrap();
        Self { home, node }
    }
    pub(crate) fn with(config: &str) -> Self {
        let bed = Self::new();
        bed.file("notify.toml", config, 0o600);
        bed
    }
    pub(crate) fn file(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.home.join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    }
    pub(crate) fn notifier(&self) -> Notifier {
        Notifier::open(&self.node, &node::load_plan(None).unwrap()).unwrap()
    }
    /// Runs once with one obligation; there must be exactly one record.
    #[track_caller]
    pub(crate) fn one(&self) -> Notice {
        let ran = self.notifier().run_due(&self.node, now(), &[obligation()]).unwrap();
        assert_eq!(ran.notices.len(), 1, "{ran:?}");
        let notice = ran.notices.into_iter().next().unwrap();
        let kept = self.node.notices().unwrap();
        assert_eq!(kept.iter().map(|k| &k.0).collect::<Vec<_>>(), [&notice], "what is reported is in the log");
        notice
    }
}

pub(crate) fn at(text: &str) -> Time {
    text.parse().unwrap()
}
pub(crate) fn now() -> Time {
    at("2026-11-29T12:50:00.000Z")
}

pub(crate) fn obligation() -> Obligation {
    Obligation {
        about: "i-3f2a91c0".into(),
        clock: "miit-phone".into(),
        kind: About::Clock,
        colour: Some(Colour::Red),
        numeral: Numeral::of("Ⅰ"),
        deadline: now().plus_minutes(10),
        since: now(),
        origin: Origin::Live,
        area: "3202".into(),
    }
}

/// What the message of [`obligation`] says.
pub(crate) const TEXT: &str = "i-3f2a91c0 · RED I · due 2026-11-29 21:00 +08:00 · n-d5d30e87";
