//! The name, asked last of all. An extension is a hint: half of them are shared, and anyone can give any.

use super::table::{FORMATS, Format};
use super::{How, Verdict};
use std::sync::LazyLock;

/// Longer extensions are none. Bytes.
const EXTENSION_BYTES_MAX: usize = 24;

/// Every extension with its row, sorted.
static BY_EXTENSION: LazyLock<Vec<(&'static str, u16)>> = LazyLock::new(|| {
    let rows = FORMATS.iter().zip(0u16..);
    let mut all: Vec<_> = rows.flat_map(|(format, row)| format.extensions.iter().map(move |ext| (*ext, row))).collect();
    all.sort_unstable();
    all
});

/// Every format that files of this name usually have.
pub fn hints(name: &[u8]) -> impl Iterator<Item = &'static Format> {
    let mut lower = [0; EXTENSION_BYTES_MAX];
    let wanted = extension(name, &mut lower);
    let from = BY_EXTENSION.partition_point(|(ext, _)| ext.as_bytes() < wanted);
    let mut same = [0; EXTENSION_BYTES_MAX];
    same[..wanted.len()].copy_from_slice(wanted);
    let len = wanted.len();
    BY_EXTENSION
        .iter()
        .skip(from)
        .take_while(move |(ext, _)| len > 0 && ext.as_bytes() == &same[..len])
        .filter_map(|(_, row)| FORMATS.get(usize::from(*row)))
}

/// The format that a name suggests, if it suggests only one. Marked as a hint: never an answer.
#[must_use]
pub fn hint(name: &[u8]) -> Option<Verdict> {
    let mut all = hints(name);
    let format = all.next()?;
    all.next().is_none().then_some(Verdict { format, how: How::NameHint, detail: None, needs: None })
}

/// The extension in lower case; Creo numbers its versions behind it (`part.prt.12`).
fn extension<'a>(name: &[u8], lower: &'a mut [u8; EXTENSION_BYTES_MAX]) -> &'a [u8] {
    let file = name.rsplit(|b| matches!(b, b'/' | b'\\')).next().unwrap_or_default();
    let mut parts = file.rsplit(|b| *b == b'.');
    let mut last = parts.next().unwrap_or_default();
    if !last.is_empty() && last.len() <= 4 && last.iter().all(u8::is_ascii_digit) {
        last = parts.next().unwrap_or_default();
    }
    if parts.next().is_none() || last.len() > EXTENSION_BYTES_MAX {
        return b"";
    }
    let lower = &mut lower[..last.len()];
    lower.copy_from_slice(last);
    lower.make_ascii_lowercase();
    lower
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_is_marked_and_single() {
        let id = |name: &str| hint(name.as_bytes()).map(|v| (v.format.id, v.how));
        assert_eq!(id("C:\\Projects\\Line 3.AP17"), Some(("siemens-tia-project", How::NameHint)));
        assert_eq!(id("/srv/a.gxw"), Some(("mitsubishi-gxworks2", How::NameHint)));
        assert_eq!(id("mcp"), None, "no dot, no extension");
        assert_eq!(id("a.unknown"), None);
        assert_eq!(id("a."), None);
        assert_eq!(id("plain.ipt.3"), Some(("inventor", How::NameHint)));
        assert_eq!(hint(&[b'.'; 70_000]), None);
        assert!(hints(b"x.mdf").count() >= 1);
    }
}
