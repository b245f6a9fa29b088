//! The ERP: the sales order that it made of the shop's, and the delivery that is to go out.

use super::{Part, Playing};
use crate::demo::credentials::Auth;
use crate::demo::message::{JSON, Message, XML, message};
use crate::demo::stage::Stage;

const ERP: Auth = Auth::ApiKey("erp");

const SALES_ORDER: Message =
    message!(ERP, "the sales order, by OData", "s4-sales-order/2", JSON, "erp-sales-order.json");
const DELIVERY: Message = message!(ERP, "the delivery, an IDoc DELVRY07", "idoc/4.0", XML, "erp-delivery.xml");

pub(super) const PART: Part =
    Part { name: "erp", title: "The ERP takes the order over", messages: &[&SALES_ORDER, &DELIVERY], play };

fn play<'a>(stage: &'a mut Stage<'_>) -> Playing<'a> {
    Box::pin(async move {
        stage.sends(&SALES_ORDER, &["order"]).await?;
        stage.sends(&DELIVERY, &["shipment", "packing"]).await?;
        Ok(())
    })
}
