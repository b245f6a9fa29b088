//! The connector of parcel carriers by way of those who speak to many of them: trackers of EasyPost and tracks of Shippo
//! become milestones. `plugins/carrier-parcel/README.md` says what becomes of what.
//!
//! Each provider's objects are read into one neutral form (`parcel`), and one place makes milestones of it. A status that is
//! not in the tables (`status`) is never dropped: its milestone says `UNMAPPED` and carries the provider's word, and a warning
//! asks for the word to be added. The connector asks nothing and logs nothing.

mod easypost;
mod parcel;
mod refusal;
mod shippo;
mod status;
mod time;

use portgate_sdk::{Connector, Decoded, Finding, Message, Rejection};

/// The connector. Everything it knows comes with each call, so there is nothing in it.
pub struct CarrierParcel;

portgate_sdk::export!(CarrierParcel);

impl Connector for CarrierParcel {
    fn decode(message: &Message) -> Result<Decoded, Rejection> {
        match (message.contract.as_str(), message.version.as_str()) {
            ("easypost-tracker", "2") => easypost::decode(message),
            ("shippo-track", "2018-02-08") => shippo::decode(message),
            (name, version) => {
                let detail =
                    format!("This connector does not decode `{name}/{version}`; see the contracts of its manifest.");
                Err(Finding::error("UNKNOWN-CONTRACT", "", detail).into())
            }
        }
    }
}
