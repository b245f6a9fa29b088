//! What the formats have in common on payments.

use portgate_sdk::canonical::Text;
use portgate_sdk::xml::Element;

use crate::notes::Notes;

/// Digits of a card's number that a document keeps where all of them were written.
const CARD_DIGITS: usize = 4;

/// Digits that are no number of a card yet.
const CARD_DIGITS_MAX: usize = 10;

/// The number of a card, or its last digits alone where it is whole: nobody behind the gateway needs it, and it must not be kept.
pub(crate) fn card_number(element: Option<Element<'_>>, notes: &mut Notes) -> Option<Text<16>> {
    let number = element?.text()?;
    let characters = number.chars().count();
    match characters > CARD_DIGITS_MAX {
        true => Text::new(number.chars().skip(characters - CARD_DIGITS).collect::<String>()).ok(),
        false => notes.id(element),
    }
}
