//! What was settled with a receiver is told to the plugin that renders what it gets.

use crate::{FOR_EVER, MOODY, Scene};

#[tokio::test]
async fn what_is_rendered_for_a_partner_is_rendered_under_its_agreement() {
    let scene = Scene::new(FOR_EVER).await;
    let agreement = r#"
        [[agreements]]
        name = "documents-out"
        contract = "moody-out"
        version = "1"
        direction = "out"
        ours = [{ qualifier = "ZZ", value = "IMPORTER" }, { level = "group", value = "IMPORTS" }]
        theirs = [{ qualifier = "14", value = "4012345000009" }]
        "#;
    scene.workshop.edit("partners/portal.toml", |text| format!("{text}{agreement}"));
    let at = scene.start().await;
    let place = at.send("acme", MOODY, "m1").await.header("location").to_owned();
    at.until("acme", &place, "completed").await;
    let taken = scene.portal.taken();
    let body = String::from_utf8_lossy(&taken.values().next().expect("a delivery")[0]).into_owned();
    for word in ["documents-out", "IMPORTER", "IMPORTS", "4012345000009", "Level::Group"] {
        assert!(body.contains(word), "{word}: {body}");
    }
}
