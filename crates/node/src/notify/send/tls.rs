//! TLS: rustls with ring; trusted are the system's roots, or those of `ca_file` alone.

use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use std::sync::{Arc, OnceLock};

/// The roots to trust: those given, or the system's, read once.
pub(super) fn roots(given: Option<&[CertificateDer<'static>]>) -> Vec<CertificateDer<'static>> {
    static SYSTEM: OnceLock<Vec<CertificateDer<'static>>> = OnceLock::new();
    match given {
        Some(given) => given.to_vec(),
        None => SYSTEM.get_or_init(|| rustls_native_certs::load_native_certs().certs).clone(),
    }
}

/// A client that trusts these.
pub(super) fn client(given: Option<&[CertificateDer<'static>]>) -> Result<Arc<ClientConfig>, rustls::Error> {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(roots(given));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(Arc::new(builder.with_root_certificates(store).with_no_client_auth()))
}

/// True if the other side showed a certificate that is not trusted: trying again does not help.
pub(super) fn is_untrusted(e: &std::io::Error) -> bool {
    let inner = e.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>());
    matches!(inner, Some(rustls::Error::InvalidCertificate(_)))
}
