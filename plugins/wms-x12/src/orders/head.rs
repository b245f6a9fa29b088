//! The head of an order: its numbers, parties, days, notes and carrier.

use portgate_sdk::Pointer;
use portgate_sdk::canonical::{Code, Date, OrderSplit, Party, Purpose};

use super::Order;
use super::set::{Set, day};
use crate::codes;

/// The most characters of an order's number (285, 324, 474), a shipment's (145), a name (93), a line of an address (166), a city
/// (19), a postal code (116), an identifier of a party (67) and a line of notes (352).
const ORDER_MAX: usize = 22;
const SHIPMENT_MAX: usize = 30;
const NAME_MAX: usize = 60;
const STREET_MAX: usize = 55;
const CITY_MAX: usize = 30;
const POSTCODE_MAX: usize = 15;
const PARTY_ID_MAX: usize = 80;
const NOTE_MAX: usize = 80;

impl Set<'_, '_> {
    /// A 940.
    pub(super) fn ship(&mut self, order: &Order) {
        let status = match order.purpose {
            Some(Purpose::Change) => "R",
            Some(Purpose::Cancellation) => "F",
            _ => "N",
        };
        let [number, purchase, master] = self.numbers(order);
        let link = self.link(order.split.as_ref());
        self.pen.out.segment("W05").elements((status, number, purchase, link, master));
        self.parties(&order.parties);
        self.references(order, true);
        self.days(order, ("10", "02"));
        self.notes(order);
        self.carrier_wanted(order);
        self.shipped_lines(order);
    }

    /// A 943.
    pub(super) fn receive(&mut self, order: &Order) {
        let action = match order.purpose {
            Some(Purpose::Change) => Some("2"),
            Some(Purpose::Cancellation) => Some("3"),
            _ => None,
        };
        let [number, purchase, master] = self.numbers(order);
        let link = self.link(order.split.as_ref());
        let on = order.ship_on.as_ref().or(order.ordered_on.as_ref()).map(day);
        let at = self.pen.at.key("shipmentId");
        let shipment = self.given(at, "number of the shipment", order.shipment_id.as_ref(), SHIPMENT_MAX);
        let w06 = self.pen.out.segment("W06").elements(("F", number, on, shipment)).skip(1);
        w06.elements((purchase, master, link)).skip(3).element(action);
        self.parties(&order.parties);
        self.references(order, false);
        self.days(order, ("11", "17"));
        self.notes(order);
        self.carrier_coming(order);
        self.received_lines(order);
    }

    /// The number of the order, of the customer's order, and of what a split order was.
    fn numbers(&mut self, order: &Order) -> [Option<String>; 3] {
        let at = self.pen.at.clone();
        let number = self.needed(at.key("orderRef"), "number of the order", order.order_ref.as_ref(), ORDER_MAX);
        let purchase = order.purchase_order_ref.as_ref();
        let purchase = self.given(at.key("purchaseOrderRef"), "number of the customer's order", purchase, ORDER_MAX);
        let master = order.split.as_ref().map(|split| &split.master_ref);
        let master = self.given(at.key("split").key("masterRef"), "number of the split order", master, ORDER_MAX);
        [number, purchase, master]
    }

    /// `SSSTTT`: which part of a split order it is, and how many there are; noughts where that is not known.
    fn link(&mut self, split: Option<&OrderSplit>) -> Option<String> {
        let split = split?;
        let parts = split.parts.unwrap_or(0);
        if split.part > 999 || parts > 999 {
            let detail = "X12 counts up to 999 parts of a split order.";
            self.pen.wrong("SPLIT", self.pen.at.key("split"), detail);
            return None;
        }
        Some(format!("{:03}{parts:03}", split.part))
    }

    /// `N1` to `N4` and `PER`.
    fn parties(&mut self, parties: &[Party]) {
        for (index, party) in parties.iter().enumerate() {
            let at = self.pen.at.key("parties").index(index);
            self.party(party, &at);
        }
    }

    fn party(&mut self, party: &Party, at: &Pointer) {
        let own = party.role_code.as_ref().filter(|code| &*code.code_list == "X12 98" && code.code.len() <= 3);
        let role = own.map(|code| code.code.to_string());
        let role = role.unwrap_or_else(|| codes::role_code(party.role).unwrap_or("ZZ").to_owned());
        let names = self.pen.lines(party.name.as_deref().unwrap_or_default(), NAME_MAX);
        let known = |scheme: &str| codes::party_qualifier(scheme).map(str::to_owned);
        let id = party.ids.iter().enumerate().find_map(|(index, id)| Some((index, known(&id.scheme)?, &id.value)));
        let id = id.and_then(|(index, qualifier, value)| {
            let place = at.key("ids").index(index).key("value");
            self.pen.id(place, "identifier of the party", value, PARTY_ID_MAX).map(|value| (qualifier, value))
        });
        if names.is_empty() && id.is_none() {
            self.pen.wrong(
                "MISSING",
                at.key("name"),
                "A party has a name, or an identifier that X12 knows the kind of.",
            );
            return;
        }
        let (qualifier, value) = id.unzip();
        self.pen.out.segment("N1").elements((role, names.first(), qualifier, value));
        self.pieces("N2", names.get(1..).unwrap_or_default(), at.key("name"), "name");
        if let Some(address) = &party.address {
            let at = at.key("address");
            let streets: Vec<String> = address.lines.iter().flat_map(|line| self.pen.lines(line, STREET_MAX)).collect();
            self.pieces("N3", &streets, at.key("lines"), "address");
            let city = self.pen.lines(address.city.as_deref().unwrap_or_default(), CITY_MAX);
            if city.len() > 1 {
                self.pen.wrong("TOO-LONG", at.key("city"), format!("A city has up to {CITY_MAX} characters in X12."));
            }
            let postcode = self.given(at.key("postcode"), "postal code", address.postcode.as_ref(), POSTCODE_MAX);
            let region = address.region.as_deref().filter(|region| !region.is_empty());
            let state = region.filter(|region| region.len() == 2);
            let (kind, other) = match region.filter(|_| state.is_none()) {
                Some(region) => (Some("SP"), self.pen.lines(region, CITY_MAX).into_iter().next()),
                None => (None, None),
            };
            let country = address.country.as_ref().map(|country| country.as_str());
            if !city.is_empty() || state.is_some() || postcode.is_some() || country.is_some() || other.is_some() {
                self.pen.out.segment("N4").elements((city.first(), state, postcode, country, kind, other));
            }
        }
        self.contact(party);
    }

    /// Two pieces of a text in each segment, of which there are two at most.
    fn pieces(&mut self, tag: &str, pieces: &[String], at: Pointer, what: &str) {
        if pieces.len() > 4 {
            let detail =
                format!("The {what} is longer than X12 has room for; it says which is meant, so it is not cut.");
            self.pen.wrong("TOO-LONG", at, detail);
        }
        for pair in pieces.chunks(2) {
            self.pen.out.segment(tag).elements(pair);
        }
    }

    /// `PER`: who is to be asked, and how.
    fn contact(&mut self, party: &Party) {
        let name = self.pen.lines(party.contact.as_deref().unwrap_or_default(), NAME_MAX).into_iter().next();
        let phone = self.pen.lines(party.phone.as_deref().unwrap_or_default(), PARTY_ID_MAX).into_iter().next();
        let email = self.pen.lines(party.email.as_deref().unwrap_or_default(), PARTY_ID_MAX).into_iter().next();
        let mut ways = [("TE", phone), ("EM", email)].into_iter().filter_map(|(kind, way)| Some((kind, way?)));
        let (first, second) = (ways.next().unzip(), ways.next().unzip());
        if name.is_some() || first.0.is_some() {
            self.pen.out.segment("PER").elements(("IC", name, first.0, first.1, second.0, second.1));
        }
    }

    /// `N9` of the head: the shipment where the set has no other place for it, other names, containers, seals, and how many packages
    /// there are. The numbers that stand in fields of their own are not named again.
    fn references(&mut self, order: &Order, with_shipment: bool) {
        if let Some(shipment) = order.shipment_id.as_ref().filter(|_| with_shipment) {
            let at = self.pen.at.key("shipmentId");
            if let Some(number) = self.pen.id(at, "number of the shipment", shipment, SHIPMENT_MAX) {
                self.pen.out.segment("N9").elements(("SI", number));
            }
        }
        let named = [order.order_ref.as_deref(), order.purchase_order_ref.as_deref(), order.shipment_id.as_deref()];
        for (index, reference) in order.references.iter().enumerate() {
            let is_named =
                matches!(&*reference.scheme, "order" | "shipment") && named.contains(&Some(&*reference.value));
            if !is_named {
                self.reference(self.pen.at.key("references").index(index), reference);
            }
        }
        // The first container of a 943 stands in `W27`.
        let first = usize::from(!with_shipment);
        for (index, equipment) in order.equipment.iter().enumerate() {
            let at = self.pen.at.key("equipment").index(index);
            if index >= first
                && let Some(id) = self.pen.id(at.key("id"), "number of the equipment", &equipment.id, 30)
            {
                self.pen.out.segment("N9").elements(("EQ", id));
            }
            for (index, seal) in equipment.seals.iter().enumerate() {
                let at = at.key("seals").index(index);
                let Some(seal) = self.pen.id(at, "number of the seal", seal, 30) else { continue };
                self.pen.out.segment("N9").elements(("SN", seal));
            }
        }
        // A 943 has a place for it in its total.
        if let Some(count) = order.package_count.filter(|_| with_shipment) {
            self.named(&count.to_string(), "PACKAGES");
        }
    }

    /// `G62`: when goods are to leave and to be there, when it was ordered, and other days.
    fn days(&mut self, order: &Order, (leave, arrive): (&str, &str)) {
        let of = |known: Option<&Date>| known.map(day);
        let known = [(leave, of(order.ship_on.as_ref())), (arrive, of(order.deliver_on.as_ref()))];
        for (qualifier, date) in known.into_iter().chain([("52", of(order.ordered_on.as_ref()))]) {
            if let Some(date) = date {
                self.pen.out.segment("G62").elements((qualifier, date));
            }
        }
        for (index, time) in order.times.iter().enumerate() {
            let Code { code, code_list, .. } = &time.meaning;
            if &**code_list != "X12 432" || code.len() != 2 {
                let at = self.pen.at.key("times").index(index).key("meaning");
                self.pen.wrong(
                    "NO-QUALIFIER",
                    at,
                    "X12 says what a day is for by a code of two characters of its list 432.",
                );
                continue;
            }
            let clock = time.at.as_ref().map(|at| at.as_str()[11..16].replace(':', ""));
            // `W` is the time that something takes effect at.
            let kind = clock.as_ref().map(|_| "W");
            self.pen.out.segment("G62").elements((&**code, day(&time.day), kind, clock));
        }
    }

    /// `NTE`: what the warehouse has to heed.
    fn notes(&mut self, order: &Order) {
        for note in &order.notes {
            let own = note.subject.as_ref().filter(|code| &*code.code_list == "X12 363" && code.code.len() == 3);
            let subject = own.map_or_else(|| "WHI".to_owned(), |code| code.code.to_string());
            for line in self.pen.lines(&note.text, NOTE_MAX) {
                self.pen.out.segment("NTE").elements((&subject, line));
            }
        }
    }

    /// `W66`: who pays the freight, how goods go, and with whom.
    fn carrier_wanted(&mut self, order: &Order) {
        let (scac, routing) = self.carrier(order);
        let payment = codes::payment(order.freight_terms.as_ref());
        let w66 = self.pen.out.segment("W66").elements((payment, codes::method(order.mode))).skip(2);
        w66.element(routing).skip(4).element(scac);
    }

    /// `W27`: how goods come, with whom, who pays the freight, and in what.
    fn carrier_coming(&mut self, order: &Order) {
        let (scac, routing) = self.carrier(order);
        let payment = order.freight_terms.as_ref().map(|terms| codes::payment(Some(terms)));
        let id = order.equipment.first().map(|equipment| equipment.id.to_string()).unwrap_or_default();
        let letters = id.bytes().take_while(u8::is_ascii_alphabetic).count().min(4);
        let (initial, number) = id.split_at(letters);
        let at = self.pen.at.key("equipment").index(0).key("id");
        let number = self.pen.id(at, "number of the equipment", number, 10);
        let w27 = self.pen.out.segment("W27").elements((codes::method(order.mode), scac, routing, payment)).skip(1);
        w27.elements((initial, number));
    }

    /// The SCAC, and in words the service and the carrier's name.
    fn carrier(&mut self, order: &Order) -> (Option<String>, Option<String>) {
        let Some(transport) = &order.transport else { return (None, None) };
        let is_scac = |code: &&str| (2..=4).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_uppercase());
        let scac = transport.carrier.as_deref().filter(is_scac);
        let other = transport.carrier.as_deref().filter(|_| scac.is_none());
        let words = [other, transport.carrier_name.as_deref(), transport.service.as_deref()];
        let words = words.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let mut lines = self.pen.lines(&words, 35).into_iter();
        let routing = lines.next();
        for rest in lines {
            self.pen.out.segment("NTE").elements(("TRA", rest));
        }
        (scac.map(str::to_owned), routing)
    }
}
