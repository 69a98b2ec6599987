//! `cargo xtask bench flows`: logs of a proxy, made from a seed, beside programs that only count or add.

use crate::bench::{Scratch, build, measure, median_cpu, release};
use std::io::Write as _;
use std::process::Command;

/// Lines of the log.
const LINES: u64 = 1_500_000;

pub(crate) fn bench() -> Result<(), String> {
    build(&["--release", "--package", "detect", "--example", "flows_rate"])?;
    let folder = Scratch::new("flows")?;
    let log = folder.0.join("access.log");
    let bytes = squid(&log).map_err(|e| e.to_string())?;
    let mb = bytes as f64 / 1e6;
    println!("Squid log: seed 1, {LINES} lines, {mb:.0} MB, 20,000 destinations, 2,000 clients");
    println!(
        "\n| command | CPU s min / median / max | wall s min / median / max | peak MiB |\n| --- | --- | --- | --- |"
    );
    let ours = measure("`flows` over the log", || {
        let mut command = Command::new(release("examples").join("flows_rate"));
        command.arg(&log);
        command
    })?;
    let wc = measure("floor: `wc -l`", || {
        let mut command = Command::new("wc");
        command.arg("-l").arg(&log);
        command
    })?;
    let awk = measure("peer: `awk` adding bytes by destination", || {
        let mut command = Command::new("awk");
        command.env("LC_ALL", "C").arg("{ n[$7]++; s[$7] += $5 } END { for (k in n) c++; print c }").arg(&log);
        command
    })?;
    let rate = |runs: &[crate::run::Cost]| mb / median_cpu(runs).max(0.01);
    println!("\nMB per CPU second: flows {:.0}, awk {:.0}, wc {:.0}", rate(&ours), rate(&awk), rate(&wc));
    Ok(())
}

/// Writes the log; answers its bytes.
fn squid(path: &std::path::Path) -> std::io::Result<u64> {
    let mut out = std::io::BufWriter::with_capacity(1 << 20, std::fs::File::create(path)?);
    let mut seed = 1_u64;
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for n in 0..LINES {
        let (host, client) = (next(20_000), next(2_000));
        let (a, b) = (host / 250, host % 250);
        let (c, d) = (client / 250, client % 250);
        let size = 200 + next(60_000);
        let (secs, millis, took) = (1_767_323_045 + n / 20, n % 1000, next(900));
        if n % 4 == 0 {
            writeln!(
                out,
                "{secs}.{millis:03} {took:6} 10.1.{c}.{d} TCP_MISS/200 {size} GET http://www{host}.example/assets/page-{n}.html?session=none - HIER_DIRECT/203.0.{a}.{b} text/html"
            )?;
        } else {
            writeln!(
                out,
                "{secs}.{millis:03} {took:6} 10.1.{c}.{d} TCP_TUNNEL/200 {size} CONNECT www{host}.example:443 - HIER_DIRECT/203.0.{a}.{b} -"
            )?;
        }
    }
    out.flush()?;
    Ok(std::fs::metadata(path)?.len())
}
