//! The UK's tariff: what a commodity's measures say of duty, tax and units, as the whole list of measures (CSV) and as the answer of the
//! Trade Tariff's API on one commodity (JSON).
//!
//! A measure has days of its own, so a commodity has as many rows as there are spans of days in which other measures count. Both say
//! what counts on their day and later, and leave out what has ended: of the days before they say nothing.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

use super::duty::Duty;
use crate::content::{Content, List, Mistake, Scope};
use crate::json_api::inlined;
use crate::sheet::{Sheet, field, some};

const FORMAT: &str = "uk-tariff";
const WHOLE: List = List { format: FORMAT, publisher: "HMRC", scope: Scope::Whole, knows_past: false };
const ONE: List = List { format: FORMAT, publisher: "HMRC", scope: Scope::Part, knows_past: false };

/// A measure on goods that come into the country.
#[derive(Clone, Debug)]
struct Measure {
    /// Its type, such as 103 for the duty of third countries.
    kind: String,
    called: String,
    /// A country, or a group of such.
    origin: String,
    excludes: Vec<String>,
    /// What it says, such as `8.00 %`.
    expression: String,
    order: Option<String>,
    additional_code: Option<String>,
    from: Date,
    to: Date,
}

/// A commodity, by its ten digits.
#[derive(Default, Serialize)]
struct Commodity<'c> {
    description: &'c str,
    #[serde(skip_serializing_if = "Option::is_none")]
    supplementary_unit: Option<&'c str>,
    /// The duty of third countries.
    #[serde(skip_serializing_if = "Option::is_none")]
    duty: Option<Duty>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    vat: Vec<Applied<'c>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    preferences: Vec<Applied<'c>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suspensions: Vec<Applied<'c>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    quotas: Vec<Applied<'c>>,
    /// Whatever else is to be paid: excise, safeguards, duties against dumping and subsidies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    additional: Vec<Applied<'c>>,
}

/// A duty with what it applies to. A tariff has some forty preferences for most of its commodities, which are a few duties.
#[derive(Serialize)]
struct Applied<'c> {
    #[serde(rename = "type")]
    kind: &'c str,
    #[serde(skip_serializing_if = "Option::is_none")]
    called: Option<&'c str>,
    /// The countries and groups that it is for.
    origins: Vec<&'c str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    excludes: &'c [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<&'c str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_code: Option<&'c str>,
    duty: Duty,
}

/// All goods.
const EVERYBODY: &str = "1011";

pub(crate) fn is_one(first: &str) -> bool {
    first.contains("commodity__code") && first.contains("measure__type__id")
}

/// The measures on all declarable commodities.
pub(crate) fn measures(text: &str) -> Result<Content, Mistake> {
    let sheet = Sheet::read(text, true)?;
    let [code, kind, expression, origin] =
        ["commodity__code", "measure__type__id", "measure__duty_expression", "measure__geographical_area__id"]
            .map(|name| sheet.needed(name));
    let [code, kind, expression, origin] = [Some(code?), Some(kind?), Some(expression?), Some(origin?)];
    let [from, to, excludes, order, additional, described, called, trade] = [
        "measure__effective_start_date",
        "measure__effective_end_date",
        "measure__excluded_geographical_areas__ids",
        "measure__quota__order_number",
        "measure__additional_code__code",
        "commodity__description",
        "measure__type__description",
        "trade__direction",
    ]
    .map(|name| sheet.column(&[name]));
    let mut content = Content::of(WHOLE);
    let mut commodities: BTreeMap<&str, (u64, &str, Vec<Measure>)> = BTreeMap::new();
    for (line, row) in &sheet.rows {
        let given = |column| some(row, column).filter(|text| *text != "#NA");
        let text = |column| given(column).map(str::to_owned);
        let key = field(row, code);
        let days = span(given(from), given(to));
        let (Some((from, to)), true) = (days, is_commodity(key)) else {
            content.find(*line, format!("`{key}` is no commodity, or its measure has no days: it is left out"));
            continue;
        };
        if given(trade).is_some_and(|trade| trade == "export") {
            content.leave_out("measures on exports");
            continue;
        }
        let measure = Measure {
            kind: text(kind).unwrap_or_default(),
            called: text(called).unwrap_or_default(),
            origin: text(origin).unwrap_or_default(),
            excludes: given(excludes)
                .unwrap_or_default()
                .split(['|', ',', ';'])
                .map(|area| area.trim().to_owned())
                .filter(|area| !area.is_empty())
                .collect(),
            expression: text(expression).unwrap_or_default(),
            order: text(order),
            additional_code: text(additional),
            from,
            to,
        };
        let (_, _, measures) =
            commodities.entry(key).or_insert_with(|| (*line, given(described).unwrap_or_default(), Vec::new()));
        measures.push(measure);
    }
    for (key, (line, description, measures)) in &commodities {
        spread(&mut content, *line, key, description, measures);
    }
    Ok(content)
}

/// Whether a JSON is what the API says of a commodity, in either of its forms.
pub(crate) fn is_commodity_of(value: &Value) -> bool {
    let kind = value.pointer("/data/type").and_then(Value::as_str);
    kind == Some("commodity")
        || (value.get("import_measures").is_some() && value.get("goods_nomenclature_item_id").is_some())
}

/// One commodity, with its measures in it or beside it.
pub(crate) fn commodity(value: &Value) -> Result<Content, Mistake> {
    let commodity = inlined(value);
    let text = |value: &Value, path: &str| value.pointer(path).and_then(Value::as_str).map(str::to_owned);
    let key = text(&commodity, "/goods_nomenclature_item_id").unwrap_or_default();
    if !is_commodity(&key) {
        return Err(Mistake::at(1, format!("`{key}` is no commodity")));
    }
    let description = text(&commodity, "/description_plain").or_else(|| text(&commodity, "/description"));
    let mut content = Content::of(ONE);
    let mut measures = Vec::new();
    for measure in commodity.get("import_measures").and_then(Value::as_array).into_iter().flatten() {
        let day = |path: &str| text(measure, path).and_then(|time| time.get(..10).map(str::to_owned));
        let days = span(day("/effective_start_date").as_deref(), day("/effective_end_date").as_deref());
        let Some((from, to)) = days else {
            content.find(1, "a measure has no days: it is left out");
            continue;
        };
        let area = |area: &Value| text(area, "/geographical_area_id").or_else(|| text(area, "/id"));
        let excluded = measure.get("excluded_countries").and_then(Value::as_array).into_iter().flatten();
        measures.push(Measure {
            kind: text(measure, "/measure_type/id").unwrap_or_default(),
            called: text(measure, "/measure_type/description").unwrap_or_default(),
            origin: measure.get("geographical_area").and_then(area).unwrap_or_default(),
            excludes: excluded.filter_map(area).collect(),
            expression: text(measure, "/duty_expression/base").unwrap_or_default(),
            order: text(measure, "/order_number/number").or_else(|| text(measure, "/order_number/id")),
            additional_code: text(measure, "/additional_code/code"),
            from,
            to,
        });
    }
    spread(&mut content, 1, &key, &description.unwrap_or_default(), &measures);
    Ok(content)
}

/// Says of each span of days what the measures that count in it come to.
fn spread(content: &mut Content, line: u64, key: &str, description: &str, measures: &[Measure]) {
    if measures.is_empty() {
        content.say(line, key, &Commodity { description, ..Commodity::default() });
        return;
    }
    let mut days: Vec<Date> = measures.iter().flat_map(|measure| [measure.from, measure.to]).collect();
    days.sort_unstable();
    days.dedup();
    for span in days.windows(2) {
        let [from, to] = *span else { continue };
        let mut counting: Vec<&Measure> =
            measures.iter().filter(|measure| measure.from <= from && from < measure.to).collect();
        if counting.is_empty() {
            continue;
        }
        // The order of the file is none: two editions that say the same are the same.
        counting.sort_by(|one, other| order(one).cmp(&order(other)));
        let commodity = of(description, &counting);
        let json = serde_json::to_string(&commodity).unwrap_or_default();
        match content.said.last_mut() {
            Some(last) if last.key == key && last.to == from && last.value.as_str() == json => last.to = to,
            _ => content.say_from(line, key, &commodity, (from, to)),
        }
    }
    let without = measures.iter().filter(|measure| measure.expression.is_empty()).count();
    if without > 0 {
        *content.left_out.entry("measures that are nothing to pay, such as licences").or_default() += without;
    }
}

fn order(measure: &Measure) -> impl Ord {
    let Measure { kind, origin, order, additional_code, expression, excludes, .. } = measure;
    (kind, origin, order, additional_code, expression, excludes)
}

/// What the types of measures are.
fn of<'c>(description: &'c str, measures: &[&'c Measure]) -> Commodity<'c> {
    let mut commodity = Commodity { description, ..Commodity::default() };
    for measure in measures.iter().filter(|measure| !measure.expression.is_empty()) {
        let applied = |is_named: bool| Applied {
            kind: &measure.kind,
            called: Some(measure.called.as_str()).filter(|called| is_named && !called.is_empty()),
            origins: vec![&measure.origin],
            excludes: &measure.excludes,
            order: measure.order.as_deref(),
            additional_code: measure.additional_code.as_deref(),
            duty: Duty::read(&measure.expression),
        };
        match measure.kind.as_str() {
            "103" if measure.origin == EVERYBODY && measure.additional_code.is_none() && commodity.duty.is_none() => {
                commodity.duty = Some(Duty::read(&measure.expression));
            }
            "109" | "110" if commodity.supplementary_unit.is_none() => {
                commodity.supplementary_unit = Some(&measure.expression);
            }
            "111" => {}
            kind if kind == "305" || kind.starts_with("VT") => apply(&mut commodity.vat, applied(false)),
            "106" | "142" | "145" => apply(&mut commodity.preferences, applied(false)),
            "112" | "115" | "117" | "119" | "141" => apply(&mut commodity.suspensions, applied(false)),
            "122" | "123" | "143" | "146" => apply(&mut commodity.quotas, applied(false)),
            _ => apply(&mut commodity.additional, applied(true)),
        }
    }
    commodity
}

/// Adds a duty, or its origin to one that is the same for others.
fn apply<'c>(all: &mut Vec<Applied<'c>>, new: Applied<'c>) {
    let is_same = |other: &&mut Applied<'c>| {
        let whole = |applied: &Applied<'c>| {
            (applied.kind, applied.called, applied.excludes, applied.order, applied.additional_code)
        };
        whole(other) == whole(&new) && other.duty == new.duty
    };
    match all.iter_mut().find(is_same) {
        Some(same) => same.origins.extend(new.origins),
        None => all.push(new),
    }
}

/// The days of a measure: its last one still counts.
fn span(from: Option<&str>, to: Option<&str>) -> Option<(Date, Date)> {
    let day = |text: &str| portgate_core::reference::day(text);
    let from = day(from?)?;
    let to = match to {
        Some(last) => day(last)?.tomorrow().ok()?,
        None => Date::MAX,
    };
    (from < to).then_some((from, to))
}

fn is_commodity(key: &str) -> bool {
    key.len() == 10 && key.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;

    const HEADER: &str = "commodity__code,commodity__description,measure__type__id,measure__type__description,\
        measure__additional_code__code,measure__duty_expression,measure__effective_start_date,measure__effective_end_date,\
        measure__geographical_area__id,measure__excluded_geographical_areas__ids,measure__quota__order_number\n";

    #[test]
    fn a_commodity_has_a_row_for_each_span_of_days_in_which_other_measures_count() {
        let text = format!(
            "{HEADER}0901210000,Roasted,103,Third country duty,#NA,7.50%,2021-01-01,#NA,1011,#NA,#NA\n\
             0901210000,Roasted,142,Tariff preference,#NA,0.00%,2021-01-01,2025-12-31,2020,FD|GD,#NA\n\
             0901210000,Roasted,142,Tariff preference,#NA,1.00%,2026-01-01,#NA,2020,#NA,#NA\n\
             0901210000,Roasted,109,Supplementary unit,#NA,kg,2021-01-01,#NA,1011,#NA,#NA\n\
             0901210000,Roasted,475,Restriction,#NA,#NA,2021-01-01,#NA,1011,#NA,#NA\n\
             09012100,Short,103,Third country duty,#NA,7.50%,2021-01-01,#NA,1011,#NA,#NA\n"
        );
        let content = measures(&text).unwrap();
        let duty = r#""supplementary_unit":"kg","duty":{"text":"7.50 %","ad_valorem":"7.50"}"#;
        let first = format!(
            r#"{{"description":"Roasted",{duty},"preferences":[{{"type":"142","origins":["2020"],"excludes":["FD","GD"],"duty":{{"text":"0.00 %","ad_valorem":"0.00"}}}}]}}"#
        );
        let second = format!(
            r#"{{"description":"Roasted",{duty},"preferences":[{{"type":"142","origins":["2020"],"duty":{{"text":"1.00 %","ad_valorem":"1.00"}}}}]}}"#
        );
        let said: Vec<_> = content.said.iter().map(|said| (said.value.as_str(), said.from, said.to)).collect();
        let change = date(2026, 1, 1);
        assert_eq!(said, [(first.as_str(), date(2021, 1, 1), change), (second.as_str(), change, Date::MAX)]);
        assert_eq!((content.findings[0].place.line, content.left_out.len()), (7, 1));
    }

    #[test]
    fn the_answer_of_the_api_says_the_same_with_its_measures_in_it_or_beside_it() {
        let measure = |area: Value, kind: Value, expression: Value| {
            json!({ "effective_start_date": "2021-01-01T00:00:00.000Z", "effective_end_date": null,
                "geographical_area": area, "measure_type": kind, "duty_expression": expression, "excluded_countries": [] })
        };
        let nested = json!({
            "goods_nomenclature_item_id": "0901210000", "description": "Roasted",
            "import_measures": [measure(json!({"id": "1011"}), json!({"id": "103"}), json!({"base": "7.50 %"})),
                measure(json!({"id": "1011"}), json!({"id": "305"}), json!({"base": "<span>20.00</span> %"}))],
        });
        let beside = json!({
            "data": { "type": "commodity", "id": "1", "attributes": { "goods_nomenclature_item_id": "0901210000", "description": "Roasted" },
                "relationships": { "import_measures": { "data": [{ "type": "measure", "id": "a" }, { "type": "measure", "id": "b" }] } } },
            "included": [
                { "type": "measure", "id": "a", "attributes": { "effective_start_date": "2021-01-01T00:00:00.000Z" },
                  "relationships": { "geographical_area": { "data": { "type": "geographical_area", "id": "1011" } },
                    "measure_type": { "data": { "type": "measure_type", "id": "103" } },
                    "duty_expression": { "data": { "type": "duty_expression", "id": "a-duty" } } } },
                { "type": "measure", "id": "b", "attributes": { "effective_start_date": "2021-01-01T00:00:00.000Z" },
                  "relationships": { "geographical_area": { "data": { "type": "geographical_area", "id": "1011" } },
                    "measure_type": { "data": { "type": "measure_type", "id": "305" } },
                    "duty_expression": { "data": { "type": "duty_expression", "id": "b-duty" } } } },
                { "type": "duty_expression", "id": "a-duty", "attributes": { "base": "7.50 %" } },
                { "type": "duty_expression", "id": "b-duty", "attributes": { "base": "20.00 %" } },
                { "type": "geographical_area", "id": "1011", "attributes": { "id": "1011" } },
            ],
        });
        let value = r#"{"description":"Roasted","duty":{"text":"7.50 %","ad_valorem":"7.50"},"vat":[{"type":"305","origins":["1011"],"duty":{"text":"20.00 %","ad_valorem":"20.00"}}]}"#;
        for json in [nested, beside] {
            assert!(is_commodity_of(&json));
            let content = commodity(&json).unwrap();
            assert_eq!((content.said.len(), content.said[0].value.as_str()), (1, value));
        }
    }
}
