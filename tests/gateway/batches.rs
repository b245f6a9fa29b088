//! Batches: whatever a partner puts into one message within its contract is taken, or refused by the name of what it
//! exceeds; none of it is held against the connector.

use portgate_tests::{Answer, Client, Workshop, samples};

use crate::{NOTIFICATION, ORDER, bearer, broker, gate, shop};

const IFTSTA: &str = "/v1/messages/iftsta/D00B";
const STATUS: &str = "/v1/messages/x12-315/4010";

/// A status with all that is mandatory in it.
const DEPARTED: &str = "STS++VD'DTM+334:202603010540:203'";

/// The sizes up to which the contracts of the demo take payloads.
const EDI_BYTES_MAX: usize = 2_097_152;
const XML_BYTES_MAX: usize = 1_048_576;

/// An interchange of one IFTSTA with these segments in it.
fn iftsta(segments: &str) -> Vec<u8> {
    let head = "UNB+UNOC:3+OCEANLINE:ZZZ+IMPORTER:ZZZ+260301:0815+771'UNH+9001+IFTSTA:D:00B:UN'BGM+23+OLS26030177+9'\
                DTM+137:202603020605:203'";
    let count = head.matches('\'').count() - 1 + segments.matches('\'').count() + 1;
    format!("{head}{segments}UNT+{count}+9001'UNZ+1+771'").into_bytes()
}

/// Consignments with one status each, in a little more than a hundred bytes.
fn consignments(count: usize) -> String {
    let consignment = |number: usize| {
        format!(
            "CNI+{number}+OLNE26{number:06}'STS+1+VD'RFF+BN:OLB{number:06}'DTM+334:202603010540:203'\
             LOC+175+GBFXT:139::FELIXSTOWE'"
        )
    };
    (1..=count).map(consignment).collect()
}

/// An X12 interchange with so many sets 315, each with a departure besides.
fn sets(count: usize) -> Vec<u8> {
    let set = |number: usize| {
        format!(
            "ST*315*{number:04}~B4***VA*20260228*0430**CSQU*305438*L*45G1*GBFXT*UN*3~N9*BM*OLNE26{number:06}~\
             R4*L*UN*CNSHA*SHANGHAI*CN~DTM*140*20260124*2210*LT~SE*6*{number:04}~"
        )
    };
    let sets: String = (1..=count).map(set).collect();
    format!(
        "ISA*00*          *00*          *ZZ*OCEANLINE      *ZZ*IMPORTER       *260301*0815*U*00401*000000041*0*P*>~\
         GS*QO*OCEANLINE*IMPORTER*20260301*0815*41*X*004010~{sets}GE*{count}*41~IEA*1*000000041~"
    )
    .into_bytes()
}

/// A tax notification with so many goods items of two taxes each.
fn taxes(items: usize) -> Vec<u8> {
    let fee = |kind: &str| {
        format!(
            "<DutyTaxFee><TypeCode>{kind}</TypeCode><Payment><TaxAssessedAmount currencyID=\"GBP\">20.00\
             </TaxAssessedAmount></Payment></DutyTaxFee>"
        )
    };
    let item = |number: usize| {
        format!(
            "<GovernmentAgencyGoodsItem><SequenceNumeric>{number}</SequenceNumeric><Commodity>{}{}</Commodity>\
             </GovernmentAgencyGoodsItem>",
            fee("A00"),
            fee("B00")
        )
    };
    let items: String = (1..=items).map(item).collect();
    format!(
        "<MetaData><Response><FunctionCode>13</FunctionCode><FunctionalReferenceID>4f0c2d7e</FunctionalReferenceID>\
         <IssueDateTime><DateTimeString formatCode=\"304\">20260305142210Z</DateTimeString></IssueDateTime>\
         <Status><NameCode>4</NameCode></Status><Declaration><ID>26GB4KQ7X2M9P1TAR3</ID><GoodsShipment>{items}\
         </GoodsShipment></Declaration></Response></MetaData>"
    )
    .into_bytes()
}

/// An order with so many lines.
fn lines(count: usize) -> Vec<u8> {
    let line = |number: usize| {
        format!(r#"{{"id":{number},"sku":"SKU-{number:05}","title":"A thing","quantity":1,"price":"1.00"}}"#)
    };
    let lines: Vec<String> = (1..=count).map(line).collect();
    format!(
        r#"{{"id":450789469,"created_at":"2026-03-01T08:15:00Z","currency":"GBP","total_price":"{count}.00",
        "subtotal_price":"{count}.00","line_items":[{}]}}"#,
        lines.join(",")
    )
    .into_bytes()
}

/// The ocean carrier's headers for EDI, without a wish to be shown the documents.
fn edi(workshop: &Workshop, media_type: &str) -> Vec<(&'static str, String)> {
    let mut headers = bearer(&workshop.credentials.token());
    headers.truncate(1);
    headers.push(("content-type", media_type.to_owned()));
    headers
}

async fn send_iftsta(client: &Client, workshop: &Workshop, body: Vec<u8>) -> Answer {
    client.post(IFTSTA, &edi(workshop, "application/edifact"), body).await
}

/// No call of a plugin was counted as failed.
async fn nothing_is_held_against_a_plugin(gateway: &portgate_tests::Gateway) {
    let operator = Client::new(gateway.operator);
    let metrics = String::from_utf8_lossy(&operator.get("/metrics").await.body).into_owned();
    let failed = metrics.lines().filter(|line| line.starts_with("portgate_plugin_calls_failed_total{"));
    assert_eq!(failed.collect::<Vec<_>>(), [""; 0]);
}

fn documents(answer: &Answer) -> usize {
    let json = answer.json();
    json["documents"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn batches_within_their_contracts_are_taken_whole() {
    let (workshop, gateway, client) = gate().await;
    let shown = ("prefer", "return=representation".to_owned());
    let body = iftsta(&consignments(500));
    assert!(body.len() < 70_000, "{}", body.len());
    let mut headers = edi(&workshop, "application/edifact");
    headers.push(shown.clone());
    for _ in 0..8 {
        let answer = client.post(IFTSTA, &headers, body.clone()).await;
        assert_eq!((answer.status.as_u16(), documents(&answer)), (200, 500), "{}", answer.problem());
    }
    let mut headers = edi(&workshop, "application/edi-x12");
    headers.push(shown);
    let answer = client.post(STATUS, &headers, sets(600)).await;
    assert_eq!((answer.status.as_u16(), documents(&answer)), (200, 1_200), "{}", answer.problem());
    if let Some(folder) = samples::shared() {
        let report = std::fs::read(folder.join("reports/25-x12-batch-600-sets.edi")).expect("a report");
        let answer = client.post(STATUS, &headers, report).await;
        assert_eq!(answer.status, 200, "{}", answer.json());
        assert!(documents(&answer) >= 600, "{}", documents(&answer));
    }
    let notification = taxes(300);
    let answer = client.post(NOTIFICATION, &broker(&workshop, &notification), notification).await;
    assert_eq!((answer.status.as_u16(), documents(&answer)), (200, 601), "{}", answer.json());
    let answer = client.post(ORDER, &shop(&workshop), lines(5_000)).await;
    let json = answer.json();
    assert_eq!(answer.status, 200, "{}", answer.problem());
    assert_eq!(json["documents"][0]["document"]["lines"].as_array().map(Vec::len), Some(5_000));
    nothing_is_held_against_a_plugin(&gateway).await;
}

#[tokio::test]
async fn a_batch_that_yields_more_than_its_contract_says_is_refused_with_the_most_and_what_to_do() {
    let (workshop, gateway, client) = gate().await;
    for segments in [consignments(5_001), DEPARTED.repeat(45_000)] {
        for _ in 0..7 {
            let answer = send_iftsta(&client, &workshop, iftsta(&segments)).await;
            assert_eq!(
                (answer.status.as_u16(), answer.problem().as_str()),
                (422, "payload-rejected"),
                "{}",
                answer.json()
            );
            let findings = answer.json()["findings"].clone();
            let codes = findings.as_array().into_iter().flatten().filter_map(|finding| finding["code"].as_str());
            assert!(codes.into_iter().any(|code| code == "TOO-MANY-DOCUMENTS"), "{findings}");
            assert!(findings.to_string().contains("more than 5000 documents"), "{findings}");
        }
    }
    let answer = send_iftsta(&client, &workshop, iftsta(&consignments(1))).await;
    assert_eq!(answer.json()["state"], "accepted", "the connector serves the partner: {}", answer.json());
    nothing_is_held_against_a_plugin(&gateway).await;
}

/// As many of these parts as fit.
fn filled(bytes_max: usize, around: impl Fn(&str) -> Vec<u8>, part: &str) -> Vec<u8> {
    let room = bytes_max - around("").len() - 16;
    let body = around(&part.repeat(room / part.len()));
    assert!(body.len() <= bytes_max && body.len() + 2 * part.len() + 32 > bytes_max, "{} of {bytes_max}", body.len());
    body
}

#[tokio::test]
async fn nothing_that_fits_a_contract_makes_a_connector_fail_however_dense_or_sparse_it_is() {
    let (workshop, gateway, client) = gate().await;
    let long = "X".repeat(60_000);
    let references = "RFF+ZZZ:1'".repeat(60);
    let with_references = format!("{references}{DEPARTED}");
    let shapes: [(&str, &str); 9] = [
        ("statuses", DEPARTED),
        ("statuses without a time", "STS++VD'"),
        (
            "statuses with all they can have",
            "CNI+1+A'STS+1+VD'RFF+BN:B'DTM+334:202603010540:203'LOC+175+GBFXT:139::FELIXSTOWE'",
        ),
        ("containers of one status", "EQD+CN+A'"),
        ("stops of a journey", "LOC+9+CNSHA'DTM+186:202601242210:203'"),
        ("references", "RFF+ZZ:1'"),
        ("statuses with many references", &with_references),
        ("empty segments", "FTX'"),
        ("mistakes", "STS'"),
    ];
    for (what, part) in shapes {
        let before = match what {
            "containers of one status" => DEPARTED,
            "stops of a journey" => "STS++VD'DTM+334:202603010540:203'TDT+1+R881+1'",
            _ => "",
        };
        let body = filled(EDI_BYTES_MAX, |parts| iftsta(&format!("{before}{parts}")), part);
        let answer = send_iftsta(&client, &workshop, body).await;
        assert!(answer.status.is_success() || answer.status == 422, "{what}: {}", answer.json());
    }
    let body = filled(EDI_BYTES_MAX, |parts| iftsta(&format!("{parts}{DEPARTED}")), &format!("FTX+{long}'"));
    let answer = send_iftsta(&client, &workshop, body).await;
    assert_eq!(answer.status, 202, "long texts: {}", answer.json());
    // What stands above the statuses holds for each of them.
    for part in ["FTX+AAI+++X'", &format!("FTX+AAI+++{long}'")] {
        let body = filled(EDI_BYTES_MAX / 2, iftsta, part);
        let parts = String::from_utf8(body).expect("text");
        let (head, parts) = parts.split_at(parts.find("FTX").expect("words"));
        let parts = &parts[..parts.find("UNT").expect("the end")];
        let body = iftsta(&format!("{parts}{}", DEPARTED.repeat(4_000)));
        assert!(body.starts_with(head.as_bytes()) && body.len() <= EDI_BYTES_MAX);
        let answer = send_iftsta(&client, &workshop, body).await;
        assert!(answer.status.is_success() || answer.status == 422, "{} above: {}", part.len(), answer.json());
    }
    let answer = client.post(STATUS, &edi(&workshop, "application/edi-x12"), sets(12_000)).await;
    assert_eq!(answer.problem(), "payload-rejected", "{}", answer.json());

    let notification = |inside: &str| {
        let taxes = String::from_utf8(taxes(0)).expect("text");
        taxes.replace("</GoodsShipment>", &format!("{inside}</GoodsShipment>")).into_bytes()
    };
    let fee =
        "<DutyTaxFee><TypeCode>A</TypeCode><Payment><TaxAssessedAmount>1</TaxAssessedAmount></Payment></DutyTaxFee>";
    let item = format!("<GovernmentAgencyGoodsItem><Commodity>{fee}</Commodity></GovernmentAgencyGoodsItem>");
    let parts = [item.as_str(), "<a/>", "<a b='1' c='2'/>", "<a>1</a>", "x", "<!--x-->", "&#65;"];
    for (number, part) in parts.into_iter().enumerate() {
        // Each is a notification of its own, by the number that customs gave it.
        let numbered = |inside: &str| {
            let text = String::from_utf8(notification(inside)).expect("text");
            text.replace(">4f0c2d7e<", &format!(">4f0c2d{number:02}<")).into_bytes()
        };
        let body = filled(XML_BYTES_MAX, numbered, part);
        let answer = client.post(NOTIFICATION, &broker(&workshop, &body), body).await;
        assert!(answer.status.is_success() || answer.status == 422, "{part}: {}", answer.json());
    }
    let order = |inside: &str| {
        let lines = String::from_utf8(lines(0)).expect("text");
        lines
            .replace("\"line_items\":[]", &format!("\"line_items\":[{inside}{{\"quantity\":1,\"price\":\"0.00\"}}]"))
            .into_bytes()
    };
    for part in [r#"{"quantity":1,"price":"0.00"},"#, r#"{"quantity":-1,"price":"-1"},"#, "{},", "[],"] {
        let body = filled(EDI_BYTES_MAX, order, part);
        let answer = client.post(ORDER, &shop(&workshop), body).await;
        assert!(answer.status.is_success() || answer.status.is_client_error(), "{part}: {}", answer.json());
    }
    nothing_is_held_against_a_plugin(&gateway).await;
}

#[tokio::test]
async fn caps_that_contradict_each_other_are_found_before_they_are_met() {
    let workshop = Workshop::new();
    workshop.set("plugins/carrier-ocean.toml", "documents_max", "500");
    workshop.set("plugins/broker-cds.toml", "output_bytes_max", "2_097_152");
    workshop.set("plugins/ecom-shopify.toml", "memory_bytes_max", "8_388_607");
    let said = workshop.refused().await;
    for line in [
        "plugins/carrier-ocean.toml: limits.documents_max: 500 is less than the 5000 documents that a message may become by \
         the contract `iftsta/D00B`; raise it, or have the plugin's author lower `body_bytes_max` or `yields` of `iftsta/D00B`",
        "plugins/broker-cds.toml: limits.output_bytes_max: 2097152 is less than the 6291456 bytes",
        "plugins/ecom-shopify.toml: limits.memory_bytes_max: 8388607 is less than the 8388608 bytes",
    ] {
        assert!(said.contains(line), "{line} is missing:\n{said}");
    }
}

#[tokio::test]
async fn what_is_nested_as_deep_as_its_contract_lets_through_is_read_within_the_plugin_s_stack() {
    /// What the connector's manifest says.
    const DEPTH_MAX: usize = 12;
    for unread in ["off", "finding"] {
        let workshop = Workshop::new();
        workshop.edit("partners/web-shop.toml", |text| {
            text.replace("name = \"shopify-order\"", &format!("name = \"shopify-order\"\nunread = \"{unread}\""))
        });
        let gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        // The order, its list of notes and the note are three levels; a field that nobody knows is in the first.
        for (field, around, levels) in
            [("note_attributes", ["[{\"name\":\"a\",\"value\":", "}]"], 3), ("unknown", ["", ""], 1)]
        {
            let nested = |depth: usize| {
                let (open, close) = ("[".repeat(depth - levels), "]".repeat(depth - levels));
                let text = String::from_utf8(lines(1)).expect("text");
                let own = format!("\"{field}\":{}{open}1{close}{},", around[0], around[1]);
                text.replacen("{\"id\":450789469,", &format!("{{\"id\":450789469,{own}"), 1).into_bytes()
            };
            let taken = client.post(ORDER, &shop(&workshop), nested(DEPTH_MAX)).await;
            assert_eq!(taken.status, 200, "{field}, unread {unread}: {}", taken.json());
            let refused = client.post(ORDER, &shop(&workshop), nested(DEPTH_MAX + 1)).await;
            assert!(
                refused.json()["findings"].to_string().contains("nested deeper than 12 levels"),
                "{}",
                refused.json()
            );
        }
        nothing_is_held_against_a_plugin(&gateway).await;
    }
}
