//! `ORDERS05` with the messages `ORDERS`, `ORDCHG` and `ORDRSP`: an `order`.

use portgate_sdk::canonical::{
    Charge, Currency, Date, Decimal, Money, Order, OrderLine, OrderTotals, PartyRole, Quantity, Reference,
    SalesChannel, Text, Timestamp,
};

use super::{Control, text};
use crate::number::{self, BILLING, DELIVERY, ORDER};
use crate::parties::Parties;
use crate::reader::{Others, Reader, listed};
use crate::record::Record;
use crate::time;

/// The order of an IDoc.
pub(crate) fn read(idoc: &Record<'_>, head: &Record<'_>, control: &Control<'_>, reader: &mut Reader<'_>) {
    let mut others = Others::default();
    control.classify(idoc, &mut others, reader);
    let is_response = control.is_of("ORDRSP");
    let currency = reader.currency(head, &["CURCY", "HWAER"]);
    let numbers = Numbers::read(reader, idoc, "E1EDK02", &mut others);
    let Some(order_number) = reader.number::<64>(head, "BELNR").or_else(|| numbers.own.clone()) else {
        reader.error(head, "", "MISSING", "Give `BELNR`: the number of the order.");
        reader.rest(head, &mut others);
        return reader.rest(idoc, &mut others);
    };
    let mut references = number::references(ORDER, &head.text("BELNR").unwrap_or_default());
    reader.refer(head, &mut references, numbers.references);
    let dates = Dates::read(reader, idoc, "E1EDK03", &mut others);
    let issued = numbers.issued.or(dates.issued).or_else(|| {
        let detail = "The IDoc does not say when the order was placed; when the IDoc was made stands for it.";
        reader.warning(head, "BELNR", "NO-DATE", detail);
        control.created.clone()
    });
    let Some(issued_at) = issued else {
        reader.error(idoc, "", "MISSING", "Give `E1EDK03` with `IDDAT` 012: when the order was placed.");
        reader.rest(head, &mut others);
        return reader.rest(idoc, &mut others);
    };
    let mut parties = Parties::default();
    for party in idoc.records("E1EDKA1") {
        parties.add_segment(reader, &party, &mut others);
    }
    let lines: Vec<OrderLine> = idoc
        .records("E1EDP01")
        .iter()
        .filter_map(|item| line(reader, item, &currency, is_response, &mut references))
        .collect();
    let totals = totals(reader, idoc, head, &lines, &currency, &mut others);
    let (id, source) = (order_number.widened(), control.source());
    let channel = SalesChannel::Erp;
    let mut order =
        Order::new(id, control.version(), source, order_number, issued_at, currency.clone(), channel, totals);
    let terms = terms(reader, idoc, &mut others);
    (order.incoterm, order.delivery_terms) = (terms.incoterm, terms.words);
    order.payment_terms = payment_terms(reader, idoc, head, &mut others);
    order.requested_delivery_date = dates.wanted;
    order.buyer = parties.take(PartyRole::Buyer);
    order.seller = parties.take(PartyRole::Seller);
    order.ship_to = parties.take(PartyRole::ShipTo);
    order.parties = parties.all;
    order.charges = charges(reader, idoc, "E1EDK05", &currency, &mut others);
    order.lines = lines;
    text::qualified(reader, idoc, ("E1EDK14", "QUALF", "ORGID"), &mut others);
    text::qualified(reader, idoc, ("E1EDK35", "QUALZ", "CUSADD"), &mut others);
    text::notes(reader, idoc, "E1EDKT1", &mut others);
    reader.rest(head, &mut others);
    reader.rest(idoc, &mut others);
    (order.classifications, order.notes) = (others.codes, others.notes);
    order.references = references;
    reader.decoded.document(&order);
}

/// The numbers by which others know a document or an item: `E1EDK02`, `E1EDP02`.
#[derive(Default)]
pub(crate) struct Numbers {
    /// The number that the customer's order has, where the document is one.
    pub(crate) own: Option<Text<64>>,
    /// The number of the invoice.
    pub(crate) invoice: Option<Text<64>>,
    /// The day of the customer's order, or of the invoice.
    pub(crate) issued: Option<Timestamp>,
    /// The number of the order and its line there.
    pub(crate) order: Option<(Text<64>, Option<Text<64>>)>,
    pub(crate) references: Vec<Reference>,
}

impl Numbers {
    pub(crate) fn read(reader: &mut Reader<'_>, record: &Record<'_>, segment: &str, others: &mut Others) -> Self {
        let mut numbers = Numbers::default();
        for inner in record.records(segment) {
            let qualifier = inner.text("QUALF").unwrap_or_default();
            let Some(written) = inner.set("BELNR") else {
                reader.rest(&inner, others);
                continue;
            };
            let kind = match &*qualifier {
                "001" | "002" | "044" => Some(ORDER),
                "009" => Some(BILLING),
                "012" | "016" => Some(DELIVERY),
                _ => None,
            };
            let own: Option<Text<64>> = reader.number(&inner, "BELNR");
            let line: Option<Text<64>> = reader.number(&inner, "ZEILE");
            let day = reader.day(&inner, "DATUM");
            match (&*qualifier, own) {
                ("001", Some(own)) => {
                    let clock = inner.text("UZEIT");
                    numbers.issued = day.as_ref().and_then(|day| time::at(day, clock.as_deref(), None));
                    numbers.order.get_or_insert((own.clone(), line));
                    numbers.own.get_or_insert(own);
                }
                ("002", Some(own)) => numbers.order = Some((own, line)),
                ("009", Some(own)) => numbers.invoice = Some(own),
                (_, _) => {
                    if let Some(line) = line {
                        reader.other(&inner, others, &format!("SAP {segment} {qualifier} ZEILE"), &line);
                    }
                }
            }
            match kind {
                Some(kind) => reader.refer(&inner, &mut numbers.references, number::references(kind, &written)),
                None => reader.other(&inner, others, &format!("SAP {segment} {qualifier}"), &written),
            }
            if let Some(day) = day {
                reader.other(&inner, others, &format!("SAP {segment} {qualifier} DATUM"), day.as_str());
            }
            reader.rest(&inner, others);
        }
        numbers
    }
}

/// The days of a document or an item: `E1EDK03`, `E1EDP03`. Each stands among the codes as well, under its qualifier.
#[derive(Default)]
pub(crate) struct Dates {
    /// When the goods are wanted.
    pub(crate) wanted: Option<Date>,
    /// When the document was issued.
    pub(crate) issued: Option<Timestamp>,
    /// Each day by its qualifier.
    pub(crate) all: Vec<(String, Date)>,
}

impl Dates {
    pub(crate) fn read(reader: &mut Reader<'_>, record: &Record<'_>, segment: &str, others: &mut Others) -> Self {
        let mut dates = Dates::default();
        for inner in record.records(segment) {
            let qualifier = inner.text("IDDAT").unwrap_or_default().into_owned();
            if let Some(day) = reader.day(&inner, "DATUM") {
                let clock = inner.text("UZEIT");
                let moment = time::at(&day, clock.as_deref(), None).or_else(|| time::at(&day, None, None));
                let words = match (&clock, &moment) {
                    (Some(_), Some(moment)) => moment.as_str(),
                    _ => day.as_str(),
                };
                reader.other(&inner, others, &format!("SAP {segment} {qualifier}"), words);
                if qualifier == "012" || (dates.issued.is_none() && matches!(&*qualifier, "022" | "025" | "011")) {
                    dates.issued = moment;
                }
                if qualifier == "002" {
                    dates.wanted = Some(day.clone());
                }
                dates.all.push((qualifier, day));
            }
            reader.rest(&inner, others);
        }
        dates
    }
}

/// Terms of delivery: `E1EDK17`, whose first says which they are and the second where.
pub(crate) fn terms(reader: &mut Reader<'_>, idoc: &Record<'_>, others: &mut Others) -> crate::reader::Terms {
    let segments = idoc.records("E1EDK17");
    let of = |qualifier: &str| segments.iter().find(|segment| segment.text("QUALF").is_some_and(|is| is == qualifier));
    let place = of("002").and_then(|place| place.text("LKTEXT")).map(String::from);
    let terms = of("001").map(|code| reader.terms(code, "LKOND", place)).unwrap_or_default();
    for segment in &segments {
        reader.rest(segment, others);
    }
    terms
}

/// Terms of payment: their key and the words of `E1EDK18`.
fn payment_terms(
    reader: &mut Reader<'_>,
    idoc: &Record<'_>,
    head: &Record<'_>,
    others: &mut Others,
) -> Option<Text<256>> {
    let mut words: Vec<String> = head.text("ZTERM").map(String::from).into_iter().collect();
    for segment in idoc.records("E1EDK18") {
        words.extend(segment.text("ZTERM_TXT").map(String::from));
        reader.rest(&segment, others);
    }
    reader.decoded.free_text(head.at("ZTERM"), "terms of payment", &words.join(", "))
}

/// Prices, discounts and surcharges: `E1EDK05` and `E1EDP05`. What is taken off has a negative amount.
pub(crate) fn charges(
    reader: &mut Reader<'_>,
    record: &Record<'_>,
    segment: &str,
    currency: &Currency,
    others: &mut Others,
) -> Vec<Charge> {
    let mut charges = Vec::new();
    for condition in record.records(segment) {
        let is_taken_off = condition.text("ALCKZ").is_some_and(|sign| sign == "-");
        let name = if condition.text("BETRG").is_some() { "BETRG" } else { "KRATE" };
        if let Some(amount) = reader.decimal(&condition, name) {
            let amount = if is_taken_off && !amount.is_negative() { Decimal::ZERO - amount } else { amount };
            let code = condition.text("KSCHL").unwrap_or_else(|| "unknown".into());
            let money = Money { amount, currency: currency.clone() };
            let mut charge = Charge::new(listed("SAP KSCHL", &code), money);
            charge.reason = reader.words(&condition, "KOTXT");
            let percent = reader.decimal(&condition, "KPERC");
            charge.percent =
                percent.map(|percent| if percent.is_negative() { Decimal::ZERO - percent } else { percent });
            charge.included_in_price = Some(true);
            charges.push(charge);
        }
        reader.rest(&condition, others);
    }
    charges.truncate(100);
    charges
}

/// The sums. Without one the lines are added up, and without lines that have a price there is none, which is said.
fn totals(
    reader: &mut Reader<'_>,
    idoc: &Record<'_>,
    head: &Record<'_>,
    lines: &[OrderLine],
    currency: &Currency,
    others: &mut Others,
) -> OrderTotals {
    let money = |amount| Money { amount, currency: currency.clone() };
    let (mut net, mut gross, mut tax) = (None, None, None);
    for sum in idoc.records("E1EDS01") {
        let qualifier = sum.text("SUMID").unwrap_or_default();
        sum.skip(&["WAERQ", "SUNIT"]);
        if let Some(amount) = reader.decimal(&sum, "SUMME") {
            match &*qualifier {
                "002" | "010" => net = Some(amount),
                "005" => tax = Some(amount),
                "011" => gross = Some(amount),
                _ => reader.other(&sum, others, &format!("SAP E1EDS01 {qualifier}"), &amount.to_string()),
            }
        }
        reader.rest(&sum, others);
    }
    let priced: Vec<Decimal> = lines.iter().filter_map(|line| line.line_net.as_ref()).map(|net| net.amount).collect();
    let added = (!priced.is_empty()).then(|| priced.into_iter().sum());
    let net: Option<Decimal> = net.or(added);
    let taxes: Vec<Decimal> = lines.iter().filter_map(|line| line.tax.as_ref()).map(|tax| tax.amount).collect();
    let tax = tax.or_else(|| (!taxes.is_empty()).then(|| taxes.into_iter().sum()));
    let gross = gross.or_else(|| Some(net? + tax.unwrap_or_default())).unwrap_or_else(|| {
        let detail = "The IDoc has no sum and no price of a line; the order's sum is given as nought.";
        reader.warning(head, "BELNR", "NO-TOTAL", detail);
        Decimal::ZERO
    });
    OrderTotals { net: net.map(money), tax: tax.map(money), ..OrderTotals::new(money(gross)) }
}

/// A line of the order.
fn line(
    reader: &mut Reader<'_>,
    item: &Record<'_>,
    head_currency: &Currency,
    is_response: bool,
    references: &mut Vec<Reference>,
) -> Option<OrderLine> {
    let mut others = Others::default();
    let currency = item.text("CURCY").and_then(|currency| Currency::new(currency).ok());
    let currency = currency.unwrap_or_else(|| head_currency.clone());
    let quantity = reader.quantity(item, "MENGE", &["MENEE"]);
    if quantity.is_none() {
        reader.error(item, "", "MISSING", "Give `MENGE`: how much is wanted.");
    }
    let mut line = OrderLine::new(reader.required(item, "POSEX")?, quantity?);
    line.line_net = reader.money(item, "NETWR", &currency);
    line.unit_price = reader.money(item, "VPREI", &currency);
    let price_quantity = reader.some_decimal(item, "PEINH").filter(|count| *count != Decimal::from(1));
    let price_unit = item.text("PMENE").map(|unit| crate::units::unit(&unit).0);
    line.price_quantity =
        price_quantity.map(|value| Quantity { value, unit: price_unit.unwrap_or_else(|| line.quantity.unit.clone()) });
    line.gross_kg = reader.weight(item, "BRGEW", "GEWEI");
    line.net_kg = reader.weight(item, "NTGEW", "GEWEI");
    line.rejection = reader.code(item, "ABGRU");
    for tax in item.records("E1EDP04") {
        if let Some(amount) = reader.decimal(&tax, "MWSBT") {
            let sum = line.tax.take().map_or(amount, |tax| tax.amount + amount);
            line.tax = Some(Money { amount: sum, currency: currency.clone() });
        }
        reader.rest(&tax, &mut others);
    }
    line.charges = charges(reader, item, "E1EDP05", &currency, &mut others);
    let numbers = Numbers::read(reader, item, "E1EDP02", &mut others);
    if let Some((number, line_no)) = &numbers.order {
        // The order that the line is of elsewhere, with its line there.
        reader.other(item, &mut others, "SAP E1EDP02 BELNR", number);
        if let Some(line_no) = line_no {
            reader.other(item, &mut others, "SAP E1EDP02 ZEILE", line_no);
        }
    }
    reader.refer(item, references, numbers.references);
    line.requested_delivery_date = Dates::read(reader, item, "E1EDP03", &mut others).wanted;
    schedule(reader, item, &mut line, is_response, &mut others);
    items(reader, item, &mut line, &mut others);
    text::notes(reader, item, "E1EDPT1", &mut others);
    text::qualified(reader, item, ("E1EDP35", "QUALZ", "CUSADD"), &mut others);
    reader.rest(item, &mut others);
    (line.classifications, line.notes) = (others.codes, others.notes);
    Some(line)
}

/// The schedule lines: what is wanted when, or, in a response, what is promised.
fn schedule(reader: &mut Reader<'_>, item: &Record<'_>, line: &mut OrderLine, is_response: bool, others: &mut Others) {
    for schedule in item.records("E1EDP20") {
        let day = reader.day(&schedule, "EDATU");
        if is_response {
            if let Some(promised) = reader.some_decimal(&schedule, "WMENG") {
                let before = line.confirmed_quantity.take().map(|quantity| quantity.value).unwrap_or_default();
                let unit = line.quantity.unit.clone();
                line.confirmed_quantity = Some(Quantity { value: before + promised, unit });
            }
            line.confirmed_delivery_date = line.confirmed_delivery_date.take().or(day.clone());
        } else {
            line.requested_delivery_date = line.requested_delivery_date.take().or(day.clone());
        }
        // Where there are several, each of them stands among the codes.
        if let Some(day) = day {
            reader.other(&schedule, others, "SAP E1EDP20 EDATU", day.as_str());
        }
        reader.rest(&schedule, others);
        if let Some(wanted) = schedule.set("WMENG") {
            reader.other(&schedule, others, "SAP E1EDP20 WMENG", &wanted);
        }
    }
}

/// What the item is called by whom: `E1EDP19`.
fn items(reader: &mut Reader<'_>, item: &Record<'_>, line: &mut OrderLine, others: &mut Others) {
    for name in item.records("E1EDP19") {
        let qualifier = name.text("QUALF").unwrap_or_default();
        let number_name = if name.text("IDTNR_LONG").is_some() { "IDTNR_LONG" } else { "IDTNR" };
        match &*qualifier {
            "001" => line.buyer_item_ref = reader.number(&name, number_name),
            "002" => line.item_ref = reader.number(&name, number_name),
            "003" => line.gtin = reader.gtin(&name, number_name, others),
            "010" => line.lot = reader.identifier(&name, number_name),
            _ => {
                let written = name.text(number_name).unwrap_or_default();
                reader.other(&name, others, &format!("SAP E1EDP19 {qualifier}"), number::shown(&written));
            }
        }
        name.skip(&["IDTNR"]);
        let words = reader.words(&name, "KTEXT");
        match &line.description {
            Some(known) => {
                if let Some(words) = words.filter(|words| words != known) {
                    reader.other(&name, others, &format!("SAP E1EDP19 {qualifier} KTEXT"), &words);
                }
            }
            None => line.description = words,
        }
        reader.rest(&name, others);
    }
}
