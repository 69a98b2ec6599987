//! The line over HTTP: one request, one connection, one end. Trusted are the system's certificates, or those of one file alone; no redirect
//! is followed and no proxy of the environment used, because whoever sets one would read when a plant reports. `http://` in the address of a
//! parent is the user's own choice, spelled out; what goes over the line is signed either way (`docs/specs/federation-v1.md` §6).
//!
//! Nothing of the library's errors is shown: a fault is one of our codes. Refused: a pool of connections (a node sends some packages a day), trying again here
//! (who sends knows what is owed).

use super::line::{Line, LineFault};
use crate::NodeError;
use crate::home::read;
use evidence::Say;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{AlertDescription, CertificateError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;
use stdx::Stop;
use ureq::Agent;
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig, TlsProvider};

/// Largest body that goes out and largest answer that is read, in bytes.
const BODY_BYTES_MAX: usize = 32 << 20;
/// Largest head of an answer, in bytes.
const HEAD_BYTES_MAX: usize = 64 << 10;
/// Largest PEM file, in bytes.
const PEM_BYTES_MAX: u64 = 1 << 20;
/// How often a running request asks whether to stop.
const LOOK: Duration = Duration::from_millis(50);

/// How a parent is called.
#[derive(Clone, Debug)]
pub struct Calling {
    /// PEM file of what is trusted instead of the system's certificates.
    pub ca: Option<PathBuf>,
    /// PEM files of a certificate and its key to show to a parent that asks for one.
    pub client: Option<(PathBuf, PathBuf)>,
    /// Time for the name, the connection and the handshake, each.
    pub connect_within: Duration,
    /// Time for everything, from the name to the last byte of the answer.
    pub answer_within: Duration,
    /// Ends a request that is under way.
    pub stop: Stop,
}
impl Default for Calling {
    /// The system's certificates; 10 seconds to connect, 5 minutes for everything: 32 MiB over a line of 1 Mbit/s.
    fn default() -> Self {
        Self {
            ca: None,
            client: None,
            connect_within: Duration::from_secs(10),
            answer_within: Duration::from_secs(300),
            stop: Stop::new(),
        }
    }
}

/// The line to the parent at `url` (`https://HOST[:PORT][/PREFIX]`, or `http://`), trusting the certificates of `ca` alone if it is given. Nothing
/// is sent yet. Errors: an address that is none, a file that cannot be read or holds no certificate.
pub fn http_line(url: &str, ca: Option<&Path>) -> Result<Box<dyn Line>, NodeError> {
    http_line_with(url, &Calling { ca: ca.map(Path::to_owned), ..Calling::default() })
}

/// As [`http_line`], with everything that can be said about calling.
pub fn http_line_with(url: &str, calling: &Calling) -> Result<Box<dyn Line>, NodeError> {
    let base = base(url)?;
    let mut tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()));
    if base.starts_with("https://") {
        let given = calling.ca.as_deref().map(certificates).transpose()?;
        let roots = given.unwrap_or_else(|| rustls_native_certs::load_native_certs().certs);
        let roots: Vec<_> = roots.iter().map(|c| Certificate::from_der(c).to_owned()).collect();
        tls = tls.root_certs(RootCerts::new_with_certs(&roots)).client_cert(client(calling)?);
    }
    let agent = Agent::config_builder()
        .tls_config(tls.build())
        .proxy(None)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .max_response_header_size(HEAD_BYTES_MAX)
        .max_idle_connections(0)
        .accept_encoding("identity")
        .user_agent("watchfire")
        .timeout_resolve(Some(calling.connect_within))
        .timeout_connect(Some(calling.connect_within))
        .timeout_global(Some(calling.answer_within))
        .build()
        .new_agent();
    Ok(Box::new(HttpLine { agent, base, stop: calling.stop.clone() }))
}

/// The address without the slash at its end. A user and a password in it are refused: they would go over the line and into files.
fn base(url: &str) -> Result<String, NodeError> {
    let wrong = || NodeError::Entry(Say::new("error.line-address"));
    let trimmed = url.trim_end_matches('/');
    let uri: ureq::http::Uri = trimmed.parse().map_err(|_| wrong())?;
    let authority = uri.authority().ok_or_else(wrong)?;
    let good = matches!(uri.scheme_str(), Some("https" | "http"))
        && uri.query().is_none()
        && !trimmed.contains('#')
        && !authority.as_str().contains('@')
        && !authority.host().is_empty();
    if good { Ok(trimmed.to_owned()) } else { Err(wrong()) }
}

fn no_pem(path: &Path) -> NodeError {
    NodeError::Entry(
        Say::new("error.line-pem").with("path", evidence::PathText::from_bytes(path.as_os_str().as_encoded_bytes())),
    )
}

/// The certificates of a PEM file; at least one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, NodeError> {
    let text = read(path, PEM_BYTES_MAX)?;
    let found: Vec<_> = CertificateDer::pem_slice_iter(&text).collect::<Result<_, _>>().map_err(|_| no_pem(path))?;
    if found.is_empty() { Err(no_pem(path)) } else { Ok(found) }
}

/// The certificate to show, if there is one.
fn client(calling: &Calling) -> Result<Option<ClientCert>, NodeError> {
    let Some((certificate, key)) = &calling.client else { return Ok(None) };
    let chain: Vec<_> = certificates(certificate)?.iter().map(|c| Certificate::from_der(c).to_owned()).collect();
    // Ours says whether it is a key at all; ureq takes the text.
    let text = read(key, PEM_BYTES_MAX)?;
    PrivateKeyDer::from_pem_slice(&text).map_err(|_| no_pem(key))?;
    let key = PrivateKey::from_pem(&text).map_err(|_| no_pem(key))?;
    Ok(Some(ClientCert::new_with_certs(&chain, key)))
}

struct HttpLine {
    agent: Agent,
    base: String,
    stop: Stop,
}

impl Line for HttpLine {
    fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, LineFault> {
        if body.len() > BODY_BYTES_MAX {
            return Err(LineFault::TooLarge);
        }
        if self.stop.requested() {
            return Err(LineFault::Stopped);
        }
        let request = ureq::http::Request::post(format!("{}{path}", self.base))
            .header("content-type", "application/json")
            .body(body.to_vec())
            .map_err(|_| unreachable("no-address"))?;
        let (agent, (tell, told)) = (self.agent.clone(), sync_channel(1));
        // In a thread of its own, so that somebody who asks to stop need not wait for a silent parent. It ends at its deadline.
        std::thread::spawn(move || tell.send(ask(&agent, request)));
        loop {
            match told.recv_timeout(LOOK) {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Disconnected) => return Err(unreachable("no-connection")),
                Err(RecvTimeoutError::Timeout) if self.stop.requested() => return Err(LineFault::Stopped),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

fn unreachable(code: &str) -> LineFault {
    LineFault::Unreachable(code.to_owned())
}

fn ask(agent: &Agent, request: ureq::http::Request<Vec<u8>>) -> Result<Vec<u8>, LineFault> {
    let mut answer = agent.run(request).map_err(|e| fault(&e))?;
    let status = answer.status().as_u16();
    if status != 200 {
        return Err(LineFault::Status(status));
    }
    // A portal in a hotel says 200 to everything.
    if answer.body().mime_type() != Some("application/json") {
        return Err(unreachable("other-program"));
    }
    answer.body_mut().with_config().limit(BODY_BYTES_MAX as u64).read_to_vec().map_err(|e| fault(&e))
}

fn fault(e: &ureq::Error) -> LineFault {
    use ureq::Error as E;
    unreachable(match e {
        E::BodyExceedsLimit(_) => return LineFault::TooLarge,
        E::Rustls(e) => refused(e),
        E::Io(e) => match e.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>()) {
            Some(e) => refused(e),
            None => broken(e),
        },
        E::Tls(_) => "no-tls",
        E::Timeout(_) | E::BodyStalled => "no-answer-in-time",
        E::HostNotFound => "host-not-found",
        E::Protocol(_) | E::Http(_) | E::LargeResponseHeader(..) => "other-program",
        E::BadUri(_) => "no-address",
        _ => "no-connection",
    })
}

/// What TLS says.
fn refused(e: &rustls::Error) -> &'static str {
    use CertificateError as C;
    use rustls::Error as E;
    match e {
        E::InvalidCertificate(C::NotValidForName | C::NotValidForNameContext { .. }) => "certificate-other-name",
        E::InvalidCertificate(C::Expired | C::ExpiredContext { .. }) => "certificate-expired",
        E::InvalidCertificate(C::NotValidYet | C::NotValidYetContext { .. }) => "certificate-not-yet",
        E::InvalidCertificate(C::Revoked) => "certificate-revoked",
        E::InvalidCertificate(_) => "certificate-not-trusted",
        E::AlertReceived(AlertDescription::CertificateRequired) => "client-certificate-asked",
        E::AlertReceived(
            AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::AccessDenied
            | AlertDescription::DecryptError,
        ) => "client-certificate-refused",
        _ => "no-tls",
    }
}

/// What the system says.
fn broken(e: &std::io::Error) -> &'static str {
    match e.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => "no-answer-in-time",
        ErrorKind::ConnectionRefused => "connection-refused",
        ErrorKind::ConnectionReset
        | ErrorKind::BrokenPipe
        | ErrorKind::ConnectionAborted
        | ErrorKind::UnexpectedEof => "broken-off",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => "no-way",
        // The standard library has no kind for a name that nobody knows, only this text (a test holds it).
        _ if e.to_string().starts_with("failed to lookup address") => "host-not-found",
        _ => "no-connection",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let good = [
            ("https://parent.example:8420", "https://parent.example:8420"),
            ("https://parent.example/watchfire/", "https://parent.example/watchfire"),
            ("http://[::1]:8420/", "http://[::1]:8420"),
        ];
        for (url, want) in good {
            assert_eq!(base(url).ok().as_deref(), Some(want));
        }
        let bad = [
            "",
            "parent",
            "parent:8420",
            "ftp://a",
            "https://",
            "https://u:CANARY@a",
            "https://a/?q=1",
            "https://a/#b",
            "https://a b",
            "file:///etc",
        ];
        for url in bad {
            let error = base(url).expect_err(url).to_string();
            assert!(error.contains("error.line-address") && !error.contains("CANARY"), "{url}: {error}");
        }
    }

    #[test]
    fn faults_have_names() {
        use rustls::Error as E;
        let cases = [
            (E::InvalidCertificate(CertificateError::UnknownIssuer), "certificate-not-trusted"),
            (E::InvalidCertificate(CertificateError::NotValidForName), "certificate-other-name"),
            (E::InvalidCertificate(CertificateError::Expired), "certificate-expired"),
            (E::InvalidCertificate(CertificateError::NotValidYet), "certificate-not-yet"),
            (E::AlertReceived(AlertDescription::CertificateRequired), "client-certificate-asked"),
            (E::AlertReceived(AlertDescription::UnknownCA), "client-certificate-refused"),
            (E::AlertReceived(AlertDescription::HandshakeFailure), "no-tls"),
        ];
        for (error, want) in cases {
            assert_eq!(refused(&error), want);
        }
    }
}
