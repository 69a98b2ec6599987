//! What a sensitive value may look like once it has left the sensor.

use serde::{Deserialize, Serialize};

/// A value with most of it hidden. There is no way to build one that shows more than a third.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Masked(String);

/// The character that stands for one hidden character.
const HIDDEN: char = '*';
/// Longest mask, in characters; the middle of longer values is cut, not shown.
const CHARS_MAX: usize = 40;

impl Masked {
    /// Keeps `head` characters in front and `tail` behind; if that were more than a third of the value, or the
    /// value is shorter than six characters, hides all of it. Control characters are hidden too.
    #[must_use]
    pub fn keep(value: &str, head: usize, tail: usize) -> Self {
        let chars: Vec<char> = value.chars().collect();
        let n = chars.len();
        let shown = head + tail;
        if n < 6 || shown * 3 > n {
            return Self::hide(n);
        }
        let safe = |c: &char| if c.is_control() { HIDDEN } else { *c };
        let front: String = chars[..head].iter().map(safe).collect();
        let back: String = chars[n - tail..].iter().map(safe).collect();
        let hidden = (n - shown).min(CHARS_MAX.saturating_sub(shown).max(3));
        Self(format!("{front}{}{back}", HIDDEN.to_string().repeat(hidden)))
    }
    /// Hides all `chars` characters (the length shown is capped).
    #[must_use]
    pub fn hide(chars: usize) -> Self {
        Self(HIDDEN.to_string().repeat(chars.clamp(1, CHARS_MAX)))
    }
    /// The mask, for display.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl std::fmt::Display for Masked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_more_than_a_third_is_shown() {
        assert_eq!(Masked::keep("360426199101010071", 3, 2).as_str(), "360*************71");
        assert_eq!(Masked::keep("13800138000", 3, 2).as_str(), "***********");
        assert_eq!(Masked::keep("13800138000", 2, 1).as_str(), "13********0");
        assert_eq!(Masked::keep("abc", 1, 0).as_str(), "***");
        assert_eq!(Masked::keep("", 0, 0).as_str(), "*");
        assert_eq!(Masked::keep(&"甲".repeat(500), 1, 1).as_str().chars().count(), 40);
        for n in 0..60 {
            for head in 0..20 {
                let value: String = ('a'..='z').cycle().take(n).collect();
                let mask = Masked::keep(&value, head, 3);
                let shown = mask.as_str().chars().filter(|c| *c != '*').count();
                assert!(shown * 3 <= n, "{value} {mask}");
            }
        }
    }
}
