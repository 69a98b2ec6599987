//! Lists of ids: what is exploited (KEV), and how likely it is to be (EPSS).

use super::{Exploited, FaultKind, Form, ImportError, Likelihood, Sink, bad, token};
use crate::text;
use serde_json::Value;

/// CISA's catalogue: `vulnerabilities[].{cveID, dateAdded, dueDate, knownRansomwareCampaignUse}`.
pub(super) fn kev_json(catalogue: &Value, sink: &mut Sink<'_>) {
    let at = |key: &str| catalogue.get(key).and_then(Value::as_str);
    sink.dated(at("dateReleased").and_then(text::instant));
    let rows = catalogue.get("vulnerabilities").and_then(Value::as_array);
    for (n, row) in rows.into_iter().flatten().enumerate() {
        let at = |key: &str| row.get(key).and_then(Value::as_str);
        sink.place = format!("vulnerabilities[{n}]");
        kev(sink, at("cveID"), at("knownRansomwareCampaignUse"), at("dateAdded"), at("dueDate"));
    }
}

fn kev(sink: &mut Sink<'_>, id: Option<&str>, ransomware: Option<&str>, added: Option<&str>, due: Option<&str>) {
    if sink.full() {
        return;
    }
    let read = || -> Result<Exploited, FaultKind> {
        let id = cve(token("cveID", id)?)?;
        let date = |part, value: Option<&str>| match value.map(str::trim).filter(|v| !v.is_empty()) {
            None => Ok(None),
            Some(value) => text::instant(value).map(Some).ok_or_else(|| bad(part, value)),
        };
        Ok(Exploited {
            id,
            ransomware: ransomware.is_some_and(|r| r.trim().eq_ignore_ascii_case("known")),
            added: date("dateAdded", added)?,
            due: date("dueDate", due)?,
        })
    };
    match read() {
        Ok(row) => {
            sink.dated(row.added);
            sink.out.exploited.push(row);
        }
        Err(kind) => sink.fault("", kind),
    }
}

/// An id of the form `CVE-2025-1234`.
fn cve(text: &str) -> Result<String, FaultKind> {
    let id = text.trim().to_ascii_uppercase();
    let digits = |part: Option<&str>, min: usize| {
        part.is_some_and(|p| (min..=12).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()))
    };
    let mut parts = id.splitn(3, '-');
    let fits = parts.next() == Some("CVE") && digits(parts.next(), 4) && digits(parts.next(), 4);
    if fits { Ok(id) } else { Err(bad("CVE id", text)) }
}

/// The same catalogue as CSV, by its headings.
pub(super) fn kev_csv(text: &str, sink: &mut Sink<'_>) -> Result<(), ImportError> {
    let broken = |why: &str| ImportError::Broken(Form::KevCsv, why.to_owned());
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let headings = reader.headers().map_err(|_| broken("no headings"))?.clone();
    let column = |name: &str| headings.iter().position(|h| h.trim().eq_ignore_ascii_case(name));
    let id = column("cveID").ok_or_else(|| broken("no column cveID"))?;
    let [ransomware, added, due] = ["knownRansomwareCampaignUse", "dateAdded", "dueDate"].map(column);
    // A list without that column would call no vulnerability one of ransomware.
    let ransomware = ransomware.ok_or_else(|| broken("no column knownRansomwareCampaignUse"))?;
    for record in reader.records() {
        let record = record.map_err(|e| broken(&e.to_string()))?;
        let cell = |column: Option<usize>| column.and_then(|c| record.get(c));
        sink.place = format!("line {}", record.position().map_or(0, csv::Position::line));
        kev(sink, record.get(id), record.get(ransomware), cell(added), cell(due));
    }
    Ok(())
}

/// EPSS: an optional line `#model_version:…,score_date:…`, then `cve,epss,percentile`.
pub(super) fn epss_csv(text: &str, sink: &mut Sink<'_>) -> Result<(), ImportError> {
    let broken = |why: &str| ImportError::Broken(Form::EpssCsv, why.to_owned());
    let mut body = text.trim_start();
    let mut lines_before = 0;
    if body.starts_with('#') {
        let (first, rest) = body.split_once('\n').unwrap_or((body, ""));
        let date = first.trim().split(',').find_map(|p| p.trim().strip_prefix("score_date:"));
        sink.dated(date.and_then(text::instant));
        (body, lines_before) = (rest, 1);
    }
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(body.as_bytes());
    let headings = reader.headers().map_err(|_| broken("no headings"))?.clone();
    let column = |name: &str| headings.iter().position(|h| h.trim().eq_ignore_ascii_case(name));
    let (id, score) = column("cve").zip(column("epss")).ok_or_else(|| broken("no columns cve and epss"))?;
    for record in reader.records() {
        let record = record.map_err(|e| broken(&e.to_string()))?;
        if sink.full() {
            return Ok(());
        }
        sink.place = format!("line {}", record.position().map_or(0, csv::Position::line) + lines_before);
        let read = || -> Result<Likelihood, FaultKind> {
            let id = cve(token("cve", record.get(id))?)?;
            let text = record.get(score).ok_or(FaultKind::Missing("epss"))?;
            let per_ten_thousand = per_ten_thousand(text).ok_or_else(|| bad("epss", text))?;
            Ok(Likelihood { id, per_ten_thousand })
        };
        match read() {
            Ok(row) => sink.out.likelihoods.push(row),
            Err(kind) => sink.fault("", kind),
        }
    }
    Ok(())
}

/// A decimal fraction from 0 to 1 in parts of ten thousand, rounded to the nearest; `1.2e-05` too.
fn per_ten_thousand(text: &str) -> Option<u16> {
    let text = text.trim();
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'-' | b'+'));
    let value: f64 = text.parse().ok().filter(|_| plain)?;
    (0.0..=1.0).contains(&value).then_some(())?;
    let scaled = value * 10_000.0;
    // The smallest whole number that is no more than a half away.
    let (mut low, mut high) = (0_u16, 10_000_u16);
    while low < high {
        let middle = low.midpoint(high);
        if f64::from(middle) + 0.5 > scaled { high = middle } else { low = middle + 1 }
    }
    Some(low)
}
