//! The paper kit: what a plant needs on paper when its computers are down, made from the plan alone.

use super::measure::{Ink, Size};
use super::pages::pages;
use super::said::Said;
use super::sheet::{Block, Piece, Row, Sheet, Table};
use super::{FormInput, FormState, face};
use crate::clean::clean;
use evidence::Time;
use plan::{Clock, IncidentLevel, Limit, LimitUnit};
use std::collections::BTreeMap;

/// Stands behind what is not confirmed on the official text; a note below says so.
const UNCONFIRMED: &str = "†";
/// Rows to fill in on a sheet of the timeline and of the chain of custody: as many as fit on one page.
const ROWS: usize = 15;

pub(super) fn sheets(said: Said<'_>, regime: &str, actors: &[String], printed: Time) -> Vec<Sheet> {
    let kit = Kit { said, regime, actors, printed };
    let mut out = vec![kit.cover()];
    // One page in each language: both on one page would be too small to read in a hurry.
    out.extend(said.langs.chunks(1).map(|langs| Kit { said: Said { langs, ..said }, ..kit }.criteria()));
    out.extend(kit.steps());
    out.extend(kit.forms());
    out.push(kit.timeline());
    out.push(kit.custody());
    out
}

#[derive(Clone, Copy)]
struct Kit<'a> {
    said: Said<'a>,
    regime: &'a str,
    /// What the plant is towards the plan's clocks.
    actors: &'a [String],
    printed: Time,
}

impl Kit<'_> {
    fn sheet(&self, key: &str, mut blocks: Vec<Block>) -> Sheet {
        let said = self.said;
        let name = said.lines(key);
        let regime = said.plan_word(&format!("regime.{}.name", self.regime), self.regime);
        let title = Block::Title { text: name.clone(), under: vec![regime.clone()], code: None };
        blocks.insert(0, title);
        Sheet {
            name: format!("{} · {}", said.t("form-face.kit.name"), name.join(" / ")),
            marks: vec![self.plan()],
            band: None,
            drill: None,
            foot: vec![said.f("form-face.printed", &[("time", &said.minute(self.printed))])],
            blocks,
        }
    }

    fn plan(&self) -> String {
        let plan = self.said.plan;
        let (id, version) = (clean(plan.id().as_str()), clean(plan.version()));
        self.said.f("form-face.plan", &[("id", &id), ("version", &version), ("digest", &plan.digest().short())])
    }

    fn head(&self, keys: &[&str]) -> Vec<Vec<Piece>> {
        keys.iter().map(|k| Said::label(self.said.lines(k), Piece::strong)).collect()
    }

    fn table(&self, widths: &[u32], head: &[&str], rows: Vec<Row>, size: Size) -> Block {
        Block::Table(Table {
            widths: widths.to_vec(),
            head: self.head(head),
            rows,
            size,
            labels: 1,
            merged: false,
            continued: self.said.t("form-face.continued"),
        })
    }

    /// Whom to call within what time.
    fn cover(&self) -> Sheet {
        let said = self.said;
        let ours = |actor: &String| self.actors.contains(actor);
        let clocks = said.plan.clocks().iter().filter(|c| c.incident == self.regime && ours(&c.actor));
        let clocks: Vec<&Clock> = clocks.filter(|c| !c.unless.iter().any(ours)).collect();
        let unconfirmed = clocks.iter().any(|c| c.sourced.is_unconfirmed());
        let rows: Vec<Row> = clocks.into_iter().map(|c| self.clock(c)).collect();
        let head = ["form-face.kit.what", "form-face.kit.limit", "form-face.kit.whom", "form-face.kit.phone"];
        let mut blocks: Vec<Block> =
            said.lines("form-face.kit.intro").into_iter().map(|t| Block::Note(Ink::Soft, t)).collect();
        if rows.is_empty() {
            blocks.push(Block::Note(Ink::Strong, said.t("form-face.kit.no-clocks")));
        } else {
            blocks.push(self.table(&[560, 460, 400, 400], &head, rows, Size::Normal));
        }
        blocks.extend(self.unconfirmed(unconfirmed));
        blocks.push(self.own_people());
        self.sheet("form-face.kit.cover", blocks)
    }

    fn clock(&self, c: &Clock) -> Row {
        let said = self.said;
        let names: Vec<String> = c.levels.iter().map(|l| self.level_by_id(l)).collect();
        let levels = if names.is_empty() {
            said.t("form-face.kit.for-all-levels")
        } else {
            said.f("form-face.kit.levels", &[("levels", &names.join(&said.join()))])
        };
        let mut what = Said::label(said.plan_lines(&format!("clock.{}.name", c.id), &c.id), Piece::strong);
        what.push(Piece::soft(levels));
        let start = |n: usize| said.plan_lines(&format!("moment.{}.name", c.starts), &c.starts).get(n).cloned();
        let mut limit = Said::label(limit(said, c.limit), Piece::strong);
        limit.extend(c.sourced.is_unconfirmed().then(|| Piece::plain(UNCONFIRMED)));
        for (n, text) in said.lines("form-face.kit.from").iter().enumerate() {
            let start = start(n).or_else(|| start(0)).unwrap_or_default();
            limit.push(Piece::soft(evidence::Say::new("").with("start", &start).fill(text)));
        }
        let mut whom = Said::label(said.plan_lines(&format!("actor.{}.name", c.recipient), &c.recipient), Piece::plain);
        whom.push(Piece::soft(said.t(channel(&c.channel))));
        let pen = vec![Piece::Pen(String::new()); 2];
        Row { cells: vec![what, limit, whom, pen] }
    }

    /// What the mark means, where it stands.
    fn unconfirmed(&self, any: bool) -> Vec<Block> {
        let lines = if any { self.said.lines("form-face.kit.unconfirmed") } else { Vec::new() };
        lines.into_iter().map(|t| Block::Note(Ink::Soft, format!("{UNCONFIRMED} {t}"))).collect()
    }

    /// The plant's own people, to be filled in before it is needed.
    fn own_people(&self) -> Block {
        let said = self.said;
        let row = |key: &str| Row {
            cells: vec![Said::label(said.lines(key), Piece::strong), vec![Piece::Space], vec![Piece::Space]],
        };
        let rows = [
            "form-face.kit.first-person",
            "form-face.kit.direct-person",
            "form-face.kit.duty-person",
            "form-face.kit.it-person",
        ];
        let head = ["form-face.kit.role", "form-face.kit.person", "form-face.kit.phone"];
        self.table(&[620, 600, 600], &head, rows.map(row).into(), Size::Normal)
    }

    fn levels(&self) -> Vec<&IncidentLevel> {
        self.said.plan.incident_levels().iter().filter(|l| l.regime == self.regime).collect()
    }

    fn level(&self, level: &IncidentLevel) -> Vec<String> {
        let names = self.said.plan_lines(&format!("incident.{}.{}.name", level.regime, level.id), &level.id);
        if level.numeral.is_empty() {
            names
        } else {
            names.into_iter().map(|n| format!("{} {n}", clean(&level.numeral))).collect()
        }
    }

    fn level_by_id(&self, id: &str) -> String {
        let found = self.levels().into_iter().find(|l| l.id == id);
        found.map_or_else(
            || clean(id),
            |l| if l.numeral.is_empty() { self.level(l).join(" / ") } else { clean(&l.numeral) },
        )
    }

    /// Level × criterion on one page: in the normal size if it fits, or smaller.
    fn criteria(&self) -> Sheet {
        let normal = self.criteria_in(Size::Normal);
        if pages(&normal).len() == 1 { normal } else { self.criteria_in(Size::Small) }
    }

    fn criteria_in(&self, size: Size) -> Sheet {
        let said = self.said;
        let levels = self.levels();
        let mut dimensions: Vec<&str> = said.plan.dimensions().iter().map(|d| d.id.as_str()).collect();
        for c in levels.iter().flat_map(|l| &l.criteria) {
            if !dimensions.contains(&c.dimension.as_str()) {
                dimensions.push(&c.dimension);
            }
        }
        let cell = |level: &IncidentLevel, dimension: &str| -> Vec<Piece> {
            let of = level.criteria.iter().filter(|c| c.dimension == dimension);
            let mut out: Vec<Piece> = of
                .flat_map(|c| {
                    let mark = c.sourced.is_unconfirmed().then(|| Piece::plain(UNCONFIRMED));
                    let what = said.plan_lines(&format!("criterion.{}.what", c.id), &c.id);
                    Said::label(what, Piece::plain).into_iter().chain(mark)
                })
                .collect();
            if out.is_empty() {
                out.push(Piece::plain("—"));
            }
            out
        };
        let has = |d: &&str| levels.iter().any(|l| l.criteria.iter().any(|c| c.dimension == **d));
        let rows: Vec<Row> = dimensions
            .iter()
            .filter(|d| has(d))
            .map(|d| {
                let name = Said::label(said.plan_lines(&format!("dimension.{d}.name"), d), Piece::strong);
                Row { cells: std::iter::once(name).chain(levels.iter().map(|l| cell(l, d))).collect() }
            })
            .collect();
        let count = u32::try_from(levels.len()).unwrap_or(1).max(1);
        let first = 1820 - (1540 / count) * count;
        let widths: Vec<u32> = std::iter::once(first).chain(levels.iter().map(|_| 1540 / count)).collect();
        let mut head = self.head(&["form-face.kit.dimension"]);
        head.extend(levels.iter().map(|l| Said::label(self.level(l), Piece::strong)));
        let table =
            Table { widths, head, rows, size, labels: 1, merged: false, continued: said.t("form-face.continued") };
        // Two things that the table cannot say. Whether one criterion is enough, groups of them would change.
        let grouped = levels.iter().any(|l| !l.groups.is_empty());
        let key = if grouped { "form-face.kit.rule-groups" } else { "form-face.kit.rule" };
        let note = said.lines(key).into_iter().map(|t| Block::Note(Ink::Soft, t));
        let unconfirmed = levels.iter().flat_map(|l| &l.criteria).any(|c| c.sourced.is_unconfirmed());
        let below = self.unconfirmed(unconfirmed);
        self.sheet("form-face.kit.criteria", note.chain([Block::Table(table)]).chain(below).collect())
    }

    /// The check list, if the plan has one for this regime.
    fn steps(&self) -> Option<Sheet> {
        let said = self.said;
        let steps: Vec<Row> = said
            .plan
            .steps()
            .iter()
            .filter(|s| s.regime == self.regime && self.actors.contains(&s.actor))
            .map(|s| {
                let levels: Vec<String> = s.levels.iter().map(|l| self.level_by_id(l)).collect();
                let levels = if levels.is_empty() { said.t("form-face.kit.all-levels") } else { levels.join(" ") };
                let role = said.plan_lines(&format!("role.{}.name", s.role), &s.role);
                Row {
                    cells: vec![
                        vec![Piece::plain("☐")],
                        Said::label(said.plan_lines(&format!("step.{}.what", s.id), &s.id), Piece::plain),
                        vec![Piece::plain(levels)],
                        Said::label(role, Piece::plain),
                        vec![Piece::Space],
                    ],
                }
            })
            .collect();
        if steps.is_empty() {
            return None;
        }
        let head = [
            "form-face.kit.done",
            "form-face.kit.step",
            "form-face.kit.at-level",
            "form-face.kit.role",
            "form-face.kit.when-who",
        ];
        let table = self.table(&[130, 760, 230, 300, 400], &head, steps, Size::Normal);
        Some(self.sheet("form-face.kit.steps", vec![table]))
    }

    /// Every form of the regime, blank. One that is ever sealed has room for it.
    fn forms(&self) -> impl Iterator<Item = Sheet> {
        let none = BTreeMap::new();
        let forms = self.said.plan.forms().iter().filter(|f| f.regime == self.regime);
        let sheet = |form| {
            let input = FormInput {
                plan: self.said.plan,
                form,
                serial: "",
                version: 0,
                state: FormState::Blank,
                digest: None,
                fields: &none,
                missing: &[],
                incident: "",
                title: "",
                printed: self.printed,
                seal: !form.sealed_for.is_empty(),
                drill: false,
            };
            face::sheet(&input, self.said)
        };
        forms.map(sheet).collect::<Vec<_>>().into_iter()
    }

    fn empty(&self, key: &str, widths: &[u32], head: &[&str]) -> Sheet {
        let row = Row { cells: widths.iter().map(|_| vec![Piece::Space]).collect() };
        let rows = vec![row; ROWS];
        self.sheet(key, vec![self.table(widths, head, rows, Size::Normal)])
    }

    fn timeline(&self) -> Sheet {
        let head = [
            "form-face.kit.time",
            "form-face.kit.who",
            "form-face.kit.happened",
            "form-face.kit.told",
            "form-face.kit.receipt",
        ];
        self.empty("form-face.kit.timeline", &[280, 280, 640, 340, 280], &head)
    }

    fn custody(&self) -> Sheet {
        let head = [
            "form-face.kit.piece",
            "form-face.kit.digest",
            "form-face.kit.given",
            "form-face.kit.taken",
            "form-face.kit.time",
            "form-face.kit.why",
        ];
        self.empty("form-face.kit.custody", &[400, 300, 300, 300, 260, 260], &head)
    }
}

fn channel(channel: &str) -> &'static str {
    match channel {
        "phone" => "form-face.channel.phone",
        "written" => "form-face.channel.written",
        _ => "form-face.channel.any",
    }
}

/// How long, one line a language.
fn limit(said: Said<'_>, limit: Limit) -> Vec<String> {
    let within = |count: i64, unit: LimitUnit| {
        let key = match unit {
            LimitUnit::Minutes => "form-face.limit.minutes",
            LimitUnit::Hours => "form-face.limit.hours",
            LimitUnit::Days => "form-face.limit.days",
            LimitUnit::WorkingDays => "form-face.limit.working-days",
            LimitUnit::Months => "form-face.limit.months",
            LimitUnit::Years => "form-face.limit.years",
        };
        said.f_lines(key, &[("count", &count)])
    };
    match limit {
        Limit::Within(count, unit) => within(count, unit),
        Limit::By(month, day) => said.f_lines("form-face.limit.by", &[("month", &month), ("day", &day)]),
        Limit::Immediately => said.lines("form-face.limit.immediately"),
        Limit::Unstated => said.lines("form-face.limit.unstated"),
    }
}
