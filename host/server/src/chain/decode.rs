//! Lets the contract's plugin turn the message into documents.

use portgate_core::document;

use super::Surroundings;
use super::deduplicate::Carried;
use super::park::Callable;
use crate::quarantine::Ending;
use crate::refusal::Refusal;

/// Proof that a plugin made these documents within its limits and that each keeps its schema.
pub(crate) struct Decoded {
    pub(super) carried: Box<Carried>,
    pub(super) decoded: document::Decoded,
    _made_here: (),
}

impl Decoded {
    /// The upstream that the contract is forwarded to, if it is; for a test, that for tests.
    pub(super) fn upstream(&self) -> Option<http::Uri> {
        self.carried.contract.upstream(&self.carried.incoming.partner).cloned()
    }
}

/// Calls the plugin in a fresh sandbox.
pub(super) async fn decode(around: &Surroundings<'_>, callable: Callable<'_>) -> Result<Decoded, Refusal> {
    let Callable { carried, guard, .. } = callable;
    let decoded = around.intake().decode(&carried.contract, &carried.incoming).await;
    let of = around.configuration.subject(&carried.contract.plugin, &carried.incoming.partner);
    guard.ended(&of, &Ending::of(&decoded));
    Ok(Decoded { carried, decoded: decoded?, _made_here: () })
}
