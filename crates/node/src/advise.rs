//! Packages against advisories, and the packs that it takes.
//!
//! A pack is imported once: its bytes are kept by their digest, and a signed statement says who imported what, from
//! where, and how new the data says it is. Only packs that the log speaks of are used; the newest statement of a name
//! counts. Nothing is fetched: whoever runs the node brings the files.
//!
//! What comes out are facts, beside those of `inspect` and in the same examination: which packs, which packages. Where
//! no pack speaks for the system or for a language, that is a gap with the number of packages, never a clean result.

use crate::examine::sensor_run;
use crate::reach::Running;
use crate::{Node, NodeError, home};
use advise::import::{Fault, Imported, Importer};
use advise::matcher::{self, Match, Package};
use advise::pack::{Kind, Pack};
use evidence::{
    AdvisoryPack, Attestation, Body, Covered, Digest, Fact, FactValue, Gap, GapReason, Place, Record, RecordKind,
    SensorRun, Time,
};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use stdx::{Progress, Step, Stop};

/// Largest file of an import, unpacked, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 30;
/// Most files of an import.
const FILES_MAX: usize = 1_000_000;
/// Deepest folder of an import.
const DEPTH_MAX: usize = 16;
/// Most ids of advisories in one row.
const IDS_MAX: usize = 20;
/// Managers whose packages are confined bundles that no advisories of the system speak of.
const CONFINED: [&str; 2] = ["snap", "flatpak"];

/// A pack as the log has it.
#[derive(Clone)]
pub struct KeptPack {
    /// What was stated.
    pub pack: AdvisoryPack,
    /// Its record.
    pub leaf: Digest,
    /// By whom.
    pub author: String,
    /// When.
    pub at: Time,
}

/// What an import made.
pub struct ImportedPack {
    /// The pack.
    pub pack: AdvisoryPack,
    /// Files that were read.
    pub files: u64,
    /// Files that gave nothing, with the reason.
    pub refused: Vec<(String, String)>,
    /// The first faults within files.
    pub faults: Vec<Fault>,
    /// All faults.
    pub fault_count: u64,
}

impl Node {
    /// Every pack that counts, by name.
    pub fn advisory_packs(&self) -> Result<Vec<KeptPack>, NodeError> {
        let mut newest: BTreeMap<String, KeptPack> = BTreeMap::new();
        for w in self.store().records(&[RecordKind::Attestation])? {
            let Record::Attestation(a) = w.record.value() else { continue };
            if let Some(pack) = a.as_advisory_pack() {
                let kept = KeptPack {
                    pack: pack.clone(),
                    leaf: w.record.leaf(),
                    author: a.author.name.clone(),
                    at: a.stated_at,
                };
                newest.insert(pack.name.clone(), kept);
            }
        }
        Ok(newest.into_values().filter(|k| !k.pack.dropped).collect())
    }

    /// Reads advisory data of one kind into a pack called `name` and keeps it.
    pub fn advisories_import(
        &self,
        paths: &[PathBuf],
        (name, source): (&str, &str),
        author: Option<&str>,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<ImportedPack, NodeError> {
        let mut feed =
            Feed { importer: Importer::new(advise::import::Limits::default()), refused: Vec::new(), files: 0 };
        if let Some(signed) = paths.iter().find(|p| crate::published::is_published(p)) {
            return Err(NodeError::NeedsPublisher(signed.clone()));
        }
        progress.begin(Step::Files, None);
        for path in paths {
            feed.path(path, 0, progress, stop)?;
        }
        progress.end();
        if stop.requested() {
            return Err(NodeError::Stopped);
        }
        let imported = feed.importer.finish();
        let kinds = [
            (Kind::Advisories, "advisories", imported.advisories.len()),
            (Kind::Exploited, "exploited", imported.exploited.len()),
            (Kind::Likelihoods, "likelihoods", imported.likelihoods.len()),
        ];
        let pack = match kinds.iter().filter(|k| k.2 > 0).collect::<Vec<_>>().as_slice() {
            [] => return Err(NodeError::NoAdvisories(feed.refused.into_iter().next())),
            [(kind, word, _)] => self.keep(name, source, (*kind, word), &imported, author)?,
            // One date would stand for both: a new list would make old advisories look new.
            [a, b, ..] => return Err(NodeError::MixedAdvisories(a.1, b.1)),
        };
        Ok(ImportedPack {
            pack,
            files: imported.files,
            refused: feed.refused,
            faults: imported.faults,
            fault_count: imported.refused,
        })
    }

    fn keep(
        &self,
        name: &str,
        source: &str,
        (kind, word): (Kind, &str),
        imported: &Imported,
        author: Option<&str>,
    ) -> Result<AdvisoryPack, NodeError> {
        let internal = |e: advise::pack::PackError| NodeError::Internal(e.to_string());
        let bytes = Pack::build(name, source, kind, imported).map_err(internal)?;
        let about = Pack::open(&bytes).map_err(internal)?.about().clone();
        let pack = AdvisoryPack {
            name: name.to_owned(),
            kind: word.to_owned(),
            digest: Digest::of(&bytes),
            source: source.to_owned(),
            dated: about.dated.map(Time::from_secs),
            rows: about.rows,
            refused: about.refused,
            ecosystems: about.ecosystems,
            publisher: None,
            dropped: false,
        };
        let stated = Attestation::advisory_pack(self.id(), self.author(author), home::now(), pack.clone());
        self.append(&Record::Attestation(stated), None, vec![bytes])?;
        Ok(pack)
    }

    /// States that a pack is not to be used any more.
    pub fn advisories_drop(&self, name: &str, author: Option<&str>) -> Result<AdvisoryPack, NodeError> {
        let kept = self.advisory_packs()?.into_iter().find(|k| k.pack.name == name);
        let kept = kept.ok_or_else(|| NodeError::UnknownPack(attest::clean(name)))?;
        let pack = AdvisoryPack { dropped: true, ..kept.pack };
        let stated = Attestation::advisory_pack(self.id(), self.author(author), home::now(), pack.clone());
        self.append(&Record::Attestation(stated), None, Vec::new())?;
        Ok(pack)
    }

    /// Holds the packages among `bodies` against the packs and adds what comes out. `None` if no host was looked at.
    pub(crate) fn advise(&self, bodies: &mut Vec<Body>, privileged: bool) -> Result<Option<SensorRun>, NodeError> {
        let Some(host) = Host::of(bodies) else { return Ok(None) };
        let (mut kept, mut out) = (Vec::new(), Vec::new());
        for k in self.advisory_packs()? {
            let at = Place::file(format!("advisories/{}", k.pack.name).as_str()).digest(k.pack.digest);
            match self.store().artifact(k.pack.digest) {
                Ok(bytes) => kept.push((k.pack, at, bytes)),
                Err(_) => out.push(gap("advisory.pack", GapReason::Corrupt, Some(at), 1)),
            }
        }
        let mut packs = Vec::new();
        let mut rules = String::new();
        for (pack, at, bytes) in &kept {
            match Pack::open(bytes) {
                Ok(open) => {
                    rules.push_str(&pack.digest.hex());
                    out.push(fact("advisory.pack", told(pack), at.clone()));
                    packs.push(open);
                }
                Err(_) => out.push(gap("advisory.pack", GapReason::Corrupt, Some(at.clone()), 1)),
            }
        }
        close(&mut out, "advisory.pack");
        for (id, list) in [("vulnerable.package", &host.packages), ("vulnerable.library", &host.libraries)] {
            list.hold(id, &packs, &mut out);
            close(&mut out, id);
        }
        bodies.append(&mut out);
        Ok(Some(sensor_run("advise", Digest::of(rules.as_bytes()), privileged)))
    }
}

fn fact(id: &str, value: FactValue, at: Place) -> Body {
    Body::Fact(Fact { fact: id.into(), value, at })
}
fn gap(id: &str, reason: GapReason, at: Option<Place>, count: u64) -> Body {
    Body::Gap(Gap { what: format!("fact:{id}"), reason, at, count })
}

/// Says that a table was seen to its end, unless a gap says otherwise.
fn close(out: &mut Vec<Body>, id: &str) {
    let what = format!("fact:{id}");
    let open = out.iter().any(|b| matches!(b, Body::Gap(g) if g.what == what));
    let found = out.iter().filter(|b| matches!(b, Body::Fact(f) if f.fact.as_str() == id)).count() as u64;
    if !open {
        out.push(Body::Covered(Covered { what, counts: BTreeMap::from([("found".into(), found)]) }));
    }
}

fn told(pack: &AdvisoryPack) -> FactValue {
    let mut row = BTreeMap::from([
        ("pack".to_owned(), FactValue::from(attest::clean(&pack.name))),
        ("kind".to_owned(), pack.kind.as_str().into()),
        ("rows".to_owned(), int(pack.rows).into()),
        ("digest".to_owned(), pack.digest.to_string().into()),
    ]);
    let names: Vec<String> = pack.ecosystems.keys().map(|e| attest::clean(e)).collect();
    row.insert("ecosystems".to_owned(), FactValue::Texts(names));
    if let Some(dated) = pack.dated {
        row.insert("dated".to_owned(), FactValue::time(dated));
    }
    FactValue::Row(row)
}
fn int(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Packages of one table that can be held against packs, where each was seen, and what stands in the way.
#[derive(Default)]
struct List {
    packages: Vec<Package>,
    places: Vec<Place>,
    /// What is known of whether each runs.
    hints: Vec<Vec<(&'static str, FactValue)>>,
    gaps: Vec<(GapReason, u64)>,
    /// What a bill of materials names without an ecosystem.
    unknown: Vec<Place>,
}

/// What a run saw of a host's software.
#[derive(Default)]
struct Host {
    packages: List,
    libraries: List,
}

impl Host {
    fn of(bodies: &[Body]) -> Option<Self> {
        let mut ones: BTreeMap<&str, String> = BTreeMap::new();
        let mut looked = false;
        for body in bodies {
            if let Body::Fact(f) = body
                && f.fact.as_str().starts_with("os.")
            {
                ones.insert(f.fact.as_str(), f.value.to_string());
            }
            looked |= match body {
                Body::Covered(c) => c.what == "fact:package" || c.what == "fact:os.id",
                Body::Gap(g) => g.what == "fact:package" || g.what == "fact:os.id",
                _ => false,
            };
        }
        if !looked {
            return None;
        }
        let mut host = Self::default();
        let running = Running::of(bodies);
        let bill = bodies.iter().any(|b| matches!(b, Body::Fact(f) if f.fact.as_str() == "sbom.document"));
        let system = ones.get("os.id").and_then(|id| {
            // Their publishers' advisories are by service pack, which only the longer text names.
            let longer = ["kylin", "openeuler"].contains(&id.to_ascii_lowercase().as_str());
            let version = if longer { ones.get("os.release") } else { None }.or(ones.get("os.version"));
            advise::ecosystem::of_os(id, version.map_or("", String::as_str))
        });
        let (mut unsupported, mut confined) = (0, 0);
        for body in bodies {
            match body {
                Body::Fact(f) if f.fact.as_str() == "package" => {
                    let manager = text(&f.value, "manager").unwrap_or_default();
                    // A bill says of each package which release it is of, or does not.
                    let ecosystem = if bill { text(&f.value, "ecosystem") } else { system.clone() };
                    match ecosystem {
                        _ if CONFINED.contains(&manager.as_str()) => confined += 1,
                        Some(ecosystem) => {
                            let hint = running.of_package(&text(&f.value, "name").unwrap_or_default());
                            host.packages.add(f, ecosystem, hint);
                        }
                        None if bill => host.packages.unknown.push(f.at.clone()),
                        None => unsupported += 1,
                    }
                }
                Body::Fact(f) if f.fact.as_str() == "library" => {
                    let packaged = matches!(f.value.field("packaged"), Some(FactValue::Bool(true)));
                    match text(&f.value, "ecosystem").filter(|_| !packaged) {
                        Some(ecosystem) => host.libraries.add(f, ecosystem, running.of_library(f)),
                        None if bill && !packaged => host.libraries.unknown.push(f.at.clone()),
                        None => {}
                    }
                }
                // What was not seen of packages was not held against advisories either.
                Body::Gap(g) if g.what == "fact:package" => host.packages.gaps.push((g.reason, g.count)),
                Body::Gap(g) if g.what == "fact:library" => host.libraries.gaps.push((g.reason, g.count)),
                _ => {}
            }
        }
        if unsupported > 0 {
            host.packages.gaps.push((GapReason::Unsupported, unsupported));
        }
        if confined > 0 {
            host.packages.gaps.push((GapReason::Unsupported, confined));
        }
        if ones.get("os.family").is_some_and(|f| f != "linux") {
            host.libraries.gaps.push((GapReason::Unsupported, 1));
        }
        Some(host)
    }
}

fn text(row: &FactValue, field: &str) -> Option<String> {
    match row.field(field) {
        Some(FactValue::Text(t)) => Some(t.clone()),
        _ => None,
    }
}

impl List {
    fn add(&mut self, fact: &Fact, ecosystem: String, hint: Vec<(&'static str, FactValue)>) {
        self.hints.push(hint);
        let of = |field: &str| text(&fact.value, field);
        let version = of("version").unwrap_or_default();
        let source = of("source").map(|name| (name, of("source_version").unwrap_or_else(|| version.clone())));
        self.packages.push(Package { ecosystem, name: of("name").unwrap_or_default(), version, source });
        self.places.push(fact.at.clone());
    }

    fn hold(&self, id: &str, packs: &[Pack<'_>], out: &mut Vec<Body>) {
        out.extend(self.gaps.iter().map(|(reason, count)| gap(id, *reason, None, *count)));
        out.extend(self.unknown.iter().map(|at| gap(id, GapReason::Unsupported, Some(at.clone()), 1)));
        let mut outcome = matcher::matches(packs, &self.packages);
        for u in &outcome.unanswered {
            let at = Place::file(format!("advisories/{}", u.ecosystem).as_str());
            out.push(gap(id, GapReason::Missing, Some(at), u.packages));
        }
        for n in &outcome.unversioned {
            out.push(gap(id, GapReason::Corrupt, self.places.get(*n).cloned(), 1));
        }
        for (n, _) in &outcome.damaged {
            let name = packs.get(*n).map(|p| attest::clean(&p.about().name)).unwrap_or_default();
            out.push(gap(id, GapReason::Corrupt, Some(Place::file(format!("advisories/{name}").as_str())), 1));
        }
        matcher::worst_first(&mut outcome.matches);
        for summary in matcher::summaries(&outcome.matches, &self.packages) {
            let of: Vec<&Match> = outcome.matches.iter().filter(|m| m.package == summary.package).collect();
            let (Some(package), Some(at)) = (self.packages.get(summary.package), self.places.get(summary.package))
            else {
                continue;
            };
            let ids = of
                .iter()
                .take(IDS_MAX)
                .map(|m| attest::clean(m.aliases.first().filter(|a| a.starts_with("CVE-")).unwrap_or(&m.id)));
            let mut row = BTreeMap::from([
                ("package".to_owned(), FactValue::from(attest::clean(&package.name))),
                ("version".to_owned(), attest::clean(&package.version).into()),
                ("ecosystem".to_owned(), attest::clean(&package.ecosystem).into()),
                ("count".to_owned(), int(summary.count).into()),
                ("worst".to_owned(), summary.worst.key().into()),
                ("exploited".to_owned(), int(summary.exploited).into()),
                ("ransomware".to_owned(), of.iter().any(|m| m.ransomware).into()),
                ("malicious".to_owned(), summary.malicious.into()),
                ("advisories".to_owned(), FactValue::Texts(ids.collect())),
            ]);
            let mut with = |name: &str, value: Option<FactValue>| {
                if let Some(value) = value {
                    row.insert(name.to_owned(), value);
                }
            };
            with("score", summary.score.map(|s| i64::from(s).into()));
            with("likely", of.iter().filter_map(|m| m.epss).max().map(|e| i64::from(e).into()));
            with("fixed", summary.fixed_all.as_deref().map(|f| attest::clean(f).into()));
            let hint = self.hints.get(summary.package).into_iter().flatten();
            row.extend(hint.map(|(field, value)| ((*field).to_owned(), value.clone())));
            out.push(fact(id, FactValue::Row(row), at.clone()));
        }
    }
}

/// Reads files, folders and what they are packed in.
struct Feed {
    importer: Importer,
    refused: Vec<(String, String)>,
    files: usize,
}
impl Feed {
    fn path(&mut self, path: &Path, depth: usize, progress: &dyn Progress, stop: &Stop) -> Result<(), NodeError> {
        if stop.requested() {
            return Err(NodeError::Stopped);
        }
        let meta = std::fs::metadata(path).map_err(|e| NodeError::io(path, &e))?;
        if meta.is_dir() {
            if depth >= DEPTH_MAX {
                self.refused.push((path.display().to_string(), format!("deeper than {DEPTH_MAX} folders")));
                return Ok(());
            }
            let entries = std::fs::read_dir(path).map_err(|e| NodeError::io(path, &e))?;
            let mut below = entries.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>();
            let below = below.as_mut().map_err(|e| NodeError::io(path, e))?;
            below.sort();
            for p in below.iter().filter(|p| p.is_dir() || data_name(p)) {
                if !p.is_symlink() {
                    self.path(p, depth + 1, progress, stop)?;
                }
            }
            return Ok(());
        }
        let name = path.display().to_string();
        match path.extension().and_then(|e| e.to_str()) {
            Some("zip") => self.zip(path, &name, progress, stop),
            Some("gz") => {
                let file = std::fs::File::open(path).map_err(|e| NodeError::io(path, &e))?;
                let bytes = capped(flate2::read::MultiGzDecoder::new(file)).map_err(|e| NodeError::io(path, &e))?;
                self.file(&name, bytes, progress)
            }
            _ => {
                let bytes = home::read(path, FILE_BYTES_MAX)?;
                self.file(&name, Some(bytes), progress)
            }
        }
    }

    fn file(&mut self, name: &str, bytes: Option<Vec<u8>>, progress: &dyn Progress) -> Result<(), NodeError> {
        self.files += 1;
        if self.files > FILES_MAX {
            return Err(NodeError::TooManyFiles { path: name.into(), files_max: FILES_MAX });
        }
        match bytes {
            None => self.refused.push((name.to_owned(), format!("larger than {FILE_BYTES_MAX} bytes"))),
            Some(bytes) => {
                progress.advance(1, bytes.len() as u64);
                if let Err(e) = self.importer.feed(name, &bytes) {
                    self.refused.push((name.to_owned(), e.to_string()));
                }
            }
        }
        Ok(())
    }

    fn zip(&mut self, path: &Path, name: &str, progress: &dyn Progress, stop: &Stop) -> Result<(), NodeError> {
        let file = std::fs::File::open(path).map_err(|e| NodeError::io(path, &e))?;
        let bad = |e: zip::result::ZipError| NodeError::io(path, &std::io::Error::other(e.to_string()));
        let mut zip = zip::ZipArchive::new(std::io::BufReader::new(file)).map_err(bad)?;
        for n in 0..zip.len() {
            if stop.requested() {
                return Err(NodeError::Stopped);
            }
            let member = zip.by_index(n).map_err(bad)?;
            let inner = member.name().map(std::borrow::Cow::into_owned).map_err(bad)?;
            if member.is_dir() || !data_name(Path::new(&inner)) {
                continue;
            }
            let inner = format!("{name}!{inner}");
            let bytes = capped(member).map_err(|e| NodeError::io(path, &e))?;
            self.file(&inner, bytes, progress)?;
        }
        Ok(())
    }
}

/// Endings of advisory data; other files of a folder or zip (licences, read-mes) are passed over.
fn data_name(path: &Path) -> bool {
    let ending = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
    let known = ["json", "yaml", "yml", "xml", "csv", "zip", "gz"];
    let rustsec = path.file_name().and_then(|n| n.to_str()).is_some_and(|n| n.starts_with("RUSTSEC-"));
    ending.is_some_and(|e| known.contains(&e.as_str()) || (e == "md" && rustsec))
}

/// Everything, or nothing if it is over the limit.
fn capped(from: impl std::io::Read) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    from.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= FILE_BYTES_MAX).then_some(bytes))
}
