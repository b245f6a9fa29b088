//! Claims about entries, their canonical form, heads, and what a verifier finds.

use super::*;

mod vectors;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_772_366_400 + second).expect("a time")
}

fn key(byte: u8) -> AuditKey {
    AuditKey::from_seed(&[byte; 32]).expect("a key")
}

fn entry(number: u64) -> Entry {
    Entry::new(at(number as i64), Kind::CredentialUsed, Actor::plugin("portal"), Subject::partner("portal"))
        .text("delivery", &format!("delivery-{number}"))
        .number("attempt", number)
}

/// A log of so many entries, and its head.
fn log(entries: u64) -> (Vec<String>, SignedHead) {
    let (mut lines, mut previous) = (Vec::new(), GENESIS);
    for number in 1..=entries {
        let sealed = entry(number).sealed(number, previous);
        previous = sealed.hash();
        lines.push(sealed.line());
    }
    (lines, key(1).sign(entries, previous, at(1_000)))
}

fn verify(lines: &[String], head: &SignedHead) -> Result<Verified, Broken> {
    let mut verifier = Verifier::new(head.clone(), key(1).public())?;
    lines.iter().for_each(|line| verifier.line(line));
    verifier.finish()
}

fn altered(numbers: &[u64]) -> Result<Verified, Broken> {
    Err(Broken::Altered(verify::Altered(numbers.to_vec())))
}

#[test]
fn a_line_has_one_form_and_its_hash_is_what_sha256sum_says() {
    let sealed = Entry::new(
        "2026-03-01T12:00:00.123456789Z".parse().expect("a time"),
        Kind::OperatorAct,
        Actor::operator("ada"),
        Subject::act(7),
    )
    .text("reason", "a \"quoted\"\nreason\u{1}é")
    .number("changed", 3)
    .texts("tables", ["b", "a"])
    .sealed(1, GENESIS);
    let line = sealed.line();
    let zeros = "0".repeat(64);
    assert_eq!(
        line,
        format!(
            "{{\"actor\":\"operator:ada\",\"at\":\"2026-03-01T12:00:00.123456Z\",\"detail\":{{\"changed\":3,\
             \"reason\":\"a \\\"quoted\\\"\\nreason\\u0001é\",\"tables\":[\"b\",\"a\"]}},\"kind\":\"operator-act\",\
             \"number\":1,\"previous\":\"{zeros}\",\"subject\":\"act:7\"}}"
        )
    );
    assert_eq!(hex::encode(sealed.hash()), "739d39f6e844f1abb3d26e2ea57a77bb0d0d95909ce355e7a2f0c9455c4af753");
    // The same as a strict reader and writer make of it, keys sorted.
    let read: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(read.to_string(), line);
}

#[test]
fn what_an_entry_holds_is_bounded() {
    let long = "é".repeat(100_000);
    let entry = Entry::new(at(0), Kind::PluginRefused, Actor::plugin(&long), Subject::policy(&long))
        .text("text", &long)
        .texts("texts", std::iter::repeat_n(&long, 100_000))
        .text("nul", "a\0b")
        .number("number", u64::MAX);
    assert!(entry.actor().len() <= 160 && entry.subject().len() <= 160);
    let detail: serde_json::Value = serde_json::from_str(&entry.detail()).expect("JSON");
    assert!(entry.detail().len() < 20_000);
    assert!(detail["text"].as_str().is_some_and(|text| text.len() <= 2_000 && text.ends_with("é…")));
    let texts = detail["texts"].as_array().expect("a list");
    assert_eq!((texts.len(), texts[64].as_str()), (65, Some("… and 99936 more")));
    assert_eq!(detail["nul"], "a\u{fffd}b");
    assert_eq!(detail["number"].as_u64(), Some((1 << 53) - 1));
}

#[test]
fn every_kind_is_read_back_and_a_stranger_is_none() {
    assert!(Kind::ALL.iter().all(|kind| kind.as_str().parse() == Ok(*kind)));
    assert_eq!("plugin-admired".parse::<Kind>(), Err(UnknownKind("plugin-admired".to_owned())));
}

#[test]
fn an_intact_log_is_verified_with_its_count_and_span() {
    let (lines, head) = log(10);
    let verified = verify(&lines, &head).expect("nothing was touched");
    assert_eq!(verified, Verified { entries: 10, span: Some((at(1), at(10))), newer: 0 });
    let (longer, _) = log(13);
    assert_eq!(verify(&longer, &head).map(|verified| verified.newer), Ok(3));
    let (_, empty) = log(0);
    assert_eq!(verify(&[], &empty), Ok(Verified { entries: 0, span: None, newer: 0 }));
}

#[test]
fn an_altered_entry_is_found_by_its_number() {
    let (lines, head) = log(10);
    for number in 1..=10_u64 {
        let mut touched = lines.clone();
        let line = &mut touched[number as usize - 1];
        *line = line.replace("delivery-", "Delivery-");
        let expected = if number == 10 { Err(Broken::OtherEnd(10)) } else { altered(&[number]) };
        assert_eq!(verify(&touched, &head), expected, "entry {number}");
    }
    let mut touched = lines.clone();
    for index in [1, 5, 6, 9] {
        touched[index] = touched[index].replace("partner:portal", "partner:another");
    }
    // What an altered entry says of the one before it is no proof, so of two in a row the second is named.
    assert_eq!(verify(&touched, &head), altered(&[2, 7, 10]));
}

#[test]
fn an_altered_link_is_charged_to_its_own_entry() {
    let (lines, head) = log(5);
    for number in 1..=5_usize {
        let mut touched = lines.clone();
        let line: serde_json::Value = serde_json::from_str(&lines[number - 1]).expect("JSON");
        let previous = line["previous"].as_str().expect("a hash");
        touched[number - 1] = lines[number - 1].replace(previous, &"7".repeat(64));
        assert_eq!(verify(&touched, &head), altered(&[number as u64]), "entry {number}");
    }
}

#[test]
fn entries_that_took_each_other_s_numbers_are_found_and_no_other() {
    let (lines, head) = log(10);
    for number in 1..10_usize {
        let mut touched = lines.clone();
        touched[number - 1] =
            lines[number].replace(&format!("\"number\":{}", number + 1), &format!("\"number\":{number}"));
        touched[number] =
            lines[number - 1].replace(&format!("\"number\":{number},"), &format!("\"number\":{},", number + 1));
        assert_eq!(
            verify(&touched, &head),
            altered(&[number as u64, number as u64 + 1]),
            "entries {number} and the next"
        );
    }
}

#[test]
fn a_line_that_is_none_is_an_altered_entry() {
    let (lines, head) = log(5);
    for broken in ["", "{}", "not JSON", r#"{"number":3,"number":3}"#] {
        let mut touched = lines.clone();
        touched[2] = broken.to_owned();
        assert_eq!(verify(&touched, &head), altered(&[3]), "{broken}");
    }
}

#[test]
fn removed_entries_are_found() {
    let (lines, head) = log(10);
    let without = |range: std::ops::Range<usize>| {
        let mut rest = lines.clone();
        rest.drain(range);
        verify(&rest, &head)
    };
    assert_eq!(without(4..5), Err(Broken::Removed { after: 4, until: 5 }));
    assert_eq!(without(0..3), Err(Broken::Removed { after: 0, until: 3 }));
    assert_eq!(without(2..9), Err(Broken::Removed { after: 2, until: 9 }));
    assert_eq!(without(0..10), Err(Broken::Shorter { last: 0, head: 10 }));
}

#[test]
fn a_truncated_tail_is_found() {
    let (lines, head) = log(10);
    assert_eq!(verify(&lines[..8], &head), Err(Broken::Shorter { last: 8, head: 10 }));
}

#[test]
fn a_removed_entry_cannot_be_hidden_by_new_numbers() {
    let (lines, head) = log(10);
    let mut touched: Vec<String> = lines[..4].to_vec();
    for (line, number) in lines[5..].iter().zip(5..) {
        touched.push(line.replace(&format!("\"number\":{}", number + 1), &format!("\"number\":{number}")));
    }
    assert_eq!(verify(&touched, &head), Err(Broken::Shorter { last: 9, head: 10 }));
}

#[test]
fn reordered_and_repeated_entries_are_found() {
    let (lines, head) = log(10);
    let mut swapped = lines.clone();
    swapped.swap(3, 4);
    assert_eq!(verify(&swapped, &head), Err(Broken::Reordered { number: 4, after: 5 }));
    let mut repeated = lines.clone();
    repeated.insert(6, lines[5].clone());
    assert_eq!(verify(&repeated, &head), Err(Broken::Reordered { number: 6, after: 6 }));
}

#[test]
fn a_log_that_was_chained_anew_ends_otherwise_than_the_head() {
    let (_, head) = log(10);
    let (mut lines, mut previous) = (Vec::new(), GENESIS);
    for number in 1..=10 {
        let entry = if number == 4 { entry(99) } else { entry(number) };
        let sealed = entry.sealed(number, previous);
        previous = sealed.hash();
        lines.push(sealed.line());
    }
    assert_eq!(verify(&lines, &head), Err(Broken::OtherEnd(10)));
    // Not even with a head that says what they made of it.
    let forged = SignedHead { head: Head { hash: previous, ..head.head.clone() }, ..head };
    assert!(matches!(verify(&lines, &forged), Err(Broken::NotSigned { .. })));
}

#[test]
fn a_head_by_another_key_or_changed_in_any_member_is_refused() {
    let (lines, head) = log(3);
    assert!(matches!(Verifier::new(head.clone(), key(2).public()), Err(Broken::NotSigned { .. })));
    let changes: [fn(&mut SignedHead); 5] = [
        |signed| signed.head.number = 2,
        |signed| signed.head.hash[0] ^= 1,
        |signed| signed.head.at = at(5),
        |signed| signed.head.key = key(2).public().id(),
        |signed| signed.signature[0] ^= 1,
    ];
    for change in changes {
        let mut changed = head.clone();
        change(&mut changed);
        assert!(matches!(verify(&lines, &changed), Err(Broken::NotSigned { .. })));
    }
    // Another key's signature under this key's name.
    let stranger = key(2).sign(3, head.head.hash, head.head.at);
    let forged = SignedHead { head: head.head.clone(), signature: stranger.signature };
    assert!(matches!(verify(&lines, &forged), Err(Broken::NotSigned { .. })));
}

#[test]
fn what_came_after_the_head_must_still_hang_together() {
    let (_, head) = log(5);
    let (mut lines, _) = log(8);
    lines[6] = lines[6].replace("delivery-7", "delivery-0");
    assert_eq!(verify(&lines, &head), altered(&[7]));
    let (mut lines, _) = log(8);
    lines[5] = lines[5].replace("delivery-6", "delivery-0");
    assert_eq!(verify(&lines, &head), altered(&[6]));
}

#[test]
fn a_head_is_signed_as_the_journal_keeps_its_time() {
    let now = "2026-03-01T12:00:00.123456789Z".parse().expect("a time");
    let mut signed = key(1).sign(1, GENESIS, now);
    assert!(key(1).public().has_signed(&signed));
    signed.head.at = Timestamp::from_microsecond(now.as_microsecond()).expect("a time");
    assert!(key(1).public().has_signed(&signed), "read back from where only microseconds are kept");
}

#[test]
fn heads_and_keys_are_written_and_read_back() {
    let (_, head) = log(3);
    assert_eq!(SignedHead::from_json(&head.to_json()), Ok(head.clone()));
    let other = head.to_json().replace("portgate.audit.head.v1", "portgate.audit.head.v2");
    assert_eq!(SignedHead::from_json(&other), Err(BadHead::OtherType("portgate.audit.head.v2".to_owned())));
    assert!(matches!(SignedHead::from_json("{}"), Err(BadHead::Form(_))));
    let private = AuditKey::pem_of(&[1; 32]);
    let read = AuditKey::from_pem(&private).expect("a key");
    assert_eq!(read.public(), key(1).public());
    assert_eq!(PublicKey::from_pem(&read.public().to_pem()), Ok(read.public().clone()));
    assert!(read.public().has_signed(&head));
    assert_eq!(AuditKey::from_pem(&read.public().to_pem()).unwrap_err(), BadKey::NoPem("PRIVATE KEY"));
    assert_eq!(
        PublicKey::from_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"),
        Err(BadKey::OtherKey)
    );
    assert_eq!(format!("{read:?}"), format!("AuditKey({:?})", read.public().id()));
}
