use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;

const MADE: &str = concat!(
    r#"{"table":{"editions":[{"publisher":"P","format":"f","edition":"1","date":"2026-01-01"}]}}"#,
    "\n",
    r#"{"key":"A","value":{"name":"Ä"},"to":"2026-02-01","of":0}"#,
    "\n",
    r#"{"key":"A","value":"says \"B\"","from":"2026-02-01"}"#,
    "\n",
);

fn table(text: &str) -> Result<Table, TableError> {
    read(text.as_bytes())
}

#[test]
fn what_is_made_of_editions_is_read_looked_up_and_written_as_it_was() {
    let made = table(MADE).unwrap();
    let on = |month| made.on("A", date(2026, month, 1)).map(|row| (row.value, row.edition));
    assert_eq!(on(1), Some((Value::Json(r#"{"name":"Ä"}"#), Some(0))));
    assert_eq!(on(2), Some((Value::Text(r#"says "B""#), None)));
    assert_eq!(made.rows_of("A").count(), 2);
    assert_eq!((made.rows_of("").count(), made.rows_of("B").count(), made.on("B", Date::MAX)), (0, 0, None));
    assert_eq!(write(&made), MADE);
    assert_eq!(made.editions()[0].edition, "1");
    assert!(is_made_of_editions(b" { \"table\" : {}}") && !is_made_of_editions(b"{\"lists\": []}"));
}

#[test]
fn a_mistake_is_named_by_its_line_and_key() {
    let row = |row: &str| table(&format!("{MADE}{row}\n")).unwrap_err();
    let cases = [
        (r#"{"key":"A","value":"x","from":"2026-05-01"}"#, "the key `A` has another value on some of these days"),
        (r#"{"key":"B","value":7}"#, "the value of the key `B` is neither a text nor an object"),
        (r#"{"key":"B","value":"x","from":"2026-5-1"}"#, "a day of the key `B` must be written YYYY-MM-DD"),
        (r#"{"key":"B","value":"x","from":"2026-05-01","to":"2026-05-01"}"#, "`to` of the key `B` must be later"),
        (r#"{"key":"B","value":"x","of":1}"#, "there is no edition 1 in the first line"),
        (r#"{"key":"B","valve":"x"}"#, "unknown field `valve`"),
        (r#"{"key":"B"}"#, "missing field `value`"),
        (r#"{"key":"B","value":{"#, "EOF while parsing"),
    ];
    for (line, problem) in cases {
        let error = row(line);
        assert!(error.line == 4 && error.problem.contains(problem), "{line}: {error}");
    }
    assert_eq!(table("{\"table\": 7}\n").unwrap_err().line, 1);
    for (csv, line) in [
        ("key,value\nA,1\nB\n", 3),
        ("key,value,from,to\nA,1,2026-1-1,\n", 2),
        ("key,value,from,to\nA,1,2026-02-30,\n", 2),
        ("key,value,from,to\nA,1,2026-02-02,2026-02-02\n", 2),
        ("key,value,from,to\nA,1,,\nB,1,,\nA,2,2026-01-01,\n", 4),
        ("name,value\n", 1),
    ] {
        assert_eq!(table(csv).unwrap_err().line, line, "{csv}");
    }
}

#[test]
fn a_key_of_csv_has_the_value_of_its_day() {
    let rates = table("key,value,from,to\nA,2,2026-01-01,2027-01-01\nB,x,,\nA,1,,2026-01-01\n").unwrap();
    let on = |key, day| rates.on(key, day).map(|row| row.value.as_str());
    assert_eq!(on("A", date(2025, 12, 31)), Some("1"));
    assert_eq!(on("A", date(2026, 1, 1)), Some("2"));
    assert_eq!(on("A", date(2027, 1, 1)), None);
    assert_eq!(on("B", date(1999, 1, 1)), Some("x"));
    for absent in ["", "0", "AA", "C"] {
        assert_eq!(on(absent, date(2026, 1, 1)), None);
    }
}

#[test]
fn only_one_way_of_writing_a_day_is_taken() {
    assert_eq!(day("2026-03-01"), Some(date(2026, 3, 1)));
    for other in ["", "2026-3-1", "20260301", "2026-02-30", "2026-03-01T00:00:00Z", "+026-03-01", "２026-03"] {
        assert_eq!(day(other), None, "{other}");
    }
}

#[test]
fn who_relied_on_a_value_that_is_another_one_now_is_found_by_its_key_and_day() {
    let before = table("key,value,from,to\nA,1,,\nB,1,,\nC,1,,\n").unwrap();
    let after = table(
        "key,value,from,to\nA,1,,2026-02-01\nA,2,2026-02-01,\nC,1,,2026-01-01\nC,1,2026-01-01,\nD,1,2026-03-01,\n",
    );
    let after = after.unwrap();
    let changes = changes(&before, &after);
    assert_eq!(changes.on("A", date(2026, 1, 31)), None, "the value of the day is the one it was");
    let of_a = changes.on("A", date(2026, 2, 1)).unwrap();
    assert_eq!((of_a.before, of_a.after), (Some(Value::Text("1")), Some(Value::Text("2"))));
    assert_eq!(changes.on("B", date(1999, 1, 1)).unwrap().after, None);
    assert_eq!(changes.on("C", date(2026, 1, 1)), None, "two rows that say the same are one");
    assert_eq!(changes.on("D", date(2026, 2, 28)), None);
    assert_eq!(changes.by_key().count(), 3);
    assert!(super::changes(&after, &after).is_empty());
}

/// Rows of a few keys on a few days that do not overlap, from lengths and gaps.
fn rows() -> impl Strategy<Value = Table> {
    let row = (0..3_u8, 0..4_i8, 1..4_i8, 0..2_u8);
    prop::collection::vec(row, 0..12).prop_map(|drawn| {
        let mut next = [1_i8; 3];
        let mut csv = "key,value,from,to\n".to_owned();
        for (key, gap, length, value) in drawn {
            let begin = &mut next[usize::from(key)];
            let (from, to) = (*begin + gap, *begin + gap + length);
            if to > 28 {
                continue;
            }
            *begin = to;
            csv += &format!("k{key},{value},2026-01-{from:02},2026-01-{to:02}\n");
        }
        table(&csv).expect("rows that lie apart")
    })
}

proptest! {
    #[test]
    fn a_change_is_there_on_exactly_the_days_on_which_the_answers_differ(before in rows(), after in rows()) {
        let changes = changes(&before, &after);
        for key in ["k0", "k1", "k2", "k3"] {
            for day in 1..=31 {
                let day = date(2026, 1, day);
                let (old, new) = (before.on(key, day).map(|row| row.value), after.on(key, day).map(|row| row.value));
                let change = changes.on(key, day).map(|change| (change.before, change.after));
                prop_assert_eq!(change, (old != new).then_some((old, new)), "{} on {}", key, day);
            }
        }
    }

    #[test]
    fn what_is_written_is_read_as_what_it_was(rows in rows()) {
        let written = write(&rows);
        let again = table(&written).unwrap();
        prop_assert!(again.rows().eq(rows.rows()));
        prop_assert_eq!(write(&again), written);
    }
}
