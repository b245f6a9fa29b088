//! A `customs-declaration` as an entry summary declaration (`CC315A`), or as its amendment (`CC313A`).

use portgate_sdk::canonical::{CustomsDeclaration, OfficeRole, Timestamp};
use portgate_sdk::edi::{Value, number};
use portgate_sdk::xml::{ElementWriter, Writer};
use portgate_sdk::{Document, Rejection, Request, Target};

use super::goods::{self, write_place};
use super::names;
use crate::codes;
use crate::out::{self, Envelope, Missing, offices};

/// Where declarations are posted to, unless the agreement's setting `path` says otherwise.
const PATH: &str = "/customs/imports/declarations";

/// Renders a declaration.
pub(crate) fn declaration(given: &[Document], target: &Target) -> Result<Request, Rejection> {
    let declaration = out::declaration(given)?;
    let body = message("CC315A", &declaration, target)?;
    Ok(Request::post(path(target), "application/xml", body))
}

/// Renders an amendment, which tells the whole declaration again, and replaces what its MRN names.
pub(crate) fn amendment(given: &[Document], target: &Target) -> Result<Request, Rejection> {
    let declaration = out::declaration(given)?;
    let body = message("CC313A", &declaration, target)?;
    // The message has been written, so that there is an MRN of letters and digits.
    let mrn = declaration.mrn.as_deref().unwrap_or_default();
    let request = Request::post(format!("{}/{mrn}", path(target)), "application/xml", body);
    Ok(Request { method: "PUT".into(), ..request })
}

fn path(target: &Target) -> &str {
    target.agreement.as_ref().and_then(|agreement| agreement.setting("path")).unwrap_or(PATH)
}

fn message(name: &str, declaration: &CustomsDeclaration, target: &Target) -> Result<Vec<u8>, Rejection> {
    let envelope = Envelope::of(target)?;
    let mut missing = Missing::new();
    let mut writer = Writer::new(&format!("ie:{name}"));
    let mut root = writer.root();
    root.attribute("xmlns:ie", format!("http://ics.dgtaxud.ec/{name}"));
    let digits: String = envelope.now.chars().filter(char::is_ascii_digit).collect();
    root.leaf("MesSenMES3", envelope.sender.within(1..=35));
    root.leaf("MesRecMES6", envelope.recipient.map(|recipient| recipient.within(1..=35)));
    root.leaf("DatOfPreMES9", digits.get(2..8));
    root.leaf("TimOfPreMES10", digits.get(8..12));
    root.leaf("MesIdeMES19", envelope.number.to_string().within(1..=14));
    root.leaf("MesTypMES20", name);
    heading(&mut root, name == "CC313A", declaration, &digits, &mut missing);
    for of in &names::PARTIES[..3] {
        names::write(&mut root, of, &declaration.parties);
    }
    if declaration.items.is_empty() {
        missing.note("items", "An entry summary has a goods item.");
    }
    for (index, item) in declaration.items.iter().enumerate() {
        goods::write(&mut root, item, index, &mut missing);
    }
    for country in &declaration.itinerary {
        root.child("ITI").leaf("CouOfRouCodITI1", country.as_str());
    }
    if name == "CC315A" {
        write_offices(&mut root, OfficeRole::Lodgement, declaration);
    }
    names::write(&mut root, &names::REPRESENTATIVE, &declaration.parties);
    let declarant = out::party(&declaration.parties, names::DECLARANT.role);
    if declarant.and_then(|(_, party)| out::id(party, names::EORI)).is_none() {
        missing.note("parties", "Nobody lodges it; add a party with the role `declarant` and its EORI.");
    }
    names::write(&mut root, &names::DECLARANT, &declaration.parties);
    for seal in declaration.transport_equipment.iter().flat_map(|equipment| &equipment.seals) {
        root.child("SEAID529").leaf("SeaIdSEAID530", (&**seal).within(1..=20));
    }
    if offices(declaration, OfficeRole::FirstEntry).next().is_none_or(|office| office.expected_at.is_none()) {
        missing.note(
            "offices",
            "No office has the role `first-entry`, with the time at which the goods are expected there.",
        );
    }
    write_offices(&mut root, OfficeRole::FirstEntry, declaration);
    write_offices(&mut root, OfficeRole::SubsequentEntry, declaration);
    names::write(&mut root, &names::CARRIER, &declaration.parties);
    drop(root);
    missing.finish()?;
    Ok(writer.finish()?.bytes)
}

fn heading(
    root: &mut ElementWriter<'_>,
    amends: bool,
    declaration: &CustomsDeclaration,
    now: &str,
    missing: &mut Missing,
) {
    let mut heading = root.child("HEAHEA");
    match amends {
        true => {
            // It is part of the request's path as well, so that nothing but letters and digits may be in it.
            let mrn = declaration.mrn.as_deref().filter(|mrn| mrn.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            missing.leaf(&mut heading, "DocNumHEA5", mrn.map(|mrn| mrn.within(18..=18)), "mrn");
        }
        false => heading.leaf("RefNumHEA4", (&*declaration.lrn).within(1..=22)),
    }
    let mode = declaration.border_mode.map(codes::rec19).or(declaration.border_mode_code.as_deref());
    missing.leaf(&mut heading, "TraModAtBorHEA76", mode.map(|mode| mode.within(1..=2)), "borderMode");
    let means = declaration.border_means.first();
    heading.leaf("IdeOfMeaOfTraCroHEA85", means.and_then(|means| means.id.as_deref()).map(|id| id.within(1..=27)));
    let nationality = means.and_then(|means| means.nationality.as_ref()).or(declaration.border_nationality.as_ref());
    heading.leaf("NatOfMeaOfTraCroHEA87", nationality.map(|country| country.as_str()));
    let items = declaration.item_count.unwrap_or(declaration.items.len() as u32);
    heading.leaf("TotNumOfIteHEA305", items.to_string().within(1..=5));
    heading.leaf("TotNumOfPacHEA306", declaration.total_packages.map(|packages| packages.to_string().within(1..=7)));
    heading.leaf("TotGroMasHEA307", declaration.total_gross_kg.map(number));
    let place = declaration.declared_place.as_deref().map(|place| place.within(1..=35));
    missing.leaf(&mut heading, if amends { "AmdPlaHEA598" } else { "DecPlaHEA394" }, place, "declaredPlace");
    heading.leaf("SpeCirIndHEA1", declaration.specific_circumstance.as_deref().map(|code| code.within(1..=1)));
    heading.leaf("TraChaMetOfPayHEA1", declaration.transport_charges.as_deref().map(|method| method.within(1..=1)));
    heading.leaf("ComRefNumHEA", declaration.ucr.as_deref());
    heading.leaf("ConRefNumHEA", means.and_then(|means| means.conveyance_ref.as_deref()));
    write_place(&mut heading, "PlaLoaGOOITE334", declaration.place_of_loading.as_ref());
    write_place(&mut heading, "PlaUnlGOOITE334", declaration.place_of_unloading.as_ref());
    // Where nobody says when it was made, it is made now.
    let declared_at = declaration.declared_at.as_ref().map_or_else(|| now.get(..12).map(str::to_owned), minute);
    heading.leaf(if amends { "DatTimAmeHEA113" } else { "DecDatTimHEA114" }, declared_at);
}

fn write_offices(root: &mut ElementWriter<'_>, role: OfficeRole, declaration: &CustomsDeclaration) {
    let Some((name, number, _)) = names::OFFICES.into_iter().find(|(_, _, of)| *of == role) else { return };
    for office in offices(declaration, role) {
        let mut element = root.child(name);
        element.leaf(number, (&*office.reference).within(8..=8));
        if role == OfficeRole::FirstEntry {
            element.leaf("ExpDatOfArrFIRENT733", office.expected_at.as_ref().and_then(minute));
        }
    }
}

/// A time to the minute in twelve digits, as it is written, without its zone.
fn minute(time: &Timestamp) -> Option<String> {
    let digits: String = time.as_str().get(..16)?.chars().filter(char::is_ascii_digit).collect();
    Some(digits)
}
