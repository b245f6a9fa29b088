//! The warehouse: is told what to ship, ships it, and the ERP and the shop are told.

use super::{Part, Playing};
use crate::demo::credentials::Auth;
use crate::demo::edi;
use crate::demo::message::{JSON, Message, X12, message};
use crate::demo::stage::Stage;

const OWN: Auth = Auth::ApiKey("own-systems");
const WAREHOUSE: Auth = Auth::ApiKey("warehouse");

const ORDER: Message = message!(OWN, "what is to be shipped", "warehouse-order/1", JSON, "warehouse-order.json");
const SHIPPED: Message = message!(WAREHOUSE, "what was shipped, X12 945", "x12-945/4010", X12, "warehouse-945.edi");
const NOTICE: Message = message!(WAREHOUSE, "its ship notice, X12 856", "x12-856/4010", X12, "warehouse-856.edi");
const FULFILMENT: Message = message!(OWN, "what of the order is sent", "fulfilment/1", JSON, "fulfilment.json");

pub(super) const PART: Part =
    Part { name: "warehouse", title: "The warehouse ships", messages: &[&ORDER, &SHIPPED, &NOTICE, &FULFILMENT], play };

/// Its acknowledgement, which is written of what it was sent.
const ACKNOWLEDGEMENT: Message = Message {
    from: WAREHOUSE,
    what: "its acknowledgement, X12 997",
    contract: "x12-acknowledgement/1",
    media_type: X12,
    file: "",
    payload: "",
};

fn play<'a>(stage: &'a mut Stage<'_>) -> Playing<'a> {
    Box::pin(async move {
        let order = stage.sends(&ORDER, &["warehouse-order"]).await?;
        let what = "the order to ship, X12 940";
        // It has the order when it has the bytes, and the delivery is done when it says so.
        let deliveries = stage.comes_to(&order, "warehouse", what, "sent").await?;
        let sent = deliveries.first().and_then(|delivery| stage.received("warehouse", delivery));
        let sent = sent.ok_or("the warehouse never got its order")?;
        let acknowledgement = edi::functional_acknowledgement(&sent.body, &stage.run.fill("{NUM+2}"));
        let answer = stage.post(&ACKNOWLEDGEMENT, acknowledgement.into_bytes()).await?;
        stage.delivers(&order, "warehouse", what, &["ST*940*", "W05*N*8{NUM}*", "W01*20*EA**SK*LAMP-ARC-BLK"]).await?;
        let ok = answer.status.as_u16() == 200;
        stage.told(ok, &ACKNOWLEDGEMENT, &format!("{}, the 940 is taken", answer.status.as_u16()))?;
        stage.takes(&ACKNOWLEDGEMENT);

        let shipped = stage.answers_with_997(&SHIPPED).await?;
        stage
            .delivers(
                &shipped,
                "erp",
                "the shipping confirmation, an IDoc DELVRY07",
                &["SHPCON", "<VBELN>8{NUM}</VBELN>"],
            )
            .await?;
        stage.answers_with_997(&NOTICE).await?;
        let fulfilment = stage.sends(&FULFILMENT, &["fulfilment"]).await?;
        stage
            .delivers(&fulfilment, "web-shop", "that it is fulfilled, GraphQL", &["fulfillmentCreate", "7{NUM}"])
            .await?;
        Ok(())
    })
}
