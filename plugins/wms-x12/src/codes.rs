//! Codes of X12 and what documents call the same.

use portgate_sdk::canonical::{Code, Decimal, LineOutcome, PartyRole, Purpose, Text, TransportMode};
use portgate_sdk::x12;

/// A code of a list, with what the partner wrote where that is another; nothing where it is empty or too long.
pub(crate) fn code(code: &str, list: &str, written: Option<&str>) -> Option<Code> {
    let source_code = written.filter(|written| *written != code).and_then(|written| Text::new(written).ok());
    Some(Code { code: Text::new(code).ok()?, code_list: Text::new(list).ok()?, source_code })
}

/// What a party is, by its code of element 98, where documents have a word for it. The first of a role is written.
const ROLES: &[(&str, PartyRole)] = &[
    ("SF", PartyRole::ShipFrom),
    ("ST", PartyRole::ShipTo),
    ("BS", PartyRole::ShipTo),
    ("BY", PartyRole::Buyer),
    ("OB", PartyRole::Buyer),
    ("SE", PartyRole::Seller),
    ("VN", PartyRole::Seller),
    ("SU", PartyRole::Seller),
    ("CN", PartyRole::Consignee),
    ("UC", PartyRole::Consignee),
    ("SH", PartyRole::Consignor),
    ("CA", PartyRole::Carrier),
    ("WH", PartyRole::Warehouse),
    ("DE", PartyRole::Depositor),
    ("BT", PartyRole::BillTo),
    ("RE", PartyRole::Payee),
    ("RI", PartyRole::Payee),
    ("PF", PartyRole::FreightPayer),
    ("FW", PartyRole::Forwarder),
    ("MF", PartyRole::Manufacturer),
    ("IM", PartyRole::Importer),
    ("EX", PartyRole::Exporter),
    ("CB", PartyRole::Broker),
    ("N1", PartyRole::Notify),
];

/// The part that a party plays.
pub(crate) fn role(code: &str) -> PartyRole {
    ROLES.iter().find(|(known, _)| *known == code).map_or(PartyRole::Other, |(_, role)| *role)
}

/// Whether a code says no more of a party than its role does.
pub(crate) fn is_plain_role(code: &str, role: PartyRole) -> bool {
    role_code(role) == Some(code)
}

/// How X12 writes a role.
pub(crate) fn role_code(role: PartyRole) -> Option<&'static str> {
    ROLES.iter().find(|(_, known)| *known == role).map(|(code, _)| *code)
}

/// What an identifier of a party is of, by its qualifier of element 66.
const SCHEMES: &[(&str, &str)] =
    &[("1", "DUNS"), ("9", "DUNS+4"), ("2", "SCAC"), ("UL", "GLN"), ("FI", "TIN"), ("4", "IATA")];

/// The scheme of an identifier of a party.
pub(crate) fn party_scheme(qualifier: Option<&str>) -> String {
    match qualifier {
        Some(code) => {
            let known = SCHEMES.iter().find(|(known, _)| *known == code);
            known.map_or_else(|| format!("x12:{code}"), |(_, scheme)| (*scheme).to_owned())
        }
        None => "x12".to_owned(),
    }
}

/// The qualifier of an identifier of a party; nothing for schemes that X12 does not know.
pub(crate) fn party_qualifier(scheme: &str) -> Option<&str> {
    let known = SCHEMES.iter().find(|(_, known)| *known == scheme).map(|(code, _)| *code);
    known.or_else(|| scheme.strip_prefix("x12:").filter(|code| (1..=2).contains(&code.len())))
}

/// What a reference is to, by its qualifier of element 128. The first of a scheme is written.
const REFERENCES: &[(&str, &str)] = &[
    ("BM", "transport-document"),
    ("MB", "transport-document"),
    ("BN", "booking"),
    ("PO", "order"),
    ("IV", "invoice"),
    ("SI", "shipment"),
    ("SN", "seal"),
    ("EQ", "container"),
    ("2I", "tracking-number"),
    ("CN", "carrier-reference"),
    ("PK", "packing-list"),
    ("LV", "license-plate"),
    ("LT", "lot"),
    ("LO", "load"),
    ("VN", "vendor-order"),
    ("CO", "customer-order"),
    ("DP", "department"),
    ("RM", "return-authorisation"),
    ("SE", "serial-number"),
];

/// The scheme of a reference; `x12:` and the qualifier where there is none.
pub(crate) fn scheme(qualifier: &str) -> String {
    let known = REFERENCES.iter().find(|(code, _)| *code == qualifier);
    known.map_or_else(|| format!("x12:{qualifier}"), |(_, scheme)| (*scheme).to_owned())
}

/// The qualifier of a reference; nothing for schemes that X12 does not know.
pub(crate) fn qualifier(scheme: &str) -> Option<&str> {
    let known = REFERENCES.iter().find(|(_, known)| *known == scheme).map(|(code, _)| *code);
    known.or_else(|| scheme.strip_prefix("x12:").filter(|code| (2..=3).contains(&code.len())))
}

/// Packages of UNECE Recommendation 21 by the first part of element 103; `CTN25` is a carton, of corrugated board.
pub(crate) fn packaging(code: &str) -> Option<&'static str> {
    let form = code.get(..3).unwrap_or(code);
    Some(match form {
        "CTN" | "CTR" => "CT",
        "PLT" | "PAL" | "SLP" => "PX",
        "SKD" => "SI",
        "CAS" => "CS",
        "BOX" => "BX",
        "BAG" => "BG",
        "SAK" => "SA",
        "BIN" => "BI",
        "BBL" | "BRL" => "BA",
        "BDL" => "BE",
        "BOT" => "BO",
        "CAN" => "CA",
        "CRT" => "CR",
        "DRM" => "DR",
        "ENV" => "EN",
        "HPR" | "HRB" => "HR",
        "JAR" => "JR",
        "PAI" => "PL",
        "PCS" => "PP",
        "PKG" | "PCK" => "PK",
        "RCK" => "RK",
        "REL" => "RL",
        "ROL" => "RO",
        "TNK" => "TK",
        "TUB" => "TU",
        "TBE" => "TU",
        "TRY" => "PU",
        "UNT" => "UN",
        "LSE" => "NE",
        _ => return None,
    })
}

/// How X12 writes a mode (91); both have settled it where nothing is said.
pub(crate) fn method(mode: Option<TransportMode>) -> &'static str {
    mode.map_or("ZZ", x12::transport_method)
}

/// The list of who pays the freight, in words.
pub(crate) const FREIGHT_TERMS: &str = "freight-terms";

/// Who pays the freight, by element 146, with what the partner wrote.
pub(crate) fn freight_terms(written: &str) -> Option<Code> {
    let word = match written {
        // By the buyer or the receiver, in advance or on delivery; what is credited later was collected.
        "CC" | "BP" | "CA" | "CD" | "CF" => "collect",
        // By the seller or the sender, even where it is charged to the customer later.
        "PP" | "PA" | "PC" | "PD" | "PE" | "PO" | "PS" => "prepaid",
        "TP" => "third-party",
        _ => return code(written, "X12 146", None),
    };
    code(word, FREIGHT_TERMS, Some(written))
}

/// How X12 writes who pays the freight: the partner's own code where it is one, and that both have settled it where nothing is
/// said.
pub(crate) fn payment(terms: Option<&Code>) -> String {
    let Some(terms) = terms else { return "DF".to_owned() };
    let own = terms.source_code.as_deref().unwrap_or(&*terms.code);
    match &*terms.code {
        _ if own.len() == 2 && own.bytes().all(|byte| byte.is_ascii_uppercase()) => own.to_owned(),
        "collect" => "CC".to_owned(),
        "prepaid" => "PP".to_owned(),
        "third-party" => "TP".to_owned(),
        _ => "DF".to_owned(),
    }
}

/// The purpose of a set by element 353; those that say neither that something changed nor that it is taken back are original.
pub(crate) fn purpose(code: &str) -> Option<Purpose> {
    Some(match code {
        "01" | "03" | "17" => Purpose::Cancellation,
        "02" | "04" | "05" | "15" | "18" | "19" | "25" | "26" | "41" | "CO" => Purpose::Change,
        "00" | "06" | "07" | "08" | "14" | "20" | "22" | "49" => Purpose::Original,
        _ => return None,
    })
}

/// The purpose of a set by its action (306).
pub(crate) fn purpose_of_action(code: &str) -> Option<Purpose> {
    Some(match code {
        "3" | "C" | "D" | "G" => Purpose::Cancellation,
        "2" | "CO" | "15" | "I" => Purpose::Change,
        "1" | "A" | "5" | "F" => Purpose::Original,
        _ => return None,
    })
}

/// What a status of an order or a line (368) says of what was left.
pub(crate) enum Rest {
    /// There is none.
    None,
    /// It follows.
    Follows,
    /// It does not follow.
    Closed,
    /// Nothing comes.
    Cancelled,
    /// There was more.
    Over,
    /// Something else took its place.
    Substituted,
    /// There is some, and nothing is said of it.
    Unsaid,
}

/// What a status says of what was left; nothing where it says something else.
pub(crate) fn rest(status: &str) -> Option<Rest> {
    Some(match status {
        "CC" | "CL" | "PD" => Rest::None,
        "BO" | "BP" | "BK" | "BM" | "PS" | "NS" | "SS" | "ED" | "EW" => Rest::Follows,
        "CP" => Rest::Closed,
        "CU" | "IC" | "CK" | "DE" | "DI" | "OP" => Rest::Cancelled,
        "CE" | "CM" => Rest::Over,
        "CS" | "IS" => Rest::Substituted,
        "PR" | "DS" | "OR" | "PH" => Rest::Unsaid,
        _ => return None,
    })
}

/// What became of what was ordered, by how much was ordered and done and what its status says of the rest. What was counted
/// counts before what is said; where nothing was counted, the status alone says it.
pub(crate) fn outcome(
    ordered: Option<Decimal>,
    done: Option<Decimal>,
    difference: Option<Decimal>,
    rest: Option<&Rest>,
) -> Option<LineOutcome> {
    if let Some(Rest::Substituted) = rest {
        return Some(LineOutcome::Substituted);
    }
    let short = match (ordered, done, difference) {
        (Some(ordered), Some(done), _) => ordered - done,
        (_, _, Some(difference)) => difference,
        _ => return rest.and_then(by_status),
    };
    let nothing = done.is_some_and(Decimal::is_zero);
    Some(match rest {
        _ if short.is_negative() => LineOutcome::Over,
        _ if short.is_zero() => LineOutcome::Complete,
        Some(Rest::Follows) => LineOutcome::Backordered,
        Some(Rest::Cancelled) if nothing => LineOutcome::Cancelled,
        Some(Rest::Closed | Rest::Cancelled) => LineOutcome::ShortClosed,
        _ => LineOutcome::Short,
    })
}

fn by_status(rest: &Rest) -> Option<LineOutcome> {
    Some(match rest {
        Rest::None => LineOutcome::Complete,
        Rest::Follows => LineOutcome::Backordered,
        Rest::Closed => LineOutcome::ShortClosed,
        Rest::Cancelled => LineOutcome::Cancelled,
        Rest::Over => LineOutcome::Over,
        Rest::Substituted => LineOutcome::Substituted,
        Rest::Unsaid => LineOutcome::Short,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_counts_before_what_is_said() {
        let number = |number: i64| Some(Decimal::from(number));
        let of = |ordered, done, status| outcome(ordered, done, None, rest(status).as_ref());
        assert_eq!(of(number(10), number(10), "CC"), Some(LineOutcome::Complete));
        assert_eq!(of(number(10), number(8), "CC"), Some(LineOutcome::Short));
        assert_eq!(of(number(10), number(8), "BP"), Some(LineOutcome::Backordered));
        assert_eq!(of(number(10), number(8), "CP"), Some(LineOutcome::ShortClosed));
        assert_eq!(of(number(10), number(0), "CU"), Some(LineOutcome::Cancelled));
        assert_eq!(of(number(10), number(8), "CU"), Some(LineOutcome::ShortClosed));
        assert_eq!(of(number(10), number(12), "CC"), Some(LineOutcome::Over));
        assert_eq!(of(number(10), number(8), "??"), Some(LineOutcome::Short));
        assert_eq!(of(None, None, "BO"), Some(LineOutcome::Backordered));
        assert_eq!(of(None, number(3), "??"), None);
        assert_eq!(outcome(None, number(3), number(2), None), Some(LineOutcome::Short));
    }

    #[test]
    fn what_is_written_is_read_as_what_it_was() {
        for (_, role_of) in ROLES {
            assert_eq!(role(role_code(*role_of).expect("a code")), *role_of);
        }
        for (_, name) in REFERENCES {
            assert_eq!(scheme(qualifier(name).expect("a qualifier")), *name);
        }
        assert_eq!(
            (scheme("4F"), qualifier("x12:4F"), qualifier("shopify-order")),
            ("x12:4F".to_owned(), Some("4F"), None)
        );
    }
}
