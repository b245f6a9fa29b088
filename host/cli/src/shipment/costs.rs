//! `portgate shipment costs`: what a shipment's goods cost to bring in.

use portgate_operator::{ArticleCosts, CostAccuracy, CostTotal, NoQuery, ShipmentCosts};

use super::segment;
use crate::operator::{Connection, OperatorClient, OperatorError, print_json};
use crate::printable::printable;
use crate::table::table;

pub(super) fn show(connection: &Connection, reference: &str, as_json: bool) -> Result<(), OperatorError> {
    let path = format!("/v1/shipments/{}/costs", segment(reference));
    let costs: ShipmentCosts = OperatorClient::new(connection)?.get(&path, &NoQuery {})?;
    if as_json {
        print_json(&costs);
        return Ok(());
    }
    let unknown = || "not known".to_owned();
    let (goods, day) = (costs.goods_value.clone().unwrap_or_else(unknown), costs.day.clone().unwrap_or_else(unknown));
    println!("shipment {}\ngoods    {goods} {}\nday      {day}\n", costs.shipment, costs.currency);
    let mut rows: Vec<Vec<String>> = Vec::new();
    for ArticleCosts { name, totals, .. } in &costs.articles {
        rows.extend(totals.iter().map(|total| row(&printable(name), total)));
    }
    rows.extend(costs.totals.iter().map(|total| row("all", total)));
    let headings = ["article", "cost", "estimate", "provisional", "assessed", "invoiced", "counts"];
    print!("{}", table(&headings, rows));
    println!("\ntotal {} {}", costs.total, costs.currency);
    if let Some(CostAccuracy { estimate, assessed, difference, percent }) = &costs.accuracy {
        let percent = percent.as_deref().map(|percent| format!(" ({percent} %)")).unwrap_or_default();
        println!("estimated {estimate}, assessed {assessed}: off by {difference}{percent}");
    }
    for unknown in &costs.unknown {
        let articles = if unknown.articles.is_empty() { "all".to_owned() } else { unknown.articles.join(", ") };
        println!("not estimated: {}: {}", printable(&articles), printable(&unknown.why));
    }
    for note in &costs.notes {
        println!("note: {}", printable(note));
    }
    for rate in &costs.rates {
        println!("rate: {}", printable(rate));
    }
    Ok(())
}

fn row(article: &str, total: &CostTotal) -> Vec<String> {
    let CostTotal { cost_type, estimate, provisional, assessed, invoiced, counts } = total;
    let text = |amount: &Option<String>| amount.clone().unwrap_or_default();
    let [estimate, provisional, assessed, invoiced] = [estimate, provisional, assessed, invoiced].map(text);
    vec![article.to_owned(), cost_type.clone(), estimate, provisional, assessed, invoiced, counts.clone()]
}
