#![no_main]
//! Advisory data of every form: what is read makes a whole pack, what is refused leaves nothing.
use advise::import::{Importer, Limits};
use advise::pack::{Kind, Pack};
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut importer = Importer::new(Limits { rows_max: 10_000, ..Limits::default() });
    let fed = importer.feed("file", data);
    let read = importer.finish();
    if fed.is_err() {
        assert_eq!(read.advisories.len() + read.exploited.len() + read.likelihoods.len() + read.faults.len(), 0);
    }
    for kind in Kind::ALL {
        if let Ok(pack) = Pack::build("fuzz", "fuzz", kind, &read) {
            Pack::open(&pack).expect("just built").check().expect("whole");
        }
    }
});
