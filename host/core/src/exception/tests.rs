//! Exceptions follow from facts, whatever order they are told in.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::judgement::JudgedField;

fn finding(rule: &str, field: &str, value: &str) -> ShipmentFinding {
    ShipmentFinding {
        pack: "core".to_owned(),
        rule: rule.to_owned(),
        severity: Severity::Error,
        detail: format!("{field} does not fit."),
        remedy: String::new(),
        fields: vec![JudgedField {
            kind: "shipment".to_owned(),
            id: "S".to_owned(),
            field: field.to_owned(),
            value: Some(value.to_owned()),
            system: "erp".to_owned(),
            recorded_at: "2026-03-01T00:00:00Z".to_owned(),
        }],
        overridden: None,
    }
}

/// What is known after a change of what was known.
fn done(known: &[Known], changes: &[Change]) -> Vec<Known> {
    let mut known = known.to_vec();
    for change in changes {
        let (state, closing) = match change {
            Change::Close(_, closing) => (ExceptionState::Closed, Some(*closing)),
            _ => (ExceptionState::Open, None),
        };
        let at = known.iter().position(|known| known.cause == *change.cause());
        let before = at.map(|at| known.remove(at));
        let (detail, findings) = match (change, before) {
            (Change::Open(wanted) | Change::Reopen(wanted) | Change::Update(wanted), _) => {
                (wanted.detail.clone(), wanted.findings.clone())
            }
            (Change::Close(..), Some(before)) => (before.detail, before.findings),
            (Change::Close(..), None) => panic!("closes what is not there: {change:?}"),
        };
        known.push(Known { cause: change.cause().clone(), state, closing, detail, findings });
    }
    known
}

fn open(known: &[Known]) -> BTreeSet<String> {
    known.iter().filter(|one| one.state == ExceptionState::Open).map(|one| one.cause.to_string()).collect()
}

fn findings() -> impl Strategy<Value = Vec<ShipmentFinding>> {
    let one = (0..4_u8, 0..3_u8, 0..2_u8)
        .prop_map(|(rule, field, value)| finding(&format!("R{rule}"), &format!("/f{field}"), &value.to_string()));
    prop::collection::vec(one, 0..8)
}

proptest! {
    #[test]
    fn exactly_what_is_found_is_open_however_it_was_before(steps in prop::collection::vec(findings(), 1..6), turn in 0..8_usize) {
        let (mut known, mut turned) = (Vec::new(), Vec::new());
        for found in &steps {
            known = done(&known, &reconcile(Wanted::of_findings(found), &known));
            let mut other = found.clone();
            other.reverse();
            let mut wanted = Wanted::of_findings(&other);
            let by = turn % wanted.len().max(1);
            wanted.rotate_left(by);
            // What is wanted twice is wanted once.
            wanted.extend(wanted.first().cloned());
            turned.reverse();
            turned = done(&turned, &reconcile(wanted, &turned));
            let want: BTreeSet<String> = found.iter().map(|one| Cause::rule(&one.pack, &one.rule).to_string()).collect();
            prop_assert_eq!(open(&known), want.clone());
            prop_assert_eq!(open(&turned), want);
            // Nothing is to be done twice.
            let mut unique = found.clone();
            unique.sort();
            unique.dedup();
            let again = reconcile(Wanted::of_findings(&unique), &done(&known, &reconcile(Wanted::of_findings(&unique), &known)));
            prop_assert_eq!(again, Vec::new());
        }
    }
}

#[test]
fn what_is_mended_closes_and_what_goes_wrong_again_opens_again() {
    let wrong = Wanted::of_findings(&[finding("R1", "/a", "1")]);
    let known = done(&[], &reconcile(wrong.clone(), &[]));
    let closed = reconcile(Vec::new(), &known);
    assert_eq!(closed, [Change::Close(Cause::rule("core", "R1"), Closing::Facts)]);
    let known = done(&known, &closed);
    assert_eq!(reconcile(wrong.clone(), &known), [Change::Reopen(wrong[0].clone())]);
}

#[test]
fn what_was_discarded_stays_closed_until_something_else_is_found() {
    let wanted = Wanted::of_findings(&[finding("R1", "/a", "1")]);
    let discarded = Known {
        cause: wanted[0].cause.clone(),
        state: ExceptionState::Closed,
        closing: Some(Closing::Discard),
        detail: wanted[0].detail.clone(),
        findings: wanted[0].findings.clone(),
    };
    assert_eq!(reconcile(wanted, std::slice::from_ref(&discarded)), []);
    let other = Wanted::of_findings(&[finding("R1", "/a", "2")]);
    assert_eq!(reconcile(other.clone(), &[discarded]), [Change::Reopen(other[0].clone())]);
}

fn overriding(subjects: &[&ShipmentFinding], until: Until) -> Override {
    let said = Overridden {
        by: 7,
        operator: "ann".to_owned(),
        confirmed_by: None,
        reason: "agreed with the seller".to_owned(),
    };
    let subjects = subjects.iter().map(|finding| subject(finding)).collect();
    Override { number: 7, cause: Cause::rule("core", "R1"), subjects, until, said }
}

#[test]
fn an_override_counts_while_its_fields_stay_and_ends_by_itself() {
    let (first, second) = (finding("R1", "/a", "1"), finding("R1", "/b", "1"));
    let both = overriding(&[&first, &second], Until::FieldsChange);
    let mut found = vec![first.clone(), second.clone(), finding("R2", "/a", "1")];
    let left = apply(&mut found, std::slice::from_ref(&both), "r1");
    assert_eq!(left, [(7, both.subjects.clone())]);
    assert_eq!(found.iter().map(|one| one.overridden.is_some()).collect::<Vec<_>>(), [true, true, false]);
    assert!(Wanted::of_findings(&found)[0].is_overridden());

    // One field says something else: the override counts for the other alone.
    let mut found = vec![finding("R1", "/a", "2"), second.clone()];
    let left = apply(&mut found, std::slice::from_ref(&both), "r2");
    assert_eq!(left, [(7, BTreeSet::from([subject(&second)]))]);
    assert_eq!((found[0].overridden.is_some(), found[1].overridden.is_some()), (false, true));

    // Nothing of it is left: it has ended.
    assert_eq!(apply(&mut [], &[both], "r3"), [(7, BTreeSet::new())]);
}

#[test]
fn an_override_of_one_revision_ends_with_it() {
    let one = finding("R1", "/a", "1");
    let only = overriding(&[&one], Until::Revision("r1".to_owned()));
    let mut found = vec![one];
    assert_eq!(apply(&mut found, std::slice::from_ref(&only), "r1")[0].1.len(), 1);
    assert!(apply(&mut found, &[only], "r2")[0].1.is_empty());
    assert_eq!(found[0].overridden, None);
}

#[test]
fn a_finding_is_about_its_facts_whoever_says_them_and_whenever() {
    let one = finding("R1", "/a", "1");
    let mut again = one.clone();
    again.fields[0].recorded_at = "2026-04-01T00:00:00Z".to_owned();
    again.severity = Severity::Blocking;
    assert_eq!(subject(&one), subject(&again));
    for other in [finding("R2", "/a", "1"), finding("R1", "/b", "1"), finding("R1", "/a", "2")] {
        assert_ne!(subject(&one), subject(&other));
    }
}

#[test]
fn a_cause_is_read_as_it_is_written() {
    let cause = Cause::rule("core", "R1");
    assert_eq!(cause.to_string(), "rule:core/R1");
    assert_eq!(cause.to_string().parse(), Ok(cause));
    assert!("R1".parse::<Cause>().is_err() && "other:R1".parse::<Cause>().is_err());
}
