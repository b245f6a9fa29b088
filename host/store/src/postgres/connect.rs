//! Connects to the server: with TLS where that is possible, and only to a server that keeps what it says it keeps.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::session::{explained, no_connection, said};
use crate::error::{JournalError, OpenError};
use crate::migrations;
use crate::statements::Failure;

/// How long it may take to connect, and to get a connection from the pool.
const CONNECT_WAIT: Duration = Duration::from_secs(5);
/// The settings of each session. A commit is answered when it is on the disk, whatever the role's or the database's own
/// setting is; nothing holds locks for ever. Each row is found by an index, by way of the one before: a server that has not
/// analysed a table yet takes much of it for what is looked for, and would read all of it. Nothing here is worth compiling.
const SESSION: &str = "SET synchronous_commit = on; SET default_transaction_isolation = 'read committed'; \
                       SET statement_timeout = '60s'; SET lock_timeout = '4s'; \
                       SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = warning; \
                       SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off";
/// Names the lock under which the schema is brought up to date.
const MIGRATION_LOCK: i64 = 0x706f_7274_6761_7465;

pub(super) fn pool(url: &str, connections_max: u32) -> Result<Pool, OpenError> {
    let mut config: Config = url.parse().map_err(|error| OpenError::BadUrl(explained(&error)))?;
    if config.get_application_name().is_none() {
        config.application_name("portgate");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_WAIT);
    }
    config.tcp_user_timeout(Duration::from_secs(30));
    if config.get_hosts().len() > 1 {
        // Of several servers, the primary is used.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    let settings = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let local = config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_)));
    let manager = match local || config.get_ssl_mode() == SslMode::Disable {
        true => Manager::from_config(config, NoTls, settings),
        false => Manager::from_config(config, tls()?, settings),
    };
    let prepare = Hook::async_fn(|client, _| {
        Box::pin(async move {
            client.batch_execute(SESSION).await.map_err(HookError::Backend)?;
            // After a failover the same address can lead to a standby.
            let row = client.query_one("SELECT pg_is_in_recovery()", &[]).await.map_err(HookError::Backend)?;
            match row.get::<_, bool>(0) {
                true => Err(HookError::message("the server is a standby (pg_is_in_recovery)")),
                false => Ok(()),
            }
        })
    });
    let built = Pool::builder(manager)
        .max_size(usize::try_from(connections_max.max(2)).unwrap_or(usize::MAX))
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(CONNECT_WAIT))
        .create_timeout(Some(CONNECT_WAIT))
        .recycle_timeout(Some(CONNECT_WAIT))
        .post_create(prepare)
        .build();
    built.map_err(|error| OpenError::Database(error.to_string()))
}

fn tls() -> Result<MakeRustlsConnect, OpenError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| OpenError::Database(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// Refuses a server whose settings lose what it has acknowledged.
pub(super) async fn check(pool: &Pool) -> Result<(), OpenError> {
    let failed = |failure: Failure| OpenError::Database(JournalError::from(failure).to_string());
    let connection = pool.get().await.map_err(|error| failed(no_connection(error)))?;
    // `reset_val` is what sessions get that set nothing themselves.
    let text = "SELECT name, reset_val FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') \
                UNION ALL SELECT 'pg_is_in_recovery', CASE WHEN pg_is_in_recovery() THEN 'on' ELSE 'off' END";
    let rows = connection.query(text, &[]).await.map_err(|error| failed(error.into()))?;
    for row in rows {
        let (setting, value): (String, String) = (row.get(0), row.get(1));
        let advice = match (setting.as_str(), value.as_str()) {
            ("fsync" | "full_page_writes" | "synchronous_commit", "off") => {
                "what is acknowledged could be lost in a power cut: set it to on"
            }
            ("pg_is_in_recovery", "on") => "the server is a standby: give the URL of the primary",
            _ => continue,
        };
        return Err(OpenError::UnsafeSetting { setting, value, advice: advice.to_owned() });
    }
    Ok(())
}

/// Checks the server and brings the schema up to date. Several gateways can start at once: one does it.
pub(super) async fn check_and_migrate(pool: &Pool) -> Result<(), OpenError> {
    check(pool).await?;
    let failed = |error: tokio_postgres::Error| OpenError::Database(said(&error).to_string());
    let mut connection =
        pool.get().await.map_err(|error| OpenError::Database(JournalError::from(no_connection(error)).to_string()))?;
    let transaction = connection.transaction().await.map_err(failed)?;
    // Another gateway may be migrating, and gateways that run may hold locks for a while.
    transaction.batch_execute("SET LOCAL lock_timeout = '60s'").await.map_err(failed)?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&MIGRATION_LOCK]).await.map_err(failed)?;
    let text = "CREATE TABLE IF NOT EXISTS journal_schema (version bigint NOT NULL PRIMARY KEY)";
    transaction.batch_execute(text).await.map_err(failed)?;
    let text = "SELECT coalesce(max(version), 0) FROM journal_schema";
    let found: i64 = transaction.query_one(text, &[]).await.map_err(failed)?.get(0);
    let known = migrations::newest(migrations::POSTGRES);
    if found > known {
        return Err(OpenError::TooNew { found, known });
    }
    for migration in migrations::POSTGRES.iter().filter(|migration| migration.version > found) {
        transaction.batch_execute(migration.text).await.map_err(failed)?;
        let text = "INSERT INTO journal_schema (version) VALUES ($1)";
        transaction.execute(text, &[&migration.version]).await.map_err(failed)?;
    }
    transaction.commit().await.map_err(failed)
}
