#![no_main]
//! The catalogue that a plant keeps, CSV or XLSX: the mapping and the rows agree on what can be read.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let limits = attest::Limits { rows_max: 1000, file_bytes_max: 1 << 20, ..attest::Limits::default() };
    let given = [("level".to_owned(), "B".to_owned())];
    let terms = attest::Terms { levels: vec![("重要数据".to_owned(), "important".into())], categories: Vec::new() };
    for given in [&[][..], &given] {
        let mapping = attest::mapping(data, &limits, given);
        let rows = attest::catalogue(data, &limits, given, &terms);
        assert_eq!(mapping.is_ok(), rows.is_ok());
        assert!(rows.iter().flat_map(|r| &r.assets).all(|a| !a.carrier.path.as_str().is_empty()));
    }
});
