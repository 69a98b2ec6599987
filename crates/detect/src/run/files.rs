//! What lies under a path: files are opened, unpacked, told apart, and their events handed to workers.

use super::collect::Collector;
use super::{AlertsMax, Answer, Found, Matched, Order, Summary, Worker};
use crate::event::Event;
use crate::evtx::{self, CHUNK_BYTES, Chunk, Damage, HEADER_BYTES};
use crate::flows::read::{Packing, Zstd, packing, reason, shown};
use crate::logs;
use evidence::{GapReason, PathText};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use stdx::{Capped, Progress, Step, Stop};

/// Most files of a run.
pub const FILES_MAX: usize = 200_000;
/// Deepest folder.
pub const FOLDERS_MAX: usize = 32;
const BUFFER_BYTES: usize = 1 << 18;
/// Chunks that a worker is given at once.
const CHUNKS_A_TURN: usize = 8;
/// Most gaps that are named.
const GAPS_MAX: usize = 1_000;

/// Something that was not read.
#[derive(Clone, Debug)]
pub struct LogGap {
    /// Which file or folder.
    pub path: PathText,
    /// Why.
    pub reason: GapReason,
    /// How many records, lines or files.
    pub count: u64,
    /// The line or byte of the first, where it is known.
    pub at: Option<u64>,
}

/// What was looked at.
#[derive(Clone, Copy, Default, Debug)]
pub struct Counts {
    /// Files.
    pub files: u64,
    /// Bytes of files.
    pub bytes: u64,
    /// Events.
    pub events: u64,
    /// Events outside the span that was asked for.
    pub outside: u64,
    /// Events without a time.
    pub untimed: u64,
    /// Events whose time has no zone: the assumed one was taken.
    pub unzoned: u64,
    /// Events that belong to no log source of any mapping.
    pub unmapped: u64,
    /// Events of which fields were left out at a limit.
    pub cut: u64,
    /// First and last time of the events looked at, in milliseconds since 1970.
    pub span: Option<(i64, i64)>,
}
impl Counts {
    fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.events += other.events;
        self.outside += other.outside;
        self.untimed += other.untimed;
        self.unzoned += other.unzoned;
        self.unmapped += other.unmapped;
        self.cut += other.cut;
        self.span = match (self.span, other.span) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, other) => one.or(other),
        };
    }
}

/// What a run came to.
pub struct Outcome {
    /// What matched, equal ones together, in the order of the logs.
    pub found: Vec<Found>,
    /// Counts of matches.
    pub summary: Summary,
    /// What was looked at.
    pub counts: Counts,
    /// What was not.
    pub gaps: Vec<LogGap>,
    /// Gaps beyond those named.
    pub gaps_unnamed: u64,
    /// The answer, if something was asked.
    pub answer: Option<Answer>,
}

impl Order<'_> {
    /// Reads files and folders; `-` is standard input. `take` is told of each new alert at once.
    pub fn run(
        &self,
        paths: &[impl AsRef<Path>],
        take: &mut dyn FnMut(&Found),
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Outcome {
        let mut reader = Reader {
            order: self,
            workers: (0..self.workers.max(1))
                .map(|_| (Worker::new(self), Chunk::default(), Event::default()))
                .collect(),
            collector: Collector::new(self, AlertsMax::default(), take),
            gaps: Vec::new(),
            gaps_unnamed: 0,
            counts: Counts::default(),
            progress,
            stop,
        };
        progress.begin(Step::Events, None);
        for path in paths {
            if path.as_ref() == Path::new("-") {
                let mut input = BufReader::with_capacity(BUFFER_BYTES, std::io::stdin());
                reader.stream(&mut input, "-");
            } else {
                reader.path(path.as_ref(), 0);
            }
        }
        progress.end();
        let Reader { workers, collector, gaps, gaps_unnamed, mut counts, .. } = reader;
        let mut answer = None;
        for (worker, ..) in workers {
            counts.add(&worker.counts);
            answer = answer.or(worker.answer);
        }
        let (found, summary) = collector.finish();
        Outcome { found, summary, counts, gaps, gaps_unnamed, answer }
    }

    /// Reads the bytes of one log; for tests of rules.
    pub fn run_bytes(&self, bytes: &[u8], name: &str, stop: &Stop) -> Outcome {
        let mut nothing = |_: &Found| {};
        let mut reader = Reader {
            order: self,
            workers: vec![(Worker::new(self), Chunk::default(), Event::default())],
            collector: Collector::new(self, AlertsMax::default(), &mut nothing),
            gaps: Vec::new(),
            gaps_unnamed: 0,
            counts: Counts::default(),
            progress: &stdx::Silent,
            stop,
        };
        reader.stream(&mut BufReader::new(bytes), name);
        let Reader { mut workers, collector, gaps, gaps_unnamed, mut counts, .. } = reader;
        let worker = workers.pop().map(|(w, ..)| w);
        let answer = worker.and_then(|w| {
            counts.add(&w.counts);
            w.answer
        });
        let (found, summary) = collector.finish();
        Outcome { found, summary, counts, gaps, gaps_unnamed, answer }
    }
}

struct Reader<'a> {
    order: &'a Order<'a>,
    workers: Vec<(Worker<'a>, Chunk, Event)>,
    collector: Collector<'a>,
    gaps: Vec<LogGap>,
    gaps_unnamed: u64,
    counts: Counts,
    progress: &'a dyn Progress,
    stop: &'a Stop,
}

impl Reader<'_> {
    fn gap(&mut self, path: &str, reason: GapReason, count: u64, at: Option<u64>) {
        if self.gaps.len() < GAPS_MAX {
            self.gaps.push(LogGap { path: path.into(), reason, count, at });
        } else {
            self.gaps_unnamed += count;
        }
    }

    fn path(&mut self, path: &Path, depth: usize) {
        if self.stop.requested() || self.answered() {
            return;
        }
        let name = shown(path).as_str().to_owned();
        let meta = match std::fs::metadata(path) {
            Ok(meta) => meta,
            Err(e) => return self.gap(&name, reason(&e), 1, None),
        };
        if meta.is_dir() {
            if depth >= FOLDERS_MAX {
                return self.gap(&name, GapReason::TooDeep, 1, None);
            }
            let below =
                std::fs::read_dir(path).and_then(|all| all.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>());
            match below {
                Ok(mut below) => {
                    below.sort();
                    for p in below {
                        if p.is_symlink() {
                            self.gap(shown(&p).as_str(), GapReason::Link, 1, None);
                        } else {
                            self.path(&p, depth + 1);
                        }
                    }
                }
                Err(e) => self.gap(&name, reason(&e), 1, None),
            }
            return;
        }
        // A pipe that somebody names is read; one in a folder would wait for ever.
        if !meta.is_file() && depth > 0 {
            return self.gap(&name, GapReason::NotAFile, 1, None);
        }
        if self.counts.files >= FILES_MAX as u64 {
            return self.gap(&name, GapReason::TooMany, 1, None);
        }
        self.counts.files += 1;
        self.counts.bytes += meta.len();
        match File::open(path) {
            Ok(file) => {
                let mut file = BufReader::with_capacity(BUFFER_BYTES, file);
                self.stream(&mut file, &name);
            }
            Err(e) => self.gap(&name, reason(&e), 1, None),
        }
        self.progress.advance(0, meta.len());
    }

    fn answered(&self) -> bool {
        self.workers.iter().any(|(w, ..)| w.answer.is_some())
    }

    /// One log, perhaps packed.
    fn stream(&mut self, from: &mut dyn BufRead, name: &str) {
        let head = match from.fill_buf() {
            Ok(head) => head,
            Err(e) => return self.gap(name, reason(&e), 1, None),
        };
        if head.is_empty() {
            return;
        }
        if evtx::is_log(head) {
            return self.evtx(from, name);
        }
        match packing(head) {
            Packing::Plain if self.order.follow && name != "-" => {
                let stop = self.stop;
                self.text(&mut BufReader::with_capacity(BUFFER_BYTES, Follow { from, stop }), name);
            }
            Packing::Plain => self.text(from, name),
            Packing::Gzip => {
                let inner = Capped::new(flate2::bufread::MultiGzDecoder::new(from), logs::UNPACKED_BYTES_MAX);
                self.unpacked(&mut BufReader::with_capacity(BUFFER_BYTES, inner), name);
            }
            Packing::Zstd => {
                let inner = Capped::new(Zstd { source: Some(from), frame: None }, logs::UNPACKED_BYTES_MAX);
                self.unpacked(&mut BufReader::with_capacity(BUFFER_BYTES, inner), name);
            }
            Packing::Other => self.gap(name, GapReason::Unsupported, 1, None),
        }
    }

    fn unpacked(&mut self, from: &mut dyn BufRead, name: &str) {
        match from.fill_buf() {
            Ok(head) if evtx::is_log(head) => self.evtx(from, name),
            Ok(_) => self.text(from, name),
            Err(e) => self.gap(name, reason(&e), 1, None),
        }
    }

    fn text(&mut self, from: &mut dyn BufRead, name: &str) {
        let log: Arc<str> = Arc::from(name);
        let (collector, progress) = (&mut self.collector, self.progress);
        let Some((worker, ..)) = self.workers.first_mut() else { return };
        // A bar need not move for every line.
        let mut since = 0;
        let mut take = |event: &mut Event, form: &'static str| {
            if let Some(matched) = worker.event(event, form, &log) {
                progress.found(matched.found.len() as u64);
                collector.matched(matched, &log);
            }
            since += 1;
            if since == 512 {
                progress.advance(since, 0);
                since = 0;
            }
        };
        let told = logs::read(from, self.order.clock, &mut take, self.stop);
        progress.advance(since, 0);
        if let Some(e) = &told.error {
            self.gap(name, reason(e), 1, told.first_bad);
        }
        if told.form.is_none() {
            self.gap(name, GapReason::Unsupported, 1, None);
        } else if told.bad > 0 {
            self.gap(name, GapReason::Corrupt, told.bad, told.first_bad);
        }
    }

    /// Chunks in turns: as many at once as there are workers, taken in the order of the file.
    fn evtx(&mut self, from: &mut dyn BufRead, name: &str) {
        let log: Arc<str> = Arc::from(name);
        let mut head = vec![0; HEADER_BYTES];
        if from.read_exact(&mut head).is_err() {
            return self.gap(name, GapReason::Corrupt, 1, None);
        }
        let mut offset = HEADER_BYTES as u64;
        let mut chunks: Vec<Vec<u8>> = Vec::new();
        loop {
            if self.stop.requested() || self.answered() {
                return;
            }
            let mut filled = 0;
            let mut error = None;
            let wanted = self.workers.len() * CHUNKS_A_TURN;
            while filled < wanted {
                if chunks.len() == filled {
                    chunks.push(Vec::with_capacity(CHUNK_BYTES));
                }
                let chunk = &mut chunks[filled];
                chunk.clear();
                match (&mut *from).take(CHUNK_BYTES as u64).read_to_end(chunk) {
                    Ok(0) => break,
                    Ok(_) => filled += 1,
                    Err(e) => {
                        error = Some(e);
                        break;
                    }
                }
            }
            let turn = chunks.get(..filled).unwrap_or_default();
            self.turn(turn, offset, &log);
            offset += turn.iter().map(|c| c.len() as u64).sum::<u64>();
            if let Some(e) = error {
                return self.gap(name, reason(&e), 1, Some(offset));
            }
            if filled < wanted {
                return;
            }
        }
    }

    fn turn(&mut self, chunks: &[Vec<u8>], offset: u64, log: &Arc<str>) {
        let share = chunks.len().div_ceil(self.workers.len()).max(1);
        let starts: Vec<u64> = (0..chunks.len()).map(|n| offset + (n * CHUNK_BYTES) as u64).collect();
        let jobs = chunks.chunks(share).zip(starts.chunks(share));
        let done: Vec<Part> = if share == chunks.len() {
            let Some(worker) = self.workers.first_mut() else { return };
            vec![part(worker, chunks, &starts, log)]
        } else {
            std::thread::scope(|scope| {
                let handles: Vec<_> = jobs
                    .zip(&mut self.workers)
                    .map(|((chunks, starts), worker)| scope.spawn(move || part(worker, chunks, starts, log)))
                    .collect();
                handles.into_iter().map(|h| h.join().unwrap_or_else(|e| std::panic::resume_unwind(e))).collect()
            })
        };
        for (matched, damage, events) in done {
            self.progress.advance(events, 0);
            for m in matched {
                self.progress.found(m.found.len() as u64);
                self.collector.matched(m, log);
            }
            for (at, damage) in damage {
                self.gap(log, GapReason::Corrupt, damage.records.max(1), Some(at));
            }
        }
    }
}

/// Waits at the end of a file for what is appended, until somebody stops it.
struct Follow<'a> {
    from: &'a mut dyn BufRead,
    stop: &'a Stop,
}
impl Read for Follow<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let got = self.from.read(buf)?;
            if got > 0 || self.stop.requested() {
                return Ok(got);
            }
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
    }
}

/// What a worker found in its chunks: what matched, where a chunk was damaged, how many events there were.
type Part = (Vec<Matched>, Vec<(u64, Damage)>, u64);

fn part(
    (worker, chunk, event): &mut (Worker<'_>, Chunk, Event),
    chunks: &[Vec<u8>],
    starts: &[u64],
    log: &Arc<str>,
) -> Part {
    let (mut matched, mut damaged) = (Vec::new(), Vec::new());
    let before = worker.counts.events;
    for (bytes, at) in chunks.iter().zip(starts) {
        let damage = chunk.read(bytes, *at, event, &mut |e| matched.extend(worker.event(e, "evtx", log)));
        if damage.any() {
            damaged.push((*at, damage));
        }
    }
    (matched, damaged, worker.counts.events - before)
}
