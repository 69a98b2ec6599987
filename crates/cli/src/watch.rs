//! `watchfire watch`: the clocks of open incidents go on, and people are told.

use crate::args::{Format, Watch};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json};
use evidence::{Origin, Say};
use node::Noticed;
use plan::{CheckedPlan, Days};
use serde_json::json;

pub(crate) fn run(face: &Face, a: &Watch) -> Result<u8, CliError> {
    let (plan, node) = (face.plan()?, face.node()?);
    let mut watch = node::Watch::open(&node, &plan)?;
    if a.format == Format::Text {
        let say = Say::new("cli.say.watch_begins").with("count", watch.open_incidents());
        print(&face.say(&say));
        if !watch.tells() {
            print(&face.say(&Say::new("cli.say.watch_tells_nobody")));
        }
    }
    let mut late = false;
    let mut tell = |n: &Noticed| {
        late |= matches!(n, Noticed::Clock { clock, .. } if clock.state == evidence::ClockState::Late);
        match a.format {
            Format::Json => print_json(&value(n)),
            Format::Text => {
                print(&format!("{}  {}", Days::of(plan.calendar()).local(node::now()), line(face, &plan, n)));
            }
        }
    };
    if a.once {
        watch.round(node::now(), &mut tell)?;
        watch.end(&mut tell)?;
    } else {
        watch.run(&face.stop, &mut tell)?;
    }
    Ok(if a.once && late { exit::FINDINGS } else { exit::DONE })
}

fn value(n: &Noticed) -> serde_json::Value {
    match n {
        Noticed::Clock { incident, origin, clock, leaf } => {
            json!({"noticed": "clock", "incident": incident, "origin": origin, "clock": clock, "record": leaf})
        }
        Noticed::Message(notice) => json!({"noticed": "message", "notice": notice}),
        Noticed::Problem(say) => json!({"noticed": "problem", "say": say}),
    }
}

fn line(face: &Face, plan: &CheckedPlan, n: &Noticed) -> String {
    match n {
        Noticed::Clock { incident, origin, clock, .. } => {
            let name =
                plan.words(face.lang).get(&format!("clock.{}.name", clock.clock)).unwrap_or(&clock.clock).to_owned();
            let state = report::words::text(face.lang, &format!("incident.clock.{}", clock.state.name())).to_owned();
            let key = if *origin == Origin::Drill { "cli.say.watch_clock_drill" } else { "cli.say.watch_clock" };
            let due = clock.due.map_or_else(|| "–".to_owned(), |d| Days::of(plan.calendar()).local(d));
            let say = Say::new(key).with("incident", incident).with("name", name).with("state", state);
            face.say(&say.with("due", due))
        }
        Noticed::Message(n) => {
            let state = report::words::text(face.lang, &format!("notify.state.{}", n.state.name())).to_owned();
            let say = Say::new("cli.say.watch_message").with("about", &n.about).with("to", &n.to);
            face.say(&say.with("channel", &n.channel).with("state", state))
        }
        Noticed::Problem(say) => face.say(say),
    }
}
