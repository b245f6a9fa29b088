//! What makes goods dangerous, both ways. What is not said of a danger, that it is a marine pollutant or waste, does not hold of it:
//! the rules for dangerous goods at sea have such words written where they apply.

use portgate_sdk::Pointer;
use portgate_sdk::canonical::{DangerousCargo, Text};

use super::kept::{Remarks, kept};
use super::measure::{celsius, kilograms, measured, quantity};
use super::tender::Lacks;
use super::wire::{DangerousGoods, EmergencyContact, Exact, Limits, Open, Rest};
use crate::notes::Notes;

/// The rules that DCSA's dangerous goods are declared by: those for the sea.
const RULES: &str = "IMD";

/// Remarks that there is room for.
const REMARKS_MAX: usize = 32;

const GROUPS: [&str; 3] = ["I", "II", "III"];

/// A danger, read.
pub(crate) fn read(written: DangerousGoods, at: &Pointer, notes: &mut Notes) -> DangerousCargo {
    let contact = written.emergency_contact_details.unwrap_or_default();
    let group = written.packing_group.map(|group| group.0.to_string());
    let group = group.map(|group| match &*group {
        "1" => "I".to_owned(),
        "2" => "II".to_owned(),
        "3" => "III".to_owned(),
        _ => group,
    });
    let mut danger = DangerousCargo {
        un_number: notes.identifier(at.key("UNNumber"), "UN number", written.un_number.as_deref()),
        class: notes.identifier(at.key("imoClass"), "class", written.imo_class.as_deref()),
        packing_group: notes.identifier(at.key("packingGroup"), "packing group", group.as_deref()),
        regulation: Text::new(RULES).ok(),
        proper_shipping_name: notes.free_text(
            at.key("properShippingName"),
            "proper shipping name",
            written.proper_shipping_name.as_deref(),
        ),
        technical_name: notes.free_text(at.key("technicalName"), "technical name", written.technical_name.as_deref()),
        ems: notes.identifier(at.key("EMSNumber"), "emergency schedules", written.ems_number.as_deref()),
        emergency_contact: notes.free_text(
            at.key("emergencyContactDetails"),
            "emergency contact",
            contact.contact.as_deref(),
        ),
        emergency_phone: notes.free_text(
            at.key("emergencyContactDetails"),
            "emergency telephone number",
            contact.phone.as_deref(),
        ),
        gross_kg: kilograms(written.gross_weight, &at.key("grossWeight"), notes),
        net_kg: kilograms(written.net_weight, &at.key("netWeight"), notes),
        quantity: quantity(written.net_volume, &at.key("netVolume"), notes),
        marine_pollutant: written.is_marine_pollutant,
        limited_quantity: written.is_limited_quantity,
        excepted_quantity: written.is_excepted_quantity,
        reportable_quantity: written.is_reportable_quantity,
        waste: written.is_waste,
        hot: written.is_hot,
        salvage_packaging: written.is_salvage_packings,
        residue: written.is_empty_uncleaned_residue,
        ..DangerousCargo::default()
    };
    for risk in [&written.subsidiary_risk_1, &written.subsidiary_risk_2] {
        danger.subsidiary_classes.extend(notes.identifier(
            at.key("subsidiaryRisk1"),
            "subsidiary risk",
            risk.as_deref(),
        ));
    }
    let mut rest = written.rest;
    if let Some(approval) = written.is_competent_authority_approval_required {
        rest.insert("isCompetentAuthorityApprovalRequired".to_owned(), approval.into());
    }
    if let Some(limits) = written.limits {
        let at = at.key("limits");
        danger.flashpoint_c = celsius(limits.flash_point, limits.temperature_unit.as_deref(), &at, notes);
        // Other limits are in the unit that stands beside them, so that they are kept together.
        if let (false, Ok(limits)) = (limits.rest.is_empty(), serde_json::to_value(&limits)) {
            rest.insert("limits".to_owned(), limits);
        }
    }
    let mut remarks = Remarks { list: &mut danger.remarks, most: REMARKS_MAX };
    remarks.keep(rest, "", at, notes);
    remarks.keep(contact.rest, "emergencyContactDetails.", &at.key("emergencyContactDetails"), notes);
    danger
}

/// A danger as it goes out.
pub(crate) fn written(danger: &DangerousCargo, at: &Pointer, lacks: &mut Lacks) -> DangerousGoods {
    let text = |text: &Option<Text<256>>| text.as_ref().map(ToString::to_string);
    let others = kept(&danger.remarks, "");
    let number = danger.un_number.as_ref().map(|number| number.trim_start_matches("UN").trim().to_owned());
    if number.is_none() && !others.contains_key("NANumber") {
        lacks.missing(at.key("unNumber"), "Give the UN number of the dangerous goods.");
    }
    let name = lacks.needed(
        text(&danger.proper_shipping_name),
        at.key("properShippingName"),
        "Give the proper shipping name of the dangerous goods.",
    );
    let class = danger.class.as_ref().map(ToString::to_string);
    let class = lacks.needed(class, at.key("class"), "Give the class of the dangerous goods.");
    let gross_weight = measured(danger.gross_kg, "KGM");
    let gross_weight = lacks.needed(gross_weight, at.key("grossKg"), "Say what the dangerous goods weigh.");
    let contact = text(&danger.emergency_contact);
    let contact = lacks.needed(contact, at.key("emergencyContact"), "Say whom to call in an emergency.");
    let phone = danger.emergency_phone.as_ref().map(ToString::to_string);
    let phone = lacks.needed(phone, at.key("emergencyPhone"), "Give the telephone number for an emergency.");
    let group = danger.packing_group.as_ref().and_then(|group| {
        let index = GROUPS.iter().position(|known| *known == &**group || *known == group.trim_start_matches("PG "));
        index.map(|index| Exact((index as i64 + 1).into()))
    });
    let (net_volume, unit) = match &danger.quantity {
        Some(quantity) => (Some(quantity.value), quantity.unit.as_str()),
        None => (None, ""),
    };
    let is_volume = matches!(unit, "MTQ" | "FTQ" | "LTR");
    let flash_point = danger.flashpoint_c.filter(|_| !others.contains_key("limits")).map(Exact);
    let holds = |word: Option<bool>| Some(word.unwrap_or(false));
    let approval = others.contains_key("competentAuthorityApproval");
    let mut risks = danger.subsidiary_classes.iter().map(ToString::to_string);
    let goods = DangerousGoods {
        un_number: number,
        proper_shipping_name: name,
        technical_name: text(&danger.technical_name),
        imo_class: class,
        subsidiary_risk_1: risks.next(),
        subsidiary_risk_2: risks.next(),
        packing_group: group,
        is_marine_pollutant: holds(danger.marine_pollutant),
        is_limited_quantity: holds(danger.limited_quantity),
        is_excepted_quantity: holds(danger.excepted_quantity),
        is_reportable_quantity: holds(danger.reportable_quantity),
        is_waste: holds(danger.waste),
        is_hot: holds(danger.hot),
        is_salvage_packings: holds(danger.salvage_packaging),
        is_empty_uncleaned_residue: holds(danger.residue),
        is_competent_authority_approval_required: match others.get("isCompetentAuthorityApprovalRequired") {
            Some(said) => said.as_bool(),
            None => Some(approval),
        },
        emergency_contact_details: Some(EmergencyContact {
            contact,
            phone,
            rest: kept(&danger.remarks, "emergencyContactDetails."),
        }),
        ems_number: danger.ems.as_ref().map(|ems| ems.replace(',', "")),
        gross_weight,
        net_weight: measured(danger.net_kg, "KGM"),
        net_volume: is_volume.then(|| measured(net_volume, unit)).flatten(),
        limits: flash_point.map(|flash_point| Limits {
            temperature_unit: Some("CEL".to_owned()),
            flash_point: Some(flash_point),
            rest: Rest::new(),
        }),
        rest: Rest::new(),
    };
    goods.with(others)
}
