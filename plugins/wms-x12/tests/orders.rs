//! Orders as they are written, read back by the segments' own meaning: what was meant is what another reader finds.

use portgate_sdk::agreement::{Acknowledgement, Agreement, ControlNumbers, Identifier, Level, Mode};
use portgate_sdk::canonical::{
    Address, Country, Date, Decimal, ItemId, Note, OrderSplit, Party, PartyId, PartyRole, Purpose, Quantity, Text,
    Unit, WarehouseOrder, WarehouseOrderLine, WarehouseTask,
};
use portgate_sdk::x12::{Interchange, Limits, Message as Set, Segment};
use portgate_sdk::{Connector, Document, Target};
use serde_json::Value;
use wms_x12::WmsX12;

/// The orders of a case.
fn orders(case: &str) -> Vec<WarehouseOrder> {
    let path = format!("{}/cases/{case}/documents.json", env!("CARGO_MANIFEST_DIR"));
    let documents: Vec<Value> = serde_json::from_slice(&std::fs::read(path).expect("a case")).expect("JSON");
    let read = |document: Value| serde_json::from_value(document["body"].clone()).expect("an order");
    documents.into_iter().map(read).collect()
}

/// The interchange that orders go out in.
fn written(contract: &str, orders: &[WarehouseOrder]) -> Vec<u8> {
    let side = |value: &str| {
        vec![Identifier { level: Level::Interchange, qualifier: "ZZ".to_owned(), value: value.to_owned() }]
    };
    let agreement = Agreement {
        name: "orders-out".to_owned(),
        ours: side("PORTGATEDEMO"),
        theirs: side("NORTHWHSE"),
        edition: String::new(),
        mode: Mode::Production,
        acknowledgement: Acknowledgement::None,
        all_or_nothing: false,
        settings: Vec::new(),
    };
    let messages = orders.len() as u32;
    let numbers = ControlNumbers { interchange: 42, group: 7, first_message: 101, messages };
    let (agreement, control_numbers) = (Some(agreement), Some(numbers));
    let target = Target { agreement, control_numbers, ..Target::new(contract, "4010", "2026-03-01T08:15:00Z") };
    let documents: Vec<Document> = orders.iter().map(Document::of).collect();
    WmsX12::encode(&documents, &target).expect("orders that can go out").body
}

fn text<const MAX: usize>(segment: Segment<'_>, element: usize) -> Option<Text<MAX>> {
    segment.element(element).and_then(|text| Text::new(text.into_owned()).ok())
}

fn all<'d>(set: Set<'d>, tag: &str) -> Vec<Segment<'d>> {
    set.segments().filter(|segment| segment.tag() == tag).collect()
}

fn day(written: &str) -> Date {
    Date::new(format!("{}-{}-{}", &written[..4], &written[4..6], &written[6..])).expect("a day")
}

fn number(segment: Segment<'_>, element: usize) -> Option<Decimal> {
    segment.element(element).map(|text| Decimal::parse(&text).expect("a number"))
}

fn quantity(segment: Segment<'_>, value: usize, unit: &str) -> Quantity {
    let unit = match unit {
        "EA" => "C62",
        "CA" => "XCS",
        "KG" => "KGM",
        other => panic!("the unit {other}"),
    };
    Quantity { value: number(segment, value).expect("a quantity"), unit: Unit::new(unit).expect("a unit") }
}

/// What a set of either kind says, read by the standard's own positions. What the standard has no place for is not read: `meant`
/// takes it out of what was meant.
fn read(set: Set<'_>, order: &WarehouseOrder) -> WarehouseOrder {
    let is_940 = set.kind().as_deref() == Some("940");
    let head = set.first(if is_940 { "W05" } else { "W06" }).expect("a head");
    let element = |number: usize| head.element(number).map(|text| text.into_owned());
    let purpose = match (is_940, element(1).as_deref(), element(12).as_deref()) {
        (true, Some("N"), _) | (false, Some("F"), None) => Purpose::Original,
        (true, Some("R"), _) | (false, Some("F"), Some("2")) => Purpose::Change,
        (true, Some("F"), _) | (false, Some("F"), Some("3")) => Purpose::Cancellation,
        other => panic!("the purpose {other:?}"),
    };
    let (purchase, link, master) = if is_940 { (3, 4, 5) } else { (6, 8, 7) };
    let split = element(link).map(|link| {
        let [part, parts] = [&link[..3], &link[3..]].map(|digits| digits.parse::<u32>().expect("three digits"));
        let master = text(head, master).expect("a number that parts share");
        OrderSplit { parts: Some(parts).filter(|parts| *parts > 0), ..OrderSplit::new(master, part) }
    });
    let references = all(set, "N9");
    let head_references: Vec<_> =
        set.segments().take_while(|segment| segment.tag() != "LX" && segment.tag() != "W04").collect();
    let named = |qualifier: &str| {
        let mut found = head_references.iter().filter(|segment| segment.tag() == "N9");
        found.find(|segment| segment.element(1).as_deref() == Some(qualifier)).copied()
    };
    assert!(!references.is_empty(), "each line names itself");
    let date = |qualifiers: [&str; 2]| {
        let found = all(set, "G62")
            .into_iter()
            .find(|segment| qualifiers.contains(&segment.element(1).expect("a qualifier").as_ref()));
        found.map(|segment| day(&segment.element(2).expect("a day")))
    };
    let task = if is_940 { WarehouseTask::Ship } else { WarehouseTask::Receive };
    let order_ref = text(head, 2).expect("a number");
    let shipment_id = if is_940 { named("SI").and_then(|segment| text(segment, 2)) } else { text(head, 4) };
    WarehouseOrder {
        purchase_order_ref: text(head, purchase),
        shipment_id,
        split,
        ship_on: date(["10", "11"]),
        deliver_on: date(["02", "17"]),
        ordered_on: date(["52", "52"]),
        parties: parties(&head_references),
        lines: lines(set, is_940),
        notes: notes(set),
        ..WarehouseOrder::new(order.id.clone(), order.version.clone(), order.source.clone(), task, purpose, order_ref)
    }
}

fn parties(segments: &[Segment<'_>]) -> Vec<Party> {
    let mut parties: Vec<Party> = Vec::new();
    for segment in segments {
        match (segment.tag(), parties.last_mut()) {
            ("N1", _) => {
                let role = match segment.element(1).as_deref() {
                    Some("WH") => PartyRole::Warehouse,
                    Some("ST") => PartyRole::ShipTo,
                    Some("SF") => PartyRole::ShipFrom,
                    _ => PartyRole::Other,
                };
                let mut party = Party { name: text(*segment, 2), ..Party::new(role) };
                if let Some(value) = text(*segment, 4) {
                    let scheme = match segment.element(3).as_deref() {
                        Some("UL") => "GLN".to_owned(),
                        other => format!("x12:{}", other.expect("a qualifier")),
                    };
                    party.ids.push(PartyId::new(Text::new(scheme).expect("a scheme"), value));
                }
                parties.push(party);
            }
            ("N2", Some(party)) => {
                let name = [party.name.as_deref().expect("a name"), &segment.element(1).expect("more of it")].join(" ");
                party.name = Text::new(name).ok();
            }
            ("N3", Some(party)) => {
                let lines = (1..=2).filter_map(|element| text(*segment, element));
                party.address.get_or_insert_with(Address::default).lines.extend(lines);
            }
            ("N4", Some(party)) => {
                let address = party.address.get_or_insert_with(Address::default);
                address.city = text(*segment, 1);
                address.region = text(*segment, 2).or_else(|| text(*segment, 6));
                address.postcode = text(*segment, 3);
                address.country = segment.element(4).map(|code| Country::new(code.into_owned()).expect("a country"));
            }
            ("PER", Some(party)) => {
                party.contact = text(*segment, 2);
                party.phone = text(*segment, 4);
                party.email = text(*segment, 6);
            }
            _ => {}
        }
    }
    parties
}

fn notes(set: Set<'_>) -> Vec<Note> {
    all(set, "NTE").into_iter().map(|segment| Note::new(text(segment, 2).expect("words"))).collect()
}

fn lines(set: Set<'_>, is_940: bool) -> Vec<WarehouseOrderLine> {
    let mut lines: Vec<WarehouseOrderLine> = Vec::new();
    for segment in set.segments() {
        match (segment.tag(), lines.last_mut()) {
            ("W01" | "W04", _) => {
                let unit = segment.element(2).expect("a unit");
                let mut line = WarehouseOrderLine::new(Text::new("?").expect("a number"), quantity(segment, 1, &unit));
                let mut add = |scheme: &str, value: Text<80>| {
                    line.ids.push(ItemId::new(Text::new(scheme).expect("a scheme"), value));
                };
                if let Some(case) = text(segment, 3) {
                    add("UPC-case", case);
                }
                for qualifier in if is_940 { [4, 6, 15] } else { [4, 6, 14] } {
                    match segment.element(qualifier).as_deref() {
                        Some("VN") => line.sku = text(segment, qualifier + 1),
                        Some("UK" | "EN" | "UP") => line.gtin = text(segment, qualifier + 1),
                        Some("BP") => line.ids.push(ItemId::new(
                            Text::new("buyer").expect("a scheme"),
                            text(segment, qualifier + 1).expect("a name"),
                        )),
                        Some(other) => panic!("the qualifier {other}"),
                        None => {}
                    }
                }
                line.lot = text(segment, 13).filter(|_| is_940);
                lines.push(line);
            }
            ("G69", Some(line)) => {
                let more = segment.element(1).expect("words").into_owned();
                let words = line.description.as_deref().map_or(more.clone(), |known| format!("{known} {more}"));
                line.description = Text::new(words).ok();
            }
            ("N9", Some(line)) => named(line, segment),
            ("W20", Some(line)) => {
                line.units_per_package = segment.element(1).map(|pack| pack.parse().expect("a count"));
                match segment.element(5).as_deref() {
                    Some("G") => line.gross_kg = number(segment, 4),
                    Some("N") => line.net_kg = number(segment, 4),
                    _ => {}
                }
                line.volume_m3 = number(segment, 8);
            }
            _ => {}
        }
    }
    lines
}

/// The names of a line.
fn named(line: &mut WarehouseOrderLine, segment: Segment<'_>) {
    let words = segment.element(3).map(|words| words.into_owned()).unwrap_or_default();
    match (segment.element(1).as_deref(), words.as_str()) {
        (Some("LI"), _) => line.line_no = text(segment, 2).expect("a number"),
        (Some("LT"), _) => line.lot = text(segment, 2),
        (Some("L1"), words) => line.notes.push(Note::new(Text::new(words).expect("words"))),
        (Some("ZZ"), "ORDER LINE") => line.order_line = text(segment, 2),
        (Some("ZZ"), "PACKAGES") => {
            line.package_count = segment.element(2).map(|count| count.parse().expect("a count"))
        }
        (Some("ZZ"), "NOT BEFORE") => line.expires_on = segment.element(4).map(|written| day(&written)),
        (Some("ZZ"), "ORDERED QUANTITY EA") => line.ordered_quantity = Some(quantity(segment, 2, "EA")),
        (Some("ZZ"), item) if item.starts_with("ITEM ") => line.ids.push(ItemId::new(
            Text::new(format!("x12:{}", &item[5..])).expect("a scheme"),
            text(segment, 2).expect("a name"),
        )),
        other => panic!("{other:?}"),
    }
}

/// What of an order its set has a place for that is read here: weights to the gram, volumes to a tenth of a litre, words line by
/// line. Carriers, containers, totals and other references are held by the case itself, segment by segment.
fn meant(order: &WarehouseOrder) -> WarehouseOrder {
    let broken = |note: &Note| -> Vec<Note> {
        let mut lines: Vec<String> = Vec::new();
        for paragraph in note.text.split('\n') {
            let mut line = String::new();
            for word in paragraph.split(' ') {
                if !line.is_empty() && line.len() + 1 + word.len() > 80 {
                    lines.push(std::mem::take(&mut line));
                }
                line = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            }
            lines.push(line);
        }
        lines.into_iter().map(|line| Note::new(Text::new(line).expect("words"))).collect()
    };
    let mut meant = order.clone();
    meant.notes = order.notes.iter().flat_map(broken).collect();
    meant.references.clear();
    meant.times.clear();
    meant.equipment.clear();
    meant.packages.clear();
    (meant.mode, meant.transport, meant.freight_terms) = (None, None, None);
    (meant.package_count, meant.gross_kg, meant.volume_m3) = (None, None, None);
    for party in &mut meant.parties {
        party.role_code = None;
    }
    for line in &mut meant.lines {
        line.gross_kg = line.gross_kg.map(|kg| kg.round(3).normalised());
        line.volume_m3 = line.volume_m3.map(|volume| volume.round(4).normalised());
        line.ids.sort_by(|one, other| one.scheme.cmp(&other.scheme));
    }
    meant
}

fn round_trip(contract: &str, case: &str) {
    let orders = orders(case);
    let bytes = written(contract, &orders);
    let interchange = Interchange::parse(&bytes, &Limits::default()).expect("it is X12");
    assert!(interchange.anomalies().is_empty(), "{:?}", interchange.anomalies());
    let sets: Vec<_> = interchange.messages().collect();
    assert_eq!(sets.len(), orders.len());
    for (set, order) in sets.into_iter().zip(&orders) {
        let mut read = read(set, order);
        read.lines.iter_mut().for_each(|line| line.ids.sort_by(|one, other| one.scheme.cmp(&other.scheme)));
        assert_eq!(read, meant(order));
    }
}

#[test]
fn a_940_says_what_was_meant() {
    round_trip("x12-940", "940-orders-of-a-late-split-in-one-interchange");
}

#[test]
fn a_943_says_what_was_meant() {
    round_trip("x12-943", "943-a-container-is-coming");
}
