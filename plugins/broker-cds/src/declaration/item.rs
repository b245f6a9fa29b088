//! One goods item, in the order of the schema: `GovernmentAgencyGoodsItem`.

use portgate_sdk::canonical::{
    Country, DeclarationItem, HsCode, Package, PartyRole, Procedure, Quantity, TariffClassification, TaxLine, Text,
    Unit,
};

use super::side::{Kilograms, Side};
use super::{parts, party};

/// The lists that the parts of a commodity code are of.
const COMBINED_NOMENCLATURE: &str = "TSP";
const TARIC: &str = "TRC";
const TARIC_ADDITIONAL: &str = "TRA";
const NATIONAL_ADDITIONAL: &str = "GN";
const CHEMICAL: &str = "CV";

/// What origin it is: where goods were made, and where they count as made for a preference.
const NON_PREFERENTIAL: &str = "1";
const PREFERENTIAL: &str = "2";

/// The unit of a quantity that leaves it to the tariff.
const BY_TARIFF: &str = "ZZ";

/// Kinds of packages that are none, since goods in bulk are not packed: there is no number of them.
const BULK: [&str; 7] = ["VQ", "VG", "VL", "VY", "VR", "VS", "VO"];

/// Everything in `GovernmentAgencyGoodsItem`; its number is what it cannot be without.
pub(super) fn walk(side: &mut Side<'_>, item: Option<&DeclarationItem>) -> Option<DeclarationItem> {
    let mut i = item.cloned().unwrap_or_else(|| DeclarationItem::new(0));
    side.leaf("CustomsValueAmount", &mut i.customs_value);
    let mut no = item.map(|item| item.no);
    side.leaf("SequenceNumeric", &mut no);
    i.no = no?;
    side.leaf("StatisticalValueAmount", &mut i.statistical_value);
    side.text("TransactionNatureCode", 2, &mut i.transaction_nature);
    parts::documents(side, &mut i.documents);
    parts::additional_information(side, &mut i.additional_information);
    party::actors(side, &mut i.actors);
    party::party(side, "Buyer", PartyRole::Buyer, &mut i.parties);
    side.group("Commodity", |side| commodity(side, &mut i));
    party::party(side, "Consignee", PartyRole::Consignee, &mut i.parties);
    party::party(side, "Consignor", PartyRole::Consignor, &mut i.parties);
    side.group("CustomsValuation", |side| {
        side.text("MethodCode", 3, &mut i.valuation_method);
        parts::adjustments(side, &mut i.adjustments);
    });
    side.group("Destination", |side| {
        side.leaf("CountryCode", &mut i.destination_country);
        side.text("RegionID", 9, &mut i.destination_region);
    });
    party::fiscal_references(side, &mut i.fiscal_references);
    side.group("ExportCountry", |side| side.leaf("ID", &mut i.dispatch_country));
    procedures(side, &mut i);
    origins(side, &mut i);
    packages(side, &mut i.packages);
    parts::previous_documents(side, &mut i.previous_documents);
    party::party(side, "Seller", PartyRole::Seller, &mut i.parties);
    side.group("UCR", |side| {
        side.text("ID", 35, &mut i.ucr);
        side.text("TraderAssignedReferenceID", 35, &mut i.trader_reference);
    });
    side.group("ValuationAdjustment", |side| side.text("AdditionCode", 4, &mut i.valuation_indicators));
    Some(i)
}

fn commodity(side: &mut Side<'_>, i: &mut DeclarationItem) {
    side.text("Description", 512, &mut i.description);
    classification(side, i);
    side.list("DangerousGoods", &mut i.dangerous_goods, |side, number| {
        let mut number = number.cloned();
        side.text("UNDGID", 4, &mut number);
        number
    });
    tax_lines(side, i);
    side.group("GoodsMeasure", |side| {
        let mut kilograms = |name, value: &mut Option<_>| {
            let mut mass = value.take().map(Kilograms);
            side.leaf(name, &mut mass);
            *value = mass.map(|mass| mass.0);
        };
        kilograms("GrossMassMeasure", &mut i.gross_kg);
        kilograms("NetNetWeightMeasure", &mut i.net_kg);
        supplementary_units(side, i);
    });
    side.group("InvoiceLine", |side| side.leaf("ItemChargeAmount", &mut i.price));
    let mut number = 0;
    side.list("TransportEquipment", &mut i.equipment, |side, id| {
        number += 1;
        let mut id = id.cloned();
        side.leaf("SequenceNumeric", &mut Some(number));
        side.text("ID", 17, &mut id);
        id
    });
}

/// The parts of the commodity code, each with the list that it is of.
fn classification(side: &mut Side<'_>, i: &mut DeclarationItem) {
    type Part = (Text<18>, &'static str);
    let part = |code: &str, list: &'static str| Text::new(code).ok().map(|code| (code, list));
    let mut all: Vec<Part> = Vec::new();
    if let Some(classification) = &i.classification {
        all.extend(part(classification.commodity.as_str(), COMBINED_NOMENCLATURE));
        all.extend(classification.taric.as_ref().and_then(|code| part(code, TARIC)));
        all.extend(classification.taric_additional.iter().filter_map(|code| part(code, TARIC_ADDITIONAL)));
        all.extend(classification.national_additional.iter().filter_map(|code| part(code, NATIONAL_ADDITIONAL)));
    }
    all.extend(i.cus_code.as_ref().and_then(|code| part(code, CHEMICAL)));
    let mut read: Option<TariffClassification> = None;
    let mut additional = (None, Vec::new(), Vec::new());
    side.list("Classification", &mut all, |side, was| {
        let mut code = was.map(|(code, _)| code.clone());
        let mut list: Option<Text<4>> = was.and_then(|(_, list)| Text::new(*list).ok());
        side.text("ID", 18, &mut code);
        side.text("IdentificationTypeCode", 3, &mut list);
        let (code, list) = (code?, list?);
        match (&*list, side.is_reading()) {
            (_, false) => {}
            (COMBINED_NOMENCLATURE, _) if read.is_none() => {
                read = Some(TariffClassification::new(HsCode::new(&*code).ok()?));
            }
            (TARIC, _) if additional.0.is_none() => additional.0 = Some(Text::new(&*code).ok()?),
            (TARIC_ADDITIONAL, _) => additional.1.push(Text::new(&*code).ok()?),
            (NATIONAL_ADDITIONAL, _) => additional.2.push(Text::new(&*code).ok()?),
            (CHEMICAL, _) if i.cus_code.is_none() => i.cus_code = Some(Text::new(&*code).ok()?),
            _ => return None,
        }
        Some((code, COMBINED_NOMENCLATURE))
    });
    if !side.is_reading() {
        return;
    }
    match read {
        Some(classification) => {
            let (taric, taric_additional, national_additional) = additional;
            i.classification =
                Some(TariffClassification { taric, taric_additional, national_additional, ..classification });
        }
        None => {
            let (taric, more, national) = additional;
            let codes = taric.iter().map(|code| &**code).chain(more.iter().chain(&national).map(|code| &**code));
            alone(side, "NO-COMMODITY-CODE", codes.collect());
        }
    }
}

/// Duties and taxes. A preference stands in the first of them, or in one of its own.
fn tax_lines(side: &mut Side<'_>, i: &mut DeclarationItem) {
    let says_preference = i.tax_lines.iter().any(|line| line.preference.is_some());
    let mut all = i.tax_lines.clone();
    if let Some(preference) = i.preference.clone().filter(|_| !says_preference) {
        all.insert(0, TaxLine { preference: Some(preference), ..TaxLine::default() });
    }
    side.list("DutyTaxFee", &mut all, |side, line| {
        let mut line = line.cloned().unwrap_or_default();
        side.leaf("AdValoremTaxBaseAmount", &mut line.base);
        side.leaf("DeductAmount", &mut line.deduction);
        side.text("DutyRegimeCode", 3, &mut line.preference);
        side.leaf("SpecificTaxBaseQuantity", &mut line.base_quantity);
        side.leaf("TaxRateNumeric", &mut line.rate);
        side.text("TypeCode", 3, &mut line.r#type);
        side.text("QuotaOrderID", 17, &mut line.quota);
        side.group("Payment", |side| {
            side.text("MethodCode", 1, &mut line.payment_method);
            side.leaf("TaxAssessedAmount", &mut line.amount);
            side.leaf("PaymentAmount", &mut line.payable);
        });
        Some(line)
    });
    if side.is_reading() {
        i.preference = all.iter().find_map(|line| line.preference.clone());
        i.tax_lines = all;
    }
}

fn supplementary_units(side: &mut Side<'_>, i: &mut DeclarationItem) {
    use portgate_sdk::canonical::DeclaredQuantity;
    let stated = |quantity: &Quantity| DeclaredQuantity {
        unit: Text::new(quantity.unit.as_str()).ok().filter(|unit: &Text<8>| &**unit != BY_TARIFF),
        ..DeclaredQuantity::new(quantity.value)
    };
    let mut quantity = i.supplementary_units.as_ref().map(stated);
    side.leaf("TariffQuantity", &mut quantity);
    if !side.is_reading() {
        return;
    }
    i.supplementary_units = quantity.and_then(|quantity| {
        let unit = Unit::new(quantity.unit.as_deref().unwrap_or(BY_TARIFF));
        let unit = unit
            .map_err(|error| side.warn("UNIT", format!("`TariffQuantity` is not kept: expected {}.", error.expected)));
        Some(Quantity { value: quantity.value, unit: unit.ok()? })
    });
}

/// Says that codes are not kept, because what they add to is not there.
fn alone(side: &mut Side<'_>, code: &str, codes: Vec<&str>) {
    if !codes.is_empty() {
        let detail =
            format!("These codes are not kept, for the code that they add to is missing: {}.", codes.join(", "));
        side.warn(code, detail);
    }
}

/// The procedure, which is the first with a previous one, and what is additional to it.
fn procedures(side: &mut Side<'_>, i: &mut DeclarationItem) {
    type Codes = (Option<Text<8>>, Option<Text<8>>);
    let mut all: Vec<Codes> = Vec::new();
    if let Some(procedure) = &i.procedure {
        all.push(parts::halves(Some(&procedure.code), 2));
        all.extend(procedure.additional.iter().map(|code| (Some(code.clone()), None)));
    }
    let (mut main, mut additional) = (None, Vec::new());
    side.list("GovernmentProcedure", &mut all, |side, was| {
        let (mut current, mut previous) = was.cloned().unwrap_or_default();
        side.text("CurrentCode", 7, &mut current);
        side.text("PreviousCode", 7, &mut previous);
        match (&current, &previous, side.is_reading()) {
            (_, _, false) => {}
            (Some(current), Some(previous), _) if main.is_none() && current.len() == 2 => {
                main = Some(parts::whole(current.clone(), previous.clone())?);
            }
            (Some(current), None, _) => additional.push(current.clone()),
            _ => return None,
        }
        Some((current, previous))
    });
    if !side.is_reading() {
        return;
    }
    match main {
        Some(code) => i.procedure = Some(Procedure { additional, ..Procedure::new(code) }),
        None => alone(side, "NO-PROCEDURE", additional.iter().map(|code| &**code).collect()),
    }
}

fn origins(side: &mut Side<'_>, i: &mut DeclarationItem) {
    type Origin = (Text<4>, Option<Text<9>>, &'static str);
    let mut all: Vec<Origin> = Vec::new();
    let origin = i.origin.as_ref().and_then(|country| Text::new(country.as_str()).ok());
    all.extend(origin.map(|country| (country, i.origin_region.clone(), NON_PREFERENTIAL)));
    all.extend(i.preferential_origin.clone().map(|country| (country, None, PREFERENTIAL)));
    side.list("Origin", &mut all, |side, was| {
        let mut country = was.map(|(country, ..)| country.clone());
        let mut region = was.and_then(|(_, region, _)| region.clone());
        let mut kind: Option<Text<4>> = was.and_then(|(_, _, kind)| Text::new(*kind).ok());
        side.text("CountryCode", 4, &mut country);
        side.text("RegionID", 9, &mut region);
        side.text("TypeCode", 3, &mut kind);
        let country = country?;
        match (kind.as_deref(), side.is_reading()) {
            (_, false) => {}
            (Some(NON_PREFERENTIAL), _) if i.origin.is_none() => {
                i.origin = Some(Country::new(&*country).ok()?);
                i.origin_region = region.clone();
            }
            (Some(PREFERENTIAL), _) if i.preferential_origin.is_none() && region.is_none() => {
                i.preferential_origin = Some(country.clone());
            }
            _ => return None,
        }
        Some((country, region, NON_PREFERENTIAL))
    });
}

fn packages(side: &mut Side<'_>, packages: &mut Vec<Package>) {
    let mut number = 0;
    side.list("Packaging", packages, |side, package| {
        number += 1;
        let mut kind = package.map(|package| package.r#type.clone());
        let is_counted =
            |package: &&Package| package.uncounted != Some(true) && !(package.count == 0 && is_bulk(package));
        let mut count = package.filter(is_counted).map(|package| package.count);
        let mut marks = package.and_then(|package| package.marks.clone());
        side.leaf("SequenceNumeric", &mut Some(number));
        side.text("MarksNumbersID", 512, &mut marks);
        side.leaf("QuantityQuantity", &mut count);
        side.text("TypeCode", 2, &mut kind);
        let mut package = Package { marks, ..Package::new(kind?, count.unwrap_or_default()) };
        package.uncounted = (count.is_none() && !is_bulk(&package)).then_some(true);
        Some(package)
    });
}

fn is_bulk(package: &Package) -> bool {
    BULK.contains(&&*package.r#type)
}
