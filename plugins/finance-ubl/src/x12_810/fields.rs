//! What single segments and elements of X12 say.

use std::fmt::Display;

use portgate_sdk::canonical::{Address, Date, Decimal, InvoiceNote, Party, PartyRole, Reference, Unit};
use portgate_sdk::x12::Segment;

use crate::edi::{Draft, other_party, remark, text};
use crate::notes::{Notes, short};
use crate::party::identify;

/// A day, `CCYYMMDD` or, as it was before 004010, `YYMMDD`: of this century up to 69.
pub(super) fn date(written: &str, at: impl Display, notes: &mut Notes) -> Option<Date> {
    let is_digits = written.bytes().all(|byte| byte.is_ascii_digit());
    let day = match written.len() {
        8 if is_digits => format!("{}-{}-{}", &written[..4], &written[4..6], &written[6..]),
        6 if is_digits => {
            let century = if &written[..2] < "70" { "20" } else { "19" };
            format!("{century}{}-{}-{}", &written[..2], &written[2..4], &written[4..])
        }
        _ => written.to_owned(),
    };
    notes.valid(at, Date::new(day))
}

/// A number with two decimal places that are not written (N2); one that has a point says itself where it is.
pub(super) fn implied(written: &str, at: impl Display, notes: &mut Notes) -> Option<Decimal> {
    let number = notes.number(at, written)?;
    Some(if written.contains('.') { number } else { number.shifted(2) })
}

/// The part that a party plays, by its code (98).
fn role(code: &str) -> Option<PartyRole> {
    Some(match code {
        "SE" | "VN" | "SU" | "SV" | "II" | "FR" => PartyRole::Seller,
        "BY" | "OB" | "SO" => PartyRole::Buyer,
        "BT" | "BS" | "PR" => PartyRole::BillTo,
        "RE" | "RI" | "PE" => PartyRole::Payee,
        "ST" | "DA" => PartyRole::ShipTo,
        "SF" => PartyRole::ShipFrom,
        "CN" | "UC" => PartyRole::Consignee,
        "SH" => PartyRole::Consignor,
        "CA" => PartyRole::Carrier,
        "MF" => PartyRole::Manufacturer,
        "WH" => PartyRole::Warehouse,
        "IM" => PartyRole::Importer,
        "EX" => PartyRole::Exporter,
        "FW" => PartyRole::Forwarder,
        "CB" => PartyRole::Broker,
        _ => return None,
    })
}

/// `N1`: a party; nothing where it does not say which part it plays.
pub(super) fn party(segment: Segment<'_>, notes: &mut Notes) -> Option<Party> {
    let own = text(segment, 1, 1)?;
    let named = role(&own).map(Party::new);
    let mut party = named.unwrap_or_else(|| other_party(&own, "X12 98", segment.at(1), notes));
    party.name = text(segment, 2, 1).and_then(|name| notes.free_text(segment.at(2), "name", &name));
    if let Some(id) = text(segment, 4, 1) {
        let scheme = match text(segment, 3, 1).as_deref() {
            Some("1" | "9") => "DUNS".to_owned(),
            Some("UL" | "8") => "GLN".to_owned(),
            Some("2") => "SCAC".to_owned(),
            Some("FI") => "TIN".to_owned(),
            Some(other) => format!("x12:{other}"),
            None => "own".to_owned(),
        };
        let scheme = notes.identifier(segment.at(3), "scheme", &scheme);
        let id = notes.identifier(segment.at(4), "identifier of the party", &id);
        identify(&mut party.ids, scheme, id);
    }
    Some(party)
}

/// `N2`, `N3`, `N4` and `PER`: more of a party. Where there is none, whom to call is a remark.
pub(super) fn of_party(segment: Segment<'_>, party: Option<&mut Party>, draft: &mut Draft, notes: &mut Notes) {
    let Some(party) = party else {
        return draft.notes.extend(in_words(segment));
    };
    match segment.tag() {
        "N2" => {
            let more = [text(segment, 1, 1), text(segment, 2, 1)].into_iter().flatten();
            let name: Vec<String> = party.name.iter().map(ToString::to_string).chain(more).collect();
            party.name = notes.free_text(segment.at(1), "name", &name.join(" "));
        }
        "N3" => {
            let address = party.address.get_or_insert_with(Address::default);
            for element in 1..=2 {
                let line = text(segment, element, 1);
                let line = line.and_then(|line| notes.free_text(segment.at(element), "line of the address", &line));
                address.lines.extend(line.filter(|_| address.lines.len() < 8));
            }
        }
        "N4" => {
            let address = party.address.get_or_insert_with(Address::default);
            address.city = text(segment, 1, 1).and_then(|city| notes.free_text(segment.at(1), "city", &city));
            address.region = text(segment, 2, 1).and_then(|region| notes.free_text(segment.at(2), "region", &region));
            address.postcode = text(segment, 3, 1).and_then(|code| notes.identifier(segment.at(3), "postcode", &code));
            address.country = text(segment, 4, 1).and_then(|country| notes.country_code(segment.at(4), &country));
        }
        _ => {
            if party.contact.is_none() {
                party.contact = text(segment, 2, 1).and_then(|name| notes.free_text(segment.at(2), "contact", &name));
            }
            for element in [3, 5, 7] {
                let (kind, number) = (text(segment, element, 1), text(segment, element + 1, 1));
                match (kind.as_deref(), number) {
                    (Some("TE" | "CP"), Some(number)) => {
                        party.phone = notes.free_text(segment.at(element + 1), "telephone", &number);
                    }
                    (Some("EM"), Some(address)) => {
                        party.email = notes.free_text(segment.at(element + 1), "address for mail", &address);
                    }
                    _ => {}
                }
            }
        }
    }
}

/// How the kinds of references (128) are called elsewhere; others keep their code.
pub(super) fn scheme(qualifier: &str) -> String {
    match qualifier {
        "PO" => "order",
        "IV" => "invoice",
        "CT" => "contract",
        "VN" | "CO" => "sales-order",
        "BM" => "transport-document",
        "BN" => "booking",
        "SI" => "shipment",
        "PK" => "delivery-note",
        "SN" => "seal",
        "CN" | "2I" => "tracking-number",
        other => return format!("x12:{other}"),
    }
    .to_owned()
}

/// `REF`: a reference.
pub(super) fn reference(segment: Segment<'_>, notes: &mut Notes) -> Option<Reference> {
    let qualifier = text(segment, 1, 1)?;
    let value = text(segment, 2, 1).or_else(|| text(segment, 3, 1))?;
    notes.reference_at(segment.at(2), &scheme(&qualifier), &value)
}

/// `REF` of a party: another identifier of it.
pub(super) fn identifier(segment: Segment<'_>, party: &mut Party, notes: &mut Notes) {
    let (Some(qualifier), Some(value)) = (text(segment, 1, 1), text(segment, 2, 1)) else { return };
    let scheme = match &*qualifier {
        "TJ" | "EI" | "FI" => "TIN".to_owned(),
        "VX" | "GT" => "VAT".to_owned(),
        other => format!("x12:{other}"),
    };
    let scheme = notes.identifier(segment.at(1), "scheme", &scheme);
    let id = notes.identifier(segment.at(2), "identifier of the party", &value);
    identify(&mut party.ids, scheme, id);
}

/// A segment that a document has no field for, as a remark in its own codes: `CAD: A, FDEG`.
pub(super) fn in_words(segment: Segment<'_>) -> Option<InvoiceNote> {
    let elements = segment.elements().filter_map(|element| element.text());
    let words: Vec<String> = elements.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect();
    (!words.is_empty()).then(|| format!("{}: {}", segment.tag(), words.join(", "))).as_deref().and_then(remark)
}

/// A unit (355) as UNECE Recommendation 20 and 21 have it; one that is in no table is kept, with a warning.
pub(super) fn unit(segment: Segment<'_>, element: usize, notes: &mut Notes) -> Unit {
    let written = text(segment, element, 1);
    let known = match written.as_deref() {
        Some("EA" | "DZ" | "PR" | "HUR" | "C62" | "SET") | None => {
            written.as_deref().map(|unit| if unit == "DZ" { "DZN" } else { unit })
        }
        Some("PC") => Some("H87"),
        Some("UN") => Some("C62"),
        Some("ST") => Some("SET"),
        Some("GS") => Some("GRO"),
        Some("CA" | "CS") => Some("XCS"),
        Some("CT") => Some("XCT"),
        Some("BX") => Some("XBX"),
        Some("BG") => Some("XBG"),
        Some("BO") => Some("XBO"),
        Some("PK") => Some("XPK"),
        Some("PL") => Some("XPX"),
        Some("RL" | "RO") => Some("XRO"),
        Some("LB") => Some("LBR"),
        Some("OZ") => Some("ONZ"),
        Some("TN") => Some("STN"),
        Some("KG") => Some("KGM"),
        Some("GR") => Some("GRM"),
        Some("FT" | "LF") => Some("FOT"),
        Some("IN") => Some("INH"),
        Some("YD") => Some("YRD"),
        Some("MR") => Some("MTR"),
        Some("SF") => Some("FTK"),
        Some("GA") => Some("GLL"),
        Some("LT") => Some("LTR"),
        Some("HR") => Some("HUR"),
        Some("DA") => Some("DAY"),
        Some("MO") => Some("MON"),
        Some("TH") => Some("MIL"),
        Some(other) => {
            let detail = format!("The unit `{}` (X12 355) is in no table; it is kept as it is.", short(other));
            notes.warning("UNKNOWN-UNIT", segment.at(element), detail);
            Some(other)
        }
    };
    let known = known.map(str::to_owned);
    notes.unit_code(segment.at(element), known.as_deref())
}
