//! `INVOIC01` and `INVOIC02`: a `commercial-invoice`.

use portgate_sdk::canonical::{
    CommercialInvoice, Currency, Date, Decimal, ExchangeRate, InvoiceLine, InvoiceNote, InvoiceTax, InvoiceTotals,
    ItemProperty, Money, PartyId, PartyRole, PaymentMeans, PaymentTerm, Text,
};

use super::orders::{Dates, Numbers, charges, terms};
use super::{Control, text};
use crate::number::{self, BILLING};
use crate::parties::Parties;
use crate::reader::{Others, Reader, hs6, invoice_type, taxed};
use crate::record::Record;

/// The most properties, identifiers and terms that an invoice's parts have room for.
const PROPERTIES_MAX: usize = 128;
const MEANS_MAX: usize = 16;

/// The invoice of an IDoc.
pub(crate) fn read(idoc: &Record<'_>, head: &Record<'_>, control: &Control<'_>, reader: &mut Reader<'_>) {
    let mut others = Others::default();
    control.classify(idoc, &mut others, reader);
    let currency = reader.currency(head, &["CURCY", "HWAER"]);
    let numbers = Numbers::read(reader, idoc, "E1EDK02", &mut others);
    let Some(number) = numbers.invoice.clone().or_else(|| reader.number(head, "BELNR")) else {
        reader.error(head, "", "MISSING", "Give `BELNR`: the number of the invoice.");
        reader.rest(head, &mut others);
        return reader.rest(idoc, &mut others);
    };
    // The head repeats the number, or has one of another count.
    let mut references = number::references(BILLING, &number);
    reader.refer(head, &mut references, number::references(BILLING, &head.text("BELNR").unwrap_or_default()));
    reader.refer(head, &mut references, numbers.references);
    let dates = Dates::read(reader, idoc, "E1EDK03", &mut others);
    let day = |qualifier: &str| dates.all.iter().find(|(is, _)| is == qualifier).map(|(_, day)| day.clone());
    let issued = ["026", "012", "011", "024", "015", "048"].into_iter().find_map(day).or_else(|| {
        let detail = "The IDoc has no day of the invoice that is one; when the IDoc was made stands for it.";
        reader.warning(head, "BELNR", "NO-DATE", detail);
        control.created.as_ref().and_then(|made| Date::new(made.as_str().get(..10)?).ok())
    });
    let Some(issue_date) = issued else {
        reader.error(idoc, "", "MISSING", "Give `E1EDK03` with `IDDAT` 026: the day of the invoice.");
        reader.rest(head, &mut others);
        return reader.rest(idoc, &mut others);
    };

    let mut parties = Parties::default();
    for party in idoc.records("E1EDKA1") {
        parties.add_segment(reader, &party, &mut others);
    }
    let lines: Vec<InvoiceLine> =
        idoc.records("E1EDP01").iter().filter_map(|item| line(reader, item, &currency, &mut others)).collect();
    let totals = totals(reader, idoc, head, &lines, &currency, &mut others);
    let type_code = kind(reader, idoc, head);
    let (id, source) = (number.widened(), control.source());
    let mut invoice =
        CommercialInvoice::new(id, control.version(), source, number, issue_date, type_code, currency.clone(), totals);
    let terms = terms(reader, idoc, &mut others);
    invoice.incoterm = terms.incoterm;
    if let Some(words) = terms.words {
        reader.other(head, &mut others, "SAP terms of delivery", &words);
    }
    invoice.fx_rate = rate(reader, head, &currency);
    invoice.due_date = day("028").or_else(|| day("023"));
    invoice.delivery_date = day("001").or_else(|| day("035"));
    // Who issues the invoice is its seller, unless another one is named as that.
    invoice.seller = parties.take(PartyRole::Seller).or_else(|| {
        let issuer = parties.take(PartyRole::Payee)?;
        Some(portgate_sdk::canonical::Party { role: PartyRole::Seller, ..issuer })
    });
    invoice.buyer = parties.take(PartyRole::Buyer);
    invoice.parties = parties.all;
    invoice.charges = charges(reader, idoc, "E1EDK05", &currency, &mut others);
    invoice.charges.truncate(64);
    invoice.taxes = taxes(reader, idoc, "E1EDK04", &currency, &mut others);
    invoice.payment_terms = payment_terms(reader, idoc, head, &mut others);
    invoice.payment_means = payment_means(reader, idoc, &mut others);
    invoice.lines = lines;
    text::qualified(reader, idoc, ("E1EDK14", "QUALF", "ORGID"), &mut others);
    text::qualified(reader, idoc, ("E1EDK35", "QUALZ", "CUSADD"), &mut others);
    text::notes(reader, idoc, "E1EDKT1", &mut others);
    reader.rest(head, &mut others);
    reader.rest(idoc, &mut others);
    invoice.classifications = others.codes;
    invoice.notes = others.notes.into_iter().take(64).map(remark).collect();
    invoice.references = references;
    reader.decoded.document(&invoice);
}

fn remark(note: portgate_sdk::canonical::Note) -> InvoiceNote {
    let subject = note.subject.and_then(|subject| Text::new(subject.code.to_string()).ok());
    InvoiceNote { subject, ..InvoiceNote::new(note.text) }
}

/// What kind of invoice it is: by SAP's category of the document (`E1EDK14` 021), or the word of the message.
fn kind(reader: &mut Reader<'_>, idoc: &Record<'_>, head: &Record<'_>) -> portgate_sdk::canonical::Code {
    let categories = idoc.records("E1EDK14");
    let category = categories.iter().find(|inner| inner.text("QUALF").is_some_and(|qualifier| qualifier == "021"));
    let category = category.and_then(|inner| inner.text("ORGID")).or_else(|| head.text("BSART"));
    invoice_type(reader, head, "BSART", &category.unwrap_or_default())
}

/// The rate to the currency of the house.
fn rate(reader: &mut Reader<'_>, head: &Record<'_>, currency: &Currency) -> Option<ExchangeRate> {
    let to = Currency::new(&*head.text("HWAER")?).ok().filter(|to| to != currency);
    let rate = reader.some_decimal(head, "WKURS")?;
    Some(ExchangeRate::new(to?, rate))
}

/// The sums: `E1EDS01`. Without that which is to be paid it is what the lines and taxes come to, and that is said.
fn totals(
    reader: &mut Reader<'_>,
    idoc: &Record<'_>,
    head: &Record<'_>,
    lines: &[InvoiceLine],
    currency: &Currency,
    others: &mut Others,
) -> InvoiceTotals {
    let money = |amount| Money { amount, currency: currency.clone() };
    let (mut net, mut tax, mut payable) = (None, None, None);
    for sum in idoc.records("E1EDS01") {
        let qualifier = sum.text("SUMID").unwrap_or_default();
        sum.skip(&["WAERQ", "SUNIT"]);
        if let Some(amount) = reader.decimal(&sum, "SUMME") {
            match &*qualifier {
                "010" => net = Some(amount),
                "005" => tax = Some(amount),
                "011" => payable = Some(amount),
                _ => reader.other(&sum, others, &format!("SAP E1EDS01 {qualifier}"), &amount.to_string()),
            }
        }
        reader.rest(&sum, others);
    }
    let added: Decimal = lines.iter().map(|line| line.line_net.amount).sum();
    let payable = payable.unwrap_or_else(|| {
        let detail = "The IDoc does not say what is to be paid (`SUMID` 011); lines and tax are added up.";
        reader.warning(head, "BELNR", "NO-TOTAL", detail);
        net.unwrap_or(added) + tax.unwrap_or_default()
    });
    InvoiceTotals {
        lines_net: Some(money(added)),
        without_tax: net.map(money),
        tax: tax.map(money),
        ..InvoiceTotals::new(money(payable))
    }
}

/// Taxes: `E1EDK04` and `E1EDP04`.
fn taxes(
    reader: &mut Reader<'_>,
    record: &Record<'_>,
    segment: &str,
    currency: &Currency,
    others: &mut Others,
) -> Vec<InvoiceTax> {
    let mut taxes = Vec::new();
    for inner in record.records(segment) {
        let mut tax = InvoiceTax { rate: reader.decimal(&inner, "MSATZ"), ..InvoiceTax::default() };
        tax.amount = reader.money(&inner, "MWSBT", currency);
        tax.category = inner.text("MWSKZ").map(|code| taxed(&code));
        reader.rest(&inner, others);
        if tax != InvoiceTax::default() && taxes.len() < 16 {
            taxes.push(tax);
        }
    }
    taxes
}

/// When to pay: the key of the terms and the segments `E1EDK18`.
fn payment_terms(
    reader: &mut Reader<'_>,
    idoc: &Record<'_>,
    head: &Record<'_>,
    others: &mut Others,
) -> Vec<PaymentTerm> {
    let mut terms = Vec::new();
    let key = head.text("ZTERM").map(|key| crate::reader::listed("SAP ZTERM", &key));
    for segment in idoc.records("E1EDK18") {
        let qualifier = segment.text("QUALF").unwrap_or_default();
        let mut term = PaymentTerm { kind: key.clone(), ..PaymentTerm::default() };
        term.text = reader.words(&segment, "ZTERM_TXT");
        let days = segment.text("TAGE").and_then(|days| days.parse().ok());
        let percent = reader.some_decimal(&segment, "PRZNT");
        match percent {
            Some(percent) => (term.discount_percent, term.discount_days) = (Some(percent), days),
            None => term.days = days,
        }
        if !qualifier.is_empty() {
            reader.other(&segment, others, "SAP E1EDK18 QUALF", &qualifier);
        }
        reader.rest(&segment, others);
        terms.push(term);
    }
    if terms.is_empty() && key.is_some() {
        terms.push(PaymentTerm { kind: key, ..PaymentTerm::default() });
    }
    terms.truncate(MEANS_MAX);
    terms
}

/// The accounts that may be paid to: `E1EDK28`.
fn payment_means(reader: &mut Reader<'_>, idoc: &Record<'_>, others: &mut Others) -> Vec<PaymentMeans> {
    let mut means = Vec::new();
    for bank in idoc.records("E1EDK28") {
        let mut account = PaymentMeans { bank: reader.identifier(&bank, "BRNUM"), ..PaymentMeans::default() };
        let number = if bank.text("BIBAN").is_some() { "BIBAN" } else { "ACNUM" };
        account.account = reader.identifier(&bank, number);
        account.account_name = reader.words(&bank, "ACNAM");
        if let Some(other) = bank.text("ACNUM").filter(|other| account.account.as_deref() != Some(other)) {
            reader.other(&bank, others, "SAP E1EDK28 ACNUM", &other);
        }
        let names = ["BNAME", "BALOC", "BCOUN"];
        account.text = crate::parties::joined(reader, &bank, &names, ", ");
        reader.rest(&bank, others);
        if means.len() < MEANS_MAX {
            means.push(account);
        }
    }
    means
}

/// A line of the invoice.
fn line(
    reader: &mut Reader<'_>,
    item: &Record<'_>,
    currency: &Currency,
    of_invoice: &mut Others,
) -> Option<InvoiceLine> {
    let mut others = Others::default();
    let quantity = reader.quantity(item, "MENGE", &["MENEE"]);
    let line_no = reader.required(item, "POSEX");
    let mut amounts: Vec<(String, Decimal)> = Vec::new();
    for amount in item.records("E1EDP26") {
        let qualifier = amount.text("QUALF").unwrap_or_default().into_owned();
        if let Some(value) = reader.decimal(&amount, "BETRG") {
            reader.other(&amount, &mut others, &format!("SAP E1EDP26 {qualifier}"), &value.to_string());
            amounts.push((qualifier, value));
        }
        reader.rest(&amount, &mut others);
    }
    let of = |qualifiers: &[&str]| {
        qualifiers.iter().find_map(|wanted| amounts.iter().find(|(is, _)| is == wanted)).map(|(_, value)| *value)
    };
    let net = of(&["003", "004", "011", "002"]).or_else(|| reader.decimal(item, "NETWR"));
    if net.is_none() || quantity.is_none() {
        reader.error(item, "", "MISSING", "Give `MENGE`, and `E1EDP26` with `QUALF` 003: quantity and net value.");
    }
    let money = |amount| Money { amount, currency: currency.clone() };
    let mut line = InvoiceLine::new(line_no?, quantity?, money(net?));
    line.unit_price = of(&["006"]).map(money);
    line.gross_price = of(&["001"]).map(money);
    line.net_kg = reader.weight(item, "NTGEW", "GEWEI");
    line.taxes = taxes(reader, item, "E1EDP04", currency, &mut others);
    for condition in item.records("E1EDP05") {
        // Every condition of SAP is told here, that of the price itself as well, so they are properties and no charges.
        let name = condition.text("KSCHL").unwrap_or_default().into_owned();
        for field in ["KOTXT", "ALCKZ", "BETRG", "KRATE", "KPERC"] {
            if let Some(value) = condition.set(field) {
                reader.other(&condition, &mut others, &format!("SAP E1EDP05 {name} {field}"), &value);
            }
        }
        reader.rest(&condition, &mut others);
    }
    let numbers = Numbers::read(reader, item, "E1EDP02", &mut others);
    if let Some((number, order_line)) = numbers.order {
        (line.order_number, line.order_line) = (Some(number), order_line);
    }
    for reference in numbers.references {
        reader.other(item, &mut others, &format!("reference {}", reference.scheme), &reference.value);
    }
    Dates::read(reader, item, "E1EDP03", &mut others);
    for abroad in item.records("E1EDP28") {
        if let Some(code) = reader.commodity(&abroad, "STAWN") {
            line.hs6 = hs6(&code);
            line.classifications.push(crate::reader::listed("SAP STAWN", code.as_str()));
        }
        line.origin_country = reader.country(&abroad, "HERKL");
        reader.rest(&abroad, &mut others);
    }
    items(reader, item, &mut line, &mut others);
    text::notes(reader, item, "E1EDPT1", &mut others);
    text::qualified(reader, item, ("E1EDP35", "QUALZ", "CUSADD"), &mut others);
    reader.rest(item, &mut others);
    let words: Vec<String> = others.notes.iter().map(|note| note.text.to_string()).collect();
    line.note = reader.decoded.free_text(item.at("E1EDPT1"), "texts of the line", &words.join("\n"));
    let property = |code: &portgate_sdk::canonical::Code| {
        Some(ItemProperty::new(Text::new(code.code_list.to_string()).ok()?, Text::new(code.code.to_string()).ok()?))
    };
    line.properties = others.codes.iter().take(PROPERTIES_MAX).filter_map(property).collect();
    // Those beyond are told of the whole, under the number of the line.
    for code in others.codes.iter().skip(PROPERTIES_MAX) {
        reader.other(item, of_invoice, &format!("{} {}", line.line_no, code.code_list), &code.code);
    }
    Some(line)
}

/// What the item is called by whom: `E1EDP19`.
fn items(reader: &mut Reader<'_>, item: &Record<'_>, line: &mut InvoiceLine, others: &mut Others) {
    for name in item.records("E1EDP19") {
        let qualifier = name.text("QUALF").unwrap_or_default();
        let number_name = if name.text("IDTNR_LONG").is_some() { "IDTNR_LONG" } else { "IDTNR" };
        name.skip(&["IDTNR"]);
        let scheme = match &*qualifier {
            "001" => "buyer",
            "003" => "GTIN",
            "004" => "manufacturer",
            _ => "",
        };
        let written = name.text(number_name).unwrap_or_default();
        let shown = number::shown(&written);
        match (&*qualifier, Text::new(scheme), Text::new(shown)) {
            ("002", ..) => line.sku = reader.number(&name, number_name),
            (_, Ok(scheme), Ok(value)) if line.item_ids.len() < 16 => line.item_ids.push(PartyId { scheme, value }),
            _ => reader.other(&name, others, &format!("SAP E1EDP19 {qualifier}"), shown),
        }
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
