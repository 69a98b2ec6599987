//! TLS by rustls with ring: 1.2 and 1.3, a certificate from PEM files, and - if asked - only clients that show one of their own.

use crate::config::TlsFiles;
use crate::error::{ConsoleError, PemFault};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;

/// Largest PEM file that is read, in bytes.
pub(crate) const PEM_BYTES_MAX: u64 = 1 << 20;
/// Bits of a file's mode that let every account of the machine at it.
const OTHERS: u32 = 0o007;

/// What a server needs, and the fingerprint of its certificate.
pub(crate) fn server(files: &TlsFiles) -> Result<(Arc<ServerConfig>, String), ConsoleError> {
    let unusable = |_| ConsoleError::Pem(files.certificate.clone(), PemFault::Unusable);
    let chain = certificates(&files.certificate)?;
    let print = fingerprint(&chain[0]);
    let key = private_key(&files.key)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|e| ConsoleError::Tls(e.to_string()))?;
    let builder = match &files.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let wrong = || ConsoleError::Pem(path.clone(), PemFault::Unusable);
            let mut roots = RootCertStore::empty();
            for certificate in certificates(path)? {
                roots.add(certificate).map_err(|_| wrong())?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().map_err(|_| wrong())?)
        }
    };
    let mut config = builder.with_single_cert(chain, key).map_err(|e| match e {
        rustls::Error::InconsistentKeys(_) => ConsoleError::Pem(files.key.clone(), PemFault::OtherKey),
        other => unusable(other),
    })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((Arc::new(config), print))
}

/// SHA-256 of a certificate's bytes, hexadecimal.
pub(crate) fn fingerprint(certificate: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(certificate))
}

/// The certificates of a file; at least one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, ConsoleError> {
    let fault = |fault| ConsoleError::Pem(path.to_owned(), fault);
    let (text, _) = read(path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let found = found.map_err(|_| fault(PemFault::Unusable))?;
    if found.is_empty() { Err(fault(PemFault::NoCertificate)) } else { Ok(found) }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, ConsoleError> {
    let (text, mode) = read(path)?;
    if mode & OTHERS != 0 {
        return Err(ConsoleError::Pem(path.to_owned(), PemFault::Loose));
    }
    PrivateKeyDer::from_pem_slice(&text).map_err(|_| ConsoleError::Pem(path.to_owned(), PemFault::NoKey))
}

/// A file and its mode.
fn read(path: &Path) -> Result<(Vec<u8>, u32), ConsoleError> {
    let failed = |e| ConsoleError::file(path, &e);
    let file = File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.mode();
    let mut text = Vec::new();
    file.take(PEM_BYTES_MAX + 1).read_to_end(&mut text).map_err(failed)?;
    if text.len() as u64 > PEM_BYTES_MAX {
        return Err(ConsoleError::Pem(path.to_owned(), PemFault::TooLarge));
    }
    Ok((text, mode))
}
