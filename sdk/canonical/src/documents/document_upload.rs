//! Documents that are handed over: to customs for a declaration, to a system that keeps documents.

use crate::{Code, Date, Reference, Sha256, Text};

record! {
    /// A document with its content, or with where that lies.
    UploadFile {
        required {
            /// Its place among those that are handed over together, from 1.
            seq: u32,
            /// What kind of document: UNTDID 1001, a customs document code such as `N935`, or the partner's own.
            doc_type: Code,
        }
        optional {
            /// Its number.
            number: Text<64>,
            /// The name of the file.
            name: Text<256>,
            /// The day of its issue.
            issue_date: Date,
            /// Its media type.
            media_type: Text<128>,
            /// SHA-256 of its content.
            sha256: Sha256,
            /// The size of its content, in bytes.
            size: u64,
            /// Its content in base64 (RFC 4648, section 4).
            content: Text<8388608>,
            /// Where it is kept, where the content is not here.
            storage_uri: Text<1024>,
        }
        lists {
            /// What it is about, where that is more than what all of them are about.
            references: Reference, at most 64;
        }
    }
}

document! {
    /// Documents that are handed over together.
    DocumentUpload = "document-upload" {
        required {}
        optional {
            /// Movement reference number of the declaration that they are for.
            mrn: Text<35>,
            /// Its local reference number.
            lrn: Text<64>,
            /// The request that they answer.
            request_reference: Text<128>,
        }
        lists {
            /// The documents, at least one.
            files: UploadFile, at most 1000;
        }
    }
}
