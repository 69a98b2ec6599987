//! Installed files against what their packages wrote down about them.
//!
//! What decides who may do what comes first and is a table of its own, `program.altered`: programs, libraries, units, PAM,
//! ssh, sudo. It has a long time to itself, so that on usual hosts it is whole. The modules of the kernel and everything
//! else go into `file.altered` under a short one, and only where there are so few that it can be whole. What a budget leaves is counted. A path that two packages know is as it
//! should be if one of them says so.
//!
//! Refused: judging whether a change is right. A configuration file is made to be changed, so that it is one is a field.

mod check;
mod known;

use crate::out::Out;
use crate::shared;
use check::{Verdict, check};
use evidence::{FactValue, GapReason};
use known::{Group, Known, Manifest};
use std::num::NonZero;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["file.altered", "integrity.checked", "integrity.known", "program.altered"];

/// Files between two looks at the budget.
const CHUNK_FILES: usize = 2_048;
/// Most threads; a disk serves no more.
const THREADS_MAX: usize = 4;

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, stop: &Stop) {
    let mut look = out.look();
    let manifest = known::read(&mut look, out.shared.packages(out.host));
    out.gaps(FACTS, &out.shared.packages(out.host).misses.clone());
    out.gaps(FACTS, &look.misses);
    if manifest.unsummed > 0 {
        for fact in ["file.altered", "program.altered"] {
            out.gap_count(fact, GapReason::Missing, manifest.unsummed);
        }
    }
    let Some(at) = manifest.at.clone() else {
        // Without a manifest nothing can be said, neither that files are as they were.
        if look.misses.is_empty() && out.shared.packages(out.host).misses.is_empty() {
            out.gap_at(FACTS, GapReason::Missing, Path::new("/var/lib/dpkg/info"));
        }
        return;
    };
    let groups = manifest.groups();
    let (programs, others) = groups.split_at(groups.partition_point(|g| g.first().is_some_and(Known::is_program)));
    let limits = out.host.limits;
    let mut bytes = 0;
    let mut sum = Run::new("integrity.known", 0);
    for (fact, part, millis, files_max) in [
        ("program.altered", programs, limits.integrity_programs_millis_max, usize::MAX),
        ("file.altered", others, limits.integrity_millis_max, limits.integrity_others_max),
    ] {
        let deadline = Instant::now() + Duration::from_millis(millis);
        let mut run = Run::new(fact, part.len());
        let begin = part.len() <= files_max;
        for chunk in part.chunks(CHUNK_FILES) {
            if !begin
                || stop.requested()
                || out.closed()
                || Instant::now() >= deadline
                || bytes >= limits.integrity_bytes_max
            {
                run.left += chunk.len();
                continue;
            }
            for (group, (verdict, read)) in chunk.iter().zip(checked(out, chunk, deadline)) {
                bytes += read;
                run.tell(out, &manifest, group, verdict);
            }
        }
        out.over(fact, run.left as u64);
        (sum.known, sum.checked) = (sum.known + run.known, sum.checked + run.checked);
    }
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    out.fact("integrity.checked", number(sum.checked), at.clone());
    out.fact("integrity.known", number(sum.known), at);
}

/// Verdicts on a chunk in its order, each with the bytes read for it.
fn checked(out: &Out<'_>, chunk: &[Group<'_>], deadline: Instant) -> Vec<(Verdict, u64)> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(THREADS_MAX);
    let host = out.host;
    thread::scope(|s| {
        let parts = chunk.chunks(chunk.len().div_ceil(threads).max(1));
        let hands: Vec<_> = parts.map(|part| s.spawn(move || check(host, part, deadline))).collect();
        hands
            .into_iter()
            .flat_map(|hand| hand.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

struct Run {
    fact: &'static str,
    known: usize,
    checked: usize,
    left: usize,
}
impl Run {
    fn new(fact: &'static str, known: usize) -> Self {
        Self { fact, known, checked: 0, left: 0 }
    }
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
            Verdict::Unread(reason) => return out.gap_at(&[self.fact], reason, &first.path),
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
            out.fact(self.fact, row, crate::host::place(&first.path));
        }
    }
}
