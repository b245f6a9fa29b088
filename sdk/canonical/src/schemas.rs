//! The JSON Schemas (2020-12), generated from the structs.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use crate::{
    CanonicalDocument, CommercialInvoice, CustomsDeclaration, CustomsStatus, DocumentRef, Item, ItemClassification,
    LandedCostEvent, Milestone, Order, Packing, ScreeningResult, Shipment,
};

/// Every kind with its schema, in alphabetical order. What `wit/canonical/v1` holds is this, and a test says so.
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        schema::<CommercialInvoice>(),
        schema::<CustomsDeclaration>(),
        schema::<CustomsStatus>(),
        schema::<DocumentRef>(),
        schema::<Item>(),
        schema::<ItemClassification>(),
        schema::<LandedCostEvent>(),
        schema::<Milestone>(),
        schema::<Order>(),
        schema::<Packing>(),
        schema::<ScreeningResult>(),
        schema::<Shipment>(),
    ]
}

fn schema<T: CanonicalDocument + JsonSchema>() -> (&'static str, Value) {
    let mut schema: Schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>();
    schema.insert("$id".to_owned(), Value::String(format!("urn:portgate:canonical:v1:{}", T::KIND)));
    (T::KIND, schema.to_value())
}
