//! What a case says was settled with the partner, as the gateway tells it to plugins.

use portgate_cases::Settings;
use portgate_core::agreement::{Acknowledgement, Agreement, ControlNumbers, Identifier, Level, Mode};

/// An agreement, and numbers for what is written under it, those that there are.
#[derive(Clone, Debug, Default)]
pub(super) struct Agreed {
    /// The agreement.
    pub(super) agreement: Option<Agreement>,
    /// The numbers.
    pub(super) control_numbers: Option<ControlNumbers>,
}

impl Agreed {
    /// What a case, or a file of the form of its `case.toml`, says.
    pub(super) fn of(
        agreement: Option<&portgate_cases::Agreement>,
        control_numbers: Option<portgate_cases::ControlNumbers>,
    ) -> Self {
        Agreed {
            agreement: agreement.map(self::agreement),
            control_numbers: control_numbers.map(self::control_numbers),
        }
    }

    /// What the text of a `case.toml` says.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let settings: Settings = toml::from_str(text).map_err(|error| error.to_string())?;
        Ok(Agreed::of(settings.agreement.as_ref(), settings.control_numbers))
    }
}

fn agreement(agreement: &portgate_cases::Agreement) -> Agreement {
    Agreement {
        name: agreement.name().to_owned(),
        ours: agreement.ours.iter().map(identifier).collect(),
        theirs: agreement.theirs.iter().map(identifier).collect(),
        edition: agreement.edition.clone(),
        mode: match agreement.mode {
            portgate_cases::Mode::Production => Mode::Production,
            portgate_cases::Mode::Test => Mode::Test,
        },
        acknowledgement: match agreement.acknowledgement {
            portgate_cases::Acknowledgement::None => Acknowledgement::None,
            portgate_cases::Acknowledgement::InAnswer => Acknowledgement::InAnswer,
            portgate_cases::Acknowledgement::Apart => Acknowledgement::Apart,
        },
        all_or_nothing: agreement.all_or_nothing,
        settings: agreement.settings.clone().into_iter().collect(),
    }
}

fn identifier(identifier: &portgate_cases::Identifier) -> Identifier {
    let level = match identifier.level {
        portgate_cases::Level::Interchange => Level::Interchange,
        portgate_cases::Level::Group => Level::Group,
        portgate_cases::Level::Message => Level::Message,
    };
    Identifier { level, qualifier: identifier.qualifier.clone(), value: identifier.value.clone() }
}

fn control_numbers(numbers: portgate_cases::ControlNumbers) -> ControlNumbers {
    let portgate_cases::ControlNumbers { interchange, group, first_message, messages } = numbers;
    ControlNumbers { interchange, group, first_message, messages }
}
