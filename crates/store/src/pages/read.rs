//! Reading pages.

use super::engine::{Columns, Value};
use super::write::{LINE, line};
use super::{CaughtLine, EnterpriseLine, MatterLine, PASSED_MAX, PageTables, ReceiptLine};
use crate::StoreError;
use evidence::Digest;
use std::collections::BTreeMap;

/// Which enterprises: of a cell, and what is asked of each row beyond it. What is empty asks nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Narrow {
    /// The cell: empty, or `s44`, `p44`, `c4403`, `dC39`, `s44dC39`, …, `g` and a group.
    pub cell: String,
    /// Beginning of the area.
    pub area: String,
    /// Beginning of the industry.
    pub industry: String,
    /// The supervisor.
    pub supervisor: String,
    /// The group.
    pub group: String,
    /// This enterprise, and those that this node certified a node of.
    pub own: Option<String>,
    /// This enterprise alone.
    pub only: Option<String>,
    /// Of this state.
    pub state: Option<i64>,
    /// Selected.
    pub selected: bool,
    /// Without points.
    pub pointless: bool,
    /// On the list of measures.
    pub measured: bool,
}
impl Narrow {
    /// Whether the cell alone says it all.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        Self { cell: String::new(), ..self.clone() } == Self::default()
    }

    /// The condition beyond the cell, with its values from `?from` on.
    fn sql(&self, from: usize) -> (String, Vec<Value>) {
        let (mut sql, mut values) = (String::new(), Vec::new());
        let mut and = |text: &str, value: Option<Value>| {
            sql += " AND ";
            sql += &text.replace('#', &format!("?{}", from + values.len()));
            values.extend(value);
        };
        for (column, begins) in [("area", &self.area), ("industry", &self.industry)] {
            if !begins.is_empty() {
                let long = begins.chars().count();
                and(&format!("substr(e.{column}, 1, {long}) = #"), Some(begins.as_str().into()));
            }
        }
        for (column, is) in [("supervisor", &self.supervisor), ("grp", &self.group)] {
            if !is.is_empty() {
                and(&format!("e.{column} = #"), Some(is.as_str().into()));
            }
        }
        if let Some(own) = &self.own {
            and("(e.code = # OR e.member = 1)", Some(own.as_str().into()));
        }
        if let Some(only) = &self.only {
            and("e.code = #", Some(only.as_str().into()));
        }
        if let Some(state) = self.state {
            and("e.state = #", Some(state.into()));
        }
        for (on, text) in
            [(self.selected, "e.selected = 1"), (self.pointless, "e.back_most = 0"), (self.measured, "e.measured = 1")]
        {
            if on {
                and(text, None);
            }
        }
        (sql, values)
    }
}

/// A page, and after what the next begins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageOf<T, K> {
    /// The rows.
    pub rows: Vec<T>,
    /// The place of the last that was looked at; none: there is nothing more.
    pub next: Option<K>,
}

/// A place in a list: points that go down, code.
type ListKey = (i64, i64, String);
/// A place in the queue: rank, points that go down, due, code, about.
type MatterKey = (i64, i64, i64, String, String);

fn list_key(row: &[Value]) -> Option<ListKey> {
    match row {
        [Value::Int(a), Value::Int(b), Value::Text(code), ..] => Some((*a, *b, code.clone())),
        _ => None,
    }
}

impl PageTables {
    /// At most `limit` enterprises of a list behind a place.
    pub fn list(
        &mut self,
        list: i64,
        narrow: &Narrow,
        after: Option<&ListKey>,
        limit: usize,
    ) -> Result<PageOf<EnterpriseLine, ListKey>, StoreError> {
        let start = (i64::MIN, i64::MIN, String::new());
        let (a, b, code) = after.unwrap_or(&start);
        let mut values: Vec<Value> =
            vec![list.into(), narrow.cell.as_str().into(), (*a).into(), (*b).into(), code.as_str().into()];
        let place = "SELECT k1, k2, code FROM place WHERE list = ?1 AND cell = ?2 AND (k1, k2, code) > (?3, ?4, ?5) ORDER BY k1, k2, code";
        let whole = narrow.is_whole();
        let (more, extra) = narrow.sql(6);
        let within = if whole { limit + 1 } else { PASSED_MAX };
        let sql = format!(
            "SELECT p.k1, p.k2, {LINE} FROM ({place} LIMIT {within}) p JOIN enterprise e ON e.code = p.code WHERE 1 = 1{more} \
             ORDER BY p.k1, p.k2, p.code LIMIT {}",
            limit + 1
        );
        values.extend(extra);
        let found = self.engine.query(&sql, &values)?;
        let key = |r: &Vec<Value>| list_key(r);
        let next = if found.len() > limit {
            limit.checked_sub(1).and_then(|n| found.get(n)).and_then(key)
        } else if whole {
            None
        } else {
            // Fewer than asked for: is there more than what was passed over?
            values.truncate(5);
            let last = self.engine.query(&format!("{place} LIMIT 2 OFFSET {}", PASSED_MAX - 1), &values)?;
            last.first().filter(|_| last.len() > 1).and_then(|r| list_key(r))
        };
        let rows =
            found.iter().take(limit).map(|r| line(&mut Columns(r.get(2..).unwrap_or_default().iter()))).collect();
        Ok(PageOf { rows, next })
    }

    /// How many a list has in a cell; nothing is counted for it.
    pub fn total(&mut self, list: i64, cell: &str) -> Result<u64, StoreError> {
        let rows =
            self.engine.query("SELECT n FROM total WHERE list = ?1 AND cell = ?2", &[list.into(), cell.into()])?;
        Ok(rows.first().map_or(0, |r| Columns::of(r).number()))
    }

    /// The totals of all lists in a cell.
    pub fn totals(&mut self, cell: &str) -> Result<BTreeMap<i64, u64>, StoreError> {
        // Few lists: asked for one by one, each through the key.
        let mut out = BTreeMap::new();
        let lists = (0..4).chain(10..20).chain(100..200);
        let named: Vec<String> = lists.map(|n: i64| n.to_string()).collect();
        let sql = format!("SELECT list, n FROM total WHERE list IN ({}) AND cell = ?1", named.join(","));
        for r in self.engine.query(&sql, &[cell.into()])? {
            let mut c = Columns::of(&r);
            out.insert(c.int().unwrap_or(-1), c.number());
        }
        Ok(out)
    }

    /// Reasons that many share.
    pub fn shared(&mut self, id: &str) -> Result<String, StoreError> {
        let rows = self.engine.query("SELECT reasons FROM shared WHERE id = ?1", &[id.into()])?;
        Ok(rows.first().map_or_else(String::new, |r| Columns::of(r).text()))
    }

    /// The document of an enterprise; empty: nothing is at hand.
    pub fn life(&mut self, code: &str) -> Result<String, StoreError> {
        let rows = self.engine.query("SELECT doc FROM life WHERE code = ?1", &[code.into()])?;
        Ok(rows.first().map_or_else(String::new, |r| Columns::of(r).text()))
    }

    /// The matters of an enterprise, as documents.
    pub fn matters_of(&mut self, code: &str) -> Result<Vec<String>, StoreError> {
        let rows = self.engine.query("SELECT doc FROM matter WHERE code = ?1 ORDER BY n", &[code.into()])?;
        Ok(rows.iter().map(|r| Columns::of(r).text()).collect())
    }

    /// At most `limit` matters of one rank behind a place of that rank. `loose`: with those of nobody.
    pub fn queue(
        &mut self,
        rank: i64,
        (narrow, loose): (&Narrow, bool),
        after: Option<&MatterKey>,
        limit: usize,
    ) -> Result<PageOf<MatterLine, MatterKey>, StoreError> {
        let start = (rank, i64::MIN, i64::MIN, String::new(), String::new());
        let (_, most, due, code, about) = after.unwrap_or(&start);
        let mut values: Vec<Value> = vec![
            narrow.cell.as_str().into(),
            rank.into(),
            (*most).into(),
            (*due).into(),
            code.as_str().into(),
            about.as_str().into(),
        ];
        let whole = narrow.is_whole();
        let (more, extra) = narrow.sql(7);
        let loose = if loose { "" } else { " AND code <> ''" };
        let place = format!(
            "SELECT rank, back_most, due, code, about, n FROM matter_place WHERE cell = ?1 AND rank = ?2 \
             AND (back_most, due, code, about) > (?3, ?4, ?5, ?6){loose} ORDER BY back_most, due, code, about, n"
        );
        let join = if whole { "" } else { "JOIN enterprise e ON e.code = p.code" };
        let within = if whole { limit + 1 } else { PASSED_MAX };
        let sql = format!(
            "SELECT p.back_most, p.due, p.code, p.about, m.doc FROM ({place} LIMIT {within}) p \
             JOIN matter m ON m.code = p.code AND m.n = p.n {join} WHERE 1 = 1{more} \
             ORDER BY p.back_most, p.due, p.code, p.about, p.n LIMIT {}",
            limit + 1
        );
        values.extend(extra);
        let read = |r: &Vec<Value>| {
            let mut c = Columns::of(r);
            let (most, due) = (c.int().map_or(0, i64::unsigned_abs), c.int().unwrap_or(i64::MAX));
            MatterLine { rank, most, due, code: c.text(), about: c.text(), doc: c.text() }
        };
        let key = |m: &MatterLine| {
            (rank, i64::try_from(m.most).unwrap_or(i64::MAX).saturating_neg(), m.due, m.code.clone(), m.about.clone())
        };
        let mut rows: Vec<MatterLine> = self.engine.query(&sql, &values)?.iter().map(read).collect();
        let next = if rows.len() > limit {
            rows.truncate(limit);
            rows.last().map(key)
        } else if whole {
            None
        } else {
            values.truncate(6);
            let last = self.engine.query(&format!("{place} LIMIT 2 OFFSET {}", PASSED_MAX - 1), &values)?;
            last.first().filter(|_| last.len() > 1).map(|r| {
                let mut c = Columns(r.get(1..).unwrap_or_default().iter());
                (rank, c.int().unwrap_or(0), c.int().unwrap_or(0), c.text(), c.text())
            })
        };
        Ok(PageOf { rows, next })
    }

    /// Receipts, the newest first, of one child or of all, behind a place (milliseconds that go down, leaf).
    pub fn receipts(
        &mut self,
        child: Option<&str>,
        after: Option<(i64, Digest)>,
        limit: usize,
    ) -> Result<PageOf<ReceiptLine, (i64, Digest)>, StoreError> {
        let (back, leaf) = after.unwrap_or((i64::MIN, Digest([0; 32])));
        let mut values: Vec<Value> = vec![back.into(), leaf.into()];
        let which = match child {
            Some(child) => {
                values.push(child.into());
                " AND child = ?3"
            }
            None => "",
        };
        let sql = format!(
            "SELECT back, leaf, node, child, size, records, doubted FROM receipt WHERE (back, leaf) > (?1, ?2){which} \
             ORDER BY back, leaf LIMIT {}",
            limit + 1
        );
        let read = |r: &Vec<Value>| {
            let mut c = Columns::of(r);
            let at = c.int().unwrap_or(0).saturating_neg();
            let leaf = c.digest().unwrap_or(Digest([0; 32]));
            let (node, child) = (c.text(), c.text());
            ReceiptLine { leaf, node, child, at, size: c.number(), records: c.number(), doubted: c.number() }
        };
        let mut rows: Vec<ReceiptLine> = self.engine.query(&sql, &values)?.iter().map(read).collect();
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|r| (r.at.saturating_neg(), r.leaf));
        Ok(PageOf { rows, next })
    }

    /// Equivocations, the newest first, at most so many.
    pub fn caught_all(&mut self, limit: i64) -> Result<Vec<CaughtLine>, StoreError> {
        let sql = "SELECT leaf, node, child, at, size FROM caught ORDER BY at DESC, leaf LIMIT ?1";
        let rows = self.engine.query(sql, &[limit.into()])?;
        Ok(rows
            .iter()
            .filter_map(|r| {
                let mut c = Columns::of(r);
                let (leaf, node, child) = (c.digest()?, c.text(), c.text());
                Some(CaughtLine { leaf, node, child, at: c.int()?, size: c.number() })
            })
            .collect())
    }

    /// Every enterprise after a code, in order: for whoever compares.
    pub fn lines(&mut self, after: &str, limit: i64) -> Result<Vec<EnterpriseLine>, StoreError> {
        let sql = format!("SELECT {LINE} FROM enterprise e WHERE e.code > ?1 ORDER BY e.code LIMIT ?2");
        let rows = self.engine.query(&sql, &[after.into(), limit.into()])?;
        Ok(rows.iter().map(|r| line(&mut Columns::of(r))).collect())
    }
}
