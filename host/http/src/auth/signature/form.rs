//! One form of signatures: which header fields it reads, and over which bytes its HMAC is.
//!
//! Everything that a head says by itself is judged here, before anything of the body is read.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::request::Parts;
use http::{HeaderName, Uri};
use jiff::Timestamp;
use portgate_core::policy::{OnceBy, SignatureAlgorithm, SignatureEncoding, SignatureForm, SignedPart, TimestampForm};

use super::{Signed, SignedAs};
use crate::auth::{AuthError, Method, only_value};

/// The longest id, in bytes.
const ID_BYTES_MAX: usize = 256;
/// Signatures of one request; two are enough to change a secret without a gap.
const SIGNATURES_MAX: usize = 8;
/// The longest time, in bytes; with nanoseconds and an offset RFC 3339 has 35.
const TIMESTAMP_BYTES_MAX: usize = 40;

/// A policy's form, ready to be held against heads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) header: HeaderName,
    pub(super) algorithm: SignatureAlgorithm,
    encoding: SignatureEncoding,
    parts: Vec<SignedPart>,
    prefix: String,
    separator: Option<char>,
    time: Option<Time>,
    tolerance_seconds: i64,
    id_header: Option<HeaderName>,
    once_by: OnceBy,
}

/// Where the time is, and how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Time {
    place: TimePlace,
    form: TimestampForm,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum TimePlace {
    /// In a header field of its own.
    Header(HeaderName),
    /// In the signature's header field, behind this.
    Behind(String),
}

/// What a head says of its signature in one form, and that is right as far as a head can be.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) id: Option<String>,
    pub(super) timestamp: Option<(Timestamp, String)>,
    pub(super) signatures: Vec<Vec<u8>>,
}

impl Form {
    /// Nothing where the form is none, which policies are checked for.
    pub(super) fn new(form: &SignatureForm) -> Option<Form> {
        let header = |name: &str| HeaderName::try_from(name).ok();
        let place = match (&form.timestamp_header, &form.timestamp_prefix) {
            (Some(name), None) => Some(TimePlace::Header(header(name)?)),
            (None, Some(prefix)) => Some(TimePlace::Behind(prefix.clone())),
            (None, None) => None,
            (Some(_), Some(_)) => return None,
        };
        let form_of_time = form.timestamp_form;
        let compiled = Form {
            header: header(&form.header)?,
            algorithm: form.algorithm,
            encoding: form.encoding,
            parts: form.parts().ok()?,
            prefix: form.prefix.clone(),
            separator: form.separator.as_ref().and_then(|separator| separator.chars().next()),
            time: place.map(|place| Time { place, form: form_of_time }),
            tolerance_seconds: i64::from(form.tolerance_seconds),
            id_header: form.id_header.as_deref().map(HeaderName::try_from).transpose().ok()?,
            once_by: form.once_by,
        };
        let is_whole = compiled.signs(&SignedPart::Body)
            && compiled.signs(&SignedPart::Timestamp) == compiled.time.is_some()
            && (!compiled.signs(&SignedPart::Id) || compiled.id_header.is_some());
        is_whole.then_some(compiled)
    }

    fn signs(&self, part: &SignedPart) -> bool {
        self.parts.contains(part)
    }

    /// Whether what is signed tells one request from every other, a read without a body included.
    pub(super) fn signs_id_and_time(&self) -> bool {
        self.signs(&SignedPart::Id) && self.signs(&SignedPart::Timestamp)
    }

    /// Reads the header fields and judges what they say by themselves.
    pub(super) fn claim(&self, head: &Parts, now: Timestamp) -> Result<Claim, AuthError> {
        let field = |name: &HeaderName| -> Result<&str, AuthError> {
            let missing = "a header field of the signature is missing";
            only_value(&head.headers, name.as_str(), Method::Hmac)?.ok_or_else(|| malformed(missing))
        };
        let id = match &self.id_header {
            Some(name) if self.signs(&SignedPart::Id) => Some(self.id(field(name)?)?),
            _ => None,
        };
        let values = field(&self.header)?;
        let values: Vec<&str> = match self.separator {
            Some(separator) => values.split(separator).map(str::trim).collect(),
            None => vec![values],
        };
        let timestamp = match &self.time {
            None => None,
            Some(Time { place: TimePlace::Header(name), form }) => Some(moment(field(name)?, *form)?),
            Some(Time { place: TimePlace::Behind(prefix), form }) => {
                let mut times = values.iter().filter_map(|value| value.strip_prefix(prefix.as_str()));
                match (times.next(), times.next()) {
                    (Some(time), None) => Some(moment(time, *form)?),
                    _ => return Err(malformed("the signature's header field must have one time")),
                }
            }
        };
        // Other values are for other receivers: a sender can change over to another version with both.
        let behind = values.iter().filter_map(|value| value.strip_prefix(self.prefix.as_str()));
        let signatures: Vec<Vec<u8>> = behind.filter_map(|value| self.decode(value)).collect();
        if signatures.is_empty() || signatures.len() > SIGNATURES_MAX {
            return Err(malformed("the signature's header field must hold 1 to 8 signatures of its form"));
        }
        let claim = Claim { id, timestamp, signatures };
        self.within_window(&claim, now)?;
        Ok(claim)
    }

    fn id(&self, text: &str) -> Result<String, AuthError> {
        // Without what follows it, because that parts what is signed: `a.1` and `2` must not pass for `a` and `1.2`.
        let parting = self.parts.windows(2).find_map(|pair| match pair {
            [SignedPart::Id, SignedPart::Text(text)] => text.bytes().next(),
            _ => None,
        });
        let plain = |byte: u8| byte.is_ascii_graphic() && Some(byte) != parting;
        match (1..=ID_BYTES_MAX).contains(&text.len()) && text.bytes().all(plain) {
            true => Ok(text.to_owned()),
            false => Err(malformed(
                "the signed id must be 1 to 256 visible ASCII characters, without the one that parts it from the time",
            )),
        }
    }

    fn decode(&self, text: &str) -> Option<Vec<u8>> {
        let bytes = match self.encoding {
            SignatureEncoding::Hex => hex::decode(text).ok().filter(|_| !text.starts_with("0x"))?,
            SignatureEncoding::Base64 => STANDARD.decode(text).ok()?,
            SignatureEncoding::Base64url => URL_SAFE_NO_PAD.decode(text).ok()?,
        };
        let length = match self.algorithm {
            SignatureAlgorithm::Sha256 => 32,
            SignatureAlgorithm::Sha384 => 48,
            SignatureAlgorithm::Sha512 => 64,
        };
        Some(bytes).filter(|bytes| bytes.len() == length)
    }

    pub(super) fn within_window(&self, claim: &Claim, now: Timestamp) -> Result<(), AuthError> {
        let Some((at, _)) = &claim.timestamp else { return Ok(()) };
        let offset_seconds = at.as_second() - now.as_second();
        match (-self.tolerance_seconds..=self.tolerance_seconds).contains(&offset_seconds) {
            true => Ok(()),
            false => Err(AuthError::TimestampOutside { offset_seconds, tolerance_seconds: self.tolerance_seconds }),
        }
    }

    /// How many bytes besides the body are signed.
    pub(super) fn bytes_beside_body(&self, claim: &Claim, method: &http::Method, uri: &Uri) -> usize {
        let mut bytes = 0;
        self.each_part(claim, method, uri, b"", |part| bytes += part.len());
        bytes
    }

    /// Gives each piece of what is signed to `take`, in its order.
    pub(super) fn each_part(
        &self,
        claim: &Claim,
        method: &http::Method,
        uri: &Uri,
        body: &[u8],
        mut take: impl FnMut(&[u8]),
    ) {
        for part in &self.parts {
            match part {
                SignedPart::Text(text) => take(text.as_bytes()),
                SignedPart::Id => take(claim.id.as_deref().unwrap_or_default().as_bytes()),
                SignedPart::Timestamp => {
                    take(claim.timestamp.as_ref().map(|(_, text)| text.as_bytes()).unwrap_or_default());
                }
                SignedPart::Method => take(method.as_str().as_bytes()),
                SignedPart::Path => {
                    take(uri.path_and_query().map(|path| path.as_str().as_bytes()).unwrap_or_default());
                }
                SignedPart::Body => take(body),
            }
        }
    }

    /// What a message that was signed so is known by when it comes again.
    pub(super) fn signed(&self, claim: Claim) -> Signed {
        let by = match (claim.id, claim.timestamp) {
            (Some(id), _) => SignedAs::Id(id),
            (None, Some((_, time))) if self.once_by == OnceBy::BodyAndTime => SignedAs::BodyAt(time),
            (None, _) => SignedAs::Body,
        };
        let id_header = self.id_header.clone().filter(|_| !self.signs(&SignedPart::Id));
        Signed { by, counts_for_ever: self.time.is_none(), id_header }
    }
}

/// A time with its text.
fn moment(text: &str, form: TimestampForm) -> Result<(Timestamp, String), AuthError> {
    let number = |digits_max: usize| {
        let digits = (1..=digits_max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i64>().ok().filter(|_| digits)
    };
    let at = match form {
        TimestampForm::Seconds => number(12).and_then(|seconds| Timestamp::from_second(seconds).ok()),
        TimestampForm::Milliseconds => number(15).and_then(|millis| Timestamp::from_millisecond(millis).ok()),
        TimestampForm::Rfc3339 => {
            Some(text).filter(|text| text.len() <= TIMESTAMP_BYTES_MAX).and_then(|text| text.parse().ok())
        }
    };
    let what = match form {
        TimestampForm::Seconds => "the time must be a whole number of seconds since 1970",
        TimestampForm::Milliseconds => "the time must be a whole number of milliseconds since 1970",
        TimestampForm::Rfc3339 => "the time must be one of RFC 3339",
    };
    Ok((at.ok_or_else(|| malformed(what))?, text.to_owned()))
}

fn malformed(what: &'static str) -> AuthError {
    AuthError::Malformed { credential: Method::Hmac, what }
}
