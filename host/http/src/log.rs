//! What tells log events apart.

/// The target of log events that can quote what a partner sent or a plugin wrote. Like everything that is not the gateway's
/// own, the program leaves them out below `info` unless it is told to log payloads.
pub const PAYLOAD: &str = "payload";
