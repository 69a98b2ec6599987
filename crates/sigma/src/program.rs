//! Conditions over bits: what a rule's formula becomes in a plan, and the bits without which it cannot hold.
//!
//! A bit is something that one pass over the values can tell (this text stands in that field). What cannot be told so is *lazy*: asked
//! only when the formula comes to it, after all bits; where a text must be there for it to hold, that text's bit stands before it.

use crate::ends::{Quick, quick};

/// A node of a formula, by its number.
pub(crate) type NodeId = u32;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Node {
    Bit(u32),
    /// A lazy predicate of the plan.
    Lazy(u32),
    /// A range of children.
    And(u32, u32),
    /// A range of children.
    Or(u32, u32),
    Not(NodeId),
    /// At least so many of a range of children.
    Least(u32, u32, u32),
}

/// All formulas of a plan; equal ones are one.
#[derive(Default)]
pub(crate) struct Program {
    nodes: Vec<Node>,
    children: Vec<NodeId>,
    same: Quick<u64, Vec<NodeId>>,
    /// What each bit costs: how often it may be set, in parts of one.
    pub(crate) costs: Vec<f32>,
}

impl Program {
    fn put(&mut self, node: Node) -> NodeId {
        let key = match node {
            Node::Bit(n) => u64::from(n) << 3,
            Node::Lazy(n) => u64::from(n) << 3 | 1,
            Node::Not(n) => u64::from(n) << 3 | 2,
            Node::And(a, b) => self.digest(a, b) << 3 | 3,
            Node::Or(a, b) => self.digest(a, b) << 3 | 4,
            Node::Least(n, a, b) => self.digest(a, b).wrapping_add(u64::from(n)) << 3 | 5,
        };
        if let Some(same) = self.same.get(&key) {
            let found = same.iter().copied().find(|n| self.equal(self.nodes[*n as usize], node));
            if let Some(found) = found {
                if let Node::And(from, _) | Node::Or(from, _) | Node::Least(_, from, _) = node {
                    self.children.truncate(from as usize);
                }
                return found;
            }
        }
        let id = u32::try_from(self.nodes.len()).expect("limits on rules keep nodes few");
        self.nodes.push(node);
        self.same.entry(key).or_default().push(id);
        id
    }

    fn digest(&self, from: u32, to: u32) -> u64 {
        let each = self.children[from as usize..to as usize].iter();
        each.fold(0, |h: u64, n| (h.rotate_left(5) ^ u64::from(*n)).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn equal(&self, a: Node, b: Node) -> bool {
        let list = |from: u32, to: u32| &self.children[from as usize..to as usize];
        match (a, b) {
            (Node::And(a, b), Node::And(c, d)) | (Node::Or(a, b), Node::Or(c, d)) => list(a, b) == list(c, d),
            (Node::Least(n, a, b), Node::Least(m, c, d)) => n == m && list(a, b) == list(c, d),
            (a, b) => a == b,
        }
    }

    pub(crate) fn bit(&mut self, bit: u32) -> NodeId {
        self.put(Node::Bit(bit))
    }

    pub(crate) fn lazy(&mut self, lazy: u32) -> NodeId {
        self.put(Node::Lazy(lazy))
    }

    pub(crate) fn not(&mut self, of: NodeId) -> NodeId {
        match self.nodes[of as usize] {
            Node::Not(inner) => inner,
            _ => self.put(Node::Not(of)),
        }
    }

    fn list(&mut self, of: &[NodeId]) -> (u32, u32) {
        let from = u32::try_from(self.children.len()).expect("limits on rules keep nodes few");
        self.children.extend_from_slice(of);
        (from, from + u32::try_from(of.len()).expect("limits on rules keep nodes few"))
    }

    /// What costs least to ask comes first.
    fn weight(&self, node: NodeId, depth: usize) -> u32 {
        if depth > 8 {
            return 1000;
        }
        match self.nodes[node as usize] {
            Node::Bit(_) => 1,
            Node::Lazy(_) => 5000,
            Node::Not(n) => self.weight(n, depth + 1),
            Node::And(a, b) | Node::Or(a, b) | Node::Least(_, a, b) => {
                let each = self.children[a as usize..b as usize].iter();
                each.map(|n| self.weight(*n, depth + 1)).fold(1, u32::saturating_add)
            }
        }
    }

    pub(crate) fn and(&mut self, of: Vec<NodeId>) -> NodeId {
        let flat = self.flat(of, |n| match n {
            Node::And(a, b) => Some((a, b)),
            _ => None,
        });
        match flat.as_slice() {
            [one] => *one,
            all => {
                let (from, to) = self.list(all);
                self.put(Node::And(from, to))
            }
        }
    }

    pub(crate) fn or(&mut self, of: Vec<NodeId>) -> NodeId {
        let flat = self.flat(of, |n| match n {
            Node::Or(a, b) => Some((a, b)),
            _ => None,
        });
        match flat.as_slice() {
            [one] => *one,
            all => {
                let (from, to) = self.list(all);
                self.put(Node::Or(from, to))
            }
        }
    }

    /// Children of children of the same kind are children; each once, cheap ones first.
    fn flat(&self, of: Vec<NodeId>, same: impl Fn(Node) -> Option<(u32, u32)>) -> Vec<NodeId> {
        let mut flat = Vec::with_capacity(of.len());
        for node in of {
            match same(self.nodes[node as usize]) {
                Some((a, b)) => flat.extend_from_slice(&self.children[a as usize..b as usize]),
                None => flat.push(node),
            }
        }
        flat.sort_unstable();
        flat.dedup();
        flat.sort_by_cached_key(|n| self.weight(*n, 0));
        flat
    }

    pub(crate) fn least(&mut self, wanted: usize, mut of: Vec<NodeId>) -> NodeId {
        if wanted <= 1 {
            return self.or(of);
        }
        if wanted >= of.len() {
            return self.and(of);
        }
        of.sort_by_cached_key(|n| self.weight(*n, 0));
        let (from, to) = self.list(&of);
        self.put(Node::Least(u32::try_from(wanted).expect("no more than there are"), from, to))
    }

    /// Bits one of which is set whenever the formula holds, and how often one may be; none if it may hold without any.
    pub(crate) fn witness(&self, node: NodeId) -> Option<(f32, Vec<u32>)> {
        let list = |a: u32, b: u32| self.children[a as usize..b as usize].iter().map(|n| self.witness(*n));
        match self.nodes[node as usize] {
            Node::Bit(bit) => Some((self.costs[bit as usize], vec![bit])),
            Node::Lazy(_) | Node::Not(_) => None,
            Node::And(a, b) => list(a, b).flatten().min_by(|x, y| x.0.total_cmp(&y.0)),
            Node::Or(a, b) => united(list(a, b).collect::<Option<Vec<_>>>()?),
            Node::Least(wanted, a, b) => {
                // Of m, n hold: among any m - n + 1 of them one does.
                let mut all: Vec<_> = list(a, b).flatten().collect();
                let enough = (b - a - wanted + 1) as usize;
                all.sort_by(|x, y| x.0.total_cmp(&y.0));
                all.truncate(enough);
                if all.len() < enough { None } else { united(all) }
            }
        }
    }

    #[inline]
    pub(crate) fn holds(&self, node: NodeId, ask: &mut impl Asked) -> bool {
        match self.nodes[node as usize] {
            Node::Bit(bit) => ask.bit(bit),
            Node::Lazy(lazy) => ask.lazy(lazy),
            Node::Not(n) => !self.holds(n, ask),
            Node::And(a, b) => self.children[a as usize..b as usize].iter().all(|n| self.holds(*n, ask)),
            Node::Or(a, b) => self.children[a as usize..b as usize].iter().any(|n| self.holds(*n, ask)),
            Node::Least(wanted, a, b) => {
                let held = self.children[a as usize..b as usize].iter().filter(|n| self.holds(**n, ask));
                held.take(wanted as usize).count() == wanted as usize
            }
        }
    }

    /// What is only needed while formulas are made goes.
    pub(crate) fn close(&mut self) {
        self.same = quick();
        self.nodes.shrink_to_fit();
        self.children.shrink_to_fit();
        self.costs = Vec::new();
    }

    pub(crate) fn bytes(&self) -> usize {
        self.nodes.capacity() * size_of::<Node>() + self.children.capacity() * 4
    }
}

fn united(all: Vec<(f32, Vec<u32>)>) -> Option<(f32, Vec<u32>)> {
    let cost = all.iter().map(|w| w.0).sum();
    let mut bits: Vec<u32> = all.into_iter().flat_map(|w| w.1).collect();
    bits.sort_unstable();
    bits.dedup();
    Some((cost, bits))
}

/// Who answers for an event.
pub(crate) trait Asked {
    /// Whether the bit is set.
    fn bit(&self, bit: u32) -> bool;
    /// Whether the lazy predicate holds.
    fn lazy(&mut self, lazy: u32) -> bool;
}
