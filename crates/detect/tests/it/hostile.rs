//! Lines that somebody made to hurt: counted, the first named, never a panic, never memory without a bound.

use crate::{Dir, facts, field, read, rows};
use detect::flows::{BAD_NAMED_MAX, LINE_BYTES_MAX, try_lines};
use evidence::{Body, GapReason};

const GOOD: &str =
    "1767323045.123 200 10.0.0.5 TCP_TUNNEL/200 4000 CONNECT drop.example:443 - HIER_DIRECT/198.51.100.5 -\n";

#[test]
fn bad_lines_are_counted_and_the_first_are_named() {
    let dir = Dir::new();
    let mut text = GOOD.to_owned();
    for n in 0..25 {
        text.push_str(&format!("garbage {n}\n"));
    }
    text.push_str(&"x".repeat(LINE_BYTES_MAX * 3));
    text.push('\n');
    text.push_str(GOOD);
    let bodies = read(&[dir.file("log", text.as_bytes())]);
    assert_eq!(rows(&bodies), ["drop.example 198.51.100.5 443 US out - 8000 2 2 1"]);
    let gaps: Vec<_> = bodies.iter().filter_map(|b| if let Body::Gap(g) = b { Some(g) } else { None }).collect();
    assert_eq!(gaps.len(), BAD_NAMED_MAX + 1);
    assert!(gaps.iter().all(|g| g.reason == GapReason::Corrupt));
    assert_eq!(gaps[BAD_NAMED_MAX].count, 16);
    assert_eq!(gaps[0].at.as_ref().unwrap().spot, Some(evidence::Spot::Line { line: 2, column: 1 }));
    assert_eq!(field(facts(&bodies, "egress.log")[0], "bad"), "26");
    assert!(!format!("{gaps:?}").contains("garbage"), "a bad line is not repeated");
}

#[test]
fn no_line_makes_a_reader_panic() {
    let heads = [
        GOOD,
        "#Fields: date time c-ip cs-host cs-bytes sc-bytes\n",
        "#separator \\x09\n#fields\tts\tid.orig_h\tid.resp_h\tid.resp_p\torig_bytes\n",
        "{\"host\":\"a\"}\n",
        "sa,da,sp,dp,ibyt\n",
        "sIP|dIP|sPort|dPort|bytes|sTime|\n",
        "10.0.0.1 - - [02/Jan/2026:11:04:05 +0800] \"GET http://a/ HTTP/1.1\" 200 1 \"-\" \"-\"\n",
    ];
    let lines: [&[u8]; 16] = [
        b"\n",
        b"\"",
        b"\"\"\"\"\"",
        b"[]",
        b"][ \"",
        b"1 - - [\"\" [] \" \"\n",
        b"{\"ts\":1e400,\"host\":\"x\"}",
        b"{\"host\":[[[[[[",
        b"99999999999999999999.9 1 a b/c 1 CONNECT :0 - D/- -",
        b"1767323045 1 a T/2 18446744073709551615 CONNECT a:99999999 - HIER_DIRECT/::::: -",
        b"1767323045 1 a T/2 1 GET http://@@@:::/ - HIER_DIRECT/- -",
        b"10.0.0.1,198.51.100.1,65536,-1,18446744073709551615",
        b"||||||||||||||||",
        b"\t\t\t\t\t\t\t\t",
        b"\xff\xfe\x00\x80",
        b"2026-99-99 99:99:99 a b c d",
    ];
    for head in heads {
        for line in lines {
            let mut text = head.as_bytes().to_vec();
            text.extend_from_slice(line);
            let _ = try_lines(&text);
            for cut in 0..text.len().min(120) {
                let _ = try_lines(&text[..cut]);
            }
        }
    }
}

#[test]
fn a_name_that_steers_a_terminal_is_no_destination() {
    let dir = Dir::new();
    let bodies = read(&[dir.file("log", b"src,host,bytes\n10.0.0.1,\x1b[31mx,5\n10.0.0.1,ok.example,5\n")]);
    assert_eq!(rows(&bodies), ["ok.example - - - out 5 0 1 0 1"]);
}
