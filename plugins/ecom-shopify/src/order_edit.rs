//! That an order was edited: which of its lines have more and which have less.
//!
//! The shop says by how much, without prices, sums or addresses, and no order can be made of that. It tells of the order as it is
//! then by a message of its own (`orders/updated`), which replaces the one before. So nothing comes of an edit but findings, for
//! those who look why an order has changed.

use portgate_sdk::{Decoded, Message, Rejection};
use serde::Deserialize;

use crate::fields::{Fields, list};
use crate::scalar::{Scalar, gid};
use crate::words::said;

#[derive(Deserialize)]
struct Sent {
    order_edit: Option<OrderEdit>,
}

#[derive(Deserialize)]
struct OrderEdit {
    id: Option<Scalar>,
    order_id: Option<Scalar>,
    staff_note: Option<Scalar>,
    line_items: Option<Changes>,
}

#[derive(Deserialize)]
struct Changes {
    additions: Option<Vec<Change>>,
    removals: Option<Vec<Change>>,
}

#[derive(Deserialize)]
struct Change {
    id: Option<Scalar>,
    delta: Option<i64>,
}

/// The findings of a message.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let sent: Sent = message.json()?;
    let mut decoded = Decoded::new();
    let Some(edit) = sent.order_edit else {
        Fields::new("", &mut decoded).required::<OrderEdit>("order_edit", None);
        return decoded.finish();
    };
    let mut fields = Fields::new("/order_edit", &mut decoded);
    fields.id("id", "OrderEdit", edit.id.as_ref());
    if let Some(order) = fields.id("order_id", "Order", edit.order_id.as_ref()) {
        let detail = format!("The order {order} was edited; as it is now it comes as a message of its own.");
        fields.info("ORDER-EDITED", "", detail);
    }
    if let Some(note) = said(edit.staff_note.as_ref()) {
        fields.info("NOTE", "staff_note", format!("The edit has a note: {note}"));
    }
    if let Some(changes) = edit.line_items {
        tell(&mut fields, "line_items/additions", "more", list(changes.additions));
        tell(&mut fields, "line_items/removals", "fewer", list(changes.removals));
    }
    decoded.finish()
}

fn tell(fields: &mut Fields<'_>, path: &str, how: &str, changes: Vec<Change>) {
    for (index, change) in changes.iter().enumerate() {
        let line =
            change.id.as_ref().and_then(|id| gid(id, "LineItem")).map_or_else(|| "?".to_owned(), |id| id.to_string());
        let detail = format!("Of the line {line} there are {} {how}.", change.delta.unwrap_or_default());
        fields.info("LINE-EDITED", &format!("{path}/{index}"), detail);
    }
}
