//! Logs held against the table of countries: the sensor `flows`, wired to the log; and the table that the user brings in.

use crate::examine::sensor_run;
use crate::take::{ITEMS_MAX, Take};
use crate::{Node, NodeError, home};
use detect::countries::{Countries, FILE_BYTES_MAX, Importer, RANGES_MAX, TableError};
use detect::flows::Flows;
use evidence::{Attestation, Body, CountryTable, Digest, Item, Record, RecordKind, RunState, Say, SubjectRef, Time};
use std::path::PathBuf;
use stdx::{Progress, Stop};

/// A table of countries as the log has it.
#[derive(Clone, Debug)]
pub struct KeptCountries {
    /// What was stated.
    pub table: CountryTable,
    /// Its record.
    pub leaf: Digest,
    /// When.
    pub at: Time,
}

/// What came of reading logs.
pub struct ObservedLogs {
    /// Leaf of the examination.
    pub leaf: Digest,
    /// Its items.
    pub items: Vec<Item>,
    /// The table of countries that was used.
    pub countries: Option<KeptCountries>,
}
impl ObservedLogs {
    /// Rows of a fact, as they stand in the examination.
    pub fn rows<'a>(&'a self, fact: &'a str) -> impl Iterator<Item = &'a evidence::Fact> {
        self.items.iter().filter_map(move |i| match &i.body {
            Body::Fact(f) if f.fact.as_str() == fact => Some(f),
            _ => None,
        })
    }
}

/// What an import of a table came to.
#[derive(Debug)]
pub struct ImportedCountries {
    /// The table.
    pub kept: KeptCountries,
    /// The first lines that could not be read: file and line.
    pub faults: Vec<(String, u64)>,
}

/// Why files are no table of countries.
fn refused(why: &TableError) -> NodeError {
    let said = |key: &str| Say::new(format!("error.bad-countries-{key}"));
    NodeError::Entry(match why {
        TableError::Unknown(file) => said("unknown").with("file", attest::clean(file)),
        TableError::Half => said("half"),
        TableError::Empty => said("empty"),
        TableError::TooLarge => said("large").with("ranges", RANGES_MAX).with("bytes", FILE_BYTES_MAX),
        TableError::Broken(line) => said("broken").with("line", line),
    })
}

impl Node {
    /// Brings in a table of countries by address.
    pub fn countries_import(&self, files: &[PathBuf], author: Option<&str>) -> Result<ImportedCountries, NodeError> {
        let (mut importer, mut documents) = (Importer::default(), Vec::new());
        for path in files {
            let mut bytes = home::read(path, FILE_BYTES_MAX as u64)?;
            if bytes.starts_with(&[0x1f, 0x8b]) {
                let mut plain = Vec::new();
                let inner = flate2::read::MultiGzDecoder::new(bytes.as_slice());
                let mut capped = stdx::Capped::new(inner, FILE_BYTES_MAX as u64);
                std::io::Read::read_to_end(&mut capped, &mut plain).map_err(|e| NodeError::io(path, &e))?;
                bytes = plain;
            }
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            importer.feed(&name, &bytes).map_err(|e| refused(&e))?;
            documents.push(home::document(path)?);
        }
        let built = importer.finish().map_err(|e| refused(&e))?;
        let day = |d: &String| Some(format!("{}-{}-{}", d.get(..4)?, d.get(4..6)?, d.get(6..8)?));
        let table = CountryTable {
            documents,
            digest: Digest::of(&built.bytes),
            form: built.form,
            dated: built.dated.as_ref().and_then(day).and_then(|d| Time::from_date(&d).ok()),
            rows: built.rows,
            refused: built.refused,
            dropped: false,
        };
        let at = home::now();
        let stated = Attestation::country_table(self.id(), self.author(author), at, table.clone());
        let kept = self.append(&Record::Attestation(stated), None, vec![built.bytes])?;
        let kept = KeptCountries { table, leaf: kept.witness.record.leaf(), at };
        Ok(ImportedCountries { kept, faults: built.faults.into_iter().map(|f| (f.file, f.line)).collect() })
    }

    /// The table in use.
    pub fn countries(&self) -> Result<Option<KeptCountries>, NodeError> {
        let mut newest: Option<KeptCountries> = None;
        for w in self.store().records(&[RecordKind::Attestation])? {
            let Record::Attestation(a) = w.record.value() else { continue };
            if let Some(table) = a.as_country_table() {
                let kept = KeptCountries { table: table.clone(), leaf: w.record.leaf(), at: a.stated_at };
                if newest.as_ref().is_none_or(|n| (n.at, n.leaf) < (kept.at, kept.leaf)) {
                    newest = Some(kept);
                }
            }
        }
        Ok(newest.filter(|k| !k.table.dropped))
    }

    /// States that the table is not to be used any more.
    pub fn countries_drop(&self, author: Option<&str>) -> Result<Digest, NodeError> {
        let none = || NodeError::Entry(Say::new("error.no-countries"));
        let table = CountryTable { dropped: true, ..self.countries()?.ok_or_else(none)?.table };
        let stated = Attestation::country_table(self.id(), self.author(author), home::now(), table);
        Ok(self.append(&Record::Attestation(stated), None, Vec::new())?.witness.record.leaf())
    }

    /// Reads logs, signs what they show and appends it.
    pub fn transfer_observe(
        &self,
        logs: &[PathBuf],
        author: Option<&str>,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<ObservedLogs, NodeError> {
        for path in logs {
            std::fs::metadata(path).map_err(|e| NodeError::io(path, &e))?;
        }
        let started = home::now();
        let kept = self.countries()?;
        let countries = match &kept {
            Some(k) => Countries::open(&self.store().artifact(k.table.digest)?).map_err(|e| refused(&e))?,
            None => Countries::default(),
        };
        let key = self.store().keys().digest_key()?;
        let take = Take::new(ITEMS_MAX, progress);
        Flows { logs, countries: &countries, key: &key }.run(&take, progress, stop);
        let bodies = take.finish(stop).map_err(NodeError::Internal)?;
        let state = if stop.requested() { RunState::Stopped } else { RunState::Complete };
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let subject = SubjectRef { host, machine: None, root: None, folders: Vec::new(), carried: None };
        let rules = kept.as_ref().map_or_else(|| Digest::of(b""), |k| k.table.digest);
        let sensors = vec![sensor_run("flows", rules, rustix::process::geteuid().is_root())];
        let observed = self.seal(bodies, subject, (started, home::now().max(started)), state, sensors)?;
        let seen = self.append(&Record::Examination(observed.examination), Some(observed.lines), Vec::new())?;
        let leaf = seen.witness.record.leaf();
        self.transfer_observed(leaf, author)?;
        let items = seen.witness.items.map(proof::VerifiedItems::into_items).unwrap_or_default();
        Ok(ObservedLogs { leaf, items, countries: kept })
    }
}
