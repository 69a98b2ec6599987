//! Sheets as a WordprocessingML document (ISO/IEC 29500-1, transitional): what people write on, mail and sign.
//!
//! A small writer of our own: a table, a header, two fields and a picture are all that a form needs. Every time in the archive is fixed and the
//! only date is that of the input, so the same form gives the same bytes. Page numbers are fields: here the reader's program cuts pages.

use super::measure::{Ink, Size, font};
use super::qr::Code;
use super::said::Said;
use super::sheet::{Block, CODE, PEN, Piece, SEAL, Sheet, Table, WIDTH};
use crate::clean::clean;
use evidence::Time;
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

/// Namespaces of the parts that hold text.
const SPACES: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
    xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
    xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" \
    xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
    xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"";
const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
/// Side of the printed code, in English Metric Units: 32 mm.
const CODE_EMU: u32 = 32 * 36_000;

/// Text for XML: markup escaped, the two code points that XML has not replaced (XML 1.0 §2.2).
fn esc(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() && c != '\t' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Tenths of a millimetre as twentieths of a point.
fn twips(tenths: u32) -> u32 {
    (tenths * 1440 + 127) / 254
}
/// The size of a font as half points, at least 1.
fn half_points(tenths: u32) -> u32 {
    (tenths * 144 + 127) / 254
}

/// A run of text in a size, tenths of a millimetre.
fn run(text: &str, em: u32, bold: bool, heading: bool) -> String {
    let half = half_points(em);
    let fonts = if heading { "<w:rFonts w:eastAsia=\"SimHei\"/>" } else { "" };
    let bold = if bold { "<w:b/>" } else { "" };
    format!(
        "<w:r><w:rPr>{fonts}{bold}<w:sz w:val=\"{half}\"/><w:szCs w:val=\"{half}\"/></w:rPr><w:t xml:space=\"preserve\">{}</w:t></w:r>",
        esc(text)
    )
}

fn paragraph(properties: &str, runs: &str) -> String {
    format!("<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>")
}

fn field(name: &str) -> String {
    format!(
        "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> {name} </w:instrText></w:r>\
         <w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"
    )
}

/// A piece as a paragraph that has these properties besides its own.
fn piece(piece: &Piece, size: Size, properties: &str) -> String {
    match piece {
        Piece::Text(ink, text) => paragraph(properties, &run(text, font(size, *ink).0, *ink == Ink::Strong, false)),
        Piece::Boxes(items) => {
            let em = font(size, Ink::Plain).0;
            let mut runs = String::new();
            for (n, (ticked, text)) in items.iter().enumerate() {
                if n > 0 {
                    runs.push_str(&run("    ", em, false, false));
                }
                let sign = if *ticked { "☑" } else { "☐" };
                let half = half_points(em);
                let _ = write!(
                    runs,
                    "<w:r><w:rPr><w:rFonts w:ascii=\"Segoe UI Symbol\" w:hAnsi=\"Segoe UI Symbol\" w:eastAsia=\"Segoe UI Symbol\" \
                     w:cs=\"Segoe UI Symbol\"/><w:sz w:val=\"{half}\"/></w:rPr><w:t>{sign}</w:t></w:r>"
                );
                runs.push_str(&run(&format!("\u{a0}{text}"), em, *ticked, false));
            }
            paragraph(properties, &runs)
        }
        Piece::Pen(text) => {
            let line = "w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"555555\"";
            let height = twips(PEN);
            let properties = format!(
                "{properties}<w:pBdr><w:bottom {line}/><w:between {line}/></w:pBdr><w:spacing w:before=\"0\" w:after=\"0\" w:line=\"{height}\" w:lineRule=\"exact\"/>"
            );
            paragraph(&properties, &run(text, font(size, Ink::Plain).0, false, false))
        }
        Piece::Space => {
            let height = twips(PEN);
            paragraph(
                &format!("<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"{height}\" w:lineRule=\"exact\"/>"),
                "",
            )
        }
    }
}

fn cell(width: u32, more: &str, inside: &str) -> String {
    let inside = if inside.is_empty() { "<w:p/>" } else { inside };
    format!("<w:tc><w:tcPr><w:tcW w:w=\"{}\" w:type=\"dxa\"/>{more}</w:tcPr>{inside}</w:tc>", twips(width))
}

/// A table; the properties `last` are those of the paragraphs in its last row.
fn table(t: &Table, last: &str) -> String {
    const CENTRE: &str = "<w:jc w:val=\"center\"/>";
    let pieces = |cell: &[Piece], properties: &str| {
        let all = cell.iter().map(|p| piece(p, t.size, properties));
        all.collect::<String>()
    };
    let width = |n: usize| t.widths.get(n).copied().unwrap_or(WIDTH);
    let mut out = open_table(&t.widths, true);
    if !t.head.is_empty() {
        out.push_str("<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>");
        for (n, head) in t.head.iter().enumerate() {
            out.push_str(&cell(width(n), "<w:vAlign w:val=\"center\"/>", &pieces(head, CENTRE)));
        }
        out.push_str("</w:tr>");
    }
    let mut above = None;
    for (number, row) in t.rows.iter().enumerate() {
        let keep = if number + 1 == t.rows.len() { last } else { "" };
        out.push_str("<w:tr>");
        for (n, c) in row.cells.iter().enumerate() {
            if n == 0 && t.merged {
                let again = above == Some(c);
                let merge = if again { "<w:vMerge/>" } else { "<w:vMerge w:val=\"restart\"/>" };
                let inside = if again { String::new() } else { pieces(c, CENTRE) };
                out.push_str(&cell(width(n), &format!("{merge}<w:vAlign w:val=\"center\"/>"), &inside));
            } else {
                out.push_str(&cell(width(n), "<w:vAlign w:val=\"center\"/>", &pieces(c, keep)));
            }
        }
        out.push_str("</w:tr>");
        above = row.cells.first();
    }
    out.push_str("</w:tbl>");
    out
}

fn open_table(widths: &[u32], borders: bool) -> String {
    let lines = ["top", "left", "bottom", "right", "insideH", "insideV"];
    let line = |side: &&str| {
        let size = if side.starts_with("inside") { 4 } else { 12 };
        format!("<w:{side} w:val=\"single\" w:sz=\"{size}\" w:space=\"0\" w:color=\"000000\"/>")
    };
    let borders = if borders {
        format!("<w:tblBorders>{}</w:tblBorders>", lines.iter().map(line).collect::<String>())
    } else {
        String::new()
    };
    let grid: String = widths.iter().map(|w| format!("<w:gridCol w:w=\"{}\"/>", twips(*w))).collect();
    format!(
        "<w:tbl><w:tblPr><w:tblW w:w=\"{}\" w:type=\"dxa\"/>{borders}<w:tblLayout w:type=\"fixed\"/><w:tblCellMar>\
         <w:top w:w=\"57\" w:type=\"dxa\"/><w:left w:w=\"100\" w:type=\"dxa\"/><w:bottom w:w=\"57\" w:type=\"dxa\"/><w:right w:w=\"100\" w:type=\"dxa\"/>\
         </w:tblCellMar></w:tblPr><w:tblGrid>{grid}</w:tblGrid>",
        twips(widths.iter().sum())
    )
}

/// A document under way.
#[derive(Default)]
struct Parts {
    body: String,
    headers: Vec<String>,
    footers: Vec<String>,
    pictures: Vec<Vec<u8>>,
}

impl Parts {
    /// Adds a block; `keep` are the properties that hold its end to what follows.
    fn block(&mut self, block: &Block, keep: &str) {
        let gap = format!(
            "<w:p><w:pPr>{keep}<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"120\" w:lineRule=\"exact\"/></w:pPr></w:p>"
        );
        match block {
            Block::Title { text, under, code } => {
                let centre = "<w:jc w:val=\"center\"/>";
                let mut words: String = text
                    .iter()
                    .map(|t| {
                        paragraph(&format!("<w:keepNext/>{centre}<w:outlineLvl w:val=\"0\"/>"), &run(t, 60, true, true))
                    })
                    .collect();
                let soft = font(Size::Normal, Ink::Soft).0;
                words.extend(under.iter().map(|t| paragraph(centre, &run(t, soft, false, false))));
                match code {
                    None => self.body.push_str(&words),
                    Some(code) => {
                        let mut beside = self.picture(code);
                        beside.push_str(&paragraph(centre, &run(&code.digits, 32, true, false)));
                        let widths = [WIDTH - CODE, CODE];
                        let middle = "<w:vAlign w:val=\"center\"/>";
                        self.body.push_str(&open_table(&widths, false));
                        let _ = write!(
                            self.body,
                            "<w:tr><w:trPr><w:cantSplit/></w:trPr>{}{}</w:tr></w:tbl>",
                            cell(widths[0], middle, &words),
                            cell(widths[1], middle, &beside)
                        );
                    }
                }
                self.body.push_str(&gap);
            }
            Block::Note(ink, text) => {
                self.body.push_str(&piece(&Piece::Text(*ink, text.clone()), Size::Normal, ""));
                self.body.push_str(&gap);
            }
            Block::Table(t) => {
                self.body.push_str(&table(t, keep));
                self.body.push_str(&gap);
            }
            Block::Seal(labels) => {
                let width = WIDTH / u32::try_from(labels.len().max(1)).unwrap_or(1);
                self.body.push_str(&open_table(&vec![width; labels.len()], true));
                let _ = write!(
                    self.body,
                    "<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val=\"{}\" w:hRule=\"atLeast\"/></w:trPr>",
                    twips(SEAL)
                );
                for label in labels {
                    self.body.push_str(&cell(width, "", &piece(&Piece::plain(label.clone()), Size::Normal, "")));
                }
                self.body.push_str("</w:tr></w:tbl>");
                self.body.push_str(&gap);
            }
        }
    }

    /// The code as a picture in its paragraph.
    fn picture(&mut self, code: &Code) -> String {
        if code.side() == 0 {
            return String::new();
        }
        self.pictures.push(code.png());
        let n = self.pictures.len();
        let (side, name) = (CODE_EMU, esc(&clean(&code.text)));
        paragraph(
            "<w:jc w:val=\"center\"/>",
            &format!(
                "<w:r><w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{side}\" cy=\"{side}\"/>\
                 <wp:docPr id=\"{n}\" name=\"QR {n}\" descr=\"{name}\"/><a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\">\
                 <pic:pic><pic:nvPicPr><pic:cNvPr id=\"{n}\" name=\"qr{n}.png\"/><pic:cNvPicPr/></pic:nvPicPr>\
                 <pic:blipFill><a:blip r:embed=\"rIdP{n}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
                 <pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{side}\" cy=\"{side}\"/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr>\
                 </pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
            ),
        )
    }

    fn sheet(&mut self, said: Said<'_>, sheet: &Sheet, last: bool) {
        self.headers.push(header(sheet));
        self.footers.push(footer(said, sheet));
        for (at, block) in sheet.blocks.iter().enumerate() {
            // Nobody is asked to seal a page that says nothing.
            let sealed = matches!(sheet.blocks.get(at + 1), Some(Block::Seal(_)));
            self.block(block, if sealed { "<w:keepNext/>" } else { "" });
        }
        let n = self.headers.len();
        let section = format!(
            "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"rIdH{n}\"/><w:footerReference w:type=\"default\" r:id=\"rIdF{n}\"/><w:type w:val=\"nextPage\"/>\
             <w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:top=\"1134\" w:right=\"794\" w:bottom=\"964\" w:left=\"794\" w:header=\"567\" w:footer=\"454\" w:gutter=\"0\"/></w:sectPr>"
        );
        if last {
            self.body.push_str(&section);
        } else {
            // The section of a sheet ends with the paragraph that carries it.
            let _ = write!(
                self.body,
                "<w:p><w:pPr><w:spacing w:before=\"0\" w:after=\"0\" w:line=\"20\" w:lineRule=\"exact\"/>{section}</w:pPr></w:p>"
            );
        }
    }
}

fn header(sheet: &Sheet) -> String {
    let line = "<w:pBdr><w:bottom w:val=\"single\" w:sz=\"12\" w:space=\"1\" w:color=\"000000\"/></w:pBdr>";
    let side =
        |name: &str, kind: &str| format!("<w:{name} w:val=\"{kind}\" w:sz=\"18\" w:space=\"1\" w:color=\"000000\"/>");
    let boxed = |kind: &str| {
        let sides: String = ["top", "left", "bottom", "right"].map(|s| side(s, kind)).concat();
        format!("<w:pBdr>{sides}</w:pBdr><w:spacing w:before=\"60\" w:after=\"60\"/><w:jc w:val=\"center\"/>")
    };
    let mut out = paragraph("", &run(&sheet.name, 30, true, false));
    out.push_str(&paragraph(line, &run(&sheet.marks.join("    "), 30, false, false)));
    if let Some(text) = &sheet.drill {
        out.push_str(&paragraph(&boxed("double"), &run(&text[0], 90, true, true)));
        out.push_str(&paragraph(&boxed("double"), &run(&text[1], 40, true, true)));
    }
    if let Some(text) = &sheet.band {
        out.push_str(&paragraph(&boxed("single"), &run(text, 42, true, true)));
    }
    // Word puts the body right under the header.
    out.push_str("<w:p/>");
    format!("{XML}<w:hdr {SPACES}>{out}</w:hdr>")
}

fn footer(said: Said<'_>, sheet: &Sheet) -> String {
    let mut out = paragraph("<w:jc w:val=\"center\"/>", &run(&sheet.foot.join("    "), 30, false, false));
    // The holes of the text become fields.
    let text = said.f("form-face.page", &[("page", &"\u{1}"), ("pages", &"\u{2}")]);
    let mut runs = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find(['\u{1}', '\u{2}']) {
        let (before, from) = rest.split_at(at);
        runs.push_str(&run(before, 30, false, false));
        runs.push_str(&field(if from.starts_with('\u{1}') { "PAGE" } else { "NUMPAGES" }));
        rest = from.get(1..).unwrap_or("");
    }
    runs.push_str(&run(rest, 30, false, false));
    out.push_str(&paragraph("<w:jc w:val=\"center\"/>", &runs));
    format!("{XML}<w:ftr {SPACES}>{out}</w:ftr>")
}

/// The whole document.
pub(super) fn render(said: Said<'_>, sheets: &[Sheet], printed: Time) -> Vec<u8> {
    let mut parts = Parts::default();
    for (n, sheet) in sheets.iter().enumerate() {
        parts.sheet(said, sheet, n + 1 == sheets.len());
    }
    let title = sheets.first().map_or("", |s| s.name.as_str());
    let mut files: Vec<(String, Vec<u8>)> = vec![
        ("[Content_Types].xml".to_owned(), content_types(&parts).into_bytes()),
        ("_rels/.rels".to_owned(), package().into_bytes()),
        ("docProps/core.xml".to_owned(), core(title, printed, said).into_bytes()),
        ("word/document.xml".to_owned(), format!("{XML}<w:document {SPACES}><w:body>{}</w:body></w:document>", parts.body).into_bytes()),
        ("word/_rels/document.xml.rels".to_owned(), relations(&parts).into_bytes()),
        ("word/styles.xml".to_owned(), styles().into_bytes()),
        ("word/settings.xml".to_owned(), format!("{XML}<w:settings {SPACES}><w:compat><w:compatSetting w:name=\"compatibilityMode\" w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/></w:compat></w:settings>").into_bytes()),
    ];
    let numbered = |name: &'static str, ext: &'static str, list: Vec<Vec<u8>>| {
        list.into_iter().enumerate().map(move |(n, bytes)| (format!("word/{name}{}.{ext}", n + 1), bytes))
    };
    files.extend(numbered("header", "xml", parts.headers.into_iter().map(String::into_bytes).collect()));
    files.extend(numbered("footer", "xml", parts.footers.into_iter().map(String::into_bytes).collect()));
    files.extend(numbered("media/qr", "png", parts.pictures));
    archive(&files).expect("a vector takes every byte, and no part is near four gigabytes")
}

fn archive(files: &[(String, Vec<u8>)]) -> zip::result::ZipResult<Vec<u8>> {
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
    for (name, bytes) in files {
        out.start_file(name.as_str(), options)?;
        out.write_all(bytes)?;
    }
    Ok(out.finish()?.into_inner())
}

fn content_types(parts: &Parts) -> String {
    const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";
    let part = |name: String, kind: &str| {
        format!("<Override PartName=\"/word/{name}.xml\" ContentType=\"{WORD}.{kind}+xml\"/>")
    };
    let mut out = format!(
        "{XML}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" \
         ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Default Extension=\"png\" ContentType=\"image/png\"/><Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>"
    );
    out.push_str(&part("document".to_owned(), "document.main"));
    out.push_str(&part("styles".to_owned(), "styles"));
    out.push_str(&part("settings".to_owned(), "settings"));
    for n in 1..=parts.headers.len() {
        out.push_str(&part(format!("header{n}"), "header"));
        out.push_str(&part(format!("footer{n}"), "footer"));
    }
    out.push_str("</Types>");
    out
}

fn related(list: &[(String, String, String)]) -> String {
    let one = |(id, kind, target): &(String, String, String)| {
        format!("<Relationship Id=\"{id}\" Type=\"{kind}\" Target=\"{target}\"/>")
    };
    let all: String = list.iter().map(one).collect();
    format!(
        "{XML}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{all}</Relationships>"
    )
}

fn package() -> String {
    let core = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties";
    let one = |id: &str, kind: String, target: &str| (id.to_owned(), kind, target.to_owned());
    related(&[
        one("rId1", format!("{OFFICE}/officeDocument"), "word/document.xml"),
        one("rId2", core.to_owned(), "docProps/core.xml"),
    ])
}

fn relations(parts: &Parts) -> String {
    let one = |id: String, kind: &str, target: String| (id, format!("{OFFICE}/{kind}"), target);
    let mut list = vec![
        one("rId1".to_owned(), "styles", "styles.xml".to_owned()),
        one("rId2".to_owned(), "settings", "settings.xml".to_owned()),
    ];
    for n in 1..=parts.headers.len() {
        list.push(one(format!("rIdH{n}"), "header", format!("header{n}.xml")));
        list.push(one(format!("rIdF{n}"), "footer", format!("footer{n}.xml")));
    }
    list.extend((1..=parts.pictures.len()).map(|n| one(format!("rIdP{n}"), "image", format!("media/qr{n}.png"))));
    related(&list)
}

fn core(title: &str, printed: Time, said: Said<'_>) -> String {
    let at = printed.to_string();
    let at = format!("{}Z", at.get(..19).unwrap_or("1980-01-01T00:00:00"));
    let lang = said.langs.first().map_or("en", |l| l.tag());
    let when = |name: &str| format!("<dcterms:{name} xsi:type=\"dcterms:W3CDTF\">{at}</dcterms:{name}>");
    format!(
        "{XML}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:dcterms=\"http://purl.org/dc/terms/\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{}</dc:title><dc:creator>watchfire</dc:creator>\
         {}{}<dc:language>{lang}</dc:language></cp:coreProperties>",
        esc(title),
        when("created"),
        when("modified")
    )
}

fn styles() -> String {
    // `w:val` is the language of Latin letters, whatever the paper is in: words are not broken within.
    let half = half_points(font(Size::Normal, Ink::Plain).0);
    format!(
        "{XML}<w:styles {SPACES}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"Times New Roman\" w:hAnsi=\"Times New Roman\" w:eastAsia=\"SimSun\" w:cs=\"Times New Roman\"/>\
         <w:sz w:val=\"{half}\"/><w:szCs w:val=\"{half}\"/><w:lang w:val=\"en-GB\" w:eastAsia=\"zh-CN\" w:bidi=\"ar-SA\"/></w:rPr></w:rPrDefault>\
         <w:pPrDefault><w:pPr><w:spacing w:before=\"0\" w:after=\"0\" w:line=\"252\" w:lineRule=\"auto\"/></w:pPr></w:pPrDefault></w:docDefaults>\
         <w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/></w:style></w:styles>"
    )
}
