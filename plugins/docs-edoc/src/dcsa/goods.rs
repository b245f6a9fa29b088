//! What a transport document says of the goods, and of each container that they are in.

use portgate_sdk::Pointer;
use portgate_sdk::canonical::{
    AuthorityReference, CargoItem, Code, ConsignmentItem, ContainerNumber, DocumentEquipment, DocumentLicence,
    Reference, Seal, Text,
};

use super::dangerous::dangerous;
use super::measure::{celsius, cubic_metres, kilograms, measure};
use super::{REFERENCES, model};
use crate::notes::Notes;

/// The list of packages.
const PACKAGES: &str = "UNECE Recommendation 21";

/// The list of packages for dangerous goods.
const IMO_PACKAGES: &str = "IMDG packaging code";

/// The most consignment items, cargo items and containers of one document.
const GOODS_MAX: usize = 2000;

/// Goods of one booking that are described together.
pub(super) fn consignment_items(
    at: &Pointer,
    items: Option<Vec<model::ConsignmentItem>>,
    notes: &mut Notes,
) -> Vec<ConsignmentItem> {
    let (items, list) = (items.unwrap_or_default(), at.key("consignmentItems"));
    notes.few(&list, items.len(), GOODS_MAX);
    items.into_iter().enumerate().map(|(index, item)| consignment_item(&list.index(index), item, notes)).collect()
}

fn consignment_item(at: &Pointer, item: model::ConsignmentItem, notes: &mut Notes) -> ConsignmentItem {
    // The longer codes take the place of the shorter ones, which have to be there.
    let (hs_field, hs_codes) = match item.extended_hs_codes.filter(|codes| !codes.is_empty()) {
        Some(codes) => ("extendedHSCodes", Some(codes)),
        None => ("HSCodes", item.hs_codes),
    };
    let national = (item.extended_national_commodity_codes, item.national_commodity_codes);
    let (cargo_items, list) = (item.cargo_items.unwrap_or_default(), at.key("cargoItems"));
    notes.few(&list, cargo_items.len(), GOODS_MAX);
    let cargo = cargo_items.into_iter().enumerate();
    ConsignmentItem {
        booking: notes.id(at, "carrierBookingReference", item.carrier_booking_reference.as_deref()),
        sub_reference: notes.id(at, "commoditySubReference", item.commodity_sub_reference.as_deref()),
        description: notes.lines(at, "descriptionOfGoods", item.description_of_goods, 300),
        hs_codes: notes.ids(at, hs_field, hs_codes, 100),
        national_codes: national_codes(at, national, notes),
        marks: notes.lines(at, "shippingMarks", item.shipping_marks, 100),
        cargo: cargo.map(|(index, item)| cargo_item(&list.index(index), item, notes)).collect(),
        references: references(at, item.references, 500, notes),
        customs_references: customs_references(at, item.customs_references, notes),
        licences: licences(at, item.export_license, item.import_license, notes),
    }
}

fn cargo_item(at: &Pointer, item: model::CargoItem, notes: &mut Notes) -> CargoItem {
    let mut measures = Vec::new();
    let national = (item.extended_national_commodity_codes, item.national_commodity_codes);
    let mut cargo = CargoItem {
        equipment_id: equipment_id(at, item.equipment_reference.as_deref(), notes),
        gross_kg: kilograms(at, "cargoGrossWeight", item.cargo_gross_weight, &mut measures, notes),
        net_kg: kilograms(at, "cargoNetWeight", item.cargo_net_weight, &mut measures, notes),
        volume_m3: cubic_metres(at, "cargoGrossVolume", item.cargo_gross_volume, &mut measures, notes),
        net_volume_m3: cubic_metres(at, "cargoNetVolume", item.cargo_net_volume, &mut measures, notes),
        measures,
        national_codes: national_codes(at, national, notes),
        customs_references: customs_references(at, item.customs_references, notes),
        licences: licences(at, item.export_license, item.import_license, notes),
        ..CargoItem::default()
    };
    if let Some(packaging) = item.outer_packaging {
        let at = at.key("outerPackaging");
        cargo.packages = notes.count(&at, "numberOfPackages", packaging.number_of_packages.as_ref());
        let imo = notes.code(&at, "imoPackagingCode", IMO_PACKAGES, packaging.imo_packaging_code.as_deref());
        let package = notes.code(&at, "packageCode", PACKAGES, packaging.package_code.as_deref());
        // The other one stands beside it as what the partner wrote.
        cargo.package_type = match (package, imo) {
            (Some(package), Some(imo)) => Some(Code { source_code: Some(imo.code.widened()), ..package }),
            (package, imo) => package.or(imo),
        };
        cargo.package_description = notes.words(&at, "description", packaging.description.as_deref());
        cargo.wood = notes.id(&at, "woodDeclaration", packaging.wood_declaration.as_deref());
        let (goods, list) = (packaging.dangerous_goods.unwrap_or_default(), at.key("dangerousGoods"));
        notes.few(&list, goods.len(), 64);
        let goods = goods.into_iter().enumerate();
        cargo.dangerous = goods.map(|(index, goods)| dangerous(&list.index(index), goods, notes)).collect();
    }
    cargo
}

/// The containers.
pub(super) fn equipment(
    at: &Pointer,
    list: Option<Vec<model::Equipment>>,
    notes: &mut Notes,
) -> Vec<DocumentEquipment> {
    let (equipment, list) = (list.unwrap_or_default(), at.key("utilizedTransportEquipments"));
    notes.few(&list, equipment.len(), GOODS_MAX);
    equipment.into_iter().enumerate().map(|(index, one)| container(&list.index(index), one, notes)).collect()
}

fn container(at: &Pointer, one: model::Equipment, notes: &mut Notes) -> DocumentEquipment {
    let mut measures = Vec::new();
    let container = one.equipment.unwrap_or_default();
    let inside = at.key("equipment");
    let mut equipment = DocumentEquipment {
        id: equipment_id(&inside, container.equipment_reference.as_deref(), notes)
            .or_else(|| equipment_id(at, one.equipment_reference.as_deref(), notes)),
        iso_type: notes.id(&inside, "ISOEquipmentCode", container.iso_equipment_code.as_deref()),
        shipper_owned: one.is_shipper_owned,
        non_operating_reefer: one.is_non_operating_reefer,
        tare_kg: kilograms(&inside, "tareWeight", container.tare_weight, &mut measures, notes),
        marks: notes.lines(at, "shippingMarks", one.shipping_marks, 100),
        references: references(at, one.references, 64, notes),
        customs_references: customs_references(at, one.customs_references, notes),
        ..DocumentEquipment::default()
    };
    if one.cargo_gross_weight.is_some() {
        let weight = model::Measured { value: one.cargo_gross_weight, unit: one.cargo_gross_weight_unit };
        equipment.gross_kg = kilograms(at, "cargoGrossWeight", Some(weight), &mut measures, notes);
    }
    if let Some(settings) = one.active_reefer_settings {
        let at = at.key("activeReeferSettings");
        let unit = settings.temperature_unit.as_deref();
        let degrees = settings.temperature_setpoint.as_ref();
        equipment.temperature_c = celsius(&at, "temperatureSetpoint", degrees, unit, &mut measures, notes);
        let air = settings.air_exchange_unit.as_deref();
        for (field, number, unit) in [
            ("o2Setpoint", &settings.o2_setpoint, Some("P1")),
            ("co2Setpoint", &settings.co2_setpoint, Some("P1")),
            ("humiditySetpoint", &settings.humidity_setpoint, Some("P1")),
            ("airExchangeSetpoint", &settings.air_exchange_setpoint, air),
        ] {
            measures.extend(measure(&at, field, number.as_ref(), unit, notes));
        }
        for (field, is_so) in [
            ("isVentilationOpen", settings.is_ventilation_open),
            ("isDrainholesOpen", settings.is_drainholes_open),
            ("isBulbMode", settings.is_bulb_mode),
            ("isColdTreatmentRequired", settings.is_cold_treatment_required),
            ("isControlledAtmosphereRequired", settings.is_controlled_atmosphere_required),
        ] {
            equipment.classifications.extend(notes.kept(&at, field, is_so));
        }
    }
    equipment.measures = measures;
    let (seals, list) = (one.seals.unwrap_or_default(), at.key("seals"));
    notes.few(&list, seals.len(), 64);
    equipment.seals =
        seals.into_iter().enumerate().filter_map(|(index, seal)| read_seal(&list.index(index), seal, notes)).collect();
    equipment
}

fn read_seal(at: &Pointer, seal: model::Seal, notes: &mut Notes) -> Option<Seal> {
    let number = notes.needed(at, "number", seal.number.as_deref())?;
    Some(Seal { source: notes.id(at, "source", seal.source.as_deref()), ..Seal::new(number) })
}

/// The number of a container in its one form.
fn equipment_id(at: &Pointer, written: Option<&str>, notes: &mut Notes) -> Option<Text<32>> {
    let number = written.map(|number| ContainerNumber::one_form(number.trim()).to_string())?;
    notes.id(at, "equipmentReference", Some(&number))
}

/// Codes of national tariffs; the longer ones take the place of the shorter ones.
fn national_codes(
    at: &Pointer,
    (extended, plain): (Option<Vec<model::NationalCode>>, Option<Vec<model::NationalCode>>),
    notes: &mut Notes,
) -> Vec<Code> {
    let (field, codes) = match extended.filter(|codes| !codes.is_empty()) {
        Some(codes) => ("extendedNationalCommodityCodes", codes),
        None => ("nationalCommodityCodes", plain.unwrap_or_default()),
    };
    let list = at.key(field);
    let mut found = Vec::new();
    for (index, code) in codes.into_iter().enumerate() {
        let at = list.index(index);
        let kind = code.r#type.unwrap_or_default();
        let tariff = format!("{} {}", kind.trim(), code.country_code.unwrap_or_default().trim());
        for value in code.values.unwrap_or_default() {
            found.extend(notes.code(&at, "values", tariff.trim(), Some(&value)));
        }
    }
    notes.few(&list, found.len(), 64);
    found
}

/// References of any shape. What a kind of them is only DCSA knows, but for orders.
pub(super) fn references(
    at: &Pointer,
    references: Option<Vec<model::Reference>>,
    most: usize,
    notes: &mut Notes,
) -> Vec<Reference> {
    let list = at.key("references");
    let mut found = Vec::new();
    for (index, reference) in references.into_iter().flatten().enumerate() {
        let at = list.index(index);
        let kind = reference.r#type.unwrap_or_default();
        let scheme = match kind.trim() {
            "SPO" | "CPO" => "order".to_owned(),
            other => format!("{REFERENCES}:{other}"),
        };
        for value in reference.value.into_iter().chain(reference.values.unwrap_or_default()) {
            found.extend(notes.reference(&at, &scheme, &value));
        }
    }
    notes.few(&list, found.len(), most);
    found
}

/// Numbers that customs gave.
pub(super) fn customs_references(
    at: &Pointer,
    references: Option<Vec<model::CustomsReference>>,
    notes: &mut Notes,
) -> Vec<AuthorityReference> {
    let list = at.key("customsReferences");
    let mut found = Vec::new();
    for (index, reference) in references.into_iter().flatten().enumerate() {
        let at = list.index(index);
        let country = notes.country(&at, "countryCode", reference.country_code.as_deref());
        let Some(kind) = notes.needed::<64>(&at, "type", reference.r#type.as_deref()) else { continue };
        for value in notes.ids(&at, "values", reference.values, 64) {
            found.push(AuthorityReference { country: country.clone(), ..AuthorityReference::new(kind.clone(), value) });
        }
    }
    notes.few(&list, found.len(), 64);
    found
}

/// Licences to export and import.
pub(super) fn licences(
    at: &Pointer,
    export: Option<model::License>,
    import: Option<model::License>,
    notes: &mut Notes,
) -> Vec<DocumentLicence> {
    let both = [("export", "exportLicense", export), ("import", "importLicense", import)];
    let licence = |(kind, field, licence): (&str, &str, Option<model::License>)| {
        let (licence, at) = (licence?, at.key(field));
        Some(DocumentLicence {
            required: licence.is_required,
            number: notes.id(&at, "reference", licence.reference.as_deref()),
            issue_date: notes.day(&at, "issueDate", licence.issue_date.as_deref()),
            expiry_date: notes.day(&at, "expiryDate", licence.expiry_date.as_deref()),
            ..DocumentLicence::new(Text::new(kind).ok()?)
        })
    };
    both.into_iter().filter_map(licence).collect()
}
