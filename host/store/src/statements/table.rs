//! Tables that rows are inserted into: each column once, with its type and with what a row has in it. The statement for one
//! row, that for many at once, and the values of both come from this one list.

use super::value::Param;
use super::{Sql, Step};

/// What a column holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Id,
    Int,
    Text,
    Bytes,
}

/// One column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
}

/// A row that can be inserted.
pub(crate) trait Insert {
    /// Its table.
    const TABLE: &'static str;
    /// The table's columns, in the order of the values.
    const COLUMNS: &'static [Column];

    /// Inserts one row, its values as parameters from `$1` on.
    fn statement() -> &'static str;

    /// What it has in the columns.
    fn values(&self) -> Vec<Param<'_>>;
}

impl<R: Insert> Insert for &R {
    const TABLE: &'static str = R::TABLE;
    const COLUMNS: &'static [Column] = R::COLUMNS;

    fn statement() -> &'static str {
        R::statement()
    }

    fn values(&self) -> Vec<Param<'_>> {
        R::values(self)
    }
}

/// Says how a row is inserted.
macro_rules! table {
    ($table:ident($row:ident: $type:ty) { $($column:ident: $kind:ident = $value:expr,)+ }) => {
        impl $crate::statements::table::Insert for $type {
            const TABLE: &'static str = stringify!($table);
            const COLUMNS: &'static [$crate::statements::table::Column] = &[$($crate::statements::table::Column {
                name: stringify!($column),
                kind: $crate::statements::table::Kind::$kind,
            }),+];

            fn statement() -> &'static str {
                static TEXT: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
                    $crate::statements::table::one_row(stringify!($table), &[$(stringify!($column)),+])
                });
                &TEXT
            }

            fn values(&self) -> Vec<$crate::statements::value::Param<'_>> {
                let $row = self;
                vec![$($value),+]
            }
        }
    };
}

pub(crate) use table;

/// The statement that inserts one row.
pub(crate) fn one_row(table: &str, columns: &[&str]) -> String {
    let places: Vec<String> = (1..=columns.len()).map(|place| format!("${place}")).collect();
    format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), places.join(", "))
}

/// Inserts one row.
pub(crate) async fn insert<S: Sql, R: Insert + Sync>(sql: &mut S, row: &R) -> Step<()> {
    sql.execute(R::statement(), &row.values()).await?;
    Ok(())
}
