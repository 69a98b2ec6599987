//! What a country of nodes in one process is made of: parts, reports, chance, and lines that fail. The simulation of the tests and the one
//! at size (`cargo xtask bench simulation`) share it.

use evidence::{Digest, IncidentCounts, MeasureCounts, NodeRole, Part, PlanRef, ProgrammeReport, ScopeShare, Time};
use node::{Line, LineFault, Node};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

/// A part; `n` makes its name and, of an enterprise, its credit code.
pub(crate) fn part(role: NodeRole, area: &str, n: u64) -> Part {
    let enterprise = matches!(role, NodeRole::Plant | NodeRole::Group);
    let uscc = if enterprise { uscc(n) } else { String::new() };
    Part { role, name: format!("{} {n}", role.name()), area: area.to_owned(), uscc }
}

/// A credit code by GB 32100-2015 §4.6: 17 characters and one that makes the sum of weights 3^i a multiple of 31.
pub(crate) fn uscc(n: u64) -> String {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let body = format!("91320100{n:09}");
    let value = |c: u8| ALPHABET.iter().position(|a| *a == c).unwrap() as u64;
    let (mut sum, mut weight) = (0, 1);
    for c in body.bytes() {
        sum += value(c) * weight;
        weight = weight * 3 % 31;
    }
    format!("{body}{}", char::from(ALPHABET[((31 - sum % 31) % 31) as usize]))
}

pub(crate) fn report(node: &Node, uscc: &str, n: u64) -> ProgrammeReport {
    ProgrammeReport {
        node: node.id(),
        uscc: uscc.to_owned(),
        plan: PlanRef { id: "miit-2024-2026".into(), version: "1".into(), digest: Digest::of(b"plan") },
        // Made by hand, and so by no judge that could make it again.
        judge: "by-hand".into(),
        as_of: Time::from_millis(node::now().millis() - 1_000_000 + i64::try_from(n).unwrap()),
        cites: vec![],
        scope: vec![ScopeShare { kind: "host".into(), declared: 10, examined: 7, undeclared: 0 }],
        scenarios: vec![],
        examinations: vec![],
        catalogue: None,
        drills: None,
        incidents: IncidentCounts::default(),
        measures: MeasureCounts::default(),
        doubts: BTreeMap::from([("n".to_owned(), n)]),
    }
}

/// A line that is a call.
pub(crate) struct Direct<'a>(pub(crate) &'a Node);
impl Line for Direct<'_> {
    fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, LineFault> {
        match path {
            "/v1/enrol" => Ok(self.0.enrolment_taken(body)),
            "/v1/packages" => {
                let answers = self.0.packages_taken(&[body]).map_err(|e| LineFault::Unreachable(e.to_string()))?;
                Ok(answers.into_iter().next().unwrap())
            }
            _ => Err(LineFault::Status(404)),
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers from the same seed on every machine.
pub(crate) struct Chance(pub(crate) u64);
impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// What is under way and arrives later, or again: path and body.
pub(crate) type Mail = RefCell<Vec<(String, Vec<u8>)>>;

/// A line that fails in every way that lines do.
pub(crate) struct Lossy<'a, L: Line> {
    pub(crate) to: L,
    pub(crate) chance: &'a RefCell<Chance>,
    pub(crate) late: &'a Mail,
}
impl<L: Line> Line for Lossy<'_, L> {
    fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, LineFault> {
        let lost = || Err(LineFault::Unreachable("cut".to_owned()));
        let later = || self.late.borrow_mut().push((path.to_owned(), body.to_vec()));
        let what = self.chance.borrow_mut().below(10);
        match what {
            0 => lost(),
            1 => self.to.post(path, body).and_then(|_| lost()),
            2 => {
                later();
                lost()
            }
            3 => {
                later();
                self.to.post(path, body)
            }
            4 => {
                let end = self.chance.borrow_mut().below(body.len() as u64) as usize;
                self.to.post(path, &body[..end])
            }
            5 => Err(LineFault::Status(500)),
            6 => {
                let answer = self.to.post(path, body)?;
                let end = self.chance.borrow_mut().below(answer.len() as u64) as usize;
                Ok(answer[..end].to_vec())
            }
            _ => self.to.post(path, body),
        }
    }
}

/// Hands late mail over, the newest first: packages all at once, and nobody waits for an answer any more.
pub(crate) fn deliver(node: &Node, late: &Mail) {
    let mail = late.take();
    let (packages, others): (Vec<_>, Vec<_>) = mail.iter().rev().partition(|m| m.0 == "/v1/packages");
    for (_, body) in others {
        let _ = node.enrolment_taken(body);
    }
    let packages: Vec<&[u8]> = packages.into_iter().map(|m| m.1.as_slice()).collect();
    assert_eq!(node.packages_taken(&packages).unwrap().len(), packages.len());
}
