//! The lists that are known, each in the forms that it is published in. Which one a file is, it says itself.

use portgate_readers::xml::{Document, Element, Options};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::content::{Content, Mistake};
use crate::json;
use crate::json_api::inlined;
use crate::sheet::text_of;

mod areas;
mod codes;
mod duty;
mod goods;
mod iso;
mod rates;
mod recommendations;
mod tariff;
mod unlocode;

/// What a file says; nothing where it is none of the lists.
pub(crate) fn content(bytes: &[u8]) -> Option<Result<Content, Mistake>> {
    let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    if start.starts_with(b"<") {
        return xml(bytes);
    }
    let text = text_of(bytes);
    match start.first()? {
        b'[' => array(&text),
        b'{' => object(&text),
        _ => sheet(&text),
    }
}

fn sheet(text: &str) -> Option<Result<Content, Mistake>> {
    let first = text.lines().find(|line| !line.trim().is_empty())?;
    Some(match first {
        first if unlocode::is_one(first) => unlocode::read(text, first),
        first if tariff::is_one(first) => tariff::measures(text),
        first if iso::are_countries(first) => iso::countries(text),
        first if iso::are_currencies(first) => iso::currencies(text),
        first if recommendations::are_units(first) => recommendations::units(text),
        first if recommendations::are_packages(first) => recommendations::packages(text),
        first if goods::is_hs(first) => goods::hs(text),
        first if goods::is_cn(first) => goods::cn(text),
        first if rates::is_ecb(first) => rates::ecb(text),
        first if rates::is_hmrc(first) => rates::hmrc(text),
        _ => return None,
    })
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
        "ISO_4217" => Some(Ok(iso::currencies_of_xml(&root))),
        "exchangeRateMonthList" => Some(rates::hmrc_of_xml(&root)),
        "Envelope" if root.child("Cube").is_some() => Some(Ok(rates::ecb_of_xml(&root))),
        _ => {
            let entities: Vec<Element<'_>> = codes::entities(&root);
            (!entities.is_empty()).then(|| codes::cs_rd2(&entities))
        }
    }
}

/// A list of objects, told by the first.
fn array(text: &str) -> Option<Result<Content, Mistake>> {
    let items: Vec<&RawValue> = match serde_json::from_str(text) {
        Ok(items) => items,
        Err(error) => return Some(Err(json::broken(error))),
    };
    let first: Value = serde_json::from_str(items.first()?.get()).ok().filter(Value::is_object)?;
    if first.pointer("/attributes/exchange_rate").is_some() {
        return Some(Ok(rates::tariff(text, &items)));
    }
    if let Some(content) = origins(&first, || values(text, &items)) {
        return Some(Ok(content));
    }
    codes::has_code(&first).then(|| Ok(codes::plain(text, &items)))
}

/// The `data` of JSON:API.
#[derive(Deserialize)]
struct Data<'j> {
    #[serde(borrow)]
    data: Vec<&'j RawValue>,
}

fn object(text: &str) -> Option<Result<Content, Mistake>> {
    if let Ok(versioned) = serde_json::from_str::<codes::Versioned<'_>>(text) {
        return Some(Ok(codes::versioned(text, &versioned)));
    }
    let whole: Value = match serde_json::from_str(text) {
        Ok(whole) => whole,
        Err(error) => return Some(Err(json::broken(error))),
    };
    if tariff::is_commodity_of(&whole) {
        return Some(tariff::commodity(&whole));
    }
    if whole.pointer("/results/0/id").is_some() && whole.pointer("/results/0/text").is_some() {
        return Some(goods::hs_of_json(text));
    }
    let items = serde_json::from_str::<Data<'_>>(text).ok()?.data;
    if whole.pointer("/data/0/attributes/exchange_rate").is_some() {
        return Some(Ok(rates::tariff(text, &items)));
    }
    // What stands in the places of what was named has no lines of its own.
    let lines = json::lines(text, &items).into_iter().map(|(line, _)| line);
    let whole = inlined(&whole);
    let resources = || lines.zip(whole.as_array().into_iter().flatten().cloned()).collect();
    origins(whole.get(0)?, resources).map(Ok)
}

fn origins(first: &Value, items: impl FnOnce() -> Vec<(u64, Value)>) -> Option<Content> {
    if areas::are_areas(first) {
        return Some(areas::areas(&items()));
    }
    areas::are_schemes(first).then(|| areas::schemes(&items()))
}

fn values(text: &str, items: &[&RawValue]) -> Vec<(u64, Value)> {
    json::lines(text, items)
        .into_iter()
        .map(|(line, item)| (line, serde_json::from_str(item.get()).unwrap_or_default()))
        .collect()
}
