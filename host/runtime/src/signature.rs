//! Signatures of components, by the tool conventions for signed WebAssembly (`Signatures.md`): Ed25519 over the SHA-256
//! of everything behind the `signature` section, which is the first of a signed component. Any tool of that convention
//! can sign for the gateway and check what was signed here.
//!
//! The convention also has signatures over parts of a file, whose hashes are each valid by themselves. Here only a
//! signature counts whose last hash is that of the whole content, so that nothing can be cut off or added behind.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;

use jiff::civil::Date;
use portgate_core::sha256::sha256;
use wasmparser::{BinaryReader, BinaryReaderError, Encoding, Parser, Payload};
use wasmsign2::{Module, SignatureData, SignatureForHashes, SignedHashes};

mod key;

pub use key::{BadKey, SigningKey, VerifyingKey};

/// The custom section that holds signatures; the first one of a signed component.
const SECTION: &str = "signature";
/// A dozen signatures have room. More would only be work: each is tried with every key.
const SECTION_BYTES_MAX: usize = 16 << 10;

const HEADER_BYTES: usize = 8;
const HASH_BYTES: usize = 32;
const SIGNATURE_BYTES: usize = 64;

/// Identifiers of the convention: its version, a WebAssembly file, SHA-256, Ed25519.
const SPECIFICATION: u8 = 1;
const WEBASSEMBLY: u8 = 1;
const WITH_SHA256: u8 = 1;
const ED25519: u8 = 1;

/// Whose signatures count, by the names of the signers.
pub type Signers = BTreeMap<String, Signer>;

/// Somebody who may vouch for components.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The key.
    pub key: VerifyingKey,
    /// From this day on (UTC) its signatures vouch for nothing.
    pub expires_on: Option<Date>,
}

/// What a component says of who signed it. Nothing of it is proven before [`Signatures::by`] has said so.
pub struct Signatures<'a> {
    component: &'a [u8],
    content: &'a [u8],
    content_sha256: [u8; HASH_BYTES],
    sets: Vec<SignedHashes>,
}

/// Why a signature section cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSignatures {
    /// It is larger than any should be.
    #[error("its section of signatures has {0} bytes; at most {SECTION_BYTES_MAX} are taken")]
    TooLarge(usize),
    /// It is of another version, or for something else than WebAssembly, or with another hash function.
    #[error("its section of signatures is of a kind that is not known here")]
    OtherKind,
    /// It breaks off or goes on where it should not.
    #[error("its section of signatures is damaged")]
    Damaged,
}

impl From<BinaryReaderError> for BadSignatures {
    fn from(_: BinaryReaderError) -> Self {
        BadSignatures::Damaged
    }
}

impl<'a> Signatures<'a> {
    /// Reads the signatures of a component, and nothing else of it. A file that is no component, or that is not signed,
    /// has no signatures.
    ///
    /// # Errors
    ///
    /// [`BadSignatures`], where there is a section of signatures that cannot be read.
    pub fn of(component: &'a [u8]) -> Result<Self, BadSignatures> {
        let section = section(component);
        let content = match section {
            Some((_, end)) => component.get(end..),
            None => component.get(HEADER_BYTES..),
        };
        let content = content.unwrap_or_default();
        let content_sha256 = sha256(content);
        let sets = section.map(|(section, _)| read(section)).transpose()?.unwrap_or_default();
        Ok(Signatures { component, content, content_sha256, sets })
    }

    /// SHA-256 of the content: all but the header and the signatures, which is what signatures cover.
    pub fn content_sha256(&self) -> &[u8; 32] {
        &self.content_sha256
    }

    /// Whether there are none, valid or not.
    pub fn is_empty(&self) -> bool {
        self.sets.iter().all(|set| set.signatures.is_empty())
    }

    /// Whether any of the signatures is over this content.
    pub fn fit_the_content(&self) -> bool {
        self.over_the_content().next().is_some()
    }

    /// The identifiers of the keys that the signatures name, `anonymous` where one names none. A name proves nothing.
    pub fn key_ids(&self) -> Vec<String> {
        let signatures = self.sets.iter().flat_map(|set| &set.signatures);
        signatures.map(|signature| signature.key_id.as_ref().map_or("anonymous".to_owned(), hex::encode)).collect()
    }

    /// Whether a signature by this key covers the whole content.
    pub fn by(&self, key: &VerifyingKey) -> bool {
        let data = SignatureData {
            specification_version: SPECIFICATION,
            content_type: WEBASSEMBLY,
            hash_function: WITH_SHA256,
            signed_hashes_set: self.over_the_content().cloned().collect(),
        };
        let header = self.component.get(..HEADER_BYTES).unwrap_or_default();
        let verified = data.serialize().and_then(|data| key.0.verify(&mut header.chain(self.content), Some(&data)));
        verified.is_ok()
    }

    fn over_the_content(&self) -> impl Iterator<Item = &SignedHashes> {
        let whole = |set: &&SignedHashes| set.hashes.last().is_some_and(|hash| **hash == self.content_sha256);
        self.sets.iter().filter(whole)
    }
}

/// The section of signatures and where it ends, if the component begins with one. Its length is within the file.
fn section(component: &[u8]) -> Option<(&[u8], usize)> {
    let mut payloads = Parser::new(0).parse_all(component);
    match payloads.next() {
        Some(Ok(Payload::Version { encoding: Encoding::Component, .. })) => {}
        _ => return None,
    }
    match payloads.next() {
        Some(Ok(Payload::CustomSection(section))) if section.name() == SECTION => {
            Some((section.data(), section.range().end))
        }
        _ => None,
    }
}

/// Reads the section before the library does, because the library makes room for whatever a length says.
fn read(section: &[u8]) -> Result<Vec<SignedHashes>, BadSignatures> {
    if section.len() > SECTION_BYTES_MAX {
        return Err(BadSignatures::TooLarge(section.len()));
    }
    let mut reader = BinaryReader::new(section, 0);
    if reader.read_bytes(3)? != [SPECIFICATION, WEBASSEMBLY, WITH_SHA256] {
        return Err(BadSignatures::OtherKind);
    }
    let mut sets = Vec::new();
    for _ in 0..reader.read_var_u32()? {
        sets.push(read_set(BinaryReader::new(part(&mut reader)?, 0))?);
    }
    match reader.eof() {
        true => Ok(sets),
        false => Err(BadSignatures::Damaged),
    }
}

fn read_set(mut reader: BinaryReader<'_>) -> Result<SignedHashes, BadSignatures> {
    let mut set = SignedHashes { hashes: Vec::new(), signatures: Vec::new() };
    for _ in 0..reader.read_var_u32()? {
        set.hashes.push(reader.read_bytes(HASH_BYTES)?.to_vec());
    }
    for _ in 0..reader.read_var_u32()? {
        let mut reader = BinaryReader::new(part(&mut reader)?, 0);
        let key_id = part(&mut reader)?.to_vec();
        let alg_id = reader.read_u8()?;
        let signature = part(&mut reader)?.to_vec();
        // One of another algorithm is as good as none.
        if alg_id == ED25519 && signature.len() == SIGNATURE_BYTES {
            let key_id = (!key_id.is_empty()).then_some(key_id);
            set.signatures.push(SignatureForHashes { key_id, alg_id, signature });
        }
    }
    Ok(set)
}

/// A part that stands behind its length.
fn part<'a>(reader: &mut BinaryReader<'a>) -> Result<&'a [u8], BadSignatures> {
    let length = usize::try_from(reader.read_var_u32()?).map_err(|_| BadSignatures::Damaged)?;
    Ok(reader.read_bytes(length)?)
}

/// Why a component cannot be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it cannot be signed: {0}")]
pub struct Unsignable(String);

impl SigningKey {
    /// The component with a signature by this key in it, beside those that hold already.
    ///
    /// # Errors
    ///
    /// [`Unsignable`], where the file is no component that can be read.
    pub fn sign(&self, component: &[u8]) -> Result<Vec<u8>, Unsignable> {
        let unsignable = |problem: &dyn fmt::Display| Unsignable(problem.to_string());
        let signatures = Signatures::of(component).map_err(|error| unsignable(&error))?;
        let public = self.verifying_key();
        if signatures.by(&public) {
            return Ok(component.to_vec());
        }
        // A component that parses has no section longer than the file, so that the library makes no room for more.
        for payload in Parser::new(0).parse_all(component) {
            payload.map_err(|error| unsignable(&error))?;
        }
        let module = Module::deserialize(&mut &*component).map_err(|error| unsignable(&error))?;
        let key_id = public.key_id();
        let signed = match signatures.fit_the_content() {
            true => self.0.sign_multi(module, Some(&key_id), false, false).map(|(module, _)| module),
            // Signatures over other content are removed.
            false => self.0.sign(module, Some(&key_id)),
        };
        let mut bytes = Vec::with_capacity(component.len() + 256);
        signed.and_then(|module| module.serialize(&mut bytes)).map_err(|error| unsignable(&error))?;
        match Signatures::of(&bytes).is_ok_and(|signatures| signatures.by(&public)) {
            true => Ok(bytes),
            false => Err(Unsignable("the signature that was made does not hold".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests;
