//! One goods item of an entry summary, read and written.

use portgate_sdk::canonical::{
    AdditionalInformation, CustomsDocument, DeclarationItem, HsCode, Location, MeansOfTransport, Package,
    TariffClassification,
};
use portgate_sdk::edi::{Value, number};
use portgate_sdk::log;
use portgate_sdk::xml::{Element, ElementWriter};

use super::declaration::place;
use super::names;
use super::plain;
use crate::ncts::goods::counted;
use crate::notes::Notes;
use crate::out::Missing;

/// Reads an item.
pub(crate) fn item(element: Element<'_>, notes: &mut Notes) -> Option<DeclarationItem> {
    plain::check_leading(element, "IteNumGDS7", 8678, notes);
    let no = notes.required_number(element, "IteNumGDS7")?;
    let codes = element.children("SPEMENMT2").filter_map(|mention| notes.required_text(mention, "AddInfCodMT23"));
    let additional_information = codes.map(AdditionalInformation::new).collect();
    let containers = element.children("CONNR2").filter_map(|container| notes.text::<17>(container, "ConNumNR21"));
    let equipment = containers.collect();
    Some(DeclarationItem {
        description: notes.words(element, "GooDesGDS23"),
        gross_kg: plain::weight(element, "GroMasGDS46", 8679, notes),
        transport_charges: notes.text(element, "MetOfPayGDI12"),
        ucr: notes.text(element, "ComRefNumGIM1"),
        dangerous_goods: notes.text::<4>(element, "UNDanGooCodGDI1").into_iter().collect(),
        place_of_loading: place(element, "PlaLoaGOOITE333", notes),
        place_of_unloading: place(element, "PlaUnlGOOITE333", notes),
        documents: documents(element, notes),
        additional_information,
        parties: names::ITEM_PARTIES.iter().filter_map(|of| names::party(element, of, notes)).collect(),
        classification: classification(element, notes),
        equipment,
        border_means: means(element, notes),
        packages: packages(element, notes),
        ..DeclarationItem::new(no)
    })
}

/// The documents of an item, which are produced, or are its transport documents: one list has both.
fn documents(element: Element<'_>, notes: &mut Notes) -> Vec<CustomsDocument> {
    let mut documents = Vec::new();
    for document in element.children("PRODOCDC2") {
        let Some(kind) = notes.required_text(document, "DocTypDC21") else { continue };
        documents.push(CustomsDocument { id: notes.text(document, "DocRefDC23"), ..CustomsDocument::new(kind) });
    }
    documents
}

fn classification(element: Element<'_>, notes: &mut Notes) -> Option<TariffClassification> {
    let code = notes
        .read(element, "COMCODGODITM/ComNomCMD1", "4 to 8 digits of a commodity code", |text| HsCode::new(text).ok());
    code.map(TariffClassification::new)
}

fn means(element: Element<'_>, notes: &mut Notes) -> Vec<MeansOfTransport> {
    let means = element.children("IDEMEATRAGI970").map(|means| MeansOfTransport {
        id: notes.text(means, "IdeMeaTraGIMEATRA971"),
        nationality: notes.country(means, "NatIDEMEATRAGI973"),
        ..MeansOfTransport::default()
    });
    means.collect()
}

fn packages(element: Element<'_>, notes: &mut Notes) -> Vec<Package> {
    let mut packages = Vec::new();
    for packaging in element.children("PACGS2") {
        let Some(kind) = notes.required_text::<4>(packaging, "KinOfPacGS23") else { continue };
        let count = plain::number(packaging, "NumOfPacGS24", 8680, notes);
        packages.push(Package {
            pieces: plain::number(packaging, "NumOfPieGS25", 8681, notes),
            marks: notes.words::<512>(packaging, "MarNumOfPacGSL21"),
            ..counted(kind, count)
        });
    }
    packages
}

/// Writes an item, which stands at `index` in the declaration.
pub(crate) fn write(root: &mut ElementWriter<'_>, item: &DeclarationItem, index: usize, missing: &mut Missing) {
    let mut element = root.child("GOOITEGDS");
    element.leaf("IteNumGDS7", item.no.to_string().within(1..=5));
    element.leaf("GooDesGDS23", item.description.as_deref().map(|words| words.within(1..=280)));
    element.leaf("GroMasGDS46", item.gross_kg.map(number));
    element.leaf("MetOfPayGDI12", item.transport_charges.as_deref().map(|method| method.within(1..=1)));
    element.leaf("ComRefNumGIM1", item.ucr.as_deref());
    element.leaf("UNDanGooCodGDI1", item.dangerous_goods.first().map(|code| (&**code).within(4..=4)));
    write_place(&mut element, "PlaLoaGOOITE333", item.place_of_loading.as_ref());
    write_place(&mut element, "PlaUnlGOOITE333", item.place_of_unloading.as_ref());
    for document in item.documents.iter().chain(&item.transport_documents) {
        let mut element = element.group("PRODOCDC2");
        element.leaf("DocTypDC21", (&*document.r#type).within(1..=4));
        let id = document.id.as_deref().map(|id| id.within(1..=35));
        missing.leaf(&mut element, "DocRefDC23", id, &format!("items/{index}/documents"));
    }
    for information in &item.additional_information {
        element.group("SPEMENMT2").leaf("AddInfCodMT23", (&*information.code).within(1..=5));
    }
    names::write(&mut element, &names::ITEM_CONSIGNOR, &item.parties);
    if let Some(classification) = &item.classification {
        let digits = classification.commodity.as_str();
        // Eight digits at most are of the Combined Nomenclature.
        element.group("COMCODGODITM").leaf("ComNomCMD1", digits.get(..8).unwrap_or(digits));
    }
    names::write(&mut element, &names::ITEM_CONSIGNEE, &item.parties);
    for container in &item.equipment {
        element.group("CONNR2").leaf("ConNumNR21", &**container);
    }
    for means in &item.border_means {
        let mut element = element.group("IDEMEATRAGI970");
        element.leaf("NatIDEMEATRAGI973", means.nationality.as_ref().map(|country| country.as_str()));
        element.leaf("IdeMeaTraGIMEATRA971", means.id.as_deref().map(|id| id.within(1..=27)));
    }
    for packages in &item.packages {
        write_packages(&mut element, packages);
    }
    names::write(&mut element, &names::ITEM_NOTIFY, &item.parties);
    if item.dangerous_goods.len() > 1
        || item.additional_information.iter().any(|information| information.text.is_some())
    {
        let detail = "of several dangerous goods the first alone is written, and of additional information the code: ICS has no more";
        log::write(log::Level::Warn, detail, &[("item", &item.no.to_string())]);
    }
}

fn write_packages(element: &mut ElementWriter<'_>, packages: &Package) {
    let mut element = element.group("PACGS2");
    element.leaf("KinOfPacGS23", (&*packages.r#type).within(2..=2));
    if packages.uncounted != Some(true) {
        element.leaf("NumOfPacGS24", packages.count.to_string().within(1..=5));
    }
    element.leaf("NumOfPieGS25", packages.pieces.map(|pieces| pieces.to_string().within(1..=5)));
    element.leaf("MarNumOfPacGSL21", packages.marks.as_deref().map(|marks| marks.within(1..=140)));
}

/// A place in one text: its UN/LOCODE, else its name, with the country before it where the name has none of its own.
pub(crate) fn write_place(parent: &mut ElementWriter<'_>, name: &str, place: Option<&Location>) {
    let Some(place) = place else { return };
    let spelled = match (&place.un_locode, &place.name, &place.country) {
        (Some(code), ..) => Some(code.as_str().to_owned()),
        (None, Some(name), Some(country)) if !name.starts_with(country.as_str()) => {
            Some(format!("{}{}", country.as_str(), &**name))
        }
        (None, Some(name), _) => Some(name.to_string()),
        (None, None, _) => None,
    };
    parent.leaf(name, spelled.map(|text| text.within(3..=35)));
}
