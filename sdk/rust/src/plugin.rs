//! The traits an author may implement, one a world, and the line that makes a component of the type.

use crate::decoded::Decoded;
use crate::delivery::{Outcome, Request, Response, Target};
use crate::document::Document;
use crate::finding::{Finding, Rejection};
use crate::judgement::{Composition, Judgement};
use crate::message::Message;

/// Translates between one partner's formats and canonical documents. Export it with [`export!`](crate::export).
///
/// Every function is pure: all it may know are its arguments and what [`reference`](crate::reference) answers. The same
/// arguments must give the same result, for the host replays calls.
pub trait Connector {
    /// Partner to canonical.
    ///
    /// # Errors
    ///
    /// Findings that say why the message cannot be taken, at least one of severity error or blocking.
    fn decode(message: &Message) -> Result<Decoded, Rejection>;

    /// Canonical to partner: renders `documents` as one message of the target's contract.
    ///
    /// # Errors
    ///
    /// Findings that say why no message can be made of them. Left out, it rejects with `NOT-SUPPORTED`.
    fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
        let _ = documents;
        let detail = format!("This connector makes no messages of the contract {target}.");
        Err(Finding::error("NOT-SUPPORTED", "", detail).into())
    }

    /// Reads the partner's answer to what [`encode`](Self::encode) made.
    ///
    /// # Errors
    ///
    /// Findings that say why the answer cannot be read: nobody knows then whether the partner has taken the request, and a
    /// person must look. An answer with a status of 2xx should never end so. Left out, the status alone decides
    /// ([`Outcome::of_status`]).
    fn interpret(sent: &Request, got: &Response) -> Result<Outcome, Rejection> {
        let _ = sent;
        Ok(Outcome::of_status(got.status))
    }
}

/// Judges the assembled state of one shipment. Export it with [`export_rules!`](crate::export_rules).
pub trait Rules {
    /// Everything that is wrong with the shipment whose context this is. `now` is an RFC 3339 instant.
    fn inspect(context: &Document, now: &str) -> Vec<Judgement>;
}

/// Makes the declaration that a regime wants of the assembled state of one shipment. Export it with
/// [`export_composer!`](crate::export_composer).
pub trait Composer {
    /// The declaration from the current facts: a document of the kind `customs-declaration`. `now` is an RFC 3339 instant.
    ///
    /// # Errors
    ///
    /// What is missing for it, or does not fit.
    fn compose(context: &Document, composition: &Composition, now: &str) -> Result<Document, Vec<Judgement>>;
}

/// Makes the crate a component of the world `connector`: `portgate_sdk::export!(MyConnector);`, once a crate.
///
/// Natively it only checks that the type is a [`Connector`], so that the crate's tests link like any other's.
#[macro_export]
macro_rules! export {
    ($connector:ident) => {
        const _: () = {
            const fn is_a_connector<T: $crate::Connector>() {}
            is_a_connector::<$connector>();

            #[cfg(target_arch = "wasm32")]
            type Exported = $crate::boundary::Exported<$connector>;
            #[cfg(target_arch = "wasm32")]
    $crate::boundary::export_connector_world!(Exported with_types_in $crate::boundary::bindings::connector);
        };
    };
}

/// Makes the crate a component of the world `rules`: `portgate_sdk::export_rules!(MyRules);`, once a crate.
///
/// Natively it only checks that the type is a [`Rules`], so that the crate's tests link like any other's.
#[macro_export]
macro_rules! export_rules {
    ($rules:ident) => {
        const _: () = {
            const fn is_a_rule_pack<T: $crate::Rules>() {}
            is_a_rule_pack::<$rules>();

            #[cfg(target_arch = "wasm32")]
            type Exported = $crate::boundary::Exported<$rules>;
            #[cfg(target_arch = "wasm32")]
    $crate::boundary::export_rules_world!(Exported with_types_in $crate::boundary::bindings::rules);
        };
    };
}

/// Makes the crate a component of the world `composer`: `portgate_sdk::export_composer!(MyComposer);`, once a crate.
///
/// Natively it only checks that the type is a [`Composer`], so that the crate's tests link like any other's.
#[macro_export]
macro_rules! export_composer {
    ($composer:ident) => {
        const _: () = {
            const fn is_a_composer<T: $crate::Composer>() {}
            is_a_composer::<$composer>();

            #[cfg(target_arch = "wasm32")]
            type Exported = $crate::boundary::Exported<$composer>;
            #[cfg(target_arch = "wasm32")]
    $crate::boundary::export_composer_world!(Exported with_types_in $crate::boundary::bindings::composer);
        };
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    struct DecodesOnly;

    impl Connector for DecodesOnly {
        fn decode(_: &Message) -> Result<Decoded, Rejection> {
            Decoded::new().finish()
        }
    }

    struct Silent;

    impl Rules for Silent {
        fn inspect(_: &Document, _: &str) -> Vec<Judgement> {
            Vec::new()
        }
    }

    struct Unable;

    impl Composer for Unable {
        fn compose(_: &Document, composition: &Composition, _: &str) -> Result<Document, Vec<Judgement>> {
            let detail = format!("Nothing is known of {}.", composition.regime);
            Err(vec![Judgement::new("NOTHING", crate::Severity::Error, Vec::new(), detail)])
        }
    }

    // Natively all lines may stand in one crate; each only checks its type.
    crate::export!(DecodesOnly);
    crate::export_rules!(Silent);
    crate::export_composer!(Unable);

    #[test]
    fn what_a_connector_does_not_implement_is_rejected_by_name() {
        let rejection = DecodesOnly::encode(&[], &Target::new("asn", "2", "2026-03-01T08:15:00Z")).unwrap_err();
        assert_eq!(rejection.findings[0].code, "NOT-SUPPORTED");
        assert!(rejection.findings[0].detail.contains("asn/2"));
    }
}
