//! The description is OpenAPI as the standard's own schema has it (`openapi-3.1.schema.json` is
//! <https://spec.openapis.org/oas/3.1/schema/2022-10-07>, unchanged; © the OpenAPI Initiative, Apache-2.0).

use std::collections::BTreeSet;

use super::super::routes::routes;
use super::*;

fn description() -> Value {
    describe(&routes())
}

/// Every schema object of the description: those with names, and those in parameters, bodies and answers.
fn schemas(description: &Value) -> Vec<&Value> {
    fn below<'v>(value: &'v Value, found: &mut Vec<&'v Value>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("schema"));
                members.values().for_each(|member| below(member, found));
            }
            Value::Array(elements) => elements.iter().for_each(|element| below(element, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    below(&description["paths"], &mut found);
    found.extend(description["components"]["schemas"].as_object().into_iter().flat_map(Map::values));
    found
}

#[test]
fn it_is_what_the_standard_s_schema_wants() {
    let standard: Value = serde_json::from_str(include_str!("openapi-3.1.schema.json")).expect("JSON");
    let validator = jsonschema::validator_for(&standard).expect("the standard's schema");
    let errors: Vec<String> =
        validator.iter_errors(&description()).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let mut broken = description();
    broken["paths"]["/livez"]["get"]["responses"] = json!({});
    assert!(!validator.is_valid(&broken), "the schema finds what is wrong");
}

#[test]
fn its_schemas_are_schemas_and_refer_to_what_is_there() {
    let description = description();
    let schemas = schemas(&description);
    assert!(schemas.len() > 60, "{}", schemas.len());
    let standard = jsonschema::draft202012::meta::validator();
    for schema in schemas {
        let errors: Vec<String> = standard.iter_errors(schema).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{schema}: {errors:?}");
    }
    let text = description.to_string();
    let mut referred = 0;
    for pointer in text.split("\"$ref\":\"#").skip(1).filter_map(|behind| behind.split('"').next()) {
        assert!(description.pointer(pointer).is_some(), "{pointer} is not there");
        referred += 1;
    }
    assert!(referred > 50, "{referred}");
}

#[test]
fn every_route_is_in_it_with_its_permission_and_its_problems() {
    let (description, mut names) = (description(), BTreeSet::new());
    for route in routes() {
        let operation = &description["paths"][route.path][route.method.as_str().to_ascii_lowercase()];
        assert_eq!(operation["summary"], route.summary, "{}", route.path);
        assert!(names.insert(operation["operationId"].to_string()), "{} twice", operation["operationId"]);
        let Serves::Operators { permission, .. } = &route.serves else { continue };
        assert_eq!(operation["security"], json!([{ KEY: [permission.as_str()] }]));
        for status in ["200", "401", "403", "422", "503"] {
            assert!(operation["responses"][status].is_object(), "{}: {status}", route.path);
        }
    }
    let approve = &description["paths"]["/v1/changes/{digest}/approve"]["post"];
    let unknown = &approve["responses"]["404"]["content"]["application/problem+json"]["schema"]["allOf"][1];
    assert_eq!(unknown["properties"]["type"]["enum"], json!(["/problems/change-unknown"]));
    assert_eq!(
        approve["parameters"],
        json!([
            { "name": "digest", "in": "path", "required": true, "schema": { "type": "string" } }
        ])
    );
}

/// A type in both a request and an answer must be the same in both, since it has one name.
#[test]
fn a_name_means_one_shape() {
    let mut requests = generator(settings());
    let mut answers = generator(SchemaSettings::draft2020_12().for_serialize());
    for route in routes() {
        (route.given.schema)(&mut answers);
        if let Serves::Operators { asked, .. } = &route.serves {
            (asked.described)(&mut requests);
        }
    }
    let (requests, answers) = (requests.take_definitions(true), answers.take_definitions(true));
    for (name, shape) in &requests {
        assert!(answers.get(name).is_none_or(|other| other == shape), "{name} means two shapes");
    }
}
