//! The site's own files: style, script, icon. They are built in, and their addresses hold their digests.

use super::answer;
use axum::response::Response;
use evidence::Digest;
use std::sync::LazyLock;

/// One file.
pub(crate) struct Asset {
    name: &'static str,
    ending: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
    digest: LazyLock<String>,
}

macro_rules! asset {
    ($name:literal, $ending:literal, $kind:literal, $file:literal) => {
        Asset {
            name: $name,
            ending: $ending,
            kind: $kind,
            bytes: include_bytes!($file),
            digest: LazyLock::new(|| Digest::of(include_bytes!($file)).hex()[..16].to_owned()),
        }
    };
}

pub(crate) static STYLE: Asset = asset!("watchfire", "css", "text/css; charset=utf-8", "style.css");
pub(crate) static SCRIPT: Asset = asset!("watchfire", "js", "text/javascript; charset=utf-8", "script.js");
/// Checks a bundle in the browser: on pages of records alone.
pub(crate) static VERIFY: Asset = asset!("verify", "js", "text/javascript; charset=utf-8", "verify.js");
pub(crate) static ICON: Asset = asset!("flame", "svg", "image/svg+xml", "flame.svg");

impl Asset {
    /// Where it is.
    pub(crate) fn address(&self) -> String {
        format!("/asset/{}-{}.{}", self.name, *self.digest, self.ending)
    }
}

/// The file at an address.
pub(crate) fn at(path: &str) -> Option<Response> {
    let all = [&STYLE, &SCRIPT, &VERIFY, &ICON];
    all.into_iter().find(|a| a.address() == path).map(|a| answer::asset(a.kind, a.bytes))
}
