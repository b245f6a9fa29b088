//! One goods item.

use portgate_compose::{Gaps, Goods, Together};
use portgate_sdk::canonical::{
    CustomsDocument, Decimal, DeclarationItem, HsCode, Money, Procedure, Quantity, TariffClassification, TaxLine, Text,
    Unit,
};
use portgate_sdk::reference;

use crate::data_set::DataSet;
use crate::papers;
use crate::work::Work;

const DESCRIPTION: &str = "C-UK-05";
const COMMODITY: &str = "C-UK-06";
const ORIGIN: &str = "C-UK-07";
const PRICE: &str = "C-UK-08";
const WEIGHT: &str = "C-UK-10";
const PACKAGES: &str = "C-UK-11";
const RATE: &str = "C-UK-15";

/// The digits of the Combined Nomenclature (DE 6/14), behind which TARIC's stand (DE 6/15).
const NOMENCLATURE: usize = 8;
/// The digits that an import has.
const IMPORTED: usize = 10;

/// Whose classifications hold here.
const JURISDICTIONS: [&str; 2] = ["GB", "UK"];

/// Tables: what a preference is called that goods of a country can claim; the UK tariff by commodity; how much of a currency one
/// pound is (`GBP/USD`).
const PREFERENCES: &str = "uk-preferences";
const TARIFF: &str = "uk-tariff";
const RATES: &str = "hmrc-rates";

/// No preference is claimed (DE 4/17).
const NO_PREFERENCE: &str = "100";
/// Documents that prove a preferential origin (DE 2/3), beside those that begin with `U`.
const PROOFS: [&str; 5] = ["N864", "N865", "N954", "Y088", "9001"];
/// The value is what is paid for the goods (DE 4/16).
const TRANSACTION_VALUE: &str = "1";
/// A unit that is left to the tariff.
const BY_TARIFF: &str = "ZZ";
/// What of goods in bulk there is no number of (UNECE Recommendation 21).
const BULK: [&str; 7] = ["VQ", "VG", "VL", "VY", "VR", "VS", "VO"];

/// What lines have in common that are one goods item: commodity, origin, preference, currency. A line without a code stays alone.
pub(crate) fn key(work: &mut Work<'_>, line: &Goods) -> Option<(String, String, bool, String)> {
    let classification = commodity(work, line)?;
    let TariffClassification { commodity, taric, taric_additional, national_additional } = &classification;
    let more = taric_additional.iter().chain(national_additional).map(|code| format!("/{code}"));
    let code = format!("{commodity}{}{}", taric.as_deref().unwrap_or_default(), more.collect::<String>());
    let origin = line.origin.as_ref().map(|(_, country)| country.to_string()).unwrap_or_default();
    let currency = line.price.as_ref().map(|price| price.currency.to_string()).unwrap_or_default();
    Some((code, origin, line.preference_claimed, currency))
}

/// The item of some lines, with its number from 1 (DE 1/6).
pub(crate) fn of(work: &mut Work<'_>, index: usize, lines: &Together<'_>) -> DeclarationItem {
    let mut item = DeclarationItem::new(u32::try_from(index + 1).unwrap_or(u32::MAX));
    let first = lines.first();
    item.description = lines.description();
    if item.description.is_none() {
        let detail = format!("Nothing says what the goods of {} are (DE 6/8).", first.name());
        let remedy =
            "Who keeps the catalogue describes the article (`descriptionForCustoms`), or who sells on the invoice.";
        work.gaps.add(DESCRIPTION, [first.at("description")], detail, remedy);
    }
    item.classification = commodity(work, first);
    item.reckoned = lines.reckoned();
    procedure(work, &mut item);
    weights(work, lines, &mut item);
    packages(work, lines, &mut item);
    item.additional_information = papers::statements(work);
    item.documents = papers::documents(work, lines);
    price(work, lines, &mut item);
    if work.set.is_import() {
        origin(work, lines, &mut item);
    } else {
        item.origin = lines.origin().cloned();
        item.dangerous_goods = dangerous(lines);
    }
    if work.set != DataSet::I1 {
        supplementary_units(work, lines, &mut item);
    }
    item
}

/// The commodity code (DE 6/14 to 6/17): what the goods are classified as, else what a document has of them if that is long
/// enough. An import has ten digits, an export eight.
fn commodity(work: &mut Work<'_>, line: &Goods) -> Option<TariffClassification> {
    let wanted = if work.set.is_import() { IMPORTED } else { NOMENCLATURE };
    let mut ambiguous = Gaps::default();
    let known = work.facts.classification(line, &JURISDICTIONS, work.on, COMMODITY, &mut ambiguous);
    if !ambiguous.is_empty() {
        work.gaps.take_over(ambiguous);
        return None;
    }
    let stated = line.stated_code.as_ref();
    let (place, code) = match (known, stated) {
        (Some(known), _) => (known.at("/code"), &known.document.code),
        (None, Some((place, code))) => (place.clone(), code),
        (None, None) => {
            let detail = format!("The goods of {} are not classified for the UK (DE 6/14).", line.name());
            let remedy = "Who classifies goods gives the article its UK commodity code.";
            work.gaps.add(COMMODITY, [line.at("sku")], detail, remedy);
            return None;
        }
    };
    let digits = code.as_str();
    if digits.len() < wanted {
        let detail =
            format!("The goods of {} are classified as {digits}; {wanted} digits are declared (DE 6/14).", line.name());
        let remedy = "Who classifies goods gives the article its whole UK commodity code.";
        work.gaps.add(COMMODITY, [place], detail, remedy);
        return None;
    }
    let mut classification = TariffClassification::new(HsCode::new(&digits[..NOMENCLATURE]).ok()?);
    if work.set.is_import() {
        classification.taric = digits.get(NOMENCLATURE..IMPORTED).and_then(|taric| Text::new(taric).ok());
    }
    for code in known.iter().flat_map(|known| &known.document.additional_codes) {
        // National codes are of VAT (VATZ) and of excise (X and three digits).
        let excise = code.strip_prefix('X').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
        let list = match code.starts_with("VAT") || excise {
            true => &mut classification.national_additional,
            false => &mut classification.taric_additional,
        };
        list.push(code.clone());
    }
    Some(classification)
}

/// What a table has of a key: the value itself, or a member of it where it is an object, as tables of published lists have it.
fn told(table: &str, key: &str, member: &str, on: &str) -> Option<String> {
    let value = reference::lookup(table, key, on)?;
    match serde_json::from_str::<serde_json::Value>(&value) {
        Ok(serde_json::Value::Object(members)) => match members.get(member)? {
            serde_json::Value::String(text) => Some(text.clone()),
            serde_json::Value::Null => None,
            other => Some(other.to_string()),
        },
        _ => Some(value),
    }
}

/// What is done with the goods (DE 1/10, 1/11).
fn procedure(work: &mut Work<'_>, item: &mut DeclarationItem) {
    let what = "what is done with the goods (DE 1/10), such as 4000";
    let code: Option<Text<8>> = work.settings.required("procedure", what, &mut work.gaps);
    if let Some(code) = code.as_ref().filter(|code| code.len() != 4) {
        work.settings.unusable("procedure", code, "four characters, such as 4000", &mut work.gaps);
    }
    let additional = match work.settings.list("additional-procedures") {
        list if list.is_empty() => vec!["000"],
        list => list,
    };
    let additional = additional.iter().filter_map(|code| work.part("additional-procedures", &[code], 0)).collect();
    item.procedure = code.map(|code| Procedure { additional, ..Procedure::new(code) });
}

/// Gross and net (DE 6/5, 6/1).
fn weights(work: &mut Work<'_>, lines: &Together<'_>, item: &mut DeclarationItem) {
    for (field, what, number, found) in
        [("grossKg", "gross", "6/5", lines.gross()), ("netKg", "net", "6/1", lines.net())]
    {
        if found.is_some() {
            continue;
        }
        let is_unknown = |line: &&&Goods| (if what == "gross" { line.gross } else { line.net }).is_none();
        let unknown: Vec<&&Goods> = lines.lines.iter().filter(is_unknown).collect();
        let names: Vec<String> = unknown.iter().map(|line| line.name()).collect();
        let detail = format!("Nothing says what the goods of {} weigh {what} (DE {number}).", names.join(", "));
        let remedy =
            "Who packs says it in the packing list, of packages or of the whole, or the catalogue has it of one piece.";
        let places: Vec<String> = unknown.iter().map(|line| line.at(field)).take(16).collect();
        work.gaps.add(WEIGHT, places, detail, remedy);
    }
    item.gross_kg = lines.gross().map(|weight| weight.kg);
    item.net_kg = lines.net().map(|weight| weight.kg);
    if let (Some(gross), Some(net)) = (item.gross_kg, item.net_kg)
        && net > gross
    {
        let detail = format!("The goods of {} weigh {net} kg net and only {gross} kg gross.", lines.first().name());
        let remedy = "Who packs corrects the packing list, or who keeps the catalogue the weight of one piece.";
        work.gaps.add(WEIGHT, [lines.first().at("netKg")], detail, remedy);
    }
}

/// Packages with their marks (DE 6/9 to 6/11).
fn packages(work: &mut Work<'_>, lines: &Together<'_>, item: &mut DeclarationItem) {
    item.packages = lines.packages();
    if item.packages.is_empty() {
        let detail = format!("Nothing says which packages the goods of {} are in (DE 6/10).", lines.first().name());
        let remedy = "Who packs sends the packing list, or the shipment says how many packages there are.";
        let place = work.facts.packings.first().map(|packing| packing.at("/packages"));
        let place = place.unwrap_or_else(|| lines.first().place.clone());
        return work.gaps.add(PACKAGES, [place], detail, remedy);
    }
    let marks: Option<Text<512>> = work.settings.text("marks", &mut work.gaps);
    let mut unmarked = false;
    for package in item.packages.iter_mut().filter(|package| package.marks.is_none()) {
        package.marks = marks.clone();
        unmarked |= marks.is_none() && !BULK.contains(&&*package.r#type);
    }
    if unmarked {
        let detail = format!("The packages of {} have no marks (DE 6/11).", lines.first().name());
        let remedy =
            "Who packs says what stands on them, or policy what is declared of packages without marks (`marks`).";
        let place = work.facts.packings.first().map(|packing| packing.at("/packages"));
        work.gaps.add(PACKAGES, place, detail, remedy);
    }
}

/// Price, valuation and taxes (DE 4/14, 4/16, 4/13, 4/3, 4/8), and what an export counts as (DE 8/6).
fn price(work: &mut Work<'_>, lines: &Together<'_>, item: &mut DeclarationItem) {
    item.price = lines.price();
    if item.price.is_none() && work.gaps.is_empty() {
        let detail = format!("The goods of {} have no price (DE 4/14).", lines.first().name());
        work.gaps.add(PRICE, [lines.first().at("lineNet")], detail, "Who sells sends the commercial invoice.");
    }
    match work.set {
        DataSet::H1 => {
            let method = work.settings.text("valuation-method", &mut work.gaps);
            item.valuation_method = method.or_else(|| Text::new(TRANSACTION_VALUE).ok());
            if item.valuation_method.as_deref() == Some(TRANSACTION_VALUE) {
                let what = "how seller and buyer stand to each other (DE 4/13), such as 0000";
                item.valuation_indicators = work.settings.required("valuation-indicators", what, &mut work.gaps);
            }
            let name = "payments";
            for parts in work.entries(name, 2, "TAX:METHOD") {
                let (kind, method) = (work.part(name, &parts, 0), work.part(name, &parts, 1));
                item.tax_lines.push(TaxLine { r#type: kind, payment_method: method, ..TaxLine::default() });
            }
        }
        DataSet::B1 => item.statistical_value = statistical_value(work, item.price.as_ref(), lines),
        DataSet::I1 => {}
    }
}

/// The price in pounds (DE 8/6), to the penny, by the rate of the invoice, else by the table's.
fn statistical_value(work: &mut Work<'_>, price: Option<&Money>, lines: &Together<'_>) -> Option<Money> {
    const HOME: &str = "GBP";
    let price = price?;
    let home = portgate_sdk::canonical::Currency::new(HOME).ok()?;
    if price.currency == home {
        return Some(price.clone());
    }
    let invoice = work.facts.invoices.iter().find(|invoice| *invoice.document.number == *lines.first().document);
    let agreed = invoice.and_then(|invoice| invoice.document.fx_rate.as_ref()).filter(|rate| rate.to == home);
    let in_table = || Decimal::parse(&told(RATES, &format!("{HOME}/{}", price.currency), "rate", work.on)?).ok();
    let amount = match agreed {
        Some(rate) => Some(price.amount * rate.rate),
        None => in_table().and_then(|rate| price.amount.divided_by(rate)),
    };
    let Some(amount) = amount else {
        let detail = format!("There is no rate of {} to pounds on {} (DE 8/6).", price.currency, work.on);
        let remedy = format!("A steward adds it to the table `{RATES}`, or who sells to the invoice (`fxRate`).");
        work.gaps.add(RATE, invoice.map(|invoice| invoice.at("/fxRate")), detail, remedy);
        return None;
    };
    Some(Money { amount: amount.round(2), currency: home })
}

/// Origin and preference (DE 5/15, 5/16, 4/17).
fn origin(work: &mut Work<'_>, lines: &Together<'_>, item: &mut DeclarationItem) {
    let first = lines.first();
    let Some((place, country)) = first.origin.clone() else {
        let detail = format!("Nothing says where the goods of {} were made (DE 5/15).", first.name());
        let remedy = "Who sells says it on the invoice, or who keeps the catalogue of the article.";
        return work.gaps.add(ORIGIN, [first.at("originCountry")], detail, remedy);
    };
    if !first.preference_claimed {
        item.preference = Text::new(NO_PREFERENCE).ok();
        item.origin = Some(country);
        return mark_preference(item);
    }
    let name = format!("preference.{country}");
    let preference = match work.settings.get(&name) {
        Some(_) => work.settings.text(&name, &mut work.gaps),
        None => reference::lookup(PREFERENCES, country.as_str(), work.on).and_then(|code| Text::new(code).ok()),
    };
    if preference.is_none() {
        let detail =
            format!("A preference is claimed for goods of {country}, and none is known for that country (DE 4/17).");
        let remedy =
            format!("A steward adds it to the table `{PREFERENCES}`, policy says `{name}`, or it is not claimed.");
        work.gaps.add(ORIGIN, [first.at("preferenceClaimed"), place.clone()], detail, remedy);
    }
    let proof = format!("proof.{country}");
    for parts in work.entries(&proof, 2, "TYPE:REFERENCE[:STATUS]") {
        let Some(kind) = work.part(&proof, &parts, 0) else { continue };
        let (id, status) = (work.part(&proof, &parts, 1), work.part(&proof, &parts, 2));
        item.documents.push(CustomsDocument { id, status, ..CustomsDocument::new(kind) });
    }
    let proves = |kind: &str| kind.starts_with('U') || PROOFS.contains(&kind);
    if !item.documents.iter().any(|document| proves(&document.r#type)) {
        let detail =
            format!("A preference is claimed for {}, and no proof of origin is on file (DE 2/3).", first.name());
        let remedy = format!("Who sells sends the proof (such as U116), policy says `{proof}`, or it is not claimed.");
        work.gaps.add(ORIGIN, [first.at("preferenceClaimed")], detail, remedy);
    }
    item.preference = preference;
    item.preferential_origin = Text::new(country.as_str()).ok();
    item.origin = Some(country);
    mark_preference(item);
}

/// The preference stands with the first tax that it is claimed for.
fn mark_preference(item: &mut DeclarationItem) {
    if let Some(first) = item.tax_lines.first_mut() {
        first.preference.clone_from(&item.preference);
    }
}

fn dangerous(lines: &Together<'_>) -> Vec<Text<4>> {
    let mut numbers: Vec<Text<4>> = Vec::new();
    for number in lines.lines.iter().filter_map(|line| line.dangerous.as_deref()) {
        let number = Text::new(number.trim_start_matches("UN").trim());
        numbers.extend(number.ok().filter(|number| !numbers.contains(number)));
    }
    numbers
}

/// How many of what the tariff counts (DE 6/2).
fn supplementary_units(work: &mut Work<'_>, lines: &Together<'_>, item: &mut DeclarationItem) {
    let Some(classification) = &item.classification else { return };
    let commodity = classification.commodity.as_str();
    let whole = format!("{commodity}{}", classification.taric.as_deref().unwrap_or_default());
    let unit = |code: &str| told(TARIFF, code, "supplementary_unit", work.on);
    let Some(unit) = unit(&whole).or_else(|| unit(&format!("{commodity}00"))) else { return };
    let wanted = tariff_unit(&unit);
    // What is counted in kilograms is the net weight, whatever it is invoiced in.
    let by_weight = if wanted == "KGM" { lines.net().map(|net| net.kg) } else { None };
    let other = lines.lines.iter().find(|line| tariff_unit(line.quantity.unit.as_str()) != wanted);
    if let (Some(other), None) = (other, by_weight) {
        let detail = format!(
            "The tariff counts {whole} in {unit}, and {} is in {} (DE 6/2).",
            other.name(),
            other.quantity.unit
        );
        let remedy = "Who sells invoices the goods in that unit.";
        return work.gaps.add(COMMODITY, [other.at("quantity/unit")], detail, remedy);
    }
    let value = by_weight.unwrap_or_else(|| lines.lines.iter().map(|line| line.quantity.value).sum());
    item.supplementary_units = Unit::new(BY_TARIFF).ok().map(|unit| Quantity { value, unit });
}

/// A unit of the tariff, in its letters or its code, as UNECE Recommendation 20 has it.
fn tariff_unit(written: &str) -> &str {
    match written {
        "C62" | "H87" | "EA" | "PCE" | "NAR" | "p/st" => "C62",
        "NPR" | "PR" | "pa" => "NPR",
        "KGM" | "kg" => "KGM",
        "GRM" | "g" => "GRM",
        "LTR" | "l" => "LTR",
        "MTR" | "m" => "MTR",
        "MTK" | "m2" | "m²" => "MTK",
        "MTQ" | "m3" | "m³" => "MTQ",
        other => other,
    }
}
