//! What a plugin can call, and the state of one call behind it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use portgate_core::codes::{AWAITED_MAX, AwaitedCode, CodeSide, Codes, Translation, UnknownCode};
use portgate_core::policy::{Grants, Limits};
use portgate_core::projection::Projection;
use portgate_core::reference::Lookups;
use portgate_names::{CANDIDATES_MAX, Candidate, Source};
use wasmtime::{Error, Result};

use crate::bindings::{codes, log, names, reference_data, types};
use crate::call::{CallError, LogLevel, LogLine, shown};
use crate::limiter::Limiter;
use crate::tables::{Tables, day};

/// The host's side of one call; it lives as long as the call's store.
pub(crate) struct CallState {
    pub(crate) limiter: Limiter,
    pub(crate) log: Vec<LogLine>,
    pub(crate) log_bytes: u64,
    pub(crate) lookups: u64,
    pub(crate) lookups_by_table: BTreeMap<String, u64>,
    /// What it looked up by key, and what it was told.
    pub(crate) looked_up: Lookups,
    /// The codes that it was told its message waits for; of many the first.
    pub(crate) awaited: BTreeSet<AwaitedCode>,
    /// The codes of the agreement that the message is under.
    codes: Codes,
    bounds: Arc<Bounds>,
}

/// What a plugin's policy says, in the form that calls need.
pub(crate) struct Bounds {
    pub(crate) limits: Limits,
    pub(crate) grants: Grants,
    pub(crate) projection: Projection,
    pub(crate) tables: Arc<Tables>,
    pub(crate) wall: Duration,
}

impl CallState {
    pub(crate) fn new(bounds: Arc<Bounds>, codes: Codes) -> Self {
        let limiter = Limiter::new(bounds.limits.memory_bytes_max, bounds.limits.table_elements_max);
        CallState {
            limiter,
            log: Vec::new(),
            log_bytes: 0,
            lookups: 0,
            lookups_by_table: BTreeMap::new(),
            looked_up: Lookups::default(),
            awaited: BTreeSet::new(),
            codes,
            bounds,
        }
    }

    /// Counts a look-up, and gives the day that is meant.
    fn begin_lookup(&mut self, table: &str, is_granted: bool, on: &str) -> Result<Date> {
        self.lookups += 1;
        if self.lookups > self.bounds.limits.lookups_max {
            return Err(Error::new(CallError::LookupExceeded));
        }
        if !is_granted {
            return Err(Error::new(CallError::LookupDenied { table: shown(table, 64) }));
        }
        // Without this check a look-up on an invalid day would find nothing, and the author would not learn why.
        day(on).ok_or_else(|| {
            let detail = format!("a look-up on the day `{}`, which is no date YYYY-MM-DD", shown(on, 32));
            Error::new(CallError::InvalidOutput { detail })
        })
    }

    /// Counts a look-up in a reference table, and gives the day that is meant.
    fn begin_table_lookup(&mut self, table: &str, on: &str) -> Result<Date> {
        let on = self.begin_lookup(table, self.bounds.grants.tables.contains(table), on)?;
        match self.lookups_by_table.get_mut(table) {
            Some(count) => *count += 1,
            None => drop(self.lookups_by_table.insert(table.to_owned(), 1)),
        }
        Ok(on)
    }

    /// What a code of one side is on the other.
    fn translate(&mut self, table: String, side: CodeSide, code: String, on: &str) -> Result<codes::Translation> {
        let on = self.begin_lookup(&table, self.bounds.grants.codes.contains(&table), on)?;
        let unknown = match self.codes.translate(&table, side, &code, on) {
            Translation::Known(other) => return Ok(codes::Translation::Known(other.to_owned())),
            Translation::Unknown(unknown) => unknown,
        };
        Ok(codes::Translation::Unknown(match unknown {
            UnknownCode::Pass => codes::Unknown::Pass,
            UnknownCode::Finding => codes::Unknown::Finding,
            UnknownCode::Refuse => codes::Unknown::Refuse,
            UnknownCode::Park => {
                if self.awaited.len() < AWAITED_MAX {
                    self.awaited.insert(AwaitedCode { table, side, code, on });
                }
                codes::Unknown::Park
            }
        }))
    }
}

/// The longest text that is kept of a line or a field; the budget of bytes counts what it was before.
const TEXT_CHARACTERS_MAX: usize = 2_000;

/// What a field costs beside its text, so that empty ones are not free.
const FIELD_BYTES: usize = 16;

impl types::Host for CallState {}

impl log::Host for CallState {
    fn write(&mut self, level: log::Level, text: String, fields: Vec<log::Field>) -> Result<()> {
        let field_bytes = |field: &log::Field| FIELD_BYTES + field.name.len() + field.value.len();
        let bytes = text.len() + fields.iter().map(field_bytes).sum::<usize>();
        self.log_bytes = self.log_bytes.saturating_add(bytes as u64);
        let limits = &self.bounds.limits;
        if self.log.len() as u64 >= limits.log_lines_max || self.log_bytes > limits.log_bytes_max {
            return Err(Error::new(CallError::LogExceeded));
        }
        let level = match level {
            log::Level::Debug => LogLevel::Debug,
            log::Level::Info => LogLevel::Info,
            log::Level::Warn => LogLevel::Warn,
            log::Level::Error => LogLevel::Error,
        };
        let kept = |text: &str| shown(text, TEXT_CHARACTERS_MAX);
        let fields = fields.iter().map(|field| (kept(&field.name), kept(&field.value))).collect();
        self.log.push(LogLine { level, text: kept(&text), fields });
        Ok(())
    }
}

impl reference_data::Host for CallState {
    fn lookup(&mut self, table: String, key: String, on: String) -> Result<Option<String>> {
        let on = self.begin_table_lookup(&table, &on)?;
        let tables = &self.bounds.tables;
        let value = tables.lookup(&table, &key, on);
        self.looked_up.note((&table, tables.file(&table)), &key, on, value);
        Ok(value.map(str::to_owned))
    }
}

impl names::Host for CallState {
    fn sources(&mut self, table: String) -> Result<Vec<names::Source>> {
        // Which day it is makes no difference to what a table is made of.
        self.begin_table_lookup(&table, "1970-01-01")?;
        let lists = self.bounds.tables.lists(&table);
        // Another edition may be another answer to any name.
        self.looked_up.note_whole(&table, self.bounds.tables.file(&table));
        let source = |source: &Source| {
            let Source { id, name, version, date } = source.clone();
            names::Source { id, name, version, date }
        };
        Ok(lists.map(|lists| lists.sources().iter().map(source).collect()).unwrap_or_default())
    }

    fn candidates(&mut self, table: String, name: String, on: String, most: u32) -> Result<Vec<names::Candidate>> {
        self.begin_table_lookup(&table, &on)?;
        self.looked_up.note_whole(&table, self.bounds.tables.file(&table));
        let Some(lists) = self.bounds.tables.lists(&table) else { return Ok(Vec::new()) };
        let candidate = |found: Candidate<'_>| names::Candidate {
            source: found.entry.list.clone(),
            entry: found.entry.id.clone(),
            names: found.entry.names.clone(),
            about: found.entry.about.as_ref().map(|about| about.get().to_owned()).unwrap_or_default(),
        };
        let most = CANDIDATES_MAX.min(most as usize);
        Ok(lists.candidates(&name, &on, most).into_iter().map(candidate).collect())
    }
}

impl codes::Host for CallState {
    fn ours(&mut self, table: String, theirs: String, on: String) -> Result<codes::Translation> {
        self.translate(table, CodeSide::Theirs, theirs, &on)
    }

    fn theirs(&mut self, table: String, ours: String, on: String) -> Result<codes::Translation> {
        self.translate(table, CodeSide::Ours, ours, &on)
    }
}
