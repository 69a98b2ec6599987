//! Writes sample papers, to be looked at: `cargo run -p report --example forms [FOLDER]`; without a folder, into the temporary one.

#![expect(clippy::disallowed_methods, reason = "an example writes files; the room does not")]

#[path = "../tests/it/papers.rs"]
mod papers;

use evidence::{FieldValue, Lang};
use report::form::{FormInput, FormState, form_docx, form_html, form_json, kit_docx, kit_html};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn put(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let path = folder.join(name);
    std::fs::write(&path, bytes)?;
    println!("{}", path.display());
    Ok(())
}

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).map_or_else(|| std::env::temp_dir().join("watchfire-forms"), PathBuf::from);
    std::fs::create_dir_all(&folder)?;
    let plan = papers::plan();
    let (annex_2, annex_3) = (papers::form(&plan, "annex-2"), papers::form(&plan, "annex-3"));
    let (filled, long, none) = (papers::annex_2(), papers::annex_3(24), BTreeMap::new());
    let mut draft = filled.clone();
    draft.retain(|id, _| !["mobile", "level", "unit"].contains(&id.as_str()));
    draft.insert("withdrawn".to_owned(), FieldValue::Number { number: 1_200_000 });
    let missing = ["mobile".to_owned(), "level".to_owned(), "unit".to_owned()];
    let (two, three) = ("i-3f2a91c0/annex-2/1", "i-3f2a91c0/annex-3/1");
    let paper = |form, serial, state, fields| papers::input(&plan, form, serial, state, fields);
    let blank = |form| FormInput { version: 0, incident: "", title: "", ..paper(form, "", FormState::Blank, &none) };
    let all = [
        ("sealed", paper(annex_2, two, FormState::Sealed, &filled)),
        ("draft", FormInput { missing: &missing, ..paper(annex_2, two, FormState::Draft, &draft) }),
        ("drill", FormInput { drill: true, ..paper(annex_2, two, FormState::Frozen, &filled) }),
        ("void", paper(annex_2, two, FormState::Void, &filled)),
        ("blank", blank(annex_2)),
        ("blank-summary", blank(annex_3)),
        ("long", paper(annex_3, three, FormState::Frozen, &long)),
    ];
    for (name, input) in &all {
        for (lang, tag) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
            put(&folder, &format!("{name}.{tag}.html"), form_html(input, lang).as_bytes())?;
            put(&folder, &format!("{name}.{tag}.docx"), &form_docx(input, lang))?;
        }
        let json = serde_json::to_string_pretty(&form_json(input)).expect("a value is JSON");
        put(&folder, &format!("{name}.json"), json.as_bytes())?;
    }
    for regime in ["miit", "cac"] {
        put(
            &folder,
            &format!("kit-{regime}.html"),
            kit_html(&plan, regime, &["enterprise".to_owned()], all[0].1.printed).as_bytes(),
        )?;
        put(
            &folder,
            &format!("kit-{regime}.docx"),
            &kit_docx(&plan, regime, &["enterprise".to_owned()], all[0].1.printed),
        )?;
    }
    Ok(())
}
