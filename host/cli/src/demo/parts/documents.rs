//! The papers: the bill of lading is surrendered for the goods.

use super::{Part, Playing};
use crate::demo::credentials::Auth;
use crate::demo::message::{JSON, Message, message};
use crate::demo::stage::Stage;

const SURRENDER: Message = message!(
    Auth::ApiKey("ebl-platform"),
    "that the bill of lading is surrendered, DCSA",
    "dcsa-ebl-surrender/3.0",
    JSON,
    "surrender.json"
);

pub(super) const PART: Part =
    Part { name: "documents", title: "The bill of lading is given back", messages: &[&SURRENDER], play };

fn play<'a>(stage: &'a mut Stage<'_>) -> Playing<'a> {
    Box::pin(async move {
        stage.sends(&SURRENDER, &["document-request"]).await?;
        Ok(())
    })
}
