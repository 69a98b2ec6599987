//! Grows folders with identifiers planted in them, and remembers which lie where.
//!
//! Everything follows from a seed. The identifiers are valid by their standards' check digits, computed here
//! independently of the finders. They serve speed and regression: planted values prove no accuracy.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;

/// SplitMix64 (Steele, Lea, Flood 2014): small, seeded, good enough to shuffle with.
#[derive(Clone, Debug)]
pub struct Rng(u64);
impl Rng {
    /// From a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }
    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.draw() % (n.max(1) as u64)).unwrap_or(0)
    }
    /// One of `items`, which is not empty.
    pub fn pick<'t, T>(&mut self, items: &'t [T]) -> &'t T {
        &items[self.below(items.len())]
    }
    pub(crate) fn digits(&mut self, n: usize) -> String {
        (0..n).map(|_| char::from(b'0' + self.below(10) as u8)).collect()
    }
}

/// A resident identity number (GB 11643).
pub fn resident_id(rng: &mut Rng) -> String {
    let region = *rng.pick(&["110105", "310115", "320583", "360426", "440305", "510107", "810000", "330106"]);
    let body = format!(
        "{region}{}{:02}{:02}{:03}",
        1950 + rng.below(60),
        1 + rng.below(12),
        1 + rng.below(28),
        rng.below(1000)
    );
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
    // ISO 7064 MOD 11-2: sum + check = 1 (mod 11).
    let check = (12 - sum % 11) % 11;
    format!("{body}{}", if check == 10 { 'X' } else { char::from_digit(check, 10).unwrap_or('0') })
}

/// A unified social credit code (GB 32100) of an enterprise.
pub fn uscc(rng: &mut Rng) -> String {
    const CHARS: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let region = *rng.pick(&["110000", "310115", "350100", "440300", "320500"]);
    let organisation: String = (0..8).map(|_| char::from(CHARS[rng.below(31)])).collect();
    let body = format!("91{region}M{organisation}");
    let place = |b: u8| CHARS.iter().position(|c| *c == b).unwrap_or(0);
    let mut weight = 1;
    let mut sum = 0;
    for b in body.bytes() {
        sum += place(b) * weight;
        weight = weight * 3 % 31;
    }
    format!("{body}{}", char::from(CHARS[(31 - sum % 31) % 31]))
}

/// A UnionPay card number of 16 or 19 digits with its Luhn digit.
pub fn bank_card(rng: &mut Rng) -> String {
    let n = *rng.pick(&[15, 18]);
    let prefix = *rng.pick(&["622848", "621700", "622202", "625912"]);
    let body = format!("{prefix}{}", rng.digits(n - 6));
    let doubled = body.bytes().rev().enumerate().map(|(i, b)| {
        let d = u32::from(b - b'0');
        if i % 2 == 0 { (d * 2) / 10 + (d * 2) % 10 } else { d }
    });
    format!("{body}{}", (10 - doubled.sum::<u32>() % 10) % 10)
}

/// A mobile number in a segment that is in use.
pub fn mobile(rng: &mut Rng) -> String {
    let segment = *rng.pick(&["136", "139", "150", "158", "166", "177", "186", "199"]);
    // Not one of the round numbers of manuals.
    format!("{segment}{}{}", rng.digits(6), 12 + rng.below(80))
}

/// A vehicle identification number of a Chinese maker, with its check digit.
pub fn vin(rng: &mut Rng) -> String {
    const CHARS: &[u8] = b"ABCDEFGHJKLMNPRSTVWXY123456789";
    let some = |rng: &mut Rng, n: usize| (0..n).map(|_| char::from(CHARS[rng.below(CHARS.len())])).collect::<String>();
    let maker = *rng.pick(&["LSV", "LFV", "LGB", "LVS"]);
    let body = format!("{maker}{}0{}{}", some(rng, 5), some(rng, 3), rng.digits(5));
    let value = |b: u8| match b {
        b'0'..=b'9' => u32::from(b - b'0'),
        b'A'..=b'H' => u32::from(b - b'A') + 1,
        b'J'..=b'R' => u32::from(b - b'J') + 1,
        _ => u32::from(b - b'S') + 2,
    };
    let weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(b, w)| value(b) * w).sum();
    let check = if sum % 11 == 10 { 'X' } else { char::from_digit(sum % 11, 10).unwrap_or('0') };
    format!("{}{check}{}", &body[..8], &body[9..])
}

/// An e-mail address at a house that exists for mail.
pub fn email(rng: &mut Rng) -> String {
    let name: String = (0..8).map(|_| char::from(b'a' + rng.below(26) as u8)).collect();
    format!("{name}{}@{}", rng.below(1000), rng.pick(&["qq.com", "163.com", "gmail.com"]))
}

/// Something with the form of a PEM private key; it opens nothing.
pub fn private_key(rng: &mut Rng) -> String {
    const CHARS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let line = |rng: &mut Rng| (0..64).map(|_| char::from(CHARS[rng.below(64)])).collect::<String>();
    let body: Vec<String> = (0..12).map(|_| line(rng)).collect();
    format!("-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----", body.join("\n"))
}

/// A class's id, its generator and the words that usually stand before it.
pub type Seedling = (&'static str, fn(&mut Rng) -> String, [&'static str; 2]);
/// Every class that can be planted.
pub const CLASSES: [Seedling; 7] = [
    ("cn.resident-id", resident_id, ["身份证号：", "ID card: "]),
    ("cn.uscc", uscc, ["统一社会信用代码：", "USCC: "]),
    ("bank-card", bank_card, ["银行卡号：", "card number: "]),
    ("cn.mobile", mobile, ["联系电话：", "phone: "]),
    ("vin", vin, ["车架号：", "VIN: "]),
    ("email", email, ["邮箱：", "e-mail: "]),
    ("private-key", private_key, ["", ""]),
];

/// How a planted text is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wrap {
    /// As it is, in UTF-8.
    Utf8,
    /// In GB18030.
    Gb18030,
    /// In UTF-16, little end first, with a mark.
    Utf16,
    /// UTF-8 under gzip.
    Gzip,
    /// UTF-8 as a member of a zip archive.
    Zip,
    /// As cells of an Excel workbook.
    Xlsx,
    /// As paragraphs of a Word document.
    Docx,
}

/// One planted value.
#[derive(Clone, Debug)]
pub struct Planted {
    /// The file, from the tree's root.
    pub path: PathBuf,
    /// How the file is stored.
    pub wrap: Wrap,
    /// Class id.
    pub class: &'static str,
    /// The value itself.
    pub value: String,
    /// Line in the text (row in a workbook), from 1.
    pub line: u64,
}

/// What a tree is grown from.
#[derive(Clone, Copy, Debug)]
pub struct Grow {
    /// Equal seeds grow equal trees.
    pub seed: u64,
    /// Number of files.
    pub files: usize,
    /// Size of each text in bytes, about.
    pub file_bytes: usize,
    /// One value is planted in every so many files.
    pub every: usize,
}

/// Grows a tree under `dir`; returns what was planted.
pub fn tree(dir: &Path, grow: Grow) -> io::Result<Vec<Planted>> {
    let mut rng = Rng::new(grow.seed);
    let mut all = Vec::new();
    for i in 0..grow.files {
        let wrap = match i % 20 {
            0..=10 => Wrap::Utf8,
            11..=13 => Wrap::Gb18030,
            14..=16 => Wrap::Utf16,
            17 => Wrap::Gzip,
            18 => Wrap::Zip,
            _ => Wrap::Xlsx,
        };
        let seedling = (i % grow.every.max(1) == 0).then(|| CLASSES[rng.below(CLASSES.len())]);
        let seedling = seedling.filter(|s| wrap != Wrap::Xlsx || s.0 != "private-key");
        let (lines, planted) = lines(&mut rng, grow.file_bytes, seedling);
        let folder = PathBuf::from(format!("d{:03}", i / 100));
        std::fs::create_dir_all(dir.join(&folder))?;
        let path = folder.join(format!("f{i:06}.{}", ending(wrap)));
        std::fs::write(dir.join(&path), stored(wrap, &lines)?)?;
        all.extend(planted.map(|(class, value, line)| Planted { path, wrap, class, value, line }));
    }
    Ok(all)
}

fn ending(wrap: Wrap) -> &'static str {
    match wrap {
        Wrap::Utf8 | Wrap::Gb18030 | Wrap::Utf16 => "txt",
        Wrap::Gzip => "txt.gz",
        Wrap::Zip => "zip",
        Wrap::Xlsx => "xlsx",
        Wrap::Docx => "docx",
    }
}

type Sown = (&'static str, String, u64);
fn lines(rng: &mut Rng, bytes: usize, seedling: Option<Seedling>) -> (Vec<String>, Option<Sown>) {
    const ENGLISH: [&str; 16] = [
        "the",
        "pump",
        "station",
        "reports",
        "pressure",
        "within",
        "limits",
        "of",
        "its",
        "recipe",
        "while",
        "maintenance",
        "continues",
        "on",
        "Line",
        "A3",
    ];
    const CHINESE: [&str; 10] = ["设备", "运行", "正常", "车间", "温度", "记录", "生产", "计划", "完成", "检修"];
    let mut out = Vec::new();
    let mut size = 0;
    while size < bytes {
        let chinese = rng.below(3) == 0;
        let words = (0..8 + rng.below(8)).map(|_| if chinese { *rng.pick(&CHINESE) } else { *rng.pick(&ENGLISH) });
        let words: Vec<&str> = words.collect();
        let line = if chinese { words.concat() + "。" } else { words.join(" ") + "." };
        size += line.len() + 1;
        out.push(line);
    }
    let sown = seedling.map(|(class, make, words)| {
        let value = make(rng);
        let at = rng.below(out.len() + 1);
        out.insert(at, format!("{}{value}", rng.pick(&words)));
        (class, value, at as u64 + 1)
    });
    (out, sown)
}

/// The lines as the bytes of a file.
pub fn stored(wrap: Wrap, lines: &[String]) -> io::Result<Vec<u8>> {
    let text = lines.join("\n") + "\n";
    match wrap {
        Wrap::Utf8 => Ok(text.into_bytes()),
        Wrap::Gb18030 => Ok(encoding_rs::GB18030.encode(&text).0.into_owned()),
        Wrap::Utf16 => {
            let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
            Ok(units.flat_map(u16::to_le_bytes).collect())
        }
        Wrap::Gzip => gzip(text.as_bytes()),
        Wrap::Zip => zip(&[("note.txt", text.as_bytes())]),
        Wrap::Xlsx => xlsx("Sheet 1", lines.iter().map(|l| vec![l.clone()])),
        Wrap::Docx => docx(&lines.iter().map(String::as_str).collect::<Vec<_>>()),
    }
}

/// Bytes under gzip.
pub fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(bytes)?;
    out.finish()
}

/// A zip archive of named members.
pub fn zip(members: &[(&str, &[u8])]) -> io::Result<Vec<u8>> {
    let mut out = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        out.start_file(*name, SimpleFileOptions::default())?;
        out.write_all(bytes)?;
    }
    Ok(out.finish()?.into_inner())
}

/// A workbook with one sheet; even rows use shared strings, odd rows inline ones.
pub fn xlsx(sheet: &str, rows: impl Iterator<Item = Vec<String>>) -> io::Result<Vec<u8>> {
    let escape = |s: &str| s.replace('&', "&amp;").replace('<', "&lt;");
    let (mut cells, mut strings, mut n) = (String::new(), String::new(), 0);
    for (r, row) in (1..).zip(rows) {
        cells.push_str(&format!("<row r=\"{r}\">"));
        for (c, value) in (b'A'..=b'Z').zip(row) {
            let at = format!("{}{r}", char::from(c));
            if r % 2 == 0 {
                cells.push_str(&format!("<c r=\"{at}\" t=\"s\"><v>{n}</v></c>"));
                strings.push_str(&format!("<si><t>{}</t></si>", escape(&value)));
                n += 1;
            } else {
                cells.push_str(&format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{}</t></is></c>", escape(&value)));
            }
        }
        cells.push_str("</row>");
    }
    let book = format!(
        "<workbook xmlns:r=\"r\"><sheets><sheet name=\"{}\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
        escape(sheet)
    );
    zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/workbook.xml", book.as_bytes()),
        (
            "xl/_rels/workbook.xml.rels",
            b"<Relationships><Relationship Id=\"rId1\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
        ),
        ("xl/sharedStrings.xml", format!("<sst>{strings}</sst>").as_bytes()),
        ("xl/worksheets/sheet1.xml", format!("<worksheet><sheetData>{cells}</sheetData></worksheet>").as_bytes()),
    ])
}

/// A Word document of paragraphs; every paragraph is split over runs of three characters, as editors do.
pub fn docx(paragraphs: &[&str]) -> io::Result<Vec<u8>> {
    let mut body = String::new();
    for paragraph in paragraphs {
        body.push_str("<w:p>");
        for run in paragraph.chars().collect::<Vec<_>>().chunks(3) {
            let run: String = run.iter().collect();
            body.push_str(&format!("<w:r><w:t>{}</w:t></w:r>", run.replace('&', "&amp;").replace('<', "&lt;")));
        }
        body.push_str("</w:p>");
    }
    let document = format!("<w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>");
    zip(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", document.as_bytes())])
}
