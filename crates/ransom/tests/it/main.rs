//! The room from outside.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

#[test]
fn nothing_seen_is_calm() {
    let mut watch = ransom::Watch::new(ransom::Settings::default()).unwrap();
    let by = ransom::Actor { tree: Some(1), share: 1, process: 1, ..Default::default() };
    let file = ransom::File { id: 1, folder: 1, stem: 1, ext: "csv".to_owned(), bytes: 3 };
    let verdict = watch.take(&ransom::Event { at_ms: 0, by, what: ransom::What::Read { file } });
    assert_eq!((verdict.level, verdict.score), (ransom::Level::Calm, 0));
}
