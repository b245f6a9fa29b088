//! What single segments say.

use std::fmt::Display;

use portgate_sdk::canonical::{Address, Date, InvoiceNote, Party, PartyRole, PaymentMeans, PaymentTerm, Text};
use portgate_sdk::edifact::Segment;

use super::untdid;
use crate::edi::{other_party, remark, text};
use crate::notes::Notes;
use crate::party::{identify, known};

/// The day of a `DTM`: the first of its formats (2379) say it in front, and a time behind it does not matter.
pub(super) fn date(segment: Segment<'_>, notes: &mut Notes) -> Option<Date> {
    let written = text(segment, 1, 2)?;
    let at = segment.at(1).component(2);
    let format = text(segment, 1, 3);
    let digits =
        |from: usize, to: usize| written.get(from..to).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let day = match format.as_deref() {
        None | Some("102" | "203" | "204" | "205" | "718" | "719") => (digits(0, 4), digits(4, 6), digits(6, 8)),
        Some("101" | "201" | "202") => (digits(0, 2), digits(2, 4), digits(4, 6)),
        Some("2") => (digits(4, 6), digits(2, 4), digits(0, 2)),
        _ => (None, None, None),
    };
    let (Some(year), Some(month), Some(day)) = day else {
        notes.warning("TIME", at, "The day cannot be read; write it as CCYYMMDD (102). It is left out.");
        return None;
    };
    let century = if year.len() == 4 {
        ""
    } else if year < "70" {
        "20"
    } else {
        "19"
    };
    notes.valid(at, Date::new(format!("{century}{year}-{month}-{day}")))
}

/// The two days of a `DTM` with a period (718, `CCYYMMDDCCYYMMDD`, also with a hyphen).
pub(super) fn period(segment: Segment<'_>, notes: &mut Notes) -> Option<(Date, Date)> {
    let written = text(segment, 1, 2)?.replace('-', "");
    let at = || segment.at(1).component(2);
    let day = |part: Option<&str>| {
        let part = part.filter(|part| part.len() == 8 && part.bytes().all(|byte| byte.is_ascii_digit()))?;
        Date::new(format!("{}-{}-{}", &part[..4], &part[4..6], &part[6..])).ok()
    };
    let days = day(written.get(..8)).zip(day(written.get(8..)));
    if days.is_none() {
        notes.warning("TIME", at(), "The period cannot be read; write it as CCYYMMDDCCYYMMDD (718). It is left out.");
    }
    days
}

/// The part that a party plays, by its code (3035).
fn role(code: &str) -> Option<PartyRole> {
    Some(match code {
        "SE" | "SU" | "II" => PartyRole::Seller,
        "BY" | "OB" => PartyRole::Buyer,
        "IV" | "BT" | "PR" => PartyRole::BillTo,
        "PE" | "RE" => PartyRole::Payee,
        "DP" | "ST" => PartyRole::ShipTo,
        "SF" | "PW" => PartyRole::ShipFrom,
        "CN" | "UC" | "UD" => PartyRole::Consignee,
        "CZ" => PartyRole::Consignor,
        "CA" => PartyRole::Carrier,
        "FW" => PartyRole::Forwarder,
        "MF" => PartyRole::Manufacturer,
        "LC" | "TR" => PartyRole::TaxRepresentative,
        "IM" => PartyRole::Importer,
        "EX" => PartyRole::Exporter,
        "DT" => PartyRole::Declarant,
        "WH" => PartyRole::Warehouse,
        "CB" => PartyRole::Broker,
        "N1" | "NI" => PartyRole::Notify,
        _ => return None,
    })
}

/// Whether a party pays.
pub(super) fn is_payer(role: PartyRole) -> bool {
    matches!(role, PartyRole::Buyer | PartyRole::BillTo)
}

/// `NAD`: a party; nothing where it does not say which part it plays.
pub(super) fn party(segment: Segment<'_>, notes: &mut Notes) -> Option<Party> {
    let own = text(segment, 1, 1)?;
    let named = role(&own).map(Party::new);
    let mut party = named.unwrap_or_else(|| other_party(&own, "UNTDID 3035", segment.at(1), notes));
    if let Some(id) = text(segment, 2, 1) {
        let scheme = match text(segment, 2, 3).as_deref() {
            Some("9") => "GLN".to_owned(),
            Some("16") => "DUNS".to_owned(),
            Some("91") => "seller".to_owned(),
            Some("92") => "buyer".to_owned(),
            Some(agency) => format!("edifact:{agency}"),
            None => "own".to_owned(),
        };
        let scheme = notes.identifier(segment.at(2).component(3), "scheme", &scheme);
        let id = notes.identifier(segment.at(2), "identifier of the party", &id);
        identify(&mut party.ids, scheme, id);
    }
    let joined = |element: usize| -> Vec<String> { (1..=5).filter_map(|part| text(segment, element, part)).collect() };
    let (name, words) = (joined(4), joined(3));
    // Name and address without structure stand in one element.
    let (name, mut lines) = match name.is_empty() {
        false => (name.join(" "), words),
        true => (words.first().cloned().unwrap_or_default(), words.into_iter().skip(1).collect()),
    };
    party.name = notes.free_text(segment.at(4), "name", &name);
    lines.extend(joined(5));
    let lines = lines.iter().filter_map(|line| notes.free_text(segment.at(5), "line of the address", line)).collect();
    let mut address = Address { lines, ..Address::default() };
    address.city = text(segment, 6, 1).and_then(|city| notes.free_text(segment.at(6), "city", &city));
    let region = text(segment, 7, 4).or_else(|| text(segment, 7, 1));
    address.region = region.and_then(|region| notes.free_text(segment.at(7), "region", &region));
    address.postcode = text(segment, 8, 1).and_then(|code| notes.identifier(segment.at(8), "postcode", &code));
    address.country = text(segment, 9, 1).and_then(|country| notes.country_code(segment.at(9), &country));
    party.address = known(address);
    Some(party)
}

/// `RFF` of a party: another identifier of it (1153).
pub(super) fn identifier(qualifier: &str, value: &str, at: impl Display + Copy, party: &mut Party, notes: &mut Notes) {
    let scheme = match qualifier {
        "VA" => "VAT".to_owned(),
        "FC" | "AHP" | "TN" => "TIN".to_owned(),
        "XA" | "GN" => "legal".to_owned(),
        other => format!("edifact:{other}"),
    };
    let scheme = notes.identifier(at, "scheme", &scheme);
    identify(&mut party.ids, scheme, notes.identifier(at, "identifier of the party", value));
}

/// `CTA` and `COM`: whom to call.
pub(super) fn contact(segment: Segment<'_>, party: &mut Party, notes: &mut Notes) {
    match segment.tag() {
        "CTA" => {
            let words = [text(segment, 2, 1), text(segment, 2, 2)].into_iter().flatten().collect::<Vec<_>>().join(" ");
            party.contact = notes.free_text(segment.at(2), "contact", &words).or(party.contact.take());
        }
        _ => {
            let Some(number) = text(segment, 1, 1) else { return };
            match text(segment, 1, 2).as_deref() {
                Some("EM") => party.email = notes.free_text(segment.at(1), "address for mail", &number),
                Some("TE" | "AL" | "MA") if party.phone.is_none() => {
                    party.phone = notes.free_text(segment.at(1), "telephone", &number);
                }
                _ => {}
            }
        }
    }
}

/// `FII`: an account.
pub(super) fn account(segment: Segment<'_>, notes: &mut Notes) -> PaymentMeans {
    let part = |element: usize, component: usize| {
        text(segment, element, component).map(|text| (text, segment.at(element).component(component)))
    };
    let (account, name, bank) = (part(2, 1), part(2, 2), part(3, 1).or_else(|| part(3, 4)));
    PaymentMeans {
        account: account.and_then(|(account, at)| notes.identifier(at, "account", &account)),
        account_name: name.and_then(|(name, at)| notes.free_text(at, "holder of the account", &name)),
        bank: bank.and_then(|(bank, at)| notes.identifier(at, "bank", &bank)),
        ..PaymentMeans::default()
    }
}

/// `PAT`: terms of payment.
pub(super) fn terms(segment: Segment<'_>, notes: &mut Notes) -> PaymentTerm {
    let kind: Option<Text<64>> =
        text(segment, 1, 1).and_then(|kind| notes.identifier(segment.at(1), "kind of terms", &kind));
    let words: Vec<String> = (1..=5).filter_map(|component| text(segment, 2, component)).collect();
    let days = text(segment, 3, 4).filter(|_| matches!(text(segment, 3, 3).as_deref(), Some("D")));
    let days = days.and_then(|days| days.parse().ok());
    let is_discount = kind.as_deref() == Some("22");
    PaymentTerm {
        text: notes.free_text(segment.at(2), "terms of payment", &words.join(" ")),
        kind: untdid(kind, "UNTDID 4279"),
        days: days.filter(|_| !is_discount),
        discount_days: days.filter(|_| is_discount),
        ..PaymentTerm::default()
    }
}

/// How the kinds of references (1153) are called elsewhere; others keep their code.
pub(super) fn scheme(qualifier: &str) -> String {
    match qualifier {
        "ON" | "CO" => "order",
        "VN" | "SS" => "sales-order",
        "CT" => "contract",
        "DQ" | "DL" => "delivery-note",
        "AAK" | "AAU" => "despatch-advice",
        "ALO" => "receiving-advice",
        "BM" | "AAS" | "AWB" => "transport-document",
        "BN" => "booking",
        "UCN" => "ucr",
        "AAE" | "ABE" => "declaration",
        "AEP" => "project",
        "SI" => "shipment",
        other => return format!("edifact:{other}"),
    }
    .to_owned()
}

/// The words of an `FTX`.
pub(super) fn words(segment: Segment<'_>) -> Option<String> {
    let words: Vec<String> = (1..=5).filter_map(|component| text(segment, 4, component)).collect();
    let coded = text(segment, 3, 1);
    let words: Vec<String> = coded.into_iter().chain(words).collect();
    (!words.is_empty()).then(|| words.join("\n"))
}

/// `FTX` of the whole, with what it is about (4451).
pub(super) fn note(segment: Segment<'_>, words: &str, notes: &mut Notes) -> Option<InvoiceNote> {
    let subject = text(segment, 1, 1).and_then(|subject| notes.identifier(segment.at(1), "subject", &subject));
    let words = notes.free_text(segment.at(4), "text", words)?;
    Some(InvoiceNote { subject, ..InvoiceNote::new(words) })
}

/// A segment that a document has no field for, as a remark in its own codes.
pub(super) fn in_words(segment: Segment<'_>) -> Option<InvoiceNote> {
    let elements = segment.elements().filter_map(|element| element.text());
    let words: Vec<String> = elements.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect();
    (!words.is_empty()).then(|| format!("{}: {}", segment.tag(), words.join(", "))).as_deref().and_then(remark)
}
