//! Servers of ours on this machine: they answer as they are told and remember what came.

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What came, in order.
pub(crate) type Got = Arc<Mutex<Vec<String>>>;

pub(crate) trait Wire: Read + Write {}
impl<T: Read + Write> Wire for T {}

/// A server on a port of its own; every connection is handled in a thread.
pub(crate) fn serve(handle: impl Fn(TcpStream, &Got) + Send + Sync + 'static) -> (u16, Got) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let got = Got::default();
    let (kept, handle) = (Arc::clone(&got), Arc::new(handle));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
            let (got, handle) = (Arc::clone(&kept), Arc::clone(&handle));
            std::thread::spawn(move || handle(stream, &got));
        }
    });
    (port, got)
}

/// A certificate for this machine, in PEM, and a server's side of it.
pub(crate) fn certificate() -> (String, Arc<ServerConfig>) {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = builder.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    (made.cert.pem(), Arc::new(config))
}

pub(crate) fn secured(config: &Arc<ServerConfig>, stream: TcpStream) -> StreamOwned<ServerConnection, TcpStream> {
    StreamOwned::new(ServerConnection::new(Arc::clone(config)).unwrap(), stream)
}

/// Reads one request and answers; what came is kept as text.
pub(crate) fn http(mut stream: impl Wire, got: &Got, answer: &str) {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length:").map(str::to_owned));
            if body.len() >= length.map_or(0, |l| l.trim().parse().unwrap()) {
                break;
            }
        }
        match stream.read(&mut piece) {
            Ok(n @ 1..) => bytes.extend_from_slice(&piece[..n]),
            _ => return,
        }
    }
    got.lock().unwrap().push(String::from_utf8(bytes).unwrap());
    let _ = stream.write_all(answer.as_bytes());
    let _ = stream.flush();
}

/// An answer with a status and a body.
pub(crate) fn answer(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

/// A plain server that always answers so.
pub(crate) fn http_server(answer: impl Into<String>) -> (u16, Got) {
    let answer = answer.into();
    serve(move |stream, got| http(stream, got, &answer))
}

/// How a mail server of ours behaves.
#[derive(Clone)]
pub(crate) struct Mail {
    pub(crate) tls: Option<Arc<ServerConfig>>,
    /// TLS from the first byte.
    pub(crate) implicit: bool,
    /// Answers to `RCPT`, and to the end of the data.
    pub(crate) recipient: &'static str,
    pub(crate) taken: &'static str,
    /// Something in plain behind the answer to STARTTLS.
    pub(crate) injected: bool,
    /// Refuses to log anybody in, and says the line back, as some servers do.
    pub(crate) echoes: bool,
}
impl Mail {
    pub(crate) fn plain() -> Self {
        let taken = "250 2.0.0 Ok: queued as 4F2A";
        Self { tls: None, implicit: false, recipient: "250 ok", taken, injected: false, echoes: false }
    }
}

pub(crate) fn mail_server(mail: Mail) -> (u16, Got) {
    serve(move |mut stream, got| {
        let offers = if mail.tls.is_some() { "250-fake\r\n250 STARTTLS\r\n" } else { "250-fake\r\n250 AUTH PLAIN\r\n" };
        match &mail.tls {
            Some(tls) if mail.implicit => session(secured(tls, stream), got, &mail, true),
            Some(tls) => {
                let _ = stream.write_all(b"220 fake\r\n");
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut line = String::new();
                while reader.read_line(&mut line).is_ok_and(|n| n > 0) {
                    got.lock().unwrap().push(format!("plain {}", line.trim_end()));
                    if line.starts_with("STARTTLS") {
                        let extra = if mail.injected { "250 injected\r\n" } else { "" };
                        let _ = stream.write_all(format!("220 go on\r\n{extra}").as_bytes());
                        return session(secured(tls, stream), got, &mail, false);
                    }
                    let _ = stream.write_all(offers.as_bytes());
                    line.clear();
                }
            }
            None => session(stream, got, &mail, true),
        }
    })
}

fn session(stream: impl Wire, got: &Got, mail: &Mail, greet: bool) {
    let mut stream = BufReader::new(stream);
    let say = |s: &mut BufReader<_>, line: &str| {
        let s: &mut BufReader<_> = s;
        let _ = Write::write_all(s.get_mut(), format!("{line}\r\n").as_bytes());
        let _ = Write::flush(s.get_mut());
    };
    if greet {
        say(&mut stream, "220 fake");
    }
    let mut data = false;
    loop {
        let mut line = String::new();
        if !stream.read_line(&mut line).is_ok_and(|n| n > 0) {
            return;
        }
        let line = line.trim_end();
        got.lock().unwrap().push(line.to_owned());
        if data {
            if line == "." {
                data = false;
                say(&mut stream, mail.taken);
            }
            continue;
        }
        let verb = line.split([' ', ':']).next().unwrap_or_default();
        match verb {
            "EHLO" => say(&mut stream, "250-fake\r\n250 AUTH LOGIN PLAIN"),
            "AUTH" if mail.echoes => say(&mut stream, &format!("500 5.5.1 Command unrecognized: \"{line}\"")),
            "AUTH" => say(&mut stream, "235 welcome"),
            "RCPT" => say(&mut stream, mail.recipient),
            "DATA" => {
                data = true;
                say(&mut stream, "354 go on");
            }
            "QUIT" => return say(&mut stream, "221 bye"),
            _ => say(&mut stream, "250 ok"),
        }
    }
}
