use super::*;
use crate::audit::{Actor, Kind, Subject};
use crate::policy::Policies;
use crate::review::tests::{component, edited, folder, policies};

const ASKS: (&str, &str, &str) = ("ceiling.toml", "rebuilds = true", "rebuilds = true\n[approval]\nrequired = true");

fn surface(policies: &Policies) -> Surface {
    Surface::new(policies, &BTreeMap::new())
}

fn effect(decision: &Decision) -> &'static str {
    match decision {
        Decision::Free => "free",
        Decision::Begins => "begins",
        Decision::Same => "same",
        Decision::AtOnce(_) => "at once",
        Decision::Widens(_) => "widens",
    }
}

/// The demo's policies as of the first edit, changed by the second.
fn decided(file: &str, from: &str, to: &str) -> &'static str {
    let (before, after) = (policies(&folder()), policies(&edited(file, from, to)));
    effect(&decide(Some(&surface(&before)), &surface(&after), false))
}

#[test]
fn what_widens_waits_and_all_else_is_accepted_at_once() {
    assert_eq!(decided("plugins/ecom-shopify.toml", "wall_ms_max = 1_000", "wall_ms_max = 2_000"), "widens");
    assert_eq!(decided("partners/web-shop.toml", "burst = 200", "burst = 100"), "at once");
    assert_eq!(decided("partners/web-shop.toml", "Web shop", "Shop"), "at once");
    assert_eq!(decided("partners/web-shop.toml", "title = ", "# a comment\ntitle = "), "same");
}

#[test]
fn without_the_rule_nothing_waits_and_the_first_under_it_is_where_it_begins() {
    let surface = surface(&policies(&folder()));
    assert_eq!(decide(None, &surface, false), Decision::Free);
    assert_eq!(decide(None, &surface, true), Decision::Begins);
}

#[test]
fn the_rule_does_not_go_without_a_second_person() {
    let (file, from, to) = ASKS;
    let sources = with_approvers(edited(file, from, to));
    let with = surface(&policies(&sources));
    let mut without = sources;
    for source in &mut without {
        source.text = source.text.replace("required = true", "required = false");
    }
    let without = surface(&policies(&without));
    let Decision::Widens(changes) = decide(Some(&with), &without, false) else { panic!("it goes") };
    assert_eq!((changes.len(), changes[0].key.as_str()), (1, "approval.required"), "{changes:#?}");
    assert_eq!(effect(&decide(Some(&without), &with, true)), "at once", "it may come");
}

#[test]
fn the_digest_names_every_fact_and_every_component() {
    let policies_before = policies(&folder());
    let components = |component: Component| BTreeMap::from([("customer-portal".to_owned(), component)]);
    let of = |component: Component| Surface::new(&policies_before, &components(component)).digest();
    let digest = of(component(|_| ()));
    assert_eq!(digest, of(component(|_| ())));
    assert_ne!(digest, surface(&policies_before).digest(), "one that was not seen");
    assert_ne!(digest, of(Component { digest: "60".repeat(32), ..component(|_| ()) }));
    let edits = [
        ("partners/web-shop.toml", "Web shop (orders and products)", "Shop"),
        ("partners/web-shop.toml", "burst = 200", "burst = 201"),
        ("plugins/customer-portal.toml", "\"/jobs/*\"", "\"/jobs/**\""),
        ("routes.toml", "document = \"milestone\"\n", "document = \"milestone\"\nfrom = \"ocean-carrier\"\n"),
    ];
    for (file, from, to) in edits {
        let changed = policies(&edited(file, from, to));
        assert_ne!(digest, Surface::new(&changed, &components(component(|_| ()))).digest(), "{file}: {to}");
    }
}

#[test]
fn a_state_is_read_as_it_was_written() {
    let components = BTreeMap::from([("customer-portal".to_owned(), component(|_| ()))]);
    let state = State { policies: folder(), components };
    let text = serde_json::to_string(&state).expect("JSON");
    assert_eq!(serde_json::from_str::<State>(&text).expect("a state"), state);
}

#[test]
fn an_audit_entry_names_places_and_quotes_nothing() {
    let (before, after) =
        (policies(&folder()), policies(&edited("partners/web-shop.toml", "burst = 200", "burst = 300")));
    let Decision::Widens(changes) = decide(Some(&surface(&before)), &surface(&after), false) else {
        panic!("it waits")
    };
    let entry = Entry::new(jiff::Timestamp::UNIX_EPOCH, Kind::ChangeWaits, Actor::gateway(), Subject::change("x"));
    assert_eq!(told(entry, &changes).detail(), r#"{"changes":1,"widens":["partners/web-shop.toml limits.burst"]}"#);
}

/// The same with two operators who may approve, and keys that stand in the policies.
fn with_approvers(mut sources: Vec<Source>) -> Vec<Source> {
    let key = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
    for signer in sources.iter_mut().filter(|source| source.path.starts_with("signers/")) {
        signer.text = format!("title = \"Somebody\"\npublic_key = \"{key}\"\n");
    }
    for (name, digit) in [("first", "1"), ("second", "2")] {
        let text = format!("title = \"{name}\"\nkey_sha256 = \"{}\"\nmay = [\"approve\"]\n", digit.repeat(64));
        sources.push(Source { path: format!("operators/{name}.toml"), text });
    }
    sources
}
