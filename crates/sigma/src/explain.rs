//! Why a rule does or does not match: the condition, its selections, their items, with the values that decided.

use crate::event::Event;
use crate::predicate::Room;
use crate::rule::{Body, RuleId, Selection};
use crate::rules::Rules;
use crate::selection::Expr;

/// A rule against an event.
#[derive(Clone, PartialEq, Debug)]
pub struct Explanation {
    /// Whether it matches.
    pub matches: bool,
    /// Its selections, then those of filters.
    pub parts: Vec<Part>,
}

/// A selection.
#[derive(Clone, PartialEq, Debug)]
pub struct Part {
    /// Its name in the rule.
    pub name: String,
    /// The title of the filter that it belongs to, if it is one of a filter.
    pub filter: Option<String>,
    /// Whether it holds.
    pub holds: bool,
    /// What it consists of.
    pub reasons: Vec<Reason>,
}

/// One comparison of a selection. Values are those of the event, unmasked: whoever shows them masks them.
#[derive(Clone, PartialEq, Debug)]
pub struct Reason {
    /// Depth in the selection, from 0: deeper ones belong to the last shallower one.
    pub depth: usize,
    /// `and`, `or`, `not`, or the field with its modifiers as it is compared (`contains` is shown as `*` around the value; empty for a keyword).
    pub item: String,
    /// The value that the rule has; empty for `and`, `or`, `not`.
    pub wanted: String,
    /// Whether it holds.
    pub holds: bool,
    /// The field and value of the event that make it hold.
    pub found: Option<(String, String)>,
}

/// Most reasons of a selection that are told; those that hold come first in lists longer than this.
const REASONS_MAX: usize = 512;

pub(crate) fn explain(rules: &Rules, id: RuleId, event: &Event) -> Option<Explanation> {
    let Body::Detection(detection) = &rules.get(id).body else { return None };
    let part = |selection: &Selection, filter: Option<&str>| {
        let mut reasons = Vec::new();
        let holds = walk(rules, &selection.expr, event, 0, &mut reasons);
        Part { name: selection.name.clone(), filter: filter.map(str::to_owned), holds, reasons }
    };
    let mut parts: Vec<Part> = detection.selections.iter().map(|s| part(s, None)).collect();
    for filter in &detection.filters {
        parts.extend(filter.selections.iter().map(|s| part(s, Some(&filter.title))));
    }
    Some(Explanation { matches: rules.matches_plainly(id, event), parts })
}

fn walk(rules: &Rules, expr: &Expr, event: &Event, depth: usize, out: &mut Vec<Reason>) -> bool {
    let at = out.len();
    let group = |item: &str| Reason { depth, item: item.to_owned(), wanted: String::new(), holds: false, found: None };
    let holds = match expr {
        Expr::Pred(p) => {
            let pred = rules.pred(*p);
            let holds = pred.holds(event, &mut Room::default());
            let name = |f| rules.field_name(f).unwrap_or_default().to_owned();
            let (item, wanted) = pred.shown(name);
            let found = pred.witness(event).filter(|_| holds).map(|(f, value)| (name(f), value));
            out.push(Reason { depth, item, wanted, holds, found });
            return holds;
        }
        Expr::And(all) => {
            out.push(group("and"));
            all.iter().fold(true, |holds, e| walk(rules, e, event, depth + 1, out) & holds)
        }
        Expr::Or(all) => {
            out.push(group("or"));
            all.iter().fold(false, |holds, e| walk(rules, e, event, depth + 1, out) | holds)
        }
        Expr::Not(e) => {
            out.push(group("not"));
            !walk(rules, e, event, depth + 1, out)
        }
    };
    out[at].holds = holds;
    if out.len() - at > REASONS_MAX {
        let tail = out.split_off(at + 1);
        let (hold, rest): (Vec<_>, Vec<_>) = tail.into_iter().partition(|r| r.holds);
        out.extend(hold.into_iter().chain(rest).take(REASONS_MAX));
    }
    holds
}
