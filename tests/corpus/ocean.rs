//! Every file of ocean carriers. What is no message of the connector is held against a contract all the same.

use super::table::Fate::{NoMessage, Taken};
use super::table::{Row, Table, hold};

const STATUS: &str = "x12-315/4010";
const CONFIRMATION: &str = "x12-301/4010";
const INVOICE: &str = "x12-310/4010";
const RAMP: &str = "x12-322/4010";
const IFTSTA: &str = "iftsta/D00B";
const EVENTS: &str = "dcsa-track-trace/3.0";
const OF_BOOKING: &str = "dcsa-booking-notification/2.0";
const OF_BILL: &str = "dcsa-ebl-notification/3.0";
const BOOKING: &str = "dcsa-booking/2.0";
const INSTRUCTIONS: &str = "dcsa-shipping-instructions/3.0";

const OF_X12: &[Row] = &[
    ("x12/301/", CONFIRMATION, Taken("load-tender-response", 1)),
    ("x12/303/", CONFIRMATION, NoMessage("a booking that the shipper calls off")),
    ("x12/309/", STATUS, NoMessage("a manifest for customs")),
    ("x12/310/", INVOICE, Taken("shipment", 1)),
    ("x12/315/", STATUS, Taken("milestone", 1)),
    ("322_Larger", RAMP, Taken("milestone", 40)),
    ("322Status", RAMP, Taken("milestone", 10)),
    ("x12/322/", RAMP, Taken("milestone", 1)),
    ("x12/350/", STATUS, NoMessage("what customs says of a manifest")),
    ("x12/353/", STATUS, NoMessage("an event for customs")),
    ("x12/404/", STATUS, NoMessage("a bill of lading for a railway")),
    ("x12/753/", STATUS, NoMessage("a request for instructions on the way")),
    ("x12/754/", STATUS, NoMessage("instructions on the way")),
];

const OF_EDIFACT: &[Row] = &[
    ("_coprar", IFTSTA, NoMessage("an order to load or discharge")),
    ("baplie", IFTSTA, NoMessage("the plan of a ship's bays")),
    ("iftsai", IFTSTA, NoMessage("a ship's schedule")),
];

const OF_DCSA: &[Row] = &[
    ("dcsa-booking-ntf-2.0/", OF_BOOKING, Taken("milestone", 1)),
    ("dcsa-ebl-ntf-3.0/", OF_BILL, Taken("milestone", 1)),
    ("dcsa/booking/", BOOKING, Taken("load-tender", 1)),
    ("-dgExample", BOOKING, Taken("load-tender", 1)),
    ("dcsa/booking-negative/", BOOKING, NoMessage("a request that is wrong on purpose")),
    ("dcsa-booking-2.0/", BOOKING, NoMessage("what carriers answer, and what calls a booking off")),
    ("ebl/ebl-api-3.0.0-error", INSTRUCTIONS, NoMessage("what carriers answer")),
    ("dcsa/ebl/", INSTRUCTIONS, Taken("load-tender", 1)),
    ("dcsa-shipping-instructions-3.0/", INSTRUCTIONS, NoMessage("what carriers answer")),
    ("tnt/tnt-220-response.json", "dcsa-track-trace/2.2", Taken("milestone", 1)),
    ("tnt/tnt-220-response-wrong", "dcsa-track-trace/2.2", NoMessage("events that are wrong on purpose")),
    ("tnt/tnt-300", EVENTS, Taken("milestone", 1)),
    ("dcsa-tnt-3/", EVENTS, NoMessage("events in the shape of a draft of version 3.0")),
    ("dcsa/", EVENTS, NoMessage("requests, answers and errors of other interfaces of DCSA")),
];

pub(crate) const X12: Table = Table {
    plugin: "carrier-ocean",
    paths: &[
        "x12/301/", "x12/303/", "x12/309/", "x12/310/", "x12/315/", "x12/322/", "x12/350/", "x12/353/", "x12/404/",
        "x12/753/", "x12/754/",
    ],
    rows: OF_X12,
};

pub(crate) const EDIFACT: Table = Table {
    plugin: "carrier-ocean",
    paths: &["edifact/COPRAR/", "edifact/coprar/", "edifact/baplie/", "edifact/iftsai/"],
    rows: OF_EDIFACT,
};

pub(crate) const DCSA: Table = Table {
    plugin: "carrier-ocean",
    paths: &[
        "dcsa/arrival-notice/",
        "dcsa/booking",
        "dcsa/commercial-schedules/",
        "dcsa/dcsa-booking",
        "dcsa/dcsa-commercial-schedules/",
        "dcsa/dcsa-ebl-ntf-3.0/",
        "dcsa/dcsa-jit-2/",
        "dcsa/dcsa-shipping-instructions-3.0/",
        "dcsa/dcsa-tnt-3/",
        "dcsa/dcsa-vessel-schedule/",
        "dcsa/ebl/",
        "dcsa/jit/",
        "dcsa/ovs/",
        "dcsa/tnt/",
        "dcsa/vgm/",
    ],
    rows: OF_DCSA,
};

#[tokio::test]
async fn every_file_of_x12_has_its_row() {
    hold(&X12).await;
}

#[tokio::test]
async fn every_file_of_edifact_has_its_row() {
    hold(&EDIFACT).await;
}

#[tokio::test]
async fn every_file_of_dcsa_has_its_row() {
    hold(&DCSA).await;
}
