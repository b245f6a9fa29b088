//! The samples of public reference data: each file is taken with so many rows, or is none of the lists, for a reason.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::civil::{Date, date};
use portgate_core::reference::{Table, read as read_table, write};
use portgate_tables::{Asked, Given, read, update};
use serde_json::Value;

use super::table::all_files;

/// What becomes of a file.
enum Fate {
    /// It is of this list and has so many rows and findings.
    Taken(&'static str, usize, usize),
    /// It is none that a table is made of, for this reason.
    NoTable(&'static str),
}

use Fate::{NoTable, Taken};

const FOLDER: &str = "reference/";

const FILES: &[(&str, Fate)] = &[
    ("eu-ncts-codelists/AdditionalReference.json", Taken("codes", 56, 0)),
    ("eu-ncts-codelists/ControlType.json", Taken("codes", 10, 0)),
    ("eu-ncts-codelists/CountryCodesCTC.json", Taken("codes", 8, 0)),
    ("eu-ncts-codelists/CountryCodesCommunity.json", Taken("codes", 36, 0)),
    ("eu-ncts-codelists/CountryCodesFullList.json", Taken("codes", 265, 0)),
    ("eu-ncts-codelists/CurrencyCodes.json", Taken("codes", 16, 0)),
    ("eu-ncts-codelists/DeclarationType.json", Taken("codes", 6, 0)),
    ("eu-ncts-codelists/GuaranteeType.json", Taken("codes", 12, 0)),
    ("eu-ncts-codelists/HScode.json", Taken("codes", 5717, 0)),
    ("eu-ncts-codelists/IncidentCode.json", Taken("codes", 6, 0)),
    ("eu-ncts-codelists/KindOfPackages.json", Taken("codes", 406, 0)),
    ("eu-ncts-codelists/KindOfPackagesBulk.json", Taken("codes", 7, 0)),
    ("eu-ncts-codelists/KindOfPackagesUnpacked.json", Taken("codes", 3, 0)),
    ("eu-ncts-codelists/PreviousDocumentType.json", Taken("codes", 34, 0)),
    ("eu-ncts-codelists/SupportingDocumentType.json", Taken("codes", 35, 0)),
    ("eu-ncts-codelists/TransportChargesMethodOfPayment.json", Taken("codes", 7, 0)),
    ("eu-ncts-codelists/TransportDocumentType.json", Taken("codes", 16, 0)),
    ("eu-ncts-codelists/TransportModeCode.json", Taken("codes", 8, 0)),
    ("eu-ncts-codelists/TypeOfIdentificationOfMeansOfTransport.json", Taken("codes", 11, 0)),
    ("eu-ncts-codelists/Unit.json", Taken("codes", 73, 0)),
    ("hs/harmonized-system_part1.csv", Taken("hs", 1719, 0)),
    ("hs/harmonized-system_part2.csv", Taken("hs", 1374, 0)),
    ("hs/harmonized-system_part3.csv", Taken("hs", 1365, 0)),
    ("hs/harmonized-system_part4.csv", Taken("hs", 1637, 0)),
    ("hs/harmonized-system_part5.csv", Taken("hs", 844, 0)),
    ("hs/sections.csv", Taken("hs", 21, 0)),
    ("iso3166/country-codes.csv", Taken("iso-3166", 249, 0)),
    ("iso4217/codes-all.csv", Taken("iso-4217", 307, 0)),
    ("uk-cds-codelists/additionalDocumentCodes.json", Taken("codes", 160, 0)),
    ("uk-cds-codelists/additionalProcedureCodes.json", Taken("codes", 65, 0)),
    ("uk-cds-codelists/airports-16a-from-03-08-2022.json", Taken("codes", 51, 0)),
    ("uk-cds-codelists/countryCodes.json", Taken("codes", 257, 0)),
    ("uk-cds-codelists/currencyCodes.json", Taken("codes", 155, 0)),
    ("uk-cds-codelists/dmsErrorCodes.json", Taken("codes", 178, 2)),
    ("uk-cds-codelists/documentTypes.json", Taken("codes", 41, 0)),
    ("uk-cds-codelists/holder-of-authorisation-codes.json", Taken("codes", 57, 0)),
    ("uk-cds-codelists/maritime-ports-and-wharves-16c-from-31-01-2023.json", Taken("codes", 322, 0)),
    ("uk-cds-codelists/officeOfExits.json", Taken("codes", 134, 0)),
    ("uk-cds-codelists/packageTypes.json", Taken("codes", 378, 0)),
    ("uk-cds-codelists/procedureCodes.json", Taken("codes", 16, 0)),
    ("uk-cds-codelists/roro-16r-from-12-05-2022.json", Taken("codes", 24, 0)),
    ("uk-cds-codelists/tagged-transport-codes.json", Taken("codes", 9, 0)),
    ("uk-tariff/commodity_7202118000.json", Taken("uk-tariff", 1, 0)),
    ("uk-tariff/countries.json", Taken("uk-tariff-areas", 261, 0)),
    ("uk-tariff/monetary_exchange_rates.json", Taken("uk-tariff-euro-rates", 67, 0)),
    ("uk-tariff/rules_of_origin_schemes.json", Taken("uk-origin-schemes", 1, 0)),
    ("unece-rec20/levels.csv", NoTable("it says what the levels of the other file are called")),
    ("unece-rec20/units-of-measure.csv", Taken("unece-rec-20", 1827, 0)),
    ("unlocode/alias.csv", NoTable("it leads from names to names, and has no codes")),
    ("unlocode/code-list_excerpt_2015-1_ports.csv", Taken("unlocode", 2924, 4)),
    ("unlocode/country-codes.csv", Taken("iso-3166", 249, 0)),
    ("unlocode/function-classifiers.csv", NoTable("it says what the signs of the other file mean")),
    ("unlocode/status-indicators.csv", NoTable("it says what the signs of the other file mean")),
];

/// The day of an edition that does not say it.
const DAY: Date = date(2026, 1, 1);

fn given(files: &[(String, Vec<u8>)]) -> Result<Given, String> {
    let asked = Asked { date: Some(DAY), publisher: Some("publisher".to_owned()), ..Asked::default() };
    read(&asked, files).map_err(|error| error.to_string())
}

fn table(given: &Given) -> Table {
    let updated = update(&Table::default(), given.edition.clone(), given.scope, &given.said).expect("a table");
    // What is in the file is what a gateway reads.
    read_table(write(&updated.table).as_bytes()).expect("a table")
}

/// The files of one part of the reference data as a table.
pub(crate) fn table_of(files: &[(PathBuf, String)], part: &str) -> Table {
    let files = files.iter().filter(|(_, below)| below.starts_with(&format!("{FOLDER}{part}")));
    let files: Vec<_> = files.map(|(path, below)| (below.clone(), std::fs::read(path).expect("a sample"))).collect();
    table(&given(&files).expect("a table"))
}

#[test]
fn every_file_of_the_reference_data_is_taken_with_its_rows_or_has_a_reason() {
    let Some(files) = all_files() else { return };
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for (path, below) in files.iter().filter_map(|(path, below)| Some((path, below.strip_prefix(FOLDER)?))) {
        let Some((name, fate)) = FILES.iter().find(|(name, _)| *name == below) else {
            wrong.push(format!("{below}: it has no row"));
            continue;
        };
        seen.insert(*name);
        let result = given(&[(below.to_owned(), std::fs::read(path).expect("a sample"))]);
        let came = match &result {
            Ok(given) => {
                format!("{} {} rows {} findings", given.edition.format, table(given).rows().len(), given.findings.len())
            }
            Err(error) => error.clone(),
        };
        println!("{below:<70} {came}");
        match fate {
            Taken(list, rows, findings) if came == format!("{list} {rows} rows {findings} findings") => {}
            Taken(list, rows, findings) => {
                wrong.push(format!("{below}: {came}, not {list} {rows} rows {findings} findings"))
            }
            NoTable(_) if came.contains("none of the lists") => {}
            NoTable(reason) => wrong.push(format!("{below}: {came}, though {reason}")),
        }
    }
    wrong.extend(FILES.iter().filter(|(name, _)| !seen.contains(name)).map(|(name, _)| format!("no sample {name}")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_looked_up_is_what_the_publishers_say() {
    let Some(files) = all_files() else { return };
    let of = |part: &str| table_of(&files, part);
    let value = |table: &Table, key: &str, day: Date| -> Value {
        let row = table.on(key, day).unwrap_or_else(|| panic!("there is no {key}"));
        serde_json::from_str(row.value.as_str()).expect("an object")
    };
    let goods = of("hs/");
    assert_eq!(value(&goods, "090121", DAY)["parent"], "0901");
    assert_eq!(value(&goods, "II", DAY)["description"], "Vegetable products");
    let places = of("unlocode/code-list");
    let aberdeen = value(&places, "GBABD", DAY);
    assert_eq!((&aberdeen["country"], &aberdeen["functions"]), (&"GB".into(), &serde_json::json!(["1", "4"])));
    assert_eq!(value(&places, "BEBRU", DAY)["also"].as_array().map(Vec::len), Some(1), "two names of one code");
    assert_eq!(value(&places, "AUADL", DAY)["coordinates"]["latitude"], "-34.9167");
    let currencies = of("iso4217/");
    assert_eq!(value(&currencies, "EUR", DAY)["minor_units"], 2);
    assert_eq!(value(&currencies, "JPY", DAY)["minor_units"], 0);
    assert!(currencies.on("DEM", DAY).is_none() && currencies.on("DEM", date(2001, 6, 1)).is_some());
    assert_eq!(value(&of("iso3166/"), "GB", DAY)["alpha3"], "GBR");
    assert_eq!(value(&of("unece-rec20/units"), "KGM", DAY)["symbol"], "kg");
    let tariff = value(&of("uk-tariff/commodity"), "7202118000", DAY);
    assert_eq!((&tariff["description"], &tariff["duty"]["ad_valorem"]), (&"Other".into(), &"2.70".into()));
    let rates = of("uk-tariff/monetary");
    assert_eq!(value(&rates, "EUR/GBP", date(2016, 2, 15))["rate"], "0.75965");
    assert_eq!(value(&rates, "EUR/GBP", date(2016, 1, 31))["rate"], "0.7298");
    assert_eq!(value(&of("eu-ncts-codelists/CountryCodesCTC"), "CH", DAY)["description"], "Switzerland");
}
