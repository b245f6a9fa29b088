//! What the demo sends, and what must come back.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::client::{Answer, Client};
use super::credentials::Credentials;

/// One message of the demo.
pub(crate) struct Step {
    pub(crate) title: &'static str,
    pub(crate) auth: Auth,
    pub(crate) path: &'static str,
    pub(crate) media_type: &'static str,
    /// The payload's file, from the repository's root: a case of the connector that reads it.
    pub(crate) file: &'static str,
    /// What is done to the payload before it is sent: for the steps that go wrong, and for what has a number of its own.
    spoil: Option<Spoil>,
    /// The status that must come back.
    pub(crate) expected: u16,
    /// What else must be true of the answer, and the words in which it is shown.
    shows: fn(&Value) -> Option<String>,
}

/// Makes a wrong payload of a right one.
type Spoil = fn(&[u8]) -> Vec<u8>;

/// How the sender proves who it is.
#[derive(Clone, Copy)]
pub(crate) enum Auth {
    None,
    /// By the API key of this partner.
    ApiKey(&'static str),
    Token,
    ForgedToken,
    Webhook,
}

impl Step {
    /// What is sent: the file's content, spoilt where the step goes wrong.
    pub(crate) fn payload(&self) -> Result<Vec<u8>, String> {
        let content = std::fs::read(self.file)
            .map_err(|error| format!("{}: {error}; run the demo from the repository's root", self.file))?;
        Ok(match self.spoil {
            Some(spoil) => spoil(&content),
            None => content,
        })
    }
}

/// A notification of customs under a number that no demo before has used: its number is its business key.
fn renumbered(content: &[u8]) -> Vec<u8> {
    const NUMBERS: [&str; 2] = ["4f0c2d7e9ab1463f8d5e60a1b2c3d4e5", "9b7e61c0d2f84a359c1e77d0a4b3f218"];
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let number = format!("{:032x}", since.as_nanos());
    let text = String::from_utf8_lossy(content).into_owned();
    NUMBERS.into_iter().fold(text, |text, known| text.replace(known, &number)).into_bytes()
}

const WEB_SHOP: Auth = Auth::ApiKey("web-shop");

const ORDER: &str = "plugins/ecom-shopify/cases/order/message.json";
const PRODUCT: &str = "plugins/ecom-shopify/cases/product/message.json";
const INVENTORY_ITEM: &str = "plugins/ecom-shopify/cases/inventory-item/message.json";
const VESSEL_ARRIVED: &str = "plugins/carrier-ocean/cases/x12-315-vessel-arrived/message.edi";
const RAIL_DEPARTED: &str = "plugins/carrier-ocean/cases/iftsta-rail-departed/message.edi";
const DCSA_EVENTS: &str = "plugins/carrier-ocean/cases/dcsa-2-2-events/message.json";
const TAX_ASSESSED: &str = "plugins/broker-cds/cases/tax-assessed/message.xml";
const DECLARATION_REJECTED: &str = "plugins/broker-cds/cases/declaration-rejected/message.xml";

/// Every step, in order.
pub(crate) fn steps() -> Vec<Step> {
    let step = |title, auth, path, media_type, file, expected, shows| Step {
        title,
        auth,
        path,
        media_type,
        file,
        spoil: None,
        expected,
        shows,
    };
    let spoilt = |step: Step, spoil| Step { spoil: Some(spoil), ..step };
    let order = "/v1/messages/shopify-order/2024-10";
    let notification = "/v1/messages/dms-notification/3.6";
    let (json, xml, x12, edifact) =
        ("application/json", "application/xml", "application/edi-x12", "application/edifact");
    vec![
        step("The web shop sends an order", WEB_SHOP, order, json, ORDER, 200, documents),
        step(
            "The web shop sends a product with its variants",
            WEB_SHOP,
            "/v1/messages/shopify-product/2024-10",
            json,
            PRODUCT,
            200,
            documents,
        ),
        step(
            "The web shop sends customs data of an item, forwarded to an internal system",
            WEB_SHOP,
            "/v1/messages/shopify-inventory-item/2024-10",
            json,
            INVENTORY_ITEM,
            201,
            forwarded,
        ),
        step(
            "The ocean carrier reports by X12 315",
            Auth::Token,
            "/v1/messages/x12-315/4010",
            x12,
            VESSEL_ARRIVED,
            200,
            documents,
        ),
        step(
            "The ocean carrier reports by EDIFACT IFTSTA",
            Auth::Token,
            "/v1/messages/iftsta/D00B",
            edifact,
            RAIL_DEPARTED,
            200,
            documents,
        ),
        step(
            "The ocean carrier reports by DCSA Track & Trace",
            Auth::Token,
            "/v1/messages/dcsa-track-trace/2.2",
            json,
            DCSA_EVENTS,
            200,
            documents,
        ),
        spoilt(
            step(
                "The broker passes on assessed duty and VAT",
                Auth::Webhook,
                notification,
                xml,
                TAX_ASSESSED,
                200,
                documents,
            ),
            renumbered,
        ),
        spoilt(
            step(
                "The broker passes on a rejected declaration",
                Auth::Webhook,
                notification,
                xml,
                DECLARATION_REJECTED,
                200,
                documents,
            ),
            renumbered,
        ),
        step("Somebody sends an order without a credential", Auth::None, order, json, ORDER, 401, problem),
        step(
            "Somebody sends an event with a forged token",
            Auth::ForgedToken,
            "/v1/messages/dcsa-track-trace/2.2",
            json,
            DCSA_EVENTS,
            401,
            problem,
        ),
        step(
            "The web shop sends what only the broker may send",
            WEB_SHOP,
            notification,
            xml,
            TAX_ASSESSED,
            403,
            problem,
        ),
        step(
            "The web shop names a contract that is not there",
            WEB_SHOP,
            "/v1/messages/orders/1",
            json,
            ORDER,
            404,
            problem,
        ),
        spoilt(
            step("The web shop sends JSON that breaks off", WEB_SHOP, order, json, ORDER, 400, findings),
            |content| content[..content.len() / 2].to_vec(),
        ),
        spoilt(
            step("The web shop sends an order that breaks the contract", WEB_SHOP, order, json, ORDER, 422, findings),
            |_| br#"{"id": "not a number", "line_items": [{"quantity": -1}]}"#.to_vec(),
        ),
        spoilt(step("The web shop sends four megabytes", WEB_SHOP, order, json, ORDER, 413, problem), |_| {
            vec![b' '; 4 << 20]
        }),
        spoilt(
            step("The broker's XML ends in the middle", Auth::Webhook, notification, xml, TAX_ASSESSED, 422, findings),
            |content| content[..content.len() / 2].to_vec(),
        ),
        spoilt(
            step(
                "The carrier's interchange has a broken segment",
                Auth::Token,
                "/v1/messages/iftsta/D00B",
                edifact,
                RAIL_DEPARTED,
                422,
                findings,
            ),
            |content| String::from_utf8_lossy(content).replacen("BGM+", "B?", 1).into_bytes(),
        ),
        step("And the next order goes through as before", WEB_SHOP, order, json, ORDER, 200, documents),
    ]
}

/// What playing the script left behind.
pub(crate) struct Played {
    /// Whether every step went as it should.
    pub(crate) ok: bool,
    /// The exchanges that came of it, with the way their partners prove who they are.
    pub(crate) exchanges: Vec<(Auth, String)>,
}

/// Plays every step and prints an account.
pub(crate) async fn play(client: &Client, credentials: &Credentials) -> Played {
    let steps = steps();
    let mut wrong = 0;
    let mut exchanges = Vec::new();
    // One message that is not counted opens the connection and brings the caches up, so that the figures speak of the
    // gateway as it runs.
    if let Some(first) = steps.first() {
        let _ = client.send(first, credentials).await;
    }
    println!();
    for (index, step) in steps.iter().enumerate() {
        let size = step.payload().map_or(0, |payload| payload.len());
        println!("{:>2}. {} ({size} bytes)", index + 1, step.title);
        let (ok, line) = match client.send(step, credentials).await {
            Ok(answer) => {
                exchanges.extend(answer.place.clone().map(|place| (step.auth, place)));
                account(step, &answer)
            }
            Err(problem) => (false, problem),
        };
        println!("    {} {line}", if ok { "✓" } else { "✗" });
        if step.expected < 300 {
            println!("    {}", client.curl(step, credentials).replace('\n', "\n    "));
        }
        wrong += usize::from(!ok);
        println!();
    }
    match wrong {
        0 => println!("All {} messages were answered as they should be.", steps.len()),
        _ => println!("{wrong} of {} messages were not answered as they should be.", steps.len()),
    }
    Played { ok: wrong == 0, exchanges }
}

fn account(step: &Step, answer: &Answer) -> (bool, String) {
    let status = answer.status.as_u16();
    let shown = (step.shows)(&answer.json);
    let ok = status == step.expected && shown.is_some();
    let expected = if status == step.expected { String::new() } else { format!(" (expected {})", step.expected) };
    let shown = shown.unwrap_or_else(|| answer.json.to_string());
    (ok, format!("{status}{expected} in {} µs: {shown}", answer.took.as_micros()))
}

/// The documents that came back, by kind.
fn documents(answer: &Value) -> Option<String> {
    let documents = answer["documents"].as_array().filter(|documents| !documents.is_empty())?;
    let names = documents.iter().map(|document| {
        format!("{} {}", document["kind"].as_str().unwrap_or_default(), document["key"].as_str().unwrap_or_default())
    });
    let mut shown: Vec<String> = names.take(3).collect();
    if documents.len() > shown.len() {
        shown.push(format!("and {} more", documents.len() - shown.len()));
    }
    let findings = answer["findings"].as_array().map_or(0, Vec::len);
    let noticed = if findings > 0 { format!("; {findings} findings") } else { String::new() };
    Some(format!("{}{noticed}", shown.join(", ")))
}

/// What the internal system said.
fn forwarded(answer: &Value) -> Option<String> {
    Some(format!("the internal system stored `{}`", answer["stored"].as_str()?))
}

/// The problem's type and detail.
fn problem(answer: &Value) -> Option<String> {
    Some(format!("{} — {}", answer["type"].as_str()?, answer["detail"].as_str()?))
}

/// The problem with its first findings and their places.
fn findings(answer: &Value) -> Option<String> {
    let findings = answer["findings"].as_array().filter(|findings| !findings.is_empty())?;
    let lines = findings.iter().take(3).map(|finding| {
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        format!("\n        {} {}: {}", text("location"), text("code"), text("detail"))
    });
    Some(format!("{}{}", answer["type"].as_str()?, lines.collect::<String>()))
}
