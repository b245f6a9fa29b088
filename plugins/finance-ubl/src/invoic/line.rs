//! `LIN` and what belongs to it.

use portgate_sdk::canonical::{Charge, Date, Decimal, Hs6, InvoiceLine, InvoicePeriod, Money, PartyId, Quantity, Text};
use portgate_sdk::edifact::Segment;

use super::fields::{in_words, scheme};
use crate::edi::text;
use crate::notes::{Notes, code};
use crate::party::{HARMONISED_SYSTEM, identify};

/// A line while its segments come: it is put together at its end.
pub(super) struct Line {
    pub(super) line: InvoiceLine,
    pub(super) words: Vec<String>,
    at: String,
    quantity: Option<Quantity>,
    net: Option<Money>,
    /// What the line costs before its allowances and charges (38, 66).
    gross: Option<Money>,
    descriptions: Vec<String>,
    period: InvoicePeriod,
}

/// `LIN`: its number, and what the item is known by.
pub(super) fn begin(segment: Segment<'_>, count: usize, notes: &mut Notes) -> Option<Line> {
    let number = text(segment, 1, 1).unwrap_or_else(|| count.to_string());
    let number = notes.identifier(segment.at(1), "number of the line", &number)?;
    let nothing = notes.amount(segment.at(1), Decimal::ZERO, None)?;
    let mut line = InvoiceLine::new(number, Quantity::pieces(Decimal::ZERO), nothing);
    let (id, kind) = (text(segment, 3, 1), text(segment, 3, 2));
    add(&mut line.item_ids, segment, 3, id, kind, notes);
    Some(Line {
        line,
        words: Vec::new(),
        at: segment.location(),
        quantity: None,
        net: None,
        gross: None,
        descriptions: Vec::new(),
        period: InvoicePeriod::default(),
    })
}

/// An identifier of an item, by its kind (7143).
fn add(
    ids: &mut Vec<PartyId>,
    segment: Segment<'_>,
    element: usize,
    id: Option<String>,
    kind: Option<String>,
    notes: &mut Notes,
) {
    let Some(id) = id else { return };
    let called = match kind.as_deref() {
        Some("EN" | "SRV" | "UP" | "EU") => "GTIN".to_owned(),
        Some("IN" | "BP") => "buyer".to_owned(),
        Some("SA" | "VN" | "VP") => "seller".to_owned(),
        Some("MF" | "MP") => "manufacturer".to_owned(),
        Some(other) => format!("edifact:{other}"),
        None => "own".to_owned(),
    };
    let called = notes.identifier(segment.at(element).component(2), "scheme", &called);
    identify(ids, called, notes.identifier(segment.at(element), "identifier of the item", &id));
}

impl Line {
    /// Segments that only a line has.
    pub(super) fn segment(&mut self, segment: Segment<'_>, notes: &mut Notes) {
        match segment.tag() {
            "PIA" => self.more_ids(segment, notes),
            "IMD" => {
                let words = [text(segment, 3, 4), text(segment, 3, 5)].into_iter().flatten().collect::<String>();
                let words = Some(words).filter(|words| !words.is_empty()).or_else(|| text(segment, 3, 1));
                self.descriptions.extend(words);
            }
            "QTY" => self.quantity(segment, notes),
            "PRI" => self.price(segment, notes),
            "ALI" => {
                self.line.origin_country =
                    text(segment, 1, 1).and_then(|country| notes.country_code(segment.at(1), &country));
            }
            "MEA" if text(segment, 2, 1).as_deref() == Some("AAA") || text(segment, 1, 1).as_deref() == Some("AAA") => {
                let weight = segment.decimal(3, 2).and_then(|weight| notes.number(segment.at(3).component(2), &weight));
                match text(segment, 3, 1).as_deref() {
                    Some("KGM") => self.line.net_kg = weight,
                    _ => self.words.extend(in_words(segment).map(|note| note.text.to_string())),
                }
            }
            "PAC" => {
                let count = text(segment, 1, 1).and_then(|count| notes.number(segment.at(1), &count));
                let kind = text(segment, 3, 1).map(|kind| format!("X{kind}"));
                if let Some(value) = count {
                    let unit = notes.unit_code(segment.at(3), kind.as_deref().or(Some("C62")));
                    self.line.packages = Some(Quantity { value, unit });
                }
                self.words.extend(in_words(segment).map(|note| note.text.to_string()));
            }
            _ => self.words.extend(in_words(segment).map(|note| note.text.to_string())),
        }
    }

    /// `PIA`: what else the item is known by, and its class.
    fn more_ids(&mut self, segment: Segment<'_>, notes: &mut Notes) {
        for element in 2..=segment.element_count() {
            let (id, kind) = (text(segment, element, 1), text(segment, element, 2));
            match (kind.as_deref(), &id) {
                (Some("HS" | "CC" | "TG"), Some(class)) => {
                    self.line.hs6 = class.get(..6).and_then(|heading| Hs6::new(heading).ok()).or(self.line.hs6.take());
                    let class: Option<Text<64>> = notes.identifier(segment.at(element), "class", class);
                    self.line.classifications.extend(class.map(|class| code(class, HARMONISED_SYSTEM)));
                }
                _ => add(&mut self.line.item_ids, segment, element, id, kind, notes),
            }
        }
    }

    /// `QTY`: what is invoiced (47); where that is missing, what was delivered or ordered.
    fn quantity(&mut self, segment: Segment<'_>, notes: &mut Notes) {
        let kind = text(segment, 1, 1).unwrap_or_default();
        let Some(value) = segment.decimal(1, 2) else { return };
        let Some(value) = notes.number(segment.at(1).component(2), &value) else { return };
        let written = text(segment, 1, 3);
        match &*kind {
            "47" | "46" | "12" | "21" | "61" if kind == "47" || self.quantity.is_none() => {
                let written = match written.as_deref() {
                    Some("PCE") => Some("H87".to_owned()),
                    None => Some("C62".to_owned()),
                    Some(written) => Some(written.to_owned()),
                };
                let unit = notes.unit_code(segment.at(1).component(3), written.as_deref());
                self.quantity = Some(Quantity { value, unit });
            }
            _ => {
                let unit = written.map(|unit| format!(" {unit}")).unwrap_or_default();
                self.words.push(format!("UNTDID 6063 {kind}: {value}{unit}"));
            }
        }
    }

    /// `PRI`: the price, net (AAA, and what else says no more) or gross (AAB), and for how much it is.
    fn price(&mut self, segment: Segment<'_>, notes: &mut Notes) {
        let Some(price) = segment.decimal(1, 2) else { return };
        let at = segment.at(1).component(2);
        let Some(price) = notes.number(at, &price).and_then(|price| notes.amount(at, price, None)) else { return };
        let base = segment.decimal(1, 5).and_then(|base| notes.number(segment.at(1).component(5), &base));
        match text(segment, 1, 1).as_deref() {
            Some("AAB" | "AAF" | "GRP") => self.line.gross_price = Some(price),
            _ => self.line.unit_price = Some(price),
        }
        self.line.base_quantity = base.filter(|base| *base != Decimal::from(1)).or(self.line.base_quantity);
    }

    /// `RFF` of a line.
    pub(super) fn reference(&mut self, segment: Segment<'_>, qualifier: &str, value: &str, notes: &mut Notes) {
        let at = segment.at(1);
        match qualifier {
            "ON" | "CO" => {
                self.line.order_number = notes.identifier(at.component(2), "order", value);
                let line = text(segment, 1, 3);
                self.line.order_line =
                    line.and_then(|line| notes.identifier(at.component(3), "line of the order", &line));
            }
            _ => self.words.push(format!("{}: {value}", scheme(qualifier))),
        }
    }

    /// `DTM` of a line.
    pub(super) fn day(&mut self, qualifier: &str, day: Date) {
        match qualifier {
            "117" | "167" | "194" | "206" => self.period.start = Some(day),
            "128" | "168" | "207" => self.period.end = Some(day),
            _ => self.words.push(format!("UNTDID 2005 {qualifier}: {day}")),
        }
    }

    /// `MOA` of a line: what it costs (203), before its allowances and charges (38, 66), or something else in words.
    pub(super) fn amount(&mut self, qualifier: &str, amount: Money) {
        match qualifier {
            "203" | "128" | "106" => self.net = Some(amount),
            "38" | "66" => self.gross = Some(amount),
            "146" if self.line.unit_price.is_none() => self.line.unit_price = Some(amount),
            other => self.words.push(format!("UNTDID 5025 {other}: {} {}", amount.amount, amount.currency)),
        }
    }

    /// The line. What it costs is said, or is quantity times price with its allowances and charges.
    pub(super) fn finish(self, notes: &mut Notes) -> Option<InvoiceLine> {
        let Line { mut line, words, at, quantity, net, gross, descriptions, period } = self;
        let Some(quantity) = quantity else {
            notes.error(
                "MISSING",
                &at,
                "The line has no `QTY` that says how much is invoiced (47), or none that can be read.",
            );
            return None;
        };
        let base = line.base_quantity.unwrap_or(Decimal::from(1));
        let share = quantity.value.divided_by(base).unwrap_or(quantity.value);
        let reckoned = line.unit_price.clone().map(|price| Money { amount: (share * price.amount).round(2), ..price });
        let more: Decimal = line.charges.iter().map(|charge: &Charge| charge.amount.amount).sum();
        let with_charges = gross.or(reckoned).map(|money| Money { amount: money.amount + more, ..money });
        let Some(net) = net.or(with_charges) else {
            notes.error("MISSING", &at, "The line has neither an amount (`MOA` 203) nor a price (`PRI`).");
            return None;
        };
        line.quantity = quantity;
        line.line_net = net;
        line.description = notes.free_text(&at, "description", &descriptions.join(" "));
        line.note = notes.free_text(&at, "note", &words.join("\n"));
        line.period = Some(period).filter(|period| *period != InvoicePeriod::default());
        let best = ["buyer", "seller", "GTIN"]
            .iter()
            .find_map(|wanted| line.item_ids.iter().find(|id| &*id.scheme == *wanted));
        line.sku = best.or(line.item_ids.first()).map(|id| id.value.clone());
        Some(line)
    }
}
