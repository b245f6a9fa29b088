use portgate_readers::edi::Limits;

use super::*;
use crate::agreement::{Acknowledgement, Identifier, Mode, Setting};

fn identifier(level: Level, qualifier: &str, value: &str) -> Identifier {
    Identifier { level, qualifier: qualifier.to_owned(), value: value.to_owned() }
}

fn agreement() -> Agreement {
    Agreement {
        name: "status-in".to_owned(),
        ours: vec![identifier(Level::Interchange, "ZZ", "IMPORTER")],
        theirs: vec![identifier(Level::Interchange, "ZZ", "OCEANLINE")],
        edition: "004010".to_owned(),
        mode: Mode::Test,
        acknowledgement: Acknowledgement::InAnswer,
        all_or_nothing: false,
        settings: Vec::new(),
    }
}

fn message(body: &str, agreement: Agreement) -> Message {
    Message {
        partner: "ocean-carrier".into(),
        contract: "x12-315".into(),
        version: "4010".into(),
        content_type: "application/edi-x12".into(),
        headers: Vec::new(),
        received_at: "2026-03-01T08:16:00Z".into(),
        digest: "0".repeat(64),
        body: body.as_bytes().to_vec(),
        agreement: Some(agreement),
        control_numbers: Some(ControlNumbers { interchange: 501, group: 502, first_message: 503, messages: 1 }),
    }
}

const ISA: &str =
    "ISA*00*          *00*          *ZZ*OCEANLINE      *ZZ*IMPORTER       *260301*0815*U*00401*000000042*0*T*>~";

/// Two sets, of which the second says no status.
fn x12_text() -> String {
    let sets = "ST*315*0001~B4***VA*20260228*0430~SE*3*0001~ST*315*0002~B4****20260228*0430~SE*3*0002~";
    format!("{ISA}GS*QO*OCL*IMP*20260301*0815*42*X*004010~{sets}GE*2*42~IEA*1*000000042~")
}

/// What a connector makes of an interchange whose parts have these errors.
fn made<'i>(
    parts: impl Iterator<Item = Part<'i>>,
    error: impl Fn(&Part<'i>) -> Option<Finding>,
) -> Result<Decoded, Rejection> {
    let mut decoded = Decoded::new();
    for part in parts {
        decoded.part(part.location(), part.reference().unwrap_or_default());
        if let Some(error) = error(&part) {
            decoded.finding(error);
        }
    }
    decoded.finish()
}

fn x12_reply_to(message: &Message, error: impl Fn(&Part<'_>) -> Option<Finding>) -> (Option<String>, Vec<Finding>) {
    let interchange = read_x12::Interchange::parse(&message.body, &Limits::default()).expect("X12");
    told(super::x12(message, &interchange, made(interchange.messages(), error)))
}

fn told(answer: Result<Decoded, Rejection>) -> (Option<String>, Vec<Finding>) {
    let (reply, findings) = match answer {
        Ok(decoded) => (decoded.reply, decoded.findings),
        Err(rejection) => (rejection.reply, rejection.findings),
    };
    (reply.map(|reply| String::from_utf8(reply.body).expect("ASCII")), findings)
}

/// The second set has no status.
fn no_status(part: &Part<'_>) -> Option<Finding> {
    let status = part.first("B4")?;
    status.element(3).is_none().then(|| Finding::error("MISSING", status.at(3), "There is no status."))
}

#[test]
fn a_set_that_is_refused_is_named_with_its_element_and_the_other_is_accepted() {
    let (reply, findings) = x12_reply_to(&message(&x12_text(), agreement()), no_status);
    let expected = "ISA*00*          *00*          *ZZ*IMPORTER       *ZZ*OCEANLINE      *260301*0816*U*00401*000000501*0*T*>~\
                    GS*FA*IMP*OCL*20260301*0816*502*X*004010~ST*997*0503~AK1*QO*42~AK2*315*0001~AK5*A~AK2*315*0002~\
                    AK3*B4*2**8~AK4*3**1~AK5*R*5~AK9*P*2*2*1~SE*10*0503~GE*1*502~IEA*1*000000501~";
    assert_eq!((reply.as_deref(), findings), (Some(expected), Vec::new()));
}

#[test]
fn all_or_nothing_refuses_the_others_as_well() {
    let all = Agreement { all_or_nothing: true, ..agreement() };
    let (reply, _) = x12_reply_to(&message(&x12_text(), all.clone()), no_status);
    let reply = reply.expect("a reply");
    assert!(reply.contains("~AK2*315*0001~AK5*R~") && reply.contains("~AK9*R*2*2*0~"), "{reply}");
    let (reply, _) = x12_reply_to(&message(&x12_text(), all), |_| None);
    assert!(reply.expect("a reply").contains("~AK9*A*2*2*2~"), "nothing is refused, so nothing else is");
}

#[test]
fn the_identifiers_of_groups_and_a_999_are_as_agreed() {
    let mut agreed = agreement();
    agreed.ours.push(identifier(Level::Group, "", "IMPDEPT"));
    agreed.settings.push(Setting { name: ACKNOWLEDGE_WITH.into(), value: "999".into() });
    let (reply, _) = x12_reply_to(&message(&x12_text(), agreed.clone()), |_| None);
    let reply = reply.expect("a reply");
    assert!(
        reply.contains("*00501*000000501*0*T*>~GS*FA*IMPDEPT*OCL*") && reply.contains("~ST*999*0503*005010X231A1~"),
        "{reply}"
    );
    agreed.settings[0].value = "998".into();
    let (reply, findings) = x12_reply_to(&message(&x12_text(), agreed), |_| None);
    assert_eq!((reply, findings[0].code.as_str(), findings[0].severity.rejects()), (None, "NO-REPLY", false));
}

#[test]
fn a_missing_segment_an_unknown_set_and_a_broken_place_have_codes_of_their_own() {
    let reply = |error: &dyn Fn(&Part<'_>) -> Finding| {
        let (reply, _) = x12_reply_to(&message(&x12_text(), agreement()), |part| Some(error(part)));
        let reply = reply.expect("a reply");
        reply
            .split("~AK2*315*0001~")
            .nth(1)
            .and_then(|rest| rest.split("~AK2").next())
            .expect("the first set")
            .to_owned()
    };
    let missing =
        reply(&|set| Finding::error("MISSING", set.location(), "No Q2.").because(Mistake::MissingSegment("Q2")));
    assert_eq!(missing, "AK3*Q2*2**3~AK5*R*5");
    let unknown = reply(&|set| Finding::error("OTHER", set.location(), "Not a 315.").because(Mistake::Unsupported));
    assert_eq!(unknown, "AK5*R*1");
    let time = |set: &Part<'_>| Finding::error("TIME", set.first("B4").unwrap().at(5), "No time.");
    assert_eq!(reply(&time), "AK3*B4*2**8~AK4*5**8*0430~AK5*R*5");
    let time = |set: &Part<'_>| time(set).because(ElementMistake::InvalidTime);
    assert_eq!(reply(&time), "AK3*B4*2**8~AK4*5**9*0430~AK5*R*5");
    let segment = reply(&|set| Finding::error("ODD", set.first("B4").unwrap().location(), "Odd."));
    assert_eq!(segment, "AK3*B4*2**8~AK5*R*5");
    let whole = reply(&|set| Finding::error("ODD", set.location(), "Odd."));
    assert_eq!(whole, "AK5*R*5");
}

#[test]
fn a_message_that_is_refused_as_a_whole_has_every_set_refused() {
    let message = message(&x12_text(), agreement());
    let interchange = read_x12::Interchange::parse(&message.body, &Limits::default()).expect("X12");
    let refused = Rejection::from(Finding::error("TOO-MANY-DOCUMENTS", "", "Too many."));
    let (reply, _) = told(super::x12(&message, &interchange, Err(refused)));
    let reply = reply.expect("a reply");
    assert!(reply.contains("~AK2*315*0001~AK5*R~AK2*315*0002~AK5*R~AK9*R*2*2*0~"), "{reply}");
}

#[test]
fn nothing_is_written_where_nothing_was_agreed_and_a_warning_says_where_it_cannot_be() {
    let none = Agreement { acknowledgement: Acknowledgement::None, ..agreement() };
    let unnumbered = Message { control_numbers: None, ..message(&x12_text(), agreement()) };
    let not_agreed = Message { agreement: None, ..message(&x12_text(), agreement()) };
    for message in [message(&x12_text(), none), unnumbered, not_agreed] {
        assert_eq!(x12_reply_to(&message, |_| None), (None, Vec::new()));
    }
    let two = x12_text().replace("GE*2*42~", "GE*2*42~GS*QO*OCL*IMP*20260301*0815*43*X*004010~GE*0*43~");
    let nameless = Agreement { ours: Vec::new(), ..agreement() };
    let bare = "ST*315*0001~B4***VA*20260228*0430~SE*3*0001~";
    for (message, why) in [
        (message(&two, agreement()), "CONTROL-NUMBERS"),
        (message(&x12_text(), nameless), "NO-IDENTIFIER"),
        (message(bare, agreement()), "NOTHING"),
    ] {
        let (reply, findings) = x12_reply_to(&message, |_| None);
        assert_eq!((reply, findings[0].code.as_str()), (None, "NO-REPLY"));
        assert!(findings[0].detail.contains(why) && !findings[0].severity.rejects(), "{}", findings[0]);
    }
}

/// Two reports, of which the second has no date that can be read.
const EDIFACT: &str = "UNA:+.? 'UNB+UNOC:3+OCEANLINE:ZZ+IMPORTER:ZZ+260301:0815+42++++1'UNH+1+IFTSTA:D:00B:UN'BGM+23+A+9'UNT+3+1'\
                       UNH+2+IFTSTA:D:00B:UN'BGM+23+B+9'DTM+334:yesterday:203'UNT+4+2'UNZ+2+42'";

fn edifact_reply_to(agreement: Agreement, error: impl Fn(&Part<'_>) -> Option<Finding>) -> String {
    let message = message(EDIFACT, agreement);
    let interchange = read_edifact::Interchange::parse(&message.body, &Limits::default()).expect("EDIFACT");
    let (reply, findings) = told(super::edifact(&message, &interchange, made(interchange.messages(), error)));
    assert_eq!(findings, []);
    reply.expect("a reply")
}

fn no_date(part: &Part<'_>) -> Option<Finding> {
    let date = part.first("DTM")?;
    Some(Finding::error("TIME", date.at(1).component(2), "It is no date."))
}

#[test]
fn a_report_says_the_same_in_its_own_words() {
    let partly = edifact_reply_to(agreement(), no_date);
    assert_eq!(
        partly,
        "UNA:+.? 'UNB+UNOC:3+IMPORTER:ZZ+OCEANLINE:ZZ+260301:0816+501++++++1'UNH+503+CONTRL:D:3:UN'\
         UCI+42+OCEANLINE:ZZ+IMPORTER:ZZ+7'UCM+1+IFTSTA:D:00B:UN+7'UCM+2+IFTSTA:D:00B:UN+4'UCS+3'UCD+12+2:2'UNT+7+503'UNZ+1+501'"
    );
    let all = Agreement { all_or_nothing: true, ..agreement() };
    assert!(edifact_reply_to(all, no_date).contains("'UCM+1+IFTSTA:D:00B:UN+4+18'UCM+2+IFTSTA:D:00B:UN+4'UCS+3'"));
    assert!(edifact_reply_to(agreement(), |_| None).contains("+7'UCM+1+IFTSTA:D:00B:UN+7'UCM+2+IFTSTA:D:00B:UN+7'UNT"));
    let unknown = |part: &Part<'_>| Some(Finding::error("OTHER", part.location(), "No.").because(Mistake::Unsupported));
    assert!(edifact_reply_to(agreement(), unknown).contains("UCM+1+IFTSTA:D:00B:UN+4+17'UCM+2+IFTSTA:D:00B:UN+4+17'"));
}
