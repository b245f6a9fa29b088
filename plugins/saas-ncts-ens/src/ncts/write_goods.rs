//! One consignment item of a transit.

use portgate_sdk::canonical::DeclarationItem;
use portgate_sdk::edi::{Value, number};
use portgate_sdk::log;
use portgate_sdk::xml::ElementWriter;

use super::write_parts::{actors, documents, information, numbered, previous_documents};
use crate::out::Missing;

/// Writes the item that is the nth of its house consignment, and stands at `index` in the declaration.
pub(crate) fn item(
    parent: &mut ElementWriter<'_>,
    item: &DeclarationItem,
    nth: u32,
    index: usize,
    missing: &mut Missing,
) {
    let path = |field: &str| format!("items/{index}/{field}");
    let mut element = parent.child("ConsignmentItem");
    element.leaf("goodsItemNumber", item.no_in_house.unwrap_or(nth).to_string());
    element.leaf("declarationGoodsItemNumber", item.no.to_string());
    element.leaf("declarationType", item.type_code.as_deref().map(|kind| kind.within(1..=5)));
    element.leaf("countryOfDispatch", item.dispatch_country.as_ref().map(|country| country.as_str()));
    element.leaf("countryOfDestination", item.destination_country.as_ref().map(|country| country.as_str()));
    element.leaf("referenceNumberUCR", item.ucr.as_deref().map(|ucr| ucr.within(1..=35)));
    actors(&mut element, &item.actors);
    commodity(&mut element, item, &path, missing);
    packaging(&mut element, item, &path, missing);
    previous_documents(&mut element, &item.previous_documents, true);
    documents(&mut element, "SupportingDocument", &item.documents);
    documents(&mut element, "AdditionalReference", &item.additional_references);
    information(&mut element, &item.additional_information);
    if !item.parties.is_empty() || !item.transport_documents.is_empty() || item.transport_charges.is_some() {
        let detail = "parties, transport documents and transport charges of an item are left out: NCTS has them of a house consignment";
        log::write(log::Level::Warn, detail, &[("item", &item.no.to_string())]);
    }
}

fn commodity(
    parent: &mut ElementWriter<'_>,
    item: &DeclarationItem,
    path: &dyn Fn(&str) -> String,
    missing: &mut Missing,
) {
    let mut element = parent.child("Commodity");
    missing.leaf(&mut element, "descriptionOfGoods", item.description.as_deref(), &path("description"));
    element.leaf("cusCode", item.cus_code.as_deref().map(|code| code.within(9..=9)));
    if let Some(classification) = &item.classification {
        let digits = classification.commodity.as_str();
        let mut code = element.group("CommodityCode");
        // Transit knows a subheading of six digits and the two of the Combined Nomenclature behind it, and no more.
        code.leaf("harmonizedSystemSubHeadingCode", digits.get(..6).unwrap_or(digits).within(6..=6));
        code.leaf("combinedNomenclatureCode", digits.get(6..8));
    }
    for (number, code) in (1..).zip(&item.dangerous_goods) {
        numbered(&mut element, "DangerousGoods", number).leaf("UNNumber", (&**code).within(4..=4));
    }
    let mut measure = element.group("GoodsMeasure");
    missing.leaf(&mut measure, "grossMass", item.gross_kg.map(number), &path("grossKg"));
    measure.leaf("netMass", item.net_kg.map(number));
    measure.leaf("supplementaryUnits", item.supplementary_units.as_ref().map(|units| number(units.value)));
}

fn packaging(
    parent: &mut ElementWriter<'_>,
    item: &DeclarationItem,
    path: &dyn Fn(&str) -> String,
    missing: &mut Missing,
) {
    if item.packages.is_empty() {
        missing.note(&path("packages"), "An item says how it is packed; goods in bulk have a type of package as well.");
    }
    for (index, packages) in (1..).zip(&item.packages) {
        let mut element = numbered(parent, "Packaging", index);
        element.leaf("typeOfPackages", (&*packages.r#type).within(2..=2));
        if packages.uncounted != Some(true) {
            element.leaf("numberOfPackages", packages.count.to_string());
        }
        element.leaf("shippingMarks", packages.marks.as_deref());
    }
}
