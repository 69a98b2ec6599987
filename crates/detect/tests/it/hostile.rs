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

/// The rows of a log, and `bad` of it.
fn one(text: &str) -> (Vec<String>, String) {
    let dir = Dir::new();
    let bodies = read(&[dir.file("log", text.as_bytes())]);
    (rows(&bodies), field(facts(&bodies, "egress.log")[0], "bad"))
}

#[test]
fn accounts_tokens_and_numbers_of_people_never_become_a_destination() {
    let dir = Dir::new();
    // The number and the card are those that identifier formats are tested with everywhere.
    let secrets = [
        "https://li:Hunter2@up.example/?token=s3cr3t",
        "11010519491231002X",
        "6228480402564890018",
        "AKIAIOSFODNN7EXAMPLE",
        "Bearer-eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.x",
        "password=Hunter2",
        "li@corp:Hunter2!",
        "张三",
    ];
    for column in ["host", "destination"] {
        let mut text = format!("src,{column},bytes\n");
        secrets.iter().for_each(|s| text.push_str(&format!("10.0.0.1,{s},5\n")));
        let bodies = read(&[dir.file("log", text.as_bytes())]);
        assert_eq!(rows(&bodies), ["up.example - 443 - out 5 0 1 0 1"], "{column}");
        let shown = format!("{bodies:?}");
        for s in ["Hunter2", "s3cr3t", "1101051949", "62284804", "AKIA", "eyJ", "张三"] {
            assert!(!shown.contains(s), "{s}");
        }
        assert_eq!(field(facts(&bodies, "egress.log")[0], "bad"), "7");
    }
}

#[test]
fn a_port_or_a_final_dot_makes_no_other_host() {
    let (rows, bad) =
        one("src,host,bytes\n10.0.0.1,up.example:443,5\n10.0.0.1,UP.example.:443,6\n10.0.0.1,[2001:db8::7]:443,1\n");
    assert_eq!(rows, ["2001:db8::7 2001:db8::7 443 DE out 1 0 1 0 1", "up.example - 443 - out 11 0 2 0 1"]);
    assert_eq!(bad, "0");
}

#[test]
fn the_address_of_a_proxy_is_not_that_of_the_destination() {
    // The main format of ProxySG: `s-ip` is the proxy itself.
    let (rows, _) = one(concat!(
        "#Software: SGOS 6.7.5.3\n",
        "#Fields: date time c-ip s-action cs-method cs-host cs-uri-port s-ip sc-bytes cs-bytes\n",
        "2026-01-02 03:04:05 10.0.0.5 TCP_NC_MISS POST up.example 443 10.0.0.2 300 90000\n",
    ));
    assert_eq!(rows, ["up.example - 443 - out 90000 300 1 0 1"]);
    // A parent proxy within the own network is asked; the destination is still outside.
    let (rows, _) = one(concat!(
        "#Fields: date time c-ip cs-host cs-uri-port r-ip sc-bytes cs-bytes\n",
        "2026-01-02 03:04:05 10.0.0.5 up.example 443 10.0.0.3 300 90000\n",
    ));
    assert_eq!(rows, ["up.example - 443 - out 90000 300 1 0 1"]);
}

#[test]
fn a_broken_top_does_not_blind_a_log() {
    let broken = format!("HIER_DIRECT/198.51.100.5 - cut\nmore of it\n{GOOD}");
    assert_eq!(one(&broken), (vec!["drop.example 198.51.100.5 443 US out - 4000 1 1 1".to_owned()], "2".to_owned()));
}

#[test]
fn combined_with_backslashes_and_brackets_where_users_put_them() {
    let (rows, bad) = one(concat!(
        "198.51.100.77 - li[x] [02/Jan/2026:11:04:07 +0800] \"GET /a\\\\\" 200 70000 \"-\" \"-\"\n",
        "198.51.100.77 - a [b] [02/Jan/2026:11:04:07 +0800] \"GET /\\\"b HTTP/1.1\" 200 5 \"-\" \"-\"\n",
    ));
    assert_eq!((rows, bad.as_str()), (vec!["198.51.100.77 198.51.100.77 - US served 70005 0 2 0 1".to_owned()], "0"));
}

#[test]
fn a_flow_log_without_data_says_nothing_and_one_that_skipped_is_a_gap() {
    let dir = Dir::new();
    // Lines after the provider's own examples of NODATA and SKIPDATA.
    let text = concat!(
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n",
        "2 123456789010 eni-1 10.0.0.5 198.51.100.5 50000 443 6 10 6000 1767323045 1767323049 ACCEPT OK\n",
        "2 123456789010 eni-1 - - - - - - - 1767323045 1767323049 - NODATA\n",
        "2 123456789010 eni-1 - - - - - - - 1767323045 1767323049 - SKIPDATA\n",
    );
    let bodies = read(&[dir.file("log", text.as_bytes())]);
    assert_eq!(field(facts(&bodies, "egress.log")[0], "bad"), "0");
    let gaps: Vec<_> = bodies.iter().filter_map(|b| if let Body::Gap(g) = b { Some(g) } else { None }).collect();
    assert_eq!(gaps.iter().map(|g| (g.reason, g.count)).collect::<Vec<_>>(), [(GapReason::Missing, 1)]);
}
