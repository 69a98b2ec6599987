//! No planted value leaves the machine's files: not into a report, the evidence, the log, the spool, nor the screen.

use crate::bench::{Dir, HASH, files, host};
use std::fs;
use testing::plant::{CLASSES, Rng};

/// The parts of a value that must appear nowhere. A key is told by each line of its body.
fn parts(class: &str, value: &str) -> Vec<String> {
    if class == "private-key" {
        return value.lines().filter(|l| !l.starts_with("-----")).map(str::to_owned).collect();
    }
    vec![value.to_owned()]
}

#[test]
fn planted_values_appear_in_no_output() {
    let dir = Dir::new();
    host(&dir);
    let mut rng = Rng::new(11);
    let mut secrets = vec![HASH.to_owned()];
    for (class, make, [chinese, english]) in CLASSES {
        let mut rows = String::new();
        for n in 0..3 {
            let value = make(&mut rng);
            rows.push_str(&format!("{}{value}\n", if n == 0 { chinese } else { english }));
            secrets.extend(parts(class, &value));
        }
        dir.file(&format!("data/{}.txt", class.replace('.', "-")), &rows);
        dir.file(&format!("data/{}.txt.gz", class.replace('.', "-")), testing::plant::gzip(rows.as_bytes()).unwrap());
    }
    let person = "欧阳明月";
    secrets.push(person.to_owned());
    dir.file("scope.csv", format!("kind,id,label\nperson,{person},\nperson,{person},twice\nhost,plant-7,\n"));
    // What names a file can itself be a value.
    let named = (CLASSES[0].1)(&mut rng);
    secrets.push(named.clone());
    dir.file(&format!("data/{named}.txt"), "nothing inside");

    let mut said = String::new();
    let verbs: [&[&str]; 7] = [
        &["scope", "import", "scope.csv"],
        &["examine", "data", "--root", "host", "--out", "report", "--format", "html,json"],
        &["examine", "data", "--root", "host", "--format", "json"],
        &["examine", "data", "--root", "host", "--lang", "zh", "--out", "zh", "--format", "html"],
        &["audit"],
        &["scope", "show"],
        &["verify", "report/evidence.json"],
    ];
    for verb in verbs {
        let ran = dir.run(verb).done();
        said += &ran.out;
        said += &ran.err;
    }
    let mut outputs = vec![("the screen".to_owned(), said.into_bytes())];
    for folder in ["home", "report", "zh"] {
        for path in files(&dir.at(folder)) {
            outputs.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    assert!(outputs.len() > 6, "log, cache, keys and reports were looked through");
    let found = outputs[0].1.windows(b"resident identity number".len()).any(|w| w == b"resident identity number");
    assert!(found, "the values were seen, so silence about them means something");
    for (name, bytes) in &outputs {
        for secret in &secrets {
            let secret = secret.as_bytes();
            let leak = bytes.windows(secret.len()).position(|w| w == secret);
            assert_eq!(leak, None, "a planted value of {} bytes is in {name}", secret.len());
        }
    }
}
