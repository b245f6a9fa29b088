//! What goods of a booking and of shipping instructions have in common, both ways: codes, weights and packages.

use portgate_sdk::Pointer;
use portgate_sdk::canonical::{Code, HsCode, TenderGoods, Text};

use super::danger;
use super::kept::{Remarks, kept};
use super::measure::{count, cubic_metres, kilograms, measured};
use super::tender::Lacks;
use super::wire::{DangerousGoods, Exact, Measured, NationalCode, Open, OuterPackaging, Rest};
use crate::notes::Notes;

/// Room for remarks on goods, and for dangers of them.
pub(crate) const REMARKS_MAX: usize = 64;
const DANGERS_MAX: usize = 64;

/// The lists of kinds of packages: Recommendation 21, and the code for packagings of dangerous goods.
const PACKAGES: &str = "UNECE Rec 21";
const PACKAGINGS: &str = "IMDG packaging";

/// Lists of kinds of packages whose codes are those of Recommendation 21.
const SAME_AS_PACKAGES: [&str; 2] = [PACKAGES, "UNTDID 7065"];

/// Digits of a code in the list that all take, and in the longer one.
const HS_DIGITS: usize = 10;
const HS_DIGITS_EXTENDED: usize = 12;

/// Names of packages of Recommendation 21, for those who ask for a description.
const NAMES: [(&str, &str); 24] = [
    ("BA", "Barrel"),
    ("BE", "Bundle"),
    ("BG", "Bag"),
    ("BL", "Bale, compressed"),
    ("BN", "Bale, non-compressed"),
    ("BX", "Box"),
    ("CA", "Can, rectangular"),
    ("CN", "Container"),
    ("CR", "Crate"),
    ("CS", "Case"),
    ("CT", "Carton"),
    ("CY", "Cylinder"),
    ("DR", "Drum"),
    ("IZ", "Ingots, in bundle/bunch/truss"),
    ("JC", "Jerrican, rectangular"),
    ("PA", "Packet"),
    ("PC", "Parcel"),
    ("PK", "Package"),
    ("PL", "Pail"),
    ("PX", "Pallet"),
    ("RO", "Roll"),
    ("SA", "Sack"),
    ("TN", "Tin"),
    ("WA", "Intermediate bulk container"),
];

/// The code of the Harmonised System; of several the first, and all of them are kept. The longer list counts where there is one.
pub(crate) fn codes(
    goods: &mut TenderGoods,
    (short, extended): (Option<Vec<String>>, Option<Vec<String>>),
    rest: &mut Rest,
    at: &Pointer,
    notes: &mut Notes,
) {
    let (short, extended) = (short.unwrap_or_default(), extended.unwrap_or_default());
    let list = if extended.is_empty() { &short } else { &extended };
    let Some(first) = list.first() else { return };
    match HsCode::new(first.trim()) {
        Ok(code) => goods.hs_code = Some(code),
        Err(_) => notes.warning("HS-CODE", at.key("HSCodes"), "The code is none of the Harmonised System; it is kept."),
    }
    let says_more = |list: &[String]| list.len() > 1 || (goods.hs_code.is_none() && !list.is_empty());
    // Whoever writes the longer list has to write the shorter one as well, which says no more.
    let is_beginning = matches!((&*short, &*extended), ([short], [long]) if long.starts_with(short.as_str()));
    if !is_beginning && (says_more(&short) || !extended.is_empty() && !short.is_empty()) {
        rest.insert("HSCodes".to_owned(), short.clone().into());
    }
    if says_more(&extended) {
        rest.insert("extendedHSCodes".to_owned(), extended.clone().into());
    }
}

/// The code of a national list, such as `NCM BR`; of several the first, and all of them are kept.
pub(crate) fn national(
    goods: &mut TenderGoods,
    (short, extended): (Option<Vec<NationalCode>>, Option<Vec<NationalCode>>),
    rest: &mut Rest,
) {
    let (short, extended) = (short.unwrap_or_default(), extended.unwrap_or_default());
    let list = if extended.is_empty() { &short } else { &extended };
    if let [NationalCode { r#type: Some(kind), country_code, values: Some(values) }] = &**list
        && let [value] = &**values
    {
        let list = [Some(kind.as_str()), country_code.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let code = Text::new(value.trim()).ok().zip(Text::new(list).ok());
        goods.commodity = code.map(|(code, code_list)| Code { code, code_list, source_code: None });
    }
    let is_said = goods.commodity.is_some() && (short.is_empty() || extended.is_empty());
    for (name, list) in [("nationalCommodityCodes", short), ("extendedNationalCommodityCodes", extended)] {
        if let (false, false, Ok(list)) = (is_said, list.is_empty(), serde_json::to_value(&list)) {
            rest.insert(name.to_owned(), list);
        }
    }
}

/// Gross and net weight, and volume.
pub(crate) fn weights(
    goods: &mut TenderGoods,
    (gross, net, volume): (Option<Measured>, Option<Measured>, Option<Measured>),
    at: &Pointer,
    notes: &mut Notes,
) {
    goods.gross_kg = kilograms(gross, &at.key("cargoGrossWeight"), notes);
    goods.net_kg = kilograms(net, &at.key("cargoNetWeight"), notes);
    goods.volume_m3 = cubic_metres(volume, &at.key("cargoGrossVolume"), notes);
}

/// Packages, with what makes what is in them dangerous.
pub(crate) fn packaging(goods: &mut TenderGoods, packaging: Option<OuterPackaging>, at: &Pointer, notes: &mut Notes) {
    let Some(packaging) = packaging else { return };
    let at = at.key("outerPackaging");
    let OuterPackaging { package_code, imo_packaging_code, number_of_packages, description, dangerous_goods, mut rest } =
        packaging;
    goods.packages = count(number_of_packages, &at.key("numberOfPackages"), notes);
    let (list, code) = match (&package_code, &imo_packaging_code) {
        (Some(code), _) => (PACKAGES, Some(code)),
        (None, code) => (PACKAGINGS, code.as_ref()),
    };
    let code = notes.identifier(at.key("packageCode"), "kind of the packages", code.map(String::as_str));
    let is_coded = code.is_some();
    goods.package_type = code.zip(Text::new(list).ok()).map(|(code, code_list)| Code {
        code,
        code_list,
        source_code: description.as_deref().and_then(|words| Text::new(words.trim()).ok()),
    });
    if let (Some(words), false) = (description, is_coded) {
        rest.insert("description".to_owned(), words.into());
    }
    if let (Some(code), Some(_)) = (imo_packaging_code, package_code) {
        rest.insert("imoPackagingCode".to_owned(), code.into());
    }
    for (index, dangerous) in dangerous_goods.into_iter().flatten().enumerate() {
        let at = at.key("dangerousGoods").index(index);
        match goods.dangerous.len() < DANGERS_MAX {
            true => goods.dangerous.push(danger::read(dangerous, &at, notes)),
            false => notes.error("TOO-MANY-DANGERS", &at, "The goods have more than 64 dangers."),
        }
    }
    Remarks { list: &mut goods.remarks, most: REMARKS_MAX }.keep(rest, "outerPackaging.", &at, notes);
}

/// Codes of the Harmonised System as they go out, in the list that all take and in the longer one. What was kept says more.
pub(crate) fn written_codes(
    goods: &TenderGoods,
    others: &Rest,
    at: &Pointer,
    lacks: &mut Lacks,
) -> (Option<Vec<String>>, Option<Vec<String>>) {
    let Some(code) = goods.hs_code.as_ref().map(|code| code.as_str()) else { return (None, None) };
    if others.contains_key("HSCodes") || others.contains_key("extendedHSCodes") {
        return (None, None);
    }
    match code.len() {
        6..=HS_DIGITS => (Some(vec![code.to_owned()]), None),
        ..=HS_DIGITS_EXTENDED if code.len() >= 6 => {
            (code.get(..6).map(|short| vec![short.to_owned()]), Some(vec![code.to_owned()]))
        }
        _ => {
            lacks.wrong("NO-WORD", at.key("hsCode"), "DCSA takes codes of goods with 6 to 12 digits.");
            (None, None)
        }
    }
}

/// The code of a national list as it goes out: a list that is none of a country's is another body's, and not told.
pub(crate) fn written_national(goods: &TenderGoods) -> Option<Vec<NationalCode>> {
    const LISTS: [&str; 6] = ["NCM", "HTS", "SCHEDULE_B", "TARIC", "CN", "CUS"];
    let code = goods.commodity.as_ref()?;
    let (kind, country) = match code.code_list.split_once(' ') {
        Some((kind, country)) => (kind, Some(country.to_owned())),
        None => (&*code.code_list, None),
    };
    LISTS.contains(&kind).then(|| {
        vec![NationalCode {
            r#type: Some(kind.to_owned()),
            country_code: country,
            values: Some(vec![code.code.to_string()]),
        }]
    })
}

/// Packages as they go out, with these dangers. DCSA asks for a description: words that were written, or the name of the kind.
pub(crate) fn written_packaging(goods: &TenderGoods, dangerous: Vec<DangerousGoods>) -> Option<OuterPackaging> {
    let others = kept(&goods.remarks, "outerPackaging.");
    let kind = goods.package_type.as_ref();
    let code = kind.map(|kind| kind.code.to_string());
    let is_package = kind.is_some_and(|kind| SAME_AS_PACKAGES.contains(&&*kind.code_list))
        && code.as_deref().is_some_and(|code| {
            code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        });
    let is_packaging = kind.is_some_and(|kind| &*kind.code_list == PACKAGINGS);
    let words = kind.and_then(|kind| kind.source_code.as_ref()).map(ToString::to_string);
    let name = code.as_deref().and_then(|code| NAMES.iter().find(|(known, _)| *known == code && is_package));
    let words = words.or_else(|| name.map(|(_, name)| (*name).to_owned())).or_else(|| code.clone());
    let packaging = OuterPackaging {
        package_code: code.clone().filter(|_| is_package),
        imo_packaging_code: code.filter(|_| is_packaging),
        number_of_packages: goods.packages.filter(|packages| *packages > 0).map(|count| Exact(i64::from(count).into())),
        description: words.filter(|_| !others.contains_key("description")),
        dangerous_goods: super::names::some(dangerous),
        rest: Rest::new(),
    };
    let packaging = packaging.with(others);
    (packaging != OuterPackaging::default()).then_some(packaging)
}

/// Gross and net weight, and volume, as they go out.
pub(crate) fn written_weights(goods: &TenderGoods) -> [Option<Measured>; 3] {
    [measured(goods.gross_kg, "KGM"), measured(goods.net_kg, "KGM"), measured(goods.volume_m3, "MTQ")]
}
