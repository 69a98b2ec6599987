//! The bytes that a form is frozen as (`docs/specs/incidents-v1.md` §6): what the paper's code stands for.

use crate::canonical::{self, CanonicalError};
use crate::{Digest, FieldValue, FormRef};
use serde::Serialize;
use std::collections::BTreeMap;

/// The `format` of what is frozen.
pub const FORM_FORMAT: &str = "watchfire-form-v1";

/// What is frozen of a form. Whoever holds the entries of an incident can make it again, and so the digest.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct FrozenForm<'a> {
    /// Field → value, as drafted.
    pub fields: &'a BTreeMap<String, FieldValue>,
    /// Form of the plan.
    pub form: &'a str,
    /// The incident's id.
    pub incident: &'a str,
    /// Digest of the plan that the form is of.
    pub plan: Digest,
    /// Serial: `i-3f2a91c0/annex-2/1`.
    pub serial: &'a str,
    /// Counts the drafts of this serial that differed; the first is 1.
    pub version: u32,
}

#[derive(Serialize)]
struct Whole<'a> {
    format: &'static str,
    #[serde(flatten)]
    form: FrozenForm<'a>,
}

impl FrozenForm<'_> {
    /// The canonical bytes.
    ///
    /// # Errors
    /// If a number of the fields is not within ±(2^53 − 1).
    pub fn bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical::to_vec(&Whole { format: FORM_FORMAT, form: *self })
    }
}

impl FormRef {
    /// The reference to a frozen form: its serial and the SHA-256 of its canonical bytes.
    ///
    /// # Errors
    /// If a number of the fields is not within ±(2^53 − 1).
    pub fn of(form: &FrozenForm<'_>) -> Result<Self, CanonicalError> {
        Ok(Self { serial: form.serial.to_owned(), digest: Self::digest_of(form)? })
    }

    /// The digest of a frozen form: SHA-256 of its canonical bytes.
    ///
    /// # Errors
    /// If a number of the fields is not within ±(2^53 − 1).
    pub fn digest_of(form: &FrozenForm<'_>) -> Result<Digest, CanonicalError> {
        Ok(Digest::of(&form.bytes()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical::INTEGER_MAX;

    fn fields() -> BTreeMap<String, FieldValue> {
        let text = |t: &str| FieldValue::Text { text: t.to_owned() };
        let at = "2026-11-23T12:44:00.000Z".parse().unwrap();
        let all = [
            ("unit", text("苏州\"一厂\"\n二车间")),
            ("time", FieldValue::Minute { at }),
            ("size", FieldValue::Size { bytes: Some(1_500_000_000), records: None }),
            ("level", FieldValue::Choice { choice: "II".to_owned() }),
            ("people", FieldValue::Number { number: -3 }),
            ("personal", FieldValue::None),
            ("cause", FieldValue::NotYetKnown),
        ];
        all.map(|(id, value)| (id.to_owned(), value)).into()
    }

    fn form(fields: &BTreeMap<String, FieldValue>) -> FrozenForm<'_> {
        FrozenForm {
            fields,
            form: "annex-2",
            incident: "i-3f2a91c0",
            plan: Digest([0xab; 32]),
            serial: "i-3f2a91c0/annex-2/1",
            version: 2,
        }
    }

    /// Written by hand from the specification.
    #[test]
    fn what_is_frozen_has_these_bytes() {
        let want = concat!(
            r#"{"fields":{"#,
            r#""cause":{"kind":"not-yet-known"},"#,
            r#""level":{"choice":"II","kind":"choice"},"#,
            r#""people":{"kind":"number","number":-3},"#,
            r#""personal":{"kind":"none"},"#,
            r#""size":{"bytes":1500000000,"kind":"size"},"#,
            r#""time":{"at":"2026-11-23T12:44:00.000Z","kind":"minute"},"#,
            r#""unit":{"kind":"text","text":"苏州\"一厂\"\n二车间"}},"#,
            r#""form":"annex-2","format":"watchfire-form-v1","incident":"i-3f2a91c0","#,
            r#""plan":"sha256:abababababababababababababababababababababababababababababababab","#,
            r#""serial":"i-3f2a91c0/annex-2/1","version":2}"#
        );
        let fields = fields();
        let form = form(&fields);
        assert_eq!(String::from_utf8(form.bytes().unwrap()).unwrap(), want);
        let made = FormRef::of(&form).unwrap();
        assert_eq!((made.serial.as_str(), made.digest), ("i-3f2a91c0/annex-2/1", Digest::of(want.as_bytes())));
    }

    #[test]
    fn everything_that_is_on_the_paper_changes_the_digest() {
        let (fields, mut others) = (fields(), fields());
        others.insert("cause".to_owned(), FieldValue::None);
        let form = form(&fields);
        let all = [
            form,
            FrozenForm { fields: &others, ..form },
            FrozenForm { form: "annex-3", ..form },
            FrozenForm { incident: "i-3f2a91c1", ..form },
            FrozenForm { plan: Digest([0; 32]), ..form },
            FrozenForm { serial: "i-3f2a91c0/annex-2/2", ..form },
            FrozenForm { version: 3, ..form },
        ];
        let digests: std::collections::BTreeSet<Digest> = all.iter().map(|f| FormRef::digest_of(f).unwrap()).collect();
        assert_eq!(digests.len(), all.len());
    }

    #[test]
    fn a_number_that_other_programs_read_otherwise_is_refused() {
        let number = FieldValue::Number { number: INTEGER_MAX + 1 };
        let fields = BTreeMap::from([("people".to_owned(), number)]);
        assert!(matches!(FormRef::digest_of(&form(&fields)), Err(CanonicalError::Number(_))));
    }
}
