//! Writing: what was received, what was judged, and the sums that change with it.

use super::engine::{Columns, Value};
use super::layout::{CELLS, JUDGED_INDEXES};
use super::{
    CaughtLine, Checked, EnterpriseLine, HeldLine, HeldPlace, MatterLine, PageTables, Place, ReceiptLine, TallyKey,
};
use crate::StoreError;
use evidence::Digest;
use std::collections::{BTreeMap, BTreeSet};

const HELD: &str = "SELECT leaf, kind, place, via, idx, node, subject, code, at, seen, receipt, doubts FROM held";
pub(super) const LINE: &str = "e.code, e.name, e.area, e.supervisor, e.industry, e.grp, e.listed, e.seen, e.member, e.above, e.selected, \
    e.tops, e.enrolled, e.report_at, e.report_leaf, e.back_most, e.back_least, e.orders_open, e.orders_overdue, e.m_open, e.m_overdue, \
    e.m_done, e.measured, e.state, e.due, e.claims, e.reasons";

fn held(row: &Vec<Value>) -> HeldLine {
    let mut c = Columns::of(row);
    HeldLine {
        leaf: c.digest().unwrap_or(Digest([0; 32])),
        kind: c.int().unwrap_or(-1),
        place: HeldPlace::of(c.int().unwrap_or(9)),
        via: c.text(),
        idx: c.number(),
        node: c.text(),
        subject: c.text(),
        code: c.text(),
        at: c.int().unwrap_or(0),
        seen: c.int().unwrap_or(0),
        receipt: c.digest(),
        doubts: c.text(),
    }
}

pub(super) fn line(c: &mut Columns<'_>) -> EnterpriseLine {
    let back = |n: Option<i64>| n.map_or(0, i64::unsigned_abs);
    EnterpriseLine {
        code: c.text(),
        name: c.text(),
        area: c.text(),
        supervisor: c.text(),
        industry: c.text(),
        group: c.text(),
        listed: c.is(),
        seen: c.is(),
        member: c.is(),
        above: c.is(),
        selected: c.int().map(|n| n == 1),
        tops: c.int().unwrap_or(0),
        enrolled: c.is(),
        report_at: c.int(),
        report_leaf: c.digest(),
        most: back(c.int()),
        least: back(c.int()),
        orders: (c.number(), c.number()),
        measures: match (c.int(), c.int(), c.int()) {
            (Some(a), Some(b), Some(d)) => Some((a.unsigned_abs(), b.unsigned_abs(), d.unsigned_abs())),
            _ => None,
        },
        measured: c.is(),
        state: c.int().unwrap_or(0),
        due: c.int(),
        claims: c.text(),
        reasons: c.text(),
    }
}

fn back(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX).saturating_neg()
}

fn row(e: &EnterpriseLine) -> Vec<Value> {
    vec![
        e.code.as_str().into(),
        e.name.as_str().into(),
        e.area.as_str().into(),
        e.supervisor.as_str().into(),
        e.industry.as_str().into(),
        e.group.as_str().into(),
        e.listed.into(),
        e.seen.into(),
        e.member.into(),
        e.above.into(),
        e.selected.into(),
        e.tops.into(),
        e.enrolled.into(),
        e.report_at.into(),
        e.report_leaf.into(),
        back(e.most).into(),
        back(e.least).into(),
        e.orders.0.into(),
        e.orders.1.into(),
        e.measures.map(|m| m.0).into(),
        e.measures.map(|m| m.1).into(),
        e.measures.map(|m| m.2).into(),
        e.measured.into(),
        e.state.into(),
        e.due.into(),
        e.claims.as_str().into(),
        e.reasons.as_str().into(),
    ]
}

/// The cells that an enterprise is in, as the statements of [`CELLS`] make them.
fn cells(e: &EnterpriseLine) -> Vec<String> {
    let first = |text: &str, n: usize| -> Option<String> {
        (text.chars().count() >= n).then(|| text.chars().take(n).collect())
    };
    let supervisor = (!e.supervisor.is_empty()).then(|| format!("s{}", e.supervisor));
    let province = first(&e.area, 2).map(|t| format!("p{t}"));
    let city = first(&e.area, 4).map(|t| format!("c{t}"));
    let division = first(&e.industry, 3).map(|t| format!("d{t}"));
    let mut out = vec![String::new()];
    let places = [supervisor, province, city];
    out.extend(places.iter().flatten().cloned());
    if let Some(d) = division {
        out.extend(places.iter().flatten().map(|p| format!("{p}{d}")));
        out.push(d);
    }
    if !e.group.is_empty() {
        out.push(format!("g{}", e.group));
    }
    out
}

/// Lists that an enterprise is on: 0 all, 1 key, 2 risk, 3 measures, 10 and its state; with its place in the order.
fn lists(e: &EnterpriseLine) -> Vec<(i64, i64, i64)> {
    if !e.seen {
        return Vec::new();
    }
    let mut out = vec![(0, 0, 0)];
    if e.selected == Some(true) {
        out.push((1, 0, 0));
    }
    if e.most > 0 {
        out.push((2, back(e.most), back(e.least)));
    }
    if e.measured {
        out.push((3, 0, 0));
    }
    // Who is outside of the programme is most of all, and is read from the list of all.
    if e.state > 0 {
        out.push((10 + e.state, 0, 0));
    }
    out
}

fn places(e: &EnterpriseLine) -> BTreeSet<Place> {
    let cells = cells(e);
    let lists = lists(e).into_iter();
    lists.flat_map(|(list, k1, k2)| cells.iter().map(move |c| Place { list, cell: c.clone(), k1, k2 })).collect()
}

impl PageTables {
    /// A word about the tables; empty: none.
    pub fn word(&mut self, name: &str) -> Result<String, StoreError> {
        let rows = self.engine.query("SELECT value FROM state WHERE name = ?1", &[name.into()])?;
        Ok(rows.first().map_or_else(String::new, |r| Columns::of(r).text()))
    }

    /// Sets a word.
    pub fn set_word(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        let tail = "ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.engine.insert("state", &[vec![name.into(), value.into()]], tail)
    }

    /// Every word.
    pub fn words(&mut self) -> Result<BTreeMap<String, String>, StoreError> {
        let rows = self.engine.query("SELECT name, value FROM state", &[])?;
        Ok(rows
            .iter()
            .map(|r| {
                let mut c = Columns::of(r);
                (c.text(), c.text())
            })
            .collect())
    }

    /// A record by its leaf.
    pub fn held(&mut self, leaf: Digest) -> Result<Option<HeldLine>, StoreError> {
        Ok(self.engine.query(&format!("{HELD} WHERE leaf = ?1"), &[leaf.into()])?.first().map(held))
    }

    /// Notes a record; what is there of its leaf is replaced.
    pub fn hold(&mut self, h: &HeldLine) -> Result<(), StoreError> {
        let row = vec![
            h.leaf.into(),
            h.kind.into(),
            h.place.number().into(),
            h.via.as_str().into(),
            h.idx.into(),
            h.node.as_str().into(),
            h.subject.as_str().into(),
            h.code.as_str().into(),
            h.at.into(),
            h.seen.into(),
            h.receipt.into(),
            h.doubts.as_str().into(),
        ];
        let tail = "ON CONFLICT (leaf) DO UPDATE SET kind = excluded.kind, place = excluded.place, via = excluded.via, idx = excluded.idx, \
            node = excluded.node, subject = excluded.subject, code = excluded.code, at = excluded.at, seen = excluded.seen, \
            receipt = excluded.receipt, doubts = excluded.doubts";
        self.engine.insert("held", &[row], tail)
    }

    /// Records that wait for their content, at most so many.
    pub fn waiting(&mut self, limit: i64) -> Result<Vec<HeldLine>, StoreError> {
        let sql = format!("{HELD} WHERE place = 9 ORDER BY leaf LIMIT ?1");
        Ok(self.engine.query(&sql, &[limit.into()])?.iter().map(held).collect())
    }

    /// Records about enterprises with a code in `from..=to`, by code.
    pub fn held_between(&mut self, from: &str, to: &str) -> Result<Vec<HeldLine>, StoreError> {
        let sql = format!("{HELD} WHERE code >= ?1 AND code <= ?2 AND code <> '' AND place <> 9 ORDER BY code, leaf");
        Ok(self.engine.query(&sql, &[from.into(), to.into()])?.iter().map(held).collect())
    }

    /// Records of a kind about a node or an order.
    pub fn held_about(&mut self, subject: &str, kind: i64) -> Result<Vec<HeldLine>, StoreError> {
        let sql = format!("{HELD} WHERE subject = ?1 AND kind = ?2 AND place <> 9 ORDER BY leaf");
        Ok(self.engine.query(&sql, &[subject.into(), kind.into()])?.iter().map(held).collect())
    }

    /// Records of a kind about anything, in pages by leaf; for kinds of which there are few.
    pub fn held_of(&mut self, kind: i64) -> Result<Vec<HeldLine>, StoreError> {
        Ok(self
            .engine
            .query(&format!("{HELD} WHERE kind = ?1 AND place <> 9 ORDER BY leaf"), &[kind.into()])?
            .iter()
            .map(held)
            .collect())
    }

    /// Codes that something is held or told about, after one, in order.
    pub fn held_codes(&mut self, after: &str, limit: i64) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT code FROM held WHERE code > ?1 ORDER BY code LIMIT ?2";
        Ok(self.engine.query(sql, &[after.into(), limit.into()])?.iter().map(|r| Columns::of(r).text()).collect())
    }

    /// Keeps a roll and its rows.
    pub fn tell(&mut self, leaf: Digest, doc: &str, rows: &[(String, String)]) -> Result<(), StoreError> {
        self.engine.insert("roll", &[vec![leaf.into(), doc.into()]], "ON CONFLICT (leaf) DO NOTHING")?;
        for part in rows.chunks(10_000) {
            let rows: Vec<_> =
                part.iter().map(|(code, line)| vec![code.as_str().into(), leaf.into(), line.as_str().into()]).collect();
            self.engine.insert("told", &rows, "ON CONFLICT (code, leaf) DO NOTHING")?;
        }
        Ok(())
    }

    /// Every roll.
    pub fn rolls(&mut self) -> Result<Vec<(Digest, String)>, StoreError> {
        let rows = self.engine.query("SELECT leaf, doc FROM roll ORDER BY leaf", &[])?;
        Ok(rows
            .iter()
            .filter_map(|r| {
                let mut c = Columns::of(r);
                Some((c.digest()?, c.text()))
            })
            .collect())
    }

    /// Rows of rolls about enterprises with a code in `from..=to`: roll and line, by code.
    pub fn told_between(&mut self, from: &str, to: &str) -> Result<Vec<(Digest, String)>, StoreError> {
        let sql = "SELECT leaf, line FROM told WHERE code >= ?1 AND code <= ?2 ORDER BY code, leaf";
        let rows = self.engine.query(sql, &[from.into(), to.into()])?;
        Ok(rows
            .iter()
            .filter_map(|r| {
                let mut c = Columns::of(r);
                Some((c.digest()?, c.text()))
            })
            .collect())
    }

    /// Replaces all openings and re-observations; answers whose they are that changed.
    pub fn set_checked(&mut self, all: &BTreeSet<Checked>) -> Result<BTreeSet<String>, StoreError> {
        let old: BTreeSet<Checked> = self.checked("", "\u{10ffff}")?.into_iter().collect();
        let changed: BTreeSet<String> = old.symmetric_difference(all).map(|c| c.code.clone()).collect();
        if !changed.is_empty() {
            self.engine.batch("DELETE FROM checked")?;
            let rows: Vec<_> = all
                .iter()
                .map(|c| vec![c.leaf.into(), c.kind.into(), c.code.as_str().into(), c.at.into(), c.held.into()])
                .collect();
            self.engine.insert("checked", &rows, "ON CONFLICT (leaf, kind) DO NOTHING")?;
        }
        Ok(changed)
    }

    /// Openings and re-observations of enterprises with a code in `from..=to`.
    pub fn checked(&mut self, from: &str, to: &str) -> Result<Vec<Checked>, StoreError> {
        let sql = "SELECT leaf, kind, code, at, kept FROM checked WHERE code >= ?1 AND code <= ?2 ORDER BY code, leaf";
        let rows = self.engine.query(sql, &[from.into(), to.into()])?;
        Ok(rows
            .iter()
            .filter_map(|r| {
                let mut c = Columns::of(r);
                let (leaf, kind) = (c.digest()?, c.int()?);
                Some(Checked { leaf, kind, code: c.text(), at: c.int()?, held: c.is() })
            })
            .collect())
    }

    /// Notes a receipt.
    pub fn receipted(&mut self, r: &ReceiptLine) -> Result<(), StoreError> {
        let row = vec![
            r.at.saturating_neg().into(),
            r.leaf.into(),
            r.node.as_str().into(),
            r.child.as_str().into(),
            r.size.into(),
            r.records.into(),
            r.doubted.into(),
        ];
        self.engine.insert("receipt", &[row], "ON CONFLICT (back, leaf) DO NOTHING")
    }

    /// Notes an equivocation.
    pub fn caught(&mut self, c: &CaughtLine) -> Result<(), StoreError> {
        let row = vec![c.leaf.into(), c.node.as_str().into(), c.child.as_str().into(), c.at.into(), c.size.into()];
        self.engine.insert("caught", &[row], "ON CONFLICT (leaf) DO NOTHING")
    }

    /// Enterprises that are due at or before an instant, at most so many, by code.
    pub fn due(&mut self, at: i64, limit: i64) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT code FROM enterprise WHERE due IS NOT NULL AND due <= ?1 ORDER BY due LIMIT ?2";
        Ok(self.engine.query(sql, &[at.into(), limit.into()])?.iter().map(|r| Columns::of(r).text()).collect())
    }

    /// The earliest instant at which one is due.
    pub fn next_due(&mut self) -> Result<Option<i64>, StoreError> {
        let rows = self.engine.query("SELECT due FROM enterprise WHERE due IS NOT NULL ORDER BY due LIMIT 1", &[])?;
        Ok(rows.first().and_then(|r| Columns::of(r).int()))
    }

    /// One enterprise as it is kept.
    pub fn line(&mut self, code: &str) -> Result<Option<EnterpriseLine>, StoreError> {
        if self.bulk {
            return Ok(None);
        }
        let rows = self.engine.query(&format!("SELECT {LINE} FROM enterprise e WHERE e.code = ?1"), &[code.into()])?;
        Ok(rows.first().map(|r| line(&mut Columns::of(r))))
    }

    /// Writes an enterprise in place of what was there, with its places in lists, and adds to `totals` what changes. `new`: none: it is
    /// not there any more.
    pub fn put(
        &mut self,
        old: Option<&EnterpriseLine>,
        new: Option<&EnterpriseLine>,
        totals: &mut BTreeMap<(i64, String), i64>,
    ) -> Result<(), StoreError> {
        if old == new {
            return Ok(());
        }
        let code = old.or(new).map_or("", |e| e.code.as_str());
        if old.is_some() {
            self.engine.execute("DELETE FROM enterprise WHERE code = ?1", &[code.into()])?;
        }
        if let Some(new) = new {
            self.engine.insert("enterprise", &[row(new)], "")?;
        }
        let (was, is) = (old.map(places).unwrap_or_default(), new.map(places).unwrap_or_default());
        for gone in was.difference(&is) {
            *totals.entry((gone.list, gone.cell.clone())).or_default() -= 1;
            let sql = "DELETE FROM place WHERE list = ?1 AND cell = ?2 AND k1 = ?3 AND k2 = ?4 AND code = ?5";
            let at = [gone.list.into(), gone.cell.as_str().into(), gone.k1.into(), gone.k2.into(), code.into()];
            self.engine.execute(sql, &at)?;
        }
        for come in is.difference(&was) {
            *totals.entry((come.list, come.cell.clone())).or_default() += 1;
            let at = vec![come.list.into(), come.cell.as_str().into(), come.k1.into(), come.k2.into(), code.into()];
            self.engine.insert("place", &[at], "")?;
        }
        Ok(())
    }

    /// The same for many while all is written anew: their places are made at the end.
    pub fn put_all(&mut self, lines: &[EnterpriseLine]) -> Result<(), StoreError> {
        self.engine.insert("enterprise", &lines.iter().map(row).collect::<Vec<_>>(), "")
    }

    /// Reasons that many share.
    pub fn share(&mut self, id: &str, reasons: &str) -> Result<(), StoreError> {
        self.engine.insert("shared", &[vec![id.into(), reasons.into()]], "ON CONFLICT (id) DO NOTHING")
    }

    /// The document of an enterprise; none: there is nothing to be said.
    pub fn set_life(&mut self, code: &str, doc: Option<&str>) -> Result<(), StoreError> {
        match doc {
            Some(doc) => {
                let tail = "ON CONFLICT (code) DO UPDATE SET doc = excluded.doc";
                self.engine.insert("life", &[vec![code.into(), doc.into()]], tail)
            }
            None if self.bulk => Ok(()),
            None => self.engine.execute("DELETE FROM life WHERE code = ?1", &[code.into()]),
        }
    }

    /// The matters of one enterprise (of nobody: code empty), in place of those that were there.
    pub fn set_matters(
        &mut self,
        whose: (&str, Option<&EnterpriseLine>, Option<&EnterpriseLine>),
        matters: &[MatterLine],
        totals: &mut BTreeMap<(i64, String), i64>,
    ) -> Result<(), StoreError> {
        let (code, was, is) = whose;
        let mut old = Vec::new();
        if !self.bulk {
            let sql = "SELECT rank, back_most, due, about, doc FROM matter WHERE code = ?1 ORDER BY n";
            for r in self.engine.query(sql, &[code.into()])? {
                let mut c = Columns::of(&r);
                let (rank, most) = (c.int().unwrap_or(0), c.int().map_or(0, i64::unsigned_abs));
                let (due, about) = (c.int().unwrap_or(i64::MAX), c.text());
                old.push(MatterLine { rank, most, due, code: code.to_owned(), about, doc: c.text() });
            }
        }
        let cells_of = |e: Option<&EnterpriseLine>| e.map_or_else(|| vec![String::new()], cells);
        let (cells_were, cells_are) = (cells_of(was), cells_of(is));
        if old == matters && cells_were == cells_are {
            return Ok(());
        }
        for (n, m) in (0_i64..).zip(&old) {
            for cell in &cells_were {
                *totals.entry((100 + m.rank, cell.clone())).or_default() -= 1;
                let sql = "DELETE FROM matter_place WHERE cell = ?1 AND rank = ?2 AND back_most = ?3 AND due = ?4 AND code = ?5 \
                           AND about = ?6 AND n = ?7";
                let at = [cell.as_str().into(), m.rank.into(), back(m.most).into(), m.due.into()];
                let at: Vec<Value> = at.into_iter().chain([code.into(), m.about.as_str().into(), n.into()]).collect();
                self.engine.execute(sql, &at)?;
            }
        }
        if !old.is_empty() {
            self.engine.execute("DELETE FROM matter WHERE code = ?1", &[code.into()])?;
        }
        let (mut rows, mut at) = (Vec::new(), Vec::new());
        for (n, m) in (0_i64..).zip(matters) {
            let (rank, most, due): (Value, Value, Value) = (m.rank.into(), back(m.most).into(), m.due.into());
            let about = Value::from(m.about.as_str());
            rows.push(vec![
                code.into(),
                n.into(),
                rank.clone(),
                most.clone(),
                due.clone(),
                about.clone(),
                m.doc.as_str().into(),
            ]);
            for cell in &cells_are {
                *totals.entry((100 + m.rank, cell.clone())).or_default() += 1;
                let cell = Value::from(cell.as_str());
                at.push(vec![cell, rank.clone(), most.clone(), due.clone(), code.into(), about.clone(), n.into()]);
            }
        }
        self.engine.insert("matter", &rows, "")?;
        self.engine.insert("matter_place", &at, "")
    }

    /// After everything was written anew: the places of all lists, their totals, and indexes.
    pub fn finish(&mut self) -> Result<(), StoreError> {
        let lists = [
            ("0", "0, 0", "seen = 1"),
            ("1", "0, 0", "seen = 1 AND selected = 1"),
            ("2", "back_most, back_least", "seen = 1 AND back_most < 0"),
            ("3", "0, 0", "seen = 1 AND measured = 1"),
            ("10 + state", "0, 0", "seen = 1 AND state > 0"),
        ];
        for (list, keys, on) in lists {
            for (cell, when) in CELLS {
                let when = if when.is_empty() { "1 = 1" } else { when };
                self.engine.batch(&format!(
                    "INSERT INTO place SELECT {list} AS l, {cell} AS c, {keys}, code FROM enterprise WHERE {on} AND {when} ORDER BY 1, 2, 3, 4, 5"
                ))?;
            }
        }
        self.engine.batch("INSERT INTO total SELECT list, cell, count(*) FROM place GROUP BY list, cell")?;
        self.engine
            .batch("INSERT INTO total SELECT 100 + rank, cell, count(*) FROM matter_place GROUP BY rank, cell")?;
        self.engine.batch(JUDGED_INDEXES)?;
        self.engine.batch(if matches!(self.engine, super::Engine::File { .. }) {
            "ANALYZE"
        } else {
            "ANALYZE enterprise; ANALYZE place; ANALYZE matter_place"
        })?;
        self.bulk = false;
        Ok(())
    }

    /// Adds to the totals of lists.
    pub fn add_totals(&mut self, changes: &BTreeMap<(i64, String), i64>) -> Result<(), StoreError> {
        let changed = changes.iter().filter(|c| *c.1 != 0);
        let rows: Vec<_> =
            changed.map(|((list, cell), n)| vec![(*list).into(), cell.as_str().into(), (*n).into()]).collect();
        self.engine.insert("total", &rows, "ON CONFLICT (list, cell) DO UPDATE SET n = total.n + excluded.n")
    }

    /// Adds to sums.
    pub fn add_tally(&mut self, changes: &BTreeMap<TallyKey, i64>) -> Result<(), StoreError> {
        let changed = changes.iter().filter(|c| *c.1 != 0);
        let row = |(k, n): (&TallyKey, &i64)| -> Vec<Value> {
            let texts = [&k.counter, &k.what, &k.supervisor, &k.province, &k.division];
            texts.into_iter().map(|t| t.as_str().into()).chain([(*n).into()]).collect()
        };
        let tail = "ON CONFLICT (counter, what, supervisor, province, division) DO UPDATE SET n = tally.n + excluded.n";
        self.engine.insert("tally", &changed.map(row).collect::<Vec<_>>(), tail)
    }

    /// Every sum.
    pub fn tally(&mut self) -> Result<BTreeMap<TallyKey, i64>, StoreError> {
        let sql = "SELECT counter, what, supervisor, province, division, n FROM tally WHERE n <> 0";
        let rows = self.engine.query(sql, &[])?;
        let read = |r: &Vec<Value>| {
            let mut c = Columns::of(r);
            let (counter, what, supervisor) = (c.text(), c.text(), c.text());
            let (province, division) = (c.text(), c.text());
            (TallyKey { counter, what, supervisor, province, division }, c.int().unwrap_or(0))
        };
        Ok(rows.iter().map(read).collect())
    }

    /// Sets the points of a day; points before `from` go.
    pub fn set_points(&mut self, points: &[(String, i64, u64)], from: i64) -> Result<(), StoreError> {
        let rows: Vec<_> = points.iter().map(|(c, at, n)| vec![c.as_str().into(), (*at).into(), (*n).into()]).collect();
        self.engine.insert("series", &rows, "ON CONFLICT (counter, at) DO UPDATE SET n = excluded.n")?;
        self.engine.execute("DELETE FROM series WHERE at < ?1", &[from.into()])
    }

    /// Every point: counter, instant, amount.
    pub fn points(&mut self) -> Result<Vec<(String, i64, u64)>, StoreError> {
        let rows = self.engine.query("SELECT counter, at, n FROM series ORDER BY counter, at", &[])?;
        let read = |r: &Vec<Value>| {
            let mut c = Columns::of(r);
            (c.text(), c.int().unwrap_or(0), c.number())
        };
        Ok(rows.iter().map(read).collect())
    }
}
