//! The objects of a PDF (ISO 32000-1, 7.3). They have no `Debug`: they hold foreign text.

/// Dictionaries with so many entries are sorted.
const SORTED_MIN: usize = 12;

/// An object's number and generation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Id {
    pub(super) number: u32,
    pub(super) generation: u32,
}

/// An object.
#[derive(Clone)]
pub(super) enum Object {
    Null,
    Bool(bool),
    Int(i64),
    Real(f64),
    Name(Vec<u8>),
    Text(Vec<u8>),
    Array(Vec<Object>),
    Dict(Dict),
    Stream(Box<Stream>),
    Ref(Id),
}
/// A stream: its dictionary, and where its bytes begin in the file.
#[derive(Clone)]
pub(super) struct Stream {
    pub(super) dict: Dict,
    pub(super) at: u64,
    pub(super) id: Id,
}

static NULL: Object = Object::Null;

impl Object {
    pub(super) fn int(&self) -> Option<i64> {
        match self {
            Self::Int(n) => Some(*n),
            #[expect(clippy::cast_possible_truncation, reason = "a cast from a float saturates")]
            Self::Real(r) => Some(*r as i64),
            _ => None,
        }
    }
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "coordinates and widths")]
            Self::Int(n) => Some(*n as f64),
            Self::Real(r) => Some(*r),
            _ => None,
        }
    }
    pub(super) fn name(&self) -> Option<&[u8]> {
        if let Self::Name(n) = self { Some(n) } else { None }
    }
    pub(super) fn text(&self) -> Option<&[u8]> {
        if let Self::Text(t) = self { Some(t) } else { None }
    }
    pub(super) fn array(&self) -> Option<&[Object]> {
        if let Self::Array(a) = self { Some(a) } else { None }
    }
    /// A dictionary, or a stream's.
    pub(super) fn dict(&self) -> Option<&Dict> {
        match self {
            Self::Dict(d) => Some(d),
            Self::Stream(s) => Some(&s.dict),
            _ => None,
        }
    }
    pub(super) fn id(&self) -> Option<Id> {
        if let Self::Ref(id) = self { Some(*id) } else { None }
    }
}

/// A dictionary. Of entries of one name the last counts.
#[derive(Clone, Default)]
pub(super) struct Dict(Vec<(Vec<u8>, Object)>);
impl Dict {
    pub(super) fn new(mut entries: Vec<(Vec<u8>, Object)>) -> Self {
        if entries.len() >= SORTED_MIN {
            entries.sort_by(|a, b| a.0.cmp(&b.0));
        }
        Self(entries)
    }
    /// The entry's value; `Null` if there is none.
    pub(super) fn get(&self, key: &[u8]) -> &Object {
        let entry = if self.0.len() >= SORTED_MIN {
            let after = self.0.partition_point(|e| e.0.as_slice() <= key);
            after.checked_sub(1).and_then(|i| self.0.get(i)).filter(|e| e.0 == key)
        } else {
            self.0.iter().rev().find(|e| e.0 == key)
        };
        entry.map_or(&NULL, |e| &e.1)
    }
    pub(super) fn has(&self, key: &[u8]) -> bool {
        !matches!(self.get(key), Object::Null)
    }
    pub(super) fn is(&self, key: &[u8], name: &[u8]) -> bool {
        self.get(key).name() == Some(name)
    }
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], &Object)> {
        self.0.iter().map(|(k, v)| (k.as_slice(), v))
    }
    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut Object> {
        self.0.iter_mut().map(|e| &mut e.1)
    }
    /// Takes from `older` what is not here.
    pub(super) fn complete(&mut self, older: Dict) {
        let missing: Vec<_> = older.0.into_iter().filter(|(k, _)| !self.has(k)).collect();
        if !missing.is_empty() {
            let mut all = std::mem::take(&mut self.0);
            all.extend(missing);
            *self = Self::new(all);
        }
    }
}
