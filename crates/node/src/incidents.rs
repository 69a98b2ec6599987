//! Incidents: what people and sensors say of them enters the log, and each time the judge grades them anew
//! (`docs/specs/incidents-v1.md`).
//!
//! What cannot count is refused here, before it is signed, with the reason; what gets into the log some other way is the judge's to doubt.

use crate::data::digits;
use crate::incident_words::{actors, branches, check_all, known, lines, text};
use crate::{Node, NodeError, home};
use evidence::{
    Answered, Author, Body, ClockState, Digest, Happening, IncidentEntry, IncidentJudgement, Moment, Opened, Origin,
    Record, RecordKind, Reported, Say, Seen, Time,
};
use judge::IncidentView;
use plan::{CheckedPlan, Comes, DimensionKind};
use proof::Witness;
use std::collections::BTreeMap;

/// Longest text of an entry, in characters.
pub const TEXT_CHARS_MAX: usize = 20_000;
/// Name of the file in the node's home that is locked while an incident is added to.
const LOCK: &str = "incidents.lock";
/// Longest title, in characters.
const TITLE_CHARS_MAX: usize = 200;
/// Most entries of one incident.
const ENTRIES_MAX: usize = 10_000;

/// Everything that the log has about one incident.
pub struct IncidentFile {
    /// Its id.
    pub id: String,
    /// Entries, and the newest judgement, in the order of the log.
    pub records: Vec<Witness>,
    /// Held while somebody reads it to write: two who add at once must see each other's numbers.
    lock: Option<std::fs::File>,
}
impl IncidentFile {
    /// Without a record yet.
    pub(crate) fn of(id: String) -> Self {
        Self { id, records: Vec::new(), lock: None }
    }
    /// As it looks as of an instant.
    #[must_use]
    pub fn view(&self, plan: &CheckedPlan, as_of: Time) -> Option<IncidentView<'_>> {
        judge::incident_view(plan, &self.records, &self.id, as_of)
    }
    /// As the judge sees it as of an instant.
    #[must_use]
    pub fn judge(&self, plan: &CheckedPlan, as_of: Time) -> Option<IncidentJudgement> {
        judge::incident(plan, &self.records, &self.id, as_of)
    }
    /// Both, from one reading of its entries.
    pub(crate) fn judge_and_view(
        &self,
        plan: &CheckedPlan,
        as_of: Time,
    ) -> Option<(IncidentJudgement, IncidentView<'_>)> {
        judge::incident_and_view(plan, &self.records, &self.id, as_of)
    }
    /// The newest judgement of the log.
    #[must_use]
    pub fn judged(&self) -> Option<(&IncidentJudgement, Digest)> {
        self.records.iter().rev().find_map(|w| match w.record.value() {
            Record::IncidentJudgement(j) if j.incident == self.id => Some((&**j, w.record.leaf())),
            _ => None,
        })
    }
    /// Now; or, if the clock of this machine was set back, the newest instant that its records know.
    #[must_use]
    pub fn now(&self) -> Time {
        self.newest().unwrap_or(home::now()).max(home::now())
    }
    /// The instant for the next entry: after all that are there, so that their order is that in which they were made.
    pub(crate) fn stamp(&self) -> Time {
        let after = self.newest().map(|n| Time::from_millis(n.millis().saturating_add(1)));
        after.unwrap_or(home::now()).max(home::now())
    }
    fn newest(&self) -> Option<Time> {
        let newest = self.records.iter().filter_map(|w| match w.record.value() {
            Record::Incident(e) => Some(e.stated_at),
            Record::IncidentJudgement(j) => Some(j.as_of),
            _ => None,
        });
        newest.max()
    }
    /// Of the judgements only the newest: a watch needs no other.
    pub(crate) fn keep_newest_judgement(&mut self) {
        let newest = self.judged().map(|j| j.1);
        let judgement = |w: &Witness| matches!(w.record.value(), Record::IncidentJudgement(_));
        self.records.retain(|w| !judgement(w) || Some(w.record.leaf()) == newest);
    }
    fn entries(&self) -> usize {
        self.records.iter().filter(|w| matches!(w.record.value(), Record::Incident(_))).count()
    }
}

/// How an incident begins.
pub struct Opening {
    /// What people call it.
    pub title: String,
    /// Who this node is towards the plan's clocks.
    pub actors: Vec<String>,
    /// Branches that it concerns.
    pub branches: Vec<String>,
    /// Instants that are known from the start.
    pub moments: Vec<(String, Time)>,
    /// From which world.
    pub origin: Origin,
    /// What brought it.
    pub seen: Vec<Seen>,
}

/// Assets that an incident touches, on their way into it.
pub struct Touched {
    /// The entries.
    pub what: Vec<Happening>,
    /// Place and level of each asset.
    pub levels: Vec<(String, String)>,
}

/// An incident after something was said about it.
pub struct KeptIncident {
    /// All of it.
    pub file: IncidentFile,
    /// How it is judged now.
    pub judgement: IncidentJudgement,
    /// Leaf of the judgement in the log; `None` if what was said changes neither grade nor clocks, so that none was written.
    pub leaf: Option<Digest>,
}

impl Node {
    /// The incident whose id begins so, with or without `i-`.
    pub fn incident_file(&self, typed: &str) -> Result<IncidentFile, NodeError> {
        let unknown = || entry("unknown-incident", typed);
        let typed = typed.trim();
        let short = typed.strip_prefix("i-").or_else(|| typed.strip_prefix("I-")).unwrap_or(typed);
        if short.is_empty() || !short.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(unknown());
        }
        let mut fits = self.store().subjects_from(&format!("i-{}", short.to_ascii_lowercase()))?;
        match (fits.pop(), fits.is_empty()) {
            (Some(id), true) => {
                // Of the judgements only the newest: an old incident has many.
                let mut records = self.store().records_about(&id, &[RecordKind::Incident])?;
                records.extend(self.store().newest_about(&id, RecordKind::IncidentJudgement)?);
                Ok(IncidentFile { records, id, lock: None })
            }
            (Some(_), false) => Err(entry("ambiguous-incident", typed)),
            (None, _) => Err(unknown()),
        }
    }

    /// The incident whose id begins so, to add to it: nobody else adds to any until the file is dropped.
    pub fn incident_for_writing(&self, typed: &str) -> Result<IncidentFile, NodeError> {
        let path = self.store().home().join(LOCK);
        let fail = |e: &std::io::Error| NodeError::io(&path, e);
        let lock =
            std::fs::File::options().create(true).truncate(false).write(true).open(&path).map_err(|e| fail(&e))?;
        lock.lock().map_err(|e| fail(&e))?;
        let mut file = self.incident_file(typed)?;
        file.lock = Some(lock);
        Ok(file)
    }

    /// Every incident of the log, oldest first, with its entries alone.
    pub fn incident_files(&self) -> Result<Vec<IncidentFile>, NodeError> {
        let (records, _) = self.store().records_from(&[RecordKind::Incident], 0)?;
        Ok(by_incident(records))
    }

    /// Opens an incident.
    pub fn incident_open(
        &self,
        plan: &CheckedPlan,
        opening: Opening,
        author: Option<&str>,
    ) -> Result<KeptIncident, NodeError> {
        if lines(&opening.title).is_empty() {
            return Err(NodeError::Entry(Say::new("error.incident-title")));
        }
        let title = text("--title", &opening.title, TITLE_CHARS_MAX)?.replace('\n', " ");
        known(&opening.actors, actors(plan), "incident-actor")?;
        known(&opening.branches, branches(plan), "incident-branch")?;
        if opening.actors.is_empty() {
            return Err(NodeError::Entry(Say::new("error.incident-no-actor")));
        }
        let (author, now) = (self.author(author), home::now());
        let opened = Opened { title, actors: opening.actors, branches: opening.branches };
        let mut first = IncidentEntry {
            node: self.id(),
            author,
            stated_at: now,
            incident: String::new(),
            origin: opening.origin,
            what: Happening::Opened(opened),
        };
        first.incident = self.new_incident(&first)?;
        let mut what = vec![first.what.clone()];
        for (moment, at) in opening.moments {
            what.push(Happening::Moment(Moment { moment, at, note: String::new() }));
        }
        what.extend(opening.seen.into_iter().map(Happening::Seen));
        let file = IncidentFile::of(first.incident.clone());
        check_all(plan, &file, &what, now)?;
        self.say_of(plan, file, what, (first.author, now, first.origin))
    }

    /// Adds entries to an incident.
    pub fn incident_add(
        &self,
        plan: &CheckedPlan,
        file: IncidentFile,
        what: Vec<Happening>,
        author: Option<&str>,
    ) -> Result<KeptIncident, NodeError> {
        let now = file.stamp();
        if file.entries().saturating_add(what.len()) > ENTRIES_MAX {
            let say = Say::new("error.incident-entries").with("max", ENTRIES_MAX);
            return Err(NodeError::Entry(say));
        }
        let view = file.view(plan, now).ok_or_else(|| entry("unknown-incident", &file.id))?;
        let closed = view.closed.is_some();
        let origin = view.origin;
        // What is owed after the end - the summary, its form, the call - is owed of a closed incident too.
        let stays_closed = |h: &Happening| {
            matches!(
                h,
                Happening::Reopened { .. }
                    | Happening::Noted { .. }
                    | Happening::Custody(_)
                    | Happening::Reported(_)
                    | Happening::Form(_)
            )
        };
        if closed && !what.iter().all(stays_closed) {
            return Err(entry("incident-closed", &file.id));
        }
        check_all(plan, &file, &what, now)?;
        let mut what = what;
        // With the end of the response, or of the incident without one, the clocks of what is owed afterwards begin.
        for moment in come(plan, Comes::Ended) {
            let ends = what.iter().find_map(|h| match h {
                Happening::Response(r) if r.level.is_none() => Some(r.at),
                Happening::Closed { .. } if !view.moments.contains_key(moment.as_str()) => Some(now),
                _ => None,
            });
            what.extend(ends.map(|at| Happening::Moment(Moment { moment, at, note: String::new() })));
        }
        drop(view);
        self.say_of(plan, file, what, (self.author(author), now, origin))
    }

    /// Records what is known, and - once a level asks for it - that the incident is judged and classified: clocks that start there begin when the level is reached,
    /// not with the first answer.
    pub fn incident_grade(
        &self,
        plan: &CheckedPlan,
        file: IncidentFile,
        answers: BTreeMap<String, Answered>,
        (at, author): (Time, Option<&str>),
    ) -> Result<KeptIncident, NodeError> {
        let kept = if answers.is_empty() {
            self.incident_judge(plan, file)?
        } else {
            self.incident_add(plan, file, vec![Happening::Answered { answers }], author)?
        };
        let waiting = |moment: &str| {
            kept.judgement.clocks.iter().any(|c| {
                let starts = plan.clocks().iter().any(|p| p.id == c.clock && p.after.is_none() && p.starts == moment);
                c.ours && c.certain && c.state == ClockState::Waiting && starts
            })
        };
        let due = come(plan, Comes::Graded).into_iter().filter(|m| waiting(m));
        let what: Vec<Happening> =
            due.map(|moment| Happening::Moment(Moment { moment, at, note: String::new() })).collect();
        if what.is_empty() { Ok(kept) } else { self.incident_add(plan, kept.file, what, author) }
    }

    /// Records that somebody was told. A form stops the clocks that the plan says it does, as far as they run.
    pub fn incident_told(
        &self,
        plan: &CheckedPlan,
        file: IncidentFile,
        mut told: Reported,
        author: Option<&str>,
    ) -> Result<KeptIncident, NodeError> {
        if let Some(form) = &told.form {
            let id = form.serial.split('/').nth(1).unwrap_or_default();
            let meets = plan.forms().iter().filter(|f| f.id == id).flat_map(|f| &f.meets);
            let now = file.judge(plan, file.now());
            let clocks = now.map(|j| j.clocks).unwrap_or_default();
            let runs = |c: &&String| {
                clocks.iter().any(|s| s.clock == **c && s.ours && s.started.is_some_and(|at| at <= told.at))
            };
            told.clocks.extend(meets.filter(runs).cloned().collect::<Vec<_>>());
        }
        told.clocks.sort();
        told.clocks.dedup();
        self.incident_add(plan, file, vec![Happening::Reported(told)], author)
    }

    /// Judges an incident as it stands and keeps the judgement.
    pub fn incident_judge(&self, plan: &CheckedPlan, file: IncidentFile) -> Result<KeptIncident, NodeError> {
        let now = file.now();
        self.judged_as_of(plan, file, now)
    }

    pub(crate) fn judged_as_of(
        &self,
        plan: &CheckedPlan,
        mut file: IncidentFile,
        as_of: Time,
    ) -> Result<KeptIncident, NodeError> {
        let judgement = file.judge(plan, as_of).ok_or_else(|| entry("unknown-incident", &file.id))?;
        let witness = self.keep_incident_judgement(plan, &judgement)?;
        let leaf = witness.record.leaf();
        file.records.push(witness);
        Ok(KeptIncident { file, judgement, leaf: Some(leaf) })
    }

    pub(crate) fn keep_incident_judgement(
        &self,
        plan: &CheckedPlan,
        judgement: &IncidentJudgement,
    ) -> Result<Witness, NodeError> {
        let record = Record::IncidentJudgement(Box::new(judgement.clone()));
        Ok(self.append(&record, None, vec![plan.source().to_bytes()])?.witness)
    }

    fn say_of(
        &self,
        plan: &CheckedPlan,
        mut file: IncidentFile,
        what: Vec<Happening>,
        (author, now, origin): (Author, Time, Origin),
    ) -> Result<KeptIncident, NodeError> {
        let matters = what.iter().any(matters);
        // A millisecond apart: entries of one command have an order too.
        let last = Time::from_millis(now.millis().saturating_add(i64::try_from(what.len()).unwrap_or(0) - 1));
        let records = (0_i64..).zip(what).map(|(n, what)| {
            Record::Incident(Box::new(IncidentEntry {
                node: self.id(),
                author: author.clone(),
                stated_at: Time::from_millis(now.millis().saturating_add(n)),
                incident: file.id.clone(),
                origin,
                what,
            }))
        });
        file.records.extend(self.append_all(&records.collect::<Vec<_>>())?);
        let now = last.max(now);
        if matters {
            return self.judged_as_of(plan, file, now);
        }
        let judgement = file.judge(plan, now).ok_or_else(|| entry("unknown-incident", &file.id))?;
        Ok(KeptIncident { file, judgement, leaf: None })
    }

    /// An id that no other incident of this node has.
    fn new_incident(&self, first: &IncidentEntry) -> Result<String, NodeError> {
        let mut bytes = evidence::canonical::to_vec(first).map_err(|e| NodeError::Internal(e.to_string()))?;
        loop {
            let id = format!("i-{}", Digest::of(&bytes).hex().chars().take(8).collect::<String>());
            if self.store().subjects_from(&id)?.is_empty() {
                return Ok(id);
            }
            bytes.push(b'+');
        }
    }

    /// Assets of the newest catalogue that an incident touches, as entries; with the highest of their levels as the answer to the level of the data, unless a
    /// higher one was answered. Answers each asset's place and level beside them.
    pub fn touched(
        &self,
        plan: &CheckedPlan,
        file: &IncidentFile,
        named: &[String],
        at: Time,
    ) -> Result<Touched, NodeError> {
        let kept = self.catalogue(None)?.ok_or(NodeError::NoCatalogue)?;
        let rank = |id: &str| plan.levels().iter().find(|l| l.id.as_str() == id).map(|l| l.rank);
        let (mut what, mut levels) = (Vec::new(), Vec::new());
        let mut highest: Option<&str> = None;
        for name in named {
            let asset = crate::find_asset(&kept.catalogue, name)?;
            let (level, text) = (asset.level.level.as_str(), asset.carrier.to_string());
            what.push(Happening::Seen(Seen {
                source: "asset".to_owned(),
                id: asset.id.hex(),
                leaf: Some(kept.leaf),
                at,
                text: attest::clean(&text),
            }));
            levels.push((attest::clean(&text), level.to_owned()));
            highest = highest.filter(|h| rank(h) >= rank(level)).or(Some(level));
        }
        let dimension = plan.dimensions().iter().find(|d| d.kind == DimensionKind::DataLevel);
        let view = file.view(plan, file.now());
        if let (Some(d), Some(level)) = (dimension, highest.filter(|l| rank(l).is_some())) {
            let before = view.as_ref().and_then(|v| match v.answers.get(d.id.as_str()) {
                Some(Answered::Chosen { value, .. }) => rank(value),
                _ => None,
            });
            if before < rank(level) {
                let reason = format!("{} · {}", kept.leaf.short(), levels.len());
                let answer = Answered::Chosen { value: level.to_owned(), reason };
                what.push(Happening::Answered { answers: [(d.id.clone(), answer)].into() });
            }
        }
        Ok(Touched { what, levels })
    }

    /// A finding of the newest judgement that has it, as something that was seen.
    pub fn seen_finding(&self, typed: &str) -> Result<Seen, NodeError> {
        let finding = self
            .findings_of(&[typed.to_owned()])?
            .pop()
            .ok_or_else(|| NodeError::UnknownFinding(attest::clean(typed)))?;
        let at = home::now();
        let text = [finding.check.to_string(), finding.host, finding.object].join(" · ");
        let leaf = finding.evidence.first().map(|c| c.leaf);
        Ok(Seen { source: "finding".to_owned(), id: finding.id.hex(), leaf, at, text: attest::clean(&text) })
    }

    /// An alert of the log by the first digits of its id.
    pub fn seen_alert(&self, typed: &str) -> Result<Seen, NodeError> {
        let unknown = || entry("unknown-alert", typed);
        let mut any = false;
        let wanted = digits(typed).ok_or_else(unknown)?;
        for leaf in self.store().leaves(&[RecordKind::Examination])?.into_iter().rev() {
            let witness = self.store().witness(leaf)?;
            let items = witness.items.as_ref().map_or(&[][..], |i| i.items());
            any |= items.iter().any(|i| matches!(i.body, Body::Alert(_)));
            let found = items.iter().find_map(|i| match &i.body {
                Body::Alert(a) if a.id.hex().starts_with(&wanted) => Some(a),
                _ => None,
            });
            if let Some(a) = found {
                let text = format!("{} · {}", a.scenario, a.severity.name());
                let (source, id, at) = ("alert".to_owned(), a.id.hex(), a.observed_at);
                return Ok(Seen { source, id, leaf: Some(leaf), at, text: attest::clean(&text) });
            }
        }
        // Whoever types the id of somebody else's alert is told that none can be here, not that this one is not.
        Err(if any { unknown() } else { NodeError::Entry(Say::new("error.incident-no-alert")) })
    }
}

/// Moments of the plan that come so.
fn come(plan: &CheckedPlan, how: Comes) -> Vec<String> {
    plan.moments().iter().filter(|m| m.comes == how).map(|m| m.id.clone()).collect()
}

/// Entries gathered by incident, in the order in which the incidents begin.
pub(crate) fn by_incident(records: Vec<Witness>) -> Vec<IncidentFile> {
    let mut at: BTreeMap<String, usize> = BTreeMap::new();
    let mut out: Vec<IncidentFile> = Vec::new();
    for w in records {
        let Some(id) = w.record.value().about().map(str::to_owned) else { continue };
        let n = *at.entry(id.clone()).or_insert_with(|| {
            out.push(IncidentFile::of(id));
            out.len() - 1
        });
        out[n].records.push(w);
    }
    out
}

pub(crate) fn entry(key: &str, value: &str) -> NodeError {
    NodeError::Entry(Say::new(format!("error.{key}")).with("value", attest::clean(value)))
}

/// Whether a new judgement is due: notes, tasks and evidence change neither grade nor clocks.
fn matters(what: &Happening) -> bool {
    !matches!(
        what,
        Happening::Noted { .. } | Happening::Seen(_) | Happening::Task(_) | Happening::Custody(_) | Happening::Step(_)
    )
}
