//! The journey: places, carriage, who is at a stop, and the times of collection and delivery.

use portgate_sdk::canonical::{
    Leg, LoadTender, PartyRole, StopActivity, TenderStop, TenderTime, Text, Timestamp, TransportRef,
};
use portgate_sdk::edifact::Segment;

use super::super::segments::{self, PLACES, TIMES};
use super::{Below, Reading};
use crate::notes::Notes;

impl Reading {
    /// `LOC` of the message: a stop, or the place of the terms of delivery (1).
    pub(super) fn place(&mut self, notes: &mut Notes<'_>, loc: Segment<'_>) {
        let place = segments::place(notes, loc);
        let role = loc.component(1, 1).unwrap_or_default();
        if let ("1", Some(incoterm)) = (&*role, &mut self.tender.incoterm) {
            incoterm.place = Some(place);
            return;
        }
        let activity = match &*role {
            // Departure, loading, acceptance, despatch, receipt, and where goods come from.
            "5" | "9" | "10" | "34" | "76" | "80" | "82" | "84" | "88" | "198" => StopActivity::Load,
            // Delivery, destination, discharge, arrival.
            "7" | "8" | "11" | "12" | "20" | "33" | "60" | "62" | "65" | "83" | "85" => StopActivity::Unload,
            // Transhipment, consolidation, from one carrier to another.
            "13" | "71" | "103" | "104" => StopActivity::Transload,
            // Empty equipment is fetched and brought back.
            "98" => StopActivity::PickUp,
            "99" => StopActivity::DropOff,
            _ => StopActivity::Other,
        };
        let mut stop = TenderStop::new(self.tender.stops.len() as u32 + 1, activity);
        stop.activity_code = notes.code(loc.at(1), PLACES, Some(&role));
        stop.location = Some(place);
        notes.push(loc.location(), "stops", 200, &mut self.tender.stops, stop);
        self.below = Below::Stop;
    }

    /// `TDT`: a leg; of the main carriage (20) mode and carrier are the tender's as well.
    pub(super) fn leg(&mut self, notes: &mut Notes<'_>, tdt: Segment<'_>) {
        self.below = Below::Leg;
        let mut leg = Leg::new(self.tender.legs.len() as u32 + 1);
        leg.mode = tdt.component(3, 1).and_then(|code| segments::mode(&code));
        let carrier: Option<Text<16>> = tdt
            .component(5, 1)
            .filter(|code| code.chars().count() <= 16)
            .and_then(|code| notes.id(tdt.at(5), "carrier", Some(code)));
        let vessel = tdt.component(8, 1).filter(|code| code.chars().count() <= 16);
        let transport = TransportRef {
            carrier: carrier.clone(),
            carrier_name: notes.text(tdt.at(5), "carrier", tdt.component(5, 4)),
            voyage: notes.id(tdt.at(2), "number of the journey", tdt.component(2, 1)),
            vessel_name: notes.text(tdt.at(8), "name of the means of transport", tdt.component(8, 4)),
            vessel_imo: notes.id(tdt.at(8), "number of the means of transport", vessel),
            ..TransportRef::default()
        };
        let is_main = tdt.component(1, 1).as_deref() == Some("20");
        if is_main || self.tender.mode.is_none() {
            self.tender.mode = leg.mode.or(self.tender.mode);
        }
        if is_main && self.tender.carrier.is_none() {
            self.tender.carrier = carrier;
        }
        leg.transport = (transport != TransportRef::default()).then_some(transport);
        let (means, vehicle) = (tdt.component(4, 1), tdt.component(4, 2));
        if !is_main || means.is_some() || vehicle.is_some() {
            self.keep(notes, tdt);
        }
        notes.push(tdt.location(), "legs", 32, &mut self.tender.legs, leg);
    }

    /// What stands behind `TDT`: its ends and their times.
    pub(super) fn of_leg(&mut self, notes: &mut Notes<'_>, segment: Segment<'_>) -> bool {
        let Some(leg) = self.tender.legs.last_mut() else { return false };
        match segment.tag() {
            "LOC" => {
                let place = segments::place(notes, segment);
                match segment.component(1, 1).as_deref() {
                    Some("5" | "9" | "88" | "10") if leg.from.is_none() => leg.from = Some(place),
                    Some("7" | "8" | "11" | "20") if leg.to.is_none() => leg.to = Some(place),
                    _ => self.keep(notes, segment),
                }
            }
            "DTM" => {
                let Some((qualifier, time)) = segments::time(notes, segment) else { return true };
                match &*qualifier {
                    "133" | "189" if leg.etd.is_none() => leg.etd = Some(time),
                    "132" | "232" if leg.eta.is_none() => leg.eta = Some(time),
                    "136" | "186" if leg.atd.is_none() => leg.atd = Some(time),
                    "178" if leg.ata.is_none() => leg.ata = Some(time),
                    _ => self.time(notes, segment),
                }
            }
            "TSR" => {
                self.below = Below::Header;
                self.header(notes, segment);
            }
            _ => return false,
        }
        true
    }

    /// `NAD`: who is at a stop where goods are fetched or brought, or another party.
    pub(super) fn party(&mut self, notes: &mut Notes<'_>, nad: Segment<'_>) {
        let party = segments::party(notes, nad);
        let activity = match party.role {
            PartyRole::ShipFrom => StopActivity::Load,
            PartyRole::ShipTo => StopActivity::Unload,
            _ => {
                notes.push(nad.location(), "parties", 32, &mut self.tender.parties, party);
                self.below = Below::Party;
                return;
            }
        };
        let mut stop = TenderStop::new(self.tender.stops.len() as u32 + 1, activity);
        stop.parties.push(party);
        notes.push(nad.location(), "stops", 200, &mut self.tender.stops, stop);
        self.below = Below::PartyOfStop;
    }

    /// The times of collection and delivery are those of the first stop where goods are fetched or brought.
    pub(super) fn end(self) -> LoadTender {
        let Reading { mut tender, windows, .. } = self;
        for (index, window) in windows.into_iter().enumerate() {
            let is_empty = window == TenderStop::new(window.seq, window.activity);
            if is_empty {
                continue;
            }
            match tender.stops.iter_mut().find(|stop| stop.activity == window.activity) {
                Some(stop) => {
                    stop.earliest = stop.earliest.take().or(window.earliest);
                    stop.latest = stop.latest.take().or(window.latest);
                    stop.requested_at = stop.requested_at.take().or(window.requested_at);
                    stop.scheduled_at = stop.scheduled_at.take().or(window.scheduled_at);
                    stop.times.extend(window.times);
                }
                None => {
                    let at = if index == 0 { 0 } else { tender.stops.len() };
                    tender.stops.insert(at, window);
                }
            }
        }
        for (index, stop) in tender.stops.iter_mut().enumerate() {
            stop.seq = index as u32 + 1;
        }
        tender
    }
}

/// What a time of collection or delivery (2005) says: at which kind of stop, and which of its times it is.
pub(super) fn window(qualifier: &str) -> Option<(StopActivity, usize)> {
    use StopActivity::{Load, Unload};
    Some(match qualifier {
        "234" => (Load, 0),
        "235" => (Load, 1),
        "200" | "10" => (Load, 2),
        "11" | "298" => (Load, 3),
        "64" => (Unload, 0),
        "63" => (Unload, 1),
        "2" => (Unload, 2),
        "76" | "69" => (Unload, 3),
        "17" | "191" | "35" => (Unload, 4),
        _ => return None,
    })
}

/// The first time of a kind has its field; another one stands among the other times.
pub(super) fn place_time(
    notes: &mut Notes<'_>,
    dtm: Segment<'_>,
    stop: &mut TenderStop,
    qualifier: &str,
    time: Timestamp,
) {
    let field = match window(qualifier).map(|(_, which)| which) {
        Some(0) => &mut stop.earliest,
        Some(1) => &mut stop.latest,
        Some(2) => &mut stop.requested_at,
        Some(3) => &mut stop.scheduled_at,
        _ => &mut None,
    };
    let has_field = matches!(window(qualifier), Some((_, 0..=3)));
    if has_field && field.is_none() {
        *field = Some(time);
        return;
    }
    let what = notes.code(dtm.at(1), TIMES, Some(qualifier));
    notes.push(dtm.location(), "times", 32, &mut stop.times, what.map(|what| TenderTime::new(what, time)));
}
