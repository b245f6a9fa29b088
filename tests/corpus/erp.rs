//! Every file of SAP: IDocs, what OData answers, and business events. Answers to batches are held against a contract all the
//! same, and so is what a tool of its own was told.

use super::table::Fate::{NoMessage, Nothing, Taken};
use super::table::{Row, Table, hold};

const IDOC: &str = "idoc/4.0";
const ORDER: &str = "s4-sales-order/2";
const DELIVERY: &str = "s4-outbound-delivery/2";
const BILLING: &str = "s4-billing-document/2";
const PARTNER: &str = "s4-business-partner/2";
const PRODUCT: &str = "s4-product/2";
const EVENT: &str = "s4-event/1";

const OF_IDOCS: &[Row] = &[
    ("DELVRY07/", IDOC, Taken("shipment", 1)),
    ("delvry03/", IDOC, Taken("shipment", 1)),
    ("INVOIC01/", IDOC, Taken("commercial-invoice", 1)),
    ("INVOIC02/", IDOC, Taken("commercial-invoice", 1)),
    ("MATMAS05/", IDOC, Taken("item-classification", 1)),
    ("ORDERS05/", IDOC, Taken("order", 1)),
    ("flat/", IDOC, NoMessage("an IDoc in a flat file, and not in XML")),
];

const OF_ODATA: &[Row] = &[
    ("A_SalesOrder/", ORDER, Taken("order", 3)),
    ("sales-order/sales-order-header-01", ORDER, Taken("order", 1)),
    ("sales-order/sales-order-item-02", ORDER, NoMessage("an error that a program wrote down")),
    ("sales-order/", ORDER, Nothing("PART-ALONE")),
    ("sales-order-create/", ORDER, NoMessage("what a tool of its own is told to create")),
    ("A_OutbDeliveryHeader/", DELIVERY, Nothing("PART-ALONE")),
    ("outbound-delivery/outbound-delivery-header-01", DELIVERY, Taken("shipment", 1)),
    ("outbound-delivery/", DELIVERY, Nothing("PART-ALONE")),
    ("billing-document-header-01", BILLING, Taken("commercial-invoice", 1)),
    ("A_BillingDocument/", BILLING, Nothing("PART-ALONE")),
    ("billing-document/", BILLING, Nothing("PART-ALONE")),
    ("A_BusinessPartner/", PARTNER, Taken("business-partner", 8)),
    ("A_Product/", PRODUCT, Taken("item", 1)),
    ("business-event/SAP-samples", EVENT, Taken("milestone", 2)),
    ("business-event/", EVENT, Taken("milestone", 1)),
    ("events/", EVENT, Taken("milestone", 1)),
    ("error/", ORDER, NoMessage("an error of SAP")),
    ("incoterms/", ORDER, NoMessage("a table of Incoterms, as a tool of its own is asked for it")),
    ("batch/", ORDER, NoMessage("a batch or what SAP answers to one, which is no JSON")),
];

pub(crate) const IDOCS: Table = Table { plugin: "erp-sap", paths: &["sap-idoc/"], rows: OF_IDOCS };

pub(crate) const ODATA: Table = Table { plugin: "erp-sap", paths: &["sap-s4-odata/"], rows: OF_ODATA };

#[tokio::test]
async fn every_idoc_has_its_row() {
    hold(&IDOCS).await;
}

#[tokio::test]
async fn every_answer_and_event_of_sap_has_its_row() {
    hold(&ODATA).await;
}
