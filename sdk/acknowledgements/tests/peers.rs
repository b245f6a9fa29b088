//! What we write, read by others: pyx12 and node-x12 for X12, the npm package edifact for EDIFACT, where they are installed.
//! They see the segments, elements and components that our own readers see, find no mistake in envelopes and counts, and
//! pyx12 holds 997 and 999 against their guides.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use portgate_acknowledgements::{Context, ElementMistake, Finding, SegmentMistake, Verdict, edifact, x12};
use portgate_readers::edi::{Limits, Segment, Segments, Separators};
use portgate_readers::{edifact as read_edifact, x12 as read_x12};
use portgate_writers::edifact::InterchangeHeader as Unb;
use portgate_writers::x12::{GroupHeader, InterchangeHeader as Isa};
use portgate_writers::{Missing, Mode, Stamp, number};

/// What a peer saw of one interchange.
struct Seen {
    segments: Vec<(String, Vec<Vec<String>>)>,
    mistakes: Vec<String>,
    valid: Option<bool>,
}

fn services() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/services")
}

/// A program that has what a script needs, or says that there is none.
fn peer(programs: &[PathBuf], probe: &[&str], name: &str) -> Option<Command> {
    let modules = services().join("node_modules");
    let command = |program: &PathBuf| {
        let mut command = Command::new(program);
        command.env("NODE_PATH", &modules);
        command
    };
    let has_it = |program: &&PathBuf| {
        let status = command(program).args(probe).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    let found = programs.iter().find(has_it).map(command);
    if found.is_none() {
        println!("left out: {name} is not installed; `tests/services` installs it");
    }
    found
}

fn python() -> Option<Command> {
    let programs = [services().join("bin/python"), PathBuf::from("python3")];
    peer(&programs, &["-I", "-c", "import pyx12"], "the Python package pyx12").map(|mut python| {
        python.arg("-I");
        python
    })
}

fn node(package: &str) -> Option<Command> {
    let probe = format!("require('{package}')");
    peer(&[PathBuf::from("node")], &["-e", &probe], &format!("the Node.js package {package}"))
}

/// What a script sees of each interchange.
fn ask(mut peer: Command, script: &str, interchanges: &[Vec<u8>]) -> Vec<Seen> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers").join(script);
    let mut process =
        peer.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("what was probed starts");
    let mut input = process.stdin.take().expect("its input");
    let hex = |bytes: &Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n";
    let lines: String = interchanges.iter().map(hex).collect();
    let writing = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = process.wait_with_output().expect("it ends");
    writing.join().expect("no panic").expect("it takes all of it");
    let text = String::from_utf8(output.stdout).expect("text");
    let seen = text.lines().map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).expect("an answer");
        let strings = |list: &serde_json::Value| -> Vec<String> {
            let list = list.as_array().into_iter().flatten();
            list.map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
        };
        let segments = line["segments"].as_array().expect("segments").iter().map(|segment| {
            let tag = segment[0].as_str().expect("a tag").to_owned();
            (tag, segment[1].as_array().expect("elements").iter().map(strings).collect())
        });
        Seen { segments: segments.collect(), mistakes: strings(&line["mistakes"]), valid: line["valid"].as_bool() }
    });
    let seen: Vec<Seen> = seen.collect();
    assert_eq!(seen.len(), interchanges.len(), "an answer for each interchange");
    seen
}

/// The segments as we read them. `whole` leaves the components of an element together.
fn ours(segments: Segments<'_>, whole: bool) -> Vec<(String, Vec<Vec<String>>)> {
    let element = |segment: &Segment<'_>, number: usize| match whole {
        true => vec![segment.element(number).unwrap_or_default().into_owned()],
        false => segment.composite(number).map(|one| one.components().map(String::from).collect()).unwrap_or_default(),
    };
    segments
        .map(|segment| {
            let elements = (1..=segment.element_count()).map(|number| element(&segment, number));
            (segment.tag().to_owned(), elements.collect())
        })
        .collect()
}

fn made() -> Stamp {
    Stamp::rfc3339("2026-03-01T08:16:00Z").unwrap()
}

fn isa(version: &str) -> Isa {
    Isa::new(("ZZ", "ACME"), ("ZZ", "SHIPPER"), made(), 42, Mode::Production).version(version)
}

/// Interchanges of several groups and sets, with every kind of value and several separators.
fn x12_interchanges() -> Vec<Vec<u8>> {
    let usual = portgate_writers::x12::SEPARATORS;
    let separators = [
        usual,
        Separators { component: Some(b'>'), ..usual },
        Separators { element: b'|', component: Some(b'<'), repetition: Some(b'!'), terminator: b'~', ..usual },
        Separators { element: 0x1D, component: Some(0x1F), repetition: Some(0x1E), terminator: 0x1C, ..usual },
    ];
    separators
        .into_iter()
        .flat_map(|separators| ["00401", "00501"].map(|version| isa(version).separators(separators)))
        .map(|header| {
            let edition = if header.version == "00401" { "004010" } else { "005010" };
            let mut writer = portgate_writers::x12::Writer::new(&header);
            for group_number in 1..=2_u64 {
                let mut group = writer.group(&GroupHeader::new("GF", "ACME", "SHIPPER", group_number, edition));
                for set_number in 1..=3_u64 {
                    let mut set = group.set("990", set_number);
                    set.segment("B1").elements(("ACME", "4417", "20260301", "A"));
                    set.segment("N9").elements(("CN", "C-77 (a), b/c.")).skip(3).element("0815");
                    set.segment("L3").at(3).element(number("-12.50")).element(set_number);
                    set.segment("V9").element("AAD").at(5).composite(("A", (), "C"));
                }
            }
            writer.finish().expect("it can be written").bytes
        })
        .collect()
}

/// Claims to be acknowledged, in sets that pyx12 knows.
fn claims(edition: &str) -> String {
    let set = |number: u8| format!("ST*837*000{number}~BHT*0019*00*4417*20260301*0815*CH~HL*1**20*1~SE*4*000{number}~");
    let head =
        "ISA*00*          *00*          *ZZ*SHIPPER        *ZZ*ACME           *260301*0815*^*00501*000000042*1*P*:~";
    let sets: String = (1..=4).map(set).collect();
    format!("{head}GS*HC*SHIP*CARR*20260301*0815*42*X*{edition}~{sets}GE*4*42~IEA*1*000000042~")
}

/// 997 and 999 for what was accepted, accepted with mistakes, partly and not at all.
fn x12_acknowledgements() -> Vec<Vec<u8>> {
    let mut written = Vec::new();
    for (guide, version, edition) in
        [(x12::Guide::X997, "00401", "004010X098A1"), (x12::Guide::X999, "00501", "005010X222A1")]
    {
        let sent = claims(edition);
        let claims = read_x12::Interchange::parse(sent.as_bytes(), &Limits::default()).unwrap();
        for case in 0..4 {
            let mut answer = x12::Answer::of(guide, &claims);
            for (index, set) in claims.messages().enumerate() {
                let bht = Finding::in_segment(&set, &set.first("BHT").unwrap());
                let code = bht.clone().element(2).mistake(guide, ElementMistake::InvalidCode).value("00");
                let too_many = Finding::in_segment(&set, &set.first("HL").unwrap());
                let too_many = too_many.in_loop("2000").segment_mistake(guide, SegmentMistake::TooMany);
                let named = Context { name: "CLM01".into(), value: "4417".into(), ..Context::default() };
                let Some(mut verdict) = answer.set(index) else { continue };
                match case {
                    1 if index == 1 => verdict.warn(code),
                    2 if index < 2 => {
                        // What the sender knows the segment by belongs to the segment, in the guide of 999.
                        verdict.reject(bht.clone().code("8").context(named));
                        verdict.reject(code);
                        verdict.reject(bht.element(4).mistake(guide, ElementMistake::InvalidDate));
                        verdict.reject(too_many);
                    }
                    3 => verdict.reject(too_many),
                    _ => {}
                }
            }
            let expected =
                [Verdict::Accepted, Verdict::AcceptedWithErrors, Verdict::PartlyAccepted, Verdict::Rejected][case];
            assert_eq!(answer.verdict(), expected);
            let header = Isa::of(&claims.segments().next().unwrap()).unwrap().answered(made(), 7).version(version);
            written.push(answer.write(&header, 7, 1).expect("it can be written").bytes);
        }
    }
    written
}

/// What two readers can agree on: an element that is empty has no component or an empty one, and what announces a separator,
/// `ISA11` and `ISA16`, has no text. node-x12 reads the interchange's control number as a number.
fn comparable(segments: Vec<(String, Vec<Vec<String>>)>) -> Vec<(String, Vec<Vec<String>>)> {
    let is_announcement = |tag: &str, index: usize| tag == "ISA" && matches!(index, 10 | 15);
    let is_number = |tag: &str, index: usize| matches!((tag, index), ("ISA", 12) | ("IEA", 1));
    segments
        .into_iter()
        .map(|(tag, elements)| {
            let elements = elements.into_iter().enumerate().map(|(index, element)| match &*element {
                _ if is_announcement(&tag, index) => Vec::new(),
                [one] if one.is_empty() => Vec::new(),
                [one] if is_number(&tag, index) => vec![one.trim_start_matches('0').to_owned()],
                _ => element,
            });
            let elements = elements.collect();
            (tag, elements)
        })
        .collect()
}

#[test]
fn others_read_our_x12_as_we_do() {
    let mut interchanges = x12_interchanges();
    let acknowledged_from = interchanges.len();
    interchanges.extend(x12_acknowledgements());
    let peers = [("pyx12", python(), "x12.py", false), ("node-x12", node("node-x12"), "x12.cjs", true)];
    for (name, peer, script, whole) in peers {
        let Some(peer) = peer else { continue };
        for (index, (seen, bytes)) in ask(peer, script, &interchanges).into_iter().zip(&interchanges).enumerate() {
            let text = String::from_utf8_lossy(bytes);
            assert_eq!(seen.mistakes, Vec::<String>::new(), "{name}: {text:?}");
            let read = read_x12::Interchange::parse(bytes, &Limits::default()).unwrap();
            assert_eq!(read.anomalies(), []);
            let (seen_segments, ours) = (comparable(seen.segments), comparable(ours(read.segments(), whole)));
            assert_eq!(seen_segments, ours, "{name}: {text:?}");
            if index >= acknowledged_from && name == "pyx12" {
                assert_eq!(seen.valid, Some(true), "{name} holds it against its guide: {text:?}");
            }
        }
    }
}

/// What connectors write in their cases: the reply to a message, or the interchange that they send.
fn written_in_cases(starts_with: &str) -> Vec<(String, Vec<u8>)> {
    let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins");
    let folders = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect()
    };
    let cases = folders(&plugins).into_iter().flat_map(|plugin| folders(&plugin.join("cases")));
    let written = cases.flat_map(|case| {
        let read = |file: &str| std::fs::read(case.join(file)).ok();
        let expected = read("expected.json").and_then(|text| serde_json::from_slice::<serde_json::Value>(&text).ok());
        let reply = expected.and_then(|expected| {
            let body = expected.pointer("/reply/body").or(expected.pointer("/rejected/reply/body"));
            Some(body?.as_str()?.as_bytes().to_vec())
        });
        let request = read("request.http").filter(|_| case.join("documents.json").is_file()).and_then(|request| {
            let head = request.windows(2).position(|two| two == b"\n\n")?;
            Some(request[head + 2..].to_vec())
        });
        reply.into_iter().chain(request).map(move |body| (case.display().to_string(), body)).collect::<Vec<_>>()
    });
    written.filter(|(_, body)| body.starts_with(starts_with.as_bytes())).collect()
}

/// The same acknowledgement, of sets that pyx12 knows: its guides are those of health care, with no other groups, sets and
/// qualifiers of partners.
fn of_known_sets(acknowledgement: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(acknowledgement);
    let segments = text.split('~').map(|segment| {
        let mut elements: Vec<&str> = segment.split('*').collect();
        match elements[..] {
            ["ISA", ..] if elements.len() > 8 => (elements[5], elements[7]) = ("ZZ", "ZZ"),
            ["AK1", _, ..] => elements[1] = "HC",
            ["AK2", _, ..] => elements[1] = "837",
            _ => {}
        }
        elements.join("*")
    });
    segments.collect::<Vec<_>>().join("~").into_bytes()
}

#[test]
fn others_read_what_connectors_write_as_we_do() {
    let (names, x12): (Vec<String>, Vec<Vec<u8>>) = written_in_cases("ISA").into_iter().unzip();
    assert!(x12.len() > 6, "{} of X12", x12.len());
    for connector in ["tms-edi", "wms-x12"] {
        assert!(names.iter().any(|case| case.contains(connector)), "what {connector} writes is among them");
    }
    for (name, peer, script, whole) in
        [("pyx12", python(), "x12.py", false), ("node-x12", node("node-x12"), "x12.cjs", true)]
    {
        let Some(peer) = peer else { continue };
        for ((seen, bytes), case) in ask(peer, script, &x12).into_iter().zip(&x12).zip(&names) {
            assert_eq!(seen.mistakes, Vec::<String>::new(), "{name}: {case}");
            let read = read_x12::Interchange::parse(bytes, &Limits::default()).unwrap();
            assert_eq!(read.anomalies(), [], "{case}");
            assert_eq!(comparable(seen.segments), comparable(ours(read.segments(), whole)), "{name}: {case}");
        }
    }
    let is_acknowledgement = |bytes: &&Vec<u8>| bytes.windows(4).any(|four| four == b"~AK1");
    if let Some(python) = python() {
        let known: Vec<Vec<u8>> = x12.iter().filter(is_acknowledgement).map(|bytes| of_known_sets(bytes)).collect();
        assert!(known.len() > 4, "{} acknowledgements", known.len());
        for (seen, bytes) in ask(python, "x12.py", &known).into_iter().zip(&known) {
            assert_eq!(seen.valid, Some(true), "pyx12 holds it against its guide: {}", String::from_utf8_lossy(bytes));
        }
    }
    let (names, edifact): (Vec<String>, Vec<Vec<u8>>) = written_in_cases("UNA").into_iter().unzip();
    assert!(edifact.len() > 3, "{} of EDIFACT", edifact.len());
    let Some(node) = node("edifact/parser.js") else { return };
    for ((seen, bytes), case) in ask(node, "edifact.cjs", &edifact).into_iter().zip(&edifact).zip(&names) {
        assert_eq!(seen.mistakes, Vec::<String>::new(), "{case}");
        let read = read_edifact::Interchange::parse(bytes, &Limits::default()).unwrap();
        assert_eq!(read.anomalies(), [], "{case}");
        assert_eq!(seen.segments, ours(read.segments(), false), "{case}");
    }
}

#[test]
fn a_count_that_is_wrong_is_seen_by_pyx12() {
    let Some(python) = python() else { return };
    let right = x12_interchanges().remove(0);
    let wrong = String::from_utf8(right.clone()).unwrap().replace("~SE*6*0002~", "~SE*7*0002~").into_bytes();
    assert_ne!(right, wrong);
    let acknowledgement = x12_acknowledgements().remove(2);
    let unknown = String::from_utf8(acknowledgement).unwrap().replace("~AK9*P*", "~AK9*Q*").into_bytes();
    let seen = ask(python, "x12.py", &[wrong, unknown]);
    assert!(!seen[0].mistakes.is_empty(), "this peer looks at counts");
    assert_eq!(seen[1].valid, Some(false), "this peer looks at codes");
}

/// Interchanges with and without groups, and reports, in syntax versions that the peer knows.
fn edifact_interchanges() -> Vec<Vec<u8>> {
    let usual = portgate_writers::edifact::SEPARATORS;
    let separators =
        [usual, Separators { element: b'*', component: Some(b'='), release: Some(b'!'), terminator: b'~', ..usual }];
    let mut written = Vec::new();
    for separators in separators {
        for (syntax, version) in [("UNOC", 1), ("UNOC", 2), ("UNOC", 3)] {
            let header = Unb::new(syntax, version, ("5412345000013", "14"), "CARRIER", made(), "REF7", Mode::Test);
            let header = header.acknowledge().separators(separators);
            let mut writer = portgate_writers::edifact::Writer::with(&header, Missing::Refuse, 1 << 20);
            for number in 1..=2_u64 {
                let kind = portgate_writers::edifact::MessageType::un("IFTMBF", "D", "00B");
                let mut message = writer.message(number, &kind);
                message.segment("BGM").elements((335, "B'77+1:2?3*4=5~6!7", 9));
                message.segment("DTM").composite((137, "20260301", 102));
                message
                    .segment("NAD")
                    .element("CZ")
                    .composite(("5412345000013", (), 9))
                    .skip(1)
                    .element("Müller & Söhne");
                message.segment("FTX").element("AAI").at(4).composite(("GATE 2", "second line"));
            }
            let bytes = writer.finish().expect("it can be written").bytes;
            let read = read_edifact::Interchange::parse(&bytes, &Limits::default()).unwrap();
            let mut answer = edifact::Answer::of(&read);
            let bad = read.messages().next().unwrap();
            let date = Finding::in_segment(&bad, &bad.first("DTM").unwrap()).element(1).component(2);
            answer.message(0).unwrap().reject(date.mistake(edifact::Contrl, ElementMistake::InvalidDate));
            let report = answer.write(&header.clone().answered(made(), 8), 1).expect("it can be written").bytes;
            drop(read);
            written.extend([bytes, report]);
        }
    }
    written
}

#[test]
fn others_read_our_edifact_as_we_do() {
    let interchanges = edifact_interchanges();
    let Some(node) = node("edifact/parser.js") else { return };
    for (seen, bytes) in ask(node, "edifact.cjs", &interchanges).into_iter().zip(&interchanges) {
        let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        assert_eq!(seen.mistakes, Vec::<String>::new(), "{text}");
        let read = read_edifact::Interchange::parse(bytes, &Limits::default()).unwrap();
        assert_eq!(read.anomalies(), []);
        assert_eq!(seen.segments, ours(read.segments(), false), "{text}");
    }
}
