//! Every file of electronic transport documents, and of documents that customs is sent. What is no message of the connector is held
//! against a contract all the same.

use super::table::Fate::{NoMessage, Taken};
use super::table::{Row, Table, hold};

const DOCUMENT: &str = "dcsa-transport-document/3.0";
const INSTRUCTIONS: &str = "dcsa-ebl-instructions/3.0";
const ISSUANCE: &str = "dcsa-ebl-issuance/3.0";
const ISSUANCE_RESPONSE: &str = "dcsa-ebl-issuance-response/3.0";
const SURRENDER: &str = "dcsa-ebl-surrender/3.0";
const SURRENDER_RESPONSE: &str = "dcsa-ebl-surrender-response/3.0";
const UPLOAD: &str = "hmrc-file-upload/1.0";

const ROWS: &[Row] = &[
    ("ebl/ebl-api-3.0.0-error-message", INSTRUCTIONS, NoMessage("how a request is refused, which an answer says")),
    ("ebl/ebl-api-3.0.0", INSTRUCTIONS, Taken("transport-document", 1)),
    ("ebl-issuance/eblissuance-v3.0.0-request", ISSUANCE, Taken("document-request", 1)),
    ("issuExample", ISSUANCE_RESPONSE, Taken("document-response", 1)),
    ("rejectedExample", ISSUANCE_RESPONSE, Taken("document-response", 1)),
    ("issuance", ISSUANCE_RESPONSE, NoMessage("how a request is refused, which an answer says")),
    (
        "eblsurrender-api-v3.0.0-request",
        SURRENDER,
        NoMessage("a form in which parties are still to be put in, so that it is no JSON"),
    ),
    ("surrender", SURRENDER_RESPONSE, NoMessage("how a request is refused, which an answer says")),
    ("pint/pint-3.0.0-transport-document", DOCUMENT, Taken("transport-document", 1)),
    ("pint/", DOCUMENT, NoMessage("how a request is refused, which an answer says")),
    ("adoption/", DOCUMENT, NoMessage("how often the interfaces of a carrier are called")),
    ("FileUploadResponseExample", UPLOAD, Taken("document-request", 1)),
    ("example_file_upload_202", UPLOAD, NoMessage("a request for places, which goes out")),
];

pub(crate) const DOCUMENTS: Table = Table {
    plugin: "docs-edoc",
    paths: &[
        "dcsa/ebl/",
        "dcsa/dcsa-ebl-issuance/",
        "dcsa/dcsa-ebl-surrender/",
        "dcsa/ebl-issuance/",
        "dcsa/ebl-surrender/",
        "dcsa/pint/",
        "dcsa/adoption/",
        "hmrc-cds/_api/FileUpload",
        "hmrc-cds/_api/example_file_upload",
    ],
    rows: ROWS,
};

#[tokio::test]
async fn every_file_of_documents_has_its_row() {
    hold(&DOCUMENTS).await;
}
