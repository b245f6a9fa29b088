//! A few lines for the plugin's author and operator. Number and bytes of a call's lines are bounded by the policy; what
//! is beyond is dropped or ends the call. Never log a payload: it is the partner's.
//!
//! In a test, outside the sandbox, lines are kept for the thread: [`testkit::logged`](crate::testkit::logged) gives them.

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For the author.
    Debug,
    /// Worth knowing.
    Info,
    /// Probably wrong.
    Warn,
    /// Wrong.
    Error,
}

/// Writes a line with fields beside it, each a name and a value.
pub fn write(level: Level, text: impl AsRef<str>, fields: &[(&str, &str)]) {
    #[cfg(target_arch = "wasm32")]
    {
        use crate::boundary::bindings::connector::portgate::connector::log;
        let level = match level {
            Level::Debug => log::Level::Debug,
            Level::Info => log::Level::Info,
            Level::Warn => log::Level::Warn,
            Level::Error => log::Level::Error,
        };
        let owned = |(name, value): &(&str, &str)| log::Field { name: (*name).into(), value: (*value).into() };
        log::write(level, text.as_ref(), &fields.iter().map(owned).collect::<Vec<_>>());
    }
    #[cfg(not(target_arch = "wasm32"))]
    crate::testkit::doubles::log(level, text.as_ref(), fields);
}

/// A line for the author.
pub fn debug(text: impl AsRef<str>) {
    write(Level::Debug, text, &[]);
}

/// A line worth knowing.
pub fn info(text: impl AsRef<str>) {
    write(Level::Info, text, &[]);
}

/// A line on what is probably wrong.
pub fn warn(text: impl AsRef<str>) {
    write(Level::Warn, text, &[]);
}

/// A line on what is wrong.
pub fn error(text: impl AsRef<str>) {
    write(Level::Error, text, &[]);
}
