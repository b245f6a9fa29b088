use super::*;

const RULE: &str = "[approval]\nrequired = true\n";

/// The good folder under the two-person rule, with these operators.
fn ruled(operators: &[(&'static str, &str, &str)]) -> BTreeMap<&'static str, String> {
    let mut folder = folder();
    folder.entry("ceiling.toml").and_modify(|text| text.insert_str(0, RULE));
    for (path, key, may) in operators {
        folder.insert(path, format!("title = \"Somebody\"\nkey_sha256 = \"{key}\"\nmay = [\"{may}\"]\n"));
    }
    folder
}

#[test]
fn the_two_person_rule_needs_two_who_can_approve() {
    let (one, two) = ("1".repeat(64), "2".repeat(64));
    let found = load_folder(&ruled(&[("operators/ada.toml", &one, "approve"), ("operators/eve.toml", &two, "read")]));
    let found = found.expect_err("one is not enough");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(
        found[0].starts_with("ceiling.toml:2:12: approval.required: needs 2 operators with the permission `approve`")
    );
    let both = [("operators/ada.toml", &*one, "approve"), ("operators/eve.toml", &*two, "approve")];
    assert!(load_folder(&ruled(&both)).expect("no mistake").ceiling.approval.required);
    assert!(!load_folder(&folder()).expect("no mistake").ceiling.approval.required, "it is asked for");
}

#[test]
fn under_the_two_person_rule_keys_stand_where_a_change_is_seen() {
    let two = "2".repeat(64);
    let mut folder =
        ruled(&[("operators/ada.toml", "file:ada.sha256", "approve"), ("operators/eve.toml", &two, "approve")]);
    folder.insert("signers/release.toml", "title = \"Release\"\npublic_key_file = \"release.pub\"\n".to_owned());
    let found = load_folder(&folder).expect_err("keys in files");
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].starts_with("operators/ada.toml:2:14: key_sha256: names a secret"), "{found:#?}");
    assert!(found[1].starts_with("signers/release.toml:2:19: public_key_file: names a file"), "{found:#?}");
}
