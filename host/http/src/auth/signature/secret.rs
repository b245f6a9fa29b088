//! From what stands in a secret to the key of an HMAC.

use std::ops::RangeInclusive;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portgate_core::policy::SecretForm;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::secrets::Secret;

/// The size of a key of Standard Webhooks, in bytes (its signature scheme).
const WHSEC_BYTES: RangeInclusive<usize> = 24..=64;
/// That of any other: what is shorter can be guessed, and providers give out longer ones or let one choose.
const KEY_BYTES: RangeInclusive<usize> = 16..=512;

/// The key's bytes; nothing where the secret is not of this form.
pub(super) fn key(secret: &Secret, form: SecretForm) -> Option<Zeroizing<Vec<u8>>> {
    let text = secret.text()?;
    let bytes = Zeroizing::new(match form {
        SecretForm::Text => text.as_bytes().to_vec(),
        SecretForm::TextNfkd => decomposed(text),
        SecretForm::Whsec => STANDARD.decode(text.strip_prefix("whsec_")?).ok()?,
        SecretForm::Base64 => STANDARD.decode(text).ok()?,
        SecretForm::Hex => hex::decode(text).ok()?,
    });
    let size = if form == SecretForm::Whsec { WHSEC_BYTES } else { KEY_BYTES };
    size.contains(&bytes.len()).then_some(bytes)
}

/// A text in compatibility decomposition (Unicode NFKD).
pub(in crate::auth) fn decomposed(text: &str) -> Vec<u8> {
    // With room for all of it, so that no copy is left behind where the text grows: one character becomes 18 at most.
    let mut bytes = Vec::with_capacity(text.len() * 18);
    for character in text.nfkd() {
        bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    bytes
}

/// What a secret of this form must be, in words that follow "the content must be".
pub(super) fn wanted(form: SecretForm) -> &'static str {
    match form {
        SecretForm::Text | SecretForm::TextNfkd => "a text of 16 to 512 bytes",
        SecretForm::Whsec => "`whsec_` and base64 of 24 to 64 bytes",
        SecretForm::Base64 => "base64 of 16 to 512 bytes",
        SecretForm::Hex => "hexadecimal digits of 16 to 512 bytes",
    }
}
