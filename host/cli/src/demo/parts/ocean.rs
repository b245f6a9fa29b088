//! The sea: where the container is, told in three formats.

use super::{Part, Playing};
use crate::demo::credentials::Auth;
use crate::demo::message::{EDIFACT, JSON, Message, X12, message};
use crate::demo::stage::Stage;

const CARRIER: Auth = Auth::Token;

const DEPARTED: Message =
    message!(CARRIER, "that the vessel has left Hamburg, X12 315", "x12-315/4010", X12, "ocean-315.edi");
pub(super) const ARRIVED: Message =
    message!(CARRIER, "that it is in Felixstowe, DCSA", "dcsa-track-trace/2.2", JSON, "ocean-dcsa.json");
const RAIL: Message = message!(CARRIER, "that the train has left, IFTSTA", "iftsta/D00B", EDIFACT, "ocean-iftsta.edi");

pub(super) const PART: Part =
    Part { name: "ocean", title: "The container crosses the North Sea", messages: &[&DEPARTED, &ARRIVED, &RAIL], play };

fn play<'a>(stage: &'a mut Stage<'_>) -> Playing<'a> {
    Box::pin(async move {
        let departed = stage.sends(&DEPARTED, &["milestone"; 3]).await?;
        stage.delivers(&departed, "customer-portal", "departure", &["DEPA", "CSQU3054383"]).await?;
        let arrived = stage.sends(&ARRIVED, &["milestone"; 2]).await?;
        stage.delivers(&arrived, "customer-portal", "arrival and discharge", &["ARRI", "DISC"]).await?;
        let rail = stage.sends(&RAIL, &["milestone"; 4]).await?;
        stage.delivers(&rail, "customer-portal", "the way by rail", &["DEPA", "CSQU3054383"]).await?;
        Ok(())
    })
}
