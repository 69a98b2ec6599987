//! Text logs, from lines made by hand after each format's own documentation; and what no reader must fall over.

use crate::Dir;
use crate::regression::CLOCK;
use detect::event::Event;
use detect::logs::{Told, read};
use detect::mappings::Mappings;
use detect::run::{Loaded, Order, RuleText};
use std::io::Write as _;
use stdx::{Silent, Stop};

/// What a log says: form and fields of its events, after the mappings, and what came of it.
fn told(bytes: &[u8]) -> (Vec<(Event, Vec<String>)>, Told) {
    let (mappings, mut sources, mut events) = (Mappings::built_in(), Vec::new(), Vec::new());
    let done = read(
        &mut std::io::BufReader::new(bytes),
        CLOCK,
        &mut |event, form| {
            mappings.apply(event, form, CLOCK, &mut sources);
            let of = sources.iter().filter_map(|s| mappings.logsource(*s)).map(ToString::to_string).collect();
            events.push((event.clone(), of));
        },
        &Stop::new(),
    );
    (events, done)
}

/// One event with these fields, time (`date -u -d … +%s`) and log source.
fn one(bytes: &str, form: &str, time: i64, source: &str, fields: &[(&str, &str)]) {
    let (events, done) = told(bytes.as_bytes());
    assert_eq!((done.form, done.bad, events.len()), (Some(form), 0, 1), "{bytes}");
    let (event, sources) = &events[0];
    assert_eq!(event.time, Some(time * 1000), "{bytes}");
    assert!(sources.iter().any(|s| s == source), "{sources:?} {bytes}");
    for (name, want) in fields {
        assert_eq!(event.get(name), Some(*want), "{name} of {bytes}");
    }
}

#[test]
fn each_form_is_told_and_read() {
    one(
        r#"{"@timestamp":"2026-03-02T09:02:03+08:00","winlog":{"channel":"Security","event_id":4688,"computer_name":"ENG01","event_data":{"NewProcessName":"C:\\a.exe","SubjectUserName":"w","SubjectDomainName":"P"}}}"#,
        "json",
        1_772_413_323,
        "windows/process_creation/security",
        &[("Image", "C:\\a.exe"), ("User", "P\\w"), ("Computer", "ENG01"), ("EventID", "4688")],
    );
    one(
        "Mar  2 01:02:03 hist01 sshd[77]: Failed password for invalid user admin from 203.0.113.7 port 4001 ssh2\n",
        "syslog",
        1_772_413_323,
        "linux/*/sshd",
        &[
            ("user", "admin"),
            ("src_ip", "203.0.113.7"),
            ("outcome", "failure"),
            ("ProcessId", "77"),
            ("Hostname", "hist01"),
        ],
    );
    one(
        "<86>1 2026-03-02T01:02:03.5Z fs01 sudo 12 - [meta seq=\"4\"] wang : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/rm -rf /x\n"
            .replace("03.5Z", "03Z")
            .as_str(),
        "syslog",
        1_772_413_323,
        "linux/process_creation/sudo",
        &[("user", "wang"), ("CommandLine", "/bin/rm -rf /x"), ("seq", "4"), ("facility", "10")],
    );
    one(
        "2026-03-02T01:02:03+00:00 nas smbd_audit: wang|10.1.2.3|plans|renameat|ok|a.dwg|a.dwg.x\n",
        "syslog",
        1_772_413_323,
        "linux/file_access/samba",
        &[("share", "plans"), ("operation", "renameat"), ("TargetFilename", "a.dwg.x"), ("SourceFilename", "a.dwg")],
    );
    one(
        "type=EXECVE msg=audit(1772413323.000:24287): argc=2 a0=\"cat\" a1=2F746D702F612062\n",
        "auditd",
        1_772_413_323,
        "linux/process_creation/auditd",
        &[("CommandLine", "cat /tmp/a b"), ("type", "EXECVE")],
    );
    one(
        "CEF:0|Vendor|Wall|1.0|100|blocked \\| twice|5|src=10.0.0.1 msg=a \\= b rt=1772413323000\n",
        "cef",
        1_772_413_323,
        "*/*/*",
        &[("src", "10.0.0.1"), ("msg", "a = b"), ("Name", "blocked | twice")],
    );
}

#[test]
fn tables_web_and_journals_are_read() {
    let web = "203.0.113.9 - - [02/Mar/2026:01:02:03 +0000] \"GET /a?b=1 HTTP/1.1\" 200 12 \"-\" \"sqlmap/1.7\"\n";
    let fields =
        [("cs-uri-stem", "/a"), ("cs-uri-query", "b=1"), ("cs-user-agent", "sqlmap/1.7"), ("sc-status", "200")];
    one(web, "web", 1_772_413_323, "*/webserver/*", &fields);
    let zeek =
        "#separator \\x09\n#fields\tts\tid.orig_h\tquery\tqtype_name\n1772413323.000000\t10.0.0.1\tx.example\tA\n";
    one(zeek, "zeek", 1_772_413_323, "zeek/dns/*", &[("query", "x.example")]);
    let csv = "timestamp,EventID,Channel,Computer,Threat Name\n2026-03-02 01:02:03,1116,Microsoft-Windows-Windows Defender/Operational,E1,\"a, b\"\n";
    one(csv, "csv", 1_772_413_323, "windows/*/windefend", &[("ThreatName", "a, b")]);
    let export = "__CURSOR=s=1\n__REALTIME_TIMESTAMP=1772413323000000\n_HOSTNAME=h1\nSYSLOG_IDENTIFIER=sshd\nMESSAGE\n\u{5}\0\0\0\0\0\0\0a\nb\nc\n\n";
    one(export, "journal", 1_772_413_323, "linux/*/sshd", &[("message", "a\nb\nc"), ("Hostname", "h1")]);
    let cloud = r#"{"Records":[{"eventTime":"2026-03-02T01:02:03Z","eventSource":"s3.amazonaws.com","eventName":"DeleteBucket","awsRegion":"cn-north-1","userIdentity":{"type":"Root"}}]}"#;
    one(cloud, "json", 1_772_413_323, "aws/*/cloudtrail", &[("userIdentity.type", "Root")]);
    let list = told(b"[{\"a\":1},\n {\"a\":2, \"b\":[{\"c\":\"x\"},{\"c\":\"y\"}]}]");
    assert_eq!((list.0.len(), list.1.bad), (2, 0));
    assert_eq!(list.0[1].0.all("b.c").map(|(v, _)| v).collect::<Vec<_>>(), ["x", "y"]);
}

#[test]
fn a_time_without_zone_or_year_is_completed_as_said() {
    let clock = detect::logs::Clock { ahead_minutes: 480, newest: 1_772_413_323_000 };
    let mut times = Vec::new();
    let text = b"Mar  2 09:02:03 h a: b\nDec 31 08:00:00 h a: b\n";
    read(&mut &text[..], clock, &mut |e, _| times.push((e.time, e.zoned)), &Stop::new());
    // date -u -d '2025-12-31T00:00:00Z' +%s = 1767139200: of the last year that is not after the newest.
    assert_eq!(times, [(Some(1_772_413_323_000), false), (Some(1_767_139_200_000), false)]);
}

#[test]
fn hostile_lines_are_counted_and_the_rest_is_read() {
    let good = "{\"a\":1}\n";
    let deep = format!("{}1{}\n", "{\"a\":".repeat(5000), "}".repeat(5000));
    let mut bytes = good.as_bytes().to_vec();
    bytes.extend(std::iter::repeat_n(b'x', 10 << 20));
    bytes.extend(b"\n{\"a\":\"\xff\xfe\"}\n{\"a\":\"\\ud800\"}\n{\"a\":\n");
    bytes.extend(deep.as_bytes());
    bytes.extend(format!("{{{}\"z\":1}}\n", (0..5000).map(|n| format!("\"k{n}\":1,")).collect::<String>()).as_bytes());
    bytes.extend(good.as_bytes());
    let (events, done) = told(&bytes);
    assert_eq!((done.bad, done.first_bad), (5, Some(2)), "{done:?}");
    assert_eq!(events.len(), 3);
    assert!(events[1].0.cut && events[1].0.len() <= detect::event::FIELDS_MAX);
    let (events, done) = told(b"\x01\x02\x03 nothing\nthat is a log\n");
    assert!(events.is_empty() && done.form.is_none() && done.bad == 2);
    for cut in 0..200 {
        let text = b"<86>1 2026-03-02T01:02:03Z fs01 sudo 12 - [meta seq=\"4\\\"\"] wang : COMMAND=/bin/x\n__CURSOR=a\nM\n\xff\xff\xff\xff\xff\xff\xff\xff";
        told(&text[..text.len().min(cut)]);
        told(&text[text.len() - text.len().min(cut)..]);
    }
}

#[test]
fn packed_and_folded_logs_give_the_same_alerts_and_gaps_are_named() {
    let dir = Dir::new();
    let line =
        "{\"Channel\":\"Security\",\"EventID\":1102,\"Hostname\":\"E1\",\"TimeCreated\":\"2026-03-02T01:02:03Z\"}\n";
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(line.as_bytes()).unwrap();
    dir.file("a.json.gz", &gz.finish().unwrap());
    dir.file("b.json", line.repeat(2).as_bytes());
    dir.file("c.bin", b"PK\x03\x04rest");
    dir.file("d.evtx", b"ElfFile\0short");
    let rule = RuleText {
        name: "r.yml".to_owned(),
        text: "title: T\nid: 00000000-0000-4000-8000-000000000001\nlogsource:\n    product: windows\n    service: security\ndetection:\n    s:\n        EventID: 1102\n    condition: s\nlevel: high\n---\ntitle: U\nlogsource:\n    category: file_rename\n    product: windows\ndetection:\n    s:\n        a: b\n    condition: s\n".to_owned(),
    };
    let mappings = Mappings::built_in();
    let rules = Loaded::of(&[rule], &mappings, sigma::Options::default());
    // No log of Windows that is known serves renamings: said, not silent.
    assert_eq!(
        rules.unserved.iter().map(|(s, n)| (s.to_string(), *n)).collect::<Vec<_>>(),
        [("windows/file_rename/*".to_owned(), 1)]
    );
    let order = Order {
        rules: &rules,
        mappings: &mappings,
        clock: CLOCK,
        from: None,
        to: None,
        level: None,
        workers: 2,
        follow: false,
        question: None,
    };
    let mut live = 0;
    let done = order.run(&[&dir.0], &mut |_| live += 1, &Silent, &Stop::new());
    assert_eq!((done.counts.events, done.summary.by_rule[&0], done.found.len(), live), (3, 3, 1, 1));
    assert_eq!((done.found[0].count, done.found[0].host.as_deref()), (3, Some("E1")));
    let gaps: Vec<_> =
        done.gaps.iter().map(|g| (g.path.as_str().rsplit('/').next().unwrap(), g.reason.name())).collect();
    assert_eq!(gaps, [("c.bin", "unsupported"), ("d.evtx", "corrupt")]);
    let later = Order { from: Some(1_772_413_323_001), ..order };
    assert_eq!(later.run(&[&dir.0], &mut |_| (), &Silent, &Stop::new()).counts.outside, 3);
}

#[test]
fn every_starter_rule_is_right_about_its_samples() {
    let mappings = Mappings::built_in();
    let (mut matching, mut others, mut wrong) = (0, 0, Vec::new());
    for (name, text, samples) in detect::starter::RULES {
        let rule = RuleText { name: (*name).to_owned(), text: (*text).to_owned() };
        let rules = Loaded::of(&[rule], &mappings, sigma::Options::default());
        assert!(
            rules.refusals.is_empty() && rules.unserved.is_empty(),
            "{name}: {:?} {:?}",
            rules.refusals,
            rules.unserved
        );
        let order = Order {
            rules: &rules,
            mappings: &mappings,
            clock: CLOCK,
            from: None,
            to: None,
            level: None,
            workers: 1,
            follow: false,
            question: None,
        };
        let tree = stdx::yaml::read(samples, 8, 4 << 20).unwrap();
        for (key, wanted) in [("match", true), ("no-match", false)] {
            for (n, text) in tree[key].as_array().unwrap().iter().enumerate() {
                let done = order.run_bytes(text.as_str().unwrap().as_bytes(), "sample", &Stop::new());
                *(if wanted { &mut matching } else { &mut others }) += 1;
                if done.found.is_empty() == wanted || !done.gaps.is_empty() {
                    wrong.push(format!("{name} {key} {n}: {:?}", done.gaps));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{matching} {others}\n{}", wrong.join("\n"));
    assert!(matching >= detect::starter::RULES.len() && others >= detect::starter::RULES.len());
}
