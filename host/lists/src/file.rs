//! The files of one list, read by what they are.

use portgate_names::{Entry, Source};
use portgate_readers::xml::{Document, Options};

use crate::content::{Content, Mistake, More};
use crate::party::Party;
use crate::{csl, dpl, eu, ofac, un};

/// What is said of a list beside its files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edition {
    /// What the table calls the list.
    pub id: String,
    /// What its publisher calls it.
    pub name: String,
    /// Which edition it is; its day where this is left out.
    pub version: Option<String>,
    /// The day of its publication, `YYYY-MM-DD`; what the files say where this is left out.
    pub date: Option<String>,
}

/// Why a list cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// A file is in none of the formats.
    #[error(
        "{0}: this is none of the lists that are known: CSL (JSON, CSV), OFAC (CSV, XML), EU (XML), UN (XML), BIS denied persons"
    )]
    Unknown(String),
    /// A file breaks off or holds something else than its format says.
    #[error("{file}: {place}: {problem}")]
    Broken {
        /// The file.
        file: String,
        /// Where in it.
        place: String,
        /// What is wrong there.
        problem: String,
    },
    /// Nobody says when it was published.
    #[error("none of the files says on which day the list was published: give its day")]
    DateMissing,
    /// There is no party in it.
    #[error("there is no party in it")]
    Empty,
}

/// Reads the files of one list, each with the name that errors call it.
///
/// # Errors
/// See [`ReadError`].
pub fn read(edition: &Edition, files: &[(String, Vec<u8>)]) -> Result<(Source, Vec<Entry>), ReadError> {
    let mut parties = Vec::new();
    let mut more = Vec::new();
    let mut date = edition.date.clone();
    for (name, bytes) in files {
        let content = content(bytes).ok_or_else(|| ReadError::Unknown(name.clone()))?;
        let broken = |Mistake { place, problem }| ReadError::Broken { file: name.clone(), place, problem };
        let content = content.map_err(broken)?;
        parties.extend(content.parties);
        more.extend(content.more);
        date = date.or(content.date);
    }
    let date = date.ok_or(ReadError::DateMissing)?;
    add(&mut parties, more);
    let parties = together(parties.into_iter().filter_map(Party::tidy));
    let entries: Vec<Entry> = parties.into_iter().map(|party| party.entry(&edition.id)).collect();
    if entries.is_empty() {
        return Err(ReadError::Empty);
    }
    let version = edition.version.clone().unwrap_or_else(|| date.clone());
    Ok((Source { id: edition.id.clone(), name: edition.name.clone(), version, date }, entries))
}

/// What a file holds, by what it is; nothing where it is none of the formats.
fn content(bytes: &[u8]) -> Option<Result<Content, Mistake>> {
    let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    match start.first()? {
        b'{' | b'[' => Some(csl::json(bytes)),
        b'<' => xml(bytes),
        _ => {
            let text = text_of(bytes);
            let first = text.lines().next()?;
            if dpl::is_one(first) {
                return Some(dpl::read(&text));
            }
            if csl::is_csv(first) {
                return Some(csl::csv(&text));
            }
            ofac::is_csv(&text).then(|| ofac::csv(&text))
        }
    }
}

/// The text of a file that does not say what its characters are: UTF-8, else ISO 8859-1.
fn text_of(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

fn xml(bytes: &[u8]) -> Option<Result<Content, Mistake>> {
    // Whole lists are larger than any message.
    let options = Options { nodes_max: u32::MAX, ..Options::default() };
    let document = match Document::parse(bytes, &options) {
        Ok(document) => document,
        Err(error) => return Some(Err(error.into())),
    };
    let root = document.root();
    match root.name() {
        "CONSOLIDATED_LIST" => Some(Ok(un::read(&root))),
        "export" => Some(Ok(eu::read(&root))),
        "sdnList" => Some(Ok(ofac::xml(&root))),
        _ => None,
    }
}

/// Puts what other files say of parties beside what is said of them already.
fn add(parties: &mut [Party], more: Vec<(String, More)>) {
    let places: std::collections::HashMap<String, usize> =
        parties.iter().enumerate().map(|(at, party)| (party.id.clone(), at)).collect();
    for (id, more) in more {
        let Some(party) = places.get(&id).and_then(|at| parties.get_mut(*at)) else { continue };
        match more {
            More::Name(name) => party.names.push(name),
            More::Country(country) => party.about.countries.push(country),
        }
    }
}

/// The parties with their ids: one that has none is known by its name, and what comes under one id is one party.
fn together(parties: impl Iterator<Item = Party>) -> Vec<Party> {
    let mut places: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
    let mut together: Vec<Party> = Vec::new();
    for mut party in parties {
        if party.id.is_empty() {
            party.id = party.names[0].clone();
        }
        match places.get(&party.id) {
            Some(at) => {
                let names =
                    party.names.into_iter().filter(|name| !together[*at].names.contains(name)).collect::<Vec<_>>();
                together[*at].names.extend(names);
            }
            None => {
                places.insert(party.id.clone(), together.len());
                together.push(party);
            }
        }
    }
    together
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(files: &[&str]) -> Vec<(String, Vec<String>, String, Option<String>)> {
        let edition = Edition { id: "w".into(), name: "Watch".into(), date: Some("2026-03-01".into()), version: None };
        let files: Vec<_> = files.iter().map(|text| ("file".to_owned(), text.as_bytes().to_vec())).collect();
        let (_, entries) = read(&edition, &files).unwrap();
        let about = |entry: &Entry| entry.about.as_ref().map(|about| about.get().to_owned()).unwrap_or_default();
        entries.iter().map(|entry| (entry.id.clone(), entry.names.clone(), about(entry), entry.from.clone())).collect()
    }

    fn one(files: &[&str], id: &str, names: &[&str], about: &str, from: Option<&str>) {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(entries(files), [(id.to_owned(), names, about.to_owned(), from.map(str::to_owned))]);
    }

    #[test]
    fn ofac_in_three_files_is_one_list() {
        let main = "17,\"HARRIER, Northern\",\"individual\",\"ABC] [DEF\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB 28 Jul 1963; a.k.a. 'NORTHWIND'.\"\n\u{1a}\n";
        let also = "17,4,\"aka\",\"HARRIER, Nord\",-0- \n99,5,\"aka\",\"NOBODY\",-0- \n";
        let places = "17,8,-0- ,\"Port Town\",\"Freedonia\",-0- \n";
        let about =
            r#"{"type":"individual","programs":["ABC","DEF"],"countries":["Freedonia"],"born":["28 Jul 1963"]}"#;
        one(&[main, also, places], "17", &["HARRIER, Northern", "NORTHWIND", "HARRIER, Nord"], about, None);
    }

    #[test]
    fn ofac_as_xml_says_when_it_was_published() {
        let xml = "<sdnList xmlns=\"urn:x\"><publshInformation><Publish_Date>02/27/2026</Publish_Date></publshInformation>\
            <sdnEntry><uid>17</uid><lastName>HARRIER LTD</lastName><sdnType>Entity</sdnType><programList><program>ABC</program>\
            </programList><akaList><aka><uid>1</uid><lastName>HARRIER</lastName><firstName>N.</firstName></aka></akaList>\
            </sdnEntry></sdnList>";
        let edition = Edition { id: "w".into(), name: "Watch".into(), ..Edition::default() };
        let (source, entries) = read(&edition, &[("sdn.xml".into(), xml.as_bytes().to_vec())]).unwrap();
        assert_eq!((source.date.as_str(), source.version.as_str()), ("2026-02-27", "2026-02-27"));
        assert_eq!(entries[0].names, ["HARRIER LTD", "HARRIER, N."]);
    }

    #[test]
    fn the_screening_list_is_read_as_json_and_as_csv() {
        let json = r#"{"results": [{"id": "a1", "source": "Entity List (EL)", "type": null, "programs": ["ABC"], "name": "Harrier Ltd",
            "alt_names": ["Harrier"], "addresses": [{"country": "FR"}], "start_date": "2024-05-06", "unknown": 7}]}"#;
        let about = r#"{"list":"Entity List (EL)","programs":["ABC"],"countries":["FR"]}"#;
        one(&[json], "a1", &["Harrier Ltd", "Harrier"], about, Some("2024-05-06"));
        let csv = "_id,source,entity_number,type,programs,name,addresses,start_date,alt_names,source_list_url\n\
            a1,Entity List (EL),,,ABC,Harrier Ltd,\"1 Quay, Port Town, FR\",2024-05-06,Harrier; Harrier Ltd,https://x\n";
        one(&[csv], "a1", &["Harrier Ltd", "Harrier"], about, Some("2024-05-06"));
    }

    #[test]
    fn the_lists_of_the_european_union_and_of_the_united_nations_are_read() {
        let eu = "<export xmlns=\"http://eu.europa.ec/fpi/fsd/export\" generationDate=\"2026-02-27T08:00:00\">\
            <sanctionEntity euReferenceNumber=\"EU.1.2\" logicalId=\"7\"><regulation programme=\"ABC\"/>\
            <subjectType code=\"person\"/><nameAlias firstName=\"Northern\" lastName=\"Harrier\" wholeName=\"\"/>\
            <nameAlias wholeName=\"Nord Harrier\"/><birthdate year=\"1963\"/><citizenship countryIso2Code=\"FR\"/>\
            </sanctionEntity></export>";
        let about = r#"{"type":"individual","programs":["ABC"],"countries":["FR"],"born":["1963"]}"#;
        one(&[eu], "EU.1.2", &["Northern Harrier", "Nord Harrier"], about, None);
        let un = "<CONSOLIDATED_LIST dateGenerated=\"2026-02-27T00:00:09.554Z\"><ENTITIES><ENTITY><DATAID>7</DATAID>\
            <FIRST_NAME>HARRIER LTD</FIRST_NAME><UN_LIST_TYPE>ABC</UN_LIST_TYPE><REFERENCE_NUMBER>XXe.001</REFERENCE_NUMBER>\
            <LISTED_ON>2009-07-16</LISTED_ON><ENTITY_ALIAS><ALIAS_NAME>Harrier</ALIAS_NAME></ENTITY_ALIAS>\
            <ENTITY_ALIAS><ALIAS_NAME/></ENTITY_ALIAS></ENTITY></ENTITIES></CONSOLIDATED_LIST>";
        one(
            &[un],
            "XXe.001",
            &["HARRIER LTD", "Harrier"],
            r#"{"type":"entity","programs":["ABC"]}"#,
            Some("2009-07-16"),
        );
    }

    #[test]
    fn denied_persons_are_listed_from_their_order_until_its_end() {
        let text = "\"Name\"\t\"Street_Address\"\t\"Country\"\t\"Effective_Date\"\t\"Expiration_Date\"\t\"FR_Citation\"\n\
            \" N. HARRIER\"\t\"1 Quay\"\t\"US\"\t\"06/19/2003\"\t\"06/29/2056\"\t\"68 F.R.\"\n";
        let edition = Edition { id: "dpl".into(), date: Some("2026-03-01".into()), ..Edition::default() };
        let (_, entries) = read(&edition, &[("dpl.txt".into(), text.as_bytes().to_vec())]).unwrap();
        let days = (entries[0].from.as_deref(), entries[0].to.as_deref());
        assert_eq!((entries[0].id.as_str(), days), ("N. HARRIER 2003-06-19", (Some("2003-06-19"), Some("2056-06-30"))));
    }

    #[test]
    fn a_file_that_is_none_of_them_is_named() {
        let edition = Edition { date: Some("2026-03-01".into()), ..Edition::default() };
        let read = |text: &str| read(&edition, &[("x.txt".into(), text.as_bytes().to_vec())]).unwrap_err().to_string();
        assert!(read("hello").starts_with("x.txt: this is none of the lists"));
        assert!(read("<html/>").starts_with("x.txt: this is none of the lists"));
        assert!(
            read("{\"results\": [{\"id\": 7}]}").starts_with("x.txt: 1:"),
            "{}",
            read("{\"results\": [{\"id\": 7}]}")
        );
        assert!(read("<sdnList>").contains("x.txt: 1:"));
        assert_eq!(read("<sdnList/>"), "there is no party in it");
        let undated = Edition::default();
        let error = super::read(&undated, &[("x".into(), b"<sdnList/>".to_vec())]).unwrap_err();
        assert_eq!(error, ReadError::DateMissing);
    }
}
