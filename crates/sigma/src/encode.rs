//! Values as they look after encoding: UTF-16, Base64, and Base64 at any of three offsets.

use data_encoding::BASE64;

/// Which UTF-16.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wide {
    Little,
    Big,
    /// Little-endian after a byte order mark.
    Marked,
}

pub(crate) fn utf16(text: &str, wide: Wide) -> Vec<u8> {
    let mut out = if wide == Wide::Marked { vec![0xff, 0xfe] } else { Vec::new() };
    for unit in text.encode_utf16() {
        out.extend(if wide == Wide::Big { unit.to_be_bytes() } else { unit.to_le_bytes() });
    }
    out
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// The part of the encoding that does not depend on what stands before and after, for shifts by 0, 1 and 2 bytes.
pub(crate) fn base64_offsets(bytes: &[u8]) -> [String; 3] {
    std::array::from_fn(|shift| {
        let mut shifted = vec![b' '; shift];
        shifted.extend_from_slice(bytes);
        let encoded = BASE64.encode(&shifted);
        let from = [0, 2, 3][shift];
        let cut = [0, 3, 2][shifted.len() % 3];
        encoded.get(from..encoded.len() - cut).unwrap_or_default().to_owned()
    })
}
