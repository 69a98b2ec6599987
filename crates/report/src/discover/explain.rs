//! Why one finding is what it is: its place to the character, its mask, every part of its confidence in words, the
//! rules that decided, and what would change the verdict. From a record of the log; nothing is read again.

use super::view::bytes;
use crate::clean::clean;
use crate::gather::instant;
use crate::json::{Both, Said, Texts, escape};
use crate::paper::{Ink, Paper};
use crate::view::{Labelled, Own, Tongue, place};
use crate::{Style, words};
use evidence::{
    Band, Bands, Body, ClassId, Column, ColumnVerdict, Content, Digest, Examination, FormatTold, Hits, Item, Lang,
    Place, Sample, Say, SensorRun, Spot, Why, WhyKind,
};
use serde::Serialize;
use std::fmt::Display;

/// What is asked about.
#[derive(Clone, Copy, Debug)]
pub enum Asked<'a> {
    /// A class in a file.
    File(&'a Hits),
    /// One hit of it.
    Sample(&'a Hits, &'a Sample),
    /// A column of a table.
    Column(&'a Column),
    /// A file by its format.
    Content(&'a Content),
}

/// A finding with what stands around it.
#[derive(Clone, Copy, Debug)]
pub struct Explain<'a> {
    /// What is asked about.
    pub asked: Asked<'a>,
    /// The run that saw it, and its leaf.
    pub examination: (&'a Examination, Digest),
    /// The number of the item in the run.
    pub item: u64,
    /// All items of the run: names of the user's own classes stand there.
    pub items: &'a [Item],
    /// True if no later run looked at data.
    pub newest: bool,
    /// The plan: categories and levels.
    pub plan: &'a plan::CheckedPlan,
}

impl<'a> Asked<'a> {
    /// Everything in `items` whose id begins with `digits` (lower-case hexadecimal), with the item's number.
    #[must_use]
    pub fn find(items: &'a [Item], digits: &str) -> Vec<(Self, u64)> {
        let is = |id: Digest| id.hex().starts_with(digits);
        let mut out = Vec::new();
        for item in items {
            match &item.body {
                Body::Hits(h) => {
                    if is(h.id()) {
                        out.push((Self::File(h), item.n));
                    }
                    let samples = h.samples.iter().filter(|s| is(h.sample_id(s)));
                    out.extend(samples.map(|s| (Self::Sample(h, s), item.n)));
                }
                Body::Column(c) if is(c.id()) => out.push((Self::Column(c), item.n)),
                Body::Content(c) if is(c.id()) => out.push((Self::Content(c), item.n)),
                _ => {}
            }
        }
        out
    }
    /// Its id.
    #[must_use]
    pub fn id(&self) -> Digest {
        match self {
            Self::File(h) => h.id(),
            Self::Sample(h, s) => h.sample_id(s),
            Self::Column(c) => c.id(),
            Self::Content(c) => c.id(),
        }
    }
    fn class(&self) -> &'a ClassId {
        match self {
            Self::File(h) | Self::Sample(h, _) => &h.class,
            Self::Column(c) => &c.class,
            Self::Content(c) => &c.class,
        }
    }
    /// Where it is.
    #[must_use]
    pub fn place(&self) -> Place {
        match self {
            Self::File(h) => h.at.clone(),
            Self::Sample(h, s) => Place { spot: Some(s.spot.clone()), ..h.at.clone() },
            Self::Column(c) => c.at.clone(),
            Self::Content(c) => c.at.clone(),
        }
    }
    fn why(&self) -> &'a [Why] {
        match self {
            Self::Sample(_, s) => &s.why,
            _ => &[],
        }
    }
}

/// Log-odds in tenths to per cent, as the sensor does it: 100 / (1 + e^(-x/10)), held to 1..99.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 99")]
fn percent(tenths: i64) -> u8 {
    #[expect(clippy::cast_precision_loss, reason = "between -50 and 50")]
    let x = tenths.clamp(-50, 50) as f64;
    (100.0 / (1.0 + (-x / 10.0).exp())).round().clamp(1.0, 99.0) as u8
}

/// The least log-odds in tenths that reach a band: 65 % and 85 %.
fn reaches(band: Band) -> i64 {
    (-50..=50).find(|x| Band::of(percent(*x)) >= band).unwrap_or(50)
}

/// A part of a confidence in words: its weight, its name, what it is about.
fn part(tongue: Tongue<'_>, w: &Why) -> String {
    let mut text = tongue.code("why", w.by.name());
    if let Some(word) = &w.word {
        let shown = clean(word);
        // The name of a check has words of its own; a context word speaks for itself.
        let named = words::find(tongue.lang, &format!("validator.{word}")).map_or(shown, str::to_owned);
        text = tongue.f("explain.part-word", &[("part", &text), ("word", &named)]);
    }
    match w.away {
        Some(n) if n < 0 => text + &tongue.f("explain.before", &[("units", &n.unsigned_abs())]),
        Some(n) => text + &tongue.f("explain.after", &[("units", &n)]),
        None => text,
    }
}

/// A weight with its sign and one digit behind the point.
fn weight(tenths: i64) -> String {
    let n = tenths.unsigned_abs();
    format!("{}{}.{}", if tenths < 0 { "−" } else { "+" }, n / 10, n % 10)
}

/// What would change the verdict, as sentences.
fn changes(asked: &Asked<'_>) -> Vec<Say> {
    match asked {
        Asked::Sample(_, s) if s.why.is_empty() => vec![Say::new("explain.no-parts")],
        Asked::Sample(_, s) => sample_changes(s),
        Asked::File(h) => vec![file_change(h.bands)],
        Asked::Column(c) => vec![column_change(c)],
        Asked::Content(c) => {
            vec![Say::new(if c.how == FormatTold::NameHint { "explain.content-hint" } else { "explain.content" })]
        }
    }
}

fn sample_changes(s: &Sample) -> Vec<Say> {
    let sum: i64 = s.why.iter().map(|w| w.tenths).fold(0, i64::saturating_add);
    let band = Band::of(s.confidence);
    let mut out = Vec::new();
    for w in s.why.iter().filter(|w| w.tenths != 0 && w.by != WhyKind::Structure) {
        let without = percent(sum.saturating_sub(w.tenths));
        let key = if Band::of(without) == band { "explain.without-same" } else { "explain.without-other" };
        let say = Say::new(key).with("part", w.by.name()).with("confidence", without);
        let say = say.with("band", Band::of(without).name());
        out.push(match &w.word {
            Some(word) => Say { key: format!("{}-word", say.key), ..say }.with("word", word),
            None => say,
        });
    }
    let next = match band {
        Band::Low => Some(Band::Medium),
        Band::Medium => Some(Band::High),
        Band::High => None,
    };
    if let Some(next) = next {
        let need = reaches(next).saturating_sub(sum).max(1);
        let key = if s.why.iter().any(|w| w.by == WhyKind::NoContext) { "explain.need-word" } else { "explain.need" };
        out.push(Say::new(key).with("weight", weight(need)).with("band", next.name()));
    }
    out
}

fn file_change(b: Bands) -> Say {
    match b.best() {
        Some(Band::High) => Say::new("explain.file-high").with("count", b.high),
        Some(Band::Medium) => Say::new("explain.file-medium").with("count", b.medium),
        _ => Say::new("explain.file-low"),
    }
}

fn column_change(c: &Column) -> Say {
    let key = match (c.verdict, c.header) {
        (ColumnVerdict::Is, true) => "explain.column-is-header",
        (ColumnVerdict::Is, false) => "explain.column-is",
        (ColumnVerdict::Contains, _) => "explain.column-contains",
    };
    Say::new(key).with("whole", c.whole).with("holding", c.holding).with("filled", c.filled)
}

/// Where it is, in words to the character.
fn spot(tongue: Tongue<'_>, spot: &Spot) -> String {
    let f = |key: &str, with: &[(&str, &dyn Display)]| tongue.f(key, with);
    match spot {
        Spot::Line { line, column } => f("explain.spot.line", &[("line", line), ("column", column)]),
        Spot::Cell { sheet, cell } => f("explain.spot.cell", &[("sheet", &clean(sheet)), ("cell", &clean(cell))]),
        Spot::Byte { offset } => f("explain.spot.byte", &[("offset", offset)]),
        Spot::Page { page, line, column } => {
            f("explain.spot.page", &[("page", page), ("line", line), ("column", column)])
        }
        Spot::Field { column, row } => f("explain.spot.field", &[("name", &clean(column)), ("row", row)]),
    }
}

impl<'a> Explain<'a> {
    fn sensor(&self) -> Option<&'a SensorRun> {
        self.examination.0.sensors.iter().find(|s| s.sensor.as_str() == "discover")
    }

    fn said(tongue: Tongue<'_>, say: &Say) -> String {
        let mut with = say.clone();
        for (hole, value) in &mut with.with {
            *value = match hole.as_str() {
                "part" => tongue.code("why", value),
                "band" => tongue.code("band", value),
                _ => clean(value),
            };
        }
        with.fill(tongue.t(&say.key))
    }

    /// Labels and values: what, where, how much.
    fn facts(&self, tongue: Tongue<'_>) -> Vec<Labelled> {
        let mut out = Vec::new();
        let mut add = |key: &str, values: Vec<String>| out.push(Labelled { label: tongue.t(key).to_owned(), values });
        let class = self.asked.class();
        add("report.data.class", vec![format!("{} ({})", tongue.class(class), clean(class.as_str()))]);
        if let Some(rule) = self.plan.class(class) {
            add("report.data.category", vec![tongue.category(&rule.category), clean(&rule.sourced.source)]);
        }
        let at = self.asked.place();
        let mut places = vec![place(&Place { spot: None, ..at.clone() })];
        places.extend(at.spot.as_ref().map(|s| spot(tongue, s)));
        add("report.data.place", places);
        let band = |b: Band| tongue.code("band", b.name());
        let sure = |n: u8| tongue.f("explain.confidence", &[("n", &n), ("band", &band(Band::of(n)))]);
        match self.asked {
            Asked::File(h) => {
                let with: [(&str, &dyn Display); 3] =
                    [("high", &h.bands.high), ("medium", &h.bands.medium), ("low", &h.bands.low)];
                add("report.data.hits", vec![tongue.f("discover.result.bands", &with)]);
                add("report.data.distinct", vec![h.distinct.to_string()]);
            }
            Asked::Sample(_, s) => {
                add("report.data.sample", vec![clean(s.mask.as_str())]);
                add("explain.keyed", vec![s.keyed.to_string()]);
                add("report.data.confidence", vec![sure(s.confidence)]);
            }
            Asked::Column(c) => {
                let with: [(&str, &dyn Display); 4] =
                    [("sampled", &c.sampled), ("filled", &c.filled), ("whole", &c.whole), ("holding", &c.holding)];
                add("discover.columns.column", vec![clean(&c.column)]);
                add("report.data.hits", vec![tongue.f("explain.column", &with)]);
                add("report.data.distinct", vec![c.distinct.to_string()]);
                add("report.data.confidence", vec![sure(c.confidence)]);
            }
            Asked::Content(c) => {
                let detail = c.detail.iter().map(|d| clean(d));
                add("discover.formats.format", std::iter::once(clean(&c.format)).chain(detail).collect());
                add("discover.formats.how", vec![tongue.code("told", c.how.name())]);
                add("discover.formats.bytes", c.bytes.map(bytes).into_iter().collect());
            }
        }
        out
    }

    /// Labels and values: who decided, and where it is recorded.
    fn origin(&self, tongue: Tongue<'_>) -> Vec<Labelled> {
        let mut out = Vec::new();
        let mut add = |key: &str, values: Vec<String>| out.push(Labelled { label: tongue.t(key).to_owned(), values });
        let class = self.asked.class().as_str();
        add(
            "explain.detector",
            words::find(tongue.lang, &format!("detects.{class}")).map(str::to_owned).into_iter().collect(),
        );
        if let Some(s) = self.sensor() {
            let with: [(&str, &dyn Display); 2] = [("version", &clean(&s.version)), ("digest", &s.rules)];
            add("explain.rules", vec![tongue.f("explain.rules-line", &with)]);
        }
        let (e, leaf) = self.examination;
        let with: [(&str, &dyn Display); 3] =
            [("host", &clean(&e.subject.host)), ("time", &instant(e.ended)), ("item", &self.item)];
        add("explain.seen", vec![tongue.f("explain.seen-line", &with), leaf.to_string()]);
        out
    }

    /// The explanation for a terminal. Ends with a line feed.
    #[must_use]
    pub fn text(&self, lang: Lang, style: Style) -> String {
        let own = Own::of(self.items);
        let tongue = Tongue { lang, plan: self.plan, own: &own };
        let mut paper = Paper::new(tongue, style);
        paper.title(&tongue.f("explain.title", &[("id", &self.asked.id().short())]));
        if !self.newest {
            paper.para("! ", Some(Ink::Yellow), tongue.t("explain.older"));
            paper.line("");
        }
        paper.pairs("", &self.facts(tongue));
        let why = self.asked.why();
        if !why.is_empty() {
            paper.heading(tongue.t("explain.why"));
            let mut sum = 0_i64;
            for w in why {
                sum = sum.saturating_add(w.tenths);
                let so_far = tongue.f("explain.so-far", &[("n", &percent(sum))]);
                paper.para(&format!("  {:>5}  ", weight(w.tenths)), None, &format!("{}  {so_far}", part(tongue, w)));
            }
            paper.para(&format!("  {:>5}  ", weight(sum)), Some(Ink::Bold), tongue.t("explain.sum"));
        }
        if let Asked::File(h) = self.asked {
            paper.heading(tongue.t("report.data.samples"));
            for s in &h.samples {
                let percent = tongue.f("report.data.percent", &[("n", &s.confidence)]);
                let line = format!(
                    "{}  {}  {percent}  {}",
                    h.sample_id(s).short(),
                    clean(s.mask.as_str()),
                    spot(tongue, &s.spot)
                );
                paper.para("  ", None, &line);
            }
        }
        paper.heading(tongue.t("explain.changes"));
        for say in changes(&self.asked) {
            paper.para("  · ", None, &Self::said(tongue, &say));
        }
        paper.heading(tongue.t("explain.origin"));
        paper.pairs("  ", &self.origin(tongue));
        paper.into_text()
    }

    /// The explanation as JSON: ids and codes, and the words of both languages. Ends with a line feed.
    #[must_use]
    pub fn json(&self) -> String {
        let own = Own::of(self.items);
        let both = Both::new(self.plan, &own);
        let class = self.asked.class();
        let parts = self.asked.why().iter().map(|w| PartOut { why: w, text: both.say(|t| part(t, w)) });
        let changes = changes(&self.asked);
        let (e, leaf) = self.examination;
        let out = ExplainOut {
            format: "watchfire-explain-v1",
            id: self.asked.id().short(),
            digest: self.asked.id(),
            kind: match self.asked {
                Asked::File(_) => "file",
                Asked::Sample(..) => "sample",
                Asked::Column(_) => "column",
                Asked::Content(_) => "content",
            },
            class: class.as_str(),
            class_name: both.say(|t| t.class(class)),
            at: self.asked.place(),
            found: match self.asked {
                Asked::File(h) => serde_json::to_value(h),
                Asked::Sample(_, s) => serde_json::to_value(s),
                Asked::Column(c) => serde_json::to_value(c),
                Asked::Content(c) => serde_json::to_value(c),
            }
            .unwrap_or_default(),
            parts: parts.collect(),
            changes: changes
                .iter()
                .map(|s| Said { key: &s.key, with: &s.with, text: both.say(|t| Self::said(t, s)) })
                .collect(),
            rules: self.sensor().map(|s| s.rules),
            examination: leaf,
            item: self.item,
            host: &e.subject.host,
            seen: e.ended,
            newest: self.newest,
        };
        escape(&serde_json::to_string_pretty(&out).expect("texts, numbers and maps with text keys"))
    }
}

#[derive(Serialize)]
struct ExplainOut<'a> {
    format: &'static str,
    id: String,
    digest: Digest,
    kind: &'static str,
    class: &'a str,
    class_name: Texts,
    at: Place,
    found: serde_json::Value,
    parts: Vec<PartOut<'a>>,
    changes: Vec<Said<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<Digest>,
    examination: Digest,
    item: u64,
    host: &'a str,
    seen: evidence::Time,
    newest: bool,
}

#[derive(Serialize)]
struct PartOut<'a> {
    #[serde(flatten)]
    why: &'a Why,
    text: Texts,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_odds_are_the_sensors() {
        // Values of the sensor's own table (classify::score), at its ends, its middle and the bands' beginnings.
        for (tenths, want) in
            [(-50, 1), (-20, 12), (0, 50), (5, 62), (6, 65), (16, 83), (18, 86), (20, 88), (50, 99), (900, 99)]
        {
            assert_eq!(percent(tenths), want, "{tenths}");
        }
        assert_eq!((reaches(Band::Low), reaches(Band::Medium), reaches(Band::High)), (-50, 6, 17));
        assert_eq!((weight(32), weight(-5), weight(0)), ("+3.2".into(), "−0.5".into(), "+0.0".into()));
    }

    #[test]
    fn what_would_change_the_verdict_follows_from_the_parts() {
        let why = |by, tenths, word: Option<&str>| Why { by, tenths, word: word.map(str::to_owned), away: None };
        let sample = |confidence, why: Vec<Why>| Sample {
            spot: Spot::Byte { offset: 0 },
            mask: evidence::Masked::hide(3),
            keyed: evidence::DigestKey::new([1; 32]).digest("x", b"y"),
            confidence,
            why,
        };
        let keys = |s: &Sample| sample_changes(s).into_iter().map(|s| s.key).collect::<Vec<_>>();
        let high = sample(94, vec![why(WhyKind::Structure, -4, None), why(WhyKind::Word, 30, Some("手机"))]);
        assert_eq!(keys(&high), ["explain.without-other-word"]);
        let low = sample(40, vec![why(WhyKind::Structure, 12, None), why(WhyKind::NoContext, -16, None)]);
        assert_eq!(keys(&low), ["explain.without-other", "explain.need-word"]);
        let medium = sample(75, vec![why(WhyKind::Structure, 12, None), why(WhyKind::Joined, -1, None)]);
        assert_eq!(keys(&medium), ["explain.without-same", "explain.need"]);
        assert_eq!(sample_changes(&medium)[1].with["weight"], "+0.6");
    }
}
