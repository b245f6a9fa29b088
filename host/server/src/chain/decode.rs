//! Lets the contract's plugin turn the message into documents.

use portgate_core::document;

use super::deduplicate::Carried;
use super::park::Callable;
use super::{Account, Surroundings, refuse};
use crate::intake::Replying;
use crate::quarantine::Ending;
use crate::refusal::Refusal;

/// Proof that a plugin made these documents within its limits and that each keeps its schema.
pub(crate) struct Decoded<'a> {
    pub(super) carried: Box<Carried>,
    pub(super) decoded: document::Decoded,
    /// How its sender is told in its own format, where that was agreed.
    pub(super) replying: Option<Replying<'a>>,
    _made_here: (),
}

impl Decoded<'_> {
    /// The upstream that the contract is forwarded to, if it is; for a test, that for tests.
    pub(super) fn upstream(&self) -> Option<http::Uri> {
        self.carried.contract.upstream(&self.carried.incoming.partner).cloned()
    }
}

/// Calls the plugin in a fresh sandbox. What it refuses in the partner's own format is kept with that here.
pub(super) async fn decode<'a>(
    around: &Surroundings<'a>,
    callable: Callable<'_>,
    account: &Account,
) -> Result<Decoded<'a>, Refusal> {
    let Callable { carried, guard, .. } = callable;
    let intake = around.intake();
    let replying = match carried.contract.forward {
        None => intake.replying(&carried.contract, &carried.incoming).await?,
        Some(_) => None,
    };
    let numbers = replying.as_ref().map(|replying| replying.numbering.numbers);
    let decoded = intake.decode(&carried.contract, &carried.incoming, numbers).await;
    let of = around.configuration.subject(&carried.contract.plugin, &carried.incoming.partner);
    guard.ended(&of, &Ending::of(&decoded));
    match (decoded, replying) {
        (Ok(decoded), replying) => Ok(Decoded { carried, decoded, replying, _made_here: () }),
        (Err(refusal), Some(replying)) => {
            Err(refuse::in_its_format(around, account, &carried, refusal, replying).await)
        }
        (Err(refusal), None) => Err(refusal),
    }
}
