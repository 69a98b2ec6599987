//! Archives and office documents: what is encrypted, what stands beside the text, what a column's name says.
use super::{ID, config, hits};
use discover::Limits;
use discover::fuzz::read_bytes;
use evidence::{Body, GapReason, Spot};
use testing::plant;

fn document(members: &[(&str, String)]) -> Vec<u8> {
    let types: (&str, &[u8]) = ("[Content_Types].xml", b"<Types/>");
    let all: Vec<(&str, &[u8])> =
        std::iter::once(types).chain(members.iter().map(|(n, t)| (*n, t.as_bytes()))).collect();
    plant::zip(&all).expect("memory takes an archive")
}

#[test]
fn an_encrypted_member_is_a_gap_and_its_neighbour_is_read() {
    let text = format!("身份证号 {ID}\n");
    let mut zip = plant::zip(&[("secret.txt", text.as_bytes()), ("open.txt", text.as_bytes())]).unwrap();
    // Bit 0 of the general purpose flags (APPNOTE 4.4.4): at 6 in a local header, at 8 in the directory's entry.
    let central = memchr::memmem::find(&zip, b"PK\x01\x02").unwrap();
    (zip[6], zip[central + 8]) = (zip[6] | 1, zip[central + 8] | 1);
    let bodies = read_bytes(&zip, &config(Limits::default()));
    let gaps: Vec<_> = bodies.iter().filter_map(|b| if let Body::Gap(g) = b { Some(g) } else { None }).collect();
    assert_eq!((gaps.len(), gaps[0].reason), (1, GapReason::Encrypted));
    assert_eq!(gaps[0].at.as_ref().unwrap().inside[0].as_str(), "secret.txt");
    assert_eq!(hits(&bodies)[0].at.inside[0].as_str(), "open.txt");
}

#[test]
fn comments_slides_and_notes_are_read() {
    // The number is split over runs in each, as editors split it.
    let (a, b) = ID.split_at(7);
    let word = format!(
        "<w:comments><w:comment><w:p><w:r><w:t>身份证号 {a}</w:t></w:r><w:r><w:t>{b}</w:t></w:r></w:p></w:comment></w:comments>"
    );
    let cells = format!(
        "<comments><commentList><comment ref=\"B2\"><text><r><t>身份证号 {a}</t></r><r><t>{b}</t></r></text></comment></commentList></comments>"
    );
    let slide = format!("<p:sld><a:p><a:r><a:t>身份证号 {a}</a:t></a:r><a:r><a:t>{b}</a:t></a:r></a:p></p:sld>");
    let remark = format!("<p:cmLst><p:cm><p:text>身份证号 {a}{b}</p:text></p:cm></p:cmLst>");
    for (member, text) in [
        ("word/comments.xml", &word),
        ("word/footnotes.xml", &word),
        ("xl/comments1.xml", &cells),
        ("ppt/slides/slide1.xml", &slide),
        ("ppt/notesSlides/notesSlide1.xml", &slide),
        ("ppt/comments/comment1.xml", &remark),
    ] {
        let bodies = read_bytes(&document(&[(member, text.clone())]), &config(Limits::default()));
        let hits = hits(&bodies);
        assert_eq!(hits.len(), 1, "{member}");
        assert_eq!((hits[0].class.as_str(), hits[0].bands.high), ("cn.resident-id", 1), "{member}");
        assert_eq!(hits[0].at.inside[0].as_str(), member);
    }
}

#[test]
fn a_column_speaks_for_its_cells_however_far_down() {
    // 6228480402564890018 passes Luhn; without a word for it a card number is low, and so is a phone number.
    const CARD: &str = "6228480402564890018";
    const PHONE: &str = "13961835674";
    const ROWS: usize = 8000;
    let rows = (1..=ROWS).map(|r| match r {
        1 => ["姓名", "银行卡号", "手机", "备注"].map(str::to_owned).to_vec(),
        5 | 7999 => ["张三", CARD, PHONE, CARD].map(str::to_owned).to_vec(),
        _ => ["李四", "some", "other", "cells of this row"].map(str::to_owned).to_vec(),
    });
    let book = plant::xlsx("Staff", rows).unwrap();
    let bodies = read_bytes(&book, &config(Limits::default()));
    for (class, column) in [("bank-card", "B"), ("cn.mobile", "C")] {
        let hit = *hits(&bodies).iter().find(|h| h.class.as_str() == class).unwrap();
        let high: Vec<_> = hit.samples.iter().filter(|s| s.confidence >= 85).map(|s| s.spot.clone()).collect();
        let cell = |row| Spot::Cell { sheet: "Staff".to_owned(), cell: format!("{column}{row}") };
        assert_eq!(high, [cell(5), cell(7999)], "{class}");
    }
    let cards = *hits(&bodies).iter().find(|h| h.class.as_str() == "bank-card").unwrap();
    assert_eq!((cards.bands.high, cards.bands.low), (2, 2), "the remark's column does not speak for cards");
}

#[test]
fn a_long_string_that_many_cells_share_is_a_bomb() {
    // 2 MiB of text that no rule takes for anything, and 400 cells of it: 400 MiB out of some kilobytes.
    let strings = format!("<sst><si><t>{}</t></si></sst>", "pump ".repeat((2 << 20) / 5));
    let cells = |n: usize| {
        let row = "<row><c t=\"s\"><v>0</v></c></row>".repeat(n);
        format!("<worksheet><sheetData><row><c><v>{ID}</v></c></row>{row}</sheetData></worksheet>")
    };
    for (n, reason) in [(1, GapReason::TooLarge), (400, GapReason::Bomb)] {
        let book = document(&[
            ("xl/workbook.xml", "<workbook/>".to_owned()),
            ("xl/sharedStrings.xml", strings.clone()),
            ("xl/worksheets/sheet1.xml", cells(n)),
        ]);
        let bodies = read_bytes(&book, &config(Limits::default()));
        // What stands after a bomb in its file is not read either, and each says so.
        let mut gaps = super::gaps(&bodies);
        gaps.dedup();
        assert_eq!(gaps, [reason], "{n} cells");
        assert_eq!(hits(&bodies).len(), 1, "{n} cells");
        let covered = bodies.iter().find_map(|b| if let Body::Covered(c) = b { Some(c) } else { None }).unwrap();
        // A bomb is told at 16 MiB.
        assert!(covered.counts["decoded_bytes"] < 17 << 20, "{n} cells: {:?}", covered.counts);
    }
}

#[test]
fn names_of_sheets_take_little_memory() {
    let many: String =
        (0..20_000).map(|i| format!("<Relationship Id=\"r{i}\" Target=\"worksheets/x{i}.xml\"/>")).collect();
    let book = document(&[
        ("xl/_rels/workbook.xml.rels", format!("<Relationships>{many}</Relationships>")),
        ("xl/workbook.xml", "<workbook/>".to_owned()),
        ("xl/worksheets/sheet1.xml", format!("<worksheet><row><c><v>{ID}</v></c></row></worksheet>")),
    ]);
    let bodies = read_bytes(&book, &config(Limits::default()));
    assert_eq!(super::gaps(&bodies), [GapReason::TooLarge]);
    assert_eq!(hits(&bodies).len(), 1);
}

#[test]
fn what_the_end_of_an_archive_claims_is_held_against_what_is_there() {
    let text = format!("身份证号 {ID}\n");
    let zip = plant::zip(&[("a.txt", text.as_bytes()), ("b.txt", text.as_bytes())]).unwrap();
    let mut twins = zip.clone();
    for at in memchr::memmem::find_iter(&zip, b"b.txt") {
        twins[at] = b'a';
    }
    let bodies = read_bytes(&twins, &config(Limits::default()));
    assert_eq!((hits(&bodies).len(), super::gaps(&bodies)), (1, vec![GapReason::Corrupt]), "two of one name");
    // The number of entries stands at 8 (on this disk) and 10 of the end record (APPNOTE 4.3.16).
    let end = memchr::memmem::rfind(&zip, b"PK\x05\x06").unwrap();
    let mut endless = zip.clone();
    endless[end + 8..end + 12].fill(0xFF);
    let bodies = read_bytes(&endless, &config(Limits::default()));
    assert_eq!((hits(&bodies).len(), super::gaps(&bodies)), (0, vec![GapReason::TooMany]), "no zip64 record");
    let bodies = read_bytes(&zip, &config(Limits::default()));
    assert_eq!((hits(&bodies).len(), super::gaps(&bodies)), (2, vec![]));
}
