//! Deliveries that go out together, as one interchange.

use jiff::Timestamp;

/// How deliveries of one contract to one destination go together, as one interchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batching {
    /// The contract that they are rendered as.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// So many documents at most.
    pub documents: u32,
    /// So many bytes of documents at most, but for one that is larger by itself.
    pub bytes: u64,
}

impl Batching {
    /// Whether it is for this contract.
    pub fn is_of(&self, contract: &str, version: &str) -> bool {
        self.contract == contract && self.version == version
    }
}

/// How a delivery waits for others that go out together with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batched {
    /// Until this time at most.
    pub until: Timestamp,
    /// How many bytes its documents have.
    pub bytes: u64,
    /// How many go together. Where there are so many, they go at once.
    pub batching: Batching,
}
