//! The OpenAPI 3.1 document, made from the table of routes: what is not in the table is not served, and what is in it is described.

use super::route::{self, Faces, Field, Gate, Method, Route, Takes};
use evidence::Lang;
use serde_json::{Map, Value, json};

/// The document; sentences in the given language.
#[must_use]
pub fn openapi(lang: Lang) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in route::all().filter(|r| r.faces != Faces::Console) {
        let item = paths.entry(format!("/api/v1{}", route.path)).or_insert_with(|| json!({}));
        item[route.method.name().to_ascii_lowercase()] = operation(route, lang);
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Watchfire", "version": env!("CARGO_PKG_VERSION"), "description": report::words::text(lang, "console.api.about")},
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "watchfire"},
            },
            "schemas": {"problem": {
                "type": "object",
                "required": ["type", "title", "status"],
                "properties": {"type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"}, "field": {"type": "string"}},
            }},
        },
    })
}

fn operation(route: &Route, lang: Lang) -> Value {
    let name: String = route.path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let holes = route.path.split('/').filter_map(|p| p.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = holes
        .map(|h| json!({"name": h, "in": "path", "required": true, "schema": {"type": "string", "minLength": 1, "maxLength": 200}}))
        .collect();
    for field in route.query {
        let (mut schema, _) = schema(field);
        if matches!(field.takes, Takes::SomeOf(_) | Takes::Lines(_)) {
            schema = json!({"type": "array", "items": schema["items"]});
        }
        parameters.push(json!({"name": field.name, "in": "query", "required": field.needed, "schema": schema}));
    }
    let problem = |key: &str| {
        json!({
            "description": report::words::text(lang, key),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}},
        })
    };
    let content: Map<String, Value> = route.gives.iter().map(|kind| ((*kind).to_owned(), content(kind))).collect();
    let ok = json!({"description": report::words::text(lang, "console.api.ok"), "content": content});
    let mut answers = json!({
        "200": ok,
        "400": problem("console.api.bad"),
        "422": problem("console.api.refused"),
        "503": problem("console.api.later"),
    });
    if !parameters.is_empty() {
        answers["404"] = problem("console.fault.none");
    }
    if route.method == Method::Get {
        answers["304"] = json!({"description": report::words::text(lang, "console.api.same")});
    } else {
        answers["413"] = problem("console.fault.too-large");
        answers["415"] = problem("console.fault.kind");
    }
    let mut op = json!({
        "operationId": format!("{}{}", route.method.name().to_ascii_lowercase(), name.trim_end_matches('-')),
        "parameters": parameters,
        "responses": answers,
    });
    match route.gate {
        Gate::Everybody => op["security"] = json!([]),
        gate => {
            op["security"] = json!([{"token": []}, {"session": []}]);
            op["responses"]["401"] = problem("console.fault.unknown");
            op["responses"]["403"] = problem("console.fault.forbidden");
            if let Gate::May(act) = gate {
                op["description"] = json!(report::words::text(lang, &format!("account.act.{}", act.name())));
                op["x-watchfire-act"] = json!(act.name());
            }
        }
    }
    if route.method == Method::Post {
        op["parameters"].as_array_mut().into_iter().for_each(|p| {
            p.push(json!({"name": "Idempotency-Key", "in": "header", "required": false, "schema": {"type": "string", "maxLength": 200, "pattern": "^[!-~]+$"}}));
        });
        let properties: Map<String, Value> = route.body.iter().map(|f| (f.name.to_owned(), schema(f).0)).collect();
        let required: Vec<_> = route.body.iter().filter(|f| f.needed).map(|f| f.name).collect();
        op["requestBody"] = json!({
            "required": !required.is_empty(),
            "content": {"application/json": {"schema": {
                "type": "object", "properties": properties, "required": required, "additionalProperties": false,
            }}},
        });
    }
    op
}

/// What is said of the content of a media type: of files nothing but that they are bytes.
fn content(kind: &str) -> Value {
    match kind {
        "application/json" => json!({"schema": {"type": "object"}}),
        k if k.starts_with("text/") => json!({"schema": {"type": "string"}}),
        _ => json!({}),
    }
}

/// The schema of a field, and whether it is a list.
fn schema(field: &Field) -> (Value, bool) {
    let least = usize::from(field.needed);
    match field.takes {
        Takes::Line(max) => (
            json!({"type": "string", "minLength": least, "maxLength": max, "pattern": r"^[^\u0000-\u001f\u007f]*$"}),
            false,
        ),
        Takes::Text(max) => (json!({"type": "string", "minLength": least, "maxLength": max}), false),
        Takes::Secret => (json!({"type": "string", "minLength": least, "maxLength": 256, "writeOnly": true}), false),
        Takes::OneOf(of) => (json!({"type": "string", "enum": of}), false),
        Takes::SomeOf(of) => {
            (json!({"type": "array", "minItems": least, "items": {"type": "string", "enum": of}}), true)
        }
        Takes::Lines(max) => (
            json!({"type": "array", "minItems": least, "maxItems": max, "items": {"type": "string", "maxLength": 400}}),
            true,
        ),
        Takes::Whole(least, most) => (json!({"type": "integer", "minimum": least, "maximum": most}), false),
        Takes::Date => (json!({"type": "string", "format": "date"}), false),
        Takes::Yes => (json!({"type": "boolean"}), false),
    }
}
