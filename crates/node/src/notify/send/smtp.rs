//! SMTP (RFC 5321), as much as a notice needs: one recipient, one short text, TLS before anything is said that matters.
//! Of our own because lettre brings `url` with all of ICU, 60 crates, for what 200 lines do (decision 2).

use super::wire::{Timed, why};
use super::{Job, Outcome, PROOF_CHARS_MAX, Until, tls};
use crate::notify::config::{MailTls, Smtp};
use crate::notify::secret::{Secret, clean};
use data_encoding::BASE64;
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};
use std::io::{Error, ErrorKind, Read, Write};

/// Longest line of a reply, in bytes.
const LINE_BYTES_MAX: usize = 2048;
/// Most lines of a reply.
const LINES_MAX: usize = 128;

/// Anything that a session runs over.
trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

/// A reply: its code, its lines.
struct Reply {
    code: u16,
    lines: Vec<String>,
}
impl Reply {
    fn text(&self) -> String {
        format!("{} {}", self.code, self.lines.last().map_or("", String::as_str))
    }
    fn offers(&self, word: &str) -> bool {
        self.lines.iter().any(|l| l.eq_ignore_ascii_case(word))
    }
    /// The ways of authenticating on offer.
    fn auth(&self, way: &str) -> bool {
        let rest = |l: &String| l.get(..5).filter(|p| p.eq_ignore_ascii_case("AUTH ")).map(|_| l[5..].to_owned());
        self.lines.iter().filter_map(rest).any(|l| l.split_whitespace().any(|w| w.eq_ignore_ascii_case(way)))
    }
}

/// Why a session ended early.
enum End {
    /// The server refused to log us in, with this code.
    Login(u16),
    Lost(Error),
    Said(Reply),
    Refused(&'static str),
}
impl From<Error> for End {
    fn from(e: Error) -> Self {
        Self::Lost(e)
    }
}

struct Session<S: Stream> {
    stream: S,
    buffer: Vec<u8>,
}

pub(super) fn send(s: &Smtp, job: &Job, until: Until) -> Outcome {
    let secret = s.login.as_ref().map_or("", |l| l.1.reveal());
    let hide = [secret, job.address.as_str()];
    match deliver(s, job, until) {
        Ok(reply) => Outcome::Delivered(clean(&reply.text(), &hide, PROOF_CHARS_MAX)),
        Err(End::Said(r)) => {
            let proof = clean(&r.text(), &hide, PROOF_CHARS_MAX);
            if (500..=599).contains(&r.code) { Outcome::Refused(proof) } else { Outcome::Again(proof) }
        }
        Err(End::Login(code)) if (500..=599).contains(&code) => Outcome::Refused(format!("login refused: {code}")),
        Err(End::Login(code)) => Outcome::Again(format!("login refused: {code}")),
        Err(End::Refused(why)) => Outcome::Refused(why.to_owned()),
        Err(End::Lost(e)) if tls::is_untrusted(&e) => Outcome::Refused("certificate not trusted".to_owned()),
        Err(End::Lost(e)) if e.kind() == ErrorKind::InvalidData => Outcome::Again("no sensible answer".to_owned()),
        Err(End::Lost(e)) => Outcome::Again(why(&e).to_owned()),
    }
}

fn deliver(s: &Smtp, job: &Job, until: Until) -> Result<Reply, End> {
    let plain = Timed::connect(&s.server, s.port, until)?;
    match s.tls {
        MailTls::Tls => {
            let mut session = Session { stream: secured(s, plain)?, buffer: Vec::new() };
            session.expect(220)?;
            mail(&mut session, s, job)
        }
        MailTls::None => {
            let mut session = Session { stream: plain, buffer: Vec::new() };
            session.expect(220)?;
            mail(&mut session, s, job)
        }
        MailTls::StartTls => {
            let mut session = Session { stream: plain, buffer: Vec::new() };
            session.expect(220)?;
            if !session.ask(&format!("EHLO {}", s.hello), 250)?.offers("STARTTLS") {
                return Err(End::Refused("no STARTTLS"));
            }
            session.ask("STARTTLS", 220)?;
            // What came in plain after the answer is somebody's in between.
            if !session.buffer.is_empty() {
                return Err(End::Refused("plain text after STARTTLS"));
            }
            let mut session = Session { stream: secured(s, session.stream)?, buffer: Vec::new() };
            mail(&mut session, s, job)
        }
    }
}

fn secured(s: &Smtp, plain: Timed) -> Result<StreamOwned<ClientConnection, Timed>, End> {
    let config = tls::client(s.roots.as_deref()).map_err(|_| End::Refused("no TLS"))?;
    let name = ServerName::try_from(s.server.clone()).map_err(|_| End::Refused("no name for TLS"))?;
    let connection = ClientConnection::new(config, name).map_err(|_| End::Refused("no TLS"))?;
    Ok(StreamOwned::new(connection, plain))
}

fn mail<S: Stream>(session: &mut Session<S>, s: &Smtp, job: &Job) -> Result<Reply, End> {
    let hello = session.ask(&format!("EHLO {}", s.hello), 250)?;
    if let Some((user, secret)) = &s.login {
        log_in(session, &hello, user, secret).map_err(|e| match e {
            // Servers that refuse a line like to repeat it, and this one holds the secret: only the code is kept.
            End::Said(r) => End::Login(r.code),
            other => other,
        })?;
    }
    session.ask(&format!("MAIL FROM:<{}>", s.from), 250)?;
    session.ask(&format!("RCPT TO:<{}>", job.address), 250)?;
    session.ask("DATA", 354)?;
    session.say(&text(s, job))?;
    let taken = session.ask(".", 250)?;
    // The message is theirs; whether they say goodbye does not matter.
    let _ = session.say("QUIT");
    Ok(taken)
}

fn log_in<S: Stream>(session: &mut Session<S>, hello: &Reply, user: &str, secret: &Secret) -> Result<(), End> {
    let secret = secret.reveal();
    if hello.auth("PLAIN") {
        let token = BASE64.encode(format!("\0{user}\0{secret}").as_bytes());
        session.ask(&format!("AUTH PLAIN {token}"), 235)?;
    } else if hello.auth("LOGIN") {
        session.ask("AUTH LOGIN", 334)?;
        session.ask(&BASE64.encode(user.as_bytes()), 334)?;
        session.ask(&BASE64.encode(secret.as_bytes()), 235)?;
    } else {
        return Err(End::Refused("no AUTH that we know"));
    }
    Ok(())
}

/// The mail: subject and text are the message.
fn text(s: &Smtp, job: &Job) -> String {
    // An encoded word has at most 75 characters (RFC 2047 §2); cut between characters, folded.
    let mut words: Vec<String> = vec![String::new()];
    for c in job.worded.text.chars() {
        if words.last().is_some_and(|w| w.len() + c.len_utf8() > 42) {
            words.push(String::new());
        }
        words.last_mut().expect("it begins with one").push(c);
    }
    let coded = |w: &String| format!("=?utf-8?B?{}?=", BASE64.encode(w.as_bytes()));
    let subject = words.iter().map(coded).collect::<Vec<_>>().join("\r\n ");
    let date = jiff::Timestamp::from_millisecond(job.now.millis()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let date = date.strftime("%a, %d %b %Y %H:%M:%S +0000");
    let body = BASE64.encode(format!("{}\r\n", job.worded.text).as_bytes());
    let lines: Vec<&str> = body.as_bytes().chunks(76).filter_map(|c| std::str::from_utf8(c).ok()).collect();
    [
        format!("Date: {date}"),
        format!("From: <{}>", s.from),
        format!("To: <{}>", job.address),
        format!("Subject: {subject}"),
        format!("Message-ID: <{}@watchfire.invalid>", job.id),
        "Auto-Submitted: auto-generated".to_owned(),
        "MIME-Version: 1.0".to_owned(),
        "Content-Type: text/plain; charset=utf-8".to_owned(),
        "Content-Transfer-Encoding: base64".to_owned(),
        String::new(),
        lines.join("\r\n"),
    ]
    .join("\r\n")
}

impl<S: Stream> Session<S> {
    fn say(&mut self, line: &str) -> Result<(), End> {
        self.stream.write_all(format!("{line}\r\n").as_bytes())?;
        Ok(self.stream.flush()?)
    }
    fn ask(&mut self, line: &str, want: u16) -> Result<Reply, End> {
        self.say(line)?;
        self.expect(want)
    }
    fn expect(&mut self, want: u16) -> Result<Reply, End> {
        let reply = self.reply()?;
        // 251: not a user here, but it is passed on.
        if reply.code == want || (want == 250 && reply.code == 251) { Ok(reply) } else { Err(End::Said(reply)) }
    }
    fn reply(&mut self) -> Result<Reply, Error> {
        let senseless = || Error::from(ErrorKind::InvalidData);
        let mut lines = Vec::new();
        loop {
            let line = self.line()?;
            let code: u16 =
                line.get(..3).and_then(|c| c.parse().ok()).filter(|c| (200..=599).contains(c)).ok_or_else(senseless)?;
            lines.push(line.get(4..).unwrap_or_default().trim_end().to_owned());
            match line.as_bytes().get(3) {
                None | Some(b' ') => return Ok(Reply { code, lines }),
                Some(b'-') if lines.len() < LINES_MAX => {}
                _ => return Err(senseless()),
            }
        }
    }
    fn line(&mut self) -> Result<String, Error> {
        loop {
            if let Some(end) = self.buffer.iter().position(|b| *b == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned());
            }
            if self.buffer.len() > LINE_BYTES_MAX {
                return Err(Error::from(ErrorKind::InvalidData));
            }
            let mut piece = [0; 512];
            match self.stream.read(&mut piece)? {
                0 => return Err(Error::from(ErrorKind::UnexpectedEof)),
                n => self.buffer.extend_from_slice(&piece[..n]),
            }
        }
    }
}
