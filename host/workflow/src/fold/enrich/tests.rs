use std::sync::Mutex;

use jiff::civil::date;
use portgate_core::document_schemas::DocumentSchemas;
use portgate_core::reference::Edition;

use super::*;
use crate::tables::InForce;

const ON: Date = date(2026, 3, 5);

/// Tables of an edition, and the schemas of documents.
struct Master {
    rows: Vec<(&'static str, &'static str, &'static str, bool)>,
    schemas: DocumentSchemas,
    asked: Mutex<Vec<String>>,
}

impl Master {
    fn new(rows: &[(&'static str, &'static str, &'static str, bool)]) -> Self {
        let schemas = portgate_canonical::SCHEMA_TEXTS
            .into_iter()
            .map(|(kind, text)| (kind, serde_json::from_str::<Value>(text).expect("a schema")));
        let schemas = DocumentSchemas::new(schemas).expect("the schemas are schemas");
        Master { rows: rows.to_vec(), schemas, asked: Mutex::default() }
    }
}

impl portgate_cost::Tables for Master {
    fn look_up(&self, table: &str, key: &str, on: Date) -> Option<String> {
        self.said(table, key, on).map(|said| said.value)
    }
}

impl Tables for Master {
    fn file(&self, _: &str) -> &str {
        "f"
    }

    fn said(&self, table: &str, key: &str, _: Date) -> Option<Said> {
        self.asked.lock().expect("nobody panicked").push(key.to_owned());
        let (_, _, value, is_published) = self.rows.iter().find(|row| (row.0, row.1) == (table, key))?;
        let edition = Edition {
            publisher: "UNECE".to_owned(),
            format: "unlocode".to_owned(),
            edition: "2026-1".to_owned(),
            date: date(2026, 1, 1),
        };
        Some(Said { value: (*value).to_owned(), edition: Some(edition).filter(|_| *is_published), from: None })
    }

    fn fits(&self, kind: &str, body: &[u8]) -> bool {
        self.schemas.check(kind, body).is_ok()
    }

    fn versions(&self) -> Vec<InForce> {
        Vec::new()
    }
}

fn from_table(field: &str, by: &str, table: &str, take: Option<&str>) -> Enrichment {
    Enrichment {
        document: "shipment".to_owned(),
        field: field.to_owned(),
        by: by.to_owned(),
        table: Some(table.to_owned()),
        catalogue: None,
        take: take.map(str::to_owned),
    }
}

fn country_of_loading() -> Enrichment {
    from_table("/placeOfLoading/country", "/placeOfLoading/unLocode", "unlocode", Some("country"))
}

fn placed(kind: &str, body: Value) -> Value {
    let provenance = json!({
        "system": "erp", "version": "1", "recordedAt": { "value": "2026-03-01T08:00:00Z" }, "rawRef": "0".repeat(64),
    });
    json!({ "kind": kind, "id": body["id"], "provenance": provenance, "document": body })
}

fn shipment(more: Value) -> Value {
    let source = json!({
        "system": "erp", "recordedAt": { "value": "2026-03-01T08:00:00Z" }, "rawRef": "0".repeat(64),
    });
    let mut body = json!({ "id": "S", "version": "1", "source": source, "shipmentId": "S" });
    for (name, value) in more.as_object().expect("fields") {
        body[name] = value.clone();
    }
    placed("shipment", body)
}

fn folded(documents: Vec<Value>, catalogue: Vec<Value>) -> Folded {
    let context = json!({
        "id": "0197e1c0-6c00-8a7b-9c1d-2e3f40516273", "version": "0",
        "source": { "system": "portgate", "recordedAt": { "value": "2026-03-01T08:00:00Z" }, "rawRef": "0".repeat(64) },
        "documents": documents, "catalogue": catalogue,
    });
    sealed(serde_json::from_value(context).expect("a context")).expect("it can be said")
}

fn enriched(folded: &Folded, enrichments: &[Enrichment], master: &Master) -> (Folded, Lookups) {
    enrich(folded.clone(), enrichments, master, ON).expect("it can be said")
}

const SHANGHAI: (&str, &str, &str, bool) = ("unlocode", "CNSHA", r#"{"name":"Shanghai","country":"CN"}"#, true);

#[test]
fn what_nobody_says_is_filled_and_says_which_edition_says_it() {
    let before = folded(vec![shipment(json!({ "placeOfLoading": { "unLocode": "CNSHA" } }))], Vec::new());
    let (after, looked_up) = enriched(&before, &[country_of_loading()], &Master::new(&[SHANGHAI]));
    let document = &after.context.documents[0];
    assert_eq!(document.document.0["placeOfLoading"], json!({ "unLocode": "CNSHA", "country": "CN" }));
    let [source] = &document.fields[..] else { panic!("{:?}", document.fields) };
    let Provenance { system, version, recorded_at, role, .. } = &source.provenance;
    assert_eq!(
        (&*source.field, &**system, &**version, recorded_at.as_str(), role.as_deref()),
        ("/placeOfLoading/country", "table:unlocode", "2026-1", "2026-01-01T00:00:00Z", Some("master-data"))
    );
    assert_eq!(&*document.provenance.system, "erp", "the document is still whose it was");
    assert_ne!(after.revision, before.revision);
    assert_eq!(looked_up.iter().len(), 1);
    assert_eq!(&*after.context.version, after.revision);
    let again = enriched(&before, &[country_of_loading()], &Master::new(&[SHANGHAI]));
    assert_eq!(again.0, after, "the same documents and tables give the same context");
}

#[test]
fn what_a_system_says_stays_even_where_master_data_says_otherwise() {
    let said = json!({ "placeOfLoading": { "unLocode": "CNSHA", "country": "HK" } });
    let before = folded(vec![shipment(said)], Vec::new());
    let master = Master::new(&[SHANGHAI]);
    let (after, looked_up) = enriched(&before, &[country_of_loading()], &master);
    assert_eq!(after, before);
    assert!(looked_up.iter().len() == 0 && master.asked.lock().expect("nobody panicked").is_empty());
}

#[test]
fn what_is_not_there_to_be_filled_and_what_no_table_knows_is_left() {
    let nowhere = shipment(json!({}));
    let unknown = shipment(json!({ "placeOfLoading": { "unLocode": "XXXXX" } }));
    let before = folded(vec![nowhere, unknown], Vec::new());
    let (after, looked_up) = enriched(&before, &[country_of_loading()], &Master::new(&[SHANGHAI]));
    assert_eq!(after, before);
    let missed: Vec<_> = looked_up.iter().map(|lookup| lookup.value.clone()).collect();
    assert_eq!(missed, [None], "what was missed is looked up again when the table is another one");
}

#[test]
fn each_element_of_a_list_is_filled_by_its_own_key() {
    let legs = json!({ "legs": [
        { "seq": 1, "from": { "unLocode": "CNSHA" }, "to": { "unLocode": "SGSIN", "name": "PSA" } },
        { "seq": 2, "from": { "unLocode": "SGSIN" } },
    ] });
    let before = folded(vec![shipment(legs)], Vec::new());
    let singapore = ("unlocode", "SGSIN", r#"{"name":"Singapore","country":"SG"}"#, false);
    let name = from_table("/legs/*/from/name", "/legs/*/from/unLocode", "unlocode", Some("name"));
    let (after, _) = enriched(&before, &[name], &Master::new(&[SHANGHAI, singapore]));
    let document = &after.context.documents[0];
    assert_eq!(document.document.0["legs"][0]["from"]["name"], "Shanghai");
    assert_eq!(document.document.0["legs"][1]["from"]["name"], "Singapore");
    assert_eq!(document.document.0["legs"][0]["to"]["name"], "PSA");
    let told: Vec<(&str, &str)> =
        document.fields.iter().map(|source| (&*source.field, &*source.provenance.version)).collect();
    assert_eq!(told, [("/legs/0/from/name", "2026-1"), ("/legs/1/from/name", "by hand")]);
}

#[test]
fn what_does_not_fit_is_not_filled_and_noted() {
    let before = folded(vec![shipment(json!({ "placeOfLoading": { "unLocode": "CNSHA" } }))], Vec::new());
    let wrong = ("unlocode", "CNSHA", r#"{"country":"China"}"#, true);
    let (after, _) = enriched(&before, &[country_of_loading()], &Master::new(&[wrong]));
    assert_eq!(after.context.documents, before.context.documents);
    let [note] = &after.context.omitted[..] else { panic!("{:?}", after.context.omitted) };
    assert_eq!(
        &*note.text,
        "table:unlocode says \"China\" for /placeOfLoading/country of shipment S, which does not fit there."
    );
}

#[test]
fn the_catalogue_fills_what_its_articles_say_under_the_name_of_who_says_it() {
    let lines = json!({ "id": "I", "lines": [
        { "number": "1", "sku": "LAMP" }, { "number": "2", "sku": "DESK" }, { "number": "3", "sku": "LAMP", "originCountry": "VN" },
    ] });
    let item = placed("item", json!({ "id": "7", "sku": "LAMP", "originCountry": "CN" }));
    let before = folded(vec![placed("commercial-invoice", lines)], vec![item]);
    struct Anything;
    impl portgate_cost::Tables for Anything {
        fn look_up(&self, _: &str, _: &str, _: Date) -> Option<String> {
            None
        }
    }
    impl Tables for Anything {
        fn file(&self, _: &str) -> &str {
            ""
        }

        fn said(&self, _: &str, _: &str, _: Date) -> Option<Said> {
            None
        }

        fn fits(&self, _: &str, _: &[u8]) -> bool {
            true
        }

        fn versions(&self) -> Vec<InForce> {
            Vec::new()
        }
    }
    let origin = Enrichment {
        document: "commercial-invoice".to_owned(),
        field: "/lines/*/originCountry".to_owned(),
        by: "/lines/*/sku".to_owned(),
        table: None,
        catalogue: Some("item".to_owned()),
        take: Some("/originCountry".to_owned()),
    };
    let (after, looked_up) = enrich(before, &[origin], &Anything, ON).expect("it can be said");
    let document = &after.context.documents[0];
    let of = |line: usize| document.document.0["lines"][line].get("originCountry").cloned();
    assert_eq!([of(0), of(1), of(2)], [Some(json!("CN")), None, Some(json!("VN"))]);
    assert_eq!(document.fields.len(), 1);
    assert_eq!(looked_up.iter().len(), 0, "a document that changes has the shipment put together anew in any case");
}
