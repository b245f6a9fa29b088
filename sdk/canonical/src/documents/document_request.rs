//! What somebody asks to be done with documents, and what is answered: documents that customs wants, the issue and the surrender of
//! electronic bills of lading.

use serde::{Deserialize, Serialize};

use crate::{Code, DocumentParty, Reason, Text, Timestamp};

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum DocumentRequestType {
    /// Documents are to be handed in.
    Upload,
    /// A transport document is to be issued to somebody.
    Issuance,
    /// It is to be taken to another platform.
    Transfer,
    /// Its surrender is to be taken, so that the goods can be delivered.
    SurrenderForDelivery,
    /// Its surrender is to be taken, so that it can be amended.
    SurrenderForAmendment,
    /// It is to be surrendered, and the answer does not say for what.
    Surrender,
    /// Nothing was found for the partner's code: a person should look.
    Unmapped,
}

/// What is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum DocumentVerdict {
    /// It is done as was asked: handed in, issued, surrendered.
    Accepted,
    /// It is not.
    Rejected,
    /// No verdict was found for the partner's code: a person should look.
    Unmapped,
}

record! {
    /// A field of the form that a document is sent in.
    UploadField {
        required {
            /// Its name.
            name: Text<128>,
            /// Its value.
            value: Text<16384>,
        }
    }
}

record! {
    /// Where a document can be sent to, and for how long that may be. Whoever holds this may send one.
    UploadTarget {
        required {
            /// The address.
            url: Text<2048>,
        }
        lists {
            /// What the form has beside the document, which comes last.
            fields: UploadField, at most 64;
        }
    }
}

record! {
    /// A document that is wanted.
    RequestedDocument {
        optional {
            /// Its place among those that are wanted together, from 1.
            seq: u32,
            /// The name of this place at whoever wants it, under which it says later what became of the document.
            reference: Text<128>,
            /// What kind of document.
            doc_type: Code,
            /// The same in words.
            text: Text<512>,
            /// Where it can be sent to.
            upload: UploadTarget,
        }
    }
}

record! {
    /// One link of a chain of endorsements: who handed the document to whom.
    Endorsement {
        required {
            /// When.
            at: Timestamp,
            /// What was done, in the partner's code: `ISSUE`, `ENDORSE`, `SIGN`.
            action: Code,
        }
        optional {
            /// Who did it.
            actor: DocumentParty,
            /// To whom.
            recipient: DocumentParty,
        }
    }
}

document! {
    /// What somebody asks to be done with documents.
    DocumentRequest = "document-request" {
        required {
            /// What is asked.
            request: DocumentRequestType,
        }
        optional {
            /// The same in the partner's code.
            request_code: Code,
            /// The name that the answer has to give again.
            request_reference: Text<128>,
            /// The number of the transport document.
            document_number: Text<64>,
            /// Its version, as the carrier calls it.
            document_sub_number: Text<128>,
            /// Movement reference number of the declaration that documents are wanted for.
            mrn: Text<35>,
            /// Its local reference number.
            lrn: Text<64>,
            /// Why.
            reason: Reason,
            /// Until when.
            due: Timestamp,
            /// Who asks.
            requester: DocumentParty,
            /// To whom a transport document is to be issued.
            issue_to: DocumentParty,
            /// What is said beside it.
            comments: Text<1024>,
        }
        lists {
            /// The documents that are wanted.
            documents: RequestedDocument, at most 1000;
            /// Through whose hands the transport document went.
            endorsements: Endorsement, at most 500;
        }
    }
}

record! {
    /// Why something was not done.
    DocumentFault {
        optional {
            /// The partner's code.
            code: Text<64>,
            /// In words.
            text: Text<512>,
        }
    }
}

document! {
    /// What became of a request, or of a document that was handed in.
    DocumentResponse = "document-response" {
        required {
            /// What had been asked.
            request: DocumentRequestType,
            /// Whether it is done.
            verdict: DocumentVerdict,
        }
        optional {
            /// The verdict in the partner's code.
            verdict_code: Code,
            /// The name that the request, or the place of the document, was given.
            request_reference: Text<128>,
            /// The number of the transport document.
            document_number: Text<64>,
            /// Its version, as the carrier calls it.
            document_sub_number: Text<128>,
            /// Movement reference number of the declaration.
            mrn: Text<35>,
            /// Its local reference number.
            lrn: Text<64>,
            /// The documents that were handed in together, as the partner calls them.
            batch: Text<128>,
            /// The name of the file.
            file_name: Text<256>,
            /// What is said beside it.
            comments: Text<1024>,
            /// When it was answered, where the partner says it.
            responded_at: Timestamp,
        }
        lists {
            /// Why it was not done.
            faults: DocumentFault, at most 300;
        }
    }
}
