//! Forms: what a change voids, what an unsealed one stops, who may review.

use super::*;
use evidence::{ClockState, Digest, Document, FieldValue, FormMove, FormRef, FormStep};

/// A form of annex 2, filled as far as the plan demands.
fn fields(form: &plan::Form, cause: &str) -> BTreeMap<String, FieldValue> {
    let text = |t: &str| FieldValue::Text { text: t.to_owned() };
    form.fields
        .iter()
        .map(|f| {
            let value = match &f.kind {
                _ if f.id == "cause" => text(cause),
                _ if f.may_be_unknown => FieldValue::NotYetKnown,
                plan::FieldRule::Choice(all) => FieldValue::Choice { choice: all[0].clone() },
                plan::FieldRule::Minute => FieldValue::Minute { at: at("2026-03-02T00:00:00.000Z") },
                plan::FieldRule::Number => FieldValue::Number { number: 1 },
                plan::FieldRule::GigabytesAndRecords => FieldValue::Size { bytes: Some(1), records: None },
                plan::FieldRule::Text => text("known"),
            };
            (f.id.clone(), value)
        })
        .collect()
}

#[test]
fn a_changed_field_voids_the_seal_and_an_unsealed_form_stops_nothing_at_level_two() {
    let form = PLAN.forms().iter().find(|f| f.id == "annex-3").unwrap();
    let serial = "i-00000001/annex-3/1";
    let step = |step: FormMove| Happening::Form(FormStep { serial: serial.to_owned(), form: form.id.clone(), step });
    let first = fields(form, "weak password");
    let digest = |fields: &BTreeMap<String, FieldValue>, version| {
        let frozen = evidence::FrozenForm {
            fields,
            form: &form.id,
            incident: "i-00000001",
            plan: PLAN.digest(),
            serial,
            version,
        };
        FormRef::digest_of(&frozen).unwrap()
    };
    let ended = grave("2026-03-02T00:00:00.000Z").moment("end", at("2026-03-03T00:00:00.000Z"));
    let frozen = ended
        .with(step(FormMove::Drafted { fields: first.clone() }))
        .with(step(FormMove::Reviewed { reviewer: "li".to_owned() }))
        .by("li")
        .with(step(FormMove::Frozen { digest: digest(&first, 1), plan: PLAN.digest() }));
    let told = |i: Incident| {
        let mut r = report("summary", "form", at("2026-03-04T00:00:00.000Z"));
        r.form = Some(FormRef { serial: serial.to_owned(), digest: digest(&first, 1) });
        i.with(Happening::Reported(r))
    };
    let sent = |i: Incident| told(i).judged(&PLAN, at("2026-03-05T00:00:00.000Z"));
    let summary = |j: &IncidentJudgement| j.clocks.iter().find(|c| c.clock == "summary").unwrap().state;
    let doubted = |j: &IncidentJudgement, key: &str| j.doubts.iter().any(|d| d.say.key == key);
    let j = sent(frozen.clone());
    assert_ne!(summary(&j), ClockState::Met, "unsealed");
    assert!(doubted(&j, "doubt.report-unsealed"), "{:?}", j.doubts);
    let scan = Document { name: "scan.pdf".to_owned(), digest: Digest([7; 32]), bytes: 10 };
    let sealed = |digest| step(FormMove::Sealed { scan: scan.clone(), signatory: "zhao".to_owned(), digest });
    let signed = frozen.clone().with(sealed(digest(&first, 1)));
    assert_eq!(summary(&sent(signed.clone())), ClockState::Met);
    // Sealed only after it was handed over, it stops nothing; the report has to be made again.
    let late_seal = told(frozen.clone()).with(sealed(digest(&first, 1)));
    let judged = |i: &Incident| i.judged(&PLAN, at("2026-03-05T00:00:00.000Z"));
    assert_ne!(summary(&judged(&late_seal)), ClockState::Met);
    assert_eq!(summary(&judged(&told(late_seal))), ClockState::Met);
    // What becomes of the form afterwards - amended, void, another plan - changes nothing about that report.
    let handed = told(signed.clone());
    let voided = handed.clone().with(step(FormMove::Voided { reason: "typing error".to_owned() }));
    assert_eq!(summary(&judged(&voided)), ClockState::Met);
    let amended = handed.with(step(FormMove::Drafted { fields: fields(form, "told otherwise") }));
    assert_eq!(summary(&judged(&amended)), ClockState::Met);
    let mut later = plan::builtin();
    later.files.get_mut("plan.toml").unwrap().push_str("\n# a later edition\n");
    let later = plan::check(&later).unwrap();
    let j = amended.judged(&later, at("2026-03-05T00:00:00.000Z"));
    assert_eq!(summary(&j), ClockState::Met, "{:?}", j.doubts);
    // Another cause is another form: what was sealed says something else.
    let second = fields(form, "stolen key");
    let changed = match &form.fields.iter().any(|f| f.id == "cause") {
        true => second,
        false => {
            let mut all = first.clone();
            let id = form.fields[0].id.clone();
            all.insert(id, FieldValue::Text { text: "told otherwise".to_owned() });
            all
        }
    };
    let voided = signed.with(step(FormMove::Drafted { fields: changed }));
    let j = sent(voided.clone());
    assert_ne!(summary(&j), ClockState::Met);
    assert!(doubted(&j, "doubt.report-form"), "{:?}", j.doubts);
    let again = voided.with(sealed(digest(&first, 1)));
    let j = again.judged(&PLAN, at("2026-03-05T00:00:00.000Z"));
    assert!(doubted(&j, "doubt.form-digest"), "the old seal does not fit the new version: {:?}", j.doubts);
    let witnesses = again.witnesses();
    let view = judge::incident_view(&PLAN, &witnesses, "i-00000001", at("2026-03-05T00:00:00.000Z")).unwrap();
    assert_eq!((view.forms[0].version, view.forms[0].voided_seal), (2, true));
}

#[test]
fn who_drafted_a_form_does_not_review_it() {
    let form = PLAN.forms().iter().find(|f| f.id == "annex-2").unwrap();
    let step = |step: FormMove| {
        Happening::Form(FormStep { serial: "i-00000001/annex-2/1".to_owned(), form: form.id.clone(), step })
    };
    let i = grave("2026-03-02T00:00:00.000Z")
        .with(step(FormMove::Drafted { fields: fields(form, "") }))
        .with(step(FormMove::Reviewed { reviewer: "wang".to_owned() }));
    let j = i.judged(&PLAN, at("2026-03-03T00:00:00.000Z"));
    assert!(j.doubts.iter().any(|d| d.say.key == "doubt.form-own-review"), "{:?}", j.doubts);
}

#[test]
fn a_form_that_is_frozen_after_it_is_said_to_have_been_handed_over_stops_nothing() {
    let form = PLAN.forms().iter().find(|f| f.id == "annex-3").unwrap();
    let serial = "i-00000001/annex-3/1";
    let fields = fields(form, "");
    let frozen = evidence::FrozenForm {
        fields: &fields,
        form: &form.id,
        incident: "i-00000001",
        plan: PLAN.digest(),
        serial,
        version: 1,
    };
    let digest = FormRef::digest_of(&frozen).unwrap();
    let step = |step: FormMove| Happening::Form(FormStep { serial: serial.to_owned(), form: form.id.clone(), step });
    let scan = Document { name: "scan.pdf".to_owned(), digest: Digest([7; 32]), bytes: 10 };
    let mut i = grave("2026-03-02T00:00:00.000Z").moment("end", at("2026-03-02T00:00:01.000Z"));
    i.at = at("2026-03-20T00:00:00.000Z");
    let i = i
        .with(step(FormMove::Drafted { fields: fields.clone() }))
        .with(step(FormMove::Reviewed { reviewer: "li".to_owned() }))
        .with(step(FormMove::Frozen { digest, plan: PLAN.digest() }))
        .with(step(FormMove::Sealed { scan, signatory: "zhao".to_owned(), digest }));
    let mut r = report("summary", "form", at("2026-03-05T00:00:00.000Z"));
    r.form = Some(FormRef { serial: serial.to_owned(), digest });
    let j = i.with(Happening::Reported(r)).judged(&PLAN, at("2026-03-21T00:00:00.000Z"));
    assert_eq!(j.clocks.iter().find(|c| c.clock == "summary").unwrap().state, ClockState::Late);
    assert!(j.doubts.iter().any(|d| d.say.key == "doubt.report-form-later"), "{:?}", j.doubts);
}

/// One rule for the judge, which stops clocks by it, and for whoever prints: at the level that is known at an instant, a proposed one as if it were certain.
#[test]
fn a_form_must_be_sealed_by_the_level_that_was_known_and_by_nothing_else() {
    let mut set = cases().base["quiet-industrial"].set.clone();
    for (d, v) in [("data-level", "core"), ("threat", "II")] {
        set.insert(d.to_owned(), v.to_owned());
    }
    // 214号 annex 1 leaves core data under a serious threat without a level: at least II, I is proposed.
    let i = Incident::opened(&["enterprise"], &["industrial"], at("2026-03-02T00:00:00.000Z"));
    let (before, i) = (i.at, i.set(&PLAN, &set));
    let grade = i.judged(&PLAN, i.at).grades.into_iter().find(|g| g.regime == "miit").unwrap();
    assert_eq!((grade.at_least.as_str(), grade.proposed.as_deref()), ("II", Some("I")));
    let must = |sealed_for: &[&str], at| {
        let mut form = PLAN.forms().iter().find(|f| f.id == "annex-2").unwrap().clone();
        form.sealed_for = sealed_for.iter().map(|l| (*l).to_owned()).collect();
        judge::must_be_sealed(&PLAN, &i.witnesses(), "i-00000001", &form, at)
    };
    assert!(must(&["I", "II"], i.at) && must(&["I"], i.at));
    // What is reached is I: a form that is sealed at II alone need not be.
    assert!(!must(&["II"], i.at) && !must(&["III", "IV"], i.at));
    // Before anything was known the least level held.
    assert!(!must(&["I", "II"], before) && must(&["IV"], before));
    assert!(!must(&["IV"], at("2026-03-01T00:00:00.000Z")), "nobody had opened it");
}
