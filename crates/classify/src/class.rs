//! The classes and how each may be shown. Ids are fixed: they stand in signed records.

use evidence::{ClassId, Masked};

/// A class of sensitive data.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Class {
    /// Bank card number (ISO/IEC 7812).
    BankCard,
    /// Mobile phone number of mainland China.
    Mobile,
    /// Resident identity number (GB 11643).
    ResidentId,
    /// Unified social credit code (GB 32100).
    Uscc,
    /// E-mail address.
    Email,
    /// Private key in PEM or ASCII armour.
    PrivateKey,
    /// Vehicle identification number (ISO 3779, GB 16735).
    Vin,
}
impl Class {
    /// Every class, in the order of their ids.
    pub const ALL: [Class; 7] =
        [Self::BankCard, Self::Mobile, Self::ResidentId, Self::Uscc, Self::Email, Self::PrivateKey, Self::Vin];

    /// The id as it stands in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BankCard => "bank-card",
            Self::Mobile => "cn.mobile",
            Self::ResidentId => "cn.resident-id",
            Self::Uscc => "cn.uscc",
            Self::Email => "email",
            Self::PrivateKey => "private-key",
            Self::Vin => "vin",
        }
    }
    /// The id as a type.
    #[must_use]
    pub fn id(self) -> ClassId {
        ClassId::new(self.name())
    }
    /// Its number, from 0, in the order of [`Class::ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }
    /// How a value of this class is shown. A key shows nothing, not even its length beyond a cap.
    pub(crate) fn mask(self, value: &str) -> Masked {
        match self {
            Self::ResidentId | Self::Uscc | Self::Vin => Masked::keep(value, 3, 2),
            Self::BankCard => Masked::keep(value, 2, 2),
            Self::Mobile => Masked::keep(value, 2, 1),
            Self::Email => {
                let end = value.rsplit('.').next().map_or(0, str::len) + 1;
                let shown_max = value.len() / 3;
                Masked::keep(value, 1, if end < shown_max { end } else { 0 })
            }
            Self::PrivateKey => Masked::hide(value.len()),
        }
    }
}
