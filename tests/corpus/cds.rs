//! Every file of HMRC's Customs Declaration Service: declarations, notifications, answers to queries. What is no message of the
//! connector is held against a contract all the same.

use super::table::Fate::{NoMessage, Refused, Taken};
use super::table::{Row, Table, hold};

const DECLARATION: &str = "cds-declaration/3.6";
const NOTIFICATION: &str = "dms-notification/3.6";
const INFORMATION: &str = "declaration-information/2.0";
const IMPORTS: &str = "inventory-linking-imports/2.0";

const ROWS: &[Row] = &[
    ("cds-xsd/", DECLARATION, NoMessage("a schema")),
    (".txt", DECLARATION, NoMessage("the steps of a test, for people")),
    ("_mapping/", DECLARATION, NoMessage("a table of the places that errors point to")),
    ("Movement_Messages/Step1_GPN", DECLARATION, Taken("customs-declaration", 1)),
    ("Movement_Messages/", IMPORTS, Taken("customs-movement", 1)),
    ("DIS_Report/", INFORMATION, Taken("customs-status", 1)),
    ("step-2_DIS", INFORMATION, Taken("customs-status", 1)),
    ("hmrc-cds-status-dis/", INFORMATION, Taken("customs-status", 1)),
    ("_api/example_submission_declaration_400", DECLARATION, Refused("MISSING")),
    ("_api/", DECLARATION, NoMessage("the upload of a document, which has an API of its own")),
    // A program saved it with `_2` before the names of its root, which is not the standard's.
    ("TT_IM117a/01_DMSACC", NOTIFICATION, Refused("NOT-A-NOTIFICATION")),
    ("Example_Notification", NOTIFICATION, Taken("customs-status", 1)),
    ("DMS", NOTIFICATION, Taken("customs-status", 1)),
    ("gvms-gmr/", DECLARATION, NoMessage("movements of vehicles through ports, which have an API of their own")),
    ("cds-low-value/", DECLARATION, Taken("customs-declaration", 1)),
    ("/Declaration/", DECLARATION, Taken("customs-declaration", 1)),
    ("hmrc-cds/", DECLARATION, Taken("customs-declaration", 1)),
];

pub(crate) const CDS: Table = Table { plugin: "broker-cds", paths: &["hmrc-cds", "customs-uk/"], rows: ROWS };

#[tokio::test]
async fn every_file_of_cds_has_its_row() {
    hold(&CDS).await;
}
