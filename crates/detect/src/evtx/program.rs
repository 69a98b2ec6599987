//! Templates of binary XML, compiled once a chunk into a list of what becomes a field.
//!
//! A template is an XML skeleton with numbered holes. Which element becomes which field does not depend on what fills the
//! holes, so it is worked out once; a record then only renders its values. No XML and no JSON text is ever made.
//! Format: [MS-EVEN6] 2.2.12 and J. Metz, "Windows XML Event Log (EVTX) format".

use super::{Broken, DEPTH_MAX, ELEMENTS_MAX};

/// Where in a record something stands, as far as it decides on the name of a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Section {
    Root,
    Event,
    System,
    /// In `EventData`, `UserData` or what else a provider writes.
    Body,
}
impl Section {
    fn inside(self, element: &str) -> Self {
        match (self, element) {
            (Self::Root, _) => Self::Event,
            (Self::Event, "System") => Self::System,
            (Self::System, _) => Self::System,
            _ => Self::Body,
        }
    }
}

/// A piece of a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Part {
    Text(String),
    Slot(u16),
}

/// One thing that a record of the template says.
#[derive(Debug)]
pub(super) enum Step {
    /// A field. `name` is one fixed text nearly always.
    Field { name: Vec<Part>, value: Vec<Part>, needs: Option<u16> },
    /// If the slot holds binary XML, more fields are in it.
    Nested { slot: u16, section: Section },
}

/// A compiled template.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) steps: Vec<Step>,
    /// Where the bytes end that it was made of.
    pub(super) end: usize,
}

/// Reads numbers out of a chunk.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) chunk: &'a [u8],
    pub(super) at: usize,
}
impl<'a> Cursor<'a> {
    pub(super) fn take(&mut self, n: usize) -> Result<&'a [u8], Broken> {
        let got = self.chunk.get(self.at..).and_then(|rest| rest.get(..n)).ok_or(Broken)?;
        self.at += n;
        Ok(got)
    }
    pub(super) fn u8(&mut self) -> Result<u8, Broken> {
        Ok(self.take(1)?[0])
    }
    pub(super) fn u16(&mut self) -> Result<u16, Broken> {
        Ok(u16::from_le_bytes(self.take(2)?.try_into().map_err(|_| Broken)?))
    }
    pub(super) fn u32(&mut self) -> Result<u32, Broken> {
        Ok(u32::from_le_bytes(self.take(4)?.try_into().map_err(|_| Broken)?))
    }
    fn counted(&mut self) -> Result<String, Broken> {
        let chars = usize::from(self.u16()?);
        Ok(utf16(self.take(chars * 2)?))
    }
    /// A name: where it stands, which is often here.
    fn name(&mut self) -> Result<String, Broken> {
        let offset = self.u32()? as usize;
        let mut there = Cursor { chunk: self.chunk, at: offset };
        there.take(6)?;
        let name = there.counted()?;
        if offset == self.at {
            there.take(2)?;
            self.at = there.at;
        }
        Ok(name)
    }
}

fn utf16(bytes: &[u8]) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|p| u16::from_le_bytes(*p));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// An element that is open.
struct Open {
    name: String,
    attributes: Vec<(String, Vec<Part>)>,
    value: Vec<Part>,
    children: bool,
    needs: Option<u16>,
    /// What it stands in.
    around: Section,
}

/// Compiles the elements from `at` to `end`. Only templates say on which slot an element depends.
pub(super) fn compile(
    chunk: &[u8],
    at: usize,
    end: usize,
    section: Section,
    template: bool,
) -> Result<Program, Broken> {
    let mut from = Cursor { chunk: chunk.get(..end).ok_or(Broken)?, at };
    let mut names = Cursor { chunk, at };
    let mut open: Vec<Open> = Vec::new();
    let mut steps = Vec::new();
    // True while what is read belongs to the attribute that was named last.
    let mut attribute = false;
    let mut elements = 0;
    while from.at < end {
        let token = from.u8()?;
        let mut name_here = |from: &mut Cursor<'_>| {
            names.at = from.at;
            let name = names.name()?;
            from.at = names.at;
            Ok::<_, Broken>(name)
        };
        match token & !0x40 {
            0x00 => break,
            0x01 => {
                elements += 1;
                if elements > ELEMENTS_MAX || open.len() >= DEPTH_MAX {
                    return Err(Broken);
                }
                let needs = if template { Some(from.u16()?).filter(|id| *id != 0xffff) } else { None };
                from.u32()?;
                let name = name_here(&mut from)?;
                if token & 0x40 != 0 {
                    from.u32()?;
                }
                let around = match open.last_mut() {
                    None => section,
                    Some(parent) => {
                        parent.children = true;
                        parent.around.inside(&parent.name)
                    }
                };
                open.push(Open { name, attributes: Vec::new(), value: Vec::new(), children: false, needs, around });
            }
            0x02 => attribute = false,
            0x03 | 0x04 => {
                attribute = false;
                close(open.pop().ok_or(Broken)?, &mut steps);
            }
            0x06 => {
                let name = name_here(&mut from)?;
                open.last_mut().ok_or(Broken)?.attributes.push((name, Vec::new()));
                attribute = true;
            }
            0x05 => {
                if from.u8()? != super::value::STRING {
                    return Err(Broken);
                }
                let text = from.counted()?;
                add(&mut open, attribute, Part::Text(text))?;
            }
            0x07 => {
                let text = from.counted()?;
                add(&mut open, attribute, Part::Text(text))?;
            }
            0x08 => {
                let unit = u32::from(from.u16()?);
                let c = char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER);
                add(&mut open, attribute, Part::Text(c.to_string()))?;
            }
            0x09 => {
                let name = name_here(&mut from)?;
                add(&mut open, attribute, Part::Text(entity(&name).to_owned()))?;
            }
            0x0a => {
                name_here(&mut from)?;
            }
            0x0b => {
                from.counted()?;
            }
            0x0d | 0x0e => {
                let slot = from.u16()?;
                from.u8()?;
                match open.is_empty() {
                    true => steps.push(Step::Nested { slot, section }),
                    false => add(&mut open, attribute, Part::Slot(slot))?,
                }
            }
            0x0f => {
                from.take(3)?;
            }
            _ => return Err(Broken),
        }
    }
    // A stream that stops in the middle says what it has said.
    while let Some(left) = open.pop() {
        close(left, &mut steps);
    }
    Ok(Program { steps, end: from.at })
}

fn add(open: &mut [Open], attribute: bool, part: Part) -> Result<(), Broken> {
    let last = open.last_mut().ok_or(Broken)?;
    match last.attributes.last_mut().filter(|_| attribute) {
        Some((_, value)) => value.push(part),
        None => last.value.push(part),
    }
    Ok(())
}

fn entity(name: &str) -> &str {
    match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        other => other,
    }
}

/// What an element that has ended says.
fn close(element: Open, steps: &mut Vec<Step>) {
    let Open { name, mut attributes, value, children, needs, around } = element;
    let within = around.inside(&name);
    if children || matches!(around, Section::Root) || (around == Section::Event && name == "System") {
        // Not a field itself; but binary XML may have been put between its children.
        let nested = value.iter().filter_map(|p| if let Part::Slot(slot) = p { Some(*slot) } else { None });
        steps.extend(nested.map(|slot| Step::Nested { slot, section: within }));
        return;
    }
    if let [Part::Slot(slot)] = value.as_slice() {
        steps.push(Step::Nested { slot: *slot, section: within });
    }
    let given = attributes.iter().position(|(n, _)| n == "Name").filter(|_| around == Section::Body);
    let named = match given {
        Some(at) => attributes.swap_remove(at).1,
        None => vec![Part::Text(name.clone())],
    };
    let field = |of: &str| vec![Part::Text(format!("{name}_{of}"))];
    for (of, value) in &attributes {
        // Of an event's own number the qualifiers say nothing to a rule.
        if of != "xmlns" && of != "Qualifiers" {
            steps.push(Step::Field { name: field(of), value: value.clone(), needs });
        }
    }
    let empty_of_system = around == Section::System && value.is_empty();
    if !empty_of_system && around != Section::Event {
        steps.push(Step::Field { name: named, value, needs });
    }
}
