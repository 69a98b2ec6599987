//! What was found, in the words of one language.

use super::found::{Found, Sum, band, confidence};
use crate::clean::clean;
use crate::view::{GapRow, Labelled, Own, ProofText, SampleRow, Tongue, place};
use crate::{Input, gather};
use evidence::{Band, ClassId, Column, Content, FormatTold, Gap, Hits, Lang};
use std::collections::{BTreeMap, BTreeSet};

/// Masked samples shown of one file.
const SAMPLES_MAX: usize = 3;
/// Examples shown of one kind of gap.
const GAP_EXAMPLES_MAX: usize = 3;
/// Other places named of one content.
const ALSO_MAX: usize = 5;
/// Examples shown of one format.
const FORMAT_EXAMPLES_MAX: usize = 5;

/// One class under one root.
pub(crate) struct ClassRow {
    pub(crate) class: String,
    pub(crate) category: String,
    pub(crate) level: String,
    pub(crate) proposed: bool,
    pub(crate) root: String,
    pub(crate) files: u64,
    pub(crate) high: u64,
    pub(crate) medium: u64,
    pub(crate) low: u64,
    pub(crate) distinct: String,
    pub(crate) because: Vec<String>,
}

/// One folder, with what lies in it directly.
pub(crate) struct FolderRow {
    pub(crate) folder: String,
    pub(crate) files: u64,
    pub(crate) hits: u64,
    pub(crate) classes: String,
}

/// One class in one file.
pub(crate) struct FileRow {
    pub(crate) id: String,
    pub(crate) place: String,
    /// Other places of the same content: the first, each with its id, and how many more.
    pub(crate) also: Vec<(String, String)>,
    pub(crate) also_more: usize,
    pub(crate) class: String,
    pub(crate) level: String,
    pub(crate) proposed: bool,
    pub(crate) band: Band,
    pub(crate) confidence: u8,
    pub(crate) hits: u64,
    pub(crate) distinct: u64,
    pub(crate) samples: Vec<SampleRow>,
}

/// One column of a table.
pub(crate) struct ColumnRow {
    pub(crate) id: String,
    pub(crate) place: String,
    pub(crate) column: String,
    pub(crate) class: String,
    pub(crate) verdict: String,
    pub(crate) confidence: u8,
    pub(crate) sampled: String,
    pub(crate) share: String,
}

/// Files of one format.
pub(crate) struct FormatRow {
    pub(crate) format: String,
    pub(crate) class: String,
    pub(crate) category: String,
    pub(crate) how: String,
    pub(crate) files: u64,
    pub(crate) bytes: String,
    /// Id and place.
    pub(crate) examples: Vec<(String, String)>,
}

/// What a run found, in one language.
pub(crate) struct Seen<'a> {
    pub(crate) tongue: Tongue<'a>,
    pub(crate) result: Vec<String>,
    pub(crate) cautions: Vec<String>,
    pub(crate) covers: Vec<Labelled>,
    pub(crate) by_level: Vec<(String, u64)>,
    /// Files with something in them, by category.
    pub(crate) by_category: Vec<(String, u64)>,
    pub(crate) classes: Vec<ClassRow>,
    pub(crate) folders: Vec<FolderRow>,
    /// Of medium confidence or better; files of one content are one row.
    pub(crate) files: Vec<FileRow>,
    /// Files in which all is of low confidence: counted, not listed.
    pub(crate) low_files: usize,
    pub(crate) columns: Vec<ColumnRow>,
    pub(crate) formats: Vec<FormatRow>,
    pub(crate) gaps: Vec<GapRow>,
    pub(crate) doubts: Vec<String>,
    pub(crate) proof_text: ProofText,
    pub(crate) next: Vec<String>,
    pub(crate) footer: String,
}

impl<'a> Seen<'a> {
    pub(crate) fn new(input: &Input<'a>, lang: Lang, own: &'a Own) -> Self {
        let tongue = Tongue { lang, plan: input.plan, own };
        let found = Found::of(input);
        let sums = found.sums();
        let sure: Vec<&Hits> = found.files.iter().copied().filter(|h| h.bands.sure() > 0).collect();
        let files: Vec<FileRow> = found.merged(&sure).iter().filter_map(|row| file_row(&found, tongue, row)).collect();
        let next = next(input, tongue, files.first());
        Self {
            result: result(input, tongue, &found),
            cautions: gather::cautions(input, tongue),
            covers: covers(input, tongue, &found),
            by_level: crate::findings::by_level(input, tongue),
            by_category: by_category(&found, tongue),
            classes: sums.iter().map(|s| class_row(tongue, s)).collect(),
            folders: folders(&sure, &found, tongue),
            low_files: found.files.len().saturating_sub(sure.len()),
            files,
            columns: found.columns.iter().map(|c| column_row(tongue, c)).collect(),
            formats: formats(&found, tongue),
            gaps: gaps(&found, tongue),
            doubts: doubts(input).map(|d| tongue.say(&d.say)).collect(),
            proof_text: gather::proof_text(input, tongue),
            next,
            footer: gather::footer(input, tongue),
            tongue,
        }
    }
}

/// Doubts about the run and its data; what people answered is not asked here.
pub(crate) fn doubts<'i>(input: &Input<'i>) -> impl Iterator<Item = &'i evidence::Doubt> {
    let about_answers = ["doubt.contradiction", "doubt.answer-unknown-check", "doubt.answer-machine-check"];
    let own = ["doubt.typed-names", "doubt.plan-defect"];
    let keys: Vec<&str> = about_answers.into_iter().chain(own).collect();
    input.judgement.doubts.iter().filter(move |d| !keys.contains(&d.say.key.as_str()))
}

/// Bytes for people: decimal units, one digit behind the point.
pub(crate) fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if n < 1000 {
        return format!("{n} B");
    }
    let (mut whole, mut unit) = (n, 0);
    while whole >= 1_000_000 && unit + 1 < UNITS.len() {
        whole /= 1000;
        unit += 1;
    }
    let tenths = (whole + 50) / 100;
    let name = UNITS.get(unit).copied().unwrap_or_default();
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

/// The result in sentences.
pub(crate) fn result(input: &Input<'_>, tongue: Tongue<'_>, found: &Found<'_>) -> Vec<String> {
    let looked: [(&str, &dyn std::fmt::Display); 4] = [
        ("files", &found.covered_sum("files")),
        ("folders", &found.covered_sum("folders")),
        ("bytes", &bytes(found.covered_sum("bytes"))),
        ("members", &found.covered_sum("members")),
    ];
    let mut out = vec![tongue.f("discover.result.looked", &looked)];
    let data = &input.judgement.data;
    let Some(first) = data.first() else {
        out.push(tongue.t("discover.result.none").to_owned());
        return out;
    };
    let classes: BTreeSet<&ClassId> = data.iter().map(|g| &g.class).collect();
    let with: BTreeSet<_> = found.files.iter().filter(|h| h.bands.sure() > 0).map(|h| &h.at.path).collect();
    let sure_column = |c: &&&Column| Band::of(c.confidence) > Band::Low;
    let told = |c: &&&Content| c.how != FormatTold::NameHint;
    let key = if first.level.proposed { "discover.result.found-proposed" } else { "discover.result.found" };
    let all: [(&str, &dyn std::fmt::Display); 5] = [
        ("classes", &classes.len()),
        ("files", &with.len()),
        ("columns", &found.columns.iter().filter(sure_column).count()),
        ("formats", &found.contents.iter().filter(told).count()),
        ("level", &tongue.level(&first.level.level)),
    ];
    out.push(tongue.f(key, &all));
    let bands = found.bands();
    let by: [(&str, &dyn std::fmt::Display); 3] =
        [("high", &bands.high), ("medium", &bands.medium), ("low", &bands.low)];
    out.push(tongue.f("discover.result.bands", &by));
    let copies = found.copies();
    if !copies.is_empty() {
        let places: usize = copies.iter().map(|c| c.places.len()).sum();
        out.push(tongue.f("discover.result.copies", &[("contents", &copies.len()), ("places", &places)]));
    }
    out
}

fn covers(input: &Input<'_>, tongue: Tongue<'_>, found: &Found<'_>) -> Vec<Labelled> {
    let mut out = Vec::new();
    let mut add = |key: &str, values: Vec<String>| out.push(Labelled { label: tongue.t(key).to_owned(), values });
    if let Some((run, _)) = input.examination {
        add("report.result.hosts", vec![clean(&run.subject.host)]);
        add("discover.covers.targets", run.subject.folders.iter().map(|f| clean(f.as_str())).collect());
        let span: [(&str, &dyn std::fmt::Display); 2] =
            [("from", &gather::instant(run.started)), ("to", &gather::instant(run.ended))];
        add("report.result.when", vec![tongue.f("report.result.when-span", &span)]);
    }
    let read: [(&str, &dyn std::fmt::Display); 4] = [
        ("scanned", &found.covered_sum("scanned")),
        ("text", &bytes(found.covered_sum("decoded_bytes"))),
        ("binary", &found.covered_sum("binary")),
        ("again", &found.covered_sum("same_inode")),
    ];
    add("discover.covers.read", vec![tongue.f("discover.covers.read-line", &read)]);
    let remembered = gather::remembered(input, tongue);
    if !remembered.is_empty() {
        add("report.result.remembered", remembered);
    }
    let left: u64 = found.gaps.iter().map(|g| g.count).fold(0, u64::saturating_add);
    add("discover.covers.not-read", vec![tongue.f("discover.covers.places", &[("count", &left)])]);
    add("report.result.scope", gather::scope(&input.judgement.coverage, tongue));
    let j = input.judgement;
    let plan: [(&str, &dyn std::fmt::Display); 3] =
        [("id", &clean(j.plan.id.as_str())), ("version", &clean(&j.plan.version)), ("digest", &j.plan.digest.short())];
    add("report.result.plan", vec![tongue.f("report.result.plan-line", &plan)]);
    out
}

fn by_category(found: &Found<'_>, tongue: Tongue<'_>) -> Vec<(String, u64)> {
    let mut files: BTreeMap<String, BTreeSet<_>> = BTreeMap::new();
    let hits = found.files.iter().filter(|h| h.bands.sure() > 0).map(|h| (&h.class, &h.at));
    let columns = found.columns.iter().filter(|c| Band::of(c.confidence) > Band::Low).map(|c| (&c.class, &c.at));
    let contents = found.contents.iter().filter(|c| c.how != FormatTold::NameHint).map(|c| (&c.class, &c.at));
    for (class, at) in hits.chain(columns).chain(contents) {
        if let Some(group) = found.group(class, at) {
            files.entry(tongue.category(&group.category)).or_default().insert(&at.path);
        }
    }
    let mut out: Vec<(String, u64)> = files.into_iter().map(|(name, paths)| (name, paths.len() as u64)).collect();
    out.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
    out
}

fn class_row(tongue: Tongue<'_>, s: &Sum<'_>) -> ClassRow {
    ClassRow {
        class: tongue.class(s.class),
        category: s.group.map(|g| tongue.category(&g.category)).unwrap_or_default(),
        level: s.group.map_or_else(|| "–".to_owned(), |g| tongue.level(&g.level.level)),
        proposed: s.group.is_some_and(|g| g.level.proposed),
        root: clean(s.root),
        files: s.files,
        high: s.bands.high,
        medium: s.bands.medium,
        low: s.bands.low,
        distinct: match (s.distinct, s.floor) {
            (0, _) => "–".to_owned(),
            (n, true) => tongue.f("report.data.floor", &[("count", &n)]),
            (n, false) => n.to_string(),
        },
        because: s.group.iter().flat_map(|g| &g.level.because).map(|b| tongue.say(b)).collect(),
    }
}

fn folders(sure: &[&Hits], found: &Found<'_>, tongue: Tongue<'_>) -> Vec<FolderRow> {
    #[derive(Default)]
    struct In<'h> {
        files: BTreeSet<&'h evidence::PathText>,
        hits: u64,
        classes: BTreeMap<&'h ClassId, u64>,
    }
    let mut by: BTreeMap<String, In<'_>> = BTreeMap::new();
    let told = found.contents.iter().filter(|c| c.how != FormatTold::NameHint).map(|c| (&c.class, &c.at, 0));
    let columns = found.columns.iter().filter(|c| Band::of(c.confidence) > Band::Low).map(|c| (&c.class, &c.at, 0));
    for (class, at, hits) in sure.iter().map(|h| (&h.class, &h.at, h.bands.sure())).chain(told).chain(columns) {
        let folder = at.path.folder().unwrap_or_else(|| at.path.clone());
        let inside = by.entry(folder.as_str().to_owned()).or_default();
        inside.files.insert(&at.path);
        inside.hits = inside.hits.saturating_add(hits);
        let count = inside.classes.entry(class).or_default();
        *count = count.saturating_add(hits.max(1));
    }
    let mut rows: Vec<(String, In<'_>)> = by.into_iter().collect();
    rows.sort_by(|a, b| (b.1.hits, b.1.files.len(), &a.0).cmp(&(a.1.hits, a.1.files.len(), &b.0)));
    let row = |(folder, inside): (String, In<'_>)| {
        let mut classes: Vec<(&ClassId, u64)> = inside.classes.into_iter().collect();
        classes.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
        let named: Vec<String> = classes.iter().map(|(c, _)| tongue.class(c)).collect();
        FolderRow {
            folder: clean(&folder),
            files: inside.files.len() as u64,
            hits: inside.hits,
            classes: named.join(tongue.t("report.list-join")),
        }
    };
    rows.into_iter().map(row).collect()
}

/// A row for the hits of a class in files of one content.
fn file_row(found: &Found<'_>, tongue: Tongue<'_>, same: &[&Hits]) -> Option<FileRow> {
    let (h, others) = same.split_first()?;
    let group = found.group(&h.class, &h.at);
    let sample = |s: &evidence::Sample| SampleRow {
        mask: clean(s.mask.as_str()),
        place: place(&evidence::Place { spot: Some(s.spot.clone()), digest: None, ..h.at.clone() }),
        confidence: s.confidence,
    };
    Some(FileRow {
        id: h.id().short(),
        place: place(&h.at),
        also: others.iter().take(ALSO_MAX).map(|o| (o.id().short(), place(&o.at))).collect(),
        also_more: others.len().saturating_sub(ALSO_MAX),
        class: tongue.class(&h.class),
        level: group.map(|g| tongue.level(&g.level.level)).unwrap_or_default(),
        proposed: group.is_some_and(|g| g.level.proposed),
        band: band(h),
        confidence: confidence(h),
        hits: h.bands.sure(),
        distinct: h.distinct,
        samples: h.samples.iter().take(SAMPLES_MAX).map(sample).collect(),
    })
}

fn column_row(tongue: Tongue<'_>, c: &Column) -> ColumnRow {
    let verdict = match c.verdict {
        evidence::ColumnVerdict::Is => "discover.columns.is",
        evidence::ColumnVerdict::Contains => "discover.columns.contains",
    };
    let sampled = match c.rows {
        Some(rows) => tongue.f("discover.columns.sampled-of", &[("sampled", &c.sampled), ("rows", &rows)]),
        None => c.sampled.to_string(),
    };
    let hold: [(&str, &dyn std::fmt::Display); 2] = [("holding", &c.holding), ("filled", &c.filled)];
    ColumnRow {
        id: c.id().short(),
        place: place(&c.at),
        column: clean(&c.column),
        class: tongue.class(&c.class),
        verdict: tongue.t(verdict).to_owned(),
        confidence: c.confidence,
        sampled,
        share: tongue.f("discover.columns.share", &hold),
    }
}

fn formats(found: &Found<'_>, tongue: Tongue<'_>) -> Vec<FormatRow> {
    let mut rows: Vec<FormatRow> = Vec::new();
    let mut last: Option<(&ClassId, &str, bool)> = None;
    let mut sizes: Vec<Option<u64>> = Vec::new();
    for c in &found.contents {
        let hint = c.how == FormatTold::NameHint;
        if last != Some((&c.class, c.format.as_str(), hint)) {
            last = Some((&c.class, c.format.as_str(), hint));
            sizes.push(None);
            rows.push(FormatRow {
                format: clean(&c.format),
                class: tongue.class(&c.class),
                category: found.group(&c.class, &c.at).map(|g| tongue.category(&g.category)).unwrap_or_default(),
                how: tongue.code("told", c.how.name()),
                files: 0,
                bytes: String::new(),
                examples: Vec::new(),
            });
        }
        if let (Some(row), Some(size)) = (rows.last_mut(), sizes.last_mut()) {
            row.files = row.files.saturating_add(1);
            *size = c.bytes.map_or(*size, |b| Some(size.unwrap_or(0).saturating_add(b)));
            if row.examples.len() < FORMAT_EXAMPLES_MAX {
                row.examples.push((c.id().short(), place(&c.at)));
            }
        }
    }
    for (row, size) in rows.iter_mut().zip(sizes) {
        row.bytes = size.map_or_else(|| "–".to_owned(), bytes);
    }
    rows
}

/// Gaps by reason, the largest first.
fn gaps(found: &Found<'_>, tongue: Tongue<'_>) -> Vec<GapRow> {
    let mut by: BTreeMap<(&str, evidence::GapReason), (u64, Vec<&Gap>)> = BTreeMap::new();
    for gap in &found.gaps {
        let area = gap.what.split(':').next().unwrap_or_default();
        let entry = by.entry((area, gap.reason)).or_default();
        entry.0 = entry.0.saturating_add(gap.count);
        if entry.1.len() < GAP_EXAMPLES_MAX {
            entry.1.push(gap);
        }
    }
    let mut rows: Vec<GapRow> = by
        .into_iter()
        .map(|((area, reason), (count, some))| GapRow {
            host: String::new(),
            area: match area {
                "fact" | "folder" | "run" => tongue.code("report.gaps", &format!("area-{area}")),
                other => clean(other),
            },
            reason: tongue.code("gap", reason.name()),
            count,
            examples: some.iter().filter_map(|g| g.at.as_ref()).map(place).collect(),
        })
        .collect();
    rows.sort_by(|a, b| (b.count, &a.reason).cmp(&(a.count, &b.reason)));
    rows
}

fn next(input: &Input<'_>, tongue: Tongue<'_>, first: Option<&FileRow>) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(file) = first {
        let command = format!("watchfire discover --explain {}", file.id);
        out.push(tongue.f("discover.next.explain", &[("command", &command)]));
    }
    let proposed = input.judgement.data.iter().filter(|d| d.level.proposed).count();
    if proposed > 0 {
        out.push(tongue.f("report.next.confirm", &[("count", &proposed)]));
    }
    if !input.judgement.data.is_empty() {
        out.push(tongue.f("discover.next.catalogue", &[("command", &"watchfire catalogue build")]));
    }
    if input.judgement.coverage.iter().all(|c| c.declared == 0) {
        out.push(tongue.f("report.next.scope", &[("command", &"watchfire scope add")]));
    }
    out
}
