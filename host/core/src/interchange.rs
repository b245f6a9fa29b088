//! What the envelope of an interchange says of itself: whose it is, for whom, its number, whether it is meant, and what the
//! first set in it is. Nothing else is read, and nothing is checked: that is the plugin's.

/// Bytes in which a whole envelope's first segment ends: X12's has 106, EDIFACT's a few hundred.
const FIRST_SEGMENT_MAX: usize = 1_024;
/// Groups of one interchange that are counted.
const GROUPS_MAX: usize = 1_000;
/// The length of an `ISA`, which is fixed; its last byte ends segments.
const ISA: usize = 106;
/// Bytes in which the heads of the first group and the first set end.
const HEADS_MAX: usize = 2_048;

/// The first segment of an interchange: X12's `ISA` or EDIFACT's `UNB`. What it leaves out is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// Who sends it: ISA05 and ISA06, UNB S002.
    pub sender: Party,
    /// For whom it is: ISA07 and ISA08, UNB S003.
    pub receiver: Party,
    /// Its control number: ISA13, UNB 0020.
    pub control_number: String,
    /// Whether it must have no effect in production: ISA15 is `T` or `I`, UNB 0035 is not empty and not `0`.
    pub is_test: bool,
}

/// What one side is called in an envelope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    /// Which scheme the value is of.
    pub qualifier: String,
    /// The identifier itself, without the blanks that fill it up.
    pub value: String,
}

/// The envelope that a payload begins with, if it begins with one.
pub fn envelope(payload: &[u8]) -> Option<Envelope> {
    let payload = portgate_charset::without_mark(payload).trim_ascii_start();
    let payload = &payload[..payload.len().min(FIRST_SEGMENT_MAX)];
    match payload.get(..3)? {
        b"ISA" => x12(payload),
        b"UNA" => edifact(payload.get(9..)?.trim_ascii_start(), Separators::of(&payload[3..])?),
        b"UNB" => edifact(payload, Separators::DEFAULT),
        _ => None,
    }
}

/// What an acknowledgement repeats of an interchange beside its numbers. What there is not is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    /// Which kind of sets the first group holds: GS01. EDIFACT has none.
    pub functional_id: String,
    /// Which kind of set or message the first one is: ST01, UNH S009's first component.
    pub message_type: String,
    /// When the interchange was made: ISA09 and ISA10, `YYMMDDHHMM`.
    pub made: String,
}

/// What kinds of sets an interchange holds, by the first group and set.
pub fn kinds(payload: &[u8]) -> Kinds {
    let payload = portgate_charset::without_mark(payload).trim_ascii_start();
    let payload = &payload[..payload.len().min(HEADS_MAX)];
    match payload.get(..3) {
        Some(b"ISA") => x12_kinds(payload).unwrap_or_default(),
        Some(b"UNA" | b"UNB") => Kinds { message_type: edifact_type(payload).unwrap_or_default(), ..Kinds::default() },
        _ => Kinds::default(),
    }
}

/// How many functional groups an interchange of X12 has: each is acknowledged by itself. 1 for everything else, and for what
/// cannot be cut into segments.
pub fn groups(payload: &[u8]) -> u32 {
    let payload = portgate_charset::without_mark(payload).trim_ascii_start();
    let (Some(b"ISA"), Some(separator), Some(end)) = (payload.get(..3), payload.get(3), payload.get(ISA - 1)) else {
        return 1;
    };
    let head = [b'G', b'S', *separator];
    let segments = payload[ISA..].split(|byte| byte == end);
    let groups = segments.filter(|segment| segment.trim_ascii_start().starts_with(&head)).take(GROUPS_MAX).count();
    u32::try_from(groups).unwrap_or(u32::MAX).max(1)
}

/// The control numbers of the sets or messages of an interchange, in their order; none where it is no interchange. What is no
/// number, as EDIFACT's may be, is nothing.
pub fn sets(payload: &[u8]) -> Vec<Option<u64>> {
    let payload = portgate_charset::without_mark(payload).trim_ascii_start();
    match payload.get(..3) {
        Some(b"ISA") => x12_sets(payload),
        Some(b"UNA" | b"UNB") => edifact_sets(payload),
        _ => Vec::new(),
    }
}

fn x12_sets(payload: &[u8]) -> Vec<Option<u64>> {
    let (Some(separator), Some(end)) = (payload.get(3), payload.get(ISA - 1)) else { return Vec::new() };
    let segments = payload[ISA..].split(|byte| byte == end).map(<[u8]>::trim_ascii_start);
    let number = |segment: &[u8]| {
        let mut elements = segment.split(|byte| byte == separator);
        (elements.next() == Some(b"ST")).then(|| text(elements.nth(1).unwrap_or_default()).parse().ok())
    };
    segments.filter_map(number).collect()
}

fn edifact_sets(payload: &[u8]) -> Vec<Option<u64>> {
    let (separators, mut rest) = match payload.strip_prefix(b"UNA") {
        Some(said) => match (Separators::of(said), said.get(6..)) {
            (Some(separators), Some(rest)) => (separators, rest),
            _ => return Vec::new(),
        },
        None => (Separators::DEFAULT, payload),
    };
    let mut sets = Vec::new();
    while let Some((elements, length)) = segment(rest.trim_ascii_start(), &separators) {
        if elements.first().and_then(|tag| tag.first()).is_some_and(|tag| tag == b"UNH") {
            let number = elements.get(1).and_then(|number| number.first());
            sets.push(number.and_then(|number| text(number).parse().ok()));
        }
        rest = &rest.trim_ascii_start()[length..];
    }
    sets
}

fn x12_kinds(payload: &[u8]) -> Option<Kinds> {
    let (separator, end) = (*payload.get(3)?, *payload.get(ISA - 1)?);
    let isa: Vec<&[u8]> = payload[..ISA].split(|byte| *byte == separator).collect();
    let first_element = |tag: &[u8]| {
        let mut segments = payload[ISA..].split(|byte| *byte == end).map(<[u8]>::trim_ascii_start);
        let segment = segments.find(|segment| segment.split(|byte| *byte == separator).next() == Some(tag))?;
        Some(text(segment.split(|byte| *byte == separator).nth(1)?))
    };
    Some(Kinds {
        functional_id: first_element(b"GS").unwrap_or_default(),
        message_type: first_element(b"ST").unwrap_or_default(),
        made: text(isa.get(9)?) + &text(isa.get(10)?),
    })
}

fn edifact_type(payload: &[u8]) -> Option<String> {
    let (separators, mut rest) = match payload.strip_prefix(b"UNA") {
        Some(rest) => (Separators::of(rest)?, rest.get(6..)?),
        None => (Separators::DEFAULT, payload),
    };
    loop {
        rest = rest.trim_ascii_start();
        let (elements, length) = segment(rest, &separators)?;
        if elements.first()?.first()? == b"UNH" {
            return Some(text(elements.get(2)?.first()?));
        }
        rest = rest.get(length..)?;
    }
}

/// The control number of the interchange that a payload is, if it says one.
pub fn control_number(payload: &[u8]) -> Option<String> {
    envelope(payload).map(|envelope| envelope.control_number).filter(|number| !number.is_empty())
}

/// The separator is the byte behind the tag.
fn x12(payload: &[u8]) -> Option<Envelope> {
    let separator = *payload.get(3)?;
    let elements: Vec<&[u8]> = payload.splitn(17, |byte| *byte == separator).collect();
    // Without the last one, ISA16, it was cut.
    let _last = elements.get(16)?;
    let element = |number: usize| text(elements[number]);
    Some(Envelope {
        sender: Party { qualifier: element(5), value: element(6) },
        receiver: Party { qualifier: element(7), value: element(8) },
        control_number: element(13),
        is_test: matches!(element(15).as_str(), "T" | "I"),
    })
}

struct Separators {
    components: u8,
    elements: u8,
    release: u8,
    segments: u8,
}

impl Separators {
    /// Those of an interchange without `UNA`.
    const DEFAULT: Separators = Separators { components: b':', elements: b'+', release: b'?', segments: b'\'' };

    /// Those that the six bytes behind `UNA` say.
    fn of(said: &[u8]) -> Option<Separators> {
        let [components, elements, _decimal, release, _repetition, segments] = said.get(..6)?.try_into().ok()?;
        Some(Separators { components, elements, release, segments })
    }
}

fn edifact(payload: &[u8], separators: Separators) -> Option<Envelope> {
    let (elements, _) = segment(payload.strip_prefix(b"UNB")?, &separators)?;
    let part = |element: usize, component: usize| {
        elements.get(element).and_then(|components| components.get(component)).map(|bytes| text(bytes))
    };
    let part = |element, component| part(element, component).unwrap_or_default();
    let party = |element| Party { qualifier: part(element, 1), value: part(element, 0) };
    Some(Envelope {
        sender: party(2),
        receiver: party(3),
        control_number: part(5, 0),
        is_test: !matches!(part(11, 0).as_str(), "" | "0"),
    })
}

/// The elements of a segment with their components, up to its end, and its length; nothing where the end does not come. The
/// tag is the first element.
fn segment(bytes: &[u8], separators: &Separators) -> Option<(Vec<Vec<Vec<u8>>>, usize)> {
    let (mut elements, mut released) = (vec![vec![Vec::new()]], false);
    for (index, byte) in bytes.iter().enumerate() {
        let components = elements.last_mut()?;
        match *byte {
            byte if released => {
                released = false;
                components.last_mut()?.push(byte);
            }
            byte if byte == separators.release && byte != b' ' => released = true,
            byte if byte == separators.segments => return Some((elements, index + 1)),
            byte if byte == separators.elements => elements.push(vec![Vec::new()]),
            byte if byte == separators.components => components.push(Vec::new()),
            byte => components.last_mut()?.push(byte),
        }
    }
    None
}

fn text(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map(|text| text.trim().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: &str =
        "ISA*00*          *00*          *ZZ*SENDER         *01*RECEIVER       *260301*1200*U*00401*000000905*0*P*>~GS";

    fn party(qualifier: &str, value: &str) -> Party {
        Party { qualifier: qualifier.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn an_envelope_says_its_control_number() {
        for (payload, expected) in [
            (SENT, Some("000000905")),
            (&SENT.replace('*', "|"), Some("000000905")),
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

    #[test]
    fn an_interchange_says_what_kinds_of_sets_it_holds() {
        let x12 = SENT.replace("~GS", "~\r\nGS*QM*US*THEM*20260301*1200*7*X*004010~\r\nST*214*0001~B10*1~");
        let kinds = kinds(x12.as_bytes());
        assert_eq!((&*kinds.functional_id, &*kinds.message_type, &*kinds.made), ("QM", "214", "2603011200"));
        for (payload, message_type) in [
            ("UNB+UNOA:2+A+B+260301:1200+7'UNH+1+IFTMIN:D:00B:UN'BGM+1'", "IFTMIN"),
            ("UNB+UNOA:2+A?'UNH+B+260301:1200+7'\nUNG+IFTSTA+A+B'\nUNH+1+IFTSTA:D:00B:UN'", "IFTSTA"),
            ("UNA:*.!;~UNB*UNOC:3*A*B*260301:1200*77~UNH*1*CONTRL:D:3:UN~", "CONTRL"),
            ("UNB+UNOA:2+A+B+260301:1200+7'UNZ+0+7'", ""),
            ("{}", ""),
        ] {
            assert_eq!(super::kinds(payload.as_bytes()).message_type, message_type, "{payload}");
        }
        for cut in 0..x12.len() {
            super::kinds(&x12.as_bytes()[..cut]);
            groups(&x12.as_bytes()[..cut]);
        }
        assert_eq!(groups(x12.as_bytes()), 1);
        assert_eq!(groups(format!("{x12}GE*1*7~\r\nGS*QM*US~GE*0*8~GST*1~").as_bytes()), 2);
        assert_eq!((groups(b""), groups(b"UNB+UNOA:2+A+B+260301:1200+7'UNG+1'UNG+2'")), (1, 1));
    }

    #[test]
    fn an_interchange_says_the_numbers_of_its_sets() {
        let x12 =
            SENT.replace("~GS", "~GS*QM*US*THEM*20260301*1200*7*X*004010~\r\nST*214*0008~B10*ST*1~SE*3*0008~ST*214*9~");
        let edifact = "UNA:+.? 'UNB+UNOA:2+A?'UNH+B+260301:1200+7'\nUNH+5+IFTSTA:D:00B'FTX+?'UNH+9'UNH+M1+IFTSTA'";
        for (payload, expected) in [
            (x12.as_str(), vec![Some(8), Some(9)]),
            (edifact, vec![Some(5), None]),
            ("UNB+UNOA:2+A+B+260301:1200+7'UNZ+0+7'", Vec::new()),
            ("{}", Vec::new()),
        ] {
            assert_eq!(sets(payload.as_bytes()), expected, "{payload}");
            (0..payload.len()).for_each(|cut| drop(sets(&payload.as_bytes()[..cut])));
        }
    }

    #[test]
    fn an_envelope_says_whose_it_is_and_for_whom_and_whether_it_is_meant() {
        let read = envelope(SENT.as_bytes()).expect("an envelope");
        assert_eq!((read.sender, read.receiver), (party("ZZ", "SENDER"), party("01", "RECEIVER")));
        let unb = "UNB+UNOC:3+4012345000009:14:ROUTE+IMP?'ORTER+260301:0815+771++++++1'UNH";
        let read = envelope(unb.as_bytes()).expect("an envelope");
        assert_eq!((read.sender, read.receiver), (party("14", "4012345000009"), party("", "IMP'ORTER")));
        for (payload, is_test) in [
            (SENT, false),
            (&SENT.replace("*P*", "*T*"), true),
            (&SENT.replace("*P*", "*I*"), true),
            (unb, true),
            (&format!("\u{FEFF}{unb}"), true),
            (&unb.replace("+1'", "+0'"), false),
            (&unb.replace("++++++1'", "'"), false),
            (&unb.replace("+1'", "+4'"), true),
        ] {
            assert_eq!(envelope(payload.as_bytes()).expect("an envelope").is_test, is_test, "{payload}");
        }
    }
}
