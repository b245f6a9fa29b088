//! Every file of the finance system's side: invoices of UBL and CII, and the published cases of EN 16931's rules.

use super::table::Fate::{NoMessage, Taken};
use super::table::{Row, hold};

const UBL: &str = "ubl-invoice/2.1";

const CII: &str = "cii-invoice/D16B";

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
];

#[tokio::test]
async fn every_file_of_the_finance_system_has_its_row() {
    hold("finance-ubl", &["ubl", "finance", "cii"], OF_FINANCE).await;
}
