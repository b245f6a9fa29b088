//! What was settled with the partner: who is called what in envelopes, which edition of the standard, whether messages
//! are tests, and which acknowledgement. Policy says it (`[[agreements]]`); a message that has no agreement has none
//! here.

/// What an identifier is used in. The set is closed: it never grows within version 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The whole interchange: ISA05 to ISA08, UNB S002 and S003.
    Interchange,
    /// A functional group: GS02 and GS03, UNG S006 and S007.
    Group,
    /// A single set or message.
    Message,
}

/// What one side is called in envelopes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier {
    /// What it is used in.
    pub level: Level,
    /// Which scheme the value is of, such as `ZZ`, `01` or `14`; empty where there is none.
    pub qualifier: String,
    /// The identifier itself.
    pub value: String,
}

/// Whether messages are meant in earnest or as tests. The set is closed: it never grows within version 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They are.
    Production,
    /// They must have no effect in production: ISA15 is `T`, or UNB 0035 is `1`.
    Test,
}

/// Which functional acknowledgement was agreed. The set is closed: it never grows within version 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledgement {
    /// None.
    None,
    /// One in the answer to the request that brought the message: [`Decoded::reply`](crate::Decoded::reply).
    InAnswer,
    /// One as a message of its own, of the same bytes.
    Apart,
}

/// What was settled for the messages of one contract in one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// What it is called.
    pub name: String,
    /// What we are called in envelopes.
    pub ours: Vec<Identifier>,
    /// What the partner is called in envelopes.
    pub theirs: Vec<Identifier>,
    /// The edition of the standard, such as `004010` or `D00B`; empty where it is not settled.
    pub edition: String,
    /// Whether messages are meant in earnest or as tests.
    pub mode: Mode,
    /// Which acknowledgement.
    pub acknowledgement: Acknowledgement,
    /// Whether one part that is refused refuses the whole message.
    pub all_or_nothing: bool,
    /// Names and values for the connector.
    pub settings: Vec<Setting>,
}

impl Agreement {
    /// What we are called on this level: the first of our identifiers there, which is the one to write.
    pub fn our(&self, level: Level) -> Option<&Identifier> {
        self.ours.iter().find(|identifier| identifier.level == level)
    }

    /// What the partner is called on this level, likewise.
    pub fn their(&self, level: Level) -> Option<&Identifier> {
        self.theirs.iter().find(|identifier| identifier.level == level)
    }

    /// The value of a setting.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.iter().find(|setting| setting.name == name).map(|setting| setting.value.as_str())
    }
}

/// A name and a value for the connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// What it is called.
    pub name: String,
    /// What it says.
    pub value: String,
}

/// Numbers for one interchange that the connector writes: each is given out once for an agreement, rising.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ControlNumbers {
    /// Of the interchange: ISA13, UNB 0020.
    pub interchange: u64,
    /// Of the functional group: GS06, UNG 0048.
    pub group: u64,
    /// Of the first set or message, ST02 or UNH 0062; those behind it have the next numbers.
    pub first_message: u64,
    /// For how many sets or messages there are numbers.
    pub messages: u32,
}
