//! Regimes, levels of incidents with their criteria, steps of the response, penalties.

use crate::error::Errors;
use crate::model::{
    Comes, Criterion, Dimension, DimensionKind, Draft, Group, IncidentLevel, Measured, Moment, Penalty, Regime,
    ResponseRule, Step, Warning,
};
use crate::read::Table;
use evidence::LevelId;

pub(crate) fn incidents(root: &Table, plan: &mut Draft, errors: &mut Errors) {
    for t in root.tables(errors, "regime") {
        let sourced = t.sourced(errors);
        plan.regimes.push(Regime { id: t.id(errors, "id"), rank: t.small(errors, "rank"), sourced });
        t.finish(errors);
    }
    for t in root.tables(errors, "moment") {
        let comes = [
            ("occurred", Comes::Occurred),
            ("opened", Comes::Opened),
            ("graded", Comes::Graded),
            ("ended", Comes::Ended),
            ("said", Comes::Said),
        ];
        let comes = t.choice(errors, "comes", &comes).unwrap_or(Comes::Said);
        plan.moments.push(Moment { id: t.id(errors, "id"), comes, words: true, at: t.at.clone() });
        t.finish(errors);
    }
    for t in root.tables(errors, "dimension") {
        let sourced = t.sourced(errors);
        let kinds = [
            ("number", DimensionKind::Number),
            ("words", DimensionKind::Words),
            ("data-level", DimensionKind::DataLevel),
            ("confirmation", DimensionKind::Confirmation),
        ];
        let kind = t.choice(errors, "kind", &kinds).unwrap_or(DimensionKind::Number);
        let alias = t.text_or(errors, "alias", "");
        plan.dimensions.push(Dimension { id: t.id(errors, "id"), alias, kind, sourced });
        t.finish(errors);
    }
    for t in root.tables(errors, "step") {
        let sourced = t.sourced(errors);
        plan.steps.push(Step {
            id: t.id(errors, "id"),
            regime: t.id(errors, "regime"),
            levels: t.texts(errors, "levels"),
            actor: t.id(errors, "actor"),
            role: t.text_or(errors, "role", "anyone"),
            phase: t.text_or(errors, "phase", "response"),
            sourced,
        });
        t.finish(errors);
    }
    for t in root.tables(errors, "incident") {
        let sourced = t.sourced(errors);
        let warning = t.table(errors, "warning").map(|w| {
            let warning = Warning {
                issuer: w.text(errors, "issuer"),
                approval: w.text_or(errors, "approval", ""),
                duties: w.texts(errors, "duties"),
            };
            w.finish(errors);
            warning
        });
        let response = t.table(errors, "response").map(|r| {
            let rule = ResponseRule {
                started_by: r.texts(errors, "started_by"),
                led_by: r.id(errors, "led_by"),
                ended_by: r.texts(errors, "ended_by"),
                change_consent: r.text_or(errors, "change_consent", ""),
            };
            r.finish(errors);
            rule
        });
        let groups = t.tables(errors, "group").iter().map(|g| group(g, errors)).collect();
        let criteria = t.tables(errors, "criterion").iter().map(|c| criterion(c, errors)).collect();
        plan.incidents.push(IncidentLevel {
            id: t.id(errors, "id"),
            regime: t.id(errors, "regime"),
            rank: t.small(errors, "rank"),
            numeral: t.text(errors, "numeral"),
            colour: t.text_or(errors, "colour", ""),
            criteria,
            groups,
            response,
            warning,
            sourced,
        });
        t.finish(errors);
    }
}

fn criterion(t: &Table, errors: &mut Errors) -> Criterion {
    let sourced = t.sourced(errors);
    let (min, below) = (t.opt_int(errors, "min"), t.opt_int(errors, "below"));
    let by_words = t.flag(errors, "by_words");
    let data = t.texts(errors, "data").into_iter().map(LevelId::new).collect();
    let id = t.id(errors, "id");
    let measured = if by_words {
        if min.is_some() || below.is_some() {
            let why = "a criterion by words has no bounds";
            errors.add(&t.at, "bounds", &[("id", &id), ("why", why)], None);
        }
        Measured::Words { data }
    } else {
        if min.is_none() && below.is_none() {
            let hint = "give `min`, `below` or both, or `by_words = true`".to_owned();
            errors.add(&t.at, "missing-key", &[("key", "min")], Some(hint));
        }
        let unit = t.text(errors, "unit");
        Measured::Bounds { unit, min, below, marked_inclusive: t.flag(errors, "marked_inclusive") }
    };
    let criterion = Criterion {
        id,
        dimension: t.id(errors, "dimension"),
        branch: t.text_or(errors, "branch", ""),
        group: t.text_or(errors, "group", ""),
        measured,
        sourced,
    };
    t.finish(errors);
    criterion
}

fn group(t: &Table, errors: &mut Errors) -> Group {
    let group =
        Group { id: t.id(errors, "id"), needs: t.small(errors, "needs"), requires: t.texts(errors, "requires") };
    t.finish(errors);
    group
}

pub(crate) fn penalties(root: &Table, plan: &mut Draft, errors: &mut Errors) {
    for t in root.tables(errors, "penalty") {
        let sourced = t.sourced(errors);
        let person = (t.opt_int(errors, "person_from"), t.opt_int(errors, "person_to"));
        // That nothing touches it must be said, and the words say why.
        if !t.has("touches") {
            errors.add(&sourced.at, "missing-key", &[("key", "touches")], None);
        }
        plan.penalties.push(Penalty {
            id: t.id(errors, "id"),
            basis: t.text(errors, "basis"),
            actor: t.opt_text(errors, "actor").unwrap_or_default(),
            touches: t.texts(errors, "touches"),
            currency: t.text(errors, "currency"),
            from: t.opt_int(errors, "from").unwrap_or(0),
            to: t.int(errors, "to"),
            revenue_per_mille: t.opt_int(errors, "revenue_per_mille"),
            person: person.1.map(|to| (person.0.unwrap_or(0), to)),
            serious: t.flag(errors, "serious"),
            sourced,
        });
        t.finish(errors);
    }
}
