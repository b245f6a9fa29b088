//! What a tariff says of a commodity, an origin and a preference on a day.
//!
//! A table says it as `portgate tables import` makes it of the UK tariff, or as a person writes it: percent by `CODE/ORIGIN/PREFERENCE`,
//! `CODE/ORIGIN` or `CODE`.

use jiff::civil::Date;
use portgate_canonical::Decimal;
use portgate_core::policy::Jurisdiction;
use serde::Deserialize;

use crate::Tables;

/// What is to be paid on goods.
#[derive(Clone, Debug, Default)]
pub(crate) struct Duties {
    /// Customs duty.
    pub(crate) duty: Option<Duty>,
    /// Against dumping and subsidies, each with the type of its measure.
    pub(crate) antidumping: Vec<(String, Duty)>,
    /// Value added tax in percent.
    pub(crate) vat: Option<Decimal>,
    /// What else there may be to pay that nobody reckons here, in words.
    pub(crate) others: Vec<String>,
}

/// One duty, as the tariff writes it and what it is made of.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Duty {
    pub(crate) text: String,
    /// In hundredths of the value.
    #[serde(default)]
    pub(crate) ad_valorem: Option<Decimal>,
    #[serde(default)]
    pub(crate) specific: Vec<Specific>,
}

/// An amount for each of a unit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Specific {
    pub(crate) amount: Decimal,
    pub(crate) currency: String,
    pub(crate) per: String,
}

/// A commodity, as much of it as is reckoned with.
#[derive(Deserialize)]
struct Commodity {
    #[serde(default)]
    duty: Option<Duty>,
    #[serde(default)]
    vat: Vec<Applied>,
    #[serde(default)]
    preferences: Vec<Applied>,
    #[serde(default)]
    additional: Vec<Applied>,
}

/// A duty with what it applies to.
#[derive(Deserialize)]
struct Applied {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    called: Option<String>,
    #[serde(default)]
    origins: Vec<String>,
    #[serde(default)]
    excludes: Vec<String>,
    #[serde(default)]
    additional_code: Option<String>,
    duty: Duty,
}

#[derive(Deserialize)]
struct Area {
    #[serde(default)]
    members: Vec<String>,
}

/// All goods, wherever they are from.
const EVERYBODY: &str = "1011";
/// Measures against dumping and subsidies, provisional ones and definitive ones.
const AGAINST_DUMPING: [&str; 4] = ["551", "552", "553", "554"];

/// A tariff on a day.
pub(crate) struct Tariff<'t> {
    pub(crate) of: &'t Jurisdiction,
    pub(crate) tables: &'t dyn Tables,
    pub(crate) on: Date,
}

impl Tariff<'_> {
    /// What is to be paid; why nobody knows, in words, where the tariff does not say.
    pub(crate) fn duties(
        &self,
        commodity: &str,
        origin: Option<&str>,
        preference: Option<&str>,
    ) -> Result<Duties, String> {
        let Jurisdiction { tariff, name, .. } = self.of;
        // Ten digits are what a tariff is looked up by; what it has no further digits for ends in noughts.
        let code = format!("{commodity:0<10}");
        let by_origin = origin.map(|origin| format!("{code}/{origin}"));
        let by_preference = by_origin.as_ref().zip(preference).map(|(key, preference)| format!("{key}/{preference}"));
        let keys = [by_preference, by_origin, Some(code.clone())];
        let value = keys.into_iter().flatten().find_map(|key| self.tables.look_up(tariff, &key, self.on));
        let Some(value) = value else {
            return Err(format!("the tariff of {name} (`{tariff}`) has no commodity {code} on {}", self.on));
        };
        let vat = self.of.vat_percent.as_deref().and_then(|percent| Decimal::parse(percent).ok());
        if let Ok(percent) = Decimal::from_partner(value.trim().trim_end_matches('%').trim()) {
            let duty = Duty { text: format!("{percent} %"), ad_valorem: Some(percent), specific: Vec::new() };
            return Ok(Duties { duty: Some(duty), vat, ..Duties::default() });
        }
        let commodity: Commodity = serde_json::from_str(&value)
            .map_err(|_| format!("what the tariff of {name} (`{tariff}`) says of {code} is no duty"))?;
        self.of_commodity(commodity, &code, origin, preference, vat)
    }

    fn of_commodity(
        &self,
        commodity: Commodity,
        code: &str,
        origin: Option<&str>,
        preference: Option<&str>,
        vat: Option<Decimal>,
    ) -> Result<Duties, String> {
        let Commodity { duty, vat: vats, preferences, additional } = commodity;
        let applies = |one: &&Applied| one.additional_code.is_none() && self.applies(one, origin);
        let duty = match preference {
            None => duty,
            Some(preference) => {
                let least = preferences.into_iter().filter(|one| applies(&one)).map(|one| one.duty);
                let least = least.min_by_key(|duty| (duty.ad_valorem, duty.specific.len(), duty.text.clone()));
                let origin = origin.unwrap_or("an unknown origin");
                Some(least.ok_or_else(|| {
                    format!(
                        "preference {preference} is claimed, and the tariff of {} has none for {code} of {origin}",
                        self.of.name
                    )
                })?)
            }
        };
        if duty.is_none() {
            return Err(format!("the tariff of {} has no duty of third countries for {code}", self.of.name));
        }
        let vat = vats.iter().find(applies).and_then(|one| one.duty.ad_valorem).or(vat);
        let mut duties = Duties { duty, vat, ..Duties::default() };
        for one in additional.into_iter().filter(|one| self.applies(one, origin)) {
            let Applied { kind, called, additional_code, duty, .. } = one;
            if AGAINST_DUMPING.contains(&kind.as_str()) && additional_code.is_none() {
                duties.antidumping.push((kind, duty));
            } else {
                let called = called.unwrap_or_else(|| format!("a measure of the type {kind}"));
                let with = additional_code.map(|code| format!(" with the additional code {code}")).unwrap_or_default();
                duties.others.push(format!("{called} ({kind}){with}: {}", duty.text));
            }
        }
        Ok(duties)
    }

    fn applies(&self, one: &Applied, origin: Option<&str>) -> bool {
        let is_in = |area: &String| area == EVERYBODY || origin.is_some_and(|origin| self.has(area, origin));
        one.origins.iter().any(is_in)
            && !origin.is_some_and(|origin| one.excludes.iter().any(|area| self.has(area, origin)))
    }

    /// Whether a country is an area, or in it.
    fn has(&self, area: &str, country: &str) -> bool {
        if area == country {
            return true;
        }
        let looked_up = self.of.areas.as_ref().and_then(|table| self.tables.look_up(table, area, self.on));
        let members = looked_up.and_then(|area| serde_json::from_str::<Area>(&area).ok());
        members.is_some_and(|area| area.members.iter().any(|member| member == country))
    }
}
