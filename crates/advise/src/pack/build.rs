//! Building a pack: the same data gives the same bytes, in whatever order its files came.

use super::{About, Kind, MAGIC, PACK_BYTES_MAX, PackError};
use crate::advisory::{Advisory, Affected, Bound, Names, Severity, Status};
use crate::import::Imported;
use crate::text;
use std::collections::{BTreeMap, BTreeSet, HashMap};

const DAY: i64 = 86_400;

/// Builds a pack of one kind from what was imported. `name` and `source` are cut to one line of 200 characters.
///
/// Advisories of one id are one: of each package the newest says what holds, by its time of change.
///
/// # Errors
/// Nothing of that kind was imported, or it is too large for a pack.
pub fn build(name: &str, source: &str, kind: Kind, imported: &Imported) -> Result<Vec<u8>, PackError> {
    let mut writer = Writer::default();
    let (rows, ecosystems) = match kind {
        Kind::Advisories => writer.advisories(&merged(&imported.advisories))?,
        Kind::Exploited => (writer.exploited(imported)?, BTreeMap::new()),
        Kind::Likelihoods => (writer.likelihoods(imported)?, BTreeMap::new()),
    };
    if rows == 0 {
        return Err(PackError::Empty);
    }
    let about = About {
        name: text::line(name, 200),
        source: text::line(source, 200),
        kind,
        dated: imported.dated,
        rows,
        ecosystems,
        files: imported.files,
        inputs: imported.inputs.map(|d| d.hex()).unwrap_or_default(),
        refused: imported.refused,
        withdrawn: imported.left_out.withdrawn,
        commit_ranges: imported.left_out.commit_ranges,
    };
    writer.finish(&about)
}

/// One advisory an id, sorted; each with its statements, sorted.
fn merged(advisories: &[Advisory]) -> Vec<Advisory> {
    let mut by_id: BTreeMap<&str, Vec<&Advisory>> = BTreeMap::new();
    for advisory in advisories {
        by_id.entry(&advisory.id).or_default().push(advisory);
    }
    by_id.into_values().map(one).collect()
}

fn one(mut all: Vec<&Advisory>) -> Advisory {
    // Newest first; of equal age by content, so that the order of files carries nothing.
    all.sort_by(|a, b| {
        b.modified.cmp(&a.modified).then_with(|| a.affected.cmp(&b.affected)).then_with(|| a.summary.cmp(&b.summary))
    });
    let Some(first) = all.first() else { return Advisory::default() };
    let mut out = Advisory { affected: Vec::new(), ..(*first).clone() };
    let mut said: HashMap<(&str, &str), Option<i64>> = HashMap::new();
    for advisory in &all {
        out.aliases.extend(advisory.aliases.iter().cloned());
        out.covers.extend(advisory.covers.iter().cloned());
        out.malicious |= advisory.malicious;
        if out.severity == Severity::Unknown {
            out.severity = advisory.severity;
        }
        out.score = out.score.or(advisory.score);
        for a in &advisory.affected {
            // Revisions of one age add up: files of several releases often share an id and a time.
            if *said.entry((&a.ecosystem, &a.name)).or_insert(advisory.modified) == advisory.modified {
                out.affected.push(a.clone());
            }
        }
    }
    let mut sets = [std::mem::take(&mut out.aliases), std::mem::take(&mut out.covers)]
        .map(|s| s.into_iter().collect::<BTreeSet<_>>());
    sets[0].remove(&out.id);
    let [aliases, covers] = sets.map(|s| s.into_iter().collect());
    (out.aliases, out.covers) = (aliases, covers);
    out.affected.sort();
    out.affected.dedup();
    out
}

#[derive(Default)]
struct Writer {
    strings: Vec<u8>,
    known: HashMap<String, u32>,
    ecosystems: Vec<u8>,
    index: Vec<u8>,
    bodies: Vec<u8>,
    offsets: Vec<u8>,
    records: Vec<u8>,
    rows: Vec<u8>,
}

/// A length or place as 32 bits.
fn place(len: usize) -> Result<u32, PackError> {
    u32::try_from(len).ok().filter(|_| len <= PACK_BYTES_MAX).ok_or(PackError::TooLarge)
}

fn number(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or_default();
        value >>= 7;
        if value == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

impl Writer {
    fn string(&mut self, text: &str) -> Result<u32, PackError> {
        if let Some(at) = self.known.get(text) {
            return Ok(*at);
        }
        let at = place(self.strings.len())?;
        number(&mut self.strings, text.len() as u64);
        self.strings.extend_from_slice(text.as_bytes());
        self.known.insert(text.to_owned(), at);
        Ok(at)
    }
    /// Strings as a list of places.
    fn list(&mut self, texts: &[String]) -> Result<Vec<u8>, PackError> {
        let mut out = Vec::new();
        number(&mut out, texts.len() as u64);
        for text in texts {
            let at = self.string(text)?;
            number(&mut out, u64::from(at));
        }
        Ok(out)
    }
    fn advisories(&mut self, all: &[Advisory]) -> Result<(u64, BTreeMap<String, u64>), PackError> {
        let mut by_name: BTreeMap<(&str, &str), Vec<(u32, &Affected)>> = BTreeMap::new();
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for (n, advisory) in all.iter().enumerate() {
            self.record(advisory)?;
            let mut ecosystems = BTreeSet::new();
            for a in &advisory.affected {
                by_name.entry((&a.ecosystem, &a.name)).or_default().push((place(n)?, a));
                ecosystems.insert(&a.ecosystem);
            }
            for ecosystem in ecosystems {
                *counts.entry(ecosystem.clone()).or_default() += 1;
            }
        }
        let mut names: BTreeMap<&str, u32> = BTreeMap::new();
        for ((ecosystem, name), statements) in by_name {
            *names.entry(ecosystem).or_default() += 1;
            let name = self.string(name)?;
            self.index.extend(name.to_le_bytes());
            self.index.extend(place(self.bodies.len())?.to_le_bytes());
            number(&mut self.bodies, statements.len() as u64);
            for (advisory, statement) in statements {
                let row = self.statement(advisory, statement)?;
                self.bodies.extend(row);
            }
        }
        let mut first = 0_u32;
        for (ecosystem, count) in names {
            let ecosystem = self.string(ecosystem)?;
            for n in [ecosystem, first, count] {
                self.ecosystems.extend(n.to_le_bytes());
            }
            first += count;
        }
        Ok((all.len() as u64, counts))
    }
    fn statement(&mut self, advisory: u32, a: &Affected) -> Result<Vec<u8>, PackError> {
        let mut out = Vec::new();
        number(&mut out, u64::from(advisory));
        let status = Status::ALL.iter().position(|s| *s == a.status).unwrap_or_default();
        let names = Names::ALL.iter().position(|n| *n == a.names).unwrap_or_default();
        out.push(a.scheme.number());
        out.push(u8::try_from(status | (names << 4)).unwrap_or_default());
        number(&mut out, a.spans.len() as u64);
        for span in &a.spans {
            let flag = |b: &Option<Bound>, present: u8, inclusive: u8| {
                b.as_ref().map_or(0, |b| present | if b.inclusive { inclusive } else { 0 })
            };
            out.push(flag(&span.low, 1, 2) | flag(&span.high, 4, 8) | if span.fix { 16 } else { 0 });
            for bound in [&span.low, &span.high].into_iter().flatten() {
                let at = self.string(&bound.version)?;
                number(&mut out, u64::from(at));
            }
        }
        out.extend(self.list(&a.versions)?);
        Ok(out)
    }
    fn record(&mut self, a: &Advisory) -> Result<(), PackError> {
        self.offsets.extend(place(self.records.len())?.to_le_bytes());
        let (id, summary) = (self.string(&a.id)?, self.string(&text::line(&a.summary, crate::SUMMARY_CHARS_MAX))?);
        let lists = [self.list(&a.aliases)?, self.list(&a.covers)?];
        let out = &mut self.records;
        number(out, u64::from(id));
        out.push(
            u8::try_from(Severity::ALL.iter().position(|s| *s == a.severity).unwrap_or_default()).unwrap_or_default(),
        );
        number(out, a.score.map_or(0, |s| u64::from(s) + 1));
        out.push(u8::from(a.malicious) | if a.modified.is_some() { 2 } else { 0 });
        number(out, u64::from(summary));
        if let Some(modified) = a.modified {
            // A signed number: its lowest bit is the sign.
            number(out, (modified.unsigned_abs() << 1) - u64::from(modified < 0));
        }
        for list in lists {
            out.extend(list);
        }
        Ok(())
    }
    fn exploited(&mut self, imported: &Imported) -> Result<u64, PackError> {
        let mut rows: BTreeMap<&str, (bool, Option<i64>, Option<i64>)> = BTreeMap::new();
        for row in &imported.exploited {
            let known = rows.entry(&row.id).or_insert((false, None, None));
            let earlier = |a: Option<i64>, b: Option<i64>| [a, b].into_iter().flatten().min();
            *known = (known.0 | row.ransomware, earlier(known.1, row.added), earlier(known.2, row.due));
        }
        // Days from 1970 on, plus one; zero is none.
        let day = |at: Option<i64>| at.and_then(|s| u32::try_from(s.div_euclid(DAY) + 1).ok()).unwrap_or(0);
        for (id, (ransomware, added, due)) in &rows {
            self.row(id, [u32::from(*ransomware), day(*added), day(*due)])?;
        }
        Ok(rows.len() as u64)
    }
    fn likelihoods(&mut self, imported: &Imported) -> Result<u64, PackError> {
        let mut rows: BTreeMap<&str, u16> = BTreeMap::new();
        for row in &imported.likelihoods {
            let known = rows.entry(&row.id).or_default();
            *known = row.per_ten_thousand.min(10_000).max(*known);
        }
        for (id, value) in &rows {
            self.row(id, [u32::from(*value), 0, 0])?;
        }
        Ok(rows.len() as u64)
    }
    fn row(&mut self, id: &str, values: [u32; 3]) -> Result<(), PackError> {
        let id = self.string(id)?;
        self.rows.extend(id.to_le_bytes());
        values.iter().for_each(|v| self.rows.extend(v.to_le_bytes()));
        Ok(())
    }
    fn finish(self, about: &About) -> Result<Vec<u8>, PackError> {
        let about_bytes = serde_json::to_vec(about).map_err(|_| PackError::Damaged("description"))?;
        if about_bytes.len() > super::ABOUT_BYTES_MAX {
            return Err(PackError::TooLarge);
        }
        let counts = [
            about_bytes.len(),
            self.strings.len(),
            self.ecosystems.len() / super::ECOSYSTEM_BYTES,
            self.index.len() / super::INDEX_BYTES,
            self.bodies.len(),
            self.offsets.len() / super::OFFSET_BYTES,
            self.records.len(),
            self.rows.len() / super::ROW_BYTES,
            0,
        ];
        let mut out = MAGIC.to_vec();
        out.extend(about.kind.number().to_le_bytes());
        for count in counts {
            out.extend(place(count)?.to_le_bytes());
        }
        for section in [
            &about_bytes,
            &self.strings,
            &self.ecosystems,
            &self.index,
            &self.bodies,
            &self.offsets,
            &self.records,
            &self.rows,
        ] {
            out.extend_from_slice(section);
        }
        place(out.len())?;
        Ok(out)
    }
}
