//! Every file of EasyPost and Shippo. What is no message of the connector is held against a contract all the same.

use super::table::Fate::{NoMessage, Nothing, Refused, Taken};
use super::table::{Row, Table, hold};

const EASYPOST: &str = "easypost-tracker/2";
const SHIPPO: &str = "shippo-track/2018-02-08";

const OF_EASYPOST: &[Row] = &[
    ("tracker_retrieve_1_request", EASYPOST, NoMessage("a request for a tracker")),
    ("tracker_", EASYPOST, Taken("milestone", 3)),
    ("-Tracker", EASYPOST, Taken("milestone", 3)),
    ("error_2_response", EASYPOST, Refused("PARAMETER.REQUIRED")),
    ("EventRetrieve-2", EASYPOST, Nothing("OTHER-EVENT")),
    ("event_retrieve_1", EASYPOST, NoMessage("a list of events without the objects that they are of")),
    ("-Event", EASYPOST, NoMessage("events, batches and webhooks as the API lists them, without a tracker")),
    ("customs_", EASYPOST, NoMessage("customs information, which goes out")),
    ("-Customs", EASYPOST, NoMessage("customs information, which goes out")),
    ("insurance_", EASYPOST, NoMessage("an insurance")),
    ("-InsuranceRefund", EASYPOST, NoMessage("an insurance")),
    ("parcel_", EASYPOST, NoMessage("the measures of a parcel")),
    ("order_", EASYPOST, NoMessage("an order of several shipments")),
    ("luma_", EASYPOST, NoMessage("a question for the best rate")),
    ("shipment_", EASYPOST, NoMessage("a shipment, an address or a parcel, as they are asked for and answered")),
    ("-Shipment", EASYPOST, NoMessage("a shipment as it is answered")),
    ("-Refund", EASYPOST, NoMessage("a refund")),
    ("-ScanForms", EASYPOST, NoMessage("a list of scan forms")),
    ("-Webhook", EASYPOST, NoMessage("the registration of a webhook")),
];

const OF_SHIPPO: &[Row] = &[
    ("track_test_create_2_response", SHIPPO, Taken("milestone", 12)),
    ("track_test_get_status_1_response", SHIPPO, Taken("milestone", 12)),
    ("track_test_invalid_get_status_1_response", SHIPPO, Refused("SHIPPO-REFUSES")),
    ("track_test_invalid_create_1_request", SHIPPO, NoMessage("a request for a track")),
    ("track_test_invalid_create_2_response", SHIPPO, NoMessage("a refusal, whose `carrier` is a list of reasons")),
    ("customs-", SHIPPO, NoMessage("customs information, which goes out, and what Shippo answers")),
    ("order_", SHIPPO, NoMessage("orders")),
    ("shipment_", SHIPPO, NoMessage("a shipment, an address or a parcel, as they are asked for and answered")),
    ("transaction_", SHIPPO, NoMessage("a list of labels that were bought")),
];

pub(crate) const PARCELS_OF_EASYPOST: Table =
    Table { plugin: "carrier-parcel", paths: &["carrier-easypost/", "carrier-parcel/"], rows: OF_EASYPOST };

pub(crate) const PARCELS_OF_SHIPPO: Table =
    Table { plugin: "carrier-parcel", paths: &["carrier-shippo/"], rows: OF_SHIPPO };

#[tokio::test]
async fn every_file_of_easypost_has_its_row() {
    hold(&PARCELS_OF_EASYPOST).await;
}

#[tokio::test]
async fn every_file_of_shippo_has_its_row() {
    hold(&PARCELS_OF_SHIPPO).await;
}
