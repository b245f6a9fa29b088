//! UN/EDIFACT data element 2380 by its format code, 2379 (directories D.93A to D.20A).
//!
//! | codes | what | read as |
//! |---|---|---|
//! | 2–5, 10, 101–103, 105, 201–208, 301–304, 307 | a day, or a day with a time | a point |
//! | 209, 401, 402, 404 | a time of day | a point without its day |
//! | 406 | an offset from universal time | a point that is a zone alone |
//! | 6, 600–604, 608–610, 613–616 | a half-month, century, year, half-year, quarter, month, ten days, week | a period |
//! | 210, 308, 501–503, 701–711, 713, 715–719 | from … to | a period |
//! | 7–9, 104–110, 305, 306, 405, 720, 801–814 | without a year, counted by the partners, or a quantity | refused by name |
//!
//! Periods are written without a hyphen, but one between the two halves is taken.

use super::calendar::{Day, with_century};
use super::moment::{Clock, Moment, Time};
use super::zone::Zone;
use super::{TimeError, shown};

/// How a format is read. A mask is the notation of the code list with one letter for each part: see [`Parts::part`].
enum Format {
    /// A point: its name in the list, and its mask.
    Point(&'static str, &'static str),
    /// A point with a zone behind the mask.
    Zoned(&'static str, &'static str),
    /// One value that is a period.
    Span(&'static str, &'static str),
    /// Two values, the first and the last of a period.
    Period(&'static str, &'static str),
    /// Two values with a zone behind each.
    ZonedPeriod(&'static str, &'static str),
    /// An offset alone.
    Offset,
    /// What it is instead of a point or a period.
    Refused(&'static str, &'static str),
}

/// What a code stands for; nothing where the list does not have it.
fn format(code: &str) -> Option<Format> {
    use Format::{Offset, Period, Point, Refused, Span, Zoned, ZonedPeriod};
    const NO_YEAR: &str = "it does not say of which year";
    const QUANTITY: &str = "it is a quantity and no point in time";
    Some(match code {
        "2" => Point("DDMMYY", "DMy"),
        "3" => Point("MMDDYY", "MDy"),
        "4" => Point("DDMMCCYY", "DMY"),
        "5" => Point("DDMMCCYYHHMM", "DMYhm"),
        "6" => Span("CCYYMMB", "YMB"),
        "7" => Refused("CCYYMMW", "the list does not say on which days the weeks of a month begin"),
        "8" => Refused("CCYYMMDDS", "it is a shift, whose hours only the partners know"),
        "9" => Refused("CCYYMMDDPP", "it is a part of a day, whose hours only the partners know"),
        "10" => Point("CCYYMMDDTHHMM", "YMDThm"),
        "101" => Point("YYMMDD", "yMD"),
        "102" => Point("CCYYMMDD", "YMD"),
        "103" => Point("YYWWD", "yWd"),
        "104" => Refused("MMWW-MMWW", NO_YEAR),
        "105" => Point("YYDDD", "yJ"),
        "106" => Refused("MMDD", NO_YEAR),
        "107" => Refused("DDD", NO_YEAR),
        "108" => Refused("WW", NO_YEAR),
        "109" => Refused("MM", NO_YEAR),
        "110" => Refused("DD", NO_YEAR),
        "201" => Point("YYMMDDHHMM", "yMDhm"),
        "202" => Point("YYMMDDHHMMSS", "yMDhms"),
        "203" => Point("CCYYMMDDHHMM", "YMDhm"),
        "204" => Point("CCYYMMDDHHMMSS", "YMDhms"),
        "205" => Zoned("CCYYMMDDHHMMZHHMM", "YMDhm"),
        "206" => Zoned("YYMMDDHHMMZHHMM", "yMDhm"),
        "207" => Zoned("YYMMDDHHMMSSZHHMM", "yMDhms"),
        "208" => Zoned("CCYYMMDDHHMMSSZHHMM", "YMDhms"),
        "209" => Zoned("HHMMSSZHHMM", "hms"),
        "210" => ZonedPeriod("HHMMSSZHHMM-HHMMSSZHHMM", "hms"),
        "301" => Zoned("YYMMDDHHMMZZZ", "yMDhm"),
        "302" => Zoned("YYMMDDHHMMSSZZZ", "yMDhms"),
        "303" => Zoned("CCYYMMDDHHMMZZZ", "YMDhm"),
        "304" => Zoned("CCYYMMDDHHMMSSZZZ", "YMDhms"),
        "305" => Refused("MMDDHHMM", NO_YEAR),
        "306" => Refused("DDHHMM", NO_YEAR),
        "307" => Point("CCYYMMDDHHMMSSFFF", "YMDhmsf"),
        "308" => ZonedPeriod("CCYYMMDDHHMMZZZ-CCYYMMDDHHMMZZZ", "YMDhm"),
        "401" => Point("HHMM", "hm"),
        "402" => Point("HHMMSS", "hms"),
        "404" => Zoned("HHMMSSZZZ", "hms"),
        "405" => Refused("MMMMSS", QUANTITY),
        "406" => Offset,
        "501" => Period("HHMMHHMM", "hm"),
        "502" => Period("HHMMSS-HHMMSS", "hms"),
        "503" => ZonedPeriod("HHMMSSZZZ-HHMMSSZZZ", "hms"),
        "600" => Span("CC", "C"),
        "601" => Span("YY", "y"),
        "602" => Span("CCYY", "Y"),
        "603" => Span("YYS", "yS"),
        "604" => Span("CCYYS", "YS"),
        "608" => Span("CCYYQ", "YQ"),
        "609" => Span("YYMM", "yM"),
        "610" => Span("CCYYMM", "YM"),
        "613" => Span("YYMMA", "yMA"),
        "614" => Span("CCYYMMA", "YMA"),
        "615" => Span("YYWW", "yW"),
        "616" => Span("CCYYWW", "YW"),
        "701" => Period("YY-YY", "y"),
        "702" => Period("CCYY-CCYY", "Y"),
        "703" => Period("YYS-YYS", "yS"),
        "704" => Period("CCYYS-CCYYS", "YS"),
        "705" => Period("YYPYYP", "yP"),
        "706" => Period("CCYYP-CCYYP", "YP"),
        "707" => Period("YYQ-YYQ", "yQ"),
        "708" => Period("CCYYQ-CCYYQ", "YQ"),
        "709" => Period("YYMM-YYMM", "yM"),
        "710" => Period("CCYYMM-CCYYMM", "YM"),
        "711" => Period("CCYYMMDD-CCYYMMDD", "YMD"),
        "713" => Period("YYMMDDHHMM-YYMMDDHHMM", "yMDhm"),
        "715" => Period("YYWW-YYWW", "yW"),
        "716" => Period("CCYYWW-CCYYWW", "YW"),
        "717" => Period("YYMMDD-YYMMDD", "yMD"),
        "718" => Period("CCYYMMDD-CCYYMMDD", "YMD"),
        "719" => Period("CCYYMMDDHHMM-CCYYMMDDHHMM", "YMDhm"),
        "720" => Refused("DHHMM-DHHMM", "it is a time of every week, without a date"),
        "801" => Refused("years", QUANTITY),
        "802" => Refused("months", QUANTITY),
        "803" => Refused("weeks", QUANTITY),
        "804" => Refused("days", QUANTITY),
        "805" => Refused("hours", QUANTITY),
        "806" => Refused("minutes", QUANTITY),
        "807" => Refused("seconds", QUANTITY),
        "808" => Refused("semesters", QUANTITY),
        "809" => Refused("periods of four months", QUANTITY),
        "810" => Refused("trimesters", QUANTITY),
        "811" => Refused("half-months", QUANTITY),
        "812" => Refused("periods of ten days", QUANTITY),
        "813" => Refused("day of the week", "it is a day of every week, without a date"),
        "814" => Refused("working days", QUANTITY),
        _ => return None,
    })
}

/// Reads a text by its format code. Blanks around either are no part of them.
///
/// # Errors
///
/// The code is not of list 2379, or is one of it that is neither a point nor a period; or the text is not what the code
/// says, or no such time exists.
pub fn read(text: &str, code: &str) -> Result<Time, TimeError> {
    let (text, code) = (text.trim(), code.trim());
    if code.is_empty() {
        return Err(TimeError::new(
            "the format code (2379) is missing, and without it the digits can mean several times",
        ));
    }
    let Some(format) = format(code) else {
        return Err(TimeError::new(format!("the format code `{}` is not of list 2379", shown(code))));
    };
    match format {
        Format::Point(name, mask) => point(text, mask, false, &named(code, name)).map(Time::Point),
        Format::Zoned(name, mask) => point(text, mask, true, &named(code, name)).map(Time::Point),
        Format::Span(name, mask) => {
            let name = named(code, name);
            let (parts, rest) = Parts::read(text, mask, &name)?;
            match rest.is_empty() {
                true => parts.span().map(|(from, to)| Time::Period(day(from), day(to))),
                false => Err(not_this(text, &name)),
            }
        }
        Format::Period(name, mask) => period(text, mask, false, &named(code, name)),
        Format::ZonedPeriod(name, mask) => period(text, mask, true, &named(code, name)),
        Format::Offset => match Zone::named(text)? {
            zone if text.starts_with(['+', '-']) && zone.is_known() => {
                Ok(Time::Point(Moment { zone: Some(zone), ..Moment::default() }))
            }
            _ => Err(not_this(text, "406 (ZHHMM)")),
        },
        Format::Refused(name, why) => {
            Err(TimeError::new(format!("the format {} is not read: {why}", named(code, name))))
        }
    }
}

fn named(code: &str, name: &str) -> String {
    format!("{code} ({name})")
}

fn not_this(text: &str, format: &str) -> TimeError {
    TimeError::new(format!("`{}` is not of the format {format}", shown(text)))
}

fn day(day: Day) -> Moment {
    Moment { day: Some(day), ..Moment::default() }
}

fn point(text: &str, mask: &str, zoned: bool, format: &str) -> Result<Moment, TimeError> {
    let (parts, rest) = Parts::read(text, mask, format)?;
    let has_time = mask.ends_with(['h', 'm', 's', 'f']);
    if !has_time && !rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(not_this(text, format));
    }
    let clock = has_time.then(|| parts.clock()).transpose()?;
    let day = mask.contains(['Y', 'y']).then(|| parts.day()).transpose()?;
    let moment = Moment { day, clock, ..Moment::default() };
    if has_time { moment.with_zone(rest, zoned, format) } else { Ok(moment) }
}

fn period(text: &str, mask: &str, zoned: bool, format: &str) -> Result<Time, TimeError> {
    let (first, last) = halves(text).ok_or_else(|| not_this(text, format))?;
    // Years, months, weeks and the like: from the first day of the one to the last day of the other.
    if !mask.contains(['D', 'h']) {
        let ((from, rest), (to, more)) = (Parts::read(first, mask, format)?, Parts::read(last, mask, format)?);
        if !rest.is_empty() || !more.is_empty() {
            return Err(not_this(text, format));
        }
        let ((from, _), (_, to)) = (from.span()?, to.span()?);
        return in_order(day(from), day(to), format);
    }
    let end = |half: &str| match zoned {
        true => point(half, mask, true, format),
        // Without a zone in the format there is none in the middle of the text either.
        false if half.bytes().all(|byte| byte.is_ascii_digit()) => point(half, mask, false, format),
        false => Err(not_this(text, format)),
    };
    in_order(end(first)?, end(last)?, format)
}

/// The two halves of a period, which are of one length.
fn halves(text: &str) -> Option<(&str, &str)> {
    let half = text.len() / 2;
    match text.len() % 2 {
        0 => text.split_at_checked(half),
        _ => Some((text.get(..half)?, text.get(half..)?.strip_prefix('-')?)),
    }
}

/// A period, unless it ends before it begins. Times of day alone may: such a period ends on the next day.
fn in_order(from: Moment, to: Moment, format: &str) -> Result<Time, TimeError> {
    let wall = |moment: &Moment| (moment.day, moment.clock);
    let comparable = from.day.is_some() && from.zone == to.zone;
    match comparable && wall(&from) > wall(&to) {
        true => Err(TimeError::new(format!("the period ends before it begins (format {format})"))),
        false => Ok(Time::Period(from, to)),
    }
}

/// The numbers of a text, by the letters of its mask.
#[derive(Default)]
struct Parts {
    century: Option<u16>,
    year: u16,
    month: Option<u8>,
    day: Option<u8>,
    ordinal: Option<u16>,
    week: Option<u8>,
    weekday: Option<u8>,
    /// A part of a year or a month: how many there are of it, and which it is.
    share: Option<(u8, u8)>,
    hour: u8,
    minute: u8,
    second: u8,
    fraction: String,
}

impl Parts {
    /// Reads the digits of a mask, and returns what is behind them.
    fn read<'t>(text: &'t str, mask: &str, format: &str) -> Result<(Self, &'t str), TimeError> {
        let mut parts = Parts::default();
        let mut rest = text;
        for letter in mask.chars() {
            let length = match letter {
                'Y' => 4,
                'J' | 'f' => 3,
                'T' | 'd' | 'S' | 'P' | 'Q' | 'B' | 'A' => 1,
                _ => 2,
            };
            let (digits, behind) = rest.split_at_checked(length).ok_or_else(|| not_this(text, format))?;
            let sound = if letter == 'T' { digits == "T" } else { digits.bytes().all(|byte| byte.is_ascii_digit()) };
            if !sound {
                return Err(not_this(text, format));
            }
            parts.part(letter, digits);
            rest = behind;
        }
        Ok((parts, rest))
    }

    /// Takes the digits of one letter of a mask.
    fn part(&mut self, letter: char, digits: &str) {
        let number: u16 = digits.parse().unwrap_or_default();
        let small = number as u8;
        match letter {
            'C' => self.century = Some(number),
            'Y' => self.year = number,
            'y' => self.year = with_century(small),
            'M' => self.month = Some(small),
            'D' => self.day = Some(small),
            'J' => self.ordinal = Some(number),
            'W' => self.week = Some(small),
            'd' => self.weekday = Some(small),
            'S' => self.share = Some((2, small)),
            'P' | 'A' => self.share = Some((3, small)),
            'Q' => self.share = Some((4, small)),
            'B' => self.share = Some((2, small)),
            'h' => self.hour = small,
            'm' => self.minute = small,
            's' => self.second = small,
            'f' => digits.clone_into(&mut self.fraction),
            _ => {}
        }
    }

    fn clock(&self) -> Result<Clock, TimeError> {
        Clock::new(self.hour, self.minute, self.second, &self.fraction)
    }

    fn day(&self) -> Result<Day, TimeError> {
        match (self.ordinal, self.week) {
            (Some(number), _) => Day::of_year(self.year, number),
            (None, Some(week)) => Day::of_week(self.year, week, self.weekday.unwrap_or_default()),
            (None, None) => Day::new(self.year, self.month.unwrap_or_default(), self.day.unwrap_or_default()),
        }
    }

    /// The first and the last day of a part of the calendar.
    fn span(&self) -> Result<(Day, Day), TimeError> {
        let year = self.year;
        if let Some(century) = self.century {
            return Ok((Day::new(century * 100, 1, 1)?, Day::new(century * 100 + 99, 12, 31)?));
        }
        if let Some(week) = self.week {
            return Ok((Day::of_week(year, week, 1)?, Day::of_week(year, week, 7)?));
        }
        let share = match self.share {
            Some((shares, share)) if share == 0 || share > shares => {
                return Err(TimeError::new(format!("there is no part {share} where there are {shares}")));
            }
            share => share,
        };
        match (self.month, share) {
            (None, None) => Ok((Day::new(year, 1, 1)?, Day::new(year, 12, 31)?)),
            (None, Some((shares, share))) => {
                let months = 12 / shares;
                Ok((Day::new(year, (share - 1) * months + 1, 1)?, Day::new(year, share * months, 1)?.month_end()))
            }
            (Some(month), None) => {
                let first = Day::new(year, month, 1)?;
                Ok((first, first.month_end()))
            }
            (Some(month), Some((shares, share))) => {
                let days = 30 / shares;
                let first = Day::new(year, month, (share - 1) * days + 1)?;
                let last = if share == shares { first.month_end() } else { Day::new(year, month, share * days)? };
                Ok((first, last))
            }
        }
    }
}
