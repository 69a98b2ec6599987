//! The data of a registry value, whatever it was read from.

use super::text;
use evidence::Time;

/// Types of registry values, as numbered by Windows (winnt.h).
pub mod kind {
    /// `REG_SZ`.
    pub const TEXT: u32 = 1;
    /// `REG_EXPAND_SZ`.
    pub const EXPAND: u32 = 2;
    /// `REG_BINARY`.
    pub const BINARY: u32 = 3;
    /// `REG_DWORD`, little-endian.
    pub const DWORD: u32 = 4;
    /// `REG_DWORD_BIG_ENDIAN`.
    pub const DWORD_BIG: u32 = 5;
    /// `REG_MULTI_SZ`.
    pub const TEXTS: u32 = 7;
    /// `REG_QWORD`.
    pub const QWORD: u32 = 11;
}

/// The data of a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Data {
    /// A text, its closing NUL left out.
    Text(String),
    /// Several texts.
    Texts(Vec<String>),
    /// A number.
    Int(u64),
    /// Anything else.
    Bytes(Vec<u8>),
}
impl Data {
    /// From the bytes of a value of type `kind`. Numbers of the wrong length stay bytes.
    #[must_use]
    pub fn of(kind: u32, bytes: &[u8]) -> Self {
        let word = || bytes.get(..4).and_then(|b| b.try_into().ok());
        match (kind, bytes.len()) {
            (kind::TEXT | kind::EXPAND, _) => {
                let all = text::utf16(bytes);
                Self::Text(all.split('\0').next().unwrap_or_default().to_owned())
            }
            (kind::TEXTS, _) => {
                Self::Texts(text::utf16(bytes).split('\0').filter(|t| !t.is_empty()).map(str::to_owned).collect())
            }
            (kind::DWORD, 4) => {
                word().map_or_else(|| Self::Bytes(bytes.to_vec()), |w| Self::Int(u32::from_le_bytes(w).into()))
            }
            (kind::DWORD_BIG, 4) => {
                word().map_or_else(|| Self::Bytes(bytes.to_vec()), |w| Self::Int(u32::from_be_bytes(w).into()))
            }
            (kind::QWORD, 8) => {
                bytes.try_into().map_or_else(|_| Self::Bytes(bytes.to_vec()), |w| Self::Int(u64::from_le_bytes(w)))
            }
            _ => Self::Bytes(bytes.to_vec()),
        }
    }
    /// A number, also if it is written as decimal digits in a text, as Winlogon does.
    #[must_use]
    pub fn int(&self) -> Option<i64> {
        match self {
            Self::Int(n) => i64::try_from(*n).ok(),
            Self::Text(t) => t.trim().parse().ok(),
            _ => None,
        }
    }
    /// A text; several are joined by blanks.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Text(t) => Some(t.clone()),
            Self::Texts(t) => Some(t.join(" ")),
            _ => None,
        }
    }
    /// The texts of a list; a lone text is a list of one.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        match self {
            Self::Texts(t) => t.clone(),
            Self::Text(t) if !t.is_empty() => vec![t.clone()],
            _ => Vec::new(),
        }
    }
}

/// Seconds between 1601 and 1970.
const EPOCH_SECONDS: i64 = 11_644_473_600;

/// An instant from 100-nanosecond steps since 1601 (FILETIME). Zero and the largest value mean "never".
#[must_use]
pub fn filetime(steps: u64) -> Option<Time> {
    let millis = i64::try_from(steps / 10_000).ok()?.checked_sub(EPOCH_SECONDS * 1000)?;
    // Beyond the year 9999 is how "never" is written too.
    let sane = steps != 0 && steps < 0x7fff_ffff_ffff_ffff && millis > 0 && millis < 253_402_300_800_000;
    sane.then(|| Time::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_by_type() {
        assert_eq!(Data::of(kind::TEXT, b"a\0b\0\0\0c\0"), Data::Text("ab".into()));
        assert_eq!(Data::of(kind::TEXTS, b"a\0\0\0b\0\0\0\0\0"), Data::Texts(vec!["a".into(), "b".into()]));
        assert_eq!(Data::of(kind::DWORD, &[1, 2, 0, 0]).int(), Some(513));
        assert_eq!(Data::of(kind::DWORD, &[1]), Data::Bytes(vec![1]));
        assert_eq!(Data::Text(" 1".into()).int(), Some(1));
    }

    /// 116444736000000000 is 1970-01-01 (Microsoft, "Converting a time_t value to a FILETIME").
    #[test]
    fn times_since_1601() {
        assert_eq!(filetime(116_444_736_000_000_000 + 10_000_000).map(Time::secs), Some(1));
        assert_eq!((filetime(0), filetime(u64::MAX), filetime(0x7fff_ffff_ffff_ffff)), (None, None, None));
    }
}
