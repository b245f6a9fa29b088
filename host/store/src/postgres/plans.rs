//! How PostgreSQL finds the rows of the statements on the way from a document to its kept context.

use std::collections::BTreeMap;

use deadpool_postgres::Pool;
use portgate_store::testing::PostgresServer;

use super::connect;
use super::session::Session;
use crate::plans::{Steps, accept_more, join_more, on_the_way, read_alike, read_more};
use crate::statements::Step;

impl Steps for Pool {
    type Sql = Session;

    async fn run<T>(&mut self, step: impl AsyncFnOnce(&mut Session) -> Step<T>) -> T {
        let mut session = Session::begin(self).await.expect("it begins");
        let worked = step(&mut session).await;
        session.end(worked).await.expect("it is kept")
    }
}

/// Adds rows to all tables, thousands like each of a few that are there but for what tells rows apart, so that plans are those of a large journal.
const FILL: &str = "
DO $$
DECLARE
    one text;
    columns text;
    values text;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('journal_schema', 'audit_head') LOOP
        SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum), string_agg(
            CASE WHEN atttypid = 'uuid'::regtype THEN format('CASE WHEN %I IS NOT NULL THEN md5(n::text)::uuid END', attname)
                 WHEN NOT tells THEN quote_ident(attname)
                 WHEN atttypid = 'bytea'::regtype THEN 'decode(md5(n::text), ''hex'')'
                 WHEN atttypid = 'text'::regtype THEN format('%I || n', attname)
                 ELSE '1000000 + n' END, ', ' ORDER BY attnum)
            INTO columns, values
            FROM pg_attribute CROSS JOIN LATERAL (SELECT EXISTS (SELECT 1 FROM pg_index
                WHERE indrelid = attrelid AND indisunique AND attnum = ANY(indkey)) AS tells) AS told
            WHERE attrelid = one::regclass AND attnum > 0 AND NOT attisdropped;
        EXECUTE format('INSERT INTO %I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM \
            (SELECT *, row_number() OVER () AS nth FROM %I LIMIT 3) AS one, generate_series(1, 7000) AS number_of, \
            LATERAL (SELECT 7000 * nth + number_of AS n) AS numbered ON CONFLICT DO NOTHING', one, columns, values, one);
    END LOOP;
END $$";

/// The lines of a statement's plan, for whatever values, where no table is looked through that can be read in another way.
async fn plan(pool: &Pool, text: &str) -> Vec<String> {
    let client = pool.get().await.expect("a connection");
    let settings = "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan";
    client.batch_execute(settings).await.expect("settings");
    client.batch_execute(&format!("PREPARE explained AS {text}")).await.expect("a statement");
    let count = "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'explained'";
    let count: i32 = client.query_one(count, &[]).await.expect("its parameters").get(0);
    let values = vec!["NULL"; usize::try_from(count).expect("few")].join(", ");
    let values = if values.is_empty() { values } else { format!("({values})") };
    let rows = client.query(&format!("EXPLAIN EXECUTE explained {values}"), &[]).await.expect("its plan");
    client.batch_execute("DEALLOCATE explained; RESET ALL").await.expect("settings");
    rows.iter().map(|row| row.get(0)).collect()
}

/// An index that holds nothing but what is looked for.
const WAITING: &str = "exceptions_waiting";

/// Tables that are looked through, and indexes of which all is.
fn scans(plan: &[String]) -> Vec<String> {
    let mut scans = Vec::new();
    for (index, line) in plan.iter().enumerate() {
        let has_condition = || plan.get(index + 1).is_some_and(|next| next.contains("Index Cond:"));
        let is_whole = line.contains("Scan using") && !line.contains(WAITING) && !has_condition();
        if line.contains("Seq Scan on") || is_whole {
            scans.push(line.trim().to_owned());
        }
    }
    scans
}

async fn new(server: &PostgresServer, name: &str) -> Pool {
    let pool = connect::pool(&server.database(name).expect("a database"), 4).expect("a pool");
    connect::check_and_migrate(&pool).await.expect("a schema");
    pool
}

#[tokio::test]
async fn nothing_on_the_way_looks_through_a_table() {
    let Some(server) = PostgresServer::start(&[]).expect("a server") else { return };
    let mut pool = new(&server, "one").await;
    let texts = on_the_way(&mut pool).await;
    pool.get().await.expect("a connection").batch_execute(&format!("{FILL}; ANALYZE")).await.expect("rows");
    let mut found = Vec::new();
    for text in texts {
        let plan = plan(&pool, &text).await;
        let scans = scans(&plan);
        if !scans.is_empty() {
            found.push((text, scans));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// How often each table was looked through so far, and how many entries of its indexes were read.
async fn read_so_far(pool: &Pool) -> BTreeMap<String, (i64, i64)> {
    let client = pool.get().await.expect("a connection");
    client.query_one("SELECT pg_stat_force_next_flush()::text", &[]).await.expect("it is told");
    let text = "SELECT tables.relname::text, seq_scan, coalesce(sum(idx_tup_read), 0)::bigint FROM pg_stat_user_tables AS tables \
                LEFT JOIN pg_stat_user_indexes USING (relid) GROUP BY 1, 2";
    let rows = client.query(text, &[]).await.expect("counts");
    rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect()
}

#[tokio::test]
async fn nothing_looks_through_a_table_that_the_server_has_not_analysed() {
    let Some(server) = PostgresServer::start(&[("autovacuum", "off")]).expect("a server") else { return };
    let mut pool = new(&server, "one").await;
    on_the_way(&mut pool).await;
    pool.get().await.expect("a connection").batch_execute(FILL).await.expect("rows");
    accept_more(&mut pool).await;
    let before = read_so_far(&pool).await;
    join_more(&mut pool).await;
    read_more(&mut pool).await;
    let after = read_so_far(&pool).await;
    for (table, (looked_through, read)) in before {
        let now = after[&table];
        assert_eq!(now.0, looked_through, "{table}");
        // For so many shipments at once it goes through an index at most, and once.
        assert!(now.1 - read < 25_000, "{} entries of {table} are read", now.1 - read);
    }
}

#[tokio::test]
async fn as_many_statements_read_many_shipments_as_few() {
    let Some(server) = PostgresServer::start(&[]).expect("a server") else { return };
    read_alike(&mut new(&server, "few").await, &mut new(&server, "many").await).await;
}
