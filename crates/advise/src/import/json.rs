//! JSON: one object after the other, or arrays whose elements are read one by one, so that a bundle needs no more memory
//! than its largest advisory.

use super::{Form, ImportError, Sink, csaf, lists, osv};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

pub(super) fn read(text: &str, sink: &mut Sink<'_>) -> Result<Form, ImportError> {
    let mut form = None;
    let mut rest = serde_json::Deserializer::from_str(text);
    // Whatever follows a value is another, or broken.
    while rest.end().is_err() {
        let top = Top { sink, form: &mut form };
        match top.deserialize(&mut rest) {
            Ok(()) if sink.full() => return Err(ImportError::TooMany(sink.limits.rows_max)),
            Ok(()) => {}
            Err(e) => return Err(ImportError::Broken(form.unwrap_or(Form::OsvJson), e.to_string())),
        }
    }
    form.ok_or(ImportError::UnknownForm)
}

/// What an object is, by its keys.
fn form_of(object: &Map<String, Value>) -> Option<Form> {
    let has = |key: &str| object.contains_key(key);
    if has("document") && object.get("document").is_some_and(|d| d.get("csaf_version").is_some()) {
        return Some(Form::Csaf);
    }
    if has("vulnerabilities") && (has("catalogVersion") || has("dateReleased")) {
        return Some(Form::KevJson);
    }
    (has("id") && (has("modified") || has("affected") || has("schema_version"))).then_some(Form::OsvJson)
}

struct Top<'a, 'b> {
    sink: &'a mut Sink<'b>,
    form: &'a mut Option<Form>,
}

impl Top<'_, '_> {
    fn take(&mut self, value: &Value) {
        if self.sink.full() {
            return;
        }
        let Some(form) = value.as_object().and_then(form_of) else {
            // In a bundle of known form a stranger is a fault of its own.
            if self.form.is_some() {
                self.sink.place = "element".to_owned();
                self.sink.fault("", super::bad("advisory", &value.to_string()));
            }
            return;
        };
        *self.form = Some(form);
        match form {
            Form::Csaf => csaf::read(value, self.sink),
            Form::KevJson => lists::kev_json(value, self.sink),
            _ => osv::read(value, self.sink),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Top<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Top<'_, '_> {
    type Value = ();
    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an advisory or a list of advisories")
    }
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        while let Some(value) = elements.next_element::<Value>()? {
            self.take(&value);
        }
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
        let mut object = Map::new();
        while let Some((key, value)) = entries.next_entry::<String, Value>()? {
            // The answer of an OSV server: `{"vulns": [...]}`.
            match value {
                Value::Array(all) if key == "vulns" => all.iter().for_each(|v| self.take(v)),
                value => drop(object.insert(key, value)),
            }
        }
        if !object.is_empty() {
            self.take(&Value::Object(object));
        }
        Ok(())
    }
}
