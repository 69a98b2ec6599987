//! A mixture of texts as a plant's share holds them, with values planted among look-alikes, and a manifest of what lies where.
//!
//! Prose, tables, logs, configuration and source text, in UTF-8, GB18030 and UTF-16, all from one seed. Order numbers,
//! batch numbers, timestamps in milliseconds, UUIDs and digests stand everywhere: a finder that takes them for
//! identifiers shows itself. Some tables are staff lists, where every row holds four values. The manifest is returned
//! (and can be written beside the tree, never into it). It serves speed and regression: planted values prove no accuracy.

mod lines;

use crate::kinds::{KINDS, Kind};
use crate::plant::{self, Planted, Rng, Wrap};
use lines::Style;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

/// Of twenty files: fourteen in UTF-8, four in GB18030, two in UTF-16 (little end first, with a mark).
const WRAPS: [Wrap; 20] = {
    let mut all = [Wrap::Utf8; 20];
    (all[3], all[8], all[13], all[18]) = (Wrap::Gb18030, Wrap::Gb18030, Wrap::Gb18030, Wrap::Gb18030);
    (all[6], all[16]) = (Wrap::Utf16, Wrap::Utf16);
    all
};
/// One file in so many is a staff list.
const STAFF_EVERY: usize = 97;

/// What a tree is grown from.
#[derive(Clone, Copy, Debug)]
pub struct Mix {
    /// Equal seeds grow equal trees.
    pub seed: u64,
    /// Number of files.
    pub files: usize,
    /// Smallest size of a text in UTF-8, bytes.
    pub bytes_min: usize,
    /// Largest size; sizes between are evenly drawn on a logarithmic scale.
    pub bytes_max: usize,
    /// One value is planted for about so many bytes (staff lists apart).
    pub every_bytes: usize,
}

/// A tree and what was planted in it.
#[derive(Clone, Debug, Default)]
pub struct Grown {
    /// The manifest; `class` is the id of the [`Kind`].
    pub planted: Vec<Planted>,
    /// Files.
    pub files: u64,
    /// Bytes of text as an unpacking reader sees them, each in its own encoding.
    pub text_bytes: u64,
    /// Bytes on disk.
    pub disk_bytes: u64,
}
impl Grown {
    /// The manifest as a table: path, encoding or container, kind, line, value.
    #[must_use]
    pub fn manifest(&self) -> String {
        let mut out = "path\twrap\tkind\tline\tvalue\n".to_owned();
        for p in &self.planted {
            let value = p.value.replace('\n', "\\n");
            let _ = writeln!(out, "{}\t{:?}\t{}\t{}\t{value}", p.path.display(), p.wrap, p.class, p.line);
        }
        out
    }
    fn add(&mut self, path: &Path, wrap: Wrap, text: Text, disk: usize) {
        self.files += 1;
        self.disk_bytes += disk as u64;
        let plant = |s: Sown| Planted { path: path.to_owned(), wrap, class: s.kind, value: s.value, line: s.line };
        self.planted.extend(text.sown.into_iter().map(plant));
    }
}

/// A value in a text.
#[derive(Clone, Debug)]
pub struct Sown {
    /// Id of its [`Kind`].
    pub kind: &'static str,
    /// The value.
    pub value: String,
    /// Line on which it begins, from 1.
    pub line: u64,
}

/// A text and what was planted in it.
#[derive(Clone, Debug, Default)]
pub struct Text {
    /// The text; every line ends with a line feed.
    pub text: String,
    /// What lies in it.
    pub sown: Vec<Sown>,
    ending: &'static str,
    lines: u64,
}
impl Text {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
        self.lines += 1 + line.bytes().filter(|b| *b == b'\n').count() as u64;
    }
    fn sow(&mut self, style: &mut Style, kind: &Kind, rng: &mut Rng) {
        let value = (kind.make)(rng);
        let line = self.lines + 1;
        // A key is lines of its own, whatever stands around it.
        let planted = if value.contains('\n') { value.clone() } else { style.planted(kind, &value, rng) };
        self.line(&planted);
        self.sown.push(Sown { kind: kind.id, value, line });
    }
}

/// A text of about `bytes` bytes in UTF-8: one style, a value for about every `every_bytes`.
pub fn text(rng: &mut Rng, bytes: usize, every_bytes: usize) -> Text {
    let mut style = Style::draw(rng);
    let mut out = Text { ending: style.ending(), ..Text::default() };
    if let Some(header) = style.header() {
        out.line(header);
    }
    let every = every_bytes.max(1);
    let count = bytes / every + usize::from(rng.below(every) < bytes % every);
    let mut at: Vec<usize> = (0..count).map(|_| rng.below(bytes)).collect();
    at.sort_unstable_by(|a, b| b.cmp(a));
    while out.text.len() < bytes {
        if at.pop_if(|next| *next <= out.text.len()).is_some() {
            let kind = loop {
                let kind = &KINDS[rng.below(KINDS.len())];
                if kind.id != "private-key" || !style.is_table() {
                    break kind;
                }
            };
            out.sow(&mut style, kind, rng);
        } else {
            let line = style.line(rng);
            out.line(&line);
        }
    }
    out
}

/// A staff list of about `bytes` bytes: in each row a resident identity number, a mobile number, an address, a card.
pub fn staff(rng: &mut Rng, bytes: usize) -> Text {
    let mut out = Text { ending: "csv", ..Text::default() };
    out.line("工号,姓名,身份证号,手机,邮箱,银行卡号,部门,入职日期");
    let column = |id: &str| KINDS.iter().find(|k| k.id == id).expect("the kind is in the table");
    let columns = ["resident-id", "mobile", "email", "bank-card"].map(column);
    while out.text.len() < bytes {
        let values = columns.map(|k| (k.id, (k.make)(rng)));
        let cells = values.each_ref().map(|v| v.1.as_str()).join(",");
        let line = out.lines + 1;
        let row = lines::staff_row(rng, line, &cells);
        out.line(&row);
        out.sown.extend(values.map(|(kind, value)| Sown { kind, value, line }));
    }
    out
}

fn drawn(rng: &mut Rng, i: usize, mix: &Mix) -> Text {
    let (least, most) = (mix.bytes_min.max(1) as f64, mix.bytes_max.max(mix.bytes_min).max(1) as f64);
    let share = rng.below(1001) as f64 / 1000.0;
    let bytes = (least * (most / least).powf(share)) as usize;
    // A staff list is of the smallest size: its values would else outnumber all others by far.
    if i % STAFF_EVERY == STAFF_EVERY - 1 { staff(rng, mix.bytes_min) } else { text(rng, bytes, mix.every_bytes) }
}

/// Grows a tree of plain texts under `dir`.
pub fn tree(dir: &Path, mix: &Mix) -> io::Result<Grown> {
    let mut rng = Rng::new(mix.seed);
    let mut grown = Grown::default();
    for i in 0..mix.files {
        let text = drawn(&mut rng, i, mix);
        let wrap = WRAPS[i % WRAPS.len()];
        let bytes = encoded(wrap, &text.text);
        let path = place(dir, i, text.ending)?;
        std::fs::write(dir.join(&path), &bytes)?;
        grown.text_bytes += bytes.len() as u64;
        grown.add(&path, wrap, text, bytes.len());
    }
    Ok(grown)
}

/// Grows a tree of containers under `dir`: gzip, zip, workbooks, documents, zip in zip, in turn. `text_bytes` is what the
/// texts have in UTF-8, without the containers' own markup.
pub fn containers(dir: &Path, mix: &Mix) -> io::Result<Grown> {
    let mut rng = Rng::new(mix.seed);
    let mut grown = Grown::default();
    for i in 0..mix.files {
        let text = drawn(&mut rng, i, mix);
        // A line is a cell or a paragraph: a key of several lines lies in several.
        let lines: Vec<&str> = text.text.lines().collect();
        let (ending, wrap, bytes) = match i % 5 {
            0 => ("txt.gz", Wrap::Gzip, plant::gzip(text.text.as_bytes())?),
            1 => ("zip", Wrap::Zip, plant::zip(&[("说明.txt", text.text.as_bytes())])?),
            2 => {
                // A row of a table is a row of cells.
                let rows = lines.iter().map(|l| match text.ending {
                    "csv" => l.split(',').map(str::to_owned).collect(),
                    _ => vec![(*l).to_owned()],
                });
                ("xlsx", Wrap::Xlsx, plant::xlsx("数据", rows)?)
            }
            3 => ("docx", Wrap::Docx, plant::docx(&lines)?),
            _ => ("zip", Wrap::Zip, plant::zip(&[("内.zip", &plant::zip(&[("a.txt", text.text.as_bytes())])?)])?),
        };
        let path = place(dir, i, ending)?;
        std::fs::write(dir.join(&path), &bytes)?;
        grown.text_bytes += text.text.len() as u64;
        grown.add(&path, wrap, text, bytes.len());
    }
    Ok(grown)
}

fn place(dir: &Path, i: usize, ending: &str) -> io::Result<PathBuf> {
    let folder = PathBuf::from(format!("d{:03}", i / 100));
    std::fs::create_dir_all(dir.join(&folder))?;
    Ok(folder.join(format!("f{i:06}.{ending}")))
}

fn encoded(wrap: Wrap, text: &str) -> Vec<u8> {
    match wrap {
        Wrap::Gb18030 => encoding_rs::GB18030.encode(text).0.into_owned(),
        Wrap::Utf16 => std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
        _ => text.as_bytes().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_tells_the_truth() {
        let mut rng = Rng::new(1);
        for round in 0..40 {
            let text = if round % 8 == 0 { staff(&mut rng, 4000) } else { text(&mut rng, 20_000, 2_000) };
            let lines: Vec<&str> = text.text.lines().collect();
            assert!(!text.sown.is_empty());
            for s in &text.sown {
                let from = lines[s.line as usize - 1..].join("\n");
                let first = s.value.lines().next().unwrap();
                assert!(lines[s.line as usize - 1].contains(first), "{} on line {}", s.kind, s.line);
                assert!(from.contains(&s.value), "{} on line {}", s.kind, s.line);
            }
        }
    }

    #[test]
    fn equal_seeds_grow_equal_trees() {
        let mix = Mix { seed: 9, files: 25, bytes_min: 500, bytes_max: 3000, every_bytes: 1000 };
        let grow = |name: &str| {
            let dir = std::env::temp_dir().join(format!("mixture-{name}-{}", std::process::id()));
            let grown = tree(&dir, &mix).unwrap();
            let bytes: Vec<Vec<u8>> = grown.planted.iter().map(|p| std::fs::read(dir.join(&p.path)).unwrap()).collect();
            std::fs::remove_dir_all(&dir).unwrap();
            (grown.manifest(), bytes, grown.text_bytes)
        };
        let (a, b) = (grow("a"), grow("b"));
        assert!(a == b && a.0.lines().count() > 20);
    }
}
