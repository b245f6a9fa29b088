//! The transit declaration (NCTS phase 5, `CC015C`).

mod consignment;
mod operation;

use portgate_compose::{Gaps, tie};
use portgate_sdk::canonical::{CustomsDeclaration, Regime};
use portgate_sdk::territory::Territory;
use portgate_sdk::{Composition, Context};

use crate::case::Case;
use crate::countries::is_common_transit;
use crate::goods::{self, Described};
use crate::guarantee;
use crate::parties::Form;
use crate::route::{self, Route};

/// Makes the declaration, as far as nothing is missing.
pub(crate) fn compose(context: &Context, composition: &Composition, gaps: &mut Gaps) -> Option<CustomsDeclaration> {
    let case = Case::of(context, composition);
    let departure = operation::office(&case, "office-of-departure", "where the transit begins", gaps);
    let destination = operation::office(&case, "office-of-destination", "where the transit ends", gaps);
    let (departure, destination) = (departure?, destination?);
    let territory = Territory::of(&departure)?;
    // What lies before the office of departure is not under transit.
    let route = Route::of(&case).beginning_in(departure.get(..2)?);
    let mut declaration = case.draft(Regime::Transit, &departure, gaps)?;
    // Numbers of the Union are known in all countries of the convention, those of the others at home.
    let form = Form { territory, also: Some(Territory::Union), name: 70, street: 70, postcode: 17, with_contact: true };
    let on = route::on(route.departs_on(&case).map(|(_, day)| day), context);
    let country = declaration.jurisdiction.to_string();
    let lines = goods::lines(&case, Described::BySeller, &[&country, "EU"], &on, gaps);

    operation::operation(&case, &route, &mut declaration, gaps);
    operation::offices(&case, &route, (departure, destination), &mut declaration, gaps);
    operation::holder(&case, &form, &mut declaration, gaps);
    declaration.guarantees = guarantee::of(&case, gaps).into_iter().collect();
    consignment::consignment(&case, &route, &mut declaration, gaps);
    consignment::goods(&case, &form, &lines, !is_common_transit(&country), &mut declaration, gaps);
    let documents = declaration.houses.iter().flat_map(|house| &house.transport_documents);
    let documents = documents.chain(&declaration.transport_documents);
    let names: Vec<(&str, String)> =
        documents.filter_map(|document| Some(("transport-document", document.id.as_ref()?.to_string()))).collect();
    tie(&mut declaration, names);
    Some(declaration)
}
