use wasm_encoder::{Component, ComponentSection, CustomSection};

use super::*;

mod vectors;

fn section(name: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    CustomSection { name: name.into(), data: data.into() }.append_to_component(&mut bytes);
    bytes
}

/// A component of two sections.
fn component() -> Vec<u8> {
    let mut bytes = Component::new().finish();
    bytes.extend(section("first", b"the code, say"));
    bytes.extend(section("second", b"the manifest, say"));
    bytes
}

fn is_signed_by(component: &[u8], key: &SigningKey) -> bool {
    Signatures::of(component).is_ok_and(|signatures| signatures.by(&key.verifying_key()))
}

#[test]
fn what_was_signed_is_a_component_that_its_key_vouches_for_and_no_other() {
    let (key, other) = (SigningKey::generate(), SigningKey::generate());
    let signed = key.sign(&component()).expect("it is signed");
    assert!(is_signed_by(&signed, &key) && !is_signed_by(&signed, &other));
    assert!(!is_signed_by(&component(), &key));
    let signatures = Signatures::of(&signed).expect("it reads");
    assert_eq!(signatures.key_ids(), [key.verifying_key().id()]);
    assert_eq!(signatures.content_sha256(), Signatures::of(&component()).expect("it reads").content_sha256());
    assert_eq!(key.sign(&signed).expect("it is signed"), signed, "once is enough");
}

#[test]
fn the_signature_stands_where_the_convention_has_it_and_the_library_takes_it() {
    let key = SigningKey::generate();
    let signed = key.sign(&component()).expect("it is signed");
    assert_eq!(signed[..8], component()[..8]);
    assert!(signed.ends_with(&component()[8..]));
    assert_eq!(&signed[8..8 + 1], [0], "a custom section comes first");
    key.verifying_key().0.verify(&mut &*signed, None).expect("the library's own check");
}

#[test]
fn any_byte_of_the_content_that_is_changed_ends_it() {
    let key = SigningKey::generate();
    let signed = key.sign(&component()).expect("it is signed");
    let content = signed.len() - component().len() + 8;
    for at in content..signed.len() {
        let mut changed = signed.clone();
        changed[at] ^= 1;
        assert!(!is_signed_by(&changed, &key), "byte {at}");
    }
}

#[test]
fn a_section_that_is_added_or_taken_away_ends_it() {
    let key = SigningKey::generate();
    let signed = key.sign(&component()).expect("it is signed");
    let longer = [&*signed, &*section("third", b"more")].concat();
    assert!(!is_signed_by(&longer, &key));
    let shorter = &signed[..signed.len() - section("second", b"the manifest, say").len()];
    assert!(!is_signed_by(shorter, &key));
}

#[test]
fn a_signature_over_parts_does_not_vouch_for_the_first_of_them() {
    let key = SigningKey::generate();
    let module = Module::deserialize(&mut &*component()).expect("it parses");
    let mut first = true;
    let cut = module.split(|_| std::mem::replace(&mut first, false)).expect("it is cut");
    let (module, _) = key.0.sign_multi(cut, None, false, false).expect("it is signed");
    let mut whole = Vec::new();
    module.serialize(&mut whole).expect("it is written");
    assert!(is_signed_by(&whole, &key));
    // Cut off behind the first delimiter, whose hash is signed too: the library would take it.
    let mut at = None;
    for payload in Parser::new(0).parse_all(&whole) {
        match payload.expect("it parses") {
            Payload::CustomSection(section) if section.name() == "signature_delimiter" && at.is_none() => {
                at = Some(section.range().end);
            }
            _ => {}
        }
    }
    let part = &whole[..at.expect("a delimiter")];
    assert!(part.len() < whole.len());
    key.verifying_key().0.verify(&mut &*part, None).expect("the library's own check");
    assert!(!is_signed_by(part, &key));
}

#[test]
fn two_keys_vouch_for_one_component_and_signatures_of_other_content_go() {
    let (author, review) = (SigningKey::generate(), SigningKey::generate());
    let both = review.sign(&author.sign(&component()).expect("it is signed")).expect("it is signed again");
    assert!(is_signed_by(&both, &author) && is_signed_by(&both, &review));
    let changed = [&*both, &*section("third", b"more")].concat();
    let again = review.sign(&changed).expect("it is signed");
    assert!(is_signed_by(&again, &review) && !is_signed_by(&again, &author));
    assert_eq!(Signatures::of(&again).expect("it reads").key_ids(), [review.verifying_key().id()]);
}

#[test]
fn a_signature_that_stands_elsewhere_than_first_counts_for_nothing() {
    let key = SigningKey::generate();
    let signed = key.sign(&component()).expect("it is signed");
    let front = signed.len() - component().len() + 8;
    let moved = [&signed[..8], &signed[front..], &signed[8..front]].concat();
    assert!(!is_signed_by(&moved, &key));
    assert!(Signatures::of(&moved).expect("it reads").is_empty());
}

#[test]
fn lengths_that_lie_are_refused_before_room_is_made_for_them() {
    let with = |data: &[u8]| [&component()[..8], &*section("signature", data), &component()[8..]].concat();
    let four_gigabytes = [0xff, 0xff, 0xff, 0xff, 0x0f];
    for lie in [&b""[..], &b"\x01\x01"[..], &[&b"\x01\x01\x01"[..], &four_gigabytes].concat()] {
        assert_eq!(Signatures::of(&with(lie)).err(), Some(BadSignatures::Damaged));
    }
    let in_a_set = [&b"\x01\x01\x01\x01"[..], &four_gigabytes].concat();
    assert_eq!(Signatures::of(&with(&in_a_set)).err(), Some(BadSignatures::Damaged));
    assert_eq!(Signatures::of(&with(b"\x02\x01\x01\x00")).err(), Some(BadSignatures::OtherKind));
    assert_eq!(Signatures::of(&with(b"\x01\x01\x01\x00\x00")).err(), Some(BadSignatures::Damaged));
    assert_eq!(Signatures::of(&with(&[0; 20_000])).err(), Some(BadSignatures::TooLarge(20_000)));
    for file in [&b""[..], b"\0asm", b"no WebAssembly at all"] {
        assert!(Signatures::of(file).expect("nothing to read").is_empty());
        assert!(SigningKey::generate().sign(file).is_err());
    }
}

#[test]
fn keys_are_read_as_they_are_written_and_a_secret_is_never_shown() {
    let key = SigningKey::generate();
    let public = key.verifying_key();
    assert_eq!(VerifyingKey::parse(&public.to_pem()), Ok(public.clone()));
    assert_eq!(VerifyingKey::parse(&public.line()), Ok(public.clone()));
    assert!(public.line().starts_with("MCowBQYDK2VwAyEA") && public.line().len() == 60);
    let read = SigningKey::parse(&key.to_pem()).expect("a secret key");
    assert_eq!(read.verifying_key(), public);
    assert_eq!(format!("{key:?}"), "SigningKey");
    assert_eq!(VerifyingKey::parse(&key.to_pem()), Err(BadKey::Public));
    assert_eq!(SigningKey::parse(&public.to_pem()).err(), Some(BadKey::Secret));
}

#[test]
fn a_key_that_anybody_can_sign_for_is_refused() {
    // The neutral element of the curve, and a point of small order.
    for weak in ["AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="] {
        assert_eq!(VerifyingKey::parse(&format!("MCowBQYDK2VwAyEA{weak}")), Err(BadKey::Weak), "{weak}");
    }
}
