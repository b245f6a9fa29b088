//! The connector of the company's own systems: what they want done they say in canonical documents, each under the contract that
//! is called as its kind is. `plugins/own-systems/README.md` says which.
//!
//! A document comes without its `source`, which is not the sender's to say: it is the partner that is proven, and the message.

use portgate_sdk::canonical::{
    CanonicalDocument, CustomsDeclaration, CustomsMovement, Fulfilment, InvoiceResponse, LandedCostEvent, LoadTender,
    LoadTenderResponse, Packing, Shipment, WarehouseOrder,
};
use portgate_sdk::{Connector, Decoded, Finding, Message, Rejection};
use serde::de::DeserializeOwned;

/// The connector. Everything it knows comes with each call, so there is nothing in it.
pub struct OwnSystems;

portgate_sdk::export!(OwnSystems);

impl Connector for OwnSystems {
    fn decode(message: &Message) -> Result<Decoded, Rejection> {
        match message.contract.as_str() {
            CustomsDeclaration::KIND => read::<CustomsDeclaration>(message),
            CustomsMovement::KIND => read::<CustomsMovement>(message),
            Fulfilment::KIND => read::<Fulfilment>(message),
            InvoiceResponse::KIND => read::<InvoiceResponse>(message),
            LandedCostEvent::KIND => read::<LandedCostEvent>(message),
            LoadTender::KIND => read::<LoadTender>(message),
            LoadTenderResponse::KIND => read::<LoadTenderResponse>(message),
            Packing::KIND => read::<Packing>(message),
            Shipment::KIND => read::<Shipment>(message),
            WarehouseOrder::KIND => read::<WarehouseOrder>(message),
            name => {
                let detail = format!("This connector does not decode `{name}`; see the contracts of its manifest.");
                Err(Finding::error("UNKNOWN-CONTRACT", "", detail).into())
            }
        }
    }
}

/// Reads a document of this kind.
fn read<D: CanonicalDocument + DeserializeOwned>(message: &Message) -> Result<Decoded, Rejection> {
    // The source goes in at the end, so that what is wrong before it is named by its place in the message.
    let text = message.text()?.trim_end();
    let Some(fields) = text.strip_suffix('}').filter(|_| text.starts_with('{')) else {
        return Err(Finding::error("NO-DOCUMENT", "", "The message is no document; send one JSON object.").into());
    };
    let source = serde_json::to_string(&message.source(None, None))?;
    let comma = if fields.trim_end().ends_with('{') { "" } else { "," };
    let document: D =
        serde_json::from_str(&format!("{fields}{comma}\"source\":{source}}}")).map_err(|error| wrong(text, &error))?;
    let mut decoded = Decoded::new();
    decoded.document(&document);
    decoded.finish()
}

/// What is wrong and where in the message: at the latest at its end, for what is missing is seen missing only there.
fn wrong(text: &str, error: &serde_json::Error) -> Finding {
    let end = (text.lines().count(), text.lines().last().map_or(0, str::len));
    let (line, column) = (error.line(), error.column()).min(end);
    let said = error.to_string();
    let detail = said.split(" at line ").next().unwrap_or_default();
    Finding::error("JSON", format!("{line}:{column}"), format!("{detail}; see the schema of the document's kind"))
}
