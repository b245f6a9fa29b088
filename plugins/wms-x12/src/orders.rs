//! What a warehouse is to do: X12 940, warehouse shipping order, and 943, warehouse stock transfer shipment advice, release 004010.
//! A transaction set for each order, all of them in one interchange.
//!
//! What identifies something is never changed: where it is too long or holds a separator, the order is refused, with its place in
//! the documents (`/0/lines/1/sku`). In words, what X12 cannot write becomes a blank, and a line in the log says so.

mod head;
mod lines;
mod set;

use portgate_sdk::agreement::{Agreement, ControlNumbers};
use portgate_sdk::canonical::{
    Code, Date, Decimal, Equipment, ItemId, Note, OrderSplit, Party, Purpose, Quantity, Reference, StatedTime, Text,
    TransportMode, TransportRef, WarehouseTask,
};
use portgate_sdk::{Document, Finding, Pointer, Rejection, Request, Target, log, x12};
use serde::Deserialize;

use set::Set;

/// The only kind of documents that orders are made of.
const KIND: &str = "warehouse-order";

/// The edition that is written.
const EDITION: &str = "004010";

/// Where interchanges are posted to, unless the agreement says something else.
const PATH: &str = "/edi";

/// What the owner's SKU is to the warehouse, unless the agreement says something else.
const ITEM_QUALIFIER: &str = "VN";

/// One of the two sets.
pub(crate) struct Form {
    set: &'static str,
    group: &'static str,
    task: WarehouseTask,
    /// What the task is called.
    word: &'static str,
}

/// Goods are to go out.
pub(crate) const SHIP: Form = Form { set: "940", group: "OW", task: WarehouseTask::Ship, word: "ship" };

/// Goods will come in.
pub(crate) const RECEIVE: Form = Form { set: "943", group: "AR", task: WarehouseTask::Receive, word: "receive" };

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
pub(crate) fn encode(form: &Form, documents: &[Document], target: &Target) -> Result<Request, Rejection> {
    let (Some(agreement), Some(numbers)) = (&target.agreement, target.control_numbers) else {
        let detail = format!(
            "A {} says from whom to whom it is, which only an agreement on `{target}` does; add one to the partner's policy.",
            form.set
        );
        return Err(Finding::error("NO-AGREEMENT", "", detail).into());
    };
    check(agreement, numbers, documents)?;
    let header = agreement.x12_header(numbers, &target.now)?;
    let mut writer = x12::Writer::new(&header);
    let mut group = writer.group(&agreement.x12_group(form.group, numbers, EDITION));
    let item_qualifier = agreement.setting("item_qualifier").unwrap_or(ITEM_QUALIFIER);
    let mut findings = Vec::new();
    for (index, (document, number)) in documents.iter().zip(numbers.first_message..).enumerate() {
        let at = Pointer::root().index(index);
        let Some(order) = order_of(form, document, &at, &mut findings)? else { continue };
        let out = group.set(form.set, number);
        let mut set = Set { out, at, findings: &mut findings, item_qualifier, blanked: false };
        match form.task {
            WarehouseTask::Ship => set.ship(&order),
            WarehouseTask::Receive => set.receive(&order),
        }
        if set.blanked {
            let words = "characters that X12 cannot write became blanks in what is said in words";
            log::write(log::Level::Warn, words, &[("document", set.at.as_str())]);
        }
    }
    match findings.is_empty() {
        true => {
            let path = agreement.setting("path").unwrap_or(PATH);
            Ok(Request::post(path, "application/edi-x12", writer.finish()?.bytes))
        }
        false => Err(Rejection::new(findings)),
    }
}

/// Whether the documents can go out under this agreement and these numbers.
fn check(agreement: &Agreement, numbers: ControlNumbers, documents: &[Document]) -> Result<(), Finding> {
    if !agreement.edition.is_empty() && agreement.edition != EDITION {
        let detail = format!(
            "The agreement `{}` is on the edition {}; this contract is of {EDITION}.",
            agreement.name, agreement.edition
        );
        return Err(Finding::error("EDITION", "", detail));
    }
    let (wanted, given) = (documents.len(), numbers.messages as usize);
    if wanted > given {
        let detail = format!("The interchange needs {wanted} control numbers of sets, and is given {given}.");
        return Err(Finding::error("CONTROL-NUMBERS", "", detail));
    }
    Ok(())
}

/// The order of a document, if it is one for this set.
fn order_of(
    form: &Form,
    document: &Document,
    at: &Pointer,
    findings: &mut Vec<Finding>,
) -> Result<Option<Order>, Rejection> {
    if document.kind != KIND {
        let detail = format!("A {} is made of warehouse orders alone, not of a `{}`.", form.set, document.kind);
        findings.push(Finding::error("NOT-A-WAREHOUSE-ORDER", at, detail));
        return Ok(None);
    }
    let order: Order = document.read()?;
    if order.task != Some(form.task) {
        let detail =
            format!("A {} says what a warehouse is to {}, and this order is for something else.", form.set, form.word);
        findings.push(Finding::error("OTHER-TASK", at.key("task"), detail));
        return Ok(None);
    }
    Ok(Some(order))
}
