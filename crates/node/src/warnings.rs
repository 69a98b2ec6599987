//! Warnings in colours: issued, changed, lifted, taken note of (`docs/specs/warnings-v1.md`).
//!
//! What the plan would not let count is refused here, before it is signed; the rules are the judge's (`judge::warning_faults`), so that both say the same.

use crate::incident_forms::value;
use crate::incident_words::optional_text;
use crate::{Node, NodeError, Profile, home};
use evidence::{
    Consent, Digest, FieldValue, Origin, Record, RecordKind, Say, Time, WarningEntry, WarningMove, WarningText,
};
use judge::{Here, WarningState, WarningView};
use plan::{CheckedPlan, Days, FieldRule, IncidentLevel};
use proof::Witness;
use std::collections::{BTreeMap, BTreeSet};

/// Longest text of an entry, in characters.
const TEXT_CHARS_MAX: usize = 20_000;
/// Longest name of a person, a sector, an area, in characters.
const NAME_CHARS_MAX: usize = 200;
/// Most areas or sectors of one warning or one node.
const PLACES_MAX: usize = 1_000;
/// Most entries of one warning.
pub(crate) const ENTRIES_MAX: usize = 10_000;
/// Longest code of an area of a country whose codes are not known, in characters.
const AREA_CHARS_MAX: usize = 20;

/// Everything that the log has about one warning.
pub struct WarningFile {
    /// Its id.
    pub id: String,
    /// Its entries, in the order of the log.
    pub records: Vec<Witness>,
}
impl WarningFile {
    /// As it looks to this node as of an instant; `actors` are those of [`own_actors`].
    #[must_use]
    pub fn view(
        &self,
        plan: &CheckedPlan,
        as_of: Time,
        node: &evidence::NodeId,
        (profile, actors): (&Profile, &[String]),
    ) -> Option<WarningView<'_>> {
        let here = Here { node, actors, areas: &profile.areas, sectors: &profile.sectors };
        judge::warning_view(plan, &self.records, &self.id, as_of, here)
    }
    /// An instant that no entry that was written down here lies after, although the clock may have been set back. What another node
    /// dated ahead does not move this node's time.
    #[must_use]
    pub fn now(&self) -> Time {
        let newest = self.records.iter().filter_map(|w| match w.record.value() {
            Record::Warning(e) => Some(e.stated_at),
            _ => None,
        });
        newest.max().unwrap_or(home::now()).max(home::now())
    }
}

/// What a warning is to say; of a change what is absent stays as it is.
#[derive(Default)]
pub struct WantedWarning<'a> {
    /// Regime, if several have warnings.
    pub regime: Option<&'a str>,
    /// Level, by its id.
    pub level: Option<&'a str>,
    /// Or by its colour.
    pub colour: Option<&'a str>,
    /// In whose name; of an issue by default the plan's issuer, if this node is that.
    pub issuer: Option<&'a str>,
    /// Who agreed.
    pub approval: Option<Consent>,
    /// Areas as typed.
    pub areas: Option<&'a [String]>,
    /// Sectors as typed.
    pub sectors: Option<&'a [String]>,
    /// From when.
    pub start: Option<Time>,
    /// Fields of the plan's form and values as typed.
    pub set: &'a [(String, String)],
}

pub(crate) fn refused(key: &str, value: &str) -> NodeError {
    NodeError::Entry(Say::new(format!("error.{key}")).with("value", attest::clean(value)))
}

/// What this node is towards the plan: as its profile says, else as the plan does.
#[must_use]
pub fn own_actors(plan: &CheckedPlan, profile: &Profile) -> Vec<String> {
    match plan.own_actor().filter(|_| profile.actors.is_empty()) {
        Some(own) => vec![own.to_owned()],
        None => profile.actors.clone(),
    }
}

/// Reads an area: under a Chinese plan a code of GB/T 2260 or `65-XPCC`, in its shortest form; elsewhere any short code.
pub fn area(plan: &CheckedPlan, typed: &str) -> Result<String, NodeError> {
    let typed = typed.trim();
    let bad = || refused("warning-area", typed);
    if plan.calendar().is_none_or(|c| c.id != "cn") {
        let good = !typed.is_empty() && typed.chars().count() <= AREA_CHARS_MAX;
        let plain = typed.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        return if good && plain { Ok(typed.to_uppercase()) } else { Err(bad()) };
    }
    if typed.eq_ignore_ascii_case("65-XPCC") {
        return Ok("65-XPCC".to_owned());
    }
    if !matches!(typed.len(), 2 | 4 | 6) || !typed.bytes().all(|b| b.is_ascii_digit()) {
        return Err(bad());
    }
    let province: u8 = typed.get(..2).and_then(|p| p.parse().ok()).ok_or_else(bad)?;
    // 83 stands on residence permits only; the island's code is 71.
    if province == 83 || !classify::PROVINCES.contains(&province) {
        return Err(bad());
    }
    let mut code = typed;
    while code.len() > 2 && code.ends_with("00") {
        code = &code[..code.len() - 2];
    }
    Ok(code.to_owned())
}

/// Reads a sector: a short text.
pub fn sector(typed: &str) -> Result<String, NodeError> {
    let clean = attest::clean(typed).trim().to_owned();
    let good = !clean.is_empty() && clean.chars().count() <= NAME_CHARS_MAX;
    if good { Ok(clean) } else { Err(refused("warning-sector", typed)) }
}

/// Sorted, each once.
fn places(typed: &[String], read: impl Fn(&str) -> Result<String, NodeError>) -> Result<Vec<String>, NodeError> {
    if typed.len() > PLACES_MAX {
        return Err(NodeError::Entry(Say::new("error.warning-places").with("max", PLACES_MAX)));
    }
    let read = typed.iter().map(|t| read(t)).collect::<Result<BTreeSet<_>, _>>()?;
    Ok(read.into_iter().collect())
}

/// The level that somebody means by its colour or its id, among those that have warnings.
pub fn warning_level<'p>(
    plan: &'p CheckedPlan,
    regime: Option<&str>,
    (colour, level): (Option<&str>, Option<&str>),
) -> Result<&'p IncidentLevel, NodeError> {
    let with_warning = || plan.incident_levels().iter().filter(|l| l.warning.is_some());
    if with_warning().next().is_none() {
        return Err(refused("warning-none", plan.id().as_str()));
    }
    let of = |l: &&IncidentLevel| {
        regime.is_none_or(|r| l.regime == r)
            && colour.is_none_or(|c| l.colour.eq_ignore_ascii_case(c))
            && level.is_none_or(|id| l.id.eq_ignore_ascii_case(id))
    };
    with_warning().find(of).filter(|_| colour.is_some() || level.is_some()).ok_or_else(|| {
        let known: Vec<String> = with_warning().map(|l| format!("{} ({})", l.colour, l.id)).collect();
        let typed: Vec<&str> = [regime, colour, level].into_iter().flatten().collect();
        let say = Say::new("error.warning-colour").with("value", attest::clean(&typed.join(" ")));
        NodeError::Entry(say.with("known", known.join(", ")))
    })
}

impl Node {
    /// The warning whose id begins so, with or without `w-`.
    pub fn warning_file(&self, typed: &str) -> Result<WarningFile, NodeError> {
        let short = typed.strip_prefix("w-").unwrap_or(typed);
        if short.is_empty() || !short.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(refused("unknown-warning", typed));
        }
        let mut fits = self.store().subjects_from(&format!("w-{}", short.to_ascii_lowercase()))?;
        match (fits.pop(), fits.is_empty()) {
            (Some(id), true) => {
                let records = self.store().records_about(&id, &[RecordKind::Warning])?;
                Ok(WarningFile { records: records.into_iter().filter(is_warning).collect(), id })
            }
            (Some(_), false) => Err(refused("ambiguous-warning", typed)),
            (None, _) => Err(refused("unknown-warning", typed)),
        }
    }

    /// Every warning of the log, oldest first.
    pub fn warning_files(&self) -> Result<Vec<WarningFile>, NodeError> {
        let (records, _) = self.store().records_from(&[RecordKind::Warning], 0)?;
        let mut at: BTreeMap<String, usize> = BTreeMap::new();
        let mut out: Vec<WarningFile> = Vec::new();
        for w in records {
            let Some(id) = w.record.value().about().map(str::to_owned) else { continue };
            let n = *at.entry(id.clone()).or_insert_with(|| {
                out.push(WarningFile { id, records: Vec::new() });
                out.len() - 1
            });
            out[n].records.push(w);
        }
        Ok(out)
    }

    /// Whether a warning could be issued so: why not is said to whoever asks for it, before a second person is asked.
    pub fn warning_could(&self, plan: &CheckedPlan, wanted: &WantedWarning<'_>) -> Result<(), NodeError> {
        self.text(plan, None, wanted, home::now()).map(|_| ())
    }

    /// Issues a warning.
    pub fn warning_issue(
        &self,
        plan: &CheckedPlan,
        wanted: &WantedWarning<'_>,
        origin: Origin,
        author: Option<&str>,
    ) -> Result<WarningFile, NodeError> {
        let now = home::now();
        let said = self.text(plan, None, wanted, now)?;
        let mut entry = WarningEntry {
            node: self.id(),
            author: self.author(author),
            stated_at: now,
            warning: String::new(),
            origin,
            what: WarningMove::Issued(said),
        };
        entry.warning = self.new_warning(&entry)?;
        let id = entry.warning.clone();
        let records = self.append_all(&[Record::Warning(Box::new(entry))])?;
        Ok(WarningFile { id, records })
    }

    /// Changes the level or the text of a warning that this node issued.
    pub fn warning_change(
        &self,
        plan: &CheckedPlan,
        file: WarningFile,
        wanted: &WantedWarning<'_>,
        author: Option<&str>,
    ) -> Result<WarningFile, NodeError> {
        let now = file.now();
        let before = self.open_text(plan, &file, now)?;
        let said = self.text(plan, Some(&before), wanted, now)?;
        if said == before {
            return Err(refused("warning-unchanged", &file.id));
        }
        self.warning_say(file, WarningMove::Changed(said), now, author)
    }

    /// Takes a warning back that this node issued.
    pub fn warning_lift(
        &self,
        plan: &CheckedPlan,
        file: WarningFile,
        (reason, approval): (&str, Option<Consent>),
        author: Option<&str>,
    ) -> Result<WarningFile, NodeError> {
        let now = file.now();
        self.open_text(plan, &file, now)?;
        let reason = optional_text("--reason", reason, TEXT_CHARS_MAX)?;
        if reason.is_empty() {
            return Err(refused("warning-lift-why", &file.id));
        }
        if let Some(c) = &approval {
            consent_given(c, now)?;
        }
        self.warning_say(file, WarningMove::Lifted { reason, approval }, now, author)
    }

    /// Says that somebody here took note.
    pub fn warning_acknowledge(
        &self,
        file: WarningFile,
        (by, note): (&str, &str),
        author: Option<&str>,
    ) -> Result<WarningFile, NodeError> {
        let by = optional_text("--by", by, NAME_CHARS_MAX)?;
        if by.is_empty() {
            return Err(refused("warning-ack-who", &file.id));
        }
        let (now, note) = (file.now(), optional_text("--note", note, TEXT_CHARS_MAX)?);
        self.warning_say(file, WarningMove::Acknowledged { by, note }, now, author)
    }

    /// Says that a duty of the check list is done, or passed over.
    pub fn warning_duty(
        &self,
        plan: &CheckedPlan,
        file: WarningFile,
        (duty, done, note): (&str, bool, &str),
        author: Option<&str>,
    ) -> Result<WarningFile, NodeError> {
        let (now, note) = (file.now(), optional_text("--note", note, TEXT_CHARS_MAX)?);
        {
            let profile = Profile::load(self.store().home())?;
            let actors = own_actors(plan, &profile);
            let view = file
                .view(plan, now, &self.id(), (&profile, &actors))
                .ok_or_else(|| refused("unknown-warning", &file.id))?;
            let known = || view.duties.iter().map(|d| d.duty.as_str()).collect::<Vec<_>>().join(", ");
            let of = view.duties.iter().find(|d| d.duty == duty).ok_or_else(|| {
                let say = Say::new("error.warning-duty").with("value", attest::clean(duty)).with("known", known());
                NodeError::Entry(say)
            })?;
            if !of.ours {
                let say = Say::new("error.warning-duty-actor").with("value", duty).with("who", &of.actor);
                return Err(NodeError::Entry(say));
            }
        }
        if !done && note.is_empty() {
            return Err(refused("warning-duty-why", duty));
        }
        self.warning_say(file, WarningMove::Duty { duty: duty.to_owned(), done, note }, now, author)
    }

    fn warning_say(
        &self,
        mut file: WarningFile,
        what: WarningMove,
        now: Time,
        author: Option<&str>,
    ) -> Result<WarningFile, NodeError> {
        if file.records.len() >= ENTRIES_MAX {
            return Err(NodeError::Entry(Say::new("error.warning-entries").with("max", ENTRIES_MAX)));
        }
        let origin = origin_of(&file.records).unwrap_or(Origin::Live);
        let entry = WarningEntry {
            node: self.id(),
            author: self.author(author),
            stated_at: now,
            warning: file.id.clone(),
            origin,
            what,
        };
        file.records.extend(self.append_all(&[Record::Warning(Box::new(entry))])?);
        Ok(file)
    }

    /// The text of a warning that this node issued and that is not lifted.
    fn open_text(&self, plan: &CheckedPlan, file: &WarningFile, now: Time) -> Result<WarningText, NodeError> {
        let id = self.id();
        let view = file
            .view(plan, now, &id, (&Profile::default(), &[]))
            .ok_or_else(|| refused("unknown-warning", &file.id))?;
        if *view.node != id {
            return Err(refused("warning-not-here", &file.id));
        }
        if view.state == WarningState::Lifted {
            return Err(refused("warning-lifted", &file.id));
        }
        Ok(view.text.clone())
    }

    /// What a warning is to say, held against the plan.
    fn text(
        &self,
        plan: &CheckedPlan,
        before: Option<&WarningText>,
        wanted: &WantedWarning<'_>,
        now: Time,
    ) -> Result<WarningText, NodeError> {
        let profile = Profile::load(self.store().home())?;
        let actors = own_actors(plan, &profile);
        let level = match before.filter(|_| wanted.colour.is_none() && wanted.level.is_none()) {
            Some(b) => warning_level(plan, Some(&b.regime), (None, Some(&b.level)))?,
            None => {
                let regime = wanted.regime.or(before.map(|b| b.regime.as_str()));
                warning_level(plan, regime, (wanted.colour, wanted.level))?
            }
        };
        let rule = level.warning.as_ref().ok_or_else(|| refused("warning-none", &level.id))?;
        let same_level = before.filter(|b| b.regime == level.regime && b.level == level.id);
        let issuer = match (wanted.issuer, before) {
            (Some(i), _) => i.to_owned(),
            // Nobody issues in another's name without saying so.
            (None, None) if actors.contains(&rule.issuer) => rule.issuer.clone(),
            (None, None) => return Err(not_allowed(level, &rule.issuer, &actors.join(", "))),
            (None, Some(b)) => b.issuer.clone(),
        };
        if let Some(c) = &wanted.approval {
            consent_given(c, now)?;
            if rule.approval.is_empty() {
                let say = Say::new("error.warning-approval-unasked").with("level", &level.id);
                return Err(NodeError::Entry(say.with("value", attest::clean(&c.actor))));
            }
        }
        let list = |typed: Option<&[String]>, kept: Option<&Vec<String>>, read: &dyn Fn(&str) -> _| match typed {
            Some(typed) => places(typed, read),
            None => Ok(kept.cloned().unwrap_or_default()),
        };
        let areas = list(wanted.areas, before.map(|b| &b.areas), &|a| area(plan, a))?;
        let sectors = list(wanted.sectors, before.map(|b| &b.sectors), &sector)?;
        let start = wanted.start.or(before.map(|b| b.start)).unwrap_or(now);
        let said = WarningText {
            regime: level.regime.clone(),
            level: level.id.clone(),
            issuer,
            // Who agreed to a level agreed to that level.
            approval: wanted.approval.clone().or(same_level.and_then(|b| b.approval.clone())),
            areas,
            sectors,
            start,
            fields: fields(plan, level, (before, wanted.set), (&profile, start))?,
        };
        match judge::warning_faults(plan, before, &said, now).into_iter().next() {
            None => Ok(said),
            Some(fault) => {
                let mut say = Say::new(fault.key.replacen("doubt.", "error.", 1));
                say.with = fault.with;
                Err(NodeError::Entry(say))
            }
        }
    }

    /// An id that no other warning of this node has.
    fn new_warning(&self, first: &WarningEntry) -> Result<String, NodeError> {
        let mut bytes = evidence::canonical::to_vec(first).map_err(|e| NodeError::Internal(e.to_string()))?;
        loop {
            let id = format!("w-{}", Digest::of(&bytes).hex().chars().take(8).collect::<String>());
            if self.store().subjects_from(&id)?.is_empty() {
                return Ok(id);
            }
            bytes.push(b'+');
        }
    }
}

fn is_warning(w: &Witness) -> bool {
    matches!(w.record.value(), Record::Warning(_))
}

/// The origin of a warning: that of its first entry that issues it, else of any.
pub(crate) fn origin_of(records: &[Witness]) -> Option<Origin> {
    records.iter().find_map(|w| match w.record.value() {
        Record::Warning(e) => Some(e.origin),
        _ => None,
    })
}

fn not_allowed(level: &IncidentLevel, who: &str, by: &str) -> NodeError {
    NodeError::Entry(Say::new("error.warning-issuer").with("level", &level.id).with("who", who).with("by", by))
}

/// A consent names a person and lies in the past.
fn consent_given(c: &Consent, now: Time) -> Result<(), NodeError> {
    if c.person.trim().is_empty() {
        return Err(refused("warning-approval-who", &c.actor));
    }
    if c.at > now.plus_minutes(1).unwrap_or(now) {
        return Err(NodeError::Entry(Say::new("error.warning-approval-ahead").with("value", c.at)));
    }
    Ok(())
}

/// The contents that the plan's form asks for: as before, as typed, and what the program knows itself.
fn fields(
    plan: &CheckedPlan,
    level: &IncidentLevel,
    (before, set): (Option<&WarningText>, &[(String, String)]),
    (profile, start): (&Profile, Time),
) -> Result<BTreeMap<String, FieldValue>, NodeError> {
    let mut out = before.map(|b| b.fields.clone()).unwrap_or_default();
    let Some(form) = judge::warning_form(plan, &level.regime) else { return Ok(out) };
    let days = Days::of(plan.calendar());
    for (name, typed) in set {
        let field = form.fields.iter().find(|f| f.id == *name).ok_or_else(|| {
            let known: Vec<&str> = form.fields.iter().map(|f| f.id.as_str()).collect();
            let say = Say::new("error.form-field").with("value", attest::clean(name)).with("form", &form.id);
            NodeError::Entry(say.with("known", known.join(", ")))
        })?;
        if matches!(field.id.as_str(), "level" | "start") {
            return Err(refused("warning-own-field", &field.id));
        }
        out.insert(field.id.clone(), value(field, typed, &days)?);
    }
    for field in &form.fields {
        match (field.id.as_str(), &field.kind) {
            ("level", FieldRule::Choice(choices)) if choices.contains(&level.id) => {
                out.insert(field.id.clone(), FieldValue::Choice { choice: level.id.clone() });
            }
            ("start", FieldRule::Minute) => {
                out.insert(field.id.clone(), FieldValue::Minute { at: start });
            }
            (_, FieldRule::Text) if field.prefill == "profile.name" && !profile.name.is_empty() => {
                let text = profile.name.clone();
                out.entry(field.id.clone()).or_insert(FieldValue::Text { text });
            }
            _ => {}
        }
    }
    Ok(out)
}
