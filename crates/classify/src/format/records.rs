//! Texts whose lines are records: fixed columns, counted fields, checksums. What is told here only one format can look like.

use super::Found;
use super::bytes::{begins_as, first, has};
use super::rows::{filled, is_number, lines, numbers, whole};
use super::table::Id::{self, *};

/// A question to a text.
type Rule = fn(&[u8]) -> Option<Found>;

fn found(id: Id, yes: bool) -> Option<Found> {
    yes.then_some(Found::content(id))
}
/// Formats that only they can look like.
pub(super) fn find(text: &[u8], size: Option<u64>) -> Option<Found> {
    const RULES: [Rule; 20] = [
        iges,
        dxf,
        gerber,
        intel_hex,
        srec,
        comtrade,
        eds,
        wavefront,
        uff,
        sat,
        esri_ascii,
        touchstone,
        can_dump,
        email,
        psse,
        symbols,
        network_config,
        netpbm,
        excellon,
        gerber_plain,
    ];
    // A content that is all here ends where its last line ends; a piece may be cut in the middle of a line.
    let text = if size.is_some_and(|s| s > text.len() as u64) {
        memchr::memrchr2(b'\n', b'\r', text).map_or(text, |end| first(text, end + 1))
    } else {
        text
    };
    RULES.iter().find_map(|rule| rule(text))
}

/// Column 73 is the section, columns 74 to 80 the line's number in it (IGES 5.3, 2.2.1).
fn iges(text: &[u8]) -> Option<Found> {
    let mut all = lines(text);
    let section = |line: &[u8], letters: &[u8]| {
        let number = line.get(73..80.min(line.len())).unwrap_or_default().trim_ascii();
        line.len() <= 82
            && line.get(72).is_some_and(|c| letters.contains(c))
            && !number.is_empty()
            && number.iter().all(u8::is_ascii_digit)
    };
    found(Iges, section(all.next()?, b"SF") && section(all.next()?, b"SGB"))
}
/// Group codes and values in turn; `999` comments may come first (DXF reference, group codes).
fn dxf(text: &[u8]) -> Option<Found> {
    let mut all = lines(text).map(<[u8]>::trim_ascii);
    for _ in 0..64 {
        match (all.next()?, all.next()?) {
            (b"999", _) => {}
            (b"0", b"SECTION") => {
                let section = matches!(all.next(), Some(b"2") | None);
                let version = text.windows(6).find_map(|w| DXF_VERSIONS.into_iter().find(|v| v.as_bytes() == w));
                return section.then_some(Found::content(Dxf).version(version));
            }
            _ => return None,
        }
    }
    None
}
const DXF_VERSIONS: [&str; 11] =
    ["AC1006", "AC1009", "AC1012", "AC1014", "AC1015", "AC1018", "AC1021", "AC1024", "AC1027", "AC1032", "AC1002"];

/// Commands end with `*`; a format, unit or aperture command stands at the beginning of a line (Gerber layer format, 4).
fn gerber(text: &[u8]) -> Option<Found> {
    let opening = filled(text).next()?;
    if !matches!(opening.first(), Some(b'%' | b'G' | b'*' | b'D' | b'X')) {
        return None;
    }
    let own = |line: &[u8]| {
        let line = line.strip_prefix(b"%").unwrap_or(line);
        line.starts_with(b"FSL")
            || line.starts_with(b"FST")
            || line.starts_with(b"FSA")
            || line.starts_with(b"MOIN*")
            || line.starts_with(b"MOMM*")
            || (line.starts_with(b"ADD") && line.get(3).is_some_and(u8::is_ascii_digit) && line.contains(&b'*'))
    };
    let (mut marked, mut all, mut owned) = (0, 0, false);
    for line in filled(text).take(40) {
        all += 1;
        marked += usize::from(
            line.ends_with(b"*") || line.ends_with(b"%") || line.starts_with(b"%") || line.starts_with(b"G04"),
        );
        owned |= own(line) || line.split(|b| *b == b'*').any(own);
    }
    found(Gerber, owned && marked * 10 >= all * 6)
}
/// Every record's bytes add up to zero (Intel, Hexadecimal object file format).
fn intel_hex(text: &[u8]) -> Option<Found> {
    checked(text, |line| {
        let hex = line.strip_prefix(b":")?;
        (hex.len() >= 10 && sum_of_pairs(hex)? == 0 && hex_pair(hex)? == hex.len() / 2 - 5).then_some(())
    })
    .and_then(|n| found(IntelHex, n >= 1))
}
/// Every record's bytes add up to 255; `S0` to `S9`.
fn srec(text: &[u8]) -> Option<Found> {
    checked(text, |line| {
        let hex = line.strip_prefix(b"S").filter(|h| h.first().is_some_and(u8::is_ascii_digit))?.get(1..)?;
        (hex.len() >= 6 && sum_of_pairs(hex)? == 0xFF && hex_pair(hex)? == hex.len() / 2 - 1).then_some(())
    })
    .and_then(|n| found(Srec, n >= 1))
}
/// How many of the first whole lines fit; nothing if one does not.
fn checked(text: &[u8], fits: impl Fn(&[u8]) -> Option<()>) -> Option<usize> {
    filled(text).take(8).try_fold(0, |n, line| fits(line).map(|()| n + 1))
}
fn hex_pair(hex: &[u8]) -> Option<usize> {
    let digit = |b: u8| char::from(b).to_digit(16);
    Some((digit(*hex.first()?)? * 16 + digit(*hex.get(1)?)?) as usize)
}
fn sum_of_pairs(hex: &[u8]) -> Option<u8> {
    let (pairs, rest) = hex.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().try_fold(0u8, |sum, pair| Some(sum.wrapping_add(u8::try_from(hex_pair(pair)?).ok()?)))
}
/// Station, device, revision year; then `n,nA,nD` (IEEE C37.111, 7.4). A combined file says so first.
fn comtrade(text: &[u8]) -> Option<Found> {
    let mut all = lines(text).map(<[u8]>::trim_ascii);
    let opening = all.next()?;
    if begins_as(opening, b"--- file type: CFG") {
        return found(ComtradeCff, true);
    }
    let mut fields = opening.rsplit(|b| *b == b',').map(<[u8]>::trim_ascii);
    let year = fields.next()?;
    let commas = opening.iter().filter(|b| **b == b',').count();
    let (revision, version) = match year {
        b"1991" => (true, "1991"),
        b"1999" => (true, "1999"),
        b"2013" => (true, "2013"),
        // The edition of 1991 did not have the year.
        _ => (commas == 1, "1991"),
    };
    let mut counts = all.next()?.split(|b| *b == b',').map(<[u8]>::trim_ascii);
    let count = |field: Option<&[u8]>, unit: u8| {
        field
            .and_then(|f| f.strip_suffix(&[unit]).or_else(|| f.strip_suffix(&[unit.to_ascii_lowercase()])))
            .is_some_and(|n| n.iter().all(u8::is_ascii_digit))
    };
    let total = counts.next()?;
    let yes = revision
        && !total.is_empty()
        && total.iter().all(u8::is_ascii_digit)
        && count(counts.next(), b'A')
        && count(counts.next(), b'D');
    found(ComtradeCfg, yes).map(|f| f.version(Some(version)))
}
/// Sections of a device description: CiA 306 has `[FileInfo]` and `[DeviceInfo]`, EtherNet/IP `[File]` and `[Device]`.
fn eds(text: &[u8]) -> Option<Found> {
    let section = |name: &[u8]| whole(text).any(|line| line.trim_ascii().eq_ignore_ascii_case(name));
    if !has(text, text.len(), b"[Device") && !has(text, text.len(), b"[DEVICE") && !has(text, text.len(), b"[device") {
        return None;
    }
    if section(b"[DeviceInfo]")
        && (section(b"[FileInfo]") || section(b"[DummyUsage]") || section(b"[DeviceComissioning]"))
    {
        return found(CanOpenEds, true);
    }
    found(EtherNetIpEds, section(b"[File]") && section(b"[Device]") && has(text, text.len(), b"VendCode"))
}
/// Vertices and faces, one a line, and nothing else.
fn wavefront(text: &[u8]) -> Option<Found> {
    let (mut vertices, mut own) = (0, false);
    for line in filled(text).take(200) {
        let word = first(line, 8).split(|b| matches!(b, b' ' | b'\t')).next().unwrap_or_default();
        let rest = line.get(word.len()..).unwrap_or_default();
        match word {
            b"v" if matches!(numbers(rest), Some(3..=7)) => vertices += 1,
            b"vn" | b"vt" | b"f" | b"l" | b"p" if rest.iter().any(u8::is_ascii_digit) => own = true,
            b"mtllib" | b"usemtl" | b"vp" | b"cstype" => own = true,
            b"g" | b"o" | b"s" => {}
            _ if line.starts_with(b"#") => {}
            _ => return None,
        }
    }
    found(Obj, vertices >= 3 && (own || vertices >= 20))
}
/// Data sets framed by lines of `    -1`, the second line their number.
fn uff(text: &[u8]) -> Option<Found> {
    let mut all = lines(text);
    let frame = all.next()?.trim_ascii_end() == b"    -1";
    let kind = all.next()?.trim_ascii();
    let known = matches!(
        kind,
        b"15"
            | b"55"
            | b"58"
            | b"58b"
            | b"82"
            | b"151"
            | b"164"
            | b"2400"
            | b"2411"
            | b"2412"
            | b"2414"
            | b"2420"
            | b"2467"
            | b"2477"
    );
    found(Uff, frame && (known || kind.starts_with(b"58b")))
}
/// Four numbers, then the lengths and names of the product and the modeller.
fn sat(text: &[u8]) -> Option<Found> {
    let mut all = lines(text);
    let header = numbers(all.next()?)? == 4;
    let second = all.next()?;
    let modeller = has(second, second.len(), b"ACIS") || has(second, second.len(), b"ASM ");
    found(AcisText, header && modeller && second.first().is_some_and(|b| b.is_ascii_digit() || *b == b'@'))
}
fn esri_ascii(text: &[u8]) -> Option<Found> {
    let mut all = lines(text);
    let field = |line: Option<&[u8]>, name: &[u8]| line.is_some_and(|l| begins_as(l.trim_ascii_start(), name));
    found(EsriAscii, field(all.next(), b"ncols") && field(all.next(), b"nrows") && field(all.next(), b"xll"))
}
/// `!` comments, then `# unit parameter form R ohms`, or the keywords of version 2.
fn touchstone(text: &[u8]) -> Option<Found> {
    let line = filled(text).find(|line| !line.starts_with(b"!"))?;
    if line == b"[Version] 2.0" {
        return found(Touchstone, true);
    }
    let mut words = line.strip_prefix(b"#")?.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty());
    let mut is = |any: &[&[u8]]| words.next().is_some_and(|w| any.iter().any(|a| a.eq_ignore_ascii_case(w)));
    found(
        Touchstone,
        is(&[b"hz", b"khz", b"mhz", b"ghz"]) && is(&[b"s", b"y", b"z", b"g", b"h"]) && is(&[b"ma", b"db", b"ri"]),
    )
}
/// `(time) interface id#data` (can-utils).
fn can_dump(text: &[u8]) -> Option<Found> {
    let fits = |line: &[u8]| {
        let close = line.strip_prefix(b"(").and_then(|l| l.iter().position(|b| *b == b')'))? + 1;
        let mut words = line.get(close + 1..)?.split(|b| *b == b' ').filter(|w| !w.is_empty());
        let (bus, frame) = (words.next()?, words.next()?);
        let id = frame.iter().position(|b| *b == b'#')?;
        (is_number(line.get(1..close)?)
            && bus.iter().all(u8::is_ascii_alphanumeric)
            && first(frame, id).iter().all(u8::is_ascii_hexdigit))
        .then_some(())
    };
    checked(text, fits).and_then(|n| found(CanDump, n >= 2))
}
/// Vector's text log: a date, then how numbers and times are written.
pub(super) fn vector_asc(text: &[u8]) -> Option<Found> {
    let second = lines(text).nth(1)?;
    found(VectorAsc, second.starts_with(b"base hex") || second.starts_with(b"base dec"))
}
/// Header fields at the beginning of a text, continuation lines counted with theirs (RFC 5322, 2.2).
pub(super) fn header_fields(text: &[u8]) -> usize {
    let field = |line: &[u8]| {
        line.iter()
            .position(|b| *b == b':')
            .is_some_and(|at| at > 0 && first(line, at).iter().all(u8::is_ascii_graphic))
    };
    lines(text)
        .take(100)
        .take_while(|l| field(l) || l.first().is_some_and(|b| matches!(b, b' ' | b'\t')) && l.len() > 1)
        .filter(|l| field(l))
        .count()
}
fn email(text: &[u8]) -> Option<Found> {
    const FIELDS: [&[u8]; 12] = [
        b"received:",
        b"return-path:",
        b"message-id:",
        b"mime-version:",
        b"from:",
        b"to:",
        b"subject:",
        b"date:",
        b"delivered-to:",
        b"x-mailer:",
        b"content-type:",
        b"dkim-signature:",
    ];
    if header_fields(text) < 3 {
        return None;
    }
    let known = FIELDS
        .iter()
        .filter(|name| lines(text).take(100).take_while(|l| !l.is_empty()).any(|l| begins_as(l, name)))
        .count();
    let named = |name: &[u8]| lines(text).take(100).take_while(|l| !l.is_empty()).any(|l| begins_as(l, name));
    found(
        Eml,
        known >= 4
            && named(b"from:")
            && (named(b"message-id:") || named(b"received:") || named(b"mime-version:") || named(b"date:")),
    )
}
/// The case identification: change code, base power, version; then two lines of title and numbers (PSS/E 33).
fn psse(text: &[u8]) -> Option<Found> {
    let mut all = lines(text);
    let opening = all.next()?;
    let data = opening.split(|b| *b == b'/').next().unwrap_or_default();
    let mut fields = data.split(|b| *b == b',').map(<[u8]>::trim_ascii);
    let change = matches!(fields.next(), Some(b"0" | b"1"));
    let base = fields.next().is_some_and(is_number);
    let version = matches!(fields.next(), Some([b'2' | b'3', b'0'..=b'9']));
    // A bus: number, quoted name, numbers.
    let bus = all.nth(2)?.split(|b| *b == b',').map(<[u8]>::trim_ascii).nth(1)?;
    found(PsseRaw, change && base && version && bus.starts_with(b"'"))
}
/// A symbol table: name, address, type and comment, quoted (STEP 7, SDF), or as fixed columns after `126,` (ASC).
fn symbols(text: &[u8]) -> Option<Found> {
    let address = |field: &[u8]| {
        let field = field.trim_ascii();
        let word = field.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let kinds: [&[u8]; 20] = [
            b"I", b"IB", b"IW", b"ID", b"Q", b"QB", b"QW", b"QD", b"M", b"MB", b"MW", b"MD", b"E", b"A", b"DB", b"FB",
            b"FC", b"OB", b"T", b"UDT",
        ];
        kinds.contains(&first(field, word)) && field.get(word..).is_some_and(|r| numbers(r) == Some(1))
    };
    let fits = |line: &[u8]| {
        if let Some(row) = line.strip_prefix(b"126,") {
            return (row.len() >= 36 && address(row.get(24..36)?)).then_some(());
        }
        let mut fields = line.strip_prefix(b"\"")?.strip_suffix(b"\"")?.split(|b| *b == b'"').step_by(2);
        (fields.next().is_some() && address(fields.next()?) && fields.next().is_some()).then_some(())
    };
    checked(text, fits).and_then(|n| found(SiemensS7Symbols, n >= 3))
}
/// A switch's or router's settings: sections named as only they are.
fn network_config(text: &[u8]) -> Option<Found> {
    const SIGNS: [&[u8]; 12] = [
        b"interface GigabitEthernet",
        b"interface FastEthernet",
        b"interface Vlan",
        b"interface Ethernet",
        b"switchport ",
        b"ip address ",
        b"spanning-tree ",
        b"hostname ",
        b"line vty ",
        b"line con",
        b"service password-encryption",
        b"sysname ",
    ];
    if !has(text, text.len(), b"interface ") {
        return None;
    }
    let mut seen = [false; SIGNS.len()];
    for line in whole(text) {
        let line = line.trim_ascii_start();
        if let Some(at) = SIGNS.iter().position(|sign| line.starts_with(sign)) {
            seen[at] = true;
        }
    }
    found(NetworkConfig, seen.iter().filter(|s| **s).count() >= 3)
}
/// `P1` to `P7`, then sizes, comments between (Netpbm).
pub(super) fn netpbm(head: &[u8]) -> Option<Found> {
    let [b'P', kind @ b'1'..=b'7', b' ' | b'\t' | b'\r' | b'\n', rest @ ..] = head else { return None };
    if *kind == b'7' {
        return found(Pnm, has(rest, 64, b"WIDTH "));
    }
    let sizes = first(rest, 256)
        .split(|b| *b == b'\n')
        .find(|line| !line.starts_with(b"#") && !line.trim_ascii().is_empty())?;
    let mut words = sizes.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty());
    found(Pnm, words.next().is_some_and(|w| w.len() <= 6 && w.iter().all(u8::is_ascii_digit)))
}
/// A drill file whose header comes after units and modes: `M48` is a line of its own, and tools have diameters.
fn excellon(text: &[u8]) -> Option<Found> {
    let header = filled(text).take(12).any(|line| line == b"M48");
    let tool =
        |line: &[u8]| line.starts_with(b"T") && line.get(1).is_some_and(u8::is_ascii_digit) && line.contains(&b'C');
    found(Excellon, header && filled(text).take(40).any(tool))
}
/// Gerber as it was before its parameters (RS-274-D): coordinates and draw codes, each ending with `*`.
fn gerber_plain(text: &[u8]) -> Option<Found> {
    let fits = |line: &[u8]| {
        let block = line.strip_suffix(b"*")?;
        let plain = block.iter().all(|b| {
            b.is_ascii_digit() || matches!(b, b'X' | b'Y' | b'I' | b'J' | b'D' | b'G' | b'M' | b'N' | b'+' | b'-')
        });
        (plain && block.first().is_some_and(u8::is_ascii_alphabetic)).then_some(())
    };
    let draws = filled(text)
        .take(40)
        .filter(|line| [&b"D01*"[..], b"D02*", b"D03*", b"D1*", b"D2*", b"D3*"].iter().any(|d| line.ends_with(d)))
        .count();
    checked(text, fits).and_then(|n| found(Gerber, n >= 6 && draws >= 4))
}
