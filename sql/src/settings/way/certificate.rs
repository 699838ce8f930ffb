//! Certificates out of PEM or DER, and whether one is an authority's.
//!
//! Reads as much of X.509 as that question needs ([RFC 5280, 4.1](https://www.rfc-editor.org/rfc/rfc5280#section-4.1));
//! signatures, names and dates are rustls' business.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
/// What may stand for a line's end in PEM text that was pressed into one line.
const WRITTEN_LINE_END: &str = "\\n";

const SEQUENCE: u8 = 0x30;
const OBJECT_ID: u8 = 0x06;
const OCTETS: u8 = 0x04;
const BOOLEAN: u8 = 0x01;
/// Explicit tags of the first part of a certificate.
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
/// 2.5.29.19, the extension that says whether a certificate may sign others.
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];

/// A certificate, as its DER bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Certificate {
    pub(super) der: Vec<u8>,
    /// It may sign others: it is a CA's.
    pub(super) is_authority: bool,
}

impl Certificate {
    /// The certificate of these bytes; `None` when they are none.
    pub(super) fn of_der(der: Vec<u8>) -> Option<Self> {
        let is_authority = is_authority(&der)?;
        Some(Self { der, is_authority })
    }

    /// Every certificate of a PEM text, whatever stands around them; `None` when one of them cannot be read.
    pub(super) fn all_of_pem(text: &str) -> Option<Vec<Self>> {
        let one = |piece: &str| {
            let body = piece.split_once(END)?.0.replace(WRITTEN_LINE_END, "");
            let digits: String = body.chars().filter(|letter| !letter.is_whitespace()).collect();
            Self::of_der(BASE64_STANDARD.decode(digits).ok()?)
        };
        text.split(BEGIN).skip(1).map(one).collect()
    }
}

/// Whether the certificate may sign others; `None` when it is no certificate.
fn is_authority(der: &[u8]) -> Option<bool> {
    let (certificate, rest) = value(der, SEQUENCE)?;
    let (body, _) = value(certificate, SEQUENCE).filter(|_| rest.is_empty())?;
    let mut parts = elements(body)?;
    if !matches!(parts.first(), Some((VERSION, _))) {
        // Version 1 knows no extensions; an old root signs itself.
        let (_, issuer) = parts.get(2)?;
        let (_, subject) = parts.get(4)?;
        return Some(issuer == subject);
    }
    let Some((EXTENSIONS, wrapped)) = parts.pop() else { return Some(false) };
    let (extensions, _) = value(wrapped, SEQUENCE)?;
    for (tag, extension) in elements(extensions)? {
        let (id, rest) = value(extension, OBJECT_ID).filter(|_| tag == SEQUENCE)?;
        if id == BASIC_CONSTRAINTS {
            return may_sign(rest);
        }
    }
    Some(false)
}

/// The first member of the basic constraints; `rest` is what follows the extension's name.
fn may_sign(rest: &[u8]) -> Option<bool> {
    let (_, content) = elements(rest)?.into_iter().find(|(tag, _)| *tag == OCTETS)?;
    let (constraints, _) = value(content, SEQUENCE)?;
    let flag = value(constraints, BOOLEAN).map(|(flag, _)| flag);
    Some(flag.is_some_and(|flag| flag.iter().any(|byte| *byte != 0)))
}

/// The elements of a constructed one, each with its tag.
fn elements(mut bytes: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut found = Vec::new();
    while let Some(&tag) = bytes.first() {
        let (content, rest) = value(bytes, tag)?;
        found.push((tag, content));
        bytes = rest;
    }
    Some(found)
}

/// The content of the first element, when it has this tag, and what follows it.
fn value(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[own, first], rest) = bytes.split_first_chunk::<2>()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        // So many bytes of length follow; a certificate needs no more than three.
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x0f))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length).filter(|_| own == tag)
}
