//! TLS where SSLServerCert says which certificates the host may present. Without it the HTTP client's own
//! configuration asks the system.

use std::fmt;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;

use crate::settings::{Fingerprint, Trust};
use crate::{Error, ErrorKind, Result};

/// What is spoken inside of TLS, the best first; as the HTTP client offers it by itself.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// TLS that takes the certificates of SSLServerCert.
pub(super) fn config(trust: &Trust) -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Named::new(trust, &provider).map_err(|error| unusable(&error))?;
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| unusable(&error))?.dangerous();
    let mut config = builder.with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth();
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(config)
}

fn unusable(error: &rustls::Error) -> Error {
    let text = format!("the certificates in SSLServerCert cannot be used: {error}");
    Error::new(ErrorKind::Property, text)
}

/// Takes the certificates that were named, and those that a named authority or one of the system's has signed, unless
/// exactly these were asked for.
#[derive(Debug)]
struct Named {
    accepted: Vec<Fingerprint>,
    signed: Option<Verifier>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Named {
    fn new(trust: &Trust, provider: &Arc<CryptoProvider>) -> Result<Self, rustls::Error> {
        let authorities: Vec<_> = trust.authorities().iter().cloned().map(CertificateDer::from).collect();
        let signed = match authorities.is_empty() {
            true => None,
            false => Some(Verifier::new_with_extra_roots(authorities, Arc::clone(provider))?),
        };
        let algorithms = provider.signature_verification_algorithms;
        Ok(Self { accepted: trust.accepted().to_vec(), signed, algorithms })
    }

    /// Checks host name and dates of a certificate that is good whoever signed it. A certificate that an authority
    /// has made for itself is one of these, too: as the host's own it would fail the checks of a chain.
    fn check(&self, own: &CertificateDer<'_>, name: &ServerName<'_>, now: UnixTime) -> Result<(), rustls::Error> {
        let parsed = ParsedCertificate::try_from(own)?;
        // Dates are checked before anything else of a chain, which ends nowhere here.
        let nobody = RootCertStore::empty();
        match verify_server_cert_signed_by_trust_anchor(&parsed, &nobody, &[], now, self.algorithms.all) {
            Err(error) if is_about_dates(&error) => Err(error),
            _ => verify_server_name(&parsed, name),
        }
    }
}

const fn is_about_dates(error: &rustls::Error) -> bool {
    matches!(
        error,
        rustls::Error::InvalidCertificate(
            CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. }
                | CertificateError::BadEncoding
        )
    )
}

impl ServerCertVerifier for Named {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let fingerprint = Fingerprint::of(own);
        if self.accepted.contains(&fingerprint) {
            return self.check(own, name, now).map(|()| ServerCertVerified::assertion());
        }
        match &self.signed {
            Some(signed) => signed.verify_server_cert(own, others, name, ocsp, now),
            None => Err(CertificateError::Other(OtherError(Arc::new(OtherCertificate(fingerprint)))).into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, own, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, own, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// The host presented another certificate than the one that was asked for.
#[derive(Debug)]
pub(super) struct OtherCertificate(pub(super) Fingerprint);

impl fmt::Display for OtherCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "another certificate: {}", self.0)
    }
}

impl std::error::Error for OtherCertificate {}
