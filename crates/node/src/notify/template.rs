//! Templates: the requests of robots and gateways as data (`docs/specs/notify-v1.md` §7). A hole is filled inside a text
//! of the JSON, or percent-encoded; so no value can change the form of a request.

use super::message::Worded;
use super::pace::PER_MINUTE_MAX;
use super::secret::Secret;
use super::toml::{Fault, Table, parse};
use evidence::{Lang, Say, Time};
use ring::hmac;
use serde_json::Value;

/// The templates that are built in.
pub(super) const BUILT_IN: [(&str, &str); 5] = [
    ("wecom", include_str!("../../../../packs/notify/wecom.toml")),
    ("dingtalk", include_str!("../../../../packs/notify/dingtalk.toml")),
    ("feishu", include_str!("../../../../packs/notify/feishu.toml")),
    ("sms-generic", include_str!("../../../../packs/notify/sms-generic.toml")),
    ("voice-generic", include_str!("../../../../packs/notify/voice-generic.toml")),
];

/// Every hole.
const HOLES: [&str; 13] = [
    "text",
    "number",
    "notice",
    "colour",
    "colour_en",
    "colour_zh",
    "numeral",
    "deadline",
    "drill",
    "address",
    "token",
    "timestamp",
    "sign",
];

/// How a request is signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sign {
    /// Not at all.
    None,
    /// HMAC-SHA-256 with the secret over timestamp, line feed, secret; milliseconds.
    DingTalk,
    /// HMAC-SHA-256 with timestamp, line feed, secret as the key over nothing; seconds.
    Feishu,
}

/// What is sent.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Body {
    Json(Value),
    Form(Vec<(String, String)>),
    None,
}

/// A request with holes.
#[derive(Clone, PartialEq, Debug)]
pub struct Template {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
    pub(crate) sign: Sign,
    /// JSON pointer and the value that means success; without it any 2xx does.
    pub(crate) success: Option<(String, String)>,
    /// Values at the pointer that mean: try again.
    pub(crate) retry: Vec<String>,
    /// Messages a minute that the service takes, and who says so (empty: not confirmed).
    pub(crate) per_minute: Option<(u32, String)>,
    /// It reaches a person by telephone or short message: it is never held back.
    pub(crate) phone: bool,
}

/// A request that is ready to go.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Reads a template; a fault has its line in this text.
pub(crate) fn read(text: &str) -> Result<Template, Fault> {
    let root = parse(text)?;
    let t = Table::root(text, &root);
    let signs = [
        ("none", Sign::None),
        ("dingtalk-hmac-sha256-base64-urlencoded", Sign::DingTalk),
        ("feishu-hmac-sha256-base64", Sign::Feishu),
    ];
    let methods = [("POST", "POST"), ("PUT", "PUT"), ("GET", "GET")];
    let pairs = |key| t.table(key)?.map_or_else(|| Ok(Vec::new()), |h| h.pairs());
    let (json, form) = (t.text("body")?, pairs("form")?);
    let body = match json {
        Some(json) => Body::Json(serde_json::from_str(&json).map_err(|e| t.bad("body", e, "JSON"))?),
        None if form.is_empty() => Body::None,
        None => Body::Form(form),
    };
    let success = match t.table("success")? {
        Some(s) => {
            let pair = (s.must("pointer")?, s.must("equals")?);
            if !pair.0.starts_with('/') {
                return Err(s.bad("pointer", &pair.0, "/errcode"));
            }
            s.finish()?;
            Some(pair)
        }
        None => None,
    };
    let template = Template {
        method: t.word("method", &methods, Some("POST"))?.to_owned(),
        url: t.text("url")?.unwrap_or_default(),
        headers: pairs("headers")?,
        body,
        sign: t.word("sign", &signs, Some(Sign::None))?,
        success,
        retry: t.texts("retry")?,
        per_minute: match t.number("per_minute", 1, PER_MINUTE_MAX)?.and_then(|n| u32::try_from(n).ok()) {
            Some(n) => Some((n, t.text("per_minute_source")?.unwrap_or_default())),
            None => None,
        },
        phone: t.word("reaches", &[("chat", false), ("phone", true)], Some(false))?,
    };
    if template.phone && template.per_minute.is_some() {
        return Err(t.fault("per_minute", Say::new("error.notify-phone-pace")));
    }
    if let Some(hole) = template.unknown_hole() {
        let say = Say::new("error.notify-hole").with("hole", hole).with("known", HOLES.join(", "));
        return Err(t.fault("body", say));
    }
    t.finish()?;
    Ok(template)
}

impl Template {
    fn unknown_hole(&self) -> Option<String> {
        let mut texts = vec![self.url.clone()];
        texts.extend(self.headers.iter().map(|h| h.1.clone()));
        match &self.body {
            Body::Json(v) => leaves(v, &mut texts),
            Body::Form(f) => texts.extend(f.iter().map(|p| p.1.clone())),
            Body::None => {}
        }
        let named = |t: &String| {
            let holes = report::words::holes(t);
            let word = |h: &&str| !h.is_empty() && h.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            holes.into_iter().find(|h| word(h) && !HOLES.contains(h)).map(str::to_owned)
        };
        texts.iter().find_map(named)
    }
    /// Whether it needs a secret, a token.
    pub(crate) fn needs(&self) -> (bool, bool) {
        let shown = format!("{} {:?} {:?}", self.url, self.headers, self.body);
        (self.sign != Sign::None, shown.contains("{token}"))
    }

    /// Fills the holes. `url` is that of the channel, or the template's own.
    pub(crate) fn request(
        &self,
        url: &str,
        m: &Worded,
        address: &str,
        (secret, token): (Option<&Secret>, Option<&Secret>),
        now: Time,
    ) -> Request {
        let (timestamp, sign) = signed(self.sign, secret.map_or("", Secret::reveal), now);
        let value = |hole: &str| -> Option<String> {
            Some(match hole {
                "text" => m.text.clone(),
                "number" => m.number.clone(),
                "notice" => m.notice.clone(),
                "colour" => m.colour().to_owned(),
                "colour_en" => m.colour_word(Lang::En),
                "colour_zh" => m.colour_word(Lang::Zh),
                "numeral" => m.numeral.clone(),
                "deadline" => m.deadline.clone(),
                "drill" => m.drill.to_string(),
                "address" => address.to_owned(),
                "token" => token.map_or("", Secret::reveal).to_owned(),
                "timestamp" => timestamp.clone(),
                "sign" => sign.clone(),
                _ => return None,
            })
        };
        let mut headers: Vec<(String, String)> =
            self.headers.iter().map(|(k, v)| (k.clone(), fill(v, &value, str::to_owned))).collect();
        let mut kind = |of: &str| {
            if !headers.iter().any(|h| h.0.eq_ignore_ascii_case("content-type")) {
                headers.push(("Content-Type".to_owned(), of.to_owned()));
            }
        };
        let body = match &self.body {
            Body::None => Vec::new(),
            Body::Json(json) => {
                kind("application/json; charset=utf-8");
                filled(json, &value).to_string().into_bytes()
            }
            Body::Form(form) => {
                kind("application/x-www-form-urlencoded");
                let pair =
                    |(k, v): &(String, String)| format!("{}={}", percent(k), percent(&fill(v, &value, str::to_owned)));
                form.iter().map(pair).collect::<Vec<_>>().join("&").into_bytes()
            }
        };
        Request { method: self.method.clone(), url: fill(url, &value, percent), headers, body }
    }
}

/// Every text of a JSON value.
fn leaves(v: &Value, out: &mut Vec<String>) {
    match v {
        Value::String(s) => out.push(s.clone()),
        Value::Array(a) => a.iter().for_each(|v| leaves(v, out)),
        Value::Object(o) => o.values().for_each(|v| leaves(v, out)),
        _ => {}
    }
}

fn filled(v: &Value, value: &dyn Fn(&str) -> Option<String>) -> Value {
    match v {
        Value::String(s) => Value::String(fill(s, value, str::to_owned)),
        Value::Array(a) => Value::Array(a.iter().map(|v| filled(v, value)).collect()),
        Value::Object(o) => Value::Object(o.iter().map(|(k, v)| (k.clone(), filled(v, value))).collect()),
        other => other.clone(),
    }
}

/// Fills once, from left to right: what is filled in is not looked at again.
fn fill(text: &str, value: &dyn Fn(&str) -> Option<String>, coded: impl Fn(&str) -> String) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, from)) = rest.split_once('{') {
        out.push_str(before);
        match from.split_once('}').and_then(|(name, after)| value(name).map(|v| (v, after))) {
            Some((v, after)) => {
                out.push_str(&coded(&v));
                rest = after;
            }
            None => {
                out.push('{');
                rest = from;
            }
        }
    }
    out + rest
}

/// Percent-encoding of everything that is not unreserved (RFC 3986 §2.3).
pub(crate) fn percent(text: &str) -> String {
    let mut out = String::new();
    for b in text.bytes() {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(b)),
            _ => out += &format!("%{b:02X}"),
        }
    }
    out
}

/// Timestamp and signature of a scheme. Both rules are those of the services' own sample code in Java, Python and Go, as
/// many pages and clients show them the same (`timestamp + "\n" + secret`, HmacSHA256, Base64; Feishu: as the key, over
/// nothing; also gitea's client); not tried against the services themselves.
fn signed(sign: Sign, secret: &str, now: Time) -> (String, String) {
    let mac = |key: &str, text: &str| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
        data_encoding::BASE64.encode(hmac::sign(&key, text.as_bytes()).as_ref())
    };
    match sign {
        Sign::None => (now.secs().to_string(), String::new()),
        Sign::DingTalk => {
            let at = now.millis().to_string();
            let signed = mac(secret, &format!("{at}\n{secret}"));
            (at, signed)
        }
        Sign::Feishu => {
            let at = now.secs().to_string();
            let signed = mac(&format!("{at}\n{secret}"), "");
            (at, signed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_templates_read() {
        for (name, text) in BUILT_IN {
            let t = read(text).unwrap_or_else(|e| panic!("{name}: {e:?}"));
            assert!(t.url.is_empty() || t.url.starts_with("https://"), "{name}");
        }
    }

    /// Values of an independent computation: python3 hmac, `base64.b64encode`.
    #[test]
    fn robots_signatures_are_those_of_their_samples() {
        let now = Time::from_millis(1_700_000_000_123);
        let (at, sign) = signed(Sign::DingTalk, "this is secret", now);
        assert_eq!((at.as_str(), sign.as_str()), ("1700000000123", "W2RNhLVXZurCuMiewxzjoEaGqxhR/FQAkLiAHZh+PWY="));
        let (at, sign) = signed(Sign::Feishu, "this is secret", now);
        assert_eq!((at.as_str(), sign.as_str()), ("1700000000", "OfGzRzoUICBOoc8wVra1e4A1hPfbZ9zqXozA8CWVUuY="));
    }

    #[test]
    fn what_is_filled_in_cannot_change_the_form() {
        let value = |h: &str| (h == "address").then(|| "\"},{text} &x=1".to_owned());
        let json: Value = serde_json::from_str(r#"{"to":"{address}","n":"{ unknown }"}"#).unwrap();
        let got = filled(&json, &value);
        assert_eq!(got["to"], "\"},{text} &x=1", "and what is filled in is not filled again");
        assert_eq!(got["n"], "{ unknown }");
        assert_eq!(fill("https://x/?to={address}", &value, percent), "https://x/?to=%22%7D%2C%7Btext%7D%20%26x%3D1");
    }

    #[test]
    fn an_unknown_hole_is_refused_with_its_line() {
        let fault = read("url = \"https://x/\"\nbody = '{\"a\":\"{title}\"}'\n").unwrap_err();
        assert_eq!((fault.line, fault.say.key.as_str()), (2, "error.notify-hole"));
    }
}
