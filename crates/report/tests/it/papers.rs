//! Forms of the built-in plan, filled by hand, in every state that a paper can be in.

use evidence::{Digest, FieldValue, FormRef, FrozenForm, Time};
use plan::{CheckedPlan, Form};
use report::form::{FormInput, FormState};
use std::collections::BTreeMap;

/// The built-in plan. Where its incident forms do not yet say to which regime they belong, they are told here.
pub(crate) fn plan() -> CheckedPlan {
    let mut source = plan::builtin();
    let file = source.files.get_mut("forms/incident.toml").expect("the plan has incident forms");
    if !file.contains("regime = ") {
        for (id, stage) in [("annex-2", "initial"), ("annex-3", "summary"), ("judgement", "judgement")] {
            let line = format!("id = \"{id}\"\n");
            *file = file.replacen(&line, &format!("{line}regime = \"miit\"\nstages = [\"{stage}\"]\n"), 1);
        }
    }
    if !source.files.values().any(|f| f.contains("[[calendar]]")) {
        let calendar = "[[calendar]]\nid = \"cn\"\nzone = \"Asia/Shanghai\"\nzone_rule = \"CST-8\"\nrest = [6, 7]\nsource = \"test\"\nsure = \"D\"\n";
        source.files.insert("calendars/cn.toml".to_owned(), calendar.to_owned());
        for lang in ["en", "zh"] {
            let words = "[calendar.cn]\nname = \"China\"\n".to_owned();
            source.files.insert(format!("words/{lang}-calendar.toml"), words);
        }
    }
    if !source.files.values().any(|f| f.contains("[[step]]")) {
        let step = "[[step]]\nid = \"cut-off\"\nregime = \"miit\"\nlevels = [\"I\", \"II\"]\nactor = \"enterprise\"\nrole = \"duty\"\nphase = \"first\"\nsource = \"test\"\nsure = \"D\"\n";
        source.files.insert("incidents/steps.toml".to_owned(), step.to_owned());
        for (lang, what) in [("en", "Cut the hosts off that are hit"), ("zh", "隔离受影响的主机")] {
            let words = format!("[step.cut-off]\nwhat = \"{what}\"\n[role.duty]\nname = \"{lang}\"\n");
            source.files.insert(format!("words/{lang}-steps.toml"), words);
        }
    }
    plan::check(&source).unwrap_or_else(|errors| {
        panic!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    })
}

pub(crate) fn form<'a>(plan: &'a CheckedPlan, id: &str) -> &'a Form {
    plan.forms().iter().find(|f| f.id == id).expect("a form of the plan")
}

pub(crate) fn time(text: &str) -> Time {
    text.parse().expect("an instant")
}

pub(crate) fn text(text: impl Into<String>) -> FieldValue {
    FieldValue::Text { text: text.into() }
}

/// Annex 2 as a plant would hand it in, a first time: the cause and who else is hit are not known yet.
pub(crate) fn annex_2() -> BTreeMap<String, FieldValue> {
    let choice = |c: &str| FieldValue::Choice { choice: c.to_owned() };
    let all = [
        ("name", text("苏州华东精密机械有限公司")),
        ("contact", text("王芳")),
        ("mobile", text("138 0000 0000")),
        ("time", FieldValue::Minute { at: time("2026-11-23T12:44:00.000Z") }),
        ("learned", choice("own-monitoring")),
        ("unit", text("苏州华东精密机械有限公司 二车间")),
        ("level", choice("II")),
        ("system", text("生产执行系统 MES，10.20.3.14，https://mes.example.cn/login?next=%2Forders")),
        ("cause", FieldValue::NotYetKnown),
        ("data-type", choice("production")),
        ("data-level", choice("important")),
        ("size", FieldValue::Size { bytes: Some(1_234_567_890), records: Some(1_200_000) }),
        ("personal", FieldValue::Size { bytes: Some(12_000_000), records: None }),
        ("sensitive", FieldValue::None),
        ("subjects", FieldValue::NotYetKnown),
        ("region", text("江苏省；通用设备制造业")),
        ("advice", text("已断开受影响网段并封存主机。\n\n请支持：\n1. 勒索病毒样本分析；\n2. 协调上游供应商排查。")),
    ];
    all.map(|(id, value)| (id.to_owned(), value)).into()
}

/// Annex 3 with texts of pages.
pub(crate) fn annex_3(times: usize) -> BTreeMap<String, FieldValue> {
    let zh = "事件起因经初步查明，系外包运维人员使用弱口令远程登录跳板机，攻击者据此横向移动至生产执行系统，加密了排产和工艺数据。";
    let en = "The backup of 22 November was restored on a clean host; checksums of all 14,203 recipes were compared with the catalogue. ";
    let long = |n: usize| text([zh.repeat(3), en.repeat(2)].join("\n").repeat(n));
    let all = [
        ("facts", long(times)),
        ("measures", long(times / 2)),
        ("improvement", text(en.repeat(times))),
        ("lessons", text("x".repeat(400 * times))),
        ("other", FieldValue::NotYetKnown),
    ];
    all.map(|(id, value)| (id.to_owned(), value)).into()
}

/// A paper.
pub(crate) fn input<'a>(
    plan: &'a CheckedPlan,
    form: &'a Form,
    serial: &'a str,
    state: FormState,
    fields: &'a BTreeMap<String, FieldValue>,
) -> FormInput<'a> {
    let frozen = FrozenForm { fields, form: &form.id, incident: "i-3f2a91c0", plan: plan.digest(), serial, version: 2 };
    let bound = matches!(state, FormState::Frozen | FormState::Sealed | FormState::Void);
    let digest: Option<Digest> = bound.then(|| FormRef::digest_of(&frozen).expect("numbers of a form are small"));
    FormInput {
        plan,
        form,
        serial,
        version: 2,
        state,
        digest,
        fields,
        missing: &[],
        incident: "i-3f2a91c0",
        title: "二车间排产数据被加密",
        printed: time("2026-11-23T13:30:00.000Z"),
        seal: true,
        drill: false,
    }
}
