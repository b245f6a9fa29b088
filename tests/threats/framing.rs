//! Rows 40 and 41: a request that another reader cuts elsewhere, or takes for another one.

use bytes::Bytes;
use http::Method;
use portgate_tests::{Answer, Client};

use crate::partner::send_raw;
use crate::{EVENTS, Gate, NOTIFICATION, ORDER, bearer, events, notification, order};

/// Ends of a chunked message that lenient readers take for another place than strict ones.
const ENDS: &[&str] = &[
    "0\r\n\n",
    "0\r\nfoo: bar\n\r\n",
    "0\r\nfoo: bar\r\n baz\r\n\r\n",
    "0\r\nfoo\r\n\r\n",
    "0\n\r\n",
    "0 \r\n\r\n",
    "0;\n\r\n\r\n",
    "0\r\ncontent-length: 0\r\n\r\n",
    "0\r\ntransfer-encoding: chunked\r\n\r\n",
    "0\r\nhost: other\r\n\r\n",
];

#[tokio::test]
async fn row_40_nothing_is_smuggled_behind_a_front_that_passes_trailers() {
    let gate = Gate::open().await;
    let key = &gate.workshop.credentials.api_key;
    let payload = order();
    let chunk = [format!("{:x}\r\n", payload.len()).as_bytes(), &payload, b"\r\n"].concat();
    let head = |more: &str| {
        format!(
            "POST {ORDER} HTTP/1.1\r\nhost: gate\r\nx-api-key: {key}\r\ncontent-type: application/json\r\n{more}\r\n\r\n"
        )
    };
    // What the front takes for another partner's request. Its body is a whole request, for a reader that has lost its place.
    let hidden = [head(&format!("content-length: {}", payload.len())).as_bytes(), &payload].concat();
    let victim = format!("POST {EVENTS} HTTP/1.1\r\nhost: gate\r\ncontent-length: {}\r\n\r\n", hidden.len());
    let operator_key = &gate.workshop.credentials.operator_key;
    let act = r#"{"filter":{},"reason":"an act that was never asked for"}"#;
    let operator_head = format!(
        "POST /v1/deliveries/discard HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer {operator_key}\r\n\
         transfer-encoding: chunked\r\n\r\n{:x}\r\n{act}\r\n",
        act.len()
    );
    for end in ENDS {
        let attack =
            [head("transfer-encoding: chunked").as_bytes(), &chunk, end.as_bytes(), victim.as_bytes(), &hidden]
                .concat();
        let answer = send_raw(gate.gateway.partner, &attack).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{end:?}: {answer}");
        assert_eq!(answer.matches("\r\ndate: ").count(), 1, "{end:?}: one answer, and the end: {answer}");
        let attack = format!("{operator_head}{end}GET /v1/acts HTTP/1.1\r\nhost: gate\r\n\r\n");
        let answer = send_raw(gate.gateway.operator, attack.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{end:?}: {answer}");
        assert_eq!(answer.matches("\r\ndate: ").count(), 1, "{end:?}: one answer, and the end: {answer}");
    }
    assert_eq!(items(&gate.ask("/v1/exchanges").await), 0, "nothing was taken");
    assert_eq!(items(&gate.ask("/v1/acts").await), 0, "nothing was done");
    gate.is_open().await;
    assert_eq!(items(&gate.ask("/v1/exchanges").await), 1);
}

fn items(answer: &Answer) -> usize {
    answer.json()["items"].as_array().map_or(usize::MAX, Vec::len)
}

#[tokio::test]
async fn row_41_a_request_has_one_spelling() {
    let gate = Gate::open().await;
    let accepted = gate.client.post(ORDER, &gate.shop(), order()).await;
    let place = accepted.header("location").to_owned();
    let id = place.rsplit('/').next().expect("an id");
    for path in [
        "/v1//v1/deliveries",
        "/v1/v1/deliveries",
        "//v1/deliveries",
        "/v1//deliveries",
        "/v1/deliveries/",
        "/v1/Deliveries",
    ]
    .into_iter()
    .chain([
        "/v1/deliveries//count",
        "/v1/./deliveries",
        "/v1/x/../deliveries",
        "/v1/%64eliveries",
        "/v1/deliveries%2fcount",
    ])
    .chain(["/v1/deliveries;a=b", "/v1/plugins//use", "/v1/exchanges/", "//", "/V1/deliveries"])
    .map(str::to_owned)
    .chain([format!("/v1/exchanges/{}", id.to_uppercase()), format!("/v1/exchanges/{}", id.replace('-', ""))])
    .chain([
        format!("/v1/exchanges/urn:uuid:{id}"),
        format!("/v1/exchanges/{id}/"),
        format!("/v1/exchanges//{id}"),
    ]) {
        let answer = gate.ask(&path).await;
        assert_eq!(answer.status, 404, "operator: {path}");
        let answer = gate.client.send(Method::GET, &path, &gate.shop(), Bytes::new()).await;
        assert_eq!(answer.status, 404, "partner: {path}");
    }
    for path in [
        "/v1//messages/shopify-order/2024-10",
        "/v1/messages//shopify-order/2024-10",
        "/v1/messages/shopify-order//2024-10",
        "/v1/messages/shopify-order/2024-10/",
        "//v1/messages/shopify-order/2024-10",
        "/v1/v1/messages/shopify-order/2024-10",
        "/v1/Messages/shopify-order/2024-10",
        "/v1/messages/Shopify-Order/2024-10",
        "/v1/messages/shopify%2Dorder/2024-10",
        "/v1/messages/x/../shopify-order/2024-10",
    ] {
        assert_eq!(gate.client.post(path, &gate.shop(), order()).await.status, 404, "{path}");
    }
    assert_eq!(gate.ask("/v1/deliveries").await.status, 200);
    assert_eq!(gate.ask(&format!("/v1/exchanges/{id}")).await.status, 200);
    let with = |more: &[(&'static str, &str)]| {
        let mut headers = gate.shop();
        headers.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        headers
    };
    // Only `identity` is taken, however it is written; every other coding is refused.
    for coding in
        [&["gzip"][..], &["identity", "gzip"], &["gzip", "identity"], &["identity, gzip"], &[""], &["identity,"]]
    {
        let codings: Vec<_> = coding.iter().map(|coding| ("content-encoding", *coding)).collect();
        let answer = gate.client.post(ORDER, &with(&codings), order()).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (415, "media-type-unsupported"), "{coding:?}");
        let mut headers = codings.iter().map(|(name, value)| (*name, (*value).to_owned())).collect::<Vec<_>>();
        headers.push(("authorization", format!("Bearer {}", gate.workshop.credentials.operator_key)));
        let act = r#"{"filter":{},"reason":"never asked for"}"#;
        let answer = Client::new(gate.gateway.operator).post("/v1/deliveries/retry", &headers, act).await;
        assert_eq!(answer.status, 415, "{coding:?}");
    }
    for coding in [&["Identity"][..], &["identity", "IDENTITY"], &["identity, identity"]] {
        let codings: Vec<_> = coding.iter().map(|coding| ("content-encoding", *coding)).collect();
        let answer = gate.client.post(ORDER, &with(&codings), order()).await;
        assert_ne!(answer.status, 415, "{coding:?}");
    }
    // Fields of which two readers could choose different ones.
    let id = gate.client.events("/v1/events?after=start", &gate.shop()).await.next().await.id;
    gate.client.events("/v1/events", &with(&[("last-event-id", id.as_str())])).await;
    let (id, twice) = (id.as_str(), format!("{id}, {id}"));
    for last in [&[id, id][..], &["\u{e9}"], &[id, "\u{e9}"], &[twice.as_str()], &[""]] {
        let fields: Vec<_> = last.iter().map(|last| ("last-event-id", *last)).collect();
        let answer = gate.client.send(Method::GET, "/v1/events", &with(&fields), Bytes::new()).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (400, "event-unknown"), "{last:?}");
    }
    for conversation in [&["a", "a"][..], &["a", "b"], &["\u{e9}"]] {
        let mut headers = gate.workshop.credentials.webhook(&notification());
        headers.push(("content-type", "application/xml".to_owned()));
        headers.extend(conversation.iter().map(|id| ("x-conversation-id", (*id).to_owned())));
        let answer = gate.client.post(NOTIFICATION, &headers, notification()).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (400, "malformed-request"), "{conversation:?}");
    }
    let carrier = bearer(&gate.workshop.credentials.token());
    assert_eq!(gate.client.post(EVENTS, &carrier, events()).await.status, 202);
    gate.is_open().await;
}
