//! Whatever editions come one after the other, a day has the value that the edition of that day says.

use jiff::civil::{Date, date};
use portgate_core::reference::{Edition, Table, changes, read, write};
use portgate_tables::{Meaning, Place, Said, Scope, UpdateError, Updated, correct, update};
use proptest::prelude::*;

fn said(key: &str, value: &str, (from, to): (Date, Date)) -> Said {
    let value = Meaning::Text(value.to_owned());
    Said { key: key.to_owned(), value, from, to, place: Place::default() }
}

const ALWAYS: (Date, Date) = (Date::MIN, Date::MAX);

fn always(key: &str, value: &str) -> Said {
    said(key, value, ALWAYS)
}

fn edition(day: i8) -> Edition {
    of("P", day)
}

fn of(publisher: &str, day: i8) -> Edition {
    let edition = format!("of {day}");
    Edition { publisher: publisher.into(), format: "f".into(), edition, date: date(2026, 1, day) }
}

fn on<'t>(table: &'t Table, key: &str, day: Date) -> Option<&'t str> {
    table.on(key, day).map(|row| row.value.as_str())
}

fn days() -> impl Iterator<Item = Date> {
    (1..=31).map(|day| date(2026, 1, day)).chain([date(1999, 1, 1), date(2030, 1, 1)])
}

/// Of each of four keys nothing, or a value for all days, or one for some days and perhaps another after them.
fn rows() -> impl Strategy<Value = Vec<Said>> {
    let of_key = (0..4_u8, 0..3_u8, 1..20_i8, 1..12_i8);
    prop::collection::vec(of_key, 4).prop_map(|drawn| {
        let mut all = Vec::new();
        for (number, (kind, value, begin, length)) in drawn.into_iter().enumerate() {
            let key = format!("k{number}");
            let (from, to) = (date(2026, 1, begin), date(2026, 1, begin + length));
            match kind {
                0 => {}
                1 => all.push(always(&key, &value.to_string())),
                2 => all.push(said(&key, &value.to_string(), (from, to))),
                _ => {
                    all.push(said(&key, &value.to_string(), (Date::MIN, to)));
                    all.push(said(&key, &(value + 1).to_string(), (to, Date::MAX)));
                }
            }
        }
        all
    })
}

/// Up to five editions, each from a later day than the one before.
fn editions() -> impl Strategy<Value = Vec<(i8, Vec<Said>)>> {
    prop::collection::btree_map(1..31_i8, rows(), 1..6).prop_map(|editions| editions.into_iter().collect())
}

fn says(rows: &[Said], key: &str, day: Date) -> Option<String> {
    let row = rows.iter().find(|row| row.key == key && row.from <= day && day < row.to);
    row.map(|row| row.value.as_str().to_owned())
}

proptest! {
    #[test]
    fn a_day_has_what_the_edition_of_that_day_says(editions in editions()) {
        let mut table = Table::default();
        for (day, rows) in &editions {
            let Updated { table: next, .. } = update(&table, edition(*day), Scope::Whole, rows).unwrap();
            // What is kept is what is written, and what was said of the days before stays.
            table = read(write(&next).as_bytes()).unwrap();
        }
        for key in ["k0", "k1", "k2", "k3", "k4"] {
            for day in days() {
                let of_day = editions.iter().rev().find(|(from, _)| date(2026, 1, *from) <= day);
                let (_, rows) = of_day.or(editions.first()).unwrap();
                let table_says = on(&table, key, day).map(str::to_owned);
                prop_assert_eq!(table_says, says(rows, key, day), "{} on {}", key, day);
            }
        }
    }

    #[test]
    fn what_an_edition_says_of_some_keys_leaves_the_others_as_they_are(editions in editions()) {
        let mut table = Table::default();
        for (day, rows) in &editions {
            table = update(&table, edition(*day), Scope::Part, rows).unwrap().table;
        }
        for key in ["k0", "k1", "k2", "k3"] {
            for day in days() {
                let names = |rows: &[Said]| rows.iter().any(|row| row.key == key);
                let begun = |at: usize, from: i8| at == 0 || date(2026, 1, from) <= day;
                let mut of_day = editions.iter().enumerate().rev();
                let of_day = of_day.find(|(at, (from, rows))| begun(*at, *from) && names(rows));
                let expected = of_day.and_then(|(_, (_, rows))| says(rows, key, day));
                prop_assert_eq!(on(&table, key, day).map(str::to_owned), expected, "{} on {}", key, day);
            }
        }
    }

    #[test]
    fn an_edition_changes_no_day_before_it_and_is_no_change_again(editions in editions()) {
        let mut table = Table::default();
        for (at, (day, rows)) in editions.iter().enumerate() {
            let next = update(&table, edition(*day), Scope::Whole, rows).unwrap().table;
            let begin = date(2026, 1, *day);
            prop_assert!(at == 0 || changes(&table, &next).iter().all(|change| change.from >= begin));
            let again = update(&next, edition(*day), Scope::Whole, rows).unwrap().table;
            prop_assert_eq!(write(&again), write(&next));
            table = next;
        }
    }

    #[test]
    fn a_series_has_on_each_day_the_last_value_before_it_in_whatever_pieces_it_comes(
        values in prop::collection::btree_map(1..31_i8, 0..4_u8, 1..12),
        cut in 0..12_usize,
    ) {
        let values: Vec<Said> = values
            .iter()
            .map(|(day, value)| said("EUR/USD", &value.to_string(), (date(2026, 1, *day), Date::MAX)))
            .collect();
        let cut = cut.min(values.len() - 1);
        let (one, other) = values.split_at(cut);
        let mut table = Table::default();
        for piece in [one, other, one] {
            let updated = update(&table, edition(1), Scope::Series, piece).unwrap();
            prop_assert!(updated.kept.is_empty());
            table = updated.table;
        }
        for day in days() {
            let last = values.iter().rev().find(|value| value.from <= day).map(|value| value.value.as_str());
            prop_assert_eq!(on(&table, "EUR/USD", day), last, "{}", day);
        }
    }
}

#[test]
fn a_series_keeps_what_it_said_of_a_day() {
    let rate = |day, value| said("EUR/USD", value, (date(2026, 1, day), Date::MAX));
    let first = update(&Table::default(), edition(5), Scope::Series, &[rate(3, "1"), rate(5, "2")]).unwrap().table;
    let Updated { table, kept, .. } =
        update(&first, edition(6), Scope::Series, &[rate(3, "9"), rate(4, "9"), rate(6, "3"), rate(1, "0")]).unwrap();
    assert_eq!(kept.iter().map(|said| said.from.day()).collect::<Vec<_>>(), [3, 4]);
    let values: Vec<Option<&str>> = (1..=6).map(|day| on(&table, "EUR/USD", date(2026, 1, day))).collect();
    assert_eq!(values, [Some("0"), Some("0"), Some("1"), Some("1"), Some("2"), Some("3")]);
    assert_eq!(table.editions().len(), 1, "its newest edition stands for the series");
}

#[test]
fn an_edition_older_than_the_tables_is_refused() {
    let table = update(&Table::default(), edition(5), Scope::Whole, &[always("A", "1")]).unwrap().table;
    let error = update(&table, edition(4), Scope::Whole, &[always("A", "2")]).unwrap_err();
    assert_eq!(error, UpdateError::Older { given: date(2026, 1, 4), has: date(2026, 1, 5) });
    // That of another list knows nothing of it.
    let both = update(&table, of("Q", 4), Scope::Whole, &[always("B", "1")]).unwrap().table;
    assert_eq!(on(&both, "A", date(2026, 1, 9)), Some("1"));
}

#[test]
fn a_list_ends_its_own_keys_alone() {
    let table =
        update(&Table::default(), edition(1), Scope::Whole, &[always("A", "1"), always("B", "1")]).unwrap().table;
    let table = update(&table, of("Q", 1), Scope::Whole, &[always("C", "1")]).unwrap().table;
    let table = correct(&table, "D", Some(&Meaning::Text("1".into())), (date(2026, 1, 3), Date::MAX)).unwrap();
    let table = update(&table, edition(5), Scope::Whole, &[always("A", "1")]).unwrap().table;
    let last = date(2026, 1, 31);
    assert_eq!(["A", "B", "C", "D"].map(|key| on(&table, key, last)), [Some("1"), None, Some("1"), Some("1")]);
    assert_eq!(on(&table, "B", date(2026, 1, 4)), Some("1"));
    let first = table.rows_of("A").next().unwrap();
    assert_eq!((first.edition, first.to), (Some(0), Date::MAX), "who says the same again is not asked twice");
}

#[test]
fn a_stewards_word_counts_on_its_days_until_an_edition_says_otherwise() {
    let word = Meaning::Text("9".into());
    let table =
        update(&Table::default(), edition(1), Scope::Whole, &[always("A", "1"), always("B", "1")]).unwrap().table;
    let table = correct(&table, "A", Some(&word), (date(2026, 1, 5), date(2026, 1, 20))).unwrap();
    let table = correct(&table, "B", None, (date(2026, 1, 8), Date::MAX)).unwrap();
    let a = |table: &Table| [4, 5, 9, 10, 19, 20].map(|day| on(table, "A", date(2026, 1, day)).map(str::to_owned));
    let values = |values: [&str; 6]| values.map(|value| Some(value.to_owned()));
    assert_eq!(a(&table), values(["1", "9", "9", "9", "9", "1"]));
    assert_eq!([7, 8].map(|day| on(&table, "B", date(2026, 1, day))), [Some("1"), None]);
    let Updated { table: next, replaced, .. } =
        update(&table, edition(10), Scope::Whole, &[always("A", "1"), always("B", "2")]).unwrap();
    assert_eq!((a(&next), replaced), (values(["1", "9", "9", "1", "1", "1"]), vec!["A".to_owned()]));
    let agrees = update(&table, edition(10), Scope::Whole, &[always("A", "9")]).unwrap();
    assert!(agrees.replaced.is_empty(), "the list has taken the word over");
    assert!(correct(&table, "A", Some(&word), (date(2026, 1, 5), date(2026, 1, 5))).is_err());
}
