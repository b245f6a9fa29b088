//! The taxes of a tax notification (DMSTAX, function code 13): one `landed-cost-event` for each `DutyTaxFee` of each
//! goods item.
//!
//! Sums on the level of the declaration are left alone: they repeat what the items say, and posting both would count
//! money twice.

use portgate_sdk::Message;
use portgate_sdk::canonical::{
    Code, CostBasis, CostKind, CostType, Currency, Decimal, LandedCostEvent, Money, RateType, Text,
};
use portgate_sdk::xml::Element;

use crate::codes;
use crate::notes::Notes;
use crate::subject::{Subject, text};

/// What customs reckons in.
const STERLING: &str = "GBP";

/// Reads all taxes of a response into documents.
pub(crate) fn read(
    response: Element<'_>,
    declaration: Element<'_>,
    subject: &Subject,
    message: &Message,
    notes: &mut Notes,
) {
    let kind = kind(response, notes);
    // Counted over the whole response, so that no two costs of it have the same name.
    let mut sequence = 0;
    for item in declaration.all("GoodsShipment/GovernmentAgencyGoodsItem") {
        let item_no = item_number(item, notes);
        for fee in item.all("Commodity/DutyTaxFee") {
            if notes.are_overfull() {
                return;
            }
            sequence += 1;
            if let Some(event) = event(fee, kind, item_no, sequence, subject, message, notes) {
                notes.document(&event);
            }
        }
    }
    if sequence == 0 {
        notes.warning("NO-TAXES", response, "The tax notification lists no tax of any goods item.");
    }
}

/// Whether the taxes are final, by `Status/NameCode`; where that is not said, they are taken as provisional.
fn kind(response: Element<'_>, notes: &mut Notes) -> CostKind {
    let name_code = response.text_at("Status/NameCode");
    name_code.as_deref().and_then(codes::cost_kind).unwrap_or_else(|| {
        let at = response.path("Status/NameCode").unwrap_or(response);
        let detail = "`Status/NameCode` is neither 67 (provisional) nor 4 (assessed); taken as provisional.";
        notes.warning("UNKNOWN-TAX-STATUS", at, detail);
        CostKind::Provisional
    })
}

fn item_number(item: Element<'_>, notes: &mut Notes) -> Option<u32> {
    let number = item.text_at("SequenceNumeric").and_then(|number| number.parse().ok());
    if number.is_none() {
        notes.warning("NO-ITEM-NUMBER", item, "The goods item has no number; its taxes are not tied to an item.");
    }
    number
}

fn event(
    fee: Element<'_>,
    kind: CostKind,
    item_no: Option<u32>,
    sequence: u32,
    subject: &Subject,
    message: &Message,
    notes: &mut Notes,
) -> Option<LandedCostEvent> {
    let tax_type = notes.required_text::<16>(fee, "TypeCode");
    let amount = notes.required(fee, "Payment/TaxAssessedAmount").and_then(|amount| money(amount, notes));
    let basis = basis(fee, notes);
    let (tax_type, amount) = (tax_type?, amount?);
    check(fee, basis.as_ref(), amount.amount, notes);
    differences(fee, amount.amount, notes);
    let cost_type = codes::cost_type(&tax_type).unwrap_or_else(|| {
        let detail = format!("The tax type `{tax_type}` is not known; it is kept as another cost.");
        notes.warning("UNKNOWN-TAX-TYPE", fee.child("TypeCode").unwrap_or(fee), detail);
        CostType::Other
    });
    let name = subject.mrn.as_deref().or(subject.lrn.as_deref()).unwrap_or_default();
    let item = item_no.unwrap_or_default();
    let reference = format!("{name}:{}:{}:{item}:{tax_type}:{sequence}", subject.version, subject.response_id);
    let reference = Text::new(reference);
    let source_ref =
        reference.map_err(|_| notes.error("INVALID", fee, "The references are too long together.")).ok()?;
    Some(LandedCostEvent {
        id: source_ref.clone(),
        version: subject.version.widened(),
        source: message.source(Some(subject.response_id.widened()), Some(subject.issued_at.clone())),
        references: subject.references.clone(),
        cost_type,
        code: Code { code: tax_type.widened(), code_list: text(codes::TAX_TYPES), source_code: None },
        kind,
        amount,
        occurred_at: subject.issued_at.clone(),
        source_ref,
        shipment_id: None,
        declaration_mrn: subject.mrn.clone(),
        item_no,
        sku: None,
        basis,
        allocation_key: None,
        replaces: Vec::new(),
    })
}

/// What the tax was reckoned on: a value with percent, or a quantity with so much for a unit.
fn basis(fee: Element<'_>, notes: &mut Notes) -> Option<CostBasis> {
    let present = |name: &str| fee.child(name).filter(|element| element.text().is_some());
    let tax_base = present("AdValoremTaxBaseAmount").and_then(|base| money(base, notes));
    let quantity = present("SpecificTaxBaseQuantity").and_then(|quantity| notes.decimal(quantity));
    let unit =
        present("SpecificTaxBaseQuantity").and_then(|quantity| Some((quantity, quantity.attribute("unitCode")?)));
    if let Some((element, unit)) = unit {
        notes.info(
            "TAX-UNIT",
            element,
            format!("The tax is on a quantity in the unit `{}`.", unit.chars().take(16).collect::<String>()),
        );
    }
    let rate = present("TaxRateNumeric").and_then(|rate| notes.decimal(rate));
    let rate_type = match (&tax_base, quantity, rate) {
        (None, None, None) => return None,
        (None, Some(_), _) => RateType::Specific,
        _ => RateType::AdValorem,
    };
    Some(CostBasis { rate_type, tax_base, quantity, rate })
}

/// Base × rate / 100, halves rounded up to pennies, must be what was assessed. Relief and suspension are assessed as 0.00,
/// and a tax on value and quantity together cannot be checked this way.
fn check(fee: Element<'_>, basis: Option<&CostBasis>, assessed: Decimal, notes: &mut Notes) {
    let Some(CostBasis { tax_base: Some(base), quantity: None, rate: Some(rate), .. }) = basis else { return };
    let expected = (base.amount * *rate).shifted(2).round(2);
    if assessed != expected && !assessed.is_zero() {
        let detail = format!("Assessed are {assessed}, but {} × {rate} % are {expected}; ask customs.", base.amount);
        notes.warning("TAX-DIFFERS", fee.path("Payment/TaxAssessedAmount").unwrap_or(fee), detail);
    }
}

/// Notes what was taken off, and what is to be paid if that is not what was assessed, as for a tax that is suspended or
/// accounted for later. Neither has a field of its own.
fn differences(fee: Element<'_>, assessed: Decimal, notes: &mut Notes) {
    let amount = |path: &str, notes: &mut Notes| {
        let element = fee.path(path)?;
        let amount = notes.decimal(element)?;
        Some((element, amount, element.attribute("currencyID").unwrap_or(STERLING)))
    };
    if let Some((element, deducted, currency)) =
        amount("DeductAmount", notes).filter(|(_, amount, _)| !amount.is_zero())
    {
        notes.info("DEDUCTED", element, format!("Customs has deducted {deducted} {currency}."));
    }
    if let Some((element, due, currency)) =
        amount("Payment/PaymentAmount", notes).filter(|(_, due, _)| *due != assessed)
    {
        notes.info("PAYMENT-DIFFERS", element, format!("Assessed are {assessed}, to be paid are {due} {currency}."));
    }
}

/// An amount. Customs debts are in sterling where nothing else is said.
pub(crate) fn money(element: Element<'_>, notes: &mut Notes) -> Option<Money> {
    if element.text().is_none() {
        notes.error("MISSING", element, format!("`{}` is empty; give the amount.", element.name()));
    }
    let amount = notes.decimal(element)?;
    let currency = element.attribute("currencyID").unwrap_or_else(|| {
        notes.warning("NO-CURRENCY", element, "The amount has no `currencyID`; taken as pounds sterling.");
        STERLING
    });
    let currency = Currency::new(currency);
    let invalid = |error: portgate_sdk::canonical::Invalid| format!("`currencyID`: expected {}.", error.expected);
    let currency = currency.map_err(|error| notes.error("INVALID", element, invalid(error))).ok()?;
    Some(Money { amount, currency })
}
