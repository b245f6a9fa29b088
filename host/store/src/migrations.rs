//! The schema's versions: numbered files, run in order when a journal is opened.

/// One step of the schema.
pub(crate) struct Migration {
    /// Its number, from 1 without gaps.
    pub(crate) version: i64,
    /// Its statements.
    pub(crate) text: &'static str,
}

/// SQLite's.
pub(crate) const SQLITE: &[Migration] = &[
    Migration { version: 1, text: include_str!("../migrations/sqlite/0001_journal.sql") },
    Migration { version: 2, text: include_str!("../migrations/sqlite/0002_admissions.sql") },
    Migration { version: 3, text: include_str!("../migrations/sqlite/0003_audit.sql") },
    Migration { version: 4, text: include_str!("../migrations/sqlite/0004_plugin_uses.sql") },
    Migration { version: 5, text: include_str!("../migrations/sqlite/0005_parked.sql") },
    Migration { version: 6, text: include_str!("../migrations/sqlite/0006_approvals.sql") },
    Migration { version: 7, text: include_str!("../migrations/sqlite/0007_event_documents.sql") },
    Migration { version: 8, text: include_str!("../migrations/sqlite/0008_request_keys.sql") },
    Migration { version: 9, text: include_str!("../migrations/sqlite/0009_rates.sql") },
    Migration { version: 10, text: include_str!("../migrations/sqlite/0010_refused.sql") },
    Migration { version: 11, text: include_str!("../migrations/sqlite/0011_names.sql") },
    Migration { version: 12, text: include_str!("../migrations/sqlite/0012_transcripts.sql") },
    Migration { version: 13, text: include_str!("../migrations/sqlite/0013_retries.sql") },
    Migration { version: 14, text: include_str!("../migrations/sqlite/0014_parts.sql") },
    Migration { version: 15, text: include_str!("../migrations/sqlite/0015_sent_again.sql") },
    Migration { version: 16, text: include_str!("../migrations/sqlite/0016_parts_of_documents.sql") },
    Migration { version: 17, text: include_str!("../migrations/sqlite/0017_acknowledgements.sql") },
    Migration { version: 18, text: include_str!("../migrations/sqlite/0018_batches.sql") },
    Migration { version: 19, text: include_str!("../migrations/sqlite/0019_parts_of_deliveries.sql") },
    Migration { version: 20, text: include_str!("../migrations/sqlite/0020_codes.sql") },
    Migration { version: 21, text: include_str!("../migrations/sqlite/0021_shipments.sql") },
    Migration { version: 22, text: include_str!("../migrations/sqlite/0022_exceptions.sql") },
    Migration { version: 23, text: include_str!("../migrations/sqlite/0023_shipment_readers.sql") },
    Migration { version: 24, text: include_str!("../migrations/sqlite/0024_figures.sql") },
    Migration { version: 25, text: include_str!("../migrations/sqlite/0025_filings.sql") },
    Migration { version: 26, text: include_str!("../migrations/sqlite/0026_shipment_contexts.sql") },
    Migration { version: 27, text: include_str!("../migrations/sqlite/0027_figures_of_costs.sql") },
    Migration { version: 28, text: include_str!("../migrations/sqlite/0028_decided.sql") },
    Migration { version: 29, text: include_str!("../migrations/sqlite/0029_lookups.sql") },
    Migration { version: 30, text: include_str!("../migrations/sqlite/0030_waiting.sql") },
    Migration { version: 31, text: include_str!("../migrations/sqlite/0031_may_be_taken.sql") },
    Migration { version: 32, text: include_str!("../migrations/sqlite/0032_left_out.sql") },
    Migration { version: 33, text: include_str!("../migrations/sqlite/0033_attempt_sums.sql") },
];

/// PostgreSQL's.
pub(crate) const POSTGRES: &[Migration] = &[
    Migration { version: 1, text: include_str!("../migrations/postgres/0001_journal.sql") },
    Migration { version: 2, text: include_str!("../migrations/postgres/0002_admissions.sql") },
    Migration { version: 3, text: include_str!("../migrations/postgres/0003_audit.sql") },
    Migration { version: 4, text: include_str!("../migrations/postgres/0004_plugin_uses.sql") },
    Migration { version: 5, text: include_str!("../migrations/postgres/0005_parked.sql") },
    Migration { version: 6, text: include_str!("../migrations/postgres/0006_approvals.sql") },
    Migration { version: 7, text: include_str!("../migrations/postgres/0007_event_documents.sql") },
    Migration { version: 8, text: include_str!("../migrations/postgres/0008_request_keys.sql") },
    Migration { version: 9, text: include_str!("../migrations/postgres/0009_rates.sql") },
    Migration { version: 10, text: include_str!("../migrations/postgres/0010_refused.sql") },
    Migration { version: 11, text: include_str!("../migrations/postgres/0011_names.sql") },
    Migration { version: 12, text: include_str!("../migrations/postgres/0012_transcripts.sql") },
    Migration { version: 13, text: include_str!("../migrations/postgres/0013_retries.sql") },
    Migration { version: 14, text: include_str!("../migrations/postgres/0014_parts.sql") },
    Migration { version: 15, text: include_str!("../migrations/postgres/0015_sent_again.sql") },
    Migration { version: 16, text: include_str!("../migrations/postgres/0016_parts_of_documents.sql") },
    Migration { version: 17, text: include_str!("../migrations/postgres/0017_acknowledgements.sql") },
    Migration { version: 18, text: include_str!("../migrations/postgres/0018_batches.sql") },
    Migration { version: 19, text: include_str!("../migrations/postgres/0019_parts_of_deliveries.sql") },
    Migration { version: 20, text: include_str!("../migrations/postgres/0020_codes.sql") },
    Migration { version: 21, text: include_str!("../migrations/postgres/0021_shipments.sql") },
    Migration { version: 22, text: include_str!("../migrations/postgres/0022_exceptions.sql") },
    Migration { version: 23, text: include_str!("../migrations/postgres/0023_shipment_readers.sql") },
    Migration { version: 24, text: include_str!("../migrations/postgres/0024_figures.sql") },
    Migration { version: 25, text: include_str!("../migrations/postgres/0025_filings.sql") },
    Migration { version: 26, text: include_str!("../migrations/postgres/0026_shipment_contexts.sql") },
    Migration { version: 27, text: include_str!("../migrations/postgres/0027_figures_of_costs.sql") },
    Migration { version: 28, text: include_str!("../migrations/postgres/0028_decided.sql") },
    Migration { version: 29, text: include_str!("../migrations/postgres/0029_lookups.sql") },
    Migration { version: 30, text: include_str!("../migrations/postgres/0030_waiting.sql") },
    Migration { version: 31, text: include_str!("../migrations/postgres/0031_may_be_taken.sql") },
    Migration { version: 32, text: include_str!("../migrations/postgres/0032_left_out.sql") },
    Migration { version: 33, text: include_str!("../migrations/postgres/0033_attempt_sums.sql") },
];

/// The newest version.
pub(crate) fn newest(migrations: &[Migration]) -> i64 {
    migrations.last().map_or(0, |migration| migration.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_numbered_without_gaps_and_both_engines_have_all() {
        for migrations in [SQLITE, POSTGRES] {
            assert!(migrations.iter().map(|migration| migration.version).eq(1..=newest(migrations)));
        }
        assert_eq!(newest(SQLITE), newest(POSTGRES));
    }
}
