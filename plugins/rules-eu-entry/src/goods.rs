//! What is said of each item, and what of the whole instead.

use portgate_sdk::canonical::DeclarationItem;

use crate::conditions::Conditions;
use crate::heading::ship;

const RAIL: u8 = 2;
const AIR: u8 = 4;

pub(crate) fn judge(conditions: &mut Conditions) {
    for (index, item) in conditions.items() {
        let at = |field: &str| format!("/items/{index}/{field}");
        described(conditions, item, &at);
        weighed(conditions, item, &at);
        placed(conditions, item, &at);
        documented(conditions, item, &at);
        carried(conditions, item, &at);
        if item.transport_charges.is_some() && conditions.document().transport_charges.is_some() {
            let fields = [at("transportCharges"), "/transportCharges".to_owned()];
            let wrong = format!("How the carriage is paid is said of the whole, and of item {}.", item.no);
            conditions.broken("C576", &[8135], fields, &wrong, "Say it of the whole, or of the items.");
        }
    }
}

fn described(conditions: &mut Conditions, item: &DeclarationItem, at: &impl Fn(&str) -> String) {
    if item.description.is_none() && item.classification.is_none() {
        let wrong = format!("Item {} has neither a description nor a commodity code.", item.no);
        let fields = [at("description"), at("classification")];
        conditions.broken("C585", &[8207], fields, &wrong, "Describe the goods, or name their commodity code.");
    }
}

fn weighed(conditions: &mut Conditions, item: &DeclarationItem, at: &impl Fn(&str) -> String) {
    let total = conditions.document().total_gross_kg;
    if item.gross_kg.is_none() && total.is_none() && !conditions.is_of_authorised() {
        let wrong = format!("Item {} has no gross weight, and there is none of the whole.", item.no);
        conditions.broken(
            "C592",
            &[8103],
            [at("grossKg"), "/totalGrossKg".to_owned()],
            &wrong,
            "Take the weight from the packing list.",
        );
    }
}

/// Places are said of the whole, or of each item.
fn placed(conditions: &mut Conditions, item: &DeclarationItem, at: &impl Fn(&str) -> String) {
    let document = conditions.document();
    let once = "Say it of the whole where it is the same for all items, else of each item.";
    let from = "Take it from the booking.";
    let loading = [at("placeOfLoading"), "/placeOfLoading".to_owned()];
    match (&item.place_of_loading, &document.place_of_loading) {
        (None, None) => {
            let wrong = format!("Where item {} is loaded is not said.", item.no);
            conditions.broken("C574", &[8104], loading, &wrong, from);
        }
        (Some(_), Some(_)) => {
            let wrong = format!("A place of loading is said of the whole, and of item {}.", item.no);
            conditions.broken("C574", &[8136], loading, &wrong, once);
        }
        _ => {}
    }
    let unloading = [at("placeOfUnloading"), "/placeOfUnloading".to_owned()];
    match (&item.place_of_unloading, &document.place_of_unloading) {
        (None, None) if !conditions.is_of_authorised() => {
            let wrong = format!("Where item {} is unloaded is not said.", item.no);
            conditions.broken("C579", &[8687], unloading, &wrong, from);
        }
        (Some(_), Some(_)) => {
            let wrong = format!("A place of unloading is said of the whole, and of item {}.", item.no);
            conditions.broken("C579", &[8171], unloading, &wrong, once);
        }
        _ => {}
    }
}

fn documented(conditions: &mut Conditions, item: &DeclarationItem, at: &impl Fn(&str) -> String) {
    let documents = item.documents.len() + item.transport_documents.len();
    if documents == 0 && item.ucr.is_none() && conditions.document().ucr.is_none() {
        let wrong = format!("Item {} has neither a transport document nor a consignment reference.", item.no);
        let fields = [at("documents"), at("ucr"), "/ucr".to_owned()];
        conditions.broken(
            "8170",
            &[8170],
            fields,
            &wrong,
            "Name the transport document, or the unique consignment reference.",
        );
    }
}

/// C019, C020: the means of transport of an item, where that of the whole is not known.
fn carried(conditions: &mut Conditions, item: &DeclarationItem, at: &impl Fn(&str) -> String) {
    let of_whole = conditions.means_id().is_some();
    let mode = conditions.mode();
    let fields = |field: &str| [at(field), "/borderMeans/0/id".to_owned(), "/borderMode".to_owned()];
    if item.border_means.is_empty() && !of_whole && mode != Some(AIR) {
        let wrong = format!("What brings item {} over the border is named neither for it nor for the whole.", item.no);
        conditions.broken("C019", &[8199], fields("borderMeans"), &wrong, "Take the ship or vehicle from the booking.");
    }
    for (index, means) in item.border_means.iter().enumerate() {
        if of_whole || mode == Some(AIR) {
            let why = if of_whole { "that of the whole is named already" } else { "goods by air have none" };
            let wrong = format!("A means of transport is named for item {}, and {why}.", item.no);
            conditions.broken(
                "C019",
                &[8198],
                fields(&format!("borderMeans/{index}")),
                &wrong,
                "Leave it out on the item.",
            );
        }
        if means.nationality.is_none() && mode != Some(RAIL) {
            let wrong = format!("The means of transport of item {} has no nationality.", item.no);
            let field = format!("borderMeans/{index}/nationality");
            conditions.broken("C020", &[8147], fields(&field), &wrong, "Say where it is registered.");
        }
        if let Some(id) = &means.id {
            ship(conditions, id, &at(&format!("borderMeans/{index}/id")));
        }
    }
}
