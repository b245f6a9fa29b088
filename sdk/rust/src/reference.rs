//! Reference tables: code lists, rates, classifications. Each is effective-dated, declared in the manifest and granted
//! by the policy. A plugin that never looks anything up does not even import the interface.
//!
//! In a test, outside the sandbox, tables are the thread's own: `testkit::provide` fills them, and so does the
//! `[[rows]]` of a case.

/// The value of `key` in `table` on the date `on` (`YYYY-MM-DD`), or none where the table has no row for it. In the
/// sandbox, asking for a table that the policy does not grant ends the call.
pub fn lookup(table: &str, key: &str, on: &str) -> Option<String> {
    #[cfg(target_arch = "wasm32")]
    return crate::boundary::bindings::connector::portgate::connector::reference_data::lookup(table, key, on);
    #[cfg(not(target_arch = "wasm32"))]
    crate::testkit::doubles::lookup(table, key, on)
}
