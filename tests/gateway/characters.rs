//! Character sets over the network: what is announced is what the documents hold, and what cannot be is refused: by the
//! gateway itself, before a plugin sees it, or, where it is in one message of several, with that message.

use portgate_tests::{Answer, Client, Workshop};

use crate::{EVENTS, NOTIFICATION, ORDER, broker, carrier, events, gate, order, shop};

const STATUS: &str = "/v1/messages/iftsta/D00B";

fn notification(declared: &str, text: &str) -> String {
    let declaration =
        if declared.is_empty() { String::new() } else { format!("<?xml version='1.0' encoding='{declared}'?>\n") };
    format!(
        "{declaration}<MetaData><Response><FunctionCode>06</FunctionCode><FunctionalReferenceID>resp-{}</FunctionalReferenceID>\
         <IssueDateTime><DateTimeString formatCode='304'>20260305150102Z</DateTimeString></IssueDateTime>\
         <AdditionalInformation><StatementCode>N380</StatementCode><StatementDescription>{text}</StatementDescription>\
         <StatementTypeCode>AGI</StatementTypeCode></AdditionalInformation><Declaration>\
         <FunctionalReferenceID>PG-LRN-0001</FunctionalReferenceID><ID>26GB0000000000001A</ID></Declaration></Response>\
         </MetaData>",
        declared.len()
    )
}

async fn notify(workshop: &Workshop, client: &Client, content_type: &str, body: Vec<u8>) -> Answer {
    let mut headers = broker(workshop, &body);
    headers
        .iter_mut()
        .filter(|(name, _)| *name == "content-type")
        .for_each(|(_, value)| *value = content_type.to_owned());
    client.post(NOTIFICATION, &headers, body).await
}

/// One byte for each character, as ISO-8859-1 and ISO-8859-15 have them but for the euro sign.
fn latin(text: &str, euro: u8) -> Vec<u8> {
    text.chars().map(|c| if c == '€' { euro } else { u8::try_from(u32::from(c)).expect("Latin") }).collect()
}

#[track_caller]
fn holds(answer: &Answer, text: &str) {
    assert_eq!(answer.status, 200, "{}", answer.json());
    assert!(answer.json()["documents"].to_string().contains(text), "{}", answer.json());
}

#[track_caller]
fn refused(answer: &Answer, place: &str) {
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (400, "malformed-payload"), "{}", answer.json());
    let json = answer.json();
    assert_eq!(
        (&json["findings"][0]["code"], &json["findings"][0]["location"]),
        (&"text-encoding".into(), &place.into())
    );
}

#[tokio::test]
async fn xml_is_read_by_content_type_mark_or_declaration() {
    let (workshop, _gateway, client) = gate().await;
    let text = "5 € für Müller";
    let fifteen = latin(&notification("iso-8859-15", text), 0xA4);
    holds(&notify(&workshop, &client, "application/xml", fifteen).await, text);
    let contradicted = latin(&notification("utf-8", text), 0xA4);
    holds(&notify(&workshop, &client, "text/xml; charset=\"ISO-8859-15\"", contradicted).await, text);
    let wide: Vec<u8> = notification("UTF-16", "Łódź").encode_utf16().flat_map(u16::to_be_bytes).collect();
    holds(&notify(&workshop, &client, "application/xml", wide).await, "Łódź");
    // The announcement is a template's, the bytes are UTF-8: read as that, and said.
    let answer = notify(&workshop, &client, "application/xml", notification("iso-8859-1", "für").into_bytes()).await;
    holds(&answer, "für");
    assert!(answer.json()["findings"].to_string().contains("xml-encoding"), "{}", answer.json());
}

#[tokio::test]
async fn xml_that_is_not_what_it_says_is_refused_at_its_byte() {
    let (workshop, _gateway, client) = gate().await;
    let body = latin(&notification("", "für"), 0xA4);
    let column = body.iter().position(|byte| *byte == 0xFC).expect("an umlaut") + 1;
    refused(&notify(&workshop, &client, "application/xml", body).await, &format!("1:{column}"));
    let declared = latin(&notification("iso-8859-1", "für"), 0xA4);
    let answer = notify(&workshop, &client, "application/xml; charset=utf-8", declared).await;
    assert_eq!(answer.json()["findings"][0]["code"], "text-encoding", "the Content-Type counts: {}", answer.json());
}

#[tokio::test]
async fn edifact_is_read_by_its_unb() {
    let (workshop, _gateway, client) = gate().await;
    let mut headers = carrier(&workshop);
    headers[1].1 = "application/edifact".to_owned();
    let status = |identifier: &str, place: &[u8]| {
        let head = format!(
            "UNB+{identifier}:3+A+B+260301:0815+771'UNH+1+IFTSTA:D:00B:UN'BGM+23+X1+9'CNI+1+OLNE260045871'STS+1+VA'\
             DTM+334:202603010815:203'LOC+175+RUVVO:::"
        );
        [head.as_bytes(), place, b"'EQD+CN+CSQU3054383+45G1:102:5+++5'UNT+8+1'UNZ+1+771'"].concat()
    };
    let cyrillic = b"\xB2\xDB\xD0\xD4\xD8\xD2\xDE\xE1\xE2\xDE\xDA";
    holds(&client.post(STATUS, &headers, status("UNOE", cyrillic)).await, "Владивосток");
    let answer = client.post(STATUS, &headers, status("UNOC", "Владивосток".as_bytes())).await;
    holds(&answer, "Владивосток");
    assert!(answer.json()["findings"].to_string().contains("edi-encoding"), "{}", answer.json());
    // A few bytes are left to the plugin, which refuses the messages that they are in; many are no slip.
    let wrong = status("UNOA", cyrillic);
    let column = wrong.iter().position(|byte| !byte.is_ascii()).expect("a letter") + 1;
    let answer = client.post(STATUS, &headers, wrong).await;
    assert_eq!(answer.problem(), "payload-rejected", "{}", answer.json());
    let finding = &answer.json()["findings"][0];
    assert_eq!(finding["code"], "edi-encoding", "{finding}");
    assert!(finding.to_string().contains(&format!("column {column}")), "{finding}");
    let wrong = status("UNOA", &[&cyrillic[..], cyrillic].concat());
    refused(&client.post(STATUS, &headers, wrong).await, &format!("1:{column}"));
}

#[tokio::test]
async fn json_may_have_a_byte_order_mark_and_must_be_utf_8() {
    let (workshop, _gateway, client) = gate().await;
    let marked = |body: Vec<u8>| [b"\xEF\xBB\xBF".to_vec(), body].concat();
    assert_eq!(client.post(ORDER, &shop(&workshop), marked(order())).await.status, 200);
    assert_eq!(client.post(EVENTS, &carrier(&workshop), marked(events())).await.status, 200);
    let latin = String::from_utf8(order()).expect("UTF-8").replace("Mira", "M\u{EC}ra");
    let answer = client.post(ORDER, &shop(&workshop), latin.chars().map(|c| c as u8).collect::<Vec<u8>>()).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (400, "malformed-payload"), "{}", answer.json());
    assert_eq!(answer.json()["findings"][0]["code"], "json-encoding");
}
