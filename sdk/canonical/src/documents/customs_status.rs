//! What customs says of a declaration (HMRC DMS notifications and their like).

use serde::{Deserialize, Serialize};

use crate::{Code, Text, Timestamp};

/// Where a declaration stands. The numbers are the DMS function codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeclarationStatus {
    /// Being prepared.
    Draft,
    /// Complete and not sent.
    Ready,
    /// Sent.
    Submitted,
    /// Registered before the goods came (02).
    Received,
    /// Accepted (01).
    Accepted,
    /// Rejected (03).
    Rejected,
    /// The goods are to be examined (05).
    Control,
    /// Documents are wanted (06).
    DocsRequired,
    /// Amended or corrected by customs (07).
    Amended,
    /// The goods are released (08).
    Released,
    /// Cleared: nothing is left to do (09).
    Cleared,
    /// Invalidated or cancelled (10).
    Invalidated,
    /// The outcome of a request to amend or cancel (11).
    RequestOutcome,
    /// Duties and taxes were reckoned (13).
    Tax,
    /// Payment is wanted (14), or a query on it (15).
    PaymentRequired,
    /// The goods have left (16).
    Exited,
    /// Evidence of exit is wanted (17).
    ExitEvidenceRequired,
    /// A notification that is not known; its code is kept.
    Unmapped,
}

record! {
    /// One error that customs found.
    CustomsError {
        required {
            /// The validation code.
            code: Text<32>,
        }
        optional {
            /// What the code means.
            text: Text<512>,
            /// Where: the section and element codes of the WCO pointer, outermost first, such as `42A/67A[1]/68A[1]/R144`.
            pointer: Text<256>,
        }
    }
}

record! {
    /// Something that customs wants.
    CustomsRequest {
        required {
            /// The kind of request, or of control.
            code: Code,
        }
        optional {
            /// In words.
            text: Text<512>,
            /// Until when.
            due: Timestamp,
        }
    }
}

document! {
    /// One notification of customs on a declaration.
    CustomsStatus = "customs-status" {
        required {
            /// Where the declaration stands now.
            status: DeclarationStatus,
            /// The code that says so, as customs wrote it.
            code: Code,
            /// When customs issued it.
            occurred_at: Timestamp,
        }
        optional {
            /// Local reference number.
            lrn: Text<64>,
            /// Movement reference number.
            mrn: Text<35>,
            /// The version of the declaration that it speaks of.
            declaration_version: Text<16>,
            /// When the declaration was accepted.
            accepted_at: Timestamp,
        }
        lists {
            /// Why it was rejected.
            errors: CustomsError, at most 999;
            /// What customs wants.
            requests: CustomsRequest, at most 99;
        }
    }
}
