//! The aggregate limiter: memory and table elements count over all of an instance's memories and tables together.

use wasmtime::{Error, ResourceLimiter, Result};

use crate::call::CallError;
use crate::settings::{CORE_INSTANCES_MAX, MEMORIES_MAX, TABLES_MAX};

/// What one call may take, and what it has taken.
#[derive(Debug)]
pub(crate) struct Limiter {
    memory_bytes_left: u64,
    table_elements_left: u64,
    pub(crate) memory_bytes: u64,
    pub(crate) table_elements: u64,
}

impl Limiter {
    pub(crate) fn new(memory_bytes_max: u64, table_elements_max: u64) -> Self {
        Limiter {
            memory_bytes_left: memory_bytes_max,
            table_elements_left: table_elements_max,
            memory_bytes: 0,
            table_elements: 0,
        }
    }
}

/// A breach ends the call at once, rather than telling the plugin that its request failed: nobody wants to wait for
/// what a plugin does without the memory that it wanted.
impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        let more = desired.saturating_sub(current) as u64;
        self.memory_bytes_left = take(self.memory_bytes_left, more, CallError::MemoryExceeded)?;
        self.memory_bytes += more;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        let more = desired.saturating_sub(current) as u64;
        self.table_elements_left = take(self.table_elements_left, more, CallError::TableExceeded)?;
        self.table_elements += more;
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _: Error) -> Result<()> {
        Err(Error::new(CallError::MemoryExceeded))
    }

    fn table_grow_failed(&mut self, _: Error) -> Result<()> {
        Err(Error::new(CallError::TableExceeded))
    }

    fn instances(&self) -> usize {
        CORE_INSTANCES_MAX as usize
    }

    fn tables(&self) -> usize {
        TABLES_MAX as usize
    }

    fn memories(&self) -> usize {
        MEMORIES_MAX as usize
    }
}

fn take(left: u64, more: u64, breach: CallError) -> Result<u64> {
    left.checked_sub(more).ok_or_else(|| Error::new(breach))
}
