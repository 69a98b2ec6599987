//! The scanner: candidates, their context, a confidence.

use crate::context::{Met, Nearby};
use crate::detectors::{Class, Detectors};
use crate::events::{Spotted, Wanted, spot};
use crate::find::{Candidate, Finder};
use crate::header::Header;
use crate::pack::Need;
use crate::score::{Counted, LOW_MAX, Weigh, percent};
use crate::view::{Encoding, View, narrow};
use evidence::{DigestKey, KeyedDigest, Masked, Why, WhyKind};
use std::ops::Range;
use std::sync::Arc;

/// Subtracted for a value that manuals and tests show.
const DUMMY: i32 = 30;
/// Subtracted if the value is one part of a longer token with dashes or underscores.
const JOINED: i32 = 14;
/// So much of a text says what kind of document it is.
const DOCUMENT_UNITS: usize = 2048;
/// From here on a confidence is medium, in per cent.
const MEDIUM: u8 = 65;
/// How far before the core candidates are looked for, so that one that reaches into it is known.
const LEAD_UNITS: usize = 1024;

/// A text, or a window on one.
pub struct Text<'a> {
    /// The bytes of the window.
    pub bytes: &'a [u8],
    /// Their encoding. UTF-16 begins at a unit; other encodings begin at a character.
    pub encoding: Encoding,
    /// Where matches may begin, in bytes; what surrounds it serves as context.
    pub core: Range<usize>,
    /// The header of the text, if the window is not its beginning.
    pub header: Option<&'a Header>,
}
impl<'a> Text<'a> {
    /// All of a text.
    #[must_use]
    pub fn whole(bytes: &'a [u8], encoding: Encoding) -> Self {
        Self { bytes, encoding, core: 0..bytes.len(), header: None }
    }
}

/// A remark on a match.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Note {
    /// The private key is encrypted under a passphrase.
    Encrypted,
}

/// A hit. Lives only inside the callback and has no `Debug`: it holds the value.
pub struct Match<'a> {
    /// Its class.
    pub class: Class,
    /// Where it stands, in bytes of the window.
    pub range: Range<usize>,
    /// Per cent, 1 to 99; high from 85, medium from 65.
    pub confidence: u8,
    /// A remark.
    pub note: Option<Note>,
    value: &'a str,
    set: &'a Detectors,
    base: i32,
    dummy: bool,
    joined: bool,
    held: i32,
    nearby: Weigh,
    header: Option<Weigh>,
}
impl Match<'_> {
    /// The id of its class.
    #[must_use]
    pub fn id(&self) -> evidence::ClassId {
        self.set.id(self.class).clone()
    }
    /// The value, masked.
    #[must_use]
    pub fn mask(&self) -> Masked {
        let [head, tail] = self.set.of(self.class).mask;
        // Of an address the top level is shown where that is little.
        let top = self.value.rsplit('.').next().map_or(0, str::len) + 1;
        let is_mail = head == 1 && tail == 0 && self.value.contains('@');
        let tail = if is_mail && top < self.value.len() / 3 { top } else { tail };
        if head + tail == 0 { Masked::hide(self.value.chars().count()) } else { Masked::keep(self.value, head, tail) }
    }
    /// The keyed digest of the normalised value; its domain is the class id.
    #[must_use]
    pub fn keyed(&self, key: &DigestKey) -> KeyedDigest {
        self.set.keyed(key, self.class, self.value)
    }
    /// What the confidence is made of.
    #[must_use]
    pub fn why(&self) -> Vec<Why> {
        let plain = |by, tenths: i32| Why { by, tenths: i64::from(tenths), word: None, away: None };
        let mut all = vec![plain(WhyKind::Structure, self.base)];
        if self.dummy {
            all.push(plain(WhyKind::Dummy, -DUMMY));
        }
        if self.joined {
            all.push(plain(WhyKind::Joined, -JOINED));
        }
        let word = |c: Counted, by| Why {
            word: c.word.map(|w| self.set.lexicon.word(w).to_owned()).filter(|w| !w.is_empty()),
            away: c.away,
            ..plain(by, c.tenths)
        };
        let weigh = self.weigh();
        for (counted, near, far) in
            [(weigh.plus, WhyKind::Word, WhyKind::Header), (weigh.minus, WhyKind::Against, WhyKind::HeaderAgainst)]
        {
            if let Some(c) = counted {
                all.push(word(c, if c.away.is_some() { near } else { far }));
            }
        }
        if self.held != 0 {
            all.push(plain(WhyKind::NoContext, self.held));
        }
        all
    }
    fn weigh(&self) -> Weigh {
        let mut weigh = self.nearby;
        if let Some(header) = self.header {
            weigh.join(header);
        }
        weigh
    }
}

/// Finds the classes in texts. Keeps its buffers: one per worker.
pub struct Scanner<'s> {
    set: Set<'s>,
    nearby: Nearby,
    documents: bool,
    held: Buffers,
}
/// The detectors: shared, or lent for a test of themselves.
enum Set<'s> {
    Shared(Arc<Detectors>),
    Lent(&'s Detectors),
}
impl Set<'_> {
    fn get(&self) -> &Detectors {
        match self {
            Self::Shared(set) => set,
            Self::Lent(set) => set,
        }
    }
}
#[derive(Default)]
struct Buffers {
    shadow: Vec<u8>,
    spotted: Vec<Spotted>,
    found: Vec<Candidate>,
    woken: Vec<(Range<usize>, u16)>,
    body: Vec<u8>,
    met: Vec<Met>,
    high: Vec<u64>,
}

impl Scanner<'static> {
    /// A scanner for the classes of `set`.
    #[must_use]
    pub fn new(set: Arc<Detectors>) -> Self {
        Self::with(Set::Shared(set))
    }
}
impl<'s> Scanner<'s> {
    /// A scanner that borrows its set.
    pub(crate) fn of(set: &'s Detectors) -> Self {
        Self::with(Set::Lent(set))
    }
    fn with(set: Set<'s>) -> Self {
        Self { set, nearby: Nearby::default(), documents: true, held: Buffers::default() }
    }
    /// The set of detectors.
    #[must_use]
    pub fn detectors(&self) -> &Detectors {
        self.set.get()
    }

    /// Whether [`Self::document`] answers: programs speak of contracts and bills without being any.
    pub fn tell_documents(&mut self, tell: bool) {
        self.documents = tell;
    }

    /// The header in the first window of a text, to be given with the later ones.
    #[must_use]
    pub fn header(&mut self, bytes: &[u8], encoding: Encoding) -> Option<Header> {
        let head = &bytes[..bytes.len().min(8192)];
        with_view(&mut self.held.shadow, head, encoding, |view| Header::read(self.set.get(), view))
    }

    /// Calls `on` for every match that begins in the core of `text`, in order of their places.
    pub fn scan(&mut self, text: &Text<'_>, on: &mut impl FnMut(&Match<'_>)) {
        let mut held = std::mem::take(&mut self.held);
        let mut shadow = std::mem::take(&mut held.shadow);
        with_view(&mut shadow, text.bytes, text.encoding, |view| {
            let unit = view.unit();
            let core = text.core.start.div_ceil(unit)..text.core.end.div_ceil(unit).min(view.units.len());
            if !core.is_empty() {
                self.view(view, core, text.header, &mut held, on);
            }
        });
        held.shadow = shadow;
        self.held = held;
    }

    fn view(
        &mut self,
        view: &View<'_>,
        core: Range<usize>,
        header: Option<&Header>,
        held: &mut Buffers,
        on: &mut impl FnMut(&Match<'_>),
    ) {
        let set = self.set.get();
        let Buffers { spotted, found, woken, body, met, high, .. } = held;
        spotted.clear();
        high.clear();
        spot(view.units, set.wanted(), &set.triggers, spotted, high);
        found.clear();
        let mut finder = Finder { set, view, out: found, body, met, high };
        finder.spotted(spotted);
        if view.encoding != Encoding::Ascii {
            finder.full_width();
        }
        finder.wide_words(woken);
        if let Some(header) = header.filter(|h| h.has_outright()) {
            header.outright(view, core.clone(), |class, cell| finder.cell(class, cell));
        }
        let low = core.start.saturating_sub(LEAD_UNITS);
        found.retain(|c| (low..core.end).contains(&c.range.start));
        found.sort_by(|a, b| (a.range.start, b.range.end, a.class).cmp(&(b.range.start, a.range.end, b.class)));
        self.nearby.clear();
        let mut at = 0;
        while at < found.len() {
            // Candidates that overlap contend for the place.
            let (mut end, mut next) = (found[at].range.end, at + 1);
            while found.get(next).is_some_and(|c| c.range.start < end) {
                end = end.max(found[next].range.end);
                next += 1;
            }
            self.contend(view, &found[at..next], header, &core, on);
            at = next;
        }
    }

    /// Of candidates that overlap, the surest is kept, then the surest of those beside it.
    fn contend(
        &mut self,
        view: &View<'_>,
        group: &[Candidate],
        header: Option<&Header>,
        core: &Range<usize>,
        on: &mut impl FnMut(&Match<'_>),
    ) {
        let set = self.set.get();
        let mut judged: Vec<(i32, Match<'_>)> = Vec::new();
        for c in group {
            judged.extend(judge(set, &mut self.nearby, view, c, header));
        }
        // A stable order: surest first, then the longer, then as found.
        judged.sort_by_key(|(odds, m)| (-odds, std::cmp::Reverse(m.range.len())));
        let mut kept: Vec<Match<'_>> = Vec::new();
        for (_, m) in judged {
            if kept.iter().all(|k| k.range.end <= m.range.start || m.range.end <= k.range.start) {
                kept.push(m);
            }
        }
        kept.sort_by_key(|m| m.range.start);
        for m in kept.iter_mut().filter(|m| core.contains(&m.range.start)) {
            m.range = m.range.start * view.unit()..m.range.end * view.unit();
            on(m);
        }
    }
}

impl Scanner<'_> {
    /// What kind of document a text is, told from its beginning: calls `on` for each class whose words, each counted
    /// once, add up to medium confidence or more. The place is that of the first such word.
    pub fn document(&mut self, text: &Text<'_>, on: &mut impl FnMut(&Match<'_>)) {
        if !self.documents {
            return;
        }
        let set = self.set.get();
        let unit = text.encoding.unit();
        let start = text.core.start.min(text.bytes.len());
        let head = &text.bytes[start..text.bytes.len().min(start + DOCUMENT_UNITS * unit)];
        let Buffers { shadow, met, .. } = &mut self.held;
        met.clear();
        with_view(shadow, head, text.encoding, |view| set.lexicon.read(view, 0..view.units.len(), met));
        // What each word says of each kind of document; a word said twice counts once.
        let mut said: Vec<(u16, &Met, i16)> = Vec::new();
        for m in met.iter() {
            said.extend(set.document_words(m.word).iter().map(|(about, weight)| (*about, m, *weight)));
        }
        said.sort_by_key(|(about, m, _)| (*about, m.word, m.start));
        said.dedup_by_key(|(about, m, _)| (*about, m.word));
        for words in said.chunk_by(|a, b| a.0 == b.0) {
            let class = Class(words[0].0);
            let d = set.of(class);
            let odds = d.base + words.iter().map(|s| i32::from(s.2)).sum::<i32>();
            let first = words.iter().min_by_key(|s| s.1.start).map_or(0..0, |s| s.1.start..s.1.end);
            let strongest = words.iter().max_by_key(|s| s.2);
            let rest = odds - d.base - strongest.map_or(0, |s| i32::from(s.2));
            let plus = strongest.map(|s| Counted { tenths: i32::from(s.2), word: Some(s.1.word), away: None });
            if percent(odds) >= MEDIUM {
                on(&Match {
                    class,
                    range: start + first.start * unit..start + first.end * unit,
                    confidence: percent(odds),
                    note: None,
                    value: d.id.as_str(),
                    set,
                    base: d.base + rest,
                    dummy: false,
                    joined: false,
                    held: 0,
                    nearby: Weigh { plus, minus: None },
                    header: None,
                });
            }
        }
    }
}

/// Weighs a candidate; nothing if it needs a word and has none. Its range is still in units.
fn judge<'c>(
    set: &'c Detectors,
    nearby: &mut Nearby,
    view: &View<'_>,
    c: &'c Candidate,
    header: Option<&Header>,
) -> Option<(i32, Match<'c>)> {
    let about = c.class.0;
    let column = header.and_then(|h| h.weigh(view, c.range.start, about));
    let own_line = column.is_some() || set.of(c.class).own_line;
    let near = nearby.weigh(&set.lexicon, view, &c.range, about, own_line);
    let mut weigh = near;
    if let Some(column) = column {
        weigh.join(column);
    }
    if c.need == Need::ForAny && weigh.plus.is_none() {
        return None;
    }
    let looks = c.base - if c.dummy { DUMMY } else { 0 } - if c.joined { JOINED } else { 0 };
    let free = looks + weigh.sum();
    let held = c.need == Need::ForMore && weigh.plus.is_none() && free > LOW_MAX;
    let odds = if held { LOW_MAX } else { free };
    let m = Match {
        class: c.class,
        range: c.range.clone(),
        confidence: percent(odds),
        note: c.note,
        value: &c.value,
        set,
        base: c.base,
        dummy: c.dummy,
        joined: c.joined,
        held: odds - free,
        nearby: near,
        header: column,
    };
    Some((odds, m))
}

impl Detectors {
    /// What the vector pass must spot for this set.
    pub(crate) fn wanted(&self) -> Wanted {
        use crate::detectors::Native as N;
        let has = |all: &[N]| all.iter().any(|n| self.native(*n).is_some());
        Wanted {
            groups: has(&[N::Mobile, N::BankCard, N::Landline]),
            net: has(&[N::Ipv4, N::Mac]),
            decimal: has(&[N::LatLon]),
            at: has(&[N::Email]) || !self.ats.is_empty(),
            plate: has(&[N::Plate, N::PlateNev]),
            bracket: !self.brackets.is_empty(),
            high: self.has_wide(),
        }
    }
}

fn with_view<T>(shadow: &mut Vec<u8>, bytes: &[u8], encoding: Encoding, run: impl FnOnce(&View<'_>) -> T) -> T {
    if encoding.unit() == 1 {
        return run(&View { units: bytes, encoding, wide: &[] });
    }
    narrow(bytes, encoding, shadow);
    run(&View { units: shadow, encoding, wide: bytes })
}
