//! Filings: declarations to customs, from the first draft until customs is done with them.
//!
//! A *filing* is what policy wants declared of a shipment (`filings.toml`). Where it stands and what is to be done next is
//! [`decide()`]: a function of what was done so far, what would be declared now, what customs has said, where the deliveries are
//! and what operators want. It does not depend on the order in which any of that came.

pub mod at_customs;
pub mod awaited;
pub mod decide;
pub mod difference;
pub mod fault;
pub mod heard;
pub mod kept;
pub mod lrn;
pub mod waits;
pub mod wanted;

pub use at_customs::{Place, at_customs};
pub use awaited::{Due, awaited};
pub use decide::{Decision, Facts, FilingAct, OnChange, decide};
pub use difference::{Difference, differences};
pub use fault::CustomsFault;
pub use heard::{CustomsWord, Heard, Said, hear};
pub use kept::{AtCustoms, Awaited, Filing, FilingState, FilingStep, FilingTold, Standing, StepKind};
pub use lrn::lrn;
pub use waits::FilingWaits;
pub use wanted::{COMPOSER_FAILED, UNHEARD};
