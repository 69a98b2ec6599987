#![no_main]
//! Texts of a Windows bundle on the same foreign bytes: registry, manifest, tables, events, tasks, descriptors.
use inspect::windows::{decode, manifest, output, reg, sid, task_file, windows_command};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = (sid::sid(data), sid::allowed(data));
    let text = decode(data, Some(936));
    for head in ["", "Windows Registry Editor Version 5.00\r\n[HKEY_USERS\\a]\r\n", "HKEY_USERS\\a\r\n"] {
        let mut tree = reg::Export::default();
        tree.add(0, &format!("{head}{text}"));
        let _ = (tree.subkeys("HKEY_USERS"), tree.has("HKEY_USERS\\a"), tree.key("HKEY_USERS\\a").is_some());
    }
    let _ = (manifest::manifest(&format!("{}\n{text}", manifest::HEAD)), manifest::moment(&text));
    let _ = (output::csv_table(&text), output::netstat(&text), output::tasklist(&text), output::secedit(&text));
    let _ = (output::net_accounts(&text), output::leap_indicator(&text), output::wbadmin_newest(&text));
    let _ = (output::shadow_copies(&text), output::audit_policy(&text), output::saved_acls(&text), output::events(&text));
    let _ = (task_file(&text), windows_command(&text));
});
