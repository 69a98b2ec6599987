//! Crate `sigstore-verify` over our bundles. Usage: `outside-sigstore DIR`. One line a verdict.
use sigstore_verify::trust_root::TrustedRoot;
use sigstore_verify::types::{Bundle, DerPublicKey};
use sigstore_verify::{PublicKeyVerificationPolicy, verify};
use std::path::Path;

fn main() {
    let dir = std::env::args().nth(1).expect("a folder");
    let dir = Path::new(&dir);
    let text = |name: &str| std::fs::read_to_string(dir.join(name)).expect("material");
    let root = TrustedRoot::from_json(&text("trusted_root.json")).expect("trusted root");
    let key = DerPublicKey::from_pem(&text("evidence.pem")).expect("key");
    let policy = PublicKeyVerificationPolicy::new(key);
    let artifact = std::fs::read(dir.join("artifact")).expect("artifact");
    let judge = |json: &str, artifact: &[u8]| {
        let bundle = Bundle::from_json(json).map_err(|e| e.to_string())?;
        verify(artifact, &bundle, &policy, &root).map(|_| ()).map_err(|e| e.to_string())
    };
    let say = |name: &str, want: bool, got: Result<(), String>| {
        let verdict = match &got {
            Ok(()) => "accepted".to_owned(),
            Err(e) => format!("refused ({})", e.lines().next().unwrap_or_default()),
        };
        let right = if got.is_ok() == want { "ok" } else { "WRONG" };
        println!("{right} sigstore-verify {name}: {verdict}");
    };
    say("bundle.json", true, judge(&text("bundle.json"), &artifact));
    say("bundle.json with another artifact", false, judge(&text("bundle.json"), b"another"));
    let mut names: Vec<_> = std::fs::read_dir(dir.join("tampered")).expect("folder").flatten().collect();
    names.sort_by_key(std::fs::DirEntry::file_name);
    for entry in names {
        let name = entry.file_name().into_string().expect("a name");
        if name.starts_with("bundle-") {
            say(&name, false, judge(&text(&format!("tampered/{name}")), &artifact));
        }
    }
}
