//! Installed files against what their packages wrote down about them.
//!
//! What decides who may do what comes first: programs, libraries, units, PAM, ssh, sudo, then the modules of the kernel,
//! then everything else. A budget of bytes and time ends the work; the files it leaves are counted. A path that two
//! packages know is as it should be if one of them says so.
//!
//! Refused: judging whether a change is right. A configuration file is made to be changed, so that it is one is a field.

mod check;
mod known;

use crate::out::Out;
use crate::shared;
use check::{Verdict, check};
use evidence::{FactValue, GapReason, Place};
use known::{Group, Manifest};
use std::num::NonZero;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["file.altered", "integrity.checked", "integrity.known"];

/// Files between two looks at the budget.
const CHUNK_FILES: usize = 256;
/// Most threads; a disk serves no more.
const THREADS_MAX: usize = 4;

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, stop: &Stop) {
    let mut look = out.look();
    let manifest = known::read(&mut look, out.shared.packages(out.host));
    out.gaps(FACTS, &out.shared.packages(out.host).misses.clone());
    out.gaps(FACTS, &look.misses);
    let Some(at) = manifest.at.clone() else {
        // Without a manifest nothing can be said, neither that files are as they were.
        if look.misses.is_empty() && out.shared.packages(out.host).misses.is_empty() {
            out.gap_at(FACTS, GapReason::Missing, Path::new("/var/lib/dpkg/info"));
        }
        return;
    };
    let groups = manifest.groups();
    let mut run = Run { known: groups.len(), checked: 0, left: 0 };
    let limits = out.host.limits;
    let deadline = Instant::now() + Duration::from_millis(limits.integrity_millis_max);
    let mut bytes = 0;
    for chunk in groups.chunks(CHUNK_FILES) {
        if stop.requested() || out.closed() || Instant::now() >= deadline || bytes >= limits.integrity_bytes_max {
            run.left += chunk.len();
            continue;
        }
        for (group, (verdict, read)) in chunk.iter().zip(checked(out, chunk, deadline)) {
            bytes += read;
            run.tell(out, &manifest, group, verdict);
        }
    }
    run.close(out, at);
}

/// Verdicts on a chunk in its order, each with the bytes read for it.
fn checked(out: &Out<'_>, chunk: &[Group<'_>], deadline: Instant) -> Vec<(Verdict, u64)> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(THREADS_MAX);
    let host = out.host;
    let work = move |part: &[Group<'_>]| part.iter().map(|g| check(host, g, deadline)).collect::<Vec<_>>();
    thread::scope(|s| {
        let parts = chunk.chunks(chunk.len().div_ceil(threads).max(1));
        let hands: Vec<_> = parts.map(|part| s.spawn(move || work(part))).collect();
        hands
            .into_iter()
            .flat_map(|hand| hand.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

struct Run {
    known: usize,
    checked: usize,
    left: usize,
}
impl Run {
    fn tell(&mut self, out: &mut Out<'_>, manifest: &Manifest, group: &Group<'_>, verdict: Verdict) {
        let Some(first) = group.first() else { return };
        let how = match verdict {
            Verdict::Same => None,
            // Left out when it was installed: nothing is known of it here.
            Verdict::Missing if manifest.left_out(&first.path) => {
                self.known -= 1;
                return;
            }
            Verdict::Missing => Some("missing"),
            Verdict::Content => Some("content"),
            Verdict::Mode => Some("mode"),
            Verdict::Kind => Some("kind"),
            Verdict::Unread(reason) => return out.gap_at(&["file.altered"], reason, &first.path),
            Verdict::Late => {
                self.left += 1;
                return;
            }
        };
        self.checked += 1;
        if let Some(how) = how {
            let row = FactValue::row([
                ("path", shared::text_of(&first.path).into()),
                ("package", crate::parse::printable(manifest.package(first)).into()),
                ("how", how.into()),
                ("config", first.config.into()),
            ]);
            out.fact("file.altered", row, crate::host::place(&first.path));
        }
    }
    fn close(&self, out: &mut Out<'_>, at: Place) {
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        out.over("file.altered", self.left as u64);
        out.fact("integrity.checked", number(self.checked), at.clone());
        out.fact("integrity.known", number(self.known), at);
    }
}
