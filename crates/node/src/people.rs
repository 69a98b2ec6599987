//! What people state: the declared scope, answers to organisational checks, changes of keys.

use crate::{Node, NodeError, home};
use attest::Imported;
use evidence::{
    Answer, Attestation, Author, CheckId, Digest, Document, Lang, Record, RecordKind, Say, Scope, ScopeEntry, Sure,
    Time,
};
use plan::{CheckKind, CheckedPlan};
use std::path::Path;

/// Largest document that can be named, in bytes: what canonical JSON can say.
const DOCUMENT_BYTES: u64 = evidence::canonical::INTEGER_MAX as u64;

/// A scope as it was declared.
pub struct ScopeSet {
    /// The record.
    pub leaf: Digest,
    /// All entries now declared.
    pub entries: Vec<ScopeEntry>,
    /// Rows that were left out.
    pub bad: Vec<attest::BadRow>,
}

/// An organisational check and how it stands.
#[derive(Debug)]
pub struct OpenAnswer {
    /// Which check.
    pub check: CheckId,
    /// The newest answer that still counts, with the rung that it stands on.
    pub answered: Option<(bool, Sure, Time)>,
}

/// Every organisational check of the plan, as it stands where nobody has answered anything.
#[must_use]
pub fn open_answers(plan: &CheckedPlan) -> Vec<OpenAnswer> {
    let answerable = plan.checks().iter().filter(|c| matches!(c.kind, CheckKind::Answer(_)));
    answerable.map(|c| OpenAnswer { check: c.id.clone(), answered: None }).collect()
}

/// The checks that people answer, for programs.
#[must_use]
pub fn answers_value(plan: &CheckedPlan, lang: Lang, answers: &[OpenAnswer]) -> serde_json::Value {
    let row = |o: &OpenAnswer| {
        let title = plan.words(lang).get(&format!("check.{}.title", o.check)).unwrap_or_default();
        let said = |(yes, sure, since): &(bool, Sure, Time)| serde_json::json!({"fulfilled": yes, "sure": sure, "effective": since});
        serde_json::json!({"check": o.check, "title": title, "answer": o.answered.as_ref().map(said)})
    };
    serde_json::json!({ "checks": answers.iter().map(row).collect::<Vec<_>>() })
}

/// A paper that somebody has before him, by name, size and digest: as the browser computed them, or as they were typed. `None` if nothing of it was said.
///
/// The paper itself is not here: what the record binds is its digest, and whoever shows the paper later shows that it is this one.
pub fn document_said(name: &str, bytes: &str, digest: &str) -> Result<Option<Document>, NodeError> {
    let name = attest::clean(name);
    let (bytes, digest) = (bytes.trim(), digest.trim().trim_start_matches("sha256:").to_ascii_lowercase());
    if name.is_empty() && bytes.is_empty() && digest.is_empty() {
        return Ok(None);
    }
    let bad = |key: &str| NodeError::Entry(Say::new(format!("error.{key}")));
    // A browser names a path on some systems; a record names the file alone.
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    if name.is_empty() {
        return Err(bad("document-name"));
    }
    let bytes: u64 = bytes.parse().ok().filter(|n| *n <= DOCUMENT_BYTES).ok_or_else(|| bad("document-bytes"))?;
    let digest = Digest::from_hex(&digest).map_err(|_| bad("document-digest"))?;
    Ok(Some(Document { name, digest, bytes }))
}

impl Node {
    /// Who states something: the person that acts through this handle, else whoever runs the program, under the name as typed.
    pub(crate) fn author(&self, typed: Option<&str>) -> Author {
        if let Some(acting) = &self.acting {
            return (**acting).clone();
        }
        let (name, uid) = home::account();
        attest::author(typed, Some((&name, uid)))
    }

    /// The newest declared scope.
    pub fn scope(&self) -> Result<Option<Scope>, NodeError> {
        let scopes = self.store.records(&[RecordKind::Scope])?;
        let newest = scopes.into_iter().next_back().map(|w| w.record.into_value());
        Ok(newest.and_then(|r| if let Record::Scope(s) = r { Some(s) } else { None }))
    }

    /// Adds one entry to the declared scope.
    pub fn scope_add(&self, typed: attest::Typed<'_>, author: Option<&str>) -> Result<ScopeSet, NodeError> {
        let entry = attest::entry(typed, &self.store.keys().digest_key()?).map_err(NodeError::Entry)?;
        let mut entries = self.scope()?.map(|s| s.entries).unwrap_or_default();
        entries.retain(|e| (e.kind, &e.id) != (entry.kind, &entry.id));
        entries.push(entry);
        self.declare(entries, None, Vec::new(), author)
    }

    /// Replaces the declared scope by a table.
    pub fn scope_import(&self, table: &Path, author: Option<&str>) -> Result<ScopeSet, NodeError> {
        let limits = attest::Limits::default();
        let bytes = home::read(table, limits.file_bytes_max as u64)?;
        let read = attest::scope(&bytes, &limits, &self.store.keys().digest_key()?);
        let Imported { entries, bad } = read.map_err(|e| NodeError::Table(table.to_owned(), e))?;
        self.declare(entries, Some(home::document(table)?), bad, author)
    }

    fn declare(
        &self,
        mut entries: Vec<ScopeEntry>,
        document: Option<Document>,
        bad: Vec<attest::BadRow>,
        author: Option<&str>,
    ) -> Result<ScopeSet, NodeError> {
        entries.sort();
        entries.dedup();
        let scope = Scope {
            node: self.id(),
            author: self.author(author),
            stated_at: home::now(),
            document,
            entries: entries.clone(),
        };
        let kept = self.append(&Record::Scope(scope), None, Vec::new())?;
        Ok(ScopeSet { leaf: kept.witness.record.leaf(), entries, bad })
    }

    /// Every organisational check of the plan and how it stands.
    pub fn answers(&self, plan: &CheckedPlan) -> Result<Vec<OpenAnswer>, NodeError> {
        let stated = self.store.records(&[RecordKind::Attestation])?;
        let now = home::now();
        let mut out = Vec::new();
        for check in plan.checks() {
            let CheckKind::Answer(answerable) = &check.kind else { continue };
            let newest = stated.iter().rev().find_map(|w| match w.record.value() {
                Record::Attestation(a) => a.as_answer().filter(|a| a.check == check.id),
                _ => None,
            });
            let day = 86_400_000;
            let counts = |a: &&Answer| {
                let until = answerable.valid_days.map(|d| Time::from_millis(a.effective.millis() + d * day));
                a.effective <= now && until.is_none_or(|u| now < u)
            };
            let answered = newest.filter(counts).map(|a| {
                let sure = if a.document.is_some() { Sure::Documented } else { Sure::Declared };
                (a.fulfilled, sure, a.effective)
            });
            out.push(OpenAnswer { check: check.id.clone(), answered });
        }
        Ok(out)
    }

    /// Answers an organisational check.
    pub fn answer(
        &self,
        plan: &CheckedPlan,
        answer: Answer,
        author: Option<&str>,
    ) -> Result<(Digest, Sure), NodeError> {
        match plan.check(&answer.check).map(|c| &c.kind) {
            Some(CheckKind::Answer(_)) => {}
            _ => return Err(NodeError::UnknownCheck(answer.check.to_string())),
        }
        let sure = if answer.document.is_some() { Sure::Documented } else { Sure::Declared };
        let stated = Attestation::answer(self.id(), self.author(author), home::now(), answer);
        let kept = self.append(&Record::Attestation(stated), None, Vec::new())?;
        Ok((kept.witness.record.leaf(), sure))
    }
}

impl Node {
    /// Replaces a key. The log is told first, signed with the key that is left.
    pub fn rotate(&self, role: store::Role, author: Option<&str>) -> Result<evidence::KeyChange, NodeError> {
        Ok(self.store.rotate(role, self.author(author), home::now())?)
    }
}
