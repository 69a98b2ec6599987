//! What authorities state: standards and typical cases.

use crate::{Node, NodeError, home};
use evidence::{Digest, Document, ProgrammeEntry, ProgrammeThing, Record, RecordKind, Say, Time};
use std::collections::BTreeMap;

/// Stages of a standard.
const STAGES: [&str; 3] = ["approved", "drafting", "published"];
/// Longest id, in characters.
const ID_CHARS_MAX: usize = 64;

/// What is to be stated, as typed.
pub struct NewEntry<'a> {
    /// What it is.
    pub thing: ProgrammeThing,
    /// Its number or name.
    pub id: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Of a standard: its stage; of a case empty.
    pub stage: &'a str,
    /// Industry (GB/T 4754); may be empty.
    pub industry: &'a str,
    /// From which day on it counts; today if it does not say.
    pub effective: Option<Time>,
    /// The document that shows it.
    pub document: Option<Document>,
    /// Who states it.
    pub author: Option<&'a str>,
}

/// An entry as the log has it.
#[derive(Clone, Debug)]
pub struct KeptEntry {
    /// The newest entry of its id.
    pub entry: ProgrammeEntry,
    /// Its leaf.
    pub leaf: Digest,
}

impl Node {
    /// The newest entry of every standard and case, by thing and id.
    pub fn programme_entries(&self) -> Result<Vec<KeptEntry>, NodeError> {
        let mut newest: BTreeMap<(ProgrammeThing, String), KeptEntry> = BTreeMap::new();
        for w in self.store().records(&[RecordKind::ProgrammeEntry])? {
            let leaf = w.record.leaf();
            let Record::ProgrammeEntry(entry) = w.record.into_value() else { continue };
            let key = (entry.thing, entry.id.clone());
            let new = KeptEntry { entry: *entry, leaf };
            match newest.get(&key) {
                Some(kept) if (kept.entry.stated_at, kept.leaf) > (new.entry.stated_at, new.leaf) => {}
                _ => {
                    newest.insert(key, new);
                }
            }
        }
        Ok(newest.into_values().collect())
    }

    /// States that a standard or case exists; a second entry of an id replaces the first.
    pub fn programme_add(&self, new: NewEntry<'_>) -> Result<KeptEntry, NodeError> {
        let fault = |key: &str| NodeError::Entry(Say::new(format!("error.programme-{key}")));
        let id = attest::clean(new.id);
        if id.is_empty() || id.chars().count() > ID_CHARS_MAX {
            return Err(NodeError::Entry(Say::new("error.programme-id").with("max", ID_CHARS_MAX)));
        }
        let title = attest::clean(new.title);
        if title.is_empty() {
            return Err(fault("title"));
        }
        let stage = match new.thing {
            ProgrammeThing::Standard if STAGES.contains(&new.stage) => new.stage.to_owned(),
            ProgrammeThing::Standard => {
                let say = Say::new("error.programme-stage").with("value", attest::clean(new.stage));
                return Err(NodeError::Entry(say.with("known", STAGES.join(", "))));
            }
            ProgrammeThing::Case => String::new(),
        };
        let industry = match new.industry.trim() {
            "" => String::new(),
            typed => attest::industry_code(typed).ok_or_else(|| {
                NodeError::Entry(Say::new("row.unknown-industry").with("value", attest::clean(typed)))
            })?,
        };
        let now = home::now();
        let today = Time::from_date(&now.date()).unwrap_or(now);
        let entry = ProgrammeEntry {
            node: self.id(),
            author: self.author(new.author),
            stated_at: now,
            thing: new.thing,
            id,
            title,
            stage,
            industry,
            effective: new.effective.unwrap_or(today),
            document: new.document,
            withdrawn: false,
            reason: String::new(),
        };
        self.keep_entry(entry)
    }

    /// Takes back what was stated of a standard or case.
    pub fn programme_withdraw(
        &self,
        thing: ProgrammeThing,
        id: &str,
        reason: &str,
        author: Option<&str>,
    ) -> Result<KeptEntry, NodeError> {
        let id = attest::clean(id);
        let reason = attest::clean(reason);
        if reason.is_empty() {
            return Err(NodeError::Entry(Say::new("error.programme-reason")));
        }
        let known = self.programme_entries()?.into_iter().find(|k| k.entry.thing == thing && k.entry.id == id);
        let unknown = || NodeError::Entry(Say::new("error.programme-unknown").with("id", &id));
        let known = known.filter(|k| !k.entry.withdrawn).ok_or_else(unknown)?;
        let entry = ProgrammeEntry {
            node: self.id(),
            author: self.author(author),
            stated_at: home::now(),
            withdrawn: true,
            reason,
            ..known.entry
        };
        self.keep_entry(entry)
    }

    fn keep_entry(&self, entry: ProgrammeEntry) -> Result<KeptEntry, NodeError> {
        let kept = self.append(&Record::ProgrammeEntry(Box::new(entry.clone())), None, Vec::new())?;
        Ok(KeptEntry { entry, leaf: kept.witness.record.leaf() })
    }
}
