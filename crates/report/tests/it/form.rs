//! Official forms as papers: what is on them, that they are cut into the pages that they say, that hostile texts stay texts.

use crate::papers::{annex_2, annex_3, form, input, plan, text};
use crate::{golden, schema};
use evidence::{Digest, FieldValue, Lang, Time};
use report::form::{FormInput, FormState, form_docx, form_html, form_json, kit_docx, kit_html};
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use std::process::Command;

const SERIAL: &str = "i-3f2a91c0/annex-2/1";

fn sections(page: &str) -> usize {
    page.matches("<section class=\"sheet\"").count()
}

/// The words of a page: markup and style left out.
fn words(page: &str) -> String {
    let body = page.split_once("<body>").unwrap().1;
    body.split('<').map(|part| part.split_once('>').map_or(part, |p| p.1)).collect()
}

/// Members of an archive; every XML of it is well-formed.
fn members(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut out = BTreeMap::new();
    for n in 0..zip.len() {
        let mut file = zip.by_index(n).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        out.insert(file.name().unwrap().into_owned(), content);
    }
    for (name, content) in out.iter().filter(|(n, _)| n.ends_with(".xml") || n.ends_with(".rels")) {
        let mut reader = quick_xml::Reader::from_reader(content.as_slice());
        let mut depth = 0_i64;
        loop {
            match reader.read_event().unwrap_or_else(|e| panic!("{name}: {e}")) {
                quick_xml::events::Event::Start(_) => depth += 1,
                quick_xml::events::Event::End(_) => depth -= 1,
                quick_xml::events::Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(depth, 0, "{name}");
    }
    out
}

/// The text of a part, paragraphs one a line.
fn text_of(part: &[u8]) -> String {
    let mut out = String::new();
    for piece in std::str::from_utf8(part).unwrap().split("<w:p>").skip(1) {
        for run in piece.split("<w:t").skip(1) {
            let Some((tag, rest)) = run.split_once('>') else { continue };
            if tag.is_empty() || tag.starts_with(' ') {
                out.push_str(rest.split_once("</w:t>").unwrap().0);
            }
        }
        out.push('\n');
    }
    out.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

fn at(text: &str) -> Time {
    text.parse().unwrap()
}

#[test]
fn every_form_is_as_it_was() {
    let (plan, fields) = (plan(), annex_2());
    let form = form(&plan, "annex-2");
    // The plan's digest moves with every word of the plan, so it is taken out.
    let digest = plan.digest();
    let steady = |t: String| t.replace(&digest.to_string(), "(plan)").replace(&digest.short(), "(plan)");
    let input =
        FormInput { digest: Some(Digest::of(b"frozen")), ..input(&plan, form, SERIAL, FormState::Frozen, &fields) };
    golden::check("form.en.html", &steady(form_html(&input, Lang::En)));
    golden::check("form.zh.html", &steady(form_html(&input, Lang::Zh)));
    let json = form_json(&input);
    golden::check("form.json", &steady(format!("{}\n", serde_json::to_string_pretty(&json).unwrap())));
    assert_eq!(schema::check("form-face-v1", &json.to_string()), Vec::<String>::new());
    let none = BTreeMap::new();
    let blank = FormInput { digest: None, serial: "", fields: &none, state: FormState::Blank, ..input };
    assert_eq!(schema::check("form-face-v1", &form_json(&blank).to_string()), Vec::<String>::new());
}

#[test]
fn a_page_says_what_the_fields_say() {
    let (plan, fields) = (plan(), annex_2());
    let form = form(&plan, "annex-2");
    let input = input(&plan, form, SERIAL, FormState::Sealed, &fields);
    let page = form_html(&input, Lang::Zh);
    let said = words(&page);
    // 12:44 UTC in the zone of the plan's calendar.
    assert!(said.contains("2026年11月23日 20时44分（UTC+08:00）"), "{said}");
    // All choices are shown, one is ticked.
    assert!(said.contains("☐特别重大☑重大☐较大☐一般☐尚不明确"), "{said}");
    // 1,234,567,890 bytes are 1.234567890 GB; 12,000,000 are 0.012.
    assert!(said.contains("1.235 GB；1,200,000 条") && said.contains("0.012 GB；条数未填"), "{said}");
    assert!(said.contains("敏感个人信息规模（没有的填无）无") && said.contains("事件原因尚不明确"), "{said}");
    assert!(said.contains("单位（盖章）"));
    for word in ["草稿", "演练", "作废", "缺填"] {
        assert!(!said.contains(word), "{word}");
    }
    // Each page carries what tells it from others.
    let pages = sections(&page);
    for sheet in page.split("<section").skip(1) {
        for want in [SERIAL, "第 2 版", "已签字盖章", "数据安全事件上报（附件 2）", &format!("共 {pages} 页")]
        {
            assert!(sheet.contains(want), "{want}");
        }
    }
    assert!(page.contains(&format!("WF1:{SERIAL}:{}", input.digest.unwrap().hex())));
    assert!(!page.contains("<script") && !page.contains("http-equiv=\"refresh\""));
}

#[test]
fn amounts_are_neither_made_larger_nor_lost() {
    let plan = plan();
    let form = form(&plan, "annex-2");
    for (bytes, want) in [
        (0, "0 GB"),
        (1, "less than 0.001 GB"),
        (499_999, "less than 0.001 GB"),
        (500_000, "0.001 GB"),
        (1_500_000_000, "1.5 GB"),
        (999_999_999, "1 GB"),
        (4_398_046_511_104, "4,398.047 GB"),
        (i64::MAX, "9,223,372,036.855 GB"),
    ] {
        let size = FieldValue::Size { bytes: Some(bytes), records: Some(0) };
        let fields = BTreeMap::from([("size".to_owned(), size)]);
        let json = form_json(&input(&plan, form, SERIAL, FormState::Draft, &fields));
        let field = json["fields"].as_array().unwrap().iter().find(|f| f["id"] == "size").unwrap();
        assert_eq!(field["shown"]["en"], format!("{want}; 0 records"));
        assert_eq!(field["value"]["bytes"], bytes);
    }
}

#[test]
fn what_must_not_be_sent_says_so_on_every_page() {
    let (plan, fields) = (plan(), annex_3(12));
    let form = form(&plan, "annex-3");
    for (state, drill, want) in [
        (FormState::Draft, false, "DRAFT – not for sending"),
        (FormState::Reviewed, false, "not final – not for sending"),
        (FormState::Void, false, "VOID – not to be used"),
        (FormState::Frozen, true, "演练 DRILL"),
    ] {
        let input = FormInput { drill, ..input(&plan, form, "i-3f2a91c0/annex-3/1", state, &fields) };
        let page = form_html(&input, Lang::En);
        assert!(sections(&page) > 5);
        for sheet in page.split("<section").skip(1) {
            assert!(sheet.contains(want), "{want}");
        }
        let parts = members(&form_docx(&input, Lang::En));
        assert!(text_of(&parts["word/header1.xml"]).contains(want), "{want}");
    }
}

#[test]
fn what_lacks_is_marked_in_words_and_what_the_form_does_not_know_is_kept() {
    let (plan, mut fields) = (plan(), annex_2());
    let form = form(&plan, "annex-2");
    fields.remove("mobile");
    fields.remove("level");
    fields.insert("withdrawn".to_owned(), text("from an earlier plan"));
    fields.insert("learned".to_owned(), FieldValue::Choice { choice: "by-pigeon".to_owned() });
    let missing = ["mobile".to_owned(), "level".to_owned(), "no-such".to_owned()];
    let input = FormInput { missing: &missing, ..input(&plan, form, SERIAL, FormState::Draft, &fields) };
    let said = words(&form_html(&input, Lang::En));
    assert!(said.contains("▲ 3 required field(s) still missing: Mobile; Level; no-such"), "{said}");
    assert_eq!(said.matches("▲ Missing: this field must be filled in").count(), 2);
    assert!(said.contains("withdrawnfrom an earlier plan") && said.contains("☑by-pigeon"), "{said}");
}

/// A long text goes on on the next page; not a character of it is left off.
#[test]
fn long_texts_are_on_the_pages_to_the_last_character() {
    let plan = plan();
    let form = form(&plan, "annex-3");
    for (unit, times, probe) in [
        ("数据安全。", 20_000, '据'),
        ("x", 100_000, 'x'),
        ("one two ", 12_000, 'w'),
        ("a\n", 3_000, 'a'),
        ("\n", 100_000, 'E'),
    ] {
        let long = unit.repeat(times) + "END";
        let fields = BTreeMap::from([("facts".to_owned(), text(long.clone()))]);
        let input = input(&plan, form, "i-3f2a91c0/annex-3/1", FormState::Frozen, &fields);
        let page = form_html(&input, Lang::En);
        let cells: String =
            page.split("<p class=\"plain\">").skip(1).map(|p| p.split_once("</p>").unwrap().0).collect();
        let count = |t: &str| t.chars().filter(|c| *c == probe).count();
        assert!(count(&cells) >= count(&long), "{unit}: {} of {}", count(&cells), count(&long));
        assert!(cells.contains("END"));
        let pages = sections(&page);
        assert!(page.contains(&format!("Page {pages} of {pages}")) && pages < 200, "{pages}");
        let parts = members(&form_docx(&input, Lang::En));
        assert!(text_of(&parts["word/document.xml"]).contains("END"));
    }
}

#[test]
fn hostile_texts_stay_texts() {
    let plan = plan();
    let form = form(&plan, "annex-2");
    let hostile =
        "\"'><script>alert(1)</script>&lt;\u{1b}]0;x\u{7}\u{202e}gpj.exe\u{200b}\u{feff}\u{0}\u{fffe}\u{9b}31m]]>";
    let mut fields: BTreeMap<String, FieldValue> = form.fields.iter().map(|f| (f.id.clone(), text(hostile))).collect();
    fields.insert(hostile.to_owned(), FieldValue::Choice { choice: hostile.to_owned() });
    let missing = [hostile.to_owned()];
    let hostile_input = FormInput {
        missing: &missing,
        incident: hostile,
        title: hostile,
        ..input(&plan, form, hostile, FormState::Frozen, &fields)
    };
    for lang in Lang::ALL {
        let page = form_html(&hostile_input, lang);
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
        for c in ['\u{1b}', '\u{202e}', '\u{200b}', '\u{feff}', '\u{0}', '\u{9b}', '\u{7}'] {
            assert!(!page.contains(c), "{c:?}");
        }
        let parts = members(&form_docx(&hostile_input, lang));
        let said = text_of(&parts["word/document.xml"]);
        assert!(said.contains("<script>alert(1)</script>&lt;") && said.contains("\\u{202e}gpj.exe"), "{said}");
        assert!(!said.contains('\u{fffe}'));
    }
}

#[test]
fn the_document_holds_what_the_page_holds_in_its_order() {
    let (plan, fields) = (plan(), annex_2());
    let form = form(&plan, "annex-2");
    let input = input(&plan, form, SERIAL, FormState::Sealed, &fields);
    let bytes = form_docx(&input, Lang::Zh);
    assert_eq!(bytes, form_docx(&input, Lang::Zh), "the same form, the same bytes");
    let parts = members(&bytes);
    let said = text_of(&parts["word/document.xml"]);
    let mut from = 0;
    for want in [
        "数据安全事件上报（附件 2）",
        "全称",
        "苏州华东",
        "☑\u{a0}重大",
        "1.235 GB",
        "尚不明确",
        "协调上游供应商",
        "单位（盖章）",
    ] {
        let found = said[from..].find(want).unwrap_or_else(|| panic!("{want} after {}", &said[..from]));
        from += found;
    }
    let document = std::str::from_utf8(&parts["word/document.xml"]).unwrap();
    assert!(document.contains("<w:tblHeader/>") && document.contains("r:embed=\"rIdP1\""));
    assert!(parts["word/media/qr1.png"].starts_with(b"\x89PNG"));
    let footer = std::str::from_utf8(&parts["word/footer1.xml"]).unwrap();
    assert!(footer.contains(" PAGE ") && footer.contains(" NUMPAGES "));
    assert!(text_of(&parts["word/header1.xml"]).contains(SERIAL));
    // Every part that is named is there, and has a type.
    let types = std::str::from_utf8(&parts["[Content_Types].xml"]).unwrap();
    for name in types.split("PartName=\"/").skip(1).map(|p| p.split_once('"').unwrap().0) {
        assert!(parts.contains_key(name), "{name}");
    }
    let relations = std::str::from_utf8(&parts["word/_rels/document.xml.rels"]).unwrap();
    for target in relations.split("Target=\"").skip(1).map(|p| p.split_once('"').unwrap().0) {
        assert!(parts.contains_key(&format!("word/{target}")), "{target}");
    }
}

#[test]
fn the_kit_has_everything_that_a_plant_without_computers_needs() {
    let plan = plan();
    let page = kit_html(&plan, "miit", &["enterprise".to_owned()], at("2026-11-23T13:30:00.000Z"));
    let said = words(&page);
    // Figures of the contingency plan: the summary within five working days; III and above at once; losses of level I and II.
    for want in [
        "5 个工作日内",
        "within 5 working days",
        "立即",
        "10 亿元（含）以上",
        "100,000,000 or more",
        "事件经过记录",
        "Timeline",
        "证据移交记录",
        "Chain of custody",
        "第一责任人",
    ] {
        assert!(said.contains(want), "{want}");
    }
    for form in plan.forms() {
        let name = plan.words(Lang::Zh).get(&format!("form.{}.name", form.id)).unwrap();
        assert_eq!(said.contains(name), form.regime == "miit", "{}", form.id);
    }
    let steps = plan.steps().iter().filter(|s| s.regime == "miit" && s.actor == "enterprise");
    for step in steps {
        assert!(said.contains(plan.words(Lang::Zh).get(&format!("step.{}.what", step.id)).unwrap()), "{}", step.id);
    }
    assert!(!said.contains("form-face."), "a key without a text");
    // A pen needs 9 mm.
    assert!(page.contains(".pen{height:9.5mm") && page.contains(".space{height:9.5mm"));
    // Another regime has its own clocks: four hours.
    let cac = words(&kit_html(&plan, "cac", &["enterprise".to_owned()], at("2026-11-23T13:30:00.000Z")));
    assert!(cac.contains("4 小时内") && !cac.contains("5 个工作日内"));
    let parts = members(&kit_docx(&plan, "miit", &["enterprise".to_owned()], at("2026-11-23T13:30:00.000Z")));
    assert!(text_of(&parts["word/document.xml"]).contains("证据移交记录"));
    // A regime that the plan does not have still has the sheets that need no plan.
    assert!(
        words(&kit_html(&plan, "no-such", &["enterprise".to_owned()], at("2026-11-23T13:30:00.000Z")))
            .contains("证据移交记录")
    );
}

/// Another program's eyes: the text of the document in its order.
#[test]
fn an_office_program_reads_the_document() {
    if Command::new("soffice").arg("--version").output().is_err() {
        println!("SKIPPED: no LibreOffice to read with");
        return;
    }
    let (plan, fields) = (plan(), annex_2());
    let input = input(&plan, form(&plan, "annex-2"), SERIAL, FormState::Sealed, &fields);
    let folder = std::env::temp_dir().join(format!("watchfire-office-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("form.docx"), form_docx(&input, Lang::Zh)).unwrap();
    let run = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}", folder.join("profile").display()))
        .args(["--headless", "--convert-to", "txt:Text (encoded):UTF8", "--outdir"])
        .arg(&folder)
        .arg(folder.join("form.docx"))
        .output()
        .unwrap();
    let said = std::fs::read_to_string(folder.join("form.txt"))
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&run.stderr)));
    let mut from = 0;
    for want in
        ["数据安全事件上报（附件 2）", "全称", "苏州华东", "☑\u{a0}重大", "处置建议", "协调上游供应商", "单位（盖章）"]
    {
        from += said[from..].find(want).unwrap_or_else(|| panic!("{want} in {said}"));
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Numbers on the pages are right only if a browser makes of each section one sheet of paper.
#[test]
fn a_browser_prints_as_many_pages_as_are_numbered() {
    if Command::new("chromium").arg("--version").output().is_err() {
        println!("SKIPPED: no chromium to print with");
        return;
    }
    let (plan, filled, long, none) = (plan(), annex_2(), annex_3(24), BTreeMap::new());
    let (two, three) = (form(&plan, "annex-2"), form(&plan, "annex-3"));
    let wide = BTreeMap::from([("facts".to_owned(), text("WÅ@%—".repeat(4000) + &"中 WW ，".repeat(3000)))]);
    let paper = |form, state, fields| input(&plan, form, SERIAL, state, fields);
    let missing: Vec<String> = (0..900).map(|n| format!("a-field-that-is-missing-{n}")).collect();
    let mut pages =
        vec![form_html(&FormInput { missing: &missing, ..paper(two, FormState::Draft, &filled) }, Lang::En)];
    assert!(pages[0].contains("a-field-that-is-missing-899"));
    for lang in Lang::ALL {
        pages.push(form_html(&paper(two, FormState::Sealed, &filled), lang));
        pages.push(form_html(&FormInput { drill: true, ..paper(two, FormState::Draft, &filled) }, lang));
        pages.push(form_html(&paper(two, FormState::Blank, &none), lang));
        pages.push(form_html(&paper(three, FormState::Frozen, &long), lang));
        pages.push(form_html(&paper(three, FormState::Frozen, &wide), lang));
    }
    pages.push(kit_html(&plan, "miit", &["enterprise".to_owned()], at("2026-11-23T13:30:00.000Z")));
    pages.push(kit_html(&plan, "cac", &["enterprise".to_owned()], at("2026-11-23T13:30:00.000Z")));
    let folder = std::env::temp_dir().join(format!("watchfire-print-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (n, page) in pages.iter().enumerate() {
        let (html, pdf) = (folder.join("page.html"), folder.join("page.pdf"));
        std::fs::write(&html, page).unwrap();
        let print = Command::new("chromium")
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"])
            .arg(format!("--user-data-dir={}", folder.join("profile").display()))
            .arg(format!("--print-to-pdf={}", pdf.display()))
            .arg(format!("file://{}", html.display()))
            .output()
            .unwrap();
        assert!(print.status.success(), "{}", String::from_utf8_lossy(&print.stderr));
        let bytes = std::fs::read(&pdf).unwrap();
        let count = |what: &[u8]| bytes.windows(what.len()).filter(|w| w == &what).count();
        let printed = count(b"/Type /Page") - count(b"/Type /Pages");
        assert_eq!(printed, sections(page), "page {n}: {}", words(page).chars().take(80).collect::<String>());
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
