//! What happened to goods, as events of GS1 EPCIS 2.0: canonical documents in, a JSON-LD document out.
//!
//! An event says what it is about (objects and quantities), when, where, and why (the business step, the state in which
//! things are left, the business documents, who hands over to whom). Words are those of the Core Business Vocabulary (CBV);
//! what neither has a field for is said under the prefix `portgate`, so that nothing is lost.
//!
//! | kind | becomes |
//! |---|---|
//! | `milestone` that has happened | an `ObjectEvent`; a `TransactionEvent` where it is about papers; an `AssociationEvent` for new seals |
//! | `packing`, `warehouse-advice` of goods that were shipped | an `AggregationEvent` for each package, and an `ObjectEvent` that they were shipped |
//! | `warehouse-advice` of goods that were received | an `ObjectEvent` |
//! | `fulfilment` | an `ObjectEvent` |
//! | `shipment` | an `ObjectEvent` for each departure and arrival of its legs that has happened |
//! | `customs-status`, `load-tender-response` | a `TransactionEvent` |
//!
//! ```
//! use portgate_epcis::{document, events};
//!
//! let milestone = br#"{
//!     "id": "e-7", "version": "1", "references": [],
//!     "source": { "system": "line", "recordedAt": { "value": "2026-03-05T09:00:00Z" },
//!                 "rawRef": "9f2c1d0e8b7a65432100ffeeddccbbaa99887766554433221100aabbccddeeff" },
//!     "eventId": "e-7", "eventType": "EQUIPMENT", "code": "DISC", "classifier": "ACT",
//!     "occurredAt": { "value": "2026-03-05T08:15:00+01:00" },
//!     "sourceCode": { "code": "UV", "codeList": "X12 1654" },
//!     "equipmentId": "CSQU3054383", "location": { "unLocode": "GBFXT" }
//! }"#;
//! let told = document(&events("milestone", milestone).unwrap(), "2026-03-05T09:01:00Z");
//! let event = &told["epcisBody"]["eventList"][0];
//! assert_eq!((&event["bizStep"], &event["epcList"][0]), (&"unloading".into(), &"urn:epc:id:bic:CSQU3054383".into()));
//! assert!(event["eventID"].as_str().unwrap().starts_with("ni:///sha-256;"));
//! ```

mod advice;
mod customs;
mod event;
mod fulfilment;
pub mod gs1;
pub mod hash;
mod milestone;
mod names;
mod packing;
mod shipment;
mod tender;
mod time;

use std::fmt;

use portgate_canonical as canonical;
use serde::de::DeserializeOwned;

pub use event::{Event, document, query_document};
pub use names::{CONTEXT, PREFIX, SPACE};

/// Why a document is no event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// A stable code.
    pub code: &'static str,
    /// The field of the document, as a JSON Pointer.
    pub location: String,
    /// A sentence that a person can act on.
    pub detail: String,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, location: impl Into<String>, detail: impl Into<String>) -> Self {
        Refusal { code, location: location.into(), detail: detail.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}: {}", self.code, self.location, self.detail)
    }
}

impl std::error::Error for Refusal {}

/// The kinds that have events.
pub const KINDS: [&str; 7] =
    ["customs-status", "fulfilment", "load-tender-response", "milestone", "packing", "shipment", "warehouse-advice"];

/// The events that a document of this kind tells of, one at least.
///
/// # Errors
///
/// A [`Refusal`]: the kind has no events, the document is none of its kind, or what it tells is not known to have happened, not
/// when, or not to what.
pub fn events(kind: &str, body: &[u8]) -> Result<Vec<Event>, Refusal> {
    let events = match kind {
        "milestone" => milestone::events(&read(body)?)?,
        "packing" => packing::events(&read(body)?)?,
        "warehouse-advice" => advice::events(&read(body)?)?,
        "fulfilment" => fulfilment::events(&read(body)?)?,
        "shipment" => shipment::events(&read(body)?)?,
        "customs-status" => customs::events(&read(body)?)?,
        "load-tender-response" => tender::events(&read(body)?)?,
        other => return Err(Refusal::new("NO-EVENT", "", format!("A `{other}` tells of no event."))),
    };
    match events.is_empty() {
        true => {
            Err(Refusal::new("NO-EVENT", "", format!("Nothing that this `{kind}` tells is known to have happened.")))
        }
        false => Ok(events),
    }
}

fn read<T: canonical::CanonicalDocument + DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        Refusal::new("JSON", format!("{}:{}", error.line(), error.column()), format!("It is no `{}`: {error}", T::KIND))
    })
}
