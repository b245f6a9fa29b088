//! Grants of fields: each names something that there is, and nothing outside the ceiling.

use super::*;

const PLUGIN: &str = "plugins/shop.toml";

/// The good folder where the plugin reads orders and milestones, with these lines at the end of its grants.
fn with(plugin: &str, ceiling: &str) -> BTreeMap<&'static str, String> {
    let mut folder = folder();
    folder.entry(PLUGIN).or_default().push_str(&format!("read = [\"order\", \"milestone\"]\n{plugin}\n"));
    folder.entry("ceiling.toml").or_default().push_str(&format!("read = [\"*\"]\n{ceiling}\n"));
    folder
}

#[track_caller]
fn only(plugin: &str, ceiling: &str) -> String {
    let mut all = load_folder(&with(plugin, ceiling)).expect_err("must hold a mistake");
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

#[test]
fn fields_that_there_are_can_be_granted() {
    let grants = "references = [\"ucr\"]\n[grants.fields]\norder = [\"/orderNumber\", \"/lines/*/itemRef\"]";
    let policies = load_folder(&with(grants, "")).expect("no mistake");
    assert_eq!(policies.plugins["shop"].grants.fields["order"].len(), 2);
    load_folder(&with("[grants.fields]\norder = []", "")).expect("nothing of a kind can be granted");
}

#[test]
fn a_field_that_there_is_not_is_named_with_the_nearest() {
    let wrong = only("[grants.fields]\norder = [\"/orderNumber\", \"/lines/itemRef\"]", "");
    assert!(
        wrong.starts_with(
            "plugins/shop.toml:19:26: grants.fields.order[1]: documents of kind `order` have no field \
        `/lines/itemRef`; did you mean `/lines/*/itemRef`?"
        ),
        "{wrong}"
    );
    let no_pointer = only("[grants.fields]\norder = [\"orderNumber\"]", "");
    assert!(no_pointer.contains("must start with a slash"), "{no_pointer}");
}

#[test]
fn fields_are_granted_of_kinds_that_are_read() {
    let not_read = only("[grants.fields]\nitem = [\"/id\"]", "");
    assert!(not_read.contains("grants.fields.item: restricts documents that may not be read at all"), "{not_read}");
    let unknown = only("[grants.fields]\nordr = [\"/id\"]", "");
    assert!(unknown.contains("did you mean `order`?"), "{unknown}");
}

#[test]
fn references_are_granted_by_scheme_and_not_as_fields() {
    let as_field = only("[grants.fields]\norder = [\"/references/*/value\"]", "");
    assert!(as_field.contains("grants.references"), "{as_field}");
    let all = only("references = [\"*\"]\n[grants.fields]\norder = [\"/id\"]", "");
    assert!(all.contains("grants everything"), "{all}");
    let idle = only("references = [\"ucr\"]", "");
    assert!(idle.contains("restricts nothing"), "{idle}");
}

#[test]
fn nothing_is_granted_of_documents_that_the_ceiling_withholds() {
    let ceiling = "references = [\"ucr\"]\n[grants.fields]\norder = [\"/lines\", \"/orderNumber\"]";
    let narrow = "references = [\"ucr\"]\n[grants.fields]\norder = [\"/lines/*/itemRef\"]";
    load_folder(&with(narrow, ceiling)).expect("no mistake");
    let whole = only("", ceiling);
    assert!(
        whole.contains("grants.read[0]: documents of kind `order` may not be read whole under the ceiling"),
        "{whole}"
    );
    let field = only("[grants.fields]\norder = [\"/lines\", \"/buyer\"]", ceiling);
    assert!(field.contains("grants.fields.order[1]: `/buyer` is outside the ceiling"), "{field}");
    let scheme = only("references = [\"order\"]\n[grants.fields]\norder = [\"/lines\"]", ceiling);
    assert!(scheme.contains("grants.references[0]: `order` is outside the ceiling"), "{scheme}");
    let wrong = only("[grants.fields]\norder = []", "[grants.fields]\norder = [\"/lins\"]");
    assert!(wrong.contains("ceiling.toml") && wrong.contains("`/lines`"), "{wrong}");
}
