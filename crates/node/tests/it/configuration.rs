//! What is wrong with a configuration is named with its line and key; a secret that others can read is refused.

use crate::bed::{Bed, around};
use node::NodeError;
use node::notify::config;

/// The first fault: key of the sentence, line, key of the file.
fn fault(bed: &Bed, text: &str) -> (String, usize, String) {
    bed.file("notify.toml", text, 0o600);
    match config(&bed.home) {
        Err(NodeError::Notify { line, say, .. }) => {
            (say.key.clone(), line, say.with.get("key").cloned().unwrap_or_default())
        }
        other => panic!("{other:?} of\n{text}"),
    }
}

#[test]
fn faults_have_their_place() {
    let bed = Bed::new();
    bed.file("loose", "CANARY", 0o640);
    bed.file("tight", "CANARY", 0o600);
    let hook = "[[channel]]\nid = \"a\"\nkind = \"webhook\"\nurl = \"https://h.example/\"\n";
    let mail = "[[channel]]\nid = \"a\"\nkind = \"smtp\"\nserver = \"mail.example\"\nfrom = \"a@b.example\"\n";
    let cases = [
        ("a = [".to_owned(), "notify-syntax", 1, ""),
        ("colour = 1\n".to_owned(), "notify-unknown", 1, "colour"),
        ("lang = \"fr\"\n".to_owned(), "notify-value", 1, "lang"),
        ("\nzone = \"Nowhere/None\"\n".to_owned(), "notify-value", 2, "zone"),
        (hook.to_owned(), "notify-missing", 1, "secret_file"),
        (format!("{hook}secret_file = \"loose\"\n"), "notify-loose", 5, "secret_file"),
        (format!("{hook}secret_file = \"none\"\n"), "notify-secret", 5, "secret_file"),
        (format!("{hook}secret_env = \"WATCHFIRE_TEST_NONE\"\n"), "notify-secret", 5, "secret_env"),
        (format!("{hook}secret_file = \"tight\"\ntimeout_seconds = 0\n"), "notify-value", 6, "timeout_seconds"),
        (format!("{hook}secret_file = \"tight\"\nport = 1\n"), "notify-unknown", 6, "port"),
        (format!("{hook}secret_file = \"tight\"\n{hook}secret_file = \"tight\"\n"), "notify-twice", 7, "id"),
        (hook.replace("https", "http") + "secret_file = \"tight\"\n", "notify-plain", 4, "url"),
        (hook.replace("h.example", "h{token}.example") + "secret_file = \"tight\"\n", "notify-value", 4, "url"),
        (hook.replace("h.example", "a@h.example") + "secret_file = \"tight\"\n", "notify-value", 4, "url"),
        (format!("{mail}tls = \"none\"\n"), "notify-plain", 6, "tls"),
        (format!("{mail}user = \"u\"\n"), "notify-missing", 1, "secret_file"),
        (
            format!("{mail}tls = \"none\"\ninsecure = true\nuser = \"u\"\nsecret_file = \"tight\"\n"),
            "notify-plain",
            8,
            "user",
        ),
        (mail.replace("a@b.example", "a@b.example>\\r\\nRCPT TO:<x@y"), "notify-value", 5, "from"),
        (around("kind = \"template\"\ntemplate = \"dingtalk\"", ""), "notify-missing", 3, "secret_file"),
        (around("kind = \"template\"\ntemplate = \"pigeon\"", ""), "notify-value", 6, "template"),
        (around("kind = \"command\"\nprogram = \"notify.sh\"", ""), "notify-value", 6, "program"),
        (
            around("kind = \"syslog\"\ntransport = \"unix\"", "").replace("person = \"li\"", "person = \"wu\""),
            "notify-nobody",
            14,
            "person",
        ),
        (
            around("kind = \"syslog\"\ntransport = \"unix\"", "").replace("channel = \"way\"", "channel = \"no\""),
            "notify-nobody",
            10,
            "channel",
        ),
        (
            around("kind = \"syslog\"\ntransport = \"unix\"", "") + "after_minutes = -1\n",
            "notify-value",
            19,
            "after_minutes",
        ),
        (around(&mail.replace("[[channel]]\nid = \"a\"\n", ""), "li@x> NOTIFY=NEVER"), "notify-value", 12, "address"),
    ];
    for (text, kind, line, key) in cases {
        assert_eq!(fault(&bed, &text), (format!("error.{kind}"), line, key.to_owned()), "{text}");
    }
    bed.file("notify.toml", &(hook.replace("https", "http") + "secret_file = \"tight\"\ninsecure = true\n"), 0o600);
    let allowed = config(&bed.home).unwrap();
    assert_eq!(allowed.remarks.len(), 1, "what is allowed is still said");
    assert!(!format!("{allowed:?}").contains("CANARY"), "a secret has no form that can be printed");
    std::fs::remove_file(bed.home.join("notify.toml")).unwrap();
    assert!(matches!(config(&bed.home), Err(NodeError::NotifyMissing(_))));
}

/// Whatever stands in the file: an answer, never a panic.
#[test]
fn a_torn_configuration_is_refused() {
    let bed = Bed::new();
    bed.file("tight", "x", 0o600);
    let whole = around("kind = \"webhook\"\nurl = \"https://h.example/\"\nsecret_file = \"tight\"", "x");
    for cut in (0..whole.len()).step_by(7) {
        bed.file("notify.toml", &whole[..cut], 0o600);
        let _ = config(&bed.home);
        bed.file("notify.toml", &whole[cut..], 0o600);
        let _ = config(&bed.home);
    }
    bed.file("notify.toml", &"[".repeat(100_000), 0o600);
    assert!(config(&bed.home).is_err());
}
