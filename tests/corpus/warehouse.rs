//! Every file of warehouses and ship notices. What is another set is held against a contract all the same.

use super::table::Fate::{NoMessage, Taken};
use super::table::{Row, Table, hold};

const SHIPPED: &str = "x12-945/4010";
const NOTICE: &str = "x12-856/4010";

const ROWS: &[Row] = &[
    ("x12/945/", SHIPPED, Taken("warehouse-advice", 1)),
    ("x12/856/", NOTICE, Taken("packing", 1)),
    ("nodex12/856.edi", NOTICE, Taken("packing", 1)),
    ("nodex12/", NOTICE, NoMessage("purchase orders, which go to a seller, and their acknowledgement")),
    ("x12/940/", SHIPPED, NoMessage("shipping orders, which go out")),
];

pub(crate) const WAREHOUSE: Table =
    Table { plugin: "wms-x12", paths: &["x12/945/", "x12/940/", "x12/856/", "x12/850-855-856-nodex12/"], rows: ROWS };

#[tokio::test]
async fn every_file_of_warehouses_has_its_row() {
    hold(&WAREHOUSE).await;
}
