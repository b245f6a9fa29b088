//! What a plugin is given of a shipment's context: of the documents in it those that it may read, each as if it were given by
//! itself. What is said beside them of single fields goes the way of the field.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Members, Object, Projected, Projection, Seen, Withheld};
use crate::document::{Document, REFERENCES};

/// The kind of contexts.
pub(super) const CONTEXT: &str = "shipment-context";
/// The lists of a context whose elements are documents.
const DOCUMENTS: [&str; 2] = ["documents", "catalogue"];
/// The list whose elements say of a field that two systems differ.
const CONFLICTS: &str = "conflicts";
/// The member of an element that is the document.
const DOCUMENT: &str = "document";
/// The lists of an element that say something of single fields.
const OF_FIELDS: [&str; 2] = ["fields", "earlier"];

#[derive(Deserialize)]
struct Kind<'t> {
    #[serde(borrow)]
    kind: Cow<'t, str>,
}

#[derive(Deserialize)]
struct Field<'t> {
    #[serde(borrow)]
    field: Cow<'t, str>,
}

impl Projection {
    /// The context with everything taken out that is not granted.
    pub(super) fn context(&self, document: Document) -> Result<Projected, Withheld> {
        let seen = self.kinds.get(CONTEXT).ok_or(Withheld::KindNotGranted)?;
        let Document { kind, key, mut refs, body } = document;
        let Members(members) = serde_json::from_slice(&body).map_err(|_| Withheld::NoObject)?;
        let mut out = String::with_capacity(body.len());
        let mut object = Object::begin(&mut out);
        for (name, value) in members {
            let granted = match seen {
                Seen::Whole => true,
                Seen::Fields(fields) => fields.below(&name).is_some(),
            };
            if name == REFERENCES && matches!(seen, Seen::Fields(_)) {
                self.references(&name, value, &mut object);
            } else if granted {
                let written = object.member(&name, |out| match &*name {
                    name if DOCUMENTS.contains(&name) => self.list(value, out, Self::element),
                    CONFLICTS => self.list(value, out, Self::conflict),
                    _ => {
                        out.push_str(value.get());
                        Ok(true)
                    }
                });
                written.map_err(|_: serde_json::Error| Withheld::NoObject)?;
            }
        }
        object.end();
        if matches!(seen, Seen::Fields(_)) {
            refs.retain(|reference| self.schemes.contains(&reference.scheme));
        }
        Ok(Projected(Document { kind, key, refs, body: out.into_bytes() }))
    }

    /// Copies those elements of a list of which something is granted.
    fn list(
        &self,
        value: &RawValue,
        out: &mut String,
        element: fn(&Self, &RawValue, &mut String) -> Result<bool, serde_json::Error>,
    ) -> Result<bool, serde_json::Error> {
        let elements: Vec<&RawValue> = serde_json::from_str(value.get())?;
        out.push('[');
        let start = out.len();
        for one in elements {
            let before = out.len();
            if before > start {
                out.push(',');
            }
            if !element(self, one, out)? {
                out.truncate(before);
            }
        }
        out.push(']');
        Ok(true)
    }

    /// A document in a context.
    fn element(&self, value: &RawValue, out: &mut String) -> Result<bool, serde_json::Error> {
        let Kind { kind } = serde_json::from_str(value.get())?;
        let fields = match self.kinds.get(&*kind) {
            None => return Ok(false),
            Some(Seen::Whole) => {
                out.push_str(value.get());
                return Ok(true);
            }
            Some(Seen::Fields(fields)) => fields,
        };
        let Members(members) = serde_json::from_str(value.get())?;
        let mut object = Object::begin(out);
        for (name, value) in members {
            object.member(&name, |out| match &*name {
                DOCUMENT => match self.body(value.get().as_bytes(), fields) {
                    Some((body, _)) => {
                        out.push_str(&String::from_utf8_lossy(&body));
                        Ok(true)
                    }
                    None => Ok(false),
                },
                // It could carry what was taken out.
                "id" => Ok::<_, serde_json::Error>(fields.covers("/id") && push(value, out)),
                name if OF_FIELDS.contains(&name) => self.of_fields(value, out, fields),
                _ => Ok(push(value, out)),
            })?;
        }
        object.end();
        Ok(true)
    }

    /// Copies what is said of fields that are granted.
    fn of_fields(&self, value: &RawValue, out: &mut String, fields: &super::Branch) -> Result<bool, serde_json::Error> {
        let mut granted: Vec<&str> = Vec::new();
        for one in serde_json::from_str::<Vec<&RawValue>>(value.get())? {
            let Field { field } = serde_json::from_str(one.get())?;
            if fields.covers(&field) {
                granted.push(one.get());
            }
        }
        out.push_str(&format!("[{}]", granted.join(",")));
        Ok(true)
    }

    /// A field of which two systems say different things.
    fn conflict(&self, value: &RawValue, out: &mut String) -> Result<bool, serde_json::Error> {
        let Kind { kind } = serde_json::from_str(value.get())?;
        let Field { field } = serde_json::from_str(value.get())?;
        Ok(match self.kinds.get(&*kind) {
            None => false,
            Some(Seen::Whole) => push(value, out),
            // Its `id` stands beside the field.
            Some(Seen::Fields(fields)) => fields.covers(&field) && fields.covers("/id") && push(value, out),
        })
    }
}

fn push(value: &RawValue, out: &mut String) -> bool {
    out.push_str(value.get());
    true
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::policy::Grants;

    fn given(read: &[&str], restricted: &[(&str, &[&str])]) -> Result<Value, Withheld> {
        let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let projection = Projection::new(&Grants {
            read: set(read),
            fields: restricted.iter().map(|(kind, fields)| ((*kind).to_owned(), set(fields))).collect(),
            references: set(&["order"]),
            ..Grants::default()
        });
        let order = json!({ "id": "o-1", "total": "9.00", "lines": [{ "sku": "A", "price": "1" }],
                            "references": [{ "scheme": "order", "value": "7" }, { "scheme": "buyer", "value": "Secret" }] });
        let of_fields = json!([{ "field": "/total", "value": "8" }, { "field": "/lines/0/sku", "value": "B" }]);
        let body = json!({
            "id": "s",
            "references": [{ "scheme": "ucr", "value": "U" }],
            "documents": [
                { "kind": "order", "id": "o-1", "provenance": { "system": "erp" }, "document": order, "earlier": of_fields },
                { "kind": "milestone", "id": "m", "document": { "id": "m" } },
            ],
            "conflicts": [
                { "kind": "order", "id": "o-1", "field": "/total" },
                { "kind": "order", "id": "o-1", "field": "/lines" },
                { "kind": "milestone", "id": "m", "field": "/total" },
            ],
        });
        let body = body.to_string().into_bytes();
        let context = Document { kind: CONTEXT.to_owned(), key: "s".to_owned(), refs: Vec::new(), body };
        let projected = projection.of(context)?.into_document();
        Ok(serde_json::from_slice(&projected.body).expect("it is JSON"))
    }

    #[test]
    fn a_context_is_withheld_from_who_may_not_read_contexts() {
        assert_eq!(given(&["order"], &[]), Err(Withheld::KindNotGranted));
    }

    #[test]
    fn documents_of_kinds_that_are_not_granted_are_not_in_the_context() {
        let context = given(&["shipment-context", "milestone"], &[]).expect("it may be read");
        assert_eq!(context["documents"].as_array().map(Vec::len), Some(1));
        assert_eq!(context["documents"][0]["kind"], "milestone");
        assert_eq!(context["conflicts"], json!([{ "kind": "milestone", "id": "m", "field": "/total" }]));
        assert!(!context.to_string().contains("9.00"));
    }

    #[test]
    fn of_a_document_the_granted_fields_are_left_and_what_is_said_of_them() {
        let grants: &[(&str, &[&str])] = &[("order", &["/id", "/lines/*/sku"])];
        let context = given(&["shipment-context", "order"], grants).expect("it may be read");
        let document = &context["documents"][0];
        assert_eq!(document["document"]["lines"], json!([{ "sku": "A" }]));
        assert_eq!(document["document"]["references"], json!([{ "scheme": "order", "value": "7" }]));
        assert_eq!(document["earlier"], json!([{ "field": "/lines/0/sku", "value": "B" }]));
        assert_eq!(context["conflicts"], json!([]), "a whole list is more than what is granted of it");
        for withheld in ["9.00", "Secret", "price", "\"/total\""] {
            assert!(!context.to_string().contains(withheld), "{withheld}");
        }
        let without_id: &[(&str, &[&str])] = &[("order", &["/lines/*/sku"])];
        let context = given(&["shipment-context", "order"], without_id).expect("it may be read");
        assert!(!context.to_string().contains("o-1"));
    }
}
