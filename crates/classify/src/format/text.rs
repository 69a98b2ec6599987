//! Texts: XML by its root, then the first words, behind whatever comments stand before them.
//!
//! UTF-16 is narrowed into a shadow of one byte a unit, on the stack, so every rule is written once. Comments of all usual kinds are
//! stepped over one by one, and the words are tried again after each: a licence at the top hides nothing.

use super::bytes::{Bytes, first, has};
use super::prefix::Prefixes;
use super::table::Id::{self, *};
use super::{Found, lines, loose, records, rows, xml};
use crate::Encoding;

/// How much of a text is looked at, but for XML comments and STEP headers. Units.
const TEXT_UNITS_MAX: usize = 8 << 10;
/// Comments that are stepped over.
const COMMENTS_MAX: usize = 200;

/// What a first word says.
#[derive(Clone, Copy)]
enum Then {
    Is(Id),
    /// The text from the word on is looked at.
    Ask(fn(&[u8]) -> Option<Found>),
}
type Word = (&'static [u8], Then);
const fn is(word: &'static [u8], id: Id) -> Word {
    (word, Then::Is(id))
}
const fn ask(word: &'static [u8], question: fn(&[u8]) -> Option<Found>) -> Word {
    (word, Then::Ask(question))
}

#[rustfmt::skip]
const LIST: &[Word] = &[
    // Control programs, devices.
    is(b"(* @NESTEDCOMMENTS", Codesys2Export), is(b"(* @PATH", Codesys2Export), is(b"IE_VER :=", RockwellL5k),
    ask(b"ORGANIZATION_BLOCK", s7_block), ask(b"FUNCTION_BLOCK \"", s7_block), ask(b"FUNCTION \"", s7_block), ask(b"DATA_BLOCK", s7_block),
    ask(b"TYPE \"", s7_block), ask(b"FUNCTION_BLOCK FB", s7_block), ask(b"FUNCTION FC", s7_block), ask(b"TYPE UDT", s7_block),
    ask(b"SCHEMA", deltav), ask(b"SCHEMA ", express), is(b"#Profibus_DP", ProfibusGsd), is(b"LIN_description_file", LinLdf), is(b"ASAP2_VERSION", A2l),
    is(b"/begin PROJECT", A2l), ask(b"FormatVersion=", can_sym), ask(b"VERSION \"", dbc), ask(b"BO_ ", dbc), ask(b"BU_:", dbc), ask(b"NS_ :", dbc),
    // Robots, machine tools.
    is(b"/PROG ", FanucLs), is(b"/PROG\t", FanucLs), ask(b"/JOB", yaskawa), is(b"&ACCESS R", KukaSrc), is(b"&ACCESS r", KukaSrc), ask(b"%%%", rapid),
    is(b"0 BEGIN PGM ", Heidenhain), is(b"BEGIN PGM ", Heidenhain), is(b"0  BEGIN PGM ", Heidenhain), is(b"%_N_", Sinumerik), is(b";$PATH=/_N_", Sinumerik),
    is(b"TOOL PATH/", AptCl), is(b"PARTNO/", AptCl), ask(b"PROGRAM ", karel),
    // Design.
    ask(b"ISO-10303-21", step), ask(b"solid", stl), is(b"CASCADE Topology V", Brep), is(b"DBRep_DrawableShape", Brep),
    is(b"#VRML V", Vrml), is(b"#Inventor V", Vrml), ask(b"OFF", off), ask(b"COFF", off), is(b"EESchema Schematic File", KiCadSch), is(b"EESchema-LIBRARY", KiCadLib),
    is(b"EESchema-DOCLIB", KiCadLib), is(b"PCBNEW-BOARD", KiCadPcb), is(b"PCBNEW-LibModule", KiCadLib), is(b"(kicad_pcb", KiCadPcb), is(b"(kicad_sch", KiCadSch),
    is(b"(kicad_symbol_lib", KiCadLib), is(b"(kicad_wks", KiCadOther), is(b"(page_layout", KiCadOther), ask(b"(footprint", footprint), ask(b"(module", footprint),
    ask(b"(export", kicad_netlist), is(b"(edif ", Edif), is(b"(EDIF ", Edif), is(b"(ExpressProject ", OrcadProject), ask(b"v 20", geda), ask(b"PCB[", geda_pcb), ask(b"PCB(", geda_pcb),
    ask(b"FileVersion[", geda_pcb), is(b"ha:pcb-rnd-board", PcbRnd), is(b"!PADS-", PadsAscii), is(b"P  UNITS", IpcD356), is(b"P  JOB", IpcD356), is(b"C  IPC-D-356", IpcD356), is(b"IPC-D-356", IpcD356),
    ask(b"M48", excellon), is(b"[IBIS Ver]", Ibis), is(b"[IBIS ver]", Ibis), is(b"[IBIS VER]", Ibis), ask(b"[Design]", altium), ask(b"IN;", hpgl), ask(b"\x1B", hpgl),
    // Maps.
    is(b"GEOGCS[", WktPrj), is(b"PROJCS[", WktPrj), is(b"COMPD_CS[", WktPrj), is(b"GEOCCS[", WktPrj), is(b"GEODCRS[", WktPrj), is(b"GEOGCRS[", WktPrj), is(b"PROJCRS[", WktPrj), is(b"VERTCS[", WktPrj),
    ask(b"!table", mapinfo_tab), ask(b"Version ", mif), ask(b"VERSION ", mif), is(b"!Workspace", MapInfoWor), is(b"EXP  0", ArcE00), is(b"EXP  1", ArcE00), ask(b"ENVI", envi),
    // Measurements, captures, simulation.
    is(b"LabVIEW Measurement", Lvm), ask(b"##TITLE", jcamp), ask(b"##Title", jcamp), ask(b"##title", jcamp), is(b"\"GROUP\",\"PROJ\"", Ags4), ask(b"~V", las_well), is(b";$FILEVERSION=", PeakTrc),
    is(b"*KEYWORD", LsDyna), ask(b"*HEADING", abaqus), ask(b"*Heading", abaqus), is(b"/COM,ANSYS", AnsysCdb), is(b"/PREP7", AnsysCdb), ask(b"(0 \"", fluent), ask(b"(0 GAMBIT", fluent), is(b"$MeshFormat", Gmsh),
    is(b"# vtk DataFile", Vtk), ask(b"FoamFile", foam), ask(b"NDIME=", su2), is(b"[JUNCTIONS]", Epanet), ask(b"[TITLE]", epanet), ask(b"Model {", simulink), ask(b"Library {", simulink),
    is(b"(* Content-type: application/vnd.wolfram", Mathematica), is(b"(* Content-type: application/mathematica", Mathematica),
    // Office, mail, keys.
    ask(b"MPX,", mpx), is(b"ERMHDR\t", Primavera), is(b"BEGIN:VCARD", VCard), is(b"begin:vcard", VCard), is(b"BEGIN:VCALENDAR", ICalendar), ask(b"From ", mbox), ask(b"dn: ", ldif), ask(b"version: 1", ldif),
    ask(b"-----BEGIN ", pem), ask(b"ssh-rsa AAAA", ssh), ask(b"ssh-ed25519 AAAA", ssh), ask(b"ssh-dss AAAA", ssh), ask(b"ecdsa-sha2-nistp", ssh), is(b"PuTTY-User-Key-File-", PuttyKey), is(b"$ANSIBLE_VAULT;", AnsibleVault),
    // Systems, data, source.
    is(b"REGEDIT4", RegExport), is(b"Windows Registry Editor Version ", RegExport), is(b"-- MySQL dump ", SqlDump), is(b"-- MariaDB dump ", SqlDump), is(b"-- PostgreSQL database dump", SqlDump), is(b"-- phpMyAdmin SQL Dump", SqlDump),
    ask(b"PRAGMA foreign_keys=OFF;", sqlite_dump), ask(b"#!", loose::interpreter), is(b"<?php", Php), is(b"diff --git ", Diff), ask(b"--- ", diff), is(b"/* XPM */", Xpm), ask(b"#define ", xbm),
    is(b"\\documentclass", Tex), is(b"\\input texinfo", Tex), is(b"\\documentstyle", Tex), ask(b".\\\"", roff), ask(b".TH ", roff), ask(b"'\\\"", roff), is(b".so man", Roff), ask(b"date ", records::vector_asc),
];
static WORDS: Prefixes<Then, { LIST.len() }> = Prefixes::new(LIST);

fn found(id: Id, yes: bool) -> Option<Found> {
    yes.then_some(Found::content(id))
}
/// Has `needle` in what is looked at of a text.
fn holds(text: &[u8], needle: &[u8]) -> bool {
    has(text, TEXT_UNITS_MAX, needle)
}

/// What a text is, if it is more than text.
pub(super) fn find(bytes: &Bytes<'_>, encoding: Encoding, mark: usize) -> Option<Found> {
    let content = bytes.head.get(mark..).unwrap_or_default();
    match encoding {
        Encoding::Utf16Le | Encoding::Utf16Be => {
            let mut shadow = [0; TEXT_UNITS_MAX];
            of(narrow(content, encoding, &mut shadow), bytes.size)
        }
        _ => of(content, bytes.size),
    }
}
fn of(text: &[u8], size: Option<u64>) -> Option<Found> {
    let start = text.trim_ascii_start();
    if start.starts_with(b"<")
        && let Some(found) = xml::find(start).or_else(|| loose::html(start))
    {
        return Some(found);
    }
    words(start).or_else(|| {
        let window = first(text, TEXT_UNITS_MAX);
        let strict = records::find(window, size).or_else(|| loose::settings(window));
        strict.or_else(|| lines::find(window)).or_else(|| loose::find(window))
    })
}
fn narrow<'s>(content: &[u8], encoding: Encoding, shadow: &'s mut [u8; TEXT_UNITS_MAX]) -> &'s [u8] {
    let (units, _) = content.as_chunks::<2>();
    for (to, unit) in shadow.iter_mut().zip(units) {
        let [high, low] = if encoding == Encoding::Utf16Be { *unit } else { [unit[1], unit[0]] };
        *to = if high == 0 && low < 0x80 { low } else { crate::view::WIDE };
    }
    first(shadow, units.len())
}

/// Tries the first words, steps over a comment, and tries again.
fn words(mut text: &[u8]) -> Option<Found> {
    for _ in 0..COMMENTS_MAX {
        let answer = |then| match then {
            Then::Is(id) => Some(Found::content(id)),
            Then::Ask(question) => question(text),
        };
        if let Some(found) = WORDS.of(text).find_map(answer) {
            return Some(found);
        }
        text = after_comment(text)?.trim_ascii_start();
    }
    None
}
/// What follows the comment that `text` begins with.
fn after_comment(text: &[u8]) -> Option<&[u8]> {
    let close = |needle: &[u8]| memchr::memmem::find(first(text, TEXT_UNITS_MAX), needle).map(|at| at + needle.len());
    let line = || memchr::memchr2(b'\n', b'\r', text).map(|at| at + 1);
    let end = match text {
        [b'/', b'*', ..] => close(b"*/")?,
        [b'(', b'*', ..] => close(b"*)")?,
        [b';' | b'#' | b'$' | b'!' | b'|', ..] | [b'/', b'/', ..] | [b'*', b'*', ..] | [b'-', b'-', ..] => line()?,
        _ => return None,
    };
    text.get(end..)
}

/// STEP: the schema of the header tells IFC, and the application protocol (ISO 10303-21, 8.2.4).
fn step(text: &[u8]) -> Option<Found> {
    /// Part of the schema's name, upper case; format; word.
    const SCHEMAS: [(&[u8], Id, &str); 17] = [
        (b"IFC4X3", Ifc, "IFC4X3"),
        (b"IFC4", Ifc, "IFC4"),
        (b"IFC2X3", Ifc, "IFC2X3"),
        (b"IFC2X2", Ifc, "IFC2X2"),
        (b"IFC2X", Ifc, "IFC2X"),
        (b"IFC", Ifc, "IFC"),
        (b"AP203", Step, "AP203"),
        (b"CONFIG_CONTROL_DESIGN", Step, "AP203"),
        (b"AUTOMOTIVE_DESIGN", Step, "AP214"),
        (b"AP214", Step, "AP214"),
        (b"AP242", Step, "AP242"),
        (b"AP209", Step, "AP209"),
        (b"AP210", Step, "AP210"),
        (b"AP212", Step, "AP212"),
        (b"AP238", Step, "AP238"),
        (b"INTEGRATED_CNC_SCHEMA", Step, "AP238"),
        (b"STRUCTURAL_FRAME_SCHEMA", Step, "CIS2"),
    ];
    let at = memchr::memmem::find(text, b"FILE_SCHEMA");
    let list = at.and_then(|at| text.get(at + 11..)).map(|l| l.split(|b| *b == b';').next().unwrap_or_default());
    let list = first(list.unwrap_or_default(), 1024);
    let mut upper = [0; 1024];
    upper[..list.len()].copy_from_slice(list);
    upper.make_ascii_uppercase();
    let known = SCHEMAS.iter().find(|s| has(first(&upper, list.len()), 1024, s.0));
    Some(match known {
        Some((_, id, word)) => Found::content(*id).version(Some(word)),
        None => Found::content(Step),
    })
}
fn stl(text: &[u8]) -> Option<Found> {
    found(Stl, holds(text, b"facet normal") && holds(text, b"outer loop"))
}
fn s7_block(text: &[u8]) -> Option<Found> {
    let signs: [&[u8]; 6] = [b"\nBEGIN", b"TITLE =", b"TITLE=", b"VERSION :", b"{ S7_", b"\nNETWORK"];
    let block = holds(text, b"\nBEGIN") || holds(text, b"\nEND_") || holds(text, b"\nNETWORK");
    found(SiemensS7Source, block && signs.iter().filter(|s| holds(text, s)).count() >= 1)
}
/// An export opens with its schema and who wrote it, behind comments.
fn deltav(text: &[u8]) -> Option<Found> {
    found(DeltaV, has(text, 64, b"user=\"") && has(text, 512, b"MAJOR_VERSION="))
}
/// A schema of STEP's own language (ISO 10303-11).
fn express(text: &[u8]) -> Option<Found> {
    let signs: [&[u8]; 5] = [b"\nENTITY ", b"\nTYPE ", b"END_ENTITY", b"REFERENCE FROM", b"\nCONSTANT"];
    found(Express, signs.iter().any(|s| holds(text, s)) && has(text, 256, b";"))
}
fn can_sym(text: &[u8]) -> Option<Found> {
    found(
        CanSym,
        holds(text, b"{SEND") || holds(text, b"{ENUMS}") || holds(text, b"{SIGNALS}") || holds(text, b"Title="),
    )
}
fn dbc(text: &[u8]) -> Option<Found> {
    let signs: [&[u8]; 5] = [b"NS_ :", b"BS_:", b"BU_:", b"\nBO_ ", b" SG_ "];
    found(CanDbc, signs.iter().filter(|s| holds(text, s)).count() >= 2)
}
fn yaskawa(text: &[u8]) -> Option<Found> {
    found(YaskawaJbi, has(text, 256, b"//NAME") || has(text, 256, b"//POS"))
}
fn rapid(text: &[u8]) -> Option<Found> {
    found(AbbRapid, has(text, 256, b"VERSION:") && (holds(text, b"MODULE ") || holds(text, b"LANGUAGE:")))
}
fn karel(text: &[u8]) -> Option<Found> {
    found(
        FanucKarel,
        holds(text, b"\n%COMMENT")
            || holds(text, b"\n%NOLOCKGROUP")
            || holds(text, b"\n%STACKSIZE")
            || holds(text, b"\n%NOPAUSE"),
    )
}
fn off(text: &[u8]) -> Option<Found> {
    let mut lines = text.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).filter(|l| !l.is_empty() && l[0] != b'#');
    let head = matches!(lines.next(), Some(b"OFF" | b"COFF"));
    found(Off, head && lines.next().is_some_and(|l| rows::numbers(l) == Some(3)))
}
fn footprint(text: &[u8]) -> Option<Found> {
    found(KiCadLib, has(text, 1024, b"(layer "))
}
fn kicad_netlist(text: &[u8]) -> Option<Found> {
    found(KiCadOther, has(text, 128, b"(version ") && has(text, 1024, b"(design"))
}
fn geda(text: &[u8]) -> Option<Found> {
    let line = text.split(|b| *b == b'\n').next().unwrap_or_default();
    found(Geda, rows::numbers(line.get(2..)?) == Some(2) && line.get(2..10)?.iter().all(u8::is_ascii_digit))
}
fn geda_pcb(text: &[u8]) -> Option<Found> {
    found(PcbRnd, holds(text, b"\nPCB[") || holds(text, b"\nGrid[") || holds(text, b"\nGrid("))
}
/// A drill file's header names units or tools, one a line.
fn excellon(text: &[u8]) -> Option<Found> {
    let lines = text.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
    let own = |l: &[u8]| {
        l.starts_with(b"INCH")
            || l.starts_with(b"METRIC")
            || l.starts_with(b"FMAT")
            || (l.starts_with(b"T") && l.get(1).is_some_and(u8::is_ascii_digit))
            || l.starts_with(b"M71")
            || l.starts_with(b"M72")
    };
    found(Excellon, text.get(3).is_none_or(u8::is_ascii_whitespace) && lines.skip(1).take(40).any(own))
}
fn altium(text: &[u8]) -> Option<Found> {
    found(AltiumProject, holds(text, b"HierarchyMode=") || holds(text, b"DocumentPath="))
}
/// Plotter commands: two capitals, numbers, semicolons.
fn hpgl(text: &[u8]) -> Option<Found> {
    let signs: [&[u8]; 6] = [b"IN;", b"SP1", b"PU", b"PD", b"PA", b";LT"];
    let plain = text
        .strip_prefix(b"\x1B")
        .is_none_or(|rest| rest.starts_with(b"%-1B") || rest.starts_with(b"%0B") || rest.starts_with(b".("));
    found(Hpgl, plain && signs.iter().filter(|s| has(text, 1024, s)).count() >= 4)
}
fn mapinfo_tab(text: &[u8]) -> Option<Found> {
    found(MapInfoTab, has(text, 64, b"!version"))
}
fn mif(text: &[u8]) -> Option<Found> {
    found(
        MapInfoMif,
        has(text, 128, b"harset")
            || has(text, 128, b"HARSET")
            || (has(text, 512, b"olumns") && has(text, 512, b"elimiter")),
    )
}
fn envi(text: &[u8]) -> Option<Found> {
    let line = text.get(4).is_none_or(u8::is_ascii_whitespace);
    found(EnviHeader, line && holds(text, b"samples") && holds(text, b"lines") && holds(text, b"bands"))
}
/// Labelled data records: `##LABEL=` (JCAMP-DX 4.24, 2.2).
fn jcamp(text: &[u8]) -> Option<Found> {
    let next = holds(text, b"\n##") || holds(text, b"\r##") || holds(text, b"\n ##");
    found(Jcamp, text.get(7..)?.trim_ascii_start().starts_with(b"=") && next)
}
fn las_well(text: &[u8]) -> Option<Found> {
    found(LasWell, has(text, 1024, b"VERS") && holds(text, b"WRAP"))
}
/// A heading belongs to Abaqus if another keyword follows.
fn abaqus(text: &[u8]) -> Option<Found> {
    let mut upper = [0; TEXT_UNITS_MAX];
    let text = first(text, TEXT_UNITS_MAX);
    upper[..text.len()].copy_from_slice(text);
    upper.make_ascii_uppercase();
    let signs: [&[u8]; 5] = [b"\n*NODE", b"\n*ELEMENT", b"\n*PART", b"\n*PREPRINT", b"\n*INCLUDE"];
    found(Abaqus, signs.iter().any(|s| holds(&upper, s)))
}
fn fluent(text: &[u8]) -> Option<Found> {
    found(Fluent, holds(text, b"\n(2 ") || holds(text, b"\n(10 (") || holds(text, b"Fluent") || holds(text, b"GAMBIT"))
}
fn foam(text: &[u8]) -> Option<Found> {
    found(OpenFoam, holds(text, b"format") && holds(text, b"class"))
}
fn su2(text: &[u8]) -> Option<Found> {
    found(Su2, holds(text, b"NELEM="))
}
fn epanet(text: &[u8]) -> Option<Found> {
    found(Epanet, holds(text, b"[JUNCTIONS]") || holds(text, b"[RESERVOIRS]"))
}
fn simulink(text: &[u8]) -> Option<Found> {
    found(SimulinkMdl, holds(text, b"Version") && holds(text, b"Name"))
}
fn mpx(text: &[u8]) -> Option<Found> {
    found(
        Mpx,
        has(text, 128, b"Microsoft Project")
            || text.split(|b| *b == b'\n').next().unwrap_or_default().split(|b| *b == b',').count() == 4,
    )
}
/// A mailbox: `From address date`, then a header.
fn mbox(text: &[u8]) -> Option<Found> {
    let line = text.split(|b| *b == b'\n').next().unwrap_or_default();
    let rest = text.get(line.len() + 1..).unwrap_or_default();
    let year = line
        .windows(5)
        .any(|w| matches!(w, [b' ', b'1' | b'2', b'9' | b'0', a, b] if a.is_ascii_digit() && b.is_ascii_digit()));
    let time =
        line.windows(5).any(|w| matches!(w, [a, b, b':', c, d] if [a, b, c, d].iter().all(|x| x.is_ascii_digit())));
    found(Mbox, year && time && records::header_fields(rest) >= 1)
}
fn ldif(text: &[u8]) -> Option<Found> {
    found(
        Ldif,
        (text.starts_with(b"dn: ") || holds(text, b"\ndn: "))
            && (holds(text, b"\nobjectClass: ") || holds(text, b"\nobjectclass: ") || holds(text, b"\nchangetype: ")),
    )
}
fn pem(text: &[u8]) -> Option<Found> {
    let label = text.split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
    let label = label.strip_prefix(b"-----BEGIN ")?.strip_suffix(b"-----")?;
    let id = match label {
        b"CERTIFICATE" | b"X509 CERTIFICATE" | b"TRUSTED CERTIFICATE" => PemCert,
        l if l.ends_with(b"PRIVATE KEY") => PemPrivate,
        l if l.starts_with(b"PGP ") => PgpArmour,
        l if l.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b' ') => PemOther,
        _ => return None,
    };
    Some(Found::content(id))
}
fn ssh(text: &[u8]) -> Option<Found> {
    let line = text.split(|b| *b == b'\n').next().unwrap_or_default();
    found(SshPublic, line.split(|b| *b == b' ').nth(1).is_some_and(|key| key.len() >= 60 && key.starts_with(b"AAAA")))
}
fn sqlite_dump(text: &[u8]) -> Option<Found> {
    found(SqlDump, has(text, 64, b"BEGIN TRANSACTION;"))
}
fn diff(text: &[u8]) -> Option<Found> {
    found(Diff, has(text, 1024, b"\n+++ ") && has(text, 1024, b"\n@@ -"))
}
fn xbm(text: &[u8]) -> Option<Found> {
    found(Xbm, has(text, 512, b"_width ") && has(text, 512, b"_height ") && holds(text, b"_bits[]"))
}
fn roff(text: &[u8]) -> Option<Found> {
    found(Roff, holds(text, b"\n.SH") || holds(text, b"\n.Sh") || holds(text, b".TH ") || holds(text, b"\n.Dd"))
}
