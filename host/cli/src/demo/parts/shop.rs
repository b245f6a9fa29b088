//! The order: what the shop sells, and what customs must know of it.

use super::{Part, Playing};
use crate::demo::credentials::Auth;
use crate::demo::message::{JSON, Message, message};
use crate::demo::stage::Stage;

const SHOP: Auth = Auth::ApiKey("web-shop");

pub(super) const ORDER: Message =
    message!(SHOP, "an order of fifty lamps", "shopify-order/2024-10", JSON, "shop-order.json");
const ITEM: Message =
    message!(SHOP, "customs data of an item", "shopify-inventory-item/2024-10", JSON, "shop-inventory-item.json");

const ELSEWHERE: Message = message!(Auth::WooShop, "an order in the other shop", "woo-order/3", JSON, "woo-order.json");

pub(super) const PART: Part =
    Part { name: "shop", title: "A shop in Leeds orders lamps", messages: &[&ORDER, &ITEM, &ELSEWHERE], play };

fn play<'a>(stage: &'a mut Stage<'_>) -> Playing<'a> {
    Box::pin(async move {
        stage.sends(&ORDER, &["order"]).await?;
        // This goes straight to an internal system, and what that answers goes back.
        let answer = stage.post(&ITEM, stage.run.fill(ITEM.payload).into_bytes()).await?;
        let stored = answer.json["stored"].as_str().unwrap_or_default();
        let ok = answer.status.as_u16() == 201 && stored == "LAMP-ARC-BLK";
        stage.told(ok, &ITEM, &format!("{}, the item master stored {stored}", answer.status.as_u16()))?;
        stage.takes(&ITEM);
        stage.sends(&ELSEWHERE, &["order"]).await?;
        Ok(())
    })
}
