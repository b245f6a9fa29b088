//! What a plugin can call, and the state of one call behind it.

use std::sync::Arc;
use std::time::Duration;

use portgate_core::policy::{Grants, Limits};
use wasmtime::{Error, Result};

use crate::bindings::{log, reference_data, types};
use crate::call::{CallError, LogLevel, LogLine, shown};
use crate::limiter::Limiter;
use crate::tables::Tables;

/// The host's side of one call; it lives as long as the call's store.
pub(crate) struct CallState {
    pub(crate) limiter: Limiter,
    pub(crate) rules: Arc<Rules>,
    pub(crate) log: Vec<LogLine>,
    log_bytes: u64,
    pub(crate) lookups: u64,
    /// Slices of processor time that were used up, for the epoch callback.
    pub(crate) slices: u64,
}

/// What a plugin's policy says, in the form that calls need.
pub(crate) struct Rules {
    pub(crate) limits: Limits,
    pub(crate) grants: Grants,
    pub(crate) tables: Arc<Tables>,
    pub(crate) wall: Duration,
}

impl CallState {
    pub(crate) fn new(rules: Arc<Rules>) -> Self {
        let limiter = Limiter::new(rules.limits.memory_bytes_max, rules.limits.table_elements_max);
        CallState { limiter, rules, log: Vec::new(), log_bytes: 0, lookups: 0, slices: 0 }
    }
}

/// The longest line that is kept; the budget of bytes counts before it is cut.
const LINE_CHARACTERS_MAX: usize = 2_000;

impl types::Host for CallState {}

impl log::Host for CallState {
    fn write(&mut self, level: log::Level, text: String, fields: Vec<log::Field>) -> Result<()> {
        let bytes = text.len() + fields.iter().map(|field| field.name.len() + field.value.len()).sum::<usize>();
        self.log_bytes = self.log_bytes.saturating_add(bytes as u64);
        let limits = &self.rules.limits;
        if self.log.len() as u64 >= limits.log_lines_max || self.log_bytes > limits.log_bytes_max {
            return Err(Error::new(CallError::LogExceeded));
        }
        let level = match level {
            log::Level::Debug => LogLevel::Debug,
            log::Level::Info => LogLevel::Info,
            log::Level::Warn => LogLevel::Warn,
            log::Level::Error => LogLevel::Error,
        };
        let field = |field: &log::Field| {
            (shown(&field.name, LINE_CHARACTERS_MAX), shown(&field.value, LINE_CHARACTERS_MAX))
        };
        let fields = fields.iter().map(field).collect();
        self.log.push(LogLine { level, text: shown(&text, LINE_CHARACTERS_MAX), fields });
        Ok(())
    }
}

impl reference_data::Host for CallState {
    fn lookup(&mut self, table: String, key: String, on: String) -> Result<Option<String>> {
        self.lookups += 1;
        if self.lookups > self.rules.limits.lookups_max {
            return Err(Error::new(CallError::LookupExceeded));
        }
        if !self.rules.grants.tables.contains(&table) {
            return Err(Error::new(CallError::LookupDenied { table: shown(&table, 64) }));
        }
        Ok(self.rules.tables.lookup(&table, &key, &on).map(str::to_owned))
    }
}
