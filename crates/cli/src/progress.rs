//! A progress bar on a terminal's standard error; nothing anywhere else.

use evidence::Lang;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use report::words;
use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use stdx::{Progress, Silent, Step};

/// A bar if standard error is a terminal and nobody asked for quiet.
pub(crate) fn bar(quiet: bool, lang: Lang) -> Box<dyn Progress> {
    if quiet || !std::io::stderr().is_terminal() {
        return Box::new(Silent);
    }
    Box::new(Bar {
        lang,
        bar: Mutex::new(None),
        bytes: AtomicU64::new(0),
        found: AtomicU64::new(0),
        met: Mutex::default(),
    })
}

struct Bar {
    lang: Lang,
    bar: Mutex<Option<ProgressBar>>,
    bytes: AtomicU64,
    found: AtomicU64,
    /// What was found so far, by class.
    met: Mutex<BTreeMap<String, u64>>,
}

/// Classes named in the bar; the rest is in the count of hits.
const MET_MAX: usize = 4;

impl Bar {
    fn with(&self, f: impl FnOnce(&ProgressBar)) {
        if let Ok(guard) = self.bar.lock()
            && let Some(bar) = guard.as_ref()
        {
            f(bar);
        }
    }
}

impl Bar {
    /// The classes met most, with their counts; empty while there is none.
    fn classes(&self) -> String {
        let Ok(met) = self.met.lock() else { return String::new() };
        let mut most: Vec<(&String, &u64)> = met.iter().collect();
        most.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
        let name = |class: &str| match words::find(self.lang, &format!("class.{class}")) {
            Some(word) => word.to_owned(),
            None => report::harmless(class, 40, report::inert),
        };
        let join = words::text(self.lang, "report.list-join");
        let named: Vec<String> = most.into_iter().take(MET_MAX).map(|(c, n)| format!("{} {n}", name(c))).collect();
        if named.is_empty() { String::new() } else { format!(" · {}", named.join(join)) }
    }
}

impl Progress for Bar {
    fn begin(&self, step: Step, total: Option<u64>) {
        let key = match step {
            Step::Facts => "step.facts",
            Step::Packets => "step.packets",
            Step::Files => "step.files",
            Step::Records => "step.records",
            Step::Checks => "step.checks",
            Step::Leaves => "step.leaves",
            Step::Hosts => "step.hosts",
            Step::Enterprises => "step.enterprises",
            Step::Events => "step.events",
        };
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(8));
        let form = if total.is_some() {
            "{prefix:.bold} {bar:30} {pos}/{len} {msg}"
        } else {
            "{prefix:.bold} {spinner} {pos} {msg}"
        };
        bar.set_style(ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_prefix(words::text(self.lang, key));
        self.bytes.store(0, Ordering::Relaxed);
        self.found.store(0, Ordering::Relaxed);
        if let Ok(mut met) = self.met.lock() {
            met.clear();
        }
        if let Ok(mut guard) = self.bar.lock() {
            *guard = Some(bar);
        }
    }
    fn advance(&self, units: u64, bytes: u64) {
        let bytes = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.with(|bar| {
            bar.inc(units);
            let elapsed = bar.elapsed().as_secs_f64().max(0.001);
            if bytes > 0 {
                #[expect(clippy::cast_precision_loss, reason = "a rate for the eye")]
                let rate = bytes as f64 / 1e6 / elapsed;
                let found = self.found.load(Ordering::Relaxed);
                let say = evidence::Say::new("step.rate")
                    .with("mb", bytes / 1_000_000)
                    .with("rate", format!("{rate:.0}"))
                    .with("found", found);
                bar.set_message(words::say(self.lang, &say) + &self.classes());
            }
        });
    }
    fn met(&self, class: &str, count: u64) {
        if let Ok(mut met) = self.met.lock() {
            *met.entry(class.to_owned()).or_default() += count;
        }
    }
    fn found(&self, count: u64) {
        self.found.fetch_add(count, Ordering::Relaxed);
    }
    fn end(&self) {
        if let Ok(mut guard) = self.bar.lock()
            && let Some(bar) = guard.take()
        {
            bar.finish_and_clear();
        }
    }
}
