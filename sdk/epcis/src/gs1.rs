//! The identifiers of GS1 as URIs: canonical Digital Links (`https://id.gs1.org/00/…`), and what EPC URIs (`urn:epc:…`) become
//! as such. A Digital Link needs no length of a company prefix, which no key tells by itself.

/// Where canonical Digital Links begin.
const DOMAIN: &str = "https://id.gs1.org";

/// Keys, each with the qualifiers that may follow it; of these at most one does, but for those of a product's parts.
const KEYS: [(&str, &[&str]); 14] = [
    ("00", &[]),
    ("01", &["21", "10", "235"]),
    ("253", &[]),
    ("255", &[]),
    ("401", &[]),
    ("402", &[]),
    ("414", &["254"]),
    ("417", &[]),
    ("8003", &[]),
    ("8004", &[]),
    ("8006", &["21", "10"]),
    ("8010", &["8011"]),
    ("8017", &[]),
    ("8018", &[]),
];

/// The check digit of the digits before it: every other one counts three times, from the last one on.
fn check_digit(digits: &str) -> Option<char> {
    let mut sum = 0;
    for (place, byte) in digits.bytes().rev().enumerate() {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        sum += if place % 2 == 0 { 3 * digit } else { digit };
    }
    char::from_digit((10 - sum % 10) % 10, 10)
}

/// Whether the last digit is the check digit of those before it, and there are so many in all.
fn checks(number: &str, length: usize) -> bool {
    number.len() == length
        && number.is_ascii()
        && check_digit(&number[..length - 1]).is_some_and(|digit| number.ends_with(digit))
}

/// A parcel or pallet by its Serial Shipping Container Code: 18 digits, with or without the `00` that labels write before them.
pub fn sscc(number: &str) -> Option<String> {
    let bare = number.strip_prefix("(00)").unwrap_or(number);
    let bare = if bare.len() == 20 { bare.strip_prefix("00")? } else { bare };
    checks(bare, 18).then(|| format!("{DOMAIN}/00/{bare}"))
}

/// A trade item by its GTIN of 8, 12, 13 or 14 digits, as a class of things.
pub fn gtin(number: &str) -> Option<String> {
    let known = matches!(number.len(), 8 | 12 | 13 | 14) && checks(number, number.len());
    known.then(|| format!("{DOMAIN}/01/{number:0>14}"))
}

/// A batch of a trade item.
pub fn batch(number: &str, lot: &str) -> Option<String> {
    is_short_text(lot).then(|| gtin(number).map(|item| format!("{item}/10/{}", encoded(lot))))?
}

/// One piece of a trade item, by its serial number.
pub fn piece(number: &str, serial: &str) -> Option<String> {
    is_short_text(serial).then(|| gtin(number).map(|item| format!("{item}/21/{}", encoded(serial))))?
}

/// A place by its Global Location Number.
pub fn place(gln: &str) -> Option<String> {
    checks(gln, 13).then(|| format!("{DOMAIN}/414/{gln}"))
}

/// A party by its Global Location Number.
pub fn party(gln: &str) -> Option<String> {
    checks(gln, 13).then(|| format!("{DOMAIN}/417/{gln}"))
}

/// A business document by the party that numbers it and its number (CBV 8.5.2).
pub fn transaction(gln: &str, number: &str) -> Option<String> {
    checks(gln, 13).then(|| format!("urn:epcglobal:cbv:bt:{gln}:{}", encoded(number)))
}

/// Lots and serial numbers have up to twenty characters.
fn is_short_text(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= 20
}

/// Everything but unreserved characters (RFC 3986 §2.3) percent-encoded.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}

/// The canonical Digital Link that an EPC URI, or a Digital Link of another domain, stands for; none of what is neither.
pub fn canonical(uri: &str) -> Option<String> {
    match uri.strip_prefix("urn:epc:") {
        Some(epc) => of_epc(epc),
        None => of_link(uri),
    }
}

/// A Digital Link with the canonical domain, without a query, and with its key and finest qualifiers alone.
fn of_link(uri: &str) -> Option<String> {
    let rest = uri.strip_prefix("https://").or_else(|| uri.strip_prefix("http://"))?;
    let path = rest.split(['?', '#']).next()?;
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    // The key may stand below other folders; it is the last one that has a value, before its qualifiers.
    let at = (0..parts.len().saturating_sub(1)).find(|at| KEYS.iter().any(|(key, _)| *key == parts[*at]))?;
    let (key, qualifiers) = KEYS.iter().find(|(key, _)| *key == parts[at])?;
    let value = parts[at + 1];
    if value.is_empty() || !value.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut link = format!("{DOMAIN}/{key}/{value}");
    let pairs = || parts[at + 2..].chunks_exact(2);
    if let Some(qualifier) = qualifiers.iter().find(|qualifier| pairs().any(|pair| pair[0] == **qualifier)) {
        let pair = pairs().find(|pair| pair[0] == *qualifier)?;
        link.push_str(&format!("/{}/{}", pair[0], pair[1]));
    }
    Some(link)
}

/// What follows `urn:epc:`: `id:sscc:4012345.0000000333`, `class:lgtin:…`, `idpat:sgtin:….*`.
fn of_epc(epc: &str) -> Option<String> {
    let mut words = epc.splitn(3, ':');
    let (kind, scheme, parts) = (words.next()?, words.next()?, words.next()?);
    if !matches!(kind, "id" | "class" | "idpat") {
        return None;
    }
    let mut parts = parts.split('.');
    let prefix = parts.next()?;
    let second = parts.next()?;
    let rest: Vec<&str> = parts.collect();
    // Serial numbers may have a point in them; of a pattern the serial number is a star.
    let serial = match rest.join(".") {
        serial if serial.is_empty() || serial == "*" => None,
        serial => Some(serial),
    };
    let whole = |digits: String| check_digit(&digits).map(|digit| format!("{digits}{digit}"));
    // The first digit of the item reference stands before the company prefix.
    let item = || whole(format!("{}{prefix}{}", second.get(..1)?, second.get(1..)?));
    let with = |key: &str, value: String, qualifier: &str| match &serial {
        Some(serial) => format!("{DOMAIN}/{key}/{value}/{qualifier}/{serial}"),
        None => format!("{DOMAIN}/{key}/{value}"),
    };
    let joined = |key: &str, value: String| format!("{DOMAIN}/{key}/{value}{}", serial.as_deref().unwrap_or_default());
    Some(match scheme {
        "sscc" => format!("{DOMAIN}/00/{}", item()?),
        "sgtin" => with("01", item()?, "21"),
        "lgtin" => with("01", item()?, "10"),
        "upui" => with("01", item()?, "235"),
        // The extension `0` says that there is none.
        "sgln" if serial.as_deref() == Some("0") => format!("{DOMAIN}/414/{}", whole(format!("{prefix}{second}"))?),
        "sgln" => with("414", whole(format!("{prefix}{second}"))?, "254"),
        "pgln" => format!("{DOMAIN}/417/{}", whole(format!("{prefix}{second}"))?),
        "gdti" => joined("253", whole(format!("{prefix}{second}"))?),
        "sgcn" => joined("255", whole(format!("{prefix}{second}"))?),
        "grai" => joined("8003", format!("0{}", whole(format!("{prefix}{second}"))?)),
        "giai" => format!("{DOMAIN}/8004/{prefix}{second}"),
        "ginc" => format!("{DOMAIN}/401/{prefix}{second}"),
        "gsin" => format!("{DOMAIN}/402/{}", whole(format!("{prefix}{second}"))?),
        "gsrn" => format!("{DOMAIN}/8018/{}", whole(format!("{prefix}{second}"))?),
        "gsrnp" => format!("{DOMAIN}/8017/{}", whole(format!("{prefix}{second}"))?),
        "cpi" => with("8010", format!("{prefix}{second}"), "8011"),
        "itip" => {
            let [piece, total, ..] = rest[..] else { return None };
            let serial = rest.get(2).filter(|serial| **serial != "*").map(|serial| format!("/21/{serial}"));
            format!("{DOMAIN}/8006/{}{piece}{total}{}", item()?, serial.unwrap_or_default())
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_links_and_what_does_not_check_becomes_none() {
        assert_eq!(sscc("340123450000000017").as_deref(), Some("https://id.gs1.org/00/340123450000000017"));
        assert_eq!(sscc("00340123450000000017"), sscc("340123450000000017"));
        assert_eq!(sscc("(00)340123450000000017"), sscc("340123450000000017"));
        assert_eq!(gtin("4012345000016").as_deref(), Some("https://id.gs1.org/01/04012345000016"));
        assert_eq!(batch("4012345000016", "A/1").as_deref(), Some("https://id.gs1.org/01/04012345000016/10/A%2F1"));
        assert_eq!(piece("4012345000016", "7").as_deref(), Some("https://id.gs1.org/01/04012345000016/21/7"));
        assert_eq!(place("4012345000009").as_deref(), Some("https://id.gs1.org/414/4012345000009"));
        for wrong in ["340123450000000018", "34012345000000001", "34012345000000001X", "", "äääääääää"] {
            assert_eq!(sscc(wrong), None, "{wrong}");
        }
        assert_eq!(gtin("4012345000017"), None);
        assert_eq!(batch("4012345000016", &"x".repeat(21)), None);
    }

    #[test]
    fn links_of_other_domains_are_the_same_keys() {
        for (link, canonical_link) in [
            ("https://shop.example/some/01/04012345000016/21/7?x=1", "https://id.gs1.org/01/04012345000016/21/7"),
            ("https://id.gs1.org/01/04012345000016/22/2A/10/L1/21/7", "https://id.gs1.org/01/04012345000016/21/7"),
            ("http://id.example/414/4012345000009", "https://id.gs1.org/414/4012345000009"),
        ] {
            assert_eq!(canonical(link).as_deref(), Some(canonical_link));
        }
        for other in
            ["https://example.org/about", "https://example.org/01", "urn:epc:id:bic:CSQU3054383", "urn:uuid:1", ""]
        {
            assert_eq!(canonical(other), None, "{other}");
        }
    }
}
