//! Scans a text of any length through one buffer, in windows that overlap.

use crate::Config;
use crate::gather::{Findings, Pending};
use crate::table::csv::{Seen, Watch};
use classify::{Class, Encoding, Kind, Match, Scanner, Text, sniff};
use evidence::{KeyedDigest, Spot};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::rc::Rc;

/// The buffer of a text: small enough to stay in the second-level cache.
pub(crate) const WINDOW_BYTES: usize = 256 << 10;
/// Context kept in front of a window; holds the beginning of usual lines.
const BEFORE_BYTES: usize = 4 << 10;
/// What is left to the next window at the end; holds the longest private key.
const AFTER_BYTES: usize = 8 << 10;

/// Reads until `buf` is full or the source ends; true if it ended.
pub(crate) fn fill(src: &mut dyn Read, buf: &mut [u8], filled: &mut usize) -> io::Result<bool> {
    while *filled < buf.len() {
        match src.read(&mut buf[*filled..]) {
            Ok(0) => return Ok(true),
            Ok(n) => *filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(false)
}

/// Where bytes of a source were passed over: after so many that it gave, so many that it did not.
pub(crate) type Skips = Rc<RefCell<Vec<(u64, u64)>>>;

/// Line and column of a place that only moves forward.
struct Cursor<'s> {
    skips: &'s Skips,
    skips_done: usize,
    /// Bytes that the source gave before the buffer's first.
    base: u64,
    line: u64,
    column: u64,
    at: usize,
}
impl Cursor<'_> {
    fn advance(&mut self, bytes: &[u8], to: usize, encoding: Encoding) {
        while let Some((after, passed)) = self.skips.borrow().get(self.skips_done).copied() {
            let at = usize::try_from(after.saturating_sub(self.base)).unwrap_or(usize::MAX);
            if at > to {
                break;
            }
            self.count(bytes, at, encoding);
            // A hole is zero bytes: no line ends in it.
            self.column += passed / encoding.unit() as u64;
            self.skips_done += 1;
        }
        self.count(bytes, to, encoding);
    }
    fn count(&mut self, bytes: &[u8], to: usize, encoding: Encoding) {
        let Some(part) = bytes.get(self.at..to) else { return };
        let (lines, tail) = if encoding.unit() == 1 {
            (memchr::memchr_iter(b'\n', part).count(), memchr::memrchr(b'\n', part).map_or(0, |i| i + 1))
        } else {
            wide_lines(part, encoding)
        };
        self.line += lines as u64;
        self.column = if lines > 0 { 1 } else { self.column } + characters(&part[tail..], encoding);
        self.at = to;
    }
}
fn wide_lines(part: &[u8], encoding: Encoding) -> (usize, usize) {
    let newline = if encoding == Encoding::Utf16Be { [0, b'\n'] } else { [b'\n', 0] };
    let (pairs, _) = part.as_chunks::<2>();
    let lines = pairs.iter().filter(|p| **p == newline).count();
    (lines, pairs.iter().rposition(|p| *p == newline).map_or(0, |i| (i + 1) * 2))
}
fn characters(part: &[u8], encoding: Encoding) -> u64 {
    let n = match encoding {
        Encoding::Ascii | Encoding::Other => part.len(),
        Encoding::Utf8 => part.iter().filter(|b| **b & 0xC0 != 0x80).count(),
        Encoding::Gb18030 | Encoding::Big5 => {
            let (mut n, mut i) = (0, 0);
            while let Some(lead) = part.get(i) {
                let four = *lead >= 0x81 && part.get(i + 1).is_some_and(u8::is_ascii_digit);
                i += if four { 4 } else { 1 + usize::from(*lead >= 0x81) };
                n += 1;
            }
            n
        }
        Encoding::Utf16Le | Encoding::Utf16Be => {
            let high = usize::from(encoding == Encoding::Utf16Le);
            part.as_chunks::<2>().0.iter().filter(|p| p[high] & 0xFC != 0xDC).count()
        }
    };
    n as u64
}

/// A place at or before `target` where a character begins.
fn boundary(buf: &[u8], target: usize, encoding: Encoding) -> usize {
    match encoding {
        Encoding::Utf16Le | Encoding::Utf16Be => target & !1,
        // No character of more than one byte has a byte below 0x30 in GB18030 or UTF-8.
        _ => buf[..target].iter().rev().take(1024).position(|b| *b < 0x30).map_or(target, |back| target - back - 1),
    }
}

/// A text whose beginning lies in a buffer.
pub(crate) struct Begun<'t> {
    pub(crate) buf: &'t mut [u8],
    pub(crate) filled: usize,
    /// Nothing follows what is in the buffer.
    pub(crate) ended: bool,
    pub(crate) encoding: Encoding,
    /// Length of the byte order mark.
    pub(crate) mark: usize,
    pub(crate) skips: &'t Skips,
}

/// Scans the text that is begun and goes on in `src`. Returns the bytes seen.
///
/// On an error, what was found up to there is in `findings`.
pub(crate) fn scan(
    scanner: &mut Scanner<'_>,
    config: &Config,
    findings: &mut Findings,
    begun: Begun<'_>,
    src: &mut dyn Read,
    stopped: &dyn Fn() -> bool,
) -> (u64, io::Result<()>) {
    scan_table(scanner, config, findings, begun, src, stopped, &mut Watch::none())
}

/// Scans a text that may be a table: `watch` sees its windows too.
pub(crate) fn scan_table(
    scanner: &mut Scanner,
    config: &Config,
    findings: &mut Findings,
    begun: Begun<'_>,
    src: &mut dyn Read,
    stopped: &dyn Fn() -> bool,
    watch: &mut Watch,
) -> (u64, io::Result<()>) {
    let Begun { buf, mut filled, mut ended, mut encoding, mark, skips } = begun;
    let mut cursor = Cursor { skips, skips_done: 0, base: 0, line: 1, column: 1, at: mark };
    let (mut core, mut header, mut first) = (mark, None, true);
    let mut seen = 0u64;
    loop {
        let result = if ended { Ok(true) } else { fill(src, buf, &mut filled) };
        ended = !matches!(result, Ok(false));
        let window = &buf[..filled];
        if encoding == Encoding::Ascii {
            encoding = decide(&window[core..]);
        }
        if first {
            header = scanner.header(&window[mark..], encoding);
            first = false;
        }
        let core_end = if ended { filled } else { boundary(window, filled - AFTER_BYTES, encoding).max(core) };
        seen += (core_end - core) as u64;
        let mut pending = Vec::new();
        let text = Text { bytes: window, encoding, core: core..core_end, header: header.as_ref() };
        if seen == (core_end - core) as u64 {
            kind_of_document(scanner, config, findings, &text, &mut pending);
        }
        let base = cursor.base;
        collect_with(scanner, config, findings, &text, &mut pending, &mut |m, keyed| watch.found(m, keyed, base));
        watch.window(&Seen { text: &text, base, ended }, scanner);
        pending.sort_by_key(|p| p.at);
        for p in pending {
            cursor.advance(window, p.at, encoding);
            let spot = Spot::Line { line: cursor.line, column: cursor.column };
            let (class, sample) = p.placed(spot);
            findings.sample(class, sample);
        }
        if ended || stopped() {
            return (seen, result.map(|_| ()));
        }
        cursor.advance(window, core_end, encoding);
        let keep = boundary(window, core_end.saturating_sub(BEFORE_BYTES), encoding);
        buf.copy_within(keep..filled, 0);
        cursor.base += keep as u64;
        (filled, core, cursor.at) = (filled - keep, core_end - keep, cursor.at - keep);
    }
}

/// Scans one window; samples that are still wanted go to `pending`.
pub(crate) fn collect(
    scanner: &mut Scanner<'_>,
    config: &Config,
    findings: &mut Findings,
    text: &Text<'_>,
    pending: &mut Vec<Pending>,
) {
    collect_with(scanner, config, findings, text, pending, &mut |_, _| {});
}
fn collect_with(
    scanner: &mut Scanner<'_>,
    config: &Config,
    findings: &mut Findings,
    text: &Text<'_>,
    pending: &mut Vec<Pending>,
    on: &mut impl FnMut(&Match<'_>, KeyedDigest),
) {
    let mut keep = Keep { config, findings, pending, waiting: BTreeMap::new() };
    scanner.scan(text, &mut |m| {
        let keyed = m.keyed(&config.key);
        on(m, keyed);
        keep.take(m, keyed);
    });
}

/// Says what kind of document begins with `text`.
pub(crate) fn kind_of_document(
    scanner: &mut Scanner<'_>,
    config: &Config,
    findings: &mut Findings,
    text: &Text<'_>,
    pending: &mut Vec<Pending>,
) {
    let mut keep = Keep { config, findings, pending, waiting: BTreeMap::new() };
    scanner.document(text, &mut |m| keep.take(m, m.keyed(&config.key)));
}

/// Counts matches, and keeps a few of each class for samples.
struct Keep<'k> {
    config: &'k Config,
    findings: &'k mut Findings,
    pending: &'k mut Vec<Pending>,
    waiting: BTreeMap<Class, usize>,
}
impl Keep<'_> {
    fn take(&mut self, m: &Match<'_>, keyed: KeyedDigest) {
        if !self.findings.count(m, keyed, 1, self.config) {
            return;
        }
        let n = self.waiting.entry(m.class).or_insert(0);
        if self.findings.samples(m.class) + *n < self.config.limits.samples_per_hit_max {
            *n += 1;
            self.pending.push(Pending {
                class: m.class,
                at: m.range.start,
                keyed,
                mask: m.mask(),
                confidence: m.confidence,
                why: m.why(),
            });
        }
    }
}

/// The encoding of a text that was plain ASCII up to here.
fn decide(rest: &[u8]) -> Encoding {
    // The whole first: it goes by words, the search for the place by bytes.
    if rest.is_ascii() {
        return Encoding::Ascii;
    }
    let Some(at) = rest.iter().position(|b| *b >= 0x80) else { return Encoding::Ascii };
    match sniff(&rest[at..]) {
        Kind::Text(encoding @ (Encoding::Utf8 | Encoding::Gb18030 | Encoding::Big5), _) => encoding,
        _ => Encoding::Other,
    }
}
