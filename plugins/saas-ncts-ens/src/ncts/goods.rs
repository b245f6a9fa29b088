//! One consignment item of a transit.

use portgate_sdk::canonical::{DeclarationItem, HsCode, Package, Quantity, TariffClassification, Text, Unit};
use portgate_sdk::xml::Element;

use super::parts::{actors, documents, information, parties, previous_documents};
use crate::ncts::declaration::CONSIGNMENT_PARTIES;
use crate::notes::{Notes, constant};

/// The unit of supplementary units, which NCTS leaves to the tariff: mutually defined (UNECE Recommendation 20).
pub(crate) const OF_THE_TARIFF: &str = "ZZ";

/// Reads an item of a house consignment.
pub(crate) fn item(element: Element<'_>, house: u32, notes: &mut Notes) -> Option<DeclarationItem> {
    let no = notes.required_number(element, "declarationGoodsItemNumber")?;
    let mut item = DeclarationItem {
        house: Some(house),
        no_in_house: notes.number(element, "goodsItemNumber"),
        type_code: notes.text(element, "declarationType"),
        dispatch_country: notes.country(element, "countryOfDispatch"),
        destination_country: notes.country(element, "countryOfDestination"),
        ucr: notes.text(element, "referenceNumberUCR"),
        parties: parties(element, &CONSIGNMENT_PARTIES, notes),
        actors: actors(element, notes),
        packages: packages(element, notes),
        previous_documents: previous_documents(element, notes),
        documents: documents(element, "SupportingDocument", notes),
        transport_documents: documents(element, "TransportDocument", notes),
        additional_references: documents(element, "AdditionalReference", notes),
        additional_information: information(element, notes),
        transport_charges: notes.text(element, "TransportCharges/methodOfPayment"),
        ..DeclarationItem::new(no)
    };
    if let Some(commodity) = notes.required(element, "Commodity") {
        read_commodity(commodity, &mut item, notes);
    }
    Some(item)
}

fn read_commodity(commodity: Element<'_>, item: &mut DeclarationItem, notes: &mut Notes) {
    item.description = notes.words(commodity, "descriptionOfGoods");
    item.cus_code = notes.text(commodity, "cusCode");
    item.classification = commodity.child("CommodityCode").and_then(|code| classification(code, notes));
    let dangerous = commodity.children("DangerousGoods");
    item.dangerous_goods = dangerous.filter_map(|goods| notes.text::<4>(goods, "UNNumber")).collect();
    item.gross_kg = notes.decimal(commodity, "GoodsMeasure/grossMass");
    item.net_kg = notes.decimal(commodity, "GoodsMeasure/netMass");
    let units = notes.decimal(commodity, "GoodsMeasure/supplementaryUnits");
    let unit = Unit::new(OF_THE_TARIFF).ok();
    item.supplementary_units = units.zip(unit).map(|(value, unit)| Quantity { value, unit });
}

/// The subheading and, where it is given, what the Combined Nomenclature has behind it.
fn classification(element: Element<'_>, notes: &mut Notes) -> Option<TariffClassification> {
    let subheading = element.text_at("harmonizedSystemSubHeadingCode").unwrap_or_default();
    let combined = element.text_at("combinedNomenclatureCode").unwrap_or_default();
    let code = format!("{subheading}{combined}");
    let found = HsCode::new(&*code).ok();
    if found.is_none() {
        let shown: String = code.chars().take(16).collect();
        notes.warning(
            "INVALID",
            element,
            format!("Expected the digits of a commodity code, found `{shown}`; it is left out."),
        );
    }
    found.map(TariffClassification::new)
}

fn packages(element: Element<'_>, notes: &mut Notes) -> Vec<Package> {
    let mut packages = Vec::new();
    for packaging in element.children("Packaging") {
        let kind = notes.text::<4>(packaging, "typeOfPackages").unwrap_or_else(|| {
            notes.warning(
                "NO-PACKAGE-TYPE",
                packaging,
                "The packages have no type; they are taken as `ZZ`, mutually defined.",
            );
            constant("ZZ")
        });
        let count = notes.number(packaging, "numberOfPackages");
        packages.push(Package { marks: notes.words::<512>(packaging, "shippingMarks"), ..counted(kind, count) });
    }
    packages
}

/// Packages of a kind, of which the count may be left open, as it is for goods in bulk.
pub(crate) fn counted(kind: Text<4>, count: Option<u32>) -> Package {
    Package { uncounted: count.is_none().then_some(true), ..Package::new(kind, count.unwrap_or_default()) }
}
