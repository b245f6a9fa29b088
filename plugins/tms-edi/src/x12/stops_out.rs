//! Stops and their goods as they are written: `S5`, and what stands behind it.

use portgate_sdk::canonical::{
    Code, DangerousCargo, Decimal, Location, Party, PartyRole, Quantity, StopActivity, TenderGoods, TenderRemark,
    TenderStop, TenderTime,
};
use portgate_sdk::x12::Pen;
use portgate_sdk::{Pointer, edi::number};

use super::goods::{COMMODITIES, DANGERS, FORMS, PACKAGES, PALLETS, UNITISED, WEIGHTS};
use super::measures::unit_355;
use super::parties_out::{self, WORDS_MAX};
use super::pen;
use super::stops::{HANDLING, REASONS, Role, SERVICES, TIMES, role};

/// The most characters of a line of a description (79) and of marks (87).
const DESCRIPTION_MAX: usize = 50;
const MARKS_MAX: usize = 48;

/// One stop.
pub(crate) fn stop(pen: &mut Pen<'_>, at: &Pointer, stop: &TenderStop) {
    let own = stop.activity_code.as_ref().filter(|code| &*code.code_list == REASONS).map(|code| code.code.to_string());
    let reason = own.unwrap_or_else(|| reason(stop.activity).to_owned());
    let counted = stop.quantity.as_ref().filter(|quantity| quantity.unit.as_str() != UNITISED);
    let (count, unit) =
        counted.map_or((None, None), |quantity| (Some(number(quantity.value)), unit_355(&quantity.unit)));
    pen.out.segment("S5").elements((stop.seq, reason, (), (), count, unit));
    parties_out::references(pen, at, &stop.references, &stop.remarks);
    times(pen, stop);
    let unitised = unitised(stop.quantity.as_ref(), &stop.remarks);
    weights(pen, stop.gross_kg, stop.net_kg, stop.packages, unitised, stop.volume_m3);
    services(pen, &stop.services);
    parties_out::remarks(pen, &stop.remarks, &stop.references);
    let parties = named(stop);
    for (index, party) in parties.iter().enumerate() {
        let place = stop.location.as_ref().filter(|_| index == 0);
        parties_out::party(pen, &at.key("parties").index(index), party, place);
    }
    for (index, one) in stop.goods.iter().enumerate() {
        goods(pen, &at.key("goods").index(index), one);
    }
}

/// Who is there; where nobody is named, the place itself.
fn named(stop: &TenderStop) -> Vec<Party> {
    let Some(place) = stop.location.as_ref().filter(|_| stop.parties.is_empty()) else { return stop.parties.clone() };
    let role = match stop.activity {
        StopActivity::Load | StopActivity::PickUp => PartyRole::ShipFrom,
        _ => PartyRole::ShipTo,
    };
    let Location { name, address, country, .. } = place.clone();
    let mut address = address.unwrap_or_default();
    address.country = address.country.take().or(country);
    vec![Party { name, address: Some(address), ..Party::new(role) }]
}

/// The reason (163) for what is done.
pub(crate) fn reason(activity: StopActivity) -> &'static str {
    match activity {
        StopActivity::Load => "LD",
        StopActivity::Unload => "UL",
        StopActivity::PickUp => "PA",
        StopActivity::DropOff => "DT",
        StopActivity::Transload => "TL",
        StopActivity::Other => "IN",
    }
}

/// `G62`: the qualifiers are those of a pick-up or of a delivery.
pub(crate) fn times(pen: &mut Pen<'_>, stop: &TenderStop) {
    let delivers = matches!(stop.activity, StopActivity::Unload | StopActivity::DropOff);
    let of = |pick_up: (&'static str, &'static str), delivery| if delivers { delivery } else { pick_up };
    let windows = [
        (&stop.earliest, of(("37", "I"), ("53", "G"))),
        (&stop.latest, of(("38", "K"), ("54", "L"))),
        (&stop.requested_at, of(("10", "Y"), ("68", "Z"))),
        (&stop.scheduled_at, of(("69", "U"), ("70", "X"))),
    ];
    for (time, (day, clock)) in windows {
        if let Some(time) = time {
            pen::time(pen, day, clock, time);
        }
    }
    other_times(pen, &stop.times);
}

/// Times that are known by their qualifier (432) alone.
pub(crate) fn other_times(pen: &mut Pen<'_>, times: &[TenderTime]) {
    for TenderTime { what, at } in times.iter().filter(|time| &*time.what.code_list == TIMES) {
        let clock = match role(&what.code, "") {
            Role::Earliest => "I",
            Role::Latest => "K",
            Role::Scheduled => "U",
            Role::RespondBy => "1",
            Role::Requested | Role::Other => "W",
        };
        pen::time(pen, &what.code, clock, at);
    }
}

/// How many units are on pallets.
fn unitised(quantity: Option<&Quantity>, remarks: &[TenderRemark]) -> Option<Decimal> {
    let counted = quantity.filter(|quantity| quantity.unit.as_str() == UNITISED).map(|quantity| quantity.value);
    counted.or_else(|| {
        let is_said =
            |remark: &&TenderRemark| remark.subject.as_ref().is_some_and(|subject| &*subject.code_list == PALLETS);
        remarks.iter().find(is_said).and_then(|remark| Decimal::from_partner(&remark.text).ok())
    })
}

/// `AT8`: gross weight, packages and volume in one, net weight in another.
fn weights(
    pen: &mut Pen<'_>,
    gross: Option<Decimal>,
    net: Option<Decimal>,
    packages: Option<u32>,
    unitised: Option<Decimal>,
    volume: Option<Decimal>,
) {
    let unitised = unitised.map(number);
    if gross.is_some() || packages.is_some() || unitised.is_some() || volume.is_some() {
        let (kind, unit) = gross.map_or((None, None), |_| (Some("G"), Some("K")));
        let unit_of_volume = volume.map(|_| "X");
        pen.out.segment("AT8").elements((
            kind,
            unit,
            gross.map(number),
            packages,
            unitised,
            unit_of_volume,
            volume.map(number),
        ));
    }
    if let Some(net) = net {
        pen.out.segment("AT8").elements(("N", "K", number(net)));
    }
}

/// `AT5`, of codes that are X12's.
pub(crate) fn services(pen: &mut Pen<'_>, services: &[Code]) {
    for Code { code, code_list, source_code } in services {
        let words = source_code.as_deref().and_then(|words| pen.words(words, WORDS_MAX));
        match &**code_list {
            HANDLING => pen.out.segment("AT5").elements((&**code, (), words)),
            SERVICES => pen.out.segment("AT5").elements(((), &**code, words)),
            _ => continue,
        };
    }
}

/// `OID` for the orders that goods are of, `LAD` for their item, `L5` for what they are.
fn goods(pen: &mut Pen<'_>, at: &Pointer, goods: &TenderGoods) {
    let order = |scheme: &str| goods.references.iter().find(|reference| &*reference.scheme == scheme);
    let orders = ["x12:SO", "order", "x12:CO"].map(order);
    let [first, number_of_order, third] = orders.map(|reference| {
        reference
            .and_then(|reference| pen.id(at.key("references"), "order", &reference.value, parties_out::REFERENCE_MAX))
    });
    let has_order = first.is_some() || number_of_order.is_some() || third.is_some();
    let counted = goods.quantity.as_ref().filter(|quantity| quantity.unit.as_str() != UNITISED);
    let (count, unit) =
        counted.map_or((None, None), |quantity| (Some(number(quantity.value)), unit_355(&quantity.unit)));
    if has_order {
        pen.out.segment("OID").elements((first, number_of_order, third, unit, count));
    }
    let form = goods.package_type.as_ref().filter(|code| &*code.code_list == FORMS).map(|code| code.code.to_string());
    let is_lading = goods.sku.is_some() || form.is_some();
    // Goods that only a `LAD` says something of have no `L5`.
    let is_lading_alone = is_lading && !has_order && goods.dangerous.is_empty() && goods.line_no.is_none();
    if is_lading {
        lading(pen, at, goods, form, is_lading_alone);
    }
    if !is_lading_alone {
        line(pen, at, goods);
        let unitised = unitised(goods.quantity.as_ref(), &goods.remarks);
        let packages = goods.packages.filter(|_| !is_lading);
        weights(pen, goods.gross_kg, goods.net_kg, packages, unitised, goods.volume_m3);
    }
    for remark in &goods.remarks {
        match &remark.subject {
            Some(subject) if &*subject.code_list == WEIGHTS => {
                parties_out::weight_in_words(pen, &subject.code, &remark.text)
            }
            Some(subject) if &*subject.code_list == super::references::SEGMENTS => {
                parties_out::remarks(pen, std::slice::from_ref(remark), &[]);
            }
            _ => {}
        }
    }
    for danger in &goods.dangerous {
        dangerous(pen, at, danger);
    }
}

fn lading(pen: &mut Pen<'_>, at: &Pointer, goods: &TenderGoods, form: Option<String>, is_alone: bool) {
    let sku = goods.sku.as_deref().and_then(|sku| pen.id(at.key("sku"), "item", sku, 48));
    let description = goods.description.as_deref().filter(|_| is_alone).and_then(|words| pen.words(words, 50));
    let weight = goods.gross_kg.filter(|_| is_alone);
    let qualifier = sku.as_ref().map(|_| "SK");
    pen.out
        .segment("LAD")
        .elements((form, goods.packages))
        .at(5)
        .elements((weight.map(|_| "K"), weight.map(number), qualifier, sku))
        .at(13)
        .element(description);
}

/// `L5`, with further ones for what of the description the first has no room for.
fn line(pen: &mut Pen<'_>, at: &Pointer, goods: &TenderGoods) {
    let mut words = goods.description.as_deref().map(|words| pen.lines(words, DESCRIPTION_MAX)).unwrap_or_default();
    words.extend(goods.hs_code.as_ref().map(|code| format!("HS {code}")));
    let number = goods.line_no.as_deref().and_then(|number| pen.id(at.key("lineNo"), "number of the line", number, 3));
    let number = number.or_else(|| (words.len() > 1).then(|| "1".to_owned()));
    let commodity = goods.commodity.as_ref().and_then(|code| {
        let qualifier = code.code_list.strip_prefix(COMMODITIES)?.trim();
        Some((pen.id(at.key("commodity"), "commodity code", &code.code, 30)?, qualifier.to_owned()))
    });
    let (commodity, qualifier) = commodity.map_or((None, None), |(code, qualifier)| (Some(code), Some(qualifier)));
    let package =
        goods.package_type.as_ref().filter(|code| &*code.code_list == PACKAGES).map(|code| code.code.to_string());
    let marks = goods.marks.as_deref().and_then(|marks| pen.words(marks, MARKS_MAX));
    let first = words.first().cloned();
    let is_empty = first.is_none() && commodity.is_none() && package.is_none() && marks.is_none() && number.is_none();
    if !is_empty {
        pen.out.segment("L5").elements((&number, first, commodity, qualifier, package, marks));
    }
    for more in words.iter().skip(1) {
        pen.out.segment("L5").elements((&number, more));
    }
}

/// `LH1` to `LFH`, with whom to call before them.
fn dangerous(pen: &mut Pen<'_>, at: &Pointer, danger: &DangerousCargo) {
    let contact = danger.emergency_contact.as_deref().and_then(|name| pen.words(name, 60));
    let phone = danger.emergency_phone.as_deref().and_then(|phone| pen.words(phone, 80));
    if contact.is_some() || phone.is_some() {
        let way = phone.as_ref().map(|_| "TE");
        pen.out.segment("G61").elements(("HM", contact.as_deref().or(phone.as_deref()), way, &phone));
    }
    let un_number = danger.un_number.as_deref().map(|number| match number.bytes().all(|byte| byte.is_ascii_digit()) {
        true => format!("UN{number}"),
        false => number.to_owned(),
    });
    let un_number = un_number.and_then(|number| pen.id(at.key("dangerous"), "UN number", &number, 6));
    let kind =
        danger.package_type.as_ref().filter(|code| &*code.code_list == "X12 355").map(|code| code.code.to_string());
    let kind = kind.or_else(|| danger.packages.map(|_| "PK".to_owned()));
    let weighed = danger.gross_kg.map(|weight| ("KG".to_owned(), weight));
    let counted =
        danger.quantity.as_ref().and_then(|quantity| Some((unit_355(&quantity.unit)?.to_owned(), quantity.value)));
    let (unit, quantity) = counted.or(weighed).map_or((None, None), |(unit, value)| (Some(unit), Some(number(value))));
    pen.out
        .segment("LH1")
        .elements((kind, danger.packages, un_number, (), (), unit, quantity))
        .at(10)
        .element(danger.packing_group.as_deref());
    if let Some(class) = danger.class.as_deref() {
        pen.out.segment("LH2").element(class);
    }
    for class in &danger.subsidiary_classes {
        pen.out.segment("LH2").elements((&**class, "S"));
    }
    if let Some(name) = danger.proper_shipping_name.as_deref().and_then(|name| pen.words(name, 25)) {
        let rules = danger.regulation.as_deref().map(|rules| if rules == "IMD" { "I" } else { rules });
        pen.out.segment("LH3").elements((name, rules.filter(|rules| rules.len() == 1)));
    }
    let said = [("TEC", danger.technical_name.as_deref()), ("EMS", danger.ems.as_deref())];
    let said = said.into_iter().filter_map(|(code, words)| Some((code.to_owned(), words?.to_owned())));
    let remarks = danger.remarks.iter().filter_map(|remark| {
        let subject = remark.subject.as_ref().filter(|subject| &*subject.code_list == DANGERS)?;
        Some((subject.code.to_string(), remark.text.to_string()))
    });
    for (code, words) in said.chain(remarks).collect::<Vec<_>>() {
        for line in pen.lines(&words, 30) {
            pen.out.segment("LFH").elements((&code, line));
        }
    }
}
