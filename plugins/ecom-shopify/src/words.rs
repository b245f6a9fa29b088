//! What buyer and shop say in words: notes, choices, how it is to be sent. None of it has a field of its own in the canonical
//! order, so that it becomes a finding whole.

use serde::Deserialize;
use serde_json::Value;

use crate::fields::Fields;
use crate::scalar::Scalar;

/// A member of `shipping_lines`, or `shipping_line` of a draft.
#[derive(Deserialize)]
pub(crate) struct Shipping {
    title: Option<Scalar>,
    code: Option<Scalar>,
    source: Option<Scalar>,
    price: Option<Scalar>,
}

/// Who asks for what in words.
pub(crate) fn note(fields: &mut Fields<'_>, note: Option<&Scalar>) {
    if let Some(note) = said(note) {
        fields.info("NOTE", "note", format!("The order has a note: {note}"));
    }
}

/// How the goods are to be sent, and for how much.
pub(crate) fn shipping(fields: &mut Fields<'_>, path: &str, shipping: &Shipping) {
    let Shipping { title, code, source, price } = shipping;
    let mut parts: Vec<&str> = [title, code, source].into_iter().filter_map(|part| said(part.as_ref())).collect();
    parts.dedup();
    let price = said(price.as_ref()).map(|price| format!(" for {price}")).unwrap_or_default();
    if !parts.is_empty() || !price.is_empty() {
        fields.info("SHIPPING", path, format!("To be sent by {}{price}.", parts.join(", ")));
    }
}

/// What the buyer has chosen for a thing, such as an engraving: names with values, or whatever else the shop's apps write.
pub(crate) fn choices(fields: &mut Fields<'_>, path: &str, choices: &[Value]) {
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let choice = |choice: &Value| match (choice.get("name"), choice.get("value")) {
        (Some(name), Some(value)) => format!("{} = {}", word(name), word(value)),
        _ => word(choice),
    };
    let choices: Vec<String> = choices.iter().map(choice).collect();
    if !choices.is_empty() {
        fields.info("CHOICES", path, format!("The buyer has chosen: {}", choices.join(", ")));
    }
}

/// A list of whatever there is; what is no list is a list of one.
pub(crate) fn any(value: Option<Value>) -> Vec<Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(values)) => values,
        Some(Value::Object(members)) if members.is_empty() => Vec::new(),
        Some(other) => vec![other],
    }
}

/// A text that is there and not blank.
pub(crate) fn said(text: Option<&Scalar>) -> Option<&str> {
    text.map(|text| text.as_str().trim()).filter(|text| !text.is_empty())
}
