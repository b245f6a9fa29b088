//! Container numbers in the one form that the portal looks them up by (ISO 6346), whatever document they come in.

use portgate_sdk::canonical::{ContainerNumber, Reference};
use serde_json::Value;

/// The JSON of a document with every container number in its one form; nothing if they are in it already, so that the
/// document can go out byte for byte. In a reference, what was written stays beside it.
pub(crate) fn in_one_form(body: &[u8]) -> Option<Vec<u8>> {
    let mut document: Value = serde_json::from_slice(body).ok()?;
    let mut changed = change(document.get_mut("equipmentId"));
    for equipment in list(document.get_mut("equipment")) {
        // A shipment's equipment is an object with an id, a declaration's is the number alone.
        changed |= match equipment {
            Value::Object(_) => change(equipment.get_mut("id")),
            number => change(Some(number)),
        };
    }
    changed |= list(document.pointer_mut("/transport/equipment")).fold(false, |changed, it| change(Some(it)) | changed);
    for reference in list(document.get_mut("references")) {
        if reference["scheme"] == Reference::CONTAINER {
            let written = reference["value"].clone();
            if change(reference.get_mut("value")) {
                changed = true;
                let kept = &mut reference["written"];
                if kept.is_null() {
                    *kept = written;
                }
            }
        }
    }
    changed.then(|| serde_json::to_vec(&document).expect("a JSON value serialises"))
}

fn list(value: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    value.and_then(Value::as_array_mut).into_iter().flatten()
}

/// Whether the number was in another form.
fn change(number: Option<&mut Value>) -> bool {
    let Some(number) = number else { return false };
    let Some(form) = number.as_str().map(ContainerNumber::one_form) else { return false };
    let other = number.as_str() != Some(form.as_str());
    if other {
        *number = Value::String(form);
    }
    other
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_in_the_form_goes_out_as_it_came() {
        for body in [
            &br#"{ "equipmentId":"CSQU3054383", "references":[{"scheme":"container","value":"CSQU3054383"}] }"#[..],
            br#"{"equipmentId":null,"equipment":[{"id":"PALLET 7"}],"references":[{"scheme":"order","value":"CSQU 1"}]}"#,
            b"{}",
            b"[]",
            b"no JSON",
        ] {
            assert_eq!(in_one_form(body), None);
        }
    }

    #[test]
    fn every_container_number_of_a_document_gets_the_form() {
        let document = json!({
            "equipmentId": "CSQU 305438-3",
            "equipment": [{ "id": "msku-601167-2", "vgmKg": "20500.50" }, "TGHU 759689-8", "PALLET 7"],
            "transport": { "equipment": ["TGHU 759689-8"] },
            "references": [
                { "scheme": "container", "value": "CSQU 305438-3" },
                { "scheme": "container", "value": "MSKU6011672", "written": "MSKU 601167 2" },
                { "scheme": "booking", "value": "OLB 77-1" },
            ],
        });
        let changed = in_one_form(document.to_string().as_bytes()).expect("they are in another form");
        let expected = json!({
            "equipmentId": "CSQU3054383",
            "equipment": [{ "id": "MSKU6011672", "vgmKg": "20500.50" }, "TGHU7596898", "PALLET 7"],
            "transport": { "equipment": ["TGHU7596898"] },
            "references": [
                { "scheme": "container", "value": "CSQU3054383", "written": "CSQU 305438-3" },
                { "scheme": "container", "value": "MSKU6011672", "written": "MSKU 601167 2" },
                { "scheme": "booking", "value": "OLB 77-1" },
            ],
        });
        assert_eq!(serde_json::from_slice::<Value>(&changed).expect("JSON"), expected);
    }
}
