//! What was settled with a partner is held against what it sends, and told to the plugin.

use portgate_tests::{Answer, Client, Workshop, eventually, hostile};

use crate::bearer;

const STATUS: &str = "/v1/messages/iftsta/D00B";

const AGREEMENT: &str = r#"
[[agreements]]
name = "status-in"
contract = "iftsta"
version = "D00B"
direction = "in"
ours = [{ qualifier = "ZZ", value = "IMPORTER" }]
theirs = [{ qualifier = "ZZ", value = "OCEANLINE" }]
"#;

/// A status report in the envelope that was agreed.
const AGREED: &str = "UNB+UNOC:3+OCEANLINE:ZZ+IMPORTER:ZZ+260301:0815+771'UNH+9001+IFTSTA:D:00B:UN'BGM+23+OLS26030177+9'\
                      DTM+137:202603020605:203'CNI+1+OLNE26000001'STS+1+VD'RFF+BN:OLB000001'DTM+334:202603010540:203'\
                      LOC+175+GBFXT:139::FELIXSTOWE'UNT+8+9001'UNZ+1+771'";

async fn send(client: &Client, workshop: &Workshop, body: &str) -> Answer {
    let mut headers = bearer(&workshop.credentials.token());
    headers.truncate(1);
    headers.push(("content-type", "application/edifact".to_owned()));
    client.post(STATUS, &headers, body.as_bytes().to_vec()).await
}

fn codes(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let findings = json["findings"].as_array().into_iter().flatten();
    findings.filter_map(|finding| Some(finding["code"].as_str()?.to_owned())).collect()
}

#[tokio::test]
async fn an_interchange_that_is_not_as_agreed_is_refused_and_kept_and_has_no_effect() {
    let workshop = Workshop::new();
    workshop.edit("partners/ocean-carrier.toml", |text| format!("{text}{AGREEMENT}"));
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    for (from, to, code) in [
        ("OCEANLINE:ZZ", "SOMEBODY:ZZ", "sender-not-agreed"),
        ("OCEANLINE:ZZ", "OCEANLINE:14", "sender-not-agreed"),
        ("OCEANLINE:ZZ", "OCEANLINE", "sender-not-agreed"),
        ("IMPORTER:ZZ", "EXPORTER:ZZ", "receiver-not-agreed"),
        ("+771'UNH", "+771++++++1'UNH", "mode-not-agreed"),
        ("UNB+UNOC:3+OCEANLINE:ZZ+IMPORTER:ZZ+260301:0815+771'", "", "no-envelope"),
    ] {
        let body = AGREED.replacen(from, to, 1);
        assert_ne!(body, AGREED);
        let answer = send(&client, &workshop, &body).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (422, "not-agreed"), "{}", answer.json());
        assert_eq!(codes(&answer), [code], "{}", answer.json());
        let place = answer.json()["instance"].as_str().expect("an instance").to_owned();
        let token = bearer(&workshop.credentials.token());
        let kept = client.send(http::Method::GET, &place, &token[..1], Default::default()).await.json();
        assert_eq!((&kept["state"], &kept["documents"]), (&"refused".into(), &serde_json::json!([])), "{kept}");
    }
    let answer = send(&client, &workshop, AGREED).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["state"]), (202, &"accepted".into()), "{}", answer.json());
    let broken = AGREED.replacen("IFTSTA:D:00B", "IFTMIN:D:00B", 1);
    let answer = send(&client, &workshop, &broken.replacen("OCEANLINE:ZZ", "SOMEBODY:ZZ", 1)).await;
    assert_eq!(answer.problem(), "not-agreed", "no plugin sees what is not as agreed");
}

#[tokio::test]
async fn what_was_agreed_on_tests_alone_is_not_taken_as_production() {
    let workshop = Workshop::new();
    workshop.edit("partners/ocean-carrier.toml", |text| format!("{text}{AGREEMENT}mode = \"test\"\n"));
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    for body in [AGREED.to_owned(), AGREED.replacen("+771'UNH", "+771++++++1'UNH", 1)] {
        let answer = send(&client, &workshop, &body).await;
        assert_eq!((answer.problem().as_str(), &*codes(&answer)), ("not-agreed", &["mode-not-agreed".to_owned()][..]));
    }
    // Under a credential for tests it is, where it says that it is one.
    workshop
        .edit("partners/ocean-carrier.toml", |text| text.replacen("kind = \"jwt\"", "kind = \"jwt\"\ntest = true", 1));
    eventually("tests are taken", async || {
        let test = send(&client, &workshop, &AGREED.replacen("+771'UNH", "+771++++++1'UNH", 1)).await;
        if test.status == 202 { Ok(()) } else { Err(test.json()) }
    })
    .await;
    let meant = send(&client, &workshop, &AGREED.replace("771", "772")).await;
    assert_eq!(codes(&meant), ["mode-not-agreed"], "{}", meant.json());
}

#[tokio::test]
async fn a_plugin_is_told_what_was_agreed_with_the_partner() {
    let workshop = hostile::workshop(&["agreement", "good"]);
    let agreement = AGREEMENT.replace("iftsta", "agreement").replace("D00B", "1");
    let settings = "edition = \"D00B\"\nall_or_nothing = true\n";
    workshop.edit("partners/acme.toml", |text| format!("{text}{agreement}{settings}"));
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let headers =
        [("x-api-key", workshop.credentials.api_key.clone()), ("content-type", "application/octet-stream".to_owned())];
    let answer = client.post("/v1/messages/agreement/1", &headers, b"x".to_vec()).await;
    let told = answer.json()["findings"][0]["detail"].as_str().unwrap_or_default().to_owned();
    for word in ["status-in", "IMPORTER", "OCEANLINE", "D00B", "Production", "all-or-nothing: true"] {
        assert!(told.contains(word), "{word}: {}", answer.json());
    }
}

#[tokio::test]
async fn agreements_about_nothing_or_the_same_and_settings_that_nobody_knows_are_found_before() {
    let workshop = Workshop::new();
    workshop.edit("partners/ocean-carrier.toml", |text| {
        let twice = AGREEMENT.replace("status-in", "status-too");
        let nothing = AGREEMENT.replace("status-in", "orders").replace("iftsta", "orders");
        let levels = AGREEMENT.replace("name = \"status-in\"", "name = \"test\"\nmode = \"test\"");
        let levels = levels.replace("ours = [{", "ours = [{ level = \"group\",");
        format!("{text}{AGREEMENT}{twice}{nothing}{levels}")
    });
    let said = workshop.refused().await;
    for line in [
        "`status-in` is about the same messages",
        "the partner may not send the contract `orders/D00B`",
        "has no identifier of the interchange",
    ] {
        assert!(said.contains(line), "{line} is missing:\n{said}");
    }
    let workshop = Workshop::new();
    workshop.edit("partners/ocean-carrier.toml", |text| {
        format!("{text}{AGREEMENT}settings = {{ \"location-list\" = \"SMDG\" }}\n")
    });
    let said = workshop.refused().await;
    assert!(said.contains("knows no setting `location-list` for `iftsta/D00B`"), "{said}");
}
