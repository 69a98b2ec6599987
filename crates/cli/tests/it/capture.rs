//! A control network by a capture: the verb, its faces, what the scope makes of it.

use crate::bench::Dir;
use serde_json::Value;
use std::fs;

/// A capture of one segment on port 502 in each direction: a register is written.
fn capture() -> Vec<u8> {
    let message = |from: u8, to: u8, ports: [u16; 2], body: &[u8]| {
        let tcp =
            [&ports[0].to_be_bytes()[..], &ports[1].to_be_bytes(), &[0; 8], &[0x50, 0x18, 0, 0, 0, 0, 0, 0], body];
        let tcp = tcp.concat();
        let total = u16::try_from(20 + tcp.len()).unwrap().to_be_bytes();
        let ip =
            [&[0x45, 0][..], &total, &[0, 0, 0, 0, 64, 6, 0, 0], &[10, 1, 1, from], &[10, 1, 1, to], &tcp].concat();
        [&[2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from, 8, 0][..], &ip].concat()
    };
    let body = [0, 1, 0, 0, 0, 6, 1, 6, 0, 1, 0, 9];
    let stop = [0, 2, 0, 0, 0, 5, 1, 90, 0, 0x41, 0xff];
    let frames = [
        message(50, 10, [40_000, 502], &body),
        message(10, 50, [502, 40_000], &body),
        message(51, 10, [40_001, 502], &stop),
    ];
    let mut out = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0];
    for (n, frame) in frames.iter().enumerate() {
        out.extend((1_750_000_000 + u32::try_from(n).unwrap() * 60).to_le_bytes());
        out.extend([0; 4]);
        out.extend(u32::try_from(frame.len()).unwrap().to_le_bytes().repeat(2));
        out.extend(frame);
    }
    out
}

fn outcome(report: &Value, check: &str) -> String {
    let found = report["checks"].as_array().unwrap().iter().find(|c| c["check"] == check);
    found.map(|c| c["outcome"].as_str().unwrap().to_owned()).unwrap_or_default()
}

#[test]
fn a_control_network_is_judged_by_its_own_checks_and_counts_in_the_scope() {
    let dir = Dir::new();
    fs::write(dir.file("a.pcap", ""), capture()).unwrap();
    dir.file("scope.csv", "kind,id,owner\ncontrol-network,line 1,Li\nhost,10.1.1.10,Li\n");
    dir.run(&["scope", "import", "scope.csv"]).done();
    let capture = ["inspect", "--capture", "a.pcap", "--name", "line 1"];
    let report = dir.json(&[&capture[..], &["--format", "json"]].concat());
    assert_eq!(outcome(&report, "control-plc-stopped"), "fail");
    assert_eq!(outcome(&report, "control-program-download"), "pass");
    assert_eq!(outcome(&report, "control-capture-short"), "fail");
    assert_eq!(outcome(&report, "ssh-root-login"), "not-applicable");
    assert_eq!(report["examination"]["host"], "line 1");
    assert!(report["examination"]["carried"].as_str().unwrap().starts_with("sha256:"));
    assert!(report["examination"]["ended"].as_str().unwrap().starts_with("2025-06-15"), "as old as its packets");
    let row = report["coverage"].as_array().unwrap().iter().find(|c| c["kind"] == "control-network").unwrap().clone();
    assert_eq!((row["examined"].as_u64(), row["declared"].as_u64()), (Some(1), Some(1)), "{row}");
    let doubts = report["doubts"].to_string();
    assert!(doubts.contains("doubt.carried") && doubts.contains("doubt.undeclared-devices"), "{doubts}");
    assert!(!doubts.contains("doubt.undeclared-host"), "{doubts}");
    let finding = report["findings"].as_array().unwrap().iter().find(|f| f["check"] == "control-plc-stopped").unwrap();
    assert!(finding.to_string().contains("frame 3"), "{finding}");

    // Every form makes sense of it, in both languages.
    let out = [&capture[..], &["--out", "out", "--format", "json,csv,sarif,ocsf,cyclonedx,html"]].concat();
    dir.run(&out).done().says(&["line 1", "A controller was stopped or restarted over the network"]);
    for name in
        ["inspect.json", "inspect.csv", "inspect.sarif", "inspect.ocsf.jsonl", "inspect.cdx.json", "inspect.html"]
    {
        assert!(fs::read_to_string(dir.at("out").join(name)).unwrap().contains("line 1"), "{name}");
    }
    let html = fs::read_to_string(dir.at("out/inspect.html")).unwrap();
    assert!(html.contains("a control network, seen by its packets") && html.contains("UMAS") | html.contains("umas"));
    dir.run(&[&capture[..], &["--lang", "zh"]].concat()).done().says(&["控制器曾被通过网络停止或重启"]);
    dir.run(&[&capture[..], &["--fail-on", "high"]].concat()).ends(1);
    dir.run(&["verify", "out/evidence.json"]).done();
    dir.run(&["audit"]).done();
}

#[test]
fn what_is_no_capture_is_refused() {
    let dir = Dir::new();
    dir.file("a.csv", "a,b\n");
    dir.run(&["inspect", "--capture", "a.csv"]).ends(2).complains(&["no packet capture", "pcapng"]);
    dir.run(&["inspect", "--capture", "none.pcap"]).ends(2).complains(&["none.pcap"]);
    dir.run(&["inspect", "--name", "x"]).ends(2);
}
