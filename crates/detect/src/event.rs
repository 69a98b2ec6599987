//! One event of a log: names and values in one reused piece of memory, with the place that they came from.
//!
//! Every reader fills the same form, so that nothing behind it knows what a log looked like. A field may come several
//! times (a list). Names are compared without blanks, as the Sigma specification has it, so blanks are left out on the way in.
//! No tree: nested names are joined with dots, and `mappings` says which prefixes mean nothing.

/// Most fields of one event; what comes later is left out and the event says so.
pub const FIELDS_MAX: usize = 2_048;
/// Most bytes of names and values of one event.
pub const TEXT_BYTES_MAX: usize = 4 << 20;

/// Of what kind a value was in its log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A text, also an empty one.
    Text,
    /// A number, written in decimal.
    Number,
    /// True or false.
    Bool,
    /// There, and nothing.
    Null,
}

/// Where an event stands in its log.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Position {
    /// Number of the record (EVTX: as the record numbers itself) or of the line, from 1.
    pub number: u64,
    /// Byte at which it begins, from 0; in what the file unpacks to.
    pub offset: u64,
}

#[derive(Clone, Copy, Debug)]
struct Field {
    name: (u32, u32),
    value: (u32, u32),
    kind: Kind,
}

/// One event. [`Event::clear`] keeps its memory for the next.
#[derive(Clone, Default, Debug)]
pub struct Event {
    text: String,
    fields: Vec<Field>,
    scratch: Vec<u8>,
    /// Milliseconds since 1970 in UTC, by the log.
    pub time: Option<i64>,
    /// Whether the log said which zone its time is of; if not, it was read as the assumed one.
    pub zoned: bool,
    /// Where it stands.
    pub position: Position,
    /// Something was left out at a limit.
    pub cut: bool,
}

impl Event {
    /// Forgets everything but the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.fields.clear();
        self.time = None;
        self.zoned = false;
        self.position = Position::default();
        self.cut = false;
    }

    /// How many fields it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Adds a field.
    pub fn put(&mut self, name: &str, value: &str, kind: Kind) {
        if self.full(name.len() + value.len()) {
            return;
        }
        let name = self.name(name);
        let value = self.keep(value);
        self.fields.push(Field { name, value, kind });
    }

    /// Adds a field of text.
    pub fn text(&mut self, name: &str, value: &str) {
        self.put(name, value, Kind::Text);
    }

    /// Adds a field of bytes that should be UTF-8; what is not becomes U+FFFD.
    pub fn bytes(&mut self, name: &str, value: &[u8]) {
        self.text(name, &String::from_utf8_lossy(value));
    }

    /// Adds a field by writing its value; `false` from `write` leaves it out.
    pub(crate) fn write(&mut self, name: &str, kind: Kind, write: impl FnOnce(&mut Text<'_>) -> bool) {
        if self.full(name.len()) {
            return;
        }
        let name = self.name(name);
        let from = self.text.len();
        let kept = write(&mut Text { out: &mut self.text, scratch: &mut self.scratch });
        if kept {
            let value = (span(from), span(self.text.len()));
            self.fields.push(Field { name, value, kind });
        } else {
            self.text.truncate(from);
        }
    }

    /// Gives an existing value a further name, without copying it.
    pub(crate) fn alias(&mut self, name: &str, of: usize) {
        let Some(field) = self.fields.get(of).copied() else { return };
        if !self.full(name.len()) {
            let name = self.name(name);
            self.fields.push(Field { name, ..field });
        }
    }

    /// Renames a field; its value stays where it is.
    pub(crate) fn rename(&mut self, at: usize, name: &str) {
        let span = self.name(name);
        if let Some(field) = self.fields.get_mut(at) {
            field.name = span;
        }
    }

    /// Cuts `bytes` bytes off the front of a name.
    pub(crate) fn strip(&mut self, at: usize, bytes: usize) {
        if let Some(field) = self.fields.get_mut(at) {
            field.name.0 += span(bytes);
        }
    }

    fn full(&mut self, bytes: usize) -> bool {
        let full = self.fields.len() >= FIELDS_MAX || self.text.len() + bytes > TEXT_BYTES_MAX;
        self.cut |= full;
        full
    }

    fn keep(&mut self, value: &str) -> (u32, u32) {
        let from = self.text.len();
        self.text.push_str(value);
        (span(from), span(self.text.len()))
    }

    fn name(&mut self, name: &str) -> (u32, u32) {
        if !name.contains(' ') {
            return self.keep(name);
        }
        let from = self.text.len();
        self.text.extend(name.chars().filter(|c| *c != ' '));
        (span(from), span(self.text.len()))
    }

    fn at(&self, span: (u32, u32)) -> &str {
        self.text.get(span.0 as usize..span.1 as usize).unwrap_or_default()
    }

    /// Every field in the order of the log: name, value, kind.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, Kind)> {
        self.fields.iter().map(|f| (self.at(f.name), self.at(f.value), f.kind))
    }

    /// The fields of one name, in the order of the log.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, Kind)> {
        let same = move |f: &&Field| (f.name.1 - f.name.0) as usize == name.len() && self.at(f.name) == name;
        self.fields.iter().filter(same).map(|f| (self.at(f.value), f.kind))
    }

    /// The first value of a name; of a value that is nothing, none.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut same = self.fields.iter().filter(|f| f.kind != Kind::Null && self.at(f.name) == name);
        same.next().map(|f| self.at(f.value))
    }

    /// Where the first field of a name stands.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|f| (f.name.1 - f.name.0) as usize == name.len() && self.at(f.name) == name)
    }
}

/// The memory behind an event never grows past [`TEXT_BYTES_MAX`] and a value's own limit, so an offset fits.
fn span(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Takes one value.
pub(crate) struct Text<'a> {
    out: &'a mut String,
    scratch: &'a mut Vec<u8>,
}
impl Text<'_> {
    pub(crate) fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    pub(crate) fn format(&mut self, what: std::fmt::Arguments<'_>) {
        // A string takes everything.
        let _ = std::fmt::Write::write_fmt(self.out, what);
    }

    /// UTF-16 in little-endian order. The usual case, all ASCII, is two passes that the compiler turns into vectors.
    pub(crate) fn utf16(&mut self, bytes: &[u8]) {
        let (pairs, _) = bytes.as_chunks::<2>();
        if pairs.iter().fold(0_u8, |seen, [low, high]| seen | high | (low & 0x80)) == 0 {
            self.scratch.clear();
            self.scratch.extend(pairs.iter().map(|[low, _]| *low));
            self.out.push_str(std::str::from_utf8(self.scratch).unwrap_or_default());
        } else {
            let units = pairs.iter().map(|p| u16::from_le_bytes(*p));
            self.out.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
        }
    }
}
