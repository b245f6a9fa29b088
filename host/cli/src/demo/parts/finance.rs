//! The books: the haulier's invoice comes, and hears what becomes of it.

use super::{Part, Playing};
use crate::demo::credentials::Auth;
use crate::demo::message::{JSON, Message, XML, message};
use crate::demo::stage::Stage;

const INVOICE: Message =
    message!(Auth::ApiKey("finance"), "the haulier's invoice, UBL", "ubl-invoice/2.1", XML, "invoice.xml");
const RESPONSE: Message =
    message!(Auth::ApiKey("own-systems"), "that it is accepted", "invoice-response/1", JSON, "invoice-response.json");

pub(super) const PART: Part =
    Part { name: "finance", title: "The haulier is paid", messages: &[&INVOICE, &RESPONSE], play };

fn play<'a>(stage: &'a mut Stage<'_>) -> Playing<'a> {
    Box::pin(async move {
        stage.sends(&INVOICE, &["commercial-invoice"]).await?;
        let response = stage.sends(&RESPONSE, &["invoice-response"]).await?;
        let says = ["<cbc:ResponseCode>AP<", "RW-{RUN}"];
        stage.delivers(&response, "finance", "an invoice response, Peppol BIS 3", &says).await?;
        Ok(())
    })
}
