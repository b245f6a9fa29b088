//! References of booking requests and shipping instructions, both ways. Their types become schemes as those of events do
//! (`dcsa:CR`); what customs has given is a `customs-reference` that begins with its type and country: `ACID:EG:4988470982`.

use portgate_sdk::Pointer;
use portgate_sdk::canonical::Reference;

use super::wire::{CustomsReference, Named};
use crate::codes;
use crate::notes::Notes;

/// The scheme of types that have none of their own, and of what customs has given.
const OWN: &str = "dcsa:";
const CUSTOMS: &str = "customs-reference";

/// Schemes of names that a customer gives to what is carried, whoever it is.
const CUSTOMERS: [&str; 4] = ["shipment", "forwarder", "shipper", "consignor"];

/// The type of a customer's own reference, and characters of a reference.
pub(crate) const CUSTOMER: &str = "CR";
pub(crate) const VALUE_MAX: usize = 35;

/// The references of a list.
pub(crate) fn named(list: Option<Vec<Named>>, at: &Pointer, notes: &mut Notes) -> Vec<Reference> {
    let mut found = Vec::new();
    for (index, name) in list.into_iter().flatten().enumerate() {
        let at = at.index(index);
        let kind = name.r#type.unwrap_or_default();
        let scheme = match kind.trim() {
            "SPO" => "order".to_owned(),
            kind => codes::scheme("dcsa", kind),
        };
        for value in name.value.into_iter().chain(name.values.into_iter().flatten()) {
            found.extend(notes.reference(&at, &scheme, &value));
        }
    }
    found
}

/// The references of a list that customs has given.
pub(crate) fn of_customs(list: Option<Vec<CustomsReference>>, at: &Pointer, notes: &mut Notes) -> Vec<Reference> {
    let mut found = Vec::new();
    for (index, name) in list.into_iter().flatten().enumerate() {
        let (kind, country) = (name.r#type.unwrap_or_default(), name.country_code.unwrap_or_default());
        for value in name.values.into_iter().flatten() {
            let value = format!("{}:{}:{}", kind.trim(), country.trim(), value.trim());
            found.extend(notes.reference(at.index(index), CUSTOMS, &value));
        }
    }
    found
}

/// References as they go out: a value each.
pub(crate) fn to_named(references: &[Reference]) -> Vec<Named> {
    let named = references.iter().filter_map(|reference| {
        let kind = match reference.scheme.strip_prefix(OWN) {
            Some("CPO") | None if !CUSTOMERS.contains(&&*reference.scheme) => return None,
            Some(kind) => kind,
            None => CUSTOMER,
        };
        Some(Named { r#type: Some(kind.to_owned()), value: Some(reference.value.to_string()), values: None })
    });
    named.collect()
}

/// The same, all values of a type together, with the orders of either side.
pub(crate) fn to_grouped(references: &[Reference]) -> Vec<Named> {
    let mut grouped: Vec<Named> = Vec::new();
    for reference in references {
        let kind = match &*reference.scheme {
            "order" => "SPO",
            "dcsa:CPO" => "CPO",
            scheme if CUSTOMERS.contains(&scheme) => CUSTOMER,
            scheme => match scheme.strip_prefix(OWN) {
                Some(kind) => kind,
                None => continue,
            },
        };
        let value = reference.value.to_string();
        match grouped.iter_mut().find(|named| named.r#type.as_deref() == Some(kind)) {
            Some(named) => named.values.get_or_insert_default().push(value),
            None => grouped.push(Named { r#type: Some(kind.to_owned()), value: None, values: Some(vec![value]) }),
        }
    }
    grouped
}

/// What customs has given, as it goes out: all values of a type and country together.
pub(crate) fn to_customs(references: &[Reference]) -> Vec<CustomsReference> {
    let mut grouped: Vec<CustomsReference> = Vec::new();
    for reference in references.iter().filter(|known| &*known.scheme == CUSTOMS) {
        let mut parts = reference.value.splitn(3, ':').map(str::to_owned);
        let (kind, country) = (parts.next(), parts.next().filter(|country| !country.is_empty()));
        let Some(value) = parts.next() else { continue };
        match grouped.iter_mut().find(|known| known.r#type == kind && known.country_code == country) {
            Some(known) => known.values.get_or_insert_default().push(value),
            None => grouped.push(CustomsReference { r#type: kind, country_code: country, values: Some(vec![value]) }),
        }
    }
    grouped
}

/// The list, where there is anything in it.
pub(crate) fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// The values of the references of a scheme.
pub(crate) fn values(references: &[Reference], scheme: &str) -> Vec<String> {
    references.iter().filter(|known| &*known.scheme == scheme).map(|known| known.value.to_string()).collect()
}
