//! Every reason, level and scope has a text in both languages, with no hole that the room does not fill.

use ransom::Code;

#[test]
fn every_code_has_its_words_and_no_open_hole() {
    for text in [include_str!("../../../../words/ransom.en.toml"), include_str!("../../../../words/ransom.zh.toml")] {
        let words: toml::Table = toml::from_str(text).unwrap();
        for code in Code::ALL {
            let template = words["ransom"]["reason"][code.id()].as_str().unwrap();
            let numbers = code.numbers().iter().map(|name| ((*name).to_owned(), 4321)).collect();
            let said = ransom::Reason { code, points: 7, numbers }.say();
            assert_eq!(said.key, format!("ransom.reason.{}", code.id()));
            let filled = said.fill(template);
            assert!(!filled.contains(['{', '}']), "{filled}");
            // Nothing that was counted is kept from the reader.
            for name in code.numbers() {
                assert!(template.contains(&format!("{{{name}}}")), "{} keeps {name} back", code.id());
            }
        }
        for level in ["calm", "suspect", "hold"] {
            assert!(words["ransom"]["level"][level].is_str());
        }
        for scope in ["session", "tree", "peer", "cgroup", "user", "share"] {
            assert!(words["ransom"]["scope"][scope].is_str());
        }
    }
}
