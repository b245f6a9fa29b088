//! What policy has for a composer.

use portgate_sdk::Composition;
use portgate_sdk::canonical::{Invalid, Text};

use crate::gaps::Gaps;

/// The settings of a composition, with the rule under which it is said that one is missing or cannot be used.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'c> {
    composition: &'c Composition,
    rule: &'static str,
}

impl<'c> Settings<'c> {
    /// The settings of a composition.
    pub fn of(composition: &'c Composition, rule: &'static str) -> Self {
        Settings { composition, rule }
    }

    /// The value of a setting; nothing where policy has none, or an empty one.
    pub fn get(&self, name: &str) -> Option<&'c str> {
        self.composition.setting(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// The values of a setting that has several, parted by commas.
    pub fn list(&self, name: &str) -> Vec<&'c str> {
        let values = self.get(name).unwrap_or_default().split(',').map(str::trim);
        values.filter(|value| !value.is_empty()).collect()
    }

    /// Whether a setting says `yes`; what holds where policy has none is given.
    pub fn flag(&self, name: &str, otherwise: bool, gaps: &mut Gaps) -> bool {
        match self.get(name) {
            None => otherwise,
            Some("yes") => true,
            Some("no") => false,
            Some(value) => {
                self.unusable(name, value, "`yes` or `no`", gaps);
                otherwise
            }
        }
    }

    /// The value of a setting as a type has it, such as a country; where it is none, that is said.
    pub fn read<T>(&self, name: &str, read: impl Fn(&str) -> Result<T, Invalid>, gaps: &mut Gaps) -> Option<T> {
        let value = self.get(name)?;
        read(value).map_err(|error| self.unusable(name, value, &error.expected, gaps)).ok()
    }

    /// The same of what has a shape that no type has; `expected` says it, such as `an EORI number of the UK`.
    pub fn shaped<T>(
        &self,
        name: &str,
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
        gaps: &mut Gaps,
    ) -> Option<T> {
        let value = self.get(name)?;
        let read = read(value);
        if read.is_none() {
            self.unusable(name, value, expected, gaps);
        }
        read
    }

    /// The same as a text.
    pub fn text<const MAX: usize>(&self, name: &str, gaps: &mut Gaps) -> Option<Text<MAX>> {
        self.read(name, |value| Text::new(value), gaps)
    }

    /// The value of a setting that must be there.
    pub fn required<const MAX: usize>(&self, name: &str, what: &str, gaps: &mut Gaps) -> Option<Text<MAX>> {
        if self.get(name).is_none() {
            self.missing(name, what, gaps);
        }
        self.text(name, gaps)
    }

    /// Says that a setting is missing; `what` it would say, such as `where the goods can be examined`.
    pub fn missing(&self, name: &str, what: &str, gaps: &mut Gaps) {
        let detail = format!("Nothing says {what}.");
        let remedy = format!("Who keeps the policies adds `{name}` to the settings of the filing.");
        gaps.add(self.rule, [], detail, remedy);
    }

    /// Says that a setting cannot be used.
    pub fn unusable(&self, name: &str, value: &str, expected: &str, gaps: &mut Gaps) {
        let detail = format!("The setting `{name}` says `{value}`; expected is {expected}.");
        gaps.add(self.rule, [], detail, format!("Who keeps the policies corrects `{name}` of the filing."));
    }
}
