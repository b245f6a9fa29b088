//! Sending deliveries again: the same bytes, even if they were delivered or discarded, and under the same id unless a
//! new one is wanted.

use std::num::NonZeroU32;

use jiff::Timestamp;

use crate::id::DeliveryId;

/// How deliveries are sent again. Only a delivery whose rendering is kept can be, so that nobody is sent other bytes
/// than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resend {
    /// At which rate they become due, for each destination.
    pub per_second: NonZeroU32,
    /// The delivered ones that are sent again as well, although their receiver has taken them: exactly these. Without
    /// it only dead and discarded ones are sent.
    pub delivered: Option<Confirmed>,
    /// Whether each goes out as a new delivery, under an id that its receiver has never seen.
    pub new_ids: bool,
}

/// Delivered deliveries as somebody has seen them. The two values change when some of them are sent again, and when
/// another one is delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confirmed {
    /// How many there are.
    pub count: u64,
    /// When the last of them was delivered.
    pub last_settled_at: Option<Timestamp>,
}

/// How sending again ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResendEnd {
    /// It is done.
    Done(Resent),
    /// Nothing was done: these delivered ones are meant, and others were confirmed.
    Unconfirmed(Confirmed),
    /// Nothing was done: more are meant than can be sent again at once.
    TooMany {
        /// How many can.
        most: u32,
    },
}

/// What was sent again, and what not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resent {
    /// Each delivery that is sent again, with the delivery that goes out for it: itself, or a new one.
    pub resent: Vec<(DeliveryId, DeliveryId)>,
    /// Those that are not, and why.
    pub left_out: Vec<(DeliveryId, LeftOut)>,
}

/// Why a delivery is not sent again, or not tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// No rendering is kept: it was never rendered, or retention has removed it.
    NotRendered,
    /// This delivery was made from it before, and is still on its way.
    UnderWay(DeliveryId),
    /// It is of the filing with this local reference number, which sends it once and by its own rules.
    Filing(String),
    /// It is of that filing, and what it says may not be said now: it is not what would be declared, something stands against it, or
    /// another has taken its place; or what came since is still to be looked at.
    Outdated(String),
}
