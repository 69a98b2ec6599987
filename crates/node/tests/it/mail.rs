//! Mail against a server of ours.

use crate::bed::{Bed, TEXT, around};
use crate::fakes::{Mail, certificate, mail_server, serve};
use evidence::NoticeState;
use std::io::Write as _;
use std::process::{Command, Stdio};

fn channel(port: u16, more: &str) -> String {
    format!("kind = \"smtp\"\nserver = \"127.0.0.1\"\nport = {port}\nfrom = \"watch@plant.example\"\n{more}")
}
fn bed(port: u16, more: &str) -> Bed {
    let bed = Bed::new();
    bed.file("pass", "CANARY-PASS\n", 0o600);
    bed.file("notify.toml", &around(&channel(port, more), "li@plant.example"), 0o600);
    bed
}

/// What another reader of mail makes of it: Python's.
fn read_mail(raw: &str) -> (String, String) {
    let script = "import sys,email,email.policy\n\
        m=email.message_from_bytes(sys.stdin.buffer.read(),policy=email.policy.default)\n\
        sys.stdout.reconfigure(encoding='utf-8')\n\
        print(m['subject']); print(m.get_content().strip())";
    let mut child =
        Command::new("python3").args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(raw.as_bytes()).unwrap();
    let out = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    let (subject, body) = out.split_once('\n').unwrap();
    (subject.to_owned(), body.trim().to_owned())
}

#[test]
fn a_mail_says_number_colour_and_deadline_alone() {
    let (port, got) = mail_server(Mail::plain());
    let notice = bed(port, "tls = \"none\"\nuser = \"watch\"\nsecret_file = \"pass\"").one();
    assert_eq!((notice.state, notice.proof.as_str()), (NoticeState::Delivered, "250 2.0.0 Ok: queued as 4F2A"));
    let got = got.lock().unwrap();
    // base64 of NUL watch NUL CANARY-PASS, by coreutils.
    assert!(got.contains(&"AUTH PLAIN AHdhdGNoAENBTkFSWS1QQVNT".to_owned()), "{got:?}");
    assert!(got.contains(&"RCPT TO:<li@plant.example>".to_owned()), "{got:?}");
    let from = got.iter().position(|l| l == "DATA").unwrap();
    let raw = got[from + 1..].iter().take_while(|l| *l != ".").map(|l| format!("{l}\r\n")).collect::<String>();
    assert_eq!(read_mail(&raw), (TEXT.to_owned(), TEXT.to_owned()));
    assert!(!raw.contains("CANARY"), "{raw}");
}

#[test]
fn a_refusal_for_good_is_not_tried_again_and_one_for_now_is() {
    let refused = Mail { recipient: "550 5.1.1 <li@plant.example>: no such user", ..Mail::plain() };
    let notice = bed(mail_server(refused).0, "tls = \"none\"").one();
    assert_eq!((notice.state, notice.proof.as_str()), (NoticeState::GivenUp, "550 5.1.1 <***>: no such user"));
    let busy = Mail { recipient: "421 4.3.2 try later", ..Mail::plain() };
    let notice = bed(mail_server(busy).0, "tls = \"none\"").one();
    assert_eq!((notice.state, notice.proof.as_str()), (NoticeState::Failed, "421 4.3.2 try later"));
}

#[test]
fn tls_is_asked_for_and_certificates_are_checked() {
    let (pem, config) = certificate();
    for implicit in [true, false] {
        let (port, got) = mail_server(Mail { tls: Some(config.clone()), implicit, ..Mail::plain() });
        let tls = if implicit { "tls = \"tls\"" } else { "tls = \"starttls\"" };
        let trusting = bed(port, &format!("{tls}\nca_file = \"ca.pem\"\nuser = \"watch\"\nsecret_file = \"pass\""));
        trusting.file("ca.pem", &pem, 0o644);
        assert_eq!(trusting.one().state, NoticeState::Delivered, "implicit: {implicit}");
        let plain: Vec<String> = got.lock().unwrap().iter().filter(|l| l.starts_with("plain")).cloned().collect();
        assert!(plain.iter().all(|l| l.starts_with("plain EHLO") || l == "plain STARTTLS"), "{plain:?}");

        let strange = bed(port, tls).one();
        assert_eq!((strange.state, strange.proof.as_str()), (NoticeState::GivenUp, "certificate not trusted"));
    }
    // A server without STARTTLS gets nothing.
    let (port, got) = mail_server(Mail::plain());
    let notice = bed(port, "user = \"watch\"\nsecret_file = \"pass\"").one();
    assert_eq!((notice.state, notice.proof.as_str()), (NoticeState::GivenUp, "no STARTTLS"));
    assert!(got.lock().unwrap().iter().all(|l| l.starts_with("EHLO")));
    // Somebody in between who slips an answer in before TLS.
    let (port, _) = mail_server(Mail { tls: Some(config), injected: true, ..Mail::plain() });
    assert_eq!(bed(port, "").one().proof, "plain text after STARTTLS");
}

#[test]
fn silence_and_garbage_end_in_time() {
    let (port, _) = serve(|stream, _| {
        std::thread::sleep(std::time::Duration::from_secs(10));
        drop(stream);
    });
    let notice = bed(port, "tls = \"none\"\ntimeout_seconds = 1").one();
    assert_eq!((notice.state, notice.proof.as_str()), (NoticeState::Failed, "time limit"));
    let (port, _) = serve(|mut stream, _| while stream.write_all(&[b'x'; 4096]).is_ok() {});
    let notice = bed(port, "tls = \"none\"").one();
    assert_eq!((notice.state, notice.proof.as_str()), (NoticeState::Failed, "no sensible answer"));
    let (port, _) = serve(|stream, _| drop(stream));
    assert_eq!(bed(port, "tls = \"none\"").one().state, NoticeState::Failed);
}

/// Some servers say a refused line back, and the line that logs in holds the secret.
#[test]
fn a_server_that_echoes_the_login_puts_no_secret_into_the_log() {
    let (port, _) = mail_server(Mail { echoes: true, ..Mail::plain() });
    let bed = bed(port, "tls = \"none\"\nuser = \"watch\"\nsecret_file = \"pass\"");
    let notice = bed.one();
    assert_eq!(notice.proof, "login refused: 500");
    let kept = format!("{:?}", bed.node.notices().unwrap());
    // base64 of NUL watch NUL CANARY-PASS, by coreutils.
    assert!(!kept.contains("CANARY") && !kept.contains("AHdhdGNoAENBTkFSWS1QQVNT"), "{kept}");
}
