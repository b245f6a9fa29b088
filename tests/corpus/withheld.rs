//! Connectors under the project's policies need nothing of a document that the policies withhold: what a case says is rendered
//! when everything is granted, is rendered.

#[path = "../../host/cli/src/plugin/agreed.rs"]
#[expect(dead_code, reason = "a case's agreement is read from its folder, and never from a file beside")]
mod agreed;
#[path = "../../host/cli/src/plugin/given.rs"]
#[expect(dead_code, reason = "nothing is decoded here, and the tables are those of the policies")]
mod given;

use portgate_cases::Given;
use portgate_tests::repository;

use super::bench::Bench;

#[tokio::test]
async fn nothing_is_withheld_that_a_connector_needs() {
    let mut rendered = 0;
    let plugins = Bench::new().plugins.into_iter();
    for (name, plugin) in plugins.filter(|(_, plugin)| !plugin.manifest().contracts.is_empty()) {
        let (cases, _) = portgate_cases::load(&repository().join("plugins").join(&name)).expect("the cases");
        for case in cases {
            let Given::Documents(documents) = &case.given else { continue };
            // Where there is no request, the case is about documents that are refused.
            if case.sent().is_err() {
                continue;
            }
            let documents = documents.iter().map(given::document).collect();
            let call = plugin.encode(documents, given::target(&case).expect("a target")).await;
            let refused = call.outcome.expect("a call").err();
            assert_eq!(refused, None, "{name}, case {}", case.name);
            rendered += 1;
        }
    }
    assert!(rendered > 0, "nothing was rendered");
}
