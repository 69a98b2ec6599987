#![no_main]
//! Every reader of lock files and installed libraries, on the same foreign bytes, and jars.
use inspect::parse::*;
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let text = &*String::from_utf8_lossy(data);
    let _ = (requirements(text), cargo_lock(text), python_toml_lock(text), yarn_lock(text), pnpm_lock(text));
    let _ = (gem_lock(text), gradle_lock(text), go_sum(text), go_mod(text), gemspec_name(text));
    let _ = (pipfile_lock(text), npm_lock(text), composer_lock(text), nuget_lock(text), deps_json(text));
    let _ = (python_metadata(text), node_package(text), apk_files(text), conffiles(text), path_rules(text));
    let _ = (pacman_mtree(text), pacman_backup(text));
    let _ = (md5sums(data).count(), diversions(text), file_capabilities(data));
    let _ = jar_libraries("a-1.jar", &mut in_memory(data), data.len() as u64);
});
