//! What the export lines stand for in a connector that is linked into another program: nothing.

/// Takes what the generated export macros take, and makes nothing of it.
#[doc(hidden)]
#[macro_export]
macro_rules! export_nothing {
    ($($arguments:tt)*) => {};
}

pub use export_nothing;
