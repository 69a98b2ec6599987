//! For machines: whether it lives, whether it is ready, numbers of it, and what the API is.

use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::route::{Faces, Gate, Route, get};
use node::accounts::Act;
use serde_json::json;
use std::fmt::Write as _;

pub(crate) const ROUTES: &[Route] = &[
    get("/healthz", Gate::Everybody, alive).on(Faces::Console),
    get("/readyz", Gate::Everybody, ready).on(Faces::Console),
    get("/metrics", Gate::May(Act::SeeMetrics), metrics).gives(&["text/plain"]),
    get("/openapi.json", Gate::Everybody, openapi).on(Faces::Api),
];

fn alive(_: &Ask<'_>) -> Result<Answer, Fault> {
    Ok(Answer::Json(200, json!({"format": "watchfire-alive-v1"})))
}

fn ready(ask: &Ask<'_>) -> Result<Answer, Fault> {
    // Ready is who can read its log and its accounts; nothing of them is said to a stranger.
    let well = ask.site.node().store().checkpoint().is_ok() && ask.site.accounts().none().is_ok();
    let value = json!({"format": "watchfire-ready-v1", "ready": well});
    if well { Ok(Answer::Json(200, value)) } else { Err(Fault::new(503, "console.fault.not-ready")) }
}

/// Text format 0.0.4 of Prometheus.
fn metrics(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let size = ask.site.node().store().checkpoint().map_err(Fault::inside)?.map_or(0, |c| c.size());
    let sessions = ask.site.accounts().sessions(None)?.len();
    let mut out = String::new();
    let mut put = |name: &str, kind: &str, help: &str, values: &[(&str, String)]| {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (label, value) in values {
            let _ = writeln!(out, "{name}{label} {value}");
        }
    };
    let version = format!("{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    put("watchfire_build_info", "gauge", "Version of the program.", &[(&version, "1".to_owned())]);
    let since = ask.site.since.elapsed().as_secs();
    put("watchfire_uptime_seconds", "gauge", "Seconds since the console was opened.", &[("", since.to_string())]);
    put(
        "watchfire_log_leaves",
        "gauge",
        "Leaves of the newest signed checkpoint of the log.",
        &[("", size.to_string())],
    );
    put("watchfire_sessions", "gauge", "Sessions that are open.", &[("", sessions.to_string())]);
    let classes: Vec<_> =
        (2..=5).map(|c| (format!("{{class=\"{c}xx\"}}"), ask.site.counts.of(c).to_string())).collect();
    let classes: Vec<_> = classes.iter().map(|(l, v)| (l.as_str(), v.clone())).collect();
    put("watchfire_console_requests_total", "counter", "Requests of console and API, by class of status.", &classes);
    Ok(Answer::Text("text/plain; version=0.0.4; charset=utf-8", out))
}

fn openapi(ask: &Ask<'_>) -> Result<Answer, Fault> {
    Ok(Answer::Json(200, crate::site::openapi(ask.lang)))
}
