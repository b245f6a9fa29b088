//! The reference implementation's own vectors (`epcis-event-hash-generator`, CBV 2.0).

use serde_json::json;

use super::*;

fn name_of(event: &Value) -> String {
    let context = json!(["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", { "example": "https://ns.example.com/epcis/" }]);
    event_id(event.as_object().expect("an event"), &prefixes(&context))
}

#[test]
fn an_event_with_parties_transactions_and_extensions_has_its_published_name() {
    let event = json!({
        "type": "ObjectEvent", "eventTime": "2020-03-04T11:00:30+01:00", "eventTimeZoneOffset": "+01:00",
        "epcList": ["urn:epc:id:sgtin:0614141.011111.987"], "action": "OBSERVE", "bizStep": "departing",
        "disposition": "in_transit",
        "readPoint": { "id": "urn:epc:id:sgln:4012345.00011.0", "example:myField1": "AB-12" },
        "bizTransactionList": [{ "type": "po", "bizTransaction": "urn:epc:id:gdti:4012345.11111.123" }],
        "sourceList": [{ "type": "owning_party", "source": "urn:epc:id:pgln:4012345.00000" }],
        "destinationList": [{ "type": "owning_party", "destination": "urn:epc:id:pgln:0614141.00000" }],
        "example:userExt": "CD-34",
    });
    let published = "ni:///sha-256;3ae14c02c4bdc220cc31942cf804f6845eb8dec96ba6483391c92a9b165f9329?ver=CBV2.0";
    assert_eq!(name_of(&event), published, "{}", said(event.as_object().expect("an event"), &prefixes(&json!([]))));
}

#[test]
fn an_event_with_sensors_has_its_published_name() {
    let dimensionless = |member: &str, uri: &str, value: &str| {
        let value: Value = serde_json::from_str(value).expect("a number");
        json!({ "type": "Dimensionless", member: uri, "value": value, "uom": "C35" })
    };
    let event = json!({
        "type": "ObjectEvent", "eventTime": "2020-04-01T15:00:00+01:00", "eventTimeZoneOffset": "+01:00",
        "epcList": ["urn:epc:id:sgtin:4012345.011111.9876"], "action": "OBSERVE", "bizStep": "inspecting",
        "readPoint": { "id": "urn:epc:id:sgln:4012345.00005.0" },
        "sensorElementList": [{
            "sensorMetadata": {
                "deviceID": "urn:epc:id:giai:4000001.111", "deviceMetadata": "https://id.gs1.org/8004/4000001111",
            },
            "sensorReport": [
                { "type": "Temperature", "value": 26, "sDev": 0.1, "uom": "CEL" },
                { "type": "AbsoluteHumidity", "value": 12.1, "uom": "A93" },
                dimensionless("microorganism", "https://www.ncbi.nlm.nih.gov/taxonomy/1126011", "0.05"),
                dimensionless("chemicalSubstance", "https://identifiers.org/inchikey:CZMRCDWAGMRECN-UGDNZRGBSA-N", "0.180"),
            ],
        }],
    });
    let published = "ni:///sha-256;271565c346ae2fb28c4583c4dca4ab4772d465eb4e0b6e548d77d8b49377d95c?ver=CBV2.0";
    assert_eq!(name_of(&event), published, "{}", said(event.as_object().expect("an event"), &prefixes(&json!([]))));
}

#[test]
fn nested_extensions_have_their_published_name() {
    let event = json!({
        "type": "ObjectEvent", "eventTime": "2020-03-04T11:00:30.000+01:00", "eventTimeZoneOffset": "+01:00",
        "recordTime": "2020-03-04T11:00:30.999+01:00",
        "epcList": ["urn:epc:id:sscc:4012345.0000000333", "urn:epc:id:sscc:4012345.0000000111", "urn:epc:id:sscc:4012345.0000000222"],
        "action": "OBSERVE", "bizStep": "departing", "readPoint": { "id": "urn:epc:id:sgln:4012345.00011.987" },
        "example:myField1": { "example:mySubField1": "2", "example:mySubField2": "5" },
        "example:myField2": "0",
        "example:myField3": { "example:mySubField3": ["3", "1"] },
    });
    let published = "ni:///sha-256;6ae96341e0acc6d7a261364751f60e68278a81cdf51da0abb6b4e617014e39d7?ver=CBV2.0";
    assert_eq!(name_of(&event), published, "{}", said(event.as_object().expect("an event"), &prefixes(&json!([]))));
}

#[test]
fn aggregations_transactions_and_transformations_have_their_published_names() {
    let place = |id: &str| json!({ "id": id });
    for (event, published) in [
        (
            json!({
                "type": "AggregationEvent", "eventTime": "2019-10-21T17:30:56.591+02:00", "eventTimeZoneOffset": "+02:00",
                "parentID": "urn:epc:id:sscc:4012344.0111111133", "action": "ADD", "bizStep": "packing",
                "childQuantityList": [
                    { "epcClass": "urn:epc:class:lgtin:4054739.099902.P2", "quantity": 12, "uom": "KGM" },
                    { "epcClass": "urn:epc:class:lgtin:4054739.012345.lot2", "quantity": 17 },
                ],
                "readPoint": place("urn:epc:id:sgln:4012345.00025.0"),
            }),
            "cfda50b7ff23682e989bafc3747ac9b752f405305fcde6618280f6be27344f35",
        ),
        (
            json!({
                "type": "TransactionEvent", "eventTime": "2019-10-21T00:05:00-06:00", "eventTimeZoneOffset": "-06:00",
                "epcList": ["urn:epc:id:sgtin:0614141.107340.1", "urn:epc:id:sgtin:0614141.107340.2"],
                "action": "ADD", "bizStep": "urn:epcglobal:cbv:bizstep:shipping",
                "readPoint": place("urn:epc:id:sgln:4012345.00000.5"), "bizLocation": place("urn:epc:id:sgln:4012345.00000.0"),
                "bizTransactionList": [{ "type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:4012345123456:RE100099" }],
            }),
            "cf6559dc931963f19ed9cd2fe33c02ef64c8cfd557e5a96b086a87db315b7122",
        ),
        (
            json!({
                "type": "TransformationEvent", "eventTime": "2019-10-21T14:58:56.591+02:00", "eventTimeZoneOffset": "+02:00",
                "inputEPCList": ["urn:epc:id:sgtin:4012345.011122.25", "urn:epc:id:sgtin:4000001.065432.99886655"],
                "outputQuantityList": [{ "epcClass": "urn:epc:class:lgtin:4054739.099902.P20131121", "quantity": 9520 }],
                "transformationID": "urn:epc:id:gdti:4012345.55555.1234",
                "bizStep": "http://epcis.example.com/user/vocab/bizstep/exampling",
                "readPoint": place("urn:epc:id:sgln:4012345.00001.0"),
            }),
            "756558aa09b2d38c6bcb6e50eab2fcbebd9bde17362a7c4f4686a5d7f5fb013f",
        ),
    ] {
        let text = said(event.as_object().expect("an event"), &prefixes(&json!([])));
        assert_eq!(name_of(&event), format!("ni:///sha-256;{published}?ver=CBV2.0"), "{text}");
    }
}

#[test]
fn what_is_said_twice_in_other_ways_has_one_name() {
    let one = json!({
        "type": "ObjectEvent", "eventTime": "2026-03-01T08:15:00+01:00", "eventTimeZoneOffset": "+01:00",
        "epcList": ["https://id.gs1.org/00/340123450000000017"], "action": "OBSERVE", "bizStep": "shipping",
        "quantityList": [{ "epcClass": "https://id.gs1.org/01/04012345000016", "quantity": 2.50 }],
    });
    let other = json!({
        "eventID": "urn:uuid:1", "recordTime": "2026-03-01T09:00:00Z", "type": "ObjectEvent",
        "errorDeclaration": { "declarationTime": "2026-03-02T00:00:00Z" },
        "eventTime": "2026-03-01T07:15:00.000Z", "eventTimeZoneOffset": "+01:00", "action": "OBSERVE",
        "bizStep": "https://ref.gs1.org/cbv/BizStep-shipping",
        "quantityList": [{ "quantity": 2.5, "epcClass": "urn:epc:idpat:sgtin:4012345.000001.*" }],
        "epcList": ["urn:epc:id:sscc:4012345.3000000001"],
    });
    assert_eq!(name_of(&one), name_of(&other));
    let mut changed = one.clone();
    changed["quantityList"][0]["quantity"] = json!(3);
    assert_ne!(name_of(&one), name_of(&changed));
}
