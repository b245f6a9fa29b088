//! What every canonical document carries: its identity, where it came from, and what it is tied to.

use serde::{Deserialize, Serialize};

use crate::text::{Invalid, Text, shaped};
use crate::time::Timestamp;

shaped! {
    /// SHA-256 as 64 lower-case hexadecimal digits.
    Sha256, "64 lower-case hexadecimal digits", "^[0-9a-f]{64}$", 64,
    |text| text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Where a document came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Source {
    /// The partner whose message it was.
    pub system: Text<64>,
    /// The partner's own name for the message, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<Text<128>>,
    /// When the partner recorded it, or, where it does not say, when the gateway received it.
    pub recorded_at: Timestamp,
    /// SHA-256 of the payload as it arrived.
    pub raw_ref: Sha256,
}

/// A name that some party gave a thing: how documents of different systems are found to speak of the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reference {
    /// What kind of name: `order`, `ucr`, `lrn`, `mrn`, `container`, `transport-document`, `booking`, `invoice`, …
    pub scheme: Text<64>,
    /// The name.
    pub value: Text<128>,
}

impl Reference {
    /// A reference, without outer white space. It is never cut: a name that lost its end names something else.
    ///
    /// # Errors
    ///
    /// [`Invalid`] with the bounds: the scheme has 1 to 64 characters, the value 1 to 128.
    pub fn new(scheme: &str, value: &str) -> Result<Self, Invalid> {
        Ok(Reference { scheme: Text::new(scheme.trim())?, value: Text::new(value.trim())? })
    }
}

/// A canonical document of some kind.
pub trait CanonicalDocument: Serialize {
    /// The kind, which names its schema.
    const KIND: &'static str;

    /// What identifies the document among those of its kind: its `id`.
    fn key(&self) -> String;

    /// What the document is tied to.
    fn references(&self) -> &[Reference];
}

/// A struct whose optional fields are left out of the JSON when there is nothing to say.
macro_rules! record {
    (
        $(#[$doc:meta])*
        $name:ident {
            $(required { $($(#[$rdoc:meta])* $rfield:ident: $rtype:ty,)* })?
            $(optional { $($(#[$odoc:meta])* $ofield:ident: $otype:ty,)* })?
            $(lists { $($(#[$ldoc:meta])* $lfield:ident: $ltype:ty, at most $lmax:literal;)* })?
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            $($($(#[$rdoc])* pub $rfield: $rtype,)*)?
            $($(
                $(#[$odoc])*
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $ofield: Option<$otype>,
            )*)?
            $($(
                $(#[$ldoc])*
                #[serde(default, skip_serializing_if = "Vec::is_empty")]
                #[cfg_attr(feature = "schema", schemars(length(max = $lmax)))]
                pub $lfield: Vec<$ltype>,
            )*)?
        }
    };
}

/// A canonical document: a record with the four fields that all of them carry.
macro_rules! document {
    (
        $(#[$doc:meta])*
        $name:ident = $kind:literal {
            required { $($(#[$rdoc:meta])* $rfield:ident: $rtype:ty,)* }
            $(optional { $($optional:tt)* })?
            $(lists { $($lists:tt)* })?
        }
    ) => {
        record! {
            $(#[$doc])*
            $name {
                required {
                    /// What identifies the document among those of its kind; a later one with this id replaces it.
                    id: crate::Text<128>,
                    /// The version or revision of the thing that the document speaks of, as its system counts.
                    version: crate::Text<32>,
                    /// Where the document came from.
                    source: crate::Source,
                    $($(#[$rdoc])* $rfield: $rtype,)*
                }
                $(optional { $($optional)* })?
                lists {
                    /// What the document is tied to.
                    references: crate::Reference, at most 64;
                    $($($lists)*)?
                }
            }
        }

        impl crate::CanonicalDocument for $name {
            const KIND: &'static str = $kind;

            fn key(&self) -> String {
                self.id.to_string()
            }

            fn references(&self) -> &[crate::Reference] {
                &self.references
            }
        }
    };
}
