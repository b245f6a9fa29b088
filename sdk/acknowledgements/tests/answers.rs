//! What is answered to interchanges, and what real acknowledgements are read as.

use portgate_acknowledgements::{
    Context, ElementMistake, ElementPlace, Finding, Kind, Read, SegmentMistake, Verdict, edifact, x12,
};
use portgate_readers::edi::Limits;
use portgate_readers::{edifact as read_edifact, x12 as read_x12};
use portgate_writers::edifact::InterchangeHeader as Unb;
use portgate_writers::x12::InterchangeHeader as Isa;
use portgate_writers::{Stamp, Written};

fn made() -> Stamp {
    Stamp::rfc3339("2026-03-01T08:16:00Z").unwrap()
}

fn text(written: &Written) -> String {
    String::from_utf8(written.bytes.clone()).unwrap()
}

const ISA: &str =
    "ISA*00*          *00*          *ZZ*SHIPPER        *02*ACME           *260301*0815*U*00401*000000042*1*P*>~";

fn tenders(version: &str) -> String {
    let set =
        |number: u8, code: &str| format!("ST*204*000{number}~B2**ACME**441{number}**{code}~L11*7*XX~SE*4*000{number}~");
    format!(
        "{ISA}GS*SM*SHIP*CARR*20260301*0815*42*X*{version}~{}{}{}GE*3*42~IEA*1*000000042~",
        set(1, "CC"),
        set(2, "XX"),
        set(3, "CC")
    )
}

fn read_tenders(text: &str) -> read_x12::Interchange<'_> {
    read_x12::Interchange::parse(text.as_bytes(), &Limits::default()).unwrap()
}

fn header(interchange: &read_x12::Interchange<'_>) -> Isa {
    Isa::of(&interchange.segments().next().unwrap()).unwrap().answered(made(), 7)
}

#[test]
fn one_bad_set_of_three_makes_a_group_partly_accepted() {
    let sent = tenders("004010");
    let interchange = read_tenders(&sent);
    let mut answer = x12::Answer::of(x12::Guide::X997, &interchange);
    assert_eq!(answer.verdict(), Verdict::Accepted);
    let bad = interchange.messages().nth(1).unwrap();
    let b2 = bad.first("B2").unwrap();
    let finding = Finding::in_segment(&bad, &b2).element(6).mistake(x12::Guide::X997, ElementMistake::InvalidCode);
    answer.set(1).unwrap().reject(finding.value("XX"));
    let l11 = bad.first("L11").unwrap();
    let missing = Finding::in_segment(&bad, &l11).missing(x12::Guide::X997, "S5").in_loop("0300");
    answer.set(1).unwrap().reject(missing);
    answer
        .set(2)
        .unwrap()
        .warn(Finding::in_segment(&bad, &l11).segment_mistake(x12::Guide::X997, SegmentMistake::TooMany));
    assert!(answer.set(3).is_none());
    assert_eq!(answer.verdict(), Verdict::PartlyAccepted);
    let written = answer.write(&header(&interchange), 7, 1).unwrap();
    let text = text(&written);
    assert!(
        text.contains(
            "GS*FA*CARR*SHIP*20260301*0816*7*X*004010~ST*997*0001~AK1*SM*42~AK2*204*0001~AK5*A~\
             AK2*204*0002~AK3*B2*2**8~AK4*6**7*XX~AK3*S5*4*0300*3~AK5*R*5~AK2*204*0003~AK3*L11*3**5~AK5*E*5~\
             AK9*P*3*3*2~SE*14*0001~GE*1*7~"
        ),
        "{text}"
    );
    let read = read_tenders(&text);
    assert_eq!(read.anomalies(), []);
    let read = x12::read(&read);
    assert_eq!((read.acknowledgements, read.anomalies), (answer.acknowledgements, Vec::new()));
}

#[test]
fn the_same_as_an_implementation_acknowledgement_says_what_it_hangs_together_with() {
    let sent = tenders("005010X231");
    let interchange = read_tenders(&sent);
    let mut answer = x12::Answer::of(x12::Guide::X999, &interchange);
    let bad = interchange.messages().next().unwrap();
    let b2 = bad.first("B2").unwrap();
    let finding = Finding::in_segment(&bad, &b2).element(6).component(2).repetition(1).code("I12");
    let trigger = Context {
        name: "SITUATIONAL TRIGGER".into(),
        segment: "L11".into(),
        position: 3,
        element: Some(ElementPlace { element: 2, reference: "128".into(), ..ElementPlace::default() }),
        ..Context::default()
    };
    let named = Context { name: "B204".into(), value: "4411".into(), ..Context::default() };
    answer.set(0).unwrap().warn(finding.context(named).context(trigger));
    let written = answer.write(&header(&interchange).version("00501"), 7, 1).unwrap();
    let text = text(&written);
    assert!(
        text.contains(
            "*7*X*005010X231A1~ST*999*0001*005010X231A1~AK1*SM*42*005010X231~AK2*204*0001~IK3*B2*2**8~IK4*6>2>1**I12~\
             CTX*B204>4411~CTX*SITUATIONAL TRIGGER*L11*3**2*128~IK5*E*5~AK2*204*0002~IK5*A~AK2*204*0003~IK5*A~AK9*E*3*3*3~"
        ),
        "{text}"
    );
    assert_eq!(x12::read(&read_tenders(&text)).acknowledgements, answer.acknowledgements);
}

#[test]
fn an_interchange_is_acknowledged_by_itself() {
    let sent = tenders("004010");
    let interchange = read_tenders(&sent);
    let isa = interchange.segments().next().unwrap();
    let refused = x12::interchange_acknowledgement(&isa, Verdict::Rejected, Some("025"));
    let mut answer = x12::Answer::of(x12::Guide::X997, &interchange);
    answer.reject_group(0, &["1"]);
    answer.acknowledgements.insert(0, refused);
    let text = text(&answer.write(&header(&interchange), 7, 1).unwrap());
    assert!(text.contains("~TA1*000000042*260301*0815*R*025~GS*FA*"), "{text}");
    assert!(text.contains("~AK2*204*0003~AK5*R~AK9*R*3*3*0*1~"), "{text}");
    let read = x12::read(&read_tenders(&text));
    assert_eq!(read.acknowledgements, answer.acknowledgements);
    assert_eq!(read.acknowledgements[0].kind, Kind::Ta1);
}

#[test]
fn a_value_that_cannot_be_repeated_is_left_out() {
    let sent = tenders("004010");
    let interchange = read_tenders(&sent);
    let mut answer = x12::Answer::of(x12::Guide::X997, &interchange);
    let set = interchange.messages().next().unwrap();
    let place = Finding::in_segment(&set, &set.first("B2").unwrap()).element(4);
    let long = "9".repeat(120);
    for value in ["a>b", "é", "a\nb", &long] {
        let finding = place.clone().mistake(x12::Guide::X997, ElementMistake::TooLong).value(value);
        answer.set(0).unwrap().reject(finding);
    }
    let text = text(&answer.write(&header(&interchange), 7, 1).unwrap());
    assert!(text.contains(&format!("~AK4*4**5~AK4*4**5~AK4*4**5~AK4*4**5*{}~AK5", "9".repeat(99))), "{text}");
}

const UNB: &str = "UNA:+.? 'UNB+UNOC:3+SHIPPER:14+ACME:ZZ+260301:0815+REF42++++1'";

fn bookings(group: bool) -> String {
    let message = |number: u8| {
        format!("UNH+{number}+IFTMBF:D:00B:UN:EAN008'BGM+335+B-7{number}+9'DTM+137:2026?:1:203'UNT+4+{number}'")
    };
    match group {
        false => format!("{UNB}{}{}UNZ+2+REF42'", message(1), message(2)),
        true => {
            format!("{UNB}UNG+IFTMBF+S+R+260301:0815+G1+UN+D:00B'{}{}UNE+2+G1'UNZ+1+REF42'", message(1), message(2))
        }
    }
}

#[test]
fn a_contrl_names_what_is_wrong_with_a_message() {
    for group in [false, true] {
        let sent = bookings(group);
        let interchange = read_edifact::Interchange::parse(sent.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(interchange.anomalies(), []);
        let mut answer = edifact::Answer::of(&interchange);
        let bad = interchange.messages().nth(1).unwrap();
        let place = Finding::in_segment(&bad, &bad.first("DTM").unwrap());
        let date = place.clone().element(1).component(2).mistake(edifact::Contrl, ElementMistake::InvalidDate);
        answer.message(1).unwrap().reject(date);
        answer.message(1).unwrap().reject(place.missing(edifact::Contrl, "NAD"));
        assert_eq!(answer.verdict(), Verdict::PartlyAccepted);
        let header = Unb::of(&interchange.segments().next().unwrap()).unwrap().answered(made(), 7);
        let text = text(&answer.write(&header, 1).unwrap());
        let (open, group_of) = if group { ("UCF+G1+S+R+7'", true) } else { ("", false) };
        let expected = format!(
            "UNA:+.? 'UNB+UNOC:3+ACME:ZZ+SHIPPER:14+260301:0816+7'UNH+1+CONTRL:D:3:UN'UCI+REF42+SHIPPER:14+ACME:ZZ+7'{open}\
             UCM+1+IFTMBF:D:00B:UN:EAN008+7'UCM+2+IFTMBF:D:00B:UN:EAN008+4'UCS+3'UCD+12+2:2'UCS+4+13'"
        );
        assert!(text.starts_with(&expected), "{text}");
        let read = read_edifact::Interchange::parse(text.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(read.anomalies(), []);
        let read = edifact::read(&read);
        assert_eq!(read.anomalies, []);
        // CONTRL does not name the tags of segments.
        let sets = match group_of {
            true => &mut answer.acknowledgements[0].groups[0].sets,
            false => &mut answer.acknowledgements[0].sets,
        };
        sets.iter_mut().flat_map(|set| &mut set.findings).for_each(|finding| finding.segment.clear());
        assert_eq!(read.acknowledgements, answer.acknowledgements);
        assert_eq!(read.acknowledgements[0].interchange.as_ref().unwrap().verdict, Verdict::PartlyAccepted);
    }
}

#[test]
fn an_interchange_of_edifact_is_refused_or_received_as_a_whole() {
    let sent = bookings(false);
    let interchange = read_edifact::Interchange::parse(sent.as_bytes(), &Limits::default()).unwrap();
    let header = Unb::of(&interchange.segments().next().unwrap()).unwrap().answered(made(), 7);
    let header = Unb { version: 4, ..header };
    let mut refused = edifact::Answer::of(&interchange);
    refused.reject_interchange(0, "26", Some(("UNB", 5)));
    let written = text(&refused.write(&header, 9).unwrap());
    assert!(written.contains("UNH+9+CONTRL:4:1:UN'UCI+REF42+SHIPPER:14+ACME:ZZ+4+26+UNB+6'UNT+3+9'"), "{written}");
    let read = read_edifact::Interchange::parse(written.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(edifact::read(&read).acknowledgements, refused.acknowledgements);
    let mut received = edifact::Answer::of(&interchange);
    received.receipt(0);
    let written = text(&received.write(&header, 9).unwrap());
    assert!(written.contains("+ACME:ZZ+8'UNT+3+9'"), "{written}");
    let read = read_edifact::Interchange::parse(written.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(edifact::read(&read).acknowledgements, received.acknowledgements);
    assert_eq!(received.verdict(), Verdict::Received);
}

/// Verdicts of sets in what partners send, with the codes of their findings.
fn said(text: &str) -> Vec<(String, Verdict, Vec<String>)> {
    let read = x12::read(&read_tenders(text));
    assert_eq!(read.anomalies, []);
    let sets = read.acknowledgements.iter().flat_map(|one| one.all_sets());
    sets.map(|set| {
        let findings = set.findings.iter().map(|finding| {
            let element = finding.element.as_ref().map(|place| format!("/{}", place.element)).unwrap_or_default();
            format!("{}@{}{element}={}", finding.segment, finding.position, finding.code)
        });
        (set.control_number.clone(), set.verdict, findings.collect())
    })
    .collect()
}

#[test]
fn a_999_with_every_part_is_read() {
    let text = "ISA*00*          *00*          *ZZ*123456789      *ZZ*987654321      *041117*1024*^*00501*000000286*0*P*:~\
        GS*FA*RCVR*SNDR*20041117*1024*287*X*005010X231~ST*999*2870001*005010X231~AK1*HC*17456*004010X098A1~\
        AK2*837*0001~IK5*A~AK2*837*0002~IK3*CLM*22**8~CTX*CLM01:123456789~IK4*2*782*1~IK5*R*5~\
        AK2*837*0003~IK3*REF*57**3~CTX*SITUATIONAL TRIGGER*CLM*43**5:3*C023:1325~CTX*CLM01:987654321~IK5*R*5~\
        AK9*P*3*3*1~SE*16*2870001~GE*1*287~IEA*1*000000286~";
    assert_eq!(
        said(text),
        [
            ("0001".into(), Verdict::Accepted, vec![]),
            ("0002".into(), Verdict::Rejected, vec!["CLM@22=8".into(), "CLM@22/2=1".into()]),
            ("0003".into(), Verdict::Rejected, vec!["REF@57=3".into()]),
        ]
    );
    let read = x12::read(&read_tenders(text));
    let group = &read.acknowledgements[0].groups[0];
    assert_eq!((&*group.functional_id, &*group.control_number, group.counts), ("HC", "17456", Some([3, 3, 1])));
    let contexts = &group.sets[2].findings[0].contexts;
    assert_eq!((&*contexts[0].segment, contexts[0].position), ("CLM", 43));
    assert_eq!((&*contexts[1].name, &*contexts[1].value), ("CLM01", "987654321"));
}

#[test]
fn what_says_nothing_settles_nothing() {
    let sets = |inside: &str| {
        let text = format!("ST*997*0001~{inside}SE*9*0001~");
        let read = x12::read(&read_tenders(&text));
        let verdicts =
            read.acknowledgements.iter().flat_map(|one| one.all_sets()).map(|set| set.verdict).collect::<Vec<_>>();
        (verdicts, read.acknowledgements.len(), read.anomalies.iter().map(|anomaly| anomaly.code).collect::<Vec<_>>())
    };
    assert_eq!(sets("AK1*PO*1~AK2*850*1~AK5*Q~AK9*P*1*1*0~"), (vec![], 1, vec!["acknowledgement-verdict"]));
    assert_eq!(sets("AK1*PO*1~AK2*850*1~AK2*850*2~AK5*A~AK9*P*1*1*0~").0, [Verdict::Accepted]);
    assert_eq!(sets("AK1*PO*1~AK2*850*1~AK5*A~AK9~"), (vec![], 0, vec!["acknowledgement-verdict"]));
    assert_eq!(sets("AK9*A*1*1*1~"), (vec![], 0, vec!["acknowledgement-incomplete"]));
    assert_eq!(sets("AK1*PO*1~AK3*X*1~AK5*A~AK9*A*0*0*0~"), (vec![], 1, vec!["acknowledgement-incomplete"; 2]));
}

#[test]
fn each_set_can_be_read_by_itself_and_others_are_none() {
    let text = "ST*997*0001~AK1*PO*1~AK9*A*1*1*1~SE*4*0001~ST*850*0002~BEG*00~SE*3*0002~ST*999*0003~AK9*A~SE*3*0003~";
    let interchange = read_x12::Interchange::parse(text.as_bytes(), &Limits::default()).unwrap();
    let read: Vec<_> = interchange.messages().map(|set| x12::read_set(&set)).collect();
    let counts = |read: &Read| (read.acknowledgements.len(), read.anomalies.len());
    assert_eq!(
        read.iter().map(|read| read.as_ref().map(counts)).collect::<Vec<_>>(),
        [Some((1, 0)), None, Some((0, 1))]
    );
    assert!(interchange.segments().all(|segment| x12::read_segment(&segment).is_none()), "there is no TA1");
}

#[test]
fn an_aperak_says_what_became_of_a_message_where_it_does() {
    let read = |inside: &str| {
        let text = format!("UNB+UNOC:3+A+B+260301:0815+1'UNH+1+APERAK:D:96A:UN'{inside}UNT+9+1'UNZ+1+1'");
        edifact::read(&read_edifact::Interchange::parse(text.as_bytes(), &Limits::default()).unwrap())
    };
    let refused = read("BGM+313+77'RFF+ACW:B-77'RFF+ON:4711'ERC+12'FTX+AAI+++The port:is not known'ERC+13'RFF+LI:2'");
    let one = &refused.acknowledgements[0];
    assert_eq!((one.kind, one.sets[0].verdict), (Kind::Aperak, Verdict::Rejected));
    assert_eq!(one.references.iter().map(|one| &*one.value).collect::<Vec<_>>(), ["B-77", "4711"]);
    assert_eq!((&*one.sets[0].findings[0].code, &*one.sets[0].findings[0].value), ("12", "The port is not known"));
    assert_eq!(&*one.sets[0].findings[1].value, "LI 2", "what a finding is about");
    assert_eq!(read("BGM+312+77'RFF+ACW:B-77'").acknowledgements[0].sets[0].verdict, Verdict::Accepted);
    assert_eq!(read("BGM++77+27'").acknowledgements[0].sets[0].verdict, Verdict::Rejected);
    assert_eq!(read("BGM++77+34'").acknowledgements[0].sets[0].verdict, Verdict::AcceptedWithErrors);
    // Of partners that say neither.
    let verdict = |inside: &str| read(inside).acknowledgements[0].sets[0].verdict;
    assert_eq!(verdict("BGM++0109094405'RFF+ON:4506701767'"), Verdict::Accepted);
    assert_eq!(verdict("BGM++0109094405'RFF+ON:4506701767'ERC+12'"), Verdict::Rejected);
    let unknown = read("BGM+351+0109094405+9'RFF+ON:4506701767'");
    assert!(unknown.acknowledgements.is_empty() && unknown.anomalies[0].code == "acknowledgement-verdict");
}
