//! An event in the JSON format of CloudEvents 1.0.

use portgate_core::sender;
use portgate_store::NewEvent;
use serde_json::value::RawValue;

/// The event on one line. `data` is as the journal has it: JSON that this gateway or a canonical schema has vouched for.
/// There is none where it was a document that retention has removed.
pub(crate) fn render(event: &NewEvent) -> String {
    // A line break inside would end the line that a stream writes it on.
    let compact = event.data.json().map(one_line);
    written(event, compact.as_deref().and_then(|json| serde_json::from_str(json).ok()))
}

/// The event without its data, which whoever wants it has to ask for.
pub(crate) fn render_without_data(event: &NewEvent) -> String {
    written(event, None)
}

fn written(event: &NewEvent, data: Option<&RawValue>) -> String {
    #[derive(serde::Serialize)]
    struct CloudEvent<'a> {
        specversion: &'static str,
        id: String,
        source: &'static str,
        r#type: &'a str,
        subject: &'a str,
        time: String,
        datacontenttype: &'static str,
        portgatepartner: &'a str,
        /// Whether it tells of a test; not there where it does not.
        #[serde(skip_serializing_if = "Option::is_none")]
        portgatetest: Option<bool>,
        data: Option<&'a RawValue>,
    }
    let event = CloudEvent {
        specversion: "1.0",
        id: event.id.to_string(),
        source: "/portgate",
        r#type: &event.kind,
        subject: &event.subject,
        time: event.at.to_string(),
        datacontenttype: "application/json",
        portgatepartner: sender::partner(&event.partner),
        portgatetest: sender::is_test(&event.partner).then_some(true),
        data,
    };
    serde_json::to_string(&event).expect("texts and checked JSON always serialise")
}

/// Between the tokens of JSON a line break is white space, and within a string it cannot stand.
fn one_line(json: &str) -> std::borrow::Cow<'_, str> {
    match json.contains(['\n', '\r']) {
        true => json.replace(['\n', '\r'], " ").into(),
        false => json.into(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use portgate_store::{EventData, EventId};
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn an_event_is_one_line_with_its_data_as_it_was() {
        let at: Timestamp = "2026-03-01T08:00:00.000001Z".parse().expect("an instant");
        let event = NewEvent {
            id: EventId::new(at),
            kind: "portgate.document.milestone".to_owned(),
            subject: "a \"quoted\"\nsubject".to_owned(),
            partner: "acme".to_owned(),
            at,
            data: EventData::Own("{\n  \"weight\": 12345678901234567890.10,\r\n \"text\": \"a\\nb\"}".to_owned()),
        };
        let text = render(&event);
        assert!(!text.contains(['\n', '\r']), "{text}");
        assert!(text.contains("12345678901234567890.10"), "numbers keep their digits: {text}");
        let value: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(value["subject"], event.subject);
        assert_eq!(value["time"], "2026-03-01T08:00:00.000001Z");
        assert_eq!(value["data"]["text"], "a\nb");
        assert_eq!(value["specversion"], json!("1.0"));
    }
}
