//! Accounts against the plant's list of staff (`docs/specs/staff-v1.md`).
//!
//! The list has keyed digests, the host has names; only here, where the key is, can the two be held together. What comes
//! out are facts beside those of `inspect`: whose an account is, never who. Without a list, and where accounts were not
//! seen to the end, that is a gap.

use crate::examine::sensor_run;
use crate::measures::DAY_MILLIS;
use crate::{Node, NodeError, home};
use evidence::{
    Attestation, Body, Covered, Digest, Fact, FactValue, Gap, GapReason, Place, Record, RecordKind, SensorRun, Staff,
    StaffEntry, StaffStanding, Time,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

/// User ids from here on are people's (Debian, Red Hat, SUSE; `UID_MIN` of login.defs).
const PEOPLE_UID_MIN: i64 = 1_000;

/// A list as it was kept.
pub struct StaffSet {
    /// The record.
    pub leaf: Digest,
    /// The list.
    pub staff: Staff,
    /// Rows that were left out.
    pub bad: Vec<attest::BadRow>,
}

impl Node {
    /// The newest list of staff, with the instant of its statement and its record.
    pub fn staff(&self) -> Result<Option<(Staff, Time, Digest)>, NodeError> {
        for w in self.store().records(&[RecordKind::Attestation])?.into_iter().rev() {
            let leaf = w.record.leaf();
            if let Record::Attestation(a) = w.record.value()
                && let Some(staff) = a.as_staff()
            {
                return Ok((!staff.entries.is_empty()).then(|| (staff.clone(), a.stated_at, leaf)));
            }
        }
        Ok(None)
    }

    /// Replaces the list by a table.
    pub fn staff_import(&self, table: &Path, author: Option<&str>) -> Result<StaffSet, NodeError> {
        let limits = attest::Limits::default();
        let bytes = home::read(table, limits.file_bytes_max as u64)?;
        let read = attest::staff(&bytes, &limits, &self.store().keys().digest_key()?);
        let list = read.map_err(|e| NodeError::Table(table.to_owned(), e))?;
        if list.entries.is_empty() {
            return Err(NodeError::NoGoodRow(table.to_owned(), list.bad));
        }
        let document = Some(home::document(table)?);
        let staff = Staff { document, left_out: list.bad.len() as u64, entries: list.entries };
        self.staff_state(staff, list.bad, author)
    }

    /// Takes the list back.
    pub fn staff_drop(&self, author: Option<&str>) -> Result<StaffSet, NodeError> {
        self.staff_state(Staff { document: None, left_out: 0, entries: Vec::new() }, Vec::new(), author)
    }

    fn staff_state(&self, staff: Staff, bad: Vec<attest::BadRow>, author: Option<&str>) -> Result<StaffSet, NodeError> {
        let stated = Attestation::staff(self.id(), self.author(author), home::now(), staff.clone());
        let kept = self.append(&Record::Attestation(stated), None, Vec::new())?;
        Ok(StaffSet { leaf: kept.witness.record.leaf(), staff, bad })
    }

    /// Holds the accounts among `bodies`, as seen on `host` at `at`, against the list, and adds what comes out. `None` if
    /// no host was looked at.
    pub(crate) fn hold_staff(
        &self,
        bodies: &mut Vec<Body>,
        host: &str,
        at: Time,
        privileged: bool,
    ) -> Result<Option<SensorRun>, NodeError> {
        let seen = Seen::of(bodies);
        if !seen.looked {
            return Ok(None);
        }
        let list = self.staff()?;
        let rules = list.as_ref().map_or_else(|| Digest::of(b""), |l| l.2);
        let mut out = Vec::new();
        match &list {
            None => {
                out.push(gap("staff.list_at", GapReason::Missing));
                out.push(gap("staff.account", GapReason::Missing));
            }
            Some((staff, stated_at, leaf)) => {
                let name = staff.document.as_ref().map_or("staff", |d| d.name.as_str());
                let at_list = Place::file(format!("staff/{}", attest::clean(name)).as_str()).digest(*leaf);
                let value = FactValue::time(*stated_at);
                out.push(Body::Fact(Fact { fact: "staff.list_at".into(), value, at: at_list }));
                let key = self.store().keys().digest_key()?;
                let written = |e: &StaffEntry| if seen.windows { e.folded.clone() } else { e.account.clone() };
                let list: HashMap<String, &StaffEntry> = staff.entries.iter().map(|e| (written(e), e)).collect();
                let whose = |name: &str| {
                    let of = |host: &str| list.get(&attest::staff_account(&key, host, &seen.folded(name))).copied();
                    of(host).or_else(|| of(""))
                };
                out.extend(seen.accounts.iter().map(|a| a.fact(whose(&a.name), &seen, at)));
                out.extend(seen.gaps.iter().filter(|g| g.0 == "account").map(|g| gap("staff.account", g.1)));
            }
        }
        let open = out.iter().any(|b| matches!(b, Body::Gap(g) if g.what == "fact:staff.account"));
        if !open {
            let counts = BTreeMap::from([("found".to_owned(), seen.accounts.len() as u64)]);
            out.push(Body::Covered(Covered { what: "fact:staff.account".to_owned(), counts }));
        }
        bodies.append(&mut out);
        Ok(Some(sensor_run("staff", rules, privileged)))
    }
}

fn gap(id: &str, reason: GapReason) -> Body {
    Body::Gap(Gap { what: format!("fact:{id}"), reason, at: None, count: 1 })
}

/// An account that can log in.
struct Account {
    name: String,
    /// No password lets it in; not known if the passwords could not be read.
    locked: Option<bool>,
    /// The day after which it lets nobody in, in days since 1970.
    ends: Option<i64>,
    root: bool,
    system: bool,
    at: Place,
}

/// What a run saw of a host's accounts.
#[derive(Default)]
struct Seen {
    looked: bool,
    windows: bool,
    accounts: Vec<Account>,
    keys: BTreeSet<String>,
    privileged: BTreeSet<String>,
    last: BTreeMap<String, Time>,
    /// Tables that were seen to the end.
    whole: BTreeSet<String>,
    gaps: BTreeSet<(String, GapReason)>,
}

impl Seen {
    fn of(bodies: &[Body]) -> Self {
        let mut seen = Self::default();
        for body in bodies {
            match body {
                Body::Covered(c) => {
                    let id = c.what.trim_start_matches("fact:");
                    seen.looked |= id == "account";
                    seen.whole.insert(id.to_owned());
                }
                Body::Gap(g) => {
                    let id = g.what.trim_start_matches("fact:");
                    seen.looked |= id == "account";
                    seen.gaps.insert((id.to_owned(), g.reason));
                }
                Body::Fact(f) => seen.fact(f),
                _ => {}
            }
        }
        if seen.windows {
            let fold = |names: &BTreeSet<String>| names.iter().map(|n| n.to_lowercase()).collect();
            (seen.keys, seen.privileged) = (fold(&seen.keys), fold(&seen.privileged));
            seen.last = seen.last.iter().map(|(n, at)| (n.to_lowercase(), *at)).collect();
        }
        let gaps: Vec<String> = seen.gaps.iter().map(|g| g.0.clone()).collect();
        for id in gaps {
            seen.whole.remove(&id);
        }
        seen
    }

    /// A name as it is compared: capitals do not tell accounts of Windows apart.
    fn folded(&self, name: &str) -> String {
        if self.windows { name.to_lowercase() } else { name.to_owned() }
    }

    fn fact(&mut self, f: &Fact) {
        let text = |field: &str| match f.value.field(field) {
            Some(FactValue::Text(t)) => Some(t.clone()),
            _ => None,
        };
        let yes = |field: &str| matches!(f.value.field(field), Some(FactValue::Bool(true)));
        let int = |field: &str| match f.value.field(field) {
            Some(FactValue::Int(n)) => Some(*n),
            _ => None,
        };
        match f.fact.as_str() {
            "account" if yes("login") => {
                let uid = int("uid");
                self.accounts.push(Account {
                    name: text("name").unwrap_or_default(),
                    locked: text("password").map(|p| p == "locked"),
                    ends: int("expire_day"),
                    root: uid == Some(0),
                    system: uid.is_some_and(|u| u < PEOPLE_UID_MIN),
                    at: f.at.clone(),
                });
            }
            "os.family" => self.windows = f.value.to_string() == "windows",
            "group.privileged" => self.privileged.extend(text("member")),
            "ssh.authorized_key" => self.keys.extend(text("account")),
            "account.last_login" => {
                if let (Some(name), Some(at)) = (text("name"), text("at").and_then(|t| t.parse().ok())) {
                    self.last.insert(name, at);
                }
            }
            _ => {}
        }
    }
}

impl Account {
    /// The row. A field that nobody can tell is left out: the checks that need it cannot tell either.
    fn fact(&self, entry: Option<&StaffEntry>, seen: &Seen, at: Time) -> Body {
        let name = seen.folded(&self.name);
        let standing = match entry {
            // Whoever will leave is still here.
            Some(e) if e.left.is_some_and(|l| l > at) => StaffStanding::Active.name(),
            Some(e) => e.standing.name(),
            None => "unlisted",
        };
        let mut row = BTreeMap::from([
            ("name".to_owned(), FactValue::from(self.name.as_str())),
            ("standing".to_owned(), standing.into()),
            ("system".to_owned(), self.system.into()),
        ]);
        let mut with = |field: &str, value: Option<FactValue>| {
            row.extend(value.map(|v| (field.to_owned(), v)));
        };
        let told = |yes: bool, table: &str| (yes || seen.whole.contains(table)).then_some(yes.into());
        // On Windows an account that is switched off has no row, and keys are no way in.
        let ended = self.ends.is_some_and(|day| day.saturating_mul(DAY_MILLIS) < at.millis());
        let locked = if seen.windows { Some(ended) } else { self.locked.map(|l| l || ended) };
        with("locked", locked.map(FactValue::from));
        let key = seen.keys.contains(&name) && !ended;
        with("key", if seen.windows { Some(false.into()) } else { told(key, "ssh.authorized_key") });
        with("privileged", told(self.root || seen.privileged.contains(&name), "group.privileged"));
        let left = entry.filter(|e| e.standing == StaffStanding::Left).and_then(|e| e.left);
        with("left", left.map(FactValue::time));
        if let Some(left) = left {
            let end = left.millis().saturating_add(DAY_MILLIS);
            let later = seen.last.get(&name).is_some_and(|l| l.millis() >= end);
            with("used_after", told(later, "account.last_login"));
        }
        Body::Fact(Fact { fact: "staff.account".into(), value: FactValue::Row(row), at: self.at.clone() })
    }
}
