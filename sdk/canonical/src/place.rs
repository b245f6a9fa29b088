//! Places, terms of delivery and means of transport.

use serde::{Deserialize, Serialize};

use crate::code::Country;
use crate::party::Address;
use crate::text::{Text, all, shaped};

shaped! {
    /// A UN/LOCODE: country and three letters or digits 2 to 9, such as `GBFXT`.
    UnLocode, "a UN/LOCODE: five characters such as GBFXT", "^[A-Z]{2}[A-Z2-9]{3}$", 5,
    |text| text.len() == 5
        && all(&text[..2], |b| b.is_ascii_uppercase())
        && all(&text[2..], |b| b.is_ascii_uppercase() || matches!(b, b'2'..=b'9'))
}

record! {
    /// A place, as exactly as the partner said it.
    Location {
        optional {
            /// UN/LOCODE.
            un_locode: UnLocode,
            /// A terminal, depot or ramp at the place.
            facility_code: Text<16>,
            /// Whose list the facility is of: `SMDG`, `BIC`, `IATA`.
            facility_code_list: Text<16>,
            /// Its name.
            name: Text<256>,
            /// The country, where the partner says it apart from the code.
            country: Country,
            /// Its postal address, as much as the partner says of it.
            address: Address,
        }
    }
}

/// Terms of delivery, Incoterms 2020, with two of older editions that are still written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the codes are their own names")]
pub enum IncotermCode {
    Exw,
    Fca,
    Cpt,
    Cip,
    Dap,
    Dpu,
    Ddp,
    Fas,
    Fob,
    Cfr,
    Cif,
    /// Incoterms 2010, became DPU.
    Dat,
    /// Incoterms 2000, became DAP.
    Ddu,
}

impl IncotermCode {
    /// The code of Incoterms 2020: `DAT` became `DPU` and `DDU` became `DAP`, all others are their own.
    #[must_use]
    pub fn current(self) -> Self {
        match self {
            IncotermCode::Dat => IncotermCode::Dpu,
            IncotermCode::Ddu => IncotermCode::Dap,
            current => current,
        }
    }

    /// Whether a later edition of the Incoterms dropped it.
    pub fn is_legacy(self) -> bool {
        self != self.current()
    }
}

record! {
    /// Terms of delivery with the place they name.
    Incoterm {
        required {
            /// The code.
            code: IncotermCode,
        }
        optional {
            /// The named place.
            place: Location,
        }
    }
}

/// Mode of transport, UNECE Recommendation 19.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TransportMode {
    /// 1
    Sea,
    /// 2
    Rail,
    /// 3
    Road,
    /// 4
    Air,
    /// 5
    Mail,
    /// 7
    Fixed,
    /// 8
    Inland,
}

impl TransportMode {
    /// The mode of a digit of UNECE Recommendation 19.
    pub fn from_rec19(digit: &str) -> Option<Self> {
        match digit {
            "1" => Some(TransportMode::Sea),
            "2" => Some(TransportMode::Rail),
            "3" => Some(TransportMode::Road),
            "4" => Some(TransportMode::Air),
            "5" => Some(TransportMode::Mail),
            "7" => Some(TransportMode::Fixed),
            "8" => Some(TransportMode::Inland),
            _ => None,
        }
    }
}

record! {
    /// A journey of a means of transport.
    TransportRef {
        optional {
            /// IMO number of the ship.
            vessel_imo: Text<16>,
            /// Name of the ship.
            vessel_name: Text<128>,
            /// Voyage, flight or trip number.
            voyage: Text<64>,
            /// Who carries: SCAC or SMDG code.
            carrier: Text<16>,
            /// Who carries, by name, or in a code that is no public list's.
            carrier_name: Text<128>,
            /// Which of the carrier's services it is, in the carrier's words.
            service: Text<128>,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_of_older_editions_are_told_apart_and_have_a_successor() {
        let read = |code: &str| serde_json::from_value::<IncotermCode>(code.into()).unwrap();
        assert_eq!([read("DAT").current(), read("DDU").current()], [IncotermCode::Dpu, IncotermCode::Dap]);
        assert!(read("DAT").is_legacy() && !read("FOB").is_legacy());
        assert_eq!(read("FOB").current(), IncotermCode::Fob);
    }
}
