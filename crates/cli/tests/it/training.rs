//! Training and experts as people use them: lists, doors, tests, certificates, names that go.

use crate::bench::{Dir, Ran};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// A name that nothing else here is called.
const NAME: &str = "欧阳被遗忘";

fn text(v: &Value) -> String {
    v.as_str().unwrap().to_owned()
}

fn session(dir: &Dir, course: &str, day: &str) -> String {
    text(&dir.json(&["training", "session", "add", course, "--day", day, "--format", "json"])["session"]["session"])
}

/// Today by the clock that the program uses.
fn today(dir: &Dir) -> String {
    let status = dir.json(&["training", "status", "--format", "json"]);
    text(&status["as_of"])[..10].to_owned()
}

/// Files under a folder that hold these bytes.
fn holding(folder: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(holding(&path, bytes));
        } else if fs::read(&path).unwrap().windows(bytes.len()).any(|w| w == bytes) {
            out.push(path);
        }
    }
    out
}

#[test]
fn who_attended_is_counted_once_by_the_best_that_shows_it() {
    let dir = Dir::new();
    dir.run(&["training", "session", "add", "plant-staff", "--day", "2026-13-01"]).ends(2);
    let day = today(&dir);
    let id = session(&dir, "plant-staff", &day);
    dir.run(&["training", "session", "attend", &id, "张伟#1", "李娜", "Li Na", "LI  NA"]).done().says(&["3 counted"]);
    let list = format!("姓名,工号,日期\n张伟,1,{day}\n王芳,7,\n王芳,7,\n,3,\n赵四,9,2020-01-01\n");
    dir.file("王芳的名单.csv", list);
    let ran = dir.run(&["training", "session", "import", &id, "王芳的名单.csv"]).done();
    ran.says(&["2 counted (documented)"]).complains(&["row 4", "row 5", "row 6"]);
    // The same list again adds nothing.
    dir.run(&["training", "session", "import", &id, "王芳的名单.csv"]).done().says(&["0 counted", "2 known"]);
    let door = dir.json(&["training", "session", "door", &id, "--format", "json"]);
    let code = text(&door["code"]);
    let wrong = if code == "00000000" { "11111111" } else { "00000000" };
    dir.run(&["training", "session", "attend", &id, "孙八", "--door", wrong]).ends(2);
    dir.run(&["training", "session", "attend", &id, "李娜", "孙八", "--door", &code]).ends(2);
    dir.run(&["training", "session", "attend", &id, "李娜", "--door", &code]).done().says(&["machine-evidenced"]);
    let status = dir.json(&["training", "status", "--format", "json"]);
    // Li Na declared; 张伟 and 王芳 documented; 李娜 checked in.
    assert_eq!(status["sums"], serde_json::json!({"sessions": 1, "person_times": 4, "people": 4, "people_passed": 0}));
    assert_eq!(status["by_rung"], serde_json::json!({"declared": 1, "documented": 2, "machine-evidenced": 1}));
    // A session of tomorrow has no attendance, and a closed one takes none.
    let later = session(&dir, "officer", "2999-01-01");
    dir.run(&["training", "session", "attend", &later, "张伟"]).ends(2).complains(&["nobody can have attended"]);
    dir.run(&["training", "session", "close", &id]).done();
    dir.run(&["training", "session", "attend", &id, "钱九"]).ends(2);
    // Names are in no record, and neither is the code or the name of the table.
    for secret in ["张伟", "王芳", "李娜", "名单.csv", &code] {
        let files = holding(&dir.home(), secret.as_bytes());
        let named: Vec<_> =
            files.iter().filter(|f| !f.file_name().unwrap().to_str().unwrap().starts_with("private.db")).collect();
        assert!(named.is_empty(), "{secret} in {named:?}");
    }
    assert!(holding(&dir.home(), code.as_bytes()).is_empty());
    dir.run(&["training", "session", "withdraw", &id, "--reason", "not-held"]).done();
    let status = dir.json(&["training", "status", "--format", "json"]);
    assert_eq!((&status["sums"]["person_times"], &status["sessions"][0]["was"]), (&0.into(), &4.into()));
    let yesterday = dir.json(&["training", "status", "--as-of", "2020-01-01", "--format", "json"]);
    assert_eq!(yesterday["sums"]["sessions"], 0);
    dir.run(&["training", "session", "list", "--format", "csv"]).done().says(&["session,course,day", "withdrawn"]);
    dir.run(&["--lang", "zh", "training", "session", "list"]).done().says(&["已撤回：未举办；原计4"]);
    dir.run(&["audit"]).done();
}

/// The letters of the key that was printed.
fn key(page: &str) -> Vec<String> {
    let row = page.split("<tr>").nth(2).unwrap();
    row.split("<td>").skip(1).map(|c| c.split("</td>").next().unwrap().to_owned()).collect()
}

fn certificate(dir: &Dir, ran: &Ran) -> PathBuf {
    let files = ran.json()["files"].clone();
    dir.at("out").join(text(&files[0]))
}

#[test]
fn a_certificate_holds_is_refused_when_touched_and_is_taken_back() {
    let dir = Dir::new();
    let id = session(&dir, "officer", &today(&dir));
    dir.run(&["training", "session", "attend", &id, NAME, "李娜"]).done();
    dir.run(&["training", "test", "print", &id, "--out", "out", "--answers"]).done();
    let page = fs::read_to_string(dir.at("out").join(format!("{id}.A.answers.en.html"))).unwrap();
    let right = key(&page);
    assert_eq!(right.len(), 12);
    dir.run(&["training", "test", "mark", &id, "李娜", &right[..11].join(",")]).ends(2).complains(&["11 answers"]);
    // Ten of twelve are 83 %, nine are 75 %: the mark is at 80 %.
    let answers = |good: usize| {
        let given = right.iter().enumerate().map(|(n, r)| match (n < good, r.as_str()) {
            (true, r) => r.to_owned(),
            (false, "A") => "B".to_owned(),
            (false, _) => "A".to_owned(),
        });
        given.collect::<Vec<_>>().join(",")
    };
    dir.run(&["training", "test", "mark", &id, "李娜", &answers(9)]).done().says(&["9 of 12 right", "0 passed"]);
    dir.file("results.csv", format!("name,answers\n{NAME},\"{}\"\n外人,\"{}\"\n", answers(10), answers(12)));
    dir.run(&["training", "test", "import", &id, "results.csv"]).done().says(&["2 results, 2 passed", "1 of them"]);
    dir.run(&["training", "certificate", "issue", &id, "李娜", "--out", "out"]).ends(2).complains(&["did not pass"]);
    dir.run(&["training", "certificate", "issue", &id, "外人", "--out", "out"]).ends(2);
    let issue = ["training", "certificate", "issue", &id, NAME, "--out", "out", "--format", "json"];
    let file = certificate(&dir, &dir.run(&issue).done());
    let jwt = fs::read_to_string(&file).unwrap();
    let payload = |jwt: &str| data_encoding::BASE64URL_NOPAD.decode(jwt.split('.').nth(1).unwrap().as_bytes()).unwrap();
    assert!(!String::from_utf8(payload(&jwt)).unwrap().contains(NAME), "no name unless it was asked for");
    let named = dir.run(&[&issue[..], &["--with-name"]].concat()).done();
    assert!(
        String::from_utf8(payload(&fs::read_to_string(certificate(&dir, &named)).unwrap())).unwrap().contains(NAME)
    );
    dir.run(&["training", "certificate", "key", "--out", "out"]).done();
    dir.run(&["training", "certificate", "status", "--out", "out/status.jwt"]).done();
    let path = file.to_str().unwrap();
    let check = |certificate: &str, more: &[&str]| {
        dir.run(&[&["expert", "verify", certificate, "--format", "json"], more].concat())
    };
    let with = ["--key", "out/issuer.jwk.json", "--status", "out/status.jwt"];
    let good = check(path, &with).done().json();
    assert_eq!((good["holds"].as_bool(), text(&good["revoked"])), (Some(true), "no".to_owned()));
    assert_eq!(check(&jwt, &["--key", "out/issuer.pem"]).done().json()["revoked"], "not-checked");
    // Without a key nobody says who signed.
    assert_eq!(check(path, &[]).ends(1).json()["key_given"], false);
    // One letter of the payload, and one of the signature.
    for at in [jwt.find('.').unwrap() + 40, jwt.len() - 20] {
        let mut touched = jwt.clone().into_bytes();
        touched[at] = if touched[at] == b'A' { b'B' } else { b'A' };
        check(&String::from_utf8(touched).unwrap(), &with).ends(1);
    }
    // Another node's key.
    let other = Dir::new();
    other.run(&["training", "certificate", "key", "--out", "out"]).done();
    check(path, &["--key", other.at("out/issuer.pem").to_str().unwrap()]).ends(1);
    let number = text(&good["id"]);
    dir.run(&["training", "certificate", "revoke", &number, "--reason", "error"]).done();
    dir.run(&["training", "certificate", "revoke", &number, "--reason", "error"]).ends(2);
    // The old list does not know it yet; the new one does; the other certificate still holds.
    check(path, &with).done();
    dir.run(&["training", "certificate", "status", "--out", "out/status.jwt"]).done();
    assert_eq!(check(path, &with).ends(1).json()["revoked"], "yes");
    check(certificate(&dir, &named).to_str().unwrap(), &with).done();
    // A list is a certificate of another kind, and the other way round.
    check("out/status.jwt", &["--key", "out/issuer.pem"]).ends(1);
    check(path, &["--key", "out/issuer.pem", "--status", path]).ends(1);
    dir.run(&["training", "status"]).done().says(&["1 valid, 0 expired, 1 revoked"]);
    dir.run(&["--lang", "zh", "training", "certificate", "page", "--out", "out"]).done();
    let page = fs::read_to_string(dir.at("out/verify.zh-CN.html")).unwrap();
    assert!(page.contains("script-src 'sha256-") && !page.contains("http://"), "one script, no address");
    dir.run(&["audit"]).done();
}

#[test]
fn the_page_says_what_the_program_says() {
    if std::process::Command::new("node").arg("--version").output().is_err() {
        eprintln!("SKIPPED: the_page_says_what_the_program_says: no node");
        return;
    }
    let dir = Dir::new();
    let id = session(&dir, "plant-staff", &today(&dir));
    dir.run(&["training", "session", "attend", &id, "甲", "乙", "丙"]).done();
    let issue = |name: &str| {
        dir.run(&["training", "certificate", "issue", &id, name, "--out", "out", "--format", "json"]).done()
    };
    let [good, back] = ["甲", "乙"].map(issue);
    let number = text(&back.json()["certificate"]["id"]);
    dir.run(&["training", "certificate", "revoke", &number, "--reason", "request"]).done();
    dir.run(&["training", "certificate", "page", "--out", "out"]).done();
    let page = fs::read_to_string(dir.at("out/verify.en.html")).unwrap();
    let script = page.split("<script>").nth(1).unwrap().split("</script>").next().unwrap();
    let script = dir.file("script.js", script);
    let (good, back) = (certificate(&dir, &good), certificate(&dir, &back));
    let jwt = fs::read_to_string(&good).unwrap();
    let at = jwt.len() - 30;
    let letter = if &jwt[at..=at] == "A" { "B" } else { "A" };
    let touched = dir.file("touched.jwt", format!("{}{letter}{}", &jwt[..at], &jwt[at + 1..]));
    let other = Dir::new();
    let id = session(&other, "plant-staff", &today(&other));
    other.run(&["training", "session", "attend", &id, "甲"]).done();
    let foreign = ["training", "certificate", "issue", &id, "甲", "--out", "out", "--format", "json"];
    let foreign = certificate(&other, &other.run(&foreign).done());
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/training/page.js");
    let mut node = std::process::Command::new("node");
    node.args([&page, &script, &good, &back, &touched, &foreign, &script]);
    let ran = crate::bench::run(&mut node).done();
    let want =
        "good not-revoked\nrevoked revoked\nbad-signature not-revoked\nother-key not-checked\nshape not-checked\n";
    assert_eq!(ran.out, want);
}

#[test]
fn whoever_is_forgotten_is_in_no_byte_of_the_home_and_the_count_stays() {
    let dir = Dir::new();
    let day = today(&dir);
    let id = session(&dir, "plant-staff", &day);
    let names: String = (0..300).map(|n| format!("某人{n},{n},甲厂,1390000{n:04}\n")).collect();
    dir.file("list.csv", format!("姓名,工号,单位,电话\n{names}{NAME},X1,秘密单位甲,13812345678\n"));
    dir.run(&["training", "session", "import", &id, "list.csv"]).done().says(&["301 counted"]);
    dir.run(&["training", "certificate", "issue", &id, NAME, "--out", "out", "--with-name"]).done();
    let secrets = [NAME, "秘密单位甲", "13812345678"];
    assert!(secrets.iter().all(|s| !holding(&dir.home(), s.as_bytes()).is_empty()), "the trial can find them");
    dir.run(&["training", "forget", NAME]).done().says(&["Forgotten"]);
    for secret in secrets {
        assert_eq!(holding(&dir.home(), secret.as_bytes()), Vec::<PathBuf>::new(), "{secret}");
        // As JSON and as UTF-16 too.
        let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(holding(&dir.home(), &wide), Vec::<PathBuf>::new(), "{secret}");
    }
    let status = dir.json(&["training", "status", "--format", "json"]);
    assert_eq!((&status["sums"]["person_times"], &status["sums"]["people"]), (&301.into(), &301.into()));
    dir.run(&["audit"]).done();
    dir.run(&["training", "session", "show", &id, "--names"]).done().says(&["某人299#299", "hmac-sha256-128:"]);
    // The old list in another session counts the person and brings no name back.
    let again = session(&dir, "officer", &day);
    let ran = dir.run(&["training", "session", "import", &again, "list.csv"]).done();
    ran.says(&["301 counted", "Of 1 people no name is kept"]);
    assert_eq!(holding(&dir.home(), NAME.as_bytes()), Vec::<PathBuf>::new());
    dir.run(&["training", "forget", NAME]).done().says(&["No name is kept"]);
}

#[test]
fn experts_are_called_only_where_nothing_ties_them() {
    const PLANT: &str = "91350100M000100Y43";
    let dir = Dir::new();
    let certify = |name: &str, more: &[&str]| {
        let start = ["expert", "certify", name, "--field", "工业控制", "--until", "2099-12-31", "--format", "json"];
        text(&dir.json(&[&start[..], more].concat())["expert"])
    };
    let li = certify("李娜", &["--contact", "0591-1234", "--out", "out"]);
    let wang = certify("王芳", &[]);
    let past = ["expert", "certify", "x", "--field", "a", "--until", "2020-01-01"];
    dir.run(&past).ends(2);
    dir.run(&["expert", "conflict", &wang, "91350100M000100Y44", "--kind", "contract"])
        .ends(2)
        .complains(&["check character"]);
    dir.run(&["expert", "conflict", &wang, PLANT, "--kind", "contract", "--since", "2026-01-01"]).done();
    let pool = dir.json(&["expert", "pool", "--enterprise", PLANT, "--format", "json"]);
    let places: Vec<(String, bool)> = pool["pool"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (text(&p["expert"]), p["may_be_called"].as_bool().unwrap()))
        .collect();
    assert_eq!(places, [(li.clone(), true), (wang.clone(), false)]);
    dir.run(&["expert", "pool", "--enterprise", PLANT]).done().says(&["0591-1234", "has a contract with it"]);
    dir.run(&["--lang", "zh", "expert", "pool", "--enterprise", PLANT]).done().says(&["与该企业有业务合同"]);
    dir.run(&["expert", "pool", "--enterprise", "91110000600037341L", "--format", "csv"]).done().says(&["yes"]);
    dir.run(&["expert", "pool", "--incident", "i-00000000"]).ends(2);
    // Revoking takes the certificate along.
    dir.run(&["expert", "revoke", &li, "--reason", "misconduct"]).done().says(&["revoked"]);
    dir.run(&["expert", "list"]).done().says(&["1 valid, 0 expired, 1 revoked"]);
    let certificates = dir.json(&["training", "certificate", "list", "--format", "json"]);
    assert_eq!(certificates["certificates"][0]["state"], "revoked");
    dir.run(&["expert", "renew", &li, "--until", "2100-01-01"]).ends(2);
    assert!(
        holding(&dir.home(), "李娜".as_bytes()).iter().all(|f| f
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .starts_with("private"))
    );
    // Names can be saved and come back, but for whom was forgotten since.
    let backup = |what: &str| dir.watchfire(&["training", what, "names.backup"]);
    let mut save = backup("backup");
    crate::bench::run(save.env("WATCHFIRE_NEW_PASSPHRASE", "correct horse")).done();
    dir.run(&["training", "forget", "李娜"]).done();
    dir.run(&["training", "forget", "王芳"]).done();
    let mut restore = backup("restore");
    crate::bench::run(restore.env("WATCHFIRE_PASSPHRASE", "correct horse")).done().says(&["0 people"]);
}
