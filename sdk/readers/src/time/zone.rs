//! Zones: what the letters, digits and signs of partners mean, and on which days.

use super::calendar::Day;
use super::moment::Clock;
use super::{TimeError, shown};

/// The longest name of a zone that is kept.
const NAME_MAX: usize = 16;

/// A zone as a partner wrote it, and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    written: String,
    rule: Rule,
}

/// What is known of a zone. Offsets are minutes east of universal time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// It is this offset.
    Fixed(i16),
    /// Its name says standard or daylight (summer) time, so that it is this offset; whether it is kept then can be told.
    Named { offset: i16, summer: bool, keeps: Region },
    /// Its name says neither: this is its offset in winter, an hour more in summer.
    Seasonal { winter: i16, name: &'static str },
    /// The place's own time.
    Local,
    /// The name means several zones, which are these.
    Ambiguous(&'static str),
    /// Nobody knows.
    Unknown,
}

/// Who decides when summer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Region {
    /// The United States and Canada.
    America,
    /// The European Union and the United Kingdom.
    Europe,
}

/// What a zone is at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Offset {
    /// Minutes east of universal time, and what is odd about it.
    Known(i16, Option<String>),
    /// The place's own time, whatever that is.
    Local,
    /// It cannot be told; why.
    Open(String),
}

/// A name, its offset, and, where it says a season, whether that is summer and who decides when that is.
type Named = (&'static str, i16, Option<(bool, Region)>);

/// Names that say an offset by themselves or by their season, with the standard that says so: X12 element 623, RFC 5322
/// §4.3, and what Europe and East Asia use. Those of RFC 5322 that mean something else at another end of the sea are
/// among [`AMBIGUOUS`].
const NAMED: [Named; 50] = {
    use Region::{America, Europe};
    const WINTER: bool = false;
    const SUMMER: bool = true;
    [
        ("Z", 0, None),
        ("UT", 0, None),
        ("UTC", 0, None),
        ("GM", 0, None),
        ("GMT", 0, None),
        ("NS", -210, Some((WINTER, America))),
        ("ND", -150, Some((SUMMER, America))),
        ("TS", -240, Some((WINTER, America))),
        ("TD", -180, Some((SUMMER, America))),
        ("ES", -300, Some((WINTER, America))),
        ("ED", -240, Some((SUMMER, America))),
        ("CS", -360, Some((WINTER, America))),
        ("CD", -300, Some((SUMMER, America))),
        ("MS", -420, Some((WINTER, America))),
        ("MD", -360, Some((SUMMER, America))),
        ("PS", -480, Some((WINTER, America))),
        ("PD", -420, Some((SUMMER, America))),
        ("AS", -540, Some((WINTER, America))),
        ("AD", -480, Some((SUMMER, America))),
        ("HS", -600, None),
        ("HD", -540, Some((SUMMER, America))),
        ("NST", -210, Some((WINTER, America))),
        ("NDT", -150, Some((SUMMER, America))),
        ("ADT", -180, Some((SUMMER, America))),
        ("EST", -300, Some((WINTER, America))),
        ("EDT", -240, Some((SUMMER, America))),
        ("CDT", -300, Some((SUMMER, America))),
        ("MST", -420, Some((WINTER, America))),
        ("MDT", -360, Some((SUMMER, America))),
        ("PST", -480, Some((WINTER, America))),
        ("PDT", -420, Some((SUMMER, America))),
        ("AKST", -540, Some((WINTER, America))),
        ("AKDT", -480, Some((SUMMER, America))),
        ("HST", -600, None),
        ("HDT", -540, Some((SUMMER, America))),
        ("WET", 0, Some((WINTER, Europe))),
        ("WEST", 60, Some((SUMMER, Europe))),
        ("CET", 60, Some((WINTER, Europe))),
        ("CEST", 120, Some((SUMMER, Europe))),
        ("MET", 60, Some((WINTER, Europe))),
        ("MEST", 120, Some((SUMMER, Europe))),
        ("MEZ", 60, Some((WINTER, Europe))),
        ("MESZ", 120, Some((SUMMER, Europe))),
        ("EET", 120, Some((WINTER, Europe))),
        ("EEST", 180, Some((SUMMER, Europe))),
        ("MSK", 180, None),
        ("HKT", 480, None),
        ("SGT", 480, None),
        ("JST", 540, None),
        ("KST", 540, None),
    ]
};

/// Names that say neither standard nor daylight time (X12 element 623), with their offset in winter.
const SEASONAL: [(&str, i16, &str); 8] = [
    ("NT", -210, "Newfoundland Time"),
    ("TT", -240, "Atlantic Time"),
    ("ET", -300, "Eastern Time"),
    ("CT", -360, "Central Time"),
    ("MT", -420, "Mountain Time"),
    ("PT", -480, "Pacific Time"),
    ("AT", -540, "Alaska Time"),
    ("HT", -600, "Hawaii-Aleutian Time"),
];

/// Names that mean several zones.
const AMBIGUOUS: [(&str, &str); 5] = [
    ("AST", "Atlantic Standard Time or Arabia Standard Time"),
    ("BST", "British Summer Time or Bangladesh Standard Time"),
    ("CST", "Central Standard Time or China Standard Time"),
    ("IST", "India Standard Time, Israel Standard Time or Irish Standard Time"),
    ("ECT", "Ecuador Time or European Central Time"),
];

/// X12 element 623, `01` to `29`: `01` to `12` are hours east and `13` to `24` hours west, from twelve down to one. `25` to
/// `29` are the half hours of release 006010.
fn numbered(code: u8) -> Option<i16> {
    Some(match code {
        1..=12 => i16::from(code) * 60,
        13..=24 => (i16::from(code) - 25) * 60,
        25 => -150,
        26 => -210,
        27 => 330,
        28 => 570,
        29 => 630,
        _ => return None,
    })
}

impl Zone {
    /// A zone as X12 element 623 has it: two digits, letters, or, as partners also write it, a signed offset.
    ///
    /// # Errors
    ///
    /// It is longer than any zone.
    pub fn x12(text: &str) -> Result<Self, TimeError> {
        let zone = Zone::named(text)?;
        let two_digits = zone.written.len() == 2 && zone.written.bytes().all(|byte| byte.is_ascii_digit());
        let code = two_digits.then(|| zone.written.parse().ok()).flatten();
        match code.and_then(numbered) {
            Some(offset) => Ok(Zone { rule: Rule::Fixed(offset), ..zone }),
            None => Ok(zone),
        }
    }

    /// A zone by its letters, or as an offset: `Z`, `+08`, `-0500`, `+05:30`, or with `P` and `M` for the signs. Digits
    /// without a sign mean nothing here.
    ///
    /// # Errors
    ///
    /// It is longer than any zone, or an offset of a day or more.
    pub fn named(text: &str) -> Result<Self, TimeError> {
        let written = text.trim();
        if written.is_empty() || written.len() > NAME_MAX || !written.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TimeError::new(format!("`{}` is no time zone", shown(text))));
        }
        let name = written.to_ascii_uppercase();
        let rule = match signed(&name)? {
            Some(minutes) => Rule::Fixed(minutes),
            None => rule_of(&name),
        };
        Ok(Zone { written: written.to_owned(), rule })
    }

    /// As the partner wrote it, without blanks around it.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// Whether anything is known of it: what the offset is at some time, or that it is the place's own.
    pub fn is_known(&self) -> bool {
        !matches!(self.rule, Rule::Unknown)
    }

    /// Whether the partner wrote letters, which say more than an offset; `Z` does not.
    pub(super) fn is_name(&self) -> bool {
        self.written.bytes().any(|byte| byte.is_ascii_alphabetic()) && !self.written.eq_ignore_ascii_case("Z")
            || !self.is_known()
    }

    /// Whether the partner wrote an offset with its sign.
    pub(super) fn is_signed(&self) -> bool {
        self.written.starts_with(['+', '-'])
    }

    /// What the zone is on a day at a time.
    pub(super) fn offset(&self, day: Day, clock: Clock) -> Offset {
        let written = shown(&self.written);
        match self.rule {
            Rule::Fixed(minutes) => Offset::Known(minutes, None),
            Rule::Local => Offset::Local,
            Rule::Named { offset, summer, keeps } => {
                let season = match keeps {
                    Region::America => american(day, clock),
                    Region::Europe => european(day, clock, offset),
                };
                let odd = match (season, summer) {
                    (Season::Summer, false) => Some(format!(
                        "`{written}` is standard time, but daylight (summer) time is kept on that day; it is taken as written"
                    )),
                    (Season::Winter, true) => Some(format!(
                        "`{written}` is daylight (summer) time, but standard time is kept on that day; it is taken as written"
                    )),
                    _ => None,
                };
                Offset::Known(offset, odd)
            }
            Rule::Seasonal { winter, name } => match (american(day, clock), name) {
                (Season::Summer, "Hawaii-Aleutian Time") => Offset::Open(format!(
                    "`{written}` is {name}, and on that day Hawaii and the Aleutian Islands keep different times"
                )),
                (Season::Open | Season::Summer | Season::Winter, "Newfoundland Time") if day.year() < 2007 => {
                    Offset::Open(format!("`{written}` is {name}, which changed by rules of its own before 2007"))
                }
                (Season::Winter, _) => Offset::Known(winter, None),
                (Season::Summer, _) => Offset::Known(winter + 60, None),
                (Season::Twice, _) => Offset::Open(format!(
                    "`{written}` is {name}, and this hour comes twice on that day, as daylight time ends"
                )),
                (Season::Never, _) => Offset::Open(format!(
                    "`{written}` is {name}, and there is no such hour on that day, as daylight time begins"
                )),
                (Season::Open, _) => {
                    Offset::Open(format!("`{written}` is {name}, whose daylight time before 1987 is not reckoned here"))
                }
            },
            Rule::Ambiguous(zones) => Offset::Open(format!("`{written}` can be {zones}; send the offset")),
            Rule::Unknown => Offset::Open(format!("`{written}` is no time zone that is known; send the offset")),
        }
    }
}

fn rule_of(name: &str) -> Rule {
    if let Some((_, offset, season)) = NAMED.iter().find(|(known, ..)| *known == name) {
        return match season {
            Some((summer, keeps)) => Rule::Named { offset: *offset, summer: *summer, keeps: *keeps },
            None => Rule::Fixed(*offset),
        };
    }
    if let Some((_, winter, words)) = SEASONAL.iter().find(|(known, ..)| *known == name) {
        return Rule::Seasonal { winter: *winter, name: words };
    }
    if let Some((_, zones)) = AMBIGUOUS.iter().find(|(known, _)| *known == name) {
        return Rule::Ambiguous(zones);
    }
    match name {
        "LT" | "LCL" | "LOC" | "LOCAL" => Rule::Local,
        _ => Rule::Unknown,
    }
}

/// `+HH`, `+HHMM`, `+HH:MM`, with `P` or `M` for the sign as ISO names them for X12, in minutes; nothing if it is no
/// offset at all.
fn signed(name: &str) -> Result<Option<i16>, TimeError> {
    let Some((sign, rest)) = name.split_at_checked(1) else { return Ok(None) };
    let sign = match sign {
        "+" | "P" => 1,
        "-" | "M" => -1,
        _ => return Ok(None),
    };
    let (hours, minutes) = match rest.as_bytes() {
        [_, _] => (rest, "00"),
        [_, _, b':', _, _] | [_, b':', _, _] => rest.split_once(':').unwrap_or((rest, "")),
        [_, _, _, _] => rest.split_at_checked(2).unwrap_or((rest, "")),
        _ => return Ok(None),
    };
    let digits =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<i16>().ok()).flatten();
    let (Some(hours), Some(minutes)) = (digits(hours), digits(minutes)) else { return Ok(None) };
    if hours > 23 || minutes > 59 {
        return Err(TimeError::new(format!("`{}` is no offset from universal time", shown(name))));
    }
    Ok(Some(sign * (hours * 60 + minutes)))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Season {
    Winter,
    Summer,
    /// The hour that is left out as summer begins.
    Never,
    /// The hour that comes again as summer ends.
    Twice,
    /// Not reckoned.
    Open,
}

/// Whether the United States keep daylight time, by the wall clock: the Energy Policy Act of 2005 since 2007, the Uniform
/// Time Act as amended in 1986 before. Whoever changes at 2:00 local time can use it, whatever the offset.
fn american(day: Day, clock: Clock) -> Season {
    let year = day.year();
    let (from, to) = match year {
        2007.. => (Day::sunday(year, 3, 2), Day::sunday(year, 11, 1)),
        1987..=2006 => (Day::sunday(year, 4, 1), Day::last_sunday(year, 10)),
        _ => return Season::Open,
    };
    match clock.hour() {
        0 | 1 if day == from => Season::Winter,
        2 if day == from => Season::Never,
        0 if day == to => Season::Summer,
        1 if day == to => Season::Twice,
        _ if day == to => Season::Winter,
        _ if (from..to).contains(&day) => Season::Summer,
        _ => Season::Winter,
    }
}

/// Whether the European Union keeps summer time: since 1996 from 1:00 universal time on the last Sunday of March to 1:00
/// on that of October (Directive 2000/84/EC).
fn european(day: Day, clock: Clock, offset: i16) -> Season {
    let year = day.year();
    if year < 1996 {
        return Season::Open;
    }
    let minutes = |day: Day, minute: i64| day.number() * 24 * 60 + minute;
    let now = minutes(day, i64::from(clock.hour()) * 60 + i64::from(clock.minute()) - i64::from(offset));
    let summer = minutes(Day::last_sunday(year, 3), 60)..minutes(Day::last_sunday(year, 10), 60);
    if summer.contains(&now) { Season::Summer } else { Season::Winter }
}
