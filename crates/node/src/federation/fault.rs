//! Why a package or a request is not taken. Each has a key of its own, `refused.<key>`, so that the other side can say it in its
//! reader's language and a program can tell them apart.

use evidence::{MemberStanding, Say};

/// Why nothing of a package was kept, or a request led to no membership.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// Not the form that the specification gives; what is wrong.
    Shape(String),
    /// More than a limit: what, and how much at most.
    TooLarge(&'static str, u64),
    /// For another node.
    NotForMe(String),
    /// Of a node that is no member.
    NotAMember,
    /// Of a member that is not certified now.
    NotCertified(MemberStanding),
    /// Of a member that was caught; a person has to decide.
    Caught,
    /// The checkpoint is not signed by a key of the member; why.
    Checkpoint(String),
    /// Signed with a key that was replaced before.
    RevokedKey(String),
    /// The checkpoint's root is not that of the leaves.
    Root,
    /// Leaves differ from those that are held, and the package does not show whose history it is.
    LeavesDiffer(u64),
    /// Two histories.
    Equivocation(u64),
    /// A record does not stand where it says.
    Misplaced(u64),
    /// A record is not signed by the member, or does not read; its index, and why.
    Record(u64, String),
    /// A kind that does not go up from there.
    Kind(String),
    /// Dated after the clock of who takes it in.
    Future(u64),
    /// Of another enterprise than the member's.
    WrongEnterprise(String, String),
    /// Of another area than the member's.
    WrongArea(String, String),
    /// Of another node than the member.
    WrongNode(u64),
    /// Something of a node below that no receipt names, or that nobody vouches for; why.
    Nested(&'static str),
    /// Bytes that no record of the package names.
    Artifact,
    /// The code or the invitation is not known, or was used, withdrawn, let expire: key.
    Invitation(&'static str),
    /// Could not be done now.
    Busy,
}

impl Fault {
    /// The sentence.
    pub(crate) fn say(&self) -> Say {
        let say = |key: &str| Say::new(format!("refused.{key}"));
        match self {
            Self::Shape(why) => say("shape").with("why", why),
            Self::TooLarge(what, max) => say("too-large").with("what", what).with("max", max),
            Self::NotForMe(to) => say("not-for-me").with("to", to),
            Self::NotAMember => say("not-a-member"),
            Self::NotCertified(standing) => say("not-certified").with("standing", standing.name()),
            Self::Caught => say("caught"),
            Self::Checkpoint(why) => say("checkpoint").with("why", why),
            Self::RevokedKey(key) => say("revoked-key").with("key", key),
            Self::Root => say("root"),
            Self::LeavesDiffer(at) => say("leaves-differ").with("index", at),
            Self::Equivocation(size) => say("equivocation").with("size", size),
            Self::Misplaced(index) => say("misplaced").with("index", index),
            Self::Record(index, why) => say("record").with("index", index).with("why", why),
            Self::Kind(kind) => say("kind").with("value", kind),
            Self::Future(index) => say("future").with("index", index),
            Self::WrongEnterprise(said, is) => say("wrong-enterprise").with("said", said).with("is", is),
            Self::WrongArea(said, is) => say("wrong-area").with("said", said).with("is", is),
            Self::WrongNode(index) => say("wrong-node").with("index", index),
            Self::Nested(why) => say(why),
            Self::Artifact => say("artifact"),
            Self::Invitation(why) => say(why),
            Self::Busy => say("busy"),
        }
    }
}

/// Every refusal with what fills it, for the test of the words and for telling a known one from a stranger's text.
pub(crate) const REFUSALS: &[(&str, &[&str])] = &[
    ("refused.shape", &["why"]),
    ("refused.too-large", &["what", "max"]),
    ("refused.not-for-me", &["to"]),
    ("refused.not-a-member", &[]),
    ("refused.not-certified", &["standing"]),
    ("refused.caught", &[]),
    ("refused.checkpoint", &["why"]),
    ("refused.revoked-key", &["key"]),
    ("refused.root", &[]),
    ("refused.leaves-differ", &["index"]),
    ("refused.equivocation", &["size"]),
    ("refused.misplaced", &["index"]),
    ("refused.record", &["index", "why"]),
    ("refused.kind", &["value"]),
    ("refused.future", &["index"]),
    ("refused.wrong-enterprise", &["said", "is"]),
    ("refused.wrong-area", &["said", "is"]),
    ("refused.wrong-node", &["index"]),
    ("refused.nested-unnamed", &[]),
    ("refused.nested-unvouched", &[]),
    ("refused.nested-signature", &[]),
    ("refused.artifact", &[]),
    ("refused.unknown-code", &[]),
    ("refused.code-used", &[]),
    ("refused.code-withdrawn", &[]),
    ("refused.code-expired", &[]),
    ("refused.busy", &[]),
    ("refused.unknown", &[]),
];
