//! Registries go up as their keepers meet them: two provinces, a ministry, packages as files; and a group's page.

use crate::bench::{Dir, Ran};
use serde_json::Value;
use testing::registry::uscc;

struct Country(Dir);
impl Country {
    fn at(&self, who: &str, args: &[&str]) -> Ran {
        self.0.run(&[&["--home", who], args].concat())
    }
    fn json(&self, who: &str, args: &[&str]) -> Value {
        self.at(who, &[args, &["--format", "json"]].concat()).done().json()
    }
    fn new() -> Self {
        let all = Self(Dir::new());
        all.at("m", &["node", "init", "--role", "ministry", "--name", "部"]).done();
        for (who, name, area) in [("js", "江苏", "32"), ("zj", "浙江", "33")] {
            all.at(who, &["node", "init", "--role", "province", "--name", name, "--area", area]).done();
            all.join(who, &["--role", "province", "--name", name, "--area", area]);
        }
        all
    }
    fn join(&self, who: &str, part: &[&str]) {
        let invited = self.json("m", &[&["node", "invite"], part].concat());
        let code = invited["code"].as_str().unwrap();
        self.at(who, &["node", "enrol", "--code", code, "--request-out", "request.json"]).done();
        self.at("m", &["node", "admit", "request.json", "--answer-out", "answer.json"]).done();
        self.at(who, &["node", "enrol", "--code", code, "--answer", "answer.json"]).done();
    }
    fn import(&self, who: &str, rows: &[String]) -> Ran {
        let table = format!("uscc,name,area,industry,revenue,group\n{}\n", rows.join("\n"));
        self.0.file(&format!("{who}.csv"), table);
        self.at(who, &["registry", "import", &format!("{who}.csv"), "--year", "2025"]).done()
    }
    fn submit(&self, who: &str) {
        let (up, back) = (format!("{who}-up.json"), format!("back/{who}-up.answer.json"));
        self.at(who, &["submit", "--out", &up]).done();
        self.at("m", &["node", "receive", &up, "--answer-out", "back"]).done();
        self.at(who, &["submit", "--answer", &back]).done().says(&["equals yours"]);
    }
}

#[test]
fn a_ministry_works_on_what_its_provinces_sent() {
    let all = Country::new();
    let group = uscc(110_000, 9);
    // The smaller the number, the larger the enterprise: nobody ties.
    let row = |region: u32, n: u64, group: &str| {
        format!("{},厂{n},{region},C3451,{},{group}", uscc(region, n), 900_000_000 - n)
    };
    all.at("m", &["registry", "union"]).ends(2).complains(&["No registry came from below"]);
    all.at("js", &["registry", "union"]).ends(2).complains(&["Only a ministry"]);
    all.import("m", &[row(320_100, 1, ""), row(440_300, 4, "")]);
    all.at("m", &["registry", "compare"]).ends(2).complains(&["is no union"]);
    all.import("js", &[row(320_100, 1, &group), row(320_100, 2, "")]);
    all.import("zj", &[row(330_100, 3, &group)]);
    // The keeper of a province sees what leaves: the record and its rows.
    let preview = all.json("js", &["submit", "--preview"]);
    let kinds: Vec<&Value> = preview["records"].as_array().unwrap().iter().map(|r| &r["kind"]).collect();
    assert!(kinds.iter().any(|k| k.as_str().is_some_and(|k| k.contains("registry"))), "{kinds:?}");
    all.at("js", &["registry", "select"]).done();
    for who in ["js", "zj"] {
        all.submit(who);
    }
    let list = all.json("m", &["registry", "list"]);
    let rows = list["rows"].as_array().unwrap();
    let from = |n: usize| rows[n]["source"]["supervisor"].as_str().unwrap_or("own").to_owned();
    assert_eq!(rows.len(), 4);
    assert_eq!([from(0), from(1), from(2), from(3)], ["32", "32", "33", "own"]);
    all.at("m", &["registry", "list"]).done().says(&["A union: registries of 2 supervisors, and 1 rows"]);
    all.at("m", &["registry", "show", &uscc(330_100, 3)]).done().says(&["Source: registry of 33 Zhejiang"]);
    all.at("m", &["registry", "show", &uscc(440_300, 4)]).done().says(&["Source: the own import"]);
    all.at("m", &["registry", "sources"]).done().says(&["32 Jiangsu: 2 of 2 rows", "4403", "11 Beijing: nothing"]);
    all.at("m", &["registry", "union"]).done().says(&["Nothing new came for 2025"]);
    all.at("m", &["registry", "select"]).done().says(&["Supervisors without a row in the union: 34"]);
    all.at("m", &["registry", "explain", &uscc(320_100, 1)]).done().says(&["Source: registry of 32"]);
    let sums = all.json("m", &["registry", "sums", "--by", "supervisor"]);
    assert_eq!(sums["sums"].as_object().unwrap().len(), 3);
    let compared = all.at("m", &["registry", "compare"]).done();
    let compared = compared.says(&["32 Jiangsu (top-tenth): selected here 1, there 1", "the same enterprises"]);
    compared.says(&["33 Zhejiang: sent no selection from this registry"]);
    let chinese = all.at("m", &["--lang", "zh", "registry", "sources"]).done();
    chinese.says(&["合并名录：2 个主管部门上报", "11 北京市：无"]);
    // By group, by the registry's column: two enterprises, none of which reported.
    let listed = all.json("m", &["oversight", "list", "key", "--group", &group]);
    assert_eq!(listed["rows"].as_array().map_or(0, Vec::len), 2, "{listed}");
    all.at("m", &["oversight", "group", &group])
        .done()
        .says(&["0 of 2 enterprises have a report", "by the registry alone"]);
    let page = all.json("m", &["oversight", "group", &group]);
    assert_eq!((&page["groups"][0]["members"], &page["groups"][0]["reported"]), (&Value::from(2), &Value::from(0)));
    let csv = all.at("m", &["oversight", "group", &group, "--format", "csv"]).done().out;
    assert_eq!(csv.lines().count(), 3);
    all.at("m", &["oversight", "group", &uscc(110_000, 8)]).ends(2).complains(&["No enterprise is known"]);
    all.at("m", &["oversight", "group"]).done().says(&["No group sent its memberships"]);
    let by = all.json("m", &["progress", "--by", "group"]);
    assert!(by.to_string().contains(&group));
    for who in ["m", "js", "zj"] {
        all.at(who, &["audit"]).done();
    }
}
