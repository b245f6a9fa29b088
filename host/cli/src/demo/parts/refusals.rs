//! What goes wrong at the gate: who may not come in, and what is no good.

use super::{Part, Playing, customs, ocean, shop};
use crate::demo::credentials::Auth;
use crate::demo::message::{EDIFACT, Message, message};
use crate::demo::stage::Stage;

const BROKEN: Message =
    message!(Auth::Token, "an interchange with a broken segment", "iftsta/D00B", EDIFACT, "ocean-iftsta.edi");

pub(super) const PART: Part = Part { name: "refusals", title: "What is wrong is refused", messages: &[], play };

fn play<'a>(stage: &'a mut Stage<'_>) -> Playing<'a> {
    Box::pin(async move {
        let order = |from, what| Message { from, what, ..shop::ORDER };
        let shop = Auth::ApiKey("web-shop");
        let of = |stage: &Stage<'_>, message: &Message| stage.run.fill(message.payload).into_bytes();
        let half = |payload: Vec<u8>| payload[..payload.len() / 2].to_vec();

        let message = order(Auth::None, "an order without a credential");
        stage.is_refused(&message, of(stage, &message), 401, "unauthenticated").await?;
        let message = Message { from: Auth::ForgedToken, what: "an event under a forged token", ..ocean::ARRIVED };
        stage.is_refused(&message, of(stage, &message), 401, "unauthenticated").await?;
        let message = Message { from: shop, what: "what only the broker may send", ..customs::ASSESSED };
        stage.is_refused(&message, of(stage, &message), 403, "contract-not-permitted").await?;
        let message = Message { contract: "orders/1", ..order(shop, "a contract that is not there") };
        stage.is_refused(&message, of(stage, &message), 404, "contract-unknown").await?;
        let message = order(shop, "JSON that breaks off");
        stage.is_refused(&message, half(of(stage, &message)), 400, "malformed-payload").await?;
        let message = order(shop, "an order that breaks the contract");
        let wrong = br#"{"id": "not a number", "line_items": [{"quantity": -1}]}"#.to_vec();
        stage.is_refused(&message, wrong, 422, "contract-violation").await?;
        let message = order(shop, "nine megabytes");
        stage.is_refused(&message, vec![b' '; 9 << 20], 413, "body-too-large").await?;
        let message = Message { what: "XML that ends in the middle", ..customs::ASSESSED };
        stage.is_refused(&message, half(of(stage, &message)), 422, "payload-rejected").await?;
        let broken = stage.run.fill(BROKEN.payload).replacen("BGM+", "B?", 1).into_bytes();
        stage.is_refused(&BROKEN, broken, 422, "payload-rejected").await?;
        let message = order(shop, "and the next order, as before");
        stage.sends(&message, &["order"]).await?;
        Ok(())
    })
}
