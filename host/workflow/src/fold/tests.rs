use portgate_core::policy::Owner;
use portgate_store::ExchangeId;
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn ownership() -> Ownership {
    let owner = |role: &str, fields: &[&str]| Owner {
        role: role.to_owned(),
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        ids: BTreeSet::new(),
        codes: BTreeMap::new(),
        from: None,
        until: None,
    };
    let owners = vec![owner("erp", &["shipment/*"]), owner("wms", &["shipment/grossKg"])];
    Ownership::new(
        owners,
        BTreeMap::from([("erp", "erp"), ("warehouse", "wms")].map(|(a, b)| (a.to_owned(), b.to_owned()))),
    )
}

fn stated(sender: &str, version: &str, minute: u32, said: Value) -> StatedDocument {
    let mut body = json!({
        "id": "SHP-7",
        "version": version,
        "source": {
            "system": sender,
            "recordedAt": { "value": format!("2026-03-05T09:{minute:02}:00Z") },
            "rawRef": sha256_hex(format!("{sender} {version} {minute}").as_bytes()),
        },
        "references": [{ "scheme": "shipment", "value": "SHP-7" }, { "scheme": "note", "value": "N" }],
    });
    for (name, value) in said.as_object().expect("fields") {
        body[name] = value.clone();
    }
    let body = body.to_string();
    let recorded_at = format!("2026-03-05T09:{minute:02}:00Z").parse::<jiff::Timestamp>().unwrap();
    StatedDocument {
        thing: 1,
        sender: sender.to_owned(),
        kind: "shipment".to_owned(),
        key: "SHP-7".to_owned(),
        version: version.to_owned(),
        recorded_at: recorded_at.as_microsecond(),
        sha256: portgate_core::sha256::sha256(body.as_bytes()),
        exchange: ExchangeId::new(recorded_at),
        position: 0,
        body: Some(body),
    }
}

fn rules() -> ShipmentRules {
    ShipmentRules { ties: [("shipment".to_owned(), shipment::Tie::Identifying)].into(), ..ShipmentRules::default() }
}

fn folded(documents: &[StatedDocument]) -> Folded {
    let documents = ShipmentDocuments { documents: documents.to_vec(), ..Default::default() };
    fold("0197e1c0-6c00-8a7b-9c1d-2e3f40516273", &documents, &rules(), &ownership()).expect("a context")
}

#[test]
fn a_context_is_written_as_it_says_and_called_after_what_it_says() {
    let folded = folded(&[stated("erp", "1", 0, json!({ "note": "\"version\":\"0\",\"source\":{" }))]);
    assert_eq!(folded.json, serde_json::to_string(&folded.context).expect("JSON"));
    let mut unsealed: Value = serde_json::from_str(&folded.json).expect("JSON");
    assert_eq!(unsealed["version"], folded.revision.as_str());
    assert_eq!(unsealed["source"]["recordedAt"]["value"], "2026-03-05T09:00:00Z");
    let digest = unsealed["source"]["rawRef"].as_str().expect("a digest").to_owned();
    assert!(digest.starts_with(&folded.revision));
    unsealed["version"] = "0".into();
    unsealed["source"]["recordedAt"]["value"] = "1970-01-01T00:00:00Z".into();
    unsealed["source"]["rawRef"] = "0".repeat(64).into();
    let content: ShipmentContext = serde_json::from_value(unsealed).expect("a context");
    assert_eq!(sha256_hex(serde_json::to_string(&content).expect("JSON").as_bytes()), digest);
}

#[test]
fn the_owner_of_a_field_counts_and_what_another_says_of_it_is_a_conflict() {
    let context = folded(&[
        stated("erp", "2", 0, json!({ "mode": "sea", "grossKg": "1200" })),
        stated("warehouse", "1", 5, json!({ "mode": "air", "grossKg": "1210.5", "volumeM3": "4" })),
    ])
    .context;
    let [document] = &context.documents[..] else { panic!("{:?}", context.documents) };
    let fields = &document.document.0;
    assert_eq!((&fields["mode"], &fields["grossKg"]), (&json!("sea"), &json!("1210.5")));
    assert_eq!(fields["volumeM3"], json!("4"), "what its owner is silent of is filled in");
    assert_eq!(&*document.provenance.system, "erp");
    let of_others: Vec<(&str, &str)> =
        document.fields.iter().map(|field| (&*field.field, &*field.provenance.system)).collect();
    assert_eq!(of_others, [("/grossKg", "warehouse"), ("/volumeM3", "warehouse")]);
    let conflicts: Vec<(&str, &str, &str)> = context
        .conflicts
        .iter()
        .map(|conflict| (&*conflict.field, &*conflict.counts.value, &*conflict.differs.value))
        .collect();
    assert_eq!(conflicts, [("/grossKg", "\"1210.5\"", "\"1200\""), ("/mode", "\"sea\"", "\"air\"")]);
    assert_eq!(context.references.len(), 1, "names that tie nothing are no references of the shipment");
}

#[test]
fn what_a_field_was_before_stays_beside_it() {
    let context = folded(&[
        stated("erp", "1", 0, json!({ "mode": "road" })),
        stated("erp", "3", 2, json!({ "mode": "sea", "grossKg": "1" })),
        stated("erp", "2", 9, json!({ "mode": "air" })),
    ])
    .context;
    let earlier: Vec<(&str, Option<&str>, &str)> = context.documents[0]
        .earlier
        .iter()
        .map(|earlier| (&*earlier.field, earlier.value.as_deref(), &*earlier.provenance.version))
        .collect();
    assert_eq!(earlier, [("/grossKg", None, "2"), ("/mode", Some("\"air\""), "2"), ("/mode", Some("\"road\""), "1")]);
}

#[test]
fn what_an_owner_said_of_its_field_before_stays_beside_it_whoever_says_the_rest() {
    let context = folded(&[
        stated("erp", "1", 0, json!({ "mode": "road", "grossKg": "1" })),
        stated("erp", "2", 3, json!({ "mode": "sea", "grossKg": "1" })),
        stated("warehouse", "1", 1, json!({ "mode": "air", "grossKg": "1210.5" })),
        stated("warehouse", "2", 5, json!({ "mode": "rail", "grossKg": "1215" })),
    ])
    .context;
    let earlier: Vec<(&str, Option<&str>, &str)> = context.documents[0]
        .earlier
        .iter()
        .map(|earlier| (&*earlier.field, earlier.value.as_deref(), &*earlier.provenance.system))
        .collect();
    let wanted = [("/grossKg", Some("\"1210.5\""), "warehouse"), ("/mode", Some("\"road\""), "erp")];
    assert_eq!(earlier, wanted, "what it said of fields of others never counted");
}

#[test]
fn earlier_values_for_which_there_is_no_room_are_counted() {
    let version = |number: u32| {
        let lines: Vec<String> = (0..250).map(|at| format!("{number}.{at}")).collect();
        stated("erp", &number.to_string(), number, json!({ "lines": lines }))
    };
    let context = folded(&[version(1), version(2), version(3)]).context;
    assert_eq!(context.documents[0].earlier.len(), 200);
    let notes: Vec<&str> = context.omitted.iter().map(|note| &*note.text).collect();
    assert_eq!(notes, ["Of 500 earlier values, 200 are here."]);
}

#[test]
fn a_shipment_of_which_nothing_is_left_has_no_context() {
    let gone = StatedDocument { body: None, ..stated("erp", "1", 0, json!({})) };
    let documents = ShipmentDocuments { documents: vec![gone], ..Default::default() };
    assert_eq!(fold("id", &documents, &rules(), &ownership()), Err(NotFolded::Empty));
}

#[test]
fn what_is_put_together_keeps_the_schema_of_contexts() {
    let (_, schema) = portgate_canonical::SCHEMA_TEXTS
        .into_iter()
        .find(|(kind, _)| *kind == "shipment-context")
        .expect("the kind has a schema");
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let folded = folded(&[
        stated("erp", "1", 0, json!({ "mode": "road" })),
        stated("erp", "2", 1, json!({ "mode": "sea" })),
        stated("warehouse", "1", 5, json!({ "mode": "air", "grossKg": "1210.5" })),
    ]);
    let context: Value = serde_json::from_str(&folded.json).unwrap();
    let errors: Vec<String> = schema.iter_errors(&context).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    assert_eq!(context["version"], folded.revision.as_str());
}

proptest! {
    #[test]
    fn every_order_of_arrival_and_every_repetition_gives_the_same_bytes(
        (documents, order) in prop::collection::vec(
            (prop::sample::select(vec!["erp", "warehouse", "web-shop"]), 0..4u32, 0..20u32, 0..3u32), 1..12,
        )
        .prop_map(|made| {
            made.into_iter()
                .map(|(sender, version, minute, gross)| {
                    stated(sender, &version.to_string(), minute, json!({ "grossKg": gross.to_string() }))
                })
                .collect::<Vec<_>>()
        })
        .prop_flat_map(|documents| {
            let twice: Vec<_> = documents.iter().chain(documents.iter().take(3)).cloned().collect();
            (Just(documents), Just(twice).prop_shuffle())
        })
    ) {
        prop_assert_eq!(folded(&documents).json, folded(&order).json);
    }
}
