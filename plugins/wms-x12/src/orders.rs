//! What a warehouse is to do: X12 940, warehouse shipping order, and 943, warehouse stock transfer shipment advice, release 004010.
//! A transaction set for each order, all of them in one interchange.
//!
//! What identifies something is never changed: where it is too long or holds a separator, the order is refused, with its place in
//! the documents (`/0/lines/1/sku`). In words, what X12 cannot write becomes a blank, and a line in the log says so.

mod head;
mod lines;
mod set;

use portgate_sdk::canonical::{
    Code, Date, Decimal, Equipment, ItemId, Note, OrderSplit, Party, Purpose, Quantity, Reference, StatedTime, Text,
    TransportMode, TransportRef, WarehouseTask,
};
use portgate_sdk::x12::{self, Form, SEPARATORS};
use portgate_sdk::{Document, Rejection, Request, Target};
use serde::Deserialize;

use set::Set;

/// What is written for one of the two tasks.
pub(crate) struct Task {
    task: WarehouseTask,
    /// What the task is called.
    word: &'static str,
    form: Form,
}

/// Goods are to go out.
pub(crate) const SHIP: Task = Task { task: WarehouseTask::Ship, word: "ship", form: form("940", "OW") };

/// Goods will come in.
pub(crate) const RECEIVE: Task = Task { task: WarehouseTask::Receive, word: "receive", form: form("943", "AR") };

const fn form(set: &'static str, group: &'static str) -> Form {
    Form { kind: "warehouse-order", set, group, edition: "004010", separators: SEPARATORS }
}

/// As much of an order as is written. What policy withholds is not there.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    task: Option<WarehouseTask>,
    purpose: Option<Purpose>,
    order_ref: Option<Text<64>>,
    purchase_order_ref: Option<Text<64>>,
    shipment_id: Option<Text<64>>,
    split: Option<OrderSplit>,
    ordered_on: Option<Date>,
    ship_on: Option<Date>,
    deliver_on: Option<Date>,
    mode: Option<TransportMode>,
    transport: Option<TransportRef>,
    freight_terms: Option<Code>,
    package_count: Option<u32>,
    gross_kg: Option<Decimal>,
    volume_m3: Option<Decimal>,
    #[serde(default)]
    parties: Vec<Party>,
    #[serde(default)]
    times: Vec<StatedTime>,
    #[serde(default)]
    equipment: Vec<Equipment>,
    #[serde(default)]
    lines: Vec<Line>,
    #[serde(default)]
    notes: Vec<Note>,
    #[serde(default)]
    references: Vec<Reference>,
}

/// As much of a line as is written.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    line_no: Option<Text<64>>,
    quantity: Option<Quantity>,
    ordered_quantity: Option<Quantity>,
    sku: Option<Text<64>>,
    gtin: Option<Text<14>>,
    description: Option<Text<512>>,
    lot: Option<Text<64>>,
    expires_on: Option<Date>,
    order_line: Option<Text<64>>,
    package_count: Option<u32>,
    units_per_package: Option<u32>,
    gross_kg: Option<Decimal>,
    net_kg: Option<Decimal>,
    volume_m3: Option<Decimal>,
    #[serde(default)]
    ids: Vec<ItemId>,
    #[serde(default)]
    notes: Vec<Note>,
}

/// One interchange with a set for each document.
pub(crate) fn encode(task: &Task, documents: &[Document], target: &Target) -> Result<Request, Rejection> {
    x12::interchange(&task.form, documents, target, |pen, order: &Order| {
        if order.task != Some(task.task) {
            let (set, word) = (task.form.set, task.word);
            let detail = format!("A {set} says what a warehouse is to {word}, and this order is for something else.");
            return pen.wrong("OTHER-TASK", pen.at.key("task"), detail);
        }
        let mut set = Set { pen };
        match task.task {
            WarehouseTask::Ship => set.ship(order),
            WarehouseTask::Receive => set.receive(order),
        }
    })
}
