//! `[journal]` of `gateway.toml`: where exchanges and deliveries are kept, and for how long.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where exchanges and deliveries are kept, and for how long. Whatever is not settled is kept in any case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Journal {
    /// `sqlite:PATH`, relative to the policy folder; or `file:NAME` or `env:NAME`, a secret that holds the URL of a
    /// PostgreSQL database (`postgres://…`), which several gateways may share.
    pub database: String,
    /// Days after which the payload of a settled exchange is removed; its digest stays.
    #[schemars(range(min = 1, max = 36_500))]
    pub raw_days: u32,
    /// Days after which a settled exchange is removed with its documents and deliveries.
    #[schemars(range(min = 1, max = 36_500))]
    pub exchange_days: u32,
    /// Days after which a refused message is removed.
    #[schemars(range(min = 1, max = 36_500))]
    pub refused_days: u32,
    /// MiB that the refused messages of one partner and day (in UTC) may fill; the oldest make room for the newest. With 0
    /// none is kept.
    #[schemars(range(max = 1_048_576))]
    pub refused_mib_per_day: u32,
    /// How many bytes of a partner's answer to a delivery are kept for operators to see, beside its status and header fields.
    /// With 0 nothing of an answer is kept but its status.
    #[schemars(range(max = 1_048_576))]
    pub answer_bytes: u32,
    /// Days after which what was said in an attempt at a settled delivery is removed: where its request went, with which
    /// header fields, and the answer. It never outlives the exchange's payload.
    #[schemars(range(min = 1, max = 36_500))]
    pub answer_days: u32,
    /// Days that an `Idempotency-Key` or the id of a message is remembered. What is known by its body alone, because its signature
    /// covers neither id nor time, is remembered for `exchange_days`.
    #[schemars(range(min = 1, max = 366))]
    pub idempotency_days: u32,
}

impl Default for Journal {
    fn default() -> Self {
        Journal {
            database: "sqlite:../data/journal.sqlite".to_owned(),
            raw_days: 90,
            exchange_days: 400,
            refused_days: 30,
            refused_mib_per_day: 64,
            answer_bytes: 4_096,
            answer_days: 30,
            idempotency_days: 7,
        }
    }
}

/// Which database keeps the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database<'a> {
    /// A file, relative to the policy folder.
    Sqlite(&'a str),
    /// A secret that holds the URL of a PostgreSQL database.
    Postgres(&'a str),
}

impl Journal {
    /// Bytes that the refused messages of one partner and day may fill.
    pub fn refused_bytes_per_day(&self) -> u64 {
        u64::from(self.refused_mib_per_day) << 20
    }

    /// Which database keeps the journal; nothing where `database` is none of the forms, which [`load`](super::load)
    /// refuses.
    pub fn place(&self) -> Option<Database<'_>> {
        match self.database.strip_prefix("sqlite:") {
            Some("") => None,
            Some(path) => Some(Database::Sqlite(path)),
            None => super::secret_name::names_secret(&self.database).then_some(Database::Postgres(&self.database)),
        }
    }
}
