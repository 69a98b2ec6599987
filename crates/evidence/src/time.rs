//! An instant, with one spelling.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// An instant in UTC, milliseconds since 1970-01-01; written `2026-11-23T20:44:52.123Z`, always with milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

/// A text is not an instant in the one accepted form, or lies outside the years 0000-9998.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeError(String);
impl std::fmt::Display for TimeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "not a UTC instant with milliseconds (2026-11-23T20:44:52.123Z): {:?}", self.0)
    }
}
impl std::error::Error for TimeError {}

/// Years 0000 to 9998: what RFC 3339 and the calendar library can both spell.
const RANGE: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_370_764_799_999;

impl Time {
    /// From milliseconds since 1970; clamped to the years 0000-9998.
    #[must_use]
    pub fn from_millis(ms: i64) -> Self {
        Self(ms.clamp(*RANGE.start(), *RANGE.end()))
    }
    /// From seconds since 1970; clamped to the years 0000-9998.
    #[must_use]
    pub fn from_secs(s: i64) -> Self {
        Self::from_millis(s.saturating_mul(1000))
    }
    /// Milliseconds since 1970.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.0
    }
    /// Whole seconds since 1970, rounded down.
    #[must_use]
    pub fn secs(self) -> i64 {
        self.0.div_euclid(1000)
    }
    /// Midnight UTC of a date `YYYY-MM-DD`.
    pub fn from_date(date: &str) -> Result<Self, TimeError> {
        if date.len() != 10 {
            return Err(TimeError(date.to_owned()));
        }
        format!("{date}T00:00:00.000Z").parse().map_err(|_| TimeError(date.to_owned()))
    }
    /// So many minutes later; `None` outside the years 0000-9998.
    #[must_use]
    pub fn plus_minutes(self, minutes: i64) -> Option<Self> {
        let later = self.0.checked_add(minutes.checked_mul(60_000)?)?;
        RANGE.contains(&later).then_some(Self(later))
    }
    /// So many months later by the calendar of UTC; a day that the month does not have becomes its last. `None` outside
    /// the years 0000-9998.
    #[must_use]
    pub fn plus_months(self, months: i64) -> Option<Self> {
        let utc = jiff::tz::Offset::UTC;
        let at = utc.to_datetime(jiff::Timestamp::from_millisecond(self.0).ok()?);
        let later = at.checked_add(jiff::Span::new().try_months(months).ok()?).ok()?;
        let later = utc.to_timestamp(later).ok()?.as_millisecond();
        RANGE.contains(&later).then_some(Self(later))
    }
    /// The date part, `YYYY-MM-DD`, in UTC.
    #[must_use]
    pub fn date(self) -> String {
        self.to_string()[..10].to_owned()
    }
}
impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let t = jiff::Timestamp::from_millisecond(self.0).expect("within the years 0000-9998 by construction");
        write!(f, "{}", t.strftime("%Y-%m-%dT%H:%M:%S.%3fZ"))
    }
}
impl std::fmt::Debug for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}
impl std::str::FromStr for Time {
    type Err = TimeError;
    fn from_str(s: &str) -> Result<Self, TimeError> {
        let wrong = || TimeError(s.to_owned());
        let t: jiff::Timestamp = s.parse().map_err(|_| wrong())?;
        let time = Self::from_millis(t.as_millisecond());
        if time.to_string() == s { Ok(time) } else { Err(wrong()) }
    }
}
impl Serialize for Time {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling() {
        let t: Time = "2026-02-28T23:59:59.007Z".parse().unwrap();
        assert_eq!(t.to_string(), "2026-02-28T23:59:59.007Z");
        assert_eq!(Time::from_secs(1_000_000_000).to_string(), "2001-09-09T01:46:40.000Z");
        for other in ["2026-02-28T23:59:59Z", "2026-02-28T23:59:59.007+00:00", "2026-02-30T00:00:00.000Z", ""] {
            assert!(other.parse::<Time>().is_err(), "{other}");
        }
        assert_eq!(Time::from_date("2026-12-31").unwrap().date(), "2026-12-31");
        let months = |date: &str, n| Time::from_date(date).unwrap().plus_months(n).map(Time::date);
        assert_eq!(months("2026-11-30", 3).as_deref(), Some("2027-02-28"));
        assert_eq!((months("9998-12-31", 1), months("2026-01-31", i64::MAX)), (None, None));
        assert_eq!(t.plus_minutes(1).unwrap().to_string(), "2026-03-01T00:00:59.007Z");
        assert_eq!(Time::from_millis(i64::MAX).date(), "9998-12-31");
        assert_eq!(Time::from_millis(i64::MIN).date(), "0000-01-01");
    }
}
