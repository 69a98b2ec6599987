//! Which role may do what: one table, that the faces ask and a matrix test runs over.

use evidence::NodeRole;

/// Role of an account. At which level it acts is the node's role, not the account's: an officer of a plant's node is a plant officer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AccountRole {
    /// Keeps accounts, nodes and notices; sees no data of the programme.
    Administrator,
    /// The data-security officer: of the plant, the province or the ministry.
    Officer,
    /// Looks into findings, incidents and alerts; decides nothing that binds others.
    Analyst,
    /// Holds courses and keeps the experts.
    Trainer,
    /// Holds the telephone: incidents and warnings, day and night.
    Duty,
    /// Reads everything, changes nothing.
    Auditor,
}
impl AccountRole {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Administrator, Self::Officer, Self::Analyst, Self::Trainer, Self::Duty, Self::Auditor];

    /// Its name in files, addresses and words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Officer => "officer",
            Self::Analyst => "analyst",
            Self::Trainer => "trainer",
            Self::Duty => "duty",
            Self::Auditor => "auditor",
        }
    }

    /// By name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.name() == name)
    }
}

macro_rules! acts {
    ($($variant:ident $name:literal $about:literal,)*) => {
        /// What can be asked of a node over its console and API. An act that reads begins with `See`.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Act {
            $(#[doc = $about] $variant,)*
        }
        impl Act {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// Its name in files, addresses and words.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
            /// By name.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

acts! {
    SeeOverview "see-overview" "Reads the overview and progress.",
    SeeEnterprises "see-enterprises" "Reads the registry, enterprises, lists and the queue.",
    SeeExamination "see-examination" "Reads hosts, findings, answers and measures.",
    SeeCatalogue "see-catalogue" "Reads the data catalogue.",
    SeeProtection "see-protection" "Reads shares, holds and the vault of the guard.",
    SeeDrills "see-drills" "Reads drills.",
    SeeIncidents "see-incidents" "Reads incidents with their clocks and forms.",
    SeeWarnings "see-warnings" "Reads warnings.",
    SeeTransfers "see-transfers" "Reads transfers.",
    SeeTraining "see-training" "Reads sessions, certificates and the pool of experts.",
    SeeEvidence "see-evidence" "Reads the log and its proofs.",
    SeePlan "see-plan" "Reads the plan.",
    SeeNodes "see-nodes" "Reads nodes above and below, receipts, what is owed.",
    SeeAccounts "see-accounts" "Reads accounts, sessions of all, tokens of all, delegations.",
    SeeAccesses "see-accesses" "Reads who read and did what.",
    SeeMetrics "see-metrics" "Reads the metrics.",
    Answer "answer" "Answers organisational checks; declares the scope.",
    Assign "assign" "Opens, assigns, changes and closes measures.",
    Confirm "confirm" "Confirms or rejects proposals of the catalogue.",
    ConfirmCore "confirm-core" "Confirms data as core data.",
    ManageIncidents "manage-incidents" "Opens, grades, reports and closes incidents.",
    IssueWarning "issue-warning" "Issues, changes and lifts warnings.",
    ManageTransfers "manage-transfers" "Declares and assesses transfers.",
    ManageTraining "manage-training" "Sessions, attendance, tests.",
    ManageExperts "manage-experts" "Certifies, renews and revokes experts.",
    Order "order" "Issues, extends, examines and closes orders.",
    AnswerOrder "answer-order" "Answers orders.",
    Challenge "challenge" "Orders openings and re-observations, answers them.",
    Select "select" "Selects key enterprises; adds and removes by hand.",
    ImportRegistry "import-registry" "Imports a registry.",
    ManageNodes "manage-nodes" "Invites, certifies, suspends and revokes nodes.",
    Submit "submit" "Sends to the node above.",
    RunDrill "run-drill" "Plans and runs drills.",
    DecideHold "decide-hold" "Decides about what the guard holds.",
    RevealIdentity "reveal-identity" "Learns the name behind a pseudonym.",
    Delegate "delegate" "Gives a part of one's own scope to another for a time.",
    ManageAccounts "manage-accounts" "Makes, changes and disables accounts.",
    ManageNotices "manage-notices" "Sets whom the node tells on which way.",
}

impl Act {
    /// True if it takes two people: one asks, another one decides.
    #[must_use]
    pub fn takes_two(self) -> bool {
        matches!(self, Self::ConfirmCore | Self::IssueWarning | Self::RevealIdentity)
    }

    /// True if it is about everything that the node has at once: whoever has a part of its enterprises only cannot do it.
    #[must_use]
    pub fn of_the_whole(self) -> bool {
        matches!(
            self,
            Self::SeeEvidence
                | Self::SeeNodes
                | Self::SeeTraining
                | Self::SeeWarnings
                | Self::SeeIncidents
                | Self::SeeExamination
                | Self::SeeCatalogue
                | Self::SeeProtection
                | Self::SeeDrills
                | Self::SeeTransfers
                | Self::ManageTransfers
                | Self::Answer
                | Self::Assign
                | Self::Confirm
                | Self::ConfirmCore
                | Self::ManageIncidents
                | Self::ManageNodes
                | Self::ManageTraining
                | Self::ManageExperts
                | Self::Select
                | Self::ImportRegistry
                | Self::IssueWarning
                | Self::Submit
        )
    }

    /// True if it changes nothing.
    #[must_use]
    pub fn reads(self) -> bool {
        self.name().starts_with("see-")
    }
}

/// True if an account of this role may do it at a node of that role. A node that has not said what it is acts as a plant.
#[must_use]
pub fn may(role: AccountRole, act: Act, at: NodeRole) -> bool {
    use AccountRole as R;
    use Act as A;
    let above = at != NodeRole::Plant;
    let authority = above && at != NodeRole::Group;
    // What is there only at some levels.
    let here = match act {
        A::SeeEnterprises | A::Order | A::ManageNodes => above,
        A::Select | A::ImportRegistry | A::IssueWarning => authority,
        A::AnswerOrder => !authority,
        A::Submit => at != NodeRole::Ministry,
        _ => true,
    };
    let allowed = match role {
        R::Administrator => matches!(
            act,
            A::SeePlan
                | A::SeeNodes
                | A::SeeAccounts
                | A::SeeAccesses
                | A::SeeMetrics
                | A::ManageAccounts
                | A::ManageNodes
                | A::ManageNotices
        ),
        R::Officer => !matches!(act, A::ManageAccounts | A::SeeAccounts | A::SeeMetrics),
        R::Analyst => {
            act.reads() && !matches!(act, A::SeeAccounts | A::SeeAccesses | A::SeeMetrics)
                || matches!(act, A::Assign | A::ManageIncidents | A::RunDrill | A::RevealIdentity)
        }
        R::Trainer => {
            matches!(act, A::SeeOverview | A::SeeTraining | A::SeePlan | A::ManageTraining | A::ManageExperts)
        }
        R::Duty => matches!(
            act,
            A::SeeOverview
                | A::SeeEnterprises
                | A::SeeIncidents
                | A::SeeWarnings
                | A::SeeProtection
                | A::SeePlan
                | A::SeeNodes
                | A::ManageIncidents
                | A::IssueWarning
                | A::DecideHold
        ),
        R::Auditor => act.reads(),
    };
    here && allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_keeps_the_accounts_sees_no_data_and_who_audits_changes_nothing() {
        for at in NodeRole::ALL {
            for act in Act::ALL {
                let data = act.reads()
                    && !matches!(
                        act,
                        Act::SeePlan | Act::SeeNodes | Act::SeeAccounts | Act::SeeAccesses | Act::SeeMetrics
                    );
                assert!(!(data && may(AccountRole::Administrator, *act, at)), "{act:?}");
                assert!(act.reads() || !may(AccountRole::Auditor, *act, at), "{act:?}");
            }
        }
    }

    #[test]
    fn every_act_is_somebodys_and_whoever_reads_an_account_s_secrets_is_not_who_acts_in_its_name() {
        for act in Act::ALL {
            let somebody = AccountRole::ALL.into_iter().any(|r| NodeRole::ALL.into_iter().any(|at| may(r, *act, at)));
            assert!(somebody, "{act:?}");
        }
        for at in NodeRole::ALL {
            // Who makes accounts could make himself an officer: the officer sees the accesses, and so that it was done.
            assert!(may(AccountRole::Officer, Act::SeeAccesses, at));
            assert!(!may(AccountRole::Officer, Act::ManageAccounts, at));
        }
    }

    #[test]
    fn a_plant_selects_nothing_and_an_authority_answers_no_orders() {
        assert!(!may(AccountRole::Officer, Act::Select, NodeRole::Plant));
        assert!(may(AccountRole::Officer, Act::Select, NodeRole::Province));
        assert!(may(AccountRole::Officer, Act::AnswerOrder, NodeRole::Plant));
        assert!(!may(AccountRole::Officer, Act::AnswerOrder, NodeRole::Province));
        assert!(!may(AccountRole::Officer, Act::Submit, NodeRole::Ministry));
    }

    #[test]
    fn names_lead_back() {
        assert!(Act::ALL.iter().all(|a| Act::named(a.name()) == Some(*a)));
        assert!(AccountRole::ALL.into_iter().all(|r| AccountRole::named(r.name()) == Some(r)));
    }
}
