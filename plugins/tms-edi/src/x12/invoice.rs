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

mod charges;

use portgate_sdk::canonical::{
    CommercialInvoice, Currency, Date, InvoiceNote, InvoiceTotals, Party, PartyId, PartyRole, PaymentTerm, Text,
    Timestamp,
};
use portgate_sdk::time::x12 as x12_time;
use portgate_sdk::x12::{Message as Set, Segment};
use portgate_sdk::{Decoded, Finding, Message, Mistake, Rejection, codes as agreed};

use charges::{Group, lines};

use super::parties::Parties;
use super::tender::CARRIERS;
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
