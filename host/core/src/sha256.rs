//! SHA-256 (FIPS 180-4): what payloads, components, keys, surfaces and audit entries are known by.

use aws_lc_rs::digest::{Context, SHA256, digest};

/// The digest of these bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    digest(&SHA256, bytes).as_ref().try_into().expect("SHA-256 has 32 bytes")
}

/// The digest of these bytes as 64 lower-case hexadecimal digits, as policies and messages have it.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(sha256(bytes))
}

/// Hashes what comes in parts.
pub struct Sha256(Context);

impl Sha256 {
    /// One that was given nothing yet.
    pub fn new() -> Self {
        Sha256(Context::new(&SHA256))
    }

    /// The bytes alone: parts run into each other.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// A number, in eight bytes with the highest first.
    pub fn number(&mut self, number: usize) {
        self.bytes(&(number as u64).to_be_bytes());
    }

    /// A text with its length before it, so that no two texts run into each other.
    pub fn text(&mut self, text: &str) {
        self.number(text.len());
        self.bytes(text.as_bytes());
    }

    /// The digest of all that it was given.
    pub fn digest(self) -> [u8; 32] {
        self.0.finish().as_ref().try_into().expect("SHA-256 has 32 bytes")
    }
}

impl Default for Sha256 {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first example of the standard's own.
    #[test]
    fn the_digest_is_the_standards() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_hex(b"abc"), abc);
        let mut parts = Sha256::new();
        parts.bytes(b"a");
        parts.bytes(b"bc");
        assert_eq!(parts.digest(), sha256(b"abc"));
    }

    #[test]
    fn texts_do_not_run_into_each_other() {
        let of = |texts: [&str; 2]| {
            let mut hash = Sha256::new();
            texts.iter().for_each(|text| hash.text(text));
            hash.digest()
        };
        assert_ne!(of(["ab", "c"]), of(["a", "bc"]));
    }
}
