//! The one byte form of a record: RFC 8785 (JSON Canonicalization Scheme), narrowed.
//!
//! Narrowed because floats and large integers are where two implementations disagree: a number is an integer
//! within ±(2^53 − 1), nothing else. Reading accepts *only* bytes that writing would produce, so that a record
//! has one digest: duplicate keys, white space, `1.0`, `\u0041` or another key order are refused.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Largest integer that a record may carry: 2^53 − 1 (RFC 8785 §3.2.2.3, via ECMAScript numbers).
pub const INTEGER_MAX: i64 = (1 << 53) - 1;
/// Deepest nesting that is written or read.
pub const DEPTH_MAX: usize = 64;
/// Largest record that [`from_slice`] reads, in bytes.
pub const RECORD_BYTES_MAX: usize = 64 << 20;

/// Why bytes are not, or a value cannot become, a canonical record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CanonicalError {
    /// A number that is not an integer within ±(2^53 − 1).
    Number(String),
    /// Nesting deeper than [`DEPTH_MAX`].
    Depth,
    /// More than [`RECORD_BYTES_MAX`] bytes.
    TooLarge(usize),
    /// Not JSON, or JSON that does not fit the type; the text says where.
    Shape(String),
    /// JSON, but not in the canonical form; the offset of the first differing byte.
    NotCanonical(usize),
}

impl std::fmt::Display for CanonicalError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(n) => write!(f, "number {n} is not an integer within ±(2^53 − 1)"),
            Self::Depth => write!(f, "nested deeper than {DEPTH_MAX}"),
            Self::TooLarge(n) => write!(f, "{n} bytes, more than {RECORD_BYTES_MAX}"),
            Self::Shape(why) => write!(f, "{why}"),
            Self::NotCanonical(at) => write!(f, "not in canonical form from byte {at}"),
        }
    }
}
impl std::error::Error for CanonicalError {}

/// The canonical bytes of `value`. Errors: a float, an integer out of range, too deep.
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    let value = serde_json::to_value(value).map_err(|e| CanonicalError::Shape(e.to_string()))?;
    let mut out = Vec::new();
    write(&value, 0, &mut out)?;
    Ok(out)
}

/// The canonical bytes of a value that stands `depth` levels deep in another.
pub(crate) fn of_value(value: &Value, depth: usize) -> Result<Vec<u8>, CanonicalError> {
    let mut out = Vec::new();
    write(value, depth, &mut out)?;
    Ok(out)
}

/// Reads a value from canonical bytes, refusing any other spelling of the same value.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CanonicalError> {
    if bytes.len() > RECORD_BYTES_MAX {
        return Err(CanonicalError::TooLarge(bytes.len()));
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|e| CanonicalError::Shape(e.to_string()))?;
    let mut again = Vec::with_capacity(bytes.len());
    write(&value, 0, &mut again)?;
    if again != bytes {
        let at = again.iter().zip(bytes).position(|(a, b)| a != b);
        return Err(CanonicalError::NotCanonical(at.unwrap_or(again.len().min(bytes.len()))));
    }
    serde_json::from_value(value).map_err(|e| CanonicalError::Shape(e.to_string()))
}

fn write(value: &Value, depth: usize, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    if depth > DEPTH_MAX {
        return Err(CanonicalError::Depth);
    }
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(b) => out.extend_from_slice(if *b { b"true" } else { b"false" }),
        Value::Number(n) => match n.as_i64() {
            Some(i) if (-INTEGER_MAX..=INTEGER_MAX).contains(&i) => out.extend_from_slice(i.to_string().as_bytes()),
            _ => return Err(CanonicalError::Number(n.to_string())),
        },
        Value::String(s) => write_string(s, out),
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write(item, depth + 1, out)?;
            }
            out.push(b']');
        }
        Value::Object(map) => {
            let mut entries: Vec<(&String, &Value)> = map.iter().collect();
            // RFC 8785 §3.2.3: by UTF-16 code units, which differs from UTF-8 order beyond the BMP.
            if entries.iter().all(|(key, _)| key.is_ascii()) {
                entries.sort_unstable_by_key(|(key, _)| *key);
            } else {
                entries.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            }
            out.push(b'{');
            for (i, (key, value)) in entries.into_iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_string(key, out);
                out.push(b':');
                write(value, depth + 1, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

fn write_string(s: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = s.as_bytes();
    // Only ASCII is escaped, so what stands between goes as it is.
    while let Some(at) = rest.iter().position(|b| *b < b' ' || matches!(b, b'"' | b'\\')) {
        out.extend_from_slice(&rest[..at]);
        match rest[at] {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x8 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0xC => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            control => out.extend_from_slice(format!("\\u{control:04x}").as_bytes()),
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canon(json: &str) -> String {
        let v: Value = serde_json::from_str(json).unwrap();
        String::from_utf8(to_vec(&v).unwrap()).unwrap()
    }

    /// The sorting and string vectors of RFC 8785 (§3.2.3 and §3.2.2.2), numbers left out.
    #[test]
    fn rfc_8785_vectors() {
        let sorted = canon(
            "{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\",\"\\ufb33\":\"Hebrew Letter Dalet With Dagesh\",\
             \"1\":\"One\",\"\\ud83d\\ude00\":\"Emoji: Grinning Face\",\"\\u0080\":\"Control\",\
             \"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}",
        );
        let order = ["Carriage Return", "One", "Control", "Latin Small", "Euro Sign", "Emoji", "Hebrew"];
        let places: Vec<usize> = order.iter().map(|w| sorted.find(w).unwrap()).collect();
        assert!(places.is_sorted(), "{sorted}");
        assert_eq!(
            canon(r#"{"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/"}"#),
            "{\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"
        );
        assert_eq!(canon(r#"{ "b": [null, true, false], "a": {} }"#), r#"{"a":{},"b":[null,true,false]}"#);
    }

    #[test]
    fn only_integers_within_53_bits() {
        assert!(matches!(to_vec(&1.5_f64), Err(CanonicalError::Number(_))));
        assert!(matches!(to_vec(&(INTEGER_MAX + 1)), Err(CanonicalError::Number(_))));
        assert_eq!(to_vec(&-INTEGER_MAX).unwrap(), b"-9007199254740991");
    }

    #[test]
    fn reading_accepts_one_spelling_only() {
        assert!(from_slice::<Value>(br#"{"a":1,"b":2}"#).is_ok());
        for other in [
            &br#"{"b":2,"a":1}"#[..],
            br#"{"a":1, "b":2}"#,
            br#"{"a":1,"a":1,"b":2}"#,
            br#"{"a":1.0,"b":2}"#,
            br#"{"\u0061":1,"b":2}"#,
            br#"{"a":1e0,"b":2}"#,
            br#"{"a":-0,"b":2}"#,
        ] {
            assert!(from_slice::<Value>(other).is_err(), "{}", String::from_utf8_lossy(other));
        }
        let deep = "[".repeat(100) + &"]".repeat(100);
        assert_eq!(from_slice::<Value>(deep.as_bytes()), Err(CanonicalError::Depth));
    }
}
