//! What this node is, and whom it invites.

use super::code::Code;
use crate::{Node, NodeError, home};
use evidence::{Attestation, Digest, Invitation, NodeRole, Part, Profile, Record, RecordKind, Say, Time};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

const FILE: &str = "invitations.json";
/// Longest name of a node, in characters.
const NAME_CHARS_MAX: usize = 200;
/// How long a code is good unless told otherwise, and at most, in days.
pub const CODE_DAYS: (i64, i64) = (14, 365);
/// How long a code is kept after it ran out, in days: a lost answer is given again as long.
const KEPT_DAYS: i64 = 30;

/// The codes that were given out. Private: who has them can become a member.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "watchfire-invitations")]
    version: u32,
    codes: BTreeMap<String, String>,
}

/// Where an invitation stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InvitationState {
    /// Its code can be used.
    Open,
    /// A child was enrolled by it.
    Used,
    /// Taken back.
    Withdrawn,
    /// It ran out.
    Expired,
}
impl InvitationState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Open, Self::Used, Self::Withdrawn, Self::Expired];
    /// The name, for words and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Used => "used",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }
}

/// An invitation as it stands.
#[derive(Clone, Debug)]
pub struct KeptInvitation {
    /// What was signed, newest.
    pub invitation: Invitation,
    /// When it was given out.
    pub since: Time,
    /// Where it stands.
    pub state: InvitationState,
}

/// Refuses a part that nobody could be. What is checked of it is form alone: whether it is true, its parent certifies.
pub(crate) fn check_part(part: &Part) -> Result<(), NodeError> {
    let wrong = |key: &str| Err(NodeError::Entry(Say::new(format!("error.{key}"))));
    let name = part.name.trim();
    if name.is_empty()
        || name != part.name
        || name.chars().count() > NAME_CHARS_MAX
        || name.chars().any(char::is_control)
    {
        return wrong("node-name");
    }
    let enterprise = matches!(part.role, NodeRole::Plant | NodeRole::Group);
    match (enterprise, part.uscc.as_str()) {
        (true, code) if !classify::uscc(code.as_bytes()) => return wrong("node-uscc"),
        (false, code) if !code.is_empty() => return wrong("node-uscc-of-authority"),
        _ => {}
    }
    let known = evidence::supervisor_of(&part.area);
    let fits = match part.role {
        NodeRole::Ministry => part.area.is_empty(),
        NodeRole::Province => known == Some(part.area.as_str()),
        // A scope that is delegated is smaller than a supervisor's.
        NodeRole::City => known.is_some_and(|s| s != part.area) && part.area.len() >= 4,
        NodeRole::Plant => known.is_some(),
        // A group may lie in many areas.
        NodeRole::Group => part.area.is_empty() || known.is_some(),
    };
    if fits { Ok(()) } else { wrong("node-area") }
}

/// True if an area lies within that of a part: of a province by supervisor, of a city by its code, everywhere for a ministry or group.
pub(crate) fn covers(part: &Part, area: &str) -> bool {
    match part.role {
        NodeRole::Ministry | NodeRole::Group => true,
        NodeRole::Province => evidence::supervisor_of(area) == Some(part.area.as_str()),
        NodeRole::City => area.starts_with(&part.area) && !part.area.is_empty(),
        NodeRole::Plant => area == part.area,
    }
}

impl Node {
    /// Says what this node is. The newest statement counts.
    pub fn profile_set(&self, part: Part, author: Option<&str>) -> Result<Digest, NodeError> {
        check_part(&part)?;
        let stated = Attestation::profile(self.id(), self.author(author), home::now(), Profile { part });
        Ok(self.append(&Record::Attestation(stated), None, Vec::new())?.witness.record.leaf())
    }

    /// What this node says it is.
    pub fn part(&self) -> Result<Option<Part>, NodeError> {
        let mut own = self.federation.own.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((next, known)) = &mut *own else {
            // Size first: what comes in between is read the next time.
            let next = self.store().size()?;
            let mut part = None;
            // From the newest on: a province has thousands of invitations among its attestations.
            for leaf in self.store().leaves(&[RecordKind::Attestation])?.into_iter().rev() {
                part = profile_of(self.store().witness(leaf)?.record.value());
                if part.is_some() {
                    break;
                }
            }
            *own = Some((next, part.clone()));
            return Ok(part);
        };
        let (records, end) = self.store().records_from(&[RecordKind::Attestation], *next)?;
        *next = end;
        if let Some(newest) = records.iter().rev().find_map(|w| profile_of(w.record.value())) {
            *known = Some(newest);
        }
        Ok(known.clone())
    }

    /// The same, or the sentence that says how to begin.
    pub(crate) fn own_part(&self) -> Result<Part, NodeError> {
        self.part()?.ok_or_else(|| NodeError::Entry(Say::new("error.no-profile")))
    }

    fn codes(&self) -> Result<BTreeMap<String, String>, NodeError> {
        let broken = |why: String| NodeError::Entry(Say::new("error.private-file").with("file", FILE).with("why", why));
        let Some(bytes) = self.store().private(FILE)? else { return Ok(BTreeMap::new()) };
        let file: File = serde_json::from_slice(&bytes).map_err(|e| broken(e.to_string()))?;
        if file.version == 1 { Ok(file.codes) } else { Err(broken(file.version.to_string())) }
    }

    fn keep_codes(&self, codes: BTreeMap<String, String>) -> Result<(), NodeError> {
        let bytes = serde_json::to_vec_pretty(&File { version: 1, codes });
        let bytes = bytes.map_err(|e| NodeError::Internal(e.to_string()))?;
        Ok(self.store().keep_private(FILE, &bytes)?)
    }

    /// The code of an invitation, while it is kept.
    pub(crate) fn code_of(&self, invitation: &str) -> Result<Option<Code>, NodeError> {
        Ok(self.codes()?.get(invitation).and_then(|c| Code::read(c)))
    }

    /// Invites a child; the code is in the answer and nowhere that can be read again through this program.
    pub fn invite(&self, part: Part, days: i64, author: Option<&str>) -> Result<(Invitation, Code), NodeError> {
        let invited = self.invite_all(vec![part], days, author)?;
        invited.into_iter().next().ok_or_else(|| NodeError::Internal("an invitation without an answer".to_owned()))
    }

    /// Invites many at once, all or none; in their order.
    pub fn invite_all(
        &self,
        parts: Vec<Part>,
        days: i64,
        author: Option<&str>,
    ) -> Result<Vec<(Invitation, Code)>, NodeError> {
        let own = self.own_part()?;
        let now = home::now();
        let expires = (1..=CODE_DAYS.1).contains(&days).then(|| now.plus_minutes(days * 24 * 60)).flatten();
        let expires = expires.ok_or_else(|| NodeError::Entry(Say::new("error.code-days").with("max", CODE_DAYS.1)))?;
        for part in &parts {
            check_part(part)?;
            may_invite(&own, part)?;
        }
        let _desk = self.desk()?;
        let given = self.invitations()?;
        let mut ids: BTreeSet<String> = given.iter().map(|g| g.invitation.id.clone()).collect();
        let mut codes = self.codes()?;
        let kept = |id: &String| {
            let given = given.iter().find(|g| g.invitation.id == *id);
            given.is_some_and(|g| g.invitation.expires.plus_minutes(KEPT_DAYS * 24 * 60).is_some_and(|end| end > now))
        };
        codes.retain(|id, _| kept(id));
        let mut invited = Vec::with_capacity(parts.len());
        for part in parts {
            let code = loop {
                let code = Code::random()?;
                // Eight digits of a digest meet now and then among tens of thousands.
                if ids.insert(code.invitation()) {
                    break code;
                }
            };
            let id = code.invitation();
            codes.insert(id.clone(), code.text().to_owned());
            invited.push((Invitation { id, part, code: code.commitment(), expires, withdrawn: false }, code));
        }
        // The private file first: a code without its record is worth nothing, a record without its code can never be answered.
        self.keep_codes(codes)?;
        let author = self.author(author);
        let stated = |i: &Invitation| Attestation::invitation(self.id(), author.clone(), now, i.clone());
        let records: Vec<Record> = invited.iter().map(|(i, _)| Record::Attestation(stated(i))).collect();
        self.append_all(&records)?;
        Ok(invited)
    }

    /// Takes an invitation back. What it led to already stays.
    pub fn invitation_withdraw(&self, id: &str, author: Option<&str>) -> Result<Invitation, NodeError> {
        let _desk = self.desk()?;
        let mut fits = self.invitations()?.into_iter().filter(|k| k.invitation.id == id);
        let unknown = || NodeError::Entry(Say::new("error.unknown-invitation").with("value", attest::clean(id)));
        let kept = fits.next().ok_or_else(unknown)?;
        if kept.state != InvitationState::Open {
            let say = Say::new("error.invitation-ended").with("value", id).with("stands", kept.state.name());
            return Err(NodeError::Entry(say));
        }
        let invitation = Invitation { withdrawn: true, ..kept.invitation };
        let stated = Attestation::invitation(self.id(), self.author(author), home::now(), invitation.clone());
        self.append(&Record::Attestation(stated), None, Vec::new())?;
        Ok(invitation)
    }

    /// Every invitation, as it stands, oldest first.
    pub fn invitations(&self) -> Result<Vec<KeptInvitation>, NodeError> {
        let now = home::now();
        let mut given = self.federation.given.lock().unwrap_or_else(PoisonError::into_inner);
        let (records, next) = self.store().records_from(&[RecordKind::Attestation, RecordKind::Member], given.next)?;
        given.next = next;
        for w in records {
            given.read(w.record.value());
        }
        let mut kept = given.kept.clone();
        for k in &mut kept {
            k.state = match &k.invitation {
                i if given.used.contains(&i.id) => InvitationState::Used,
                i if i.withdrawn => InvitationState::Withdrawn,
                i if i.expires <= now => InvitationState::Expired,
                _ => InvitationState::Open,
            };
        }
        Ok(kept)
    }
}

/// What a node says it is, and up to where its log was read for it.
pub(crate) type OwnPart = Option<(u64, Option<Part>)>;

fn profile_of(record: &Record) -> Option<Part> {
    match record {
        Record::Attestation(a) => a.as_profile().map(|p| p.part.clone()),
        _ => None,
    }
}

/// Invitations as far as the log was read.
#[derive(Default)]
pub(crate) struct Given {
    next: u64,
    kept: Vec<KeptInvitation>,
    at: BTreeMap<String, usize>,
    used: BTreeSet<String>,
}
impl Given {
    fn read(&mut self, record: &Record) {
        match record {
            Record::Member(m) => self.used.extend(m.invitation.clone()),
            Record::Attestation(a) => {
                let Some(i) = a.as_invitation() else { return };
                match self.at.get(&i.id).and_then(|at| self.kept.get_mut(*at)) {
                    Some(known) => known.invitation = i.clone(),
                    None => {
                        self.at.insert(i.id.clone(), self.kept.len());
                        let state = InvitationState::Open;
                        self.kept.push(KeptInvitation { invitation: i.clone(), since: a.stated_at, state });
                    }
                }
            }
            _ => {}
        }
    }
}

fn may_invite(own: &Part, part: &Part) -> Result<(), NodeError> {
    if !own.role.may_certify(part.role) {
        let say = Say::new("error.may-not-certify").with("own", own.role.name()).with("role", part.role.name());
        return Err(NodeError::Entry(say));
    }
    if !part.area.is_empty() && !covers(own, &part.area) {
        return Err(NodeError::Entry(Say::new("error.area-not-covered").with("area", &part.area)));
    }
    Ok(())
}
