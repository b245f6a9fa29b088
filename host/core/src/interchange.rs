//! What an interchange's envelope says of itself, as far as somebody may ask for it: its control number, by which EDI
//! partners speak of it. Nothing else is read, and nothing is checked: that is the plugin's.

/// Bytes in which a whole envelope's first segment ends: X12's has 106, EDIFACT's a few hundred.
const FIRST_SEGMENT_MAX: usize = 1_024;

/// The interchange control number of X12 (ISA13) or EDIFACT (UNB, data element 0020), where the payload begins with such
/// an envelope.
pub fn control_number(payload: &[u8]) -> Option<String> {
    let payload = payload.trim_ascii_start();
    let payload = &payload[..payload.len().min(FIRST_SEGMENT_MAX)];
    match payload.get(..3)? {
        b"ISA" => x12(payload),
        b"UNA" => {
            let [_components, elements, _decimal, release, _repetition, segments] =
                payload.get(3..9)?.try_into().ok()?;
            edifact(payload[9..].trim_ascii_start(), Separators { elements, release, segments })
        }
        b"UNB" => edifact(payload, Separators { elements: b'+', release: b'?', segments: b'\'' }),
        _ => None,
    }
}

/// The separator is the byte behind the tag.
fn x12(payload: &[u8]) -> Option<String> {
    let separator = *payload.get(3)?;
    text(payload.split(|byte| *byte == separator).nth(13)?)
}

struct Separators {
    elements: u8,
    release: u8,
    segments: u8,
}

fn edifact(payload: &[u8], separators: Separators) -> Option<String> {
    let (mut element, mut number, mut released) = (0, Vec::new(), false);
    for byte in payload.strip_prefix(b"UNB")? {
        match *byte {
            byte if released => {
                released = false;
                if element == 5 {
                    number.push(byte);
                }
            }
            byte if byte == separators.release && byte != b' ' => released = true,
            byte if byte == separators.segments => return text(&number),
            byte if byte == separators.elements && element == 5 => return text(&number),
            byte if byte == separators.elements => element += 1,
            byte if element == 5 => number.push(byte),
            _ => {}
        }
    }
    None
}

fn text(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::control_number;

    #[test]
    fn an_envelope_says_its_control_number() {
        let isa = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260301*1200*U*00401*000000905*0*P*>~GS";
        for (payload, expected) in [
            (isa, Some("000000905")),
            (&isa.replace('*', "|"), Some("000000905")),
            ("UNB+UNOA:2+FROM:1+TO:1+260301:1200+REF 1'UNH+1", Some("REF 1")),
            ("\r\nUNA:+.? '\r\nUNB+UNOC:3+A?+B+TO+260301:1200+R?+1++ORDERS'", Some("R+1")),
            ("UNA:*.!;~UNB*UNOC:3*A*B*260301:1200*77~", Some("77")),
            ("UNB+UNOA:2+FROM+TO+260301:1200'", None),
            ("UNB+UNOA:2+FROM+TO+260301:1200+", None),
            ("UNA:+", None),
            ("ISA", None),
            ("{\"a\":1}", None),
            ("", None),
        ] {
            assert_eq!(control_number(payload.as_bytes()).as_deref(), expected, "{payload}");
        }
    }
}
