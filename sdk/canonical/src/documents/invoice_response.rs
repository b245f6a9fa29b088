//! What the buyer says of an invoice that it got (Peppol BIS Invoice Response 3).

use serde::{Deserialize, Serialize};

use crate::{Code, Date, Party, Text, Timestamp};

/// What becomes of an invoice, UNTDID 4343 as Peppol takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum InvoiceStatus {
    /// AB: it has come and can be read.
    Acknowledged,
    /// IP: it is being looked at.
    InProcess,
    /// UQ: it rests until a question is answered.
    UnderQuery,
    /// CA: it is accepted on conditions.
    ConditionallyAccepted,
    /// RE: it is refused.
    Rejected,
    /// AP: it is accepted and will be paid.
    Accepted,
    /// PD: it is paid.
    Paid,
}

record! {
    /// What of the invoice is meant, and what it is or should be.
    InvoiceCondition {
        required {
            /// The business term of EN 16931, such as `BT-48`.
            term: Text<64>,
        }
        optional {
            /// Its value, as it is or should be.
            value: Text<512>,
        }
    }
}

record! {
    /// Why, or what is wanted.
    InvoiceClarification {
        required {
            /// Why (`OPStatusReason`, such as `REF` for references that are wrong), or what is wanted (`OPStatusAction`, such as
            /// `NIN` for a new invoice).
            code: Code,
        }
        optional {
            /// The same in words.
            text: Text<1024>,
        }
        lists {
            /// What of the invoice is meant.
            conditions: InvoiceCondition, at most 32;
        }
    }
}

document! {
    /// What the buyer says of one invoice at one time.
    InvoiceResponse = "invoice-response" {
        required {
            /// The number of the invoice.
            invoice_number: Text<64>,
            /// What becomes of it.
            status: InvoiceStatus,
            /// When that was said.
            issued_at: Timestamp,
        }
        optional {
            /// The day of the invoice's issue.
            invoice_date: Date,
            /// What it is, UNTDID 1001; an invoice (380) where it is left out.
            invoice_type: Code,
            /// From which day on that is so; of `paid` the day of the payment.
            effective_date: Date,
            /// Who says it.
            buyer: Party,
            /// To whom.
            seller: Party,
            /// Who issued the invoice, where that is not the seller.
            issuer: Party,
            /// A remark.
            note: Text<1024>,
        }
        lists {
            /// Why, and what is wanted; there must be one unless all is well.
            clarifications: InvoiceClarification, at most 32;
        }
    }
}
