//! How a node becomes the child of another: a request and an answer, each proven by the code of the invitation.
//!
//! Neither side trusts the line. The child proves that it was invited, the parent that it invited; who stands between them and
//! does not know the code can delay, not pretend. Both messages can be carried as files.

use super::chain::Chain;
use super::code::{Code, Way};
use super::fault::{Fault, REFUSALS};
use super::invite::InvitationState;
use super::parents::{Asked, Parent};
use super::wire::{ADMITTED, AnswerBody, ENROL_BYTES_MAX, REQUEST, RequestBody, Sealed, clip, read};
use super::{Line, LineFault};
use crate::{Node, NodeError, home};
use data_encoding::BASE64;
use evidence::{Member, MemberStanding, Record, RecordKind, Say, canonical};
use proof::Checkpoint;
use std::path::PathBuf;
use store::Role;

/// Longest nonce, in characters.
const NONCE_CHARS_MAX: usize = 100;

/// A parent that this node now has.
#[derive(Clone, Debug)]
pub struct Enrolled {
    /// The parent.
    pub parent: Parent,
    /// True if it was a parent before.
    pub again: bool,
}

/// Why a request led to no membership: a fault of the request, or of this node.
enum Refusal {
    Fault(Fault),
    Node,
}
impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}
impl From<NodeError> for Refusal {
    fn from(_: NodeError) -> Self {
        Self::Node
    }
}
impl From<store::StoreError> for Refusal {
    fn from(_: store::StoreError) -> Self {
        Self::Node
    }
}

fn text<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, NodeError> {
    canonical::to_vec(value).map_err(|e| NodeError::Internal(e.to_string()))
}

/// A sentence that came from outside: only keys that this program says itself, values short and harmless.
pub(crate) fn foreign(say: &Say) -> Say {
    let known = REFUSALS.iter().any(|r| r.0 == say.key);
    let mut out = Say::new(if known { say.key.as_str() } else { "refused.unknown" });
    for (hole, value) in say.with.iter().take(8).filter(|_| known) {
        out = out.with(&clip(hole), clip(value));
    }
    out
}

impl Node {
    /// A parent's answer to an enrolment request. Never fails: a refusal is an answer, and says nothing of this node's inside.
    #[must_use]
    pub fn enrolment_taken(&self, request: &[u8]) -> Vec<u8> {
        let refused = match self.admit(request) {
            Ok(answer) => return answer,
            Err(Refusal::Fault(fault)) => fault.say(),
            // A stranger is not told what is wrong in here.
            Err(Refusal::Node) => Fault::Busy.say(),
        };
        let sealed = Sealed::<AnswerBody> { body: None, mac: None, refused: Some(refused) };
        text(&sealed).unwrap_or_default()
    }

    fn admit(&self, request: &[u8]) -> Result<Vec<u8>, Refusal> {
        let sealed: Sealed<RequestBody> = read(request, ENROL_BYTES_MAX, "request")?;
        let (Some(body), Some(mac)) = (sealed.body, sealed.mac) else {
            return Err(Fault::Shape("no body, or no proof of the code".to_owned()).into());
        };
        let code = self.code_of(&body.invitation)?.ok_or(Fault::Invitation("unknown-code"))?;
        if !code.made(Way::Request, &text(&body)?, &mac) {
            return Err(Fault::Invitation("unknown-code").into());
        }
        check_request(&body)?;
        let _desk = self.desk()?;
        let invited = self.invitations()?.into_iter().find(|k| k.invitation.code == code.commitment());
        let invited = invited.ok_or(Fault::Invitation("unknown-code"))?;
        let member = match invited.state {
            InvitationState::Withdrawn => return Err(Fault::Invitation("code-withdrawn").into()),
            InvitationState::Expired => return Err(Fault::Invitation("code-expired").into()),
            InvitationState::Used => self.enrolled_by(&invited.invitation.id, &body)?,
            InvitationState::Open => self.certify_child(&invited.invitation, &body)?,
        };
        Ok(self.admitted(&code, &body, member)?)
    }

    /// The membership that this invitation led to, if it is this node's.
    fn enrolled_by(&self, invitation: &str, body: &RequestBody) -> Result<evidence::Digest, Refusal> {
        let about = self.store().records_about(body.node.as_str(), &[RecordKind::Member])?;
        let by = |w: &&proof::Witness| match w.record.value() {
            Record::Member(m) => m.invitation.as_deref() == Some(invitation),
            _ => false,
        };
        let found = about.iter().find(by).map(|w| w.record.leaf());
        Ok(found.ok_or(Fault::Invitation("code-used"))?)
    }

    fn certify_child(
        &self,
        invitation: &evidence::Invitation,
        body: &RequestBody,
    ) -> Result<evidence::Digest, Refusal> {
        if body.node == self.id() {
            return Err(Fault::Shape("a node cannot be its own child".to_owned()).into());
        }
        if let Some(w) = self.store().newest_about(body.node.as_str(), RecordKind::Member)?
            && let Record::Member(m) = w.record.value()
            && matches!(m.standing, MemberStanding::Lost | MemberStanding::Suspended)
        {
            // Who holds lost keys may hold a code too.
            return Err(Fault::NotCertified(m.standing).into());
        }
        let member = Member {
            node: self.id(),
            author: self.author(None),
            stated_at: home::now(),
            child: body.node.clone(),
            standing: MemberStanding::Certified,
            part: invitation.part.clone(),
            origin: body.origin.clone(),
            evidence_keys: body.evidence_keys.clone(),
            log_keys: body.log_keys.clone(),
            invitation: Some(invitation.id.clone()),
            follows: None,
            reason: String::new(),
        };
        Ok(self.append(&Record::Member(Box::new(member)), None, Vec::new())?.witness.record.leaf())
    }

    fn admitted(&self, code: &Code, body: &RequestBody, member: evidence::Digest) -> Result<Vec<u8>, NodeError> {
        let (evidence_keys, log_keys) = self.own_keys();
        let body = AnswerBody {
            format: ADMITTED.to_owned(),
            to: body.node.clone(),
            nonce: body.nonce.clone(),
            node: self.id(),
            origin: self.store().keys().origin(),
            evidence_keys,
            log_keys,
            part: self.own_part()?,
            member: self.store().bundle(member)?,
        };
        let mac = code.mac(Way::Answer, &text(&body)?);
        text(&Sealed { body: Some(body), mac: Some(mac), refused: None })
    }

    /// This node's keys, past and present, the current one last.
    fn own_keys(&self) -> (Vec<String>, Vec<String>) {
        let keys = self.store().keys();
        let of = |role| {
            let mut of: Vec<_> = keys.known().iter().filter(|k| k.role == role).collect();
            of.sort_by_key(|k| (k.current, k.number));
            of.iter().map(|k| BASE64.encode(k.public.spki_der())).collect()
        };
        (of(Role::Evidence), of(Role::Log))
    }

    /// The request of a child that was given this code. Asked again for the same code it is the same request, so that a lost
    /// answer is given again.
    pub fn enrol_request(&self, code: &Code) -> Result<Vec<u8>, NodeError> {
        self.own_part()?;
        let invitation = code.invitation();
        let mut asked = self.asked()?;
        if let Some(a) = asked.iter().find(|a| a.invitation == invitation) {
            return Ok(a.request.clone().into_bytes());
        }
        let (evidence_keys, log_keys) = self.own_keys();
        let nonce = BASE64.encode(&home::secret()?);
        let body = RequestBody {
            format: REQUEST.to_owned(),
            invitation: invitation.clone(),
            node: self.id(),
            origin: self.store().keys().origin(),
            evidence_keys,
            log_keys,
            checkpoint: self.checkpoint_text()?,
            nonce: nonce.clone(),
        };
        let mac = code.mac(Way::Request, &text(&body)?);
        let request = text(&Sealed { body: Some(body), mac: Some(mac), refused: None })?;
        let shown = String::from_utf8(request.clone()).map_err(|e| NodeError::Internal(e.to_string()))?;
        asked.push(Asked { invitation, nonce, request: shown });
        self.keep_asked(asked)?;
        Ok(request)
    }

    /// Takes the parent's answer, if who made it knew the code. From then on the parent is one.
    pub fn enrol_answer(
        &self,
        code: &Code,
        answer: &[u8],
        address: Option<String>,
        ca: Option<PathBuf>,
    ) -> Result<Enrolled, NodeError> {
        let no = |key: &str| NodeError::Entry(Say::new(format!("error.{key}")));
        let invitation = code.invitation();
        let asked = self.asked()?;
        let own = asked.iter().find(|a| a.invitation == invitation).ok_or_else(|| no("enrol-not-asked"))?;
        let sealed: Sealed<AnswerBody> =
            read(answer, ENROL_BYTES_MAX, "answer").map_err(|f| NodeError::Entry(f.say()))?;
        if let Some(refused) = &sealed.refused {
            return Err(NodeError::Entry(foreign(refused)));
        }
        let (Some(body), Some(mac)) = (sealed.body, sealed.mac) else { return Err(no("enrol-answer")) };
        let proven = code.made(Way::Answer, &text(&body)?, &mac);
        if !proven || body.format != ADMITTED || body.to != self.id() || body.nonce != own.nonce {
            return Err(no("enrol-answer"));
        }
        let parent = self.believed(body, address, ca)?;
        let again = self.parents()?.iter().any(|p| p.node == parent.node);
        self.keep_parent(parent.clone())?;
        // A crash here leaves the request behind; asked again it is answered again, to no harm.
        self.keep_asked(asked.into_iter().filter(|a| a.invitation != invitation).collect())?;
        Ok(Enrolled { parent, again })
    }

    fn believed(&self, body: AnswerBody, address: Option<String>, ca: Option<PathBuf>) -> Result<Parent, NodeError> {
        let refused = |e: proof::ProofError| NodeError::Refused(e.to_string());
        let chain = Chain::of(&body.origin, &body.evidence_keys, &body.log_keys).map_err(refused)?;
        let first = chain.evidence_keys().first().map(|k| k.id().to_owned());
        if first.as_deref() != Some(body.node.as_str()) {
            return Err(NodeError::Refused("the parent's node is not the id of its first key".to_owned()));
        }
        let bundle = body.member.to_string();
        let logged =
            proof::verify_bundle(bundle.as_bytes(), &chain.evidence_keys(), &chain.log_keys()).map_err(refused)?;
        let (leaf, index) = (logged.record.leaf(), logged.index);
        let Record::Member(member) = logged.record.into_value() else {
            return Err(NodeError::Refused("the membership is another record".to_owned()));
        };
        if member.node != body.node || member.child != self.id() || !body.part.role.may_certify(member.part.role) {
            return Err(NodeError::Refused("the membership is not of this parent and this node".to_owned()));
        }
        let own = self.own_part()?;
        if (own.role, &own.uscc) != (member.part.role, &member.part.uscc) {
            let say = Say::new("error.enrol-other-part").with("own", own.role.name());
            return Err(NodeError::Entry(say.with("role", member.part.role.name()).with("uscc", &member.part.uscc)));
        }
        Ok(Parent {
            node: body.node,
            part: body.part,
            origin: body.origin,
            evidence_keys: body.evidence_keys,
            log_keys: body.log_keys,
            member: *member,
            leaf,
            index,
            since: home::now(),
            address,
            ca,
            orders: 0,
        })
    }

    /// Both over a line.
    pub fn enrol(
        &self,
        code: &Code,
        line: &dyn Line,
        address: Option<String>,
        ca: Option<PathBuf>,
    ) -> Result<Enrolled, NodeError> {
        let request = self.enrol_request(code)?;
        let answer = line.post("/v1/enrol", &request).map_err(|f| NodeError::Entry(line_say(&f)))?;
        self.enrol_answer(code, &answer, address, ca)
    }
}

/// Why a line brought no answer, as a sentence.
pub(crate) fn line_say(fault: &LineFault) -> Say {
    match fault {
        LineFault::Unreachable(why) => Say::new("error.line-unreachable").with("why", clip(why)),
        LineFault::Status(status) => Say::new("error.line-status").with("status", status),
        LineFault::TooLarge => Say::new("error.line-too-large"),
        LineFault::Stopped => Say::new("error.stopped"),
    }
}

pub(crate) fn check_request(body: &RequestBody) -> Result<(), Fault> {
    let shape = |why: &str| Err(Fault::Shape(why.to_owned()));
    if body.format != REQUEST {
        return shape("another format");
    }
    if body.nonce.chars().count() > NONCE_CHARS_MAX {
        return shape("too long a nonce");
    }
    let chain = Chain::of(&body.origin, &body.evidence_keys, &body.log_keys);
    let chain = chain.map_err(|e| Fault::Shape(clip(&e.to_string())))?;
    let first = chain.evidence_keys().first().map(|k| k.id().to_owned()).unwrap_or_default();
    if first != body.node.as_str() {
        return shape("the node is not the id of its first evidence key");
    }
    if body.origin != format!("watchfire.invalid/{}", first.get(..16).unwrap_or_default()) {
        return shape("the name of the log is not that of the node");
    }
    Checkpoint::verify(&body.checkpoint, &chain.log_keys()).map_err(|e| Fault::Checkpoint(clip(&e.to_string())))?;
    Ok(())
}
