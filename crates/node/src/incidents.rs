//! Incidents: what people and sensors say of them enters the log, and each time the judge grades them anew
//! (`docs/specs/incidents-v1.md`).
//!
//! What cannot count is refused here, before it is signed, with the reason; what gets into the log some other way is the judge's to doubt.

use crate::data::digits;
use crate::{Node, NodeError, home};
use evidence::{
    Answered, Author, Body, ClockStanding, ClockState, Digest, Happening, IncidentEntry, IncidentJudgement, Moment,
    Opened, Origin, Record, RecordKind, Reported, Response, Say, Seen, StepTaken, Time,
};
use judge::IncidentView;
use plan::{CheckedPlan, Days, Dimension, DimensionKind};
use proof::Witness;
use std::collections::{BTreeMap, BTreeSet};

/// Longest text of an entry, in characters.
pub const TEXT_CHARS_MAX: usize = 20_000;
/// Name of the file in the node's home that is locked while an incident is added to.
const LOCK: &str = "incidents.lock";
/// Longest title, in characters.
const TITLE_CHARS_MAX: usize = 200;
/// Instants that a grade brings with it.
const JUDGED: [&str; 2] = ["judgement", "classification"];
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
        let (author, now) = (Self::author(author), home::now());
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
        let ends = what.iter().find_map(|h| match h {
            Happening::Response(r) if r.level.is_none() => Some(r.at),
            Happening::Closed { .. } if !view.moments.contains_key("end") => Some(now),
            _ => None,
        });
        if let Some(at) = ends.filter(|_| moments(plan).contains("end")) {
            what.push(Happening::Moment(Moment { moment: "end".to_owned(), at, note: String::new() }));
        }
        drop(view);
        self.say_of(plan, file, what, (Self::author(author), now, origin))
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
        let due = JUDGED.into_iter().filter(|m| waiting(m));
        let what: Vec<Happening> =
            due.map(|m| Happening::Moment(Moment { moment: m.to_owned(), at, note: String::new() })).collect();
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
        let wanted = digits(typed).ok_or_else(unknown)?;
        for leaf in self.store().leaves(&[RecordKind::Examination])?.into_iter().rev() {
            let witness = self.store().witness(leaf)?;
            let items = witness.items.as_ref().map_or(&[][..], |i| i.items());
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
        Err(unknown())
    }
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

fn entry(key: &str, value: &str) -> NodeError {
    NodeError::Entry(Say::new(format!("error.{key}")).with("value", attest::clean(value)))
}

/// A text as typed, with its lines, without characters that steer a terminal.
fn lines(typed: &str) -> String {
    let kept = |c: char| if c == '\t' { Some(' ') } else { (c == '\n' || !c.is_control()).then_some(c) };
    typed.replace("\r\n", "\n").chars().filter_map(kept).collect::<String>().trim().to_owned()
}

/// A text of a person: with its lines, not empty, not longer than the limit. Nothing is cut in silence.
pub fn text(what: &str, typed: &str, chars_max: usize) -> Result<String, NodeError> {
    let text = optional_text(what, typed, chars_max)?;
    if text.is_empty() {
        return Err(NodeError::Entry(Say::new("error.text-empty").with("what", what)));
    }
    Ok(text)
}

/// The same, where it may be empty.
pub fn optional_text(what: &str, typed: &str, chars_max: usize) -> Result<String, NodeError> {
    let text = lines(typed);
    let chars = text.chars().count();
    if chars > chars_max {
        let say = Say::new("error.text-long").with("what", what).with("chars", chars).with("max", chars_max);
        return Err(NodeError::Entry(say));
    }
    Ok(text)
}

/// Whether a new judgement is due: notes, tasks and evidence change neither grade nor clocks.
fn matters(what: &Happening) -> bool {
    !matches!(
        what,
        Happening::Noted { .. } | Happening::Seen(_) | Happening::Task(_) | Happening::Custody(_) | Happening::Step(_)
    )
}

/// Actors that the plan's incident clocks know.
#[must_use]
pub fn actors(plan: &CheckedPlan) -> BTreeSet<&str> {
    plan.clocks().iter().filter(|c| !c.incident.is_empty()).map(|c| c.actor.as_str()).collect()
}

/// Branches that criteria or the plan's regimes know.
#[must_use]
pub fn branches(plan: &CheckedPlan) -> BTreeSet<&str> {
    plan.incident_levels()
        .iter()
        .flat_map(|l| &l.criteria)
        .map(|c| c.branch.as_str())
        .filter(|b| !b.is_empty())
        .collect()
}

/// Moments that the plan's incident clocks begin at.
#[must_use]
pub fn moments(plan: &CheckedPlan) -> BTreeSet<&str> {
    let incident = plan.clocks().iter().filter(|c| !c.incident.is_empty());
    incident.map(|c| c.starts.as_str()).chain(["occurrence", "discovery"]).collect()
}

/// Refuses a profile with actors or branches that the plan does not know.
pub fn check_profile(plan: &CheckedPlan, profile: &crate::Profile) -> Result<(), NodeError> {
    known(&profile.actors, actors(plan), "incident-actor")?;
    known(&profile.branches, branches(plan), "incident-branch")
}

fn known(typed: &[String], known: BTreeSet<&str>, what: &str) -> Result<(), NodeError> {
    match typed.iter().find(|t| !known.contains(t.as_str())) {
        None => Ok(()),
        Some(t) => {
            let known = known.into_iter().collect::<Vec<_>>().join(", ");
            let say = Say::new(format!("error.{what}")).with("value", attest::clean(t)).with("known", known);
            Err(NodeError::Entry(say))
        }
    }
}

/// The dimension that somebody means: its id, its alias, or a beginning that no other has; `_` stands for `-`.
pub fn dimension<'p>(plan: &'p CheckedPlan, typed: &str) -> Result<&'p Dimension, NodeError> {
    let name = typed.trim().replace('_', "-");
    let all = plan.dimensions();
    if let Some(d) = all.iter().find(|d| d.id == name || (!d.alias.is_empty() && d.alias == name)) {
        return Ok(d);
    }
    let mut fits = all.iter().filter(|d| !name.is_empty() && d.id.starts_with(&name));
    match (fits.next(), fits.next()) {
        (Some(d), None) => Ok(d),
        _ => {
            let known = all.iter().map(|d| d.id.as_str()).collect::<Vec<_>>().join(", ");
            let say = Say::new("error.incident-dimension").with("value", attest::clean(typed)).with("known", known);
            Err(NodeError::Entry(say))
        }
    }
}

/// Reads what somebody typed as an answer: `1200000`, `1,200,000`, `>=100`, `<=5`, `10..20`, `unknown`; or a level's id, `none`, `yes`.
pub fn answer(plan: &CheckedPlan, d: &Dimension, typed: &str, reason: &str) -> Result<Answered, NodeError> {
    let typed = typed.trim();
    let bad = |known: String| {
        let say = Say::new("error.incident-answer").with("dimension", &d.id).with("value", attest::clean(typed));
        NodeError::Entry(say.with("known", known))
    };
    if matches!(typed, "unknown" | "?" | "未知" | "尚不明确") {
        return Ok(Answered::Unknown);
    }
    if d.kind == DimensionKind::Number {
        let (least, most) =
            bounds(typed).ok_or_else(|| bad("12000, >=12000, <=12000, 100..200, unknown".to_owned()))?;
        return Ok(Answered::Number { least, most });
    }
    let mut known: Vec<&str> = match d.kind {
        DimensionKind::DataLevel => plan.levels().iter().map(|l| l.id.as_str()).collect(),
        DimensionKind::Confirmation => plan.incident_levels().iter().map(|l| l.id.as_str()).collect(),
        _ => {
            let of = plan.incident_levels().iter().filter(|l| l.criteria.iter().any(|c| c.dimension == d.id));
            of.map(|l| l.id.as_str()).collect()
        }
    };
    known.sort_unstable();
    known.dedup();
    let value = match typed {
        "yes" | "是" if d.kind == DimensionKind::Words && known.len() == 1 => known[0],
        "no" | "none" | "否" | "无" if d.kind == DimensionKind::Words => "none",
        other => match known.iter().find(|k| k.eq_ignore_ascii_case(other)) {
            Some(k) => k,
            None => {
                known.extend((d.kind == DimensionKind::Words).then_some("none"));
                known.push("unknown");
                return Err(bad(known.join(", ")));
            }
        },
    };
    let reason = optional_text("--reason", reason, TEXT_CHARS_MAX)?;
    if reason.is_empty() && d.kind != DimensionKind::DataLevel && value != "none" {
        let say = Say::new("error.incident-reason").with("dimension", &d.id);
        return Err(NodeError::Entry(say));
    }
    Ok(Answered::Chosen { value: value.to_owned(), reason })
}

/// Inclusive bounds of what was typed.
fn bounds(typed: &str) -> Option<(Option<i64>, Option<i64>)> {
    let number = |t: &str| {
        let plain: String = t.trim().chars().filter(|c| !matches!(c, ',' | '_' | ' ' | '，')).collect();
        let units = [('万', 10_000), ('亿', 100_000_000)];
        let unit = units.iter().find_map(|(u, n)| Some((plain.strip_suffix(*u)?, *n)));
        let (digits, scale) = unit.unwrap_or((&plain, 1));
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let n = digits.parse::<i64>().ok()?.checked_mul(scale)?;
        (n <= evidence::canonical::INTEGER_MAX).then_some(n)
    };
    if let Some(least) = typed.strip_prefix(">=").or_else(|| typed.strip_prefix('≥')) {
        return Some((Some(number(least)?), None));
    }
    if let Some(most) = typed.strip_prefix("<=").or_else(|| typed.strip_prefix('≤')) {
        return Some((None, Some(number(most)?)));
    }
    if let Some((least, most)) = typed.split_once("..") {
        let (least, most) = (number(least)?, number(most)?);
        return (least <= most).then_some((Some(least), Some(most)));
    }
    let n = number(typed)?;
    Some((Some(n), Some(n)))
}

/// Refuses what could not count.
fn check_all(plan: &CheckedPlan, file: &IncidentFile, what: &[Happening], now: Time) -> Result<(), NodeError> {
    for h in what {
        match h {
            Happening::Moment(m) => {
                known(std::slice::from_ref(&m.moment), moments(plan), "incident-moment")?;
                not_ahead(plan, m.at, now)?;
            }
            Happening::Reported(r) => check_report(plan, r, now)?,
            Happening::Response(r) => {
                let running = file.view(plan, now).and_then(|v| v.response.map(|r| r.last.level.is_some()));
                if r.level.is_none() && running != Some(true) {
                    return Err(entry("incident-no-response", &file.id));
                }
                check_response(plan, r, now)?;
            }
            Happening::Step(s) => check_step(plan, s, now)?,
            Happening::Noted { at, .. } => not_ahead(plan, *at, now)?,
            Happening::Seen(s) => not_ahead(plan, s.at, now)?,
            Happening::Custody(c) => not_ahead(plan, c.at, now)?,
            Happening::Closed { anyway, .. } => {
                let open = file.judge(plan, now).map_or_else(Vec::new, |j| owed(&j));
                if !open.is_empty() && anyway.is_empty() {
                    let say = Say::new("error.incident-owed").with("value", &file.id).with("clocks", open.join(", "));
                    return Err(NodeError::Entry(say));
                }
            }
            Happening::Reopened { .. } if file.view(plan, now).is_none_or(|v| v.closed.is_none()) => {
                return Err(entry("incident-not-closed", &file.id));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Clocks of this node that certainly apply and are not met, by id: those that run, and those that are late.
#[must_use]
pub fn owed(j: &IncidentJudgement) -> Vec<String> {
    let open = |c: &&ClockStanding| {
        c.ours && c.certain && !matches!(c.state, ClockState::Met | ClockState::MetLate | ClockState::Waiting)
    };
    j.clocks.iter().filter(open).map(|c| c.clock.clone()).collect()
}

/// What happened lies in the past. A minute of grace: clocks of people and machines differ.
fn not_ahead(plan: &CheckedPlan, at: Time, now: Time) -> Result<(), NodeError> {
    let latest = now.plus_minutes(1).unwrap_or(now);
    if at <= latest {
        return Ok(());
    }
    let days = Days::of(plan.calendar());
    let say = Say::new("error.incident-ahead").with("at", days.local(at)).with("now", days.local(now));
    Err(NodeError::Entry(say))
}

fn check_report(plan: &CheckedPlan, r: &Reported, now: Time) -> Result<(), NodeError> {
    let clocks = plan.clocks().iter().filter(|c| !c.incident.is_empty()).map(|c| c.id.as_str()).collect();
    known(&r.clocks, clocks, "incident-clock")?;
    known(std::slice::from_ref(&r.channel), ["phone", "written", "form", "other"].into(), "incident-channel")?;
    if r.to.trim().is_empty() {
        return Err(NodeError::Entry(Say::new("error.incident-told-whom")));
    }
    if r.clocks.is_empty() {
        return Err(NodeError::Entry(Say::new("error.incident-told-nothing")));
    }
    not_ahead(plan, r.at, now)
}

fn check_response(plan: &CheckedPlan, r: &Response, now: Time) -> Result<(), NodeError> {
    let with_response = plan.incident_levels().iter().filter(|l| l.response.is_some());
    let regimes = with_response.clone().map(|l| l.regime.as_str()).collect();
    known(std::slice::from_ref(&r.regime), regimes, "incident-regime")?;
    if let Some(level) = &r.level {
        let levels = with_response.filter(|l| l.regime == r.regime).map(|l| l.id.as_str()).collect();
        known(std::slice::from_ref(level), levels, "incident-level")?;
    }
    let mut deciders = actors(plan);
    for rule in plan.incident_levels().iter().filter_map(|l| l.response.as_ref()) {
        deciders.extend(rule.started_by.iter().chain(&rule.ended_by).map(String::as_str));
        deciders.extend([rule.led_by.as_str(), rule.change_consent.as_str()].into_iter().filter(|a| !a.is_empty()));
    }
    known(std::slice::from_ref(&r.by), deciders.clone(), "incident-actor")?;
    for c in &r.consents {
        known(std::slice::from_ref(&c.actor), deciders.clone(), "incident-actor")?;
        if c.person.trim().is_empty() {
            return Err(NodeError::Entry(Say::new("error.incident-consent").with("value", &c.actor)));
        }
        not_ahead(plan, c.at, now)?;
    }
    not_ahead(plan, r.at, now)
}

fn check_step(plan: &CheckedPlan, s: &StepTaken, now: Time) -> Result<(), NodeError> {
    known(std::slice::from_ref(&s.step), plan.steps().iter().map(|s| s.id.as_str()).collect(), "incident-step")?;
    if !s.done && s.note.trim().is_empty() {
        return Err(NodeError::Entry(Say::new("error.incident-skip-why").with("step", &s.step)));
    }
    not_ahead(plan, s.at, now)
}
