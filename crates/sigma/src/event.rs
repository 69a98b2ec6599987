//! The event as rules see it: fields by number, values by type, all text in one buffer that is used again.
//!
//! Readers know names, rules know names; between them goes a number, so that no name is hashed for an event whose shape is known.

use std::collections::HashMap;

/// The number of a field name in one [`Rules`](crate::Rules). Numbers of different rule sets do not mix.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct FieldId(pub(crate) u32);
impl FieldId {
    /// A field that no rule names: only keywords look at its values.
    pub const OTHER: Self = Self(u32::MAX);
}

/// One value of a field.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Value<'a> {
    /// The field is there and says that it holds nothing.
    Null,
    /// Its text is `true` or `false`.
    Bool(bool),
    /// Its text is the decimal form.
    Int(i64),
    /// Its text is the shortest decimal form (`4.0` is `4`).
    Float(f64),
    /// As it stands.
    Text(&'a str),
}

#[derive(Clone, Copy, Debug)]
enum Kept {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// From, length in the event's text.
    Text(u32, u32),
}

/// Fields and values of one event. `clear` keeps the memory for the next one.
///
/// Holds at most 4 GiB of text; a value beyond that is cut to nothing (readers limit events far below).
#[derive(Clone, Default, Debug)]
pub struct Event {
    text: String,
    entries: Vec<(FieldId, Kept)>,
}
impl Event {
    /// An event without fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets all fields, keeps the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.entries.clear();
    }

    /// Adds a value; a field may come several times.
    pub fn push(&mut self, field: FieldId, value: Value<'_>) {
        let kept = match value {
            Value::Null => Kept::Null,
            Value::Bool(b) => Kept::Bool(b),
            Value::Int(n) => Kept::Int(n),
            Value::Float(n) => Kept::Float(n),
            Value::Text(text) => {
                let from = self.text.len();
                match (u32::try_from(from), u32::try_from(from + text.len())) {
                    (Ok(from), Ok(_)) => {
                        self.text.push_str(text);
                        Kept::Text(from, u32::try_from(text.len()).expect("the sum fits"))
                    }
                    _ => Kept::Text(0, 0),
                }
            }
        };
        self.entries.push((field, kept));
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The `index`-th value that was pushed.
    pub(crate) fn at(&self, index: usize) -> (FieldId, Value<'_>) {
        let (field, kept) = self.entries[index];
        (field, self.shown(kept))
    }

    fn shown(&self, kept: Kept) -> Value<'_> {
        match kept {
            Kept::Null => Value::Null,
            Kept::Bool(b) => Value::Bool(b),
            Kept::Int(n) => Value::Int(n),
            Kept::Float(n) => Value::Float(n),
            Kept::Text(from, len) => Value::Text(&self.text[from as usize..(from + len) as usize]),
        }
    }

    /// All values in the order they were pushed.
    pub fn iter(&self) -> impl Iterator<Item = (FieldId, Value<'_>)> {
        self.entries.iter().map(|(field, kept)| (*field, self.shown(*kept)))
    }

    /// The values of a field; of [`FieldId::OTHER`] none.
    pub fn values(&self, field: FieldId) -> impl Iterator<Item = Value<'_>> {
        let wanted = move |e: &&(FieldId, Kept)| e.0 == field && field != FieldId::OTHER;
        self.entries.iter().filter(wanted).map(|(_, kept)| self.shown(*kept))
    }
}

impl Value<'_> {
    /// The text that rules compare with; none for null. `room` is written to only for what is not text.
    pub(crate) fn text<'t>(&'t self, room: &'t mut String) -> Option<&'t str> {
        use std::fmt::Write;
        room.clear();
        match self {
            Value::Null => return None,
            Value::Text(text) => return Some(text),
            Value::Bool(b) => room.push_str(if *b { "true" } else { "false" }),
            Value::Int(n) => drop(write!(room, "{n}")),
            Value::Float(n) => drop(write!(room, "{n}")),
        }
        Some(room)
    }

    /// The number that `lt`, `gte` and sums compare with: also decimal and `0x` texts.
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Value::Int(n) => Some(*n as f64),
            Value::Float(n) => Some(*n),
            Value::Text(text) => number(text),
            Value::Null | Value::Bool(_) => None,
        }
    }
}

/// A decimal number or `0x` and hexadecimal digits, spaces around it allowed.
pub(crate) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u64::from_str_radix(hex, 16).ok().filter(|_| !hex.starts_with('+')).map(|n| n as f64);
    }
    let like = |b: u8| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E');
    if text.bytes().all(like) { text.parse().ok() } else { None }
}

/// Names and numbers of fields.
#[derive(Default, Debug)]
pub(crate) struct Fields {
    ids: HashMap<Box<str>, FieldId>,
    names: Vec<Box<str>>,
}
impl Fields {
    pub(crate) fn of(&mut self, name: &str) -> FieldId {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let id = FieldId(u32::try_from(self.names.len()).expect("limits on rules keep names few"));
        self.names.push(name.into());
        self.ids.insert(name.into(), id);
        id
    }

    pub(crate) fn find(&self, name: &str) -> FieldId {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        if !name.contains(' ') {
            return FieldId::OTHER;
        }
        self.ids.get(name.replace(' ', "").as_str()).copied().unwrap_or(FieldId::OTHER)
    }

    pub(crate) fn name(&self, id: FieldId) -> Option<&str> {
        self.names.get(id.0 as usize).map(AsRef::as_ref)
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }
}
