//! The lists of ISO: countries (3166), as the `country-codes` data set has them, and currencies (4217), in the XML of the maintenance
//! agency and as the `currency-codes` data set.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use portgate_readers::xml::Element;
use serde::Serialize;

use crate::content::{Content, List, Mistake, Scope};
use crate::sheet::{Sheet, field, some};

const COUNTRIES: List = List { format: "iso-3166", publisher: "ISO", scope: Scope::Whole, knows_past: true };
const CURRENCIES: List = List { format: "iso-4217", publisher: "ISO", scope: Scope::Whole, knows_past: true };

/// A country, by its two letters.
#[derive(Serialize)]
struct Country {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    alpha3: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    numeric: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    currencies: Vec<String>,
}

/// A currency, by its three letters.
#[derive(Clone, Serialize)]
struct Currency {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    numeric: Option<String>,
    /// How many decimal places its amounts have; none for what has no minor unit, such as gold.
    #[serde(skip_serializing_if = "Option::is_none")]
    minor_units: Option<u8>,
}

pub(crate) fn are_countries(first: &str) -> bool {
    first.contains("ISO3166-1-Alpha-2") || first.trim().replace('"', "") == "CountryCode,CountryName"
}

pub(crate) fn countries(text: &str) -> Result<Content, Mistake> {
    let sheet = Sheet::read(text, true)?;
    let Some(alpha2) = sheet.column(&["ISO3166-1-Alpha-2", "CountryCode"]) else {
        return Err(Mistake::at(1, "there is no column `ISO3166-1-Alpha-2`"));
    };
    let names = ["official_name_en", "CLDR display name", "UNTERM English Short", "CountryName"];
    let names = names.map(|name| sheet.column(&[name]));
    let [alpha3, numeric, currency] = ["ISO3166-1-Alpha-3", "ISO3166-1-numeric", "ISO4217-currency_alphabetic_code"]
        .map(|name| sheet.column(&[name]));
    let mut content = Content::of(COUNTRIES);
    for (line, row) in &sheet.rows {
        let key = field(row, Some(alpha2));
        let name = names.into_iter().find_map(|column| some(row, column));
        let (Some(name), true) = (name, is_code(key, 2)) else {
            content.find(*line, format!("`{key}` is no code of a country with a name: it is left out"));
            continue;
        };
        let currencies = field(row, currency).split(',').map(str::trim).filter(|code| !code.is_empty());
        let country = Country {
            name: name.to_owned(),
            alpha3: some(row, alpha3).map(str::to_owned),
            numeric: some(row, numeric).map(|number| format!("{number:0>3}")),
            currencies: currencies.map(str::to_owned).collect(),
        };
        content.say(*line, key, &country);
    }
    Ok(content)
}

pub(crate) fn are_currencies(first: &str) -> bool {
    first.contains("AlphabeticCode") && first.contains("MinorUnit")
}

pub(crate) fn currencies(text: &str) -> Result<Content, Mistake> {
    let sheet = Sheet::read(text, true)?;
    let [code, name, minor] =
        [sheet.needed("AlphabeticCode")?, sheet.needed("Currency")?, sheet.needed("MinorUnit")?].map(Some);
    let [numeric, withdrawn] = [sheet.column(&["NumericCode"]), sheet.column(&["WithdrawalDate"])];
    let mut entries = Entries::default();
    for (line, row) in &sheet.rows {
        let of = |column| field(row, column);
        entries.take(*line, of(code), of(name), of(numeric), of(minor), of(withdrawn));
    }
    Ok(entries.content())
}

/// `list-one.xml`, the currencies, or `list-three.xml`, those that were.
pub(crate) fn currencies_of_xml(root: &Element<'_>) -> Content {
    let mut entries = Entries::default();
    for path in ["CcyTbl/CcyNtry", "HstrcCcyTbl/HstrcCcyNtry"] {
        for entry in root.all(path) {
            let text = |name: &str| entry.text_at(name).map(|text| text.trim().to_owned()).unwrap_or_default();
            let line = u64::from(entry.position().0);
            let [code, name, numeric, minor, withdrawn] =
                ["Ccy", "CcyNm", "CcyNbr", "CcyMnrUnts", "WthdrwlDt"].map(text);
            entries.take(line, &code, &name, &numeric, &minor, &withdrawn);
        }
    }
    let mut content = entries.content();
    content.edition = root.attribute("Pblshd").map(str::to_owned);
    content.date = content.edition.as_deref().and_then(portgate_core::reference::day);
    content
}

/// The rows of each code: one for each country that has the currency, and for each that had it.
#[derive(Default)]
struct Entries {
    /// By code: where, what, and until when.
    codes: BTreeMap<String, (u64, Currency, Date)>,
    findings: Vec<(u64, String)>,
    without_currency: usize,
}

impl Entries {
    fn take(&mut self, line: u64, code: &str, name: &str, numeric: &str, minor: &str, withdrawn: &str) {
        if code.is_empty() {
            self.without_currency += 1;
            return;
        }
        let until = if withdrawn.is_empty() { Some(Date::MAX) } else { end(withdrawn) };
        let (Some(until), true) = (until, is_code(code, 3)) else {
            let problem = format!("`{code}` with the withdrawal `{withdrawn}` is no currency: it is left out");
            self.findings.push((line, problem));
            return;
        };
        let currency = Currency {
            name: name.to_owned(),
            numeric: Some(numeric).filter(|numeric| !numeric.is_empty()).map(|numeric| format!("{numeric:0>3}")),
            minor_units: minor.parse().ok(),
        };
        // A currency is withdrawn where the last country has given it up.
        let known = self.codes.entry(code.to_owned()).or_insert_with(|| (line, currency.clone(), until));
        if known.2 < until {
            *known = (line, currency, until);
        }
    }

    fn content(self) -> Content {
        let mut content = Content::of(CURRENCIES);
        for (code, (line, currency, until)) in self.codes {
            content.say_from(line, code, &currency, (Date::MIN, until));
        }
        for (line, problem) in self.findings {
            content.find(line, problem);
        }
        if self.without_currency > 0 {
            content.left_out.insert("countries without a currency of their own", self.without_currency);
        }
        content
    }
}

/// The day after a withdrawal, which is a month or a year, or a span of those: its whole last one still counts.
fn end(withdrawn: &str) -> Option<Date> {
    let last = withdrawn.rsplit(" to ").next()?.trim();
    let is_year = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    // `1989-1990` is a span of years.
    let last = last.rsplit('-').next().filter(|year| is_year(year)).unwrap_or(last);
    match is_year(last) {
        true => format!("{last}-01-01").parse::<Date>().ok()?.checked_add(1.year()).ok(),
        false => format!("{last}-01").parse::<Date>().ok()?.checked_add(1.month()).ok(),
    }
}

fn is_code(text: &str, letters: usize) -> bool {
    text.len() == letters && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use portgate_readers::xml::{Document, Options};

    use super::*;

    fn said(content: &Content) -> Vec<(&str, &str, Date)> {
        content.said.iter().map(|said| (said.key.as_str(), said.value.as_str(), said.to)).collect()
    }

    #[test]
    fn a_currency_is_withdrawn_when_the_last_country_has_given_it_up() {
        let text = "Entity,Currency,AlphabeticCode,NumericCode,MinorUnit,WithdrawalDate\n\
            NORTH,Crown,CRN,036,2,\nSOUTH,Crown,CRN,36,2,2006-10\nWEST,Old Crown,OCR,,,1989 to 1990\nPOLE,No universal currency,,,,\n\
            EAST,Gold,XAU,959,-,\nODD,Odd,odd,1,1,\n";
        let content = currencies(text).unwrap();
        let crown = r#"{"name":"Crown","numeric":"036","minor_units":2}"#;
        let gold = r#"{"name":"Gold","numeric":"959"}"#;
        let old = ("OCR", r#"{"name":"Old Crown"}"#, date(1991, 1, 1));
        assert_eq!(said(&content), [("CRN", crown, Date::MAX), old, ("XAU", gold, Date::MAX)]);
        assert_eq!((content.findings.len(), content.left_out.len()), (1, 1));
    }

    #[test]
    fn the_agencys_xml_says_its_day() {
        let xml = "<ISO_4217 Pblshd=\"2026-01-01\"><CcyTbl><CcyNtry><CtryNm>NORTH</CtryNm><CcyNm>Crown</CcyNm><Ccy>CRN</Ccy>\
            <CcyNbr>036</CcyNbr><CcyMnrUnts>2</CcyMnrUnts></CcyNtry><CcyNtry><CtryNm>POLE</CtryNm></CcyNtry></CcyTbl></ISO_4217>";
        let document = Document::parse(xml.as_bytes(), &Options::default()).unwrap();
        let content = currencies_of_xml(&document.root());
        assert_eq!(content.date, Some(date(2026, 1, 1)));
        assert_eq!(said(&content), [("CRN", r#"{"name":"Crown","numeric":"036","minor_units":2}"#, Date::MAX)]);
    }

    #[test]
    fn a_month_or_year_of_withdrawal_still_counts_whole() {
        let cases =
            [("2009-06", date(2009, 7, 1)), ("1989-1990", date(1991, 1, 1)), ("1990-07 to 1990-09", date(1990, 10, 1))];
        for (withdrawn, until) in cases {
            assert_eq!(end(withdrawn), Some(until), "{withdrawn}");
        }
        assert_eq!(end("soon"), None);
    }

    #[test]
    fn a_country_has_its_other_codes_and_its_currencies() {
        let text = "ISO3166-1-Alpha-3,ISO3166-1-numeric,ISO3166-1-Alpha-2,official_name_en,ISO4217-currency_alphabetic_code\n\
            FDO,8,FD,Freedonia,\"CRN,XAU\"\nX,,X,Nowhere,\n";
        let content = countries(text).unwrap();
        let value = r#"{"name":"Freedonia","alpha3":"FDO","numeric":"008","currencies":["CRN","XAU"]}"#;
        assert_eq!(said(&content), [("FD", value, Date::MAX)]);
        assert_eq!(content.findings[0].place.line, 3);
    }
}
