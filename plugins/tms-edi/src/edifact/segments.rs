//! What single segments of EDIFACT say, in whatever message they stand.

use portgate_sdk::canonical::{
    Address, Code, Decimal, Location, Money, Party, PartyId, PartyRole, Reference, TenderRemark, Text, Timestamp,
    TransportMode, UnLocode,
};
use portgate_sdk::edifact::Segment;
use portgate_sdk::time::edifact as edifact_time;

use crate::notes::Notes;

/// The lists that codes of these segments are of.
pub(crate) const SUBJECTS: &str = "UNTDID 4451";
pub(crate) const TIMES: &str = "UNTDID 2005";
pub(crate) const PLACES: &str = "UNTDID 3227";
pub(crate) const AMOUNTS: &str = "UNTDID 5025";

/// The list of parts that parties play.
pub(crate) const PARTS: &str = "UNTDID 3035";

/// The start of schemes that are EDIFACT's own.
pub(crate) const SCHEME: &str = "edifact:";

/// The list that a remark of a whole segment names as its subject's, and what separates its elements.
pub(crate) const SEGMENTS: &str = "EDIFACT segment";

/// The codes of parts (3035) with our role, each role's usual code first.
const ROLES: [(&str, PartyRole); 27] = [
    ("CZ", PartyRole::Consignor),
    ("CN", PartyRole::Consignee),
    ("UC", PartyRole::Consignee),
    ("PW", PartyRole::ShipFrom),
    ("SF", PartyRole::ShipFrom),
    ("DP", PartyRole::ShipTo),
    ("ST", PartyRole::ShipTo),
    ("IV", PartyRole::BillTo),
    ("FP", PartyRole::FreightPayer),
    ("CA", PartyRole::Carrier),
    ("CPE", PartyRole::Carrier),
    ("SE", PartyRole::Seller),
    ("SU", PartyRole::Seller),
    ("BY", PartyRole::Buyer),
    ("OB", PartyRole::Buyer),
    ("NI", PartyRole::Notify),
    ("N1", PartyRole::Notify),
    ("N2", PartyRole::Notify),
    ("FW", PartyRole::Forwarder),
    ("CB", PartyRole::Broker),
    ("AE", PartyRole::Declarant),
    ("EX", PartyRole::Exporter),
    ("IM", PartyRole::Importer),
    ("MF", PartyRole::Manufacturer),
    ("WH", PartyRole::Warehouse),
    ("PE", PartyRole::Payee),
    ("GO", PartyRole::Depositor),
];

/// The code for a party's part.
pub(crate) fn part_of(party: &Party) -> &str {
    let own = party.role_code.as_ref().filter(|code| &*code.code_list == PARTS).map(|code| &*code.code);
    own.or_else(|| ROLES.iter().find(|(_, role)| *role == party.role).map(|(code, _)| *code)).unwrap_or("ZZZ")
}

/// The agencies (3055) whose identifiers have a scheme of ours.
const AGENCIES: [(&str, &str); 4] = [("9", "GLN"), ("16", "DUNS"), ("182", "SCAC"), ("5", "ISO")];

/// List and agency (1131, 3055) of a scheme.
pub(crate) fn list_of(scheme: &str) -> (Option<&str>, Option<&str>) {
    if let Some((agency, _)) = AGENCIES.iter().find(|(_, ours)| *ours == scheme) {
        return (None, Some(agency));
    }
    let (list, agency) = scheme.strip_prefix(SCHEME).and_then(|rest| rest.split_once(':')).unwrap_or_default();
    let some = |text| Some(text).filter(|text: &&str| !text.is_empty());
    (some(list), some(agency))
}

/// `NAD`: the party's part, identifier, name and address.
pub(crate) fn party(notes: &mut Notes<'_>, nad: Segment<'_>) -> Party {
    let part = nad.component(1, 1).unwrap_or_default().trim().to_owned();
    let role = ROLES.iter().find(|(theirs, _)| *theirs == part).map_or(PartyRole::Other, |(_, role)| *role);
    let mut party = Party::new(role);
    if part_of(&party) != part {
        party.role_code = notes.code(nad.at(1), PARTS, Some(&part));
    }
    if let Some(value) = nad.component(2, 1) {
        let (list, agency) = (nad.component(2, 2).unwrap_or_default(), nad.component(2, 3).unwrap_or_default());
        let ours = AGENCIES
            .iter()
            .find(|(theirs, _)| *theirs == agency && list.is_empty())
            .map(|(_, ours)| (*ours).to_owned());
        let scheme = ours.unwrap_or_else(|| format!("{SCHEME}{list}:{agency}"));
        party.ids.extend(id(notes, nad, (2, 1), &scheme, &value));
    }
    let mut address = Address::default();
    // Name and address in lines (C058), or each in its own element.
    let name = joined(nad, 4, 1..=5);
    let in_lines: Vec<String> =
        nad.composite(3).into_iter().flat_map(|lines| lines.components()).map(|line| line.into_owned()).collect();
    let mut lines = in_lines.into_iter().filter(|line| !line.trim().is_empty());
    party.name = match name {
        Some(name) => notes.text(nad.at(4), "name", Some(name)),
        None => notes.text(nad.at(3), "name", lines.next()),
    };
    let streets = nad.composite(5).into_iter().flat_map(|street| street.components()).map(|line| line.into_owned());
    for line in lines.chain(streets.collect::<Vec<_>>()) {
        let line = notes.text(nad.at(5), "line of the address", Some(line));
        notes.push(nad.at(5), "lines of the address", 8, &mut address.lines, line);
    }
    address.city = notes.text(nad.at(6), "city", nad.component(6, 1));
    let region = nad.component(7, 1).or_else(|| nad.component(7, 4));
    address.region = notes.text(nad.at(7), "region", region);
    address.postcode = notes.text(nad.at(8), "postal code", nad.component(8, 1));
    address.country = notes.country(nad.at(9), nad.component(9, 1));
    party.address = (address != Address::default()).then_some(address);
    party
}

/// What stands behind `NAD` and says more of the party; whether the segment is one of those.
pub(crate) fn more_of_party(notes: &mut Notes<'_>, segment: Segment<'_>, party: &mut Party) -> bool {
    match segment.tag() {
        "CTA" => {
            let name = segment.component(2, 2).or_else(|| segment.component(2, 1));
            party.contact = party.contact.take().or(notes.text(segment.at(2), "contact", name));
        }
        "COM" => {
            for way in segment.repetitions(1) {
                let number = way.component(1);
                match way.component(2).as_deref() {
                    Some("EM") => party.email = party.email.take().or(notes.text(segment.at(1), "mail", number)),
                    None if number.as_deref().is_some_and(|number| number.contains('@')) => {
                        party.email = party.email.take().or(notes.text(segment.at(1), "mail", number));
                    }
                    _ => party.phone = party.phone.take().or(notes.text(segment.at(1), "telephone number", number)),
                }
            }
        }
        "RFF" => {
            let scheme = match segment.component(1, 1).as_deref() {
                Some("VA") => "VAT".to_owned(),
                qualifier => format!("{SCHEME}{}", qualifier.unwrap_or_default()),
            };
            let value = segment.component(1, 2).unwrap_or_default();
            let id = id(notes, segment, (1, 2), &scheme, &value);
            notes.push(segment.location(), "identifiers of the party", 16, &mut party.ids, id);
        }
        "LOC" => {
            let scheme = format!("{SCHEME}LOC{}", segment.component(1, 1).unwrap_or_default());
            let value = segment.component(2, 1).or_else(|| segment.component(2, 4)).unwrap_or_default();
            let id = id(notes, segment, (2, 1), &scheme, &value);
            notes.push(segment.location(), "identifiers of the party", 16, &mut party.ids, id);
        }
        _ => return false,
    }
    true
}

fn id(notes: &mut Notes<'_>, segment: Segment<'_>, at: (usize, usize), scheme: &str, value: &str) -> Option<PartyId> {
    let place = segment.at(at.0).component(at.1);
    let scheme: Option<Text<32>> = notes.id(place, "scheme of the identifier", Some(scheme));
    let value: Option<Text<64>> = notes.id(place, "identifier", Some(value));
    Some(PartyId::new(scheme?, value?))
}

/// Components of an element as one text.
pub(crate) fn joined(
    segment: Segment<'_>,
    element: usize,
    components: std::ops::RangeInclusive<usize>,
) -> Option<String> {
    let parts: Vec<_> = components.filter_map(|number| segment.component(element, number)).collect();
    let text = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

/// `LOC`: a place, with what it is in: a country, or a terminal that is at it.
pub(crate) fn place(notes: &mut Notes<'_>, loc: Segment<'_>) -> Location {
    let mut place = Location::default();
    let code = loc.component(2, 1).map(|code| code.trim().to_owned());
    let list = loc.component(2, 2).unwrap_or_default();
    let agency = loc.component(2, 3).unwrap_or_default();
    // A UN/LOCODE is one by its agency (6), or where none is named.
    let is_coded =
        matches!(&*agency, "6" | "") && matches!(&*list, "139" | "") || matches!((&*list, &*agency), ("139", _));
    match code.as_deref().map(|code| (UnLocode::new(code), code)) {
        Some((Ok(un_locode), _)) if is_coded => place.un_locode = Some(un_locode),
        Some((_, code)) => {
            place.facility_code = code_of_place(notes, loc, 2, code);
            let named = format!("{SCHEME}{list}:{agency}");
            place.facility_code_list = place.facility_code.is_some().then(|| Text::new(named).ok()).flatten();
        }
        None => {}
    }
    place.name = notes.text(loc.at(2), "name of the place", loc.component(2, 4));
    for element in [3, 4] {
        let within =
            loc.component(element, 1).or_else(|| loc.component(element, 4)).map(|within| within.trim().to_owned());
        let Some(within) = within else { continue };
        let is_country = within.len() == 2 && within.bytes().all(|byte| byte.is_ascii_uppercase());
        match is_country && place.country.is_none() {
            true => place.country = notes.country(loc.at(element), Some(within)),
            false if place.facility_code.is_none() && within.len() <= 16 => {
                place.facility_code = code_of_place(notes, loc, element, &within);
            }
            false => {
                let name = [place.name.as_deref(), Some(&within)].into_iter().flatten().collect::<Vec<_>>().join(", ");
                place.name = notes.text(loc.at(element), "name of the place", Some(name));
            }
        }
    }
    place
}

fn code_of_place(notes: &mut Notes<'_>, loc: Segment<'_>, element: usize, code: &str) -> Option<Text<16>> {
    let short = Text::new(code);
    if short.is_err() {
        notes.warning(
            "CODE-OF-PLACE",
            loc.at(element),
            "The code of the place has more than 16 characters and is left out.",
        );
    }
    short.ok()
}

/// `DTM`: the qualifier (2005), and the time by its format (2379).
pub(crate) fn time(notes: &mut Notes<'_>, dtm: Segment<'_>) -> Option<(String, Timestamp)> {
    let part = |component| dtm.component(1, component).unwrap_or_default();
    let qualifier = part(1).trim().to_owned();
    let format = dtm.component(1, 3).unwrap_or_else(|| "102".into());
    let time = notes.time(dtm.at(1).component(2), edifact_time::read(&part(2), &format))?;
    Some((qualifier, time))
}

/// The scheme of a reference by its qualifier (1153); one that has none of its own is kept as it is, such as `edifact:AAZ`.
pub(crate) fn scheme(qualifier: &str) -> String {
    let known = match qualifier {
        "BM" => "transport-document",
        "BN" => "booking",
        "EQ" => "container",
        "SN" => "seal",
        "ON" => "order",
        "IV" => "invoice",
        "UCN" => "ucr",
        "SI" => "shipment",
        _ => return format!("{SCHEME}{qualifier}"),
    };
    known.to_owned()
}

/// The qualifier of a scheme; nothing where EDIFACT has none.
pub(crate) fn qualifier(scheme: &str) -> Option<&str> {
    Some(match scheme {
        "transport-document" => "BM",
        "booking" => "BN",
        "container" => "EQ",
        "seal" => "SN",
        "order" => "ON",
        "invoice" => "IV",
        "ucr" => "UCN",
        "shipment" => "SI",
        _ => return scheme.strip_prefix(SCHEME).filter(|own| !own.contains(':') && (1..=3).contains(&own.len())),
    })
}

/// `RFF`: a reference.
pub(crate) fn reference(notes: &mut Notes<'_>, rff: Segment<'_>) -> Option<Reference> {
    let (qualifier, value) = (rff.component(1, 1)?, rff.component(1, 2)?);
    notes.reference(rff.at(1).component(2), &scheme(qualifier.trim()), &value)
}

/// `FTX`: what is said in words, in as many remarks as it takes, each with what it is about.
pub(crate) fn words(notes: &mut Notes<'_>, ftx: Segment<'_>) -> Vec<TenderRemark> {
    let coded = ftx.component(3, 1).map(|code| code.into_owned());
    let lines = ftx.composite(4).into_iter().flat_map(|lines| lines.components()).map(|line| line.trim().to_owned());
    let lines: Vec<String> = coded.into_iter().chain(lines).filter(|line| !line.is_empty()).collect();
    let letters: Vec<char> = lines.join(" ").chars().collect();
    let subject = notes.code(ftx.at(1), SUBJECTS, ftx.component(1, 1));
    letters
        .chunks(512)
        .filter_map(|piece| {
            let text = notes.text(ftx.at(4), "remark", Some(piece.iter().collect::<String>()))?;
            Some(TenderRemark { subject: subject.clone(), ..TenderRemark::new(text) })
        })
        .collect()
}

/// A remark on something that has no field of its own: the elements of its segment, one by one, and the segment's name.
pub(crate) fn verbatim(notes: &mut Notes<'_>, segment: Segment<'_>) -> Option<TenderRemark> {
    let elements: Vec<String> = segment.elements().map(|one| one.components().collect::<Vec<_>>().join(":")).collect();
    let words = elements.join("|");
    let text = notes.text(segment.location(), "segment", Some(words.trim_end_matches('|')));
    Some(TenderRemark {
        subject: notes.code(segment.location(), SEGMENTS, Some(segment.tag())),
        ..TenderRemark::new(text?)
    })
}

/// `MOA`: the kind of the amount (5025) and how much, in the currency that it names or that of the message.
pub(crate) fn amount(notes: &mut Notes<'_>, moa: Segment<'_>, usual: Option<&str>) -> Option<(Code, Money)> {
    let code = notes.code(moa.at(1).component(1), AMOUNTS, moa.component(1, 1))?;
    let amount = notes.number(moa.at(1).component(2), "amount", moa.decimal(1, 2))?;
    let named = moa.component(1, 3).map(|currency| currency.into_owned());
    let Some(currency) =
        named.or_else(|| usual.map(str::to_owned)).or_else(|| notes.setting("currency").map(str::to_owned))
    else {
        notes.warning(
            "CURRENCY",
            moa.at(1),
            "The amount names no currency, and neither does the message; it is left out.",
        );
        return None;
    };
    let currency = notes.currency(moa.at(1).component(3), Some(currency))?;
    Some((code, Money { amount, currency }))
}

/// The mode of transport (8067): a digit of Recommendation 19, or two of which the first is.
pub(crate) fn mode(code: &str) -> Option<TransportMode> {
    TransportMode::from_rec19(code.trim().get(..1)?)
}

/// What a measure is of, in our units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    Gross(Decimal),
    Net(Decimal),
    Volume(Decimal),
    Tare(Decimal),
    Verified(Decimal),
    LoadingMetres(Decimal),
}

/// `MEA`: what is measured (6311, 6313) and how much. Nothing where it has no field of its own.
pub(crate) fn measure(notes: &mut Notes<'_>, mea: Segment<'_>) -> Option<Measure> {
    let (purpose, what) = (mea.component(1, 1).unwrap_or_default(), mea.component(2, 1).unwrap_or_default());
    let unit = mea.component(3, 1).unwrap_or_default();
    let value = notes.number(mea.at(3).component(2), "measure", mea.decimal(3, 2))?;
    let scaled = |factor: &str| Decimal::from_partner(factor).ok().map(|factor| (value * factor).round(6).normalised());
    let kilograms = match &*unit {
        "KGM" | "KG" => Some(value),
        "GRM" => scaled("0.001"),
        "TNE" => scaled("1000"),
        "LBR" => scaled("0.45359237"),
        _ => None,
    };
    let cubic_metres = match &*unit {
        "MTQ" => Some(value),
        "DMQ" | "LTR" => scaled("0.001"),
        "CMQ" => scaled("0.000001"),
        "FTQ" => scaled("0.0283168466"),
        _ => None,
    };
    match (&*purpose, &*what, kilograms, cubic_metres) {
        (_, "VGM", Some(weight), _) => Some(Measure::Verified(weight)),
        (_, "T" | "AAO", Some(weight), _) => Some(Measure::Tare(weight)),
        (_, "AAL" | "AAA" | "AAC" | "N" | "AAF", Some(weight), _) => Some(Measure::Net(weight)),
        ("WT" | "AAE" | "AAI" | "ABT", "" | "G" | "AAB" | "AAD" | "WT", Some(weight), _) => {
            Some(Measure::Gross(weight))
        }
        ("VOL" | "AAE" | "AAX" | "WT", "" | "AAW" | "AAX" | "ABJ" | "G", None, Some(volume)) => {
            Some(Measure::Volume(volume))
        }
        ("LMT", ..) if &*unit == "MTR" => Some(Measure::LoadingMetres(value)),
        _ => None,
    }
}

/// A length in centimetres.
pub(crate) fn centimetres(value: Option<Decimal>, unit: &str) -> Option<Decimal> {
    let factor = match unit {
        "CMT" => "1",
        "MTR" => "100",
        "MMT" => "0.1",
        "INH" => "2.54",
        "FOT" => "30.48",
        _ => return None,
    };
    Some((value? * Decimal::from_partner(factor).ok()?).round(2).normalised())
}

/// A temperature in degrees Celsius.
pub(crate) fn celsius(value: Option<Decimal>, unit: &str) -> Option<Decimal> {
    let decimal = |text: &str| Decimal::from_partner(text).ok();
    match unit {
        "CEL" | "" => value,
        "FAH" => Some(((value? - decimal("32")?) * decimal("5")?).divided_by(decimal("9")?)?.round(1).normalised()),
        _ => None,
    }
}
