//! The rules for events of certain log sources, made ready: per field what is sought in its values, formulas over what is found, and for each thing
//! found the rules that it makes worth asking.

use std::collections::HashSet;
use std::sync::Arc;

use crate::condition::Condition;
use crate::ends::{Ends, Quick, Side, quick};
use crate::event::FieldId;
use crate::needles::{Needles, is_common};
use crate::pattern::{DASHES, Pattern, Piece};
use crate::predicate::{PredId, Test};
use crate::program::{NodeId, Program};
use crate::required;
use crate::rule::{Body, Detection, RuleId, Selection};
use crate::rules::Rules;
use crate::selection::Expr;

/// The rules for events of certain log sources, ready to be scanned with. A copy is a reference.
#[derive(Clone)]
pub struct Plan(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) rules: Box<[RuleId]>,
    /// By field number, whether anything looks at it.
    reads: Box<[bool]>,
    /// By field number, the place in `sought`, or [`NOWHERE`].
    pub(crate) at: Box<[u32]>,
    pub(crate) sought: Box<[Sought]>,
    /// What is sought in every value.
    pub(crate) anywhere: Option<Sought>,
    pub(crate) lazies: Box<[PredId]>,
    pub(crate) program: Program,
    /// By place of a rule in `rules`.
    pub(crate) roots: Box<[NodeId]>,
    pub(crate) bits: usize,
    /// By bit, a range of `woken`.
    pub(crate) wakes: Box<[u32]>,
    /// Places of rules.
    pub(crate) woken: Box<[u32]>,
    /// Places of rules that nothing need wake.
    pub(crate) always: Box<[u32]>,
}

/// No place.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// What is sought in one field.
#[derive(Default)]
pub(crate) struct Sought {
    /// Set if there is any value.
    pub(crate) exists: Option<u32>,
    /// Set if there is a value other than null.
    pub(crate) present: Option<u32>,
    pub(crate) folded: Option<Forms>,
    pub(crate) raw: Option<Forms>,
}

/// Texts of one form, folded or as they stand, with the bits that they set.
pub(crate) struct Forms {
    pub(crate) ends: [(Ends, Box<[u32]>); 3],
    pub(crate) within: Option<(Needles, Box<[u32]>)>,
}

impl Forms {
    /// Calls with each bit that the value sets.
    #[inline]
    pub(crate) fn find(&self, value: &[u8], mut set: impl FnMut(u32)) {
        for (ends, bits) in &self.ends {
            if !ends.is_empty() {
                ends.find(value, |n| set(bits[n as usize]));
            }
        }
        if let Some((needles, bits)) = &self.within {
            needles.find(value, |n| set(bits[n as usize]));
        }
    }
}

/// Where a text must stand.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Spot {
    Side(Side),
    Within,
}

/// What is sought while a plan is made: field (or none: anywhere), form, spot.
type Wanted = (Option<FieldId>, bool, Spot);

struct Maker<'r> {
    rules: &'r Rules,
    program: Program,
    /// The bit of each text.
    texts: Quick<u64, Vec<(Wanted, String, u32)>>,
    listed: std::collections::HashMap<Wanted, Vec<(String, u32)>>,
    /// Bits of fields: that it exists, that it is present.
    exists: Quick<u32, u32>,
    present: Quick<u32, u32>,
    lazies: Vec<PredId>,
    /// The node of each predicate that was met.
    nodes: Quick<u32, NodeId>,
}

/// Most texts that a pattern with flag characters is unfolded to.
const DASHED_MAX: usize = 125;

impl Plan {
    pub(crate) fn new(rules: &Rules, ids: &[RuleId]) -> Self {
        let mut maker = Maker {
            rules,
            program: Program::default(),
            texts: quick(),
            listed: std::collections::HashMap::new(),
            exists: quick(),
            present: quick(),
            lazies: Vec::new(),
            nodes: quick(),
        };
        let roots: Vec<NodeId> = ids
            .iter()
            .map(|id| match &rules.get(*id).body {
                Body::Detection(detection) => maker.detection(detection),
                Body::Correlation(_) => maker.program.or(Vec::new()),
            })
            .collect();
        Self(Arc::new(maker.close(ids, roots)))
    }

    /// The rules in it, ascending.
    #[must_use]
    pub fn rules(&self) -> &[RuleId] {
        &self.0.rules
    }

    /// Whether no rule is in it: such events need not be built.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.rules.is_empty()
    }

    /// Whether a rule or a correlation looks at this field; others may be left out if not [`Plan::reads_every_value`].
    #[must_use]
    pub fn reads(&self, field: FieldId) -> bool {
        self.0.reads.get(field.0 as usize).copied().unwrap_or(false)
    }

    /// Whether a rule has keywords, which look at every value.
    #[must_use]
    pub fn reads_every_value(&self) -> bool {
        self.0.anywhere.is_some()
    }

    /// Rules that every event of the plan asks, for want of a text to find them by.
    pub fn unindexed(&self) -> impl Iterator<Item = RuleId> {
        self.0.always.iter().map(|at| self.0.rules[*at as usize])
    }

    /// About how many bytes it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let of = |s: &Sought| [&s.folded, &s.raw].into_iter().flatten().map(Forms::bytes).sum::<usize>() + 64;
        self.0.sought.iter().chain(&self.0.anywhere).map(of).sum::<usize>()
            + self.0.program.bytes()
            + (self.0.at.len() + self.0.roots.len() * 2 + self.0.wakes.len() + self.0.woken.len()) * 4
    }
}

impl Forms {
    fn bytes(&self) -> usize {
        let ends = self.ends.iter().map(|(e, bits)| e.bytes() + bits.len() * 4).sum::<usize>();
        ends + self.within.as_ref().map_or(0, |(n, bits)| n.bytes() + bits.len() * 4)
    }
}

impl Maker<'_> {
    fn detection(&mut self, detection: &Detection) -> NodeId {
        let mut all = vec![self.formula(&detection.selections, &detection.condition)];
        for filter in &detection.filters {
            let taken = self.formula(&filter.selections, &filter.condition);
            all.push(self.program.not(taken));
        }
        self.program.and(all)
    }

    fn formula(&mut self, selections: &[Selection], condition: &Condition) -> NodeId {
        match condition {
            Condition::And(all) => {
                let all = all.iter().map(|c| self.formula(selections, c)).collect();
                self.program.and(all)
            }
            Condition::Or(all) => {
                let all = all.iter().map(|c| self.formula(selections, c)).collect();
                self.program.or(all)
            }
            Condition::Not(c) => {
                let inner = self.formula(selections, c);
                self.program.not(inner)
            }
            Condition::Selection(n) => self.expr(&selections[*n].expr),
            Condition::Of(wanted, all) => {
                let all = all.iter().map(|n| self.expr(&selections[*n].expr)).collect();
                self.program.least(*wanted, all)
            }
        }
    }

    fn expr(&mut self, expr: &Expr) -> NodeId {
        match expr {
            Expr::Pred(p) => self.pred(*p),
            Expr::And(all) => {
                let all = all.iter().map(|e| self.expr(e)).collect();
                self.program.and(all)
            }
            Expr::Or(all) => {
                let all = all.iter().map(|e| self.expr(e)).collect();
                self.program.or(all)
            }
            Expr::Not(e) => {
                let inner = self.expr(e);
                self.program.not(inner)
            }
        }
    }

    fn pred(&mut self, id: PredId) -> NodeId {
        if let Some(node) = self.nodes.get(&id.0) {
            return *node;
        }
        let pred = self.rules.pred(id);
        let node = match (&pred.test, pred.field) {
            (Test::Exists, Some(field)) => self.exists(field),
            (Test::Present, Some(field)) => self.present(field),
            (Test::Null, Some(field)) => {
                let present = self.present(field);
                self.program.not(present)
            }
            (Test::Text { pattern, cased }, field) => self.text(id, field, pattern, *cased),
            (Test::Regex(regex), field) => {
                let gate = required::of_regex(&regex.hir).unwrap_or_default();
                let gate: Vec<NodeId> = gate.iter().map(|t| self.sought((field, false, Spot::Within), t)).collect();
                self.lazy(id, gate)
            }
            (_, Some(field)) => {
                let present = self.present(field);
                self.lazy(id, vec![present])
            }
            (_, None) => self.lazy(id, Vec::new()),
        };
        self.nodes.insert(id.0, node);
        node
    }

    /// A predicate that is asked when one of the nodes holds.
    fn lazy(&mut self, id: PredId, gate: Vec<NodeId>) -> NodeId {
        let at = u32::try_from(self.lazies.len()).expect("limits on rules keep predicates few");
        self.lazies.push(id);
        let lazy = self.program.lazy(at);
        if gate.is_empty() {
            return lazy;
        }
        let gate = self.program.or(gate);
        self.program.and(vec![gate, lazy])
    }

    fn text(&mut self, id: PredId, field: Option<FieldId>, pattern: &Pattern, cased: bool) -> NodeId {
        let open = |p: Option<&Piece>| p == Some(&Piece::Many);
        let pieces = &pattern.pieces[..];
        let spot = match (open(pieces.first()), open(pieces.last())) {
            (true, true) if pieces.len() > 1 => Spot::Within,
            (true, false) => Spot::Side(Side::End),
            (false, true) => Spot::Side(Side::Start),
            (true, true) => {
                // A star alone: any value that is not null.
                return match field {
                    Some(field) => self.present(field),
                    None => self.lazy(id, Vec::new()),
                };
            }
            (false, false) => Spot::Side(Side::Whole),
        };
        let core = match spot {
            Spot::Within => &pieces[1..pieces.len() - 1],
            Spot::Side(Side::End) => &pieces[1..],
            Spot::Side(Side::Start) => &pieces[..pieces.len() - 1],
            Spot::Side(Side::Whole) => pieces,
        };
        match unfolded(core) {
            Some(texts) => {
                let each = texts.iter().map(|t| self.sought((field, cased, spot), t)).collect();
                self.program.or(each)
            }
            None => {
                let gate = required::of_pattern(pattern);
                let gate = gate.map(|t| self.sought((field, cased, Spot::Within), &t));
                let present = field.filter(|_| gate.is_none()).map(|f| self.present(f));
                self.lazy(id, gate.into_iter().chain(present).collect())
            }
        }
    }

    fn new_bit(&mut self, cost: f32) -> u32 {
        let bit = u32::try_from(self.program.costs.len()).expect("limits on rules keep predicates few");
        self.program.costs.push(cost);
        bit
    }

    fn exists(&mut self, field: FieldId) -> NodeId {
        if !self.exists.contains_key(&field.0) {
            let bit = self.new_bit(1.0);
            self.exists.insert(field.0, bit);
        }
        self.program.bit(self.exists[&field.0])
    }

    fn present(&mut self, field: FieldId) -> NodeId {
        if !self.present.contains_key(&field.0) {
            let bit = self.new_bit(1.0);
            self.present.insert(field.0, bit);
        }
        self.program.bit(self.present[&field.0])
    }

    /// The bit of a text in a field.
    fn sought(&mut self, wanted: Wanted, text: &str) -> NodeId {
        let key = crate::ends::hash(text.as_bytes());
        let known = self.texts.get(&key).and_then(|all| all.iter().find(|(w, t, _)| *w == wanted && t == text));
        let bit = match known {
            Some((_, _, bit)) => *bit,
            None => {
                let bit = self.new_bit(cost(wanted, text));
                self.texts.entry(key).or_default().push((wanted, text.to_owned(), bit));
                self.listed.entry(wanted).or_default().push((text.to_owned(), bit));
                bit
            }
        };
        self.program.bit(bit)
    }

    fn close(mut self, ids: &[RuleId], roots: Vec<NodeId>) -> Inner {
        let bits = self.program.costs.len();
        let mut always = Vec::new();
        let mut wakes: Vec<(u32, u32)> = Vec::new();
        for (place, root) in roots.iter().enumerate() {
            let place = u32::try_from(place).expect("rules_max");
            match self.program.witness(*root) {
                Some((_, bits)) => wakes.extend(bits.into_iter().map(|bit| (bit, place))),
                None => always.push(place),
            }
        }
        wakes.sort_unstable();
        let mut starts = vec![0u32; bits + 1];
        wakes.iter().for_each(|(bit, _)| starts[*bit as usize + 1] += 1);
        (0..bits).for_each(|b| starts[b + 1] += starts[b]);
        self.program.close();
        let fields = self.rules.fields.len();
        let mut at = vec![NOWHERE; fields];
        let mut sought: Vec<Sought> = Vec::new();
        let named: HashSet<u32> = self.listed.keys().filter_map(|w| w.0.map(|f| f.0)).collect();
        let mut named: Vec<u32> =
            named.into_iter().chain(self.exists.keys().copied()).chain(self.present.keys().copied()).collect();
        named.sort_unstable();
        named.dedup();
        for field in named {
            at[field as usize] = u32::try_from(sought.len()).expect("fields are few");
            sought.push(Sought {
                exists: self.exists.get(&field).copied(),
                present: self.present.get(&field).copied(),
                folded: self.forms(Some(FieldId(field)), false),
                raw: self.forms(Some(FieldId(field)), true),
            });
        }
        let (folded, raw) = (self.forms(None, false), self.forms(None, true));
        let lazy_keywords = self.lazies.iter().any(|p| self.rules.pred(*p).field.is_none());
        let keywords = folded.is_some() || raw.is_some() || lazy_keywords;
        Inner {
            rules: ids.into(),
            reads: self.reads(&at),
            at: at.into(),
            sought: sought.into(),
            anywhere: keywords.then_some(Sought { exists: None, present: None, folded, raw }),
            lazies: self.lazies.into(),
            program: self.program,
            roots: roots.into(),
            bits,
            wakes: starts.into(),
            woken: wakes.into_iter().map(|(_, place)| place).collect(),
            always: always.into(),
        }
    }

    /// Fields that bits, lazy predicates or correlations look at.
    fn reads(&self, at: &[u32]) -> Box<[bool]> {
        let mut reads: Vec<bool> = at.iter().map(|a| *a != NOWHERE).collect();
        for lazy in &self.lazies {
            let pred = self.rules.pred(*lazy);
            pred.field.iter().for_each(|f| reads[f.0 as usize] = true);
            if let Test::FieldRef { other, .. } = pred.test {
                reads[other.0 as usize] = true;
            }
        }
        for rule in &self.rules.rules {
            if let Body::Correlation(c) = &rule.body {
                let fields = c.group_fields.iter().chain(&c.value_fields).flatten();
                fields.for_each(|f| reads[f.0 as usize] = true);
            }
        }
        reads.into()
    }

    fn forms(&self, field: Option<FieldId>, cased: bool) -> Option<Forms> {
        let list = |spot| self.listed.get(&(field, cased, spot)).map(Vec::as_slice).unwrap_or_default();
        let spots = [Side::Whole, Side::Start, Side::End];
        let within = list(Spot::Within);
        if within.is_empty() && spots.iter().all(|s| list(Spot::Side(*s)).is_empty()) {
            return None;
        }
        let bits = |list: &[(String, u32)]| list.iter().map(|(_, bit)| *bit).collect::<Box<[u32]>>();
        let bytes = |list: &'_ [(String, u32)]| list.iter().map(|(t, _)| t.clone().into_bytes()).collect::<Vec<_>>();
        let ends = spots.map(|side| {
            let list = list(Spot::Side(side));
            let texts = bytes(list);
            (Ends::new(side, &texts.iter().map(Vec::as_slice).collect::<Vec<_>>()), bits(list))
        });
        let within = (!within.is_empty()).then(|| {
            let texts = bytes(within);
            (Needles::new(&texts.iter().map(Vec::as_slice).collect::<Vec<_>>()), bits(within))
        });
        Some(Forms { ends, within })
    }
}

/// How often a text may be found, roughly: short ones and those that every log is full of are poor witnesses.
fn cost(wanted: Wanted, text: &str) -> f32 {
    let (_, _, spot) = wanted;
    let long = 0.3 * (-(text.len() as f32) / 5.0).exp() + 1e-6;
    match spot {
        Spot::Side(Side::Whole) if text.len() <= 5 => 0.2,
        Spot::Side(Side::Whole) => long.min(0.05),
        _ if text.len() < 4 || is_common(text) => 0.4,
        _ => long,
    }
}

/// The texts that pieces without wildcards stand for.
fn unfolded(pieces: &[Piece]) -> Option<Vec<String>> {
    let mut out = vec![String::new()];
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.iter_mut().for_each(|o| o.push_str(text)),
            Piece::Dash if out.len() * DASHES.len() <= DASHED_MAX => {
                out = out.iter().flat_map(|o| DASHES.iter().map(move |d| format!("{o}{d}"))).collect();
            }
            _ => return None,
        }
    }
    Some(out)
}
