//! What makes goods dangerous. What the canonical document has no field for stands among the remarks under DCSA's own name.

use portgate_sdk::Pointer;
use portgate_sdk::canonical::{Code, DangerousCargo, TenderRemark, Text};

use super::measure::{celsius, kilograms};
use super::{FIELDS, model};
use crate::notes::Notes;

/// The rules that it is declared by.
const RULES: &str = "IMDG";

/// How many levels of packages in packages are told.
const PACKAGES_DEEP: usize = 4;

/// The most remarks on one of the goods.
const REMARKS_MAX: usize = 32;

/// One of the dangerous goods of a package.
pub(super) fn dangerous(at: &Pointer, goods: model::DangerousGoods, notes: &mut Notes) -> DangerousCargo {
    let mut stated = Vec::new();
    let group = notes.count(at, "packingGroup", goods.packing_group.as_ref());
    let risks = [("subsidiaryRisk1", &goods.subsidiary_risk1), ("subsidiaryRisk2", &goods.subsidiary_risk2)];
    let mut cargo = DangerousCargo {
        un_number: notes.id(at, "UNNumber", goods.un_number.as_deref()),
        class: notes.id(at, "imoClass", goods.imo_class.as_deref()),
        packing_group: group.and_then(|group| notes.id(at, "packingGroup", Some(roman(group)))),
        regulation: Text::new(RULES).ok(),
        proper_shipping_name: notes.words(at, "properShippingName", goods.proper_shipping_name.as_deref()),
        technical_name: notes.words(at, "technicalName", goods.technical_name.as_deref()),
        ems: notes.id(at, "EMSNumber", goods.ems_number.as_deref()),
        gross_kg: kilograms(at, "grossWeight", goods.gross_weight, &mut stated, notes),
        net_kg: kilograms(at, "netWeight", goods.net_weight, &mut stated, notes),
        subsidiary_classes: risks
            .into_iter()
            .filter_map(|(field, risk)| notes.id(at, field, risk.as_deref()))
            .collect(),
        marine_pollutant: goods.is_marine_pollutant,
        limited_quantity: goods.is_limited_quantity,
        excepted_quantity: goods.is_excepted_quantity,
        reportable_quantity: goods.is_reportable_quantity,
        waste: goods.is_waste,
        hot: goods.is_hot,
        salvage_packaging: goods.is_salvage_packings,
        residue: goods.is_empty_uncleaned_residue,
        ..DangerousCargo::default()
    };
    let mut said: Vec<(String, String)> = Vec::new();
    let mut say = |field: &str, value: Option<String>| said.extend(value.map(|value| (field.to_owned(), value)));
    say("NANumber", goods.na_number);
    say("codedVariantList", goods.coded_variant_list);
    let approval = goods.is_competent_authority_approval_required;
    say("isCompetentAuthorityApprovalRequired", approval.map(|is_needed| is_needed.to_string()));
    say("competentAuthorityApproval", goods.competent_authority_approval);
    say("segregationGroups", goods.segregation_groups.map(|groups| groups.join(", ")));
    say("endOfHoldingTime", goods.end_of_holding_time);
    say("fumigationDateTime", goods.fumigation_date_time);
    say("inhalationZone", goods.inhalation_zone);
    for (field, measured) in [("netExplosiveContent", goods.net_explosive_content), ("netVolume", goods.net_volume)] {
        say(field, measured.and_then(in_words));
    }
    for package in goods.inner_packagings.into_iter().flatten() {
        say("innerPackagings", Some(packages(package, PACKAGES_DEEP)));
    }
    if let Some(contact) = goods.emergency_contact_details {
        let at = at.key("emergencyContactDetails");
        cargo.emergency_contact = notes.words(&at, "contact", contact.contact.as_deref());
        cargo.emergency_phone = notes.words(&at, "phone", contact.phone.as_deref());
        say("emergencyContactDetails/provider", contact.provider);
        say("emergencyContactDetails/referenceNumber", contact.reference_number);
    }
    if let Some(limits) = goods.limits {
        let at = at.key("limits");
        let unit = limits.temperature_unit.as_deref();
        cargo.flashpoint_c = celsius(&at, "flashPoint", limits.flash_point.as_ref(), unit, &mut stated, notes);
        for (field, degrees) in [
            ("transportControlTemperature", limits.transport_control_temperature),
            ("transportEmergencyTemperature", limits.transport_emergency_temperature),
            ("SADT", limits.sadt),
            ("SAPT", limits.sapt),
        ] {
            say(field, degrees.map(|degrees| format!("{degrees} {}", unit.unwrap_or_default()).trim().to_owned()));
        }
    }
    for measure in stated {
        let unit = measure.unit.map(|unit| unit.code.to_string()).unwrap_or_default();
        say(&measure.kind, Some(format!("{} {unit}", measure.value).trim().to_owned()));
    }
    notes.few(at, said.len(), REMARKS_MAX);
    let said = said.into_iter().take(REMARKS_MAX);
    cargo.remarks = said.filter_map(|(field, words)| remark(at, &field, &words, notes)).collect();
    cargo
}

fn remark(at: &Pointer, field: &str, words: &str, notes: &mut Notes) -> Option<TenderRemark> {
    let subject = Code { code: Text::new(field).ok()?, code_list: Text::new(FIELDS).ok()?, source_code: None };
    let text = notes.words(at, field, Some(words))?;
    Some(TenderRemark { subject: Some(subject), ..TenderRemark::new(text) })
}

fn in_words(measured: model::Measured) -> Option<String> {
    Some(format!("{} {}", measured.value?, measured.unit.unwrap_or_default()).trim().to_owned())
}

/// Packages in a package, with what is in them.
fn packages(package: model::InnerPackaging, deep: usize) -> String {
    let quantity = package.quantity.map(|quantity| quantity.to_string()).unwrap_or_default();
    let parts = [quantity, package.material.unwrap_or_default(), package.description.unwrap_or_default()];
    let parts: Vec<&str> = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
    let inside: Vec<String> = match deep {
        0 => Vec::new(),
        _ => package.inner_packagings.into_iter().flatten().map(|package| packages(package, deep - 1)).collect(),
    };
    match inside.is_empty() {
        true => parts.join(", "),
        false => format!("{}; in each: {}", parts.join(", "), inside.join(" and ")),
    }
}

/// The packing group as transport documents write it.
fn roman(group: u32) -> &'static str {
    match group {
        1 => "I",
        2 => "II",
        3 => "III",
        _ => "",
    }
}
