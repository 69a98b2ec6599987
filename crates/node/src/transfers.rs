//! Transfers: the register of flows, what was obtained, what the plan makes of it (`docs/specs/transfers-v1.md`).
//!
//! Every statement is a new record. Refused here, before it is signed, is what names something that is not there: an asset
//! that the catalogue does not have, a flow or request that nobody declared.

use crate::{Node, NodeError, home};
use attest::{FlowTerms, ImportedFlows};
use evidence::{
    AuthorityRequest, Decided, Digest, Document, Flow, FlowRow, Lang, PeopleCounted, Provided, Record, RecordKind,
    RequestMoved, Say, Time, TransferEntry, TransferJudgement, TransferMove,
};
use plan::CheckedPlan;
use proof::Witness;
use std::collections::BTreeMap;
use std::path::Path;

/// Everything declared, as the log has it.
#[derive(Clone, Debug, Default)]
pub struct TransferRegister {
    /// Flows by id.
    pub flows: BTreeMap<String, Flow>,
    /// The newest count of each flow and year.
    pub counted: BTreeMap<(String, i64), PeopleCounted>,
    /// Records of providing by id.
    pub provided: BTreeMap<String, Provided>,
    /// Requests of foreign authorities by id.
    pub requests: BTreeMap<String, AuthorityRequest>,
    /// Leaves of the examinations of logs.
    pub observed: Vec<Digest>,
}
impl TransferRegister {
    fn take(&mut self, what: TransferMove) {
        match what {
            TransferMove::Flow(f) => {
                self.flows.insert(f.id.clone(), *f);
            }
            TransferMove::Table(t) => {
                for row in t.rows {
                    self.flows.insert(row.flow.id.clone(), row.flow);
                    self.counted.extend(row.counted.map(|c| ((c.flow.clone(), c.year), c)));
                }
            }
            TransferMove::Counted(c) => {
                self.counted.insert((c.flow.clone(), c.year), c);
            }
            TransferMove::Provided(p) => {
                self.provided.insert(p.id.clone(), p);
            }
            TransferMove::Request(r) => {
                self.requests.insert(r.id.clone(), r);
            }
            TransferMove::Observed { examination } => self.observed.push(examination),
            TransferMove::Decided(_) | TransferMove::Ended { .. } | TransferMove::RequestMoved(_) => {}
        }
    }
}

/// What an import came to.
#[derive(Debug)]
pub struct ImportedTransfers {
    /// The record; `None` if every good row says what was known already.
    pub leaf: Option<Digest>,
    /// Good rows that say what was known already: no new entry is made of them.
    pub same: usize,
    /// Good and bad rows.
    pub read: ImportedFlows,
}

/// The words of countries and exempt cases, in both languages.
fn words(plan: &CheckedPlan) -> [Vec<(String, String)>; 2] {
    let (mut countries, mut cases) = (Vec::new(), Vec::new());
    for lang in Lang::ALL {
        for key in report::words::keys(lang) {
            if let Some(code) = key.strip_prefix("country.") {
                countries.push((report::words::text(lang, key).to_owned(), code.to_owned()));
            }
        }
    }
    for t in plan.transfers().iter().filter(|t| !t.case.is_empty()) {
        cases.push((t.case.clone(), t.case.clone()));
        for lang in Lang::ALL {
            let name = plan.words(lang).get(&format!("transfer.{}.name", t.id));
            cases.extend(name.map(|n| (n.to_owned(), t.case.clone())));
        }
    }
    [countries, cases]
}

/// A number of people as it was typed: `12000`, `5000-8000`, `>=5000`, `1.2万`.
///
/// # Errors
/// If it is none.
pub fn people_said(typed: &str) -> Result<evidence::Span, NodeError> {
    let bad = || NodeError::Entry(Say::new("error.bad-people").with("value", attest::clean(typed)));
    attest::people(typed).ok_or_else(bad)
}

/// How a field is called on the command line.
fn option(field: &str) -> String {
    match field {
        "hosts" => "--host".to_owned(),
        "assets" => "--asset".to_owned(),
        other => format!("--{}", other.replace('_', "-")),
    }
}

/// An id that begins with `mark`, of eight digits over what it names.
fn new_id<T: serde::Serialize>(mark: &str, of: &T) -> Result<String, NodeError> {
    let bytes = evidence::canonical::to_vec(of).map_err(|e| NodeError::Internal(e.to_string()))?;
    Ok(format!("{mark}-{}", Digest::of(&bytes).hex().chars().take(8).collect::<String>()))
}

/// The id that begins with what was typed, if there is exactly one.
fn one<'i>(ids: impl Iterator<Item = &'i String>, typed: &str) -> Result<String, NodeError> {
    let unknown = || NodeError::Entry(Say::new("error.unknown-transfer").with("id", attest::clean(typed)));
    let mut fits = ids.filter(|id| !typed.is_empty() && id.starts_with(typed));
    let first = fits.next().ok_or_else(unknown)?;
    if fits.next().is_some() { Err(unknown()) } else { Ok(first.clone()) }
}

impl Node {
    /// Records an entry.
    fn transfer(&self, what: TransferMove, author: Option<&str>) -> Result<Digest, NodeError> {
        let entry = TransferEntry { node: self.id(), author: self.author(author), stated_at: home::now(), what };
        let kept = self.append(&Record::Transfer(Box::new(entry)), None, Vec::new())?;
        Ok(kept.witness.record.leaf())
    }

    /// Every entry about transfers, in the order in which they count.
    pub fn transfer_entries(&self) -> Result<Vec<(Digest, TransferEntry)>, NodeError> {
        let mut entries = Vec::new();
        for w in self.store().records(&[RecordKind::Transfer])? {
            let leaf = w.record.leaf();
            if let Record::Transfer(e) = w.record.into_value() {
                entries.push((leaf, *e));
            }
        }
        entries.sort_by_key(|e| (e.1.stated_at, e.0));
        Ok(entries)
    }

    /// Everything declared so far.
    pub fn transfer_register(&self) -> Result<TransferRegister, NodeError> {
        let mut register = TransferRegister::default();
        self.transfer_entries()?.into_iter().for_each(|e| register.take(e.1.what));
        Ok(register)
    }

    /// Every destination that the logs show, held against the flows.
    pub fn transfers_seen(&self, plan: &CheckedPlan) -> Result<Vec<judge::SeenDestination>, NodeError> {
        let register = self.transfer_register()?;
        Ok(judge::transfers_seen(plan, &self.transfer_records(&register)?, home::now()))
    }

    /// Calls `with` with the words and answers that the entry of a flow needs.
    fn with_terms<T>(&self, plan: &CheckedPlan, with: impl FnOnce(&FlowTerms<'_>) -> T) -> Result<T, NodeError> {
        let catalogue = self.catalogue(None)?;
        let [countries, cases] = words(plan);
        let asset = |text: &str| {
            let kept = catalogue.as_ref()?;
            crate::find_asset(&kept.catalogue, text).ok().map(|a| a.id)
        };
        let now = home::now();
        // The year of a count is the plan's, which is what the judge reads.
        let year = judge::transfers(plan, &[], now).year;
        let home = judge::home_country(plan).unwrap_or_default();
        // The day is that of the plan's zone: an evening entry in China is not of the day before.
        let today = Time::from_date(&plan::Days::of(plan.calendar()).date(now))
            .map_err(|e| NodeError::Internal(e.to_string()))?;
        Ok(with(&FlowTerms { countries: &countries, cases: &cases, home, asset: &asset, year, today }))
    }

    /// Declares a flow from its typed fields.
    pub fn transfer_add(
        &self,
        plan: &CheckedPlan,
        typed: &dyn Fn(&str) -> String,
        impact: Option<Document>,
        author: Option<&str>,
    ) -> Result<(FlowRow, Digest), NodeError> {
        let read = self.with_terms(plan, |terms| attest::transfer_flow(typed, &option, terms))?;
        let mut row = read.map_err(NodeError::Entry)?;
        row.flow.impact = impact;
        let leaf = self.transfer(TransferMove::Flow(Box::new(row.flow.clone())), author)?;
        if let Some(counted) = &row.counted {
            self.transfer(TransferMove::Counted(counted.clone()), author)?;
        }
        Ok((row, leaf))
    }

    /// Brings in a table of flows.
    pub fn transfer_import(
        &self,
        plan: &CheckedPlan,
        table: &Path,
        author: Option<&str>,
    ) -> Result<ImportedTransfers, NodeError> {
        let limits = attest::Limits::default();
        let bytes = home::read(table, limits.file_bytes_max as u64)?;
        let read = self.with_terms(plan, |terms| attest::transfers(&bytes, &limits, terms))?;
        let read = read.map_err(|say| NodeError::List(table.to_owned(), say))?;
        if read.rows.is_empty() {
            return Err(NodeError::NoGoodRow(table.to_owned(), read.bad));
        }
        self.transfer_take(read, home::document(table)?, author)
    }

    /// Brings in a table of flows whose bytes are here: what a page was given. Without a good row nothing is recorded, and the bad ones are in the answer.
    pub fn transfer_import_text(
        &self,
        plan: &CheckedPlan,
        (name, bytes): (&str, &[u8]),
        author: Option<&str>,
    ) -> Result<ImportedTransfers, NodeError> {
        let limits = attest::Limits::default();
        let read = self.with_terms(plan, |terms| attest::transfers(bytes, &limits, terms))?;
        let read = read.map_err(NodeError::Entry)?;
        let document = Document { name: attest::clean(name), digest: Digest::of(bytes), bytes: bytes.len() as u64 };
        self.transfer_take(read, document, author)
    }

    /// Records the rows of a table that say something new.
    fn transfer_take(
        &self,
        mut read: ImportedFlows,
        document: Document,
        author: Option<&str>,
    ) -> Result<ImportedTransfers, NodeError> {
        // A table has no column for the impact assessment: what was declared of it stays.
        let old = self.transfer_register()?;
        for row in &mut read.rows {
            row.flow.impact = old.flows.get(&row.flow.id).and_then(|f| f.impact.clone());
        }
        // What says nothing new is not declared anew: an export that comes back must not bring an ended flow back to life.
        let known = |row: &FlowRow| {
            let counted = |c: &PeopleCounted| old.counted.get(&(c.flow.clone(), c.year)) == Some(c);
            old.flows.get(&row.flow.id) == Some(&row.flow) && row.counted.as_ref().is_none_or(counted)
        };
        let all = read.rows.len();
        let rows: Vec<FlowRow> = read.rows.iter().filter(|r| !known(r)).cloned().collect();
        let same = all - rows.len();
        if rows.is_empty() {
            return Ok(ImportedTransfers { leaf: None, same, read });
        }
        let table = evidence::FlowTable { document, left_out: read.left_out, rows };
        let leaf = Some(self.transfer(TransferMove::Table(table), author)?);
        Ok(ImportedTransfers { leaf, same, read })
    }

    /// Records how many people a flow concerned since 1 January.
    pub fn transfer_count(
        &self,
        plan: &CheckedPlan,
        flow: &str,
        (personal, sensitive): (evidence::Span, evidence::Span),
        (year, as_of): (Option<i64>, Option<Time>),
        author: Option<&str>,
    ) -> Result<(PeopleCounted, Digest), NodeError> {
        let flow = one(self.transfer_register()?.flows.keys(), flow)?;
        let (this, today) = self.with_terms(plan, |t| (t.year, t.today))?;
        let of = as_of.and_then(|d| d.date().get(..4).and_then(|y| y.parse().ok()));
        let year = year.or(of).unwrap_or(this);
        if let Some(day) = as_of.filter(|d| *d > today) {
            return Err(NodeError::Entry(Say::new("error.transfer-future").with("value", day.date())));
        }
        if year > this {
            return Err(NodeError::Entry(Say::new("error.transfer-future").with("value", year)));
        }
        let counted = PeopleCounted { flow, year, personal, sensitive, as_of: as_of.unwrap_or(today) };
        let leaf = self.transfer(TransferMove::Counted(counted.clone()), author)?;
        Ok((counted, leaf))
    }

    /// Records what was asked for, obtained or refused.
    pub fn transfer_decide(&self, mut decided: Decided, author: Option<&str>) -> Result<(Decided, Digest), NodeError> {
        let register = self.transfer_register()?;
        decided.number = attest::clean(&decided.number);
        let flows: Result<Vec<String>, NodeError> =
            decided.flows.iter().map(|f| one(register.flows.keys(), f)).collect();
        decided.flows = flows?;
        decided.flows.sort();
        decided.flows.dedup();
        if let Some(until) = decided.until.filter(|u| *u < decided.since) {
            let say = Say::new("error.transfer-order").with("since", decided.since.date());
            return Err(NodeError::Entry(say.with("until", until.date())));
        }
        let leaf = self.transfer(TransferMove::Decided(decided.clone()), author)?;
        Ok((decided, leaf))
    }

    /// Records that a flow has ended.
    pub fn transfer_end(
        &self,
        flow: &str,
        at: Time,
        reason: &str,
        author: Option<&str>,
    ) -> Result<(String, Digest), NodeError> {
        let flow = one(self.transfer_register()?.flows.keys(), flow)?;
        let what = TransferMove::Ended { flow: flow.clone(), at, reason: attest::clean(reason) };
        Ok((flow, self.transfer(what, author)?))
    }

    /// Records that data was provided or entrusted.
    pub fn transfer_provided(&self, mut p: Provided, author: Option<&str>) -> Result<(Provided, Digest), NodeError> {
        if !p.flow.is_empty() {
            p.flow = one(self.transfer_register()?.flows.keys(), &p.flow)?;
        }
        (p.recipient, p.data, p.purpose) =
            (attest::clean(&p.recipient), attest::clean(&p.data), attest::clean(&p.purpose));
        p.id = new_id("p", &(&p, home::now()))?;
        let leaf = self.transfer(TransferMove::Provided(p.clone()), author)?;
        Ok((p, leaf))
    }

    /// Records a request of a foreign authority.
    pub fn transfer_request(
        &self,
        mut request: AuthorityRequest,
        author: Option<&str>,
    ) -> Result<(AuthorityRequest, Digest), NodeError> {
        let code = request.country.trim().to_ascii_uppercase();
        if !attest::is_country(&code) {
            return Err(NodeError::Entry(Say::new("row.bad-country").with("value", attest::clean(&request.country))));
        }
        request.country = code;
        for text in [&mut request.authority, &mut request.asked, &mut request.basis] {
            *text = attest::clean(text);
        }
        request.id = new_id("r", &(&request, home::now()))?;
        let leaf = self.transfer(TransferMove::Request(request.clone()), author)?;
        Ok((request, leaf))
    }

    /// Records a step of a request.
    pub fn transfer_request_move(
        &self,
        mut moved: RequestMoved,
        author: Option<&str>,
    ) -> Result<(RequestMoved, Digest), NodeError> {
        moved.request = one(self.transfer_register()?.requests.keys(), &moved.request)?;
        moved.note = attest::clean(&moved.note);
        let leaf = self.transfer(TransferMove::RequestMoved(moved.clone()), author)?;
        Ok((moved, leaf))
    }

    /// What the judge reads: entries, the newest catalogue, examinations of logs, tables of countries.
    fn transfer_records(&self, register: &TransferRegister) -> Result<Vec<Witness>, NodeError> {
        let mut out = self.store().records(&[RecordKind::Transfer])?;
        for leaf in &register.observed {
            out.push(self.store().witness(*leaf)?);
        }
        if let Some(kept) = self.catalogue(None)? {
            out.push(self.store().witness(kept.leaf)?);
        }
        let stated = self.store().records(&[RecordKind::Attestation])?;
        out.extend(
            stated
                .into_iter()
                .filter(|w| matches!(w.record.value(), Record::Attestation(a) if a.as_country_table().is_some())),
        );
        Ok(out)
    }

    /// How transfers stand now, without recording it.
    pub fn transfers(&self, plan: &CheckedPlan) -> Result<(TransferRegister, TransferJudgement), NodeError> {
        let register = self.transfer_register()?;
        let judgement = judge::transfers(plan, &self.transfer_records(&register)?, home::now());
        Ok((register, judgement))
    }

    /// Judges transfers and records the judgement, which `audit` derives again.
    pub fn transfer_assess(
        &self,
        plan: &CheckedPlan,
    ) -> Result<(TransferRegister, TransferJudgement, Digest), NodeError> {
        let (register, judgement) = self.transfers(plan)?;
        let source = plan.source().to_bytes();
        let record = Record::TransferJudgement(Box::new(judgement.clone()));
        let kept = self.append(&record, None, vec![source])?;
        Ok((register, judgement, kept.witness.record.leaf()))
    }

    pub(crate) fn transfer_observed(&self, examination: Digest, author: Option<&str>) -> Result<Digest, NodeError> {
        self.transfer(TransferMove::Observed { examination }, author)
    }
}
