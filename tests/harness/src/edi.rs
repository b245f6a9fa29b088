//! Partners of a test that speak X12: a carrier whose interchanges report where a container is, and a transport management
//! system that is told of it under control numbers and says what it took.

use crate::{Portal, Workshop};

/// What was agreed on the status reports that the ocean carrier sends; keys can be added.
pub const REPORTS: &str = r#"
[[agreements]]
name = "reports-in"
contract = "x12-315"
version = "4010"
direction = "in"
edition = "004010"
ours = [{ qualifier = "ZZ", value = "IMPORTER" }]
theirs = [{ qualifier = "ZZ", value = "OCEANLINE" }]
"#;

/// An interchange of the carrier's (X12 315) whose only group holds these sets. Interchange and group have this number.
pub fn reports(number: u64, sets: &[&str]) -> String {
    let count = sets.len();
    format!(
        "ISA*00*          *00*          *ZZ*OCEANLINE      *ZZ*IMPORTER       *260301*0815*U*00401*{number:09}*0*P*>~\
         GS*QO*OCEANDEPT*IMPDEPT*20260301*0815*{number}*X*004010~{}GE*{count}*{number}~IEA*1*{number:09}~",
        sets.concat()
    )
}

/// A set that says that the vessel with the container of this bill of lading has arrived.
pub fn arrived(set: u32, bill: &str) -> String {
    status(set, "VA", bill)
}

/// A set that cannot be taken, because it names no status.
pub fn without_status(set: u32, bill: &str) -> String {
    status(set, "", bill)
}

fn status(set: u32, status: &str, bill: &str) -> String {
    format!("ST*315*{set:04}~B4***{status}*20260228*0430**CSQU*305438*L*45G1*GBFXT*UN*3~N9*BM*{bill}~SE*4*{set:04}~")
}

/// Starts the transport management system, which takes everything, and has every milestone and nothing else sent to it, under
/// its agreement `status-out`: it is to acknowledge what it is sent within an hour.
pub async fn start_tms(workshop: &Workshop) -> Portal {
    let tms = Portal::listen(workshop).await;
    let here = tms.address().to_string();
    for file in ["plugins/tms-edi.toml", "partners/tms.toml", "ceiling.toml"] {
        workshop.edit(file, |text| text.replace("127.0.0.1:8484", &here));
    }
    // The carrier's reports do not name their carrier.
    let agreed = [("FDRL", "OLNE"), ("acknowledge_within_seconds = 2 ", "acknowledge_within_seconds = 3_600 ")];
    workshop.replace("partners/tms.toml", &agreed);
    workshop.secret("tms.key", &workshop.credentials.portal_key);
    workshop.edit("routes.toml", |text| {
        let forward = text.split("[[deliver]]").next().unwrap_or_default();
        format!(
            "{forward}[[deliver]]\ndocument = \"milestone\"\nto = \"tms\"\ncontract = \"x12-214\"\nversion = \"4010\"\n"
        )
    });
    tms
}

/// What the transport management system says of a set in a group of ours: an interchange with a 997 that accepts it (`A`) or
/// not (`R`).
pub fn acknowledgement(number: u32, group: u64, set: u64, verdict: char) -> String {
    let (details, accepted) = match verdict {
        'A' => (format!("AK2*214*{set:04}~AK5*A~"), 1),
        _ => (format!("AK2*214*{set:04}~AK3*AT7*5**8~AK4*1**7*XX~AK5*R*5~"), 0),
    };
    let segments = 6 + usize::from(verdict != 'A') * 2;
    format!(
        "ISA*00*          *00*          *02*LDGT           *ZZ*PORTGATEDEMO   *260301*0900*U*00401*{number:09}*0*P*>~\
         GS*FA*LDGT*PORTGATEDEMO*20260301*0900*{number}*X*004010~ST*997*0001~AK1*QM*{group}~{details}\
         AK9*{verdict}*1*1*{accepted}~SE*{segments}*0001~GE*1*{number}~IEA*1*{number:09}~"
    )
}

/// An interchange of the transport management system with an APERAK of these segments.
pub fn application_acknowledgement(number: u32, segments: &str) -> String {
    let count = segments.matches('\'').count() + 2;
    format!(
        "UNB+UNOA:3+LDGT:ZZ+PORTGATEDEMO:ZZ+260301:0900+{number}'UNH+1+APERAK:D:96A:UN'{segments}UNT+{count}+1'UNZ+1+{number}'"
    )
}

/// The control numbers of an X12 interchange: its own, its first group's and its first set's.
pub fn control_numbers(interchange: &str) -> (u64, u64, u64) {
    let element = |tag: &str, number: usize| {
        let mut segments = interchange.split('~').map(|segment| segment.trim().split('*').collect::<Vec<_>>());
        let segment = segments.find(|segment| segment[0] == tag).unwrap_or_else(|| panic!("{tag}: {interchange}"));
        segment[number].trim().parse().expect("a number")
    };
    (element("ISA", 13), element("GS", 6), element("ST", 2))
}
