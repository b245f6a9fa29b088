//! The transaction sets of an interchange, one after the other: one that is broken refuses itself alone.

use portgate_sdk::canonical::Text;
use portgate_sdk::x12::{self, Interchange, Limits, Message as Set, Segment};
use portgate_sdk::{Decoded, Finding, Message, Mistake, Rejection};

/// Makes documents of one set.
pub(crate) type Read = fn(&Message, Set<'_>, &mut Decoded);

/// The documents of an interchange of sets of this kind, with the acknowledgement that was agreed.
pub(crate) fn decode(message: &Message, kind: &str, read: Read) -> Result<Decoded, Rejection> {
    let interchange = Interchange::parse(&message.body, &Limits::default())?;
    x12::reply(message, &interchange, documents(message, &interchange, kind, read))
}

fn documents(message: &Message, interchange: &Interchange<'_>, kind: &str, read: Read) -> Result<Decoded, Rejection> {
    let mut decoded = Decoded::new();
    for anomaly in interchange.anomalies() {
        decoded.finding(anomaly.clone());
    }
    for set in interchange.messages() {
        if decoded.is_overfull() {
            break;
        }
        decoded.part(set.location(), set.reference().unwrap_or_default());
        match (set.broken(), set.kind().as_deref()) {
            (Some(broken), _) => {
                decoded.finding(broken);
            }
            (None, Some(found)) if found != kind => {
                let found: String = found.chars().take(16).collect();
                let detail = format!("This is a transaction set `{found}`; only {kind} is taken under this contract.");
                let finding = Finding::error(format!("NOT-A-{kind}"), set.location(), detail);
                decoded.finding(finding.because(Mistake::Unsupported));
            }
            _ => read(message, set, &mut decoded),
        }
        if decoded.is_part_refused() {
            set.pass_over();
        }
    }
    decoded.end_part();
    if decoded.parts.is_empty() && !decoded.is_rejected() {
        let detail = format!("The interchange holds no transaction set {kind}; send at least one.");
        decoded.finding(Finding::error("NO-SET", "segment 1", detail));
    }
    decoded.finish()
}

/// The segment that a set begins with behind its header; where it is missing, the set is refused.
pub(crate) fn beginning<'d>(set: Set<'d>, tag: &'static str, decoded: &mut Decoded) -> Option<Segment<'d>> {
    let segment = set.first(tag);
    if segment.is_none() {
        let detail = format!("The transaction set has no `{tag}`, which says what it is about.");
        decoded.finding(Finding::error("MISSING", set.location(), detail).because(Mistake::MissingSegment(tag)));
    }
    segment
}

/// The text of an element without the blanks around it; nothing where it is missing or empty.
pub(crate) fn text(segment: Segment<'_>, element: usize) -> Option<String> {
    segment.element(element).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// What the partner calls the set: its number behind those of group and interchange, as far as there are any.
pub(crate) fn name(set: Set<'_>) -> Option<Text<128>> {
    let numbers = [
        set.interchange().and_then(|header| text(header, 13)),
        set.group().and_then(|header| text(header, 6)),
        set.reference().map(|number| number.trim().to_owned()).filter(|number| !number.is_empty()),
    ];
    Text::new(numbers.into_iter().flatten().collect::<Vec<_>>().join("/")).ok()
}

/// A key of last resort, for a set that numbers nothing: what the partner calls the set, or the payload and its place in it.
pub(crate) fn fallback(message: &Message, set: Set<'_>) -> String {
    let digest = message.digest.get(..32).unwrap_or(&message.digest);
    match (set.interchange(), name(set)) {
        (Some(_), Some(name)) => name.to_string(),
        _ => format!("{digest}/{}", set.segments().next().map_or(0, |first| first.number())),
    }
}
