//! One entry summary, and what was found in it so far.

use portgate_sdk::canonical::{
    AdditionalInformation, CustomsDeclaration, DeclarationItem, MeansOfTransport, TransportMode,
};
use portgate_sdk::{Judge, Placed, Severity};

/// A consignment "to order": who receives it is not known, and somebody is notified instead (special mention).
const TO_ORDER: &str = "10600";

/// A declaration under judgement.
pub(crate) struct Conditions<'c> {
    pub(crate) declaration: &'c Placed<CustomsDeclaration>,
    pub(crate) judge: &'c mut Judge,
}

impl<'c> Conditions<'c> {
    /// A condition is broken: what it is called, the numbers under which customs would reject the declaration for it, the fields
    /// below the declaration with the one to change first, and in words what is wrong and what to do.
    pub(crate) fn broken<F: AsRef<str>>(
        &mut self,
        condition: &str,
        numbers: &[u16],
        fields: impl IntoIterator<Item = F>,
        wrong: &str,
        remedy: &str,
    ) {
        let numbers: Vec<String> = numbers.iter().map(u16::to_string).collect();
        let detail = format!("{wrong} Customs rejects it with error {}.", numbers.join(", "));
        let fields: Vec<String> = fields.into_iter().map(|field| self.declaration.at(field.as_ref())).collect();
        self.judge.found(condition, Severity::Error, fields, detail, remedy);
    }

    pub(crate) fn document(&self) -> &'c CustomsDeclaration {
        &self.declaration.document
    }

    /// The items, each with its place in the list.
    pub(crate) fn items(&self) -> impl Iterator<Item = (usize, &'c DeclarationItem)> + use<'c> {
        self.document().items.iter().enumerate()
    }

    /// The mode of transport at the border as the declaration writes it (UNECE Recommendation 19; in ICS `10` and `11` are
    /// road vehicles and trains on a ship).
    pub(crate) fn written_mode(&self) -> Option<&'c str> {
        let document = self.document();
        match document.border_mode {
            Some(TransportMode::Sea) => Some("1"),
            Some(TransportMode::Rail) => Some("2"),
            Some(TransportMode::Road) => Some("3"),
            Some(TransportMode::Air) => Some("4"),
            Some(TransportMode::Mail) => Some("5"),
            Some(TransportMode::Fixed) => Some("7"),
            Some(TransportMode::Inland) => Some("8"),
            None => document.border_mode_code.as_deref(),
        }
    }

    /// The same as a number; nothing where it is none.
    pub(crate) fn mode(&self) -> Option<u8> {
        self.written_mode()?.trim().parse().ok()
    }

    /// The means of transport at the border of the whole.
    pub(crate) fn means(&self) -> Option<&'c MeansOfTransport> {
        self.document().border_means.first()
    }

    /// What that is identified by.
    pub(crate) fn means_id(&self) -> Option<&'c str> {
        self.means()?.id.as_deref()
    }

    /// The specific circumstance: `C` road, `D` rail, `E` authorised economic operators.
    pub(crate) fn circumstance(&self) -> Option<&'c str> {
        self.document().specific_circumstance.as_deref().map(str::trim)
    }

    /// Whether authorised economic operators declare, of whom customs asks less.
    pub(crate) fn is_of_authorised(&self) -> bool {
        self.circumstance() == Some("E")
    }
}

/// Whether the goods of an item are consigned "to order".
pub(crate) fn is_to_order(item: &DeclarationItem) -> bool {
    item.additional_information.iter().any(|AdditionalInformation { code, .. }| &**code == TO_ORDER)
}
