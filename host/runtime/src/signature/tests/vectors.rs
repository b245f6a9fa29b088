//! Public test vectors, where the folder with the corpora exists; without it there is nothing to check. Their messages are
//! not those of the convention, so each signature is put into a section of a component, read from there, and judged by
//! the key that a policy would have, with the library's own primitive.

use std::path::PathBuf;

use ed25519_compact::Signature;
use serde_json::Value;

use super::*;

/// What a section with this one signature over the whole content says, if it reads.
fn carried(signature: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let component = component();
    let length = |bytes: &[u8]| u8::try_from(bytes.len()).expect("one byte of LEB128 is enough");
    let one = [&[0, ED25519, length(signature)][..], signature].concat();
    let hash = sha256(&component[HEADER_BYTES..]);
    let set = [&[1][..], &hash, &[1, length(&one)], &one].concat();
    // Its length needs two bytes of LEB128 as soon as a signature is in it.
    let low = u8::try_from(set.len() & 0x7f).expect("seven bits") | 0x80;
    let high = u8::try_from(set.len() >> 7).expect("a small set");
    let data = [&[SPECIFICATION, WEBASSEMBLY, WITH_SHA256, 1, low, high][..], &set].concat();
    let signed = [&component[..HEADER_BYTES], &*section(SECTION, &data), &component[HEADER_BYTES..]].concat();
    let signatures = Signatures::of(&signed).expect("the section is well formed");
    let read = signatures.sets[0].signatures.first()?.signature.clone();
    Some((signed, read))
}

#[test]
fn wycheproof_signatures_are_judged_as_expected_and_none_vouches_for_a_component() {
    let shared = std::env::var_os("PORTGATE_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let Ok(text) = std::fs::read_to_string(shared.join("corpora/wycheproof/ed25519_test.json")) else {
        println!("left out: the folder with the public test vectors is not beside the checkout");
        return;
    };
    let corpus: Value = serde_json::from_str(&text).expect("JSON");
    let (mut valid, mut invalid, mut wrong) = (0, 0, Vec::new());
    for group in corpus["testGroups"].as_array().expect("groups") {
        let key = VerifyingKey::parse(group["publicKeyPem"].as_str().expect("a key")).expect("a key of a signer");
        for test in group["tests"].as_array().expect("tests") {
            let bytes = |member: &str| hex::decode(test[member].as_str().expect("digits")).expect("hexadecimal digits");
            let accepted = carried(&bytes("sig")).is_some_and(|(signed, signature)| {
                assert!(
                    !Signatures::of(&signed).expect("it reads").by(&key),
                    "{} is over another message",
                    test["tcId"]
                );
                Signature::from_slice(&signature).is_ok_and(|one| key.0.pk.verify(bytes("msg"), &one).is_ok())
            });
            match (accepted, test["result"].as_str()) {
                (true, Some("valid")) => valid += 1,
                (false, Some("invalid")) => invalid += 1,
                (accepted, _) => wrong.push(format!("{}: accepted is {accepted}: {}", test["tcId"], test["comment"])),
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Exact, so that a vector which changes sides is noticed: there is no difference to explain.
    assert_eq!((valid, invalid), (88, 63));
}

/// The order of the group, in little-endian bytes (RFC 8032, section 5.1).
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

#[test]
fn a_second_form_of_a_valid_signature_vouches_for_nothing() {
    let key = SigningKey::generate();
    let signed = key.sign(&component()).expect("it is signed");
    let (section, end) = super::super::section(&signed).expect("it is signed");
    // The signature is the last of the section: R, and S behind it.
    assert_eq!(read(section).expect("it reads")[0].signatures[0].signature, signed[end - SIGNATURE_BYTES..end]);
    let mut other = signed.clone();
    let mut carry = 0;
    for (byte, add) in other[end - 32..end].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert!(is_signed_by(&signed, &key) && !is_signed_by(&other, &key));
}
