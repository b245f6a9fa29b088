//! What the tests on samples share: messages, targets, published schemas, and trees that are held against each other.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use portgate_sdk::agreement::{Acknowledgement, Agreement, ControlNumbers, Identifier, Level, Mode};
use portgate_sdk::canonical::Decimal;
use portgate_sdk::testkit::XmlSchema;
use portgate_sdk::xml::{Document, Element, Options};
use portgate_sdk::{Message, Target, testkit};

/// The samples, where they stand beside the checkout.
pub(crate) fn samples() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let samples = std::env::var_os("PORTGATE_SHARED").map_or_else(beside, PathBuf::from).join("samples");
    if !samples.is_dir() {
        eprintln!("left out: no folder {}", samples.display());
        return None;
    }
    Some(samples)
}

/// Every file below a folder that ends so, in order.
pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.to_string_lossy().ends_with(ending) => found.push(path),
                false => {}
            }
        }
    }
    found.sort();
    found
}

/// The schema of one message, such as `cc015c.xsd`, from a folder of the samples where names begin with their origin.
pub(crate) fn schema(folder: &Path, prefixes: &[&str], root: &str) -> Option<XmlSchema> {
    let placed = |name: &str| {
        prefixes
            .iter()
            .find_map(|prefix| name.strip_prefix(prefix))
            .filter(|name| name.ends_with(".xsd"))
            .map(str::to_owned)
    };
    XmlSchema::laid_out(folder, root, placed)
}

/// How the names of elements begin whose texts are numbers, of which zeros and signs say nothing.
const NUMBERS: [&str; 9] = [
    "TotNumOf",
    "TotGroMas",
    "GroMas",
    "NumOf",
    "IteNum",
    "grossMass",
    "netMass",
    "supplementaryUnits",
    "amountToBeCovered",
];

/// A message of a contract.
pub(crate) fn message(contract: &str, version: &str, body: Vec<u8>) -> Message {
    testkit::message(contract, version, "application/xml", body)
}

/// A target under an agreement.
pub(crate) fn target(contract: &str, version: &str) -> Target {
    let identifier =
        |value: &str| Identifier { level: Level::Interchange, qualifier: String::new(), value: value.into() };
    Target {
        agreement: Some(Agreement {
            name: "customs".into(),
            ours: vec![identifier("GB123456789000/1234567890")],
            theirs: Vec::new(),
            edition: String::new(),
            mode: Mode::Test,
            acknowledgement: Acknowledgement::None,
            all_or_nothing: false,
            settings: Vec::new(),
        }),
        control_numbers: Some(ControlNumbers { interchange: 42, group: 1, first_message: 1, messages: 1 }),
        ..Target::new(contract, version, "2026-03-01T08:16:00Z")
    }
}

/// Every text and attribute of a document below its message, by its path; numbers in one form.
pub(crate) fn leaves(body: &[u8], message: &str) -> BTreeMap<String, String> {
    let document = Document::parse(body, &Options::default()).expect("XML");
    let mut found = BTreeMap::new();
    let root = within(document.root(), message).expect("the message");
    gather(root, root.name().to_owned(), &mut found);
    found
}

fn within<'d>(element: Element<'d>, name: &str) -> Option<Element<'d>> {
    if element.name() == name {
        return Some(element);
    }
    element.elements().find_map(|inner| within(inner, name))
}

fn gather(element: Element<'_>, path: String, found: &mut BTreeMap<String, String>) {
    if let Some(text) = element.text() {
        let counts = NUMBERS.iter().any(|name| element.name().starts_with(name));
        let number = Decimal::from_partner(&text).ok().filter(|_| counts).map(|number| number.normalised().to_string());
        found.insert(path.clone(), number.unwrap_or_else(|| text.into_owned()));
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for inner in element.elements() {
        let count = counts.entry(inner.name()).or_default();
        *count += 1;
        gather(inner, format!("{path}/{}[{count}]", inner.name()), found);
    }
}

/// What two trees differ in: `- path = value` for what is lost, `+ path = value` for what is there now.
pub(crate) fn differences(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<String> {
    let mut told = Vec::new();
    for (path, value) in before {
        if after.get(path) != Some(value) {
            told.push(format!("- {path} = {value}"));
        }
    }
    for (path, value) in after {
        if before.get(path) != Some(value) {
            told.push(format!("+ {path} = {value}"));
        }
    }
    told
}

/// The bodies of the requests of the cases that hold a text, by the name of the case.
pub(crate) fn written_by_cases(with: &str) -> Vec<(String, String)> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let requests = files(&cases, "request.http").into_iter();
    let read = requests.map(|path| (path.display().to_string(), std::fs::read_to_string(&path).expect("a request")));
    let bodies = read.filter_map(|(name, request)| Some((name, request.split_once("\n\n")?.1.to_owned())));
    bodies.filter(|(_, body)| body.contains(with)).collect()
}
