//! The goods and charges of a freight invoice: what stands behind each `LX`, and the lines and costs that come of it.

use portgate_sdk::canonical::{
    Code, CommercialInvoice, CostBasis, CostKind, CostType, Currency, Decimal, InvoiceDocument, InvoiceLine,
    ItemProperty, LandedCostEvent, Money, Quantity, RateType, Reference, Text, Timestamp, Unit,
};
use portgate_sdk::x12::Segment;

use super::super::parties::Parties;
use super::super::tender::{CHARGES, FREIGHT, RATES};
use super::super::{measures, references};
use crate::notes::Notes;

/// One charge, `L1`.
struct Charge {
    at: String,
    amount: Money,
    code: Code,
    description: Option<String>,
    rate: Option<(Decimal, Option<Code>)>,
    /// How much of what was charged for.
    billed: Option<Quantity>,
    is_freight: bool,
}

/// What one `LX` holds.
pub(super) struct Group {
    number: String,
    descriptions: Vec<String>,
    charges: Vec<Charge>,
    packages: Option<Quantity>,
    properties: Vec<(String, String)>,
    references: Vec<Reference>,
    parties: Parties,
}

impl Group {
    pub(super) fn new(number: &str) -> Self {
        Group {
            number: if number.is_empty() { "1".to_owned() } else { number.to_owned() },
            descriptions: Vec::new(),
            charges: Vec::new(),
            packages: None,
            properties: Vec::new(),
            references: Vec::new(),
            parties: Parties::default(),
        }
    }

    /// Takes a segment, where it is one that is known there.
    pub(super) fn take(
        &mut self,
        notes: &mut Notes<'_>,
        segment: Segment<'_>,
        unit: Option<&str>,
        currency: &Currency,
    ) -> bool {
        if self.parties.take(notes, segment, 8) {
            return true;
        }
        match segment.tag() {
            "L5" => {
                self.descriptions.extend(segment.element(2).map(|words| words.trim().to_owned()));
                self.property("commodity", [segment.element(3), segment.element(4)]);
                self.property("marks", [segment.element(6), segment.element(7)]);
            }
            "L0" => {
                let weight = measures::weight(notes, segment, 4, segment.element(11).as_deref().or(unit));
                let kind = if segment.element(5).is_some_and(|kind| kind == "N") {
                    "net weight kg"
                } else {
                    "gross weight kg"
                };
                self.property(kind, [weight.map(|weight| weight.to_string()), None]);
                self.property("billed as", [segment.element(2), segment.element(3)]);
                let volume = measures::volume(notes, segment, 6, segment.element(7).as_deref());
                self.property("volume m3", [volume.map(|volume| volume.to_string()), None]);
                let count = notes.number(segment.at(8), "number of packages", segment.decimal(8, 1));
                self.packages = self.packages.take().or(count.map(Quantity::pieces));
                self.property("packages", [segment.element(8), segment.element(9)]);
                self.others(segment, &[10, 12, 13, 14, 15]);
            }
            "L1" => self.charge(notes, segment, currency),
            "L7" => self.property("tariff", [2, 3, 4, 5, 6, 7].map(|element| segment.element(element))),
            "N9" | "L11" => {
                let (reference, remark) = references::read(notes, segment);
                notes.push(segment.location(), "references", references::MOST, &mut self.references, reference);
                self.property("reference", [remark.map(|remark| remark.text.to_string()), None]);
                if segment.tag() == "N9" {
                    let named = segment.element(1).unwrap_or_default();
                    self.property(&format!("date of {named}"), [segment.element(4), segment.element(5)]);
                    self.property(&format!("more of {named}"), [segment.element(7), None]);
                }
            }
            "K1" | "H1" | "H2" | "L4" | "CD3" | "POD" | "SPO" | "MEA" | "G62" | "R3" => {
                let remark = references::verbatim(notes, segment);
                self.property(segment.tag(), [remark.map(|remark| remark.text.to_string()), None]);
            }
            _ => return false,
        }
        true
    }

    fn property<const N: usize, S: AsRef<str>>(&mut self, name: &str, values: [Option<S>; N]) {
        let values: Vec<&str> = values.iter().flatten().map(AsRef::as_ref).filter(|value| !value.is_empty()).collect();
        if !values.is_empty() {
            self.properties.push((name.to_owned(), values.join(" ")));
        }
    }

    /// Elements that have no field of their own, by their number.
    fn others(&mut self, segment: Segment<'_>, elements: &[usize]) {
        for element in elements {
            self.property(&format!("{}-{element:02}", segment.tag()), [segment.element(*element)]);
        }
    }

    /// `L1`: what is charged (or advanced, or prepaid), its kind, its rate, and how much was charged for.
    fn charge(&mut self, notes: &mut Notes<'_>, l1: Segment<'_>, currency: &Currency) {
        self.others(l1, &[7, 9, 10, 11, 13, 14, 15, 16, 18, 19, 20, 21, 22]);
        let amounts = [4, 5, 6].map(|element| measures::amount(notes, l1, element, currency));
        let Some(amount) = amounts.into_iter().flatten().next() else {
            self.property("rate", [l1.element(2), l1.element(3)]);
            return;
        };
        let special = notes.code(l1.at(8), CHARGES, l1.element(8));
        let is_freight = special.is_none();
        let Some(code) = special.or_else(|| notes.code(l1.at(8), FREIGHT.1, Some(FREIGHT.0))) else { return };
        let rate = notes.number(l1.at(2), "rate", l1.decimal(2, 1));
        let basis = notes.code(l1.at(3), RATES, l1.element(3));
        let billed = notes.number(l1.at(17), "billed quantity", l1.decimal(17, 1)).map(|value| {
            let unit = match l1.element(18).as_deref() {
                Some("MR") => "SMI",
                Some("LB") => "LBR",
                Some("KG") => "KGM",
                _ => "C62",
            };
            Quantity { value, unit: Unit::new(unit).expect("a unit's shape") }
        });
        self.charges.push(Charge {
            at: l1.location(),
            amount,
            code,
            description: l1.element(12).map(|words| words.into_owned()),
            rate: rate.map(|rate| (rate, basis)),
            billed,
            is_freight,
        });
    }
}

/// The lines of the invoice, and the costs that they are.
pub(super) fn lines(
    notes: &mut Notes<'_>,
    b3: Segment<'_>,
    groups: Vec<Group>,
    invoice: &mut CommercialInvoice,
) -> Vec<LandedCostEvent> {
    let mut events = Vec::new();
    let mut sum = Decimal::ZERO;
    for mut group in groups {
        for reference in &group.references {
            references::add(&mut invoice.references, reference);
        }
        let charges = std::mem::take(&mut group.charges);
        if charges.is_empty() {
            let nothing = Money { amount: Decimal::ZERO, currency: invoice.currency.clone() };
            let line = line(notes, b3, &group, &group.number, None, nothing);
            notes.push(b3.location(), "lines", 5_000, &mut invoice.lines, line);
        }
        let is_alone = charges.len() == 1;
        for (index, charge) in charges.into_iter().enumerate() {
            let line_no = if is_alone { group.number.clone() } else { format!("{}.{}", group.number, index + 1) };
            sum = sum + charge.amount.amount;
            let line = line(notes, b3, &group, &line_no, Some(&charge), charge.amount.clone());
            events.extend(event(notes, invoice, &group, &charge, &format!("{}.{}", group.number, index + 1)));
            notes.push(&charge.at, "lines", 5_000, &mut invoice.lines, line);
        }
    }
    if sum != invoice.totals.payable.amount && !invoice.lines.is_empty() {
        let detail =
            format!("The charges add up to {sum}, and `B3-07` says that {} are due.", invoice.totals.payable.amount);
        notes.warning("TOTAL", b3.at(7), detail);
    }
    invoice.totals.lines_net = Some(Money { amount: sum, currency: invoice.currency.clone() });
    events
}

fn line(
    notes: &mut Notes<'_>,
    at: Segment<'_>,
    group: &Group,
    line_no: &str,
    charge: Option<&Charge>,
    line_net: Money,
) -> Option<InvoiceLine> {
    let billed = charge.and_then(|charge| charge.billed.clone());
    let rate = charge.and_then(|charge| charge.rate.clone());
    let unit_price = rate
        .as_ref()
        .filter(|_| billed.is_some())
        .map(|(rate, _)| Money { amount: *rate, currency: line_net.currency.clone() });
    let quantity = billed.unwrap_or_else(|| Quantity::pieces(Decimal::from_partner("1").expect("a number")));
    let own = charge.and_then(|charge| charge.description.clone());
    let described = own.or_else(|| (!group.descriptions.is_empty()).then(|| group.descriptions.join(" ")));
    let mut properties = group.properties.clone();
    if let Some((rate, basis)) = &rate {
        let basis = basis.as_ref().map(|basis| format!(" {}", basis.code)).unwrap_or_default();
        properties.push(("rate".to_owned(), format!("{rate}{basis}")));
    }
    let mut line = InvoiceLine {
        description: notes.text(at.location(), "description of the line", described),
        unit_price,
        packages: group.packages.clone(),
        classifications: charge.map(|charge| charge.code.clone()).into_iter().collect(),
        parties: group.parties.list.clone(),
        ..InvoiceLine::new(notes.id(at.location(), "number of the line", Some(line_no))?, quantity, line_net)
    };
    for (name, value) in properties {
        let (name, value) =
            (notes.text(at.location(), "property", Some(name)), notes.text(at.location(), "property", Some(value)));
        let property = name.zip(value).map(|(name, value)| ItemProperty::new(name, value));
        notes.push(at.location(), "properties of the line", 128, &mut line.properties, property);
    }
    for reference in group.references.iter().take(32) {
        let mut document = InvoiceDocument::new(reference.value.clone());
        document.scheme = Text::new(&*reference.scheme).ok();
        line.documents.push(document);
    }
    Some(line)
}

/// The cost that a charge is; a charge of nothing is none.
fn event(
    notes: &mut Notes<'_>,
    invoice: &CommercialInvoice,
    group: &Group,
    charge: &Charge,
    line_no: &str,
) -> Option<LandedCostEvent> {
    if charge.amount.amount.is_zero() {
        return None;
    }
    let source_ref: Text<128> = notes.id(&charge.at, "name of the cost", Some(format!("{}|{line_no}", invoice.id)))?;
    let basis = charge.rate.as_ref().map(|(rate, _)| CostBasis {
        rate: Some(*rate),
        quantity: charge.billed.as_ref().map(|billed| billed.value),
        ..CostBasis::new(RateType::Specific)
    });
    let shipment = invoice.references.iter().find(|reference| &*reference.scheme == "shipment");
    let mut references: Vec<Reference> = Vec::new();
    let of_invoice = invoice
        .references
        .iter()
        .filter(|reference| matches!(&*reference.scheme, "shipment" | "invoice" | "transport-document" | "order"));
    for reference in of_invoice.chain(&group.references) {
        references::add(&mut references, reference);
    }
    let occurred_at = Timestamp::new(format!("{}T00:00:00", invoice.issue_date.as_str())).ok()?;
    let shipment_id = shipment.and_then(|shipment| notes.id(&charge.at, "number of the load", Some(&*shipment.value)));
    let event = LandedCostEvent::new(
        source_ref.clone(),
        invoice.version.clone(),
        invoice.source.clone(),
        cost_type(charge),
        charge.code.clone(),
        CostKind::Invoiced,
        charge.amount.clone(),
        occurred_at,
        source_ref,
    );
    Some(LandedCostEvent { shipment_id, basis, references, ..event })
}

/// What a charge is for, by its code (150). On a freight bill all is freight that its code does not say otherwise of.
fn cost_type(charge: &Charge) -> CostType {
    if charge.is_freight {
        return CostType::Freight;
    }
    match &*charge.code.code {
        "INS" | "INT" => CostType::Insurance,
        "SRG" | "STO" | "STR" => CostType::Storage,
        "BRK" | "CUF" => CostType::Brokerage,
        "GST" | "HST" | "QST" | "PST" | "TAX" | "VAT" => CostType::Other,
        _ => CostType::Freight,
    }
}
