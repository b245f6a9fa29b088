//! What a partner says of what it was sent: the functional acknowledgements of X12 and EDIFACT, and APERAK.

use serde::{Deserialize, Serialize};

use crate::Text;

/// Which message acknowledges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum AcknowledgementMessage {
    /// X12's acknowledgement of an interchange.
    #[serde(rename = "TA1")]
    Ta1,
    /// X12's functional acknowledgement of a group.
    #[serde(rename = "997")]
    X997,
    /// X12's implementation acknowledgement of a group.
    #[serde(rename = "999")]
    X999,
    /// EDIFACT's syntax and service report on an interchange (ISO 9735-4).
    #[serde(rename = "CONTRL")]
    Contrl,
    /// EDIFACT's application error and acknowledgement message, on one message.
    #[serde(rename = "APERAK")]
    Aperak,
}

/// What became of an interchange, a group or a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum AcknowledgementVerdict {
    /// The partner has the bytes, and says no more.
    Received,
    /// It was taken.
    Accepted,
    /// It was taken, with mistakes that should not come again.
    AcceptedWithErrors,
    /// Some of what is in it was taken, and some was not.
    PartlyAccepted,
    /// It was not taken.
    Rejected,
}

record! {
    /// What one side is called in the envelope of an interchange.
    EnvelopeParty {
        required {
            /// The identifier (I06, I07; 0004, 0010).
            id: Text<64>,
        }
        optional {
            /// Which scheme it is of (I05, 0007).
            qualifier: Text<16>,
        }
    }
}

record! {
    /// The interchange that is acknowledged.
    AcknowledgedInterchange {
        required {
            /// Its control number as the partner repeats it: `ISA13`, or `UNB`'s reference (0020).
            reference: Text<64>,
            /// What became of it.
            verdict: AcknowledgementVerdict,
        }
        optional {
            /// Who had sent it (CONTRL).
            sender: EnvelopeParty,
            /// Who had got it (CONTRL).
            receiver: EnvelopeParty,
            /// When it was made, `YYMMDDHHMM` as `TA1` repeats it of `ISA09` and `ISA10`.
            made: Text<16>,
        }
        lists {
            /// Why, in the partner's codes: of I18 (`TA105`) or 0085 (CONTRL).
            errors: Text<16>, at most 16;
        }
    }
}

record! {
    /// A group that is acknowledged.
    AcknowledgedGroup {
        required {
            /// Its control number: `GS06`, or `UNG`'s reference (0048).
            reference: Text<64>,
            /// What became of it.
            verdict: AcknowledgementVerdict,
        }
        optional {
            /// What kind of messages are in it: `GS01`.
            functional_id: Text<16>,
            /// The edition of the standard: `GS08`.
            version: Text<64>,
        }
        lists {
            /// Why, in the partner's codes: of 716 (X12) or 0085 (CONTRL).
            errors: Text<16>, at most 16;
        }
    }
}

record! {
    /// One thing that the partner finds wrong. Places are counted from 1.
    AcknowledgementFinding {
        optional {
            /// The tag of the segment; CONTRL does not say it.
            segment: Text<16>,
            /// Which segment of the message it is, from its header on.
            position: u32,
            /// Which element of the segment.
            element: u32,
            /// Which component of the element.
            component: u32,
            /// Which repetition of the element.
            repetition: u32,
            /// What is wrong: a code of 720 or 723 (997), 620 or 621 (999), 0085 (CONTRL), 9321 (APERAK).
            code: Text<16>,
            /// The value that is wrong, where the partner repeats it.
            value: Text<256>,
            /// What else is said, in words.
            text: Text<2048>,
        }
    }
}

record! {
    /// A message or transaction set that is acknowledged.
    AcknowledgedMessage {
        required {
            /// What became of it.
            verdict: AcknowledgementVerdict,
        }
        optional {
            /// The reference of its group, where it stands in one.
            group: Text<64>,
            /// Its type, such as `214` or `IFTSTA`. APERAK does not say it.
            r#type: Text<16>,
            /// Its control number: `ST02`, or `UNH`'s reference (0062). APERAK does not say it.
            reference: Text<64>,
        }
        lists {
            /// Why, in the partner's codes: of 718 (997), 618 (999) or 0085 (CONTRL).
            errors: Text<16>, at most 16;
            /// What the partner found, in the order of the segments.
            findings: AcknowledgementFinding, at most 100;
        }
    }
}

document! {
    /// One acknowledgement: what a partner took of an interchange that it was sent, and what not. Which levels it speaks of
    /// depends on its message: `TA1` of an interchange, 997 and 999 of a group and of the sets in it that are named, CONTRL of
    /// an interchange with its groups and messages, APERAK of a message that its references name. The control numbers are
    /// references as well, under the schemes `interchange`, `group` and `message`.
    Acknowledgement = "acknowledgement" {
        required {
            /// Which message it is.
            message: AcknowledgementMessage,
        }
        optional {
            /// What became of the interchange (`TA1` and CONTRL).
            interchange: AcknowledgedInterchange,
        }
        lists {
            /// What became of groups.
            groups: AcknowledgedGroup, at most 1000;
            /// What became of messages. X12 need not name those that were accepted.
            messages: AcknowledgedMessage, at most 10000;
        }
    }
}
