//! Progress for programs: the record as it is, with what follows from it beside.

use super::ProgressView;
use super::view::{short, target};
use crate::view::{Own, Tongue};
use evidence::{Lang, Time};
use judge::Forecast;
use serde_json::{Value, json};

/// The judgement with its leaf; of each target what is missing, the interval, the forecast with the weeks behind it, and its words in both
/// languages.
#[must_use]
pub fn progress_json(v: &ProgressView<'_>) -> Value {
    let own = Own::default();
    let more = v.judgement.targets.iter().map(|p| {
        let words = |lang| target(Tongue { lang, plan: v.plan, own: &own }, v, p).name;
        let weeks = v.weeks.get(&p.target).map(|w| w.iter().map(point).collect::<Vec<_>>());
        json!({
            "target": p.target,
            "words": {"en": words(Lang::En), "zh-CN": words(Lang::Zh)},
            "missing": if p.reached { Some(0) } else { short(p) },
            "interval": judge::wilson(p.held, p.checked).map(|(low, high)| json!({"low_per_10000": low, "high_per_10000": high})),
            "forecast": v.forecast.get(&p.target).map(|f| forecast(*f)),
            "weeks": weeks,
        })
    });
    json!({"judgement": v.judgement, "record": v.leaf, "targets": more.collect::<Vec<_>>()})
}

fn point((at, amount): &(Time, u64)) -> Value {
    json!({"at": at, "amount": amount})
}

fn forecast(f: Forecast) -> Value {
    match f {
        Forecast::Reached => json!({"state": "reached"}),
        Forecast::On(day) => json!({"state": "on", "day": day.date()}),
        Forecast::Short(by) => json!({"state": "short", "by": by}),
        Forecast::CannotTell => json!({"state": "cannot-tell"}),
    }
}
