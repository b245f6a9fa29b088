//! Every file of NCTS and ICS. What is no message of the connector is held against a contract all the same.
//!
//! Samples are judged by their schema and not by their names: each that passes it is taken. Many hold placeholders and break it;
//! those are taken with warnings, or refused where what names the movement or the message is missing.

use super::table::Fate::{NoMessage, Refused, Taken};
use super::table::{Row, Table, hold};

const TRANSIT: &str = "ncts-declaration/5";
const OF_TRANSIT: &str = "ncts-notification/5";
const ENTRY: &str = "ens-declaration/11";
const OF_ENTRY: &str = "ens-notification/11";

const NCTS: &[Row] = &[
    ("-xsd/", OF_TRANSIT, NoMessage("a schema")),
    (".json", OF_TRANSIT, NoMessage("a rendering in JSON, which only HMRC's own services have")),
    ("cc007c", OF_TRANSIT, NoMessage("an arrival, which goes out")),
    ("cc013c", OF_TRANSIT, NoMessage("an amendment, which goes out")),
    ("cc014c", OF_TRANSIT, NoMessage("a request to invalidate, which goes out")),
    ("cc044c", OF_TRANSIT, NoMessage("unloading remarks, which go out")),
    ("cc141c", OF_TRANSIT, NoMessage("what a trader says of goods that have not arrived, which goes out")),
    ("cc170c", OF_TRANSIT, NoMessage("a presentation, which goes out")),
    // One lacks parts of a commodity that the schema asks for, which customs has to judge.
    ("cc015c", TRANSIT, Taken("customs-declaration", 1)),
    ("-partial", OF_TRANSIT, Refused("MISSING")),
    ("-invalid", OF_TRANSIT, Refused("MISSING")),
    ("eu-ncts5/cc029c-valid.xml", OF_TRANSIT, Taken("customs-declaration", 1)),
    ("CC029C-v3_0-1", OF_TRANSIT, NoMessage("placeholders for codes, longer than a code can be")),
    ("CC025C-v3_0-1", OF_TRANSIT, NoMessage("placeholders for codes, longer than a code can be")),
    ("CC043C-v", OF_TRANSIT, NoMessage("placeholders for codes, longer than a code can be")),
    ("CC056C-v2_1-1", OF_TRANSIT, NoMessage("placeholders for codes, longer than a code can be")),
    ("CC060C-v2_1-1", OF_TRANSIT, NoMessage("placeholders for codes, longer than a code can be")),
    ("CC182C-v2_1-1", OF_TRANSIT, NoMessage("placeholders for codes, longer than a code can be")),
    (".xml", OF_TRANSIT, Taken("customs-status", 1)),
];

const ICS: &[Row] = &[
    ("-xsd/", ENTRY, NoMessage("a schema")),
    (".ctl", ENTRY, NoMessage("what a validator says of a declaration")),
    (".json", ENTRY, NoMessage("a rendering in JSON, which only HMRC's own services have")),
    ("BadExample", OF_ENTRY, Refused("MISSING")),
    ("listOfInterventions", OF_ENTRY, Refused("NOT-A-NOTIFICATION")),
    ("ics-cc351a/", OF_ENTRY, Taken("customs-status", 1)),
    ("ics-ens-outcome/", OF_ENTRY, Taken("customs-status", 1)),
    ("313New", ENTRY, NoMessage("an amendment, which goes out")),
    ("CC313A", ENTRY, NoMessage("an amendment, which goes out")),
    ("validAmendment", ENTRY, NoMessage("an amendment, which goes out")),
    ("Response.xml", ENTRY, NoMessage("what the service answers to a declaration")),
    // What their rules find in them is for customs; each can be read.
    (".xml", ENTRY, Taken("customs-declaration", 1)),
];

pub(crate) const TRANSITS: Table =
    Table { plugin: "saas-ncts-ens", paths: &["eu-ncts5/", "customs-eu/ncts5-"], rows: NCTS };

pub(crate) const ENTRIES: Table =
    Table { plugin: "saas-ncts-ens", paths: &["ens-cc315-rules/", "customs-eu/ics-"], rows: ICS };

#[tokio::test]
async fn every_file_of_ncts_has_its_row() {
    hold(&TRANSITS).await;
}

#[tokio::test]
async fn every_file_of_ics_has_its_row() {
    hold(&ENTRIES).await;
}
