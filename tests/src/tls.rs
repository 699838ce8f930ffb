//! TLS for the sandbox: an authority of its own, a certificate for chosen names, right or with one flaw, and a listener
//! that speaks it.

use std::fmt;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::serve::Listener;
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Names that the certificate has besides those that are asked for.
const NAMES: [&str; 2] = ["127.0.0.1", "localhost"];
/// The name in a certificate for another host.
const OTHER_HOST: &str = "another.example.com";
/// Days for which a certificate is good; clients may refuse more than 398.
const DAYS: i64 = 300;
/// Connections whose handshake is done and that nobody took yet.
const WAITING: usize = 64;

/// How a sandbox speaks TLS. `Tls::default()` has a good certificate for this computer.
#[derive(Debug, Clone, Default)]
pub struct Tls {
    /// Hosts that the certificate is for, besides `127.0.0.1` and `localhost`.
    pub names: Vec<String>,
    /// What is wrong with the certificate, if anything.
    pub flaw: Option<Flaw>,
}

/// What can be wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Flaw {
    /// Another authority than the one that the sandbox tells has signed it.
    OtherAuthority,
    /// It has signed itself and calls itself an authority, as `openssl req -x509` makes them.
    SelfSigned,
    /// It was good until a year ago.
    Expired,
    /// It will be good in a year.
    NotYetValid,
    /// It is for `another.example.com` only.
    OtherHost,
}

/// The certificates of a sandbox that speaks TLS, as PEM files that are gone with it.
pub struct Certificates {
    folder: TempDir,
    authority: String,
    own: String,
    fingerprint: String,
}

impl Certificates {
    /// The authority's certificate: what a client has to trust.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The certificate that the sandbox presents.
    #[must_use]
    pub fn own(&self) -> &str {
        &self.own
    }

    /// The SHA-256 fingerprint of the certificate that the sandbox presents, in pairs of hex digits.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The file with the authority's certificate.
    #[must_use]
    pub fn authority_file(&self) -> PathBuf {
        self.path("ca.pem")
    }

    /// The file with the certificate that the sandbox presents.
    #[must_use]
    pub fn own_file(&self) -> PathBuf {
        self.path("certificate.pem")
    }

    fn path(&self, name: &str) -> PathBuf {
        Path::new(self.folder.path()).join(name)
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Certificates").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// Makes an authority and a certificate.
pub(crate) fn make(tls: &Tls) -> io::Result<(Certificates, Arc<ServerConfig>)> {
    let (authority, own, key) = certificates(tls).map_err(io::Error::other)?;
    let pairs: Vec<_> = Sha256::digest(own.der()).iter().map(|byte| format!("{byte:02X}")).collect();
    let fingerprint = pairs.join(":");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = config(own.der().clone(), key).map_err(io::Error::other)?;
    let certificates = Certificates { folder: tempfile::tempdir()?, authority, own: own.pem(), fingerprint };
    fs::write(certificates.authority_file(), &certificates.authority)?;
    fs::write(certificates.own_file(), &certificates.own)?;
    Ok((certificates, Arc::new(config)))
}

fn config(own: CertificateDer<'static>, key: PrivateKeyDer<'static>) -> Result<ServerConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = builder.with_no_client_auth().with_single_cert(vec![own], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The authority's PEM, the own certificate and its key.
fn certificates(tls: &Tls) -> Result<(String, Certificate, KeyPair), rcgen::Error> {
    let (authority, other) = (authority("Sandbox authority")?, authority("Another authority")?);
    let key = KeyPair::generate()?;
    let params = params(tls)?;
    let own = match tls.flaw {
        Some(Flaw::SelfSigned) => params.self_signed(&key)?,
        Some(Flaw::OtherAuthority) => params.signed_by(&key, &other)?,
        _ => params.signed_by(&key, &authority)?,
    };
    Ok((authority.pem(), own, key))
}

fn authority(name: &str) -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

fn params(tls: &Tls) -> Result<CertificateParams, rcgen::Error> {
    let names = match tls.flaw {
        Some(Flaw::OtherHost) => vec![OTHER_HOST.to_owned()],
        _ => NAMES.iter().map(ToString::to_string).chain(tls.names.iter().cloned()).collect(),
    };
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, "Pipedrive sandbox");
    if tls.flaw == Some(Flaw::SelfSigned) {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    } else {
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    }
    let shift = match tls.flaw {
        Some(Flaw::Expired) => -365 - DAYS,
        Some(Flaw::NotYetValid) => 365,
        _ => -1,
    };
    let start = Utc::now() + TimeDelta::days(shift);
    let part = |number: u32| u8::try_from(number).unwrap_or(1);
    let day = |moment: DateTime<Utc>| date_time_ymd(moment.year(), part(moment.month()), part(moment.day()));
    (params.not_before, params.not_after) = (day(start), day(start + TimeDelta::days(DAYS)));
    Ok(params)
}

/// Accepts connections once they speak TLS. Handshakes run side by side: a client that says nothing holds up nobody.
pub(crate) struct TlsListener {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
}

impl TlsListener {
    /// Takes connections from `listener` until this is dropped.
    pub(crate) fn new(listener: TcpListener, config: Arc<ServerConfig>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (sender, ready) = mpsc::channel(WAITING);
        tokio::spawn(accept(listener, TlsAcceptor::from(config), sender));
        Ok(Self { ready, address })
    }
}

async fn accept(
    mut listener: TcpListener,
    acceptor: TlsAcceptor,
    sender: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    loop {
        let (stream, client) = Listener::accept(&mut listener).await;
        // Small answers must not wait for the acknowledgement of earlier ones.
        let _ = stream.set_nodelay(true);
        let (acceptor, sender) = (acceptor.clone(), sender.clone());
        tokio::spawn(async move {
            // A client that does not trust the certificate, or speaks something else, goes away.
            if let Ok(stream) = acceptor.accept(stream).await {
                let _ = sender.send((stream, client)).await;
            }
        });
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(accepted) => accepted,
            // The accepting task ends with the runtime only.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

#[cfg(test)]
mod tests;
