//! What the journal keeps for agreements with partners: which control numbers were used last, what was sent under them, and
//! what the partners make of it.

use portgate_core::agreement::{ControlNumbers, LastNumbers};
use portgate_core::interchange::Kinds;
use portgate_core::state::{Acknowledged, DeliveryState};

use crate::id::{DeliveryId, ExchangeId};

/// The lane in which acknowledgements go out to a partner, in the order in which they were written.
pub const ACKNOWLEDGEMENTS: &str = "acknowledgements";

/// Control numbers that something is written under. They are taken in the transaction that keeps what was written, unless
/// the agreement has used others meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbering {
    /// The partner.
    pub partner: String,
    /// The agreement's name.
    pub agreement: String,
    /// What the agreement had used last when these were worked out.
    pub after: LastNumbers,
    /// The numbers.
    pub numbers: ControlNumbers,
    /// What was written under them, as acknowledgements repeat it.
    pub kinds: Kinds,
}

/// The interchange that came last under an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The agreement's name; the partner is the one whose exchange it is.
    pub agreement: String,
    /// The interchange's control number.
    pub interchange: u64,
}

/// How an acknowledgement names what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NamedBy {
    /// By the interchange's control number.
    Interchange(u64),
    /// By the functional group's.
    Group(u64),
    /// By that of a set or message.
    Message(u64),
}

/// What was sent to a partner of documents that carry certain references.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentAbout {
    /// Those that carry most of the references.
    pub sent: Vec<SentUnder>,
    /// Whether so many exchanges have to do with a reference that not all were looked at.
    pub is_cut: bool,
}

/// A delivery that was written under control numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentUnder {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The exchange that it came of.
    pub exchange: ExchangeId,
    /// The partner whose exchange that is.
    pub partner: String,
    /// The partner that it went to.
    pub destination: String,
    /// The contract that it was rendered as.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// What the exchange's partner calls the parts that it came of.
    pub parts: Vec<String>,
    /// The agreement.
    pub agreement: String,
    /// The numbers. Of a delivery that went out together with others, the messages are its own.
    pub numbers: ControlNumbers,
    /// What was written under them.
    pub kinds: Kinds,
    /// Where it is.
    pub state: DeliveryState,
    /// What the partner has made of it, where it has said so.
    pub acknowledged: Option<Acknowledged>,
}
