//! Control networks, seen passively: packet captures are read, nothing is sent (docs/specs/capture-v1.md).
//!
//! [`file`] gives frames in constant memory, [`frame`] their headers, `streams` whole messages, `protocol` says what they
//! mean, [`ledger`] holds what was seen under bounds, `facts` writes it down. A control network has no host: its name
//! stands where a host's would, and `os.family` says `control-network`, so that checks of hosts do not apply.
//!
//! Refused: decryption, also with the secrets that a capture may carry; user names, passwords and values of processes;
//! putting fragments together; asking devices anything.

mod bytes;
mod facts;
pub mod file;
pub mod frame;
pub mod ledger;
mod protocol;
mod streams;

pub(crate) use facts::FACTS;
pub use file::{Fault, Frame, Reader};
pub use ledger::Ledger;
pub use protocol::Stream;

use crate::host::{Host, Miss};
use crate::opened::Opened;
use crate::out::Out;
use crate::{InspectError, open};
use evidence::{Digest, DigestKey, GapReason, Hasher, Time};
use ledger::Moment;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use stdx::{Capped, Progress, Step, Stop};
use streams::Streams;

/// Bounds on what is kept while a capture is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most packets of all files; what follows is a gap `too-many`.
    pub packets_max: u64,
    /// Most bytes of one file, unpacked; what follows is a gap `too-large`.
    pub file_bytes_max: u64,
    /// Most flows; more are a gap `too-many`.
    pub flows_max: usize,
    /// Most devices; more are a gap `too-many`.
    pub devices_max: usize,
    /// Most kinds of commands by client and server; more are a gap `too-many`.
    pub commands_max: usize,
    /// Most endpoints of OPC UA; more are a gap `too-many`.
    pub endpoints_max: usize,
    /// Most conversations of TCP at a time; the half that was silent longest is forgotten then.
    pub streams_max: usize,
    /// Longest message of a control protocol, in bytes; longer ones are stepped over and counted.
    pub message_bytes_max: usize,
    /// Most bytes of beginnings of messages that wait for their ends, in bytes.
    pub held_bytes_max: usize,
}
impl Default for Limits {
    fn default() -> Self {
        Self {
            packets_max: 1 << 32,
            file_bytes_max: 1 << 40,
            flows_max: 50_000,
            devices_max: 10_000,
            commands_max: 20_000,
            endpoints_max: 1_000,
            streams_max: 16_384,
            message_bytes_max: 64 << 10,
            held_bytes_max: 32 << 20,
        }
    }
}

/// What came of the reading: by the clock of whoever captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Captured {
    /// Time of the earliest packet.
    pub started: Option<Time>,
    /// Time of the latest packet.
    pub ended: Option<Time>,
    /// Digest of the files' digests, in the order given.
    pub digest: Digest,
}

/// The captures of one network.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) name: String,
    pub(crate) files: Vec<(Host, PathBuf)>,
    key: DigestKey,
    pub(crate) captured: OnceLock<Captured>,
}

/// What became of one file.
struct Done {
    digest: Digest,
    reason: Option<GapReason>,
    dropped: Option<u64>,
}

impl World {
    /// Finds the files. The folder of each is the root of what is read.
    pub(crate) fn new(files: &[PathBuf], name: Option<String>, config: &crate::Config) -> Result<Self, InspectError> {
        let mut found = Vec::new();
        for path in files {
            let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let host = open(folder, false, config.limits)?;
            let name = path.file_name().ok_or_else(|| InspectError::NotACapture(path.clone()))?;
            let inner = Path::new("/").join(name);
            // A file that is no capture is an error of whoever named it, not a gap of the network.
            match host.open_file(&inner) {
                Ok(opened) => {
                    if let Err(Fault::NotACapture) = Reader::new(unpacked(Raw::new(&opened), u64::MAX)) {
                        return Err(InspectError::NotACapture(path.clone()));
                    }
                }
                Err(Miss::Absent) => return Err(InspectError::RootMissing(path.clone())),
                Err(Miss::Gap(GapReason::NotAFile)) => return Err(InspectError::NotACapture(path.clone())),
                Err(Miss::Gap(_)) => {}
            }
            found.push((host, inner));
        }
        let first = || files.first().and_then(|f| f.file_name()).map(|n| n.to_string_lossy().into_owned());
        let name = name.or_else(first).unwrap_or_else(|| "unknown".to_owned());
        Ok(Self { name, files: found, key: config.key.clone(), captured: OnceLock::new() })
    }
    /// Reads every file and writes down what was seen.
    pub(crate) fn run(&self, out: Out<'_>, limits: Limits, progress: &dyn Progress, stop: &Stop) {
        let bytes = |(host, path): &(Host, PathBuf)| host.stat(path).map_or(0, |m| m.size);
        progress.begin(Step::Packets, Some(self.files.iter().map(bytes).sum()));
        let (mut ledger, mut streams) = (Ledger::new(limits), Streams::new(limits));
        let mut done = Vec::new();
        for (number, (host, path)) in self.files.iter().enumerate() {
            done.push(match host.open_file(path) {
                Ok(opened) => read(&opened, number, (&mut ledger, &mut streams), limits, progress, stop),
                Err(Miss::Absent) => Done { digest: Digest::of(b""), reason: Some(GapReason::Vanished), dropped: None },
                Err(Miss::Gap(reason)) => Done { digest: Digest::of(b""), reason: Some(reason), dropped: None },
            });
        }
        let mut digests = Hasher::new();
        done.iter().for_each(|d| digests.update(d.digest.to_string().as_bytes()));
        let time = |nanos: Option<i64>| nanos.map(|n| Time::from_millis(n.div_euclid(1_000_000)));
        let span = ledger.span;
        let _ = self.captured.set(Captured {
            started: time(span.and_then(|s| s.first)),
            ended: time(span.and_then(|s| s.last)),
            digest: digests.finish(),
        });
        facts::write(out, self, &ledger, &done);
        progress.end();
    }
}

/// A file's bytes in order, digested on the way.
struct Raw<'a> {
    file: &'a Opened,
    at: u64,
    hash: Hasher,
}
impl<'a> Raw<'a> {
    fn new(file: &'a Opened) -> Self {
        Self { file, at: 0, hash: Hasher::new() }
    }
}
impl Read for Raw<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let got = self.file.read_at(self.at, out)?;
        self.at += got as u64;
        self.hash.update(out.get(..got).unwrap_or_default());
        Ok(got)
    }
}

/// A capture as it is, or out of gzip.
enum Input<'a> {
    Plain(BufReader<Raw<'a>>),
    Gzip(Box<BufReader<flate2::bufread::MultiGzDecoder<BufReader<Raw<'a>>>>>),
}
impl Read for Input<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(r) => r.read(out),
            Self::Gzip(r) => r.read(out),
        }
    }
}
impl<'a> Input<'a> {
    fn raw(&mut self) -> &mut Raw<'a> {
        match self {
            Self::Plain(r) => r.get_mut(),
            Self::Gzip(r) => r.get_mut().get_mut().get_mut(),
        }
    }
}

/// Bytes of one read from the file.
const PIECE_BYTES: usize = 256 << 10;

fn unpacked(raw: Raw<'_>, bytes_max: u64) -> Capped<Input<'_>> {
    let packed = raw.file.piece(0, 2).is_ok_and(|head| head == [0x1f, 0x8b]);
    let raw = BufReader::with_capacity(PIECE_BYTES, raw);
    let input = if packed {
        let decoder = flate2::bufread::MultiGzDecoder::new(raw);
        Input::Gzip(Box::new(BufReader::with_capacity(PIECE_BYTES, decoder)))
    } else {
        Input::Plain(raw)
    };
    Capped::new(input, bytes_max)
}

/// Packets after which progress is told and a stop is looked for.
const PACKETS_A_STEP: u64 = 4096;

fn read(
    opened: &Opened,
    file: usize,
    (ledger, streams): (&mut Ledger, &mut Streams),
    limits: Limits,
    progress: &dyn Progress,
    stop: &Stop,
) -> Done {
    let mut told = 0;
    let mut reason = None;
    let mut reader = match Reader::new(unpacked(Raw::new(opened), limits.file_bytes_max)) {
        Ok(reader) => reader,
        Err(fault) => return Done { digest: Digest::of(b""), reason: Some(why(&fault)), dropped: None },
    };
    loop {
        match reader.frame() {
            Ok(Some(frame)) => {
                if ledger.packets >= limits.packets_max {
                    reason = Some(GapReason::TooMany);
                    break;
                }
                take(ledger, streams, file, &frame);
            }
            Ok(None) => break,
            Err(fault) => {
                reason = Some(why(&fault));
                break;
            }
        }
        if ledger.packets.is_multiple_of(PACKETS_A_STEP) {
            let at = reader.input().inner().raw().at;
            progress.advance(at - told, at - told);
            told = at;
            if stop.requested() {
                reason = Some(GapReason::Stopped);
                break;
            }
        }
    }
    let dropped = reader.dropped();
    let raw = reader.input().inner().raw();
    // What reading left, so that the digest is of the whole file.
    let mut rest = vec![0; PIECE_BYTES];
    while !stop.requested() && raw.read(&mut rest).is_ok_and(|n| n > 0) {}
    let at = raw.at;
    progress.advance(at - told, at - told);
    Done { digest: std::mem::take(&mut raw.hash).finish(), reason, dropped }
}

fn why(fault: &Fault) -> GapReason {
    match fault {
        Fault::NotACapture => GapReason::Unsupported,
        Fault::Corrupt => GapReason::Corrupt,
        Fault::Io(e) if Capped::<&[u8]>::is_cap(e) => GapReason::TooLarge,
        Fault::Io(e) if matches!(e.kind(), std::io::ErrorKind::InvalidInput | std::io::ErrorKind::InvalidData) => {
            GapReason::Corrupt
        }
        Fault::Io(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => GapReason::Corrupt,
        Fault::Io(_) => GapReason::IoError,
    }
}

/// Takes one frame in.
fn take(ledger: &mut Ledger, streams: &mut Streams, file: usize, frame: &Frame<'_>) {
    let now = Moment { file, frame: frame.number, nanos: frame.nanos };
    ledger.packets += 1;
    match &mut ledger.span {
        Some(span) => span.add(now),
        None => ledger.span = Some(ledger::Span::of(now)),
    }
    if (frame.original as usize) > frame.data.len() {
        ledger.lost.cut += 1;
    }
    match frame::packet(frame.link, frame.data) {
        Ok(packet) => {
            let control = matches!(packet.load, frame::Load::Ethernet { kind, .. } if protocol::ether(kind).is_some());
            ledger.lost.holes += u64::from(control && (frame.original as usize) > frame.data.len());
            streams.packet(ledger, &packet, now);
        }
        Err(_) => ledger.lost.unread += 1,
    }
}

/// Reads a capture out of memory: for tests and fuzzing.
#[must_use]
pub fn capture(bytes: &[u8], limits: Limits) -> (Ledger, Option<Fault>) {
    let (mut ledger, mut streams) = (Ledger::new(limits), Streams::new(limits));
    let mut reader = match Reader::new(bytes) {
        Ok(reader) => reader,
        Err(fault) => return (ledger, Some(fault)),
    };
    loop {
        match reader.frame() {
            Ok(Some(frame)) => take(&mut ledger, &mut streams, 0, &frame),
            Ok(None) => return (ledger, None),
            Err(fault) => return (ledger, Some(fault)),
        }
    }
}

/// Reads bytes as if they were sent over one conversation of a port, in segments of `step` bytes: for fuzzing.
#[must_use]
pub fn conversation(port: u16, from_server: bool, step: usize, bytes: &[u8], limits: Limits) -> Ledger {
    use frame::{Address, Load, Packet};
    let (mut ledger, mut streams) = (Ledger::new(limits), Streams::new(limits));
    let (client, server) = (Address::V4([10, 0, 0, 1].into()), Address::V4([10, 0, 0, 2].into()));
    let mut seq = 0_u32;
    for (n, data) in bytes.chunks(step.max(1)).enumerate() {
        let now = Moment { file: 0, frame: n as u64 + 1, nanos: None };
        let (from, to, ports) =
            if from_server { (server, client, (port, 50_000)) } else { (client, server, (50_000, port)) };
        let tcp = Load::Tcp { ports, seq, flags: 16, data, len: data.len() };
        streams.packet(&mut ledger, &Packet { from, to, mac: None, load: tcp }, now);
        let udp = Load::Udp { ports, data, len: data.len() };
        streams.packet(&mut ledger, &Packet { from, to, mac: None, load: udp }, now);
        let ether = Load::Ethernet { kind: port, data };
        streams.packet(&mut ledger, &Packet { from, to, mac: None, load: ether }, now);
        seq = seq.wrapping_add(u32::try_from(data.len()).unwrap_or_default());
    }
    ledger
}
