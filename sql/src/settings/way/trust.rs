//! SSLServerCert: which certificates the host may present.

use std::fmt::{self, Write as _};
use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::certificate::Certificate;
use crate::settings::property::Kind;
use crate::settings::values::{Given, expected};
use crate::{Error, Result};

/// Bytes of a file beyond which it is no list of certificates; the system's own have a quarter of that.
const LARGEST: u64 = 1 << 20;
/// What a PEM text begins with, be it a certificate or not.
const PEM: &str = "-----BEGIN ";
/// First byte of a certificate in DER.
const DER: u8 = 0x30;

/// The SHA-256 fingerprint of a certificate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// That of a certificate's DER bytes.
    pub(crate) fn of(der: &[u8]) -> Self {
        Self(Sha256::digest(der).into())
    }

    /// Hex digits, with or without colons between them.
    fn read(text: &str) -> Option<Self> {
        let digits: Vec<_> = text.chars().filter(|letter| *letter != ':').map(|digit| digit.to_digit(16)).collect();
        let mut bytes = [0; 32];
        if digits.len() != 64 {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let &[Some(high), Some(low)] = pair else { return None };
            *byte = u8::try_from(high << 4 | low).ok()?;
        }
        Some(Self(bytes))
    }
}

/// Hex digits in pairs, as other programs write it.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.0.iter().try_for_each(|byte| write!(text, "{byte:02X}:"))?;
        f.write_str(text.trim_end_matches(':'))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Which certificates the host may present: with nothing named, those that the system trusts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Trust {
    accepted: Vec<Fingerprint>,
    authorities: Vec<Vec<u8>>,
}

impl Trust {
    /// What a value of SSLServerCert comes to. Reads the file that it names.
    pub(super) fn read(given: &Given) -> Result<Self> {
        let value = given.value.as_str();
        if value.contains(PEM) {
            return Self::of_certificates(Certificate::all_of_pem(value)).ok_or_else(|| given.wrong(UNREADABLE));
        }
        if let Some(fingerprint) = Fingerprint::read(value) {
            return Ok(Self { accepted: vec![fingerprint], authorities: Vec::new() });
        }
        if !Path::new(value).is_absolute() {
            return Err(not_named(given));
        }
        let certificates = certificates_of(&content(given)?);
        Self::of_certificates(certificates).ok_or_else(|| given.wrong(UNREADABLE))
    }

    /// With a certificate that is no authority's among them, exactly these; `None` without any.
    fn of_certificates(certificates: Option<Vec<Certificate>>) -> Option<Self> {
        let certificates = certificates.filter(|certificates| !certificates.is_empty())?;
        let accepted = certificates.iter().map(|certificate| Fingerprint::of(&certificate.der)).collect();
        let is_pin = certificates.iter().any(|certificate| !certificate.is_authority);
        let authorities = certificates.into_iter().filter(|_| !is_pin).map(|certificate| certificate.der).collect();
        Some(Self { accepted, authorities })
    }

    /// Whether nothing was named: the system decides alone.
    pub(crate) const fn is_system(&self) -> bool {
        self.accepted.is_empty()
    }

    /// The certificates that are good, whoever signed them.
    pub(crate) fn accepted(&self) -> &[Fingerprint] {
        &self.accepted
    }

    /// The authorities that are trusted beside the system's; with none of them only [`Self::accepted`] is good.
    pub(crate) fn authorities(&self) -> &[Vec<u8>] {
        &self.authorities
    }

    /// Everything in which two of them can differ, as one text.
    pub(super) fn identity(&self) -> String {
        format!("{:?} {}", self.accepted, self.authorities.len())
    }
}

/// What is wrong with certificates that cannot be read.
const UNREADABLE: &str = "there is no certificate in it that can be read; a PEM file has -----BEGIN CERTIFICATE----- and \
                          -----END CERTIFICATE----- around each";

/// Hex digits and colons, but too few or too many.
fn looks_like_a_fingerprint(value: &str) -> bool {
    value.len() > 8 && value.chars().all(|letter| letter == ':' || letter.is_ascii_hexdigit())
}

fn not_named(given: &Given) -> Error {
    let expected = expected(Kind::Certificate);
    match given.value.to_ascii_lowercase().as_str() {
        "*" | "any" | "all" | "none" => {
            given.wrong(&format!("trusting every server would give the token to whoever answers; {expected}"))
        }
        value if looks_like_a_fingerprint(value) => {
            given.wrong("a fingerprint is SHA-256, 64 hex digits, with or without colons; SHA-1 and MD5 can be forged")
        }
        _ => given.wrong(&expected),
    }
}

/// The bytes of the file that the value names.
fn content(given: &Given) -> Result<Vec<u8>> {
    let path = Path::new(&given.value);
    let told = |error: std::io::Error| given.wrong(&format!("the file cannot be read: {error}"));
    let file = fs::metadata(path).map_err(told)?;
    // Neither a device nor a pipe: reading one may never end.
    if !file.is_file() || file.len() > LARGEST {
        return Err(given.wrong("it is no file of certificates"));
    }
    fs::read(path).map_err(told)
}

fn certificates_of(bytes: &[u8]) -> Option<Vec<Certificate>> {
    match bytes.first() {
        Some(&DER) => Certificate::of_der(bytes.to_vec()).map(|certificate| vec![certificate]),
        _ => Certificate::all_of_pem(&String::from_utf8_lossy(bytes)),
    }
}
