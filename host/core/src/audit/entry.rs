//! One entry before it has its place: what happened, who did it, what it concerns. Everything in it is bounded, so that
//! no text can make the log grow.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use super::{Hash, Sealed, push_string};

/// The longest text of a detail, in bytes.
const TEXT_BYTES_MAX: usize = 2_000;
/// The longest actor and subject, in bytes. Names have at most 63, identifiers 36.
const NAME_BYTES_MAX: usize = 160;
/// The longest text of a list, in bytes, and the most texts that are listed.
const ITEM_BYTES_MAX: usize = 200;
const ITEMS_MAX: usize = 64;
/// The largest number that every reader of JSON takes exactly.
const NUMBER_MAX: u64 = (1 << 53) - 1;

/// One fact for the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    at: Timestamp,
    kind: Kind,
    actor: Actor,
    subject: Subject,
    detail: BTreeMap<&'static str, Value>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Text(String),
    Number(u64),
    Texts(Vec<String>),
}

impl Entry {
    /// An entry without details; the time is kept to the microsecond.
    pub fn new(at: Timestamp, kind: Kind, actor: Actor, subject: Subject) -> Entry {
        let at = Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at);
        Entry { at, kind, actor, subject, detail: BTreeMap::new() }
    }

    /// Adds a text: a name, a digest, a reason. Never one that a partner or a plugin has chosen.
    #[must_use]
    pub fn text(mut self, key: &'static str, text: &str) -> Entry {
        self.detail.insert(key, Value::Text(bounded(text, TEXT_BYTES_MAX)));
        self
    }

    /// The same where there is one.
    #[must_use]
    pub fn optional(self, key: &'static str, text: Option<&str>) -> Entry {
        match text {
            Some(text) => self.text(key, text),
            None => self,
        }
    }

    /// Adds a number.
    #[must_use]
    pub fn number(mut self, key: &'static str, number: u64) -> Entry {
        self.detail.insert(key, Value::Number(number.min(NUMBER_MAX)));
        self
    }

    /// Adds a list of names; of a long one the rest is counted.
    #[must_use]
    pub fn texts<T: AsRef<str>>(mut self, key: &'static str, texts: impl IntoIterator<Item = T>) -> Entry {
        let mut texts = texts.into_iter();
        let mut kept: Vec<String> =
            texts.by_ref().take(ITEMS_MAX).map(|text| bounded(text.as_ref(), ITEM_BYTES_MAX)).collect();
        let more = texts.count();
        if more > 0 {
            kept.push(format!("… and {more} more"));
        }
        self.detail.insert(key, Value::Texts(kept));
        self
    }

    /// When it happened.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// What happened.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Who did it.
    pub fn actor(&self) -> &str {
        &self.actor.0
    }

    /// What it concerns.
    pub fn subject(&self) -> &str {
        &self.subject.0
    }

    /// The details as canonical JSON.
    pub fn detail(&self) -> String {
        let mut json = String::from("{");
        for (index, (key, value)) in self.detail.iter().enumerate() {
            if index > 0 {
                json.push(',');
            }
            push_string(&mut json, key);
            json.push(':');
            match value {
                Value::Text(text) => push_string(&mut json, text),
                Value::Number(number) => json.push_str(&number.to_string()),
                Value::Texts(texts) => {
                    json.push('[');
                    for (index, text) in texts.iter().enumerate() {
                        if index > 0 {
                            json.push(',');
                        }
                        push_string(&mut json, text);
                    }
                    json.push(']');
                }
            }
        }
        json.push('}');
        json
    }

    /// The entry in its place of the chain.
    pub fn sealed(&self, number: u64, previous: Hash) -> Sealed {
        Sealed {
            number,
            previous,
            at: self.at,
            kind: self.kind.as_str().to_owned(),
            actor: self.actor.0.clone(),
            subject: self.subject.0.clone(),
            detail: self.detail(),
        }
    }
}

/// At most so many bytes of a text, `…` where it is cut. A NUL, which not every database takes, is replaced.
fn bounded(text: &str, bytes_max: usize) -> String {
    let mut kept = text.replace('\0', "\u{fffd}");
    if kept.len() > bytes_max {
        let mut end = bytes_max.saturating_sub('…'.len_utf8());
        while !kept.is_char_boundary(end) {
            end -= 1;
        }
        kept.truncate(end);
        kept.push('…');
    }
    kept
}

/// Who did it. The word before the colon keeps an operator who calls himself `gateway` from being taken for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor(String);

impl Actor {
    /// The gateway itself.
    pub fn gateway() -> Actor {
        Actor("gateway".to_owned())
    }

    /// A person, by the name of the operator's policy.
    pub fn operator(name: &str) -> Actor {
        Actor(bounded(&format!("operator:{name}"), NAME_BYTES_MAX))
    }

    /// A plugin, by the name of its policy.
    pub fn plugin(name: &str) -> Actor {
        Actor(bounded(&format!("plugin:{name}"), NAME_BYTES_MAX))
    }
}

/// What an entry concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject(String);

impl Subject {
    fn named(what: &str, name: &str) -> Subject {
        Subject(bounded(&format!("{what}:{name}"), NAME_BYTES_MAX))
    }

    /// The gateway as a whole.
    pub fn gateway() -> Subject {
        Subject("gateway".to_owned())
    }

    /// A plugin, by the name of its policy.
    pub fn plugin(name: &str) -> Subject {
        Subject::named("plugin", name)
    }

    /// A partner, or another destination, by its name.
    pub fn partner(name: &str) -> Subject {
        Subject::named("partner", name)
    }

    /// The message broker that is told of events.
    pub fn broker() -> Subject {
        Subject("broker:nats".to_owned())
    }

    /// A file of the policy folder, by its path in it; the empty path stands for the folder as a whole.
    pub fn policy(path: &str) -> Subject {
        Subject::named("policy", path)
    }

    /// A delivery, by its identifier.
    pub fn delivery(id: &str) -> Subject {
        Subject::named("delivery", id)
    }

    /// An exchange, by its identifier.
    pub fn exchange(id: &str) -> Subject {
        Subject::named("exchange", id)
    }

    /// A shipment, by its identifier.
    pub fn shipment(id: &str) -> Subject {
        Subject::named("shipment", id)
    }

    /// Deliveries that were chosen by a filter, of an act that has this number.
    pub fn act(number: i64) -> Subject {
        Subject::named("act", &number.to_string())
    }

    /// A proposed change, by its identifier.
    pub fn change(id: &str) -> Subject {
        Subject::named("change", id)
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $case:ident = $word:literal,)+) => {
        /// What an entry is about. The list grows with the gateway; a verifier needs none of it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $case,)+
        }

        impl Kind {
            /// All of them.
            pub const ALL: &'static [Kind] = &[$(Kind::$case),+];

            /// As it is written everywhere.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Kind::$case => $word,)+
                }
            }
        }
    };
}

kinds! {
    /// A gateway began to serve, with this version, engine and audit key.
    GatewayStarted = "gateway-started",
    /// A gateway ended in good order.
    GatewayStopped = "gateway-stopped",
    /// A plugin was admitted, with what it declares, imports and is granted.
    PluginAdmitted = "plugin-admitted",
    /// A plugin was refused.
    PluginRefused = "plugin-refused",
    /// A plugin is no longer loaded.
    PluginRemoved = "plugin-removed",
    /// A plugin was taken out for misbehaving.
    PluginQuarantined = "plugin-quarantined",
    /// A plugin that was taken out is back.
    PluginRestored = "plugin-restored",
    /// A policy file, or a table that policies name, has changed and was taken up.
    PolicyChanged = "policy-changed",
    /// Changed policy files were not taken up.
    PolicyRefused = "policy-refused",
    /// A gateway found a change that widens something, and waits with it for two persons.
    ChangeWaits = "change-waits",
    /// Somebody approved a change that needs a second person.
    ChangeProposed = "change-proposed",
    /// A second person approved a change.
    ChangeApproved = "change-approved",
    /// A change that waited was withdrawn: its files are gone.
    ChangeRejected = "change-rejected",
    /// What everything may do was accepted under the two-person rule: at its beginning, because nothing was widened, or
    /// with the names of those who approved it.
    ChangeAccepted = "change-accepted",
    /// A plugin wanted something that it may not have.
    CapabilityDenied = "capability-denied",
    /// The gateway proved to a partner who it is.
    CredentialUsed = "credential-used",
    /// An operator did something: when it began, and how it ended.
    OperatorAct = "operator-act",
    /// An operator was refused for want of a permission.
    OperatorRefused = "operator-refused",
    /// An operator gave a delivery up.
    DeliveryDiscarded = "delivery-discarded",
    /// A delivery is sent again by an operator, or made anew of a message that was mapped again.
    DeliveryResent = "delivery-resent",
    /// An operator added codes to a table of an agreement.
    CodesAdded = "codes-added",
    /// An operator gave a code its last day.
    CodeEnded = "code-ended",
    /// An operator did something with what waits for a person, or the second one did whom it needs.
    ExceptionActed = "exception-acted",
    /// An operator was shown a payload or documents.
    PayloadRead = "payload-read",
    /// An operator ran exchanges through a plugin once more.
    Replayed = "replayed",
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of audit entry")]
pub struct UnknownKind(pub String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Kind, UnknownKind> {
        Kind::ALL.iter().copied().find(|kind| kind.as_str() == text).ok_or_else(|| UnknownKind(text.to_owned()))
    }
}
