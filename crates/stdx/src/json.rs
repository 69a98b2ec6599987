//! What JSON costs before it is read.
//!
//! A tree of values takes far more memory than its text: an object with one member is seven bytes as text and some 650 in memory.
//! So whoever reads foreign JSON into a tree counts the objects first. Empty ones and lists cost some ten times their text, which a
//! limit on bytes bounds.

/// Objects that a text of JSON holds. Of what is no JSON it is some number: the parser refuses that later.
pub fn objects(text: &[u8]) -> usize {
    let (mut count, mut inside, mut escaped) = (0, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            b'{' if !inside => count += 1,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn held(value: &Value) -> usize {
        match value {
            Value::Object(members) => 1 + members.values().map(held).sum::<usize>(),
            Value::Array(values) => values.iter().map(held).sum(),
            _ => 0,
        }
    }

    #[test]
    fn as_many_as_the_parser_makes() {
        let texts = [
            "{}",
            "[1, {}, [{}, {\"a\": {}}]]",
            r#"{"{": "{\"{", "\\": {"\\\"{": "\\"}, "b": "\u007b"}"#,
            r#"["{", "\\", {"a": "}\\\\\"{{"}]"#,
        ];
        for text in texts {
            let value: Value = serde_json::from_str(text).expect(text);
            assert_eq!(objects(text.as_bytes()), held(&value), "{text}");
        }
        assert_eq!(objects(b"\"{"), 0);
    }
}
