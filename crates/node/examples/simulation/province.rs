//! A supervisor with its plants: enrolment, three rounds of reports over bad lines, restarts, and the way up.

use crate::country::{Chance, Direct, Lossy, Mail, copy, part, report};
use crate::{Acknowledged, Ministry, Tally, chance, late_mail, open, settle};
use evidence::{Digest, NodeId, NodeRole, Part, Record, RecordKind};
use node::{Code, Node};
use proof::PublicKey;
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use stdx::Stop;

/// Plants that live at a time under one supervisor.
const WAVE: usize = 50;
const ROUNDS: u64 = 3;

/// A plant, or a copy of one.
pub(crate) struct Plant {
    pub(crate) home: PathBuf,
    node: Option<Node>,
    pub(crate) part: Part,
    code: Option<Code>,
    signed: u64,
}
impl Plant {
    pub(crate) fn new(home: PathBuf, part: Part, code: Code) -> Self {
        let node = open(&home);
        node.profile_set(part.clone(), None).unwrap();
        Self { home, node: Some(node), part, code: Some(code), signed: 0 }
    }
    pub(crate) fn node(&self) -> &Node {
        self.node.as_ref().unwrap()
    }
    fn restart(&mut self) {
        drop(self.node.take());
        self.node = Some(open(&self.home));
    }
    pub(crate) fn copy(&self, home: PathBuf) -> Self {
        copy(&self.home, &home);
        let node = Some(open(&home));
        Self { home, node, part: self.part.clone(), code: None, signed: self.signed }
    }
    /// The code of its invitation, while it has not enrolled.
    pub(crate) fn take_code(&mut self) -> Option<Code> {
        self.code.take()
    }
    pub(crate) fn report(&mut self) -> Digest {
        self.signed += 1;
        let record = Record::ProgrammeReport(Box::new(report(self.node(), &self.part.uscc, self.signed)));
        self.node().store().record(&record, None, vec![]).unwrap().leaf()
    }
    pub(crate) fn evidence_keys(&self) -> Vec<PublicKey> {
        self.node().store().keys().evidence_keys()
    }
    fn remove(mut self) {
        drop(self.node.take());
        std::fs::remove_dir_all(&self.home).unwrap();
    }
}

/// A supervisor.
pub(crate) struct Province {
    pub(crate) root: PathBuf,
    pub(crate) home: PathBuf,
    node: Option<Node>,
    pub(crate) area: String,
    chance: RefCell<Chance>,
    late: Mail,
    late_above: Mail,
    pub(crate) tally: Tally,
    /// What its plants hold receipts for.
    pub(crate) acknowledged: Vec<Acknowledged>,
    /// Every report that its plants signed.
    pub(crate) signed: Vec<Acknowledged>,
    /// Keys of its plants, as they themselves say.
    pub(crate) keys: HashMap<NodeId, Vec<PublicKey>>,
    /// Its first plant, which stays to the end.
    pub(crate) first: Option<Plant>,
    /// The first plant as it was when its first report had been acknowledged.
    pub(crate) first_then: Option<Plant>,
    /// The province as it was in the middle.
    pub(crate) then: Option<PathBuf>,
}

impl Province {
    pub(crate) fn new(root: &Path, ministry: &Ministry, number: usize, area: &str, seed: u64) -> Self {
        let root = root.join(format!("province-{area}"));
        let home = root.join("home");
        std::fs::create_dir_all(&root).unwrap();
        let node = open(&home);
        let own = part(NodeRole::Province, area, number as u64);
        node.profile_set(own.clone(), None).unwrap();
        let (_, code) = ministry.with(|m| m.invite(own, 14, None).unwrap());
        let late_above = Mail::default();
        let chance = RefCell::new(chance(seed, number));
        let line = Lossy { to: ministry, chance: &chance, late: &late_above };
        while node.enrol(&code, &line, None, None).is_err() {}
        Self {
            root,
            home,
            node: Some(node),
            area: area.to_owned(),
            chance,
            late: Mail::default(),
            late_above,
            tally: Tally::default(),
            acknowledged: Vec::new(),
            signed: Vec::new(),
            keys: HashMap::new(),
            first: None,
            first_then: None,
            then: None,
        }
    }

    pub(crate) fn node(&self) -> &Node {
        self.node.as_ref().unwrap()
    }

    fn one_in(&self, n: u64) -> bool {
        self.chance.borrow_mut().one_in(n)
    }

    fn restart(&mut self) {
        drop(self.node.take());
        self.node = Some(open(&self.home));
        self.tally.restarts += 1;
    }

    /// Where a plant of this province is: one of its own cities, of the Corps its own code.
    pub(crate) fn plant_area(&self) -> String {
        match self.area.as_str() {
            "65-XPCC" => self.area.clone(),
            city if city.len() == 4 => city.to_owned(),
            province => format!("{province}01"),
        }
    }

    /// All of its plants, wave by wave.
    pub(crate) fn live(&mut self, ministry: &Ministry, plants: impl Iterator<Item = u64>) {
        let plants: Vec<u64> = plants.collect();
        let waves = plants.len().div_ceil(WAVE);
        for (n, wave) in plants.chunks(WAVE).enumerate() {
            if n == waves / 2 {
                let then = self.root.join("then");
                copy(&self.home, &then);
                self.then = Some(then);
            }
            self.wave(wave);
            self.up_once(ministry);
        }
        self.up(ministry);
    }

    fn wave(&mut self, wave: &[u64]) {
        let area = self.plant_area();
        let parts = wave.iter().map(|n| part(NodeRole::Plant, &area, n + 1)).collect();
        let invited = self.node().invite_all(parts, 14, None).unwrap();
        let mut plants: Vec<Plant> = invited
            .into_iter()
            .zip(wave)
            .map(|((i, code), n)| Plant::new(self.root.join(format!("plant-{n}")), i.part, code))
            .collect();
        for plant in &plants {
            self.keys.insert(plant.node().id(), plant.evidence_keys());
        }
        self.tally.plants += plants.len() as u64;
        for round in 0..ROUNDS {
            // Another order each round.
            for n in (1..plants.len()).rev() {
                let other = self.chance.borrow_mut().below(n as u64 + 1) as usize;
                plants.swap(n, other);
            }
            for plant in &mut plants {
                if self.one_in(7) {
                    plant.restart();
                    self.tally.restarts += 1;
                }
                // One or two in the first round, then now and then.
                let reports = if round == 0 { 1 + u64::from(self.one_in(2)) } else { u64::from(self.one_in(3)) };
                for _ in 0..reports {
                    self.sign(plant);
                }
                self.send(plant);
            }
            if self.one_in(3) {
                self.restart();
            }
            late_mail(self.node.as_ref().unwrap(), &self.late, &mut self.tally);
        }
        // Nobody goes before everything is acknowledged: over the same bad line.
        for mut plant in plants {
            for tries in 0.. {
                assert!(tries < 200, "nothing came through in two hundred tries");
                if self.send(&mut plant) {
                    break;
                }
            }
            match self.first {
                None => {
                    self.first_then = Some(plant.copy(self.root.join("first-then")));
                    self.sign(&mut plant);
                    while !self.send(&mut plant) {}
                    self.first = Some(plant);
                }
                Some(_) => plant.remove(),
            }
        }
        late_mail(self.node.as_ref().unwrap(), &self.late, &mut self.tally);
    }

    pub(crate) fn sign(&mut self, plant: &mut Plant) -> Digest {
        let leaf = plant.report();
        self.tally.reports += 1;
        self.signed.push(Acknowledged { plant: plant.node().id(), leaf });
        leaf
    }

    /// One try; true if everything is acknowledged.
    pub(crate) fn send(&mut self, plant: &mut Plant) -> bool {
        let line = Lossy { to: Direct(self.node.as_ref().unwrap()), chance: &self.chance, late: &self.late };
        if let Some(code) = &plant.code {
            if plant.node().enrol(code, &line, None, None).is_err() {
                self.tally.unanswered += 1;
                return false;
            }
            plant.code = None;
        }
        let done = plant.node().submit(None, &line, &Stop::new()).unwrap();
        self.tally.submissions += 1;
        let equal = match &done.state {
            node::SubmitState::Equal => true,
            node::SubmitState::Unanswered(_) | node::SubmitState::Stuck => {
                self.tally.unanswered += 1;
                false
            }
            other => panic!("an honest plant was answered {other:?}"),
        };
        self.remember(plant, done.size);
        equal
    }

    /// What a receipt covers must be above for ever.
    fn remember(&mut self, plant: &Plant, size: u64) {
        let store = plant.node().store();
        let covered = store.hashes(0, size).unwrap();
        let own = store.leaves(&[RecordKind::ProgrammeReport]).unwrap();
        let id = plant.node().id();
        self.acknowledged.extend(
            own.into_iter().filter(|l| covered.contains(l)).map(|leaf| Acknowledged { plant: id.clone(), leaf }),
        );
    }

    /// One try to bring up what is new.
    fn up_once(&mut self, ministry: &Ministry) {
        let line = Lossy { to: ministry, chance: &self.chance, late: &self.late_above };
        let done = self.node().submit(None, &line, &Stop::new()).unwrap();
        self.tally.submissions += 1;
        self.tally.unanswered += u64::from(done.state != node::SubmitState::Equal);
        ministry.with(|m| late_mail(m, &self.late_above, &mut self.tally));
        if self.one_in(8) {
            ministry.restart();
            self.tally.restarts += 1;
        }
    }

    /// Brings up everything, over the same bad line.
    pub(crate) fn up(&self, ministry: &Ministry) {
        let line = Lossy { to: ministry, chance: &self.chance, late: &self.late_above };
        settle(
            || self.node().submit(None, &line, &Stop::new()).unwrap().state,
            || ministry.with(|m| crate::country::deliver(m, &self.late_above)),
        );
        ministry.with(|m| crate::country::deliver(m, &self.late_above));
    }
}
