//! The code on the paper: a QR code that binds it to what was frozen, as modules, as SVG and as PNG.

use evidence::Digest;
use qrcodegen::{QrCode, QrCodeEcc};

/// Modules of white around a code (ISO/IEC 18004 §6.3.8).
const QUIET: i32 = 4;
/// Pixels of a module in the picture.
const PIXELS: usize = 4;

/// What the paper shows of a digest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Code {
    /// `WF1:<serial>:<64 digits>`.
    pub(crate) text: String,
    /// The first twelve digits, in groups of four: what a person types from the paper.
    pub(crate) digits: String,
    /// The whole digest.
    pub(crate) digest: String,
    modules: Vec<Vec<bool>>,
}

/// The modules of a text, the white around them included; none if it is too long for a code.
fn modules(text: &str) -> Vec<Vec<bool>> {
    let Ok(qr) = QrCode::encode_text(text, QrCodeEcc::Medium) else { return Vec::new() };
    let span = -QUIET..qr.size() + QUIET;
    span.clone().map(|y| span.clone().map(|x| qr.get_module(x, y)).collect()).collect()
}

fn path(modules: &[Vec<bool>]) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for (y, row) in modules.iter().enumerate() {
        let mut x = 0;
        while let Some(dark) = row.iter().skip(x).position(|m| *m) {
            let from = x + dark;
            let run = row.iter().skip(from).take_while(|m| **m).count();
            let _ = write!(out, "M{from} {y}h{run}v1h-{run}z");
            x = from + run;
        }
    }
    out
}

/// A text as a QR code: side and path of an SVG, in modules. `None` if it is too long for one.
#[must_use]
pub fn qr(text: &str) -> Option<(usize, String)> {
    let modules = modules(text);
    (!modules.is_empty()).then(|| (modules.len(), path(&modules)))
}

impl Code {
    pub(crate) fn of(serial: &str, digest: &Digest) -> Self {
        let hex = digest.hex();
        let text = format!("WF1:{serial}:{hex}");
        // Too long a serial for a QR code: then the digits alone have to do.
        let modules = modules(&text);
        let digits: Vec<&str> = [0..4, 4..8, 8..12].into_iter().filter_map(|r| hex.get(r)).collect();
        Self { text, digits: digits.join("-"), digest: digest.to_string(), modules }
    }

    /// Modules on a side, the white around it included; 0 if there is no code.
    pub(crate) fn side(&self) -> usize {
        self.modules.len()
    }

    /// The path of an SVG of `side` × `side` units: one stroke of height 1 for each run of dark modules.
    pub(crate) fn path(&self) -> String {
        path(&self.modules)
    }

    /// A PNG of one bit a pixel (ISO/IEC 15948). Its data is stored, not packed: the DOCX around it packs it.
    pub(crate) fn png(&self) -> Vec<u8> {
        let side = self.side() * PIXELS;
        let mut raw = Vec::new();
        for row in &self.modules {
            let mut line = vec![0xff_u8; side.div_ceil(8)];
            for x in (0..side).filter(|x| row.get(x / PIXELS) == Some(&true)) {
                if let Some(byte) = line.get_mut(x / 8) {
                    *byte &= !(0x80 >> (x % 8));
                }
            }
            for _ in 0..PIXELS {
                raw.push(0);
                raw.extend_from_slice(&line);
            }
        }
        let side = u32::try_from(side).unwrap_or(0).to_be_bytes();
        let mut head = [side, side].concat();
        head.extend_from_slice(&[1, 0, 0, 0, 0]);
        let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
        chunk(&mut out, *b"IHDR", &head);
        chunk(&mut out, *b"IDAT", &stored(&raw));
        chunk(&mut out, *b"IEND", &[]);
        out
    }
}

/// A zlib stream (RFC 1950) of stored blocks (RFC 1951 §3.2.4).
fn stored(raw: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let blocks = raw.chunks(0xffff);
    let last = blocks.len().saturating_sub(1);
    for (n, block) in blocks.enumerate() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(u8::from(n == last));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in raw {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    out.extend_from_slice(&(b << 16 | a).to_be_bytes());
    out
}

fn chunk(out: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    out.extend_from_slice(&u32::try_from(data.len()).unwrap_or(0).to_be_bytes());
    let body = [&kind, data].concat();
    let mut crc = u32::MAX;
    for byte in &body {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    out.extend_from_slice(&body);
    out.extend_from_slice(&(!crc).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(width: usize, dark: impl Fn(usize, usize) -> bool) -> String {
        let grey = |x, y| if dark(x, y) { 0_u8 } else { 255 };
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, width, grey);
        let grids = picture.detect_grids();
        assert_eq!(grids.len(), 1, "one code");
        grids[0].decode().unwrap().1
    }

    #[test]
    fn another_program_reads_the_code() {
        let digest = Digest::of(b"what was frozen");
        let code = Code::of("i-3f2a91c0/annex-2/1", &digest);
        let want = format!("WF1:i-3f2a91c0/annex-2/1:{}", digest.hex());
        assert_eq!(code.text, want);
        assert_eq!(code.digits.replace('-', ""), digest.short());
        let side = code.side();
        assert_eq!(read(side * 5, |x, y| code.modules[y / 5][x / 5]), want);
        // The same from the strokes of the SVG.
        let mut drawn = vec![vec![false; side]; side];
        for stroke in code.path().split('M').skip(1) {
            let (from, rest) = stroke.split_once('h').unwrap();
            let (x, y) = from.split_once(' ').unwrap();
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            let run: usize = rest.split_once('v').unwrap().0.parse().unwrap();
            drawn[y][x..x + run].fill(true);
        }
        assert_eq!(drawn, code.modules);
    }

    /// The picture is read back chunk by chunk, and the code in it is decoded.
    #[test]
    fn the_picture_holds_the_code() {
        let digest = Digest::of(b"frozen");
        let code = Code::of("i-00000001/judgement/12", &digest);
        let png = code.png();
        let side = u32::from_be_bytes(png[16..20].try_into().unwrap()) as usize;
        let at = png.windows(4).position(|w| w == b"IDAT").unwrap();
        let length = u32::from_be_bytes(png[at - 4..at].try_into().unwrap()) as usize;
        let zlib = &png[at + 4..at + 4 + length];
        assert_eq!(zlib[2], 1, "one block is enough for one code");
        let raw = &zlib[7..zlib.len() - 4];
        let line = side.div_ceil(8) + 1;
        assert_eq!(raw.len(), side * line);
        assert_eq!(read(side, |x, y| raw[y * line + 1 + x / 8] & (0x80 >> (x % 8)) == 0), code.text);
    }

    #[test]
    fn a_serial_without_end_has_digits_but_no_code() {
        let code = Code::of(&"x".repeat(5000), &Digest::of(b""));
        assert_eq!((code.side(), code.path()), (0, String::new()));
        assert_eq!(code.digits, "e3b0-c442-98fc");
    }
}
