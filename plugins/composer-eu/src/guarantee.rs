//! The guarantee of a transit, which is policy's.

use portgate_compose::Gaps;
use portgate_sdk::canonical::{AccessCode, Currency, Decimal, Guarantee, GuaranteeReference, Money, Text};

use crate::case::Case;
use crate::rules;

/// Guarantees that have a guarantee reference number with an access code (code list CL286).
const WITH_GRN: [&str; 5] = ["0", "1", "2", "4", "9"];

/// Guarantees of which the amount is said (code list CL076): those, flat-rate without a number, cash, and by the authority's own
/// number.
const WITH_AMOUNT: [&str; 8] = ["0", "1", "2", "3", "4", "5", "8", "9"];

/// The guarantee that policy has. What its type needs and policy lacks is said (C0085, C0086, C0130).
pub(crate) fn of(case: &Case<'_>, gaps: &mut Gaps) -> Option<Guarantee> {
    let settings = &case.settings;
    let kind: Text<4> = settings.required("guarantee-type", "which type of guarantee the transit has", gaps)?;
    if kind.chars().count() != 1 {
        settings.unusable("guarantee-type", &kind, "one letter or digit of code list CL251, such as `1`", gaps);
        return None;
    }
    let mut guarantee = Guarantee::new(kind.clone());
    let mut reference = GuaranteeReference::default();
    if WITH_GRN.contains(&&*kind) {
        reference.grn = settings.required("guarantee-grn", "the number of the guarantee", gaps);
        // Its value is in no sentence: it is as secret as a password.
        let code = settings.get("guarantee-access-code");
        reference.access_code =
            code.filter(|code| code.chars().count() == 4).and_then(|code| Text::new(code).ok()).map(AccessCode);
        if reference.access_code.is_none() {
            let detail = "The access code of the guarantee is missing, or has not four characters.";
            let remedy = "Who keeps the policies adds it as `guarantee-access-code` to the settings of the filing.";
            gaps.add(rules::GUARANTEE, [], detail, remedy);
        }
    }
    if matches!(&*kind, "3" | "8") {
        guarantee.other_reference = settings.text("guarantee-other", gaps);
        if &*kind == "8" && guarantee.other_reference.is_none() {
            settings.missing("guarantee-other", "what the guarantee is known by", gaps);
        }
    }
    if WITH_AMOUNT.contains(&&*kind) {
        reference.amount = amount(case, gaps);
        guarantee.references.push(reference);
    }
    Some(guarantee)
}

/// How much is to be covered, as `1000.00 EUR`.
fn amount(case: &Case<'_>, gaps: &mut Gaps) -> Option<Money> {
    let Some(written) = case.settings.get("guarantee-amount") else {
        case.settings.missing("guarantee-amount", "how much of the guarantee the transit takes", gaps);
        return None;
    };
    let read = written.split_once(' ').and_then(|(amount, currency)| {
        Some(Money { amount: Decimal::parse(amount).ok()?, currency: Currency::new(currency).ok()? })
    });
    if read.is_none() {
        case.settings.unusable("guarantee-amount", written, "an amount with its currency, as `1000.00 EUR`", gaps);
    }
    read
}
