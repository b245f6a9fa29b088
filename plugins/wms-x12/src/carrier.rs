//! How goods travel: `W27`, `W08` and `W10` of warehouses, `TD5` and `TD3` of ship notices.

use portgate_sdk::canonical::{Code, Equipment, Text, TransportMode, TransportRef};
use portgate_sdk::x12::{self, Segment};
use portgate_sdk::{Decoded, Finding};

use crate::amounts::{self, decimal, measure};
use crate::codes;
use crate::details::Details;
use crate::sets::text;

/// Carrier, payment, and what goods are carried in.
#[derive(Default)]
pub(crate) struct Carriage {
    pub(crate) mode: Option<TransportMode>,
    pub(crate) transport: TransportRef,
    pub(crate) freight_terms: Option<Code>,
    pub(crate) equipment: Vec<Equipment>,
    pub(crate) pallet_count: Option<u32>,
    /// What is said of the whole order (368).
    pub(crate) status: Option<String>,
}

impl Carriage {
    /// Takes a segment that is about this; false where it is another one.
    pub(crate) fn take(&mut self, segment: Segment<'_>, details: &mut Details, decoded: &mut Decoded) -> bool {
        match segment.tag() {
            "W27" => self.carrier_detail(segment, details, decoded),
            "W08" => self.receipt_carrier(segment, details, decoded),
            "W10" => self.additional(segment, details, decoded),
            "TD5" => self.routing(segment, details, decoded),
            "TD3" => self.equipment_details(segment, details, decoded),
            "FOB" => self.payment(segment, details, decoded),
            _ => return false,
        }
        true
    }

    /// The journey, where anything is known of it.
    pub(crate) fn journey(&self) -> Option<TransportRef> {
        (self.transport != TransportRef::default()).then(|| self.transport.clone())
    }

    /// `W27`: how, by whom, who pays, in what; and what is said of the order.
    fn carrier_detail(&mut self, segment: Segment<'_>, details: &mut Details, decoded: &mut Decoded) {
        self.method(segment, 1, details);
        self.carrier(segment, 2, details, decoded);
        self.route(segment, 3, details, decoded);
        self.freight_terms = text(segment, 4).and_then(|written| codes::freight_terms(&written));
        details.classify(segment, 5, "X12 40");
        self.equip(segment, (6, 7), details, decoded);
        self.status = text(segment, 8);
        details.classify(segment, 8, "X12 368");
        details.classify(segment, 9, "X12 152");
        details.classify(segment, 10, "X12 890");
        details.keep_from(segment, 11, decoded);
    }

    /// `W08`: how, by whom, in what, and in which state its seals were.
    fn receipt_carrier(&mut self, segment: Segment<'_>, details: &mut Details, decoded: &mut Decoded) {
        self.method(segment, 1, details);
        self.carrier(segment, 2, details, decoded);
        self.route(segment, 3, details, decoded);
        self.equip(segment, (4, 5), details, decoded);
        self.seal(segment, 6, details, decoded);
        self.seal(segment, 7, details, decoded);
        details.classify(segment, 8, "X12 407");
        details.classify(segment, 9, "X12 401");
        details.keep_from(segment, 10, decoded);
    }

    /// `W10`: how pallets were loaded and exchanged, seals and temperatures.
    fn additional(&mut self, segment: Segment<'_>, details: &mut Details, decoded: &mut Decoded) {
        details.classify(segment, 1, "X12 401");
        let pallets = amounts::count(segment, 2, "pallet-count", &mut details.weights.measures, decoded);
        self.pallet_count = pallets.or(self.pallet_count);
        details.classify(segment, 3, "X12 399");
        self.seal(segment, 4, details, decoded);
        self.seal(segment, 5, details, decoded);
        for element in [6, 8] {
            let Some(degrees) = decimal(segment, element, decoded) else { continue };
            let unit = amounts::unit(segment, element + 1, decoded).map(|(_, code)| code);
            details.weights.measures.extend(measure("temperature", degrees, unit, None));
        }
        details.keep_from(segment, 10, decoded);
    }

    /// `TD5`: by whom, how, on which way, by which service, and what is said of the order.
    fn routing(&mut self, segment: Segment<'_>, details: &mut Details, decoded: &mut Decoded) {
        details.classify(segment, 1, "X12 133");
        match text(segment, 2).as_deref() {
            None | Some("2") => self.carrier(segment, 3, details, decoded),
            Some(_) => {
                details.classify(segment, 2, "X12 66");
                self.carrier_name(text(segment, 3), segment.at(3).to_string(), decoded);
            }
        }
        self.method(segment, 4, details);
        self.route(segment, 5, details, decoded);
        self.status = text(segment, 6);
        details.classify(segment, 6, "X12 368");
        (7..=11).for_each(|element| details.keep_element(segment, element, decoded));
        if let Some(service) = text(segment, 12) {
            self.transport.service = decoded.free_text(segment.at(12), "service", &service);
        }
        details.keep_from(segment, 13, decoded);
    }

    /// `TD3`: what goods are carried in, its weight and its seal.
    fn equipment_details(&mut self, segment: Segment<'_>, details: &mut Details, decoded: &mut Decoded) {
        details.classify(segment, 1, "X12 40");
        self.equip(segment, (2, 3), details, decoded);
        if let Some(number) = decimal(segment, 5, decoded) {
            // It is the weight of what is in it with or without the equipment, as the qualifier says.
            let unit = amounts::unit(segment, 6, decoded).map(|(_, code)| code);
            let qualifier = text(segment, 4).and_then(|written| codes::code(&written, "X12 187", None));
            details.weights.measures.extend(measure("equipment-weight", number, unit, qualifier));
        }
        details.classify(segment, 7, "X12 102");
        details.classify(segment, 8, "X12 407");
        self.seal(segment, 9, details, decoded);
        details.classify(segment, 10, "X12 24");
        details.keep_from(segment, 11, decoded);
    }

    /// `FOB`: who pays the freight, and where risk and cost pass.
    fn payment(&mut self, segment: Segment<'_>, details: &mut Details, decoded: &mut Decoded) {
        self.freight_terms =
            text(segment, 1).and_then(|written| codes::freight_terms(&written)).or(self.freight_terms.take());
        details.keep_from(segment, 2, decoded);
    }

    /// How goods travel: its mode, and the code beside it, which says more.
    fn method(&mut self, segment: Segment<'_>, element: usize, details: &mut Details) {
        self.mode = text(segment, element).and_then(|method| x12::transport_mode(&method)).or(self.mode);
        details.classify(segment, element, "X12 91");
    }

    /// A carrier's SCAC; what is too long for one is its name.
    fn carrier(&mut self, segment: Segment<'_>, element: usize, details: &mut Details, decoded: &mut Decoded) {
        let Some(carrier) = text(segment, element) else { return };
        match Text::new(&*carrier) {
            Ok(carrier) if self.transport.carrier.is_none() => self.transport.carrier = Some(carrier),
            Ok(_) => details.keep_element(segment, element, decoded),
            Err(_) => self.carrier_name(Some(carrier), segment.at(element).to_string(), decoded),
        }
    }

    /// The routing in words, which mostly is the carrier's name.
    fn route(&mut self, segment: Segment<'_>, element: usize, details: &mut Details, decoded: &mut Decoded) {
        match self.transport.carrier_name {
            None => self.carrier_name(text(segment, element), segment.at(element).to_string(), decoded),
            Some(_) => details.keep_element(segment, element, decoded),
        }
    }

    fn carrier_name(&mut self, name: Option<String>, at: String, decoded: &mut Decoded) {
        if let Some(name) = name {
            self.transport.carrier_name = decoded.free_text(at, "carrier's name", &name);
        }
    }

    /// A container or trailer, by its letters and its number.
    fn equip(
        &mut self,
        segment: Segment<'_>,
        (initial, number): (usize, usize),
        details: &mut Details,
        decoded: &mut Decoded,
    ) {
        let parts = [text(segment, initial), text(segment, number)];
        let id = parts.into_iter().flatten().collect::<String>();
        if id.is_empty() {
            return;
        }
        match Text::new(&*id) {
            Ok(id) => self.equipment.push(Equipment::new(id)),
            Err(_) => {
                let detail =
                    "The number of the container or trailer has more than 16 characters; it is kept as a reference.";
                decoded.finding(Finding::info("EQUIPMENT", segment.at(number), detail));
                details.refer("equipment", &id, segment.at(number).to_string(), decoded);
            }
        }
    }

    /// A seal of what was named last; without that a reference.
    fn seal(&mut self, segment: Segment<'_>, element: usize, details: &mut Details, decoded: &mut Decoded) {
        let Some(number) = text(segment, element) else { return };
        match (self.equipment.last_mut(), Text::new(&*number)) {
            (Some(equipment), Ok(number)) => equipment.seals.push(number),
            _ => details.refer("seal", &number, segment.at(element).to_string(), decoded),
        }
    }
}
