//! `watchfire oversight group`: what a group comes to, each enterprise once, sums with their denominator.

use crate::args::MeasureFormat;
use crate::error::CliError;
use crate::oversight::notes;
use crate::{CSV_MARK, Face, print, print_json};
use evidence::{NodeRole, Say};
use judge::{GroupStanding, Oversight};
use node::Looking;
use plan::CheckedPlan;
use report::{group, words};
use serde_json::{Value, json};

pub(crate) fn run(
    face: &Face,
    plan: &CheckedPlan,
    how: Looking,
    uscc: Option<&str>,
    format: MeasureFormat,
) -> Result<(), CliError> {
    let node = face.node_read_only()?;
    let own = node.part()?.filter(|p| p.role == NodeRole::Group).map(|p| p.uscc);
    let code = uscc.map(|u| u.trim().to_uppercase()).or(own);
    let (groups, as_of) = node.groups(plan, how, |o, memberships| {
        let codes = match &code {
            Some(code) => vec![code.clone()],
            // All that sent their memberships.
            None => Oversight::groups(memberships).into_iter().collect(),
        };
        (codes.iter().map(|c| o.group(c, memberships)).collect::<Vec<_>>(), o.as_of())
    })?;
    if let (Some(code), [only]) = (&code, groups.as_slice())
        && only.rows.is_empty()
        && only.outside == 0
    {
        return Err(CliError::new(Say::new("error.group-unknown").with("uscc", attest::clean(code))));
    }
    match format {
        MeasureFormat::Json => {
            let groups: Vec<Value> = groups.iter().map(group::group_json).collect();
            print_json(&json!({"as_of": as_of, "groups": groups}));
        }
        MeasureFormat::Csv => {
            groups.iter().for_each(|g| notes(face, &g.doubts));
            print(&format!("{CSV_MARK}{}", group::table(face.lang, &groups).csv()));
        }
        MeasureFormat::Text => {
            if groups.is_empty() {
                print(&face.say(&Say::new("cli.say.group_none")));
            }
            for g in &groups {
                text(face, g, code.is_some());
                notes(face, &g.doubts);
            }
        }
    }
    Ok(())
}

fn text(face: &Face, g: &GroupStanding, with_rows: bool) {
    let say = Say::new("cli.say.group_head").with("uscc", &g.group).with("name", &g.name);
    print(&face.say(&say.with("members", g.rows.len()).with("reported", g.reported)));
    let separator = words::text(face.lang, "group.separator");
    let amounts = |all: &[(&'static str, u64)]| {
        let said = |(name, n): &(&'static str, u64)| {
            let name = words::text(face.lang, &format!("group.amount.{name}")).to_owned();
            face.say(&Say::new("cli.say.group_amount").with("name", name).with("count", n))
        };
        all.iter().filter(|a| a.1 > 0).map(said).collect::<Vec<_>>().join(separator)
    };
    if g.reported > 0 {
        print(&face.say(&Say::new("cli.say.group_sums").with("amounts", amounts(&g.sums.named()))));
    }
    if g.outside > 0 {
        print(&face.say(&Say::new("cli.say.group_outside").with("count", g.outside)));
    }
    for r in g.rows.iter().filter(|_| with_rows) {
        let word = |family: &str, name: &str| words::text(face.lang, &format!("group.{family}.{name}")).to_owned();
        let say = Say::new("cli.say.group_row").with("uscc", &r.uscc).with("name", &r.name);
        let say = say.with("belongs", word("belongs", group::belongs(r))).with("state", word("state", group::state(r)));
        let at = r.report.map_or_else(|| "–".to_owned(), |(at, _)| at.date());
        print(&face.say(&say.with("date", at)));
        if let Some(a) = &r.amounts {
            print(&face.say(&Say::new("cli.say.group_row_amounts").with("amounts", amounts(&a.named()))));
        }
    }
}
