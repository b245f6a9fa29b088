//! What is not well with a gateway and what its journal holds.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether somebody should look, and at what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Status {
    /// Whether nothing is listed below.
    pub well: bool,
    /// When this was found.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// The version of the gateway that was asked.
    pub version: String,
    /// Everything that is not well. What stands in the journal is that of all its gateways; quarantines, tasks, files and
    /// certificates are those of the gateway that was asked.
    pub troubles: Vec<Trouble>,
}

/// One thing that is not well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trouble {
    /// What kind of thing it is.
    pub kind: TroubleKind,
    /// Whom or what it concerns: a partner, a destination, a plugin, a task, a file, the name of a secret, a digest.
    pub subject: String,
    /// How many messages, deliveries or other things it concerns.
    pub count: u64,
    /// Since when, where that is known; of a certificate, until when it is good.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub since: Option<Timestamp>,
    /// A sentence that a person can act on.
    pub detail: String,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $word:literal from $source:ident,)+) => {
        /// What can be not well. Whoever reads it leaves out kinds that it does not know.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        pub enum TroubleKind {
            $($(#[$doc])* #[serde(rename = $word)] $kind,)+
        }

        impl TroubleKind {
            /// All of them, in the order in which they are told.
            pub const ALL: &'static [TroubleKind] = &[$(TroubleKind::$kind),+];

            /// Its name, as it is written everywhere.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(TroubleKind::$kind => $word,)+
                }
            }

            /// Who knows of such troubles.
            pub fn source(self) -> TroubleSource {
                match self {
                    $(TroubleKind::$kind => TroubleSource::$source,)+
                }
            }
        }
    };
}

/// Who knows of troubles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleSource {
    /// The gateway itself.
    Gateway,
    /// The journal: such troubles are known only while it answers.
    Journal,
}

kinds! {
    /// The journal takes nothing, or cannot be read.
    Journal = "journal" from Gateway,
    /// Changed files are not taken up.
    Files = "files" from Gateway,
    /// A task that works beside the requests has failed and was begun again of late.
    Task = "task" from Gateway,
    /// A plugin is in quarantine for a partner.
    Quarantine = "quarantine" from Gateway,
    /// A certificate or a signer of plugins has ended, ends soon, or cannot be read.
    Certificate = "certificate" from Gateway,
    /// A change waits for two persons.
    Change = "change" from Journal,
    /// Exchanges are acknowledged and wait to be decoded.
    Parked = "parked" from Journal,
    /// Exchanges are acknowledged, and their plugin has failed on them too often.
    Failed = "failed" from Journal,
    /// Documents are tied to more than a shipment can be made of.
    LeftOut = "left-out" from Journal,
    /// Deliveries are dead.
    Dead = "dead" from Journal,
    /// Deliveries have been due for longer than `status.stalled_minutes`, and nobody works on them.
    Stalled = "stalled" from Journal,
    /// Partners have deliveries, and have not acknowledged them in time.
    Unacknowledged = "unacknowledged" from Journal,
    /// Deliveries are tried again for a reason of ours, such as a secret that is missing.
    TriedAgain = "tried-again" from Journal,
}
