//! Gives the reckoning of costs the reference tables of a configuration.

use std::sync::Arc;

use jiff::civil::Date;
use portgate_runtime::Tables;

/// Tables in which costs are looked up.
pub(crate) struct LookedUp(pub(crate) Arc<Tables>);

impl portgate_cost::Tables for LookedUp {
    fn look_up(&self, table: &str, key: &str, on: Date) -> Option<String> {
        self.0.lookup(table, key, on).map(str::to_owned)
    }
}
