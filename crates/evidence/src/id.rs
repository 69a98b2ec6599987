//! Names as types, so that a check's name cannot be given where a scenario's is wanted.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);
        impl $name {
            /// The name as given; the plan checker and the sensors hold it to `[a-z0-9._-]`.
            #[must_use]
            pub fn new(name: impl Into<String>) -> Self { Self(name.into()) }
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&self.0) }
        }
        impl From<&str> for $name {
            fn from(name: &str) -> Self { Self(name.to_owned()) }
        }
    )*};
}

ids! {
    /// A fact in the dictionary, such as `ssh.permit_root_login`.
    FactId;
    /// A check of the plan, such as `ssh-root-login`.
    CheckId;
    /// A risk scenario of the plan, such as `ransomware`.
    ScenarioId;
    /// A class of data that `classify` knows, such as `cn.resident-id`.
    ClassId;
    /// A category of data in the plan, such as `personal`.
    CategoryId;
    /// A level of data in the plan: `general`, `important`, `core`.
    LevelId;
    /// A plan, such as `miit-2024-2026`.
    PlanId;
    /// A sensor: `inspect`, `discover`.
    SensorId;
    /// A detector of `classify`, such as `resident-id`.
    DetectorId;
    /// A node: the key id of its evidence key, so that nobody has to hand out names.
    NodeId;
}
