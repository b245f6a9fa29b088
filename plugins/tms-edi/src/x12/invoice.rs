//! X12 210, motor carrier freight details and invoice: a `commercial-invoice` for each set, and a `landed-cost-event` for each charge.
//!
//! | segment | what it says | becomes |
//! |---|---|---|
//! | `B3` | number, load, dates, net amount due, correction, carrier | the invoice and its `totals`, `deliveryDate`, `revision`, `seller` |
//! | `C3`, `ITD`, `G62` | currency, terms, dates | `currency`, `paymentTerms`, `dueDate` |
//! | `N9`, `K1` | references, words | `references`, `notes` |
//! | `N1` and what follows | parties; bill-to (`BT`) is the buyer | `buyer`, `seller`, `parties` |
//! | `LX` with `L5`, `L0`, `L1`, `L7`, `N9` | goods with what they cost | a line for each `L1` |
//! | `L3` | sums | held against the lines |
//!
//! A charge's `sourceRef` names carrier, invoice, `LX` and its number among the charges there: it is the same when the invoice comes
//! again, and a corrected invoice replaces what it corrects.

use portgate_sdk::canonical::{
    Code, CommercialInvoice, CostBasis, CostKind, CostType, Currency, Date, Decimal, InvoiceDocument, InvoiceLine,
    InvoiceNote, InvoiceTotals, ItemProperty, LandedCostEvent, Money, Party, PartyId, PartyRole, PaymentTerm, Quantity,
    RateType, Reference, Text, Timestamp, Unit,
};
use portgate_sdk::time::x12 as x12_time;
use portgate_sdk::x12::{Message as Set, Segment};
use portgate_sdk::{Decoded, Finding, Message, Mistake, Rejection, codes as agreed};

use super::parties::Parties;
use super::tender::{CARRIERS, CHARGES, FREIGHT, RATES};
use super::{measures, references};
use crate::interchange::{x12_sets, x12_written_at};
use crate::notes::Notes;

/// The type of the document: a freight invoice of UNTDID 1001.
const FREIGHT_INVOICE: (&str, &str) = ("780", "UNTDID 1001");

/// The invoices of an interchange, with the acknowledgement that was agreed.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    x12_sets(message, "210", read)
}

fn read(set: Set<'_>, notes: &mut Notes<'_>) {
    let Some(b3) = set.first("B3") else {
        let detail = "The transaction set has no `B3`, which says whose invoice it is.";
        return notes.finding(Finding::error("MISSING", set.location(), detail).because(Mistake::MissingSegment("B3")));
    };
    let currency = measures::currency(notes, set.first("C3"), &b3.location());
    let Some(mut invoice) = begun(notes, set, b3, &currency) else { return };
    let mut parties = Parties::default();
    let mut group: Option<Group> = None;
    let mut groups = Vec::new();
    for segment in set.segments() {
        if segment.tag() == "LX" || segment.tag() == "L5" && group.is_none() {
            let number = segment.element(1).filter(|_| segment.tag() == "LX").unwrap_or_else(|| "1".into());
            groups.extend(group.replace(Group::new(number.trim().trim_start_matches('0'))));
        }
        let taken = match &mut group {
            Some(group) => group.take(notes, segment, b3.element(5).as_deref(), &currency),
            None => parties.take(notes, segment, 16) || header(notes, segment, &mut invoice),
        };
        if segment.tag() == "L3" {
            totals(notes, segment, &currency, &mut invoice);
        } else if !taken && !matches!(segment.tag(), "ST" | "SE" | "B3" | "C3" | "LX") {
            let words = references::verbatim(notes, segment).map(|remark| format!("{} {}", segment.tag(), remark.text));
            note(notes, segment, &mut invoice, None, words);
        }
    }
    groups.extend(group);
    place_parties(notes, b3, parties.list, &mut invoice);
    let events = lines(notes, b3, groups, &mut invoice);
    notes.document(&invoice);
    events.iter().for_each(|event| notes.document(event));
}

/// What `B3` says. The carrier is found by the agreement's table.
fn begun(notes: &mut Notes<'_>, set: Set<'_>, b3: Segment<'_>, currency: &Currency) -> Option<CommercialInvoice> {
    let recorded_at = x12_written_at(set);
    let Some(number) = notes.id::<64>(b3.at(2), "number of the invoice", b3.element(2)) else {
        notes.finding(Finding::error("MISSING", b3.at(2), "`B3-02`, the number of the invoice, is missing."));
        return None;
    };
    let issued =
        date(notes, b3, 6).or_else(|| recorded_at.as_ref().and_then(|time| Date::new(&time.as_str()[..10]).ok()));
    let Some(issue_date) = issued else {
        notes.finding(Finding::error("MISSING", b3.at(6), "`B3-06`, the day of the invoice, is missing."));
        return None;
    };
    let due = measures::amount(notes, b3, 7, currency);
    let Some(payable) = due else {
        notes.finding(Finding::error("MISSING", b3.at(7), "`B3-07`, the amount that is due, is missing."));
        return None;
    };
    let on = issue_date.as_str().to_owned();
    let carrier = b3
        .element(11)
        .map(|carrier| agreed::to_ours(CARRIERS, carrier.trim(), &on, b3.at(11), |finding| notes.finding(finding)));
    let carrier: Option<Text<64>> = notes.id(b3.at(11), "carrier", carrier);
    let id = carrier.as_ref().map_or_else(|| number.to_string(), |carrier| format!("{carrier}|{number}"));
    let message_id = notes.id(set.location(), "number of the set", set.reference());
    let type_code = notes.code(b3.location(), FREIGHT_INVOICE.1, Some(FREIGHT_INVOICE.0))?;
    let version = recorded_at.as_ref().map_or_else(|| Text::new("1").expect("one character"), Timestamp::to_version);
    let source = notes.message.source(message_id, recorded_at);
    let id = notes.id(b3.at(2), "number of the invoice", Some(id))?;
    let totals = InvoiceTotals::new(payable);
    let mut invoice = CommercialInvoice {
        revision: notes.id(b3.at(8), "correction", b3.element(8)),
        delivery_date: date(notes, b3, 9),
        ..CommercialInvoice::new(id, version, source, number, issue_date, type_code, currency.clone(), totals)
    };
    if invoice.revision.is_some() {
        let detail = "The invoice corrects another one of its number; what it says replaces that.";
        notes.info("CORRECTION", b3.at(8), detail);
    }
    if let Some(carrier) = carrier {
        invoice.seller =
            Some(Party { ids: vec![PartyId::new(Text::new("SCAC").ok()?, carrier)], ..Party::new(PartyRole::Carrier) });
    }
    let shipment = b3.element(3).and_then(|number| notes.reference(b3.at(3), "shipment", &number));
    invoice.references.extend(shipment);
    invoice.references.extend(notes.reference(b3.at(2), "invoice", &invoice.number.to_string()));
    let others = [
        (1, "Shipment qualifier"),
        (4, "Payment"),
        (10, "Kind of the day of delivery"),
        (12, "Day of B3-12"),
        (13, "Tariff service"),
        (14, "Transportation terms"),
    ];
    for (element, what) in others {
        let words = b3.element(element).map(|words| format!("{what} {words}"));
        note(notes, b3, &mut invoice, None, words);
    }
    Some(invoice)
}

fn date(notes: &mut Notes<'_>, segment: Segment<'_>, element: usize) -> Option<Date> {
    let written = segment.element(element)?;
    let time = notes.moment(segment.at(element), x12_time::read(Some(&written), None, None))?;
    Date::new(&time.as_str()[..10]).ok()
}

fn note(
    notes: &mut Notes<'_>,
    at: Segment<'_>,
    invoice: &mut CommercialInvoice,
    subject: Option<&str>,
    words: Option<String>,
) {
    let Some(text) = notes.text(at.location(), "note", words) else { return };
    let subject = subject.and_then(|subject| Text::new(subject).ok());
    notes.push(at.location(), "notes", 64, &mut invoice.notes, InvoiceNote { subject, ..InvoiceNote::new(text) });
}

/// A segment before the first `LX`; whether it is one that is known there.
fn header(notes: &mut Notes<'_>, segment: Segment<'_>, invoice: &mut CommercialInvoice) -> bool {
    match segment.tag() {
        "N9" | "L11" => {
            let (reference, remark) = references::read(notes, segment);
            let reference = reference.filter(|reference| !invoice.references.contains(reference));
            notes.push(segment.location(), "references", references::MOST, &mut invoice.references, reference);
            note(notes, segment, invoice, None, remark.map(|remark| remark.text.to_string()));
            let day = segment.element(4).filter(|_| segment.tag() == "N9");
            let named = segment.element(1).unwrap_or_default();
            note(notes, segment, invoice, None, day.map(|day| format!("Date of {named} {day}")));
        }
        "ITD" => {
            let days = notes.count(segment.at(7), "days", segment.element(7));
            let due_date = date(notes, segment, 6);
            let term = PaymentTerm {
                kind: notes.code(segment.at(1), "X12 336", segment.element(1)),
                text: notes.text(segment.at(12), "terms of payment", segment.element(12)),
                due_date: due_date.clone(),
                days,
                discount_percent: notes.number(segment.at(3), "discount", segment.decimal(3, 1)),
                discount_date: date(notes, segment, 4),
                discount_days: notes.count(segment.at(5), "days", segment.element(5)),
                ..PaymentTerm::default()
            };
            invoice.due_date = invoice.due_date.take().or(due_date);
            notes.push(segment.location(), "terms of payment", 16, &mut invoice.payment_terms, term);
        }
        "G62" => {
            let (code, day) = (segment.element(1).unwrap_or_default(), date(notes, segment, 2));
            match (&*code, &day) {
                ("13", Some(_)) => invoice.due_date = day,
                ("35" | "70" | "17", Some(_)) if invoice.delivery_date.is_none() => invoice.delivery_date = day,
                _ => {
                    let words = day.map(|day| {
                        let clock: Vec<_> =
                            [3, 4, 5].into_iter().filter_map(|element| segment.element(element)).collect();
                        format!("Date {code} {} {}", day.as_str(), clock.join(" "))
                    });
                    note(notes, segment, invoice, None, words);
                }
            }
        }
        "K1" | "NTE" => {
            let lines: Vec<_> = [1, 2].into_iter().filter_map(|line| segment.element(line)).collect();
            note(notes, segment, invoice, None, Some(lines.join(" ")));
        }
        _ => return false,
    }
    true
}

/// Who pays is the buyer; the carrier is the seller, with its SCAC; all others are parties.
fn place_parties(notes: &mut Notes<'_>, at: Segment<'_>, parties: Vec<Party>, invoice: &mut CommercialInvoice) {
    for party in parties {
        match party.role {
            PartyRole::BillTo | PartyRole::FreightPayer | PartyRole::Buyer if invoice.buyer.is_none() => {
                invoice.buyer = Some(party);
            }
            PartyRole::Carrier | PartyRole::Seller
                if invoice.seller.as_ref().is_none_or(|known| known.name.is_none()) =>
            {
                let named = invoice.seller.take().map(|seller| seller.ids).unwrap_or_default();
                let ids = named.into_iter().chain(party.ids).collect();
                invoice.seller = Some(Party { ids, ..party });
            }
            _ => notes.push(at.location(), "parties", 16, &mut invoice.parties, party),
        }
    }
}

/// `L3` has a charge that must be what the invoice is of, and what was carried in all.
fn totals(notes: &mut Notes<'_>, l3: Segment<'_>, currency: &Currency, invoice: &mut CommercialInvoice) {
    for (what, elements) in
        [("Weight", [1, 2, 12]), ("Volume", [9, 10, 0]), ("Packages", [11, 0, 0]), ("Rate", [3, 4, 8])]
    {
        let parts: Vec<_> = elements.into_iter().filter_map(|element| l3.element(element)).collect();
        let words = (!parts.is_empty()).then(|| format!("{what} in all {}", parts.join(" ")));
        note(notes, l3, invoice, None, words);
    }
    if let Some(total) = measures::amount(notes, l3, 5, currency)
        && total.amount != invoice.totals.payable.amount
    {
        let detail = "`L3-05`, the sum of the charges, is not the amount of `B3-07` that is due; the latter is taken.";
        notes.warning("TOTAL", l3.at(5), detail);
    }
}

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
struct Group {
    number: String,
    descriptions: Vec<String>,
    charges: Vec<Charge>,
    packages: Option<Quantity>,
    properties: Vec<(String, String)>,
    references: Vec<Reference>,
    parties: Parties,
}

impl Group {
    fn new(number: &str) -> Self {
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
    fn take(&mut self, notes: &mut Notes<'_>, segment: Segment<'_>, unit: Option<&str>, currency: &Currency) -> bool {
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
fn lines(
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
