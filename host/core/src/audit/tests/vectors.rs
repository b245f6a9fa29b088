//! Public test vectors, where the folder with the corpora exists; without it there is nothing to check. Their messages are
//! not heads, so each signature is written into a saved head, read from there, and judged by the key that an auditor
//! would have.

use std::path::PathBuf;

use serde_json::Value;

use super::*;

#[test]
fn wycheproof_signatures_are_judged_as_expected_and_none_signs_a_head() {
    let shared = std::env::var_os("PORTGATE_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let Ok(text) = std::fs::read_to_string(shared.join("corpora/wycheproof/ed25519_test.json")) else {
        println!("left out: the folder with the public test vectors is not beside the checkout");
        return;
    };
    let corpus: Value = serde_json::from_str(&text).expect("JSON");
    let (mut valid, mut invalid, mut wrong) = (0, 0, Vec::new());
    for group in corpus["testGroups"].as_array().expect("groups") {
        let key = PublicKey::from_pem(group["publicKeyPem"].as_str().expect("a key")).expect("a public key");
        for test in group["tests"].as_array().expect("tests") {
            let bytes = |member: &str| hex::decode(test[member].as_str().expect("digits")).expect("hexadecimal digits");
            let head = Head { number: 1, hash: GENESIS, at: at(0), key: key.id() };
            let saved = SignedHead { head, signature: bytes("sig") }.to_json();
            let read = SignedHead::from_json(&saved).expect("a saved head reads");
            assert!(!key.has_signed(&read), "{} is over another message", test["tcId"]);
            match (key.verifies(&bytes("msg"), &read.signature), test["result"].as_str()) {
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
