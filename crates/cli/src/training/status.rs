//! `watchfire training status`: person-times, sessions and people, side by side, with what they rest on.

use super::session::{HEAD, count_cells};
use super::{date, look, word};
use crate::args::ListFormat;
use crate::error::{CliError, exit};
use crate::{CSV_MARK, Face, print, print_json};
use console::said::training_status_json;
use evidence::{Rung, Say};
use judge::{TrainingStanding, TrainingSums};
use report::words;

pub(crate) fn run(face: &Face, as_of: Option<&str>, format: ListFormat) -> Result<u8, CliError> {
    // A day counts until it is over.
    let as_of = as_of.map(|t| face.day_ends(date(t)?)).transpose()?.unwrap_or_else(node::now);
    let s = match look(face)? {
        Some(node) => node.training_standing(as_of)?,
        None => TrainingStanding::default(),
    };
    match format {
        ListFormat::Json => print_json(&training_status_json(&s, as_of)),
        ListFormat::Csv => {
            let rows: Vec<Vec<String>> = s.sessions.iter().map(count_cells).collect();
            print(&format!("{CSV_MARK}{}", report::training::table_csv(&HEAD, &rows)));
        }
        ListFormat::Text => text(face, &s, as_of),
    }
    Ok(exit::DONE)
}

fn text(face: &Face, s: &TrainingStanding, as_of: evidence::Time) {
    let of = |r: Rung| s.person_times.get(&r).copied().unwrap_or(0);
    let say = Say::new("cli.say.training_sum").with("date", as_of.date()).with("times", s.sums.person_times);
    print(&face.say(&say.with("sessions", s.sums.sessions).with("people", s.sums.people)));
    let say = Say::new("cli.say.training_rungs").with("declared", of(Rung::Declared));
    let say = say.with("documented", of(Rung::Documented)).with("machine", of(Rung::MachineEvidenced));
    print(&face.say(&say));
    let say = Say::new("cli.say.training_tests").with("times", s.with_test).with("passed", s.sums.passed);
    print(&face.say(&say));
    let part = |name: &str, x: &TrainingSums| {
        let say = Say::new("cli.say.training_part").with("name", name).with("times", x.person_times);
        print(&face.say(&say.with("sessions", x.sessions).with("people", x.people)));
    };
    s.by_audience.iter().for_each(|(a, x)| part(word(face, "audience", a.name()), x));
    s.by_month.iter().for_each(|(m, x)| part(m, x));
    let withdrawn: Vec<u64> = s.sessions.iter().filter(|c| c.withdrawn.is_some()).map(|c| c.was).collect();
    if !withdrawn.is_empty() {
        let say = Say::new("cli.say.training_out").with("count", withdrawn.len());
        print(&face.say(&say.with("times", withdrawn.iter().sum::<u64>())));
    }
    let [valid, expired, revoked] = s.certificates;
    if valid + expired + revoked > 0 {
        let say = Say::new("cli.say.training_certificates").with("valid", valid).with("expired", expired);
        print(&face.say(&say.with("revoked", revoked)));
    }
    for d in &s.doubts {
        print(&face.say(&Say::new("cli.say.training_doubt").with("why", words::say(face.lang, &d.say))));
    }
}
