//! Holds the payload against its contract and what was agreed with its sender, before any plugin sees it.

use super::Surroundings;
use super::deduplicate::{Carried, Fresh};
use crate::refusal::Refusal;

/// Proof that the payload is well-formed and keeps its contract's schema.
pub(crate) struct Checked {
    pub(super) carried: Box<Carried>,
    _made_here: (),
}

/// Checks the payload and reports everything that is wrong with it at once; then whether its envelope is as agreed.
pub(super) fn check(around: &Surroundings<'_>, fresh: Fresh) -> Result<Checked, Refusal> {
    let Fresh { mut carried, .. } = fresh;
    match carried.contract.checker.check(&carried.incoming.payload, carried.charset.as_deref()) {
        Ok(gap) => {
            carried.incoming.gap = gap;
            around.intake().keeps_agreement(&carried.contract, &carried.incoming).map_err(Refusal::NotAgreed)?;
            Ok(Checked { carried, _made_here: () })
        }
        Err(violations) if violations.is_malformed() => Err(Refusal::Malformed(violations)),
        Err(violations) => Err(Refusal::ContractViolated(violations)),
    }
}
