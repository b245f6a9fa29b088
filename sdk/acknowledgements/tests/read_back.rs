//! An acknowledgement that is written is read as what it was, and whatever is read, nothing panics.

use portgate_acknowledgements::{
    Acknowledgement, Context, ElementPlace, Finding, GroupVerdict, InterchangeVerdict, Kind, Party, SetVerdict,
    Verdict, edifact, x12,
};
use portgate_readers::edi::Limits;
use portgate_readers::{edifact as read_edifact, x12 as read_x12};
use portgate_writers::edifact::InterchangeHeader as Unb;
use portgate_writers::x12::{GroupHeader, InterchangeHeader as Isa};
use portgate_writers::{Mode, Stamp};
use proptest::prelude::*;
use proptest::sample::select;

fn made() -> Stamp {
    Stamp::rfc3339("2026-03-01T08:16:00Z").unwrap()
}

fn element() -> impl Strategy<Value = ElementPlace> {
    (1..99_u32, 0..9_u32, 0..9_u32, "[0-9]{0,4}").prop_map(|(element, component, repetition, reference)| ElementPlace {
        element,
        component,
        repetition,
        reference,
    })
}

fn context() -> impl Strategy<Value = Context> {
    let place = ("[A-Z]{2}[A-Z0-9]?", 1..99_u32, "[0-9]{0,4}", prop::option::of(element()));
    ("[A-Z]{3}[0-9]{2}", "[A-Z0-9]{0,9}", prop::option::of(place)).prop_map(|(name, value, place)| {
        let (segment, position, loop_id, element) = place.unwrap_or_default();
        Context { name, value, segment, position, loop_id, element }
    })
}

/// Findings as a connector makes them: several may be about one segment.
fn findings(kind: Kind) -> impl Strategy<Value = Vec<Finding>> {
    let contexts = prop::collection::vec(context(), 0..if kind == Kind::X999 { 3 } else { 1 });
    let finding =
        (prop::option::of(element()), select(vec!["1", "2", "3", "7", "12", "I9"]), "[A-Za-z0-9 .]{0,20}", contexts);
    let segment = ("[A-Z]{2}[A-Z0-9]?", 1..99_u32, "[0-9]{0,4}", prop::collection::vec(finding, 1..4));
    prop::collection::vec(segment, 0..4).prop_map(move |segments| {
        let of_segment = |(segment, position, loop_id, findings): (String, u32, String, Vec<_>)| {
            findings.into_iter().map(
                move |(element, code, value, contexts): (Option<ElementPlace>, &str, String, _)| {
                    let is_element = element.is_some();
                    Finding {
                        segment: segment.clone(),
                        position,
                        loop_id: loop_id.clone(),
                        element,
                        code: code.to_owned(),
                        // The value of an element alone is repeated, and blanks at its end count.
                        value: if is_element { value } else { String::new() },
                        contexts,
                    }
                },
            )
        };
        segments.into_iter().flat_map(of_segment).collect()
    })
}

fn set(kind: Kind) -> impl Strategy<Value = SetVerdict> {
    let verdict = select(vec![Verdict::Accepted, Verdict::AcceptedWithErrors, Verdict::Rejected]);
    let errors = prop::collection::vec("[1-9]{1,2}", 0..=5);
    let edition = select(vec!["", "005010X231A1"]);
    ("[0-9]{3}", "[A-Z0-9]{4,9}", edition, verdict, errors, findings(kind)).prop_map(
        |(kind, control_number, edition, verdict, errors, findings)| SetVerdict {
            kind,
            control_number,
            edition: edition.to_owned(),
            verdict,
            errors,
            findings,
        },
    )
}

fn of_group() -> impl Strategy<Value = Acknowledgement> {
    let verdict =
        select(vec![Verdict::Accepted, Verdict::AcceptedWithErrors, Verdict::PartlyAccepted, Verdict::Rejected]);
    select(vec![Kind::X997, Kind::X999]).prop_flat_map(move |kind| {
        let sets = prop::collection::vec(set(kind), 0..4);
        let errors = prop::collection::vec("[1-9]{1,2}", 0..=5);
        ("[A-Z]{2}", 1..999_999_999_u32, select(vec!["", "005010"]), verdict.clone(), any::<[u16; 3]>(), errors, sets)
            .prop_map(move |(functional_id, number, version, verdict, counts, errors, sets)| Acknowledgement {
                kind,
                interchange: None,
                groups: vec![GroupVerdict {
                    functional_id,
                    control_number: number.to_string(),
                    version: version.to_owned(),
                    sender: Party::default(),
                    receiver: Party::default(),
                    verdict,
                    counts: Some(counts.map(u32::from)),
                    errors,
                    sets,
                }],
                sets: Vec::new(),
                references: Vec::new(),
            })
    })
}

fn of_interchange() -> impl Strategy<Value = Acknowledgement> {
    let verdict = select(vec![Verdict::Accepted, Verdict::AcceptedWithErrors, Verdict::Rejected]);
    ("[0-9]{9}", "[0-9]{10}", verdict, select(vec!["", "001", "025"])).prop_map(
        |(control_number, made, verdict, error)| {
            let (sender, receiver) = (Party::default(), Party::default());
            let error = error.to_owned();
            let interchange =
                InterchangeVerdict { control_number, sender, receiver, made, verdict, error, place: None };
            Acknowledgement {
                kind: Kind::Ta1,
                interchange: Some(interchange),
                groups: Vec::new(),
                sets: Vec::new(),
                references: Vec::new(),
            }
        },
    )
}

/// What a CONTRL can say of a finding.
fn reported(finding: Finding) -> Finding {
    let element = finding.element.map(|place| ElementPlace {
        repetition: if place.component > 0 { 0 } else { place.repetition },
        reference: String::new(),
        ..place
    });
    Finding { position: finding.position, code: finding.code, element, ..Finding::default() }
}

fn party() -> impl Strategy<Value = Party> {
    ("[A-Z'+:?]{1,9}", "[0-9]{0,2}").prop_map(|(id, qualifier)| Party { id, qualifier })
}

/// A report with the verdicts that follow from those of the messages.
fn report() -> impl Strategy<Value = Acknowledgement> {
    let sets = prop::collection::vec((set(Kind::Contrl), "[A-Z0-9]{1,14}"), 0..4);
    let groups = prop::collection::vec((sets, "[A-Z0-9]{1,14}", party(), party()), 0..3);
    let parties = (party(), party());
    (groups, any::<bool>(), "[A-Z0-9]{1,14}", parties, prop::option::of((select(vec!["UNB", "UNZ"]), 1..9_u32)))
        .prop_map(|(groups, in_groups, control_number, (sender, receiver), refused)| {
            let message = |(set, control_number): (SetVerdict, String)| {
                let mut findings: Vec<Finding> = set.findings.into_iter().map(reported).collect();
                let mut errors = set.errors;
                errors.truncate(1);
                match set.verdict {
                    Verdict::Accepted => (findings, errors) = (Vec::new(), Vec::new()),
                    Verdict::AcceptedWithErrors if findings.is_empty() && errors.is_empty() => {
                        errors.push("12".to_owned())
                    }
                    _ => {}
                }
                let edition = "D:00B:UN:EAN008".to_owned();
                SetVerdict { kind: "IFTMIN".into(), control_number, edition, verdict: set.verdict, errors, findings }
            };
            let of_parts = |parts: &mut dyn Iterator<Item = Verdict>| match parts.max() {
                Some(Verdict::Rejected | Verdict::PartlyAccepted) => Verdict::PartlyAccepted,
                Some(other) => other,
                None => Verdict::Accepted,
            };
            let mut groups: Vec<GroupVerdict> = groups
                .into_iter()
                .map(|(sets, control_number, sender, receiver)| {
                    let sets: Vec<SetVerdict> = sets.into_iter().map(message).collect();
                    GroupVerdict {
                        functional_id: String::new(),
                        control_number,
                        version: String::new(),
                        sender,
                        receiver,
                        verdict: of_parts(&mut sets.iter().map(|set| set.verdict)),
                        counts: None,
                        errors: Vec::new(),
                        sets,
                    }
                })
                .collect();
            let mut sets = Vec::new();
            if !in_groups {
                sets = groups.drain(..).flat_map(|group| group.sets).collect();
            }
            let parts = groups.iter().map(|group| group.verdict).chain(sets.iter().map(|set| set.verdict));
            let mut verdict = of_parts(&mut parts.collect::<Vec<_>>().into_iter());
            let (mut error, mut place) = (String::new(), None);
            if let Some((segment, element)) = refused {
                (groups, sets) = (Vec::new(), Vec::new());
                (verdict, error, place) = (Verdict::Rejected, "12".to_owned(), Some((segment.to_owned(), element)));
            }
            let made = String::new();
            let interchange = InterchangeVerdict { control_number, sender, receiver, made, verdict, error, place };
            Acknowledgement { kind: Kind::Contrl, interchange: Some(interchange), groups, sets, references: Vec::new() }
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn acknowledgements_of_x12_are_read_as_what_was_written(
        interchanges in prop::collection::vec(of_interchange(), 0..3),
        groups in prop::collection::vec(of_group(), 1..4),
        version in select(vec!["00401", "00501"]),
    ) {
        let all: Vec<Acknowledgement> = interchanges.into_iter().chain(groups).collect();
        let header = Isa::new(("ZZ", "ACME"), ("ZZ", "SHIPPER"), made(), 7, Mode::Production).version(version);
        let written = x12::write(&all, &header, &GroupHeader::new("FA", "ACME", "SHIPPER", 7, "005010X231A1"), 1);
        let written = written.map_err(|error| TestCaseError::fail(error.to_string()))?;
        let interchange = read_x12::Interchange::parse(&written.bytes, &Limits::default()).unwrap();
        prop_assert_eq!(interchange.anomalies(), []);
        let read = x12::read(&interchange);
        prop_assert_eq!(&read.anomalies, &Vec::new());
        prop_assert_eq!(&read.acknowledgements, &all, "{}", String::from_utf8_lossy(&written.bytes));
    }

    #[test]
    fn reports_of_edifact_are_read_as_what_was_written(
        reports in prop::collection::vec(report(), 1..4),
        version in 1..=4_u8,
    ) {
        let header = Unb::new("UNOC", version, "ACME", "SHIPPER", made(), 7, Mode::Production);
        let written = edifact::write(&reports, &header, 1).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let interchange = read_edifact::Interchange::parse(&written.bytes, &Limits::default()).unwrap();
        prop_assert_eq!(interchange.anomalies(), []);
        let read = edifact::read(&interchange);
        prop_assert_eq!(&read.anomalies, &Vec::new());
        prop_assert_eq!(&read.acknowledgements, &reports, "{}", String::from_utf8_lossy(&written.bytes));
    }

    #[test]
    fn whatever_comes_is_read_and_answered_without_a_panic(pieces in prop::collection::vec(select(PIECES.to_vec()), 0..60)) {
        let text = pieces.concat();
        if let Ok(interchange) = read_x12::Interchange::parse(text.as_bytes(), &Limits::default()) {
            let read = x12::read(&interchange);
            let header = Isa::new(("ZZ", "A"), ("ZZ", "B"), made(), 7, Mode::Test);
            // What cannot be written, such as an echo of a separator, is an error and no panic.
            let _ = x12::write(&read.acknowledgements, &header, &GroupHeader::new("FA", "AA", "BB", 7, "004010"), 1);
            for guide in [x12::Guide::X997, x12::Guide::X999] {
                let mut answer = x12::Answer::of(guide, &interchange);
                for (index, message) in interchange.messages().enumerate() {
                    for segment in message.segments() {
                        if let Some(mut set) = answer.set(index) {
                            set.reject(Finding::in_segment(&message, &segment).element(1).code("7"));
                        }
                    }
                }
                let _ = answer.write(&header, 7, 1);
            }
        }
        if let Ok(interchange) = read_edifact::Interchange::parse(text.as_bytes(), &Limits::default()) {
            let read = edifact::read(&interchange);
            let header = Unb::new("UNOC", 3, "A", "B", made(), 7, Mode::Test);
            let _ = edifact::write(&read.acknowledgements, &header, 1);
            let mut answer = edifact::Answer::of(&interchange);
            for (index, message) in interchange.messages().enumerate() {
                for segment in message.segments() {
                    if let Some(mut set) = answer.message(index) {
                        set.warn(Finding::in_segment(&message, &segment).element(1).code("12"));
                    }
                }
            }
            let _ = (answer.verdict(), answer.write(&header, 1));
        }
    }
}

const PIECES: &[&str] = &[
    "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260102*0830*^*00501*000000007*0*P*>~",
    "GS*FA*A*B*20260102*0830*7*X*005010~",
    "TA1*000000001*260102*0830*A*000~",
    "ST*997*0001~",
    "ST*999*0001~",
    "AK1*PO*1~",
    "AK2*850*0001~",
    "AK3*N1*4*0100*8~",
    "IK3*N1*4**I9~",
    "AK4*2>1>3*66*7*X>Y~",
    "IK4*2~",
    "CTX*A>B^C>D*N1*4**5>3*C023>1325~",
    "AK5*R*5~",
    "IK5*A~",
    "AK9*P*1*1*0*5~",
    "AK9~",
    "SE*2*0001~",
    "GE*1*7~",
    "IEA*1*000000007~",
    "UNB+UNOC:3+A+B+260102:0830+7'",
    "UNG+X+A+B+260102:0830+1+UN+D:96A'",
    "UNH+1+CONTRL:D:3:UN'",
    "UNH+2+APERAK:D:96A:UN'",
    "UCI+7+A+B+7+12+UNB+2'",
    "UCF+1+A+B+4'",
    "UCM+1+IFTMIN:D:00B:UN+4'",
    "UCM'",
    "UCS+3+13'",
    "UCS+3'",
    "UCD+12+2:1'",
    "UCD'",
    "BGM+313+1+27'",
    "ERC+12'",
    "FTX+AAI+++text'",
    "RFF+ACW:1'",
    "UNT+4+1'",
    "UNE+1+1'",
    "UNZ+1+7'",
];

#[test]
fn messages_outside_of_groups_stay_outside_beside_one() {
    let came = "UNB+UNOC:3+A:14+B+260301:0815+7'UNH+1+CONTRL:D:3:UN'UCI+7+B+A:14+7'UCM+1+IFTMIN:D:00B:UN+4+12'\
                UCF+1+A+B+4'UNT+5+1'UNZ+1+7'";
    let read = |bytes: &[u8]| edifact::read(&read_edifact::Interchange::parse(bytes, &Limits::default()).unwrap());
    let said = read(came.as_bytes()).acknowledgements;
    assert_eq!((said[0].sets.len(), said[0].groups.len()), (1, 1));
    let header = Unb::new("UNOC", 3, "A", "B", made(), 8, Mode::Production);
    let written = edifact::write(&said, &header, 1).unwrap();
    assert_eq!(read(&written.bytes).acknowledgements, said, "{}", String::from_utf8_lossy(&written.bytes));
}
