//! What was used lately, by key, within a bound: two halves, of which the older is dropped when the younger is full.
//!
//! Whatever is used moves to the younger half, so at least the last `max / 2` keys are there. Refused: a list by time of use,
//! which needs as much memory again for links; and a hash map, whose order would be chance.

use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub(crate) struct Recent<K, V> {
    young: BTreeMap<K, V>,
    old: BTreeMap<K, V>,
    max: usize,
    /// How many were dropped.
    pub(crate) evicted: u64,
}

impl<K: Ord + Copy, V> Recent<K, V> {
    pub(crate) fn new(max: u32) -> Self {
        Self { young: BTreeMap::new(), old: BTreeMap::new(), max: (max as usize).max(4), evicted: 0 }
    }
    pub(crate) fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
    /// What is there, without counting as use.
    pub(crate) fn peek(&self, key: &K) -> Option<&V> {
        self.young.get(key).or_else(|| self.old.get(key))
    }
    pub(crate) fn peek_mut(&mut self, key: &K) -> Option<&mut V> {
        match self.young.get_mut(key) {
            Some(v) => Some(v),
            None => self.old.get_mut(key),
        }
    }
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.young.values_mut().chain(self.old.values_mut())
    }
    /// What is there or is made. When room is needed, of the older half those that `keep` names stay, a quarter of all at most.
    pub(crate) fn entry(&mut self, key: K, make: impl FnOnce() -> V, keep: impl Fn(&V) -> bool) -> &mut V {
        if !self.young.contains_key(&key) {
            let value = self.old.remove(&key).unwrap_or_else(make);
            if self.young.len() >= self.max / 2 {
                self.turn(keep);
            }
            self.young.insert(key, value);
        }
        self.young.get_mut(&key).expect("it was put there if it was not")
    }
    fn turn(&mut self, keep: impl Fn(&V) -> bool) {
        let dropped = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
        for (key, value) in dropped {
            if self.young.len() < self.max / 4 && keep(&value) {
                self.young.insert(key, value);
            } else {
                self.evicted += 1;
            }
        }
    }
}
