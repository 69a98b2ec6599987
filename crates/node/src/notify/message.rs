//! What goes outside: number, colour, deadline, a mark. The type has room for nothing else, so nothing else can leave:
//! no field takes a free text.

use super::config::MessageLang;
use evidence::{Digest, Lang, Origin, Time};
use jiff::tz::TimeZone;
use report::words;
use serde_json::{Value, json};

/// A colour of warnings.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Colour {
    /// The gravest.
    Red,
    /// Grave.
    Orange,
    /// Less grave.
    Yellow,
    /// The least.
    Blue,
}
impl Colour {
    /// All of them, the gravest first.
    pub const ALL: [Colour; 4] = [Self::Red, Self::Orange, Self::Yellow, Self::Blue];
    /// The name in plans and configurations.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Orange => "orange",
            Self::Yellow => "yellow",
            Self::Blue => "blue",
        }
    }
    /// From its name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }
    fn word(self, lang: Lang) -> String {
        words::text(lang, &format!("notify.colour.{}", self.name())).to_owned()
    }
}

/// A numeral of levels, from Ⅰ to Ⅻ: the gravest is Ⅰ.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Numeral(u8);
impl Numeral {
    const TEXT: [&'static str; 12] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];
    /// From letters (`III`) or the sign that plans use (`Ⅲ`).
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let sign = |i: u32| char::from_u32(0x2160 + i).is_some_and(|c| text.chars().eq([c]));
        (0..12_u8).find(|i| Self::TEXT[usize::from(*i)] == text || sign(u32::from(*i))).map(Self)
    }
    /// In Latin letters, which every telephone shows.
    #[must_use]
    pub fn text(self) -> &'static str {
        Self::TEXT[usize::from(self.0)]
    }
}

/// What an obligation is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum About {
    /// A clock of the plan runs.
    Clock,
    /// A warning was issued or received.
    Warning,
    /// An incident, as a whole.
    Incident,
    /// A measure.
    Measure,
    /// An order to mend.
    Order,
}
impl About {
    /// All of them.
    pub const ALL: [About; 5] = [Self::Clock, Self::Warning, Self::Incident, Self::Measure, Self::Order];
    /// The name in configurations and records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Warning => "warning",
            Self::Incident => "incident",
            Self::Measure => "measure",
            Self::Order => "order",
        }
    }
}

/// Something that people are to be told of as long as it is open (`docs/specs/notify-v1.md` §2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Obligation {
    /// `i-…`, `w-…`, `m-…`, `o-…`.
    pub about: String,
    /// The clock, if it is one.
    pub clock: String,
    /// What it is of: the rules of escalation choose by it.
    pub kind: About,
    /// The colour, where the level has one.
    pub colour: Option<Colour>,
    /// The numeral of the level.
    pub numeral: Option<Numeral>,
    /// When it must be done.
    pub deadline: Option<Time>,
    /// Since when people are to be told: escalation counts from here.
    pub since: Time,
    /// From which world.
    pub origin: Origin,
    /// Area of the enterprise that it concerns (GB/T 2260); empty: the node's own.
    pub area: String,
}
impl Obligation {
    /// Number of its message: `n-` and eight hexadecimal digits.
    #[must_use]
    pub fn notice(&self) -> String {
        let origin = match self.origin {
            Origin::Live => "live",
            Origin::Drill => "drill",
            Origin::Replay => "replay",
        };
        notice_id(&json!([
            "notice-v1",
            self.about,
            self.clock,
            self.kind.name(),
            origin,
            self.colour.map_or("", Colour::name),
            self.numeral.map_or("", Numeral::text),
            self.since,
        ]))
    }
    /// What goes outside; `None` if `about` is no number.
    #[must_use]
    pub fn message(&self) -> Option<Message> {
        let mark = if self.origin == Origin::Live { Mark::None } else { Mark::Drill };
        let number = Number::of(&self.about)?;
        Some(Message {
            number,
            notice: self.notice(),
            colour: self.colour,
            numeral: self.numeral,
            deadline: self.deadline,
            mark,
        })
    }
}

/// `n-` and the first eight digits of the digest of a canonical array.
pub(crate) fn notice_id(array: &Value) -> String {
    let bytes = evidence::canonical::to_vec(array).expect("texts and instants are canonical JSON");
    format!("n-{}", &Digest::of(&bytes).hex()[..8])
}

/// Number of an incident, a warning, a measure or an order.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Number(String);
impl Number {
    fn of(text: &str) -> Option<Self> {
        let digits = ["i-", "w-", "m-", "o-"].iter().find_map(|p| text.strip_prefix(p))?;
        let good = digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        good.then(|| Self(text.to_owned()))
    }
}

/// What a message is marked with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mark {
    None,
    Drill,
    Test,
}

/// A message, as it goes outside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    number: Number,
    /// Its own number, made by [`notice_id`]; empty of a test.
    notice: String,
    colour: Option<Colour>,
    numeral: Option<Numeral>,
    deadline: Option<Time>,
    mark: Mark,
}
impl Message {
    /// A message that only shows that a way works.
    #[must_use]
    pub fn test() -> Self {
        let (number, notice) = (Number("test".to_owned()), String::new());
        Self { number, notice, colour: None, numeral: None, deadline: None, mark: Mark::Test }
    }
}

/// A message in the words of the configuration: what ways and templates fill in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Worded {
    pub(crate) number: String,
    /// Number of the message itself: what acknowledges it alone; empty of a test.
    pub(crate) notice: String,
    pub(crate) colour: Option<Colour>,
    pub(crate) numeral: String,
    pub(crate) deadline: String,
    pub(crate) drill: bool,
    pub(crate) test: bool,
    pub(crate) text: String,
}
impl Worded {
    /// Says a message in `lang`, the deadline in the time of `zone`.
    #[must_use]
    pub fn new(m: &Message, lang: MessageLang, zone: &TimeZone) -> Self {
        let langs = lang.langs();
        let both = |key: &str| langs.iter().map(|l| words::text(*l, key)).collect::<Vec<_>>().join(" ");
        let numeral = m.numeral.map_or("", Numeral::text);
        let deadline = m.deadline.map(|d| local(d, zone)).unwrap_or_default();
        let mut parts = vec![m.number.0.clone()];
        match (m.colour, numeral) {
            (Some(c), n) => {
                let words: Vec<String> = langs.iter().map(|l| c.word(*l)).collect();
                parts.push(format!("{} {n}", words.join(" ")).trim_end().to_owned());
            }
            (None, "") => {}
            (None, n) => parts.push(format!("{} {n}", both("notify.level"))),
        }
        if !deadline.is_empty() {
            parts.push(format!("{} {deadline}", both("notify.due")));
        }
        if !m.notice.is_empty() {
            parts.push(m.notice.clone());
        }
        let mark = match m.mark {
            Mark::None => String::new(),
            Mark::Drill => format!("[{}] ", both("notify.drill")),
            Mark::Test => format!("[{}] ", both("notify.test")),
        };
        Self {
            number: m.number.0.clone(),
            notice: m.notice.clone(),
            colour: m.colour,
            numeral: numeral.to_owned(),
            deadline,
            drill: m.mark == Mark::Drill,
            test: m.mark == Mark::Test,
            text: format!("{mark}{}", parts.join(" · ")),
        }
    }
    /// Name of the colour; empty if it has none.
    #[must_use]
    pub fn colour(&self) -> &'static str {
        self.colour.map_or("", Colour::name)
    }
    /// The colour's word.
    #[must_use]
    pub fn colour_word(&self, lang: Lang) -> String {
        self.colour.map_or_else(String::new, |c| c.word(lang))
    }
    /// The message for programs (webhook, command).
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "format": "watchfire-notice-v1",
            "number": self.number,
            "notice": self.notice,
            "colour": self.colour(),
            "colour_en": self.colour_word(Lang::En),
            "colour_zh": self.colour_word(Lang::Zh),
            "numeral": self.numeral,
            "deadline": self.deadline,
            "drill": self.drill,
            "test": self.test,
            "text": self.text,
        })
    }
}

/// An instant to the minute in the time of a zone, with the distance from UTC: `2026-11-29 21:00 +08:00`.
#[must_use]
pub fn local(at: Time, zone: &TimeZone) -> String {
    let Ok(stamp) = jiff::Timestamp::from_millisecond(at.millis()) else { return String::new() };
    stamp.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M %:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn obligation() -> Obligation {
        Obligation {
            about: "i-3f2a91c0".into(),
            clock: "phone".into(),
            kind: About::Clock,
            colour: Some(Colour::Red),
            numeral: Numeral::of("Ⅰ"),
            deadline: Some("2026-11-29T13:00:00.000Z".parse().unwrap()),
            since: "2026-11-29T12:50:00.000Z".parse().unwrap(),
            origin: Origin::Drill,
            area: "CANARY-AREA".into(),
        }
    }

    /// The message's own number is the first digits of SHA-256 over the array of the specification (§2), computed apart with python3.
    #[test]
    fn a_message_says_number_colour_deadline_and_mark() {
        let zone = TimeZone::posix("CST-8").unwrap();
        let said = |lang| Worded::new(&obligation().message().unwrap(), lang, &zone).text;
        assert_eq!(
            said(MessageLang::Both),
            "[演练 DRILL] i-3f2a91c0 · 红色 RED I · 截止 due 2026-11-29 21:00 +08:00 · n-9f7657e3"
        );
        assert_eq!(said(MessageLang::Zh), "[演练] i-3f2a91c0 · 红色 I · 截止 2026-11-29 21:00 +08:00 · n-9f7657e3");
        assert_eq!(said(MessageLang::En), "[DRILL] i-3f2a91c0 · RED I · due 2026-11-29 21:00 +08:00 · n-9f7657e3");
        let live = Obligation { origin: Origin::Live, colour: None, deadline: None, ..obligation() };
        let said = Worded::new(&live.message().unwrap(), MessageLang::En, &zone).text;
        assert_eq!(said, "i-3f2a91c0 · level I · n-4a0238f8");
    }

    /// What a caller puts where a number belongs never leaves.
    #[test]
    fn only_a_number_can_be_a_number() {
        for canary in ["CANARY", "i-3f2a91c0 CANARY", "i-CANARY00", "i-3F2A91C0", "x-3f2a91c0", "i-3f2a91c", ""] {
            assert!(Obligation { about: canary.into(), ..obligation() }.message().is_none(), "{canary}");
        }
        let o = Obligation { clock: "CANARY".into(), ..obligation() };
        let worded = Worded::new(&o.message().unwrap(), MessageLang::Both, &TimeZone::UTC);
        assert!(!worded.json().to_string().contains("CANARY"), "neither clock nor area go outside");
    }

    #[test]
    fn another_level_or_start_is_another_message() {
        let o = obligation();
        assert_eq!(o.notice(), o.clone().notice());
        let others = [
            Obligation { numeral: Numeral::of("II"), ..o.clone() },
            Obligation { since: o.since.plus_minutes(1).unwrap(), ..o.clone() },
            Obligation { clock: "written".into(), ..o.clone() },
            Obligation { origin: Origin::Live, ..o.clone() },
        ];
        for other in others {
            assert_ne!(other.notice(), o.notice());
        }
    }
}
