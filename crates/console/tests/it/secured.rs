//! TLS, with certificates of our own making; asked by the client of `node` and by programs of others.

use crate::bed::{Face, Fake, Folder, Mood, dial, face, face_with, rest};
use console::{
    Config, ConsoleError, Event, Limits, Lost, PemFault, Plain, TlsFiles, make_certificate, write_certificate,
};
use evidence::Time;
use node::{Calling, LineFault, NodeError, http_line, http_line_with};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use stdx::Stop;

/// Two files of a certificate.
#[derive(Clone)]
struct Pair {
    certificate: PathBuf,
    key: PathBuf,
}

/// A certificate for `name` that begins to hold so many days from now.
fn pair(folder: &Folder, file: &str, name: &str, from_days: i64) -> Pair {
    let pair = Pair { certificate: folder.path(&format!("{file}.pem")), key: folder.path(&format!("{file}.key")) };
    let when = node::now().plus_minutes(from_days * 24 * 60).unwrap();
    let made = make_certificate(&[name.to_owned(), "localhost".to_owned()], 30, when).unwrap();
    write_certificate(&made, &pair.certificate, &pair.key).unwrap();
    pair
}

fn secured(pair: &Pair, client_ca: Option<&Path>) -> Face {
    let tls = TlsFiles {
        certificate: pair.certificate.clone(),
        key: pair.key.clone(),
        client_ca: client_ca.map(Path::to_owned),
    };
    face_with(Config { tls: Some(tls), ..Config::default() }, Fake::new(Mood::Well))
}

fn ask(face: &Face, calling: &Calling) -> Result<String, LineFault> {
    let line = http_line_with(&format!("https://{}", face.address), calling).unwrap();
    line.post("/v1/packages", b"{}").map(|a| String::from_utf8(a).unwrap())
}
fn trusting(ca: &Path) -> Calling {
    Calling { ca: Some(ca.to_owned()), connect_within: Duration::from_secs(20), ..Calling::default() }
}
fn unreachable(why: &str) -> Result<String, LineFault> {
    Err(LineFault::Unreachable(why.to_owned()))
}

#[test]
fn a_pinned_certificate_is_trusted_and_no_other() {
    let folder = Folder::new();
    let ours = pair(&folder, "ours", "127.0.0.1", 0);
    let face = secured(&ours, None);
    assert_eq!(ask(&face, &trusting(&ours.certificate)), Ok("took {}".to_owned()));
    let theirs = pair(&folder, "theirs", "127.0.0.1", 0);
    assert_eq!(ask(&face, &trusting(&theirs.certificate)), unreachable("certificate-not-trusted"));
    assert_eq!(ask(&face, &Calling::default()), unreachable("certificate-not-trusted"), "the system does not know it");
    face.told(|e| matches!(e, Event::Lost { why: Lost::Handshake, .. }));
    // What is said in the log and on the screen is what people compare.
    let print = face.ready.fingerprint.clone().unwrap();
    assert_eq!(print.len(), 64);
    let sum = Command::new("openssl")
        .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
        .arg(&ours.certificate)
        .output();
    match sum {
        Err(_) => println!("SKIPPED: fingerprint against openssl: no openssl here"),
        Ok(out) => {
            let said = String::from_utf8(out.stdout).unwrap();
            assert_eq!(said.trim().split_once('=').unwrap().1.replace(':', "").to_lowercase(), print);
        }
    }
}

#[test]
fn expired_future_and_misnamed_certificates_are_refused_by_name() {
    let folder = Folder::new();
    for (file, name, from_days, why) in [
        ("expired", "127.0.0.1", -40, "certificate-expired"),
        ("future", "127.0.0.1", 40, "certificate-not-yet"),
        ("other", "parent.example", 0, "certificate-other-name"),
    ] {
        let pair = pair(&folder, file, name, from_days);
        let face = secured(&pair, None);
        assert_eq!(ask(&face, &trusting(&pair.certificate)), unreachable(why), "{file}");
        assert!(face.desk.seen.0.lock().unwrap().bodies.is_empty(), "nothing was said to it");
    }
}

#[test]
fn who_must_show_a_certificate_and_does_not_stays_outside() {
    let folder = Folder::new();
    let [parent, child, stranger] = ["parent", "child", "stranger"].map(|n| pair(&folder, n, "127.0.0.1", 0));
    let face = secured(&parent, Some(&child.certificate));
    assert!(face.ready.client_certificates);
    let with =
        |p: &Pair| Calling { client: Some((p.certificate.clone(), p.key.clone())), ..trusting(&parent.certificate) };
    assert_eq!(ask(&face, &with(&child)), Ok("took {}".to_owned()));
    // In TLS 1.3 the client has sent its request by the time it hears of it, and may hear of a reset first.
    let outside = |asked: Result<String, LineFault>, why: &str| {
        assert!(asked == unreachable(why) || asked == unreachable("broken-off"), "{asked:?}");
    };
    outside(ask(&face, &trusting(&parent.certificate)), "client-certificate-asked");
    outside(ask(&face, &with(&stranger)), "client-certificate-refused");
    assert_eq!(face.desk.seen.0.lock().unwrap().bodies.len(), 1, "only the child's package came through");
}

#[test]
fn plain_and_secured_do_not_mix() {
    let folder = Folder::new();
    let ours = pair(&folder, "ours", "127.0.0.1", 0);
    let face = secured(&ours, None);
    let plain = http_line(&format!("http://{}", face.address), None).unwrap();
    assert!(matches!(plain.post("/v1/packages", b"{}"), Err(LineFault::Unreachable(_))));
    assert!(!face.raw(b"GET /v1/alive HTTP/1.1\r\n\r\n").contains("200"));
    let open = crate::bed::face(|_| {});
    assert_eq!(ask(&open, &trusting(&ours.certificate)), unreachable("no-tls"));
}

#[test]
fn a_handshake_that_never_comes_ends() {
    let folder = Folder::new();
    let ours = pair(&folder, "ours", "127.0.0.1", 0);
    let tls = TlsFiles { certificate: ours.certificate.clone(), key: ours.key, client_ca: None };
    let limits = Limits { handshake_within: Duration::from_secs(2), ..Limits::default() };
    let face = face_with(Config { tls: Some(tls), limits, ..Config::default() }, Fake::new(Mood::Well));
    let mut stream = dial(face.address);
    stream.write_all(&[22, 3, 1]).unwrap();
    assert_eq!(rest(&mut stream), "");
    face.told(|e| matches!(e, Event::Lost { why: Lost::HandshakeSlow, .. }));
    assert_eq!(ask(&face, &trusting(&ours.certificate)), Ok("took {}".to_owned()));
}

#[test]
fn programs_of_others_agree() {
    let folder = Folder::new();
    let ours = pair(&folder, "ours", "127.0.0.1", 0);
    let face = secured(&ours, None);
    let url = format!("https://{}/v1/packages", face.address);
    let python = "import ssl,sys,urllib.request as u\nc=ssl.create_default_context(cafile=sys.argv[1])\nr=u.Request(sys.argv[2],b'{}',{'Content-Type':'application/json'})\nprint(u.urlopen(r,context=c,timeout=20).read().decode(),end='')";
    let run = |program: &str, args: &[&str]| {
        let out = Command::new(program)
            .args(args)
            .arg(&ours.certificate)
            .arg(&url)
            .env_remove("HTTPS_PROXY")
            .env_remove("https_proxy")
            .output();
        match out {
            Err(_) => println!("SKIPPED: TLS by {program}: not here"),
            Ok(out) => assert_eq!(
                String::from_utf8_lossy(&out.stdout),
                "took {}",
                "{program}: {}",
                String::from_utf8_lossy(&out.stderr)
            ),
        }
    };
    run("python3", &["-c", python]);
    run(
        "curl",
        &["--silent", "--show-error", "--noproxy", "*", "-H", "Content-Type: application/json", "-d", "{}", "--cacert"],
    );
}

#[test]
fn files_that_cannot_be_used_are_refused_at_the_start() {
    let folder = Folder::new();
    let (ours, other) = (pair(&folder, "ours", "127.0.0.1", 0), pair(&folder, "other", "127.0.0.1", 0));
    assert_eq!(std::fs::metadata(&ours.key).unwrap().mode() & 0o777, 0o600, "the key is its owner's");
    let start = |certificate: &Path, key: &Path, client_ca: Option<&Path>| {
        let tls = TlsFiles { certificate: certificate.into(), key: key.into(), client_ca: client_ca.map(Into::into) };
        let config = Config { listen: "127.0.0.1:0".parse().unwrap(), tls: Some(tls), ..Config::default() };
        let stop = Stop::new();
        stop.request();
        match console::serve(config, Fake::new(Mood::Well), None, &stop) {
            Err(ConsoleError::Pem(path, fault)) => {
                Some((path.file_name().unwrap().to_str().unwrap().to_owned(), fault))
            }
            Err(ConsoleError::File(..)) => None,
            other => panic!("{other:?}"),
        }
    };
    let fault = |name: &str, fault| Some((name.to_owned(), fault));
    assert_eq!(start(&ours.certificate, &other.key, None), fault("other.key", PemFault::OtherKey));
    assert_eq!(start(&ours.key, &ours.key, None), fault("ours.key", PemFault::NoCertificate));
    assert_eq!(start(&ours.certificate, &folder.path("missing"), None), None);
    assert_eq!(start(&ours.certificate, &ours.key, Some(&ours.key)), fault("ours.key", PemFault::NoCertificate));
    let copy = folder.path("copy.pem");
    for (bytes, wrong) in [
        (Vec::new(), PemFault::NoCertificate),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec(), PemFault::Unusable),
        (b"-----BEGIN CERTIFICATE-----\n***\n-----END CERTIFICATE-----\n".to_vec(), PemFault::Unusable),
        (vec![b'x'; (1 << 20) + 1], PemFault::TooLarge),
    ] {
        std::fs::write(&copy, bytes).unwrap();
        assert_eq!(start(&copy, &ours.key, None), fault("copy.pem", wrong));
    }
    let loose = folder.path("loose.key");
    std::fs::copy(&ours.key, &loose).unwrap();
    std::fs::set_permissions(&loose, std::fs::Permissions::from_mode(0o604)).unwrap();
    assert_eq!(start(&ours.certificate, &loose, None), fault("loose.key", PemFault::Loose));
    // What is there already is nobody's to overwrite.
    let made = make_certificate(&["a".to_owned()], 1, Time::from_secs(1_790_000_000)).unwrap();
    assert!(matches!(write_certificate(&made, &folder.path("new.pem"), &ours.key), Err(ConsoleError::File(..))));
    assert!(!folder.path("new.pem").exists());
}

#[test]
fn plain_http_leaves_this_machine_only_by_name() {
    let serve = |listen: &str, plain| {
        let stop = Stop::new();
        stop.request();
        let config = Config { listen: listen.parse().unwrap(), plain, ..Config::default() };
        console::serve(config, Fake::new(Mood::Well), None, &stop)
    };
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        assert!(matches!(serve(address, Plain::Loopback), Err(ConsoleError::PlainHttp(_))), "{address}");
    }
    serve("0.0.0.0:0", Plain::Anywhere).unwrap();
    serve("127.0.0.1:0", Plain::Loopback).unwrap();
    assert!(
        matches!(serve("192.0.2.1:0", Plain::Anywhere), Err(ConsoleError::Listen(..))),
        "an address that is not ours"
    );
    let face = face(|_| {});
    let taken = serve(&face.address.to_string(), Plain::Loopback);
    assert_eq!(taken.unwrap_err().say().key, "error.serve-in-use");
}

#[test]
fn what_the_client_is_told_to_trust_must_be_there() {
    let folder = Folder::new();
    let ours = pair(&folder, "ours", "127.0.0.1", 0);
    let missing = http_line("https://127.0.0.1", Some(&folder.path("missing")));
    assert!(matches!(missing, Err(NodeError::Io(..))));
    let key = |e: Result<_, NodeError>| e.err().unwrap().say().key;
    assert_eq!(key(http_line("https://127.0.0.1", Some(&ours.key)).map(drop)), "error.line-pem");
    let calling = Calling { client: Some((ours.certificate.clone(), ours.certificate.clone())), ..Calling::default() };
    assert_eq!(key(http_line_with("https://127.0.0.1", &calling).map(drop)), "error.line-pem");
}
