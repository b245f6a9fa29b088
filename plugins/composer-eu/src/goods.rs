//! The goods, item by item: as the transport document describes them, or as they were invoiced or shipped.

use portgate_compose::{ApportionBy, Gaps, Goods, Together, Totals};
use portgate_sdk::Placed;
use portgate_sdk::canonical::{CargoItem, ConsignmentItem, ContainerNumber, Decimal, Package, Text, TransportDocument};

use crate::case::Case;
use crate::equipment;
use crate::line::{Line, unique};
use crate::rules;
use crate::written::cut;

/// Whose description of the goods is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Described {
    /// The transport document's; where it has none, the invoice's.
    ByCarrier,
    /// That of invoice, shipment or packing list; where they have none, the transport document's.
    BySeller,
}

/// The goods. `on` is the day on which commodity codes must hold.
pub(crate) fn lines(
    case: &Case<'_>,
    otherwise: Described,
    jurisdictions: &[&str],
    on: &str,
    gaps: &mut Gaps,
) -> Vec<Line> {
    let described = match case.settings.get("goods") {
        None => otherwise,
        Some("transport-document") => Described::ByCarrier,
        Some("invoice") => Described::BySeller,
        Some(value) => {
            case.settings.unusable("goods", value, "`transport-document` or `invoice`", gaps);
            otherwise
        }
    };
    let found = match described {
        Described::ByCarrier => Some(carried(case)).filter(|lines| !lines.is_empty()),
        Described::BySeller => None,
    };
    let found = found.unwrap_or_else(|| sold(case, jurisdictions, on, gaps));
    let found = if found.is_empty() { carried(case) } else { found };
    if found.is_empty() {
        let at = case.facts.shipments.first().map(|shipment| shipment.at("/lines"));
        let detail =
            "No goods are known: neither transport document nor invoice, shipment and packing list have a line.";
        gaps.add(rules::GOODS, at, detail, "Whoever sells or carries the goods says what they are.");
    }
    found
}

/// The goods of all transport documents.
pub(crate) fn carried(case: &Case<'_>) -> Vec<Line> {
    let bills = case.facts.transport_documents.iter().enumerate();
    let mut lines: Vec<Line> = bills.flat_map(|(nth, bill)| of_bill(nth, bill)).collect();
    // Goods that are all there is weigh what the whole weighs.
    if let [only] = &mut lines[..] {
        let whole = Totals::of(&case.facts);
        only.gross_kg = only.gross_kg.or(whole.gross_kg);
        only.net_kg = only.net_kg.or(whole.net_kg);
    }
    lines
}

/// The goods of a transport document.
fn of_bill(nth: usize, bill: &Placed<TransportDocument>) -> Vec<Line> {
    let document = &bill.document;
    let number = document.number.as_deref().unwrap_or_else(|| &document.id);
    let only = document.goods.len() == 1;
    let lines = document.goods.iter().enumerate().map(|(index, goods)| {
        let cargo = &goods.cargo;
        let in_equipment = || sum(document.equipment.iter().map(|equipment| equipment.gross_kg)).filter(|_| only);
        let description: Vec<&str> = goods.description.iter().map(|line| line.trim()).collect();
        Line {
            at: bill.at(&format!("/goods/{index}")),
            name: format!("goods {} of transport document {number}", index + 1),
            bill: Some(nth),
            description: cut(&description.join(" "), 512),
            codes: codes(goods),
            gross_kg: sum(cargo.iter().map(|part| part.gross_kg)).or_else(in_equipment),
            net_kg: sum(cargo.iter().map(|part| part.net_kg)),
            packages: packages(goods),
            containers: unique(
                cargo
                    .iter()
                    .filter_map(|part| Text::new(ContainerNumber::one_form(part.equipment_id.as_deref()?)).ok()),
            ),
            dangerous: unique(
                cargo
                    .iter()
                    .flat_map(|part| &part.dangerous)
                    .filter_map(|goods| Text::new(&**goods.un_number.as_ref()?).ok()),
            ),
            reckoned: Vec::new(),
        }
    });
    lines.collect()
}

/// The sum of weights; none where there is none, or one is not known.
fn sum(weights: impl Iterator<Item = Option<Decimal>>) -> Option<Decimal> {
    let weights: Vec<Decimal> = weights.collect::<Option<_>>()?;
    (!weights.is_empty()).then(|| weights.into_iter().sum())
}

/// Commodity codes as digits: carriers write them with points and blanks.
fn codes(goods: &ConsignmentItem) -> Vec<String> {
    let digits = goods.hs_codes.iter().map(|code| code.chars().filter(char::is_ascii_digit).collect::<String>());
    unique(digits.filter(|digits| digits.len() >= 4))
}

/// Packages by kind, with the marks of the goods.
fn packages(goods: &ConsignmentItem) -> Vec<Package> {
    let marks: Vec<&str> = goods.marks.iter().map(|line| line.trim()).collect();
    let marks: Option<Text<512>> = cut(&marks.join(" "), 512);
    let mut kinds: Vec<Package> = Vec::new();
    for CargoItem { packages, package_type, .. } in &goods.cargo {
        let Some(kind) = package_type.as_ref().and_then(|kind| cut(&kind.code, 4)) else { continue };
        match kinds.iter_mut().find(|known| known.r#type == kind) {
            Some(known) => {
                known.count = known.count.saturating_add(packages.unwrap_or_default());
                known.uncounted = known.uncounted.or(packages.is_none().then_some(true));
            }
            None => kinds.push(Package {
                marks: marks.clone(),
                uncounted: packages.is_none().then_some(true),
                ..Package::new(kind, packages.unwrap_or_default())
            }),
        }
    }
    kinds
}

/// The goods that were sold: lines under one code are one item.
fn sold(case: &Case<'_>, jurisdictions: &[&str], on: &str, gaps: &mut Gaps) -> Vec<Line> {
    let apportion = match case.settings.get("apportion") {
        None | Some("nothing") => ApportionBy::Nothing,
        Some("value") => ApportionBy::Value,
        Some("quantity") => ApportionBy::Quantity,
        Some(value) => {
            case.settings.unusable("apportion", value, "`value`, `quantity` or `nothing`", gaps);
            ApportionBy::Nothing
        }
    };
    let goods = case.facts.goods(apportion);
    let code = |line: &Goods, gaps: &mut Gaps| -> Option<String> {
        let classified = case.facts.classification(line, jurisdictions, on, rules::CODE, gaps);
        let classified = classified.map(|known| known.document.code.as_str().to_owned());
        classified.or_else(|| line.stated_code.as_ref().map(|(_, code)| code.as_str().to_owned()))
    };
    let coded: Vec<(String, Option<String>)> =
        goods.iter().map(|line| (line.place.clone(), code(line, gaps))).collect();
    let code_of =
        |line: &Goods| coded.iter().find(|(place, _)| *place == line.place).and_then(|(_, code)| code.clone());
    let together = Together::by(&goods, |line| Some((code_of(line)?.get(..6)?.to_owned(), line.dangerous.clone())));
    let lines = together.iter().map(|together| {
        let first = together.first();
        let codes = unique(together.lines.iter().filter_map(|line| code_of(line)));
        Line {
            at: first.place.clone(),
            name: first.name(),
            bill: None,
            description: together.description(),
            // Beyond the six digits they may differ, since they were put together by those.
            codes: if codes.len() > 1 {
                unique(codes.iter().filter_map(|code| code.get(..6)).map(str::to_owned))
            } else {
                codes
            },
            gross_kg: together.gross().map(|weight| weight.kg),
            net_kg: together.net().map(|weight| weight.kg),
            packages: together.packages(),
            containers: Vec::new(),
            dangerous: first.dangerous.iter().filter_map(|number| Text::new(number.as_str()).ok()).collect(),
            reckoned: together.reckoned(),
        }
    });
    let mut lines: Vec<Line> = lines.collect();
    equipment::place(case, &mut lines, &carried(case), gaps);
    lines
}
