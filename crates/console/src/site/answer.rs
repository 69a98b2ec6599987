//! What goes back, with the headers that every answer has.

use super::events::Listener;
use super::fault::Fault;
use super::frame;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use evidence::{Digest, Lang};
use maud::Markup;
use serde_json::{Value, json};

/// Nothing from elsewhere, nothing inline, nowhere within another page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
    form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Media type of a workbook (ECMA-376).
pub(crate) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Media type of a text document (ECMA-376).
pub(crate) const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// Media type of events (WHATWG HTML, 9.2).
pub(crate) const EVENTS: &str = "text/event-stream";

/// What a handler gives back.
pub(crate) enum Answer {
    /// A page.
    Html(Markup),
    /// JSON; the status beside it.
    Json(u16, Value),
    /// A text of another type.
    Text(&'static str, String),
    /// A file to be saved: its type, its name, its bytes.
    File(&'static str, String, Vec<u8>),
    /// Events, for as long as somebody listens.
    Events(Listener),
    /// Go on there; with cookies that are set.
    Go(String, Vec<String>),
}

/// The same for every answer of the site. The referrer stays within it, but is not left out: without one a browser says `Origin: null` of its own
/// forms, and they would be refused as those of another site.
fn dressed(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    // What a person may see is nobody else's: a shared machine keeps nothing of it.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn body(status: u16, kind: &str, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(kind) = HeaderValue::from_str(kind) {
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    response
}

impl Answer {
    /// The media type of a text or file, as its route has declared it.
    pub(crate) fn declared(&self) -> Option<&'static str> {
        match self {
            Self::Text(kind, _) | Self::File(kind, ..) => Some(kind),
            Self::Events(_) => Some(EVENTS),
            Self::Html(_) | Self::Json(..) | Self::Go(..) => None,
        }
    }

    /// As HTTP; `asked`: the headers of the request.
    pub(crate) fn response(self, asked: &HeaderMap) -> Response {
        dressed(match self {
            Self::Html(page) => body(200, "text/html; charset=utf-8", page.into_string().into_bytes()),
            Self::Json(status, value) => {
                let bytes = value.to_string().into_bytes();
                if status == 200 { tagged(bytes, asked) } else { body(status, "application/json", bytes) }
            }
            Self::Text(kind, text) => body(200, kind, text.into_bytes()),
            Self::File(kind, name, bytes) => {
                let mut response = body(200, kind, bytes);
                // RFC 6266: a name of other letters in its own form.
                let plain: String = name
                    .chars()
                    .map(|c| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' })
                    .collect();
                let value = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", percent(&name));
                if let Ok(value) = HeaderValue::from_str(&value) {
                    response.headers_mut().insert(CONTENT_DISPOSITION, value);
                }
                response
            }
            Self::Events(listener) => {
                let mut response = body(200, EVENTS, Vec::new());
                response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
                response.extensions_mut().insert(listener);
                response
            }
            Self::Go(to, cookies) => {
                let mut response = body(303, "text/plain; charset=utf-8", Vec::new());
                if let Ok(to) = HeaderValue::from_str(&to) {
                    response.headers_mut().insert(LOCATION, to);
                }
                for cookie in cookies {
                    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                        response.headers_mut().append(SET_COOKIE, cookie);
                    }
                }
                response
            }
        })
    }
}

/// JSON with its digest: who has it already is told so.
fn tagged(bytes: Vec<u8>, asked: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", &Digest::of(&bytes).hex()[..32]);
    let known = asked.get_all(IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok());
    let known = known.flat_map(|v| v.split(',')).any(|t| t.trim().trim_start_matches("W/") == tag);
    let mut response =
        if known { body(304, "application/json", Vec::new()) } else { body(200, "application/json", bytes) };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

/// A file of the site's own: its address holds its digest, so that it can be kept for ever.
pub(crate) fn asset(kind: &'static str, bytes: &'static [u8]) -> Response {
    let mut response = dressed(Response::new(Body::from(bytes)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    response
}

/// What went wrong within, on its way to the operator.
#[derive(Clone)]
pub(crate) struct Within(pub(crate) String);

/// A fault as JSON.
pub(crate) fn problem(fault: &Fault, lang: Lang) -> Response {
    let title = report::words::say(lang, &fault.say);
    let mut value = json!({
        "type": format!("urn:watchfire:problem:{}", fault.say.key),
        "title": title,
        "status": fault.status,
    });
    if let Some(field) = fault.field {
        value["field"] = json!(field);
    }
    again(dressed(body(fault.status, "application/problem+json", value.to_string().into_bytes())), fault)
}

/// A fault as a page.
pub(crate) fn apology(fault: &Fault, page: Markup) -> Response {
    again(dressed(body(fault.status, "text/html; charset=utf-8", page.into_string().into_bytes())), fault)
}

fn again(mut response: Response, fault: &Fault) -> Response {
    if let Some(why) = &fault.within {
        response.extensions_mut().insert(Within(why.clone()));
    }
    if matches!(fault.status, 429 | 503) {
        response.headers_mut().insert("retry-after", HeaderValue::from_static("5"));
    }
    if fault.status == 401 {
        response.headers_mut().insert("www-authenticate", HeaderValue::from_static("Bearer"));
    }
    response
}

/// Every byte but letters, digits and `-._~` as `%XX`.
pub(crate) fn percent(text: &str) -> String {
    frame::encoded(text)
}
