//! One file with what a host's sensor saw, carried out of a plant that has no network (docs/specs/carried-v1.md).
//!
//! The file holds observations, not the host's files: what may not leave a sensor is not in it, and it is lines of
//! JSON so that whoever is responsible can read what leaves the plant. It is not signed: the host has no node and no
//! key. Its digest stands in the examination that is made of it, and the judge says what that is worth.

use crate::examine::{How, Observed, root_of, sensor_run};
use crate::take::{ITEMS_MAX, Take};
use crate::{Node, NodeError, home, policy, rules};
use evidence::{
    Body, Digest, DigestKey, KeyedDigest, PathText, RunState, SensorRun, Sink as _, SubjectRef, Time, canonical, fact,
};
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::path::Path;
use stdx::{Progress, Stop};

/// `format` of the first line.
pub const FORMAT: &str = "watchfire-carried-v1";
/// The largest file that is read, in bytes.
pub const CARRIED_BYTES_MAX: u64 = 256 << 20;
/// The same for every host and every version: ids that are made with it tell hosts apart without saying which machine
/// it is (`machine-id(5)` asks for such a use). The node that reads the file digests them again under its own key.
const KEY: [u8; 32] = *b"watchfire: carried machine id v1";

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: String,
    /// Name and version of the program that collected.
    program: String,
    host: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    machine: Option<KeyedDigest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    root: Option<PathText>,
    started: Time,
    ended: Time,
    state: RunState,
    sensors: Vec<SensorRun>,
    /// Lines that follow.
    items: u64,
    /// SHA-256 of these lines.
    digest: Digest,
}

/// Why a file is none of ours, with the line.
fn refused(path: &Path, line: usize, why: &dyn std::fmt::Display) -> NodeError {
    NodeError::NotCarried { path: path.to_owned(), line, why: why.to_string() }
}

/// Examines a host for somebody else to judge: the bytes of the file. Opens no node and keeps nothing.
pub fn collect(target: inspect::Target, how: &How, progress: &dyn Progress, stop: &Stop) -> Result<Vec<u8>, NodeError> {
    let started = home::now();
    let (yara, products) = (policy::yara(&how.yara)?, rules::products(&how.products)?);
    let root = root_of(&target);
    let config = inspect::Config {
        yara,
        products,
        limits: how.depth.limits(),
        ..inspect::Config::new(DigestKey::new(KEY), started)
    };
    let inspector = inspect::Inspector::new(target, config).map_err(NodeError::Root)?;
    let identity = inspector.identity();
    let take = Take::new(ITEMS_MAX, progress);
    inspector.run(&take, &evidence::MemoryState::default(), progress, stop);
    let mut bodies = take.finish(stop).map_err(NodeError::Internal)?;
    bodies.sort();
    bodies.dedup();
    let internal = |e: canonical::CanonicalError| NodeError::Internal(e.to_string());
    let mut lines = Vec::new();
    for body in &bodies {
        lines.extend(canonical::to_vec(body).map_err(internal)?);
        lines.push(b'\n');
    }
    let head = Head {
        format: FORMAT.to_owned(),
        program: format!("watchfire {}", env!("CARGO_PKG_VERSION")),
        host: identity.host,
        machine: identity.machine,
        root,
        started,
        ended: home::now(),
        state: if stop.requested() { RunState::Stopped } else { RunState::Complete },
        sensors: vec![sensor_run("inspect", inspector.rules(), identity.privileged)],
        items: bodies.len() as u64,
        digest: Digest::of(&lines),
    };
    let mut out = canonical::to_vec(&head).map_err(internal)?;
    out.push(b'\n');
    out.extend(lines);
    Ok(out)
}

impl Node {
    /// The examination that a carried file makes, ready to be signed by this node. `path` is only named in errors.
    pub(crate) fn carried(&self, path: &Path, bytes: &[u8], progress: &dyn Progress) -> Result<Observed, NodeError> {
        let (first, lines) = match bytes.iter().position(|b| *b == b'\n') {
            Some(at) => (bytes.get(..at).unwrap_or_default(), bytes.get(at + 1..).unwrap_or_default()),
            None => (bytes, &[][..]),
        };
        let head: Head = canonical::from_slice(first).map_err(|e| refused(path, 1, &e))?;
        if head.format != FORMAT {
            return Err(refused(path, 1, &format!("format {:?} is not {FORMAT}", head.format)));
        }
        if Digest::of(lines) != head.digest {
            return Err(refused(path, 1, &"the lines are not those that the first line was made for"));
        }
        let take = Take::new(ITEMS_MAX, progress);
        let mut count = 0;
        for (n, line) in lines.split(|b| *b == b'\n').enumerate().filter(|l| !l.1.is_empty()) {
            let body: Body = canonical::from_slice(line).map_err(|e| refused(path, n + 2, &e))?;
            match &body {
                Body::Fact(f) => fact::validate(f).map_err(|e| refused(path, n + 2, &e))?,
                Body::Covered(_) | Body::Gap(_) => {}
                _ => return Err(refused(path, n + 2, &"only facts, what was covered and gaps are carried")),
            }
            let _ = take.put(body);
            count += 1;
        }
        if count != head.items {
            return Err(refused(path, 1, &format!("{} lines were announced, {count} follow", head.items)));
        }
        let mut bodies = take.finish(&Stop::new()).map_err(NodeError::Internal)?;
        let mut sensors = head.sensors;
        let privileged = sensors.iter().all(|s| s.privileged);
        sensors.extend(self.advise(&mut bodies, privileged)?);
        sensors.extend(self.hold_staff(&mut bodies, &head.host, head.started, privileged)?);
        let key = self.store().keys().digest_key()?;
        let subject = SubjectRef {
            host: head.host,
            machine: head.machine.map(|m| key.digest("machine", m.to_string().as_bytes())),
            root: head.root,
            folders: Vec::new(),
            carried: Some(Digest::of(bytes)),
        };
        self.seal(bodies, subject, (head.started, head.ended), head.state, sensors)
    }
}

/// The collector for Windows as a zip: two scripts that write the same bundle, and how to read them. The same bytes at
/// every call.
pub fn collector() -> Result<Vec<u8>, NodeError> {
    let internal = |e: &dyn std::fmt::Display| NodeError::Internal(e.to_string());
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
    for (name, text) in inspect::windows::COLLECTOR {
        zip.start_file(name, options).map_err(|e| internal(&e))?;
        zip.write_all(text.as_bytes()).map_err(|e| internal(&e))?;
    }
    Ok(zip.finish().map_err(|e| internal(&e))?.into_inner())
}
