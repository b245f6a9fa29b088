//! Goods: `GID` with what stands behind it, dangerous goods (`DGS`) included.

use portgate_sdk::canonical::{DangerousCargo, HsCode, Quantity, TenderGoods, TenderRemark, Text, Unit};
use portgate_sdk::edifact::Segment;

use super::segments::{self, Measure, celsius, centimetres, joined};
use crate::notes::Notes;

/// The lists of kinds of packages and of codes of items.
pub(crate) const PACKAGES: &str = "UNTDID 7065";
pub(crate) const ITEMS: &str = "UNTDID 7143";

/// Most remarks on goods, and on one danger.
const REMARKS_MAX: usize = 64;

/// `GID`: number and packages, the outer ones; inner ones are said in words.
pub(crate) fn begin(notes: &mut Notes<'_>, gid: Segment<'_>) -> TenderGoods {
    let mut goods = TenderGoods {
        line_no: notes.id(gid.at(1), "number of the line", gid.component(1, 1)),
        packages: notes.count(gid.at(2).component(1), "number of packages", gid.decimal(2, 1)),
        ..TenderGoods::default()
    };
    let words: Option<Text<128>> = notes.text(gid.at(2).component(5), "kind of the packages", gid.component(2, 5));
    goods.package_type = notes.code(gid.at(2).component(2), PACKAGES, gid.component(2, 2)).map(|mut code| {
        code.source_code = words.clone();
        code
    });
    if let (None, Some(words)) = (&goods.package_type, &words) {
        goods.remarks.extend(Text::new(words.to_string()).ok().map(TenderRemark::new));
    }
    for element in 3..=6 {
        let inner = joined(gid, element, 1..=8).map(|inner| format!("Packed in it {inner}"));
        let inner = notes.text(gid.at(element), "inner packages", inner);
        goods.remarks.extend(inner.map(TenderRemark::new));
    }
    goods
}

/// What stands behind `GID` and says more of the goods; whether the segment is one that is known there.
pub(crate) fn more(
    notes: &mut Notes<'_>,
    segment: Segment<'_>,
    goods: &mut TenderGoods,
    currency: Option<&str>,
) -> bool {
    match segment.tag() {
        "DGS" => {
            let danger = danger(notes, segment);
            notes.push(segment.location(), "dangers", 64, &mut goods.dangerous, danger);
            return true;
        }
        _ if !goods.dangerous.is_empty() && of_danger(notes, segment, goods) => return true,
        "FTX" => words(notes, segment, goods),
        "MEA" => {
            let known = segments::measure(notes, segment);
            let field = match known {
                Some(Measure::Gross(weight)) => Some((&mut goods.gross_kg, weight)),
                Some(Measure::Net(weight)) => Some((&mut goods.net_kg, weight)),
                Some(Measure::Volume(volume)) => Some((&mut goods.volume_m3, volume)),
                Some(Measure::LoadingMetres(metres)) => Some((&mut goods.loading_m, metres)),
                _ => None,
            };
            match field {
                Some((field, value)) if field.is_none() => *field = Some(value),
                _ => remark(notes, segment, goods),
            }
        }
        "DIM" => {
            let unit = segment.component(2, 1).unwrap_or_default().into_owned();
            let mut side = |component| {
                let value = notes.number(segment.at(2).component(component), "measure", segment.decimal(2, component));
                centimetres(value, &unit)
            };
            let sides = [side(2), side(3), side(4)];
            match goods.length_cm.is_none() && sides.iter().any(Option::is_some) {
                true => [goods.length_cm, goods.width_cm, goods.height_cm] = sides,
                false => remark(notes, segment, goods),
            }
        }
        "TMP" => {
            let value = notes.number(segment.at(2).component(1), "temperature", segment.decimal(2, 1));
            goods.temperature_c = celsius(value, &segment.component(2, 2).unwrap_or_default());
        }
        "RNG" => {
            let unit = segment.component(2, 1).unwrap_or_default().into_owned();
            let low = notes.number(segment.at(2).component(2), "temperature", segment.decimal(2, 2));
            let high = notes.number(segment.at(2).component(3), "temperature", segment.decimal(2, 3));
            (goods.temperature_min_c, goods.temperature_max_c) = (celsius(low, &unit), celsius(high, &unit));
        }
        "MOA" => match segments::amount(notes, segment, currency) {
            Some((_, money)) if goods.value.is_none() => goods.value = Some(money),
            Some(_) => remark(notes, segment, goods),
            None => {}
        },
        "PIA" => items(notes, segment, goods),
        "PCI" => {
            let marks = joined(segment, 2, 1..=10);
            let known = goods.marks.take().map(|marks| marks.to_string());
            let marks: Vec<String> = known.into_iter().chain(marks).collect();
            goods.marks = notes.text(segment.at(2), "marks", (!marks.is_empty()).then(|| marks.join(" ")));
        }
        "GIN" => {
            for element in 2..=segment.element_count() {
                let ids: Vec<_> = segment.composite(element).into_iter().flat_map(|ids| ids.components()).collect();
                for id in ids.into_iter().filter(|id| !id.is_empty() && id != "X") {
                    let id = notes.id(segment.at(element), "number of the package", Some(id));
                    notes.push(segment.location(), "numbers of packages", 2_000, &mut goods.package_ids, id);
                }
            }
        }
        "RFF" => {
            let reference = segments::reference(notes, segment);
            notes.push(segment.location(), "references", 64, &mut goods.references, reference);
        }
        "SGP" => {
            let container = segment.component(1, 1).and_then(|id| notes.reference(segment.at(1), "container", &id));
            notes.push(segment.location(), "references", 64, &mut goods.references, container);
            let count = segment
                .component(2, 1)
                .map(|count| format!("{count} packages in {}", segment.component(1, 1).unwrap_or_default()));
            let count = notes.text(segment.at(2), "packages in the equipment", count);
            notes.push(segment.location(), "remarks", REMARKS_MAX, &mut goods.remarks, count.map(TenderRemark::new));
        }
        _ => remark(notes, segment, goods),
    }
    true
}

fn remark(notes: &mut Notes<'_>, segment: Segment<'_>, goods: &mut TenderGoods) {
    let remark = segments::verbatim(notes, segment);
    notes.push(segment.location(), "remarks", REMARKS_MAX, &mut goods.remarks, remark);
}

/// `FTX`: the description (`AAA`), or other words.
fn words(notes: &mut Notes<'_>, ftx: Segment<'_>, goods: &mut TenderGoods) {
    for remark in segments::words(notes, ftx) {
        let describes = remark.subject.as_ref().is_some_and(|subject| &*subject.code == "AAA");
        match describes && goods.description.is_none() {
            true => goods.description = Some(remark.text),
            false => notes.push(ftx.location(), "remarks", REMARKS_MAX, &mut goods.remarks, remark),
        }
    }
}

/// `PIA`: the commodity code (`HS`), the item, and other numbers of it.
fn items(notes: &mut Notes<'_>, pia: Segment<'_>, goods: &mut TenderGoods) {
    for element in 2..=pia.element_count() {
        let Some(value) = pia.component(element, 1) else { continue };
        let kind = pia.component(element, 2).unwrap_or_default();
        let digits: String = value.chars().filter(char::is_ascii_digit).collect();
        match (&*kind, HsCode::new(digits)) {
            ("HS" | "CG" | "TSR", Ok(code)) if goods.hs_code.is_none() => goods.hs_code = Some(code),
            ("SA" | "IN" | "VN" | "", _) if goods.sku.is_none() => {
                goods.sku = notes.id(pia.at(element), "number of the item", Some(&value));
            }
            _ if goods.commodity.is_none() => {
                goods.commodity = notes.code(pia.at(element), &format!("{ITEMS} {kind}"), Some(&value));
            }
            _ => {
                let reference = notes.reference(pia.at(element), &format!("edifact:7143:{kind}"), &value);
                notes.push(pia.location(), "references", 64, &mut goods.references, reference);
            }
        }
    }
}

/// `DGS`: rules, class, UN number, flashpoint, packing group, schedules.
fn danger(notes: &mut Notes<'_>, dgs: Segment<'_>) -> DangerousCargo {
    let group = dgs.component(5, 1).map(|group| match &*group {
        "1" => "I".to_owned(),
        "2" => "II".to_owned(),
        "3" => "III".to_owned(),
        other => other.to_owned(),
    });
    let flashpoint = dgs.decimal(4, 1).or_else(|| dgs.decimal(3, 2));
    let flashpoint = notes.number(dgs.at(4), "flashpoint", flashpoint);
    let mut danger = DangerousCargo {
        regulation: notes.id(dgs.at(1), "rules", dgs.component(1, 1)),
        class: notes.id(dgs.at(2).component(1), "class", dgs.component(2, 1)),
        un_number: notes.id(dgs.at(3).component(1), "UN number", dgs.component(3, 1)),
        flashpoint_c: celsius(flashpoint, &dgs.component(4, 2).unwrap_or_default()),
        packing_group: notes.id(dgs.at(5), "packing group", group),
        ems: notes.id(dgs.at(6), "EmS", dgs.component(6, 1)),
        tunnel_code: notes.id(dgs.at(15), "tunnel restriction", dgs.component(15, 1)),
        ..DangerousCargo::default()
    };
    // What else the elements say: a page of the rules, guides for first aid, labels.
    let others =
        [(2, 2), (7, 1), (8, 1), (9, 1), (9, 2), (10, 1), (10, 2), (10, 3), (11, 1), (12, 1), (13, 1), (14, 1)];
    for (element, component) in others {
        let Some(value) = dgs.component(element, component) else { continue };
        let subject = notes.code(dgs.at(element), segments::SEGMENTS, Some(format!("DGS-{element:02}.{component}")));
        let text = notes.text(dgs.at(element), "of the danger", Some(value));
        danger.remarks.extend(text.map(|text| TenderRemark { subject, ..TenderRemark::new(text) }));
    }
    danger
}

/// What stands behind `DGS` and says more of the danger; whether the segment is one of those.
fn of_danger(notes: &mut Notes<'_>, segment: Segment<'_>, goods: &mut TenderGoods) -> bool {
    let Some(danger) = goods.dangerous.last_mut() else { return false };
    match segment.tag() {
        "FTX" => {
            for remark in segments::words(notes, segment) {
                let names = remark.subject.as_ref().is_some_and(|subject| &*subject.code == "AAD");
                match (names, &danger.proper_shipping_name, &danger.technical_name) {
                    (true, None, _) => {
                        danger.proper_shipping_name =
                            notes.text(segment.at(4), "proper shipping name", Some(&*remark.text))
                    }
                    (true, Some(_), None) => {
                        danger.technical_name = notes.text(segment.at(4), "technical name", Some(&*remark.text))
                    }
                    _ => notes.push(segment.location(), "remarks", 32, &mut danger.remarks, remark),
                }
            }
        }
        "CTA" => {
            let name = segment.component(2, 2).or_else(|| segment.component(2, 1));
            danger.emergency_contact = danger.emergency_contact.take().or(notes.text(segment.at(2), "contact", name));
        }
        "COM" => {
            let number = segment.component(1, 1);
            danger.emergency_phone =
                danger.emergency_phone.take().or(notes.text(segment.at(1), "telephone number", number));
        }
        "MEA" => match segments::measure(notes, segment) {
            Some(Measure::Gross(weight)) if danger.gross_kg.is_none() => danger.gross_kg = Some(weight),
            Some(Measure::Net(weight)) if danger.net_kg.is_none() => danger.net_kg = Some(weight),
            _ if danger.quantity.is_none() => {
                let value = notes.number(segment.at(3).component(2), "quantity", segment.decimal(3, 2));
                let unit = segment.component(3, 1).and_then(|unit| Unit::new(unit).ok());
                danger.quantity = value.zip(unit).map(|(value, unit)| Quantity { value, unit });
            }
            _ => {
                let remark = segments::verbatim(notes, segment);
                notes.push(segment.location(), "remarks", 32, &mut danger.remarks, remark);
            }
        },
        _ => return false,
    }
    true
}
