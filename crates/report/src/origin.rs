//! Who made what: components with their makers' seats, counted by kind.
//!
//! The records hold the country of a seat. Whether a country is home is a matter of the plan: its parameter `home_country`
//! is the number of ISO 3166-1, because parameters are whole numbers. A plan without it gets counts by country alone.
//! What nobody knows is a column of its own and never left out. Products that do the like are shown if they are of the
//! home country, or all of them where the plan names none.
//!
//! Refused: a score of independence. It would weigh a mouse driver against a database.

use crate::clean::clean;
use crate::view::Tongue;
use crate::{Input, Ran, gather};
use evidence::{Body, Fact, FactValue, Time};
use std::collections::{BTreeMap, BTreeSet};

/// Parameter of a plan that names the home country.
const HOME: &str = "home_country";
/// Two letters by the number of ISO 3166-1.
const NUMBERS: [(i64, &str); 37] = [
    (36, "AU"),
    (40, "AT"),
    (56, "BE"),
    (76, "BR"),
    (92, "VG"),
    (124, "CA"),
    (156, "CN"),
    (158, "TW"),
    (191, "HR"),
    (203, "CZ"),
    (208, "DK"),
    (246, "FI"),
    (250, "FR"),
    (276, "DE"),
    (344, "HK"),
    (348, "HU"),
    (352, "IS"),
    (356, "IN"),
    (372, "IE"),
    (376, "IL"),
    (380, "IT"),
    (392, "JP"),
    (410, "KR"),
    (428, "LV"),
    (442, "LU"),
    (528, "NL"),
    (554, "NZ"),
    (578, "NO"),
    (616, "PL"),
    (642, "RO"),
    (643, "RU"),
    (702, "SG"),
    (703, "SK"),
    (705, "SI"),
    (724, "ES"),
    (752, "SE"),
    (826, "GB"),
];
/// The United States stand apart only because the table is sorted by number.
const UNITED_STATES: (i64, &str) = (840, "US");

/// Order of the kinds: hardware, system, programs.
const ORDER: [&str; 36] = [
    "system",
    "board",
    "firmware",
    "bmc",
    "cpu",
    "memory",
    "disk",
    "storage",
    "network",
    "display",
    "accelerator",
    "crypto",
    "bus",
    "pci",
    "os",
    "virtualisation",
    "database",
    "middleware",
    "office",
    "browser",
    "cad",
    "cae",
    "eda",
    "scada",
    "dcs",
    "plc",
    "historian",
    "opc",
    "mes",
    "geo",
    "remote",
    "cloud",
    "backup",
    "endpoint",
    "application",
    "",
];

/// Whose seat it is, seen from the plan.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Seat {
    /// The home country of the plan.
    Home,
    /// Another country or region; or any, where the plan names no home.
    Abroad,
    /// A community or foundation.
    Open,
    /// Nobody knows.
    Unknown,
}
impl Seat {
    /// Stable code of the JSON form.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Abroad => "abroad",
            Self::Open => "oss",
            Self::Unknown => "unknown",
        }
    }
}

/// One component as its record has it.
pub(crate) struct Component<'a> {
    pub(crate) host: &'a str,
    pub(crate) fact: &'a Fact,
    pub(crate) seat: Seat,
    /// The support ended before the judgement.
    pub(crate) past: bool,
    /// Products that do the like, as far as the plan lets them be shown.
    pub(crate) counterparts: Vec<&'a str>,
}
impl<'a> Component<'a> {
    /// A text field, or nothing.
    pub(crate) fn text(&self, field: &str) -> &'a str {
        match self.fact.value.field(field) {
            Some(FactValue::Text(t)) => t,
            _ => "",
        }
    }
    /// A list of texts.
    pub(crate) fn texts(&self, field: &str) -> &'a [String] {
        match self.fact.value.field(field) {
            Some(FactValue::Texts(t)) => t,
            _ => &[],
        }
    }
    /// A number.
    pub(crate) fn int(&self, field: &str) -> Option<i64> {
        match self.fact.value.field(field) {
            Some(FactValue::Int(n)) => Some(*n),
            _ => None,
        }
    }
    /// How many need it that are not named.
    pub(crate) fn unnamed(&self) -> usize {
        let all = self.int("dependants").and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        all.saturating_sub(self.texts("depends").len())
    }
}

/// The home country of the plan, two letters.
pub(crate) fn home(input: &Input<'_>) -> Option<&'static str> {
    let number = input.plan.parameter(HOME)?;
    NUMBERS.iter().chain([&UNITED_STATES]).find(|(n, _)| *n == number).map(|(_, code)| *code)
}

/// Every component of every run, by kind and name.
pub(crate) fn components<'a>(input: &Input<'a>) -> Vec<Component<'a>> {
    let home = home(input);
    let mut out: Vec<Component<'a>> = input.runs().flat_map(|run| of_run(run, home, input.judgement.as_of)).collect();
    let place = |kind: &str| ORDER.iter().position(|k| *k == kind).unwrap_or(ORDER.len());
    out.sort_by(|a, b| {
        let key = |c: &Component<'a>| (place(c.text("kind")), c.host, c.text("component"));
        key(a).cmp(&key(b))
    });
    out
}

fn of_run<'a>(run: Ran<'a>, home: Option<&'static str>, as_of: Time) -> impl Iterator<Item = Component<'a>> {
    let host = run.examination.subject.host.as_str();
    let facts = run.items.iter().filter_map(|i| match &i.body {
        Body::Fact(f) if matches!(f.fact.as_str(), "origin.component" | "origin.hardware") => Some(f),
        _ => None,
    });
    facts.map(move |fact| {
        let mut c = Component { host, fact, seat: Seat::Unknown, past: false, counterparts: Vec::new() };
        c.seat = match c.text("country") {
            "" => Seat::Unknown,
            "oss" => Seat::Open,
            code if Some(code) == home => Seat::Home,
            _ => Seat::Abroad,
        };
        c.past =
            c.text("maintained") != "system" && c.text("support_end").parse::<Time>().is_ok_and(|end| end <= as_of);
        let fits = |text: &&String| home.is_none_or(|h| text.ends_with(&format!(", {h})")));
        c.counterparts = c.texts("counterparts").iter().filter(fits).map(String::as_str).collect();
        c
    })
}

/// Components of one kind, counted by seat: home, abroad, open source, not known.
pub(crate) type Counts<'a> = Vec<(&'a str, [u64; 4])>;

/// Counts by kind, in the order of the reader.
pub(crate) fn counts<'a>(all: &[Component<'a>]) -> Counts<'a> {
    let mut out: Counts<'a> = Vec::new();
    for c in all {
        let kind = c.text("kind");
        if out.last().is_none_or(|l| l.0 != kind) {
            out.push((kind, [0; 4]));
        }
        if let Some((_, row)) = out.last_mut() {
            let column = match c.seat {
                Seat::Home => 0,
                Seat::Abroad => 1,
                Seat::Open => 2,
                Seat::Unknown => 3,
            };
            row[column] += 1;
        }
    }
    out
}

/// Counts by country, the largest first; what nobody knows last.
pub(crate) fn by_country<'a>(all: &[Component<'a>]) -> Vec<(&'a str, u64)> {
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for c in all {
        *sums.entry(c.text("country")).or_default() += 1;
    }
    let mut out: Vec<(&str, u64)> = sums.into_iter().collect();
    out.sort_by_key(|(code, n)| (code.is_empty(), std::cmp::Reverse(*n), *code));
    out
}

/// A component in one language.
pub(crate) struct OriginRow {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) host: String,
    pub(crate) version: String,
    pub(crate) supplier: String,
    pub(crate) country: String,
    pub(crate) support: String,
    pub(crate) past: bool,
    pub(crate) counterparts: Vec<String>,
    pub(crate) depends: Vec<String>,
}

/// The section in one language.
pub(crate) struct OriginView {
    pub(crate) home: bool,
    pub(crate) counts: Vec<(String, [u64; 4])>,
    pub(crate) countries: Vec<(String, u64)>,
    pub(crate) rows: Vec<OriginRow>,
}

/// Name of a country or region.
pub(crate) fn country(tongue: Tongue<'_>, code: &str) -> String {
    if code.is_empty() { tongue.t("report.origin.unknown").to_owned() } else { tongue.code("country", code) }
}

/// What the section says.
pub(crate) fn view(input: &Input<'_>, tongue: Tongue<'_>) -> OriginView {
    let all = components(input);
    let kind = |code: &str| tongue.code("made-kind", code);
    let hosts: BTreeSet<&str> = all.iter().map(|c| c.host).collect();
    let several = hosts.len() > 1;
    let row = |c: &Component<'_>| {
        let name = [c.text("name"), c.text("component")].into_iter().find(|t| !t.is_empty()).unwrap_or_default();
        let count = c.int("count").filter(|n| *n > 1).map(|n| format!(" × {n}")).unwrap_or_default();
        let end = c.text("support_end").parse::<Time>().ok().map(Time::date);
        let dated = c.text("dated").parse::<Time>().ok().map(Time::date);
        let support = match (end, dated) {
            (Some(end), _) if c.past => format!("{end} ({})", tongue.t("report.origin.past")),
            (Some(end), _) => end,
            (None, Some(date)) => tongue.f("report.origin.dated", &[("date", &date)]),
            (None, None) => String::new(),
        };
        let mut depends: Vec<String> = c.texts("depends").iter().map(|d| clean(d)).collect();
        if c.unnamed() > 0 {
            depends.push(tongue.f("report.origin.more-dependants", &[("count", &c.unnamed())]));
        }
        OriginRow {
            kind: kind(c.text("kind")),
            name: format!("{}{count}", clean(name)),
            host: if several { clean(c.host) } else { String::new() },
            version: clean(c.text("version")),
            supplier: clean(c.text("supplier")),
            country: country(tongue, c.text("country")),
            support,
            past: c.past,
            counterparts: c.counterparts.iter().map(|t| clean(t)).collect(),
            depends,
        }
    };
    OriginView {
        home: home(input).is_some(),
        counts: counts(&all).into_iter().map(|(code, row)| (kind(code), row)).collect(),
        countries: by_country(&all).into_iter().map(|(code, n)| (country(tongue, code), n)).collect(),
        rows: all.iter().map(row).collect(),
    }
}

/// A component as one line of `name: value` pairs, for a cell.
pub(crate) fn line(tongue: Tongue<'_>, c: &Component<'_>) -> String {
    let join = tongue.t("report.label-join");
    let mut parts = Vec::new();
    let mut put = |field: &str, value: String| {
        if !value.is_empty() {
            parts.push(format!("{}{join}{value}", tongue.code("field", field)));
        }
    };
    put("version", clean(c.text("version")));
    put("supplier", clean(c.text("supplier")));
    put("country", country(tongue, c.text("country")));
    let day = |field: &str| c.text(field).parse::<Time>().map(gather::instant).unwrap_or_default();
    put("support_end", day("support_end"));
    put("dated", day("dated"));
    put("counterparts", c.counterparts.iter().map(|t| clean(t)).collect::<Vec<_>>().join(", "));
    put("depends", c.texts("depends").iter().map(|t| clean(t)).collect::<Vec<_>>().join(", "));
    put("dependants", c.int("dependants").map(|n| n.to_string()).unwrap_or_default());
    parts.join(tongue.t("report.value-join"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_standard_and_every_kind_has_a_word() {
        assert!(NUMBERS.windows(2).all(|w| w[0].0 < w[1].0));
        assert!(NUMBERS.contains(&(156, "CN")) && NUMBERS.contains(&(276, "DE")));
        for lang in evidence::Lang::ALL {
            for kind in ORDER.iter().filter(|k| !k.is_empty()) {
                assert!(crate::words::find(lang, &format!("made-kind.{kind}")).is_some(), "{kind}");
            }
        }
        let mut once: Vec<&&str> = ORDER.iter().collect();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), ORDER.len());
    }
}
