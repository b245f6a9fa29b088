//! Rates of exchange: the euro's reference rates of the European Central Bank (XML, CSV), the monthly rates of HMRC (XML, CSV), and
//! the rates in which the UK Trade Tariff converts the euro (JSON).
//!
//! The key is what one unit of is worth and what the rate is in: `EUR/USD` of 1.1628 says that a euro is 1.1628 dollars.

use jiff::civil::Date;
use portgate_readers::xml::Element;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::content::{Content, List, Mistake, Scope};
use crate::json;
use crate::sheet::{Sheet, field, squeezed};

const ECB: List = List { format: "ecb-euro-reference-rates", publisher: "ECB", scope: Scope::Series, knows_past: true };
const HMRC: List = List { format: "hmrc-monthly-rates", publisher: "HMRC", scope: Scope::Series, knows_past: true };
const TARIFF: List = List { format: "uk-tariff-euro-rates", publisher: "HMRC", scope: Scope::Series, knows_past: true };

#[derive(Serialize)]
struct Rate<'r> {
    rate: &'r str,
    /// The day that it was published for, which says how old it is.
    day: Date,
}

/// A rate is said where it is one.
fn say(content: &mut Content, line: u64, (one, other): (&str, &str), rate: &str, (day, to): (Date, Date)) {
    let is_code = |text: &str| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_rate = rate.parse::<Decimal>().is_ok_and(|rate| rate > Decimal::ZERO);
    match is_code(one) && is_code(other) && is_rate {
        true => content.say_from(line, format!("{one}/{other}"), &Rate { rate, day }, (day, to)),
        false => content.find(line, format!("`{rate}` from `{one}` to `{other}` is no rate: it is left out")),
    }
}

/// The last day of all that was said is the day of the edition.
fn dated(mut content: Content) -> Content {
    content.date = content.said.iter().map(|said| said.from).max();
    content
}

/// `eurofxref-daily.xml`, `-hist-90d.xml` and `-hist.xml`.
pub(crate) fn ecb_of_xml(root: &Element<'_>) -> Content {
    let mut content = Content::of(ECB);
    for day in root.all("Cube/Cube") {
        let line = u64::from(day.position().0);
        let time = day.attribute("time").unwrap_or_default();
        let Some(date) = portgate_core::reference::day(time) else {
            content.find(line, format!("`{time}` is no day: its rates are left out"));
            continue;
        };
        for rate in day.children("Cube") {
            let of = |name: &str| rate.attribute(name).unwrap_or_default();
            say(&mut content, u64::from(rate.position().0), ("EUR", of("currency")), of("rate"), (date, Date::MAX));
        }
    }
    dated(content)
}

/// `eurofxref.csv` with one day, `eurofxref-hist.csv` with all: a column for each currency.
pub(crate) fn is_ecb(first: &str) -> bool {
    let mut columns = first.split(',').map(str::trim);
    columns.next() == Some("Date") && columns.next() == Some("USD")
}

pub(crate) fn ecb(text: &str) -> Result<Content, Mistake> {
    let sheet = Sheet::read(text, true)?;
    let mut content = Content::of(ECB);
    for (line, row) in &sheet.rows {
        let written = field(row, Some(0));
        let day = portgate_core::reference::day(written).or_else(|| Date::strptime("%d %B %Y", written).ok());
        let Some(day) = day else {
            content.find(*line, format!("`{written}` is no day: its rates are left out"));
            continue;
        };
        for (currency, rate) in sheet.header.iter().zip(row).skip(1).filter(|(currency, _)| !currency.is_empty()) {
            match rate {
                "N/A" | "" => content.leave_out("currencies without a rate on a day"),
                rate => say(&mut content, *line, ("EUR", currency), rate, (day, Date::MAX)),
            }
        }
    }
    Ok(dated(content))
}

/// `exrates-monthly-0226.xml`: what a pound is in each currency, for the days of a period.
pub(crate) fn hmrc_of_xml(root: &Element<'_>) -> Result<Content, Mistake> {
    let period = root.attribute("Period").unwrap_or_default();
    let days = period.split_once(" to ").and_then(|(first, last)| {
        let day = |text: &str| Date::strptime("%d/%b/%Y", text.trim()).ok();
        Some((day(first)?, day(last)?.tomorrow().ok()?))
    });
    let days = days.ok_or_else(|| Mistake::at(1, format!("`{period}` is no period of days")))?;
    let mut content = Content::of(HMRC);
    for rate in root.children("exchangeRate") {
        let [currency, rate_new] = ["currencyCode", "rateNew"]
            .map(|name| rate.text_at(name).map(|text| text.trim().to_owned()).unwrap_or_default());
        say(&mut content, u64::from(rate.position().0), ("GBP", &currency), &rate_new, days);
    }
    Ok(dated(content))
}

/// What the rate is called has a pound sign, which some write in another character set.
pub(crate) fn is_hmrc(first: &str) -> bool {
    let first = squeezed(first);
    first.contains("currencycode") && first.contains("currencyunitsper")
}

pub(crate) fn hmrc(text: &str) -> Result<Content, Mistake> {
    let sheet = Sheet::read(text, true)?;
    let [code, start, end] =
        [sheet.needed("Currency Code")?, sheet.needed("Start date")?, sheet.needed("End date")?].map(Some);
    let rate = sheet.header.iter().position(|column| squeezed(column).starts_with("currencyunitsper"));
    let day = |text: &str| Date::strptime("%d/%m/%Y", text).ok().or_else(|| portgate_core::reference::day(text));
    let mut content = Content::of(HMRC);
    for (line, row) in &sheet.rows {
        let last = day(field(row, end)).and_then(|last| last.tomorrow().ok());
        match day(field(row, start)).zip(last) {
            Some(days) => say(&mut content, *line, ("GBP", field(row, code)), field(row, rate), days),
            None => content.find(*line, "it says no days: it is left out"),
        }
    }
    Ok(dated(content))
}

#[derive(Deserialize)]
struct Monetary {
    attributes: MonetaryRate,
}

#[derive(Deserialize)]
struct MonetaryRate {
    child_monetary_unit_code: String,
    exchange_rate: String,
    validity_start_date: String,
}

/// `monetary_exchange_rates`: what a euro is in pounds, from the first of each month.
pub(crate) fn tariff(text: &str, items: &[&RawValue]) -> Content {
    let mut content = Content::of(TARIFF);
    for (line, item) in json::lines(text, items) {
        let rate = serde_json::from_str(item.get()).map(|Monetary { attributes }| attributes);
        let day =
            rate.as_ref().ok().and_then(|rate| portgate_core::reference::day(rate.validity_start_date.get(..10)?));
        match rate.ok().zip(day) {
            Some((rate, day)) => {
                let MonetaryRate { child_monetary_unit_code: other, exchange_rate, .. } = &rate;
                say(&mut content, line, ("EUR", other), exchange_rate, (day, Date::MAX));
            }
            None => content.find(line, "this is no rate of a month: it is left out"),
        }
    }
    dated(content)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use portgate_readers::xml::{Document, Options};

    use super::*;

    fn said(content: &Content) -> Vec<(&str, &str, Date, Date)> {
        content.said.iter().map(|said| (said.key.as_str(), said.value.as_str(), said.from, said.to)).collect()
    }

    fn xml(text: &str, read: impl Fn(&Element<'_>) -> Content) -> Content {
        read(&Document::parse(text.as_bytes(), &Options::default()).unwrap().root())
    }

    #[test]
    fn the_euros_rates_are_of_their_days() {
        let content = xml(
            "<g:Envelope xmlns:g=\"http://www.gesmes.org/xml/2002-08-01\" xmlns=\"http://www.ecb.int/vocabulary/2002-08-01/eurofxref\">\
             <g:subject>Reference rates</g:subject><Cube><Cube time=\"2026-02-27\"><Cube currency=\"USD\" rate=\"1.1628\"/>\
             <Cube currency=\"JPY\" rate=\"-1\"/></Cube><Cube time=\"27.02.2026\"/></Cube></g:Envelope>",
            ecb_of_xml,
        );
        let dollar = ("EUR/USD", r#"{"rate":"1.1628","day":"2026-02-27"}"#, date(2026, 2, 27), Date::MAX);
        assert_eq!((said(&content), content.date), (vec![dollar], Some(date(2026, 2, 27))));
        assert_eq!(content.findings.len(), 2);
        for text in ["Date, USD, HRK, \n27 February 2026, 1.1628, N/A, \n", "Date,USD,\n2026-02-27,1.1628,\n"] {
            assert!(is_ecb(text.lines().next().unwrap()));
            assert_eq!(said(&ecb(text).unwrap()), [dollar], "{text}");
        }
    }

    #[test]
    fn a_pounds_rates_are_of_their_month_alone() {
        let content = xml(
            "<exchangeRateMonthList Period=\"01/Feb/2026 to 28/Feb/2026\"><exchangeRate><countryName>Freedonia</countryName>\
             <currencyCode>CRN</currencyCode><rateNew>1.5</rateNew></exchangeRate></exchangeRateMonthList>",
            |root| hmrc_of_xml(root).unwrap(),
        );
        let crown = ("GBP/CRN", r#"{"rate":"1.5","day":"2026-02-01"}"#, date(2026, 2, 1), date(2026, 3, 1));
        assert_eq!(said(&content), [crown]);
        let text = "Country/Territories,Currency,Currency Code,Currency Units per £1,Start date,End date\n\
            Freedonia,Crown,CRN,1.5,01/02/2026,28/02/2026\nX,X,CRN,1.5,,\n";
        assert!(is_hmrc(text.lines().next().unwrap()));
        let content = hmrc(text).unwrap();
        assert_eq!((said(&content), content.findings[0].place.line), (vec![crown], 3));
    }
}
