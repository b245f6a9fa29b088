//! The three data sets: which fields of a declaration each of them has.

use portgate_sdk::canonical::Regime;

/// A data set of the UK tariff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DataSet {
    /// Release for free circulation and end use.
    H1,
    /// A simplified declaration at the frontier; a supplementary one follows.
    I1,
    /// Export and re-export.
    B1,
}

impl DataSet {
    /// The data set of a regime, as policy calls it.
    pub(crate) fn of(regime: &str) -> Option<Self> {
        Some(match regime {
            "uk-import" => DataSet::H1,
            "uk-import-simplified" => DataSet::I1,
            "uk-export" => DataSet::B1,
            _ => return None,
        })
    }

    /// The kind of procedure.
    pub(crate) fn regime(self) -> Regime {
        match self {
            DataSet::H1 | DataSet::I1 => Regime::Import,
            DataSet::B1 => Regime::Export,
        }
    }

    /// Declaration type (DE 1/1).
    pub(crate) fn declaration_type(self) -> &'static str {
        match self {
            DataSet::H1 | DataSet::I1 => "IM",
            DataSet::B1 => "EX",
        }
    }

    /// The additional declaration types (DE 1/2) that it is for: of goods that are there, of goods that are to come, and where a
    /// simplified declaration went before (`Y`, `Z`).
    pub(crate) fn additional_types(self) -> &'static [&'static str] {
        match self {
            DataSet::H1 | DataSet::B1 => &["A", "D", "Y", "Z"],
            DataSet::I1 => &["C", "F", "B", "E"],
        }
    }

    /// Whether goods come in.
    pub(crate) fn is_import(self) -> bool {
        self.regime() == Regime::Import
    }

    /// Whether the customs value is declared: terms, method, additions, taxes.
    pub(crate) fn has_valuation(self) -> bool {
        self == DataSet::H1
    }
}
