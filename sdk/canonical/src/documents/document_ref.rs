//! A document on file somewhere: an invoice's scan, a certificate, a bill of lading.

use crate::{Code, Date, Reference, Sha256, Text};

document! {
    /// A document on file.
    DocumentRef = "document-ref" {
        required {
            /// UNTDID 1001 or a customs document code such as `N935`.
            doc_type: Code,
            /// Its number.
            number: Text<64>,
        }
        optional {
            /// The day of issue.
            issue_date: Date,
            /// Its media type.
            media_type: Text<128>,
            /// SHA-256 of its content.
            sha256: Sha256,
            /// Its size, in bytes.
            size: u64,
            /// Where it is kept.
            storage_uri: Text<1024>,
            /// Its status.
            status: Text<32>,
        }
        lists {
            /// What it belongs to.
            linked_objects: Reference, at most 64;
        }
    }
}
