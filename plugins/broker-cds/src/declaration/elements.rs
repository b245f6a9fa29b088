//! Where the fields of a declaration stand, as customs numbers sections and elements (WCO DEC-DMS:2): so an amendment points to what has
//! changed, and what customs points to is found again.

/// The section that is the declaration, and the one that is an amendment.
pub(super) const DECLARATION: &str = "42A";
pub(super) const AMENDMENT: &str = "06A";

/// Why, as the authority's own examples have it: another value; another weight or number; another document or statement; another place;
/// goods that are not there any more.
const VALUE: &str = "21";
const QUANTITY: &str = "28";
const DOCUMENT: &str = "32";
const PLACE: &str = "16";
pub(super) const REMOVED: &str = "30";
/// Where no example says why.
pub(super) const UNSAID: &str = "";

/// Fields with where they stand and why they are amended, those that say more before those that say less. `*` is a place in a list: the
/// first of a field is the first of its pointers. What is below a field stands where that does.
pub(super) const ELEMENTS: [(&str, &str, &str); 46] = [
    ("invoiceTotal", "42A:109", VALUE),
    ("totalPackages", "42A:146", QUANTITY),
    ("itemCount", "42A:228", QUANTITY),
    ("totalGrossKg", "42A:131", QUANTITY),
    ("borderMeans/*/id", "42A/15A:T006", UNSAID),
    ("borderNationality", "42A/15A:T014", UNSAID),
    ("borderMode", "42A/15A:T022", UNSAID),
    ("dispatchCountry", "42A/67A/95B:062", UNSAID),
    ("destinationCountry", "42A/67A/99B:465", UNSAID),
    ("destinationRegion", "42A/67A/99B:477", UNSAID),
    ("freight", "42A/67A/41A:117", VALUE),
    ("adjustments/*/amount", "42A/67A/41A/58B*:181", VALUE),
    ("adjustments/*", "42A/67A/41A/58B*", VALUE),
    ("incoterm", "42A/67A/22B", UNSAID),
    ("locationOfGoods/code", "42A/67A/28A/64A:L016", PLACE),
    ("locationOfGoods/id", "42A/67A/28A/64A:L017", PLACE),
    ("locationOfGoods", "42A/67A/28A/64A", PLACE),
    ("equipment/*", "42A/67A/28A/31B*:159", UNSAID),
    ("transportEquipment/*", "42A/67A/28A/31B*", UNSAID),
    ("previousDocuments/*", "42A/67A/99A*", DOCUMENT),
    ("items/*/price", "42A/67A/68A*/23A/79A:112", VALUE),
    ("items/*/customsValue", "42A/67A/68A*:108", VALUE),
    ("items/*/statisticalValue", "42A/67A/68A*:114", VALUE),
    ("items/*/grossKg", "42A/67A/68A*/23A/65A:126", QUANTITY),
    ("items/*/netKg", "42A/67A/68A*/23A/65A:128", QUANTITY),
    ("items/*/supplementaryUnits", "42A/67A/68A*/23A/65A:130", QUANTITY),
    ("items/*/description", "42A/67A/68A*/23A:137", UNSAID),
    ("items/*/classification/commodity", "42A/67A/68A*/23A/21A:145", UNSAID),
    ("items/*/classification", "42A/67A/68A*/23A", UNSAID),
    ("items/*/packages/*/count", "42A/67A/68A*/93A*:144", QUANTITY),
    ("items/*/packages/*/marks", "42A/67A/68A*/93A*:142", UNSAID),
    ("items/*/packages/*/type", "42A/67A/68A*/93A*:141", UNSAID),
    ("items/*/packages/*", "42A/67A/68A*/93A*", QUANTITY),
    ("items/*/adjustments/*/amount", "42A/67A/68A*/41A/58B*:181", VALUE),
    ("items/*/adjustments/*", "42A/67A/68A*/41A/58B*", VALUE),
    ("items/*/valuationMethod", "42A/67A/68A*/41A:122", VALUE),
    ("items/*/dispatchCountry", "42A/67A/68A*/95B:062", UNSAID),
    ("items/*/destinationCountry", "42A/67A/68A*/99B:465", UNSAID),
    ("items/*/equipment/*", "42A/67A/68A*/23A/31B*:159", UNSAID),
    ("items/*/documents/*/id", "42A/67A/68A*/02A*:D005", DOCUMENT),
    ("items/*/documents/*", "42A/67A/68A*/02A*", DOCUMENT),
    ("items/*/additionalInformation/*/code", "42A/67A/68A*/03A*:226", DOCUMENT),
    ("items/*/additionalInformation/*/text", "42A/67A/68A*/03A*:225", DOCUMENT),
    ("items/*/additionalInformation/*", "42A/67A/68A*/03A*", DOCUMENT),
    ("items/*/previousDocuments/*", "42A/67A/68A*/99A*", DOCUMENT),
    ("items/*", "42A/67A/68A*", UNSAID),
];

/// Where other fields stand. No amendment is pointed by it, for some of them stand in several places and some places are in several of
/// them. `+` is a place in a list of which the field has no such places.
const ALSO: [(&str, &str); 112] = [
    ("functionCode", "42A:017"),
    ("acceptedAt", "42A:023"),
    ("lrn", "42A:D026"),
    ("mrn", "42A:D014"),
    ("declaredAt", "42A:D011"),
    ("declaredPlace", "42A:D012"),
    ("typeCode", "42A:D013"),
    ("offices", "42A:065"),
    ("loadingLists", "42A:013"),
    ("specificCircumstance", "42A:504"),
    ("authentication", "42A/61B:104"),
    ("authenticator", "42A/61B/12A"),
    ("parties", "42A/17B"),
    ("deferment/*", "42A/02A*"),
    ("deferment/*/category", "42A/02A*:D031"),
    ("deferment/*/account", "42A/02A*:D005"),
    ("deferment/*/type", "42A/02A*:D006"),
    ("additionalInformation", "42A/03A+"),
    ("parties", "42A/05A"),
    ("amendments/*", "42A/06A*"),
    ("authorisations/*", "42A/17C*"),
    ("authorisations/*/holderEori", "42A/17C*:R144"),
    ("authorisations/*/type", "42A/17C*:R145"),
    ("borderMeans/*", "42A/15A"),
    ("borderMeans/*/idType", "42A/15A:T018"),
    ("carriageParties", "42A/28A/18A"),
    ("carriageParties", "42A/28A/30A"),
    ("transportCharges", "42A/28A/62A"),
    ("itinerary/*", "42A/28A/81A*"),
    ("items/*", "42A/28A/29A*"),
    ("items/*/carriageParties", "42A/28A/29A*/30A"),
    ("items/*/transportCharges", "42A/28A/29A*/62A"),
    ("exchangeRates/*", "42A/40A*"),
    ("exchangeRates/*/currency", "42A/40A*:135"),
    ("exchangeRates/*/rate", "42A/40A*:118"),
    ("parties", "42A/57B"),
    ("parties", "42A/57A"),
    ("offices", "42A/56A"),
    ("offices", "42A/15C"),
    ("offices", "42A/97B"),
    ("guarantees", "42A/90A+"),
    ("exitAt", "42A/67A:024"),
    ("transactionNature", "42A/67A:103"),
    ("actors/*", "42A/67A/16C*"),
    ("parties", "42A/67A/16A"),
    ("parties", "42A/67A/27A"),
    ("parties", "42A/67A/30A"),
    ("parties", "42A/67A/74A"),
    ("parties", "42A/67A/56B"),
    ("parties", "42A/67A/09B"),
    ("parties", "42A/67A/19B"),
    ("containerised", "42A/67A/28A:096"),
    ("arrivalMeansId", "42A/67A/28A/10A:T002"),
    ("arrivalMeansType", "42A/67A/28A/10A:T034"),
    ("inlandMode", "42A/67A/28A/10A:T020"),
    ("departureMeans/*", "42A/67A/28A/46A"),
    ("departureMeans/*/id", "42A/67A/28A/46A:T004"),
    ("departureMeans/*/idType", "42A/67A/28A/46A:T029"),
    ("inlandMode", "42A/67A/28A/46A:T021"),
    ("locationOfGoods/type", "42A/67A/28A/64A:L110"),
    ("locationOfGoods/address", "42A/67A/28A/64A/04A"),
    ("locationOfGoods/qualifier", "42A/67A/28A/64A/04A:410"),
    ("locationOfGoods/country", "42A/67A/28A/64A/04A:242"),
    ("placeOfLoading", "42A/67A/28A/83A"),
    ("transportEquipment/*/seals/*", "42A/67A/28A/31B*/44B*"),
    ("fiscalReferences/*", "42A/67A/55B*"),
    ("invoiceNumber", "42A/67A/78A:D016"),
    ("invoiceDate", "42A/67A/78A:D015"),
    ("tradeTerms/countryRelationship", "42A/67A/22B:106"),
    ("tradeTerms/description", "42A/67A/22B:089"),
    ("ucr", "42A/67A/35B:016"),
    ("traderReference", "42A/67A/35B:009"),
    ("warehouse", "42A/67A/43B"),
    ("warehouse/id", "42A/67A/43B:L019"),
    ("warehouse/type", "42A/67A/43B:L112"),
    ("previousDocuments/*/category", "42A/67A/99A*:D031"),
    ("previousDocuments/*/id", "42A/67A/99A*:D018"),
    ("previousDocuments/*/type", "42A/67A/99A*:D019"),
    ("previousDocuments/*/line", "42A/67A/99A*:171"),
    ("items/*/no", "42A/67A/68A*:006"),
    ("items/*/transactionNature", "42A/67A/68A*:103"),
    ("items/*/documents/*/type", "42A/67A/68A*/02A*:D031"),
    ("items/*/documents/*/type", "42A/67A/68A*/02A*:D006"),
    ("items/*/documents/*/reason", "42A/67A/68A*/02A*:D028"),
    ("items/*/documents/*/validUntil", "42A/67A/68A*/02A*:276"),
    ("items/*/documents/*/status", "42A/67A/68A*/02A*:360"),
    ("items/*/documents/*/issuer", "42A/67A/68A*/02A*/17B:R058"),
    ("items/*/documents/*/issuerRole", "42A/67A/68A*/02A*/17B:R005"),
    ("items/*/documents/*/writeOffQuantity", "42A/67A/68A*/02A*/22C:502"),
    ("items/*/documents/*/writeOffAmount", "42A/67A/68A*/02A*/22C:503"),
    ("items/*/actors/*", "42A/67A/68A*/16C*"),
    ("items/*/parties", "42A/67A/68A*/16A"),
    ("items/*/parties", "42A/67A/68A*/27A"),
    ("items/*/parties", "42A/67A/68A*/30A"),
    ("items/*/parties", "42A/67A/68A*/09B"),
    ("items/*/classification", "42A/67A/68A*/23A/21A+"),
    ("items/*/dangerousGoods/*", "42A/67A/68A*/23A/12C*"),
    ("items/*/taxLines", "42A/67A/68A*/23A/50A+"),
    ("items/*/destinationRegion", "42A/67A/68A*/99B:477"),
    ("items/*/fiscalReferences/*", "42A/67A/68A*/55B*"),
    ("items/*/procedure/code", "42A/67A/68A*/70A:166"),
    ("items/*/procedure/code", "42A/67A/68A*/70A:161"),
    ("items/*/procedure", "42A/67A/68A*/70A+"),
    ("items/*/origin", "42A/67A/68A*/92A"),
    ("items/*/originRegion", "42A/67A/68A*/92A:066"),
    ("items/*/previousDocuments/*/category", "42A/67A/68A*/99A*:D031"),
    ("items/*/previousDocuments/*/id", "42A/67A/68A*/99A*:D018"),
    ("items/*/previousDocuments/*/type", "42A/67A/68A*/99A*:D019"),
    ("items/*/previousDocuments/*/line", "42A/67A/68A*/99A*:171"),
    ("items/*/ucr", "42A/67A/68A*/35B:016"),
    ("items/*/traderReference", "42A/67A/68A*/35B:009"),
    ("items/*/valuationIndicators", "42A/67A/68A*/39B"),
];

/// One step of a pointer of customs.
pub(crate) struct Step {
    /// The section.
    pub(crate) section: String,
    /// Which of them, from 1.
    pub(crate) number: Option<u32>,
    /// The element in it.
    pub(crate) tag: Option<String>,
}

/// The field that customs points to, or the narrowest around it, as a JSON Pointer. None where that is the declaration.
pub(crate) fn field(pointer: &[Step]) -> Option<String> {
    let known = ELEMENTS.iter().map(|(field, path, _)| (*field, *path)).chain(ALSO);
    let mut narrowest: Option<(usize, String)> = None;
    for (field, path) in known {
        let Some((depth, found)) = found(field, path, pointer) else { continue };
        if narrowest.as_ref().is_none_or(|(known, _)| depth > *known) {
            narrowest = Some((depth, found));
        }
    }
    narrowest.map(|(_, field)| field)
}

/// The field, where the pointer leads to its place or into it, and how deep that is.
fn found(field: &str, path: &str, pointer: &[Step]) -> Option<(usize, String)> {
    let (sections, tag) = path.split_once(':').map_or((path, None), |(sections, tag)| (sections, Some(tag)));
    let sections: Vec<&str> = sections.split('/').collect();
    if tag.is_some() && (pointer.len() != sections.len() || pointer.last()?.tag.as_deref() != tag) {
        return None;
    }
    let mut places = Vec::new();
    let mut steps = pointer.iter();
    for section in &sections {
        let step = steps.next()?;
        let code = section.trim_end_matches(['*', '+']);
        let is_first = step.number.is_none_or(|number| number <= 1);
        if step.section != code || code == *section && !is_first {
            return None;
        }
        if section.ends_with('*') {
            places.push(step.number.and_then(|number| number.checked_sub(1)));
        }
    }
    let depth = 2 * sections.len() + usize::from(tag.is_some());
    // What stands in one place here is the first of its list; without its number, the list is all that is known.
    let mut places = places.into_iter();
    let mut known = String::new();
    for part in field.split('/') {
        match part {
            "*" => match places.next().unwrap_or(Some(0)) {
                Some(place) => known.push_str(&format!("/{place}")),
                None => break,
            },
            part => known.extend(["/", part]),
        }
    }
    Some((depth, known))
}
