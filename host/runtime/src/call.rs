//! What comes of one call: its outcome, what it used, and what it logged.

use std::collections::BTreeMap;
use std::time::Duration;

use portgate_core::codes::AwaitedCode;
use portgate_core::policy::Limits;
use portgate_core::reference::Lookups;

/// One call of a plugin.
#[derive(Debug)]
pub struct Call<T> {
    /// What the plugin returned, or how the call ended instead.
    pub outcome: Result<T, CallError>,
    /// What it used.
    pub usage: Usage,
    /// The codes that it was told its message waits for, at most [`AWAITED_MAX`](portgate_core::codes::AWAITED_MAX).
    pub awaited: Vec<AwaitedCode>,
    /// What it looked up by key in reference tables, and what it was told: noted by the host, whatever the plugin says.
    pub looked_up: Lookups,
    /// What it logged, in order. Written by the plugin: it may quote the payload.
    pub log: Vec<LogLine>,
}

/// What one call used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Time in the sandbox, host calls included, waiting excluded.
    pub cpu: Duration,
    /// Time on the clock, waiting for a place included.
    pub wall: Duration,
    /// Linear memory at its largest, in bytes.
    pub memory_bytes_peak: u64,
    /// Table elements at their most.
    pub table_elements: u64,
    /// Bytes of text and documents that it returned.
    pub output_bytes: u64,
    /// Documents that it returned.
    pub documents: u64,
    /// Lines that it logged.
    pub log_lines: u64,
    /// Bytes of text and fields that it logged.
    pub log_bytes: u64,
    /// Look-ups that it made.
    pub lookups: u64,
    /// The same by table, where they were granted.
    pub lookups_by_table: BTreeMap<String, u64>,
    /// Calls of the plugin that went on when it began, itself included.
    pub calls_in_flight: u64,
}

/// How much a log line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// For the author.
    Debug,
    /// Worth knowing.
    Info,
    /// Probably wrong.
    Warn,
    /// Wrong.
    Error,
}

/// One line that a plugin logged. Control characters are escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// How much it matters.
    pub level: LogLevel,
    /// Its text.
    pub text: String,
    /// Names and values beside it.
    pub fields: Vec<(String, String)>,
}

/// How a call can end other than by returning. Nothing of it says anything about the next call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// No place was free within the plugin's clock time.
    #[error("no place for another call was free in time (limits.calls_in_flight_max)")]
    Overloaded,
    /// It used up its processor time.
    #[error("the processor time was used up (limits.cpu_ms_max)")]
    CpuExceeded,
    /// It used up its time on the clock.
    #[error("the time on the clock was used up (limits.wall_ms_max)")]
    WallExceeded,
    /// It asked for more linear memory.
    #[error("the memory was used up (limits.memory_bytes_max)")]
    MemoryExceeded,
    /// It asked for more table elements.
    #[error("the table elements were used up (limits.table_elements_max)")]
    TableExceeded,
    /// It returned too many bytes.
    #[error("too many bytes were returned (limits.output_bytes_max)")]
    OutputExceeded,
    /// It returned too many documents.
    #[error("too many documents were returned (limits.documents_max)")]
    DocumentsExceeded,
    /// It logged too much.
    #[error("too much was logged (limits.log_lines_max, limits.log_bytes_max)")]
    LogExceeded,
    /// It looked up too often.
    #[error("too many look-ups were made (limits.lookups_max)")]
    LookupExceeded,
    /// It asked for a table that is not granted or not there.
    #[error("a look-up in table `{table}`, which is not granted (grants.tables, grants.codes)")]
    LookupDenied {
        /// The table, as far as it can be shown.
        table: String,
    },
    /// It returned a document of a kind that is not granted.
    #[error("a document of kind `{kind}`, which is not granted (grants.emit)")]
    EmitDenied {
        /// The kind, as far as it can be shown.
        kind: String,
    },
    /// It was to be given a document of a kind that is not granted; it was not called.
    #[error("a document of kind `{kind}` to be read, which is not granted (grants.read)")]
    ReadDenied {
        /// The kind, as far as it can be shown.
        kind: String,
    },
    /// It was to be given a document that its grants cannot be applied to; it was not called.
    #[error("a document of kind `{kind}` to be read, of which only some fields are granted, and it is no JSON object")]
    ReadImpossible {
        /// The kind, as far as it can be shown.
        kind: String,
    },
    /// It recursed too deep.
    #[error("the stack was used up")]
    StackOverflow,
    /// It panicked.
    #[error("a panic at {at}")]
    Panicked {
        /// File, line and column in the plugin's source.
        at: String,
        /// What it said, for its author: it may quote the payload.
        message: String,
    },
    /// It trapped.
    #[error("a trap: {kind}")]
    Trapped {
        /// What kind of trap.
        kind: String,
    },
    /// What it returned is not what the contract's types allow.
    #[error("an invalid result: {detail}")]
    InvalidOutput {
        /// What is wrong with it, without its content.
        detail: String,
    },
}

impl CallError {
    /// The same as its text, without what the plugin itself has chosen: a table's name, a kind, the place of a panic can be
    /// anything that it was given. For logs, and for whatever is told to others than its author.
    pub fn without_its_words(&self) -> String {
        match self {
            CallError::LookupDenied { .. } => {
                "a look-up in a table that is not granted (grants.tables, grants.codes)".to_owned()
            }
            CallError::EmitDenied { .. } => "a document of a kind that is not granted (grants.emit)".to_owned(),
            CallError::Panicked { .. } => "a panic".to_owned(),
            CallError::Overloaded
            | CallError::CpuExceeded
            | CallError::WallExceeded
            | CallError::MemoryExceeded
            | CallError::TableExceeded
            | CallError::OutputExceeded
            | CallError::DocumentsExceeded
            | CallError::LogExceeded
            | CallError::LookupExceeded
            | CallError::ReadDenied { .. }
            | CallError::ReadImpossible { .. }
            | CallError::StackOverflow
            | CallError::Trapped { .. }
            | CallError::InvalidOutput { .. } => self.to_string(),
        }
    }

    /// The budget that was used up, as its policy writes it, where it is one that a larger input uses more of. Tables, grants
    /// and the stack are not among them: however large a payload is, a plugin needs no more of those.
    pub fn grows_with_input(&self, limits: &Limits) -> Option<String> {
        let budget = |key: &str, limit: u64| Some(format!("limits.{key} = {limit}"));
        match self {
            CallError::CpuExceeded => budget("cpu_ms_max", limits.cpu_ms_max),
            CallError::WallExceeded => budget("wall_ms_max", limits.wall_ms_max),
            CallError::MemoryExceeded => budget("memory_bytes_max", limits.memory_bytes_max),
            CallError::OutputExceeded => budget("output_bytes_max", limits.output_bytes_max),
            CallError::DocumentsExceeded => budget("documents_max", limits.documents_max),
            CallError::LogExceeded => {
                let Limits { log_lines_max, log_bytes_max, .. } = limits;
                Some(format!("limits.log_lines_max = {log_lines_max} or limits.log_bytes_max = {log_bytes_max}"))
            }
            CallError::LookupExceeded => budget("lookups_max", limits.lookups_max),
            CallError::Overloaded
            | CallError::TableExceeded
            | CallError::LookupDenied { .. }
            | CallError::EmitDenied { .. }
            | CallError::ReadDenied { .. }
            | CallError::ReadImpossible { .. }
            | CallError::StackOverflow
            | CallError::Panicked { .. }
            | CallError::Trapped { .. }
            | CallError::InvalidOutput { .. } => None,
        }
    }
}

/// Text of a plugin made safe to show: control characters escaped, at most `max` characters and a mark where there are more.
pub(crate) fn shown(text: &str, max: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(max));
    for character in text.chars().take(max) {
        if character.is_control()
            || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    if text.chars().nth(max).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    #[test]
    fn text_of_a_plugin_cannot_forge_a_log_line() {
        assert_eq!(super::shown("a\nERROR b\u{1b}[0m\u{202e}", 99), "a\\u{a}ERROR b\\u{1b}[0m\\u{202e}");
        assert_eq!(super::shown("abcdef", 3), "abc…");
        assert_eq!(super::shown("abc", 3), "abc");
    }
}
