//! Files and folders of logs, what they are packed in, and their lines.

use super::form::{self, Form, Told};
use super::sum::{Sums, int};
use super::{BAD_NAMED_MAX, DEPTH_MAX, FILES_MAX, Flows, LINE_BYTES_MAX, UNPACKED_BYTES_MAX, columns, lines};
use evidence::{Body, Covered, Digest, Fact, FactValue, Gap, GapReason, Hasher, PathText, Place, Sink, Time};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};
use stdx::{Capped, Progress, Step, Stop};

/// Lines at the top that may be remarks, or broken, before a form shows.
const TOP_LINES_MAX: u64 = 200;
/// Buffer of a file, in bytes.
const BUFFER_BYTES: usize = 256 << 10;

/// What reading a log came to.
#[derive(Default)]
pub(crate) struct LogTold {
    pub(crate) form: Option<&'static str>,
    pub(crate) lines: u64,
    pub(crate) bad: u64,
    /// Lines that say that flows were left out of the log.
    skipped: u64,
    pub(crate) bytes: u64,
    span: Option<(i64, i64)>,
    error: Option<std::io::Error>,
}

pub(crate) fn run(flows: &Flows<'_>, sink: &dyn Sink, progress: &dyn Progress, stop: &Stop) {
    let mut out = Run { sums: Sums::default(), bodies: Vec::new(), named: 0, files: 0 };
    progress.begin(Step::Files, None);
    for path in flows.logs {
        out.path(path, 0, progress, stop);
    }
    progress.end();
    let (logs, over, internal) = (out.files as u64, out.sums.over, out.sums.internal);
    if over > 0 {
        out.gap("egress.flow", GapReason::TooMany, None, over);
    }
    if flows.countries.is_empty() {
        let at = Place::file("countries");
        out.gap("egress.flow", GapReason::Missing, Some(at), 1);
    }
    let Run { sums, mut bodies, .. } = out;
    let rows = sums.facts(flows.countries, flows.key, Digest::of(b"egress"));
    for (what, counts) in [
        ("egress.flow", [("found".to_owned(), rows.len() as u64), ("internal".to_owned(), internal)].as_slice()),
        ("egress.log", &[("found".to_owned(), logs)]),
    ] {
        let what = format!("fact:{what}");
        if !bodies.iter().any(|b| matches!(b, Body::Gap(g) if g.what == what)) {
            bodies.push(Body::Covered(Covered { what, counts: counts.iter().cloned().collect() }));
        }
    }
    for body in bodies.into_iter().chain(rows) {
        if sink.put(body).is_err() {
            return;
        }
    }
}

struct Run {
    sums: Sums,
    bodies: Vec<Body>,
    named: usize,
    files: usize,
}

impl Run {
    fn gap(&mut self, fact: &str, reason: GapReason, at: Option<Place>, count: u64) {
        self.bodies.push(Body::Gap(Gap { what: format!("fact:{fact}"), reason, at, count }));
    }

    fn path(&mut self, path: &Path, depth: usize, progress: &dyn Progress, stop: &Stop) {
        if stop.requested() {
            return;
        }
        let place = || Some(Place::file(shown(path).as_str()));
        let meta = match std::fs::metadata(path) {
            Ok(meta) => meta,
            Err(e) => return self.gap("egress.log", reason(&e), place(), 1),
        };
        if meta.is_dir() {
            if depth >= DEPTH_MAX {
                return self.gap("egress.log", GapReason::TooDeep, place(), 1);
            }
            let entries = std::fs::read_dir(path).and_then(|all| all.map(|e| e.map(|e| e.path())).collect());
            let mut below: Vec<PathBuf> = match entries {
                Ok(below) => below,
                Err(e) => return self.gap("egress.log", reason(&e), place(), 1),
            };
            below.sort();
            for p in &below {
                if p.is_symlink() {
                    self.gap("egress.log", GapReason::Link, Some(Place::file(shown(p).as_str())), 1);
                } else {
                    self.path(p, depth + 1, progress, stop);
                }
            }
            return;
        }
        if !meta.is_file() {
            return self.gap("egress.log", GapReason::NotAFile, place(), 1);
        }
        if self.files >= FILES_MAX {
            return self.gap("egress.log", GapReason::TooMany, place(), 1);
        }
        self.files += 1;
        self.file(path, progress, stop);
    }

    fn file(&mut self, path: &Path, progress: &dyn Progress, stop: &Stop) {
        let name = shown(path);
        let file = match File::open(path) {
            Ok(file) => file,
            Err(e) => return self.gap("egress.log", reason(&e), Some(Place::file(name.as_str())), 1),
        };
        let mut hashed = BufReader::with_capacity(BUFFER_BYTES, Hashed { inner: file, hasher: Hasher::new() });
        let mut bad = Vec::new();
        let left = BAD_NAMED_MAX.saturating_sub(self.named);
        let mut note = |line: u64| {
            if bad.len() < left {
                bad.push(line);
            }
        };
        let head = hashed.fill_buf().map(<[u8]>::to_vec).unwrap_or_default();
        let told = match packing(&head) {
            Packing::Plain => log(&mut hashed, &mut self.sums, &mut note, stop),
            Packing::Gzip => {
                let inner = Capped::new(flate2::bufread::MultiGzDecoder::new(&mut hashed), UNPACKED_BYTES_MAX);
                log(&mut BufReader::with_capacity(BUFFER_BYTES, inner), &mut self.sums, &mut note, stop)
            }
            Packing::Zstd => {
                let inner = Capped::new(Zstd { source: Some(&mut hashed), frame: None }, UNPACKED_BYTES_MAX);
                log(&mut BufReader::with_capacity(BUFFER_BYTES, inner), &mut self.sums, &mut note, stop)
            }
            Packing::Other => LogTold::default(),
        };
        // The digest is that of the whole file, also where reading ended early.
        let rest = std::io::copy(&mut hashed, &mut std::io::sink());
        let digest = hashed.into_inner().hasher.finish();
        let place = || Place::file(name.as_str()).digest(digest);
        if let Some(e) = told.error.as_ref().or(rest.as_ref().err()) {
            self.gap("egress.log", reason(e), Some(place()), 1);
        }
        if told.form.is_none() && told.error.is_none() && (told.bytes > 0 || !head.is_empty()) {
            self.gap("egress.log", GapReason::Unsupported, Some(place()), 1);
        }
        for line in &bad {
            self.gap("egress.flow", GapReason::Corrupt, Some(place().line(*line)), 1);
        }
        self.named += bad.len();
        let unnamed = told.bad - bad.len() as u64;
        if unnamed > 0 {
            self.gap("egress.flow", GapReason::Corrupt, Some(place()), unnamed);
        }
        if told.skipped > 0 {
            self.gap("egress.flow", GapReason::Missing, Some(place()), told.skipped);
        }
        progress.advance(1, told.bytes);
        self.bodies.push(told.fact(name.as_str(), digest, place()));
    }
}

impl LogTold {
    fn fact(&self, name: &str, digest: Digest, at: Place) -> Body {
        let mut row = BTreeMap::from([
            ("log".to_owned(), FactValue::from(name)),
            ("lines".to_owned(), int(self.lines)),
            ("bad".to_owned(), int(self.bad)),
            ("bytes".to_owned(), int(self.bytes)),
            ("digest".to_owned(), digest.to_string().into()),
        ]);
        row.extend(self.form.map(|f| ("form".to_owned(), f.into())));
        row.extend(self.span.map(|s| ("first".to_owned(), FactValue::time(Time::from_millis(s.0)))));
        row.extend(self.span.map(|s| ("last".to_owned(), FactValue::time(Time::from_millis(s.1)))));
        Body::Fact(Fact { fact: "egress.log".into(), value: FactValue::Row(row), at })
    }
}

/// Reads the lines of one log. `bad` is told the number of each bad line.
pub(crate) fn log(from: &mut dyn BufRead, sums: &mut Sums, bad: &mut dyn FnMut(u64), stop: &Stop) -> LogTold {
    let mut told = LogTold::default();
    let mut form: Option<Form> = None;
    let mut number = 0;
    let mut long = Vec::new();
    // Lines before the form showed: bad ones if one shows, else the whole log is of no known form.
    let mut before = Vec::new();
    loop {
        if number % 4096 == 0 && stop.requested() {
            return told;
        }
        let line = match next(from, &mut long, &mut told.bytes, LINE_BYTES_MAX, &mut |line| {
            number += 1;
            one(line, number, &mut form, &mut told.lines, sums)
        }) {
            Ok(Some(line)) => line,
            Ok(None) => break,
            Err(e) => {
                told.error = Some(e);
                break;
            }
        };
        if form.is_some() {
            told.bad += before.len() as u64;
            before.drain(..).for_each(&mut *bad);
        }
        match line {
            Verdict::Unknown => before.push(number),
            Verdict::Skipped => told.skipped += 1,
            Verdict::Good(span) => {
                for at in span.into_iter().flatten() {
                    let (a, b) = told.span.unwrap_or((at, at));
                    told.span = Some((a.min(at), b.max(at)));
                }
            }
            Verdict::Bad => {
                told.bad += 1;
                bad(number);
            }
            Verdict::End => break,
        }
        if form.is_none() && number >= TOP_LINES_MAX {
            break;
        }
    }
    told.form = form.as_ref().map(Form::name);
    told
}

enum Verdict {
    Good([Option<i64>; 2]),
    Bad,
    /// No form yet.
    Unknown,
    /// Flows were left out of the log here.
    Skipped,
    /// What follows is not of the table.
    End,
}

fn one(line: Option<&[u8]>, number: u64, form: &mut Option<Form>, lines: &mut u64, sums: &mut Sums) -> Verdict {
    let nothing = Verdict::Good([None, None]);
    // Longer than any line of a log may be.
    let Some(line) = line else { return Verdict::Bad };
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = if number == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
    if line.trim_ascii().is_empty() {
        return nothing;
    }
    let known = match form {
        Some(known) => known,
        None => match form::of(line) {
            Told::Form(f) => form.insert(f),
            Told::Heading(f) => {
                *form = Some(f);
                return nothing;
            }
            Told::Remark => return nothing,
            Told::Unknown => return Verdict::Unknown,
        },
    };
    if line.starts_with(b"#") {
        // A log that was turned over has its heading again, perhaps another.
        if let (Form::Table(..), Some((name, columns))) = (&*known, form::heading(line)) {
            *known = Form::Table(name, columns);
        }
        return nothing;
    }
    if matches!(known, Form::Table("nfdump", _)) && (line.starts_with(b"Summary") || line.starts_with(b"No matched")) {
        return Verdict::End;
    }
    *lines += 1;
    let said = match known {
        Form::Squid => lines::squid(line).ok_or(()),
        Form::Combined => lines::combined(line).ok_or(()),
        Form::Table(_, columns) => columns.line(line),
        Form::Json => match columns::json(line) {
            Ok(Some(owned)) => {
                let seen = owned.seen();
                if seen.skipped {
                    return Verdict::Skipped;
                }
                sums.add(&seen);
                return Verdict::Good([seen.first, seen.last]);
            }
            Ok(None) => Ok(None),
            Err(()) => Err(()),
        },
    };
    match said {
        Ok(Some(seen)) if seen.skipped => Verdict::Skipped,
        Ok(Some(seen)) => {
            sums.add(&seen);
            Verdict::Good([seen.first, seen.last])
        }
        Ok(None) => nothing,
        Err(()) => Verdict::Bad,
    }
}

/// Hands the next line, without its line feed, to `take`; `None` in its place if it is too long. Most lines are handed out
/// of the buffer as they lie there.
pub(crate) fn next<T>(
    from: &mut dyn BufRead,
    long: &mut Vec<u8>,
    bytes: &mut u64,
    line_bytes_max: usize,
    take: &mut dyn FnMut(Option<&[u8]>) -> T,
) -> std::io::Result<Option<T>> {
    long.clear();
    let mut over = false;
    loop {
        let buffer = match from.fill_buf() {
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            other => other?,
        };
        if buffer.is_empty() {
            let nothing = long.is_empty() && !over;
            return Ok((!nothing).then(|| take((!over).then_some(long.as_slice()))));
        }
        let end = memchr::memchr(b'\n', buffer);
        let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
        let used = part.len() + usize::from(end.is_some());
        over |= long.len() + part.len() > line_bytes_max;
        let told = match end {
            Some(_) if over => Some(take(None)),
            Some(_) if long.is_empty() => Some(take(Some(part))),
            _ => {
                if !over {
                    long.extend_from_slice(part);
                }
                end.map(|_| take(Some(long)))
            }
        };
        *bytes += used as u64;
        from.consume(used);
        if let Some(told) = told {
            return Ok(Some(told));
        }
    }
}

pub(crate) enum Packing {
    Plain,
    Gzip,
    Zstd,
    /// Packed in a way that is not read here, or no text.
    Other,
}

pub(crate) fn packing(head: &[u8]) -> Packing {
    match head {
        [0x1f, 0x8b, ..] => Packing::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Packing::Zstd,
        [b'B', b'Z', b'h', ..] | [0xfd, b'7', b'z', ..] | [b'P', b'K', 3, 4, ..] => Packing::Other,
        _ if head.iter().take(4096).any(|b| *b == 0) => Packing::Other,
        _ => Packing::Plain,
    }
}

/// Digests what is read.
struct Hashed<R> {
    inner: R,
    hasher: Hasher,
}
impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let got = self.inner.read(buf)?;
        self.hasher.update(buf.get(..got).unwrap_or_default());
        Ok(got)
    }
}

/// Zstandard, one frame after the other, as tools that append write them.
pub(crate) struct Zstd<'r> {
    pub(crate) source: Option<&'r mut dyn BufRead>,
    pub(crate) frame: Option<ruzstd::decoding::StreamingDecoder<&'r mut dyn BufRead, ruzstd::decoding::FrameDecoder>>,
}
impl Read for Zstd<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        loop {
            if let Some(frame) = &mut self.frame {
                let got = frame.read(buf)?;
                if got > 0 || buf.is_empty() {
                    return Ok(got);
                }
                self.source = self.frame.take().map(ruzstd::decoding::StreamingDecoder::into_inner);
            }
            let Some(source) = self.source.take() else { return Ok(0) };
            if source.fill_buf()?.is_empty() {
                return Ok(0);
            }
            let decoder = ruzstd::decoding::StreamingDecoder::new(source);
            self.frame = Some(decoder.map_err(|e| std::io::Error::new(ErrorKind::InvalidData, e.to_string()))?);
        }
    }
}

pub(crate) fn shown(path: &Path) -> PathText {
    PathText::from_bytes(path.as_os_str().as_encoded_bytes())
}

pub(crate) fn reason(e: &std::io::Error) -> GapReason {
    match e.kind() {
        ErrorKind::NotFound => GapReason::Missing,
        ErrorKind::PermissionDenied => GapReason::PermissionDenied,
        ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof => GapReason::Corrupt,
        ErrorKind::FileTooLarge => GapReason::Bomb,
        _ => GapReason::IoError,
    }
}
