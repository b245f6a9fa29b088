//! The parcel: what goes ahead of the pallets, with what customs is told of it.

use super::{Part, Playing};
use crate::demo::credentials::Auth;
use crate::demo::message::{JSON, Message, message};
use crate::demo::stage::Stage;

const PARCEL: Message =
    message!(Auth::ApiKey("own-systems"), "a parcel with its customs data", "shipment/1", JSON, "parcel.json");
const TRACKER: Message = message!(
    Auth::EasyPost,
    "a tracker that is brought up to date",
    "easypost-tracker/2",
    JSON,
    "easypost-tracker.json"
);
const TRACK: Message =
    message!(Auth::Shippo, "a track that has changed", "shippo-track/2018-02-08", JSON, "shippo-track.json");

pub(super) const PART: Part =
    Part { name: "label", title: "A parcel of bulbs goes ahead", messages: &[&PARCEL, &TRACKER, &TRACK], play };

fn play<'a>(stage: &'a mut Stage<'_>) -> Playing<'a> {
    Box::pin(async move {
        let parcel = stage.sends(&PARCEL, &["shipment"]).await?;
        let says = ["customs_info", "853952", "P{NUM}"];
        stage.delivers(&parcel, "easypost", "a parcel for its carriers' rates", &says).await?;
        let says = ["customs_declaration", "853952", "P{NUM}"];
        stage.delivers(&parcel, "shippo", "the same for Shippo's", &says).await?;
        let tracker = stage.sends(&TRACKER, &["milestone"; 6]).await?;
        stage.delivers(&tracker, "customer-portal", "where the parcel is", &["OUT-FOR-DELIVERY"]).await?;
        let track = stage.sends(&TRACK, &["milestone"; 4]).await?;
        stage.delivers(&track, "customer-portal", "that nobody was at home", &["ATTEMPTED"]).await?;
        Ok(())
    })
}
