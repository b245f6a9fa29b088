//! Where exchanges and deliveries are, in the words that journal, operator API and commands share.

/// A word that names none of the cases.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of the known words")]
pub struct UnknownWord(pub String);

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
            schemars::JsonSchema,
        )]
        pub enum $name {
            $($(#[$case_doc])* #[serde(rename = $word)] $case,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [$name] = &[$($name::$case),+];

            /// As it is written everywhere.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($name::$case => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::state::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let found = $name::ALL.iter().copied().find(|case| case.as_str() == text);
                found.ok_or_else(|| $crate::state::UnknownWord(text.to_owned()))
            }
        }
    };
}

pub(crate) use words;

words! {
    /// Where a delivery is; always in exactly one of these.
    DeliveryState {
        /// To be sent.
        Pending = "pending",
        /// It cannot be rendered before a code is there, and waits for it.
        AwaitsCode = "awaits-code",
        /// Sent; the partner is to be asked how it ended.
        Awaiting = "awaiting",
        /// The partner has its bytes; what it makes of them it acknowledges later.
        Sent = "sent",
        /// The same, and the acknowledgement has not come in time. It still counts when it comes.
        Overdue = "overdue",
        /// The partner has taken it, and has acknowledged it where that was agreed.
        Delivered = "delivered",
        /// It did not work; a person must look.
        Dead = "dead",
        /// A person has given it up.
        Discarded = "discarded",
    }
}

words! {
    /// Whose fault it is that a delivery is dead, or that it is tried again.
    DeadClass {
        /// The partner's: it refused, or was not to be reached for too long.
        Theirs = "theirs",
        /// Ours: a plugin, a policy, or a secret or file that a policy names.
        Ours = "ours",
    }
}

words! {
    /// What a partner makes of what it was sent, in a functional acknowledgement.
    Acknowledged {
        /// It has taken it.
        Accepted = "accepted",
        /// It has taken it, with mistakes that should not come again.
        AcceptedWithErrors = "accepted-with-errors",
        /// It has taken some of what is in it.
        PartlyAccepted = "partly-accepted",
        /// It has not taken it.
        Rejected = "rejected",
    }
}

words! {
    /// Where an exchange is; always in exactly one of these.
    ExchangeState {
        /// It was decoded, and its documents and deliveries are kept.
        Accepted = "accepted",
        /// It is acknowledged and waits to be decoded.
        Parked = "parked",
        /// It was acknowledged, and when it was decoded its plugin refused it, or it turned out to be known already.
        Rejected = "rejected",
        /// It was acknowledged, and its plugin has failed on it too often; a person must look.
        Failed = "failed",
        /// It had failed, and a person has given it up.
        Discarded = "discarded",
        /// It was refused when it came, and its sender was told so.
        Refused = "refused",
    }
}

impl DeliveryState {
    /// Whether the partner has what was to be sent, as far as is known.
    pub fn is_with_partner(self) -> bool {
        matches!(self, DeliveryState::Sent | DeliveryState::Overdue | DeliveryState::Delivered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_the_same_as_text_and_in_json() {
        for state in DeliveryState::ALL {
            assert_eq!(state.as_str().parse(), Ok(*state));
            assert_eq!(serde_json::to_value(state).expect("JSON"), state.as_str());
        }
        assert_eq!("lost".parse::<ExchangeState>(), Err(UnknownWord("lost".to_owned())));
    }
}
