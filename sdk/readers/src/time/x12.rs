//! X12 dates (element 373), times (337) and zones (623), and periods by their qualifier (1250 and 1251).

use super::calendar::{Day, with_century};
use super::moment::{Clock, Moment, Time};
use super::zone::Zone;
use super::{TimeError, shown};

/// A date `CCYYMMDD`, or `YYMMDD` as before release 004010; a time `HHMM`, `HHMMSS`, `HHMMSSD` or `HHMMSSDD`; a zone of
/// element 623. Each may be missing; blanks around them are no part of them.
///
/// # Errors
///
/// One of them is not what its element says, or there is no such day or time. A zone that is not known is none: see
/// [`Moment::instant`].
pub fn read(date: Option<&str>, time: Option<&str>, zone: Option<&str>) -> Result<Moment, TimeError> {
    fn given(text: Option<&str>) -> Option<&str> {
        text.map(str::trim).filter(|text| !text.is_empty())
    }
    Ok(Moment {
        day: given(date).map(day).transpose()?,
        clock: given(time).map(clock).transpose()?,
        zone: given(zone).map(Zone::x12).transpose()?,
        ..Moment::default()
    })
}

/// A date and time by its format qualifier (element 1250): `D6`, `D8`, `DT`, `RTS`, `TM`, `TS`, and the periods `RD6`,
/// `RD8` and `RDT`.
///
/// # Errors
///
/// The qualifier is another one, or the text is not what it says.
pub fn by_qualifier(text: &str, qualifier: &str) -> Result<Time, TimeError> {
    let text = text.trim();
    let not_this = || TimeError::new(format!("`{}` is not of the format {}", shown(text), shown(qualifier)));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let split = |text: &str, days: usize| -> Result<Moment, TimeError> {
        let (date, time) = text.split_at_checked(days).filter(|_| digits(text)).ok_or_else(not_this)?;
        read(Some(date), Some(time), None)
    };
    let point = |text: &str, length: usize, days: usize| match text.len() == length {
        true => split(text, days),
        false => Err(not_this()),
    };
    let period = |length: usize, days: usize| {
        let (from, to) = text.split_once('-').ok_or_else(not_this)?;
        let (from, to) = (point(from, length, days)?, point(to, length, days)?);
        match (from.day, from.clock) > (to.day, to.clock) {
            true => Err(TimeError::new(format!("the period ends before it begins (format {})", shown(qualifier)))),
            false => Ok(Time::Period(from, to)),
        }
    };
    match qualifier.trim() {
        "D6" => point(text, 6, 6).map(Time::Point),
        "D8" => point(text, 8, 8).map(Time::Point),
        "DT" => point(text, 12, 8).map(Time::Point),
        "RTS" => point(text, 14, 8).map(Time::Point),
        "TM" => point(text, 4, 0).map(Time::Point),
        "TS" => point(text, 6, 0).map(Time::Point),
        "RD6" => period(6, 6),
        "RD8" => period(8, 8),
        "RDT" => period(12, 8),
        other => Err(TimeError::new(format!("the format qualifier (1250) `{}` is not read here", shown(other)))),
    }
}

fn day(text: &str) -> Result<Day, TimeError> {
    let number = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse::<u16>().ok());
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let parts = match text.len() {
        8 if digits => (number(0, 4), number(4, 6), number(6, 8)),
        6 if digits => (number(0, 2).map(|year| with_century(year as u8)), number(2, 4), number(4, 6)),
        _ => (None, None, None),
    };
    match parts {
        (Some(year), Some(month), Some(day)) => Day::new(year, month as u8, day as u8),
        _ => Err(TimeError::new(format!("`{}` is no date; send CCYYMMDD", shown(text)))),
    }
}

fn clock(text: &str) -> Result<Clock, TimeError> {
    let number = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse::<u8>().ok());
    let sound = matches!(text.len(), 4 | 6 | 7 | 8) && text.bytes().all(|byte| byte.is_ascii_digit());
    match (number(0, 2), number(2, 4)) {
        (Some(hour), Some(minute)) if sound => {
            Clock::new(hour, minute, number(4, 6).unwrap_or(0), text.get(6..).unwrap_or_default())
        }
        _ => Err(TimeError::new(format!("`{}` is no time; send HHMM, HHMMSS, HHMMSSD or HHMMSSDD", shown(text)))),
    }
}
