//! What every declaration begins with.

use portgate_sdk::canonical::{CustomsDeclaration, Reference, Regime, Source, Text};
use portgate_sdk::{Composition, Context};

/// The most references that a document has.
const REFERENCES_MAX: usize = 64;

/// The version of a declaration as a composer makes it; who keeps declarations counts on.
const FIRST: &str = "1";

/// A declaration under the local reference number that it was given. Its source is the context's, so that the same context
/// gives the same declaration. None where the number is longer than customs has room for: 35 characters.
pub fn draft(
    context: &Context,
    composition: &Composition,
    jurisdiction: &str,
    regime: Regime,
) -> Option<CustomsDeclaration> {
    let lrn: Text<35> = Text::new(&*composition.lrn).ok()?;
    let Source { system, recorded_at, raw_ref, .. } = context.whole().source.clone();
    let source = Source { system, message_id: None, recorded_at, raw_ref };
    let (version, jurisdiction) = (Text::new(FIRST).ok()?, Text::new(jurisdiction).ok()?);
    let mut declaration = CustomsDeclaration::new(lrn.widened(), version, source, lrn, jurisdiction, regime);
    declaration.mrn = composition.amends.as_deref().and_then(|mrn| Text::new(mrn).ok());
    Some(declaration)
}

/// Ties a declaration to other documents: by its own numbers, its consignment, its containers, and the names that are given
/// beside, each as scheme and value. What there is no room for is left out.
pub fn tie(declaration: &mut CustomsDeclaration, names: impl IntoIterator<Item = (&'static str, String)>) {
    let lrn = [("lrn", declaration.lrn.to_string())];
    let mrn = declaration.mrn.iter().map(|mrn| ("mrn", mrn.to_string()));
    let ucr = declaration.ucr.iter().map(|ucr| ("ucr", ucr.to_string()));
    let containers = declaration.equipment.iter().map(|id| (Reference::CONTAINER, id.to_string()));
    let all: Vec<(&str, String)> = lrn.into_iter().chain(mrn).chain(ucr).chain(names).chain(containers).collect();
    for (scheme, value) in all {
        let Ok(reference) = Reference::new(scheme, &value) else { continue };
        if !declaration.references.contains(&reference) && declaration.references.len() < REFERENCES_MAX {
            declaration.references.push(reference);
        }
    }
}
