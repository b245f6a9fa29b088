//! `IT1` and what belongs to it.

use portgate_sdk::canonical::{Decimal, Hs6, InvoiceLine, ItemProperty, Money, PartyId, Quantity, Text};
use portgate_sdk::x12::Segment;

use super::fields::{date, in_words, scheme, unit};
use crate::edi::{required, text};
use crate::notes::{Notes, code};
use crate::party::{HARMONISED_SYSTEM, identify};

/// A line while its segments come: what it is called, and what is said of it in words, is put together at its end.
pub(super) struct Line {
    pub(super) line: InvoiceLine,
    at: String,
    descriptions: Vec<String>,
    words: Vec<String>,
}

/// `IT1`: how much of what, and at which price. Quantity times price is the line; 810 does not write it.
/// A line without a number is counted.
pub(super) fn begin(segment: Segment<'_>, count: usize, notes: &mut Notes) -> Option<Line> {
    let quantity = required(segment, 2, "quantity", notes).and_then(|value| notes.number(segment.at(2), &value));
    let price = required(segment, 4, "price", notes).and_then(|price| notes.number(segment.at(4), &price));
    let unit = unit(segment, 3, notes);
    let (quantity, price) = (quantity?, price?);
    let base = base(text(segment, 5, 1).as_deref());
    let share = quantity.divided_by(base).unwrap_or(quantity);
    let net = notes.amount(segment.at(4), (share * price).round(2), None)?;
    let number = text(segment, 1, 1).unwrap_or_else(|| count.to_string());
    let number = notes.identifier(segment.at(1), "number of the line", &number)?;
    let mut line = InvoiceLine::new(number, Quantity { value: quantity, unit }, net);
    line.unit_price = notes.amount(segment.at(4), price, None);
    line.base_quantity = (base != Decimal::from(1)).then_some(base);
    identifiers(segment, &mut line, notes);
    Some(Line { line, at: segment.location(), descriptions: Vec::new(), words: Vec::new() })
}

/// What a price is for (639).
fn base(code: Option<&str>) -> Decimal {
    Decimal::from(match code {
        Some("HP" | "HF" | "CP" | "PH") => 100,
        Some("TP" | "TF" | "TH" | "PT") => 1000,
        Some("PD" | "DZ") => 12,
        _ => 1,
    })
}

/// The pairs behind the price: what the item is known by (235).
fn identifiers(segment: Segment<'_>, line: &mut InvoiceLine, notes: &mut Notes) {
    let mut known: Vec<PartyId> = Vec::new();
    for element in (6..=segment.element_count()).step_by(2) {
        let (Some(qualifier), Some(value)) = (text(segment, element, 1), text(segment, element + 1, 1)) else {
            continue;
        };
        let called = match &*qualifier {
            "UP" | "UA" | "UK" | "EN" | "EO" | "UI" => "GTIN".to_owned(),
            "BP" | "IN" | "SK" => "buyer".to_owned(),
            "VN" | "VP" | "VC" | "SV" => "seller".to_owned(),
            "MG" | "MN" => "manufacturer".to_owned(),
            // The Harmonised System, and the country that it was made in.
            "HC" | "HD" => {
                let heading = value.replace('.', "");
                line.hs6 = heading.get(..6).and_then(|heading| Hs6::new(heading).ok());
                let class: Option<Text<64>> = notes.identifier(segment.at(element + 1), "class", &value);
                line.classifications.extend(class.map(|class| code(class, HARMONISED_SYSTEM)));
                continue;
            }
            "CH" => {
                line.origin_country = notes.country_code(segment.at(element + 1), &value);
                continue;
            }
            other => format!("x12:{other}"),
        };
        let called = notes.identifier(segment.at(element), "scheme", &called);
        identify(&mut known, called, notes.identifier(segment.at(element + 1), "identifier of the item", &value));
    }
    let best = ["buyer", "seller", "GTIN"].iter().find_map(|wanted| known.iter().find(|id| &*id.scheme == *wanted));
    line.sku = best.or(known.first()).map(|id| id.value.clone());
    line.item_ids = known;
}

impl Line {
    /// `REF` of a line.
    pub(super) fn reference(&mut self, segment: Segment<'_>, notes: &mut Notes) {
        let (Some(qualifier), Some(value)) = (text(segment, 1, 1), text(segment, 2, 1)) else { return };
        match &*qualifier {
            "PO" => self.line.order_number = notes.identifier(segment.at(2), "order", &value),
            _ => self.words.push(format!("{}: {value}", scheme(&qualifier))),
        }
    }

    /// `DTM` of a line.
    pub(super) fn day(&mut self, segment: Segment<'_>, notes: &mut Notes) {
        let (Some(qualifier), Some(written)) = (text(segment, 1, 1), text(segment, 2, 1)) else { return };
        let Some(day) = date(&written, segment.at(2), notes) else { return };
        self.words.push(format!("X12 374 {qualifier}: {day}"));
    }

    /// `PID`, and what a line has no field for.
    pub(super) fn more(&mut self, segment: Segment<'_>, notes: &mut Notes) {
        if segment.tag() != "PID" {
            return self.words.extend(in_words(segment).map(|note| note.text.to_string()));
        }
        let (kind, named) = (text(segment, 2, 1), text(segment, 4, 1));
        match (kind, named, text(segment, 5, 1)) {
            // A characteristic (750) by its words or code.
            (Some(kind), named, words) if kind != "08" => {
                let value = words.or(named);
                let name = notes.free_text(segment.at(2), "characteristic", &format!("X12 750 {kind}"));
                let value = value.and_then(|value| notes.free_text(segment.at(5), "description", &value));
                if let (Some(name), Some(value)) = (name, value) {
                    self.line.properties.push(ItemProperty::new(name, value));
                }
            }
            (_, named, words) => self.descriptions.extend([words, named].into_iter().flatten()),
        }
    }

    /// The line, with what it costs more or less.
    pub(super) fn finish(self, notes: &mut Notes) -> Option<InvoiceLine> {
        let Line { mut line, at, descriptions, words } = self;
        line.description = notes.free_text(&at, "description", &descriptions.join(" "));
        line.note = notes.free_text(&at, "note", &words.join("\n"));
        let charges = line.charges.iter().filter(|charge| charge.included_in_price != Some(true));
        let charges: Decimal = charges.map(|charge| charge.amount.amount).sum();
        let Money { amount, currency } = line.line_net;
        line.line_net = Money { amount: amount + charges, currency };
        Some(line)
    }
}
