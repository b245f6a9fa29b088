//! An entry summary declaration (`CC315A`) as a `customs-declaration`.

use portgate_sdk::Message;
use portgate_sdk::canonical::{
    CustomsDeclaration, CustomsOffice, Location, MeansOfTransport, Regime, Text, TransportEquipment, TransportMode,
    UnLocode,
};
use portgate_sdk::xml::Element;

use super::goods;
use super::header::{self, Header};
use super::names;
use super::plain;
use crate::notes::{Notes, references};

/// Decodes a declaration.
pub(crate) fn decode(root: Element<'_>, message: &Message, notes: &mut Notes) {
    let Some(root) = header::message(root, &["CC315A"]) else {
        let name: String = root.name().chars().take(64).collect();
        let detail =
            format!("The root is `{name}`; this contract takes entry summary declarations, which are `CC315A`.");
        return notes.error("NOT-A-DECLARATION", root, detail);
    };
    if let Some(declaration) = read(root, message, notes) {
        notes.document(&declaration);
    }
}

fn read(root: Element<'_>, message: &Message, notes: &mut Notes) -> Option<CustomsDeclaration> {
    let header = Header::read(root, message, notes);
    let heading = notes.required(root, "HEAHEA");
    let lrn = heading.and_then(|heading| notes.required_text::<35>(heading, "RefNumHEA4"));
    let entry = notes.required(root, "CUSOFFFENT730");
    let office = entry.and_then(|entry| notes.required_text::<17>(entry, "RefNumCUSOFFFENT731"));
    let (header, heading, lrn, office) = (header?, heading?, lrn?, office?);
    // Where goods enter first, the declaration is made.
    let jurisdiction = Text::new(office.chars().take(2).collect::<String>().to_ascii_uppercase()).ok()?;
    let (id, version) = (lrn.widened(), header.prepared_at.to_version());
    let mut declaration =
        CustomsDeclaration::new(id, version, header.source(message), lrn, jurisdiction, Regime::EntrySummary);
    read_heading(heading, &mut declaration, notes);
    declaration.parties = names::PARTIES.iter().filter_map(|of| names::party(root, of, notes)).collect();
    for element in root.children("GOOITEGDS") {
        declaration.items.extend(goods::item(element, notes));
    }
    let countries = root.children("ITI");
    declaration.itinerary = countries.filter_map(|element| notes.country(element, "CouOfRouCodITI1")).collect();
    let seals: Vec<_> = root.children("SEAID529").filter_map(|seal| notes.text(seal, "SeaIdSEAID530")).collect();
    if !seals.is_empty() {
        // Which container a seal is of is not said.
        declaration.transport_equipment.push(TransportEquipment { seals, ..TransportEquipment::default() });
    }
    declaration.offices = offices(root, notes);
    for container in declaration.items.iter().flat_map(|item| &item.equipment) {
        if !declaration.equipment.contains(container) {
            declaration.equipment.push(container.clone());
        }
    }
    declaration.references = tied(&declaration);
    Some(declaration)
}

fn read_heading(heading: Element<'_>, declaration: &mut CustomsDeclaration, notes: &mut Notes) {
    let code = notes.text::<4>(heading, "TraModAtBorHEA76");
    declaration.border_mode = code.as_deref().and_then(TransportMode::from_rec19);
    declaration.border_mode_code = code.filter(|_| declaration.border_mode.is_none());
    let means = MeansOfTransport {
        id: notes.text(heading, "IdeOfMeaOfTraCroHEA85"),
        nationality: notes.country(heading, "NatOfMeaOfTraCroHEA87"),
        conveyance_ref: notes.text(heading, "ConRefNumHEA"),
        ..MeansOfTransport::default()
    };
    if means != MeansOfTransport::default() {
        declaration.border_means.push(means);
    }
    declaration.item_count = plain::number(heading, "TotNumOfIteHEA305", 8671, notes);
    declaration.total_packages = plain::number(heading, "TotNumOfPacHEA306", 8672, notes);
    declaration.total_gross_kg = plain::weight(heading, "TotGroMasHEA307", 8673, notes);
    declaration.declared_place = notes.words(heading, "DecPlaHEA394");
    declaration.specific_circumstance = notes.text(heading, "SpeCirIndHEA1");
    declaration.transport_charges = notes.text(heading, "TraChaMetOfPayHEA1");
    declaration.ucr = notes.text(heading, "ComRefNumHEA");
    declaration.place_of_loading = place(heading, "PlaLoaGOOITE334", notes);
    declaration.place_of_unloading = place(heading, "PlaUnlGOOITE334", notes);
    declaration.declared_at = header::time(heading, "DecDatTimHEA114", notes);
}

/// A place: a UN/LOCODE, or the country and what else names it, in one text.
pub(crate) fn place(parent: Element<'_>, name: &str, notes: &mut Notes) -> Option<Location> {
    let text = notes.words::<256>(parent, name)?;
    Some(match UnLocode::new(&*text) {
        Ok(code) => Location { un_locode: Some(code), ..Location::default() },
        Err(_) => Location { name: Some(text), ..Location::default() },
    })
}

fn offices(root: Element<'_>, notes: &mut Notes) -> Vec<CustomsOffice> {
    let mut offices = Vec::new();
    for (element, number, role) in names::OFFICES {
        for element in root.children(element) {
            let Some(reference) = notes.text(element, number) else { continue };
            let expected_at = header::time(element, "ExpDatOfArrFIRENT733", notes);
            offices.push(CustomsOffice { expected_at, ..CustomsOffice::new(role, reference) });
        }
    }
    offices
}

fn tied(declaration: &CustomsDeclaration) -> Vec<portgate_sdk::canonical::Reference> {
    let own = [("lrn", Some(&*declaration.lrn)), ("ucr", declaration.ucr.as_deref())];
    let ucrs = declaration.items.iter().map(|item| ("ucr", item.ucr.as_deref()));
    let containers = declaration.equipment.iter().map(|container| ("container", Some(&**container)));
    let seals = declaration.transport_equipment.iter().flat_map(|equipment| &equipment.seals);
    let seals = seals.map(|seal| ("seal", Some(&**seal)));
    references(own.into_iter().chain(ucrs).chain(containers).chain(seals))
}
