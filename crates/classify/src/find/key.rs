//! Private keys in PEM or ASCII armour (RFC 7468, RFC 9580).

use super::{Finder, Structured};
use crate::detectors::Native;
use crate::scan::Note;
use crate::view::View;
use std::ops::Range;

/// The first word of every PEM block, and what stands before it.
pub(crate) const ARMOUR: &[u8] = b"BEGIN ";
const DASHES: &[u8] = b"-----";

impl Finder<'_, '_> {
    /// Looks at a word that begins like `BEGIN `.
    pub(super) fn armour(&mut self, at: usize) {
        let (view, Some(class)) = (self.view, self.class(Native::PrivateKey)) else { return };
        if !view.units[at..].starts_with(ARMOUR) || !view.units[..at].ends_with(DASHES) {
            return;
        }
        let Some((range, encrypted)) = private_key(view, at - DASHES.len(), self.body) else { return };
        let value = self.body.iter().map(|b| char::from(*b)).collect();
        let (offset, note) = if encrypted { (-32, Some(Note::Encrypted)) } else { (0, None) };
        self.push(Structured { class, offset, need: None }, range, value, note);
    }
}

/// The private key whose `-----BEGIN` stands at `at`: its range, and whether it is encrypted. The body's base64
/// characters are appended to `body`.
fn private_key(view: &View<'_>, at: usize, body: &mut Vec<u8>) -> Option<(Range<usize>, bool)> {
    const LABEL_BYTES_MAX: usize = 64;
    const BODY_BYTES_MIN: usize = 40;
    const KEY_BYTES_MAX: usize = 16 * 1024;
    let rest = &view.units[at..view.units.len().min(at + KEY_BYTES_MAX)];
    let label_end = 11 + memchr::memmem::find(rest.get(11..rest.len().min(11 + LABEL_BYTES_MAX))?, b"-----")?;
    let label = rest.get(11..label_end)?;
    let known: [&[u8]; 7] = [
        b"PRIVATE KEY",
        b"RSA PRIVATE KEY",
        b"EC PRIVATE KEY",
        b"DSA PRIVATE KEY",
        b"OPENSSH PRIVATE KEY",
        b"ENCRYPTED PRIVATE KEY",
        b"PGP PRIVATE KEY BLOCK",
    ];
    if !known.contains(&label) {
        return None;
    }
    let inner = rest.get(label_end + 5..)?;
    let stop = memchr::memmem::find(inner, b"-----");
    let text = &inner[..stop.unwrap_or(inner.len())];
    let mut encrypted = label.starts_with(b"ENCRYPTED") || memchr::memmem::find(text, b"4,ENCRYPTED").is_some();
    body.clear();
    let lines = text.split(|b| matches!(b, b'\n' | b'\r'));
    for line in lines.filter(|l| !l.contains(&b':')) {
        let mut escaped = false;
        for b in line {
            match b {
                b'\\' => escaped = true,
                _ if escaped => escaped = false,
                b'+' | b'/' | b'=' => body.push(*b),
                _ if b.is_ascii_alphanumeric() => body.push(*b),
                b' ' | b'\t' | b'"' | b'\'' | b',' | b'-' | b'>' | b'|' => {}
                _ => return None,
            }
        }
    }
    body.truncate(1024);
    // `openssh-key-v1`, then the cipher's name: anything but `none` is encrypted.
    if label.starts_with(b"OPENSSH") && !body.starts_with(b"b3BlbnNzaC1rZXktdjEAAAAABG5vbmU") {
        encrypted = true;
    }
    let end = stop.map_or(rest.len(), |s| label_end + 5 + s);
    (body.len() >= BODY_BYTES_MIN).then_some((at..at + end, encrypted))
}
