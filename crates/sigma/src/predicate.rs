//! What an item of a rule asks of a field, evaluated plainly: the reference. The scanner reaches the same answers by other ways.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use regex_automata::meta;

use crate::event::{Event, FieldId, Value, number};
use crate::pattern::{Pattern, fold};

/// The number of a predicate in one rule set; equal predicates have one number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct PredId(pub(crate) u32);

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Pred {
    /// None: a keyword, any value of the event.
    pub(crate) field: Option<FieldId>,
    pub(crate) test: Test,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Test {
    /// The whole value's text. The pattern is folded unless `cased`.
    Text {
        pattern: Pattern,
        cased: bool,
    },
    Regex(Regex),
    Exists,
    /// Absent, or nothing but null.
    Null,
    /// Some value other than null.
    Present,
    Compare(Order, Number),
    /// A part of a date.
    Time(Part, Order, Number),
    Cidr(Net),
    /// Some value of this field against some value of another.
    FieldRef {
        other: FieldId,
        how: How,
        cased: bool,
    },
}

/// How texts are compared.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum How {
    Whole,
    Start,
    End,
    Within,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Order {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}
impl Order {
    pub(crate) fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Order::Less => left < right,
            Order::AtMost => left <= right,
            Order::Equal => left == right,
            Order::AtLeast => left >= right,
            Order::More => left > right,
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Order::Less => "lt",
            Order::AtMost => "lte",
            Order::Equal => "eq",
            Order::AtLeast => "gte",
            Order::More => "gt",
        }
    }
}

/// A finite number that can be a key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Number(u64);
impl Number {
    pub(crate) fn new(n: f64) -> Self {
        Self((n + 0.0).to_bits())
    }

    pub(crate) fn get(self) -> f64 {
        f64::from_bits(self.0)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Part {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// A network: an address and how many leading bits count.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Net {
    pub(crate) v6: bool,
    pub(crate) bits: u128,
    pub(crate) len: u8,
}
impl Net {
    /// The network and whether bits beyond its length were set. A bare address is a network of its own.
    pub(crate) fn read(text: &str) -> Option<(Self, bool)> {
        let (addr, len) = text.split_once('/').map_or((text, None), |(a, l)| (a, Some(l)));
        let addr: IpAddr = addr.parse().ok()?;
        let (v6, bits, width) = match addr {
            IpAddr::V4(a) => (false, u128::from(u32::from(a)), 32),
            IpAddr::V6(a) => (true, u128::from(a), 128),
        };
        let len = match len {
            None => width,
            Some(len) if len.bytes().all(|b| b.is_ascii_digit()) => len.parse().ok().filter(|l| *l <= width)?,
            Some(_) => return None,
        };
        let host = if len == width { 0 } else { bits & (u128::MAX >> (128 - u32::from(width - len))) };
        Some((Self { v6, bits: bits ^ host, len }, host != 0))
    }

    /// An IPv4 address that is written as IPv6 (`::ffff:10.0.0.1`) is in networks of both; what is no address is in none.
    pub(crate) fn holds(&self, text: &str) -> bool {
        let text = text.trim();
        let text = text.split_once('%').map_or(text, |(addr, _zone)| addr);
        let Ok(addr) = text.parse::<IpAddr>() else { return false };
        let within = |bits: u128, width: u8| {
            let shift = u32::from(width - self.len);
            shift == u32::from(width) || (bits >> shift) == (self.bits >> shift)
        };
        match (addr, self.v6) {
            (IpAddr::V4(a), false) => within(u128::from(u32::from(a)), 32),
            (IpAddr::V6(a), true) => within(u128::from(a), 128),
            (IpAddr::V6(a), false) => a.to_ipv4_mapped().is_some_and(|a| within(u128::from(u32::from(a)), 32)),
            (IpAddr::V4(_), true) => false,
        }
    }
}

/// A regular expression: checked when the rule is read, built when it is first needed.
#[derive(Clone, Debug)]
pub(crate) struct Regex {
    /// As the rule has it.
    pub(crate) source: String,
    pub(crate) hir: Arc<regex_syntax::hir::Hir>,
    built: Arc<OnceLock<Option<meta::Regex>>>,
    /// The flags, as letters.
    pub(crate) flags: String,
}
impl PartialEq for Regex {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source && self.flags == other.flags
    }
}
impl Eq for Regex {}
impl std::hash::Hash for Regex {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.source.hash(state);
        self.flags.hash(state);
    }
}
/// Most states that an expression may unfold to; one state takes some tens of bytes.
pub(crate) const REGEX_STATES_MAX: usize = 100_000;

impl Regex {
    /// # Errors
    /// Why the expression cannot be read.
    pub(crate) fn read(source: &str, i: bool, m: bool, s: bool) -> Result<Self, String> {
        let parse = |source: &str| {
            let mut parser = regex_syntax::ParserBuilder::new();
            parser.case_insensitive(i).multi_line(m).dot_matches_new_line(s).nest_limit(64);
            parser.build().parse(source).map_err(Box::new)
        };
        let hir = match parse(source) {
            Ok(hir) => hir,
            // In PCRE a brace that begins no repetition is a brace.
            Err(e) => parse(&braces(source)).map_err(|_| why(&e))?,
        };
        if states(&hir) > REGEX_STATES_MAX {
            return Err(format!("unfolds to more than {REGEX_STATES_MAX} states"));
        }
        let flags = [(i, 'i'), (m, 'm'), (s, 's')].iter().filter(|f| f.0).map(|f| f.1).collect();
        Ok(Self { source: source.to_owned(), hir: Arc::new(hir), built: Arc::default(), flags })
    }

    pub(crate) fn finds(&self, text: &str) -> bool {
        let build = || {
            let config = meta::Config::new().nfa_size_limit(None).hybrid_cache_capacity(512 * 1024);
            meta::Builder::new().configure(config).build_from_hir(&self.hir).ok()
        };
        self.built.get_or_init(build).as_ref().is_some_and(|r| r.is_match(text))
    }
}

fn why(e: &regex_syntax::Error) -> String {
    match e {
        regex_syntax::Error::Parse(e) => e.kind().to_string(),
        regex_syntax::Error::Translate(e) => e.kind().to_string(),
        _ => "cannot be read".to_owned(),
    }
}

/// With every brace escaped that begins no repetition.
fn braces(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + 8);
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\\' => {
                out.push(c);
                if let Some(next) = rest.chars().next() {
                    out.push(next);
                    rest = &rest[next.len_utf8()..];
                }
            }
            '{' => {
                let close = rest.find('}');
                let inner = close.map(|at| &rest[..at]);
                let counts = |s: &str| {
                    let (a, b) = s.split_once(',').unwrap_or((s, ""));
                    !a.is_empty() && a.bytes().chain(b.bytes()).all(|b| b.is_ascii_digit())
                };
                match (inner, close) {
                    (Some(inner), Some(at)) if counts(inner) => {
                        out.push('{');
                        out.push_str(&rest[..=at]);
                        rest = &rest[at + 1..];
                    }
                    _ => out.push_str("\\{"),
                }
            }
            '}' => out.push_str("\\}"),
            c => out.push(c),
        }
    }
    out
}

/// A bound of the states of an automaton for it.
fn states(hir: &regex_syntax::hir::Hir) -> usize {
    use regex_syntax::hir::HirKind;
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(l) => l.0.len(),
        HirKind::Class(regex_syntax::hir::Class::Unicode(c)) => c.ranges().len().max(1),
        HirKind::Class(regex_syntax::hir::Class::Bytes(c)) => c.ranges().len().max(1),
        HirKind::Repetition(r) => {
            let times = r.max.unwrap_or(r.min).max(r.min).max(1) as usize;
            states(&r.sub).saturating_mul(times).saturating_add(1)
        }
        HirKind::Capture(c) => states(&c.sub).saturating_add(2),
        HirKind::Concat(l) | HirKind::Alternation(l) => l.iter().map(states).fold(1, usize::saturating_add),
    }
}

impl Pred {
    /// Whether it is true of the event.
    pub(crate) fn holds(&self, event: &Event, room: &mut Room) -> bool {
        match self.field {
            None => event.iter().any(|(_, value)| self.test.holds(&value, room)),
            Some(field) => match &self.test {
                Test::Exists => event.values(field).next().is_some(),
                Test::Null => event.values(field).all(|v| v == Value::Null),
                Test::FieldRef { other, how, cased } => {
                    event.values(field).any(|a| event.values(*other).any(|b| same(&a, &b, *how, *cased, room)))
                }
                test => event.values(field).any(|value| test.holds(&value, room)),
            },
        }
    }

    /// The value that it is true of, if it is one value that makes it so.
    pub(crate) fn witness(&self, event: &Event) -> Option<(FieldId, String)> {
        let room = &mut Room::default();
        let mut values = event.iter().filter(|(f, _)| self.field.is_none_or(|field| field == *f));
        let found = match &self.test {
            Test::Exists | Test::Null => values.next(),
            Test::FieldRef { other, how, cased } => {
                values.find(|(_, a)| event.values(*other).any(|b| same(a, &b, *how, *cased, room)))
            }
            test => values.find(|(_, v)| test.holds(v, room)),
        };
        found.map(|(field, value)| (field, value.text(&mut String::new()).unwrap_or_default().to_owned()))
    }

    /// As a rule would write it: field and modifiers, then the value.
    pub(crate) fn shown(&self, name: impl Fn(FieldId) -> String) -> (String, String) {
        let field = self.field.map(&name).unwrap_or_default();
        let (modifiers, value) = match &self.test {
            Test::Text { pattern, cased } => (if *cased { "|cased" } else { "" }.to_owned(), pattern.shown()),
            Test::Regex(r) => (r.flags.chars().fold("|re".to_owned(), |all, f| format!("{all}|{f}")), r.source.clone()),
            Test::Exists => ("|exists".to_owned(), "true".to_owned()),
            Test::Null => (String::new(), "null".to_owned()),
            Test::Present => ("|neq".to_owned(), "null".to_owned()),
            Test::Compare(order, n) => (format!("|{}", order.sign()), n.get().to_string()),
            Test::Time(part, order, n) => {
                (format!("|{}|{}", format!("{part:?}").to_lowercase(), order.sign()), n.get().to_string())
            }
            Test::Cidr(net) => {
                let addr = if net.v6 {
                    IpAddr::V6(net.bits.into())
                } else {
                    IpAddr::V4(u32::try_from(net.bits).unwrap_or_default().into())
                };
                ("|cidr".to_owned(), format!("{addr}/{}", net.len))
            }
            Test::FieldRef { other, how, cased } => {
                let how = match how {
                    How::Whole => "",
                    How::Start => "|startswith",
                    How::End => "|endswith",
                    How::Within => "|contains",
                };
                (format!("|fieldref{how}{}", if *cased { "|cased" } else { "" }), name(*other))
            }
        };
        (format!("{field}{modifiers}"), value)
    }
}

impl Test {
    /// Whether it is true of one value, for tests that look at values one by one.
    pub(crate) fn holds(&self, value: &Value<'_>, room: &mut Room) -> bool {
        match self {
            Test::Compare(order, n) => return value.number().is_some_and(|v| order.holds(v, n.get())),
            Test::Present => return *value != Value::Null,
            _ => {}
        }
        let Some(text) = value.text(&mut room.text) else { return false };
        match self {
            Test::Text { pattern, cased: true } => pattern.matches(text),
            Test::Text { pattern, cased: false } => {
                room.folded.clear();
                fold(text, &mut room.folded);
                pattern.matches(&room.folded)
            }
            Test::Regex(regex) => regex.finds(text),
            Test::Time(part, order, n) => part_of(text, *part).is_some_and(|v| order.holds(v, n.get())),
            Test::Cidr(net) => net.holds(text),
            _ => false,
        }
    }
}

/// Buffers that are used again.
#[derive(Default)]
pub(crate) struct Room {
    text: String,
    folded: String,
    other: String,
    other_folded: String,
}

/// Texts of two fields; numbers and texts compare by their text.
fn same(a: &Value<'_>, b: &Value<'_>, how: How, cased: bool, room: &mut Room) -> bool {
    let (Some(a), Some(b)) = (a.text(&mut room.text), b.text(&mut room.other)) else { return false };
    let (a, b) = if cased {
        (a, b)
    } else {
        room.folded.clear();
        room.other_folded.clear();
        fold(a, &mut room.folded);
        fold(b, &mut room.other_folded);
        (room.folded.as_str(), room.other_folded.as_str())
    };
    match how {
        How::Whole => a == b,
        How::Start => a.starts_with(b),
        How::End => a.ends_with(b),
        How::Within => a.contains(b),
    }
}

/// A part of a date as it is written: `YYYY-MM-DD`, then a `T` or a space and `HH:MM` if there is a time. No zones are converted.
pub(crate) fn part_of(text: &str, part: Part) -> Option<f64> {
    let bytes = text.trim().as_bytes();
    let digits = |from: usize, len: usize| {
        let piece = bytes.get(from..from + len)?;
        let all = piece.iter().all(u8::is_ascii_digit);
        all.then(|| piece.iter().fold(0u32, |n, b| n * 10 + u32::from(b - b'0')))
    };
    let sign = |at: usize, signs: &[u8]| bytes.get(at).is_some_and(|b| signs.contains(b));
    let (year, month, day) = (digits(0, 4)?, digits(5, 2)?, digits(8, 2)?);
    let date = sign(4, b"-/") && sign(7, b"-/") && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !date {
        return None;
    }
    let clock = || {
        let (hour, minute) = (digits(11, 2)?, digits(14, 2)?);
        (sign(10, b"T ") && sign(13, b":") && hour < 24 && minute < 60).then_some((hour, minute))
    };
    let found = match part {
        Part::Year => year,
        Part::Month => month,
        Part::Day => day,
        Part::Week => week(year, month, day),
        Part::Hour => clock()?.0,
        Part::Minute => clock()?.1,
    };
    Some(f64::from(found))
}

/// The week by ISO 8601.
fn week(year: u32, month: u32, day: u32) -> u32 {
    let leap = |y: i64| (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][month as usize - 1];
    let y = i64::from(year);
    let of_year = before + i64::from(day) + i64::from(month > 2 && leap(y));
    // Monday is 1; of 31 December of a year.
    let last = |y: i64| (y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400)).rem_euclid(7);
    let weekday = (last(y - 1) + of_year - 1).rem_euclid(7) + 1;
    let weeks = |y: i64| if last(y) == 4 || last(y - 1) == 3 { 53 } else { 52 };
    match (of_year - weekday + 10) / 7 {
        0 => weeks(y - 1) as u32,
        n if n > weeks(y) => 1,
        n => n as u32,
    }
}

/// The number a rule's value stands for.
pub(crate) fn rule_number(text: &str) -> Option<f64> {
    number(text).filter(|n| n.is_finite())
}
