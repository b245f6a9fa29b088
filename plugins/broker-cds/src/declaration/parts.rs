//! What header, shipment and items have in common: documents, statements, adjustments of value, pointers.

use portgate_sdk::canonical::{
    AdditionalInformation, CustomsDocument, Decimal, DeclarationPointer, DeclarationStatement, Money, PreviousDocument,
    Text, TransportMode, ValuationAdjustment,
};

use super::side::Side;

/// Previous documents (DE 2/1).
pub(super) fn previous_documents(side: &mut Side<'_>, documents: &mut Vec<PreviousDocument>) {
    side.list("PreviousDocument", documents, |side, document| {
        let mut category = document.and_then(|document| document.category.clone());
        let mut id = document.map(|document| document.id.clone());
        let mut kind = document.map(|document| document.r#type.clone());
        let mut line = document.and_then(|document| document.line);
        side.text("CategoryCode", 3, &mut category);
        side.text("ID", 70, &mut id);
        side.text("TypeCode", 3, &mut kind);
        side.leaf("LineNumeric", &mut line);
        Some(PreviousDocument { category, line, ..PreviousDocument::new(kind?, id?) })
    });
}

/// Documents, licences and certificates (DE 2/3). Category and type are one code, such as `N935`.
pub(super) fn documents(side: &mut Side<'_>, documents: &mut Vec<CustomsDocument>) {
    side.list("AdditionalDocument", documents, |side, was| {
        // Reading begins with nothing, of a type that is not known yet.
        let blank = || Text::new("-").map(CustomsDocument::new).ok();
        let mut document = was.cloned().or_else(blank)?;
        let code: Option<Text<8>> = was.map(|was| was.r#type.clone());
        let (mut category, mut kind) = halves(code.as_deref(), 1);
        side.text("CategoryCode", 3, &mut category);
        side.day("EffectiveDateTime", &mut document.valid_until);
        side.text("ID", 70, &mut document.id);
        side.text("Name", 35, &mut document.reason);
        side.text("TypeCode", 3, &mut kind);
        side.text("LPCOExemptionCode", 3, &mut document.status);
        side.group("Submitter", |side| {
            side.text("Name", 70, &mut document.issuer);
            side.text("RoleCode", 3, &mut document.issuer_role);
        });
        side.group("WriteOff", |side| {
            side.leaf("QuantityQuantity", &mut document.write_off_quantity);
            side.leaf("AmountAmount", &mut document.write_off_amount);
        });
        if side.is_reading() {
            document.r#type = whole(category.filter(|category| category.len() == 1)?, kind?)?;
        }
        Some(document)
    });
}

/// The two parts of a code that is written in two elements, of which the first has so many characters.
pub(super) fn halves(code: Option<&str>, first: usize) -> (Option<Text<8>>, Option<Text<8>>) {
    let Some(code) = code else { return (None, None) };
    let (first, second) = code.split_at_checked(first).unwrap_or((code, ""));
    (Text::new(first).ok(), Text::new(second).ok())
}

/// Both of them as one code.
pub(super) fn whole(first: Text<8>, second: Text<8>) -> Option<Text<8>> {
    Text::new(format!("{first}{second}")).ok()
}

/// Additional information of an item (DE 2/2).
pub(super) fn additional_information(side: &mut Side<'_>, information: &mut Vec<AdditionalInformation>) {
    side.list("AdditionalInformation", information, |side, statement| {
        let mut code = statement.map(|statement| statement.code.clone());
        let mut text = statement.and_then(|statement| statement.text.clone());
        side.text("StatementCode", 17, &mut code);
        side.text("StatementDescription", 512, &mut text);
        Some(AdditionalInformation { text, ..AdditionalInformation::new(code?) })
    });
}

/// The same of the header, where a request to amend or to cancel says why, and points to what it is about.
pub(super) fn statements(
    side: &mut Side<'_>,
    information: &mut Vec<AdditionalInformation>,
    statements: &mut Vec<DeclarationStatement>,
) {
    let plain = information.iter().map(|plain| DeclarationStatement {
        code: Text::new(&*plain.code).ok(),
        text: plain.text.clone(),
        ..DeclarationStatement::default()
    });
    let mut all: Vec<DeclarationStatement> = plain.chain(statements.iter().cloned()).collect();
    side.list("AdditionalInformation", &mut all, |side, statement| {
        let mut statement = statement.cloned().unwrap_or_default();
        side.text("StatementCode", 17, &mut statement.code);
        side.text("StatementDescription", 512, &mut statement.text);
        side.text("StatementTypeCode", 3, &mut statement.r#type);
        pointers(side, &mut statement.pointers);
        Some(statement)
    });
    if !side.is_reading() {
        return;
    }
    for statement in all {
        let plain = statement.code.as_deref().and_then(|code| Text::new(code).ok());
        match plain.filter(|_| statement.r#type.is_none() && statement.pointers.is_empty()) {
            Some(code) => {
                information.push(AdditionalInformation { text: statement.text, ..AdditionalInformation::new(code) });
            }
            None => statements.push(statement),
        }
    }
}

/// Where something points, step by step.
pub(super) fn pointers(side: &mut Side<'_>, pointers: &mut Vec<DeclarationPointer>) {
    side.list("Pointer", pointers, |side, pointer| {
        let mut pointer = pointer.cloned().unwrap_or_default();
        side.leaf("SequenceNumeric", &mut pointer.sequence);
        side.text("DocumentSectionCode", 3, &mut pointer.section);
        side.text("TagID", 4, &mut pointer.tag);
        Some(pointer)
    });
}

/// Additions to the customs value and deductions from it (DE 4/9). The authority writes both without a sign: a code that
/// begins with `B` is a deduction.
pub(super) fn adjustments(side: &mut Side<'_>, adjustments: &mut Vec<ValuationAdjustment>) {
    side.list("ChargeDeduction", adjustments, |side, adjustment| {
        let mut code = adjustment.map(|adjustment| adjustment.code.clone());
        let mut amount = adjustment.map(|adjustment| signed(&adjustment.code, adjustment.amount.clone()));
        side.text("ChargesTypeCode", 3, &mut code);
        side.leaf("OtherChargeDeductionAmount", &mut amount);
        let code = code?;
        let amount = signed(&code, amount?);
        Some(ValuationAdjustment::new(code, amount))
    });
}

fn signed(code: &str, amount: Money) -> Money {
    match code.starts_with('B') {
        true => Money { amount: Decimal::ZERO - amount.amount, ..amount },
        false => amount,
    }
}

/// A mode of transport by its digit; one that UNECE Recommendation 19 does not have is kept as it is written.
pub(super) fn mode(
    side: &mut Side<'_>,
    name: &'static str,
    mode: &mut Option<TransportMode>,
    code: &mut Option<Text<4>>,
) {
    let mut digit: Option<Text<4>> = match mode {
        Some(mode) => Text::new(digit(*mode)).ok(),
        None => code.clone(),
    };
    side.text(name, 1, &mut digit);
    if side.is_reading() && digit.is_some() {
        *mode = digit.as_deref().and_then(TransportMode::from_rec19);
        *code = digit.filter(|_| mode.is_none());
    }
}

/// The digit of a mode (UNECE Recommendation 19).
pub(crate) fn digit(mode: TransportMode) -> &'static str {
    match mode {
        TransportMode::Sea => "1",
        TransportMode::Rail => "2",
        TransportMode::Road => "3",
        TransportMode::Air => "4",
        TransportMode::Mail => "5",
        TransportMode::Fixed => "7",
        TransportMode::Inland => "8",
    }
}
