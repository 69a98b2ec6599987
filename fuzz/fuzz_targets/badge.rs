#![no_main]
//! Certificates and lists of revocation that anybody hands over; and keys in every form.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = proof::PublicKey::from_any(text);
    // Without a key the header says whose it is: so the payload of what the fuzzer cannot sign is reached by its seeds.
    let _ = proof::verify_badge(text, None);
    if let Ok(list) = proof::verify_status_list(text, None) {
        let _ = (list.revoked(0), list.revoked(u64::MAX), list.count());
    }
});
