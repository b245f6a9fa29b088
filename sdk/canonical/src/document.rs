//! What every canonical document carries: its identity, where it came from, and what it is tied to.

use serde::{Deserialize, Serialize};

use crate::container::ContainerNumber;
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
    /// The name, in the one form that its scheme has.
    pub value: Text<128>,
    /// As the partner wrote it, where that is another form: `CSQU 305438-3` for the container `CSQU3054383`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<Text<128>>,
}

impl Reference {
    /// The scheme of container numbers, which have one form (ISO 6346; see [`ContainerNumber`]).
    pub const CONTAINER: &str = "container";

    /// A reference, without outer white space. It is never cut: a name that lost its end names something else. A container
    /// number gets its one form, and what was written stays beside it.
    ///
    /// # Errors
    ///
    /// [`Invalid`] with the bounds: the scheme has 1 to 64 characters, the value 1 to 128.
    pub fn new(scheme: &str, value: &str) -> Result<Self, Invalid> {
        let (scheme, value) = (Text::new(scheme.trim())?, Text::new(value.trim())?);
        Ok(Reference { scheme, value, written: None }.in_one_form())
    }

    /// The same reference with its value in the one form of its scheme, and what was written beside it.
    fn in_one_form(self) -> Self {
        if &*self.scheme != Reference::CONTAINER {
            return self;
        }
        match Text::new(ContainerNumber::one_form(&self.value)) {
            Ok(form) if form != self.value => {
                Reference { scheme: self.scheme, value: form, written: self.written.or(Some(self.value)) }
            }
            _ => self,
        }
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
macro_rules! fields {
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

/// A part of documents: the struct, and the value that says no more than it must.
macro_rules! record {
    (
        $(#[$doc:meta])*
        $name:ident {
            required { $($(#[$rdoc:meta])* $rfield:ident: $rtype:ty,)* }
            $(optional { $($(#[$odoc:meta])* $ofield:ident: $otype:ty,)* })?
            $(lists { $($(#[$ldoc:meta])* $lfield:ident: $ltype:ty, at most $lmax:literal;)* })?
        }
    ) => {
        fields! {
            $(#[$doc])*
            $name {
                required { $($(#[$rdoc])* $rfield: $rtype,)* }
                $(optional { $($(#[$odoc])* $ofield: $otype,)* })?
                $(lists { $($(#[$ldoc])* $lfield: $ltype, at most $lmax;)* })?
            }
        }

        impl $name {
            /// With what must be said, in the order of the fields, and nothing else.
            pub fn new($($rfield: $rtype),*) -> Self {
                $name { $($rfield,)* $($($ofield: None,)*)? $($($lfield: Vec::new(),)*)? }
            }
        }
    };
    (
        $(#[$doc:meta])*
        $name:ident {
            $(optional { $($(#[$odoc:meta])* $ofield:ident: $otype:ty,)* })?
            $(lists { $($(#[$ldoc:meta])* $lfield:ident: $ltype:ty, at most $lmax:literal;)* })?
        }
    ) => {
        fields! {
            $(#[$doc])*
            #[derive(Default)]
            $name {
                $(optional { $($(#[$odoc])* $ofield: $otype,)* })?
                $(lists { $($(#[$ldoc])* $lfield: $ltype, at most $lmax;)* })?
            }
        }
    };
}

/// A canonical document: a record with the four fields that all of them carry.
macro_rules! document {
    (
        $(#[$doc:meta])*
        $name:ident = $kind:literal {
            required { $($(#[$rdoc:meta])* $rfield:ident: $rtype:ty,)* }
            $(optional { $($(#[$odoc:meta])* $ofield:ident: $otype:ty,)* })?
            $(lists { $($(#[$ldoc:meta])* $lfield:ident: $ltype:ty, at most $lmax:literal;)* })?
        }
    ) => {
        fields! {
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
                $(optional { $($(#[$odoc])* $ofield: $otype,)* })?
                lists {
                    /// What the document is tied to.
                    references: crate::Reference, at most 64;
                    $($($(#[$ldoc])* $lfield: $ltype, at most $lmax;)*)?
                }
            }
        }

        impl $name {
            /// With what must be said, in the order of the fields, and nothing else.
            #[allow(clippy::too_many_arguments, reason = "as many as the document cannot be without")]
            pub fn new(
                id: crate::Text<128>,
                version: crate::Text<32>,
                source: crate::Source,
                $($rfield: $rtype),*
            ) -> Self {
                $name {
                    id,
                    version,
                    source,
                    $($rfield,)*
                    $($($ofield: None,)*)?
                    references: Vec::new(),
                    $($($lfield: Vec::new(),)*)?
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_container_is_one_reference_however_it_is_written() {
        let written = Reference::new("container", "CSQU 305438-3").unwrap();
        let plain = Reference::new("container", "CSQU3054383").unwrap();
        assert_eq!((&*written.value, written.written.as_deref()), ("CSQU3054383", Some("CSQU 305438-3")));
        assert_eq!((&*plain.value, plain.written.as_deref()), ("CSQU3054383", None));
        let own = Reference::new("container", "PALLET 7").unwrap();
        assert_eq!((&*own.value, own.written.as_deref()), ("PALLET 7", None));
        let order = Reference::new("order", "CSQU 305438-3").unwrap();
        assert_eq!(&*order.value, "CSQU 305438-3", "only containers have this form");
    }
}
