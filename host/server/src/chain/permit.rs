//! Whether this partner may send this contract in this version.

use std::sync::Arc;

use portgate_core::sender;
use portgate_http::auth::{Identity, Signed};

use super::Surroundings;
use super::authenticate::{Authenticated, Payload};
use crate::configuration::{Contract, Partner};
use crate::refusal::Refusal;

/// Proof that the partner's policy lists the contract and the version. Carries the partner's limits.
pub(crate) struct Permitted {
    pub(super) contract: Arc<Contract>,
    pub(super) partner: Arc<Partner>,
    /// The partner, or the partner that tests.
    pub(super) sender: Arc<str>,
    pub(super) payload: Payload,
    pub(super) signed: Option<Signed>,
    _made_here: (),
}

/// Looks the contract up in the partner's policy.
pub(super) fn permit(around: &Surroundings<'_>, authenticated: Authenticated) -> Result<Permitted, Refusal> {
    let Authenticated { contract, identity, payload, .. } = authenticated;
    let partner = around.configuration.partners.get(identity.partner());
    match partner.filter(|partner| partner.may_send(&contract.name, &contract.version)) {
        Some(_)
            if sender::is_test(&identity.sender) && contract.forward.is_some() && contract.test_forward.is_none() =>
        {
            Err(Refusal::NoTestDestination { contract: contract.name.clone() })
        }
        Some(partner) => {
            let Identity { sender, signed, .. } = identity;
            Ok(Permitted { contract, partner: Arc::clone(partner), sender, payload, signed, _made_here: () })
        }
        None => Err(Refusal::NotPermitted {
            partner: identity.partner().to_owned(),
            contract: contract.name.clone(),
            version: contract.version.clone(),
        }),
    }
}
