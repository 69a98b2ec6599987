//! The data catalogue: what data lies where, at which level; proposals decided by people, core data by two; drift since the filing; the filing form.

use crate::site::answer::{Answer, XLSX};
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::{self, PAPER};
use crate::site::frame::{encoded, time};
use crate::site::parts;
use crate::site::route::{Field, Gate, Route, Takes, get, may_be, needed, post};
use evidence::{Asset, CarrierKind, Document, LevelId, Say, Span};
use judge::{TransferInput, Verdict as DriftVerdict};
use maud::{Markup, html};
use node::accounts::{Act, Asked};
use node::{Decision, Kept, Node};
use plan::{CheckedPlan, Effect};
use report::Speech;
use report::catalogue::{self as face, CatalogueInput, DriftInput};
use report::plot::{self, Bar, Group, Leaf, Part};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Assets of a page.
const LINES: usize = 50;
const SEE: Gate = Gate::May(Act::SeeCatalogue);
const DECIDE: &[Field] = &[
    needed("decision", Takes::OneOf(&["confirm", "reject"])),
    may_be("level", Takes::Line(64)),
    may_be("object", Takes::Line(64)),
    may_be("harm", Takes::Line(64)),
    PAPER[0],
    PAPER[1],
    PAPER[2],
];

pub(crate) const ROUTES: &[Route] = &[
    get("/catalogue", SEE, list)
        .query(&[
            may_be("level", Takes::Line(64)),
            may_be("category", Takes::Line(64)),
            may_be("open", Takes::Yes),
            may_be("after", Takes::Line(64)),
        ])
        .noted(),
    post("/catalogue/build", Gate::May(Act::Confirm), &[], build),
    get("/catalogue/drift", SEE, drift).noted(),
    get("/catalogue/export", SEE, export)
        .query(&[needed("as", Takes::OneOf(&["csv", "xlsx", "html", "json"])), may_be("from", Takes::Line(64))])
        .gives(&["application/json", "text/csv", "text/html", XLSX])
        .noted(),
    get("/catalogue/assets/{id}", SEE, one).noted(),
    post("/catalogue/assets/{id}", Gate::May(Act::Confirm), DECIDE, decide),
];

fn tabs(ask: &Ask<'_>) -> Markup {
    parts::tabs(ask, &[("/catalogue", "console.cat.tab-assets"), ("/catalogue/drift", "console.cat.tab-drift")])
}

fn span(s: Span) -> String {
    match s.most {
        Some(most) if most == s.least => most.to_string(),
        Some(most) => format!("{}–{most}", s.least),
        None => format!("≥ {}", s.least),
    }
}

/// The highest level, if a machine may only propose it: it takes two people.
fn core(plan: &CheckedPlan) -> Option<&LevelId> {
    plan.levels().iter().max_by_key(|l| l.rank).filter(|l| l.proposed_only).map(|l| &l.id)
}

fn level_mark(ask: &Ask<'_>, speech: Speech<'_>, a: &Asset) -> Markup {
    let word = speech.level(&a.level.level);
    html! {
        (word) " "
        @if a.level.proposed { (parts::mark("warn", ask.t("console.cat.proposed"))) }
        @else { (parts::mark("calm", ask.t("console.cat.in-force"))) }
    }
}

fn newest(node: &Node) -> Result<Option<Kept>, Fault> {
    Ok(node.catalogue(None)?)
}

fn list(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let node = ask.node();
    let Some(kept) = newest(&node)? else {
        return ask.page(
            ask.t("console.place.catalogue"),
            || html! { (tabs(ask)) (parts::empty(ask.t("console.cat.none"), ask.t("console.cat.none-hint"))) (again(ask)) },
            || json!({"format": "watchfire-catalogue-page-v1", "assets": []}),
        );
    };
    let all = &kept.catalogue.assets;
    let (level, category, open) = (ask.wanted("level"), ask.wanted("category"), !ask.wanted("open").is_empty());
    let fits = |a: &&Asset| {
        (level.is_empty() || a.level.level.as_str() == level)
            && (category.is_empty() || a.category.as_str() == category)
            && (!open || a.level.proposed)
    };
    let shown: Vec<&Asset> = all.iter().filter(fits).collect();
    let (here, next) = parts::after(&shown, ask.wanted("after"), |a| a.id.hex(), LINES);
    ask.page(
        ask.t("console.place.catalogue"),
        || {
            let speech = Speech::new(ask.plan(), ask.lang);
            html! {
                (tabs(ask))
                p.small { (ask.t("console.exam.as-of")) " " (time(ask, kept.catalogue.as_of)) " · " code title=(kept.leaf.hex()) { (kept.leaf.short()) } }
                (sums(ask, speech, all))
                p.links { (ask.t("console.cat.export")) ": " @for kind in ["xlsx", "csv", "html", "json"] { a href={ "/catalogue/export?as=" (kind) } { (kind.to_uppercase()) } } }
                (filters(ask, speech, all, (level, category, open)))
                p { (ask.say(&Say::new("console.exam.count").with("count", shown.len()).with("of", all.len()))) }
                @if here.is_empty() { (parts::empty(ask.t("console.exam.none-here"), ask.t("console.exam.none-here-hint"))) }
                @else { (table(ask, speech, here)) }
                (parts::next(ask, &[("level", level), ("category", category), ("open", ask.wanted("open"))], next.as_deref()))
                (again(ask))
            }
        },
        || json!({"format": "watchfire-catalogue-page-v1", "record": kept.leaf, "as_of": kept.catalogue.as_of, "plan": kept.catalogue.plan, "assets": here, "next": next}),
    )
}

fn again(ask: &Ask<'_>) -> Markup {
    html! { @if ask.may(Act::Confirm) { (form::button(ask, "/catalogue/build", &[], ask.t("console.cat.build"), "quiet")) } }
}

/// Assets by level and category: as bars, and as the table behind them.
fn sums(ask: &Ask<'_>, speech: Speech<'_>, all: &[Asset]) -> Markup {
    let levels = ask.plan().levels();
    let mut by: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for a in all {
        *by.entry(a.category.as_str()).or_default().entry(a.level.level.as_str()).or_default() += 1;
    }
    let names: Vec<(String, String)> = by.keys().map(|c| ((*c).to_owned(), speech.category(&(*c).into()))).collect();
    let words: Vec<String> = levels.iter().map(|l| speech.level(&l.id)).collect();
    // The higher the level, the graver its tone.
    let tone = |n: usize| ["calm", "warn", "bad"].get(n).copied().unwrap_or("bad");
    let count = |c: &str, l: &LevelId| by.get(c).and_then(|m| m.get(l.as_str())).copied().unwrap_or(0);
    let bars: Vec<Bar<'_>> = names
        .iter()
        .map(|(c, label)| Bar {
            label,
            parts: levels
                .iter()
                .zip(&words)
                .enumerate()
                .map(|(n, (l, word))| Part { tone: tone(n), word, count: count(c, &l.id) })
                .collect(),
        })
        .collect();
    let open = all.iter().filter(|a| a.level.proposed).count();
    let of = ask.say(&Say::new("console.cat.of-assets").with("count", all.len()));
    let mut heads: Vec<&str> = vec![ask.t("console.cat.category")];
    heads.extend(words.iter().map(String::as_str));
    heads.push(ask.t("console.cat.assets"));
    html! {
        div.tiles {
            @for (l, word) in levels.iter().zip(&words) { (parts::tile(word, &all.iter().filter(|a| a.level.level == l.id).count().to_string(), &of)) }
            (parts::tile(ask.t("console.cat.open"), &open.to_string(), &of))
        }
        (data_map(ask, &words, &names, |n, c| count(c, &levels[n].id)))
        (plot::bars("levels", ask.t("console.cat.by-category"), ask.t("console.cat.plot"), &bars))
        (parts::table(ask.t("console.cat.by-category"), &heads, names.iter().map(|(c, name)| {
            let mut line = vec![html! { a href={ "/catalogue?category=" (encoded(c)) } { (name) } }];
            line.extend(levels.iter().map(|l| html! { (count(c, &l.id)) }));
            line.push(html! { (levels.iter().map(|l| count(c, &l.id)).sum::<u64>()) });
            line
        }).collect()))
    }
}

/// The data map: levels as areas, the graver the first in tone, and in them categories by their assets. The table of [`sums`] stands behind it.
fn data_map(
    ask: &Ask<'_>,
    levels: &[String],
    categories: &[(String, String)],
    count: impl Fn(usize, &str) -> u64,
) -> Markup {
    let groups: Vec<Group<'_>> = levels
        .iter()
        .enumerate()
        .map(|(n, label)| Group {
            label,
            tone: ["calm", "warn", "bad"].get(n).copied().unwrap_or("bad"),
            leaves: categories.iter().map(|(id, label)| Leaf { label, count: count(n, id) }).collect(),
        })
        .collect();
    html! {
        h2 { (ask.t("console.plot.map")) }
        p.small { (ask.t("console.plot.map-about")) }
        (plot::treemap("map", ask.t("console.plot.map"), ask.t("console.plot.map-about"), &groups))
    }
}

fn filters(ask: &Ask<'_>, speech: Speech<'_>, all: &[Asset], (level, category, open): (&str, &str, bool)) -> Markup {
    let every = || ("", ask.t("console.exam.all").to_owned());
    let levels: Vec<(&str, String)> = std::iter::once(every())
        .chain(ask.plan().levels().iter().map(|l| (l.id.as_str(), speech.level(&l.id))))
        .collect();
    let known: BTreeSet<&str> = all.iter().map(|a| a.category.as_str()).collect();
    let categories: Vec<(&str, String)> =
        std::iter::once(every()).chain(known.into_iter().map(|c| (c, speech.category(&c.into())))).collect();
    form::filter(
        ask,
        html! {
            (form::choice("level", ask.t("console.cat.level"), &levels, level))
            (form::choice("category", ask.t("console.cat.category"), &categories, category))
            (form::tick("open", ask.t("console.cat.only-open"), open))
        },
    )
}

fn table(ask: &Ask<'_>, speech: Speech<'_>, assets: &[&Asset]) -> Markup {
    let heads = [
        ask.t("console.cat.carrier"),
        ask.t("console.cat.level"),
        ask.t("console.cat.category"),
        ask.t("console.cat.standing"),
        ask.t("console.cat.records"),
        ask.t("console.cat.people"),
    ];
    parts::table(
        ask.t("console.cat.assets"),
        &heads,
        assets
            .iter()
            .map(|a| {
                vec![
                    html! { a href={ "/catalogue/assets/" (a.id.hex()) } { (speech.text(&a.carrier.to_string())) } },
                    level_mark(ask, speech, a),
                    html! { (speech.category(&a.category)) },
                    html! { (ask.word("standing", a.standing.name())) },
                    html! { (span(a.size.records)) },
                    html! { (span(a.people)) },
                ]
            })
            .collect(),
    )
}

fn find(ask: &Ask<'_>, kept: &Kept) -> Result<Asset, Fault> {
    Ok(node::find_asset(&kept.catalogue, ask.part("id"))?.clone())
}

fn one(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let kept = newest(&ask.node())?.ok_or_else(Fault::none)?;
    let asset = find(ask, &kept)?;
    let speech = Speech::new(ask.plan(), ask.lang);
    ask.page(
        &speech.text(&asset.carrier.to_string()),
        || {
            let l = &asset.level;
            html! {
                (tabs(ask))
                p { (level_mark(ask, speech, &asset)) }
                dl.facts {
                    dt { (ask.t("console.cat.kind")) } dd { (ask.word("carrier", kind(&asset).name())) }
                    dt { (ask.t("console.cat.category")) } dd { (speech.category(&asset.category)) }
                    dt { (ask.t("console.cat.standing")) } dd { (ask.word("standing", asset.standing.name())) }
                    dt { (ask.t("console.cat.records")) } dd { (span(asset.size.records)) }
                    dt { (ask.t("console.cat.people")) } dd { (span(asset.people)) " · " (ask.t("console.cat.sensitive")) " " (span(asset.sensitive_people)) }
                    @if let Some(p) = &l.proposal { dt { (ask.t("console.cat.proposal")) } dd { (speech.level(p)) @for why in &l.because { br; (speech.say(why)) } } }
                    @if let Some(by) = &l.by { dt { (ask.t("console.cat.decided-by")) } dd { (speech.text(&by.by)) } }
                    @if let Some(since) = asset.since { dt { (ask.t("console.exam.first")) } dd { (time(ask, since)) } }
                    @if let Some(seen) = asset.seen { dt { (ask.t("console.cat.last-seen")) } dd { (time(ask, seen)) } }
                    dt { (ask.t("console.exam.id")) } dd { code { (asset.id.hex()) } }
                }
                @if !asset.classes.is_empty() { h2 { (ask.t("console.cat.classes")) } ul { @for c in &asset.classes { li { (speech.class(&c.class)) } } } }
                @if !asset.gaps.is_empty() { h2 { (ask.t("console.exam.unseen")) } ul { @for g in &asset.gaps { li { (parts::mark("warn", &ask.word("gap", g.reason.name()))) " " (g.count) } } } }
                @if !asset.differs.is_empty() { h2 { (ask.t("console.cat.differs")) } ul { @for d in &asset.differs { li { (speech.say(d)) } } } }
                @if ask.may(Act::Confirm) { (deciding(ask, speech, &asset)) }
            }
        },
        || json!(asset),
    )
}

fn kind(a: &Asset) -> CarrierKind {
    a.carrier.kind
}

fn deciding(ask: &Ask<'_>, speech: Speech<'_>, asset: &Asset) -> Markup {
    let here = format!("/catalogue/assets/{}", asset.id.hex());
    let proposed = asset.level.proposal.as_ref().unwrap_or(&asset.level.level);
    let levels: Vec<(&str, String)> = ask
        .plan()
        .levels()
        .iter()
        .map(|l| {
            let two = if Some(&l.id) == core(ask.plan()) {
                format!(" ({})", ask.t("console.two-people"))
            } else {
                String::new()
            };
            (l.id.as_str(), format!("{}{two}", speech.level(&l.id)))
        })
        .collect();
    let (mut objects, mut harms) = (BTreeSet::new(), BTreeSet::new());
    for e in ask.plan().effects() {
        if let Effect::Cell { object, harm, .. } = e {
            objects.insert(object.as_str());
            harms.insert(harm.as_str());
        }
    }
    let of = |family: &str, all: &BTreeSet<&str>| -> Vec<(String, String)> {
        std::iter::once((String::new(), "–".to_owned()))
            .chain(all.iter().map(|o| ((*o).to_owned(), speech.plan_text(&format!("{family}.{o}.name"), o))))
            .collect()
    };
    let (objects, harms) = (of("object", &objects), of("harm", &harms));
    let objects: Vec<(&str, String)> = objects.iter().map(|o| (o.0.as_str(), o.1.clone())).collect();
    let harms: Vec<(&str, String)> = harms.iter().map(|o| (o.0.as_str(), o.1.clone())).collect();
    let decisions =
        [("confirm", ask.t("console.cat.confirm").to_owned()), ("reject", ask.t("console.cat.reject").to_owned())];
    html! {
        h2 { (ask.t("console.cat.decide")) }
        p.small { (ask.t("console.cat.decide-about")) }
        (form::form(ask, &here, html! {
            (form::choice("decision", ask.t("console.cat.decision"), &decisions, "confirm"))
            (form::choice("level", ask.t("console.cat.level"), &levels, proposed.as_str()))
            details {
                summary { (ask.t("console.cat.matrix")) }
                (form::choice("object", ask.t("console.cat.object"), &objects, ""))
                (form::choice("harm", ask.t("console.cat.harm"), &harms, ""))
            }
            (form::paper(ask))
        }, ask.t("console.exam.record-it")))
    }
}

/// What is decided, as it is kept until a second person has agreed.
fn body(asset: &Asset, level: &str, ask: &Ask<'_>, paper: Option<&Document>) -> Value {
    json!({
        "asset": asset.id.hex(), "confirmed": ask.text("decision") == "confirm", "level": level,
        "object": ask.text("object"), "harm": ask.text("harm"), "document": paper,
    })
}

fn decide(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let kept = newest(&ask.node())?.ok_or_else(Fault::none)?;
    let asset = find(ask, &kept)?;
    let confirmed = ask.text("decision") == "confirm";
    let level = match (confirmed, ask.text("level")) {
        (true, "") => return Err(Fault::field("level", "console.fault.needed").with("name", "level")),
        // A proposal that is rejected falls to the lowest level.
        (false, _) => "",
        (true, typed) => typed,
    };
    if confirmed && !ask.plan().levels().iter().any(|l| l.id.as_str() == level) {
        return Err(Fault::field("level", "console.fault.not-one-of").with("name", "level"));
    }
    let body = body(&asset, level, ask, form::paper_of(ask)?.as_ref());
    let (is, was) = (
        core(ask.plan()).is_some_and(|c| c.as_str() == level),
        core(ask.plan()) == Some(&asset.level.level) && !asset.level.proposed,
    );
    let here = format!("/catalogue/assets/{}", asset.id.hex());
    if is || was {
        let about = asset.carrier.to_string();
        let id = ask.site.accounts().ask(ask.who()?, Act::ConfirmCore, &about, &body.to_string())?;
        return ask.done(
            &here,
            "asked-two",
            json!({"format": "watchfire-asked-v1", "id": id, "act": Act::ConfirmCore.name()}),
        );
    }
    let value = graded(ask, &body, &ask.who()?.account.name.clone())?;
    ask.done(&here, "graded", value)
}

/// Records a decision, and draws the catalogue up with it.
fn graded(ask: &Ask<'_>, body: &Value, by: &str) -> Result<Value, Fault> {
    let text = |name: &str| body[name].as_str().filter(|t| !t.is_empty());
    let document: Option<Document> = serde_json::from_value(body["document"].clone()).map_err(Fault::inside)?;
    let decision = Decision {
        asset: text("asset").unwrap_or_default(),
        confirmed: body["confirmed"] == true,
        level: text("level"),
        object: text("object"),
        harm: text("harm"),
        by,
        document,
        author: None,
    };
    let node = ask.node();
    let (leaf, asset, level) = node.grade(ask.plan(), &decision)?;
    let drawn = node.catalogue_build(ask.plan(), &stdx::Silent, &stdx::Stop::new())?;
    Ok(json!({
        "record": leaf, "asset": asset.id, "carrier": asset.carrier, "level": level, "confirmed": decision.confirmed, "by": by, "name_checked": true,
        "catalogue": drawn.leaf,
    }))
}

/// Core data, confirmed: one asked, another one agreed, and both are named.
pub(super) fn confirm_core(ask: &Ask<'_>, asked: &Asked) -> Result<Value, Fault> {
    let body: Value = serde_json::from_str(&asked.kept.body).map_err(Fault::inside)?;
    let asker = asked.asker.as_ref().map_or("?", |a| a.name.as_str());
    graded(ask, &body, &format!("{asker}, {}", ask.who()?.account.name))
}

fn build(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let kept = ask.node().catalogue_build(ask.plan(), &stdx::Silent, &stdx::Stop::new())?;
    ask.done("/catalogue", "drawn-up", json!({"record": kept.leaf, "assets": kept.catalogue.assets.len()}))
}

fn drift(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let node = ask.node();
    let title = ask.t("console.cat.drift");
    let empty = |key: &'static str| {
        ask.page(
            title,
            || html! { (tabs(ask)) (parts::empty(ask.t(key), ask.t("console.cat.no-drift-hint"))) },
            || json!({"format": "watchfire-drift-v1", "drift": null}),
        )
    };
    let Some(new) = newest(&node)? else { return empty("console.cat.none") };
    let filing = node.filed()?.map(|f| f.0);
    let old = match &filing {
        Some(f) => node.catalogue(Some(&f.catalogue.hex()))?,
        None => node.catalogue_before(&new)?,
    };
    let Some(old) = old else { return empty("console.cat.no-drift") };
    let drift = judge::diff(ask.plan(), &old.catalogue, &new.catalogue);
    let filed = filing.as_ref().filter(|f| f.catalogue == old.leaf);
    ask.page(
        title,
        || {
            let speech = Speech::new(ask.plan(), ask.lang);
            let bound = drift.percent.unwrap_or(0);
            let level = drift.from.as_ref().map(|l| speech.level(l)).unwrap_or_default();
            let said = match &drift.due {
                Some(d) => {
                    let until = d.until.map_or_else(|| ask.t("drift.no-figure").to_owned(), evidence::Time::date);
                    let duty = speech.plan_text(&format!("duty.{}.name", d.duty), &d.duty);
                    ask.say(&Say::new("drift.due").with("duty", duty).with("until", until).with("percent", bound).with("level", &level))
                }
                None if drift.verdict() == DriftVerdict::Possible => ask.say(&Say::new("drift.possible-due").with("percent", bound)),
                None => ask.say(&Say::new("drift.none").with("percent", bound)),
            };
            let tone = match (&drift.due, drift.verdict()) {
                (Some(_), _) => "bad",
                (None, DriftVerdict::Possible) => "warn",
                _ => "good",
            };
            let verdict = |v: DriftVerdict| match v {
                DriftVerdict::No => parts::mark("good", ask.t("console.cat.verdict-no")),
                DriftVerdict::Possible => parts::mark("warn", ask.t("console.cat.verdict-possible")),
                DriftVerdict::Certain => parts::mark("bad", ask.t("console.cat.verdict-certain")),
            };
            let heads = [ask.t("console.cat.level"), ask.t("console.cat.category"), ask.t("console.cat.before"), ask.t("console.cat.after"), ask.t("console.cat.verdict")];
            html! {
                (tabs(ask))
                p { @match filed { Some(f) => { (ask.t("console.cat.since-filing")) " " (f.date.date()) }, None => (ask.t("console.cat.since-before")) } " · " (time(ask, drift.between.0)) " → " (time(ask, drift.between.1)) }
                p { (parts::mark(tone, &said)) }
                @if drift.proposals > 0 { p { (parts::mark("warn", &ask.say(&Say::new("drift.proposals").with("count", drift.proposals).with("level", &level)))) } }
                h2 { (ask.t("console.cat.kinds")) }
                @if drift.kinds.is_empty() { (parts::empty(ask.t("console.cat.no-kinds"), "")) }
                @else { (parts::table(ask.t("console.cat.kinds"), &heads, drift.kinds.iter().map(|k| vec![html! { (speech.level(&k.level)) }, html! { (speech.category(&k.category)) }, html! { (k.assets.0) }, html! { (k.assets.1) }, verdict(k.verdict())]).collect())) }
                @if !drift.items.is_empty() {
                    h2 { (ask.t("console.cat.items")) " (" (drift.items.len()) ")" }
                    (parts::table(ask.t("console.cat.items"), &[ask.t("console.cat.carrier"), ask.t("console.cat.what-changed")], drift.items.iter().take(LINES).map(|i| vec![
                        html! { (speech.text(&i.carrier.to_string())) },
                        html! { @match i.there { (false, _) => (ask.t("console.cat.came")), (_, false) => (ask.t("console.cat.went")), _ => (ask.say(&Say::new("console.cat.fields").with("count", i.fields.len()))) } },
                    ]).collect()))
                    @if drift.items.len() > LINES { p.small { (ask.say(&Say::new("console.exam.more").with("count", drift.items.len() - LINES))) } }
                }
            }
        },
        || {
            let input = DriftInput { drift: &drift, leaves: (old.leaf, new.leaf), filed, plan: ask.plan() };
            serde_json::from_str(&face::drift_json(&input)).unwrap_or(Value::Null)
        },
    )
}

fn export(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let node = ask.node();
    let kept = newest(&node)?.ok_or_else(Fault::none)?;
    let from = match ask.wanted("from") {
        "" => None,
        typed => Some(
            ask.plan()
                .levels()
                .iter()
                .map(|l| &l.id)
                .find(|l| l.as_str() == typed)
                .ok_or_else(|| Fault::field("from", "console.fault.not-one-of").with("name", "from"))?,
        ),
    };
    let transfers: TransferInput = judge::transfer_input(ask.plan(), &kept.catalogue);
    let filed = node.filed()?.map(|f| f.0);
    let input = CatalogueInput {
        catalogue: &kept.catalogue,
        leaf: kept.leaf,
        plan: ask.plan(),
        transfers: &transfers,
        filed: filed.as_ref(),
        from,
        generated: ask.now,
        program: concat!("watchfire ", env!("CARGO_PKG_VERSION")),
    };
    Ok(match ask.wanted("as") {
        // Excel takes a CSV file for the system's old code page unless it begins with this mark.
        "csv" => Answer::File(
            "text/csv; charset=utf-8",
            "catalogue.csv".to_owned(),
            format!("\u{feff}{}", face::csv(&input, ask.lang)).into_bytes(),
        ),
        "html" => Answer::File(
            "text/html; charset=utf-8",
            "catalogue.html".to_owned(),
            face::html(&input, ask.lang).into_bytes(),
        ),
        "json" => Answer::File("application/json", "catalogue.json".to_owned(), face::json(&input).into_bytes()),
        _ => Answer::File(XLSX, "catalogue.xlsx".to_owned(), face::xlsx(&input, ask.lang).map_err(Fault::inside)?),
    })
}
