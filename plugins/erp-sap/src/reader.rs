//! What both IDocs and OData say in the same way: numbers, amounts, weights, days, terms, and the rest. Everything that cannot
//! be read is said, and nothing that can be is lost by it.

use portgate_sdk::canonical::{
    Code, Country, Currency, Date, Decimal, Hs6, HsCode, Incoterm, IncotermCode, Location, Money, Note, Quantity,
    Reference, Text,
};
use portgate_sdk::{Decoded, Finding};

use crate::record::{Record, Rest};
use crate::{number, time, units};

/// The most codes and notes that a document or a line has room for.
const CODES_MAX: usize = 500;
pub(crate) const NOTES_MAX: usize = 100;
const REFERENCES_MAX: usize = 64;

/// Reads records, and says what is wrong with them.
pub(crate) struct Reader<'d> {
    pub(crate) decoded: &'d mut Decoded,
}

/// Terms of delivery, as far as they are known and as they are written.
#[derive(Default)]
pub(crate) struct Terms {
    pub(crate) incoterm: Option<Incoterm>,
    pub(crate) words: Option<Text<256>>,
}

/// What has no field of its own.
#[derive(Default)]
pub(crate) struct Others {
    pub(crate) codes: Vec<Code>,
    pub(crate) notes: Vec<Note>,
}

impl Reader<'_> {
    pub(crate) fn info(&mut self, record: &Record<'_>, name: &str, code: &str, detail: impl Into<String>) {
        self.decoded.finding(Finding::info(code, record.at(name), detail));
    }

    pub(crate) fn warning(&mut self, record: &Record<'_>, name: &str, code: &str, detail: impl Into<String>) {
        self.decoded.finding(Finding::warning(code, record.at(name), detail));
    }

    pub(crate) fn error(&mut self, record: &Record<'_>, name: &str, code: &str, detail: impl Into<String>) {
        self.decoded.finding(Finding::error(code, record.at(name), detail));
    }

    /// A number of a document, a material or a line, as SAP shows it.
    pub(crate) fn number<const MAX: usize>(&mut self, record: &Record<'_>, name: &str) -> Option<Text<MAX>> {
        let written = record.text(name)?;
        let shown = number::shown(&written);
        self.decoded.identifier(record.at(name), &format!("`{name}`"), shown).filter(|_| !shown.is_empty())
    }

    /// The same where there must be one.
    pub(crate) fn required<const MAX: usize>(&mut self, record: &Record<'_>, name: &str) -> Option<Text<MAX>> {
        let found = self.number(record, name);
        if found.is_none() {
            self.error(record, "", "MISSING", format!("Give `{name}`."));
        }
        found
    }

    /// What identifies something and is no number of SAP's: a lot, a customer's own number.
    pub(crate) fn identifier<const MAX: usize>(&mut self, record: &Record<'_>, name: &str) -> Option<Text<MAX>> {
        let written = record.text(name)?;
        self.decoded.identifier(record.at(name), &format!("`{name}`"), &written)
    }

    /// Words, which may be cut.
    pub(crate) fn words<const MAX: usize>(&mut self, record: &Record<'_>, name: &str) -> Option<Text<MAX>> {
        let written = record.text(name)?;
        self.decoded.free_text(record.at(name), &format!("text of `{name}`"), &written)
    }

    /// A number with digits after the point. SAP writes a minus at the end.
    pub(crate) fn decimal(&mut self, record: &Record<'_>, name: &str) -> Option<Decimal> {
        let written = record.text(name)?;
        let turned = written.strip_suffix('-').map(|number| format!("-{}", number.trim()));
        match Decimal::from_partner(turned.as_deref().unwrap_or(&written)) {
            Ok(decimal) => Some(decimal),
            Err(error) => {
                let detail = format!("`{}` is not {}; it is left out.", short(&written), error.expected);
                self.warning(record, name, "NO-NUMBER", detail);
                None
            }
        }
    }

    /// A number that says something: not nought.
    pub(crate) fn some_decimal(&mut self, record: &Record<'_>, name: &str) -> Option<Decimal> {
        self.decimal(record, name).filter(|number| !number.is_zero())
    }

    pub(crate) fn money(&mut self, record: &Record<'_>, name: &str, currency: &Currency) -> Option<Money> {
        Some(Money { amount: self.decimal(record, name)?, currency: currency.clone() })
    }

    /// A currency; `XXX`, which is none (ISO 4217), where it is missing, and that is said.
    pub(crate) fn currency(&mut self, record: &Record<'_>, names: &[&str]) -> Currency {
        let written = record.first(names);
        let currency = written.as_deref().and_then(|written| Currency::new(written).ok());
        currency.unwrap_or_else(|| {
            let name = names.first().copied().unwrap_or_default();
            let said = written.map(|written| format!("`{}` is no currency", short(&written)));
            let said = said.unwrap_or_else(|| "There is no currency".to_owned());
            self.warning(record, name, "NO-CURRENCY", format!("{said}; amounts are given in `XXX`, which is none."));
            Currency::new("XXX").expect("three capitals")
        })
    }

    /// So much of a unit. The unit's name is that of the first field that has one.
    pub(crate) fn quantity(&mut self, record: &Record<'_>, name: &str, unit_names: &[&str]) -> Option<Quantity> {
        record.skip(unit_names);
        let value = self.decimal(record, name)?;
        let unit_name = unit_names.iter().copied().find(|name| record.text(name).is_some());
        let written = unit_name.and_then(|name| record.text(name)).unwrap_or_default();
        let (unit, is_known) = units::unit(&written);
        if !is_known {
            let at = unit_name.unwrap_or(name);
            let detail = match written.is_empty() {
                true => "The quantity has no unit, and is given in `ZZ`.".to_owned(),
                false => format!("The unit `{}` is in no table, and is given as `{unit}`; add it.", short(&written)),
            };
            self.warning(record, at, "UNKNOWN-UNIT", detail);
        }
        Some(Quantity { value, unit })
    }

    /// A weight in kilograms. Nought is what SAP has where nobody has weighed.
    pub(crate) fn weight(&mut self, record: &Record<'_>, name: &str, unit_name: &str) -> Option<Decimal> {
        self.measure(record, name, unit_name, units::kilograms)
    }

    /// A volume in cubic metres, likewise.
    pub(crate) fn volume(&mut self, record: &Record<'_>, name: &str, unit_name: &str) -> Option<Decimal> {
        self.measure(record, name, unit_name, units::cubic_metres)
    }

    /// A length in centimetres, likewise.
    pub(crate) fn length(&mut self, record: &Record<'_>, name: &str, unit_name: &str) -> Option<Decimal> {
        self.measure(record, name, unit_name, units::centimetres)
    }

    fn measure(
        &mut self,
        record: &Record<'_>,
        name: &str,
        unit_name: &str,
        convert: fn(Decimal, &str) -> Option<Decimal>,
    ) -> Option<Decimal> {
        let unit = record.text(unit_name).unwrap_or_default();
        let value = self.some_decimal(record, name)?;
        let converted = convert(value, &unit);
        if converted.is_none() {
            let detail =
                format!("`{name}` is {value} in `{}`, which cannot be converted; it is left out.", short(&unit));
            self.warning(record, unit_name, "UNKNOWN-UNIT", detail);
        }
        converted
    }

    /// A day. One that is none is said and left out.
    pub(crate) fn day(&mut self, record: &Record<'_>, name: &str) -> Option<Date> {
        let written = record.set(name)?;
        let day = time::day(&written);
        if day.is_none() {
            self.warning(record, name, "NO-DAY", format!("`{}` is no day; it is left out.", short(&written)));
        }
        day
    }

    pub(crate) fn country(&mut self, record: &Record<'_>, name: &str) -> Option<Country> {
        let written = record.text(name)?;
        let country = Country::new(&*written).ok();
        if country.is_none() {
            let detail = format!("`{}` is no country of ISO 3166-1; it is left out.", short(&written));
            self.warning(record, name, "NO-COUNTRY", detail);
        }
        country
    }

    /// A GTIN. Another number in its place is said, and is one of the other codes.
    pub(crate) fn gtin(&mut self, record: &Record<'_>, name: &str, others: &mut Others) -> Option<Text<14>> {
        let written = record.text(name)?;
        if matches!(written.len(), 8 | 12 | 13 | 14) && written.bytes().all(|byte| byte.is_ascii_digit()) {
            return Text::new(&*written).ok();
        }
        let detail = format!("`{}` is no GTIN; it is kept as a code.", short(&written));
        self.warning(record, name, "NO-GTIN", detail);
        self.other(record, others, &format!("SAP {name}"), &written);
        None
    }

    /// A commodity code, without the points and blanks that people part it with.
    pub(crate) fn commodity(&mut self, record: &Record<'_>, name: &str) -> Option<HsCode> {
        let written = record.set(name)?;
        let digits: String = written.chars().filter(|character| !matches!(character, '.' | ' ')).collect();
        let code = HsCode::new(digits).ok();
        if code.is_none() {
            let detail = format!("`{}` is no commodity code; it is left out.", short(&written));
            self.warning(record, name, "NO-COMMODITY-CODE", detail);
        }
        code
    }

    /// Where a plant stands: the country that the setting has for it, as in `FR20=FR NL20=EU`.
    pub(crate) fn jurisdiction(&self, setting: Option<&str>, plant: &str) -> Option<Text<8>> {
        let pairs = setting?.split_whitespace().filter_map(|pair| pair.split_once('='));
        let (_, country) = pairs.into_iter().find(|(named, _)| *named == plant)?;
        Text::new(country).ok()
    }

    /// Terms of delivery with the place that they name. What is none of the Incoterms stays in words.
    pub(crate) fn terms(&mut self, record: &Record<'_>, code_name: &str, place: Option<String>) -> Terms {
        let Some(code) = record.text(code_name) else {
            let words =
                place.and_then(|place| self.decoded.free_text(record.at(code_name), "place of delivery", &place));
            return Terms { incoterm: None, words };
        };
        let known: Option<IncotermCode> = serde_json::from_value(code.to_ascii_uppercase().into()).ok();
        let words = match &place {
            Some(place) => format!("{code} {place}"),
            None => code.clone().into_owned(),
        };
        let Some(known) = known else {
            let detail = format!("`{}` is none of the Incoterms; it is kept in words.", short(&code));
            self.warning(record, code_name, "NO-INCOTERM", detail);
            return Terms {
                incoterm: None,
                words: self.decoded.free_text(record.at(code_name), "terms of delivery", &words),
            };
        };
        if known.is_legacy() {
            let detail = format!("`{code}` is of an older edition of the Incoterms.");
            self.info(record, code_name, "LEGACY-INCOTERM", detail);
        }
        let place = place.and_then(|place| self.decoded.free_text(record.at(code_name), "place of delivery", &place));
        let place = place.map(|name| Location { name: Some(name), ..Location::default() });
        Terms { incoterm: Some(Incoterm { place, ..Incoterm::new(known) }), words: None }
    }

    /// What nobody has asked for, each value under its name: codes where they are short, and notes.
    pub(crate) fn rest(&mut self, record: &Record<'_>, others: &mut Others) {
        for Rest { name, value } in record.rest() {
            self.other(record, others, &format!("SAP {name}"), &value);
        }
    }

    /// A value that has no field of its own, under the name of its list.
    pub(crate) fn other(&mut self, record: &Record<'_>, others: &mut Others, list: &str, value: &str) {
        let code_list = Text::cut(list).map(|cut| cut.text);
        match (Text::new(value).ok(), code_list) {
            (Some(code), Some(code_list)) if others.codes.len() < CODES_MAX => {
                let code = Code { code, code_list, source_code: None };
                if !others.codes.contains(&code) {
                    others.codes.push(code);
                }
            }
            (None, Some(_)) if others.notes.len() < NOTES_MAX => {
                let text = self.decoded.free_text(record.at(""), list, value);
                others.notes.extend(text.map(|text| Note { subject: Some(listed(list, "value")), ..Note::new(text) }));
            }
            _ => {
                let detail = format!("There is no room for `{}` = `{}`.", short(list), short(value));
                self.warning(record, "", "NO-ROOM", detail);
            }
        }
    }

    /// A code of a list of SAP's.
    pub(crate) fn code(&mut self, record: &Record<'_>, name: &str) -> Option<Code> {
        let written = record.text(name)?;
        let code = self.decoded.identifier(record.at(name), &format!("`{name}`"), &written)?;
        Some(Code { code, code_list: Text::cut(&format!("SAP {name}"))?.text, source_code: None })
    }

    /// Adds references, each once and no more than there is room for.
    pub(crate) fn refer(&mut self, record: &Record<'_>, references: &mut Vec<Reference>, more: Vec<Reference>) {
        for reference in more {
            let is_known = |known: &Reference| known.scheme == reference.scheme && known.value == reference.value;
            if references.iter().any(is_known) {
                continue;
            }
            if references.len() == REFERENCES_MAX {
                let detail = format!("There is no room for the reference {} `{}`.", reference.scheme, reference.value);
                self.warning(record, "", "NO-ROOM", detail);
                continue;
            }
            references.push(reference);
        }
    }
}

/// The subheading of the Harmonised System that a commodity code begins with.
pub(crate) fn hs6(code: &HsCode) -> Option<Hs6> {
    Hs6::new(code.as_str().get(..6)?).ok()
}

/// A tax code of SAP's, whose meaning is in SAP's settings: the category of the tax is not known by it.
pub(crate) fn taxed(code: &str) -> Code {
    Code { source_code: Text::new(code).ok(), ..listed("UNTDID 5305", "UNMAPPED") }
}

/// What kind of invoice a document is, by SAP's category of it or the word of a message. One that is not known is told, and taken
/// for an invoice.
pub(crate) fn invoice_type(reader: &mut Reader<'_>, record: &Record<'_>, name: &str, category: &str) -> Code {
    let code = match category {
        "M" | "5" | "INVO" | "FKRE" => "380",
        "O" | "N" | "6" | "CRME" | "GSVE" | "CRED" => "381",
        "P" | "S" | "DBME" | "SUBI" => "383",
        "U" | "PROF" => "325",
        _ => {
            let detail = format!("The kind of invoice `{}` is not known; it is taken for an invoice.", short(category));
            reader.warning(record, name, "UNKNOWN-TYPE", detail);
            "380"
        }
    };
    Code { source_code: Text::new(category).ok(), ..listed("UNTDID 1001", code) }
}

/// A code of ours, whose list is SAP's.
pub(crate) fn listed(list: &str, code: &str) -> Code {
    let text = |text: &str| Text::cut(text).map(|cut| cut.text);
    let (code, code_list) = (text(code), Text::cut(list).map(|cut| cut.text));
    let unknown = || Text::new("unknown").expect("a word");
    Code {
        code: code.unwrap_or_else(unknown),
        code_list: code_list.unwrap_or_else(|| Text::new("SAP").expect("a word")),
        source_code: None,
    }
}

/// As much of a value as a finding repeats.
pub(crate) fn short(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
