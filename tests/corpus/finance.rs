//! Every file of the finance system's side: invoices of UBL, CII, X12 and EDIFACT, and the published cases of EN 16931's rules.

use super::table::Fate::{NoMessage, Taken};
use super::table::{Row, Table, hold};

const UBL: &str = "ubl-invoice/2.1";

const CII: &str = "cii-invoice/D16B";

const X12: &str = "x12-810/1";
const EDIFACT: &str = "edifact-invoic/1";

const OF_FINANCE: &[Row] = &[
    ("en16931-rules", UBL, NoMessage("a set of cases of a rule, each with what is expected of it")),
    (
        "not_validating_full_invoice",
        UBL,
        NoMessage("an invoice that breaks BR-64, and says that it keeps the standard"),
    ),
    ("ubl-", UBL, Taken("commercial-invoice", 1)),
    ("ubl/", UBL, Taken("commercial-invoice", 1)),
    (
        "line-total-4-decimals",
        CII,
        NoMessage("an invoice that breaks BR-DEC-23 and BR-CO-25, and says that it keeps the standard"),
    ),
    ("cii/", CII, Taken("commercial-invoice", 1)),
    ("x12/810/", X12, Taken("commercial-invoice", 1)),
    ("hupe1980_d96a_invoic_malformed", EDIFACT, NoMessage("a message without `BGM`")),
    ("invoic_d97b_bad", EDIFACT, NoMessage("quantities and prices that are no numbers")),
    ("edifact/INVOIC/", EDIFACT, Taken("commercial-invoice", 1)),
    ("edifact/invoic/", EDIFACT, Taken("commercial-invoice", 1)),
];

pub(crate) const FINANCE: Table = Table {
    plugin: "finance-ubl",
    paths: &["ubl/", "finance/", "cii/", "x12/810/", "edifact/INVOIC/", "edifact/invoic/"],
    rows: OF_FINANCE,
};

#[tokio::test]
async fn every_file_of_the_finance_system_has_its_row() {
    hold(&FINANCE).await;
}
