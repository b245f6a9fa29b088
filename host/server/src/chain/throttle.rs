//! Counts the request against the partner's rates and takes one of its places.

use std::sync::Arc;

use portgate_http::auth::Signed;
use tokio::sync::OwnedSemaphorePermit;

use super::Account;
use super::authenticate::Payload;
use super::permit::Permitted;
use crate::configuration::{Contract, Partner};
use crate::refusal::Refusal;

/// Proof that the request is within its partner's rates; holds the partner's place until it is dropped.
pub(crate) struct Throttled {
    pub(super) contract: Arc<Contract>,
    pub(super) partner: Arc<Partner>,
    pub(super) sender: Arc<str>,
    pub(super) payload: Payload,
    pub(super) signed: Option<Signed>,
    pub(super) place: OwnedSemaphorePermit,
    _made_here: (),
}

/// Admits the request, or refuses it with the time to wait.
pub(super) async fn throttle(permitted: Permitted, account: &mut Account) -> Result<Throttled, Refusal> {
    let Permitted { contract, partner, sender, payload, signed, .. } = permitted;
    let contract_rate = partner.contract_rate(&contract.name);
    let place = partner.throttle.admit(&partner.name, contract_rate, &mut account.allowances).await?;
    Ok(Throttled { contract, partner, sender, payload, signed, place, _made_here: () })
}
