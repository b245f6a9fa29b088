//! By what the goods cross the border: the mode, the means of transport, and its journey.

use portgate_compose::Gaps;
use portgate_sdk::canonical::{Country, MeansOfTransport, Text, TransportMode, TransportRef};

use crate::case::Case;
use crate::route::Passage;
use crate::rules;

/// How customs types the identifier of a means of transport (UCC 19 05 061).
const IMO_NUMBER: &str = "10";
const WAGON: &str = "20";
const LORRY: &str = "30";
const FLIGHT: &str = "40";
const ENI_NUMBER: &str = "80";

/// The means by which a passage is made, as far as anybody says it. The country that it is registered in is nowhere in a context,
/// so policy can say it (`means-nationality`).
pub(crate) fn means(case: &Case<'_>, passage: &Passage, gaps: &mut Gaps) -> MeansOfTransport {
    let transport = passage.transport.as_ref().map(|(_, transport)| transport.clone()).unwrap_or_default();
    let mut means = MeansOfTransport {
        conveyance_ref: transport.voyage.as_deref().and_then(|voyage| Text::new(voyage).ok()),
        nationality: case.settings.read("means-nationality", |code| Country::new(code), gaps),
        ..MeansOfTransport::default()
    };
    match passage.mode {
        Some(TransportMode::Sea | TransportMode::Inland) => {
            let number = ship(&transport);
            let kind = if number.as_ref().is_some_and(|number| number.len() == 8) { ENI_NUMBER } else { IMO_NUMBER };
            means.id_type = number.as_ref().and_then(|_| Text::new(kind).ok());
            means.id = number.and_then(|number| Text::new(number).ok());
        }
        Some(TransportMode::Air) => {
            means.id_type = means.conveyance_ref.as_ref().and_then(|_| Text::new(FLIGHT).ok());
            means.id.clone_from(&means.conveyance_ref);
        }
        Some(mode @ (TransportMode::Road | TransportMode::Rail)) => {
            let kind = if mode == TransportMode::Road { LORRY } else { WAGON };
            means.id = vehicle(case);
            means.id_type = means.id.as_ref().and_then(|_| Text::new(kind).ok());
        }
        _ => {}
    }
    means
}

/// The registration of the lorry, or the number of the wagon, where the shipment is tied to it.
fn vehicle(case: &Case<'_>) -> Option<Text<35>> {
    let names = case.facts.shipments.iter().flat_map(|shipment| &shipment.document.references);
    names.filter(|name| &*name.scheme == "vehicle").find_map(|name| Text::new(&*name.value).ok())
}

/// The number of a ship: seven digits of IMO, eight of ENI, with what it is called or without.
fn ship(transport: &TransportRef) -> Option<String> {
    let written = transport.vessel_imo.as_deref()?;
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let rest = written.chars().filter(|c| c.is_alphabetic()).collect::<String>().to_ascii_uppercase();
    (matches!(digits.len(), 7 | 8) && matches!(rest.as_str(), "" | "IMO" | "ENI")).then_some(digits)
}

/// Says what an entry lacks: a ship is known by its number (C017, C514), a flight by its own.
pub(crate) fn complete(passage: &Passage, means: &MeansOfTransport, gaps: &mut Gaps) {
    let at = |field: &str| passage.transport.as_ref().map(|(at, _)| format!("{at}/{field}"));
    match passage.mode {
        None => {
            let detail = "Nothing says by what mode of transport the goods cross the border.";
            gaps.add(
                rules::MODE,
                None,
                detail,
                "Who plans the transport says the mode of the shipment or of its legs.",
            );
        }
        Some(TransportMode::Sea | TransportMode::Inland) if means.id.is_none() => {
            let detail =
                "The ship has no IMO number of seven digits or ENI number of eight, which customs knows it by.";
            gaps.add(rules::MEANS, at("vesselImo"), detail, "The carrier says which ship arrives with the goods.");
        }
        Some(TransportMode::Air) if means.conveyance_ref.is_none() => {
            let detail = "The flight has no number.";
            gaps.add(rules::CONVEYANCE, at("voyage"), detail, "The carrier says on which flight the goods arrive.");
        }
        Some(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ship_is_known_by_seven_or_eight_digits_whatever_stands_before() {
        let number =
            |written: &str| ship(&TransportRef { vessel_imo: Text::new(written).ok(), ..TransportRef::default() });
        assert_eq!(number("9321483").as_deref(), Some("9321483"));
        assert_eq!(number("IMO 9321483").as_deref(), Some("9321483"));
        assert_eq!(number("02324567").as_deref(), Some("02324567"));
        assert_eq!(number("EXAMPLE 7654321"), None);
        assert_eq!(number("932148"), None);
    }
}
