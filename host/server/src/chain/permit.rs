//! Whether this partner may send this contract in this version.

use std::sync::Arc;

use super::Surroundings;
use super::authenticate::{Authenticated, Payload};
use crate::configuration::{Contract, Partner};
use crate::refusal::Refusal;

/// Proof that the partner's policy lists the contract and the version. Carries the partner's limits.
pub(crate) struct Permitted {
    pub(super) contract: Arc<Contract>,
    pub(super) partner: Arc<Partner>,
    pub(super) payload: Payload,
    pub(super) webhook_id: Option<String>,
    _made_here: (),
}

/// Looks the contract up in the partner's policy.
pub(super) fn permit(around: &Surroundings<'_>, authenticated: Authenticated) -> Result<Permitted, Refusal> {
    let Authenticated { contract, identity, payload, .. } = authenticated;
    let partner = around.configuration.partners.get(&*identity.partner);
    match partner.filter(|partner| partner.may_send(&contract.name, &contract.version)) {
        Some(partner) => {
            let (partner, webhook_id) = (Arc::clone(partner), identity.webhook_id);
            Ok(Permitted { contract, partner, payload, webhook_id, _made_here: () })
        }
        None => Err(Refusal::NotPermitted {
            partner: identity.partner.to_string(),
            contract: contract.name.clone(),
            version: contract.version.clone(),
        }),
    }
}
