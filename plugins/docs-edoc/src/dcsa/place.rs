//! Places and addresses of DCSA.

use portgate_sdk::Pointer;
use portgate_sdk::canonical::{Address, Code, Location, Note, Text};

use super::FIELDS;
use super::model;
use crate::notes::Notes;

/// A place in whatever way it is said; what a place has no field for becomes a note.
pub(super) fn location(
    at: &Pointer,
    field: &str,
    place: Option<Box<model::Location>>,
    said: &mut Vec<Note>,
    notes: &mut Notes,
) -> Option<Location> {
    let (place, at) = (*place?, at.key(field));
    let name = place.location_name.as_deref().or(place.free_text.as_deref());
    let name: Option<Text<256>> = notes.words(&at, "locationName", name);
    let facility_name: Option<Text<256>> = notes.words(&at, "facilityName", place.facility_name.as_deref());
    let address = place.address.and_then(|written| address(&at.key("address"), written, notes));
    let city = place.city.map(|city| Address {
        city: notes.words(&at.key("city"), "city", city.city.as_deref()),
        region: notes.words(&at.key("city"), "stateRegion", city.state_region.as_deref()),
        country: notes.country(&at.key("city"), "countryCode", city.country_code.as_deref()),
        ..Address::default()
    });
    let lines = notes.lines(&at, "addressLines", place.address_lines, 8);
    let mut address = address.or(city);
    if !lines.is_empty() {
        match &mut address {
            None => address = Some(Address { lines, ..Address::default() }),
            // The same address twice: the one in fields is kept as it is, the one in lines in words.
            Some(_) => said.extend(note(field, &lines.iter().map(|line| &**line).collect::<Vec<_>>().join("\n"))),
        }
    }
    if let Some(found) = place.geo_coordinate {
        let (latitude, longitude) = (found.latitude.unwrap_or_default(), found.longitude.unwrap_or_default());
        said.extend(note(field, &format!("Latitude {latitude}, longitude {longitude}")));
    }
    // Where the place has a name of its own, that of its facility is said beside it.
    if let (Some(_), Some(facility)) = (&name, &facility_name) {
        said.extend(note(field, facility));
    }
    let facility = place.facility;
    let (code, list) =
        facility.map(|found| (found.facility_code, found.facility_code_list_provider)).unwrap_or_default();
    let location = Location {
        un_locode: notes.un_locode(&at, "UNLocationCode", place.un_location_code.as_deref()),
        facility_code: notes.id(&at.key("facility"), "facilityCode", code.as_deref()),
        facility_code_list: notes.id(&at.key("facility"), "facilityCodeListProvider", list.as_deref()),
        name: name.or(facility_name),
        country: notes.country(&at, "countryCode", place.country_code.as_deref()),
        address,
    };
    (location != Location::default()).then_some(location)
}

/// An address; nothing where nothing of it is said.
pub(super) fn address(at: &Pointer, written: model::Address, notes: &mut Notes) -> Option<Address> {
    let model::Address {
        street,
        street_number,
        floor,
        post_code,
        po_box,
        city,
        un_location_code,
        state_region,
        country_code,
    } = written;
    let street: Vec<String> = [street, street_number, floor].into_iter().flatten().collect();
    let po_box = po_box.filter(|number| !number.trim().is_empty()).map(|number| format!("PO Box {number}"));
    let lines = [Some(street.join(" ")), po_box, un_location_code].into_iter().flatten();
    let lines = lines.filter_map(|line| notes.words(at, "street", Some(&line))).collect();
    let address = Address {
        city: notes.words(at, "city", city.as_deref()),
        region: notes.words(at, "stateRegion", state_region.as_deref()),
        postcode: notes.words(at, "postCode", post_code.as_deref()),
        country: notes.country(at, "countryCode", country_code.as_deref()),
        lines,
    };
    (address != Address::default()).then_some(address)
}

/// Words about a field.
pub(super) fn note(field: &str, words: &str) -> Option<Note> {
    let subject = Code { code: Text::new(field).ok()?, code_list: Text::new(FIELDS).ok()?, source_code: None };
    Some(Note { subject: Some(subject), ..Note::new(Text::cut(words)?.text) })
}
