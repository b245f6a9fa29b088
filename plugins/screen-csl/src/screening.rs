//! One screening: every subject against every list of the table, on the day of the message.

use std::collections::BTreeMap;

use portgate_sdk::canonical::{
    self, Date, Decimal, Reference, ScreenedList, ScreeningMatch, ScreeningOutcome, ScreeningResult, Text, Timestamp,
};
use portgate_sdk::names::{self, Candidate, Name, Source, likeness};
use portgate_sdk::{Decoded, Finding, Message, Pointer, Rejection};
use serde::Deserialize;
use serde_json::Value;

use crate::subject::Subject;

/// The table of all lists.
const TABLE: &str = "denied-parties";

/// From here on two names are so alike that a person has to look, of a thousand.
const REVIEW: u16 = 850;
/// From here on they are the same name but for what everybody writes differently.
const HIT: u16 = 960;
/// The most entries that a subject is held against.
const CANDIDATES: u32 = 40;

/// What all subjects of a message have in common.
pub(crate) struct Screening<'m> {
    /// What was sent, as results name it.
    thing: &'m str,
    source: canonical::Source,
    at: Timestamp,
    /// The day on which whom the lists name is listed.
    on: &'m str,
    lists: Vec<ScreenedList>,
    version: String,
    references: Vec<Reference>,
    /// What was found for a name, since the same parties come again and again in a document.
    found: BTreeMap<String, Vec<(u16, ScreeningMatch)>>,
}

/// What the table has of an entry beside its names.
#[derive(Default, Deserialize)]
#[serde(default)]
struct About {
    #[serde(rename = "type")]
    kind: Option<String>,
    list: Option<String>,
    programs: Vec<String>,
    countries: Vec<String>,
    born: Vec<String>,
}

impl<'m> Screening<'m> {
    /// Begins it. Without lists nobody is clear, so there is none.
    pub(crate) fn begin(message: &'m Message, thing: &'m str, whole: &Value) -> Result<Self, Rejection> {
        let published = names::sources(TABLE);
        let newest = published.iter().map(|list| list.date.as_str()).max().unwrap_or_default();
        let editions = published.iter().flat_map(|list| [list.id.as_str(), &list.version, &list.date]);
        let version = format!("{newest}+{:08x}", digest(editions) as u32);
        let lists: Vec<ScreenedList> = published.iter().filter_map(screened).collect();
        if lists.is_empty() {
            let detail = format!(
                "The table `{TABLE}` has no lists, so nobody can be screened. Import them with `portgate lists import`."
            );
            return Err(Finding::error("NO-LISTS", "", detail).into());
        }
        let source = message.source(None, None);
        let references = whole.get("references").cloned().unwrap_or_default();
        Ok(Screening {
            thing,
            at: source.recorded_at.clone(),
            source,
            on: message.received_at.get(..10).unwrap_or_default(),
            lists,
            version,
            references: Vec::deserialize(references).unwrap_or_default(),
            found: BTreeMap::new(),
        })
    }

    /// Screens a subject of what stands at `at` in the message.
    pub(crate) fn screen(&mut self, subject: &Subject, at: &Pointer, decoded: &mut Decoded) {
        let location = format!("{at}{}", subject.pointer);
        let Some(name) = subject.name.as_deref().filter(|name| !name.trim().is_empty()) else {
            let detail = "This party has no name, so it cannot be screened; find its name out by its identifiers.";
            decoded.finding(Finding::warning("NO-NAME", location, detail));
            return;
        };
        let asked = Name::read(name);
        let matches = match asked.is_empty() {
            true => Vec::new(),
            false => match self.found.get(name) {
                Some(found) => found.clone(),
                None => {
                    let found = self.matches(&asked, name);
                    self.found.insert(name.to_owned(), found.clone());
                    found
                }
            },
        };
        let outcome = match matches.first() {
            _ if asked.is_empty() => {
                let detail = "There is no letter in this name that could be compared; a person has to look at it.";
                decoded.finding(Finding::warning("UNREADABLE-NAME", &location, detail));
                ScreeningOutcome::Review
            }
            None => ScreeningOutcome::Clear,
            Some((alike, _)) if *alike >= HIT => ScreeningOutcome::Hit,
            Some(_) => ScreeningOutcome::Review,
        };
        let Some(subject_name) = decoded.free_text(&location, "name", name) else { return };
        let (id, subject_party_ref) = self.names(subject);
        let mut result = ScreeningResult {
            id,
            version: text("1"),
            source: self.source.clone(),
            subject_party_ref,
            list_set: text(TABLE),
            list_version: text(&self.version),
            outcome,
            at: self.at.clone(),
            decided_by: None,
            subject_name: Some(subject_name),
            subject_role: subject.role,
            subject_ids: subject.ids.clone(),
            lists: self.lists.clone(),
            matches: Vec::new(),
            references: self.references.clone(),
        };
        result.matches = matches.into_iter().map(|(_, found)| found).collect();
        decoded.document(&result);
    }

    /// The entries that resemble the name, the most alike first.
    fn matches(&self, asked: &Name, name: &str) -> Vec<(u16, ScreeningMatch)> {
        let candidates = names::candidates(TABLE, name, self.on, CANDIDATES);
        let mut matches: Vec<_> = candidates.iter().filter_map(|candidate| judged(asked, candidate)).collect();
        matches.sort_by(|(alike, found), (other_alike, other)| {
            let order = |found: &ScreeningMatch| (found.list_id.to_string(), found.entity_id.to_string());
            other_alike.cmp(alike).then_with(|| order(found).cmp(&order(other)))
        });
        matches
    }

    /// What identifies the result, and the subject: what was sent and where in it. Who is screened in a place is told from whoever
    /// was screened there before by a digest, and so is what is too long for that.
    fn names(&self, subject: &Subject) -> (Text<128>, Text<128>) {
        let who = format!("{}#{}", self.thing, subject.pointer);
        let short = |whole: &str| format!("{:016x}", digest([whole]));
        let ids = subject.ids.iter().flat_map(|id| [&*id.scheme, &*id.value]);
        let subject = digest(subject.name.as_deref().into_iter().chain(ids)) as u32;
        let id = format!("{who}:{subject:08x}@{}", self.version);
        let fits = |whole: String| Text::new(&*whole).unwrap_or_else(|_| text(&short(&whole)));
        (fits(id), fits(who))
    }
}

/// How alike an entry is, by that of its names which is the most alike; nothing where that is too little.
fn judged(asked: &Name, candidate: &Candidate) -> Option<(u16, ScreeningMatch)> {
    let alike = |name: &String| likeness(asked, &Name::read(name));
    let by_name = candidate.names.iter().map(|name| (alike(name), name));
    // Of names that are equally alike the first, since the main one is.
    let (most, name) = by_name.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
    if most < REVIEW {
        return None;
    }
    let About { kind, list, programs, countries, born } = serde_json::from_str(&candidate.about).unwrap_or_default();
    let main = candidate.names.first()?;
    let mut found = ScreeningMatch::new(kept(&candidate.source)?, kept(&candidate.entry)?, kept(main)?);
    found.score = Decimal::parse(&format!("{}.{:03}", most / 1_000, most % 1_000)).ok();
    found.matched_name = (name != main).then(|| kept(name)).flatten();
    found.r#type = kind.as_deref().and_then(kept);
    found.source_list = list.as_deref().and_then(kept);
    found.programs = programs.iter().filter_map(|program| kept(program)).take(32).collect();
    found.countries = countries.iter().filter_map(|country| kept(country)).take(32).collect();
    found.born = born.iter().filter_map(|born| kept(born)).take(32).collect();
    Some((most, found))
}

fn screened(list: &Source) -> Option<ScreenedList> {
    let date = Date::new(&*list.date).ok()?;
    Some(ScreenedList::new(kept(&list.id)?, kept(&list.name)?, kept(&list.version)?, date))
}

/// A text of the table as it fits.
fn kept<const MAX: usize>(text: &str) -> Option<Text<MAX>> {
    Text::cut(text).map(|cut| cut.text)
}

/// A text of our own, which is known to fit.
fn text<const MAX: usize>(own: &str) -> Text<MAX> {
    Text::new(own).expect("it is short and not empty")
}

/// A number for texts, the same for the same ones (FNV-1a, 64 bits). It tells apart and proves nothing.
fn digest<'t>(texts: impl IntoIterator<Item = &'t str>) -> u64 {
    let bytes = texts.into_iter().flat_map(|text| text.bytes().chain([0xFF]));
    bytes.fold(0xCBF2_9CE4_8422_2325, |digest, byte| (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}
