use super::*;

const OTHER_KEY: &str = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

#[test]
fn a_plugin_that_nothing_vouches_for_is_a_mistake() {
    let found = mistake("plugins/shop.toml", "signed_by = [\"release\"]", "");
    assert!(found.starts_with("plugins/shop.toml") && found.contains("pins no digest (sha256) and names no signer"));
    let pinned = format!("sha256 = \"{}\"", "0".repeat(64));
    let mut folder = folder();
    folder.entry("plugins/shop.toml").and_modify(|text| *text = text.replace("signed_by = [\"release\"]", &pinned));
    assert!(load_folder(&folder).is_ok());
}

#[test]
fn a_signer_that_is_not_there_is_a_mistake_once() {
    assert_eq!(
        mistake("plugins/shop.toml", "[\"release\"]", "[\"relaese\"]"),
        "plugins/shop.toml:1:14: signed_by[0]: there is no signer `relaese`; did you mean `release`?"
    );
    let found = mistake("signers/release.toml", "title = ", "titel = ");
    assert!(found.starts_with("signers/release.toml:1:1: titel: unknown key"), "{found}");
}

#[test]
fn a_signer_has_one_key_and_a_key_one_signer() {
    let with = |lines: &str| mistake("signers/release.toml", "public_key = ", &format!("{lines}\npublic_key = "));
    assert!(with("public_key_file = \"release.pub\"").contains("public_key_file: stands beside `public_key`"));
    let key = SIGNER.lines().nth(1).expect("a key");
    assert!(mistake("signers/release.toml", key, "").contains("public_key: is missing"));
    let mut folder = folder();
    folder.insert("signers/review.toml", SIGNER.to_owned());
    let found = load_folder(&folder).expect_err("the same key");
    assert_eq!(found.len(), 1);
    assert!(
        found[0].contains("signers/review.toml:2:14: public_key: is the key of signer `release` as well"),
        "{found:?}"
    );
    folder.insert("signers/review.toml", format!("title = \"Review\"\npublic_key = \"{OTHER_KEY}\"\n"));
    assert!(load_folder(&folder).is_ok());
}

#[test]
fn what_is_no_public_key_or_no_day_is_refused() {
    for wrong in ["AAAA", "MCowBQYDK2VuAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="] {
        let found =
            mistake("signers/release.toml", "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=", wrong);
        assert!(found.contains("public_key") && found.contains("BEGIN PUBLIC KEY"), "{found}");
    }
    let found = mistake("signers/release.toml", "public_key = ", "expires_on = \"next year\"\npublic_key = ");
    assert!(found.contains("expires_on"), "{found}");
    let mut folder = folder();
    folder.entry("signers/release.toml").or_default().push_str("expires_on = \"2027-01-01\"\n");
    let policies = load_folder(&folder).expect("no mistake");
    assert_eq!(policies.signers["release"].expires_on, Some(jiff::civil::date(2027, 1, 1)));
}

#[test]
fn an_override_names_a_version_a_person_and_a_reason() {
    let with = |rollback: &str| {
        let mut folder = folder();
        folder.entry("plugins/shop.toml").or_default().push_str(&format!("[rollback]\n{rollback}\n"));
        load_folder(&folder).map(|policies| policies.plugins["shop"].rollback.clone())
    };
    let named = with("to = \"1.2.0\"\nby = \"Ada\"\nreason = \"1.3.0 loses seals\"").expect("no mistake");
    assert_eq!(named.map(|rollback| rollback.to), Some("1.2.0".to_owned()));
    for wrong in [
        "to = \"1.2.0\"\nby = \"Ada\"",
        "to = \"1.2.0\"\nby = \"\"\nreason = \"r\"",
        "to = \"1.2\"\nby = \"Ada\"\nreason = \"r\"",
        "to = \"*\"\nby = \"Ada\"\nreason = \"r\"",
    ] {
        let found = with(wrong).expect_err("must hold a mistake");
        assert!(found.len() == 1 && found[0].contains("rollback"), "{found:?}");
    }
}
