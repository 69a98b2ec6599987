//! What logs show, from lines made by hand after each format's own documentation.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod countries;
mod evtx;
mod hostile;
mod logs;
mod regression;

use detect::countries::{Countries, Importer};
use detect::flows::Flows;
use evidence::{Body, DigestKey, Fact, FactValue};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use stdx::{Silent, Stop};

/// A folder of one test.
pub(crate) struct Dir(pub(crate) PathBuf);
impl Dir {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("watchfire-detect-{}-{n}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}
impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Everything that reading logs emits; each fact is held against the dictionary.
pub(crate) fn read(logs: &[PathBuf]) -> Vec<Body> {
    let mut importer = Importer::default();
    importer.feed("t", b"198.51.100.0/24,US\n2001:db8::/32,DE\n").unwrap();
    let countries = Countries::open(&importer.finish().unwrap().bytes).unwrap();
    let sink = Mutex::new(Vec::new());
    Flows { logs, countries: &countries, key: &DigestKey::new([7; 32]) }.run(&sink, &Silent, &Stop::new());
    let bodies = sink.into_inner().unwrap();
    for body in &bodies {
        if let Body::Fact(f) = body {
            evidence::fact::validate(f).unwrap();
        }
    }
    bodies
}

pub(crate) fn facts<'a>(bodies: &'a [Body], id: &str) -> Vec<&'a Fact> {
    let of = |b: &'a Body| if let Body::Fact(f) = b { Some(f) } else { None };
    bodies.iter().filter_map(of).filter(|f| f.fact.as_str() == id).collect()
}

pub(crate) fn field(f: &Fact, name: &str) -> String {
    f.value.field(name).map_or_else(|| "-".to_owned(), FactValue::to_string)
}

/// `destination address port country direction out in connections unmeasured clients`, sorted.
pub(crate) fn rows(bodies: &[Body]) -> Vec<String> {
    let names = [
        "destination",
        "address",
        "port",
        "country",
        "direction",
        "bytes_out",
        "bytes_in",
        "connections",
        "unmeasured",
        "clients",
    ];
    let mut out: Vec<String> =
        facts(bodies, "egress.flow").iter().map(|f| names.map(|n| field(f, n)).join(" ")).collect();
    out.sort();
    out
}

/// The rows of one log, its form, its lines and bad lines.
fn one(text: &str) -> (Vec<String>, String) {
    let dir = Dir::new();
    let bodies = read(&[dir.file("log", text.as_bytes())]);
    let log = facts(&bodies, "egress.log")[0].clone();
    let told = ["form", "lines", "bad"].map(|n| field(&log, n)).join(" ");
    (rows(&bodies), told)
}

#[test]
fn squid_says_whom_and_how_much_came_and_not_how_much_went() {
    let (rows, told) = one(concat!(
        "1767323045.123    200 10.0.0.5 TCP_TUNNEL/200 4000 CONNECT drop.example:443 - HIER_DIRECT/198.51.100.5 -\n",
        "1767323046.000    200 10.0.0.6 TCP_TUNNEL/200 1000 CONNECT DROP.example:443 li HIER_DIRECT/198.51.100.5 -\n",
        "1767323047.000     10 10.0.0.6 TCP_MISS/200 77 GET http://a.example/x?y=1 - HIER_DIRECT/10.9.9.9 text/html\n",
        "1767323048.000      0 10.0.0.6 TCP_DENIED/403 3800 CONNECT bad.example:443 - HIER_NONE/- text/html\n",
        "1767323049.000      0 10.0.0.6 TCP_MEM_HIT/200 3800 GET http://b.example/ - HIER_NONE/- text/html\n",
        "1767323050.000      5 10.0.0.6 TCP_MISS/200 50 GET http://c.example:8080/ - FIRSTUP_PARENT/198.51.100.9 -\n",
    ));
    assert_eq!(
        rows,
        ["c.example - 8080 - out - 50 1 1 1", "drop.example 198.51.100.5 443 US out - 5000 2 2 2"],
        "refused and cached requests went nowhere, a.example is inside, a parent's address is not the destination's"
    );
    assert_eq!(told, "squid 6 0");
}

#[test]
fn combined_logs_of_a_proxy_and_of_a_server() {
    let (rows, told) = one(concat!(
        "10.0.0.5 - - [02/Jan/2026:11:04:05 +0800] \"CONNECT drop.example:443 HTTP/1.1\" 200 512 \"-\" \"curl/8\"\n",
        "10.0.0.5 - - [02/Jan/2026:11:04:06 +0800] \"GET http://drop.example/a HTTP/1.1\" 200 100 \"-\" \"a \\\" b\"\n",
        "198.51.100.77 - - [02/Jan/2026:11:04:07 +0800] \"GET /report.csv HTTP/1.1\" 200 70000 \"-\" \"-\"\n",
        "198.51.100.77 - - [02/Jan/2026:11:04:08 +0800] \"POST /in HTTP/1.1\" 204 - \"-\" \"-\"\n",
        "10.0.0.9 - - [02/Jan/2026:11:04:08 +0800] \"GET /intern HTTP/1.1\" 200 9 \"-\" \"-\"\n",
    ));
    assert_eq!(
        rows,
        [
            "198.51.100.77 198.51.100.77 - US served 70000 0 2 0 1",
            "drop.example - 443 - out - 512 1 1 1",
            "drop.example - 80 - out - 100 1 1 1",
        ]
    );
    assert_eq!(told, "combined 5 0");
}

#[test]
fn w3c_of_a_proxy_and_of_a_server_by_their_headings() {
    let (rows, told) = one(concat!(
        "#Software: SGOS 6.7\n#Version: 1.0\n",
        "#Fields: date time c-ip cs-username s-action cs-method cs-host cs-uri-port r-ip sc-bytes cs-bytes cs(User-Agent)\n",
        "2026-01-02 03:04:05 10.0.0.5 - TCP_NC_MISS POST up.example 443 198.51.100.8 300 90000 \"Mozilla 5 (X)\"\n",
        "#Fields: date time cs-bytes sc-bytes c-ip s-action cs-host cs-uri-port\n",
        "2026-01-02 03:04:06 10 20 10.0.0.5 TCP_MISS up.example 443\n",
    ));
    assert_eq!(rows, ["up.example - 443 - out 10 20 1 0 1", "up.example 198.51.100.8 443 US out 90000 300 1 0 1"]);
    assert_eq!(told, "w3c 2 0");
    let (rows, _) = one(concat!(
        "#Software: Microsoft Internet Information Services 10.0\n",
        "#Fields: date time s-ip cs-method cs-uri-stem s-port c-ip sc-status sc-bytes cs-bytes\n",
        "2026-01-02 03:04:05 10.0.0.2 GET /x.csv 443 198.51.100.9 200 123456 400\n",
    ));
    assert_eq!(rows, ["198.51.100.9 198.51.100.9 443 US served 123456 400 1 0 1"]);
}

#[test]
fn zeek_as_tsv_with_its_fields_in_any_order_and_names_from_tls() {
    let dir = Dir::new();
    let conn = dir.file(
        "conn.log",
        concat!(
            "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n",
            "#fields\torig_bytes\tid.resp_h\tid.resp_p\tts\tid.orig_h\tid.orig_p\tresp_bytes\n",
            "#types\tcount\taddr\tport\ttime\taddr\tport\tcount\n",
            "5000\t198.51.100.5\t443\t1767323045.5\t10.0.0.5\t50000\t100\n",
            "-\t198.51.100.5\t443\t1767323046.5\t10.0.0.5\t50001\t-\n",
            "20\t10.0.0.2\t22\t1767323047.5\t198.51.100.66\t40000\t8000\n",
            "#close\t2026-01-02-04-00-00\n",
        )
        .as_bytes(),
    );
    let ssl = dir.file(
        "ssl.log",
        b"#separator \\x09\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tserver_name\n\
          1767323045.6\tC1\t10.0.0.5\t50000\t198.51.100.5\t443\tdrop.example\n\
          1767323045.7\tC2\t10.0.0.5\t50009\t2001:db8::7\t443\tonly.example\n",
    );
    let bodies = read(&[conn, ssl]);
    assert_eq!(
        rows(&bodies),
        [
            "198.51.100.66 198.51.100.66 22 US served 8000 20 1 0 1",
            "drop.example 198.51.100.5 443 US out 5000 100 2 1 1",
            "only.example 2001:db8::7 443 DE out - 0 1 1 1",
        ]
    );
    let flow = facts(&bodies, "egress.flow").into_iter().find(|f| field(f, "destination") == "drop.example").unwrap();
    assert_eq!(field(flow, "first"), "2026-01-02T03:04:05.500Z");
    let client = field(flow, "heaviest");
    assert!(
        client.starts_with("hmac-sha256-128:") && !format!("{bodies:?}").contains("10.0.0.5"),
        "a client is a pseudonym"
    );
}

#[test]
fn zeek_as_json() {
    let (rows, told) = one(concat!(
        "{\"ts\":1767323045.5,\"uid\":\"C1\",\"id.orig_h\":\"10.0.0.5\",\"id.orig_p\":50000,\"id.resp_h\":\"198.51.100.5\",",
        "\"id.resp_p\":443,\"conn_state\":\"SF\",\"orig_bytes\":7,\"resp_bytes\":9}\n",
        "{\"ts\":\"2026-01-02T03:04:06.0Z\",\"id\":{\"orig_h\":\"10.0.0.6\",\"resp_h\":\"198.51.100.5\",\"resp_p\":443},\"orig_bytes\":3}\n",
        "{\"ts\":1767323045.5\n",
    ));
    assert_eq!(rows, ["198.51.100.5 198.51.100.5 443 US out 10 9 2 0 2"]);
    assert_eq!(told, "zeek-json 3 1");
}

#[test]
fn exports_of_flows_in_one_direction_meet_in_one_row() {
    let want = ["198.51.100.5 198.51.100.5 443 US out 6000 900 2 0 1"];
    let nfdump = concat!(
        "ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt\n",
        "2026-01-02 03:04:05,2026-01-02 03:04:09,4.0,10.0.0.5,198.51.100.5,50000,443,TCP,.AP.SF,0,0,10,6000,0,0\n",
        "2026-01-02 03:04:05,2026-01-02 03:04:09,4.0,198.51.100.5,10.0.0.5,443,50000,TCP,.AP.SF,0,0,5,900,0,0\n",
        "2026-01-02 03:04:05,2026-01-02 03:04:09,4.0,10.0.0.5,10.0.0.9,5,6,TCP,.AP.SF,0,0,5,900,0,0\n",
        "Summary\nflows,bytes,packets,avg_bps,avg_pps,avg_bpp\n3,7800,20,1,2,3\n",
    );
    let rwcut = concat!(
        "            sIP|            dIP|sPort|dPort|pro|   packets|     bytes|   flags|                  sTime| duration|                  eTime|sensor|\n",
        "       10.0.0.5|   198.51.100.5|50000|  443|  6|        10|      6000|FS PA   |2026/01/02T03:04:05.000|    4.000|2026/01/02T03:04:09.000|    S0|\n",
        "   198.51.100.5|       10.0.0.5|  443|50000|  6|         5|       900|FS PA   |2026/01/02T03:04:05.000|    4.000|2026/01/02T03:04:09.000|    S0|\n",
    );
    let vpc = concat!(
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n",
        "2 123456789010 eni-1 10.0.0.5 198.51.100.5 50000 443 6 10 6000 1767323045 1767323049 ACCEPT OK\n",
        "2 123456789010 eni-1 198.51.100.5 10.0.0.5 443 50000 6 5 900 1767323045 1767323049 ACCEPT OK\n",
        "2 123456789010 eni-1 10.0.0.5 198.51.100.5 50000 22 6 5 900 1767323045 1767323049 REJECT OK\n",
    );
    let newer = concat!(
        "firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,packets,bytes,bps,bpp,flows\n",
        "2026-01-02 03:04:05.000,4.0,TCP,10.0.0.5,50000,198.51.100.5,443,10,6000,1,1,1\n",
        "2026-01-02 03:04:05.000,4.0,TCP,198.51.100.5,443,10.0.0.5,50000,5,900,1,1,1\n",
    );
    for (text, form) in [(nfdump, "nfdump 3 0"), (rwcut, "rwcut 2 0"), (vpc, "vpc 3 0"), (newer, "nfdump 2 0")] {
        let (rows, told) = one(text);
        assert_eq!((rows.as_slice(), told.as_str()), (want.map(str::to_owned).as_slice(), form));
    }
    // A flow inwards to a port of ours is served by us: the reply is what left.
    let (rows, _) = one("sa,da,sp,dp,ibyt\n198.51.100.5,10.0.0.2,51000,443,70\n10.0.0.2,198.51.100.5,443,51000,8000\n");
    assert_eq!(rows, ["198.51.100.5 198.51.100.5 443 US served 8000 70 2 0 1"]);
}

#[test]
fn a_table_of_ones_own_in_chinese_and_with_quotes() {
    let (rows, told) = one(concat!(
        "\u{feff}时间;源地址;目的域名;目的端口;上行字节;下行字节;备注\n",
        "2026-01-02 03:04:05;10.0.0.5;drop.example;443;5000;10;\"甲;乙\"\n",
        "2026-01-02 03:04:06;10.0.0.5;\"198.51.100.5\";443;1;2;x\n",
    ));
    assert_eq!(rows, ["198.51.100.5 198.51.100.5 443 US out 1 2 1 0 1", "drop.example - 443 - out 5000 10 1 0 1"]);
    assert_eq!(told, "csv 2 0");
}

#[test]
fn packed_logs_and_folders_are_read_and_other_files_are_gaps() {
    let dir = Dir::new();
    let line =
        b"1767323045.123 200 10.0.0.5 TCP_TUNNEL/200 4000 CONNECT drop.example:443 - HIER_DIRECT/198.51.100.5 -\n";
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(line).unwrap();
    dir.file("a.log.gz", &gz.finish().unwrap());
    let frame = |b: &[u8]| ruzstd::encoding::compress_to_vec(b, ruzstd::encoding::CompressionLevel::Fastest);
    // Two frames, as tools that append write them.
    dir.file("b.log.zst", &[frame(line), frame(line)].concat());
    dir.file("c.log", line);
    dir.file("d.bin", &[0, 1, 2, 3]);
    dir.file("e.txt", b"nothing that has a form\n");
    dir.file("f.log.gz", &[0x1f, 0x8b, 8, 0, 1]);
    dir.file("empty.log", b"");
    let bodies = read(std::slice::from_ref(&dir.0));
    assert_eq!(rows(&bodies), ["drop.example 198.51.100.5 443 US out - 16000 4 4 1"]);
    let gaps: Vec<String> = bodies
        .iter()
        .filter_map(|b| if let Body::Gap(g) = b { Some(g) } else { None })
        .map(|g| {
            let path = g.at.as_ref().unwrap().path.as_str().rsplit('/').next().unwrap().to_owned();
            format!("{path} {}", g.reason.name())
        })
        .collect();
    assert_eq!(gaps, ["d.bin unsupported", "e.txt unsupported", "f.log.gz corrupt"]);
    assert_eq!(facts(&bodies, "egress.log").len(), 7);
}
