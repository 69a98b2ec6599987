//! Documents that claim what is not so: strings, sectors, pieces, nesting; documents that are cut; large ones.
use super::{A, Expect, bytes, check, compound, mail_of, seen};
use crate::{config, folder, gaps, hits, run};
use discover::Limits;
use discover::fuzz::read_bytes;
use evidence::{Body, GapReason};
use std::path::Path;
use testing::plant;

/// A bomb is told after 1 MiB, so that debug builds need not decode more.
fn bombs() -> Limits {
    Limits { bomb_bytes_min: 1 << 20, ..Limits::default() }
}

/// A workbook of the given records in an own stream.
fn workbook(records: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut stream = Vec::new();
    for (kind, body) in records {
        stream.extend(kind.to_le_bytes());
        stream.extend((body.len() as u16).to_le_bytes());
        stream.extend(body);
    }
    // Longer than the streams that lie in small sectors.
    stream.resize(stream.len().max(5000), 0);
    compound(&[("Workbook", &stream)])
}

#[test]
fn records_of_a_workbook_cost_what_they_hold() {
    let begin = |kind: u8| (0x0809, vec![0, 6, kind, 0, 0, 0, 0, 0]);
    let cell = |row: u16, string: u32| {
        (0x00FD, [row.to_le_bytes(), [0; 2], [0; 2]].concat().into_iter().chain(string.to_le_bytes()).collect())
    };
    let strings = |count: u32, bodies: &[&str]| {
        let mut body = [count.to_le_bytes(), count.to_le_bytes()].concat();
        for text in bodies {
            body.extend((text.len() as u16).to_le_bytes());
            body.push(0);
            body.extend(text.as_bytes());
        }
        (0x00FC, body)
    };
    let end = || (0x000A, Vec::new());
    // Three numbers in one record, of four bytes each: 13958643712 is 1.625 times 2^33, so half a float holds it.
    let short = ((13_958_643_712f64.to_bits() >> 32) as u32).to_le_bytes();
    let mut numbers = vec![1, 0, 0, 0];
    (0..3).for_each(|_| numbers.extend([&[0, 0], &short[..]].concat()));
    numbers.extend([2, 0]);
    let book = [begin(5), end(), begin(16), (0x00BD, numbers), end()];
    let number = ("cn.mobile", "13958643712");
    let three: &[Expect<'_>] =
        &[(number, "Workbook", "#1!A2"), (number, "Workbook", "#1!B2"), (number, "Workbook", "#1!C2")];
    check("numbers", &workbook(&book), three, &[]);
    // So many strings, of which one is there.
    let few = workbook(&[
        begin(5),
        strings(1 << 31, &["phone 13961835674"]),
        end(),
        begin(16),
        cell(0, 0),
        cell(1, 9),
        end(),
    ]);
    check("strings", &few, &[(A, "Workbook", "#1!A1")], &[GapReason::Corrupt]);
    // A string of the greatest length that a record claims.
    let mut long = strings(1, &["phone 13961835674"]);
    long.1[8..10].fill(0xFF);
    let long = workbook(&[begin(5), long, end(), begin(16), cell(0, 0), end()]);
    check("a string", &long, &[(A, "Workbook", "#1!A1")], &[GapReason::Corrupt]);
    // A long text in many cells.
    let text = "pump ".repeat(1600);
    let mut many = vec![begin(5), strings(1, &[&text]), end(), begin(16)];
    many.extend((0..4000).map(|r| cell(r, 0)));
    let bodies = read_bytes(&workbook(&many), &config(bombs()));
    assert_eq!(gaps(&bodies), [GapReason::Bomb]);
}

#[test]
fn sectors_that_lead_in_circles_end() {
    let whole = bytes("letter.doc");
    let number = |at: usize| u32::from_le_bytes(whole[at..at + 4].try_into().unwrap());
    let table = 512 * (number(76) as usize + 1);
    let directory = 512 * (number(48) as usize + 1);
    let with = |edit: &dyn Fn(&mut Vec<u8>)| {
        let mut other = whole.clone();
        edit(&mut other);
        let bodies = read_bytes(&other, &config(Limits::default()));
        let decoded =
            bodies.iter().find_map(|b| if let Body::Covered(c) = b { Some(c.counts["decoded_bytes"]) } else { None });
        assert!(decoded.unwrap() < 1 << 20);
        gaps(&bodies)
    };
    let fill = |n: u32| {
        move |b: &mut Vec<u8>| (0..128).for_each(|i| b[table + 4 * i..][..4].copy_from_slice(&n.to_le_bytes()))
    };
    let itself =
        |b: &mut Vec<u8>| (0..128u32).for_each(|i| b[table + 4 * i as usize..][..4].copy_from_slice(&i.to_le_bytes()));
    assert!(with(&fill(1)).contains(&GapReason::Corrupt), "all lead to one");
    assert!(with(&itself).contains(&GapReason::Corrupt), "each leads to itself");
    assert!(with(&fill(0xFFFF_FFFF)).contains(&GapReason::Corrupt), "each leads nowhere");
    // Every entry of the directory has every other as its neighbour and child, and claims two gigabytes.
    let entries = |field: usize, n: u32| {
        move |b: &mut Vec<u8>| {
            for i in 0..4 {
                b[directory + 128 * i + field..][..4].copy_from_slice(&n.to_le_bytes());
            }
        }
    };
    for field in [68, 72] {
        assert!(with(&entries(field, 1)).contains(&GapReason::Corrupt), "entries {field}");
    }
    assert!(with(&entries(120, 1 << 31)).contains(&GapReason::Corrupt), "sizes");
    // The list of the table's sectors goes on in itself: whatever that yields, it ends.
    let list = |b: &mut Vec<u8>| {
        b[68..72].copy_from_slice(&0u32.to_le_bytes());
        b[76..512].fill(0);
        b[512..1024].fill(0);
    };
    assert!(with(&list).contains(&GapReason::Corrupt));
}

#[test]
fn pieces_of_a_document_that_repeat_are_a_bomb() {
    // A Word document of one sector of text, and a table of 6,000 pieces that all lead to it.
    let text = "pump 1, pump 2. ".repeat(256);
    let mut fib = vec![0; 1024];
    fib[0..4].copy_from_slice(b"\xEC\xA5\xC1\0");
    (fib[32], fib[62], fib[152]) = (14, 22, 93);
    let pieces = 6000u32;
    let mut table = vec![2];
    table.extend((pieces * 12 + 4).to_le_bytes());
    (0..=pieces).for_each(|i| table.extend((i * 4000).to_le_bytes()));
    (0..pieces).for_each(|_| table.extend([0, 0, 0, 8, 0, 0x40, 0, 0]));
    let at = 154 + 33 * 8;
    fib[at + 4..at + 8].copy_from_slice(&(table.len() as u32).to_le_bytes());
    let doc = [fib, text.into_bytes()].concat();
    let bodies = read_bytes(&compound(&[("WordDocument", &doc), ("0Table", &table)]), &config(bombs()));
    assert_eq!(gaps(&bodies), [GapReason::Bomb]);
}

#[test]
fn what_is_nested_too_deep_is_told_and_read_up_to_there() {
    let rtf = format!("{{\\rtf1 phone 13961835674 {}", "{".repeat(1_000_000));
    check("groups", rtf.as_bytes(), &[(A, "", "1")], &[GapReason::TooDeep]);
    // A mail of a thousand multiparts, each in the other; the innermost text is found all the same.
    let mut mail = String::from("From: a\nTo: b\n");
    for i in 0..1000 {
        mail.push_str(&format!("Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n"));
    }
    mail.push_str("\nphone 13961835674\n");
    (0..1000).rev().for_each(|i| mail.push_str(&format!("--b{i}--\n")));
    let bodies = read_bytes(mail.as_bytes(), &config(Limits::default()));
    assert_eq!((hits(&bodies).len(), gaps(&bodies)), (1, vec![GapReason::TooDeep]));
    // Mails in mails.
    let mut mail = "From: a\nTo: b\n\nphone 13961835674\n".to_owned();
    for i in 0..12 {
        mail = format!(
            "From: a\nTo: b\nContent-Type: multipart/mixed; boundary=x{i}\n\n--x{i}\nContent-Type: message/rfc822\n\n{mail}\n--x{i}--\n"
        );
    }
    let bodies = read_bytes(mail.as_bytes(), &config(Limits::default()));
    assert_eq!((hits(&bodies).len(), gaps(&bodies)), (1, vec![GapReason::TooDeep]));
    // A spreadsheet that claims a milliard of columns and rows, in tables in tables.
    let cell = "<table:table-cell table:number-columns-repeated=\"1000000000\"><text:p>phone 13961835674</text:p></table:table-cell>";
    let content = format!(
        "<office:document-content><office:spreadsheet><table:table table:name=\"a\"><table:table-row table:number-rows-repeated=\"4000000000\">{cell}{cell}</table:table-row><table:table-row>{cell}</table:table-row></table:table></office:spreadsheet></office:document-content>"
    );
    let manifest = "<manifest:manifest><manifest:file-entry manifest:full-path=\"/\" manifest:media-type=\"application/vnd.oasis.opendocument.spreadsheet\"/></manifest:manifest>";
    let ods =
        plant::zip(&[("META-INF/manifest.xml", manifest.as_bytes()), ("content.xml", content.as_bytes())]).unwrap();
    let expect: &[Expect<'_>] =
        &[(A, "content.xml", "a!A1"), (A, "content.xml", "a!CFDGSXM1"), (A, "content.xml", "a!A4000000001")];
    check("repeated", &ods, expect, &[]);
}

#[test]
fn what_is_cut_is_told_and_read_up_to_there() {
    let whole = bytes("full.eml");
    let at = memchr::memmem::find(&whole, b"filename=\"a.zip\"").unwrap();
    let bodies = read_bytes(&whole[..at], &config(Limits::default()));
    assert_eq!(gaps(&bodies), [GapReason::Corrupt]);
    assert_eq!(seen(&bodies).len(), 11);
    // A fault of what a document is packed in is told once.
    let mut packed = plant::gzip(&[&whole[..], &[b'\n'; 100_000]].concat()).unwrap();
    packed.truncate(packed.len() - 9);
    let bodies = read_bytes(&packed, &config(Limits::default()));
    assert_eq!((seen(&bodies).len(), gaps(&bodies)), (12, vec![GapReason::Corrupt]));
    let rtf = bytes("letter.rtf");
    let bodies = read_bytes(&rtf[..rtf.len() - 60], &config(Limits::default()));
    assert_eq!(gaps(&bodies), [GapReason::Corrupt]);
    assert_eq!(seen(&bodies).len(), 10);
    // A compound file without its second half: of what lies before, all is read.
    let mut lines = "phone 13961835674\n".to_owned();
    lines.push_str(&"all is well\n".repeat(10_000));
    let file = compound(&[("Notes", lines.as_bytes())]);
    let bodies = read_bytes(&file[..file.len() / 2], &config(Limits::default()));
    assert_eq!((hits(&bodies).len(), gaps(&bodies)), (1, vec![GapReason::Unsupported, GapReason::Corrupt]));
}

#[test]
fn any_cut_and_any_flipped_byte_of_a_document_is_read_without_a_panic() {
    for name in [
        "letter.doc",
        "letter.rtf",
        "letter.odt",
        "book.xls",
        "gbk5.xls",
        "slides.ppt.gz",
        "full.eml",
        "box.mbox",
        "locked.ods",
    ] {
        let whole = bytes(name);
        let step = (whole.len() / 80).max(1);
        for n in (0..whole.len()).step_by(step) {
            let _ = read_bytes(&whole[..n], &config(Limits::default()));
            for flip in [0x01, 0x80, 0xFF] {
                let mut other = whole.clone();
                other[n] ^= flip;
                let _ = read_bytes(&other, &config(Limits::default()));
            }
        }
    }
    // Heads and directories, where each byte counts.
    for name in ["book.xls", "letter.doc"] {
        let whole = bytes(name);
        let directory = 512 * (u32::from_le_bytes(whole[48..52].try_into().unwrap()) as usize + 1);
        for n in (0..80).chain(directory..directory + 512) {
            for byte in [0, 1, 0x7F, 0xFF] {
                let mut other = whole.clone();
                other[n] = byte;
                let _ = read_bytes(&other, &config(Limits::default()));
            }
        }
    }
}

/// Peak memory of this process in KiB: `VmHWM` of proc_pid_status(5).
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux shows a process to itself");
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).expect("since Linux 2.6");
    line.trim().trim_end_matches(" kB").parse().expect("a number in KiB")
}

#[test]
fn a_large_mail_or_page_takes_little_memory() {
    const LARGE: &str = "DISCOVER_TEST_LARGE_DOCUMENTS";
    if let Some(dir) = std::env::var_os(LARGE) {
        let bodies = run(Path::new(&dir), Limits::default());
        let found: u64 = hits(&bodies).iter().map(|h| h.bands.high).sum();
        println!("\npeak {} found {found} gaps {:?}.", peak_kib(), gaps(&bodies));
        return;
    }
    let dir = folder("large-documents");
    let line = "the pump reports its limits, and nothing else is to be said of it\n";
    let text = format!("{}phone 13961835674\n", line.repeat((24 << 20) / line.len()));
    std::fs::write(dir.join("a.eml"), mail_of("notes.txt", text.as_bytes())).unwrap();
    std::fs::write(dir.join("b.html"), format!("<html>{text}</html>")).unwrap();
    std::fs::write(dir.join("c.rtf"), format!("{{\\rtf1 {}}}", text.replace('\n', "\\par "))).unwrap();
    std::fs::write(dir.join("d.json"), format!("{{\"\\u8bf4\\u660e\": \"{text}\"}}")).unwrap();
    std::fs::write(dir.join("e.mbox"), format!("From a@b Thu Jan  1 00:00:00 2024\nFrom: a\nTo: b\n\n{text}")).unwrap();
    // One Word document of 24 MiB: its text lies at 1,024, one byte a character.
    let mut fib = vec![0; 1024];
    fib[0..4].copy_from_slice(b"\xEC\xA5\xC1\0");
    (fib[32], fib[62], fib[152]) = (14, 22, 93);
    fib[154 + 33 * 8 + 4] = 21;
    let doc = [&fib[..], text.as_bytes()].concat();
    let table =
        [&[2, 16, 0, 0, 0, 0, 0, 0, 0][..], &(text.len() as u32).to_le_bytes(), &[0, 0, 0, 8, 0, 0x40, 0, 0]].concat();
    std::fs::write(dir.join("f.doc"), compound(&[("WordDocument", &doc), ("0Table", &table)])).unwrap();
    let this = std::env::current_exe().unwrap();
    let name = "documents::claims::a_large_mail_or_page_takes_little_memory";
    let out =
        std::process::Command::new(this).args(["--exact", name, "--nocapture"]).env(LARGE, &dir).output().unwrap();
    let out = String::from_utf8(out.stdout).unwrap();
    let line = out.lines().find_map(|l| l.strip_prefix("peak ")).unwrap_or_else(|| panic!("{out}"));
    let (peak, rest) = line.split_once(' ').unwrap();
    assert_eq!(rest, "found 6 gaps [].");
    assert!(peak.parse::<u64>().unwrap() < 64 << 10, "{line}");
    std::fs::remove_dir_all(&dir).unwrap();
}
