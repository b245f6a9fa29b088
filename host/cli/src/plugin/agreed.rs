//! What a case says was settled with the partner, as the gateway tells it to plugins.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use portgate_cases::Settings;
use portgate_core::agreement::{Acknowledgement, Agreement, ControlNumbers, Identifier, Level, Mode};
use portgate_core::codes::{CodePair, CodeTable, CodeTables, Codes, UnknownCode};

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
        rows: &[portgate_cases::CodeRow],
        control_numbers: Option<portgate_cases::ControlNumbers>,
    ) -> Result<Self, String> {
        let codes = tables(rows)?;
        let agreement = agreement.map(self::agreement);
        let with = |agreement: Agreement| {
            let codes = agreement.codes.clone().with(Some(Arc::clone(&codes)));
            Agreement { codes, ..agreement }
        };
        Ok(Agreed { agreement: agreement.map(with), control_numbers: control_numbers.map(self::control_numbers) })
    }

    /// What the text of a `case.toml` says.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let settings: Settings = toml::from_str(text).map_err(|error| error.to_string())?;
        Agreed::of(settings.agreement.as_ref(), &settings.codes, settings.control_numbers)
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
        codes: Codes::new(agreement.codes.iter().map(|(table, policy)| (table.clone(), unknown(*policy))).collect()),
    }
}

fn unknown(unknown: portgate_cases::UnknownCode) -> UnknownCode {
    match unknown {
        portgate_cases::UnknownCode::Pass => UnknownCode::Pass,
        portgate_cases::UnknownCode::Finding => UnknownCode::Finding,
        portgate_cases::UnknownCode::Refuse => UnknownCode::Refuse,
        portgate_cases::UnknownCode::Park => UnknownCode::Park,
    }
}

/// The rows of a case as the tables of an agreement.
fn tables(rows: &[portgate_cases::CodeRow]) -> Result<Arc<CodeTables>, String> {
    let mut pairs: BTreeMap<String, Vec<CodePair>> = BTreeMap::new();
    for row in rows {
        let wrong = |what: &str| format!("case.toml, codes of the table {}: {what}", row.table);
        let day = |text: &Option<String>| {
            text.as_ref()
                .map(|text| text.parse::<Date>().map_err(|_| wrong("a day must be written YYYY-MM-DD")))
                .transpose()
        };
        let way = row.way.as_deref().unwrap_or("both").parse().map_err(|_| wrong("`way` is `in`, `out` or `both`"))?;
        let (from, to) = (day(&row.from)?.unwrap_or(Date::MIN), day(&row.to)?);
        let pair = CodePair { theirs: row.theirs.clone(), ours: row.ours.clone(), way, from, to };
        pairs.entry(row.table.clone()).or_default().push(pair);
    }
    Ok(Arc::new(pairs.iter().map(|(table, pairs)| (table.clone(), Arc::new(CodeTable::new(pairs)))).collect()))
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
