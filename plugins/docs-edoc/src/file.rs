//! Files with their content: base64 on both sides, and the digest that others can check it by.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use portgate_sdk::canonical::{Code, Sha256, Text, UploadFile};

/// What base64 says, with or without line breaks.
pub(crate) fn content(base64: &str) -> Option<Vec<u8>> {
    let whole: String = base64.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
    STANDARD.decode(whole).ok()
}

/// SHA-256 of bytes.
pub(crate) fn digest(bytes: &[u8]) -> Option<Sha256> {
    let digest: String = hmac_sha256::Hash::hash(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Sha256::new(digest).ok()
}

/// A file of such a content; none where it is longer than a document has room for.
pub(crate) fn file(seq: u32, doc_type: Code, media_type: &str, bytes: &[u8]) -> Option<UploadFile> {
    Some(UploadFile {
        media_type: Text::new(media_type).ok(),
        sha256: digest(bytes),
        size: u64::try_from(bytes.len()).ok(),
        content: Some(Text::new(STANDARD.encode(bytes)).ok()?),
        ..UploadFile::new(seq, doc_type)
    })
}

/// What a signed text says (JWS, compact serialisation: RFC 7515, section 7.1), whoever signed it.
pub(crate) fn payload(jws: &str) -> Option<Vec<u8>> {
    let mut parts = jws.trim().split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok().filter(|_| parts.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_the_digest_of_its_content() {
        let doc_type = Code {
            code: Text::new("N705").expect("a code"),
            code_list: Text::new("list").expect("a list"),
            source_code: None,
        };
        let file = file(1, doc_type, "text/plain", b"abc").expect("a file");
        let sha = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((file.sha256.expect("a digest").as_str(), file.size), (sha, Some(3)));
        assert_eq!(content(&file.content.expect("content")).as_deref(), Some(&b"abc"[..]));
        assert_eq!(content("YWJ\r\nj"), Some(b"abc".to_vec()));
        assert_eq!(content("a*"), None);
    }

    #[test]
    fn a_signed_text_has_three_parts() {
        assert_eq!(payload("e30.YWJj.c2ln").as_deref(), Some(&b"abc"[..]));
        assert_eq!((payload("e30.YWJj"), payload("e30.YWJj.c2ln.more")), (None, None));
    }
}
