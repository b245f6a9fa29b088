//! Who may see and do what.

use http::Method;

use crate::Scene;

#[tokio::test]
async fn without_an_operator_s_key_nothing_is_shown() {
    let scene = Scene::new(|_| {}).await;
    let id = scene.event(1).await;
    for key in ["", "nobody-has-this-key-but-it-is-long-enough", &scene.workshop.credentials.api_key] {
        for path in ["/v1/deliveries", "/v1/acts", &format!("/v1/exchanges/{id}"), "/v1/anything"] {
            let answer = scene.ask(Method::GET, path, key, "").await;
            assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (401, "operator-unknown"), "{path}");
        }
        let act = scene.ask(Method::POST, "/v1/deliveries/discard", key, r#"{"filter":{},"reason":"none"}"#).await;
        assert_eq!(act.status, 401);
    }
    assert_eq!(scene.get("/v1/deliveries").await.status, 200);
}

#[tokio::test]
async fn an_operator_s_key_is_no_partner_s_and_opens_nothing_on_the_partner_listener() {
    let scene = Scene::new(|_| {}).await;
    let headers = [("x-api-key", scene.workshop.credentials.operator_key.clone())];
    let client = portgate_tests::Client::new(scene.gateway.partner);
    let answer = client.send(Method::GET, "/v1/events?after=start", &headers, bytes::Bytes::new()).await;
    assert_eq!(answer.problem(), "unauthenticated");
    let headers = [("authorization", format!("Bearer {}", scene.workshop.credentials.operator_key))];
    assert_ne!(client.send(Method::GET, "/v1/deliveries", &headers, bytes::Bytes::new()).await.status, 200);
}

#[tokio::test]
async fn each_permission_opens_what_it_names_and_no_more() {
    let body = r#"{"filter":{"state":"dead"},"reason":"a test"}"#;
    for (may, read, payload, deliver) in
        [("read", 200, 403, 403), ("payload", 403, 200, 403), ("deliver", 403, 403, 200)]
    {
        let scene = Scene::new(|workshop| {
            workshop.set("operators/on-call.toml", "may", &format!("[\"{may}\"]"));
        })
        .await;
        let id = scene.event(1).await;
        let readable = ["/v1/deliveries", "/v1/deliveries/count", "/v1/acts", "/v1/exchanges", "/v1/plugins"];
        for path in readable.into_iter().chain(["/v1/plugins/carrier-ocean/use"]) {
            assert_eq!(scene.get(path).await.status, read, "{may}: {path}");
        }
        assert_eq!(scene.get(&format!("/v1/exchanges/{id}/payload")).await.status, payload, "{may}");
        for path in ["/v1/deliveries/retry", "/v1/deliveries/discard"] {
            assert_eq!(scene.post(path, body).await.status, deliver, "{may}: {path}");
        }
        let record = scene.get(&format!("/v1/exchanges/{id}")).await;
        assert_eq!(record.status, read, "{may}");
        assert!(record.json()["documents"][0]["document"].is_null(), "a document is a payload");
    }
}

#[tokio::test]
async fn a_payload_is_given_out_byte_for_byte_and_documents_with_it() {
    let scene = Scene::new(|_| {}).await;
    let id = scene.event(7).await;
    let answer = scene.get(&format!("/v1/exchanges/{id}/payload")).await;
    let sent: serde_json::Value = serde_json::from_slice(&answer.body).expect("what was sent");
    assert_eq!(sent[0]["eventID"], "event-7");
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    let record = scene.get(&format!("/v1/exchanges/{id}")).await.json();
    assert_eq!(record["documents"][0]["document"]["equipmentId"], "OPSU0000073", "{record}");
    assert_eq!(record["partner"], "ocean-carrier");
}

#[tokio::test]
async fn a_request_that_is_not_understood_is_refused_with_every_mistake_and_does_nothing() {
    let scene = Scene::new(|workshop| {
        workshop.set("partners/customer-portal.toml", "enabled", "false");
    })
    .await;
    scene.event(1).await;
    let answer = scene.get("/v1/deliveries?state=lost&destinaton=x&limit=0").await;
    assert_eq!(answer.problem(), "operator-request-invalid");
    assert_eq!(answer.json()["findings"].as_array().map(Vec::len), Some(3), "{:?}", answer.json());
    for body in ["", "[]", r#"{"filter":{"stat":"pending"},"reason":"a typo"}"#, r#"{"filter":{},"reason":""}"#] {
        assert_eq!(scene.post("/v1/deliveries/discard", body).await.problem(), "operator-request-invalid", "{body}");
    }
    assert_eq!(scene.until("pending", 1).await.len(), 1, "nothing was discarded");
    assert_eq!(
        scene.ask(Method::DELETE, "/v1/deliveries", &scene.workshop.credentials.operator_key, "").await.status,
        405
    );
    assert_eq!(scene.get("/v1/deliveries/nothing").await.status, 404);
}
