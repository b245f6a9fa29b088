//! Places of DCSA, both ways: those of a shipment are stops, each with its code (`locationTypeCode`).

use portgate_sdk::Pointer;
use portgate_sdk::canonical::{self as canonical, Code, StopActivity, TenderStop, Text};

use super::kept::DCSA;
use super::parties::address_of;
use super::wire::{Facility, Location, Rest};
use crate::event::{self, NOWHERE, Place};
use crate::notes::Notes;

/// What is done at a place, by its code.
pub(crate) fn activity(code: &str) -> StopActivity {
    match code {
        "PRE" => StopActivity::PickUp,
        "POL" => StopActivity::Load,
        "RTP" => StopActivity::Transload,
        "POD" => StopActivity::Unload,
        "PDE" => StopActivity::DropOff,
        _ => StopActivity::Other,
    }
}

/// The code of a stop: its own, or that of X12 115 or UNTDID 3227 in DCSA's words, or what is done there.
pub(crate) fn type_of(activity: StopActivity, code: Option<&Code>) -> Option<String> {
    let own = code.and_then(|code| match (&*code.code_list, &*code.code) {
        (DCSA, own) => Some(own),
        ("UNTDID 3227", "88" | "10") | ("X12 115", "R") => Some("PRE"),
        ("UNTDID 3227", "9" | "5") | ("X12 115", "L") => Some("POL"),
        ("UNTDID 3227", "11" | "12") | ("X12 115", "D") => Some("POD"),
        ("UNTDID 3227", "7" | "8" | "20") | ("X12 115", "E") => Some("PDE"),
        ("UNTDID 3227", "13") | ("X12 115", "T") => Some("RTP"),
        _ => None,
    });
    let known = own.or(match activity {
        StopActivity::PickUp => Some("PRE"),
        StopActivity::Load => Some("POL"),
        StopActivity::Transload => Some("RTP"),
        StopActivity::Unload => Some("POD"),
        StopActivity::DropOff => Some("PDE"),
        StopActivity::Other => None,
    });
    known.map(str::to_owned)
}

/// A place, and what of it has no field.
pub(crate) fn read(written: Location, at: &Pointer, notes: &mut Notes) -> (canonical::Location, Rest) {
    let Location { location_name, un_location_code, country_code, facility, address, mut rest } = written;
    let facility = facility.and_then(|facility| Some((facility.facility_code?, facility.facility_code_list_provider)));
    let place = Place { un_locode: un_location_code, facility, name: location_name, country: country_code };
    let mut location = event::location(place, at.as_str(), notes);
    location.address = address.and_then(|mut address| {
        let more = std::mem::take(&mut address.rest);
        if !more.is_empty() {
            rest.insert("address".to_owned(), more.into());
        }
        address_of(address, &at.key("address"), notes)
    });
    (location, rest)
}

/// A place as a stop, which is the next of the way.
pub(crate) fn stop(seq: u32, code: &str, location: canonical::Location, at: &Pointer, notes: &mut Notes) -> TenderStop {
    let code = code.trim();
    let mut stop = TenderStop::new(seq, activity(code));
    let known = notes.identifier(at.key("locationTypeCode"), "code of the place", Some(code));
    let list = Text::new(DCSA).ok();
    stop.activity_code = known.zip(list).map(|(code, code_list)| Code { code, code_list, source_code: None });
    stop.location = (location != NOWHERE).then_some(location);
    stop
}

/// A place as it goes out.
pub(crate) fn written(location: &canonical::Location) -> Location {
    let facility = location.facility_code.as_ref().zip(location.facility_code_list.as_ref());
    let facility = facility.filter(|(_, list)| matches!(&***list, "SMDG" | "BIC")).map(|(code, list)| Facility {
        facility_code: Some(code.to_string()),
        facility_code_list_provider: Some(list.to_string()),
    });
    Location {
        location_name: location.name.as_ref().map(ToString::to_string),
        un_location_code: location.un_locode.as_ref().map(ToString::to_string),
        country_code: None,
        facility,
        address: location.address.as_ref().map(super::parties_out::address),
        rest: Rest::new(),
    }
}

/// A place that is said by its code, or by its country alone.
pub(crate) fn coded(location: &canonical::Location) -> Option<Location> {
    let country = location.country.as_ref().filter(|_| location.un_locode.is_none()).map(ToString::to_string);
    let written = Location { address: None, facility: None, country_code: country, ..written(location) };
    (written != Location::default()).then_some(written)
}
