use portgate_canonical::{Acknowledgement, AcknowledgementMessage, AcknowledgementVerdict};

use super::*;
use crate::PartVerdict;

fn message(body: &str) -> Message {
    Message {
        partner: "tms".into(),
        contract: "x12-acknowledgement".into(),
        version: "1".into(),
        content_type: "application/edi-x12".into(),
        headers: Vec::new(),
        received_at: "2026-03-01T08:16:00Z".into(),
        digest: "0".repeat(64),
        body: body.as_bytes().to_vec(),
        agreement: None,
        control_numbers: None,
    }
}

const ISA: &str =
    "ISA*00*          *00*          *02*LDGT           *ZZ*PORTGATEDEMO   *260301*0816*U*00401*000000311*0*P*>~";

/// A group of these sets, each without its envelope.
fn x12_of(between: &str, sets: &[&str]) -> String {
    let sets: String = sets
        .iter()
        .enumerate()
        .map(|(index, set)| {
            let number = index + 1;
            let kind = set.split_at(3);
            format!("ST*{}*{number:04}~{}SE*{}*{number:04}~", kind.0, kind.1, kind.1.matches('~').count() + 2)
        })
        .collect();
    let groups = if sets.is_empty() { 0 } else { 1 };
    let group = match groups {
        0 => String::new(),
        _ => format!("GS*FA*LDGT*PORTGATEDEMO*20260301*0816*9*X*004010~{sets}GE*{}*9~", sets.matches("ST*").count()),
    };
    format!("{ISA}{between}{group}IEA*{groups}*000000311~")
}

fn documents(decoded: &Decoded) -> Vec<Acknowledgement> {
    decoded.documents.iter().map(|document| document.read().expect("the struct's own JSON")).collect()
}

fn references(document: &Acknowledgement) -> Vec<(&str, &str)> {
    document.references.iter().map(|name| (&*name.scheme, &*name.value)).collect()
}

#[test]
fn each_set_is_an_acknowledgement_of_its_own_and_a_broken_one_is_refused_by_itself() {
    let text = x12_of(
        "TA1*000000042*260301*0815*A*000~",
        &[
            "997AK1*QM*42~AK2*214*0001~AK3*AT7*4**8~AK4*5**8*20260231~AK5*R*5~AK9*R*1*1*0~",
            "997AK9*A*0*0*0~",
            "214B10*1~",
        ],
    );
    let decoded = x12(&message(&text)).expect("two of four are taken");
    assert_eq!(decoded.findings, []);
    let verdicts: Vec<_> = decoded.parts.iter().map(|part| (part.reference.as_str(), part.verdict)).collect();
    use PartVerdict::{Accepted, Refused};
    assert_eq!(verdicts, [("000000311", Accepted), ("0001", Accepted), ("0002", Refused), ("0003", Refused)]);
    let codes: Vec<_> = decoded.parts.iter().flat_map(|part| &part.findings).map(|finding| &*finding.code).collect();
    assert_eq!(codes, ["acknowledgement-incomplete", "NOT-AN-ACKNOWLEDGEMENT"]);

    let [envelope, group] = &documents(&decoded)[..] else { panic!("two documents") };
    assert_eq!((envelope.message, &*envelope.id), (AcknowledgementMessage::Ta1, "TA1|02|LDGT|260301:0816|000000311|1"));
    let interchange = envelope.interchange.as_ref().expect("it is about one");
    assert_eq!((&*interchange.reference, interchange.verdict), ("000000042", AcknowledgementVerdict::Accepted));
    assert_eq!((interchange.made.as_deref(), interchange.errors.len()), (Some("2603010815"), 0));
    assert_eq!(references(envelope), [("interchange", "000000042")]);

    assert_eq!(
        (group.message, &*group.id),
        (AcknowledgementMessage::X997, "997|02|LDGT|260301:0816|000000311|9|0001|2")
    );
    assert_eq!(group.source.message_id.as_deref(), Some("000000311/9/0001"));
    assert_eq!((&*group.groups[0].reference, group.groups[0].verdict), ("42", AcknowledgementVerdict::Rejected));
    let set = &group.messages[0];
    assert_eq!(
        (set.group.as_deref(), set.r#type.as_deref(), set.reference.as_deref()),
        (Some("42"), Some("214"), Some("0001"))
    );
    assert_eq!(set.errors.iter().map(|code| &**code).collect::<Vec<_>>(), ["5"]);
    let found = &set.findings[0];
    assert_eq!((found.segment.as_deref(), found.position, found.element), (Some("AT7"), Some(4), Some(5)));
    assert_eq!(
        (found.code.as_deref(), found.value.as_deref(), found.text.as_deref()),
        (Some("8"), Some("20260231"), None)
    );
    assert_eq!(references(group), [("group", "42"), ("message", "0001")]);
}

#[test]
fn a_document_keeps_its_key_when_the_interchange_comes_again_and_another_one_has_another() {
    let keys = |text: &str| {
        x12(&message(text)).expect("it is taken").documents.into_iter().map(|one| one.key).collect::<Vec<_>>()
    };
    let one = x12_of("", &["997AK1*QM*42~AK9*A*1*1*1~", "997AK1*QM*43~AK9*A*1*1*1~"]);
    assert_eq!(keys(&one), keys(&one));
    assert_ne!(keys(&one)[0], keys(&one)[1]);
    assert_ne!(keys(&one), keys(&one.replace("000000311", "000000312")));
    let bare = "ST*997*0001~AK1*PO*2~AK9*A*0*0*0~SE*4*0001~ST*997*0001~AK1*SH*3~AK9*A*0*0*0~SE*4*0001~";
    let keys = keys(bare);
    assert_eq!(keys[0], format!("997|{}|1", "0".repeat(64)), "the payload's digest where nobody is named");
    assert_ne!(keys[0], keys[1]);
}

#[test]
fn what_a_999_says_beside_codes_is_kept_in_words() {
    let set = "999AK1*HC*17*005010X222~AK2*837*0003~IK3*REF*57*2300*3~CTX*SITUATIONAL TRIGGER*CLM*43**5>3*1325~\
               CTX*CLM01>987~IK4*2*782*1~IK5*R*5~AK9*R*1*1*0~";
    let decoded = x12(&message(&x12_of("", &[set]))).expect("it is taken");
    let found = documents(&decoded)[0].messages[0].findings.clone();
    let words =
        "loop 2300; SITUATIONAL TRIGGER at segment 43 CLM, element 5, component 3, data element 1325; CLM01 987";
    assert_eq!(found[0].text.as_deref(), Some(words));
    assert_eq!((found[1].code.as_deref(), found[1].text.as_deref()), (Some("1"), Some("loop 2300; data element 782")));
}

#[test]
fn a_report_and_an_aperak_name_what_they_are_about() {
    let unb = "UNB+UNOC:3+4012345000009:14+5412345000013:14+260301:0816+REF88'";
    let report = "UNH+1+CONTRL:D:3:UN'UCI+42+5412345000013:14+4012345000009:14+7'UCM+1+IFTMBF:D:00B:UN+7'\
                  UCM+2+IFTMBF:D:00B:UN+4'UCS+3+18'UCD+12+2:2'UNT+7+1'";
    let aperak = "UNH+2+APERAK:D:96A:UN'BGM+313+77+27'RFF+ACW:B-77'RFF+ON:4711'ERC+12'FTX+AAI+++Unknown port'UNT+7+2'";
    let decoded = edifact(&message(&format!("{unb}{report}{aperak}UNZ+2+REF88'"))).expect("both are taken");
    let [report, aperak] = &documents(&decoded)[..] else { panic!("two documents") };
    assert_eq!(&*report.id, "CONTRL|14|4012345000009|260301:0816|REF88|1|1");
    let interchange = report.interchange.as_ref().expect("it is about one");
    assert_eq!(interchange.verdict, AcknowledgementVerdict::PartlyAccepted);
    assert_eq!(interchange.sender.as_ref().map(|side| &*side.id), Some("5412345000013"));
    let names = [("interchange", "42"), ("message", "2"), ("message", "1")];
    assert_eq!(references(report), names, "what was refused comes first");
    assert_eq!(references(aperak), [("edifact:ACW", "B-77"), ("order", "4711")]);
    let set = &aperak.messages[0];
    assert_eq!(
        (set.verdict, set.findings[0].text.as_deref()),
        (AcknowledgementVerdict::Rejected, Some("Unknown port"))
    );
}

#[test]
fn an_answer_is_told_by_its_envelope_and_its_bytes() {
    let body = x12_of("TA1*000000042*260301*0815*R*025~", &[]).into_bytes();
    let answer = Response { status: 200, headers: Vec::new(), received_at: "2026-03-01T08:16:00Z".into(), body };
    let decoded = x12(&answer).expect("it is taken");
    let [envelope] = &documents(&decoded)[..] else { panic!("one document") };
    assert_eq!((&*envelope.source.system, envelope.source.recorded_at.as_str()), ("LDGT", "2026-03-01T08:16:00Z"));
    assert_eq!(envelope.source.raw_ref.as_str().len(), 64);
    assert_eq!(envelope.interchange.as_ref().map(|one| one.errors.len()), Some(1));
}

#[test]
fn an_interchange_without_any_acknowledgement_is_refused() {
    let refused = x12(&message(&x12_of("", &[]))).expect_err("nothing is acknowledged");
    assert_eq!(refused.findings[0].code, "NO-ACKNOWLEDGEMENT");
    let refused = x12(&message(&x12_of("", &["214B10*1~"]))).expect_err("nothing is acknowledged");
    assert_eq!(refused.parts[0].findings[0].code, "NOT-AN-ACKNOWLEDGEMENT");
    let refused = edifact(&message("UNB+UNOC:3+A+B+260301:0816+1'UNZ+0+1'")).expect_err("nothing is acknowledged");
    assert_eq!(refused.findings.last().map(|finding| &*finding.code), Some("NO-ACKNOWLEDGEMENT"));
}

#[test]
fn of_more_numbers_than_there_is_room_for_those_of_what_was_refused_are_references() {
    let sets: String =
        (1..=99).map(|number| format!("AK2*214*{number:04}~AK5*{}~", if number == 99 { "R*5" } else { "A" })).collect();
    let decoded = x12(&message(&x12_of("", &[&format!("997AK1*QM*42~{sets}AK9*P*99*99*98~")]))).expect("it is taken");
    let document = &documents(&decoded)[0];
    assert_eq!((document.messages.len(), document.references.len()), (99, 64));
    assert_eq!(references(document)[..2], [("group", "42"), ("message", "0099")]);
    assert_eq!(decoded.parts[0].findings[0].code, "REFERENCES-LEFT-OUT");
}
