use proptest::prelude::*;

use super::*;

fn row(reference: &str, state: Option<&str>, version: Option<&str>) -> ListedState {
    ListedState {
        reference: reference.to_owned(),
        scheme: Some("mrn".to_owned()),
        state: state.map(str::to_owned),
        version: version.map(str::to_owned),
    }
}

fn known(id: &str, mrn: &str, version: &str, state: Option<&str>, minute: i64) -> KnownState {
    KnownState {
        references: [("mrn".to_owned(), mrn.to_owned()), ("order".to_owned(), "O".to_owned())].into(),
        kind: "customs-status".to_owned(),
        id: id.to_owned(),
        version: version.to_owned(),
        state: state.map(str::to_owned),
        at: Timestamp::from_second(60 * minute).expect("a time"),
        whose: if state.is_some() { Whose::Said } else { Whose::Told },
    }
}

fn told(differences: &[StateDifference]) -> Vec<(Differs, &str, Option<&str>)> {
    differences.iter().map(|one| (one.differs, one.reference.as_str(), one.our_state.as_deref())).collect()
}

fn compare(listed: &[ListedState], known: &[KnownState], schemes: &BTreeSet<String>) -> Vec<StateDifference> {
    let mut comparison = Comparison::of(listed, schemes.clone());
    known.iter().cloned().for_each(|one| comparison.add(one));
    comparison.differences()
}

#[test]
fn what_is_missing_and_what_differs_is_named_and_the_rest_is_not() {
    let schemes = BTreeSet::from(["mrn".to_owned()]);
    let ours = [
        known("S1", "A", "1", Some("registered"), 1),
        known("S2", "A", "1", Some("released"), 2),
        known("S3", "B", "1", Some("registered"), 1),
        known("D1", "C", "2", None, 1),
        known("S4", "E", "1", Some("released"), 1),
    ];
    let theirs = [
        row("A", Some("released"), None),
        row("B", Some("released"), None),
        row("C", Some("accepted"), Some("2")),
        row("D", Some("accepted"), None),
    ];
    let differences = compare(&theirs, &ours, &schemes);
    assert_eq!(
        told(&differences),
        [
            (Differs::MissingThere, "E", Some("released")),
            (Differs::MissingHere, "D", None),
            // It was told us never: a notification is lost.
            (Differs::Differing, "B", Some("registered")),
            (Differs::Differing, "C", None),
        ]
    );
    assert_eq!(compare(&theirs[..1], &ours[..2], &schemes), [], "the last state counts");
    let version = compare(&[row("C", None, Some("3"))], &ours[3..4], &schemes);
    assert_eq!((version[0].differs, version[0].our_version.as_deref()), (Differs::Differing, Some("2")));
}

#[test]
fn a_partner_that_is_behind_differs_whatever_was_delivered_before() {
    let schemes = BTreeSet::from(["mrn".to_owned()]);
    let told = [known("D1", "A", "1", None, 1), known("D1", "A", "2", None, 2)];
    let differs = |version: &str, known: &[KnownState]| {
        let found = compare(&[row("A", None, Some(version))], known, &schemes);
        found.first().map(|one| one.our_version.clone().unwrap_or_default())
    };
    assert_eq!(differs("2", &told), None);
    assert_eq!(differs("1", &told), Some("2".to_owned()));
    let [one, two] = told;
    assert_eq!(differs("1", &[two.clone(), one.clone()]), Some("2".to_owned()), "in whatever order it is added");
    // A notification's own version is none of what was sent.
    let answer = KnownState { whose: Whose::Answered, ..known("S1", "A", "1", Some("ACCEPTED"), 3) };
    assert_eq!(differs("1", &[one, two, answer]), Some("2".to_owned()));
}

#[test]
fn customs_answers_for_whom_was_sent_the_declaration_in_whatever_letters() {
    let schemes = BTreeSet::from(["mrn".to_owned()]);
    let known = [
        known("D1", "A", "1", None, 1),
        KnownState { whose: Whose::Answered, ..known("S1", "A", "1", Some("WRITTEN_OFF"), 3) },
    ];
    let differs = |state: &str, known: &[KnownState]| {
        let found = compare(&[row("A", Some(state), None)], known, &schemes);
        found.first().map(|one| one.our_state.clone().unwrap_or_default())
    };
    for same in ["WRITTEN_OFF", "written off", "Written-Off"] {
        assert_eq!(differs(same, &known), None, "{same}");
    }
    assert_eq!(differs("RELEASED", &known), Some("WRITTEN_OFF".to_owned()));
    // What the partner says itself goes before.
    let said = [known[0].clone(), known[1].clone(), self::known("S2", "A", "1", Some("RELEASED"), 2)];
    assert_eq!(differs("RELEASED", &said), None);
    // And where the filing stands is compared too.
    let filed = |state: &str| {
        let filing =
            KnownState { kind: "filing".to_owned(), whose: Whose::Filed, ..self::known("L1", "A", "", Some(state), 4) };
        [known[0].clone(), known[1].clone(), filing]
    };
    assert_eq!(differs("WRITTEN_OFF", &filed("cleared")), None);
    assert_eq!(differs("WRITTEN_OFF", &filed("amendment-pending")), None, "customs has yet to hear of that");
    let late = differs("WRITTEN_OFF", &filed("accepted"));
    assert_eq!(late, Some("WRITTEN_OFF; the filing is accepted".to_owned()));
}

#[test]
fn a_list_is_csv_or_json_lines() {
    let expected = [row("A", Some("released"), None), row("B", None, Some("2"))];
    let csv = "\u{feff}scheme,reference,version,state\nmrn,A,,released\nmrn, B ,2,\n";
    let lines = "{\"scheme\":\"mrn\",\"reference\":\"A\",\"state\":\"released\"}\n\n\
                 {\"scheme\":\"mrn\",\"reference\":\"B\",\"version\":\"2\"}\n";
    assert_eq!(read(csv.as_bytes()).expect("a list"), expected);
    assert_eq!(read(lines.as_bytes()).expect("a list"), expected);
    for (bad, line, problem) in [
        ("mrn,state\nA,x\n", 1, "`mrn` is none of the columns"),
        ("scheme,state\nmrn,x\n", 1, "there is no column `reference`"),
        ("reference,state\n,x\n", 2, "has no reference"),
        ("{\"reference\":\"A\"}\n{\"reference\":1}\n", 2, "invalid type"),
    ] {
        let error = read(bad.as_bytes()).expect_err("no list");
        assert!(error.line == line && error.problem.contains(problem), "{bad}: {error}");
    }
}

proptest! {
    #[test]
    fn no_order_has_a_say_and_what_is_the_same_differs_nowhere(order in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle(), cut in 0..6_usize) {
        let schemes = BTreeSet::from(["mrn".to_owned()]);
        let ours: Vec<KnownState> = (0..6).map(|n| known(&format!("S{n}"), &format!("M{n}"), "1", Some("x"), n)).collect();
        let theirs: Vec<ListedState> = (0..6).map(|n| row(&format!("M{n}"), Some("x"), Some("1"))).collect();
        prop_assert_eq!(compare(&theirs, &ours, &schemes), vec![]);
        let shuffled: Vec<ListedState> = order.iter().map(|n| theirs[*n].clone()).take(cut).collect();
        let differences = compare(&shuffled, &ours, &schemes);
        prop_assert_eq!(differences.len(), 6 - cut);
        prop_assert!(differences.iter().all(|one| one.differs == Differs::MissingThere));
        let kept: Vec<KnownState> = order.iter().map(|n| ours[*n].clone()).take(cut).collect();
        let differences = compare(&theirs, &kept, &schemes);
        prop_assert_eq!(differences.len(), 6 - cut);
        prop_assert!(differences.iter().all(|one| one.differs == Differs::MissingHere));
    }
}
