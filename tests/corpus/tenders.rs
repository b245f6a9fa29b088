//! Every file of motor carriers' sets and of EDIFACT's instructions and status. What is no message of the connector is held against a
//! contract all the same.

use super::table::Fate::{NoMessage, Refused, Taken};
use super::table::{Row, Table, hold};

const ROWS: &[Row] = &[
    ("x12/204/", "x12-204/4010", Taken("load-tender", 1)),
    ("x12/990/", "x12-990/4010", Taken("load-tender-response", 1)),
    ("x12/210/", "x12-210/4010", Taken("landed-cost-event", 2)),
    ("xlate_ts214_ellipses_segterm", "x12-214/4010", Refused("edi-separators")),
    // What is broken are its counts, which are findings.
    ("214-broken", "x12-214/4010", Taken("milestone", 1)),
    ("x12/214/", "x12-214/4010", Taken("milestone", 1)),
    ("edifact.Issue188", "iftmin/D00B", NoMessage("messages of nothing but a date, and invoices between them")),
    ("edifact/iftmin/", "iftmin/D00B", Taken("load-tender", 1)),
    ("edifact/IFTSTA/", "iftsta-inland/D00B", Taken("milestone", 1)),
    ("edifact/iftsta/", "iftsta-inland/D00B", Taken("milestone", 1)),
    ("edifact/IFCSUM/", "iftmin/D00B", NoMessage("a forwarding summary")),
];

pub(crate) const TENDERS: Table = Table {
    plugin: "tms-edi",
    paths: &[
        "x12/204/",
        "x12/990/",
        "x12/210/",
        "x12/214/",
        "edifact/IFTMIN/",
        "edifact/iftmin/",
        "edifact/IFTSTA/",
        "edifact/iftsta/",
        "edifact/IFCSUM/",
    ],
    rows: ROWS,
};

const OF_ACKNOWLEDGEMENTS: &[Row] = &[
    // The name of its group is longer than any group's can be.
    ("invalid997", "x12-acknowledgement/1", Refused("TOO-LONG")),
    ("x12/", "x12-acknowledgement/1", Taken("acknowledgement", 1)),
    // It names no error, and calls the message by the number of its order.
    ("edifact/APERAK/", "edifact-acknowledgement/1", Taken("acknowledgement", 1)),
];

pub(crate) const ACKNOWLEDGEMENTS: Table = Table {
    plugin: "tms-edi",
    paths: &["x12/997/", "x12/999/", "x12/TA1/", "edifact/APERAK/"],
    rows: OF_ACKNOWLEDGEMENTS,
};

#[tokio::test]
async fn every_acknowledgement_has_its_row() {
    hold(&ACKNOWLEDGEMENTS).await;
}

#[tokio::test]
async fn every_file_of_tenders_invoices_and_status_has_its_row() {
    hold(&TENDERS).await;
}
