//! The JSON face keeps to its written schema. The checker below knows the keywords that the schema uses and refuses
//! any other, so that a keyword it does not know cannot pass unseen.

use crate::fixture::fixture;
use serde_json::Value;

const SCHEMAS: [(&str, &str); 5] = [
    ("report-v1", include_str!("../../../../docs/specs/report-v1.schema.json")),
    ("catalogue-v1", include_str!("../../../../docs/specs/catalogue-v1.schema.json")),
    ("drift-v1", include_str!("../../../../docs/specs/drift-v1.schema.json")),
    ("form-face-v1", include_str!("../../../../docs/specs/form-face-v1.schema.json")),
    ("discover-v1", include_str!("../../../../docs/specs/discover-v1.schema.json")),
];

/// Names every place at which `value` does not fit `schema`.
fn faults(root: &Value, schema: &Value, value: &Value, at: &str, out: &mut Vec<String>) {
    for (keyword, rule) in schema.as_object().expect("a schema is an object") {
        match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" => {}
            "$ref" => {
                let pointer = rule.as_str().unwrap().strip_prefix('#').unwrap();
                faults(root, root.pointer(pointer).unwrap_or_else(|| panic!("{rule}")), value, at, out);
            }
            "type" if !is(rule.as_str().unwrap(), value) => out.push(format!("{at}: not {rule}")),
            "const" if rule != value => out.push(format!("{at}: not {rule}")),
            "enum" if !rule.as_array().unwrap().contains(value) => out.push(format!("{at}: {value} not in {rule}")),
            "minimum" if value.as_i64() < rule.as_i64() => out.push(format!("{at}: below {rule}")),
            "type" | "const" | "enum" | "minimum" => {}
            "required" => {
                let missing = rule.as_array().unwrap().iter().filter(|k| value.get(k.as_str().unwrap()).is_none());
                out.extend(missing.map(|k| format!("{at}: lacks {k}")));
            }
            "properties" => {
                for (name, inner) in rule.as_object().unwrap() {
                    if let Some(v) = value.get(name) {
                        faults(root, inner, v, &format!("{at}/{name}"), out);
                    }
                }
            }
            "additionalProperties" => {
                let known = schema.get("properties").and_then(Value::as_object);
                for (name, v) in value.as_object().into_iter().flatten() {
                    match rule {
                        _ if known.is_some_and(|k| k.contains_key(name)) => {}
                        Value::Bool(false) => out.push(format!("{at}: unknown {name}")),
                        Value::Bool(true) => {}
                        inner => faults(root, inner, v, &format!("{at}/{name}"), out),
                    }
                }
            }
            "items" => {
                for (n, v) in value.as_array().into_iter().flatten().enumerate() {
                    faults(root, rule, v, &format!("{at}/{n}"), out);
                }
            }
            other => panic!("the checker does not know the keyword {other}"),
        }
    }
}

fn is(ty: &str, value: &Value) -> bool {
    match ty {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        _ => panic!("type {ty}"),
    }
}

/// Every place at which a text does not fit the named schema.
pub(crate) fn check(name: &str, text: &str) -> Vec<String> {
    let schema = SCHEMAS.iter().find(|s| s.0 == name).unwrap().1;
    let schema: Value = serde_json::from_str(schema).unwrap();
    let value: Value = serde_json::from_str(text).unwrap();
    let mut out = Vec::new();
    faults(&schema, &schema, &value, "", &mut out);
    out
}

#[test]
fn the_report_fits_its_schema_with_and_without_a_run() {
    let mut f = fixture();
    assert_eq!(check("report-v1", &report::json(&f.input())), Vec::<String>::new());
    f.proof.judgement_index = None;
    f.proof.spooled = true;
    let mut input = f.input();
    input.examination = None;
    input.items = &[];
    assert_eq!(check("report-v1", &report::json(&input)), Vec::<String>::new());
}

#[test]
fn the_schema_refuses_what_it_does_not_name() {
    let good: Value = serde_json::from_str(&report::json(&fixture().input())).unwrap();
    let mut extra = good.clone();
    extra["surprise"] = 1.into();
    assert_eq!(check("report-v1", &extra.to_string()), ["/: unknown surprise".replace('/', "")]);
    let mut short = good.clone();
    short.as_object_mut().unwrap().remove("proof");
    assert_eq!(check("report-v1", &short.to_string()), [": lacks \"proof\""]);
    let mut wrong = good;
    wrong["findings"][0]["severity"] = "terrible".into();
    assert_eq!(check("report-v1", &wrong.to_string()).len(), 1);
}
