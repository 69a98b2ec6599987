//! What a report says, in one language, before it has a form: every id resolved, every foreign text inert.

use crate::clean::{clean, clean_plan};
use crate::{Input, gather, words};
use evidence::{
    Body, CategoryId, CheckId, ClassId, Fact, FactValue, Item, Lang, LevelId, Outcome, Place, Say, ScenarioId,
    Severity, Shape, Sure, fact,
};
use std::collections::BTreeMap;
use std::fmt::Display;

/// Names of classes that only the user's own detectors know, as the record brings them: English and Chinese.
#[derive(Default)]
pub(crate) struct Own(BTreeMap<ClassId, [String; 2]>);
impl Own {
    pub(crate) fn of(items: &[Item]) -> Self {
        let named = items.iter().filter_map(|i| match &i.body {
            Body::Tally(t) => t.own.as_ref().map(|o| (t.class.clone(), [clean(&o.en), clean(&o.zh)])),
            _ => None,
        });
        Self(named.collect())
    }
}

/// A language and a plan: what turns ids into words.
#[derive(Clone, Copy)]
pub(crate) struct Tongue<'a> {
    pub(crate) lang: Lang,
    pub(crate) plan: &'a plan::CheckedPlan,
    pub(crate) own: &'a Own,
}

impl<'a> Tongue<'a> {
    /// A text of the product.
    pub(crate) fn t<'k>(&self, key: &'k str) -> &'k str {
        words::text(self.lang, key)
    }
    /// A text of the product with holes; the values are already inert.
    pub(crate) fn f(&self, key: &str, with: &[(&str, &dyn Display)]) -> String {
        let say = with.iter().fold(Say::new(key), |say, (hole, value)| say.with(hole, value));
        say.fill(words::text(self.lang, key))
    }
    /// The text of `<family>.<code>`, or the code.
    pub(crate) fn code(&self, family: &str, code: &str) -> String {
        words::find(self.lang, &format!("{family}.{code}")).map_or_else(|| clean(code), str::to_owned)
    }
    /// A text of the plan.
    pub(crate) fn plan_word(&self, key: &str) -> Option<&'a str> {
        self.plan.words(self.lang).get(key)
    }
    fn plan_name(&self, family: &str, id: &str) -> String {
        let found =
            self.plan_word(&format!("{family}.{id}.name")).or_else(|| self.plan_word(&format!("{family}.{id}")));
        found.map_or_else(|| clean(id), clean_plan)
    }
    pub(crate) fn scenario(&self, id: &ScenarioId) -> String {
        self.plan_name("scenario", id.as_str())
    }
    pub(crate) fn category(&self, id: &CategoryId) -> String {
        match id.as_str() {
            "unclassified" => self.t("report.unclassified").to_owned(),
            known => self.plan_name("category", known),
        }
    }
    pub(crate) fn level(&self, id: &LevelId) -> String {
        self.plan_name("level", id.as_str())
    }
    pub(crate) fn class(&self, id: &ClassId) -> String {
        let own = words::find(self.lang, &format!("class.{id}"));
        match (own, self.own.0.get(id)) {
            (Some(word), _) => word.to_owned(),
            (None, Some([en, zh])) if self.plan.class(id).is_none() => match self.lang {
                Lang::En => en.clone(),
                Lang::Zh => zh.clone(),
            },
            (None, _) => self.plan_name("class", id.as_str()),
        }
    }
    /// A text of a check (`title`, `why`, `remedy`) with the holes that `with` fills.
    pub(crate) fn check(&self, id: &CheckId, part: &str, with: &BTreeMap<String, String>) -> String {
        match self.plan_word(&format!("check.{id}.{part}")) {
            Some(template) => {
                let parameters =
                    self.plan.parameters().iter().map(|p| (format!("param.{}", p.id), p.value.to_string()));
                let mut all: BTreeMap<String, String> = parameters.collect();
                // What nothing fills here (a title without one finding) reads as an ellipsis, not as a hole.
                all.extend(
                    words::holes(template)
                        .into_iter()
                        .filter(|h| !h.starts_with("param."))
                        .map(|h| (h.to_owned(), "…".to_owned())),
                );
                all.extend(with.iter().map(|(k, v)| (k.clone(), v.clone())));
                clean_plan(&self.fill(template, &all))
            }
            None if part == "title" => clean(id.as_str()),
            None => String::new(),
        }
    }
    /// A sentence of the judge or the plan; the values are made inert here.
    pub(crate) fn say(&self, say: &Say) -> String {
        match self.plan_word(&say.key).or_else(|| words::find(self.lang, &say.key)) {
            Some(template) => self.fill(template, &say.with),
            None => clean(&say.key),
        }
    }
    fn fill(&self, template: &str, with: &BTreeMap<String, String>) -> String {
        let mut said = Say::new("");
        for (hole, value) in with {
            said = said.with(hole, self.value_of_hole(hole, value));
        }
        words::fill(self.lang, template, &said)
    }
    /// Ids of the plan that stand in a hole of the same name are said by their names.
    fn value_of_hole(&self, hole: &str, value: &str) -> String {
        match hole {
            "level" | "proposal" | "listed" | "cell" => self.level(&value.into()),
            "category" => self.category(&value.into()),
            "scenario" => self.scenario(&value.into()),
            "clock" => self.clock(value),
            "moment" => self.moment(value),
            "regime" => self.plan_name("regime", value),
            "criterion" => format!("“{}”", self.plan_text(&format!("criterion.{value}.what"), value)),
            "dimension" => format!("“{}”", self.dimension(value)),
            "needs" => self.plan_name("need", value),
            "by" | "who" => self.actor(value),
            "check" | "machine" => format!("“{}”", self.check(&value.into(), "title", &BTreeMap::new())),
            _ => clean(value),
        }
    }
    pub(crate) fn severity(&self, severity: Severity) -> String {
        self.code("severity", severity.name())
    }
    pub(crate) fn outcome(&self, outcome: Outcome) -> String {
        self.code("outcome", outcome.name())
    }
    pub(crate) fn sure(&self, sure: Sure) -> String {
        self.code("sure", sure.name())
    }
    /// How well an element of the plan is known, in words.
    pub(crate) fn how_sure(&self, sure: plan::HowSure, draft: bool) -> String {
        let mut text = self.code("how-sure", sure.letter());
        if draft {
            text.push_str(self.t("report.list-join"));
            text.push_str(self.t("how-sure.draft"));
        }
        text
    }
    /// The value of a fact for people: yes and no in words, rows as `name: value`.
    pub(crate) fn value(&self, value: &FactValue) -> String {
        match value {
            FactValue::Bool(b) => self.t(if *b { "report.yes" } else { "report.no" }).to_owned(),
            FactValue::Int(n) => n.to_string(),
            FactValue::Text(s) => clean(s),
            FactValue::Texts(list) => clean(&list.join(", ")),
            FactValue::Row(fields) => self.row(fields.iter().map(|(k, v)| (k.as_str(), v))),
        }
    }

    fn row<'v>(&self, fields: impl Iterator<Item = (&'v str, &'v FactValue)>) -> String {
        let join = self.t("report.label-join");
        let one = |(k, v): (&str, &FactValue)| format!("{}{join}{}", self.code("field", k), self.value(v));
        fields.map(one).collect::<Vec<_>>().join(self.t("report.value-join"))
    }

    /// The value of a fact. Fields of a row in the order of the dictionary, without the first: it names the object,
    /// which stands beside it.
    pub(crate) fn fact_value(&self, fact: &Fact) -> String {
        match (fact::find(fact.fact.as_str()).map(|d| d.shape), &fact.value) {
            (Some(Shape::Many(fields)), FactValue::Row(row)) if row.len() > 1 => {
                self.row(fields.iter().skip(1).filter_map(|f| Some((f.0, row.get(f.0)?))))
            }
            _ => self.value(&fact.value),
        }
    }
}

/// A place for people.
pub(crate) fn place(at: &Place) -> String {
    clean(&at.to_string())
}

/// One scenario.
pub(crate) struct ScenarioRow {
    pub(crate) name: String,
    pub(crate) risk: bool,
    pub(crate) failed: u64,
    pub(crate) cannot_tell: u64,
    pub(crate) passed: u64,
    pub(crate) on_paper: u64,
    pub(crate) not_applicable: u64,
    pub(crate) findings: u64,
    pub(crate) worst: Option<Severity>,
}
impl ScenarioRow {
    pub(crate) fn checks(&self) -> u64 {
        self.failed + self.cannot_tell + self.passed + self.not_applicable
    }
}

/// Findings of one check.
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) severity: Severity,
    pub(crate) scenario: String,
    pub(crate) why: String,
    pub(crate) remedy: String,
    pub(crate) rule: String,
    pub(crate) rule_sure: String,
    pub(crate) plan_rows: String,
    pub(crate) mappings: String,
    pub(crate) rows: Vec<FindingRow>,
}

/// One finding.
pub(crate) struct FindingRow {
    pub(crate) host: String,
    pub(crate) object: String,
    pub(crate) place: Option<String>,
    pub(crate) id: String,
    pub(crate) evidence: Vec<EvidenceLine>,
    /// What people do about it, and how that stands.
    pub(crate) measures: Vec<String>,
    /// Sentences beside it.
    pub(crate) notes: Vec<String>,
}

/// One item that shows a finding.
pub(crate) struct EvidenceLine {
    pub(crate) what: String,
    pub(crate) value: String,
    pub(crate) place: String,
    pub(crate) digest: Option<String>,
}

/// One group of data.
pub(crate) struct DataRow {
    pub(crate) host: String,
    pub(crate) root: String,
    pub(crate) category: String,
    pub(crate) class: String,
    pub(crate) level: String,
    pub(crate) proposed: bool,
    pub(crate) files: u64,
    pub(crate) hits: u64,
    pub(crate) distinct: String,
    pub(crate) because: Vec<String>,
    pub(crate) samples: Vec<SampleRow>,
}

/// One masked value.
pub(crate) struct SampleRow {
    pub(crate) mask: String,
    pub(crate) place: String,
    pub(crate) confidence: u8,
}

/// Places that could not be looked at.
pub(crate) struct GapRow {
    pub(crate) host: String,
    pub(crate) area: String,
    pub(crate) reason: String,
    pub(crate) count: u64,
    pub(crate) examples: Vec<String>,
}

/// One check with its outcome.
pub(crate) struct CheckRow {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) scenario: String,
    pub(crate) host: String,
    /// Answered by people; the title then says what should be, not what is wrong.
    pub(crate) asked: bool,
    pub(crate) outcome: Outcome,
    pub(crate) sure: Option<Sure>,
    pub(crate) because: String,
    pub(crate) basis: Option<String>,
}

/// What one report of others says.
pub(crate) struct DocumentedBlock {
    /// Which tool says how much of what.
    pub(crate) says: String,
    /// From which document, brought in by whom.
    pub(crate) from: String,
    /// Id, status, package, host, severity and what else it says of it.
    pub(crate) rows: Vec<[String; 6]>,
}

/// A part of the plan whose source is not confirmed.
pub(crate) struct UnconfirmedRow {
    pub(crate) id: String,
    pub(crate) source: String,
    pub(crate) sure: String,
}

/// A label and what stands behind it.
pub(crate) struct Labelled {
    pub(crate) label: String,
    pub(crate) values: Vec<String>,
}

/// How to verify, and what that proves.
pub(crate) struct ProofText {
    pub(crate) verify: Vec<Labelled>,
    pub(crate) commands: Vec<(&'static str, String)>,
    pub(crate) proven: Vec<String>,
    pub(crate) not_proven: Vec<String>,
}

/// A report in one language.
pub(crate) struct View<'a> {
    pub(crate) tongue: Tongue<'a>,
    pub(crate) result: Vec<String>,
    pub(crate) cautions: Vec<String>,
    pub(crate) covers: Vec<Labelled>,
    pub(crate) scenarios: Vec<ScenarioRow>,
    pub(crate) by_severity: Vec<(Severity, u64)>,
    pub(crate) findings: Vec<Group>,
    /// Findings that exceptions in force answer.
    pub(crate) approved: Vec<Group>,
    pub(crate) data: Vec<DataRow>,
    pub(crate) by_level: Vec<(String, u64)>,
    pub(crate) data_note: String,
    pub(crate) origin: crate::origin::OriginView,
    pub(crate) gaps: Vec<GapRow>,
    pub(crate) cannot: Vec<CheckRow>,
    pub(crate) answers: Vec<CheckRow>,
    pub(crate) open: Vec<CheckRow>,
    pub(crate) passed: Vec<CheckRow>,
    pub(crate) documented: Vec<DocumentedBlock>,
    pub(crate) doubts: Vec<String>,
    pub(crate) unconfirmed: Vec<UnconfirmedRow>,
    pub(crate) proof_text: ProofText,
    pub(crate) next: Vec<String>,
    pub(crate) footer: String,
}

impl<'a> View<'a> {
    /// The view of `input` in `lang`.
    pub(crate) fn new(input: &Input<'a>, lang: Lang, own: &'a Own) -> Self {
        let tongue = Tongue { lang, plan: input.plan, own };
        gather::view(input, tongue)
    }
    pub(crate) fn t<'k>(&self, key: &'k str) -> &'k str {
        self.tongue.t(key)
    }
    /// Number of findings.
    pub(crate) fn finding_count(&self) -> u64 {
        self.by_severity.iter().map(|s| s.1).sum()
    }
}
